"""What an exporter returns: a file, what the format could not hold, and the line its reader will fly."""

from __future__ import annotations

from dataclasses import dataclass

from longreach.geodesy import Floats


@dataclass(frozen=True, slots=True)
class Carried:
    """The horizontal line of one flight as it stands in the file, after the format's rounding.

    lat, lon : (n,) degrees, in the order flown
    joined : how the program that reads it draws between points: "geodesic" or "sphere" (great circles of a
        sphere, as flight simulators do)
    """

    flight: str
    lat: Floats
    lon: Floats
    joined: str = "geodesic"


@dataclass(frozen=True, slots=True)
class File:
    """One file of an export.

    name : of the file, without a folder
    losses : what the plan says and this file cannot, one sentence each
    carried : the lines to hold against the closed airspace again; () where the file holds no line
    """

    name: str
    data: bytes
    losses: tuple[str, ...]
    carried: tuple[Carried, ...] = ()
