"""Many local events: the regression against another library, and the real shows of force."""

from __future__ import annotations

import numpy as np
import pytest

from longreach.assess.cells import Points, Recipe, compare, fit_fixed_effects, read_points
from longreach.errors import InputError


def test_the_fixed_effects_fit_is_that_of_statsmodels_with_dummies():
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(1)
    cell = np.repeat(np.arange(8), 40)
    x = np.column_stack([rng.random(320) < 0.2, rng.normal(size=320)]).astype(float)
    y = rng.poisson(np.exp(0.3 * x[:, 0] + 0.5 * x[:, 1] + 0.2 * cell)).astype(float)
    dummies = (cell[:, None] == np.arange(8)).astype(float)
    other = sm.GLM(y, np.column_stack([x, dummies]), family=sm.families.Poisson()).fit()
    assert fit_fixed_effects(y, x, cell, np.ones(8)) == pytest.approx(other.params[:2], abs=1e-6)
    twice = np.ones(8)
    twice[3] = 2
    more = np.concatenate([np.arange(320), np.flatnonzero(cell == 3)])
    other = sm.GLM(y[more], np.column_stack([x, dummies])[more], family=sm.families.Poisson()).fit()
    assert fit_fixed_effects(y, x, cell, twice) == pytest.approx(other.params[:2], abs=1e-6)


def world(factor: float, seed: int = 2) -> tuple[Points, Points]:
    """Twelve cells over 400 days; events at random; the week after each holds `factor` times as many incidents."""
    rng = np.random.default_rng(seed)
    days, rows, events = [], [], []
    for row in range(12):
        rate = np.full(400, 0.5 + row / 4)
        for day in np.flatnonzero(rng.random(400) < 0.02):
            rate[day + 1 : day + 8] *= factor
            events.append((day, row))
        counts = rng.poisson(rate)
        days.append(np.repeat(np.arange(400), counts))
        rows.append(np.full(counts.sum(), row))
    day, row = np.concatenate(days), np.concatenate(rows)
    at = np.array(events)
    return (
        Points(day + 730000, row + 0.5, np.full(row.size, 0.5), ("x",) * row.size),
        Points(at[:, 0] + 730000, at[:, 1] + 0.5, np.full(len(at), 0.5), ("e",) * len(at)),
    )


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_a_known_effect_is_found(factor):
    incidents, events = world(factor)
    found = compare(
        incidents,
        events,
        None,
        Recipe(cell_deg=1.0, fewest_incidents=1),
        np.random.default_rng(1),
        resamples=60,
    )
    assert found.low_95 <= factor <= found.high_95
    assert found.ratio == pytest.approx(factor, rel=0.12)


def test_too_few_events_are_refused():
    incidents, events = world(1.0)
    few = Points(events.day[:5], events.lat_deg[:5], events.lon_deg[:5], events.kind[:5])
    with pytest.raises(InputError, match="it takes 20"):
        compare(incidents, few, None, Recipe(cell_deg=1.0, fewest_incidents=1), np.random.default_rng(1))


def test_a_bad_row_is_named(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("date,latitude,longitude\n2020-01-01,95,4\n", "utf-8")
    with pytest.raises(InputError) as error:
        read_points(path)
    assert error.value.faults[0].line == 2


@pytest.mark.parametrize(("suffix", "prototype"), [("_2006", 1.011), ("", 1.009)])
def test_the_shows_of_force_in_iraq(real_data, suffix, prototype):
    strikes = read_points(real_data / f"geocausal_iraq_airstrikes{suffix}.csv.gz")
    incidents = read_points(real_data / f"geocausal_iraq_insurgencies{suffix}.csv.gz")
    recipe = Recipe(exclude_ahead_days=7)
    rng = np.random.default_rng(1)
    honest, trap = (
        compare(
            incidents,
            strikes.of(["SOF"]),
            strikes.of(["Airstrike"]),
            recipe,
            rng,
            screened=screened,
            resamples=40,
        )
        for screened in (False, True)
    )
    assert honest.ratio == pytest.approx(prototype, abs=0.01)
    assert honest.low_95 < 1 < honest.high_95
    assert trap.ratio > honest.ratio + 0.02
    assert honest.before_events > 1.4 * honest.before_controls
