"""Polynomials in NumPy's older form: coefficients from the highest power down.

Must not know numpy.polynomial, which is in series.py.
"""

import operator
import warnings

import numpy as np

from dualrev.core.arrays import anywhere
from dualrev.core.guarded import guarded_product
from dualrev.core.words import composition, constant, rule


def _polyval(p, x):
    """Horner's scheme; of a polynomial in the place of x a polynomial."""
    y = 0 if isinstance(x, np.poly1d) else np.zeros_like(x)
    for coefficient in p:
        y = y * x + coefficient
    return y


composition(np.polyval, _polyval, arity=2)


def _of_one_length(*polynomials):
    """Both with as many coefficients as the longer; of rows a polynomial each, as NumPy takes them."""
    polynomials = list(map(np.atleast_1d, polynomials))
    n = max(map(len, polynomials))
    return [
        p if len(p) == n else np.concatenate([np.zeros(n - len(p), p.dtype), p])
        for p in polynomials
    ]


composition(np.polyadd, lambda a1, a2: operator.add(*_of_one_length(a1, a2)), arity=2)
composition(np.polysub, lambda a1, a2: operator.sub(*_of_one_length(a1, a2)), arity=2)


def _coefficients(p):
    p = np.atleast_1d(p)
    if p.ndim > 1:
        raise ValueError("Polynomial must be 1d only.")
    return p


def _trimmed(p):
    """p without its leading zeros, as np.poly1d keeps it; whole where they may have derivatives."""
    p = _coefficients(p)
    if not isinstance(p, np.ndarray):
        return p
    nonzero = np.flatnonzero(p)
    return p[nonzero[0] if nonzero.size else -1 :]


composition(np.polymul, lambda a1, a2: np.convolve(_trimmed(a1), _trimmed(a2)), arity=2)


def _polydiv(u, v):
    """Long division: each step takes a multiple of v from the remainder."""
    dtype = np.result_type(u, v, 0.0)
    u, v = _coefficients(u), _coefficients(v)
    u, v = (p if p.dtype == dtype else p.astype(dtype) for p in (u, v))
    n = len(v)
    scale = 1.0 / v[0]
    quotient, r = [], u
    for k in range(len(u) - n + 1):
        quotient.append(scale * r[k])
        r = np.concatenate([r[:k], r[k : k + n] - quotient[-1] * v, r[k + n :]])
    # The steps have made zeros of what comes first, but for rounding.
    r = r[min(len(quotient), len(r) - 1) :]
    return np.stack(quotient) if quotient else np.zeros(1, dtype), r.copy()


composition(np.polydiv, _polydiv, arity=2)


def _polyder(p, m=1):
    m = int(m)
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    if m:
        _coefficients(p)
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


def _polyint(p, m=1, k=None):
    m = int(m)
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    k = np.reshape(np.zeros(m) if k is None else k, -1)
    if len(k) == 1:
        k = k * np.ones(m)
    if len(k) < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    for i in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), k[i : i + 1]])
    return p


composition(np.polyder, _polyder, arity=1)
composition(np.polyint, _polyint, arity=1)


# The coefficients c of det(x - A) are polynomials in A, smooth also where eigenvalues repeat.  The
# adjugate of x - A is the sum of M_k x^(n - k), M_1 = 1, M_(k + 1) = A M_k + c_k (Faddeev, LeVerrier).


def _adjugate_terms(c, a):
    unit = np.eye(len(a))
    terms = [unit + 0 * a]
    for k in range(1, len(a)):
        terms.append(a @ terms[-1] + c[k] * unit)
    return np.stack(terms)


def _characteristic_jvp(tangents, ans, a):
    """dc_k = -tr(M_k dA)."""
    t = -(_adjugate_terms(ans, a).mT * tangents[0]).sum((-2, -1))
    return np.concatenate([0 * t[:1], t])


def _characteristic_vjp(ct, wanted, ans, a):
    """A* = -sum c_k* M_k^T."""
    return (-(ct[1:, np.newaxis, np.newaxis] * _adjugate_terms(ans, a).mT).sum(0),)


_characteristic = rule(lambda a: np.poly(a), _characteristic_jvp, _characteristic_vjp, name="poly")


def _poly(seq_of_zeros):
    zeros = seq_of_zeros
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] != 0:
        return _characteristic(zeros)
    if zeros.ndim > 1:
        raise ValueError("input must be 1d or non-empty square 2d array.")
    zeros = np.reshape(zeros, -1)
    p = np.ones(1, zeros.dtype)
    for i in range(len(zeros)):
        factor = np.concatenate([np.ones(1, zeros.dtype), -zeros[i : i + 1]])
        p = np.convolve(p, factor)
    return p.real if p.dtype.kind == "c" and _conjugate_pairs(zeros) else p


@constant
def _conjugate_pairs(z):
    return np.array_equal(np.sort(z), np.sort(np.conjugate(z)))


composition(np.poly, _poly, arity=1)


def _powers(n, increasing):
    return np.arange(n) if increasing else np.arange(n)[::-1]


def _vander_derivative(x, n, increasing):
    """d x^k = k x^(k - 1) dx, column by column."""
    lower = np.vander(x, max(n - 1, 0), increasing) * _powers(n, increasing)[_upper(increasing)]
    zero = np.zeros((len(x), min(n, 1)), lower.dtype)
    return np.concatenate([zero, lower] if increasing else [lower, zero], axis=1)


def _upper(increasing):
    return slice(1, None) if increasing else slice(None, -1)


def _vander_jvp(tangents, ans, x, N=None, increasing=False):
    (dx,) = tangents
    return guarded_product(dx[:, np.newaxis], _vander_derivative(x, ans.shape[1], increasing))


def _vander_vjp(ct, wanted, ans, x, N=None, increasing=False):
    partial = _vander_derivative(x, ans.shape[1], increasing)
    return (guarded_product(ct, partial).sum(axis=1),)


def _vander_batch(call, batched, x, N=None, increasing=False):
    n, length = x.shape
    N = length if N is None else N
    return call(x.reshape(-1), N=N, increasing=increasing).reshape(n, length, N)


rule(
    np.vander,
    _vander_jvp,
    _vander_vjp,
    batch=_vander_batch,
    subscripts=lambda ndim, **options: (("i",), "ij"),
)


def _polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    """Least squares with scaled columns, as NumPy computes it."""
    x, y = x + 0.0, y + 0.0  # whole numbers are data too
    if int(deg) < 0:
        raise ValueError("expected deg >= 0")
    if rcond is None:
        rcond = len(x) * np.finfo(x.dtype).eps
    lhs, rhs = np.vander(x, int(deg) + 1), y
    if w is not None:
        w = np.reshape(w, (-1, 1))
        lhs, rhs = lhs * w, rhs * (w if y.ndim == 2 else w[:, 0])
    scale = np.sqrt((lhs * lhs).sum(axis=0))
    lhs = lhs / scale
    c, residuals, rank, s = np.linalg.lstsq(lhs, rhs, rcond)
    c = (c.T / scale).T
    if full:
        return c, residuals, rank, s, rcond
    if anywhere(np.not_equal(rank, lhs.shape[1])):
        warnings.warn("Polyfit may be poorly conditioned", np.exceptions.RankWarning, stacklevel=2)
    if not cov:
        return c
    base = np.linalg.inv(lhs.T @ lhs) / (scale[:, np.newaxis] * scale)
    if cov != "unscaled":
        if len(x) <= lhs.shape[1]:
            raise ValueError(
                "the number of data points must exceed order to scale the covariance matrix"
            )
        factor = residuals / (len(x) - lhs.shape[1])
        base = base * factor if y.ndim == 1 else base[:, :, np.newaxis] * factor
    elif y.ndim == 2:
        base = base[:, :, np.newaxis]
    return c, base


composition(np.polyfit, _polyfit, arity=2, judged=True)


# A root r of sum(p_k r^k) moves by dr = -sum(dp_k r^k) / p'(r), whatever coefficients are 0: a root at
# 0 too; a leading coefficient of 0 moves those that are there, and sends another in from infinity.


def _slopes(p, roots):
    """p'(r) at each root, and nan where it cannot be told from 0: double roots move infinitely fast."""
    n = p.size - 1
    if not n:
        return roots
    slopes = np.vander(roots, n) @ (p.reshape(-1)[:-1] * np.arange(n, 0, -1))
    return np.where(_are_double(p, roots, slopes), np.nan, slopes)


def _are_double(p, roots, slopes):
    """Whether the next root is nearer than rounding has moved this one."""
    powers = np.vander(np.abs(roots), p.size)
    rounding = p.size * np.finfo(powers.dtype).eps * (powers @ np.abs(p.reshape(-1)))
    gaps = np.abs(roots[:, np.newaxis] - roots)
    nearest = np.min(np.where(np.eye(len(roots), dtype=bool), np.inf, gaps), axis=1, initial=np.inf)
    with np.errstate(invalid="ignore"):
        return ~(10 * rounding < nearest * np.abs(slopes))


_are_double = constant(_are_double)


def _roots_jvp(tangents, ans, p):
    (t,) = tangents
    return -(np.vander(ans, p.size) @ t.reshape(-1)) / _slopes(p, ans)


def _roots_vjp(ct, wanted, ans, p):
    # Not a product of matrices: it would spread the nan of a double root.
    ct = guarded_product(-ct, 1 / _slopes(p, ans))[:, np.newaxis]
    return (guarded_product(ct, np.vander(ans, p.size)).sum(0).reshape(p.shape),)


rule(np.roots, _roots_jvp, _roots_vjp)
