"""The plan document as one HTML page: it opens from disk, asks for nothing, and is the same bytes each time.

The pictures and tables stand without any script; where the browser can, the live map takes the pictures' place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from longreach.brief import More, charts, company, content, globe, live, maps, relays, script, story
from longreach.brief.reading import Plan, read
from longreach.document import sha256, to_bytes
from longreach.page import environment, style_sheet

LAYERS = (
    ("closed", "closed airspace"),
    ("standoff", "stand-off"),
    ("lead", "lead"),
    ("tankers", "tankers"),
    ("partners", "partners"),
    ("refuelling", "refuelling tracks"),
    ("contacts", "refuelling numbers"),
    ("joins", "join-ups"),
    ("fields", "fields"),
    ("closest", "closest approaches"),
    ("station", "station"),
    ("night", "night"),
    ("borders", "borders"),
    ("labels", "labels"),
)


def render(document: Mapping[str, Any], beside: More) -> str:
    """The brief of a plan document, one self-contained HTML page.

    Parameters
    ----------
    document : plan.json as read; unknown keys are ignored, optional ones may be absent
    beside : what else to show: a second engine's flight, flight information regions

    Raises: InputError listing every key that is missing or wrong.
    """
    plan = read(document)
    template = environment("longreach.brief").get_template("brief.html.jinja")
    return str(template.render(_content(plan, sha256(to_bytes(document)), beside)))


def _content(plan: Plan, plan_sha256: str, beside: More) -> dict[str, Any]:
    from markupsafe import Markup

    contacts = story.contacts(plan)
    zones = story.zones(plan)
    closures, drawing_notes = maps.closures_of(plan)
    found = live.data(plan, closures, contacts)
    said = content.pack(plan, plan_sha256, beside)
    return {
        **said,
        "title": plan.name,
        "kicker": f"flight brief · {said['when']}" if said["when"] else "flight brief",
        "notice": "Not for navigation, not for filing.",
        "style": Markup(style_sheet("longreach.brief", "map.css", "brief.css", "live.css")),
        "globes": [Markup(svg) for svg in maps.mission_globes(plan, closures, contacts)],
        "region": Markup(maps.region_map(plan, closures, contacts)),
        "timeline": Markup(charts.timeline(plan, contacts, zones)),
        "relays": Markup(relays.chart(plan)),
        "relay_rows": relays.rows(plan),
        "company": Markup(company.timeline(plan)),
        "ladder": Markup(charts.fuel_ladder(plan, contacts)),
        "has_station": plan.station is not None,
        "drawing_notes": drawing_notes,
        "fir_rows": [_fir_row(row) for row in said["firs"] if row["lead"]],
        "fir_rest": [_fir_row(row) for row in said["firs"] if not row["lead"]],
        "alternate_rows": [
            (row["name"], row["where"], row["runway"], row["elevation"], row["serves"], row["margin"])
            for row in said["alternates"]
        ],
        "crew_rows": [
            (
                row["flight"],
                _two_lines(row["report"], row["report_local"]),
                _two_lines(row["release"], row["release_local"]),
                row["duty"],
            )
            for row in said["crew"]
        ],
        "light_rows": [(r["kind"], r["from"], r["to"], r["local"], r["time"]) for r in said["light"]],
        "wind_table": [
            (
                row["part"],
                row["when"],
                row["levels"],
                row["wind"],
                _two_lines(row["along"], row["along_metric"]),
            )
            for row in said["wind_rows"]
        ],
        **_live(plan, found),
    }


def _fir_row(row: dict[str, Any]) -> tuple[str, ...]:
    return row["fir"], row["flight"], row["enter"], row["leave"], row["inside"]


def _two_lines(first: str, second: str) -> Any:
    """A cell with a quieter second line."""
    from markupsafe import Markup

    return Markup("{}<br><span class=quiet>{}</span>").format(first, second) if second else first


def _live(plan: Plan, found: dict[str, Any] | None) -> dict[str, Any]:
    """What the live map needs in the page; nothing where nothing flies."""
    from markupsafe import Markup

    if found is None:
        return {"live": "", "policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
    program = script.bundle()
    return {
        "live": Markup(live.text(found)),
        "live_key": Markup(_live_key(plan, {track["kind"] for track in found["tracks"]})),
        "layers": LAYERS,
        "coarse_land": Markup(live.coarse_land()),
        "fine_land": script.packed("longreach.world", "data", "land-50m.json.gz"),
        "vendored": script.vendored(),
        "script": Markup(program),
        "licence": script.licence(),
        "policy": (
            f"default-src 'none'; script-src '{script.digest(program)}' blob:; worker-src blob: data:; "
            "connect-src blob:; style-src 'unsafe-inline'; img-src data: blob:"
        ),
    }


def _live_key(plan: Plan, drawn: set[str]) -> str:
    """The key under the live map, as the pictures have it."""
    entries = [("out", "lead, outbound"), ("back", "lead, return")] if "back" in drawn else [("out", "lead")]
    if plan.role("tanker"):
        entries += [("tanker", "tankers"), ("refuel", "refuelling")]
    if plan.role("partner"):
        entries.append(("partner", "partners"))
    if plan.airspace:
        entries += [("closed", "closed airspace"), ("limit", "stand-off")]
    if plan.station is not None:
        entries.append(("station", "station"))
    return globe.key_picture(entries, "live-key")
