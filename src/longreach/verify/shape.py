"""Is a document shaped like `longreach.plan/1` or `longreach.route/1`? A small reader of our own JSON Schemas.

Only the part of JSON Schema 2020-12 that they use is known here; a keyword outside it
is an error of ours, not a rule silently skipped. Track rows, by far the bulk, are tried by column first
and looked at cell by cell only where a column fails.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
from importlib import resources
from typing import Any

from longreach.errors import Fault, InputError

MOST_FAULTS = 200  # a document of another kind would otherwise give thousands

_IGNORED = {"$schema", "$id", "$defs", "title", "description", "then", "else"}  # then, else: read by "if"
_TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
}  # fmt: skip


@cache
def plan_schema() -> dict[str, Any]:
    """The JSON Schema of the plan document."""
    return _schema("plan")


@cache
def route_schema() -> dict[str, Any]:
    """The JSON Schema of the route document."""
    return _schema("route")


def _schema(name: str) -> dict[str, Any]:
    return json.loads((resources.files("longreach") / "schemas" / f"{name}.schema.json").read_bytes())


def require_plan(document: Any) -> None:
    """Raise InputError with every fault of shape, by key path; pass silently where there is none."""
    faults = faults_of(document, plan_schema())
    if faults:
        raise InputError(faults)


def require_route(document: Any) -> None:
    """The same for a route document."""
    faults = faults_of(document, route_schema())
    if faults:
        raise InputError(faults)


def faults_of(document: Any, schema: dict[str, Any]) -> list[Fault]:
    """Faults of `document` against `schema` (at most MOST_FAULTS and a note that there are more)."""
    faults: list[Fault] = []
    try:
        _look(document, schema, schema, "", faults)
    except _EnoughError:
        faults.append(Fault(f"and more: only the first {MOST_FAULTS} faults are listed"))
    except RecursionError:
        faults.append(Fault("is nested too deeply"))
    return faults


class _EnoughError(Exception):
    pass


def _fault(faults: list[Fault], path: str, what: str) -> None:
    faults.append(Fault(what, key=path or None))
    if len(faults) >= MOST_FAULTS:
        raise _EnoughError


def _is(value: Any, name: str) -> bool:
    if name == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if name == "integer":
        return _is(value, "number") and float(value).is_integer() and not isinstance(value, bool)
    return isinstance(value, _TYPES[name]) and not (name != "boolean" and isinstance(value, bool))


def _called(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = "null" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _look(value: Any, schema: dict[str, Any], root: dict[str, Any], path: str, faults: list[Fault]) -> None:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        if name == "row" and _row_is_plain(value):
            return
        _look(value, root["$defs"][name], root, path, faults)
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(_is(value, name) for name in names):
            _fault(faults, path, f"is {_called(value)}, not {' or '.join(names)}")
            return
    for keyword, rule in schema.items():
        if keyword in _IGNORED or keyword in ("$ref", "type"):
            continue
        _KEYWORDS[keyword](value, rule, schema, root, path, faults)


def _const(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    if value != rule or isinstance(value, bool) != isinstance(rule, bool):
        _fault(faults, path, f"is {_called(value)}, not {rule!r}")


def _enum(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    if value not in rule or isinstance(value, bool):
        _fault(faults, path, f"is {_called(value)}, not one of {', '.join(map(str, rule))}")


def _pattern(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    if isinstance(value, str) and not re.search(rule, value):
        _fault(faults, path, f"is {_called(value)}; wanted: {schema.get('description', rule)}")


def _min_length(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    if isinstance(value, str) and len(value) < rule:
        _fault(faults, path, "is empty text")


def _bound(compare: Any, words: str) -> Any:
    def look(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
        if _is(value, "number") and not compare(value, rule):
            _fault(faults, path, f"is {value:g}, {words} {rule:g}")

    return look


def _required(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    if isinstance(value, dict):
        for key in rule:
            if key not in value:
                _fault(faults, _join(path, key), "is missing")


def _properties(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    if isinstance(value, dict):
        for key, inner in rule.items():
            if key in value:
                _look(value[key], inner, root, _join(path, key), faults)


def _additional(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    if isinstance(value, dict):
        for key in value.keys() - schema.get("properties", {}).keys():
            _look(value[key], rule, root, _join(path, key), faults)


def _items(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    if isinstance(value, list):
        if rule.get("$ref") == "#/$defs/row" and _rows_are_plain(value):
            return
        start = len(schema.get("prefixItems", ()))
        for index in range(start, len(value)):
            _look(value[index], rule, root, _join(path, index), faults)


def _prefix_items(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    if isinstance(value, list):
        for index, (item, inner) in enumerate(zip(value, rule, strict=False)):
            _look(item, inner, root, _join(path, index), faults)


def _min_items(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    if isinstance(value, list) and len(value) < rule:
        _fault(faults, path, f"has {len(value)} entries, at least {rule} wanted")


def _max_items(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    if isinstance(value, list) and len(value) > rule:
        _fault(faults, path, f"has {len(value)} entries, at most {rule} wanted")


def _all_of(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    for inner in rule:
        _look(value, inner, root, path, faults)


def _if(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    attempt: list[Fault] = []
    _look(value, rule, root, path, attempt)
    branch = schema.get("else" if attempt else "then")
    if branch is not None:
        _look(value, branch, root, path, faults)


def _any_of(value: Any, rule: Any, schema: Any, root: Any, path: str, faults: list[Fault]) -> None:
    attempts = []
    for option in rule:
        attempt: list[Fault] = []
        _look(value, option, root, path, attempt)
        if not attempt:
            return
        attempts.append(attempt)
    if value is not None and len(rule) == 2 and rule[1] == {"type": "null"}:
        for fault in attempts[0]:
            _fault(faults, fault.key or "", fault.what)
    else:
        _fault(faults, path, f"{'; or '.join(attempt[0].what for attempt in attempts)}")


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


_KEYWORDS: dict[str, Any] = {
    "const": _const,
    "enum": _enum,
    "pattern": _pattern,
    "minLength": _min_length,
    "minimum": _bound(lambda value, rule: value >= rule, "below"),
    "maximum": _bound(lambda value, rule: value <= rule, "above"),
    "exclusiveMinimum": _bound(lambda value, rule: value > rule, "not above"),
    "exclusiveMaximum": _bound(lambda value, rule: value < rule, "not below"),
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "prefixItems": _prefix_items,
    "minItems": _min_items,
    "maxItems": _max_items,
    "allOf": _all_of,
    "if": _if,
    "anyOf": _any_of,
}


@cache
def _row_rules() -> tuple[Any, list[tuple[float, float, bool, bool]], frozenset[str]]:
    """Time pattern, bounds of the nine numbers (low, high, low open, high open), phases."""
    defs = plan_schema()["$defs"]
    bounds = []
    for cell in defs["row"]["prefixItems"][1:10]:
        rule = defs[cell["$ref"].removeprefix("#/$defs/")] if "$ref" in cell else cell
        low = rule.get("minimum", rule.get("exclusiveMinimum", -math.inf))
        high = rule.get("maximum", rule.get("exclusiveMaximum", math.inf))
        bounds.append((low, high, "exclusiveMinimum" in rule, "exclusiveMaximum" in rule))
    return re.compile(defs["utc"]["pattern"]), bounds, frozenset(defs["phase"]["enum"])


def _row_is_plain(row: Any) -> bool:
    return isinstance(row, list) and _rows_are_plain([row])


def _rows_are_plain(rows: list[Any]) -> bool:
    """True where every row surely obeys the schema; False means: look cell by cell."""
    if not rows or not all(type(row) is list and len(row) >= 11 for row in rows):
        return False
    times, phases, numbers = [], [], []
    for time, *middle, phase in (row[:11] for row in rows):
        times.append(time)
        numbers.append(middle)
        phases.append(phase)
    pattern, bounds, known = _row_rules()
    if not all(type(time) is str and pattern.search(time) for time in times):
        return False
    if not all(type(phase) is str for phase in phases) or not known.issuperset(phases):
        return False
    for column, (low, high, low_open, high_open) in zip(zip(*numbers, strict=True), bounds, strict=True):
        if not all(type(cell) is float or type(cell) is int for cell in column):
            return False
        total, least, most = math.fsum(map(float, column)), min(column), max(column)
        if not math.isfinite(total) or not (low <= least and most <= high):
            return False
        if (low_open and least == low) or (high_open and most == high):
            return False
    return True
