"""What a pack holds: decision points, alternates, winds, crew days, regions, and a second engine's flight."""

import copy
import re

import numpy as np
import pytest

from longreach import brief, geodesy
from longreach.brief import content, firs, navlog, story
from longreach.brief.reading import moment, read


def packed(document, **beside):
    return content.pack(read(document), "f" * 64, brief.More(**beside))


def with_ways_out(document):
    """The sample with a line of ways out: home for an hour, then another field."""
    lead = document["flights"][0]
    times = [row[0] for row in lead["track"]["rows"]]
    document["guard"] = [
        {"flight": lead["id"], "time_utc": times[0], "required_kg": 9000.0, "base": lead["origin"]},
        {"flight": lead["id"], "time_utc": times[60], "required_kg": 15000.0, "base": "LPLA"},
        {"flight": lead["id"], "time_utc": times[-1], "required_kg": 6000.0, "base": lead["origin"]},
    ]
    return document


def decided(said):
    """Every point of decision, whosesoever it is."""
    return [row for group in said["decisions"] for row in group["rows"]]


def test_points_of_decision_are_told_flight_by_flight(feasible):
    """A second lead that flies beside the first, refuelled by the same tanker: one number, two tables, two cards."""
    assert [group["title"] for group in packed(feasible)["decisions"]] == [""]
    contacts = len(feasible["refuellings"])
    both = beside(feasible)
    said = packed(both)
    assert [group["title"] for group in said["decisions"]] == ["buff: 2 × B-52H", "moose: 2 × B-52H"]
    assert all({row["flight"] for row in group["rows"]} == {group["title"].split(":")[0]}
               for group in said["decisions"])  # fmt: skip
    assert [(card["number"], card["for"]) for card in said["contacts"]] == [
        (n, who) for n in range(1, 1 + contacts) for who in ("buff", "moose")
    ]
    page = brief.render(both)
    assert "Refuelling 1 of moose" in page and ">buff: 2 × B-52H</h3>" in page
    text = re.sub(r"\s+", " ", brief.summary(both, 100))
    assert "In the same plan: moose (two B-52Hs) from " in text
    assert "tanker sorties in all." in text and "in the air by" not in text
    first = feasible["refuellings"][0]
    assert f"and {first['onload_kg'] / 1000:.1f} t each to moose; abort to {first['abort']['base']}" in text


def beside(document):
    """The sample with its lead twice: every contact is one of two flights, at the same tankers."""
    lead = next(flight for flight in document["flights"] if flight["role"] == "lead")
    twin = copy.deepcopy(lead)
    old, lead["id"], twin["id"] = lead["id"], "buff", "moose"
    document["flights"].insert(1, twin)
    rows = []
    for record in document["refuellings"]:
        record["receiver"] = "buff"
        rows += [record, {**copy.deepcopy(record), "id": f"{record['id']}b", "receiver": "moose"}]
    document["refuellings"] = rows
    for join in document["joins"]:
        join["with"] = "buff" if join["with"] == old else join["with"]
    return document


def test_a_contact_that_fails_is_a_point_of_decision(feasible):
    rows = [row for row in decided(packed(feasible)) if row["kind"] == "contact"]
    plan = read(feasible)
    assert len(rows) == len(story.contacts(plan))
    first = plan.refuellings[0]
    assert first.abort_base in rows[0]["what"]
    assert f"{first.abort_available_kg / 1000:.1f} t" in rows[0]["what"]


def test_where_the_way_out_changes_is_a_point_of_decision(feasible):
    said = packed(with_ways_out(feasible))
    ways = [row for row in decided(said) if row["kind"] == "way out"]
    plan = read(feasible)
    assert [row["base"] for row in ways] == [plan.lead.origin, "LPLA", plan.lead.origin]
    change = plan.ways_out[1]
    fuel = np.interp(change.time_s, plan.lead.time_s, plan.lead.fuel_kg)
    assert f"{(fuel - 15000.0) / 1000:.1f} t" in ways[1]["margin"]
    passing = int(np.searchsorted(plan.lead.time_s, change.time_s))
    assert ways[1]["where"] == content.words.position(
        float(plan.lead.lat[passing]), float(plan.lead.lon[passing])
    )


def test_alternates_are_the_fields_named_as_ways_out(feasible):
    said = packed(with_ways_out(feasible))
    named = {record["abort"]["base"] for record in feasible["refuellings"]}
    assert {row["code"] for row in said["alternates"]} == named | {"LPLA", feasible["flights"][0]["origin"]}
    assert all(row["where"] for row in said["alternates"])


def test_the_plan_s_own_line_of_fuel_required_is_read_straight_between_its_moments(feasible):
    plan = read(with_ways_out(feasible))
    line = plan.required_kg(plan.lead)
    assert line[0] == 9000.0
    assert line[30] == pytest.approx(12000.0, abs=200.0)
    assert line[-1] == 6000.0


@pytest.mark.parametrize(
    ("lat", "lon", "when", "east"),
    [
        # NOAA/NCEI, WMM2020 test values (0 km, 80 N 0 E; 28 km, 89 N 121 W; 48 km, 43 N 93 E), rounded there to 0.01
        (80.0, 0.0, 2020.0, -1.28),
        (0.0, 120.0, 2020.0, 0.16),
        (-80.0, 240.0, 2020.0, 69.36),
    ],
)
def test_declination_is_that_of_the_published_test_values(lat, lon, when, east):
    from datetime import UTC, datetime

    at = datetime(int(when), 1, 1, tzinfo=UTC)
    assert navlog.declination(lat, lon, 0.0, at) == pytest.approx(east, abs=0.01)


def test_there_is_no_magnetic_track_near_the_pole_or_outside_the_model(feasible):
    from datetime import UTC, datetime

    assert navlog.declination(86.5, 165.0, 35000.0, datetime(2022, 3, 9, tzinfo=UTC)) is None
    assert navlog.declination(50.0, 0.0, 35000.0, datetime(1989, 8, 16, tzinfo=UTC)) is None
    assert navlog.declination(50.0, 0.0, 35000.0, datetime(2031, 1, 1, tzinfo=UTC)) is None


def test_log_agrees_with_the_track(feasible):
    plan = read(feasible)
    log = navlog.log(plan, plan.lead)
    total = geodesy.path_length(plan.lead.lat, plan.lead.lon) / 1852.0
    assert float(log["rows"][-1]["total"].replace(",", "")) == pytest.approx(total, abs=0.6)
    legs = sum(float(row["leg"].replace(",", "")) for row in log["rows"][1:])
    assert legs == pytest.approx(total, abs=0.5 * len(log["rows"]))
    assert log["rows"][0]["utc"].endswith(f"{moment(plan.lead.takeoff_s):%H:%M}")
    assert float(log["rows"][-1]["fuel"]) == pytest.approx(plan.lead.fuel_kg[-1] / 1000, abs=0.05)
    for row in log["rows"]:
        if row["true"] and row["magnetic"]:
            turn = (float(row["true"][:-1]) - float(row["magnetic"][:-1]) + 180) % 360 - 180
            assert abs(turn) < 40


def test_mean_wind_of_a_leg_is_weighted_by_time_and_turned_along_the_track(feasible):
    track = feasible["flights"][0]["track"]
    at = {name: n for n, name in enumerate(track["columns"])}
    for row in track["rows"]:
        row[at["wind_u_mps"]], row[at["wind_v_mps"]] = 20.0, 0.0  # from the west
    plan = read(feasible)
    lead = plan.lead
    u, v, tail = navlog.mean_wind(lead, 0, 200)
    assert (u, v) == (20.0, 0.0)
    expected = []
    for k in range(200):
        azimuth = geodesy.inverse(lead.lat[k], lead.lon[k], lead.lat[k + 1], lead.lon[k + 1])[1]
        expected.append(20.0 * np.sin(np.radians(azimuth)) * (lead.time_s[k + 1] - lead.time_s[k]))
    assert tail == pytest.approx(sum(expected) / (lead.time_s[200] - lead.time_s[0]))
    assert navlog.wind_text(lead, 0, 200).startswith("270/39, +")


def test_crew_days_and_light_are_in_utc_and_local(feasible):
    said = packed(feasible)
    assert said["crew"] and all(row["report_local"] for row in said["crew"] if row["flight"] == "lead")
    assert said["light"] and said["light_total"]


SQUARE = {"type": "Polygon", "coordinates": [[[170, -10], [190, -10], [190, 10], [170, 10], [170, -10]]]}


def test_regions_are_entered_when_the_track_crosses_their_edge(feasible):
    lead = feasible["flights"][0]
    track = lead["track"]
    at = {name: n for n, name in enumerate(track["columns"])}
    rows = track["rows"][:241]  # four hours, laid eastward along the equator over the date line
    for k, row in enumerate(rows):
        row[at["lat"]], row[at["lon"]] = 0.0, (160.0 + k * 0.25 + 180.0) % 360.0 - 180.0
    track["rows"] = rows
    feasible["flights"] = [lead]
    for key in ("refuellings", "joins", "overflight", "airspace", "crew", "light"):
        feasible[key] = []
    plan = read(feasible)
    (visit,) = firs.entered(plan, {"XXXX": [SQUARE]})
    times = plan.lead.time_s
    assert visit.enter_s == pytest.approx(times[40], abs=firs.STEP + 0.1)  # 170 E
    assert visit.leave_s == pytest.approx(times[120], abs=firs.STEP + 0.1)  # 170 W
    said = packed(feasible, firs={"XXXX": [SQUARE]})
    assert [row["fir"] for row in said["firs"]] == ["XXXX"]
    assert "XXXX" in brief.render(feasible, brief.More(firs={"XXXX": [SQUARE]}))


FLOWN = {
    "schema": "longreach.flown/1", "engine": "BlueSky", "note": "position and time only", "faults": [],
    "pieces": [{"flight": "lead", "planned_nm": 100.0, "flown_nm": 100.1, "distance_pct": 0.1, "late_at_end_s": 3.0,
                "late_at_most_s": 9.0, "cross_track_nm": 0.2, "end_off_nm": 0.01}],
}  # fmt: skip


def test_a_second_engine_s_flight_is_shown_only_for_its_own_plan(feasible):
    shown = packed(feasible, flown={**FLOWN, "plan_sha256": "f" * 64})["flown"]
    assert shown["rows"][0][:3] == ["lead", "100.0 nm", "100.1 nm (+0.100 %)"]
    other = packed(feasible, flown={**FLOWN, "plan_sha256": "0" * 64})["flown"]
    assert other["rows"] == [] and "another plan" in other["note"]
    assert packed(feasible)["flown"] is None


def test_the_wind_is_named_with_its_dates_and_its_doubt(feasible):
    feasible["data"]["winds"] = {
        "source": "climatology", "name": "longreach-climatology", "sha256": "a" * 64, "sigma_kt": 12.5,
        "valid_utc": "2020-12-09T17:00:00Z", "valid_to_utc": "2020-12-09T17:00:00Z", "notes": ["means of a month"],
        "headwind_kt": 9.0, "reliability_pct": 85.0,
    }  # fmt: skip
    said = packed(feasible)
    assert said["winds"] == (
        "Winds: monthly mean (longreach-climatology), valid 2020-12-09T17:00:00Z; one sigma of the leg-mean wind along "
        "the track 12.5 kt. Beyond it, 9.0 kt of headwind all along every track, for 85 % of days. Means of a month."
    )
    assert "winds: monthly mean" in said["data_dates"]
    assert [row[2] for row in said["data"] if row[0] == "winds"] == ["a" * 64]
