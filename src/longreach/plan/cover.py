"""Who is with the lead when: the fewest partner sorties that keep enough aircraft in company, exactly.

A partner sortie is with the lead from one moment to another. What counts is a stretch of the clock cut into
slots; each slot wants a number of aircraft. A sortie counts from its join plus the overlap (a relief is there
before the one it relieves leaves), but from the start of the stretch where it joins no later than that. The
aircraft of a base are finite, and one that has landed flies again after its turn time, or never.

The choice among the candidate sorties is an integer programme, solved by HiGHS to proved optimality: fewest
sorties first, then the least time in the air of all their aircraft together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from longreach.geodesy import Floats

TIDY = 1e-6


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sortie that could be flown; times in seconds on the lead's clock.

    fleet : index of the partner it comes from; aircraft : how many fly it
    takeoff_s, landing_s : when its aircraft leave their base and are back
    key : whatever the caller knows it by
    """

    fleet: int
    aircraft: int
    join_s: float
    leave_s: float
    takeoff_s: float
    landing_s: float
    key: tuple[int, int] = (0, 0)

    @property
    def air_s(self) -> float:
        """Time in the air of all its aircraft together."""
        return self.aircraft * (self.landing_s - self.takeoff_s)

    def counts(self, start_s: float, overlap_s: float) -> tuple[float, float]:
        """The stretch in which it counts."""
        begin = self.join_s if self.join_s <= start_s + TIDY else self.join_s + overlap_s
        return begin, self.leave_s


@dataclass(frozen=True, slots=True)
class Fleet:
    """What stands at one base: aircraft, and the time from landing to the next take-off (None: no second)."""

    available: int
    turn_s: float | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The sorties flown and what they leave open.

    chosen : indices into the candidates, a sortie flown twice at once listed twice
    gaps : (start, end, aircraft lacking) where there are too few; () where the cover is whole
    """

    chosen: tuple[int, ...]
    gaps: tuple[tuple[float, float, int], ...]

    @property
    def missing_s(self) -> float:
        """Seconds in which there are too few."""
        return sum(end - start for start, end, _ in self.gaps)


def choose(
    candidates: Sequence[Candidate],
    fleets: Sequence[Fleet],
    start_s: float,
    end_s: float,
    wanted: int,
    overlap_s: float,
    *,
    trial: bool = False,
) -> Chosen:
    """The fewest sorties that keep `wanted` aircraft there from start to end, of those the least time in the air.

    Where no choice does, the sorties that leave the fewest aircraft-seconds open, and the gaps.

    trial : it is enough to know whether there is such a choice: not the least time, nor the fewest seconds open
    """
    if not candidates:
        return Chosen((), ((start_s, end_s, wanted),))
    slots = _slots(candidates, start_s, end_s, overlap_s)
    length = np.diff(slots)
    covers = np.zeros((length.size, len(candidates)))
    for k, each in enumerate(candidates):
        begin, end = each.counts(start_s, overlap_s)
        covers[:, k] = each.aircraft * ((slots[:-1] >= begin - TIDY) & (slots[1:] <= end + TIDY))
    stock, there = _stock(candidates, fleets)
    found = _solved(
        candidates, covers, stock, there, length, wanted, whole=True, goals_kept=1 if trial else 2
    )
    if found is None and trial:
        return Chosen((), ((start_s, end_s, wanted),))
    if found is None:
        found = _solved(candidates, covers, stock, there, length, wanted, whole=False)
        assert found is not None  # with nothing asked no sortie at all will do
    lacking = np.maximum(wanted - covers @ found, 0.0)
    gaps: list[tuple[float, float, int]] = []
    for k in np.flatnonzero(lacking > 0.5).tolist():
        short = round(float(lacking[k]))
        if gaps and gaps[-1][1] == slots[k] and gaps[-1][2] == short:
            gaps[-1] = (gaps[-1][0], float(slots[k + 1]), short)
        else:
            gaps.append((float(slots[k]), float(slots[k + 1]), short))
    chosen = [k for k in range(len(candidates)) for _ in range(round(float(found[k])))]
    chosen.sort(key=lambda k: (candidates[k].join_s, candidates[k].leave_s, candidates[k].fleet))
    return Chosen(tuple(chosen), tuple(gaps))


def flyable(flown: Sequence[Candidate], fleets: Sequence[Fleet]) -> bool:
    """Whether the aircraft there are can fly all these sorties."""
    if not flown:
        return True
    held, there = _stock(flown, fleets)
    return bool(np.all(held.sum(axis=1) <= there + TIDY))


def _slots(candidates: Sequence[Candidate], start_s: float, end_s: float, overlap_s: float) -> Floats:
    """The moments at which the number in company can change, from start to end."""
    cuts = {start_s, end_s}
    for each in candidates:
        cuts.update(moment for moment in each.counts(start_s, overlap_s) if start_s < moment < end_s)
    return np.array(sorted(cuts))


def _stock(candidates: Sequence[Candidate], fleets: Sequence[Fleet]) -> tuple[Floats, Floats]:
    """(r, n) aircraft each sortie holds at each moment some sortie takes off, and (r,) how many there are.

    Without a turn time an aircraft that has flown is never there again.
    """
    rows, most = [], []
    for index, fleet in enumerate(fleets):
        own = [k for k, each in enumerate(candidates) if each.fleet == index]
        away = np.array([[candidates[k].takeoff_s, candidates[k].landing_s] for k in own]).reshape(-1, 2)
        away[:, 1] += np.inf if fleet.turn_s is None else fleet.turn_s
        held: set[bytes] = set()
        for moment in np.unique(away[:, 0]) if fleet.turn_s is not None else away[-1:, 0]:
            row = np.zeros(len(candidates))
            out = (
                np.ones(len(own), bool)
                if fleet.turn_s is None
                else (away[:, 0] <= moment + TIDY) & (away[:, 1] > moment + TIDY)
            )
            row[np.array(own)[out]] = [candidates[k].aircraft for k in np.array(own)[out]]
            if row.tobytes() not in held:
                held.add(row.tobytes())
                rows.append(row)
                most.append(float(fleet.available))
    return np.array(rows).reshape(-1, len(candidates)), np.array(most)


def _extreme(rows: Floats, *, least: bool) -> np.ndarray:
    """(k,) the rows that say all the others do: those with no row inside them, or with no row round them.

    Of the stock of several fleets rows never hold one another, for they share no sortie.
    """
    held = rows > 0.0
    size = held.sum(axis=1)
    within = (held.astype(float) @ held.T.astype(float)) == size[:, None]  # row i lies within row j
    if least:
        within = within.T
    same = within & within.T
    beaten = (within & ~same) | (same & (np.arange(size.size)[None, :] < np.arange(size.size)[:, None]))
    return np.flatnonzero(~beaten.any(axis=1))


def _solved(
    candidates: Sequence[Candidate],
    covers: Floats,
    stock: Floats,
    there: Floats,
    length: Floats,
    wanted: int,
    *,
    whole: bool,
    goals_kept: int = 3,
) -> Floats | None:
    """How often each candidate is flown; None where nothing keeps the whole stretch covered.

    goals_kept : how many of the goals, the first ones, are followed
    whole : every slot must have what it wants; else the aircraft-seconds open are made fewest first
    """
    if whole:  # a slot that another's sorties are among is covered with it
        tight = _extreme(covers, least=True)
        covers, length = covers[tight], length[tight]
    full = _extreme(stock, least=False)
    stock, there = stock[full], there[full]
    count = len(candidates)
    air = np.array([each.air_s for each in candidates]) / 3600.0
    open_s = length / 60.0
    slots = 0 if whole else length.size
    columns = np.concatenate([covers, np.eye(length.size)[:, :slots]], axis=1)
    held = np.concatenate([stock, np.zeros((stock.shape[0], slots))], axis=1)
    upper = np.concatenate([np.full(count, np.inf), np.full(slots, float(wanted))])
    rows, low, high = [columns, held], [np.full(length.size, float(wanted))], [np.full(length.size, np.inf)]
    low.append(np.full(stock.shape[0], -np.inf))
    high.append(there)
    goals = [np.concatenate([np.ones(count), np.zeros(slots)]), np.concatenate([air, np.zeros(slots)])]
    if not whole:
        goals.insert(0, np.concatenate([np.zeros(count), open_s]))
    found: Floats | None = None
    for goal in goals[:goals_kept]:
        found = _minimised(
            goal, np.concatenate(rows), np.concatenate(low), np.concatenate(high), upper, count
        )
        if found is None:
            return None
        best = float(goal @ found)
        rows.append(goal[None, :])
        low.append(np.array([-np.inf]))
        high.append(np.array([best + 1e-6 * max(1.0, abs(best))]))
    assert found is not None
    return np.rint(found[:count])


def _minimised(
    goal: Floats, rows: Floats, low: Floats, high: Floats, upper: Floats, whole: int
) -> Floats | None:
    """The least of goal @ x with low <= rows @ x <= high, 0 <= x <= upper, the first `whole` of x whole numbers."""
    import highspy

    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-7),
    ):
        solver.setOptionValue(option, value)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = goal.size, rows.shape[0]
    model.col_cost_ = goal
    model.col_lower_, model.col_upper_ = np.zeros(goal.size), upper
    model.row_lower_, model.row_upper_ = low, high
    row, column = np.nonzero(rows)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows.shape[0]))])
    model.a_matrix_.index_ = column
    model.a_matrix_.value_ = rows[row, column]
    model.integrality_ = [
        highspy.HighsVarType.kInteger if k < whole else highspy.HighsVarType.kContinuous
        for k in range(goal.size)
    ]
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.asarray(solver.getSolution().col_value)
