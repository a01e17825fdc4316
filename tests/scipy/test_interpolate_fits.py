"""Splines near data, whose knots SciPy chooses: its values, and derivatives of its equations."""

import copy
import pickle
import warnings

import numpy as np
import pytest
import scipy.interpolate
from scipy.optimize import brentq

import dualrev as dr
from dualrev.errors import NotConvergedError, SingularError
from dualrev.scipy import interpolate
from tests.cases import positive, real

X = np.linspace(0, 6, 25) + 0.05 * real(25)
Y = np.sin(X) + 0.1 * real(25, seed=1)
W = positive(25, low=0.5, high=2.0)
AT = np.array([0.4, 1.7, 3.3, 5.9])
INNER = np.array([1.5, 3.1, 4.4])


def exactly_smoothing(x, y, w, s, k, chosen):
    """A spline with knots at these sites whose sum of squares is s to rounding, by its formula."""
    t = np.concatenate([[x[0]] * (k + 1), x[chosen], [x[-1]] * (k + 1)])
    n = len(t) - k - 1
    values = scipy.interpolate.BSpline.design_matrix(x, t, k).toarray() * w[:, None]
    top = scipy.interpolate.BSpline(t, np.eye(n), k).derivative(k)
    middles = (np.unique(t)[1:] + np.unique(t)[:-1]) / 2
    jumps = np.diff(top(middles), axis=0)

    def of(log):
        rows = np.concatenate([values, np.exp(log) * jumps])
        return np.linalg.lstsq(rows, np.append(w * y, np.zeros(len(jumps))), rcond=None)[0]

    log = brentq(lambda log: np.sum((values @ of(log) - w * y) ** 2) - s, -25, 5, xtol=1e-14)
    return scipy.interpolate.BSpline(t, of(log), k)(AT)


@pytest.mark.parametrize("k", [3, 4])
@pytest.mark.parametrize(
    "fit",
    [
        lambda x, y, w, s, k: interpolate.UnivariateSpline(x, y, w, k=k, s=s),
        lambda x, y, w, s, k: interpolate.make_splrep(x, y, w=w, k=k, s=s),
    ],
    ids=["UnivariateSpline", "make_splrep"],
)
def test_a_smoothing_spline_moves_with_data_as_its_equations_say(fit, k):
    """Of the sum of squares that was found, with knots at the same sites."""
    made = fit(X, Y, W, 0.3, k)
    knots = made.get_knots() if hasattr(made, "get_knots") else made.t[k : len(made.t) - k]
    chosen = np.searchsorted(X, knots[1:-1])
    left = np.sum((W * (Y - made(X))) ** 2)
    assert chosen.size > 1
    np.testing.assert_allclose(exactly_smoothing(X, Y, W, left, k, chosen), made(AT), rtol=1e-6)
    for place, scale in enumerate((1.0, 1.0, 1.0, left / 0.3)):
        given = [X, Y, W, np.array(0.3)]
        t = real(*given[place].shape, seed=7)

        def moved(part, place=place, given=given):
            return fit(*given[:place], part, *given[place + 1 :], k)(AT)

        found = dr.jvp(moved, (given[place],), (t,))[1]
        exact = [X, Y, W, left]
        sides = [
            exactly_smoothing(
                *exact[:place], exact[place] + h * scale * t, *exact[place + 1 :], k, chosen
            )
            for h in (1e-5, -1e-5)
        ]
        np.testing.assert_allclose((sides[0] - sides[1]) / 2e-5, found, rtol=1e-4, atol=1e-5)


def test_a_smoothing_spline_has_second_derivatives_and_batches():
    def f(y):
        return np.sum(interpolate.UnivariateSpline(X, y, s=0.3)(AT) ** 2)

    y = np.stack([Y, Y[::-1] + 0.01, 0.5 * Y])
    counts = {len(interpolate.UnivariateSpline(X, row, s=0.3).get_knots()) for row in y}
    assert len(counts) > 1
    rows = np.stack([dr.grad(f)(row) for row in y])
    with pytest.warns(dr.PerformanceWarning, match="row by row"):
        found = dr.vmap(dr.grad(f))(y)
    np.testing.assert_allclose(rows, found, rtol=1e-10)
    with pytest.warns(dr.PerformanceWarning, match="row by row"):
        found = dr.grad(lambda y: dr.vmap(f)(y).sum())(y)
    np.testing.assert_allclose(rows, found, rtol=1e-10)
    hessian = dr.hessian(f)(Y)
    np.testing.assert_allclose(hessian, dr.jacobian(dr.jacobian(f, mode="reverse"))(Y), atol=1e-8)
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-8)


CURVES = {
    "UnivariateSpline": lambda m, **o: m.UnivariateSpline(X, Y, W, **o),
    "interpolating": lambda m, **o: m.UnivariateSpline(X, Y, s=0, **o),
    "polynomial": lambda m, **o: m.UnivariateSpline(X, Y, s=100, **o),
    "InterpolatedUnivariateSpline": lambda m, **o: m.InterpolatedUnivariateSpline(X, Y, **o),
    "LSQUnivariateSpline": lambda m, **o: m.LSQUnivariateSpline(X, Y, INNER, W, **o),
}


@pytest.mark.parametrize("make", CURVES.values(), ids=CURVES)
def test_values_of_fitted_curves_are_those_of_scipy(make):
    """Of all methods and options; and where a derivative is taken, too."""
    outside = np.append(AT, [-1.0, 9.0])
    for options in ({}, {"k": 2}, {"ext": "zeros"}, {"ext": 3, "bbox": [-0.1, 7.0]}):
        ours, theirs = make(interpolate, **options), make(scipy.interpolate, **options)
        for nu in (0, 1, 2):
            np.testing.assert_array_equal(theirs(outside, nu), ours(outside, nu))
            np.testing.assert_array_equal(
                theirs(outside, nu), dr.jvp(lambda at: ours(at, nu), (outside,), (outside,))[0]
            )
        for name in ("get_knots", "get_coeffs", "get_residual"):
            np.testing.assert_array_equal(getattr(theirs, name)(), getattr(ours, name)())
        if options.get("k") is None:
            np.testing.assert_array_equal(theirs.roots(), ours.roots())
        np.testing.assert_array_equal(theirs.integral(0.3, 9.0), ours.integral(0.3, 9.0))
        np.testing.assert_array_equal(theirs.derivatives(1.3), ours.derivatives(1.3))
        for name in ("derivative", "antiderivative"):
            np.testing.assert_allclose(
                getattr(theirs, name)()(outside), getattr(ours, name)()(outside), rtol=1e-13
            )
    with pytest.raises(ValueError, match="not in the domain"):
        make(interpolate, ext="raise")(outside)
    with pytest.raises(ValueError, match="extrapolation mode"):
        make(interpolate, ext="other")


def test_another_smoothing_factor_starts_from_the_knots_that_there_are():
    def curve(m, y):
        curve = m.UnivariateSpline(X, y, s=1.0)
        curve.set_smoothing_factor(0.3)
        return curve

    ours, theirs = curve(interpolate, Y), curve(scipy.interpolate, Y)
    np.testing.assert_array_equal(theirs(AT), ours(AT))
    chosen, ones = np.searchsorted(X, theirs.get_knots()[1:-1]), np.ones(25)
    left, t = theirs.get_residual(), real(25, seed=5)
    sides = [exactly_smoothing(X, Y + h * t, ones, left, 3, chosen) for h in (1e-5, -1e-5)]
    found = dr.jvp(lambda y: curve(interpolate, y)(AT), (Y,), (t,))[1]
    np.testing.assert_allclose((sides[0] - sides[1]) / 2e-5, found, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("way", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy])
def test_what_was_fitted_can_be_pickled_and_copied(way):
    for make in CURVES.values():
        made = make(interpolate)
        np.testing.assert_array_equal(made(AT), way(made)(AT))
        np.testing.assert_array_equal(made.derivative()(AT), way(made.derivative())(AT))
    again = way(interpolate.UnivariateSpline(X, Y, s=1.0))
    again.set_smoothing_factor(0.3)
    expected = scipy.interpolate.UnivariateSpline(X, Y, s=1.0)
    expected.set_smoothing_factor(0.3)
    np.testing.assert_array_equal(expected(AT), again(AT))
    grid = np.arange(5.0)
    made = interpolate.RectBivariateSpline(grid, grid, np.outer(grid, grid))
    assert way(made).ev(1.5, 2.5) == made.ev(1.5, 2.5)


FUNCTIONS = {
    "splrep": lambda m, y, **o: m.splrep(X, y, **o),
    "splprep": lambda m, y, **o: m.splprep([X, y], **o)[0],
}


@pytest.mark.parametrize("make", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize(
    "options", [{}, {"w": W}, {"s": 0.1}, {"s": 0, "k": 2}, {"w": W, "s": 0.4}]
)
def test_tuples_of_fitpack_are_those_of_scipy(make, options):
    theirs, ours = make(scipy.interpolate, Y, **options), make(interpolate, Y, **options)
    traced = dr.jvp(
        lambda y: tuple(map(np.stack, make(interpolate, y, **options)[:2])), (Y,), (Y,)
    )[0]
    for a, b, c in zip(theirs[:2], ours[:2], traced):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)
    for name, at in (("splev", AT), ("spalde", AT), ("spalde", 0.3)):
        args = (at / 6, theirs)
        expected = getattr(scipy.interpolate, name)(*args)
        np.testing.assert_array_equal(expected, getattr(interpolate, name)(*args))
        value, _ = dr.jvp(
            lambda y: np.stack(getattr(interpolate, name)(at / 6, make(interpolate, y, **options))),
            (Y,),
            (Y,),
        )
        np.testing.assert_allclose(expected, value, rtol=1e-13, atol=1e-13)


def test_a_double_root_has_no_derivative():
    x = np.arange(6.0)
    roots = dr.jacobian(lambda c: interpolate.PPoly(c, x[:3]).roots())
    with pytest.raises(SingularError, match="not simple"):
        roots(np.array([[1.0, 1.0], [-1.0, 1.0], [0.25, 2.0]]))


def test_a_jump_over_the_value_has_no_derivative():
    with pytest.raises(NotConvergedError, match="no root"):
        dr.jacobian(lambda c: interpolate.PPoly(c, [0.0, 1.0, 2.0]).roots())(
            np.array([[0.1, 0.1], [1.0, -1.0]])
        )


def test_a_smoothing_spline_that_was_not_found_has_no_derivative():
    x = np.arange(20.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(NotConvergedError, match="sum of squares is s"):
            dr.grad(lambda y: interpolate.UnivariateSpline(x, y, k=4, s=1e-13)(3.3))(1.0 * (x > 5))


@pytest.mark.parametrize("fit", ["splrep", "make_splrep"])
def test_a_smoothing_spline_of_all_knots_does_not_interpolate(fit):
    """With as many coefficients as data, s = 0.3 keeps the curve away from them."""
    if not hasattr(scipy.interpolate, fit):
        pytest.skip("SciPy has it from 1.15 on")
    x, y = np.array([0.0, 0.7, 1.0, 2.2, 3.0]), np.array([-0.65, -0.17, 1.66, 0.66, -1.64])

    def value(x, y, s, m=interpolate):
        made = getattr(m, fit)(x, y, s=s)
        return m.splev(1.5, made if fit == "splrep" else (made.t, made.c, made.k))

    t, c, k = scipy.interpolate.splrep(x, y, s=0.3)
    assert len(t) - k - 1 == len(x)
    args = x, y, 0.3
    for place, direction in enumerate((np.linspace(-0.3, 0.4, 5), np.linspace(0.4, -0.1, 5), 1.0)):

        def along(h, m=interpolate, place=place, direction=direction):
            moved = [a + h * direction if i == place else a for i, a in enumerate(args)]
            return value(*moved, m)

        expected = (along(1e-5, scipy.interpolate) - along(-1e-5, scipy.interpolate)) / 2e-5
        # FITPACK meets s to a thousandth.
        assert dr.derivative(along)(0.0) == pytest.approx(float(expected), rel=5e-3)
