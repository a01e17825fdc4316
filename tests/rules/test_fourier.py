"""What the laws cannot hold of rules/fourier.py: known gradients, dtypes, refusals."""

import numpy as np
import pytest

import dualrev as dr

X = np.array([0.3, -1.2, 2.0, 0.7, -0.4])


def test_gradient_of_the_power_spectrum_is_parsevals():
    """sum |F x|^2 = n sum x^2."""
    expected = 2 * len(X) * X
    gradient = dr.grad(lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2))(X)
    np.testing.assert_allclose(expected, gradient, rtol=1e-13)


@pytest.mark.parametrize("n", [4, 5])
def test_a_transform_and_its_inverse_have_the_identity_as_jacobian(n):
    for there, back in ((np.fft.rfft, np.fft.irfft), (np.fft.ihfft, np.fft.hfft)):
        jacobian = dr.jacobian(lambda x: back(there(x), n))(X[:n])
        np.testing.assert_allclose(np.eye(n), jacobian, atol=1e-15)


def test_imaginary_parts_that_irfft_ignores_get_no_cotangent():
    spectrum = np.array([1 + 1j, 2 - 1j, 3 + 2j])
    ct = np.array([1.0, -2.0, 0.5, 3.0])
    _, pullback = dr.vjp(np.fft.irfft, spectrum)
    (pulled,) = pullback(ct)
    np.testing.assert_array_equal([0.0, 0.0], pulled.imag[[0, 2]])


def test_float32_stays_float32():
    gradient = dr.grad(lambda x: np.sum(np.abs(np.fft.rfft(x)) ** 2))(X.astype(np.float32))
    assert gradient.dtype == np.float32


@pytest.mark.parametrize("transform", [np.fft.fft, np.fft.rfft, np.fft.hfft, np.fft.ihfft])
def test_an_unknown_norm_is_numpys_own_error(transform):
    with pytest.raises(ValueError, match="norm"):
        dr.jvp(lambda x: transform(x, norm="none"), (X,), (X,))
