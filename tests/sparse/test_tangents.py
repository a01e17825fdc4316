"""What has a pair and no way of its own: its pattern is read from its jvp."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.scipy import interpolate, ndimage, signal
from tests.sparse.detected import compare, detected

KNOTS = np.r_[[0] * 3, np.linspace(0, 1, 20), [1] * 3]
AT = np.linspace(0.01, 0.99, 30)
PLACES = np.array([[0.4, 2.6, 3.3], [1.2, 3.7, 0.6]])
SIGNAL = np.random.default_rng(0).normal(size=40)
IMAGE = np.random.default_rng(1).normal(size=(6, 7))


def kept_if_positive_jvp(tangents, ans, x):
    return tangents[0] if x[0] > 0 else 0 * tangents[0]


@dr.rule(jvp=kept_if_positive_jvp)
def kept_if_positive(x):
    return x * (x[0] > 0)


def steps_jvp(tangents, ans, x):
    return 2 * np.diff(x) * np.diff(tangents[0])


@dr.rule(jvp=steps_jvp)
def steps(x):
    return np.diff(x) ** 2


LINEAR = {
    "spline in its coefficients": (lambda c: interpolate.BSpline(KNOTS, c, 3)(AT), SIGNAL[:22]),
    "filter of two taps": (lambda x: signal.lfilter([1.0, 0.5], [1.0], x), SIGNAL),
    "least squares in a window": (lambda x: signal.savgol_filter(x, 5, 2), SIGNAL),
    "an image between its places": (lambda u: ndimage.map_coordinates(u, PLACES, order=1), IMAGE),
    "a shifted image": (lambda u: ndimage.shift(u, (1, 0.5), order=1), IMAGE),
    "phases": (np.unwrap, SIGNAL),
}


@pytest.mark.parametrize("name", LINEAR)
def test_linear_functions_with_a_pair_have_the_entries_of_their_matrix(name):
    """None is lacking, none is too many."""
    f, x = LINEAR[name]
    assert compare(f, (x,)) == 0


def test_choices_by_numbers_count_with_all_that_can_be_chosen():
    """An image and the places between which it is read: places elsewhere read other pixels."""
    pattern = detected(lambda u, at: ndimage.map_coordinates(u, at, order=1), (IMAGE, PLACES))
    assert pattern[:, : IMAGE.size].all()


def test_nonlinear_functions_are_read_through_the_functions_of_their_jvp():
    """Squares of differences, declared as one function, depend on two numbers each."""
    expected = np.eye(5, 6, dtype=bool) | np.eye(5, 6, 1, dtype=bool)
    np.testing.assert_array_equal(expected, detected(steps, (SIGNAL[:6],)))


def test_a_jvp_that_looks_at_numbers_tells_nothing():
    """It may go the other way elsewhere: all that the function is given counts."""
    assert detected(kept_if_positive, (np.ones(4),)).all()


def test_a_filter_that_is_searched_for_zeros_has_a_pattern():
    b, a = np.array([1.0, 2.0, 0.5]), np.array([1.0, 0.3, 0.2, 0.7])
    assert dr.sparsity(lambda b: signal.bilinear(b, a, 2.3)[0], b).toarray().all()
    assert dr.sparsity(lambda fs: signal.bilinear(b, a, fs)[0], 2.3).toarray().all()
