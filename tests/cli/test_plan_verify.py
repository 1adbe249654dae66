"""plan and verify through the front door, on a mission small enough to plan in a moment."""

import json
from pathlib import Path

import jsonschema
import pytest

from longreach import cli

ROOT = Path(__file__).parents[2]
SMALL = """schema = "longreach.mission/1"
name = "London to Madrid"
[clock]
anchor = "takeoff"
time = 2024-06-01T08:00:00Z
[[flights]]
id = "a"
aircraft = "787-9"
operator = "GB"
from = "EGLL"
to = "LEMD"
payload = "20 t"
[winds]
source = "still"
"""
CLOSED = SMALL.replace("LEMD", "LFPG") + '[airspace]\nclosed = ["FR"]\n'


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """A folder with the small mission, planned."""
    folder = tmp_path_factory.mktemp("planned")
    (folder / "m.toml").write_text(SMALL)
    assert cli.main(["plan", str(folder / "m.toml"), "-o", str(folder / "out")]) == 0
    return folder


def test_plan_writes_the_plan_and_the_brief(planned):
    assert sorted(path.name for path in (planned / "out").iterdir()) == ["brief.html", "plan.json"]
    document = json.loads((planned / "out" / "plan.json").read_text())
    jsonschema.validate(
        document, json.loads((ROOT / "src/longreach/schemas/plan.schema.json").read_text("utf-8"))
    )
    assert document["status"] == "feasible" and document["mission"]["text"] == SMALL
    assert "London to Madrid" in (planned / "out" / "brief.html").read_text("utf-8")


def test_the_same_input_gives_the_same_bytes_and_other_files_stay(planned, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("my own work")
    (tmp_path / "plan.json").write_text("an older plan")
    assert cli.main(["plan", str(planned / "m.toml"), "-o", str(tmp_path)]) == 0
    assert "London to Madrid" in capsys.readouterr().out
    for name in ("plan.json", "brief.html"):
        assert (tmp_path / name).read_bytes() == (planned / "out" / name).read_bytes()
    assert (tmp_path / "mine.txt").read_text() == "my own work"


def test_json_seed_and_no_brief(planned, tmp_path, capsys):
    arguments = ["plan", str(planned / "m.toml"), "-o", str(tmp_path), "--json", "--seed", "7", "--no-brief"]
    assert cli.main(arguments) == 0
    output = capsys.readouterr().out
    assert output == (tmp_path / "plan.json").read_text("utf-8")
    assert json.loads(output)["seed"] == 7
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_a_closed_destination_is_an_answer(tmp_path, capsys):
    (tmp_path / "m.toml").write_text(CLOSED)
    assert cli.main(["plan", str(tmp_path / "m.toml"), "-o", str(tmp_path)]) == 1
    document = json.loads((tmp_path / "plan.json").read_text())
    assert document["status"] == "infeasible" and "FR" in document["shortfalls"][0]["what"]
    capsys.readouterr()
    assert cli.main(["verify", str(tmp_path)]) == 0  # honest about being infeasible
    assert "infeasible" in capsys.readouterr().out


@pytest.mark.parametrize("path", ["out", "out/plan.json"])
def test_verify_takes_the_file_or_its_folder(planned, path, capsys):
    assert cli.main(["verify", str(planned / path), "--mission", str(planned / "m.toml")]) == 0
    output = capsys.readouterr().out
    assert "the plan says feasible, and that is so" in output and "FAILS" not in output


def test_verify_of_a_plan_with_fuel_added_says_so(planned, tmp_path, capsys):
    document = json.loads((planned / "out" / "plan.json").read_text())
    document["flights"][0]["fuel"]["landing_kg"] += 5000.0
    (tmp_path / "plan.json").write_text(json.dumps(document))
    assert cli.main(["verify", str(tmp_path), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False and report["residuals"]
    assert any(not check["ok"] for check in report["checks"])


def test_verify_with_another_mission_is_no(planned, tmp_path, capsys):
    other = tmp_path / "other.toml"
    other.write_text(SMALL + "# edited\n")
    assert cli.main(["verify", str(planned / "out"), "--mission", str(other)]) == 1
    assert "sha256" in capsys.readouterr().out


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"schema": "other/1"}', b"\xff", b'{"schema":"longreach.plan/1"}']
)
def test_what_is_no_plan_is_bad_input(data, tmp_path, capsys):
    (tmp_path / "plan.json").write_bytes(data)
    assert cli.main(["verify", str(tmp_path)]) == 2
    output = capsys.readouterr()
    assert not output.out and "Traceback" not in output.err


@pytest.mark.parametrize("data", [None, b"\xff\xfe", b"x" * 1_100_000])
def test_a_mission_that_cannot_be_compared_is_bad_input(planned, data, tmp_path, capsys):
    path = tmp_path / "m.toml"
    if data is not None:
        path.write_bytes(data)
    assert cli.main(["verify", str(planned / "out"), "--mission", str(path)]) == 2
    assert str(path) in capsys.readouterr().err
