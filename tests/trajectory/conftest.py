"""Winds the flights here share."""

from datetime import timedelta

import pytest

from longreach.world import winds

from .test_optimise import DEPART


@pytest.fixture(scope="module")
def january():
    return winds.climatology(DEPART, DEPART + timedelta(days=2))
