"""The tridiagonal systems of cubic splines.

Owns their solution as a function of the three diagonals and the right-hand side.  Must not know
where they come from.
"""

import numpy as np
import scipy.linalg

from dualrev.axes import along
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.words import rule
from dualrev.ways import behind

__all__ = ["solve"]


def _solve(lower, diagonal, upper, b):
    """s with ``lower[i-1] s[i-1] + diagonal[i] s[i] + upper[i] s[i+1] = b[i]``."""
    n = len(diagonal)
    bands = np.zeros((3, n), np.result_type(lower, diagonal, upper, np.float64))
    bands[0, 1:], bands[1], bands[2, :-1] = upper, diagonal, lower
    s = scipy.linalg.solve_banded((1, 1), bands, b.reshape(n, -1), check_finite=False)
    return s.reshape(b.shape)


def _shared(product):
    return product.sum(axis=tuple(range(1, product.ndim)))


# Giles (2008), "Collected matrix derivative results", section 2.3.1, on the bands
def _solve_jvp(tangents, ans, lower, diagonal, upper, b):
    """ds = A^-1 (db - dA s)"""
    zero = 0.0 * ans[:1]
    t = sum_of_terms(
        tangents,
        lambda t: np.concatenate([zero, -along(t, 0, ans.ndim) * ans[:-1]]),
        lambda t: -along(t, 0, ans.ndim) * ans,
        lambda t: np.concatenate([-along(t, 0, ans.ndim) * ans[1:], zero]),
        lambda t_b: t_b,
    )
    return solve(lower, diagonal, upper, t)


def _solve_vjp(ct, wanted, ans, lower, diagonal, upper, b):
    """b gets u = A^-T ct, A the bands of -u s^T"""
    u = solve(upper, diagonal, lower, ct)
    return (
        -_shared(u[1:] * ans[:-1]) if wanted[0] else None,
        -_shared(u * ans) if wanted[1] else None,
        -_shared(u[:-1] * ans[1:]) if wanted[2] else None,
        u,
    )


def _solve_batch(call, batched, lower, diagonal, upper, b):
    return behind(
        lambda b, *bands: call(*bands, b), batched[3:] + batched[:3], b, lower, diagonal, upper
    )


solve = rule(_solve, jvp=_solve_jvp, vjp=_solve_vjp, batch=_solve_batch, name="CubicSpline")
