"""TensorFlow: derivatives are equal in both directions, and what cannot be is said."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from tests.bridges.programs import X, Y, names, number_of, of_numpy, several, smooth

tf = pytest.importorskip("tensorflow")

from dualrev.bridges.tensorflow import from_tensorflow, to_tensorflow  # noqa: E402

XP = names(tf, sum=tf.reduce_sum, cumsum=tf.cumsum)
THEIRS = of_numpy(several, XP)
OURS = of_numpy(several)


def number(f):
    return lambda x, y: number_of(f(x, y))


def gradient(f):
    def of(x, *others):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x, *others)
        return tape.gradient(y, x)

    return of


def hessian(f):
    def of(x, *others):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            slope = gradient(f)(x, *others)
        return tape.jacobian(slope, x, experimental_use_pfor=False)

    return of


# -------------------------------------------------------------------------------- to_tensorflow


@pytest.mark.parametrize("context", [lambda f: f, tf.function], ids=["eager", "function"])
def test_gradient_and_hessian_are_equal(context):
    x, y = tf.constant(X), tf.constant(Y)
    found = number(to_tensorflow(OURS))
    assert_allclose(gradient(number(THEIRS))(x, y), context(gradient(found))(x, y), rtol=1e-12)
    assert_allclose(dr.hessian(number(OURS))(X, Y), context(hessian(found))(x, y), rtol=1e-11)


def test_forward_mode():
    with tf.autodiff.ForwardAccumulator(x := tf.constant(X), tf.constant(Y)) as accumulator:
        y = number(to_tensorflow(OURS))(x, tf.constant(Y))
    assert_allclose(dr.grad(number(OURS))(X, Y) @ Y, accumulator.jvp(y), rtol=1e-12)


def test_variables_integers_complex_numbers_and_empty_arrays():
    def f(x, n, z, none):
        return x[n], np.argmax(x), abs(np.sum(z * z)) + np.sum(none)

    x, z = tf.Variable(X), tf.Variable(X + 1j * Y)
    none = tf.Variable(np.zeros((0, 2)))
    for context in (lambda f: f, tf.function):

        @context
        def slopes():
            with tf.GradientTape() as tape:
                picked, _, size = to_tensorflow(f)(x, tf.constant([2, 0]), z, none)
                total = tf.reduce_sum(picked) + size
            return tape.gradient(total, (x, z, none))

        by_x, by_z, by_none = slopes()
        assert_allclose([1, 0, 1], by_x)
        with tf.GradientTape() as tape:
            size = abs(tf.reduce_sum(z * z))
        assert_allclose(tape.gradient(size, z), by_z, rtol=1e-12)
        assert by_none.shape == (0, 2)


def test_single_precision_stays():
    x = tf.constant([1.0, 2.0])
    slope = gradient(to_tensorflow(lambda x: np.sum(x**2)))(x)
    assert slope.dtype == tf.float32
    assert_allclose([2, 4], slope)


def test_results_of_any_length_are_told():
    double = to_tensorflow(lambda x: 2 * x, like=tf.TensorSpec([None], tf.float64))
    traced = tf.function(double, input_signature=[tf.TensorSpec([None], tf.float64)])
    assert_allclose(2 * X, traced(tf.constant(X)))
    assert_allclose([6.0], traced(tf.constant([3.0], tf.float64)))


def test_an_argument_of_unknown_shape_needs_to_be_told():
    spec = [tf.TensorSpec([None], tf.float64)]
    with pytest.raises(dr.ArgumentError, match="like="):
        tf.function(to_tensorflow(np.sin), input_signature=spec)(tf.constant(X))


def test_a_variable_that_f_holds_does_not_lose_its_gradient_unseen():
    held = tf.Variable(Y, name="held")
    x = tf.Variable(X)
    with tf.GradientTape() as tape:
        y = to_tensorflow(lambda x: np.sum(x * held.numpy()))(x)
    with pytest.raises(dr.ArgumentError, match="(?s)reads held.* as an argument"):
        tape.gradient(y, x)
    with tf.GradientTape() as tape:
        y = to_tensorflow(lambda x, y: np.sum(x * y))(x, held)
    assert_allclose(X, tape.gradient(y, held))


def test_f_cannot_write_into_a_tensor():
    def careless(x):
        x += 1
        return x

    with pytest.raises(ValueError, match="read-only"):
        to_tensorflow(careless)(tf.constant(X))


def test_the_users_own_error_arrives():
    def fails(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        to_tensorflow(fails)(tf.constant(X))
    with pytest.raises(Exception, match=r"(?s)KeyError: 'mine'.*test_tensorflow.py"):
        tf.function(to_tensorflow(fails, like=0.0))(tf.constant(X))


# ------------------------------------------------------------------------------ from_tensorflow


@pytest.mark.parametrize(
    ("inner", "outer"),
    # Forward over forward takes TensorFlow a quarter of a minute.
    [("reverse", "reverse"), ("reverse", "forward"), ("forward", "reverse")],
)
def test_our_modes_nest(inner, outer):
    def second(f):
        return dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)

    theirs = from_tensorflow(of_numpy(smooth, XP))
    assert_allclose(second(of_numpy(smooth))(X, Y), second(theirs)(X, Y), rtol=1e-11, atol=1e-12)


def test_several_results_and_one_run_for_a_gradient():
    calls = []

    def counted(x, y):
        calls.append(1)
        return THEIRS(x, y)

    found = dr.grad(number(from_tensorflow(counted)), argnums=1)(X, Y)
    assert len(calls) == 1
    assert_allclose(dr.grad(number(OURS), argnums=1)(X, Y), found, rtol=1e-12)


def test_gradients_of_complex_arguments_are_ours():
    z = X + 1j * Y
    expected = dr.grad(lambda z: abs(np.sum(np.exp(z * z))))(z)
    found = dr.grad(from_tensorflow(lambda z: abs(tf.reduce_sum(tf.exp(z * z)))))(z)
    assert_allclose(expected, found, rtol=1e-12)


def test_what_does_not_depend_on_an_argument_has_derivative_zero():
    for g in (lambda x: tf.ones(2), tf.stop_gradient, tf.argmax):
        assert not np.any(dr.jacobian(from_tensorflow(g))(X))
