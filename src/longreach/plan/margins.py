"""How sure a plan is: the chance at its tightest moment, and the plan of fewest sorties without any margin.

What is not known is the burn: the type's error band and the wind's spread, together one sigma as a share of what
has been burnt since fuel was last known and what is yet to burn to a field. Both are taken to be the same all
along one flight, so that the chance of the whole is that of its tightest moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from longreach.plan.lead import LeadPlan

if TYPE_CHECKING:
    from longreach.plan.assemble import Clock


def tightest(lead: LeadPlan) -> tuple[int, float]:
    """The guarded moment with the fewest sigmas in hand, and the chance that fuel suffices there, 0 to 1."""
    spare = lead.guard_fuel_kg - lead.guard_needed_kg
    with np.errstate(divide="ignore", invalid="ignore"):
        sigmas = np.where(
            lead.guard_sigma_kg > 0.0, spare / lead.guard_sigma_kg, np.where(spare >= 0.0, 9.0, -9.0)
        )
    k = int(np.argmin(np.nan_to_num(sigmas, nan=-9.0)))
    return k, NormalDist().cdf(min(max(float(sigmas[k]), -9.0), 9.0))


def without_margin(lead: LeadPlan, say: Callable[[str], None]) -> LeadPlan | None:
    """The flight with the fewest sorties on the same line: no margin for doubt, no contingency, offloads unpadded.

    None where it cannot be flown either.
    """
    say("the fewest sorties without a margin")
    mission = lead.planner.mission
    bare = replace(mission, reserves=replace(mission.reserves, doubt=0.5, contingency=0.0))
    found = lead.planner.again(bare, share=1.0).fuelled(lead.way)
    if not isinstance(found, LeadPlan):
        return None
    # it is found quickly, not proved: one that asks for more than the plan itself tells nothing
    planned, fewest = (sum(contact.sorties for contact in each.contacts) for each in (lead, found))
    return found if lead.sorties_bound <= fewest <= planned else None


def document(lead: LeadPlan, least: LeadPlan | None, asked: float, clock: Clock) -> dict[str, Any]:
    """`margins` of the plan document."""
    return {"asked_pct": round(100.0 * asked, 1), **_stated(lead, clock), "minimum": _minimum(least, clock)}


def _stated(lead: LeadPlan, clock: Clock) -> dict[str, Any]:
    k, chance = tightest(lead)
    return {
        "flight": lead.flight.id,
        "chance_pct": round(100.0 * chance - 0.005, 2),
        "tightest": {
            "time_utc": clock.text(lead.guard_s[k]),
            "base": lead.guard_base[k],
            "fuel_kg": round(float(lead.guard_fuel_kg[k]), 1),
            "required_kg": round(float(lead.guard_needed_kg[k]), 1),
            "sigma_kg": round(float(lead.guard_sigma_kg[k]), 1),
        },
    }


def _minimum(least: LeadPlan | None, clock: Clock) -> dict[str, Any] | None:
    if least is None:
        return None
    fuel = least.profile
    return {
        "tanker_sorties": sum(contact.sorties for contact in least.contacts),
        "refuellings": len(least.contacts),
        "takeoff_kg": round(fuel.takeoff_kg - fuel.zero_fuel_kg, 1),
        "onload_kg": round(fuel.onload_kg, 1),
        "chance_pct": round(100.0 * tightest(least)[1], 1),
    }
