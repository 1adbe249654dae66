"""Writers killed with SIGKILL while they write: what was acknowledged stays. The proof is benchmarks/ledger_kills.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROOF = Path(__file__).parents[2] / "benchmarks" / "ledger_kills.py"


def killed(kills: int, seed: int) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, str(PROOF), str(kills), str(seed)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    assert found["kills"] == kills and found["lost"] == []
    return found


def test_a_writer_killed_fifty_times_loses_nothing_acknowledged():
    found = killed(50, 3)
    assert found["acknowledged"] > 50 and found["torn_ends"] > 0


@pytest.mark.soak
def test_a_writer_killed_a_thousand_times_loses_nothing_acknowledged():
    print(killed(1000, 11))
