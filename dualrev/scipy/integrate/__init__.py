"""Integration; the names of :mod:`scipy.integrate` that take derivatives.

Owns the names only, each from the module of its subject; newton_cotes, which has no derivative, is
SciPy's own.
"""

from scipy.integrate import newton_cotes

from dualrev.scipy.integrate import adaptive, samples, several
from dualrev.scipy.integrate.adaptive import *
from dualrev.scipy.integrate.samples import *
from dualrev.scipy.integrate.several import *

__all__ = [*adaptive.__all__, *samples.__all__, *several.__all__, "newton_cotes"]
