"""Reads GRIB files in a process of its own: numpy and eccodes, nothing else.

Newer eccodes bring a PROJ library that breaks pyproj in the same process, so that the two are never loaded
together. Run as a script: `python _grib_child.py OUT.npz SPACING KEEP FILE...`. SPACING is the grid wanted
in degrees, 0 as it is; KEEP is a comma-separated list of levels in Pa, or "all". Lines of JSON on stdout tell of progress
({"done", "of"}), a fault ({"fault", "file"}) or the end ({"fields"}).
"""

import json
import sys

NAMES = {"u": "u", "v": "v", "t": "t"}
LEVELS = {"isobaricInhPa": 100.0, "isobaricInPa": 1.0}


def say(**what):
    print(json.dumps(what), flush=True)


def fault(text, file):
    say(fault=text, file=file)
    raise SystemExit(1)


def thinner(lat, lon, spacing):
    """How many rows and columns make one of `spacing` degrees (0: 1); a text where the grid cannot be thinned so."""
    if not spacing:
        return 1
    rows, columns = abs(lat[1:] - lat[:-1]), abs(lon[1:] - lon[:-1])
    if abs(rows - rows.mean()).max() > 1e-3 or abs(columns - columns.mean()).max() > 1e-3:
        return "its rows are not evenly spaced (a Gaussian grid); it cannot be thinned"
    stride = round(spacing / rows.mean())
    globe = abs(columns.mean() * lon.size - 360.0) < 0.01
    even = abs(stride * rows.mean() - spacing) < 1e-3 and abs(stride * columns.mean() - spacing) < 1e-3
    if stride < 1 or not even or (lat.size - 1) % stride or (lon.size if globe else lon.size - 1) % stride:
        size = f"{rows.mean():g} x {columns.mean():g} deg, {lat.size} x {lon.size} points"
        return f"its grid of {size}, cannot be thinned to {spacing:g} deg"
    return stride


def left_out(values, kept, lat, stride):
    """(n,) what straight lines between the kept points leave out; the cells at the poles apart, where east turns."""
    import numpy as np

    rows, columns = values.shape
    y, x = np.arange(rows) / stride, np.arange(columns) / stride
    i = np.minimum(y.astype(int), kept.shape[0] - 2)
    j = x.astype(int)
    wide = np.concatenate([kept, kept[:, :1]], axis=1)
    east = np.minimum(j + 1, wide.shape[1] - 1)
    a, b = (y - i)[:, None], (x - j)[None, :]
    low = wide[i][:, j] * (1 - b) + wide[i][:, east] * b
    high = wide[i + 1][:, j] * (1 - b) + wide[i + 1][:, east] * b
    off = np.abs(low * (1 - a) + high * a - values)
    off = off[np.abs(lat) <= 90.0 - stride * abs(lat[1] - lat[0])]
    return off[np.isfinite(off)]


def field(eccodes, message, np, file):
    """(grid key, latitudes, longitudes, values by rows of latitude) of one message."""
    kind = eccodes.codes_get(message, "gridType")
    if kind not in ("regular_ll", "regular_gg"):
        fault(f"its grid is {kind}; ask for a regular latitude-longitude grid", file)
    ni, nj = eccodes.codes_get(message, "Ni"), eccodes.codes_get(message, "Nj")
    eccodes.codes_set(message, "missingValue", 1e20)
    values = np.asarray(eccodes.codes_get_values(message), np.float32)
    if values.size != ni * nj:
        fault(f"a message holds {values.size:,} values for a grid of {ni} x {nj}", file)
    values[values > 1e19] = np.nan
    if eccodes.codes_get(message, "jPointsAreConsecutive"):
        values = values.reshape(ni, nj).T
    else:
        values = values.reshape(nj, ni)
    if eccodes.codes_get(message, "alternativeRowScanning"):
        values[1::2] = values[1::2, ::-1].copy()
    first, last = (
        eccodes.codes_get(message, f"longitudeOf{end}GridPointInDegrees") for end in ("First", "Last")
    )
    west = eccodes.codes_get(message, "iScansNegatively")
    span = (first - last) % 360.0 if west else (last - first) % 360.0
    step = span / (ni - 1) if span else 360.0 / ni
    lon = first + np.arange(ni) * (-step if west else step)
    lat = np.asarray(eccodes.codes_get_array(message, "distinctLatitudes"), float)
    lat = np.sort(lat)
    if not eccodes.codes_get(message, "jScansPositively"):
        lat = lat[::-1]
    if lat.size != nj:
        fault(f"a message names {lat.size} latitudes for {nj} rows", file)
    return lat, lon, values


def main():
    import numpy as np

    try:
        import eccodes
    except ImportError:
        say(missing="eccodes")
        return 1
    out, spacing, keep, files = sys.argv[1], float(sys.argv[2]), sys.argv[3], sys.argv[4:]
    wanted = None if keep == "all" else {float(level) for level in keep.split(",")}
    eccodes.codes_grib_multi_support_on()  # GFS keeps u and v in one message
    index, fields, grid = [], [], None
    square, count, most = (
        {"u": 0.0, "v": 0.0, "t": 0.0},
        {"u": 0, "v": 0, "t": 0},
        {"u": 0.0, "v": 0.0, "t": 0.0},
    )
    seen, held = 0, set()
    for place, file in enumerate(files):
        with open(file, "rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            messages = 0
            while True:
                try:
                    message = eccodes.codes_grib_new_from_file(stream)
                except eccodes.CodesInternalError as error:
                    fault(f"is cut short or damaged after {messages} messages ({error})", file)
                if message is None:
                    break
                messages += 1
                try:
                    name = str(NAMES.get(eccodes.codes_get(message, "shortName"), ""))
                    unit = LEVELS.get(eccodes.codes_get(message, "typeOfLevel"))
                    if not name or unit is None:
                        continue
                    level = eccodes.codes_get(message, "level") * unit
                    held.add(level)
                    if level < 5000.0 if wanted is None else level not in wanted:
                        continue  # above 50 hPa no pressure altitude is served
                    member = (
                        eccodes.codes_get(message, "number")
                        if eccodes.codes_is_defined(message, "number")
                        else 0
                    )
                    day, clock = (
                        eccodes.codes_get(message, "validityDate"),
                        eccodes.codes_get(message, "validityTime"),
                    )
                    lat, lon, values = field(eccodes, message, np, file)
                    centre = eccodes.codes_get(message, "centre")
                    run = [eccodes.codes_get(message, "dataDate"), eccodes.codes_get(message, "dataTime")]
                except eccodes.CodesInternalError as error:
                    fault(f"message {messages} cannot be decoded: {error}", file)
                finally:
                    eccodes.codes_release(message)
                stride = thinner(lat, lon, spacing)
                if isinstance(stride, str):
                    fault(stride, file)
                if stride > 1:
                    kept = np.ascontiguousarray(values[::stride, ::stride])
                    off = left_out(values, kept, lat, stride)
                    if off.size:
                        square[name] += float((off.astype(float) ** 2).sum())
                        count[name] += off.size
                        most[name] = max(most[name], float(off.max(initial=0.0)))
                    lat, lon, values = lat[::stride], lon[::stride], kept
                if grid is None:
                    grid = (lat, lon, file)
                elif (
                    grid[0].shape != lat.shape
                    or grid[1].shape != lon.shape
                    or abs(grid[0] - lat).max() > 1e-3
                    or abs((grid[1] - lon + 180.0) % 360.0 - 180.0).max() > 1e-3
                ):
                    fault(f"its grid is not that of {grid[2]}", file)
                index.append([name, level, day, clock, member, place, centre, *run])
                fields.append(values)
                seen += 1
                if seen % 8 == 0:
                    say(done=place + stream.tell() / max(size, 1), of=len(files))
            if not messages:
                fault("holds no GRIB message", file)
    lat, lon = (grid[0], grid[1]) if grid else (np.zeros(0), np.zeros(0))
    spread = {name: [(square[name] / count[name]) ** 0.5, most[name]] for name in count if count[name]}
    np.savez(
        out,
        lat=lat,
        lon=lon,
        values=np.stack(fields) if fields else np.zeros((0, 0, 0), np.float32),
        about=json.dumps({"index": index, "thinning": spread, "held": sorted(held)}),
    )
    say(fields=len(fields))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
