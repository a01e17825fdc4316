"""Cases of rules/special/errors.py."""

from scipy import special

from tests.cases import case, complex_, positive, real

X = real(5)

CASES = [
    case(special.erf, X, dtypes="fFD"),
    case(special.erfc, X, dtypes="fFD"),
    case(special.erfi, X, dtypes="fFD"),
    case(special.erfcx, X, dtypes="fFD"),
    case(special.dawsn, X, dtypes="fFD"),
    case(special.wofz, complex_(4), dtypes="FD"),
    case(special.wofz, X),
    case(special.erfinv, real(5, low=-0.9, high=0.9)),
    case(special.erfcinv, positive(5, low=0.1, high=1.9)),
    case(special.fresnel, X, dtypes="fFD"),
    case(special.fresnel, complex_(3), dtypes=""),
    case(special.modfresnelp, positive(4)),
    case(special.modfresnelm, positive(4)),
]
