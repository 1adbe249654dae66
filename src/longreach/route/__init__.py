"""The shortest lawful path round closed airspace, with a proof of how short it could be.

>>> from longreach import route
>>> prepared = route.prepare([])
>>> route.shortest(prepared, (0.0, 0.0), (0.0, 1.0)).length_m
111319.49...
"""

from longreach.route.boundary import Closest
from longreach.route.prepared import Prepared, prepare
from longreach.route.result import Cure, Route, Shortfall
from longreach.route.search import clearances, many, shortest, via

__all__ = [
    "Closest",
    "Cure",
    "Prepared",
    "Route",
    "Shortfall",
    "clearances",
    "many",
    "prepare",
    "shortest",
    "via",
]
