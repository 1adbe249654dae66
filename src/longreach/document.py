"""The plan document: how `plan.json` is written and read, and how any result file lands on disk.

A result is either wholly there or not there: it is written to a temporary file in the same folder
and renamed. The same document gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError

PLAN_SCHEMA = "longreach.plan/1"
ROUTE_SCHEMA = "longreach.route/1"
MISSION_SCHEMA = "longreach.mission/1"
LARGEST_PLAN = 256 * 1024 * 1024  # bytes; a plan of a 36 h mission is about 1 MB


def to_bytes(document: Mapping[str, Any]) -> bytes:
    """Deterministic UTF-8 JSON: keys in the document's own order, no NaN, a newline at the end."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode() + b"\n"


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` by way of a temporary file beside it; never leaves half a file.

    Raises: InputError where the folder cannot be written, naming it and the reason.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise InputError(Fault(f"cannot write there: {error.strerror}", file=str(path))) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise InputError(Fault(f"cannot write: {error.strerror}", file=str(path))) from error
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_plan(path: Path) -> dict[str, Any]:
    """The plan document at `path` (the file, or the folder that holds plan.json).

    Only the shell is checked here: it is JSON, an object, and of a schema this version reads.

    Raises: InputError naming the file and, for broken JSON, the line.
    """
    return read_document(path, (PLAN_SCHEMA,))


def read_document(path: Path, schemas: tuple[str, ...]) -> dict[str, Any]:
    """`read_plan` for documents of any of several schemas."""
    file = path / "plan.json" if path.is_dir() else path
    try:
        if file.stat().st_size > LARGEST_PLAN:
            raise InputError(Fault(f"larger than {LARGEST_PLAN // 2**20} MiB: not a plan", file=str(file)))
        document = json.loads(file.read_bytes())
    except OSError as error:
        raise InputError(Fault(f"cannot read: {error.strerror}", file=str(file))) from error
    except UnicodeDecodeError as error:
        raise InputError(Fault("is not UTF-8 text, so not a plan", file=str(file))) from error
    except json.JSONDecodeError as error:
        raise InputError(Fault(f"is not JSON: {error.msg}", file=str(file), line=error.lineno)) from error
    except RecursionError as error:
        raise InputError(Fault("is nested too deeply to be a plan", file=str(file))) from error
    if not isinstance(document, dict):
        raise InputError(Fault("is JSON but not an object, so not a plan", file=str(file)))
    if document.get("schema") not in schemas:
        read = " and ".join(repr(schema) for schema in schemas)
        raise InputError(
            Fault(f"has schema {document.get('schema')!r}; this version reads {read}", file=str(file))
        )
    return document
