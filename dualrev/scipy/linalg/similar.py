"""Similar matrices of a simpler shape: schur, rsf2csf, hessenberg, matrix_balance, cdf2rdf.

Must not know eigenvalues.  Of orthonormal columns that are found up to a phase, what does not depend
on the phases has the right derivative.
"""

from collections.abc import Callable

import numpy as np
import scipy.linalg as sla

from dualrev.core.words import constant
from dualrev.known import with_answer
from dualrev.rules.equal_values import are_zero, guarded_ratio
from dualrev.rules.matrices import adjoint, diagonal
from dualrev.scipy.by_program import by_program
from dualrev.scipy.by_push import by_push
from dualrev.scipy.linalg.equations import equation
from dualrev.scipy.linalg.operands import scipys_stacks, value_of
from dualrev.scipy.twin import least_dimensions, twin
from dualrev.ways import row_by_row, stacked

__all__ = ["cdf2rdf", "hessenberg", "matrix_balance", "rsf2csf", "schur"]


def quotient(x, y):
    """x / y; nan where y is 0 to rounding, but 0 for x = 0."""
    return guarded_ratio(x, y, are_zero(y))


# ---------------------------------------------------------------------------------------- schur
# A = Z T Z^H.  With M = Z^H dA Z and the skew W = Z^H dZ, dT = M + T W - W T, of which what is below
# T's blocks of order 1 and 2 is 0.  That takes of W what is below them alone, L: below them
# L T - T L = M.  In the basis X of T's eigenvectors, which has the shape of T, it reads
# K_ij (t_j - t_i) = (X^-1 M X)_ij: an upper triangle adds nothing below.


def below_blocks(t):
    """Where an element is below the blocks of a triangle of blocks."""
    n = t.shape[-1]
    coupled = np.zeros(t.shape, bool)
    places = np.arange(n - 1)
    coupled[..., places + 1, places] = diagonal(t[..., 1:, :-1] if n else t) != 0
    return np.tril(np.ones((n, n), bool), -1) & ~coupled


below_blocks = constant(below_blocks, batch=stacked(2))


def _lower_value(t, c, transposed=False):
    w, x = np.linalg.eig(t)
    below, inverse = below_blocks(t), np.linalg.inv(x)
    if transposed:
        x, inverse = inverse.mT, x.mT
        inner = inverse @ np.where(below, c, 0) @ x
    else:
        inner = inverse @ c @ x
    gap = w[..., None, :] - w[..., :, None]
    least = 10 * len(t) * np.finfo(t.dtype).eps * np.max(np.abs(w), -1, initial=0)
    gap = np.where(np.abs(gap) > least[..., None, None], gap, np.nan)
    inner = np.where(below & (inner != 0), inner / np.where(below, gap, 1), 0)
    ans = np.where(below, x @ inner @ inverse, 0)
    return ans if t.dtype.kind == "c" or c.dtype.kind == "c" else ans.real


#: The x below the blocks of t with ``x @ t - t @ x = c`` there.
_lower: Callable = equation(
    _lower_value,
    lambda x, t, c: np.where(below_blocks(t), x @ t - t @ x - c, 0),
    lambda n, x, t, c: _lower(t, n),
    lambda ct, x, t, c: _lower_transposed(t, ct),
    stacks=stacked,
)
_lower_transposed: Callable = equation(
    lambda t, c: _lower_value(t, c, transposed=True),
    lambda x, t, c: np.where(below_blocks(t), x @ t.mT - t.mT @ x - c, 0),
    lambda n, x, t, c: _lower_transposed(t, n),
    lambda ct, x, t, c: _lower(t, ct),
    name="lower_value",
    stacks=stacked,
)


def _schur_push(tangents, ans, a):
    """dT = M + T W - W T, dZ = Z W."""
    (t,) = tangents
    form, z = ans
    inner = adjoint(z) @ t @ z
    below = below_blocks(form)
    turn = _lower(form, np.where(below, inner, 0))
    turn = turn - adjoint(turn)
    if form.dtype.kind != "c" and form.shape[-1]:
        turn = turn + _within_blocks(form, inner + form @ turn - turn @ form)
    return np.where(below, 0, inner + form @ turn - turn @ form), z @ turn


def _within_blocks(form, moved):
    """The rotations of blocks of order 2 by which LAPACK keeps both diagonal elements equal."""
    above, under = diagonal(form[..., :-1, 1:]), diagonal(form[..., 1:, :-1])
    uneven = diagonal(moved)[..., :-1] - diagonal(moved)[..., 1:]
    return rotation(_angles(uneven, above + under, np.not_equal(under, 0)))


def rotation(angles):
    """The skew matrix with these angles below its diagonal."""
    rows = np.concatenate((angles, np.zeros((*angles.shape[:-1], 1))), -1)[..., None, :]
    below = rows * np.eye(rows.shape[-1], k=-1)
    return below - below.mT


def _angles(uneven, total, paired):
    return -quotient(np.where(paired, uneven, 0), np.where(paired, 2 * total, 1))


_schur = by_push(lambda a: tuple(sla.schur(a)), _schur_push, batch=scipys_stacks(2), name="schur")
_value_of_schur = value_of(sla.schur)


@twin(sla.schur, check=least_dimensions(2))
def schur(a, *, output, lwork, sort, check_finite):
    """Schur's form: ``a = z @ t @ z^H``, t a triangle, or one with blocks of order 2, z unitary.

    Equals :func:`scipy.linalg.schur`.  With ``m = z^H da z`` the skew ``w = z^H dz`` makes ``dt = m
    + t w - w t`` a triangle (Golub and Van Loan 2013, section 7.1).

    Parameters
    ----------
    a : array, shape (n, n)
    output : {"real", "complex"}
    sort : str or callable, optional
        Which eigenvalues come first, as in SciPy: the order is held.
    check_finite
        As in SciPy.
    overwrite_a, lwork
        Ignored.

    Returns
    -------
    t, z : array, shape (n, n)
    sdim : int
        With ``sort``.

    Notes
    -----
    Derivatives are nan where eigenvalues are equal: there t and z jump.  The phases of complex columns
    of z are free; what depends on them is differentiated along ``diag w = 0``.  A derivative costs
    the eigenvectors of t and eight products of matrices.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import schur
    >>> dr.grad(lambda a: schur(a)[0][0, 0])(np.array([[2.0, 1.0], [0.0, 3.0]]))
    array([[ 1.,  0.],
           [-1.,  0.]])
    """
    form, z, *count = _value_of_schur(a, output=output, sort=sort, check_finite=check_finite)
    return (*with_answer((form, z), _schur, a), *count)


def _rsf2csf_program(T, Z, check_finite=True):
    """Givens's rotations that turn blocks of order 2 into triangles."""
    t, z = T.astype(np.result_type(T, 1j)), Z.astype(np.result_type(Z, 1j))
    n = t.shape[-1]
    for m in range(n - 1, 0, -1):
        two = slice(m - 1, m + 1)
        pair = t[..., two, two]
        turned = _is_block(pair)
        block = np.where(turned[..., None, None], pair, [[0, 1], [-1, 0]])  # another stays
        first = np.linalg.eigvals(block)[..., 0] - block[..., 1, 1]
        length = np.sqrt(np.abs(first) ** 2 + np.abs(block[..., 1, 0]) ** 2)
        c = np.where(turned, first / length, 1)
        s = np.where(turned, block[..., 1, 0] / length, 0)
        turn = np.stack([np.stack([c.conj(), s], -1), np.stack([-s, c], -1)], -2)
        # What is further below is 0, and where it is not, SciPy leaves it as it is.
        left, right = t[..., two, : m - 1], turn @ t[..., two, m - 1 :]
        rows = t[..., : m - 1, :], np.concatenate((left, right), -1)
        upper, z = (_turned(x, two, adjoint(turn)) for x in (np.concatenate(rows, -2), z))
        t = np.concatenate((upper, t[..., m + 1 :, :]), -2)
    return np.where(np.eye(n, k=-1) == 1, 0, t), z


def _turned(x, two, turn):
    """x with two of its columns turned."""
    parts = x[..., : two.start], x[..., two] @ turn, x[..., two.stop :]
    return np.concatenate(parts, -1)


def _is_block(pair):
    size = np.sum(np.abs(diagonal(pair)), -1)
    return np.abs(pair[..., 1, 0]) > np.finfo(float).eps * size


_is_block = constant(_is_block, batch=stacked(2))


def _rsf2csf_value(T, Z, check_finite=True):
    return tuple(sla.rsf2csf(T, Z, check_finite))


@twin(sla.rsf2csf)
def rsf2csf(T, Z, *, check_finite):
    """The complex form of Schur's real one: blocks of order 2 become triangles.

    Equals :func:`scipy.linalg.rsf2csf`.  The derivative is that of its rotations.

    Parameters
    ----------
    T, Z : array, shape (n, n)
        Of ``schur(a, output="real")``.
    check_finite
        As in SciPy.

    Returns
    -------
    T, Z : array, shape (n, n)
        Complex.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import rsf2csf, schur
    >>> turned = lambda x: rsf2csf(*schur(np.stack([np.stack([0 * x, -x]), np.stack([x, 0 * x + 1])])))
    >>> dr.derivative(lambda x: np.abs(turned(x)[0][0, 0]))(2.0).round(12)
    np.float64(1.0)
    """
    return _rsf2csf(T, Z, check_finite=check_finite)


_rsf2csf = by_program(_rsf2csf_value, _rsf2csf_program, batch=scipys_stacks(2, 2), name="rsf2csf")

# ----------------------------------------------------------------------------------- hessenberg
# A = Q H Q^H, Q e_1 = e_1.  With M = Q^H dA Q and the skew W = Q^H dQ, whose first column is 0,
# dH = M + H W - W H has zeros below the subdiagonal: column j of that gives column j + 1 of W (the
# theorem of the implicit Q; Golub and Van Loan 2013, section 7.4.5).  LAPACK makes the subdiagonal
# real.


def _hessenberg_push(tangents, ans, a):
    """dH = M + H W - W H, dQ = Q W."""
    (t,) = tangents
    h, q = ans
    n = h.shape[-1]
    if n <= 2:
        return t, np.zeros(q.shape)
    inner = adjoint(q) @ t @ q
    subdiagonal = diagonal(h[..., 1:, :-1]).real
    zero = are_zero(subdiagonal)
    turn = np.zeros((*inner.shape[:-1], 1), inner.dtype)
    for j in range(n - 1):
        rest = inner[..., j] + (h @ turn[..., j, None])[..., 0]
        rest = rest - (turn @ h[..., : j + 1, j, None])[..., 0]
        one = slice(j, j + 1)
        below = guarded_ratio(rest[..., j + 1 :], subdiagonal[..., one], zero[..., one])
        phase = below[..., :1] - below[..., :1].real if h.dtype.kind == "c" else 0 * below[..., :1]
        column = np.concatenate((-turn[..., j + 1, :].conj(), phase, below[..., 1:]), -1)
        turn = np.concatenate((turn, column[..., None]), -1)
    moved = np.triu(inner + h @ turn - turn @ h, -1)
    return moved, q @ turn


def _hessenberg_value(a, **options):
    return tuple(sla.hessenberg(a, calc_q=True, **options))


_hessenberg = by_push(
    _hessenberg_value, _hessenberg_push, batch=scipys_stacks(2), name="hessenberg"
)
_value_of_hessenberg = value_of(_hessenberg_value)


@twin(sla.hessenberg, check=least_dimensions(2))
def hessenberg(a, *, calc_q, check_finite):
    """Hessenberg's form: ``a = q @ h @ q^H``, h zero below its first subdiagonal, q unitary.

    Equals :func:`scipy.linalg.hessenberg`.  The derivative follows column by column from ``dh = m +
    h w - w h``, ``m = q^H da q``, w the skew ``q^H dq`` (Golub and Van Loan 2013, section 7.4.5).

    Parameters
    ----------
    a : array, shape (n, n)
    calc_q : bool
        Whether q is wanted.
    check_finite
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    h : array, shape (n, n)
    q : array, shape (n, n)
        With ``calc_q``.

    Notes
    -----
    Derivatives are nan where an element below the diagonal of h is 0.  Signs are those that SciPy
    gave: where a is of this form already they jump, and what depends on them has no derivative.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import hessenberg
    >>> a = np.array([[1.0, 2.0, 0.0], [3.0, 1.0, 0.0], [4.0, 0.0, 1.0]])
    >>> dr.grad(lambda a: hessenberg(a)[1, 0])(a).round(12)
    array([[ 0. ,  0. ,  0. ],
           [-0.6,  0. ,  0. ],
           [-0.8,  0. ,  0. ]])
    """
    ans = _value_of_hessenberg(a, check_finite=check_finite)
    h, q = with_answer(ans, _hessenberg, a)
    return (h, q) if calc_q else h


# ------------------------------------------------------------------------------- matrix_balance


def _balance(a, **options):
    """The scales, the order and the transformation that SciPy finds."""
    _, found = sla.matrix_balance(a, separate=True, **options)
    scales, order = np.moveaxis(np.asarray(found), -2, 0)  # of a stack SciPy makes one array
    return scales, order.astype(int), sla.matrix_balance(a, **options)[1]


_balance = constant(_balance, batch=row_by_row)


@twin(sla.matrix_balance, check=least_dimensions(2))
def matrix_balance(A, *, permute, scale, separate):
    """A similar matrix ``t^-1 @ A @ t`` whose rows and columns have like norms, and t.

    Equals :func:`scipy.linalg.matrix_balance`.  It is linear in A: t, of powers of two and a
    permutation, is constant.

    Parameters
    ----------
    A : array, shape (n, n)
    permute, scale, separate
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    B : array, shape (n, n)
    T : array, shape (n, n)
        With ``separate`` the scales and the order of the rows instead, shape (n,) each.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import matrix_balance
    >>> dr.grad(lambda a: matrix_balance(a)[0][0, 1])(np.array([[1.0, 64.0], [1.0, 1.0]]))
    array([[0.   , 0.125],
           [0.   , 0.   ]])
    """
    scales, order, transformation = _balance(A, permute=permute, scale=scale)
    rows = np.take_along_axis(A, order[..., :, None], -2)
    balanced = np.take_along_axis(rows, order[..., None, :], -1)
    ratios = scales[..., None, :] / scales[..., :, None]  # powers of 2
    balanced = balanced * ratios.astype(np.finfo(A.dtype).dtype)
    if not separate:
        return balanced, transformation
    return balanced, (scales, order) if A.ndim == 2 else np.stack([scales, order], axis=-2)


# -------------------------------------------------------------------------------------- cdf2rdf


def _pairs(w):
    """Of conjugate eigenvalues, which is the first of its pair, which the second, and of which."""
    paired = np.imag(w) != 0
    count = np.cumsum(paired, -1)
    first, second = paired & (count % 2 == 1), paired & (count % 2 == 0)
    same = count[..., :, None] + 1 == count[..., None, :]
    return first, second, first[..., :, None] & second[..., None, :] & same


@twin(sla.cdf2rdf)
def cdf2rdf(w, v):
    """The real blocks and vectors of complex eigenvalues and eigenvectors in conjugate pairs.

    Equals :func:`scipy.linalg.cdf2rdf`.  It is linear in w and in v.

    Parameters
    ----------
    w : array, shape (..., n)
    v : array, shape (..., n, n)

    Returns
    -------
    wr, vr : array, shape (..., n, n)

    Raises
    ------
    ValueError
        Where eigenvalues are no conjugate pairs, or shapes do not match.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import cdf2rdf
    >>> w, v = np.linalg.eig(np.array([[0.0, 1.0], [-1.0, 0.0]]))
    >>> dr.derivative(lambda t: cdf2rdf(t * w, v)[0][0, 1])(2.0)
    np.float64(1.0)
    """
    return _cdf2rdf(w, v)


def _cdf2rdf_program(w, v):
    first, second, beside = _pairs(w)
    below, one = beside.mT, np.eye(w.shape[-1])
    imaginary = w.imag[..., :, None]
    real = w.real[..., :, None] * one + np.where(beside | below, imaginary, 0)
    # A pair (x + iy, x - iy) becomes (-y, x): half of i times the difference, and of the sum.
    mixed = np.where(first, 0.5j, np.where(second, 0.5, 1))[..., None, :] * one
    return real, (v @ (mixed + 0.5 * beside - 0.5j * below)).real


_pairs = constant(_pairs, batch=stacked(1))
_cdf2rdf = by_program(lambda w, v: tuple(sla.cdf2rdf(w, v)), _cdf2rdf_program, name="cdf2rdf")
