"""Fit the zero-lift drag of every polar type to its calibration flight, and test what was not fitted.

    python studies/fit_aircraft.py            # fit, print, write studies/fit_aircraft.csv
    python studies/fit_aircraft.py --write    # also put the fitted values and residuals into the catalogue

One flight fixes only the product of drag and fuel consumption. The consumption of the engine class is
taken as given, the drag fitted to five decimals, and the error band put on the product. All fits fly the
whole flight (climb, steps, descent) in still air with a planning factor of 1.00. The sources are in
tests/authorities/.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from longreach.fuel.calibrate import Flight, line, reckoned, still_air, still_air_hours
from longreach.fuel.payload_range import Reserves, reach
from longreach.fuel.performance import fuel_flow
from longreach.fuel.profile import Segment, fly
from longreach.units import FOOT, HOUR, NAUTICAL_MILE, POUND, STATUTE_MILE
from longreach.world import aircraft as catalogue
from longreach.world.aircraft import Aircraft

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = Reserves(0.05, 1800.0, 200.0 * NAUTICAL_MILE)  # usual with a published range


def offload(
    aircraft: Aircraft,
    fuel_lb: float,
    radius_nm: float,
    left_lb: float,
    factor: float,
    station_h: float = 0.0,
) -> float:
    """Fuel [lb] a tanker can give at a radius and land with `left_lb`, starting with `fuel_lb`.

    The fuel flows over the last 100 nm outbound at the cruising level, or while it circles for `station_h`.
    """
    radius = radius_nm * NAUTICAL_MILE
    takeoff = aircraft.operating_empty_mass_kg + fuel_lb * POUND

    def left(give_lb: float) -> float:
        give = give_lb * POUND
        if station_h:
            out = Segment(*line(radius), altitude_m=None)
            hold = Segment([out.lat[-1]], [out.lon[-1]], "hold", fuel_taken_kg=-give, hold_s=station_h * HOUR)
        else:
            out = Segment(*line(radius - 100 * NAUTICAL_MILE))
            lat, lon = line(100 * NAUTICAL_MILE, radius - 100 * NAUTICAL_MILE)
            hold = Segment(lat, lon, fuel_taken_kg=-give)
        home_lat, home_lon = line(radius)
        home = Segment(np.append(hold.lat[-1], home_lat[-2::-1]), np.append(hold.lon[-1], home_lon[-2::-1]))
        profile = fly(aircraft, [out, hold, home], takeoff, factor=factor)
        if profile.failure is not None and profile.failure.code != "fuel":
            raise ValueError(str(profile.failure))
        return (profile.landing_kg - aircraft.operating_empty_mass_kg) / POUND - left_lb

    # What is left falls almost in step with what is given: a secant converges in a few flights.
    a, b = 0.0, 0.5 * fuel_lb
    fa, fb = left(a), left(b)
    for _ in range(20):
        a, fa, b = b, fb, b - fb * (b - a) / (fb - fa)
        fb = left(b)
        if abs(fb) < 1.0:
            break
    return b


@dataclass(frozen=True)
class Fit:
    """One calibration flight: what is flown, and which fuel it must take."""

    code: str
    what: str
    source: str
    takeoff_kg: float
    burn_kg: float
    distance_m: float | None = None
    hours: float | None = None
    payload_kg: float = 0.0
    factor: float = 1.0

    @property
    def published(self) -> float:
        return self.burn_kg

    @property
    def unit(self) -> str:
        return "kg"

    def model(self, aircraft: Aircraft) -> float:
        """The burn [kg] of the model."""
        if self.hours is not None:
            flight = Flight(self.what, self.takeoff_kg, self.burn_kg, time_s=self.hours * HOUR)
            return reckoned(aircraft, flight, self.factor).burn_kg
        assert self.distance_m is not None
        return still_air(aircraft, self.takeoff_kg, self.distance_m, self.payload_kg).burn_kg


@dataclass(frozen=True)
class Reach:
    """A published range with a known payload: 5 % of the trip, 30 min of holding and 200 nm are to be left."""

    code: str
    what: str
    source: str
    published: float  # nm
    payload_kg: float
    takeoff_lb: float | None = None  # where it is not the type's greatest
    unit: str = "nm"

    def model(self, aircraft: Aircraft) -> float:
        """The range [nm] of the model, planning factor 1.00."""
        if self.takeoff_lb is not None:
            aircraft = replace(aircraft, max_takeoff_mass_kg=self.takeoff_lb * POUND)
        return reach(aircraft, self.payload_kg, PUBLISHED, 1.0) / NAUTICAL_MILE


@dataclass(frozen=True)
class Slope:
    """What a tanker gives less at a far radius than at a near one [kg]: what is left in the tanks cancels."""

    code: str
    what: str
    source: str
    published: float  # kg
    fuel_lb: float
    near_nm: float
    far_nm: float
    unit: str = "kg"

    def model(self, aircraft: Aircraft) -> float:
        """The difference [kg] of the model, planning factor 1.00."""
        near, far = (offload(aircraft, self.fuel_lb, nm, 18000.0, 1.0) for nm in (self.near_nm, self.far_nm))
        return (near - far) * POUND


def _range(
    code: str,
    what: str,
    source: str,
    takeoff_lb: float,
    nm: float,
    empty_lb: float,
    payload_lb: float,
    left_lb: float,
) -> Fit:
    return Fit(
        code,
        what,
        source,
        takeoff_lb * POUND,
        (takeoff_lb - empty_lb - payload_lb - left_lb) * POUND,
        distance_m=nm * NAUTICAL_MILE,
        payload_kg=payload_lb * POUND,
    )


FITS = (
    _range("B-52H", "record of January 1962, Kadena to Torrejon: 9,950 nm of air from 488,000 lb, "
           "10,000 lb left",
           "tests/authorities/b52h_record_1962.txt", 488000, 9950, 185000, 0, 10000),
    _range("B-52G", "6,900 nm from 488,000 lb with 30,000 lb of payload, 10,000 lb left "
           "(all recalled or assumed)",
           "recalled from general references", 488000, 6900, 171500, 30000, 10000),
    _range("B-2A", "6,000 nm from 336,500 lb with 37,000 lb of payload, 5,000 lb left (recalled or assumed)",
           "recalled from general references", 336500, 6000, 160000, 37000, 5000),
    _range("B-1B", "6,478 nm from 477,000 lb with 42,500 lb of payload, 15,000 lb left (recalled or assumed)",
           "recalled from general references", 477000, 6478, 190000, 42500, 15000),
    _range("C-17A", "ferry 6,230 nm without payload from 518,000 lb (full tanks), 15,000 lb left",
           "tests/authorities/c17a.txt", 518000, 6230, 277000, 0, 15000),
    _range("KC-135R", "ferry 9,572 nm (11,015 statute miles) from 322,500 lb, 10,000 lb left",
           "tests/authorities/kc135r_museum.txt", 322500, 9572, 119231, 0, 10000),
    _range("KC-10A", "ferry 9,993 nm (11,500 statute miles) from 590,000 lb, 10,000 lb left",
           "tests/authorities/kc10a.txt", 590000, 9993, 241000, 0, 10000),
    _range("A330 MRTT", "range 7,991 nm (14,800 km) from 233 t, 11,000 lb left",
           "tests/authorities/a330_mrtt.txt", 513677, 7991, 276000, 0, 11000),
    _range("P-8A", "ferry 4,500 nm from 189,170 lb, 3,000 lb left (recalled)",
           "recalled from general references", 189170, 4500, 116000, 0, 3000),
    _range("B-52D", "8,338 statute miles from 447,800 lb (full tanks), empty, 10,000 lb left (masses recalled)",
           "tests/authorities/b52d.txt", 447800, 7245.5, 177800, 0, 10000),
    _range("Victor K.2", "2,300 statute miles out and home from 223,000 lb with 10,000 lb of payload, 10,000 lb left",
           "tests/authorities/victor.txt", 223000, 3997.3, 114240, 10000, 10000),
    Fit("Vulcan B.2", "endurance of 34 t of fuel, six and a half to seven hours, without bombs, factor 1.10",
        "tests/authorities/vulcan.txt", 71920.0, 34000.0, hours=6.75, factor=1.10),
    Reach("A350-900", "15,000 km (8,099 nm) from 280 t with 325 passengers of 100 kg",
          "tests/authorities/airbus_a350.txt", 8099.4, 32500.0),
    Fit("747SP", "Paine Field to Cape Town, March 1976: 139.2 t over 8,940 nm from 311 t (14 t left: recalled)",
        "tests/authorities/boeing_747sp.txt", 311000.0, 139200.0, distance_m=8940 * NAUTICAL_MILE, payload_kg=5000.0),
    Slope("Il-78M", "74 t offloaded at 1,000 km less 40 t at 3,000 km",
          "tests/authorities/il78m.txt", 34000.0, 112000.0 / POUND, 539.96, 1619.87),
    Fit("777-200LR", "Hong Kong to London eastbound, November 2005: 151.1 t in 22 h 42 min from 311.3 t",
        "tests/authorities/boeing_777_200lr_2005.txt", 311300.0, 151100.0, hours=22.7, payload_kg=3500.0),
    Fit("GlobalFlyer", "6,110 kg in the first 50 hours from 9,563 kg, February 2006",
        "tests/authorities/globalflyer.txt", 9563.0, 6110.0, hours=50.0),
    Fit("787-9", "QF7879 New York to Sydney, October 2019: 95 t in 19 h 16 min from 233 t",
        "tests/authorities/qantas_787_2019.txt", 233000.0, 95000.0, hours=19 + 16 / 60, payload_kg=3600.0),
    Fit("747-400", "VH-OJA London to Sydney, August 1989: 177.9 t in 20 h 9 min from 362.5 t",
        "tests/authorities/qantas_747_1989.txt", 362450.0, 177900.0, hours=20.15),
)  # fmt: skip


# Types that take the drag of another whose airframe they share.
SHARED = {"B-52B": "B-52D", "KC-135A": "KC-135R"}


def fit(case: Fit | Reach | Slope) -> tuple[float, float]:
    """(zero-lift drag to five decimals, model over published - 1 with that value)."""
    from scipy.optimize import newton

    aircraft = catalogue.load(case.code)

    def miss(drag: float) -> float:
        return case.model(replace(aircraft, drag_zero_lift=drag)) / case.published - 1.0

    start = aircraft.drag_zero_lift
    assert start is not None
    drag = round(float(newton(miss, start, x1=1.02 * start, tol=1e-7)), 5)
    return drag, miss(drag)


@dataclass(frozen=True)
class Check:
    """A published figure no fit used: the model's figure beside it, and the difference allowed."""

    code: str
    what: str
    source: str
    published: float
    model: float
    allowed: float
    unit: str
    why: str
    trust: str

    @property
    def off_pct(self) -> float:
        return 100.0 * (self.model / self.published - 1.0)

    @property
    def holds(self) -> bool:
        return abs(self.model - self.published) <= self.allowed


OFFLOADS = {
    "KC-135R": {500: 122200, 1000: 99400, 1500: 76400, 2500: 30700},
    "KC-10A": {500: 233500, 1000: 195200, 1500: 156000, 2500: 78700},
}


def checks() -> tuple[Check, ...]:
    """Every figure that was not used in a fit, reckoned with the catalogue as it is."""
    rows = []

    b52 = catalogue.load("B-52H")
    flown = still_air(b52, 488000 * POUND, 7652 * NAUTICAL_MILE)
    rows.append(
        Check(
            "B-52H",
            "payload and reserve left over at the published 7,652 nm, planning factor 1.00; 35,000 to "
            "40,000 lb of payload and 15,000 to 20,000 lb of reserve are usual, 55,000 lb together",
            "tests/authorities/b52h_fact_sheet.txt",
            55000.0,
            (flown.landing_kg - b52.operating_empty_mass_kg) / POUND,
            5000.0 + b52.band_pct / 100.0 * flown.burn_kg / POUND,
            "lb",
            "5,000 lb either way in payload and reserve, and the type's band of the trip fuel",
            "found",
        )
    )
    kc135 = catalogue.load("KC-135R")
    given = offload(kc135, 203269.0, 0.5 * 1500 * STATUTE_MILE / NAUTICAL_MILE, 15000.0, 1.15)
    rows.append(
        Check(
            "KC-135R",
            "transfer fuel over 1,500 statute miles in all, planning factor 1.15, 15,000 lb left",
            "tests/authorities/kc135r_museum.txt",
            150000.0,
            given,
            5000.0 + kc135.band_pct / 100.0 * (203269.0 - given - 15000.0),
            "lb",
            "5,000 lb either way in the fuel left, which is not published, and the type's band of the burn",
            "found",
        )
    )
    c17 = catalogue.load("C-17A")
    rows.append(
        Check(
            "C-17A",
            "hours on 200,000 lb of fuel with 100,000 lb of cargo, the type's factor of 1.20",
            "tests/authorities/c17a.txt",
            9.0,
            c17_hours(c17),
            c17.band_pct / 100.0 * 9.0,
            "h",
            "the type's band",
            "found",
        )
    )
    mrtt = catalogue.load("A330 MRTT")
    given = offload(mrtt, 237677.0, 1000.0, 8000.0 / POUND, 1.0, station_h=2.0) * POUND / 1000.0
    rows.append(
        Check(
            "A330 MRTT",
            "offload at 1,000 nm with two hours on station, 8 t left, planning factor 1.00",
            "tests/authorities/a330_mrtt.txt",
            65.0,
            given,
            mrtt.band_pct / 100.0 * (237677.0 * POUND / 1000.0 - given - 8.0),
            "t",
            "the type's band of the fuel burnt",
            "found",
        )
    )
    given = offload(mrtt, 237677.0, 1000.0, 8000.0 / POUND, 1.0, station_h=1.0) * POUND / 1000.0
    rows.append(
        Check(
            "A330 MRTT",
            "offload at 1,000 nm with one hour on station, 8 t left, planning factor 1.00",
            "tests/authorities/a330_mrtt.txt",
            70.0,
            given,
            2.3 + mrtt.band_pct / 100.0 * (237677.0 * POUND / 1000.0 - given - 8.0),
            "t",
            "5,000 lb either way in the fuel left, which is not published, and the type's band of the burn",
            "found",
        )
    )
    dreamliner = catalogue.load("787-9")
    rows.append(
        Check(
            "787-9",
            "QF7879 London to Sydney, November 2019: fuel for 19 h 19 min from 232.5 t",
            "tests/authorities/qantas_787_2019.txt",
            94.2,
            still_air_hours(dreamliner, 232500.0, 19 + 19 / 60, 3600.0).burn_kg / 1000.0,
            dreamliner.band_pct / 100.0 * 94.2,
            "t",
            "the type's band",
            "found",
        )
    )
    rows += _service_checks()
    for code, fuel, factor in (("KC-135R", 180000.0, 1.15), ("KC-10A", 327000.0, 1.10)):
        tanker = catalogue.load(code)
        # What the table leaves in the tanks is not published: it comes from the shortest radius; the slope
        # is what is tested.
        left = 25000.0
        for _ in range(6):
            left += offload(tanker, fuel, 500, left, factor) - OFFLOADS[code][500]
        for radius, published in OFFLOADS[code].items():
            if radius == 500:
                continue
            given = offload(tanker, fuel, radius, left, factor)
            rows.append(
                Check(
                    code,
                    f"offload at {radius:,} nm radius from {fuel:,.0f} lb of fuel, factor {factor}, "
                    f"{left:,.0f} lb left (from the figure at 500 nm)",
                    "tests/authorities/tanker_offload_planning.txt",
                    published,
                    given,
                    tanker.band_pct / 100.0 * (fuel - given - left),
                    "lb",
                    "the type's band of the fuel burnt",
                    "memory",
                )
            )
    return tuple(rows)


def _service_checks() -> list[Check]:
    """Figures of types whose fit is weak, each against something the fit did not use."""
    rows = []
    vulcan = catalogue.load("Vulcan B.2")
    flow = fuel_flow(vulcan, 86000.0, 32000 * FOOT, 0.74) * HOUR
    rows.append(
        Check(
            "Vulcan B.2", "hourly burn outbound at 86 t, FL320, M0.74 in company, the type's factor of 1.10; "
            "mass, level and Mach recalled", "tests/authorities/vulcan.txt", 7000.0, flow,
            vulcan.band_pct / 100.0 * 7000.0, "kg", "the type's band", "found",
        )
    )  # fmt: skip
    liner = catalogue.load("A350-900")
    far = reach(liner, 16100.0, PUBLISHED, 1.0) / NAUTICAL_MILE
    rows.append(
        Check(
            "A350-900", "range of the A350-900ULR from 280 t with 161 passengers of 100 kg, planning factor 1.00",
            "tests/authorities/airbus_a350.txt", 9700.0, far, liner.band_pct / 100.0 * 9700.0, "nm", "the type's band", "found",
        )
    )  # fmt: skip
    worldliner = catalogue.load("777-200LR")
    far = reach(worldliner, 30100.0, PUBLISHED, 1.0) / NAUTICAL_MILE
    rows.append(
        Check(
            "777-200LR", "published range of 17,446 km with 301 passengers of 100 kg and the further tanks, factor 1.00",
            "tests/authorities/boeing_777_200lr_2005.txt", 9420.0, far,
            (worldliner.band_pct + 4.0) / 100.0 * 9420.0, "nm",
            "the type's band, and 4 % for reserves that are not stated", "found",
        )
    )  # fmt: skip
    sp = catalogue.load("747SP")
    lighter = replace(sp, max_takeoff_mass_kg=670000.0 * POUND)
    far = reach(lighter, 27600.0, PUBLISHED, 1.0) / NAUTICAL_MILE
    rows.append(
        Check(
            "747SP", "published range from 670,000 lb with 276 passengers of 100 kg, planning factor 1.00",
            "tests/authorities/boeing_747sp.txt", 6650.0, far, sp.band_pct / 100.0 * 6650.0, "nm", "the type's band", "found",
        )
    )  # fmt: skip
    flyer = catalogue.load("GlobalFlyer")
    burnt = still_air_hours(flyer, 9563.0, 76.75).burn_kg
    rows.append(
        Check(
            "GlobalFlyer", "fuel for the whole 76 h 45 min; 7,930 kg were left after the loss, and nearly all was burnt",
            "tests/authorities/globalflyer.txt", 7930.0, burnt, flyer.band_pct / 100.0 * 7930.0, "kg",
            "the type's band", "found",
        )
    )  # fmt: skip
    a, r = catalogue.load("KC-135A"), catalogue.load("KC-135R")
    share = fuel_flow(r, 100000.0, 31000 * FOOT, 0.78) / fuel_flow(a, 100000.0, 31000 * FOOT, 0.78)
    rows.append(
        Check(
            "KC-135A", "fuel flow of the KC-135R over it at 100 t, FL310: the new engines are said to save 25 %",
            "tests/authorities/kc135a.txt", 0.75, share, a.band_pct / 100.0 * 0.75, "", "the type's band", "found",
        )
    )  # fmt: skip
    return rows


def c17_hours(aircraft: Aircraft) -> float:
    """Hours a C-17A flies with 100,000 lb of cargo until 200,000 lb of fuel is gone, at the type's factor."""
    takeoff = aircraft.operating_empty_mass_kg + 300000.0 * POUND
    distance, target = 4.0e6, 200000.0 * POUND
    for _ in range(12):
        flown = still_air(aircraft, takeoff, distance, 100000.0 * POUND, aircraft.planning_factor)
        distance *= target / flown.burn_kg
    return flown.duration_s / HOUR


def write_catalogue(
    fits: dict[str, tuple[Fit | Reach | Slope, float, float]], tests: tuple[Check, ...]
) -> None:
    import tomlkit

    folder = ROOT / "src/longreach/world/data/aircraft"
    for path in sorted(folder.glob("*.toml")):
        document = tomlkit.parse(path.read_text("utf-8"))
        code = str(document["code"])
        rows = tomlkit.aot()
        if code in SHARED and SHARED[code] in fits:
            document["figures"]["drag_zero_lift"]["value"] = fits[SHARED[code]][1]  # type: ignore[index]
        if code in fits:
            case, drag, miss = fits[code]
            document["figures"]["drag_zero_lift"]["value"] = drag  # type: ignore[index]
            row = tomlkit.table()
            row.update(
                {
                    "use": "fit",
                    "what": case.what,
                    "source": case.source,
                    "published": round(case.published, 1),
                    "unit": case.unit,
                    "off_pct": round(100 * miss, 2),
                }
            )
            rows.append(row)
        for test in tests:
            if test.code == code:
                row = tomlkit.table()
                row.update(
                    {
                        "use": "check",
                        "what": test.what,
                        "source": test.source,
                        "published": test.published,
                        "unit": test.unit,
                        "off_pct": round(test.off_pct, 1),
                        "allowed": round(test.allowed, 1),
                        "allowed_for": test.why,
                        "trust": test.trust,
                    }
                )
                rows.append(row)
        document.pop("calibration", None)
        if len(rows):
            document["calibration"] = rows
        path.write_text(tomlkit.dumps(document).rstrip() + "\n", "utf-8")


def main() -> None:
    fits = {}
    for case in FITS:
        drag, miss = fit(case)
        fits[case.code] = (case, drag, miss)
        print(f"{case.code:10} CD0 {drag:.5f}  off {100 * miss:+.2f} %  {case.what}")
    write = "--write" in sys.argv[1:]
    if write:
        write_catalogue(fits, ())
        catalogue.forget()
    tests = checks()
    for test in tests:
        verdict = "within" if test.holds else "OUTSIDE"
        print(
            f"{test.code:10} {test.model:10,.1f} v {test.published:10,.1f} {test.unit:2} "
            f"{test.off_pct:+5.1f} % ({verdict} {test.allowed:,.1f} {test.unit})  {test.what}"
        )
    if write:
        write_catalogue(fits, tests)
    with (ROOT / "studies/fit_aircraft.csv").open("w", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(
            ["code", "use", "published", "model", "unit", "off_pct", "allowed", "trust", "what", "source"]
        )
        for case, drag, miss in fits.values():
            table.writerow(
                [
                    case.code,
                    f"fit of CD0 = {drag:.5f}",
                    f"{case.published:.0f}",
                    f"{case.published * (1 + miss):.0f}",
                    case.unit,
                    f"{100 * miss:.2f}",
                    "",
                    "",
                    case.what,
                    case.source,
                ]
            )
        for t in tests:
            table.writerow(
                [
                    t.code,
                    "check",
                    f"{t.published:g}",
                    f"{t.model:.1f}",
                    t.unit,
                    f"{t.off_pct:.1f}",
                    f"{t.allowed:.1f}",
                    t.trust,
                    t.what,
                    t.source,
                ]
            )


if __name__ == "__main__":
    main()
