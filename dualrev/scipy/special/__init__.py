"""Special functions: :mod:`scipy.special` with derivatives.

Owns the names only.  SciPy's ufuncs dispatch to traced arrays, and are found under this path too.
What else SciPy has here serves plain arrays as it does there.
"""

import scipy.special as _scipy

from dualrev.scipy.special.callers import (
    h1vp,
    h2vp,
    ivp,
    jvp,
    kvp,
    lambertw,
    sinc,
    softplus,
    yvp,
    zeta,
)
from dualrev.scipy.special.counting import comb, factorial, multigammaln, perm, polygamma
from dualrev.scipy.special.exponentials import log_softmax, logsumexp, softmax
from dualrev.scipy.special.harmonics import sph_harm_y
from dualrev.scipy.special.spherical import (
    spherical_in,
    spherical_jn,
    spherical_kn,
    spherical_yn,
)
from dualrev.scipy.untraced import rest_of

__all__ = [
    "comb",
    "factorial",
    "h1vp",
    "h2vp",
    "ivp",
    "jvp",
    "kvp",
    "lambertw",
    "log_softmax",
    "logsumexp",
    "multigammaln",
    "perm",
    "polygamma",
    "sinc",
    "softmax",
    "softplus",
    "sph_harm_y",
    "spherical_in",
    "spherical_jn",
    "spherical_kn",
    "spherical_yn",
    "yvp",
    "zeta",
]

__getattr__ = rest_of(_scipy)
