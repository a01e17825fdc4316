"""isotonic_regression, with the derivatives of the means of its blocks.

Owns when blocks stay what they are.  Must not know how they are found.
"""

import numpy as np
from scipy import optimize
from scipy.optimize import OptimizeResult

from dualrev import errors
from dualrev.core.operands import base_of
from dualrev.core.traced import Traced, is_differentiated
from dualrev.known import valued
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.sparse.pattern import Places, gathered, ones, summed
from dualrev.scipy.twin import twin

__all__ = ["isotonic_regression"]

#: How much more than a bound of its rounding error a number is to be, so as not to be 0.
_ROUNDING = 1e2 * np.finfo(float).eps


@twin(optimize.isotonic_regression)
def isotonic_regression(y, weights, *, increasing):
    """The increasing numbers that are nearest to y, by weighted least squares.

    Equals :func:`scipy.optimize.isotonic_regression`; differentiable in y and the weights.  Within a
    block all numbers are its weighted mean (Barlow et al. 1972, section 1.2).

    Parameters
    ----------
    y : array, shape (n,)
    weights : array, shape (n,), optional
    increasing : bool

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x`` and ``weights`` have derivatives.  In a batch, of which each row has other blocks, there is
        ``x`` alone.

    Raises
    ------
    SingularError
        When a derivative is asked where a block is about to divide, as one of equal numbers is, or two
        are about to join.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import isotonic_regression
    >>> dr.jacobian(lambda y: isotonic_regression(y).x)(np.array([1.0, 3.0, 2.0]))
    array([[1. , 0. , 0. ],
           [0. , 0.5, 0.5],
           [0. , 0.5, 0.5]])
    """
    y = np.atleast_1d(y)
    weights = ones(np.size(y)) if weights is None else np.atleast_1d(weights)
    x = _fitted(y, weights, increasing)
    if isinstance(base_of(x), Traced):
        return OptimizeResult(x=x)
    found, blocks = _found(y, weights, increasing)
    return OptimizeResult(
        found, x=x, weights=valued(summed(weights * 1.0, places=blocks), found.weights)
    )


@each_row
def _fitted(y, weights, increasing):
    found, blocks = _found(y, weights, increasing)
    if is_differentiated(y) or is_differentiated(weights):
        _check(*numbers_under((y, weights)), found.blocks, is_differentiated(y))
    means = summed(weights * y, places=blocks) / summed(weights * 1.0, places=blocks)
    return valued(gathered(means, places=blocks), found.x)


def _found(y, weights, increasing):
    """What SciPy finds, and the block of each element."""
    y, weights = numbers_under((y, weights))
    found = optimize.isotonic_regression(y, weights=weights, increasing=increasing)
    sizes = np.diff(found.blocks)
    return found, Places(np.repeat(np.arange(sizes.size), sizes), sizes.size)


def _check(y, weights, blocks, by_y):
    """Raise where a block is about to divide, or two to join."""
    before = None
    for first, last in zip(blocks, blocks[1:]):
        part, w = y[first:last], weights[first:last]
        mean = w @ part / w.sum()
        size = np.abs(part).max()
        # What holds a block together: the sum of what its first elements are off its mean.
        held = np.abs(np.cumsum(w * (part - mean)))[:-1]
        ties = np.flatnonzero(held <= _ROUNDING * size * w.sum())
        if ties.size and (by_y or np.ptp(part) > _ROUNDING * size):
            raise _tie(first + ties[0])
        if before is not None and abs(mean - before) <= _ROUNDING * size:
            raise _tie(first - 1)
        before = mean


def _tie(k):
    return errors.SingularError(
        "isotonic_regression found blocks that are about to join or to divide, behind element "
        f"{k} of y: there are only derivatives to each side.",
        fix="join the elements that tie to one, with the sum of their weights",
    )
