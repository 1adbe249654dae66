"""Write src/longreach/schemas/mission.schema.json from the models that read the mission file.

Run after a change to `longreach.mission.shape`; a test compares the two.
"""

from __future__ import annotations

import json
from pathlib import Path

from longreach import mission

FILE = Path(__file__).parents[1] / "src" / "longreach" / "schemas" / "mission.schema.json"


def text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(mission.json_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(FILE)
