"""`longreach aircraft list|show|add|remove`; `fit` and `openap` are in files of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from longreach.cli import PLAIN, _aircraft_fit, _aircraft_openap
from longreach.cli._output import Json, colour, emit, table
from longreach.errors import Fault, InputError
from longreach.units import FOOT
from longreach.world import aircraft as catalogue
from longreach.world.aircraft import Aircraft

app = typer.Typer(**PLAIN, help="Look at the aircraft catalogue, its figures and their sources; add to it.")
app.command("fit")(_aircraft_fit.fit)
app.command("openap")(_aircraft_openap.openap)

_MODEL = {"polar": "drag polar", "hourly": "burn per hour", "none": "not judged: no data"}
# Groups of the list, by the first role that fits, and their heads.
_GROUPS = (
    ("bomber", "Bombers"), ("tanker", "Tankers"), ("airlift", "Airlift"), ("airliner", "Airliners"),
    ("fighter", "Fighters"), ("", "Others"),
)  # fmt: skip


def _gear(aircraft: Aircraft) -> str:
    gear = aircraft.refuelling
    parts = [f"takes by {gear.receives}"] if gear.receives else []
    if gear.gives:
        parts.append("gives by " + " and ".join(gear.gives))
    return "; ".join(parts) or "-"


def _row(aircraft: Aircraft) -> dict[str, Any]:
    judged = aircraft.judged
    return {
        "code": aircraft.code,
        "name": aircraft.name,
        "roles": list(aircraft.roles),
        "model": aircraft.kind,
        "judged": judged,
        "reason": aircraft.reason,
        "band_pct": aircraft.band_pct if judged else None,
        "planning_factor": aircraft.planning_factor if judged else None,
        "max_fuel_kg": round(aircraft.max_fuel_kg) if judged else None,
        "receives": aircraft.refuelling.receives,
        "gives": list(aircraft.refuelling.gives),
        "aliases": list(aircraft.aliases),
        "file": aircraft.file,
    }


@app.command("list")
def list_(
    role: Annotated[
        str | None, typer.Option("--role", help="Only types of this role, such as tanker.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List every type with the error band of its burn, its fuel and its refuelling gear."""
    types = catalogue.catalogue()
    roles = sorted({each for aircraft in types for each in aircraft.roles})
    if role is not None:
        if role not in roles:
            raise InputError(Fault(f"no type has the role {role!r}", hint=f"roles: {', '.join(roles)}"))
        types = tuple(aircraft for aircraft in types if role in aircraft.roles)
    if as_json:
        emit({"schema": "longreach.aircraft-list/1", "aircraft": [_row(aircraft) for aircraft in types]})
        return
    rows: list[tuple[str, ...]] = [("type", "burn", "fuel", "refuelling", "name")]
    breaks: dict[int, str] = {}
    for key, head in _GROUPS:
        mine = [each for each in types if each.judged and _group(each) == key]
        if mine:
            breaks[len(rows)] = head
        rows += [_line(each) for each in mine]
    for line, row in _numbered(rows, (1, 2)):
        if line in breaks:
            print(f"\n{colour(breaks[line], '1')}")
        print(f"  {row}" if line else row)
    others = [each for each in types if not each.judged]
    if others:
        print(f"\n{colour('Not judged: no data', '1')}")
        table([(f"  {each.code}", each.name, each.reason) for each in others])
    print(
        f"\n{len(types)} types, {len(types) - len(others)} with a fuel model. burn: 95 % of flights lie within it. "
        "* burn per hour only. + added by you.\n`longreach aircraft show TYPE` for figures, sources and a picture."
    )


def _group(aircraft: Aircraft) -> str:
    return next((key for key, _ in _GROUPS if key in aircraft.roles), "")


def _line(aircraft: Aircraft) -> tuple[str, ...]:
    marks = ("*" if aircraft.kind == "hourly" else "") + ("+" if aircraft.file else "")
    fuel = f"{aircraft.max_fuel_kg / 1000:.1f} t"
    return aircraft.code, f"±{aircraft.band_pct:g} %{marks}", fuel, _gear(aircraft), aircraft.name


def _numbered(rows: Sequence[Sequence[str]], right: Sequence[int]) -> list[tuple[int, str]]:
    """Rows set in columns two spaces apart, with their numbers."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    out = []
    for number, row in enumerate(rows):
        indent = "" if number else "  "
        cells = [
            cell.rjust(w) if n in right else cell.ljust(w)
            for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        out.append((number, (indent + "  ".join(cells)).rstrip()))
    return out


@app.command()
def add(
    file: Annotated[
        Path, typer.Argument(help="TOML file of a type; `show B-52H --toml` prints one to start from.")
    ],
    replacing: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of an added type of that name.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Keep a type of your own among those that missions may name."""
    aircraft, kept = catalogue.add(file, replacing)
    if as_json:
        emit({"schema": "longreach.aircraft-add/1", "code": aircraft.code, "file": str(kept)})
        return
    print(f"{aircraft.code} added: {kept}")
    print(
        f"`longreach aircraft show '{aircraft.code}'` shows it, `longreach aircraft remove '{aircraft.code}'` takes it away."
    )


@app.command()
def remove(
    code: Annotated[str, typer.Argument(help="Code or alias of a type that was added.")],
    as_json: Json = False,
) -> None:
    """Take a type away that `add` has kept."""
    gone, file = catalogue.remove(code)
    if as_json:
        emit({"schema": "longreach.aircraft-remove/1", "code": gone, "file": str(file)})
        return
    print(f"{gone} removed: {file}")


@app.command()
def show(
    code: Annotated[
        str, typer.Argument(help="Type, alias or TOML file, as B-52H, b52h, KC135R, my-type.toml.")
    ],
    picture: Annotated[
        Path | None,
        typer.Option("--picture", help="Write the picture to this .svg, or the page to this .html."),
    ] = None,
    as_toml: Annotated[
        bool, typer.Option("--toml", help="Print the type as a file, to change and to add.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show one type: its payload-range and fuel-flow picture, and every figure with trust mark and source."""
    aircraft = catalogue.load(code)
    if picture is not None:
        _write_picture(aircraft, picture)
    if as_toml:
        if not aircraft.file:
            print(
                "# Give it a code (and aliases) of its own, change figures, then: longreach aircraft add FILE"
            )
            aircraft = replace(aircraft, aliases=())
        print(catalogue.to_toml(aircraft), end="")
        return
    if as_json:
        emit({"schema": "longreach.aircraft/1", **aircraft.document(), "cruise": _cruise(aircraft)})
        return
    print(colour(f"{aircraft.name} ({aircraft.code})", "1"))
    if not aircraft.judged:
        print(f"not judged: no data: {aircraft.reason}")
        if aircraft.figures:
            print()
            table([(f.name, f"{f.value:g}", f.trust, f.source) for f in aircraft.figures], right=(1,))
        return
    print(f"{_MODEL[aircraft.kind]}; {_gear(aircraft)}; {aircraft.engines}")
    if aircraft.file:
        print(f"from your file {aircraft.file}, sha256 {aircraft.file_sha256[:12]}")
    _say(f"95 % of flights burn within ±{aircraft.band_pct:g} % of the reckoning: {aircraft.band_reason}")
    _say(f"planning factor {aircraft.planning_factor:.2f}: {aircraft.factor_reason}")
    print()
    _draw(aircraft)
    print()
    table([(f.name, f"{f.value:g}", f.trust, f.source) for f in aircraft.figures], right=(1,))
    for row in aircraft.calibration:
        print()
        used = "fitted on" if row["use"] == "fit" else "check, not fitted"
        print(f"{used}: {row['what']}")
        print(
            f"  published {row['published']:,g} {row['unit']}, model {row['off_pct']:+g} %; {row['source']}"
        )
    rows = _cruise(aircraft)
    if rows:
        print()
        print(
            f"cruise at M{aircraft.cruise_mach:.2f}, still air, standard atmosphere, planning factor included"
        )
        table(
            [
                (f"{r['mass_kg']:,} kg", f"FL{r['level_ft'] / 100:03.0f}", f"{r['burn_kg_per_h']:,} kg/h")
                for r in rows
            ],
            right=(0, 1, 2),
        )


def _columns() -> int:
    import shutil

    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 110))


def _say(words: str) -> None:
    """A sentence wrapped to the terminal."""
    import textwrap

    print(textwrap.fill(words, _columns(), subsequent_indent="  "))


def _draw(aircraft: Aircraft) -> None:
    from longreach.cli import _aircraft_sheet as sheet

    for line in sheet.text(aircraft, _columns()):
        print(line)


def _write_picture(aircraft: Aircraft, path: Path) -> None:
    from longreach.cli import _aircraft_sheet as sheet
    from longreach.document import write_atomically

    ending = path.suffix.lower()
    if ending not in (".svg", ".html"):
        what = f"--picture {path} ends in {ending or 'nothing'}"
        raise InputError(Fault(what, hint="name a .svg file for the picture or a .html file for the page"))
    if ending == ".svg":
        aircraft.require_model()
        content = sheet.svg(aircraft)
    else:
        content = sheet.html(aircraft)
    write_atomically(path, content.encode())


def _cruise(aircraft: Aircraft) -> list[dict[str, int]]:
    """Best level and burn at five masses."""
    if not aircraft.judged:
        return []
    import numpy as np

    from longreach.fuel.burn import CruiseTable

    cruise = CruiseTable(aircraft)
    masses = np.linspace(cruise.heaviest_kg, cruise.mass_kg[0], 5)
    return [
        {
            "mass_kg": round(float(mass)),
            "level_ft": round(float(level) / FOOT),
            "burn_kg_per_h": round(float(flow) * 3600.0),
        }
        for mass, level, flow in zip(masses, cruise.level(masses), cruise.flow(masses), strict=True)
    ]
