"""What keeps a mission from being feasible: the constraint, where, by how much, and what would cure it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from longreach import route


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One constraint missed, in the words of the contract; `key_path` None where no change of one key cures it.

    told_by : what tells it whole, with its cure, where that takes long and may not be asked for
    """

    what: str
    where: str
    by: float
    unit: str
    key_path: str | None = None
    value: Any = None
    text: str = ""
    others: tuple[tuple[str, Any, str], ...] = ()  # further cures, each enough alone: key path, value, words
    told_by: Callable[[], Shortfall] | None = None

    @classmethod
    def of_route(cls, found: route.Shortfall, flight: str) -> Shortfall:
        """A route's shortfall, said of one flight."""
        cure = found.cure
        if cure is None:
            return cls(f"flight {flight}: {found.what}", found.where, found.by, found.unit)
        return cls(
            f"flight {flight}: {found.what}",
            found.where,
            found.by,
            found.unit,
            cure.key_path,
            cure.value,
            cure.text,
        )

    def told(self) -> Shortfall:
        """Itself with its cure."""
        return self if self.told_by is None else self.told_by()

    def document(self) -> dict[str, Any]:
        cure = None
        if self.text:
            cure = {"key_path": self.key_path or "", "value": self.value, "text": self.text}
        row = {
            "what": self.what,
            "where": self.where,
            "by": round(self.by, 3),
            "unit": self.unit,
            "cure": cure,
        }
        if self.others:
            row["other_cures"] = [
                {"key_path": key, "value": value, "text": text} for key, value, text in self.others
            ]
        return row
