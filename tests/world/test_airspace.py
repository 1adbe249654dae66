"""States, codes, the plain law, the pack and the land atlas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longreach.errors import DataError, InputError
from longreach.geodesy import distance
from longreach.units import NAUTICAL_MILE
from longreach.world import airspace, atlas


@pytest.mark.parametrize(
    ("given_code", "code"),
    [
        ("IR", "IR"), ("ir", "IR"), ("IRN", "IR"), ("364", "IR"), ("Iran", "IR"), (" Persia ", "IR"),
        ("8", "AL"), ("008", "AL"), ("Ivory Coast", "CI"), ("cote d'ivoire", "CI"), ("CÔTE D’IVOIRE", "CI"),
        ("Burma", "MM"), ("UK", "GB"), ("turkey", "TR"), ("Turkiye", "TR"), ("Curacao", "CW"),
        ("Dem. Rep. Congo", "CD"), ("xk", "XK"), ("crimea", "X-CRIMEA"), ("French Guiana", "GF"),
    ],
)  # fmt: skip
def test_a_state_goes_by_any_of_its_codes_and_names(given_code: str, code: str) -> None:
    assert airspace.resolve(given_code).code == code


def test_every_code_of_every_state_leads_back_to_it() -> None:
    for state in airspace.states():
        for word in (state.code, state.alpha3, state.numeric, state.name):
            if word:
                assert airspace.resolve(word) == state


def test_codes_are_unique_and_well_formed() -> None:
    states = airspace.states()
    for field, size in (("alpha3", 3), ("numeric", 3)):
        values = [getattr(state, field) for state in states if getattr(state, field)]
        assert len(values) == len(set(values))
        assert all(len(value) == size for value in values)
    assert sum(bool(state.numeric) for state in states) == 249  # all of ISO 3166-1 has a boundary


def test_a_wrong_code_is_met_with_the_right_one() -> None:
    with pytest.raises(InputError, match=r"IQ \(Iraq\)"):
        airspace.resolve("Iraqq")
    with pytest.raises(InputError, match="airspace list"):
        airspace.resolve("0000")
    with pytest.raises(InputError, match="as text"):
        airspace.resolve(364)  # type: ignore[arg-type]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        airspace.closures(["IR", "ZZ", "Qatarr"], belt="wide", atlas="x", stand_off_m=-1.0)
    assert len(caught.value.faults) == 5


@pytest.mark.parametrize("sea", [0.0, 22223.0, 44448.0])
def test_nearest_belts_are_for_twelve_miles_only(sea: float) -> None:
    with pytest.raises(InputError, match=r"shipped for 12 nm.*--belt plain"):
        airspace.closures("IR", territorial_sea_m=sea)
    assert airspace.closures("IR", territorial_sea_m=sea, belt="plain")[0].lines


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 1e8])
def test_absurd_distances_are_refused(value: float) -> None:
    with pytest.raises(InputError, match="territorial sea"):
        airspace.closures("IR", territorial_sea_m=value, belt="plain")
    with pytest.raises(InputError, match="stand-off"):
        airspace.closures("IR", stand_off_m=value)


@given(st.text(max_size=12))
def test_any_text_is_a_state_or_a_clear_error(text: str) -> None:
    try:
        assert airspace.resolve(text) in airspace.states()
    except InputError as error:
        assert len(error.faults) == 1


def test_all_is_everybody_but_antarctica_once() -> None:
    for name in airspace.ATLASES:
        codes = [closure.id for closure in airspace.closures("ALL", atlas=name)]
        assert len(codes) == len(set(codes)) > 230
        assert "AQ" not in codes
    assert {c.id for c in airspace.closures(["ALL", "IR"])} == {c.id for c in airspace.closures("ALL")}
    # every piece but Antarctica is closed by somebody
    everybody = {c.id for c in airspace.closures("ALL")}
    assert all(set(p.owners) & everybody for p in atlas.shipped().pieces if p.id != "AQ")


def test_plain_closures_keep_coast_and_border_apart() -> None:
    (iran,) = airspace.closures("IR", belt="plain", atlas="plain", stand_off_m=50 * NAUTICAL_MILE)
    assert {line.offset_m for line in iran.lines} == {0.0, 12 * NAUTICAL_MILE}
    coast = [line for line in iran.lines if line.offset_m]
    border = [line for line in iran.lines if not line.offset_m]
    # the border with Iraq and Turkey is a border; Qeshm's shore is coast
    assert min(distance(39.4, 44.4, line.lat, line.lon).min() for line in border) < 30e3
    assert min(distance(26.95, 56.27, line.lat, line.lon).min() for line in coast) < 5e3
    (afghanistan,) = airspace.closures("AF", belt="plain", atlas="plain")
    assert {line.offset_m for line in afghanistan.lines} == {0.0}


def test_neighbours_share_their_border_bit_for_bit() -> None:
    for belt in airspace.BELTS:
        for pair in (("IR", "IQ"), ("FR", "DE"), ("US", "CA"), ("RU", "KZ"), ("ZA", "LS")):
            points = [
                {(a, b) for line in airspace.closures(code, belt=belt)[0].lines
                 for a, b in zip(line.lat.tolist(), line.lon.tolist(), strict=True)}
                for code in pair
            ]  # fmt: skip
            assert len(points[0] & points[1]) > 50, (belt, pair)


def test_rings_are_closed_read_only_and_short_edged() -> None:
    for belt in airspace.BELTS:
        for closure in airspace.closures("RU,FJ,IR,CA,AQ,VA", belt=belt):
            for ring in closure.rings:
                assert (ring.lat[0], ring.lon[0]) == (ring.lat[-1], ring.lon[-1])
                assert ring.lat.size >= 4
                assert not ring.lat.flags.writeable and not ring.lon.flags.writeable
                assert (np.abs(ring.lat) <= 90.0).all() and (np.abs(ring.lon) <= 180.0).all()
                edges = distance(ring.lat[:-1], ring.lon[:-1], ring.lat[1:], ring.lon[1:])
                assert edges.max() < 100e3
            assert closure.lines
            assert all(line.lat.size >= 2 and not line.lat.flags.writeable for line in closure.lines)


@pytest.mark.parametrize("belt", airspace.BELTS)
def test_known_places(belt: str) -> None:
    places = {
        (35.69, 51.42): "IR", (55.75, 37.62): "RU", (66.0, -178.0): "RU", (68.0, 180.0): "RU",
        (71.2, -179.5): "RU", (-16.85, 179.97): "FJ", (-29.5, 28.2): "LS", (32.5, -93.66): "US",
        (40.0, -175.0): None, (0.0, 0.0): None, (90.0, 0.0): None, (-16.83, -179.98): "FJ",
    }  # fmt: skip
    lat, lon = np.array(list(places)).T
    for code in ("IR", "RU", "FJ", "LS", "US"):
        held = airspace.holds(airspace.closures(code, belt=belt)[0], lat, lon)
        assert held.tolist() == [code == where for where in places.values()], code


def test_the_south_pole_is_antarctica_and_the_north_pole_nobodys() -> None:
    assert airspace.overflown([-90.0, 90.0, -90.0], [0.0, 77.0, 123.0]).tolist() == ["AQ", "", "AQ"]
    (antarctica,) = airspace.closures("AQ")
    assert airspace.holds(antarctica, [-90.0, 90.0], [0.0, 0.0]).tolist() == [True, False]


def test_overflown_is_the_closure_that_holds() -> None:
    random = np.random.default_rng(3)
    lat, lon = np.degrees(np.arcsin(random.uniform(-1, 1, 3000))), random.uniform(-180, 180, 3000)
    codes = airspace.overflown(lat, lon)
    for code in ("RU", "US", "CA", "BR", "ID", "FR", "CN"):
        held = airspace.holds(airspace.closures(code)[0], lat, lon)
        assert held[codes == code].all()
    anybody = np.zeros(lat.size, bool)
    for closure in airspace.closures([*(s.id for s in airspace.closures("ALL")), "AQ"]):
        anybody |= airspace.holds(closure, lat, lon)
    assert (anybody == (codes != "")).all()
    # land is 29.2 % of the Earth (CIA World Factbook); seas of 12 nm and lakes make it a little more
    assert 0.28 < np.mean(codes != "") < 0.33


def test_overflown_wraps_longitudes_and_refuses_what_is_no_position() -> None:
    assert airspace.overflown(-16.7, [179.99, 539.99, -180.01]).tolist() == ["FJ"] * 3
    for lat, lon in ((91.0, 0.0), (float("nan"), 0.0), (0.0, float("inf"))):
        with pytest.raises(InputError):
            airspace.overflown(lat, lon)


def test_parts_of_a_state_close_alone_and_with_it() -> None:
    cayenne = ([4.93], [-52.33])
    assert airspace.holds(airspace.closures("GF")[0], *cayenne)[0]
    assert airspace.holds(airspace.closures("FR")[0], *cayenne)[0]
    assert not airspace.holds(airspace.closures("GF")[0], [48.85], [2.35])[0]
    assert airspace.overflown(*cayenne)[0] == "FR"
    nicosia_north = ([35.3], [33.4])
    assert airspace.holds(airspace.closures("CY")[0], *nicosia_north)[0]
    assert not airspace.holds(airspace.closures("CY", atlas="plain")[0], *nicosia_north)[0]


def test_the_pack_says_what_it_is() -> None:
    identity = airspace.pack_identity()
    assert identity.name == "longreach-airspace"
    assert len(identity.sha256) == 64
    assert airspace.border_statement().startswith("borders: Natural Earth 4.1.0, de facto")
    assert "islets" not in airspace.border_statement("plain")
    assert atlas.PACK_FILE.stat().st_size < 2_000_000


def test_a_damaged_or_missing_pack_is_a_clear_error(tmp_path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        atlas.Atlas(tmp_path / "none.pack")
    broken = tmp_path / "broken.pack"
    broken.write_bytes(b"something else entirely")
    with pytest.raises(DataError, match="damaged"):
        atlas.Atlas(broken)
    data = bytearray(atlas.PACK_FILE.read_bytes())
    data[len(data) // 2] ^= 0xFF
    broken.write_bytes(bytes(data))
    with pytest.raises(DataError, match="damaged"):
        for name in ("land", "islets", "belts"):
            atlas.Atlas(broken).layer(name)


def test_a_pack_reads_back_as_it_was_written(tmp_path) -> None:
    grid = {"columns": 3600, "lon0": -180.0, "lon_step": 0.1, "lat0": -90.0, "lat_step": 0.1}
    over_the_date_line = (np.array([3590, 5, 5, 3590]), np.array([800, 800, 900, 800]), 0, atlas.SEA, False)
    header = {"name": "x", "version": "1", "statement": "s", "pieces": []}
    path = tmp_path / "x.pack"
    atlas.write_pack(path, header, {"land": {"grid": grid, "arcs": [over_the_date_line] * 2}})
    layer = atlas.Atlas(path).layer("land")
    assert layer.start.tolist() == [0, 4, 8]
    assert layer.lon == pytest.approx([179.0, -179.5, -179.5, 179.0] * 2)
    assert layer.lat == pytest.approx([-10.0, -10.0, 0.0, -10.0] * 2)


def test_islets_are_where_charts_have_them() -> None:
    """Larak to Great Quoin is 20.7 nm; the strait is commonly given as 21 nm wide there (US EIA, 2012)."""
    (iran,) = airspace.closures("IR", belt="plain")
    shore = min(distance(26.505, 56.512, line.lat, line.lon).min() for line in iran.lines if line.offset_m)
    assert 20.3 < (shore - 500.0) / NAUTICAL_MILE < 21.2
    islets = [piece for piece in atlas.shipped().pieces if not piece.area]
    assert len(islets) == 11
    assert all(piece.note and piece.trust for piece in islets)


def test_facts_of_a_state() -> None:
    from longreach.world.facts import facts

    lesotho = facts("LS")
    assert lesotho.neighbours == ("ZA",)
    assert lesotho.islands == 1
    assert lesotho.land_m2 == pytest.approx(30355e6, rel=0.01)  # CIA World Factbook
    assert lesotho.airspace_m2 == lesotho.land_m2
    south_africa = facts("ZA")
    assert south_africa.land_m2 == pytest.approx(1219090e6, rel=0.01)  # less Lesotho, its hole
    iran = facts("IR", stand_off_m=92600.0)
    assert iran.neighbours == ("AF", "AM", "AZ", "IQ", "PK", "TM", "TR")
    assert {piece.id for piece in iran.disputed} == {"X-ABU-MUSA", "X-GREATER-TUNB", "X-LESSER-TUNB"}
    assert "OM" in iran.seaward
    assert iran.land_m2 == pytest.approx(1628550e6, rel=0.02)  # UN Demographic Yearbook, land and lakes


@pytest.mark.parametrize("atlas", airspace.ATLASES)
def test_every_state_listed_can_be_closed(atlas):
    for state in airspace.states(atlas):
        assert airspace.closures([state.code], belt="plain", atlas=atlas)
