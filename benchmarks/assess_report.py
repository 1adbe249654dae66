"""Writes docs/assess-measured.md from the kept results. Run: python benchmarks/assess_report.py

It needs assess_errors.json, assess_power.json, assess_cells.json, assess_speed.json and assess_founding.json under
benchmarks/results; what is missing is said to be missing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "assess-measured.md"
MISSING = "Not measured yet.\n"

HEAD = """# The after-action test measured

Every figure comes from a file that the command beside it writes again; `python benchmarks/assess_report.py` makes this
page of them. What the tests are is in [assess](assess.md).
"""


def kept(name: str) -> dict[str, Any] | None:
    path = RESULTS / name
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def errors() -> str:
    found = kept("assess_errors.json")
    parts = ["## How often a decline is found where nothing happened\n"]
    if not found:
        return parts[0] + "\n" + MISSING
    parts.append(
        f"`python -m benchmarks assess_errors`, {found['date']}: {found['count']:,} tests a column, nominal 5 %, one-sided; "
        "flights ordered after a rise. Per cent; standard error below 0.7 where the share is 5.\n"
    )
    rows = found["rows"]
    parts.append("| test | " + " | ".join(rows) + " |")
    parts.append("|---|" + "---:|" * len(rows))
    for test, words in found["tests"].items():
        bold = "**" if test in ("primary", "called") else ""
        cells = " | ".join(f"{bold}{100 * each['share'][test]:.1f}{bold}" for each in rows.values())
        parts.append(f"| {bold}{words}{bold} | {cells} |")
    worst = max(rows, key=lambda name: rows[name]["share"]["primary"])
    parts.append(
        f"\nLargest share of the primary: {100 * rows[worst]['share']['primary']:.1f} % ({worst}); at most 6.5 % was the "
        "figure to reach. The last row is the other side: it is not calibrated and is always printed with that flag.\n"
    )
    left = "; ".join(f"{name} {each['unfit']}" for name, each in rows.items() if each["unfit"])
    parts.append(
        f"Flights left untested beside those counted (series unfit, or too few dates as high): {left}.\n"
    )
    parts.append(
        "Real Iraq: UCDP by day, 2004 to 2018, the country and six provinces, random five-year windows, pseudo-flights by the "
        "same rule; the tests share windows and rises and are not independent. The worlds: Poisson; negative binomial with a "
        "daily variance of three times the mean; log-Gaussian Cox (LGCP) with a spread of 0.8 in the log rate and a memory of "
        "30 days, at three rates; the same with 200 days (slow); Hawkes with branching 0.6 and a mean delay of 7 days. "
        "Numbers are incidents a year.\n"
    )
    return "\n".join(parts)


def power() -> str:
    found = kept("assess_power.json")
    parts = ["## How often a real fall is found\n"]
    if not found:
        return parts[0] + "\n" + MISSING
    parts.append(
        f"`python -m benchmarks assess_power`, {found['date']}: {found['count']:,} series a row; per cent with 95 % intervals. "
        "One flight: five-year series. Several: the rule orders them one after the other and sees what each has done; the "
        "series ends a year after the last. Rows without a fall are errors.\n"
    )
    parts.append("| world | flights | fall | years | H, primary | called (H and I) | H, past-only |")
    parts.append("|---|---:|---:|---:|---:|---:|---:|")
    for row in found["rows"]:
        cells = []
        for test in ("primary", "called", "past_only"):
            low, high = row["interval_95"][test]
            cells.append(f"{100 * row['share'][test]:.1f} [{100 * low:.1f}, {100 * high:.1f}]")
        fall = f"{100 * row['fall']:.0f} %" if row["fall"] else "none"
        parts.append(
            f"| {row['world']} | {row['flights']} | {fall} | {row['median_years']} | {' | '.join(cells)} |"
        )
    return "\n".join(parts) + "\n"


def cells() -> str:
    found = kept("assess_cells.json")
    parts = ["## The shows of force in Iraq\n"]
    if not found:
        return parts[0] + "\n" + MISSING
    parts.append(
        f"`python -m benchmarks assess_cells`, {found['date']}, with LONGREACH_DATA: 2,785 real shows of force and 106,274 "
        "incidents from the R package geocausal (MIT). Low passes by tactical aircraft: a demonstration of the tool, no "
        "evidence about bombers.\n"
    )
    parts.append(
        "Recipe: quarter-degree cells from 0, 0 with 150 incidents or more in the period; an event counts where its cell had "
        "none, and no air strike, in the 7 days before; incidents of days 1 to 7; logs of one more than the incidents of the "
        "7 and the 28 days before the day; cell and month effects, Poisson; 95 % intervals from 1,000 resamplings of whole "
        "cells. Controls: cell-days without an event on the day or in the 7 days before, no air strike in the 7 days before. "
        "In the first four rows events followed by an air strike within 7 days are left out too, as in the research "
        "prototype: that exclusion looks forward and is itself a filter on the future. The choice of cells by their total "
        "looks at the whole period as well, but at no date in it.\n"
    )
    parts.append(
        "| period | events with strikes after | controls | events | ratio | before: events, controls | plain after/before |"
    )
    parts.append("|---|---|---|---:|---:|---:|---:|")
    for ahead in (7, 0):
        for row in found["rows"]:
            if row["recipe"]["exclude_ahead_days"] != ahead:
                continue
            parts.append(
                f"| {row['period']} | {'left out' if ahead else 'kept'} | "
                f"{'**THE TRAP**, screened by their future' if row['screened'] else 'past-only'} | {row['events']} | "
                f"{row['ratio']:.3f} [{row['low_95']:.2f}, {row['high_95']:.2f}] | "
                f"{row['before_events']:.1f}, {row['before_controls']:.1f} | {row['naive']:.3f} |"
            )
    parts.append(
        "\nThe research prototype had 1.011 and 1.009 past-only, 1.061 and 1.029 screened, with its own, not fully recorded, "
        "choice of cells and lags.\n"
    )
    return "\n".join(parts)


def speed() -> str:
    found = kept("assess_speed.json")
    parts = ["## Speed\n"]
    if not found:
        return parts[0] + "\n" + MISSING
    parts.append(
        f"`python -m benchmarks assess_speed`, {found['date']}; five years by day, 200 pseudo-flights, budget 60 s.\n"
    )
    parts.append("| what | audit, s (CPU) | with power, s (CPU) |")
    parts.append("|---|---:|---:|")
    for name, row in found["rows"].items():
        parts.append(
            f"| {name} | {row['audit_wall_s']:.1f} ({row['audit_cpu_s']:.1f}) | "
            f"{row['with_power_wall_s']:.1f} ({row['with_power_cpu_s']:.1f}) |"
        )
    return "\n".join(parts) + "\n"


def founding() -> str:
    found = kept("assess_founding.json")
    parts = ["## The founding seven flights\n"]
    if not found:
        return parts[0] + "\n" + MISSING
    answer = found["answer"]
    parts.append(
        f"`python -m benchmarks assess_founding`, {found['date']}: {answer['rate_per_year']:g} attacks a year, "
        f"{answer['flights']} flights, {answer['follow_ups']} follow-ups that do not overlap, "
        f"{answer['expected_per_follow_up']:.1f} attacks expected in each. Verdict: **{answer['verdict']}**. Per cent of 1,000 "
        "simulated series in which a decline would be called.\n"
    )
    heads = [
        f"fall {100 * each['fall']:.0f} %" if each["fall"] else "no fall"
        for each in answer["power"][0]["falls"]
    ]
    parts.append(f"| stand-in for the series | {' | '.join(heads)} | flights for 30 % | for 50 % |")
    parts.append("|---|" + "---:|" * (len(heads) + 2))
    for one in answer["power"]:
        cells_ = " | ".join(f"{100 * each['called']:.1f}" for each in one["falls"])
        needed = " | ".join(
            "no number" if n is None else str(n) for n in one["flights_needed_80_pct"].values()
        )
        parts.append(f"| {one['world']} | {cells_} | {needed} |")
    parts.append(
        f"\nTen days without an attack, as after 10 December 2020, come about in {100 * found['ten_quiet_days']:.0f} % of cases at "
        "50 a year with no effect at all. The flights needed are by normal approximation, for a power of 80 %, in a series as "
        "long as these.\n"
    )
    return "\n".join(parts)


def main() -> int:
    PAGE.write_text("\n".join([HEAD, errors(), power(), founding(), cells(), speed()]), "utf-8")
    print(f"wrote {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
