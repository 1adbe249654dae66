"""`longreach winds`: what import, show and at print, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.io import netcdf_file

from longreach.cli import main

LAT, LON = np.arange(-90.0, 91.0, 10.0), np.arange(0.0, 360.0, 10.0)


@pytest.fixture
def weather(tmp_path: Path) -> Path:
    """Two times of a wind of 20 m/s from the west everywhere, 200 and 850 hPa."""
    path = tmp_path / "west.nc"
    with netcdf_file(path, "w") as file:
        for name, values, units in (
            ("lon", LON, "degrees_east"), ("lat", LAT, "degrees_north"), ("lev", np.array([850.0, 200.0]), "hPa"),
            ("time", np.array([0.0, 6.0]), "hours since 2026-01-15 12:00:00"),
        ):  # fmt: skip
            file.createDimension(name, values.size)
            made = file.createVariable(name, "f8", (name,))
            made[:], made.units = values, units
        for name, value in (("u", 20.0), ("v", 0.0)):
            made = file.createVariable(name, "f4", ("time", "lev", "lat", "lon"))
            made[:], made.units = value, "m/s"
    return path


def test_import_show_and_at(weather: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = tmp_path / "west.pack"
    assert main(["winds", "import", str(weather), "-o", str(pack)]) == 0
    said = capsys.readouterr().out
    assert "grid      19 x 36, latitude -90 to 90 deg, round the globe" in said
    assert "levels    1100, 850, 200 hPa" in said
    assert "times     2, 2026-01-15T12:00:00Z to 2026-01-15T18:00:00Z, at most 6 h apart" in said
    assert "no temperature" in said and "under 850 hPa the wind of that level is taken (assumed)" in said
    assert main(["winds", "show", str(pack), "--level", "FL340", "--svg", str(tmp_path / "west.svg")]) == 0
    said = capsys.readouterr().out
    assert "→4→4" in said and "strongest 39 kt" in said
    assert ElementTree.fromstring((tmp_path / "west.svg").read_text("utf-8")).tag.endswith("svg")
    call = ["winds", "at", "60,-40", str(pack), "--level", "FL100", "--time", "2026-01-15T15:00Z", "--json"]
    assert main(call) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["from_deg"], told["speed_kt"], told["u_mps"]) == (270.0, 38.9, 20.0)
    assert told["temperature_deviation_k"] is None


def test_without_a_pack_the_climatology_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["winds", "at", "RJAA", "--level", "FL380", "--time", "2026-01-15T12:00Z"]) == 0
    said = capsys.readouterr().out
    assert "ltm-v1" in said and "spread       15 kt" in said
    assert main(["winds", "show", "--time", "2026-07-16T00:00Z"]) == 0
    assert "monthly mean wind (ltm-v1)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show"], "the climatology needs a date"),
        (["at", "KJFK", "--time", "2026-01-15"], "has no zone"),
        (["at", "KJFK", "--time", "soon"], "is no moment"),
        (["at", "KJFK", "PACK", "--level", "FL500"], "holds levels from 1100 to 200 hPa"),
        (["at", "KJFK", "PACK", "--time", "2026-01-16T12:00Z"], "2026-01-15T12:00Z to 2026-01-15T18:00Z"),
        (["at", "KJFK", "WEATHER"], "is not a wind pack"),
        (["import", "WEATHER", "-o", "OUT", "--levels", "300"], "no wind at 300 hPa; it holds 850, 200 hPa"),
        (["import", "WEATHER", "-o", "OUT", "--grid", "7"], "cannot be thinned to 7 deg"),
        (["import", "WEATHER", "-o", "OUT", "--below", "dirt"], "one of auto, hold, calm, none"),
        (["import", "WEATHER", "-o", "WEATHER"], "is one of the files to read"),
        (["import", "WEATHER", "-o", "OUT", "--steady"], "holds 2 times; --steady is for one"),
    ],
)
def test_what_is_refused(
    arguments: list[str], words: str, weather: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = tmp_path / "west.pack"
    assert main(["winds", "import", str(weather), "-o", str(pack)]) == 0
    capsys.readouterr()
    names = {"PACK": str(pack), "WEATHER": str(weather), "OUT": str(tmp_path / "out.pack")}
    assert main(["winds", *(names.get(each, each) for each in arguments)]) == 2
    answer = capsys.readouterr()
    assert words in answer.err and not answer.out
    assert not (tmp_path / "out.pack").exists()


@pytest.mark.parametrize("percent", ["185", "10", "nan"])
def test_a_reliability_out_of_range(tmp_path, capsys, percent):
    mission = Path(__file__).parents[2] / "examples" / "hel-nrt-2022.toml"
    assert main(["plan", str(mission), "-o", str(tmp_path / "x"), "--wind-reliability", percent]) == 2
    assert "is outside 50 (the mean wind) to 99.9 %" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
