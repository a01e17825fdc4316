"""Integration; the names of :mod:`scipy.integrate` that take derivatives.

Owns the names only, each from the module of its subject; newton_cotes, which has no derivative, is
SciPy's own.
"""

from scipy.integrate import newton_cotes

from dualrev.scipy.integrate.adaptive import fixed_quad, quad, quad_vec
from dualrev.scipy.integrate.samples import (
    cumulative_simpson,
    cumulative_trapezoid,
    romb,
    simpson,
    trapezoid,
)
from dualrev.scipy.integrate.several import dblquad, nquad, tplquad

__all__ = [
    "cumulative_simpson",
    "cumulative_trapezoid",
    "dblquad",
    "fixed_quad",
    "newton_cotes",
    "nquad",
    "quad",
    "quad_vec",
    "romb",
    "simpson",
    "tplquad",
    "trapezoid",
]
