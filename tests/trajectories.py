"""Trajectories of differential equations and their sensitivities, to many digits.

Owns integrators that share nothing with SciPy's and dualrev's: collocation, here, in mpmath's
arithmetic, mpmath's own Taylor series, and small steps of one length.  Must not know the problems.
"""

import functools
import math

import mpmath
import numpy as np
from mpmath import mp, mpf

#: Of the arithmetic.
DIGITS = 36
_STAGES = 14
#: Imaginary steps lose no digit, so they may be as small as one likes.
_SMALL = mpf(10) ** -50


def by_collocation(f, times, y, p, dy, dp, damped=True, kept=18):
    """States and sensitivities, from the variational equations.

    Parameters
    ----------
    f : callable
        ``f(t, y, p)``: analytic, of lists of numbers.
    times : sequence of float
        Where it starts, and where it is wanted.
    y, p : sequences of float, of n and k
    dy, dp : arrays, (n, m) and (k, m)
        m directions of the initial state and the parameters.
    damped : bool
        Radau's points, else Gauss's (Hairer and Wanner 1996, section IV.5).
    kept : int
        Digits of the stages; a solution that is not stiff has twice as many.

    Returns
    -------
    states : array, shape (times - 1, n), of mpf
    sensitivities : array, shape (times - 1, n, m), of mpf
    """
    with mp.workdps(DIGITS):
        y, p, dy, dp = (_exact(x) for x in (y, p, dy, dp))
        states, sensitivities = [], []
        h = None
        for start, end in zip(times, times[1:]):
            t, end = mpf(start), mpf(end)
            while t != end:
                h = (end - t) / 2**12 if h is None else h
                last = abs(h) >= abs(end - t)
                step = end - t if last else h
                new, new_dy, error = _step(f, t, step, y, p, dy, dp, damped, kept)
                if error <= 1:
                    t, y, dy = end if last else t + step, new, new_dy
                if not last or error > 1:
                    h = step * min(max(mpf(0.9) * error ** (-mpf(1) / _STAGES), mpf(0.2)), mpf(3))
            states.append(y)
            sensitivities.append(dy)
        return np.array(states), np.array(sensitivities)


def by_series(f, times, y, p):
    """States, by the Taylor series of mpmath."""
    with mp.workdps(DIGITS):
        y, p = _exact(y), _exact(p)
        solution = mpmath.odefun(lambda t, y: list(f(t, y, p)), mpf(times[0]), list(y))
        return np.array([solution(mpf(t)) for t in times[1:]])


def by_small_steps(f, times, y, p, steps):
    """The state at the end, by Runge and Kutta's classical method, in any arithmetic."""
    start, end = times
    h = (end - start) / steps
    for k in range(steps):
        t = start + k * h
        a = as_array(f(t, y, p))
        b = as_array(f(t + h / 2, y + h / 2 * a, p))
        c = as_array(f(t + h / 2, y + h / 2 * b, p))
        d = as_array(f(t + h, y + h * c, p))
        y = y + h / 6 * (a + 2 * b + 2 * c + d)
    return y


def as_array(x):
    return np.stack(x) if isinstance(x, list) else x


def by_differences(states, y, p, dy, dp, h="1e-12"):
    """Sensitivities of ``states(y, p)`` by central differences, right to h**2."""
    with mp.workdps(DIGITS):
        y, p, dy, dp = (_exact(x) for x in (y, p, dy, dp))
        h = mpf(h)
        columns = [
            (states(y + h * u, p + h * v) - states(y - h * u, p - h * v)) / (2 * h)
            for u, v in zip(dy.T, dp.T)
        ]
        return np.stack(columns, axis=-1)


#: The numbers of an array in mpmath's arithmetic.
_exact = np.frompyfunc(mpf, 1, 1)


@functools.cache
def _points(damped):
    """Times of the stages, and the integrals of their Lagrange polynomials: to each, and to the end.

    And the weights by which the stages give the last Legendre coefficient of what they interpolate.
    """
    s = _STAGES
    with mp.workdps(2 * DIGITS):

        def ends(x):
            below = mpmath.legendre(s - 1, x) if damped else 0
            return mpmath.legendre(s, x) - below

        about = np.polynomial.legendre.legroots([0] * (s - 1) + [-1.0 * damped, 1.0])
        c = [(1 + mpmath.findroot(ends, x)) / 2 for x in about]
        powers = mpmath.matrix(s, s)
        integrals = mpmath.matrix(s + 1, s)
        for i, x in enumerate([*c, mpf(1)]):
            for k in range(s):
                integrals[i, k] = x ** (k + 1) / (k + 1)
                if i < s:
                    powers[i, k] = x**k
        inverse = powers**-1
        a = np.array((integrals * inverse).tolist(), dtype=object)
        last = np.array([inverse[s - 1, j] / math.comb(2 * s - 2, s - 1) for j in range(s)])
    return np.array(c), a[:-1], a[-1], last


def _step(f, t, h, y, p, dy, dp, damped, kept):
    """State and sensitivities after a step, and its error over what is allowed."""
    c, a, b, last = _points(damped)
    times = t + h * c
    stages, inverse = _stages(f, times, h * a, y, p)
    if inverse is None:
        return y, dy, mpf(10) ** 10
    slopes = _at_stages(lambda t, z: list(f(t, list(z), p)), times, stages)
    allowed = (abs(y) + mpf(10) ** -5) / mpf(10) ** kept
    error = max(*(abs(h * (last @ slopes)) / allowed), mpf(10) ** -30)
    moved = np.array([dy] * len(c))
    for k in range(5):
        changes = _at_stages(lambda t, z, u: _along(f, t, z, p, u, dp), times, stages, moved)
        if k < 4:  # each gains the digits of a float
            rest = dy + h * np.tensordot(a, changes, 1) - moved
            rows = rest.reshape(len(inverse), -1).astype(float)
            moved = moved + (inverse @ rows).reshape(moved.shape)
    return y + h * (b @ slopes), dy + h * np.tensordot(b, changes, 1), error


def _stages(f, times, a, y, p):
    """The states of the stages, and the inverse of their equations' Jacobian; None if not found."""
    s, n = len(times), len(y)
    stages = np.array([y] * s)
    before = np.inf
    for _ in range(12):
        rest = y + a @ _at_stages(lambda t, z: list(f(t, list(z), p)), times, stages) - stages
        slopes = _at_stages(lambda t, z: _jacobian(f, t, z, p), times, stages)
        matrix = np.eye(s * n) - np.einsum("ij,jkl->ikjl", a.astype(float), slopes).reshape(
            s * n, -1
        )
        inverse = np.linalg.inv(matrix)
        change = inverse @ rest.reshape(-1).astype(float)
        stages = stages + change.reshape(s, n)
        size = np.max(np.abs(change))
        if size < 10.0 ** (5 - DIGITS) or (size < 1e-24 and size > before / 2):
            return stages, inverse
        before = size
    return stages, None


def _at_stages(call, *rows):
    return np.array([call(*row) for row in zip(*rows)])


def _along(f, t, y, p, dy, dp):
    """The derivatives of f along directions."""
    along = np.empty(dy.shape, dtype=object)
    for k, (u, v) in enumerate(zip(dy.T, dp.T)):
        moved = f(t, list(y + u * _SMALL * 1j), p + v * _SMALL * 1j)
        along[:, k] = [mpmath.im(r) / _SMALL for r in moved]
    return along


def _jacobian(f, t, y, p):
    """That of f by y, as floats."""
    y, p = y.astype(complex), p.astype(float)
    steps = 1e-30j * np.eye(len(y))
    return np.array([np.imag(f(float(t), y + step, p)) / 1e-30 for step in steps]).T
