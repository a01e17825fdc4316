"""Some eigenvalues and eigenvectors, or singular values and vectors, of a large matrix.

Owns their derivatives, each from the pair alone.  Must not know how SciPy finds them.

``A v = w M v``, differentiated, is ``(A - w M) dv - dw M v = -(dA - w dM) v``.  Of dv one element,
where v is largest, is set to 0; dw takes its place: the matrix with -M v for that column is regular
where w is simple, and as sparse as A.  Then a multiple of v is added that keeps ``v^H M v`` (Nelson
1976, "Simplified calculation of eigenvector derivatives").
"""

from typing import Any

import numpy as np
import scipy.sparse
import scipy.sparse.linalg as sparse_linalg

from dualrev.core.guarded import guarded_product
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.errors import no_rule
from dualrev.known import valued, with_answer
from dualrev.scipy.by_push import by_push
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.sparse.constructors import coo_array, csc_array
from dualrev.scipy.sparse.linalg.direct import spsolve
from dualrev.scipy.sparse.pattern import product
from dualrev.scipy.sparse.traced import entries_of, is_sparse
from dualrev.scipy.twin import twin

__all__ = ["eigs", "eigsh", "svds"]

#: As a part of the terms of A v - w M v, what may be left of them.
_FAR = 1e-2


def _regular(a, m, of_a, of_m, w, column, place):
    """A - w M with another column at a place, from the numbers of A and M and their patterns."""
    n = column.shape[0]
    in_a, in_m = (np.flatnonzero(pattern.cols != place) for pattern in (of_a, of_m))
    data = np.concatenate((a[in_a], -w * m[in_m], column))
    rows = np.concatenate((of_a.rows[in_a], of_m.rows[in_m], np.arange(n)))
    cols = np.concatenate((of_a.cols[in_a], of_m.cols[in_m], np.full(n, place)))
    return csc_array((data, (rows, cols)), shape=(n, n))


def _pairs_push(tangents, ans, a, m, of_a=None, of_m=None, by_m=False, simple=(), places=()):
    t_a, t_m = tangents
    w, v = ans
    moved: Any = 0
    if t_a is not None:
        moved = moved + product(t_a, v, pattern=of_a)
    if t_m is not None:
        moved = moved - product(t_m, v, pattern=of_m) * w
    weighed = product(m, v, pattern=of_m)
    left = weighed.conj() if by_m else v.conj()
    stretch: Any = 0.0
    if by_m and t_m is not None:
        stretch = (v.conj() * product(t_m, v, pattern=of_m)).sum(0) / 2
    solved = []
    for j, place in enumerate(places):
        b = -moved[:, j]
        if simple[j]:
            K = _regular(a, m, of_a, of_m, w[j], -weighed[:, j], place)
            solved.append(spsolve(K, b))
        else:
            solved.append(b + guarded_product(np.sum(np.abs(b)), np.nan))
    both = np.stack(solved, -1) if solved else np.zeros(v.shape)
    chosen = np.arange(v.shape[0])[:, None] == np.array(places, int)
    t_w, t_v = np.where(chosen, both, 0).sum(0), np.where(chosen, 0, both)
    t_v = t_v - v * ((stretch + (left * t_v).sum(0)) / (left * v).sum(0))
    return t_w if w.dtype.kind == "c" else t_w.real, t_v


#: Eigenvalues and eigenvectors that are known, as functions of the numbers of A and M.
_pairs: Any = by_push(lambda a, m, **options: None, _pairs_push, name="eigenpairs")


def _are_simple(a, m, of_a, of_m, w, v, places):
    """Which pairs are eigenpairs, and simple, by how near to singular their equations are."""
    weighed = product(m, v, pattern=of_m)
    left = abs(product(a, v, pattern=of_a) - weighed * w)
    terms = product(abs(a), abs(v), pattern=of_a) + product(abs(m), abs(v), pattern=of_m) * abs(w)
    solved = left.max(0, initial=0) <= _FAR * terms.max(0, initial=0)
    probe = np.random.default_rng(0).standard_normal(v.shape[0])
    unit = len(probe) * np.finfo(w.dtype).eps
    simple = []
    for j, place in enumerate(places):
        K = _regular(a, m, of_a, of_m, w[j], -weighed[:, j], place)
        try:
            factors = sparse_linalg.splu(K)
            # Once more in the direction that grew: 1 / the smallest singular value, nearly.
            x = factors.solve(np.asarray(probe, K.dtype))
            x = factors.solve(x / np.linalg.norm(x), "H")
            regular = np.linalg.norm(x) * sparse_linalg.norm(K, 1) * unit < 1e-3
            simple.append(bool(solved[j] and regular))
        except RuntimeError:  # exactly singular
            simple.append(False)
    return tuple(simple)


def _entries(A, name):
    """A matrix of any kind by its numbers and their pattern."""
    if isinstance(A, sparse_linalg.LinearOperator):
        raise no_rule(f"{name} of a LinearOperator beside a traced matrix", "give it as a matrix")
    if not is_sparse(A):
        A = coo_array(as_operand(A)) if is_traced(A) else scipy.sparse.coo_array(A)
    entries = entries_of(A)
    return entries.data, entries.pattern


def _differentiated(value, A, M, name, by_m=True):
    """Eigenpairs that SciPy found, with their derivatives by A and M."""
    w, v = value
    a, of_a = _entries(A, name)
    by_m = by_m and M is not None
    if M is None:
        M = scipy.sparse.eye_array(v.shape[0], format="csr")
    m, of_m = _entries(M, name)
    numbers = numbers_under((a, m))
    places = tuple(np.argmax(np.abs(v), 0).tolist())
    simple = _are_simple(*numbers, of_a, of_m, w, v, places)
    options = {"of_a": of_a, "of_m": of_m, "by_m": by_m, "simple": simple, "places": places}
    return with_answer((w, v), _pairs, a, m, **options)


def _found(function):
    """Declare a function that finds eigenvalues."""
    name = function.__name__

    @each_row
    def find(A, M, **options):
        if options.get("mode") == "buckling":
            raise no_rule(f"{name} with mode='buckling'", "use mode='cayley'")
        with_vectors = options.pop("return_eigenvectors")
        given = options if M is None else {**options, "M": numbers_under(M)}
        w, v = function(numbers_under(A), **given, return_eigenvectors=True)
        # For nearly all vectors it calls scipy.linalg.eig, whose vectors have length 1.
        by_eig = (name == "eigs" or v.dtype.kind == "c") and v.shape[1] >= v.shape[0] - 1
        found = _differentiated((w, v), A, M, name, by_m=not by_eig)
        return found if with_vectors else found[0]

    return find


@twin(sparse_linalg.eigsh, _found)
def eigsh(A, M, /):
    """Some eigenvalues and eigenvectors of a symmetric (Hermitian) matrix: ``A v = w M v``.

    Equals :func:`scipy.sparse.linalg.eigsh`.

    Parameters
    ----------
    A : sparse matrix or array, shape (n, n)
        Entries (i, j) and (j, i) are two numbers, each with its own derivative.
    M : sparse matrix or array, shape (n, n), optional
        Symmetric (Hermitian) and positive definite; ``v^H M v`` is 1.
    k, sigma, which, v0, ncv, maxiter, tol, return_eigenvectors, Minv, OPinv, mode
        As in SciPy, constants.

    Returns
    -------
    w : array, shape (k,)
        Alone, without ``return_eigenvectors``.
    v : array, shape (n, k)

    Raises
    ------
    MissingRuleError
        Where a derivative is taken with ``mode="buckling"``, or of a LinearOperator beside a traced
        matrix.

    Notes
    -----
    Each derivative solves equations as sparse as A (Nelson 1976), at one factorization a pair, after one
    that tells whether its eigenvalue is simple: where it is not, derivatives are nan.  So are those of
    pairs that solve nothing, as SciPy answers with an M that is not positive definite.  Others are as
    exact as the pair, by ``tol``.  The phases of complex vectors are free; what depends on them is
    differentiated along ``Im v^H M dv = 0``.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse import diags_array
    >>> from dualrev.scipy.sparse.linalg import eigsh
    >>> def highest(d):
    ...     return eigsh(diags_array([d, np.ones(3), np.ones(3)], offsets=[0, 1, -1]), 1)[0][0]
    >>> dr.grad(highest)(np.array([0.0, 0.0, 0.0, 9.0])).round(3)
    array([0.   , 0.   , 0.012, 0.988])
    """


@twin(sparse_linalg.eigs, _found)
def eigs(A, M, /):
    """Some eigenvalues and eigenvectors of a square matrix: ``A v = w M v``.

    Equals :func:`scipy.sparse.linalg.eigs`; derivatives as of :func:`eigsh`, of any matrix.
    """


@twin(sparse_linalg.svds)
@each_row
def svds(A, /, *, return_singular_vectors, **options):
    """Some singular values and vectors of a matrix.

    Equals :func:`scipy.sparse.linalg.svds`.

    Parameters
    ----------
    A : sparse matrix or array, shape (m, n)
    k, ncv, tol, which, v0, maxiter, return_singular_vectors, solver, rng, options
        As in SciPy, constants.

    Returns
    -------
    u : array, shape (m, k)
    s : array, shape (k,)
        Alone, without ``return_singular_vectors``.
    vh : array, shape (k, n)

    Notes
    -----
    They are eigenpairs of ``[[0, A], [A^H, 0]]`` (Jordan and Wielandt), of which derivatives are those
    of :func:`eigsh`: nan where a singular value is 0, or not simple.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.sparse.linalg import svds
    >>> dr.grad(lambda a: svds(a, 1)[1][0])(np.diag([3.0, 1.0])).round(12) + 0.0
    array([[1., 0.],
           [0., 0.]])
    """
    if options.get("random_state", 0) is None:  # another name of rng, and not to be given with it
        del options["random_state"]
    u, s, vh = sparse_linalg.svds(numbers_under(A), **options)
    a, of_a = _entries(A, "svds")
    m, n = of_a.shape
    both = np.concatenate((u, vh.conj().T)) / np.sqrt(2)
    rows = np.concatenate((of_a.rows, of_a.cols + m))
    cols = np.concatenate((of_a.cols + m, of_a.rows))
    dilated = csc_array((np.concatenate((a, a.conj())), (rows, cols)), shape=(m + n, m + n))
    s, both = _differentiated((s, both), dilated, None, "svds")
    if not return_singular_vectors:
        return s
    both = both * np.sqrt(2)
    # SciPy leaves out what was not asked for.
    u = None if return_singular_vectors == "vh" else valued(both[:m], u)
    vh = None if return_singular_vectors == "u" else valued(both[m:].conj().T, vh)
    return u, s, vh
