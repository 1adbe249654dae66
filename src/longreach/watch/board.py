"""The indicator board: what is seen, on whose word, and what that weighs.

Indicators that rest on one root of their chains are one piece of news however many they are: they form a
group, and a group counts once, with its strongest. A weight is given only where the indicator's record has
been entered; otherwise the board is a checklist.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from longreach.ledger import chains
from longreach.ledger.evidence import Evidence
from longreach.ledger.records import Claim
from longreach.ledger.relations import denied
from longreach.watch.lists import Indicator, WatchList

SEEN, CONTESTED, NOT_SEEN, EXPIRED = "seen", "contested", "not seen", "expired"


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator on the day of the watch.

    state : seen, contested (a claim says so and another denies it), not seen, or expired
    claims, against : those the ledger holds
    roots : the organisations or origins it rests on, by name
    named : an origin is named, not only a publisher
    group : number of the group that shares a root, from 1; 0 where nothing is known
    days_left : to its expiry; below nought afterwards
    log_odds : natural logarithm of its likelihood ratio; None without a record, or where it is not plainly seen
    """

    indicator: Indicator
    state: str
    claims: tuple[str, ...]
    against: tuple[str, ...]
    roots: tuple[str, ...]
    named: bool
    only_party: bool
    group: int
    days_left: int
    log_odds: float | None


@dataclass(frozen=True, slots=True)
class Board:
    """All rows, groups together; and what they come to.

    groups_seen : groups with an indicator that is seen or contested: at most so many independent roots
    groups_named : those of them in which an origin is named: at least so many
    log_odds : sum over groups of the strongest weight in each; None where a seen indicator has no record
    """

    at: date
    rows: tuple[Row, ...]
    groups_seen: int
    groups_named: int
    log_odds: float | None

    @property
    def roots(self) -> str:
        """How many independent roots, at least and at most."""
        at_least = max(self.groups_named, 1 if self.groups_seen else 0)
        return f"{at_least}" if at_least == self.groups_seen else f"{at_least} to {self.groups_seen}"

    def number(self, state: str) -> int:
        return sum(row.state == state for row in self.rows)


def make(watch: WatchList, evidence: Evidence, at: date) -> Board:
    """The board on a day, from the evidence known by then."""
    found = [_known(indicator, evidence) for indicator in watch.indicators]
    names = [_roots([*claims, *against], evidence) for claims, against in found]
    groups = _groups(names)
    rows = []
    for indicator, (claims, against), roots, group in zip(
        watch.indicators, found, names, groups, strict=True
    ):
        days_left = (indicator.expires - at).days if indicator.expires else 0
        state = _state(indicator, claims, against, at)
        weight = _weight(indicator) if state == SEEN else None
        judged = [chains.root_of(claim, evidence) for claim in claims]
        rows.append(
            Row(
                indicator,
                state,
                tuple(claim.id for claim in claims),
                tuple(claim.id for claim in against),
                roots,
                any(root.named_origin for root in judged),
                bool(judged) and all(root.party for root in judged),
                group,
                days_left,
                weight,
            )
        )
    rows.sort(key=lambda row: (row.group == 0, row.group, row.state != SEEN))
    live = [row for row in rows if row.state in (SEEN, CONTESTED)]
    named = {row.group for row in live if row.named}
    return Board(at, tuple(rows), len({row.group for row in live}), len(named), _sum(rows))


def _known(indicator: Indicator, evidence: Evidence) -> tuple[list[Claim], list[Claim]]:
    """The claims for and against; a claim that denies counts against."""
    claims: list[Claim] = []
    against: list[Claim] = []
    for name in (*indicator.claims, *indicator.against):
        claim = evidence.claims.get(name)
        if claim is None:
            continue
        (against if name in indicator.against or denied(claim) else claims).append(claim)
    return claims, against


def _state(indicator: Indicator, claims: Sequence[Claim], against: Sequence[Claim], at: date) -> str:
    if indicator.expires is not None and indicator.expires < at:
        return EXPIRED
    if not claims:
        return NOT_SEEN
    return CONTESTED if against else SEEN


def _roots(claims: Sequence[Claim], evidence: Evidence) -> tuple[str, ...]:
    names = []
    for claim in claims:
        root = chains.root_of(claim, evidence)
        names.append(evidence.name(root.organisation if root.named_origin else root.entity))
    return tuple(dict.fromkeys(names))


def _groups(names: Sequence[tuple[str, ...]]) -> list[int]:
    """A number for each set of roots; sets that share one have the same."""
    group: list[int] = [0] * len(names)
    number = 0
    for n, roots in enumerate(names):
        if not roots or group[n]:
            continue
        number += 1
        shared = set(roots)
        grown = True
        while grown:
            grown = False
            for k, others in enumerate(names):
                if others and not group[k] and shared & set(others):
                    group[k] = number
                    shared |= set(others)
                    grown = True
    return group


def _weight(indicator: Indicator) -> float | None:
    """Natural logarithm of the likelihood ratio, half a case added to each side so that none is nought.

    >>> from longreach.watch.lists import Share
    >>> row = Indicator("x", "x", "x", seen_before=Share(8, 9), seen_otherwise=Share(9, 99))
    >>> round(_weight(row), 2)
    2.19
    """
    if indicator.seen_before is None or indicator.seen_otherwise is None:
        return None
    before = (indicator.seen_before.seen + 0.5) / (indicator.seen_before.of + 1)
    otherwise = (indicator.seen_otherwise.seen + 0.5) / (indicator.seen_otherwise.of + 1)
    return math.log(before / otherwise)


def _sum(rows: Sequence[Row]) -> float | None:
    seen = [row for row in rows if row.state == SEEN]
    if not seen or any(row.log_odds is None for row in seen):
        return None
    strongest: dict[int, float] = {}
    for row in seen:
        weight = row.log_odds or 0.0
        if row.group not in strongest or abs(weight) > abs(strongest[row.group]):
            strongest[row.group] = weight
    return sum(strongest.values())
