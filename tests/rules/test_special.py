"""Corners of rules/special.py that the laws do not reach: constant orders, limits, high order."""

import numpy as np
import pytest
from scipy import special

import dualrev as dr

d = dr.derivative


@pytest.mark.parametrize(
    ("f", "argument", "args"),
    [
        (special.jv, "v", (1.5, 2.0)),
        (special.yv, "v", (1.5, 2.0)),
        (special.iv, "v", (1.5, 2.0)),
        (special.kv, "v", (1.5, 2.0)),
        (special.ive, "v", (1.5, 2.0)),
        (special.gammainc, "a", (1.5, 2.0)),
        (special.gammaincc, "a", (1.5, 2.0)),
        (special.zeta, "x", (1.5, 2.0)),
        (special.betainc, "a", (1.5, 2.0, 0.5)),
        (special.hyp1f1, "a", (1.5, 2.0, 0.5)),
    ],
)
def test_a_traced_order_is_refused_by_name(f, argument, args):
    """Never a silent zero, in neither mode."""
    ones = tuple(map(np.ones_like, args))
    for differentiate in (lambda: dr.grad(f)(*args), lambda: dr.jvp(f, args, ones)):
        with pytest.raises(dr.MissingRuleError, match=f"`{argument}` traced") as error:
            differentiate()
        assert f"scipy.special.{f.__name__}" in str(error.value)
        assert "stop_gradient" in str(error.value)


def test_a_stopped_order_is_accepted():
    value = dr.grad(lambda v: special.jv(dr.stop_gradient(v), 2.0) * v)(1.0)
    np.testing.assert_allclose(special.j1(2.0), value, rtol=1e-14)


def test_complex_digamma_is_refused():
    with pytest.raises(dr.MissingRuleError, match="trigamma"):
        dr.grad(special.digamma, holomorphic=True)(1 + 1j)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_derivatives_of_log_gamma_are_polygamma(order):
    f = special.gammaln
    for _ in range(order):
        f = d(f)
    for x in (0.3, 4.5, -1.5):
        np.testing.assert_allclose(special.polygamma(order - 1, x), f(x), rtol=1e-12)


@pytest.mark.parametrize("kind", ["j", "y", "i", "k"])
def test_bessel_functions_satisfy_their_equation(kind):
    """x^2 f'' + x f' + (+-x^2 - v^2) f = 0, with the sign of J and Y, or of I and K."""
    sign = 1 if kind in "jy" else -1
    forms = [(0, getattr(special, f"{kind}0")), (1, getattr(special, f"{kind}1"))]
    forms += [(v, lambda x, v=v: getattr(special, f"{kind}v")(v, x)) for v in (0, 1, 2.5)]
    for v, f in forms:
        for x in (0.3, 2.0, 7.0):
            residual = x**2 * d(d(f))(x) + x * d(f)(x) + (sign * x**2 - v**2) * f(x)
            assert abs(residual) < 1e-11 * max(1, abs(x**2 * f(x)))


@pytest.mark.parametrize(
    ("scaled", "plain"),
    [
        (special.i0e, lambda x: special.i0(x) * np.exp(-abs(x))),
        (special.i1e, lambda x: special.i1(x) * np.exp(-abs(x))),
        (lambda x: special.ive(2, x), lambda x: special.iv(2, x) * np.exp(-abs(x))),
        (special.k0e, lambda x: special.k0(x) * np.exp(x)),
        (special.k1e, lambda x: special.k1(x) * np.exp(x)),
        (lambda x: special.kve(2, x), lambda x: special.kv(2, x) * np.exp(x)),
    ],
)
def test_scaled_bessel_functions_have_the_derivative_of_the_product(scaled, plain):
    for x in (0.7, 3.0):
        np.testing.assert_allclose(d(plain)(x), d(scaled)(x), rtol=1e-12)
        np.testing.assert_allclose(d(d(plain))(x), d(d(scaled))(x), rtol=1e-10)


def test_bessel_functions_have_derivatives_at_zero():
    """From the power series: J0 = 1 - x^2/4, J1 = x/2 - x^3/16, I1 = x/2 + x^3/16."""
    assert (d(special.j0)(0.0), d(d(special.j0))(0.0)) == (0, -0.5)
    assert (d(special.j1)(0.0), d(d(special.j1))(0.0)) == (0.5, 0)
    assert d(special.i1)(0.0) == 0.5
    np.testing.assert_allclose(-3 / 8, d(d(d(special.j1)))(0.0), rtol=1e-14)


def test_exprel_is_smooth_at_zero():
    """The series of (exp(x) - 1) / x is the sum of x^k / (k + 1)!, over k."""
    f = special.exprel
    for k in range(4):
        np.testing.assert_allclose(1 / (k + 1), f(0.0), rtol=1e-14)
        f = d(f)


def test_saturated_sigmoids_keep_their_tails():
    np.testing.assert_allclose(np.exp(-300.0), d(special.expit)(-300.0), rtol=1e-14)
    np.testing.assert_allclose(np.exp(-40.0), d(special.log_expit)(40.0), rtol=1e-14)
    np.testing.assert_allclose(-np.exp(-40.0), d(d(special.log_expit))(40.0), rtol=1e-14)


def test_the_log_of_the_normal_distribution_keeps_its_tails():
    """Far to the left the slope is about -x + 1/(-x), the curvature about -1; to the right 0."""
    f = special.log_ndtr
    np.testing.assert_allclose(1000.001, d(f)(-1000.0), rtol=1e-11)
    np.testing.assert_allclose(-1, d(d(f))(-1000.0), rtol=1e-4)
    assert (d(f)(60.0), d(d(f))(60.0)) == (0, 0)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "f",
    [
        special.entr,
        special.gamma,
        special.gammaln,
        special.digamma,
        special.logit,
        special.ndtri,
        special.y0,
        special.k1,
        lambda x: special.erfinv(1 - x),
        lambda x: special.xlogy(x, x),
        lambda x: special.rel_entr(x, 2 * x),
        lambda x: special.kl_div(x, 2.0),
        lambda x: special.kv(0.5, x),
    ],
)
def test_a_masked_singularity_contributes_zero(f):
    x = np.array([0.0, 0.25])

    def masked(x):
        return np.where(x > 0, f(x), 0)

    slope = d(f)(0.25)
    ones = np.ones(2)
    np.testing.assert_allclose([0, slope], dr.grad(lambda x: np.sum(masked(x)))(x))
    np.testing.assert_allclose([0, slope], dr.jvp(masked, (x,), (ones,))[1])
    curvature = dr.jvp(dr.grad(lambda x: np.sum(masked(x))), (x,), (ones,))[1]
    np.testing.assert_allclose([0, d(d(f))(0.25)], curvature, atol=1e-14)


def test_zero_times_the_log_of_zero_has_zero_derivative_by_the_second_argument():
    assert dr.grad(special.xlogy, argnums=1)(0.0, 0.0) == 0
    assert dr.grad(special.rel_entr, argnums=1)(0.0, 0.0) == 0


def test_huber_is_continuously_differentiable():
    """At |r| = delta the quadratic meets the line: the slope is delta from both sides."""
    assert dr.grad(special.huber, argnums=1)(1.0, 1.0) == 1.0
    assert dr.grad(special.huber, argnums=1)(1.0, -5.0) == -1.0
    assert dr.grad(special.huber, argnums=0)(1.0, 5.0) == 4.0
    assert dr.grad(special.huber, argnums=0)(1.0, 0.5) == 0.0


@pytest.mark.parametrize(
    "f",
    [
        special.erf,
        special.gammaln,
        special.expit,
        special.j1,
        lambda x: special.jv(2, x),
        lambda x: special.yn(0, x),
        lambda x: special.gammainc(2.5, x),
        lambda x: special.xlogy(x, 2.0),
        lambda x: special.huber(1.0, x),
    ],
)
def test_float32_stays_float32(f):
    x = np.array([0.5, 1.0], np.float32)
    assert np.float32 == dr.grad(lambda x: np.sum(f(x)))(x).dtype
    assert f(x).dtype == dr.jvp(f, (x,), (np.ones_like(x),))[1].dtype
