"""What the founding seven flights could have shown. Run: python benchmarks/bench_assess_founding.py

51 attacks a year, the seven flights of 2020-21, their three separate follow-ups; 1,000 simulated series a row. Writes
benchmarks/results/assess_founding.json.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from longreach.assess import document
from longreach.assess.rate import assess_rate, quiet

RESULTS = Path(__file__).parent / "results" / "assess_founding.json"


def main() -> int:
    found = assess_rate(51, 3, tries=1000)
    answer = document.rate_only(found, 7)
    for one in found.stand_ins:
        shares = "  ".join(f"fall {each.fall:.0%}: {100 * each.called:.1f} %" for each in one.seen)
        print(f"{one.words}: {shares}; flights needed {one.flights_needed}")
    print(f"ten quiet days at 50 a year: {100 * quiet(50, 10):.0f} %")
    made = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "answer": answer, "ten_quiet_days": quiet(50, 10)}
    RESULTS.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    return int(found.verdict != "cannot tell")


if __name__ == "__main__":
    sys.exit(main())
