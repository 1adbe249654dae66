"""Other programs' routes read in: a mission to plan, or a route file, with every guess said."""

from __future__ import annotations

from pathlib import Path

from longreach.errors import Fault, InputError
from longreach.importing.line import Line

TOLERANCE_M = 0.5 * 1852.0  # how far from the file's line the kept points may lead


def lines(path: Path) -> list[Line]:
    """The routes and tracks of a file, routes first, as they stand.

    Raises: InputError where it cannot be read or holds none.
    """
    from longreach.importing import formats

    try:
        if path.stat().st_size > formats.LARGEST:
            raise InputError(
                Fault(f"is larger than {formats.LARGEST // 2**20} MiB: not a route", file=str(path))
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Fault(f"cannot read: {error.strerror}", file=str(path))) from error
    return formats.read(data, str(path))


def choose(found: list[Line], wanted: str | None, file: str) -> Line:
    """One line of a file: by its name, by its number from 1, or the first, which is then among the guesses.

    Raises: InputError for a name or number that is none, listing what there is.
    """
    from dataclasses import replace

    said = [f"{k} {line.kind} {line.name!r}, {len(line.points)} points" for k, line in enumerate(found, 1)]
    if wanted is None:
        line = found[0]
        if len(found) > 1:
            note = f"of {len(found)} lines the first is taken: {line.kind} {line.name!r}"
            return replace(line, guesses=(*line.guesses, note))
        return line
    for k, line in enumerate(found, 1):
        if wanted in (str(k), line.name):
            return line
    raise InputError(Fault(f"holds no line {wanted!r}", file=file, hint="; ".join(said[:10])))
