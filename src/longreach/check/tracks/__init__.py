"""Tracks: read, gated, cut into legs, searched for gaps, approaches and orbits, and matched to a claim."""

from longreach.check.tracks.reading import read

__all__ = ["read"]
