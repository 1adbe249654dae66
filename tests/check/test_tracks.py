"""Tracks: every layout reads back the same flight, the gate tells good from bad, gaps and patterns are found."""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

from longreach.check import judge, parse
from longreach.check.tracks import gate, match, reading, shape
from longreach.check.tracks.model import Track, make
from longreach.errors import InputError
from longreach.units import FOOT, KNOT, NAUTICAL_MILE

GEOD = Geod(ellps="WGS84")
START = 1_600_000_000


def flown(
    hours: float = 3.0,
    step: float = 30.0,
    kt: float = 450.0,
    lat: float = 40.0,
    lon: float = 170.0,
    course: float = 80.0,
) -> dict[str, np.ndarray]:
    """Columns of a straight flight at FL350, over the antimeridian."""
    time = np.arange(0.0, hours * 3600.0, step)
    lons, lats, _ = GEOD.fwd(
        [lon] * len(time), [lat] * len(time), [course] * len(time), time * kt * 1852.0 / 3600.0
    )
    return {
        "time": START + time, "lat": np.array(lats), "lon": (np.array(lons) + 180.0) % 360.0 - 180.0,
        "feet": np.full(len(time), 35000.0), "kt": np.full(len(time), kt), "course": np.full(len(time), course),
    }  # fmt: skip


def iso(time: float) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%SZ}"


def layouts(c: dict[str, np.ndarray]) -> dict[str, bytes]:
    """One flight in every layout that is read."""
    rows = list(
        zip(*(c[name].tolist() for name in ("time", "lat", "lon", "feet", "kt", "course")), strict=True)
    )
    metres, mps = [r[3] * FOOT for r in rows], [r[4] * KNOT for r in rows]
    traffic = [
        {
            "timestamp": round(t * 1000),
            "icao24": "abc123",
            "callsign": "TEST1",
            "latitude": la,
            "longitude": lo,
            "altitude": ft,
            "groundspeed": kt,
            "track": cr,
        }
        for t, la, lo, ft, kt, cr in rows
    ]
    by_column = {name: {str(k): row[name] for k, row in enumerate(traffic)} for name in traffic[0]}
    reported = [
        [t - START, la, lo, ft, kt, cr, 0, 0, None, "adsb_icao", None, None, None, None]
        for t, la, lo, ft, kt, cr in rows
    ]
    trace = {"icao": "abc123", "r": "N1", "t": "B52", "timestamp": float(START), "trace": reported}
    states = (
        "time,icao24,lat,lon,velocity,heading,vertrate,callsign,onground,alert,spi,squawk,baroaltitude,geoaltitude,lastposupdate,lastcontact\n"
        + "".join(
            f"{int(t)},abc123,{la},{lo},{v},{cr},0,TEST1,False,False,False,,{m},{m},{t},{t}\n"
            for (t, la, lo, _, _, cr), m, v in zip(rows, metres, mps, strict=True)
        )
    )
    fr24 = "Timestamp,UTC,Callsign,Position,Altitude,Speed,Direction\n" + "".join(
        f'{int(t)},{iso(t)},TEST1,"{la},{lo}",{ft:.0f},{kt:.0f},{cr:.0f}\n' for t, la, lo, ft, kt, cr in rows
    )
    aware = "Time (UTC),Latitude,Longitude,Course,kts,mph,feet,Rate\n" + "".join(
        f"{iso(t)},{la},{lo},{cr:.0f},{kt:.0f},{kt * 1.15:.0f},{ft:.0f},0\n" for t, la, lo, ft, kt, cr in rows
    )
    path = {"icao24": "abc123", "callsign": "TEST1", "startTime": START, "endTime": int(rows[-1][0]), "path": [
        [int(t), la, lo, m, cr, False] for (t, la, lo, _, _, cr), m in zip(rows, metres, strict=True)]}  # fmt: skip
    fixes = list(zip(rows, metres, strict=True))
    gpx = (
        '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>TEST1</name><trkseg>'
        + "".join(
            f'<trkpt lat="{la}" lon="{lo}"><ele>{m}</ele><time>{iso(t)}</time></trkpt>'
            for (t, la, lo, *_), m in fixes
        )
        + "</trkseg></trk></gpx>"
    )
    spaces = 'xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"'
    kml = (
        f"<kml {spaces}><Document><Placemark><name>TEST1</name><gx:Track>"
        + "".join(f"<when>{iso(t)}</when>" for t, *_ in rows)
        + "".join(f"<gx:coord>{lo} {la} {m}</gx:coord>" for (_, la, lo, *_), m in fixes)
        + "</gx:Track></Placemark></Document></kml>"
    )
    geo = {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[lo, la] for _, la, lo, *_ in rows]},
           "properties": {"name": "TEST1", "times_utc": [iso(t) for t, *_ in rows]}}  # fmt: skip
    day = f"{datetime.fromtimestamp(START, UTC):%d%m%y}"

    def igc_angle(value: float, wide: int, letters: str) -> str:
        size = abs(value)
        return f"{int(size):0{wide}d}{round(size % 1 * 60000) % 60000:05d}{letters[value < 0]}"

    igc = f"AXXX001\nHFDTE{day}\n" + "".join(
        f"B{datetime.fromtimestamp(t, UTC):%H%M%S}{igc_angle(la, 2, 'NS')}{igc_angle(lo, 3, 'EW')}A{round(m):05d}{round(m):05d}\n"
        for (t, la, lo, *_), m in zip(rows, metres, strict=True)
    )
    import io

    import pyarrow as pa
    from pyarrow import parquet

    sink = io.BytesIO()
    stamps = pa.array([round(t * 1e9) for t, *_ in rows], pa.timestamp("ns", tz="UTC"))
    frame = {
        "timestamp": stamps,
        **{
            n: [r[n] for r in traffic]
            for n in ("icao24", "callsign", "latitude", "longitude", "altitude", "groundspeed", "track")
        },
    }
    parquet.write_table(pa.table(frame), sink)
    as_json = {
        "traffic by record": traffic, "traffic by column, gzip": by_column, "readsb": trace, "readsb, gzip": trace,
        "OpenSky track": path, "GeoJSON": geo,
    }  # fmt: skip
    as_text = {
        "OpenSky CSV": states, "FlightRadar24": fr24, "FlightAware": aware, "GPX": gpx, "KML": kml, "IGC": igc,
    }  # fmt: skip
    made = {name: json.dumps(value).encode() for name, value in as_json.items()}
    made |= {name: text.encode() for name, text in as_text.items()} | {"Parquet": sink.getvalue()}
    return {name: gzip.compress(data) if name.endswith("gzip") else data for name, data in made.items()}


@pytest.mark.parametrize("name", sorted(layouts(flown(0.05))))
def test_every_layout_gives_the_same_flight(name: str) -> None:
    columns = flown()
    (track,) = reading.parse(layouts(columns)[name], name)
    assert np.array_equal(track.time_s, columns["time"])
    assert np.abs(track.lat - columns["lat"]).max() < 2e-5
    assert np.abs((track.lon - columns["lon"] + 180) % 360 - 180).max() < 2e-5
    if name not in ("GeoJSON",):
        assert np.nanmax(np.abs(track.altitude_m - 35000.0 * FOOT)) < 1.0
    if np.isfinite(track.gs_mps).any():
        assert np.abs(track.gs_mps - 450.0 * KNOT).max() < 0.3
    assert any("times are" in note or "heights" in note for note in track.notes)


@pytest.mark.parametrize(
    ("scale", "name"), [(1, "seconds"), (1e3, "milliseconds"), (1e6, "microseconds"), (1e9, "nanoseconds")]
)
def test_the_unit_of_time_is_told_and_said(scale: float, name: str) -> None:
    rows = [
        {"timestamp": int((START + k) * scale), "latitude": 10.0 + k / 100, "longitude": 20.0}
        for k in range(5)
    ]
    (track,) = reading.parse(json.dumps(rows).encode(), "t")
    assert track.time_s[0] == START and any(name in note for note in track.notes)


def test_several_aircraft_in_one_file_are_several_tracks() -> None:
    rows = [
        {
            "timestamp": START + k,
            "icao24": "a" if k % 2 else "b",
            "latitude": 10.0 + k / 100,
            "longitude": 20.0,
        }
        for k in range(10)
    ]
    assert sorted(track.id for track in reading.parse(json.dumps(rows).encode(), "t")) == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"{", "is not JSON"),
        (b"[]", "in no layout of tracks"),
        (b'{"trace": []}', "without `timestamp`"),
        (b'[{"timestamp": 5, "latitude": 1, "longitude": 2}]', "are no seconds"),
        (b'[{"latitude": 1, "longitude": 2}]', "has no column of time"),
        (b"\x1f\x8bxx", "damaged gzip"),
        (b"PAR1xxxxPAR1", "damaged Parquet"),
        (b"hello\nworld", "in no format of tracks"),
        (b"<gpx><rte><rtept lat='1' lon='2'/><rtept lat='2' lon='2'/></rte></gpx>", "no time on any of them"),
        (b"AXXX\nB1200004000000N17000000EA0100001000\n", "without its date"),
    ],
)
def test_bad_tracks_are_told_what_is_wrong(data: bytes, says: str) -> None:
    with pytest.raises(InputError) as caught:
        reading.parse(data, "t.x")
    assert says in str(caught.value) and str(caught.value).startswith("t.x")


def track_of(columns: dict[str, np.ndarray], **more: Any) -> Track:
    given = {"gs_mps": columns["kt"] * KNOT, "altitude_m": columns["feet"] * FOOT, **more}
    return make("x", "X", "", "f", "made", columns["time"], columns["lat"], columns["lon"], **given)


def test_the_gate_passes_a_good_track_and_flags_each_fault() -> None:
    assert gate.examine(track_of(flown())).verdict == "good"
    rng = np.random.default_rng(1)
    jumping = flown()
    jumping["lat"] = jumping["lat"] + np.where(rng.random(len(jumping["lat"])) < 0.1, 1.0, 0.0)
    frozen = flown()
    frozen["lat"][100:140] = frozen["lat"][100]
    frozen["lon"][100:140] = frozen["lon"][100]
    clock = flown()
    clock["time"] = clock["time"][0] + (clock["time"] - clock["time"][0]) * 1.25
    slow = flown()
    slow["kt"][50:80] = 40.0
    for columns, test in ((jumping, "jumps"), (frozen, "frozen"), (clock, "clock"), (slow, "slow at height")):
        found = gate.examine(track_of(columns))
        assert found.verdict == "unfit" and any(f.test == test and f.serious for f in found.findings), test


def test_real_tracks_and_the_gate(real_tracks: Path) -> None:
    verdicts = {}
    for path in sorted(real_tracks.glob("*.json*")):
        (track, *_) = reading.read(path)
        verdicts[path.name] = gate.examine(track).verdict
    assert verdicts["noisy_spoofing.json.gz"] == "unfit"
    assert verdicts["dreamliner_boeing.json.gz"] == verdicts["trace_full_ac671b.json"] == "usable with care"
    # A bad clock, made from a good track: every second minute comes late.
    (good,) = reading.read(real_tracks / "dreamliner_boeing.json.gz")
    late = good.time_s + np.where(np.floor(good.time_s / 60.0) % 2 == 0, 90.0, 0.0)
    bad = make("x", "", "", "f", "made", late, good.lat, good.lon, good.altitude_m, good.gs_mps)
    assert gate.examine(bad).verdict == "unfit"


def test_a_real_flight_is_observed_end_to_end(real_tracks: Path) -> None:
    claim = parse(
        claim_text("18 hours") + '[[says]]\nid = "out"\nkind = "kept out"\nwords = "20 nm"\nclosed = ["MX"]\n'
    )
    tracks = reading.read(real_tracks / "dreamliner_boeing.json.gz")
    found = judge(claim, tracks=tracks)
    assert found.verdict == "observed end to end"
    assert {m.id for m in found.matches if m.verdict == "seen"} >= {
        "origin",
        "destination",
        "turn",
        "duration-1",
        "out",
    }
    lied = judge(parse(claim_text("30 hours")), tracks=tracks)
    assert lied.verdict == "contradicted" and "duration-1" in lied.sentence


def claim_text(hours: str) -> str:
    return f"""schema = "longreach.claim/1"
title = "787 endurance flight"
reported = 2017-08-04
[flight]
aircraft = "787-9"
origin = "KBFI"
destination = "KBFI"
turn = {{ at = [40.0, -95.0], within = "900 nm" }}
[[says]]
kind = "duration"
words = "{hours}"
"""


def test_legs_are_cut_where_it_stood() -> None:
    one, two = flown(1.0), flown(1.0, lat=30.0)
    two["time"] = two["time"] + 5 * 3600.0
    two["lat"][0], two["lon"][0] = one["lat"][-1], one["lon"][-1]
    both = {name: np.concatenate([one[name], two[name]]) for name in one}
    assert len(shape.legs(track_of(both))) == 2


def test_a_gap_says_what_it_needs_and_what_could_be_reached() -> None:
    columns = flown(3.0)
    keep = (columns["time"] < START + 3600) | (columns["time"] > START + 3600 + 2400)
    track = track_of({name: values[keep] for name, values in columns.items()})
    (gap,) = shape.gaps(track, 500.0 * KNOT)
    assert gap.needed_mps / KNOT == pytest.approx(450.0, rel=0.01) and gap.feasible
    # Every point of the edge is as far in all as the type can fly in the time.
    _, _, from_a = GEOD.inv(np.full(72, gap.start[1]), np.full(72, gap.start[0]), gap.ring_lon, gap.ring_lat)
    _, _, from_b = GEOD.inv(np.full(72, gap.end[1]), np.full(72, gap.end[0]), gap.ring_lon, gap.ring_lat)
    assert np.abs(from_a + from_b - 500.0 * KNOT * (gap.end_s - gap.start_s)).max() < 10.0
    assert not shape.gaps(track, 400.0 * KNOT)[0].feasible


def test_an_orbit_is_found_where_it_was_flown() -> None:
    columns = flown(2.0)
    turns = np.arange(0, 3600.0, 10.0)
    angle = turns / 600.0 * 360.0  # a turn in ten minutes: six in the hour
    lon, lat, _ = GEOD.fwd(
        np.full(len(turns), columns["lon"][-1]),
        np.full(len(turns), columns["lat"][-1]),
        angle,
        np.full(len(turns), 12_000.0),
    )
    loop = {
        "time": columns["time"][-1] + 60.0 + turns,
        "lat": np.array(lat),
        "lon": np.array(lon),
        "feet": np.full(len(turns), 25000.0),
        "kt": np.full(len(turns), 250.0),
        "course": angle % 360,
    }
    track = track_of({name: np.concatenate([columns[name], loop[name]]) for name in columns})
    (orbit,) = shape.orbits(track)
    assert orbit.turns == pytest.approx(6.0, abs=0.5)
    _, _, off = GEOD.inv(orbit.lon, orbit.lat, columns["lon"][-1], columns["lat"][-1])
    assert off < 5_000.0
    assert shape.orbits(track_of(columns)) == ()


def test_two_aircraft_together_are_found() -> None:
    one = flown(2.0)
    lead = track_of(one)
    tanker = flown(2.0)
    apart = np.where((one["time"] > START + 3000) & (one["time"] < START + 4500), 2.0, 30.0) * NAUTICAL_MILE
    lon, lat, _ = GEOD.fwd(tanker["lon"], tanker["lat"], np.full(len(apart), 170.0), apart)
    tanker["lat"], tanker["lon"] = np.array(lat), np.array(lon)
    (event,) = shape.together(lead, track_of(tanker))
    assert event.nearest_m == pytest.approx(2.0 * NAUTICAL_MILE, rel=0.02)
    assert event.start_s == pytest.approx(START + 3000, abs=60) and event.end_s == pytest.approx(
        START + 4500, abs=60
    )
    high = track_of(tanker, altitude_m=np.full(len(apart), 30000.0 * FOOT))
    assert shape.together(lead, high) == ()


def test_a_gap_widens_how_near_it_may_have_come() -> None:
    columns = flown(2.0, lat=24.0, lon=58.5, course=300.0)  # toward the Gulf from the Arabian Sea
    keep = (columns["time"] < START + 900) | (columns["time"] > START + 3600)
    cut = track_of({name: values[keep] for name, values in columns.items()})
    whole = match.approaches(track_of(columns), (), ["IR"], 500.0 * KNOT)[0]
    holed = match.approaches(cut, shape.gaps(cut, 500.0 * KNOT), ["IR"], 500.0 * KNOT)[0]
    assert holed.least_m < holed.closest_m and holed.least_m <= whole.closest_m


def test_isolated_jumps_are_taken_out() -> None:
    columns = flown()
    columns["lat"][77] += 3.0
    clean = gate.cleaned(track_of(columns))
    assert len(clean.time_s) == len(columns["time"]) - 1
    assert gate.examine(clean).verdict == "good"


def damaged(seed: int, good: list[bytes]) -> bytes:
    draw = random.Random(seed)
    data = bytearray(draw.choice(good)[: draw.choice([300, 3_000, 60_000])])
    for _ in range(draw.randrange(1, 8)):
        if not data:
            break
        at, kind = draw.randrange(len(data)), draw.randrange(3)
        if kind == 0:
            data[at] = draw.randrange(256)
        elif kind == 1:
            del data[at : at + draw.randrange(1, 50)]
        else:
            data[at:at] = draw.choice(
                [
                    b"null",
                    b"999999999999",
                    b'"',
                    b",",
                    b"]",
                    b"}",
                    b"\n",
                    b"-",
                    b"NaN",
                    b"\x00",
                    b"true",
                    b"[1]",
                ]
            )
    return bytes(data)


def fuzz(seeds: range) -> int:
    good = list(layouts(flown(0.4)).values())
    read = 0
    for seed in seeds:
        try:
            for track in reading.parse(damaged(seed, good), "t"):
                gate.examine(track)
                clean = gate.cleaned(track)
                if len(clean.time_s) > 1:
                    shape.legs(clean)
                    shape.gaps(clean, 250.0)
            read += 1
        except InputError as error:
            assert str(error).startswith("t") and "\n" not in str(error)
    return read


def test_damaged_tracks_give_one_clear_error_or_a_track() -> None:
    assert 0 < fuzz(range(400)) < 400


@pytest.mark.soak
def test_ten_thousand_damaged_tracks() -> None:
    print(f"\n10000 damaged track files, {fuzz(range(1000, 11_000))} still read, no traceback")
