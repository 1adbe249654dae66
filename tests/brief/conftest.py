"""The made-up plan of sample.py, feasible and not, as fixtures."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

_spec = importlib.util.spec_from_file_location("brief_sample", Path(__file__).with_name("sample.py"))
assert _spec is not None and _spec.loader is not None
_sample = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_sample)


@pytest.fixture
def feasible() -> dict[str, Any]:
    """A fresh feasible plan document; tests may change it."""
    return _sample.feasible()


@pytest.fixture
def infeasible() -> dict[str, Any]:
    """A fresh infeasible plan document with no flights."""
    return _sample.infeasible()


@pytest.fixture(scope="module")
def plan_document() -> dict[str, Any]:
    """The feasible plan document shared by the tests of a module, which must not change it."""
    return _sample.feasible()
