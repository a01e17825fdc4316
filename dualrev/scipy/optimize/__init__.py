"""scipy.optimize with exact derivatives, for its solvers and of what they find.

Must not know how a derivative is computed.
"""

from typing import Any

from scipy import optimize

from dualrev.scipy.optimize.minima import minimize
from dualrev.scipy.optimize.roots import root
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
    "bisect",
    "brent",
    "brenth",
    "brentq",
    "curve_fit",
    "fixed_point",
    "fminbound",
    "golden",
    "least_squares",
    "minimize",
    "minimize_scalar",
    "newton",
    "ridder",
    "root",
    "root_scalar",
    "toms748",
]


def __getattr__(name: str) -> Any:
    # SciPy's own, of which some are plain Python that traced values pass: rosen.
    if name.startswith("_"):
        raise AttributeError(name)
    return getattr(optimize, name)
