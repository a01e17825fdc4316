"""Corners of rules/special that the laws do not reach: limits, high order, masked singularities."""

import mpmath as mp
import numpy as np
import pytest
from scipy import special

import dualrev as dr

d = dr.derivative


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


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("z", [0.3 + 2j, -4.3 - 0.2j, -0.5 + 60j, 30 - 2j])
def test_derivatives_of_complex_digamma_are_polygamma(order, z):
    f = special.digamma
    for _ in range(order):
        f = dr.derivative(f, holomorphic=True)
    with mp.workdps(30):
        expected = complex(mp.polygamma(order, z))
    np.testing.assert_allclose(expected, f(z), rtol=1e-12)


@pytest.mark.parametrize(
    ("f", "g", "x"),
    [
        # 19.2.8 as a hypergeometric function: its derivatives are those of the power series.
        (special.ellipk, lambda m: mp.ellipk(m), (0.0, 1e-9, 0.06, 0.0626, -0.07)),
        (special.ellipe, lambda m: mp.ellipe(m), (0.0, 1e-9, 0.06, 0.0626, -0.07)),
        (special.spence, lambda z: mp.polylog(2, 1 - z), (1.0, 1 + 1e-9, 1.06, 0.93)),
        (special.j1, lambda x: mp.besselj(1, x), (0.0, 1e-9, 0.99, -1.01)),
        (special.bei, lambda x: mp.bei(0, x), (0.0, 1e-9, 0.99, -1.01)),
        (lambda x: special.sici(x)[0], mp.si, (0.0, 1e-9, 0.99, -1.01)),
        (special.rgamma, mp.rgamma, (-1.0, 1e-9, 0.49, 0.51)),
    ],
)
def test_derivatives_up_to_the_fourth_hold_through_removable_points(f, g, x):
    for point in x:
        with mp.workdps(60):
            expected = [float(mp.diff(g, mp.mpf(point), order)) for order in range(1, 5)]
        h, values = f, []
        for _ in range(4):
            h = d(h)
            values.append(h(point))
        np.testing.assert_allclose(expected, values, rtol=1e-9, atol=1e-9)


def test_elliptic_integrals_are_differentiable_where_arguments_agree():
    """All of R(x, ..., x) = x^-p: by symmetry each partial is -p x^(-p - 1) over their number."""
    for f, count, p in (
        (special.elliprf, 3, 0.5),
        (special.elliprd, 3, 1.5),
        (special.elliprj, 4, 1.5),
    ):
        point = (2.0,) * count
        total = sum(dr.grad(f, argnums=tuple(range(count)))(*point))
        np.testing.assert_allclose(-p * 2.0 ** (-p - 1), total, rtol=1e-13)


@pytest.mark.skipif(not hasattr(special, "sph_harm"), reason="gone since SciPy 1.17")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("m", "n"), [(0, 0), (1, 3), (-2, 3), (3, 3)])
def test_spherical_harmonics_have_the_derivatives_of_mpmath(m, n):
    theta, phi = 0.4, 0.7
    with mp.workdps(30):
        by_theta = complex(mp.diff(lambda t: mp.spherharm(n, m, phi, t), theta))
        by_phi = complex(mp.diff(lambda p: mp.spherharm(n, m, p, theta), phi))
    values = dr.jvp(lambda t: special.sph_harm(m, n, t, phi), (theta,), (1.0,))[1]
    np.testing.assert_allclose(by_theta, values, rtol=1e-12, atol=1e-15)
    values = dr.jvp(lambda p: special.sph_harm(m, n, theta, p), (phi,), (1.0,))[1]
    np.testing.assert_allclose(by_phi, values, rtol=1e-12, atol=1e-15)


def test_second_derivatives_of_incomplete_gamma_by_its_shape():
    for a, x in ((0.3, 0.2), (2.5, 2.0), (30.0, 45.0), (300.0, 290.0)):
        with mp.workdps(40):
            g = mp.diff(lambda a: mp.gammainc(a, 0, x, regularized=True), mp.mpf(a), 2)
        np.testing.assert_allclose(float(g), d(d(lambda a: special.gammainc(a, x)))(a), rtol=1e-10)


def test_incomplete_functions_have_zero_slope_at_the_ends_of_their_domain():
    for x in (0.0, np.inf):
        assert dr.grad(special.gammainc)(1.5, x) == 0
    for x in (0.0, 1.0):
        assert dr.grad(special.betainc, argnums=(0, 1))(1.5, 2.5, x) == (0, 0)


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
