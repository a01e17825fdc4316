"""check_derivatives: a user's function against SciPy's finite differences, in every mode.

Owns the comparison; must not know how derivatives are computed.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualrev import errors, trees
from dualrev.calls import (
    check_callable,
    check_tolerance,
    flatten_arguments,
    flatten_result,
    unflatten,
)
from dualrev.errors import name_of
from dualrev.transforms import jvp, vjp

__all__ = ["check_derivatives"]

# Up to this many elements of x the report names the one that disagrees most.
_NAMED_ELEMENTS = 200


def check_derivatives(
    f: Callable,
    x: Any,
    order: int = 2,
    modes: Sequence[str] = ("forward", "reverse"),
    *,
    rtol: float = 1e-5,
    atol: float = 1e-12,
    directions: int = 2,
    seed: int = 0,
) -> float:
    """Largest relative error of the derivatives of f at x, against SciPy's finite differences.

    In random directions t, with random weights w of the results, ``<w, J t>`` by forward mode and
    ``<J^T w, t>`` by reverse mode are compared with ``scipy.differentiate.derivative`` of
    ``h -> <w, f(x + h t)>``; second derivatives, by every composition of the modes, with the same
    of the exact first ones.

    Parameters
    ----------
    f : callable
        Function of one argument.
    x : array, number or structure of arrays
        Where f is smooth.
    order : {1, 2}
        The highest order that is checked.
    modes : sequence of {"forward", "reverse"}
        The modes that are checked.
    rtol, atol : float
        Allowed error, relative to the derivative and to the largest value of what is differenced;
        atol is at least 1e4 times the rounding of the dtype.  The derivative's scale is the sum of
        ``|(J^T w)_i t_i|`` where its terms cancel.  Where the finite differences are less certain
        than that, ten times their own error estimate is allowed.
    directions : int
        Number of random directions.
    seed : int
        Of the directions.

    Returns
    -------
    float
        The largest relative error found.

    Raises
    ------
    AssertionError
        Naming the mode, the order and, for up to 200 elements, the element of x that disagrees;
        and where the differences say nothing about the derivative: at a kink, under noise.

    Notes
    -----
    Costs about fifteen evaluations of f a direction, and as many gradients for the second order.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.testing import check_derivatives
    >>> bool(check_derivatives(lambda x: np.sum(np.exp(x) * x), np.array([0.5, 1.0])) < 1e-5)
    True
    """
    check_callable(f, "dr.testing.check_derivatives(f, x)")
    if isinstance(order, bool) or not isinstance(order, int | np.integer) or order not in (1, 2):
        raise errors.ArgumentError(f"order is {order!r}.", fix="order is 1 or 2")
    if not (isinstance(modes, list | tuple) and modes) or any(
        mode not in ("forward", "reverse") for mode in modes
    ):
        raise errors.ArgumentError(
            f"modes is {modes!r}.", fix='modes holds "forward", "reverse" or both'
        )
    check_tolerance("rtol", rtol)
    check_tolerance("atol", atol)
    if not isinstance(directions, int | np.integer) or directions < 1:
        raise errors.ArgumentError(
            f"directions is {directions!r}: nothing would be checked.",
            fix="give directions as a whole number, 1 or more",
        )
    leaves, treedef = flatten_arguments(x, "x")

    def flat(*leaves):
        """The results of f, of whatever structure, as a tuple of arrays."""
        return tuple(flatten_result(f(unflatten(treedef, list(leaves))), f)[0])

    # What rounding leaves of differences over steps of 1e-2 and less.
    atol = max(atol, 1e4 * max(float(np.finfo(leaf.dtype).eps) for leaf in leaves))
    rng = np.random.default_rng(seed)
    worst = 0.0
    for _ in range(directions):
        ts = [_random_like(rng, leaf) for leaf in leaves]
        w = [_random_like(rng, y) for y in flat(*leaves)]
        exact = {mode: _first(flat, w, mode) for mode in modes}
        slope, error, of_f = _slope(lambda *xs: _inner(w, flat(*xs)), leaves, ts)
        gradient = vjp(flat, *leaves)[1](tuple(w)) if "reverse" in modes else None
        of_gradient = _size(ts, gradient)
        for mode, derivative in exact.items():
            check = _Check(f, (mode,), treedef, rtol, atol, (of_f, of_gradient))
            value = derivative(leaves, ts)
            worst = max(worst, check.relative(value, slope, error, leaves, flat, w, derivative))
        if order == 1:
            continue
        us = [_random_like(rng, leaf) for leaf in leaves]
        slope, error, of_f = _slope(lambda *xs: exact[modes[0]](xs, ts), leaves, us)
        of_f = max(of_f, of_gradient)
        for inner in modes:
            for outer in modes:
                check = _Check(f, (outer, inner), treedef, rtol, atol, (of_f, 0.0))
                second = _first(lambda *xs: (exact[inner](xs, ts),), [np.float64(1)], outer)
                value = second(leaves, us)
                worst = max(worst, check.relative(value, slope, error))
    return worst


class _Check:
    """One comparison: which function, which composition of modes, how exact.

    ``scales`` are those of what is differenced, and of its derivative.
    """

    def __init__(self, f, modes, treedef, rtol, atol, scales):
        self.f = f
        self.modes = modes
        self.treedef = treedef
        self.rtol = rtol
        self.atol = atol
        self.scales = scales

    def relative(self, value, slope, error, leaves=(), flat=None, w=None, derivative=None):
        """The relative error, or an AssertionError where it is too large."""
        difference = abs(value - slope)
        of_f, of_derivative = self.scales
        scale = max(abs(value), abs(slope), of_derivative)
        rounding = self.atol * of_f
        mode = " over ".join(self.modes)
        if not np.isfinite(slope) or error > max(0.25 * scale, 1e3 * rounding):
            raise AssertionError(
                f"{name_of(self.f)}: order {len(self.modes)}, {mode} mode cannot be checked: the "
                f"finite differences are {slope:.3g}, give or take {error:.1g}. At a kink, and with "
                "noise in the function, they say nothing: take another point."
            )
        if difference <= max(self.rtol * scale + rounding, 10 * error):
            return float(difference / (scale + 1e-3 * of_f)) if difference else 0.0
        message = (
            f"{name_of(self.f)}: order {len(self.modes)}, {mode} mode disagrees with finite "
            f"differences: {value:.10g} against {slope:.10g} (their error estimate: {error:.1g})."
        )
        if derivative is not None and sum(leaf.size for leaf in leaves) <= _NAMED_ELEMENTS:
            message += "\n" + self._worst_element(leaves, flat, w, derivative)
        raise AssertionError(message)

    def _worst_element(self, leaves, flat, w, derivative):
        """Which element of x disagrees most with scipy.optimize.approx_fprime."""
        from scipy.optimize import approx_fprime

        sizes = np.cumsum([leaf.size for leaf in leaves])[:-1]

        def of_vector(vector):
            parts = np.split(vector, sizes)
            shaped = [p.reshape(leaf.shape)[()] for p, leaf in zip(parts, leaves)]
            return _inner(w, flat(*shaped))

        start = np.concatenate([np.real(leaf).reshape(-1) for leaf in leaves])
        expected = approx_fprime(start, of_vector)
        units = np.eye(start.size)
        got = np.array(
            [
                derivative(leaves, [p.reshape(leaf.shape)[()] for p, leaf in zip(parts, leaves)])
                for parts in (np.split(unit, sizes) for unit in units)
            ]
        )
        k = int(np.argmax(np.abs(got - expected)))
        which = int(np.searchsorted(sizes, k, side="right"))
        place = k - (0 if which == 0 else int(sizes[which - 1]))
        index = tuple(map(int, np.unravel_index(place, leaves[which].shape)))
        name = "x" if self.treedef is None else "x" + trees.paths(self.treedef)[which]
        name += str(list(index)) if index else ""
        return f"  worst at {name}: {got[k]:.10g} against {expected[k]:.10g}"


def _first(flat, w, mode):
    """``(xs, ts) -> <w, J(xs) ts>`` in one mode."""

    def forward(xs, ts):
        _, tangents = jvp(flat, tuple(xs), tuple(ts))
        return _inner(w, tangents)

    def reverse(xs, ts):
        _, pullback = vjp(flat, *xs)
        return _inner(ts, pullback(tuple(w)))

    return forward if mode == "forward" else reverse


def _slope(along, xs, ts):
    """Slope in h of ``along(*(xs + h * ts))`` at 0, its estimated error, and the largest value met."""
    from scipy.differentiate import derivative

    values = [0.0]

    def on_line(h):
        def at(s):
            values.append(along(*(x + x.dtype.type(s) * t for x, t in zip(xs, ts))))
            return values[-1]

        return np.vectorize(at, otypes=[float])(h)

    step = 1e-2
    result = derivative(on_line, 0.0, initial_step=step, order=8, maxiter=12)
    largest = float(np.nanmax(np.abs(values)))
    # Two estimates that rounding leaves equal by chance would say that there is no error.
    rounding = np.finfo(float).eps * largest / (step / 2 ** (result.nit - 1))
    return float(result.df), float(max(np.abs(result.error), rounding)), largest


def _size(a, b):
    """Sum of ``|a * b|`` over sequences of arrays; 0 where there is no second."""
    return 0.0 if b is None else float(sum(np.sum(np.abs(u * v)) for u, v in zip(a, b)))


def _inner(a, b):
    """``Re <a, b>`` over sequences of arrays."""
    return sum(np.real(np.sum(np.conj(u) * v)) for u, v in zip(a, b, strict=True))


def _random_like(rng, x):
    draw = rng.standard_normal(x.shape)
    if x.dtype.kind == "c":
        draw = draw + 1j * rng.standard_normal(x.shape)
    dtype = x.dtype if x.dtype.kind in "fc" else np.float64
    return np.asarray(draw).astype(dtype)[()]
