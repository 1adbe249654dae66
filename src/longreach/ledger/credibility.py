"""The digit of credibility of a claim about to be recorded, held against what its chain allows."""

from __future__ import annotations

from collections.abc import Iterable

from longreach.errors import InputError
from longreach.ledger.chains import check_credibility
from longreach.ledger.evidence import Evidence
from longreach.ledger.records import Claim, Record
from longreach.ledger.relations import all_relations, supporting
from longreach.ledger.view import View


def refuse_too_credible(new: Iterable[Record], view: View) -> None:
    """Check records before they are added to what a ledger holds.

    Raises: InputError for each claim with a digit better than its independent roots allow, without a reason in
    `override`. What comes in with it, and what the ledger holds, counts as support.
    """
    records = list(new)
    doubtful = [
        each for each in records if isinstance(each, Claim) and each.credibility == 1 and not each.override
    ]
    if not doubtful:  # no other digit can be better than the ceiling
        return
    held = Evidence.of_view(view)
    evidence = Evidence.of([*held.all_records(), *records], view.current)
    relations = all_relations(evidence)
    faults = [
        fault
        for claim in doubtful
        if (fault := check_credibility(claim, supporting(claim, evidence, relations), evidence)) is not None
    ]
    if faults:
        raise InputError(faults)
