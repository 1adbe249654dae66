"""Fresh copies of the two plans built by hand in synthetic.py."""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path
from typing import Any

import pytest


def _synthetic() -> Any:
    spec = importlib.util.spec_from_file_location(
        "verify_synthetic", Path(__file__).with_name("synthetic.py")
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def hop_plan() -> dict[str, Any]:
    """One B-52H from Barksdale to Minot; not to be changed."""
    return _synthetic().hop()


@pytest.fixture(scope="session")
def tour_plan() -> dict[str, Any]:
    """Two B-52Hs refuelled, on station, joined; not to be changed."""
    return _synthetic().tour()


@pytest.fixture
def hop(hop_plan: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(hop_plan)


@pytest.fixture
def tour(tour_plan: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(tour_plan)
