"""The quality gate: whether a track can bear any conclusion. Each test is a few lines and says what it found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longreach import geodesy
from longreach.check.tracks.model import Track
from longreach.units import FOOT, KNOT

FASTEST = 700.0 * KNOT  # over the ground; airliners in a jet stream reach 680 kt or so
STEPS_TOLERATED = 8  # isolated jumps of good tracks: late messages, mixed receivers
SHARE_TOLERATED = 0.004
FROZEN_S = 300.0
FROZEN_SPEED = 100.0 * KNOT
SLOW_AT_HEIGHT = 100.0 * KNOT
HIGH = 25_000.0 * FOOT
CLOCK_DIFFERENCE = 40.0 * KNOT  # median between reported speed and speed by position and time
GAP_S = 600.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One test that a track failed, or passed with a remark. `serious` findings make the track unfit."""

    test: str
    words: str
    serious: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """The outcome: "good", "usable with care" or "unfit", with the findings."""

    verdict: str
    findings: tuple[Finding, ...]
    points: int
    placed: int

    @property
    def fit(self) -> bool:
        return self.verdict != "unfit"


def examine(track: Track) -> Gate:
    """The gate on one track."""
    placed = track.placed
    count, good = len(track.time_s), int(placed.sum())
    findings: list[Finding] = []
    time_s, lat, lon = track.time_s[placed], track.lat[placed], track.lon[placed]
    gs, altitude = track.gs_mps[placed], track.altitude_m[placed]
    if good < count:
        share = 1.0 - good / count
        findings.append(
            Finding("nulls", f"{count - good} of {count} rows ({share:.0%}) have no position", share > 0.6)
        )
    step = np.diff(time_s)
    backwards = int((step < 0.0).sum())
    if backwards:
        findings.append(
            Finding("clock", f"time runs backwards {backwards} times", backwards > max(3, 0.002 * good))
        )
    length = geodesy.distance(lat[:-1], lon[:-1], lat[1:], lon[1:])
    moved = length > 50.0
    with np.errstate(divide="ignore", invalid="ignore"):
        implied = np.where(step > 0.0, length / np.maximum(step, 1e-3), np.where(moved, np.inf, 0.0))
    jumps = np.nonzero((implied > FASTEST) & (length > 500.0))[0]
    if jumps.size:
        worst = float(np.min([implied[jumps].max(), 3e6]))
        many = jumps.size > STEPS_TOLERATED and jumps.size > SHARE_TOLERATED * good
        findings.append(
            Finding(
                "jumps",
                f"{jumps.size} steps need more than 700 kt, the greatest {worst / KNOT:,.0f} kt or more"
                if worst >= 3e6
                else f"{jumps.size} steps need more than 700 kt, the greatest {worst / KNOT:,.0f} kt",
                many,
            )
        )
    findings += _frozen(time_s, length, gs)
    slow = np.isfinite(gs) & np.isfinite(altitude) & (gs < SLOW_AT_HEIGHT) & (altitude > HIGH)
    if slow.sum() >= 5:
        findings.append(
            Finding(
                "slow at height",
                f"{int(slow.sum())} rows report under 100 kt above 25,000 ft, the least {np.nanmin(gs[slow]) / KNOT:.0f} kt",
                slow.sum() >= 20,
            )
        )
    usable = (step > 5.0) & (step < 120.0) & np.isfinite(gs[1:]) & np.isfinite(gs[:-1]) & (implied < FASTEST)
    if usable.sum() >= 30:
        reported = (gs[1:] + gs[:-1])[usable] / 2.0
        difference = float(np.median(np.abs(implied[usable] - reported)))
        if difference > 15.0 * KNOT:
            findings.append(
                Finding(
                    "clock",
                    f"speed by position and time differs from that reported by {difference / KNOT:.0f} kt on the median",
                    difference > CLOCK_DIFFERENCE,
                )
            )
    serious = any(finding.serious for finding in findings)
    verdict = "unfit" if serious else "usable with care" if findings else "good"
    return Gate(verdict, tuple(findings), count, good)


def _frozen(time_s: np.ndarray, length: np.ndarray, gs: np.ndarray) -> list[Finding]:
    """Stretches in which the position stands still while a speed is reported."""
    still = (length < 20.0) & (gs[1:] > FROZEN_SPEED) & (gs[:-1] > FROZEN_SPEED)
    longest, at = 0.0, 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(int), [0]])))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if time_s[last] - time_s[first] > longest:
            longest, at = float(time_s[last] - time_s[first]), int(first)
    if longest < FROZEN_S:
        return []
    return [
        Finding(
            "frozen",
            f"the position stands still for {longest / 60:.0f} min at {gs[at] / KNOT:.0f} kt reported",
            True,
        )
    ]


def cleaned(track: Track) -> Track:
    """The track in order of time, without rows that lack a position and without isolated jumps out and back."""
    ordered = track.where(track.placed)
    order = np.argsort(ordered.time_s, kind="stable")
    ordered = ordered.where(order) if not np.array_equal(order, np.arange(order.size)) else ordered
    keep = np.ones(len(ordered.time_s), bool)
    for _ in range(3):
        rows = np.nonzero(keep)[0]
        if rows.size < 3:
            break
        lat, lon, time_s = ordered.lat[rows], ordered.lon[rows], ordered.time_s[rows]
        step = np.maximum(np.diff(time_s), 1e-3)
        length = geodesy.distance(lat[:-1], lon[:-1], lat[1:], lon[1:])
        fast = (length / step > FASTEST) & (length > 500.0)
        out = np.nonzero(fast[:-1] & fast[1:])[0] + 1  # in and out of the same row
        if not out.size:
            break
        keep[rows[out]] = False
    return ordered.where(keep)
