"""Units diagnosed: a figure that cannot be right in the unit printed, and is right in another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from longreach.check.claim import Statement
from longreach.check.readings import Reading
from longreach.check.system import System, _in, _span
from longreach.units import NAUTICAL_MILE


@dataclass(frozen=True, slots=True)
class Slip:
    """A finding on the unit or the rounding of one statement; `unit` where another unit than printed is right."""

    id: str
    words: str
    unit: bool = False


def find(system: System) -> tuple[Slip, ...]:
    """Findings on every distance and speed, in the file's order."""
    found: list[Slip] = []
    for each in system.claim.statements:
        if each.kind == "distance":
            found += _distance(system, each)
        elif each.kind == "speed":
            found += _speed(system, each)
    return tuple(found)


def true_length(system: System, scope: str) -> float:
    """What a distance of a scope ought to be at least [m]: of the way flown, between the ends, or of the detour."""
    ids = frozenset(system.ids())
    bare = ids & {"origin", "turn", "destination"}
    chosen = {id: options[0] for id, options in system.readings.items() if options}
    out, back = system.lengths(ids, chosen)
    direct = system.lengths(bare, {})
    return {
        "flown": out + back, "between": sum(direct), "one way": out if system.claim.turn else out + back,
        "detour": out + back - sum(direct), "detour one way": out - direct[0],
    }[scope]  # fmt: skip


def _works(system: System, each: Statement, reading: Reading) -> bool:
    """Whether a reading holds with the places alone (and the times, where they are claimed)."""
    parts = [
        id for id in system.ids() if id in ("origin", "turn", "destination", "via", "closed", "aircraft")
    ]
    times = [
        s.id for s in system.claim.statements if s.kind in ("duration", "kept out") and s.id in system.ids()
    ]
    for kept in ([*parts, *times, each.id], [*parts, each.id]):
        fixed = {id: system.readings[id][0] for id in times if system.readings.get(id)}
        if system.holds(kept, {**{k: v for k, v in fixed.items() if k in kept}, each.id: reading})[0]:
            return True
    return False


def _distance(system: System, each: Statement) -> list[Slip]:
    options = system.readings[each.id]
    printed = [r for r in options if not r.slip]
    other = [r for r in options if r.slip]
    right = [r for r in printed if _works(system, each, r)]
    length = true_length(system, each.scope)
    if not math.isfinite(length) or length <= 0.0:
        return []
    what = {"flown": "the least way", "between": "the distance between the places", "one way": "the least way out",
            "detour": "the detour", "detour one way": "the detour one way"}[each.scope]  # fmt: skip
    figures = f"{what} is {length / NAUTICAL_MILE:,.0f} nm = {length / 1609.344:,.0f} statute miles = {length / 1000:,.0f} km"
    found = []
    if not right:
        hits = [r for r in other if _works(system, each, r)]
        hits.sort(key=lambda r: abs((r.best or r.lo or 0.0) - length))
        if hits:
            found.append(
                Slip(
                    each.id,
                    f"{each.words!r} cannot be {printed[0].unit}, it is right as {hits[0].unit}: {figures}",
                )
            )
        else:
            found.append(Slip(each.id, f"{each.words!r} is right in no unit: {figures}"))
    elif len({r.unit for r in printed}) > 1:
        near = min(right, key=lambda r: abs((r.best or r.lo or 0.0) - length))
        far = [r for r in printed if r not in right]
        if far:
            found.append(
                Slip(each.id, f"{each.words!r} are {near.unit}; as {far[0].unit} they cannot be: {figures}")
            )
        elif each.scope in ("between", "detour", "detour one way"):
            found.append(Slip(each.id, f"{each.words!r} are taken as {near.unit}, the nearest: {figures}"))
    if right and each.scope in ("detour", "detour one way"):
        found += _detour(each, right[0], options, length, figures)
    for reading in right:
        if (
            reading.best is not None
            and reading.best < length * (1 - 1e-4)
            and each.scope in ("flown", "one way")
        ):
            found.append(
                Slip(
                    each.id,
                    f"{each.words!r} as {reading.unit} is below {what} ({_in(length, reading)}); what rounds to it "
                    f"({_span(reading)}) covers it: rounded or understated",
                )
            )
    return found


def _detour(
    each: Statement, right: Reading, options: Sequence[Reading], length: float, figures: str
) -> list[Slip]:
    """A detour may be longer than the least one; where another unit fits far better, that is said."""
    off = abs((right.best or length) / length - 1.0)
    fits = [r for r in options if r.unit != right.unit and abs((r.best or 0.0) / length - 1.0) < 0.05]
    if off <= 0.08 or not fits:
        return []
    within = abs((fits[0].best or 0.0) / length - 1.0)
    words = (
        f"as {right.unit} it is {off:.0%} off, as {fits[0].unit} within {within:.0%}: likely {fits[0].unit}"
    )
    return [Slip(each.id, f"{each.words!r}: {words}; {figures}", unit=True)]


def _speed(system: System, each: Statement) -> list[Slip]:
    """A mean speed against the way and the time that are claimed."""
    options = [r for r in system.readings[each.id] if not r.slip and r.role == "flight"]
    durations = system.claim.of("duration")
    length = true_length(system, "flown")
    if not options or not durations or not math.isfinite(length) or length <= 0.0:
        return []
    time = next((r for r in system.readings[durations[0].id] if r.lo), None)
    if time is None or not time.lo:
        return []
    flown = max(
        [
            length,
            *(
                (r.best or r.lo or 0.0)
                for s in system.claim.of("distance")
                if s.scope == "flown"
                for r in system.readings[s.id][:1]
            ),
        ]
    )
    mean = flown / ((time.lo + (time.hi or time.lo)) / 2.0)
    reading = options[0]
    claimed = reading.best or reading.lo or 0.0
    if abs(claimed / mean - 1.0) > 0.04:
        return [
            Slip(
                each.id,
                f"{each.words!r} is not the mean of the whole flight: the distance over the time gives "
                f"{mean * 3.6 / 1.609344:,.0f} mph ({mean * 3600 / NAUTICAL_MILE:,.0f} kt); records are timed over a part of it",
            )
        ]
    return []


def right_figure(
    system: System, each: Statement, others: Sequence[str], chosen: Mapping[str, Reading]
) -> str:
    """What a distance or speed would have to be, the other claims of a conflict standing."""
    if each.kind == "distance":
        length = true_length(system, each.scope)
        if math.isfinite(length):
            return f"{length / NAUTICAL_MILE:,.0f} nm ({length / 1609.344:,.0f} statute miles)" + (
                " or more" if each.scope in ("flown", "one way") else ""
            )
    return ""
