"""Rows and lines spoilt at random, for the tests: every row carries a token that nothing may make vanish."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

JUNK = (
    "", " ", "nan", "inf", "-1", "1e999", "9" * 400, "０１", "²", "NULL", "=1+1", '"', "''", "2017-02-30", "0000-00-00",
    "31/12/1999", "12/31/1999", "\t", "x" * 5000, "é", "名前", "\u202e", "\U0001f4a5", "1,5", "--5", "0x10", "1_000", "[]", "{}",
    "true", "-0.0", "1e5", "+00:00", "2020-01-01T99:00", "\x07", "\x1b[31m",
)  # fmt: skip


def spoil_cells(cells: list[str], draw: random.Random, token: int) -> list[str]:
    """Cells with some replaced, taken out or added; the one at `token` stays."""
    for _ in range(draw.choice((0, 1, 1, 2, 5))):
        at = draw.randrange(len(cells))
        if at == token:
            continue
        do = draw.random()
        if do < 0.8:
            cells[at] = draw.choice(JUNK)
        elif do < 0.9 and at > token:
            del cells[at]
        elif at > token:
            cells.insert(at, draw.choice(JUNK))
    return cells


def spoil_bytes(line: bytes, draw: random.Random, keep: bytes) -> bytes:
    """A line with bytes changed, put in or taken out, a quotation mark or a line end among them, outside `keep`."""
    for _ in range(draw.choice((1, 1, 2, 4))):
        at = draw.randrange(len(line) + 1)
        start = line.find(keep)
        if start <= at <= start + len(keep):
            continue
        new = draw.choice(
            (b'"', b"\xff", b"\x00", b"\r", b",", b";", b"\xed\xa0\x80", bytes((draw.randrange(256),)))
        )
        if new == b"\n":
            new = b"\r"
        line = line[:at] + new + line[at + draw.choice((0, 1)) * (at < len(line) and at != start - 1) :]
    return line


def spoilt_table(
    rows: Sequence[Sequence[str]],
    draw: random.Random,
    write: Callable[[Sequence[str]], str],
    token: int,
    share: float = 0.5,
) -> tuple[bytes, int]:
    """A table's lines, each row with the token `T<n>T` in the cell `token` put by the caller; how many were spoilt."""
    out, spoilt = [], 0
    for row in rows:
        cells = list(row)
        keep = cells[token].encode()
        if draw.random() < share:
            spoilt += 1
            cells = spoil_cells(cells, draw, token)
            line = write(cells).encode("utf-8", "surrogatepass")
            if draw.random() < 0.4:
                line = spoil_bytes(line, draw, keep)
        else:
            line = write(cells).encode()
        out.append(line)
    return b"\n".join(out) + b"\n", spoilt
