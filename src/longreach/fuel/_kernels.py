"""Fuel kernels: drag, thrust, fuel flow, best level, cumulative cruise and the flight of a whole line.

Everything about the aircraft comes in one flat float64 vector (`performance.parameters`); the
indices are below. SI throughout. Outside the envelope a kernel answers NaN or a failure code; the
wrappers turn those into words.

Formulas: parabolic drag polar with a quartic compressibility rise (Mason, Configuration
Aerodynamics, after Lock and Korn: M_crit = M_dd - (0.1/80)^(1/3), dCD = 20 (M - M_crit)^4, M_dd
falling 0.1 per unit of lift coefficient); thrust lapse delta_0 (1 - a sqrt(M)) (Mattingly, Heiser and
Pratt, Aircraft Engine Design, 2nd ed., eq. 2.54); fuel flow = thrust x TSFC, TSFC ~ sqrt(T) M^n
(form after Martinez-Val and Perez, Journal of Aircraft 29, 1992; n per engine class).
"""

import math

import numpy as np
from numba import njit

from longreach.world.winds import _kernels as winds

(
    KIND, S, K, CD0, MDD, C_REF, T_REF, M_REF, N_EXP, THRUST, LAPSE, CL_MAX, CEILING, M_MIN, M_MAX,
    FACTOR, BURN_CRUISE, BURN_CLIMB, BURN_HOLD, LEVEL, CLIMB_CAS, LOAD, N_PARAMETERS,
) = range(23)  # fmt: skip
POLAR, HOURLY = 0.0, 1.0

G = 9.80665
FT = 0.3048
FPM = 0.3048 / 60.0
P0 = 101325.0
GAS = 287.05287
A0 = math.sqrt(1.4 * GAS * 288.15)
_EXPONENT = G / (GAS * 0.0065)
_P_TROPOPAUSE = P0 * (216.65 / 288.15) ** _EXPONENT
_DECAY = G / (GAS * 216.65)
KT = 1852.0 / 3600.0

LOW_SPEED_CL = 1.1  # clean-wing limit at and below M0.4, our assumption
MARGIN_CLIMB = 300.0 * FPM  # climb that must remain at a level flown, the usual cruise-ceiling figure
INITIAL_CLIMB = 2500.0 * FPM  # most we climb at from the field
STEP_CLIMB = 1000.0 * FPM  # most we climb at between cruise levels
STEP_DESCENT = 1500.0 * FPM  # descent between levels
DESCENT_HIGH, DESCENT_LOW = 2000.0 * FPM, 1500.0 * FPM  # last descent, above and below 10,000 ft
IDLE = 0.08  # fuel flow at idle over that at climb thrust at the same height and speed
DESCENT_CAS = 280.0 * KT
FIELD_CAS = 150.0 * KT
LOWEST_CRUISE = 10000.0 * FT
WORTH_CLIMBING = 250000.0  # m that must be left before the next descent for a step climb to be made

CLIMB_PHASE, CRUISE_PHASE, DESCENT_PHASE, REFUEL_PHASE, STATION_PHASE, HOLD_PHASE = range(6)
CRUISE_SEG, REFUEL_SEG, STATION_SEG, HOLD_SEG, ACCOMPANY_SEG = range(5)
(
    OK, FUEL_OUT, THRUST_SHORT, BUFFET, TOO_HIGH, TANK_FULL, TOO_HEAVY, WIND, LATE_LEVEL, ROWS_FULL,
    TOO_SHORT, NO_LEVEL, NO_WIND,
) = range(13)  # fmt: skip


@njit(cache=True)
def air(h):
    """Temperature [K], pressure [Pa], speed of sound [m/s] at pressure altitude h [m]."""
    if h < 11000.0:
        t = 288.15 - 0.0065 * h
        p = P0 * (t / 288.15) ** _EXPONENT
    else:
        t = 216.65
        p = _P_TROPOPAUSE * math.exp(-(h - 11000.0) * _DECAY)
    return t, p, math.sqrt(1.4 * GAS * t)


@njit(cache=True)
def cas_to_mach(cas, p):
    qc = P0 * ((1.0 + 0.2 * (cas / A0) ** 2) ** 3.5 - 1.0)
    return math.sqrt(5.0 * ((qc / p + 1.0) ** (1.0 / 3.5) - 1.0))


@njit(cache=True)
def lift_limit(a, mach):
    """Largest lift coefficient: the cruise limit from the cruise Mach up, rising to LOW_SPEED_CL at M0.4."""
    if mach >= a[M_REF] or a[CL_MAX] >= LOW_SPEED_CL:
        return a[CL_MAX]
    part = min(1.0, (a[M_REF] - mach) / (a[M_REF] - 0.4))
    return a[CL_MAX] + (LOW_SPEED_CL - a[CL_MAX]) * part


@njit(cache=True)
def lift_drag(a, m, p, mach):
    """Lift coefficient and drag [N] in level flight at mass m [kg], pressure p [Pa], Mach number."""
    q = 0.7 * p * mach * mach
    cl = m * G / (q * a[S])
    cd = a[CD0] + a[K] * cl * cl
    rise = mach - (a[MDD] - 0.1 * (cl - 0.45) - 0.10772173450159418)
    if rise > 0.0:
        cd += 20.0 * rise**4
    return cl, cd * q * a[S]


@njit(cache=True)
def tsfc(a, t, mach):
    """Fuel flow per thrust [kg/(N s)], the planning factor included."""
    return a[FACTOR] * a[C_REF] * math.sqrt(t / a[T_REF]) * (mach / a[M_REF]) ** a[N_EXP]


@njit(cache=True)
def thrust_limit(a, p, mach):
    """Most thrust [N], all engines."""
    total = p / P0 * (1.0 + 0.2 * mach * mach) ** 3.5
    return a[THRUST] * total * (1.0 - a[LAPSE] * math.sqrt(mach))


@njit(cache=True)
def level_flow(a, m, h, mach):
    """Fuel flow [kg/s] in level flight; no limit is looked at."""
    if a[KIND] == HOURLY:
        return a[FACTOR] * a[BURN_CRUISE]
    t, p, _ = air(h)
    return tsfc(a, t, mach) * lift_drag(a, m, p, mach)[1]


@njit(cache=True)
def envelope(a, m, h, mach):
    """(code, excess) of level flight: OK, or which limit is broken and by how much in its own unit."""
    if h > a[CEILING] + 0.5:
        return TOO_HIGH, h - a[CEILING]
    if a[KIND] == HOURLY:
        return OK, 0.0
    p = air(h)[1]
    cl, drag = lift_drag(a, m, p, mach)
    if cl > lift_limit(a, mach) * 1.0001:
        return BUFFET, cl - lift_limit(a, mach)
    if drag > thrust_limit(a, p, mach):
        return THRUST_SHORT, drag - thrust_limit(a, p, mach)
    return OK, 0.0


@njit(cache=True)
def level_ok(a, m, h, mach):
    """True where level flight at h leaves MARGIN_CLIMB of climb in hand and keeps the lift limit, LOAD times as heavy."""
    if a[KIND] == HOURLY:
        return h <= a[CEILING] + 0.5
    _, p, sound = air(h)
    m = m * a[LOAD]
    cl, drag = lift_drag(a, m, p, mach)
    need = drag + m * G * MARGIN_CLIMB / (mach * sound)
    return h <= a[CEILING] + 0.5 and cl <= lift_limit(a, mach) and need <= thrust_limit(a, p, mach)


@njit(cache=True)
def best_level(a, m, mach, cap, step):
    """Level [m] of least fuel per metre of still air among multiples of step, and that fuel [kg/m].

    The level is that of an aircraft LOAD times as heavy. NaN, NaN where no level is allowed.
    """
    top = min(cap, a[CEILING])
    if a[KIND] == HOURLY:
        h = math.floor(min(top, a[LEVEL]) / step + 1e-6) * step
        if h < step:
            return math.nan, math.nan
        return h, a[FACTOR] * a[BURN_CRUISE] / (mach * air(h)[2])
    best, least = math.nan, math.inf
    own, m = m, m * a[LOAD]
    speed_factor = a[FACTOR] * a[C_REF] * (mach / a[M_REF]) ** a[N_EXP] / mach
    limit = lift_limit(a, mach)
    lapse = a[THRUST] * (1.0 + 0.2 * mach * mach) ** 3.5 * (1.0 - a[LAPSE] * math.sqrt(mach)) / P0
    first = math.ceil(LOWEST_CRUISE / step - 1e-6)
    for i in range(first, math.floor(top / step + 1e-6) + 1):
        h = i * step
        t, p, sound = air(h)
        cl, drag = lift_drag(a, m, p, mach)
        if cl > limit:
            break
        if drag + m * G * MARGIN_CLIMB / (mach * sound) > lapse * p:
            break
        rate = speed_factor * math.sqrt(t / a[T_REF]) * drag / sound
        if rate < least:
            best, least = h, rate
    if least == math.inf:
        return math.nan, math.nan
    if m != own:
        least = level_flow(a, own, best, mach) / (mach * air(best)[2])
    return best, least


@njit(cache=True)
def cruise_grid(a, mass, mach, cap, step, fixed):
    """Level, true airspeed, fuel per metre at each mass; NaN where no level is allowed."""
    n = mass.size
    level, tas, rate = np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        if math.isnan(fixed):
            level[i], rate[i] = best_level(a, mass[i], mach, cap, step)
        elif envelope(a, mass[i], fixed, mach)[0] == OK:
            level[i] = fixed
            rate[i] = level_flow(a, mass[i], fixed, mach) / (mach * air(fixed)[2])
        else:
            level[i], rate[i] = math.nan, math.nan
        tas[i] = mach * air(level[i])[2] if level[i] == level[i] else math.nan
    return level, tas, rate


@njit(cache=True)
def interpolate(x, xs, ys):
    """ys at x on ascending xs; NaN outside, where 1e-9 of the span counts as the end."""
    n = xs.size
    slack = 1e-9 * (xs[n - 1] - xs[0])
    if not (xs[0] - slack <= x <= xs[n - 1] + slack):
        return math.nan
    x = min(max(x, xs[0]), xs[n - 1])
    lo, hi = 0, n - 1
    while hi - lo > 1:
        mid = (lo + hi) >> 1
        if xs[mid] <= x:
            lo = mid
        else:
            hi = mid
    w = (x - xs[lo]) / (xs[hi] - xs[lo])
    return ys[lo] * (1.0 - w) + ys[hi] * w


@njit(cache=True)
def table_mass_after(mass, reach, m, air_distance):
    """Mass after a still-air distance. `mass`, `reach` ascending: reach is the distance from mass[0]."""
    return interpolate(interpolate(m, mass, reach) - air_distance, reach, mass)


@njit(cache=True)
def table_mass_after_many(mass, reach, m, air_distance, out):
    for i in range(out.size):
        out[i] = table_mass_after(mass, reach, m[i], air_distance[i])


@njit(cache=True)
def hold_mach(a, m, h):
    """Mach number of least fuel flow at h, within the lift limit less 10 % and 0.30 to the cruise Mach."""
    p = air(h)[1]
    best, least = math.nan, math.inf
    i = 0
    while True:
        mach = 0.30 + 0.005 * i
        if mach > a[M_REF] + 1e-9:
            break
        i += 1
        cl, _ = lift_drag(a, m, p, mach)
        if cl > 0.9 * lift_limit(a, mach):
            continue
        flow = level_flow(a, m, h, mach)
        if flow < least:
            best, least = mach, flow
    return best, least


@njit(cache=True)
def hold_flow(a, m, h):
    """Fuel flow [kg/s] circling at h at the speed of least flow; NaN where there is none."""
    if a[KIND] == HOURLY:
        return a[FACTOR] * a[BURN_HOLD]
    mach, flow = hold_mach(a, m, h)
    if math.isnan(mach) or envelope(a, m, h, mach)[0] != OK:
        return math.nan
    return flow


@njit(cache=True)
def hold_flow_many(a, mass, h):
    out = np.empty(mass.size)
    for i in range(mass.size):
        out[i] = hold_flow(a, mass[i], h)
    return out


@njit(cache=True)
def climb_speed(a, h, mach, field, slow, fast):
    """Mach number in the climb from the field: `slow` CAS to 10,000 ft, `fast` above, never over `mach`.

    From the field the speed builds up over the first 3,000 ft, so that the energy of speeding up is paid.
    """
    p = air(h)[1]
    start = 0.75 * slow
    cas = start + (slow - start) * min(1.0, max(0.0, (h - field) / 914.4))
    if h > 3048.0:  # above a high field both gains come together
        cas += (fast - slow) * min(1.0, (h - 3048.0) / 609.6)
    return min(mach, cas_to_mach(cas, p))


@njit(cache=True)
def climb_state(a, m, h, mach_top, field, slow, fast, initial):
    """(rate of climb [m/s], TAS [m/s], fuel flow [kg/s]) at full thrust, or less where the rate is capped.

    One that keeps to a load climbs as if so many times as heavy, and burns what that takes at its own mass.
    """
    mach = climb_speed(a, h, mach_top, field, slow, fast) if initial else mach_top
    t, p, sound = air(h)
    v = mach * sound
    cap = INITIAL_CLIMB if initial else STEP_CLIMB
    if a[KIND] == HOURLY:
        return cap / a[LOAD], v, a[FACTOR] * a[BURN_CLIMB]
    own, m = m, m * a[LOAD]
    dh = 30.0
    above = climb_speed(a, h + dh, mach_top, field, slow, fast) if initial else mach_top
    dvdh = (above * air(h + dh)[2] - v) / dh
    acceleration = max(0.5, 1.0 + v / G * dvdh)
    _, drag = lift_drag(a, m, p, mach)
    most = thrust_limit(a, p, mach)
    rate = (most - drag) * v / (m * G * acceleration)
    thrust = most
    if rate > cap:
        rate = cap
        thrust = drag + rate * m * G * acceleration / v
    if m != own:
        thrust = lift_drag(a, own, p, mach)[1] + rate * own * G * acceleration / v
    return rate, v, tsfc(a, t, mach) * thrust


@njit(cache=True)
def descent_speed(h, mach, field, top_cas):
    """Mach number in the last descent: cruise, then `top_cas`, 250 kt below 10,000 ft, slowing to land."""
    p = air(h)[1]
    slow = min(250.0 * KT, top_cas)
    if h >= 3048.0:
        cas = slow + (top_cas - slow) * min(1.0, (h - 3048.0) / 609.6)
    else:
        cas = FIELD_CAS + (slow - FIELD_CAS) * min(1.0, max(0.0, (h - field) / 914.4))
    return min(mach, cas_to_mach(cas, p))


@njit(cache=True)
def descent_rate(h):
    return DESCENT_LOW + (DESCENT_HIGH - DESCENT_LOW) * min(1.0, max(0.0, (h - 3048.0) / 609.6))


@njit(cache=True)
def descent_flow(a, m, h, mach, rate, dvdh):
    """Fuel flow [kg/s] in a descent at `rate` [m/s]: what the thrust needs, not below idle."""
    if a[KIND] == HOURLY:
        return a[FACTOR] * a[BURN_HOLD]
    t, p, sound = air(h)
    v = mach * sound
    _, drag = lift_drag(a, m, p, mach)
    thrust = drag - rate * m * G * (1.0 + v / G * dvdh) / v
    return tsfc(a, t, mach) * max(thrust, IDLE * thrust_limit(a, p, mach))


@njit(cache=True)
def between_nodes(x, node_x):
    """The interval of nodes that holds x [m along], and the share of the way through it."""
    n = node_x.size
    lo, hi = 0, n - 1
    while hi - lo > 1:
        mid = (lo + hi) >> 1
        if node_x[mid] <= x:
            lo = mid
        else:
            hi = mid
    width = node_x[hi] - node_x[lo]
    return lo, (0.0 if width <= 0.0 else min(1.0, max(0.0, (x - node_x[lo]) / width)))


@njit(cache=True)
def node_track(x, node_x, east, north):
    """Unit track vector at x [m along], between the nodes."""
    lo, w = between_nodes(x, node_x)
    e = east[lo] * (1.0 - w) + east[lo + 1] * w
    k = north[lo] * (1.0 - w) + north[lo + 1] * w
    size = math.sqrt(e * e + k * k)
    if size < 1e-9:
        return east[lo], north[lo]
    return e / size, k / size


@njit(cache=True)
def wind_on_line(grid, time, headwind, h, x, node_x, east, north, place):
    """(code, u, v, root of the temperature ratio) at x [m along] and height h; `headwind` is taken off along track.

    place : (n, 3) unit vectors of the nodes. The last is the square root of the temperature over the standard's:
    airspeed at a Mach number and fuel flow at a thrust both go with it.
    """
    u = v = deviation = 0.0
    if grid.uniform:
        _, u, v, deviation = winds.wind(grid, 0.0, 0.0, 0.0, 0.0)
    else:
        lo, w = between_nodes(x, node_x)
        a = place[lo, 0] * (1.0 - w) + place[lo + 1, 0] * w
        b = place[lo, 1] * (1.0 - w) + place[lo + 1, 1] * w
        c = place[lo, 2] * (1.0 - w) + place[lo + 1, 2] * w
        lat = math.degrees(math.atan2(c, math.sqrt(a * a + b * b)))
        lon = math.degrees(math.atan2(b, a))
        code, u, v, deviation = winds.wind(grid, time, winds.ln_pressure(h), lat, lon)
        if code != winds.OK:
            return code, 0.0, 0.0, 1.0
    if headwind != 0.0:
        te, tn = node_track(x, node_x, east, north)
        u -= headwind * te
        v -= headwind * tn
    if deviation == 0.0:
        return winds.OK, u, v, 1.0
    return winds.OK, u, v, math.sqrt(1.0 + deviation / air(h)[0])


@njit(cache=True)
def ground_speed(tas, te, tn, u, v):
    """Ground speed [m/s] by the wind triangle; NaN where the wind carries the aircraft off its track."""
    along = u * te + v * tn
    cross2 = u * u + v * v - along * along
    if cross2 >= tas * tas:
        return math.nan
    gs = along + math.sqrt(tas * tas - cross2)
    return gs if gs > 1.0 else math.nan


@njit(cache=True)
def warm_flow(a, warm):
    """What the fuel flow is multiplied by in warmer air: the polar's consumption goes with the root of temperature."""
    return warm if a[KIND] == POLAR else 1.0


@njit(cache=True)
def descent_line(mach, top, field, x_end, node_x, east, north, place, grid, time, headwind, top_cas):
    """The last descent, backward from the field: heights ascending, and where along the line each is.

    time : about when it is flown; where the field does not hold it, still air does: it only shapes the descent.
    """
    n = 400
    hs, xs = np.empty(n), np.empty(n)
    hs[0], xs[0] = field, x_end
    step = max(0.0, top - field) / (n - 1)
    for i in range(1, n):
        h = field + i * step
        mid = h - 0.5 * step
        te, tn = node_track(xs[i - 1], node_x, east, north)
        _, u, v, warm = wind_on_line(grid, time, headwind, mid, xs[i - 1], node_x, east, north, place)
        tas = descent_speed(mid, mach, field, top_cas) * air(mid)[2] * warm
        gs = ground_speed(tas, te, tn, u, v)
        if math.isnan(gs):
            gs = tas * 0.2
        hs[i] = h
        xs[i] = xs[i - 1] - gs * step / descent_rate(mid)
    return hs, xs


@njit(cache=True)
def fly(
    a, node_x, east, north, place, vertex_x, vertex_seg, seg_x0, seg_x1, seg_kind, seg_mach, seg_alt, seg_fuel,
    seg_f0, seg_f1, seg_hold, seg_hold_mach, seg_gs, grid, start, headwind, m0, zero_fuel, tank, field, h_end, cap, step,
    land, airborne_h, rows,
):  # fmt: skip
    """Fly the whole line. See `profile.fly`; the wind is `grid`, with second 0 at `start` on its axis and `headwind`
    taken off along the track. rows is (n, 12) to fill:

    time, along, altitude, mass, tas, gs, phase, event, segment, burnt, taken, given.
    Returns code, excess, n_rows, row at which fuel ran out (-1), vertex_time, seg_start, seg_end and the end
    state: t, x, h, m, burnt, taken, given, x and t where fuel ran out (NaN if not), least fuel.
    """
    n_seg = seg_kind.size
    x_end = seg_x1[n_seg - 1]
    vertex_time = np.full(vertex_x.size, math.nan)
    seg_start, seg_end = np.full(n_seg, math.nan), np.full(n_seg, math.nan)
    t, x, m = 0.0, 0.0, m0
    initial = math.isnan(airborne_h)
    h = field if initial else airborne_h
    burnt = taken = given = 0.0
    out_x = out_t = math.nan
    out_row = -1
    least = m - zero_fuel
    n_rows = 0
    last_row_t = -1.0e9
    last_phase = -1
    event = True
    code, excess = OK, 0.0
    warm = 1.0
    kv = 0

    # Speeds of the climb: never slower than the clean wing allows at this mass.
    slow, fast = 250.0 * KT, a[CLIMB_CAS]
    if a[KIND] == POLAR:
        needed = math.sqrt(m * G / (0.5 * 1.225 * a[S] * 0.9))
        slow = max(slow, needed)
        fast = max(fast, needed)

    last_special = -1
    for s in range(n_seg):
        if seg_kind[s] != CRUISE_SEG:
            last_special = s
    descent_mach = seg_mach[n_seg - 1]
    top = min(max(a[CEILING], h), 20000.0)
    line_h, line_x = descent_line(
        descent_mach,
        top,
        h_end,
        x_end,
        node_x,
        east,
        north,
        place,
        grid,
        start + x_end / (descent_mach * 300.0),
        headwind,
        min(DESCENT_CAS, max(a[CLIMB_CAS], 200.0 * KT)),
    )
    descending_last = False
    top_cas = min(DESCENT_CAS, max(a[CLIMB_CAS], 200.0 * KT))

    for s in range(n_seg):
        kind = seg_kind[s]
        x1 = seg_x1[s]
        mach = seg_mach[s]
        fixed = seg_alt[s]
        seg_start[s] = t
        event = True
        target = fixed
        settled = False  # the wanted level has been reached in this segment
        cruise_phase = CRUISE_PHASE
        if kind == REFUEL_SEG:
            cruise_phase = REFUEL_PHASE
        elif kind == STATION_SEG:
            cruise_phase = STATION_PHASE
        elif kind == HOLD_SEG:
            cruise_phase = HOLD_PHASE
        per_metre = 0.0
        if seg_fuel[s] != 0.0 and seg_f1[s] > seg_f0[s]:
            per_metre = seg_fuel[s] / (seg_f1[s] - seg_f0[s])
        leading = False
        while kv < vertex_x.size and vertex_seg[kv] == s and vertex_x[kv] <= x + 1e-6:
            vertex_time[kv] = t
            kv += 1

        while x < x1 - 1e-6:
            code, u, v, warm = wind_on_line(grid, start + t, headwind, h, x, node_x, east, north, place)
            if code != winds.OK:
                code, excess = NO_WIND, float(code)
                break
            flow_on = per_metre != 0.0 and seg_f0[s] - 1e-6 <= x < seg_f1[s] - 1e-6
            # Which level is wanted now?
            stop_x = math.inf  # where level flight must end
            if land and not descending_last and s > last_special and h > h_end + 1.0:
                stop_x = interpolate(min(max(h, line_h[0]), line_h[-1]), line_h, line_x)
                if x >= stop_x - 1e-3:
                    descending_last = True
                    event = True
            elif kind == CRUISE_SEG and s + 1 < n_seg and not math.isnan(seg_alt[s + 1]):
                stop_x = x1
            lead_x = math.inf
            if not descending_last:
                if math.isnan(fixed):
                    if not settled and math.isnan(target):
                        target, _ = best_level(a, m, mach, cap, step)
                        if math.isnan(target):
                            code, excess = NO_LEVEL, 0.0
                            break
                    elif settled and not leading:
                        wanted, _ = best_level(a, m, mach, cap, step)
                        up = wanted > h + 0.5 * step and stop_x - x > WORTH_CLIMBING
                        down = wanted < h - 0.5 * step and (flow_on or not level_ok(a, m, h, mach))
                        if up or down:
                            target = wanted
                            settled = False
                if kind == CRUISE_SEG and s + 1 < n_seg and not math.isnan(seg_alt[s + 1]) and not leading:
                    change = seg_alt[s + 1] - h
                    if abs(change) > 1.0:
                        te, tn = node_track(x, node_x, east, north)
                        sound = air(min(h, seg_alt[s + 1]))[2]  # the faster end, so that the level is early
                        gs_now = ground_speed(mach * sound * warm, te, tn, u, v)
                        if math.isnan(gs_now):
                            gs_now = mach * sound
                        vertical = STEP_DESCENT
                        if change > 0.0:
                            vertical = climb_state(
                                a, m, seg_alt[s + 1], mach, field, slow, fast, False
                            )[0]  # fmt: skip
                            vertical = max(0.8 * vertical, 100.0 * FPM)
                        reach = 1.3 * abs(change) / vertical * mach * sound
                        if x1 - x < 3.0 * reach and not (grid.uniform and u == 0.0 and v == 0.0):
                            # the fastest on the way there, at either level: the track may turn before it
                            for q in range(10):
                                ahead = max(x, x1 - (q // 2) / 4.0 * reach)
                                level_q = h if q % 2 else seg_alt[s + 1]
                                there, uq, vq, warm_q = wind_on_line(
                                    grid, start + t, headwind, level_q, ahead, node_x, east, north, place
                                )  # fmt: skip
                                if there == winds.OK:
                                    te, tn = node_track(max(0.0, ahead - 1.0), node_x, east, north)
                                    gs_q = ground_speed(mach * sound * warm_q, te, tn, uq, vq)
                                    if gs_q > gs_now:
                                        gs_now = gs_q
                        lead_x = x1 - 1.02 * abs(change) / vertical * gs_now - 500.0
                        if x >= lead_x - 1e-3 and (change < 0.0 or h >= 3000.0):
                            leading = True
                            target = seg_alt[s + 1]
                            settled = False
                            event = True
                            lead_x = math.inf
                        elif x >= lead_x - 1e-3:
                            lead_x = math.inf

            # The state of this step: vertical speed, airspeed, fuel flow.
            phase = cruise_phase
            vertical = 0.0
            v_tas = 0.0
            flow = 0.0
            mach_now = mach
            if descending_last:
                phase = DESCENT_PHASE
                mach_now = descent_speed(h, descent_mach, h_end, top_cas)
                sound = air(h)[2]
                v_tas = mach_now * sound
                below = max(h - 30.0, h_end)
                dvdh = 0.0
                if h - below > 1.0:
                    dvdh = (v_tas - descent_speed(below, descent_mach, h_end, top_cas) * air(below)[2]) / (
                        h - below
                    )
                vertical = -descent_rate(h)
                flow = descent_flow(a, m, h, mach_now, -vertical, dvdh)
            elif target > h + 0.1:
                phase = CLIMB_PHASE
                vertical, v_tas, flow = climb_state(a, m, h, mach, field, slow, fast, initial)
                if vertical < 50.0 * FPM:
                    code, excess = THRUST_SHORT, max(0.0, envelope(a, m, h, mach)[1])
                    break
            elif target < h - 0.1:
                phase = DESCENT_PHASE
                v_tas = mach * air(h)[2]
                vertical = -STEP_DESCENT
                flow = descent_flow(a, m, h, mach, STEP_DESCENT, 0.0)
            else:
                initial = False
                if not settled:
                    settled = True
                v_tas = mach * air(h)[2]
                flow = level_flow(a, m, h, mach)
            if warm != 1.0:  # at a Mach number airspeed and fuel flow go with the root of the temperature
                v_tas *= warm
                flow *= warm_flow(a, warm)
                if vertical > 0.0:
                    vertical *= warm
            te, tn = node_track(x, node_x, east, north)
            level = vertical == 0.0
            if seg_gs[s] > 0.0:
                gs = seg_gs[s]
                along = u * te + v * tn
                v_tas = math.sqrt((gs - along) ** 2 + u * u + v * v - along * along)
                mach_now = v_tas / (air(h)[2] * warm)
                if level:
                    flow = level_flow(a, m, h, mach_now) * warm_flow(a, warm)
            else:
                gs = ground_speed(v_tas, te, tn, u, v)
                if math.isnan(gs):
                    code, excess = WIND, math.sqrt(u * u + v * v) - v_tas
                    break
            if level:
                code, excess = envelope(a, m, h, mach_now)
                if code != OK:
                    break
            if flow_on and kind == REFUEL_SEG and not level and not math.isnan(fixed):
                code, excess = LATE_LEVEL, abs(target - h)
                break

            # How long until the next thing?
            if t - last_row_t >= 60.0 - 1e-6 or event or phase != last_phase:
                if n_rows >= rows.shape[0]:
                    code = ROWS_FULL
                    break
                flagged = event or (phase != last_phase)
                rows[n_rows, 0], rows[n_rows, 1], rows[n_rows, 2], rows[n_rows, 3] = t, x, h, m
                rows[n_rows, 4], rows[n_rows, 5], rows[n_rows, 6] = v_tas, gs, phase
                rows[n_rows, 7] = 1.0 if flagged else 0.0
                rows[n_rows, 8], rows[n_rows, 9], rows[n_rows, 10], rows[n_rows, 11] = s, burnt, taken, given
                n_rows += 1
                last_row_t, last_phase, event = t, phase, False
            dt = last_row_t + 60.0 - t
            if not level:
                dt = min(dt, 15.0)
                if not descending_last:
                    dt = min(dt, max(0.01, (target - h) / vertical))
            next_x = x1
            if kv < vertex_x.size and vertex_seg[kv] == s:
                next_x = min(next_x, vertex_x[kv])
            if per_metre != 0.0:
                if x < seg_f0[s] - 1e-6:
                    next_x = min(next_x, seg_f0[s])
                elif x < seg_f1[s] - 1e-6:
                    next_x = min(next_x, seg_f1[s])
            if x + 1e-3 < lead_x < next_x:
                next_x = lead_x
            if land and not descending_last and s > last_special and level:
                down_x = interpolate(min(max(h, line_h[0]), line_h[-1]), line_h, line_x)
                if x + 1e-3 < down_x < next_x:
                    next_x = down_x
            if not grid.uniform and seg_gs[s] <= 0.0:  # the wind half way through the step
                half = 0.5 * min(dt, (next_x - x) / gs)
                code, u, v, _ = wind_on_line(
                    grid, start + t + half, headwind, h + vertical * half, x + gs * half, node_x, east, north, place
                )  # fmt: skip
                if code != winds.OK:
                    code, excess = NO_WIND, float(code)
                    break
                te, tn = node_track(x + gs * half, node_x, east, north)
                gs_half = ground_speed(v_tas, te, tn, u, v)
                if math.isnan(gs_half):
                    code, excess = WIND, math.sqrt(u * u + v * v) - v_tas
                    break
                gs = gs_half
            hit = False
            if (next_x - x) / gs <= dt + 1e-9:
                dt = (next_x - x) / gs
                hit = True

            # Advance: midpoint rule on mass (and on height in a climb).
            x_new = next_x if hit else x + gs * dt
            h_new = h
            if descending_last:
                if x_new >= x_end - 1e-6:
                    h_new = h_end
                else:
                    h_new = min(h, interpolate_down(x_new, line_x, line_h))
            elif not level:
                h_new = h + vertical * dt
            transfer = per_metre * (x_new - x) if flow_on else 0.0
            if dt > 0.0:
                m_mid = m - 0.5 * flow * dt + 0.5 * transfer
                h_mid = 0.5 * (h + h_new)
                if descending_last:
                    mach_mid = descent_speed(h_mid, descent_mach, h_end, top_cas)
                    low = max(h_mid - 30.0, h_end)
                    dvdh = 0.0
                    if h_mid - low > 1.0:
                        dvdh = (
                            mach_mid * air(h_mid)[2]
                            - descent_speed(low, descent_mach, h_end, top_cas) * air(low)[2]
                        ) / (h_mid - low)
                    flow = descent_flow(a, m_mid, h_mid, mach_mid, (h - h_new) / dt, dvdh)
                elif level:
                    flow = level_flow(a, m_mid, h, mach_now)
                elif vertical > 0.0:
                    vertical_mid, _, flow = climb_state(a, m_mid, h_mid, mach, field, slow, fast, initial)
                    h_new = min(target, h + vertical_mid * warm * dt)
                    if target - h_new < 0.5:
                        h_new = target
                else:
                    flow = descent_flow(a, m_mid, h_mid, mach, STEP_DESCENT, 0.0)
                    if h_new - target < 0.5:
                        h_new = target
                flow *= warm_flow(a, warm)
            spent = flow * dt
            burnt += spent
            m -= spent
            if transfer > 0.0:
                taken += transfer
            else:
                given -= transfer
            m += transfer
            t += dt
            x = x_new
            h = h_new
            fuel = m - zero_fuel
            least = min(least, fuel)
            if fuel < 0.0 and math.isnan(out_x):
                out_x, out_t, out_row = x, t, n_rows
            if m < 0.3 * a[M_MIN]:
                code, excess = FUEL_OUT, -fuel
                break
            if flow_on and transfer > 0.0:
                if fuel > tank + 1.0:
                    code, excess = TANK_FULL, fuel - tank
                    break
                if m > a[M_MAX] + 1.0:
                    code, excess = TOO_HEAVY, m - a[M_MAX]
                    break
            if hit:
                if per_metre != 0.0 and (abs(x - seg_f0[s]) < 1e-6 or abs(x - seg_f1[s]) < 1e-6):
                    event = True
                while kv < vertex_x.size and vertex_seg[kv] == s and vertex_x[kv] <= x + 1e-6:
                    vertex_time[kv] = t
                    event = True
                    kv += 1
        if code != OK:
            break
        x = x1  # it may lie a hair short, on the leg before

        # Circling at the end of the segment.
        if seg_hold[s] > 0.0:
            event = True
            if not math.isnan(fixed) and abs(h - fixed) > 1.0:
                code, excess = LATE_LEVEL, abs(fixed - h)
                break
            if math.isnan(fixed):
                wanted, _ = best_level(a, m, mach, cap, step)
                if h < LOWEST_CRUISE - 1.0 and not math.isnan(wanted):
                    code, excess = LATE_LEVEL, wanted - h
                    break
            initial = False
            code, u, v, warm = wind_on_line(grid, start + t, headwind, h, x, node_x, east, north, place)
            if code != winds.OK:
                code, excess = NO_WIND, float(code)
                break
            in_hold = seg_fuel[s] / seg_hold[s] if seg_f1[s] <= seg_f0[s] else 0.0
            left = seg_hold[s]
            while left > 1e-9:
                hold_m = seg_hold_mach[s]
                if a[KIND] == HOURLY:
                    if math.isnan(hold_m):
                        hold_m = mach
                    in_hold_phase = kind not in (STATION_SEG, REFUEL_SEG)
                    flow = a[FACTOR] * (a[BURN_HOLD] if in_hold_phase else a[BURN_CRUISE])
                else:
                    if math.isnan(hold_m):
                        hold_m, _ = hold_mach(a, m, h)
                        if math.isnan(hold_m):
                            hold_m = mach
                    code, excess = envelope(a, m, h, hold_m)
                    if code != OK:
                        break
                    flow = level_flow(a, m, h, hold_m) * warm_flow(a, warm)
                phase = HOLD_PHASE
                if kind in (STATION_SEG, REFUEL_SEG):
                    phase = cruise_phase
                if t - last_row_t >= 60.0 - 1e-6 or event or phase != last_phase:
                    if n_rows >= rows.shape[0]:
                        code = ROWS_FULL
                        break
                    flagged = event or (phase != last_phase)
                    rows[n_rows, 0], rows[n_rows, 1], rows[n_rows, 2], rows[n_rows, 3] = t, x, h, m
                    rows[n_rows, 4], rows[n_rows, 5], rows[n_rows, 6] = hold_m * air(h)[2] * warm, 0.0, phase
                    rows[n_rows, 7] = 1.0 if flagged else 0.0
                    rows[n_rows, 8], rows[n_rows, 9], rows[n_rows, 10], rows[n_rows, 11] = (
                        s,
                        burnt,
                        taken,
                        given,
                    )
                    n_rows += 1
                    last_row_t, last_phase, event = t, phase, False
                dt = min(left, last_row_t + 60.0 - t)
                if dt <= 1e-9:
                    dt = min(left, 1e-6)
                transfer = in_hold * dt
                if a[KIND] == POLAR:
                    flow = level_flow(a, m - 0.5 * flow * dt + 0.5 * transfer, h, hold_m) * warm_flow(a, warm)
                burnt += flow * dt
                m += transfer - flow * dt
                if transfer > 0.0:
                    taken += transfer
                else:
                    given -= transfer
                t += dt
                left -= dt
                fuel = m - zero_fuel
                least = min(least, fuel)
                if fuel < 0.0 and math.isnan(out_x):
                    out_x, out_t, out_row = x, t, n_rows
                if m < 0.3 * a[M_MIN]:
                    code, excess = FUEL_OUT, -fuel
                    break
                if transfer > 0.0 and fuel > tank + 1.0:
                    code, excess = TANK_FULL, fuel - tank
                    break
                if transfer > 0.0 and m > a[M_MAX] + 1.0:
                    code, excess = TOO_HEAVY, m - a[M_MAX]
                    break
            if code != OK:
                break
        seg_end[s] = t
        event = True

    if code == OK and land and abs(h - h_end) > 1.0:
        code, excess = TOO_SHORT, abs(h - h_end)
    if n_rows >= rows.shape[0]:
        code = ROWS_FULL
    else:
        rows[n_rows, 0], rows[n_rows, 1], rows[n_rows, 2], rows[n_rows, 3] = t, x, h, m
        rows[n_rows, 4] = rows[n_rows - 1, 4] if n_rows > 0 else 0.0
        if descending_last:
            rows[n_rows, 4] = descent_speed(h, descent_mach, h_end, top_cas) * air(h)[2] * warm
        rows[n_rows, 5], rows[n_rows, 6], rows[n_rows, 7] = 0.0, last_phase, 1.0
        rows[n_rows, 8], rows[n_rows, 9], rows[n_rows, 10], rows[n_rows, 11] = n_seg - 1, burnt, taken, given
        n_rows += 1
    state = np.array([t, x, h, m, burnt, taken, given, out_x, out_t, least])
    return code, excess, n_rows, out_row, vertex_time, seg_start, seg_end, state


@njit(cache=True)
def interpolate_down(x, xs, ys):
    """ys at x on descending xs, held at the ends."""
    n = xs.size
    if x >= xs[0]:
        return ys[0]
    if x <= xs[n - 1]:
        return ys[n - 1]
    lo, hi = 0, n - 1
    while hi - lo > 1:
        mid = (lo + hi) >> 1
        if xs[mid] >= x:
            lo = mid
        else:
            hi = mid
    w = (xs[lo] - x) / (xs[lo] - xs[hi])
    return ys[lo] * (1.0 - w) + ys[hi] * w
