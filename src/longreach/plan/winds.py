"""The wind a mission is planned in: its field, on the plan's clock, and what the document says of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from longreach.errors import Fault, InputError
from longreach.mission.model import Mission
from longreach.units import KNOT
from longreach.world import winds
from longreach.world.winds import Aloft, WindField, equivalent_headwind


def field_of(mission: Mission) -> WindField:
    """The mission's wind field. The climatology is the mean of the season at the mission's clock time, held.

    Raises: InputError where the wind pack cannot be read.
    """
    given, when = mission.winds, mission.clock.time_utc
    if given.source == "constant":
        return winds.constant(given.u_mps, given.v_mps)
    if given.source == "climatology":
        return winds.climatology(when, when + timedelta(seconds=1)).held_at(when)
    if given.source == "file":
        if given.pack is None:
            raise InputError(Fault("is required for winds from a file", file=mission.file, key="winds.pack"))
        return winds.read(given.pack)
    return winds.still()


def aloft_of(mission: Mission, field: WindField, takeoff_utc: datetime) -> Aloft:
    """The air as the first lead meets it when it takes off at `takeoff_utc`."""
    given = mission.winds
    headwind = equivalent_headwind(given.sigma_mps, given.reliability, given.bias_mps)
    return Aloft(field, field.seconds(takeoff_utc), headwind)


def winds_document(mission: Mission, field: WindField) -> dict[str, Any]:
    """data.winds of the contract, and what a reader needs to find the same wind again."""
    given = mission.winds
    steady = {"climatology": mission.clock.time_utc}.get(given.source, field.first_utc)
    entry: dict[str, Any] = {
        "source": given.source,
        "valid_utc": _stamp(steady) if given.source in ("climatology", "file") else None,
        "sigma_kt": round(given.sigma_mps / KNOT, 3),
        "u_mps": round(given.u_mps, 3),
        "v_mps": round(given.v_mps, 3),
    }
    if given.source in ("climatology", "file"):
        entry |= {
            "valid_to_utc": _stamp(steady if field.steady else field.last_utc),
            "name": field.name,
            "sha256": field.sha256,
            "notes": list(field.notes),
        }
    if given.source == "file" and given.pack is not None:
        entry["pack"] = given.pack.name
    headwind = equivalent_headwind(given.sigma_mps, given.reliability, given.bias_mps)
    if headwind != 0.0:
        entry |= {
            "headwind_kt": round(headwind / KNOT, 3),
            "reliability_pct": round(100.0 * given.reliability, 3),
            "bias_kt": round(given.bias_mps / KNOT, 3),
        }
    return entry


def assumed(mission: Mission) -> list[str]:
    """What the plan assumes of the wind, in words."""
    given = mission.winds
    words = []
    if given.reliability > 0.5:
        words.append(
            f"Planned for {100 * given.reliability:g} % of days: a headwind of "
            f"{equivalent_headwind(given.sigma_mps, given.reliability) / KNOT:.1f} kt beyond the wind stated, all along "
            "every track."
        )
    if given.bias_mps:
        words.append(f"A tailwind bias of {given.bias_mps / KNOT:+.1f} kt is added all along every track.")
    if given.source != "still" and mission.tankers:
        words.append(
            "The way to an abort field is reckoned in the wind at 35,000 ft, or the type's ceiling if that is lower, as "
            "it is when the way begins, at its mean over the geodesic."
        )
    return words


def _stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
