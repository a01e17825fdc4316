"""Cases of rules/memory.py."""

import numpy as np

from tests.cases import case, complex_, real

CASES = [
    case(np.ndarray.view, real(3), call=lambda x: x.view() * x, dtypes="fFD"),
    case(np.ndarray.view, real(3), call=lambda x: x.view(np.ndarray) * x, dtypes=""),
    case(np.ndarray.view, complex_(2, 3), call=lambda z: z.view(float) ** 2, dtypes=""),
    case(np.ndarray.view, real(2, 4), call=lambda x: x.view(complex) ** 2, dtypes=""),
    case(np.ndarray.to_device, real(2), call=lambda x: x.to_device("cpu") ** 2),
]
