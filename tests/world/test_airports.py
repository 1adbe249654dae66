"""Places by code, name and position; every runway length we ship has a field to belong to."""

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longreach.errors import InputError, UnitError
from longreach.units import FOOT
from longreach.world import airports


@pytest.mark.parametrize("text", ["KBAD", "kbad", " KBAD ", "BAD", "bad"])
def test_barksdale_by_either_code(text):
    place = airports.find(text)
    assert (place.code, place.iata, place.country, place.tz) == ("KBAD", "BAD", "US", "America/Chicago")
    # position and elevation as Barksdale's public airport data have them
    assert (place.lat, place.lon) == pytest.approx((32.5018, -93.6627), abs=0.001)
    assert place.elevation_m == pytest.approx(166 * FOOT, abs=1.0)
    assert place.is_airport


# Lengths in feet as OurAirports gave them; those of Barksdale and Minot are also in their fact sheets.
@pytest.mark.parametrize("code, feet", [("KBAD", 11758), ("KMIB", 13197), ("LPLA", 10870), ("OTBH", 12303)])
def test_runways(code, feet):
    assert airports.find(code).runway_m == pytest.approx(feet * FOOT, abs=0.01)


def test_every_runway_belongs_to_a_field_and_is_believable():
    fields = airports.with_runway()
    assert len(fields) >= 22
    assert all(airports.runway_source(place.code) for place in fields)
    assert all(5000 * FOOT < place.runway_m < 20000 * FOOT for place in fields)


def test_a_field_without_a_known_runway_says_none():
    assert airports.find("OTBK").runway_m is None


@pytest.mark.parametrize(
    "text, fragment",
    [
        ("KBDA", "did you mean KBAD (Barksdale Afb Airport)"),
        ("LON", "name one: LCY, LGW, LHR, LTN or STN"),
        ("Al Udeid", "did you mean OTBH (Al Udeid Air Base)"),
        ("barksdale", "did you mean KBAD"),
        ("", "is not a place"),
        ("K'AD", "is not a place"),
        ('","', "is not a place"),
    ],
)
def test_unknown_places_get_a_way_out(text, fragment):
    with pytest.raises(InputError) as caught:
        airports.find(text)
    assert fragment in str(caught.value)


@given(st.floats(-90, 90), st.floats(-180, 179.999999))
def test_a_position_is_kept_to_the_last_figure_given(lat, lon):
    place = airports.find(f"{lat:.6f},{lon:.6f}")
    assert (place.lat, place.lon) == (float(f"{lat:.6f}"), float(f"{lon:.6f}"))
    assert not place.is_airport and place.runway_m is None
    again = airports.find(place.code)
    assert (again.lat, again.lon) == (place.lat, place.lon)


def test_positions_off_the_globe():
    with pytest.raises(UnitError, match="latitude 91"):
        airports.find("91,0")
    assert airports.find("0,200").lon == -160.0


def test_what_else_a_code_stands_for():
    assert airports.note("TER") == (
        "TER is read as the IATA code of LPLA; it is also the local identifier of PATE (Teller Airport)"
    )
    assert airports.note("KBAD") is None and airports.note("32,51") is None


def test_search():
    assert [place.code for place in airports.search("barksdale afb")] == ["KBAD"]
    assert [place.code for place in airports.search("diego garcia")] == ["FJDG"]
    assert airports.search("sao paulo guarulhos")[0].code == "SBGR"  # accents do not matter
    assert all(place.country == "QA" for place in airports.search("", "qa"))
    assert airports.search("no such field at all") == []


def test_the_search_of_the_text_agrees_with_the_parsed_table():
    every = list(airports.every())
    assert len(every) > 28_000
    for place in every[::997]:
        assert airports.find(place.code) == place
        if place.iata:
            assert airports.find(place.iata) == place


def test_the_first_look_up_is_fast():
    code = (
        "import time; from longreach.world import airports; t = time.perf_counter(); airports.find('OTBH');"
        "print(time.perf_counter() - t)"
    )
    times = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(3)]
    assert min(times) < 0.060


def test_looking_up_the_same_code_again_is_no_slower():
    airports.find("OTBH")
    start = time.perf_counter()
    for _ in range(20):
        airports.find("OTBH")
    assert (time.perf_counter() - start) / 20 < 0.060
