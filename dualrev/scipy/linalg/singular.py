"""Singular values and what they tell: svd, svdvals, polar; rotations and subspaces.

Must not know eigenvalues.
"""

import numpy as np
import scipy.linalg as sla

from dualrev.core.operands import base_of
from dualrev.core.words import constant, rule
from dualrev.errors import no_rule
from dualrev.known import valued, with_answer
from dualrev.rules.matrices import adjoint
from dualrev.scipy.linalg.equations import definite_sylvester
from dualrev.scipy.linalg.factorizations import qr
from dualrev.scipy.linalg.operands import like_numpy, lost_where, scipys_stacks, value_of
from dualrev.scipy.twin import least_dimensions, twin
from dualrev.ways import agreed

__all__ = [
    "null_space",
    "orth",
    "orthogonal_procrustes",
    "polar",
    "subspace_angles",
    "svd",
    "svdvals",
]

# ------------------------------------------------------------------------------------------ svd


@twin(
    sla.svd,
    like_numpy,
    np.linalg.svd,
    lambda compute_uv=True, **options: {"compute_uv": compute_uv},
)
def svd(a):
    """The singular value decomposition ``a = u @ diag(s) @ vh``.

    Equals :func:`scipy.linalg.svd`.  The derivative is that of Townsend (2016); functions of equal
    singular values, and of vectors that are known up to a rotation, come out right where they do not
    depend on the choice, and are nan where it shows that they do.

    Parameters
    ----------
    a : array, shape (..., m, n)
    full_matrices, compute_uv, check_finite, lapack_driver
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    u : array, shape (..., m, m) or (..., m, k)
    s : array, shape (..., k)
        Alone, where ``compute_uv`` is False.
    vh : array, shape (..., n, n) or (..., k, n)

    Raises
    ------
    LinAlgError
        Where the computation does not converge.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import svd
    >>> dr.grad(lambda a: svd(a)[1][0])(np.diag([3.0, 2.0]))
    array([[1., 0.],
           [0., 0.]])
    """


@twin(sla.svdvals, like_numpy, np.linalg.svd, lambda **options: {"compute_uv": False})
def svdvals(a):
    """The singular values of a matrix, in descending order.

    Equals :func:`scipy.linalg.svdvals`.  The derivative is ``u_i^H da v_i`` (Giles 2008, section
    3.2); symmetric functions of equal singular values come out right.

    Parameters
    ----------
    a : array, shape (..., m, n)
    check_finite
        As in SciPy.
    overwrite_a
        Ignored.

    Returns
    -------
    array, shape (..., min(m, n))

    Raises
    ------
    LinAlgError
        Where the computation does not converge.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import svdvals
    >>> dr.grad(lambda a: svdvals(a).sum())(np.diag([3.0, 2.0]))
    array([[1., 0.],
           [0., 1.]])
    """


# ---------------------------------------------------------------------------------------- polar
# Higham (2008), "Functions of Matrices", eq. 8.2 for the definition; its differential, with
# A = U P and M = U^H dA: the skew W = U^H dU solves W P + P W = M - M^H, which needs no distinct
# singular values, as the way through the svd would.


def _polar_jvp(tangents, ans, a):
    """dU = U W + (1 - U U^H) dA P^-1, dP = M - W P."""
    (t,) = tangents
    u, p = ans
    inner = adjoint(u) @ t
    skew = definite_sylvester(p, inner - adjoint(inner))
    t_u, lost = u @ skew, _if_singular(p, t)
    if a.shape[-2] > a.shape[-1]:
        t_u = t_u + np.linalg.solve(p.mT, (t - u @ inner).mT).mT
    return t_u + lost, inner - skew @ p + lost


def _polar_vjp(ct, wanted, ans, a):
    """A* = U (P* + Y - Y^H) + (1 - U U^H) U* P^-1, Y P + P Y = U^H U* - P* P."""
    u, p = ans
    ct_u, ct_p = (c.conj() for c in ct)
    of_u = adjoint(u) @ ct_u
    skew = definite_sylvester(p, of_u - ct_p @ p)
    ct = u @ (ct_p + skew - adjoint(skew))
    if a.shape[-2] > a.shape[-1]:
        ct = ct + np.linalg.solve(p.mT, (ct_u - u @ of_u).mT).mT
    return (ct.conj() + _if_singular(p, ct_u, ct_p),)


@lost_where
def _if_singular(p):
    """Whether a positive semidefinite matrix is singular, to rounding."""
    w = np.linalg.eigvalsh(p)
    least = 10 * p.shape[-1] * np.finfo(w.dtype).eps * np.max(w, -1, initial=0)
    return ~(np.min(w, -1, initial=np.inf) > least)


_polar = rule(
    lambda a: tuple(sla.polar(a)), _polar_jvp, _polar_vjp, batch=scipys_stacks(2), name="polar"
)


_value_of_polar = value_of(sla.polar)


@twin(sla.polar)
def polar(a, *, side):
    """The polar factors: ``a = u @ p``, or ``a = p @ u`` with ``side="left"``.

    Equals :func:`scipy.linalg.polar`.  The derivative solves a Sylvester equation in p (Higham 2008,
    chapter 8); equal singular values do not disturb it.

    Parameters
    ----------
    a : array, shape (m, n)
        Of full rank: else derivatives are nan.
    side : {"right", "left"}

    Returns
    -------
    u : array, shape (m, n)
    p : array, shape (n, n), or (m, m) with ``side="left"``

    Raises
    ------
    MissingRuleError
        Where a derivative is taken and p is singular, having more rows than a has the other way.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import polar
    >>> dr.grad(lambda a: polar(a)[1].sum())(np.eye(2))
    array([[1., 1.],
           [1., 1.]])
    """
    u, p = _value_of_polar(a, side=side)
    left = side == "left"
    if a.shape[-2] < a.shape[-1] if not left else a.shape[-2] > a.shape[-1]:
        raise no_rule(
            f"scipy.linalg.polar with side={side!r} for a matrix of shape {a.shape[-2:]}",
            f"use side={'right' if left else 'left'!r}, whose p is regular",
        )
    u, p = with_answer((adjoint(u) if left else u, p), _polar, adjoint(a) if left else a)
    return adjoint(u) if left else u, p


# ----------------------------------------------------------------------- rotations and subspaces


_value_of_procrustes = value_of(sla.orthogonal_procrustes)


@twin(sla.orthogonal_procrustes)
def orthogonal_procrustes(A, B, **options):
    """The unitary r that brings ``a @ r`` nearest to b, and the sum of singular values of ``a^H b``.

    Equals :func:`scipy.linalg.orthogonal_procrustes`.  r is the polar factor of ``a^H b``, and so is
    the derivative (Higham 2008, chapter 8).

    Parameters
    ----------
    A, B : array, shape (m, n)
    check_finite
        As in SciPy.

    Returns
    -------
    R : array, shape (n, n)
    scale : float

    Notes
    -----
    Derivatives are nan where ``a^H b`` is singular.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import orthogonal_procrustes
    >>> dr.grad(lambda a: orthogonal_procrustes(a, np.eye(2))[0][0, 1])(np.diag([2.0, 1.0])).round(3)
    array([[ 0.   , -0.333],
           [ 0.333,  0.   ]])
    """
    value, scale = _value_of_procrustes(A, B, **options)
    cross = adjoint(A) @ B
    stretch = adjoint(value) @ base_of(cross)
    r, p = with_answer((value, (stretch + adjoint(stretch)) / 2), _polar, cross)
    return r, valued(np.trace(p, axis1=-2, axis2=-1).real, scale)


_value_of_angles = value_of(sla.subspace_angles)


@twin(sla.subspace_angles, check=least_dimensions(2))
def subspace_angles(A, B):
    """The angles between the ranges of two matrices, in descending order.

    Equals :func:`scipy.linalg.subspace_angles`.  Small angles are arc sines of the singular values
    of ``(1 - qa qa^H) qb``, others arc cosines of those of ``qa^H qb`` (Knyazev and Argentati 2002,
    algorithm 3.1), and have their derivatives.

    Parameters
    ----------
    A : array, shape (m, n)
        Of full rank.
    B : array, shape (m, k)
        Of full rank.

    Returns
    -------
    array, shape (min(n, k),)

    Raises
    ------
    MissingRuleError
        Where a derivative is taken and columns are linearly dependent.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import subspace_angles
    >>> line = lambda t: np.stack([np.cos(t), np.sin(t)])[:, None]
    >>> dr.derivative(lambda t: subspace_angles(line(t), line(0.2))[0])(0.5).round(12)
    np.float64(1.0)
    """
    value = _value_of_angles(A, B)
    if (
        value.shape[-1] < min(A.shape[-1], B.shape[-1])
        or max(A.shape[-1], B.shape[-1]) > A.shape[-2]
    ):
        raise no_rule(
            "scipy.linalg.subspace_angles of linearly dependent columns",
            "leave out columns that are combinations of the others",
        )
    qa, qb = qr(A, mode="economic")[0], qr(B, mode="economic")[0]
    inner = adjoint(qa) @ qb
    if A.shape[-1] >= B.shape[-1]:
        rest = qb - qa @ inner
    else:
        rest = qa - qb @ adjoint(inner)
    cosine, sine = svdvals(inner)[..., ::-1], svdvals(rest)
    small = cosine**2 >= 0.5
    angle = np.where(
        small, np.arcsin(np.where(small, sine, 0)), np.arccos(np.where(small, 0, cosine))
    )
    return valued(angle, value)


def _rank(a, rcond=None):
    return sla.orth(a, rcond).shape[-1]


_rank = constant(_rank, batch=agreed)


@twin(sla.orth)
def orth(A, *, rcond):
    """An orthonormal basis of the range of a matrix: its first left singular vectors.

    Equals :func:`scipy.linalg.orth`.  The derivative is that of the singular vectors, for
    perturbations that do not change the rank (Townsend 2016): where singular values are equal, what
    depends on the choice of the basis is nan.

    Parameters
    ----------
    A : array, shape (m, n)
    rcond
        As in SciPy.

    Returns
    -------
    array, shape (m, k)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import orth
    >>> def projector(a):
    ...     q = orth(a)
    ...     return q @ q.T
    >>> dr.grad(lambda a: projector(a)[0, 1])(np.array([[2.0], [0.0]]))
    array([[0. ],
           [0.5]])
    """
    u, _, _ = svd(A, full_matrices=False)
    return u[..., : int(_rank(A, rcond=rcond))]


@twin(sla.null_space)
def null_space(A, *, rcond, **options):
    """An orthonormal basis of the null space of a matrix: its last right singular vectors.

    Equals :func:`scipy.linalg.null_space`.  The derivative is ``dz = -a^+ da z``, for perturbations
    that do not change the rank (Townsend 2016): what does not depend on the choice of the basis has
    the right one, and in reverse mode what does is nan.

    Parameters
    ----------
    A : array, shape (m, n)
    rcond, **options
        As in SciPy.

    Returns
    -------
    array, shape (n, k)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import null_space
    >>> def projector(a):
    ...     z = null_space(a)
    ...     return z @ z.T
    >>> dr.grad(lambda a: projector(a)[0, 1])(np.array([[2.0, 0.0]]))
    array([[ 0. , -0.5]])
    """
    options.pop("overwrite_a", None)
    _, _, vh = svd(A, full_matrices=True, **options)
    return adjoint(vh[..., int(_rank(A, rcond=rcond)) :, :])
