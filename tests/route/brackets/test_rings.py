"""The rings a solver works with, held against the law by the judge: outer ones in the open, inner ones inside.

A lawful path may not be shorter than the way round the inner rings; that holds only if they lie in the closed
area.
"""

import sys
from pathlib import Path

import pytest
from benchmarks import route_cases as cases
from benchmarks.route_judge import Judge

from longreach import route

sys.path.append(str(Path(__file__).parents[3] / "benchmarks" / "brackets"))
from make_brackets import audit

SETS = {one.name: one for one in cases.SMALL}


@pytest.fixture(scope="module", params=["gulf", "circles", "aegean"])
def audited(request):
    closures = cases.closures_of(SETS[request.param])
    return audit(route.prepare(closures), Judge(closures))


def test_outer_rings_are_lawful(audited):
    assert audited["outer_points"] > 1000 and audited["outer_closed"] == 0


def test_inner_rings_are_closed(audited):
    assert audited["inner_points"] > 1000 and audited["inner_open"] == 0
