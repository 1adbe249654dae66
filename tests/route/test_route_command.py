"""`longreach route`: the JSON of the contract, batches, exit codes, and words for people."""

import csv
import json

import pytest

from longreach.cli import main


def run(capsys, *arguments):
    code = main(["route", *map(str, arguments)])
    out = capsys.readouterr()
    return code, out.out, out.err


@pytest.fixture
def disc(tmp_path):
    """A circle of 200 nm on the equator at 10 E, as a user's closure."""
    feature = {
        "type": "Feature",
        "id": "disc",
        "properties": {"radius_nm": 200},
        "geometry": {"type": "Point", "coordinates": [10.0, 0.0]},
    }
    file = tmp_path / "disc.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return file


def test_json_holds_what_the_contract_says(capsys, disc):
    code, out, _ = run(capsys, "0,0", "0,20", "--closures", disc, "--stand-off", "10nm", "--json")
    answer = json.loads(out)
    assert code == 0 and answer["schema"] == "longreach.route/1" and answer["status"] == "feasible"
    assert answer["great_circle_nm"] <= answer["lower_bound_nm"] <= answer["length_nm"]
    assert answer["gap_ppm"] <= 200 and answer["shortfalls"] == []
    assert answer["path"][0] == [0.0, 0.0] and answer["path"][-1] == [0.0, 20.0]
    (closest,) = answer["closest"]
    assert closest["id"] == "disc" and 10.0 <= closest["nm"] < 10.2
    assert answer["prepare_ms"] > 0 and answer["elapsed_ms"] > 0


def test_same_question_same_path(capsys, disc):
    answers = [json.loads(run(capsys, "0,0", "0,20", "--closures", disc, "--json")[1]) for _ in range(2)]
    for answer in answers:
        del answer["prepare_ms"], answer["elapsed_ms"]
    assert answers[0] == answers[1]


def test_a_closed_end_is_a_result(capsys, disc):
    code, out, _ = run(capsys, "0,10", "0,20", "--closures", disc, "--json")
    answer = json.loads(out)
    assert code == 1 and answer["status"] == "infeasible"
    assert answer["length_nm"] is None and answer["path"] == [] and answer["gap_ppm"] is None
    (shortfall,) = answer["shortfalls"]
    assert "origin" in shortfall["what"] and shortfall["unit"] == "nm" and shortfall["by"] == 200.0


def test_southern_places_are_not_options(capsys):
    code, out, _ = run(capsys, "-33.9,151.2", "51.5,-0.46")
    assert code == 0 and "great circle" in out and "9,185.6 nm" in out


def test_words_for_people(capsys, disc):
    code, out, _err = run(capsys, "0,0", "0,20", "--closures", disc, "--via", "5,10")
    assert code == 0 and "detour" in out and "no shorter than" in out and "disc" in out
    code, out, _ = run(capsys, "0,10", "0,20", "--closures", disc)
    assert code == 1 and "no lawful route" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["0,0"], "TO missing"),
        (["0,0", "XXXQ"], "XXXQ"),
        (["0,0", "0,5", "--stand-off", "50"], "no unit"),
        (["0,0", "0,5", "--closed", "QQ"], "QQ"),
        (["0,0", "95,5"], "latitude"),
        (["0,0", "0,5", "--belt", "round"], "belt"),
        (["0,0", "0,5", "--closures", "nowhere.geojson"], "nowhere.geojson"),
        (["0,0", "0,5", "--map", "route.png"], ".svg"),
        (["0,0", "--batch", "x.csv"], "batch"),
        (["--batch", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_bad_input_is_one_clear_error(capsys, arguments, words):
    code, out, err = run(capsys, *arguments)
    assert code == 2 and out == "" and words in err and "Traceback" not in err


def test_every_fault_at_once(capsys):
    code, _, err = run(capsys, "XXXQ", "95,5", "--closed", "QQ", "--stand-off", "5")
    assert code == 2 and all(word in err for word in ("XXXQ", "latitude", "no unit"))


def test_a_batch_answers_in_order_and_goes_on_after_a_bad_row(capsys, disc, tmp_path):
    rows = [["0,0", "0,20"], ["0,10", "0,20"], ["nowhere", "0,20"], ["KJFK", "EGLL"]]
    file = tmp_path / "pairs.csv"
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows([["from", "to"], *rows])
    code, out, err = run(capsys, "--batch", file, "--closures", disc)
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 2 and [answer["row"] for answer in answers] == [1, 2, 3, 4]
    assert [answer["status"] for answer in answers] == ["feasible", "infeasible", "error", "feasible"]
    assert [[answer["from"], answer["to"]] for answer in answers] == rows
    assert "nowhere" in answers[2]["error"] and "4 rows" in err
    single = json.loads(run(capsys, "0,0", "0,20", "--closures", disc, "--json")[1])
    assert single["path"] == answers[0]["path"] and single["length_nm"] == answers[0]["length_nm"]
    file.write_text('"0,0","0,20"\n"0,10","0,20"\n')
    assert run(capsys, "--batch", file, "--closures", disc)[0] == 1
    file.write_text("0,0,0,20\n")
    code, out, _ = run(capsys, "--batch", file, "--closures", disc)
    assert code == 2 and "quotes" in json.loads(out)["error"]
    file.write_text("from,to\n")
    assert run(capsys, "--batch", file)[0] == 2


def test_a_map_is_drawn(capsys, disc, tmp_path):
    for name in ("route.svg", "route.html"):
        code, out, _ = run(capsys, "0,0", "0,20", "--closures", disc, "--map", tmp_path / name)
        assert code == 0 and f"wrote {tmp_path / name}" in out
        assert "<svg" in (tmp_path / name).read_text()


def test_a_precision_asked_for_narrows_the_proof(capsys, disc):
    """Round a disc half of every route is an arc: its gap is the grain's, and the grain follows the precision."""
    ends = ("0.5,5.9", "-0.5,14.1", "--closures", disc, "--json")
    plain = json.loads(run(capsys, *ends)[1])
    code, out, err = run(capsys, *ends, "--precision", "20 ppm")
    fine = json.loads(out)
    assert code == 0 and not err
    assert 20 < plain["gap_ppm"] <= 180 and fine["gap_ppm"] <= 20
    assert plain["lower_bound_nm"] <= fine["lower_bound_nm"] <= fine["length_nm"] <= plain["length_nm"]


@pytest.mark.parametrize("text", ["4ppm", "200ppm", "50%", "fine", "nan"])
def test_a_precision_that_is_none_is_refused(capsys, text):
    code, out, err = run(capsys, "KJFK", "EGLL", "--precision", text)
    assert code == 2 and not out
    assert "--precision" in err and "5ppm to 180ppm" in err
