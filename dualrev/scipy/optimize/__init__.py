"""scipy.optimize with exact derivatives, for its solvers and of what they find.

Must not know how a derivative is computed.
"""

from dualrev.scipy.optimize import elementwise
from dualrev.scipy.optimize.global_minima import (
    basinhopping,
    brute,
    differential_evolution,
    direct,
    dual_annealing,
    shgo,
)
from dualrev.scipy.optimize.isotonic import isotonic_regression
from dualrev.scipy.optimize.linear_programs import linear_sum_assignment, linprog
from dualrev.scipy.optimize.linear_squares import lsq_linear, nnls
from dualrev.scipy.optimize.minima import minimize
from dualrev.scipy.optimize.older_minima import (
    fmin,
    fmin_bfgs,
    fmin_cg,
    fmin_cobyla,
    fmin_l_bfgs_b,
    fmin_ncg,
    fmin_powell,
    fmin_slsqp,
    fmin_tnc,
)
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
from dualrev.scipy.optimize.squares import curve_fit, least_squares, leastsq

__all__ = [
    "anderson",
    "basinhopping",
    "bisect",
    "brent",
    "brenth",
    "brentq",
    "broyden1",
    "broyden2",
    "brute",
    "curve_fit",
    "diagbroyden",
    "differential_evolution",
    "direct",
    "dual_annealing",
    "elementwise",
    "excitingmixing",
    "fixed_point",
    "fmin",
    "fmin_bfgs",
    "fmin_cg",
    "fmin_cobyla",
    "fmin_l_bfgs_b",
    "fmin_ncg",
    "fmin_powell",
    "fmin_slsqp",
    "fmin_tnc",
    "fminbound",
    "fsolve",
    "golden",
    "isotonic_regression",
    "least_squares",
    "leastsq",
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
    "shgo",
    "toms748",
    *REST.names,
]


__getattr__ = REST
