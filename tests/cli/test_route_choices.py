"""`longreach route` with choices, prices, times and matrices, through the front door."""

import csv
import io
import json

import pytest

from longreach import cli

WALL = [[-3, -20], [3, -20], [3, 20], [-3, 20], [-3, -20]]
A, B = "0,-10", "1,10"


@pytest.fixture(autouse=True)
def private_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("LONGREACH_CACHE", str(tmp_path_factory.mktemp("cache")))


def run(capsys, *arguments):
    code = cli.main(["route", *arguments])
    return code, capsys.readouterr()


def write(path, *features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return str(path)


def wall(**properties):
    return {
        "type": "Feature",
        "id": "wall",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [WALL]},
    }


def test_alternatives(tmp_path, capsys):
    file = write(tmp_path / "wall.geojson", wall())
    code, out = run(capsys, A, B, "--closures", file, "--alternatives", "3")
    assert code == 0 and "choices" in out.out and "leaves wall on the left" in out.out
    assert "no other within" in out.out
    code, out = run(capsys, A, B, "--closures", file, "--alternatives", "3", "--json")
    document = json.loads(out.out)
    (other,) = document["alternatives"]
    assert other["length_nm"] == pytest.approx(document["length_nm"] + other["extra_nm"], abs=1e-5)
    assert other["between"] == [{"id": "wall", "name": "wall", "hand": "left", "share": 1.0}]
    assert other["path"][0] == [0, -10] and other["path"][-1] == [1, 10]
    assert document["alternatives_complete"] is True and other["closest"][0]["id"] == "wall"


def test_prices(tmp_path, capsys):
    file = write(tmp_path / "wall.geojson", wall())
    code, out = run(capsys, A, B, "--closures", file, "--prices")
    assert code == 0 and "what each closure costs" in out.out and "what the stand-off costs" in out.out
    code, out = run(capsys, A, B, "--closures", file, "--prices", "--json")
    document = json.loads(out.out)
    (price,) = document["prices"]["closures"]
    assert price["price_nm"] == pytest.approx(document["length_nm"] - document["great_circle_nm"], abs=1e-4)
    assert price["least_nm"] <= price["price_nm"] <= price["most_nm"] and not price["opens_the_way"]
    lengths = [row["length_nm"] for row in document["prices"]["stand_off"]]
    assert lengths == sorted(lengths) and document["prices"]["largest_stand_off_nm"] > 100


def test_any_order(capsys):
    stops = ["--via", "0,30", "--via", "0,10", "--via", "0,20"]
    code, out = run(capsys, "0,0", "0,40", *stops, "--any-order", "--json")
    document = json.loads(out.out)
    assert code == 0 and document["order"] == ["0,0", "0,10", "0,20", "0,30", "0,40"]
    assert document["length_nm"] == pytest.approx(document["great_circle_nm"], rel=1e-9)
    code, out = run(capsys, "0,0", "0,40", *stops, "--any-order")
    assert out.out.startswith("0,0 to 0,10 to 0,20 to 0,30 to 0,40: lawful")


def test_levels_times_and_corridors(tmp_path, capsys):
    window = [["2020-12-10T12:00:00Z", "2020-12-10T13:00:00Z"]]
    file = write(tmp_path / "wall.geojson", wall(ceiling={"value": 300, "ref": "FL"}, valid=window))
    code, out = run(capsys, A, B, "--closures", file, "--json")
    shut = json.loads(out.out)["length_nm"]
    assert code == 0 and "without --at held to be closed at all times: wall" in out.err
    code, out = run(capsys, A, B, "--closures", file, "--level", "FL350", "--json")
    above = json.loads(out.out)
    assert above["length_nm"] == above["great_circle_nm"] and "not in force at that level: wall" in out.err
    flown = ["--closures", file, "--speed", "450kt", "--json", "--at"]
    code, out = run(capsys, A, B, *flown, "2020-12-10T11:30Z")
    document = json.loads(out.out)
    assert document["length_nm"] == pytest.approx(shut, rel=1e-6) and document["timed"]["added"] == ["wall"]
    assert document["timed"]["departure_utc"] == "2020-12-10T11:30:00Z"
    code, out = run(capsys, A, B, *flown, "2020-12-10T13:00+01:00")
    document = json.loads(out.out)
    assert document["timed"]["added"] == ["wall"]  # 12:00 UTC: at the wall before one
    code, out = run(capsys, A, B, *flown, "2020-12-10T12:30Z")
    document = json.loads(out.out)
    (crossed,) = document["timed"]["crossed"]
    assert document["length_nm"] == document["great_circle_nm"] and crossed["id"] == "wall"
    assert crossed["enter_utc"] > "2020-12-10T13:00:00Z"
    geometry = {"type": "LineString", "coordinates": [[-5, 4], [5, 4]]}
    way = {"type": "Feature", "id": "way", "properties": {"radius_nm": 30}, "geometry": geometry}
    permit = write(tmp_path / "way.geojson", way)
    code, out = run(capsys, A, B, "--closures", file, "--permit", permit, "--json")
    assert code == 0 and json.loads(out.out)["length_nm"] < 0.6 * shut


def test_fees(tmp_path, capsys):
    file = write(tmp_path / "wall.geojson", wall())
    code, out = run(capsys, A, B, "--closures", file, "--fee", "wall=50nm", "--fee", "wall=10%", "--json")
    document = json.loads(out.out)
    (fee,) = document["fees"]
    assert code == 0 and document["length_nm"] == document["great_circle_nm"] and not document["closest"]
    assert fee["leave_nm"] == 50 and fee["share_nm"] == pytest.approx(0.1 * fee["inside_nm"], abs=1e-3)
    assert document["cost_nm"] == pytest.approx(document["length_nm"] + 50 + fee["share_nm"], abs=2e-3)
    code, out = run(capsys, A, B, "--closures", file, "--fee", "wall=9000nm")
    assert code == 0 and "no leave is worth its fee" in out.out
    code, out = run(capsys, A, B, "--closures", file, "--fee", "wall=9", "--fee", "50nm", "--fee", "wall=x%")
    assert code == 2 and out.err.count("--fee") == 3
    code, out = run(capsys, A, B, "--closures", file, "--fee", "RU=9nm")
    assert code == 2 and "RU, which is not closed" in out.err


def test_a_matrix_as_csv_and_json(tmp_path, capsys):
    file = tmp_path / "places.csv"
    file.write_text('place\n"0,-10"\n1,10\nXXXX\n"5,0"\n')
    closures = write(tmp_path / "wall.geojson", wall())
    code, out = run(capsys, "--matrix", str(file), "--closures", closures)
    assert (
        code == 2 and "row 3" in out.err and "XXXX" in out.err and "inside closed airspace of wall" in out.err
    )
    head, *rows = list(csv.reader(io.StringIO(out.out)))
    assert head == ["nm", "0,-10", "1,10", "5,0"] and [row[0] for row in rows] == head[1:]
    assert rows[0][2] == rows[1][1] and rows[0][3] == "" and float(rows[0][1]) == 0.0
    code, out = run(capsys, "--matrix", str(file), "--closures", closures, "--json")
    document = json.loads(out.out)
    assert document["schema"] == "longreach.matrix/1" and document["bad"][0]["row"] == 3
    code, out = run(capsys, A, B, "--closures", closures, "--json")
    assert document["length_nm"][0][1] == pytest.approx(json.loads(out.out)["length_nm"], rel=1e-6)
    assert document["length_nm"][2] == [None, None, None] and document["shut"][0]["place"] == "5,0"


def test_every_fault_of_the_command_line_is_told_at_once(tmp_path, capsys):
    code, out = run(
        capsys, A, B, "--via", "0,0", "--alternatives", "99", "--prices", "--at", "2020-12-10", "--level", "high"
    )  # fmt: skip
    assert code == 2
    for said in (
        "1 to 20",
        "is for a route without --via",
        "needs --speed",
        "not a time with a zone",
        "not a level",
    ):
        assert said in out.err
    code, out = run(capsys, A, B, "--any-order", "--matrix", str(tmp_path / "no.csv"))
    assert code == 2 and "no --via places" in out.err and "from the file" in out.err
    code, out = run(capsys, "--matrix", str(tmp_path / "no.csv"))
    assert code == 2 and "cannot read" in out.err
    (tmp_path / "empty.csv").write_text("place\n")
    code, out = run(capsys, "--matrix", str(tmp_path / "empty.csv"))
    assert code == 2 and "holds no places" in out.err


def test_no_way_with_times_is_exit_one(tmp_path, capsys):
    window = [["2020-12-10T10:00:00Z", "2020-12-10T14:00:00Z"]]
    file = write(tmp_path / "wall.geojson", wall(valid=window))
    code, out = run(capsys, "0,0", B, "--closures", file, "--at", "2020-12-10T11:00Z", "--speed", "450kt")
    assert code == 1 and "no lawful route" in out.out and "at another time there may be a way" in out.out
