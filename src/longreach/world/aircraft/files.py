"""The user's own types: TOML files in the user's data folder, or one that a mission names.

A file is the same as one of the catalogue's (`longreach aircraft show B-52H --toml` prints one to start
from). It is read with every fault at once, each with its line. Its code and aliases must not be those of a
type that comes with Longreach: a changed B-52H is another type and says so in its name.
"""

from __future__ import annotations

import difflib
import json
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


def check(text: str, file: str) -> Aircraft:
    """The type in a text, as `read` would take it from `file`; InputError with every fault."""
    return _parse(text.encode(), file)


def add(path: Path | str, replace: bool = False) -> tuple[Aircraft, Path]:
    """Keep a file of the user's among the types that `load` finds; the type, and where it is kept.

    Raises: InputError where the file is faulty, or a type added before has the same name and `replace` is
    False or it is another type's.
    """
    data = read_bytes(Path(path), "an aircraft file", _START)
    return _parse(data, str(path)), _keep(data, str(path), replace)


def keep(text: str, replace: bool = False) -> Path:
    """The same for a type in a text; where it is kept."""
    return _keep(text.encode(), "the new type", replace)


def _keep(data: bytes, file: str, replace: bool) -> Path:
    from longreach.world.aircraft.catalogue import plain

    aircraft = _parse(data, file)
    names = {plain(name) for name in (aircraft.code, *aircraft.aliases)}
    target = folder() / f"{plain(aircraft.code).lower()}.toml"
    for path in kept():
        if path == target:
            continue
        other = read(path)
        for name in (other.code, *other.aliases):
            if plain(name) in names:
                what = f"{name!r} already stands for the added type {other.code}"
                raise InputError(Fault(what, file=file, hint="give the type a name of its own"))
    if target.exists() and not replace:
        what = f"a type {aircraft.code!r} is added already: {target}"
        raise InputError(Fault(what, file=file, hint="--replace puts this one in its place"))
    write_atomically(target, data)
    return target


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


def to_toml(aircraft: Aircraft) -> str:
    """The type as the text of a catalogue file, which `read` takes once it has a code of its own."""
    document = {"schema": SCHEMA, **aircraft.document()}
    lines = []
    for key in KEYS:
        if key not in ("figures", "calibration"):
            lines.append(f"{key} = {_value(document[key])}")
    lines.append("\n[figures]")
    for name, entry in document["figures"].items():
        lines.append(f"{name} = {_value(entry)}")
    for row in document["calibration"]:
        lines.append("\n[[calibration]]")
        lines += [f"{key} = {_value(value)}" for key, value in row.items()]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    """A value as TOML writes it; text is escaped as in JSON, which TOML reads alike."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    if isinstance(value, int | float):
        return repr(float(value)) if isinstance(value, float) and value % 1 else f"{value:.15g}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
