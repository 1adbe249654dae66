"""A flight handed to `verify.trajectory`, which shares nothing with the optimiser."""

from longreach.trajectory.flight import PHASES
from longreach.verify.trajectory import Asked, Flown, faults


def judged(
    found,
    aircraft,
    field,
    closures,
    *,
    reserve_s=1800.0,
    contingency=0.05,
    rule="semicircular",
    elevation=0.0,
):
    flight = found.flight
    flown = Flown(
        flight.time_s, flight.lat, flight.lon, flight.along_m, flight.altitude_m, flight.mach, flight.tas_mps,
        flight.mass_kg, [PHASES[i] for i in flight.phase], flight.zero_fuel_mass_kg,
    )  # fmt: skip
    steady = field.steady or field.uniform
    return faults(
        flown,
        Asked(
            aircraft, field, closures, found.departure.timestamp(), 0.0 if steady else field.seconds(found.departure),
            reserve_s, contingency, rule, elevation,
        ),
    )  # fmt: skip
