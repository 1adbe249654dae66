"""The look of every page that Longreach writes: one self-contained HTML file, its tables and its charts.

A page asks for nothing from outside, opens from disk, follows the reader's light or dark scheme, prints on
A4, can be read by keyboard and by screen reader, and is the same bytes for the same content.

    from longreach.page import charts, page, table, words

    html = page(title="Indicators", kicker="indicators", main=table(["Week", "Incidents"], rows))

A room with a template of its own makes its environment with `environment("longreach.room")` and begins the
template with `{% extends "shell.html.jinja" %}`. `longreach.page.words` says figures, times and positions;
`longreach.page.charts` draws.
"""

from __future__ import annotations

from longreach.page import charts, words
from longreach.page.shell import environment, page, style_sheet
from longreach.page.tables import Column, Row, table

__all__ = ["Column", "Row", "charts", "environment", "page", "style_sheet", "table", "words"]
