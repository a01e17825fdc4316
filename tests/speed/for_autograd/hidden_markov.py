"""A hidden Markov model of counts: forward, backward and Viterbi's path, in filled arrays."""

import math

import autograd.numpy as np


def poisson_table(counts, means):
    table = [[0.0] * len(means) for _ in range(len(counts))]
    for t, k in enumerate(counts):
        for s in range(len(means)):
            table[t][s] = k * np.log(means[s]) - means[s] - math.lgamma(k + 1)
    return np.exp(np.array(table))


def forward(emission, start, A):
    T, S = emission.shape
    alpha, scale = [None] * T, [0.0] * T
    alpha[0] = start * emission[0]
    scale[0] = np.sum(alpha[0])
    alpha[0] = alpha[0] / scale[0]
    for t in range(1, T):
        row = [np.sum(alpha[t - 1] * A[:, j]) * emission[t, j] for j in range(S)]
        alpha[t] = np.array(row)
        scale[t] = np.sum(alpha[t])
        alpha[t] = alpha[t] / scale[t]
    return np.array(alpha), np.array(scale)


def backward(emission, A, scale):
    T, S = emission.shape
    beta = [np.ones(S)] * T
    for t in range(T - 2, -1, -1):
        row = [np.dot(A[i], emission[t + 1] * beta[t + 1]) for i in range(S)]
        beta[t] = np.array(row) / scale[t + 1]
    return np.array(beta)


def viterbi(emission, start, A):
    T, S = emission.shape
    score = [None] * T
    came_from = np.zeros((T, S), dtype=int)
    score[0] = np.log(start) + np.log(emission[0])
    for t in range(1, T):
        row = [0.0] * S
        for j in range(S):
            options = score[t - 1] + np.log(A[:, j])
            came_from[t, j] = np.argmax(options)
            row[j] = np.max(options) + np.log(emission[t, j])
        score[t] = np.array(row)
    return np.max(score[-1])


def transition_matrix(logits):
    p = 1 / (1 + np.exp(-logits[0]))
    q = 1 / (1 + np.exp(-logits[1]))
    return np.array([[1 - p, p], [q, 1 - q]])


def summary(x):
    """Log likelihood, score of the best path, occupancy of the second state at each time."""
    counts = [2, 1, 3, 7, 9, 6, 2, 0]
    means = np.exp(x[:2])
    start = np.array([1 - x[4], x[4]])
    A = transition_matrix(x[2:4])
    emission = poisson_table(counts, means)
    alpha, scale = forward(emission, start, A)
    occupancy = alpha * backward(emission, A, scale)
    first = np.array([np.sum(np.log(scale)), viterbi(emission, start, A)])
    return np.concatenate([first, occupancy[:, 1]])


def example():
    return summary, np.array([0.6, 2.0, -1.5, -1.0, 0.3])
