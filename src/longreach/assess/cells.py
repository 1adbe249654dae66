"""Many local events: did incidents change in the cell of an event, against the same cell at other times?

A Poisson regression of the incidents of the days after on whether an event took place, on the incidents of the weeks
before, with an effect for every cell and every month; intervals by resampling whole cells. Cell-days without an event
are the controls. Whether a cell-day is a control is decided by its past alone. Screening controls by what happened
afterwards removes those that were followed by a rise, and makes the events look provocative: it is offered, labelled,
to show that.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.random import Generator

from longreach.assess import _kernels
from longreach.assess.series import Counts, Days
from longreach.errors import Fault, InputError
from longreach.geodesy import Floats

RESAMPLES = 400
FEWEST_EVENTS = 20


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the comparison is made; every part of it is printed with the result.

    Parameters
    ----------
    cell_deg : side of a cell, degrees
    origin_lat_deg, origin_lon_deg : where the grid begins
    after_days : the outcome is the incidents of days 1..after_days; the day of the event itself is in neither part
    lags_days : sums of the last so many days, up to the day before the event, as logs of one more
    apart_days : an event counts where its cell had none in so many days before
    exclude_days : nor any event of an excluded kind in so many days before
    exclude_ahead_days : nor, where above 0, on the day itself and in so many days after; that looks into the
        future and is itself a filter
    fewest_incidents : cells with fewer in all are left out
    """

    cell_deg: float = 0.25
    origin_lat_deg: float = 0.0
    origin_lon_deg: float = 0.0
    after_days: int = 7
    lags_days: tuple[int, ...] = (7, 28)
    apart_days: int = 7
    exclude_days: int = 7
    exclude_ahead_days: int = 0
    fewest_incidents: int = 150


@dataclass(frozen=True, slots=True)
class Points:
    """Dated places, (n,) each, and their kinds."""

    day: Days
    lat_deg: Floats
    lon_deg: Floats
    kind: tuple[str, ...]

    def of(self, kinds: Sequence[str]) -> Points:
        """Those of the kinds given."""
        keep = np.array([one in kinds for one in self.kind], bool)
        return Points(
            self.day[keep], self.lat_deg[keep], self.lon_deg[keep], tuple(np.array(self.kind, object)[keep])
        )


@dataclass(frozen=True, slots=True)
class CellResult:
    """The factor by which incidents differ after an event, with its 95 % interval, and what it rests on."""

    ratio: float
    low_95: float
    high_95: float
    events: int
    controls: int
    cells: int
    before_events: float
    before_controls: float
    naive: float
    screened: bool
    recipe: Recipe


def read_points(path: Path) -> Points:
    """Points of a CSV (gzip or not) with the columns date, latitude, longitude and, where there are kinds, type.

    Raises: InputError naming file and line.
    """
    from longreach.ledger.imports import tables

    text, _, _ = tables.decode(tables.read_file(path), None, path)
    reader = csv.DictReader(io.StringIO(text))
    names = reader.fieldnames or []
    missing = [name for name in ("date", "latitude", "longitude") if name not in names]
    if missing:
        raise InputError(
            Fault(
                f"has no column {', '.join(missing)}",
                file=str(path),
                line=1,
                hint="date, latitude, longitude, type",
            )
        )
    days, lats, lons, kinds = [], [], [], []
    for row in reader:
        try:
            days.append(date.fromisoformat(row["date"][:10]).toordinal())
            lat, lon = float(row["latitude"]), float(row["longitude"])
            if not (-90 <= lat <= 90 and -180 <= lon <= 180):
                raise ValueError(row)
        except (ValueError, TypeError):
            raise InputError(
                Fault(
                    f"{row.get('date')}, {row.get('latitude')}, {row.get('longitude')}: a day as 2020-12-10 and degrees "
                    "are needed",
                    file=str(path),
                    line=reader.line_num,
                )
            ) from None
        lats.append(lat)
        lons.append(lon)
        kinds.append(row.get("type") or "")
    if not days:
        raise InputError(Fault("holds no row", file=str(path)))
    return Points(np.array(days, np.int64), np.array(lats), np.array(lons), tuple(kinds))


def compare(
    incidents: Points,
    events: Points,
    excluded: Points | None,
    recipe: Recipe,
    rng: Generator,
    *,
    screened: bool = False,
    resamples: int = RESAMPLES,
    report: Callable[[str, float], None] | None = None,
) -> CellResult:
    """The comparison.

    Parameters
    ----------
    screened : leave out controls that are followed by an event or an excluded one; THE TRAP, for demonstration

    Raises: InputError where fewer than 20 events can be compared.
    """
    grid = _Grid(incidents, events, excluded, recipe)
    treated, control = grid.treated(), grid.controls(screened)
    if int(treated.sum()) < FEWEST_EVENTS:
        raise InputError(
            Fault(
                f"{int(treated.sum())} events can be compared; it takes {FEWEST_EVENTS}",
                hint="larger cells, fewer exclusions, or a lower limit of incidents in a cell",
            )
        )
    cell, when = np.nonzero(treated | control)
    columns = [treated[cell, when].astype(float)]
    columns += [np.log(grid.incidents_in(-lag, -1)[cell, when] + 1.0) for lag in recipe.lags_days]
    months = grid.month[when]
    columns += [(months == one).astype(float) for one in np.unique(months)[1:]]
    x = np.column_stack(columns)
    y = grid.incidents_in(1, recipe.after_days)[cell, when]
    _, cell = np.unique(cell, return_inverse=True)
    number = int(cell.max()) + 1
    fitted = fit_fixed_effects(y, x, cell, np.ones(number))
    draws = np.empty(resamples)
    for row in range(resamples):
        if report and row % 10 == 0:
            report("cells resampled", row / resamples)
        weights = rng.multinomial(number, np.full(number, 1 / number)).astype(float)
        draws[row] = fit_fixed_effects(y, x, cell, weights, start=fitted, steps=4)[0]
    low, high = np.exp(np.quantile(draws, [0.025, 0.975]))
    before = grid.incidents_in(-recipe.after_days, -1)
    after = grid.incidents_in(1, recipe.after_days)
    return CellResult(
        float(np.exp(fitted[0])),
        float(low),
        float(high),
        int(treated.sum()),
        int(control.sum()),
        number,
        float(before[treated].mean()),
        float(before[control].mean()),
        float(after[treated].sum() / before[treated].sum()),
        screened,
        recipe,
    )


class _Grid:
    """Counts by cell and day, and which cell-days are compared."""

    def __init__(self, incidents: Points, events: Points, excluded: Points | None, recipe: Recipe) -> None:
        self.recipe = recipe
        every = [incidents, events, *([excluded] if excluded else [])]
        self.first = int(min(one.day.min() for one in every if one.day.size))
        last = int(max(one.day.max() for one in every if one.day.size))
        self.days = last - self.first + 1
        keys = np.unique(np.concatenate([self._key(one) for one in every]))
        counts = self._count(incidents, keys)
        kept = counts.sum(axis=1) >= recipe.fewest_incidents
        self.counts = counts[kept]
        self.events = self._count(events, keys)[kept]
        self.excluded = self._count(excluded, keys)[kept] if excluded else np.zeros_like(self.events)
        dates = [date.fromordinal(self.first + n) for n in range(self.days)]
        self.month = np.array([12 * one.year + one.month for one in dates])
        t = np.arange(self.days)
        self.complete = (t >= max(recipe.lags_days)) & (t < self.days - recipe.after_days)

    def _key(self, points: Points) -> Days:
        side = self.recipe.cell_deg
        row = np.floor((points.lat_deg - self.recipe.origin_lat_deg) / side).astype(np.int64)
        column = np.floor((points.lon_deg - self.recipe.origin_lon_deg) / side).astype(np.int64)
        return row * 1_000_000 + column

    def _count(self, points: Points, keys: Days) -> Counts:
        out = np.zeros((keys.size, self.days), np.int64)
        np.add.at(out, (np.searchsorted(keys, self._key(points)), points.day - self.first), 1)
        return out

    def _sum(self, counts: Counts, first: int, last: int) -> Floats:
        """Sum of the days t + first .. t + last of every day t, as far as they lie in the period."""
        total = np.concatenate([np.zeros((counts.shape[0], 1)), np.cumsum(counts, axis=1)], axis=1)
        t = np.arange(self.days)
        begin, end = np.clip(t + first, 0, self.days), np.clip(t + last + 1, 0, self.days)
        return total[:, end] - total[:, begin]

    def incidents_in(self, first: int, last: int) -> Floats:
        return self._sum(self.counts, first, last)

    def treated(self) -> np.ndarray:
        one = self.recipe
        return (
            (self.events > 0)
            & (self._sum(self.events, -one.apart_days, -1) == 0)
            & (self._sum(self.excluded, -one.exclude_days, -1) == 0)
            & self.complete
            & (one.exclude_ahead_days == 0 or self._sum(self.excluded, 0, one.exclude_ahead_days) == 0)
        )

    def controls(self, screened: bool) -> np.ndarray:
        """Cell-days without an event; of what comes after them, nothing is asked unless `screened`."""
        one = self.recipe
        found = (
            (self.events == 0)
            & (self._sum(self.events, -one.apart_days, -1) == 0)
            & (self._sum(self.excluded, -one.exclude_days, -1) == 0)
            & self.complete
        )
        if screened:
            found &= (self._sum(self.events, 1, one.after_days) == 0) & (
                self._sum(self.excluded, 1, one.after_days) == 0
            )
        return found


def fit_fixed_effects(
    y: Floats, x: Floats, cell: Days, weights: Floats, *, start: Floats | None = None, steps: int = 60
) -> Floats:
    """Coefficients of a Poisson regression with an effect for every cell, (columns,).

    Within a cell the counts are shared out in proportion to exp(x b), so that its effect drops out. `weights`,
    (cells,), count a cell so many times. Cells without any incident say nothing.
    """
    begin = np.zeros(x.shape[1]) if start is None else start
    return _kernels.fixed_effects(
        y, np.ascontiguousarray(x), cell.astype(np.int64), weights.astype(float), begin, steps
    )
