"""Refuelling by itself: the fuel ladder beside a plain grid, tankers shared out, a plan with teams of tankers.

1. The fuel ladder of the founding mission and three documented flights, as `longreach plan` first asks it: the time to
   choose and prove it, beside the same question put to a plain dynamic programme on 1,000 lb and 250 lb of fuel
   (`ladder_grid`). Exits 1 where the grid finds something below what was proved, or a ladder takes over a second.
2. Tankers shared out among many contacts: the sorties offered, and the integer programme over them.
3. The plan of `examples/black-buck-1982.toml`, where tankers refuel tankers, and its checks.

Run: python -m benchmarks refuelling. Processor times, best of several, kernels compiled. Writes
benchmarks/results/refuelling.json and docs/refuelling-times.md.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import ladder_grid
from benchmarks.__main__ import machine
from longreach import __version__, mission
from longreach.fuel import ladder
from longreach.plan import plan, tankers
from longreach.units import POUND

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "refuelling.json"
PAGE = ROOT / "docs" / "refuelling-times.md"
FLIGHTS = {
    "Two B-52H, Barksdale, Gulf, Barksdale, 2020": ROOT / "examples" / "gulf-2020-12-10.toml",
    "B-2A, Whiteman, Afghanistan, Diego Garcia, 2001": ROOT / "benchmarks" / "history" / "b2_oef_2001.toml",
    "Two B-1B round the world, 1995": ROOT / "benchmarks" / "history" / "coronet_bat_1995.toml",
    "Seven B-52G, Barksdale, Saudi Arabia, Barksdale, 1991": ROOT
    / "benchmarks"
    / "history"
    / "secret_squirrel_1991.toml",
}
SHARED = [
    ROOT / "benchmarks" / "shared_tankers.toml",
    ROOT / "benchmarks" / "history" / "power_flite_1957.toml",
]
RELAY = ROOT / "examples" / "black-buck-1982.toml"
GRIDS_LB = (1000, 250)
RUNS = 5
SPARE_SORTIES = 1  # more than ours the grid may use
BUDGET_S = 1.0  # of choosing and proving one ladder


class Call(NamedTuple):
    """One call of a function: what it was given, what it gave, how long it took [s of processor]."""

    given: tuple[Any, ...]
    named: dict[str, Any]
    found: Any
    seconds: float


@contextmanager
def recorded(module: ModuleType, name: str) -> Iterator[list[Call]]:
    """Every call of a module's function while a plan is made."""
    calls: list[Call] = []
    function = getattr(module, name)

    def told(*given: Any, **named: Any) -> Any:
        since = time.process_time()
        found = function(*given, **named)
        calls.append(Call(given, named, found, time.process_time() - since))
        return found

    setattr(module, name, told)
    try:
        yield calls
    finally:
        setattr(module, name, function)


def best_of(runs: int, function: Callable[[], Any]) -> tuple[Any, float]:
    """What a function gives, and the least processor time it took [s]."""
    times = []
    for _ in range(runs):
        since = time.process_time()
        found = function()
        times.append(time.process_time() - since)
    return found, min(times)


def ladders() -> list[dict[str, Any]]:
    """The first ladder of each flight, beside the grids."""
    rows = []
    for name, path in FLIGHTS.items():
        with recorded(ladder, "choose") as calls:
            document = plan(mission.load(path))
        call = next(each for each in calls if each.found is not None and each.found.rungs)
        offers = call.given[2]
        asked = {name: value for name, value in call.named.items() if name != "gap"}  # here it is proved
        found, seconds = best_of(RUNS, partial(ladder.choose, *call.given, **asked))
        row: dict[str, Any] = {
            "flight": name,
            "candidates": int(offers.air_end_m.size),
            "options": int((offers.base >= 0).sum()),
            "choices": int(((offers.base >= 0)[:, :, None] & (offers.offload_kg[:, :, 1:] > 0.0)).sum()),
            "sorties": found.sorties,
            "contacts": len(found.rungs),
            "fuel_kg": round(found.bought_kg, 1),
            "gap_ppm": round(1e6 * (found.bought_kg / found.bound_kg - 1.0), 3),
            "cell_kg": round(found.cell_kg, 3),
            "cpu_s": round(seconds, 4),
            "ladders_in_the_plan": len(calls),
            "all_ladders_cpu_s": round(sum(each.seconds for each in calls), 3),
            "plan_status": document["status"],
            "grids": [],
        }
        for pounds in GRIDS_LB:

            def peer(pounds: int = pounds, call: Call = call, most: int = found.sorties) -> Any:
                receiver, guarded, offers, takeoff_kg = call.given
                return ladder_grid.solve(
                    receiver, guarded, offers, takeoff_kg, pounds * POUND, most + SPARE_SORTIES
                )

            peer()  # compiled
            grid, took = best_of(1, peer)
            told: dict[str, Any] = {"step_lb": pounds, "cpu_s": round(took, 3)}
            if grid is not None:
                told |= {
                    "levels": grid.levels,
                    "sorties": grid.sorties,
                    "fuel_kg": round(grid.fuel_kg, 1),
                    "more_fuel_pct": round(100.0 * (grid.fuel_kg / found.bought_kg - 1.0), 4),
                    "below_the_bound": bool(
                        grid.sorties < found.sorties
                        or (grid.sorties == found.sorties and grid.fuel_kg < found.bound_kg - 1.0)
                    ),
                }
            row["grids"].append(told)
        rows.append(row)
        beside = "; ".join(
            f"{each['step_lb']} lb grid {each['cpu_s']:.2f} s, "
            + (
                f"{each['sorties']} sorties, {each['more_fuel_pct']:+.3f} %"
                if "fuel_kg" in each
                else "no plan"
            )
            for each in row["grids"]
        )
        print(
            f"{name}: {row['candidates']} candidates, {row['choices']} choices, {row['sorties']} sorties, "
            f"gap {row['gap_ppm']:.2f} ppm, {seconds:.3f} s; {beside}",
            flush=True,
        )
    return rows


def shared() -> list[dict[str, Any]]:
    """Tankers shared out among many contacts."""
    rows = []
    for path in SHARED:
        asked = mission.load(path)
        with recorded(tankers, "_columns") as offered, recorded(tankers, "_partition") as solved:
            document, seconds = best_of(1, partial(plan, asked))
        most = max(solved, key=lambda call: len(call.given[2]))
        _, columns_s = best_of(RUNS, partial(tankers._columns, *offered[-1].given))
        _, partition_s = best_of(RUNS, partial(tankers._partition, *most.given))
        best = document["optimality"]["assignment"]
        row = {
            "mission": asked.name,
            "status": document["status"],
            "contacts": len(most.given[1]),
            "columns": len(most.given[2]),
            "sorties": best["sorties"],
            "sorties_bound": best["sorties_bound"],
            "columns_cpu_s": round(columns_s, 4),
            "partition_cpu_s": round(partition_s, 4),
            "partitions_in_the_plan": len(solved),
            "plan_cpu_s": round(seconds, 2),
        }
        rows.append(row)
        print(
            f"{row['mission']}: {row['contacts']} contacts, {row['columns']} sorties offered in {columns_s:.3f} s, "
            f"{row['sorties']} chosen (bound {row['sorties_bound']}) in {partition_s:.4f} s; whole plan {seconds:.1f} s",
            flush=True,
        )
    return rows


def relay() -> dict[str, Any]:
    """Tankers that refuel tankers: the whole plan, checks and all."""
    asked = mission.load(RELAY)
    document, seconds = best_of(2, lambda: plan(asked))
    row = {
        "mission": asked.name,
        "status": document["status"],
        "sorties": document["optimality"]["tanker_sorties"],
        "transfers": len(document["refuellings"]),
        "checks": len(document["checks"]),
        "plan_cpu_s": round(seconds, 2),
    }
    print(
        f"{asked.name}: {row['status']}, {row['sorties']} sorties, {row['transfers']} transfers, {seconds:.1f} s"
    )
    return row


def page(document: dict[str, Any]) -> str:
    """docs/refuelling-times.md."""
    steps = " | ".join(f"{pounds:,} lb grid | more fuel" for pounds in GRIDS_LB)
    lines = [
        "# Refuelling timed",
        "",
        "Written, with `benchmarks/results/refuelling.json`, by",
        "",
        "```",
        "python -m benchmarks refuelling",
        "```",
        "",
        f"on {document['date_utc'][:10]} ({document['machine']['processor']}, one core, processor time, best of several "
        "runs).",
        "",
        "## The fuel ladder beside a grid of fuels",
        "",
        "The first ladder that `longreach plan` asks for on each flight: where, from which base, with how many tankers and",
        "how much, fewest sorties first, then least fuel. *Choices* are candidate, base and number of tankers. **Ours** is",
        "the time to choose *and prove* it; **gap** is what is left between plan and proof. Beside it a plain dynamic",
        "programme over the fuel after each contact, compiled alike, exact burn between, no proof",
        "(`benchmarks/ladder_grid.py`): its time, and the fuel it buys more. The grid is told the number of sorties to",
        f"stay near (ours and {SPARE_SORTIES} more); ours finds it.",
        "",
        f"| flight | candidates | choices | sorties | ours | gap | {steps} |",
        "|" + "---|" * (6 + 2 * len(GRIDS_LB)),
    ]
    for row in document["ladders"]:
        told = [
            f"{each['cpu_s']:.2f} s | "
            + (
                "no plan"
                if "fuel_kg" not in each
                else f"{each['more_fuel_pct']:+.2f} %"
                if each["sorties"] == row["sorties"]
                else f"{each['sorties']} sorties"
            )
            for each in row["grids"]
        ]
        lines.append(
            f"| {row['flight']} | {row['candidates']} | {row['choices']:,} | {row['sorties']} | {row['cpu_s']:.3f} s | "
            f"{row['gap_ppm']:.2f} ppm | {' | '.join(told)} |"
        )
    lines += [
        "",
        "A plan asks for several ladders: each with what flying the one before has taught, without a margin, and for every",
        "other line that is looked at. All of them, one after the other, took",
        "",
        "| flight | ladders | in all |",
        "|---|---|---|",
        *(
            f"| {row['flight']} | {row['ladders_in_the_plan']} | {row['all_ladders_cpu_s']:.2f} s |"
            for row in document["ladders"]
        ),
        "",
        "## Tankers shared out",
        "",
        "Sorties offered are columns, contacts rows of a set partition in whole numbers (HiGHS), solved to the end.",
        "",
        "| mission | contacts | sorties offered | in | chosen | bound | solved in | whole plan |",
        "|" + "---|" * 8,
    ]
    lines += [
        f"| {row['mission']} | {row['contacts']} | {row['columns']} | {1e3 * row['columns_cpu_s']:.0f} ms | {row['sorties']} | "
        f"{row['sorties_bound']} | {1e3 * row['partition_cpu_s']:.1f} ms | {row['plan_cpu_s']:.1f} s |"
        for row in document["shared"]
    ]
    told = document["relay"]
    lines += [
        "",
        "## Tankers that refuel tankers",
        "",
        f"{told['mission']} (`examples/black-buck-1982.toml`): {told['status']}, {told['sorties']} tanker sorties,",
        f"{told['transfers']} transfers of fuel, {told['checks']} checks; planned and checked in {told['plan_cpu_s']:.1f} s.",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """All three, printed and kept."""
    plan(mission.load(next(iter(FLIGHTS.values()))))  # kernels compiled, caches made
    document: dict[str, Any] = {
        "date_utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "longreach_version": __version__,
        "machine": machine(),
        "ladders": ladders(),
        "shared": shared(),
        "relay": relay(),
    }
    RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(page(document), "utf-8")
    grids = [grid for row in document["ladders"] for grid in row["grids"]]
    wrong = any(grid.get("below_the_bound", False) for grid in grids)
    slow = any(row["cpu_s"] > BUDGET_S for row in document["ladders"])
    statuses = [each["plan_status"] for each in document["ladders"]]
    statuses += [document["relay"]["status"], *(each["status"] for each in document["shared"])]
    missed = wrong or slow or any(status != "feasible" for status in statuses)
    print(f"grid below what was proved: {'YES' if wrong else 'never'}; {'MISSED' if missed else 'kept'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
