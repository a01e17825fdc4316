"""tanhsinh, nsum, cubature and qmc_quad: SciPy's values, and derivatives of the same sums."""

import inspect

import numpy as np
import pytest
import scipy.integrate
from scipy.stats import qmc

import dualrev as dr
from dualrev.errors import MissingRuleError
from dualrev.scipy import integrate
from tests.cases import real

P = np.array([1.1, 2.3])


def wave(x, p):
    return np.cos(p * np.sum(x**2, axis=-1))


def mixed(x, p):
    return np.exp(-p[0] * x[0] + p[1] * x[1])


#: Functions of a module and arrays.
CALLS = {
    "tanhsinh": (
        lambda m, a, b, p: m.tanhsinh(lambda x, p: np.exp(-p * x**2), a, b, args=(p,)).integral,
        *(np.array([[0.0, 0.5], [1.0, 2.0]]), np.array(1.7), P),
    ),
    "tanhsinh(infinite)": (
        lambda m, a, p: m.tanhsinh(lambda x, p: np.exp(-p * x), a, np.inf, args=(p,)).integral,
        *(np.array([0.0, 0.5]), P),
    ),
    "tanhsinh(other infinity)": (
        lambda m, b, p: m.tanhsinh(lambda x, p: np.exp(p * x), -np.inf, b, args=(p,)).integral,
        *(np.array([0.0, 0.5]), P),
    ),
    "tanhsinh(all)": (
        lambda m, p: (
            m.tanhsinh(lambda x, p: np.exp(-p * x**2), np.inf, -np.inf, args=(p,)).integral
        ),
        P,
    ),
    "tanhsinh(singular, closure)": (
        lambda m, p: m.tanhsinh(lambda x: x ** (p[0] - 1.5) * np.log(x), 0.0, 1.0).integral,
        P,
    ),
    "tanhsinh(preserve_shape)": (
        lambda m, b, p: (
            m.tanhsinh(
                lambda x: np.stack([np.exp(-p[0] * x), (x + 1) ** p[1]]),
                0.0,
                b,
                preserve_shape=True,
            ).integral
        ),
        *(np.array([1.0, 2.0]), P),
    ),
    "nsum": (lambda m, p: m.nsum(lambda k, p: k**-p, 1, np.inf, args=(p,)).sum, P + 1),
    "nsum(overflow)": (lambda m, p: m.nsum(lambda k, p: 1 / k**p, 1, np.inf, args=(p,)).sum, P + 1),
    "tanhsinh(overflow)": (
        lambda m, p: (
            m.tanhsinh(lambda x: x**3 / (np.exp(p[0] * x) - 0.1 * p[1]), 0, np.inf).integral
        ),
        P,
    ),
    "nsum(step, closure)": (
        lambda m, p: m.nsum(lambda k: np.exp(-p[0] * k), 0, np.inf, step=2).sum,
        P,
    ),
    "nsum(finite)": (
        lambda m, p: m.nsum(lambda k, p: np.sin(p * k) / k, 1, [20, 7], args=(p,)).sum,
        P,
    ),
    "nsum(many)": (
        lambda m, p: m.nsum(lambda k, p: k**-p, 1, [1e7, 90], args=(p,), maxterms=1000).sum,
        P + 1,
    ),
    **{
        f"cubature({rule})": (
            lambda m, p, rule=rule: (
                m.cubature(wave, [0.0, 0.0], [1.0, -0.7], rule=rule, args=(p,)).estimate
            ),
            P[0],
        )
        for rule in ("gk21", "gk15", "genz-malik")
    },
    "cubature(array, closure)": (
        lambda m, p: (
            m.cubature(lambda x: np.exp(-x[:, :1] * p), [0.0], [1.0], points=[0.3]).estimate
        ),
        P,
    ),
    "qmc_quad": (
        lambda m, a, b, p: np.stack(
            m.qmc_quad(lambda x: mixed(x, p), a, b, n_points=64, qrng=qmc.Halton(2, seed=1))
        ),
        *(np.array([0.0, 0.1]), np.array([1.0, 2.0]), P),
    ),
    "qmc_quad(numbers)": (
        lambda m, a, b: np.stack(
            m.qmc_quad(lambda x: x[0] ** 2, a, b, n_points=64, qrng=qmc.Halton(1, seed=1))
        ),
        *(np.array(0.1), np.array(2.0)),
    ),
}


if "kwargs" in inspect.signature(scipy.integrate.tanhsinh).parameters:  # from SciPy 1.18 on
    CALLS |= {
        "tanhsinh(kwargs)": (
            lambda m, b, q: (
                m.tanhsinh(
                    lambda x, p, *, q: np.exp(-p * q * x**2), 0.0, b, args=1.5, kwargs={"q": q}
                ).integral
            ),
            *(np.array([1.0, 2.0]), P),
        ),
        "nsum(kwargs)": (
            lambda m, q: m.nsum(lambda k, q: 1 / (k**2 + q), 1, np.inf, kwargs={"q": q}).sum,
            P,
        ),
    }


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
@pytest.mark.parametrize(("call", "args"), [(c, a) for c, *a in CALLS.values()], ids=CALLS)
def test_integrals_have_scipys_values_and_derivatives(call, args):
    """By finite differences, in both modes and to second order, and of each row of a batch."""
    for i, arg in enumerate(args):

        def f(x, m=integrate, i=i):
            return call(m, *args[:i], x, *args[i + 1 :])

        theirs = lambda x: np.asarray(f(x, scipy.integrate))  # noqa: E731
        loss = lambda x: np.sum(f(x) ** 2)  # noqa: E731
        t, h = real(*np.shape(arg), seed=3), 1e-5
        np.testing.assert_array_equal(theirs(arg), f(arg))
        value, tangent = dr.jvp(f, (arg,), (t,))
        np.testing.assert_array_equal(theirs(arg), value)
        sides = theirs(arg + h * t) - theirs(arg - h * t)
        np.testing.assert_allclose(sides / (2 * h), tangent, rtol=1e-6, atol=1e-8)
        gradient = dr.grad(loss)(arg)
        np.testing.assert_allclose(2 * np.sum(value * tangent), np.sum(gradient * t), rtol=1e-8)
        sides = dr.grad(loss)(arg + h * t) - dr.grad(loss)(arg - h * t)
        np.testing.assert_allclose(sides / (2 * h), dr.hvp(loss)(arg, t), rtol=1e-5, atol=1e-6)
        rows = np.stack([arg, arg + 1e-3 * t])
        np.testing.assert_allclose(
            dr.grad(loss)(rows[1]), dr.vmap(dr.grad(loss))(rows)[1], rtol=1e-10
        )


def test_results_tell_what_scipys_do():
    for name, f, given in (
        ("tanhsinh", lambda x: np.exp(-P[0] * x), (0.0, 1.0)),
        ("nsum", lambda k: k ** -P[1], (1, np.inf)),
    ):
        expected, found = (getattr(m, name)(f, *given) for m in (scipy.integrate, integrate))
        assert dict(expected) == dict(found)
    expected, found = (
        m.cubature(wave, [0.0] * 2, [1.0] * 2, args=(1.0,)) for m in (scipy.integrate, integrate)
    )
    assert (expected.estimate, expected.error, expected.status) == (
        *(found.estimate, found.error, found.status),
    )
    assert len(expected.regions) == len(found.regions)


def test_no_elements_have_no_integrals():
    for f in (
        lambda p: integrate.tanhsinh(lambda x, p: x * p, 0.0, 1.0, args=(p,)).integral,
        lambda p: integrate.nsum(lambda k, p: k**-p, 1, np.inf, args=(p,)).sum,
    ):
        assert dr.jacobian(f)(np.zeros(0)).shape == (0, 0)


def test_jumps_count_at_limits_that_move():
    """The derivative by a limit is the integrand there, whatever it does between."""
    sign = lambda x, m: np.sign(x - m)  # noqa: E731
    slope = dr.derivative(lambda b: integrate.tanhsinh(sign, 0.0, b, args=(0.5,)).integral)(1.0)
    np.testing.assert_allclose(1.0, slope)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (
            lambda p: integrate.tanhsinh(lambda x: abs(x - p), 0.0, 2.0).integral,
            "does not converge",
        ),
        (lambda p: integrate.tanhsinh(lambda x: x**-0.5, p - 1.3, 2.0).integral, "is infinite"),
        (lambda p: integrate.tanhsinh(lambda x: -p * x, 0.0, 1.0, log=True).integral, "log=True"),
        (lambda p: integrate.nsum(lambda k: k**-2.0, p, np.inf).sum, "integers"),
        (lambda p: integrate.nsum(lambda k: np.exp(-p * k * k), -np.inf, 0).sum, "minus infinity"),
        (lambda p: integrate.nsum(lambda k: -p * k, 1, 9, log=True).sum, "log=True"),
        (lambda p: integrate.cubature(wave, [0.0], [p], args=(1.0,)).estimate, "traced limits"),
        (
            lambda p: integrate.cubature(lambda x: np.exp(-p * x[:, 0]), [0.0], [np.inf]).estimate,
            "infinite",
        ),
        (lambda p: integrate.qmc_quad(lambda x: x[0], [1.3], [p]).integral, "without volume"),
        (
            lambda p: integrate.qmc_quad(lambda x: -p * x[0], [0.0], [1.0], log=True).integral,
            "log=True",
        ),
    ],
)
def test_what_has_no_derivative_says_so(call, match):
    with np.errstate(over="ignore"), pytest.raises(MissingRuleError, match=match):
        dr.grad(call)(1.3)
