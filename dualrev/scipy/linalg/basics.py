"""Numbers and vectors that belong to a matrix: det, norm, lstsq, pinv and pinvh.

Must not know matrices' factorizations.
"""

import numpy as np
import scipy.linalg as sla

from dualrev.core.arrays import somewhere
from dualrev.core.operands import base_of
from dualrev.core.primitive import RULES
from dualrev.core.words import constant, rule
from dualrev.errors import no_rule
from dualrev.known import valued, with_answer
from dualrev.rules.least_squares import least_squares, singular_values
from dualrev.rules.norms import smooth_norm
from dualrev.rules.triangles import mirrored
from dualrev.scipy.linalg.operands import by_matrix, like_numpy, value_of
from dualrev.scipy.twin import twin
from dualrev.ways import stacked

__all__ = ["det", "lstsq", "norm", "pinv", "pinvh"]

_DET = RULES[np.linalg.det]

# Near singular matrices the cofactors need the determinant of the factorization that inv has, which
# is NumPy's: SciPy's is another number there.


@twin(
    sla.det,
    rule,
    lambda tangents, ans, a, check_finite=True: _DET.jvp(tangents, np.linalg.det(a), (a,), {}),
    lambda ct, wanted, ans, a, check_finite=True: _DET.vjp(ct, np.linalg.det(a), (a,), {}, wanted),
    batch=stacked(2),
    name="det",
)
def det(a):
    """The determinant of a matrix.

    Equals :func:`scipy.linalg.det`.  The derivative is ``sum(c * da)``, c the cofactors (Giles
    2008, section 2.2.4); it is right for singular matrices too.

    Parameters
    ----------
    a : array, shape (..., n, n)
    check_finite
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    array, shape (...)
        In double precision, as in SciPy.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import det
    >>> dr.grad(det)(np.diag([2.0, 3.0]))
    array([[3., 0.],
           [0., 2.]])
    """


# SciPy answers a Python float here.
_euclidean = like_numpy(
    lambda x: np.asarray(sla.norm(x, check_finite=False))[()],
    smooth_norm,
    batch=lambda call, batched, x: np.linalg.norm(x, axis=1),
)


def _norm(*args):
    return np.asarray(sla.norm(*args))[()]


_value_of_norm = constant(_norm, name="norm")


@twin(sla.norm)
def norm(a, *, ord, axis, keepdims, check_finite):
    """The norm of a matrix or vector.

    Equals :func:`scipy.linalg.norm`.  Derivatives are those of :func:`numpy.linalg.norm`; that of
    the Euclidean norm is ``x / |x|``, and 0 at 0.

    Parameters
    ----------
    a : array
    ord, axis, keepdims, check_finite
        As in SciPy.

    Returns
    -------
    float or array

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import norm
    >>> dr.grad(norm)(np.array([3.0, 4.0]))
    array([0.6, 0.8])
    """
    if check_finite and somewhere(~np.isfinite(base_of(a))):
        np.asarray_chkfinite(np.nan)  # raises
    # SciPy takes BLAS for this one and NumPy for the others, but for sums of columns and rows in
    # single precision by LAPACK, whose rounding is its own.
    if ord in (None, 2) and axis is None and not keepdims and a.ndim == 1 and a.size:
        return _euclidean(a)
    ans = np.linalg.norm(a, ord, axis, keepdims)
    if a.ndim == 2 and ord in (1, np.inf) and axis is None:
        return valued(ans, _value_of_norm(a, ord, axis, keepdims, check_finite))
    return ans


_pinv = like_numpy(lambda a, **options: sla.pinv(a, **options), np.linalg.pinv)


_value_of_pinv = value_of(sla.pinv)


@twin(sla.pinv)
def pinv(a, *, return_rank, **options):
    """The Moore-Penrose pseudoinverse of a matrix; with ``return_rank`` also the rank.

    Equals :func:`scipy.linalg.pinv`.  The derivative is that for perturbations that do not change
    the rank (Golub and Pereyra 1973, eq. 4.12): singular values that are dropped stay dropped, be
    they 0 or not.

    Parameters
    ----------
    a : array, shape (..., m, n)
    atol, rtol, check_finite
        As in SciPy.

    Returns
    -------
    array, shape (..., n, m)
    rank : int, where asked

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import pinv
    >>> dr.grad(lambda a: pinv(a)[0, 0])(np.array([[2.0], [0.0]]))
    array([[-0.25],
           [ 0.  ]])
    """
    inverse = _pinv(a, **options)
    if not return_rank:
        return inverse
    return inverse, _value_of_pinv(a, return_rank=True, **options)[1]


_value_of_pinvh = value_of(sla.pinvh)


@twin(sla.pinvh)
def pinvh(a, *, lower, return_rank, **options):
    """The pseudoinverse of a Hermitian matrix; with ``return_rank`` also the rank.

    Equals :func:`scipy.linalg.pinvh`.  The derivative is that of ``pinv``; the triangle that is
    read counts for both, the other has none.

    Parameters
    ----------
    a : array, shape (..., n, n)
    atol, rtol, lower, check_finite
        As in SciPy.

    Returns
    -------
    array, shape (..., n, n)
    rank : int, where asked

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import pinvh
    >>> dr.grad(lambda a: pinvh(a)[0, 0])(2 * np.eye(1))
    array([[-0.25]])
    """
    inverse, rank = _value_of_pinvh(a, lower=lower, return_rank=True, **options)
    inverse = with_answer(inverse, np.linalg.pinv, mirrored(a, lower=lower))
    return (inverse, rank) if return_rank else inverse


def _refuse_dropped(a, rank, s):
    """gelsy drops what a QR decomposition with pivoting leaves, not the smallest singular values."""
    if s is None and rank < min(a.shape):
        s = sla.svdvals(a)
        if s[rank] > 100 * max(a.shape) * np.finfo(s.dtype).eps * s[0]:
            raise no_rule(
                "scipy.linalg.lstsq with lapack_driver='gelsy' and a cond that drops what is not 0",
                "use lapack_driver='gelsd', which drops singular values",
            )


def _least_squares(a, b, cond, **options):
    x, residuals, rank, s = sla.lstsq(a, b, cond, **options)
    _refuse_dropped(a, rank, s)
    return x, residuals, rank, s


_value_of_lstsq = constant(_least_squares, name="lstsq")


@twin(sla.lstsq)
def lstsq(a, b, *, cond, **options):
    """The x of least norm that minimizes ``|b - a @ x|``, residuals, rank and singular values.

    Equals :func:`scipy.linalg.lstsq`.  The derivative is that for perturbations that do not change
    the rank (Golub and Pereyra 1973, eq. 4.12): singular values that are dropped stay dropped, be
    they 0 or not.

    Parameters
    ----------
    a : array, shape (m, n), or a stack of such
    b : array, shape (m,) or (m, k), or a stack of the second
    cond, lapack_driver, check_finite
        As in SciPy.
    overwrite_a, overwrite_b
        Ignored.

    Returns
    -------
    x : array, shape (n,) or (n, k)
    residuals : array
    rank : int
    s : array, shape (min(m, n),), or None

    Raises
    ------
    LinAlgError
        Where the computation does not converge.
    MissingRuleError
        Where a derivative is taken, and ``lapack_driver="gelsy"`` drops what is not 0.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import lstsq
    >>> a = np.array([[1.0], [1.0]])
    >>> dr.grad(lambda b: lstsq(a, b)[0][0])(np.array([1.0, 3.0]))
    array([0.5, 0.5])
    """
    if max(a.ndim, b.ndim) > 2:
        return by_matrix(lstsq, (a, 2), (b, min(b.ndim, 2)), cond=cond, **options)
    x, residuals, rank, s = _value_of_lstsq(a, b, cond, **options)
    rcond = -1 if cond is None else cond
    # SciPy's residuals of one right-hand side are a number, of complex equations complex.
    numpys = x, residuals.real.reshape(-1), np.add(rank, 0), np.zeros(0)
    x, moved, *_ = with_answer(numpys, least_squares, a, b, rcond=rcond)
    residuals = valued(moved.reshape(residuals.shape), residuals)
    return x, residuals, rank, s if s is None else singular_values(a, s)
