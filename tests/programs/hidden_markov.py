"""A hidden Markov model of counts: forward, backward and Viterbi's path, in filled arrays."""

import math

import numpy as np


def poisson_table(counts, means):
    table = np.zeros((len(counts), len(means)))
    for t, k in enumerate(counts):
        for s in range(len(means)):
            table[t, s] = k * np.log(means[s]) - means[s] - math.lgamma(k + 1)
    return np.exp(table)


def forward(emission, start, A):
    T, S = emission.shape
    alpha, scale = np.zeros((T, S)), np.zeros(T)
    alpha[0] = start * emission[0]
    scale[0] = alpha[0].sum()
    alpha[0] /= scale[0]
    for t in range(1, T):
        for j in range(S):
            alpha[t, j] = np.sum(alpha[t - 1] * A[:, j]) * emission[t, j]
        scale[t] = np.sum(alpha[t])
        alpha[t, :] = alpha[t, :] / scale[t]
    return alpha, scale


def backward(emission, A, scale):
    T, S = emission.shape
    beta = np.ones((T, S))
    for t in range(T - 2, -1, -1):
        for i in range(S):
            beta[t, i] = np.dot(A[i], emission[t + 1] * beta[t + 1])
        beta[t] /= scale[t + 1]
    return beta


def viterbi(emission, start, A):
    T, S = emission.shape
    score = np.full((T, S), -np.inf)
    came_from = np.zeros((T, S), dtype=int)
    score[0] = np.log(start) + np.log(emission[0])
    for t in range(1, T):
        for j in range(S):
            options = score[t - 1] + np.log(A[:, j])
            came_from[t, j] = np.argmax(options)
            score[t, j] = options.max() + np.log(emission[t, j])
    return score[-1].max()


def transition_matrix(logits):
    A = np.zeros((2, 2))
    A[0, 1] = 1 / (1 + np.exp(-logits[0]))
    A[1, 0] = 1 / (1 + np.exp(-logits[1]))
    A[np.diag_indices(2)] = 1 - A.sum(axis=1)
    return A


def summary(x):
    """Log likelihood, score of the best path, occupancy of the second state at each time."""
    counts = [2, 1, 3, 7, 9, 6, 2, 0]
    means = np.exp(x[:2])
    start = np.array([1 - x[4], x[4]])
    A = transition_matrix(x[2:4])
    emission = poisson_table(counts, means)
    alpha, scale = forward(emission, start, A)
    occupancy = alpha * backward(emission, A, scale)
    result = np.empty(2 + len(counts))
    result[0] = np.log(scale).sum()
    result[1] = viterbi(emission, start, A)
    result[2:] = occupancy[:, 1]
    return result


def example():
    return summary, np.array([0.6, 2.0, -1.5, -1.0, 0.3])
