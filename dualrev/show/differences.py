"""difference_errors: how wrong finite differences are at each step, and the exact derivative.

Finite differences are only looked at here: nothing computes with them.  Must not know how the errors
are drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.calls import (
    check_callable,
    flatten_arguments,
    flatten_result,
    flatten_tangents,
    unflatten,
)
from dualrev.errors import name_of
from dualrev.transforms import jvp, vjp

__all__ = ["DifferenceErrors", "difference_errors"]


@dataclass(frozen=True, eq=False)
class DifferenceErrors:
    """What :func:`difference_errors` measured.

    Attributes
    ----------
    steps : array
        The step sizes h.
    forward, central : array
        Error of the forward and of the central differences at each step; nan where f is not finite.
    exact : float
        Error of the derivative by :func:`dualrev.jvp`; nan where it could not be measured.
    reference : str
        What `exact` was measured against: "float64" or "longdouble" is forward mode in that
        precision, which says how much was rounded; "reverse mode" is the same derivative by the
        other sweep, in the same precision, which says only that the two agree; "" is nothing.
    relative : bool
        Whether the errors are relative: not where the derivative is zero.
    eps : float
        The rounding unit of the least precise number at work.
    forward_truncation, central_truncation, rounding : array
        What theory predicts at each step: ``h |f''| / 2``, ``h**2 |f'''| / 6`` and
        ``eps (|f| + |f'| |x|) / h``, over ``|f'|`` where the errors are relative.  The second and third
        derivatives along the direction are exact too; nan where f has none.
    """

    steps: np.ndarray
    forward: np.ndarray
    central: np.ndarray
    exact: float
    reference: str
    relative: bool
    eps: float
    forward_truncation: np.ndarray
    central_truncation: np.ndarray
    rounding: np.ndarray


def difference_errors(
    f: Callable, x: Any, direction: Any = None, *, steps: Any = None
) -> DifferenceErrors:
    """Errors of finite differences of f at x, at each step size, and of the exact derivative.

    The derivative is ``J(x) t`` in a direction t.  Forward differences are
    ``(f(x + h t) - f(x)) / h``, central ones ``(f(x + h t) - f(x - h t)) / (2 h)``; their error is
    the Euclidean norm of what they differ by from :func:`dualrev.jvp`, over that of the derivative.

    Parameters
    ----------
    f : callable
        Function of one argument; its result is an array, a number, or a structure of arrays.
    x : array, number or structure of arrays
        Where f is finite; real.
    direction : of the structure and shapes of x, optional
        The direction t; by default the vector of unit length whose elements rise evenly, the last
        being twice the first.
    steps : array of shape (k,), optional
        The step sizes h; by default four a decade, from 0.1 to the rounding unit of the least precise
        number at work (1e-16 in float64, 1e-7 in float32), all times the power of ten below the
        largest element of x, where that is more than 1.

    Returns
    -------
    DifferenceErrors

    Raises
    ------
    ComplexError
        Where x is complex.
    ArgumentError
        Where f or its derivative is not finite at x, or a step is not a positive number.

    Notes
    -----
    Costs two evaluations of f a step.  The error of the exact derivative is what was rounded: it is
    computed again in a higher precision, float64 for float32 and NumPy's longdouble for float64, as
    far as f computes in that.  Where f refuses it, or the machine has none, the difference between
    forward and reverse mode is given instead; `reference` of the result says which.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.show import difference_errors
    >>> errors = difference_errors(np.exp, 1.0, steps=[1e-1, 1e-2])
    >>> errors.forward.round(4), errors.central.round(4)
    (array([0.0517, 0.005 ]), array([0.0017, 0.    ]))
    >>> errors.exact < 1e-15
    True
    """
    check_callable(f, "difference_errors(f, x)")
    at = _Line(f, x, direction)
    tangents = at.derivative(1)
    for what, arrays in (
        ("x", at.leaves),
        ("f(x)", at.start),
        ("the derivative of f at x", tangents),
    ):
        if not all(np.all(np.isfinite(y)) for y in arrays):
            raise errors.ArgumentError(
                f"No error can be measured for `{name_of(f)}`: {what} is not finite.",
                fix="choose x and the direction where f and its derivative are finite",
            )
    steps = at.steps() if steps is None else _checked_steps(steps)
    slope = _norm(tangents)
    scale = slope or 1.0

    def error(h, plus, minus, width):
        """Of the difference between two results."""
        with np.errstate(all="ignore"):
            quotients = [(a - b) / a.dtype.type(width * h) for a, b in zip(plus, minus)]
            measured = _norm([q - t for q, t in zip(quotients, tangents)])
        return measured / scale if np.isfinite(measured) else np.nan

    forward = np.empty(len(steps))
    central = np.empty(len(steps))
    for i, h in enumerate(map(float, steps)):
        ahead, behind = at(h), at(-h)
        forward[i] = error(h, ahead, at.start, 1)
        central[i] = error(h, ahead, behind, 2)
    exact, reference = _error_of_exact(at, tangents)
    second, third = at.norm(2), at.norm(3)
    return DifferenceErrors(
        steps,
        forward,
        central,
        exact / scale,
        reference,
        slope > 0,
        at.eps,
        steps * (second / 2 / scale),
        steps**2 * (third / 6 / scale),
        at.eps * (_norm(at.start) + slope * at.extent()) / scale / steps,
    )


class _Line:
    """f on the line ``x + h t``, with its results as a list of arrays."""

    def __init__(self, f, x, direction):
        self.f = f
        self.leaves, self.treedef = flatten_arguments(x, "x")
        if any(leaf.dtype.kind == "c" for leaf in self.leaves):
            raise errors.ComplexError(
                "Errors of differences are measured along a real direction; x is complex.",
                fix="make f a function of the real and imaginary parts: "
                "plot_error(lambda p: f(p[0] + 1j * p[1]), np.array([x.real, x.imag]))",
            )
        if direction is None:
            self.ts = _rising(self.leaves)
        else:
            self.ts = flatten_tangents(direction, self.treedef, self.leaves, "direction")
        if not 0 < _norm(self.ts) < np.inf:
            raise errors.ArgumentError(
                "The direction is zero, or not finite.", fix="give a direction to go in"
            )
        self.start = self(0.0)
        self.eps = max(_eps(y) for y in (*self.leaves, *self.start))

    def flat(self, *leaves):
        """The results of f, of whatever structure, as a tuple of arrays."""
        return tuple(flatten_result(self.f(unflatten(self.treedef, list(leaves))), self.f)[0])

    def __call__(self, h):
        """``f(x + h t)``, computed in the precision of x; f may be undefined there."""
        with np.errstate(all="ignore"):
            results = self.flat(*(x + x.dtype.type(h) * t for x, t in zip(self.leaves, self.ts)))
        # Copies: f may answer with the same array each time.
        return [np.array(y, dtype=y.dtype if y.dtype.kind in "fc" else float) for y in results]

    def derivative(self, order, dtype=None):
        """The derivative of an order along t, by nested forward mode."""
        leaves, ts = self.leaves, self.ts
        if dtype is not None:
            leaves, ts = ([y.astype(dtype) for y in ys] for ys in (leaves, ts))
        g = self.flat
        for _ in range(order):
            g = _derivative_along(g, tuple(ts))
        with np.errstate(all="ignore"):
            return g(*leaves)

    def norm(self, order):
        """Norm of a derivative along t; nan where f has none."""
        try:
            return _norm(self.derivative(order))
        except errors.DualrevError:  # a rule of the user's that has one order only
            return np.nan

    def steps(self):
        """The step sizes of a V whole from truncation to rounding."""
        largest = max(np.max(np.abs(x), initial=0.0) for x in self.leaves)
        first = max(np.floor(np.log10(largest)), 0.0) - 1 if largest > 0 else -1.0
        decades = int(np.ceil(-np.log10(self.eps))) - 1
        return np.logspace(first, first - decades, 4 * decades + 1)

    def extent(self):
        """Size of x in units of t: how much of a step rounds away with it."""
        largest = [max(np.max(np.abs(x), initial=0.0) for x in xs) for xs in (self.leaves, self.ts)]
        return float(largest[0]) / float(largest[1])


def _derivative_along(g, ts):
    return lambda *xs: jvp(g, xs, ts)[1]


def _checked_steps(steps):
    steps = np.asarray(steps)
    if steps.dtype.kind not in "fiu" or steps.ndim != 1 or not steps.size:
        raise errors.ArgumentError(
            f"steps is an array of {steps.dtype} of shape {steps.shape}.",
            fix="give a list of step sizes, e.g. np.logspace(-1, -16, 61)",
        )
    steps = steps.astype(float)
    if not np.all((steps > 0) & np.isfinite(steps)):
        raise errors.ArgumentError(
            f"A step is {steps[~((steps > 0) & np.isfinite(steps))][0]}.",
            fix="steps are positive: central differences go both ways",
        )
    return steps


def _rising(leaves):
    """The default direction."""
    # Not all ones: many a function of statistics is constant when all elements grow alike.
    n = sum(x.size for x in leaves)
    elements = np.linspace(1.0, 2.0, n) if n > 1 else np.ones(n)
    elements /= np.linalg.norm(elements) or 1.0
    parts = np.split(elements, np.cumsum([x.size for x in leaves])[:-1])
    return [p.reshape(x.shape).astype(x.dtype)[()] for p, x in zip(parts, leaves)]


def _error_of_exact(at, tangents):
    """Absolute error of the derivative by jvp, and what it was measured against."""
    wider = np.float64 if at.eps > np.finfo(np.float64).eps else np.longdouble
    if np.finfo(wider).eps < at.eps:
        try:
            reference = at.derivative(1, wider)
        except (
            Exception
        ):  # f may refuse this precision in any way: compiled code raises what it likes
            reference = []
        if reference and all(_eps(y) < at.eps for y in reference):
            difference = [y - t.astype(y.dtype) for y, t in zip(reference, tangents)]
            return _norm(difference), np.dtype(wider).type.__name__
    # <w, J t> by forward mode against <J^T w, t> by reverse mode
    w = [t / (_norm(tangents) or 1.0) for t in tangents]
    try:
        _, pullback = vjp(at.flat, *at.leaves)
        pulled = pullback(tuple(w))
    except errors.DualrevError:  # a rule of the user's that has one mode only
        return np.nan, ""
    return float(abs(_inner(w, tangents) - _inner(pulled, at.ts))), "reverse mode"


def _eps(y):
    return float(np.finfo(y.dtype).eps) if y.dtype.kind in "fc" else 0.0


def _inner(a, b):
    return sum(np.sum(np.real(np.conj(u) * v)) for u, v in zip(a, b))


def _norm(arrays):
    """Euclidean norm over a list of arrays; in the highest precision, and without overflow."""
    wide = [np.abs(y).astype(np.longdouble) for y in arrays]
    largest = max((np.max(y, initial=0.0) for y in wide), default=0.0)
    if largest == 0 or not np.isfinite(largest):
        return float(largest)
    return float(largest * np.sqrt(sum(np.sum((y / largest) ** 2) for y in wide)))
