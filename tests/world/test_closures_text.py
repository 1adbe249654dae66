"""Closures from NOTAM and SIGMET text, FIR files, and all of them made into one file.

The NOTAM and SIGMET below are re-typed in the form of real ones (A0019/19 keeps the item Q of the FAA's KICZ
NOTAM of 21 June 2019, with its empty position); areas and numbers of the others are made up.
"""

import json
import os
from datetime import date
from pathlib import Path

import pytest

from longreach.cli.airspace_import import import_
from longreach.errors import InputError
from longreach.world.closures import import_closures, parse_closures, read_closures, read_fir
from longreach.world.closures.notam import level_of, notam_features, read_notams
from longreach.world.closures.positions import shapes_in
from longreach.world.closures.sigmet import sigmet_features

KICZ = """(A0019/19 NOTAMN
Q) KICZ/QRDLP/IV/NBO/AE/000/999/
A) KICZ
B) 1906210000 C) PERM
E) SPECIAL NOTICE. FLIGHT OPERATIONS BY US OPERATORS ARE PROHIBITED IN THE OVERWATER AREA OF THE
TEHRAN FIR (OIIX) ABOVE THE PERSIAN GULF AND THE GULF OF OMAN ONLY.
F) SFC G) UNL)
"""
BAGHDAD = """B1234/20 NOTAMR B1200/20
Q) ORBB/QRTCA/IV/BO/W/000/260/3320N04415E030
A) ORBB B) 2012010000 C) 2012312359 EST D) DAILY 0400-1500
E) TEMPO RESTRICTED AREA ACT WI 30NM OF 3320N04415E (BAGHDAD)
F) SFC G) FL260
"""
GUNS = """(A1111/20 NOTAMN
Q) LCCC/QWMLW/IV/BO/W/000/
999/3430N03330E045
A) LCCC B) 2012080600 C) 2012081200
E) GUN FIRING WILL TAKE PLACE WI AREA BOUNDED BY 345000N 0330000E -
345000N 0340000E - 341000N
0340000E - 341000N 0330000E TO POINT OF ORIGIN
F) 4000FT AMSL G) UNL)
"""
FIR = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"id": id_},
         "geometry": {"type": "Polygon", "coordinates": [[[x, 25], [x + 5, 25], [x + 5, 30], [x, 30], [x, 25]]]}}
        for id_, x in (("OIIX", 50), ("OBBB", 45), ("OBBB", 40))
    ],
}  # fmt: skip


@pytest.fixture
def fir_file(tmp_path):
    path = tmp_path / "firs.geojson"
    path.write_text(json.dumps(FIR))
    return path


def drawn(text, **kwargs):
    found = notam_features(text, **kwargs)
    return found, {feature["id"]: feature for feature in found.features}


# Positions ---------------------------------------------------------------------------------------------

TRIANGLE = ((27.5, 51.5), (28.0, 51.5), (28.0, 52.0))


@pytest.mark.parametrize(
    "text",
    [
        "2730N05130E 2800N05130E 2800N05200E",
        "273000N0513000E-280000N0513000E-280000N0520000E",
        "273000N 0513000E,\n280000N\n0513000E, 280000N 0520000E",
        "N2730 E05130 - N2800 E05130 - N2800 E05200",
        "N2730E05130 N28E05130 N28 E052",
        "27-30-00N 051-30-00E, 28-00N 051-30E, 28-00-00N/052-00-00E",
        "27.5N 51.5E, 28.0N 51.5E, 28N 52E",
        "27°30'00\"N 051°30'00\"E TO 28°00'N 051°30'E THENCE 28°00'00\"N 052°00'00\"E",
        "1. 2730N05130E 2. 2800N05130E 3. 2800N05200E",
        "2730.0N05130.0E 2800.0N05130.0E 2800.0N05200.0E",
    ],
)
def test_an_outline_however_it_is_written(text):
    shapes = shapes_in(text)
    assert shapes.troubles == () and shapes.circles == ()
    (ring,) = shapes.outlines
    for found, expected in zip(ring, TRIANGLE, strict=True):
        assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "circle"),
    [
        ("WI 30NM OF 3320N04415E", (33 + 20 / 60, 44.25, 30)),
        ("WITHIN 5 NM RADIUS OF 501500N0081500E (AREA X)", (50.25, 8.25, 5)),
        ("A CIRCLE WITH RADIUS 10 KM CENTRED ON 5015N 00815E", (50.25, 8.25, 10 / 1.852)),
        ("PSN 5015N00815E RADIUS 2.5NM", (50.25, 8.25, 2.5)),
        ("5015N00815E RADIUS OF 3NM SFC-4000FT", (50.25, 8.25, 3)),
        ("RADIUS 500M AROUND PSN 5015S00815W", (-50.25, -8.25, 0.5 / 1.852)),
    ],
)
def test_a_circle_however_it_is_written(text, circle):
    shapes = shapes_in(text)
    assert shapes.outlines == () and shapes.troubles == ()
    assert shapes.circles[0] == pytest.approx(circle)


def test_corridors_take_half_of_a_width():
    side = shapes_in("5NM EITHER SIDE OF LINE 5015N00815E - 5115N00915E").corridors
    width = shapes_in("FCST 60NM WID LINE BTN N2730 E05130 - N2800 E05130").corridors
    assert (side[0][1], width[0][1]) == (5.0, 30.0)


def test_several_areas_stay_several():
    text = "AREA 1: 2730N05130E 2800N05130E 2800N05200E AREA 2: 3730N05130E 3800N05130E 3800N05200E"
    assert len(shapes_in(text).outlines) == 2


@pytest.mark.parametrize(
    "text",
    [
        "2730N05130E THEN ALONG THE BORDER TO 2800N05130E 2800N05200E 2730N05130E",
        "2730N05130E CLOCKWISE ARC OF 5NM RADIUS TO 2800N05130E 2800N05200E",
        "2760N05130E 2800N05130E 2800N05200E 2730N05130E",
        "CRANE ERECTED AT 2730N05130E",
    ],
)
def test_what_is_not_drawn_is_told(text):
    assert shapes_in(text).troubles


# NOTAM -------------------------------------------------------------------------------------------------


def test_an_empty_position_is_read():
    (notam,) = read_notams(KICZ)
    assert (notam.id, notam.kind, notam.centre, notam.radius_nm) == ("A0019/19", "NOTAMN", None, None)
    assert notam.q[:7] == ("KICZ", "QRDLP", "IV", "NBO", "AE", "000", "999")
    assert notam.items["C"] == "PERM" and notam.items["G"] == "UNL"


def test_a_whole_fir_needs_its_outline():
    found, _ = drawn(KICZ)
    assert not found.features and found.messages == 1
    assert "it is about FIR OIIX: give its outline with --fir" in found.ignored[0]
    outline = FIR["features"][0]["geometry"]
    found, by_id = drawn(KICZ, firs={"OIIX": [outline]})
    assert by_id["A0019/19"]["geometry"] == outline
    assert by_id["A0019/19"]["properties"]["geometry_source"] == "fir"
    assert by_id["A0019/19"]["properties"]["valid"] == [["2019-06-21T00:00:00Z", None]]
    assert "not national airspace" in found.warnings[0]


def test_a_circle_with_levels_times_and_an_estimate():
    found, by_id = drawn(BAGHDAD)
    properties = by_id["B1234/20"]["properties"]
    assert properties["radius_nm"] == 30.0 and properties["geometry_source"] == "item_e"
    assert properties["ceiling"] == {"value": 260, "ref": "FL"} and "floor" not in properties
    assert properties["valid"] == [["2020-12-01T00:00:00Z", None]]
    assert "estimate; in force until cancelled" in found.warnings[0]
    assert properties["schedule"] == "DAILY 0400-1500" and properties["raw"] == BAGHDAD.strip()


def test_a_wrapped_outline():
    _, by_id = drawn(GUNS)
    feature = by_id["A1111/20"]
    assert feature["geometry"]["type"] == "Polygon" and len(feature["geometry"]["coordinates"][0]) == 5
    assert feature["properties"]["floor"] == {"value": 4000, "ref": "ft_amsl"}
    assert feature["properties"]["valid"] == [["2020-12-08T06:00:00Z", "2020-12-08T12:00:00Z"]]


def test_many_in_one_file_and_one_replaces_another():
    first = BAGHDAD.replace("B1234/20 NOTAMR B1200/20", "B1200/20 NOTAMN")
    found, by_id = drawn("\n".join([KICZ, first, BAGHDAD, GUNS]))
    assert found.messages == 4 and set(by_id) == {"B1234/20", "A1111/20"}
    assert "NOTAM B1200/20 (line 9): replaced or cancelled by B1234/20" in found.ignored


def test_the_q_circle_stands_in_and_is_said_to_be_larger():
    text = GUNS.replace("345000N 0330000E", "345000N 0330000E THEN ALONG THE COAST TO")
    found, by_id = drawn(text)
    assert by_id["A1111/20"]["properties"]["geometry_source"] == "q_circle"
    assert by_id["A1111/20"]["properties"]["radius_nm"] == 45.0
    assert by_id["A1111/20"]["geometry"]["coordinates"] == [33.5, 34.5]
    assert "encloses the area and is larger" in found.warnings[-1]


def test_an_outline_that_crosses_itself_falls_back_too():
    found, by_id = drawn(
        GUNS.replace("345000N 0340000E - 341000N\n0340000E", "341000N 0340000E - 345000N\n0340000E")
    )
    assert by_id["A1111/20"]["properties"]["geometry_source"] == "q_circle"
    assert "crosses itself" in found.warnings[0]


def test_radius_999_is_a_whole_fir_and_no_circle():
    text = BAGHDAD.replace("E030", "E999").replace("WI 30NM OF 3320N04415E", "BAGHDAD FIR CLOSED")
    found, _ = drawn(text)
    assert not found.features and "FIR ORBB" in found.ignored[0]


def test_parts_are_joined_and_a_missing_one_is_told():
    one = GUNS.replace("E) GUN FIRING", "E) PART 1 OF 2. GUN FIRING").split(" -\n")[0] + ")\n"
    two = GUNS.split("E)")[0] + "E) PART 2 OF 2. 345000N 0340000E - 341000N 0340000E - 341000N 0330000E)\n"
    found, by_id = drawn(one + two)
    assert found.messages == 1
    assert by_id["A1111/20"]["properties"]["geometry_source"] == "item_e"
    assert len(by_id["A1111/20"]["geometry"]["coordinates"][0]) == 5
    found, by_id = drawn(two)
    assert "part 1 of 2 is missing" in found.warnings[0]
    assert by_id["A1111/20"]["properties"]["geometry_source"] == "q_circle"


def test_what_is_not_airspace_or_is_over_is_set_aside():
    runway = GUNS.replace("QWMLW", "QMRLC")
    over = GUNS.replace("QWMLW", "QRDCN").replace("A1111", "A1112")
    cancel = "A1114/20 NOTAMC A1113/20\nQ) LCCC/QRDXX/IV/BO/W/000/999/3430N03330E045\nA) LCCC B) 2012080600\nE) NOTAM CNL\n"
    found, _ = drawn(runway + over + cancel)
    assert not found.features and found.messages == 3
    assert "QMRLC is not about closed airspace" in found.ignored[0]
    assert "cancelled" in found.ignored[1] and "cancels A1113/20" in found.ignored[2]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("SFC", {"ref": "SFC"}),
        ("GND", {"ref": "SFC"}),
        ("UNL", {"ref": "UNL"}),
        ("FL245", {"value": 245, "ref": "FL"}),
        ("FL 95", {"value": 95, "ref": "FL"}),
        ("10,500FT AMSL", {"value": 10500, "ref": "ft_amsl"}),
        ("2000FT AGL", {"value": 2000, "ref": "ft_agl"}),
        ("300M AMSL", {"value": 984.3, "ref": "ft_amsl"}),
        ("HIGH", None),
    ],
)
def test_levels(text, level):
    assert level_of(text) == level


def test_a_bad_time_or_level_closes_more_and_says_so():
    found, by_id = drawn(GUNS.replace("2012080600", "2012321000").replace("4000FT AMSL", "SOMEWHERE"))
    properties = by_id["A1111/20"]["properties"]
    assert properties["valid"] == [[None, "2020-12-08T12:00:00Z"]] and "floor" not in properties
    assert any("is not a time YYMMDDhhmm; taken as open" in warning for warning in found.warnings)


# SIGMET ------------------------------------------------------------------------------------------------

SIGMET = """LOVV SIGMET 5 VALID 101230/101430 LOWM-
LOVV WIEN FIR SEV TURB FCST WI N4730 E01200 - N4800 E01400 -
N4700 E01500 - N4730 E01200 FL250/370 MOV E 15KT NC=
"""


def test_a_sigmet_outline():
    found = sigmet_features(SIGMET, on=date(2020, 12, 9))
    (feature,) = found.features
    assert feature["id"] == "LOVV SIGMET 5"
    assert feature["geometry"]["coordinates"][0][1] == [14.0, 48.0]
    assert feature["properties"]["floor"] == {"value": 250, "ref": "FL"}
    assert feature["properties"]["ceiling"] == {"value": 370, "ref": "FL"}
    assert feature["properties"]["valid"] == [["2020-12-10T12:30:00Z", "2020-12-10T14:30:00Z"]]
    assert "it moves; only where it was is closed" in found.warnings[0]


def test_without_a_date_a_sigmet_stays_in_force():
    found = sigmet_features(SIGMET)
    assert "valid" not in found.features[0]["properties"]
    assert "give --date" in found.warnings[0]


def test_a_validity_over_the_end_of_a_month():
    text = SIGMET.replace("101230/101430", "312200/010400")
    (feature,) = sigmet_features(text, on=date(2021, 1, 1)).features
    assert feature["properties"]["valid"] == [["2020-12-31T22:00:00Z", "2021-01-01T04:00:00Z"]]


@pytest.mark.parametrize(
    ("text", "floor", "ceiling"),
    [
        ("SFC/FL120", None, {"value": 120, "ref": "FL"}),
        ("SFC/9000FT", None, {"value": 9000, "ref": "ft_amsl"}),
        ("TOP FL450", None, {"value": 450, "ref": "FL"}),
        ("TOP ABV FL450", None, None),
        ("ABV FL300", {"value": 300, "ref": "FL"}, None),
        ("BLW FL100", None, {"value": 100, "ref": "FL"}),
    ],
)
def test_sigmet_levels(text, floor, ceiling):
    (feature,) = sigmet_features(SIGMET.replace("FL250/370", text)).features
    assert feature["properties"].get("floor") == floor
    assert feature["properties"].get("ceiling") == ceiling


def test_the_entire_fir_sides_and_cancellations():
    text = (
        "OIIX SIGMET 2 VALID 101230/101630 OIII-\nOIIX TEHRAN FIR EMBD TS FCST ENTIRE FIR TOP FL450=\n"
        "LOVV SIGMET 6 VALID 101230/101430 LOWM-\nLOVV WIEN FIR SEV ICE FCST N OF N4730 SFC/FL120=\n"
        "LOVV SIGMET 7 VALID 101230/101430 LOWM-\nLOVV WIEN FIR CNL SIGMET 5 101230/101430=\n"
    )
    found = sigmet_features(text, firs={"OIIX": [FIR["features"][0]["geometry"]]})
    assert found.messages == 3 and [feature["id"] for feature in found.features] == ["OIIX SIGMET 2"]
    assert "cuts the FIR by a line" in found.ignored[0] and "cancels" in found.ignored[1]


# FIR files ---------------------------------------------------------------------------------------------


def test_firs_by_id(fir_file):
    found = read_fir(fir_file, ["obbb", "OIIX"], 1852.0)
    assert [closure.id for closure in found.closures] == ["OBBB", "OBBB-2", "OIIX"]
    assert {closure.stand_off_m for closure in found.closures} == {1852.0}
    assert any("not its national airspace" in warning for warning in found.warnings)


def test_an_unknown_fir_is_named(fir_file):
    with pytest.raises(InputError, match=r"no FIR 'OIXX' in it \(did you mean OIIX"):
        read_fir(fir_file, ["OIXX"])


def test_the_outlines_of_the_world_mended_and_read_back():
    folder = os.environ.get("LONGREACH_DATA")
    if not folder:
        pytest.skip("not run: LONGREACH_DATA not set")
    path = Path(folder) / "airspace" / "vatspy_Boundaries.geojson"
    ids = ["OIIX", "OBBB", "OMAE", "ORBB", "OKAC", "OJAC", "CZQX", "KZAK", "UHMM", "NZZO", "GMMM", "LDZO"]
    found = read_fir(path, ids)
    assert {closure.id.split("-")[0].split(".")[0] for closure in found.closures} == set(ids)
    mended = [warning for warning in found.warnings if "mended" in warning or "overlap" in warning]
    assert any("'GMMM'" in warning for warning in mended) and any("'LDZO'" in warning for warning in mended)
    pacific = next(closure for closure in found.closures if closure.id == "KZAK")
    assert len(pacific.rings) == 1  # cut at 180 in the file, joined here


# Import ------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path, fir_file):
    (tmp_path / "notam.txt").write_text(KICZ + BAGHDAD + GUNS)
    (tmp_path / "sigmet.txt").write_text(SIGMET)
    warn = {**FIR["features"][0], "properties": {"action": "warn", "id": "w"}}
    zone = {"type": "Feature", "id": "B1234/20", "properties": {"margin_nm": 5, "kind": "danger", "stroke": "red"},
            "geometry": FIR["features"][1]["geometry"]}  # fmt: skip
    (tmp_path / "own.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [warn, zone]}))
    return [tmp_path / name for name in ("notam.txt", "sigmet.txt", "own.geojson")]


def test_one_file_of_many(files, fir_file, tmp_path):
    found = import_closures(files, fir=fir_file, fir_ids=["OIIX"], on=date(2020, 12, 10))
    assert [(read.format, read.messages, read.closed, len(read.ignored)) for read in found.files] == [
        ("notam", 3, 3, 0), ("sigmet", 1, 1, 0), ("geojson", 2, 1, 1), ("fir", 1, 1, 0)]  # fmt: skip
    ids = [feature.get("id") for feature in found.document["features"]]
    assert len([id_ for id_ in ids if id_]) == len(set(ids) - {None}) and "B1234/20-2" in ids
    again = parse_closures(found.document, stand_off_m=18520.0)
    assert len(again.closures) == found.closures == 6 and len(again.ignored) == 1
    margins = {closure.id: closure.stand_off_m for closure in again.closures}
    assert margins["B1234/20-2"] == 9260.0 and margins["A1111/20"] == 18520.0


def test_import_is_stable(files, fir_file, tmp_path):
    first = import_closures(files, fir=fir_file).document
    path = tmp_path / "first.geojson"
    path.write_text(json.dumps(first))
    assert import_closures([path]).document == first


def test_faults_of_all_files_at_once(tmp_path):
    (tmp_path / "a.txt").write_text("HELLO")
    (tmp_path / "b.geojson").write_text("{")
    with pytest.raises(InputError) as caught:
        import_closures([tmp_path / "a.txt", tmp_path / "b.geojson", tmp_path / "c"])
    assert len(caught.value.faults) == 3


def test_nothing_closed_is_an_error(tmp_path):
    (tmp_path / "n.txt").write_text(KICZ)
    with pytest.raises(InputError, match=r"nothing in these files closes airspace(?s:.*)give its outline"):
        import_closures([tmp_path / "n.txt"])


def test_the_command_writes_and_tells(files, fir_file, tmp_path, capsys):
    out = tmp_path / "closures.geojson"
    import_(files, out, fir=fir_file)
    said = capsys.readouterr().out
    assert "notam.txt: 3 NOTAM read, 3 closed, 0 set aside" in said
    assert "set aside  feature 1 'w': action \"warn\" closes nothing" in said
    assert len(read_closures(out).closures) == 5
    import_(files, tmp_path / "again.geojson", fir=fir_file, as_json=True)
    assert json.loads(capsys.readouterr().out)["closures"] == 5
    assert (tmp_path / "again.geojson").read_bytes() == out.read_bytes()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "no file to write"),
        ({"output": Path("x.geojson")}, "no file to read"),
        ({"output": Path("x.geojson"), "fir_ids": "OIIX"}, "without a file of outlines"),
        ({"output": Path("x.geojson"), "fir_ids": "OIIX", "day": "10 Dec"}, "'10 Dec' is not a day"),
        ({"output": Path("x.geojson"), "files": [Path("none")], "format": "kml"}, "'kml' is not one of auto"),
    ],
)
def test_a_wrong_command_is_refused(given, says):
    with pytest.raises(InputError, match=says):
        import_(**given)
    assert not Path("x.geojson").exists()
