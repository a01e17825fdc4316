"""Functions of a sparse matrix as a whole: norm, expm, matrix_power.

Must not know linear equations.
"""

import numpy as np
import scipy.sparse.linalg as sparse_linalg

from dualrev.core.words import constant
from dualrev.errors import no_rule
from dualrev.known import valued
from dualrev.scipy.linalg.functions import expm as dense_expm
from dualrev.scipy.sparse.constructors import from_dense
from dualrev.scipy.sparse.traced import TracedSparse
from dualrev.scipy.twin import twin
from dualrev.ways import row_by_row

__all__ = ["expm", "matrix_power", "norm"]


@twin(sparse_linalg.norm)
def norm(x, /, *, ord, axis):
    """The norm of a sparse matrix, or those of its rows or columns.

    Equals :func:`scipy.sparse.linalg.norm`; derivatives as of :func:`numpy.linalg.norm`: that of the
    Frobenius norm is ``x / |x|``, and 0 at 0.

    Parameters
    ----------
    x : sparse matrix, shape (m, n)
    ord, axis
        As in SciPy.

    Returns
    -------
    float or array

    Raises
    ------
    MissingRuleError
        For a norm of singular values where numbers are traced.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse import diags_array
    >>> from dualrev.scipy.sparse.linalg import norm
    >>> dr.grad(lambda d: norm(diags_array(d)))(np.array([3.0, 4.0]))
    array([0.6, 0.8])
    """
    if not isinstance(x, TracedSparse):
        raise TypeError("input is not sparse. use numpy.linalg.norm")
    value = _value_of_norm(x.data, pattern=x.pattern, ord=ord, axis=axis)
    return valued(_norm(x, ord, axis), value)


def _value_of_norm(data, pattern, ord, axis):
    return sparse_linalg.norm(pattern.fill(data), ord, axis)


_value_of_norm = constant(_value_of_norm, batch=row_by_row)


def _norm(x, ord, axis):
    axes = (0, 1) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if len(axes) == 2:
        if ord in (None, "fro", "f"):
            return np.linalg.norm(x.canonical().data)
        if ord in (2, -2):
            raise no_rule(
                f"scipy.sparse.linalg.norm with ord={ord}", "use svds(A, 1)[1][0] for ord=2"
            )
        sums = abs(x).over_axis(axes[0] if abs(ord) == 1 else axes[1])
        return np.max(sums) if ord > 0 else np.min(sums)
    if ord in (None, 2):
        squares = abs(x).power(2).over_axis(axes[0])
        zero = np.equal(squares, 0)  # where every norm has derivative 0
        sums = abs(x).over_axis(axes[0])
        return np.where(zero, sums, np.sqrt(np.where(zero, 1, squares)))
    if ord == 1:
        return abs(x).over_axis(axes[0])
    raise no_rule(
        f"scipy.sparse.linalg.norm with ord={ord} of rows or columns",
        "use np.linalg.norm(A.toarray(), ord, axis)",
    )


def _value_of_expm(data, pattern):
    return sparse_linalg.expm(pattern.fill(data)).toarray()


_value_of_expm = constant(_value_of_expm, batch=row_by_row)


@twin(sparse_linalg.expm)
def expm(A, /):
    """The exponential of a sparse matrix or of an array; of traced numbers, by that of a dense one.

    Equals :func:`scipy.sparse.linalg.expm`, to rounding; derivatives as of
    :func:`dualrev.scipy.linalg.expm`.  ``expm_multiply`` needs no dense matrix.
    """
    if not isinstance(A, TracedSparse):
        return dense_expm(A)
    ans = valued(dense_expm(A.toarray()), _value_of_expm(A.data, pattern=A.pattern))
    return from_dense(ans, A.pattern.is_array).asformat(A.format)


@twin(sparse_linalg.matrix_power)
def matrix_power(A, /, *, power):
    """A sparse matrix to a power, a whole number.

    Equals :func:`scipy.sparse.linalg.matrix_power`; the derivative is that of its products.

    Raises
    ------
    ValueError
        Where the power is negative, or no whole number.
    """
    if power == 0 or power != int(power) or power < 0:
        return sparse_linalg.matrix_power(A.plain(), power)  # a constant, or SciPy's own error
    half = matrix_power(A, power // 2) if power > 1 else None
    if half is None:
        return A
    return A @ half @ half if power % 2 else half @ half
