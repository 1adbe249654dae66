"""`longreach export` through the front door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from longreach import cli

pytestmark = pytest.mark.xdist_group("export")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    from longreach import mission
    from longreach.document import to_bytes
    from longreach.plan import plan

    example = Path(__file__).parents[2] / "examples" / "hel-nrt-2022.toml"
    found = tmp_path_factory.mktemp("plan")
    (found / "plan.json").write_bytes(to_bytes(plan(mission.parse(example.read_text()))))
    return found


def test_files_land_beside_the_plan_and_losses_are_said(folder, capsys) -> None:
    assert cli.main(["export", str(folder), "--format", "gpx,ics"]) == 0
    said = capsys.readouterr().out
    assert sorted(path.name for path in (folder / "exports").iterdir()) == ["plan.gpx", "plan.ics"]
    assert "elevations are pressure altitudes" in said and "Not for navigation" in said


def test_json_names_every_file_with_its_losses(folder, tmp_path, capsys) -> None:
    assert cli.main(["export", str(folder / "plan.json"), "-f", "all", "-o", str(tmp_path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {each["file"] for each in said["files"]} == {path.name for path in tmp_path.iterdir()}
    for each in said["files"]:
        assert each["losses"] and each["bytes"] == (tmp_path / each["file"]).stat().st_size


def test_the_formats_are_listed(folder, capsys) -> None:
    from longreach.export import FORMATS

    assert cli.main(["export", str(folder), "--list"]) == 0
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines()] == list(FORMATS)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--format", "gpxx"], "did you mean gpx"),
        ([], "no format asked for"),
        (["--format", "gpx", "-o", __file__], "is a file; give a folder"),
    ],
)
def test_bad_calls_are_told_so(folder, capsys, options, says) -> None:
    assert cli.main(["export", str(folder), *options]) == 2
    assert says in capsys.readouterr().err


def test_a_missing_extra_is_named(folder, capsys, monkeypatch) -> None:
    import builtins
    import sys

    real = builtins.__import__

    def without(name, *rest, **more):
        if name.partition(".")[0] == "gpxpy":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])
        return real(name, *rest, **more)

    for name in [name for name in sys.modules if name.partition(".")[0] == "gpxpy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    assert cli.main(["export", str(folder), "-f", "gpx", "-o", str(folder / "none")]) == 2
    assert "needs gpxpy: pip install 'longreach[export]'" in capsys.readouterr().err
    assert not (folder / "none").exists()


def test_flying_without_bluesky_is_told_what_to_install(folder, capsys, monkeypatch) -> None:
    from longreach.export import flown

    monkeypatch.delenv("LONGREACH_BLUESKY_PYTHON", raising=False)
    real = flown.util.find_spec
    monkeypatch.setattr(flown.util, "find_spec", lambda name: None if name == "bluesky" else real(name))
    assert cli.main(["export", str(folder), "--fly"]) == 2
    assert "longreach[fly]" in capsys.readouterr().err
