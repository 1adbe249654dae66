"""Longreach from Python and notebooks: a mission loaded, planned, looked at, kept.

>>> import longreach
>>> longreach.load("examples/hel-nrt-2022.toml").name
'Helsinki to Tokyo round closed Russia'

Everything returned is frozen. A plan is its document, byte for byte what `longreach plan` writes.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longreach.errors import Fault, InputError, MissingExtra

if TYPE_CHECKING:
    from longreach.mission.model import Mission
    from longreach.route import Route


def load(source: str | Path) -> LoadedMission:
    """The mission in a file, or in a text that holds a mission (a text has line breaks, a path none).

    Raises: InputError with every fault of it, each with file, line, limit and a way out.
    """
    from longreach import mission

    if isinstance(source, str) and "\n" in source:
        return LoadedMission(mission.parse(source))
    return LoadedMission(mission.load(source))


def open_plan(path: str | Path) -> Plan:
    """The plan in `plan.json`, or in the folder that holds it. It is read, not verified: see `Plan.verify`.

    Raises: InputError where it cannot be read or is no plan.
    """
    from longreach.document import read_plan, to_bytes

    return Plan(to_bytes(read_plan(Path(path))))


def shortest_route(
    origin: str, destination: str, *, closed: Iterable[str] = (), stand_off: str = "0 nm"
) -> Route:
    """The shortest lawful route between two places ("HEL", "KBAD", "32.5,-93.7"), with its lower bound.

    closed : codes of closed States (alpha-2, alpha-3, numeric), or ["ALL"]
    stand_off : a length with its unit, kept from everything closed
    Raises: InputError for a place or State that is none, UnitError for a length without a unit.

    >>> import longreach
    >>> route = longreach.shortest_route("HEL", "NRT", closed=["RU"])
    >>> round(route.length_m / 1852), route.gap_ppm < 200
    (5772, True)
    """
    from longreach import route
    from longreach.units import parse_length
    from longreach.world import airports, airspace

    ends = [airports.find(place) for place in (origin, destination)]
    codes = list(closed)
    found = airspace.closures(codes, stand_off_m=parse_length(stand_off)) if codes else ()
    prepared = route.prepare(found)
    return route.shortest(prepared, *((end.lat, end.lon) for end in ends))


@dataclass(frozen=True, slots=True)
class LoadedMission:
    """A mission file, checked. `mission` holds its values in SI, with every default named."""

    mission: Mission

    @property
    def name(self) -> str:
        return self.mission.name

    def plan(self, progress: Callable[[str], None] | None = None) -> Plan:
        """Solve and verify it. An infeasible mission gives a plan too: it says what is short and what cures it."""
        from longreach.document import to_bytes
        from longreach.plan import plan

        return Plan(to_bytes(plan(self.mission, progress=progress) if progress else plan(self.mission)))

    def __repr__(self) -> str:
        return f"<mission {self.name!r}, {len(self.mission.flights)} flights>"


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan document. `data` are its bytes; `document` is a copy to read or to change as you like."""

    data: bytes

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.data)

    @property
    def sha256(self) -> str:
        from longreach.document import sha256

        return sha256(self.data)

    @property
    def feasible(self) -> bool:
        return self.document["status"] == "feasible"

    def explain(self, width: int = 100) -> str:
        """The plan in a screenful of text, what `longreach plan` prints."""
        from longreach import brief

        return brief.summary(self.document, width)

    def verify(self, winds_pack: str | Path | None = None) -> Any:
        """The plan checked by code that did not make it: a report with `ok`, `checks` and `residuals`.

        winds_pack : the wind pack of a mission with winds from a file; its name in the mission's own words is
            tried in the working folder where this is None
        """
        from longreach.verify import verify

        pack = None if winds_pack is None else Path(winds_pack)
        return verify(self.document, folders=(Path(),), winds_pack=pack)

    def to_frame(self, flight: str | None = None) -> Any:
        """The rows of every flight, or of one, as a pandas DataFrame; `time_utc` is a UTC time.

        Needs pandas (extra `tables`). Columns and units are those of the plan document.
        Raises: MissingExtra, InputError where there is no such flight.
        """
        try:
            import pandas as pd
        except ModuleNotFoundError as error:
            raise MissingExtra("to_frame needs pandas: pip install 'longreach[tables]'") from error
        flights = self.document["flights"]
        ids = [each["id"] for each in flights]
        if flight is not None and flight not in ids:
            raise InputError(
                Fault(f"the plan has no flight {flight!r}", hint=f"it has {', '.join(ids) or 'none'}")
            )
        frames = []
        for each in flights:
            if flight in (None, each["id"]):
                frame = pd.DataFrame(each["track"]["rows"], columns=each["track"]["columns"])
                frame.insert(0, "flight", each["id"])
                frames.append(frame)
        if not frames:
            return pd.DataFrame(columns=["flight", "time_utc", "lat", "lon"])
        whole = pd.concat(frames, ignore_index=True)
        whole["time_utc"] = pd.to_datetime(whole["time_utc"], utc=True)
        return whole

    def export(self, formats: Sequence[str]) -> Any:
        """Files in other programs' formats with what each could not hold; see `longreach.export`."""
        from longreach import export

        return export.export(self.document, formats)

    def save(self, folder: str | Path, *, brief: bool = True) -> Path:
        """Write plan.json, and brief.html unless `brief` is False, each whole or not at all; gives the folder."""
        from longreach import brief as briefs
        from longreach.document import write_atomically

        target = Path(folder)
        write_atomically(target / "plan.json", self.data)
        if brief:
            write_atomically(target / "brief.html", briefs.render(self.document).encode())
        return target

    def __repr__(self) -> str:
        from longreach.brief import reading, story

        plan = reading.read(self.document)
        return f"<plan {plan.name!r}: {story.headline(plan)}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the globe as SVG and the key figures. No script, so it survives export."""
        from longreach import brief
        from longreach.brief import reading, story

        plan = reading.read(self.document)
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(figure.label)}</th><td style='text-align:left'>"
            f"{html.escape(figure.value)}</td><td style='text-align:left'>{html.escape(figure.note)}</td></tr>"
            for figure in story.key_figures(plan)
        )
        return (
            f"<div><p><strong>{html.escape(plan.name)}</strong><br>{html.escape(story.headline(plan))}</p>"
            f"<div style='max-width:560px'>{brief.picture(self.document, 560.0)}</div>"
            f"<table>{rows}</table>"
            "<p><small>For analysis, exercise and education. Not for navigation.</small></p></div>"
        )
