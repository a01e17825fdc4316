"""What NumPy's functions that make arrays make of traced values."""

import numpy as np

import dualrev as dr
import dualrev.numpy as dnp

X = np.array([0.3, 0.7, 0.1])


def test_asarray_makes_of_a_traced_number_an_array_of_its_dtype_that_is_written():
    def f(x):
        y = dnp.asarray(np.sum(x), dtype=np.float32)
        assert y.dtype == np.float32
        y[()] = y * x[0]
        return y

    np.testing.assert_allclose(dr.grad(f)(X), X[0] + [np.sum(X), 0, 0], rtol=1e-6)
