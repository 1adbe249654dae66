"""The routing problems that benchmarks and long proofs share, with their brackets.

Two sources: the open cases in tests/authorities/routing_cases.json (bracketed by another solver, with plain
belts and atlas), and our own airport pairs in benchmarks/brackets/brackets.json, made by make_brackets.py.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
OPEN_CASES = HERE.parent / "tests" / "authorities" / "routing_cases.json"
BRACKETS = HERE / "brackets" / "brackets.json"
NM = 1852.0


@dataclass(frozen=True, slots=True)
class ClosureSet:
    """What is closed. circles: (lat, lon, radius [m]); the stand-off applies to them too."""

    name: str
    states: tuple[str, ...]
    stand_off_nm: float
    circles: tuple[tuple[float, float, float], ...] = ()


# Fifteen States over four continents, as large a closure as analysts ask for, and small sets of every kind:
# a founding-mission stand-off, land borders without any, one State as large as a continent, islands,
# a narrow sea, circles. What is closed here is chosen for the shape of the problem, nothing else.
FIFTEEN = ClosureSet(
    "fifteen",
    ("RU", "BY", "UA", "IR", "IQ", "SY", "AF", "LY", "SD", "SS", "YE", "KP", "SO", "ML", "VE"),
    25.0,
)
SMALL = (
    ClosureSet("gulf", ("IR", "IQ", "SY"), 50.0),
    ClosureSet("gulf-0", ("IR", "IQ", "SY"), 0.0),
    ClosureSet("west", ("FR", "ES", "PT"), 0.0),
    ClosureSet("russia", ("RU",), 25.0),
    ClosureSet("islands", ("ID", "MY", "PH", "PG"), 25.0),
    ClosureSet("aegean", ("GR", "TR", "CY"), 0.0),
    ClosureSet("circles", ("CU",), 10.0, ((25.0, -79.0, 150e3), (18.5, -70.0, 90e3), (27.5, -89.0, 220e3))),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One route asked for, and what is known of its length.

    lower_m, upper_m : bracket of the optimum [m]; path_lat, path_lon : a lawful path as long as upper_m
    """

    id: str
    closed: ClosureSet
    origin: tuple[float, float]
    destination: tuple[float, float]
    lower_m: float
    upper_m: float
    path: tuple[tuple[float, float], ...]


def closures_of(chosen: ClosureSet) -> list[Any]:
    """The closures of a set: plain belts of 12 nm, plain atlas."""
    from longreach.world import airspace

    found: list[Any] = []
    if chosen.states:
        found += airspace.closures(
            chosen.states, belt="plain", atlas="plain", stand_off_m=chosen.stand_off_nm * NM
        )
    for number, (lat, lon, radius) in enumerate(chosen.circles):
        found.append(disc(lat, lon, radius, chosen.stand_off_nm * NM, f"circle-{number}"))
    return found


def disc(lat: float, lon: float, radius: float, stand_off: float, name: str) -> Any:
    """A closed circle [deg, m]: by the law of closures a point whose offset is the radius."""
    from longreach.world.airspace import BoundaryLine, Closure

    point = BoundaryLine(_fixed([lat, lat]), _fixed([lon, lon]), float(radius))
    return Closure(name, name, "user", (), (point,), float(stand_off), False, "benchmark")


def _fixed(values: Sequence[float]) -> Any:
    array = np.array(values, float)
    array.flags.writeable = False
    return array


def fingerprint(closures: Iterable[Any]) -> str:
    """SHA-256 of the geometry and stand-offs of closures: which borders a bracket stands on."""
    digest = hashlib.sha256()
    for closure in closures:
        digest.update(f"|{closure.id}|{closure.stand_off_m!r}|{closure.holds_north_pole}".encode())
        for line in closure.lines:
            digest.update(f"|{line.offset_m!r}".encode())
        for one in (*closure.rings, *closure.lines):
            digest.update(np.round(np.asarray(one.lat, float) * 1e7).astype(np.int64).tobytes())
            digest.update(np.round(np.asarray(one.lon, float) * 1e7).astype(np.int64).tobytes())
    return digest.hexdigest()


@cache
def open_cases() -> tuple[Problem, ...]:
    """The open cases with the brackets they came with."""
    cases = json.loads(OPEN_CASES.read_text())["cases"]
    return tuple(_open_case(case) for case in cases)


def _open_case(case: dict[str, Any]) -> Problem:
    from longreach.world import airspace

    assert case["territorial_sea_nm"] == 12
    circles = tuple(
        (float(one["center"][1]), float(one["center"][0]), float(one["radius_km"]) * 1e3)
        for one in case.get("closed_circles", [])
    )
    codes = tuple(airspace.resolve(code).code for code in case["closed"])
    reference = case["reference"]
    return Problem(
        case["id"],
        ClosureSet(case["id"], codes, float(case["margin_nm"]), circles),
        (float(case["origin"][1]), float(case["origin"][0])),
        (float(case["dest"][1]), float(case["dest"][0])),
        reference["lower_km"] * 1e3,
        reference["upper_km"] * 1e3,
        tuple((float(lat), float(lon)) for lon, lat in reference["path"]),
    )


@cache
def brackets() -> dict[str, Any]:
    """The bracket file as it is."""
    found: dict[str, Any] = json.loads(BRACKETS.read_text())
    return found


@cache
def bracketed() -> tuple[Problem, ...]:
    """Every problem of the bracket file: the open cases anew, and our own pairs."""
    sets = {
        one["name"]: ClosureSet(
            one["name"],
            tuple(one["states"]),
            one["stand_off_nm"],
            tuple((lat, lon, radius) for lat, lon, radius in one["circles"]),
        )
        for one in brackets()["sets"]
    }
    return tuple(
        Problem(
            one["id"],
            sets[one["set"]],
            tuple(one["origin"]),
            tuple(one["destination"]),
            one["lower_m"],
            one["upper_m"],
            tuple((lat, lon) for lat, lon in one["path"]),
        )
        for one in brackets()["problems"]
    )


def by_set(problems: Iterable[Problem]) -> dict[ClosureSet, list[Problem]]:
    """Problems gathered by what is closed, in the order given; a set under two names is one."""
    gathered: dict[Any, tuple[ClosureSet, list[Problem]]] = {}
    for problem in problems:
        closed = problem.closed
        same = (closed.states, closed.stand_off_nm, closed.circles)
        gathered.setdefault(same, (closed, []))[1].append(problem)
    return dict(gathered.values())


def progress(text: str) -> None:
    """One line to the standard error, at once."""
    print(text, file=sys.stderr, flush=True)
