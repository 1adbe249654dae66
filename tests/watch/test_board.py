"""The board: states, roots that count once, weights only with a record; lists with every fault told."""

import math
from datetime import date

import numpy as np
import pytest

from longreach.errors import InputError
from longreach.ledger import founding
from longreach.ledger.evidence import Evidence
from longreach.ledger.records import Claim, Entity, Report, Step
from longreach.watch import anniversaries, board, forecasts, lists, standing
from longreach.watch.lists import Indicator, Outcome, Remembered, Share, WatchList

AT = date(2021, 3, 1)


def evidence_of(*claims, parties=()):
    """Claims given as (id, root, stance)."""
    roots = {root for _, root, _ in claims}
    records = [Entity(id=root, name=root, type="government", party=root in parties) for root in sorted(roots)]
    records += [Entity(id="N", name="paper", type="news"), Report(id="R", source="N", published="2021-02-20")]
    records += [
        Claim(
            id=id,
            report="R",
            paraphrase="x",
            stance=stance,
            chain=(Step("N", "cites"), Step(root, "publishes")),
        )
        for id, root, stance in claims
    ]
    return Evidence.of(records)


def indicator(id, *claims, **more):
    more.setdefault("expires", date(2021, 6, 1))
    return Indicator(id, id, id, claims, **more)


def test_indicators_of_one_root_count_once():
    evidence = evidence_of(("A", "IR", "vows"), ("B", "IR", "asserts"), ("C", "US", "asserts"))
    made = board.make(
        WatchList("", "", (indicator("a", "A"), indicator("b", "B"), indicator("c", "C"))), evidence, AT
    )
    assert made.number("seen") == 3
    assert made.groups_seen == 2 and made.roots == "2"
    groups = {row.indicator.id: row.group for row in made.rows}
    assert groups["a"] == groups["b"] != groups["c"]


def test_weights_are_added_over_roots_and_not_over_indicators():
    evidence = evidence_of(("A", "IR", "vows"), ("B", "IR", "asserts"), ("C", "US", "asserts"))
    record = {"seen_before": Share(8, 9), "seen_otherwise": Share(9, 99)}
    weak = {"seen_before": Share(5, 9), "seen_otherwise": Share(49, 99)}
    items = (indicator("a", "A", **record), indicator("b", "B", **weak), indicator("c", "C", **record))
    made = board.make(WatchList("", "", items), evidence, AT)
    one = math.log((8.5 / 10) / (9.5 / 100))
    assert made.log_odds == pytest.approx(2 * one)
    without = board.make(WatchList("", "", (*items[:2], indicator("c", "C"))), evidence, AT)
    assert without.log_odds is None  # one that is seen has no record: a checklist


def test_states():
    evidence = evidence_of(
        ("A", "IR", "asserts"), ("B", "US", "denies"), ("C", "US", "asserts"), parties={"US"}
    )
    items = (
        indicator("seen", "C"),
        indicator("contested", "A", against=("B",)),
        indicator("contested too", "A", "B"),
        indicator("not seen", "Z"),
        indicator("denied alone", "B"),
        indicator("expired", "A", expires=date(2021, 2, 28)),
        indicator("last day", "A", expires=AT),
    )
    made = {row.indicator.id: row for row in board.make(WatchList("", "", items), evidence, AT).rows}
    assert {id: row.state for id, row in made.items()} == {
        "seen": "seen", "contested": "contested", "contested too": "contested", "not seen": "not seen",
        "denied alone": "not seen", "expired": "expired", "last day": "seen",
    }  # fmt: skip
    assert made["seen"].only_party and not made["last day"].only_party


def test_the_founding_board_on_the_day_of_the_flight():
    evidence = Evidence.of(founding.all_records())
    watch = lists.read_list(founding_list())
    now = standing.stand(evidence, watch, date(2020, 12, 10), np.random.default_rng(1))
    assert now.board.number("seen") == 6 and now.board.number("contested") == 1
    assert now.board.roots == "3 to 4"  # of one, a paper, the origin is not named
    (coming,) = now.coming
    assert coming.back.days_ahead == 24 and coming.back.number == 1
    assert now.rates is None and "C18 counts 51 or more and ROCKETS lists 3" in now.rate_note
    assert "3.9 or more in 28 days" in next(d.text for d in now.derived if d.claim == "C18")
    (forecast,) = now.forecasts
    assert not forecast.shown and forecast.outcome is None
    later = standing.stand(evidence, watch, date(2021, 3, 10), np.random.default_rng(1))
    assert later.forecasts[0].outcome.came_true
    assert "O17" in later.evidence.claims and "O17" not in now.evidence.claims


def founding_list():
    from importlib import resources

    return resources.files("longreach.ledger") / "data" / "watch.toml"


def test_without_a_list_vows_and_warnings_are_watched():
    evidence = Evidence.of(founding.all_records())
    made = standing.from_ledger(evidence, date(2020, 12, 20))
    ids = {each.id for each in made.indicators}
    assert {"C13", "C16"} <= ids and "C17" not in ids and "O11" not in ids
    assert next(each for each in made.indicators if each.id == "C16").against == ("C17",)


# -- lists --------------------------------------------------------------------------------------------------


def test_every_fault_of_a_list_is_told(tmp_path):
    path = tmp_path / "w.toml"
    path.write_text(
        """
        colour = "red"
        [[indicator]]
        id = "a"
        observable = "x"
        lead_days = [5, 1]
        seen_before = [4, 3]
        direction = "up"
        [[anniversary]]
        name = "x"
        date = "yesterday"
        [[outcome]]
        assessment = "A1"
        came_true = "yes"
        [rate]
        period_days = 0
        """
    )
    with pytest.raises(InputError) as caught:
        lists.read_list(path)
    text = str(caught.value)
    for key in (
        "colour",
        "name",
        "lead_days",
        "seen_before",
        "direction",
        "expires",
        "date",
        "came_true",
        "period_days",
    ):
        assert key in text
    assert "go together" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [("= 3", "is not TOML"), ("indicator = 3", "[[indicator]]"), ("rate = 3", "is not a table")],
)
def test_what_is_not_a_list_is_refused(tmp_path, text, words):
    path = tmp_path / "w.toml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        lists.read_list(path)
    assert words in str(caught.value)
    with pytest.raises(InputError, match="cannot read"):
        lists.read_list(tmp_path / "none.toml")


# -- anniversaries ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "at", "on", "number"),
    [
        (date(2020, 1, 3), date(2020, 12, 10), date(2021, 1, 3), 1),
        (date(2020, 1, 3), date(2021, 1, 3), date(2021, 1, 3), 1),
        (date(2020, 1, 3), date(2021, 1, 4), date(2022, 1, 3), 2),
        (date(2020, 2, 29), date(2021, 1, 1), date(2021, 2, 28), 1),
        (date(2020, 6, 1), date(2020, 6, 1), date(2021, 6, 1), 1),
    ],
)
def test_the_next_return_of_a_day(day, at, on, number):
    found = anniversaries.next_return(Remembered("x", day), at)
    assert (found.on, found.number, found.days_ahead) == (on, number, (on - at).days)


def test_a_day_that_has_not_been_has_no_return():
    assert anniversaries.next_return(Remembered("x", date(2021, 5, 1)), AT) is None


def test_returns_that_were_busier_are_told_apart_from_those_that_were_not():
    first, last = date(2010, 1, 1), date(2019, 12, 31)
    random = np.random.default_rng(2)
    ordinals = random.integers(first.toordinal(), last.toordinal(), 1500)
    days = [date.fromordinal(int(n)) for n in ordinals]
    busy = [date(year, 6, 3 + n % 5) for year in range(2011, 2020) for n in range(30)]
    found = anniversaries.calendar_test([*days, *busy], first, last, date(2010, 6, 5))
    assert found.enough and found.years == 9
    assert found.share < 0.05 and found.near > 2 * found.elsewhere
    quiet = anniversaries.calendar_test(days, first, last, date(2010, 9, 20))
    assert quiet.share > 0.05
    assert anniversaries.calendar_test(days, first, date(2010, 12, 31), date(2010, 6, 5)) is None
    short = anniversaries.calendar_test(days, first, date(2012, 12, 31), date(2010, 6, 5))
    assert not short.enough


# -- forecasts ----------------------------------------------------------------------------------------------


def assessments(number):
    from longreach.ledger.records import Assessment

    return Evidence.of(
        [
            Assessment(id=f"A{n}", statement="x", likelihood="likely", author="ana", date="2021-01-01")
            for n in range(number)
        ]
    )


def test_a_likelihood_is_withheld_until_its_author_has_a_record():
    outcomes = [Outcome(f"A{n}", n % 3 != 0, date(2021, 2, 1)) for n in range(11)]
    shown = forecasts.forecasts(assessments(12), outcomes, AT)
    last = next(each for each in shown if each.assessment.id == "A11")
    assert last.shown and last.calibration.resolved == 11 and last.calibration.came_true == 7
    assert last.calibration.words[0].within is True
    one = next(each for each in shown if each.assessment.id == "A1")
    assert one.calibration.resolved == 10  # its own outcome does not count
    before = forecasts.forecasts(assessments(12), outcomes, date(2021, 1, 20))
    assert not any(each.shown for each in before)  # no outcome was known then


def test_the_brier_score_is_the_mean_squared_miss():
    made = forecasts.calibrate("ana", [("almost certain", True), ("unlikely", True), ("very likely", False)])
    assert made.brier == pytest.approx(((0.97 - 1) ** 2 + (0.325 - 1) ** 2 + 0.875**2) / 3)
    assert made.brier_base == pytest.approx(2 / 3 * 1 / 3)
