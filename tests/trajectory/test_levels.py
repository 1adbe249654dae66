"""Levels by direction, with the edge of each rule."""

import numpy as np
import pytest

from longreach.errors import InputError
from longreach.trajectory.levels import eastbound, eastward, flight_levels


def test_levels_up_to_the_ceiling():
    assert flight_levels("semicircular", 13_200.0)[-5:].tolist() == [380, 390, 400, 410, 430]
    assert flight_levels("block", 13_200.0)[-3:].tolist() == [410, 420, 430]


@pytest.mark.parametrize(
    ("level", "east"),
    [
        (290, True),
        (300, False),
        (410, True),
        (420, None),
        (430, False),
        (440, None),
        (450, True),
        (470, False),
        (355, None),
    ],
)
def test_direction_of_a_level(level, east):
    assert eastbound(level) is east


def test_short_spells_keep_the_direction_before():
    track = np.array([170.0, 175.0, 185.0, 178.0, 181.0, 182.0, 183.0, 184.0])
    length = np.full(8, 150e3)
    assert eastward(track, length).tolist() == [True] * 4 + [False] * 4


def test_a_rule_that_is_none():
    with pytest.raises(InputError, match="semicircular, block"):
        flight_levels("quadrantal", 12_000.0)
