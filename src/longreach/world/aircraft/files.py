"""The user's own types: TOML files in the user's data folder, or one that a mission names.

A file is the same as one of the catalogue's (`longreach aircraft show B-52H --toml` prints one to start
from). It is read with every fault at once, each with its line. Its code and aliases must not be those of a
type that comes with Longreach: a changed B-52H is another type and says so in its name.
"""

from __future__ import annotations

import difflib
import os
from functools import lru_cache
from pathlib import Path

from longreach.document import sha256, write_atomically
from longreach.errors import Fault, InputError
from longreach.locate import key_lines, line_of
from longreach.toml import decoded, parsed, read_bytes
from longreach.world.aircraft.model import KEYS, SCHEMA, Aircraft, from_document

_START = "`longreach aircraft show B-52H --toml` prints a file to start from"


def folder() -> Path:
    """Where added types are kept: the user's data folder, or `LONGREACH_AIRCRAFT` where that is set."""
    given = os.environ.get("LONGREACH_AIRCRAFT")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_dir("longreach")) / "aircraft"


def kept() -> tuple[Path, ...]:
    """The files of added types, by name; none where the folder is not there."""
    return tuple(sorted(folder().glob("*.toml")))


def read(path: Path | str) -> Aircraft:
    """The type in a file of the user's.

    Raises: InputError with every fault: not readable, not TOML, unknown keys, figures missing or out of
    range, a code or an alias that a type of Longreach already has.
    """
    path = Path(path)
    return _parse(read_bytes(path, "an aircraft file", _START), str(path))


@lru_cache(maxsize=64)
def _parse(data: bytes, file: str) -> Aircraft:
    from longreach.world.aircraft.catalogue import plain, shipped_names

    text = decoded(data, file, _START)
    document = parsed(text, file)
    lines = key_lines(text)
    faults: list[Fault] = []

    def fault(key: str, what: str, hint: str | None = None) -> None:
        line = line_of(lines, (key,)) or 1
        faults.append(Fault(what, file=file, line=line, key=key, hint=hint))

    if document.get("schema") != SCHEMA:
        found = (
            f"{document['schema']!r} is not a format this version reads"
            if "schema" in document
            else "is missing"
        )
        fault("schema", found, f'write schema = "{SCHEMA}"')
    for key in document:
        if key not in KEYS:
            close = difflib.get_close_matches(key, KEYS, 1)
            fault(key, "is not a key of an aircraft file", f"did you mean {close[0]}?" if close else None)
    taken = shipped_names()
    aliases = document.get("aliases")
    for key, names in (
        ("code", [document.get("code")]),
        ("aliases", aliases if isinstance(aliases, list) else []),
    ):
        for name in names:
            if not isinstance(name, str):
                continue
            if not plain(name):
                fault(key, f"{name!r} holds no letter or digit A-Z, 0-9")
            elif plain(name) in taken:
                owner = taken[plain(name)]
                fault(key, f"{name!r} is the catalogue's own {owner}", "give the type a name of its own")
    mine = {**document, "file": Path(file).name, "file_sha256": sha256(data)}
    aircraft = None
    try:
        aircraft = from_document(mine, file=file, lines=lines)
    except InputError as error:
        faults += error.faults
    if faults or aircraft is None:
        raise InputError(sorted(faults, key=lambda each: each.line or 0))
    return aircraft


def add(path: Path | str, replace: bool = False) -> tuple[Aircraft, Path]:
    """Keep a file of the user's among the types that `load` finds; the type, and where it is kept.

    Raises: InputError where the file is faulty, or a type added before has the same name and `replace` is
    False or it is another type's.
    """
    from longreach.world.aircraft.catalogue import plain

    path = Path(path)
    data = read_bytes(path, "an aircraft file", _START)
    aircraft = _parse(data, str(path))
    names = {plain(name) for name in (aircraft.code, *aircraft.aliases)}
    old = None
    for other_path in kept():
        if plain(other_path.stem) == plain(aircraft.code):
            old = other_path
            continue
        other = read(other_path)
        for name in (other.code, *other.aliases):
            if plain(name) in names:
                what = f"{name!r} already stands for the added type {other.code}"
                raise InputError(Fault(what, file=str(path), hint="give the type a name of its own"))
    if old is not None and not replace:
        what = f"a type {aircraft.code!r} is added already, from {old}"
        raise InputError(Fault(what, file=str(path), hint="add --replace to put this one in its place"))
    target = old or folder() / f"{plain(aircraft.code).lower()}.toml"
    write_atomically(target, data)
    return aircraft, target


def remove(code: str) -> tuple[str, Path]:
    """Take an added type away; its code, and the file that is gone. A file that cannot be read goes by its name.

    Raises: InputError where no added type has that name.
    """
    from longreach.world.aircraft.catalogue import plain, shipped_names

    for path in kept():
        names = {plain(path.stem): path.stem}
        try:
            aircraft = read(path)
            names = {plain(name): aircraft.code for name in (aircraft.code, *aircraft.aliases)}
        except InputError:
            pass
        if plain(code) in names:
            path.unlink()
            return names[plain(code)], path
    if plain(code) in shipped_names():
        raise InputError(Fault(f"{code!r} comes with Longreach and cannot be removed"))
    known = ", ".join(path.stem for path in kept())
    raise InputError(Fault(f"no added type {code!r}", hint=f"added: {known}" if known else "none is added"))
