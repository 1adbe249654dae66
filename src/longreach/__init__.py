"""Longreach plans, verifies and explains flights that go halfway round the world without landing."""

__version__ = "0.1.0"
