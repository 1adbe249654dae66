"""The stand-off of every file is measured anew on the line the file carries."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from pyproj import Geod

from longreach import export as exporting
from longreach.export.fpl import place
from longreach.export.result import Carried
from longreach.export.standoff import Measure, flown

pytestmark = pytest.mark.xdist_group("export")


def test_a_format_that_rounds_into_the_stand_off_says_so(gulf) -> None:
    document, _ = gulf
    for each in exporting.export(document, ["all"]):
        if each.format == "fpl" and each.file.name.startswith("lead"):
            assert any("IR" in broken for broken in each.broken)
        elif each.format != "fpl":
            assert each.broken == ()
            for passage in each.closest:
                planned = next(
                    row
                    for row in document["airspace"]
                    if (row["id"], row["flight"]) == (passage["id"], passage["flight"])
                )
                if each.format != "scn":  # which begins at the top of climb
                    assert passage["closest_nm"] == pytest.approx(planned["closest_nm"], abs=0.02)


def test_the_rounded_route_is_what_is_measured(gulf) -> None:
    """The message read back by its words, and its distance from the boundary by another measure of ours."""
    from longreach import route
    from longreach.world import airspace

    document, _ = gulf
    (file, *_) = exporting.export(document, ["fpl"])
    text = " ".join(file.file.data.decode().split())
    points = [place(word.split("/")[0]) for word in re.findall(r"\d{4}[NS]\d{5}[EW]\S*", text)]
    (iran,) = airspace.closures(["IR"], stand_off_m=25 * 1852.0)
    lat, lon = np.array(points).T
    measured = route.clearances([iran], lat, lon)[0].clearance_m / 1852.0
    said = next(row for row in file.closest if row["id"] == "IR")["closest_nm"]
    assert said == pytest.approx(measured, abs=0.01)


def test_a_line_moved_into_a_closure_is_broken(gulf) -> None:
    document, table = gulf
    measure = Measure(document)
    lead = table.tracks[0]
    assert all(passage.kept for passage in measure.passages(Carried("lead", lead.lat, lead.lon)))
    moved = measure.passages(Carried("lead", lead.lat + 0.6, lead.lon))
    assert any(not passage.kept for passage in moved)


def test_great_circles_of_a_sphere_are_not_geodesics() -> None:
    lat, lon = np.array([60.0, 60.0]), np.array([0.0, 90.0])
    line = flown(Carried("x", lat, lon, "sphere"))
    # The highest latitude of that circle: tan(lat) = tan(60) / cos(45).
    assert max(line[0]) == pytest.approx(
        np.degrees(np.arctan(np.tan(np.radians(60)) / np.cos(np.radians(45)))), abs=1e-3
    )
    geod = Geod(ellps="WGS84")
    _, _, legs = geod.inv(line[1][:-1], line[0][:-1], line[1][1:], line[0][1:])
    assert max(legs) < 12_000.0
    same = flown(Carried("x", lat, lon))
    assert np.array_equal(same[0], lat)


def test_exports_are_json(gulf) -> None:
    json.dumps([each.document() for each in exporting.export(gulf[0], ["gpx", "fpl"])], allow_nan=False)
