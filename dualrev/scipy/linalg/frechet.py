"""Fréchet derivatives L(A, E) of functions of matrices: what all such functions have in common.

The derivative of a function f at A in the direction E is L(A, E); the transpose of ``E -> L(A, E)`` is
``E -> L(A^T, E)`` (Higham 2008, "Functions of Matrices", section 3.2), so that one program serves both
modes.  Must not know any function by name.
"""

import math
from collections.abc import Callable

import numpy as np
import scipy.linalg as sla

from dualrev.core.guarded import guarded_product
from dualrev.core.words import rule
from dualrev.scipy.linalg.operands import scipys_stacks
from dualrev.ways import stacked, whole

__all__ = ["by_blocks", "each_pair", "frechet_of", "function_of_matrix"]


def function_of_matrix(value: Callable, push: Callable, name: str | None = None):
    """A primitive f(A), given ``push(a, t, **options)``, its Fréchet derivative."""
    return rule(
        value,
        lambda tangents, ans, A, **options: push(A, tangents[0], **options),
        lambda ct, wanted, ans, A, **options: (push(A.mT, ct, **options),),
        batch=scipys_stacks(2),
        name=name,
    )


# Mathias (1996), "A chain rule for matrix functions and applications", theorem 2.1 (Higham 2008, eq.
# 3.16): f([[A, E], [0, A]]) = [[f(A), L(A, E)], [0, f(A)]].  The same for L in place of f gives the
# derivative of L, of every order.


def _block(a, e):
    """[[A, E], [0, A]]."""
    below = np.concatenate((np.zeros(a.shape, a.dtype), a), -1)
    return np.concatenate((np.concatenate((a, e), -1), below), -2)


def _corner(x):
    """The upper right block."""
    n = x.shape[-1] // 2
    return x[..., :n, n:]


def frechet_of(name: str, value: Callable):
    """A primitive L(A, E), given its value."""

    def frechet_jvp(tangents, ans, a, e, **options):
        """L(A, dE), and dA by the chain rule."""
        t_a, t_e = tangents
        if t_a is None:
            return frechet(a, t_e, **options)
        t_e = np.zeros(e.shape, e.dtype) if t_e is None else t_e
        return _corner(frechet(_block(a, e), _block(t_a, t_e), **options))

    def frechet_vjp(ct, wanted, ans, a, e, **options):
        """E* = L(A^T, ct); A* by the transpose of the above."""
        if not wanted[0]:
            return None, frechet(a.mT, ct, **options)
        zero = np.zeros(ct.shape, ct.dtype)
        above = np.concatenate((zero, ct), -1)
        ct = np.concatenate((above, np.zeros(above.shape, ct.dtype)), -2)
        ct = frechet(_block(a, e).mT, ct, **options)
        n = a.shape[-1]
        return ct[..., :n, :n] + ct[..., n:, n:], ct[..., :n, n:]

    frechet = rule(value, frechet_jvp, frechet_vjp, batch=whole(stacked(2, 2)), name=name)
    return frechet


def each_pair(function: Callable, a, e):
    """The function of each pair of matrices of two stacks: SciPy knows stacks since 1.16 only."""
    if a.ndim == 2 and e.ndim == 2:
        if not np.isfinite(e).all():  # SciPy would raise
            return np.full(a.shape, np.nan)
        return function(a, e)
    a, e = np.broadcast_arrays(a, e)
    shape, core = a.shape[:-2], a.shape[-2:]
    pairs = zip(*(x.reshape(math.prod(shape), *core) for x in (a, e)))
    answers = [each_pair(function, x, y) for x, y in pairs]
    return np.stack(answers).reshape(*shape, *core) if answers else np.empty(a.shape)


def _turn_from_cut(a):
    """A number of size 1: a real matrix times it has no eigenvalue near the negative axis.

    Those on the axis have logarithms of one side of it, and rounding would take some to the other.
    """
    # A block triangle, as of a second derivative, has the eigenvalues of its blocks.
    while _is_block_triangle(a):
        a = a[: len(a) // 2, : len(a) // 2]
    if a.imag.any():
        return 1
    angles = np.angle(np.linalg.eigvals(a.real))
    return np.exp(-0.5j * (np.min(angles) + np.pi)) if np.max(angles) == np.pi else 1


def _is_block_triangle(a):
    n = len(a) // 2
    alike = len(a) == 2 * n > 0 and np.array_equal(a[:n, :n], a[n:, n:])
    return alike and not (a[:n, n:].any() and a[n:, :n].any())


def by_blocks(f: Callable, a, e, singular=True):
    """L(A, E) from f of a block triangle in Schur's form, which spares f a factorization.

    ``f(x, turn)`` is f of x, up to a multiple of 1, by way of x times turn, a number of size 1.
    Without ``singular``, f has no derivative where an eigenvalue is 0, to rounding.
    """
    triangle, q = sla.schur(a, output="complex")
    # L is linear in E, and f of a block triangle is most accurate where its blocks are alike.
    size = np.linalg.norm(e) / (np.linalg.norm(a) or 1)
    least = np.min(np.abs(np.diagonal(triangle)))
    if not singular and least <= len(a) * np.finfo(float).eps * np.linalg.norm(triangle):
        return np.zeros_like(triangle) + guarded_product(size, np.nan)
    if not size:
        return e * 0
    inner = f(_block(triangle, q.conj().T @ (e / size) @ q), _turn_from_cut(a))
    return size * (q @ _corner(inner) @ q.conj().T)
