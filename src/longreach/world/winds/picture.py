"""A picture of one level of a wind field at one moment: as text for a terminal, or as SVG."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from longreach.geodesy import Floats
from longreach.units import KNOT
from longreach.world.winds.field import FLIGHT_LEVEL, WindField

ARROWS = "→↗↑↖←↙↓↘"
TENS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"  # of knots, to the strongest wind believed
LAND = Path(__file__).parents[1] / "data" / "land-110m.json"
BANDS = (20.0, 40.0, 60.0, 80.0, 100.0, 130.0)  # kt, where the colour changes
COLOURS = ("#f2f5f7", "#d5e6ee", "#a8cfe0", "#6fafcd", "#3d86b0", "#22588a", "#152e5c")


def _sampled(
    field: WindField, altitude_m: float, when: datetime, rows: int, columns: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Middles of rows (north first) and columns, u and v there [m/s]."""
    south, north, west, east = field.lat[0], field.lat[-1], field.lon[0], field.lon[-1]
    if field.cyclic:
        west, east = -180.0, 180.0
    lat = north - (np.arange(rows) + 0.5) * (north - south) / rows
    lon = west + (np.arange(columns) + 0.5) * (east - west) / columns
    wind = field.at(lat[:, None], lon[None, :], altitude_m, field.seconds(when))
    return lat, lon, wind.u_mps, wind.v_mps


def text(field: WindField, altitude_m: float, when: datetime, rows: int = 18, columns: int = 36) -> str:
    """A map in letters: the arrow the wind blows along and its speed in tens of knots; calm is a dot.

    Raises: WindError where the field does not hold the level or time.
    """
    lat, lon, u, v = _sampled(field, altitude_m, when, rows, columns)
    speed = np.hypot(u, v) / KNOT
    turn = np.rint(np.degrees(np.arctan2(v, u)) / 45.0).astype(int) % 8
    title = f"FL{altitude_m / FLIGHT_LEVEL:.0f}, {when:%Y-%m-%d %H:%M} UTC: direction, tens of knots"
    lines = [title]
    for k in range(rows):
        cells = (
            " ·" if speed[k, j] < 5.0 else f"{ARROWS[turn[k, j]]}{TENS[round(float(speed[k, j]) / 10.0)]}"
            for j in range(columns)
        )
        lines.append(f"{_degrees(lat[k], 'NS'):>4} " + "".join(cells))
    ends = f"{_degrees(lon[0], 'EW')}", f"{_degrees(lon[columns // 2], 'EW')}", f"{_degrees(lon[-1], 'EW')}"
    wide = 2 * columns
    lines.append("     " + ends[0].ljust(wide // 2) + ends[1].ljust(wide // 2 - len(ends[2])) + ends[2])
    if speed.max() >= 95.0:
        lines.append("     A is 100 kt, B 110, C 120 and so on")
    lines.append(f"     strongest {speed.max():.0f} kt, mean {speed.mean():.0f} kt of the points shown")
    return "\n".join(lines)


def _degrees(value: float, letters: str) -> str:
    value = (value + 180.0) % 360.0 - 180.0 if letters == "EW" else value
    return f"{abs(value):.0f}{letters[0] if value >= 0 else letters[1]}"


def svg(field: WindField, altitude_m: float, when: datetime, width: int = 1200) -> str:
    """A map on plain latitude and longitude: speed as colour, arrows of the wind, coasts.

    Raises: WindError where the field does not hold the level or time.
    """
    fine, coarse = (120, 240), (24, 48)
    lat, lon, u, v = _sampled(field, altitude_m, when, *fine)
    west, east = lon[0] - (lon[1] - lon[0]) / 2, lon[-1] + (lon[1] - lon[0]) / 2
    north, south = lat[0] + (lat[0] - lat[1]) / 2, lat[-1] - (lat[0] - lat[1]) / 2
    scale = width / (east - west)
    height = round((north - south) * scale)

    def x(value: Any) -> Any:
        return (np.asarray(value) - west) * scale

    def y(value: Any) -> Any:
        return (north - np.asarray(value)) * scale

    band = np.searchsorted(BANDS, np.hypot(u, v) / KNOT)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -34 {width} {height + 74}" width="{width}" role="img" '
        f'font-family="sans-serif" font-size="15"><title>{_escaped(field.name)}</title>'
        f'<rect y="-34" width="{width}" height="{height + 74}" fill="#fff"/>'
        f'<text x="4" y="-12" font-size="17">{_escaped(field.name)}, FL{altitude_m / FLIGHT_LEVEL:.0f}, '
        f"{when:%Y-%m-%d %H:%M} UTC</text>"
        f'<svg y="0" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    ]
    cell_w, cell_h = width / fine[1], height / fine[0]
    for k in range(fine[0]):
        start = 0
        for j in range(1, fine[1] + 1):
            if j == fine[1] or band[k, j] != band[k, start]:
                out.append(
                    f'<rect x="{start * cell_w:.1f}" y="{k * cell_h:.1f}" width="{(j - start) * cell_w + 0.4:.1f}" '
                    f'height="{cell_h + 0.4:.1f}" fill="{COLOURS[band[k, start]]}"/>'
                )
                start = j
    out.append(f'<path d="{_coasts(x, y, west, east)}" fill="none" stroke="#444" stroke-width="0.9"/>')
    lat, lon, u, v = _sampled(field, altitude_m, when, *coarse)
    strong = float(np.hypot(u, v).max()) or 1.0
    step = min(width / coarse[1], height / coarse[0])
    parts = []
    for k in range(coarse[0]):
        for j in range(coarse[1]):
            speed = float(np.hypot(u[k, j], v[k, j]))
            if speed < 2.5:
                continue
            long = step * (0.35 + 0.6 * speed / strong)
            dx, dy = u[k, j] / speed * long / 2, -v[k, j] / speed * long / 2
            px, py = float(x(lon[j])), float(y(lat[k]))
            tip_x, tip_y = px + dx, py + dy
            back = 0.35
            parts.append(
                f"M{px - dx:.1f} {py - dy:.1f}L{tip_x:.1f} {tip_y:.1f}"
                f"M{tip_x - back * (dx + 0.6 * dy):.1f} {tip_y - back * (dy - 0.6 * dx):.1f}L{tip_x:.1f} {tip_y:.1f}"
                f"L{tip_x - back * (dx - 0.6 * dy):.1f} {tip_y - back * (dy + 0.6 * dx):.1f}"
            )
    out.append(f'<path d="{"".join(parts)}" fill="none" stroke="#b3380f" stroke-width="1.3"/></svg>')
    at = 4.0
    names = ["under 20 kt", *(f"{low:.0f}" for low in BANDS)]
    for colour, words in zip(COLOURS, names, strict=True):
        out.append(
            f'<rect x="{at}" y="{height + 12}" width="22" height="15" fill="{colour}" stroke="#888" stroke-width="0.5"/>'
            f'<text x="{at + 27}" y="{height + 25}">{words}</text>'
        )
        at += 125.0 if words.startswith("under") else 75.0
    out.append(f'<text x="{at + 10}" y="{height + 25}">kt and more; arrows along the wind</text></svg>')
    return "".join(out)


def _coasts(x: Any, y: Any, west: float, east: float) -> str:
    """The coasts as one path, each ring broken where it leaves the picture on one side."""
    pieces = []
    for lat, lon in _land():
        for turn in (-360.0, 0.0, 360.0):
            moved = lon + turn
            if moved.max() < west or moved.min() > east:
                continue
            jump = np.flatnonzero(np.abs(np.diff(moved)) > 180.0) + 1
            for part in np.split(np.arange(lon.size), jump):
                points = "L".join(
                    f"{a:.1f} {b:.1f}" for a, b in zip(x(moved[part]), y(lat[part]), strict=True)
                )
                pieces.append(f"M{points}")
    return "".join(pieces)


def _land() -> list[tuple[Floats, Floats]]:
    """Latitudes and longitudes of the land's rings at 1:110 million; the file holds hundredths of a degree."""
    found = json.loads(LAND.read_text("utf-8"))
    rings = (np.array(ring, float).reshape(-1, 2) / 100.0 for ring in found["land"])
    return [(ring[:, 0], ring[:, 1]) for ring in rings]


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
