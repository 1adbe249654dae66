"""The user's own types: every fault at once with its line, kept and taken away, named by a mission."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from longreach import cli, mission
from longreach.errors import InputError
from longreach.world import aircraft


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "kept"
    monkeypatch.setenv("LONGREACH_AIRCRAFT", str(folder))
    return folder


def own(tmp_path: Path, **changes: str) -> Path:
    """A file of a type like the B-52H under another name; `changes` are text replaced in it."""
    text = aircraft.to_toml(aircraft.load("B-52H"))
    text = text.replace('code = "B-52H"', 'code = "Long Bomber"').replace(
        'aliases = ["B52H", "B-52", "B52"]', "aliases = []"
    )
    lines = [line if not line.startswith("aliases") else 'aliases = ["LB-1"]' for line in text.splitlines()]
    text = "\n".join(lines) + "\n"
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "bomber.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("entry", aircraft.shipped(), ids=lambda a: a.code)
def test_a_type_written_as_toml_reads_back_the_same(entry: aircraft.Aircraft) -> None:
    text = aircraft.to_toml(entry).replace(f"code = {json.dumps(entry.code)}", 'code = "Zz 9"')
    text = "\n".join(line if not line.startswith("aliases") else "aliases = []" for line in text.splitlines())
    again = aircraft.check(text, "zz.toml")
    assert again.figures == entry.figures and again.calibration == entry.calibration
    assert again.band_reason == entry.band_reason and again.refuelling == entry.refuelling


def test_added_found_shown_and_removed(
    tmp_path: Path, own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = own(tmp_path)
    with pytest.raises(InputError, match="no aircraft type"):
        aircraft.load("LB1")
    assert cli.main(["aircraft", "add", str(path)]) == 0
    assert (
        aircraft.load("lb-1").code == "Long Bomber" and aircraft.load("long bomber").file == "longbomber.toml"
    )
    assert [each.code for each in aircraft.added()] == ["Long Bomber"]
    assert cli.main(["aircraft", "list"]) == 0
    assert "Long Bomber" in capsys.readouterr().out
    assert cli.main(["aircraft", "add", str(path)]) == 2
    assert "--replace" in capsys.readouterr().err
    assert cli.main(["aircraft", "add", str(path), "--replace"]) == 0
    assert cli.main(["aircraft", "remove", "LB1"]) == 0
    assert not list(own_folder.glob("*")) and cli.main(["aircraft", "remove", "LB1"]) == 2
    assert cli.main(["aircraft", "remove", "b52h"]) == 2
    assert "comes with Longreach" in capsys.readouterr().err


def test_a_kept_file_that_went_bad_is_named_and_can_be_removed(tmp_path: Path, own_folder: Path) -> None:
    aircraft.add(own(tmp_path))
    kept = next(own_folder.glob("*.toml"))
    kept.write_text("schema = 3\n", "utf-8")
    assert aircraft.load("B-52H").code == "B-52H"  # a type of ours does not suffer
    with pytest.raises(InputError, match=r"longbomber\.toml:1: schema"):
        aircraft.catalogue()
    assert aircraft.remove("Long Bomber")[1] == kept and not kept.exists()


def test_every_fault_at_once_each_with_its_line(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        **{
            'schema = "longreach.aircraft/1"': 'schema = "longreach.aircraft/9"',
            'code = "Long Bomber"': 'code = "b52h"',
            "engines": "engine",
            "span_ft = { value = 185": "span_ft = { value = 18500",
            "wing_area_ft2 = { value = 4000": 'wing_area_ft2 = { value = "big"',
            "ceiling_ft": "celing_ft",
        },
    )
    lines = path.read_text("utf-8").splitlines()
    with pytest.raises(InputError) as caught:
        aircraft.read(path)
    found = {fault.key: fault for fault in caught.value.faults}
    for key in ("schema", "code", "engine", "figures.span_ft", "figures.wing_area_ft2", "figures.celing_ft"):
        fault = found[key]
        assert fault.file == str(path) and fault.line and key.rsplit(".", 1)[-1] in lines[fault.line - 1], key
    assert "did you mean engines" in str(found["engine"]) and "catalogue's own B-52H" in str(found["code"])
    assert "ceiling is missing" in str(caught.value) and "ceiling_ft, ceiling_m" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xff\xfe", "UTF-16"),
        (b"a = [1,\n", "is not TOML"),
        (b'schema = "longreach.aircraft/1"\n', "kind"),
        (b"figures = 3\n", "must be a table"),
    ],
)
def test_files_that_are_no_type(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        aircraft.read(path)
    with pytest.raises(InputError, match="cannot read"):
        aircraft.read(tmp_path / "none.toml")


MISSION = """schema = "longreach.mission/1"
name = "own type"
[clock]
anchor = "takeoff"
time = 2026-01-15T06:00:00Z
[[flights]]
id = "A"
aircraft = "bomber.toml"
operator = "US"
from = "KBAD"
to = "EGVA"
[winds]
source = "still"
"""


def test_a_mission_names_a_file_and_the_plan_carries_the_type(tmp_path: Path) -> None:
    from longreach import plan
    from longreach.verify import examine

    path = own(tmp_path)
    (tmp_path / "m.toml").write_text(MISSION, "utf-8")
    read = mission.load(tmp_path / "m.toml")
    assert read.flights[0].aircraft == "Long Bomber" and read.aircraft("Long Bomber").file == "bomber.toml"
    document = plan.plan(read)
    assert document["status"] == "feasible"
    kept = document["data"]["aircraft"]["Long Bomber"]
    assert kept["file"] == "bomber.toml" and len(kept["file_sha256"]) == 64
    path.unlink()  # the plan stands on its own
    assert all(check["ok"] for check in examine(document).document())
    document["mission"]["text"] = document["mission"]["text"].replace("bomber.toml", "other.toml")
    assert not all(check["ok"] for check in examine(document).document())


def test_faults_of_a_file_that_a_mission_names_come_with_the_missions_own(tmp_path: Path) -> None:
    own(tmp_path, ceiling_ft="celing_ft")
    (tmp_path / "m.toml").write_text(MISSION.replace('anchor = "takeoff"', 'anchor = "on_station"'), "utf-8")
    with pytest.raises(InputError) as caught:
        mission.load(tmp_path / "m.toml")
    files = {Path(fault.file or "").name for fault in caught.value.faults}
    assert files == {"bomber.toml", "m.toml"}
    (tmp_path / "bomber.toml").unlink()
    with pytest.raises(InputError, match=r"bomber\.toml: cannot read"):
        mission.load(tmp_path / "m.toml")
