"""The benchmark of documented flights: its cases hold together, and a few of them, flown here, come out in time."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _benchmark():
    spec = importlib.util.spec_from_file_location(
        "bench_documented_flights", ROOT / "benchmarks/bench_documented_flights.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_documented_flights"] = module
    spec.loader.exec_module(module)
    return module


bench = _benchmark()
LEGS = {leg["id"]: leg for leg in tomllib.loads(bench.LEGS.read_text("utf-8"))["leg"]}


@pytest.mark.parametrize("leg", LEGS.values(), ids=LEGS.keys())
def test_every_leg_says_what_it_is(leg: dict) -> None:
    assert leg["kind"] in ("airborne", "block") and (leg["kind"] == "block") == ("taxi_min" in leg)
    assert ("departure" in leg) != ("months" in leg) and leg["source"] and 0.0 < leg["hours"] < 30.0
    if "round" in leg:
        pair = [other for other in LEGS.values() if other.get("round") == leg["round"]]
        assert len(pair) == 2 and pair[0]["from"] == pair[1]["to"] and pair[0]["to"] == pair[1]["from"]


@pytest.mark.parametrize(
    "ident",
    [
        "QF9 Perth to London, first flight",
        "QR921 Auckland to Doha, first flight",
        "QF7879 New York to Sydney",
    ],
)
def test_flown_on_the_monthly_wind_within_eight_percent(ident: str) -> None:
    leg = bench.measure(LEGS[ident])
    assert abs(leg.windy_pct) <= 8.0
    assert abs(leg.windy_pct) < abs(leg.still_pct)  # westward or with the season's headwind: the wind is seen


def test_the_page_is_that_of_the_cases() -> None:
    page = bench.PAGE.read_text("utf-8")
    assert all(ident in page for ident in LEGS)
