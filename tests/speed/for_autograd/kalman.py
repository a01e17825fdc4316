"""A local linear trend with a season, filtered and smoothed: everything is stored in arrays."""

from autograd.numpy import (
    array,
    concatenate,
    cumsum,
    diag,
    dot,
    empty,
    exp,
    eye,
    log,
    pi,
    sin,
    zeros,
)
from autograd.numpy import sum as np_sum
from autograd.numpy.linalg import inv


def transition(damping):
    """Level, slope, and a season of three."""
    return array([[1, 1, 0, 0], [0, damping, 0, 0], [0, 0, -1, -1], [0, 0, 1, 0]])


def kalman_filter(y, T, Q, r, a0, P0):
    n = len(y)
    Z = array([1.0, 0.0, 1.0, 0.0])
    a, P = [None] * (n + 1), [None] * (n + 1)
    v, F, K = [None] * n, [None] * n, [None] * n
    a[0], P[0] = a0, P0
    for t in range(n):
        v[t] = y[t] - dot(Z, a[t])
        F[t] = dot(Z, dot(P[t], Z)) + r
        K[t] = dot(T, dot(P[t], Z)) / F[t]
        L = T - K[t][:, None] * Z
        a[t + 1] = dot(T, a[t]) + K[t] * v[t]
        P[t + 1] = dot(dot(T, P[t]), L.T) + Q
    return array(a), array(P), array(v), array(F), array(K)


def smooth(T, a, P, v, F, K):
    n = len(K)
    Z = array([1.0, 0.0, 1.0, 0.0])
    r = zeros(4)
    smoothed = [None] * n
    for t in reversed(range(n)):
        L = T - K[t][:, None] * Z
        r = Z * v[t] / F[t] + dot(L.T, r)
        smoothed[t] = a[t] + dot(P[t], r)
    return array(smoothed)


def fit(x):
    """Log likelihood, smoothed levels and an information measure."""
    y = 0.1 * cumsum(sin(arange_like(9) ** 1.5)) + array([0.3, -0.1, -0.2] * 3)
    T = transition(x[0])
    Q = diag(exp(x[1:5]))
    a0 = concatenate([x[5:7], zeros(2)])
    a, P, v, F, K = kalman_filter(y, T, Q, exp(x[7]), a0, 2.0 * eye(4))
    likelihood = -0.5 * np_sum(log(2 * pi) + log(F) + v**2 / F)
    levels = smooth(T, a, P, v, F, K)[:, 0]
    return concatenate([array([likelihood, inv(P[-1])[0, 0]]), levels])


def arange_like(n):
    out = empty(n)
    for i in range(n):
        out[i] = i
    return out


def example():
    return fit, array([0.9, -3.0, -4.0, -5.0, -6.0, 0.1, 0.05, -2.0])
