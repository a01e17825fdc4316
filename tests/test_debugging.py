"""debug(): the first nan or inf raises where the user wrote it."""

import inspect
import warnings

import numpy as np
import pytest
from scipy import optimize

import dualrev as dr
from dualrev import debugging


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


# --------------------------------------------------------------- answers that only compare


def bisected(a):
    """The root of a, by comparisons."""
    low, high = 0.0, 3.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if middle**2 < a else (low, middle)
    return middle


@pytest.mark.parametrize("transform", [dr.grad, dr.derivative, dr.jacobian])
def test_debug_counts_the_comparisons_that_an_answer_only_depends_on(transform):
    with dr.debug(), pytest.warns(dr.ComparisonWarning, match=r"`bisected` .* 40 comparisons only"):
        assert transform(bisected)(2.0) == 0


def test_debug_says_so_in_forward_mode_and_for_ufuncs():
    with dr.debug(), pytest.warns(dr.ComparisonWarning, match="1 comparisons"):
        dr.jvp(lambda x: np.where(np.less(x, 3.0), 1.0, 2.0), (1.0,), (1.0,))


def test_a_branch_that_computes_with_its_argument_is_no_comparison_only():
    with dr.debug(), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dr.grad(lambda x: x**2 if x > 0 else -x)(2.0) == 4
        assert dr.jvp(lambda x: x**2 if x > 0 else -x, (2.0,), (1.0,))[1] == 4


def test_without_debug_nobody_counts():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dr.grad(bisected)(2.0) == 0


def distance(t, a):
    return (t - a) ** 2 + 0.1 * (t - a) ** 4


SEARCHES = {
    "golden": lambda f: optimize.golden(f, brack=(0, 3)),
    "minimize_scalar": lambda f: optimize.minimize_scalar(f, (0, 3), method="golden").x,
    "bracket": lambda f: optimize.bracket(f)[1],
    "brute": lambda f: optimize.brute(f, ((0, 3),), Ns=11, finish=None),
}


@pytest.mark.parametrize("transform", [dr.grad, dr.derivative])
@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_of_scipys_that_only_compares_raises(name, transform):
    with pytest.raises(dr.CoercionError, match=rf"scipy.optimize.{name} (only compares|was given)"):
        transform(lambda a: SEARCHES[name](lambda t: distance(t, a)))(1.3)
    SEARCHES[name](lambda t: distance(t, 1.3))  # plain numbers are SciPy's


def loss(x, a):
    """At its least where exp(x) is a: log(a), whose derivative is 1 / a."""
    return np.sum(np.exp(x) - a * x)


def excess(x, a):
    return np.exp(x) - a


BRACKET = (0.0, 3.0)
BOUNDS = (BRACKET,)
X0 = np.array([0.5])
BY_BRACKET = ("bisect", "ridder", "brentq", "brenth", "toms748")
REFUSING = {
    "brent": lambda a: optimize.brent(lambda x: loss(x, a)),
    "fminbound": lambda a: optimize.fminbound(lambda x: loss(x, a), *BRACKET),
    "newton": lambda a: optimize.newton(lambda x: excess(x, a), 0.5),
    "secant": lambda a: optimize.root_scalar(lambda x: excess(x, a), x0=0.5, x1=0.6).root,
    "at the root": lambda a: optimize.newton(lambda x: excess(x, a), np.log(1.7), np.exp),
    "newton of an array": lambda a: optimize.newton(lambda x: excess(x, a), np.ones(2))[0],
    "fixed_point": lambda a: optimize.fixed_point(lambda x: x - excess(x, a) / np.exp(x), 0.5),
    "minimize_scalar": lambda a: optimize.minimize_scalar(lambda x: loss(x, a)).x,
    "bounded": lambda a: optimize.minimize_scalar(lambda x: loss(x, a), bounds=BRACKET).x,
    "df-sane": lambda a: optimize.root(lambda x: excess(x, a), X0, method="df-sane").x[0],
    **{
        name: lambda a, name=name: getattr(optimize, name)(lambda x: excess(x, a), *BRACKET)
        for name in BY_BRACKET
    },
    **{
        f"root_scalar-{name}": lambda a, name=name: (
            optimize.root_scalar(lambda x: excess(x, a), method=name, bracket=BRACKET).root
        )
        for name in BY_BRACKET
    },
    **{
        f"minimize-{name}": lambda a, name=name: optimize.minimize(
            lambda x: loss(x, a), X0, method=name
        ).x[0]
        for name in ("Nelder-Mead", "COBYLA", "BFGS", "SLSQP", "Powell")
    },
    "fmin": lambda a: optimize.fmin(lambda x: loss(x, a), X0, disp=0)[0],
    "differential_evolution": lambda a: optimize.differential_evolution(
        lambda x: loss(x, a), BOUNDS
    ).x[0],
    "dual_annealing": lambda a: optimize.dual_annealing(lambda x: loss(x, a), BOUNDS).x[0],
    "shgo": lambda a: optimize.shgo(lambda x: loss(x, a), BOUNDS).x[0],
    "direct": lambda a: optimize.direct(lambda x: loss(x, a), BOUNDS).x[0],
    "basinhopping": lambda a: optimize.basinhopping(lambda x: loss(x, a), X0, niter=2).x[0],
}


@pytest.mark.parametrize("transform", [dr.grad, dr.derivative])
@pytest.mark.parametrize("name", REFUSING)
def test_a_solver_of_scipys_raises(name, transform):
    """Also one that computes with traced values: their last step has a derivative, not the solution."""
    with pytest.raises(dr.CoercionError, match="scipy.optimize"):
        transform(REFUSING[name])(1.7)


@pytest.mark.parametrize("name", REFUSING)
def test_the_twin_that_is_named_has_the_exact_derivative(name, monkeypatch):
    """The same program with dualrev.scipy.optimize in the place of scipy.optimize."""
    with pytest.raises(dr.CoercionError) as caught:
        dr.grad(REFUSING[name])(1.7)
    assert caught.value.fix.startswith("call dualrev.scipy.optimize.")
    monkeypatch.setitem(globals(), "optimize", dr.scipy.optimize)
    for transform in (dr.grad, dr.derivative):
        np.testing.assert_allclose(1 / 1.7, transform(REFUSING[name])(1.7), rtol=1e-11)


@pytest.mark.parametrize("step", ["set", "append"])
def test_an_interrupt_while_it_begins_leaves_nothing_behind(step, monkeypatch):
    """Ctrl-C may come between two steps of it."""

    class Interrupting(list):
        def append(self, x):
            if step == "append":
                super().append(x)
            raise KeyboardInterrupt

    monkeypatch.setattr(debugging, "WATCHERS", Interrupting())
    with pytest.raises(KeyboardInterrupt), dr.debug():
        pass
    assert not debugging.WATCHERS
    assert np.isinf(dr.grad(np.sqrt)(0.0))
