"""`longreach assess run`, `audit`, `rate`, `cells` and `trap`"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from longreach.cli import PLAIN
from longreach.cli._output import Json, Progress, colour, emit, table
from longreach.errors import Fault, InputError

if TYPE_CHECKING:
    from longreach.assess.answer import Assessment, Group
    from longreach.assess.read import Selection
    from longreach.assess.series import Series
    from longreach.assess.trigger import Trigger

app = typer.Typer(
    **PLAIN,
    help="Test, calibrated, whether anything changed after a flight. Mostly the answer is: cannot tell.",
)

Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where", metavar="COLUMN=VALUE", help="Only rows with this value, several times if need be."
    ),
]
First = Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day watched.")]
Last = Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day watched.")]
Uncertain = Annotated[
    str,
    typer.Option(
        "--uncertain", help="Days uncertain by more than a week: drop them, or spread them at random."
    ),
]
ZeroDays = Annotated[
    bool, typer.Option("--zero-days", help="In day counts, days without a row were watched and quiet.")
]
Ledger = Annotated[
    Path | None, typer.Option("--ledger", "-l", help="Take the series from a ledger instead of a file.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="INSTANT", help="Of a ledger: only what it held at that time."),
]
KnownOnDay = Annotated[
    bool,
    typer.Option("--known-on-day", help="Take every incident as known on its day, whatever the record says."),
]
Kind = Annotated[str, typer.Option("--kind", help="What is counted, for the wording.")]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--reporting-changed", metavar="DAY", help="A day on which reporting is known to have changed."
    ),
]
Window = Annotated[int, typer.Option("--window", metavar="DAYS", help="Length of the follow-up, 7 to 112.")]
PastOnly = Annotated[
    bool, typer.Option("--past-only", help="Forecast and placebo dates from before each order alone.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of everything drawn at random.")]
Span = Annotated[int, typer.Option("--trigger-days", help="Trigger: length of the sum that is watched.")]
Percentile = Annotated[
    float,
    typer.Option("--trigger-percentile", help="Trigger: percentile of its history that it rises above."),
]
Chance = Annotated[
    float, typer.Option("--trigger-chance", help="Trigger: how often a flight then follows, 0 to 1.")
]
Page = Annotated[
    Path | None, typer.Option("--page", "-o", metavar="FILE", help="Write the page (HTML) there too.")
]
SERIES = typer.Argument(
    metavar="SERIES", help="CSV: date,count by day; or one incident a row; or a UCDP or ACLED file."
)


@app.command()
def run(
    flights: Annotated[
        Path | None,
        typer.Option(
            "--flights", "-f", help="CSV: flight, earliest, latest, ordered, occasion. Default: the ledger's."
        ),
    ] = None,
    series: Annotated[Path | None, SERIES] = None,
    ledger: Ledger = None,
    as_of: AsOf = None,
    where: Where = None,
    first: First = None,
    last: Last = None,
    uncertain: Uncertain = "drop",
    zero_days: ZeroDays = False,
    known_on_day: KnownOnDay = False,
    kind: Kind = "incidents",
    reporting_changed: Changes = None,
    window: Window = 28,
    past_only: PastOnly = False,
    trigger_days: Span = 14,
    trigger_percentile: Percentile = 93.0,
    trigger_chance: Chance = 0.6,
    seed: Seed = 20201210,
    page: Page = None,
    as_json: Json = False,
) -> None:
    """Say whether incidents fell after flights, in fixed words: audit first, power before the result.

    Exit code 0 for every answer, "cannot tell" and "series unfit" too.
    """
    from longreach.assess import document
    from longreach.assess import page as pages
    from longreach.assess.answer import assess
    from longreach.assess.read import flights_from_ledger, read_flights
    from longreach.document import write_atomically

    chosen = _selection(
        where, first, last, uncertain, zero_days, known_on_day, kind, reporting_changed, seed, as_of
    )
    counted, view = _series(series, ledger, chosen)
    if flights is None and view is None:
        raise InputError(
            Fault("no flights are given", key="--flights", hint="a CSV: flight, earliest, latest")
        )
    flown = read_flights(flights) if flights else flights_from_ledger(view)
    with Progress() as progress:
        found = assess(
            counted,
            flown,
            window=window,
            trigger=_trigger(trigger_days, trigger_percentile, trigger_chance),
            past_only=past_only,
            seed=seed,
            report=progress,
        )
    if page:
        write_atomically(page, pages.render(found).encode())
    if as_json:
        emit(document.assessment(found))
    else:
        _tell(found)
        if page:
            print(f"wrote {page}")


@app.command()
def audit(
    series: Annotated[Path | None, SERIES] = None,
    ledger: Ledger = None,
    as_of: AsOf = None,
    where: Where = None,
    first: First = None,
    last: Last = None,
    uncertain: Uncertain = "drop",
    zero_days: ZeroDays = False,
    known_on_day: KnownOnDay = False,
    window: Window = 28,
    past_only: PastOnly = False,
    trigger_days: Span = 14,
    trigger_percentile: Percentile = 93.0,
    trigger_chance: Chance = 0.6,
    flights: Annotated[int, typer.Option("--flights", min=1, max=50, help="Flights tested together.")] = 1,
    pseudo_flights: Annotated[
        int, typer.Option("--pseudo-flights", min=20, max=5000, help="How many are tried.")
    ] = 200,
    seed: Seed = 20201210,
    as_json: Json = False,
) -> None:
    """Try the test on flights that never were, in your own series, and say what it could see.

    Exit code 1 where the series is unfit or the test finds a decline too often.
    """
    import numpy as np

    from longreach.assess import audit as auditing
    from longreach.assess import document, fitness, power, story
    from longreach.assess.answer import Group

    chosen = _selection(
        where, first, last, uncertain, zero_days, known_on_day, "incidents", None, seed, as_of
    )
    counted, _ = _series(series, ledger, chosen)
    reasons = list(fitness.unfit(counted))
    found = strength = None
    if not reasons:
        rng = np.random.default_rng(seed)
        rule = _trigger(trigger_days, trigger_percentile, trigger_chance)
        with Progress() as progress:
            found = auditing.run(
                counted,
                rule,
                rng,
                flights=flights,
                window=window,
                past_only=past_only,
                number=pseudo_flights,
                report=progress,
            )
            if found is None:
                reasons.append(
                    "The rule orders flights in fewer than three separate episodes of this series."
                )
            else:
                strength = power.run(
                    counted, found, rng, flights=flights, window=window, past_only=past_only, report=progress
                )
                if not found.calibrated:
                    reasons.append(
                        "The test finds a decline too often in this series: no verdict would be given."
                    )
    group = Group("triggered", (), (), "", (), found, strength)
    if as_json:
        emit(
            {
                "schema": "longreach.assess-audit/1",
                "fit": not reasons,
                "reasons": reasons,
                "audit": document.audit_of(group),
                "power": document.power_of(group),
            }
        )
    else:
        for reason in reasons:
            print(f"series unfit: {reason}")
        for line in (story.audit_line(group), story.power_line(strength)):
            if line:
                print(line)
        if strength:
            _power_table(group)
    if reasons:
        raise typer.Exit(1)


@app.command()
def rate(
    rate_per_year: Annotated[
        float, typer.Argument(metavar="PER_YEAR", help="Incidents a year, all that is known.")
    ],
    flights: Annotated[Path | None, typer.Option("--flights", "-f", help="CSV of the flights.")] = None,
    follow_ups: Annotated[
        int | None,
        typer.Option("--follow-ups", min=1, max=50, help="Separate follow-ups, instead of --flights."),
    ] = None,
    window: Window = 28,
    quiet_days: Annotated[
        int | None,
        typer.Option("--quiet-days", min=1, help="How likely so many days without an incident are."),
    ] = None,
    seed: Seed = 20201210,
    page: Page = None,
    as_json: Json = False,
) -> None:
    """Where only a yearly total is known: nothing can be tested; say what a test could have seen."""
    from longreach.assess import document, story
    from longreach.assess import page as pages
    from longreach.assess.flights import treatments
    from longreach.assess.rate import assess_rate, quiet
    from longreach.assess.read import read_flights
    from longreach.document import write_atomically

    if (flights is None) == (follow_ups is None):
        raise InputError(Fault("give either --flights FILE or --follow-ups N"))
    count = number = follow_ups or 1
    if flights is not None:
        from longreach.assess.series import from_counts

        flown = read_flights(flights)
        start = min(one.order for one in flown)
        days = (max(one.latest for one in flown) - start).days + window + 2
        count, number = len(flown), len(treatments(from_counts(start, [0] * days), flown, window))
    with Progress() as progress:
        found = assess_rate(rate_per_year, number, window=window, seed=seed, report=progress)
    answer = document.rate_only(found, count)
    if quiet_days is not None:
        answer["quiet"] = {"days": quiet_days, "probability": round(quiet(rate_per_year, quiet_days), 4)}
    if page:
        write_atomically(page, pages.render_rate(found, count, quiet_days).encode())
    if as_json:
        emit(answer)
        return
    print(colour("cannot tell", "1"))
    print(story.rate_paragraph(found))
    print(
        f"\n{count} flights, {number} separate follow-ups of {window} days. Share in which a decline would be called:"
    )
    rows: list[list[str]] = [
        ["", *(f"fall {one.fall:.0%}" for one in found.stand_ins[0].seen), "for 30 %", "for 50 %"]
    ]
    for one in found.stand_ins:
        needed = ["no number" if n is None else f"{n} flights" for n in one.flights_needed.values()]
        rows.append([one.words, *(story.percent(each.called) for each in one.seen), *needed])
    table(rows, right=range(1, len(rows[0])))
    if quiet_days is not None:
        print(
            f"\n{quiet_days} quiet days: {story.percent(quiet(rate_per_year, quiet_days))} of the time with no effect at all."
        )
    if page:
        print(f"wrote {page}")


@app.command()
def cells(
    incidents: Annotated[Path, typer.Argument(help="CSV: date, latitude, longitude, type.")],
    events: Annotated[Path, typer.Argument(help="CSV of the same columns: what is assessed.")],
    event_type: Annotated[
        str | None, typer.Option("--event-type", help="Type of the events assessed.")
    ] = None,
    exclude_type: Annotated[
        str | None, typer.Option("--exclude-type", help="Type of events beside which none is assessed.")
    ] = None,
    cell_deg: Annotated[
        float, typer.Option("--cell-deg", min=0.01, max=10, help="Side of a cell, degrees.")
    ] = 0.25,
    after_days: Annotated[int, typer.Option("--after-days", min=1, max=60, help="Days compared.")] = 7,
    exclude_ahead_days: Annotated[
        int,
        typer.Option(
            "--exclude-ahead-days", min=0, max=60, help="Leave out events followed by an excluded one."
        ),
    ] = 0,
    fewest_incidents: Annotated[
        int, typer.Option("--fewest-incidents", min=1, help="Cells with fewer are left out.")
    ] = 150,
    show_trap: Annotated[
        bool, typer.Option("--show-trap", help="Beside it, THE TRAP: controls screened by their future.")
    ] = False,
    seed: Seed = 20201210,
    as_json: Json = False,
) -> None:
    """Many local events: incidents in the cell after them, with cell and month effects and past-only controls."""
    import numpy as np

    from longreach.assess import document
    from longreach.assess.cells import Recipe, compare, read_points

    recipe = Recipe(
        cell_deg=cell_deg,
        after_days=after_days,
        exclude_ahead_days=exclude_ahead_days,
        fewest_incidents=fewest_incidents,
    )
    where, what = read_points(incidents), read_points(events)
    chosen = what.of([event_type]) if event_type else what
    if not chosen.day.size:
        raise InputError(
            Fault(
                f"has no event of type {event_type!r}",
                file=str(events),
                hint=f"it has {', '.join(sorted(set(what.kind)))}",
            )
        )
    excluded = what.of([exclude_type]) if exclude_type else None
    if exclude_type and excluded is not None and not excluded.day.size:
        raise InputError(
            Fault(
                f"has no event of type {exclude_type!r}",
                file=str(events),
                hint=f"it has {', '.join(sorted(set(what.kind)))}",
            )
        )
    with Progress() as progress:
        found = compare(where, chosen, excluded, recipe, np.random.default_rng(seed), report=progress)
        trap = (
            compare(
                where, chosen, excluded, recipe, np.random.default_rng(seed), screened=True, report=progress
            )
            if show_trap
            else None
        )
    if as_json:
        answer = document.cells(found)
        answer["trap"] = document.cells(trap) if trap else None
        emit(answer)
        return
    print(
        f"ratio {found.ratio:.3f}, 95 % interval {found.low_95:.3f} to {found.high_95:.3f}  "
        f"({found.events} events, {found.controls:,} control cell-days, {found.cells} cells)"
    )
    print(
        f"{after_days} days before: {found.before_events:.1f} incidents where events took place, {found.before_controls:.1f} "
        f"elsewhere. Plain after/before {found.naive:.3f}, never to be read alone."
    )
    if trap:
        print(
            f"THE TRAP, controls screened by what followed them: ratio {trap.ratio:.3f}, {trap.low_95:.3f} to {trap.high_95:.3f}"
        )
    print(
        f"Recipe: cells of {cell_deg:g} deg with {fewest_incidents} incidents or more, grid from 0, 0; days 1 to {after_days}; "
        f"logs of one more than the incidents of the last {' and '.join(map(str, recipe.lags_days))} days; cell and month "
        f"effects; no event in the cell in the {recipe.apart_days} days before"
        + (f", no {exclude_type} in the {recipe.exclude_days} days before" if exclude_type else "")
        + (
            f" nor in the {exclude_ahead_days} days after (a filter on the future)"
            if exclude_ahead_days
            else ""
        )
        + f"; intervals from {400} resamplings of whole cells."
    )


@app.command()
def trap(
    world: Annotated[str, typer.Argument(help="poisson, negative binomial, cox or hawkes")] = "cox",
    rate_per_year: Annotated[float, typer.Option("--rate", help="Incidents a year.")] = 139.0,
    log_sd: Annotated[float, typer.Option("--log-sd", help="cox: spread of the log rate.")] = 0.8,
    memory_days: Annotated[
        float, typer.Option("--memory-days", help="cox: how long the rate remembers.")
    ] = 30.0,
    branching: Annotated[float, typer.Option("--branching", help="hawkes: incidents bred by each.")] = 0.6,
    fall: Annotated[
        float, typer.Option("--fall", min=0.0, max=1.0, help="What flights do; 0: nothing.")
    ] = 0.0,
    trigger_days: Span = 14,
    trigger_percentile: Percentile = 93.0,
    trigger_chance: Chance = 0.6,
    count: Annotated[int, typer.Option("--count", min=20, max=20000, help="Series simulated.")] = 300,
    seed: Seed = 1980,
    page: Annotated[
        Path | None,
        typer.Option(
            "--page", "-o", metavar="FILE", help="Write the page on which the world can be changed."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the trap: a world in which flights do nothing, and what before/after makes of it."""
    from dataclasses import asdict

    from longreach.assess.story import percent
    from longreach.assess.trap import show
    from longreach.assess.worlds import World

    if page:
        from longreach.assess.trap_page import render
        from longreach.document import write_atomically

        write_atomically(page, render().encode())
    made = World(world, rate_per_year, log_sd=log_sd, memory_days=memory_days, branching=branching)
    rule = _trigger(trigger_days, trigger_percentile, trigger_chance)
    with Progress() as progress:
        found = show(made, trigger=rule, count=count, fall=fall, seed=seed, report=progress)
    if as_json:
        emit({"schema": "longreach.assess-trap/1", **asdict(found)})
        return
    if not found.tested:
        print(f"no flight could be tested in {count} series: {rule} orders too few")
        return
    what = "Flights do nothing" if fall == 0 else f"Flights take {fall:.0%} off"
    print(f"{what}. {found.tested} of {count} series of five years have a flight to test.")
    factor = found.after / max(found.before, 1)
    print(f"{found.before:,} incidents before the flights, {found.after:,} after: a factor of {factor:.2f}.")
    by_past, by_future = percent(found.rank_increase), percent(found.screened_increase)
    table(
        [
            ["at a nominal 5 %", "finds a decline", "finds an increase"],
            ["before/after, exact Poisson", percent(found.naive), ""],
            [
                "rank among placebo dates chosen by their past",
                percent(found.rank),
                f"{by_past} (not calibrated)",
            ],
            [
                "THE SECOND TRAP: placebo dates screened by their future",
                percent(found.screened),
                by_future,
            ],
        ],
        right=(1, 2),
    )
    if page:
        print(f"wrote {page}")


def _trigger(days: int, percentile: float, chance: float) -> Trigger:
    from longreach.assess.trigger import Trigger

    return Trigger(span_days=days, percentile=percentile, chance=chance)


def _selection(
    where: list[str] | None,
    first: str | None,
    last: str | None,
    uncertain: str,
    zero_days: bool,
    known_on_day: bool,
    kind: str,
    changes: list[str] | None,
    seed: int,
    as_of: str | None,
) -> Selection:
    from longreach.assess.read import Selection

    pairs = []
    for one in where or []:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise InputError(Fault(f"{one!r} is not COLUMN=VALUE", key="--where"))
        pairs.append((name.strip(), value))
    return Selection(
        where=tuple(pairs),
        start=_day("--from", first),
        end=_day("--to", last),
        uncertain=uncertain,
        zero_days=zero_days,
        known_on_day=known_on_day,
        seed=seed,
        kind=kind,
        reporting_changes=tuple(d for one in changes or [] if (d := _day("--reporting-changed", one))),
        as_of=as_of,
    )


def _day(key: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(Fault(f"{text!r} is no day; write it as 2020-12-10", key=key)) from None


def _series(path: Path | None, ledger: Path | None, chosen: Selection) -> tuple[Series, Any]:
    """The series, and the ledger's view where it came from one."""
    from longreach.assess.read import read_series, series_from_ledger

    if (path is None) == (ledger is None):
        raise InputError(Fault("give either a SERIES file or --ledger FILE"))
    if path is not None:
        if chosen.as_of:
            raise InputError(Fault("only a ledger knows what was known when", key="--as-of"))
        return read_series(path, chosen), None
    from longreach.cli._ledger import open_ledger, read_view

    view = open_ledger(ledger).as_of(chosen.as_of) if chosen.as_of else read_view(ledger)
    return series_from_ledger(view, str(ledger), chosen), view


def _tell(found: Assessment) -> None:
    from longreach.assess import document, story

    one = found.group
    print(colour(found.verdict, "1"))
    print(story.paragraph(found))
    _group(one)
    if found.placebo:
        print(f"\nNatural placebo, flights of a calendar: {found.placebo.verdict}")
        _group(found.placebo)
    print("\nassumed:")
    for line in [*found.flags, *document.assumptions(found)]:
        print(f"  {line}")


def _group(one: Group) -> None:
    from longreach.assess import story

    for name, line in (
        ("audit", story.audit_line(one)),
        ("power", story.power_line(one.power)),
        ("effect", story.effect_line(one)),
        ("increase", story.increase_line(one)),
    ):
        if line:
            print(f"\n{name}: {line}")
    if one.estimates:
        tests = one.estimates
        print(
            f"\np, one-sided: rank {tests.p_primary:.3f} (primary), INGARCH {tests.p_ingarch:.3f} (check), "
            f"year-long baseline {tests.p_year_long:.3f}"
        )
    for line in [*one.reasons, *(f"left out: {each}" for each in one.left_out)]:
        print(f"  {line}")


def _power_table(one: Group) -> None:
    assert one.power is not None
    rows = [["fall", *(f"{each.fall:.0%}" for each in one.power.seen)]]
    rows.append(["called", *(f"{each.called:.0%}" for each in one.power.seen)])
    table(rows, right=range(1, len(rows[0])))
