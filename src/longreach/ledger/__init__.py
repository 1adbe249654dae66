"""The ledger: incidents, flights and claims with their sources, append-only, with what was known when.

    from longreach.ledger import Ledger
    from longreach.ledger.records import Claim, Entity, Report

    book = Ledger(Path("ledger.jsonl"))
    view = book.view()                 # or book.as_of("2020-12-10")
    for claim in view.all("claim"): ...

It stands apart from planning and never sees a plan. docs/ledger.md describes the records and the log.
"""

from longreach.ledger.log import Damage
from longreach.ledger.store import DamagedLedger, Group, Ledger, Reading
from longreach.ledger.view import Batch, Held, View

__all__ = ["Batch", "Damage", "DamagedLedger", "Group", "Held", "Ledger", "Reading", "View"]
