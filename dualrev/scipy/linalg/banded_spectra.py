"""Eigenvalues and eigenvectors of Hermitian matrices that are given by their diagonals.

Owns what SciPy selects of them.  Must not know the derivative of an eigenvalue (spectra): it is that
of the dense matrix, which a derivative makes.
"""

import numpy as np
import scipy.linalg as sla

from dualrev.known import with_answer
from dualrev.scipy.linalg.operands import by_matrix, value_of
from dualrev.scipy.linalg.spectra import eigenpairs, eigenvalues
from dualrev.scipy.twin import least_dimensions, twin

__all__ = ["eig_banded", "eigh_tridiagonal", "eigvals_banded", "eigvalsh_tridiagonal"]

_KINDS = {"all": "a", 0: "a", "value": "v", 1: "v", "index": "i", 2: "i"}


def _kind(select):
    name = select.lower() if isinstance(select, str) else select
    return _KINDS.get(name, name)


def _subset(select, select_range):
    """The options of eigh that ask for the same."""
    kind = _kind(select)
    if kind == "a":
        return {}
    first, last = select_range
    return {"subset_by_index" if kind == "i" else "subset_by_value": [first, last]}


def _selected(value, a, eigvals_only, lower, select, select_range):
    """SciPy's answer with the derivatives of the dense matrix a, of which one triangle is read."""
    solve = eigenvalues if eigvals_only else eigenpairs
    value = value if eigvals_only else tuple(value)
    return with_answer(value, solve, a, None, lower=lower, **_subset(select, select_range))


_value_of_tridiagonal = value_of(sla.eigh_tridiagonal)


@twin(sla.eigh_tridiagonal)
def eigh_tridiagonal(d, e, *, eigvals_only, select, select_range, **options):
    """The eigenvalues and eigenvectors of a real symmetric tridiagonal matrix.

    Equals :func:`scipy.linalg.eigh_tridiagonal`.  The derivative is that of ``eigh`` (Giles 2008,
    section 3.1), of the dense matrix, and costs as much.

    Parameters
    ----------
    d : array, shape (n,)
        The diagonal.
    e : array, shape (n - 1,)
        The diagonal beside it.
    eigvals_only, select, select_range, check_finite, tol, lapack_driver
        As in SciPy.

    Returns
    -------
    w : array, shape (k,)
        Alone, with ``eigvals_only``.
    v : array, shape (n, k)

    Raises
    ------
    LinAlgError
        Where the computation does not converge.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import eigh_tridiagonal
    >>> dr.grad(lambda d: eigh_tridiagonal(d, [0.0])[0][1])(np.array([1.0, 2.0]))
    array([0., 1.])
    """
    selection = {"select": select, "select_range": select_range}
    if _kind(select) == "v" and max(d.ndim, e.ndim) > 1:
        options |= {"eigvals_only": eigvals_only, **selection}
        return by_matrix(eigh_tridiagonal, (d, 1), (e, 1), **options)
    value = _value_of_tridiagonal(d, e, eigvals_only=eigvals_only, **selection, **options)
    a = _diagonal(d, 0) + _diagonal(e, -1)
    return _selected(value, a, eigvals_only, True, **selection)


def _diagonal(x, k):
    """The matrix with x on its k-th diagonal, for each vector of a stack."""
    n = x.shape[-1] + abs(k)
    before = np.zeros((*x.shape[:-1], max(k, 0)))
    after = np.zeros((*x.shape[:-1], max(-k, 0)))
    rows = np.concatenate((before, x, after), -1)  # by columns
    return rows[..., None, :] * np.eye(n, k=k)


@twin(sla.eigvalsh_tridiagonal)
def eigvalsh_tridiagonal(d, e, **options):
    """The eigenvalues of a real symmetric tridiagonal matrix, in ascending order.

    Equals :func:`scipy.linalg.eigvalsh_tridiagonal`, and is the first answer of
    :func:`eigh_tridiagonal`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import eigvalsh_tridiagonal
    >>> dr.grad(lambda e: eigvalsh_tridiagonal(np.zeros(2), e)[1])(np.array([2.0])).round(12)
    array([1.])
    """
    return eigh_tridiagonal(d, e, eigvals_only=True, **options)


_value_of_banded = value_of(sla.eig_banded)


@twin(sla.eig_banded, check=least_dimensions(2))
def eig_banded(a_band, *, lower, eigvals_only, select, select_range, **options):
    """The eigenvalues and eigenvectors of a Hermitian matrix, given by half of its diagonals.

    Equals :func:`scipy.linalg.eig_banded`.  The derivative is that of ``eigh`` (Giles 2008, section
    3.1), of the dense matrix, and costs as much; an element of a_band stands for both of a.

    Parameters
    ----------
    a_band : array, shape (u + 1, n)
        ``a_band[u + i - j, j]`` is ``a[i, j]`` for i <= j; with ``lower``, ``a_band[i - j, j]`` for i
        >= j.
    lower, eigvals_only, select, select_range, max_ev, check_finite
        As in SciPy.
    overwrite_a_band
        Ignored.

    Returns
    -------
    w : array, shape (k,)
        Alone, with ``eigvals_only``.
    v : array, shape (n, k)

    Raises
    ------
    LinAlgError
        Where the computation does not converge.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import eig_banded
    >>> dr.grad(lambda a: eig_banded(a)[0][1])(np.array([[0.0, 0.0], [1.0, 2.0]]))
    array([[0., 0.],
           [0., 1.]])
    """
    selection = {"select": select, "select_range": select_range}
    if _kind(select) == "v" and a_band.ndim > 2:
        options |= {"lower": lower, "eigvals_only": eigvals_only, **selection}
        return by_matrix(eig_banded, (a_band, 2), **options)
    value = _value_of_banded(a_band, lower=lower, eigvals_only=eigvals_only, **selection, **options)
    m, n = a_band.shape[-2] - 1, a_band.shape[-1]
    if n == 1 and _kind(select) == "a":
        a = a_band[..., :1, :]  # LAPACK reads the first element, whichever half is given
    elif lower:
        a = sum(_diagonal(a_band[..., k, : n - k], -k) for k in range(min(m + 1, n)))
    else:
        a = sum(_diagonal(a_band[..., m - k, k:], k) for k in range(min(m + 1, n)))
    return _selected(value, a, eigvals_only, bool(lower), **selection)


@twin(sla.eigvals_banded, check=least_dimensions(2))
def eigvals_banded(a_band, **options):
    """The eigenvalues of a Hermitian matrix, given by half of its diagonals, in ascending order.

    Equals :func:`scipy.linalg.eigvals_banded`, and is the first answer of :func:`eig_banded`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import eigvals_banded
    >>> dr.grad(lambda a: eigvals_banded(a)[1])(np.array([[0.0, 0.0], [1.0, 2.0]]))
    array([[0., 0.],
           [0., 1.]])
    """
    return eig_banded(a_band, eigvals_only=True, **options)
