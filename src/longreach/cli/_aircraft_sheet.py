"""The picture of a type: payload against range and fuel flow against mass, as SVG, as a page and in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from longreach import __version__
from longreach.fuel.payload_range import Flows, PayloadRange, flows, payload_range
from longreach.units import FOOT, HOUR, NAUTICAL_MILE
from longreach.world.aircraft import Aircraft

Floats = np.ndarray[Any, np.dtype[np.float64]]

_WIDTH, _HEIGHT = 1000.0, 446.0
_PANELS = ((64.0, 478.0), (572.0, 940.0))  # left and right edges [px]
_TOP, _BOTTOM = 90.0, 382.0


def reserves_words(curve: PayloadRange) -> str:
    """What is left in the tanks at the end of a range, in words."""
    kept = curve.reserves
    return f"{kept.contingency:.0%} of the trip and {kept.hold_s / 60:.0f} min of holding left".replace(
        "%", " %"
    )


def _levels_words(data: Flows) -> list[tuple[int, str]]:
    return [(n, f"FL{level / FOOT / 100:03.0f}") for n, level in enumerate(data.levels_m)]


def svg(aircraft: Aircraft, standalone: bool = True, ident: str = "sheet") -> str:
    """Both charts as one SVG picture; FuelError for a type without a model."""
    from longreach.page import charts

    curve, data = payload_range(aircraft), flows(aircraft)
    parts: list[str] = []
    left, right = _PANELS[0]
    x = charts.ValueAxis(0.0, 1.04 * float(curve.high_m.max()) / NAUTICAL_MILE, left, right)
    y = charts.ValueAxis(0.0, 1.06 * float(curve.payload_kg.max()) / 1000.0, _BOTTOM, _TOP)
    parts += [*y.draw(left, right), *_across(x), charts.text(left, _TOP - 34, "Payload and range", "strong")]
    parts.append(charts.text(left, _TOP - 14, "payload [t] over still-air range [nm]", "small quiet"))
    load = y(curve.payload_kg / 1000.0)
    near, far = x(curve.low_m / NAUTICAL_MILE), x(curve.high_m / NAUTICAL_MILE)
    edge = [*zip(near, load, strict=True), *zip(far[::-1], load[::-1], strict=True)]
    parts.append('<path class="shade s1" d="M' + "L".join(f"{a:.1f} {b:.1f}" for a, b in edge) + 'Z"/>')
    parts += charts.curve(x(curve.range_m / NAUTICAL_MILE), load, "s1")
    if not curve.most_payload_known:
        words = "zero-fuel limit not known: drawn until no fuel is left"
        parts.append(charts.text(right, _TOP + 12.0, words, "small quiet end"))
    if curve.full_tanks_kg is not None:
        at = int(np.argmin(np.abs(curve.payload_kg - curve.full_tanks_kg)))
        px, py = float(x(curve.range_m[at] / NAUTICAL_MILE)), float(load[at])
        parts.append(f'<circle class="dot s1" cx="{px:.1f}" cy="{py:.1f}" r="3.6"/>')
        parts.append(
            charts.text(px - 9, min(py + 15, _BOTTOM - 6), "tanks full from here down", "small halo end")
        )
    left, right = _PANELS[1]
    kg_h = data.best * HOUR / 1000.0
    top = float(
        np.nanmax(
            [
                (1.0 + aircraft.band_pct / 100.0) * np.nanmax(kg_h),
                *(np.nanmax(h) * HOUR / 1000.0 for h in data.held),
            ]
        )
    )
    x = charts.ValueAxis(float(data.mass_kg[0]) / 1000.0, float(data.mass_kg[-1]) / 1000.0, left, right)
    y = charts.ValueAxis(0.0, 1.04 * top, _BOTTOM, _TOP)
    parts += [
        *y.draw(left, right),
        *_across(x),
        charts.text(left, _TOP - 34, "Fuel flow in cruise", "strong"),
    ]
    words = f"t/h over mass [t], M{aircraft.cruise_mach:g}, planning factor {aircraft.planning_factor:g}"
    parts.append(charts.text(left, _TOP - 14, words, "small quiet"))
    wide = aircraft.band_pct / 100.0
    mass = x(data.mass_kg / 1000.0)
    parts += charts.band(mass, y(kg_h * (1.0 + wide)), y(kg_h * (1.0 - wide)), "s1")
    for n, name in _levels_words(data):
        held = data.held[n] * HOUR / 1000.0
        parts += charts.curve(mass, y(held), "thin s2")
        last = np.flatnonzero(np.isfinite(held))
        if last.size:
            end = last[-1]
            parts.append(charts.text(float(mass[end]) + 5, float(y(held[end])) + 4, name, "small halo quiet"))
    parts += charts.curve(mass, y(kg_h), "s1")
    entries = [
        ("curve", "s1", "reckoned; in cruise at the best level"),
        ("shade", "s1", f"±{aircraft.band_pct:g} % of burn (95 %)"),
    ]
    if data.held:
        entries.append(("curve", "thin s2", "held at one level, as far as thrust and lift allow"))
    parts += charts.legend(64.0, _HEIGHT - 12.0, entries, 940.0)
    parts.append(
        charts.text(64.0, 20.0, f"{aircraft.name}: {reserves_words(curve)}; standard atmosphere", "strong")
    )
    longest = float(curve.range_m.max()) / NAUTICAL_MILE
    description = (
        f"Range without payload {longest:,.0f} nm; fuel flow {kg_h[-1]:.1f} t/h at {data.mass_kg[-1] / 1000:,.0f} t, "
        f"{kg_h[0]:.1f} t/h at {data.mass_kg[0] / 1000:,.0f} t."
    )
    title = f"Payload, range and fuel flow of the {aircraft.name}"
    style = "<style>.fig .thin{stroke-width:1.1;stroke-dasharray:5 3}</style>"
    return charts.figure(ident, _WIDTH, _HEIGHT, title, description, [style, *parts], standalone=standalone)


def _across(axis: Any) -> list[str]:
    """Ticks and figures of a value axis that lies along the bottom."""
    from longreach.page import charts

    out = [f'<path class="axis" d="M{axis.bottom:.1f} {_BOTTOM:.1f}H{axis.top:.1f}"/>']
    for tick in charts.round_ticks(axis.low, axis.high, abs(axis.top - axis.bottom) / 70.0):
        at = float(axis(tick))
        out.append(f'<path class="axis" d="M{at:.1f} {_BOTTOM:.1f}v5"/>')
        out.append(charts.text(at, _BOTTOM + 18.0, f"{tick:,.10g}", "small num mid"))
    return out


def html(aircraft: Aircraft) -> str:
    """The type's page: picture, figures with sources, calibration."""
    from longreach.page import Column, page, table

    parts = [f"<h1>{escape(aircraft.name)}</h1>", f"<p>{escape(_lead(aircraft))}</p>"]
    if aircraft.judged:
        parts.append(
            f"<section><h2>Payload, range and fuel flow</h2>{svg(aircraft, standalone=False)}</section>"
        )
    if aircraft.figures:
        rows = [
            (figure.name, f"{figure.value:g}", figure.trust, figure.source) for figure in aircraft.figures
        ]
        heads: list[str | Column] = ["Figure", Column("Value", "number"), "Trust", "Source"]
        parts.append(
            f"<section><h2>Figures and sources</h2>{table(heads, rows, label='Figures and sources')}</section>"
        )
    if aircraft.calibration:
        calibrated = [
            (row["what"], "fitted" if row["use"] == "fit" else "check", f"{row['published']:,g} {row['unit']}",
             f"{row['off_pct']:+g} %", row["source"])
            for row in aircraft.calibration
        ]  # fmt: skip
        heads = [
            "Flight or figure",
            "Use",
            Column("Published", "number"),
            Column("Model", "number"),
            "Source",
        ]
        body = table(heads, calibrated, label="Calibration")
        parts.append(f"<section><h2>What it was fitted to, and what it was not</h2>{body}</section>")
    return page(title=aircraft.name, main="".join(parts), kicker="aircraft", version=__version__)


def _lead(aircraft: Aircraft) -> str:
    if not aircraft.judged:
        return f"Not judged: no data. {aircraft.reason}."
    return (
        f"95 % of flights burn within ±{aircraft.band_pct:g} % of the reckoning: {aircraft.band_reason}. "
        f"Planning factor {aircraft.planning_factor:.2f}: {aircraft.factor_reason}."
    )


# -- terminal ---------------------------------------------------------------------------------------


def text(aircraft: Aircraft, width: int) -> list[str]:
    """Both charts in lines of text, `width` columns at most (at least 50)."""
    curve, data = payload_range(aircraft), flows(aircraft)
    wide = max(34, min(width, 100) - 14)
    lines = [
        f"payload [t] over still-air range [nm], {reserves_words(curve)}; dots: ±{aircraft.band_pct:g} % of burn"
    ]
    loads = curve.payload_kg / 1000.0
    series = [
        (curve.low_m / NAUTICAL_MILE, loads, "."),
        (curve.high_m / NAUTICAL_MILE, loads, "."),
        (curve.range_m / NAUTICAL_MILE, loads, "#"),
    ]
    lines += plot(series, wide, 12)
    lines += ["", f"fuel flow [t/h] over mass [t] in cruise at M{aircraft.cruise_mach:g}, best level, planning factor "
              f"{aircraft.planning_factor:g}; dots: held at {_between(data)}" if data.held else
              f"fuel flow [t/h] over mass [t], planning factor {aircraft.planning_factor:g}"]  # fmt: skip
    mass = data.mass_kg / 1000.0
    held = [(mass, each * HOUR / 1000.0, ".") for each in data.held]
    return lines + plot([*held, (mass, data.best * HOUR / 1000.0, "#")], wide, 12)


def _between(data: Flows) -> str:
    return ", ".join(name for _, name in _levels_words(data))


def plot(series: Sequence[tuple[Floats, Floats, str]], width: int, height: int) -> list[str]:
    """A chart of lines in text: each series (x, y, mark); later ones lie over earlier ones. y starts at 0."""
    from longreach.page.charts import round_ticks

    xs = np.concatenate([np.asarray(x)[np.isfinite(y)] for x, y, _ in series])
    ys = np.concatenate([np.asarray(y)[np.isfinite(y)] for _, y, _ in series])
    low, high, top = float(xs.min()), float(xs.max()), float(ys.max()) * 1.04
    if _can("█"):
        marks = {"#": "•", ".": "·"}
        upright, flat, corner = "│", "─", "└"
    else:
        marks, upright, flat, corner = {}, "|", "-", "+"
    grid = [[" "] * width for _ in range(height)]
    for x, y, mark in series:
        fine = np.linspace(0.0, len(x) - 1.0, 40 * width)
        along, up = np.interp(fine, np.arange(len(x)), x), np.interp(fine, np.arange(len(y)), y)
        good = np.isfinite(up)
        columns = np.clip(
            ((along[good] - low) / (high - low) * (width - 1)).round().astype(int), 0, width - 1
        )
        rows = np.clip(height - 1 - (up[good] / top * (height - 1)).round().astype(int), 0, height - 1)
        for column, row in zip(columns, rows, strict=True):
            grid[row][column] = marks.get(mark, mark)
    names = {
        height - 1 - round(tick / top * (height - 1)): f"{tick:,.10g}"
        for tick in round_ticks(0.0, top, height / 3)
    }
    lines = [f"{names.get(n, ''):>7} {upright}{''.join(row).rstrip()}" for n, row in enumerate(grid)]
    lines.append(" " * 8 + corner + flat * width)
    foot = [" "] * (width + 12)
    for tick in round_ticks(low, high, width / 14):
        at = round((tick - low) / (high - low) * (width - 1))
        word = f"{tick:,.10g}"
        start = max(0, at - len(word) // 2)
        foot[start : start + len(word)] = word
    return [*lines, " " * 9 + "".join(foot).rstrip()]


def _can(letter: str) -> bool:
    try:
        letter.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
