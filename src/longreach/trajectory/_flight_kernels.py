"""Compiled kernels of the flight along a path: tables, levels and Mach by dynamic programming, and the flight.

`plan_levels` chooses the level and Mach number of every stretch from a table of fuel flows. `fly` then
flies that plan through the wind with the aircraft's own formulas (`fuel._kernels`) and writes rows; its sums,
not the table's, are the answer. A wind field's temperature scales true airspeed and fuel flow by
sqrt(T / T_isa); at a given pressure and Mach number lift and drag do not change with it.
"""

import math

import numpy as np
from numba import njit

from longreach.fuel import _kernels as fk
from longreach.trajectory._path_kernels import A, F, position
from longreach.world.winds import _kernels as wind_kernels

WIND_REFUSED = 100  # plus the wind kernel's code
STEP_LEVEL = 60.0  # s, longest step of level flight
STEP_CLIMB = 12.0  # s, in climb and descent
NEVER = 1e18
LONGEST_STEP = 1250.0  # m (4,100 ft), most climbed or descended at once on the way
AFTER_CLIMB, BEFORE_DESCENT = (
    400e3,
    250e3,
)  # m from the start and the end within which no step is made unforced
DESCENT_CREDIT = 0.6  # share of a climb's fuel that a step down gives back, our estimate
(R_TIME, R_ALONG, R_LAT, R_LON, R_HEIGHT, R_MASS, R_TAS, R_GS, R_U, R_V, R_PHASE, R_MACH, R_BURNT, R_EVENT,
 R_DEVIATION, COLUMNS) = range(16)  # fmt: skip


@njit(cache=True, nogil=True)
def flow_table(a, mass, level, mach, margin):
    """Fuel flow [kg/s] at each (mass, level, Mach) that may be flown, else NaN; speeds (level, Mach) in ISA.

    margin : whether 300 ft/min of climb must be in hand, as where a level is chosen
    """
    flow = np.full((mass.size, level.size, mach.size), math.nan)
    speed = np.empty((level.size, mach.size))
    for k in range(level.size):
        sound = fk.air(level[k])[2]
        for j in range(mach.size):
            speed[k, j] = mach[j] * sound
            for i in range(mass.size):
                if margin:
                    ok = fk.level_ok(a, mass[i], level[k], mach[j])
                else:
                    ok = fk.envelope(a, mass[i], level[k], mach[j])[0] == fk.OK
                if ok:
                    flow[i, k, j] = fk.level_flow(a, mass[i], level[k], mach[j])
    return flow, speed


@njit(cache=True, nogil=True, inline="always")
def _flow(flow, mass_at, m, level, k):
    f = (m - mass_at[0]) / (mass_at[1] - mass_at[0])
    if f < -1e-6 or f > mass_at.size - 1 + 1e-6:
        return math.nan
    i = min(max(int(f), 0), mass_at.size - 2)
    f -= i
    return flow[i, level, k] * (1.0 - f) + flow[i + 1, level, k] * f


@njit(cache=True, nogil=True)
def best_mach(flow, speed, mass_at, mach, m, level, along, across2, warm, per_second, per_kg):
    """(cost of a metre, Mach, gs, flow) at the best Mach number; cost NEVER where the level cannot be held.

    The least of the table is refined by a parabola through it and its neighbours.
    """
    best, at = NEVER, -1
    for k in range(mach.size):
        burn = _flow(flow, mass_at, m, level, k)
        v = speed[level, k] * warm
        if not burn > 0.0 or v * v <= across2:
            continue
        gs = along + math.sqrt(v * v - across2)
        if gs < 20.0:
            continue
        c = (per_second + per_kg * burn * warm) / gs
        if c < best:
            best, at = c, k
    if at < 0:
        return NEVER, math.nan, math.nan, math.nan
    v = speed[level, at] * warm
    gs = along + math.sqrt(v * v - across2)
    burn = _flow(flow, mass_at, m, level, at) * warm
    number = mach[at]
    if 0 < at < mach.size - 1:
        low, high = _flow(flow, mass_at, m, level, at - 1), _flow(flow, mass_at, m, level, at + 1)
        v0, v2 = speed[level, at - 1] * warm, speed[level, at + 1] * warm
        if low > 0.0 and high > 0.0 and v0 * v0 > across2:
            c0 = (per_second + per_kg * low * warm) / (along + math.sqrt(v0 * v0 - across2))
            c2 = (per_second + per_kg * high * warm) / (along + math.sqrt(v2 * v2 - across2))
            curve = c0 - 2.0 * best + c2
            if curve > 0.0 and c0 < NEVER and c2 < NEVER:
                d = min(0.5, max(-0.5, 0.5 * (c0 - c2) / curve))
                number = mach[at] + d * (mach[1] - mach[0])
                v = v + d * (v2 - v0) * 0.5
                gs = along + math.sqrt(v * v - across2)
                mid = burn / warm
                burn = warm * (mid + 0.5 * d * (high - low) + 0.5 * d * d * (high - 2.0 * mid + low))
                best = (per_second + per_kg * burn) / gs
    return best, number, gs, burn


@njit(cache=True, nogil=True)
def plan_levels(
    x, along, across2, warm, allowed, height, mass_at, flow, speed, mach, lift, nuisance, m0, start_x,
    start_m, start_t, end_d, end_fuel, end_t, worth, per_second, per_kg, least_mass,
    may_descend,
):  # fmt: skip
    """Level and Mach number of every stretch of a path, by dynamic programming over (stretch, level).

    x (n + 1,) ends of the stretches [m]; along, across2, warm, allowed (n, l) of each stretch and level
    lift : fuel to lift a kg by a metre [kg]; nuisance : cost charged for each change of level
    start_x, _m, _t (l,) : where, how heavy and when the climb ends at each level (x inf: not reached)
    end_d, _fuel, _t (l,) : what the last descent takes from each level
    worth (n + 1,) : what a kg burnt there is worth at the end
    per_second (n,) : weight of time in each stretch; per_kg : weight of fuel
    may_descend : whether a step down may be made unforced
    Returns (cost, level index (n,), Mach (n,), mass (n + 1,), time (n + 1,), end mass, end time); level -1
    before the climb's and after the descent's stretch, cost NEVER where nothing can be flown.
    """
    n, levels = x.size - 1, height.size
    total = np.full((n + 1, levels), NEVER)
    mass = np.full((n + 1, levels), math.nan)
    clock = np.full((n + 1, levels), math.nan)
    spent = np.zeros((n + 1, levels))  # cost of time and of changes of level so far
    came = np.full((n + 1, levels), -1, np.int32)
    flown = np.full((n + 1, levels), math.nan)
    climbing, descending = start_x.max() > 0.0, end_d.max() > 0.0
    for level in range(levels):
        if not start_x[level] < x[n]:
            continue
        k = 0
        while k < n and x[k] < start_x[level] - 1e-6:
            k += 1
        m, t = start_m[level], start_t[level]
        if k > 0 and x[k] > start_x[level] + 1e-6:
            s = k - 1
            if not allowed[s, level]:
                continue
            c, _, gs, burn = best_mach(
                flow, speed, mass_at, mach, m, level, along[s, level], across2[s, level], warm[s, level],
                per_second[s], per_kg * worth[s],
            )  # fmt: skip
            if c >= NEVER:
                continue
            dt = (x[k] - start_x[level]) / gs
            m, t = m - burn * dt, t + dt
        mass[k, level], clock[k, level] = m, t
        spent[k, level] = per_second[max(0, k - 1)] * t
        total[k, level] = spent[k, level] + per_kg * worth[k] * (m0 - m)
    best, best_level, best_k, end_m, end_clock = NEVER, -1, -1, math.nan, math.nan
    for k in range(n + 1):
        for level in range(levels):  # the end of the cruise: the descent begins in the stretch after k
            if total[k, level] >= NEVER:
                continue
            last = x[n] - end_d[level]
            if last < x[k] - 1e-6 or (k < n and last >= x[k + 1] - 1e-6):
                continue
            m, t = mass[k, level], clock[k, level]
            used = spent[k, level]
            if last > x[k] + 1e-6:
                if not allowed[k, level]:
                    continue
                c, _, gs, burn = best_mach(
                    flow, speed, mass_at, mach, m, level, along[k, level], across2[k, level],
                    warm[k, level], per_second[k], per_kg * worth[k],
                )  # fmt: skip
                if c >= NEVER:
                    continue
                dt = (last - x[k]) / gs
                m, t = m - burn * dt, t + dt
                used += per_second[k] * dt
            m, t = m - end_fuel[level], t + end_t[level]
            c = used + per_second[n - 1] * end_t[level] + per_kg * (m0 - m)
            if c < best and m >= least_mass:
                best, best_level, best_k, end_m, end_clock = c, level, k, m, t
        if k == n:
            break
        for level in range(levels):
            if not allowed[k, level]:
                continue
            # the cheapest way to be at this level at node k
            low, source, m, t, used = NEVER, -1, math.nan, math.nan, 0.0
            for before in range(levels):
                if total[k, before] >= NEVER:
                    continue
                if x[n] - end_d[before] < x[k] - 1e-6 or abs(height[level] - height[before]) > LONGEST_STEP:
                    continue
                near_end = (climbing and x[k] < AFTER_CLIMB) or (descending and x[n] - x[k] < BEFORE_DESCENT)
                down = height[level] < height[before] and not may_descend
                if before != level and (near_end or down) and allowed[k, before]:
                    continue
                burnt = 0.0
                extra = 0.0
                if before != level:
                    rise = height[level] - height[before]
                    burnt = lift * mass[k, before] * (rise if rise > 0.0 else DESCENT_CREDIT * rise)
                    extra = nuisance
                c = total[k, before] + per_kg * worth[k] * burnt + extra
                if c < low:
                    low, source, m, t = c, before, mass[k, before] - burnt, clock[k, before]
                    used = spent[k, before] + extra
            if source < 0 or x[n] - end_d[level] < x[k + 1] - 1e-6:
                continue
            dx = x[k + 1] - x[k]
            c, number, gs, burn = best_mach(
                flow, speed, mass_at, mach, m, level, along[k, level], across2[k, level], warm[k, level],
                per_second[k], per_kg * worth[k],
            )  # fmt: skip
            if c >= NEVER:
                continue
            half = m - 0.5 * burn * dx / gs
            c2, number, gs, burn = best_mach(
                flow, speed, mass_at, mach, half, level, along[k, level], across2[k, level], warm[k, level],
                per_second[k], per_kg * worth[k],
            )  # fmt: skip
            if c2 >= NEVER:
                continue
            m_end, t_end = m - burn * dx / gs, t + dx / gs
            if m_end < least_mass:
                continue
            used += per_second[k] * dx / gs
            value = used + per_kg * worth[k + 1] * (m0 - m_end)
            if value < total[k + 1, level]:
                total[k + 1, level] = value
                mass[k + 1, level], clock[k + 1, level], spent[k + 1, level] = m_end, t_end, used
                came[k + 1, level] = source
                flown[k + 1, level] = number
    way = np.full(n, -1, np.int64)
    number = np.full(n, math.nan)
    masses, clocks = np.full(n + 1, math.nan), np.full(n + 1, math.nan)
    if best_level >= 0:
        level = best_level
        if best_k < n:
            way[best_k] = level
            number[best_k] = flown[best_k, level]
        for k in range(best_k, -1, -1):
            masses[k], clocks[k] = mass[k, level], clock[k, level]
            if came[k, level] < 0:
                if k > 0:
                    way[k - 1] = level
                break
            way[k - 1] = level
            number[k - 1] = flown[k, level]
            level = came[k, level]
    return best, way, number, masses, clocks, end_m, end_clock


@njit(cache=True, nogil=True)
def worth_of_fuel(x, way, number, masses, along, across2, warm, flow, speed, mass_at, mach):
    """What a kg of fuel burnt at each end of the stretches is worth at the end of the path (n + 1,).

    A kg saved makes the aircraft heavier from there on: worth' = -worth d(rate)/dm, backward from 1.
    """
    n = x.size - 1
    worth = np.ones(n + 1)
    small = 0.5 * (mass_at[1] - mass_at[0])
    for k in range(n - 1, -1, -1):
        slope = 0.0
        level = way[k]
        m = masses[k]
        if level >= 0 and m == m and number[k] == number[k]:
            j = 0
            if mach.size > 1:
                j = min(max(round((number[k] - mach[0]) / (mach[1] - mach[0])), 0), mach.size - 1)
            m = min(max(m, mass_at[0] + small), mass_at[mass_at.size - 1] - small)
            low, high = _flow(flow, mass_at, m - small, level, j), _flow(flow, mass_at, m + small, level, j)
            v = speed[level, j] * warm[k, level]
            gs = along[k, level] + math.sqrt(max(1.0, v * v - across2[k, level]))
            if high == high and low == low and gs > 20.0:
                slope = (high - low) / (2.0 * small) * warm[k, level] / gs
        worth[k] = worth[k + 1] * math.exp(-slope * (x[k + 1] - x[k]))
    return worth


@njit(cache=True, nogil=True)
def _place(x, node_x, points, hint):
    """(piece, x, y, z) of the point at x [m] along the nodes; `hint` the piece to begin looking at."""
    n = node_x.size
    k = min(max(hint, 0), n - 2)
    while k < n - 2 and node_x[k + 1] < x:
        k += 1
    while k > 0 and node_x[k] > x:
        k -= 1
    width = node_x[k + 1] - node_x[k]
    w = 0.0 if width <= 0.0 else min(1.0, max(0.0, (x - node_x[k]) / width))
    px = points[k, 0] * (1.0 - w) + points[k + 1, 0] * w
    py = points[k, 1] * (1.0 - w) + points[k + 1, 1] * w
    pz = points[k, 2] * (1.0 - w) + points[k + 1, 2] * w
    h = math.sqrt(px * px + py * py + pz * pz)
    return k, px / h, py / h, pz / h


@njit(cache=True, nogil=True)
def _heading(x, node_x, points, hint):
    """(piece, lat, lon [rad], east, north) at x [m] along: the place, and the direction of flight as a unit vector."""
    k, px, py, pz = _place(x, node_x, points, hint)
    lat, lon = position(px, py, pz)
    ex = A * (points[k + 1, 0] - points[k, 0])
    ey = A * (points[k + 1, 1] - points[k, 1])
    ez = A * (1.0 - F) * (points[k + 1, 2] - points[k, 2])
    sl, cl, sp, cp = math.sin(lon), math.cos(lon), math.sin(lat), math.cos(lat)
    east = -ex * sl + ey * cl
    north = -ex * sp * cl - ey * sp * sl + ez * cp
    size = math.sqrt(east * east + north * north)
    if size < 1e-9:
        return k, lat, lon, 0.0, 0.0
    return k, lat, lon, east / size, north / size


@njit(cache=True, nogil=True)
def air_at(grid, when, h, x, node_x, points, hint):
    """(code, piece, lat, lon, u, v, deviation, warm, along, across^2) at x [m] along, height h, time `when`."""
    k, lat, lon, east, north = _heading(x, node_x, points, hint)
    code, u, v, dt = wind_kernels.wind(
        grid, when, wind_kernels.ln_pressure(h), math.degrees(lat), math.degrees(lon)
    )
    if code != wind_kernels.OK:
        return WIND_REFUSED + code, k, lat, lon, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0
    along = u * east + v * north
    across2 = max(0.0, u * u + v * v - along * along)
    t = fk.air(h)[0]
    return 0, k, lat, lon, u, v, dt, math.sqrt((t + dt) / t), along, across2


@njit(cache=True, nogil=True)
def track_winds(grid, x, when, height, node_x, points, along, across2, warm):
    """Along-track wind, crosswind squared and warmth at (n,) places and (l,) levels; (code, i, l) refused."""
    hint = 0
    ln_p, standard = np.empty(height.size), np.empty(height.size)
    for k in range(height.size):
        ln_p[k], standard[k] = wind_kernels.ln_pressure(height[k]), fk.air(height[k])[0]
    for i in range(x.size):
        hint, lat, lon, east, north = _heading(x[i], node_x, points, hint)
        for k in range(height.size):
            code, u, v, dt = wind_kernels.wind(grid, when[i], ln_p[k], math.degrees(lat), math.degrees(lon))
            if code != wind_kernels.OK:
                return WIND_REFUSED + code, i, k
            along[i, k] = u * east + v * north
            across2[i, k] = max(0.0, u * u + v * v - along[i, k] * along[i, k])
            warm[i, k] = math.sqrt((standard[k] + dt) / standard[k])
    return 0, -1, -1


@njit(cache=True, nogil=True)
def _speeds(a, m):
    slow, fast = 250.0 * fk.KT, a[fk.CLIMB_CAS]
    if a[fk.KIND] == fk.POLAR:  # never slower than the clean wing allows at this mass
        needed = math.sqrt(m * fk.G / (0.5 * 1.225 * a[fk.S] * 0.9))
        slow, fast = max(slow, needed), max(fast, needed)
    return slow, fast


@njit(cache=True, nogil=True)
def climb_out(a, m0, field, height, mach, grid, began, node_x, points):
    """Where (x, mass, time since take-off) the climb from the field passes each ascending height; x inf: never.

    Returns also a wind code.
    """
    n = height.size
    xs, ms, ts = np.full(n, math.inf), np.full(n, math.nan), np.full(n, math.nan)
    slow, fast = _speeds(a, m0)
    h, m, x, t = field, m0, 0.0, 0.0
    hint = 0
    k = 0
    while k < n:
        if h >= height[k] - 1e-6:
            xs[k], ms[k], ts[k] = x, m, t
            k += 1
            continue
        rate, v, flow = fk.climb_state(a, m, h, mach, field, slow, fast, True)
        if rate < 50.0 * fk.FPM or x > node_x[node_x.size - 1]:
            break
        dt = min(STEP_CLIMB, (height[k] - h) / rate)
        rate, v, flow = fk.climb_state(
            a, m - 0.5 * flow * dt, h + 0.5 * rate * dt, mach, field, slow, fast, True
        )
        if rate < 50.0 * fk.FPM:
            break
        dt = min(STEP_CLIMB, (height[k] - h) / rate)
        code, hint, _, _, _, _, _, warm, along, across2 = air_at(grid, began + t, h, x, node_x, points, hint)
        if code != 0:
            return code, xs, ms, ts
        v *= warm
        gs = along + math.sqrt(max(1.0, v * v - across2))
        x += max(1.0, gs) * dt
        m -= flow * warm * dt
        t += dt
        h += rate * dt
    return 0, xs, ms, ts


@njit(cache=True, nogil=True)
def descent_in(a, m_end, field, height, mach, grid, began, ended, node_x, points, top_cas):
    """Distance, fuel and time of the last descent from each ascending height; and its line (heights, x).

    Reckoned backward from the landing at mass m_end and field time `ended`. From heights so great that the
    descent would begin before `began`, and which are thus never flown, the wind is that of `began`.
    """
    n = height.size
    ds, fs, ts = np.empty(n), np.empty(n), np.empty(n)
    steps = 400
    top = max(height[n - 1], field + 1.0)
    line_h, line_x = np.empty(steps + 1), np.empty(steps + 1)
    x_end = node_x[node_x.size - 1]
    line_h[0], line_x[0] = field, x_end
    m, t, burnt = m_end, 0.0, 0.0
    dh = (top - field) / steps
    times, burns = np.zeros(steps + 1), np.zeros(steps + 1)
    hint = node_x.size - 2
    for i in range(1, steps + 1):
        h = field + i * dh
        mid = h - 0.5 * dh
        rate = fk.descent_rate(mid)
        dt = dh / rate
        number = fk.descent_speed(mid, mach, field, top_cas)
        v = number * fk.air(mid)[2]
        low = max(mid - 30.0, field)
        slope = 0.0
        if mid - low > 1.0:
            slope = (v - fk.descent_speed(low, mach, field, top_cas) * fk.air(low)[2]) / (mid - low)
        flow = fk.descent_flow(a, m, mid, number, rate, slope)
        code, hint, _, _, _, _, _, warm, along, across2 = air_at(
            grid, max(began, ended - t), mid, max(0.0, line_x[i - 1]), node_x, points, hint
        )
        if code != 0:
            return code, ds, fs, ts, line_h, line_x
        v *= warm
        gs = max(0.2 * v, along + math.sqrt(max(1.0, v * v - across2)))
        line_h[i], line_x[i] = h, line_x[i - 1] - gs * dt
        t += dt
        burnt += flow * warm * dt
        m += flow * warm * dt
        times[i], burns[i] = t, burnt
    for k in range(n):
        f = min(max((height[k] - field) / dh, 0.0), float(steps))
        i = min(int(f), steps - 1)
        f -= i
        ds[k] = x_end - (line_x[i] * (1.0 - f) + line_x[i + 1] * f)
        fs[k] = burns[i] * (1.0 - f) + burns[i + 1] * f
        ts[k] = times[i] * (1.0 - f) + times[i + 1] * f
    return 0, ds, fs, ts, line_h, line_x


@njit(cache=True, nogil=True)
def _circling(a, m, h, mach):
    """Fuel flow [kg/s] of holding; of level flight at the Mach number given where no speed of least flow is in hand."""
    flow = fk.hold_flow(a, m, h)
    return fk.level_flow(a, m, h, mach) if math.isnan(flow) else flow


@njit(cache=True, nogil=True)
def fly(
    a, node_x, points, is_vertex, plan_x, plan_h, plan_mach, grid, began, m0, zero_fuel, field, field_end,
    line_h, line_x, airborne, land, hold_at, hold_s, top_cas, rows,
):  # fmt: skip
    """Fly the plan (level plan_h and Mach plan_mach from each plan_x on) along the nodes; fill rows (n, COLUMNS).

    is_vertex (nodes,) : a row is written there. airborne : begin level at plan_h[0] instead of at the field
    hold_at, hold_s : circle for hold_s [s] at that place along (NaN: nowhere), at the speed of least flow
    Returns code, excess, rows used, and the end state t, x, h, m, burnt, least fuel.
    """
    x_end = node_x[node_x.size - 1]
    slow, fast = _speeds(a, m0)
    h = plan_h[0] if airborne else field
    initial = not airborne
    t, x, m, burnt = 0.0, 0.0, m0, 0.0
    least = m - zero_fuel
    next_vertex = 0
    while next_vertex < node_x.size and (not is_vertex[next_vertex] or node_x[next_vertex] <= 1e-6):
        next_vertex += 1
    hint = 0
    used = 0
    last_row, last_phase = -1e9, -1
    event = True
    descending, climbing, climb_mach = False, False, 0.0
    code, excess = fk.OK, 0.0
    leg = 0
    held = not (hold_s > 0.0)
    n_plan = plan_x.size
    while x < x_end - 1e-6:
        while leg < n_plan - 1 and plan_x[leg + 1] <= x + 1e-6:
            leg += 1
        target, mach = plan_h[leg], plan_mach[leg]
        if target > h + 0.1 and not descending:  # a climb is flown at the Mach number it began with
            if not climbing:
                climbing, climb_mach = True, mach
            mach = climb_mach
        else:
            climbing = False
        next_x = x_end
        if leg < n_plan - 1:
            next_x = min(next_x, plan_x[leg + 1])
        if next_vertex < node_x.size:
            next_x = min(next_x, node_x[next_vertex])
        if not held and hold_at > x + 1e-6:
            next_x = min(next_x, hold_at)
        if land and not descending:
            down = fk.interpolate(min(max(h, line_h[0]), line_h[-1]), line_h, line_x)
            if x >= down - 1e-3:
                descending, event = True, True
            elif abs(target - h) < 0.1:
                next_x = min(next_x, down)
        status, hint, lat, lon, u, v, dev, warm, along, across2 = air_at(
            grid, began + t, h, x, node_x, points, hint
        )
        if status != 0:
            code, excess = status, h
            break
        vertical = 0.0
        phase = fk.CRUISE_PHASE
        if descending:
            phase = fk.DESCENT_PHASE
            vertical = -fk.descent_rate(h)
            now = fk.descent_speed(h, mach, field_end, top_cas)
            tas = now * fk.air(h)[2]
            below = max(h - 30.0, field_end)
            slope = 0.0
            if h - below > 1.0:
                slope = (tas - fk.descent_speed(below, mach, field_end, top_cas) * fk.air(below)[2]) / (
                    h - below
                )
            flow = fk.descent_flow(a, m, h, now, -vertical, slope)
        elif target > h + 0.1:
            phase = fk.CLIMB_PHASE
            vertical, tas, flow = fk.climb_state(a, m, h, mach, field, slow, fast, initial)
            now = tas / fk.air(h)[2]
            if vertical < 50.0 * fk.FPM:
                code, excess = fk.THRUST_SHORT, max(0.0, fk.envelope(a, m, h, now)[1])
                break
        elif target < h - 0.1:
            phase = fk.DESCENT_PHASE
            vertical = -fk.STEP_DESCENT
            now = mach
            tas = mach * fk.air(h)[2]
            flow = fk.descent_flow(a, m, h, mach, fk.STEP_DESCENT, 0.0)
        else:
            initial = False
            now = mach
            tas = mach * fk.air(h)[2]
            flow = fk.level_flow(a, m, h, mach)
            code, excess = fk.envelope(a, m, h, mach)
            if code != fk.OK:
                break
        level = vertical == 0.0
        tas *= warm
        if tas * tas <= across2:
            code, excess = fk.WIND, math.sqrt(across2) - tas
            break
        gs = along + math.sqrt(tas * tas - across2)
        if gs < 20.0:
            code, excess = fk.WIND, 20.0 - gs
            break
        if t - last_row >= (60.0 if level else 20.0) - 1e-6 or event or phase != last_phase:
            if used >= rows.shape[0] - 2:
                code = fk.ROWS_FULL
                break
            rows[used, R_TIME], rows[used, R_ALONG] = t, x
            rows[used, R_LAT], rows[used, R_LON] = math.degrees(lat), math.degrees(lon)
            rows[used, R_HEIGHT], rows[used, R_MASS], rows[used, R_TAS], rows[used, R_GS] = h, m, tas, gs
            rows[used, R_U], rows[used, R_V], rows[used, R_PHASE] = u, v, phase
            rows[used, R_MACH], rows[used, R_BURNT] = now, burnt
            rows[used, R_EVENT] = 1.0 if event or phase != last_phase else 0.0
            rows[used, R_DEVIATION] = dev
            used += 1
            last_row, last_phase, event = t, phase, False
        dt = last_row + STEP_LEVEL - t
        if not level:
            dt = min(dt, STEP_CLIMB)
            if not descending:
                dt = min(dt, max(0.01, (target - h) / vertical))
        sure = (
            next_x - x
        ) / gs <= dt + 1e-9  # the step ends at a vertex or a change: its middle is before that
        if sure:
            dt = (next_x - x) / gs
        # midpoint rule: the state half a step on decides speed and burn of the step
        half = 0.5 * dt
        m_mid = m - flow * warm * half
        h_mid = h
        if descending:
            h_mid = fk.interpolate_down(min(x + gs * half, x_end), line_x, line_h)
            h_mid = min(h, h_mid)
        elif not level:
            h_mid = h + vertical * half
        status, hint, _, _, _, _, _, warm2, along2, across22 = air_at(
            grid, began + t + half, h_mid, min(x + gs * half, x_end), node_x, points, hint
        )
        if status != 0:
            code, excess = status, h_mid
            break
        if descending:
            number = fk.descent_speed(h_mid, mach, field_end, top_cas)
            tas2 = number * fk.air(h_mid)[2]
            below = max(h_mid - 30.0, field_end)
            slope = 0.0
            if h_mid - below > 1.0:
                slope = (tas2 - fk.descent_speed(below, mach, field_end, top_cas) * fk.air(below)[2]) / (
                    h_mid - below
                )
            flow2 = fk.descent_flow(a, m_mid, h_mid, number, -vertical, slope)
        elif level:
            tas2 = tas / warm
            flow2 = fk.level_flow(a, m_mid, h, mach)
        elif vertical > 0.0:
            vertical, tas2, flow2 = fk.climb_state(a, m_mid, h_mid, mach, field, slow, fast, initial)
            vertical = max(vertical, 1e-3)
        else:
            tas2 = mach * fk.air(h_mid)[2]
            flow2 = fk.descent_flow(a, m_mid, h_mid, mach, fk.STEP_DESCENT, 0.0)
        tas2 *= warm2
        gs = along2 + math.sqrt(max(1.0, tas2 * tas2 - across22))
        gs = max(gs, 1.0)
        hit = False
        if sure or (next_x - x) / gs <= dt + 1e-9:
            dt, hit = max(0.0, (next_x - x) / gs), True
        x = next_x if hit else x + gs * dt
        if descending:
            h = field_end if x >= x_end - 1e-6 else min(h, fk.interpolate_down(x, line_x, line_h))
        elif not level:
            h = h + vertical * dt
            if (vertical > 0.0 and h > target - 0.5) or (vertical < 0.0 and h < target + 0.5):
                h = target
        spent = flow2 * warm2 * dt
        burnt += spent
        m -= spent
        t += dt
        least = min(least, m - zero_fuel)
        if m < 0.5 * a[fk.M_MIN]:
            code, excess = fk.FUEL_OUT, zero_fuel - m
            break
        if hit:
            if leg < n_plan - 1 and abs(x - plan_x[leg + 1]) < 1e-6:
                event = True
            while next_vertex < node_x.size and node_x[next_vertex] <= x + 1e-6:
                if is_vertex[next_vertex]:
                    event = True
                next_vertex += 1
                while next_vertex < node_x.size and not is_vertex[next_vertex]:
                    next_vertex += 1
            if not held and x >= hold_at - 1e-6:
                held = True
                if abs(h - target) > 0.1 and not descending:
                    code, excess = fk.LATE_LEVEL, abs(h - target)
                    break
                left = hold_s
                event = True
                while left > 1e-9:
                    number = fk.hold_mach(a, m, h)[0] if a[fk.KIND] == fk.POLAR else mach
                    if math.isnan(number):
                        number = mach
                    code, excess = fk.envelope(a, m, h, number)
                    if code != fk.OK:
                        break
                    _, _, lat, lon, u, v, dev, warm, _, _ = air_at(
                        grid, began + t, h, x, node_x, points, hint
                    )
                    flow = _circling(a, m, h, number)
                    if math.isnan(flow):
                        code, excess = fk.THRUST_SHORT, 0.0
                        break
                    if used >= rows.shape[0] - 2:
                        code = fk.ROWS_FULL
                        break
                    rows[used, R_TIME], rows[used, R_ALONG] = t, x
                    rows[used, R_LAT], rows[used, R_LON] = math.degrees(lat), math.degrees(lon)
                    rows[used, R_HEIGHT], rows[used, R_MASS] = h, m
                    rows[used, R_TAS], rows[used, R_GS] = number * fk.air(h)[2] * warm, 0.0
                    rows[used, R_U], rows[used, R_V], rows[used, R_PHASE] = u, v, fk.HOLD_PHASE
                    rows[used, R_MACH], rows[used, R_BURNT] = number, burnt
                    rows[used, R_EVENT] = 1.0 if event else 0.0
                    rows[used, R_DEVIATION] = dev
                    used += 1
                    event = False
                    dt = min(60.0, left)
                    flow = _circling(a, m - 0.5 * flow * dt, h, number)
                    burnt += flow * warm * dt
                    m -= flow * warm * dt
                    t += dt
                    left -= dt
                least = min(least, m - zero_fuel)
                last_phase = fk.HOLD_PHASE
                event = True
                if code != fk.OK:
                    break
    if code == fk.OK and land and abs(h - field_end) > 1.0:
        code, excess = fk.TOO_SHORT, abs(h - field_end)
    if used < rows.shape[0]:
        status, hint, lat, lon, u, v, dev, warm, along, across2 = air_at(
            grid, began + t, h, x, node_x, points, hint
        )
        rows[used, R_TIME], rows[used, R_ALONG] = t, x
        rows[used, R_LAT], rows[used, R_LON] = math.degrees(lat), math.degrees(lon)
        rows[used, R_HEIGHT], rows[used, R_MASS] = h, m
        mach = plan_mach[leg]
        now = fk.descent_speed(h, mach, field_end, top_cas) if descending else mach
        rows[used, R_TAS], rows[used, R_GS] = now * fk.air(h)[2] * warm, 0.0
        rows[used, R_U], rows[used, R_V], rows[used, R_PHASE] = u, v, max(last_phase, 0)
        rows[used, R_MACH], rows[used, R_BURNT], rows[used, R_EVENT] = now, burnt, 1.0
        rows[used, R_DEVIATION] = dev
        used += 1
    return code, excess, used, np.array([t, x, h, m, burnt, least])
