"""scipy.optimize with exact derivatives, for its solvers and of what they find.

Must not know how a derivative is computed.
"""

from dualrev.scipy.optimize.isotonic import isotonic_regression
from dualrev.scipy.optimize.linear_programs import linear_sum_assignment, linprog
from dualrev.scipy.optimize.linear_squares import lsq_linear, nnls
from dualrev.scipy.optimize.minima import minimize
from dualrev.scipy.optimize.rest import REST
from dualrev.scipy.optimize.roots import (
    anderson,
    broyden1,
    broyden2,
    diagbroyden,
    excitingmixing,
    fsolve,
    linearmixing,
    newton_krylov,
    root,
)
from dualrev.scipy.optimize.scalar_minima import brent, fminbound, golden, minimize_scalar
from dualrev.scipy.optimize.scalar_roots import (
    bisect,
    brenth,
    brentq,
    fixed_point,
    newton,
    ridder,
    root_scalar,
    toms748,
)
from dualrev.scipy.optimize.squares import curve_fit, least_squares

__all__ = [
    "anderson",
    "bisect",
    "brent",
    "brenth",
    "brentq",
    "broyden1",
    "broyden2",
    "curve_fit",
    "diagbroyden",
    "excitingmixing",
    "fixed_point",
    "fminbound",
    "fsolve",
    "golden",
    "isotonic_regression",
    "least_squares",
    "linear_sum_assignment",
    "linearmixing",
    "linprog",
    "lsq_linear",
    "minimize",
    "minimize_scalar",
    "newton",
    "newton_krylov",
    "nnls",
    "ridder",
    "root",
    "root_scalar",
    "toms748",
    *REST.names,
]


__getattr__ = REST
