"""Writes small GRIB files for the tests, in a process of its own (eccodes and numpy alone).

Run: python encode_grib.py OUT.grib '{"edition": 2, "packing": "grid_simple", "times": [...], ...}'. The wind is
u = lat/2 + hPa/100 + hours, v = lon/10, t = 220 + hPa/50: what was written can be reckoned when it is read.
"""

import json
import sys

import eccodes
import numpy as np


def main():
    out, wanted = sys.argv[1], json.loads(sys.argv[2])
    lat = np.linspace(90.0, -90.0, 19) if not wanted.get("south_first") else np.linspace(-90.0, 90.0, 19)
    lon = np.arange(0.0, 360.0, 10.0)
    y, x = np.meshgrid(lat, lon, indexing="ij")
    with open(out, "wb") as stream:
        for day, hour, step in wanted["times"]:
            for level in wanted["levels"]:
                for name in wanted.get("names", ["u", "v", "t"]):
                    if [name, level] in wanted.get("leave_out", []):
                        continue
                    edition = wanted.get("edition", 2)
                    message = eccodes.codes_grib_new_from_samples(f"regular_ll_pl_grib{edition}")
                    for key, value in {
                        "Ni": lon.size, "Nj": lat.size, "iDirectionIncrementInDegrees": 10.0,
                        "jDirectionIncrementInDegrees": 10.0, "latitudeOfFirstGridPointInDegrees": lat[0],
                        "latitudeOfLastGridPointInDegrees": lat[-1], "longitudeOfFirstGridPointInDegrees": 0.0,
                        "longitudeOfLastGridPointInDegrees": 350.0,
                        "jScansPositively": int(bool(wanted.get("south_first"))), "dataDate": day, "dataTime": hour,
                        "step": step, "shortName": name, "level": level,
                    }.items():  # fmt: skip
                        eccodes.codes_set(message, key, value)
                    hours = hour / 100 + step
                    values = {"u": y / 2 + level / 100 + hours, "v": x / 10, "t": 220.0 + level / 50 + 0 * x}[
                        name
                    ]
                    eccodes.codes_set(message, "bitsPerValue", 16)
                    eccodes.codes_set_values(message, values.ravel())
                    if wanted.get("packing"):
                        eccodes.codes_set(message, "packingType", wanted["packing"])
                    eccodes.codes_write(message, stream)
                    eccodes.codes_release(message)


if __name__ == "__main__":
    main()
