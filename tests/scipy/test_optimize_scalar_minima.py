"""Minima of functions of one number: SciPy's values, and the derivatives of the exact minima."""

import inspect
import itertools

import numpy as np
import pytest
import scipy.optimize
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from dualrev.scipy import optimize
from tests.nestings import second_derivatives

FIRST = {"forward": dr.derivative, "reverse": dr.grad}
#: Derivatives are those at the exact minimum: to rounding, times the condition of its slope.
ROUNDING = {"rtol": 1e-12, "atol": 1e-13}

quietly = pytest.mark.filterwarnings("ignore:.*runs row by row")


def loss(x, a):
    """At its least where exp(x) is a: log(a); there it is a - a log(a)."""
    return np.exp(x) - a * x


MINIMA = {
    "brent": lambda module, a: module.brent(loss, (a,)),
    "brent-bracket": lambda module, a: module.brent(loss, (a,), (0.0, 1.0), tol=1e-6),
    "golden": lambda module, a: module.golden(loss, (a,)),
    "golden-bracket": lambda module, a: module.golden(lambda x: loss(x, a), brack=(-1, 0.3, 3)),
    "fminbound": lambda module, a: module.fminbound(loss, 0, 3, (a,)),
    "fminbound-loosely": lambda module, a: module.fminbound(loss, 0, 3, (a,), 1e-2),
    "minimize_scalar": lambda module, a: module.minimize_scalar(loss, args=(a,)).x,
    "minimize_scalar-golden": lambda module, a: (
        module.minimize_scalar(loss, (0, 1), args=(a,), method="golden", tol=1e-5).x
    ),
    "minimize_scalar-bounded": lambda module, a: (
        module.minimize_scalar(lambda x: loss(x, a), bounds=(0, 3)).x
    ),
    "minimize_scalar-xatol": lambda module, a: (
        module.minimize_scalar(loss, bounds=(0, 3), args=a, options={"xatol": 1e-9}).x
    ),
}


@pytest.mark.parametrize("name", MINIMA)
def test_a_minimum_has_scipys_value_to_the_bit(name):
    for a in (1.2, 1.7, 2.5):
        expected = MINIMA[name](scipy.optimize, a)
        assert type(MINIMA[name](optimize, a)) is type(expected)
        assert MINIMA[name](optimize, a) == expected
        value, _ = dr.jvp(lambda a: MINIMA[name](optimize, a), (a,), (1.0,))
        assert value == expected


@pytest.mark.parametrize("name", MINIMA)
def test_a_minimum_has_the_derivatives_of_the_exact_one(name):
    minimum = lambda a: MINIMA[name](optimize, a)  # noqa: E731
    for derivative in FIRST.values():
        assert_allclose(1 / 1.7, derivative(minimum)(1.7), **ROUNDING)
    for _, found in second_derivatives(minimum, 1.7):
        assert_allclose(-1 / 1.7**2, found, **ROUNDING)
    for a, b, c in itertools.product(FIRST.values(), repeat=3):
        assert_allclose(2 / 1.7**3, a(b(c(minimum)))(1.7), rtol=1e-11)


@quietly
@pytest.mark.parametrize("name", MINIMA)
def test_a_batch_of_minima_is_found_row_by_row(name):
    minimum = lambda a: MINIMA[name](optimize, a)  # noqa: E731
    a = np.array([1.2, 1.7, 2.5])
    assert_array_equal([MINIMA[name](scipy.optimize, x) for x in a], dr.vmap(minimum)(a))
    together = lambda a: np.sum(dr.vmap(minimum)(a))  # noqa: E731
    assert_allclose(1 / a, dr.vmap(dr.grad(minimum))(a), **ROUNDING)
    assert_allclose(1 / a, dr.grad(together)(a), **ROUNDING)
    assert_allclose(np.diag(-1 / a**2), dr.hessian(together)(a), **ROUNDING)


@pytest.mark.parametrize("name", ["brent", "fminbound", "golden", "minimize_scalar"])
def test_all_parameters_are_scipys(name):
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(getattr(module, name)).parameters.values()]
        for module in (optimize, scipy.optimize)
    )
    assert theirs == ours


FULL = {
    "brent": lambda module, a: module.brent(loss, (a,), full_output=1)[:2],
    "golden": lambda module, a: module.golden(loss, (a,), full_output=1)[:2],
    "fminbound": lambda module, a: module.fminbound(loss, 0, 3, (a,), full_output=1)[:2],
    "minimize_scalar": lambda module, a: [
        module.minimize_scalar(loss, bounds=(0, 3), args=(a,))[key] for key in ("x", "fun")
    ],
}


@pytest.mark.parametrize("name", FULL)
def test_the_value_at_the_minimum_has_derivatives(name):
    """Of a - a log(a): -log(a), and the next is -1 / a, not that of the slope at SciPy's x alone."""
    assert_array_equal(FULL[name](scipy.optimize, 1.7), FULL[name](optimize, 1.7))
    value = lambda a: FULL[name](optimize, a)[1]  # noqa: E731
    for derivative in FIRST.values():
        assert_allclose(-np.log(1.7), derivative(value)(1.7), **ROUNDING)
    for _, found in second_derivatives(value, 1.7):
        assert_allclose(-1 / 1.7, found, **ROUNDING)


@pytest.mark.parametrize("name", ["brent", "golden", "fminbound"])
def test_a_full_answer_is_scipys(name):
    given = (loss, 0, 3, (1.7,)) if name == "fminbound" else (loss, (1.7,))
    ours = getattr(optimize, name)(*given, full_output=1)
    assert ours == getattr(scipy.optimize, name)(*given, full_output=1)


def test_options_by_position_reach_scipy():
    given = loss, 0, 3, (1.7,), 1e-2, 400, 1, 0
    assert scipy.optimize.fminbound(*given) == optimize.fminbound(*given)
    given = loss, (1.7,), (0, 1), 1e-3, 1, 300
    assert scipy.optimize.brent(*given) == optimize.brent(*given)
    assert scipy.optimize.golden(*given) == optimize.golden(*given)


# ------------------------------------------------------------------------------------------ bounds


def between(x):
    """The least of exp(t) - x[0] t between x[1] and x[2]."""
    return optimize.minimize_scalar(lambda t: loss(t, x[0]), bounds=(x[1], x[2]))


AT_LOW, AT_HIGH, INSIDE = np.array([[1.7, 1.0, 3.0], [1.7, -1.0, 0.1], [1.7, 0.0, 3.0]])


def test_a_minimum_at_a_bound_moves_with_the_bound():
    for mode in FIRST:
        jacobian = dr.jacobian(lambda x: np.stack([between(x).x, between(x).fun]), mode=mode)
        # The value at the bound is exp(bound) - a bound.
        assert_allclose([[0, 1, 0], [-1, np.e - 1.7, 0]], jacobian(AT_LOW), **ROUNDING)
        expected = [[0, 0, 1], [-0.1, 0, np.exp(0.1) - 1.7]]
        assert_allclose(expected, jacobian(AT_HIGH), **ROUNDING)
        assert_allclose([[1 / 1.7, 0, 0], [-np.log(1.7), 0, 0]], jacobian(INSIDE), **ROUNDING)
    expected = [[0, -1, 0], [-1, np.e, 0], [0, 0, 0]]
    assert_allclose(expected, dr.hessian(lambda x: between(x).fun)(AT_LOW), **ROUNDING)
    assert_array_equal(np.zeros((3, 3)), dr.hessian(lambda x: between(x).x)(AT_LOW))


def test_fminbound_moves_with_its_ends():
    least = lambda x: optimize.fminbound(lambda t: x[2] * t, x[0], x[1])  # noqa: E731
    assert_array_equal([1, 0, 0], dr.grad(least)(np.array([1.0, 3.0, 2.0])))
    assert_array_equal([0, 1, 0], dr.grad(least)(np.array([1.0, 3.0, -2.0])))


@quietly
def test_each_row_has_its_own_bounds_and_its_own_that_hold():
    x = np.stack([AT_LOW, AT_HIGH, INSIDE])
    value = lambda x: between(x).fun  # noqa: E731
    expected = [[1.0, 2.0], [0.1, 1.0], [np.log(1.7), 3.0]]
    assert_allclose(np.array(expected)[:, 0], dr.vmap(lambda x: between(x).x)(x), atol=1e-5)
    expected = [[0, 1, 0], [0, 0, 1], [1 / 1.7, 0, 0]]
    assert_allclose(expected, dr.vmap(dr.grad(lambda x: between(x).x))(x), **ROUNDING)
    expected = [dr.hessian(value)(row) for row in x]
    assert_allclose(expected, dr.vmap(dr.hessian(value))(x), **ROUNDING)


def test_a_minimum_near_a_bound_is_no_minimum_at_it():
    """SciPy's x is as near to the bound as at one where the bound holds it."""
    least = lambda a: optimize.fminbound(lambda t: (t - a) ** 2, 0.0, 1.0)  # noqa: E731
    for derivative in FIRST.values():
        assert_allclose(1.0, derivative(least)(2e-6), **ROUNDING)
        assert_allclose(0.0, derivative(least)(-2e-6), **ROUNDING)


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_the_slope_may_be_infinite_at_the_bound():
    least = lambda x: optimize.fminbound(lambda t: x[1] * np.sqrt(t - x[0]), x[0], 1.0)  # noqa: E731
    assert_allclose([1, 0], dr.grad(least)(np.array([0.0, 2.0])), **ROUNDING)


# ------------------------------------------------------------------------------------------ bad input

FAILING = {
    "no curvature": (dr.SingularError, lambda a: optimize.brent(lambda t: (t - a) ** 4)),
    "a kink": (dr.SingularError, lambda a: optimize.brent(lambda t: abs(t - a) + t / 2)),
    "a constant": (dr.SingularError, lambda a: optimize.fminbound(lambda t: a + 0 * t, 0, 1)),
    "no slope at a bound": (
        dr.SingularError,
        lambda a: optimize.fminbound(lambda t: (t - a) ** 2, 2.0, 3.0),
    ),
    "a maximum": (
        dr.NotConvergedError,
        lambda a: (
            optimize.minimize_scalar(
                lambda t: np.cos(t - a),
                method=lambda fun, args, **given: scipy.optimize.OptimizeResult(x=2.0, fun=1.0),
            ).x
        ),
    ),
    "not found": (
        dr.NotConvergedError,
        lambda a: (
            optimize.minimize_scalar(
                lambda t: (t - a) ** 2 + t**4, bounds=(0, 3), options={"maxiter": 3}
            ).x
        ),
    ),
    "no bracket": (
        ValueError,
        lambda a: optimize.golden(lambda t: (t - a) ** 2, brack=(5.0, 6.0, 7.0)),
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FAILING)
def test_what_has_no_derivative_raises(name):
    kind, minimum = FAILING[name]
    for derivative in FIRST.values():
        with pytest.raises(kind) as caught:
            derivative(minimum)(2.0)
        if issubclass(kind, dr.DualrevError):
            assert "(test_optimize_scalar_minima.py:" in caught.value.where
        else:
            assert not isinstance(caught.value, dr.DualrevError)


@quietly
def test_what_is_not_found_stays_scipys_where_nothing_is_differentiated():
    def least(a):
        options = {"maxiter": 3}
        return optimize.minimize_scalar(lambda t: (t - a) ** 2, bounds=(0, 3), options=options).x

    a = np.array([1.0, 2.0])
    assert_array_equal([least(x) for x in a], dr.vmap(least)(a))
