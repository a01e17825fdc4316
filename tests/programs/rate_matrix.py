"""Substitution rates and the likelihood of two sequences: exponentials by scaling and squaring."""

import math

import numpy as np


def rates(kappa, frequencies):
    """Hasegawa, Kishino and Yano's matrix: transitions are kappa times as fast."""
    Q = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            if i != j:
                Q[i, j] = frequencies[j]
                if {i, j} in ({0, 2}, {1, 3}):
                    Q[i, j] *= kappa
        Q[i, i] = -Q[i].sum()
    Q /= -np.dot(frequencies, Q.diagonal())
    return Q


def expm(A):
    """The exponential by Pade's approximant of degree six."""
    norm = np.abs(A).sum(axis=0).max()
    squarings = max(0, math.ceil(math.log2(norm)) + 1) if norm > 0 else 0
    A = A / 2**squarings
    q = 6
    X = A.copy()
    c = 0.5
    N = np.eye(len(A)) + c * A
    D = np.eye(len(A)) - c * A
    for k in range(2, q + 1):
        c *= (q - k + 1) / (k * (2 * q - k + 1))
        X = A @ X
        N += c * X
        if k % 2:
            D -= c * X
        else:
            D += c * X
    P = np.linalg.solve(D, N)
    for _ in range(squarings):
        P = P @ P
    return P


def pruned_likelihood(x, counts):
    """Log likelihood of paired sites on a branch, with rates in two classes."""
    kappa, time, shape = math.exp(x[0]), math.exp(x[1]), x[2]
    logits = np.zeros(4)
    logits[:3] = x[3:6]
    weights = np.exp(logits - logits.max())
    frequencies = weights / weights.sum()
    Q = rates(kappa, frequencies)
    joint = np.zeros((2, 4, 4))
    for c, factor in enumerate([1 / (1 + math.exp(shape)), 2 - 1 / (1 + math.exp(shape))]):
        P = expm(Q * (time * factor))
        joint[c] = frequencies[:, np.newaxis] * P
    return np.sum(counts * np.log(joint.mean(axis=0)))


def example():
    counts = np.array([[40, 2, 7, 1], [3, 31, 2, 6], [5, 1, 28, 2], [2, 9, 1, 35]])
    return lambda x: pruned_likelihood(x, counts), np.array([0.7, -0.4, 0.3, 0.2, -0.1, 0.15])
