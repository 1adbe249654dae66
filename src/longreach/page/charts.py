"""Small charts as SVG: axes of time and of value, curves, steps, bands, intervals, bars and a legend.

Each helper returns pieces of SVG; `figure` puts them into one picture with a name and a description. The
style classes are those of figure.css: `curve`, `shade`, `bars`, `dot`, `whisker` take a series colour `s1`
to `s6`; `event` is a dashed mark, `rule` and `axis` are lines, `quiet`, `small`, `strong`, `mid`, `end` and
`halo` set text.

    x = TimeAxis(begin_s, end_s, 60.0, 980.0)
    y = ValueAxis(0.0, 12.0, bottom=200.0, top=20.0)
    parts = [*x.draw(200.0), *y.draw(60.0, 980.0), *curve(x(times), y(counts), "s1")]
    svg = figure("rate", 1000, 240, "Incidents a week", "Rises from 2 to 9 a week.", parts)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from longreach.geodesy import Floats
from longreach.page.words import month

DAY = 86_400.0
_STEPS_H = (0.25, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, 168.0)
_STEPS_MONTH = (1, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Seconds from 1970 UTC to pixels from left to right."""

    begin_s: float
    end_s: float
    left: float
    right: float

    def __call__(self, time_s: ArrayLike) -> Any:
        """Pixels of times; a number for a number, an array for an array."""
        share = (np.asarray(time_s, float) - self.begin_s) / (self.end_s - self.begin_s)
        pixels = self.left + share * (self.right - self.left)
        return pixels if pixels.ndim else float(pixels)

    def ticks(self, zone: tzinfo = UTC, apart: float = 64.0) -> list[datetime]:
        """Times at whole steps of the local clock or calendar, at least `apart` pixels from one to the next."""
        hours = (self.end_s - self.begin_s) / 3600.0 * apart / max(abs(self.right - self.left), 1.0)
        step = next((each for each in _STEPS_H if each >= hours), None)
        if step is not None:
            return clock_ticks(self.begin_s, self.end_s, step, zone)
        months = next((each for each in _STEPS_MONTH if each * 730.0 >= hours), _STEPS_MONTH[-1])
        return month_ticks(self.begin_s, self.end_s, months, zone)

    def draw(
        self, y: float, *, top: float | None = None, zone: tzinfo = UTC, apart: float = 64.0
    ) -> list[str]:
        """The axis at height `y`: a line, ticks and their words; with rules up to `top` where it is given."""
        out = [f'<path class="axis" d="M{self.left:.1f} {y:.1f}H{self.right:.1f}"/>']
        ticks = self.ticks(zone, apart)
        for index, tick in enumerate(ticks):
            at = self(tick.timestamp())
            if top is not None:
                out.append(f'<path class="rule" d="M{at:.1f} {top:.1f}V{y:.1f}"/>')
            out.append(f'<path class="axis" d="M{at:.1f} {y:.1f}v5"/>')
            out.append(text(at, y + 18.0, _tick_words(ticks, index), "small num mid"))
        return out

    def events(self, marks: Sequence[tuple[float, str]], top: float, bottom: float) -> list[str]:
        """Dashed marks at times (seconds, words), the words set beside the top of each."""
        out = []
        for time_s, words in marks:
            at = self(time_s)
            out.append(f'<path class="event" d="M{at:.1f} {top:.1f}V{bottom:.1f}"/>')
            end = at > self.left + 0.75 * (self.right - self.left)
            out.append(text(at + (-5 if end else 5), top + 10.0, words, f"small halo{' end' if end else ''}"))
        return out


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """Values to pixels from bottom to top; from left to right where `top` is the right end."""

    low: float
    high: float
    bottom: float
    top: float

    def __call__(self, value: ArrayLike) -> Any:
        """Pixels of values; a number for a number, an array for an array."""
        share = (np.asarray(value, float) - self.low) / (self.high - self.low)
        pixels = self.bottom + share * (self.top - self.bottom)
        return pixels if pixels.ndim else float(pixels)

    def ticks(self, apart: float = 36.0) -> list[float]:
        """Round values (1, 2 or 5 times a power of ten), at least `apart` pixels from one to the next."""
        return round_ticks(self.low, self.high, max(2.0, abs(self.top - self.bottom) / apart))

    def draw(self, left: float, right: float, unit: str = "", apart: float = 36.0) -> list[str]:
        """Rules across the picture, a figure for each at the left, and the unit above the picture."""
        out = []
        for tick in self.ticks(apart):
            at = self(tick)
            out.append(f'<path class="rule" d="M{left:.1f} {at:.1f}H{right:.1f}"/>')
            out.append(text(left - 8.0, at + 4.0, f"{tick:,.10g}", "small num end"))
        if unit:
            out.append(text(left, self.top - 8.0, unit, "small quiet"))
        return out


def figure(
    ident: str,
    width: float,
    height: float,
    title: str,
    description: str,
    parts: Sequence[str],
    *,
    standalone: bool = False,
    attributes: Mapping[str, float] | None = None,
) -> str:
    """One picture as SVG, with its name and its description (the alt text: what a reader should see in it).

    Parameters
    ----------
    ident : begins the ids inside, unique on its page
    standalone : with its own style sheet and namespace, for a file of its own
    attributes : figures for a script, kept as data-NAME
    """
    head = f'<svg class="fig" viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{ident}-t {ident}-d"'
    head += "".join(f' data-{name}="{value:.10g}"' for name, value in (attributes or {}).items())
    style = ""
    if standalone:
        from longreach.page.shell import figure_style

        head += f' xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
        style = f"<style>{figure_style()}</style>"
    return (
        f'{head}><title id="{ident}-t">{escape(title)}</title><desc id="{ident}-d">{escape(description)}</desc>'
        f"{style}{''.join(parts)}</svg>"
    )


def text(x: float, y: float, words: str, style: str = "") -> str:
    """Words at a pixel. Classes: small, strong, quiet, num, halo; mid or end to set where they anchor."""
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def curve(x: ArrayLike, y: ArrayLike, style: str = "s1") -> list[str]:
    """A line through points; a gap where y is not finite."""
    points = np.stack([np.asarray(x, float), np.asarray(y, float)], axis=-1)
    good = np.isfinite(points).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], good.astype(int), [0]])))
    runs = [points[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    path = "".join(path_through(run) for run in runs if len(run) > 1)
    return [f'<path class="curve {style}" d="{path}"/>'] if path else []


def steps(x: ArrayLike, y: ArrayLike, style: str = "s1") -> list[str]:
    """A step line: y[i] from x[i] to x[i + 1]; x is one longer than y."""
    edges, values = np.asarray(x, float), np.asarray(y, float)
    if edges.size != values.size + 1:
        raise ValueError(f"{edges.size} edges for {values.size} values: one more edge than values is needed")
    return curve(np.repeat(edges, 2)[1:-1], np.repeat(values, 2), style)


def band(x: ArrayLike, upper: ArrayLike, lower: ArrayLike, style: str = "s1") -> list[str]:
    """The area between two curves."""
    across = np.asarray(x, float)
    top = np.stack([across, np.asarray(upper, float)], axis=-1)
    bottom = np.stack([across, np.asarray(lower, float)], axis=-1)
    return [f'<path class="shade {style}" d="{area_between(top, bottom)}"/>']


def bars(x: ArrayLike, y: ArrayLike, base: float, style: str = "s1", gap: float = 1.0) -> list[str]:
    """Bars from `base` to y[i] between the edges x[i] and x[i + 1]."""
    edges, tops = np.asarray(x, float), np.asarray(y, float)
    out = []
    for left, right, top in zip(edges[:-1], edges[1:], tops, strict=True):
        high = abs(base - top)
        if math.isfinite(high) and high > 0.05:
            wide = max(right - left - gap, 0.6)
            out.append(
                f'<rect class="bars {style}" x="{left:.1f}" y="{min(top, base):.1f}" width="{wide:.1f}" height="{high:.1f}"/>'
            )
    return out


def interval(
    x: float, low: float, high: float, centre: float | None, style: str = "s1", title: str = ""
) -> list[str]:
    """An upright interval (pixels) with end caps, and a dot at its centre where there is one."""
    name = f"<title>{escape(title)}</title>" if title else ""
    out = [
        f'<path class="whisker {style}" d="M{x - 4:.1f} {low:.1f}h8M{x - 4:.1f} {high:.1f}h8M{x:.1f} {low:.1f}V{high:.1f}">'
        f"{name}</path>"
    ]
    if centre is not None:
        out.append(f'<circle class="dot {style}" cx="{x:.1f}" cy="{centre:.1f}" r="3.6">{name}</circle>')
    return out


def interval_across(
    y: float, low: float, high: float, centre: float | None, style: str = "s1", title: str = ""
) -> list[str]:
    """The same lying: from `low` to `high` along x at height `y`."""
    name = f"<title>{escape(title)}</title>" if title else ""
    out = [
        f'<path class="whisker {style}" d="M{low:.1f} {y - 4:.1f}v8M{high:.1f} {y - 4:.1f}v8M{low:.1f} {y:.1f}H{high:.1f}">'
        f"{name}</path>"
    ]
    if centre is not None:
        out.append(f'<circle class="dot {style}" cx="{centre:.1f}" cy="{y:.1f}" r="3.6">{name}</circle>')
    return out


def legend(x: float, y: float, entries: Sequence[tuple[str, str, str]], width: float = 1000.0) -> list[str]:
    """A key: (shape, series, words) each; shape is curve, shade, bars, dot, whisker or event."""
    out, left = [], x
    for shape, series, words in entries:
        wide = 34.0 + text_width(words, 12.0) + 18.0
        if left > x and left + wide > width:
            left, y = x, y + 20.0
        style = f"{shape} {series}".strip()
        symbol = {
            "shade": f'<rect class="{style}" x="{left}" y="{y - 10}" width="26" height="11"/>',
            "bars": f'<rect class="{style}" x="{left}" y="{y - 10}" width="26" height="11"/>',
            "dot": f'<circle class="{style}" cx="{left + 13}" cy="{y - 4.5}" r="3.6"/>',
            "whisker": f'<path class="{style}" d="M{left + 2} {y - 8.5}v8M{left + 24} {y - 8.5}v8M{left + 2} {y - 4.5}h22"/>',
        }.get(shape, f'<path class="{style}" d="M{left} {y - 4.5}h26"/>')
        out.append(f'{symbol}<text x="{left + 33}" y="{y}" style="font-size:12px">{escape(words)}</text>')
        left += wide
    return out


def text_width(words: str, size: float) -> float:
    """About how wide words are drawn [px]; fonts differ, so a little too wide."""
    narrow = sum(letter in "iIljtf.,:;'|!() " for letter in words)
    return size * (0.6 * (len(words) - narrow) + 0.36 * narrow)


def path_through(points: Floats) -> str:
    """Path data of an open line through (n, 2) pixels, without the points no eye could tell apart."""
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points[corners(points)].tolist())


def area_between(top: Floats, bottom: Floats) -> str:
    """Path data of the closed area between two lines of (n, 2) pixels."""
    points = np.concatenate([top[corners(top)], bottom[corners(bottom)][::-1]])
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points.tolist()) + "Z"


def corners(points: Floats) -> Any:
    """Indices worth drawing: about every four pixels, and wherever the line moves by more than a pixel and a half."""
    keep = [0]
    for index in range(1, len(points) - 1):
        dx, dy = points[index] - points[keep[-1]]
        if dx >= 4.0 or abs(dy) >= 1.5:
            keep.append(index)
    return np.array([*keep, len(points) - 1])


def round_ticks(low: float, high: float, most: float) -> list[float]:
    """Round values from low to high, not more than about `most`.

    >>> round_ticks(0.0, 9.0, 5)
    [0.0, 2.0, 4.0, 6.0, 8.0]
    """
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def hours_step(span_s: float, most: int = 13) -> float:
    """A step of whole hours (or of quarters) that makes at most `most` of a span."""
    hours = span_s / 3600.0
    return next((step for step in _STEPS_H[:7] if hours / step <= most), 24.0)


def clock_ticks(begin_s: float, end_s: float, step_h: float, zone: tzinfo) -> list[datetime]:
    """Local times at whole steps of the local clock, kept where summer time changes."""
    start = datetime.fromtimestamp(begin_s, zone)
    tick = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if step_h > 24.0:  # from a Monday, so that weeks are weeks
        tick -= timedelta(days=tick.weekday())
    out = []
    while tick.timestamp() <= end_s:
        if tick.timestamp() >= begin_s:
            out.append(tick)
        naive = tick.replace(tzinfo=None) + timedelta(hours=step_h)
        tick = naive.replace(tzinfo=zone)
    return out


def month_ticks(begin_s: float, end_s: float, step: int, zone: tzinfo) -> list[datetime]:
    """The first of every `step` months, from January on."""
    start = datetime.fromtimestamp(begin_s, zone)
    index = start.year * 12 // step * step
    out = []
    while (tick := datetime(index // 12, index % 12 + 1, 1, tzinfo=zone)).timestamp() <= end_s:
        if tick.timestamp() >= begin_s:
            out.append(tick)
        index += step
    return out


def day_labels(begin_s: float, end_s: float, zone: tzinfo, x: Any, y: float) -> list[str]:
    """The date written where each day begins, and at the start; `x` turns seconds into pixels."""
    out = []
    starts = [begin_s, *(tick.timestamp() for tick in clock_ticks(begin_s, end_s, 24.0, zone))]
    for first, last in pairwise([*starts, end_s]):
        if x(last) - x(first) > 60:
            day = datetime.fromtimestamp(first + 1, zone)
            out.append(text(x(first) + 3, y, f"{day.day} {month(day)} {day.year}", "small strong"))
    return out


def _tick_words(ticks: Sequence[datetime], index: int) -> str:
    """The words of one tick: the hour, the day or the month, and what changed since the one before."""
    tick = ticks[index]
    before = ticks[index - 1] if index else None
    step = (ticks[1] - ticks[0]).total_seconds() if len(ticks) > 1 else 0.0
    if step < DAY:
        if tick.hour == 0 and tick.minute == 0:
            return f"{tick.day} {month(tick)}"
        return f"{tick:%H:%M}"
    year = "" if before is not None and before.year == tick.year else f" {tick.year}"
    if step < 27 * DAY:
        return f"{tick.day} {month(tick)}{year}"
    return f"{tick.year}" if step > 360 * DAY else f"{month(tick)}{year}"
