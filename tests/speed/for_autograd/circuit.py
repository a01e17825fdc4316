"""A ladder of resistors, coils and capacitors: stamps into a complex matrix, solved at frequencies."""

from math import pi

import autograd.numpy as np
from autograd.numpy import log10


class Netlist:
    """Modified nodal analysis: node 0 is the ground."""

    def __init__(self, nodes, sources):
        self.size = nodes + sources
        self.nodes = nodes
        self.elements = []

    def add(self, kind, i, j, value):
        self.elements.append((kind, i, j, value))

    def stamp(self, omega):
        A = [[0j] * self.size for _ in range(self.size)]
        z = [0j] * self.size
        source = self.nodes
        for kind, i, j, value in self.elements:
            if kind == "V":
                A[i - 1][source] += 1
                A[source][i - 1] += 1
                z[source] = value
                source += 1
                continue
            if kind == "R":
                admittance = 1 / value
            else:
                admittance = 1j * omega * value if kind == "C" else 1 / (1j * omega * value)
            for n in (i, j):
                if n > 0:
                    A[n - 1][n - 1] += admittance
            if i > 0 and j > 0:
                A[i - 1][j - 1] -= admittance
                A[j - 1][i - 1] -= admittance
        return np.array(A), np.array(z)


def ladder(x):
    r, ell, c, load = x[0], x[1], x[2:4], x[4]
    net = Netlist(4, 1)
    net.add("V", 1, 0, 1.0)
    net.add("R", 1, 2, r)
    net.add("C", 2, 0, c[0])
    net.add("L", 2, 3, ell)
    net.add("C", 3, 0, c[1])
    net.add("R", 3, 4, 0.2 * r)
    net.add("R", 4, 0, load)
    return net


def bode(x):
    """Gain in decibels and phase in degrees at each frequency, then the group delay between them."""
    frequencies = [0.05, 0.1, 0.2, 0.4]
    gain, phase = [0.0] * 4, [0.0] * 4
    for k, f in enumerate(frequencies):
        A, z = ladder(x).stamp(2 * pi * f)
        v = np.linalg.solve(A, z)
        h = v[3] / v[0]
        gain[k] = 20 * log10(abs(h))
        phase[k] = 180 / pi * np.angle(h)
    gain, phase = np.array(gain), np.array(phase)
    turns = 360 * np.round((phase[1:] - phase[:-1]) / 360)
    phase = np.concatenate([phase[:1], phase[1:] - turns])
    delay = -np.diff(phase) / np.diff(frequencies) / 360
    return np.concatenate((gain, phase, delay))


def example():
    return bode, np.array([1.2, 0.8, 0.5, 0.9, 1.5])
