"""Plans in moving, gridded wind: verified by code that shares no interpolation, and a wrong wind is found out."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longreach import mission
from longreach.errors import InputError
from longreach.plan import plan
from longreach.plan.proof import applied
from longreach.plan.windward import spread
from longreach.verify import verify
from longreach.world import winds
from longreach.world.winds import WindError, pack

ROOT = Path(__file__).parents[2]
FOUNDING = ROOT / "examples" / "gulf-2020-12-10.toml"
START = datetime(2020, 12, 9, tzinfo=UTC)

pytestmark = pytest.mark.xdist_group("plans")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `moving.pack`: December's mean and half again, drifting east 30 deg a day, with waves and warmth."""
    folder = tmp_path_factory.mktemp("winds")
    mean = winds.climatology(START, START + timedelta(days=4))
    hours = np.arange(0.0, 75.0, 3.0)
    u, v = mean.values[0, :, :, :-1, 0], mean.values[0, :, :, :-1, 1]
    lat, lon = mean.lat[None, :, None], mean.lon[None, None, :-1]
    wave = [8.0 * np.cos(np.radians(4 * lon - 4 * 1.25 * h)) * np.cos(np.radians(lat)) for h in hours]
    field = winds.gridded(
        hours * 3600.0, mean.pressure_pa, mean.lat, mean.lon[:-1],
        np.stack([1.5 * u + each for each in wave]), np.stack([1.5 * v - each for each in wave]),
        np.stack([6.0 * np.sin(np.radians(2 * lat)) + 0 * u + 0.02 * h for h in hours]),
        epoch=START, name="moving.pack",
    )  # fmt: skip
    pack.write(folder / "moving.pack", field, {"made_from": "a test", "files": [], "thinning": None})
    return folder


def in_pack(folder: Path, **changes: Any) -> mission.Mission:
    text = applied(
        FOUNDING.read_text("utf-8"), {"winds.source": "file", "winds.pack": "moving.pack", **changes}
    )
    path = folder / "mission.toml"
    path.write_text(text, "utf-8")
    return mission.load(path)


@pytest.fixture(scope="module")
def document(folder: Path) -> dict[str, Any]:
    """The founding mission in the moving wind, on 85 % of days, with a bias."""
    return plan(in_pack(folder, **{"winds.reliability": "85 %", "winds.bias": "3 kt"}))


def test_the_founding_mission_in_a_moving_wind(document: dict[str, Any], folder: Path) -> None:
    """Anchored on station: take-off, wind and every tanker's hour are found together, temperature and all."""
    assert document["status"] == "feasible", [check for check in document["checks"] if not check["ok"]]
    entry = document["data"]["winds"]
    assert entry["source"] == "file" and entry["pack"] == "moving.pack"
    assert entry["headwind_kt"] == pytest.approx(1.0364 * 15.0 - 3.0, abs=0.01)
    report = verify(json.loads(json.dumps(document)), folders=(folder,))
    assert report.ok, report.residuals


def test_a_wrong_wind_is_found_out(document: dict[str, Any], folder: Path) -> None:
    wrong = copy.deepcopy(document)
    for row in wrong["flights"][0]["track"]["rows"][300:400]:
        row[6] += 0.5
    report = verify(wrong, folders=(folder,))
    assert not report.ok
    assert any("mission.winds" in line for line in report.residuals)


def test_another_pack_is_refused(document: dict[str, Any], folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the wind pack 'moving\.pack' is not at hand"):
        verify(document, folders=(tmp_path,))
    whole = pack.read(folder / "moving.pack")
    pack.write(
        tmp_path / "moving.pack", whole.field, {"made_from": "another test", "files": [], "thinning": None}
    )
    with pytest.raises(InputError, match="the plan was made with winds of sha256"):
        verify(document, folders=(tmp_path,))


def test_a_pack_that_ends_too_soon_is_an_error(folder: Path) -> None:
    late = in_pack(folder, **{"clock.time": datetime(2020, 12, 11, 20, tzinfo=UTC)})
    with pytest.raises(
        WindError, match=r"moving\.pack holds winds from 2020-12-09T00:00Z to 2020-12-12T00:00Z"
    ):
        plan(late)


def test_the_spread_of_a_time_grows_along_a_leg_and_in_quadrature_over_two() -> None:
    class Flown:
        time_s = np.array([0.0, 3600.0, 7200.0, 9000.0, 12600.0])
        along_m = np.array([0.0, 8e5, 1.6e6, 1.6e6, 2.4e6])

    elapsed, sigma = spread(Flown, 8.0, 8000.0)  # type: ignore[arg-type]
    hour = 3600.0 * 8.0 / (8e5 / 3600.0)
    np.testing.assert_allclose(sigma, [0.0, hour, 2 * hour, 2 * hour, np.hypot(2 * hour, hour)], rtol=1e-9)
    assert (elapsed == Flown.time_s).all()
