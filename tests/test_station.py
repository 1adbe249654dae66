"""Time on station: areas and loops on the globe, judged by geodesics alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from longreach import geodesy, station
from longreach.mission.model import Station
from longreach.station import Loop
from longreach.units import NAUTICAL_MILE

NM = NAUTICAL_MILE


def circle(lat: float, lon: float, radius_nm: float) -> Station:
    return Station("c", "circle", lat, lon, 7200.0, radius_m=radius_nm * NM)


def orbit(lat: float, lon: float, axis: float, leg_nm: float, width_nm: float) -> Station:
    return Station("o", "orbit", lat, lon, 7200.0, axis_deg=axis, leg_m=leg_nm * NM, width_m=width_nm * NM)


def polygon(*points: tuple[float, float]) -> Station:
    lat, lon = np.array(points).T
    x, y, z = geodesy.unit_vectors(lat, lon).sum(axis=0)
    return Station(
        "p", "polygon", math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x)), 7200.0,
        polygon=points,
    )  # fmt: skip


AREAS = {
    "gulf": circle(26.35, 51.35, 40.0),
    "antimeridian circle": circle(52.0, 179.9, 60.0),
    "polar circle": circle(89.8, 20.0, 100.0),
    "southern orbit": orbit(-35.0, 18.0, 320.0, 40.0, 12.0),
    "antimeridian orbit": orbit(-17.0, -179.95, 75.0, 60.0, 15.0),
    "polar orbit": orbit(89.5, -100.0, 30.0, 80.0, 20.0),
    "square": polygon((26.0, 50.5), (26.0, 51.5), (27.0, 51.5), (27.0, 50.5)),
    "clockwise square": polygon((27.0, 50.5), (27.0, 51.5), (26.0, 51.5), (26.0, 50.5)),
    "antimeridian triangle": polygon((50.0, 179.0), (50.5, -178.8), (52.0, 179.9)),
    "about the pole": polygon((88.5, 0.0), (88.5, 90.0), (88.5, 180.0), (88.5, -90.0)),
    "with a notch": polygon((0.0, 0.0), (0.0, 3.0), (2.0, 3.0), (0.7, 1.5), (2.0, 0.0)),
}


@pytest.fixture(params=AREAS)
def area(request) -> Station:
    return AREAS[request.param]


# -- the areas by definition ----------------------------------------------------------------------------


def from_axis(area: Station, lat: float, lon: float) -> float:
    """Distance [m] of a point from an orbit's axis: the least over the axis walked in fine steps."""
    (lat1, lon1), (lat2, lon2) = station.axis_ends(area)
    line = Geodesic.WGS84.InverseLine(lat1, lon1, lat2, lon2)
    low, high = 0.0, line.s13

    def away(s: float) -> float:
        at = line.Position(s)
        return Geodesic.WGS84.Inverse(lat, lon, at["lat2"], at["lon2"])["s12"]

    while high - low > 0.5:  # distance to a geodesic has one least value at these lengths
        a, b = low + (high - low) / 3.0, high - (high - low) / 3.0
        low, high = (low, b) if away(a) <= away(b) else (a, high)
    return away(0.5 * (low + high))


def round_it(area: Station, lat: float, lon: float) -> bool:
    """Is the point inside the polygon: do the azimuths to the edge, walked round, turn once?"""
    ring = np.array([*area.polygon, area.polygon[0]])
    edge_lat, edge_lon, _ = geodesy.densify(ring[:, 0], ring[:, 1], 1000.0)
    azimuth = geodesy.inverse(lat, lon, edge_lat, edge_lon)[1]
    return abs(sum(math.remainder(turn, 360.0) for turn in np.diff(azimuth))) > 180.0


def truly_inside(area: Station, lat: float, lon: float) -> bool:
    if area.shape == "circle":
        return Geodesic.WGS84.Inverse(area.lat, area.lon, lat, lon)["s12"] <= area.radius_m
    if area.shape == "orbit":
        return from_axis(area, lat, lon) <= area.width_m
    return round_it(area, lat, lon)


def from_edge(area: Station, lat: float, lon: float) -> float:
    edge_lat, edge_lon = station.area(area)
    lats, lons, _ = geodesy.densify(np.append(edge_lat, edge_lat[0]), np.append(edge_lon, edge_lon[0]), 500.0)
    return float(geodesy.distance(lat, lon, lats, lons).min())


# -- tests ----------------------------------------------------------------------------------------------


def test_inside_is_inside_by_geodesics(area: Station) -> None:
    rng = np.random.default_rng(7)
    edge_lat, edge_lon = station.area(area)
    reach = float(geodesy.distance(area.lat, area.lon, edge_lat, edge_lon).max())
    distance, azimuth = 1.3 * reach * np.sqrt(rng.uniform(size=60)), rng.uniform(0.0, 360.0, 60)
    lat, lon, _ = geodesy.direct(area.lat, area.lon, azimuth, distance)
    told = station.inside(area, lat, lon)
    judged = 0
    for k in range(60):
        if from_edge(area, lat[k], lon[k]) < 600.0:
            continue  # nearer to the edge than it is drawn
        judged += 1
        assert told[k] == truly_inside(area, float(lat[k]), float(lon[k])), (lat[k], lon[k])
    assert judged > 40
    assert told.any() and not told.all()


def test_the_outline_lies_in_the_true_area(area: Station) -> None:
    lat, lon = station.area(area)
    for a, b in zip(lat[::7], lon[::7], strict=True):
        if area.shape == "circle":
            assert Geodesic.WGS84.Inverse(area.lat, area.lon, a, b)["s12"] <= area.radius_m + 0.01
        elif area.shape == "orbit":
            assert from_axis(area, float(a), float(b)) <= area.width_m + 1.0


def test_the_loop_lies_inside_with_room_for_turns(area: Station) -> None:
    pattern = station.loop(area)
    assert station.inside(area, pattern.lat, pattern.lon).all()
    # every point of the loop, not only its vertices, and with a margin
    lat, lon, _ = geodesy.densify(
        np.append(pattern.lat, pattern.lat[0]), np.append(pattern.lon, pattern.lon[0]), 2000.0
    )
    assert station.inside(area, lat, lon).all()
    if area.shape == "circle":
        assert geodesy.distance(area.lat, area.lon, lat, lon).max() <= 0.65 * area.radius_m
    if area.shape == "orbit":
        assert max(from_axis(area, a, b) for a, b in zip(lat[::5], lon[::5], strict=True)) <= (
            0.65 * area.width_m
        )


def test_the_loop_turns_left(area: Station) -> None:
    """Counter-clockwise seen from above: the area it goes round, about its centre, comes out positive."""
    pattern = station.loop(area)
    distance, azimuth, _ = geodesy.inverse(area.lat, area.lon, pattern.lat, pattern.lon)
    east, north = distance * np.sin(np.radians(azimuth)), distance * np.cos(np.radians(azimuth))
    twice = east * np.roll(north, -1) - north * np.roll(east, -1)
    assert twice.sum() > 0.0


def test_the_loop_closes_and_is_flown_as_long_as_asked(area: Station) -> None:
    pattern = station.loop(area)
    once = float(pattern.legs().sum())
    assert once > 0.0
    for rounds in (0.0, 0.3, 1.0, 4.6):
        for start in (0, pattern.lat.size // 2):
            lat, lon = station.flown_loop(pattern, start, rounds * once)
            length = geodesy.path_length(lat, lon)
            assert rounds * once - 1.0 <= length < rounds * once + pattern.legs().max() + 1.0
            assert lat[0] == pattern.lat[start] and lon[0] == pattern.lon[start]


def test_a_circle_holds_its_centre_and_its_rim() -> None:
    area = circle(10.0, 20.0, 30.0)
    rim = geodesy.direct(10.0, 20.0, 45.0, [30.0 * NM - 1.0, 30.0 * NM + 1.0])
    assert station.inside(area, rim[0], rim[1]).tolist() == [True, False]
    assert station.inside(area, 10.0, 20.0).tolist() == [True]


def test_the_far_side_of_the_globe_is_outside(area: Station) -> None:
    lat, lon = -area.lat, float(geodesy.wrap_longitude(area.lon + 180.0))
    assert not station.inside(area, [lat, lat + 0.1], [lon, lon]).any()


def test_an_orbit_lies_along_its_axis() -> None:
    area = orbit(26.0, 51.0, 90.0, 40.0, 10.0)
    (lat1, lon1), (lat2, lon2) = station.axis_ends(area)
    assert lon1 > lon2 and abs(lat1 - lat2) < 0.01
    assert Geodesic.WGS84.Inverse(lat1, lon1, lat2, lon2)["s12"] == pytest.approx(40.0 * NM, abs=1.0)
    pattern = station.loop(area)
    assert np.ptp(pattern.lon) > 2.0 * np.ptp(pattern.lat)


def test_legs_of_a_square_loop() -> None:
    side = 60.0 * NM
    lat, lon, _ = geodesy.direct(0.0, 0.0, [45.0, 135.0, 225.0, 315.0], side / math.sqrt(2.0))
    assert Loop(lat, lon).legs() == pytest.approx([side] * 4, rel=0.005)


@pytest.mark.parametrize(
    ("keys", "shape"),
    [
        ('centre = [26.0, 51.0]\nradius = "30 nm"', "circle"),
        ('centre = [26.0, 51.0]\naxis = "320 deg"\nleg = "40 nm"\nwidth = "12 nm"', "orbit"),
        ("polygon = [[26.0, 50.5], [26.0, 51.5], [27.0, 51.0]]", "polygon"),
    ],
)
def test_a_shape_left_out_is_known_by_its_keys(keys: str, shape: str) -> None:
    from longreach import mission

    text = f"""
schema = "longreach.mission/1"
name = "shape"
clock = {{ anchor = "on_station", time = 2020-12-10T10:00:00Z }}
winds = {{ source = "still" }}
[station]
time = "1 h"
{keys}
[[flights]]
id = "lead"
aircraft = "B-52H"
operator = "US"
from = "OTBH"
to = "OTBH"
"""
    area = mission.parse(text).station
    assert area is not None and area.shape == shape
    assert station.inside(area, station.loop(area).lat, station.loop(area).lon).all()
