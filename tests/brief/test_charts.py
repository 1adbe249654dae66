"""The fuel ladder and the timeline say what the plan says."""

import re

import numpy as np
import pytest

from longreach.brief import charts, story
from longreach.brief.reading import read
from longreach.page.charts import clock_ticks


def test_least_fuel_at_the_end_of_a_contact_is_what_the_abort_needs(feasible):
    plan = read(feasible)
    required = charts.required_kg(plan, plan.lead)
    for record in plan.refuellings:
        last = int(np.flatnonzero(plan.lead.time_s <= record.end_s)[-1])
        assert required[last] == pytest.approx(record.abort_needed_kg, abs=200.0)  # a row is a minute of burn


def test_least_fuel_keeps_the_stated_margin_away_from_contacts(feasible):
    plan = read(feasible)
    lead = plan.lead
    required = charts.required_kg(plan, lead)
    first = plan.refuellings[0]
    before = lead.time_s < first.start_s
    assert lead.fuel_kg[before] - required[before] == pytest.approx(first.abort_margin_kg)
    after = lead.time_s > plan.refuellings[-1].end_s
    assert required[after][-1] == pytest.approx(lead.fuel["reserve_kg"])


def test_band_grows_with_the_burn_and_begins_anew_at_a_contact(feasible):
    plan = read(feasible)
    lead = plan.lead
    band = charts.band_kg(plan, lead)
    first = plan.refuellings[0]
    at_contact = int(np.searchsorted(lead.time_s, first.start_s))
    burnt = lead.fuel_kg[0] - lead.fuel_kg[at_contact]
    assert band[0] == 0.0
    assert band[at_contact] == pytest.approx(0.06 * burnt, rel=0.01)
    after = int(np.searchsorted(lead.time_s, first.end_s))
    assert band[after] == 0.0
    last = plan.refuellings[-1]
    since = lead.fuel_kg[int(np.searchsorted(lead.time_s, last.end_s))] - lead.fuel_kg[-1]
    assert band[-1] == pytest.approx(0.06 * since, rel=0.01)


def test_ladder_names_the_figures(feasible):
    plan = read(feasible)
    picture = charts.fuel_ladder(plan, story.contacts(plan))
    assert "take-off 132.0 t" in picture
    assert "landing 24.2 t" in picture
    assert "tanks full, 141.6 t" in picture
    assert picture.count('class="mark contact"') == 3
    assert "nan" not in picture


def test_timeline_has_a_bar_for_every_flight_in_its_place(feasible):
    plan = read(feasible)
    picture = charts.timeline(plan, story.contacts(plan), story.zones(plan))
    bars = re.findall(
        r'<rect class="bar-(lead|tanker|partner)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', picture
    )
    assert [bar[0] for bar in bars].count("lead") == 1
    assert [bar[0] for bar in bars].count("tanker") == 3
    assert [bar[0] for bar in bars].count("partner") == 3
    scale = float(bars[0][2]) / plan.lead.duration_s
    for (_, x, width), flight in zip(bars[1:4], plan.role("tanker"), strict=True):
        begun = (flight.takeoff_s - plan.lead.takeoff_s) * scale
        assert float(x) - float(bars[0][1]) == pytest.approx(begun, abs=0.2)
        assert float(width) == pytest.approx(flight.duration_s * scale, abs=0.2)


def test_local_axes_keep_the_local_clock(feasible):
    plan = read(feasible)
    assert [name for name, _ in story.zones(plan)] == ["at KBAD", "station, by OBBI"]
    picture = charts.timeline(plan, [], story.zones(plan))
    assert "at KBAD" in picture and "station, by OBBI" in picture


def test_ticks_follow_the_clock_through_summer_time():
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("America/Chicago")
    begin = 1604188800.0  # 2020-11-01T00:00Z, the night the clocks went back
    ticks = clock_ticks(begin, begin + 86400.0, 6, zone)
    assert [tick.hour for tick in ticks] == [0, 6, 12, 18] or [tick.hour for tick in ticks] == [0, 6, 12]
    assert all(begin <= tick.timestamp() <= begin + 86400.0 for tick in ticks)


def test_nothing_flies_nothing_is_drawn(infeasible):
    plan = read(infeasible)
    assert charts.timeline(plan, [], []) == ""
    assert charts.fuel_ladder(plan, []) == ""


def test_labels_of_the_fuel_chart_do_not_lie_over_one_another():
    """One where nothing is written stays; one under a contact's figure goes over it, and over the next as well."""
    assert charts._clear([], 0.0, 90.0, 100.0) == 100.0
    said = [(50.0, 120.0, 88.0, 108.0), (60.0, 130.0, 70.0, 87.0)]
    foot = charts._clear(said, 0.0, 90.0, 100.0)
    assert foot < 70.0
    assert charts._clear(said, 200.0, 290.0, 100.0) == 100.0


def test_tankers_of_one_base_are_told_apart_and_in_order(feasible):
    """Bars named by base where that names them; by their ids, in the order one counts, where it does not."""
    tankers = [flight for flight in feasible["flights"] if flight["role"] == "tanker"]
    for flight, kind in zip(tankers, ("KC-135R", "KC-10A", "KC-46A"), strict=True):
        flight["aircraft"] = kind
    names = re.findall(r'dx="5">([^<]+)</tspan>', charts.timeline(read(feasible), [], []))
    assert {flight["origin"] for flight in tankers} <= set(names)
    for flight in tankers:
        flight["origin"], flight["aircraft"] = tankers[0]["origin"], tankers[0]["aircraft"]
    for flight, name in zip(tankers, ("tanker-10", "tanker-2b", "tanker-2", "tanker-1"), strict=False):
        flight["id"] = name
    feasible["refuellings"] = []
    names = re.findall(r'dx="5">(tanker[^<]+)</tspan>', charts.timeline(read(feasible), [], []))
    assert len(names) == len(tankers) > 1
    assert names == [each for each in ("tanker-1", "tanker-2", "tanker-2b", "tanker-10") if each in names]
