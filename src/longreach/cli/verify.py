"""`longreach verify PLAN`: a plan, or a route's document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, Progress, colour, emit, table
from longreach.errors import Fault, InputError

app = typer.Typer(**PLAIN)

_LARGEST_MISSION = 1_000_000  # bytes


@app.command()
def verify(
    plan: Annotated[
        Path,
        typer.Argument(metavar="PLAN", help="plan.json, the folder that holds it, or a route's document."),
    ],
    mission: Annotated[
        Path | None, typer.Option("--mission", help="The mission file the plan must have been made from.")
    ] = None,
    winds: Annotated[
        Path | None,
        typer.Option(
            "--winds",
            metavar="PACK",
            help="The wind pack, where it does not lie beside the mission, the plan or the route.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a plan, or a route kept by `route -o`, again with code that did not make it.

    Exit code 0 where it is what it says it is (an honest infeasible one too), 1 where it is not.
    """
    from longreach.document import PLAN_SCHEMA, ROUTE_SCHEMA, read_document
    from longreach.verify import verify as check
    from longreach.verify import verify_route

    document = read_document(plan, (PLAN_SCHEMA, ROUTE_SCHEMA))
    kind = "route" if document["schema"] == ROUTE_SCHEMA else "plan"
    if mission and kind == "route":
        raise InputError(Fault("is for a plan; a route is made from no mission file", key="--mission"))
    text = _mission_text(mission) if mission else None
    folders = (*((mission.parent,) if mission else ()), plan if plan.is_dir() else plan.parent, Path())
    with Progress() as progress:
        if kind == "route":
            report = verify_route(document, folders=folders, winds_pack=winds, progress=progress)
        else:
            report = check(document, mission_text=text, folders=folders, winds_pack=winds, progress=progress)
    if as_json:
        emit(
            {
                "schema": "longreach.verify/1",
                "ok": report.ok,
                "status": report.status,
                "feasible": report.feasible,
                "checks": [row.document() for row in report.checks],
                "residuals": list(report.residuals),
            }
        )
    else:
        table(
            [
                (colour("ok", "32") if row.ok else colour("FAILS", "31"), row.id, row.note)
                for row in report.checks
            ]
        )
        for line in report.residuals:
            print(line)
        verdict = (
            f"the {kind} says {report.status}, and that is {'so' if report.feasible or kind == 'plan' else 'all it says'}"
            if report.ok
            else f"the {kind} does not verify"
        )
        print(colour(verdict, "32" if report.ok else "31"))
    if not report.ok:
        raise typer.Exit(1)


def _mission_text(path: Path) -> str:
    """The mission file's text as it stands, for its hash."""
    try:
        if path.stat().st_size > _LARGEST_MISSION:
            raise InputError(Fault("is larger than 1 MB: not a mission file", file=str(path)))
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(Fault(f"cannot read: {error.strerror}", file=str(path))) from error
    except UnicodeDecodeError as error:
        raise InputError(Fault("is not UTF-8 text, so not a mission file", file=str(path))) from error
