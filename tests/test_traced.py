"""The one answer to whether something is traced."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.core.traced import is_traced, tracer_in
from dualrev.core.tracer import Tracer
from dualrev.scipy.sparse import csr_array

HOLDERS = {
    "itself": lambda x: x,
    "a list": lambda x: [1.0, [x]],
    "a tuple": lambda x: (None, (x,)),
    "a dict": lambda x: {"axis": 0, "weights": x},
    "an array of objects": lambda x: np.array([x[0], 1.0], object),
}
PLAIN = (
    1,
    1.0,
    True,
    "x",
    None,
    slice(2),
    np.float64(1),
    np.ones(3),
    [1.0],
    (),
    {"a": [1]},
    np.sin,
)


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize(
    "transform", [dr.grad, dr.jacobian, lambda f: lambda x: dr.jvp(f, (x,), (x,))]
)
def test_a_tracer_is_found_in(name, transform):
    seen = []

    def f(x):
        seen.append((is_traced(HOLDERS[name](x)), is_traced(*PLAIN, HOLDERS[name](x))))
        return np.sum(x)

    transform(f)(np.ones(2))
    assert seen == [(True, True)]


def test_nothing_is_traced_among_plain_arguments():
    assert not is_traced(*PLAIN)
    assert not is_traced()


def test_the_highest_level_is_found_wherever_it_stands():
    def outer(x):
        def inner(y):
            assert tracer_in((x, [y, x])).level == y.level > x.level
            return x * y

        return dr.derivative(inner)(x)

    dr.grad(outer)(1.0)


def test_a_sparse_matrix_of_traced_numbers_holds_them():
    def f(x):
        matrix = csr_array((x, [0, 1], [0, 1, 2]), (2, 2))
        assert is_traced([matrix])
        return (matrix @ x).sum()

    dr.grad(f)(np.ones(2))


@pytest.mark.parametrize("kind", Tracer.__subclasses__())
def test_attributes_of_a_class_of_tracers_are_its_own(kind):
    """With a __getattr__ CPython 3.11 looks each of them up by name, which takes 25 ns more.

    And it forgets the __getattr__ if it looks for it while an exception is pending, as it is where
    scipy.signal.lfilter computes on in C with an array of objects.
    """
    assert not hasattr(kind, "__getattr__")
