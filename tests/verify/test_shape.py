"""The shipped JSON Schemas, and that our small reader of them judges as jsonschema does."""

from __future__ import annotations

import json
import random
from importlib import resources
from typing import Any

import jsonschema
import pytest

from longreach.errors import InputError
from longreach.verify import shape


def schema(name: str) -> dict[str, Any]:
    return json.loads((resources.files("longreach") / "schemas" / f"{name}.schema.json").read_text())


@pytest.mark.parametrize("name", ["plan", "route"])
def test_schema_is_valid(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


def keywords(value: Any) -> set[str]:
    """Keywords used anywhere in a schema."""
    found: set[str] = set()
    if isinstance(value, dict):
        found |= set(value)
        for key, inner in value.items():
            if key in ("properties", "$defs"):
                for rule in inner.values():
                    found |= keywords(rule)
            elif key not in ("const", "enum", "required"):
                found |= keywords(inner)
    elif isinstance(value, list):
        for inner in value:
            found |= keywords(inner)
    return found


def test_every_keyword_is_understood() -> None:
    assert keywords(schema("plan")) <= set(shape._KEYWORDS) | shape._IGNORED | {"$ref", "type"}


def test_good_plans_pass_both(tour_plan: dict[str, Any], hop_plan: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(schema("plan"))
    for plan in (tour_plan, hop_plan):
        validator.validate(plan)
        shape.require_plan(plan)


def small(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan with few rows, so that jsonschema is quick."""
    plan = json.loads(json.dumps(plan))
    for flight in plan["flights"]:
        del flight["track"]["rows"][3:]
    return plan


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += spots(inner, (*path, key))
    return found


BAD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    500.0,
    "",
    "x",
    "US",
    [],
    {},
    "2020-12-10T09:00:00Z",
    "2020-12-10",
    1e6,
    -200.0,
]


def test_judges_as_jsonschema_does(tour_plan: dict[str, Any]) -> None:
    """Every place of the document is given every kind of wrong value in turn, seeded; verdicts must agree."""
    plan = small(tour_plan)
    validator = jsonschema.Draft202012Validator(schema("plan"))
    rng = random.Random(7)
    paths = [path for path in spots(plan) if path[0] != "data" or "figures" not in path]
    disagreements = 0
    for path in rng.sample(paths, min(220, len(paths))):
        holder: Any = plan
        for key in path[:-1]:
            holder = holder[key]
        old = holder[path[-1]]
        holder[path[-1]] = rng.choice(BAD)
        mine = not shape.faults_of(plan, shape.plan_schema())
        theirs = validator.is_valid(plan)
        assert mine == theirs, (path, holder[path[-1]])
        if isinstance(holder, dict):
            del holder[path[-1]]
            mine = not shape.faults_of(plan, shape.plan_schema())
            assert mine == validator.is_valid(plan), (path, "deleted")
        disagreements += not theirs
        holder[path[-1]] = old
        if isinstance(holder, dict):  # keep the order of keys out of it
            holder[path[-1]] = old
    assert disagreements > 100


def test_not_a_number_is_refused(hop: dict[str, Any]) -> None:
    hop["flights"][0]["track"]["rows"][5][8] = float("nan")
    with pytest.raises(InputError, match=r"flights\.0\.track\.rows\.5\.8"):
        shape.require_plan(hop)


def test_another_kind_of_document_is_cut_short() -> None:
    faults = shape.faults_of({"flights": [[]] * 500}, shape.plan_schema())
    assert len(faults) == shape.MOST_FAULTS + 1
    assert "only the first" in faults[-1].what


@pytest.mark.parametrize("document", [None, [], "x", 3, {}, {"schema": "longreach.plan/2"}])
def test_not_a_plan(document: Any) -> None:
    with pytest.raises(InputError):
        shape.require_plan(document)


ROUTE = {
    "schema": "longreach.route/1", "status": "feasible", "length_nm": 10.0, "great_circle_nm": 9.0, "lower_bound_nm": 10.0,
    "gap_ppm": 1.0, "path": [[1.0, 2.0], [3.0, 4.0]], "closest": [{"id": "IR", "nm": 60.0, "lat": 1.0, "lon": 2.0}],
    "prepare_ms": 1.0, "elapsed_ms": 1.0, "shortfalls": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({}, True),
        ({"path": []}, False),
        ({"path": [[1.0, 2.0, 3.0], [3.0, 4.0]]}, False),
        ({"length_nm": None}, False),
        ({"status": "error", "row": 3, "error": "no such place"}, True),
        ({"status": "infeasible"}, False),
        (
            {"status": "infeasible", "length_nm": None, "lower_bound_nm": None, "gap_ppm": None, "path": [],
             "shortfalls": [{"what": "w", "where": "x", "by": 1.0, "unit": "nm", "cure": None}]},
            True,
        ),
    ],
)  # fmt: skip
def test_route_schema(change: dict[str, Any], good: bool) -> None:
    assert jsonschema.Draft202012Validator(schema("route")).is_valid({**ROUTE, **change}) == good
    assert (shape.faults_of({**ROUTE, **change}, shape.route_schema()) == []) == good
