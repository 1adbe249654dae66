"""The fuel of an aircraft that flies in another's rows, compiled."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from longreach.fuel._kernels import (
    BURN_CLIMB,
    BURN_CRUISE,
    BURN_HOLD,
    CLIMB_PHASE,
    DESCENT_PHASE,
    FACTOR,
    HOLD_PHASE,
    HOURLY,
    IDLE,
    KIND,
    G,
    air,
    lift_drag,
    lift_limit,
    thrust_limit,
    tsfc,
)

PARTS = 4  # of the time from row to row, in each of which the mass is brought up to date


@njit(cache=True)
def beside(a, time, height, tas, deviation, phase, taken, takeoff_mass):
    """Mass and burn at rows, and how much of its thrust and lift each stretch asks for.

    time [s], height [m], tas [m/s], deviation [K from the standard], phase, taken (fuel taken on so far, kg) : (n,)
    Returns mass [kg], burnt [kg], thrust asked for over what there is, lift over its limit: (n,) each; the last two
    are of the stretch that begins at the row, 0 for types by the hour and for lift off the level.
    """
    n = time.size
    mass, burnt = np.empty(n), np.zeros(n)
    thrust_share, lift_share = np.zeros(n), np.zeros(n)
    m = takeoff_mass
    mass[0] = m
    total = 0.0
    for i in range(n - 1):
        step = time[i + 1] - time[i]
        rise = height[i + 1] - height[i]
        moving = (phase[i] == CLIMB_PHASE or phase[i] == DESCENT_PHASE) and abs(rise) > 1.0
        runs_on = moving and phase[i + 1] == phase[i]  # else the next row has another phase's airspeed
        later = tas[i + 1] if runs_on else tas[i]
        part = step / PARTS
        for k in range(PARTS):
            w = (k + 0.5) / PARTS
            if a[KIND] == HOURLY:
                rate = a[BURN_CRUISE]
                if phase[i] == CLIMB_PHASE:
                    rate = a[BURN_CLIMB]
                elif phase[i] == DESCENT_PHASE or phase[i] == HOLD_PHASE:
                    rate = a[BURN_HOLD]
                flow = a[FACTOR] * rate
            else:
                t, p, sound = air(height[i] + w * rise)
                warm = t + deviation[i] + w * (deviation[i + 1] - deviation[i])
                speed = max(1.0, tas[i] + w * (later - tas[i]))
                mach = speed / (sound * math.sqrt(warm / t))
                cl, drag = lift_drag(a, m, p, mach)
                most = thrust_limit(a, p, mach)
                thrust = drag
                if moving:
                    thrust += m * (G * rise / step / speed + (later - tas[i]) / step)
                    thrust_share[i] = max(thrust_share[i], thrust / most)
                    thrust = max(thrust, IDLE * most)
                else:
                    thrust_share[i] = max(thrust_share[i], thrust / most)
                    lift_share[i] = max(lift_share[i], cl / lift_limit(a, mach))
                flow = tsfc(a, warm, mach) * thrust
            total += flow * part
            m += (taken[i + 1] - taken[i]) / PARTS - flow * part
        mass[i + 1], burnt[i + 1] = m, total
    return mass, burnt, thrust_share, lift_share
