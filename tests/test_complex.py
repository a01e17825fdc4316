"""Complex numbers: the gradient of a real f of z = x + iy is df/dx + i df/dy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr

Z = np.array([1 + 2j, -0.5 + 0.3j, 2 - 1j])
A = np.array([[1 + 1j, 0.5, 2j], [0.3, -1j, 1.0], [2.0, 1 - 1j, 0.1]])


def by_parts(f, z, h=1e-4):
    """df/dx + i df/dy by five-point differences."""

    def slope(t):
        at = lambda s: f(z + s * t)  # noqa: E731
        return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)

    z = np.asarray(z, complex)
    gradient = np.zeros(z.shape, complex)
    for i in np.ndindex(z.shape):
        t = np.zeros(z.shape)
        t[i] = 1
        gradient[i] = slope(t) + 1j * slope(1j * t)
    return gradient[()]


REAL_FUNCTIONS = {
    "|z|**2": lambda z: np.sum(np.abs(z) ** 2),
    "z conj(z)": lambda z: np.real(np.sum(z * np.conj(z))),
    "method conj": lambda z: np.sum(z * z.conj()).real,
    "real": lambda z: np.sum(np.real(z) ** 3),
    "imag": lambda z: np.sum(z.imag * np.real(z)),
    "real of a product": lambda z: np.real(np.sum(z * (2 - 3j))),
    "imag of exp": lambda z: np.sum(np.imag(np.exp(z))),
    "abs": lambda z: np.sum(np.abs(z)),
    "operator abs": lambda z: abs(z[0]) * abs(z[1]),
    "angle": lambda z: np.sum(np.angle(z)),
    "log abs": lambda z: np.sum(np.log(np.abs(z))),
    "real of sin / z": lambda z: np.real(np.sum(np.sin(z) / z)),
    "quadratic form": lambda z: np.real(np.conj(z) @ A @ z),
    "vdot": lambda z: np.real(np.vdot(z, A @ z)),
    "norm": lambda z: np.linalg.norm(z),
    "norm of A z": lambda z: np.linalg.norm(A @ z) ** 2,
    "power": lambda z: np.abs(np.sum(z**3)) ** 2,
    "sqrt": lambda z: np.real(np.sum(np.sqrt(z))),
    "in place": lambda z: _in_place(z),
    "object array": lambda z: np.abs(np.sum(np.array([z[0], 2 * z[1], 1.0]) * 1j * z)) ** 2,
    "solve": lambda z: np.real(np.sum(np.linalg.solve(A + z[0] * np.eye(3), z))),
    "fft": lambda z: np.sum(np.abs(np.fft.fft(z)) ** 2 * np.arange(3)),
    "where": lambda z: np.sum(np.abs(np.where(np.real(z) > 0, z * z, 3 * z))),
    "real of einsum": lambda z: np.real(np.einsum("i,ij,j", z, A, z)),
    "concatenated": lambda z: np.real(np.concatenate([z, z * z]) @ np.arange(6) * 1j),
    "divided": lambda z: np.real(1 / z[0] + z[1] / z[2]),
}


def _in_place(z):
    y = z.copy()
    y[0] = z[1] * 1j
    y *= z
    return np.sum(np.abs(y) ** 2)


@pytest.mark.parametrize("name", REAL_FUNCTIONS)
def test_gradient_is_the_two_partial_derivatives(name):
    f = REAL_FUNCTIONS[name]
    gradient = dr.grad(f)(Z)
    assert gradient.dtype == complex
    assert_allclose(by_parts(f, Z), gradient, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", REAL_FUNCTIONS)
def test_jvp_is_the_inner_product_with_the_gradient(name):
    """df along t is Re <gradient, t>, in every transform."""
    f = REAL_FUNCTIONS[name]
    t = np.array([0.3 - 1j, 1 + 0.5j, -2j])
    expected = np.real(np.vdot(by_parts(f, Z), t))
    _, tangent = dr.jvp(f, (Z,), (t,))
    assert np.isrealobj(tangent)
    assert_allclose(expected, tangent, rtol=1e-7)
    assert_allclose(expected, dr.linearize(f, Z)[1].push(t), rtol=1e-7)
    (pulled,) = dr.vjp(f, Z)[1](1.0)
    assert_allclose(expected, np.real(np.vdot(pulled, t)), rtol=1e-7)
    assert_allclose(expected, np.real(np.vdot(dr.jacobian(f)(Z), t)), rtol=1e-7)


@pytest.mark.parametrize("name", [n for n in REAL_FUNCTIONS if n not in ("abs", "angle")])
def test_hvp_is_the_difference_of_gradients(name):
    f = REAL_FUNCTIONS[name]
    v = np.array([0.3 - 1j, 1 + 0.5j, -2j])
    gradient = dr.grad(f)
    h = 1e-4
    expected = (8 * (gradient(Z + h * v) - gradient(Z - h * v))
                - (gradient(Z + 2 * h * v) - gradient(Z - 2 * h * v))) / (12 * h)  # fmt: skip
    assert_allclose(expected, dr.hvp(f)(Z, v), rtol=1e-6, atol=1e-7)
    # reverse over reverse: the Hessian is symmetric under Re <a, b>
    along = dr.grad(lambda z: np.real(np.sum(np.conj(v) * gradient(z))))
    assert_allclose(expected, along(Z), rtol=1e-6, atol=1e-7)


def test_gradient_is_the_direction_of_steepest_ascent():
    """|z - c|**2 grows along 2 (z - c); a step against it descends."""
    c = 3 - 1j
    gradient = dr.grad(lambda z: np.abs(z - c) ** 2)(1 + 2j)
    assert_allclose(2 * (1 + 2j - c), gradient)
    assert_allclose(c, (1 + 2j) - 0.5 * gradient)


HOLOMORPHIC = {
    "z**2": (lambda z: z**2, lambda z: 2 * z),
    "exp": (np.exp, np.exp),
    "sin": (np.sin, np.cos),
    "1/z": (lambda z: 1 / z, lambda z: -1 / z**2),
    "log": (np.log, lambda z: 1 / z),
    "i z": (lambda z: 1j * z, lambda z: 1j + 0 * z),
}


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_holomorphic_derivative_is_the_complex_one(name):
    f, derivative = HOLOMORPHIC[name]
    z = 0.7 - 0.4j
    expected = derivative(z)
    assert_allclose(expected, dr.grad(f, holomorphic=True)(z))
    assert_allclose(expected, dr.value_and_grad(f, holomorphic=True)(z)[1])
    assert_allclose(expected, dr.derivative(f, holomorphic=True)(z))
    assert_allclose(expected, dr.jvp(f, (z,), (1 + 0j,))[1])
    for mode in ("auto", "forward", "reverse"):
        jacobian = dr.jacobian(f, mode=mode, holomorphic=True)(Z)
        assert_allclose(np.diag(derivative(Z)), jacobian)


def test_holomorphic_second_derivative():
    assert_allclose(6 * (1 + 2j), dr.hessian(lambda z: z**3, holomorphic=True)(1 + 2j))
    twice = dr.grad(dr.grad(lambda z: z**3, holomorphic=True), holomorphic=True)
    assert_allclose(6 * (1 + 2j), twice(1 + 2j))


def test_pullback_is_the_adjoint_of_any_complex_function():
    """Re <ct, J t> = Re <J^T ct, t> also where f is neither holomorphic nor real."""
    rng = np.random.default_rng(0)

    def draw():
        return rng.standard_normal(3) + 1j * rng.standard_normal(3)

    def f(z):
        return np.conj(z) * z**2 + np.abs(z) + np.real(z) * 1j

    t, ct = draw(), draw()
    _, tangent = dr.jvp(f, (Z,), (t,))
    _, linear = dr.linearize(f, Z)
    assert_allclose(tangent, linear.push(t))
    expected = np.real(np.vdot(ct, tangent))
    assert_allclose(expected, np.real(np.vdot(dr.vjp(f, Z)[1](ct)[0], t)))
    assert_allclose(expected, np.real(np.vdot(linear.pull(ct)[0], t)))


def test_complex_result_of_a_real_argument():
    """Columns by forward mode; rows by two pulls each, of the real and of the imaginary part."""
    x = np.array([0.3, 0.8])
    f = lambda x: np.exp(1j * x) * x[0]  # noqa: E731
    expected = np.diag(1j * np.exp(1j * x) * x[0])
    expected[:, 0] += np.exp(1j * x)
    for mode in ("auto", "forward", "reverse"):
        assert_allclose(expected, dr.jacobian(f, mode=mode)(x))
        assert_allclose(np.sum(expected, 0), dr.jacobian(lambda x: np.sum(f(x)), mode=mode)(x))
    assert_allclose(1j * np.exp(0.3j), dr.derivative(lambda t: np.exp(1j * t))(0.3))


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_real_and_complex_arrays_beside_each_other(mode):
    """Only what is complex has two parts; what is real by what is real has a real block."""
    x = np.array([0.3, 0.8])
    f = lambda x: {"real": x**2, "complex": np.exp(1j * x)}  # noqa: E731
    found = dr.jacobian(f, mode=mode)(x)
    assert_allclose(np.diag(2 * x), found["real"])
    assert_allclose(np.diag(1j * np.exp(1j * x)), found["complex"])
    assert found["real"].dtype == float
    z = x * (1 + 2j)
    g = lambda x, z: np.stack([np.abs(z[0]) ** 2 * x[1], np.real(z[1] ** 2) + x[0]])  # noqa: E731
    by_x, by_z = dr.jacobian(g, (0, 1), mode=mode)(x, z)
    assert_allclose([[0, np.abs(z[0]) ** 2], [1, 0]], by_x)
    assert_allclose([[2 * z[0] * x[1], 0], [0, 2 * np.conj(z[1])]], by_z)
    assert by_x.dtype == float
    single = dr.jacobian(lambda x: np.exp(1j * x), mode=mode)(x.astype(np.float32))
    assert single.dtype == np.complex64


def test_complex_elements_in_an_object_array_keep_their_imaginary_part():
    x = np.array([0.3, 0.8])
    f = lambda x: np.array([x[0], (1 + 2j) * x[1] * x[0]])  # noqa: E731
    expected = np.array([[1, 0], [(1 + 2j) * 0.8, (1 + 2j) * 0.3]])
    assert_allclose(expected, dr.jacobian(f, mode="forward")(x))
    assert_allclose(expected[:, 0], dr.jvp(f, (x,), (np.array([1.0, 0.0]),))[1])
    z = x * (1 + 1j)
    for mode in ("forward", "reverse"):
        ans = dr.jacobian(f, mode=mode, holomorphic=True)(z)
        assert_allclose([[1, 0], [(1 + 2j) * z[1], (1 + 2j) * z[0]]], ans)


def test_real_result_of_a_complex_argument():
    f = lambda z: np.abs(z) ** 2  # noqa: E731
    for mode in ("auto", "forward", "reverse"):
        assert_allclose(np.diag(2 * Z), dr.jacobian(f, mode=mode)(Z))
        total = dr.jacobian(lambda z: np.sum(f(z)), mode=mode)(Z)
        assert_allclose(dr.grad(lambda z: np.sum(f(z)))(Z), total)


def test_real_argument_through_complex_numbers_has_a_real_gradient():
    x = np.array([0.3, 0.8, -1.2])

    def f(x):
        return np.sum(np.abs(np.exp(1j * x) * x + x**2) ** 2) + np.sum(np.real(np.fft.ifft(x * 1j)))

    gradient = dr.grad(f)(x)
    assert gradient.dtype == float
    assert_allclose(np.real(by_parts(f, x)), gradient, rtol=1e-8, atol=1e-8)


def test_phase_of_a_real_argument_stays_real_at_second_order():
    """|x exp(i x)|**2 = x**2."""
    f = lambda x: np.abs(x * np.exp(1j * x)) ** 2  # noqa: E731
    for product in (dr.grad, dr.derivative):
        for outer in (dr.grad, dr.derivative):
            ans = outer(product(f))(0.7)
            assert ans.dtype == float
            assert_allclose(2.0, ans, rtol=1e-12)


@pytest.mark.parametrize("operate", [
    lambda x: 1j * x, lambda x: x * 1j, lambda x: x + 1j, lambda x: 1j - x, lambda x: x / 2j,
    lambda x: 1j / x, lambda x: x ** (1 + 1j), lambda x: (1 + 1j) ** x,
])  # fmt: skip
def test_python_complex_numbers_meet_traced_scalars(operate):
    """1j * np.float64(2) is a Python complex, which has neither shape nor dtype."""
    f = lambda x: np.abs(operate(x) * (1 + 2j)) ** 2 + np.real(operate(x))  # noqa: E731
    expected = np.real(by_parts(lambda z: f(np.real(z)), 0.7))
    second = np.real(by_parts(lambda z: dr.grad(f)(np.real(z)), 0.7))
    assert_allclose(expected, dr.grad(f)(0.7), rtol=1e-8)
    assert_allclose(expected, dr.derivative(f)(0.7), rtol=1e-8)
    for inner in (dr.grad, dr.derivative):
        for outer in (dr.grad, dr.derivative):
            assert_allclose(second, outer(inner(f))(0.7), rtol=1e-7, atol=1e-8)


def test_real_and_complex_arguments_side_by_side():
    gradient = dr.grad(lambda p: np.real(p["x"] * p["z"] * (1 + 1j)))({"x": 2.0, "z": 1 - 3j})
    assert gradient["x"].dtype == float
    assert_allclose(np.real((1 - 3j) * (1 + 1j)), gradient["x"])
    assert_allclose(np.conj(2 * (1 + 1j)), gradient["z"])


def test_complex64_stays_complex64():
    z = Z.astype(np.complex64)
    assert dr.grad(lambda z: np.sum(np.abs(z) ** 2))(z).dtype == np.complex64
    assert dr.jvp(np.sin, (z,), (z,))[1].dtype == np.complex64
    assert dr.grad(lambda z: np.real(np.sum(z * Z)))(z).dtype == np.complex64


def test_tangents_and_cotangents_of_complex_arrays_may_be_real():
    _, pull = dr.vjp(np.sin, Z)
    assert_allclose(np.conj(np.cos(Z)), pull(np.ones(3))[0])
    assert_allclose(np.cos(Z), dr.jvp(np.sin, (Z,), (np.ones(3),))[1])


def test_operator_of_a_holomorphic_map_is_complex_linear():
    _, linear = dr.linearize(lambda z: A @ np.sin(z), Z)
    operator = linear.operator
    assert operator.dtype == complex
    expected = A * np.cos(Z)
    assert_allclose(expected, operator @ np.eye(3, dtype=complex))
    assert_allclose(expected.conj().T, operator.H @ np.eye(3, dtype=complex))


def test_operator_between_real_and_complex_numbers_is_linear_over_the_reals():
    """It has products with what is real where its side is real; others would lose a part."""

    def f(x):
        return np.real(x * (1 + 2j)) * (3 + 1j) + 1j * x**2

    x = np.array([1.0, 2.0])
    up, down = dr.linearize(f, x)[1].operator, dr.linearize(lambda z: abs(z) ** 2, Z)[1].operator
    J = dr.jacobian(f)(x)
    assert_allclose(J @ x, up @ x.astype(complex))
    assert_allclose(np.real(J.conj().T @ (1j * x)), up.H @ (1j * x))
    assert_allclose(2 * np.real(Z.conj() * 1j), down @ np.full(3, 1j))
    for operator, vector in ((up, x), (down.H, np.ones(3))):
        for given in (1j * vector, 1j * np.stack([vector, vector], axis=1)):
            with pytest.raises(dr.ComplexError, match="real linear map"):
                operator @ given


def test_abs_at_zero_has_zero_gradient():
    assert dr.grad(lambda z: np.abs(z))(0j) == 0
    gradient = dr.grad(lambda z: np.sum(np.abs(z)))(np.array([0j, 1 + 2j]))
    assert_allclose([0, (1 + 2j) / np.sqrt(5)], gradient)
    assert dr.jvp(np.abs, (0j,), (1 + 1j,))[1] == 0


def test_derivative_by_a_complex_number_needs_the_promise():
    """Along the real direction only it would be half of the truth, as for grad and jacobian."""
    for f in (np.square, np.abs, np.conj):
        with pytest.raises(dr.ComplexError, match="holomorphic"):
            dr.derivative(f)(1 + 2j)


def test_hessian_by_complex_numbers_names_what_to_use():
    with pytest.raises(dr.ComplexError, match="hvp|jvp"):
        dr.hessian(lambda z: np.sum(np.abs(z) ** 2))(Z)


@pytest.mark.parametrize("dtype", ["f", "F", "d", "D", "g"])
def test_a_complex_number_of_python_takes_the_precision_of_what_it_meets(dtype):
    x = np.ones(2, dtype)
    for f in (lambda x: x + 1j, lambda x: 1j * x[0], lambda x: np.divide(2j, x), lambda x: x**1j):
        expected = np.asarray(f(x)).dtype  # NumPy's float64 answers a complex number of Python's
        assert expected == dr.jvp(f, (x,), (x,))[0].dtype == dr.vjp(f, x)[0].dtype
