"""Inverses, powers and linear equations.

Must not know the decompositions' rules; it calls them.
"""

import operator

import numpy as np

from dualrev.convolution import convolved
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.words import composition, rule
from dualrev.rules.matrices import times_vectors
from dualrev.ways import columns, owning, stacked

# Giles (2008), "Collected matrix derivative results for forward and reverse mode AD", sections 2.2.2
# and 2.2.3.


def _inv_jvp(tangents, ans, a):
    """d(A^-1) = -A^-1 dA A^-1."""
    (t,) = tangents
    return -(ans @ t @ ans)


def _inv_vjp(ct, wanted, ans, a):
    """A* = -A^-T ct A^-T."""
    inverse = ans.swapaxes(-2, -1)  # Dask's arrays have no mT
    return (-(inverse @ ct @ inverse),)


def _solve_jvp(tangents, ans, a, b):
    """dX = A^-1 (dB - dA X)."""
    if b.ndim > 1:
        return np.linalg.solve(a, moved_residual(tangents, ans))
    t_a, t_b = tangents
    t = moved_residual((t_a, None if t_b is None else t_b[:, None]), ans[..., None])
    return np.linalg.solve(a, t)[..., 0]


def moved_residual(tangents, x):
    """dB - dA X."""
    return sum_of_terms(tangents, lambda t_a: -(t_a @ x), lambda t_b: t_b)


def _solve_series(ans, a, b):
    """x_k = a_0^-1 (b_k - sum of a_j x_(k - j) over j > 0)."""
    k = len(ans)
    vector = b[0].ndim == 1
    rest = convolved(a, ans, k, first=1, times=times_vectors if vector else operator.matmul)
    if rest is None:
        return None if b[k] is None else np.linalg.solve(a[0], b[k])
    rest = -rest if b[k] is None else b[k] - rest
    return np.linalg.solve(a[0], rest[..., None])[..., 0] if vector else np.linalg.solve(a[0], rest)


def _solve_vjp(ct, wanted, ans, a, b):
    """B* = A^-T ct, A* = -B* X^T."""
    a = a.swapaxes(-2, -1)
    if b.ndim > 1:
        ct = np.linalg.solve(a, ct)
        return -(ct @ ans.swapaxes(-2, -1)) if wanted[0] else None, ct
    ct = np.linalg.solve(a, ct if ct.ndim == 1 else ct[..., None])
    ct = ct.reshape(ans.shape)
    return -ct[..., None] * ans[..., None, :] if wanted[0] else None, ct


@owning(lambda args, kwargs: stacked(2, min(2, args[1].ndim)).own_axes(args, kwargs), lead=True)
def solve_batch(call, batched, a, b, **options):
    """The way of the solution x of ``a @ x = b``: one factorization where a is the same for all rows."""
    of_a, of_b = batched
    if not of_a:
        return columns(call, batched, a, b, **options)
    if np.ndim(b) - of_b > 1:
        return _solve_stack(call, batched, a, b, **options)
    if not of_b:
        return call(a, b, **options)
    return _solve_stack(call, batched, a, b[..., None], **options)[..., 0]


_solve_stack = stacked(2, 2)

rule(np.linalg.inv, _inv_jvp, _inv_vjp, batch=stacked(2))
rule(np.linalg.solve, _solve_jvp, _solve_vjp, batch=solve_batch, series=_solve_series)


def _tensorinv(a, ind=2):
    rows, columns = a.shape[ind:], a.shape[:ind]
    return np.linalg.inv(a.reshape(int(np.prod(rows)), -1)).reshape(*rows, *columns)


def _tensorsolve(a, b, axes=None):
    if axes is not None:
        kept = [k for k in range(a.ndim) if k not in axes]
        a = np.transpose(a, [*kept, *axes])
    shape = np.shape(a)[np.ndim(b) - np.ndim(a) :]
    square = np.reshape(a, (np.size(b), int(np.prod(shape))))
    return np.linalg.solve(square, np.reshape(b, -1)).reshape(shape)


def _matrix_power(a, n):
    """Repeated squaring, in NumPy's own order."""
    n = operator.index(n)
    if n == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape).copy()
    if n < 0:
        a, n = np.linalg.inv(a), -n
    if n == 3:
        return a @ a @ a
    square, ans = a, None
    while True:
        n, odd = divmod(n, 2)
        if odd:
            ans = square if ans is None else ans @ square
        if not n:
            return ans if ans is a else ans.copy()
        square = square @ square


composition(np.linalg.tensorinv, _tensorinv, arity=1, judged=True)
composition(np.linalg.tensorsolve, _tensorsolve, arity=2)
composition(np.linalg.matrix_power, _matrix_power, arity=1, judged=True)
