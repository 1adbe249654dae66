"""The shell: every page whole, safe, self-contained, and the same each time."""

import re
from html.parser import HTMLParser

import pytest

from longreach.page import Column, Row, page, shell, table


class Reader(HTMLParser):
    """Tags with attributes in order, and the ids; fails where tags do not close in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_page_has_what_every_page_has():
    html = page(title="Rates & counts", kicker="watch", version="1.2", main="<h1>Two a week.</h1>")
    tags = Reader(html).tags
    assert html.startswith("<!doctype html>")
    assert ("html", {"lang": "en"}) in tags
    assert "<title>Rates &amp; counts – Longreach</title>" in html
    assert "<h1>Two a week.</h1>" in html
    assert 'class="skip" href="#result"' in html and 'id="result"' in html
    assert "For analysis, exercise and education." in html
    assert "prefers-color-scheme:dark" in html and "@media print" in html
    policy = next(a["content"] for t, a in tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_a_page_reaches_for_nothing():
    html = page(title="x", main="<p>y</p>")
    assert not re.findall(r"https?:|@import|<script|<link|src=", html)


def test_same_content_same_bytes():
    assert page(title="x", main="y") == page(title="x", main="y")


def test_text_is_escaped_and_markup_is_not():
    html = page(title="<script>", kicker="<b>", main="<em>kept</em>")
    assert "<script>" not in html and "<b>" not in html
    assert "<em>kept</em>" in html


def test_a_table_can_be_read_without_seeing_it():
    html = str(
        table(
            ["Week", Column("Incidents", "number"), Column("Seen", "blank")],
            [("49 <i>", 3, ""), Row(("50", 9, ""), bad=True)],
            caption="By week.",
        )
    )
    tags = Reader(html).tags
    assert [a.get("scope") for t, a in tags if t == "th"] == ["col", "col", "col", "row", "row"]
    assert tags[0] == (
        "div",
        {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": "By week."},
    )
    assert "49 &lt;i&gt;" in html
    assert html.count('class="num"') == 3 and html.count('class="blank"') == 3
    assert html.count("<tr class=bad>") == 1


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="a row of 1 cells in a table of 2 columns"):
        table(["a", "b"], [("only one",)], label="x")


def test_a_template_of_a_room_begins_with_the_shell():
    environment = shell.environment("longreach.page")
    made = environment.from_string(
        '{% extends "shell.html.jinja" %}{% block main %}<p>{{ n }}</p>{% endblock %}'
    )
    html = made.render(title="t", kicker="k", version="", style="", n="12 nm")
    assert "<p>12\N{NO-BREAK SPACE}nm</p>" in html
