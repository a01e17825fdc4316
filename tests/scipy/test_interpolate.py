"""What the laws cannot hold of dualrev/scipy/interpolate: equality with SciPy, kinks, refusals."""

import inspect

import numpy as np
import pytest
import scipy.interpolate
import scipy.spatial
from scipy.sparse.linalg import spsolve

import dualrev as dr
from dualrev.errors import MissingRuleError
from dualrev.scipy import interpolate
from tests.cases import positive, real
from tests.nestings import second_derivatives

X = np.cumsum(positive(7))
AT = np.array([[X[0] - 0.3, X[0], X[2] + 0.1], [X[3], X[5] + 0.05, X[-1] + 0.4]])
Y = real(2, 7, 3)
CURVES = ["CubicSpline", "PchipInterpolator", "Akima1DInterpolator"]
FUNCTIONS = [*CURVES, "CubicHermiteSpline", "BSpline", "PPoly", "make_interp_spline"]


def made(module, name, **options):
    """The same interpolant from either module."""
    made = getattr(module, name)
    if name == "BSpline":
        return made(np.r_[[X[0]] * 3, X, [X[-1]] * 3], real(2, 9, 3), 3, axis=1, **options)
    if name == "PPoly":
        return made(real(2, 4, 6, 3), X, axis=1, **options)
    if name == "CubicHermiteSpline":
        return made(X, Y, Y[:, ::-1], axis=1, **options)
    return made(X, Y, axis=1, **options)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("extrapolate", [None, True, False, "periodic"])
@pytest.mark.parametrize("nu", [0, 1, 3])
def test_values_are_those_of_scipy(name, extrapolate, nu):
    """Of every order, inside and outside, for arrays and numbers."""
    ours, theirs = made(interpolate, name), made(scipy.interpolate, name)
    np.testing.assert_array_equal(theirs(AT, nu, extrapolate), ours(AT, nu, extrapolate))
    np.testing.assert_array_equal(theirs(1.7, nu, extrapolate), ours(1.7, nu, extrapolate))
    assert type(theirs(1.7)) is type(ours(1.7))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_methods_are_those_of_scipy(name):
    """derivative, antiderivative and integrate answer SciPy's values, and objects of the class."""
    ours, theirs = made(interpolate, name), made(scipy.interpolate, name)
    for nu in (-1, 0, 1, 2):
        for method in ("derivative", "antiderivative"):
            a, b = getattr(theirs, method)(nu), getattr(ours, method)(nu)
            np.testing.assert_array_equal(a(AT), b(AT))
            np.testing.assert_array_equal(a.c, b.c)
            assert a.extrapolate == b.extrapolate
            assert type(b).__name__ == type(a).__name__
    for extrapolate in (None, True, False, "periodic"):
        for a, b in ((X[0], X[3]), (X[4], X[1]), (X[0] - 1, X[-1] + 9)):
            expected = theirs.integrate(a, b, extrapolate)
            np.testing.assert_array_equal(expected, ours.integrate(a, b, extrapolate))
    assert theirs.axis == ours.axis
    assert theirs.extrapolate == ours.extrapolate


@pytest.mark.parametrize("name", CURVES)
def test_coefficients_and_sites_are_those_of_scipy(name):
    ours, theirs = made(interpolate, name), made(scipy.interpolate, name)
    np.testing.assert_array_equal(theirs.c, ours.c)
    np.testing.assert_array_equal(theirs.x, ours.x)
    assert theirs.c.dtype == ours.c.dtype
    for a, b in zip(theirs.roots().flat, ours.roots().flat):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("k", [0, 1, 2, 3, 4, 5])
def test_interpolating_splines_are_those_of_scipy(k):
    for x in (X, list(X)):
        ours = interpolate.make_interp_spline(x, Y, k, axis=1)
        theirs = scipy.interpolate.make_interp_spline(x, Y, k, axis=1)
        for a, b in zip(theirs.tck, ours.tck):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", ["linear", "nearest", "nearest-up", "zero", "cubic", "next", 2])
@pytest.mark.parametrize("fill", ["extrapolate", 0.5, (1.0, 2.0), np.nan])
def test_interp1d_is_that_of_scipy(kind, fill):
    options = {"kind": kind, "axis": 1, "bounds_error": False, "fill_value": fill}
    ours = interpolate.interp1d(X[::-1], Y, **options)
    theirs = scipy.interpolate.interp1d(X[::-1], Y, **options)
    np.testing.assert_array_equal(theirs(AT), ours(AT))
    np.testing.assert_array_equal(theirs(1.7), ours(1.7))
    np.testing.assert_array_equal(theirs.x, ours.x)
    np.testing.assert_array_equal(theirs.y, ours.y)


@pytest.mark.parametrize("method", ["linear", "nearest", "slinear", "cubic", "pchip"])
def test_grid_interpolation_is_that_of_scipy(method):
    grid = (X[:5], X[::-1])
    values = real(5, 7, 2)
    at = np.array([[2.0, 3.0], [1.5, 4.0], [0.0, 3.0]])
    for fill in (None, np.nan, 0.5):
        arguments = grid, values, method, False, fill
        ours = interpolate.RegularGridInterpolator(*arguments)
        theirs = scipy.interpolate.RegularGridInterpolator(*arguments)
        np.testing.assert_array_equal(theirs(at), ours(at))
        expected = scipy.interpolate.interpn(grid, values, at, method, False, fill)
        np.testing.assert_array_equal(
            expected, interpolate.interpn(grid, values, at, method, False, fill)
        )
        np.testing.assert_array_equal(theirs.values, ours.values)
        np.testing.assert_array_equal(theirs.grid[1], ours.grid[1])


SITES = np.random.default_rng(1).uniform(size=(9, 2))
WITHIN = np.append(SITES[:6] * 0.3 + SITES[3:] * 0.7, [[0.5, 9.0]], 0)


@pytest.mark.skipif(
    "simplex_tolerance" not in inspect.signature(scipy.interpolate.griddata).parameters,
    reason="SciPy has the tolerance from 1.18 on",
)
@pytest.mark.parametrize("method", ["linear", "nearest", "cubic"])
def test_a_point_just_outside_is_inside_within_a_tolerance(method):
    border = (SITES[SITES[:, 0].argmin()] - [1e-9, 0.0])[None]
    for tolerance in (1.0, 1e6):
        given = SITES, real(9), border, method, 7.0, False, tolerance
        expected = scipy.interpolate.griddata(*given)
        value, _ = dr.jvp(
            lambda y, g=given: interpolate.griddata(SITES, y, *g[2:]), (real(9),), (real(9),)
        )
        np.testing.assert_allclose(expected, value, rtol=1e-6)
    assert method == "nearest" or expected != 7.0
    with pytest.raises(ValueError, match="positive"):
        dr.grad(lambda y: interpolate.griddata(SITES, y, *given[2:-1], 0.0)[0])(real(9))


@pytest.mark.one_in(2)
@pytest.mark.parametrize("method", ["linear", "nearest", "cubic"])
@pytest.mark.parametrize("rescale", [False, True])
def test_scattered_interpolation_is_that_of_scipy(method, rescale):
    """As tuples, arrays and triangulations, of numbers and columns; the derivative is of that value."""
    for values in (real(9), real(9, 2), real(9) + 1j * real(9, seed=1)):
        given = SITES, values, WITHIN, method, 0.5, rescale
        expected = scipy.interpolate.griddata(*given)
        np.testing.assert_array_equal(expected, interpolate.griddata(*given))
        value, _ = dr.jvp(
            lambda y: interpolate.griddata(SITES, y, *given[2:]), (values,), (values,)
        )
        np.testing.assert_array_equal(expected, value)
        apart = tuple(SITES.T), values, tuple(WITHIN.T), *given[3:]
        np.testing.assert_array_equal(expected, interpolate.griddata(*apart))
    options = {"fill_value": 0.5, "rescale": rescale}
    if method == "cubic":
        make = interpolate.CloughTocher2DInterpolator
        # The slopes that SciPy finds iteratively, to rounding.
        curve = lambda p, y: make(p, y, tol=1e-14, maxiter=10**4, **options)(WITHIN[:2])  # noqa: E731
    else:
        curve = lambda p, y: interpolate.griddata(p, y, WITHIN[:2], method, **options)  # noqa: E731
    dr.testing.check_derivatives(lambda given: curve(*given), (SITES, real(9)))
    line = SITES[:, 0], real(9, 2), WITHIN[:, 0], method
    np.testing.assert_array_equal(scipy.interpolate.griddata(*line), interpolate.griddata(*line))
    gradient = dr.grad(lambda y: interpolate.griddata(line[0], y, 0.5, method))(real(9))
    np.testing.assert_allclose(1.0, gradient.sum())  # a constant is interpolated by itself


def test_a_triangulation_may_be_given():
    tri = scipy.spatial.Delaunay(SITES)
    for name in ("LinearNDInterpolator", "CloughTocher2DInterpolator"):
        ours, theirs = (getattr(m, name)(tri, real(9)) for m in (interpolate, scipy.interpolate))
        np.testing.assert_array_equal(theirs(WITHIN), ours(WITHIN))
        np.testing.assert_array_equal(tri.simplices, ours.tri.simplices)
        dr.testing.check_derivatives(
            lambda y: getattr(interpolate, name)(tri, y)(WITHIN[:-1]), real(9)
        )


def test_nearest_sites_may_be_too_far():
    at = np.append(SITES[:2] + 0.01, [[3.0, 3.0]], 0)
    curve = lambda y: interpolate.NearestNDInterpolator(SITES, y)(at, distance_upper_bound=0.1)  # noqa: E731
    jacobian = dr.jacobian(curve)(real(9))
    assert np.isnan(curve(real(9))[2])
    np.testing.assert_array_equal(np.eye(3, 9) * [[1], [1], [0]], jacobian)


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.CubicSpline(X[::-1], Y[0, :, 0]),
        lambda m: m.CubicSpline(X[:3], Y[0, :, 0]),
        lambda m: m.CubicSpline(X, Y[0, :, 0], bc_type="periodic"),
        lambda m: m.CubicSpline(X, Y[0, :, 0], bc_type=("natural",)),
        lambda m: m.CubicSpline(X, Y[0, :, 0], bc_type=((3, 0.0), "natural")),
        lambda m: m.CubicSpline(X, Y[0, :, 0], bc_type=((1, 0.0, 2), "natural")),
        lambda m: m.CubicSpline(X, Y[0, :, 0], bc_type="wrong"),
        lambda m: m.PchipInterpolator(X, 1j * Y[0, :, 0]),
        lambda m: m.PPoly(np.ones(3), X),
        lambda m: m.BSpline(X, np.ones(2), 3),
        lambda m: m.make_interp_spline(X, Y[0, :, 0], bc_type="periodic"),
        lambda m: m.make_interp_spline(X, Y[0, :, 0], bc_type=([(9, 0.0)], [(1, 0.0)])),
        lambda m: m.RegularGridInterpolator((X,), Y[0, :, 0])([99.0]),
        lambda m: m.RegularGridInterpolator((X,), Y[0, :, 0], "wrong"),
        lambda m: m.interp1d(X, Y[0, :, 0])(99.0),
        lambda m: m.interpn((X,), Y[0, :, 0], [99.0]),
        lambda m: m.splev(99.0, m.splrep(X, Y[0, :, 0]), ext=2),
        lambda m: m.RBFInterpolator(X[:, None], Y[0, :, 0], kernel="gaussian"),
    ],
)
def test_errors_are_those_of_scipy(call):
    """Class and message, on plain arguments and under a derivative."""
    with pytest.raises(Exception) as expected:  # noqa: PT011 whatever SciPy raises
        call(scipy.interpolate)
    with pytest.raises(expected.type) as error:
        call(interpolate)
    assert str(expected.value) == str(error.value)


def test_out_of_bounds_raises_under_a_derivative():
    with pytest.raises(ValueError, match="above the interpolation range"):
        dr.grad(lambda at: interpolate.interp1d(X, Y[0, :, 0])(at))(99.0)
    with pytest.raises(ValueError, match="out of bounds"):
        dr.grad(lambda at: interpolate.interpn((X,), Y[0, :, 0], at)[0])(np.array([99.0]))


@pytest.mark.parametrize("name", ["CubicSpline", "PchipInterpolator", "interp1d"])
def test_a_straight_line_is_reproduced(name):
    """The derivatives of a value by y are weights w with sum(w) = 1 and sum(w x) = at."""
    curve = getattr(interpolate, name)
    at = X[2] + 0.1
    w = dr.grad(lambda y: curve(X, y)(at))(2 * X + 1)
    np.testing.assert_allclose(1.0, w.sum(), rtol=1e-12)
    np.testing.assert_allclose(at, w @ X, rtol=1e-12)


def test_a_cubic_is_reproduced():
    """A spline without knots next to its ends has the derivatives of the cubic it goes through."""
    slope = dr.derivative(interpolate.CubicSpline(X, X**3))
    for at in (X[0] - 1, X[1] + 0.1, X[3]):
        np.testing.assert_allclose(3 * at**2, slope(at), rtol=1e-9)
        np.testing.assert_allclose(6 * at, dr.derivative(slope)(at), rtol=1e-8)
    by_y = dr.grad(lambda c: interpolate.CubicSpline(X, c * X**3).integrate(0, 2))(1.0)
    np.testing.assert_allclose(4.0, by_y, rtol=1e-9)


@pytest.mark.parametrize("name", [*CURVES, "interp1d"])
def test_nothing_changes_where_sites_and_points_move_together(name):
    """The derivatives by all sites and by the point add up to 0."""
    curve = getattr(interpolate, name)
    y = real(7)
    by_x, by_at = dr.grad(lambda x, at: curve(x, y)(at), argnums=(0, 1))(X, X[2] + 0.1)
    np.testing.assert_allclose(0.0, by_x.sum() + by_at, atol=1e-12)
    assert np.abs(by_at) > 1e-3


def test_the_spline_that_scipy_solves_and_the_b_spline_have_the_same_derivatives():
    """By y, where both are the not-a-knot spline; the one by powers, the other by its basis."""
    y = real(7)
    expected = dr.jacobian(lambda y: interpolate.CubicSpline(X, y)(AT[0]))(y)
    for spline in (
        lambda y: interpolate.make_interp_spline(X, y)(AT[0]),
        lambda y: interpolate.splev(AT[0], interpolate.splrep(X, y)),
        lambda y: interpolate.interp1d(X, y, "cubic", fill_value="extrapolate")(AT[0]),
        lambda y: interpolate.RegularGridInterpolator(
            (X,), y, "cubic", False, None, solver=spsolve
        )(AT[0][:, None]),
    ):
        np.testing.assert_allclose(expected, dr.jacobian(spline)(y), rtol=1e-9, atol=1e-9)


def test_at_a_breakpoint_the_derivative_is_that_on_the_right():
    y = np.array([0.0, 1.0, 0.0])
    x = np.array([0.0, 1.0, 3.0])
    curves = [
        interpolate.interp1d(x, y),
        interpolate.PPoly(np.array([[1.0, -0.5], [0.0, 1.0]]), x),
        interpolate.make_interp_spline(x, y, k=1),
        lambda at: interpolate.RegularGridInterpolator((x,), y)(np.reshape(at, (1, 1)))[0],
    ]
    for curve in curves:
        for derivative in (dr.grad(curve), dr.derivative(curve)):
            np.testing.assert_allclose(-0.5, derivative(1.0))


def test_monotone_slopes_have_derivative_zero_where_the_data_turn():
    slope = interpolate.PchipInterpolator(np.arange(3.0), np.array([0.0, 1.0, 0.0]))
    assert slope(1.0, 1) == 0
    by_y = dr.grad(lambda y: interpolate.PchipInterpolator(np.arange(3.0), y)(1.0, 1))
    np.testing.assert_array_equal([0.0, 0.0, 0.0], by_y(np.array([0.0, 1.0, 0.0])))


@pytest.mark.parametrize("name", ["CubicSpline", "BSpline"])
def test_outside_without_extrapolation_value_and_derivatives_are_nan(name):
    """In both modes, and only where the point is outside."""
    curve = made(interpolate, name)
    at = np.array([X[2] + 0.1, X[-1] + 1])
    for mode in ("forward", "reverse"):
        jacobian = dr.jacobian(lambda at: curve(at, extrapolate=False)[0, :, 0], mode=mode)(at)
        assert np.isfinite(jacobian[0]).all()
        assert np.isnan(jacobian[1, 1])
    gradient = dr.grad(lambda at: np.nansum(curve(at, extrapolate=False)))(at)
    assert gradient[1] == 0
    assert np.isfinite(gradient[0])


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_a_periodic_spline_has_a_derivative_by_each_of_its_data(k):
    """SciPy takes data with equal ends; a tangent may move one alone."""
    y = np.append(Y[0, :-1, 0], Y[0, 0, 0])
    f = lambda y: interpolate.make_interp_spline(X, y, k, bc_type="periodic")(AT)  # noqa: E731
    forward, reverse = (dr.jacobian(f, mode=mode)(y) for mode in ("forward", "reverse"))
    np.testing.assert_allclose(reverse, forward, atol=1e-12)
    if k == 3:
        theirs = lambda y: interpolate.CubicSpline(X, y, bc_type="periodic")(AT)  # noqa: E731
        np.testing.assert_allclose(dr.jacobian(theirs)(y), forward, atol=1e-12)
    # To move both ends is to move the data round the circle.
    h, both = 1e-4, np.eye(7)[0] + np.eye(7)[-1]
    scipys = scipy.interpolate.make_interp_spline
    up, down = (scipys(X, y + s * h * both, k, bc_type="periodic")(AT) for s in (1, -1))
    np.testing.assert_allclose((up - down) / (2 * h), forward @ both, atol=1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_points_have_derivatives_zero(name):
    def f(y):
        if name == "PPoly":
            return interpolate.PPoly(y[:, :-1], X)(np.zeros((0, 2)))
        if name == "CubicHermiteSpline":
            return interpolate.CubicHermiteSpline(X, y, y, axis=1)(np.zeros((0, 2)))
        if name == "BSpline":
            return interpolate.BSpline(np.arange(11.0), y, 3, axis=1)(np.zeros((0, 2)))
        return getattr(interpolate, name)(X, y, axis=1)(np.zeros((0, 2)))

    assert np.array_equal(np.zeros(Y.shape), dr.vjp(f, Y)[1](f(Y))[0])


def test_periodic_extrapolation_repeats_the_derivative():
    y = np.append(real(6), real(6)[0])
    curve = interpolate.CubicSpline(X, y, bc_type="periodic")
    at = X[2] + 0.1
    np.testing.assert_allclose(
        dr.grad(curve)(at), dr.grad(curve)(at + 3 * (X[-1] - X[0])), rtol=1e-9
    )
    period = dr.grad(lambda y: interpolate.CubicSpline(X, y, bc_type="periodic")(at))(y)
    assert period.shape == y.shape


@pytest.mark.parametrize(
    "call",
    [
        lambda x: interpolate.make_interp_spline(x, x * 0.0, bc_type="periodic"),
        lambda x: interpolate.interp1d(X, X, bounds_error=False, fill_value=(0.0, x[0])),
        lambda x: interpolate.RegularGridInterpolator((X,), X, fill_value=x[0]),
        lambda x: interpolate.LinearNDInterpolator(Y[0], X, fill_value=x[0]),
        lambda x: interpolate.splrep(X, x, per=1),
        lambda x: interpolate.splprep([X, x], full_output=1),
        lambda x: interpolate.CubicSpline(X, np.stack([x, x], 1)).roots(),
        lambda x: interpolate.PPoly(x[None], np.arange(8.0)).extend(np.ones((1, 1)), [9.0]),
        lambda x: interpolate.interpn((X, X), np.outer(X, X), (x, x), "splinef2d"),
        lambda x: interpolate.KroghInterpolator(x[[0, 0]], X[:2]),
        lambda x: interpolate.BarycentricInterpolator(X, X, wi=x),
        lambda x: interpolate.NdBSpline.design_matrix(x[:, None], (np.arange(9.0),), 3),
        lambda x: interpolate.BSpline(np.arange(9.0), x[:5], 3).insert_knot(4.5),
        lambda x: interpolate.insert(4.5, (np.arange(9.0), x[:5], 3)),
    ],
)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_what_has_no_derivative_says_so(call, mode):
    derivative = dr.jacobian(lambda x: call(x) and x, mode=mode)
    with pytest.raises(MissingRuleError, match="no derivative rule"):
        derivative(X)


@pytest.mark.parametrize("n", [40, 200])
def test_a_polynomial_at_many_chebyshev_points_keeps_the_digits_of_its_derivatives(n):
    """The slopes by the values are the terms of the barycentric formula."""
    x = 1e4 * np.cos(np.pi * np.arange(n) / (n - 1))
    weights = (-1.0) ** np.arange(n) / np.where(np.isin(np.arange(n), (0, n - 1)), 2, 1)
    terms = weights / (3217.0 - x)
    by_values = dr.grad(lambda y: interpolate.BarycentricInterpolator(x, y, wi=weights)(3217.0))
    np.testing.assert_allclose(terms / terms.sum(), by_values(np.sin(x)), atol=1e-11)
    slope = dr.derivative(interpolate.BarycentricInterpolator(x, np.exp(x / 1e4), rng=0))
    np.testing.assert_allclose(np.exp(0.3217) / 1e4, slope(3217.0), rtol=1e-10)


def test_sites_of_a_polynomial_may_be_added_before_its_values():
    ours, theirs = (
        module.BarycentricInterpolator(X[:3], rng=0) for module in (interpolate, scipy.interpolate)
    )
    for curve in (ours, theirs):
        curve.add_xi(X[3:5])
        curve.set_yi(Y[0, :5])
        curve.add_xi(X[5:], Y[0, 5:])
    np.testing.assert_allclose(theirs(AT), ours(AT), rtol=1e-13)
    with pytest.raises(ValueError, match="No update to yi provided"):
        ours.add_xi([99.0])


def test_lists_of_traced_elements_are_data():
    """As everywhere: y = [a, b, c] of traced numbers."""
    gradient = dr.grad(lambda p: interpolate.CubicSpline([0, 1, 2], [0.0, p, 2 * p])(1.5))(3.0)
    np.testing.assert_allclose(1.5, gradient)
    gradient = dr.grad(lambda p: interpolate.interpn(([0, 1],), [0.0, p], [[0.25]])[0])(3.0)
    np.testing.assert_allclose(0.25, gradient)


def test_inputs_may_be_integers():
    assert interpolate.CubicSpline([0, 1, 2], [0, 1, 4])(3) == 9
    np.testing.assert_allclose(6.0, dr.grad(interpolate.CubicSpline([0, 1, 2], [0, 1, 4]))(3))


def test_radial_functions_at_their_own_sites_have_finite_derivatives():
    """r log r and its kind are 0 there, with derivative 0 of that site's own function."""
    sites = np.array([[0.0], [1.0], [3.0]])
    curve = interpolate.RBFInterpolator(sites, np.array([0.0, 1.0, 0.0]))
    at = np.array([[1.0]])
    left, right = (curve(at + h)[0] for h in (-1e-6, 1e-6))
    np.testing.assert_allclose(
        (right - left) / 2e-6, dr.grad(lambda at: curve(at)[0])(at)[0, 0], rtol=1e-4
    )


@pytest.mark.parametrize("kernel", ["linear", "thin_plate_spline", "cubic"])
def test_radial_functions_with_a_singular_second_derivative_say_so_at_their_sites(kernel):
    """r and r^2 log r have none at 0; r^3 has 0."""
    sites = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [3.0, 1.0]])
    values = np.array([1.0, 2.0, 0.0, 1.0])

    def f(x):
        return interpolate.RBFInterpolator(sites, values, kernel=kernel)(x[None])[0]

    for inner in ("forward", "reverse"):
        for outer in ("forward", "reverse"):
            hessian = dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)
            beside = hessian(np.array([1e-7, 1e-7]))
            expected = beside if kernel == "cubic" else np.nan
            np.testing.assert_allclose(expected, hessian(np.zeros(2)), atol=1e-5)


def test_the_square_of_a_residual_at_a_kink_has_no_second_derivative():
    """(f(x) - d)^2 at a site of a radial function |x - y|: its slopes there differ."""
    sites, values = np.array([[0.0], [1.0], [3.0]]), np.array([0.3, 1.0, 0.2])

    def f(x):
        ans = interpolate.RBFInterpolator(sites, values, kernel="linear")(x.reshape(1, 1))
        return (ans[0] - 1.0) ** 2

    for _, hessian in second_derivatives(f, np.array(1.0)):
        assert np.isnan(hessian)
    for _, hessian in second_derivatives(f, np.array(1.3)):  # f = 1 - 0.4 (x - 1) there
        np.testing.assert_allclose(2 * 0.4**2, hessian)


SQUARED = pytest.mark.parametrize("squared", [False, True], ids=["itself", "square"])


def by_the_data(method, squared):
    """The sum of two values, or of their squares, as a function of five data."""

    def f(y):
        x, at = np.arange(5.0), np.array([0.5, 1.3])
        if method == "pchip":
            ans = interpolate.PchipInterpolator(x, y)(at)
        else:
            ans = interpolate.Akima1DInterpolator(x, y, method=method)(at)
        return np.sum(ans**2 if squared else ans)

    return f


@pytest.mark.one_in(2)
@SQUARED
@pytest.mark.parametrize(
    ("method", "y"),
    [
        ("pchip", [0.0, 0, 0, 0, 0]),
        ("pchip", [0.0, 0, 0, 1, 3]),
        ("akima", [0.0, 0, 0, 0, 0]),
        ("akima", [0.0, 1, 2, 3, 4]),
        ("makima", [0.0, 0, 0, 0, 0]),
    ],
)
def test_slopes_of_flat_data_have_no_second_derivative_by_the_data(method, y, squared):
    """Ratios of differences that are 0: homogeneous, as a norm is, and not linear."""
    for _, hessian in second_derivatives(by_the_data(method, squared), np.array(y)):
        assert np.isnan(hessian).any()


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
@pytest.mark.parametrize("method", ["akima", "makima"])
def test_a_curve_has_weights_of_its_own_beside_larger_ones_in_a_batch(method):
    """SciPy compares weights with the largest of all curves that one object holds."""

    def values(y):
        return interpolate.Akima1DInterpolator(np.arange(5.0), y, method=method)([0.3, 2.2])

    rows = real(3, 5) * np.array([[1e12], [1.0], [1e-9]])
    loss = lambda y: np.sum(values(y) ** 2)  # noqa: E731
    np.testing.assert_array_equal([values(y) for y in rows], dr.vmap(values)(rows))
    np.testing.assert_allclose(
        [dr.grad(loss)(y) for y in rows], dr.vmap(dr.grad(loss))(rows), rtol=1e-12
    )


@SQUARED
@pytest.mark.parametrize("method", ["pchip", "akima", "makima"])
def test_slopes_of_other_data_have_one_that_does_not_depend_on_who_comes_first(method, squared):
    f, y = by_the_data(method, squared), np.array([1.0, 3.0, 2.0, 4.5, 1.0])
    (_, first), *others = second_derivatives(f, y)
    assert np.isfinite(first).all()
    for _, hessian in others:
        np.testing.assert_allclose(first, hessian, rtol=1e-9, atol=1e-12)
