"""Cases of rules/special/statistical.py."""

import numpy as np
from scipy import special

from tests.cases import case, positive, real

X = real(5)
P = positive(5)
UNIT = positive(5, low=0.1, high=0.9)
K = np.array([0, 1, 2, 4, 5])
ONCE = "the slope of smirnov has no rule"


def by(function, places, *args, order=2, reason="", dtypes="f"):
    """A row in which only the arguments at some places are differentiated."""

    def call(*arrays):
        rest = list(args)
        for place, array in zip(places, arrays):
            rest[place] = array
        return function(*rest)

    samples = [args[place] for place in places]
    label = f"{function.__name__} by {places}"
    return case(
        function, *samples, call=call, label=label, order=order, reason=reason, dtypes=dtypes
    )


CASES = [
    case(special.ndtr, X, dtypes="fFD"),
    case(special.ndtri, UNIT),
    case(special.log_ndtr, X, dtypes="fFD"),
    case(special.log_ndtr, np.array([-8.0, -30.0, 5.0])),
    case(special.ndtri_exp, -P),
    case(special.ndtri_exp, np.array([-30.0, -400.0])),
    case(special.expit, X),
    case(special.log_expit, X),
    case(special.logit, UNIT),
    case(special.nrdtrimn, UNIT, P, X),
    case(
        special.nrdtrisd, X, np.array([0.1, 0.2, 0.3, 0.7, 0.8]), X + np.array([-1, -2, -1, 1, 2])
    ),
    case(special.owens_t, X, real(5, seed=1)),
    case(special.voigt_profile, X, P, positive(5, seed=1)),
    # incomplete beta
    case(special.btdtria, UNIT, P, positive(5, low=0.2, high=0.8, seed=1)),
    case(special.btdtrib, P, UNIT, positive(5, low=0.2, high=0.8, seed=1)),
    case(special.bdtr, K, 7, UNIT),
    case(special.bdtrc, K, 7, UNIT),
    case(special.bdtri, K, 7, UNIT),
    case(special.nbdtr, K, 3, UNIT),
    case(special.nbdtrc, K, 3, UNIT),
    case(special.nbdtri, K, 3, UNIT),
    case(special.bdtrik, UNIT, 5 + P, positive(5, low=0.4, high=0.6)),
    case(special.bdtrin, P, UNIT, positive(5, low=0.2, high=0.8, seed=1)),
    case(special.nbdtrik, positive(5, low=0.6, high=0.9), P, positive(5, low=0.2, high=0.4)),
    case(special.nbdtrin, P, UNIT, positive(5, low=0.2, high=0.8, seed=1)),
    case(special.fdtr, P, positive(5, seed=1), positive(5, seed=2)),
    case(special.fdtrc, P, positive(5, seed=1), positive(5, seed=2)),
    case(special.fdtri, 1 + P, positive(5, seed=1), UNIT),
    by(special.ncfdtr, [2, 3], P, positive(5, seed=1), positive(5, seed=3), positive(5, seed=2)),
    by(special.ncfdtri, [2, 3], 1 + P, positive(5, seed=1), positive(5, seed=3), UNIT),
    case(special.stdtr, P, X),
    case(special.stdtridf, np.array([0.8, 0.7, 0.1]), np.array([1.0, 0.6, -2.0])),
    case(
        special.fdtridfd,
        P,
        np.array([0.4, 0.5, 0.6, 0.5, 0.5]),
        np.array([1.0, 1.1, 1.2, 1.3, 1.4]),
    ),
    case(special.stdtrit, 1 + P, UNIT),
    by(special.nctdtr, [1, 2], P, X, real(5, seed=1)),
    by(special.nctdtrit, [1, 2], 1 + P, X, UNIT),
    by(special.nctdtrinc, [1, 2], 3.0, np.array([0.2, 0.6]), np.array([0.5, 1.5])),
    # incomplete gamma
    case(special.chdtr, P, positive(5, seed=1)),
    case(special.chdtrc, P, positive(5, seed=1)),
    case(special.chdtri, P, UNIT),
    case(special.gdtr, P, positive(5, seed=1), positive(5, seed=2)),
    case(special.gdtrc, P, positive(5, seed=1), positive(5, seed=2)),
    case(special.gdtrix, P, positive(5, seed=1), UNIT),
    case(special.gdtria, UNIT, positive(5, seed=1), positive(5, seed=2)),
    case(special.gdtrib, P, UNIT, positive(5, seed=2)),
    case(special.chdtriv, UNIT, 1 + P),
    case(special.pdtrik, positive(5, low=0.6, high=0.9), P),
    case(special.pdtr, K, P),
    case(special.pdtrc, K, P),
    case(special.pdtri, K, UNIT),
    by(special.chndtr, [0, 2], P, positive(5, seed=1), positive(5, seed=2)),
    by(special.chndtrix, [0, 2], UNIT, 1 + P, positive(5, seed=2)),
    by(special.chndtrinc, [0, 2], np.array([2.0, 3.0]), 1.5, np.array([0.3, 0.4])),
    # Smirnov
    case(special.kolmogorov, np.array([0.4, 0.6, 0.9, 1.3])),
    case(special.kolmogi, UNIT),
    case(special.smirnov, 4, UNIT, order=1, reason=ONCE),
    case(special.smirnovi, 4, UNIT, order=1, reason=ONCE),
    # power transforms
    case(special.boxcox, P, X),
    case(special.boxcox, P, np.zeros(5)),
    case(special.boxcox1p, P, X),
    case(special.inv_boxcox, positive(5, low=0.1, high=0.9), real(5, low=-1.0, high=1.0)),
    case(special.inv_boxcox1p, positive(5, low=0.1, high=0.9), real(5, low=-1.0, high=1.0)),
    case(special.tklmbda, real(5, low=-1.0, high=1.0), real(5, low=-0.9, high=0.9)),
]
