"""Coefficients of splines from data, by the equations that they satisfy.

Owns which equations these are, and how knots move with sites.  Must not know who found the
coefficients.

With the values B of the B-splines at the sites, weights w and the jumps D of the k-th derivative at
the knots, a spline that interpolates has ``B c = y``; the one of least squares ``B^T w^2 (B c - y) =
0``; and a smoothing spline ``B^T w^2 (B c - y) + l D^T D c = 0``, with the l for which ``|w (B c -
y)|^2 = s`` (Dierckx 1993, "Curve and Surface Fitting with Splines", chapters 4 and 5).  What was found
satisfies them; its derivatives follow (implicit function theorem).  Knots are chosen among the sites,
and move with these.
"""

import numpy as np

from dualrev import errors
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.implicit.solutions import solved
from dualrev.known import valued
from dualrev.scipy.each_row import numbers_under
from dualrev.scipy.interpolate.knots import collocation, interior, jumps

__all__ = ["fitted_coefficients", "moved_knots", "no_fit", "sum_of_squares"]

#: FITPACK ends where the sum of squares is s to this part of it.
_PART = 1e-3
#: A gradient of the sum of squares that is smaller, as a part of its terms, is 0.
_STATIONARY = 1e-11


def moved_knots(found, x, k, ends=(None, None), inner=None):
    """Knots that were found on plain numbers, as functions of the sites x among which they were chosen.

    Parameters
    ----------
    found : array, shape (n + k + 1,)
        Knots, the k + 1 first and last of them at the ends.
    x : array, shape (m,)
        Sites.
    k : int
        Degree.
    ends : pair, optional
        What the ends are, but for the first and last site.
    inner : array, optional
        What the interior knots are, where they were given.
    """
    if not is_traced(x, *ends, inner):
        return found
    x = x.astype(np.float64)
    low, high = (as_operand(x[i] if end is None else end) for i, end in zip((0, -1), ends))
    if inner is None:
        inner = _chosen_sites(interior(found, k), x)
    repeated = [np.broadcast_to(end, (k + 1,)) for end in (low, high)]
    return np.concatenate([repeated[0], inner, repeated[1]])


def _chosen_sites(inner, x):
    """Which of the sites, or of the middles between two, the knots are."""
    if not is_traced(x):
        return inner
    sites = numbers_under(x)
    right = np.clip(np.searchsorted(sites, inner), 1, len(sites) - 1)
    left = right - (sites[right] != inner)
    middle = (sites[left] + sites[right]) / 2
    # So FITPACK chooses, and make_interp_spline: an even degree may take the middles.
    assert np.all(np.abs(middle - inner) <= 1e-14 * np.ptp(sites))
    return (x[left] + x[right]) / 2


def fitted_coefficients(name, c, x, y, t, k, w=None, s=None, call=None):
    """Coefficients that were found on plain numbers, with their derivatives by data, knots and s.

    Parameters
    ----------
    name : str
        What errors call the fit.
    c : array, shape (n, ...)
        The coefficients.
    x, y : array, shapes (m,) and (m, ...)
        Sites and values.
    t : array, shape (n + k + 1,)
        Knots.
    k : int
        Degree.
    w : array, shape (m,), optional
        Weights.
    s : number, optional
        The bound of the sum of squares, of a smoothing spline.
    call : callable, optional
        Answers them from y alone, with ``interpolates``; for what only y is traced of.

    Raises
    ------
    NotConvergedError
        Where c satisfies none of the equations.
    """
    if not is_traced(x, y, t, w, s):
        return c
    n, m = len(t) - k - 1, x.shape[0]
    plain = numbers_under((x, y, t, w, s))
    is_linear, start = _kind(name, c, *plain, k)
    if is_linear and call is not None and not is_traced(x, t, w):
        return valued(call(y, interpolates=n == m), c)
    basis = collocation(x, t, k)
    values = y.reshape(m, -1)
    if is_linear and n == m:
        found = np.linalg.solve(basis, values)
    elif is_linear:
        found = _nearest(basis, values, w)
    else:
        rough = jumps(t, k)

        def excess(log):
            rest = values - basis @ _nearest(basis, values, w, rough, np.exp(log))
            return np.reshape(np.sum(_weighed(rest, w) ** 2) / s - 1, (1,))

        try:
            log = solved(excess, start, name=name)
        except (errors.NotConvergedError, errors.SingularError) as error:
            raise no_fit(name) from error
        found = _nearest(basis, values, w, rough, np.exp(log))
    return valued(found.reshape(c.shape), c)


def sum_of_squares(c, x, y, t, k, w=None):
    """``|w (B c - y)|^2``, over all columns."""
    rest = (collocation(x, t, k) @ c.reshape(c.shape[0], -1)) - y.reshape(y.shape[0], -1)
    return np.sum(_weighed(rest, w) ** 2)


def _weighed(x, w):
    return x if w is None else x * w[:, None]


def _nearest(basis, values, w, rough=None, share=None):
    """``(B^T w^2 B + l D^T D)^-1 B^T w^2 y``"""
    weighed = _weighed(basis, w)
    normal = weighed.T @ weighed
    if rough is not None:
        normal = normal + share * (rough.T @ rough)
    return np.linalg.solve(normal, weighed.T @ _weighed(values, w))


def _kind(name, c, x, y, t, w, s, k):
    """Whether c solves linear equations; where not, the logarithm of l, an array of one."""
    n, m = len(t) - k - 1, len(x)
    if n == k + 1 or s is None:
        return True, None
    basis, values, c = collocation(x, t, k), y.reshape(m, -1), np.reshape(c, (n, -1))
    weighed, rest = _weighed(basis, w), _weighed(basis @ c - values, w)
    slope = weighed.T @ rest
    terms = np.abs(weighed).T @ (np.abs(weighed) @ np.abs(c) + np.abs(_weighed(values, w)))
    if np.all(np.abs(slope) <= _STATIONARY * terms):
        return True, None
    rough = jumps(t, k)
    bend = rough.T @ (rough @ c)
    share = -np.sum(slope * bend) / np.sum(bend * bend)
    if not (abs(np.sum(rest**2) / s - 1) <= _PART + 1e-9 and share > 0):
        raise no_fit(name)
    return False, np.log([share])


def no_fit(name, what="spline"):
    """The error for a fit that missed the sum of squares of which it was asked."""
    return errors.NotConvergedError(
        f"{name} found no {what} whose sum of squares is s, so that there is none to differentiate.",
        fix="give a larger s",
    )
