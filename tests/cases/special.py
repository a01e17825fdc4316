"""Cases of rules/special.py."""

import numpy as np
from scipy import special

from tests.cases import case, complex_, positive, real

X = real(5)
POSITIVE = positive(5)
UNIT = positive(5, low=0.1, high=0.9)
ORDERS = np.array([0, 1, 2, 3, 5])

CASES = [
    # elementary functions
    case(special.cbrt, X),
    case(special.exp2, X),
    case(special.exp10, X),
    case(special.expm1, X, dtypes="fFD"),
    case(special.log1p, POSITIVE, dtypes="fFD"),
    case(special.cosm1, X),
    case(special.exprel, X),
    case(special.exprel, np.array([0.0, 1e-9, -1e-4])),
    case(special.hyp1f1, 0.5, 1.5, X),
    # error functions
    case(special.erf, X, dtypes="fFD"),
    case(special.erfc, X, dtypes="fFD"),
    case(special.erfi, X, dtypes="fFD"),
    case(special.erfcx, X, dtypes="fFD"),
    case(special.dawsn, X, dtypes="fFD"),
    case(special.wofz, complex_(4), dtypes="FD"),
    case(special.wofz, X),
    case(special.erfinv, real(5, low=-0.9, high=0.9)),
    case(special.erfcinv, positive(5, low=0.1, high=1.9)),
    # normal and logistic distributions
    case(special.ndtr, X, dtypes="fFD"),
    case(special.ndtri, UNIT),
    case(special.log_ndtr, X, dtypes="fFD"),
    case(special.log_ndtr, np.array([-8.0, -30.0, 5.0])),
    case(special.expit, X),
    case(special.log_expit, X),
    case(special.logit, UNIT),
    # gamma and relatives
    case(special.gamma, POSITIVE, dtypes="f"),
    case(special.gamma, real(4, low=-2.8, high=-2.2)),
    case(special.gamma, complex_(4), order=1, dtypes="FD", reason="no complex trigamma in scipy"),
    case(special.gammaln, POSITIVE),
    case(special.loggamma, POSITIVE),
    case(
        special.loggamma, complex_(4), order=1, dtypes="FD", reason="no complex trigamma in scipy"
    ),
    case(special.rgamma, POSITIVE),
    case(special.digamma, POSITIVE),
    case(special.digamma, real(4, low=-2.8, high=-2.2)),
    case(special.zeta, POSITIVE, call=lambda q: special.zeta(2.5, q)),
    case(special.poch, POSITIVE, positive(5, seed=5)),
    case(special.binom, positive(5, low=4.0, high=6.0), positive(5, seed=5)),
    case(special.beta, POSITIVE, positive(5, seed=5)),
    case(special.betaln, positive(3, 1), positive(2, seed=5)),
    case(special.gammainc, 2.5, POSITIVE),
    case(special.gammaincc, 1, POSITIVE),
    case(special.gammaincinv, 2.5, UNIT),
    case(special.gammainccinv, 2.5, UNIT),
    case(special.betainc, 2.5, 1.5, UNIT),
    case(special.betaincinv, 2.5, 1.5, UNIT),
    # entropies and losses
    case(special.xlogy, X, POSITIVE, dtypes="f"),
    case(special.xlog1py, X, POSITIVE, dtypes="f"),
    case(special.entr, POSITIVE),
    case(special.rel_entr, POSITIVE, positive(5, seed=5)),
    case(special.kl_div, POSITIVE, positive(5, seed=5)),
    case(special.huber, positive(5, low=0.9, high=1.1), X),
    case(special.pseudo_huber, POSITIVE, X),
    # Bessel functions
    case(special.j0, X),
    case(special.j1, np.array([0.0, 1.0, -2.0])),
    case(special.y0, POSITIVE),
    case(special.y1, POSITIVE),
    case(special.i0, X),
    case(special.i1, np.array([0.0, 1.0, -2.0])),
    case(special.k0, POSITIVE),
    case(special.k1, POSITIVE),
    case(special.jv, ORDERS, POSITIVE),
    case(special.jv, 1.5, POSITIVE, dtypes="fFD"),
    case(special.jv, 0, np.array([0.0, 0.5])),
    case(special.yv, 1.5, POSITIVE, dtypes="fFD"),
    case(special.yn, 0, POSITIVE),
    case(special.yn, ORDERS, POSITIVE),
    case(special.iv, 1.5, POSITIVE, dtypes="fFD"),
    case(special.kv, 1.5, POSITIVE, dtypes="fFD"),
    case(special.kn, ORDERS, POSITIVE),
    case(special.hankel1, 1.5, complex_(3) + 3, dtypes="FD"),
    case(special.hankel2, 1.5, complex_(3) + 3, dtypes="FD"),
    case(special.i0e, X),
    case(special.i1e, X),
    case(special.k0e, POSITIVE),
    case(special.k1e, POSITIVE),
    case(special.ive, 1.5, POSITIVE),
    case(special.kve, 1.5, POSITIVE, dtypes="fFD"),
]
