"""Plans that are what they say verify; plans that were tampered with do not, and the residual is named."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longreach.errors import InputError
from longreach.verify import VerifyReport, examine, verify
from plan_documents import flight_of, later, with_mission, with_more

Plan = dict[str, Any]


def rows(plan: Plan, id: str = "lead") -> list[list[Any]]:
    return flight_of(plan, id)["track"]["rows"]


def caught(plan: Plan, check: str, words: str) -> VerifyReport:
    """The plan does not verify, `check` fails, and its residual holds `words`."""
    report = verify(plan)
    assert not report.ok
    failed = {entry.id: entry for entry in report.checks if not entry.ok}
    assert check in failed, sorted(failed)
    assert any(line.startswith(f"{check}:") and words in line for line in report.residuals), report.residuals
    return report


def test_hop_and_tour_verify(hop: Plan, tour: Plan) -> None:
    for plan in (hop, tour):
        report = verify(plan)
        assert report.ok and report.feasible and not report.residuals
        assert plan["status"] == "feasible"
        assert {"track.times", "fuel.burn", "mission.file", "overflight"} <= {c.id for c in report.checks}


def test_checks_are_the_contracts(tour: Plan) -> None:
    for entry in examine(tour).document():
        assert set(entry) == {"id", "ok", "value", "limit", "unit", "note"}
        assert isinstance(entry["ok"], bool)
        assert entry["note"]


def test_same_plan_same_report(tour: Plan) -> None:
    assert verify(tour) == verify(copy.deepcopy(tour))


def test_unknown_keys_are_ignored(tour: Plan) -> None:
    tour["of_my_own"] = {"x": 1}
    tour["flights"][0]["remark"] = "windy"
    tour["flights"][0]["track"]["columns"] = [*tour["flights"][0]["track"]["columns"], "note"]
    for row in rows(tour):
        row.append("x")
    assert verify(tour).ok


# -- tampering: (what is done, check that must fail, words of its residual) -------------------------


def move_vertex_into_iran(plan: Plan) -> None:
    lead = flight_of(plan, "lead")
    index = next(k for k, v in enumerate(lead["route"]) if v["name"] == "west")
    old = (lead["route"][index]["lat"], lead["route"][index]["lon"])
    for point in lead["route"]:
        if (point["lat"], point["lon"]) == old:
            point["lat"], point["lon"] = 29.5, 51.5
    for row in lead["track"]["rows"]:
        if (row[1], row[2]) == old:
            row[1], row[2] = 29.5, 51.5


def five_tonnes_more_at_takeoff(plan: Plan) -> None:
    flight_of(plan, "lead")["fuel"]["takeoff_kg"] += 5000.0


def five_tonnes_more_in_the_rows(plan: Plan) -> None:
    for row in rows(plan):
        row[9] += 5000.0


def five_tonnes_more_from_nowhere(plan: Plan) -> None:
    """In the rows from the middle on, mass and fuel alike, and in the account."""
    lead = flight_of(plan, "lead")
    half = len(lead["track"]["rows"]) // 2
    for row in lead["track"]["rows"][half:]:
        row[8] += 5000.0
        row[9] += 5000.0
    lead["fuel"]["landing_kg"] += 5000.0
    lead["fuel"]["burn_kg"] -= 5000.0


def thriftier_engines(plan: Plan) -> None:
    """All burn down by 3 %, mass and account kept consistent."""
    entry = flight_of(plan, "saudi")
    takeoff = entry["track"]["rows"][0][9]
    for row in entry["track"]["rows"]:
        saved = 0.03 * (takeoff - row[9])
        row[8] += saved
        row[9] += saved
    entry["fuel"]["landing_kg"] += saved
    entry["fuel"]["burn_kg"] -= saved


def lighter_payload(plan: Plan) -> None:
    for row in rows(plan):
        row[8] -= 5000.0


def join_twenty_minutes_later(plan: Plan) -> None:
    join = plan["joins"][0]
    join["join_utc"], join["leave_utc"] = later(join["join_utc"], 1200), later(join["leave_utc"], 1200)


def join_twenty_minutes_earlier(plan: Plan) -> None:
    plan["joins"][0]["join_utc"] = later(plan["joins"][0]["join_utc"], -1200)


def partner_a_minute_late(plan: Plan) -> None:
    entry = flight_of(plan, "saudi")
    for row in entry["track"]["rows"]:
        row[0] = later(row[0], 60)
    entry["takeoff_utc"], entry["landing_utc"] = (
        later(entry["takeoff_utc"], 60),
        later(entry["landing_utc"], 60),
    )


def partner_goes_home_early(plan: Plan) -> None:
    plan["joins"][0]["leave_utc"] = later(plan["joins"][0]["join_utc"], 600)


def partner_stays_away(plan: Plan) -> None:
    plan["joins"] = []


def shorter_station(plan: Plan) -> None:
    plan["station"]["leave_utc"] = later(plan["station"]["leave_utc"], -1200)
    plan["station"]["duration_s"] -= 1200


def longer_station(plan: Plan) -> None:
    plan["station"]["leave_utc"] = later(plan["station"]["leave_utc"], 1200)
    plan["station"]["duration_s"] += 1200


def station_a_day_later(plan: Plan) -> None:
    for key in ("enter_utc", "leave_utc"):
        plan["station"][key] = later(plan["station"][key], 300)


def hose_for_boom(plan: Plan) -> None:
    plan["data"]["aircraft"]["KC-135R"]["gives"] = ["drogue"]


def slower_pump(plan: Plan) -> None:
    figures = plan["data"]["aircraft"]["KC-135R"]["figures"]
    name = next(name for name in figures if name.startswith("transfer_rate"))
    figures[name]["value"] /= 10.0


def smaller_tank(plan: Plan) -> None:
    plan["data"]["aircraft"]["F-15SA"]["figures"]["max_fuel_lb"]["value"] = 15_000


def draggier_bomber(plan: Plan) -> None:
    plan["data"]["aircraft"]["B-52H"]["figures"]["drag_zero_lift"]["value"] *= 1.1


def lower_stand_off(plan: Plan) -> None:
    plan["airspace"][0]["stand_off_nm"] = 20.0


def rosier_distance(plan: Plan) -> None:
    plan["airspace"][0]["closest_nm"] += 0.5


def closest_elsewhere(plan: Plan) -> None:
    plan["airspace"][0]["closest"]["lat"] -= 0.5


def closest_another_time(plan: Plan) -> None:
    plan["airspace"][0]["closest_utc"] = later(plan["airspace"][0]["closest_utc"], 600)


def no_word_of_iran(plan: Plan) -> None:
    plan["airspace"] = [row for row in plan["airspace"] if row["id"] != "IR"]


def fewer_sorties(plan: Plan) -> None:
    plan["optimality"]["tanker_sorties"] = 0
    plan["optimality"]["tanker_sorties_bound"] = 0


def bound_over_value(plan: Plan) -> None:
    plan["optimality"]["tanker_sorties_bound"] = 2


def less_fuel_bought(plan: Plan) -> None:
    plan["optimality"]["fuel_bought_kg"] -= 100.0


def ladder_bound_over_its_fuel(plan: Plan) -> None:
    plan["optimality"]["ladder_fuel_bound_kg"] = 100_001.0


def smaller_gap(plan: Plan) -> None:
    plan["optimality"]["ladder_gap_pct"] = 0.5


def shorter_route(plan: Plan) -> None:
    plan["optimality"]["route_nm"] -= 50.0


def rows_dropped(plan: Plan) -> None:
    del rows(plan)[20:30]


def rows_backward(plan: Plan) -> None:
    track = rows(plan)
    track[40], track[41] = track[41], track[40]


def landing_before_takeoff(plan: Plan) -> None:
    flight_of(plan, "lead")["landing_utc"] = later(flight_of(plan, "lead")["takeoff_utc"], -60)


def contact_row_dropped(plan: Plan) -> None:
    start = plan["refuellings"][0]["start_utc"]
    track = flight_of(plan, "tanker-1")["track"]
    track["rows"] = [row for row in track["rows"] if row[0] != start]


def more_tankers_than_there_are(plan: Plan) -> None:
    flight_of(plan, "tanker-1")["count"] = 3


def one_tanker_less_in_the_record(plan: Plan) -> None:
    plan["refuellings"][0]["tankers"] = 2
    plan["refuellings"][0]["offload_kg"] /= 2.0


def tanker_from_elsewhere(plan: Plan) -> None:
    flight_of(plan, "tanker-1")["origin"] = "OEDR"


def tanker_of_another_type(plan: Plan) -> None:
    plan["refuellings"][0]["tanker_type"] = "KC-10A"


def more_for_less(plan: Plan) -> None:
    plan["refuellings"][0]["onload_kg"] += 1000.0


def offload_forgotten(plan: Plan) -> None:
    plan["refuellings"][0]["offload_kg"] -= 5000.0


def no_tanker_in_sight(plan: Plan) -> None:
    for row in rows(plan, "tanker-1"):
        row[1] += 0.1


def tanker_overhead(plan: Plan) -> None:
    for row in rows(plan, "tanker-1"):
        if row[10] == "refuel":
            row[3] += 4000.0


def fuel_before_made_up(plan: Plan) -> None:
    plan["refuellings"][0]["fuel_before_kg"] += 2000.0


def abort_margin_up(plan: Plan) -> None:
    plan["refuellings"][0]["abort"]["margin_kg"] += 500.0


def abort_needs_less(plan: Plan) -> None:
    abort = plan["refuellings"][0]["abort"]
    abort["fuel_needed_kg"] -= 2000.0
    abort["margin_kg"] += 2000.0


def abort_has_more(plan: Plan) -> None:
    abort = plan["refuellings"][0]["abort"]
    abort["fuel_available_kg"] += 2000.0
    abort["margin_kg"] += 2000.0


def abort_to_kuwait(plan: Plan) -> None:
    plan["refuellings"][0]["abort"]["base"] = "OKBK"


def smaller_reserve(plan: Plan) -> None:
    flight_of(plan, "tanker-1")["fuel"]["reserve_kg"] /= 2.0


def better_margin(plan: Plan) -> None:
    flight_of(plan, "lead")["fuel"]["min_margin_kg"] += 20_000.0


def narrower_band(plan: Plan) -> None:
    flight_of(plan, "lead")["fuel"]["band_pct"] = 1.0


def status_flipped(plan: Plan) -> None:
    plan["status"] = "infeasible"


def check_deleted(plan: Plan) -> None:
    plan["checks"] = [check for check in plan["checks"] if check["id"] != "fuel.burn"]


def all_checks_deleted(plan: Plan) -> None:
    plan["checks"] = []


def check_flattered(plan: Plan) -> None:
    next(c for c in plan["checks"] if c["id"] == "airspace.IR")["value"] += 5.0


def check_invented(plan: Plan) -> None:
    plan["checks"].append(
        {"id": "mine", "ok": False, "value": None, "limit": None, "unit": "", "note": "does not hold"}
    )


def shortfall_invented(plan: Plan) -> None:
    plan["shortfalls"] = [{"what": "x", "where": "y", "by": 1.0, "unit": "nm", "cure": None}]


def mission_edited(plan: Plan) -> None:
    plan["mission"]["text"] = plan["mission"]["text"].replace('"40 nm"', '"30 nm"')


def mission_edited_with_its_hash(plan: Plan) -> None:
    text = plan["mission"]["text"].replace('"40 nm"', '"60 nm"')
    with_mission(plan, text)


def more_asked_of_the_partner(plan: Plan) -> None:
    text = plan["mission"]["text"].replace('together = "20 min"', 'together = "40 min"')
    with_mission(plan, text)


def partner_kept_out_of_saudi_arabia(plan: Plan) -> None:
    text = plan["mission"]["text"].replace('may_fly = ["SA", "BH", "QA"]', 'may_fly = ["BH", "QA"]')
    with_mission(plan, text)


def flight_left_out(plan: Plan) -> None:
    plan["flights"] = [entry for entry in plan["flights"] if entry["id"] != "saudi"]


def one_aircraft_less(plan: Plan) -> None:
    flight_of(plan, "saudi")["count"] = 1


def another_operator(plan: Plan) -> None:
    flight_of(plan, "saudi")["operator"] = "QA"


def other_type(plan: Plan) -> None:
    flight_of(plan, "saudi")["aircraft"] = "KC-135R"


def tailwind(plan: Plan) -> None:
    for row in rows(plan):
        row[6] += 10.0


def other_spread(plan: Plan) -> None:
    plan["data"]["winds"]["sigma_kt"] = 5.0


def faster_over_the_ground(plan: Plan) -> None:
    rows(plan)[50][5] += 5.0


def faster_through_the_air(plan: Plan) -> None:
    for row in rows(plan):
        row[4] *= 1.02


def higher(plan: Plan) -> None:
    for row in rows(plan):
        if row[10] == "cruise":
            row[3] += 4000.0


def above_the_ceiling(plan: Plan) -> None:
    rows(plan)[60][3] = 56_000.0


def supersonic(plan: Plan) -> None:
    rows(plan, "tanker-1")[20][4] = 620.0


def off_the_route(plan: Plan) -> None:
    track = rows(plan)
    k = next(k for k in range(30, len(track)) if track[k][10] == "cruise" and track[k + 1][10] == "cruise")
    track[k][1] += 0.05


def route_past_the_track(plan: Plan) -> None:
    route = flight_of(plan, "lead")["route"]
    route[3], route[4] = route[4], route[3]


def overflight_hushed_up(plan: Plan) -> None:
    plan["overflight"] = [row for row in plan["overflight"] if row["state"] != "SA"]


def overflight_stretched(plan: Plan) -> None:
    """Left five minutes later than it was."""
    row = next(row for row in plan["overflight"] if row["state"] == "SA" and row["flight"] == "lead")
    row["leave_utc"] = later(row["leave_utc"], 300)


def overflight_shifted(plan: Plan) -> None:
    row = next(row for row in plan["overflight"] if row["state"] == "SA" and row["flight"] == "lead")
    row["leave_utc"] = later(row["leave_utc"], -600)


def crew_day_shortened(plan: Plan) -> None:
    plan["crew"][0]["report_utc"] = later(plan["crew"][0]["report_utc"], 3600)
    plan["crew"][0]["duty_s"] -= 3600


def airport_moved(plan: Plan) -> None:
    plan["data"]["airports"]["OEDR"]["lat"] += 0.1


TAMPERINGS: list[tuple[Callable[[Plan], None], str, str]] = [
    (move_vertex_into_iran, "airspace.IR", "inside the stand-off of IR: "),
    (five_tonnes_more_at_takeoff, "fuel.balance", "5,000"),
    (five_tonnes_more_in_the_rows, "fuel.mass", "5,000 kg apart"),
    (five_tonnes_more_from_nowhere, "fuel.burn", "summed again"),
    (thriftier_engines, "fuel.burn", "flight saudi"),
    (lighter_payload, "fuel.mass", "flight lead: row"),
    (join_twenty_minutes_later, "joins", "nm from"),
    (join_twenty_minutes_earlier, "joins", "flight saudi"),
    (partner_a_minute_late, "joins", "nm from"),
    (partner_goes_home_early, "joins", "10.0 min, the mission asks for 20.0"),
    (partner_stays_away, "joins", "saudi joins nobody"),
    (shorter_station, "station", "limit 1,799"),
    (longer_station, "station", "nm outside West Gulf"),
    (station_a_day_later, "clock", "the mission asks for 2020-12-10T09:00:00Z"),
    (hose_for_boom, "refuelling.gear", "KC-135R gives by drogue, B-52H takes by boom"),
    (slower_pump, "refuelling.gear", "contact lasts"),
    (smaller_tank, "fuel.limits", "tanks hold"),
    (draggier_bomber, "fuel.burn", "flight lead"),
    (lower_stand_off, "airspace.stated", "stand_off_nm is 20"),
    (rosier_distance, "airspace.stated", "closest_nm is"),
    (closest_elsewhere, "airspace.stated", "from the stated closest position"),
    (closest_another_time, "airspace.stated", "from the stated closest position"),
    (no_word_of_iran, "airspace.stated", "no row for IR and flight lead"),
    (fewer_sorties, "optimality", "tanker_sorties is 0, 1 tankers take off"),
    (bound_over_value, "optimality", "tanker_sorties_bound 2 is over"),
    (less_fuel_bought, "optimality", "fuel_bought_kg is"),
    (ladder_bound_over_its_fuel, "optimality", "ladder_fuel_bound_kg 100,001 is over"),
    (smaller_gap, "optimality", "fuel and bound are 1.0000 % apart"),
    (shorter_route, "optimality", "route_nm is"),
    (rows_dropped, "track.times", "s to the next row"),
    (rows_backward, "track.times", "is not after the row before it"),
    (landing_before_takeoff, "track.times", "landing_utc"),
    (contact_row_dropped, "track.times", "flight tanker-1 has no row at"),
    (more_tankers_than_there_are, "tankers", "3 KC-135R take off from OTBH, the mission has 2"),
    (one_tanker_less_in_the_record, "refuelling.transfer", "tankers is 2"),
    (tanker_from_elsewhere, "tankers", "the mission has no KC-135R at OEDR"),
    (tanker_of_another_type, "refuelling.gear", "tanker_type is KC-10A"),
    (more_for_less, "refuelling.transfer", "off offload x tankers"),
    (offload_forgotten, "fuel.balance", "its refuellings give"),
    (no_tanker_in_sight, "refuelling.together", "nm from flight tanker-1"),
    (tanker_overhead, "refuelling.together", "ft from flight tanker-1"),
    (fuel_before_made_up, "refuelling.transfer", "fuel_before_kg"),
    (abort_margin_up, "abort.contacts", "abort.margin_kg"),
    (abort_needs_less, "abort.contacts", "alone take"),
    (abort_has_more, "abort.contacts", "abort.fuel_available_kg"),
    (abort_to_kuwait, "abort.contacts", "OKBK is no abort base of the mission"),
    (smaller_reserve, "fuel.reserve", "30 min of holding"),
    (better_margin, "fuel.reserve", "min_margin_kg"),
    (narrower_band, "fuel.limits", "band_pct"),
    (status_flipped, "claims", "infeasible"),
    (check_deleted, "claims", "checks lacks fuel.burn"),
    (all_checks_deleted, "claims", "checks lacks"),
    (check_flattered, "claims", "value of airspace.IR"),
    (check_invented, "claims", "mine fails"),
    (shortfall_invented, "claims", "1 shortfalls are named"),
    (mission_edited, "mission.file", "the plan states"),
    (mission_edited_with_its_hash, "airspace.IR", "limit 60"),
    (more_asked_of_the_partner, "joins", "the mission asks for 40.0"),
    (partner_kept_out_of_saudi_arabia, "partners.may_fly", "nm inside SA, which flight saudi may not use"),
    (flight_left_out, "mission.flights", "flight saudi is not in the plan"),
    (one_aircraft_less, "mission.flights", "the mission asks for 2"),
    (another_operator, "mission.flights", "the mission asks for SA"),
    (other_type, "mission.flights", "the mission asks for F-15SA"),
    (tailwind, "mission.winds", "the mission's is (0.00, 0.00)"),
    (other_spread, "mission.winds", "sigma_kt"),
    (faster_over_the_ground, "track.ground_speed", "kt over the ground, flown are"),
    (faster_through_the_air, "track.wind_triangle", "flight lead"),
    (higher, "fuel.burn", "flight lead"),
    (above_the_ceiling, "track.envelope", "above the ceiling of 50,000 ft"),
    (supersonic, "track.envelope", "is faster than M0.89"),
    (off_the_route, "track.route", "nm off the route"),
    (route_past_the_track, "track.route", "or out of order"),
    (overflight_hushed_up, "overflight", "overflight does not say so"),
    (overflight_stretched, "overflight", "300 s away at a time"),
    (overflight_shifted, "overflight", "is over SA"),
    (crew_day_shortened, "crew", "report at"),
    (airport_moved, "data.airports", "data.airports.OEDR"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "check", "words"), TAMPERINGS, ids=[t[0].__name__ for t in TAMPERINGS])
def test_tampering_is_caught(tour: Plan, change: Callable[[Plan], None], check: str, words: str) -> None:
    change(tour)
    caught(tour, check, words)


def test_the_vertex_in_iran_is_named_with_its_row(tour: Plan) -> None:
    move_vertex_into_iran(tour)
    line = next(line for line in verify(tour).residuals if line.startswith("airspace.IR"))
    assert "flight lead: row " in line and "nm inside its boundary, limit 40" in line


def test_rows_that_are_no_line_in_time_are_judged_no_further(tour: Plan) -> None:
    for when in ("9998-01-01T00:00:00Z", rows(tour)[30][0]):
        plan = copy.deepcopy(tour)
        rows(plan)[31][0] = when
        caught(plan, "track.times", "flight lead: row 3")


def test_tampering_with_checks_to_match_does_not_help(tour: Plan) -> None:
    """The check is made to say ok where it fails; what was cheated is still found."""
    lower_stand_off(tour)
    rows(tour)[50][5] += 5.0
    honest = examine(tour)
    tour["checks"] = [{**check, "ok": True} for check in honest.document()]
    report = caught(tour, "claims", "checks says track.ground_speed passes, found to fail")
    assert any("stand_off_nm is 20" in line for line in report.residuals)


def test_too_little_fuel_before_the_contact_is_caught(tour: Plan) -> None:
    """The account is kept, but the tanker is met with less than it takes to get away without it."""
    less = 26_000.0
    lead, contact = flight_of(tour, "lead"), tour["refuellings"][0]
    for row in lead["track"]["rows"]:
        if row[0] <= contact["start_utc"]:
            row[8] -= less
            row[9] -= less
    lead["fuel"]["takeoff_kg"] -= less
    lead["fuel"]["onload_kg"] += less
    contact["onload_kg"] += less
    contact["offload_kg"] += 2 * less
    contact["fuel_before_kg"] -= less
    contact["abort"]["fuel_available_kg"] -= less
    contact["abort"]["margin_kg"] -= less
    caught(tour, "abort.everywhere", "with nothing more taken on reach no field lawfully")
    caught(tour, "abort.contacts", "kg short")


def test_abort_bases_far_away_do_not_count(tour: Plan) -> None:
    text = (
        tour["mission"]["text"].replace('["OTBH", "OEDR"]', '["KBAD"]').replace('to = "OTBH"', 'to = "KMIB"')
    )
    with_mission(tour, text)
    report = caught(tour, "abort.contacts", "OTBH is no abort base of the mission")
    assert any(line.startswith("mission.flights: flight lead: destination") for line in report.residuals)


@pytest.mark.parametrize(
    "words",
    [
        'to = ["US"]',
        "from = 2020-12-10T00:00:00Z",
        "until = 2020-12-12T00:00:00Z",
        'daily = "01:00-00:59"',
    ],
)
def test_a_base_that_is_shut_is_no_abort_base(tour: Plan, words: str) -> None:
    base = tour["refuellings"][0]["abort"]["base"]
    plan = with_more(tour, f'[[abort.closed]]\nbase = "{base}"\n{words}\n')
    caught(plan, "abort.contacts", f"{base} is shut to US at the arrival there")


@pytest.mark.parametrize(
    "words", ['to = ["GB"]', "until = 2020-12-09T00:00:00Z", "from = 2020-12-12T00:00:00Z"]
)
def test_a_base_shut_to_others_or_at_another_time_is_open(tour: Plan, words: str) -> None:
    base = tour["refuellings"][0]["abort"]["base"]
    report = verify(with_more(tour, f'[[abort.closed]]\nbase = "{base}"\n{words}\n'))
    assert report.ok, report


@pytest.mark.parametrize("role", ["tanker", "partner", "lead"])
def test_nobody_lands_where_it_is_shut_to_them(tour: Plan, role: str) -> None:
    flight = next(each for each in tour["flights"] if each["role"] == role)
    base, operator, hour = flight["destination"], flight["operator"], flight["landing_utc"][11:16]
    minute = int(hour[:2]) * 60 + int(hour[3:])
    spell = "-".join(f"{m % 1440 // 60:02}:{m % 60:02}" for m in (minute - 5, minute + 5))
    shut = f'[[abort.closed]]\nbase = "{base}"\nto = ["{operator}"]\ndaily = "{spell}"\n'
    plan = with_more(tour, shut)
    caught(plan, "abort.everywhere", f"flight {flight['id']} lands at {base}")


def test_with_every_base_shut_there_is_no_way_out(tour: Plan) -> None:
    contact = tour["refuellings"][0]
    shut = "".join(f'[[abort.closed]]\nbase = "{base}"\n' for base in ("OTBH", "OEDR"))
    assert contact["abort"]["base"] in ("OTBH", "OEDR")
    caught(with_more(tour, shut), "abort.everywhere", "with nothing more taken on reach no field lawfully")


def test_contacts_keep_to_the_missions_caps(tour: Plan) -> None:
    taken = tour["refuellings"][0]["onload_kg"]
    less = copy.deepcopy(tour)
    caught(
        with_more(less, f'[refuelling]\nmost_onload = "{taken / 1000 - 1:.1f} t"\n'),
        "refuelling.gear",
        "most_onload",
    )
    caught(with_more(tour, '[refuelling]\nlongest_flow = "1 min"\n'), "refuelling.gear", "longest_flow")


# -- honest infeasible plans ------------------------------------------------------------------------


def infeasible(plan: Plan) -> Plan:
    """The tour with more asked of the partner than it flies, said honestly."""
    more_asked_of_the_partner(plan)
    plan["checks"] = examine(plan).document()
    plan["status"] = "infeasible"
    plan["shortfalls"] = [
        {"what": "partner saudi cannot stay", "where": "OEDR", "by": 15.0, "unit": "min", "cure": None}
    ]
    return plan


def test_honest_infeasible_plan_verifies(tour: Plan) -> None:
    report = verify(infeasible(tour))
    assert report.ok and not report.feasible and report.status == "infeasible"


def test_infeasible_plan_that_lies_does_not(tour: Plan) -> None:
    plan = infeasible(tour)
    rows(plan)[50][5] += 5.0
    caught(plan, "track.ground_speed", "flight lead: row 50")
    plan = infeasible(copy.deepcopy(plan))
    plan["shortfalls"] = []
    caught(plan, "claims", "no shortfall says why")


def test_plan_without_flights_is_an_honest_no(tour: Plan) -> None:
    for key in ("flights", "refuellings", "joins", "overflight", "airspace"):
        tour[key] = []
    tour.update(station=None, optimality=None, status="infeasible", crew=[])
    tour["shortfalls"] = [{"what": "no fuel", "where": "OTBH", "by": 1.0, "unit": "kg", "cure": None}]
    tour["checks"] = examine(tour).document()
    assert verify(tour).ok
    assert not verify(tour).feasible


# -- the user's own closures ------------------------------------------------------------------------


def with_closure(plan: Plan, lat: float, lon: float, **properties: Any) -> Plan:
    """The hop with a circle of 20 nm closed by the user; the mission's stand-off is 50 nm."""
    text = plan["mission"]["text"].replace("[airspace]", '[airspace]\nclosures = "own.geojson"')
    with_mission(plan, text)
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    feature = {
        "type": "Feature",
        "id": "range",
        "geometry": geometry,
        "properties": {"radius_nm": 20.0, **properties},
    }
    plan["closures"]["features"] = [feature]
    return plan


def test_own_closure_is_measured(hop: Plan) -> None:
    middle = rows(hop)[len(rows(hop)) // 2]
    plan = with_closure(hop, middle[1], middle[2] + 3.0)
    caught(plan, "airspace.stated", "airspace has no row for range and flight lead")
    # 3 degrees of longitude from the line, less 20 nm of radius: by hand, within 2 nm for the line's slant.
    found = next(c for c in verify(plan).checks if c.id == "airspace.range")
    across = 3.0 * 60.0 * math.cos(math.radians(middle[1]))
    assert found.ok and across - 20.0 - 15.0 < (found.value or 0.0) < across - 20.0 + 1.0


def test_flight_through_own_closure_is_caught(hop: Plan) -> None:
    middle = rows(hop)[len(rows(hop)) // 2]
    caught(with_closure(hop, middle[1], middle[2]), "airspace.range", "20.0 nm inside its boundary, limit 50")


def test_own_closure_above_or_later_does_not_bind(hop: Plan) -> None:
    middle = rows(hop)[len(rows(hop)) // 2]
    above = with_closure(copy.deepcopy(hop), middle[1], middle[2], floor={"value": 520, "ref": "FL"})
    later_on = with_closure(
        copy.deepcopy(hop), middle[1], middle[2], valid=[["2020-11-22T00:00:00Z", "2020-11-23T00:00:00Z"]]
    )
    for plan in (above, later_on):
        report = examine(plan)
        assert report.feasible, report.residuals
        assert not any(check.id == "airspace.range" for check in report.checks)
    in_time = with_closure(hop, middle[1], middle[2], valid=[["2020-11-20T00:00:00Z", None]])
    assert not examine(in_time).feasible


# -- bad input --------------------------------------------------------------------------------------


def test_mission_file_is_compared(tour: Plan) -> None:
    assert verify(tour, mission_text=tour["mission"]["text"]).ok
    report = verify(tour, mission_text=tour["mission"]["text"] + "\n# later\n")
    assert not report.ok
    assert any(line.startswith("mission.file: the mission file has sha256") for line in report.residuals)


def test_other_airspace_data_is_bad_input(tour: Plan) -> None:
    tour["data"]["airspace"]["sha256"] = "0" * 64
    with pytest.raises(InputError, match=r"data\.airspace\.sha256"):
        verify(tour)


def test_every_fault_is_named_at_once(tour: Plan) -> None:
    del tour["flights"][0]["fuel"]["burn_kg"]
    tour["flights"][1]["track"]["rows"][3][1] = "north"
    tour["seed"] = "one"
    tour["mission"].pop("text")
    with pytest.raises(InputError) as error:
        verify(tour)
    keys = {fault.key for fault in error.value.faults}
    assert {"flights.0.fuel.burn_kg", "flights.1.track.rows.3.1", "seed", "mission.text"} <= keys


def test_bad_mission_text_and_times_are_named(tour: Plan) -> None:
    tour["mission"]["text"] = tour["mission"]["text"].replace('"40 nm"', '"40"').replace('"25 nm"', "25")
    rows(tour)[2][0] = "2020-02-31T09:00:00Z"
    del tour["data"]["aircraft"]["KC-135R"]
    with pytest.raises(InputError) as error:
        verify(tour)
    text = str(error.value)
    assert "airspace.stand_off" in text and "station.radius" in text
    assert "flights.0.track.rows.2" in text and "KC-135R" in text


# -- any one number ---------------------------------------------------------------------------------

# Numbers nobody could hold against the plan: names and words apart, these inform only.
INFORMATIONAL = {
    "seed",  # the planner's own
    "tanker_sorties_bound",  # a lower bound: less is still true, more than the value is caught
    "route_bound_nm",
}  # fmt: skip
LOOSE = {"reserve_kg": 1.0, "min_margin_kg": -1.0}  # only this direction cheats: less reserve, more margin


def numbers(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Key paths of all numbers of flights, station, refuellings, joins, airspace, optimality and winds."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return []
    if isinstance(value, int | float):
        return [path]
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return [found for key, inner in pairs for found in numbers(inner, (*path, key))]


MATERIAL = {
    "lat": 0.05, "lon": 0.05, 1: 0.02, 2: 0.02, 3: 4000.0, 4: 25.0, 5: 5.0, 6: 1.0, 7: 1.0, 8: 20.0, 9: 20.0,
    "closest_nm": 0.5, "stand_off_nm": 0.5, "altitude_ft": 1000.0, "count": 1, "receivers": 1, "tankers": 1,
    "tanker_sorties": 1, "route_nm": 20.0, "duration_s": 60.0, "sigma_kt": 1.0, "band_pct": 0.5, "duty_s": 300.0,
}  # fmt: skip


@settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(data=st.data())
def test_any_one_number_changed_is_caught(tour_plan: Plan, data: st.DataObject) -> None:
    parts = ("flights", "station", "refuellings", "joins", "airspace", "optimality", "data", "crew")
    part = data.draw(st.sampled_from(parts))
    source = {"winds": tour_plan["data"]["winds"], "airports": tour_plan["data"]["airports"]}
    source = source if part == "data" else tour_plan[part]
    paths = [path for path in numbers(source) if not INFORMATIONAL & set(path)]
    if part == "flights" and data.draw(st.booleans()):
        paths = [path for path in paths if "rows" not in path]
    path = data.draw(st.sampled_from(paths))
    plan = copy.deepcopy(tour_plan)
    holder = plan[part]
    for key in path[:-1]:
        holder = holder[key]
    last = path[-1]
    sign = data.draw(st.sampled_from([-1, 1]))
    if last in LOOSE:
        sign = -int(LOOSE[last])
    step = MATERIAL.get(last, 500.0)
    scale = data.draw(st.floats(1.0, 3.0))
    old = holder[last]
    holder[last] = old + sign * (step if isinstance(step, int) else step * scale)
    if last == "lon":
        holder[last] = (holder[last] + 180.0) % 360.0 - 180.0
    assert not math.isclose(old, holder[last])
    try:
        report = verify(plan)
    except InputError:
        return  # outside what the schema allows
    assert not report.ok, (part, path, old, holder[last])
    assert report.residuals


# -- ways out and margins: claims of the planner, tampered with ---------------------------------------


@pytest.fixture(scope="module")
def founding() -> Plan:
    """The founding mission as planned."""
    from pathlib import Path

    from longreach import mission
    from longreach.plan import plan

    return plan(mission.load(Path(__file__).parents[2] / "examples" / "gulf-2020-12-10.toml"))


def no_return_two_hours_later(plan: Plan) -> None:
    row = next(row for row in plan["aborts"][0]["reach"] if row["base"] == "LPLA")
    row["until_utc"] = later(row["until_utc"], 7200)
    moved_to(plan, row, row["until_utc"])


def moved_to(plan: Plan, row: dict[str, Any], moment: str) -> None:
    near = min(
        rows(plan),
        key=lambda entry: abs(
            (datetime.fromisoformat(entry[0]) - datetime.fromisoformat(moment)).total_seconds()
        ),
    )
    row["lat"], row["lon"] = near[1], near[2]


def no_return_elsewhere(plan: Plan) -> None:
    plan["aborts"][0]["reach"][3]["lat"] += 1.0


def turn_back_to_pease(plan: Plan) -> None:
    plan["aborts"][0]["turn_back"]["base"] = "KPSM"


def turn_back_from_the_gulf(plan: Plan) -> None:
    row = plan["aborts"][0]["turn_back"]
    row["until_utc"] = plan["station"]["enter_utc"]
    moved_to(plan, row, row["until_utc"])


def reach_of_a_field_not_named(plan: Plan) -> None:
    plan["aborts"][0]["reach"][0]["base"] = "EGLL"


def equal_time_an_hour_off(plan: Plan) -> None:
    row = plan["aborts"][0]["equal_time"][1]
    row["time_utc"] = later(row["time_utc"], 3600)
    moved_to(plan, row, row["time_utc"])


def equal_time_too_quick(plan: Plan) -> None:
    plan["aborts"][0]["equal_time"][1]["way_min"] = 60.0


def equal_time_of_strangers(plan: Plan) -> None:
    plan["aborts"][0]["equal_time"][1]["bases"][0] = "EGLL"


def decision_left_out(plan: Plan) -> None:
    del plan["aborts"][0]["decisions"][1]


def decision_with_more_fuel(plan: Plan) -> None:
    plan["aborts"][0]["decisions"][0]["fuel_kg"] += 2000.0


def decision_an_hour_later(plan: Plan) -> None:
    row = plan["aborts"][0]["decisions"][0]
    row["decide_by_utc"] = later(row["decide_by_utc"], 3600)


def option_with_more_left(plan: Plan) -> None:
    plan["aborts"][0]["decisions"][0]["options"][0]["left_kg"] += 3000.0


def option_with_more_to_spare(plan: Plan) -> None:
    plan["aborts"][0]["decisions"][0]["options"][0]["spare_kg"] += 3000.0


def option_nearer(plan: Plan) -> None:
    plan["aborts"][0]["decisions"][2]["options"][0]["way_min"] = 10.0


def option_out_of_the_mission(plan: Plan) -> None:
    plan["aborts"][0]["decisions"][0]["options"][0]["base"] = "OEDR"


def surer_than_it_is(plan: Plan) -> None:
    plan["margins"]["chance_pct"] = 99.9


def surer_by_another_sigma(plan: Plan) -> None:
    plan["margins"]["chance_pct"] = 99.9
    plan["margins"]["tightest"]["sigma_kg"] /= 2.0


def less_asked_than_asked(plan: Plan) -> None:
    plan["margins"]["asked_pct"] = 50.0


def tightest_with_more_fuel(plan: Plan) -> None:
    plan["margins"]["tightest"]["fuel_kg"] += 1000.0


def minimum_below_the_bound(plan: Plan) -> None:
    plan["margins"]["minimum"]["tanker_sorties"] = 0


WAYS_OUT: list[tuple[Callable[[Plan], None], str, str]] = [
    (no_return_two_hours_later, "abort.points", "the geodesic leaves it"),
    (no_return_elsewhere, "abort.points", "from the place told"),
    (turn_back_to_pease, "abort.points", "it came from KBAD"),
    (turn_back_from_the_gulf, "abort.points", "the geodesic leaves it"),
    (reach_of_a_field_not_named, "abort.points", "EGLL is no abort base"),
    (equal_time_an_hour_off, "abort.points", "are told equally far"),
    (equal_time_too_quick, "abort.points", "the geodesic takes"),
    (equal_time_of_strangers, "abort.points", "EGLL, told for an equal-time point"),
    (decision_left_out, "abort.points", "decisions are told for"),
    (decision_with_more_fuel, "abort.points", "are told on board without its onload"),
    (decision_an_hour_later, "abort.points", "to spare last less"),
    (option_with_more_left, "abort.points", "are told left at"),
    (option_with_more_to_spare, "abort.points", "are told to spare at"),
    (option_nearer, "abort.points", "min away, the geodesic takes"),
    (option_out_of_the_mission, "abort.points", "OEDR is no abort base"),
    (surer_than_it_is, "margins", "its own figures give"),
    (surer_by_another_sigma, "margins", "no more than"),
    (less_asked_than_asked, "margins", "reserves.doubt 95"),
    (tightest_with_more_fuel, "margins", "are told on board"),
    (minimum_below_the_bound, "margins", "outside"),
]


@pytest.mark.parametrize(("tamper", "check", "words"), WAYS_OUT, ids=[case[0].__name__ for case in WAYS_OUT])
def test_ways_out_tampered_with_are_found(founding: Plan, tamper, check: str, words: str) -> None:
    plan = copy.deepcopy(founding)
    tamper(plan)
    caught(plan, check, words)
