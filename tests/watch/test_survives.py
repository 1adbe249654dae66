"""Records of any content, and records gone: the rules, the board and the page say something and never stumble."""

import random
from dataclasses import fields, replace
from datetime import date
from importlib import resources

import numpy as np
import pytest

from longreach.ledger import founding
from longreach.ledger.evidence import Evidence
from longreach.ledger.records import check
from longreach.watch import lists, page, standing, terminal

RECORDS = founding.all_records()
LIST = lists.read_list(resources.files("longreach.ledger") / "data" / "watch.toml")
WORDS = [
    "", "more than 50", "nearly", "between 9 and 3", "third in six weeks", "fifth under Nobody", "first", "on Thursday",
    "30 February", "since since", "2020-11~", "-1 day", "1e999 rockets", "\u202e90 rockets", "as well as", "“", "(",
    "no no", "the the", "<b>x</b>", "36-hour", "0 days", "\N{NO-BREAK SPACE}", "9" * 40, "about 0 miles", "a",
]  # fmt: skip


def mutated(seed):
    """The example with records left out and texts, numbers and instants changed; only records that are sound."""
    chance = random.Random(seed)
    out = []
    for record in RECORDS:
        if chance.random() < 0.05:
            continue
        if chance.random() < 0.3:
            for each in fields(record):
                value = getattr(record, each.name)
                if each.name in ("id", "of", "from_", "to") or chance.random() < 0.5:
                    continue
                if isinstance(value, str):
                    new = chance.choice(WORDS)
                elif isinstance(value, float) and each.name not in ("lat", "lon"):
                    new = chance.choice([0.0, 1e12, 0.5, 90.0, None])
                else:
                    continue
                changed = replace(record, **{each.name: new})
                if not check(changed):
                    record = changed
        out.append(record)
    return out


@pytest.mark.parametrize("seed", [*range(30), 135, 173, 245, 355])
def test_any_content_is_survived(seed):
    survive(seed)


@pytest.mark.soak
def test_any_content_is_survived_for_long():
    for seed in range(1000, 4000):
        survive(seed)


def survive(seed):
    evidence = Evidence.of(mutated(seed))
    at = date(2020, 12, 10) if seed % 2 else date(2021, 3, 10)
    now = standing.stand(evidence, LIST if seed % 3 else None, at, np.random.default_rng(seed))
    assert all(len(line) == 3 for line in terminal.lines(now))
    html = page.render(now, "0")
    assert "<b>x</b>" not in html and html.endswith("</html>\n") | html.rstrip().endswith("</html>")
