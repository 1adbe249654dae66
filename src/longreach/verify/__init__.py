"""The plan document re-checked by code that did not make it.

`examine` recomputes every check from the document alone; `verify` then holds the document's own claims (its
status, its checks, its shortfalls) against the result. No solver is imported: tracks are measured with
WGS84 geodesics, the burn is summed again, clearances and ways to abort bases are found by other means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longreach.errors import FuelError
from longreach.verify.findings import Check, Findings

if TYPE_CHECKING:
    from longreach.verify.case import Case

__all__ = ["Check", "VerifyReport", "examine", "verify", "verify_route"]

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What verification found.

    ok : the document is what it says it is; of a plan that says infeasible, honestly so
    status : the document's own, "feasible" or "infeasible"
    feasible : every check recomputed passes
    checks : recomputed, in a fixed order; the last, `claims`, compares the document's own claims with them
    residuals : everything found wrong, in words, one line each
    """

    ok: bool
    status: str
    feasible: bool
    checks: tuple[Check, ...]
    residuals: tuple[str, ...]

    def document(self) -> list[dict[str, Any]]:
        """The recomputed checks as checks[] of the contract, without the comparison of claims."""
        return [check.document() for check in self.checks if check.id != CLAIMS]


CLAIMS = "claims"


def examine(
    document: dict[str, Any], *, winds_pack: Path | None = None, progress: Progress | None = None
) -> VerifyReport:
    """Recompute every check of a plan document, its own `status`, `checks` and `shortfalls` left aside.

    What the planner writes into `checks` is `examine(document).document()`, and its status is "feasible"
    exactly when `.feasible` is true and it has no shortfall.

    winds_pack : the wind pack of a mission with winds from a file

    Raises: InputError where the document is not shaped as a plan (every fault, by key path), its mission cannot
    be read, or it was made with other airspace data than is installed.
    """
    findings = _examined(document, None, progress, (), winds_pack)
    feasible = all(check.ok for check in findings.checks)
    return VerifyReport(
        feasible, document["status"], feasible, tuple(findings.checks), tuple(findings.residuals)
    )


def verify(
    document: dict[str, Any],
    *,
    mission_text: str | None = None,
    folders: tuple[Path, ...] = (),
    winds_pack: Path | None = None,
    progress: Progress | None = None,
) -> VerifyReport:
    """Verify a plan: recompute its checks and hold its claims against them.

    A plan that says feasible is ok when every check passes and its own checks say the same. A plan that says
    infeasible is ok when its checks agree with those recomputed and it names a shortfall.

    Parameters
    ----------
    document : the parsed plan.json
    mission_text : the mission file to compare with the one the plan was made from, or None
    folders : where a wind pack named by the mission is looked for
    winds_pack : that pack itself, where it lies elsewhere
    progress : called with a few words before each stage, or None

    Raises: InputError as `examine` does.
    """
    findings = _examined(document, mission_text, progress, folders, winds_pack)
    recomputed = tuple(findings.checks)
    feasible = all(check.ok for check in recomputed)
    claimed = _claims(document, recomputed, feasible)
    findings.yes(CLAIMS, claimed, "status, checks and shortfalls stated are those found")
    residuals = findings.residuals if not feasible and document["status"] == "feasible" else []
    if claimed:
        wrong = {check.id for check in recomputed if not check.ok}
        stated = {check["id"] for check in document["checks"] if not check["ok"]}
        residuals = [line for line in findings.residuals if line.split(":")[0] in (wrong - stated) | {CLAIMS}]
    return VerifyReport(not claimed, document["status"], feasible, tuple(findings.checks), tuple(residuals))


def verify_route(
    document: dict[str, Any],
    *,
    folders: tuple[Path, ...] = (),
    winds_pack: Path | None = None,
    progress: Progress | None = None,
) -> VerifyReport:
    """Verify a route document, the flight along it included: see `verify.route.examine`.

    One that says feasible is ok when every check passes. One that says infeasible is not searched again.

    Raises: InputError as `verify.route.examine` does.
    """
    from longreach.verify import route

    if progress is not None:
        progress("the route")
    checks = route.examine(document, folders=folders, winds_pack=winds_pack)
    feasible = document["status"] == "feasible"
    ok = all(check.ok for check in checks)
    residuals = tuple(f"{check.id}: {check.note}" for check in checks if not check.ok)
    return VerifyReport(ok, document["status"], ok and feasible, checks, residuals)


def _examined(
    document: Any,
    mission_text: str | None,
    progress: Progress | None,
    folders: tuple[Path, ...],
    winds_pack: Path | None,
) -> Findings:
    import numpy as np

    from longreach.verify.case import open_case
    from longreach.verify.shape import require_plan

    say = progress or (lambda words: None)
    say("reading the plan")
    require_plan(document)
    case = open_case(document, folders, winds_pack)
    findings = Findings()
    with np.errstate(all="ignore"):  # absurd figures give infinities, and those fail
        _check(case, findings, mission_text, say)
    return findings


def _check(case: Case, findings: Findings, mission_text: str | None, say: Progress) -> None:
    from longreach.verify import abort, decisions, escorts, flights, formation, fuel, space

    flights.mission(case, findings, mission_text)
    flights.fields(case, findings)
    if case.tracks:
        say("flown lines")
        flights.times(case, findings)
        if not flights.run_forward(case):
            return
        for check in (flights.ends, flights.speeds, flights.envelope, flights.route):
            check(case, findings)
        say("fuel")
        for check in (fuel.burn, fuel.limits, fuel.reserves):
            check(case, findings)
        if case.document["refuellings"] or case.limits.tankers:
            fuel.contacts(case, findings)
            fuel.tankers(case, findings)
            fuel.rendezvous(case, findings)
            space.places(case, findings)
        if any(flight.formation for flight in case.limits.flights):
            formation.formations(case, findings)
        if any(flight.cell_of for flight in case.limits.flights):
            formation.cells(case, findings)
        if any(flight.spares for flight in case.limits.flights):
            formation.spares(case, findings)
        say("closed airspace")
        space.closed(case, findings)
        space.overflight(case, findings)
        if case.limits.partners:
            space.partners(case, findings)
            space.joins(case, findings)
        if case.limits.escorts:
            escorts.company(case, findings)
            escorts.aircraft(case, findings)
        say("ways out")
        for id, check in (
            ("abort.everywhere", abort.everywhere),
            ("abort.contacts", abort.contacts),
            ("fuel.doubt", abort.doubt),
            ("abort.line", abort.guard),
            ("abort.points", decisions.points),
            ("margins", decisions.margins),
        ):
            try:
                check(case, findings)
            except FuelError as error:  # the type, ceiling or Mach number asked for allows no cruise at all
                findings.yes(id, [str(error)], "")
    space.station(case, findings)
    flights.clock(case, findings)
    if case.limits.order is not None and case.tracks:
        escorts.order(case, findings)
    flights.crew(case, findings)
    flights.light(case, findings)
    space.optimality(case, findings)


def _claims(document: dict[str, Any], recomputed: tuple[Check, ...], feasible: bool) -> list[str]:
    """Where status, checks and shortfalls of the document disagree with what was found."""
    faults: list[str] = []
    from longreach import __version__

    same_version = document["longreach_version"] == __version__
    stated: dict[str, dict[str, Any]] = {}
    for check in document["checks"]:
        if check["id"] in stated:
            faults.append(f"checks holds {check['id']} twice")
        stated[check["id"]] = check
    for check in recomputed:
        own = stated.pop(check.id, None)
        if own is None:
            faults.append(f"checks lacks {check.id}" + ("" if check.ok else f", which fails: {check.note}"))
            continue
        if own["ok"] != check.ok:
            if check.ok:
                faults.append(f"checks says {check.id} fails, found to pass")
            else:
                faults.append(f"checks says {check.id} passes, found to fail: {check.note}")
        for key, mine in (("value", check.document()["value"]), ("limit", check.document()["limit"])):
            # Another version may reckon a figure in another way; what passes and what fails must hold.
            if same_version and not _same(own[key], mine):
                faults.append(f"checks: {key} of {check.id} is {own[key]}, found {mine}")
        if own["unit"] != check.unit:
            faults.append(f"checks: unit of {check.id} is {own['unit']!r}, found {check.unit!r}")
    failing = [id for id, own in stated.items() if not own["ok"]]
    shortfalls = document["shortfalls"]
    if document["status"] == "feasible":
        if not feasible:
            failed = ", ".join(check.id for check in recomputed if not check.ok)
            faults.append(f"status is feasible, but {failed} {'fails' if ',' not in failed else 'fail'}")
        if shortfalls:
            faults.append(f"status is feasible, but {len(shortfalls)} shortfalls are named")
        if failing:
            faults.append(f"status is feasible, but checks says {', '.join(failing)} fails")
    else:
        if not shortfalls:
            faults.append("status is infeasible, but no shortfall says why")
        if feasible and not failing:
            faults.append("status is infeasible, but every check passes")
    return faults


def _same(one: float | None, two: float | None) -> bool:
    """Equal but for the last digits that another machine's arithmetic may move."""
    if one is None or two is None:
        return one is two
    return abs(one - two) <= 1e-4 * max(1.0, abs(one), abs(two)) + 2e-3
