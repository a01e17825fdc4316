"""sparsity: the pattern of a Jacobian, found from the program of one run.

Owns how a function is recorded for it.  Must not know what a step does to a pattern.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse

from dualrev import errors
from dualrev.calls import flatten_result
from dualrev.core.assignment import own_copy
from dualrev.core.operands import base_of
from dualrev.core.watching import OBSERVER
from dualrev.errors import name_of
from dualrev.program.looking import Unrecordable
from dualrev.program.recording import Recording
from dualrev.selection import named
from dualrev.sparse.reading import Reading
from dualrev.sparse.sets import Sets

__all__ = ["pattern_of", "sparsity"]


def sparsity(
    f: Callable,
    *args,
    argnums: int | tuple[int, ...] | None = None,
    argnames: str | tuple[str, ...] | None = None,
    local: bool = False,
    **kwargs,
) -> scipy.sparse.csr_array:
    """Pattern of the Jacobian of a function: where it can have entries that are not 0.

    f runs once; what each number depends on is read from the calls of NumPy that it makes.  The pattern
    holds for all arguments for which Python takes the same branches (``if x[0] > 0``); where NumPy
    chooses (``np.where``, ``np.maximum``), it has the entries of both choices.

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays.
    *args, **kwargs
        Its arguments.
    argnums, argnames
        Which of them it is differentiated by, as in :class:`jacobian`; by default the first.
    local : bool
        Whether the pattern is that at these arguments alone: without what np.where, np.maximum and
        the like did not choose here, and what was multiplied by 0.

    Returns
    -------
    csr_array of bool, shape (m, n)
        All entries are True; sorted.  m and n count the numbers of all results and of all arguments,
        in the order of :func:`ravel`.

    Raises
    ------
    ArgumentError
        Where f cannot be recorded: a search of SciPy's that looks at numbers.
    SizeError
        Where the pattern has too many entries to be held.

    See Also
    --------
    prepare_jacobian, prepare_hessian

    Notes
    -----
    Elementwise steps unite the sets of columns of what they combine, sums unite them along axes,
    products over rows and columns; what copies elements copies their sets.  A function of which no
    more is known makes all of its answer depend on all that it is given.  The pattern of a Hessian is
    that of the gradient: ``dr.sparsity(dr.grad(f), x)``.  Cost: that of f, and about 10 ms for each
    100 000 numbers that are combined with others.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> dr.sparsity(lambda x: x[1:] * x[:-1], np.ones(4)).toarray().astype(int)
    array([[1, 1, 0, 0],
           [0, 1, 1, 0],
           [0, 0, 1, 1]])
    """
    derivative = named("sparsity", f, argnums, argnames, written="dr.sparsity(f, x)")
    return pattern_of(derivative, args, kwargs, local).pattern


class Found(NamedTuple):
    """A pattern, and what was seen on the way.

    Attributes
    ----------
    pattern : csr_array of bool
    is_complex : bool
        Whether f answers complex numbers.
    widened : str
        The call whose answer was the first to depend on half of the arguments or more, if any.
    path : int
        As of :meth:`Trace.path`.
    """

    pattern: scipy.sparse.csr_array
    is_complex: bool
    widened: str
    path: int


def pattern_of(derivative, args, kwargs, local=False, limit=np.inf) -> Found:
    """The pattern of the Jacobian of the function that a derivative is of, at arguments of it."""
    # This raises where f has no derivative, a recording does not.
    trace, _ = derivative._trace(args, kwargs)
    path = trace.path()
    del trace
    leaves, _, call = derivative._at_leaves(args, kwargs)
    f = derivative.f
    recording = Recording(follows=True)
    leaves = [base_of(x) for x in leaves]
    given = [recording.input(own_copy(x)) for x in leaves]
    token = OBSERVER.set(None)  # who watches would be a branch
    try:
        with np.errstate(all="ignore"):
            result = call(given)
        if derivative.has_aux:
            result, _ = result
        outputs, _ = flatten_result(result, f)
        program = recording.program(outputs, name_of(f))
    except Unrecordable as reason:
        word = "hessian" if derivative.within == "hessian" else "jacobian"
        raise errors.ArgumentError(
            f"The pattern of `{name_of(f)}` cannot be found: {reason}.",
            where="",
            fix=f"give the pattern: dr.prepare_{word}(f, x, pattern=...)",
        ) from None
    finally:
        OBSERVER.reset(token)
        recording.close()
    sizes = [x.size for x in leaves]
    sets = Sets(sum(sizes), limit)
    parts = np.split(sets.singles(), np.cumsum(sizes)[:-1])
    singles = [part.reshape(x.shape) for part, x in zip(parts, leaves)]
    reading = Reading(program, sets, singles, leaves if local else None)
    numbers = [x.reshape(-1) for x in reading.outputs(program)]
    is_complex = any(y.dtype.kind == "c" for y in outputs)
    widened = "" if reading.widened is None else _shown(reading.widened)
    return Found(sets.rows(np.concatenate(numbers)), is_complex, widened, path)


def _shown(step):
    file, line = step.line
    return f"{name_of(step.function)} ({file.rpartition('/')[2]}:{line})"
