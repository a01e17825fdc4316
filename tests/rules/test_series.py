"""numpy.polynomial computes with traced arrays by itself, or says what to use instead."""

import numpy as np
import pytest
from numpy import polynomial as series

import dualrev as dr
from tests.numeric import numeric_jacobian

KINDS = {
    "poly": (series.polynomial, series.Polynomial),
    "cheb": (series.chebyshev, series.Chebyshev),
    "leg": (series.legendre, series.Legendre),
    "lag": (series.laguerre, series.Laguerre),
    "herm": (series.hermite, series.Hermite),
    "herme": (series.hermite_e, series.HermiteE),
}
X = np.array([0.3, -0.7, 1.2, 0.9])
C = np.array([0.5, -1.0, 0.3])
C2 = np.array([[0.5, -1.0, 0.3, 0.2], [0.1, 0.2, 0.3, -0.5], [1.0, 2.0, -1.0, 0.4]])

IN_POINTS = {
    "val": lambda f, x: f("val")(x, C),
    "val without tensor": lambda f, x: f("val")(x, C2, tensor=False),
    "val2d": lambda f, x: f("val2d")(x, 2 * x, C2),
    "val3d": lambda f, x: f("val3d")(x, 2 * x, x * x, C2[:, np.newaxis]),
    "vander": lambda f, x: f("vander")(x, 3),
    "vander2d": lambda f, x: f("vander2d")(x, 2 * x, [1, 2]),
    "vander3d": lambda f, x: f("vander3d")(x, 2 * x, x * x, [1, 1, 2]),
}
IN_COEFFICIENTS = {
    "val": lambda f, c: f("val")(X, c),
    "add": lambda f, c: f("add")(c, C),
    "sub": lambda f, c: f("sub")(C, c),
    "mul": lambda f, c: f("mul")(c, C),
    "mulx": lambda f, c: f("mulx")(c),
    "pow": lambda f, c: f("pow")(c, 3),
    "der": lambda f, c: f("der")(c, 2, scl=2.0),
    "int": lambda f, c: f("int")(c, lbnd=0.5),
    "fromroots": lambda f, c: f("fromroots")(c),
    "line": lambda f, c: f("line")(c[0], c[1]),
    "trim": lambda f, c: f("trim")(c, 0.1),
}
OF_CLASSES = {
    "call": lambda cls, x: cls(C)(x),
    "call on a domain": lambda cls, x: cls(C, domain=[0, 2])(x),
    "coefficients": lambda cls, x: cls(x)(X),
    "both": lambda cls, x: cls(x)(x),
    "domain": lambda cls, x: cls(C, domain=[x[1], x[0]])(X),
    "deriv": lambda cls, x: cls(x).deriv()(X),
    "integ": lambda cls, x: cls(x).integ()(X),
    "product": lambda cls, x: (cls(x) * cls(C))(X),
    "sum": lambda cls, x: (cls(x) + cls(C)).coef,
    "power": lambda cls, x: (cls(x) ** 2)(X),
    "convert": lambda cls, x: cls(x).convert(kind=series.Polynomial).coef,
    "linspace": lambda cls, x: cls(x).linspace(5)[1],
    "truncate": lambda cls, x: cls(x).truncate(2)(X),
    "basis": lambda cls, x: cls.basis(3)(x),
}


def check(f):
    expected = numeric_jacobian(f, X)
    np.testing.assert_allclose(expected, dr.jacobian(f, mode="reverse")(X), rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(expected, dr.jacobian(f, mode="forward")(X), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("table", [IN_POINTS, IN_COEFFICIENTS], ids=["points", "coefficients"])
def test_functions_compute_with_traced_arrays(kind, table):
    module, _ = KINDS[kind]
    for call in table.values():
        check(lambda x: call(lambda name: getattr(module, kind + name), x))


@pytest.mark.parametrize("name", OF_CLASSES)
@pytest.mark.parametrize("kind", KINDS)
def test_classes_compute_with_traced_arrays(kind, name):
    check(lambda x: OF_CLASSES[name](KINDS[kind][1], x))


@pytest.mark.skipif(not hasattr(series.polynomial.polyval2d, "_implementation"), reason="NumPy 2.4")
def test_powers_in_several_variables():
    if hasattr(series.polynomial, "polyvalnd"):  # from numpy 2.5
        check(lambda x: series.polynomial.polyvalnd([x, 2 * x], C2))
    check(lambda x: series.polynomial.polygrid2d(x, x[:2], C2))
    check(lambda x: series.polynomial.polygrid2d(X, X[:2], np.outer(x, x)))
    with pytest.raises(ValueError, match="incompatible"):
        dr.grad(lambda x: np.sum(series.polynomial.polyval2d(x, x[:2], C2)))(X)


@pytest.mark.parametrize("kind", KINDS)
def test_what_calls_a_solver_of_plain_numbers_raises(kind):
    module, cls = KINDS[kind]
    fit, roots = getattr(module, f"{kind}fit"), getattr(module, f"{kind}roots")
    calls = [roots, lambda c: cls(c).roots(), lambda y: fit([0, 1, 2, 3.0], y, 2)]
    for call in (*calls, lambda y: cls.fit([0, 1, 2, 3.0], y, 2).coef):
        with pytest.raises((TypeError, NotImplementedError), match="dualrev|fix:"):
            dr.jacobian(call)(X)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_refusal_says_to_type_works(kind):
    module, _ = KINDS[kind]
    convert = getattr(module, f"{kind}2poly", np.array)
    val, fit = getattr(module, f"{kind}val"), getattr(module, f"{kind}fit")
    y = np.array([1.0, 3.0, -2.0, 0.5])
    c = getattr(module, f"{kind}fromroots")([-1.0, 0.5, 2.0])
    slopes = numeric_jacobian(getattr(module, f"{kind}roots"), c)
    jacobian = dr.jacobian(lambda c: np.sort(np.roots(np.stack([*convert(c)])[::-1])))(c)
    np.testing.assert_allclose(slopes, jacobian, rtol=1e-6, atol=1e-8)
    slopes = numeric_jacobian(lambda x: fit(x, y, 2), X)

    def fitted(x):
        return np.linalg.lstsq(np.stack([val(x, e) for e in np.eye(3)], 1), y)[0]

    jacobian = dr.jacobian(fitted)(X)
    np.testing.assert_allclose(slopes, jacobian, rtol=1e-6, atol=1e-8)


def test_older_polynomials_compute_with_traced_arrays():
    check(lambda x: np.poly1d(C)(x))
    check(lambda x: np.poly1d(x)(X))
    check(lambda x: (np.poly1d(x) * np.poly1d(C)).deriv()(X))
    check(lambda x: np.poly1d(x).integ()(X))
    check(lambda x: (np.poly1d(C) * x[0]).coeffs)


# --------------------------------------------------------------- a coefficient that is exactly 0

#: Of the value at 2 that each gives, which is smooth in the coefficients, whatever is trimmed.
OF_ZEROS = {
    "val": lambda f, c: c,
    "add": lambda f, c: f("add")(c, [2.0, 3.0]),
    "sub": lambda f, c: f("sub")([2.0, 3.0], c),
    "mul": lambda f, c: f("mul")(c, [2.0, 3.0]),
    "square": lambda f, c: f("mul")(c, c),
    "mulx": lambda f, c: f("mulx")(c),
    "mulx of one": lambda f, c: f("mulx")(c[-1:]),
    "pow": lambda f, c: f("pow")(c, 3),
    "quotient": lambda f, c: f("div")(c, [2.0, 3.0])[0],
    "remainder": lambda f, c: f("div")(c, [2.0, 3.0])[1],
    "der": lambda f, c: f("der")(c),
    "int": lambda f, c: f("int")(c),
    "int of one": lambda f, c: f("int")(c[-1:]),
    "line": lambda f, c: f("line")(c[0], c[2]),
    "trim": lambda f, c: f("trim")(c),
    "fromroots": lambda f, c: f("fromroots")(c),
}
CLASSES_OF_ZEROS = {
    "product": lambda cls, c: cls(c) * cls([2.0, 3.0]),
    "difference": lambda cls, c: cls([2.0, 3.0]) - cls(c),
    "power": lambda cls, c: cls(c) ** 2,
    "quotient": lambda cls, c: cls(c) // cls([2.0, 3.0]),
    "remainder": lambda cls, c: cls(c) % cls([2.0, 3.0]),
    "convert": lambda cls, c: cls(c).convert(kind=series.Chebyshev),
    "trim": lambda cls, c: cls(c).trim(),
    "of a polynomial": lambda cls, c: cls([2.0, 3.0])(cls(c)),
    "of its coefficients": lambda cls, c: cls(c)(cls([2.0, 3.0])),
}
WITH_ZEROS = [[0.0, 0.0, 0.0], [1.0, 2.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]


def check_at_zeros(f, c):
    """Against differences of the plain function, in both modes; the second ones by two nestings."""
    c = np.array(c)
    slopes = numeric_jacobian(f, c)
    for mode in ("reverse", "forward"):
        np.testing.assert_allclose(
            slopes, dr.jacobian(f, mode=mode)(c), rtol=1e-6, atol=1e-7, err_msg=mode
        )
    # Polynomials of degree 3 at most: differences of differences are exact but for rounding.
    units = 0.25 * np.eye(3)
    step = lambda u, v: (f(c + u + v) - f(c + u - v) - f(c - u + v) + f(c - u - v)) * 4  # noqa: E731
    expected = [[step(u, v) for v in units] for u in units]
    for hessian in (
        dr.hessian(f)(c),
        dr.jacobian(dr.jacobian(f, mode="forward"), mode="reverse")(c),
    ):
        np.testing.assert_allclose(expected, hessian, rtol=1e-9, atol=1e-9)


@pytest.mark.one_in(4)
@pytest.mark.parametrize("c", WITH_ZEROS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_a_coefficient_that_is_zero_has_a_derivative(kind, c):
    module, cls = KINDS[kind]
    named = lambda name: getattr(module, kind + name)  # noqa: E731
    for call in OF_ZEROS.values():
        check_at_zeros(lambda c: named("val")(2.0, call(named, c)), c)
    for call in CLASSES_OF_ZEROS.values():
        check_at_zeros(lambda c: call(cls, c)(2.0), c)


@pytest.mark.parametrize("c", [*WITH_ZEROS, [0.0, 1.0, 2.0]], ids=str)
def test_a_coefficient_that_is_zero_has_a_derivative_in_older_polynomials(c):
    other = np.poly1d([2.0, 3.0])
    for make in (np.poly1d, lambda c: np.poly1d([c[0], c[1], c[2]])):
        check_at_zeros(lambda c: make(c)(2.0), c)
        check_at_zeros(lambda c: (make(c) * other)(2.0), c)
        check_at_zeros(lambda c: (other - make(c))(2.0), c)
        check_at_zeros(lambda c: (make(c) ** 2)(2.0), c)
        check_at_zeros(lambda c: make(c).deriv()(2.0), c)
        check_at_zeros(lambda c: make(c).integ()(2.0), c)
        check_at_zeros(lambda c: make(c)[2], c)
    for function in (np.polymul, np.polyadd, np.polysub):
        check_at_zeros(lambda c: np.polyval(function([2.0, 3.0], c), 2.0), c)
    for part in (0, 1):
        check_at_zeros(lambda c: np.polyval(np.polydiv(c, [2.0, 3.0])[part], 2.0), c)


def test_a_divisor_whose_leading_coefficient_is_zero_raises():
    with pytest.raises(ZeroDivisionError):
        dr.grad(lambda c: (series.Polynomial([1, 2, 3]) // series.Polynomial(c))(2.0))(np.zeros(2))
