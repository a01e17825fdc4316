"""Traced arrays where NumPy asks neither of its two protocols."""

import numpy as np
import pytest
from numpy import polynomial as series

import dualrev as dr
from tests.numeric import numeric_jacobian

X = np.array([0.3, -0.7, 1.2, 0.9])
C2 = np.array([[0.5, -1.0, 0.3, 0.2], [0.1, 0.2, 0.3, -0.5], [1.0, 2.0, -1.0, 0.4]])
KINDS = {
    "poly": series.polynomial,
    "cheb": series.chebyshev,
    "leg": series.legendre,
    "lag": series.laguerre,
    "herm": series.hermite,
    "herme": series.hermite_e,
}


def check(f):
    expected = numeric_jacobian(f, X)
    np.testing.assert_allclose(expected, dr.jacobian(f, mode="reverse")(X), rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(expected, dr.jacobian(f, mode="forward")(X), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_series_give_their_coefficients_axes_for_a_traced_array(kind):
    """isinstance(x, np.ndarray), by which they ask, holds for them, and for nobody else."""
    module = KINDS[kind]
    check(lambda x: getattr(module, f"{kind}val")(x, C2))
    check(lambda x: getattr(module, f"{kind}grid2d")(x, x[:2], C2))
    check(lambda x: getattr(module, f"{kind}grid3d")(x[:2], x[1:], x[:3], C2[:, :, np.newaxis]))
    dr.grad(lambda x: x.sum() if not isinstance(x, np.ndarray) else None)(X)


def evaluate(x, c, tensor=True):
    return c[0] + c[1] * x if isinstance(c, np.ndarray) and tensor else None


def test_only_the_coefficients_of_numpy_s_series_get_axes():
    """Not those of the user's own functions, nor where it was not asked, nor for a number."""
    polyval = series.polynomial.polyval
    check(lambda x: evaluate(x, C2))
    check(lambda x: polyval(x, C2, tensor=False))
    check(lambda x: polyval(x[0], C2))
    check(lambda c: polyval(C2, c[:3]))


@pytest.mark.parametrize("kind", KINDS)
def test_series_write_into_their_arrays_of_objects(kind):
    module = KINDS[kind]
    check(lambda c: getattr(module, f"{kind}div")(c, [0.5, -1.0, 0.3])[0])
    check(lambda c: getattr(module, f"{kind}companion")(c))


@pytest.mark.parametrize("kind", KINDS)
def test_a_refused_function_is_named_with_what_to_use(kind):
    module = KINDS[kind]
    with pytest.raises(NotImplementedError, match=rf"{kind}fit(.|\n)*fix: .*(polyfit|lstsq)"):
        dr.jacobian(lambda y: getattr(module, f"{kind}fit")([0, 1, 2, 3.0], y, 2))(X)
    with pytest.raises(NotImplementedError, match=rf"{kind}roots(.|\n)*fix: .*np.roots"):
        dr.jacobian(getattr(module, f"{kind}roots"))(X)


def test_the_user_s_own_error_stays_beside_a_refused_function():
    with pytest.raises(TypeError, match="float"):
        dr.grad(lambda x: series.Polynomial.fit([0, 1, 2], [float(x[0]), 1, 2], 1)(0.0))(X)


def test_a_series_is_evaluated_at_an_array_as_a_whole():
    """Not element by element: no warning, no limit."""
    x = np.linspace(-1, 1, 200_000)
    gradient = dr.grad(lambda x: np.sum(series.Chebyshev([1.0, 2.0, 3.0], domain=[0, 2])(x)))(x)
    np.testing.assert_allclose(2 + 12 * (x - 1), gradient)


def test_a_function_of_python_s_is_called_on_each_element():
    product = np.frompyfunc(lambda a, b: a * b if a > 0 else 0.0, 2, 1)
    np.testing.assert_array_equal(2.0 * (X > 0), dr.grad(lambda x: np.sum(product(x, 2.0)))(X))
    both = np.frompyfunc(lambda a: (a * a, 3 * a), 1, 2)
    check(lambda x: np.stack([part.astype(float) for part in both(x)]))


def test_layout_is_that_of_the_primal():
    def f(x):
        assert x.flags.c_contiguous
        assert x.strides == (8,)
        assert not np.isfortran(x)
        assert getattr(x, "device", "cpu") == "cpu"
        assert not hasattr(x, "ctypes")
        assert not hasattr(x, "base")
        return np.sum(x)

    dr.grad(f)(X)


def test_memory_is_not_strided_by_hand():
    strided = np.lib.stride_tricks.as_strided
    with pytest.raises(NotImplementedError, match="sliding_window_view"):
        dr.grad(lambda x: np.sum(strided(x, (2, 2), (8, 8))))(X)
