"""The mission file: read, checked whole, and turned into frozen values in SI."""

from longreach.mission.model import (
    AirspaceRules,
    Clock,
    Crew,
    LeadFlight,
    Mission,
    PartnerFlight,
    Reserves,
    Station,
    TankerBase,
    Via,
    Winds,
)

__all__ = [
    "AirspaceRules",
    "Clock",
    "Crew",
    "LeadFlight",
    "Mission",
    "PartnerFlight",
    "Reserves",
    "Station",
    "TankerBase",
    "Via",
    "Winds",
]
