"""Teams of tankers against every tree there is, tried one by one, and what must hold for any of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from longreach.fuel import performance, refuelling, relay
from longreach.fuel.burn import CruiseTable
from longreach.fuel.refuelling import Pool
from longreach.fuel.relay import Member, Teams
from longreach.units import NAUTICAL_MILE
from longreach.world import aircraft as catalogue

NODE = 220.0 * NAUTICAL_MILE  # a coarse grid, on which all trees can be tried
CONTACT = 27 * 60.0


@cache
def table(code: str) -> CruiseTable:
    return CruiseTable(catalogue.load(code))


def pool(code: str, out_nm, ratio: float = 1.0, z: float = 0.0, sigma: float = 0.1) -> Pool:
    tanker = catalogue.load(code)
    taker = catalogue.load("Vulcan B.2" if "drogue" in tanker.refuelling.gives else "B-52H")
    pairing = refuelling.pair(taker, tanker, 0.8 * taker.max_takeoff_mass_kg)
    assert not isinstance(pairing, str)
    out = np.atleast_1d(np.asarray(out_nm, float)) * NAUTICAL_MILE
    return Pool(tanker, table(code), pairing, 1500.0, sigma, z, 20, out, out * ratio)


def every_tree(teams: Teams, candidate: int, most: int) -> dict[int, float]:
    """Most given with each number of tankers, every tree of them tried and none left out for being worse."""
    tanks, kind = teams.pool.table, teams.pool.tanker
    dry, margin, reserve = kind.operating_empty_mass_kg, teams.margin, teams.pool.reserve_kg
    ratio = float(teams.home[teams.column[candidate]])

    def burnt(fuel: float, metres: float) -> float:
        return fuel + dry - float(tanks.mass_after(dry + fuel, metres)) if fuel > 0.0 else np.nan

    def wanted(since: float, home_m: float) -> float:
        """By bisection: the fuel with which the way home, the reserve and the margin are just covered."""
        low, high = 0.0, tanks.heaviest_kg - dry
        for _ in range(40):
            middle = (low + high) / 2.0
            used = burnt(middle, home_m)
            if np.isnan(used) or middle - used < reserve + margin * (since + used):
                low = middle
            else:
                high = middle
        return high

    def on(state: tuple[float, float], metres: float, cost: float = 0.0) -> tuple[float, float]:
        used = burnt(state[0], metres) + cost
        return state[0] - used, state[1] + used

    last = int(teams.pool.out_m[candidate] / NODE)
    states: dict[tuple[int, int], set[tuple[float, float]]] = {(1, 0): {(teams.start, 0.0)}}
    for node in range(last + 1):
        for sorties in range(1, most + 1):
            here = states.setdefault((sorties, node), set())
            here |= {on(state, NODE) for state in states.get((sorties, node - 1), ())}
            begun = node - teams.skip
            for kept in range(1, sorties) if begun * NODE >= relay.FIRST else ():
                home = (begun * NODE + teams.transfer_m) * ratio
                for taker in states.get((kept, begun), ()):
                    has, since = on(taker, teams.transfer_m, teams.join_burn)
                    if not has >= wanted(since, home):
                        continue
                    for giver in states.get((sorties - kept, begun), ()):
                        left, known = on(giver, teams.transfer_m, teams.join_burn)
                        given = min(teams.share * (left - wanted(known, home)), teams.capacity - has)
                        if given >= relay.LEAST_GIVEN:
                            here.add(on((has + given, 0.0), teams.skip * NODE - teams.transfer_m))
            here -= {each for each in here if not each[0] >= wanted(each[1], node * NODE * ratio)}
    found = {}
    heaviest = dry + teams.start
    early = refuelling.TANKER_EARLY * float(tanks.flow(0.8 * heaviest))
    contact = teams.contact_s * performance.fuel_flow(
        kind, 0.85 * heaviest, teams.pool.pairing.altitude_m, teams.pool.pairing.mach
    )
    for sorties in range(1, most + 1):
        best = 0.0
        for count in range(1, sorties + 1):
            for state in states.get((count, last), ()):
                fuel, since = on(state, float(teams.pool.out_m[candidate]) - last * NODE, early + contact)
                if np.isfinite(fuel):
                    need = wanted(since, float(teams.pool.back_m[candidate]))
                    best = max(best, teams.share * (fuel - need))
        found[sorties] = best
    return found


@pytest.mark.parametrize("seed", range(10))
def test_no_tree_gives_more(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no margin for doubt the answer is that of trying all; with one, within a hundredth below."""
    monkeypatch.setattr(relay, "NODE", NODE)
    monkeypatch.setattr(relay, "REGAIN", 20.0 * NAUTICAL_MILE)
    rng = np.random.default_rng([1982, seed])
    code = str(rng.choice(["Victor K.2", "KC-10A", "KC-46A"]))
    reach = float(table(code).reach_m[-1]) / NAUTICAL_MILE / 2.0
    z = 0.0 if seed % 2 == 0 else float(rng.uniform(0.3, 1.7))
    one = pool(code, rng.uniform(0.5, 1.05) * reach, float(rng.uniform(0.85, 1.15)), z)
    own = relay.own_pairing(one.tanker)
    assert not isinstance(own, str)
    teams = Teams(one, own, CONTACT, share=float(rng.uniform(0.8, 1.0)), largest=4)
    told, tried = teams.given_kg[0], every_tree(teams, 0, 4)
    assert max(tried.values()) > 0.0
    for sorties, most in tried.items():
        assert told[sorties] <= most + 1.0
        assert told[sorties] >= (most if z == 0.0 else 0.97 * most) - 1.0


def test_a_relay_reaches_where_one_cannot() -> None:
    far = pool("Victor K.2", [2400.0])
    own = relay.own_pairing(far.tanker)
    assert not isinstance(own, str)
    teams = Teams(far, own, CONTACT)
    assert teams.given_kg[0, 1] == 0.0 and teams.given_kg[0, 4] > 10_000.0


@pytest.mark.parametrize("z", [0.0, 0.5, 1.3])
def test_more_tankers_and_nearer_never_give_less(z: float) -> None:
    one = pool("Victor K.2", np.arange(300.0, 3400.0, 60.0), 0.95, z)
    plain = refuelling.offers([one], 1, one.out_m, CONTACT, np.zeros(one.out_m.size))
    told, teams = relay.offers([one], plain, 1, CONTACT)
    assert (np.diff(teams[0].given_kg, axis=1) >= 0.0).all()
    for sorties in range(1, relay.LARGEST_TEAM + 1):
        most = told.offload_kg[:, 0, : sorties + 1].max(axis=1)
        assert (most[1:] <= 1.02 * most[:-1] + 50.0).all()
    for sorties in range(1, plain.offload_kg.shape[2]):
        near = plain.base[:, 0] >= 0
        assert (told.offload_kg[near, 0, sorties] >= plain.offload_kg[near, 0, sorties] - 1e-6).all()


def test_less_doubt_and_a_larger_share_give_more() -> None:
    own = relay.own_pairing(catalogue.load("Victor K.2"))
    assert not isinstance(own, str)
    by_doubt = [Teams(pool("Victor K.2", [2100.0], z=z), own, CONTACT).given_kg[0] for z in (1.6, 0.8, 0.0)]
    assert (np.diff(by_doubt, axis=0)[:, 3:] > 0.0).all()
    by_share = [Teams(pool("Victor K.2", [2100.0]), own, CONTACT, s).given_kg[0] for s in (0.8, 0.9, 0.95)]
    assert (np.diff(by_share, axis=0)[:, 3:] > 0.0).all()
    free = Teams(pool("Victor K.2", [2100.0], z=1.6), own, CONTACT, free=True).given_kg[0]
    assert (free[2:] > by_doubt[-1][2:]).all()


@pytest.mark.parametrize("sorties", range(2, 9))
def test_the_tree_told_is_one_that_can_be_flown(sorties: int) -> None:
    """No more tankers than asked, transfers in order and apart, each from a tanker that could be there."""
    far = pool("Victor K.2", [2500.0], z=0.5)
    own = relay.own_pairing(far.tanker)
    assert not isinstance(own, str)
    teams = Teams(far, own, CONTACT)
    root = teams.root(0, sorties)
    assert 1 <= root.sorties <= sorties

    def look(member: Member, until_m: float) -> None:
        if not member.takes:
            return
        starts = [take.start_m for take in member.takes]
        assert starts == sorted(starts)
        for one, two in zip(starts, [*starts[1:], until_m], strict=True):
            assert two - one >= teams.transfer_m + relay.REGAIN - 1.0
        for take in member.takes:
            assert take.start_m >= relay.FIRST and take.onload_kg >= relay.LEAST_GIVEN
            look(take.giver, take.start_m)

    look(root, float(far.out_m[0]))


def test_a_type_that_takes_nothing_makes_no_team() -> None:
    one = pool("KC-135R", [900.0, 1500.0])
    plain = refuelling.offers([one], 2, one.out_m, CONTACT, np.zeros(2))
    told, teams = relay.offers([one], plain, 2, CONTACT)
    assert not teams
    assert np.array_equal(told.offload_kg[:, 0, : plain.offload_kg.shape[2]], plain.offload_kg[:, 0])
