"""propagate: mean and covariance of the result of a function, from those of its argument.

Owns what a covariance must be.  Must not know how a derivative is computed.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dualrev import errors
from dualrev.calls import (
    check_callable,
    flatten_arguments,
    flatten_result,
    flatten_tangents,
    own_results,
    unflatten,
)
from dualrev.core.arrays import numbers_known
from dualrev.core.cotangents import zeros_of
from dualrev.core.operands import as_operand, under_all
from dualrev.errors import name_of
from dualrev.flat import Unravel, flat_vector
from dualrev.jacobians import jacobian

__all__ = ["Propagated", "propagate"]


class Propagated(NamedTuple):
    """What :func:`dualrev.propagate` answers.

    Attributes
    ----------
    mean : array or structure of arrays
        Of the structure and the shapes of the result.
    covariance : array
        Shape (m, m), m the number of elements of the result, in the order of
        :func:`dualrev.ravel`; a number where the result is one.
    """

    mean: Any
    covariance: Any

    @property
    def std(self) -> Any:
        """Standard deviations, of the structure and the shapes of mean."""
        leaves, treedef = flatten_arguments(self.mean, "the mean")
        variances = np.reshape(self.covariance, -1)[:: sum(x.size for x in leaves) + 1]
        # What rounding left below 0 of a result that does not vary.
        deviations = np.sqrt(np.maximum(variances, 0.0))
        return unflatten(treedef, Unravel(treedef, leaves).leaves(deviations))


def propagate(f: Callable, x, cov=None, *, std=None, order: int = 1) -> Propagated:
    """Mean and covariance of f(x), where x is known with a covariance.

    To first order the mean is f(x), the covariance ``J C J^T``, the law of propagation of uncertainty
    (JCGM 100:2008, "Guide to the expression of uncertainty in measurement", equation 13).  To second
    order it is that of f's Taylor polynomial of second degree where x is normally distributed: the mean
    gains ``tr(H_k C) / 2``, the covariance ``tr(H_k C H_l C) / 2``, with the Hessian matrix H_k of
    element k.

    Parameters
    ----------
    f : callable
        Function of one argument; its result is an array or a structure of arrays.
    x : number, array or structure of arrays
        The means; n numbers in all.
    cov : array
        Their covariance, of shape (n, n), in the order of :func:`ravel`, as ``scipy.optimize.curve_fit``
        answers it; the variance, where x is one number.
    std : number, array or structure of arrays
        Instead of cov: the standard deviations of independent numbers, in the structure and the shapes
        of x.
    order : {1, 2}
        The degree of the Taylor polynomial.

    Returns
    -------
    Propagated
        A named tuple ``(mean, covariance)``, with a property ``std``.

    Raises
    ------
    ShapeError
        Where cov is not of shape (n, n), or std not of that of x.
    ArgumentError
        Where cov is not symmetric, not finite, or no covariance: negative variances, correlations
        beyond 1.
    ComplexError
        Where x or the result is complex.

    See Also
    --------
    jacobian

    Notes
    -----
    Costs a Jacobian matrix; to second order m Hessian matrices, of which ``m n**2`` numbers are kept.
    Of the same degree in C as the second order are terms with third derivatives of f, which the Guide
    names beside it (5.1.2) and this leaves out: they are 0 where f is a polynomial of second degree.

    Examples
    --------
    A resistance, from a voltage and a current:

    >>> import dualrev as dr
    >>> r = dr.propagate(lambda p: p["U"] / p["I"], {"U": 5.0, "I": 0.02}, std={"U": 0.05, "I": 0.0004})
    >>> print(f"{r.mean:.1f} +- {r.std:.1f}")
    250.0 +- 5.6

    The square of a number that is 1 +- 0.5:

    >>> dr.propagate(lambda x: x**2, 1.0, std=0.5, order=2)
    Propagated(mean=np.float64(1.25), covariance=np.float64(1.125))
    """
    check_callable(f, "dr.propagate(f, x, cov)")
    if isinstance(order, bool) or not isinstance(order, int | np.integer) or order not in (1, 2):
        raise errors.ArgumentError(f"order is {order!r}.", fix="order is 1 or 2")
    leaves, treedef = flatten_arguments(x, "x")
    _check_real(leaves, "x", name_of(f))
    times_covariance = _times_covariance(cov, std, leaves, treedef)

    def with_value(x):
        value = f(x)
        return value, value

    def with_slopes(x):
        slopes, value = first(x)
        return slopes, (slopes, value)

    with_value.__name__ = with_slopes.__name__ = name_of(f)
    first = jacobian(with_value, has_aux=True, matrix=True)
    if order == 1:
        slopes, value = first(x)
    else:
        curvature, (slopes, value) = jacobian(with_slopes, has_aux=True, matrix=True)(x)
    results, tree = flatten_result(value, f)
    _check_real(results, "the result", name_of(f))
    covariance = times_covariance(slopes) @ slopes.T
    if order == 2:
        m, n = slopes.shape
        spread = times_covariance(curvature.reshape(m, n, n))
        shift = 0.5 * np.trace(spread, axis1=1, axis2=2)
        results = Unravel(tree, [zeros_of(y) for y in results]).leaves(flat_vector(results) + shift)
        covariance = covariance + 0.5 * np.einsum("kij,lji->kl", spread, spread)
    covariance = 0.5 * (covariance + covariance.T)  # else symmetric to rounding only
    if (tree is None or tree.is_leaf()) and not results[0].ndim:
        covariance = covariance[0, 0]
    *results, covariance = own_results([*results, covariance], results)
    return Propagated(unflatten(tree, results), covariance)


def _check_real(arrays, what, name):
    if any(x.dtype.kind == "c" for x in arrays):
        raise errors.ComplexError(
            f"propagate of `{name}` was asked where {what} is complex.",
            fix="make real and imaginary parts two entries"
            + (" of x" if what == "x" else ": return np.stack([y.real, y.imag])"),
        )


def _times_covariance(cov, std, leaves, treedef):
    """What multiplies matrices of n columns by the covariance."""
    if (cov is None) == (std is None):
        raise errors.ArgumentError(
            f"propagate was given {'neither cov nor' if cov is None else 'both cov and'} std.",
            fix="give cov, a matrix, or std=, the standard deviations of independent numbers",
        )
    if std is None:
        matrix = _covariance(cov, sum(x.size for x in leaves))
        return lambda rows: rows @ matrix
    deviations = flat_vector(flatten_tangents(std, treedef, leaves, "std"))
    plain = _rows_of_numbers(deviations)
    if plain is not None and not np.all((plain >= 0) & np.isfinite(plain)):
        wrong = plain[~((plain >= 0) & np.isfinite(plain))][0]
        raise errors.ArgumentError(
            f"std holds {wrong}.", fix="a standard deviation is finite, and 0 or more"
        )
    return lambda rows: rows * deviations**2


def _rows_of_numbers(x):
    """The numbers of x, or of all that stand in its place; None where they are not known."""
    plain = under_all(x)
    return plain if numbers_known(plain) else None


def _covariance(cov, n):
    """The covariance of n numbers as a matrix that is one."""
    cov = as_operand(cov)
    cov = cov if hasattr(cov, "dtype") else np.asarray(cov)
    if cov.dtype.kind not in "fiub":
        raise errors.ArgumentError(
            f"cov is an array of {cov.dtype}.", fix="give a matrix of real numbers"
        )
    if n == 1 and cov.ndim == 0:
        cov = cov.reshape(1, 1)
    if cov.shape != (n, n):
        raise errors.ShapeError(
            f"cov has shape {cov.shape}, x has {n} number{'s' * (n != 1)}.",
            fix="give variances as np.diag(variances), or standard deviations by std="
            if cov.shape == (n,)
            else f"give a matrix of shape ({n}, {n}), in the order of dr.ravel(x)",
        )
    plain = _rows_of_numbers(cov)
    if plain is not None:
        for matrix in plain.reshape(math.prod(plain.shape[:-2]), n, n):
            _check_covariance(matrix)
    return cov


def _check_covariance(matrix):
    if not np.isfinite(matrix).all():
        i, j = np.argwhere(~np.isfinite(matrix))[0]
        raise errors.ArgumentError(
            f"cov[{i}, {j}] is {matrix[i, j]}.",
            fix="give finite numbers: leave out of x what is not known",
        )
    variances = np.diagonal(matrix)
    if np.any(variances < 0):
        i = np.argmin(variances)
        raise errors.ArgumentError(
            f"cov[{i}, {i}] is {variances[i]}: a variance is not negative.",
            fix="give the squares of standard deviations, or these by std=",
        )
    varying = variances > 0
    scale = np.sqrt(variances[varying])
    correlations = matrix[np.ix_(varying, varying)] / scale[:, None] / scale
    tolerance = np.sqrt(np.finfo(correlations.dtype).eps)
    asymmetry = np.abs(matrix - matrix.T)
    if np.any(np.abs(correlations - correlations.T) > tolerance):
        i, j = sorted(divmod(int(np.argmax(asymmetry)), len(matrix)))
        raise errors.ArgumentError(
            f"cov is not symmetric: cov[{i}, {j}] is {matrix[i, j]}, cov[{j}, {i}] is {matrix[j, i]}.",
            fix="give the covariance of i and j in both places: (cov + cov.T) / 2 is symmetric",
        )
    constant = np.any(matrix[~varying]) or np.any(matrix[:, ~varying])
    if constant or (len(scale) and np.linalg.eigvalsh(correlations)[0] < -tolerance * len(scale)):
        raise errors.ArgumentError(
            "cov is no covariance: there is a sum of the numbers in x whose variance would be "
            "negative.",
            fix="give a matrix without negative eigenvalues; correlations are between -1 and 1",
        )
