"""The triangles of two matrices at once: qz, ordqz.

Must not know eigenvalues.  Phases of complex columns are treated as in similar.py.
"""

from collections.abc import Callable

import numpy as np
import scipy.linalg as sla

from dualrev.core.guarded import guarded_product
from dualrev.core.words import constant
from dualrev.errors import no_rule
from dualrev.known import valued, with_answer
from dualrev.rules.matrices import adjoint
from dualrev.scipy.by_push import by_push
from dualrev.scipy.linalg.equations import equation
from dualrev.scipy.linalg.operands import value_of
from dualrev.scipy.linalg.similar import below_blocks, quotient, rotation
from dualrev.scipy.twin import twin
from dualrev.ways import row_by_row

__all__ = ["ordqz", "qz"]

# A = Q S Z^H and B = Q T Z^H, S a triangle of blocks of order 1 and 2, T a triangle.  With M = Q^H dA Z,
# N = Q^H dB Z and the skew U = Q^H dQ, W = Z^H dZ, dS = M - U S + S W and dT = N - U T + T W.  What is
# below the blocks of them is 0, which takes what is below them of U and W.  In the bases of right
# vectors X, and of Y with S X = Y a, T X = Y b, a and b diagonal, each pair of elements solves
#   u_ij a_j - a_i w_ij = (Y^-1 M X)_ij,  u_ij b_j - b_i w_ij = (Y^-1 N X)_ij.


def _rotations_value(s, t, c, transposed=False):
    """U over W, from M over N; or the transpose of that."""
    n = s.shape[-1]
    below = below_blocks(s)
    (a, b), x = sla.eig(s, t, homogeneous_eigvals=True)
    y = (s @ x * a.conj() + t @ x * b.conj()) / (np.abs(a) ** 2 + np.abs(b) ** 2)
    x_inverse, y_inverse = np.linalg.inv(x), np.linalg.inv(y)
    gap = a[:, None] * b - b[:, None] * a
    least = 10 * n * np.finfo(gap.dtype).eps * np.max(np.abs(a)) * np.max(np.abs(b))
    gap = np.where(np.abs(gap) > least, gap, np.nan)
    first, second = c[:n], c[n:]
    if transposed:
        first = y.T @ np.where(below, first, 0) @ y_inverse.T
        second = x.T @ np.where(below, second, 0) @ x_inverse.T
        pair = -b[:, None] * first - b * second, a[:, None] * first + a * second
        left, rights = (y_inverse.T, y_inverse.T), (x.T, x.T)
    else:
        first, second = y_inverse @ first @ x, y_inverse @ second @ x
        pair = a[:, None] * second - b[:, None] * first, a * second - b * first
        left, rights = (y, x), (y_inverse, x_inverse)
    moved = below & ((first != 0) | (second != 0))
    solved = [np.where(moved, z / np.where(below, gap, 1), 0) for z in pair]
    parts = [np.where(below, p @ z @ q, 0) for p, z, q in zip(left, solved, rights)]
    ans = np.concatenate(parts)
    return ans if any(z.dtype.kind == "c" for z in (s, t, c)) else ans.real


def _residual(x, s, t, c):
    u, w = x[: s.shape[-1]], x[s.shape[-1] :]
    moved = np.concatenate((u @ s - s @ w, u @ t - t @ w)) - c
    return np.where(_below_twice(s), moved, 0)


def _transposed_residual(x, s, t, c):
    p, q = x[: s.shape[-1]], x[s.shape[-1] :]
    moved = np.concatenate((p @ s.T + q @ t.T, -(s.T @ p) - t.T @ q)) - c
    return np.where(_below_twice(s), moved, 0)


def _below_twice(s):
    below = below_blocks(s)
    return np.concatenate((below, below))


def _one_by_one(*cores):
    return row_by_row


_rotations: Callable = equation(
    _rotations_value,
    _residual,
    lambda n, x, s, t, c: _rotations(s, t, n),
    lambda ct, x, s, t, c: _rotations_transposed(s, t, ct),
    stacks=_one_by_one,
)
_rotations_transposed: Callable = equation(
    lambda s, t, c: _rotations_value(s, t, c, transposed=True),
    _transposed_residual,
    lambda n, x, s, t, c: _rotations_transposed(s, t, n),
    lambda ct, x, s, t, c: _rotations(s, t, ct),
    name="rotations_transposed",
    stacks=_one_by_one,
)


def _qz_push(tangents, ans, a, b):
    """dS = M - U S + S W, dT = N - U T + T W, dQ = Q U, dZ = Z W."""
    s, t, q, z = ans
    m, n = (np.zeros(s.shape) if moved is None else adjoint(q) @ moved @ z for moved in tangents)
    below = _below_twice(s)
    both = _rotations(s, t, np.where(below, np.concatenate((m, n)), 0))
    u, w = both[: s.shape[-1]], both[s.shape[-1] :]
    u, w = u - adjoint(u), w - adjoint(w)
    rest = n - u @ t + t @ w
    if s.dtype.kind == "c":  # LAPACK makes the diagonal of T real
        phases = quotient(np.diagonal(rest).imag, np.diagonal(t).real)
        u = u + 1j * phases * np.eye(s.shape[-1])
    elif s.shape[-1] > 1:
        u_block, w_block = _within_blocks(s, t, rest)
        u, w = u + u_block, w + w_block
    below = below_blocks(s)
    moved_s = np.where(below, 0, m - u @ s + s @ w)
    moved_t = np.triu(n - u @ t + t @ w)
    return moved_s, moved_t, q @ u, z @ w


def _within_blocks(s, t, rest):
    """The rotations of blocks of order 2 by which LAPACK keeps those of T diagonal."""
    paired = np.not_equal(np.diagonal(s, -1), 0)
    p, q = np.diagonal(t)[:-1], np.diagonal(t)[1:]
    above, under = np.diagonal(rest, 1), np.diagonal(rest, -1)
    difference = np.where(paired, q**2 - p**2, 1)
    u = quotient(np.where(paired, q * above + p * under, 0), difference)
    w = quotient(np.where(paired, p * above + q * under, 0), difference)
    return rotation(-u), rotation(-w)


_qz = by_push(lambda a, b: tuple(sla.qz(a, b)), _qz_push, batch=row_by_row, name="qz")


def _one_pair(A, B, **options):
    if A.ndim > 2 or B.ndim > 2:
        raise no_rule("The triangles of stacks of two matrices", "give one pair at a time")


_value_of_qz = value_of(sla.qz, row_by_row)


@twin(sla.qz, check=_one_pair)
def qz(A, B, *, output, lwork, sort, check_finite):
    """Two matrices by their triangles: ``a = q @ s @ z^H``, ``b = q @ t @ z^H``, q and z unitary.

    Equals :func:`scipy.linalg.qz`.  With ``m = q^H da z``, ``n = q^H db z``, the skew ``u = q^H dq``
    and ``w = z^H dz`` make ``m - u s + s w`` and ``n - u t + t w`` triangles (Golub and Van Loan 2013,
    section 7.7).

    Parameters
    ----------
    A, B : array, shape (n, n)
    output : {"real", "complex"}
    check_finite
        As in SciPy.
    overwrite_a, overwrite_b, lwork
        Ignored.

    Returns
    -------
    AA : array, shape (n, n)
        s, which has blocks of order 2 where eigenvalues of real matrices are complex.
    BB, Q, Z : array, shape (n, n)

    Notes
    -----
    Derivatives are nan where eigenvalues are equal.  The phases of complex columns of z are free; what
    depends on them is differentiated along ``diag w = 0``.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import qz
    >>> a, b = np.array([[2.0, 1.0], [0.0, 3.0]]), np.eye(2)
    >>> dr.grad(lambda a: qz(a, b)[0][0, 0])(a).round(12) + 0.0
    array([[ 1.,  0.],
           [-1.,  0.]])
    """
    value = _value_of_qz(A, B, output=output, sort=sort, check_finite=check_finite)
    return with_answer(tuple(value), _qz, A, B)


_value_of_ordqz = value_of(sla.ordqz, row_by_row)


@twin(sla.ordqz, check=_one_pair)
def ordqz(A, B, **options):
    """Two matrices by their triangles, with eigenvalues in order.

    Equals :func:`scipy.linalg.ordqz`; derivatives as of :func:`qz`, the order held.

    Parameters
    ----------
    A, B : array, shape (n, n)
    sort, output, check_finite
        As in SciPy.
    overwrite_a, overwrite_b
        Ignored.

    Returns
    -------
    AA, BB : array, shape (n, n)
    alpha, beta : array, shape (n,)
        The diagonals of AA and BB; of a block of order 2, numbers whose derivatives are nan.
    Q, Z : array, shape (n, n)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import ordqz
    >>> a, b = np.diag([2.0, -3.0]), np.eye(2)
    >>> np.abs(dr.grad(lambda a: ordqz(a, b)[2][0].real)(a)).round(12)
    array([[0., 0.],
           [0., 1.]])
    """
    s, t, alpha, beta, q, z = _value_of_ordqz(A, B, **options)
    s, t, q, z = with_answer((s, t, q, z), _qz, A, B)
    known = np.where(_is_within_block(s), np.nan, 1.0)
    alpha = valued(guarded_product(np.diagonal(s) + 0j, known), alpha)
    beta = valued(guarded_product(np.diagonal(t), known), beta)
    return s, t, alpha, beta, q, z


def _is_within_block(s):
    """Which rows are of blocks of order 2."""
    paired = np.append(np.diagonal(s, -1) != 0, False)
    return paired | np.roll(paired, 1)


_is_within_block = constant(_is_within_block, batch=row_by_row)
