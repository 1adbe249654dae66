"""Tankers shared out: the set partition against every choice there is, and missions that use each key."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from longreach import mission as missions
from longreach.plan import tankers
from longreach.plan.tankers import Column
from longreach.verify import examine
from plan_documents import edited, flight_of

Plan = dict[str, Any]

HEAD = """schema = "longreach.mission/1"
name = "Bombers over the Atlantic"
[clock]
anchor = "takeoff"
time = 2020-12-10T10:00:00Z
"""
ABORT = """[abort]
bases = ["KBAD", "KPSM", "LPLA", "LEMO", "KMIB"]
"""


def bombers(id: str, base: str, via: str, fuel: str, count: int = 1) -> str:
    """B-52Hs out to a point and back, with so little fuel that they need more."""
    return f"""[[flights]]
id = "{id}"
aircraft = "B-52H"
count = {count}
operator = "US"
from = "{base}"
to = "{base}"
payload = "0 t"
via = [{via}]
takeoff_fuel = "{fuel}"
"""


def lajes(aircraft: str = "KC-135R", available: int = 1) -> str:
    """Tankers at Lajes."""
    return f"""[[tankers]]
id = "lajes-{aircraft}"
operator = "US"
aircraft = "{aircraft}"
base = "LPLA"
available = {available}
"""


SOUTH = bombers("south", "KBAD", "[37.0, -12.0]", "85 t")
ONE = HEAD + SOUTH + lajes() + ABORT
TWO = HEAD + SOUTH + bombers("north", "KMIB", "[37.0, -2.0]", "90 t") + lajes() + ABORT


def with_keys(text: str, **keys: str) -> str:
    """The mission with more keys at its tanker entry."""
    return text.replace(
        "available = 1\n", "available = 1\n" + "".join(f"{k} = {v}\n" for k, v in keys.items())
    )


# 80 t do not take four bombers there and back; there is one tanker of each of two types, and one place for a contact
MIXED = (
    HEAD
    + bombers("lead", "KBAD", "[38.0, -15.0]", "80 t", count=4)
    + lajes()
    + lajes("KC-46A")
    + """[refuelling]
longest_flow = "25 min"
[[refuelling.forbidden]]
name = "west"
polygon = [[25, -70], [50, -70], [50, -30.5], [25, -30.5]]
[[refuelling.forbidden]]
name = "east"
polygon = [[25, -20], [50, -20], [50, -5], [25, -5]]
"""
    + ABORT
)

FAR = (
    """schema = "longreach.mission/1"
name = "Tankers far off the line"
[clock]
anchor = "takeoff"
time = 1997-09-14T20:00:00Z
[[flights]]
id = "lead"
aircraft = "C-17A"
count = 2
operator = "US"
from = "KPOB"
to = "LTAG"
payload = "60 t"
"""
    + lajes(available=6)
    + """[abort]
bases = ["KPOB", "CYQX", "LPLA", "EGUN", "EDDF", "LTAG"]
[winds]
source = "still"
"""
)


# -- the set partition against every choice ---------------------------------------------------------------


def instance(seed: int) -> tuple[Any, list[Any], list[Column]]:
    """Two to four contacts that want one to three tankers, two or three bases, up to nine columns."""
    rng = np.random.default_rng([seed, 8])
    demands = [
        SimpleNamespace(contact=SimpleNamespace(tankers=int(rng.integers(1, 4))))
        for _ in range(int(rng.integers(2, 5)))
    ]
    entries = [
        SimpleNamespace(
            available=int(rng.integers(1, 5)),
            turn_time_s=float(rng.choice([1.0, 4.0])) * 3600.0 if rng.uniform() < 0.4 else None,
            base=SimpleNamespace(code="XXXX"),
        )
        for _ in range(int(rng.integers(2, 4)))
    ]
    columns = []
    for _ in range(int(rng.integers(4, 10))):
        size = int(rng.integers(1, min(3, len(demands)) + 1))
        path = tuple(sorted(int(d) for d in rng.permutation(len(demands))[:size]))
        start = float(path[0]) * 3.0 * 3600.0 + rng.uniform(0.0, 3600.0)
        columns.append(
            Column(
                int(rng.integers(0, len(entries))),
                path,
                float(rng.uniform(8_000.0, 40_000.0)),
                start,
                start + (2.0 + 3.0 * (path[-1] - path[0])) * 3600.0,
            )
        )
    return SimpleNamespace(tankers=entries), demands, columns


def every_choice(mission: Any, demands: list[Any], columns: list[Column]) -> tuple[int, float] | None:
    """Fewest sorties, then least burn, over every number of sorties for every column."""
    best = None
    most = [min(demands[d].contact.tankers for d in column.demands) for column in columns]
    for counts in itertools.product(*(range(n + 1) for n in most)):
        served = [
            sum(n for n, column in zip(counts, columns, strict=True) if d in column.demands)
            for d in range(len(demands))
        ]
        if served != [demand.contact.tankers for demand in demands]:
            continue
        fits = True
        for e, entry in enumerate(mission.tankers):
            own = [(n, c) for n, c in zip(counts, columns, strict=True) if c.entry == e and n]
            turn = np.inf if entry.turn_time_s is None else entry.turn_time_s
            for _, moment in own:
                out = sum(
                    n for n, c in own if c.takeoff_s <= moment.takeoff_s < c.landing_s + turn
                ) if np.isfinite(turn) else sum(n for n, _ in own)  # fmt: skip
                fits &= out <= entry.available
        if not fits:
            continue
        cost = sum(counts), sum(n * c.burn_kg for n, c in zip(counts, columns, strict=True))
        if best is None or cost < best:
            best = cost
    return best


def test_the_set_partition_is_the_best_of_every_choice() -> None:
    solved = shared = 0
    for seed in range(80):
        mission, demands, columns = instance(seed)
        true = every_choice(mission, demands, columns)
        told = tankers._partition(mission, demands, columns)  # type: ignore[arg-type]
        assert (true is None) == (told is None)
        if true is None or told is None:
            continue
        picked, bound, burn_bound = told
        sorties = sum(n for _, n in picked)
        burn = sum(n * column.burn_kg for column, n in picked)
        assert (sorties, bound) == (true[0], true[0])
        assert burn == pytest.approx(true[1], abs=1.0)
        assert burn_bound == pytest.approx(true[1], abs=1.0)
        solved += 1
        shared += any(len(column.demands) > 1 for column, _ in picked)
    assert solved >= 20
    assert shared >= 5


# -- whole missions ---------------------------------------------------------------------------------------


def test_aircraft_away_at_once() -> None:
    """Two waves of two, three hours apart, each away for two: four without a turn time, two with a short one."""
    flights: list[Any] = [
        SimpleNamespace(takeoff_s=t, landing_s=t + 7200.0, count=1) for t in (0.0, 60.0, 10_800.0, 10_860.0)
    ]
    entries: list[Any] = [SimpleNamespace(turn_time_s=turn) for turn in (None, 0.0, 3530.0, 3590.0, 3660.0)]
    away = [tankers._most_away(flights, entry) for entry in entries]
    assert away == [4, 2, 2, 2, 3]
    assert away[-1] == max(
        sum(f.takeoff_s <= t < f.landing_s + 3660.0 for f in flights) for t in range(0, 20_000, 10)
    )


def test_one_sortie_serves_two_flights(planned: Callable[[str], Plan]) -> None:
    plan = planned(TWO)
    assert plan["status"] == "feasible", plan["shortfalls"]
    assert {row["receiver"] for row in plan["refuellings"]} == {"south", "north"}
    assert {row["tanker_flight"] for row in plan["refuellings"]} == {"tanker-1"}
    assert plan["optimality"]["tanker_sorties"] == 1
    told = plan["optimality"]["assignment"]
    assert told["sorties"] == told["sorties_bound"] == 1


def test_a_flight_that_shares_no_tanker_gets_one_more(planned: Callable[[str], Plan]) -> None:
    """A crew day too short for both contacts, or for one."""
    short = with_keys(TWO, crew_day='"7 h"').replace("available = 1", "available = 2")
    plan = planned(short)
    assert plan["status"] == "feasible", plan["shortfalls"]
    assert plan["optimality"]["tanker_sorties"] == 2
    for flight in plan["flights"]:
        if flight["role"] == "tanker":
            crew = next(row for row in plan["crew"] if row["flight"] == flight["id"])
            assert crew["duty_s"] <= 7 * 3600
    assert planned(with_keys(ONE, crew_day='"4 h"'))["status"] == "infeasible"


def test_spares_limits_and_rendezvous(planned: Callable[[str], Plan]) -> None:
    text = with_keys(ONE, max_takeoff_mass='"95 t"', airborne_spares="1", ground_spares="2")
    plan = planned(text.replace("[abort]", '[refuelling]\nrendezvous = "point parallel"\n[abort]'))
    assert plan["status"] == "feasible", plan["shortfalls"]
    flights = {flight["id"]: flight for flight in plan["flights"]}
    spare = flights["tanker-1-spare"]
    assert spare["spare_of"] == "tanker-1"
    assert spare["fuel"]["offload_kg"] == 0.0
    assert spare["fuel"]["takeoff_kg"] == pytest.approx(flights["tanker-1"]["fuel"]["takeoff_kg"], abs=1.0)
    assert plan["optimality"]["tanker_sorties"] == 1  # spares apart
    for flight in (spare, flights["tanker-1"]):
        assert flight["track"]["rows"][0][8] <= 95_000.0
    told = plan["refuellings"][0]["rendezvous"]
    assert told["kind"] == "point parallel"
    assert 9.0 < told["offset_nm"] < 14.0
    assert 18.0 < told["turn_range_nm"] < 27.0
    assert told["tanker_utc"] < told["initial_utc"] < told["turn_utc"] < told["control_utc"]


def test_a_low_take_off_limit_takes_away_what_a_tanker_can_give(planned: Callable[[str], Plan]) -> None:
    plan = planned(with_keys(ONE, max_takeoff_mass='"66 t"'))
    assert plan["status"] == "infeasible"


def test_contacts_keep_to_the_places_allowed(planned: Callable[[str], Plan]) -> None:
    free = planned(ONE)
    assert free["status"] == "feasible"
    start = free["refuellings"][0]["start"]
    area = f'[[refuelling.forbidden]]\nname = "here"\ncentre = [{start["lat"]}, {start["lon"]}]\nradius = "200 nm"\n'
    moved = planned(ONE.replace("[abort]", area + "[abort]"))
    assert moved["status"] == "feasible", moved["shortfalls"]
    assert moved["refuellings"][0]["start"] != start
    assert moved["optimality"]["fuel_bought_kg"] > free["optimality"]["fuel_bought_kg"]


def test_a_track_that_must_be_used_bends_the_line(planned: Callable[[str], Plan]) -> None:
    track = '[[refuelling.tracks]]\nname = "AR-1"\nfrom = [39.0, -22.0]\nto = [39.5, -28.0]\nmust = true\n'
    plan = planned(ONE.replace("[abort]", track + "[abort]"))
    assert plan["status"] == "feasible", plan["shortfalls"]
    assert any(abs(row["start"]["lat"] - 39.0) < 0.01 and abs(row["start"]["lon"] + 22.0) < 0.01
               for row in plan["refuellings"])  # fmt: skip
    assert plan["optimality"]["route_nm"] > planned(ONE)["optimality"]["route_nm"]


def test_other_lines_are_tried_and_the_best_is_kept(planned: Callable[[str], Plan]) -> None:
    wanted = '[refuelling]\ndetours = 1\n[[refuelling.tracks]]\nname = "far"\nanchor = [50.0, -20.0]\n'
    plan = planned(ONE.replace("[abort]", wanted + "[abort]"))
    rows = plan["optimality"]["lines"]
    assert [row["line"] for row in rows][:2] == ["as given", "by far"]
    assert sum(row["chosen"] for row in rows) == 1
    best = min(
        (row["tanker_sorties"], row["fuel_bought_kg"]) for row in rows if row["tanker_sorties"] is not None
    )
    chosen = next(row for row in rows if row["chosen"])
    assert (chosen["tanker_sorties"], chosen["fuel_bought_kg"]) == best
    assert chosen["fuel_bought_kg"] == pytest.approx(plan["optimality"]["fuel_bought_kg"], abs=5.0)
    tampered = copy.deepcopy(plan)
    for row in tampered["optimality"]["lines"]:
        row["chosen"] = not row["chosen"]
    report = examine(tampered)
    assert any("lines" in line for line in report.residuals if line.startswith("optimality"))


def test_a_longer_line_with_tankers_in_better_reach_is_found(planned: Callable[[str], Plan]) -> None:
    """A base far off the line: three of its tankers are wanted on the straight line, two where it bends to them."""
    fixed = planned(FAR.replace("[abort]", "[refuelling]\ndetours = 0\n[abort]"))
    plan = planned(FAR)
    assert plan["status"] == fixed["status"] == "feasible", plan["shortfalls"]
    rows, told, straight = plan["optimality"]["lines"], plan["optimality"], fixed["optimality"]
    assert "lines" not in straight and told["lines_settled"] is True
    chosen = next(row for row in rows if row["chosen"])
    assert chosen["line"] != "as given" and chosen["planned"]
    assert told["route_nm"] > straight["route_nm"] + 5.0
    assert (told["tanker_sorties"], straight["tanker_sorties"]) == (2, 3)
    assert told["fuel_bought_kg"] < 0.95 * straight["fuel_bought_kg"]
    tampered = copy.deepcopy(plan)
    left = next(row for row in tampered["optimality"]["lines"] if not row["planned"])
    left["ladder_fuel_kg"] = 0.9 * chosen["ladder_fuel_kg"]
    report = examine(tampered)
    assert any("promises more and was not planned" in line for line in report.residuals)


def test_the_proof_is_of_what_is_flown(planned: Callable[[str], Plan]) -> None:
    """Fuel as flown and as the ladder proves it agree to half a per cent."""
    founding = Path(__file__).parents[2] / "examples" / "gulf-2020-12-10.toml"
    for text in (founding.read_text("utf-8"), FAR):
        told = planned(text)["optimality"]
        assert told["ladder_gap_pct"] < 0.001
        assert told["fuel_bought_kg"] == pytest.approx(told["ladder_fuel_kg"], rel=0.005)


def test_tankers_of_two_types_meet_at_one_contact(planned: Callable[[str], Plan]) -> None:
    plan = planned(MIXED)
    assert plan["status"] == "feasible", plan["shortfalls"]
    rows = plan["refuellings"]
    assert {row["tanker_type"] for row in rows} == {"KC-135R", "KC-46A"}
    assert len({(row["start_utc"], row["end_utc"], row["altitude_ft"]) for row in rows}) == 1
    assert rows[0]["offload_kg"] == pytest.approx(rows[1]["offload_kg"], abs=0.2)
    tampered = copy.deepcopy(plan)
    tampered["refuellings"][1]["altitude_ft"] += 4000.0
    assert not examine(tampered).feasible


# -- ways to cheat ----------------------------------------------------------------------------------------


def two_spares(plan: Plan) -> None:
    flight_of(plan, "tanker-1-spare")["count"] = 2


def sortie_called_spare(plan: Plan) -> None:
    flight_of(plan, "tanker-1")["spare_of"] = "tanker-1-spare"


def spare_of_nobody(plan: Plan) -> None:
    flight_of(plan, "tanker-1-spare")["spare_of"] = "tanker-9"


def lower_limit(plan: Plan) -> None:
    edited(plan, '"95 t"', '"70 t"')


def shorter_crew_day(plan: Plan) -> None:
    edited(plan, "available = 1", 'available = 1\ncrew_day = "2 h"')


def forbidden_here(plan: Plan) -> None:
    start = plan["refuellings"][0]["start"]
    edited(plan, "[abort]", f'[[refuelling.forbidden]]\nname = "here"\nradius = "50 nm"\n'
         f'centre = [{start["lat"]}, {start["lon"]}]\n[abort]')  # fmt: skip


def forced_elsewhere(plan: Plan) -> None:
    edited(plan, "[abort]", '[[refuelling.tracks]]\nname = "X"\nanchor = [10.0, -40.0]\nmust = true\n[abort]')


def another_rendezvous(plan: Plan) -> None:
    plan["refuellings"][0]["rendezvous"]["kind"] = "en route"


def nearer_turn(plan: Plan) -> None:
    plan["refuellings"][0]["rendezvous"]["turn_range_nm"] *= 0.8


def later_initial_point(plan: Plan) -> None:
    told = plan["refuellings"][0]["rendezvous"]
    told["initial_utc"] = told["turn_utc"]


def tanker_there_sooner(plan: Plan) -> None:
    plan["refuellings"][0]["rendezvous"]["tanker_utc"] = flight_of(plan, "tanker-1")["takeoff_utc"]


CHEATS = [
    (two_spares, "tankers", "2 airborne spares beside tanker-1, the mission has 1"),
    (sortie_called_spare, "tankers", "no tanker flight"),
    (spare_of_nobody, "tankers", "spare_of names 'tanker-9'"),
    (lower_limit, "tankers", "max_takeoff_mass at LPLA is 70,000"),
    (shorter_crew_day, "tankers", "crew_day at LPLA is 2 h"),
    (forbidden_here, "refuelling.places", "is in the forbidden area here"),
    (forced_elsewhere, "refuelling.places", "no contact begins at X"),
    (another_rendezvous, "refuelling.rendezvous", "the mission asks for point parallel"),
    (nearer_turn, "refuelling.rendezvous", "turn_range_nm is"),
    (later_initial_point, "refuelling.rendezvous", "from the initial point"),
    (tanker_there_sooner, "refuelling.rendezvous", "from the control point at tanker_utc"),
]


@pytest.mark.parametrize(("change", "check", "words"), CHEATS, ids=[each[0].__name__ for each in CHEATS])
def test_cheats_are_caught(
    planned: Callable[[str], Plan], change: Callable[[Plan], None], check: str, words: str
) -> None:
    text = with_keys(ONE, max_takeoff_mass='"95 t"', airborne_spares="1", ground_spares="2")
    plan = copy.deepcopy(
        planned(text.replace("[abort]", '[refuelling]\nrendezvous = "point parallel"\n[abort]'))
    )
    change(plan)
    report = examine(plan)
    found = next(each for each in report.checks if each.id == check)
    assert not found.ok
    assert any(words in line for line in report.residuals if line.startswith(check)), report.residuals


def test_turn_time_and_shared_contacts_are_held_against_the_plan(planned: Callable[[str], Plan]) -> None:
    plan = copy.deepcopy(planned(with_keys(TWO, crew_day='"7 h"').replace("available = 1", "available = 2")))
    edited(plan, "available = 2", 'available = 1\nturn_time = "12 h"')
    report = examine(plan)
    assert any("2 KC-135R take off from LPLA, the mission has 1" in line for line in report.residuals)


def test_the_mission_reads_every_key() -> None:
    text = with_keys(ONE, turn_time='"5 h"', crew_day='"16 h"', airborne_spares="1")
    entry = missions.parse(text).tankers[0]
    assert (entry.turn_time_s, entry.crew_day_s, entry.airborne_spares) == (18_000.0, 57_600.0, 1)
