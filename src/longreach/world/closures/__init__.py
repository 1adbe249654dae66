"""The user's closures: GeoJSON, NOTAM, SIGMET and FIR outlines, read so that nothing is silently dropped."""

from longreach.world.closures.fir import read_fir
from longreach.world.closures.geojson import ClosureFile, parse_closures, read_closures, to_geojson
from longreach.world.closures.importing import Imported, import_closures

__all__ = [
    "ClosureFile",
    "Imported",
    "import_closures",
    "parse_closures",
    "read_closures",
    "read_fir",
    "to_geojson",
]
