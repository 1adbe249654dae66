"""`longreach route --aircraft`: the document, the words, the picture, and what is refused."""

import copy
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
    code, said = run(capsys, *FLIGHT, "--objective", "time", "--map", str(picture))
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


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A flight's document as `-o` keeps it."""
    file = tmp_path_factory.mktemp("route") / "flight.json"
    line = ["--closed", "IR,IQ", "--stand-off", "50nm", "--pass-at", "2026-01-16T05:05Z", "-o", str(file)]
    assert cli.main(["route", *FLIGHT, *line]) == 0
    return json.loads(file.read_bytes())


def verified(tmp_path, capsys, document):
    file = tmp_path / "flight.json"
    file.write_text(json.dumps(document))
    capsys.readouterr()
    code = cli.main(["verify", str(file), "--json"])
    said = capsys.readouterr()
    failed = [one["id"] for one in json.loads(said.out)["checks"] if not one["ok"]] if said.out else []
    return code, failed, said.err


def test_a_kept_flight_verifies(tmp_path, capsys, kept):
    assert verified(tmp_path, capsys, kept) == (0, [], "")


def column(document, name):
    return document["trajectory"]["track"]["columns"].index(name)


def heavier(document):
    for row in document["trajectory"]["track"]["rows"][300:]:
        for name in ("mass_kg", "fuel_kg"):
            row[column(document, name)] += 200.0


def late(document):
    for row in document["trajectory"]["track"]["rows"][200:]:
        row[0] += 30.0


def off_line(document):
    document["path"][40][0] += 0.1


@pytest.mark.parametrize(
    ("bend", "check"),
    [
        (lambda d: d.update(length_nm=d["length_nm"] - 1.0), "path.length"),
        (lambda d: d.update(lower_bound_nm=d["length_nm"] + 1.0), "path.length"),
        (lambda d: d["asked"]["places"][1].update(lat=22.0), "path.ends"),
        (lambda d: d["asked"].update(closed=["IR", "IQ", "FR"]), "airspace.stated"),
        (lambda d: d["asked"].update(closed=["IR", "IQ", "GB"], stand_off_nm=400.0), "airspace.GB"),
        (lambda d: d["closest"][0].update(nm=900.0), "airspace.stated"),
        (off_line, "flight.rows"),
        (lambda d: d["trajectory"]["track"]["rows"][100].__setitem__(8, 60.0), "flight.wind"),
        (late, "flight.sums"),
        (heavier, "flight.sums"),
        (lambda d: d["trajectory"]["asked"].update(final_reserve_s=7200.0), "flight.limits"),
        (lambda d: d["trajectory"]["asked"].update(payload_kg=25_000.0), "flight.asked"),
        (lambda d: d["trajectory"]["asked"].update(mach=0.7), "flight.asked"),
        (lambda d: d["trajectory"]["asked"]["required_time"].update(utc="2026-01-16T05:30:00Z"), "flight.asked"),
        (lambda d: d["trajectory"].update(trip_fuel_kg=40_000.0), "flight.stated"),
        (lambda d: d["trajectory"].update(arrival_utc="2026-01-16T04:05:00Z"), "flight.stated"),
    ],
)  # fmt: skip
def test_a_bent_figure_does_not_verify(tmp_path, capsys, kept, bend, check):
    document = copy.deepcopy(kept)
    bend(document)
    code, failed, _ = verified(tmp_path, capsys, document)
    assert code == 1 and check in failed


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda d: d.pop("asked"), "does not carry"),
        (lambda d: d["trajectory"].pop("asked"), "trajectory.asked"),
        (lambda d: d["asked"]["airspace"].update(sha256="0"), "installed is"),
        (lambda d: d["trajectory"]["winds"].update(sha256="0"), "those at hand"),
        (lambda d: d["trajectory"]["winds"].update(source="file", file="gone.pack"), "--winds PACK"),
        (lambda d: d["trajectory"]["track"]["rows"][3].__setitem__(1, "north"), "track.rows.3.1"),
        (lambda d: d.update(schema="longreach.route/2"), "longreach.route/2"),
        (lambda d: d["trajectory"]["asked"]["aircraft"]["figures"].clear(), "trajectory.asked.aircraft"),
    ],
)
def test_what_cannot_be_judged_is_exit_2(tmp_path, capsys, kept, spoil, word):
    document = copy.deepcopy(kept)
    spoil(document)
    code, _, said = verified(tmp_path, capsys, document)
    assert code == 2 and word in said


def test_a_kept_route_without_a_flight(tmp_path, capsys):
    file = tmp_path / "route.json"
    code, said = run(
        capsys,
        "KBAD",
        "26.5,51.5",
        "--via",
        "LFPG",
        "--closed",
        "IR",
        "--stand-off",
        "25nm",
        "-o",
        str(file),
        "--json",
    )
    assert code == 0 and json.loads(said.out) == json.loads(file.read_bytes())
    assert verified(tmp_path, capsys, json.loads(file.read_bytes())) == (0, [], "")
    code, said = run(capsys, "KBAD", "OIIE", "--closed", "IR", "-o", str(file))
    assert code == 1
    assert verified(tmp_path, capsys, json.loads(file.read_bytes())) == (0, [], "")


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
