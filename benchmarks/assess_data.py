"""Real series for the measurements of the after-action test, read from the folder that LONGREACH_DATA names."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from longreach.assess.series import Incident, Series, from_incidents

FIRST, LAST = date(2004, 1, 1), date(2018, 12, 31)


def iraq_series(folder: Path, provinces: Sequence[str]) -> list[Series]:
    """UCDP lethal events in Iraq 2004-2018: the country, then each province, every incident on its first day."""
    with gzip.open(folder / "ledger" / "ucdp_ged_iraq_1989_2018_hdx.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[1:]  # the second line holds HXL tags
    out = []
    for place in (None, *provinces):
        incidents = [
            Incident(day, day)
            for one in rows
            if (place is None or one["adm_1"] == place)
            and int(one["date_prec"]) <= 3  # to a week or better
            and FIRST <= (day := date.fromisoformat(one["date_start"][:10])) <= LAST
        ]
        out.append(from_incidents(incidents, start=FIRST, end=LAST, place=place or "Iraq"))
    return out
