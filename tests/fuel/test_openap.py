"""OpenAP's types adapted: litres, limits, residuals and anchors."""

from __future__ import annotations

import json
import warnings

import pytest

from longreach import cli
from longreach.errors import InputError
from longreach.fuel import payload_range, performance
from longreach.world import aircraft

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    openap_library = pytest.importorskip("openap", reason="not run: OpenAP is not installed")

from longreach.fuel import openap


@pytest.fixture(scope="module")
def dreamliner() -> openap.Adapted:
    return openap.adapt("b789")


@pytest.fixture(scope="module")
def a359() -> openap.Adapted:
    return openap.adapt("A359")


def test_litres_become_kilograms(dreamliner: openap.Adapted) -> None:
    litres = openap_library.prop.aircraft("B789")["mfc"]
    assert dreamliner.aircraft.max_fuel_kg == pytest.approx(0.804 * litres)
    assert dreamliner.aircraft.max_fuel_kg == pytest.approx(
        101_000, rel=0.02
    )  # the record flight loaded 101 t


def test_our_form_follows_openaps_fuel_flow(a359: openap.Adapted) -> None:
    """Against the library itself, at states that were not those of the fit."""
    flow = openap_library.FuelFlow("A359")
    for mass, level in ((190000.0, 10363.2), (230000.0, 10058.4), (170000.0, 11582.4)):
        ours = performance.fuel_flow(a359.raw, mass, level, factor=1.0)
        sound = (1.4 * 287.05287 * max(216.65, 288.15 - 0.0065 * level)) ** 0.5
        theirs = float(flow.enroute(mass, 0.85 * sound / 0.514444, level / 0.3048))
        assert ours == pytest.approx(theirs, rel=0.04)
    assert 0.1 < a359.flow_rms_pct < 3.0 and a359.flow_points > 40


def test_documented_flights_anchor_the_type_that_has_some(dreamliner: openap.Adapted) -> None:
    assert dreamliner.anchor == "flights"
    by_words = {row.what: row for row in dreamliner.residuals}
    own = by_words["QF7879 New York to Sydney, October 2019: burn, OpenAP itself"]
    assert 14.0 < own.off_pct < 20.0  # what it over-predicts
    assert abs(by_words["QF7879 New York to Sydney, October 2019: burn, fitted"].off_pct) < 0.1
    unseen = by_words["QF7879 London to Sydney, November 2019: burn, check, not fitted"]
    assert abs(unseen.off_pct) < dreamliner.aircraft.band_pct


def test_its_own_range_file_anchors_the_others(a359: openap.Adapted) -> None:
    assert a359.anchor == "range" and a359.aircraft.band_pct >= 12.0
    given = openap_library.prop.aircraft("A359")
    payload = 50.0 * (given["pax"]["low"] + given["pax"]["high"])
    kept = payload_range.Reserves(0.05, 1800.0, 370400.0)
    assert payload_range.reach(a359.raw, payload, kept, 1.0) < 0.9e3 * given["cruise"]["range"]
    assert payload_range.reach(a359.aircraft, payload, kept, 1.0) == pytest.approx(
        1e3 * given["cruise"]["range"], rel=2e-3
    )


def test_the_range_anchor_comes_near_the_flights_it_has_not_seen(dreamliner: openap.Adapted) -> None:
    """The 787-9 anchored to the file alone, against the two flights: within the 12 % claimed for that anchor."""
    from longreach.fuel import calibrate
    from longreach.fuel.documented import shipped_flights

    given = openap_library.prop.aircraft("B789")
    by_file, anchor, _, _, band = openap.to_range(dreamliner.raw, given)
    assert anchor == "range"
    for flight in shipped_flights():
        if flight.aircraft == "787-9":
            assert abs(calibrate.reckoned(by_file, flight).burn_kg / flight.burn_kg - 1.0) < band / 100.0


def test_ceiling_and_thrust_are_limits_of_the_adapted_type(a359: openap.Adapted) -> None:
    a = a359.aircraft
    heavy = performance.highest_level(a, a.max_takeoff_mass_kg)
    assert heavy < a.ceiling_m - 1000.0  # OpenAP itself lets it fly there
    assert any("holds FL" in note for note in a359.notes)
    assert any(row.what.startswith("most thrust") and abs(row.off_pct) < 15.0 for row in a359.residuals)


def test_what_cannot_be_adapted_is_said() -> None:
    from longreach.errors import FuelError

    with pytest.raises(InputError, match="did you mean B77W"):
        openap.adapt("B777")
    with pytest.raises(FuelError, match="not adapted"):
        openap.adapt("C550")


def test_the_command(tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LONGREACH_AIRCRAFT", str(tmp_path))
    assert cli.main(["aircraft", "openap"]) == 0
    assert "B77W" in capsys.readouterr().out.split()
    assert cli.main(["aircraft", "openap", "A359", "--add", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["anchor"] == "range" and document["residuals"]
    kept = aircraft.load("OpenAP A359")
    assert kept.judged and kept.band_pct == document["band_pct"]
    assert cli.main(["aircraft", "openap", "-o", str(tmp_path / "x.toml")]) == 2
