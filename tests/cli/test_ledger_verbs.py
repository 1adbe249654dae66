"""`longreach ledger ...` from the command line: what is printed, exit codes, three bad inputs for each."""

from __future__ import annotations

import json

import pytest

from longreach.cli import main


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("LONGREACH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LONGREACH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("LONGREACH_AUTHOR", "ana")
    monkeypatch.delenv("LONGREACH_LEDGER", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capsys):
    def call(*arguments):
        code = main(["ledger", *map(str, arguments)])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return call


@pytest.fixture
def begun(run):
    assert run("init", "Gulf")[0] == 0
    flags = [
        "--title",
        "Rockets on the embassy",
        "--date",
        "20 December 2020",
        "--source",
        "Malay Mail",
        "--count-lo",
        "8",
    ]
    assert (
        run(
            "add",
            "incident",
            *flags,
            "--unit",
            "rockets",
            "--lat",
            "33.3",
            "--lon",
            "44.4",
            "--place",
            "Green Zone",
        )[0]
        == 0
    )
    return run


def test_what_is_added_is_shown_and_listed(begun):
    code, out, _ = begun("show")
    assert code == 0 and "Gulf" in out and "1 incident" in out
    code, out, _ = begun("list", "incidents")
    assert code == 0 and "at least 8 rockets" in out and "2020-12-20" in out
    code, out, _ = begun("show", "incident-2020-12-20")
    assert code == 0 and "Green Zone, 33.3000 44.4000" in out
    code, out, _ = begun("list", "count", "--json")
    assert json.loads(out)["records"][0]["lo"] == 8
    assert begun("list", "assessment")[0] == 1


def test_a_record_corrected_dropped_and_seen_as_of_then(begun):
    code, out, _ = begun("correct", "incident-2020-12-20.n", "--set", "hi=21", "--reason", "a second report")
    assert code == 0 and "incident-2020-12-20.n~2" in out
    assert "8 to 21 rockets" in begun("list", "incident")[1]
    assert begun("drop", "incident-2020-12-20.p", "--reason", "not said")[0] == 0
    assert begun("list", "place")[0] == 1
    code, out, _ = begun("as-of", "line:10", "-o", "then.jsonl", "--json")
    assert code == 0 and json.loads(out)["records"]["place"] == 1
    again = begun("as-of", "line:10", "--json")[1]
    assert json.loads(again)["state_sha256"] == json.loads(out)["state_sha256"]


def test_verify_and_repair_tell_where_the_byte_is(begun, tmp_path):
    assert begun("verify")[0] == 0
    path = tmp_path / "ledger.jsonl"
    good = path.read_bytes()
    at = good.index(b"Malay")
    path.write_bytes(good[:at] + b"m" + good[at + 1 :])
    code, out, _ = begun("verify")
    assert code == 1 and f"byte {at}: b'm' should be b'M'" in out and "line 2" in out
    code, out, _ = begun("verify", "--json")
    assert json.loads(out)["damage"][0]["edit"]["byte"] == at
    code, _, err = begun("add", "source", "--name", "x")
    assert code == 2 and "changed after it was written" in err
    assert begun("show")[0] == 0
    assert begun("repair")[0] == 0 and path.read_bytes() == good


def test_an_import_by_mapping_its_profile_and_undo(begun, tmp_path):
    (tmp_path / "t.csv").write_text("Datum,Was\n2020-12-01,a\n2020-13-01,b\n")
    code, out, _ = begun(
        "import", "t.csv", "--map", "date=Datum", "--map", "title=Was", "--save-profile", "desk"
    )
    assert code == 2 and "1 taken" in out and "row 2 (line 3)" in out
    assert (tmp_path / "ledger.aside-t.csv").is_file()
    assert "desk" in begun("profiles")[1] and 'date = "Datum"' in begun("profiles", "show", "desk")[1]
    code, out, _ = begun("import", "t.csv", "--profile", "desk", "--json")
    assert json.loads(out)["unchanged"] == 1 and json.loads(out)["bad_rows"][0]["row"] == 2
    assert begun("undo", "desk-1")[0] == 0
    assert json.loads(begun("list", "incident", "--json")[1])["found"] == 1
    assert begun("profiles", "remove", "desk")[0] == 0


@pytest.mark.parametrize("format", ["jsonl", "csv", "geojson", "claimreview", "report"])
def test_every_export_is_written(begun, tmp_path, format):
    code, out, _ = begun("export", format, "-o", f"out.{format}")
    assert (
        code == 0 and (tmp_path / f"out.{format}").exists() and "left out" in out
    ) or "had to stay out" in out


def test_questions_at_a_terminal(begun, monkeypatch):
    answers = iter(["a b", "ok", "Army", "soldiers", "military", "", "yes"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda *a, **k: next(answers, ""))
    code, out, err = begun("add", "entity")
    assert code == 0 and "entity ok" in out
    assert "is 'a b'" in err and "it can be agency" in err
    assert '"party":true' in begun("show", "ok", "--json")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "nothing"], "no record 'nothing'"), (["list", "wars"], "no record of kind"),
        (["as-of", "yesterday"], "not a date"),
        (["import", "missing.csv"], "No such file"), (["import", "missing.csv", "--layout", "xls"], "--layout"),
        (["export", "pdf"], "no format"), (["export", "csv"], "say which folder"), (["undo", "x-1"], "no import"),
        (["drop", "nothing", "--reason", "x"], "no record"),
        (["add", "claim", "--report", "R", "--text", "x"], "holds no such record"),
        (["add", "incident", "--title", "x"], "incident.date: is missing"),
        (["correct", "NYT", "--set", "a=b", "--reason", "x"], "NYT"),
        (["imprt"], "did you mean import"), (["profiles", "show", "x"], "no profile"),
        (["show", "--ledger", "no.jsonl"], "ledger init"),
        (["init"], "there already"), (["add", "--form", "no.toml"], "No such file"),
        (["duplicates", "--batch", "x"], "no import"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_error(begun, arguments, said):
    code, _, err = begun(*arguments)
    assert code == 2 and said in err, err
