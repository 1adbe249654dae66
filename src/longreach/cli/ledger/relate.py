"""`longreach ledger relate`"""

from __future__ import annotations

from typing import Annotated

import typer

from longreach.cli import PLAIN
from longreach.cli._evidence import AsOf, evidence_of, paragraph
from longreach.cli._ledger import Where
from longreach.cli._output import Json, colour, emit
from longreach.errors import Fault, InputError

app = typer.Typer(**{**PLAIN, "no_args_is_help": False})


@app.command()
def relate(
    about: Annotated[str | None, typer.Argument(help="A claim or an event; default all.")] = None,
    ledger: Where = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Compare claims: repeats, corroborates, in tension, contradicts, corrects; and what to be careful about."""
    from longreach.ledger import cautions, chains
    from longreach.ledger.relations import all_relations

    evidence = evidence_of(ledger, as_of)
    relations = all_relations(evidence)
    found = cautions.find(evidence, relations)
    if about is not None:
        if about not in evidence.claims and about not in evidence.events:
            raise InputError(
                Fault(f"there is no claim or event {about!r}", hint="see `longreach ledger list claim`")
            )
        names = {about, *(claim.id for claim in evidence.claims_of(about))}
        relations = [each for each in relations if each.a in names or each.b in names]
        found = [each for each in found if names & set(each.records)]
    if as_json:
        emit({
            "schema": "longreach.ledger.relate/1",
            "relations": [{"a": r.a, "b": r.b, "relation": r.relation, "aspect": r.aspect, "why": r.why,
                           "scope": list(r.scope), "recorded": r.recorded} for r in relations],
            "cautions": [{"kind": c.kind, "records": list(c.records), "text": c.text, "settle": c.settle,
                          "party": c.party} for c in found],
        })  # fmt: skip
        return
    order = ("contradicts", "in tension", "corrects", "retracts", "corroborates", "repeats")
    shades = {"contradicts": "31", "in tension": "33", "corroborates": "32"}
    for relation in sorted(
        relations, key=lambda r: order.index(r.relation) if r.relation in order else len(order)
    ):
        word = relation.relation
        shown = colour(word, shades[word]) if word in shades else word
        print(f"{relation.a} {shown} {relation.b}" + (" (recorded)" if relation.recorded else ""))
        if word in ("contradicts", "in tension", "corrects"):
            for name in (relation.a, relation.b):
                claim = evidence.claims[name]
                root = chains.root_of(claim, evidence)
                party = ", party to the conflict" if root.party else ""
                paragraph(f"{name}: {evidence.words(claim)} ({evidence.name(root.entity)}{party})", 4)
        scope = f". Scope: {'; '.join(relation.scope)}" if relation.scope else ""
        paragraph(f"{relation.aspect}: {relation.why}{scope}", 4)
    if not relations:
        print("no two claims are about the same thing")
    print()
    kinds: dict[str, list[cautions.Caution]] = {}
    for caution in found:
        kinds.setdefault(caution.kind, []).append(caution)
    for kind, group in kinds.items():
        print(colour(f"{kind}: {cautions.KINDS[kind]}", "1"))
        for caution in group:
            paragraph(f"{', '.join(caution.records)}: {caution.text}", 2)
            if caution.settle:
                paragraph(f"would settle it: {caution.settle}", 4)
    if not found:
        print("nothing to be careful about was found")
