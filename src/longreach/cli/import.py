"""`longreach import FILE`"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, emit
from longreach.errors import Fault, InputError

app = typer.Typer(**PLAIN)


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="GPX, KML, KMZ, GeoJSON, .fms, .pln, .lnmpln or an ICAO FPL message in a text file.",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to; default: print it.")
    ] = None,
    kind: Annotated[
        str, typer.Option("--as", metavar="mission|route", help="A mission to plan, or a GeoJSON route.")
    ] = "mission",
    line: Annotated[
        str | None,
        typer.Option("--line", metavar="NAME|N", help="Which of several lines; default: the first."),
    ] = None,
    aircraft: Annotated[
        str | None, typer.Option("--aircraft", metavar="TYPE", help="The type, where the file does not say.")
    ] = None,
    depart: Annotated[
        str | None, typer.Option("--depart", metavar="TIME", help="Take-off (2026-01-15T18:00Z), likewise.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Make a mission or a route file from another program's route.

    Every guess is reported and, in a mission, written at its head. The mission is checked before it is written.
    """
    from longreach import importing
    from longreach.document import write_atomically
    from longreach.importing.line import sane, thinned
    from longreach.importing.mission import as_mission, as_route

    if kind not in ("mission", "route"):
        raise InputError(Fault(f"{kind!r} is neither mission nor route", key="--as"))
    if output and output.exists() and not force:
        raise InputError(Fault("is there already", file=str(output), hint="--force writes over it"))
    chosen = importing.choose(importing.lines(file), line, str(file))
    chosen = thinned(sane(chosen, str(file)), importing.TOLERANCE_M)
    if kind == "mission":
        from longreach import mission

        made = as_mission(chosen, str(file), type_code=aircraft, departure=_moment(depart))
        mission.parse(made.text, str(output) if output else "the mission made")
    else:
        made = as_route(chosen)
    if output:
        write_atomically(output, made.text.encode())
    if as_json:
        emit(
            {
                "schema": "longreach.import/1",
                "format": chosen.format,
                "line": chosen.name,
                "points": len(chosen.points),
                "length_nm": round(chosen.length_m / 1852.0, 3),
                "guesses": list(made.guesses),
                "file": str(output) if output else None,
                "text": None if output else made.text,
            }
        )
        return
    if not output:
        print(made.text, end="")
        return
    print(
        f"{chosen.format}: {chosen.kind} of {len(chosen.points)} points, {chosen.length_m / 1852.0:,.1f} nm"
    )
    for guess in made.guesses:
        print(f"  guessed: {guess}")
    print(f"wrote {output}" + (f"; next: longreach plan {output} -o out" if kind == "mission" else ""))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    if not re.search(r"(Z|[+-]\d\d:?\d\d)$", text):
        raise InputError(Fault(f"{text!r} has no zone", key="--depart", hint="write 2026-01-15T18:00Z"))
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
    except ValueError as error:
        raise InputError(
            Fault(f"{text!r} is not a time", key="--depart", hint="write 2026-01-15T18:00Z")
        ) from error
