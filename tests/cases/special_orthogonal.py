"""Cases of rules/special/orthogonal.py."""

import numpy as np
from scipy import special

from tests.cases import case, positive, real

X = real(4, low=-0.9, high=0.9)
UNIT = positive(4, low=0.1, high=0.9)
DEGREES = np.array([0, 1, 3, 6])
ANY_DEGREES = positive(4, low=0.3, high=5.0, seed=7)
ALPHA = positive(4, low=0.3, high=2.0, seed=5)
BETA = positive(4, low=0.3, high=2.0, seed=6)

CASES = [
    *(
        case(function, DEGREES, X, dtypes="fFD")
        for function in (
            special.eval_legendre,
            special.eval_chebyt,
            special.eval_chebyu,
            special.eval_chebyc,
            special.eval_chebys,
            special.eval_laguerre,
        )
    ),
    *(
        case(function, DEGREES, UNIT, dtypes="fFD")
        for function in (special.eval_sh_legendre, special.eval_sh_chebyt, special.eval_sh_chebyu)
    ),
    case(special.eval_legendre, 3, np.array([1.0, -1.0, 0.0])),
    case(special.eval_legendre, 2.5, X),
    case(special.eval_chebyt, 0.5, X),
    case(special.eval_hermite, DEGREES, X, dtypes=""),
    case(special.eval_hermitenorm, DEGREES, X, dtypes=""),
    case(special.eval_genlaguerre, DEGREES, ALPHA, X),
    case(special.eval_gegenbauer, DEGREES, ALPHA, X),
    case(special.eval_jacobi, DEGREES, ALPHA, BETA, X),
    case(special.eval_jacobi, 2.5, 0.5, 1.5, X),
    case(special.eval_sh_jacobi, DEGREES, 3.5, 1.5, UNIT),
    case(special.eval_legendre, ANY_DEGREES, X),
    case(special.eval_chebyu, ANY_DEGREES, X),
    case(special.eval_genlaguerre, ANY_DEGREES, ALPHA, X),
    case(special.eval_gegenbauer, ANY_DEGREES, ALPHA, X),
    case(special.eval_jacobi, ANY_DEGREES, ALPHA, BETA, X),
    case(special.eval_sh_jacobi, ANY_DEGREES, ALPHA + BETA, BETA, UNIT),
    case(special.lpmv, 1, ANY_DEGREES, X),
    case(special.lpmv, 1, DEGREES, X),
    case(special.lpmv, 2, 3.5, X),
]
