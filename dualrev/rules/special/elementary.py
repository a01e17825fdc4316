"""Elementary functions of which scipy.special has its own: chapter 4 of DLMF.

Must not know NumPy's own functions' rules.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.core.words import constant
from dualrev.rules.elementwise import declare_logarithm

_DEGREE = math.pi / 180

elementwise(special.cbrt, lambda ans, x: 1 / (3 * ans * ans), guarded=True)
elementwise(special.exp2, lambda ans, x: ans * math.log(2), guarded=True)
elementwise(special.exp10, lambda ans, x: ans * math.log(10), guarded=True)
elementwise(special.expm1, lambda ans, x: np.exp(x), guarded=True)
declare_logarithm(special.log1p, lambda x: 1 + x)
elementwise(special.cosm1, lambda ans, x: -np.sin(x))
# exprel(x) = M(1, 2, x): exact near 0, where (exp(x) - exprel(x)) / x is not.
elementwise(special.exprel, lambda ans, x: special.hyp1f1(2, 3, x) / 2, guarded=True)
elementwise(
    special.powm1,
    lambda ans, x, y: y * np.power(x, np.where(np.equal(x, 0) & np.equal(y, 0), 1, y - 1.0)),
    lambda ans, x, y: (
        np.power(x, 1.0 * y) * np.log(np.where(np.equal(x, 0) & np.greater_equal(y, 0), 1, x))
    ),
    guarded=True,
)
elementwise(special.sindg, lambda ans, x: _DEGREE * special.cosdg(x))
elementwise(special.cosdg, lambda ans, x: -_DEGREE * special.sindg(x))
elementwise(special.tandg, lambda ans, x: _DEGREE * (1 + ans * ans))
elementwise(special.cotdg, lambda ans, x: -_DEGREE * (1 + ans * ans), guarded=True)
elementwise(special.radian, _DEGREE, _DEGREE / 60, _DEGREE / 3600)
constant(special.round)
