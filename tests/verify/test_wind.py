"""Verification's own interpolation against the planner's kernel: two formulas, one wind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from longreach.verify.wind import Air
from longreach.world import winds

START = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def field() -> winds.WindField:
    """January's mean, made to change over two days."""
    mean = winds.climatology(START, START + timedelta(days=2))
    u, v = (np.stack([mean.values[0, ..., k] * share for share in (1.0, 0.7, 1.2)])[..., :-1] for k in (0, 1))
    warm = 5.0 + 0.1 * u
    return winds.gridded(
        [0.0, 86400.0, 172800.0], mean.pressure_pa, mean.lat, mean.lon[:-1], u, v, warm, epoch=START
    )


@pytest.mark.parametrize("lat", [(-60.0, 60.0), (86.0, 90.0), (-90.0, -86.0), (90.0, 90.0)])
def test_the_two_agree(field: winds.WindField, lat: tuple[float, float]) -> None:
    rng = np.random.default_rng(1)
    n = 2000
    y, x = rng.uniform(*lat, n), rng.uniform(-200.0, 400.0, n)
    h, t = rng.uniform(0.0, 18000.0, n), rng.uniform(0.0, 172800.0, n)
    mine = field.at(y, x, h, t)
    theirs = Air(field, 0.0).at(y, x, h, t + START.timestamp())
    # within 2.5 deg of a pole they mix in different ways: a turn of 2.5 deg apart at most
    apart = 1e-9 if abs(lat[0]) < 80 else 0.02
    for one, two in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one, two, atol=apart)


def test_outside_there_is_no_number(field: winds.WindField) -> None:
    air = Air(field, 0.0)
    now = START.timestamp()
    for place in (
        (40.0, 0.0, 9000.0, now - 10.0),
        (40.0, 0.0, 9000.0, now + 172810.0),
        (40.0, 0.0, 25000.0, now),
    ):
        assert np.isnan(air.at(*place)[0])


def test_the_headwind_asked_for_is_taken_off_along_the_course() -> None:
    u, v = Air(winds.constant(10.0, 0.0), 4.0).on_course(0.0, 0.0, 9000.0, 0.0, np.array([90.0, 0.0, 270.0]))
    np.testing.assert_allclose(u, [6.0, 10.0, 14.0], atol=1e-12)
    np.testing.assert_allclose(v, [0.0, -4.0, 0.0], atol=1e-12)
