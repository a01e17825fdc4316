"""Cases of dualrev.scipy.special."""

import numpy as np

from dualrev.scipy import special
from tests.cases import case, complex_, positive, real

A = real(2, 3)
ORDERS = np.array([0, 1, 4])

CASES = [
    case(special.logsumexp, A, dtypes="fFD"),
    case(special.logsumexp, A, axis=-1, dtypes="fFD"),
    case(special.logsumexp, real(2, 3, 2), axis=(0, 2), keepdims=True),
    case(
        lambda a, b: special.logsumexp(a, axis=1, b=b),
        *(A, positive(3)),
        dtypes="fFD",
        label="logsumexp with b",
    ),
    case(
        lambda a, b: special.logsumexp(a, axis=0, b=b, return_sign=True),
        *(A, np.array([[0.5, -2.0, 0.1], [0.3, 0.3, -3.0]])),
        label="logsumexp with signs",
    ),
    case(
        lambda a, b: special.logsumexp(a, b=b, return_sign=True),
        *(complex_(2, 3), complex_(3)),
        label="logsumexp with phases",
        dtypes="F",
    ),
    case(special.logsumexp, complex_(2, 3), axis=1, dtypes="F"),
    case(special.softmax, A),
    case(special.softmax, A, axis=0),
    case(special.log_softmax, A),
    case(special.log_softmax, real(2, 3, 2), axis=(0, 2)),
    case(special.comb, 5 + real(3), positive(3)),
    case(special.comb, 5 + real(3), positive(3), repetition=True),
    case(special.perm, 5 + real(3), positive(3)),
    case(special.factorial, positive(3)),
    case(special.factorial, complex_(3), extend="complex", dtypes="F"),
    case(special.multigammaln, 2 + positive(3), d=3),
    case(special.polygamma, np.array([0, 1, 2]), positive(3)),
    case(special.spherical_jn, ORDERS, real(3), dtypes="fFD"),
    case(special.spherical_jn, ORDERS, real(3), derivative=True),
    case(special.spherical_yn, ORDERS, positive(3), dtypes="fFD"),
    case(special.spherical_yn, ORDERS, positive(3), derivative=True),
    case(special.spherical_in, ORDERS, real(3), dtypes="fFD"),
    case(special.spherical_in, ORDERS, real(3), derivative=True),
    case(special.spherical_kn, ORDERS, positive(3), dtypes="fFD"),
    case(special.spherical_kn, ORDERS, positive(3), derivative=True),
    case(lambda z: special.jvp(1, z, 2), positive(3), label="jvp"),
    case(lambda z: special.h1vp(1, z), positive(3), label="h1vp"),
    case(lambda z: special.kvp(1, z, 2), positive(3), label="kvp"),
    case(special.lambertw, complex_(3), dtypes="F"),
    case(special.sinc, real(3)),
    case(special.softplus, real(3)),
    case(
        lambda theta, phi: special.sph_harm_y(
            np.array([0, 1, 3, 3]), np.array([0, -1, 3, -2]), theta, phi
        ),
        *(positive(4), real(4)),
        label="sph_harm_y",
    ),
]
