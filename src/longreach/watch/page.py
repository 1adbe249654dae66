"""Where things stand as one self-contained page."""

from __future__ import annotations

from typing import Any

from longreach.ledger import chains
from longreach.ledger.dates import day
from longreach.ledger.evidence import Evidence
from longreach.ledger.reconcile import AGREES, DISAGREES
from longreach.ledger.relations import supporting
from longreach.page import Column, environment, style_sheet, table
from longreach.watch import pictures, terminal
from longreach.watch.board import CONTESTED, SEEN
from longreach.watch.standing import Standing

MOST_CLAIMS = 300  # in the table of claims
CAUTION = "Made from what was reported, coded by hand. It says who claims what and how far that carries; it predicts nothing."


def render(standing: Standing, version: str) -> str:
    """The page of the watch: board, days, rates, forecasts, and the evidence under them."""
    board = standing.board
    seen, contested = board.number(SEEN), board.number(CONTESTED)
    headline = f"{standing.title}: {terminal.summary(standing)}"
    coming = standing.coming[0] if standing.coming else None
    figures = [
        (
            "Indicators seen",
            f"{seen + contested}",
            f"{contested} of them contested" if contested else "none contested",
        ),
        ("Independent roots", board.roots, "indicators that share one count once"),
        ("Claims", f"{len(standing.evidence.claims):,}", _code_note(standing)),
        ("Numbers that agree", _agree(standing), "claims of number against the events listed"),
    ]
    if coming is not None:
        figures.append(
            ("Next day that comes round", day(coming.back.on), f"in {coming.back.days_ahead} days")
        )
    lines = [f"{each.claim} “{each.words}”: {each.text}" for each in standing.derived]
    if standing.rate_note:
        lines.append(standing.rate_note)
    if standing.rates is not None:
        lines += [text for _, text in terminal.rate_lines(standing.rates)]
    if standing.total is not None:
        lines.append(f"events: {standing.total}")
    return _render(
        standing,
        version,
        kicker=f"watch, {day(standing.at)}",
        headline=headline,
        standfirst=f"Feared: {standing.feared}." if standing.feared else "",
        figures=figures,
        board=_groups(standing),
        board_deck=(
            "Each stands under the root of its chains: whoever is named as origin, or the publisher where none is. "
            "Indicators of one root are one piece of news."
        ),
        board_note=_board_note(standing),
        coming=[terminal.coming_text(each) for each in standing.coming],
        rate_lines=lines,
        rate_chart=_safe(pictures.rate_chart(standing.rates)) if standing.rates is not None else "",
        forecasts=[list(terminal.forecast_lines(each)) for each in standing.forecasts],
    )


def render_ledger(standing: Standing, version: str) -> str:
    """The page of the ledger alone: time line, map, numbers, claims and chains."""
    evidence = standing.evidence
    clash = sum(r.relation in ("contradicts", "in tension") for r in standing.relations)
    headline = (
        f"{len(evidence.claims):,} claims of {len(evidence.reports):,} reports on {len(evidence.events):,} events; "
        f"{clash:,} clashes, {_agree(standing)} numbers agree"
    )
    return _render(
        standing, version, kicker=f"ledger, {day(standing.at)}", headline=headline, standfirst="", figures=[], board=[],
        board_deck="", board_note="", coming=[], rate_lines=[], rate_chart="", forecasts=[],
    )  # fmt: skip


def _render(standing: Standing, version: str, **content: Any) -> str:
    evidence = standing.evidence
    timeline, timeline_note = pictures.timeline(evidence, standing.at, standing.coming)
    world, world_note = pictures.world_map(evidence)
    claims, claims_note = _claims(standing)
    return str(
        environment("longreach.watch")
        .get_template("watch.html.jinja")
        .render(
            title=standing.title,
            version=version,
            style=_safe(style_sheet("longreach.watch", "watch.css")),
            caution=CAUTION,
            timeline=_safe(timeline),
            timeline_note=timeline_note,
            map=_safe(world),
            map_note=world_note,
            numbers=_numbers(standing),
            changes=[
                f"{id}: {change}." for id, found in standing.numbers.changes.items() for change in found
            ],
            relations=_relations(standing),
            open=_open(standing),
            claims=claims,
            claims_note=claims_note,
            **content,
        )
    )


def _safe(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)


def _tag(words: str, style: str) -> Any:
    from markupsafe import Markup

    return Markup('<span class="tag {}">{}</span>').format(style, words)


def _code_note(standing: Standing) -> str:
    numbers = chains.count_roots(standing.evidence.claims.values(), standing.evidence)
    return f"of {numbers.number} independent roots in all"


def _agree(standing: Standing) -> str:
    found = [each.finding.verdict for each in standing.numbers.tested]
    return f"{found.count(AGREES)} of {len(found)}"


def _groups(standing: Standing) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for row in standing.board.rows:
        if not groups or groups[-1]["number"] != row.group:
            names = dict.fromkeys(
                r for each in standing.board.rows if each.group == row.group for r in each.roots
            )
            name = f"Root {row.group}: {', '.join(names)}" if row.group else "No claim yet"
            groups.append({"number": row.group, "name": name, "rows": []})
        groups[-1]["rows"].append({
            "name": row.indicator.name, "state": row.state,
            "style": {SEEN: "seen", CONTESTED: "contested"}.get(row.state, "off"),
            "claims": terminal.row_evidence(row), "expiry": terminal.expiry(row).removeprefix("until "),
            "record": terminal.record(row),
        })  # fmt: skip
    return groups


def _board_note(standing: Standing) -> str:
    board = standing.board
    if board.log_odds is not None and board.number(SEEN):
        return f"The strongest of each root together: {terminal.odds(board.log_odds)}."
    return "A checklist: no sum is made, for not every indicator seen has its record entered."


def _numbers(standing: Standing) -> Any:
    if not standing.numbers.tested:
        return ""
    rows = []
    for each in standing.numbers.tested:
        finding = each.finding
        style = {AGREES: "good", DISAGREES: "bad"}.get(finding.verdict, "open")
        rows.append(
            (
                each.claim,
                f"“{finding.words}”",
                finding.event or each.series,
                _tag(finding.verdict, style),
                finding.why,
            )
        )
    return table(
        ["Claim", "Words", "Of", "Verdict", "Why"], rows, label="Claims of number against the events listed"
    )


def _relations(standing: Standing) -> Any:
    order = {"contradicts": 0, "in tension": 1, "corrects": 2, "corroborates": 3, "repeats": 4}
    rows = []
    found = sorted(standing.relations, key=lambda r: order.get(r.relation, 5))
    for each in found[:MOST_CLAIMS]:
        style = {"contradicts": "bad", "in tension": "contested", "corroborates": "good"}.get(
            each.relation, "off"
        )
        why = each.why + (f". Scope: {'; '.join(each.scope)}" if each.scope else "")
        rows.append((f"{each.a}, {each.b}", _tag(each.relation, style), each.aspect, why))
    return table(["Claims", "Relation", "In", "Why"], rows, label="Claims against each other") if rows else ""


def _open(standing: Standing) -> list[dict[str, str]]:
    return [
        {"settle": each.settle[:1].upper() + each.settle[1:], "records": ", ".join(each.records), "kind": each.kind,
         "text": each.text}
        for each in standing.cautions
        if each.settle
    ]  # fmt: skip


def _claims(standing: Standing) -> tuple[Any, str]:
    evidence = standing.evidence
    chosen = list(evidence.claims.values())[:MOST_CLAIMS]
    rows = []
    for claim in chosen:
        judged = chains.judge(claim, supporting(claim, evidence, standing.relations), evidence)
        root = chains.root_of(claim, evidence)
        marks = [
            words
            for holds, words in (
                (root.party, "party to the conflict"),
                (root.anonymous, "anonymous"),
                (chains.manner(claim) != "", chains.manner(claim)),
                (not root.named_origin, "origin not named"),
                (judged.too_good, "digit better than the roots allow"),
                (judged.overridden, f"digit overridden: {judged.override}"),
                (claim.stance != "asserts", claim.stance),
            )
            if holds
        ]
        rows.append((
            claim.id, _what(claim.id, evidence), _date(claim.id, evidence), f"{claim.reliability}{claim.credibility or ''}",
            f"{judged.best}", judged.roots.number, chains.chain_text(claim, evidence).replace(" > ", " › "), ", ".join(marks),
        ))  # fmt: skip
    note = (
        f"The first {MOST_CLAIMS} of {len(evidence.claims):,} claims."
        if len(evidence.claims) > MOST_CLAIMS
        else ""
    )
    made = table(
        ["Claim", "What is said", "Published", "Code", Column("Best digit", "number"), Column("Roots", "number"),
         "Chain, reader’s end first", "To bear in mind"],
        rows, label="Claims with their chains", style="claims",
    )  # fmt: skip
    return made, note


def _what(id: str, evidence: Evidence) -> str:
    claim = evidence.claims[id]
    report = evidence.reports.get(claim.report)
    if report is not None and report.rights == "withhold":
        return claim.paraphrase or "withheld: the rights of the text forbid it"
    text = evidence.words(claim)
    return f"{text} (as printed: “{claim.text}”)" if claim.paraphrase and claim.text else text


def _date(id: str, evidence: Evidence) -> str:
    said = evidence.said_on(evidence.claims[id])
    if said is not None:
        return day(said).replace(" ", "\N{NO-BREAK SPACE}")
    report = evidence.reports.get(evidence.claims[id].report)
    return report.published if report else ""
