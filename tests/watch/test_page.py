"""The page: everything is on it, nothing is fetched, the same bytes each time, text escaped, withheld text kept back."""

import re
from dataclasses import replace
from datetime import date
from importlib import resources

import numpy as np
import pytest

from longreach.ledger import founding
from longreach.ledger.evidence import Evidence
from longreach.watch import lists, page, standing

RECORDS = founding.all_records()
LIST = lists.read_list(resources.files("longreach.ledger") / "data" / "watch.toml")


def stand(records=RECORDS, at=date(2021, 3, 10), **more):
    return standing.stand(Evidence.of(records), LIST, at, np.random.default_rng(1), **more)


def test_it_holds_the_story_and_asks_for_nothing():
    html = page.render(stand(), "0")
    for words in (
        "What would change our mind", "Claims and their chains", "second under Biden", "cannot tell", "contested",
        "anticlockwise", "Zero Hedge › New York Times", "likelihood is withheld", "agrees", "on Thursday",
    ):  # fmt: skip
        assert words in html or words.replace(" ", "\N{NO-BREAK SPACE}") in html, words
    assert len(re.findall(r'<th scope="row">C\d\d</th>', html)) >= 25
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", html)
    assert "<script" not in html
    assert html == page.render(stand(), "0")


def test_text_is_escaped():
    nasty = '<script>alert(1)</script> & "x"'
    records = [replace(r, title=nasty) if r.id in ("F1", "I1") else r for r in RECORDS]
    records = [replace(r, paraphrase=nasty, text=nasty) if r.id == "C08" else r for r in records]
    records = [replace(r, name=nasty) if r.id in ("ZH", "C02.place1") else r for r in records]
    html = page.render(stand(records), "0")
    assert "<script" not in html and "&lt;script" in html


def test_words_that_may_not_leave_do_not():
    records = [
        replace(r, rights="withhold")
        if r.id == "R-ZH"
        else replace(r, text="SECRET WORDS")
        if r.id == "C16"
        else r
        for r in RECORDS
    ]
    assert "SECRET WORDS" not in page.render(stand(records), "0")


def test_an_empty_ledger_has_a_page_too():
    empty = standing.stand(Evidence.of([]), None, date(2021, 1, 1), np.random.default_rng(1))
    html = page.render(empty, "0")
    assert "No event has a day" in html and "no claim of number" in html
    assert "0 claims of 0 reports" in page.render_ledger(empty, "0")


def test_a_series_is_drawn_with_its_limits():
    random = np.random.default_rng(3)
    days = [(d, d) for d in (date.fromordinal(int(n)) for n in random.integers(736000, 737800, 900))]
    html = page.render(stand(at=date(2020, 12, 10), table=("made.csv", days), period_days=7), "0")
    assert "limit by a Poisson law" in html and "variance/mean" in html


@pytest.mark.parametrize("number", [70, 500])
def test_many_events_are_cut_and_told(number):
    from longreach.ledger.records import Claim, Entity, Event, Link, Place, Report, Time

    records = [Entity(id="S", name="S", type="data set"), Report(id="R", source="S", published="2021-01-01")]
    for n in range(number):
        records += [
            Event(id=f"E{n}", type="incident", title=f"event {n}"),
            Claim(id=f"K{n}", report="R", paraphrase=f"it was {n}"),
            Link(id=f"L{n}", from_=f"K{n}", to=f"E{n}", relation="same"),
            Time(id=f"T{n}", of=f"K{n}", start_earliest="2020-06-01T00:00:00", end_latest="2020-06-02T00:00:00"),
            Place(id=f"P{n}", of=f"K{n}", lat=-10 + 0.05 * n, lon=179.0 + 0.01 * (n % 200) - 360 * (n % 200 > 99), radius_m=5000),
        ]  # fmt: skip
    html = page.render_ledger(stand(records), "0")
    assert f"The latest 60 of {number} events" in html
    assert (f"of {number} places" in html) == (number > 400)
    assert (f"of {number} claims" in html) == (number > 300)
