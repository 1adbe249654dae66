"""Series and folders shared by the tests of the after-action test."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from longreach.assess.series import Series, from_counts
from longreach.assess.worlds import STANDARD, simulate

START = date(2015, 1, 1)


@pytest.fixture(scope="session")
def clustered() -> Series:
    """Five years of clustered incidents, 139 a year."""
    return from_counts(START, simulate(STANDARD["LGCP 139"], 1826, np.random.default_rng(4)))


@pytest.fixture
def real_data() -> Path:
    """The folder of real files; the test is not run without it."""
    folder = os.environ.get("LONGREACH_DATA")
    if not folder:
        pytest.skip("not run: LONGREACH_DATA does not name the folder of real files")
    return Path(folder) / "ledger"
