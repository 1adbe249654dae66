"""What goes wrong, said so that the reader can mend it: what, where, the limit, a way out."""

from __future__ import annotations

from dataclasses import dataclass


class LongreachError(Exception):
    """Base of every error Longreach raises on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one place of one input.

    Parameters
    ----------
    what : what is wrong, with the figure and the limit where there is one
    file : path as the user gave it, or None
    line : 1-based line in that file, or None
    key : key path in that file ("flights.0.from"), or None
    hint : a way out ("did you mean KBAD?"), or None
    """

    what: str
    file: str | None = None
    line: int | None = None
    key: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        text = ": ".join(part for part in (where, self.key, self.what) if part)
        return f"{text} ({self.hint})" if self.hint else text


class InputError(LongreachError):
    """Bad input. Carries every fault found, not only the first."""

    def __init__(self, faults: Fault | str | list[Fault]) -> None:
        if isinstance(faults, str):
            faults = [Fault(faults)]
        elif isinstance(faults, Fault):
            faults = [faults]
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class UnitError(LongreachError):
    """A text quantity that cannot be read: no unit, a wrong unit, no number."""


class FuelError(LongreachError):
    """A state outside the aircraft's envelope: too heavy, too high, too slow, out of fuel."""


class RouteError(LongreachError):
    """Geometry the route solver cannot stand behind (never used for 'no route': that is a result)."""


class DataError(LongreachError):
    """Data Longreach ships or caches is missing, damaged or of another version."""


class MissingExtra(LongreachError):
    """An optional library is needed and absent; the message says how to install it."""
