"""Cases of rules/ufunc_methods.py."""

import numpy as np
from scipy import special

from dualrev.insides.marks import ufunc_behind
from tests.cases import case, complex_, positive, real

X = positive(3, 4, low=0.4, high=1.6)
MASK = np.arange(12).reshape(3, 4) % 5 != 0
FOLDS = (np.subtract, np.divide, np.float_power, np.hypot)
FOLDS += (np.logaddexp, np.logaddexp2, np.remainder, np.fmod)
# NumPy's own np.power.reduce and np.arctan2.reduce are wrong in places: see tests/rules.
BINARY = (*FOLDS, np.power, np.arctan2)
OUTER = (*BINARY, np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin)
INDICES = [0, 2, 1, 1, 3]


def along_rows(ufunc, **options):
    return case(ufunc.reduce, X, axis=0, label=f"{ufunc.__name__}.reduce({options})", **options)


CASES = [
    *(along_rows(f) for f in FOLDS),
    *(along_rows(f, keepdims=True, initial=1.7) for f in FOLDS if f not in (np.fmod, np.remainder)),
    *(along_rows(f, initial=1.7, where=MASK) for f in (np.subtract, np.hypot, np.logaddexp)),
    case(np.divide.reduce, complex_(4), dtypes="F"),
    case(np.hypot.reduce, X, axis=None),
    case(np.hypot.reduce, X, axis=(0, 1), keepdims=True, dtypes="f"),
    case(np.hypot.reduce, X, axis=-1, where=MASK),
    case(np.hypot.reduce, real(2, 3, 4), axis=(2, 0), initial=0.5),
    case(np.subtract.reduce, real(1, 3)),
    case(np.subtract.reduce, real(0, 3), initial=2.0),
    case(np.copysign.reduce, real(3, 2)),
    case(ufunc_behind(special.xlogy).accumulate, X, axis=1),
    *(case(f.accumulate, X, label=f"{f.__name__}.accumulate") for f in BINARY),
    case(np.divide.accumulate, complex_(2, 3), axis=-1, dtypes="F"),
    case(np.hypot.accumulate, X, axis=1, dtypes="f"),
    case(np.fmax.accumulate, real(5)),
    case(np.logaddexp.accumulate, real(70)),
    case(np.add.reduceat, real(5), INDICES, dtypes="fFD"),
    case(np.add.reduceat, real(2, 5), [1, 3], axis=1),
    case(np.add.reduceat, real(5, 2), INDICES),
    case(np.multiply.reduceat, real(5), INDICES, dtypes="fFD"),
    case(np.multiply.reduceat, np.array([0.0, 2.0, 0.0, 3.0, 0.5]), INDICES),
    case(np.multiply.reduceat, real(2, 5), [1, 3], axis=-1),
    *(
        case(f.reduceat, real(2, 5), INDICES, axis=1, label=f"{f.__name__}.reduceat")
        for f in (np.maximum, np.minimum, np.fmax, np.fmin)
    ),
    *(
        case(f.reduceat, X, [0, 1], label=f"{f.__name__}.reduceat")
        for f in (np.subtract, np.hypot, np.logaddexp)
    ),
    *(case(f.outer, X, positive(2, low=0.45), label=f"{f.__name__}.outer") for f in OUTER),
    case(np.multiply.outer, real(2, 3), [2.0, 1.0], dtypes="fFD"),
    case(np.add.outer, 3.0, real(2)),
    case(np.divmod.outer, positive(3), positive(2, seed=1)),
    case(ufunc_behind(special.xlogy).outer, positive(2), positive(3)),
]
