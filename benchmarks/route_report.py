"""Writes docs/routing-measured.md from the kept results. Run: python benchmarks/route_report.py

It needs benchmarks/brackets/brackets.json and, under benchmarks/results, route.json, route_peers.json, route_cost.json
and route_soak.json; the page says which command makes each. What is missing is said to be missing.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import route_cases as cases

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "routing-measured.md"


def kept(name: str) -> dict[str, Any] | None:
    path = RESULTS / name
    return json.loads(path.read_text()) if path.exists() else None


def head() -> str:
    return """# Routes measured

How short, how lawful, how quick, beside other planners and as more is closed. Every figure here comes from a file
that the command beside it writes again; `python benchmarks/route_report.py` makes this page of them.

**The judge.** `benchmarks/route_judge.py` shares nothing with the solver but the closures. It measures WGS84 geodesic
distances (PROJ) from the route to the raw boundary lines. A distance cannot change faster along a route than the
route itself, so a sample with clearance c proves its neighbourhood c wide; what is left is halved down to 20 m. It is
tested against figures worked by hand and against plain sampling, and finds a line moved inward by 5 m. Resolution:
what is shallower than 1 m or shorter than 20 m may pass; there is no other tolerance.
"""


def filled(text: str, indent: str = "") -> str:
    """A paragraph or list item as lines of at most 116 characters."""
    return textwrap.fill(" ".join(text.split()), 116, subsequent_indent=indent, break_on_hyphens=False)


def brackets() -> str:
    document, problems = cases.brackets(), cases.bracketed()
    gaps = np.array([1e6 * (one.upper_m / one.lower_m - 1) for one in problems])
    audit = {key: sum(one["audit"][key] for one in document["sets"]) for key in document["sets"][0]["audit"]}
    bent = sum(len(one.path) > 2 for one in problems)
    grain = max(one["grain_m"] for one in document["sets"])
    atlas = document["atlas"]
    parts = [
        "## Brackets\n",
        filled(
            f"""`python benchmarks/brackets/make_brackets.py` (made {document["made"]}; borders: plain atlas of pack
            {atlas["name"]} {atlas["version"]}, the SHA-256 of each set's geometry in the file). {len(problems)}
            problems, {bent} of them with a bend, over {len(document["sets"])} sets of closures: the open cases,
            200 airport pairs over fifteen closed States with 25 nm, and eight pairs over each of
            {len(cases.SMALL)} small sets. Rings follow the boundary to about {2 * grain:g} m."""
        ),
        "",
        filled(
            "- Upper bound: a lawful path, kept with it; the judge and PROJ measure it again in the tests.",
            "  ",
        ),
        filled(
            f"""- Lower bound: the solver's own, round the inner rings. What it rests on is audited by the judge: of
            {audit["inner_points"]:,} points along inner rings {audit["inner_open"]:,} lie in the open, of
            {audit["outer_points"]:,} along outer rings {audit["outer_closed"]:,} in what is closed (both must be
            none). That the shortest way round the inner rings is found is the solver's word; two things test it from
            outside: the open cases came with brackets by another solver, and each overlaps ours; and no lawful
            path of any planner below is shorter than the lower bound.""",
            "  ",
        ),
        f"- Width: median {np.median(gaps):.1f} ppm, largest {gaps.max():.1f} ppm.\n",
    ]
    if audit["inner_open"] or audit["outer_closed"]:
        parts.append(
            filled(
                """Points on the wrong side mean rings that stray from the true offset; until there are none the
                lower bounds of the sets concerned are close, but not proved."""
            )
            + "\n"
        )
    return "\n".join(parts)


def peers() -> str:
    document = kept("route_peers.json")
    text = """## Beside other planners

`python benchmarks/bench_route_peers.py`: the same problems, one judge, one run, a process with a limit of processor
time for each planner and set. Planners that need polygons get our outer rings, as fine as they can stand. "Geodesics": their
vertices joined by geodesics, as an aircraft would fly them; "as drawn": along their straight lines in longitude and latitude.
A failure is an error, no answer, or no time left. The gap is over the reference upper bound.
"""
    if document is None:
        return text + "\nNot measured yet.\n"
    text += f"\n{document['made']}, {document['machine']}, `{document['command']}`.\n"
    for title, lines in document["tables"].items():
        text += f"\n{title[0].upper()}{title[1:]}:\n\n{lines}\n"
    beaten = [row for row in document["rows"] if "beats_the_bracket_m" in row]
    text += f"\nLawful paths of any planner under the lower bound: {len(beaten) or 'none'}.\n"
    return text


def speed() -> str:
    document = kept("route.json")
    text = """## Speed

`python benchmarks/bench_route.py` (`--quick` leaves out all States); kernels compiled before anything is timed, cold the
best of three. Processor time is of all threads together.
"""
    if document is None:
        return text + "\nNot measured yet.\n"
    lines = [
        f"\n{document['date_utc'][:10]}, {document['cores']} cores, load {document['load']:.1f} at the end.\n",
        "| figure | measured | processor | wanted |",
        "|---|---|---|---|",
    ]
    if document["load"] > 3:
        lines[0] += (
            "Others worked on these cores meanwhile, so only processor times, medians and gaps mean anything.\n"
        )
    for one in document["figures"]:
        digits = 0 if one["value"] >= 100 else 1 if one["value"] >= 10 else 2
        busy = one.get("processor_s")
        busy = "" if busy is None else f"{busy:.2f} s" if busy >= 0.1 else f"{1e3 * busy:.2g} ms"
        sign = "≥" if one["unit"].endswith("/s") else "≤"
        wanted = "" if one["budget"] is None else f"{sign} {one['budget']:,g} {one['unit']}"
        missed = "" if one["met"] else ", **not reached**"
        lines.append(
            f"| {one['what']} | {one['value']:,.{digits}f} {one['unit']} | {busy} | {wanted}{missed} |"
        )
    return text + "\n".join(lines) + "\n"


def soak() -> str:
    document = kept("route_soak.json")
    text = """## Routes at random

`make soak` (tests/route/test_soak_routes.py): sets of 1 to 30 random States and up to eight circles and polygons, plain and
nearest belts, stand-off none to 150 nm; 500 random pairs each, half of the places near boundaries. The judge looks at every
route, and at the direct line of every pair.
"""
    if document is None:
        return text + "\nNot run yet.\n"
    n, ms = document["counts"], document["query_ms"]
    return "\n".join(
        [
            text,
            filled(
                f"""{document["made"]}, {document["machine"]}. {n["sets"]:,} sets, {n["routes"]:,} routes asked for:
                {n["feasible"]:,} found ({n["bent"]:,} with a bend, {n["direct"]:,} with the direct line lawful),
                {n.get("infeasible", 0):,} refused ({n.get("closed end", 0):,} with an end that the judge too finds
                closed, {n.get("enclosed", 0):,} shut in). {n.get("laws", 0):,} of them flown back, with one closure
                more, with 7.5 nm more stand-off and in a world turned by 90 degrees.
                **{len(document["failures"]):,} failures**: unlawful, under its lower bound or the geodesic, a detour
                with the direct line open, no route where a wide passage exists, or a law broken."""
            ),
            "",
            filled(
                f"""Query, by the clock of a busy machine: median {ms["50"]:.2f} ms, 95 % {ms["95"]:.1f} ms, 99 %
                {ms["99"]:.1f} ms, longest {ms["100"]:,.0f} ms. Widest own bracket
                {document["widest_bracket_ppm"]:,.0f} ppm; over 200 ppm: {document["brackets_over_200_ppm"]:,} routes
                (see [routing](routing.md), what is proved)."""
            ),
            "",
        ]
    )


def cost() -> str:
    document = kept("route_cost.json")
    text = """## Cost against size

`python studies/route_cost.py`: 1, 10, 100 and all States and areas closed, nearest belts, 25 nm, no cache; each set in a
process of its own; 200 queries (40 with all closed) between open places, half of them near boundaries. Times are the
processor's, of both threads together for preparing.
"""
    if document is None:
        return text + "\nNot measured yet.\n"
    lines = [
        "\n![Cost of routing against the number of closed States](pictures/route-cost.svg)",
        f"\n{document['made']}, {document['machine']}.\n",
        "| closed | boundary vertices | corners | prepare, s | query, ms: median | 95 % | peak MB (before) |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in document["rows"]:
        lines.append(
            f"| {row['closed']} | {row['boundary_vertices']:,} | {row['corners']:,} | {row['prepare_cpu_s']:.2f} "
            f"| {row['query_median_ms']:.2f} | {row['query_p95_ms']:.1f} "
            f"| {row['memory_prepared_mb']} ({row['memory_before_mb']}) |"
        )
    return text + "\n".join(lines) + "\n"


def main() -> int:
    PAGE.write_text("\n".join([head(), brackets(), peers(), speed(), soak(), cost()]), "utf-8")
    print(f"written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
