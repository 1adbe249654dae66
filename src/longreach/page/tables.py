"""Tables as HTML: headed, named, with a row header, in a frame that scrolls by itself and by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, and how its cells are set.

    kind : "text", "number" (set to the right) or "blank" (ruled, for the reader to write in)
    """

    head: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Row:
    """One row; the first cell names it. `bad` marks what fails."""

    cells: Sequence[Any]
    bad: bool = False


def table(
    columns: Sequence[str | Column],
    rows: Sequence[Row | Sequence[Any]],
    *,
    label: str = "",
    caption: str = "",
    style: str = "",
) -> Any:
    """A table as marked-up text; plain cells are escaped, `markupsafe.Markup` cells are left as they are.

    Parameters
    ----------
    columns : heads, or `Column` values
    rows : one cell per column; the first is the row's header
    label : what the table is, for screen readers; needed where there is no caption
    caption : a sentence under the table
    style : further classes

    Raises: ValueError where a row does not fit the columns.

    >>> print(table(["Week", Column("Incidents", "number")], [("49", 3)], label="By week"))
    <div class="scroll" tabindex="0" role="group" aria-label="By week"><table class="data"><thead><tr>...
    """
    from markupsafe import Markup, escape

    from longreach.page.shell import unbroken

    made = [column if isinstance(column, Column) else Column(column) for column in columns]
    kinds = [{"text": "", "number": ' class="num"', "blank": ' class="blank"'}[c.kind] for c in made]
    out = [
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(label or caption)}">'
        f'<table class="{escape(f"data {style}".strip())}">'
    ]
    if caption:
        out.append(f"<caption>{escape(unbroken(caption))}</caption>")
    heads = [
        f'<th scope="col"{kind}>{escape(column.head)}</th>' for column, kind in zip(made, kinds, strict=True)
    ]
    out.append(f"<thead><tr>{''.join(heads)}</tr></thead><tbody>")
    for row in rows:
        given = row if isinstance(row, Row) else Row(row)
        if len(given.cells) != len(made):
            raise ValueError(f"a row of {len(given.cells)} cells in a table of {len(made)} columns")
        cells = [
            f'<th scope="row">{escape(unbroken(cell))}</th>'
            if index == 0
            else f"<td{kind}>{escape(unbroken(cell))}</td>"
            for index, (cell, kind) in enumerate(zip(given.cells, kinds, strict=True))
        ]
        out.append(f"<tr{' class=bad' if given.bad else ''}>{''.join(cells)}</tr>")
    return Markup("".join([*out, "</tbody></table></div>"]))
