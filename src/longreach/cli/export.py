"""`longreach export PLAN --format ...`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, Progress, colour, emit, table, writable_folder
from longreach.errors import Fault, InputError

if TYPE_CHECKING:
    from longreach.export import Exported

app = typer.Typer(**PLAIN)


@app.command()
def export(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="plan.json or the folder that holds it.")],
    wanted: Annotated[
        list[str] | None,
        typer.Option(
            "--format", "-f", metavar="NAME", help="A format, several with commas, or all; see --list."
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Where to; default: exports beside the plan."),
    ] = None,
    fly: Annotated[
        bool,
        typer.Option("--fly", help="Have BlueSky fly the lead flight and say how it differs (bluesky.json)."),
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="Say which formats there are.")] = False,
    as_json: Json = False,
) -> None:
    """Write a plan as files that other programs read, and say what each could not hold.

    The stand-off from closed airspace is measured again on the line of each file, rounded as the format rounds
    it. Exit code 0 where the files are written, also where one breaks the stand-off: it says so.
    """
    from longreach.export import FORMATS

    if listed:
        table([(name, what) for name, (_, _, what) in FORMATS.items()])
        return
    if not wanted and not fly:
        raise InputError(Fault("no format asked for", key="--format", hint=f"all, or {', '.join(FORMATS)}"))
    from longreach.document import read_plan, to_bytes, write_atomically
    from longreach.export import export as made

    document = read_plan(plan)
    beside = plan if plan.is_dir() else plan.parent
    target = writable_folder(folder or beside / "exports")
    flown = None
    with Progress() as progress:
        files = made(document, wanted or [], progress=progress) if wanted else ()
        for each in files:
            write_atomically(target / each.file.name, each.file.data)
        if fly:
            from longreach.export.flown import fly as by_bluesky

            progress("BlueSky flies the lead flight")
            flown = by_bluesky(document)
            write_atomically(beside / "bluesky.json", to_bytes(flown))
    if as_json:
        emit(
            {
                "schema": "longreach.export/1",
                "folder": str(target),
                "files": [each.document() for each in files],
                "flown": flown,
            }
        )
        return
    by_format: dict[str, list[Exported]] = {}
    for each in files:
        by_format.setdefault(each.format, []).append(each)
    print(f"{len(files)} files in {target}" if files else "no files written", end="\n\n" if files else "\n")
    for name, group in by_format.items():
        print(f"{colour(name, '1')}  {', '.join(each.file.name for each in group)}")
        for loss in dict.fromkeys(loss for each in group for loss in each.file.losses):
            print(f"  - {loss}")
        for each in group:
            for broken in each.broken:
                print(colour(f"  STAND-OFF BROKEN in {each.file.name}: {broken}", "31"))
    if files:
        print("\nUnder each format: what the plan says and the file cannot.")
    if any(each.broken for each in files):
        print(
            "The plan itself keeps its stand-off; the files marked above do not, because their format rounds."
        )
    if flown is not None:
        for piece in flown["pieces"]:
            print(
                f"BlueSky flew {piece['flight']}: {piece['flown_nm']:,.1f} nm ({piece['distance_pct']:+.3f} %), "
                f"{piece['late_at_end_s']:+.0f} s at the end ({piece['late_by_sphere_s']:+.0f} s its sphere), "
                f"at most {piece['late_at_most_s']:.0f} s, ends {piece['end_off_nm']:.2f} nm off, "
                f"cross-track at most {piece['cross_track_nm']:.1f} nm, {piece['turn_backs']} turn-backs"
            )
        for fault in flown["faults"]:
            print(colour(f"  beyond what turning explains: {fault}", "31"))
        print(f"wrote {beside / 'bluesky.json'}")
    print("For analysis, exercise and education. Not for navigation or filing.")
