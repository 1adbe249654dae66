"""GRIB 1 and 2 (GFS, ECMWF, ERA5), decoded in a child process that loads eccodes and nothing else of ours."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from longreach.errors import DataError, Fault, InputError, MissingExtra
from longreach.world.winds.slabs import Slab, Slabs

CHILD = Path(__file__).with_name("_grib_child.py")


def read(
    files: Sequence[Path],
    spacing_deg: float,
    levels_pa: Sequence[float] | None,
    progress: Callable[[str, float | None], None],
) -> Slabs:
    """Every u, v and t on pressure levels in the files.

    spacing_deg : the grid wanted, 0 as it is; levels_pa : keep these levels only, None keeps all

    Raises: InputError for a file cut short, on a grid that is not regular, or with several ensemble members;
    MissingExtra without eccodes.
    """
    keep = "all" if levels_pa is None else ",".join(f"{level:g}" for level in levels_pa)
    with tempfile.TemporaryDirectory(prefix="longreach-grib-") as folder:
        out = Path(folder) / "fields.npz"
        command = [sys.executable, "-I", str(CHILD), str(out), f"{spacing_deg:g}", keep, *map(str, files)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert child.stdout is not None and child.stderr is not None
        said: dict[str, Any] = {}
        try:
            for line in child.stdout:
                try:
                    said = json.loads(line)
                except ValueError:
                    continue
                if "done" in said:
                    progress("decoding GRIB", min(1.0, said["done"] / said["of"]))
            noise = child.stderr.read()
            code = child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
        finally:
            child.stdout.close()
            child.stderr.close()
        if "missing" in said:
            raise MissingExtra("reading GRIB needs eccodes: pip install 'longreach[grib]'")
        if "fault" in said:
            raise InputError(Fault(said["fault"], file=said["file"]))
        if code or "fields" not in said:
            raise DataError(
                f"the GRIB reader ended with code {code}: {noise.strip()[-500:] or 'nothing said'}"
            )
        with np.load(out) as data:
            lat, lon, values = data["lat"], data["lon"], data["values"]
            about = json.loads(str(data["about"]))
    members = sorted({row[4] for row in about["index"]})
    if len(members) > 1:
        raise InputError(
            Fault(
                f"{len(members)} ensemble members ({members[0]} to {members[-1]}); give one",
                file=str(files[0]),
            )
        )
    slabs = tuple(
        Slab(row[0], _moment(row[2], row[3]), float(row[1]), values[k], str(files[row[5]]))
        for k, row in enumerate(about["index"])
    )
    if not slabs:
        what = "no wind on pressure levels"
        if about["held"] and levels_pa is not None:
            asked, held = (", ".join(f"{p / 100:g}" for p in levels) for levels in (levels_pa, about["held"]))
            what = f"no wind at {asked} hPa; it holds {held} hPa"
        raise InputError(Fault(what, file=", ".join(map(str, files))))
    runs = dict.fromkeys(f"{row[6]} run of {_stamp(row[7], row[8])}" for row in about["index"])
    source = "GRIB, " + ", ".join(list(runs)[:3]) + (f" and {len(runs) - 3} more" if len(runs) > 3 else "")
    thinning = {name: (float(rms), float(most)) for name, (rms, most) in about["thinning"].items()}
    return Slabs(lat, lon, slabs, source, thinning)


def _stamp(day: int, clock: int) -> str:
    return datetime.fromtimestamp(_moment(day, clock), UTC).strftime("%Y-%m-%dT%H:%MZ")


def _moment(day: int, clock: int) -> float:
    """20110115, 1200 -> seconds since 1970."""
    return datetime(
        day // 10000, day // 100 % 100, day % 100, clock // 100, clock % 100, tzinfo=UTC
    ).timestamp()
