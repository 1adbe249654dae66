"""Every bracketed problem: the bracket proves itself as far as it can, and routes keep to it.

The upper bounds are paths, judged and measured here again. `benchmarks/brackets/make_brackets.py` says what
the lower bounds stand on.
"""

import functools
import itertools

import numpy as np
import pytest
from benchmarks import route_cases as cases
from benchmarks.route_judge import Judge, path_length

from longreach import route

GATHERED = list(cases.by_set(itertools.chain(cases.bracketed(), cases.open_cases())).values())
OPEN = {problem.id: problem for problem in cases.open_cases()}


@functools.cache
def judge_of(closed):
    return Judge(cases.closures_of(closed))


@pytest.mark.parametrize("problems", GATHERED, ids=lambda problems: problems[0].closed.name)
def test_routes_keep_to_their_brackets(problems):
    closures = cases.closures_of(problems[0].closed)
    judge = judge_of(problems[0].closed)
    prepared = route.prepare(closures)
    found = [route.shortest(prepared, one.origin, one.destination) for one in problems]
    assert all(one.feasible for one in found)
    verdicts = judge.judge([(one.lat, one.lon) for one in found])
    wrong = []
    for problem, one, verdict in zip(problems, found, verdicts, strict=True):
        length = path_length(one.lat, one.lon)
        claims = {
            "lawful": verdict.legal,
            "not longer than 1.0001 x upper": length <= 1.0001 * problem.upper_m,
            "not shorter than lower": length >= problem.lower_m,
            "own lower bound under upper": one.lower_bound_m <= problem.upper_m,
            "own upper over own lower": one.lower_bound_m <= one.length_m,
            "own bracket at most 200 ppm": one.gap_ppm <= 200.0,
            "says what it measures": abs(length - one.length_m) < 1e-3,
        }
        wrong += [
            f"{problem.id}: not {claim} ({length:.1f} m, {verdict})" for claim, ok in claims.items() if not ok
        ]
    assert not wrong, "\n".join(wrong)


def test_reference_paths_are_lawful_and_as_long_as_they_say():
    wrong = []
    for problems in cases.by_set(cases.bracketed()).values():
        judge = judge_of(problems[0].closed)
        paths = [np.array(one.path).T for one in problems]
        for problem, path, verdict in zip(problems, paths, judge.judge(paths), strict=True):
            ends = tuple(path[:, 0]) == problem.origin and tuple(path[:, -1]) == problem.destination
            length = path_length(*path)
            if not (verdict.legal and ends and problem.upper_m - 0.002 <= length <= problem.upper_m):
                wrong.append(f"{problem.id}: {verdict} {length:.3f} {problem.upper_m:.3f}")
    assert not wrong, "\n".join(wrong)


def test_brackets_are_narrow_many_and_stand_on_the_borders_we_ship():
    problems = cases.bracketed()
    assert len([one for one in problems if one.closed.name == "fifteen"]) == 200
    assert len({one.closed.name for one in problems}) == 1 + len(cases.SMALL) + len(OPEN)
    gaps = np.array([1e6 * (one.upper_m / one.lower_m - 1) for one in problems])
    assert gaps.min() >= 0 and gaps.max() <= 50.0 and np.median(gaps) <= 10.0
    for about in cases.brackets()["sets"]:
        chosen = next(one.closed for one in problems if one.closed.name == about["name"])
        assert cases.fingerprint(cases.closures_of(chosen)) == about["closures_sha256"], (
            f"the borders of {chosen.name} have changed: run benchmarks/brackets/make_brackets.py"
        )
        assert about["audit"]["inner_open"] == about["audit"]["outer_closed"] == 0, about


def test_two_solvers_bracket_the_same_optimum():
    """Our brackets of the open cases and those they came with, by another solver, have room for one truth."""
    ours = {one.id: one for one in cases.bracketed() if one.id in OPEN}
    assert ours.keys() == OPEN.keys()
    for name, other in OPEN.items():
        assert max(ours[name].lower_m, other.lower_m) <= min(ours[name].upper_m, other.upper_m), name
