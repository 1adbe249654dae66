"""The plan in a screenful of text, for a terminal or a log."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping
from typing import Any

from longreach.brief import company, formation, names, relays, story
from longreach.brief.reading import Plan, moment, read
from longreach.page import words

_CODES = {"bold": "1", "dim": "2", "green": "32", "red": "31", "yellow": "33"}
NARROWEST = 40


def summary(document: Mapping[str, Any], width: int | None = None, colour: bool = False) -> str:
    """The result, the figures that matter, each refuelling, join-up and closed area, in plain text.

    Parameters
    ----------
    width : columns, at least 40; that of the terminal where None (80 without one)
    colour : with ANSI colours

    Raises: InputError listing every key of the document that is missing or wrong.
    """
    plan = read(document)
    columns = max(NARROWEST, min(width or shutil.get_terminal_size((80, 24)).columns, 110))
    paint = _paint if colour else lambda text, *styles: text
    verdict = "FEASIBLE" if plan.feasible else "NOT FEASIBLE"
    first, *rest = _wrapped(f"{verdict}  {plan.name}", columns, "  ")
    out = [first.replace(verdict, paint(verdict, "bold", "green" if plan.feasible else "red"), 1), *rest]
    out += _wrapped(story.headline(plan), columns)
    if too := story.flying_too(plan):
        out += _wrapped(too, columns)
    for item in plan.shortfalls:
        out.append("")
        by = "" if item.by is None else f" By {words.figure(item.by, item.unit)}."
        out += _wrapped(f"- {words.sentence(item.what)}{by} {item.where}".rstrip(), columns, "  ")
        if item.cure or item.cure_key:
            setting = f" [{item.cure_key} = {item.cure_value}]" if item.cure_key and item.cure_value else ""
            out += _wrapped(f"  cure: {words.sentence(item.cure)}{setting}", columns, "        ")
    figures = story.key_figures(plan)
    if figures:
        out.append("")
        wide = max(len(figure.label) for figure in figures)
        value = max(len(figure.value) for figure in figures)
        for figure in figures:
            line = f"{figure.label:<{wide}}  {figure.value:<{value}}  {figure.note}".rstrip()
            out += _wrapped(line, columns, " " * (wide + value + 4))
    out += _contacts(plan, columns, paint)
    out += _ways_out(plan, columns, paint)
    out += _joins(plan, columns, paint)
    for title, lines in (
        ("Formation", formation.lines(plan)),
        ("Escorts", company.escort_lines(plan)),
        ("How soon", company.order_lines(plan)),
    ):
        if lines:
            out += ["", paint(title, "bold")]
            for line in lines:
                out += _wrapped(f"  {line}", columns, "     ")
    out += _closed(plan, columns, paint)
    failed = [check for check in plan.checks if not check.ok]
    out.append("")
    if failed:
        out.append(paint(f"Checks not met: {len(failed)} of {len(plan.checks)}", "bold", "red"))
        for check in failed:
            out += _wrapped(f"  {check.id}: {_compared(check)} {check.note}".rstrip(), columns, "    ")
    else:
        out.append(f"Checks: all {len(plan.checks)} met.")
    if plan.warnings:
        out.append(paint("Warnings", "bold", "yellow"))
        for warning in plan.warnings:
            out += _wrapped(f"  - {warning}", columns, "    ")
    for line in _wrapped("For analysis, exercise and education. Not for navigation.", columns):
        out.append(paint(line, "dim"))
    return "\n".join(out) + "\n"


def _contacts(plan: Plan, columns: int, paint: Any) -> list[str]:
    out: list[str] = []
    before: story.Contact | None = None
    for contact in story.contacts(plan):
        if not out:
            out += ["", paint("Refuellings", "bold")]
        at = moment(contact.start_s)
        each = " each" if contact.records[0].receivers > 1 else ""
        whose = f" to {contact.receiver}" if len(plan.role("lead")) > 1 else ""
        last = max(contact.records, key=lambda record: record.end_s)
        head = (
            f"  {contact.number}  {words.day_and_time(at)}{story.late(plan, contact.receiver, contact.start_s)}  "
            f"{words.position(*contact.start)}  "
        )
        given = f" from {story.tankers_met(contact)}"
        if before is not None and contact.number == before.number:  # another group of the same cell
            head = "     and "
            given = "" if story.tankers_met(contact) == story.tankers_met(before) else given
        before = contact
        out += _wrapped(
            f"{head}{words.tonnes(contact.onload_kg)}{each}{whose}{given}; "
            f"abort to {last.abort_base}, {words.tonnes(last.abort_margin_kg)} to spare",
            columns,
            "     ",
        )
        told = story.choice(plan, contact)
        if told:
            out += _wrapped(f"     without it: {told}", columns, "     ")
        for line in relays.lines(plan, contact):
            out += _wrapped(f"       {line}", columns, "            ")
    return out


def _ways_out(plan: Plan, columns: int, paint: Any) -> list[str]:
    """Where the lead can last turn back, and the equal-time points in a row; the brief has every base."""
    out: list[str] = []
    flights = list(dict.fromkeys([row.flight for row in plan.no_return]))

    def of(flight: str) -> str:
        return f" of {flight}" if len(flights) > 1 else ""

    for row in story.points_of_no_return(plan):
        if row.back:
            out += _wrapped(
                f"  Point of no return{of(row.flight)} to {row.base}: {words.day_and_time(moment(row.until_s))}, "
                f"{words.position(*row.where)}",
                columns,
                "     ",
            )
    said: set[str] = set()
    for flight in flights:  # those of a cell on one way are the same, to a second or two
        points = [each for each in plan.equal_times if each.flight == flight]
        told = ", ".join(f"{'/'.join(each.bases)} {moment(each.time_s):%H:%M}" for each in points)
        if told and told not in said:
            out += _wrapped(f"  Equal-time points{of(flight)}: {told}", columns, "     ")
        said.add(told)
    return ["", paint("Ways out", "bold"), *out] if out else []


def _joins(plan: Plan, columns: int, paint: Any) -> list[str]:
    out: list[str] = []
    for join in plan.joins:
        if not out:
            out += ["", paint("Join-ups", "bold")]
        flight = plan.flight(join.flight)
        who = join.flight
        if flight is not None:
            who = (
                f"{names.state_name(flight.operator)}, {flight.count} × {flight.aircraft} of {flight.origin}"
            )
        out += _wrapped(
            f"  {words.day_and_time(moment(join.join_s))} to {moment(join.leave_s):%H:%M}"
            f"{story.late(plan, join.partner_of, join.join_s)}  {who}, together "
            f"{words.duration(join.leave_s - join.join_s)}",
            columns,
            "     ",
        )
    return out


def _closed(plan: Plan, columns: int, paint: Any) -> list[str]:
    leads = {flight.id for flight in plan.role("lead")}
    rows = sorted((r for r in plan.airspace if r.flight in leads), key=lambda r: r.closest_m - r.stand_off_m)
    if not rows:
        return []
    out = ["", paint("Closed airspace, nearest by the lead", "bold")]
    names = [story.closure_name(plan, row.id) for row in rows[:8]]
    wide = max(map(len, names))
    for row, name in zip(rows, names, strict=False):
        line = (
            f"  {name:<{wide}}  {words.nautical(row.closest_m)}, stand-off {words.nautical(row.stand_off_m)}, "
            f"at {words.position(*row.closest)}, {words.day_and_time(moment(row.closest_s))}"
            f"{story.late(plan, row.flight, row.closest_s)}{f', {row.flight}' if len(leads) > 1 else ''}"
        )
        out += _wrapped(line, columns, " " * (wide + 4))
    if len(rows) > 8:
        out.append(f"  and {len(rows) - 8} more, farther away")
    return out


def _compared(check: Any) -> str:
    def shown(value: Any) -> str:
        return value if isinstance(value, str) else words.figure(value, check.unit)

    parts = [] if check.value is None else [shown(check.value)]
    if check.limit is not None:
        parts.append(f"limit {shown(check.limit)}")
    return ", ".join(parts)


def _wrapped(text: str, columns: int, indent: str = "") -> list[str]:
    """Lines of at most `columns`; spaces inside the first line are kept, so that columns stay aligned."""
    text = _printable(text)
    if len(text) <= columns:
        return [text]
    return textwrap.wrap(
        text, columns, subsequent_indent=indent, break_long_words=True, break_on_hyphens=False
    )


def _printable(text: str) -> str:
    """Without control characters: a document must not be able to drive the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _paint(text: str, *styles: str) -> str:
    return f"\033[{';'.join(_CODES[style] for style in styles)}m{text}\033[0m"
