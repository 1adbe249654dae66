"""`longreach assess` as its user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from longreach.assess.trap_page import render
from longreach.assess.trigger import Trigger, pseudo_flights
from longreach.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def files(tmp_path, clustered) -> tuple[Path, Path]:
    series, flights = tmp_path / "series.csv", tmp_path / "flights.csv"
    rows = [f"{clustered.when(n)},{count}" for n, count in enumerate(clustered.counts)]
    series.write_text("date,count\n" + "\n".join(rows) + "\n", "utf-8")
    day = clustered.when(int(pseudo_flights(clustered.counts, Trigger(), 5, np.random.default_rng(1))[0]))
    flights.write_text(f"flight,earliest,latest,ordered\nA,{day},{day},{day}\n", "utf-8")
    return series, flights


def test_run_prints_the_word_first_and_writes_the_page(files, tmp_path, capsys):
    series, flights = files
    out = tmp_path / "page.html"
    assert main(["assess", "run", str(series), "-f", str(flights), "-o", str(out)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("cannot tell\n")
    assert printed.index("audit:") < printed.index("power:") < printed.index("p, one-sided")
    assert out.read_text("utf-8").startswith("<!doctype html>")


def test_run_as_json_is_one_document(files, capsys):
    series, flights = files
    assert main(["assess", "run", str(series), "-f", str(flights), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "longreach.assess/1"


def test_audit_says_what_it_achieves(files, capsys):
    assert main(["assess", "audit", str(files[0]), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["fit"] and found["audit"]["achieved"] <= 0.08


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "{series}"], "no flights are given"),
        (["run", "-f", "{flights}"], "give either a SERIES file or --ledger"),
        (["run", "{series}", "-f", "{series}"], "the series has"),
        (["run", "{flights}", "-f", "{flights}", "--where", "town"], "COLUMN=VALUE"),
        (["run", "nowhere.csv", "-f", "{flights}"], "nowhere.csv"),
        (["run", __file__, "-f", "{flights}"], "a series has the columns date,count"),
        (["run", "{series}", "-f", "{flights}", "--from", "yesterday"], "'yesterday' is no day"),
        (["run", "{series}", "-f", "{flights}", "--window", "3"], "must be 7 to 112"),
        (["run", "{series}", "-f", "{flights}", "--trigger-percentile", "20"], "trigger.percentile"),
        (["rate", "51"], "--flights FILE or --follow-ups N"),
        (["rate", "0", "--follow-ups", "2"], "must be 1 to 100,000"),
        (["trap", "calm"], "no world 'calm'"),
        (["cells", "{series}", "{series}"], "no column latitude"),
    ],
)
def test_bad_input_is_one_clear_error(files, capsys, arguments, words):
    series, flights = files
    given = [one.format(series=series, flights=flights) for one in arguments]
    assert main(["assess", *given]) == 2
    shown = capsys.readouterr()
    assert words in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_the_trap_is_shown_with_its_label(capsys):
    assert main(["assess", "trap", "hawkes", "--count", "60"]) == 0
    assert "THE SECOND TRAP" in capsys.readouterr().out


def test_the_ledger_gives_series_and_flights(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["ledger", "example", "book"]) == 0
    capsys.readouterr()
    code = main(["assess", "run", "--ledger", "book/ledger.jsonl"])
    shown = capsys.readouterr()
    assert code == 0, shown.err
    assert shown.out.startswith("series unfit")
    assert "p, one-sided" not in shown.out


def test_the_page_in_the_docs_is_the_one_the_program_writes():
    assert (ROOT / "docs" / "assess-trap.html").read_text("utf-8") == render()
    assert "http" not in render().split("<main")[1]
