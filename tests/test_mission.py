"""Mission files: the good read whole into SI, the bad refused whole with file, line and key."""

import datetime as dt
import json
import math
import re
import time
import tomllib
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach import mission
from longreach.errors import InputError
from longreach.mission.sense import middle

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
BAD = sorted((Path(__file__).parent / "bad_missions").glob("*.toml"))
SMALL = """schema = "longreach.mission/1"
name = "small"
[clock]
anchor = "takeoff"
time = 2020-12-10T10:00:00+03:00
[[flights]]
id = "a"
aircraft = "787-9"
operator = "AU"
from = "JFK"
to = [-33.9461, 151.177]
via = ["36.0,-6.5", { at = "KBAD", name = "over Barksdale" }]
[winds]
source = "constant"
from = "270 deg"
speed = "50 kt"
"""


def faults(text, file="m.toml"):
    with pytest.raises(InputError) as caught:
        mission.parse(text, file)
    return caught.value.faults


# -- good files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_read(path):
    read = mission.load(path)
    assert read.flights and read.text == path.read_text("utf-8") and read.file == str(path)
    assert re.fullmatch("[0-9a-f]{64}", read.sha256)


def test_the_founding_mission_in_si():
    read = mission.load(ROOT / "examples" / "gulf-2020-12-10.toml")
    lead = read.flights[0]
    assert (lead.aircraft, lead.count, lead.operator) == ("B-52H", 2, "US")
    assert (lead.origin.code, lead.origin.country, lead.origin.tz) == ("KBAD", "US", "America/Chicago")
    assert read.station is not None and read.station.time_s == 7200.0
    assert {partner.operator for partner in read.partners} == {"SA", "QA", "BH"}
    assert "IR" in read.airspace.closed and read.airspace.stand_off_m > 0.0


def test_units_zones_and_defaults():
    read = mission.parse(SMALL)
    assert read.clock.time_utc == dt.datetime(2020, 12, 10, 7, tzinfo=dt.UTC)
    assert read.flights[0].origin.code == "KJFK"
    assert (read.flights[0].destination.lat, read.flights[0].destination.lon) == (-33.9461, 151.177)
    assert [via.name for via in read.flights[0].outbound_via] == ["36,-6.5", "over Barksdale"]
    assert read.flights[0].mach is None and read.flights[0].takeoff_fuel == "needed"
    assert read.winds.u_mps == pytest.approx(50 * 1852 / 3600) and abs(read.winds.v_mps) < 1e-12
    assert read.reserves.final_s == 1800.0 and read.reserves.contingency == 0.05
    assert read.seed == 0 and read.station is None and read.file is None


def test_every_default_is_named_and_a_stated_value_is_not():
    words = " ".join(mission.parse(SMALL).assumptions)
    for part in ("payload of a", "final reserve", "contingency", "doubt", "spread", "no airspace is closed"):
        assert part in words
    stated = (
        SMALL.replace("via =", 'payload = "0 t"\nvia =') + 'spread = "10 kt"\n[reserves]\nfinal = "20 min"\n'
    )
    words = " ".join(mission.parse(stated).assumptions)
    assert "payload" not in words and "spread" not in words and "final reserve" not in words


def test_all_states_closed_stays_one_word():
    read = mission.parse(SMALL + '[airspace]\nclosed = ["ALL"]\nstand_off = "0 nm"\n')
    assert read.airspace.closed == ("ALL",)


def test_line_endings_do_not_matter():
    assert mission.parse(SMALL.replace("\n", "\r\n")).flights == mission.parse(SMALL).flights


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 360.0), st.floats(0.0, 250.0))
def test_wind_direction_and_speed_survive(degrees, knots):
    text = SMALL.replace('"270 deg"', f'"{degrees:.6f} deg"').replace('"50 kt"', f'"{knots:.6f} kt"')
    winds = mission.parse(text).winds
    speed = math.hypot(winds.u_mps, winds.v_mps) * 3600 / 1852
    assert speed == pytest.approx(knots, abs=1e-5)
    if knots > 1.0:
        back = math.degrees(math.atan2(-winds.u_mps, -winds.v_mps))
        assert math.remainder(back - degrees, 360.0) == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize(
    "points, expected",
    [
        ([(10.0, 20.0)], (10.0, 20.0)),
        ([(0.0, 170.0), (0.0, -170.0)], (0.0, -180.0)),
        ([(80.0, 0.0), (80.0, 120.0), (80.0, -120.0)], (90.0, None)),
    ],
)
def test_middle_across_the_antimeridian_and_over_a_pole(points, expected):
    lat, lon = middle(points)
    assert lat == pytest.approx(expected[0], abs=1e-9)
    assert expected[1] is None or lon == pytest.approx(expected[1], abs=1e-9)


@pytest.mark.parametrize(
    "polygon",
    [
        "[[26, 51], [26, 53], [27, 53], [27, 51]]",
        "[[26, 51], [26, 53], [27, 53], [27, 51], [26, 51]]",  # closed as GeoJSON does it
        "[[10, 179], [10, -179], [12, -179], [12, 179]]",  # across the antimeridian
        "[[88, 0], [88, 120], [88, -120]]",  # round the pole
    ],
)
def test_good_polygons(polygon):
    station = f'[station]\npolygon = {polygon}\ntime = "1 h"\n'
    read = mission.parse(SMALL.replace("[winds]", f"{station}[winds]").replace("via =", "outbound_via ="))
    assert read.station is not None and read.station.shape == "polygon"


# -- bad files --------------------------------------------------------------------------------------


def expected(path):
    rows = [row for row in path.read_text("utf-8").split("\n") if row.startswith("# fault: ")]
    return [tuple(part.strip() for part in row.removeprefix("# fault: ").split("|")) for row in rows]


def test_there_are_many_bad_missions():
    assert len(BAD) >= 30


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_mission(path):
    with pytest.raises(InputError) as caught:
        mission.load(path)
    found = caught.value.faults
    assert [(str(f.line), f.key or "") for f in found] == [(line, key) for line, key, _ in expected(path)]
    for fault, (_, _, fragment) in zip(found, expected(path), strict=True):
        assert fragment in str(fault)
        assert str(fault).startswith(f"{path}:")


RAW = {
    "empty": (b"", 1, "is empty"),
    "blank": (b" \n\t\n", 1, "is empty"),
    "byte order mark": (b"\xef\xbb\xbf" + SMALL.encode(), 1, "byte order mark"),
    "UTF-16": (SMALL.encode("utf-16"), 1, "UTF-16"),
    "Latin-1": (SMALL.replace("small", "Zürich").encode("latin-1"), 2, "not UTF-8"),
    "NUL": (SMALL.replace("small", "sm\0all").encode(), 2, "NUL byte"),
    "control character": (SMALL.replace("small", "sm\x07all").encode(), 2, "is not TOML"),
    "deep nesting": (SMALL.encode() + b"x = " + b"[" * 50_000, 17, "nested too deeply"),
    "deep inline tables": (SMALL.encode() + b"x = " + b"{a=" * 50_000, 17, "nested too deeply"),
    "endless number": (SMALL.encode() + b"seed = " + b"9" * 10_000, 17, "is not TOML"),
    "binary": (bytes(range(1, 256)) * 10, 2, "is not UTF-8"),
}


@pytest.mark.parametrize("name", RAW)
def test_bytes_that_are_no_mission(name, tmp_path):
    data, line, fragment = RAW[name]
    path = tmp_path / "m.toml"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        mission.load(path)
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == (str(path), line)
    assert fragment in fault.what


def test_ten_megabytes_of_junk(tmp_path):
    path = tmp_path / "junk.toml"
    path.write_bytes(b"junk " * 2_000_000)
    with pytest.raises(InputError, match=r"10\.0 MB"):
        mission.load(path)


@pytest.mark.parametrize("name", ["missing.toml", ".", "nul\0name"])
def test_paths_that_cannot_be_read(name, tmp_path):
    with pytest.raises(InputError):
        mission.load(f"{tmp_path}/{name}")


def test_a_thousand_faults_are_counted_not_printed():
    found = faults(SMALL + "".join(f"odd{n} = {n}\n" for n in range(1000)))
    assert len(found) == 51 and found[-1].what == "and 950 more faults"


def test_a_large_file_full_of_faults_is_still_answered_soon():
    tanker = '[[tankers]]\nid = "t"\noperator = "QQ"\naircraft = "KC-1"\nbase = "QQQ{}"\navailable = 0\n'
    via = ", ".join('"KBDA"' for _ in range(200))
    text = SMALL.replace("via = [", f"via = [{via}, ") + "".join(tanker.format(n % 10) for n in range(12_000))
    assert 900_000 < len(text) < 1_000_000
    start = time.perf_counter()
    found = faults(text)
    assert time.perf_counter() - start < 20.0
    assert [fault.what.split(";")[0] for fault in found] == ["has 202 entries", "has 12,000 entries"]


def test_long_values_are_cut_in_messages():
    (fault,) = faults(SMALL.replace('"50 kt"', '"' + "x" * 10_000 + '"'))
    assert len(str(fault)) < 400


def test_a_closures_file_speaks_for_itself(tmp_path):
    (tmp_path / "c.geojson").write_text('{"type": "nonsense"}')
    text = SMALL + '[airspace]\nclosures = "c.geojson"\n'
    assert any(str(tmp_path / "c.geojson") == f.file for f in faults(text, str(tmp_path / "m.toml")))


WRONG = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=3),
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_wrong_value_anywhere_is_a_fault_or_a_mission_never_a_crash(data):
    rows = SMALL.split("\n")
    line = data.draw(st.sampled_from([n for n, row in enumerate(rows) if " = " in row]))
    value = data.draw(WRONG)
    text = "{}" if value is None else json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")
    rows[line] = f"{rows[line].split(' = ')[0]} = {text}"
    try:
        mission.parse("\n".join(rows), "m.toml")
    except InputError as error:
        assert all(fault.line is not None for fault in error.faults)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_file_cut_or_spliced_anywhere_never_crashes(data):
    source = (ROOT / "examples" / "gulf-2020-12-10.toml").read_text("utf-8")
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 40)))
    text = source[:start] + data.draw(st.text(max_size=6)) + source[end:]
    try:
        mission.parse(text, "m.toml")
    except InputError as error:
        assert error.faults and all(fault.line is not None for fault in error.faults)


# -- schema -----------------------------------------------------------------------------------------


def json_like(value):
    """A TOML value as JSON has it."""
    if isinstance(value, dict):
        return {key: json_like(each) for key, each in value.items()}
    if isinstance(value, list):
        return [json_like(each) for each in value]
    return value.isoformat() if isinstance(value, dt.datetime) else value


def test_the_shipped_schema_is_the_one_the_reader_uses():
    shipped = json.loads((ROOT / "src/longreach/schemas/mission.schema.json").read_text("utf-8"))
    assert shipped == mission.json_schema(), "run tools/write_mission_schema.py"


def test_the_schema_takes_the_examples_and_refuses_wrong_shapes():
    schema = mission.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in EXAMPLES:
        validator.validate(json_like(tomllib.loads(path.read_text("utf-8"))))
    for name in ("missing-clock", "misspelt-key", "no-aircraft", "flights-not-a-list", "bare-number"):
        path = Path(__file__).parent / "bad_missions" / f"{name}.toml"
        assert list(validator.iter_errors(json_like(tomllib.loads(path.read_text("utf-8"))))), name


def test_the_mission_in_the_documentation_is_one():
    page = (ROOT / "docs" / "mission.md").read_text("utf-8")
    text = re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1]
    read = mission.parse(text)
    assert read.station.radius_m == 46300.0 and read.tankers[0].available == 4
    # every default the page names is the default
    optional = ["description", "seed", "payload", "mach", "takeoff_fuel", "belt", "atlas", "territorial_sea"]
    optional += [
        "longest_flow",
        "rendezvous",
        "final",
        "contingency",
        "doubt",
        "report_before",
        "release_after",
    ]
    rows = [row for row in text.split("\n") if row.split(" =")[0] not in optional]
    bare = mission.parse("\n".join(rows))
    assert (bare.reserves, bare.crew, bare.airspace) == (read.reserves, read.crew, read.airspace)
    assert bare.flights == read.flights
    assert bare.refuelling == read.refuelling
    assert len(bare.assumptions) == 9
