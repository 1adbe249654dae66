"""A closure file as text: JSON read strictly, and the line on which a thing stands."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError

LARGEST_FILE = 64 * 1024 * 1024  # bytes; all FIR outlines of the world are 2 MB
_BLANK = " \t\r\n"


class Twice(dict[str, Any]):
    """A JSON object in which keys came more than once; `keys_twice` names them."""

    keys_twice: tuple[str, ...] = ()


def read_text(path: Path, what: str) -> str:
    """The UTF-8 text of a file (a byte order mark is allowed).

    Raises: InputError naming the file where it is missing, not a file, too large or not UTF-8.
    """
    try:
        if path.is_dir():
            raise InputError(Fault(f"is a folder, not a {what}", file=str(path)))
        if path.stat().st_size > LARGEST_FILE:
            size, most = path.stat().st_size / 2**20, LARGEST_FILE // 2**20
            raise InputError(Fault(f"is {size:.0f} MiB; a {what} may have {most} MiB", file=str(path)))
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(
            Fault(f"is not UTF-8 text, so not a {what}", file=str(path), line=line, hint="save it as UTF-8")
        ) from error
    except ValueError as error:  # a NUL in the path
        raise InputError(Fault("is not a path", file=repr(str(path)))) from error
    except OSError as error:
        raise InputError(Fault(f"cannot read: {error.strerror}", file=str(path))) from error


def parse_json(text: str, file: str) -> Any:
    """The JSON value of `text`. NaN and Infinity come through as floats for the caller to refuse.

    Raises: InputError with the line of a syntax error.
    """
    if not text.strip():
        raise InputError(Fault("is empty", file=file, line=1, hint="a GeoJSON FeatureCollection is needed"))
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise InputError(Fault(f"is not JSON: {error.msg}", file=file, line=error.lineno)) from error
    except RecursionError as error:
        raise InputError(Fault("is nested too deeply to be GeoJSON", file=file)) from error
    except ValueError as error:  # a number of more than 4,300 digits
        raise InputError(Fault(f"is not JSON: {error}", file=file)) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    keys = [key for key, _ in pairs]
    twice = Twice(value)
    twice.keys_twice = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    return twice


class Lines:
    """The lines on which the values of a JSON text stand.

    >>> Lines('{"a": [1,\\n 2]}').of(("a", 1))
    2
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._features: list[int] | None = None  # offset of each feature, found once for all faults
        self._ends: list[int] | None = None  # offset of each line end

    def of(self, path: tuple[str | int, ...]) -> int | None:
        """1-based line of the value at `path`, or of the deepest part of the path that is there."""
        text, at = self.text, 0
        try:
            at = _skip(text, 0)
            if len(path) > 1 and path[0] == "features" and isinstance(path[1], int):
                if self._features is None:
                    array = _member(text, at, "features")
                    self._features = [] if array is None else _elements(text, array)
                if path[1] < len(self._features):
                    at, path = self._features[path[1]], path[2:]
            for step in path:
                found = _member(text, at, step)
                if found is None:
                    break
                at = found
        except (ValueError, IndexError, RecursionError):
            return None
        if self._ends is None:
            self._ends = [match.start() for match in re.finditer("\n", text)]
        return bisect_left(self._ends, at) + 1


def _elements(text: str, at: int) -> list[int]:
    """Offsets of the elements of the array that starts at `at`."""
    decoder, found = json.JSONDecoder(), []
    if text[at] != "[":
        return []
    at = _skip(text, at + 1)
    while text[at] != "]":
        found.append(at)
        _, at = decoder.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return found


def _skip(text: str, at: int) -> int:
    while text[at] in _BLANK:
        at += 1
    return at


def _member(text: str, at: int, step: str | int) -> int | None:
    """Offset of one member of the object or array that starts at `at`."""
    decoder = json.JSONDecoder()
    opener = text[at]
    if opener != ("{" if isinstance(step, str) else "["):
        return None
    at, index = _skip(text, at + 1), 0
    while text[at] not in "}]":
        key: str | int = index
        if opener == "{":
            key, at = decoder.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        if key == step:
            return at
        _, at = decoder.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        index += 1
    return None
