"""The assessment as a document (schema longreach.assess/1), for `--json` and whoever reads it."""

from __future__ import annotations

from typing import Any

from longreach import __version__
from longreach.assess import anchors, audit, baseline, power
from longreach.assess.answer import DETECTABLE_FALL, Assessment, Group
from longreach.assess.cells import CellResult
from longreach.assess.estimate import LEVEL
from longreach.assess.rank import AS_HIGH, LARGEST_FACTOR
from longreach.assess.rate import RateOnly, StandIn

SCHEMA = "longreach.assess/1"


def assessment(found: Assessment) -> dict[str, Any]:
    """The whole answer. No p-value is in it where the series is unfit or its audit failed."""
    series = found.series
    return {
        "schema": SCHEMA,
        "longreach_version": __version__,
        "verdict": found.verdict,
        "reasons": list(found.group.reasons),
        "series": {
            "kind": series.kind,
            "place": series.place,
            "actors": list(series.actors),
            "sources": list(series.sources),
            "start": str(series.start),
            "end": str(series.end),
            "days": series.days,
            "incidents": int(series.counts.sum()),
            "rate_per_year": round(series.rate_per_year, 2),
            "knowledge_times": series.known is not None,
            "notes": list(series.notes),
            "flags": list(found.flags),
        },
        "settings": {
            "window_days": found.window,
            "trigger": str(found.trigger),
            "past_only": found.past_only,
            "level_one_sided": LEVEL,
            "seed": found.seed,
        },
        "flights": [
            {
                "id": one.id,
                "earliest": str(one.earliest),
                "latest": str(one.latest),
                "ordered": str(one.order),
                "order_assumed": one.ordered is None,
                "occasion": one.occasion,
            }
            for one in found.flights
        ],
        "result": group(found, found.group),
        "natural_placebo": group(found, found.placebo) if found.placebo else None,
        "assumptions": assumptions(found),
        "literature": {
            "prior": anchors.PRIOR,
            "studies": [
                {"study": one.study, "finding": one.finding, "read": one.read} for one in anchors.ANCHORS
            ],
        },
    }


def group(found: Assessment, one: Group) -> dict[str, Any]:
    """One group of flights: audit, power, then the test."""
    return {
        "occasion": one.occasion,
        "verdict": one.verdict,
        "reasons": list(one.reasons),
        "left_out": list(one.left_out),
        "tested": [
            {
                "flight": each.flight.id,
                "within": list(each.within),
                "order": str(found.series.when(each.order)),
            }
            for each in one.tested
        ],
        "audit": audit_of(one),
        "power": power_of(one),
        "test": _test(found, one),
    }


def audit_of(one: Group) -> dict[str, Any] | None:
    """The audit of a group, None where there was none."""
    if one.audit is None:
        return None
    return {
        "nominal": LEVEL,
        "achieved": round(one.audit.primary, 4),
        "achieved_interval_90": [round(one.audit.low, 4), round(one.audit.high, 4)],
        "largest_allowed": audit.LARGEST_RATE,
        "called": round(one.audit.called, 4),
        "naive": round(one.audit.naive, 4),
        "pseudo_tests": one.audit.tests,
        "flights_in_each": one.audit.flights,
        "distinct_days": one.audit.days,
        "episodes": one.audit.episodes,
    }


def power_of(one: Group) -> dict[str, Any] | None:
    """The power of a group, None where it was not reached."""
    if one.power is None:
        return None
    return {
        "flights": one.power.flights,
        "falls": [_seen(each) for each in one.power.seen],
        "smallest_fall_seen_80_pct": None
        if one.power.smallest_fall is None
        else round(one.power.smallest_fall, 3),
        "flights_needed_80_pct": {f"{fall:.0%}": number for fall, number in one.power.flights_needed.items()},
    }


def _seen(each: power.Seen) -> dict[str, Any]:
    low, high = each.interval()
    return {
        "fall": each.fall,
        "primary": round(each.primary, 4),
        "called": round(each.called, 4),
        "called_interval_90": [round(low, 4), round(high, 4)],
        "tries": each.tries,
    }


def _test(found: Assessment, one: Group) -> dict[str, Any] | None:
    if one.estimates is None or one.effect is None or one.audit is None:
        return None
    naive = baseline.ratio(one.before, one.observed)
    return {
        "observed": one.observed,
        "forecast": round(one.expected, 2),
        "p_decline_rank": round(one.estimates.p_primary, 5),
        "p_decline_ingarch": round(one.estimates.p_ingarch, 5),
        "p_decline_year_long": round(one.estimates.p_year_long, 5),
        "increase": {
            "p_rank": round(one.estimates.ranked.p_increase, 5),
            "calibrated": False,
            "note": "not calibrated on non-stationary series",
        },
        "effect": {
            "factor": round(one.effect.factor, 3),
            "interval_90": [round(one.effect.low, 3), round(one.effect.high, 3)],
            "searched": [0, LARGEST_FACTOR],
        },
        "naive": {
            "before": one.before,
            "after": one.observed,
            "ratio": None if naive is None else round(naive, 3),
            "ratio_at_placebo_dates": None
            if one.audit.naive_ratio is None
            else round(one.audit.naive_ratio, 3),
        },
        "flights": [
            {
                "flight": each.treatment.flight.id,
                "observed": each.observed,
                "forecast": round(each.expected, 2),
                "placebo_dates": int(each.dates.size),
                "placebo_windows": each.windows,
                "placebo_dates_as_high": round(each.as_high, 3),
            }
            for each in one.estimates.judged
        ],
    }


def assumptions(found: Assessment) -> list[str]:
    """What the answer takes for granted, one sentence each."""
    out = [
        "Information ends with the day of the order; the follow-up begins on the day after the latest possible day of the "
        f"flight and lasts {found.window} days.",
        f"Placebo dates are those on which things stood at least {AS_HIGH:.0%} as high, judged by each date's own past.",
        f"Pseudo-flights are {found.trigger}.",
        "The coefficients of the forecast and the placebo dates come from before each order alone."
        if found.past_only
        else "The coefficients of the forecast, and placebo dates, come from the whole series, later years too.",
        "An effect is a constant factor on the follow-up; flights ordered within a follow-up are part of it.",
    ]
    assumed = [one.id for one in found.flights if one.ordered is None]
    if assumed:
        out.append(f"Ordered on the day before the earliest day of the flight: {', '.join(assumed)}.")
    return [*out, *found.series.notes]


def rate_only(found: RateOnly, flights: int) -> dict[str, Any]:
    """The answer where only a rate is known."""
    return {
        "schema": SCHEMA,
        "longreach_version": __version__,
        "verdict": found.verdict,
        "reasons": ["Only a yearly total is known: without day counts nothing can be tested."],
        "rate_per_year": found.rate_per_year,
        "flights": flights,
        "follow_ups": found.flights,
        "window_days": found.window,
        "expected_per_follow_up": round(found.expected, 2),
        "seed": found.seed,
        "detectable_fall": DETECTABLE_FALL,
        "power": [stand_in(one) for one in found.stand_ins],
    }


def stand_in(one: StandIn) -> dict[str, Any]:
    return {
        "world": one.words,
        "falls": [_seen(each) for each in one.seen],
        "flights_needed_80_pct": {f"{fall:.0%}": number for fall, number in one.flights_needed.items()},
    }


def cells(found: CellResult) -> dict[str, Any]:
    """The spatial comparison."""
    recipe = found.recipe
    return {
        "schema": "longreach.assess-cells/1",
        "longreach_version": __version__,
        "ratio": round(found.ratio, 4),
        "interval_95": [round(found.low_95, 4), round(found.high_95, 4)],
        "events": found.events,
        "controls": found.controls,
        "cells": found.cells,
        "incidents_before_events": round(found.before_events, 2),
        "incidents_before_controls": round(found.before_controls, 2),
        "naive_after_before": round(found.naive, 4),
        "future_screened": found.screened,
        "recipe": {
            "cell_deg": recipe.cell_deg,
            "origin_lat_deg": recipe.origin_lat_deg,
            "origin_lon_deg": recipe.origin_lon_deg,
            "after_days": recipe.after_days,
            "lags_days": list(recipe.lags_days),
            "apart_days": recipe.apart_days,
            "exclude_days": recipe.exclude_days,
            "exclude_ahead_days": recipe.exclude_ahead_days,
            "fewest_incidents": recipe.fewest_incidents,
        },
    }
