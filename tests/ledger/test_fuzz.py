"""Spoilt rows and spoilt lines: no traceback, nothing silently dropped."""

from __future__ import annotations

import contextlib
import csv
import io
import random

import pytest

from longreach.errors import InputError, LongreachError
from longreach.ledger import Ledger
from longreach.ledger.damage import find_all, repair, verify
from longreach.ledger.imports import Choices, import_file, mapping
from longreach.ledger.imports.ucdp import COLUMNS_49
from longreach.ledger.records import Entity

from .fuzzing import JUNK, spoilt_table
from .test_imports import ACLED, ROW, gdelt_row


def as_csv(cells):
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


MAPPED = mapping.Profile(
    "fuzz", {"date": "when", "lat": "lat", "lon": "lon", "title": "what", "count": "n", "note": "note"}
)
# layout -> columns, the cells of row n, the place of the token in them, how a line is written, what is said of the file
FORMS = {
    "ucdp": (
        list(COLUMNS_49),
        lambda n: [{**ROW, "id": str(10**6 + n), "relid": f"T{n}T"}.get(name, "") for name in COLUMNS_49],
        1, as_csv, Choices(),
    ),
    "acled": (
        ["tags", *ACLED],
        lambda n: [f"T{n}T", *{**ACLED, "event_id_cnty": f"IRQ{n}"}.values()],
        0, as_csv, Choices(dates="dmy"),
    ),
    "gdelt": (None, lambda n: list(gdelt_row(GLOBALEVENTID=str(10**6 + n), Actor1Code=f"T{n}T").values()), 5, "\t".join, Choices()),
    "mapped": (
        ["note", "when", "lat", "lon", "what", "n"],
        lambda n: [f"T{n}T", "2020-12-10", "33.3", "44.4", "rockets", str(n)],
        0, as_csv,
        Choices(profile=MAPPED),
    ),
}  # fmt: skip


def fuzz_rows(folder, layout: str, rows: int, seed: int) -> tuple[int, int]:
    """Import one spoilt table; how many rows went in and how many were kept aside."""
    columns, row, token, write, choices = FORMS[layout]
    draw = random.Random(seed)
    data, spoilt = spoilt_table([row(n) for n in range(rows)], draw, write, token)
    assert spoilt > rows / 3
    path = folder / f"{layout}-{seed}.csv"
    first = row(10**5)
    head = write(columns) if columns else write(first)  # no heading: a good row first tells the layout
    path.write_bytes(head.encode() + b"\n" + data)
    book = Ledger.create(folder / f"{layout}-{seed}.jsonl", title="fuzz", author="fuzz")
    found = import_file(book, path, choices, author="fuzz")
    assert found.rows == found.taken + found.unchanged + found.updated + len(found.bad)
    view = book.view()
    assert view.count("report") == found.taken
    held = "\n".join(view.lines())
    aside = found.aside.read_bytes().decode("utf-8", "replace") if found.aside else ""
    lost = [n for n in range(rows) if f"T{n}T" not in held and f"T{n}T" not in aside]
    assert not lost, lost[:5]
    for bad in found.bad:
        assert bad.reason and bad.number > 0 and bad.line > 0
    return found.taken, len(found.bad)


@pytest.mark.parametrize("layout", list(FORMS))
def test_spoilt_rows_go_in_or_are_kept_aside(tmp_path, layout):
    taken, bad = fuzz_rows(tmp_path, layout, 400, 1)
    assert taken > 100 and bad > 20


@pytest.mark.soak
@pytest.mark.parametrize("layout", list(FORMS))
def test_twenty_five_thousand_spoilt_rows_of_each_layout(tmp_path, layout):
    counted = [fuzz_rows(tmp_path, layout, 2500, seed) for seed in range(100, 110)]
    print(
        f"{layout}: {sum(each[0] for each in counted):,} taken, {sum(each[1] for each in counted):,} kept aside"
    )


EFFORT = 10_000_000  # bytes hashed in looking for single bytes: where they are is another test


def spoil_log(lines: list[bytes], draw: random.Random) -> tuple[bytes, int, int]:
    """A log with lines spoilt; the bytes, the number of the first spoilt line, and how many were."""
    out, first, many = [], 0, 0
    for n, line in enumerate(lines, 1):
        if draw.random() > 0.02:
            out.append(line)
            continue
        many += 1
        first = first or n
        do = draw.randrange(6)
        if do == 0:
            out.append(draw.randbytes(draw.randrange(1, 200)).replace(b"\n", b" ") + b"\n")
        elif do == 1:
            pass  # lost
        elif do == 2:
            out += [line, line]
            first = n + 1 if first == n else first
        elif do == 3:
            at = draw.randrange(len(line))
            out.append(line[:at] + draw.choice(JUNK).encode() + line[at:-1] + b"\n")
            if out[-1] == line:
                many, first = many - 1, first if first != n else 0
        elif do == 4:
            at = draw.randrange(len(line) - 1)
            out.append(line[:at] + bytes((line[at] ^ 1,)) + line[at + 1 :])
        else:
            out.append(b'{"seq":' + b"[" * 5000 + b"\n")
    return b"".join(out), first, many


def fuzz_log(folder, lines: int, seed: int) -> int:
    """Spoil a log; what stands before the first spoilt line reads, and the damage is named where it is."""
    draw = random.Random(seed)
    book = Ledger.create(folder / f"log-{seed}.jsonl", title="fuzz", author="fuzz")
    for n in range(lines // 10):
        book.add([Entity(id=f"e{n}-{k}", name=draw.choice(JUNK) + "x") for k in range(10)], author="fuzz")
    good = book.path.read_bytes().splitlines(keepends=True)
    data, first, many = spoil_log(good, draw)
    path = folder / f"spoilt-{seed}.jsonl"
    path.write_bytes(data)
    spoilt = Ledger(path)
    if not first or (first > len(good) and data == b"".join(good)):
        assert spoilt.view().count("entity") > 0
        return 0
    found = next(find_all(data, EFFORT), None)
    if found is None:  # the last line was lost: only a hash noted earlier can tell
        assert data == b"".join(good[: len(good) - 1])
        return many
    assert found.damage.line == first
    reading = spoilt.read()
    assert reading.damage is not None and reading.damage.line == first
    assert reading.view.tail.seq == first - 1
    assert verify(spoilt, effort=EFFORT).lines == first - 1
    with pytest.raises(InputError):
        spoilt.add([Entity(id="new", name="n")], author="fuzz")
    with contextlib.suppress(LongreachError):
        repair(spoilt, accept=True, effort=EFFORT)
    kept = b"".join(file.read_bytes() for file in folder.glob(f"spoilt-{seed}.jsonl*"))
    assert all(line in kept for line in data.splitlines(keepends=True)[:first])
    return many


def test_spoilt_lines_of_a_log_are_found_where_they_are(tmp_path):
    assert sum(fuzz_log(tmp_path, 60, seed) for seed in range(6)) > 3


@pytest.mark.soak
def test_ten_thousand_lines_of_spoilt_logs(tmp_path):
    spoilt = sum(fuzz_log(tmp_path, 200, seed) for seed in range(1000, 1050))
    print(f"10,000 lines in 50 logs, {spoilt} of them spoilt: all found")
