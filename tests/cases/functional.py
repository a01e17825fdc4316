"""Cases of rules/functional.py."""

import numpy as np

from tests.cases import case, positive, real

X = real(2, 3)


def square_sum(row, weight=1.0):
    return np.sum(row * row) * weight


def outer(row):
    return np.multiply.outer(row, row[:2])


CASES = [
    case(np.apply_along_axis, X, call=lambda x: np.apply_along_axis(square_sum, 1, x)),
    case(np.apply_along_axis, X, call=lambda x: np.apply_along_axis(square_sum, 0, x, weight=3)),
    case(np.apply_along_axis, X, call=lambda x: np.apply_along_axis(outer, 1, x), dtypes="fFD"),
    case(
        np.apply_along_axis,
        real(2, 3, 4),
        call=lambda x: np.apply_along_axis(lambda row: [row[0] * row[1], row[2]], -2, x),
    ),
    case(np.apply_along_axis, real(3), call=lambda x: np.apply_along_axis(square_sum, 0, x)),
    case(np.apply_over_axes, X, call=lambda x: np.apply_over_axes(np.sum, x * x, [0, -1])),
    case(np.apply_over_axes, X, call=lambda x: np.apply_over_axes(np.cumsum, x * x, 1)),
    case(
        np.piecewise,
        X,
        call=lambda x: np.piecewise(x, [x < -1, x > 1], [lambda t: t * t, np.exp, np.sin]),
        dtypes="f",
    ),
    case(np.piecewise, X, call=lambda x: np.piecewise(x, [x < 0, x >= 0], [-1, lambda t: t**3])),
    case(
        np.piecewise, X, call=lambda x: np.piecewise(x[0], x[0] > 0, [lambda t: x[0, 0] * t, 7.0])
    ),
    case(
        np.piecewise, X[0, 0], call=lambda x: np.piecewise(x, [x < 5, x > 9], [np.square, np.sin])
    ),
    case(np.vectorize, X, call=lambda x: np.vectorize(lambda a, b: a * b if a > 0 else a)(x, x[0])),
    case(np.vectorize, X, call=lambda x: np.vectorize(square_sum, signature="(n)->()")(x)),
    case(
        np.vectorize, X, call=lambda x: np.vectorize(square_sum, excluded={"weight"})(x, weight=2)
    ),
    case(np.fromfunction, X, call=lambda x: np.fromfunction(lambda i, j: x[0, 0] * i + j, (2, 3))),
    case(
        np.fromfunction,
        X,
        call=lambda x: np.fromfunction(lambda i, j: x[i, j] ** 2, X.shape, dtype=int),
    ),
    case(
        np.frompyfunc, positive(2), call=lambda x: np.frompyfunc(lambda i: x[i] ** 2, 1, 1)([0, 1])
    ),
]
