"""A plan under examination: the document, its tracks, the mission's limits, the types and the closures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from longreach.errors import Fault, InputError, LongreachError
from longreach.verify import limits as mission_limits
from longreach.verify import track as tracks
from longreach.verify.limits import Limits, Point
from longreach.verify.performance import Cruise, Model
from longreach.verify.track import Track
from longreach.verify.wind import Air, open_air
from longreach.world import aircraft as catalogue
from longreach.world import airspace, winds


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the checks look at. `tracks` in the document's order, by flight id."""

    document: dict[str, Any]
    limits: Limits
    tracks: dict[str, Track]
    models: dict[str, Model]
    closures: tuple[airspace.Closure, ...]
    cruises: dict[tuple[str, float | None, float | None], Cruise]
    air: Air

    def lead(self) -> Track | None:
        """The first flight of the mission, if the plan has it."""
        return self.tracks.get(self.limits.flights[0].id) if self.limits.flights else None

    def asked(self, track: Track) -> mission_limits.Flight | None:
        """What the mission asks of a lead or partner flight."""
        wanted = self.limits.flights if track.role == "lead" else self.limits.partners
        id = track.id
        if track.role == "lead" and "spare_of" in track.document:
            return self._spare(track)
        if track.role == "partner" and "partner" in track.document:
            id = track.document["partner"]  # one of the sorties of a partner that takes turns
            if not self.limits.relayed(id):
                return None
        return next((flight for flight in wanted if flight.id == id), None)

    def _spare(self, track: Track) -> mission_limits.Flight | None:
        """What the mission asks of air spares: the lead's way to the point where they turn back, then home."""
        of = next((f for f in self.limits.flights if f.id == track.document["spare_of"] and f.spares), None)
        if of is None or track.id != f"{of.id}-spare":
            return None
        until = of.via_names.index(of.spares_until) + 1 if of.spares_until in of.via_names else 0
        return replace(
            of, id=track.id, count=of.spares, destination=of.origin, via=of.via[:until],
            via_names=of.via_names[:until], spares=0,
        )  # fmt: skip

    def model(self, track: Track) -> Model:
        """The flight's type as its formation's thirstiest aircraft flies it, by the burn the plan states for it."""
        model = self.models[track.aircraft]
        of = self.tracks.get(track.document.get("spare_of", ""), track)
        asked = self.asked(of)
        stated = of.document.get("formation")
        if asked is None or asked.formation is None or not isinstance(stated, dict):
            return model
        factor = stated.get("burn_factor")
        if not isinstance(factor, int | float) or isinstance(factor, bool) or not 1.0 <= factor <= 2.0:
            return model
        return Model(replace(model.aircraft, planning_factor=model.aircraft.planning_factor * float(factor)))

    def sorties(self, partner: mission_limits.Flight) -> list[Track]:
        """The flights of the plan that a partner of the mission flies."""
        return [t for t in self.tracks.values() if t.role == "partner" and self.asked(t) is partner]

    def zero_fuel_mass(self, track: Track) -> float:
        """Operating empty mass and the mission's payload [kg]."""
        asked = self.asked(track)
        empty = self.models[track.aircraft].aircraft.operating_empty_mass_kg
        return empty + (asked.payload_kg if asked else 0.0)

    def destination(self, track: Track) -> Point | None:
        """Where the mission wants the flight to land; of a tanker its base."""
        if track.role == "tanker":
            return self.base(track)
        asked = self.asked(track)
        return asked.destination if asked else None

    def base(self, track: Track) -> Point | None:
        """The mission's base from which a tanker of that type leaves."""
        for pool in self.limits.tankers:
            if pool.base.code == track.document["origin"] and self.same_type(pool.aircraft, track.aircraft):
                return pool.base
        return None

    def same_type(self, asked: str, planned: str) -> bool:
        """Whether the mission's name of a type stands for the plan's."""
        if asked == planned:
            return True
        model = self.models.get(planned)
        if (
            model is not None and model.aircraft.file
        ):  # the user's own type: the plan says what it was read from
            own = model.aircraft
            return PurePath(asked).name == own.file or asked.lower() in {a.lower() for a in own.aliases}
        try:
            return catalogue.load(asked).code == planned
        except LongreachError:
            return False

    def cruise(self, track: Track) -> Cruise:
        """Still-air cruise of the flight's type at the mission's Mach number and ceiling."""
        asked = self.asked(track)
        limits = asked.mach if asked else None, asked.ceiling_m if asked else None
        model = self.model(track)
        key = (f"{track.aircraft} x {model.aircraft.planning_factor:g}", *limits)
        if key not in self.cruises:
            self.cruises[key] = model.cruise(model.aircraft.max_inflight_mass_kg, *limits)
        return self.cruises[key]


def open_case(
    document: dict[str, Any],
    folders: tuple[Path, ...] = (),
    pack: Path | None = None,
    *,
    in_wind: bool = True,
) -> Case:
    """Read a document whose shape has been checked.

    folders : where a wind pack named by the mission is looked for; pack : that pack, where it lies elsewhere
    in_wind : False leaves the wind unread, for those who only measure lines

    Raises: InputError for times off the calendar, an unreadable mission text, an aircraft or closure that
    cannot be read, or airspace data of another version than the installed pack; every fault at once.
    """
    faults: list[Fault] = []
    installed = airspace.pack_identity()
    stated = document["data"]["airspace"]
    for key in ("name", "version", "sha256"):
        if stated[key] != getattr(installed, key):
            faults.append(
                Fault(
                    f"the plan was made with {stated[key]!r}, installed is {getattr(installed, key)!r}",
                    key=f"data.airspace.{key}",
                    hint="install the Longreach that made the plan, or plan the mission again",
                )
            )
    faults.extend(_moments(document, ""))
    models: dict[str, Model] = {}
    for code, entry in document["data"]["aircraft"].items():
        try:
            model = Model(catalogue.from_document(entry))
            model.aircraft.require_model()
            models[code] = model
        except InputError as error:
            faults.extend(
                Fault(fault.what, key=f"data.aircraft.{code}.{fault.key or ''}".rstrip("."))
                for fault in error.faults
            )
        except LongreachError:
            pass  # a type without a model may be listed; a flight of it is a fault below
    for index, flight in enumerate(document["flights"]):
        if flight["aircraft"] not in models and not any(
            (fault.key or "").startswith(f"data.aircraft.{flight['aircraft']}") for fault in faults
        ):
            faults.append(
                Fault(
                    f"data.aircraft holds no fuel model of {flight['aircraft']!r}",
                    key=f"flights.{index}.aircraft",
                )
            )
    ids = [flight["id"] for flight in document["flights"]]
    for index, id in enumerate(ids):
        if id in ids[:index]:
            faults.append(Fault(f"{id!r} is the id of two flights", key=f"flights.{index}.id"))
    limits = closures = air = None
    try:
        limits = mission_limits.read(document["mission"]["text"])
        air = (
            open_air(limits, document["data"]["winds"], folders, pack) if in_wind else Air(winds.still(), 0.0)
        )
        closures = _closures(document, limits)
    except InputError as error:
        faults.extend(error.faults)
    if faults or limits is None or closures is None or air is None:
        raise InputError(faults)
    limits = replace(limits, flights=_paced(limits, document, models))
    read = {flight["id"]: _with_air(tracks.read(flight), air) for flight in document["flights"]}
    return Case(document, limits, read, models, closures, {}, air)


def _paced(
    limits: Limits, document: dict[str, Any], models: dict[str, Model]
) -> tuple[mission_limits.Flight, ...]:
    """The flights asked for, those of a cell at the long-range Mach of its slowest type where none is stated."""
    flown = {flight["id"]: flight["aircraft"] for flight in document["flights"]}
    result = []
    for flight in limits.flights:
        cell = flight.cell_of or flight.id
        types = [flown.get(each.id) for each in limits.flights if cell in (each.id, each.cell_of)]
        machs = [models[code].aircraft.cruise_mach for code in types if code in models]
        slow = flight.mach is None and len(types) > 1 and machs
        result.append(replace(flight, mach=min(machs)) if slow else flight)
    return tuple(result)


def _with_air(track: Track, air: Air) -> Track:
    """The track with the temperature it meets; where the field has none, the standard's."""
    if not air.field.has_temperature:
        return track
    _, _, deviation = air.at(track.lat, track.lon, track.altitude_m, track.time_s)
    return replace(track, deviation_k=np.nan_to_num(deviation))


def _closures(document: dict[str, Any], limits: Limits) -> tuple[airspace.Closure, ...]:
    """The mission's closed States and the plan's user closures, with the mission's stand-off."""
    national: tuple[airspace.Closure, ...] = ()
    if limits.closed:
        national = tuple(
            airspace.closures(
                limits.closed, belt=limits.belt, atlas=limits.atlas,
                territorial_sea_m=limits.territorial_sea_m, stand_off_m=limits.stand_off_m,
            )
        )  # fmt: skip
    own: tuple[airspace.Closure, ...] = ()
    if document["closures"]["features"]:
        from longreach.world.closures import parse_closures

        own = tuple(parse_closures(document["closures"], stand_off_m=limits.stand_off_m).closures)
    return national + own


def _moments(value: Any, path: str) -> list[Fault]:
    """Times that have the right shape but name no moment ("2020-02-31T00:00:00Z")."""
    faults: list[Fault] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            if path == "" and key not in (
                "flights",
                "station",
                "refuellings",
                "joins",
                "overflight",
                "airspace",
            ):
                continue
            where = f"{path}.{key}" if path else key
            if key.endswith("_utc") and isinstance(inner, str):
                try:
                    tracks.seconds(inner)
                except ValueError as error:
                    faults.append(Fault(f"{inner!r} is no moment: {error}", key=where))
            elif key == "rows":
                for index, row in enumerate(inner):
                    try:
                        tracks.seconds(row[0])
                    except ValueError as error:
                        faults.append(Fault(f"{row[0]!r} is no moment: {error}", key=f"{where}.{index}"))
            elif isinstance(inner, dict | list):
                faults.extend(_moments(inner, where))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            faults.extend(_moments(inner, f"{path}.{index}"))
    return faults
