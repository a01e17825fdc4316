"""All derivatives of Faddeeva's function w (7.2.3 of DLMF), to which the error functions are reduced.

Must not know the functions that are reduced to it.

The recurrence w'' = -2 z w' - 2 w and its kin (7.10.2) hold near 0 only: farther out what is left of
its terms is 1 / (2 z^2) of them at every order.  Poppe and Wijers (1990), "More efficient computation of
the complex error function", say where which expansion serves.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.arrays import nowhere
from dualrev.core.elementwise import elementwise

_STEP = 0.5  # the error is exp(-(pi / step)^2) = 7e-18
_NODES = _STEP * np.arange(-14, 15)
_NEAR, _FAR = 2.0, 7.0


def _bell_slope(n, z):
    """The n-th derivative of exp(-z^2): (-1)^n H_n(z) exp(-z^2)."""
    below, ans = 0.0, np.exp(-z * z)
    for k in range(n):
        below, ans = ans, -2 * (z * ans + k * below)
    return ans


def _by_recurrence(n, z):
    below, ans = 0.0, special.wofz(z)
    for k in range(n):
        start = 2j / math.sqrt(math.pi) if k == 0 else 0.0
        below, ans = ans, start - 2 * (z * ans + k * below)
    return ans


def _by_expansion(n, z):
    """i / sqrt(pi) times the sum of (1/2)_k z^(-2k-1): 7.12.1; near the real axis exp(-z^2) remains."""
    r = 1 / z
    r2 = r * r
    factors = [1.0]
    for k in range(28):
        factors.append(
            factors[-1]
            * (k + 0.5)
            * (2 * k + n + 1)
            * (2 * k + n + 2)
            / ((2 * k + 1) * (2 * k + 2))
        )
    total = 0.0
    for factor in factors[::-1]:
        total = total * r2 + factor
    ans = 1j / math.sqrt(math.pi) * math.factorial(n) * (-r) ** n * r * total
    low = (z.imag < 1) & (np.absolute(z) < 40)
    return ans + np.where(low, _bell_slope(n, np.where(low, z, 0)), 0)


def _by_sum(n, z):
    """The trapezoidal rule for i / pi times the integral of exp(-t^2) / (z - t), and its residues.

    Of two grids of nodes that whose nodes are farther from z.  Hunter and Regan (1972), "A note on the
    evaluation of the complementary error function".
    """
    shift = np.where(np.absolute(z.real / _STEP - np.round(z.real / _STEP)) < 0.25, _STEP / 2, 0.0)
    nodes = _NODES + shift[..., None]
    terms = np.exp(-nodes * nodes) / (z[..., None] - nodes) ** (n + 1)
    scale = 1j * _STEP / math.pi * (-1) ** n * math.factorial(n)
    total = scale * terms.sum(-1)
    # The residue is 2 exp(-z^2) q with q = 1 / (1 - exp(-2 pi i (z - shift) / step)), q' = c q (q - 1).
    c = -2j * math.pi / _STEP
    fall = np.exp(-c * (z - shift))
    q = -fall / (1 - fall)
    polynomial = np.polynomial.Polynomial([0, 1])
    for k in range(n + 1):
        total = total + 2 * math.comb(n, k) * polynomial(q) * _bell_slope(n - k, z)
        polynomial = polynomial.deriv() * np.polynomial.Polynomial([0, -c, c])
    return total


def _above(n, z):
    """Where Im z >= 0."""
    size = np.absolute(z)
    parts = (
        (size < _NEAR, _by_recurrence),
        ((size >= _NEAR) & (size < _FAR), _by_sum),
        (~(size < _FAR), _by_expansion),
    )
    ans = np.empty_like(z)
    for inside, formula in parts:
        if inside.any():
            ans[inside] = formula(n, z[inside])
    return ans


def _faddeeva_slope(n, z):
    if n == 0:
        return special.wofz(z)
    shape = np.shape(z)
    z = np.asarray(z, complex).reshape(-1)
    below = z.imag < 0
    with np.errstate(all="ignore"):
        ans = _above(n, np.where(below, -z, z))
        # w(z) = 2 exp(-z^2) - w(-z): 7.4.3
        if below.any():
            ans = np.where(below, 2 * _bell_slope(n, z) - (-1) ** n * ans, ans)
    return ans.reshape(shape)[()]


#: ``faddeeva_slope(n, z)``: the n-th derivative of wofz.
faddeeva_slope = elementwise(
    _faddeeva_slope, None, lambda ans, n, z: faddeeva_slope(n + 1, z), guarded=True
)


def _decay(n, u):
    """-f' / f where f is the derivative of erfcx of order n - 1; far out a continued fraction."""
    far = 2 * u
    ans = 0.0
    for k in range(n + 40, n - 1, -1):
        ans = 2 * k / (far + ans)
    near = u < _FAR
    if not nowhere(near):
        z = np.where(near, u, 1.0) * 1j
        ans = np.where(near, np.abs(faddeeva_slope(n, z)) / np.abs(faddeeva_slope(n - 1, z)), ans)
    return ans


#: ``erfcx_decay(n, u)``: how fast the (n - 1)-th derivative of erfcx falls, relative to itself.
erfcx_decay = elementwise(
    _decay, None, lambda ans, n, u: ans * (ans - erfcx_decay(n + 1, u)), guarded=True
)
