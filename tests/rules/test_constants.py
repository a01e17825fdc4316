"""Functions whose answers carry no derivative answer plain values for traced arrays."""

import numpy as np
import pytest

import dualrev as dr

X = np.array([[3.0, -1.0, 2.0], [0.5, 4.0, -2.0]])

QUESTIONS = {
    "shape": np.shape,
    "ndim": np.ndim,
    "size": lambda x: np.size(x, 1),
    "result_type": lambda x: np.result_type(x, 1j),
    "can_cast": lambda x: np.can_cast(x.dtype, "f4"),
    "common_type": lambda x: np.common_type(x, x),
    "iscomplexobj": np.iscomplexobj,
    "isrealobj": np.isrealobj,
    "may_share_memory": lambda x: np.may_share_memory(x, np.ones(2)),
    "nonzero": np.nonzero,
    "x.nonzero": lambda x: x.nonzero(),
    "flatnonzero": np.flatnonzero,
    "argwhere": lambda x: np.argwhere(x > 1),
    "count_nonzero": lambda x: np.count_nonzero(x, axis=1),
    "argmax": lambda x: np.argmax(x, axis=1),
    "x.argmax": lambda x: x.argmax(),
    "argmin": np.argmin,
    "nanargmax": np.nanargmax,
    "argsort": np.argsort,
    "x.argsort": lambda x: x.argsort(axis=0),
    "argpartition": lambda x: np.argpartition(x, 1),
    "lexsort": lambda x: np.lexsort((x[0], x[1])),
    "searchsorted": lambda x: np.searchsorted([0.0, 1.0], x),
    "digitize": lambda x: np.digitize(x, [0.0, 1.0]),
    "all": lambda x: np.all(x > -9),
    "x.any": lambda x: x.any(axis=0),
    "isin": lambda x: np.isin(x, [4.0, 3.0]),
    "isclose": lambda x: np.isclose(x, 3),
    "allclose": lambda x: np.allclose(x, x),
    "array_equal": lambda x: np.array_equal(x, x),
    "array_equiv": lambda x: np.array_equiv(x, x[0]),
    "iscomplex": np.iscomplex,
    "isreal": np.isreal,
    "isposinf": np.isposinf,
    "array_repr": np.array_repr,
    "array_str": np.array_str,
    "array2string": np.array2string,
    "tril_indices_from": np.tril_indices_from,
    "einsum_path": lambda x: np.einsum_path("ij,kj", x, x),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("transform", [dr.grad, lambda f: dr.jacobian(f, mode="forward")])
def test_the_answer_is_numpy_s_own(question, transform):
    ask = QUESTIONS[question]
    answers = []

    def f(x):
        answers.append(ask(x))
        return np.sum(x * x)

    gradient = transform(f)(X)
    np.testing.assert_array_equal(2 * X, gradient)
    expected = ask(X)
    assert type(answers[0]) is type(expected)
    assert str(answers[0]) == str(expected)
