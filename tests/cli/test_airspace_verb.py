"""longreach airspace list and show, through the front door."""

import json

import pytest

from longreach import cli


def run(capsys, *arguments):
    code = cli.main(list(arguments))
    seen = capsys.readouterr()
    return code, seen.out, seen.err


def test_list_finds_by_code_and_name(capsys):
    code, out, _ = run(capsys, "airspace", "list", "tunb")
    assert code == 0
    assert "Greater Tunb" in out and "Lesser Tunb" in out and "2 States and areas" in out
    code, out, _ = run(capsys, "airspace", "list", "--json")
    document = json.loads(out)
    assert code == 0 and document["schema"] == "longreach.airspace_list/1"
    codes = [state["code"] for state in document["states"]]
    assert "IR" in codes and "AQ" in codes and codes == sorted(codes)


def test_show_says_what_iran_is(capsys):
    code, out, _ = run(capsys, "airspace", "show", "iran", "--stand-off", "50nm")
    assert code == 0
    assert "IR IRN 364" in out and "closed to 50 nm" in out and "disputed" in out
    assert "Natural Earth 4.1.0, de facto" in out


def test_show_as_json(capsys):
    code, out, _ = run(capsys, "airspace", "show", "LS", "--json", "--belt", "plain", "--atlas", "plain")
    document = json.loads(out)
    assert code == 0 and document["schema"] == "longreach.airspace/1"
    assert document["neighbours"] == ["ZA"] and document["airspace_nm2"] is None
    assert document["land_nm2"] == pytest.approx(8850, rel=0.02)
    assert document["borders"] == "borders: Natural Earth 4.1.0, de facto"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "Iraqq"], "IQ (Iraq)"),
        (["show", "IR", "--stand-off", "50"], "no unit"),
        (["show", "IR", "--territorial-sea", "24 nm"], "--belt plain"),
        (["show", "IR", "--belt", "wide"], "nearest"),
        (["show", "ALL"], "one"),
    ],
)
def test_bad_input_is_one_clear_error(arguments, says, capsys):
    code, out, err = run(capsys, "airspace", *arguments)
    assert code == 2 and not out
    assert says in err and "Traceback" not in err


@pytest.mark.parametrize("name", ["closed.svg", "closed.html"])
def test_show_draws_what_is_closed(capsys, tmp_path, name):
    file = tmp_path / name
    code, out, _ = run(capsys, "airspace", "show", "QA", "--stand-off", "10nm", "--map", str(file))
    page = file.read_text()
    assert code == 0 and "Qatar" in out
    assert "Airspace of Qatar, 10 nm kept from it" in page and "limit of the stand-off" in page
    assert "Borders: Natural Earth 4.1.0, de facto" in page and 'class="limit"' in page


def test_a_map_is_a_map(capsys, tmp_path):
    code, out, err = run(capsys, "airspace", "show", "QA", "--map", str(tmp_path / "closed.png"))
    assert code == 2 and not out and ".svg or .html" in err and not list(tmp_path.iterdir())
