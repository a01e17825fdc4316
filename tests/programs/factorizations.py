"""Elimination with pivots, Householder's and Givens's rotations: matrices overwritten in place."""

import numpy as np


def lu(A):
    """Packed factors and the order of the rows."""
    A = np.array(A, dtype=float)
    n = A.shape[0]
    order = np.arange(n)
    for k in range(n - 1):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            order[[k, p]] = order[[p, k]]
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
    return A, order


def lu_solve(A, b):
    packed, order = lu(A)
    x = np.array(b)[order]
    n = len(x)
    for i in range(1, n):
        x[i] -= packed[i, :i] @ x[:i]
    for i in reversed(range(n)):
        x[i] -= packed[i, i + 1 :] @ x[i + 1 :]
        x[i] /= packed[i, i]
    return x


def householder(A):
    """R, and the vectors of the reflections."""
    R = A.copy()
    m, n = R.shape
    V = np.zeros((m, n))
    for k in range(n):
        v = R[k:, k].copy()
        v[0] += np.copysign(np.linalg.norm(v), v[0])
        v /= np.linalg.norm(v)
        V[k:, k] = v
        block = R[k:, k:]
        block -= 2 * np.outer(v, v @ block)
    return R, V


def givens_hessenberg(A):
    """The same R for a matrix with one diagonal below the main one."""
    H = np.triu(A, -1)
    for k in range(len(H) - 1):
        a, b = H[k, k], H[k + 1, k]
        r = np.hypot(a, b)
        G = np.array([[a / r, b / r], [-b / r, a / r]])
        H[k : k + 2, k:] = G @ H[k : k + 2, k:]
    return H


def cholesky(A):
    n = len(A)
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j] - np.dot(L[i, :j], L[j, :j])
            L[i, j] = np.sqrt(s) if i == j else s / L[j, j]
    return L


def everything(x):
    A = np.array([[0.3, x[0], 1.0], [x[1], 0.5, x[2]], [0.4, 1.5, 2.0]])
    solution = lu_solve(A, [1.0, x[3], -0.5])
    R, V = householder(np.hstack([A, A[:, ::-1] ** 2])[:, :3])
    H = givens_hessenberg(A)
    L = cholesky(A @ A.T + 0.1 * np.eye(3))
    return np.stack([solution, R[0], R.diagonal(), V[1], np.diagonal(H), H[0], L[2], np.diag(L)])


def example():
    return everything, np.array([0.8, 1.1, -0.7, 0.6])
