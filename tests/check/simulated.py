"""Flights that could have happened, told with honest rounding, and the same with one lie of more than 15 %.

The flights are made here from great circles on a sphere, a speed drawn at random, the mean wind of the month (data
that both share) and a day's difference from it: nothing of the checker's geometry, envelope or system is used.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

# Type: cruise [kt] as published, still-air range [nm] that a careful operator plans on with reserves.
TYPES = {
    "B-52H": (442, 8200),
    "787-9": (488, 8200),
    "747-400": (482, 7700),
    "C-17A": (436, 4600),
    "KC-135R": (452, 6500),
}
TANKED = {"B-52H", "C-17A"}  # can be refuelled
BASES = {
    "KBAD": (32.50, -93.66), "EGVA": (51.68, -1.79), "PGUA": (13.58, 144.93), "LPLA": (38.76, -27.09), "OTBH": (25.12, 51.31),
    "YSSY": (-33.95, 151.18), "KJFK": (40.64, -73.78), "RJAA": (35.76, 140.39), "FHAW": (-7.97, -14.39), "OMAM": (24.25, 54.55),
    "SBGR": (-23.43, -46.47), "FAOR": (-26.14, 28.25), "KSEA": (47.45, -122.31), "VIDP": (28.57, 77.10), "WSSS": (1.36, 103.99),
}  # fmt: skip
STATES = {
    "KBAD": "US", "EGVA": "GB", "PGUA": "GU", "LPLA": "PT", "OTBH": "QA", "YSSY": "AU", "KJFK": "US", "RJAA": "JP", "FHAW": "SH",
    "OMAM": "AE", "SBGR": "BR", "FAOR": "ZA", "KSEA": "US", "VIDP": "IN", "WSSS": "SG",
}  # fmt: skip
LIES = ("duration", "distance", "base", "closed", "unrefuelled", "join-up")


@dataclass(frozen=True)
class Told:
    """A claim file's text, and which claims the lie sits in (() for a true one)."""

    text: str
    lie: tuple[str, ...]
    kind: str


def apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great circle [nm], haversine on a sphere of 3,440 nm."""
    p, q = math.radians(a[0]), math.radians(b[0])
    h = math.sin((q - p) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    return 2 * 3440.065 * math.asin(math.sqrt(h))


def tail_wind(a: tuple[float, float], b: tuple[float, float], when: datetime) -> float:
    """Mean wind [kt] along the great circle from a to b at 36,000 ft, of the shipped climatology, on a sphere."""
    from longreach.world import winds

    field = winds.climatology(when, when)
    points = [_between(a, b, k / 30) for k in range(31)]
    total = 0.0
    for here, there in pairwise(points):
        course = _course(here, there)
        wind = field.at(here[0], here[1], 11_000.0, field.seconds(when))
        total += float(wind.u_mps) * math.sin(course) + float(wind.v_mps) * math.cos(course)
    return total / 30 * 3600 / 1852


def _between(a: tuple[float, float], b: tuple[float, float], part: float) -> tuple[float, float]:
    angle = apart(a, b) / 3440.065
    p, q = math.sin((1 - part) * angle) / math.sin(angle), math.sin(part * angle) / math.sin(angle)
    x, y, z = (p * u + q * v for u, v in zip(_unit(a), _unit(b), strict=True))
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


def _unit(a: tuple[float, float]) -> tuple[float, float, float]:
    lat, lon = math.radians(a[0]), math.radians(a[1])
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def _course(a: tuple[float, float], b: tuple[float, float]) -> float:
    p, q, turn = math.radians(a[0]), math.radians(b[0]), math.radians(b[1] - a[1])
    return math.atan2(
        math.sin(turn) * math.cos(q), math.cos(p) * math.sin(q) - math.sin(p) * math.cos(q) * math.cos(turn)
    )


def true_flight(draw: random.Random, lie: str = "") -> Told:
    """One claim; with a lie it is made false in one place by 15 to 60 %."""
    while True:
        code = draw.choice(sorted(TYPES))
        cruise, reach = TYPES[code]
        origin, target = draw.sample(sorted(BASES), 2)
        out = apart(BASES[origin], BASES[target])
        round_trip = draw.random() < 0.5 or lie in ("join-up",)
        way = out * (2 if round_trip else 1)
        tanked = code in TANKED and draw.random() < 0.6
        if lie == "unrefuelled":
            # true with tankers, and far beyond any tank
            if code not in TANKED or way * 1.0 < 1.6 * reach * 1.5:
                continue
            tanked = True
        elif lie == "base" and way > (3.0 * reach if tanked else 0.6 * reach):
            continue
        if out < 1500 or way > (3.5 * reach if tanked else 0.92 * reach):
            continue
        break
    longer = 1.006 + draw.expovariate(1 / 0.03)  # the sphere here is up to half a per cent short
    speed = cruise * draw.gauss(0.985, 0.015)
    station = draw.uniform(0.5, 3.0) if round_trip else 0.0
    begin = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=draw.uniform(0, 24 * 700))
    # The mean wind of the month along each way, and what this day differs from it; out and back share the day.
    day = draw.gauss(0.0, 15.0)
    ways = [(BASES[origin], BASES[target], day)] + (
        [(BASES[target], BASES[origin], -day)] if round_trip else []
    )
    hours = station + sum(out * longer / (speed + tail_wind(a, b, begin) + more) for a, b, more in ways)
    end = begin + timedelta(hours=hours)
    flown = way * longer + station * speed
    says: list[tuple[str, str, dict[str, str]]] = []
    lied: tuple[str, ...] = ()
    words = (
        f"{hours:.1f} hours" if lie in ("distance", "base") else _duration_words(draw, hours)
    )  # an open end hides such a lie
    if lie == "duration":
        # short of what the way needs at cruise, and so of what was flown
        least = way / cruise + station
        words = f"{least * (1 - draw.uniform(0.2, 0.5)):.1f} hours"
        lied = ("duration",)
    if lie != "base" or draw.random() < 0.5:
        says.append(("duration", words, {"id": "duration"}))
    else:
        says.append(("departure", f"{begin:%Y-%m-%dT%H:%MZ}", {"id": "departure"}))
        says.append(("landing", f"{end:%Y-%m-%dT%H:%MZ}", {"id": "landing"}))
    distance = _distance_words(draw, flown)
    if lie == "distance":
        # below the great circle, or more than could be flown in the time
        wrong = (
            way * (1 - draw.uniform(0.16, 0.5))
            if draw.random() < 0.5
            else (hours * (cruise + 45)) * (1 + draw.uniform(0.25, 0.8))
        )
        distance = f"{wrong:.0f} nm"
        lied = ("distance",)
    if draw.random() < 0.6 or lie == "distance":
        says.append(("distance", distance, {"id": "distance"}))
    if round_trip:
        says.append(("time on station", _station_words(station), {"id": "station"}))
    says.append(("nonstop", "yes", {"id": "nonstop"}))
    if lie == "unrefuelled":
        says.append(("unrefuelled", "yes", {"id": "unrefuelled"}))
        lied = ("unrefuelled",)
    elif not tanked:
        says.append(("unrefuelled", "yes", {"id": "unrefuelled"}))
    if draw.random() < 0.4 and lie != "base":
        says.append(("departure", f"{begin:%Y-%m-%d}", {"id": "day"}))
    origin_text = f'"{origin}"'
    if lie == "base":
        # a base from which the way is 20 % and more longer than could be flown in the time
        reach = (hours - station + 0.6) * (cruise + 50) * 1.17
        home = out if round_trip else 0.0
        others = {base: at for base, at in BASES.items() if base not in (origin, target)}
        far = [base for base, at in others.items() if apart(at, BASES[target]) + home > reach]
        if not far:
            return true_flight(draw, lie)
        origin_text = f'"{draw.choice(sorted(far))}"'
        lied = ("origin",)
    extra = ""
    if lie == "closed":
        # the State of the target is said to have been kept out of: there is no way in
        state = STATES[target]
        says.append(("kept out", "200 nm", {"id": "closed", "closed": f'["{state}"]'}))
        lied = ("closed",)
    if lie == "join-up" or (round_trip and draw.random() < 0.3):
        true_base = _near(target, draw) if lie != "join-up" else None
        base = true_base or _beyond(target, draw)
        if base is None:
            return true_flight(draw, lie)
        says.append(
            (
                "partner",
                "",
                {"id": "partner", "from": f'"{base}"', "aircraft": '"F-16C"', "unrefuelled": "true"},
            )
        )
        if lie == "join-up":
            lied = ("partner",)
    place = (
        f'turn = {{ at = "{target}", within = "60 nm" }}\ndestination = "{origin}"'
        if round_trip
        else f'destination = "{target}"'
    )
    text = (
        f'schema = "longreach.claim/1"\ntitle = "simulated"\nreported = {end:%Y-%m-%d}\n[flight]\naircraft = "{code}"\n'
        f"origin = {origin_text}\n{place}\n{extra}"
    )
    for kind, said, keys in says:
        bare = {"closed", "from", "aircraft", "unrefuelled"}  # written as TOML already
        more = "".join(
            f"{key} = {value}\n" if key in bare else f'{key} = "{value}"\n' for key, value in keys.items()
        )
        line = f'words = "{said}"\n' if said else ""
        text += f'[[says]]\nkind = "{kind}"\n{line}{more}'
    return Told(text, lied, lie)


def _duration_words(draw: random.Random, hours: float) -> str:
    kind = draw.randrange(4)
    if kind == 0:
        return f"{round(hours)} hours"
    if kind == 1:
        whole, minutes = divmod(round(hours * 60), 60)
        return f"{whole} h {minutes:02d} min"
    if kind == 2:
        return (
            f"more than {math.floor(hours)} hours"
            if hours - math.floor(hours) > 0.05
            else f"{round(hours)} hours"
        )
    return f"{hours:.1f} hours"


def _distance_words(draw: random.Random, nm: float) -> str:
    kind = draw.randrange(4)
    if kind == 0:
        return f"{round(nm, -2):,.0f} nm"
    if kind == 1:
        return f"{round(nm * 1.852, -2):,.0f} km"
    if kind == 2:
        return f"{round(nm * 1.150779, -2):,.0f} miles"
    return f"{nm:.0f} nm"


def _station_words(hours: float) -> str:
    return f"{hours:.1f} hours"


def _near(target: str, draw: random.Random) -> str | None:
    """A base of a fighter within its reach of the target."""
    near = [b for b, at in BASES.items() if b != target and 2 * apart(at, BASES[target]) < 1200]
    return draw.choice(sorted(near)) if near else target


def _beyond(target: str, draw: random.Random) -> str | None:
    """One from which an F-16 cannot come and go home without a tanker, by far."""
    far = [b for b, at in BASES.items() if 2 * (apart(at, BASES[target]) - 60) > 2600]
    return draw.choice(sorted(far)) if far else None
