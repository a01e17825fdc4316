"""Options of rules/elementwise.py."""

import numpy as np

from tests.cases import positive, real
from tests.options import HOLED, MASK, A, B, C, F, Row, V, W, Z, each, forms, like

ROWS = [
    *each((np.sin, np.exp, np.square, np.absolute), A, out=like(A, 3, 4)),
    *each((np.sin, np.exp, np.square, np.absolute), A, like(A, 3, 4)),
    *each((np.sin, np.sqrt, np.negative), positive(3, 4), where=MASK, out=real(3, 4)),
    *each((np.sin, np.sqrt), positive(3, 4), dtype=np.longdouble),
    *each((np.add, np.multiply, np.maximum, np.arctan2), A, C, out=like(A, 3, 4)),
    *each((np.add, np.multiply, np.subtract, np.divide), A, C, like(A, 3, 4)),
    *each((np.add, np.multiply, np.hypot), A, C, where=MASK, out=real(3, 4)),
    *each((np.add, np.multiply, np.power), W, 2.0, dtype=complex, casting="same_kind"),
    *each((np.add, np.multiply), V, [1.0, 2.0, 3.0, 4.0, 5.0]),
    *each((np.add, np.multiply, np.power, np.logaddexp), 2.0, V),
    *each((np.divmod, np.fmod, np.remainder), V, F(0.7)),
    *each((np.modf, np.frexp), V),
    Row(np.ldexp, V, [1, 2, -1, 0, 3]),
    *forms(
        np.clip,
        ((A, -1.0, 1.0), {}),
        ((A, None, F(1.0)), {}),
        ((A, F(-1.0), None), {}),
        ((A, real(4, low=-1.5, high=-1), real(3, 1, low=1, high=1.5)), {}),
        ((A,), {"a_min": -1.0, "a_max": F(1.0)}),
        ((A, -1, 1), {"out": like(A, 3, 4)}),
        ((A, -1, 1, like(A, 3, 4)), {}),
        ((A, -1, 1), {"dtype": "g"}),
    ),
    *forms(
        lambda a, *args, **options: a.clip(*args, **options),
        ((A, -1, 1), {}),
        ((A,), {"max": F(0.5)}),
    ),
    *forms(
        np.nan_to_num,
        ((HOLED,), {}),
        ((HOLED, True, 2.0, 1.0, -1.0), {}),
        ((HOLED,), {"nan": 3.0, "copy": True}),
        ((HOLED,), {"posinf": 1.0, "neginf": None}),
        ((np.where(MASK, A, np.inf),), {"posinf": 1.0}),
        ((Z,), {}),
    ),
    Row(lambda a: np.nan_to_num(a * 1.0, copy=False), HOLED),
    *forms(np.angle, ((Z,), {}), ((Z, True), {}), ((Z,), {"deg": True})),
    *forms(np.real_if_close, ((A + 0j,), {}), ((A + 0j, 1000), {}), ((Z,), {"tol": 10})),
    *forms(np.heaviside, ((A, C), {})),
    *each((np.sinc, np.i0), B),
]
if np.lib.NumpyVersion(np.__version__) >= "2.1.0":
    ROWS += forms(np.clip, ((A,), {"min": F(-1.0), "max": 1.0}), ((A,), {"max": F(0.5)}))
