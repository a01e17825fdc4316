"""What the laws cannot hold of dualrev.scipy.fft: equality with SciPy, matrices known, refusals."""

import numpy as np
import pytest
import scipy.fft

import dualrev as dr
from dualrev.scipy import fft

X = np.array([0.3, -1.2, 2.0, 0.7, -0.4])
Z = X + 1j * X[::-1]
ONE_AXIS = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "dct", "idct", "dst", "idst")
SEVERAL = ("fft2", "ifftn", "rfft2", "irfftn", "hfft2", "ihfftn", "dctn", "idctn", "dstn", "idstn")


@pytest.mark.parametrize("name", ONE_AXIS)
@pytest.mark.parametrize("dtype", "fdFD")
@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
def test_plain_arrays_have_scipys_answer_to_the_bit(name, dtype, norm):
    if name in ("rfft", "ihfft") and dtype in "FD":
        pytest.skip("of real arrays")
    x = np.stack([Z, Z + 1]).astype(dtype) if dtype in "FD" else np.stack([X, X + 1]).astype(dtype)
    for options in ({}, {"n": 4}, {"n": 7, "axis": 0}, {"workers": 2}):
        expected = getattr(scipy.fft, name)(x, norm=norm, **options)
        got = getattr(fft, name)(x, norm=norm, **options)
        np.testing.assert_array_equal(expected, got)
        assert expected.dtype == got.dtype


@pytest.mark.parametrize("name", SEVERAL)
def test_plain_arrays_of_several_axes_have_scipys_answer_to_the_bit(name):
    x = np.outer(X, X[:4])
    for options in ({}, {"s": (3, 5), "norm": "ortho"}, {"axes": (1, 0)}):
        expected = getattr(scipy.fft, name)(x, **options)
        np.testing.assert_array_equal(expected, getattr(fft, name)(x, **options))


def test_lists_and_lists_of_traced_numbers_are_arrays():
    np.testing.assert_array_equal(scipy.fft.fft([1, 2, 4]), fft.fft([1, 2, 4]))
    expected = dr.grad(lambda x: np.sum(np.abs(fft.fft(x)) ** 2))(X)
    gradient = dr.grad(lambda x: np.sum(np.abs(fft.fft(list(x))) ** 2))(X)
    np.testing.assert_allclose(expected, gradient, rtol=1e-14)


@pytest.mark.parametrize("name", ["fft", "rfft", "dct", "dst"])
def test_the_argument_is_not_overwritten(name):
    x = X.copy()
    getattr(fft, name)(x, overwrite_x=True)
    np.testing.assert_array_equal(X, x)


def test_jacobian_of_the_cosine_transforms_is_their_matrix_of_cosines():
    n = 5
    k, j = np.arange(n)[:, None], np.arange(n)
    inner = np.array([1, 2, 2, 2, 1])
    matrices = {
        1: inner * np.cos(np.pi * k * j / (n - 1)),
        2: 2 * np.cos(np.pi * k * (2 * j + 1) / (2 * n)),
        3: np.where(j == 0, 1, 2) * np.cos(np.pi * j * (2 * k + 1) / (2 * n)),
        4: 2 * np.cos(np.pi * (2 * k + 1) * (2 * j + 1) / (4 * n)),
    }
    for type, expected in matrices.items():
        jacobian = dr.jacobian(lambda x: fft.dct(x, type), mode="reverse")(X)
        np.testing.assert_allclose(expected, jacobian, atol=1e-14)


def test_jacobian_of_the_sine_transforms_is_their_matrix_of_sines():
    n = 5
    k, j = np.arange(n)[:, None], np.arange(n)
    matrices = {
        1: 2 * np.sin(np.pi * (k + 1) * (j + 1) / (n + 1)),
        2: 2 * np.sin(np.pi * (k + 1) * (2 * j + 1) / (2 * n)),
        3: np.where(j == n - 1, 1, 2) * np.sin(np.pi * (j + 1) * (2 * k + 1) / (2 * n)),
        4: 2 * np.sin(np.pi * (2 * k + 1) * (2 * j + 1) / (4 * n)),
    }
    for type, expected in matrices.items():
        jacobian = dr.jacobian(lambda x: fft.dst(x, type), mode="reverse")(X)
        np.testing.assert_allclose(expected, jacobian, atol=1e-14)


@pytest.mark.parametrize("n", [4, 5])
def test_a_transform_and_its_inverse_have_the_identity_as_jacobian(n):
    for there, back in ((fft.rfft, fft.irfft), (fft.ihfft, fft.hfft)):
        jacobian = dr.jacobian(lambda x: back(there(x), n))(X[:n])
        np.testing.assert_allclose(np.eye(n), jacobian, atol=1e-15)
    jacobian = dr.jacobian(lambda a: fft.ifht(fft.fht(a, 0.1, 0.5), 0.1, 0.5))(X[:n])
    np.testing.assert_allclose(np.eye(n), jacobian, atol=1e-14)


def test_imaginary_parts_that_irfft_ignores_get_no_cotangent():
    _, pullback = dr.vjp(fft.irfft, np.array([1 + 1j, 2 - 1j, 3 + 2j]))
    (pulled,) = pullback(np.array([1.0, -2.0, 0.5, 3.0]))
    np.testing.assert_array_equal([0.0, 0.0], pulled.imag[[0, 2]])


def test_a_traced_option_of_the_hankel_transform_raises():
    with pytest.raises(dr.MissingRuleError, match="dln"):
        dr.grad(lambda x: np.sum(fft.fht(x, x[0], 0.5)))(X)


@pytest.mark.parametrize("transform", [fft.fft, fft.rfft, fft.hfft, fft.dct, fft.dstn])
def test_an_unknown_norm_is_scipys_own_error(transform):
    with pytest.raises(ValueError, match="norm"):
        dr.jvp(lambda x: transform(x, norm="none"), (X,), (X,))


def test_what_takes_no_derivative_is_scipys():
    assert fft.next_fast_len(97) == scipy.fft.next_fast_len(97)
    np.testing.assert_array_equal(scipy.fft.fftfreq(5), fft.fftfreq(5))
    with pytest.raises(AttributeError):
        fft.no_such_function  # noqa: B018
