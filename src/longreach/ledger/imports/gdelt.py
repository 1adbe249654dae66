"""GDELT 2.0 event files: 61 tab-separated columns without a heading.

Rows are coded by a machine, often several to one happening and several to one misreading. They come in as reports with
a claim, never as incidents: nothing is counted until someone links the claim to an event. Layout: GDELT Event
Database codebook 2.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from longreach.ledger.imports.dates import iso, read_span
from longreach.ledger.imports.incident import Incident, Number
from longreach.ledger.imports.ucdp import columns_of, number
from longreach.ledger.records import Entity

NAME = "gdelt"
PUBLISHER = Entity(
    id="GDELT",
    name="GDELT 2.0 Event Database",
    type="data set",
    note="coded by a machine from news; not verified",
)
LICENCE = "GDELT: open, with attribution"
_ACTOR = columns_of(
    "Code Name CountryCode KnownGroupCode EthnicCode Religion1Code Religion2Code Type1Code Type2Code Type3Code"
)
_GEO = columns_of("Type FullName CountryCode ADM1Code ADM2Code Lat Long FeatureID")
COLUMNS = (
    *columns_of("GLOBALEVENTID SQLDATE MonthYear Year FractionDate"),
    *(f"Actor1{name}" for name in _ACTOR),
    *(f"Actor2{name}" for name in _ACTOR),
    *columns_of("IsRootEvent EventCode EventBaseCode EventRootCode QuadClass GoldsteinScale NumMentions"),
    *columns_of("NumSources NumArticles AvgTone"),
    *(f"{where}Geo_{name}" for where in ("Actor1", "Actor2", "Action") for name in _GEO),
    "DATEADDED",
    "SOURCEURL",
)
# Root codes of CAMEO, the event coding GDELT uses.
CAMEO = {
    "01": "public statement", "02": "appeal", "03": "intent to cooperate", "04": "consult",
    "05": "diplomatic cooperation", "06": "material cooperation", "07": "aid", "08": "yield", "09": "investigate",
    "10": "demand", "11": "disapprove", "12": "reject", "13": "threaten", "14": "protest",
    "15": "show of force posture", "16": "reduce relations", "17": "coerce", "18": "assault", "19": "fight",
    "20": "unconventional mass violence",
}  # fmt: skip
# ActionGeo_Type: what the point stands for. The metres are ours.
WHERE = {
    "1": ("country", 500_000.0),
    "2": ("US state", 200_000.0),
    "3": ("US city", 10_000.0),
    "4": ("world city", 10_000.0),
    "5": ("world state", 150_000.0),
}


def recognise(columns: tuple[str, ...], first: tuple[Any, ...]) -> tuple[tuple[str, ...], bool] | None:
    """The columns; None where this is no GDELT event file."""
    if len(columns) != len(COLUMNS):
        return None
    if tuple(columns[:2]) == COLUMNS[:2]:
        return COLUMNS, True
    row = dict(zip(COLUMNS, (str(cell) for cell in columns), strict=True))
    like = row["GLOBALEVENTID"].isdigit() and len(row["SQLDATE"]) == 8 and row["SQLDATE"].isdigit()
    return (COLUMNS, False) if like and row["QuadClass"] in "1234" else None


def read(row: Mapping[str, Any]) -> Incident:
    """One row. ValueError says what is wrong with it."""
    id = str(row["GLOBALEVENTID"])
    if not (id.isascii() and id.isdigit()) or len(id) > 20:
        raise ValueError(f"GLOBALEVENTID is {id[:40]!r}, not a number")
    try:
        start, end, _ = read_span(str(row["SQLDATE"]))
    except ValueError as error:
        raise ValueError(f"SQLDATE: {error}") from None
    kind = str(row["ActionGeo_Type"])
    lat = lon = radius = None
    if row["ActionGeo_Lat"] != "" and kind in WHERE:
        lat, lon = (
            number(row["ActionGeo_Lat"], "ActionGeo_Lat", 90.0),
            number(row["ActionGeo_Long"], "ActionGeo_Long", 180.0),
        )
        radius = WHERE[kind][1]
    code = str(row["EventRootCode"])
    action = CAMEO.get(code)
    if action is None:
        raise ValueError(f"EventRootCode is {code[:20]!r}; CAMEO has 01 to 20")
    url = str(row["SOURCEURL"])
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    actors = [str(row["Actor1Name"]) or "unnamed", str(row["Actor2Name"]) or "unnamed"]
    added = str(row["DATEADDED"])
    try:
        published = datetime.strptime(added, "%Y%m%d%H%M%S").strftime("%Y-%m-%dT%H:%M:%S") if added else ""
    except ValueError:
        raise ValueError(f"DATEADDED is {added[:40]!r}, not 14 digits") from None
    mentions = str(row["NumMentions"])
    if not (mentions.isascii() and mentions.isdigit()) or len(mentions) > 9:
        raise ValueError(f"NumMentions is {mentions[:40]!r}, not a number")
    place = str(row["ActionGeo_FullName"])
    return Incident(
        key=f"gdelt-{id}",
        publisher=PUBLISHER.id,
        event=None,
        topic="machine-coded event",
        title=f"{action}: {actors[0]} - {actors[1]}",
        paraphrase=f"{action} (CAMEO {row['EventCode']}): {actors[0]} to {actors[1]}",
        url=url,
        published=published,
        subject=actors[0],
        object=actors[1],
        behind=((host, "news"),) if host else (),
        start=iso(start, False),
        end=iso(end, False),
        edtf=start.date().isoformat(),
        when_basis="GDELT SQLDATE: the day the machine read",
        lat=lat,
        lon=lon,
        radius_m=radius,
        place=place,
        precision=f"GDELT ActionGeo_Type {kind}: {WHERE[kind][0]}" if kind in WHERE else "",
        numbers=(Number(unit="mentions", lo=int(mentions), hi=int(mentions), best=int(mentions)),),
        rights="free",
        licence=LICENCE,
        note="coded by a machine; not an incident until a person links it to one",
    )
