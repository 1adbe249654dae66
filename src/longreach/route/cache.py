"""Prepared closures kept on disk: the same content is prepared once.

One file per content hash in the user's cache folder (`LONGREACH_CACHE` overrides it): magic, the SHA-256
of what follows, then the arrays. Written to a temporary file and renamed, so two processes never see half a
file; a file that does not match its hash counts as absent. The cache only saves time: where it cannot be
read or written everything works the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from longreach.world.airspace import Closure

MAGIC = b"LRROUTE\x01"
ENGINE = (
    *(
        "_kernels.py",
        "_offset_kernels.py",
        "chunks.py",
        "graph.py",
        "obstacles.py",
        "offset.py",
        "plane.py",
        "prepared.py",
    ),
)  # what the numbers depend on
LARGEST = 2 * 2**30  # bytes kept in all; the oldest go first


def folder() -> Path:
    """Where prepared closures are kept."""
    given = os.environ.get("LONGREACH_CACHE")
    if given:
        return Path(given) / "route"
    import platformdirs

    return Path(platformdirs.user_cache_dir("longreach")) / "route"


@cache
def engine() -> str:
    """Hash of the code that prepares closures: what another version prepared is never taken for ours."""
    digest = hashlib.sha256()
    for name in ENGINE:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def key(closures: Sequence[Closure], *more: object) -> str:
    """Content hash of closures: their geometry and stand-offs, and whatever else decides the result."""
    digest = hashlib.sha256(f"{engine()}|{more!r}".encode())
    for closure in closures:
        digest.update(f"|{closure.id}|{closure.stand_off_m!r}|{closure.holds_north_pole}".encode())
        for ring in closure.rings:
            digest.update(_bytes(ring.lat))
            digest.update(_bytes(ring.lon))
        for line in closure.lines:
            digest.update(f"|{line.offset_m!r}".encode())
            digest.update(_bytes(line.lat))
            digest.update(_bytes(line.lon))
    return digest.hexdigest()


def _bytes(values: Any) -> memoryview:
    return np.ascontiguousarray(values, float).data


def load(name: str) -> dict[str, Any] | None:
    """The arrays kept under `name`, or None."""
    path = folder() / f"{name}.bin"
    try:
        data = path.read_bytes()
    except OSError:
        return None
    head = len(MAGIC) + 32
    if (
        data[: len(MAGIC)] != MAGIC
        or hashlib.sha256(memoryview(data)[head:]).digest() != data[len(MAGIC) : head]
    ):
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    with np.load(io.BytesIO(memoryview(data)[head:]), allow_pickle=False) as arrays:
        return dict(arrays)


def save(name: str, arrays: Mapping[str, Any]) -> bool:
    """Keep arrays under `name`; False where the folder cannot be written."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    body = stream.getbuffer()
    try:
        place = folder()
        place.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=place)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(MAGIC + hashlib.sha256(body).digest())
                file.write(body)
            os.replace(temporary, place / f"{name}.bin")
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _prune(place)
    except OSError:
        return False
    return True


def _prune(place: Path) -> None:
    """Drop the files used longest ago while the folder holds more than LARGEST."""
    kept = []
    for path in place.glob("*.bin"):
        with contextlib.suppress(OSError):
            status = path.stat()
            kept.append((status.st_mtime, status.st_size, path))
    total = sum(size for _, size, _ in kept)
    for _, size, path in sorted(kept):
        if total <= LARGEST:
            return
        with contextlib.suppress(OSError):
            path.unlink()
            total -= size
