"""Claim files: words and their readings, the documented flights, what a faulty file is told."""

from __future__ import annotations

import json
import random
import re
from datetime import date
from pathlib import Path

import pytest

from longreach import cli
from longreach.check import judge, load, parse
from longreach.check.claim import Statement
from longreach.check.readings import of
from longreach.errors import InputError
from longreach.units import KNOT, NAUTICAL_MILE

ROOT = Path(__file__).parents[2]
CLAIMS = sorted((ROOT / "examples" / "claims").glob("*.toml"))


@pytest.mark.parametrize(
    ("kind", "words", "low", "high"),
    [
        ("duration", "36-hour", 35.5 * 3600, 36.5 * 3600),
        ("duration", "19 h 16 min", 69330.0, 69390.0),
        ("duration", "45:19", 163110.0, 163170.0),
        ("duration", "more than 34 hours", 34 * 3600.0, None),
        ("time on station", "about two hours", 1.5 * 3600, 2.5 * 3600),
        ("distance", "18,001 km", 18000.5e3, 18001.5e3),
        ("distance", "9,000 nautical miles", 8500 * 1852.0, 9500 * 1852.0),
        ("speed", "575 mph", 574.5 * 1609.344 / 3600, 575.5 * 1609.344 / 3600),
        ("fuel loaded", "183.5 t", 183450.0, 183550.0),
        ("refuellings", "four", 4.0, 4.0),
    ],
)
def test_words_become_intervals(kind: str, words: str, low: float, high: float | None) -> None:
    first = of(
        Statement("x", kind, words, "flight" if kind == "speed" else "flown"), date(2020, 12, 10), None
    )[0]
    assert first.lo == pytest.approx(low, rel=1e-9)
    assert first.hi == (None if high is None else pytest.approx(high, rel=1e-9))


def test_miles_are_read_both_ways_and_a_printed_unit_is_itself() -> None:
    miles = of(Statement("x", "distance", "14,000 miles", "flown"), None, None)
    assert [(r.unit, r.slip) for r in miles] == [
        ("statute miles", False),
        ("nautical miles", False),
        ("kilometres", True),
    ]
    printed = of(Statement("x", "distance", "2,137 nm", "flown"), None, None)
    assert [(r.unit, r.slip) for r in printed if not r.slip] == [("nautical miles", False)]


def test_a_day_without_a_zone_is_a_day_of_any_zone() -> None:
    when = of(Statement("x", "departure", "2020-12-10"), date(2020, 12, 10), None)[0]
    assert when.hi is not None and when.lo is not None and when.hi - when.lo == 50 * 3600.0
    local = of(Statement("x", "departure", "2020-12-10"), date(2020, 12, 10), -6.0)[0]
    assert local.hi is not None and local.lo is not None and local.hi - local.lo == 24 * 3600.0


# ---------------------------------------------------------------------------------------------------------
# The documented flights


def judged(name: str):
    return judge(load(ROOT / "examples" / "claims" / f"{name}.toml"))


def test_the_founding_flight() -> None:
    found = judged("btf-2020-12-10")
    assert found.verdict == "consistent but uncorroborated"
    speeds = {speed.way: speed.needed_mps / KNOT for speed in found.speeds}
    assert speeds["direct"] == pytest.approx(396, abs=3)
    assert speeds["by the way named out and home"] == pytest.approx(437, abs=5)
    assert found.refuellings_at_least == 1
    thursday = next(each for each in found.taken if each.id == "thursday")
    assert any(words.startswith("whole flight: 10 Dec") for words in thursday.breaks)
    assert any(words.startswith("on station: 10 Dec") for words in thursday.holds)
    wednesday = next(each for each in found.taken if each.id == "wednesday")
    assert wednesday.verdict == "holds" and "NBC" in found.claim.sources[wednesday.source]
    assert "needed only" not in json.dumps(found.sentence) and "bound" in found.sentence


@pytest.mark.parametrize("path", CLAIMS, ids=lambda path: path.stem)
def test_no_documented_flight_is_contradicted_as_a_whole(path: Path) -> None:
    assert judge(load(path), samples=200).verdict != "contradicted"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("qantas-qf9-2024", "'9,000 nautical miles' cannot be nautical miles, it is right as statute miles"),
        ("el-dorado-canyon-1986", "likely statute miles"),
        (
            "el-dorado-canyon-1986",
            "'1,300 miles' are taken as statute miles, the nearest: the detour one way is 1,170 nm = 1,346",
        ),
        ("secret-squirrel-1991", "'14,000 miles' as statute miles is below the least way"),
        ("coronet-bat-1995", "'631.16 mph' is not the mean of the whole flight"),
        ("qr920-921-akl-doh", "'9,032 miles' are statute miles"),
    ],
)
def test_unit_slips_of_the_record_are_found(name: str, says: str) -> None:
    assert any(says in slip for slip in judged(name).slips)


@pytest.mark.parametrize(
    ("name", "ids"), [("power-flite-1957", 2), ("persian-rug-1962", 2), ("centrazbat-1997", 2)]
)
def test_sources_that_differ_are_kept_and_not_settled(name: str, ids: int) -> None:
    found = judged(name)
    rivals = [conflict for conflict in found.conflicts if conflict.rivals]
    assert rivals and len(rivals[0].ids) == ids
    assert all(each.verdict == "holds" for each in found.taken if each.id in rivals[0].ids)


# ---------------------------------------------------------------------------------------------------------
# What breaks, and what cures it

BASE = """schema = "longreach.claim/1"
title = "t"
reported = 2020-12-10
[flight]
aircraft = "B-52H"
origin = "KBAD"
destination = "KBAD"
turn = { at = [26.2, 50.7], name = "the Gulf" }
"""


def test_an_impossible_time_is_contradicted_with_its_slack_and_cure() -> None:
    found = judge(
        parse(
            BASE
            + '[[says]]\nid = "time"\nkind = "duration"\nwords = "24 hours"\n[[says]]\nkind = "nonstop"\n'
        )
    )
    assert found.verdict == "contradicted"
    (conflict,) = found.conflicts
    assert set(conflict.ids) == {"origin", "turn", "destination", "aircraft", "time"}
    assert any("kt too fast" in words for words in conflict.words)
    # The cure, applied, makes it stand.
    least = conflict.cures["time"].split(" or more")[0]
    hours, minutes = int(least.split(" h ")[0]), int(least.split(" h ")[1].split(" ")[0])
    cured = parse(
        BASE
        + f'[[says]]\nid = "time"\nkind = "duration"\nwords = "{hours} h {min(minutes + 2, 59):02d} min"\n'
    )
    assert judge(cured).verdict != "contradicted"


def test_unrefuelled_beyond_the_tanks_is_contradicted() -> None:
    found = judge(parse(BASE + '[[says]]\nid = "dry"\nkind = "unrefuelled"\n[[says]]\nkind = "nonstop"\n'))
    assert found.verdict == "contradicted" and any("dry" in conflict.ids for conflict in found.conflicts)


def test_a_stand_off_no_way_keeps_is_contradicted() -> None:
    text = (
        BASE.replace("[26.2, 50.7]", "[27.0, 52.5]")
        + '[[says]]\nid = "far"\nkind = "kept out"\nwords = "200 nm"\nclosed = ["IR"]\n'
    )
    found = judge(parse(text + '[[says]]\nkind = "duration"\nwords = "36 hours"\n'))
    assert found.verdict == "contradicted" and any({"turn", "far"} <= set(c.ids) for c in found.conflicts)


def test_without_a_place_or_a_time_nothing_can_be_tested() -> None:
    bare = 'schema = "longreach.claim/1"\ntitle = "t"\n[flight]\naircraft = "B-52H"\norigin = "KBAD"\n'
    found = judge(parse(bare))
    assert found.verdict == "cannot be tested" and "where it went" in found.sentence
    unknown = BASE.replace("B-52H", "Tu-160") + '[[says]]\nkind = "nonstop"\n'
    assert judge(parse(unknown)).verdict == "cannot be tested"


def test_the_same_question_has_the_same_answer() -> None:
    from longreach.check import document

    text = BASE + '[[says]]\nkind = "duration"\nwords = "33 hours"\n'
    one, two = (json.dumps(document.of(judge(parse(text), seed=3))) for _ in range(2))
    assert one == two
    share = json.loads(one)["possible_share"]
    assert 0.0 < share < 1.0


def test_lengths_are_those_of_an_independent_reckoning() -> None:
    """GeographicLib's geodesic for the way there and back."""
    from geographiclib.geodesic import Geodesic

    from longreach.world import airports

    base = airports.find("KBAD")
    metres = 2 * Geodesic.WGS84.Inverse(base.lat, base.lon, 26.2, 50.7)["s12"]
    found = judge(parse(BASE + '[[says]]\nkind = "duration"\nwords = "36 hours"\n'))
    assert found.lengths_nm["great circle"] == pytest.approx(metres / NAUTICAL_MILE, rel=1e-9)


# ---------------------------------------------------------------------------------------------------------
# Faulty files


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("title = ", 1, "is not TOML"),
        ('schema = "x"\ntitle = "t"\n[flight]\norigin = "KBAD"\n', 1, "this version reads"),
        ('schema = "longreach.claim/1"\ntitle = "t"\n', 1, "needs a [flight] table"),
        (BASE.replace('"KBAD"', '"KBDA"', 1), 6, "no airport has the code 'KBDA'"),
        (BASE + '[[says]]\nkind = "duraton"\nwords = "1 hour"\n', 10, "did you mean 'duration'?"),
        (BASE + '[[says]]\nkind = "duration"\nwords = "long"\n', 11, "no number can be read in 'long'"),
        (BASE + '[[says]]\nkind = "duration"\nwords = "36 parsecs"\n', 11, "no unit of time"),
        (BASE + '[[says]]\nkind = "distance"\nwords = "9000 leagues"\n', 11, "no unit of length"),
        (BASE + '[[says]]\nkind = "departure"\nwords = "soon"\n', 11, "no time can be read"),
        (BASE + '[[says]]\nkind = "kept out"\nwords = "far"\n', 9, "says out of which States"),
        (BASE + '[[says]]\nkind = "kept out"\nwords = "far"\nclosed = ["XQ"]\n', 12, "'XQ' is no State"),
        (BASE + 'colour = "red"\n', 9, "'colour' is no key here"),
        (
            BASE + '[[says]]\nkind = "distance"\nwords = "9 nm"\nscope = "up"\n',
            12,
            "is no scope of a distance",
        ),
    ],
)
def test_faulty_claims_are_told_what_and_where(text: str, line: int, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, "c.toml")
    fault = next((fault for fault in caught.value.faults if says in str(fault)), None)
    assert fault is not None, str(caught.value)
    assert fault.file == "c.toml" and fault.line == line


def test_every_fault_is_told_at_once() -> None:
    text = (
        BASE.replace('"KBAD"', '"KBDA"') + '[[says]]\nkind = "x"\n[[says]]\nkind = "duration"\nwords = ""\n'
    )
    with pytest.raises(InputError) as caught:
        parse(text, "c.toml")
    assert len(caught.value.faults) >= 4


def mutated(draw: random.Random) -> str:
    text = list(draw.choice(CLAIMS).read_text())
    for _ in range(draw.randrange(1, 8)):
        at = draw.randrange(len(text))
        kind = draw.randrange(4)
        if kind == 0:
            text[at] = chr(draw.choice([0, 9, 34, 39, 44, 45, 61, 91, 93, 123, 125, 233, 0x2019, 0x1F600]))
        elif kind == 1:
            del text[at : at + draw.randrange(1, 30)]
        elif kind == 2:
            text[at:at] = draw.choice(
                [
                    "9" * 30,
                    '"',
                    "\n",
                    " = ",
                    "[[says]]\n",
                    "1e999",
                    "-",
                    "2020-13-40",
                    "nan",
                    "miles",
                    "about",
                ]
            )
        else:
            text[at : at + 5] = text[at : at + 5][::-1]
        if not text:
            return ""
    return "".join(text)


def fuzz(seeds: range) -> int:
    read = 0
    for seed in seeds:
        text = mutated(random.Random(seed))
        try:
            parse(text, "c.toml")
            read += 1
        except InputError as error:
            assert error.faults and all(fault.file == "c.toml" and fault.line for fault in error.faults), str(
                error
            )
    return read


def test_damaged_claim_files_give_clear_errors() -> None:
    assert 0 < fuzz(range(400)) < 400


@pytest.mark.soak
def test_ten_thousand_damaged_claim_files_give_clear_errors() -> None:
    print(f"\n10000 damaged claim files, {fuzz(range(1000, 11_000))} still read, no traceback")


def test_the_command_says_yes_no_or_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.toml"
    path.write_text(BASE + '[[says]]\nkind = "duration"\nwords = "36 hours"\n')
    page, table = tmp_path / "c.html", tmp_path / "c.md"
    assert cli.main(["check", str(path), "--page", str(page), "--table", str(table)]) == 0
    said = capsys.readouterr().out
    assert "CONSISTENT BUT UNCORROBORATED" in said and "never confirms" in said
    shown = page.read_text()
    assert "<svg" in shown and "<script" not in shown
    assert not re.search(r"(src|href|url\()\W*https?://", shown)
    assert "| flight | verdict |" in table.read_text()
    path.write_text(BASE + '[[says]]\nkind = "duration"\nwords = "20 hours"\n')
    assert cli.main(["check", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "contradicted"
    path.write_text("x")
    assert cli.main(["check", str(path)]) == 2
    assert "c.toml:1" in capsys.readouterr().err
