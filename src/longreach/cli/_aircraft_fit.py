"""`longreach aircraft fit`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from longreach.cli._output import Json, emit, table
from longreach.errors import Fault, InputError

# How a fitted figure is shown: its catalogue name, the factor from SI, digits.
_SHOWN = {
    "drag_zero_lift": ("drag_zero_lift", 1.0, 5),
    "oswald": ("oswald", 1.0, 3),
    "tsfc_ref": ("tsfc_ref_g_per_kn_s", 1e6, 3),
}


def fit(
    flights: Annotated[
        Path, typer.Argument(help="CSV or TOML file of documented flights: masses, hours, fuel.")
    ],
    type_: Annotated[
        str, typer.Option("--type", help="Type or TOML file to start from: its masses, wing, engine.")
    ],
    free: Annotated[
        str, typer.Option("--free", help="Figures to fit, by commas: drag_zero_lift, tsfc_ref, oswald.")
    ] = "drag_zero_lift",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the fitted type to this TOML file.")
    ] = None,
    code: Annotated[
        str | None, typer.Option("--code", help="Code of the fitted type, needed with -o.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit a type to documented flights: figures, residuals and band; refuses more figures than the flights carry."""
    from longreach.document import sha256, write_atomically
    from longreach.fuel import calibrate
    from longreach.fuel.documented import read_flights
    from longreach.world import aircraft as catalogue

    base = catalogue.load(type_)
    rows = read_flights(flights)
    if output is not None and not code:
        raise InputError(Fault("-o needs --code", hint="the fitted type must have a name of its own"))
    found = calibrate.fit(base, rows, [name.strip() for name in free.split(",") if name.strip()])
    if output is not None:
        assert code is not None
        text = catalogue.to_toml(_type(found, code, flights, sha256(flights.read_bytes())))
        catalogue.check(text, str(output))
        write_atomically(output, text.encode())
    if as_json:
        emit(
            {
                "schema": "longreach.aircraft-fit/1",
                "type": base.code,
                **_document(found),
                "file": str(output or ""),
            }
        )
        return
    used = sum(each.flight.used for each in found.flights)
    print(
        f"{base.code} fitted to {used} flight{'' if used == 1 else 's'} of {flights}, planning factor 1.00, still air\n"
    )
    table(
        [("figure", "was", "fitted", "95 %")]
        + [
            (name, f"{was * k:.{digits}f}", f"{now * k:.{digits}f}", f"±{half:.1f} %")
            for (name, k, digits), (was, now, half) in ((_SHOWN[n], v) for n, v in found.figures.items())
        ],
        right=(1, 2, 3),
    )
    print()
    table(
        [("flight", "use", "reported", "model", "off", "without it", "tailwind")]
        + [
            (
                each.flight.name, "fit" if each.flight.used else "check", f"{each.flight.burn_kg / 1000:,.1f} t",
                f"{each.burn_kg / 1000:,.1f} t", f"{each.off_pct:+.1f} %",
                "" if each.alone_off_pct is None else f"{each.alone_off_pct:+.1f} %",
                "" if each.tailwind_mps is None else f"{each.tailwind_mps * 3600 / 1852:+.0f} kt",
            )
            for each in found.flights
        ],
        right=(2, 3, 4, 5, 6),
    )  # fmt: skip
    print()
    print(
        f"band: 95 % of other flights of the type burn within ±{found.band_pct:g} % of this, planning factor apart"
    )
    if found.spare == 0:
        print(
            "  as many figures as flights: the residuals of the fit are 0 by construction, and the band rests on the\n"
            "  error stated for the flights (error_pct) alone"
        )
    else:
        print("  'without it' is the flight reckoned with the figures fitted to the others")
    if any(each.tailwind_mps is not None for each in found.flights):
        print("  'tailwind' is the mean wind that time and ground distance ask for at the type's Mach number")
    if output is not None:
        print(f"written: {output}; `longreach aircraft add {output}` keeps it")


def _document(found: Any) -> dict[str, Any]:
    return {
        "figures": {
            _SHOWN[name][0]: {
                "was": round(was * _SHOWN[name][1], 6),
                "fitted": round(now * _SHOWN[name][1], 6),
                "half_width_pct": round(half, 2),
            }
            for name, (was, now, half) in found.figures.items()
        },
        "band_pct": found.band_pct,
        "spare_flights": found.spare,
        "flights": [
            {
                "name": each.flight.name, "use": "fit" if each.flight.used else "check",
                "reported_kg": round(each.flight.burn_kg, 1), "model_kg": round(each.burn_kg, 1),
                "off_pct": round(each.off_pct, 3),
                "without_it_off_pct": None if each.alone_off_pct is None else round(each.alone_off_pct, 3),
                "tailwind_kt": None if each.tailwind_mps is None else round(each.tailwind_mps * 3600 / 1852, 1),
            }
            for each in found.flights
        ],
    }  # fmt: skip


def _type(found: Any, code: str, flights: Path, digest: str) -> Any:
    """The fitted type as one of the user's own."""
    from dataclasses import replace

    from longreach.world.aircraft import Figure

    where = f"fitted to {flights.name} (sha256 {digest[:12]}) by `longreach aircraft fit`"
    fitted = {
        _SHOWN[name][0]: Figure(_SHOWN[name][0], round(now * _SHOWN[name][1], 6), now, "computed", where)
        for name, (_, now, _) in found.figures.items()
    }
    fitted["band_pct"] = Figure("band_pct", found.band_pct, found.band_pct, "computed", where)
    bases = {name: _SHOWN[name][0] for name in found.figures}
    kept = [
        figure
        for figure in found.aircraft.figures
        if figure.name not in fitted
        and not any(figure.name.startswith(base) and base != "tsfc_mach_exponent" for base in bases)
    ]
    calibration = tuple(
        {
            "use": "fit" if each.flight.used else "check", "what": each.flight.name,
            "source": each.flight.source or str(flights.name), "published": round(each.flight.burn_kg, 1), "unit": "kg",
            "off_pct": round(each.off_pct, 2),
        }
        for each in found.flights
    )  # fmt: skip
    used = sum(each.flight.used for each in found.flights)
    return replace(
        found.aircraft,
        code=code,
        name=f"{found.aircraft.name}, fitted",
        aliases=(),
        figures=(*kept, *fitted.values()),
        calibration=calibration,
        band_reason=f"{len(found.figures)} figure(s) fitted to {used} documented flight(s)",
    )
