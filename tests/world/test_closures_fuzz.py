"""Damaged closure files: no exception but InputError, every message names its feature, and the counts add up."""

import json
import random
import re
import string
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach.errors import InputError
from longreach.world.closures import parse_closures, read_closures, to_geojson
from longreach.world.closures.notam import notam_features
from longreach.world.closures.sigmet import sigmet_features

SEEDS = [
    {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": "square", "properties": {"floor": {"value": 100, "ref": "FL"}, "margin_nm": 5},
             "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]],
                                                              [[1, 1], [1, 2], [2, 2], [1, 1]]]}},
            {"type": "Feature", "id": "circle", "properties": {"radius_nm": 50, "action": "avoid",
                                                               "valid": [["2020-12-10T00:00:00Z", None]]},
             "geometry": {"type": "Point", "coordinates": [44.25, 33.3]}},
            {"type": "Feature", "id": "date line", "properties": {"name": "Wrangel", "kind": "danger"},
             "geometry": {"type": "MultiPolygon", "coordinates": [
                 [[[179, 70], [180, 70], [180, 72], [179, 72], [179, 70]]],
                 [[[-180, 70], [-179, 70], [-179, 72], [-180, 72], [-180, 70]]]]}},
            {"type": "Feature", "id": "corridor", "properties": {"radius_nm": 5, "edge": "parallel"},
             "geometry": {"type": "LineString", "coordinates": [[10, 60], [20, 60], [20, 65]]}},
        ],
    },
    {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": "cap", "properties": {"edge": "parallel", "source": {"title": "AIP"}},
             "geometry": {"type": "Polygon", "coordinates": [
                 [[-180, 80], [-90, 80], [0, 80], [90, 80], [180, 80], [180, 90], [-180, 90], [-180, 80]]]}},
            {"type": "Feature", "properties": {"id": "ring", "action": "warn", "ceiling": "UNL"},
             "geometry": {"type": "Polygon", "coordinates": [[[-180, -75], [-60, -75], [60, -75], [-180, -75]]]}},
            {"type": "Feature", "id": "many", "properties": {"radius_nm": 10, "confidence": "low"},
             "geometry": {"type": "GeometryCollection", "geometries": [
                 {"type": "Polygon", "coordinates": [[[5, 5], [6, 5], [6, 6], [5, 5]]]},
                 {"type": "MultiPoint", "coordinates": [[5, 5], [7, 7]]}]}},
        ],
    },
]  # fmt: skip

TEXT = """(A0019/19 NOTAMN
Q) KICZ/QRDLP/IV/NBO/AE/000/999/
A) KICZ B) 1906210000 C) PERM
E) PART 1 OF 2 PROHIBITED IN THE OVERWATER AREA OF THE TEHRAN FIR (OIIX).
F) SFC G) UNL)
B1234/20 NOTAMR B1200/20
Q) ORBB/QRTCA/IV/BO/W/000/260/3320N04415E030
A) ORBB B) 2012010000 C) 2012312359 EST D) DAILY 0400-1500
E) RESTRICTED AREA ACT WI 30NM OF 3320N04415E
F) SFC G) FL260
(A1111/20 NOTAMN
Q) LCCC/QWMLW/IV/BO/W/000/999/3430N03330E045
A) LCCC B) 2012080600 C) 2012081200
E) FIRING WI AREA 345000N 0330000E - 345000N 0340000E - 341000N
0340000E - 341000N 0330000E, 5NM EITHER SIDE OF LINE N3000 E03000 - N3100 E03100
F) 4000FT AMSL G) 10,000FT AGL)
"""
SIGMET = """LOVV SIGMET 5 VALID 101230/101430 LOWM-
LOVV WIEN FIR SEV TURB FCST WI N4730 E01200 - N4800 E01400 - N4700 E01500 - N4730 E01200 FL250/370 MOV E 15KT=
OIIX SIGMET 2 VALID 101230/101630 OIII-
OIIX TEHRAN FIR EMBD TS FCST ENTIRE FIR TOP FL450=
"""
NASTY = [
    None, True, False, 0, -0.0, 1, -1, 180, -180, 181, 90, -90, 90.0000001, 360, 1e308, -1e308, float("nan"), float("inf"),
    10**400, 2**63, "", "x", "\x00", "\ud800", "5 nm", "FL", "é" * 300, [], {}, [[]], [None], [0, 0], [[0, 0]], {"type": "Point"},
    "Point", "Polygon", "Feature", "2020-12-10", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+23:59", ["a", "b"], [None, None],
    {"value": 1e9, "ref": "FL"}, {"value": "x", "ref": "ft_agl"}, "north", "rhumb",
]  # fmt: skip


def places(value, path=()):
    """Every path in a JSON value."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from places(value[index], (*path, index))


def damaged(chance, seed_document):
    """A copy of the document with one to three values replaced, taken out, doubled or nudged."""
    document = json.loads(json.dumps(seed_document))
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        options = [path for path in places(document) if path]
        if not options:
            break
        *way, last = chance.choice(options)
        holder = document
        for step in way:
            holder = holder[step]
        act = chance.random()
        if act < 0.4:
            holder[last] = deepcopy(chance.choice(NASTY))
        elif act < 0.55:
            del holder[last]
        elif act < 0.7 and isinstance(holder, list):
            holder.insert(last, json.loads(json.dumps(holder[last])) if _plain(holder[last]) else None)
        elif act < 0.8 and isinstance(holder, list):
            chance.shuffle(holder)
        elif isinstance(holder[last], int | float) and not isinstance(holder[last], bool):
            holder[last] = chance.choice(
                [chance.uniform(-200, 200), holder[last] + chance.uniform(-3, 3), -holder[last]]
            )
        else:
            holder[last] = deepcopy(chance.choice(NASTY))
    return document


def _plain(value):
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def damaged_text(chance, text):
    """A copy of the text with one to six runs of characters changed."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text) + 1)
        to = min(len(text), at + chance.randint(0, 12))
        act = chance.randrange(5)
        if act == 0:
            text = text[:at] + text[to:]
        elif act == 1:
            text = text[:at] + "".join(chance.choices(string.printable, k=chance.randint(1, 8))) + text[at:]
        elif act == 2:
            text = text[:to] + text[at:to] * chance.randint(1, 4) + text[to:]
        elif act == 3:
            digits = [k for k, c in enumerate(text) if c.isdigit()]
            if digits:
                k = chance.choice(digits)
                text = text[:k] + chance.choice(string.digits) + text[k + 1 :]
        else:
            words = re.split(r"(\s+)", text)
            k, j = chance.randrange(len(words)), chance.randrange(len(words))
            words[k], words[j] = words[j], words[k]
            text = "".join(words)
    return text


def check_document(document):
    """Read it; the outcome accounts for every feature."""
    try:
        found = parse_closures(document)
    except InputError as error:
        count = (
            len(document["features"])
            if isinstance(document, dict) and isinstance(document.get("features"), list)
            else 0
        )
        for fault in error.faults:
            if fault.key and fault.key.startswith("features."):
                number = int(fault.key.split(".")[1]) + 1
                assert f"feature {number}" in fault.what and number <= count
            str(fault).encode()
        return "refused"
    aside = {int(re.match(r"feature (\d+)", text)[1]) for text in found.ignored}
    assert len(aside) == len(found.ignored) and not aside & set(found.numbers)
    assert aside | set(found.numbers) == set(range(1, found.features + 1))
    out = json.dumps(to_geojson(found.closures), allow_nan=False, ensure_ascii=False).encode()
    again = parse_closures(json.loads(out))
    assert to_geojson(again.closures) == json.loads(out)
    return "read"


def check_text(text):
    """NOTAM or SIGMET text; the outcome accounts for every message."""
    for features_of in (notam_features, sigmet_features):
        found = features_of(text)
        mothers = {re.sub(r"\.\d+$", "", feature["id"]) for feature in found.features}
        assert len(found.features) >= found.messages - len(found.ignored) >= (1 if mothers else 0)
        try:
            read = parse_closures({"type": "FeatureCollection", "features": list(found.features)})
        except InputError as error:
            assert all("feature" in fault.what for fault in error.faults)
        else:
            assert read.features == len(found.features) and not read.ignored


def run(tmp_path, rounds, seed):
    chance = random.Random(seed)
    outcomes = {"read": 0, "refused": 0}
    for _ in range(rounds):
        kind = chance.randrange(4)
        if kind <= 1:
            outcomes[check_document(damaged(chance, chance.choice(SEEDS)))] += 1
        elif kind == 2:
            check_text(damaged_text(chance, chance.choice([TEXT, SIGMET])))
        else:
            path = tmp_path / "damaged.geojson"
            text = damaged_text(chance, json.dumps(chance.choice(SEEDS), indent=1))
            path.write_bytes(text.encode("utf-8", "surrogatepass"))
            try:
                read_closures(path)
            except InputError as error:
                assert all(fault.file == str(path) for fault in error.faults)
    return outcomes


def test_three_hundred_damaged_inputs(tmp_path):
    outcomes = run(tmp_path, 300, 20201210)
    assert outcomes["read"] > 20 and outcomes["refused"] > 20  # the fuzzer reaches both sides


@pytest.mark.soak
def test_ten_thousand_damaged_inputs(tmp_path):
    outcomes = run(tmp_path, 10_000, 1)
    print(f"10,000 damaged closure inputs: {outcomes}")
    assert outcomes["read"] > 500 and outcomes["refused"] > 500


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-400, 400)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(NASTY),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "features",
                    "geometry",
                    "coordinates",
                    "properties",
                    "id",
                    "radius_nm",
                    "geometries",
                    "crs",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(json_values)
def test_any_json_is_read_or_refused(value):
    check_document(value)


def collection(geometry, **properties):
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "id": "r", "properties": properties, "geometry": geometry}],
    }


@settings(max_examples=60, deadline=None)
@given(json_values, st.sampled_from(["Polygon", "MultiPolygon", "Point", "LineString", "GeometryCollection"]))
def test_any_coordinates_are_read_or_refused(value, kind):
    key = "geometries" if kind == "GeometryCollection" else "coordinates"
    check_document(collection({"type": kind, key: value}, radius_nm=5))


LONS = st.sampled_from([0, 30, 60, 90, -90, 170, 180, -180, 190, -170])
LATS = st.sampled_from([0, 45, 89, 90, -90, -45])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(LONS, LATS), min_size=3, max_size=7))
def test_any_coarse_ring_is_read_or_refused(points):
    ring = [list(point) for point in points]
    check_document(collection({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_as_notam_or_sigmet(text):
    check_text(text)
    check_text("(A0001/20 NOTAMN\nQ) " + text)
    check_text("LOVV SIGMET 5 VALID 101230/101430 LOWM-\n" + text)
