"""A track held against a claim: which of its statements the track bears out, which it speaks against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from longreach import geodesy
from longreach.check.claim import Claim, Place
from longreach.check.readings import Reading
from longreach.check.tracks import gate, shape
from longreach.check.tracks.gate import Gate
from longreach.check.tracks.model import Track
from longreach.check.tracks.shape import Gap, Orbit, Together
from longreach.units import KNOT, NAUTICAL_MILE

AT_A_FIELD = (
    30.0 * NAUTICAL_MILE
)  # a first or last position so near a place is a departure from it or a landing
SEEN_SHARE = 0.9  # of the time between first and last position without gaps, to be called observed end to end


@dataclass(frozen=True, slots=True)
class Approach:
    """Closest approach of a track to a closed area [m]; `least_m` is what the gaps allow at most nearer."""

    closure: str
    closest_m: float
    least_m: float
    lat: float
    lon: float
    time_s: float


@dataclass(frozen=True, slots=True)
class Match:
    """One thing claimed against the track: seen | spoken against | not seen."""

    id: str
    verdict: str
    words: str

    def document(self) -> dict[str, Any]:
        return {"claim": self.id, "verdict": self.verdict, "words": self.words}


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the tracks of one check show."""

    tracks: tuple[Track, ...]
    gates: tuple[Gate, ...]
    legs: tuple[tuple[Track, ...], ...]
    gaps: tuple[tuple[Gap, ...], ...]
    orbits: tuple[tuple[Orbit, ...], ...]
    approaches: tuple[Approach, ...]
    together: tuple[Together, ...]
    fastest_mps: float

    @property
    def fit(self) -> bool:
        """Whether the first track can bear a conclusion."""
        return bool(self.gates) and self.gates[0].fit

    def document(self) -> dict[str, Any]:
        return {
            "tracks": [
                {
                    "id": track.id,
                    "callsign": track.callsign,
                    "aircraft": track.aircraft,
                    "source": track.source.rpartition("/")[2],
                    "format": track.format,
                    "points": gated.points,
                    "verdict": gated.verdict,
                    "findings": [
                        {"test": f.test, "words": f.words, "serious": bool(f.serious)} for f in gated.findings
                    ],
                    "notes": list(track.notes),
                    "first_utc": utc(legs[0].time_s[0]) if legs else None,
                    "last_utc": utc(legs[-1].time_s[-1]) if legs else None,
                    "legs": [
                        {
                            "from_utc": utc(leg.time_s[0]),
                            "to_utc": utc(leg.time_s[-1]),
                            "from": {"lat": round(float(leg.lat[0]), 5), "lon": round(float(leg.lon[0]), 5)},
                            "to": {"lat": round(float(leg.lat[-1]), 5), "lon": round(float(leg.lon[-1]), 5)},
                            "length_nm": round(leg.length_m / NAUTICAL_MILE, 1),
                        }
                        for leg in legs
                    ],
                    "gaps": [
                        {
                            "from_utc": utc(gap.start_s),
                            "to_utc": utc(gap.end_s),
                            "length_nm": round(gap.length_m / NAUTICAL_MILE, 1),
                            "needed_kt": round(gap.needed_mps / KNOT, 1),
                            "feasible": gap.feasible,
                        }
                        for gap in gaps
                    ],
                    "orbits": [
                        {
                            "from_utc": utc(orbit.start_s),
                            "to_utc": utc(orbit.end_s),
                            "lat": round(orbit.lat, 4),
                            "lon": round(orbit.lon, 4),
                            "turns": round(orbit.turns, 1),
                        }
                        for orbit in orbits
                    ],
                }
                for track, gated, legs, gaps, orbits in zip(
                    self.tracks, self.gates, self.legs, self.gaps, self.orbits, strict=True
                )
            ],
            "approaches": [
                {
                    "closure": each.closure,
                    "closest_nm": round(each.closest_m / NAUTICAL_MILE, 2),
                    "least_nm": round(each.least_m / NAUTICAL_MILE, 2),
                    "lat": round(each.lat, 5),
                    "lon": round(each.lon, 5),
                    "at_utc": utc(each.time_s),
                }
                for each in self.approaches
            ],
            "together": [
                {
                    "one": each.one,
                    "other": each.other,
                    "from_utc": utc(each.start_s),
                    "to_utc": utc(each.end_s),
                    "nearest_nm": round(each.nearest_m / NAUTICAL_MILE, 2),
                    "height_known": each.height_known,
                }
                for each in self.together
            ],
        }


def observe(tracks: Sequence[Track], codes: Sequence[str], fastest_mps: float) -> Observed:
    """Gate, legs, gaps, orbits, closest approaches to the States named, and aircraft together."""
    gates = tuple(gate.examine(track) for track in tracks)
    clean = tuple(gate.cleaned(track) for track in tracks)
    legs = tuple(shape.legs(track) for track in clean)
    gaps = tuple(tuple(gap for leg in each for gap in shape.gaps(leg, fastest_mps)) for each in legs)
    orbits = tuple(tuple(orbit for leg in each for orbit in shape.orbits(leg)) for each in legs)
    pairs = [
        event
        for i, one in enumerate(clean)
        for other in clean[i + 1 :]
        for event in shape.together(one, other)
    ]
    near = approaches(clean[0], gaps[0], codes, fastest_mps) if clean and codes else ()
    return Observed(tuple(tracks), gates, legs, gaps, orbits, near, tuple(pairs), fastest_mps)


def approaches(
    track: Track, gaps: Sequence[Gap], codes: Sequence[str], fastest_mps: float
) -> tuple[Approach, ...]:
    """Closest approach to the national airspace of each State, and how near the gaps allow it to have come."""
    from longreach import route
    from longreach.world import airspace

    closures = list(airspace.closures(list(codes)))
    found = []
    for closest, closure in zip(route.clearances(closures, track.lat, track.lon), closures, strict=True):
        off = geodesy.distance(closest.lat, closest.lon, track.lat, track.lon)
        at = int(np.argmin(off))
        least = closest.clearance_m
        for gap in gaps:
            if gap.ring_lat.size:
                ring = route.clearances(
                    [closure],
                    np.append(gap.ring_lat, gap.ring_lat[0]),
                    np.append(gap.ring_lon, gap.ring_lon[0]),
                )
                least = min(least, ring[0].clearance_m)
            else:
                least = -np.inf if gap.feasible else least
        found.append(
            Approach(
                closest.id,
                closest.clearance_m,
                float(least),
                closest.lat,
                closest.lon,
                float(track.time_s[at]),
            )
        )
    return tuple(found)


def matches(
    claim: Claim, observed: Observed, readings: dict[str, tuple[Reading, ...]]
) -> tuple[tuple[Match, ...], str]:
    """What the first track says of each claim, and "end to end", "partly" or "" for what was observed."""
    if not observed.tracks or not observed.fit or not observed.legs[0]:
        return (), ""
    legs = observed.legs[0]
    leg = max(legs, key=lambda each: each.length_m)
    found = []

    def near(place: Place, lat: float, lon: float) -> float:
        return max(0.0, float(geodesy.distance(place.lat, place.lon, lat, lon)) - place.within_m)

    for name, place, k in (("origin", claim.origin, 0), ("destination", claim.destination, -1)):
        if place is None:
            continue
        off = near(place, float(leg.lat[k]), float(leg.lon[k]))
        seen = off <= AT_A_FIELD
        what = "begins" if k == 0 else "ends"
        far = f"the track {what} {off / NAUTICAL_MILE:,.0f} nm from {place.name}"
        # A track that begins in the air says nothing of where the flight began.
        aloft = bool(np.isfinite(leg.altitude_m[k]) and leg.altitude_m[k] > 3000.0)
        found.append(
            Match(
                name,
                "seen" if seen else "not seen" if aloft else "spoken against",
                far + (", in the air" if aloft else ""),
            )
        )
    if claim.turn is not None:
        away = geodesy.distance(claim.turn.lat, claim.turn.lon, leg.lat, leg.lon) - claim.turn.within_m
        least = max(0.0, float(away.min()))
        inside = least <= 20.0 * NAUTICAL_MILE
        within_gap = any(
            float(
                geodesy.distance(*gap.start, claim.turn.lat, claim.turn.lon)
                + geodesy.distance(*gap.end, claim.turn.lat, claim.turn.lon)
            )
            - 2 * claim.turn.within_m
            <= observed.fastest_mps * (gap.end_s - gap.start_s)
            for gap in observed.gaps[0]
        )
        words = f"the track comes within {least / NAUTICAL_MILE:,.0f} nm of {claim.turn.name}"
        found.append(
            Match(
                "turn",
                "seen" if inside else "not seen" if within_gap else "spoken against",
                words + (", a gap leaves room for it" if within_gap and not inside else ""),
            )
        )
    begins, ends = (
        match.verdict == "seen" for match in (*found[:2], Match("", "", ""), Match("", "", ""))[:2]
    )
    duration = float(leg.time_s[-1] - leg.time_s[0])
    for each in claim.statements:
        options = [reading for reading in readings.get(each.id, ()) if not reading.slip]
        if not options:
            continue
        if each.kind == "duration":
            whole = begins and ends
            fits = any(
                (r.lo or 0.0) - 1800.0 <= duration <= (np.inf if r.hi is None else r.hi) + 1800.0
                for r in options
            )
            least = all(r.hi is not None and duration > r.hi + 1800.0 for r in options)
            verdict = (
                "seen"
                if whole and fits
                else "spoken against"
                if least or (whole and not fits)
                else "not seen"
            )
            found.append(Match(each.id, verdict, f"{duration / 3600:.1f} h from first to last position"))
        elif each.kind in ("departure", "landing") and (begins if each.kind == "departure" else ends):
            moment = float(leg.time_s[0 if each.kind == "departure" else -1])
            fits = any(
                (r.lo is None or r.lo - 1800.0 <= moment) and (r.hi is None or moment <= r.hi + 1800.0)
                for r in options
            )
            found.append(
                Match(
                    each.id,
                    "seen" if fits else "spoken against",
                    f"{'first' if each.kind == 'departure' else 'last'} position {utc(moment)}",
                )
            )
        elif each.kind == "distance" and each.scope == "flown" and begins and ends:
            length = leg.length_m
            fits = any(
                (r.lo or 0.0) * 0.97 <= length <= (np.inf if r.hi is None else r.hi) * 1.03 for r in options
            )
            found.append(
                Match(
                    each.id,
                    "seen" if fits else "spoken against",
                    f"{length / NAUTICAL_MILE:,.0f} nm along the positions",
                )
            )
    for each in claim.of("kept out"):
        limits = [r.lo or 0.0 for r in readings.get(each.id, ()) if not r.slip] or [0.0]
        for approach in observed.approaches:
            if approach.closure not in each.closed:
                continue
            words = f"nearest to {approach.closure} {approach.closest_m / NAUTICAL_MILE:,.1f} nm"
            if approach.closest_m < min(limits):
                verdict = "spoken against"
            elif approach.least_m >= min(limits):
                verdict = "seen"
            else:
                verdict = "not seen"
                words += "; the gaps leave room to have come nearer"
            found.append(Match(each.id, verdict, words))
    covered = duration - sum(
        gap.end_s - gap.start_s for gap in observed.gaps[0] if leg.time_s[0] <= gap.start_s <= leg.time_s[-1]
    )
    turn_seen = claim.turn is None or any(m.id == "turn" and m.verdict == "seen" for m in found)
    borne_out = [match for match in found if match.verdict == "seen"]
    if begins and ends and turn_seen and duration > 0.0 and covered / duration >= SEEN_SHARE:
        return tuple(found), "end to end"
    return tuple(found), "partly" if borne_out else ""


def utc(time_s: float) -> str:
    """A moment to the second, UTC."""
    return f"{datetime.fromtimestamp(float(time_s), UTC):%Y-%m-%dT%H:%M:%SZ}"
