"""Join-ups against every window tried, and the runs of a schedule."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach import geodesy, timeline
from longreach.timeline import JoinUp, LeadTrack, NoJoin, Spell

SPEED = 220.0


def track(seed: int, rows: int = 90) -> LeadTrack:
    """A lead that wanders past a base, with stretches in which nobody may join it."""
    rng = np.random.default_rng(seed)
    time = np.concatenate([[0.0], np.cumsum(rng.integers(20, 61, rows - 1))]).astype(float)
    heading = np.cumsum(rng.normal(0.0, 8.0, rows))
    lat, lon = [25.0], [48.0]
    for k in range(rows - 1):
        a, b, _ = geodesy.direct(lat[-1], lon[-1], heading[k], 220.0 * (time[k + 1] - time[k]))
        lat.append(float(a))
        lon.append(float(b))
    steady, allowed = np.ones(rows, bool), np.ones(rows, bool)
    for flags in (steady, allowed):
        for _ in range(int(rng.integers(0, 4))):
            start = int(rng.integers(0, rows))
            flags[start : start + int(rng.integers(1, 15))] = False
    return LeadTrack(time, np.array(lat), np.array(lon), np.full(rows, 9000.0), steady, allowed)


def lawful_of(factor: float, shut: float | None = None):
    """A length of lawful routes: geodesics made longer, some of them shut; no shorter than the geodesic."""

    def lawful(a: tuple[float, float], b: tuple[float, float]) -> float:
        if shut is not None and (a[0] > shut or b[0] > shut):
            return math.inf
        bend = 1.0 + factor * abs(math.sin(7.0 * (a[0] + b[1])))
        return float(geodesy.distance(a[0], a[1], b[0], b[1])) * bend

    return lawful


def every_window(
    lead: LeadTrack, together: float, base, home, lawful, taken
) -> tuple[float, tuple[int, int] | None]:
    """Least time in the air over every start row and its earliest end, by definition."""
    best: tuple[float, tuple[int, int] | None] = (math.inf, None)
    good = lead.steady & lead.allowed
    for s in range(lead.time_s.size):
        for e in range(s, lead.time_s.size):
            if not good[e]:
                break
            if lead.time_s[e] - lead.time_s[s] < together - 1e-6:
                continue
            if any(lead.time_s[s] < b and lead.time_s[e] > a for a, b in taken):
                break
            out = lawful(base, (float(lead.lat[s]), float(lead.lon[s])))
            back = lawful((float(lead.lat[e]), float(lead.lon[e])), home)
            total = (out + back) / SPEED + lead.time_s[e] - lead.time_s[s]
            if total < best[0]:
                best = (float(total), (s, e))
            break  # the earliest end only
    return best


@pytest.mark.parametrize("seed", range(60))
def test_against_every_window(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    lead = track(seed)
    together = float(rng.integers(2, 20) * 60)
    base = (25.0 + rng.uniform(-3, 3), 48.0 + rng.uniform(-3, 3))
    home = base if seed % 2 else (25.0 + rng.uniform(-3, 3), 48.0 + rng.uniform(-3, 3))
    lawful = lawful_of(0.3 * (seed % 3), 26.0 if seed % 5 == 0 else None)
    taken = [(600.0, 1200.0)] if seed % 4 == 0 else []
    least, window = every_window(lead, together, base, home, lawful, taken)
    found = timeline.solve_join(lead, together, base, home, SPEED, math.inf, lawful, taken)
    if window is None:
        assert isinstance(found, NoJoin)
        return
    assert isinstance(found, JoinUp)
    assert found.airborne_s == pytest.approx(least, abs=1e-6)
    alongside = lead.time_s[found.end] - lead.time_s[found.start]
    assert alongside >= together - 1e-6
    assert (lead.steady & lead.allowed)[found.start : found.end + 1].all()
    assert found.airborne_s == pytest.approx((found.out_m + found.home_m) / SPEED + alongside)


def test_no_join_where_it_may_not_fly() -> None:
    lead = track(1)
    nowhere = LeadTrack(
        lead.time_s, lead.lat, lead.lon, lead.altitude_m, lead.steady, np.zeros(lead.time_s.size, bool)
    )
    why = timeline.solve_join(nowhere, 60.0, (25.0, 48.0), (25.0, 48.0), SPEED, math.inf, lawful_of(0.0))
    assert isinstance(why, NoJoin) and "never flies level" in why.what


def test_no_join_where_the_stretch_is_too_short_says_by_how_much() -> None:
    time = np.arange(0.0, 3600.0, 60.0)
    good = np.zeros(time.size, bool)
    good[10:31] = True  # twenty minutes in one stretch
    lead = LeadTrack(
        time, np.full(time.size, 25.0), 48.0 + time / 3e4, np.full(time.size, 9e3), good, good | True
    )
    why = timeline.solve_join(lead, 1800.0, (25.0, 48.0), (25.0, 48.0), SPEED, math.inf, lawful_of(0.0))
    assert isinstance(why, NoJoin)
    assert (why.by, why.unit) == (10.0, "min")
    # and what is left of it after the cure can be done
    eased = timeline.solve_join(lead, 1200.0, (25.0, 48.0), (25.0, 48.0), SPEED, math.inf, lawful_of(0.0))
    assert isinstance(eased, JoinUp) and (eased.start, eased.end) == (10, 30)


def test_no_join_where_a_refuelling_fills_the_stretch() -> None:
    time = np.arange(0.0, 3600.0, 60.0)
    good = np.ones(time.size, bool)
    lead = LeadTrack(time, np.full(time.size, 25.0), 48.0 + time / 3e4, np.full(time.size, 9e3), good, good)
    why = timeline.solve_join(
        lead, 1800.0, (25.0, 48.0), (25.0, 48.0), SPEED, math.inf, lawful_of(0.0), [(1500.0, 2100.0)]
    )
    assert isinstance(why, NoJoin) and why.by > 0.0 and why.unit == "min"


def test_no_join_without_a_lawful_way() -> None:
    why = timeline.solve_join(
        track(1), 60.0, (25.0, 48.0), (25.0, 48.0), SPEED, math.inf, lambda a, b: math.inf
    )
    assert isinstance(why, NoJoin) and "no lawful route" in why.what


def test_no_join_beyond_endurance_says_by_how_much() -> None:
    lead = track(2)
    base = (10.0, 20.0)
    free = timeline.solve_join(lead, 300.0, base, base, SPEED, math.inf, lawful_of(0.0))
    assert isinstance(free, JoinUp)
    why = timeline.solve_join(lead, 300.0, base, base, SPEED, free.airborne_s - 600.0, lawful_of(0.0))
    assert isinstance(why, NoJoin) and why.unit == "min"
    assert why.by == pytest.approx(10.0)


def test_a_far_base_is_given_up_only_after_every_promising_window() -> None:
    """Many windows whose geodesics are alike and lawful legs are not: the best of them is still found."""
    lead = track(6, rows=400)
    lawful = lawful_of(0.5)
    base = (25.0, 60.0)
    least, _ = every_window(lead, 300.0, base, base, lawful, [])
    found = timeline.solve_join(lead, 300.0, base, base, SPEED, math.inf, lawful)
    assert isinstance(found, JoinUp)
    assert found.airborne_s == pytest.approx(least)


# -- windows and spells ---------------------------------------------------------------------------------


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 600))
def test_windows_by_definition(good: list[bool], together: int) -> None:
    size = len(good)
    time = np.arange(size) * 30.0
    lead = LeadTrack(
        time, np.zeros(size), np.zeros(size), np.zeros(size), np.array(good), np.ones(size, bool)
    )
    wanted = []
    for s in range(size):
        for e in range(s, size):
            if not good[e]:
                break
            if time[e] - time[s] >= together:
                wanted.append((s, e))
                break
    assert timeline.windows(lead, float(together)) == wanted


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.sampled_from(["day", "night", ""]), min_size=1, max_size=30))
def test_spells_cover_the_time_and_change_kind(kinds: list[str]) -> None:
    time = [10.0 * k for k in range(len(kinds))]
    told = timeline.spells(time, kinds)
    assert told[0].start_s == time[0] and told[-1].end_s == time[-1]
    for a, b in itertools.pairwise(told):
        assert a.end_s == b.start_s and a.kind != b.kind
    for when, kind in zip(time[:-1], kinds[:-1], strict=True):
        assert [s.kind for s in told if s.start_s <= when < s.end_s] == [kind]


def test_spells_of_a_known_day() -> None:
    told = timeline.spells([0.0, 10.0, 20.0, 30.0], ["day", "day", "night", "night"])
    assert told == [Spell("day", 0.0, 20.0), Spell("night", 20.0, 30.0)]
    assert timeline.spells([], []) == []
