"""The answer in fixed words, and the series that get none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from longreach.assess import document, page
from longreach.assess.answer import CANNOT_TELL, DECLINE, NO_CHANGE, UNFIT, VERDICTS, assess
from longreach.assess.baseline import YearLong, before_after, year_long
from longreach.assess.fitness import flags, unfit
from longreach.assess.flights import Flight, treatments
from longreach.assess.rate import assess_rate, quiet
from longreach.assess.read import read_flights
from longreach.assess.series import from_counts
from longreach.assess.trigger import Trigger, order, pseudo_flights
from longreach.assess.worlds import World, simulate
from longreach.errors import InputError

from .conftest import START

FLIGHTS = Path(__file__).parents[2] / "examples" / "assess" / "gulf-flights-2020-21.csv"


def flight(day: int, occasion: str = "triggered", name: str = "F") -> Flight:
    when = START + timedelta(days=int(day))
    return Flight(f"{name}{day}", when, when, when, occasion)


def p_values(value: object, name: str = "") -> list[object]:
    """Everything in a document that is a probability of the test."""
    if isinstance(value, dict):
        return [one for key, each in value.items() for one in p_values(each, key)]
    if isinstance(value, list):
        return [one for each in value for one in p_values(each, name)]
    return [value] if name.startswith("p_") else []


def gappy() -> np.ndarray:
    counts = np.random.default_rng(1).poisson(0.4, 1826)
    counts[700:900] = 0
    return counts


UNFIT_SERIES = {
    "short": np.random.default_rng(1).poisson(0.4, 300),
    "empty": np.array([], np.int64),
    "all zero": np.zeros(1826, np.int64),
    "few": (np.arange(1826) % 100 == 0).astype(np.int64),
    "gappy": gappy(),
    "not stationary": np.random.default_rng(1).poisson(np.repeat([0.1, 0.1, 0.3, 1.0, 3.0], 365)),
}


@pytest.mark.parametrize("name", UNFIT_SERIES)
def test_an_unfit_series_gets_a_reason_and_no_p_value(name):
    series = from_counts(START, UNFIT_SERIES[name])
    found = assess(series, [flight(200)])
    assert found.verdict == UNFIT
    assert found.group.reasons
    written = document.assessment(found)
    assert p_values(written) == []
    assert "p_decline" not in json.dumps(written)
    assert "unfit" in page.render(found)


def test_a_flight_outside_the_series_is_an_error_that_names_it(clustered):
    with pytest.raises(InputError, match=r"flight F5000.*the series has 2015-01-01 to 2019-12-31"):
        assess(clustered, [flight(5000)])
    with pytest.raises(InputError, match="follow-up to"):
        assess(clustered, [flight(1810)])


def test_a_flight_too_early_is_left_out_with_its_reason(clustered):
    found = assess(clustered, [flight(100)])
    assert found.verdict == UNFIT
    assert any("less than 365 days" in one for one in found.group.reasons)
    assert p_values(document.assessment(found)) == []


def test_a_record_made_years_later_knew_nothing_at_the_order(clustered):
    late = replace(clustered, known=clustered.day + 5000)
    day = int(pseudo_flights(clustered.counts, Trigger(), 5, np.random.default_rng(1))[0])
    found = assess(late, [flight(day)])
    assert found.verdict == UNFIT
    assert any("say --known-on-day" in one for one in found.group.reasons)
    assert p_values(document.assessment(found)) == []


def test_a_series_without_rises_is_not_tested():
    counts = np.ones(1826, np.int64)  # one a day, always: the rule never orders anything
    found = assess(from_counts(START, counts), [flight(1000)])
    assert found.verdict == UNFIT
    assert any("cannot be audited" in one for one in found.group.reasons)


def test_a_verdict_is_withheld_where_the_audit_fails(clustered, monkeypatch):
    from longreach.assess import audit

    monkeypatch.setattr(audit, "LARGEST_RATE", -0.01)
    day = int(pseudo_flights(clustered.counts, Trigger(), 5, np.random.default_rng(1))[0])
    found = assess(clustered, [flight(day)])
    assert found.verdict == UNFIT
    assert found.group.audit is not None
    assert any("withheld" in one for one in found.group.reasons)
    assert p_values(document.assessment(found)) == []


def test_a_fall_to_nothing_in_many_incidents_is_called():
    counts, days = order(
        simulate(World("poisson", 400), 2500, np.random.default_rng(2)),
        Trigger(),
        np.random.default_rng(2),
        fall=0.9,
    )
    found = assess(from_counts(START, counts), [flight(day) for day in days])
    assert found.verdict == DECLINE
    assert found.group.effect.high < 1
    assert found.group.power.smallest_fall < 0.6


def test_no_change_is_said_only_where_a_fall_would_have_been_seen():
    counts, days = order(
        simulate(World("poisson", 2000), 2500, np.random.default_rng(3)), Trigger(), np.random.default_rng(3)
    )
    found = assess(from_counts(START, counts), [flight(day) for day in days[:2]], pseudo_flights=60)
    assert found.verdict == NO_CHANGE
    assert found.group.power.of(0.3) >= 0.8


def test_the_usual_answer_and_the_whole_document(clustered):
    days = pseudo_flights(clustered.counts, Trigger(), 30, np.random.default_rng(1))
    flown = [flight(days[0]), flight(days[-1]), flight(1000, "scheduled", "S")]
    found = assess(clustered, flown, pseudo_flights=60)
    assert found.verdict == CANNOT_TELL
    written = document.assessment(found)
    assert written["verdict"] in VERDICTS
    assert written["result"]["audit"]["achieved"] <= 0.08
    assert written["result"]["test"]["naive"]["ratio_at_placebo_dates"] is not None
    assert written["result"]["test"]["increase"]["calibrated"] is False
    assert written["natural_placebo"]["occasion"] == "scheduled"
    assert json.dumps(written) == json.dumps(document.assessment(assess(clustered, flown, pseudo_flights=60)))
    shown = page.render(found)
    for words in (
        "Cannot tell",
        "Audit first",
        "What could have been seen",
        "Placebo distribution",
        "Frederick",
    ):
        assert words in shown
    assert "<script" not in shown


def test_the_seven_flights_are_three_follow_ups():
    flown = read_flights(FLIGHTS)
    series = from_counts(date(2020, 1, 1), [1] * 600)
    found = treatments(series, flown)
    assert [one.flight.id for one in found] == ["F1", "F3", "F7"]
    assert [one.within for one in found] == [("F2",), ("F4", "F5", "F6"), ()]


def test_the_founding_rate_cannot_tell():
    found = assess_rate(51, 3, tries=25, falls=(0.0, 0.3, 0.5))
    assert found.verdict == CANNOT_TELL
    assert found.expected == pytest.approx(51 * 28 / 365.25)
    clustered = found.stand_ins[1]
    assert clustered.seen[1].called < 0.5
    assert clustered.flights_needed[0.3] is None or clustered.flights_needed[0.3] > 10


def test_ten_quiet_days_by_hand():
    assert quiet(50, 10) == pytest.approx(np.exp(-500 / 365.25))


def test_the_naive_test_by_hand():
    # 3 after of 10 in all: P(X <= 3), X ~ binomial(10, 1/2) = 176 / 1024
    assert before_after(7, 3) == pytest.approx(176 / 1024)
    assert before_after(0, 0) == 1.0


def test_the_year_long_baseline_by_hand():
    counts = np.zeros(364 * 2, np.int64)
    counts[::2] = 1  # every 28 days hold 14: no variance, so Poisson
    found = year_long(counts, 28)
    assert found.expected == pytest.approx(14, rel=0.01)
    assert found.size == float("inf")
    assert YearLong(3.0, float("inf")).p_decline(0) == pytest.approx(np.exp(-3))


def test_a_change_of_level_is_flagged():
    counts = np.random.default_rng(1).poisson(np.repeat([0.3, 0.3, 1.6, 1.6], 365))
    series = from_counts(START, counts)
    assert unfit(series) == ()
    assert any("rises more than 3-fold about 2016-12-31" in one for one in flags(series))


def test_flights_that_make_no_sense_are_refused():
    with pytest.raises(InputError, match="earlier"):
        Flight("X", START, START - timedelta(days=1))
    with pytest.raises(InputError, match="after it was flown"):
        Flight("X", START, START, START + timedelta(days=1))
    with pytest.raises(InputError, match="no flight"):
        assess(from_counts(START, [1] * 800), [])
