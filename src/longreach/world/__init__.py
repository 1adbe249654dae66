"""What is, from open data: airspace, airports, atmosphere, aircraft, the sun."""
