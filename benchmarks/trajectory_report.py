"""docs/trajectory-measured.md from benchmarks/results/trajectory.json: the tables between its markers.

Run: python benchmarks/trajectory_report.py, after python -m benchmarks trajectory.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "trajectory.json"
PAGE = ROOT / "docs" / "trajectory-measured.md"


def zermelo(rows: list[dict[str, Any]]) -> str:
    """Turning air against its closed form."""
    lines = [
        "| from | to | wind at the equator | off the closed form | the great circle | CPU |",
        "|---|---|---|---|---|---|",
    ]
    for one in rows:
        (a, b), (c, d) = one["from"], one["to"]
        lines.append(
            f"| {a:g}, {b:g} | {c:g}, {d:g} | {one['wind_mps']:g} m/s | {one['off_ppm']:+.0f} ppm | "
            f"{one['great_circle_pct']:+.2f} % | {one['cpu_s']:.2f} s |"
        )
    return "\n".join(lines)


def whole(rows: list[dict[str, Any]]) -> str:
    """Whole flights."""
    lines = [
        "| leg | objective | closed | path | shortest | ways | CPU | second look | faults |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in rows:
        lines.append(
            f"| {one['leg']} | {one['objective']} | {one['closed'] or '-'} | {one['nm']:,.0f} nm | {one['shortest_nm']:,.0f} nm | "
            f"{one['ways']} | {one['cpu_s']:.2f} s | {one['second_look_pct']:+.4f} % | {len(one['faults'])} |"
        )
    return "\n".join(lines)


def legs(rows: list[dict[str, Any]]) -> str:
    """The legs beside openap-top."""
    lines = [
        "| leg | type | asked | ours | CPU | openap-top | CPU | times faster | openap-top's answer |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in rows:
        mine, peer = one["ours"], one["peer"]
        times = f"{peer['cpu_s'] / mine['cpu_s']:,.0f}"
        if peer["status"] != "Solve_Succeeded":
            times = f"({times})"
        asked = f"round {one['closed']}, {one['stand_off_nm']:g} nm" if one["closed"] else "its wind"
        theirs = f"{peer['fuel_kg']:,.0f} kg, {peer['nm']:,.0f} nm" if "fuel_kg" in peer else "none"
        lines.append(
            f"| {one['leg']} | {one['type']} | {asked} | {mine['fuel_kg']:,.0f} kg, {mine['nm']:,.0f} nm | {mine['cpu_s']:.3f} s | "
            f"{theirs} | {peer['cpu_s']:.0f} s | {times} | {said(one)} |"
        )
    jets = [one for one in rows if "jet" in one]
    if jets:
        lines += [
            "",
            "In the January mean itself (openap-top's answer made for its quadratic, ours for the mean):",
            "",
        ]
        lines += ["| leg | ours | openap-top |", "|---|---|---|"]
        lines += [
            f"| {one['leg']} | {one['jet']['ours_kg']:,.0f} kg | {one['jet']['peer_kg']:,.0f} kg |"
            for one in jets
        ]
    return "\n".join(lines)


def real(rows: list[dict[str, Any]]) -> str:
    """The legs in the wind of a day."""
    lines = [
        "| leg | type | ours | CPU | openap-top | CPU | against ours | its status | its wind off by |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in rows:
        theirs, more, off = "none", "-", "-"
        if "peer_kg" in one:
            theirs = f"{one['peer_kg']:,.0f} kg, {one['peer_nm']:,.0f} nm"
            more = f"{100 * (one['peer_kg'] / one['ours_kg'] - 1):+.1f} %"
            off = f"{one['wind_off_mps']:.0f} m/s"
        lines.append(
            f"| {one['leg']} | {one['type']} | {one['ours_kg']:,.0f} kg, {one['ours_nm']:,.0f} nm | {one['cpu_s']:.3f} s | "
            f"{theirs} | {one['peer_cpu_s']:.0f} s | {more} | {one['status']} | {off} |"
        )
    return "\n".join(lines)


def said(one: dict[str, Any]) -> str:
    """What the referee says of the peer's answer."""
    peer, mine = one["peer"], one["ours"]
    if "fuel_kg" not in peer:
        return f"none: {peer['status']}"
    words = ["solved" if peer["status"] == "Solve_Succeeded" else f"**failed**: {peer['status']}"]
    if peer["inside_nm"] > 0.5:
        words.append(f"**{peer['inside_nm']:,.0f} nm inside**")
    words.append(f"{100 * (peer['fuel_kg'] / mine['fuel_kg'] - 1):+.1f} % fuel against ours")
    return ", ".join(words)


def main() -> int:
    """Put each table between its markers."""
    found = json.loads(RESULTS.read_text("utf-8"))
    page = PAGE.read_text("utf-8")
    for part, table in (("zermelo", zermelo), ("whole", whole), ("legs", legs), ("real", real)):
        if part not in found:
            continue
        text = f"<!-- {part} -->\n\nMeasured {found[f'{part}_date_utc']}.\n\n{table(found[part])}\n\n<!-- /{part} -->"
        page, count = re.subn(
            rf"<!-- {part} -->.*?<!-- /{part} -->", lambda _, t=text: t, page, flags=re.DOTALL
        )
        if count != 1:
            print(f"{PAGE}: no place for {part}", file=sys.stderr)
            return 1
    PAGE.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
