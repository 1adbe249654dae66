"""The long proof over random missions: one process, a line of JSON a mission, taken up again where it stopped.

Each plan is held to `soundness.py`, which shares nothing with planner or verification; each infeasible mission that
names cures is planned again with them. A row belongs to the sources it was made with: changed sources start anew.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def fingerprint() -> str:
    """Of the package's sources and data and of the missions: rows of another are not this one's."""
    digest = hashlib.sha256()
    files = [*sorted((ROOT / "src").rglob("*.py")), Path(__file__).with_name("random_missions.py")]
    for path in [*files, Path(__file__).with_name("soundness.py")]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def outcome(document: dict[str, Any]) -> str:
    """Feasible, or the first reason in general words."""
    if document["status"] == "feasible":
        return "feasible"
    what = document["shortfalls"][0]["what"]
    what = re.sub(r"^(flight|partner|tankers|escorts) [\w-]+: ", "", what)
    what = re.sub(r"\b[A-Z]{4}\b|[-+]?\d[\d,.]*", "#", what)
    return re.sub(r"(of|by|from|near|airspace of) [A-Z][\w .'()-]+", r"\1 …", what)[:90]


def cures(document: dict[str, Any]) -> dict[str, Any]:
    """Every cure with a value, by key path."""
    rows = [row["cure"] for row in document["shortfalls"] if row["cure"]]
    return {
        cure["key_path"]: cure["value"] for cure in rows if cure["key_path"] and cure["value"] is not None
    }


def one(text: str, sound: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """A mission planned, held to account, and cured where it says how."""
    from longreach import mission
    from longreach.plan import plan
    from longreach.plan.proof import applied

    since = time.process_time()
    row: dict[str, Any] = {}
    try:
        document = plan(mission.parse(text))
        row |= {"seconds": round(time.process_time() - since, 2), "outcome": outcome(document)}
        row["refuellings"] = len(document["refuellings"])
        sound(document)
        if document["status"] == "infeasible":
            told = cures(document)
            row["cures"] = sorted(told)
            if told:
                cured = plan(mission.parse(applied(text, told)))
                row["cured"] = cured["status"] == "feasible"
                sound(cured)
    except Exception as error:  # one broken mission must not hide the others
        row |= {"broken": f"{type(error).__name__}: {str(error)[:400]}"}
    return row


def run(
    seeds: Iterable[int], path: Path, write: Callable[[int], str], sound: Callable[..., None]
) -> list[dict[str, Any]]:
    """Rows of all seeds; those already in the file are not planned again."""
    own = fingerprint()
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {}
    if path.is_file():
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.endswith("}")]
        known = {row["seed"]: row for row in rows if row["sources"] == own}
    found = []
    with path.open("a", encoding="utf-8") as file:
        for seed in seeds:
            row = known.get(seed)
            if row is None:
                row = {"seed": seed, "sources": own, **one(write(seed), sound)}
                file.write(json.dumps(row) + "\n")
                file.flush()
            found.append(row)
    return found


def told(rows: list[dict[str, Any]]) -> str:
    """A page of what came of it."""
    outcomes = Counter(row.get("outcome", "broken") for row in rows)
    infeasible = [row for row in rows if row.get("outcome") not in (None, "feasible")]
    tried = [row for row in infeasible if row.get("cures")]
    lines = [f"{len(rows):,} random missions, {sum('broken' in row for row in rows)} broken"]
    lines += [f"{count:6,}  {what}" for what, count in outcomes.most_common(25)]
    lines.append(
        f"refuelled and feasible: {sum(row.get('outcome') == 'feasible' and row['refuellings'] > 0 for row in rows):,}"
    )
    lines.append(
        f"infeasible: {len(infeasible):,}; with a cure stated {len(tried):,}, "
        f"feasible once applied {sum(bool(row.get('cured')) for row in tried):,}"
    )
    slow = sorted(rows, key=lambda row: -row.get("seconds", 0.0))[:5]
    lines.append(
        "slowest: " + ", ".join(f"{row.get('seconds', 0.0):.1f} s (seed {row['seed']})" for row in slow)
    )
    times = sorted(row.get("seconds", 0.0) for row in rows)
    lines.append(f"median {times[len(times) // 2]:.2f} s, mean {sum(times) / len(times):.2f} s")
    return "\n".join(lines)


if __name__ == "__main__":
    import importlib.util
    import sys

    def load(name: str) -> Any:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    first, last, target = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    print(
        told(
            run(
                range(first, last),
                target,
                load("random_missions").soak_text,
                load("soundness").assert_sound,
            )
        )
    )
