"""`longreach aircraft list|show`"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, emit, table
from longreach.units import FOOT
from longreach.world import aircraft as catalogue
from longreach.world.aircraft import Aircraft

app = typer.Typer(**PLAIN, help="Look at the aircraft catalogue, its figures and their sources.")

_MODEL = {"polar": "drag polar", "hourly": "burn per hour", "none": "not judged: no data"}


def _gear(aircraft: Aircraft) -> str:
    gear = aircraft.refuelling
    parts = [f"takes by {gear.receives}"] if gear.receives else []
    if gear.gives:
        parts.append("gives by " + " and ".join(gear.gives))
    return "; ".join(parts) or "no air refuelling"


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
    }


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List every type with its model and the error band of its burn."""
    types = catalogue.catalogue()
    if as_json:
        emit({"schema": "longreach.aircraft-list/1", "aircraft": [_row(aircraft) for aircraft in types]})
        return
    table(
        [
            (
                aircraft.code,
                f"±{aircraft.band_pct:g} %" if aircraft.judged else "",
                f"{aircraft.max_fuel_kg:,.0f} kg" if aircraft.judged else "",
                _MODEL[aircraft.kind],
                _gear(aircraft),
                aircraft.name,
            )
            for aircraft in types
        ],
        right=(1, 2),
    )


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="Type or alias, as B-52H, b52h, KC135R.")],
    as_json: Json = False,
) -> None:
    """Show one type: every figure with its unit, its trust mark and its source."""
    aircraft = catalogue.load(code)
    if as_json:
        emit({"schema": "longreach.aircraft/1", **aircraft.document(), "cruise": _cruise(aircraft)})
        return
    print(f"{aircraft.name} ({aircraft.code})")
    if not aircraft.judged:
        print(f"not judged: no data: {aircraft.reason}")
        return
    print(f"{_MODEL[aircraft.kind]}; {_gear(aircraft)}; {aircraft.engines}")
    print(f"95 % of flights burn within ±{aircraft.band_pct:g} % of the reckoning: {aircraft.band_reason}")
    print(f"planning factor {aircraft.planning_factor:.2f}: {aircraft.factor_reason}")
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
