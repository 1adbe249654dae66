"""Escorts: the founding flight with partners who take turns, and the choice of sorties held against wider candidates.

Run: python -m benchmarks escorts. Prints processor time of the whole plan (warm, best of three), of one choice of
sorties, and how many sorties are flown; then the same choice among every pair of the lead's rows, which must not
need fewer.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    from longreach import mission
    from longreach.plan import cover, escorts, plan

    chosen: list[tuple[int, float, int]] = []  # candidates, seconds of processor, sorties
    choose = cover.choose

    def timed(candidates, *more):  # type: ignore[no-untyped-def]
        since = time.process_time()
        found = choose(candidates, *more)
        chosen.append((len(candidates), time.process_time() - since, len(found.chosen)))
        return found

    cover.choose = timed
    asked = mission.load(ROOT / "examples" / "gulf-escorts.toml")
    whole = []
    for _ in range(4):
        since = time.process_time()
        document = plan(asked)
        whole.append(time.process_time() - since)
    many, seconds, _ = min(chosen, key=lambda each: each[1])
    row = document["escorts"][0]
    print(
        f"gulf-escorts: {document['status']}, {row['sorties']} sorties for {row['wanted']} aircraft at every moment"
    )
    print(f"whole plan, warm: {min(whole[1:]):.2f} s of processor; first run {whole[0]:.2f} s")
    print(f"one choice of sorties: {seconds:.2f} s among {many:,} candidates")
    short = mission.load(ROOT / "tests" / "verify" / "turns.toml")
    few = plan(short)["escorts"][0]["sorties"]
    escorts.GRID = 120.0
    chosen.clear()
    more = plan(short)["escorts"][0]["sorties"]
    print(
        f"turns: {few} sorties from candidates 5 min apart, {more} from candidates 2 min apart "
        f"({max(chosen)[0]:,} candidates, {max(chosen)[1]:.1f} s)"
    )
    return 0 if more == few and document["status"] == "feasible" else 1


if __name__ == "__main__":
    sys.exit(main())
