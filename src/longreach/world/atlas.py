"""The airspace pack: land borders and territorial belts as shared arcs, and who owns which piece.

The world is cut into *pieces*: the areas of Natural Earth, the parts of them that are disputed or go by
their own code, and islets Natural Earth lacks. An arc is a run of boundary between the same two pieces (or
a piece and the sea). The boundary of a State is every arc with exactly one side among the pieces it owns;
so one set of arcs serves every atlas, every claim and every combination, and neighbours share a border bit
for bit. `tools/build_airspace.py` makes the pack; nothing here needs more than numpy.

File: 8 bytes of magic, the length of the header (uint64, little endian), the header (zlib-compressed JSON),
then zlib streams, one for each array. Coordinates are int32 differences along each arc on the layer's grid,
longitude differences the short way round, stored byte plane by byte plane (high bytes are nearly all equal).
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from longreach.document import sha256
from longreach.errors import DataError
from longreach.geodesy import Floats

PACK_FILE = Path(__file__).parent / "data" / "airspace.pack"
MAGIC = b"LRAIR\x00\x001"
SEA = -1  # the piece index of whatever belongs to nobody

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of the world with one set of owners.

    id : "IR", or "X-CRIMEA" for a part without an ISO code
    name : English name
    area : name of the Natural Earth area it is cut from, "" for an islet
    plain_owner : the area's code in Natural Earth as it is, "" where Natural Earth lacks the piece
    owners : codes that own it in the default atlas; two or more where it is disputed, holder first
    note : why, with the source; "" where there is nothing to say
    trust : "public domain data" | "hand-made, two sources agree" and the like
    """

    id: str
    name: str
    area: str
    plain_owner: str
    owners: tuple[str, ...]
    note: str
    trust: str


@dataclass(frozen=True, slots=True)
class Layer:
    """Arcs of one kind (land, belts): (n_arcs,) sides and the flat vertices they run through.

    An arc i has vertices start[i]:start[i+1]. `left`, `right` are piece indices, SEA for nobody; which is
    which side has no meaning. `line_only` arcs are islands and spits too small for the source's grid: they
    have a coast but no inside.
    """

    start: Ints
    lat: Floats
    lon: Floats
    left: Ints
    right: Ints
    line_only: np.ndarray[Any, np.dtype[np.bool_]]


class Atlas:
    """The pack at `path`, each layer decoded when first asked for.

    Raises: DataError where the file is missing or damaged.
    """

    def __init__(self, path: Path = PACK_FILE) -> None:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise DataError(f"{path}: the airspace pack cannot be read: {error.strerror}") from error
        try:
            if data[:8] != MAGIC:
                raise ValueError("wrong magic")
            (size,) = struct.unpack("<Q", data[8:16])
            self._header: dict[str, Any] = json.loads(zlib.decompress(data[16 : 16 + size]))
            self._blobs = data[16 + size :]
        except (ValueError, struct.error, zlib.error) as error:
            raise DataError(f"{path}: the airspace pack is damaged: {error}; reinstall Longreach") from error
        self._data = data
        self.name: str = self._header["name"]
        self.version: str = self._header["version"]
        self.statement: str = self._header["statement"]
        # Rings of the layer "belts" that make up a code's belt. A code missing under "plain" has the default's;
        # one missing there too has no belt beyond its land.
        self.belts: dict[str, dict[str, list[int]]] = self._header.get("belts", {})
        self.pieces = tuple(
            Piece(**{**piece, "owners": tuple(piece["owners"])}) for piece in self._header["pieces"]
        )

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the whole pack file."""
        return sha256(self._data)

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers in the pack."""
        return tuple(self._header["layers"])

    @cache  # noqa: B019  (the shipped atlas lives as long as the process)
    def layer(self, name: str) -> Layer:
        """The arcs of layer `name`."""
        entry = self._header["layers"][name]
        try:
            counts = self._array(entry["counts"], np.uint16).astype(np.int64)
            left = self._array(entry["left"], np.int16).astype(np.int64)
            right = self._array(entry["right"], np.int16).astype(np.int64)
            line_only = self._array(entry["line_only"], np.uint8).astype(bool)
            x, y = self._array(entry["x"], np.int32), self._array(entry["y"], np.int32)
        except (ValueError, IndexError, zlib.error) as error:
            raise DataError(f"the airspace pack is damaged ({name}: {error}); reinstall Longreach") from error
        start = np.concatenate([[0], np.cumsum(counts)])
        grid = entry["grid"]
        column = _undo_differences(x, start)
        if column.min() < 0 or column.max() >= grid["columns"]:
            column %= grid["columns"]
        row = _undo_differences(y, start)
        layer = Layer(
            start=start,
            lat=grid["lat0"] + row * grid["lat_step"],
            lon=_wrap(grid["lon0"] + column * grid["lon_step"]),
            left=left,
            right=right,
            line_only=line_only,
        )
        for array in (layer.start, layer.lat, layer.lon, layer.left, layer.right, layer.line_only):
            array.flags.writeable = False
        return layer

    def _array(self, place: list[int], dtype: type) -> Any:
        offset, size = place
        raw = np.frombuffer(zlib.decompress(self._blobs[offset : offset + size]), np.uint8)
        width = np.dtype(dtype).itemsize
        return raw.reshape(width, -1).T.copy().view(dtype).ravel()


@cache
def shipped() -> Atlas:
    """The atlas that comes with Longreach."""
    return Atlas()


def _wrap(lon: Floats) -> Floats:
    return np.where(lon >= 180.0, lon - 360.0, lon)


def _undo_differences(values: Any, start: Ints) -> Any:
    """Running sum that begins anew at each arc, whose first value is stored whole; int32."""
    first = start[:-1]
    change = values.copy()
    # the first value of an arc less the last of the arc before: then one running sum does for all
    change[first[1:]] -= np.add.reduceat(values, first)[:-1].astype(np.int32)
    return np.cumsum(change, dtype=np.int32)


def write_pack(path: Path, header: dict[str, Any], layers: dict[str, dict[str, Any]]) -> None:
    """Write a pack: `header` fields and, per layer, `grid`, `arcs` [(column, row, left, right, line_only)].

    Columns and rows are integers on the layer's grid; columns may lie anywhere, modulo grid["columns"].
    Used by tools/build_airspace.py; here, so that the two halves of the format stand side by side.
    """
    blobs: list[bytes] = []
    offset = 0

    def put(values: Any, dtype: type) -> list[int]:
        nonlocal offset
        array: np.ndarray[Any, Any] = np.ascontiguousarray(values, dtype=dtype)
        planes = array.view(np.uint8).reshape(-1, array.itemsize).T
        blobs.append(zlib.compress(np.ascontiguousarray(planes).tobytes(), 9))
        offset += len(blobs[-1])
        return [offset - len(blobs[-1]), len(blobs[-1])]

    entries = {}
    for name, layer in layers.items():
        columns = layer["grid"]["columns"]
        counts, xs, ys = [], [], []
        for column, row, *_ in layer["arcs"]:
            if len(column) > 65535:
                raise ValueError("an arc is too long for the pack; split it")
            counts.append(len(column))
            step = np.diff(column)
            xs.append(np.concatenate([[column[0] % columns], (step + columns // 2) % columns - columns // 2]))
            ys.append(np.concatenate([[row[0]], np.diff(row)]))
        entries[name] = {
            "grid": layer["grid"],
            "counts": put(counts, np.uint16),
            "left": put([arc[2] for arc in layer["arcs"]], np.int16),
            "right": put([arc[3] for arc in layer["arcs"]], np.int16),
            "line_only": put([arc[4] for arc in layer["arcs"]], np.uint8),
            "x": put(np.concatenate(xs), np.int32),
            "y": put(np.concatenate(ys), np.int32),
        }
    text = json.dumps({**header, "layers": entries}, ensure_ascii=False, separators=(",", ":")).encode()
    packed = zlib.compress(text, 9)
    path.write_bytes(MAGIC + struct.pack("<Q", len(packed)) + packed + b"".join(blobs))
