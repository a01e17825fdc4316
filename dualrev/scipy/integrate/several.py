"""Integrals over several variables: nquad, dblquad and tplquad.

Owns how limits and options of each variable depend on those behind it.  Must not know how one
variable is integrated.
"""

import warnings
from functools import partial

import numpy as np
import scipy.integrate

from dualrev.calls import as_tuple
from dualrev.core.operands import as_operand, numbers_of
from dualrev.core.traced import is_traced
from dualrev.errors import ArgumentError
from dualrev.scipy.each_row import each_row
from dualrev.scipy.integrate.adaptive import quad
from dualrev.scipy.integrate.integrand import Watched, pinned

__all__ = ["dblquad", "nquad", "tplquad"]


@each_row
def nquad(func, ranges, args=None, opts=None, full_output=False):
    """The integral of a function over several variables, and SciPy's estimate of its error.

    Equals :func:`scipy.integrate.nquad`; differentiable as :func:`quad` is, also in limits that
    depend on the outer variables.

    Parameters
    ----------
    func : callable
        ``func(x0, ..., xn, *args)``.
    ranges : sequence
        For each variable a pair of limits, or a function of the variables behind it and args.
    args : tuple, optional
        Further arguments of func.
    opts : dict, or sequence of dicts or functions, optional
        Options of :func:`quad`.
    full_output : bool
        Whether to return a dict with ``neval`` too.

    Returns
    -------
    result, abserr, out_dict
        As SciPy has them.

    Notes
    -----
    Costs two to three times SciPy's evaluations of func, those for the derivative traced.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import nquad
    >>> dr.derivative(lambda r: nquad(lambda x, y: x * y, [(0, r), (0, 1)])[0])(3.0).round(12)
    np.float64(1.5)
    """
    args = () if args is None else as_tuple(args)
    watched = [Watched(func)]
    plain_ranges = []
    for limits in ranges:
        if callable(limits):
            watched.append(Watched(partial(_limits, limits)))
            plain_ranges.append(watched[-1])
        else:
            plain_ranges.append(numbers_of(list(limits)))
    plain = tuple(numbers_of(list(args)))
    found = scipy.integrate.nquad(watched[0], plain_ranges, plain, opts, full_output)
    pairs = [limits for limits in ranges if not callable(limits)]
    if not any(w.traced for w in watched) and not is_traced(*args, *map(list, pairs)):
        return found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scipy.integrate.IntegrationWarning)  # SciPy has warned
        sum_ = _nested(func, list(ranges), opts, len(ranges) - 1, args)
    return (pinned(found[0], sum_), *found[1:])


def _limits(limits, *args):
    """A pair of limits as one array, which holds tracers where either is traced."""
    low, high = limits(*args)
    return np.stack([as_operand(low) * 1.0, as_operand(high) * 1.0])


def _nested(func, ranges, opts, i, args):
    """The integral over the variable i and all before it, those behind it given first in args."""
    low, high = ranges[i](*args) if callable(ranges[i]) else ranges[i]
    if np.ndim(low) or np.ndim(high):  # SciPy does not ask for these between equal outer limits
        raise ArgumentError(
            "A limit of an integral is one number; it was given as an array.",
            fix="give a number, or a function that answers one",
        )
    own = opts if isinstance(opts, dict) or opts is None else opts[i]
    own = dict(own(*args) if callable(own) else own or {})
    if "points" in own:
        own["points"] = [x for x in own["points"] if low <= x <= high]
    inner = func if i == 0 else lambda *args: _nested(func, ranges, opts, i - 1, args)
    return quad(inner, low, high, args, **own)[0]


def _pair(low, high, count):
    """A pair of limits that depend on so many variables, of which SciPy gives them the last first."""

    def limits(*args):
        outer = args[:count][::-1]
        return [limit(*outer) if callable(limit) else limit for limit in (low, high)]

    return limits


@each_row
def dblquad(func, a, b, gfun, hfun, args=(), epsabs=1.49e-8, epsrel=1.49e-8):
    """The integral of ``func(y, x)`` for x from a to b and y from gfun(x) to hfun(x).

    Equals :func:`scipy.integrate.dblquad`; differentiable as :func:`nquad` is.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import dblquad
    >>> dr.derivative(lambda r: dblquad(lambda y, x: x * y, 0, 1, 0, lambda x: r * x)[0])(2.0).round(12)
    np.float64(0.5)
    """
    limits = [_pair(gfun, hfun, 1), [a, b]]
    return nquad(func, limits, args, {"epsabs": epsabs, "epsrel": epsrel})


@each_row
def tplquad(func, a, b, gfun, hfun, qfun, rfun, args=(), epsabs=1.49e-8, epsrel=1.49e-8):
    """The integral of ``func(z, y, x)``: x from a to b, y from gfun(x) to hfun(x), z from
    qfun(x, y) to rfun(x, y).

    Equals :func:`scipy.integrate.tplquad`; differentiable as :func:`nquad` is.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import tplquad
    >>> dr.derivative(lambda r: tplquad(lambda z, y, x: x, 0, 1, 0, 1, 0, r)[0])(2.0).round(12)
    np.float64(0.5)
    """
    limits = [_pair(qfun, rfun, 2), _pair(gfun, hfun, 1), [a, b]]
    return nquad(func, limits, args, {"epsabs": epsabs, "epsrel": epsrel})
