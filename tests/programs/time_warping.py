"""Soft dynamic time warping, and an edit distance with real costs: tables filled cell by cell."""

import math

import numpy as np


def soft_minimum(a, b, c, gamma):
    z = np.array([-a / gamma, -b / gamma, -c / gamma])
    top = np.max(z)
    return -gamma * (top + np.log(np.sum(np.exp(z - top))))


def soft_dtw(x, y, gamma):
    n, m = len(x), len(y)
    R = np.full((n + 1, m + 1), 1e10)
    R[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (x[i - 1] - y[j - 1]) ** 2
            R[i, j] = cost + soft_minimum(R[i - 1, j], R[i, j - 1], R[i - 1, j - 1], gamma)
    return R[n, m], R


def edit_distance(x, y, gap):
    n, m = len(x), len(y)
    D = np.empty((n + 1, m + 1))
    D[:, 0] = gap * np.arange(n + 1)
    D[0] = gap * np.arange(m + 1)
    for i in range(n):
        for j in range(m):
            D[i + 1, j + 1] = min(
                D[i, j] + math.fabs(x[i] - y[j]), D[i, j + 1] + gap, D[i + 1, j] + gap
            )
    return D


def damped_wave(amplitude, decay, frequency, n=6):
    wave = np.zeros(n)
    for k in range(n):
        wave[k] = amplitude * math.exp(-decay * k) * math.sin(frequency * k)
    return wave


def distances(x):
    """x holds a wave's amplitude, decay and frequency, the smoothing, and the price of a gap."""
    wave = damped_wave(x[0], x[1], x[2])
    observed = np.array([0.1, 0.9, 0.75, -0.2, -0.6, -0.25, 0.3])
    soft, R = soft_dtw(wave, observed, x[3])
    hard = edit_distance(wave, observed, x[4])
    return np.array([soft, hard[-1, -1], R[3, 4], hard[2, 3]])


def example():
    return distances, np.array([1.1, 0.2, 1.0, 0.3, 0.35])
