"""How SciPy's functions of matrices become primitives: SciPy's values, NumPy's derivatives.

Owns what SciPy does with stacks of matrices.
Must not know any function by name.
"""

import functools
import math
from collections.abc import Callable

import numpy as np
import scipy

from dualrev.core.cotangents import sum_of_terms
from dualrev.core.guarded import guarded_product
from dualrev.core.primitive import RULES
from dualrev.core.words import constant, rule
from dualrev.rules.equations import solve_batch
from dualrev.ways import row_by_row, stacked

__all__ = [
    "STACKS",
    "VECTOR_STACKS",
    "by_matrix",
    "equation_batch",
    "like_numpy",
    "lost_where",
    "of_columns",
    "same_dtype",
    "scipys_stacks",
    "solution_of",
    "value_of",
]

#: Whether SciPy's functions of matrices are of stacks, too.
STACKS = np.lib.NumpyVersion(scipy.__version__) >= "1.16.0"
#: Whether its constructors of matrices are of stacks of columns and rows; before, these were flattened.
VECTOR_STACKS = np.lib.NumpyVersion(scipy.__version__) >= "1.17.0"


def scipys_stacks(*cores):
    """The way ``stacked``, where SciPy has it."""
    return stacked(*cores) if STACKS else row_by_row


def value_of(function, batch=None):
    """A function of SciPy for its value alone, of matrices or, where SciPy has it, of their stacks."""
    return constant(function, batch=batch or scipys_stacks(2, 2))


def equation_batch(call, batched, a, b, **options):
    """The way of the solution x of ``a @ x = b``, b in columns."""
    if batched[0] and not STACKS:
        return NotImplemented
    return solve_batch(call, batched, a, b, **options)


# Giles (2008), "Collected matrix derivative results for forward and reverse mode AD", section 2.2.3.
def solution_of(value, times, outer, back, batch=equation_batch, name=""):
    """A primitive, the solution X of ``A @ X = B``, of what makes A and of B.

    Parameters
    ----------
    value : callable
        ``value(a, b, **options)``, X.
    times, outer : callable
        ``times(t, x, **options)``, the product of A, made of t, and X, and its transpose in t,
        ``outer(y, x, **options)``, of Y X^T.
    back : callable
        ``back(a, ct, **options)``, the solution of the equations with A^T.
    """

    def solution_jvp(tangents, ans, a, b, check_finite=True, **options):
        """dX = A^-1 (dB - dA X)."""
        t = sum_of_terms(tangents, lambda t_a: -times(t_a, ans, **options), lambda t_b: t_b)
        return solution(a, t, **options)

    def solution_vjp(ct, wanted, ans, a, b, check_finite=True, **options):
        """B* = A^-T ct, A* = -B* X^T."""
        ct = back(a, ct, **options)
        return outer(-ct, ans, **options) if wanted[0] else None, ct

    solution = rule(value, solution_jvp, solution_vjp, arity=2, batch=batch, name=name)
    return solution


def of_columns(solve, b):
    """What is solved for columns, of these; of a vector, which is taken for the only one."""
    return solve(b[:, None])[..., 0] if b.ndim == 1 else solve(b)


def by_matrix(function, *stacks, **options):
    """The answers, stacked, of a function of one array of each stack, given as (stack, ndim of one)."""
    shapes = [(x.shape[: x.ndim - n], x.shape[x.ndim - n :]) for x, n in stacks]
    stack = np.broadcast_shapes(*(before for before, _ in shapes))
    rows = [
        np.broadcast_to(x, stack + core).reshape(math.prod(stack), *core)
        for (x, _), (_, core) in zip(stacks, shapes)
    ]
    return _stacked([function(*row, **options) for row in zip(*rows)], stack)


def _stacked(answers, stack):
    if isinstance(answers[0], tuple):
        return tuple(_stacked(parts, stack) for parts in zip(*answers))
    if answers[0] is None:
        return None
    return np.stack(answers).reshape(stack + np.shape(answers[0]))


def lost_where(is_rough: Callable) -> Callable:
    """Of matrices of which this holds, nan for what is moved, and 0 of the others: a decorator."""
    is_rough = constant(is_rough, batch=stacked(2))

    def lost(x, *moved):
        size = sum(np.sum(np.abs(t), (-2, -1), keepdims=True) for t in moved)
        rough = np.where(is_rough(x)[..., None, None], np.nan, 0)
        return guarded_product(size, rough.astype(np.finfo(x.dtype).dtype))

    return lost


def like_numpy(
    function: Callable,
    twin: Callable,
    options: Callable = lambda **given: {},
    batch: Callable | None = None,
):
    """A primitive with the pair of NumPy's function of the same mathematics.

    ``options`` makes NumPy's options of those that were given; ``batch`` is that of Rule, by default
    of one matrix.
    """
    pair = RULES[twin]
    batch = batch or scipys_stacks(2)

    def jvp(tangents, ans, *args, **given):
        return pair.jvp(tangents, ans, args, options(**given))

    def vjp(ct, wanted, ans, *args, **given):
        return pair.vjp(ct, ans, args, options(**given), [w or None for w in wanted])

    @functools.wraps(function)
    def value(*args, **given):
        ans = function(*args, **given)
        return tuple(ans) if isinstance(ans, list) else ans  # SciPy's, of stacks

    below = pair.call if pair.call is not twin and pair.call in RULES else None
    call = None if below is None else like_numpy(function, below, options, batch)
    given = {"arity": pair.arity, "fills": pair.fills, "name": twin.__name__}
    return rule(value, jvp, vjp, call=call, batch=batch, **given)


def same_dtype(*args):
    """The arguments, complex if one is: SciPy's solvers of matrix equations err on mixed ones."""
    if all(x.dtype.kind == "c" for x in args) or all(x.dtype.kind != "c" for x in args):
        return args
    dtype = np.result_type(*(x.dtype for x in args))
    return tuple(x if x.dtype == dtype else x.astype(dtype) for x in args)
