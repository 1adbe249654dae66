"""The table of documented flights: every bound at most what was flown, and the table is what the planner gives."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "refuelling-measured.md").read_text("utf-8")
CASES = tomllib.loads((ROOT / "benchmarks" / "history" / "cases.toml").read_text("utf-8"))["case"]
SOON = ("b2_allied_force_1999", "centrazbat_1997")  # planned anew in the quick tests


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_history", ROOT / "benchmarks" / "bench_history.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_history"] = module
    spec.loader.exec_module(module)
    return module


def rows() -> dict[str, list[str]]:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| flight ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row for row in cells}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_table_has_the_case_and_its_bound_holds(case: dict) -> None:
    row = rows()[case["name"]]
    bound, planned, flown = row[1], row[3], case.get("tanker_sorties")
    if planned != "–":
        assert int(bound) <= int(planned)
        if flown is not None:
            assert int(bound) <= flown
    assert "BOUND ABOVE" not in row[-1]


def test_no_case_is_missing_its_mission() -> None:
    for case in CASES:
        assert (ROOT / case["mission"]).is_file(), case["id"]
        assert case["sources"]
    assert len(CASES) == len(rows())


@pytest.mark.parametrize("name", SOON)
def test_the_table_is_what_the_planner_gives(bench: ModuleType, name: str) -> None:
    case = next(case for case in CASES if case["id"] == name)
    assert bench.cells(bench.planned(case)) == rows()[case["name"]]
