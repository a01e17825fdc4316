"""Bessel functions by their order: integrals along contours, which the order does not move.

Must not know which functions need them.  Equation numbers are those of https://dlmf.nist.gov.

Each function is an integral of exp(x c(t) - v t) over t, where c is sinh or cosh: a derivative by the
order v multiplies the integrand by -t, one by x multiplies it by c(t).  The contours pass a saddle point
of the exponent, where nothing cancels, and the sum over equal steps converges exponentially.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.rules.special.quadrature import in_domain

_DIGITS = 45.0  # exp(-45) = 3e-20
#: Beyond them the exponent, a difference of terms of that size, has no 1e-8 left.
_LARGEST_ORDER = 1e6


def _exponent(w, v, t):
    """w (cosh(t) - 1) + v (sinh(t) - t): that of a contour at the distance t from its saddle point."""
    return 2 * w * np.sinh(t / 2) ** 2 + v * (np.sinh(t) - t)


def _arccosh1p(x):
    """arccosh(1 + x), also of a tiny x."""
    return 2 * np.arcsinh(np.sqrt(x / 2))


def _reach(w, v):
    """From where on the exponent, of w, v >= 0, is below -_DIGITS."""
    with np.errstate(divide="ignore"):
        by_cosh = _arccosh1p(_DIGITS / w)
        by_sinh = np.minimum(np.cbrt(6 * _DIGITS / v), np.arcsinh(_DIGITS / v) + 1)
    return np.minimum(by_cosh, by_sinh)


def _power(t, k):
    """t^k, exact where t is real or imaginary."""
    ans = 1.0
    for _ in range(k):
        ans = ans * t
    return ans


def _grid(low, high, step):
    """Nodes from low to high, on a leading axis, filled up at high, where nothing is left."""
    count = math.ceil(np.max((high - low) / step, initial=0)) + 1
    return np.minimum(low + step * np.arange(count)[:, None], high)


def _turned(k, v, cosine, sine):
    """The k-th derivative of the sum of cos(pi v) times a function and sin(pi v) times one, by v.

    ``cosine(n)`` and ``sine(n)`` are the n-th derivatives of the two; either may be None.
    """
    turns = v % 2
    c, s = np.cos(math.pi * turns), np.sin(math.pi * turns)
    # Whole and half orders are exact.
    s = np.where(turns % 1 == 0, 0.0, s)
    c = np.where(turns % 1 == 0.5, 0.0, c)
    total = 0.0
    for n in range(k + 1):
        factor = math.comb(k, n) * math.pi**n
        of_cosine, of_sine = ((c, s), (-s, c), (-c, -s), (s, -c))[n % 4]
        if cosine is not None:
            total = total + factor * of_cosine * cosine(k - n)
        if sine is not None:
            total = total + factor * of_sine * sine(k - n)
    return total


def _declare(integral, at_zero=None):
    """The primitive ``f(k, m, v, x)``: the derivative of order k by v and m by x, for x > 0."""

    def value(k, m, v, x):
        ans = in_domain(
            lambda v, x: integral(k, m, v, x),
            # The square of a larger x overflows.
            lambda v, x: (x > 0) & (x < 1e150) & (np.absolute(v) <= _LARGEST_ORDER),
            v,
            x,
        )
        return ans if at_zero is None else np.where(np.equal(x, 0) & (v > m), at_zero, ans)[()]

    made = elementwise(
        value,
        None,
        None,
        lambda ans, k, m, v, x: made(k + 1, m, v, x),
        lambda ans, k, m, v, x: made(k, m + 1, v, x),
        guarded=True,
        name=integral.__name__.strip("_"),
    )
    return made


# ------------------------------------------------------------------------- I and K, scaled


def _scaled_k(k, m, v, x):
    """10.32.9 times exp(x): of exp(-x (cosh t - 1)) cosh(v t) over t > 0."""
    sign = np.sign(v) if k % 2 else 1.0
    v = np.absolute(v)
    w = np.hypot(x, v)
    saddle = np.arcsinh(v / x)
    # Left of the saddle point the exponent is at least (w - v) (cosh - 1) and v t^2 / (2 + t).
    with np.errstate(divide="ignore"):
        tail = _DIGITS / v
        left = np.minimum(
            _arccosh1p(_DIGITS * (w + v) / (x * x)), (tail + np.sqrt(tail * (tail + 8))) / 2
        )
    low, high = np.maximum(saddle - left, 0), saddle + _reach(w, v)
    step = np.minimum(0.2, 0.6 / np.sqrt(w))
    t = _grid(low, high, step)
    other = np.exp(-2 * v * t)
    half = (np.expm1(-2 * v * t) * -0.5) if k % 2 else (1 + other) / 2
    terms = half * np.exp(-_exponent(w, v, t - saddle))
    terms = terms * _power(t, k) * _power(-2 * np.sinh(t / 2) ** 2, m)
    terms[0] /= 2  # the integrand is even in t, or nothing at that end
    return sign * np.exp(v * saddle - v * v / (w + x)) * step * np.sum(terms, axis=0)


_NODES, _WEIGHTS = (a[:, None] for a in np.polynomial.legendre.leggauss(24))


def _on(length, panel):
    """Gauss's nodes and weights from 0 to a length, in panels."""
    count = max(1, math.ceil(np.max(length / panel, initial=0)))
    starts = np.arange(count)[:, None, None]
    nodes = ((_NODES + 1) / 2 + starts).reshape(-1, 1) / count
    weights = np.broadcast_to(_WEIGHTS / 2, (count, *_WEIGHTS.shape)).reshape(-1, 1) / count
    return nodes * length, weights * length


def _scaled_i_of_positive(k, m, v, x):
    """10.32.12 times exp(-x), along three sides of a strip: where v = 0 two of them carry all of it."""
    w = np.hypot(x, v)
    saddle = np.arcsinh(v / x)
    # From the saddle point upwards.
    angle, weights = _on(2 * np.arcsin(np.minimum(1, np.sqrt(_DIGITS / (2 * w)))), 1.6)
    t = saddle + 1j * angle
    shape = np.exp(-2 * w * np.sin(angle / 2) ** 2 + 1j * v * (np.sin(angle) - angle))
    factor = _power(-t, k) * _power(2 * np.sinh(t / 2) ** 2, m)
    total = np.sum(weights * np.real(factor * shape), axis=0)
    # From there to the right, at the height pi.
    s, weights = _on(_reach(w, v), 1.5)
    shape = np.exp(-w * (1 + np.cosh(s)) - v * (np.sinh(s) + s))
    t = saddle + s

    def along(n):
        return np.sum(weights * shape * _power(-t, n) * _power(-1 - np.cosh(t), m), axis=0)

    total = total - _turned(k, v, None, along)
    return np.exp(v * v / (w + x) - v * saddle) * total / math.pi


def _scaled_i(k, m, v, x):
    size = np.absolute(v)
    ans = _scaled_i_of_positive(k, m, size, x)
    below = (v < 0) & (v != np.trunc(v)) | (v < 0) & (k > 0)
    if np.any(below):  # 10.27.2
        v, x = size[below], x[below]

        def of_k(n):
            """exp(-x) K, by x as often as the scaled one."""
            return np.exp(-2 * x) * sum(
                math.comb(m, j) * (-2.0) ** (m - j) * _scaled_k(n, j, v, x) for j in range(m + 1)
            )

        ans[below] = (-1) ** k * (ans[below] + 2 / math.pi * _turned(k, v, None, of_k))
    return ans


#: ``scaled_k(k, m, v, x)``: (d/dv)^k (d/dx)^m of kve(v, x).
scaled_k = _declare(_scaled_k)
#: ``scaled_i(k, m, v, x)``: the same of exp(-x) I.
scaled_i = _declare(_scaled_i, 0.0)

# ------------------------------------------------------------------------------- J and Y


def _hankel(k, m, v, x):
    """10.9.18 over a contour from -inf to inf + i pi, for v >= 0; J is its real part."""
    # Where v is near x, or above it, that of a smaller order serves.
    least = np.minimum(2.5 / np.cbrt(x), math.pi / 2)
    ratio = np.minimum(v / x, 1)
    own = np.arccos(ratio) >= least
    angle = np.where(own, np.arccos(ratio), least)
    order = np.where(own, v, x * np.cos(angle))
    w = np.where(own, np.sqrt(np.maximum((x - v) * (x + v), 0)), x * np.sin(angle))
    above = np.maximum(v, x)
    saddle, width = np.arccosh(above / x), np.sqrt((above - x) * (above + x))
    growth = v * saddle - width
    room = angle * (math.pi - angle)
    step = np.minimum(room / 12, 0.25 / np.sqrt(np.maximum(w, width)))
    low = -saddle - _reach(width, above)
    high = _reach(0 * x, x) + room
    u = _grid(low, high, step)
    share = special.expit(u * math.pi / room + np.log(angle / (math.pi - angle)))
    t = u + 1j * math.pi * share
    direction = 1 + 1j * math.pi * math.pi / room * share * (1 - share)
    distance = t - 1j * angle
    exponent = _exponent(1j * w, order, distance) - (v - order) * t - growth
    terms = np.exp(exponent) * direction * _power(-t, k) * _power(np.sinh(t), m)
    # exp(i (w - order angle)) in which x may have many turns.
    rest = np.where(own, -v * v / (x + w) - v * angle, w - x - order * angle)
    total = np.exp(1j * x) * np.exp(1j * rest + growth) * step * np.sum(terms, axis=0)
    return total / (1j * math.pi)


def _small_j(k, m, v, x):
    """10.9.17 where v is above x, and J small."""
    saddle, w = np.arccosh(v / x), np.sqrt((v - x) * (v + x))
    narrow = np.sqrt(_DIGITS / (2 * w))
    high = np.where(
        narrow < 0.8,
        np.arctanh(2 / math.pi * np.arcsin(np.minimum(narrow, 0.8))),
        np.log(4 + 4 * _DIGITS / v) / 2 + 1,
    )
    step = np.minimum(0.06, 0.2 / np.sqrt(w))
    s = _grid(step / 2, high, step)
    angle = math.pi * np.tanh(s)
    rest = math.pi * 2 / (1 + np.exp(2 * s))  # pi - angle
    sine = np.where(angle < 2, np.sin(angle), np.sin(rest))
    t = np.log(angle / sine) + 1j * angle
    direction = (1 / angle - np.cos(angle) / sine + 1j) * math.pi / np.cosh(s) ** 2
    terms = np.exp(_exponent(w, v, t)) * direction
    t = saddle + t
    terms = terms * _power(-t, k) * _power(np.sinh(t), m)
    return np.exp(w - v * saddle) * step / math.pi * np.sum(np.imag(terms), axis=0)


def _first_of_positive(k, m, v, x):
    ans = np.empty(v.shape)
    small = v > x + np.cbrt(x)
    ans[small] = _small_j(k, m, v[small], x[small])
    ans[~small] = np.real(_hankel(k, m, v[~small], x[~small]))
    return ans


def _second_of_positive(k, m, v, x):
    return np.imag(_hankel(k, m, v, x))


def _first(k, m, v, x):
    size = np.absolute(v)
    ans = _first_of_positive(k, m, size, x)
    below = v < 0
    if np.any(below):  # 10.4.7
        v, x = size[below], x[below]
        ans[below] = (-1) ** k * _turned(
            k,
            v,
            lambda n: _first_of_positive(n, m, v, x),
            lambda n: -_second_of_positive(n, m, v, x),
        )
    return ans


def _second(k, m, v, x):
    size = np.absolute(v)
    ans = _second_of_positive(k, m, size, x)
    below = v < 0
    if np.any(below):  # 10.4.7
        v, x = size[below], x[below]
        ans[below] = (-1) ** k * _turned(
            k,
            v,
            lambda n: _second_of_positive(n, m, v, x),
            lambda n: _first_of_positive(n, m, v, x),
        )
    return ans


#: ``first_kind(k, m, v, x)``: (d/dv)^k (d/dx)^m of jv(v, x).
first_kind = _declare(_first, 0.0)
#: ``second_kind(k, m, v, x)``: the same of yv(v, x).
second_kind = _declare(_second)
