"""Conjugate gradients that keep their directions, and Arnoldi's method: columns of one array."""

import numpy as np


def conjugate_gradient(A, b, steps):
    """Solution, the directions as columns, and the norm of the residual at each step."""
    n = len(b)
    V = np.zeros((n, steps))
    history = np.zeros(steps + 1)
    x = np.zeros(n)
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    history[0] = np.sqrt(rs)
    for k in range(steps):
        V[:, k] = p / np.linalg.norm(p)
        Ap = A @ p
        step = rs / (p @ Ap)
        x += step * p
        r -= step * Ap
        new = r @ r
        history[k + 1] = np.sqrt(new)
        p *= new / rs
        p += r
        rs = new
    return x, V, history


def arnoldi(A, b, steps):
    n = len(b)
    Q = np.empty((n, steps + 1), order="F")
    H = np.zeros((steps + 1, steps))
    Q[:, 0] = b / np.linalg.norm(b)
    for k in range(steps):
        w = A.dot(Q[:, k])
        for j in range(k + 1):
            H[j, k] = Q[:, j].dot(w)
            w -= H[j, k] * Q[:, j]
        H[k + 1, k] = np.linalg.norm(w)
        Q[:, k + 1] = w / H[k + 1, k]
    return Q, H


def gmres(A, b, steps):
    Q, H = arnoldi(A, b, steps)
    rhs = np.zeros(steps + 1)
    rhs[0] = np.linalg.norm(b)
    y = np.linalg.lstsq(H, rhs, rcond=None)[0]
    return Q[:, :-1] @ y


def matrices(x, n):
    """A graded chain of springs, and the same with a wind that makes it unsymmetric."""
    A = np.zeros((n, n))
    for i in range(n):
        A[i, i] = 2 + x[0] * i
        if i + 1 < n:
            A[i, i + 1] = A[i + 1, i] = -1 + 0.1 * x[1] * i
    B = A.copy()
    B[np.arange(n - 1), np.arange(1, n)] += x[2]
    return A, B


def compare(x):
    n = 6
    A, B = matrices(x, n)
    b = np.ones(n)
    b[::2] = x[3]
    solution, V, history = conjugate_gradient(A, b, 3)
    other = gmres(B, b, 3)
    answer = np.zeros((4, n))
    answer[0] = solution
    answer[1, :4] = history
    answer[2] = V.T[2] * V[:, 1]
    answer[3] = other
    return answer


def example():
    return compare, np.array([0.5, 0.3, 0.4, 1.5])
