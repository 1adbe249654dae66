"""Documented military flights planned with tankers and bases of their time, case by case beside what was reported.

    python -m benchmarks history                    # run, print, keep the lines
    python benchmarks/bench_history.py --write       # also write docs/refuelling-measured.md
    python benchmarks/bench_history.py CASE ...      # those cases only

Each case has a mission file that says what is from the record and what is assumed. The bound is the fewest tanker sorties
on that line in the planner's model; it may never exceed what was flown. Where the number flown is not published, at least
one sortie flew for each refuelling reported: a bound no greater than that is below what was flown for certain.
"""

from __future__ import annotations

import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longreach import mission
from longreach.errors import InputError
from longreach.plan import plan
from longreach.units import HOUR
from longreach.verify.track import seconds

FOLDER = Path(__file__).parent
CASES = FOLDER / "history" / "cases.toml"
PAGE = FOLDER.parent / "docs" / "refuelling-measured.md"
BAND_SIGMAS = 2.0  # of the wind's spread, about the planned duration


@dataclass(frozen=True)
class Row:
    """One case: what was reported and what came out; None where it is not known."""

    case: dict[str, Any]
    status: str
    sorties: int | None = None
    bound: int | None = None
    refuellings: int | None = None
    hours: float | None = None
    either_side_h: float = 0.0
    route_nm: float | None = None
    chance_pct: float | None = None
    least: int | None = None
    note: str = ""
    seconds: float = 0.0

    @property
    def flown_at_least(self) -> int | None:
        """Tanker sorties that flew, or that must have: one for each refuelling."""
        known = self.case.get("tanker_sorties")
        return known if known is not None else self.case.get("refuellings")

    @property
    def bound_holds(self) -> bool | None:
        """Whether the bound is no more than was flown; None where that cannot be said."""
        if self.bound is None or self.flown_at_least is None:
            return None
        if self.bound <= self.flown_at_least:
            return True
        return None if self.case.get("tanker_sorties") is None else False


def planned(case: dict[str, Any]) -> Row:
    """One case planned."""
    since = time.process_time()
    try:
        read = mission.load(FOLDER.parent / case["mission"])
    except InputError as error:
        return Row(case, "not judged", note=error.faults[0].what)
    document = plan(read)
    used = time.process_time() - since
    best = document["optimality"] or {}
    why = document["shortfalls"][0]["what"] if document["shortfalls"] else ""
    lead = next((f for f in document["flights"] if f["role"] == "lead"), None)
    if lead is None or document["status"] != "feasible":
        return Row(case, "infeasible", note=why, seconds=used)
    margins = document.get("margins") or {}
    least = margins.get("minimum") or {}
    return Row(
        case,
        "feasible",
        best["tanker_sorties"],
        best["tanker_sorties_bound"],
        sum(row["receiver"] == lead["id"] for row in document["refuellings"]),
        (seconds(lead["landing_utc"]) - seconds(lead["takeoff_utc"])) / HOUR,
        BAND_SIGMAS * float(lead["wind"]["time_sigma"][-1][1]) / HOUR,
        best["route_nm"],
        margins.get("chance_pct"),
        least.get("tanker_sorties"),
        seconds=used,
    )


def cells(row: Row) -> list[str]:
    """A row of the table."""
    case = row.case
    flown = case.get("tanker_sorties")
    told = (
        str(flown) if flown is not None else (f"≥ {case['refuellings']}" if "refuellings" in case else "n/p")
    )
    hours = f"{row.hours:.1f} ± {row.either_side_h:.1f}" if row.hours is not None else "–"
    reported = f"{case['hours']:g}" if "hours" in case else "n/p"
    length = f"{row.route_nm:,.0f}" if row.route_nm is not None else "–"
    line = f"{case['route_nm']:,.0f}" if "route_nm" in case else "n/p"
    said = {True: "bound holds", False: "BOUND ABOVE WHAT WAS FLOWN", None: "flown number not known"}
    words = said[row.bound_holds] if row.status == "feasible" and row.bound is not None else row.status
    return [
        case["name"],
        "–" if row.bound is None else str(row.bound),
        "–" if row.least is None else str(row.least),
        "–" if row.sorties is None else str(row.sorties),
        told,
        f"{'–' if row.refuellings is None else row.refuellings} / {case.get('refuellings', 'n/p')}",
        f"{hours} / {reported}",
        f"{length} / {line}",
        words + (f": {row.note}" if row.note else ""),
    ]


HEAD = [
    "flight", "bound", "no margin", "planned", "flown", "refuellings, planned / reported", "hours, planned / reported",
    "nm, planned / reported or assumed", "verdict",
]  # fmt: skip


def page(rows: list[Row]) -> str:
    """docs/refuelling-measured.md."""
    table = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    table += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    notes = [f"* **{row.case['name']}.** {row.case['note']}" for row in rows if row.case.get("note")]
    sources = [f"* **{row.case['name']}.** {row.case['sources']}" for row in rows]
    return (
        "# Documented flights planned with tankers\n\n"
        "Every military case of the open record whose types have a fuel model, planned with tankers and bases of its time.\n"
        "Written by\n\n```\npython benchmarks/bench_history.py --write\n```\n\n"
        "from the missions in `benchmarks/history` (and two in `examples`), each of which marks what is from the record, what\n"
        "is recalled and what is assumed. **Bound**: fewest tanker sorties on the line with no margin and every rounding in\n"
        "the plan's favour; never read it as what was needed. **No margin**: fewest that can be flown whole with no fuel for\n"
        "doubt, an even chance. **Planned**: with the margin the mission asks. **Flown**: as published; “≥ 4” where only the\n"
        "refuellings are: at least one sortie flew for each.\n"
        "Hours are ± two sigmas of the wind alone. Real operations use more: payload, formations, spares, tracks\n"
        "and weather that no open record has.\n\n"
        + "\n".join(table)
        + "\n\n## Case by case\n\n"
        + "\n".join(notes)
        + "\n\n## Sources\n\n"
        + "\n".join(sources)
        + "\n"
    )


def main(names: list[str]) -> int:
    write = "--write" in names
    names = [name for name in names if not name.startswith("-")]
    cases = tomllib.loads(CASES.read_text("utf-8"))["case"]
    rows = []
    for case in cases:
        if names and case["id"] not in names:
            continue
        row = planned(case)
        rows.append(row)
        print(f"{case['id']}: " + " | ".join(cells(row)[1:]) + f" ({row.seconds:.1f} s)", flush=True)
    bad = [row.case["id"] for row in rows if row.bound_holds is False]
    print(
        f"{len(rows)} cases, {sum(row.status == 'feasible' for row in rows)} planned, bound above what was flown: {len(bad)}"
    )
    if write:
        PAGE.write_text(page(rows), "utf-8")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
