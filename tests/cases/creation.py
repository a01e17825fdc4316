"""Cases of rules/creation.py."""

import numpy as np

from tests.cases import case, complex_, positive, real

START, STOP = np.float64(0.7), np.float64(2.9)

CASES = [
    case(np.linspace, START, STOP),
    case(np.linspace, START, STOP, 5, dtypes="fFD"),
    case(np.linspace, START, STOP, 5, endpoint=False),
    case(np.linspace, START, STOP, 1),
    case(np.linspace, START, STOP, 4, retstep=True),
    case(np.linspace, 0.0, STOP, 4),
    case(np.linspace, START, 3, 4),
    case(np.linspace, real(3), real(2, 1), 4),
    case(np.linspace, real(3), real(2, 1), 4, axis=1, dtypes="fFD"),
    case(np.linspace, real(3), real(3, seed=1), 4, axis=-1, endpoint=False),
    case(np.linspace, START, real(2), 3),
    case(np.linspace, START, STOP, call=lambda x, y: np.linspace(x, y, 5, dtype=int) * (x + y)),
    case(np.logspace, START, STOP, 5, dtypes="fFD"),
    case(np.logspace, START, STOP, 4, base=2.0, endpoint=False),
    case(np.logspace, START, STOP, call=lambda x, y: np.logspace(x, y, 3, base=x)),
    case(np.logspace, START, positive(2), call=lambda x, y: np.logspace(x, y, 3, base=y, axis=-1)),
    case(np.logspace, real(2), 1.0, 4, axis=1),
    case(np.logspace, real(2), 1.0, 4, base=np.array([2.0, 3.0]), axis=1),
    case(np.geomspace, START, STOP, 5, dtypes="f"),
    case(np.geomspace, -START, -STOP, 5, endpoint=False),
    case(np.geomspace, START, STOP, 1),
    case(np.geomspace, positive(3), 5.0, 4, axis=1),
    case(np.geomspace, complex_(2)[0], complex_(2)[1], 4, dtypes=""),
    case(np.full, real(3), call=lambda x: np.full((2, 3), x)),
    case(np.kaiser, positive(1), call=lambda x: np.kaiser(5, x[0])),
]
