"""A satellite about two bodies: RK4 with the whole trajectory stored, and a leapfrog beside it."""

import numpy as np


def acceleration(position, mu):
    x, y = position
    d1 = np.hypot(x + mu, y) ** 3
    d2 = np.hypot(x - 1 + mu, y) ** 3
    return np.array([
        -(1 - mu) * (x + mu) / d1 - mu * (x - 1 + mu) / d2,
        -(1 - mu) * y / d1 - mu * y / d2,
    ])  # fmt: skip


def rotating(t, state, mu):
    x, y, vx, vy = state
    derivative = np.zeros(4)
    derivative[0:2] = state[2:4]
    derivative[2:4] = acceleration(state[:2], mu)
    derivative[2] += 2 * vy + x
    derivative[3] += -2 * vx + y
    return derivative


def rk4(f, start, times, *args):
    trajectory = np.empty((len(times), len(start)))
    trajectory[0] = start
    for i in range(len(times) - 1):
        h = times[i + 1] - times[i]
        t, y = times[i], trajectory[i]
        k1 = f(t, y, *args)
        k2 = f(t + h / 2, y + h / 2 * k1, *args)
        k3 = f(t + h / 2, y + h / 2 * k2, *args)
        k4 = f(t + h, y + h * k3, *args)
        trajectory[i + 1] = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return trajectory


def leapfrog(position, velocity, h, steps, mu):
    """Kick, drift, kick: the same two arrays, updated in place."""
    q, v = np.array(position), np.array(velocity)
    path = np.full((steps + 1, 2), np.nan)
    path[0, :] = q
    for i in range(1, steps + 1):
        v += 0.5 * h * acceleration(q, mu)
        q += h * v
        v += 0.5 * h * acceleration(q, mu)
        path[i, :] = q
    return path


def ephemeris(x):
    """Both paths: x holds position, velocity, and the mass ratio."""
    mu = x[4]
    times = np.linspace(0.0, 0.4, 5)
    trajectory = rk4(rotating, x[:4], times, mu)
    inertial = leapfrog([x[0], x[1]], [x[2], x[3]], 0.1, 4, mu)
    kinetic = 0.5 * np.sum(trajectory[:, 2:] ** 2, axis=1)
    return np.column_stack((trajectory, inertial, kinetic))


def example():
    return ephemeris, np.array([0.6, 0.1, 0.2, 0.9, 0.0121])
