"""The types there are, and the type a name stands for: those that come with Longreach, then the user's own."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path

from longreach.errors import DataError, Fault, InputError
from longreach.world.aircraft import files
from longreach.world.aircraft.model import SCHEMA, Aircraft, from_document


@cache
def _shipped() -> dict[str, Aircraft]:
    folder = resources.files("longreach.world") / "data" / "aircraft"
    types: dict[str, Aircraft] = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".toml"):
            continue
        document = tomllib.loads(entry.read_text("utf-8"))
        if document.get("schema") != SCHEMA:
            raise DataError(f"{entry.name}: schema {document.get('schema')!r} is not {SCHEMA!r}")
        aircraft = from_document(document, file=entry.name)
        types[aircraft.code] = aircraft
    if not types:
        raise DataError("the aircraft catalogue is empty: reinstall longreach")
    return types


def shipped() -> tuple[Aircraft, ...]:
    """The types that come with Longreach, by code, those not judged included."""
    return tuple(_shipped().values())


def forget() -> None:
    """Read the catalogue's files again when they are next asked for (after a study has changed them)."""
    _shipped.cache_clear()
    shipped_names.cache_clear()


def added() -> tuple[Aircraft, ...]:
    """The types in the user's folder, by code.

    Raises: InputError naming a file there that cannot be used, with every fault.
    """
    return tuple(sorted((files.read(path) for path in files.kept()), key=lambda each: each.code))


def catalogue() -> tuple[Aircraft, ...]:
    """Every type listed: those that come with Longreach, then those the user added."""
    return (*shipped(), *added())


def plain(name: str) -> str:
    """A name as it is looked up: capital letters and digits alone.

    >>> plain("b-52 h")
    'B52H'
    """
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _by_name(types: Iterable[Aircraft]) -> dict[str, str]:
    names: dict[str, str] = {}
    for aircraft in types:
        for name in (aircraft.code, *aircraft.aliases):
            other = names.setdefault(plain(name), aircraft.code)
            if other != aircraft.code:
                raise DataError(f"aircraft name {name!r} is used by both {other} and {aircraft.code}")
    return names


@cache
def shipped_names() -> dict[str, str]:
    """Code of each name and alias that a type of Longreach has, names as `plain` writes them."""
    return _by_name(shipped())


def load(code: str, folder: Path | None = None) -> Aircraft:
    """The type of that code or alias; case, blanks and hyphens do not matter. Or that of a file.

    code : a code, an alias, or the path of a TOML file, which is one where it ends in ".toml"
    folder : where such a path starts from; the working folder by default

    Raises: InputError with "did you mean" where there is none, or with every fault of the file.

    >>> load("b52h").code
    'B-52H'
    """
    if isinstance(code, str) and code.lower().endswith(".toml"):
        return files.read((folder or Path()) / code)
    names = shipped_names()
    found = names.get(plain(code)) if isinstance(code, str) else None
    if found is not None:
        return _shipped()[found]
    own = {each.code: each for each in added()}
    names = {**_by_name(own.values()), **names}
    found = names.get(plain(str(code)))
    if found is None:
        close = difflib.get_close_matches(plain(str(code)), names, 3, 0.65)
        codes = list(dict.fromkeys(names[name] for name in close))
        hint = f"did you mean {' or '.join(codes)}?" if codes else "`longreach aircraft list` shows all types"
        raise InputError(Fault(f"no aircraft type {code!r}", hint=hint))
    return own[found]
