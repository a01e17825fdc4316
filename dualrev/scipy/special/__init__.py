"""Special functions: :mod:`scipy.special` with derivatives.

Owns the names only.  SciPy's ufuncs dispatch to traced arrays, and are found under this path too.
What else SciPy has here serves plain arrays as it does there.
"""

from dualrev.scipy.special import (
    callers,
    counting,
    exponentials,
    harmonics,
    legendre_functions,
    periodic,
    quadratures,
    sequences,
    spherical,
)
from dualrev.scipy.special.callers import *
from dualrev.scipy.special.counting import *
from dualrev.scipy.special.exponentials import *
from dualrev.scipy.special.harmonics import *
from dualrev.scipy.special.legendre_functions import *
from dualrev.scipy.special.periodic import *
from dualrev.scipy.special.quadratures import *
from dualrev.scipy.special.rest import REST
from dualrev.scipy.special.sequences import *
from dualrev.scipy.special.spherical import *

__all__ = [
    *callers.__all__,
    *counting.__all__,
    *exponentials.__all__,
    *harmonics.__all__,
    *legendre_functions.__all__,
    *periodic.__all__,
    *quadratures.__all__,
    *sequences.__all__,
    *spherical.__all__,
    *REST.names,
]

__getattr__ = REST
