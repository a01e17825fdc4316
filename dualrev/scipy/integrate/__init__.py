"""Integration; the names of :mod:`scipy.integrate` that take derivatives, and solve_ivp.

Owns the names only, each from the module of its subject; newton_cotes, which has no derivative, is
SciPy's own, and what else SciPy has under this path serves plain arrays as it does there.
"""

from scipy.integrate import newton_cotes

from dualrev.scipy.integrate import (
    adaptive,
    boundary_values,
    boxes,
    by_elements,
    initial_values,
    samples,
    several,
)
from dualrev.scipy.integrate.adaptive import *
from dualrev.scipy.integrate.boundary_values import *
from dualrev.scipy.integrate.boxes import *
from dualrev.scipy.integrate.by_elements import *
from dualrev.scipy.integrate.initial_values import *
from dualrev.scipy.integrate.rest import REST
from dualrev.scipy.integrate.samples import *
from dualrev.scipy.integrate.several import *

__all__ = [
    *adaptive.__all__,
    *boundary_values.__all__,
    *boxes.__all__,
    *by_elements.__all__,
    *initial_values.__all__,
    *samples.__all__,
    *several.__all__,
    "newton_cotes",
    *REST.names,
]

__getattr__ = REST
