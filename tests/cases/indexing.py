"""Cases of rules/indexing.py."""

import operator

import numpy as np

from tests.cases import case, real


def _index(index, *shape):
    label = f"{shape}[{index!r}]"
    return case(operator.getitem, real(*shape), call=lambda x: x[index], label=label, dtypes="fFD")


def _written(index, x, value):
    def call(x, value):
        y = x.copy()
        y[index] = value
        return y * x

    return case(operator.setitem, x, value, call=call, label=f"y[{index!r}] = ...", dtypes="fFD")


MASK = np.array([True, False, True, True])
ROWS = np.array([[0, 2], [2, -1]])

CASES = [
    _index(2, 4),
    _index(-1, 4, 2),
    _index((1, -1), 4, 2),
    _index(slice(1, None, 2), 4),
    _index((slice(None, None, -1), None, 0), 4, 2),
    _index((Ellipsis, 1), 4, 2, 3),
    _index((), 4),
    _index([0, 2, 2], 4),
    _index(ROWS, 4),
    _index(ROWS, 4, 2),
    _index((ROWS, 1), 4, 2),
    _index((slice(None), ROWS), 2, 4),
    _index((ROWS, slice(None), np.array([1, 0])), 4, 3, 2),
    _index((None, [0, 0], slice(1, 3)), 2, 4),
    _index(MASK, 4),
    _index((slice(None), MASK), 2, 4),
    _index(([0, 1, 1], MASK), 2, 4),
    _index(np.zeros(4, bool), 4),
    case(
        operator.getitem,
        real(20),
        call=lambda x: sum((x[i] * x[i - 1] for i in range(20)), start=0.0 * x[0]),
        label="a loop over the elements",
    ),
    case(
        operator.getitem,
        real(4, 5),
        call=lambda x: sum((x[i, -j] * x[i, 0] for i in range(4) for j in range(5)), start=x[0, 0]),
        label="a loop over the elements of a matrix",
    ),
    case(
        operator.getitem,
        real(12, 3),
        call=lambda x: sum(x[i] * x[i - 1] for i in range(12)) * x[3, 1] * x[ROWS, 0][1, 1],
        label="rows, elements and arrays of one array",
    ),
    _written(1, real(3), real(1)[0]),
    _written(slice(1, 3), real(4), real(2)),
    _written((slice(None), 1), real(2, 3), real(1)),
    _written(slice(None), real(3), real(1, 3)),
    _written(np.array([0, 2, 0]), real(4), real(3)),
    _written(np.array([0, 2, 0]), real(4), real(1)[0]),
    _written((ROWS, 0), real(4, 2), real(2, 2)),
    _written(MASK, real(4), real(3)),
    _written(MASK, real(4, 2), real(2)),
    case(operator.setitem, real(3), call=lambda x: _doubled(x), label="y[mask] *= 2"),
    case(np.take, real(4), [0, 2, 2], dtypes="fFD"),
    case(np.take, real(2, 3), ROWS),
    case(np.take, real(2, 3), [-1, 0, 0], axis=1),
    case(np.take, real(2, 3), 1, axis=-1),
    case(np.take, real(2, 3), [4, -5], axis=1, mode="wrap"),
    case(np.take, real(2, 3), [4, -5], mode="clip"),
    case(np.take, real(1)[0], [0, 0]),
    case(np.ndarray.take, real(2, 3), call=lambda x: x.take([1, 1], axis=1), label="x.take"),
    case(np.take_along_axis, real(3, 4), ROWS[:1], axis=1),
    case(np.take_along_axis, real(1, 4), np.repeat(ROWS, 2, axis=0), axis=1),
    case(np.take_along_axis, real(3, 4), np.array([5, -1, 5]), axis=None),
    case(np.compress, [True, False, True], real(2, 3), axis=1),
    case(np.compress, [True, False, True], real(2, 3)),
    case(np.ndarray.compress, real(3), call=lambda x: x.compress(x > 0), label="x.compress"),
    case(np.extract, real(2, 3) > 0, real(2, 3)),
    case(np.extract, condition=real(2, 3) > 0, arr=real(2, 3)),
    case(np.diagonal, real(3, 4), dtypes="fFD"),
    case(np.diagonal, real(3, 4), offset=-1),
    case(np.diagonal, real(4, 3), offset=2),
    case(np.diagonal, real(3, 2, 4), offset=1, axis1=0, axis2=2),
    case(np.diagonal, real(2, 3, 4), offset=1, axis1=2, axis2=1),
    case(np.linalg.diagonal, real(2, 3, 3), offset=-1),
    case(np.diag, real(3), k=1),
    case(np.diag, real(3), k=-2),
    case(np.diag, real(3, 4), k=1),
    case(np.diagflat, real(2, 2), 1),
    case(np.where, real(3, 4) > 0, real(4), real(3, 1), dtypes="fFD"),
    case(np.where, real(3) > 0, real(3), 1.0),
    case(np.where, True, real(3), real(1)[0]),
    case(
        np.select,
        real(3),
        real(3, seed=1),
        call=lambda x, y: np.select([x > 1, y > 0], [x, x * y], y),
    ),
    case(np.choose, real(3), real(1), call=lambda x, y: np.choose([0, 1, 1], [x, y])),
    case(np.choose, real(2, 3), call=lambda x: np.choose([3, -1, 1], x, mode="wrap")),
    case(np.choose, real(2, 3), call=lambda x: np.choose([3, -1, 1], x, mode="clip")),
    case(np.bincount, np.array([0, 2, 2]), real(3), minlength=4),
]


def _doubled(x):
    y = x.copy()
    y[x > 0] *= 2
    return y * x
