"""Plans that the tests of exports share: the founding mission, and one by the pole and over the date line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from longreach.export.table import Table

ROOT = Path(__file__).parents[2]


@cache
def _planned(text: str) -> dict[str, Any]:
    from longreach import mission
    from longreach.plan import plan

    return plan(mission.parse(text))


@cache
def _example(name: str) -> tuple[dict[str, Any], Table]:
    from longreach.export import table

    document = _planned((ROOT / "examples" / f"{name}.toml").read_text())
    return document, table.read(document)


@pytest.fixture
def planned():
    """Function from a mission's text to its plan document; each text is planned once."""
    return _planned


@pytest.fixture(params=["gulf-2020-12-10", "hel-nrt-2022"])
def example(request) -> tuple[dict[str, Any], Table]:
    """A plan and its table: the founding mission; Helsinki to Tokyo by the pole and over the date line."""
    return _example(request.param)


@pytest.fixture
def gulf() -> tuple[dict[str, Any], Table]:
    return _example("gulf-2020-12-10")


@pytest.fixture
def polar() -> tuple[dict[str, Any], Table]:
    return _example("hel-nrt-2022")
