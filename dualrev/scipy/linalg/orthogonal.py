"""Factorizations with an orthonormal factor beside qr: rq, qr_multiply, and those of a changed matrix.

Must not know how a matrix is reduced to a triangle (factorizations).
"""

import numpy as np
import scipy.linalg as sla

from dualrev.core.arrays import somewhere
from dualrev.core.operands import base_of
from dualrev.errors import ArgumentError, no_rule
from dualrev.known import valued, with_answer
from dualrev.rules.matrices import adjoint
from dualrev.scipy.linalg.factorizations import qr
from dualrev.scipy.linalg.operands import value_of
from dualrev.scipy.twin import least_dimensions, twin
from dualrev.ways import row_by_row

__all__ = ["qr_delete", "qr_insert", "qr_multiply", "qr_update", "rq"]

_value_of_rq = value_of(sla.rq)


@twin(sla.rq, check=least_dimensions(2))
def rq(a, *, lwork, mode, check_finite):
    """The factors of ``a = r @ q``: an upper triangle and orthonormal rows.

    Equals :func:`scipy.linalg.rq`.  With rows and columns in reverse order it is the qr of the
    adjoint, and so is the derivative (Walter and Lehmann 2010, section 3.1).

    Parameters
    ----------
    a : array, shape (m, n)
    mode : {"full", "r", "economic"}
    check_finite
        As in SciPy.
    overwrite_a, lwork
        Ignored.

    Returns
    -------
    r : array, shape (m, n), or (m, min(m, n)) with mode "economic"
    q : array, shape (n, n), or (min(m, n), n) with mode "economic"
        Left out with mode "r".

    Raises
    ------
    MissingRuleError
        With mode "full" for m < n, where a derivative is taken: the other rows of q are any basis of
        what is left.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import rq
    >>> dr.grad(lambda a: rq(a, mode="economic")[0][0, 0])(np.array([[3.0, 4.0]]))
    array([[-0.6, -0.8]])
    """
    rows, columns = a.shape[-2:]
    if mode == "full" and rows < columns:
        raise no_rule(
            f"scipy.linalg.rq with mode='full' for a matrix of shape ({rows}, {columns})",
            "use mode='economic': the other rows of q are any basis of what is left",
        )
    economic = "full" if mode not in ("full", "r", "economic") else "economic"
    r, q = _value_of_rq(a, mode=mode if economic == "full" else economic, check_finite=check_finite)
    flipped = adjoint(q[..., ::-1, :]), adjoint(r[..., ::-1, ::-1])
    q, r = with_answer(flipped, np.linalg.qr, adjoint(a[..., ::-1, :]))
    q, r = adjoint(q)[..., ::-1, :], adjoint(r)[..., ::-1, ::-1]
    if mode != "r":
        return r, q
    left = np.zeros((*r.shape[:-1], columns - r.shape[-1]), r.dtype)
    return np.concatenate((left, r), -1)


_value_of_multiply = value_of(sla.qr_multiply)


@twin(sla.qr_multiply, check=least_dimensions(2, 1))
def qr_multiply(a, c, *, mode, pivoting, conjugate):
    """The product of c with the orthonormal factor of ``a = q @ r``, and r.

    Equals :func:`scipy.linalg.qr_multiply`.  The derivative is that of the product with q, whose
    rule is that of ``qr``.

    Parameters
    ----------
    a : array, shape (m, n)
    c : array, shape (m,) or (k, m); with mode "left" (min(m, n),) or (min(m, n), k)
    mode : {"right", "left"}
        ``c @ q`` or ``q @ c``.
    pivoting, conjugate
        As in SciPy.
    overwrite_a, overwrite_c
        Ignored.

    Returns
    -------
    cq : array
    r : array, shape (min(m, n), n)
    p : array of int, shape (n,)
        With ``pivoting``.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import qr_multiply
    >>> a = np.array([[3.0], [4.0]])
    >>> dr.grad(lambda c: qr_multiply(a, c)[0][0])(np.ones(2))
    array([-0.6, -0.8])
    """
    value, *_ = _value_of_multiply(a, c, mode=mode, pivoting=pivoting, conjugate=conjugate)
    q, *rest = qr(a, mode="economic", pivoting=pivoting)
    q = q.conj() if conjugate else q
    return (valued(q @ c if mode == "left" else c @ q, value), *rest)


# ---------------------------------------------------------------------------- of a changed matrix
# The factors of Q R with rows or columns put in, taken out or added to: SciPy's, which are found by
# rotations, and which differ from those of qr in signs alone.


def _check_factors(function, Q, R, **places):
    """Raise where SciPy answers all the same: of what is no factor, and at the whole part of a place."""
    q, r = base_of(Q), base_of(R)
    oblique = np.abs(adjoint(q) @ q - np.eye(q.shape[-1])) > 1e-3
    if somewhere(oblique) or somewhere(
        np.abs(np.tril(r, -1)) > 1e-3 * np.max(np.abs(r), initial=0)
    ):
        raise ArgumentError(
            f"scipy.linalg.{function} was given what are no factors of qr: of Q the columns are "
            "orthonormal, and below the diagonal of R there is 0.",
            fix="give it Q, R = dualrev.scipy.linalg.qr(a)",
        )
    for name, place in places.items():
        if not isinstance(place, int | np.integer):
            raise ArgumentError(
                f"scipy.linalg.{function} was given {name} = {place!r}, which is no place of a row.",
                fix=f"give an integer: {name}=1",
            )


def _factors_of(value, changed):
    """SciPy's factors, with the derivative of the changed matrix's."""
    q, r = value
    mode = "complete" if q.shape[-2] == q.shape[-1] else "reduced"
    return with_answer((q, r), np.linalg.qr, changed, mode=mode)


_value_of_insert = value_of(sla.qr_insert, row_by_row)
_value_of_delete = value_of(sla.qr_delete, row_by_row)
_value_of_update = value_of(sla.qr_update, row_by_row)


@twin(sla.qr_insert)
def qr_insert(Q, R, u, *, k, which, rcond, check_finite):
    """The factors of ``Q @ R`` with rows or columns u inserted at k.

    Equals :func:`scipy.linalg.qr_insert`.  The derivative is that of the factors of the new matrix
    (Walter and Lehmann 2010, section 3.1), with the signs of SciPy's; of Q it takes that ``Q^H Q``
    stays 1.

    Parameters
    ----------
    Q : array, shape (m, m) or (m, n)
    R : array, shape (m, n) or (n, n)
    u : array, shape (n,) or (p, n); with which "col" (m,) or (m, p)
    k, which, rcond, check_finite
        As in SciPy.
    overwrite_qru
        Ignored.

    Returns
    -------
    Q1, R1 : array

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import qr_insert
    >>> dr.grad(lambda u: qr_insert(np.eye(1), 3 * np.eye(1), u, 1)[1][0, 0])(np.array([4.0]))
    array([0.8])
    """
    _check_factors("qr_insert", Q, R, k=k)
    options = {"rcond": rcond, "check_finite": check_finite}
    value = _value_of_insert(Q, R, u, k=k, which=which, **options)
    whole = Q @ R
    rows = u if u.ndim == 2 else u[None, :] if which == "row" else u[:, None]
    if which == "row":
        return _factors_of(value, np.concatenate((whole[:k], rows, whole[k:])))
    return _factors_of(value, np.concatenate((whole[:, :k], rows, whole[:, k:]), -1))


@twin(sla.qr_delete)
def qr_delete(Q, R, *, k, p, which, check_finite):
    """The factors of ``Q @ R`` without p rows or columns from k on.

    Equals :func:`scipy.linalg.qr_delete`; derivatives as of :func:`qr_insert`.

    Parameters
    ----------
    Q : array, shape (m, m) or (m, n)
    R : array, shape (m, n) or (n, n)
    k, p, which, check_finite
        As in SciPy.
    overwrite_qr
        Ignored.

    Returns
    -------
    Q1, R1 : array

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import qr_delete
    >>> r = np.array([[1.0, 3.0], [0.0, 4.0]])
    >>> dr.grad(lambda r: qr_delete(np.eye(2), r, 0, which="col")[1][0, 0])(r)
    array([[0. , 0.6],
           [0. , 0.8]])
    """
    _check_factors("qr_delete", Q, R, k=k, p=p)
    value = _value_of_delete(Q, R, k=k, p=p, which=which, check_finite=check_finite)
    whole = Q @ R
    if which == "row":
        return _factors_of(value, np.delete(whole, np.arange(k, k + p), 0))
    return _factors_of(value, np.delete(whole, np.arange(k, k + p), 1))


@twin(sla.qr_update)
def qr_update(Q, R, u, v, *, check_finite):
    """The factors of ``Q @ R + u @ v^H``.

    Equals :func:`scipy.linalg.qr_update`; derivatives as of :func:`qr_insert`.

    Parameters
    ----------
    Q : array, shape (m, m) or (m, n)
    R : array, shape (m, n) or (n, n)
    u : array, shape (m,) or (m, k)
    v : array, shape (n,) or (n, k)
    check_finite
        As in SciPy.
    overwrite_qruv
        Ignored.

    Returns
    -------
    Q1, R1 : array

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import qr_update
    >>> one = np.eye(1)
    >>> dr.grad(lambda u: np.abs(qr_update(one, one, u, np.array([2.0]))[1][0, 0]))(np.array([4.0]))
    array([2.])
    """
    _check_factors("qr_update", Q, R)
    value = _value_of_update(Q, R, u, v, check_finite=check_finite)
    u, v = (x[:, None] if x.ndim == 1 else x for x in (u, v))
    return _factors_of(value, Q @ R + u @ adjoint(v))
