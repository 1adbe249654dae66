"""Plan documents as tests take them apart: a flight by its id, another mission inside, a time moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from longreach.document import sha256

Plan = dict[str, Any]


def flight_of(plan: Plan, id: str) -> dict[str, Any]:
    return next(entry for entry in plan["flights"] if entry["id"] == id)


def with_mission(plan: Plan, text: str) -> Plan:
    """The plan as if that had been its mission file, hash and all."""
    plan["mission"] |= {"text": text, "file_sha256": sha256(text.encode())}
    return plan


def with_more(plan: Plan, text: str) -> Plan:
    """The plan with more at the end of its mission file."""
    return with_mission(plan, plan["mission"]["text"] + text)


def edited(plan: Plan, old: str, new: str) -> None:
    """Its mission asks for something else in one place."""
    text = plan["mission"]["text"]
    assert text.count(old) == 1
    with_mission(plan, text.replace(old, new))


def later(utc: str, seconds: float) -> str:
    return (datetime.fromisoformat(utc) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
