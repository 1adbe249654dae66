"""What the tests of the planner share: plans made once, and what every plan must keep to."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"plan_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_soundness = _load("soundness")
_random = _load("random_missions")
_soak = _load("soak")


@cache
def _planned(text: str) -> dict[str, Any]:
    from longreach import mission
    from longreach.plan import plan

    return plan(mission.parse(text))


@pytest.fixture
def planned():
    """Function from a mission's text to its plan document; each text is planned once."""
    return _planned


@pytest.fixture
def sound():
    """Function that checks what every plan document must keep to."""
    return _soundness.assert_sound


@pytest.fixture
def random_missions() -> ModuleType:
    return _random


@pytest.fixture
def soak() -> ModuleType:
    return _soak


@pytest.fixture
def soundness() -> ModuleType:
    return _soundness
