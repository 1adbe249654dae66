"""Seeded random missions over the whole globe: any of them may be infeasible, none may be planned wrongly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from longreach import geodesy
from longreach.world import airports
from longreach.world.aircraft import Aircraft, load

# Fields all over the world: both sides of the antimeridian, the far north, the far south, islands, high ones.
FIELDS = {
    "KBAD": "US", "KMIB": "US", "PANC": "US", "PHNL": "US", "PGUA": "GU", "KMIA": "US", "EGLL": "GB",
    "EGVA": "GB", "LEMO": "ES", "LPLA": "PT", "EFHK": "FI", "BIKF": "IS", "ENSB": "NO", "BGTL": "GL",
    "CYQX": "CA", "CYFB": "CA", "LICZ": "IT", "LGSA": "GR", "HECA": "EG", "OEDR": "SA", "OTBH": "QA",
    "OMAM": "AE", "VIDP": "IN", "FJDG": "IO", "WSSS": "SG", "RJAA": "JP", "RJTY": "JP", "RKSI": "KR",
    "NFFN": "FJ", "NZAA": "NZ", "NZCH": "NZ", "YSSY": "AU", "YPDN": "AU", "YPPH": "AU", "FAOR": "ZA",
    "FACT": "ZA", "HKJK": "KE", "GOBD": "SN", "SBGR": "BR", "SBFZ": "BR", "SCEL": "CL", "SAWH": "AR",
    "SLLP": "BO", "SKBO": "CO", "MMMX": "MX", "UHPP": "RU", "ULLI": "RU", "ZBAA": "CN", "UAAA": "KZ",
    "FHAW": "SH",
}  # fmt: skip
STATES = ("RU CN IR IQ SY LY DZ US CA BR AU IN KP YE UA FR ES EG SA GL MX ID KZ ZA TR SE JP NZ").split()  # noqa: SIM905
COMPACT = "IR IQ SY LY DZ KP YE UA ES EG SA ZA KZ".split()  # noqa: SIM905
RECEIVERS = ("B-52H", "B-1B", "B-2A", "C-17A")  # by boom
OTHERS = ("747-400", "787-9", "A330 MRTT")
TANKERS = ("KC-135R", "KC-10A", "KC-46A", "A330 MRTT")
PARTNERS = ("F-15SA", "F-16C", "Mirage 2000-5", "Rafale", "Typhoon", "F-15E")


def mission_text(seed: int, *, quick: bool = False) -> str:
    """A whole mission file; the same seed gives the same text.

    quick : closes only States whose coasts are soon prepared, and nobody joins
    """
    states = COMPACT if quick else STATES
    rng = np.random.default_rng([20201210, seed])

    def pick(options: Sequence[str], size: int) -> list[str]:
        return [str(name) for name in rng.choice(options, size, replace=False)]

    fields = list(FIELDS)
    more = np.random.default_rng([20261126, seed])  # keys that came later leave the rest as it was
    tanked = rng.uniform() < 0.65
    aircraft = pick(RECEIVERS if tanked else (*RECEIVERS, *OTHERS), 1)[0]
    station = rng.uniform() < 0.5
    origin, destination = pick(fields, 2)
    if rng.uniform() < 0.7:  # within reach
        destination = pick(_near(*_place(origin), 4500.0), 1)[0]
    if station and rng.uniform() < 0.6:
        destination = origin
    lat = float(np.degrees(np.arcsin(rng.uniform(-0.95, 0.999))))
    lon = float(rng.uniform(-180.0, 180.0))
    if rng.uniform() < 0.7:  # within reach
        bearing, reach = rng.uniform(0.0, 360.0), rng.uniform(100.0, 2500.0)
        lat, lon = _moved(*_place(origin), bearing, reach)
    elif rng.uniform() < 0.3:  # beside the antimeridian
        lon = float(rng.choice([-1.0, 1.0]) * rng.uniform(179.0, 179.99))
    clock = (
        f"20{rng.integers(15, 30)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}"
        f"T{rng.integers(0, 24):02}:{rng.integers(0, 60):02}:00Z"
    )
    lines = [
        'schema = "longreach.mission/1"',
        f'name = "random {seed}"',
        f"seed = {seed}",
        "[clock]",
        f'anchor = "{"on_station" if station else pick(("takeoff", "landing"), 1)[0]}"',
        f"time = {clock}",
    ]
    if station:
        lines += ["[station]", f'time = "{rng.integers(10, 300)} min"']
        shape = str(rng.choice(["circle", "orbit", "polygon"]))
        if shape == "circle":
            lines += [
                f"centre = [{lat:.3f}, {lon:.3f}]",
                f'radius = "{rng.integers(15, 120)} nm"',
            ]
        elif shape == "orbit":
            lines += [
                f"centre = [{lat:.3f}, {lon:.3f}]",
                f'axis = "{rng.integers(0, 360)} deg"',
                f'leg = "{rng.integers(30, 100)} nm"',
                f'width = "{rng.integers(8, 30)} nm"',
            ]
        else:
            corners = [_moved(lat, lon, 360.0 * k / 5.0, rng.uniform(40.0, 120.0)) for k in range(5)]
            lines.append(f"polygon = [{', '.join(f'[{a:.4f}, {b:.4f}]' for a, b in corners)}]")
    lines += [
        "[[flights]]",
        'id = "lead"',
        f'aircraft = "{aircraft}"',
        f"count = {rng.integers(1, 4)}",
        f'operator = "{"US" if tanked else "AU"}"',
        f'from = "{origin}"',
        f'to = "{destination}"',
        f'payload = "{rng.choice([0, 0, 3, 10])} t"',
    ]
    vias = [pick(fields, 1)[0] for _ in range(int(rng.choice([0, 0, 0, 0, 1, 2])))]
    vias = [name for k, name in enumerate(vias) if name not in (origin, destination, *vias[:k])]
    if not station and origin == destination and not vias:
        vias = ["KBAD" if origin != "KBAD" else "KMIB"]
    if vias:
        key = "outbound_via" if station else "via"
        lines.append(f"{key} = {_listed(vias)}")
    if rng.uniform() < 0.2:
        lines.append('takeoff_fuel = "full"')
    closed = pick(states, int(rng.integers(0, 7)))
    if rng.uniform() < 0.7:  # mostly not those it starts and ends in
        closed = [code for code in closed if code not in (FIELDS[origin], FIELDS[destination])]
    lines += [
        "[airspace]",
        f"closed = {_listed(closed)}",
    ]
    if closed:
        lines.append(f'stand_off = "{rng.choice([0, 0, 5, 12, 25, 50, 100])} nm"')
    if rng.uniform() < 0.3:
        lines.append('belt = "plain"')
    for k in range(0 if quick else int(rng.integers(0, 3))):
        base = pick(fields, 1)[0]
        if rng.uniform() < 0.7:  # near to where the lead goes
            base = pick(_near(*(_place(destination) if not station else (lat, lon)), 700.0), 1)[0]
        allowed = list(dict.fromkeys([FIELDS[base], *pick(STATES, int(rng.integers(0, 6)))]))
        lines += [
            "[[partners]]",
            f'id = "partner-{k}"',
            f'operator = "{FIELDS[base]}"',
            f'aircraft = "{pick(PARTNERS, 1)[0]}"',
            f"count = {rng.integers(1, 5)}",
            f'from = "{base}"',
            f"may_fly = {_listed(allowed)}",
            f'together = "{rng.integers(5, 60)} min"',
        ]
    if tanked:
        near = _near(*_place(origin), 4000.0) if rng.uniform() < 0.7 else fields
        bases = pick(near, min(len(near), int(rng.integers(1, 5))))
        for k, base in enumerate(bases):
            tanker = pick(TANKERS, 1)[0]
            lines += _tankers(f"pool-{k}", tanker, base, rng.integers(1, 7))
            lines += _of_a_base(more, load(tanker))
        aborts = dict.fromkeys([*bases, *pick(fields, int(rng.integers(3, 14)))])
        lines += ["[abort]", f"bases = {_listed(aborts)}"]
        for base in pick(list(aborts), int(rng.choice([0, 0, 0, 1, 2]))):
            lines += ["[[abort.closed]]", f'base = "{base}"']
            how = rng.integers(0, 3)
            if how == 0:
                lines.append('to = ["US"]')
            elif how == 1:
                lines.append(
                    f'daily = "{rng.integers(0, 24):02}:{rng.integers(0, 60):02}-{rng.integers(0, 24):02}:59"'
                )
            else:
                lines.append(f"from = {clock[:10]}T{rng.integers(0, 24):02}:00:00Z")
        rules = []
        if rng.uniform() < 0.3:
            rules.append(f'longest_flow = "{rng.integers(10, 60)} min"')
            if rng.uniform() < 0.5:
                rules.append(f'most_onload = "{rng.integers(15, 70)} t"')
        rules += _of_contacts(more)
        lines += ["[refuelling]", *rules] if rules else []
    lines += ["[reserves]", f'doubt = "{rng.choice([50, 90, 95, 99])} %"', "[winds]"]
    kind = rng.uniform()
    if kind < 0.5:
        lines += ['source = "climatology"', f'bias = "{rng.integers(-15, 16)} kt"']
        if rng.uniform() < 0.3:
            lines.append(f'reliability = "{rng.choice([75, 85, 95])} %"')
    elif kind < 0.7:
        lines += ['source = "still"', f'spread = "{rng.choice([0, 10, 20])} kt"']
    else:
        lines += [
            'source = "constant"',
            f'from = "{rng.integers(0, 360)} deg"',
            f'speed = "{rng.integers(5, 90)} kt"',
            f'spread = "{rng.choice([0, 10, 20])} kt"',
        ]
    return "\n".join(lines) + "\n"


RELAYS = (("Vulcan B.2", "Victor K.2"), ("B-1B", "KC-10A"), ("B-2A", "KC-46A"), ("B-52H", "KC-10A"))


def soak_text(seed: int) -> str:
    """The mission of a seed in the long proof: of four, two from anywhere and two as one would plan them, one
    of either in company."""
    text = mission_text(seed) if seed % 2 else long_haul_text(seed)
    return with_company(text, seed) if seed % 4 > 1 else text


# More fields that tankers have flown from or that lie on the way across an ocean.
STRATEGIC = (  # noqa: SIM905
    "TXKF TBPB GVAC LPPS PWAK NTAA NSFA FIMP VRMM FSIA VCBI OEPS OMDM EGUN ETAR LIPA LCRA "
    "LTAG CYYR CYYT KRCA KTIK PADK RJCC RPLC YPXM YPCC SCIP SCFA SPJC SBGL FALA FNLU HDAM "
    "DNMM LERT EINN ESPA WMKP WIII RCTP ZMUB UNNT PAED MPTO SEQM NWWW AYPY YPAD NCRG PKMJ "
    "BGSF"
).split()


def long_haul_text(seed: int) -> str:
    """A long flight as one would plan it: bases of tankers and fields to turn to lie along the way."""
    rng = np.random.default_rng([20261127, seed])

    def pick(options: Sequence[str], size: int) -> list[str]:
        return [str(name) for name in rng.choice(options, min(size, len(options)), replace=False)]

    fields = (*FIELDS, *STRATEGIC)
    aircraft = pick(RECEIVERS, 1)[0]
    origin = pick(fields, 1)[0]
    bearing, away = rng.uniform(0.0, 360.0), rng.uniform(2600.0, 6000.0)
    lat, lon = _moved(*_place(origin), bearing, away)
    station = rng.uniform() < 0.6
    destination = origin if station else _nearest(lat, lon, 1, fields)[0]
    if destination == origin and not station:
        station = True
    way = [_moved(*_place(origin), bearing, away * share) for share in np.linspace(0.0, 1.05, 8)]
    bases: dict[str, None] = {}
    for share in rng.uniform(0.0, 1.0, int(rng.integers(1, 5))):
        at = _moved(*_place(origin), bearing, away * float(share))
        bases[pick(_nearest(*at, 3, fields), 1)[0]] = None
    aborts = [code for at in way for code in _nearest(*at, int(rng.integers(1, 4)), fields)]
    clock = f"2024-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}T{rng.integers(0, 24):02}:00:00Z"
    lines = [
        'schema = "longreach.mission/1"',
        f'name = "long haul {seed}"',
        "[clock]",
        f'anchor = "{"on_station" if station else pick(("takeoff", "landing"), 1)[0]}"',
        f"time = {clock}",
    ]
    if station:
        lines += [
            "[station]",
            f'time = "{rng.integers(20, 240)} min"',
            f"centre = [{lat:.3f}, {lon:.3f}]",
            f'radius = "{rng.integers(20, 80)} nm"',
        ]
    lines += [
        "[[flights]]",
        'id = "lead"',
        f'aircraft = "{aircraft}"',
        f"count = {rng.integers(1, 4)}",
        'operator = "US"',
        f'from = "{origin}"',
        f'to = "{destination}"',
        f'payload = "{rng.choice([0, 0, 5, 15])} t"',
    ]
    if rng.uniform() < 0.3:
        via = pick(_nearest(*way[4], 5, fields), 1)[0]
        if via not in (origin, destination):
            lines.append(f"{'outbound_via' if station else 'via'} = {_listed([via])}")
    own = {airports.find(code).country for code in (origin, destination, *bases)}
    closed = [code for code in pick(STATES, int(rng.integers(0, 4))) if code not in own]
    lines += ["[airspace]", f"closed = {_listed(closed)}"]
    if closed:
        lines.append(f'stand_off = "{rng.choice([0, 0, 12, 25])} nm"')
    for k in range(int(rng.choice([0, 0, 1, 2])) if station else 0):
        base = _moved(lat, lon, rng.uniform(0.0, 360.0), rng.uniform(100.0, 400.0))
        lines += [
            "[[partners]]",
            f'id = "partner-{k}"',
            'operator = "SA"',
            f'aircraft = "{pick(PARTNERS, 1)[0]}"',
            f"count = {rng.integers(1, 4)}",
            f'from = "{base[0]:.2f},{base[1]:.2f}"',
            f"may_fly = {_listed(sorted({*STATES, *FIELDS.values()} - set(closed)))}",
            f'together = "{rng.integers(5, 30)} min"',
        ]
    for k, base in enumerate(bases):
        tanker = pick(TANKERS, 1)[0]
        lines += _tankers(f"pool-{k}", tanker, base, rng.integers(2, 10))
        lines += _of_a_base(rng, load(tanker))
    later = np.random.default_rng([20261128, seed])  # keys that came later leave the rest as it was
    if later.uniform() < 0.12:
        tanker = str(later.choice(TANKERS))
        lines += [*_tankers("buddies", tanker, origin, later.integers(1, 5)), "buddy = true"]
        bases[origin] = None
    lines += ["[abort]", f"bases = {_listed(dict.fromkeys([*bases, *aborts]))}"]
    others = [code for code in aborts if code not in (origin, destination)]
    if others and rng.uniform() < 0.2:
        lines += ["[[abort.closed]]", f'base = "{pick(others, 1)[0]}"', 'to = ["US"]']
    rules = _of_contacts(rng)
    lines += ["[refuelling]", *rules] if rules else []
    lines += [
        "[reserves]",
        f'doubt = "{rng.choice([50, 90, 95, 99])} %"',
        "[winds]",
        'source = "climatology"',
        *([f'reliability = "{rng.choice([75, 85, 95])} %"'] if rng.uniform() < 0.3 else []),
    ]
    return "\n".join(lines) + "\n"


def _tankers(id: str, aircraft: str, base: str, available: int, operator: str = "US") -> list[str]:
    """The tankers of one base."""
    return [
        "[[tankers]]",
        f'id = "{id}"',
        f'operator = "{operator}"',
        f'aircraft = "{aircraft}"',
        f'base = "{base}"',
        f"available = {available}",
    ]


def _of_a_base(rng: np.random.Generator, kind: Aircraft) -> list[str]:
    """What a base may say of its tankers; mostly nothing."""
    lines = []
    if rng.uniform() < 0.15:
        low, high = (
            kind.operating_empty_mass_kg,
            kind.max_takeoff_mass_kg,
        )  # some fields allow hardly any fuel
        lines.append(f'max_takeoff_mass = "{(low + rng.uniform(0.03, 0.98) * (high - low)) / 1000.0:.1f} t"')
    if rng.uniform() < 0.15:
        lines.append(f'turn_time = "{rng.integers(2, 8)} h"')
    if rng.uniform() < 0.15:
        lines.append(f'crew_day = "{rng.integers(7, 17)} h"')
    if rng.uniform() < 0.15:
        lines.append("airborne_spares = 1")
    return lines


def _of_contacts(rng: np.random.Generator) -> list[str]:
    """Where contacts may be and how they begin; mostly nothing."""
    lines = []
    if rng.uniform() < 0.2:
        lines.append(f"not_over = {_listed(str(code) for code in rng.choice(STATES, 5, replace=False))}")
    if rng.uniform() < 0.3:
        lines.append(f'rendezvous = "{rng.choice(["point parallel", "anchor"])}"')
    if rng.uniform() < 0.2:
        lines.append(f"detours = {rng.integers(0, 2)}")
    return lines


def relay_text(seed: int) -> str:
    """A mission out to a far place and back with tankers of one base only, of a type that takes fuel itself."""
    rng = np.random.default_rng([19820430, seed])

    def pick(options: Sequence[str], size: int) -> list[str]:
        return [str(name) for name in rng.choice(options, size, replace=False)]

    aircraft, tanker = RELAYS[0] if rng.uniform() < 0.5 else RELAYS[int(rng.integers(1, len(RELAYS)))]
    base = pick(("FHAW", "FJDG", "LPLA", "PHNL", "BIKF", "PGUA", "NFFN", "SBFZ", "GOBD"), 1)[0]
    origin = base if rng.uniform() < 0.6 else pick(_near(*_place(base), 1500.0), 1)[0]
    short = aircraft == "Vulcan B.2"
    away = rng.uniform(1800.0, 3600.0) if short else rng.uniform(3500.0, 7000.0)
    lat, lon = _moved(*_place(base), rng.uniform(0.0, 360.0), away)
    nearest = _nearest(lat, lon, 12)
    aborts = list(dict.fromkeys([base, *pick(nearest, int(rng.integers(2, 9)))]))
    closed = pick(COMPACT, int(rng.integers(0, 3)))
    return "\n".join([
        'schema = "longreach.mission/1"',
        f'name = "relay {seed}"',
        "[clock]",
        f'anchor = "{rng.choice(["takeoff", "landing"])}"',
        f"time = 19{rng.integers(60, 99)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}T{rng.integers(0, 24):02}:00:00Z",
        "[[flights]]",
        'id = "lead"',
        f'aircraft = "{aircraft}"',
        f"count = {rng.choice([1, 1, 1, 2])}",
        'operator = "GB"',
        f'from = "{origin}"',
        f'to = "{origin}"',
        f'payload = "{rng.choice([0, 0, 3, 9])} t"',
        f"via = [[{lat:.3f}, {lon:.3f}]]",
        "[airspace]",
        f"closed = {_listed(code for code in closed if code not in (FIELDS[base], FIELDS[origin]))}",
        *_tankers("pool", tanker, base, rng.integers(4, 22), "GB"),
        "[refuelling]",
        f"relay = {'false' if rng.uniform() < 0.05 else 'true'}",
        *([f'longest_flow = "{rng.integers(6, 40)} min"'] if rng.uniform() < 0.2 else []),
        "[abort]",
        f"bases = {_listed(aborts)}",
        "[reserves]",
        f'doubt = "{rng.choice([50, 60, 70, 90])} %"',
        "[winds]",
        *(
            ['source = "climatology"']
            if rng.uniform() < 0.5
            else ['source = "constant"', f'from = "{rng.integers(0, 360)} deg"', f'speed = "{rng.integers(5, 60)} kt"']
        ),
    ]) + "\n"  # fmt: skip


def with_company(text: str, seed: int) -> str:
    """The mission with a formation, air spares, escorts and an order added, each now and then; its own stream."""
    rng = np.random.default_rng([20201211, seed])
    head, rest = text.split("[airspace]", 1)
    if rng.uniform() < 0.35 and "count = 1\n" not in head:
        head += f'formation = {{ cell = {rng.integers(1, 4)}, step = "{rng.choice([0, 500, 1000])} ft" }}\n'
    vias = [line for line in head.splitlines() if line.startswith(("via =", "outbound_via ="))]
    if vias and rng.uniform() < 0.5:
        until = vias[0].split('"')[1]
        head = head.replace(vias[0], vias[0].replace(f'"{until}"', f'{{ at = "{until}", name = "turn" }}', 1))
        head += 'air_spares = { until = "turn" }\n'
    text = f"{head}[airspace]{rest}"
    partners = text.count("[[partners]]")
    if partners and rng.uniform() < 0.6:
        during = 'during = "station"' if "[station]" in text else "during = { after = 2015-01-01T00:00:00Z }"
        kind = str(rng.choice(["always = 1", "at_least = 1", "exactly = 1"]))
        text += f'[[escort]]\nid = "company"\n{during}\n{kind}\n'
        if kind.startswith("always"):
            text = text.replace("may_fly", f'available = {rng.integers(5, 9)}\nturn = "45 min"\nmay_fly')
    if rng.uniform() < 0.3:
        text += f'[order]\ngiven = 2014-06-01T00:00:00Z\nready = "{rng.integers(0, 30)} h"\n'
        if rng.uniform() < 0.5:
            lines = text.splitlines()
            lines = [line for line in lines if not (line.startswith("time = 20") and line.endswith("Z"))]
            lines = ['anchor = "earliest"' if line.startswith("anchor =") else line for line in lines]
            text = "\n".join(lines) + "\n"
    return text


CELLS = (
    "B-52H",
    "B-1B",
    "B-2A",
    "C-17A",
    "KC-10A",
    "KC-46A",
    "P-8A",
    "F-15E",
    "F-16C",
    "B-52G",
)  # all by boom


def cell_text(seed: int) -> str:
    """A cell of two or three types out to a point of the sea and back, or on, with tankers of several bases."""
    rng = np.random.default_rng([20201214, seed])

    def pick(options: Sequence[str], size: int) -> list[str]:
        return [str(name) for name in rng.choice(options, size, replace=False)]

    types = pick(CELLS, int(rng.choice([2, 2, 3])))
    if "B-1B" in types:  # its level at the tanker is below that of fighters
        types = [kind for kind in types if kind not in ("F-15E", "F-16C")] + ["C-17A"] * (len(types) < 3)
        types = list(dict.fromkeys(types))
    short = bool({"F-15E", "F-16C"} & set(types))
    origin = pick(("KBAD", "EGVA", "LPLA", "PHNL", "PGUA", "YPDN", "BIKF", "LEMO", "FJDG", "NZCH"), 1)[0]
    lat, lon = _moved(
        *_place(origin), rng.uniform(0.0, 360.0), rng.uniform(300.0, 1000.0 if short else 3000.0)
    )
    destination = origin if rng.uniform() < 0.7 else pick(_near(lat, lon, 4000.0), 1)[0]
    near = _near(lat, lon, 2500.0)
    bases = list(dict.fromkeys([origin, *pick(near, min(len(near), int(rng.integers(1, 4))))]))
    aborts = list(dict.fromkeys([*bases, *pick(near, min(len(near), int(rng.integers(1, 6))))]))
    closed = pick(COMPACT, int(rng.integers(0, 3)))
    tanker = pick(("KC-135R", "KC-10A", "KC-46A", "A330 MRTT"), 1)[0]
    lines = [
        'schema = "longreach.mission/1"',
        f'name = "cell {seed}"',
        "[clock]",
        f'anchor = "{rng.choice(["takeoff", "landing"])}"',
        f"time = 2021-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}T{rng.integers(0, 24):02}:00:00Z",
        "[[flights]]",
        'id = "lead"',
        f'aircraft = "{types[0]}"',
        f"count = {rng.integers(1, 4)}",
        'operator = "US"',
        f'from = "{origin}"',
        f'to = "{destination}"',
        f'payload = "{rng.choice([0, 0, 2])} t"',
        f'via = [{{ at = [{lat:.3f}, {lon:.3f}], name = "far" }}]',
        *([f'takeoff_fuel = "{rng.choice(["full", "needed"])}"'] if rng.uniform() < 0.3 else []),
        *(
            [f'formation = {{ cell = {rng.integers(1, 4)}, step = "{rng.choice([0, 500])} ft" }}']
            if rng.uniform() < 0.4
            else []
        ),
    ]
    for k, kind in enumerate(types[1:]):
        lines += [
            "[[flights.members]]",
            f'id = "other-{k}"',
            f'aircraft = "{kind}"',
            f"count = {rng.integers(1, 4)}",
            f'payload = "{rng.choice([0, 0, 2])} t"',
        ]
    lines += ["[airspace]", f"closed = {_listed(code for code in closed if code != FIELDS[origin])}"]
    if rng.uniform() < 0.85 or short:
        for k, base in enumerate(bases):
            lines += _tankers(f"pool-{k}", tanker, base, rng.integers(2, 9))
        lines += ["[abort]", f"bases = {_listed(aborts)}"]
    lines += ["[reserves]", f'doubt = "{rng.choice([50, 80, 95])} %"', "[winds]"]
    if rng.uniform() < 0.5:
        lines.append('source = "climatology"')
    else:
        lines += [
            'source = "constant"',
            f'from = "{rng.integers(0, 360)} deg"',
            f'speed = "{rng.integers(5, 60)} kt"',
        ]
    return "\n".join(lines) + "\n"


def split_text(seed: int) -> str:
    """A random cell of which one group, of whatever type, leaves it for a stretch of its own or for another field."""
    rng = np.random.default_rng([20201215, seed])
    text = cell_text(seed)
    line = next(line for line in text.splitlines() if line.startswith("via = "))
    lat, lon = (float(part) for part in line.split("[", 2)[2].split("]")[0].split(","))
    origin = text.split('from = "')[1][:4]
    here = _place(origin)
    away = float(geodesy.distance(*here, lat, lon)) / 1852.0
    bearing = float(geodesy.inverse(*here, lat, lon)[1])
    early = _moved(*here, bearing + rng.uniform(-5.0, 5.0), away * rng.uniform(0.3, 0.7))
    late = _moved(*here, bearing + rng.uniform(-30.0, 30.0), away * rng.uniform(0.3, 0.7))
    own = _moved(
        *early, bearing + rng.choice([-1.0, 1.0]) * rng.uniform(30.0, 110.0), away * rng.uniform(0.15, 0.6)
    )
    points = (("early", *early), ("far", lat, lon), ("late", *late))
    vias = ", ".join(f'{{ at = [{a:.3f}, {b:.3f}], name = "{name}" }}' for name, a, b in points)
    leave = str(rng.choice(["early", "early", "early", "R1"]))
    keys = [f'leave = "{leave}"']
    if rng.uniform() < 0.8:
        keys.append(f'via = [{{ at = [{own[0]:.3f}, {own[1]:.3f}], name = "own" }}]')
    if rng.uniform() < 0.5:
        keys.append(f'hold = "{rng.integers(0, 50)} min"')
    if rng.uniform() < 0.75:
        keys.append('rejoin = "late"')
    else:
        keys.append(f'to = "{rng.choice(_near(*own, 1500.0))}"')
    text = text.replace(line, f"via = [{vias}]")
    return text.replace('id = "other-0"\n', 'id = "other-0"\n' + "\n".join(keys) + "\n")


def company_text(seed: int) -> str:
    """A flight of a few hours with partners based round its station, who take turns or are counted."""
    rng = np.random.default_rng([20201212, seed])

    def pick(options: Sequence[str], size: int) -> list[str]:
        return [str(name) for name in rng.choice(options, size, replace=False)]

    origin = str(rng.choice(["OTBH", "KBAD", "EGVA", "LICZ", "RJTY", "YPDN", "SCEL", "BIKF", "FAOR", "PGUA"]))
    lat, lon = _moved(*_place(origin), rng.uniform(0.0, 360.0), rng.uniform(200.0, 900.0))
    near = [
        f"{a:.2f},{b:.2f}"
        for a, b in (_moved(lat, lon, rng.uniform(0.0, 360.0), rng.uniform(40.0, 400.0)) for _ in range(3))
    ]
    states = sorted({*STATES, *FIELDS.values()})
    lines = [
        'schema = "longreach.mission/1"',
        f'name = "company {seed}"',
        "[clock]",
        'anchor = "on_station"',
        f"time = 2024-{rng.integers(1, 13):02}-11T{rng.integers(0, 24):02}:00:00Z",
        "[station]",
        f"centre = [{lat:.3f}, {lon:.3f}]",
        f'radius = "{rng.integers(20, 60)} nm"',
        f'time = "{rng.integers(15, 200)} min"',
        "[[flights]]",
        'id = "lead"',
        f'aircraft = "{rng.choice(["C-17A", "B-52H", "KC-135R"])}"',
        f"count = {rng.integers(1, 5)}",
        'operator = "US"',
        f'from = "{origin}"',
        f'to = "{origin}"',
        "[winds]",
        *(
            ['source = "climatology"']
            if rng.uniform() < 0.5
            else [
                'source = "constant"',
                'from = "250 deg"',
                f'speed = "{rng.integers(0, 70)} kt"',
                'spread = "10 kt"',
            ]
        ),
    ]
    always = rng.uniform() < 0.7
    for k, base in enumerate(rng.choice(near, min(len(near), int(rng.integers(1, 4))), replace=False)):
        lines += [
            "[[partners]]",
            f'id = "partner-{k}"',
            'operator = "US"',
            f'aircraft = "{rng.choice(PARTNERS)}"',
            f"count = {rng.integers(1, 3)}",
            f'from = "{base}"',
            f"may_fly = {_listed(states if rng.uniform() < 0.7 else pick(states, 5))}",
            f'together = "{rng.integers(5, 20)} min"',
        ]
        if always:
            lines.append(f"available = {rng.integers(2, 9)}")
            if rng.uniform() < 0.5:
                lines.append(f'turn = "{rng.integers(0, 90)} min"')
    lines += ["[[escort]]", 'id = "company"']
    if always:
        lines += [f"always = {rng.integers(1, 3)}", f'overlap = "{rng.integers(0, 11)} min"']
    else:
        lines.append(f"{rng.choice(['at_least', 'exactly'])} = 1")
    return "\n".join(lines) + "\n"


def _place(code: str) -> tuple[float, float]:
    found = airports.find(code)
    return found.lat, found.lon


def _nearest(lat: float, lon: float, count: int, fields: Iterable[str] = tuple(FIELDS)) -> list[str]:
    far = {code: float(geodesy.distance(lat, lon, *_place(code))) for code in fields}
    return sorted(far, key=far.__getitem__)[:count]


def _near(lat: float, lon: float, nm: float) -> list[str]:
    """The fields, at least two, nearer than that."""
    far = {code: float(geodesy.distance(lat, lon, *_place(code))) / 1852.0 for code in FIELDS}
    return sorted(FIELDS, key=far.__getitem__)[: max(3, sum(way <= nm for way in far.values()))]


def _listed(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _moved(lat: float, lon: float, bearing: float, nm: float) -> tuple[float, float]:
    """A point some way off on the sphere; near enough for a corner."""
    a, d, t = math.radians(lat), nm / 3440.0, math.radians(bearing)
    b = math.asin(math.sin(a) * math.cos(d) + math.cos(a) * math.sin(d) * math.cos(t))
    x = math.atan2(math.sin(t) * math.sin(d) * math.cos(a), math.cos(d) - math.sin(a) * math.sin(b))
    return math.degrees(b), (lon + math.degrees(x) + 180.0) % 360.0 - 180.0
