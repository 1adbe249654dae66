"""Cures proved: each is put into the mission's text, planned again, and stated only as far as it works."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from longreach import units
from longreach.errors import InputError, UnitError
from longreach.mission.model import Mission

ROUNDS = 7  # plans made in search of cures that do before it is said that they do not
MOST_MORE = 16  # aircraft over the first number that did not do: as many more are no small cure
_SMALLER = {"stand_off": units.parse_length, "time": units.parse_duration, "together": units.parse_duration,
            "payload": units.parse_mass}  # fmt: skip
# Steps in which such a value is written, in SI, and how.
_STEPS = {
    "stand_off": (0.1 * units.NAUTICAL_MILE, lambda value: f"{value / units.NAUTICAL_MILE:.1f} nm"),
    "time": (units.MINUTE, lambda value: f"{value / units.MINUTE:.0f} min"),
    "together": (units.MINUTE, lambda value: f"{value / units.MINUTE:.0f} min"),
    "payload": (100.0, lambda value: f"{value / 1000.0:.1f} t"),
}


def applied(text: str, changes: dict[str, Any]) -> str:
    """A mission's text with each value at its key path; numbers in a path count from 0.

    A path to a key or a table there is not yet adds it, and so does the number after the last of a list.
    """
    import tomlkit

    document: Any = tomlkit.parse(text)
    for key_path, value in changes.items():
        *path, last = key_path.split(".")
        place = document
        for key in path:
            if isinstance(place, list):
                place = place[int(key)]
                continue
            if key not in place:
                place[key] = tomlkit.table()
            place = place[key]
        if key_path == "clock.time" and isinstance(value, str):
            value = datetime.fromisoformat(value)
        if not isinstance(place, list):
            place[last] = value
        elif int(last) == len(place):
            place.append(tomlkit.item(value) if isinstance(value, dict) else value)
        else:
            place[int(last)] = value
    return tomlkit.dumps(document)


def proven(
    mission: Mission, shortfalls: list[dict[str, Any]], solve: Callable[[Mission], dict[str, Any]]
) -> list[dict[str, Any]]:
    """The shortfalls with cures that together make the mission feasible, tried by planning it again.

    A cure that only uncovers the next shortfall is joined by that one's cure, which comes as a row of its own
    where it is for another key. One that falls a little short is gone further with, in steps that double, and
    then brought back to the least that does. Cures that do not do in ROUNDS tries are kept as advice: their
    words stay, their value is taken back.
    """
    search = _Search(mission, solve)
    rows, later = shortfalls, []
    for _ in range(ROUNDS):
        if not search.take(rows):
            break
        known = {each["cure"]["key_path"] for each in shortfalls if each["cure"]}
        later += [row for row in rows if row["cure"] and row["cure"]["key_path"] not in known]
        document = search.tried()
        if document is None:
            break
        if document["status"] == "feasible":
            search.bring_back()
            return [search.stated(row) for row in [*shortfalls, *_each_key_once(later, shortfalls)]]
        rows = document["shortfalls"]
    return [_as_advice(row) for row in shortfalls]


class _Search:
    """The changes tried so far, in the order they were taken up."""

    def __init__(self, mission: Mission, solve: Callable[[Mission], dict[str, Any]]) -> None:
        self.mission, self.solve = mission, solve
        self.changes: dict[str, Any] = {}
        self.words: dict[str, str] = {}
        self.failed: dict[str, list[Any]] = {}  # values of each key that did not do

    def take(self, rows: list[dict[str, Any]]) -> bool:
        """Take up what the rows propose, going further with what has been tried; False where nothing is new."""
        before = dict(self.changes)
        for row in rows:
            cure = row["cure"]
            if not (cure and cure["key_path"] and cure["value"] is not None):
                continue
            key, value = cure["key_path"], cure["value"]
            if key not in self.changes:
                self.changes[key], self.words[key] = value, cure["text"]
                continue
            tried = [*self.failed.get(key, []), self.changes[key]]
            self.failed[key] = tried
            value = _further(key, value, tried)
            if value is not None:
                self.put(key, value)
        return self.changes != before

    def put(self, key: str, value: Any) -> None:
        """Another value for a key, in its words too."""
        known = str(self.changes[key])
        told = self.words[key]
        if isinstance(value, int):
            extra = value - self.changes[key]
            first = told.split(" ", 1)
            if first[0].isdigit() and key.endswith(".available"):
                told = f"{int(first[0]) + extra} {first[1]}"
            told = told.replace(f"({known} in all)", f"({value} in all)")
        elif isinstance(value, dict):
            told = told.replace(f"base {self.changes[key]['available']} ", f"base {value['available']} ")
        else:
            told = told.replace(known, str(value))
        self.changes[key], self.words[key] = value, told

    def tried(self) -> dict[str, Any] | None:
        """The mission planned with the changes; None where its text is then no mission."""
        from longreach.mission import parse

        try:
            return self.solve(parse(applied(self.mission.text, self.changes), self.mission.file))
        except InputError:
            return None

    def bring_back(self) -> None:
        """Between the last value that failed and the one that did, find the least change, where steps were skipped."""
        for key, tried in self.failed.items():
            read = _smaller(key)
            if read is None or key not in self.changes:
                continue
            step, write = _STEPS[key.rsplit(".", 1)[-1]]
            good, bad = read(self.changes[key]), min(read(value) for value in tried)
            for _ in range(3):
                middle = math.floor((good + bad) / 2.0 / step + 1e-6) * step
                if middle <= good + step / 2.0:
                    break
                kept = self.changes[key]
                self.put(key, write(middle))
                document = self.tried()
                if document is not None and document["status"] == "feasible":
                    good = middle
                else:
                    self.put(key, kept)
                    bad = middle

    def stated(self, row: dict[str, Any]) -> dict[str, Any]:
        """A shortfall with its cure as it was proved."""
        cure = row["cure"]
        if not cure or cure["key_path"] not in self.changes or cure["value"] is None:
            return row
        key = cure["key_path"]
        return {**row, "cure": {"key_path": key, "value": self.changes[key], "text": self.words[key]}}


def _smaller(key: str) -> Callable[[str], float] | None:
    """How a value is read of which less is further from what was asked; None of other kinds of keys."""
    return None if key == "clock.time" else _SMALLER.get(key.rsplit(".", 1)[-1])


def _further(key: str, proposed: Any, tried: list[Any]) -> Any:
    """A value beyond those that failed: what is proposed now, and twice the last step from the third on."""
    if isinstance(proposed, dict):
        count = max(each["available"] for each in tried) + 2 ** (len(tried) - 1)
        return {**tried[-1], "available": count} if count <= 24 else None
    if isinstance(proposed, int) and isinstance(tried[-1], int):
        count = max(proposed, max(tried) + 2 ** (len(tried) - 1))
        return count if count <= min(tried) + MOST_MORE else None
    last = key.rsplit(".", 1)[-1]
    read = _smaller(key)
    if read is None:
        return proposed if proposed not in tried else None
    step, write = _STEPS[last]
    try:
        values = [read(each) for each in tried]
        wanted = read(proposed)
    except UnitError:
        return None
    least = min(values)
    stride = max(step, 0.02 * least, least - wanted) if len(values) < 2 else 2.0 * (values[-2] - values[-1])
    value = math.floor(min(wanted, least - max(stride, step)) / step + 1e-6) * step
    return write(value) if value > 0.0 or (last in ("payload", "stand_off") and value >= 0.0) else None


def _each_key_once(later: list[dict[str, Any]], known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen = {row["cure"]["key_path"] for row in known if row["cure"]}
    result = []
    for row in later:
        if row["cure"]["key_path"] not in seen and row["cure"]["value"] is not None:
            seen.add(row["cure"]["key_path"])
            result.append({**row, "what": f"that cured, {row['what']}"})
    return result


def _as_advice(row: dict[str, Any]) -> dict[str, Any]:
    cure = row["cure"]
    if not cure or cure["value"] is None:
        return row
    text = f"not enough alone: {cure['text']}"
    return {**row, "cure": {"key_path": cure["key_path"], "value": None, "text": text}}
