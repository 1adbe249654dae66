"""validate, schema, examples, airports and doctor, through the front door."""

import json
import tomllib
from pathlib import Path

import pytest

from longreach import cli, mission
from longreach.cli import doctor, examples

ROOT = Path(__file__).parents[2]
GULF = ROOT / "examples" / "gulf-2020-12-10.toml"
BAD = ROOT / "tests" / "bad_missions" / "many-faults.toml"


def run(capsys, *arguments):
    code = cli.main(list(arguments))
    return code, capsys.readouterr().out


def test_validate_a_good_mission(capsys):
    code, out = run(capsys, "validate", str(GULF))
    assert code == 0 and "no faults" in out and "2 × B-52H, KBAD to KBAD" in out


def test_validate_as_json(capsys):
    code, out = run(capsys, "validate", str(GULF), "--json")
    assert code == 0 and json.loads(out)["status"] == "ok"
    code, out = run(capsys, "validate", str(BAD), "--json")
    document = json.loads(out)
    assert code == 2 and document["status"] == "error" and len(document["faults"]) == 4
    assert document["faults"][0]["key"] == "station.radius" and document["faults"][0]["line"] == 17


@pytest.mark.parametrize("name", ["mission", "plan", "route"])
def test_schema(name, capsys):
    code, out = run(capsys, "schema", name)
    assert code == 0
    assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_examples_are_listed_with_their_names(capsys):
    code, out = run(capsys, "examples", "list", "--json")
    listed = json.loads(out)["examples"]
    assert code == 0
    assert listed == {
        path.stem: tomllib.loads(path.read_text())["name"] for path in (ROOT / "examples").glob("*.toml")
    }


def test_every_example_can_be_copied_and_is_a_mission(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in sorted((ROOT / "examples").glob("*.toml")):
        code, out = run(capsys, "examples", "copy", path.stem)
        assert code == 0 and out.splitlines()[0] == f"{path.stem}.toml"
        assert mission.load(tmp_path / f"{path.stem}.toml").sha256 == mission.load(path).sha256


def test_a_copy_never_writes_over_a_file(capsys, tmp_path):
    target = tmp_path / "mine.toml"
    assert run(capsys, "examples", "copy", "gulf-2020-12-10", "-o", str(target))[0] == 0
    target.write_text("my own work")
    assert cli.main(["examples", "copy", "gulf-2020-12-10", "-o", str(target)]) == 2
    assert target.read_text() == "my own work"
    assert run(capsys, "examples", "copy", "gulf-2020-12-10", "-o", str(tmp_path))[0] == 0
    assert (tmp_path / "gulf-2020-12-10.toml").read_bytes() == GULF.read_bytes()


def test_the_wheel_carries_the_examples():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert build["force-include"]["examples"] == "longreach/examples"
    assert examples.folder().is_dir()


def test_airports_show(capsys):
    code, out = run(capsys, "airports", "show", "OTBH")
    assert code == 0 and "Al Udeid Air Base" in out and "12,303 ft" in out
    code, out = run(capsys, "airports", "show", "OTBH", "--json")
    assert json.loads(out)["runway_ft"] == 12303
    code, out = run(capsys, "airports", "show", "OTBK")
    assert code == 0 and "runway     not known" in out


def test_airports_search_that_finds_nothing_is_no(capsys):
    assert run(capsys, "airports", "search", "diego", "garcia")[0] == 0
    assert run(capsys, "airports", "search", "no", "such", "field") == (1, "")


def test_airports_list(capsys):
    code, out = run(capsys, "airports", "list")
    assert code == 0 and len(out.splitlines()) >= 14 and "not known" not in out


def test_doctor_is_well_here(capsys):
    code, out = run(capsys, "doctor", "--json")
    document = json.loads(out)
    assert code == 0 and document["status"] == "ok"
    names = {row["name"] for row in document["rows"]}
    assert {"longreach", "numpy", "airspace pack", "airports", "aircraft", "compiled kernels"} <= names


def test_doctor_finds_what_is_missing_and_says_how_to_mend_it(capsys, monkeypatch):
    wanted = ["numpy>=999", "no-such-library>=1", 'no-such-extra>=1; extra == "fly"']
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: wanted)
    code, out = run(capsys, "doctor")
    assert code == 1
    assert "pip install 'numpy>=999'" in out and "pip install 'no-such-library>=1'" in out
    assert "absent   extra fly" in out and "pip install 'longreach[fly]'" in out


def test_doctor_counts_what_is_cached_and_minds_a_folder_it_cannot_write(capsys, monkeypatch, tmp_path):
    (tmp_path / "route").mkdir()
    (tmp_path / "route" / "one").write_bytes(b"x" * 2_000_000)
    monkeypatch.setenv("LONGREACH_CACHE", str(tmp_path))
    code, out = run(capsys, "doctor", "--json")
    row = next(row for row in json.loads(out)["rows"] if row["name"] == "prepared closures")
    assert code == 0 and row["ok"] and row["found"] == f"1 files, 2.0 MB in {tmp_path / 'route'}"
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    code, out = run(capsys, "doctor", "--json")
    row = next(row for row in json.loads(out)["rows"] if row["name"] == "prepared closures")
    assert code == 0 and not row["ok"] and "LONGREACH_CACHE" in row["mend"]


def test_plan_refuses_an_output_that_is_a_file(tmp_path, capsys):
    (tmp_path / "out").write_text("x")
    assert cli.main(["plan", str(GULF), "-o", str(tmp_path / "out")]) == 2
    assert "is a file" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "x"
