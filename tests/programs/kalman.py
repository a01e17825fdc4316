"""A local linear trend with a season, filtered and smoothed: everything is stored in arrays."""

from numpy import array, concatenate, cumsum, diag, dot, empty, exp, eye, log, pi, sin, zeros
from numpy.linalg import inv


def transition(damping):
    """Level, slope, and a season of three."""
    T = zeros((4, 4))
    T[0, 0] = T[0, 1] = 1
    T[1, 1] = damping
    T[2, 2:] = -1
    T[3, 2] = 1
    return T


def kalman_filter(y, T, Q, r, a0, P0):
    n, k = len(y), len(a0)
    Z = array([1.0, 0.0, 1.0, 0.0])
    a, P = zeros((n + 1, k)), zeros((n + 1, k, k))
    v, F, K = empty(n), empty(n), empty((n, k))
    a[0], P[0] = a0, P0
    for t in range(n):
        v[t] = y[t] - dot(Z, a[t])
        F[t] = dot(Z, dot(P[t], Z)) + r
        K[t] = dot(T, dot(P[t], Z)) / F[t]
        L = T - K[t][:, None] * Z
        a[t + 1] = dot(T, a[t]) + K[t] * v[t]
        P[t + 1] = dot(dot(T, P[t]), L.T) + Q
    return a, P, v, F, K


def smooth(T, a, P, v, F, K):
    n, k = K.shape
    Z = array([1.0, 0.0, 1.0, 0.0])
    r = zeros(k)
    smoothed = empty((n, k))
    for t in reversed(range(n)):
        L = T - K[t][:, None] * Z
        r = Z * v[t] / F[t] + dot(L.T, r)
        smoothed[t] = a[t] + dot(P[t], r)
    return smoothed


def fit(x):
    """Log likelihood, smoothed levels and an information measure."""
    y = 0.1 * cumsum(sin(arange_like(9) ** 1.5)) + array([0.3, -0.1, -0.2] * 3)
    T = transition(x[0])
    Q = diag(exp(x[1:5]))
    a0 = zeros(4)
    a0[:2] = x[5:7]
    a, P, v, F, K = kalman_filter(y, T, Q, exp(x[7]), a0, 2.0 * eye(4))
    likelihood = -0.5 * sum(log(2 * pi) + log(F) + v**2 / F)
    levels = smooth(T, a, P, v, F, K)[:, 0]
    return concatenate(([likelihood, inv(P[-1])[0, 0]], levels))


def arange_like(n):
    out = empty(n)
    for i in range(n):
        out[i] = i
    return out


def example():
    return fit, array([0.9, -3.0, -4.0, -5.0, -6.0, 0.1, 0.05, -2.0])
