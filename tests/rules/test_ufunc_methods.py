"""Corners of rules/ufunc_methods.py that the laws cannot hold."""

import numpy as np
import pytest
from scipy import special

import dualrev as dr
from tests.numeric import numeric_jacobian

X = np.array([[0.5, 0.7, 1.2, 0.9], [1.1, 0.6, 0.8, 1.4]])


def folded(ufunc, x):
    """The fold along the last axis as the manual defines it; older xlogy has an identity, 0."""
    y = x[..., 0] if ufunc.identity is None else ufunc(ufunc.identity, x[..., 0])
    for k in range(1, x.shape[-1]):
        y = ufunc(y, x[..., k])
    return y


@pytest.mark.parametrize("ufunc", [np.power, np.arctan2, special.xlogy], ids=lambda u: u.__name__)
@pytest.mark.parametrize("options", [{}, {"keepdims": True}], ids=str)
def test_a_fold_is_the_manual_s_where_the_compiled_loop_is_not(ufunc, options):
    value, tangent = dr.jvp(
        lambda x: ufunc.reduce(x, axis=-1, **options), (X,), (np.ones(X.shape),)
    )
    expected = numeric_jacobian(lambda x: folded(ufunc, x), X).sum(axis=(-2, -1))
    np.testing.assert_allclose(folded(ufunc, X), value.ravel(), rtol=1e-14)
    np.testing.assert_allclose(expected, tangent.ravel(), rtol=1e-9)
    gradient = dr.grad(lambda x: np.sum(ufunc.reduce(x, axis=-1, **options)))(X)
    np.testing.assert_allclose(tangent.sum(), gradient.sum(), rtol=1e-12)


@pytest.mark.parametrize("where", [[True, True, False, True], [False, True, True, True]])
def test_a_masked_power_skips_its_elements(where):
    def fold(x):
        return np.power.reduce(x, axis=-1, initial=1.5, where=where)

    chosen = X[:, where]
    expected = folded(np.power, np.insert(chosen, 0, 1.5, axis=1))
    np.testing.assert_allclose(expected, dr.vjp(fold, X)[0], rtol=1e-14)
    np.testing.assert_array_equal(0, dr.grad(lambda x: np.sum(fold(x)))(X)[:, ~np.array(where)])


def test_reduce_of_one_element_has_slope_one():
    np.testing.assert_array_equal([1.0], dr.grad(np.power.reduce)(np.array([3.0])))


def test_axes_that_numpy_cannot_reorder_raise_as_in_numpy():
    with pytest.raises(ValueError, match="not reorderable"):
        dr.grad(lambda x: np.subtract.reduce(x, axis=(0, 1)))(X)


def test_an_empty_fold_without_identity_raises_as_in_numpy():
    for ufunc in (np.power, np.divide):
        with pytest.raises(ValueError, match="zero-size"):
            dr.grad(ufunc.reduce)(np.zeros(0))


def test_equal_extrema_of_a_segment_share_equally():
    gradient = dr.grad(lambda x: np.sum(np.maximum.reduceat(x, [0, 3])))(
        np.array([2.0, 1, 2, 5, 5])
    )
    np.testing.assert_array_equal([0.5, 0, 0.5, 0.5, 0.5], gradient)


def test_a_product_with_zeros_has_the_slopes_of_the_other_factors():
    x = np.array([0.0, 2.0, 3.0, 0.0, 0.0])
    gradient = dr.grad(lambda x: np.sum(np.multiply.reduceat(x, [0, 3])))(x)
    np.testing.assert_array_equal([6.0, 0.0, 0.0, 0.0, 0.0], gradient)


def test_steps_and_comparisons_fold_to_plain_answers():
    def f(x):
        assert type(np.logical_and.reduce(x > 0)) is np.bool
        assert type(np.less.outer(x, x)) is np.ndarray
        assert type(np.logical_or.accumulate(x > 1)) is np.ndarray
        return np.sum(x * x)

    np.testing.assert_array_equal(2 * X[0], dr.grad(f)(X[0]))


def test_the_first_element_of_a_fold_of_steps_is_itself():
    x = np.array([7.5, 2.5, 1.5])
    first, alone = [[1, 0, 0], [0, 0, 0], [0, 0, 0]], [[1, 0, 0], [0, 0, 1]]
    for f, expected in [
        (np.floor_divide.accumulate, first),
        (np.floor_divide.reduce, first[1]),
        (lambda x: np.floor_divide.reduce(x[:1]), first[0]),
        (lambda x: np.floor_divide.reduceat(x, [0, 2])[1], alone[1]),
    ]:
        for mode in ("forward", "reverse"):
            np.testing.assert_array_equal(expected, dr.jacobian(f, mode=mode)(x))


@pytest.mark.parametrize("fold", [np.power.reduce, np.subtract.reduce])
def test_a_fold_of_a_number_is_the_number(fold):
    assert dr.value_and_grad(fold)(0.5) == (0.5, 1.0)


@pytest.mark.parametrize("ufunc", [special.chdtr, special.elliprc, special.beta])
def test_folds_of_scipy_begin_where_scipy_does(ufunc):
    """Most of its ufuncs say that 0 is their identity, which it is not."""
    value, slopes = dr.value_and_grad(ufunc.reduce)(X[0])
    assert value == ufunc.reduce(X[0])
    np.testing.assert_allclose(numeric_jacobian(ufunc.reduce, X[0]), slopes, rtol=1e-6)
    parts = dr.jvp(lambda x: ufunc.reduceat(x, [0, 2], axis=1), (X,), (X,))[0]
    np.testing.assert_allclose(ufunc.reduceat(X, [0, 2], axis=1), parts, rtol=1e-14)


def test_outer_takes_numbers_and_lists():
    np.testing.assert_array_equal(
        6.0, dr.derivative(lambda x: np.multiply.outer(x, [1, 2, 3]).sum())(2.0)
    )
    jacobian = dr.jacobian(lambda x: np.add.outer([1, 2], x))(np.ones(2))
    np.testing.assert_array_equal([np.eye(2)] * 2, jacobian)


def test_an_exponent_that_is_whole_cannot_be_folded():
    with pytest.raises(NotImplementedError, match="whole number"):
        dr.grad(np.ldexp.reduce)(X[0])


def test_hypot_of_one_element_is_its_absolute_value():
    """np.hypot.reduce starts at hypot's identity, 0; its other folds begin with the element itself."""
    for x in (-3.0, 3.0):
        x = np.array([x])
        for f, slope in [
            (np.hypot.reduce, np.sign(x)),
            (lambda x: np.hypot.reduce(x, initial=None), [1.0]),
            (lambda x: np.hypot.accumulate(x)[0], [1.0]),
            (lambda x: np.hypot.reduceat(x, [0])[0], [1.0]),
        ]:
            np.testing.assert_array_equal(f(x), dr.vjp(f, x)[0])
            np.testing.assert_array_equal(slope, dr.grad(f)(x))
            np.testing.assert_array_equal(slope, dr.jacobian(f, mode="forward")(x))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.maximum, np.divide, np.power, np.hypot])
@pytest.mark.parametrize(
    "fold",
    [
        lambda ufunc, y: ufunc.reduce(y),
        lambda ufunc, y: np.sum(ufunc.accumulate(y)),
        lambda ufunc, y: np.sum(ufunc.reduceat(y, [0, 1])),
    ],
    ids=["reduce", "accumulate", "reduceat"],
)
def test_folds_of_a_branch_not_taken_may_be_infinite(fold, ufunc):
    x = np.array([0.0, 4.0, 9.0])
    f = lambda x: np.where(x[0] > 5, fold(ufunc, np.log(x)), x[1])  # noqa: E731
    np.testing.assert_array_equal([0, 1, 0], dr.grad(f)(x))
    np.testing.assert_array_equal([0, 1, 0], dr.jacobian(f, mode="forward")(x))


@pytest.mark.filterwarnings("ignore:Casting complex")
@pytest.mark.parametrize("fold", [np.divide.reduce, np.divide.accumulate, np.logaddexp.reduce])
def test_folds_of_real_parts_have_the_derivatives_of_real_numbers(fold):
    """A real dtype= drops the imaginary parts before they are folded."""
    z = np.array([1.5 + 0.3j, -0.7 + 1j, 2 - 0.4j])
    t = np.array([1 + 1j, 0.5, -1j])
    f = lambda z: fold(z, dtype=float)  # noqa: E731
    expected = dr.jvp(fold, (z.real,), (t.real,))[1]
    np.testing.assert_allclose(expected, dr.jvp(f, (z,), (t,))[1], rtol=1e-13)
    ct = np.ones(expected.shape)[()]
    np.testing.assert_allclose(dr.vjp(fold, z.real)[1](ct)[0], dr.vjp(f, z)[1](ct)[0], rtol=1e-13)


@pytest.mark.parametrize("options", [{}, {"initial": 0.0}, {"where": np.array([True] * 3)}])
def test_a_norm_by_hypot_has_its_second_derivative_behind_zeros(options):
    """(1 - x x^T / r^2) / r: a fold whose first steps are hypot(0, 0) lost the slope of theirs."""
    x = np.array([0.0, 0.0, 2.0])
    expected = np.diag([0.5, 0.5, 0.0])
    f = lambda x: np.hypot.reduce(x, **options)  # noqa: E731
    np.testing.assert_array_equal(expected, dr.hessian(f)(x))
    np.testing.assert_array_equal(expected, dr.jacobian(dr.grad(f), mode="reverse")(x))
    running = dr.hessian(lambda x: np.hypot.accumulate(x)[2])(x)
    assert np.isnan(running[:2, :2]).all()
