"""Files of other programs as rows: CSV and TSV with and without a heading, and GeoJSON, gzip or not.

Each row keeps its number and its line in the file. A row that cannot be read is a BadRow with the reason and its
bytes, and the rows after it are read all the same: a quotation mark that is never closed costs its own line only.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from longreach.errors import Fault, InputError

LARGEST_FILE = 2 * 2**30  # bytes, unpacked
LONGEST_ROW = 4 * 2**20  # bytes of one row
MOST_LINES = 400  # lines that one row may run over
BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number (1 is the first below the heading), its line in the file, its cells.

    columns : the names of these cells where they differ from the table's
    """

    number: int
    line: int
    cells: tuple[Any, ...]
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that does not go in, why, and what it was."""

    number: int
    line: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Table:
    """A file as rows. `form` says how it was written, so that it can be written so again."""

    columns: tuple[str, ...]  # () where the file has no heading and none is known yet
    rows: tuple[Row | BadRow, ...]
    form: dict[str, Any] = field(default_factory=dict)


def read_file(path: Path) -> bytes:
    """The bytes of a file, unpacked where it is gzip.

    Raises: InputError where it cannot be read, is damaged or too large.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(Fault(f"is larger than {LARGEST_FILE // 2**30} GiB", file=str(path)))
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(data)) as stream:
                data = stream.read(LARGEST_FILE + 1)
            if len(data) > LARGEST_FILE:
                raise InputError(
                    Fault(f"is larger than {LARGEST_FILE // 2**30} GiB unpacked", file=str(path))
                )
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(Fault(f"cannot read: {reason}", file=str(path))) from error
    if not data.strip():
        raise InputError(Fault("is empty", file=str(path)))
    return data


def decode(data: bytes, encoding: str | None, path: Path) -> tuple[str, str, bool]:
    """Text, encoding and whether there was a byte order mark; bytes that are no text stay as surrogates."""
    for bom, name in BOMS:
        if data.startswith(bom):
            return (
                data[len(bom) :].decode(name, "surrogateescape" if name == "utf-8" else "replace"),
                name,
                True,
            )
    try:
        return data.decode(encoding or "utf-8", "surrogateescape"), encoding or "utf-8", False
    except (LookupError, UnicodeError) as error:
        raise InputError(
            Fault(f"cannot be read as {encoding}", file=str(path), hint="utf-8, latin-1, cp1252, cp1256 ...")
        ) from error


def read_delimited(text: str, path: Path, *, delimiter: str | None = None) -> Table:
    """A table of comma, semicolon or tab separated values; the first row is taken as the heading.

    Rows keep the number of cells they have: what is too short or too long is judged by `fit`.
    """
    sample = text[:65536]
    first = sample.split("\n", 1)[0]
    delimiter = delimiter or max(",;\t|", key=first.count)
    ending = "\r\n" if "\r\n" in sample else "\n" if "\n" in sample else "\r"
    lines = text.split(ending) if ending == "\r" else text.split("\n")
    if ending == "\r":
        ending = "\n"
    if lines and lines[-1] == "":
        lines.pop()
    heading = _record(lines, 0, delimiter, None)
    columns, after = heading
    if isinstance(columns, str):
        raise InputError(Fault(f"has a first row that cannot be read: {columns}", file=str(path), line=1))
    rows: list[Row | BadRow] = []
    at, number, expected = after, 0, len(columns)
    while at < len(lines):
        if lines[at] in ("", "\r"):
            at += 1
            continue
        number += 1
        found, after = _record(lines, at, delimiter, expected)
        if isinstance(found, str):
            rows.append(BadRow(number, at + 1, found, lines[at].rstrip("\r")))
        else:
            rows.append(Row(number, at + 1, found))
        at = after
    form = {"delimiter": delimiter, "line_end": ending}
    return Table(columns, tuple(rows), form)


def _record(
    lines: Sequence[str], at: int, delimiter: str, expected: int | None
) -> tuple[tuple[str, ...] | str, int]:
    """The cells of the record that begins at line `at`, or what is wrong with it, and the line after it."""
    text = lines[at]
    end, marks, size = at + 1, text.count('"'), len(text)
    if marks & 1 and delimiter != "\t":
        parts = [text]
        while marks & 1 and end < len(lines) and end - at < MOST_LINES and size < LONGEST_ROW:
            parts.append(lines[end])
            marks += lines[end].count('"')
            size += len(lines[end])
            end += 1
        if marks & 1:
            return "a quotation mark is opened and never closed", at + 1
        text = "\n".join(parts)
    if len(text) > LONGEST_ROW:
        return f"is longer than {LONGEST_ROW // 2**20} MiB", end
    wrong = _not_text(text)
    if wrong:
        return wrong, at + 1
    if text.endswith("\r"):
        text = text[:-1]
    if delimiter == "\t":
        cells: Sequence[str] = text.split("\t")
    else:
        try:
            found = list(csv.reader([text + "\n"] if "\n" not in text else io.StringIO(text, newline=""),
                                    delimiter=delimiter, strict=True))  # fmt: skip
        except csv.Error as error:
            return f"is not a row of a table: {error}", at + 1
        if len(found) != 1:
            return "is not one row of a table", at + 1
        cells = found[0]
    if expected is not None and len(cells) != expected and end - at > 1:
        return (
            f"a quotation mark is opened and not closed on the line ({len(cells)} cells over {end - at} lines)",
            at + 1,
        )
    return tuple(cells), end


_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


def _not_text(text: str) -> str | None:
    """What keeps a line from being text; bytes that are not UTF-8 came in as lone surrogates."""
    found = _UNREADABLE.search(text)
    if found is None:
        return None
    each, n = found[0], found.start() + 1
    if each == "\0":
        return f"holds a NUL byte at character {n}"
    if "\udc80" <= each <= "\udcff":
        return f"byte 0x{ord(each) - 0xDC00:02x} at character {n} is not UTF-8 (try --encoding latin-1)"
    return f"half a surrogate pair at character {n}"


def fit(table: Table, expected: int) -> Table:
    """The table with rows of another number of cells than `expected` as bad rows."""
    rows = tuple(
        BadRow(row.number, row.line, f"has {len(row.cells)} cells, not {expected}", raw_text(row, table.form))
        if isinstance(row, Row) and len(row.cells) != expected
        else row
        for row in table.rows
    )
    return Table(table.columns, rows, table.form)


def raw_text(row: Row, form: dict[str, Any]) -> str:
    """A row as it stood in its file, or near to it."""
    if form.get("geojson"):
        return json.dumps(
            dict(zip(row.columns or (), row.cells, strict=False)) or list(row.cells), ensure_ascii=False
        )
    out = io.StringIO()
    csv.writer(out, delimiter=form.get("delimiter", ","), lineterminator="").writerow(row.cells)
    return out.getvalue()


def read_geojson(document: Any, path: Path) -> Table:
    """A table of the features of a GeoJSON FeatureCollection: their properties, then `geometry`."""
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise InputError(Fault("is JSON but not a GeoJSON FeatureCollection", file=str(path)))
    columns: tuple[str, ...] = ()
    rows: list[Row | BadRow] = []
    whole = {"type", "properties", "geometry"}
    for n, feature in enumerate(features, 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict) or feature.get("type") != "Feature":
            rows.append(BadRow(n, n, "is not a feature with properties", _json(feature)))
            continue
        more = {f"feature:{name}": value for name, value in feature.items() if name not in whole}
        names = (*properties, *more, *(("geometry",) if "geometry" in feature else ()))
        cells = (
            *properties.values(),
            *more.values(),
            *((feature["geometry"],) if "geometry" in feature else ()),
        )
        columns = columns or names
        rows.append(Row(n, n, cells, None if names == columns else names))
    form = {"geojson": {name: value for name, value in document.items() if name != "features"}}
    return Table(columns, tuple(rows), form)


def parse_json(text: str, path: Path) -> Any:
    """JSON text; InputError with the line where it is not."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(Fault(f"is not JSON: {error.msg}", file=str(path), line=error.lineno)) from error
    except (RecursionError, ValueError) as error:
        raise InputError(Fault(f"is not JSON we can read: {error}", file=str(path))) from error


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
