"""Integrals of sampled functions: trapezoid, simpson, their cumulative forms, romb.

Owns their formulas.  Must not know how SciPy evaluates them.

Values are SciPy's own.  All are linear in y, and differentiable in the sites x and the step dx too.
"""

import numpy as np
import scipy.integrate

from dualrev.axes import along
from dualrev.core.binding import bind
from dualrev.core.primitive import RULES
from dualrev.core.traced import is_traced
from dualrev.core.words import linear
from dualrev.scipy.by_program import by_program
from dualrev.scipy.reals import check_real
from dualrev.scipy.twin import twin
from dualrev.ways import shift

__all__ = ["cumulative_simpson", "cumulative_trapezoid", "romb", "simpson", "trapezoid"]


def _prepared(y, x, dx, axis):
    """y with the axis first, and the steps between samples, beside it."""
    y = np.moveaxis(y, axis, 0)
    if x is not None:
        x = np.moveaxis(x, axis, 0) if x.ndim > 1 else along(x, 0, y.ndim)
        return y, np.diff(x, axis=0)
    if np.ndim(dx):
        dx = np.moveaxis(dx, axis, 0)
    return y, dx


def _trapezoid_program(y, x, dx, axis=-1):
    y, h = _prepared(y, x, dx, axis)
    return (h * (y[1:] + y[:-1])).sum(axis=0) / 2


def _cumulative_trapezoid_program(y, x, dx, axis=-1, initial=None):
    y, h = _prepared(y, x, dx, axis)
    ans = np.cumsum(h * (y[1:] + y[:-1]) / 2, axis=0)
    if initial is not None:
        ans = np.concatenate([0.0 * y[:1], ans])
    return np.moveaxis(ans, 0, axis)


def _simpson_program(y, x, dx, axis=-1):
    """A parabola over each pair of intervals, its integral in terms of their lengths; for a single
    last interval Cartwright (2017), "Simpson's rule cumulative integration with MS Excel and
    irregularly-spaced data", eq. 8.
    """
    y, h = _prepared(y, x, dx, axis)
    n = y.shape[0]
    if n == 1:
        return 0.0 * y[0]
    if n == 2:
        return (h * (y[1:] + y[:1])).sum(axis=0) / 2
    pairs = (n - 1) // 2 * 2
    y0, y1, y2 = y[0:pairs:2], y[1:pairs:2], y[2 : pairs + 1 : 2]
    if x is None:
        total = (y0 + 4 * y1 + y2).sum(axis=0) * dx / 3
        a = b = dx
    else:
        left, right = h[0:pairs:2], h[1:pairs:2]
        both = left + right
        total = (
            both
            / 6
            * (
                (2 - right / left) * y0
                + both * both / (left * right) * y1
                + (2 - left / right) * y2
            )
        ).sum(axis=0)
        a, b = h[-2], h[-1]
    if n % 2 == 0:
        total = total + (
            (2 * b * b + 3 * a * b) / (6 * (a + b)) * y[-1]
            + (b * b + 3 * a * b) / (6 * a) * y[-2]
            - b**3 / (6 * a * (a + b)) * y[-3]
        )
    return total


def _cumulative_simpson_program(y, x, dx, initial, axis=-1):
    """Cartwright (2017), eqs. 8 and 10: the parabola over an interval and its neighbor, which is the
    next one for the first, third, ... interval, the one before for the others and the last.
    """
    y, h = _prepared(y, x, dx, axis)
    n = y.shape[0]
    if n < 3:
        parts = h * (y[1:] + y[:-1]) / 2
    else:
        h = np.broadcast_to(h, (n - 1, *y.shape[1:]))
        first, second = y[:-2], y[2:]
        forward = _half_parabola(h[:-1], h[1:], first, y[1:-1], second)
        backward = _half_parabola(h[1:], h[:-1], second, y[1:-1], first)
        zero = 0.0 * y[:1]
        ahead = (np.arange(n - 1) % 2 == 0) & (np.arange(n - 1) < n - 2)
        parts = np.where(
            along(ahead, 0, y.ndim),
            np.concatenate([forward, zero]),
            np.concatenate([zero, backward]),
        )
    ans = np.cumsum(parts, axis=0)
    if initial is not None:
        if np.ndim(initial):
            initial = np.moveaxis(initial, axis, 0)
        ans = np.concatenate([0.0 * y[:1] + initial, ans + initial])
    return np.moveaxis(ans, 0, axis)


def _half_parabola(h, other, y0, y1, y2):
    """The integral over the interval h of the parabola through it and the one behind it."""
    share = h / (h + other)
    far = share * h / other
    return h / 6 * ((3 - share) * y0 + (3 + far + share) * y1 - far * y2)


def _romb_program(y, x, dx, axis=-1):
    """Richardson's extrapolation of trapezoids (Romberg 1955)."""
    y = np.moveaxis(y, axis, 0)
    n = y.shape[0] - 1
    h = n * dx
    row = [h * (y[0] + y[-1]) / 2]
    step = n
    while step > 1:
        refined = row[0] / 2 + h / 2 * y[step // 2 :: step].sum(axis=0)
        step, h = step // 2, h / 2
        new = [refined]
        for j, coarse in enumerate(row, 1):
            new.append(new[-1] + (new[-1] - coarse) / (4**j - 1))
        row = new
    return row[-1]


def _samples_batch(call, batched, y, x, *numbers, axis=-1, **options):
    """Of samples at sites, or of a step, that are the same for all rows and lines."""
    if any(batched[1:]) or np.ndim(x) > 1 or any(map(np.ndim, numbers)):
        return NotImplemented
    return call(y, x, *numbers, axis=shift(axis, y.ndim - 1), **options)


# ----------------------------------------------------------------- equal steps: fixed weights


def _trapezoid_weights(n, dx):
    w = np.full(n, 1.0 * dx if n > 1 else 0.0)
    w[:1] /= 2
    w[-1:] /= 2
    return w


def _simpson_weights(n, dx):
    if n < 3:
        return _trapezoid_weights(n, dx)
    odd = n - 1 + n % 2
    w = np.full(n, 2 / 3 * dx)
    w[1:odd:2] *= 2
    w[[0, odd - 1]] = dx / 3
    if odd < n:  # the last interval: eq. 8 of Cartwright (2017) with equal lengths
        w[-1] = 0.0
        w[-3:] += dx / 12 * np.array([-1.0, 8.0, 5.0])
    return w


def _romb_weights(n, dx):
    """The sum of trapezoids of steps n - 1, ..., 2, 1, by the factors of Richardson's table."""
    levels = (n - 1).bit_length()
    table = np.eye(levels)
    for j in range(1, levels):
        table = table[1:] + (table[1:] - table[:-1]) / (4**j - 1)
    w = np.zeros(n)
    for level, factor in enumerate(table[-1]):
        step = (n - 1) >> level
        w[::step] += factor * step * dx
    w[[0, -1]] /= 2
    return w


def _of_samples(function, program, weights):
    """Declare an integral of samples: by fixed weights where steps are equal, else by a program."""

    def transpose(ct, y, dx=1.0, axis=-1):
        """Each sample gets ct times its weight."""
        axes = list(ct.shape)
        axes.insert(axis % y.ndim, 1)
        return ct.reshape(tuple(axes)) * along(weights(y.shape[axis], dx), axis, y.ndim)

    def weighted(y, dx, axis):
        return function(y, None, dx, axis=axis)

    # Twenty passes over y less than the program.
    by_weights = RULES[linear(weighted, transpose, name=function.__name__.strip("_"))]
    by_sites = RULES[by_program(function, program, batch=_samples_batch)]

    def integral(y, x, dx, *, axis):
        if x is None and not is_traced(dx) and np.ndim(dx) == 0:
            return bind(by_weights, (y,), {"dx": dx, "axis": axis})
        return bind(by_sites, (y, x, dx), {"axis": axis})

    return integral


@twin(scipy.integrate.trapezoid, _of_samples, _trapezoid_program, _trapezoid_weights)
def trapezoid(y, x, dx):
    """The integral of samples y by the trapezoidal rule; equals :func:`scipy.integrate.trapezoid`.

    ``sum (x[i+1] - x[i]) (y[i] + y[i+1]) / 2``: differentiable in y, x and dx.

    Parameters
    ----------
    y : array
        Samples.
    x : array, optional
        Sites, of length ``y.shape[axis]`` or of the shape of y.
    dx : number
        Step, where x is not given.
    axis : int
        Of y along which x runs.

    Returns
    -------
    array of the shape of y without that axis

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import trapezoid
    >>> dr.grad(lambda y: trapezoid(y, dx=2.0))(np.ones(3))
    array([1., 2., 1.])
    """


@twin(
    scipy.integrate.cumulative_trapezoid,
    by_program,
    _cumulative_trapezoid_program,
    batch=_samples_batch,
)
def cumulative_trapezoid(y, x, dx):
    """The integrals of samples y up to each by the trapezoidal rule.

    Equals :func:`scipy.integrate.cumulative_trapezoid`; differentiable in y, x and dx.

    Parameters
    ----------
    y, x, dx, axis
        As in :func:`trapezoid`.
    initial : 0, optional
        Put before the first.

    Returns
    -------
    array, shorter than y by one along the axis, of its shape with ``initial``

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import cumulative_trapezoid
    >>> dr.jacobian(cumulative_trapezoid)(np.ones(3))
    array([[0.5, 0.5, 0. ],
           [0.5, 1. , 0.5]])
    """


def _check_sites(y, x, dx, **options):
    check_real("scipy.integrate.simpson, of sites,", x)


@twin(
    scipy.integrate.simpson,
    _of_samples,
    _simpson_program,
    _simpson_weights,
    check=_check_sites,
)
def simpson(y, x, dx):
    """The integral of samples y by Simpson's rule; equals :func:`scipy.integrate.simpson`.

    Parabolas over pairs of intervals (for an even number of samples the last one after Cartwright
    2017): differentiable in y, x and dx.

    Parameters
    ----------
    y, x, dx, axis
        As in :func:`trapezoid`.

    Returns
    -------
    array of the shape of y without that axis

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import simpson
    >>> dr.grad(lambda y: simpson(y, dx=3.0))(np.ones(5))
    array([1., 4., 2., 4., 1.])
    """


@twin(
    scipy.integrate.cumulative_simpson,
    by_program,
    _cumulative_simpson_program,
    batch=_samples_batch,
)
def cumulative_simpson(y, x, dx, initial):
    """The integrals of samples y up to each by Simpson's rule.

    Equals :func:`scipy.integrate.cumulative_simpson` (Cartwright 2017); differentiable in y, x, dx
    and initial.

    Parameters
    ----------
    y, x, dx, axis
        As in :func:`trapezoid`.
    initial : number or array, optional
        Put before the first and added to all.

    Returns
    -------
    array, shorter than y by one along the axis, of its shape with ``initial``

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import cumulative_simpson
    >>> dr.grad(lambda y: cumulative_simpson(y, dx=3.0)[-1])(np.ones(3))
    array([1., 4., 1.])
    """


def _romb(y, x, dx, axis):
    return scipy.integrate.romb(y, dx, axis)


_romb = _of_samples(_romb, _romb_program, _romb_weights)


@twin(scipy.integrate.romb)
def romb(y, dx, *, axis, show):
    """The integral of 2^k + 1 equidistant samples by Romberg's rule; equals
    :func:`scipy.integrate.romb`.

    Differentiable in y and dx.

    Parameters
    ----------
    y : array
        Samples.
    dx : number
        Step.
    axis : int
        Of y along which they run.
    show : bool
        Print the table; of plain samples only.

    Returns
    -------
    array of the shape of y without that axis

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import romb
    >>> dr.derivative(lambda dx: romb(np.ones(5), dx))(0.25)
    np.float64(4.0)
    """
    if show:
        return scipy.integrate.romb(y, dx, axis, show)  # which says that it loses the derivative
    return _romb(y, None, dx, axis=axis)
