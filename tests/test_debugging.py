"""debug(): the first nan or inf raises where the user wrote it."""

import inspect

import numpy as np
import pytest

import dualrev as dr


def line_of(function, text):
    """``(file:line)`` of the line of a function that holds a text."""
    lines, first = inspect.getsourcelines(function)
    offset = next(i for i, line in enumerate(lines) if text in line)
    return f"(test_debugging.py:{first + offset})"


def root(x):
    y = x - 1.0
    z = np.sqrt(y)  # the derivative is infinite at x = 1
    return np.sum(z * 2.0)


def overflow(x):
    y = np.exp(x)  # inf above 709
    return np.sum(1 / (1 + y))


def test_infinite_cotangent_names_operation_and_line():
    with dr.debug(), pytest.raises(dr.NonFiniteError) as info:
        dr.grad(root)(np.array([2.0, 1.0]))
    assert "The cotangent of argument 0 of numpy.sqrt is not finite: inf at index (1,)" in str(
        info.value
    )
    assert f"in your function `root` {line_of(root, 'np.sqrt')}" in str(info.value)
    assert "fix:" in str(info.value)


def test_infinite_tangent_names_operation_and_line():
    with dr.debug(), pytest.raises(dr.NonFiniteError) as info, np.errstate(divide="ignore"):
        dr.jvp(root, (np.array([2.0, 1.0]),), (np.ones(2),))
    assert "The tangent of the result of numpy.sqrt" in str(info.value)
    assert line_of(root, "np.sqrt") in str(info.value)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_infinite_primal_names_operation_and_line(mode):
    with dr.debug(), pytest.raises(dr.NonFiniteError) as info, np.errstate(over="ignore"):
        dr.jacobian(overflow, mode=mode)(np.array([1.0, 800.0]))
    assert "The result of numpy.exp" in str(info.value)
    assert line_of(overflow, "np.exp") in str(info.value)


def test_nan_argument_is_named():
    with dr.debug(), pytest.raises(dr.NonFiniteError, match="argument of the differentiated"):
        dr.grad(np.sum)(np.array([1.0, np.nan]))


def test_infinite_tangent_of_a_linear_map_is_named():
    with dr.debug():
        _, linear = dr.linearize(root, np.array([2.0, 1.0]))
        with pytest.raises(dr.NonFiniteError, match=r"The tangent of the result of numpy\.sqrt"):
            linear.push(np.ones(2))


def test_error_of_a_pull_names_the_line_of_its_operation():
    def broken_vjp(ct, wanted, ans, x):
        raise ZeroDivisionError("no such derivative")

    broken = dr.rule(lambda x: 2 * x, vjp=broken_vjp)

    def f(x):
        y = broken(x)  # here
        return y.sum()

    with dr.debug(), pytest.raises(ZeroDivisionError) as info:
        dr.grad(f)(np.ones(2))
    assert any(line_of(f, "# here") in note for note in info.value.__notes__)


def test_wrong_shape_in_a_pull_names_the_line_of_its_operation():
    wrong = dr.rule(lambda x: 2 * x, vjp=lambda ct, wanted, ans, x: (ct.sum(),))

    def f(x):
        y = wrong(x)  # here
        return y.sum()

    with dr.debug(), pytest.raises(dr.RuleError) as info:
        dr.grad(f)(np.ones(2))
    assert line_of(f, "# here") in str(info.value)


def test_derivatives_are_the_same_in_debug():
    x = np.linspace(0.1, 1, 5)
    f = lambda x: np.sum(np.log(x) * x[0] + x[1:].sum() ** 2)  # noqa: E731
    plain = dr.grad(f)(x), dr.hessian(f)(x), dr.hvp(f)(x, x)
    with dr.debug():
        watched = dr.grad(f)(x), dr.hessian(f)(x), dr.hvp(f)(x, x)
    for expected, got in zip(plain, watched):
        np.testing.assert_array_equal(expected, got)


def test_every_element_of_a_large_constant_is_watched():
    big = np.ones(100_000)

    def f(x):
        y = x * big
        big[4321] = 7.0
        return y.sum()

    with dr.debug(), pytest.raises(dr.MutationError):
        dr.grad(f)(np.ones(100_000))


def test_nothing_is_watched_after_the_context():
    with dr.debug():
        pass
    assert np.isinf(dr.grad(root)(np.array([2.0, 1.0]))[1])
