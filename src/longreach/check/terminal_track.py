"""What tracks show, as lines of text."""

from __future__ import annotations

import textwrap

from longreach.check.judgement import Judgement
from longreach.check.tracks.match import utc
from longreach.units import KNOT, NAUTICAL_MILE


def lines(judgement: Judgement, width: int) -> list[str]:
    """The tracks' gate, legs, gaps, approaches, orbits and matches."""
    seen = judgement.track
    out = ["What the tracks show"]

    def say(text: str, indent: str = "  ") -> None:
        out.extend(textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent + "  "))

    for track, gate, legs, gaps, orbits in zip(
        seen.tracks, seen.gates, seen.legs, seen.gaps, seen.orbits, strict=True
    ):
        name = " ".join(part for part in (track.callsign, track.id, track.aircraft) if part)
        say(
            f"{name}: {gate.verdict} ({track.format}, {gate.points:,} rows, {gate.placed:,} with a place; {'; '.join(track.notes)})"
        )
        for finding in gate.findings:
            say(f"{finding.test}: {finding.words}", "    ")
        for leg in legs:
            say(
                f"leg {utc(leg.time_s[0])} to {utc(leg.time_s[-1])}, {leg.length_m / NAUTICAL_MILE:,.0f} nm, from "
                f"{leg.lat[0]:.2f}, {leg.lon[0]:.2f} to {leg.lat[-1]:.2f}, {leg.lon[-1]:.2f}",
                "    ",
            )
        for gap in gaps:
            say(
                f"gap of {(gap.end_s - gap.start_s) / 60:.0f} min from {utc(gap.start_s)}: {gap.length_m / NAUTICAL_MILE:,.0f} nm, "
                f"{gap.needed_mps / KNOT:.0f} kt needed{'' if gap.feasible else ', too fast for the type'}",
                "    ",
            )
        for orbit in orbits:
            say(
                f"orbit of {orbit.turns:.1f} turns from {utc(orbit.start_s)} at {orbit.lat:.2f}, {orbit.lon:.2f}",
                "    ",
            )
    for near in seen.approaches:
        more = (
            ""
            if near.least_m >= near.closest_m - 1.0
            else f"; the gaps allow {max(near.least_m, -9.9e8) / NAUTICAL_MILE:,.1f} nm"
            if near.least_m > -9e8
            else "; a gap leaves everything open"
        )
        say(
            f"nearest to {near.closure}: {near.closest_m / NAUTICAL_MILE:,.1f} nm at {utc(near.time_s)}{more}"
        )
    for pair in seen.together:
        height = "" if pair.height_known else ", heights not known"
        say(
            f"{pair.one} and {pair.other} within 5 nm from {utc(pair.start_s)} to {utc(pair.end_s)}, nearest "
            f"{pair.nearest_m / NAUTICAL_MILE:.2f} nm{height}: a join-up or a refuelling"
        )
    if judgement.matches:
        out.append("The track against the claim")
        for match in judgement.matches:
            say(f"{match.id}: {match.verdict}: {match.words}")
    elif not seen.fit:
        say("The first track cannot bear a conclusion, so it is not held against the claim.")
    return out
