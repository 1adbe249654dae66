"""`longreach airspace import` from the command line."""

import json

from longreach.cli import main
from longreach.world.closures import read_closures

NOTAM = """(B1234/20 NOTAMN
Q) ORBB/QRTCA/IV/BO/W/000/260/3320N04415E030
A) ORBB B) 2012010000 C) PERM
E) TEMPO RESTRICTED AREA ACT WI 30NM OF 3320N04415E
F) SFC G) FL260)
(C0001/20 NOTAMN
Q) EDGG/QMRLC/IV/NBO/A/000/999/5002N00834E005
A) EDDF B) 2012080600 C) 2012081200
E) RWY 07/25 CLSD)
"""


def test_a_notam_file_becomes_a_closure_file(tmp_path, capsys):
    text, out = tmp_path / "notam.txt", tmp_path / "closures.geojson"
    text.write_text(NOTAM)
    assert main(["airspace", "import", str(text), "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "2 NOTAM read, 1 closed, 1 set aside" in said and "QMRLC is not about closed airspace" in said
    (closure,) = read_closures(out).closures
    assert closure.id == "B1234/20" and closure.lines[0].offset_m == 30 * 1852.0
    assert main(["airspace", "import", str(text), "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["closures"] == 1


def test_bad_input_is_exit_2_and_writes_nothing(tmp_path, capsys):
    out = tmp_path / "closures.geojson"
    bad = tmp_path / "bad.geojson"
    bad.write_text('{"type": "FeatureCollection",\n "features": [\n  {"type": "Feature", "geometry": null}]}')
    for arguments in ([str(bad)], [str(tmp_path / "none.txt")], []):
        assert main(["airspace", "import", *arguments, "-o", str(out)]) == 2
        assert not out.exists()
    said = capsys.readouterr().err
    assert f"{bad}:3: features.0.geometry: feature 1: has no geometry" in said and "Traceback" not in said
