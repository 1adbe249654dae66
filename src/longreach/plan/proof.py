"""Cures proved: each is put into the mission's text, planned again, and stated only as far as it works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from longreach import units
from longreach.errors import InputError, UnitError
from longreach.mission.model import Mission

SHORTER = 0.95  # of a time on station that did not quite do
ROUNDS = 6  # cures put one on another before it is said that they do not do
_SMALLER = {"stand_off": units.parse_length, "time": units.parse_duration, "together": units.parse_duration,
            "payload": units.parse_mass}  # fmt: skip


def applied(text: str, changes: dict[str, Any]) -> str:
    """A mission's text with each value at its key path; numbers in a path count from 0.

    A path to a key or a table there is not yet adds it.
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
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    return tomlkit.dumps(document)


def proven(
    mission: Mission, shortfalls: list[dict[str, Any]], solve: Callable[[Mission], dict[str, Any]]
) -> list[dict[str, Any]]:
    """The shortfalls with cures that together make the mission feasible, tried by planning it again.

    A cure that only uncovers the next shortfall is joined by that one's cure (a smaller stand-off still, one
    tanker more), which comes as a row of its own where it is for another key. Cures that do not do in ROUNDS
    tries are kept as advice: their words stay, their value is taken back.
    """
    from longreach.mission import parse

    changes: dict[str, Any] = {}
    words: dict[str, str] = {}
    rows, later = shortfalls, []
    for _ in range(ROUNDS):
        before = dict(changes)
        for row in rows:
            cure = row["cure"]
            if cure and cure["key_path"] and cure["value"] is not None:
                key, value = cure["key_path"], cure["value"]
                if key not in changes or _further(key, value, changes[key]):
                    known, text = str(changes.get(key)), words.get(key, "")
                    words[key] = text.replace(known, str(value)) if known in text else cure["text"]
                    changes[key] = value
                    if all(each["cure"] is None or each["cure"]["key_path"] != key for each in shortfalls):
                        later.append(row)
        if changes == before:
            for key, value in changes.items():
                if key.endswith(".available"):
                    changes[key], words[key] = value + 1, f"{value + 1} in all at {key}"
                elif (
                    key == "station.time"
                ):  # reckoned on the ladder; the whole flight in its wind may want a little more
                    less = f"{int(SHORTER * units.parse_duration(value) / units.MINUTE)} min"
                    changes[key], words[key] = less, words[key].replace(value, less)
        if changes == before:
            break
        try:
            document = solve(parse(applied(mission.text, changes), mission.file))
        except InputError:
            break
        if document["status"] == "feasible":
            return [
                _with_cure(row, changes, words) for row in [*shortfalls, *_each_key_once(later, shortfalls)]
            ]
        rows = document["shortfalls"]
    return [_as_advice(row) for row in shortfalls]


def _further(key: str, value: Any, known: Any) -> bool:
    """Does `value` go further from what the mission asks than `known`?"""
    if isinstance(value, int) and isinstance(known, int):
        return value > known
    read = _SMALLER.get(key.rsplit(".", 1)[-1])
    if read is None:
        return bool(value != known)
    try:
        return read(value) < read(known)
    except UnitError:
        return False


def _each_key_once(later: list[dict[str, Any]], known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen = {row["cure"]["key_path"] for row in known if row["cure"]}
    result = []
    for row in later:
        if row["cure"]["key_path"] not in seen:
            seen.add(row["cure"]["key_path"])
            result.append({**row, "what": f"that cured, {row['what']}"})
    return result


def _with_cure(row: dict[str, Any], changes: dict[str, Any], words: dict[str, str]) -> dict[str, Any]:
    cure = row["cure"]
    if not cure or cure["key_path"] not in changes or cure["value"] is None:
        return row
    key = cure["key_path"]
    return {**row, "cure": {"key_path": key, "value": changes[key], "text": words[key]}}


def _as_advice(row: dict[str, Any]) -> dict[str, Any]:
    cure = row["cure"]
    if not cure or cure["value"] is None:
        return row
    text = f"not enough alone: {cure['text']}"
    return {**row, "cure": {"key_path": cure["key_path"], "value": None, "text": text}}
