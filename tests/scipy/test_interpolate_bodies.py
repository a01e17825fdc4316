"""What of scipy.interpolate runs on traced arrays by SciPy's own body, and what this calls."""

import numpy as np
import pytest
import scipy.interpolate
from scipy.optimize._numdiff import approx_derivative

import dualrev as dr
from dualrev.scipy import interpolate
from tests.cases import positive, real

X, Y, W = np.cumsum(positive(7, low=0.2, high=0.6)), real(7), positive(7)
AT = X[0] + (X[-1] - X[0]) * np.array([0.13, 0.47, 0.81])
C, C2 = real(4, 6), real(3, 2, 4, 3, 2)
GRID = np.cumsum(positive(5, low=0.3, high=0.9)), np.cumsum(positive(4, low=0.3, high=0.9))
PLACES = np.stack([GRID[0][[0, 1, 3]] + 0.17, GRID[1][[0, 1, 2]] + 0.11], axis=-1)
KNOTS = np.arange(9.0) + 0.1 * real(9)


def finite_residues(f):
    """Of the poles that are no infinite ones: rounding makes these finite."""
    return f.residues()[np.abs(f.poles()) < 99]


#: Functions of a module and arrays.
CALLS = {
    "barycentric_interpolate": (
        lambda m, x, y, at: m.barycentric_interpolate(x, y, at, rng=0),
        *(X, Y, AT),
    ),
    "krogh_interpolate": (lambda m, x, y, at: m.krogh_interpolate(x, y, at, 1), X, Y, AT),
    "pchip_interpolate": (lambda m, x, y, at: m.pchip_interpolate(x, y, at, 1), X, Y, AT),
    "splder, splantider": (
        lambda m, x, y: m.splev(AT, m.splantider(m.splder(m.splrep(x, y), 2), 1)),
        *(X, Y),
    ),
    "sproot": (lambda m, x, y: m.sproot(m.splrep(x, y)), X, Y),
    "lagrange": (lambda m, y, at: m.lagrange(X[:4], y)(at), Y[:4], AT),
    "pade": (lambda m, y, at: m.pade(y, 3)[0](at) / m.pade(y, 3)[1](at), Y, AT),
    "approximate_taylor_polynomial": (
        lambda m, a, at: m.approximate_taylor_polynomial(lambda t: np.exp(a[0] * t), at[0], 4, 1.0)(
            a[1]
        ),
        np.array([1.1, 0.4]),
        AT,
    ),
    "make_smoothing_spline": (
        lambda m, x, y, w, lam, at: m.make_smoothing_spline(x, y, w, lam=lam)(at),
        *(X, Y, W, np.array(0.1), AT),
    ),
    "FloaterHormannInterpolator": (
        lambda m, x, y, at: m.FloaterHormannInterpolator(x, y, d=2)(at),
        *(X, Y, AT),
    ),
    # The roots of one are in no order; one is at a point.
    "FloaterHormannInterpolator.roots": (
        lambda m, x, y: np.sum(m.FloaterHormannInterpolator(x, y, d=2).roots() ** 3).real,
        *(X, np.append(0.0, Y[1:])),
    ),
    "FloaterHormannInterpolator.residues": (
        lambda m, x, y: np.sum(finite_residues(m.FloaterHormannInterpolator(x, y, d=1)) ** 2).real,
        *(X, Y),
    ),
    "FloaterHormannInterpolator(at its points)": (
        lambda m, y, at: m.FloaterHormannInterpolator(X, y, d=2)(at),
        *(real(7, 2), X[[3, 0]]),
    ),
    "AAA": (lambda m, at: m.AAA(X, np.exp(X))(at), AT),
    "Rbf": (
        lambda m, x, y, w, e, at: m.Rbf(x, y, w, epsilon=e, smooth=0.1)(at, at),
        X,
        Y,
        W,
        np.array(1.3),
        AT,
    ),
    "BPoly": (lambda m, c, x, at: m.BPoly(c, x)(at), C, X, AT),
    "BPoly(nu=2)": (lambda m, c, x, at: m.BPoly(c, x)(at, 2), C, X[::-1], AT),
    "BPoly(periodic)": (lambda m, c, at: m.BPoly(c, X)(at + 9.0, extrapolate="periodic"), C, AT),
    "BPoly.integrate": (
        lambda m, c, x, at: m.BPoly(c, x).derivative().antiderivative(2).integrate(at[0], at[1]),
        *(C, X, AT),
    ),
    "BPoly.from_derivatives": (
        lambda m, x, y, at: m.BPoly.from_derivatives(x, np.stack([y, y[::-1]], 1))(at),
        *(X, Y, AT),
    ),
    "BPoly.from_power_basis": (
        lambda m, c, x, at: m.BPoly.from_power_basis(m.PPoly(c, x))(at),
        *(C, X, AT),
    ),
    "PPoly.from_bernstein_basis": (
        lambda m, c, x, at: m.PPoly.from_bernstein_basis(m.BPoly(c, x))(at),
        *(C, X, AT),
    ),
    "NdPPoly": (lambda m, c, a, b, at: m.NdPPoly(c, (a, b))(at), C2, *GRID, PLACES),
    "NdPPoly(nu)": (lambda m, c, a, b, at: m.NdPPoly(c, (a, b))(at, (1, 1)), C2, *GRID, PLACES),
    "NdPPoly.antiderivative": (
        lambda m, c, a, b, at: m.NdPPoly(c, (a, b)).antiderivative((2, 1)).derivative((0, 1))(at),
        *(C2, *GRID, PLACES),
    ),
    "NdPPoly.integrate": (
        lambda m, c, a, b, at: m.NdPPoly(c, (a, b)).integrate([at[:2, 0], at[:2, 1]]),
        *(C2, *GRID, PLACES),
    ),
    "NdBSpline": (
        lambda m, s, t, c, at: m.NdBSpline((s, t), c, (2, 3))(at + 2.0, nu=(1, 0)),
        *(KNOTS[:8], KNOTS, real(5, 5, 2), PLACES),
    ),
    "BSpline.design_matrix": (
        lambda m, x, t: m.BSpline.design_matrix(x, t, 2).toarray(),
        *(AT + 2.0, KNOTS),
    ),
}


@pytest.mark.parametrize(("call", "args"), [(c, a) for c, *a in CALLS.values()], ids=CALLS)
def test_bodies_have_scipys_values_and_derivatives(call, args):
    """By finite differences in each argument, in both modes."""
    for i, arg in enumerate(args):

        def f(x, m=interpolate, i=i):
            ans = call(m, *args[:i], x.reshape(np.shape(args[i])), *args[i + 1 :])
            return np.reshape(ans, -1)

        x = np.reshape(arg, -1)
        theirs = lambda x: f(x, scipy.interpolate)  # noqa: E731
        np.testing.assert_array_equal(theirs(x), f(x))
        forward = np.reshape(dr.jacobian(f, mode="forward")(x), (-1, x.size))
        value, _ = dr.jvp(f, (x,), (x,))
        np.testing.assert_allclose(theirs(x), value, rtol=1e-12, atol=1e-13)
        expected = approx_derivative(theirs, x, method="3-point").reshape(forward.shape)
        np.testing.assert_allclose(expected, forward, rtol=1e-5, atol=1e-6 * np.abs(expected).max())
        np.testing.assert_allclose(
            forward,
            dr.jacobian(f, mode="reverse")(x).reshape(forward.shape),
            rtol=1e-7,
            atol=1e-9 * np.abs(forward).max(),
        )


def test_a_spline_of_least_cross_validation_moves_with_its_parameter():
    """SciPy finds lam to 1e-5, so that differences over 2e-4 have four digits."""
    x = np.arange(6.0) + 0.1 * real(6, seed=1)
    y, t = np.sin(x / 2) + 0.2 * real(6, seed=8), real(6, seed=9)
    value = lambda m, y: m.make_smoothing_spline(x, y, positive(6))(2.5)  # noqa: E731
    sides = [value(scipy.interpolate, y + h * t) for h in (1e-4, -1e-4)]
    found = dr.jvp(lambda y: value(interpolate, y), (y,), (t,))[1]
    np.testing.assert_allclose((sides[0] - sides[1]) / 2e-4, found, rtol=1e-3)


def test_single_precision_is_computed_with_in_double_as_by_scipy():
    def loss(f):
        return lambda c: np.sum(f(c) ** 2)

    half = np.cumsum(np.full(7, 0.5))
    for f, x in (
        (lambda c: interpolate.BPoly(c, X)(AT), C),
        (lambda c: interpolate.BPoly(c, X).integrate(AT[0], AT[2]), C),
        (lambda c: interpolate.NdPPoly(c, GRID)(PLACES), C2),
        (lambda c: interpolate.sproot((KNOTS, c, 3)), np.array([1.0, -1, 2, -2, 1])),
        (lambda x: interpolate.make_interp_spline(x, Y, k=0)(AT), half),
        (lambda x: interpolate.make_interp_spline(x, x**2, k=1)(AT), half),
    ):
        expected = dr.grad(loss(f))(x.astype(np.float32).astype(float))
        gradient = dr.grad(loss(f))(x.astype(np.float32))
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(expected, gradient, rtol=1e-5, atol=1e-5)


def test_polynomials_of_several_axes_are_nan_outside_without_extrapolation():
    outside = PLACES + np.array([[9.0, 0.0], [0.0, 9.0], [0.0, 0.0]])
    for make in (
        lambda m, c: m.NdPPoly(c, GRID)(outside, extrapolate=False),
        lambda m, c: m.NdPPoly(c, GRID)(outside, nu=(3, 0)),
    ):
        expected = make(scipy.interpolate, C2)
        value, tangent = dr.jvp(lambda c: make(interpolate, c), (C2,), (C2,))
        np.testing.assert_array_equal(expected, value)
        np.testing.assert_array_equal(np.isnan(expected), np.isnan(tangent))
    value = interpolate.BPoly(C, X)(9.0, extrapolate=False)
    assert np.isnan(value)
    assert np.isnan(dr.derivative(lambda at: interpolate.BPoly(C, X)(at, extrapolate=False))(9.0))


def test_what_is_chosen_one_by_one_is_refused():
    with pytest.raises(dr.MissingRuleError, match="one by one"):
        dr.grad(lambda x: np.sum(next(interpolate.generate_knots(x, Y, s=0.1))))(X)


def test_a_spline_of_this_library_is_written_in_powers():
    """As SciPy's own; it extrapolates as the spline does."""
    for spline in (
        interpolate.make_interp_spline(X, Y),
        scipy.interpolate.make_interp_spline(X, Y),
        scipy.interpolate.splrep(X, Y),
    ):
        expected = scipy.interpolate.make_interp_spline(X, Y)(AT)
        np.testing.assert_allclose(expected, interpolate.PPoly.from_spline(spline)(AT), rtol=1e-12)
