"""Corners of rules/histograms.py that the laws cannot hold."""

import numpy as np
import pytest

import dualrev as dr

RNG = np.random.default_rng(0)
DATA, WEIGHTS = RNG.standard_normal(200), RNG.uniform(1, 2, 200)
EDGES = np.array([-1.0, -0.25, 0.5, 2.0])


def test_counts_are_whole_numbers_without_a_derivative():
    def f(x):
        counts, edges = np.histogram(x, 5)
        assert type(counts) is np.ndarray
        assert counts.dtype.kind == "i"
        return np.sum(counts * 1.0) + np.sum(x)

    np.testing.assert_array_equal(np.ones(200), dr.grad(f)(DATA))


def test_the_slope_of_a_sum_of_weights_is_one_in_its_bin():
    a, w = np.array([-1.0, 0.0, 0.5, 2.0, 9.0]), np.ones(5)
    jacobian = dr.jacobian(lambda w: np.histogram(a, EDGES, weights=w)[0])(w)
    expected = [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 1, 0]]  # the last bin is closed
    np.testing.assert_array_equal(expected, jacobian)


def test_the_first_and_last_edges_follow_the_extreme_data():
    jacobian = dr.jacobian(lambda x: np.histogram_bin_edges(x, 4))(np.array([3.0, 1.0, 2.0]))
    np.testing.assert_allclose(np.linspace(0, 1, 5), jacobian[:, 0])
    np.testing.assert_allclose(np.linspace(1, 0, 5), jacobian[:, 1])
    np.testing.assert_array_equal(0, jacobian[:, 2])


@pytest.mark.parametrize("bins", [7, "auto", "fd", "scott", EDGES], ids=str)
@pytest.mark.parametrize("density", [None, True])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["", "weights"])
def test_values_are_numpy_s_to_the_bit(bins, density, weights):
    if weights is not None and isinstance(bins, str):
        weights = None  # NumPy's own: automated bins take no weights
    expected = np.histogram(DATA, bins, density=density, weights=weights)
    value, _ = dr.vjp(
        lambda x: np.histogram(x, bins, density=density, weights=weights)[0] + 0 * x[0], DATA
    )
    np.testing.assert_array_equal(expected[0], value)


def test_data_that_are_all_equal_have_edges_around_them():
    edges, tangent = dr.jvp(lambda x: np.histogram(x, 2)[1], (np.full(3, 0.7),), (np.ones(3),))
    np.testing.assert_allclose([0.2, 0.7, 1.2], edges)
    np.testing.assert_allclose([1.0, 1.0, 1.0], tangent)


def test_automated_bins_with_weights_raise_as_in_numpy():
    with pytest.raises(TypeError, match="weighted"):
        dr.grad(lambda w: np.sum(np.histogram(DATA, "auto", weights=w)[0]))(WEIGHTS)


def test_bins_must_match_the_dimensions():
    with pytest.raises(ValueError, match="dimension of bins"):
        dr.grad(lambda x: np.sum(np.histogramdd(x, [3, 3, 3])[1][0]))(np.ones((4, 2)))


def test_unknown_rules_and_descending_edges_raise_as_in_numpy():
    with pytest.raises(ValueError, match="not a valid estimator"):
        dr.grad(lambda x: np.sum(np.histogram(x, "unknown")[1]))(DATA)
    with pytest.raises(ValueError, match="monotonically"):
        dr.grad(lambda x: np.sum(np.histogram(x, EDGES[::-1], weights=x)[0]))(DATA)


def test_a_sample_of_one_dimension_is_one_column():
    """As in NumPy: the edges that follow the data are its least and its greatest element."""
    x = np.array([0.5, 3.0, 1.0])
    hist, (edges,) = dr.jvp(lambda x: np.histogramdd(x, 2), (x,), (np.zeros(3),))[0]
    expected, (expected_edges,) = np.histogramdd(x, 2)
    np.testing.assert_array_equal(expected, hist)
    np.testing.assert_array_equal(expected_edges, edges)
    gradient = dr.grad(lambda x: np.histogramdd(x, 2)[1][0][1])(x)
    np.testing.assert_allclose([0.5, 0.5, 0.0], gradient)


def test_edges_do_not_depend_on_weights():
    def f(w):
        return np.histogram_bin_edges(DATA, 4, weights=w).sum() + np.sum(w)

    np.testing.assert_array_equal(np.ones(200), dr.grad(f)(WEIGHTS))
