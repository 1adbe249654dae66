"""The shortest lawful path round closed airspace, with a proof of how short it could be.

>>> from longreach import route
>>> prepared = route.prepare([])
>>> route.shortest(prepared, (0.0, 0.0), (0.0, 1.0)).length_m
111319.49...
"""

from longreach.route.boundary import Closest
from longreach.route.choices import Alternative, Alternatives, Side, alternatives
from longreach.route.corridors import Corridor, permit, read_corridors
from longreach.route.fees import Fee, Paid, PricedRoute, cheapest
from longreach.route.matrix import Matrix, matrix, via_any_order
from longreach.route.prepared import Prepared, prepare
from longreach.route.prices import Passage, Price, StandOffPrices, closure_prices, stand_off_prices
from longreach.route.result import Cure, Route, Shortfall
from longreach.route.search import clearances, many, shortest, via
from longreach.route.timed import Crossing, TimedRoute, in_force, timed

__all__ = [
    "Alternative",
    "Alternatives",
    "Closest",
    "Corridor",
    "Crossing",
    "Cure",
    "Fee",
    "Matrix",
    "Paid",
    "Passage",
    "Prepared",
    "Price",
    "PricedRoute",
    "Route",
    "Shortfall",
    "Side",
    "StandOffPrices",
    "TimedRoute",
    "alternatives",
    "cheapest",
    "clearances",
    "closure_prices",
    "in_force",
    "many",
    "matrix",
    "permit",
    "prepare",
    "read_corridors",
    "shortest",
    "stand_off_prices",
    "timed",
    "via",
    "via_any_order",
]
