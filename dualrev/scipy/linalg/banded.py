"""Linear equations with banded matrices, kept by their diagonals, and their triangular factors.

``ab[u + i - j, j]`` is element (i, j); ``bands`` is (l, u), the numbers
of diagonals below and above.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import scipy.linalg as sla

from dualrev.core.operands import as_operand
from dualrev.core.words import linear
from dualrev.rules.decompositions import lower_inverse
from dualrev.rules.matrices import adjoint
from dualrev.scipy.by_program import by_program
from dualrev.scipy.linalg.operands import (
    equation_batch,
    of_columns,
    scipys_stacks,
    solution_of,
)
from dualrev.scipy.twin import least_dimensions, twin
from dualrev.ways import stacked

__all__ = ["cho_solve_banded", "cholesky_banded", "solve_banded", "solveh_banded"]

# ---------------------------------------------------------------- products with a banded matrix


def _places(bands, n):
    """For each diagonal its row in storage, and the slices of its rows and columns in the matrix."""
    below, above = bands
    for offset in range(-above, below + 1):
        first, last = max(offset, 0), n + min(offset, 0)
        if first < last:
            yield above + offset, slice(first, last), slice(first - offset, last - offset)


def _times_value(ab, x, bands):
    """A X."""
    n = ab.shape[-1]
    stack = np.broadcast_shapes(ab.shape[:-2], x.shape[:-2])
    ans = np.zeros((*stack, *x.shape[-2:]), np.result_type(ab, x))
    for place, rows, columns in _places(bands, n):
        ans[..., rows, :] += ab[..., place, columns, None] * x[..., columns, :]
    return ans


def _outer_value(y, x, bands):
    """The elements of Y X^T that are within the bands."""
    n = x.shape[-2]
    stack = np.broadcast_shapes(y.shape[:-2], x.shape[:-2])
    ans = np.zeros((*stack, sum(bands) + 1, n), np.result_type(y, x))
    for place, rows, columns in _places(bands, n):
        ans[..., place, columns] = (y[..., rows, :] * x[..., columns, :]).sum(-1)
    return ans


def _transposed_value(ab, bands):
    """A^T, whose bands are (u, l)."""
    ans = np.zeros_like(ab)
    for place, rows, columns in _places(bands, ab.shape[-1]):
        ans[..., sum(bands) - place, rows] = ab[..., place, columns]
    return ans


_times: Callable = linear(
    _times_value,
    lambda ct, ab, x, bands=(0, 0): _outer(ct, x, bands=bands),
    lambda ct, ab, x, bands=(0, 0): _times(_transposed(ab, bands=bands), ct, bands=bands[::-1]),
    batch=stacked(2, 2),
)
_outer: Callable = linear(
    _outer_value,
    lambda ct, y, x, bands=(0, 0): _times(ct, x, bands=bands),
    lambda ct, y, x, bands=(0, 0): _times(_transposed(ct, bands=bands), y, bands=bands[::-1]),
    batch=stacked(2, 2),
)
_transposed: Callable = linear(
    _transposed_value,
    lambda ct, ab, bands=(0, 0): _transposed(ct, bands=bands[::-1]),
    batch=stacked(2),
)

# --------------------------------------------------------------------------------- equations

_banded: Callable = solution_of(
    lambda ab, b, bands, check_finite=False: sla.solve_banded(
        bands, ab, b, False, False, check_finite
    ),
    _times,
    _outer,
    lambda ab, ct, bands: _banded(_transposed(ab, bands=bands), ct, bands=bands[::-1]),
    name="solve_banded",
)


@twin(sla.solve_banded)
def solve_banded(ab, b, *, l_and_u, check_finite):
    """The solution x of ``a @ x = b`` with a banded matrix a, given by its diagonals.

    Equals :func:`scipy.linalg.solve_banded`.  The derivative is ``dx = a^-1 (db - da x)`` (Giles
    2008, section 2.2.3), da within the bands; elements of ab outside the matrix have none.  It costs
    one more solution.

    Parameters
    ----------
    l_and_u : tuple of int
        Numbers of diagonals below and above.
    ab : array, shape (l + u + 1, n)
        ``ab[u + i - j, j]`` is ``a[i, j]``.
    b : array, shape (n,) or (n, k)
    check_finite
        As in SciPy.
    overwrite_ab, overwrite_b
        Ignored.

    Returns
    -------
    array, of the shape of b

    Raises
    ------
    LinAlgError
        Where a is singular.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import solve_banded
    >>> ab = np.array([[0.0, 1.0], [2.0, 4.0]])
    >>> dr.grad(lambda ab: solve_banded((0, 1), ab, [1.0, 2.0])[0])(ab)
    array([[ 0.    , -0.25  ],
           [-0.125 ,  0.0625]])
    """
    below, above = l_and_u
    bands = (int(below), int(above))
    return of_columns(partial(_banded, ab, bands=bands, check_finite=check_finite), b)


# A Hermitian matrix is given by one half, each of whose elements stands for two of the matrix: what
# it stands for is the (real-)linear map _whole, and its transpose is _half.


def _whole_value(ab, lower):
    """All diagonals of the Hermitian matrix."""
    m = ab.shape[-2] - 1
    if lower:
        above = _transposed_value(ab, (m, 0)).conj()
        diagonal, below, above = ab[..., :1, :], ab[..., 1:, :], above[..., :-1, :]
    else:
        below = _transposed_value(ab, (0, m)).conj()
        diagonal, below, above = ab[..., -1:, :], below[..., 1:, :], ab[..., :-1, :]
    return np.concatenate((above, diagonal.real, below), -2)


def _half_value(ct, lower):
    m = ct.shape[-2] // 2
    folded = ct + _transposed_value(ct, (m, m)).conj()
    diagonal = ct[..., m : m + 1, :].real
    if lower:
        return np.concatenate((diagonal, folded[..., m + 1 :, :]), -2)
    return np.concatenate((folded[..., :m, :], diagonal), -2)


_whole: Callable = linear(
    _whole_value, lambda ct, ab, lower=False: _half(ct, lower=lower), batch=stacked(2)
)
_half: Callable = linear(
    _half_value, lambda ct, ab, lower=False: _whole(ct, lower=lower), batch=stacked(2)
)


def _half_times(t, x, lower, m):
    return _times(_whole(t, lower=lower), x, bands=(m, m))


def _half_outer(y, x, lower, m):
    return _half(_outer(y, x, bands=(m, m)), lower=lower)


_hermitian: Callable = solution_of(
    lambda ab, b, lower, m, check_finite=False: sla.solveh_banded(
        ab, b, False, False, lower, check_finite
    ),
    _half_times,
    _half_outer,
    lambda ab, ct, **options: _hermitian(ab, ct.conj(), **options).conj(),  # A^T is conj(A)
    name="solveh_banded",
)


@twin(sla.solveh_banded, check=least_dimensions(2, 1))
def solveh_banded(ab, b, *, lower, check_finite):
    """The solution x of ``a @ x = b`` with a positive definite banded matrix, given by half of it.

    Equals :func:`scipy.linalg.solveh_banded`.  The derivative is ``dx = a^-1 (db - da x)`` (Giles
    2008, section 2.2.3), an element of ab standing for both of a.  It costs one more solution.

    Parameters
    ----------
    ab : array, shape (u + 1, n)
        ``ab[u + i - j, j]`` is ``a[i, j]`` for i <= j; with ``lower``, ``ab[i - j, j]`` for i >= j.
    b : array, shape (n,) or (n, k)
    lower, check_finite
        As in SciPy.
    overwrite_ab, overwrite_b
        Ignored.

    Returns
    -------
    array, of the shape of b

    Raises
    ------
    LinAlgError
        Where a is not positive definite.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import solveh_banded
    >>> ab = np.array([[0.0, 0.0], [2.0, 4.0]])
    >>> dr.grad(lambda ab: solveh_banded(ab, [1.0, 2.0])[0])(ab)
    array([[ 0.  , -0.25],
           [-0.25,  0.  ]])
    """
    options = {"lower": bool(lower), "m": ab.shape[-2] - 1, "check_finite": check_finite}
    return of_columns(partial(_hermitian, ab, **options), b)


# ------------------------------------------------------------------------------------- factors


def _is_inside(ab, lower):
    """Which places of the storage are of the matrix."""
    bands = (ab.shape[-2] - 1, 0) if lower else (0, ab.shape[-2] - 1)
    inside = np.zeros(ab.shape[-2:], bool)
    for place, _, columns in _places(bands, ab.shape[-1]):
        inside[place, columns] = True
    return inside


def _adjoint(ab, bands):
    return _transposed(ab, bands=bands).conj()


#: Order of the dense blocks by which a factor is differentiated, unless there are more diagonals.
_BLOCK = 32


class _Blocks:
    """Where the elements of the lower half of a banded matrix are in dense blocks, and the reverse.

    Blocks are square, on the diagonal and below it; elements that are added to fill the last of them
    are those of the unit matrix.
    """

    def __init__(self, m, n):
        self.order = b = max(m, _BLOCK)
        self.count = count = -(-n // b)
        row, column = np.indices((b, b))
        first = np.arange(0, count * b, b)[:, None, None]
        self.diagonal = _stored(m, n, first + row, first + column)
        self.below = _stored(m, n, first[1:] + row, first[:-1] + column)
        r, j = np.indices((m + 1, n))
        i = np.minimum(j + r, n - 1)  # what is outside the matrix is not used
        beside = i // b - j // b
        block = np.where(beside == 0, j // b, count + j // b)
        self.back = (block * b + i % b) * b + j % b


def _stored(m, n, i, j):
    """Places in storage of elements (i, j), then of a 0 and of a 1."""
    offset = i - j
    inside = (offset >= 0) & (offset <= m) & (i < n)
    return np.where(inside, offset * n + j, np.where((i == j) & (i >= n), -1, -2))


def _cholesky_program(ab, lower=False, check_finite=True):
    """Block by block; what is outside the matrix stays."""
    m, n = ab.shape[-2] - 1, ab.shape[-1]
    if not n:
        return ab
    inside, blocks = _is_inside(ab, lower), _Blocks(m, n)
    half = np.where(inside, ab, 0)
    half = half if lower else _adjoint(half, (0, m))
    stack = half.shape[:-2]
    numbers = (half.reshape(*stack, -1), np.zeros((*stack, 1)), np.ones((*stack, 1)))
    numbers = np.concatenate(numbers, -1)
    diagonal, below = numbers[..., blocks.diagonal], numbers[..., blocks.below]
    factors, beside = [], []
    for k in range(blocks.count):
        rest = diagonal[..., k, :, :]
        if k:
            rest = rest - beside[-1] @ adjoint(beside[-1])
        factors.append(np.linalg.cholesky(rest))
        if k < blocks.count - 1:
            beside.append(below[..., k, :, :] @ adjoint(lower_inverse(factors[-1])))
    found = np.stack([*factors, *beside], -3)
    factor = found.reshape(*stack, -1)[..., blocks.back]
    return np.where(inside, factor if lower else _adjoint(factor, (m, 0)), ab)


_cholesky_banded = by_program(
    lambda ab, lower=False, check_finite=True: sla.cholesky_banded(ab, False, lower, check_finite),
    _cholesky_program,
    batch=scipys_stacks(2),
    name="cholesky_banded",
)


@twin(sla.cholesky_banded, check=least_dimensions(2))
def cholesky_banded(ab, **options):
    """The triangular factor of a positive definite banded matrix, in the form of the half given.

    Equals :func:`scipy.linalg.cholesky_banded`.  The derivative is that of dense factors of blocks
    (Golub and Van Loan 2013, section 4.3; Murray 2016), whose order is 32, or u.

    Parameters
    ----------
    ab : array, shape (u + 1, n)
        As of :func:`solveh_banded`.
    lower, check_finite
        As in SciPy.
    overwrite_ab
        Ignored.

    Returns
    -------
    array, shape (u + 1, n)

    Raises
    ------
    LinAlgError
        Where a is not positive definite.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import cholesky_banded
    >>> dr.grad(lambda ab: cholesky_banded(ab)[1, 1])(np.array([[0.0, 2.0], [4.0, 5.0]]))
    array([[ 0.   , -0.25 ],
           [ 0.0625,  0.25 ]])
    """
    return _cholesky_banded(ab, **options)


def _by_cholesky_program(cb, b, lower=False, check_finite=True):
    m = cb.shape[-2] - 1
    below, above = (cb, _adjoint(cb, (m, 0))) if lower else (_adjoint(cb, (0, m)), cb)

    def solved(columns):
        return _banded(above, _banded(below, columns, bands=(m, 0)), bands=(0, m))

    return of_columns(solved, b.astype(np.result_type(cb, b)))


_by_cholesky = by_program(
    lambda cb, b, lower=False, check_finite=True: sla.cho_solve_banded(
        (cb, lower), b, False, check_finite
    ),
    _by_cholesky_program,
    batch=equation_batch,
    name="cho_solve_banded",
)


@twin(sla.cho_solve_banded)
def cho_solve_banded(cb_and_lower, /, b, *, check_finite):
    """The solution x of ``a @ x = b``, given the factor of a from ``cholesky_banded``.

    Equals :func:`scipy.linalg.cho_solve_banded`.  The derivative is that of two triangular solutions
    (Giles 2008, section 2.2.3).

    Parameters
    ----------
    cb_and_lower : tuple
        The factor, shape (u + 1, n), and whether it is the lower one.
    b : array, shape (n,) or (n, k)
    check_finite
        As in SciPy.
    overwrite_b
        Ignored.

    Returns
    -------
    array, of the shape of b

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import cho_solve_banded
    >>> cb = np.array([[0.0, 1.0], [2.0, 2.0]])
    >>> dr.grad(lambda b: cho_solve_banded((cb, False), b)[0])(np.ones(2))
    array([ 0.3125, -0.125 ])
    """
    cb, lower = cb_and_lower
    return _by_cholesky(as_operand(cb), b, lower=bool(lower), check_finite=check_finite)
