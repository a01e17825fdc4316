"""Functions of a whole sparse matrix: its exponential times a vector; eigenvalues, which are refused.

Must not know linear equations.
"""

from typing import Any

import numpy as np
import scipy.sparse.linalg as sparse_linalg

from dualrev.core.errors import no_rule
from dualrev.core.primitive import linear
from dualrev.core.traced import is_traced
from dualrev.scipy.twin import twin

__all__ = ["eigs", "eigsh", "expm_multiply", "svds"]

_action: Any = linear(
    lambda B, A, traceA: sparse_linalg.expm_multiply(A, B, traceA=traceA),
    lambda ct, B, A, traceA: _action(ct, A=A.T, traceA=traceA),
    name="expm_multiply",
)


def _actions_transpose(ct, B, A, traceA, grid):
    """sum_k exp(t_k A^T) ct_k"""
    traces = [None if traceA is None else t * traceA for t in np.linspace(**grid)]
    return sum(
        _action(c, A=t * A.T, traceA=trace) for t, c, trace in zip(np.linspace(**grid), ct, traces)
    )


_actions = linear(
    lambda B, A, traceA, grid: sparse_linalg.expm_multiply(A, B, **grid, traceA=traceA),
    _actions_transpose,
    name="expm_multiply",
)


@twin(sparse_linalg.expm_multiply)
def expm_multiply(A, start, stop, traceA, /, B, *, num, endpoint):
    """The product ``exp(A) B``, or ``exp(t A) B`` for times t on a grid.

    Equals :func:`scipy.sparse.linalg.expm_multiply`.

    Parameters
    ----------
    A : sparse matrix, array or LinearOperator, shape (n, n)
        Held constant.
    B : array, shape (n,) or (n, k)
        Vector or matrix, which may be traced.
    start, stop, num, endpoint, traceA
        As in SciPy, constants.

    Returns
    -------
    array, shape (n,) or (n, k), after a first axis of times where a grid is given
        Linear in B, with transpose ``exp(A^T)``.

    Raises
    ------
    MissingRuleError
        Where A is traced.
    """
    if is_traced(A, start, stop, traceA):
        raise no_rule(
            "expm_multiply with A or a time traced",
            "use dualrev.scipy.linalg.expm(A.toarray()) @ B",
        )
    grid = {"start": start, "stop": stop, "num": num, "endpoint": endpoint}
    grid = {name: option for name, option in grid.items() if option is not None}
    if not isinstance(A, sparse_linalg.LinearOperator):
        A = A.copy()  # the caller may write into it before the derivative is taken
    return _actions(B, A=A, traceA=traceA, grid=grid) if grid else _action(B, A=A, traceA=traceA)


def _refused(function):
    """Declare a function for plain matrices only."""
    name = function.__name__
    dense = name.replace("eigs", "eig").removesuffix("s")

    def refuse(A, **options):
        raise no_rule(
            name,
            f"use np.linalg.{dense}(A.toarray())",
            "it finds some eigenvalues or singular values, and derivatives of their vectors depend "
            "on all",
        )

    return refuse


@twin(sparse_linalg.eigs, _refused)
def eigs(A, /):
    """Equals :func:`scipy.sparse.linalg.eigs`; where numbers are traced it raises: it finds some
    eigenvalues or singular values, and derivatives of their vectors depend on all.
    """


@twin(sparse_linalg.eigsh, _refused)
def eigsh(A, /):
    """Equals :func:`scipy.sparse.linalg.eigsh`; where numbers are traced it raises: it finds some
    eigenvalues or singular values, and derivatives of their vectors depend on all.
    """


@twin(sparse_linalg.svds, _refused)
def svds(A, /):
    """Equals :func:`scipy.sparse.linalg.svds`; where numbers are traced it raises: it finds some
    eigenvalues or singular values, and derivatives of their vectors depend on all.
    """
