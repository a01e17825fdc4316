"""Integrals over boxes: cubature and qmc_quad.

Owns the rules on the boxes that SciPy has chosen, and where its random points lie.  Must not know how
SciPy chooses.
"""

import dataclasses
import itertools
import pickle

import numpy as np
import scipy.integrate
from scipy.integrate._quadrature import QMCQuadResult

from dualrev.calls import as_tuple
from dualrev.core.operands import as_operand, numbers_of
from dualrev.core.traced import Traced, is_traced
from dualrev.errors import MissingRuleError, no_rule
from dualrev.known import valued
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.integrate.hidden import Comparison, mark
from dualrev.scipy.integrate.integrand import pinned
from dualrev.scipy.integrate.nodes import kronrod
from dualrev.scipy.twin import like

__all__ = ["cubature", "qmc_quad"]

#: How often the boxes are halved, where they do not.
_ROUNDS = 6


def _product(nodes, fine, coarse, n):
    """The rules for each axis multiplied: on the cube from -1 to 1."""
    places = np.stack([x.reshape(-1) for x in np.meshgrid(*[nodes] * n, indexing="ij")], axis=-1)
    weights = []
    for rule in (fine, coarse):
        weight = np.ones(1)
        for _ in range(n):
            weight = np.multiply.outer(weight, rule).reshape(-1)
        weights.append(weight)
    return places, *weights


def _genz_malik(n):
    """Genz and Malik (1980), "An adaptive algorithm for numerical integration over an n-dimensional
    rectangular region": rules of degrees 7 and 5 on the cube from -1 to 1.
    """
    unit, two = np.eye(n), 2.0**n
    axes = np.concatenate([unit, -unit])
    pairs = [
        s * unit[i] + t * unit[j]
        for i, j in itertools.combinations(range(n), 2)
        for s, t in itertools.product((1, -1), repeat=2)
    ]
    groups = (
        (
            np.zeros((1, n)),
            (12824 - 9120 * n + 400 * n**2) / 19683,
            (729 - 950 * n + 50 * n**2) / 729,
        ),
        (np.sqrt(9 / 70) * axes, 980 / 6561, 245 / 486),
        (np.sqrt(9 / 10) * axes, (1820 - 400 * n) / 19683, (265 - 100 * n) / 1458),
        (np.sqrt(9 / 10) * np.reshape(pairs, (-1, n)), 200 / 19683, 25 / 729),
        (
            np.sqrt(9 / 19) * np.array(list(itertools.product((1, -1), repeat=n))),
            6859 / 19683 / two,
            0,
        ),
    )
    places = np.concatenate([group for group, _, _ in groups])
    weights = [
        np.concatenate([np.full(len(group[0]), two * group[k]) for group in groups]) for k in (1, 2)
    ]
    return places, *weights


def _rule_of(rule, n):
    if rule == "genz-malik":
        return _genz_malik(n)
    if isinstance(rule, str):
        return _product(*kronrod(rule == "gk15"), n)
    raise no_rule("cubature of traced values with a rule of your own", "name one: rule='gk21'")


@like(scipy.integrate.cubature)
def cubature(f, a, b, *, rule="gk21", args=(), **options):
    """The integral of an array-valued function over a box; equals :func:`scipy.integrate.cubature`.

    ``estimate`` of the result is differentiable in ``args`` and all that f computes with; the limits are
    held constant, and finite.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``, of points (npoints, n), to an array (npoints, ...).
    a, b : array, shape (n,)
        Limits.
    rule : str
        "gk21", "gk15" or "genz-malik".
    rtol, atol, max_subdivisions, args, workers, points
        As SciPy has them.

    Raises
    ------
    MissingRuleError
        Where a derivative by limits is asked for, or with infinite ones; and where the derivative does
        not converge on the boxes on which the integral has.

    Notes
    -----
    The derivative is that of the same rule on SciPy's last boxes, or halves of them, where it agrees
    with the coarser rule: it costs as many evaluations as these have points.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import cubature
    >>> f = lambda x, p: np.exp(-p * np.sum(x, axis=-1))
    >>> volume = lambda p: cubature(f, [0.0, 0.0], [1.0, 1.0], args=(p,)).estimate
    >>> dr.grad(volume)(1.0).round(6)  # of ((1 - exp(-p)) / p)**2
    np.float64(-0.334064)
    """
    args = as_tuple(args)
    found: list = []
    estimate, error = _over_boxes(f, a, b, args, rule, options, found)
    if len(found) == 1:
        return dataclasses.replace(found[0], estimate=estimate, error=error)
    status = min((result.status for result in found), key=("not_converged", "converged").index)
    return dataclasses.replace(
        found[-1], estimate=estimate, error=error, status=status, regions=None
    )


def _over_boxes(f, a, b, args, rule, options, found):
    """The integral, and SciPy's estimate of its error; its whole results are put into ``found``."""

    def cubature(f, a, b, args):
        result = _over_box(f, a, b, args, rule, options)
        found.append(result)
        return result.estimate, result.error

    return each_row(cubature)(f, a, b, args)


def _over_box(f, a, b, args, rule, options):
    plain_a, plain_b, plain_args = numbers_under((f, a, b, args))[1:]
    traced = []

    def on_numbers(x, *args):
        y = f(x, *args)
        traced.append(isinstance(y, Traced))
        return numbers_of(y)

    found = scipy.integrate.cubature(
        on_numbers, plain_a, plain_b, rule=rule, args=plain_args, **options
    )
    if is_traced(a, b):
        raise no_rule(
            "cubature with traced limits",
            "integrate over the unit cube: f(a + (b - a) * t) * np.prod(b - a) from 0 to 1",
        )
    if not any(traced) and not is_traced(*args):
        return found
    low, high = np.minimum(plain_a, plain_b) * 1.0, np.maximum(plain_a, plain_b) * 1.0
    if np.isinf([low, high]).any():
        raise no_rule(
            "cubature of traced values with infinite limits",
            "substitute x = t / (1 - t**2), and integrate over t from -1 to 1",
        )
    places, fine, coarse = _rule_of(rule, low.size)
    left, right = (np.stack([getattr(box, end) for box in found.regions]) for end in "ab")
    sign = (-1.0) ** np.count_nonzero(np.asarray(plain_a) > np.asarray(plain_b))
    marks: dict = {}
    mark(list(args), marks)
    for axis in itertools.islice(itertools.cycle(range(low.size)), _ROUNDS):
        half = (right - left) / 2
        x = ((left + right)[:, None] / 2 + half[:, None] * places).reshape(-1, low.size)
        scale = sign * np.prod(half, axis=1)[:, None]
        weights, coarser = ((scale * rule).reshape(-1) for rule in (fine, coarse))
        mark(f(x, *args), marks)
        values = as_operand(f(x, *args))  # behind the marks
        if Comparison(values, weights - coarser, weights, marks).agrees():
            flat = values.reshape(values.shape[0], -1)
            found.estimate = pinned(found.estimate, (weights @ flat).reshape(values.shape[1:]))
            return found
        unit = half * (np.arange(low.size) == axis)
        left, right = np.concatenate([left, left + unit]), np.concatenate([right - unit, right])
    raise MissingRuleError(
        "The derivative of an integral does not converge on the boxes on which the integral has.",
        fix="ask for more digits: rtol=1e-12",
    )


@like(scipy.integrate.qmc_quad)
def qmc_quad(func, a, b, *, n_estimates=8, n_points=1024, qrng=None, log=False):
    """The integral of a function over a box by quasi-random points; equals
    :func:`scipy.integrate.qmc_quad`.

    Both numbers of the result are differentiable in a, b and all that func computes with: the points are
    held where they are in the box.

    Parameters
    ----------
    func : callable
        Of points (n, n_points), to an array (n_points,).
    a, b : array, shape (n,)
        Limits.
    n_estimates, n_points, qrng
        As SciPy has them.
    log : bool
        Whether func answers logarithms; of plain numbers only.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from scipy.stats import qmc
    >>> from dualrev.scipy.integrate import qmc_quad
    >>> def volume(b):
    ...     return qmc_quad(lambda x: x[0] * x[1], [0.0, 0.0], b, qrng=qmc.Halton(2, seed=0)).integral
    >>> dr.grad(volume)(np.array([1.0, 2.0])).round(3)  # b1 b2^2 / 2, b1^2 b2 / 2
    array([2., 1.])
    """
    options = {"n_estimates": n_estimates, "n_points": n_points, "log": log}
    # Each row of a batch has the points that it would have alone.
    others, engines = pickle.dumps(qrng), [qrng]
    return QMCQuadResult(*_over_points(func, a, b, options, others, engines))


def _over_points(func, a, b, options, others, engines):
    def qmc_quad(func, a, b):
        numbers_under((func, a, b))
        engine = engines.pop() if engines else pickle.loads(others)
        return _at_points(func, a, b, engine, **options)

    return each_row(qmc_quad)(func, a, b)


def _at_points(func, a, b, qrng, n_estimates, n_points, log):
    a, b = as_operand(a), as_operand(b)
    points, traced = [], []

    def on_numbers(x):
        y = func(x)
        traced.append(isinstance(y, Traced))
        points.append(x)
        return numbers_of(y)

    _, *plain = numbers_under((func, a, b))
    if is_traced(a, b) and np.any(np.equal(*plain)):
        raise no_rule(
            "qmc_quad over a box without volume, by its limits,", "move them apart: b + 1e-9"
        )
    options = {"n_estimates": n_estimates, "n_points": n_points, "qrng": qrng, "log": log}
    found = scipy.integrate.qmc_quad(on_numbers, *plain, **options)
    if not any(traced) and not is_traced(a, b):
        return found.integral, found.standard_error
    if log:
        raise no_rule("qmc_quad of traced values with log=True", "integrate np.exp of the function")
    shape = np.broadcast_shapes((1,), *map(np.shape, plain))
    low, high = (np.broadcast_to(end, shape) for end in (a, b))
    below, above = (np.broadcast_to(end, low.shape) for end in plain)
    volume = np.prod(high - low)
    estimates = []
    for x in points[-n_estimates:]:
        share = (x - below[:, None]) / (above - below)[:, None]
        estimates.append(np.mean(func(low[:, None] + share * (high - low)[:, None])) * volume)
    estimates = np.stack(estimates)
    error = np.std(estimates, ddof=1) / np.sqrt(n_estimates)
    return (
        valued(np.mean(estimates), np.float64(found.integral)),
        valued(error, np.float64(found.standard_error)),
    )
