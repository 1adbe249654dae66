"""`ledger example, read, chains, relate, reconcile, page` and `watch` as their user calls them."""

import json

import pytest

from longreach.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("gulf")
    assert main(["ledger", "example", str(made)]) == 0
    return made


def run(capsys, *arguments):
    code = main([str(each) for each in arguments])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err and "internal error" not in captured.err
    return code, captured.out, captured.err


def test_the_example_tells_its_story(folder, capsys):
    book = folder / "ledger.jsonl"
    code, out, _ = run(capsys, "ledger", "reconcile", "--ledger", book)
    assert code == 0 and "7 agrees, 3 cannot tell" in out
    code, out, _ = run(capsys, "ledger", "relate", "--ledger", book)
    assert code == 0 and "C16 in tension C17" in out and "damaged text" in out
    code, out, _ = run(capsys, "ledger", "chains", "--ledger", book)
    assert code == 0 and "Zero Hedge > New York Times > Pentagon" in out and "flights: 7" in out
    code, out, _ = run(
        capsys, "watch", "--ledger", book, "--list", folder / "watch.toml", "--at", "2020-12-10", "-o", folder
    )
    assert code == 0 and "6 indicators seen and 1 contested, on 3 to 4 independent roots" in out
    assert (folder / "watch.html").read_text("utf-8").startswith("<!doctype html>")
    page = folder / "ledger.html"
    assert run(capsys, "ledger", "page", "--ledger", book, "-o", page, "--at", "2021-03-10")[0] == 0
    assert "42 claims of 16 reports" in page.read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nearly", "90", "attacks"], "85-89"),
        (["on", "Thursday", "--said", "2020-12-10"], "10 Dec 2020"),
        (["third", "in", "six", "weeks", "--said", "2020-12-30"], "from 18 Nov 2020"),
        (["about", "60", "miles"], "102-120 km"),
    ],
)
def test_words_are_read(words, expected, capsys):
    code, out, _ = run(capsys, "ledger", "read", *words)
    assert code == 0 and expected in out


def test_json_is_one_document_with_units_in_its_names(folder, capsys):
    book = folder / "ledger.jsonl"
    code, out, _ = run(capsys, "ledger", "reconcile", "--ledger", book, "--json")
    document = json.loads(out)
    assert code == 0 and sum(each["verdict"] == "agrees" for each in document["tested"]) == 7
    _, out, _ = run(capsys, "ledger", "chains", "F2", "--ledger", book, "--json")
    assert json.loads(out)["roots_at_least"] == 1
    _, out, _ = run(capsys, "ledger", "relate", "I4", "--ledger", book, "--json")
    assert {each["kind"] for each in json.loads(out)["cautions"]} == {"counts differ"}
    _, out, _ = run(capsys, "watch", "--ledger", book, "--at", "2020-12-10", "--json")
    assert json.loads(out)["schema"] == "longreach.watch/1"
    _, out, _ = run(capsys, "ledger", "read", "36-hour", "--json")
    assert json.loads(out)["readings"][0]["lo"] == 35.5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ledger", "read", "gibberish"], "nothing can be read"),
        (["ledger", "read", "on", "Thursday"], "the day it was said"),
        (["ledger", "read", "on", "Thursday", "--said", "soon"], "not a day"),
        (["ledger", "chains", "Z9", "--ledger", "BOOK"], "no claim or event"),
        (["ledger", "relate", "Z9", "--ledger", "BOOK"], "no claim or event"),
        (["ledger", "reconcile", "--complete", "F1", "--ledger", "BOOK"], "no series"),
        (["ledger", "reconcile", "--ledger", "nowhere.jsonl"], "nowhere.jsonl"),
        (["ledger", "example", "FOLDER"], "already there"),
        (["watch", "--ledger", "BOOK", "--at", "tomorrow"], "not a day"),
        (["watch", "--ledger", "BOOK", "--list", "none.toml"], "cannot read"),
        (["watch", "--ledger", "BOOK", "--series", "none.csv"], "cannot read"),
        (["watch", "--ledger", "BOOK", "--column", "x"], "--column"),
        (["watch", "--ledger", "BOOK", "--period", "0"], "--period"),
        (["watch", "--ledger", "BOOK", "--run-length", "1"], "--run-length"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_error(arguments, words, folder, capsys):
    names = {"BOOK": folder / "ledger.jsonl", "FOLDER": folder}
    code, out, err = run(capsys, *(names.get(each, each) for each in arguments))
    assert code == 2 and words in err and out == ""


def test_a_digit_too_good_is_refused_and_a_number_that_disagrees_is_a_no(tmp_path, capsys):
    run(capsys, "ledger", "example", tmp_path)
    book = tmp_path / "ledger.jsonl"
    claim = [
        "ledger",
        "add",
        "claim",
        "--ledger",
        book,
        "--report",
        "R-ZH",
        "--paraphrase",
        "x",
        "--credibility",
        "1",
    ]
    code, _, err = run(capsys, *claim)
    assert code == 2 and "2 at best" in err
    assert run(capsys, *claim, "--override", "seen by us")[0] == 0
    code, _, err = run(
        capsys, "ledger", "correct", "C02", "--ledger", book, "--set", "credibility=1", "--reason", "x"
    )
    assert code == 2 and "2 at best" in err
    code, out, _ = run(capsys, "ledger", "reconcile", "--ledger", book, "--complete", "ROCKETS")
    assert code == 1 and "48 entries are missing" in out


def test_what_was_known_then(folder, capsys):
    book = folder / "ledger.jsonl"
    _, out, _ = run(capsys, "ledger", "reconcile", "--ledger", book, "--as-of", "2020-12-31")
    assert "2 agrees" in out
