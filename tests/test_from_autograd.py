"""What docs/howto/from-autograd.md promises to users of autograd, beyond its doctests.

The tests below the importorskip compare with autograd itself where that is installed.
"""

import importlib

import numpy as np
import pytest
import scipy.special
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr

UNARY = [
    "digamma",
    "erf",
    "erfc",
    "erfcinv",
    "erfinv",
    "expit",
    "gamma",
    "gammaln",
    "i0",
    "i1",
    "j0",
    "j1",
    "logit",
    "psi",
    "rgamma",
    "y0",
    "y1",
]
WITH_AN_ORDER = ["beta", "betaln", "gammainc", "gammaincc", "iv", "ive", "jn", "yn"]
DISTRIBUTIONS = [
    "beta",
    "chi2",
    "dirichlet",
    "gamma",
    "norm",
    "poisson",
    "t",
    "multivariate_normal",
]


@pytest.mark.parametrize("name", [*UNARY, *WITH_AN_ORDER])
def test_ufuncs_of_scipy_special_stay_as_they_are(name):
    ufunc, order = getattr(scipy.special, name), [2.0] if name in WITH_AN_ORDER else []
    h = 1e-5
    expected = (ufunc(*order, 0.4 + h) - ufunc(*order, 0.4 - h)) / (2 * h)
    # truncation of order h^2 and rounding of order eps / h: some 1e-9 of the slope
    assert_allclose(dr.grad(lambda x: ufunc(*order, x))(0.4), expected, rtol=1e-7)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_every_distribution_of_autograd_is_there(name):
    stats = importlib.import_module("dualrev.scipy.stats")
    assert hasattr(getattr(stats, name), "logpmf" if name == "poisson" else "logpdf")


def test_traced_numbers_format_like_numbers():
    texts = []

    def f(x):
        texts.append(f"{x:.3f} {x[0]:.1e}" if np.ndim(x) else f"{x:.3f}")
        return np.sum(x**2)

    dr.grad(f)(2.0)
    assert texts == ["2.000"]


@pytest.mark.parametrize("convert", [float, "%f".__mod__, lambda x: np.zeros(1).__setitem__(0, x)])
def test_what_would_lose_the_derivative_raises(convert):
    with pytest.raises(TypeError):
        dr.grad(lambda x: x * (convert(x) is None))(2.0)


def test_a_result_of_shape_one_is_a_number_as_in_autograd():
    assert_array_equal(dr.grad(lambda x: x**2)(np.array([2.0])), [4.0])


def test_a_gradient_descends_for_complex_numbers_without_conj():
    def loss(z):
        return abs(z - (1 - 2j)) ** 2

    z = 3 + 1j
    assert_allclose(z - 0.5 * dr.grad(loss)(z), 1 - 2j)


def against_autograd():
    return pytest.importorskip("autograd"), importlib.import_module("autograd.numpy")


REAL = {
    "ties of max": (lambda np, x: np.max(x), [1.0, 3.0, 3.0]),
    "ties of min": (lambda np, x: np.min(x), [3.0, 3.0, 4.0]),
    "tie of maximum": (lambda np, x: np.sum(np.maximum(x, 1.0)), [1.0, 2.0]),
    "tie of fmin": (lambda np, x: np.sum(np.fmin(x, 1.0)), [1.0, 2.0]),
    "abs at 0": (lambda np, x: np.sum(np.abs(x)), [0.0, -2.0]),
    "sort": (lambda np, x: np.sort(x)[0], [2.0, 2.0, 3.0]),
    "power 0": (lambda np, x: np.sum(x**0), [0.0, 2.0]),
    "einsum": (lambda np, x: np.einsum("i,j,ij->", x, x, np.eye(2)), [1.0, 2.0]),
    "fft": (lambda np, x: np.sum(np.abs(np.fft.fft(x)) ** 3), [1.0, 2.0, 4.0]),
    "array of numbers": (lambda np, x: np.sum(np.array([x[0], x[1] ** 2])), [1.0, 2.0]),
    "builtin sum and max": (lambda np, x: sum(x) * max(x), [1.0, 2.0]),
    "augmented assignment": (lambda np, x: np.sum(augmented(x)), [1.0, 2.0]),
}


def augmented(x):
    y = x * 1.0
    y += x * x
    return y


@pytest.mark.parametrize("name", REAL)
def test_gradients_equal_those_of_autograd(name):
    autograd, anp = against_autograd()
    f, x = REAL[name]
    expected = autograd.grad(lambda x: f(anp, x))(np.array(x))
    assert_allclose(dr.grad(lambda x: f(np, x))(np.array(x)), expected, rtol=1e-13)


COMPLEX = {
    "square of abs": lambda np, z: np.abs(z) ** 2,
    "real": lambda np, z: np.real(z * (1 + 2j)),
    "imag": lambda np, z: np.imag(z**2),
    "exp": lambda np, z: np.real(np.exp(1j * z) * np.conj(z)),
}


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_gradients_are_the_conjugate_of_those_of_autograd(name):
    autograd, anp = against_autograd()
    f, z = COMPLEX[name], 0.3 + 0.4j
    expected = np.conj(autograd.grad(lambda z: f(anp, z))(z))
    assert_allclose(dr.grad(lambda z: f(np, z))(z), expected, rtol=1e-13)


def test_complex_pullbacks_are_conjugate_on_both_sides():
    autograd, _ = against_autograd()
    f, z, ct = lambda z: z * (1 + 2j), 1j, 0.5 - 1j
    expected = np.conj(autograd.make_vjp(f)(z)[0](np.conj(ct)))
    assert_allclose(dr.vjp(f, z)[1](ct)[0], expected)


def test_holomorphic_derivatives_and_tangents_equal_those_of_autograd():
    autograd, _ = against_autograd()

    def cube(z):
        return z**3

    z = 1 + 2j
    assert_allclose(dr.grad(cube, holomorphic=True)(z), autograd.holomorphic_grad(cube)(z))
    assert_allclose(dr.jvp(cube, (z,), (1j,)), autograd.make_jvp(cube)(z)(1j))


def test_the_operators_of_the_table_equal_those_of_autograd():
    autograd, anp = against_autograd()
    x, v = np.array([1.0, 2.0]), np.array([0.5, -1.0])
    cubes, a_cubes = lambda x: np.sum(x**3), lambda x: anp.sum(x**3)

    def product(a, b):
        return a**2 * b

    pairs = [
        (dr.hvp(cubes)(x, v), autograd.hessian_vector_product(a_cubes)(x, v)),
        (dr.linearize(dr.grad(cubes), x)[1].push(v), autograd.make_hvp(a_cubes)(x)[0](v)),
        (dr.hessian(cubes)(x), autograd.hessian(a_cubes)(x)),
        (dr.jacobian(lambda x: np.outer(x, x))(x), autograd.jacobian(lambda x: anp.outer(x, x))(x)),
        (dr.grad(cubes)(x), autograd.elementwise_grad(lambda x: x**3)(x)),
        (dr.grad(product, argnums=(1, 0))(2.0, 3.0), autograd.grad(product, (1, 0))(2.0, 3.0)),
        (dr.grad(product, argnames="b")(2.0, 3.0), autograd.grad_named(product, "b")(2.0, 3.0)),
        (dr.vjp(np.sin, x)[1](v)[0], autograd.make_vjp(anp.sin)(x)[0](v)),
        (dr.derivative(np.tanh)(0.3), autograd.deriv(anp.tanh)(0.3)),
    ]
    for ours, theirs in pairs:
        assert_allclose(ours, theirs, rtol=1e-13)


def test_eigh_agrees_with_autograd_element_by_element():
    autograd, anp = against_autograd()
    a = np.array([[1.0, 2.0], [2.0, 4.0]])
    expected = autograd.grad(lambda a: anp.linalg.eigh(a)[0][1])(a)
    assert_allclose(dr.grad(lambda a: np.linalg.eigh(a)[0][1])(a), expected)


def test_cholesky_agrees_with_autograd_along_symmetric_matrices():
    autograd, anp = against_autograd()
    a, s = np.array([[3.0, 2.0], [2.0, 4.0]]), np.array([[0.3, -0.7], [-0.7, 1.1]])
    expected = np.sum(s * autograd.grad(lambda a: anp.linalg.cholesky(a)[1, 0])(a))
    assert_allclose(np.sum(s * dr.grad(lambda a: np.linalg.cholesky(a)[1, 0])(a)), expected)


def test_the_optimizers_of_autograd_take_our_gradients():
    pytest.importorskip("autograd")
    optimizers = importlib.import_module("autograd.misc.optimizers")

    def loss(p, step):
        return np.sum((p["w"] - 2) ** 2) + (p["b"] + 1) ** 2

    start = {"w": np.zeros(3), "b": 0.0}
    found = optimizers.sgd(dr.grad(loss), start, num_iters=300, step_size=0.1)
    assert_allclose(found["w"], 2.0, atol=1e-3)
