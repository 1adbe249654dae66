"""The PDF: the same bytes each time, tagged with words for each picture, only carried fonts, nothing lost."""

import re
import sys
import zlib

import pytest

from longreach import brief
from longreach.brief import content, maps, pdf, story
from longreach.brief.reading import read
from longreach.errors import MissingExtra

typst = pytest.importorskip("typst", reason="not run: typst is not installed (extra pdf)")


@pytest.fixture(scope="module")
def files(plan_document):
    return brief.pdf_files(plan_document)


def unpacked(data: bytes) -> bytes:
    """The file with its compressed streams, where they can be, in the clear behind it."""
    out = [data]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.S):
        try:
            out.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(out)


def test_same_plan_same_bytes(files, plan_document):
    assert brief.pdf_files(plan_document) == files
    assert set(files) == {"brief.pdf", "kneeboard.pdf"}


def test_pages_are_a4_and_a5(files):
    sizes = {
        name: {
            tuple(map(float, found))
            for found in re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", unpacked(data))
        }
        for name, data in files.items()
    }
    assert {(round(w), round(h)) for w, h in sizes["brief.pdf"]} == {
        (595, 842),
        (842, 595),
    }  # the log lies on its side
    assert {(round(w), round(h)) for w, h in sizes["kneeboard.pdf"]} == {(420, 595)}


def test_it_is_tagged_has_a_language_and_says_what_each_picture_shows(files):
    data = unpacked(files["brief.pdf"])
    assert b"/StructTreeRoot" in data and b"/Marked true" in data
    assert re.search(rb"/Lang ?\(en\)", data)
    assert b"pdfuaid" in data  # PDF/UA-1, which typst checks as it writes
    assert data.count(b"/Figure") >= 4
    assert data.count(b"/Alt") >= 4
    assert data.count(b"/TH") > 20


def test_fonts_are_those_typst_carries(files):
    names = set(re.findall(rb"/BaseFont ?/(?:[A-Z]{6}\+)?(\w+)", unpacked(files["brief.pdf"])))
    assert names and all(name.startswith((b"Libertinus", b"DejaVuSansMono")) for name in names)


def test_maps_are_vectors(files):
    data = unpacked(files["brief.pdf"])
    assert b"/Subtype /Image" not in data and b"/Subtype/Image" not in data


def test_no_date_of_today_is_written(files):
    data = unpacked(files["brief.pdf"])
    years = {int(year) for year in re.findall(rb"D:(\d{4})", data)}
    assert years <= {1970}


def test_pictures_are_in_the_colours_of_print(plan_document):
    plan = read(plan_document)
    closures, _ = maps.closures_of(plan)
    for svg in maps.mission_globes(plan, closures, story.contacts(plan)):
        made = pdf.printed(svg)
        assert "var(" not in made and "@media" not in made
        assert "#a12820" in made  # closed airspace, printed
        assert pdf.words_of(svg).startswith("The whole flight")


def test_a_plan_that_is_not_feasible_has_its_pack(infeasible):
    made = brief.pdf_files(infeasible)
    assert all(data.startswith(b"%PDF") for data in made.values())


def test_text_cannot_become_markup(feasible):
    evil = "#panic() $x$ *bold* [a] \\ <b> \" ' `r` // c"
    feasible["mission"]["name"] = evil
    feasible["warnings"].append(evil)
    feasible["assumptions"].append(evil)
    assert brief.pdf_files(feasible)["brief.pdf"].startswith(b"%PDF")


def test_without_typst_it_names_the_extra(feasible, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtra, match=r"longreach\[pdf\]"):
        brief.pdf_files(feasible)


def test_page_and_pack_say_the_same(plan_document):
    """Every key that the templates read is one the pack holds, so a new figure cannot be on one side only."""
    said = content.pack(read(plan_document), "0" * 64, brief.More())
    for name in ("common.typ", "pack.typ", "cards.typ"):
        read_keys = set(re.findall(r"\bd\.(\w+)", pdf._template(name)))
        assert read_keys <= set(said), read_keys - set(said)
