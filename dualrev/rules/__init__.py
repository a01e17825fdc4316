"""The knowledge: one file for each chapter of the NumPy manual.  Importing them fills RULES."""

from dualrev.rules import (
    calculus,
    constants,
    decompositions,
    elementwise,
    fourier,
    indexing,
    joining,
    linalg,
    polynomials,
    products,
    reductions,
    shape,
    sorting,
    special,
    statistics,
)
