"""One aircraft type: its figures as the source gives them, and the same in SI.

A file's figures carry their unit in their name (`operating_empty_mass_lb`); they turn into SI here,
once. The same dictionary goes into a plan (`Aircraft.document()`) and is read back from it
(`from_document`), so that a plan is checked with the parameters it was made with.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from longreach.errors import Fault, FuelError, InputError
from longreach.locate import KeyPath, line_of
from longreach.units import FOOT, KNOT, NAUTICAL_MILE, POUND

SCHEMA = "longreach.aircraft/1"
TRUST = ("found", "memory", "computed", "assumed")
KINDS = ("polar", "hourly", "none")
KEYS = ("schema", "code", "name", "kind", "judged", "reason", "aliases", "roles", "engines", "receives", "gives",
        "band_reason", "factor_reason", "figures", "calibration")  # fmt: skip
_POUND_FORCE = 4.4482216152605  # N, exact

# Unit suffixes of figure names, longest first, and their factor to SI.
_UNITS = {
    "_lb_per_lbf_h": POUND / (_POUND_FORCE * 3600.0), "_g_per_kn_s": 1e-6,
    "_kg_per_min": 1.0 / 60.0, "_lb_per_min": POUND / 60.0, "_kg_per_h": 1.0 / 3600.0,
    "_lb_per_h": POUND / 3600.0,
    "_ft2": FOOT**2, "_m2": 1.0, "_lbf": _POUND_FORCE, "_kn": 1000.0, "_lb": POUND, "_kg": 1.0, "_ft": FOOT,
    "_m": 1.0, "_nm": NAUTICAL_MILE, "_kt": KNOT, "_pct": 1.0, "_h": 3600.0,
}  # fmt: skip

# Figure (without unit) -> lowest and highest value believed, SI.
_RANGES: dict[str, tuple[float, float]] = {
    "operating_empty_mass": (1e3, 4e5),
    "max_takeoff_mass": (2e3, 7e5),
    "max_inflight_mass": (2e3, 7e5),
    "max_zero_fuel_mass": (1e3, 6e5),
    "max_fuel": (5e2, 3e5),
    "wing_area": (10.0, 1000.0),
    "span": (5.0, 100.0),
    "oswald": (0.3, 1.0),
    "drag_zero_lift": (0.005, 0.08),
    "mach_drag_divergence": (0.5, 1.2),
    "lift_limit": (0.3, 1.5),
    "tsfc_ref": (5e-6, 6e-5),
    "tsfc_mach_exponent": (0.0, 1.2),
    "thrust_sea_level": (1e3, 2e6),
    "thrust_lapse": (0.0, 0.9),
    "cruise_mach": (0.3, 0.99),
    "ceiling": (3000.0, 20000.0),
    "climb_cas": (70.0, 250.0),
    "cruise_burn": (0.01, 10.0),
    "climb_burn": (0.01, 20.0),
    "hold_burn": (0.01, 10.0),
    "cruise_level": (1500.0, 18000.0),
    "transfer_rate": (0.5, 200.0),
    "drogue_rate": (0.5, 100.0),
    "receive_rate": (0.5, 200.0),
    "refuel_mach": (0.3, 0.9),
    "refuel_level_low": (1500.0, 15000.0),
    "refuel_level_high": (1500.0, 15000.0),
    "planning_factor": (1.0, 1.5),
    "band_pct": (0.5, 60.0),
}
_COMMON = ("operating_empty_mass", "max_takeoff_mass", "max_inflight_mass", "max_fuel", "cruise_mach",
           "ceiling", "planning_factor", "band_pct")  # fmt: skip
_NEEDED = {
    "polar": (*_COMMON, "wing_area", "span", "oswald", "drag_zero_lift", "mach_drag_divergence", "lift_limit",
              "tsfc_ref", "tsfc_mach_exponent", "thrust_sea_level", "thrust_lapse", "climb_cas"),
    "hourly": (*_COMMON, "cruise_burn", "climb_burn", "hold_burn", "cruise_level"),
    "none": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the catalogue as its source gives it, and where it comes from.

    `value` is in the unit that `name` ends with; `si` is the same in SI. `trust` is "found" (read in
    the public source named), "memory" (recalled, not checked against a document), "computed" or "assumed".
    """

    name: str
    value: float
    si: float
    trust: str
    source: str


@dataclass(frozen=True, slots=True)
class Refuelling:
    """Air-refuelling gear. `receives` is "boom", "probe" or None; `gives` any of "boom", "drogue".

    A boom tanker serves boom receivers, a drogue tanker probe receivers; the two do not mix. Rates are per
    receiver [kg/s], levels pressure altitude [m], Mach while in contact. `transfer_rate` is that of the boom, or of
    the only gear there is; `drogue_rate` that of the hose where a tanker has both.
    """

    receives: str | None
    gives: tuple[str, ...]
    transfer_rate: float | None
    receive_rate: float | None
    mach: float | None
    level_low_m: float | None
    level_high_m: float | None
    drogue_rate: float | None = None

    def rate_to(self, receiver: Refuelling) -> float | None:
        """Fuel [kg/s] that this gear gives to `receiver`: by hose or boom, no more than it takes; None if not known."""
        hose = receiver.receives == "probe" and self.drogue_rate is not None
        give = self.drogue_rate if hose else self.transfer_rate
        if give is None:
            return None
        return give if receiver.receive_rate is None else min(give, receiver.receive_rate)

    def can_refuel(self, receiver: Refuelling) -> bool:
        """True where this gear can fill `receiver`: boom to boom, drogue to probe."""
        wanted = {"boom": "boom", "probe": "drogue"}.get(receiver.receives or "")
        return wanted is not None and wanted in self.gives


@dataclass(frozen=True, slots=True)
class Aircraft:
    """One type in SI. `kind` is "polar" (full model), "hourly" (burn per hour) or "none" (not judged).

    Masses kg; `drag_zero_lift` CD0, `induced` k in CD = CD0 + k CL^2; `tsfc_ref` kg/(N s) at 35,000 ft ISA
    and the cruise Mach; `thrust_sea_level` N, all engines, static; `thrust_lapse` a in
    delta_0 (1 - a sqrt M); burns kg/s; levels m. `planning_factor` multiplies every fuel flow;
    `band_pct` is the 95 % half-width of the burn [%]. Fields a kind does not use are None. `file` is the name
    of the user's own file and `file_sha256` its hash, both "" for a type that comes with Longreach.
    `level_load` is no figure of the type: it takes the levels and the rates of climb of an aircraft so many times as
    heavy, for the sake of others that are to keep beside it.
    """

    code: str
    name: str
    kind: str
    judged: bool
    reason: str
    aliases: tuple[str, ...]
    roles: tuple[str, ...]
    engines: str
    operating_empty_mass_kg: float
    max_takeoff_mass_kg: float
    max_inflight_mass_kg: float
    max_zero_fuel_mass_kg: float | None
    max_fuel_kg: float
    wing_area_m2: float | None
    span_m: float | None
    oswald: float | None
    drag_zero_lift: float | None
    mach_drag_divergence: float | None
    lift_limit: float | None
    tsfc_ref: float | None
    tsfc_mach_exponent: float | None
    thrust_sea_level: float | None
    thrust_lapse: float | None
    climb_cas_mps: float | None
    cruise_burn: float | None
    climb_burn: float | None
    hold_burn: float | None
    cruise_level_m: float | None
    cruise_mach: float
    ceiling_m: float
    refuelling: Refuelling
    planning_factor: float
    band_pct: float
    band_reason: str
    factor_reason: str
    calibration: tuple[dict[str, Any], ...]
    figures: tuple[Figure, ...]
    file: str = ""
    file_sha256: str = ""
    level_load: float = 1.0

    @property
    def induced(self) -> float:
        """k of the drag polar, 1/(pi e b^2/S)."""
        from math import pi

        if self.oswald is None or self.span_m is None or self.wing_area_m2 is None:
            raise FuelError(f"{self.code} has no drag polar (kind {self.kind!r})")
        return 1.0 / (pi * self.oswald * self.span_m**2 / self.wing_area_m2)

    def figure(self, name: str) -> Figure:
        """The catalogue figure whose name without its unit is `name`; KeyError where there is none."""
        for figure in self.figures:
            if _split(figure.name)[0] == name:
                return figure
        raise KeyError(name)

    def require_model(self) -> None:
        """Raises FuelError "not judged: no data" where the type carries no trustworthy fuel model."""
        if not self.judged:
            raise FuelError(f"{self.code}: not judged: no data ({self.reason})")

    def document(self) -> dict[str, Any]:
        """Parameters and sources as the JSON-ready dictionary of plan.json's data.aircraft."""
        document: dict[str, Any] = {
            "code": self.code,
            "name": self.name,
            "kind": self.kind,
            "judged": self.judged,
            "reason": self.reason,
            "aliases": list(self.aliases),
            "roles": list(self.roles),
            "engines": self.engines,
            "receives": self.refuelling.receives or "",
            "gives": list(self.refuelling.gives),
            "band_reason": self.band_reason,
            "factor_reason": self.factor_reason,
            "figures": {
                f.name: {"value": f.value, "trust": f.trust, "source": f.source} for f in self.figures
            },
            "calibration": [dict(row) for row in self.calibration],
        }
        if self.file:
            document |= {"file": self.file, "file_sha256": self.file_sha256}
        return document


def _split(name: str) -> tuple[str, float]:
    """Figure name without its unit, and the unit's factor to SI ("span_ft" -> "span", 0.3048)."""
    if name in _RANGES:
        return name, 1.0
    for suffix, factor in _UNITS.items():
        if name.endswith(suffix) and name.removesuffix(suffix) in _RANGES:
            return name.removesuffix(suffix), factor
    raise KeyError(name)


# The units a figure may be written in, by the last word of its name.
_DIMENSIONS = {
    "mass": ("_kg", "_lb"), "fuel": ("_kg", "_lb"), "area": ("_m2", "_ft2"), "span": ("_m", "_ft"),
    "ref": ("_g_per_kn_s", "_lb_per_lbf_h"), "level": ("_kn", "_lbf"), "ceiling": ("_ft", "_m"), "cas": ("_kt",),
    "burn": ("_kg_per_h", "_lb_per_h"), "rate": ("_kg_per_min", "_lb_per_min"),
}  # fmt: skip


def _units_of(base: str) -> tuple[str, ...]:
    if base in ("cruise_level", "refuel_level_low", "refuel_level_high"):
        return ("_ft", "_m")
    return _DIMENSIONS.get(base.rsplit("_", 1)[-1], ())


def _is_of(key: str | None, base: str) -> bool:
    """Whether a fault's key is that of the figure `base`, in whichever unit."""
    return key is not None and key.startswith(f"figures.{base}")


def from_document(
    document: Mapping[str, Any], *, file: str | None = None, lines: Mapping[KeyPath, int] | None = None
) -> Aircraft:
    """The aircraft of a catalogue file or of a plan's data.aircraft entry.

    file, lines : where the document comes from, for messages: the path, and the line of each key

    Raises: InputError with every fault: unknown or missing figures, values out of range, wrong types.
    """
    faults: list[Fault] = []

    def fault(key: str, what: str, hint: str | None = None) -> None:
        line = None if lines is None else line_of(lines, tuple(key.split("."))) or 1
        faults.append(Fault(what, file=file, line=line, key=key, hint=hint))

    def text(key: str, default: str | None = None) -> str:
        value = document.get(key, default)
        if not isinstance(value, str):
            fault(key, "is missing" if value is None else f"must be text, not {value!r}")
            return ""
        return value

    def texts(key: str) -> tuple[str, ...]:
        value = document.get(key, [])
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            fault(key, f"must be a list of texts, not {value!r}")
            return ()
        return tuple(value)

    kind = text("kind")
    if kind not in KINDS:
        fault("kind", f"{kind!r} is not one of {', '.join(KINDS)}")
    judged = document.get("judged")
    if not isinstance(judged, bool):
        fault("judged", f"must be true or false, not {judged!r}")
        judged = False
    if judged and kind == "none":
        fault("judged", "a type of kind 'none' has no model, so cannot be judged")
    receives = text("receives", "")
    if receives not in ("", "boom", "probe"):
        fault("receives", f"{receives!r} is not 'boom', 'probe' or ''")
    gives = texts("gives")
    if not set(gives) <= {"boom", "drogue"}:
        fault("gives", f"{list(gives)!r} may hold only 'boom' and 'drogue'")

    figures: list[Figure] = []
    si: dict[str, float] = {}
    entries = document.get("figures", {})
    if not isinstance(entries, Mapping):
        fault("figures", "must be a table")
        entries = {}
    for name, entry in entries.items():
        key = f"figures.{name}"
        try:
            base, factor = _split(name)
        except KeyError:
            close = difflib.get_close_matches(name, _RANGES, 1)
            fault(key, "is not a figure this version knows", f"did you mean {close[0]}?" if close else None)
            continue
        if not isinstance(entry, Mapping):
            example = f'write {name} = {{ value = {entry}, trust = "found", source = "…" }}'
            fault(key, "must be a table with value, trust and source", example)
            continue
        value = entry.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            fault(key, f"value must be a number, not {value!r}", "write value = 185.0, without quotes")
            continue
        trust, source = entry.get("trust"), entry.get("source")
        if trust not in TRUST:
            fault(key, f"trust {trust!r} is not one of {', '.join(TRUST)}")
        if not isinstance(source, str) or not source:
            fault(key, "has no source", "say where it was read, or that it is recalled or assumed")
        low, high = _RANGES[base]
        if not low <= value * factor <= high:
            fault(key, f"{value:g} is out of range: {value * factor:g} in SI, believed {low:g} to {high:g}")
        if base in si:
            fault(key, f"{base} is given twice, in two units")
        si[base] = value * factor
        figures.append(Figure(name, float(value), value * factor, str(trust), str(source)))
    for base in _NEEDED.get(kind, ()):
        if base not in si and not any(_is_of(fault.key, base) for fault in faults):
            units = ", ".join(f"{base}{unit}" for unit in _units_of(base)) or base
            fault("figures", f"{base} is missing; a type of kind {kind!r} needs it", f"write it as {units}")
    if not faults and kind != "none":
        empty, takeoff, inflight = (
            si[f"{k}_mass"] for k in ("operating_empty", "max_takeoff", "max_inflight")
        )
        if not empty < takeoff <= inflight + 1e-6:
            fault("figures", "masses must rise: operating empty < maximum take-off <= maximum in flight")
    calibration = document.get("calibration", [])
    if not isinstance(calibration, list) or not all(isinstance(row, Mapping) for row in calibration):
        fault("calibration", "must be a list of tables")
        calibration = []
    reason = text("reason", "")
    if not judged and not reason:
        fault("reason", "is missing: say why the type is not judged")
    code, name = text("code"), text("name")
    if faults:
        raise InputError(faults)

    def get(base: str) -> float:
        return si.get(base, float("nan"))

    return Aircraft(
        code=code,
        name=name,
        kind=kind,
        judged=judged,
        reason=reason,
        aliases=texts("aliases"),
        roles=texts("roles"),
        engines=text("engines", ""),
        operating_empty_mass_kg=get("operating_empty_mass"),
        max_takeoff_mass_kg=get("max_takeoff_mass"),
        max_inflight_mass_kg=get("max_inflight_mass"),
        max_zero_fuel_mass_kg=si.get("max_zero_fuel_mass"),
        max_fuel_kg=get("max_fuel"),
        wing_area_m2=si.get("wing_area"),
        span_m=si.get("span"),
        oswald=si.get("oswald"),
        drag_zero_lift=si.get("drag_zero_lift"),
        mach_drag_divergence=si.get("mach_drag_divergence"),
        lift_limit=si.get("lift_limit"),
        tsfc_ref=si.get("tsfc_ref"),
        tsfc_mach_exponent=si.get("tsfc_mach_exponent"),
        thrust_sea_level=si.get("thrust_sea_level"),
        thrust_lapse=si.get("thrust_lapse"),
        climb_cas_mps=si.get("climb_cas"),
        cruise_burn=si.get("cruise_burn"),
        climb_burn=si.get("climb_burn"),
        hold_burn=si.get("hold_burn"),
        cruise_level_m=si.get("cruise_level"),
        cruise_mach=get("cruise_mach"),
        ceiling_m=get("ceiling"),
        refuelling=Refuelling(
            receives=receives or None,
            gives=gives,
            transfer_rate=si.get("transfer_rate"),
            receive_rate=si.get("receive_rate"),
            mach=si.get("refuel_mach"),
            level_low_m=si.get("refuel_level_low"),
            level_high_m=si.get("refuel_level_high"),
            drogue_rate=si.get("drogue_rate"),
        ),
        planning_factor=get("planning_factor"),
        band_pct=get("band_pct"),
        band_reason=text("band_reason", ""),
        factor_reason=text("factor_reason", ""),
        calibration=tuple({str(k): v for k, v in row.items()} for row in calibration),
        figures=tuple(figures),
        file=text("file", ""),
        file_sha256=text("file_sha256", ""),
    )
