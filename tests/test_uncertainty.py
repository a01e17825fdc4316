"""propagate: against exact moments, the Guide's own example, samples, and the package uncertainties."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import curve_fit

import dualrev as dr
from tests.test_bad_input import raised

X = np.array([1.5, -0.7, 2.3])
COV = np.array([[0.04, 0.01, -0.006], [0.01, 0.09, 0.012], [-0.006, 0.012, 0.0225]])
STD = np.array([0.2, 0.3, 0.15])


def three(x):
    a, b, c = x
    return np.stack([a * np.exp(b * c), np.sin(a) + c**2 / b, np.arctan2(b, c) * np.sqrt(a + c)])


def quadratic(x):
    """A polynomial of second degree, whose moments second order has exactly."""
    return np.stack([x[0] ** 2 - 3 * x[1] * x[2] + x[0], x[1] ** 2 + 2 * x[0] * x[2], 4 * x[2]])


# ------------------------------------------------------------------------------- what it should be


def test_first_order_is_that_of_the_package_uncertainties():
    """Version 3.2.3: correlated_values, umath, covariance_matrix."""
    found = dr.propagate(three, X, COV)
    assert_allclose([0.29983142111271677, -6.559647870538802, -0.5759202161396072], found.mean)
    expected = [
        [0.045176834768562, -0.678763622330484, 0.046893944852398],
        [-0.678763622330484, 13.15447483508523, -0.853870992191071],
        [0.046893944852398, -0.853870992191071, 0.056915772862915],
    ]
    assert_allclose(expected, found.covariance, rtol=1e-12)


def test_resistance_and_reactance_of_the_guide():
    """JCGM 100:2008, section H.2: five simultaneous observations; to the digits that it prints."""
    observed = {
        "V": [5.007, 4.994, 5.005, 4.990, 4.999],
        "current": [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3],
        "phi": [1.0456, 1.0438, 1.0468, 1.0428, 1.0433],
    }
    inputs = {name: np.mean(numbers) for name, numbers in observed.items()}
    cov = np.cov([*observed.values()]) / 5

    def impedance(p):
        z = p["V"] / p["current"]
        return {"R": z * np.cos(p["phi"]), "X": z * np.sin(p["phi"]), "Z": z}

    # Dicts are in the order of their keys: V, current, phi.
    assert_allclose([4.9990, 19.6610e-3, 1.04446], dr.ravel(inputs)[0])
    found = dr.propagate(impedance, inputs, cov)
    assert_allclose([127.732, 219.847, 254.260], [*found.mean.values()], atol=0.0006)
    assert_allclose([0.071, 0.295, 0.236], [*found.std.values()], atol=0.0006)
    assert_array_equal(["R", "X", "Z"], [*found.std])
    correlations = found.covariance / np.outer([*found.std.values()], [*found.std.values()])
    assert_allclose([-0.588, -0.485, 0.993], correlations[[0, 0, 1], [1, 2, 2]], atol=0.002)


def test_moments_of_a_square_and_of_a_product_are_exact_to_second_order():
    m, s = 1.3, 0.4
    square = dr.propagate(lambda x: x**2, m, std=s, order=2)
    assert_allclose(m**2 + s**2, square.mean)
    assert_allclose(4 * m**2 * s**2 + 2 * s**4, square.covariance)
    (a, b), ((saa, sab), (_, sbb)) = m, c = np.array([1.5, -0.7]), COV[:2, :2]
    product = dr.propagate(np.prod, m, c, order=2)
    assert_allclose(a * b + sab, product.mean)
    expected = a**2 * sbb + b**2 * saa + 2 * a * b * sab + saa * sbb + sab**2
    assert_allclose(expected, product.covariance)


def samples(count, cov):
    return np.random.default_rng(20080612).multivariate_normal(X, cov, count)


def test_second_order_of_a_quadratic_function_is_that_of_samples():
    """To five standard errors of 10^5 samples, of which a mean has s / sqrt(n) and a variance about
    s^2 sqrt(2 / n), here at most twice as much.
    """
    count = 100_000
    found = dr.propagate(quadratic, X, COV, order=2)
    drawn = quadratic(samples(count, COV).T)
    s = np.sqrt(np.diag(found.covariance))
    assert np.all(np.abs(drawn.mean(axis=1) - found.mean) < 5 * s / np.sqrt(count))
    errors = np.abs(np.cov(drawn) - found.covariance) / np.outer(s, s)
    assert errors.max() < 5 * 2 * np.sqrt(2 / count)
    # First order is too far off to pass.
    first = dr.propagate(quadratic, X, COV)
    assert np.any(np.abs(drawn.mean(axis=1) - first.mean) > 10 * s / np.sqrt(count))


def test_first_order_of_any_function_is_that_of_samples_where_the_covariance_is_small():
    """The error of the expansion is of the size of the covariance, 10^-4; samples add 1/300."""
    found = dr.propagate(three, X, 1e-4 * COV)
    drawn = three(samples(100_000, 1e-4 * COV).T)
    scale = np.outer([*found.std], [*found.std])
    assert_allclose(found.covariance / scale, np.cov(drawn) / scale, atol=0.02)


def test_second_order_mean_beats_the_first_where_the_covariance_is_not_small():
    """exp of a normal number has the mean exp(m + s^2 / 2)."""
    exact = np.exp(0.5 + 0.3**2 / 2)
    first, second = (dr.propagate(np.exp, 0.5, std=0.3, order=order).mean for order in (1, 2))
    assert abs(second - exact) < 0.03 * abs(first - exact)


@pytest.mark.parametrize("order", [1, 2])
def test_independent_numbers_are_a_diagonal_covariance(order):
    by_std = dr.propagate(three, X, std=STD, order=order)
    by_cov = dr.propagate(three, X, np.diag(STD**2), order=order)
    assert_allclose(by_cov.mean, by_std.mean)
    assert_allclose(by_cov.covariance, by_std.covariance, rtol=1e-12, atol=1e-15)


def test_two_steps_are_one_to_first_order():
    half = dr.propagate(three, X, COV)
    whole = dr.propagate(lambda x: quadratic(three(x)), X, COV)
    steps = dr.propagate(quadratic, *half)
    assert_allclose(whole.mean, steps.mean)
    assert_allclose(whole.covariance, steps.covariance, rtol=1e-11)


def test_what_curve_fit_answers_is_propagated():
    def line(t, a, b):
        return a + b * t

    t = np.linspace(0, 1, 9)
    best, cov = curve_fit(line, t, line(t, 1.0, 2.0) + 0.01 * np.sin(50 * t))
    band = dr.propagate(lambda p: line(t, *p), best, cov)
    design = np.stack([np.ones_like(t), t], 1)
    assert_allclose(np.sqrt(np.diag(design @ cov @ design.T)), band.std)


# ------------------------------------------------------------------------------------- what comes out


def test_shapes_of_arrays_numbers_and_structures():
    one = dr.propagate(lambda x: 3 * x, 2.0, 0.25)
    assert one == (6.0, 2.25)
    assert one.std == 1.5
    assert all(isinstance(part, np.float64) for part in (*one, one.std))
    many = dr.propagate(lambda x: x * np.ones((2, 3)), 2.0, [[0.25]])
    assert many.mean.shape == many.std.shape == (2, 3)
    assert_array_equal(np.full((6, 6), 0.25), many.covariance)
    x = X[:, None] * np.ones((3, 2))
    sums = dr.propagate(
        lambda x: {"a": np.sum(x, axis=1), "b": x[0, 0]}, x, np.diag(np.arange(6.0))
    )
    assert_allclose(np.diag([1.0, 5.0, 9.0, 0.0]), sums.covariance)
    assert_allclose([1, np.sqrt(5), 3], sums.std["a"])
    assert sums.std["b"] == 0
    parts = dr.propagate(lambda p: p["x"] @ p["y"], {"x": X, "y": X}, std={"x": STD, "y": 0 * STD})
    assert_allclose(np.sum((X * STD) ** 2), parts.covariance)


@pytest.mark.parametrize("order", [1, 2])
def test_float32_stays_and_integers_become_float64(order):
    x, cov = X.astype(np.float32), COV.astype(np.float32)
    found = dr.propagate(three, x, cov, order=order)
    assert found.mean.dtype == found.covariance.dtype == found.std.dtype == np.float32
    assert dr.propagate(lambda x: x**2, 3, 1, order=order).covariance.dtype == np.float64


@pytest.mark.parametrize("order", [1, 2])
def test_sizes_zero(order):
    nothing = np.zeros(0)
    found = dr.propagate(lambda x: np.sum(x) + 1.0, nothing, np.zeros((0, 0)), order=order)
    assert found == (1.0, 0.0)
    found = dr.propagate(lambda x: x[:0], X, COV, order=order)
    assert found.covariance.shape == (0, 0)
    assert found.std.shape == (0,)


def test_answers_are_the_caller_s_and_pickle():
    kept = np.ones(3)
    found = dr.propagate(lambda x: kept, X, COV)
    found.mean[:] = 2.0
    assert_array_equal(np.ones(3), kept)
    assert_array_equal(np.zeros((3, 3)), found.covariance)
    assert found.covariance.flags.carray
    again = pickle.loads(pickle.dumps(found))
    assert_array_equal(found.std, again.std)


def test_variance_that_rounding_left_has_a_deviation():
    """A sum that does not vary, of numbers that do."""
    c = np.array([[1.0, -1 / 3], [-1 / 3, 1 / 9]])
    assert dr.propagate(lambda x: x[0] + 3 * x[1], X[:2], c).std < 1e-7


# ------------------------------------------------------------------------------------------ nesting


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_what_is_propagated_is_differentiated(order, mode):
    """As an experiment is planned: by the means, the standard deviations and the covariance."""

    def by_hand(x, cov):
        j = np.stack([2 * x[0] * x[1], x[0] ** 2])
        h = np.array([[2 * x[1], 2 * x[0]], [2 * x[0], 0 * x[0]]])
        variance = j @ cov @ j
        return variance + 0.5 * np.trace(h @ cov @ h @ cov) if order == 2 else variance

    def propagated(x, cov):
        return dr.propagate(lambda x: x[0] ** 2 * x[1], x, cov, order=order).covariance

    x, cov = X[:2], COV[:2, :2]
    jacobian = lambda f, i: dr.jacobian(f, argnums=i, mode=mode)  # noqa: E731
    assert_allclose(by_hand(x, cov), propagated(x, cov))
    assert_allclose(jacobian(by_hand, 0)(x, cov), jacobian(propagated, 0)(x, cov), rtol=1e-11)
    assert_allclose(jacobian(by_hand, 1)(x, cov), jacobian(propagated, 1)(x, cov), rtol=1e-11)
    by_std = jacobian(
        lambda s: dr.propagate(lambda x: x[0] ** 2 * x[1], x, std=s, order=order).covariance, 0
    )
    expected = jacobian(lambda s: by_hand(x, np.diag(s**2)), 0)
    assert_allclose(expected(STD[:2]), by_std(STD[:2]), rtol=1e-11)


def test_a_kink_is_nan_to_second_order():
    found = dr.propagate(np.abs, 0.0, 0.25, order=2)
    assert np.isnan(found.mean)
    assert np.isnan(found.covariance)


# ----------------------------------------------------------------------------------------- bad input


def test_covariance_of_the_wrong_shape_names_both():
    error = raised(dr.ShapeError, dr.propagate, three, X, np.eye(2))
    assert error.what == "cov has shape (2, 2), x has 3 numbers."
    assert error.fix == "give a matrix of shape (3, 3), in the order of dr.ravel(x)"
    error = raised(dr.ShapeError, dr.propagate, three, X, STD)
    assert error.fix == "give variances as np.diag(variances), or standard deviations by std="
    assert "(3,)" in raised(dr.ShapeError, dr.propagate, three, X, 0.1).fix + str(X.shape)
    error = raised(dr.ShapeError, dr.propagate, three, X, std=0.1)
    assert error.what == "The std has shape (), its primal has shape (3,)."


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        ({(0, 1): 0.02}, "cov is not symmetric: cov[0, 1] is 0.02, cov[1, 0] is 0.01."),
        ({(1, 1): -0.1}, "cov[1, 1] is -0.1: a variance is not negative."),
        ({(1, 2): np.nan}, "cov[1, 2] is nan."),
        ({(2, 2): np.inf}, "cov[2, 2] is inf."),
        ({(0, 1): 0.1, (1, 0): 0.1}, "cov is no covariance: there is a sum of the numbers in x"),
        ({(0, 0): 0.0}, "cov is no covariance: there is a sum of the numbers in x"),
    ],
)
def test_matrix_that_is_no_covariance(entries, what):
    cov = COV.copy()
    for place, number in entries.items():
        cov[place] = number
    assert raised(dr.ArgumentError, dr.propagate, three, X, cov).what.startswith(what)
    # Traced, it is looked at all the same.
    assert raised(
        dr.ArgumentError, dr.grad(lambda cov: dr.propagate(np.sum, X, cov).covariance), cov
    ).what.startswith(what)


def test_covariances_that_rounding_bent_are_taken():
    rounded = COV + 1e-12 * np.arange(9.0).reshape(3, 3)
    found = dr.propagate(three, X, rounded).covariance
    assert_allclose(dr.propagate(three, X, COV).covariance, found, rtol=1e-8)
    assert_array_equal(found.T, found)
    singular = np.outer(STD, STD)
    assert dr.propagate(np.sum, X, singular).covariance == pytest.approx(np.sum(STD) ** 2)


def test_standard_deviations_that_are_none():
    for wrong in (-0.1, np.nan, np.inf):
        error = raised(dr.ArgumentError, dr.propagate, np.exp, 1.0, std=wrong)
        assert error.what == f"std holds {wrong}."


def test_other_wrong_calls():
    assert "neither cov nor std" in raised(dr.ArgumentError, dr.propagate, three, X).what
    assert "both cov and std" in raised(dr.ArgumentError, dr.propagate, three, X, COV, std=STD).what
    for order in (0, 3, True, 1.0, 1.5, np.float32(2), "2"):
        error = raised(dr.ArgumentError, dr.propagate, three, X, COV, order=order)
        assert error.what == f"order is {order!r}."
    error = raised(dr.ComplexError, dr.propagate, np.abs, 1j, 1.0)
    assert error.what == "propagate of `numpy.absolute` was asked where x is complex."
    error = raised(dr.ComplexError, dr.propagate, lambda x: np.exp(1j * x), 1.0, 1.0)
    assert "the result is complex" in error.what
    assert "complex128" in raised(dr.ArgumentError, dr.propagate, three, X, COV + 0j).what
    error = raised(dr.StructureError, dr.propagate, three, X, std={"a": STD})
