"""Eigenvalues and eigenvectors: eig, eigvals, eigh, eigvalsh, with a second matrix too.

Must not know other factorizations.  Equal eigenvalues are treated as in rules/eigenvalues.py:
what is symmetric in them comes out right, and what depends on the choice of their eigenvectors is
nan where it shows that it does.
"""

import numpy as np
import scipy.linalg as sla

from dualrev.core.cotangents import sum_of_terms
from dualrev.core.operands import base_of
from dualrev.core.primitive import RULES
from dualrev.core.traced import is_traced
from dualrev.core.words import constant
from dualrev.errors import no_rule
from dualrev.known import valued, with_answer
from dualrev.rules.equal_values import (
    divided,
    equal_values,
    spectral_gradient,
    spectral_push,
    spectral_rule,
)
from dualrev.rules.matrices import adjoint
from dualrev.rules.triangles import folded, mirrored, mirrored_if_traced
from dualrev.scipy.linalg.operands import by_matrix, like_numpy, scipys_stacks, value_of
from dualrev.scipy.twin import twin
from dualrev.ways import agreed

__all__ = ["eig", "eigh", "eigvals", "eigvalsh"]

# ---------------------------------------------------------------------------------- eigh, eigvalsh
# Giles (2008), "Collected matrix derivative results for forward and reverse mode AD", section 3.1,
# with V^H B V = 1 where there is a second matrix: the perturbations P = V^H dA V, Q = V^H dB V.
# SciPy reads one triangle of each matrix.


def _eigh_value(a, b=None, **options):
    return tuple(sla.eigh(a, b, **options))  # of stacks SciPy answers lists


def _eigh_jvp(tangents, ans, a, b, turned=False, **options):
    """dw = diag(P) - w diag(Q), dV = V C; C_ij = (P_ij - Q_ij w_j) / (w_j - w_i), C_ii = -Q_ii/2."""
    (w, v), kept = _all_pairs(ans, a, b, options)
    if b is None:
        numpys = {"UPLO": _triangle(options), "turned": turned}
        t_w, t_v = _EIGH.jvp(tangents[:1], (w, v), (a,), numpys)
        return t_w[..., kept], t_v[..., kept]
    lower = options.get("lower", True)
    t_a, t_b = (None if t is None else mirrored(t, lower=lower) for t in tangents)
    t_w = _push_values((t_a, t_b), a, b, w, v, turned, options)
    t_a, t_b = (None if t is None else adjoint(v) @ t @ v for t in (t_a, t_b))
    inner = sum_of_terms((t_a, t_b), lambda p: p, lambda q: -q * w[..., None, :])
    turn = divided(inner, w)
    if t_b is not None:
        turn = turn - t_b * (np.eye(w.shape[-1]) / 2)
    return t_w[..., kept], (v @ turn)[..., kept]


def _eigh_vjp(ct, wanted, ans, a, b, **options):
    """A* = V (diag w* + G_ij / (w_j - w_i)) V^H, G = V^H V*; B* = -V (the same times w_j) V^H, less
    half of diag G; both folded
    """
    (w, v), kept = _all_pairs(ans, a, b, options)
    ct_w, ct_v = (None if c is None else _among(c, kept, w.shape[-1]) for c in ct)
    if b is None:
        numpys = {"UPLO": _triangle(options)}
        return *_EIGH.vjp((ct_w, ct_v), (w, v), (a,), numpys, (True,)), None
    ct_a, ct_b = 0, 0
    if ct_w is not None:
        ct_a, ct_b = _pull_values(ct_w, wanted, a, b, w, v, options)
    if ct_v is not None:
        along = adjoint(v) @ ct_v.conj()
        inner = divided(along, w)
        ct_a = ct_a + (v @ inner @ adjoint(v)).conj()
        if wanted[1]:
            inner = inner * w[..., None, :] + along * (np.eye(w.shape[-1]) / 2)
            ct_b = ct_b - (v @ inner @ adjoint(v)).conj()
    return _both_folded(ct_a, ct_b if wanted[1] else None, options)


def _triangle(options):
    return "L" if options.get("lower", True) else "U"


def _both_folded(ct_a, ct_b, options):
    lower = options.get("lower", True)
    return folded(ct_a, lower=lower), None if ct_b is None else folded(ct_b, lower=lower)


def _all_pairs(ans, a, b, options):
    """All eigenvalues and eigenvectors, and the places of those that were asked."""
    w, v = ans
    by_index, by_value = options.get("subset_by_index"), options.get("subset_by_value")
    if by_index is None and by_value is None:
        return ans, slice(None)
    w_all, v_all = _eigh_below(a, b, lower=options.get("lower", True), check_finite=False)
    if by_index is not None:
        first = int(by_index[0])
    else:
        first = int(_count_below(w_all, by_value[0]))
    last = first + w.shape[-1]
    w = np.concatenate((w_all[..., :first], w, w_all[..., last:]), -1)
    v = np.concatenate((v_all[..., :first], v, v_all[..., last:]), -1)
    return (w, v), slice(first, last)


def _count_below(w, least):
    return int(np.sum(w <= least))


_count_below = constant(_count_below, batch=agreed)


def _among(ct, kept, count):
    """A cotangent of some columns as one of all."""
    if kept == slice(None):
        return ct
    before = np.zeros((*ct.shape[:-1], kept.start), ct.dtype)
    after = np.zeros((*ct.shape[:-1], count - kept.stop), ct.dtype)
    return np.concatenate((before, ct, after), -1)


# The eigenvalues are those of C = L^-1 A L^-H, B = L L^H, whose eigenvectors are L^H V.


def _standard(a, b, v, options):
    """C, L^-1 and the eigenvectors of C."""
    lower = options.get("lower", True)
    factor = np.linalg.cholesky(mirrored(b, lower=lower))
    inverse = np.linalg.inv(factor)
    return inverse @ mirrored(a, lower=lower) @ adjoint(inverse), inverse, adjoint(factor) @ v


def _push_values(tangents, a, b, w, v, turned, options):
    """dw = diag(P) - w diag(Q): along dC, but for a rotation, L^-1 dA L^-H less its mean with C."""
    plain = not turned and type(v) is np.ndarray and not is_traced(*tangents)
    if plain or equal_values(w) is None:
        return sum_of_terms(
            tangents,
            lambda t_a: (v.conj() * (t_a @ v)).sum(-2).real,
            lambda t_b: -w * (v.conj() * (t_b @ v)).sum(-2).real,
        )
    c, inverse, u = _standard(a, b, v, options)

    def by_b(t):
        mean = c @ (inverse @ t @ adjoint(inverse)) / 2
        return -mean - adjoint(mean)

    t = sum_of_terms(tangents, lambda t_a: inverse @ t_a @ adjoint(inverse), by_b)
    return spectral_push(c, t, w, u, turned=turned)


def _pull_values(ct, wanted, a, b, w, v, options):
    """A* = V diag(w*) V^H, B* = -V diag(w w*) V^H."""
    if type(v) is type(ct) is np.ndarray or equal_values(w) is None:
        ct_a = (v.conj() * ct[..., None, :]) @ v.mT
        return ct_a, -(v.conj() * (w * ct)[..., None, :]) @ v.mT if wanted[1] else None
    c, inverse, u = _standard(a, b, v, options)
    back = inverse.mT
    ct_a = back @ spectral_gradient(c, ct, w, u).conj() @ adjoint(back)
    if not wanted[1]:
        return ct_a, None
    return ct_a, -(back @ spectral_gradient(c, w * ct, w, u).conj() @ adjoint(back))


_EIGH = RULES[np.linalg.eigh]
_stacks = scipys_stacks(2, 2)


def _pairs_batch(call, batched, a, b=None, **options):
    if options.get("subset_by_value") is not None:
        return NotImplemented  # each row has its number of them
    return _stacks(call, batched, a, b, **options)


eigenpairs = spectral_rule(
    _eigh_value, _eigh_jvp, _eigh_vjp, fills=False, batch=_pairs_batch, name="eigh"
)
_eigh_below = RULES[eigenpairs].call


def _eigvalsh_value(a, b=None, **options):
    return sla.eigvalsh(a, b, **options)


def _every_pair(a, b, options):
    (w, v), kept = _all_pairs(_eigh_below(a, b, **options), a, b, options)
    return w, v, kept


def _eigvalsh_jvp(tangents, ans, a, b, turned=False, **options):
    w, v, kept = _every_pair(a, b, options)
    lower = options.get("lower", True)
    t_a, t_b = (None if t is None else mirrored(t, lower=lower) for t in tangents)
    if b is None:
        h = mirrored_if_traced(a, lower)
        return spectral_push(h, t_a, w, v, turned=turned)[..., kept]
    return _push_values((t_a, t_b), a, b, w, v, turned, options)[..., kept]


def _eigvalsh_vjp(ct, wanted, ans, a, b, **options):
    w, v, kept = _every_pair(a, b, options)
    ct = _among(ct, kept, w.shape[-1])
    if b is None:
        h = mirrored_if_traced(a, options.get("lower", True))
        cts = spectral_gradient(h, ct, w, v).conj(), None
    else:
        cts = _pull_values(ct, wanted, a, b, w, v, options)
    return _both_folded(*cts, options)


eigenvalues = spectral_rule(
    _eigvalsh_value, _eigvalsh_jvp, _eigvalsh_vjp, batch=_pairs_batch, name="eigvalsh"
)


def _as_first_type(a, b, type, lower):
    """The problem ``a v = w b v`` with the same answers, its triangles mirrored.

    Type 2, ``a b v = w v`` with ``v^H b v = 1``, is ``(b a b) v = w b v``; type 3, ``b a v = w v``
    with ``v^H b^-1 v = 1``, is ``a v = w b^-1 v``.
    """
    a, b = mirrored(a, lower=lower), mirrored(b, lower=lower)
    return (b @ a @ b, b) if type == 2 else (a, np.linalg.inv(b))


@twin(sla.eigh)
def eigh(a, b, *, eigvals_only, lower, type, **options):
    """The eigenvalues and eigenvectors of a Hermitian matrix: ``a v = w v``, or ``a v = w b v``.

    Equals :func:`scipy.linalg.eigh`.  The derivative is that of Giles (2008, section 3.1) for
    Hermitian a and b; the triangle that is read counts for both, the other has none.  Where
    eigenvalues are equal, what depends on the choice of their eigenvectors is nan.

    Parameters
    ----------
    a : array, shape (n, n)
    b : array, shape (n, n), optional
        Positive definite.
    lower, eigvals_only, type, subset_by_index, subset_by_value, driver, check_finite
        As in SciPy.
    overwrite_a, overwrite_b
        Ignored.

    Returns
    -------
    w : array, shape (k,)
        Alone, with ``eigvals_only``.
    v : array, shape (n, k)

    Raises
    ------
    LinAlgError
        Where the computation does not converge, or b is not positive definite.

    Notes
    -----
    A derivative costs four products of matrices; of a subset, all eigenvectors once more.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import eigh
    >>> dr.grad(lambda b: eigh(np.eye(2), b, eigvals_only=True)[0])(np.diag([2.0, 1.0]))
    array([[-0.25,  0.  ],
           [ 0.  ,  0.  ]])
    """
    if options["subset_by_value"] is not None and (a.ndim > 2 or np.ndim(b) > 2):
        # What is below the range differs from matrix to matrix.
        stacks = [(a, 2)] if b is None else [(a, 2), (b, 2)]
        options |= {"eigvals_only": eigvals_only, "lower": lower, "type": type}
        return by_matrix(eigh, *stacks, **options)
    solve = eigenvalues if eigvals_only else eigenpairs
    if b is None or type == 1:
        return solve(a, b, lower=lower, type=type, **options)
    value = solve(base_of(a), base_of(b), lower=lower, type=type, **options)
    subset = {name: options[name] for name in ("subset_by_index", "subset_by_value")}
    return with_answer(value, solve, *_as_first_type(a, b, type, lower), **subset)


@twin(sla.eigvalsh)
def eigvalsh(a, b, **options):
    """The eigenvalues of a Hermitian matrix, in ascending order: ``a v = w v``, or ``a v = w b v``.

    Equals :func:`scipy.linalg.eigvalsh`.  The derivative is ``v^H (da - w db) v`` (Giles 2008,
    section 3.1); symmetric functions of equal eigenvalues come out right.

    Parameters
    ----------
    a : array, shape (n, n)
    b : array, shape (n, n), optional
        Positive definite.
    lower, type, subset_by_index, subset_by_value, driver, check_finite
        As in SciPy.
    overwrite_a, overwrite_b
        Ignored.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    LinAlgError
        Where the computation does not converge, or b is not positive definite.

    Notes
    -----
    The eigenvectors are computed when a derivative first asks for them.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import eigvalsh
    >>> dr.grad(lambda a: eigvalsh(a)[1])(np.diag([1.0, 2.0]))
    array([[0., 0.],
           [0., 1.]])
    """
    return eigh(a, b, eigvals_only=True, **options)


# ------------------------------------------------------------------------------------ eig, eigvals

_eig = like_numpy(lambda a, check_finite=True: sla.eig(a, check_finite=check_finite), np.linalg.eig)
_eigvals = like_numpy(
    lambda a, check_finite=True: sla.eigvals(a, check_finite=check_finite), np.linalg.eigvals
)


@twin(sla.eig)
def eig(a, b, *, left, right, check_finite, homogeneous_eigvals):
    """The eigenvalues and eigenvectors of a matrix: ``a v = w v``, or ``a v = w b v``.

    Equals :func:`scipy.linalg.eig`.  The derivative is that of Giles (2008, section 3.1); the
    eigenvectors keep their length, 1, and the phase that LAPACK gives them.

    Parameters
    ----------
    a : array, shape (n, n)
    b : array, shape (n, n), optional
    left, right, homogeneous_eigvals, check_finite
        As in SciPy.
    overwrite_a, overwrite_b
        Ignored.

    Returns
    -------
    w : array, shape (n,)
        Alone, with neither left nor right.
    vl, vr : array, shape (n, n)
        Where asked.

    Raises
    ------
    MissingRuleError
        Where a derivative is taken of left eigenvectors, of the eigenvectors of two matrices, whose
        phase LAPACK does not tell, or of homogeneous eigenvalues.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import eig
    >>> dr.grad(lambda a: eig(a)[0].real.sum())(np.array([[0.0, 1.0], [-1.0, 0.0]]))
    array([[1., 0.],
           [0., 1.]])
    """
    if homogeneous_eigvals:
        raise no_rule(
            "scipy.linalg.eig with homogeneous_eigvals", "leave it out: w is alpha / beta"
        )
    if left or (right and b is not None):
        raise no_rule(
            f"scipy.linalg.eig with {'left eigenvectors' if left else 'eigenvectors of two matrices'}",
            "take the columns of inv(vr).conj().T, which have other lengths"
            if left
            else "use eig(solve(b, a))",
        )
    return _eig(a, check_finite=check_finite) if right else eigvals(a, b, check_finite=check_finite)


_value_of_eigvals = value_of(sla.eigvals)


@twin(sla.eigvals)
def eigvals(a, b, *, check_finite, homogeneous_eigvals):
    """The eigenvalues of a matrix: ``a v = w v``, or ``a v = w b v``.

    Equals :func:`scipy.linalg.eigvals`.  The derivative is ``diag(v^-1 da v)`` (Giles 2008, section
    3.1), for two matrices that of the eigenvalues of ``b^-1 a``.

    Parameters
    ----------
    a : array, shape (n, n)
    b : array, shape (n, n), optional
    homogeneous_eigvals, check_finite
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    array, shape (n,)

    Raises
    ------
    LinAlgError
        Where a derivative is taken and b is singular.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import eigvals
    >>> dr.grad(lambda a: np.prod(eigvals(a)).real)(np.diag([2.0, 3.0]))
    array([[3., 0.],
           [0., 2.]])
    """
    if homogeneous_eigvals:
        return eig(a, b, right=False, homogeneous_eigvals=True)  # refuses it
    if b is None:
        return _eigvals(a, check_finite=check_finite)
    value = _value_of_eigvals(a, b, check_finite=check_finite)
    w = np.linalg.eigvals(np.linalg.solve(b, a))
    distance = np.abs(value[..., :, None] - base_of(w)[..., None, :])
    return valued(np.take_along_axis(w, np.argmin(distance, -1), -1), value)
