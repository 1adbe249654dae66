"""`longreach aircraft openap`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from longreach.cli._output import Json, emit, table
from longreach.errors import Fault, InputError


def openap(
    code: Annotated[
        str | None, typer.Argument(help="ICAO code of a type that OpenAP has, such as B77W.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the type to this TOML file.")
    ] = None,
    keep: Annotated[bool, typer.Option("--add", help="Keep the type among your own, as `add` does.")] = False,
    as_json: Json = False,
) -> None:
    """Make an airliner type from OpenAP's data, checked and anchored, with the residuals; without a code, list them."""
    from longreach.document import write_atomically
    from longreach.fuel import openap as adaptor
    from longreach.world import aircraft as catalogue

    if code is None:
        if output is not None or keep:
            raise InputError(Fault("which type?", hint="name its ICAO code, such as B77W"))
        found = adaptor.types()
        if as_json:
            emit({"schema": "longreach.aircraft-openap-types/1", "types": list(found)})
        else:
            print("\n".join(found))
        return
    made = adaptor.adapt(code)
    type_ = made.aircraft
    text = catalogue.to_toml(type_)
    kept = None
    if output is not None:
        write_atomically(output, text.encode())
    if keep:
        kept = catalogue.keep(text, replace=True)
    if as_json:
        emit({
            "schema": "longreach.aircraft-openap/1", "code": type_.code, "openap_version": made.version,
            "anchor": made.anchor, "band_pct": type_.band_pct, "flow_rms_pct": round(made.flow_rms_pct, 2),
            "flow_worst_pct": round(made.flow_worst_pct, 2), "flow_points": made.flow_points,
            "residuals": [
                {"what": r.what, "openap_or_reported": round(r.theirs, 3), "longreach": round(r.ours, 3), "unit": r.unit,
                 "off_pct": round(r.off_pct, 2)}
                for r in made.residuals
            ],
            "notes": list(made.notes), "aircraft": made.document, "file": str(output or kept or ""),
        })  # fmt: skip
        return
    print(f"{type_.name}: OpenAP {made.version}")
    for note in made.notes:
        print(f"- {note}")
    print()
    table(
        [("", "theirs", "ours", "", "off")]
        + [
            (r.what, f"{r.theirs:,.1f}", f"{r.ours:,.1f}", r.unit, f"{r.off_pct:+.1f} %")
            for r in made.residuals
        ],
        right=(1, 2, 4),
    )
    print()
    print(f"band ±{type_.band_pct:g} %: {type_.band_reason}")
    for path in (output, kept):
        if path is not None:
            print(f"written: {path}")
    if output is None and not keep:
        print(f"`longreach aircraft openap {code.upper()} --add` keeps it as {type_.code!r}")
