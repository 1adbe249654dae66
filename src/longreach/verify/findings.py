"""What verification finds: checks with figures, and the residuals behind those that fail."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

LISTED = 4  # residuals quoted in the note of one check


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the contract: ok, the figure found and the limit it is held to, with their unit.

    value, limit : None where the check is a yes or no. note : in words; for a failed check the residual
    """

    id: str
    ok: bool
    value: float | None
    limit: float | None
    unit: str
    note: str

    def document(self) -> dict[str, Any]:
        """The entry of checks[] in plan.json; figures to six significant decimals."""
        return {
            "id": self.id,
            "ok": self.ok,
            "value": _short(self.value),
            "limit": _short(self.limit),
            "unit": self.unit,
            "note": self.note,
        }


def _short(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(value, 6) + 0.0


@dataclass(slots=True)
class Findings:
    """Gathers checks; each failed one leaves its residuals in words."""

    checks: list[Check] = field(default_factory=list)
    residuals: list[str] = field(default_factory=list)

    def yes(self, id: str, faults: list[str], note: str) -> None:
        """A check that passes where nothing is wrong; its figure is the number of things wrong."""
        self._add(id, not faults, float(len(faults)), 0.0, "faults", note, faults)

    def at_most(self, id: str, value: float, limit: float, unit: str, note: str, faults: list[str]) -> None:
        """The figure may not exceed the limit; faults say where it does (and anything else wrong)."""
        self._add(id, value <= limit and not faults, value, limit, unit, note, faults)

    def at_least(self, id: str, value: float, limit: float, unit: str, note: str, faults: list[str]) -> None:
        """The figure may not fall below the limit."""
        self._add(id, value >= limit and not faults, value, limit, unit, note, faults)

    def _add(
        self, id: str, ok: bool, value: float | None, limit: float, unit: str, note: str, faults: list[str]
    ) -> None:
        if not ok and not faults:
            faults = [f"{note}: {_figure(value)} {unit}, limit {_figure(limit)}"]
        if faults:
            more = len(faults) - LISTED
            quoted = "; ".join(faults[:LISTED])
            note = f"{quoted}; and {more} more" if more > 0 else quoted
        self.checks.append(Check(id, bool(ok), value, limit, unit, note))
        self.residuals.extend(f"{id}: {fault}" for fault in faults)


def _figure(value: float | None) -> str:
    return "none" if value is None else f"{value:,.6g}"
