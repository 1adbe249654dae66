"""The aircraft catalogue: one TOML file per type, every figure with its source and trust mark.

`load("B-52H")` gives a type as frozen SI values; types come with Longreach, from the user's own folder
(`longreach aircraft add`) or from a file that a mission names.
"""

from longreach.world.aircraft.catalogue import added, catalogue, forget, load, shipped
from longreach.world.aircraft.files import add, check, folder, keep, read, remove, to_toml
from longreach.world.aircraft.model import SCHEMA, TRUST, Aircraft, Figure, Refuelling, from_document

__all__ = [
    "SCHEMA",
    "TRUST",
    "Aircraft",
    "Figure",
    "Refuelling",
    "add",
    "added",
    "catalogue",
    "check",
    "folder",
    "forget",
    "from_document",
    "keep",
    "load",
    "read",
    "remove",
    "shipped",
    "to_toml",
]
