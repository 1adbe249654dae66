"""Other programs' routes read in: our own exports come back, messy files are accepted and every guess is said."""

from __future__ import annotations

import io
import json
import random
import zipfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from longreach import cli
from longreach import export as exporting
from longreach.errors import InputError
from longreach.importing import TOLERANCE_M, choose, coordinates, formats
from longreach.importing.line import Line, Point, sane, thinned
from longreach.importing.mission import as_mission, as_route

pytestmark = pytest.mark.xdist_group("export")
ROOT = Path(__file__).parents[2]
GEOD = Geod(ellps="WGS84")
WHEN = datetime(2022, 3, 9, 15, 30, tzinfo=UTC)


@cache
def exports(name: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    from longreach import mission
    from longreach.plan import plan

    document = plan(mission.parse((ROOT / "examples" / f"{name}.toml").read_text()))
    return document, {each.file.name: each.file.data for each in exporting.export(document, ["all"])}


@pytest.mark.parametrize(
    ("file", "off_m"),
    [
        ("plan.geojson", 1.0), ("plan.kml", 1.0), ("plan.kmz", 1.0), ("plan.gpx", 1.0), ("ay73.fms", 1.0),
        ("ay73.pln", 1.0), ("ay73.lnmpln", 1.0), ("ay73.fpl.txt", 1320.0),
    ],
)  # fmt: skip
def test_what_we_export_comes_back_as_a_mission_that_can_be_planned(file: str, off_m: float) -> None:
    """Helsinki to Tokyo, by the pole and over the date line."""
    from longreach import mission

    document, files = exports("hel-nrt-2022")
    line = thinned(sane(choose(formats.read(files[file], file), None, file), file), TOLERANCE_M)
    made = mission.parse(
        as_mission(line, file, type_code="787-9", departure=line.points[0].time or WHEN).text
    )
    (flight,) = made.flights
    assert (flight.origin.code, flight.destination.code) == ("EFHK", "RJAA")
    # Every vertex of the planned route lies on the imported line, to the tolerance of thinning.
    lat = [flight.origin.lat, *(via.lat for via in flight.outbound_via), flight.destination.lat]
    lon = [flight.origin.lon, *(via.lon for via in flight.outbound_via), flight.destination.lon]
    dense = [(lat[0], lon[0])]
    for a, b in zip(range(len(lat) - 1), range(1, len(lat)), strict=True):
        dense += [(y, x) for x, y in GEOD.npts(lon[a], lat[a], lon[b], lat[b], 400)]
        dense.append((lat[b], lon[b]))
    at = np.array(dense)
    for vertex in document["flights"][0]["route"]:
        _, _, off = GEOD.inv(
            np.full(len(at), vertex["lon"]), np.full(len(at), vertex["lat"]), at[:, 1], at[:, 0]
        )
        assert off.min() <= TOLERANCE_M + off_m + 6000.0 / 2  # the dense points are at most 6 km apart


def test_times_of_timed_formats_come_back() -> None:
    document, files = exports("hel-nrt-2022")
    takeoff = datetime.fromisoformat(document["flights"][0]["takeoff_utc"].replace("Z", "+00:00"))
    for file in ("plan.geojson", "plan.kml", "plan.gpx"):
        line = choose(formats.read(files[file], file), None, file)
        assert line.points[0].time == takeoff
    (fpl,) = formats.read(files["ay73.fpl.txt"], "f")
    assert fpl.points[0].time == takeoff.replace(second=0)
    assert fpl.aircraft == "A350-900"


@pytest.mark.parametrize(
    ("text", "degrees", "axis"),
    [
        ("N53° 53' 55.87\"", 53 + 53 / 60 + 55.87 / 3600, "lat"),
        ("W166° 32' 40.78\"", -(166 + 32 / 60 + 40.78 / 3600), "lon"),
        ("-78.5", -78.5, ""),
        ("46 20.5 S", -(46 + 20.5 / 60), "lat"),
        ("12,75", 12.75, ""),
        ("010:30:00E", 10.5, "lon"),
        ("53°53′55.87″N", 53 + 53 / 60 + 55.87 / 3600, "lat"),
    ],
)
def test_angles_as_people_write_them(text: str, degrees: float, axis: str) -> None:
    value, named = coordinates.angle(text)
    assert value == pytest.approx(degrees, abs=1e-12) and named == axis


@pytest.mark.parametrize("text", ["", "north", "12 75", "12° 61'", "N", "1e5", "--4", "12 30 75"])
def test_what_is_no_angle_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"angle|60"):
        coordinates.angle(text)


GPX = '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><rte><name>way</name>{}</rte></gpx>'


def points(*pairs: tuple[object, object]) -> bytes:
    return GPX.format("".join(f'<rtept lat="{lat}" lon="{lon}"/>' for lat, lon in pairs)).encode()


def test_messy_coordinates_are_accepted_and_said() -> None:
    data = points(("60,317", "24,963"), (60.317, 24.963), (70, 190), (71, -170.0001), (35.7647, 140.3864))
    line = sane(choose(formats.read(data, "m.gpx"), None, "m.gpx"), "m.gpx")
    assert [round(p.lon, 3) for p in line.points] == [24.963, -170.0, -170.0, 140.386]
    assert any("west" in guess for guess in line.guesses)
    assert any("on the spot" in guess for guess in line.guesses)
    made = as_mission(line, "m.gpx", type_code="787-9", departure=WHEN)
    for guess in ("west", "on the spot", "operator"):
        assert guess in made.text
    assert '"EFHK"' in made.text and '"RJAA"' in made.text


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (points((91.0, 0.0), (1.0, 1.0)), "point 1 of way, lat 91 lon 0, is off the globe"),
        (points((1.0, 1.0)), "fewer than two places"),
        (points((1.0, "x"), (2.0, 2.0)), "'x' is not a number"),
        (b"<gpx><rte>", "m:1: is not well-formed XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><gpx></gpx>', "document type declaration"),
        (b"<html></html>", "is XML, but no GPX"),
        (b"{", "m:1: is not JSON"),
        (b'{"type": "Point", "coordinates": [1, 2]}', "holds no route and no track"),
        (
            b'{"type": "LineString", "coordinates": [[1, 2], ["a", 3]]}',
            "position 1 of a line is not [lon, lat]",
        ),
        (b"PK\x03\x04nonsense", "damaged zip"),
        (b"hello", "is in no format that is read"),
        (b"(FPL-A-IX -B52/H-Z/N)", "items of the 7"),
        (b"I\n1100 Version\nCYCLE 2013\n28 P DRCT x 1 2\n", "m:4: 'x' is not a number"),
    ],
)
def test_bad_files_are_told_what_is_wrong(data: bytes, says: str) -> None:
    with pytest.raises(InputError) as caught:
        sane(choose(formats.read(data, "m"), None, "m"), "m")
    assert says in str(caught.value) and str(caught.value).startswith("m")


def test_what_neither_file_nor_user_says_is_asked_for() -> None:
    line = sane(choose(formats.read(points((60.317, 24.963), (35.7647, 140.3864)), "m"), None, "m"), "m")
    with pytest.raises(InputError) as caught:
        as_mission(line, "m")
    assert "--aircraft" in str(caught.value) and "--depart" in str(caught.value)


def test_a_line_is_chosen_by_name_or_number() -> None:
    found = [
        Line("GPX", "a", "route", (Point(0, 0), Point(1, 1))),
        Line("GPX", "b", "track", (Point(0, 0), Point(2, 2))),
    ]
    assert choose(found, "b", "f") is found[1] and choose(found, "1", "f") is found[0]
    assert "the first is taken" in choose(found, None, "f").guesses[-1]
    with pytest.raises(InputError, match="1 route 'a', 2 points; 2 track 'b'"):
        choose(found, "c", "f")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-89.9, 89.9), st.floats(-180.0, 179.99)), min_size=2, max_size=40, unique=True
    ),
    st.sampled_from([100.0, 5_000.0, 80_000.0]),
)
def test_thinning_keeps_the_line(places: list[tuple[float, float]], tolerance: float) -> None:
    """Brute force: no point left out lies farther than the tolerance from the kept line (walked in steps)."""
    line = Line("x", "", "track", tuple(Point(lat, lon) for lat, lon in places))
    kept = thinned(line, tolerance)
    assert kept.points[0] == line.points[0] and kept.points[-1] == line.points[-1]
    walked = []
    for a, b in zip(kept.points[:-1], kept.points[1:], strict=True):
        _, _, length = GEOD.inv(a.lon, a.lat, b.lon, b.lat)
        count = max(2, min(4000, int(length / 5_000.0)))
        walked += [(y, x) for x, y in GEOD.npts(a.lon, a.lat, b.lon, b.lat, count)] + [
            (a.lat, a.lon),
            (b.lat, b.lon),
        ]
    at = np.array(walked)
    for point in set(line.points) - set(kept.points):
        _, _, off = GEOD.inv(np.full(len(at), point.lon), np.full(len(at), point.lat), at[:, 1], at[:, 0])
        assert off.min() <= tolerance + 5_000.0


def test_too_many_points_are_thinned_until_a_mission_holds_them() -> None:
    rng = np.random.default_rng(1)
    line = Line("x", "", "route", tuple(
        Point(50.0 + rng.normal(0, 0.2), -60.0 + 0.05 * k, f"P{k}") for k in range(1000)
    ))  # fmt: skip
    kept = thinned(line, 900.0)
    assert len(kept.points) <= 202 and "left out" in kept.guesses[-1]


def test_a_route_file_reads_back() -> None:
    line = Line("x", "way", "route", (Point(10, 20, "A"), Point(11, -179.5), Point(12, 179.0, "B")))
    (back, *_) = formats.read(as_route(line).text.encode(), "r.geojson")
    assert [(p.lat, p.lon) for p in back.points] == [(p.lat, p.lon) for p in line.points]


@pytest.mark.parametrize("seed", range(8))
def test_damaged_files_give_one_clear_error_or_a_line(seed: int) -> None:
    _, files = exports("hel-nrt-2022")
    names = [
        name
        for name in sorted(files)
        if name.split(".")[-1] in ("geojson", "kml", "kmz", "gpx", "fms", "pln", "lnmpln", "txt")
    ]
    draw = random.Random(seed)
    for _ in range(40):
        name = draw.choice(names)
        data = bytearray(files[name][: draw.choice([200, 2_000, 20_000])])
        for _ in range(draw.randrange(1, 6)):
            kind, at = draw.randrange(3), draw.randrange(len(data))
            if kind == 0:
                data[at] = draw.randrange(256)
            elif kind == 1:
                del data[at : at + draw.randrange(1, 40)]
            else:
                data[at:at] = draw.choice([b"<", b'"', b"99999", b"\x00", b"}", b"N", b"-"])
            if not data:
                break
        try:
            for line in formats.read(bytes(data), name):
                sane(line, name)
        except InputError as error:
            assert str(error).startswith(name) and "\n" not in str(error)


def test_a_zip_bomb_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", b"0" * (formats.LARGEST + 1))
    with pytest.raises(InputError, match="unpacks to more than"):
        formats.read(packed.getvalue(), "b.kmz")


def test_the_command_writes_what_can_be_validated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "way.gpx", tmp_path / "m.toml"
    source.write_bytes(points((60.317, 24.963), (69.7, 28.0), (35.7647, 140.3864)))
    call = [
        "import",
        str(source),
        "--aircraft",
        "787-9",
        "--depart",
        "2022-03-09T15:30:00Z",
        "-o",
        str(target),
    ]
    assert cli.main(call) == 0
    assert "guessed: the operator" in capsys.readouterr().out
    assert cli.main(["validate", str(target)]) == 0
    assert cli.main(call) == 2  # it is there already
    assert "--force" in capsys.readouterr().err
    assert cli.main([*call, "--force", "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["schema"] == "longreach.import/1" and said["guesses"]
    assert cli.main(["import", str(source), "--as", "route"]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "FeatureCollection"
    assert cli.main(["import", str(source), "--aircraft", "787-8x", "--depart", "2022-03-09"]) == 2
    assert "zone" in capsys.readouterr().err
