"""Every benchmark, one after the other, each in its own process; what they print is kept with date and machine.

Run: python -m benchmarks [NAME ...]. Exits 1 when a benchmark fails or misses a budget.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from longreach import __version__

FOLDER = Path(__file__).parent
LONGEST_S = 3600.0  # of one benchmark


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        name = models[0] if models else name
    return {
        "processor": name,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def run(path: Path) -> dict[str, object]:
    """One benchmark run in a process of its own, its lines shown as they come and kept."""
    since = time.perf_counter()
    print(f"== {path.stem}", flush=True)
    try:
        done = subprocess.run(
            [sys.executable, str(path)], capture_output=True, text=True, timeout=LONGEST_S, cwd=FOLDER.parent
        )
        code, out, err = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        code, out, err = -1, "", f"stopped after {LONGEST_S:.0f} s"
    print(out + (err if code else ""), flush=True)
    return {
        "benchmark": path.stem,
        "exit_code": code,
        "seconds": round(time.perf_counter() - since, 1),
        "lines": out.splitlines(),
        "errors": err.splitlines()[-20:] if code else [],
    }


def main(names: list[str]) -> int:
    """Run the benchmarks named (all without a name) and store their lines as JSON."""
    paths = sorted(FOLDER.glob("bench_*.py"))
    known = [path.stem.removeprefix("bench_") for path in paths]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    found = [run(path) for path, name in zip(paths, known, strict=True) if not names or name in names]
    now = datetime.now(UTC)
    document = {
        "date_utc": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "longreach_version": __version__,
        "machine": machine(),
        "benchmarks": found,
    }
    folder = FOLDER / "results"
    folder.mkdir(exist_ok=True)
    file = folder / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"kept in {file.relative_to(FOLDER.parent)}")
    return int(any(entry["exit_code"] != 0 for entry in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
