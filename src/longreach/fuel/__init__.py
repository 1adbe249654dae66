"""Fuel: performance at one moment, burn along a line, reserves, refuelling."""
