"""A wind pack: one field in one file, ready to be flown through.

File: 8 bytes of magic, the length of the header (uint64, little endian), the header (JSON), blanks up to a
multiple of 64 bytes, then the values as int16 (little endian) in hundredths of m/s and of K, in the order time,
level, latitude, longitude, (u, v, dT); -32768 is a missing value. The grid is stored closed: round the globe with its
first meridian twice, one vector at each pole. Nothing is compressed: a day on 1 deg is read in a fraction of
the time it would take to unpack.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from longreach.document import write_atomically
from longreach.errors import Fault, InputError
from longreach.world.winds.field import WindField

MAGIC = b"LRWIND\x001"
STEP = 0.01  # m/s and K; half of it is the most a value is off by being stored
MISSING = -32768
ALIGN = 64
LARGEST_HEADER = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Pack:
    """A field and what its pack says of itself: files read, thinning and its error."""

    field: WindField
    header: dict[str, Any]


def write(path: Path, field: WindField, about: dict[str, Any]) -> Pack:
    """Write a field as a pack, wholly or not at all; `about` joins the header. Returns what was written, read back.

    Raises: InputError where a value does not fit (over 327 m/s or K) or the file cannot be written.
    """
    with np.errstate(invalid="ignore"):
        scaled = np.rint(field.values / STEP)
        if (np.abs(scaled) > 32767).any():
            raise InputError(Fault(f"{field.name} holds a value over 327 m/s or K", file=str(path)))
    missing = np.isnan(scaled)
    values = np.where(missing, MISSING, scaled).astype("<i2")
    data = values.tobytes()
    header = {
        "schema": "longreach.winds/1",
        "name": field.name,
        "source": field.source,
        "epoch_utc": field.epoch.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "time_s": field.time_s.tolist(),
        "pressure_pa": field.pressure_pa.tolist(),
        "lat_deg": field.lat.tolist(),
        "lon_deg": field.lon.tolist(),
        "steady": field.steady,
        "has_temperature": field.has_temperature,
        "missing_values": int(missing.sum()),
        "step": STEP,
        "notes": list(field.notes),
        "crc32": zlib.crc32(data),
        **about,
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-(len(MAGIC) + 8 + len(text)) % ALIGN)
    write_atomically(path, MAGIC + struct.pack("<Q", len(text)) + text + data)
    return read(path)


def read(path: Path) -> Pack:
    """The pack at `path`.

    Raises: InputError where it cannot be read, is no pack, is cut short or has been altered.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Fault(f"cannot read: {error.strerror}", file=str(path))) from error
    if data[:8] != MAGIC:
        hint = "make one from weather files: longreach winds import FILE... -o PACK"
        raise InputError(Fault("is not a wind pack", file=str(path), hint=hint))
    try:
        (size,) = struct.unpack("<Q", data[8:16])
        if size > LARGEST_HEADER:
            raise ValueError("its header has no sensible length")
        header = json.loads(data[16 : 16 + size])
        if header["schema"] != "longreach.winds/1":
            raise ValueError(f"it has schema {header['schema']!r}, this version reads 'longreach.winds/1'")
        return Pack(_field(header, data, 16 + size), header)
    except (ValueError, KeyError, TypeError, struct.error) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        hint = "import the weather files again"
        raise InputError(Fault(f"the wind pack is damaged: {what}", file=str(path), hint=hint)) from error


def _field(header: dict[str, Any], data: bytes, start: int) -> WindField:
    axes = [np.array(header[key], float) for key in ("time_s", "pressure_pa", "lat_deg", "lon_deg")]
    for name, axis in zip(("times", "levels", "latitudes", "longitudes"), axes, strict=True):
        if axis.ndim != 1 or not axis.size or not np.isfinite(axis).all() or (np.diff(axis) <= 0.0).any():
            raise ValueError(f"its {name} do not rise throughout")
        axis.setflags(write=False)
    shape = (*(axis.size for axis in axes), 3)
    count = math.prod(shape)
    if len(data) - start != 2 * count:
        raise ValueError(f"it holds {len(data) - start:,} bytes of values, its grid asks for {2 * count:,}")
    if zlib.crc32(memoryview(data)[start:]) != header["crc32"]:
        raise ValueError("its values are not those written (checksum)")
    raw = np.frombuffer(data, "<i2", count, start)
    values = np.multiply(raw, np.float32(header["step"]), dtype=np.float32)
    if header["missing_values"]:
        values[raw == MISSING] = np.nan
    values = values.reshape(shape)
    values.setflags(write=False)
    time, pressure, lat, lon = axes
    return WindField(
        source=str(header["source"]),
        name=str(header["name"]),
        epoch=datetime.fromisoformat(header["epoch_utc"]),
        time_s=time,
        pressure_pa=pressure,
        lat=lat,
        lon=lon,
        values=values,
        steady=bool(header["steady"]),
        has_temperature=bool(header["has_temperature"]),
        sha256=hashlib.sha256(data).hexdigest(),
        notes=tuple(str(note) for note in header["notes"]),
    )
