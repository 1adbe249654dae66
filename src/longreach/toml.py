"""A TOML file read with care: what is wrong with its bytes or its syntax, and on which line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError

LARGEST = 1_000_000  # bytes; a mission of many flights is about 10 kB


def read_bytes(path: Path, what: str, hint: str | None = None) -> bytes:
    """The bytes of a small text file.

    what : what the file should be, for messages ("an aircraft file")

    Raises: InputError where it cannot be read, is a folder or is larger than 1 MB.
    """
    name = str(path)
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise InputError(Fault(f"is a folder, not {what}", file=name))
        if size > LARGEST:
            raise InputError(Fault(f"is {size / 1e6:.1f} MB; {what} is at most 1 MB of TOML", file=name))
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(Fault(f"cannot read: {reason}", file=name, hint=hint)) from error


def decoded(data: bytes, file: str | None, hint_empty: str | None = None) -> str:
    """The text of UTF-8 bytes that TOML can be; InputError where they are empty or something else."""
    if not data.strip():
        raise InputError(Fault("is empty", file=file, line=1, hint=hint_empty))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(Fault("is UTF-16 text; save it as UTF-8", file=file, line=1))
    if data.startswith(b"\xef\xbb\xbf"):
        what = "begins with a byte order mark, which TOML does not allow; save it as UTF-8 without one"
        raise InputError(Fault(what, file=file, line=1))
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        raise InputError(Fault("holds a NUL byte, so it is not a text file", file=file, line=line))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise InputError(Fault(what, file=file, line=line)) from error


def parsed(text: str, file: str | None) -> dict[str, Any]:
    """The values of a TOML text; InputError with the line where it is not TOML.

    >>> parsed("a = 1", None)
    {'a': 1}
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        deepest = max(range(text.count("\n") + 1), key=lambda n: _brackets(text.split("\n")[n]), default=0)
        what = "is nested too deeply"
        raise InputError(Fault(what, file=file, line=deepest + 1)) from None
    except tomllib.TOMLDecodeError as error:
        what, line = _toml_fault(str(error), text)
        raise InputError(Fault(what, file=file, line=line)) from None
    except ValueError as error:  # a date such as 2020-02-30, or an integer of thousands of digits
        raise InputError(Fault(f"is not TOML: {error}", file=file, line=_culprit(text))) from None


def _brackets(line: str) -> int:
    return line.count("[") + line.count("{")


def _culprit(text: str) -> int:
    """The first line after which the text before it stops being read: the line of a value error."""
    rows = text.split("\n")
    low, high = 0, len(rows)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            tomllib.loads("\n".join(rows[:middle]))
            low = middle
        except tomllib.TOMLDecodeError:
            low = middle  # cut inside a value that goes on below
        except ValueError:
            high = middle
    return high


def _toml_fault(message: str, text: str) -> tuple[str, int]:
    """tomllib's words turned into ours, and the line."""
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    if not match:
        return f"is not TOML: {message}", 1
    what, row, column = match[1], match[2], match[3]
    line = int(row) if row else text.rstrip("\n").count("\n") + 1
    twice = re.match(r"Cannot (?:declare|mutate immutable namespace) \((.*?),?\)", what)
    if twice:
        name = ".".join(re.findall(r"'([^']*)'", twice[1]))
        return f"[{name}] is stated twice", line
    if what.startswith(("Cannot overwrite a value", "Duplicate inline table key")):
        return "states a key for the second time", line
    where = f" at column {column}" if column else ", where the file ends"
    return f"is not TOML: {what[0].lower()}{what[1:]}{where}", line
