"""What the laws cannot say of rules/indexing.py."""

import numpy as np
import pytest

import dualrev as dr

X = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16"])
@pytest.mark.parametrize("n", [3, 50])
def test_cotangents_of_many_elements_keep_the_dtype(dtype, n):
    x = np.ones(n, dtype)
    _, pullback = dr.vjp(lambda x: sum(x[i] * x[-1] for i in range(n)), x)
    (ct,) = pullback(x.dtype.type(1))
    assert ct.dtype == x.dtype
    np.testing.assert_array_equal([1] * (n - 1) + [n + 1], ct)


def test_the_integers_of_a_loop_may_be_numpy_s():
    x = np.arange(20.0)
    f = lambda x: sum(x[i] ** 2 for i in np.arange(20))  # noqa: E731
    np.testing.assert_array_equal(2 * x, dr.grad(f)(x))


def test_a_second_derivative_of_a_loop_is_exact():
    f = lambda x: sum(x[i] * x[i + 1] ** 2 for i in range(19))  # noqa: E731
    x = np.arange(1.0, 21.0)
    expected = np.diag(2 * x[1:], 1) + np.diag(2 * x[1:], -1)
    expected += np.diag(np.r_[0, 2 * x[:-1]])
    np.testing.assert_allclose(expected, dr.hessian(f)(x))


def test_an_index_array_that_is_overwritten_later_does_no_harm():
    index, copies = np.array([0, 0, 1]), np.array([1, 0, 2, 0])

    def f(x):
        y = np.take(x, index) * x[index] * np.repeat(x, copies)
        index[:] = 3
        copies[:] = [0, 0, 0, 3]
        return np.sum(y)

    # x0 x0 x0 + x0 x0 x2 + x1 x1 x2
    expected = [3 * X[0] ** 2 + 2 * X[0] * X[2], 2 * X[1] * X[2], X[0] ** 2 + X[1] ** 2, 0]
    np.testing.assert_allclose(expected, dr.grad(f)(X))


def test_of_several_values_for_one_element_the_last_has_the_derivative():
    def f(v):
        y = np.zeros_like(v, shape=2)
        y[[0, 1, 0]] = v
        return y[0] * 10 + y[1]

    np.testing.assert_array_equal([0, 1, 10], dr.grad(f)(X[:3]))


def test_an_overwritten_element_has_no_influence_any_more():
    def f(x):
        y = x.copy()
        y[1:3] = 5.0
        y[0] += y[3]
        return np.sum(y)

    np.testing.assert_array_equal([1, 0, 0, 2], dr.grad(f)(X))


@pytest.mark.parametrize("value", [1j, np.array([1j, 2j])])
def test_complex_values_are_not_written_into_a_real_array(value):
    def f(x):
        y = x.copy()
        y[:2] = value
        return np.sum(y)

    with pytest.raises(TypeError, match="complex"):
        dr.grad(f)(X)


def test_values_take_the_dtype_of_the_array_they_are_written_into():
    def f(x):
        y = x.astype("f4")
        y[0] = x[1] ** 2
        assert y.dtype == np.float32
        return np.sum(y)

    gradient = dr.grad(f)(X)
    assert gradient.dtype == np.float64
    np.testing.assert_array_equal([0, 5, 1, 1], gradient)


@pytest.mark.parametrize("index", [4, (0, 0), [4], "a", 1.0, np.ones(3, bool)])
def test_a_bad_index_raises_numpy_s_error(index):
    with pytest.raises(IndexError):
        dr.grad(lambda x: np.sum(x[index]))(X)


def test_an_array_without_dimensions_can_be_written():
    def f(x):
        y = np.zeros_like(x, shape=())
        y[...] = x[0] ** 2
        z = y.copy()
        z[()] = 3.0
        y[()] += x[1]
        return y * 2 + z

    np.testing.assert_array_equal([4, 2, 0, 0], dr.grad(f)(X))
    np.testing.assert_array_equal([4, 2, 0, 0], dr.jacobian(f, mode="forward")(X))
    np.testing.assert_array_equal(np.diag([4, 0, 0, 0]), dr.hessian(f)(X))


def test_a_number_read_many_times_has_the_sum_of_its_cotangents():
    f = lambda x: sum(x[()] ** 2 for _ in range(10))  # noqa: E731
    assert dr.grad(f)(3.0) == 60.0


def test_a_number_cannot_be_written():
    def f(x):
        y = x[0]
        y[()] = 2.0
        return y

    with pytest.raises(TypeError):
        dr.grad(f)(X)


@pytest.mark.parametrize("bad", [np.sqrt, np.log, lambda x: 1 / x, lambda x: x**0.5])
def test_where_gives_the_branch_not_taken_exactly_nothing(bad):
    """No nan and no inf, in both modes and both orders, where the other branch is singular."""
    x = np.array([0.0, -1.0, 4.0])

    def f(x):
        with np.errstate(all="ignore"):
            return np.sum(np.where(x > 0, bad(x), 3 * x))

    gradient = dr.grad(f)(x)
    np.testing.assert_array_equal([3, 3], gradient[:2])
    assert np.isfinite(gradient[2])
    np.testing.assert_allclose(gradient, dr.jacobian(f, mode="forward")(x))
    np.testing.assert_array_equal(np.zeros((2, 3)), dr.hessian(f)(x)[:2])


def test_where_with_a_condition_only_answers_plain_indices():
    def f(x):
        (places,) = np.where(x)
        assert type(places) is np.ndarray
        return np.sum(x[places])

    x = np.array([0.0, 1.0, 2.0])
    np.testing.assert_array_equal([0, 1, 1], dr.grad(f)(x))
    np.testing.assert_array_equal([0, 1, 1], dr.jacobian(f, mode="forward")(x))


def test_select_takes_the_first_true_condition():
    f = lambda x: np.sum(np.select([x > 3, x > 1], [2 * x, 5 * x], x))  # noqa: E731
    np.testing.assert_array_equal([1, 5, 5, 2], dr.grad(f)(X))


def test_take_out_of_range_is_numpy_s_error():
    with pytest.raises(IndexError):
        dr.grad(lambda x: np.sum(np.take(x, [7])))(X)


def test_an_empty_selection_has_a_zero_gradient():
    for f in (lambda x: x[[]], lambda x: x[x > 9], lambda x: np.take(x, []), lambda x: x[4:]):
        np.testing.assert_array_equal(np.zeros(4), dr.grad(lambda x, f=f: np.sum(f(x)))(X))


def test_take_cuts_the_fraction_of_a_number_off():
    gradient = dr.grad(lambda x: x.take(1.7))(np.array([1.0, 2.0, 4.0]))
    np.testing.assert_array_equal([0.0, 1.0, 0.0], gradient)


@pytest.mark.parametrize(
    "indices", [True, np.True_, [True, False, True], np.array([[False], [True]])]
)
@pytest.mark.parametrize("mode", ["raise", 0, 1, 2])
def test_booleans_are_numbers_where_elements_are_taken(indices, mode):
    x = np.array([1.0, 2.0, 4.0])
    f = lambda x: np.take(x, indices, mode=mode)  # noqa: E731
    ct = 1.0 + np.arange(np.size(indices)).reshape(np.shape(indices))
    expected = [np.sum(ct * dr.jvp(f, (x,), (t,))[1]) for t in np.eye(3)]
    np.testing.assert_array_equal(expected, dr.vjp(f, x)[1](ct)[0])


@pytest.mark.parametrize("mode", [0, 1, "clip", "wrap"])
def test_modes_have_numbers_too(mode):
    x = np.array([1.0, 2.0, 4.0])
    f = lambda x: np.take(x, [-5, 7, 1, 3], mode=mode)  # noqa: E731
    expected = [np.sum(dr.jvp(f, (x,), (t,))[1]) for t in np.eye(3)]
    np.testing.assert_array_equal(expected, dr.vjp(f, x)[1](np.ones(4))[0])
