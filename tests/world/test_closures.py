"""The user's closures from GeoJSON: the geometry on the globe, the properties, and every fault by name."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach import geodesy
from longreach.errors import InputError
from longreach.units import FOOT, NAUTICAL_MILE
from longreach.world import airspace
from longreach.world.closures import parse_closures, read_closures, rings, to_geojson

BAD = Path(__file__).parents[1] / "bad_closures"
EXPECTED = json.loads((BAD / "expected.json").read_text("utf-8"))
SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


def polygon(*outlines):
    return {"type": "Polygon", "coordinates": [list(map(list, ring)) for ring in outlines]}


def feature(geometry, id_="Z", **properties):
    return {"type": "Feature", "id": id_, "properties": properties, "geometry": geometry}


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


def one(geometry, **properties):
    found = parse_closures(feature(geometry, **properties))
    assert len(found.closures) == 1
    return found.closures[0]


def holds(closure, *points):
    lats, lons = np.array(points, float).T
    return airspace.holds(closure, lats, lons).tolist()


def read_back(found):
    document = json.loads(json.dumps(to_geojson(found.closures)))
    again = parse_closures(document, stand_off_m=12345.0)
    assert to_geojson(again.closures) == document
    for before, after in zip(found.closures, again.closures, strict=True):
        assert before.holds_north_pole == after.holds_north_pole
        for one_ring, other in zip(before.rings, after.rings, strict=True):
            assert np.array_equal(one_ring.lat, other.lat) and np.array_equal(one_ring.lon, other.lon)
        for line, other_line in zip(before.lines, after.lines, strict=True):
            assert np.array_equal(line.lat, other_line.lat) and np.array_equal(line.lon, other_line.lon)
            assert line.offset_m == other_line.offset_m
        for name in ("id", "name", "kind", "stand_off_m", "source", "floor_m", "ceiling_m", "valid"):
            assert getattr(before, name) == getattr(after, name), name
    return again


# Shapes ------------------------------------------------------------------------------------------------


def test_a_polygon_becomes_a_ring_and_its_boundary():
    closure = one(polygon(SQUARE))
    assert (closure.id, closure.kind, closure.stand_off_m) == ("Z", "user", 0.0)
    assert len(closure.rings) == len(closure.lines) == 1
    assert closure.lines[0].offset_m == 0.0
    assert closure.rings[0].lat.tolist() == [0, 0, 1, 1, 0]
    assert not closure.rings[0].lat.flags.writeable
    assert holds(closure, (0.5, 0.5), (1.5, 0.5)) == [True, False]


def test_a_ring_is_wound_with_the_area_on_its_left():
    closure = one(polygon(SQUARE[::-1]))
    assert closure.rings[0].lon.tolist() == [0, 1, 1, 0, 0]


def test_a_circle_is_its_centre_with_a_reach():
    closure = one({"type": "Point", "coordinates": [44.25, 33.3]}, radius_nm=50)
    assert closure.rings == ()
    (line,) = closure.lines
    assert (line.lat.tolist(), line.lon.tolist()) == ([33.3, 33.3], [44.25, 44.25])
    assert line.offset_m == 92_600.0


def test_a_corridor_is_a_line_with_a_reach():
    closure = one({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, radius_nm=5)
    assert closure.rings == () and closure.lines[0].offset_m == 9260.0
    assert len(closure.lines[0].lat) == 3  # 157 km, cut in two


def test_a_hole_is_open():
    closure = one(polygon([[-10, 0], [10, 0], [10, 10], [-10, 10], [-10, 0]],
                          [[-5, 2], [5, 2], [5, 8], [-5, 8], [-5, 2]]))  # fmt: skip
    assert holds(closure, (1, 0), (5, 0), (9.5, 0)) == [True, False, True]


def test_a_collection_of_shapes_is_one_closure():
    shapes = {"type": "GeometryCollection",
              "geometries": [polygon(SQUARE), {"type": "MultiPoint", "coordinates": [[5, 5], [6, 6]]}]}  # fmt: skip
    closure = one(shapes, radius_nm=10)
    assert len(closure.rings) == 1
    assert [line.offset_m for line in closure.lines] == [0.0, 18520.0, 18520.0]


def test_bare_geometry_and_bare_feature_are_read():
    assert parse_closures(polygon(SQUARE)).features == 1
    assert parse_closures(feature(polygon(SQUARE))).closures[0].id == "Z"


def test_parts_that_overlap_stay_closed():
    shapes = {"type": "MultiPolygon",
              "coordinates": [[SQUARE], [[[0.5, 0.5], [2, 0.5], [2, 2], [0.5, 2], [0.5, 0.5]]]]}  # fmt: skip
    found = parse_closures(feature(shapes))
    assert [closure.id for closure in found.closures] == ["Z", "Z.2"]
    assert found.numbers == (1, 1) and found.features == 1
    assert any(holds(closure, (0.75, 0.75))[0] for closure in found.closures)
    assert "overlap" in found.warnings[0]
    read_back(found)


@pytest.mark.parametrize(
    "shape",
    [
        polygon([[179, 0], [-179, 0], [-179, 2], [179, 2], [179, 0]]),
        polygon([[179, 0], [181, 0], [181, 2], [179, 2], [179, 0]]),
        polygon([[-181, 0], [-179, 0], [-179, 2], [-181, 2], [-181, 0]]),
        {
            "type": "MultiPolygon",
            "coordinates": [
                [[[179, 0], [180, 0], [180, 2], [179, 2], [179, 0]]],
                [[[-180, 0], [-179, 0], [-179, 2], [-180, 2], [-180, 1.3], [-180, 0]]],
            ],
        },
    ],
    ids=["jump", "past 180", "past -180", "cut at 180, a vertex on one side only"],
)
def test_the_antimeridian_is_no_border(shape):
    found = parse_closures(feature(shape))
    closure = found.closures[0]
    assert len(closure.rings) == 1
    assert holds(closure, (1, 179.5), (1, 180), (1, -179.5), (1, 178.5), (1, -178.5)) == [
        True, True, True, False, False]  # fmt: skip
    seam = np.diff(closure.rings[0].lat)[(np.abs(closure.rings[0].lon[:-1]) == 180.0)
                                         & (np.abs(closure.rings[0].lon[1:]) == 180.0)]  # fmt: skip
    assert seam.size == 0  # no edge runs along the cut
    read_back(found)


def cap(lat, *, lons=(-180, -90, 0, 90, 180), down_to=None):
    ring = [[lon, lat] for lon in lons]
    return ring if down_to is None else [*ring, [lons[-1], down_to], [lons[0], down_to], ring[0]]


def test_a_ring_round_a_pole_holds_the_nearer_pole_and_says_so():
    for lat, pole in ((70, "north"), (-70, "south")):
        found = parse_closures(feature(polygon(cap(lat))))
        closure = found.closures[0]
        assert closure.holds_north_pole is (pole == "north")
        assert f"hold the {pole} pole" in found.warnings[0]
        side = 1 if pole == "north" else -1
        assert holds(closure, (89 * side, 10), (-89 * side, 10), (0, 10)) == [True, False, False]
        read_back(found)


def test_a_cut_to_the_pole_decides_which_side():
    """Everything south of 20 N, written RFC 7946 style: the larger side, since the ring runs to 90 S."""
    found = parse_closures(feature(polygon(cap(20, down_to=-90)), edge="parallel"))
    closure = found.closures[0]
    assert not found.warnings and not closure.holds_north_pole and len(closure.rings) == 1
    assert holds(closure, (-89, 0), (19.9, 33), (20.1, 33), (89, 0)) == [True, True, False, False]
    read_back(found)


def test_two_half_caps_make_one():
    halves = {"type": "MultiPolygon",
              "coordinates": [[cap(60, lons=(-180, -90, 0), down_to=90)], [cap(60, lons=(0, 90, 180), down_to=90)]]}  # fmt: skip
    closure = one(halves, edge="parallel")
    assert closure.holds_north_pole and len(closure.rings) == 1
    assert np.allclose(closure.rings[0].lat, 60.0)


def test_a_writer_may_choose_the_pole():
    closure = one(polygon(cap(70)), pole="south")
    assert not closure.holds_north_pole and holds(closure, (0, 0), (89, 0)) == [True, False]


def test_a_wedge_that_ends_at_a_pole():
    closure = one(polygon([[0, 60], [90, 60], [90, 90], [0, 90], [0, 60]]))
    assert holds(closure, (89, 45), (89, -45), (89, 200)) == [True, False, False]
    assert np.abs(closure.rings[0].lat).max() < 90.0


def test_half_the_globe_and_a_cap_beyond_it():
    """Down 180, up 0, along 80 N: the western half and the northern cap, with both poles on or inside."""
    ring = [[-180, 80], [-90, -90], [0, 80], [90, 80], [180, 80], [180, 90], [-180, 90], [-180, 80]]
    found = parse_closures(feature(polygon(ring), edge="parallel"))
    assert found.closures[0].holds_north_pole
    assert holds(found.closures[0], (0, -90), (85, 90), (0, 90), (89.9, 10)) == [True, True, False, True]
    read_back(found)


def test_three_sectors_to_the_pole_make_a_cap():
    sectors = [[cap(60, lons=(lon, lon + 60, lon + 120), down_to=90)] for lon in (-180, -60, 60)]
    closure = one({"type": "MultiPolygon", "coordinates": sectors}, edge="parallel")
    assert closure.holds_north_pole and len(closure.rings) == 1 and closure.rings[0].lat.max() < 61


def test_a_cut_to_a_hole_leaves_no_line():
    """Outer ring and hole written as one ring, joined by an edge walked both ways."""
    key_hole = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0], [1, 1], [1, 2], [2, 2], [2, 1], [1, 1], [0, 0]]
    closure = one(polygon(key_hole))
    assert sorted(len(ring.lat) for ring in closure.rings)[0] == 5 and len(closure.rings) == 2
    assert holds(closure, (1.5, 1.5), (0.5, 0.5), (3, 3)) == [False, True, True]
    read_back(parse_closures(feature(polygon(key_hole))))


def test_a_slip_of_the_pen_is_mended_and_named():
    ring = [[0, 0], [1, 0], [1, 1], [0.5, 1.0], [0.5005, 1.001], [0.5005, 0.999], [0, 1], [0, 0]]
    found = parse_closures(feature(polygon(ring)))
    assert "feature 1 'Z': the ring crosses itself at 1.000" in found.warnings[0]
    assert holds(found.closures[0], (0.5, 0.5), (1.5, 0.5)) == [True, False]
    read_back(found)


def test_a_bow_tie_is_refused_with_the_place():
    with pytest.raises(InputError, match=r"crosses itself at 0\.5001N 0\.5000E, edge 1 with edge 3"):
        parse_closures(feature(polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]])))


def test_an_open_ring_is_closed_and_said():
    found = parse_closures(feature(polygon(SQUARE[:-1])))
    assert "not closed" in found.warnings[0] and holds(found.closures[0], (0.5, 0.5)) == [True]


# Edges -------------------------------------------------------------------------------------------------


def test_edges_are_geodesics_of_at_most_150_km():
    ring = one(polygon([[0, 60], [20, 60], [20, 62], [0, 62], [0, 60]])).rings[0]
    lengths = geodesy.distance(ring.lat[:-1], ring.lon[:-1], ring.lat[1:], ring.lon[1:])
    assert lengths.max() <= 150_000.0
    # The geodesic from 60N 0E to 60N 20E passes 22 nm north of the parallel (hand: WGS84 midpoint 60.375N).
    assert ring.lat[(ring.lon > 9) & (ring.lon < 11)].min() == pytest.approx(60.375, abs=0.005)


@pytest.mark.parametrize("lat", [5.0, 45.0, 60.0, 75.0, 88.0])
def test_a_parallel_stays_on_its_latitude(lat):
    chain = np.array([[lat, 170.0], [lat, 190.0]])
    points, edge_of = rings.written_out(chain, "parallel")
    middle_lat, middle_lon, _ = midpoint(points)
    assert np.all(points[:, 0] == lat) and np.all(edge_of == 0)
    assert geodesy.distance(middle_lat, middle_lon, lat, middle_lon).max() < 1.01  # m
    assert geodesy.distance(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1]).max() <= 18_520.0


def midpoint(points):
    length, azimuth, _ = geodesy.inverse(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
    return geodesy.direct(points[:-1, 0], points[:-1, 1], azimuth, length / 2)


def test_a_rhumb_line_keeps_its_course():
    points, _ = rings.written_out(np.array([[40.0, -10.0], [60.0, 30.0]]), "rhumb")
    _, out, on = geodesy.inverse(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
    mean = (out + on) / 2.0
    assert np.ptp(mean) < 0.01  # deg
    _, chord, _ = geodesy.inverse(40.0, -10.0, 60.0, 30.0)
    assert abs(float(mean[0]) - float(chord)) > 5.0


def test_both_ways_along_an_edge_give_the_same_points():
    for edge in rings.EDGES:
        chain = np.array([[50.0, 170.0], [50.0, -175.0], [58.0, -160.0]])
        there, _ = rings.written_out(chain, edge)
        back, _ = rings.written_out(chain[::-1], edge)
        assert np.array_equal(rings.wrapped(there[:, 1]), rings.wrapped(back[::-1, 1]))
        assert np.array_equal(there[:, 0], back[::-1, 0])


# Properties --------------------------------------------------------------------------------------------


def test_levels_times_margin_and_source():
    closure = one(
        polygon(SQUARE),
        name="Zone",
        floor={"value": 245, "ref": "FL"},
        ceiling={"value": 46000, "ref": "ft_amsl"},
        valid=[["2020-12-10T02:00:00+02:00", None]],
        margin_nm=30,
        source={"title": "AIP", "url": "https://example.org", "published": "2020-01-02"},
        confidence="high",
    )
    assert closure.name == "Zone"
    assert closure.floor_m == 24_500 * FOOT and closure.ceiling_m == 46_000 * FOOT
    assert closure.valid == ((datetime(2020, 12, 10, tzinfo=UTC), None),)
    assert closure.stand_off_m == 30 * NAUTICAL_MILE
    assert closure.source == "AIP; https://example.org; published 2020-01-02; confidence high"


def test_the_stand_off_given_is_for_closures_without_a_margin():
    document = collection(feature(polygon(SQUARE), "a"), feature(polygon(SQUARE), "b", margin_nm=0))
    found = parse_closures(document, stand_off_m=92_600.0)
    assert [closure.stand_off_m for closure in found.closures] == [92_600.0, 0.0]


def test_surface_and_unlimited_do_not_bound():
    for floor, ceiling in (
        ("SFC", "UNL"),
        ({"ref": "SFC"}, {"ref": "UNL"}),
        ({"value": 0, "ref": "FL"}, {"value": 999, "ref": "FL"}),
    ):
        closure = one(polygon(SQUARE), floor=floor, ceiling=ceiling)
        assert closure.floor_m is None and closure.ceiling_m is None


def test_levels_above_ground_are_taken_the_larger_way():
    found = parse_closures(
        feature(
            polygon(SQUARE), floor={"value": 500, "ref": "ft_agl"}, ceiling={"value": 2000, "ref": "ft_agl"}
        )
    )
    closure = found.closures[0]
    assert closure.floor_m is None
    assert closure.ceiling_m == pytest.approx(2000 * FOOT + 8849.0)
    assert sum("above ground" in warning for warning in found.warnings) == 2


def test_what_is_not_avoided_is_set_aside_with_the_reason():
    found = parse_closures(
        collection(feature(polygon(SQUARE), "a", action="warn"), feature(polygon(SQUARE), "b"))
    )
    assert [closure.id for closure in found.closures] == ["b"]
    assert found.ignored == ("feature 1 'a': action \"warn\" closes nothing; it is not avoided",)
    assert found.features == 2 and found.numbers == (2,)


def test_what_is_not_applied_is_said():
    found = parse_closures(feature(polygon(SQUARE), schedule="daily", stroke="#f00", magrin_nm=4))
    text = "\n".join(found.warnings)
    assert "'schedule' is not applied; closed at all hours" in text
    assert "'stroke' is not used (1 feature)" in text
    assert "'magrin_nm' is not used (1 feature); did you mean margin_nm?" in text


def test_heights_in_the_coordinates_are_said_not_to_count():
    found = parse_closures(feature(polygon([[*point, 500] for point in SQUARE])))
    assert "heights in the coordinates are not used (1 feature)" in found.warnings[0]


def test_ids_are_made_unique():
    found = parse_closures(
        collection(*(feature(polygon(SQUARE), "a") for _ in range(3)), feature(polygon(SQUARE), None))
    )
    assert [closure.id for closure in found.closures] == ["a", "a-2", "a-3", "closure-4"]
    assert "id 'a' is taken" in found.warnings[0]


def test_an_empty_collection_is_no_closures_in_a_plan():
    assert parse_closures(collection()).closures == ()


def test_a_named_crs84_passes():
    document = {**collection(feature(polygon(SQUARE))),
                "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}  # fmt: skip
    assert not parse_closures(document).warnings


# Faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_bad_file_is_refused_with_its_line(name):
    expected = EXPECTED[name]
    with pytest.raises(InputError) as caught:
        read_closures(BAD / name)
    faults = caught.value.faults
    assert len(faults) == expected.get("faults", 1), str(caught.value)
    assert expected["says"] in str(faults[0])
    assert faults[0].line == expected["line"] and faults[0].file == str(BAD / name)
    if faults[0].key and faults[0].key.startswith("features."):
        assert "feature 2" in faults[0].what


def test_every_bad_file_is_listed():
    assert sorted(path.name for path in BAD.glob("*.geojson")) == sorted(EXPECTED)
    assert len(EXPECTED) >= 25


def test_every_fault_at_once():
    document = collection(
        feature(polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), "bow"),
        feature({"type": "Point", "coordinates": [0, 95]}, "point", radius_nm=-1, action="avod"),
        feature(polygon(SQUARE), "good"),
    )
    with pytest.raises(InputError) as caught:
        parse_closures(document)
    assert [fault.key for fault in caught.value.faults] == [
        "features.0.geometry.coordinates.0.1",
        "features.1.properties.action",
        "features.1.properties.radius_nm",
        "features.1.geometry.coordinates",
    ]


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        read_closures(tmp_path / "none.geojson")
    with pytest.raises(InputError, match="is a folder"):
        read_closures(tmp_path)


# Properties that hold for any polygon ----------------------------------------------------------------------


@st.composite
def stars(draw):
    """A star-shaped polygon round a centre anywhere between 75 S and 75 N."""
    lat = draw(st.floats(-75, 75))
    lon = draw(st.floats(-180, 179.9))
    count = draw(st.integers(3, 12))
    reach = draw(st.lists(st.floats(20_000.0, 800_000.0), min_size=count, max_size=count))
    azimuth = np.arange(count) * 360.0 / count
    lats, lons, _ = geodesy.direct(lat, lon, azimuth, reach)
    return lat, lon, np.column_stack([lons, lats])


@settings(max_examples=60, deadline=None)
@given(stars())
def test_the_centre_of_a_star_is_inside_and_it_reads_back(star):
    lat, lon, ring = star
    found = parse_closures(feature(polygon([*ring.tolist(), ring[0].tolist()])))
    (closure,) = found.closures
    assert holds(closure, (lat, lon), (-lat, lon + 180.0)) == [True, False]
    read_back(found)


@settings(max_examples=30, deadline=None)
@given(stars(), st.sampled_from([-360.0, 360.0]))
def test_a_turn_round_the_globe_changes_nothing(star, turn):
    _, _, ring = star
    plain = one(polygon([*ring.tolist(), ring[0].tolist()]))
    shifted = np.array(ring)
    turnable = np.abs(shifted[:, 0] + turn) <= 360.0
    shifted[turnable, 0] += turn
    turned = one(polygon([*shifted.tolist(), shifted[0].tolist()]))
    assert np.allclose(plain.rings[0].lat, turned.rings[0].lat, atol=1e-9)
    across = plain.rings[0].lon - turned.rings[0].lon
    assert np.allclose((across + 180.0) % 360.0, 180.0, atol=1e-9)
