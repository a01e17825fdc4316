"""Cases of rules/running.py and rules/recurrences.py."""

import numpy as np

from dualrev.rules.recurrences import recurrence
from tests.cases import case, complex_, real

CASES = [
    case(recurrence, real(6), real(6, seed=1), dtypes="fFD"),
    case(recurrence, real(2, 5), real(2, 5, seed=1)),
    case(recurrence, real(70, low=-0.9, high=0.9), real(70, seed=1)),
    case(recurrence, real(2, 70, low=-0.9, high=0.9), real(2, 70, seed=1)),
    case(recurrence, np.array([0.5, 0.0, 2.0]), real(3)),
    case(recurrence, real(1), real(1, seed=1)),
    case(np.unwrap, 5 * real(7), dtypes="f"),
    case(np.unwrap, 5 * real(3, 4), axis=0, discont=4.0),
    case(np.unwrap, 5 * real(7), period=3.0),
]
if hasattr(np, "cumulative_sum"):
    CASES += [
        case(np.cumulative_sum, real(4), dtypes="fFD"),
        case(np.cumulative_sum, real(2, 3), axis=1, include_initial=True),
        case(np.cumulative_sum, np.float64(0.7)),
        case(np.cumulative_prod, complex_(4), dtypes=""),
        case(np.cumulative_prod, real(4), include_initial=True, dtypes="fFD"),
        case(np.cumulative_prod, real(2, 3), axis=-2),
    ]
