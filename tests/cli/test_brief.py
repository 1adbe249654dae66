"""`longreach brief` through the front door."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from longreach import cli
from longreach.document import to_bytes

_spec = importlib.util.spec_from_file_location(
    "brief_sample_for_cli", Path(__file__).parents[1] / "brief" / "sample.py"
)
assert _spec is not None and _spec.loader is not None
_sample = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_sample)


@pytest.fixture
def folder(tmp_path) -> Path:
    found = tmp_path / "plan"
    found.mkdir()
    (found / "plan.json").write_bytes(to_bytes(_sample.feasible()))
    return found


def test_documents_land_beside_the_plan_the_same_each_time(folder, capsys) -> None:
    assert cli.main(["brief", str(folder), "--pdf"]) == 0
    names = ["brief.html", "brief.pdf", "kneeboard.pdf"]
    assert capsys.readouterr().out.splitlines() == [f"wrote {folder / name}" for name in names]
    first = {name: (folder / name).read_bytes() for name in names}
    assert cli.main(["brief", str(folder / "plan.json"), "--pdf"]) == 0
    assert {name: (folder / name).read_bytes() for name in names} == first


def test_elsewhere_and_as_json(folder, tmp_path, capsys) -> None:
    other = tmp_path / "other"
    assert cli.main(["brief", str(folder), "-o", str(other), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    size = (other / "brief.html").stat().st_size
    assert said == {
        "schema": "longreach.brief/1",
        "folder": str(other),
        "files": [{"name": "brief.html", "bytes": size}],
    }
    assert sorted(path.name for path in folder.iterdir()) == ["plan.json"]


def test_a_missing_typst_names_the_extra_and_writes_nothing(folder, capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    assert cli.main(["brief", str(folder), "--pdf"]) == 2
    assert "longreach[pdf]" in capsys.readouterr().err
    assert not (folder / "brief.html").exists()


def test_what_is_wrong_with_a_plan_is_said_with_the_file(folder, capsys) -> None:
    document = _sample.feasible()
    del document["flights"][0]["takeoff_utc"]
    (folder / "plan.json").write_bytes(to_bytes(document))
    assert cli.main(["brief", str(folder)]) == 2
    assert f"{folder / 'plan.json'}: flights.0.takeoff_utc: is not text" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["{", '{"schema": "other"}'])
def test_a_flown_report_that_cannot_be_read_is_named(folder, capsys, content) -> None:
    (folder / "bluesky.json").write_text(content)
    assert cli.main(["brief", str(folder)]) == 2
    assert "bluesky.json" in capsys.readouterr().err


def test_a_file_that_is_no_fir_outline_is_named(folder, tmp_path, capsys) -> None:
    outlines = tmp_path / "firs.geojson"
    outlines.write_text('{"type": "FeatureCollection"}')
    assert cli.main(["brief", str(folder), "--firs", str(outlines)]) == 2
    assert "firs.geojson:1" in capsys.readouterr().err
