"""Longreach plans, verifies and explains flights that go halfway round the world without landing."""

from typing import Any

__version__ = "0.1.0"

# What Python and notebooks use; loaded when it is asked for, so that `import longreach` costs nothing.
_API = ("LoadedMission", "Plan", "load", "open_plan", "shortest_route")
__all__ = ["LoadedMission", "Plan", "__version__", "load", "open_plan", "shortest_route"]


def __getattr__(name: str) -> Any:
    if name in _API:
        from longreach import api

        return getattr(api, name)
    raise AttributeError(f"module 'longreach' has no attribute {name!r}")
