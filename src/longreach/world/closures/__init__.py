"""The user's closures: GeoJSON, NOTAM, SIGMET and FIR outlines, read so that nothing is silently dropped."""

from longreach.world.closures.geojson import ClosureFile, parse_closures, read_closures, to_geojson

__all__ = ["ClosureFile", "parse_closures", "read_closures", "to_geojson"]
