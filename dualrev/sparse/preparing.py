"""prepare_jacobian, prepare_hessian, and what ``sparse=True`` prepares by itself.

Owns when a pattern is sought, and which colouring is taken.  Must not know how they are found.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.errors import name_of
from dualrev.gradients import grad
from dualrev.selection import named, word_of
from dualrev.sparse.colouring import colour_both, colour_columns, colour_rows
from dualrev.sparse.detection import pattern_of
from dualrev.sparse.evaluation import are_complex, result_of
from dualrev.sparse.ordering import ORDERS
from dualrev.sparse.patterns import given, stored
from dualrev.sparse.prepared import FEW, PreparedMatrix, kinds_of
from dualrev.sparse.symmetric import colour_symmetric

__all__ = ["SparseCalls", "prepare_hessian", "prepare_jacobian"]


def prepare_jacobian(
    f: Callable,
    *args,
    argnums: int | tuple[int, ...] | None = None,
    argnames: str | tuple[str, ...] | None = None,
    holomorphic: bool = False,
    mode: str = "auto",
    pattern: Any = None,
    ordering: str = "best",
    compile: bool = False,
    **kwargs,
) -> PreparedMatrix:
    """Sparse Jacobian of a function, with all that is done once done: pattern, colours, plan.

    Columns (rows) that have no row (column) in common share one product with a vector.

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays.
    *args, **kwargs
        Arguments of it: of the shapes of those at which the matrix is evaluated, and such that f takes
        the same branches.
    argnums, argnames, holomorphic
        As in :class:`jacobian`.
    mode : {"auto", "forward", "reverse"}
        Products with columns by forward mode, or with rows by reverse mode; "auto" takes the fewer, and
        both where that saves many, as for arrowheads.
    pattern : sparse matrix or array, shape (m, n), optional
        Where the matrix may have entries: those that are stored, or not 0.  By default that of
        :func:`sparsity`.  One that is given is checked at the arguments by a random product.
    ordering : {"best", "natural", "largest_first", "smallest_last", "incidence_degree"}
        The order in which columns are coloured.
    compile : bool
        Whether the products run as a compiled program, see :class:`compile`.

    Returns
    -------
    PreparedMatrix
        ``J(x)`` is a csr_array (m, n), m and n the numbers of all results and of all arguments, in the
        order of :func:`ravel`.  It pickles when f does.

    Raises
    ------
    ArgumentError
        Where a pattern that is given lacks an entry; and where the matrix is called with arguments at
        which f takes a branch that has more entries.
    ShapeError
        Where it has another shape, or the matrix is called with arguments of other shapes.

    Warns
    -----
    PerformanceWarning
        Where hardly any products are saved.

    See Also
    --------
    sparsity, prepare_hessian, jacobian

    Notes
    -----
    Where f takes another branch than before, the pattern is sought there too, once a branch; where it
    could have more entries, one more product at each call tells, and an entry that is missing is an
    error.  Of a pattern that is given only :func:`debug` looks; so it does where a matrix or mask that
    f reads besides has fewer zeros than here, which ``dr.jacobian(f, sparse=True)`` sees at each call.
    Cost of a matrix: a run of f and ``J.products`` products, each about as much as a third of f to two.
    Gebremedhin, Manne and Pothen (2005), "What color is your Jacobian?", SIAM Review 47.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> J = dr.prepare_jacobian(lambda x: x[1:] ** 2 - x[:-1], np.ones(100))
    >>> J.products
    2
    >>> J(np.arange(100.0)).shape
    (99, 100)
    """
    written = "dr.prepare_jacobian(f, x)"
    derivative = named("jacobian", f, argnums, argnames, holomorphic, written)
    return prepared(derivative, args, kwargs, mode, pattern, ordering, compiled=compile)


def prepare_hessian(
    f: Callable,
    *args,
    argnums: int | tuple[int, ...] | None = None,
    argnames: str | tuple[str, ...] | None = None,
    pattern: Any = None,
    ordering: str = "best",
    substitution: bool = False,
    compile: bool = False,
    **kwargs,
) -> PreparedMatrix:
    """Sparse Hessian of a scalar function, with all that is done once done.

    Parameters
    ----------
    f : callable
        Function whose result is one real number.
    *args, **kwargs, argnums, argnames, pattern, ordering, compile
        As of :func:`prepare_jacobian`.
    substitution : bool
        Whether entries may be differences of what the products hold (acyclic colouring), which takes
        fewer products and loses some digits; by default each is read directly (star colouring).

    Returns
    -------
    PreparedMatrix
        ``H(x)`` is a csr_array (n, n), symmetric to the last bit.

    Raises
    ------
    NonScalarError, ComplexError
        Where f does not return one real number.
    ArgumentError, ShapeError
        As of :func:`prepare_jacobian`.

    See Also
    --------
    prepare_jacobian, hessian, hvp

    Notes
    -----
    Forward over reverse: each product costs about 3 to 10 evaluations of f.  Gebremedhin, Tarafdar,
    Pothen and Walther (2009), "Efficient computation of sparse Hessians using coloring and automatic
    differentiation", INFORMS Journal on Computing 21.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> def f(x):
    ...     return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    >>> H = dr.prepare_hessian(f, np.ones(100))
    >>> H.products, H.pattern.nnz
    (3, 298)
    """
    derivative = named("hessian", f, argnums, argnames, written="dr.prepare_hessian(f, x)")
    derivative.f = grad(f, argnums, argnames)
    derivative.f.within = "hessian"
    return prepared(
        derivative, args, kwargs, "symmetric", pattern, ordering, substitution, compiled=compile
    )


def prepared(
    derivative,
    args,
    kwargs,
    mode,
    pattern=None,
    ordering="best",
    substitution=False,
    compiled=False,
) -> PreparedMatrix:
    """The matrix of a derivative, prepared at arguments of it."""
    if not isinstance(mode, str) or mode not in ("auto", "forward", "reverse", "symmetric"):
        raise errors.ArgumentError(
            f"mode is {mode!r}.", fix='mode is one of "auto", "forward", "reverse"'
        )
    if not isinstance(ordering, str) or ordering not in ("best", *ORDERS):
        raise errors.ArgumentError(
            f"ordering is {ordering!r}.",
            fix="ordering is one of " + ", ".join(f'"{name}"' for name in ("best", *ORDERS)),
        )
    kinds = kinds_of(derivative, args, kwargs)
    is_given = pattern is not None
    if is_given:
        trace, _ = derivative._trace(args, kwargs)
        m, is_complex = result_of(trace)
        shape = m, sum(x.size for x in trace.primals)
        pattern, widened, paths = _as_pattern(pattern, shape, derivative), "", None
    else:
        pattern, is_complex, widened, path = pattern_of(derivative, args, kwargs)
        paths = {path: True}
    made = _made(
        derivative, kinds, pattern, is_complex, mode, ordering, substitution, compiled, paths
    )
    if is_given:
        made.check(
            args, kwargs, fix=f"leave it out: dr.prepare_{word_of(derivative)}(f, x) finds one"
        )
    made.warn_if_dense(widened)
    return made


def _made(
    derivative,
    kinds,
    pattern,
    is_complex,
    mode,
    ordering="best",
    substitution=False,
    compiled=False,
    paths=None,
):
    """A matrix with a pattern of which the colouring is sought."""
    if mode == "symmetric":
        # Both it and its transpose hold all entries: what is in one alone is 0.
        pattern = stored(pattern.multiply(pattern.T))
        colouring = colour_symmetric(pattern, ordering, substitution)
    else:
        # A complex result of real arguments is pushed to, at once for both of its parts.
        by_real = is_complex and not are_complex(kinds)
        colouring = _coloured(pattern, "forward" if by_real else mode, ordering)
    return PreparedMatrix(derivative, kinds, pattern, colouring, compiled, paths)


def _coloured(pattern, mode, ordering):
    """The colouring with the fewest products."""
    if mode == "forward":
        return colour_columns(pattern, ordering)
    if mode == "reverse":
        return colour_rows(pattern, ordering)
    best = colour_columns(pattern, ordering)
    longest = int(np.bincount(pattern.indices, minlength=1).max())
    if longest + 1 < best.forward:  # a colour more than the bound is common
        best = min(best, colour_rows(pattern, ordering), key=_count)
    if _count(best) > FEW:
        both = colour_both(pattern, ordering)
        # two sweeps in the place of one have to save more than a product or two
        if _count(both) + FEW <= _count(best):
            return both
    return best


def _count(colouring):
    return colouring.forward + colouring.backward


def _as_pattern(x, shape, derivative):
    """A pattern that a user gives, in csr, all of its entries True."""
    x = given(x)
    if x.shape != shape:
        raise errors.ShapeError(
            f"The pattern has shape {x.shape}, the {word_of(derivative)} {shape}.",
            fix="a row for each number of the result, a column for each of the arguments",
        )
    x = stored(x)
    return stored(x + x.T) if word_of(derivative) == "hessian" else x


class SparseCalls:
    """The sparse matrices of a derivative, prepared at the first call with arguments of a kind.

    The pattern is sought again where f makes other calls than before, and where its matrix does not
    fit a product with random numbers.
    """

    def __init__(self, derivative, mode: str, compiled: bool = False):
        self._derivative = derivative
        self._mode = mode
        self._compiled = compiled
        self._prepared: dict = {}
        self._paths: dict = {}

    def __call__(self, args, kwargs) -> Any:
        kinds = kinds_of(self._derivative, args, kwargs)
        known, paths = self._prepared.get(kinds), self._paths.setdefault(kinds, set())
        run = None if known is None else known.checked(args, kwargs)
        if run is None or not run.fits or (paths and run.path not in paths):
            found = pattern_of(self._derivative, args, kwargs)
            made = self.prepare(args, kwargs, found)
            if known is None:
                made.warn_if_dense(found.widened)
            run = made.checked(args, kwargs)
            if not run.fits and not _equal(run, made.checked(args, kwargs)):
                raise errors.ArgumentError(
                    f"`{name_of(self._derivative.f)}` has another derivative each time that it is "
                    "called, with the same arguments.",
                    where="",
                    fix="draw random numbers outside of it, and give them as an argument",
                )
        paths.add(run.path)
        return (run.matrix, run.aux) if self._derivative.has_aux else run.matrix

    def __getstate__(self):
        return {**vars(self), "_paths": {}}  # which hold for one process

    def prepare(self, args, kwargs, found) -> PreparedMatrix:
        """The matrix for arguments of this kind, with the pattern found at them and those before."""
        kinds = kinds_of(self._derivative, args, kwargs)
        pattern, known = found.pattern, self._prepared.get(kinds)
        if known is not None and known.shape == pattern.shape:
            # The branches that were taken before are taken again.
            pattern = stored(known.pattern + pattern)
            if pattern.nnz == known.pattern.nnz and not found.is_complex:
                return known
        made = self._prepared[kinds] = _made(
            self._derivative,
            kinds,
            pattern,
            found.is_complex,
            self._mode,
            compiled=self._compiled,
        )
        return made


def _equal(one, other):
    """Whether two runs have the same product, but for what threads round in another order."""
    if one.product is None or other.product is None:
        return False
    size = np.max(np.abs(one.product), initial=0, where=np.isfinite(one.product))
    return np.allclose(one.product, other.product, rtol=1e-3, atol=1e-3 * size, equal_nan=True)
