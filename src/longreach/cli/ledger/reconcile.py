"""`longreach ledger reconcile`"""

from __future__ import annotations

from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._evidence import AsOf, evidence_of, paragraph
from longreach.cli._ledger import Where, columns
from longreach.cli._output import Json, colour, emit
from longreach.errors import Fault, InputError

app = typer.Typer(**{**PLAIN, "no_args_is_help": False})


@app.command()
def reconcile(
    ledger: Where = None,
    complete: Annotated[
        list[str] | None,
        typer.Option("--complete", help="A series that is said to list every event of its kind."),
    ] = None,
    readings: Annotated[bool, typer.Option("--readings", help="Show every reading that was tried.")] = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Test every "Nth since" and "N in a period" against the events listed; exit 1 where one disagrees."""
    from longreach.ledger.dates import day_span
    from longreach.ledger.listed import entries_of
    from longreach.ledger.listed import reconcile as test
    from longreach.ledger.reconcile import AGREES, CANNOT_TELL, DISAGREES

    evidence = evidence_of(ledger, as_of)
    unknown = [id for id in complete or () if id not in evidence.events or not evidence.parts_of(id)]
    if unknown:
        known = [id for id in evidence.events if evidence.parts_of(id)]
        raise InputError(
            [
                Fault(f"there is no series {id!r}", hint=f"series: {', '.join(known) or 'none'}")
                for id in unknown
            ]
        )
    result = test(evidence, complete or ())
    verdicts = [each.finding.verdict for each in result.tested]
    if as_json:
        emit({
            "schema": "longreach.ledger.reconcile/1",
            "tested": [{
                "claim": t.claim, "series": t.series, "event": t.finding.event, "words": t.finding.words,
                "claimed": t.finding.claimed, "verdict": t.finding.verdict, "why": t.finding.why, "by": t.finding.by,
                "missing_within": [[a.isoformat(), b.isoformat()] for a, b in t.finding.where],
                "one_extra_of": list(t.finding.entries),
                "readings": [{"reading": r.reading, "from": r.start.isoformat(), "to": r.end.isoformat(), "lo": r.lo,
                              "hi": r.hi, "outcome": r.outcome, "condition": r.condition} for r in t.finding.tested],
            } for t in result.tested],
            "changes": {id: [str(change) for change in found] for id, found in result.changes.items()},
        })  # fmt: skip
    else:
        for series in dict.fromkeys(t.series for t in result.tested if t.series):
            entries, _ = entries_of(evidence.events[series], evidence)
            print(colour(f"{series}: {evidence.events[series].title}", "1"))
            columns([(e.id, day_span(e.earliest, e.latest), e.title) for e in entries], heading=False)
            print()
        shades = {AGREES: "32", DISAGREES: "31", CANNOT_TELL: "33"}
        for tested in result.tested:
            finding = tested.finding
            said = f'"{finding.words}"' + (f" ({finding.event})" if finding.event else "")
            paragraph(f"{tested.claim} {said}")
            print(f"    {colour(finding.verdict, shades[finding.verdict])}")
            paragraph(finding.why, 4)
            if readings:
                for each in finding.tested:
                    held = f"{each.lo}" if each.lo == each.hi else f"{each.lo} to {each.hi}"
                    paragraph(f"{each.reading}: {held}, {each.outcome} {each.condition}".rstrip(), 6)
        for id, found in result.changes.items():
            for change in found:
                paragraph(f"{id}: {change}")
        print()
        print(", ".join(f"{verdicts.count(v)} {v}" for v in (AGREES, DISAGREES, CANNOT_TELL) if v in verdicts)
              or "the ledger holds no claim of number")  # fmt: skip
    if DISAGREES in verdicts:
        raise typer.Exit(1)
