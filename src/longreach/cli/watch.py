"""`longreach watch`"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from longreach.cli import PLAIN
from longreach.cli._evidence import AsOf, evidence_of, paragraph
from longreach.cli._ledger import Where
from longreach.cli._output import Json, Progress, colour, emit, writable_folder
from longreach.errors import Fault, InputError

app = typer.Typer(**{**PLAIN, "no_args_is_help": False})


@app.command(
    epilog="Exit codes: 0 answered, whatever the answer; 2 bad input. The board is evidence, not a prediction."
)
def watch(
    ledger: Where = None,
    list_: Annotated[
        Path | None, typer.Option("--list", help="The watch list (TOML); default: made from the ledger.")
    ] = None,
    at: Annotated[str | None, typer.Option("--at", help="The day of the watch; default today.")] = None,
    as_of: AsOf = None,
    series: Annotated[
        Path | None, typer.Option("--series", help="CSV of events, one a row, for the rates.")
    ] = None,
    column: Annotated[str | None, typer.Option("--column", help="Column of the day in --series.")] = None,
    period: Annotated[int | None, typer.Option("--period", help="Days in a period.", min=1, max=366)] = None,
    run_length: Annotated[
        float | None, typer.Option("--run-length", help="Periods between false alarms.", min=5, max=100_000)
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the draws that set the alarms.", min=0)] = 1,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder for watch.html.")] = None,
    as_json: Json = False,
) -> None:
    """Show indicators and rates against their baseline, and write the page."""
    import numpy as np

    from longreach.watch import lists, terminal
    from longreach.watch import series as tables
    from longreach.watch.standing import stand

    day = _day(at)
    if column and series is None:
        raise InputError(Fault("--column is for --series", hint="give the table too"))
    with Progress() as progress:
        progress("reading")
        evidence = evidence_of(ledger, as_of)
        chosen = lists.read_list(list_) if list_ else None
        table = (series.name, tables.of_table(series, column)) if series else None
        progress("setting the alarms")
        standing = stand(
            evidence,
            chosen,
            day,
            np.random.default_rng(seed),
            table=table,
            period_days=period,
            run_length=run_length,
        )
    file = None
    if output is not None:
        from longreach import __version__
        from longreach.document import write_atomically
        from longreach.watch.page import render

        file = writable_folder(output) / "watch.html"
        write_atomically(file, render(standing, __version__).encode())
    if as_json:
        emit(_document(standing, str(file) if file else None))
        return
    styles = {"head": "1", "seen": "33", "contested": "35", "quiet": "2", "alarm": "31"}
    first = True
    for style, indent, text in terminal.lines(standing):
        if style == "head" and not first:
            print()
        first = False
        if style == "head":
            print(colour(text, "1"))
        elif style in styles and indent == 4:
            state, rest = text[:9], text[9:]
            print(" " * indent + colour(state, styles[style]) + rest)
        else:
            paragraph(text, indent)
    if file:
        print(f"\n{file}")


def _day(text: str | None) -> date:
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(Fault(f"--at is {text!r}, not a day such as 2020-12-10")) from None


def _document(standing: Any, file: str | None) -> dict[str, Any]:
    board, rates = standing.board, standing.rates
    return {
        "schema": "longreach.watch/1",
        "title": standing.title,
        "at": standing.at.isoformat(),
        "indicators": [
            {"id": row.indicator.id, "name": row.indicator.name, "state": row.state, "claims": list(row.claims),
             "against": list(row.against), "roots": list(row.roots), "group": row.group,
             "only_party": row.only_party, "direction": row.indicator.direction,
             "expires": row.indicator.expires.isoformat() if row.indicator.expires else None,
             "log_odds": row.log_odds}
            for row in board.rows
        ],
        "roots_at_least": board.groups_named,
        "roots_at_most": board.groups_seen,
        "log_odds": board.log_odds,
        "anniversaries": [
            {"name": c.back.remembered.name, "on": c.back.on.isoformat(), "days_ahead": c.back.days_ahead,
             "share_of_days_as_busy": c.test.share if c.test else None, "years": c.test.years if c.test else 0}
            for c in standing.coming
        ],
        "rates": None if rates is None else {
            "series": rates.counts.name, "period_days": rates.counts.period_days, "count": int(rates.counts.counts[-1]),
            "baseline_mean": rates.baseline.mean, "variance_over_mean": rates.baseline.ratio,
            "autocorrelation": rates.baseline.autocorrelation, "left_out": rates.counts.left_out,
            "alarms": [
                {"kind": a.chart.kind, "value": float(a.values[-1]), "limit": a.chart.limit,
                 "run_length_periods": a.chart.run_length, "rang": [each.isoformat() for each in a.rang],
                 "poisson_run_length_periods": a.chart.poisson_run_length,
                 "poisson_rang": [each.isoformat() for each in a.poisson_rang]}
                for a in rates.alarms
            ],
        },
        "rate_note": standing.rate_note,
        "forecasts": [
            {"id": f.assessment.id, "statement": f.assessment.statement,
             "likelihood": f.assessment.likelihood if f.shown else None, "resolved": f.calibration.resolved,
             "brier": f.calibration.brier if f.shown else None,
             "came_true": f.outcome.came_true if f.outcome else None}
            for f in standing.forecasts
        ],
        "would_change_our_mind": [
            {"records": list(c.records), "kind": c.kind, "settle": c.settle} for c in standing.cautions if c.settle
        ],
        "page": file,
    }  # fmt: skip
