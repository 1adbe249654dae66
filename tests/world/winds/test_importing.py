"""Weather files into packs: GRIB of several packings, NetCDF 3 and 4 in the shapes they come in, and what is wrong with them.

Real: a GFS file with u and v in one message, a GFS NetCDF of hours (LONGREACH_DATA). No real file of ERA5 or of
ECMWF's open data is at hand: their shapes are written here, with their names, packings and order.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.io import netcdf_file

from longreach.errors import InputError
from longreach.world import winds
from longreach.world.winds import pack
from longreach.world.winds.importing import import_files
from longreach.world.winds.slabs import _standard

DATA = os.environ.get("LONGREACH_DATA")
real = pytest.mark.skipif(DATA is None, reason="not run: LONGREACH_DATA names no folder of real winds")
eccodes = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", "import eccodes"], capture_output=True).returncode != 0,
    reason="not run: eccodes is not installed (pip install 'longreach[grib]')",
)
LEVELS = [200, 300, 500, 850]
LAT, LON = np.arange(-90.0, 91.0, 10.0), np.arange(0.0, 360.0, 10.0)


def grib(path: Path, **wanted) -> Path:
    wanted = {"times": [[20260115, 1200, 0], [20260115, 1200, 6]], "levels": LEVELS, **wanted}
    encoder = Path(__file__).with_name("encode_grib.py")
    subprocess.run(
        [sys.executable, str(encoder), str(path), json.dumps(wanted)], check=True, capture_output=True
    )
    return path


def check_made(field: winds.WindField) -> None:
    """The field is what encode_grib.py and netcdf3() write."""
    assert field.cyclic and field.lat[0] == -90.0 and field.lat[-1] == 90.0
    assert field.first_utc == datetime(2026, 1, 15, 12, tzinfo=UTC)
    assert field.last_utc == datetime(2026, 1, 15, 18, tzinfo=UTC)
    for k, hours in enumerate((12.0, 18.0)):
        for level in LEVELS:
            j = int(np.argmin(np.abs(field.pressure_pa - level * 100.0)))
            u, v, d = np.moveaxis(field.values[k, j, 1:-1, :-1], -1, 0)
            np.testing.assert_allclose(u, LAT[1:-1, None] / 2 + level / 100 + hours + 0 * LON, atol=0.012)
            np.testing.assert_allclose(v, LON[None, :] / 10 + 0 * LAT[1:-1, None], atol=0.012)
            np.testing.assert_allclose(
                d, 220.0 + level / 50 - _standard(np.array([level * 100.0]))[0], atol=0.012
            )


@eccodes
@pytest.mark.parametrize(
    "how",
    [
        {"packing": "grid_simple"}, {"packing": "grid_ccsds"}, {"packing": "grid_complex_spatial_differencing"},
        {"edition": 1}, {"south_first": True},
    ],
    ids=str,
)  # fmt: skip
def test_grib_of_each_packing(tmp_path: Path, how: dict) -> None:
    """Simple (ERA5), CCSDS (ECMWF open data), complex with differences (GFS), GRIB 1 (ERA5), rows from the south."""
    made = import_files([grib(tmp_path / "x.grib", **how)], tmp_path / "x.pack")
    check_made(made.field)
    assert made.header["thinning"] is None
    assert "under 850 hPa the wind of that level is taken (assumed)" in made.header["notes"]


@eccodes
def test_files_of_one_step_each_are_joined(tmp_path: Path) -> None:
    one = grib(tmp_path / "a.grib", times=[[20260115, 1200, 0]])
    two = grib(tmp_path / "b.grib", times=[[20260115, 1200, 6]])
    check_made(import_files([two, one], tmp_path / "x.pack").field)


@eccodes
def test_thinning_says_what_it_leaves_out(tmp_path: Path) -> None:
    made = import_files([grib(tmp_path / "x.grib")], tmp_path / "x.pack", spacing_deg=30.0)
    assert (made.field.lat.size, made.field.lon.size) == (7, 13)
    # straight in latitude: nothing left out; v jumps from 35 to 0 over the last 10 deg, kept are 33 at 330 and 0 at 360
    assert made.header["thinning"]["component_most_mps"] == pytest.approx(35.0 - 11.0, abs=0.01)
    assert made.header["thinning"]["vector_rms_mps"] == pytest.approx(
        ((12.0**2 + 24.0**2) / 36) ** 0.5, abs=0.01
    )
    with pytest.raises(InputError, match="cannot be thinned to 25 deg"):
        import_files([grib(tmp_path / "x.grib")], tmp_path / "x.pack", spacing_deg=25.0)


@eccodes
@pytest.mark.parametrize(
    ("how", "options", "words"),
    [
        ({"leave_out": [["v", 300]]}, {}, r"v \(northward wind\) at 300 hPa, 2026-01-15T12:00Z is missing"),
        ({"names": ["u", "t"]}, {}, r"no v \(northward wind\)"),
        ({"names": ["t"]}, {}, r"no u \(eastward wind\)"),
        ({}, {"levels_pa": [30000.0, 25000.0]}, "no wind at 250 hPa; of the levels asked for it has 300 hPa"),
        ({"levels": [300]}, {}, "one level only, 300 hPa"),
        ({}, {"steady": True}, "holds 2 times; --steady is for one"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, how: dict, options: dict, words: str) -> None:
    file = grib(tmp_path / "x.grib", **how)
    with pytest.raises(InputError, match=words):
        import_files([file], tmp_path / "x.pack", **options)
    assert not (tmp_path / "x.pack").exists()


def test_two_runs_that_disagree_are_refused() -> None:
    from longreach.world.winds.slabs import Slab, Slabs, field_of

    def slab(name: str, value: float, file: str) -> Slab:
        return Slab(name, 0.0, 20000.0, np.full((2, 2), value, np.float32), file)

    read = Slabs(LAT[:2], LON[:2], (slab("u", 1.0, "a"), slab("v", 1.0, "a"), slab("u", 2.0, "b")), "", {})
    with pytest.raises(InputError, match=r"b: holds u .* twice with different values .also in a"):
        field_of(read, name="x")


@eccodes
def test_a_file_cut_short(tmp_path: Path) -> None:
    file = grib(tmp_path / "x.grib")
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"x\.grib: is cut short or damaged after 23 messages"):
        import_files([file], tmp_path / "x.pack")


def test_what_is_no_weather_file(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("wind: yes")
    with pytest.raises(InputError, match="neither GRIB nor NetCDF"):
        import_files([tmp_path / "x.txt"], tmp_path / "x.pack")
    with pytest.raises(InputError, match="is a folder"):
        import_files([tmp_path], tmp_path / "x.pack")
    (tmp_path / "x.nc").write_bytes(b"CDF\x01 and then nothing")
    with pytest.raises(InputError, match="cannot be read as NetCDF"):
        import_files([tmp_path / "x.nc"], tmp_path / "x.pack")
    (tmp_path / "y.nc").write_bytes(b"\x89HDF\r\n\x1a\n and then nothing")
    with pytest.raises(InputError, match="cannot be read as NetCDF"):
        import_files([tmp_path / "y.nc"], tmp_path / "x.pack")


def fields() -> dict[str, np.ndarray]:
    """u, v, t of encode_grib.py as (time, level, lat from the north, lon)."""
    hours, level, lat, lon = np.meshgrid([12.0, 18.0], LEVELS, LAT[::-1], LON, indexing="ij")
    return {"u": lat / 2 + level / 100 + hours, "v": lon / 10 + 0 * lat, "t": 220.0 + level / 50 + 0 * lat}


def test_netcdf3_of_the_old_climate_data_store(tmp_path: Path) -> None:
    """Packed shorts with scale and offset, hours since 1900, levels in millibars."""
    with netcdf_file(tmp_path / "era5.nc", "w", version=2) as file:
        for name, values, units in (
            ("longitude", LON, "degrees_east"), ("latitude", LAT[::-1], "degrees_north"), ("level", np.array(LEVELS), "millibars"),
            ("time", np.array([1104852, 1104858]), "hours since 1900-01-01 00:00:00.0"),
        ):  # fmt: skip
            file.createDimension(name, values.size)
            made = file.createVariable(name, "i4" if name in ("level", "time") else "f4", (name,))
            made[:], made.units = values, units
        for name, values in fields().items():
            made = file.createVariable(name, "i2", ("time", "level", "latitude", "longitude"))
            made.scale_factor, made.add_offset = 0.002, float(values.mean())
            made._FillValue, made.units = np.int16(-32767), "K" if name == "t" else "m s**-1"
            made[:] = np.rint((values - made.add_offset) / made.scale_factor).astype("i2")
    check_made(import_files([tmp_path / "era5.nc"], tmp_path / "x.pack").field)


@pytest.mark.parametrize("order", ["usual", "turned"])
def test_netcdf4_of_the_new_climate_data_store(tmp_path: Path, order: str) -> None:
    """valid_time and pressure_level, a member and an expver beside; and with every axis turned round."""
    h5py = pytest.importorskip(
        "h5py", reason="not run: h5py is not installed (pip install 'longreach[grib]')"
    )
    axes = {
        "valid_time": (np.array([1768478400, 1768500000]), "seconds since 1970-01-01"),
        "pressure_level": (np.array(LEVELS, float), "hPa"),
        "latitude": (LAT[::-1], "degrees_north"),
        "longitude": (LON, "degrees_east"),
    }
    dimensions = list(axes)
    if order == "turned":
        axes["pressure_level"] = (np.array(LEVELS, float)[::-1] * 100.0, "Pa")
        axes["longitude"] = (np.arange(-180.0, 180.0, 10.0), "degrees_east")
        dimensions.reverse()
    with h5py.File(tmp_path / "era5.nc", "w") as file:
        for name, (values, units) in axes.items():
            made = file.create_dataset(name, data=values)
            made.attrs["units"] = units
            made.make_scale(name)
        file.create_dataset("number", data=0)
        for name, values in fields().items():
            if order == "turned":
                values = np.roll(values[:, ::-1], 18, axis=3).transpose()
            made = file.create_dataset(name, data=values.astype("f4"))
            made.attrs["units"] = np.bytes_("K" if name == "t" else "m s**-1")
            for k, dimension in enumerate(dimensions):
                made.dims[k].attach_scale(file[dimension])
    check_made(import_files([tmp_path / "era5.nc"], tmp_path / "x.pack").field)


def written(path: Path, **change) -> Path:
    """A small NetCDF 3 file of one time, with what is asked for changed."""
    with netcdf_file(path, "w") as file:
        for name, values, units in (
            ("lon", LON, "degrees_east"), ("lat", LAT, "degrees_north"),
            ("lev", np.array([200.0, 300.0]), change.get("level_units", "hPa")),
            ("time", np.array([0.0]), change.get("time_units", "hours since 2026-01-15")),
        ):  # fmt: skip
            file.createDimension(name, values.size)
            made = file.createVariable(name, "f8", (name,))
            made[:] = values
            if units:
                made.units = units
        for name in change.get("names", ("U", "V")):
            made = file.createVariable(name, "f4", ("time", "lev", "lat", "lon"))
            made[:], made.units = 1.0 + (name == "V"), change.get("units", "m/s")
    return path


def test_netcdf_says_what_it_cannot_take(tmp_path: Path) -> None:
    for change, words in (
        ({"names": ("U",)}, r"no v \(northward wind\); it holds U .*give both"),
        ({"level_units": "sigma"}, "levels .* are in 'sigma'"),
        ({"time_units": "month as %m"}, "its times are in 'month as %m'"),
        ({"time_units": ""}, "its times are in ''.*--steady"),
        ({"units": "furlongs"}, "is in 'furlongs'; m/s is needed"),
    ):
        with pytest.raises(InputError, match=words):
            import_files([written(tmp_path / "x.nc", **change)], tmp_path / "x.pack")
    import_files([written(tmp_path / "x.nc")], tmp_path / "x.pack", below="calm", steady=True)


def test_u_and_v_in_files_of_their_own(tmp_path: Path) -> None:
    """As reanalyses give them out."""
    u, v = (written(tmp_path / f"{name}.nc", names=(name,)) for name in "UV")
    field = import_files([v, u], tmp_path / "x.pack", below="none", steady=True).field
    assert field.at(50.0, 5.0, 10_000.0)[:2] == (1.0, 2.0)
    with pytest.raises(InputError, match=r"no v \(northward wind\)"):
        import_files([u, u], tmp_path / "y.pack")


def test_a_mean_without_a_date(tmp_path: Path) -> None:
    made = import_files(
        [written(tmp_path / "x.nc", time_units="")], tmp_path / "x.pack", below="calm", steady=True
    )
    assert made.field.steady and "the file does not state its time" in made.header["notes"]


def test_what_lies_under_the_lowest_level(tmp_path: Path) -> None:
    with netcdf_file(tmp_path / "x.nc", "w") as file:
        for name, values, units in (
            ("lon", LON, "deg"), ("lat", LAT, "deg"), ("lev", np.array([200.0, 500.0]), "hPa"),
            ("time", np.array([0.0]), "hours since 2026-01-15"),
        ):  # fmt: skip
            file.createDimension(name, values.size)
            made = file.createVariable(name, "f8", (name,))
            made[:], made.units = values, units
        for name in ("u", "v"):
            made = file.createVariable(name, "f4", ("time", "lev", "lat", "lon"))
            made[:], made.units = 20.0, "m/s"
    made = {
        how: import_files([tmp_path / "x.nc"], tmp_path / f"{how}.pack", below=how, steady=True)
        for how in ("none", "hold", "calm")
    }
    with pytest.raises(winds.WindError, match=r"none\.pack holds levels from 500 to 200 hPa"):
        made["none"].field.at(40.0, 0.0, 0.0)
    assert made["hold"].field.at(40.0, 0.0, 0.0).u_mps == pytest.approx(20.0)
    assert 0.0 < made["calm"].field.at(40.0, 0.0, 0.0).u_mps < 3.0
    assert made["calm"].field.at(40.0, 0.0, 6000.0).u_mps == pytest.approx(20.0)


def test_a_pack_that_was_altered_or_cut_is_refused(tmp_path: Path) -> None:
    field = winds.gridded([0.0, 3600.0], [20000.0, 50000.0], LAT, LON, *np.ones((2, 2, 2, 19, 36)))
    path = tmp_path / "x.pack"
    again = pack.write(path, field, {}).field
    np.testing.assert_allclose(again.values, field.values, atol=0.005)
    data = path.read_bytes()
    for broken, words in (
        (data[:-2], "bytes of values"), (data[:-1] + bytes([data[-1] ^ 1]), "checksum"), (data[:200], "damaged"),
        (b"nothing", "is not a wind pack"), (data.replace(b"longreach.winds/1", b"longreach.winds/9"), "schema"),
    ):  # fmt: skip
        path.write_bytes(broken)
        with pytest.raises(InputError, match=words):
            winds.read(path)


@real
@eccodes
def test_the_real_gfs_file(tmp_path: Path) -> None:
    """u and v share a message; 26 levels; mean eastward wind of the globe at 200 hPa +15.5 m/s."""
    made = import_files(
        [Path(DATA) / "winds" / "gfs.t12z.pgrbf120.2p5deg.grib2"], tmp_path / "x.pack", steady=True
    )
    field = made.field
    assert field.first_utc == datetime(2011, 1, 15, 12, tzinfo=UTC) and field.has_temperature
    assert field.pressure_pa.size == 24  # 26 levels, 30, 20 and 10 hPa left out, the ground's added
    weight = np.cos(np.radians(field.lat)).clip(0)
    k = int(np.argmin(np.abs(field.pressure_pa - 20000.0)))
    mean = (field.values[0, k, :, :-1, 0].mean(axis=1) * weight).sum() / weight.sum()
    assert mean == pytest.approx(15.5, abs=0.05)


@real
def test_the_real_netcdf_of_hours(tmp_path: Path) -> None:
    """Dimensions lon, lat, level, time; 200 to 300 hPa; a box over the Atlantic."""
    made = import_files([Path(DATA) / "winds" / "gfs_natl_20220101_7h_3lev.nc"], tmp_path / "x.pack")
    field = made.field
    assert field.values.shape == (7, 3, 17, 17, 3) and not field.cyclic
    import h5py

    with h5py.File(Path(DATA) / "winds" / "gfs_natl_20220101_7h_3lev.nc") as file:
        u, lat, lon = file["eastward_wind"][...], file["latitude"][...], file["longitude"][...]
        levels = file["level"][...]
    k = int(np.argmin(np.abs(levels - 250.0)))
    wind = field.at(lat[3], lon[5], 10363.0, 3 * 3600.0)  # 250 hPa
    assert wind.u_mps == pytest.approx(u[5, 3, k, 3], abs=0.05)


@eccodes
@pytest.mark.parametrize("order", ["eccodes, pyproj", "pyproj, eccodes"])
def test_eccodes_and_pyproj_in_one_process_would_do_too(order: str) -> None:
    """They are never loaded together by us; the version asked for would stand it."""
    first, second = order.split(", ")
    program = f"import {first}, {second}; from pyproj import Geod; print(round(Geod(ellps='WGS84').inv(0, 0, 1, 0)[2]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.strip() == "111319"


@eccodes
def test_the_reader_of_grib_loads_nothing_of_ours(tmp_path: Path) -> None:
    file = grib(tmp_path / "x.grib")
    child = Path(winds.__file__).with_name("_grib_child.py")
    program = (
        f"import sys, runpy; sys.argv = ['x', {str(tmp_path / 'out.npz')!r}, '0', 'all', {str(file)!r}]\n"
        f"try: runpy.run_path({str(child)!r}, run_name='__main__')\nexcept SystemExit: pass\n"
        "print([name for name in ('longreach', 'pyproj', 'shapely', 'numba') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
