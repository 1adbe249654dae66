"""Fits of a type to documented flights: they find what made the flights, and refuse what the flights cannot carry."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from longreach import cli
from longreach.errors import InputError
from longreach.fuel import calibrate
from longreach.fuel.calibrate import Flight, fit
from longreach.fuel.documented import read_flights, shipped_flights
from longreach.units import HOUR, POUND
from longreach.world import aircraft

B52 = aircraft.load("B-52H")


def made(truth: aircraft.Aircraft, *rows: tuple[float, float], noise: tuple[float, ...] = ()) -> list[Flight]:
    """Flights whose burns the model of `truth` makes: (take-off kg, hours), each burn off by its noise."""
    out = []
    for n, (takeoff, hours) in enumerate(rows):
        burn = calibrate.still_air_hours(truth, takeoff, hours).burn_kg * (1.0 + (noise[n] if noise else 0.0))
        out.append(Flight(f"flight {n}", takeoff, burn, time_s=hours * HOUR))
    return out


def test_one_figure_is_found_again() -> None:
    truth = replace(B52, drag_zero_lift=0.0165)
    found = fit(B52, made(truth, (210000.0, 12.0)))
    assert found.aircraft.drag_zero_lift == pytest.approx(0.0165, abs=2e-5)
    assert found.spare == 0 and found.flights[0].alone_off_pct is None
    # With one flight, its own error and the model's are all the band can rest on: sqrt(3^2 + 3^2 + 2^2) %.
    assert found.band_pct == pytest.approx(4.7, abs=0.05)


def test_noise_between_flights_widens_the_band_and_shows_in_the_flight_left_out() -> None:
    truth = replace(B52, drag_zero_lift=0.0165)
    rows = ((210000.0, 12.0), (180000.0, 9.0), (200000.0, 6.0))
    calm = fit(B52, made(truth, *rows))
    loud = fit(B52, made(truth, *rows, noise=(0.08, -0.08, 0.0)))
    assert calm.aircraft.drag_zero_lift == pytest.approx(0.0165, abs=2e-5)
    assert all(row.alone_off_pct == pytest.approx(0.0, abs=0.05) for row in calm.flights)
    assert loud.band_pct > 2.0 * calm.band_pct
    assert loud.flights[0].alone_off_pct is not None and abs(loud.flights[0].alone_off_pct) > abs(
        loud.flights[0].off_pct
    )


def test_two_figures_where_the_flights_tell_them_apart() -> None:
    """Induced drag falls with the square of lift: heavy and light flights separate it from the rest."""
    truth = replace(B52, drag_zero_lift=0.0155, oswald=0.75)
    flights = [
        replace(each, error_pct=0.2)
        for each in made(truth, (215000.0, 2.0), (110000.0, 2.0), (160000.0, 3.0))
    ]
    # At the best level the aircraft chooses its lift, and the two look alike: cap the level so that they differ.
    low = replace(B52, ceiling_m=7600.0)
    flights = [
        replace(
            each,
            burn_kg=calibrate.still_air_hours(
                replace(truth, ceiling_m=7600.0), each.takeoff_kg, (each.time_s or 0) / HOUR
            ).burn_kg,
        )
        for each in flights
    ]
    found = fit(low, flights, ("drag_zero_lift", "oswald"))
    assert found.aircraft.drag_zero_lift == pytest.approx(0.0155, rel=0.01)
    assert found.aircraft.oswald == pytest.approx(0.75, rel=0.02)


def test_more_figures_than_flights_are_refused() -> None:
    flights = made(B52, (210000.0, 12.0))
    with pytest.raises(InputError, match=r"1 flight cannot fix 2 figures .*fit drag_zero_lift alone"):
        fit(B52, flights, ("drag_zero_lift", "tsfc_ref"))
    with pytest.raises(InputError, match="no flight cannot fix"):
        fit(B52, [replace(flights[0], used=False)])


def test_figures_that_always_act_together_are_refused() -> None:
    """Drag and consumption enter a burn as their product: no number of like flights separates them."""
    flights = made(B52, (210000.0, 12.0), (200000.0, 11.0), (205000.0, 12.0), (190000.0, 10.0))
    with pytest.raises(InputError, match=r"do not tell .*drag_zero_lift.* apart"):
        fit(B52, flights, ("drag_zero_lift", "tsfc_ref"))


def test_impossible_flights_and_figures_are_refused() -> None:
    with pytest.raises(InputError, match="does not fit"):
        fit(B52, [Flight("too heavy", 400000.0, 100000.0, time_s=36000.0)])
    with pytest.raises(InputError, match="span cannot be fitted"):
        fit(B52, made(B52, (210000.0, 12.0)), ("span",))
    with pytest.raises(InputError, match="only a polar"):
        fit(aircraft.load("F-16C"), [Flight("x", 15000.0, 3000.0, time_s=7200.0)])


HEAD = "name,takeoff_lb,burn_lb,airborne_h,ground_nm,use\n"


def test_flights_from_csv_and_from_toml_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        HEAD + '# a remark\n"Kadena, Torrejon",488000,293000,21.867,10879,fit\n', "utf-8"
    )
    (tmp_path / "f.toml").write_text(
        '[[flights]]\nname = "Kadena, Torrejon"\ntakeoff_lb = 488000\nloaded_lb = 303000\nleft_lb = 10000\n'
        "block_min = 1332.02\ntaxi_min = 20\nground_nm = 10879\n",
        "utf-8",
    )
    one, two = read_flights(tmp_path / "f.csv")[0], read_flights(tmp_path / "f.toml")[0]
    assert one.takeoff_kg == pytest.approx(488000 * POUND) and one.used
    assert (two.name, two.takeoff_kg, two.ground_distance_m) == (
        one.name,
        one.takeoff_kg,
        one.ground_distance_m,
    )
    assert two.burn_kg == pytest.approx(one.burn_kg) and two.time_s == pytest.approx(one.time_s, abs=1.0)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "name,takeoff,burn_kg\nx,1,2\n", r"a.csv:1: takeoff: is not a column .*takeoff_kg, takeoff_t, takeoff_lb"),
        ("a.csv", HEAD + "x,488000,293000\n", "has 3 cells, the header has 6"),
        ("a.csv", HEAD + "x,many,293000,21,,\ny,488000,-5,21,,maybe\n", r"'many' is not a number(.|\n)*:3: burn_lb(.|\n)*maybe"),
        ("a.csv", HEAD + "x,488000,293000,,,\n", "neither a time in the air nor a still-air distance"),
        ("a.csv", HEAD, "holds no flight"),
        ("a.csv", HEAD + "x,488000,293000,21,,\nx,488000,293000,21,,\n", "already the flight of line 2"),
        ("a.toml", '[[flights]]\nname = "x"\ntakeoff_t = 200\nburn_t = 90\nblock_h = 12\n', "a.toml:5: .*includes taxi"),
        ("a.toml", "[flights]\n", "must be a list of tables"),
        ("a.xls", "x", "a .csv or .toml file"),
    ],
)  # fmt: skip
def test_bad_files_of_flights(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(InputError, match=words):
        read_flights(tmp_path / name)


def test_the_command_fits_writes_and_its_file_can_be_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LONGREACH_AIRCRAFT", str(tmp_path / "kept"))
    flights = tmp_path / "f.csv"
    flights.write_text(
        "name,takeoff_t,burn_t,airborne_h,ground_km,payload_t,use\nout,233,97,19.267,16200,3.6,fit\n", "utf-8"
    )
    fitted = tmp_path / "mine.toml"
    call = ["aircraft", "fit", str(flights), "--type", "787-9", "-o", str(fitted)]
    assert cli.main(call) == 2 and "--code" in capsys.readouterr().err
    assert cli.main([*call, "--code", "787-9"]) == 2 and not fitted.exists()
    capsys.readouterr()
    assert cli.main([*call, "--code", "Mine"]) == 0
    told = capsys.readouterr().out
    assert "±" in told and "0 by construction" in told and "kt" in told
    assert cli.main(["aircraft", "add", str(fitted)]) == 0
    mine = aircraft.load("mine")
    assert mine.drag_zero_lift and mine.drag_zero_lift > (aircraft.load("787-9").drag_zero_lift or 0)
    assert mine.calibration[0]["what"] == "out" and mine.band_pct == pytest.approx(4.7, abs=0.1)
    assert calibrate.still_air_hours(mine, 233000.0, 19.267, 3600.0).burn_kg == pytest.approx(
        97000.0, rel=1e-3
    )
    capsys.readouterr()
    assert cli.main([*call[:5], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["spare_flights"] == 0


def test_the_shipped_flights_name_types_and_sources() -> None:
    root = Path(__file__).resolve().parents[2]
    for each in shipped_flights():
        assert aircraft.load(each.aircraft).code == each.aircraft
        assert (root / each.source.split(";")[0]).exists()
