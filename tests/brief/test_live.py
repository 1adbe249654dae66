"""The data of the live view: lines that run on over the date line and the pole, figures that are the plan's."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from longreach import brief
from longreach.brief import live, maps, story
from longreach.brief.reading import read
from longreach.world import sun


def decoded(flat):
    return np.cumsum(np.array(flat).reshape(-1, 2), axis=0) / 1000.0


def view(document):
    plan = read(document)
    closures, _ = maps.closures_of(plan)
    return plan, live.data(plan, closures, story.contacts(plan))


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=2, max_size=30))
def test_a_line_is_kept_within_half_a_thousandth_of_a_degree(points):
    lat, lon = np.array(points).T
    back = decoded(live.coded(lat, lon))
    given_points = np.rint(np.stack([lat, lon], axis=-1) * 1000) / 1000
    kept = given_points[np.concatenate([[True], (np.diff(given_points, axis=0) != 0).any(axis=1)])]
    assert np.allclose(back[-1], given_points[-1], atol=1e-9)
    assert len(points) == 2 or np.allclose(back, kept, atol=1e-9)


def test_a_track_over_the_date_line_runs_on():
    run = live.unwrapped(np.array([170.0, 179.0, -178.0, -170.0]), 170.0)
    assert run == pytest.approx([170.0, 179.0, 182.0, 190.0])
    assert live.unwrapped(np.array([-170.0, 175.0]), 190.0) == pytest.approx([190.0, 175.0])


def test_a_ring_round_the_pole_is_closed_over_it():
    lon = np.arange(-180.0, 180.0, 10.0)
    ring = decoded(live._ring(np.full(lon.size, 80.0), lon))
    assert ring[0] == pytest.approx(ring[-1])
    assert ring[:, 0].max() == pytest.approx(90.0)
    area = shapely.polygons(ring[:, ::-1])
    east = np.linspace(ring[:, 1].min() + 0.1, ring[:, 1].max() - 0.1, 30)
    assert np.ptp(ring[:, 1]) == pytest.approx(360.0)
    assert shapely.contains_xy(area, east, np.full(30, 85.0)).all()
    assert not shapely.contains_xy(area, east, np.full(30, 75.0)).any()


def test_figures_of_the_aircraft_are_the_plan_s(feasible):
    plan, data = view(feasible)
    lead, drawn = plan.lead, data["flights"][0]
    assert drawn["t"] == lead.time_s.astype(int).tolist()
    assert np.abs(np.array(drawn["fuel"]) - lead.fuel_kg).max() <= 0.5
    assert np.abs(np.array(drawn["lat"]) - lead.lat).max() <= 5.1e-5
    turned = (np.array(drawn["lon"]) - lead.lon + 180.0) % 360.0 - 180.0
    assert np.abs(turned).max() <= 5.1e-5
    assert np.abs(np.diff(drawn["lon"])).max() < 180.0
    for row, name in drawn["phase"]:
        assert lead.phase[row] == name


def test_the_sun_is_overhead_where_it_is_highest(feasible):
    _, data = view(feasible)
    given_sun = data["sun"]
    for index in (0, len(given_sun["lat"]) // 2):
        time_s = given_sun["begin"] + index * given_sun["step"]
        assert sun.elevation(time_s, given_sun["lat"][index], given_sun["lon"][index]) == pytest.approx(
            90.0, abs=0.01
        )


def test_local_clocks_change_when_they_change(feasible):
    from zoneinfo import ZoneInfo

    found = live._offsets(ZoneInfo("America/Chicago"), 1604188800.0, 1604188800.0 + 86400.0)
    assert [each[1] for each in found] == [-300, -360]
    assert found[1][0] == 1604214000  # 2020-11-01T07:00:00Z


def test_events_stand_in_order_and_inside_the_plan(feasible):
    _, data = view(feasible)
    times = [event["t"] for event in data["events"]]
    assert times == sorted(times)
    assert data["begin"] <= times[0] and times[-1] <= data["end"]


def test_no_text_can_end_the_script(feasible):
    feasible["mission"]["name"] = "</script><script>alert(1)</script>"
    html = brief.render(feasible)
    assert "<script>alert" not in html
    data = html.split('id="live-data">')[1].split("</script>")[0]
    assert json.loads(data)["name"] == feasible["mission"]["name"]
