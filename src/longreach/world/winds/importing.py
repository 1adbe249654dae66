"""Weather files into one wind pack."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from longreach.errors import Fault, InputError
from longreach.world.winds import grib, netcdf, pack
from longreach.world.winds.pack import Pack
from longreach.world.winds.slabs import Slabs, field_of, merged

Progress = Callable[[str, float | None], None]


def import_files(
    files: Sequence[Path],
    output: Path,
    *,
    spacing_deg: float = 0.0,
    levels_pa: Sequence[float] | None = None,
    below: str = "auto",
    steady: bool = False,
    progress: Progress = lambda stage, part: None,
) -> Pack:
    """Read GRIB and NetCDF files, join their times and levels, write one pack and return it read back.

    Parameters
    ----------
    spacing_deg : the grid to thin to, 0 keeps it; the header states what straight lines between kept points leave out
    levels_pa : keep these levels only
    below, steady : see `slabs.field_of`

    Raises: InputError naming the file and the variable, level or time that is wrong or missing; MissingExtra where
    a reader is not installed.
    """
    gribs: list[Path] = []
    others: list[Path] = []
    for file in files:
        kind = _kind(file)
        if kind is None:
            hint = "GRIB 1 or 2 and NetCDF 3 or 4 are read"
            raise InputError(Fault("is neither GRIB nor NetCDF", file=str(file), hint=hint))
        (gribs if kind == "grib" else others).append(file)
    if output.resolve() in {file.resolve() for file in files}:
        raise InputError(
            Fault("is one of the files to read", file=str(output), hint="give another name after -o")
        )
    parts: list[Slabs] = []
    if gribs:
        parts.append(grib.read(gribs, spacing_deg, levels_pa, progress))
    alone = len(files) == 1
    parts += [
        netcdf.read(file, spacing_deg, levels_pa, progress, alone=alone, steady=steady) for file in others
    ]
    read = merged(parts)
    if levels_pa is not None:
        held = {slab.pressure_pa for slab in read.slabs}
        lacking = [level for level in levels_pa if not any(abs(level - each) < 0.5 for each in held)]
        if lacking:
            words = ", ".join(f"{level / 100:g} hPa" for level in lacking)
            have = ", ".join(f"{level / 100:g}" for level in sorted(held))
            what = f"no wind at {words}; of the levels asked for it has {have} hPa"
            raise InputError(Fault(what, file=", ".join(map(str, files))))
    progress("putting together", None)
    field = field_of(read, name=output.name, below=below, steady=steady)
    progress("writing", None)
    return pack.write(output, field, _about(read, files, spacing_deg))


def _about(read: Slabs, files: Sequence[Path], spacing_deg: float) -> dict[str, Any]:
    about: dict[str, Any] = {
        "made_from": read.source,
        "files": [
            {"name": file.name, "bytes": file.stat().st_size, "sha256": _sha256(file)} for file in files
        ],
        "thinning": None,
    }
    if spacing_deg and read.thinning:
        u, v, t = (read.thinning.get(name, (0.0, 0.0)) for name in ("u", "v", "t"))
        about["thinning"] = {
            "spacing_deg": spacing_deg,
            "vector_rms_mps": round(float(np.hypot(u[0], v[0])), 3),
            "component_most_mps": round(max(u[1], v[1]), 2),
            "temperature_rms_k": round(t[0], 3),
        }
    return about


def _kind(file: Path) -> str | None:
    try:
        if file.is_dir():
            raise InputError(Fault("is a folder, not a weather file", file=str(file)))
        with file.open("rb") as stream:
            head = stream.read(512)
    except OSError as error:
        raise InputError(Fault(f"cannot read: {error.strerror}", file=str(file))) from error
    if head[:4] == b"\x89HDF" or head[:3] == b"CDF":
        return "netcdf"
    return "grib" if b"GRIB" in head else None  # a bulletin's heading may stand before the first message


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
