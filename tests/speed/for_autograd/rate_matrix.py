"""Substitution rates and the likelihood of two sequences: exponentials by scaling and squaring."""

import math

import autograd.numpy as np
from autograd.tracer import getval


def rates(kappa, frequencies):
    """Hasegawa, Kishino and Yano's matrix: transitions are kappa times as fast."""
    Q = [[0.0] * 4 for _ in range(4)]
    for i in range(4):
        for j in range(4):
            if i != j:
                Q[i][j] = frequencies[j]
                if {i, j} in ({0, 2}, {1, 3}):
                    Q[i][j] *= kappa
        Q[i][i] = -sum(Q[i])
    Q = np.array(Q)
    return Q / -np.dot(frequencies, np.diag(Q))


def expm(A):
    """The exponential by Pade's approximant of degree six."""
    norm = np.abs(A).sum(axis=0).max()
    squarings = max(0, math.ceil(math.log2(getval(norm))) + 1) if norm > 0 else 0
    A = A / 2**squarings
    q = 6
    X = A
    c = 0.5
    N = np.eye(len(A)) + c * A
    D = np.eye(len(A)) - c * A
    for k in range(2, q + 1):
        c *= (q - k + 1) / (k * (2 * q - k + 1))
        X = A @ X
        N = N + c * X
        if k % 2:
            D = D - c * X
        else:
            D = D + c * X
    P = np.linalg.solve(D, N)
    for _ in range(squarings):
        P = P @ P
    return P


def pruned_likelihood(x, counts):
    """Log likelihood of paired sites on a branch, with rates in two classes."""
    kappa, time, shape = np.exp(x[0]), np.exp(x[1]), x[2]
    logits = np.concatenate([x[3:6], np.zeros(1)])
    weights = np.exp(logits - np.max(logits))
    frequencies = weights / np.sum(weights)
    Q = rates(kappa, frequencies)
    joint = [None, None]
    for c, factor in enumerate([1 / (1 + np.exp(shape)), 2 - 1 / (1 + np.exp(shape))]):
        P = expm(Q * (time * factor))
        joint[c] = frequencies[:, np.newaxis] * P
    return np.sum(counts * np.log(np.mean(np.array(joint), axis=0)))


def example():
    counts = np.array([[40, 2, 7, 1], [3, 31, 2, 6], [5, 1, 28, 2], [2, 9, 1, 35]])
    return lambda x: pruned_likelihood(x, counts), np.array([0.7, -0.4, 0.3, 0.2, -0.1, 0.15])
