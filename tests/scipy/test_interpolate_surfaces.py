"""Surfaces of splines: values are SciPy's, derivatives those of the equations of their fits."""

import warnings

import numpy as np
import pytest
import scipy.interpolate
from scipy.optimize import brentq

import dualrev as dr
from dualrev.errors import MissingRuleError, NotConvergedError, SingularError
from dualrev.scipy import interpolate
from tests.cases import positive, real

X = np.cumsum(positive(7, low=0.5, high=1.0))
Y = np.cumsum(positive(9, low=0.5, high=1.0))
Z = np.sin(X)[:, None] * np.cos(Y) + 0.02 * real(7, 9)
# Inside and outside.
AT = np.sort(X[0] - 0.5 + (X[-1] - X[0] + 1.0) * positive(5, low=0, high=1))
TO = np.sort(Y[0] - 0.5 + (Y[-1] - Y[0] + 1.0) * positive(5, low=0, high=1, seed=2))
SITES = positive(60, 2, low=0.0, high=3.0)
DATA = np.sin(2 * SITES[:, 0]) * np.cos(SITES[:, 1]) + 0.01 * real(60)
W = positive(60, low=0.5, high=2.0)
THETA, PHI = np.linspace(0.3, 2.8, 5), np.linspace(0.1, 6.0, 8)

GRID = {
    "RectBivariateSpline": lambda m, z, **o: m.RectBivariateSpline(X, Y, z, **o),
    "smoothing": lambda m, z: m.RectBivariateSpline(X, Y, z, s=0.2),
    "of other degrees": lambda m, z: m.RectBivariateSpline(X, Y, z, [0, 20, 0, 20], 2, 4),
}
SCATTERED = {
    "SmoothBivariateSpline": lambda m, z: m.SmoothBivariateSpline(*SITES.T, z, W, kx=2, s=1e3),
    "LSQBivariateSpline": lambda m, z: m.LSQBivariateSpline(*SITES.T, z, [1.0, 2.0], [1.5]),
}
SPHERES = {
    "RectSphereBivariateSpline": (
        lambda m, r: m.RectSphereBivariateSpline(THETA, PHI, r, pole_values=(1.0, 2.0)),
        real(5, 8),
    ),
    "LSQSphereBivariateSpline": (
        lambda m, r: m.LSQSphereBivariateSpline(*SITES.T, r, [1.0, 2.0], [1.5, 4.0], W),
        real(60),
    ),
    "SmoothSphereBivariateSpline": (
        lambda m, r: m.SmoothSphereBivariateSpline(*SITES.T, r, s=60),
        real(60),
    ),
}
MAKES = {
    **{name: (make, Z) for name, make in GRID.items()},
    **{name: (make, DATA) for name, make in SCATTERED.items()},
    **SPHERES,
}


@pytest.mark.parametrize(("make", "data"), MAKES.values(), ids=MAKES)
def test_values_of_surfaces_are_those_of_scipy(make, data):
    """Of all methods; and where derivatives are taken, by points and by data."""
    ours, theirs = make(interpolate, data), make(scipy.interpolate, data)
    at, to = (AT, TO) if data is Z else (np.linspace(0.1, 3, 5), np.linspace(0.2, 2.9, 5))
    for orders in ((0, 0), (1, 0), (0, 1)):
        for grid in (True, False):
            given = at, to, *orders, grid
            expected = theirs(*given)
            np.testing.assert_array_equal(expected, ours(*given))
            value, _ = dr.jvp(lambda x, given=given: ours(x, *given[1:]), (at,), (at,))
            np.testing.assert_array_equal(expected, value)
    assert isinstance(ours, interpolate.BivariateSpline)
    np.testing.assert_array_equal(theirs.ev(at, to), ours.ev(at, to))
    for a, b in zip(theirs.get_knots(), ours.get_knots()):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(theirs.get_coeffs(), ours.get_coeffs())
    assert theirs.get_residual() == ours.get_residual()
    first = theirs.partial_derivative(1, 1)
    np.testing.assert_allclose(
        first(at, to), ours.partial_derivative(1, 1)(at, to), rtol=1e-12, atol=1e-13
    )
    if hasattr(theirs, "integral"):
        ends = at[0], at[3], to[1], to[2]
        np.testing.assert_array_equal(theirs.integral(*ends), ours.integral(*ends))


@pytest.mark.parametrize("shape", [(), (2, 3)])
def test_points_of_any_shape_are_taken(shape):
    ours, theirs = (m.RectBivariateSpline(X, Y, Z) for m in (interpolate, scipy.interpolate))
    at = np.full(shape, 3.0)
    np.testing.assert_array_equal(theirs.ev(at, 4.0), ours.ev(at, 4.0))
    assert dr.jvp(lambda x: ours.ev(x, 4.0), (at,), (at,))[1].shape == shape


def test_bisplev_is_that_of_scipy():
    theirs = scipy.interpolate.bisplrep(*SITES.T, DATA)
    ours = interpolate.bisplrep(*SITES.T, DATA)
    for at, to in ((1.0, 1.5), (1.0, [1.0, 1.5]), ([0.5, 1.0], [1.0, 1.5])):
        expected = scipy.interpolate.bisplev(at, to, theirs, 1, 0)
        np.testing.assert_array_equal(expected, interpolate.bisplev(at, to, ours, 1, 0))

        def f(z, at=at, to=to):
            return interpolate.bisplev(at, to, interpolate.bisplrep(*SITES.T, z), 1, 0)

        np.testing.assert_array_equal(expected, dr.jvp(f, (DATA,), (DATA,))[0])


def test_bisplrep_of_given_knots_is_the_surface_of_least_squares():
    inner = np.array([1.2])
    t = np.concatenate([np.zeros(4), inner, np.full(4, 3.0)])

    def by_bisplrep(z):
        tck = interpolate.bisplrep(
            *SITES.T, z, W, 0, 3, 0, 3, task=-1, tx=t, ty=t, nxest=12, nyest=12
        )
        return interpolate.bisplev(1.0, 1.5, tck)

    def by_class(z):
        surface = interpolate.LSQBivariateSpline(*SITES.T, z, inner, inner, W, [0, 3, 0, 3])
        return surface.ev(1.0, 1.5)

    for ours, theirs in zip(
        dr.value_and_grad(by_bisplrep)(DATA), dr.value_and_grad(by_class)(DATA)
    ):
        np.testing.assert_allclose(theirs, ours, rtol=1e-10, atol=1e-13)


def exactly_smoothing(x, y, z, s, chosen, k=3):
    """Values of a surface with knots at these coordinates, of the sum of squares s, by its formula."""
    bases, roughs, knots = [], [], []
    for at, places in zip((x, y), chosen):
        t = np.concatenate([[at[0]] * (k + 1), at[places], [at[-1]] * (k + 1)])
        n = len(t) - k - 1
        top = scipy.interpolate.BSpline(t, np.eye(n), k).derivative(k)
        middles = (np.unique(t)[1:] + np.unique(t)[:-1]) / 2
        roughs.append(np.diff(top(middles), axis=0) * ((t[-1] - t[0]) / (n - k)) ** k)
        bases.append(scipy.interpolate.BSpline.design_matrix(at, t, k).toarray())
        knots.append(t)

    def of(log):
        grams = [b.T @ b + np.exp(log) * r.T @ r for b, r in zip(bases, roughs)]
        inner = np.linalg.solve(grams[0], bases[0].T @ z @ bases[1])
        return np.linalg.solve(grams[1], inner.T).T

    log = brentq(
        lambda log: np.sum((bases[0] @ of(log) @ bases[1].T - z) ** 2) - s, -30, 20, xtol=1e-14
    )
    rows = scipy.interpolate.BSpline(knots[0], of(log), k)([2.0, 4.5])
    columns = scipy.interpolate.BSpline(knots[1], np.eye(rows.shape[1]), k)([3.0, 5.5])
    return np.sum(rows * columns, axis=1)


@pytest.mark.parametrize("place", range(4))
def test_a_smoothing_surface_moves_with_data_as_its_equations_say(place):
    made = scipy.interpolate.RectBivariateSpline(X, Y, Z, s=0.2)
    left = made.get_residual()
    chosen = [np.searchsorted(at, t[4:-4]) for at, t in zip((X, Y), made.get_knots())]
    exact, given = [X, Y, Z, left], [X, Y, Z, np.array(0.2)]
    t = real(*given[place].shape, seed=3)

    def moved(part):
        parts = [*given[:place], part, *given[place + 1 :]]
        return interpolate.RectBivariateSpline(*parts[:3], s=parts[3]).ev([2.0, 4.5], [3.0, 5.5])

    value, found = dr.jvp(moved, (given[place],), (t,))
    np.testing.assert_allclose(exactly_smoothing(*exact, chosen), value, rtol=1e-10)
    step = t * (left / 0.2 if place == 3 else 1.0)
    sides = [
        exactly_smoothing(*exact[:place], exact[place] + h * step, *exact[place + 1 :], chosen)
        for h in (1e-5, -1e-5)
    ]
    np.testing.assert_allclose((sides[0] - sides[1]) / 2e-5, found, rtol=1e-4, atol=1e-6)


def test_a_surface_of_a_batch_is_that_of_each_row():
    rows = np.stack([Z, Z + 0.3 * real(7, 9, seed=4)])

    def f(z):
        surface = interpolate.RectBivariateSpline(X, Y, z, s=0.2)
        return np.sum(surface.partial_derivative(1, 0)(AT, TO) ** 2)

    expected = np.stack([dr.grad(f)(z) for z in rows])
    with pytest.warns(dr.PerformanceWarning, match="BivariateSpline runs row by row"):
        np.testing.assert_allclose(expected, dr.vmap(dr.grad(f))(rows), rtol=1e-10)


def test_knots_that_move_with_all_data_are_refused():
    with pytest.raises(MissingRuleError, match="interior knots of its own"):
        dr.grad(lambda z: interpolate.SmoothBivariateSpline(*SITES.T, z, s=0.02).ev(1.0, 1.0))(DATA)
    with pytest.raises(MissingRuleError, match="whose knots move"):
        dr.grad(lambda r: SPHERES["SmoothSphereBivariateSpline"][0](interpolate, r).ev(1.0, 1.0))(
            DATA
        )
    with pytest.raises(MissingRuleError, match="anything but its values"):
        dr.grad(lambda v: interpolate.RectSphereBivariateSpline(THETA, v, real(5, 8)).ev(1.0, 1.0))(
            PHI
        )


def test_a_surface_that_the_data_do_not_determine_has_no_derivative():
    """FITPACK takes the shortest coefficients."""
    near = SITES * [0.3, 1.0]

    def f(z):
        return interpolate.LSQBivariateSpline(
            *near.T, z, [1.5], [1.5], bbox=[0.0, 3.0, 0.0, 3.0]
        ).ev(0.5, 1.0)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(SingularError, match="do not determine"):
            dr.grad(f)(DATA)


def test_a_smoothing_surface_that_was_not_found_has_no_derivative(monkeypatch):
    """As where FITPACK stops at a surface that is neither smooth nor nearest."""
    real_coefficients = scipy.interpolate.RectBivariateSpline.get_coeffs
    monkeypatch.setattr(
        scipy.interpolate.RectBivariateSpline,
        "get_coeffs",
        lambda self: real_coefficients(self) * (1 + 0.01 * np.arange(real_coefficients(self).size)),
    )
    with pytest.raises(NotConvergedError, match="no surface"):
        dr.grad(lambda z: interpolate.RectBivariateSpline(X, Y, z, s=0.2).ev(2.0, 3.0))(Z)


def test_a_smoothing_surface_of_all_knots_does_not_interpolate():
    """With a coefficient for each value, s keeps it away from them; it is met to a thousandth."""
    rng = np.random.default_rng(8)
    x, y = np.arange(5.0), np.arange(6.0)
    z, direction = rng.normal(size=(5, 6)), rng.normal(size=(5, 6))

    def value(z, s, m=interpolate):
        return m.RectBivariateSpline(x, y, z, s=s).ev(1.3, 2.4)

    made = scipy.interpolate.RectBivariateSpline(x, y, z, s=1.0)
    assert made.get_coeffs().size == z.size
    assert made.get_residual() > 0.9
    for along in (
        lambda h, m=interpolate: value(z, 1.0 + h, m),
        lambda h, m=interpolate: value(z + h * direction, 1.0, m),
    ):
        expected = (along(1e-4, scipy.interpolate) - along(-1e-4, scipy.interpolate)) / 2e-4
        assert dr.derivative(along)(0.0) == pytest.approx(expected, rel=0.02)
