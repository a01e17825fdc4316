"""Corners of rules/polynomials.py that the laws cannot hold."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.scipy import optimize


def test_a_leading_zero_of_a_traced_factor_stays_in_the_product():
    """It has a derivative, which would have no place in NumPy's shorter answer."""
    p = np.array([0.0, 1.0, 2.0])
    ans, tangent = dr.jvp(lambda p: np.polymul(p, [0.0, 2.0, 3.0]), (p,), (np.ones(3),))
    np.testing.assert_array_equal([0.0, 2.0, 7.0, 6.0], ans)
    np.testing.assert_array_equal([2.0, 5.0, 5.0, 3.0], tangent)


def test_a_remainder_has_the_length_of_the_divisor_less_one():
    """u = q v + r, where v = x - 2: r is u(2), also where that is 0."""
    remainder = lambda u: np.polydiv(u, [1.0, -2.0])[1]  # noqa: E731
    for u in ([1.0, -3.0, 2.0], [0.0, 0.0, 0.0]):
        np.testing.assert_array_equal([[4.0, 2.0, 1.0]], dr.jacobian(remainder)(np.array(u)))
    whole = lambda u: np.polydiv(u, [1.0, 0.0, 0.0, 1.0])[1]  # noqa: E731
    np.testing.assert_array_equal(np.eye(2), dr.jacobian(whole)(np.zeros(2)))


def test_a_polynomial_of_a_polynomial():
    f = lambda c: np.poly1d(c)(np.poly1d([2.0, 3.0]))(2.0)  # noqa: E731
    np.testing.assert_array_equal([49.0, 7.0, 1.0], dr.grad(f)(np.zeros(3)))


@pytest.mark.parametrize("start", [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
@pytest.mark.parametrize("kind", [np.poly1d, np.polynomial.Polynomial, np.polynomial.Chebyshev])
def test_a_fit_that_starts_at_zeros_moves(kind, start):
    t = np.linspace(0, 1, 9)
    y = 3 * t**2 + 1
    loss = lambda c: np.sum((kind(c)(t) - y) ** 2)  # noqa: E731
    found = optimize.minimize(loss, np.array(start)).x
    np.testing.assert_allclose(y, kind(found)(t), atol=1e-4)
    found = optimize.least_squares(lambda c: (kind(c) * kind([1.0]))(t) - y, np.array(start)).x
    np.testing.assert_allclose(y, kind(found)(t), atol=1e-8)


def test_a_fit_takes_whole_numbers_as_data():
    """A straight line through three points: its slope is (y2 - y0) / 2 on 0, 1, 2."""
    for whole in (np.arange(3), [0, 1, 2]):
        slope = dr.grad(lambda y: np.polyfit(whole, y, 1)[0])
        np.testing.assert_allclose([-0.5, 0.0, 0.5], slope(np.array([1.0, 3.0, 2.0])), atol=1e-15)
        slope = dr.derivative(lambda a: np.polyfit(a * np.arange(3.0), whole, 1)[0])
        np.testing.assert_allclose(-1 / 4, slope(2.0))


def test_powers_of_zero_have_finite_derivatives():
    jacobian = dr.jacobian(lambda x: np.vander(x, 4))(np.zeros(1))
    np.testing.assert_array_equal([0.0, 0.0, 1.0, 0.0], jacobian[0, :, 0])


def nestings(f, c):
    """First derivatives in both modes, and second ones in all nestings."""
    modes = ("forward", "reverse")
    first = [dr.jacobian(f, mode=mode)(c) for mode in modes]
    second = [dr.jacobian(dr.jacobian(f, mode=i), mode=o)(c) for i in modes for o in modes]
    second += [dr.hessian(f)(c), np.stack([dr.hvp(f)(c, t) for t in np.eye(len(c))])]
    return first, second


@pytest.mark.parametrize("a", [np.eye(3), np.zeros((3, 3)), np.eye(3) + np.eye(3, k=1)], ids=str)
def test_a_characteristic_polynomial_is_smooth_where_eigenvalues_repeat(a):
    """Its coefficients are -tr(A), (tr(A)^2 - tr(A A)) / 2 and -det(A)."""
    by_hand = [
        lambda a: -np.trace(a),
        lambda a: (np.trace(a) ** 2 - np.sum(a * a.T)) / 2,
        lambda a: -np.linalg.det(a),
    ]
    for k, expected in enumerate(by_hand, 1):
        f = lambda a, k=k: np.poly(a.reshape(3, 3))[k]  # noqa: E731
        expected_of = lambda a, g=expected: g(a.reshape(3, 3))  # noqa: E731
        first, second = nestings(f, a.reshape(-1))
        for gradient in first:
            np.testing.assert_allclose(dr.grad(expected_of)(a.reshape(-1)), gradient, atol=1e-14)
        for hessian in second:
            np.testing.assert_allclose(dr.hessian(expected_of)(a.reshape(-1)), hessian, atol=1e-14)


def test_a_root_that_is_zero_moves_as_any_other():
    """c0 x^3 + c1 x^2 + c2 x + c3 near x = 0: x = -c3 / c2 - c1 c3^2 / c2^3 + ..."""
    first, second = nestings(lambda c: np.roots(c)[2], np.array([1.0, -3.0, 2.0, 0.0]))
    expected = np.zeros((4, 4))
    expected[2, 3] = expected[3, 2] = 1 / 4
    expected[3, 3] = 3 / 4
    for gradient in first:
        np.testing.assert_allclose([0, 0, 0, -0.5], gradient, atol=1e-15)
    for hessian in second:
        np.testing.assert_allclose(expected, hessian, atol=1e-14)


def test_a_leading_coefficient_that_is_zero_moves_the_roots_that_are_there():
    """c0 x^2 + c1 x + c2 with c0 = 0: x = -c2 / c1 - c0 c2^2 / c1^3 + ..."""
    first, second = nestings(lambda c: np.roots(c)[0], np.array([0.0, 2.0, 3.0]))
    for gradient in first:
        np.testing.assert_allclose([-9 / 8, 3 / 4, -1 / 2], gradient, rtol=1e-14)
    # c0 c0: 2 * -2 c2^3 / c1^5; c0 c1: 3 c2^2 / c1^4; c0 c2: -2 c2 / c1^3; ...
    expected = [[-27 / 8, 27 / 16, -3 / 4], [27 / 16, -3 / 4, 1 / 4], [-3 / 4, 1 / 4, 0]]
    for hessian in second:
        np.testing.assert_allclose(expected, hessian, rtol=1e-13, atol=1e-15)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "c", [[1.0, -2.0, 1.0], [1.0, 0.0, 0.0], np.poly([0.3, 0.3, -1.1]), np.poly([0.7] * 3)], ids=str
)
def test_a_double_root_has_no_derivative_in_any_mode(c):
    places = [k for k, z in enumerate(np.roots(c)) if abs(z + 1.1) > 0.1]
    for k in places:
        first, second = nestings(lambda c, k=k: np.real(np.roots(c)[k]), np.array(c))
        for found in (*first, *second):
            assert np.isnan(found).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_double_root_leaves_the_first_derivatives_of_the_others_alone():
    """(x - 1)^2 x: x = -c3 / c2 + ... again; second ones are right, or nan."""
    first, second = nestings(lambda c: np.roots(c)[2], np.array([1.0, -2.0, 1.0, 0.0]))
    for gradient in first:
        np.testing.assert_allclose([0, 0, 0, -1], gradient, atol=1e-15)
    expected = np.zeros((4, 4))
    expected[2, 3] = expected[3, 2] = 1
    expected[3, 3] = 4
    for hessian in second:
        numbers = np.isfinite(hessian)
        np.testing.assert_allclose(expected[numbers], hessian[numbers], atol=1e-14)


def test_the_product_of_the_roots_has_the_slope_that_vieta_gives():
    p = np.array([1.0, -6.0, 11.0, -6.0])
    slope = dr.grad(lambda p: np.prod(np.roots(p)).real)(p)
    np.testing.assert_allclose([-6.0, 0.0, 0.0, -1.0], slope, atol=1e-9)


@pytest.mark.parametrize("function", [np.polyder, np.polyint])
def test_negative_orders_raise_as_in_numpy(function):
    with pytest.raises(ValueError, match="must be positive"):
        dr.jacobian(lambda p: function(p, -1))(np.ones(3))


@pytest.mark.parametrize("kind", [np.polynomial.Polynomial, np.polynomial.Chebyshev])
def test_polynomials_of_a_batch_of_coefficients_are_those_of_a_loop(kind):
    """NumPy asks of each whether its last coefficient is 0: in a batch that is no question."""

    def f(c):
        p = kind(c)
        return (
            (p * p - 2 * p + p**3 // kind([1.0, 0.5, 0.2]))(0.3) + p.deriv()(0.1) + p.integ()(0.2)
        )

    rows = np.array([[0.3, 0.5, -0.2], [1.0, -0.4, 0.6]])
    np.testing.assert_allclose([f(c) for c in rows], dr.vmap(f)(rows), rtol=1e-13)
    slopes = dr.vmap(dr.grad(f))(rows)
    np.testing.assert_allclose([dr.grad(f)(c) for c in rows], slopes, rtol=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        np.polyder,
        lambda p: np.polymul(p, [1.0, 2.0]),
        lambda p: np.polymul([1.0, 2.0], p),
        lambda p: np.polydiv(p, [1.0, 2.0]),
    ],
)
def test_a_matrix_is_no_polynomial(call):
    with pytest.raises(ValueError, match=r"1d only|broadcast|sequence"):
        dr.jvp(call, (np.ones((4, 1)),), (np.ones((4, 1)),))
