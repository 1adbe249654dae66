"""How long all exports of the founding mission take, in a new process and warm. Run: python -m benchmarks export"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import longreach
from longreach import export

ROOT = Path(__file__).parents[1]
BUDGET_S = 3.0


def main() -> int:
    plan = longreach.load(ROOT / "examples" / "gulf-2020-12-10.toml").plan()
    with tempfile.TemporaryDirectory() as folder:
        plan.save(folder, brief=False)
        cold = []
        for _ in range(3):
            since = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "longreach", "export", folder, "--format", "all"],
                check=True,
                capture_output=True,
            )
            cold.append(time.perf_counter() - since)
        size = sum(path.stat().st_size for path in (Path(folder) / "exports").iterdir())
        count = len(list((Path(folder) / "exports").iterdir()))
    middle = sorted(cold)[1]
    print(
        f"all formats, new process: {middle:.2f} s median of 3 (budget {BUDGET_S:.0f} s); {count} files, {size / 1e6:.1f} MB"
    )
    document = plan.document
    warm = []
    for _ in range(5):
        since = time.perf_counter()
        export.export(document, ["all"])
        warm.append(time.perf_counter() - since)
    print(f"all formats, warm: {sorted(warm)[2]:.2f} s median of 5")
    for name in export.FORMATS:
        since = time.perf_counter()
        export.export(document, [name])
        print(
            f"  {name:8s} {1000 * (time.perf_counter() - since):7.0f} ms, closures measured again each time"
        )
    return int(middle > BUDGET_S)


if __name__ == "__main__":
    sys.exit(main())
