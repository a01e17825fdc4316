"""PreparedMatrix: a sparse matrix of derivatives whose pattern and colours are known.

Owns its evaluation, and what is checked before and after it.  Must not know how it was prepared.
"""

import warnings
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from dualrev import errors
from dualrev.core.traced import is_traced
from dualrev.core.watching import OBSERVER
from dualrev.errors import name_of
from dualrev.insides.lines import user_place
from dualrev.program import compiling
from dualrev.selection import word_of
from dualrev.sparse.braille import braille
from dualrev.sparse.colouring import Colouring
from dualrev.sparse.detection import pattern_of
from dualrev.sparse.evaluation import Evaluation
from dualrev.sparse.patterns import stored
from dualrev.sparse.plots import png
from dualrev.sparse.products import pulled

__all__ = ["FEW", "PreparedMatrix", "kinds_of"]

#: So many products are few, whatever a full matrix takes.
FEW = 8
#: What a random product may differ from that with the matrix, relative to its terms: a thousand times
#: the rounding of a sum, or more.  Where it differs for another reason a pattern is sought in vain.
_TOLERANCE = {"e": 0.1, "f": 1e-4, "d": 1e-10}


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
    shape : tuple of int
        ``(m, n)``: the numbers of results and of arguments.
    """

    def __init__(
        self, derivative, kinds, pattern, colouring: Colouring, compiled: bool, paths=None
    ):
        self._derivative = derivative
        self._kinds = kinds
        self.pattern = pattern
        self.colouring = colouring
        self.compiled = compiled
        # Whether it holds for all that a branch can have, by Trace.path; None: not for us to say.
        self._paths = paths
        # What is compiled knows nothing of the matrix, which would wait for the garbage collector.
        self._evaluation = evaluation = Evaluation(derivative, kinds, pattern, colouring)
        self._entries, self._probed = (
            compiling.compile(method) if compiled else method
            for method in (evaluation.entries, evaluation.probed)
        )

    @property
    def shape(self):
        return self.pattern.shape

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
        return type(self), (*parts, None if self._paths is None else {})  # of another process

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
        entries, path = self._entries(*args, **kwargs)
        if OBSERVER.get() is not None or not self._holds_for(path, args, kwargs):
            word = word_of(self._derivative)
            gradient = "f" if word == "jacobian" else "dr.grad(f)"
            self.check(
                args,
                kwargs,
                fix=f"prepare it for both: dr.prepare_{word}(f, x, pattern=J.pattern + "
                f"dr.sparsity({gradient}, x))",
            )
        return self._matrix(entries)

    def _holds_for(self, path, args, kwargs):
        """Whether the pattern has all entries that a branch can have; sought once a branch."""
        if self._paths is None:
            return True
        if path not in self._paths:
            here = stored(pattern_of(self._derivative, args, kwargs).pattern)
            if word_of(self._derivative) == "hessian":
                here = here.multiply(here.T)  # what is in one of both alone is 0
            self._paths[path] = not (stored(here) > self.pattern).nnz
        return self._paths[path]

    def checked(self, args, kwargs) -> "Checked":
        """The matrix, and what tells whether the pattern holds: a product with random numbers."""
        entries, product, aux, path = self._probed(*args, **kwargs)
        if entries is None:
            return Checked(None, None, aux, False, path)
        matrix = self._matrix(entries)
        # Where entries are infinite or nan, the product tells nothing of their rows.
        fits = np.isfinite(entries).all() and not self._wrong_rows(matrix, product).size
        return Checked(matrix, product, aux, bool(fits), path)

    @property
    def directions(self):
        """Directions whose products with the Jacobian tell it, and whether it fits: (k, n).

        None where it is read from products with its transpose.
        """
        if self.colouring.backward:
            return None
        return np.concatenate([self._evaluation.seeds[0], self._evaluation.random])

    def entries_of_products(self, products):
        """The entries of several Jacobians, (count, nnz), from their products with the directions.

        Of shape (count, k, m).  And whether the pattern holds for each of them.
        """
        evaluation = self._evaluation
        entries = np.stack([evaluation.plan.entries(one) for one in products[:, :-1]])
        row, column = self.pattern.tocoo().coords
        weights = evaluation.random[0][column], (np.arange(len(row)), row)
        onto_rows = scipy.sparse.csr_array(weights, (len(row), self.shape[0]))
        product, terms = entries @ onto_rows, np.abs(entries) @ onto_rows
        with np.errstate(invalid="ignore"):
            apart = np.abs(product - products[:, -1])
            fits = apart <= _TOLERANCE["d"] * (terms + np.abs(product))
        return entries, fits.all(axis=1)

    def check(self, args, kwargs, fix):
        """Raise where the pattern lacks an entry that is not 0."""
        trace, _ = self._derivative._trace(args, kwargs)
        evaluation = self._evaluation
        matrix = self._matrix(evaluation.entries_of(trace))
        wrong = self._wrong_rows(matrix, evaluation.product(trace))
        for i in wrong[:FEW]:
            # Of a complex result by real arguments each cotangent pulls one part.
            units = np.zeros((2, self.shape[0]), complex)
            units[:, i] = 1, 1j
            row = abs(pulled(trace, units)).max(axis=0)
            row[self.pattern.indices[self.pattern.indptr[i] : self.pattern.indptr[i + 1]]] = 0
            (missing,) = np.nonzero(row)
            if missing.size:
                raise self._wrong_pattern(i, missing[0], fix=fix)

    def warn_if_dense(self, widened):
        """Say where hardly any products are saved, and which call makes it so."""
        if self.products <= max(FEW, min(self.shape) / 2):
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

    def _wrong_rows(self, matrix, product):
        """The rows in which the product with random numbers is not that with the matrix."""
        kind = np.result_type(*(dtype for _, dtype in self._kinds[1])).char.lower()
        random = self._evaluation.random[0]
        terms = abs(matrix) @ random
        with np.errstate(invalid="ignore"):
            apart = abs(matrix @ random - product)
            holds = apart <= _TOLERANCE.get(kind, 1e-10) * (terms + abs(product))
        return np.flatnonzero(~(holds & np.isfinite(product)) & np.isfinite(terms))

    def _wrong_pattern(self, i, j, fix):
        return errors.ArgumentError(
            f"The pattern of the {word_of(self._derivative)} of `{name_of(self._derivative.f)}` has no "
            f"entry ({i}, {j}), which is not 0 here.",
            where="",
            fix=fix,
        )

    def _matrix(self, entries):
        if is_traced(entries):
            raise _inside(self._derivative)
        if entries.dtype == np.float16:  # which scipy.sparse does not hold
            entries = entries.astype(np.float32)
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


def _shown(kinds):
    first, *others = [f"{dtype} of shape {shape}" for shape, dtype in kinds[1]]
    return f"{first} and {len(others)} more" if others else first
