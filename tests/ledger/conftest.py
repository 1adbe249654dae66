"""Ledgers for the tests: each with a cache of its own."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from longreach.ledger import Ledger


def at(day: int) -> datetime:
    """Noon of a day of December 2020."""
    return datetime(2020, 12, day, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Cache and configuration inside the test's folder."""
    monkeypatch.setenv("LONGREACH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LONGREACH_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("LONGREACH_LEDGER", raising=False)


@pytest.fixture
def notices() -> list[str]:
    """What the ledger of the test said."""
    return []


@pytest.fixture
def book(tmp_path, notices) -> Ledger:
    """An empty ledger."""
    return Ledger.create(
        tmp_path / "ledger.jsonl", title="test", author="ana", clock=at(1), notice=notices.append
    )


@pytest.fixture
def data() -> Path:
    """The folder of real files, or the test is not run."""
    given = os.environ.get("LONGREACH_DATA")
    if not given:
        pytest.skip("not run: LONGREACH_DATA names no folder of real files")
    folder = Path(given) / "ledger"
    if not folder.is_dir():
        pytest.skip(f"not run: {folder} is not there")
    return folder
