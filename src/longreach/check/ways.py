"""Shortest ways between the places of a claim, lawful ones round what is said to be closed, and the wind on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.check.claim import Place
from longreach.errors import LongreachError

RIM = 8  # bearings at which an area whose middle is closed is tried
WIND_LEVEL_M = 11_000.0
MIDDLE_MONTHS = (1, 4, 7, 10)  # of a claim without any date: the seasons


@dataclass(frozen=True, slots=True)
class Closed:
    """States kept out of, with a stand-off [m]."""

    codes: tuple[str, ...]
    stand_off_m: float = 0.0


@dataclass(slots=True)
class Ways:
    """Least lengths, each found once. A length is inf where no lawful way exists."""

    _prepared: dict[tuple[tuple[str, float], ...], Any] = field(default_factory=dict)
    _known: dict[Any, float] = field(default_factory=dict)

    def great_circle(self, a: Place, b: Place) -> float:
        """Least geodesic [m] between any points of two places."""
        key = (a, b)
        if key not in self._known:
            apart = float(geodesy.distance(a.lat, a.lon, b.lat, b.lon))
            self._known[key] = max(0.0, apart - a.within_m - b.within_m)
        return self._known[key]

    def length(self, a: Place, b: Place, closed: Sequence[Closed] = ()) -> float:
        """A bound below every lawful length [m] between a point of one place and a point of the other.

        The way between the middles less both radii, and never less than the geodesic. Where a middle is itself
        closed, the points of its rim stand for it: of those that are open the nearest.
        """
        if not closed:
            return self.great_circle(a, b)
        key = (a, b, tuple(closed))
        if key not in self._known:
            least = self._route((a.lat, a.lon), (b.lat, b.lon), closed)
            slack = a.within_m + b.within_m
            if not math.isfinite(least) and slack > 0.0:
                ways = (self._route(start, end, closed) for start in _samples(a) for end in _samples(b))
                least, slack = min(ways), (a.within_m + b.within_m) * (1.0 - math.cos(math.pi / RIM))
            self._known[key] = (
                max(least - slack, self.great_circle(a, b)) if math.isfinite(least) else math.inf
            )
        return self._known[key]

    def chain(self, places: Sequence[Place], closed: Sequence[Closed] = ()) -> float:
        """Least length [m] through places in order; 0 for fewer than two."""
        return sum(self.length(a, b, closed) for a, b in pairwise(places))

    def _route(self, a: tuple[float, float], b: tuple[float, float], closed: Sequence[Closed]) -> float:
        from longreach import route
        from longreach.world import airspace

        key = tuple(sorted((code, each.stand_off_m) for each in closed for code in each.codes))
        if key not in self._prepared:
            closures = [
                closure
                for each in closed
                for closure in airspace.closures(each.codes, stand_off_m=each.stand_off_m)
            ]
            self._prepared[key] = route.prepare(closures)
        pair = (a, b, key)
        if pair not in self._known:
            try:
                found = route.shortest(self._prepared[key], a, b)
                self._known[pair] = found.lower_bound_m if found.feasible else math.inf
            except LongreachError:
                self._known[pair] = math.inf
        return self._known[pair]


def _samples(place: Place) -> list[tuple[float, float]]:
    points = [(place.lat, place.lon)]
    if place.within_m > 0.0:
        bearings = np.arange(RIM) * 360.0 / RIM
        lat, lon, _ = geodesy.direct(place.lat, place.lon, bearings, place.within_m)
        points += [(float(y), float(x)) for y, x in zip(lat, lon, strict=True)]
    return points


def tail_wind(places: Sequence[Place], when: datetime | None, winds: Any = None) -> tuple[float, float]:
    """Mean along-track wind [m/s] on the geodesics through places, and one sigma of it.

    winds : a field with `at` and `seconds`, or None for the climatology of the time (of the seasons' spread
        where no time is known, which widens the sigma).
    """
    from longreach.world import winds as fields

    if len(places) < 2:
        return 0.0, 0.0
    lat, lon, _ = geodesy.densify([p.lat for p in places], [p.lon for p in places], 250_000.0)
    if lat.size < 2:
        return 0.0, 0.0
    length, azimuth, _ = geodesy.inverse(lat[:-1], lon[:-1], lat[1:], lon[1:])
    keep = length > 1.0
    if not keep.any():
        return 0.0, 0.0
    track = np.radians(azimuth[keep])

    def mean(field_: Any, moment: datetime) -> float:
        wind = field_.at(lat[:-1][keep], lon[:-1][keep], WIND_LEVEL_M, field_.seconds(moment))
        along = wind.u_mps * np.sin(track) + wind.v_mps * np.cos(track)
        return float(np.average(along, weights=length[keep]))

    if winds is not None:
        moment = when or datetime(2000, 1, 15, tzinfo=UTC)
        return mean(winds, moment), float(winds.sigma_mps or 0.0)
    moments = [when] if when else [datetime(2020, month, 15, tzinfo=UTC) for month in MIDDLE_MONTHS]
    found = [mean(fields.climatology(each, each), each) for each in moments]
    sigma = float(fields.climatology(moments[0], moments[0]).sigma_mps)
    return float(np.mean(found)), math.hypot(sigma, float(np.std(found)))


def names(closed: Iterable[Closed]) -> str:
    """Closures in words: "IR, IQ at 25 nm"."""
    said = []
    for each in closed:
        far = f" at {each.stand_off_m / 1852.0:.0f} nm" if each.stand_off_m else ""
        said.append(f"{', '.join(each.codes)}{far}")
    return "; ".join(said)
