"""prepare_jacobian and prepare_hessian: all that is done once for sparse matrices of derivatives.

Owns what is checked before a prepared matrix is evaluated.  Must not know how patterns are found or
coloured.
"""

import functools
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from dualrev.core import errors
from dualrev.core.errors import name_of
from dualrev.core.forward import OBSERVER
from dualrev.core.traced import is_traced
from dualrev.gradients import grad
from dualrev.insides import user_place
from dualrev.program import compiling
from dualrev.selection import named, word_of
from dualrev.sparse.braille import braille
from dualrev.sparse.colouring import Colouring, colour_both, colour_columns, colour_rows, seeds
from dualrev.sparse.decompression import plan
from dualrev.sparse.detection import pattern_of
from dualrev.sparse.ordering import ORDERS
from dualrev.sparse.plots import png
from dualrev.sparse.products import pulled, pushed
from dualrev.sparse.symmetric import colour_symmetric

__all__ = ["PreparedMatrix", "SparseCalls", "prepare_hessian", "prepare_jacobian"]

#: So many products more than with columns, or rows, alone must be saved by taking both.
_MANY = 8
#: What a random product may differ from that with the matrix, relative to its terms: a thousand times
#: the rounding of a sum, or more.  Where it differs for another reason a pattern is sought in vain.
_TOLERANCE = {"f": 1e-4, "d": 1e-10}


class PreparedMatrix:
    """A sparse matrix of derivatives, prepared for arguments of some shapes.

    Made by :func:`~dualrev.prepare_jacobian` and :func:`~dualrev.prepare_hessian`.  Called with
    arguments it answers the matrix there.  ``print`` shows the pattern in dots, a notebook as a picture.

    Attributes
    ----------
    pattern : csr_array of bool, shape (m, n)
        Where the matrix has entries.
    colouring : Colouring
        Which columns, or rows, share one product.
    products : int
        How many products with a vector one matrix takes.
    """

    def __init__(self, derivative, kinds, pattern, colouring: Colouring, compiled: bool):
        self._derivative = derivative
        self._kinds = kinds
        self.pattern = pattern
        self.colouring = colouring
        self.compiled = compiled
        self._plan = plan(pattern, colouring)
        as_is = lambda f: f  # noqa: E731
        made = compiling.compile if compiled else as_is
        self._entries, self._probed = made(self._computed), made(self._with_product)

    @property
    def shape(self):
        return self.pattern.shape

    @functools.cached_property
    def _seeds(self):
        return [
            None if colours is None else seeds(colours)
            for colours in (self.colouring.columns, self.colouring.rows)
        ]

    @property
    def products(self) -> int:
        return self.colouring.forward + self.colouring.backward

    def __repr__(self):
        return f"<{self._title()}>"

    def __str__(self):
        return f"{self._title()}\n{self.colouring}\n{braille(self.pattern)}"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        image = png(self.pattern, self.colouring, f"{self._title()}\n{self.colouring}")
        bundle = {"text/plain": str(self), "image/png": image}
        return {kind: shown for kind, shown in bundle.items() if shown is not None}

    def _title(self):
        m, n = self.shape
        return (
            f"sparse {word_of(self._derivative)} of {name_of(self._derivative.f)}: {m} x {n}, "
            f"{self.pattern.nnz} entries, {self.products} products"
        )

    def __reduce__(self):
        parts = self._derivative, self._kinds, self.pattern, self.colouring, self.compiled
        return type(self), parts

    def __call__(self, *args, **kwargs) -> scipy.sparse.csr_array:
        """The matrix at these arguments, with the entries of the pattern."""
        kinds = kinds_of(self._derivative, args, kwargs)
        if kinds != self._kinds:
            raise errors.ShapeError(
                f"The {word_of(self._derivative)} is prepared for {_shown(self._kinds)}; it was called "
                f"with {_shown(kinds)}.",
                where="",
                fix=f"prepare it for these: dr.prepare_{word_of(self._derivative)}(f, x)",
            )
        if OBSERVER.get() is not None:
            here, is_complex, _ = pattern_of(self._derivative, args, kwargs)
            self._check_like(here.shape[0], is_complex)
            missing = _entries(here) > self.pattern
            if missing.nnz:
                word = word_of(self._derivative)
                gradient = "f" if word == "jacobian" else "dr.grad(f)"
                rows, columns = missing.tocoo().coords
                raise self._wrong_pattern(
                    rows[0],
                    columns[0],
                    fix=f"prepare it for both: dr.prepare_{word}(f, x, pattern=J.pattern + "
                    f"dr.sparsity({gradient}, x))",
                )
        return self._matrix(self._entries(*args, **kwargs))

    def checked(self, args, kwargs) -> "Checked":
        """The matrix, and what tells whether the pattern holds: a product with random numbers."""
        entries, product, aux, path = self._probed(*args, **kwargs)
        if entries is None:
            return Checked(None, None, aux, False, path)
        matrix = self._matrix(entries)
        # Where entries are infinite or nan, the product tells nothing of their rows.
        fits = np.isfinite(entries).all() and not self._wrong_rows(matrix, product).size
        return Checked(matrix, product, aux, bool(fits), path)

    def check(self, args, kwargs):
        """Raise where the pattern, which is not our own, lacks an entry that is not 0."""
        trace, _ = self._derivative._trace(args, kwargs)
        wrong = self._wrong_rows(self._matrix(self._entries_of(trace)), self._product(trace))
        for i in wrong[:_MANY]:
            # Of a complex result by real arguments each cotangent pulls one part.
            units = np.zeros((2, self.shape[0]), complex)
            units[:, i] = 1, 1j
            row = abs(pulled(trace, units)).max(axis=0)
            row[self.pattern.indices[self.pattern.indptr[i] : self.pattern.indptr[i + 1]]] = 0
            (missing,) = np.nonzero(row)
            if missing.size:
                fix = f"leave it out: dr.prepare_{word_of(self._derivative)}(f, x) finds one"
                raise self._wrong_pattern(i, missing[0], fix=fix)

    def warn_if_dense(self, widened):
        """Say where hardly any products are saved, and which call makes it so."""
        if self.products <= max(_MANY, min(self.shape) / 2):
            return
        share = self.pattern.nnz / (self.shape[0] * self.shape[1])
        word = word_of(self._derivative)
        text = (
            f"The {word} of `{name_of(self._derivative.f)}` takes {self.products} products, hardly "
            f"fewer than a full one: {100 * share:.3g}% of its entries may be other than 0; "
            + f"from {widened} on, numbers depend on half of the arguments or more; "
            * bool(widened)
            + f"take dr.{word}(f), or give the pattern."
        )
        warnings.warn_explicit(text, errors.PerformanceWarning, *user_place())

    def _product(self, trace):
        """The product with the random numbers of every check."""
        return pushed(trace, self._random)[0]

    @functools.cached_property
    def _random(self):
        return np.random.default_rng(0).uniform(0.5, 1.5, (1, self.shape[1]))

    def _wrong_rows(self, matrix, product):
        """The rows in which the product with random numbers is not that with the matrix."""
        kind = np.result_type(*(dtype for _, dtype in self._kinds[1])).char.lower()
        terms = abs(matrix) @ self._random[0]
        with np.errstate(invalid="ignore"):
            apart = abs(matrix @ self._random[0] - product)
            holds = apart <= _TOLERANCE.get(kind, 1e-10) * (terms + abs(product))
        return np.flatnonzero(~(holds & np.isfinite(product)) & np.isfinite(terms))

    def _wrong_pattern(self, i, j, fix):
        return errors.ArgumentError(
            f"The pattern of the {word_of(self._derivative)} of `{name_of(self._derivative.f)}` has no "
            f"entry ({i}, {j}), which is not 0 here.",
            where="",
            fix=fix,
        )

    def _computed(self, *args, **kwargs):
        trace, _ = self._derivative._trace(args, kwargs)
        return self._entries_of(trace)

    def _with_product(self, *args, **kwargs):
        trace, _ = self._derivative._trace(args, kwargs)
        if self._unlike(*_result_of(trace)) is not None:
            return None, None, trace.aux, trace.path()
        return self._entries_of(trace), self._product(trace), trace.aux, trace.path()

    def _entries_of(self, trace):
        _check_complex(self._derivative, trace)
        self._check_like(*_result_of(trace))
        forward = backward = None
        if self.colouring.forward:
            forward = pushed(trace, self._seeds[0])
        if self.colouring.backward:
            backward = pulled(trace, self._seeds[1])
        if forward is None and backward is None:
            return np.zeros(0)
        return self._plan.entries(forward, backward)

    def _unlike(self, m, is_complex):
        """How a result differs from those that the matrix is prepared for."""
        if m != self.shape[0]:
            return f"{m} numbers", str(self.shape[0])
        # Of a complex result a cotangent pulls to real arguments one part alone.
        if is_complex and self.colouring.backward and not _are_complex(self._kinds):
            return "complex numbers", "real ones"
        return None

    def _check_like(self, m, is_complex):
        unlike = self._unlike(m, is_complex)
        if unlike is not None:
            raise errors.ShapeError(
                f"`{name_of(self._derivative.f)}` answered {unlike[0]}; it was prepared where it "
                f"answered {unlike[1]}.",
                where="",
                fix=f"prepare it for these arguments: dr.prepare_{word_of(self._derivative)}(f, x)",
            )

    def _matrix(self, entries):
        if is_traced(entries):
            raise _inside(self._derivative)
        pattern = self.pattern
        parts = entries, pattern.indices.copy(), pattern.indptr.copy()
        matrix = scipy.sparse.csr_array(parts, pattern.shape)
        matrix.has_canonical_format = True
        return matrix


class Checked(NamedTuple):
    """A matrix, and what was seen on the way.

    Attributes
    ----------
    matrix : csr_array or None
        None where the result has another size.
    product : array or None
        The product with random numbers.
    aux
        What f has returned beside its result.
    fits : bool
        Whether that product is the one with the matrix.
    path : int
        As of :meth:`Trace.path`.
    """

    matrix: scipy.sparse.csr_array | None
    product: Any
    aux: Any
    fits: bool
    path: int


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
            pattern = _entries(known.pattern + pattern)
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


def prepare_jacobian(
    f: Callable,
    *args,
    argnums: int | tuple[int, ...] | None = None,
    argnames: str | tuple[str, ...] | None = None,
    holomorphic: bool = False,
    mode: str = "auto",
    pattern: Any = None,
    order: str = "best",
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
    order : {"best", "natural", "largest_first", "smallest_last", "incidence_degree"}
        In which columns are coloured.
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
        Where a pattern that is given lacks an entry.
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
    Where f takes another branch than at the arguments here, or a matrix or mask that it reads besides
    has fewer zeros than here, entries can be missing; under :func:`debug` that is an error, and
    ``dr.jacobian(f, sparse=True)`` looks at each call, by one more product.
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
    return prepared(derivative, args, kwargs, mode, pattern, order, compiled=compile)


def prepare_hessian(
    f: Callable,
    *args,
    argnums: int | tuple[int, ...] | None = None,
    argnames: str | tuple[str, ...] | None = None,
    pattern: Any = None,
    order: str = "best",
    substitution: bool = False,
    compile: bool = False,
    **kwargs,
) -> PreparedMatrix:
    """Sparse Hessian of a scalar function, with all that is done once done.

    Parameters
    ----------
    f : callable
        Function whose result is one real number.
    *args, **kwargs, argnums, argnames, pattern, order, compile
        As of :func:`prepare_jacobian`.
    substitution : bool
        Whether entries may be differences of what the products hold (acyclic colouring), which takes
        fewer products and loses some digits; by default each is read directly (star colouring).

    Returns
    -------
    PreparedMatrix
        ``H(x)`` is a csr_array (n, n), symmetric to the last bit.

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
    inner: Any = grad(f, argnums, argnames)
    inner.within = "hessian"
    derivative = named("hessian", inner, argnums, argnames, written="dr.prepare_hessian(f, x)")
    return prepared(
        derivative, args, kwargs, "symmetric", pattern, order, substitution, compiled=compile
    )


def prepared(
    derivative, args, kwargs, mode, pattern=None, order="best", substitution=False, compiled=False
) -> PreparedMatrix:
    """The matrix of a derivative, prepared at arguments of it."""
    if mode not in ("auto", "forward", "reverse", "symmetric"):
        raise errors.ArgumentError(
            f"mode is {mode!r}.", fix='mode is one of "auto", "forward", "reverse"'
        )
    if order not in ("best", *ORDERS):
        raise errors.ArgumentError(
            f"order is {order!r}.", fix=f'order is one of "best", {", ".join(map(repr, ORDERS))}'
        )
    kinds = kinds_of(derivative, args, kwargs)
    is_given = pattern is not None
    if is_given:
        trace, _ = derivative._trace(args, kwargs)
        m, is_complex = _result_of(trace)
        shape = m, sum(x.size for x in trace.primals)
        pattern, widened = _as_pattern(pattern, shape, derivative), ""
    else:
        pattern, is_complex, widened = pattern_of(derivative, args, kwargs)
    made = _made(derivative, kinds, pattern, is_complex, mode, order, substitution, compiled)
    if is_given:
        made.check(args, kwargs)
    made.warn_if_dense(widened)
    return made


def _made(
    derivative,
    kinds,
    pattern,
    is_complex,
    mode,
    order="best",
    substitution=False,
    compiled=False,
):
    """A matrix with a pattern of which the colouring is sought."""
    if mode == "symmetric":
        # Both it and its transpose hold all entries: what is in one alone is 0.
        pattern = _entries(pattern.multiply(pattern.T))
        colouring = colour_symmetric(pattern, order, substitution)
    else:
        # A complex result of real arguments is pushed to, at once for both of its parts.
        by_real = is_complex and not _are_complex(kinds)
        colouring = _coloured(pattern, "forward" if by_real else mode, order)
    return PreparedMatrix(derivative, kinds, pattern, colouring, compiled)


def _coloured(pattern, mode, order):
    """The colouring with the fewest products."""
    if mode == "forward":
        return colour_columns(pattern, order)
    if mode == "reverse":
        return colour_rows(pattern, order)
    best = colour_columns(pattern, order)
    longest = int(np.bincount(pattern.indices, minlength=1).max())
    if longest + 1 < best.forward:  # a colour more than the bound is common
        best = min(best, colour_rows(pattern, order), key=_count)
    if _count(best) > _MANY:
        both = colour_both(pattern, order)
        if _count(both) + _MANY <= _count(best):
            return both
    return best


def _count(colouring):
    return colouring.forward + colouring.backward


def _as_pattern(x, shape, derivative):
    """A pattern that a user gives, in csr, all of its entries True."""
    x = scipy.sparse.csr_array(x)
    if x.shape != shape:
        raise errors.ShapeError(
            f"The pattern has shape {x.shape}, the {word_of(derivative)} {shape}.",
            fix="a row for each number of the result, a column for each of the arguments",
        )
    x = x.copy()
    x.sum_duplicates()
    x = _entries(x)
    return _entries(x + x.T) if word_of(derivative) == "hessian" else x


def _entries(x):
    """The pattern of the stored entries of a matrix, sorted."""
    x = x.tocsr()
    x.sort_indices()
    return scipy.sparse.csr_array((np.ones(x.nnz, bool), x.indices, x.indptr), x.shape)


def kinds_of(derivative, args, kwargs):
    """Structure, shapes and dtypes of the arguments that it is taken by."""
    leaves, treedef, _ = derivative._at_leaves(args, kwargs)
    if is_traced(leaves):
        raise _inside(derivative)
    return treedef, tuple((x.shape, x.dtype) for x in leaves)


def _inside(derivative):
    word = word_of(derivative)
    return errors.ArgumentError(
        f"A sparse {word} was asked for inside of another derivative.",
        fix=f"take it densely there: dr.{word}(f)(x)",
    )


def _result_of(trace):
    """How many numbers, and whether there are complex ones."""
    return sum(y.size for y in trace.ans), any(y.dtype.kind == "c" for y in trace.ans)


def _are_complex(kinds):
    return any(dtype.kind == "c" for _, dtype in kinds[1])


def _shown(kinds):
    first, *others = [f"{dtype} of shape {shape}" for shape, dtype in kinds[1]]
    return f"{first} and {len(others)} more" if others else first


def _equal(one, other):
    """Whether two runs have the same product, to the bit."""
    if one.product is None or other.product is None:
        return False
    return np.array_equal(one.product, other.product, equal_nan=True)


def _check_complex(derivative, trace):
    complex_in = any(x.dtype.kind == "c" for x in trace.primals)
    complex_out = any(y.dtype.kind == "c" for y in trace.ans)
    derivative._check_holomorphic(trace)
    if complex_in and not (complex_out and derivative.holomorphic):
        raise errors.ComplexError(
            f"The sparse {word_of(derivative)} of `{name_of(derivative.f)}` was asked for at complex "
            "numbers.",
            where="",
            fix="pass holomorphic=True, if f is; else take it by the real and the imaginary part",
        )
