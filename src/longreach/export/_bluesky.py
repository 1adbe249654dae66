"""BlueSky flies a scenario: run by a Python that has BlueSky (GPL), in a process and a HOME of its own.

    python _bluesky.py SCENARIO.scn LOG.npz LAST_SECOND

Imports nothing of Longreach. Its performance model is replaced by one without limits; every aircraft's time,
position, level, distance and active point is logged.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

WATCHED_AFTER_S = 90  # logged past the last point, so that its passing lies within the log


def fly(scenario_file: Path, log_file: Path, last_s: int) -> None:
    """Run the scenario and log time, position, level, distance and the active point of every aircraft.

    Raises: RuntimeError with BlueSky's own words where it refused a line.
    """
    bluesky: Any = import_module("bluesky")  # by name, so that our own checks do not ask for it
    stack: Any = import_module("bluesky.stack")
    base: Any = import_module("bluesky.traffic.performance.perfbase").PerfBase

    class Unlimited(base):
        """No limits: what BlueSky's base class is, and what PERF OFF was to select (it recurses in 1.1.1)."""

    bluesky.init(mode="sim", detached=True, workdir=str(log_file.parent))
    said: list[str] = []

    def send(topic: Any, data: Any = "", to_group: bytes = b"") -> None:
        # In this mode BlueSky's complaints go nowhere: hear them.
        if topic in ("ECHO", b"ECHO") and isinstance(data, dict) and data.get("flags"):
            said.append(str(data.get("text")))

    bluesky.net.send = send
    commands: dict[float, list[str]] = {}
    for line in scenario_file.read_text().splitlines():
        clock, _, command = line.partition(">")
        hours, minutes, seconds = clock.split(":")
        commands.setdefault(int(hours) * 3600 + int(minutes) * 60 + float(seconds), []).append(command)
    log: dict[str, list[tuple[float, ...]]] = {}
    finished: dict[str, float] = {}
    expected = sum(command.startswith("CRE ") for lines in commands.values() for command in lines)
    traffic = bluesky.traf
    bluesky.sim.op()
    while True:
        now = round(bluesky.sim.simt)
        for command in commands.pop(now, []):
            stack.stack(command)
            stack.process()
        if said:
            raise RuntimeError("BlueSky refused:\n" + "\n".join(said))
        for i, name in enumerate(traffic.id):
            if now > finished.get(name, now) + WATCHED_AFTER_S:
                continue
            route = traffic.ap.route[i]
            if not traffic.swlnav[i]:
                finished.setdefault(name, now)
            log.setdefault(name, []).append(
                (
                    bluesky.sim.simt,
                    traffic.lat[i],
                    (traffic.lon[i] + 180.0) % 360.0 - 180.0,
                    traffic.alt[i],
                    traffic.distflown[i],
                    route.iactwp if traffic.swlnav[i] else route.nwp,
                )
            )
        if len(finished) == expected and all(now > t + WATCHED_AFTER_S for t in finished.values()):
            break
        if now > last_s + 3600:
            raise RuntimeError(f"an hour after the plan's end still under way: {set(log) - set(finished)}")
        bluesky.sim.step()
    arrays: dict[str, Any] = {name: np.array(rows) for name, rows in log.items()}
    np.savez(log_file, **arrays)


if __name__ == "__main__":
    fly(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
