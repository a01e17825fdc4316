"""A satellite about two bodies: RK4 with the whole trajectory stored, and a leapfrog beside it."""

import autograd.numpy as np


def acceleration(position, mu):
    x, y = position
    d1 = np.sqrt((x + mu) ** 2 + y**2) ** 3
    d2 = np.sqrt((x - 1 + mu) ** 2 + y**2) ** 3
    return np.array([
        -(1 - mu) * (x + mu) / d1 - mu * (x - 1 + mu) / d2,
        -(1 - mu) * y / d1 - mu * y / d2,
    ])  # fmt: skip


def rotating(t, state, mu):
    x, y, vx, vy = state
    turning = np.array([2 * vy + x, -2 * vx + y])
    return np.concatenate([state[2:4], acceleration(state[:2], mu) + turning])


def rk4(f, start, times, *args):
    trajectory = [None] * len(times)
    trajectory[0] = start
    for i in range(len(times) - 1):
        h = times[i + 1] - times[i]
        t, y = times[i], trajectory[i]
        k1 = f(t, y, *args)
        k2 = f(t + h / 2, y + h / 2 * k1, *args)
        k3 = f(t + h / 2, y + h / 2 * k2, *args)
        k4 = f(t + h, y + h * k3, *args)
        trajectory[i + 1] = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.array(trajectory)


def leapfrog(position, velocity, h, steps, mu):
    """Kick, drift, kick: the same two arrays, updated in place."""
    q, v = np.array(position), np.array(velocity)
    path = [None] * (steps + 1)
    path[0] = q
    for i in range(1, steps + 1):
        v = v + 0.5 * h * acceleration(q, mu)
        q = q + h * v
        v = v + 0.5 * h * acceleration(q, mu)
        path[i] = q
    return np.array(path)


def ephemeris(x):
    """Both paths: x holds position, velocity, and the mass ratio."""
    mu = x[4]
    times = np.linspace(0.0, 0.4, 5)
    trajectory = rk4(rotating, x[:4], times, mu)
    inertial = leapfrog([x[0], x[1]], [x[2], x[3]], 0.1, 4, mu)
    kinetic = 0.5 * np.sum(trajectory[:, 2:] ** 2, axis=1)
    return np.concatenate((trajectory, inertial, kinetic[:, None]), axis=1)


def example():
    return ephemeris, np.array([0.6, 0.1, 0.2, 0.9, 0.0121])
