import json
from dataclasses import replace

import numpy as np
import pytest
from checker import judge
from shapes import circle, polygon

from longreach import geodesy, route
from longreach.errors import InputError
from longreach.route.corridors import Corridor, permit, read_corridors
from longreach.units import NAUTICAL_MILE
from longreach.world import airspace

WALL = polygon([(-20, -3), (-20, 3), (20, 3), (20, -3)], 40e3, "wall")
A, B = (0.0, -10.0), (1.0, 10.0)


def band(south, north, west=-5.0, east=5.0, name="way"):
    return polygon([(south, west), (south, east), (north, east), (north, west)], name=name)


def test_a_corridor_is_open_inside_and_nothing_else_is():
    (cut,) = permit([WALL], [Corridor("way", ("wall",), band(4.0, 5.0))])
    assert cut.id == "wall" and cut.stand_off_m == 0.0 and "way" in cut.name
    found = route.shortest(route.prepare([cut]), A, B)
    assert found.feasible and found.length_m < 0.6 * route.shortest(route.prepare([WALL]), A, B).length_m
    assert all(verdict.least_m >= -1e-3 for verdict in judge([cut], found.lat, found.lon))
    lat, lon, _ = geodesy.densify(found.lat, found.lon, 2e3)
    # by its own law: everywhere outside the corridor the stand-off of the whole wall is kept
    for p, q in zip(lat, lon, strict=True):
        (closest,) = route.clearances([WALL], [p], [q])
        in_way = 4.0 <= p <= 5.05 and -5.0 <= q <= 5.0  # the band's north edge bows up a little
        assert in_way or closest.clearance_m >= 40e3 - 1.0
    inside = np.abs(lon) < 3.0
    assert inside.any() and lat[inside].min() > 4.0 and lat[inside].max() < 5.05
    # and the way through is as good as the corridor's own corners allow
    corner = geodesy.path_length([A[0], 4.0, 4.0, B[0]], [A[1], -3.36, 3.36, B[1]])
    assert found.length_m == pytest.approx(corner, rel=2e-3)


def test_a_corridor_as_wide_as_the_closure_opens_it():
    disc = circle(0.0, 0.0, 200e3, 50e3, "disc")
    assert permit([disc], [Corridor("all", (), circle(0.0, 0.0, 400e3))]) == ()
    (left,) = permit([disc], [Corridor("most", (), circle(0.0, 0.5, 240e3))])
    found = route.shortest(route.prepare([left]), (0.0, -5.0), (0.1, 5.0))
    assert (
        found.feasible
        and found.length_m < route.shortest(route.prepare([disc]), (0.0, -5.0), (0.1, 5.0)).length_m
    )


def test_a_corridor_elsewhere_changes_nothing_but_the_grain():
    (cut,) = permit([WALL], [Corridor("way", (), band(50.0, 51.0))])
    whole = route.shortest(route.prepare([WALL]), A, B).length_m
    found = route.shortest(route.prepare([cut]), A, B).length_m
    assert whole * (1 - 2e-4) <= found <= whole * (1 + 3e-4)


def test_only_the_closures_it_names_are_opened():
    other = polygon([(3, -1), (3, 1), (6, 1), (6, -1)], name="other")
    cut, same = permit([WALL, other], [Corridor("way", ("wall",), band(4.0, 5.0))])
    assert same is other
    blocked = route.shortest(route.prepare([cut, same]), A, B)
    assert blocked.length_m > route.shortest(route.prepare([cut]), A, B).length_m + 100e3
    both = permit([WALL, other], [Corridor("way", (), band(4.0, 5.0))])
    assert route.shortest(route.prepare(both), A, B).length_m < 0.6 * blocked.length_m


def test_round_the_pole():
    cap = polygon([(80.0, lon) for lon in range(-180, 180, 20)], 0.0, "cap", holds_north_pole=True)
    band_over = [(75, -95), (75, -85), (89, 0), (75, 85), (75, 95), (89, 180)]
    way = polygon(band_over, name="way", holds_north_pole=True)
    (cut,) = permit([cap], [Corridor("way", (), way)])
    assert not cut.holds_north_pole
    a, b = (76.0, -90.0), (76.0, 90.0)
    found = route.shortest(route.prepare([cut]), a, b)
    assert found.feasible and found.length_m < route.shortest(route.prepare([cap]), a, b).length_m


def test_through_iraq_to_the_gulf():
    closures = airspace.closures("IR,IQ,SY", stand_off_m=50 * NAUTICAL_MILE)
    line = airspace.BoundaryLine(
        np.array([38.8, 36.5, 33.0, 29.0, 27.0]), np.array([42.0, 43.5, 43.5, 46.0, 47.0]), 60e3
    )
    way = Corridor("UM688", ("IQ", "IR", "SY"), replace(circle(0, 0, 1.0), rings=(), lines=(line,)))
    cut = permit(closures, [way])
    a, b = (42.5, 40.0), (27.0, 50.0)
    shut = route.shortest(route.prepare(closures), a, b)
    found = route.shortest(route.prepare(cut), a, b)
    assert found.feasible and found.length_m < shut.length_m - 50e3
    assert all(verdict.least_m >= -1e-3 for verdict in judge(cut, found.lat, found.lon))


def write(path, *features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}, indent=1))
    return path


def feature(through=None, **properties):
    geometry = {"type": "LineString", "coordinates": [[-6, 4.5], [6, 4.5]]}
    if through is not None:
        properties["through"] = through
    return {
        "type": "Feature",
        "id": "way",
        "properties": {"radius_nm": 20, **properties},
        "geometry": geometry,
    }


def test_reading(tmp_path):
    (way,) = read_corridors(write(tmp_path / "ways.geojson", feature("wall", action="permit")))
    assert (way.id, way.through) == ("way", ("wall",)) and way.area.stand_off_m == 0.0
    found = route.shortest(route.prepare(permit([WALL], [way])), A, B)
    assert found.length_m < 1.1 * found.great_circle_m
    (every,) = read_corridors(write(tmp_path / "all.geojson", feature()))
    assert every.through == ()


def test_every_fault_of_a_file_is_told_at_once(tmp_path):
    bad = write(
        tmp_path / "bad.geojson",
        feature(7),
        feature(action="avoid"),
        feature(ceiling={"value": 300, "ref": "FL"}),
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        },
    )
    with pytest.raises(InputError) as caught:
        read_corridors(bad)
    text = str(caught.value)
    assert len(caught.value.faults) >= 4
    for said in ("through 7", "'avoid'", "bounded in level or time", "radius"):
        assert said in text
    assert all(fault.line for fault in caught.value.faults)


def test_a_corridor_through_what_is_not_closed_is_refused():
    with pytest.raises(InputError, match="did you mean wall"):
        permit([WALL], [Corridor("way", ("wal",), band(4, 5))])
    with pytest.raises(InputError, match="closed: nothing"):
        permit([], [Corridor("way", ("IR",), band(4, 5))])
