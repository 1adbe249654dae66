"""What is: airspace, airports, atmosphere, aircraft, sun. From open data, each with its source."""
