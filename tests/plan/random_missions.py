"""Random missions."""
