"""`longreach doctor`"""

from __future__ import annotations

import os
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import typer

from longreach import __version__
from longreach.cli import PLAIN
from longreach.cli._output import Json, colour, emit, table
from longreach.errors import LongreachError

app = typer.Typer(**PLAIN)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is installed, missing and cached, and how to mend it.

    Exit code 0 where all that planning needs is there, 1 where something is missing.
    """
    rows = [*_python(), *_libraries(), *_data(), *_caches()]
    well = all(row["ok"] for row in rows if row["needed"])
    if as_json:
        emit({"schema": "longreach.doctor/1", "status": "ok" if well else "ill", "rows": rows})
    else:
        table(
            [
                (
                    colour("ok" if row["ok"] else "MISSING" if row["needed"] else "absent", _shade(row)),
                    row["part"],
                    row["name"],
                    row["found"],
                    "" if row["ok"] else row["mend"],
                )
                for row in rows
            ]
        )
    if not well:
        raise typer.Exit(1)


def _shade(row: dict[str, Any]) -> str:
    return "32" if row["ok"] else "31" if row["needed"] else "33"


def _row(part: str, name: str, ok: bool, found: str, mend: str = "", needed: bool = True) -> dict[str, Any]:
    return {"part": part, "name": name, "ok": ok, "needed": needed, "found": found, "mend": mend}


def _python() -> list[dict[str, Any]]:
    found = ".".join(map(str, sys.version_info[:3]))
    return [
        _row("program", "longreach", True, __version__),
        _row("program", "Python", sys.version_info >= (3, 11), found, "install Python 3.11 or later"),
    ]


def _libraries() -> list[dict[str, Any]]:
    """What the package's own metadata asks for, beside what is installed."""
    rows = []
    for text in metadata.requires("longreach") or []:
        match = re.match(r'([A-Za-z0-9_.-]+)([^;]*)(?:;.*extra == [\'"]([^\'"]+)[\'"])?', text)
        if match is None:
            continue
        name, wanted, extra = match[1], match[2].strip(), match[3]
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = ""
        part = f"extra {extra}" if extra else "library"
        mend = f"pip install 'longreach[{extra}]'" if extra else f"pip install '{name}{wanted}'"
        ok = bool(found) and _at_least(found, wanted)
        rows.append(_row(part, name, ok, f"{found or 'none'} (wants {wanted or 'any'})", mend, not extra))
    return rows


def _at_least(found: str, wanted: str) -> bool:
    """Whether a version meets the lower bound of a requirement (the only kind we state)."""
    bound = re.search(r">=\s*([0-9.]+)", wanted)
    if bound is None:
        return True

    def numbers(version: str) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", version)]

    return numbers(found) >= numbers(bound[1])


def _data() -> list[dict[str, Any]]:
    from longreach.world import aircraft, airports, airspace

    mend = "reinstall longreach: pip install --force-reinstall --no-deps longreach"

    def pack() -> str:
        identity = airspace.pack_identity()
        return f"{identity.name} {identity.version}, sha256 {identity.sha256[:12]}"

    def table_of_airports() -> str:
        identity = airports.data_identity()
        return f"{identity['name']} {identity['version']}, sha256 {identity['sha256'][:12]}"

    def types() -> str:
        every = aircraft.catalogue()
        return f"{len(every)} types, {sum(1 for each in every if each.judged)} with a fuel model"

    rows = []
    for name, look in (("airspace pack", pack), ("airports", table_of_airports), ("aircraft", types)):
        try:
            rows.append(_row("data", name, True, look()))
        except (LongreachError, OSError) as error:
            rows.append(_row("data", name, False, str(error), mend))
    return rows


def _caches() -> list[dict[str, Any]]:
    """Folders of things that are made once and can be thrown away at any time."""
    from longreach.route import cache

    kernels = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(__file__).parents[1])
    rows = []
    for name, folder, pattern, variable in (
        ("prepared closures", cache.folder(), "*", "LONGREACH_CACHE"),
        ("compiled kernels", kernels, "*.nb[ic]", "NUMBA_CACHE_DIR"),
    ):
        files = [path for path in folder.rglob(pattern) if path.is_file()] if folder.is_dir() else []
        size = sum(path.stat().st_size for path in files) / 1e6
        where = next((p for p in (folder, *folder.parents) if p.exists()), folder)
        able = os.access(where, os.W_OK)
        found = f"{len(files)} files, {size:.1f} MB in {folder}"
        mend = f"make {folder} writable or set {variable} to a folder that is; else each run starts cold"
        rows.append(_row("cache", name, able, found, mend, needed=False))
    return rows
