"""The pictures: well formed, right about the stand-off, labels apart."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from longreach import brief, geodesy
from longreach.brief import globe, maps, story
from longreach.brief.projection import View
from longreach.brief.reading import read
from longreach.units import NAUTICAL_MILE
from longreach.world import airspace

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Chain:
    lat: Any
    lon: Any
    offset_m: float = 0.0


@dataclass(frozen=True)
class Shape:
    """A closure as the contract describes it."""

    rings: tuple[Chain, ...]
    lines: tuple[Chain, ...]
    stand_off_m: float = 0.0
    id: str = "X"
    name: str = "Area X"
    holds_north_pole: bool = False


def circle(lat, lon, radius_m, **kwargs):
    a, o, _ = geodesy.direct(lat, lon, np.linspace(0, 360, 73), radius_m)
    return Shape((Chain(a, o),), (Chain(a, o),), **kwargs)


@pytest.mark.parametrize("lat", [0.0, 26.0, -60.0, 88.5])
def test_limit_lies_at_the_stand_off(lat):
    closure = circle(lat, 179.5, 200_000.0, stand_off_m=92_600.0)
    (ring,) = globe.limit_rings(closure, 100.0)
    away = geodesy.distance(lat, 179.5, ring[0], ring[1])
    assert away == pytest.approx(292_600.0, rel=0.01)


def test_limit_of_a_line_adds_its_offset():
    closure = Shape((), (Chain(np.array([10.0, 10.0]), np.array([20.0, 20.0001]), 30_000.0),), 20_000.0)
    (ring,) = globe.limit_rings(closure, 100.0)
    assert geodesy.distance(10.0, 20.0, ring[0], ring[1]) == pytest.approx(50_000.0, rel=0.01)


def test_limit_near_a_point_is_the_limit_there():
    closure = circle(30.0, 50.0, 1_500_000.0, stand_off_m=92_600.0)
    edge = [float(part) for part in geodesy.direct(30.0, 50.0, 180.0, 1_500_000.0)[:2]]
    rings = globe.limit_rings(closure, 200.0, (edge[0], edge[1]), 400_000.0)
    lat, lon = np.concatenate([r[0] for r in rings]), np.concatenate([r[1] for r in rings])
    near = geodesy.distance(*edge, lat, lon) < 250_000.0
    away = geodesy.distance(30.0, 50.0, lat[near], lon[near])
    outer = away > 1_550_000.0
    assert outer.any()
    assert away[outer] == pytest.approx(1_592_600.0, abs=1500.0)


def test_route_map_stands_alone():
    closures = [circle(50.0, 0.0, 300_000.0, stand_off_m=50_000.0)]
    picture = globe.route_map([40.0, 60.0], [-30.0, 30.0], closures, "A <b>&\"' route")
    root = ET.fromstring(picture)
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title").text == "A <b>&\"' route"
    assert "Area X" in root.find(f"{SVG}desc").text
    outside = re.sub(r'xmlns="[^"]*"', "", picture)
    assert "http" not in outside
    assert globe.route_map([40.0, 60.0], [-30.0, 30.0], closures, "A <b>&\"' route") == picture


@pytest.mark.parametrize(
    ("lat", "lon"),
    [([60.3, 80.0, 35.7], [25.0, -170.0, 140.4]), ([-10.0, 10.0], [170.0, -170.0]), ([80.0, 85.0], [0.0, 180.0]),
     ([10.0, 10.0], [20.0, 20.1]), ([], [])],
)  # fmt: skip
def test_route_map_draws_every_kind_of_route(lat, lon):
    root = ET.fromstring(globe.route_map(lat, lon, [circle(89.0, 0.0, 300_000.0, holds_north_pole=True)]))
    drawn = [
        p
        for p in root.iter(f"{SVG}path")
        if p.get("class") == "track out" and p.find(f"{SVG}title") is not None
    ]
    assert len(drawn) == (1 if lat else 0)


def test_route_map_without_anything_is_a_globe():
    assert ET.fromstring(globe.route_map([], [])).find(f"{SVG}title").text == "Route"


def boxes(picture):
    """Rough boxes of the texts set on the map, from their place and length."""
    found = []
    for text in ET.fromstring(picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)).iter(
        f"{SVG}text"
    ):
        if text.get("class") == "halo":
            x, y = float(text.get("x")), float(text.get("y"))
            found.append((x, y - 10, x + 6.2 * len(text.text), y + 3, text.text))
    return found


def test_labels_of_the_region_do_not_overlap(feasible):
    plan = read(feasible)
    picture = maps.region_map(plan, [], story.contacts(plan))
    labels = boxes(picture)
    assert {"OEDR", "OBBI", "OTBH"} <= {label[4] for label in labels}
    assert sum("joins" in label[4] for label in labels) == 3
    for i, a in enumerate(labels):
        for b in labels[i + 1 :]:
            assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]), (a, b)


def test_region_has_a_scale_bar_of_the_right_length(feasible):
    plan = read(feasible)
    picture = maps.region_map(plan, [], [])
    nm, km = map(int, re.search(r">(\d+) nm = (\d+) km<", picture).groups())
    assert km == round(nm * 1.852)
    left, right = map(
        float, re.search(r'class="axis" d="M([\d.]+) [\d.]+V[\d.]+H([\d.]+)V', picture).groups()
    )
    marks = {
        title: np.array([float(x), float(y)])
        for x, y, title in re.findall(
            r'<g transform="translate\(([\d.]+) ([\d.]+)\)"><title>([^<]*)<', picture
        )
    }
    bahrain, saudi = marks["Bahrain (OBBI)"], marks["King Abdulaziz Air Base (OEDR)"]
    true_m = float(geodesy.distance(26.2708, 50.6336, 26.2654, 50.152))
    drawn_m = np.hypot(*(bahrain - saudi)) / (right - left) * nm * NAUTICAL_MILE
    assert drawn_m == pytest.approx(true_m, rel=0.02)


def test_a_flight_half_way_round_the_world_needs_two_globes(feasible):
    lead = feasible["flights"][0]
    rows = lead["track"]["rows"]
    lons = np.linspace(-179.0, 175.0, len(rows))
    for row, lon in zip(rows, lons, strict=True):
        row[1], row[2] = 0.0, round(float(lon), 6)
    plan = read(feasible)
    first, second = maps.mission_globes(plan, [], [])
    assert 'id="globe1-t"' in first
    assert 'id="globe2-t"' in second


def test_users_closures_are_drawn(feasible):
    feasible["closures"]["features"] = [
        {"type": "Feature", "id": "R-7", "properties": {"name": "Range", "radius_nm": 60},
         "geometry": {"type": "Point", "coordinates": [20.0, 40.0]}},
    ]  # fmt: skip
    feasible["mission"]["text"] = feasible["mission"]["text"].replace(
        'closed = ["IR", "IQ", "SY"]', "closed = []"
    )
    (closure,), notes = maps.closures_of(read(feasible))
    assert notes == []
    area = globe.closed_area(closure, 500.0)
    assert area.label == "Range"
    (ring,) = area.rings
    assert geodesy.distance(40.0, 20.0, *ring) == pytest.approx(60 * 1852.0, rel=0.01)
    (limit,) = area.limit
    assert geodesy.distance(40.0, 20.0, *limit) == pytest.approx(110 * 1852.0, rel=0.01)


def test_unreadable_closures_are_named_not_dropped(feasible):
    feasible["closures"]["features"] = [{"type": "Feature", "properties": {}, "geometry": {"type": "Curve"}}]
    drawn, notes = maps.closures_of(read(feasible))
    assert {closure.id for closure in drawn} == {"IR", "IQ", "SY"}
    assert "not drawn" in notes[0]


def test_a_circle_round_the_pole_is_filled_inside(feasible):
    point = Chain(np.array([89.0, 89.0]), np.array([10.0, 10.0]), 500_000.0)
    area = globe.closed_area(Shape((), (point,), 0.0), 1000.0)
    assert area.holds_pole


def test_a_small_cap_is_seen_from_nearer():
    far, near = globe.globe_view((0.0, 0.0, 60.0), 540, 540), globe.globe_view((0.0, 0.0, 10.0), 540, 540)
    assert far.shows_disc and not near.shows_disc
    assert near.radius_px > 3 * far.radius_px
    assert isinstance(near, View)


def test_picture_of_a_plan_stands_alone(feasible, infeasible):
    for document in (feasible, infeasible):
        picture = brief.picture(document)
        assert ET.fromstring(picture).tag == f"{SVG}svg"
        assert "<style>" in picture
        assert picture == brief.picture(document)


@pytest.mark.parametrize("code", ["RU", "CA"])
def test_limit_of_a_very_large_area_keeps_its_width_far_from_the_middle(code):
    (closure,) = airspace.closures([code], stand_off_m=185_200.0)
    lat = np.concatenate([ring.lat for ring in closure.rings])
    lon = np.concatenate([ring.lon for ring in closure.rings])
    vectors = geodesy.unit_vectors(lat, lon)
    outer = max(globe.limit_rings(closure, 900.0), key=lambda ring: len(ring[0]))
    widths = []
    for a, o in zip(outer[0][::10], outer[1][::10], strict=True):
        near = np.argpartition(-(vectors @ geodesy.unit_vectors(a, o)), 40)[:40]
        widths.append(float(geodesy.distance(a, o, lat[near], lon[near]).min()))
    assert len(widths) > 40
    assert np.median(widths) == pytest.approx(185_200.0, rel=0.01)
    assert np.quantile(widths, 0.02) > 0.97 * 185_200.0
    assert np.quantile(widths, 0.98) < 1.03 * 185_200.0
