"""National airspace as closures: land and territorial sea of States, from the shipped pack.

A State's airspace is its land and the water within its territorial sea. Two readings of that sea:

*plain*: everything within 12 nm of its coast, whoever is nearer (land borders carry no sea);
*nearest*: the water within 12 nm that is nearer to it than to any other State, never over another's land.

Flight information regions are another thing and are not here. `docs/airspace.md` says what the borders are,
how the belts were made and how far they may be off.
"""

from __future__ import annotations

import csv
import difflib
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from longreach.errors import Fault, InputError
from longreach.geodesy import Floats, wrap_longitude
from longreach.units import NAUTICAL_MILE
from longreach.world.atlas import SEA, Atlas, Layer, Piece, shipped

TERRITORIAL_SEA = 12.0 * NAUTICAL_MILE  # m; UN Convention on the Law of the Sea, article 3
LARGEST_SEA = 200.0 * NAUTICAL_MILE  # m
LARGEST_STAND_OFF = 2000.0 * NAUTICAL_MILE  # m
BELTS = ("nearest", "plain")
ATLASES = ("default", "plain")
AREAS_FILE = Path(__file__).parent / "data" / "areas.csv"


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed ring: (n,) vertices in degrees, the first repeated at the end, n >= 4, read-only.

    Edges are geodesics of at most 150 km (national ones: 56 km), so that great circle and geodesic agree.
    """

    lat: Floats
    lon: Floats


@dataclass(frozen=True, slots=True)
class BoundaryLine:
    """(n,) vertices in degrees joined by geodesics, n >= 2, read-only; the closed area reaches
    `offset_m` [m] beyond the line. A point is a line of two vertices, equal or a centimetre apart."""

    lat: Floats
    lon: Floats
    offset_m: float


@dataclass(frozen=True, slots=True)
class Closure:
    """What may not be flown through: docs/architecture.md has the law.

    id, name : "IR", "Iran", or the feature's own
    kind : "national" | "user"
    rings : inside is where a meridian to the north pole crosses them an odd number of times
            (an even number where `holds_north_pole`)
    lines : the boundary with its offset
    stand_off_m : m, >= 0, kept from the boundary so offset
    floor_m, ceiling_m : pressure altitude [m], None for the ground, None for no limit
    valid : UTC (from, to) pairs, None for always
    """

    id: str
    name: str
    kind: str
    rings: tuple[Ring, ...]
    lines: tuple[BoundaryLine, ...]
    stand_off_m: float
    holds_north_pole: bool
    source: str
    floor_m: float | None = None
    ceiling_m: float | None = None
    valid: tuple[tuple[Any, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One State or area that can be closed: its codes ("" where it has none), name, other names."""

    code: str
    alpha3: str
    numeric: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackIdentity:
    """Which borders an answer stands on."""

    name: str
    version: str
    sha256: str


def pack_identity() -> PackIdentity:
    """Name, version and SHA-256 of the shipped airspace pack."""
    atlas = shipped()
    return PackIdentity(atlas.name, atlas.version, atlas.sha256)


def border_statement(atlas: str = "default") -> str:
    """The sentence every map prints, for instance "borders: Natural Earth 4.1.0, de facto"."""
    _check_choice("atlas", atlas, ATLASES)
    return shipped().statement if atlas == "default" else "borders: Natural Earth 4.1.0, de facto"


@cache
def states(atlas: str = "default") -> tuple[State, ...]:
    """Every State and area that has land of its own in an atlas, and so can be closed, by code."""
    _check_choice("atlas", atlas, ATLASES)
    pieces = shipped().pieces
    return tuple(
        sorted(
            (state for state in _table() if owned(pieces, state.code, atlas).any()),
            key=lambda state: state.code,
        )
    )


@cache
def _table() -> tuple[State, ...]:
    with AREAS_FILE.open(encoding="utf-8", newline="") as stream:
        return tuple(
            State(row["alpha2"], row["alpha3"], row["numeric"], row["name"],
                  tuple(alias for alias in row["aliases"].split("|") if alias))
            for row in csv.DictReader(stream)
        )  # fmt: skip


@cache
def _by_word() -> dict[str, State]:
    words: dict[str, State] = {}
    for state in _table():
        for word in (state.name, *state.aliases):
            words.setdefault(_plain(word), state)
    for state in _table():  # codes win over names
        for word in (state.code, state.alpha3, state.numeric):
            if word:
                words[_plain(word)] = state
    return words


def _plain(word: str) -> str:
    text = unicodedata.normalize("NFKD", word).casefold().replace("&", "and").replace("’", "'")
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).split())


def resolve(code: str) -> State:
    """The State or area meant by an alpha-2, alpha-3 or numeric code or a name, whatever the case.

    Raises: InputError with the nearest matches where nothing is meant by it, or where the area has no
    boundary of its own in the atlas.

    >>> resolve("irn").code, resolve("364").code, resolve("Ivory Coast").alpha3
    ('IR', 'IR', 'CIV')
    """
    if not isinstance(code, str):
        raise InputError(f"{code!r} is not a State code; write it as text, for example 'IR'")
    word = _plain(code)
    state = _by_word().get(word.zfill(3) if word.isdigit() else word)
    if word == "all":
        raise InputError(Fault("'ALL' is every State, not one", hint="name one State here"))
    if state is None:
        close = difflib.get_close_matches(word, _by_word(), n=3, cutoff=0.6)
        seen = dict.fromkeys(f"{_by_word()[match].code} ({_by_word()[match].name})" for match in close)
        hint = f"did you mean {' or '.join(seen)}?" if seen else "`longreach airspace list` shows all codes"
        raise InputError(Fault(f"{code!r} is no State or area known to the atlas", hint=hint))
    if state not in states() and state not in states("plain"):
        raise InputError(
            Fault(f"{state.name} ({state.code}) has no boundary in Natural Earth 4.1.0",
                  hint="draw it in a GeoJSON file and give it with --closures")
        )  # fmt: skip
    return state


def codes_of(codes: str | Iterable[str]) -> tuple[str, ...]:
    """Codes resolved, without repeats, in the order given; "ALL" is every State and area but Antarctica.

    Raises: InputError listing every code that means nothing.
    """
    if isinstance(codes, str):
        codes = codes.split(",")
    found: dict[str, None] = {}
    faults: list[Fault] = []
    for code in codes:
        if isinstance(code, str) and code.strip().upper() == "ALL":
            found.update(dict.fromkeys(_all_owners("default")))
            continue
        try:
            found[resolve(code.strip() if isinstance(code, str) else code).code] = None
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return tuple(found)


@cache
def _all_owners(atlas: str) -> tuple[str, ...]:
    owners: set[str] = set()
    for piece in shipped().pieces:
        owners.update(piece.owners if atlas == "default" else (piece.plain_owner,))
    return tuple(sorted(owners - {"AQ", ""}))


def closures(
    codes: str | Iterable[str],
    *,
    belt: str = "nearest",
    atlas: str = "default",
    territorial_sea_m: float = TERRITORIAL_SEA,
    stand_off_m: float = 0.0,
) -> tuple[Closure, ...]:
    """One closure for each State named in `codes` ("IR,IQ", ["IR", "Iraq"], "ALL").

    Parameters
    ----------
    codes : alpha-2, alpha-3, numeric codes or names; "ALL" is every State and area except Antarctica
    belt : "nearest" (shipped for 12 nm only) or "plain"
    atlas : "default" (with islets and disputed pieces) or "plain" (Natural Earth as it is)
    territorial_sea_m : m, 0 to 200 nm
    stand_off_m : m, 0 to 2,000 nm

    Raises: InputError listing everything wrong with the arguments at once.
    """
    faults: list[Fault] = []
    resolved: tuple[str, ...] = ()
    try:
        resolved = _all_owners(atlas) if atlas in ATLASES and _is_all(codes) else codes_of(codes)
    except InputError as error:
        faults.extend(error.faults)
    for name, choice, choices in (("belt", belt, BELTS), ("atlas", atlas, ATLASES)):
        try:
            _check_choice(name, choice, choices)
        except InputError as error:
            faults.extend(error.faults)
    for name, value, largest in (
        ("territorial sea", territorial_sea_m, LARGEST_SEA),
        ("stand-off", stand_off_m, LARGEST_STAND_OFF),
    ):
        if not (math.isfinite(value) and 0.0 <= value <= largest):
            faults.append(
                Fault(f"{name} is {value / NAUTICAL_MILE:g} nm; it must lie between 0 and "
                      f"{largest / NAUTICAL_MILE:g} nm")
            )  # fmt: skip
    if belt == "nearest" and abs(territorial_sea_m - TERRITORIAL_SEA) > 1e-6:
        asked = f"{territorial_sea_m / NAUTICAL_MILE:g} nm"
        faults.append(
            Fault(f"nearest belts are shipped for 12 nm, not for {asked}",
                  hint=f"use --belt plain with --territorial-sea {asked.replace(' ', '')}")
        )  # fmt: skip
    if faults:
        raise InputError(faults)
    return tuple(_closure(code, belt, atlas, territorial_sea_m, stand_off_m) for code in resolved)


def _is_all(codes: str | Iterable[str]) -> bool:
    return isinstance(codes, str) and codes.strip().upper() == "ALL"


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise InputError(f"{name} is {value!r}; it must be {' or '.join(repr(c) for c in choices)}")


def _closure(code: str, belt: str, atlas: str, territorial_sea_m: float, stand_off_m: float) -> Closure:
    pack = shipped()
    mine = owned(pack.pieces, code, atlas)
    name = next((state.name for state in _table() if state.code == code), code)
    if not mine.any():
        raise InputError(
            Fault(
                f"{name} ({code}) has no land of its own in the {atlas} atlas",
                hint=f"use --atlas {'plain' if atlas == 'default' else 'default'}",
            )
        )
    members = pack.belts[atlas].get(code, pack.belts["default"].get(code)) if belt == "nearest" else None
    if members is not None:
        layer = pack.layer("belts")
        rings = [_ring(layer, [(number, False)]) for number in members]
        lines = [BoundaryLine(ring.lat, ring.lon, 0.0) for ring in rings]
    elif belt == "nearest":  # no sea of its own: landlocked, or Antarctica
        rings, lines = _land(pack, mine, atlas, 0.0)
    else:
        rings, lines = _land(pack, mine, atlas, territorial_sea_m)
    return Closure(
        id=code, name=name, kind="national", rings=tuple(rings), lines=tuple(lines), stand_off_m=stand_off_m,
        holds_north_pole=False, source=border_statement(atlas),
    )  # fmt: skip


def _land(
    pack: Atlas, mine: np.ndarray[Any, np.dtype[np.bool_]], atlas: str, territorial_sea_m: float
) -> tuple[list[Ring], list[BoundaryLine]]:
    """Land rings and, with its offset, every arc with exactly one side in `mine`."""
    present = np.array([atlas == "default" or bool(piece.plain_owner) for piece in pack.pieces] + [False])
    rings: list[Ring] = []
    lines: list[BoundaryLine] = []
    for layer in (pack.layer("land"), pack.layer("islets")):
        own_left, own_right = _side(mine, layer.left), _side(mine, layer.right)
        boundary = np.nonzero(own_left != own_right)[0]
        rings.extend(_stitch(layer, boundary[~layer.line_only[boundary]]))
        for i in boundary:
            if layer.line_only[i] and not own_left[i]:
                continue  # an enclave too small for an inside is no boundary of the State round it
            other = layer.right[i] if own_left[i] else layer.left[i]
            part = slice(layer.start[i], layer.start[i + 1])
            offset = 0.0 if present[other] else territorial_sea_m
            lines.append(BoundaryLine(layer.lat[part], layer.lon[part], offset))
    return rings, lines


def owned(pieces: Sequence[Piece], code: str, atlas: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """(n_pieces + 1,) which pieces are `code`'s; the last entry, the sea's, is False."""
    if atlas == "default":
        mine = [code in piece.owners or code == piece.id for piece in pieces]
    else:
        mine = [bool(piece.plain_owner) and code in (piece.plain_owner, piece.id) for piece in pieces]
    return np.array([*mine, False])


def _side(mine: np.ndarray[Any, np.dtype[np.bool_]], index: Any) -> Any:
    return mine[np.where(index == SEA, mine.size - 1, index)]


def _stitch(layer: Layer, arcs: Any) -> tuple[Ring, ...]:
    """Arcs joined end to end into closed rings."""
    first, last = layer.start[arcs], layer.start[arcs + 1] - 1
    head = list(zip(layer.lat[first].tolist(), layer.lon[first].tolist(), strict=True))
    tail = list(zip(layer.lat[last].tolist(), layer.lon[last].tolist(), strict=True))
    rings: list[Ring] = []
    open_at: dict[tuple[float, float], list[tuple[int, bool]]] = {}
    for k, arc in enumerate(arcs.tolist()):
        if head[k] == tail[k]:
            rings.append(_ring(layer, [(arc, False)]))
        else:
            open_at.setdefault(head[k], []).append((k, False))
            open_at.setdefault(tail[k], []).append((k, True))
    used = [False] * len(head)
    for k in range(len(head)):
        if used[k] or head[k] == tail[k]:
            continue
        chain, at, start = [(int(arcs[k]), False)], tail[k], head[k]
        used[k] = True
        while at != start:
            j, backward = next(entry for entry in open_at[at] if not used[entry[0]])
            used[j] = True
            chain.append((int(arcs[j]), backward))
            at = head[j] if backward else tail[j]
        rings.append(_ring(layer, chain))
    return tuple(rings)


def _ring(layer: Layer, chain: list[tuple[int, bool]]) -> Ring:
    lats: list[Floats] = []
    lons: list[Floats] = []
    for arc, backward in chain:
        lat = layer.lat[layer.start[arc] : layer.start[arc + 1]]
        lon = layer.lon[layer.start[arc] : layer.start[arc + 1]]
        skip = 1 if lats else 0
        lats.append((lat[::-1] if backward else lat)[skip:])
        lons.append((lon[::-1] if backward else lon)[skip:])
    lat, lon = (lats[0], lons[0]) if len(chain) == 1 else (np.concatenate(lats), np.concatenate(lons))
    lat.flags.writeable = lon.flags.writeable = False
    return Ring(lat, lon)


def holds(closure: Closure, lat: ArrayLike, lon: ArrayLike) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """(n,) whether each point [deg] lies inside the closure's rings (a plain belt's sea is not in them)."""
    from longreach.world._airspace_kernels import column_index, pieces_holding

    lat, lon = _points(lat, lon)
    if not closure.rings:
        return np.full(lat.shape, closure.holds_north_pole)
    lat1, lon1, lat2, lon2 = (
        np.concatenate([getattr(ring, axis)[cut] for ring in closure.rings])
        for cut in (slice(None, -1), slice(1, None))
        for axis in ("lat", "lon")
    )
    own = np.zeros(lat1.size, np.int64)
    nobody = np.full(lat1.size, SEA, np.int64)
    first_of, members = column_index(lon1, lon2)
    found = pieces_holding(lat, lon, lat1, lon1, lat2, lon2, own, nobody, 1, first_of, members)
    return (found >= 0) != closure.holds_north_pole


def _points(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    lat, lon = np.broadcast_arrays(np.atleast_1d(lat).astype(float), np.atleast_1d(lon).astype(float))
    if not (np.isfinite(lat).all() and np.isfinite(lon).all() and (np.abs(lat) <= 90.0).all()):
        raise InputError("positions must be finite, with latitude between -90 and 90 degrees")
    return np.ascontiguousarray(lat), np.ascontiguousarray(wrap_longitude(lon))


@cache
def _worldwide() -> tuple[Any, ...]:
    """Segments of every State's belt in the default atlas, with the State's number and their columns."""
    from longreach.world._airspace_kernels import column_index

    areas = _holders()
    lat1, lon1, lat2, lon2, state = [], [], [], [], []
    for number, (code, _) in enumerate(areas):
        for ring in _closure(code, "nearest", "default", TERRITORIAL_SEA, 0.0).rings:
            lat1.append(ring.lat[:-1])
            lon1.append(ring.lon[:-1])
            lat2.append(ring.lat[1:])
            lon2.append(ring.lon[1:])
            state.append(np.full(ring.lat.size - 1, number))
    west, east = np.concatenate(lon1), np.concatenate(lon2)
    first_of, members = column_index(west, east)
    # laid out column by column, so that a query reads memory in order
    south, north = np.concatenate(lat1)[members], np.concatenate(lat2)[members]
    number_of = np.concatenate(state)[members]
    nobody = np.full(members.size, SEA)
    return (
        south, west[members], north, east[members], number_of, nobody,
        len(areas), first_of, np.arange(members.size),
    )  # fmt: skip


@cache
def _holders() -> tuple[tuple[str, str], ...]:
    """(area, State) pairs that share out the world: disputed pieces with their holders, then the States."""
    disputed = [(p.id, p.owners[0]) for p in shipped().pieces if len(p.owners) > 1]
    holders = sorted({piece.owners[0] for piece in shipped().pieces})
    return (*disputed, *((code, code) for code in holders))


def overflown(lat: ArrayLike, lon: ArrayLike) -> np.ndarray[Any, np.dtype[np.str_]]:
    """(n,) code of the State whose national airspace (default atlas, nearest belt) holds each point [deg].

    "" over the high seas. A disputed place goes by the State that holds it, as does the strip of some
    60 m along a median line where two belts overlap by their tolerance.
    """
    from longreach.world._airspace_kernels import pieces_holding

    lat, lon = _points(lat, lon)
    found = pieces_holding(lat, lon, *_worldwide())
    return np.array([*(state for _, state in _holders()), ""])[found]
