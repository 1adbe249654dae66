"""Flights as the treatment: when each was ordered, when its follow-up begins, and which stand alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from longreach.assess.series import Series
from longreach.errors import Fault, InputError

WINDOW_DAYS = 28
OCCASIONS = ("triggered", "scheduled")


@dataclass(frozen=True, slots=True)
class Flight:
    """One flight, its dates as far as they are known.

    Parameters
    ----------
    id : as the source numbers it
    earliest, latest : the interval in which it was flown
    ordered : the day of the order; None takes the day before `earliest` (said in the answer)
    occasion : "triggered" by what happened, or "scheduled" by a calendar that knew nothing of it
    """

    id: str
    earliest: date
    latest: date
    ordered: date | None = None
    occasion: str = "triggered"

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise InputError(
                Fault(f"flight {self.id}: flown between {self.earliest} and {self.latest}, which is earlier")
            )
        if self.ordered is not None and self.ordered > self.latest:
            raise InputError(
                Fault(f"flight {self.id}: ordered on {self.ordered}, after it was flown ({self.latest})")
            )
        if self.occasion not in OCCASIONS:
            raise InputError(
                Fault(f"flight {self.id}: occasion {self.occasion!r}", hint=f"known: {', '.join(OCCASIONS)}")
            )

    @property
    def order(self) -> date:
        """The last day whose incidents may enter the forecast."""
        return self.ordered or self.earliest - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Treatment:
    """A stretch of days that is judged: the follow-up of one flight and of those ordered within it.

    Parameters
    ----------
    flight : the flight that opens it
    within : ids of the flights ordered before the follow-up was over
    order : index in the series of the last day known
    gap : days between that day and the first of the follow-up
    """

    flight: Flight
    within: tuple[str, ...]
    order: int
    gap: int


def treatments(series: Series, flights: Sequence[Flight], window: int = WINDOW_DAYS) -> tuple[Treatment, ...]:
    """The flights in order of time, those ordered within another's follow-up joined to it.

    Whether a flight opens a follow-up of its own depends on earlier flights alone, never on later ones. The
    follow-up begins on the day after the latest possible day of the flight.

    Raises: InputError naming every flight whose order or follow-up lies outside the series.
    """
    found: list[Treatment] = []
    faults = []
    for flight in sorted(flights, key=lambda one: (one.order, one.latest, one.id)):
        order = series.index(flight.order)
        gap = max((flight.latest - flight.order).days, 0)
        last = flight.order + timedelta(days=gap + window)
        if order < 0 or last > series.end:
            faults.append(
                Fault(
                    f"flight {flight.id}: ordered {flight.order}, follow-up to {last}; the series has "
                    f"{series.start} to {series.end}",
                    hint="give a series that holds both, or leave the flight out",
                )
            )
            continue
        if found and order < found[-1].order + found[-1].gap + window:
            held = found[-1]
            found[-1] = Treatment(held.flight, (*held.within, flight.id), held.order, held.gap)
        else:
            found.append(Treatment(flight, (), order, gap))
    if faults:
        raise InputError(faults)
    return tuple(found)
