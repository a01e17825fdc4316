"""A few atoms: pair forces in a double loop, velocity Verlet, a histogram of distances."""

import math

import numpy as np


def wrap(d, box):
    return d - box * round(float(d) / box) if isinstance(d, float) else d - box * np.round(d / box)


def forces_and_energy(r, epsilon, sigma, box):
    n = r.shape[0]
    F = np.zeros((n, 3))
    energy = 0.0
    cut = 2.5 * sigma
    for i in range(n):
        for j in range(i + 1, n):
            d = np.zeros(3)
            for k in range(3):
                d[k] = wrap(r[i, k] - r[j, k], box)
            distance = math.sqrt(d[0] ** 2 + d[1] ** 2 + d[2] ** 2)
            if distance > cut:
                continue
            s6 = (sigma / distance) ** 6
            energy += 4 * epsilon * (s6 * s6 - s6)
            f = 24 * epsilon * (2 * s6 * s6 - s6) / distance**2
            F[i] += f * d
            F[j] -= f * d
    return F, energy


def simulate(r, v, epsilon, sigma, steps=2, dt=0.01, box=5.0):
    r, v = np.array(r), np.array(v)
    energies = np.zeros(steps + 1)
    F, energies[0] = forces_and_energy(r, epsilon, sigma, box)
    for step in range(steps):
        r += dt * v + 0.5 * dt**2 * F
        new, energies[step + 1] = forces_and_energy(r, epsilon, sigma, box)
        v += 0.5 * dt * (F + new)
        F = new
        energies[step + 1] += 0.5 * np.sum(v**2)
    return r, v, energies


def observables(x):
    """Energies, pressure and the drift of the first atom: x holds epsilon, sigma and a push."""
    start = np.array([[0.1, 0.0, 0.2], [1.2, 0.1, 0.0], [0.4, 1.1, 0.1], [0.5, 0.4, 1.2]])
    push = np.zeros((4, 3))
    push[0] = x[2:5]
    push[1:] = -x[2:5] / 3
    r, v, energies = simulate(start, push, x[0], x[1])
    F, _ = forces_and_energy(r, x[0], x[1], 5.0)
    virial = sum(np.dot(r[i], F[i]) for i in range(4))
    return np.hstack([energies, virial, r[0] - start[0]])


def example():
    return observables, np.array([0.8, 1.0, 0.4, -0.3, 0.2])
