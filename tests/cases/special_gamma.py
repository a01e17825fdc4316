"""Cases of rules/special/gamma.py."""

import numpy as np
from scipy import special

from tests.cases import case, complex_, positive, real

POSITIVE = positive(5)

CASES = [
    case(special.gamma, POSITIVE, dtypes="f"),
    case(special.gamma, real(4, low=-2.8, high=-2.2)),
    case(special.gamma, complex_(4), dtypes="FD"),
    case(special.gammaln, POSITIVE),
    case(special.loggamma, POSITIVE),
    case(special.loggamma, complex_(4), dtypes="FD"),
    case(special.rgamma, POSITIVE),
    case(special.rgamma, np.array([0.0, -1.0, -2.3, 0.45])),
    case(special.rgamma, complex_(4), dtypes="FD"),
    case(special.digamma, POSITIVE),
    case(special.digamma, real(4, low=-2.8, high=-2.2)),
    case(special.digamma, complex_(4), dtypes="FD"),
    case(special.poch, POSITIVE, positive(5, seed=5)),
    case(special.binom, positive(5, low=4.0, high=6.0), positive(5, seed=5)),
    case(special.beta, POSITIVE, positive(5, seed=5)),
    case(special.betaln, positive(3, 1), positive(2, seed=5)),
]
