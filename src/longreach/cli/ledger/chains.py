"""`longreach ledger chains`"""

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
def chains(
    about: Annotated[str | None, typer.Argument(help="A claim or an event; default all claims.")] = None,
    ledger: Where = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Show source chains, their independent roots and the best digit they allow; exit 1 where one is too good."""
    from longreach.ledger import chains as chain
    from longreach.ledger.relations import all_relations, supporting

    evidence = evidence_of(ledger, as_of)
    chosen = list(evidence.claims.values())
    if about is not None:
        if about in evidence.claims:
            chosen = [evidence.claims[about]]
        elif about in evidence.events:
            chosen = evidence.claims_of(about)
            for part in evidence.parts_of(about):
                chosen += [claim for claim in evidence.claims_of(part.id) if claim not in chosen]
        else:
            raise InputError(
                Fault(f"there is no claim or event {about!r}", hint="see `longreach ledger list claim`")
            )
    relations = all_relations(evidence)
    rows, documents, faults = [], [], 0
    for claim in chosen:
        judged = chain.judge(claim, supporting(claim, evidence, relations), evidence)
        root = chain.root_of(claim, evidence)
        faults += judged.too_good
        mark = "too good" if judged.too_good else "overridden" if judged.overridden else ""
        marks = (
            mark,
            chain.manner(claim),
            "party" if root.party else "",
            "anonymous" if root.anonymous else "",
        )
        notes = [word for word in marks if word]
        code = f"{claim.reliability}{claim.credibility or ''}"
        text = chain.chain_text(claim, evidence)
        rows.append((claim.id, code, judged.best, judged.roots.number, text, ", ".join(notes)))
        documents.append({
            "claim": claim.id, "reliability": claim.reliability, "credibility": claim.credibility,
            "best_credibility": judged.best, "why": judged.why, "override": claim.override,
            "roots_at_least": judged.roots.at_least, "roots_at_most": judged.roots.at_most,
            "chain": [step.source for step in chain.chain_of(claim, evidence)], "root": root.entity,
            "organisation": root.organisation, "origin_named": root.named_origin, "party": root.party,
            "anonymous": root.anonymous, "manner": chain.manner(claim),
        })  # fmt: skip
    all_roots = chain.count_roots(chosen, evidence)
    totals = {
        kind: chain.total([event.id for event in evidence.events.values()
                           if event.type == kind and not evidence.parts_of(event.id)], evidence)
        for kind in ("incident", "flight")
    }  # fmt: skip
    if as_json:
        emit({
            "schema": "longreach.ledger.chains/1", "claims": documents,
            "roots_at_least": all_roots.at_least, "roots_at_most": all_roots.at_most,
            "totals": {kind: {"all": t.all, "without_parties": t.without_parties, "origin_not_named": t.origin_not_named}
                       for kind, t in totals.items()},
        })  # fmt: skip
    else:
        columns([("claim", "code", "best", "roots", "chain, reader's end first", ""), *rows], right=(2,))
        print()
        what = f"{len(chosen)} claims" if len(chosen) != 1 else "1 claim"
        paragraph(f"{what}, {all_roots.number} independent roots: at least the organisations named as origin, at most "
                  "every origin there may be.")  # fmt: skip
        for kind, found in totals.items():
            if found.all and about is None:
                paragraph(f"{kind}s: {found}")
        if faults:
            print(colour(f"{faults} better than their sources allow", "31"))
    if faults:
        raise typer.Exit(1)
