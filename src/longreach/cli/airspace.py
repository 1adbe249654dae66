"""`longreach airspace list|show|import`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, emit, table
from longreach.cli.airspace_import import import_

app = typer.Typer(**PLAIN, help="Look at the national airspace of States.")
app.command("import")(import_)


@app.command("list")
def list_(
    text: Annotated[str, typer.Argument(help="Only those whose code or name holds this text.")] = "",
    as_json: Json = False,
) -> None:
    """List the States and areas that can be closed."""
    from longreach.world import airspace

    wanted = text.casefold()
    chosen = [
        state
        for state in airspace.states()
        if any(
            wanted in word.casefold()
            for word in (state.code, state.alpha3, state.numeric, state.name, *state.aliases)
        )
    ]
    if as_json:
        emit(
            {
                "schema": "longreach.airspace_list/1",
                "borders": airspace.border_statement(),
                "states": [
                    {
                        "code": s.code,
                        "alpha3": s.alpha3 or None,
                        "numeric": s.numeric or None,
                        "name": s.name,
                        "aliases": list(s.aliases),
                    }
                    for s in chosen
                ],
            }
        )
        return
    table([(s.code, s.alpha3, s.numeric, s.name) for s in chosen])
    print(f"{len(chosen)} States and areas; {airspace.border_statement()}")


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="Alpha-2, alpha-3 or numeric code, or a name.")],
    stand_off: Annotated[str, typer.Option(help="Distance kept from the boundary.")] = "0 nm",
    territorial_sea: Annotated[str, typer.Option(help="Breadth of the sea.")] = "12 nm",
    belt: Annotated[str, typer.Option(help="nearest or plain.")] = "nearest",
    atlas: Annotated[str, typer.Option(help="default or plain.")] = "default",
    as_json: Json = False,
    map_file: Annotated[
        Path | None, typer.Option("--map", metavar="FILE.svg", help="Draw it here (.svg or .html).")
    ] = None,
) -> None:
    """Show what a State's airspace is: areas, boundary, islands, neighbours, disputes, sources."""
    from longreach.cli._map import checked_map, write_map
    from longreach.units import NAUTICAL_MILE, parse_length
    from longreach.world import airspace
    from longreach.world.facts import facts

    stand_off_m = parse_length(stand_off)
    if map_file is not None:
        checked_map(map_file)
    told = facts(
        code,
        belt=belt,
        atlas=atlas,
        territorial_sea_m=parse_length(territorial_sea),
        stand_off_m=stand_off_m,
    )
    if map_file is not None:
        drawn = airspace.closures(
            code,
            belt=belt,
            atlas=atlas,
            territorial_sea_m=parse_length(territorial_sea),
            stand_off_m=stand_off_m,
        )
        nm = stand_off_m / NAUTICAL_MILE
        title = f"Airspace of {told.state.name}" + (f", {nm:g} nm kept from it" if nm else "")
        write_map(map_file, (), (), drawn, title, atlas)
    square = NAUTICAL_MILE**2
    identity = airspace.pack_identity()
    if as_json:
        emit(
            {
                "schema": "longreach.airspace/1",
                "code": told.state.code,
                "alpha3": told.state.alpha3 or None,
                "numeric": told.state.numeric or None,
                "name": told.state.name,
                "belt": belt,
                "atlas": atlas,
                "stand_off_nm": round(stand_off_m / NAUTICAL_MILE, 6),
                "land_nm2": round(told.land_m2 / square, 1),
                "airspace_nm2": None if told.airspace_m2 is None else round(told.airspace_m2 / square, 1),
                "boundary_nm": round(told.boundary_m / NAUTICAL_MILE, 1),
                "islands": told.islands,
                "neighbours": list(told.neighbours),
                "borders_on": list(told.seaward),
                "pieces": [
                    {
                        "id": piece.id,
                        "name": piece.name,
                        "owners": list(piece.owners),
                        "disputed": piece in told.disputed,
                        "note": piece.note or None,
                        "trust": piece.trust,
                    }
                    for piece in told.pieces
                ],
                "borders": told.statement,
                "pack": {"name": identity.name, "version": identity.version, "sha256": identity.sha256},
            }
        )
        return
    state = told.state
    names = " ".join(part for part in (state.code, state.alpha3, state.numeric) if part)
    rows = [
        (state.name, names),
        ("land", f"{told.land_m2 / square:,.0f} nm2 in {told.islands} pieces"),
    ]
    if told.airspace_m2 is not None:
        rows.append(("airspace", f"{told.airspace_m2 / square:,.0f} nm2 (land and nearest 12 nm belt)"))
    else:
        rows.append(("airspace", f"all within {territorial_sea} of the coast, and the land"))
    rows.append(("boundary", f"{told.boundary_m / NAUTICAL_MILE:,.0f} nm"))
    if stand_off_m:
        rows.append(("stand-off", f"closed to {stand_off_m / NAUTICAL_MILE:g} nm beyond the boundary"))
    rows.append(("land borders", ", ".join(told.neighbours) or "none"))
    if told.seaward:
        rows.append(("borders on", ", ".join(told.seaward)))
    rows.append(("sources", told.statement))
    rows.append(("pack", f"{identity.name} {identity.version}, SHA-256 {identity.sha256[:16]}…"))
    table(rows)
    for piece in told.pieces:
        if piece.note:
            kind = "disputed" if piece in told.disputed else piece.trust
            print(f"{piece.name} ({', '.join(piece.owners)}; {kind}): {piece.note}")
