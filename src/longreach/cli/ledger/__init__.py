"""`longreach ledger ...`: one file per sub-verb, loaded when it is called.

A sub-verb `x` is the module `longreach.cli.ledger.x` (`as-of` is `as_of`, `import` is `import_`) with `app`, a
`typer.Typer(**PLAIN)` that holds one command or several, and one line in SUBVERBS. A sub-verb whose file is not
there is not listed. Which ledger is meant, who writes, and how records are shown is shared: `longreach.cli._ledger`.
"""

from __future__ import annotations

import difflib
import importlib
from importlib import util
from typing import Any

import typer
from typer.core import TyperGroup

from longreach.cli import PLAIN
from longreach.errors import Fault, InputError

# One line for each sub-verb, in the order of the work.
SUBVERBS = {
    "init": "Start a new, empty ledger.",
    "example": "Make the ledger of the founding report, to look at and to learn from.",
    "add": "Add a record, by flags or by questions, or many from a TOML or CSV form.",
    "import": "Import UCDP, ACLED, GDELT or any other table, or a ledger's own export.",
    "profiles": "Show and keep the ways columns of other tables are read.",
    "correct": "Put a new record in the place of one that was coded wrongly.",
    "drop": "Put a tombstone on records, with the reason.",
    "undo": "Put a tombstone on all that one import brought in.",
    "duplicates": "Propose records that may be the same thing, with reasons; merge nothing.",
    "show": "Show the ledger, or one record with all that hangs on it.",
    "list": "List records of one kind.",
    "read": 'Read words such as "more than 50" or "on Thursday" into an interval.',
    "chains": "Show source chains, their independent roots and what they allow.",
    "relate": "Compare claims: repeats, corroborates, in tension, contradicts.",
    "reconcile": 'Test every "Nth since" and "N in a period" against the events listed.',
    "as-of": "Show what was known at an instant.",
    "verify": "Check every line of the log; say where it was changed.",
    "repair": "Set a torn end aside, or put changed bytes right where that can be proved.",
    "export": "Write CSV, JSON lines, GeoJSON, the layout imported, ClaimReview or a page.",
    "page": "Write the ledger's page: timeline, map, claims and chains.",
}


def _module(subverb: str) -> str:
    name = subverb.replace("-", "_")
    return f"longreach.cli.ledger.{name}" + ("_" if name == "import" else "")


class Subverbs(TyperGroup):
    """The sub-verbs by name, each module imported only when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [subverb for subverb in SUBVERBS if util.find_spec(_module(subverb))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.list_commands(ctx):
            return None
        return typer.main.get_command(importlib.import_module(_module(cmd_name)).app)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            raise InputError(Fault(f"ledger has no sub-verb {args[0]!r}", hint=hint))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Sub-verbs"):
            formatter.write_dl([(subverb, SUBVERBS[subverb]) for subverb in self.list_commands(ctx)])


app = typer.Typer(cls=Subverbs, **PLAIN)


@app.callback(
    epilog="The ledger is ledger.jsonl in this folder unless --ledger FILE or LONGREACH_LEDGER names another."
)
def ledger() -> None:
    """Keep incidents, flights and claims with their sources."""
