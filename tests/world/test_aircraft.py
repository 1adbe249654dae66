"""The aircraft catalogue: every figure sourced, names resolved, documents read back."""

from __future__ import annotations

import copy
import json
import tomllib
from importlib import resources

import pytest

from longreach.errors import FuelError, InputError
from longreach.units import POUND
from longreach.world import aircraft


def test_the_types_that_must_be_there() -> None:
    codes = {a.code for a in aircraft.catalogue()}
    wanted = {
        "B-52H", "B-52G", "B-2A", "B-1B", "C-17A", "KC-135R", "KC-10A", "KC-46A", "A330 MRTT", "F-15SA", "F-15E",
        "F-16C", "Mirage 2000-5", "Rafale", "Typhoon", "787-9", "747-400", "A350-900",
    }  # fmt: skip
    assert wanted <= codes


@pytest.mark.parametrize("entry", aircraft.catalogue(), ids=lambda a: a.code)
def test_every_figure_has_a_source_and_a_trust_mark(entry: aircraft.Aircraft) -> None:
    assert all(f.source and f.trust in aircraft.TRUST for f in entry.figures)
    if entry.judged:
        assert entry.band_pct >= 2.0 and entry.band_reason and entry.factor_reason
        assert entry.figures
    else:
        assert entry.reason


@pytest.mark.parametrize("entry", aircraft.catalogue(), ids=lambda a: a.code)
def test_the_document_reads_back_the_same(entry: aircraft.Aircraft) -> None:
    document = json.loads(json.dumps(entry.document(), allow_nan=False))
    again = aircraft.from_document(document)
    assert again.document() == entry.document()
    if entry.judged:
        for name in aircraft.Aircraft.__slots__:
            assert getattr(again, name) == getattr(entry, name), name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("B52H", "B-52H"), ("b-52", "B-52H"), ("KC135R", "KC-135R"), ("kc-135r", "KC-135R"), ("A332MRTT", "A330 MRTT"),
        ("a330 mrtt", "A330 MRTT"), ("mirage 2000-5", "Mirage 2000-5"), ("B789", "787-9"), ("B744", "747-400"),
        ("eurofighter", "Typhoon"),
    ],
)  # fmt: skip
def test_aliases(name: str, code: str) -> None:
    assert aircraft.load(name).code == code


def test_unknown_type_says_what_was_meant() -> None:
    with pytest.raises(InputError, match="did you mean B-52H"):
        aircraft.load("B-52HH")
    with pytest.raises(InputError, match="aircraft list"):
        aircraft.load("Zeppelin")


def test_units_become_si_once() -> None:
    b52 = aircraft.load("B-52H")
    assert b52.operating_empty_mass_kg == pytest.approx(185000 * POUND)
    assert b52.max_takeoff_mass_kg == pytest.approx(221353.1, abs=0.1)
    assert b52.wing_area_m2 == pytest.approx(371.61, abs=0.01)
    assert b52.thrust_sea_level == pytest.approx(604958.1, rel=1e-6)  # 136,000 lbf
    assert b52.tsfc_ref == pytest.approx(2.2661e-5, rel=1e-4)  # 0.80 lb/lbf/h in kg/(N s)
    assert b52.induced == pytest.approx(0.04377, abs=1e-5)  # 1/(pi 0.85 185^2/4000)
    assert b52.refuelling.receive_rate == pytest.approx(5900 * POUND / 60)


def test_not_judged_has_no_fuel() -> None:
    from longreach.fuel.performance import fuel_flow

    with pytest.raises(FuelError, match="not judged: no data"):
        fuel_flow(aircraft.load("E-3"), 150000.0, 9000.0)


def test_boom_and_probe_do_not_mix() -> None:
    gear = {
        code: aircraft.load(code).refuelling for code in ("KC-135R", "A330 MRTT", "F-15SA", "Rafale", "787-9")
    }
    assert gear["KC-135R"].can_refuel(gear["F-15SA"])
    assert not gear["KC-135R"].can_refuel(gear["Rafale"])
    assert gear["A330 MRTT"].can_refuel(gear["Rafale"]) and gear["A330 MRTT"].can_refuel(gear["F-15SA"])
    assert not gear["A330 MRTT"].can_refuel(gear["787-9"])
    assert not gear["F-15SA"].can_refuel(gear["KC-135R"])


def _file() -> dict:
    text = (resources.files("longreach.world") / "data/aircraft/b-52h.toml").read_text("utf-8")
    return tomllib.loads(text)


def test_all_faults_of_a_document_at_once() -> None:
    bad = copy.deepcopy(_file())
    bad["kind"] = "rocket"
    del bad["judged"]
    bad["receives"] = "hose"
    bad["figures"]["span_ft"]["value"] = "wide"
    bad["figures"]["wing_area_ft2"]["value"] = -4.0
    bad["figures"]["oswald"]["trust"] = "surely"
    bad["figures"]["ceiling_ft"]["source"] = ""
    bad["figures"]["celing_ft"] = {"value": 1, "trust": "found", "source": "x"}
    with pytest.raises(InputError) as caught:
        aircraft.from_document(bad, file="bad.toml")
    keys = {fault.key for fault in caught.value.faults}
    assert {
        "kind", "judged", "receives", "figures.span_ft", "figures.wing_area_ft2", "figures.oswald",
        "figures.ceiling_ft", "figures.celing_ft",
    } <= keys  # fmt: skip
    assert all(fault.file == "bad.toml" for fault in caught.value.faults)


def test_missing_figures_and_impossible_masses_are_named() -> None:
    bad = copy.deepcopy(_file())
    del bad["figures"]["span_ft"]
    with pytest.raises(InputError, match="span is missing"):
        aircraft.from_document(bad)
    bad = copy.deepcopy(_file())
    bad["figures"]["max_takeoff_mass_lb"]["value"] = 100000
    with pytest.raises(InputError, match="masses must rise"):
        aircraft.from_document(bad)
    bad = copy.deepcopy(_file())
    bad["figures"]["span_m"] = {"value": 56.4, "trust": "found", "source": "x"}
    with pytest.raises(InputError, match="given twice"):
        aircraft.from_document(bad)


def test_the_command_line_lists_and_shows(capsys: pytest.CaptureFixture[str]) -> None:
    from longreach import cli

    assert cli.main(["aircraft", "list"]) == 0
    listed = capsys.readouterr().out
    assert all(a.code in listed for a in aircraft.catalogue()) and "Not judged: no data" in listed
    assert cli.main(["aircraft", "show", "b52h"]) == 0
    shown = capsys.readouterr().out
    assert "488000" in shown and "found" in shown and "boeing.com" in shown and "fitted on" in shown
    assert cli.main(["aircraft", "show", "E-3"]) == 0
    assert "not judged: no data" in capsys.readouterr().out
    assert cli.main(["aircraft", "show", "B-25"]) == 2


def test_the_command_line_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    from longreach import cli

    assert cli.main(["aircraft", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["aircraft"]
    assert {row["code"] for row in rows} == {a.code for a in aircraft.catalogue()}
    for code in ("KC-135R", "F-15SA", "E-3"):
        assert cli.main(["aircraft", "show", code, "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert aircraft.from_document(document).document() == aircraft.load(code).document()
        burns = [row["burn_kg_per_h"] for row in document["cruise"]]
        assert burns == sorted(burns, reverse=True)


def test_a_hose_gives_less_than_a_boom() -> None:
    gear = {
        code: aircraft.load(code).refuelling
        for code in ("KC-46A", "Rafale", "B-52H", "Victor K.2", "Vulcan B.2")
    }
    assert gear["KC-46A"].rate_to(gear["B-52H"]) == pytest.approx(
        5900 * POUND / 60
    )  # what the receiver takes
    assert gear["KC-46A"].rate_to(gear["Rafale"]) == pytest.approx(2000 * POUND / 60)
    assert gear["KC-46A"].drogue_rate == pytest.approx(2680 * POUND / 60)
    assert gear["Victor K.2"].rate_to(gear["Vulcan B.2"]) == pytest.approx(3500 * POUND / 60)
    assert gear["Rafale"].rate_to(gear["Rafale"]) is None
