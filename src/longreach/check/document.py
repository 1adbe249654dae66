"""A judgement as one JSON document, `longreach.check/1`; numbers carry their unit in their names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from longreach.check.judgement import Judgement
from longreach.units import KNOT, NAUTICAL_MILE

SCHEMA = "longreach.check/1"
SCHEMA_MANY = "longreach.checks/1"


def of(judgement: Judgement) -> dict[str, Any]:
    """The document of a judgement: everything the text says."""
    claim = judgement.claim
    return {
        "schema": SCHEMA,
        "title": claim.title,
        "claim_sha256": claim.sha256,
        "verdict": judgement.verdict,
        "sentence": judgement.sentence,
        "lengths_nm": {name: round(value, 1) for name, value in judgement.lengths_nm.items()},
        "speeds": [
            {
                "way": speed.way,
                "length_nm": round(speed.length_m / NAUTICAL_MILE, 1),
                "time_s": round(speed.time_s),
                "needed_kt": round(speed.needed_mps / KNOT, 1),
                "least_kt": round(speed.least_mps / KNOT, 1),
            }
            for speed in judgement.speeds
        ],
        "cruise_kt": _knots(judgement.usual_mps),
        "fastest_kt": _knots(judgement.fastest_mps),
        "wind": judgement.wind,
        "refuellings_at_least": judgement.refuellings_at_least,
        "times": {
            name: {"earliest_utc": _utc(early), "latest_utc": _utc(late)}
            for name, (early, late) in judgement.times.items()
        },
        "partners": dict(judgement.partners),
        "possible_share": judgement.possible,
        "decided_by": judgement.decided_by,
        "statements": [
            {
                "id": taken.id,
                "kind": taken.kind,
                "words": taken.words,
                "source": claim.sources.get(taken.source, taken.source),
                "verdict": taken.verdict,
                "holds": list(taken.holds),
                "breaks": list(taken.breaks),
                "note": taken.note,
            }
            for taken in judgement.taken
        ],
        "conflicts": [
            {
                "claims": list(conflict.ids),
                "why": list(conflict.words),
                "rivals": conflict.rivals,
                "cures": dict(conflict.cures),
            }
            for conflict in judgement.conflicts
        ],
        "units": list(judgement.slips),
        "notes": list(judgement.notes),
        "missing": list(judgement.missing),
        "track": judgement.track.document() if judgement.track is not None else None,
        "matches": [match.document() for match in judgement.matches],
    }


def _knots(speed: float | None) -> float | None:
    return None if speed is None else round(speed / KNOT, 1)


def _utc(time_s: float | None) -> str | None:
    return None if time_s is None else f"{datetime.fromtimestamp(time_s, UTC):%Y-%m-%dT%H:%M:%SZ}"
