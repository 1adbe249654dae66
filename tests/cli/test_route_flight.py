"""`longreach route --aircraft`: the document, the words, the picture, and what is refused."""

import itertools
import json

import pytest

from longreach import cli

FLIGHT = ["KJFK", "OEJN", "--aircraft", "787-9", "--payload", "20t", "--depart", "2026-01-15T18:00Z"]


def run(capsys, *arguments):
    code = cli.main(["route", *arguments])
    return code, capsys.readouterr()


def test_the_document(capsys):
    code, said = run(capsys, *FLIGHT, "--closed", "IR,IQ", "--stand-off", "50nm", "--json")
    document = json.loads(said.out)
    assert code == 0 and document["schema"] == "longreach.route/1" and document["status"] == "feasible"
    assert document["lower_bound_nm"] <= document["length_nm"]
    flight = document["trajectory"]
    assert flight["winds"]["source"] == "climatology" and flight["winds"]["sigma_kt"] > 0
    assert flight["duration_sigma_s"] > 300
    rows = flight["track"]["rows"]
    columns = {name: k for k, name in enumerate(flight["track"]["columns"])}
    assert len({len(row) for row in rows} | {len(columns)}) == 1
    assert rows[0][columns["mass_kg"]] - rows[-1][columns["mass_kg"]] == pytest.approx(
        flight["trip_fuel_kg"], abs=0.5
    )
    assert rows[-1][columns["time_s"]] == pytest.approx(flight["duration_s"], abs=0.1)
    assert max(b[0] - a[0] for a, b in itertools.pairwise(rows)) <= 60.01
    passed = {(round(row[columns["lat"]], 5), round(row[columns["lon"]], 5)) for row in rows}
    assert {(round(lat, 5), round(lon, 5)) for lat, lon in document["path"]} <= passed
    assert flight["landing_fuel_kg"] >= flight["reserve_kg"] - 5
    assert flight["still_air"]["wind_costs_s"] < 0 and flight["still_air"]["wind_costs_kg"] < 0
    assert [step["level"] for step in flight["steps"]] == sorted(step["level"] for step in flight["steps"])
    assert all(step["level"] % 20 == 10 for step in flight["steps"])  # eastbound


def test_the_words_and_the_picture(tmp_path, capsys):
    picture = tmp_path / "map.svg"
    code, said = run(capsys, *FLIGHT, "--objective", "time", "--map", str(picture), "--prove")
    assert code == 0
    for word in (
        "quickest",
        "one sigma",
        "in still air",
        "levels",
        "ways compared",
        "second look",
        "reserve",
    ):
        assert word in said.out
    assert 'class="wind"' in picture.read_text() and "wind at FL" in picture.read_text()


def test_a_required_arrival(capsys):
    code, said = run(capsys, *FLIGHT, "--pass-at", "2026-01-16T05:05Z", "--json")
    kept = json.loads(said.out)["trajectory"]["required_time"]
    assert code == 0 and kept["action"] == "slow down"
    assert kept["passed_utc"][:16] in ("2026-01-16T05:04", "2026-01-16T05:05")


def test_no_flight_is_exit_1_with_its_reason(capsys):
    code, said = run(
        capsys,
        "WSSS",
        "KJFK",
        "--aircraft",
        "787-9",
        "--payload",
        "50t",
        "--depart",
        "2026-01-15T18:00Z",
        "--json",
    )
    document = json.loads(said.out)
    assert code == 1 and document["status"] == "infeasible" and document["path"] == []
    assert document["length_nm"] is None and document["shortfalls"][0]["unit"] == "kg"
    code, said = run(capsys, "OIIE", "KJFK", "--closed", "IR", *FLIGHT[2:])
    assert code == 1 and "Iran" in said.out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["KJFK", "EGLL", "--winds", "still"], "needs --aircraft"),
        (["KJFK", "EGLL", "--aircraft", "787-9"], "--depart"),
        ([*FLIGHT, "--objective", "cost"], "--cost-index"),
        ([*FLIGHT, "--objective", "speed"], "time, fuel or cost"),
        ([*FLIGHT, "--cost-index", "30", "--objective", "time"], "goes with --objective cost"),
        ([*FLIGHT, "--winds", "nowhere.pack"], "no such file"),
        ([*FLIGHT, "--level", "FL350"], "does not go with --aircraft"),
        ([*FLIGHT, "--levels", "odd"], "semicircular or block"),
        ([*FLIGHT, "--mach", "84"], "Mach"),
        ([*FLIGHT, "--pass-at", "EGLL=2026-01-16T05:05Z"], "neither a --via place"),
        ([*FLIGHT, "--pass-at", "noon"], "PLACE=TIME"),
        ([*FLIGHT, "--payload", "20"], "unit"),
        ([*FLIGHT[:2], "--aircraft", "787-99", *FLIGHT[4:]], "787"),
    ],
)  # fmt: skip
def test_bad_questions_are_exit_2_and_named(capsys, arguments, word):
    code, said = run(capsys, *arguments)
    assert code == 2 and word in said.err and not said.out
