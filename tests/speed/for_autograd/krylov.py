"""Conjugate gradients that keep their directions, and Arnoldi's method: columns of one array."""

import autograd.numpy as np


def conjugate_gradient(A, b, steps):
    """Solution, the directions as columns, and the norm of the residual at each step."""
    n = len(b)
    V = []
    history = [0.0] * (steps + 1)
    x = np.zeros(n)
    r = b
    p = r
    rs = r @ r
    history[0] = np.sqrt(rs)
    for k in range(steps):
        V.append(p / np.linalg.norm(p))
        Ap = A @ p
        step = rs / (p @ Ap)
        x = x + step * p
        r = r - step * Ap
        new = r @ r
        history[k + 1] = np.sqrt(new)
        p = p * (new / rs) + r
        rs = new
    return x, np.array(V).T, np.array(history)


def arnoldi(A, b, steps):
    Q = [None] * (steps + 1)
    H = [[0.0] * steps for _ in range(steps + 1)]
    Q[0] = b / np.linalg.norm(b)
    for k in range(steps):
        w = np.dot(A, Q[k])
        for j in range(k + 1):
            H[j][k] = np.dot(Q[j], w)
            w = w - H[j][k] * Q[j]
        H[k + 1][k] = np.linalg.norm(w)
        Q[k + 1] = w / H[k + 1][k]
    return np.array(Q).T, np.array(H)


def gmres(A, b, steps):
    Q, H = arnoldi(A, b, steps)
    rhs = np.linalg.norm(b) * np.eye(steps + 1)[0]
    y = np.linalg.solve(np.dot(H.T, H), np.dot(H.T, rhs))
    return Q[:, :-1] @ y


def matrices(x, n):
    """A graded chain of springs, and the same with a wind that makes it unsymmetric."""
    A = [[0.0] * n for _ in range(n)]
    for i in range(n):
        A[i][i] = 2 + x[0] * i
        if i + 1 < n:
            A[i][i + 1] = A[i + 1][i] = -1 + 0.1 * x[1] * i
    A = np.array(A)
    B = A + x[2] * np.eye(n, k=1)
    return A, B


def compare(x):
    n = 6
    A, B = matrices(x, n)
    even = np.arange(n) % 2 == 0
    b = x[3] * even + ~even
    solution, V, history = conjugate_gradient(A, b, 3)
    other = gmres(B, b, 3)
    second = np.concatenate([history, np.zeros(n - 4)])
    return np.array([solution, second, V.T[2] * V[:, 1], other])


def example():
    return compare, np.array([0.5, 0.3, 0.4, 1.5])
