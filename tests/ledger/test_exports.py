"""What leaves reads back, the layout imported comes out as it was, and what rights forbid stays in."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest

from longreach.errors import InputError
from longreach.ledger import Ledger
from longreach.ledger.exports import claimreview, imported, own, release, report
from longreach.ledger.imports import Choices, import_file
from longreach.ledger.records import Claim, Count, Entity, Event, Link, Place, Report, Step, Time

COLUMNS = "id type_of_violence date_start date_end date_prec where_prec best high low side_a where_coordinates latitude longitude"
ROWS = [
    [
        "1",
        "1",
        "2017-01-08",
        "2017-01-09",
        "2",
        "1",
        "3",
        "4",
        "2",
        'A "B", C',
        "Mosul\ntown",
        "36.335",
        "43.118889",
    ],
    ["2", "3", "2017-01-08", "2017-01-08", "1", "6", "0", "0", "0", "Ž", "", "", ""],
    ["3", "1", "2017-02-01", "2017-02-28", "4", "7", "10", "8", "9", "=SUM(1)", " x ", "-0.50", "179.000"],
]


@pytest.fixture
def full(book, tmp_path):
    """A ledger with an import, corrections, a tombstone, and texts of every kind of rights."""
    path = tmp_path / "a.csv"
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([COLUMNS.split(), *ROWS])
    path.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())
    import_file(book, path, Choices(), author="ana")
    new = [Entity(id="NYT", name='New "York", Times\nof é'), Event(id="F", type="flight", title="second")]
    for rights in ("free", "quote", "withhold", "closed"):
        new += [
            Report(id=f"R-{rights}", source="NYT", rights=rights, text=f"saved-{rights}", url=f"https://x.org/{rights}"),
            Claim(
                id=f"C-{rights}", report=f"R-{rights}", text=f"words-{rights}", paraphrase="ours", credibility=2,
                chain=(Step("NYT"),), span=(0, 5),
            ),
            Time(id=f"T-{rights}", of=f"C-{rights}", text="on Thursday", start_earliest="2020-12-10T00:00:00"),
            Place(id=f"P-{rights}", of=f"C-{rights}", lat=-33.3, lon=-179.9, name=f"place-{rights}"),
            Count(id=f"N-{rights}", of=f"C-{rights}", unit="rockets", lo=1, hi=None),
            Link(id=f"L-{rights}", from_=f"C-{rights}", to="F", relation="same"),
        ]  # fmt: skip
    new += [
        Event(id="E-closed", type="incident", title="event-closed"),
        Link(id="LE", from_="C-closed", to="E-closed", relation="same"),
    ]
    book.add(new, author="ana")
    book.correct(
        "C-free", Claim(id="", report="R-free", text="words-free corrected"), "misread", author="ben"
    )
    book.drop(["N-quote"], "not said", author="ben")
    return book


def folder_of(tables, folder):
    folder.mkdir()
    for name, data in tables.items():
        (folder / name).write_bytes(data)
    return folder


def file_of(data, path):
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("format", ["jsonl", "csv", "geojson"])
def test_an_export_read_into_an_empty_ledger_gives_the_same_state(full, tmp_path, format):
    view = full.view()
    released = release(view, private=True, replaced=True)
    if format == "csv":
        source = folder_of(own.csv_tables(view, released), tmp_path / "tables")
    else:
        made = own.jsonl if format == "jsonl" else own.geojson
        source = file_of(made(view, released), tmp_path / f"out.{format}")
    other = Ledger.create(tmp_path / "other.jsonl", title="other", author="x")
    found = import_file(other, source, Choices(), author="x")
    assert found.bad == () and found.layout == "own"
    assert list(other.view().lines()) == list(view.lines())
    assert other.view().sha256() == view.sha256()
    assert other.view().held("C-free").status == "replaced"
    batch = imported.find_batch(other.view(), None)
    assert imported.write(other.view(), batch) == imported.write(view, imported.find_batch(view, None))
    again = import_file(other, source, Choices(), author="x")
    assert (again.taken, again.bad) == (0, ()) and again.unchanged == found.taken


def test_the_layout_imported_comes_out_byte_for_byte(full, tmp_path):
    view = full.view()
    data, rows, closed = imported.write(view, imported.find_batch(view, None))
    assert data == (tmp_path / "a.csv").read_bytes() and (rows, closed) == (3, 0)


@pytest.mark.parametrize("format", ["jsonl", "csv", "geojson", "claimreview", "report"])
def test_what_rights_forbid_stays_in_and_the_export_says_so(full, format):
    view = full.view()
    released = release(view)
    text = {
        "jsonl": lambda: own.jsonl(view, released),
        "csv": lambda: b"".join(own.csv_tables(view, released).values()),
        "geojson": lambda: own.geojson(view, released),
        "claimreview": lambda: claimreview.write(released, "us")[0],
        "report": lambda: report.write(view, released),
    }[format]().decode()
    for secret in (
        "saved-quote",
        "saved-withhold",
        "words-withhold",
        "s-closed",
        "d-closed",
        "e-closed",
        "t-closed",
        "org/closed",
    ):
        assert secret not in text, secret
    if format in ("jsonl", "csv", "geojson"):
        assert "saved-free" in text and "words-quote" in text and "words-free corrected" in text
    assert "left out for their rights" in released.sentence()
    assert released.left_out["report texts"] == 2 and released.left_out["claim texts"] == 1
    assert released.left_out["event records"] == 1
    if format in ("jsonl", "geojson"):
        assert '"left_out":{' in text
    if format == "report":
        assert "eft out for their rights" in text


def test_geojson_is_what_a_map_reads(full):
    view = full.view()
    document = json.loads(own.geojson(view, release(view)))
    assert document["type"] == "FeatureCollection" and len(document["features"]) == 5
    feature = next(each for each in document["features"] if each["id"] == "P-free")
    assert feature["geometry"] == {"type": "Point", "coordinates": [-179.9, -33.3]}
    assert feature["properties"]["event"] == "F"


def test_claimreview_has_what_schema_org_asks_for(full):
    document = json.loads(claimreview.write(release(full.view()), "us")[0])
    assert document["@context"] == "https://schema.org"
    review = next(each for each in document["@graph"] if each["identifier"] == "C-quote")
    assert review["claimReviewed"] == "words-quote" and review["@type"] == "ClaimReview"
    assert review["reviewRating"] == {
        "@type": "Rating", "alternateName": "probably true", "ratingValue": 4, "bestRating": 5, "worstRating": 1,
    }  # fmt: skip
    assert review["itemReviewed"]["appearance"]["url"] == "https://x.org/quote"


def test_the_page_gives_totals_with_and_without_parties(book):
    book.add(
        [
            Entity(id="A", name="Army", party=True), Entity(id="N", name="News"), Report(id="R", source="N"),
            Claim(id="C1", report="R", text="x", chain=(Step("N"), Step("A"))),
            Claim(id="C2", report="R", text="y", chain=(Step("N"),)),
            Count(id="N1", of="C1", unit="rockets", lo=8, hi=8), Count(id="N2", of="C2", unit="rockets", lo=4, hi=7),
            Count(id="N3", of="C2", unit="attacks", lo=51),
        ],
        author="ana",
    )  # fmt: skip
    view = book.view()
    page = report.write(view, release(view)).decode()
    assert "12 to 15" in page and "4 to 7" in page and "51 or more" in page


def test_a_damaged_export_keeps_aside_what_cannot_be_read(full, tmp_path):
    view = full.view()
    lines = own.jsonl(view, release(view, private=True, replaced=True)).decode().splitlines()
    at = next(n for n, line in enumerate(lines) if '"id":"R-quote"' in line)
    lines[at] = lines[at][:-5]
    path = file_of("\n".join(lines).encode(), tmp_path / "out.jsonl")
    other = Ledger.create(tmp_path / "other.jsonl", title="other", author="x")
    found = import_file(other, path, Choices(), author="x")
    reasons = [row.reason for row in found.bad]
    assert found.bad[0].line == at + 1
    assert {reason.split()[0] for reason in reasons[1:]} == {"C-quote", "T-quote", "P-quote", "L-quote"}
    assert found.taken + len(found.bad) == found.rows


def test_an_import_that_is_not_there_is_named(book):
    with pytest.raises(InputError, match="nothing was imported"):
        imported.find_batch(book.view(), None)


def test_the_real_files_come_out_as_they_went_in(book, data):
    for name in ("ucdp_ged_iraq_1989_2018_hdx.csv.gz", "ucdp_ged_v23_1_car_400.geojson"):
        found = import_file(book, data / name, Choices(), author="ana")
        view = book.view()
        out, rows, closed = imported.write(view, imported.find_batch(view, found.batch))
        raw = (data / name).read_bytes()
        assert (rows, closed) == (found.rows, 0)
        if name.endswith(".gz"):
            assert out == gzip.decompress(raw)
        else:
            assert json.loads(out) == json.loads(raw)
