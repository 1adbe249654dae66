"""Fit the shipped wind climatology: monthly mean wind at 200 hPa as harmonics, one factor for each other level.

    LONGREACH_DATA=… python studies/fit_climatology.py            # fit, print, compare
    LONGREACH_DATA=… python studies/fit_climatology.py --write    # also write the table

Reads, in LONGREACH_DATA/winds: ncep_ltm_uwnd_200hPa_monthly.nc and ncep_ltm_vwnd_200hPa_monthly.nc ("Monthly Long
Term mean" on 2.5 deg; grid and wording are those of the NCEP/NCAR Reanalysis 1 means of NOAA PSL, which the files do
not name; base period not stated; Kalnay et al., BAMS 77, 1996, 437-471), ncep_june_1979-1998_T42_17lev.nc (the June
mean of 17 levels) and gfs.t12z.pgrbf120.2p5deg.grib2 (a forecast for 15 January 2011, 12Z, NOAA/NCEP): the level
factors are the mean of what these two seasons give, each a regression of the level's wind on that at 200 hPa.
The last table sets the climatology against that January day on nine long routes flown both ways. One day is one
day: the figure for the spread that is shipped rests on two (see docs/winds.md).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy.io import netcdf_file

from longreach.document import write_atomically
from longreach.geodesy import densify, inverse
from longreach.units import KNOT
from longreach.world.winds.climatology import TABLE
from longreach.world.winds.harmonics import analysis, synthesis

DEGREE = 24
SCALE = 0.01  # m/s, the last digit kept
LEVELS = (50, 70, 100, 150, 200, 250, 300, 400, 500, 700, 850, 1000)
GROUND = 1100.0  # hPa; under 1000 hPa the wind of 1000 hPa is taken
ROUTES = [  # long ways of the northern and southern winter, and across the equator
    ((32.5, -93.7), (29.0, 48.0)), ((40.6, -73.8), (25.3, 55.4)), ((51.5, -0.5), (35.8, 140.4)),
    ((60.3, 25.0), (35.8, 140.4)), ((33.9, -118.4), (-33.9, 151.2)), ((51.5, -0.5), (-33.9, 151.2)),
    ((-33.4, -70.8), (-37.0, 174.8)), ((37.6, -122.4), (1.4, 104.0)), ((48.4, -101.4), (29.0, 48.0)),
]  # fmt: skip


def january_day(folder: Path) -> tuple[dict[tuple[str, int], Any], np.ndarray]:
    """Fields of the forecast by (name, hPa), latitudes from north to south."""
    import eccodes

    eccodes.codes_grib_multi_support_on()
    fields: dict[tuple[str, int], Any] = {}
    with (folder / "gfs.t12z.pgrbf120.2p5deg.grib2").open("rb") as stream:
        while (message := eccodes.codes_grib_new_from_file(stream)) is not None:
            if eccodes.codes_get(message, "typeOfLevel") == "isobaricInhPa":
                key = eccodes.codes_get(message, "shortName"), eccodes.codes_get(message, "level")
                fields[key] = eccodes.codes_get_values(message).reshape(73, 144)
            eccodes.codes_release(message)
    return fields, np.arange(90.0, -91.0, -2.5)


def factor(u: Any, v: Any, u200: Any, v200: Any, weight: Any) -> tuple[float, float]:
    """The factor on the 200 hPa wind that is nearest to this level's, and the vector RMS left [m/s]."""
    k = (weight * (u * u200 + v * v200)).sum() / (weight * (u200**2 + v200**2)).sum()
    left = (weight * ((u - k * u200) ** 2 + (v - k * v200) ** 2)).sum() / weight.sum()
    return float(k), float(np.sqrt(left))


def tailwind(u: Any, v: Any, lat: Any, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Mean tailwind [kt] along the geodesic, bilinear on a 2.5 deg grid whose latitudes fall from 90."""
    y, x, _ = densify([start[0], end[0]], [start[1], end[1]], 60000.0)
    middle_y, middle_x = (y[1:] + y[:-1]) / 2, x[:-1] + ((x[1:] - x[:-1] + 180) % 360 - 180) / 2
    _, course, _ = inverse(middle_y, middle_x, y[1:], x[1:])
    row, column = (90.0 - middle_y) / 2.5, (middle_x % 360.0) / 2.5
    i, j = row.astype(int), column.astype(int)
    a, b = row - i, column - j
    total = 0.0
    for wind, part in ((u, np.sin(np.radians(course))), (v, np.cos(np.radians(course)))):
        east = (j + 1) % 144
        value = (wind[i, j] * (1 - b) + wind[i, east] * b) * (1 - a)
        value = value + (wind[i + 1, j] * (1 - b) + wind[i + 1, east] * b) * a
        total += float((value * part).mean())
    return total / KNOT


def main() -> None:
    if "LONGREACH_DATA" not in os.environ:
        sys.exit("set LONGREACH_DATA to the folder that holds winds/")
    folder = Path(os.environ["LONGREACH_DATA"]) / "winds"
    with h5py.File(folder / "ncep_ltm_uwnd_200hPa_monthly.nc") as file:
        u, lat, lon = file["uwnd"][...].astype(float), file["latitude"][...], file["longitude"][...]
    with h5py.File(folder / "ncep_ltm_vwnd_200hPa_monthly.nc") as file:
        v = file["vwnd"][...].astype(float)
    weight = np.clip(np.cos(np.radians(lat)), 0.0, None)[:, None] * np.ones(lon.size)
    months, errors, made = [], [], []
    for month in range(12):
        whole = np.rint(analysis(u[month], v[month], lat, lon, DEGREE) / SCALE).astype(int)
        made.append(synthesis(whole * SCALE, lat, lon))
        off = np.hypot(made[-1][0] - u[month], made[-1][1] - v[month])
        errors.append((np.sqrt((weight * off**2).sum() / weight.sum()), off[1:-1].max()))
        months.append(whole.ravel().tolist())
        print(f"month {month + 1:2}: fit error {errors[-1][0]:.2f} m/s RMS, {errors[-1][1]:.1f} at most")

    with netcdf_file(folder / "ncep_june_1979-1998_T42_17lev.nc", mmap=False) as june:
        level = june.variables["lev"][:].astype(int).tolist()
        ju, jv = (june.variables[name][0].astype(float) for name in "UV")
        june_weight = np.cos(np.radians(june.variables["lat"][:]))[:, None] * np.ones(ju.shape[2])
    day, day_lat = january_day(folder)
    day_weight = np.clip(np.cos(np.radians(day_lat)), 0.0, None)[:, None] * np.ones(144)
    levels: list[dict[str, float]] = []
    print("\n hPa  factor   June mean (left, m/s)   15 Jan 2011 (left, m/s)")
    for hpa in LEVELS:
        k, base = level.index(hpa), level.index(200)
        one, one_left = factor(ju[k], jv[k], ju[base], jv[base], june_weight)
        two, two_left = factor(day["u", hpa], day["v", hpa], day["u", 200], day["v", 200], day_weight)
        levels.append({"hpa": float(hpa), "factor": round((one + two) / 2, 2)})
        print(
            f"{hpa:4}  {levels[-1]['factor']:5.2f}    {one:5.2f} ({one_left:4.1f})           {two:5.2f} ({two_left:4.1f})"
        )
    levels.append({"hpa": GROUND, "factor": levels[-1]["factor"]})

    print("\nmean tailwind, kt, 15 January 2011 at 200 hPa: the day, the mean, still air is nought")
    apart = []
    for start, end in ROUTES:
        true = tailwind(day["u", 200], day["v", 200], day_lat, start, end)
        mean = tailwind(*made[0], lat, start, end)
        apart.append(true - mean)
        print(f"  {start} to {end}: {true:6.1f} {mean:6.1f}")
    print(f"  RMS of the difference {np.sqrt(np.mean(np.square(apart))):.1f} kt")

    document = {
        "name": "ltm-v1",
        "statement": (
            "monthly mean wind (ltm-v1): harmonics of degree "
            f"{DEGREE} fitted to the long-term mean at 200 hPa (NCEP/NCAR Reanalysis 1; Kalnay et al. 1996), one factor "
            "for each other level; no temperature"
        ),
        "source": "monthly long-term mean wind at 200 hPa, 2.5 deg, NCEP/NCAR Reanalysis 1 by its grid and wording (the "
        "files do not name it), base period not stated; Kalnay et al., Bulletin of the American Meteorological Society "
        "77 (1996), 437-471",
        "fit_error_mps": {"rms": round(max(e[0] for e in errors), 2), "most": round(max(e[1] for e in errors), 1)},
        "degree": DEGREE,
        "scale_mps": SCALE,
        "levels": levels,
        "months": months,
    }  # fmt: skip
    if "--write" in sys.argv:
        text = json.dumps(document, indent=1)
        head, tail = text.split('"months": [', 1)
        del tail
        rows = ",\n  ".join(json.dumps(month, separators=(",", ":")) for month in months)
        write_atomically(TABLE, (head + '"months": [\n  ' + rows + "\n ]\n}\n").encode())
        print(f"\nwrote {TABLE.name}, {TABLE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
