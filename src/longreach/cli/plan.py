"""`longreach plan MISSION -o DIR`"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, Progress, emit, shows_colour, writable_folder
from longreach.errors import Fault, InputError

if TYPE_CHECKING:
    from longreach.mission.model import Mission

app = typer.Typer(**PLAIN)


@app.command()
def plan(
    file: Annotated[Path, typer.Argument(metavar="MISSION", help="A mission file (TOML).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for plan.json and brief.html.")],
    as_json: Json = False,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Use this seed instead of the mission's.")
    ] = None,
    reliability: Annotated[
        float | None,
        typer.Option(
            "--wind-reliability",
            metavar="PERCENT",
            help="Plan for a wind no worse on this share of days, such as 85.",
        ),
    ] = None,
    with_brief: Annotated[bool, typer.Option("--brief/--no-brief", help="Write brief.html too.")] = True,
) -> None:
    """Solve a mission, verify the plan, write plan.json and brief.html.

    Exit code 0 for a feasible plan, 1 for an infeasible one, which says why and what would cure it.
    """
    from longreach import mission
    from longreach.document import to_bytes, write_atomically

    if reliability is not None and not 50.0 <= reliability <= 99.9:
        what = f"{reliability:g} % is outside 50 (the mean wind) to 99.9 %"
        raise InputError(Fault(what, key="--wind-reliability", hint="planners use 85"))
    read = mission.load(file)
    if reliability is not None:
        read = _reliable(read, reliability)
    folder = writable_folder(output)
    if seed is not None:
        read = replace(read, seed=seed)

    from longreach import brief
    from longreach.plan import plan as solve

    with Progress() as progress:
        document = solve(read, progress=progress)
        files = {"plan.json": to_bytes(document)}
        if with_brief:
            progress("brief")
            files["brief.html"] = brief.render(document).encode()
        summary = "" if as_json else brief.summary(document, colour=shows_colour(sys.stdout))
    for name, data in files.items():
        write_atomically(folder / name, data)
    if as_json:
        emit(document)
    else:
        print(summary)
        for name in files:
            print(f"wrote {folder / name}")
    if document["status"] != "feasible":
        raise typer.Exit(1)


def _reliable(read: Mission, percent: float) -> Mission:
    """The mission with winds.reliability set in its text, so that the plan says what it was made from."""
    from longreach import mission
    from longreach.plan.proof import applied

    text = applied(read.text, {"winds.reliability": f"{percent:g} %"})
    print(f'winds.reliability = "{percent:g} %" is set in the plan\'s copy of the mission', file=sys.stderr)
    return mission.parse(text, read.file) if read.file else mission.parse(text)
