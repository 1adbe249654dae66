"""Files of other programs: every row goes in or is kept aside with its reason; what goes in is read as it says."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest

from longreach.errors import InputError
from longreach.ledger.imports import Choices, import_file, mapping
from longreach.ledger.imports.dates import order_of, read_span
from longreach.ledger.imports.gdelt import COLUMNS as GDELT
from longreach.ledger.imports.ucdp import COLUMNS_45, COLUMNS_46, COLUMNS_49

ROW = {
    "id": "1001", "relid": "IRQ-1", "year": "2017", "active_year": "1", "code_status": "Clear", "type_of_violence": "1",
    "conflict_name": "Iraq: Government", "dyad_name": "Government of Iraq - IS", "side_a": "Government of Iraq",
    "side_b": "IS", "number_of_sources": "1", "source_article": '"Reuters,2017-01-09,Troops reach river"',
    "source_office": "Reuters", "source_date": "2017-01-09", "source_headline": "Troops reach river",
    "source_original": "Army", "where_prec": "2", "where_coordinates": "Mosul town", "adm_1": "Nīnawá province",
    "latitude": "36.335", "longitude": "43.118889", "geom_wkt": "POINT (43.118889 36.335000)", "country": "Iraq",
    "country_id": "645", "region": "Middle East", "event_clarity": "1", "date_prec": "2", "date_start": "2017-01-08",
    "date_end": "2017-01-09", "deaths_a": "0", "deaths_b": "37", "deaths_civilians": "0", "deaths_unknown": "0",
    "low": "30", "best": "37", "high": "40",
}  # fmt: skip


def write_csv(path, columns, rows, heading=True, hxl=None, delimiter=","):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    if heading:
        writer.writerow(columns)
    if hxl:
        writer.writerow(hxl)
    writer.writerows([row.get(name, "") for name in columns] for row in rows)
    path.write_text(out.getvalue(), "utf-8")
    return path


def ids(n):
    return [{**ROW, "id": str(1000 + k)} for k in range(n)]


def in_layout(tmp_path, layout):
    """The same five rows in each layout UCDP comes in."""
    path = tmp_path / f"{layout}.csv"
    if layout == "49":
        return write_csv(path, COLUMNS_49, ids(5))
    if layout == "49 without heading":
        return write_csv(path, COLUMNS_49, ids(5), heading=False)
    if layout == "45 with tags":
        tags = ["" for _ in COLUMNS_45]
        tags[1], tags[26] = "#date+year", "#geo+lat"
        return write_csv(path, COLUMNS_45, ids(5), hxl=tags)
    if layout == "45 without heading":
        return write_csv(path, COLUMNS_45, ids(5), heading=False)
    features = [
        {
            "type": "Feature",
            "properties": {name: row.get(name, "") for name in COLUMNS_46}
            | {"id": int(row["id"]), "best": 37, "low": 30},
            "geometry": {"type": "Point", "coordinates": [43.118889, 36.335]},
        }
        for row in ids(5)
    ]
    path = tmp_path / "46.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


LAYOUTS = ["49", "49 without heading", "45 with tags", "45 without heading", "46"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ucdp_rows_say_the_same_in_every_layout(book, tmp_path, layout):
    found = import_file(book, in_layout(tmp_path, layout), Choices(), author="ana")
    assert (found.layout, found.rows, found.taken, found.bad) == ("ucdp", 5, 5, ())
    view = book.view()
    event = view.get("ucdp-1002")
    (claim, _), *_ = view.claims_of(event.id)
    (time,), (place,), (count,) = view.times(claim.id), view.places(claim.id), view.counts(claim.id)
    assert (event.type, event.title) == ("incident", "Government of Iraq - IS, Mosul town")
    assert (time.start_earliest, time.end_latest) == ("2017-01-08T00:00:00", "2017-01-10T00:00:00")
    assert (time.edtf, time.zone) == ("2017-01-08/2017-01-09", "unknown")
    assert (place.lat, place.lon, place.radius_m) == (36.335, 43.118889, 25_000.0)
    assert (count.lo, count.best, count.hi, count.unit) == (30, 37, 40, "killed")
    assert [step.source for step in claim.chain] == ["UCDP", "source:reuters"]


def test_what_is_known_to_the_month_keeps_its_width(book, tmp_path):
    rows = [{**ROW, "date_prec": "4", "date_start": "2020-02-01", "date_end": "2020-02-29"}]
    import_file(book, write_csv(tmp_path / "a.csv", COLUMNS_49, rows), Choices(), author="ana")
    time = book.view().times("ucdp-1001.c")[0]
    assert (time.start_earliest, time.start_latest) == ("2020-02-01T00:00:00", "2020-03-01T00:00:00")
    assert "within the month" in time.basis


BAD_CELLS = [
    ("id", "x1", "id"), ("type_of_violence", "4", "type_of_violence"), ("date_start", "2017-02-30", "not a day that exists"),
    ("date_start", "2017-01-10", "before date_start"), ("latitude", "91", "outside -90 to 90"),
    ("latitude", "north", "not a number"),
    ("longitude", "nan", "longitude"), ("best", "many", "best"), ("best", "-1", "best"), ("where_prec", "8", "where_prec"),
    ("date_prec", "", "date_prec"), ("high", "9" * 5000, "high"), ("id", "²", "id"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "cell", "said"), BAD_CELLS, ids=lambda each: str(each)[:20])
def test_a_bad_row_is_kept_aside_with_its_number_and_the_rest_goes_in(book, tmp_path, column, cell, said):
    rows = ids(3)
    rows[1][column] = cell
    found = import_file(book, write_csv(tmp_path / "a.csv", COLUMNS_49, rows), Choices(), author="ana")
    assert (found.taken, len(found.bad)) == (2, 1)
    assert (found.bad[0].number, found.bad[0].line) == (2, 3) and said in found.bad[0].reason
    kept = list(csv.DictReader(io.StringIO(found.aside.read_text("utf-8"), newline="")))
    assert kept[0]["row"] == "2" and next(csv.reader([kept[0]["as_it_was"]])) == [
        rows[1].get(n, "") for n in COLUMNS_49
    ]
    assert book.view().count("event") == 2


def test_a_quotation_mark_never_closed_costs_its_own_line_only(book, tmp_path):
    path = write_csv(tmp_path / "a.csv", COLUMNS_49, ids(6))
    lines = path.read_text("utf-8").split("\n")
    lines[2] = lines[2].replace("Mosul town", '"Mosul town')
    path.write_text("\n".join(lines), "utf-8")
    found = import_file(book, path, Choices(), author="ana")
    assert (found.rows, found.taken) == (6, 5)
    assert (found.bad[0].number, found.bad[0].line) == (2, 3) and "quotation mark" in found.bad[0].reason


def test_bytes_that_are_no_text_cost_their_own_line_only(book, tmp_path):
    path = write_csv(tmp_path / "a.csv", COLUMNS_49, ids(3))
    path.write_bytes(path.read_bytes().replace("Nīnawá".encode(), b"N\xedn", 1))
    found = import_file(book, path, Choices(), author="ana")
    assert (found.taken, found.bad[0].number) == (2, 1) and "0xed" in found.bad[0].reason
    assert b"N\xedn" in found.aside.read_bytes()


def test_a_row_too_short_and_a_row_twice_are_told(book, tmp_path):
    path = write_csv(tmp_path / "a.csv", COLUMNS_49, [*ids(2), ids(1)[0], {**ids(1)[0], "best": "31"}])
    path.write_text(path.read_text("utf-8") + "1,2,3\n", "utf-8")
    found = import_file(book, path, Choices(), author="ana")
    assert found.taken == 2
    assert [(row.number, row.reason.split(",")[0]) for row in found.bad] == [
        (3, "is the same as row 1"), (4, "has the id of row 1 but other values"), (5, "has 3 cells"),
    ]  # fmt: skip


def test_the_same_file_again_adds_nothing_and_a_changed_row_asks(book, tmp_path):
    path = write_csv(tmp_path / "a.csv", COLUMNS_49, ids(3))
    import_file(book, path, Choices(), author="ana")
    size = book.path.stat().st_size
    again = import_file(book, path, Choices(), author="ana")
    assert (again.taken, again.unchanged, again.batch) == (0, 3, "") and book.path.stat().st_size == size
    rows = ids(3)
    rows[1] |= {"best": "39", "latitude": "", "longitude": "", "where_coordinates": "", "country": ""}
    write_csv(path, COLUMNS_49, rows)
    found = import_file(book, path, Choices(), author="ana")
    assert (found.unchanged, len(found.bad)) == (2, 1) and "--update" in found.bad[0].reason
    found = import_file(book, path, Choices(update=True), author="ana")
    assert (found.unchanged, found.updated, found.bad) == (2, 1, ())
    view = book.view()
    assert view.current("ucdp-1001") == "ucdp-1001~2" and view.count("event") == 3
    assert [count.best for count in view.counts("ucdp-1001~2.c")] == [39]
    assert len(view.times("ucdp-1001~2.c")) == 1 and view.places("ucdp-1001~2.c") == []
    assert import_file(book, path, Choices(), author="ana").unchanged == 3


def test_undo_takes_an_import_back_and_it_can_come_again(book, tmp_path):
    path = in_layout(tmp_path, "49")
    before = book.view().sha256()
    found = import_file(book, path, Choices(), author="ana")
    book.undo(found.batch, "wrong", author="ana")
    assert book.view().sha256() == before
    assert import_file(book, path, Choices(), author="ana").taken == 5


ACLED = {
    "event_id_cnty": "IRQ1", "event_date": "02 January 2020", "year": "2020", "time_precision": "1",
    "disorder_type": "Political violence", "event_type": "Explosions/Remote violence", "sub_event_type": "Shelling",
    "actor1": "Unidentified", "actor2": "Military Forces", "country": "Iraq", "location": "Baghdad",
    "latitude": "33.3406", "longitude": "44.4009", "geo_precision": "1", "source": "Made Up News", "source_scale": "National",
    "notes": "Words made up for this test.", "fatalities": "0", "timestamp": "1700000000",
}  # fmt: skip


@pytest.mark.parametrize(
    "style",
    [
        "2020-01-02",
        "02-01-2020",
        "02 January 2020",
        "02-Jan-2020",
        "2 Jan 2020",
        "02/01/2020",
        "January 2, 2020",
    ],
)
def test_acled_in_every_style_of_date(book, tmp_path, style):
    other = {"02-01-2020": "13-01-2020", "02/01/2020": "13/01/2020"}.get(style, style)
    rows = [{**ACLED, "event_date": style}, {**ACLED, "event_id_cnty": "IRQ2", "event_date": other}]
    found = import_file(
        book, write_csv(tmp_path / "a.csv", list(ACLED), rows, delimiter=";"), Choices(), author="ana"
    )
    assert (found.layout, found.taken) == ("acled", 2)
    view = book.view()
    assert view.times("acled-IRQ1.c")[0].edtf == "2020-01-02"
    assert view.get("acled-IRQ1.r").rights == "closed"


def test_dates_that_may_be_either_are_asked_about(book, tmp_path):
    path = write_csv(tmp_path / "a.csv", list(ACLED), [{**ACLED, "event_date": "02/01/2020"}])
    with pytest.raises(InputError, match="--dates dmy or --dates mdy"):
        import_file(book, path, Choices(), author="ana")
    import_file(book, path, Choices(dates="mdy"), author="ana")
    assert book.view().times("acled-IRQ1.c")[0].edtf == "2020-02-01"
    with pytest.raises(ValueError, match="others only"):
        order_of(["13/01/2020", "01/13/2020"])


def test_where_a_column_holds_both_orders_only_what_could_be_either_is_kept_aside(book, tmp_path):
    days = ["13/01/2020", "01/13/2020", "02/01/2020", "03/03/2020"]
    rows = [{**ACLED, "event_id_cnty": f"I{n}", "event_date": day} for n, day in enumerate(days)]
    found = import_file(book, write_csv(tmp_path / "a.csv", list(ACLED), rows), Choices(), author="ana")
    assert found.taken == 3 and [row.number for row in found.bad] == [3]
    assert "day-month or month-day" in found.bad[0].reason


def test_acled_known_to_the_week_or_the_month(book, tmp_path):
    rows = [{**ACLED, "event_id_cnty": f"I{n}", "time_precision": str(n)} for n in (1, 2, 3)]
    import_file(book, write_csv(tmp_path / "a.csv", list(ACLED), rows), Choices(), author="ana")
    spans = [book.view().times(f"acled-I{n}.c")[0].edtf for n in (1, 2, 3)]
    assert spans == ["2020-01-02", "2019-12-27/2020-01-08", "2020-01-01/2020-01-31"]


def gdelt_row(**cells):
    row = dict.fromkeys(GDELT, "") | {
        "GLOBALEVENTID": "900", "SQLDATE": "20201210", "Actor1Name": "UNITED STATES", "Actor2Name": "IRAN", "EventCode": "152",
        "EventRootCode": "15", "QuadClass": "4", "NumMentions": "7", "ActionGeo_Type": "4", "ActionGeo_FullName": "Baghdad",
        "ActionGeo_Lat": "33.3", "ActionGeo_Long": "44.4", "DATEADDED": "20201210093000",
        "SOURCEURL": "https://www.example.org/a",
    }  # fmt: skip
    return row | cells


def test_gdelt_rows_are_reports_and_never_incidents(book, tmp_path):
    rows = [gdelt_row(), gdelt_row(GLOBALEVENTID="901"), gdelt_row(GLOBALEVENTID="902", EventRootCode="99")]
    path = write_csv(tmp_path / "a.export.CSV", GDELT, rows, heading=False, delimiter="\t")
    found = import_file(book, path, Choices(), author="ana")
    assert (found.layout, found.taken, len(found.bad)) == ("gdelt", 2, 1)
    view = book.view()
    assert view.count("event") == 0 and view.count("report") == view.count("claim") == 2
    assert [step.source for step in view.get("gdelt-900.c").chain] == ["GDELT", "source:www.example.org"]
    assert view.get("gdelt-900.r").published == "2020-12-10T09:30:00"


TABLE = [
    {
        "Datum": "13.02.2020 21:15",
        "Breite": "33.3",
        "Länge": "44.4",
        "Was": "Raketen",
        "Zahl": "4",
        "Quelle": "AFP",
    },
    {"Datum": "14.02.2020", "Breite": "", "Länge": "", "Was": "Raketen", "Zahl": "", "Quelle": "AFP"},
    {"Datum": "31.02.2020", "Breite": "", "Länge": "", "Was": "Raketen", "Zahl": "", "Quelle": "AFP"},
    {"Datum": "14.02.2020", "Breite": "", "Länge": "", "Was": "Raketen", "Zahl": "", "Quelle": "AFP"},
]
COLUMNS = {
    "date": "Datum",
    "lat": "Breite",
    "lon": "Länge",
    "title": "Was",
    "count": "Zahl",
    "source": "Quelle",
}


def test_any_table_by_a_mapping_kept_as_a_profile(book, tmp_path):
    path = write_csv(tmp_path / "liste.csv", list(TABLE[0]), TABLE, delimiter=";")
    profile = mapping.check(
        mapping.Profile("liste", COLUMNS, unit="rockets", zone="+03:00", publisher="A desk")
    )
    mapping.save(profile)
    assert mapping.known() == ["liste"] and mapping.load("liste") == profile
    found = import_file(book, path, Choices(profile=mapping.load("liste")), author="ana")
    assert (found.taken, [row.number for row in found.bad]) == (3, [3])
    assert list(found.remarks.values()) == [1]  # rows 2 and 4 are equal, and both may have happened
    view = book.view()
    times = sorted(time.start_earliest for time in view.all("time"))
    assert times == ["2020-02-13T18:15:00Z", "2020-02-13T21:00:00Z", "2020-02-13T21:00:00Z"]
    assert [(count.lo, count.hi, count.unit) for count in view.all("count")] == [(4, 4, "rockets")]
    assert view.get("source:afp").name == "AFP"


def test_a_mapping_says_what_is_wrong_with_it(tmp_path, book):
    with pytest.raises(InputError) as caught:
        mapping.check(
            mapping.Profile("a b", {"lat": "x", "colour": "y"}, event="war", zone="CET", rights="mine")
        )
    assert {fault.key for fault in caught.value.faults} == {
        "name", "columns.colour", "columns.date", "columns.lat", "event", "zone", "rights"
    }  # fmt: skip
    path = write_csv(tmp_path / "liste.csv", list(TABLE[0]), TABLE)
    with pytest.raises(InputError, match="no column 'Date'"):
        import_file(book, path, Choices(profile=mapping.Profile("x", {"date": "Date"})), author="ana")


def test_a_file_of_no_known_layout_says_what_it_holds(book, tmp_path):
    path = write_csv(tmp_path / "liste.csv", list(TABLE[0]), TABLE)
    with pytest.raises(InputError, match=r"columns are Datum, Breite.*--map date"):
        import_file(book, path, Choices(), author="ana")
    for text in ("", "  \n", "{", '{"a": 1}', "[1, 2]", '{"type":"FeatureCollection","features":3}'):
        path.write_text(text)
        with pytest.raises(InputError):
            import_file(book, path, Choices(), author="ana")
    path.write_bytes(gzip.compress(b"x" * 100)[:-9])
    with pytest.raises(InputError, match="cannot read"):
        import_file(book, path, Choices(), author="ana")


def test_dates_are_read_by_hand_worked_cases():
    assert [str(each) for each in read_span("2020-01-02T10:30:00+03:30")[:2]] == [
        "2020-01-02 07:00:00",
        "2020-01-02 07:00:01",
    ]
    assert read_span("2020-12")[1].isoformat() == "2021-01-01T00:00:00"
    assert read_span("1 Sept. 2020")[0].isoformat() == "2020-09-01T00:00:00"
    for text in (
        "2020-13-01",
        "31 June 2020",
        "yesterday",
        "",
        "0000-01-01",
        "99/99/2020",
        "2020-01-01T25:00",
    ):
        with pytest.raises(ValueError, match=r"date|day"):
            read_span(text)


def test_the_real_files_go_in_whole(book, data):
    found = import_file(book, data / "ucdp_ged_iraq_1989_2018_hdx.csv.gz", Choices(), author="ana")
    assert (found.rows, found.taken, found.bad) == (7473, 7473, ())
    text = gzip.decompress((data / "ucdp_ged_iraq_1989_2018_hdx.csv.gz").read_bytes()).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))[1:]
    view = book.view()
    assert sum(count.best for count in view.all("count")) == sum(int(row["best"]) for row in rows)
    assert view.count("event") == len({row["id"] for row in rows}) == 7473
    exact = sum(1 for time in view.all("time") if "date_prec 1" in time.basis)
    assert exact == sum(row["date_prec"] == "1" for row in rows) == 6846
    found = import_file(book, data / "ucdp_ged_v23_1_car_400.geojson", Choices(), author="ana")
    assert (found.rows, found.taken, found.bad) == (400, 400, ())
