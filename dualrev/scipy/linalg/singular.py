"""Singular values and what they tell: svd, svdvals, polar, null_space, orth.

Must not know eigenvalues.
"""

import numpy as np
import scipy.linalg as sla

from dualrev.core.binding import with_answer
from dualrev.core.errors import no_rule
from dualrev.core.primitive import rule
from dualrev.rules.equal_values import adjoint
from dualrev.scipy.linalg.equations import definite_sylvester
from dualrev.scipy.linalg.operands import like_numpy, scipys_stacks, value_of
from dualrev.scipy.twin import twin

__all__ = ["null_space", "orth", "polar", "svd", "svdvals"]

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
    t_u = u @ skew
    if a.shape[-2] > a.shape[-1]:
        t_u = t_u + np.linalg.solve(p.mT, (t - u @ inner).mT).mT
    return t_u, inner - skew @ p


def _polar_vjp(ct, wanted, ans, a):
    """A* = U (P* + Y - Y^H) + (1 - U U^H) U* P^-1, Y P + P Y = U^H U* - P* P."""
    u, p = ans
    ct_u, ct_p = (c.conj() for c in ct)
    of_u = adjoint(u) @ ct_u
    skew = definite_sylvester(p, of_u - ct_p @ p)
    ct = u @ (ct_p + skew - adjoint(skew))
    if a.shape[-2] > a.shape[-1]:
        ct = ct + np.linalg.solve(p.mT, (ct_u - u @ of_u).mT).mT
    return (ct.conj(),)


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
        Of full rank.
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


# ------------------------------------------------------------------- bases, which are not determined


@twin(sla.null_space)
def null_space(A, **options):
    """An orthonormal basis of the null space of a matrix.

    Equals :func:`scipy.linalg.null_space`, for plain arrays only.

    Parameters
    ----------
    A : array, shape (m, n)
    rcond, **options
        As in SciPy.

    Returns
    -------
    array, shape (n, k)

    Raises
    ------
    MissingRuleError
        Where a derivative is taken: any rotation of the basis is another answer.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.scipy.linalg import null_space
    >>> np.abs(null_space(np.array([[1.0, 0.0]])))
    array([[0.],
           [1.]])
    """
    projector = "write what does not depend on the basis: the projector is np.eye(n) - pinv(a) @ a"
    raise no_rule("scipy.linalg.null_space answers any basis of a subspace, which", projector)


@twin(sla.orth)
def orth(A, **options):
    """An orthonormal basis of the range of a matrix.

    Equals :func:`scipy.linalg.orth`, for plain arrays only.

    Parameters
    ----------
    A : array, shape (m, n)
    rcond
        As in SciPy.

    Returns
    -------
    array, shape (m, k)

    Raises
    ------
    MissingRuleError
        Where a derivative is taken: any rotation of the basis is another answer.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.scipy.linalg import orth
    >>> np.abs(orth(np.array([[2.0], [0.0]])))
    array([[1.],
           [0.]])
    """
    projector = "write what does not depend on the basis: the projector is a @ pinv(a)"
    raise no_rule("scipy.linalg.orth answers any basis of a subspace, which", projector)
