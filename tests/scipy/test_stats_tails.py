"""Distributions far out: where a probability loses its digits, a power its slope, a quantile its end."""

import mpmath as mp
import numpy as np
import pytest
import scipy.special
import scipy.stats

import dualrev as dr
from dualrev.scipy import stats

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def all_slopes(f, *args):
    """By all arguments, of a sum where there are several points."""
    return dr.grad(lambda *args: np.sum(f(*args)), argnums=tuple(range(len(args))))(*args)


def exact_slopes(f, *args):
    """Those of a function of mpmath's."""
    with mp.workdps(120):
        args = [mp.mpf(float(x)) for x in args]
        units = np.eye(len(args), dtype=int)
        return [float(mp.diff(f, args, tuple(map(int, unit)), relative=True)) for unit in units]


def exact_exponweib(x, a, c):
    return mp.log(1 - (1 - mp.exp(-(x**c))) ** a)


def exact_invgauss(x, mu):
    root = mp.sqrt(x)
    return mp.log(mp.ncdf((1 - x / mu) / root) - mp.exp(2 / mu) * mp.ncdf(-(1 + x / mu) / root))


def exact_foldcauchy(x, c):
    return mp.log((mp.atan(x - c) + mp.atan(x + c)) / mp.pi)


def exact_bradford(x, c):
    return mp.log(1 - mp.log1p(c * x) / mp.log1p(c))


def exact_truncpareto(x, b, c):
    return mp.log((x**-b - c**-b) / (1 - c**-b))


def exact_truncpareto_below(x, b, c):
    return mp.log((1 - x**-b) / (1 - c**-b))


def exact_burr12(x, c, d):
    return mp.log(1 - (1 + x**c) ** -d)


@pytest.mark.parametrize(
    ("method", "exact", "args"),
    [
        (stats.exponweib.logsf, exact_exponweib, (6.4, 2.9, 1.95)),
        (stats.exponweib.logsf, exact_exponweib, (12.0, 2.9, 1.95)),
        (stats.invgauss.logsf, exact_invgauss, (1e6, 10.0)),
        (stats.foldcauchy.logcdf, exact_foldcauchy, (3.8e-14, 4.7)),
        (stats.bradford.logsf, exact_bradford, (1 - 1e-10, 0.3)),  # between ends
        (stats.burr12.logcdf, exact_burr12, (0.0275, 10.0, 4.0)),
        (stats.truncpareto.logsf, exact_truncpareto, (1.3, 1e-5, 2.0)),
        (stats.truncpareto.logcdf, exact_truncpareto_below, (1.3, 1e-5, 2.0)),
        (stats.truncpareto.logcdf, exact_truncpareto_below, (1.3, -2.0, 2.0)),
    ],
)
def test_a_tail_has_its_slopes_where_scipys_value_has_lost_its_digits(method, exact, args):
    expected = exact_slopes(exact, *args)
    np.testing.assert_allclose(expected, all_slopes(method, *args), rtol=1e-7)
    first = dr.grad(method, argnums=1)
    second = exact_slopes(lambda *args: exact_by(exact, args), *args)
    found = dr.grad(first, argnums=tuple(range(len(args))))(*args)
    scale = np.multiply(args, args[1])
    np.testing.assert_allclose(second * scale, found * scale, rtol=1e-5, atol=1e-9)
    pushed = dr.jvp(lambda s: first(args[0], s, *args[2:]), (args[1],), (1.0,))[1]
    np.testing.assert_allclose(found[1], pushed, rtol=1e-9)


def exact_by(exact, args):
    """The slope by the first shape."""
    x, a, *rest = args
    return mp.diff(lambda a: exact(x, a, *rest), a, relative=True)


def test_a_tail_whose_end_the_shape_moves_has_its_slopes():
    """1 - F of genhalflogistic with c = 1 / e, where e is the end: 2 (1 - x / e)**e to first order."""
    c = 0.5
    x = (1 - 1e-5) / c
    exact = lambda x, c: mp.log(1 - (1 - (w := (1 - c * x) ** (1 / c))) / (1 + w))  # noqa: E731
    np.testing.assert_allclose(
        exact_slopes(exact, x, c), all_slopes(stats.genhalflogistic.logsf, x, c), rtol=1e-6
    )


def test_a_quantile_of_little_probability_moves_where_1_minus_f_would_be_0():
    """Far out 1 - F of burr is d x**-c."""
    c, d, q = 10.5, 4.3, 1e-20
    x = scipy.stats.burr.isf(q, c, d)
    by_c = -x * np.log(d / q) / c**2
    np.testing.assert_allclose(
        [-x / (c * q), by_c, x / (c * d)], all_slopes(stats.burr.isf, q, c, d), rtol=1e-9
    )


def test_powers_that_overflow_leave_no_0_for_a_slope():
    """Next to 0 log F of fisk is c log(x), and with c = 1 log f is -2 log(1 + x)."""
    x, c = 1.5e-10, 17.0
    by_c = dr.grad(stats.fisk.cdf, argnums=1)(x, c)
    assert by_c == pytest.approx(np.log(x) * scipy.stats.fisk.cdf(x, c))
    by_q = dr.grad(stats.fisk.ppf, argnums=1)(scipy.stats.fisk.cdf(x, c), c)
    assert np.isnan(by_q)  # scipy.stats.fisk.pdf is 0 there
    assert dr.grad(dr.grad(stats.fisk.logpdf))(4e-9, 1.0) == pytest.approx(2)
    assert dr.grad(stats.burr.logpdf)(1e-8, 2.0, 0.5) == pytest.approx(-3e-8)


def test_a_quantile_of_almost_1_moves_with_the_rest():
    """Of kappa3 1 - F has code of its own, of digits that F has not: far out it is x**-a."""
    a, q = 10.0, 1 - 2.0**-50
    x = scipy.stats.kappa3.ppf(q, a)
    exact = lambda x, a: x * (a + x**a) ** (-1 / a)  # noqa: E731
    by_x, by_a = exact_slopes(exact, x, a)
    assert dr.grad(stats.kappa3.ppf, argnums=1)(q, a) == pytest.approx(-by_a / by_x, rel=1e-9)
    for f, at in ((stats.kappa3.logcdf, (1e20, a)), (stats.mielke.logcdf, (1e5, 10.4, 46.0))):
        second = dr.grad(dr.grad(f, argnums=len(at) - 1), argnums=len(at) - 1)
        assert second(*at) == pytest.approx(0, abs=1e-9)


def test_a_difference_of_huge_logarithms_is_no_slope():
    """log F of kappa4 with h = k = 0 is -exp(-x): its slope is not 1."""
    assert np.isnan(dr.grad(stats.kappa4.logcdf)(-100.0, 0.0, 0.0))
    assert dr.grad(stats.kappa4.logcdf)(-10.0, 0.0, 0.0) == pytest.approx(np.exp(10.0))


def test_the_least_probabilities_have_slopes():
    """Next to 0 the probability is x**a / gamma(a + 1), here 1e-290, of chi2 with a = df / 2, x / 2."""
    x, df = 1e-20, 27.5
    expected = (np.log(x / 2) - scipy.special.digamma(df / 2 + 1)) / 2
    assert dr.grad(stats.chi2.logcdf, argnums=1)(x, df) == pytest.approx(expected, rel=1e-9)


def test_a_density_of_powers_has_its_slopes_far_out():
    """Of kappa3, whose logarithm is log(a) - (a + 1) log(x) there; of burr12, second derivatives."""
    for x, a in ((100.0, 100.0), (10.0, 300.0), (2.0, 1000.0)):
        expected = -(a + 1) / x, 1 / a - np.log(x)
        np.testing.assert_allclose(
            expected, all_slopes(stats.kappa3.logpdf, x, a), rtol=1e-9, atol=1e-12
        )
    x, c, d = 1e20, 10.0, 4.0  # the logarithm of the density is log(c d) - (c d + 1) log(x)
    by_x, by_c = (dr.grad(stats.burr12.logpdf, argnums=i) for i in (0, 1))
    assert dr.grad(by_x)(x, c, d) == pytest.approx((c * d + 1) / x**2)
    assert dr.grad(by_c, argnums=1)(x, c, d) == pytest.approx(-1 / c**2)
    assert dr.grad(by_x, argnums=1)(x, c, d) == pytest.approx(-d / x)
    x, c = 1e107, 0.004  # of invweibull it is log(c) - (c + 1) log(x) - x**-c
    by_x = dr.grad(stats.invweibull.logpdf)
    assert dr.grad(by_x)(x, c) == pytest.approx((c + 1) * (1 - c * x**-c) / x**2)


@pytest.mark.parametrize("skew", [2.0, 5.0])
def test_a_quantile_at_an_end_moves_with_it_though_scipy_has_it_at_infinity(skew):
    """The support of pearson3 begins at -2 / skew, and of a negative skew it ends there."""
    expected = pytest.approx(2 / skew**2)
    by_skew = dr.grad(stats.pearson3.ppf, argnums=1)
    assert by_skew(1e-20, skew) == expected
    assert by_skew(1 - 1e-16, -skew) == expected
    assert dr.grad(stats.pearson3.isf, argnums=1)(1e-20, -skew) == expected
    assert np.isnan(by_skew(1.0, -skew))
    assert scipy.stats.pearson3.ppf(1.0, -skew) == np.inf
    assert dr.grad(stats.pearson3.logsf, argnums=1)(1.0, 0.5) == pytest.approx(
        dr.grad(stats.pearson3.logcdf, argnums=1)(-1.0, -0.5) * -1
    )


def test_a_quantile_rounded_to_an_end_has_no_slope_that_rounding_has_made():
    """Of arcsine isf is cos(pi q / 2)**2: its second derivative at 0 is -pi**2 / 2, not 0.

    Of beta it is 1 - c q**(1 / b), whose slope falls as slowly as may be.
    """
    q = 1e-20
    for f, at in (
        (stats.arcsine.isf, (q,)),
        (stats.rdist.ppf, (1 - 1e-16, 1.0)),
        (stats.beta.isf, (q, 2.0, 0.99)),
    ):
        for slope in (dr.grad(f), dr.grad(dr.grad(f)), dr.derivative(dr.derivative(f))):
            assert np.isnan(slope(*at))
    assert dr.grad(stats.beta.isf, argnums=2)(q, 2.0, 0.99) == pytest.approx(0, abs=1e-15)
    # Some numbers before an end where the density falls to 0, it has few digits.
    assert np.isnan(dr.grad(stats.beta.isf)(1e-15, 2.0, 1.05))
    # That of an end as it was asked for, and next to 0, is known.
    assert dr.grad(stats.beta.ppf)(1.0, 2.0, 0.5) == 0
    assert dr.grad(dr.grad(stats.arcsine.ppf))(1e-20) == pytest.approx(np.pi**2 / 2)
    assert dr.grad(stats.uniform.ppf)(1 - 1e-16) == 1


def test_a_shape_of_0_has_the_slopes_of_its_neighbours():
    """Where SciPy has another formula: for genpareto log f is -x + c (x**2 / 2 - x) to first order."""
    x, h = 0.7, 1e-4
    assert dr.grad(stats.genpareto.logpdf, argnums=1)(x, 0.0) == pytest.approx(x * x / 2 - x)
    assert dr.grad(stats.genpareto.logpdf)(1e199, 10.0) == pytest.approx(-1.1e-199)
    for law in (stats.genpareto, stats.genextreme):
        for method in ("logpdf", "cdf", "sf", "logcdf", "logsf", "ppf", "isf"):
            f, g = getattr(law, method), getattr(getattr(scipy.stats, law.name), method)
            expected = (g(x, h) - g(x, -h)) / (2 * h)
            assert dr.grad(f, argnums=1)(x, 0.0) == pytest.approx(expected, rel=1e-6), method
            by_c = dr.grad(f, argnums=1)
            second = (by_c(x, h) - by_c(x, -h)) / (2 * h)
            assert dr.grad(by_c, argnums=1)(x, 0.0) == pytest.approx(second, rel=1e-5), method


@pytest.mark.parametrize(
    ("law", "x", "shapes"),
    [
        (stats.geninvgauss, [1.0, 300.0], (0.5, 1.5)),
        (stats.genhyperbolic, [-1e3, 0.3], (0.5, 1.5, -0.5)),
    ],
)
def test_a_point_far_out_does_not_spoil_the_others(law, x, shapes):
    by_first = dr.derivative(lambda p: law.cdf(np.array(x), p, *shapes[1:]))
    h = 1e-4
    near = np.abs(x) < 10
    low, high = (scipy_cdf(law, x, shapes[0] + step, *shapes[1:]) for step in (-h, h))
    expected = np.where(near, (high - low) / (2 * h), 0.0)
    np.testing.assert_allclose(expected, by_first(shapes[0]), rtol=1e-5, atol=1e-15)


def scipy_cdf(law, x, *shapes):
    return getattr(scipy.stats, law.name).cdf(x, *shapes)


def half_integral_gamma(y):
    return mp.gammainc(1.5, 0, y, regularized=True)


def exact_argus(x, chi):
    rest = chi**2 * (1 - x * x) / 2
    scale = mp.log(chi**3 / half_integral_gamma(chi**2 / 2)) + mp.log(2 / mp.pi) / 2
    return scale + mp.log(x * mp.sqrt(1 - x * x)) - rest


def exact_argus_tail(x, chi):
    return half_integral_gamma(chi**2 * (1 - x * x) / 2) / half_integral_gamma(chi**2 / 2)


def exact_bradford_density(x, c):
    return c / ((1 + c * x) * mp.log1p(c))


def exact_genhalflogistic(x, c):
    power = (1 - c * x) ** (1 / c)
    return (1 - power) / (1 + power)


def exact_pearson3(x, skew):
    root = 2 / skew
    y = root * (x + root)
    return mp.log(abs(root)) + (root**2 - 1) * mp.log(y) - y - mp.loggamma(root**2)


def truncated_weibull(name):
    method = getattr(stats.truncweibull_min, name)
    return lambda x, c: method(x, c, 0.5, 2.0)


def weibull_mass(x, y, c):
    return mp.exp(-(mp.mpf(x) ** c)) - mp.exp(-(mp.mpf(y) ** c))


def exact_truncweibull(x, c):
    return mp.log(c) + (c - 1) * mp.log(x) - x**c - mp.log(weibull_mass(0.5, 2, c))


def exact_truncweibull_below(x, c):
    return mp.log(weibull_mass(0.5, x, c) / weibull_mass(0.5, 2, c))


def exact_truncweibull_above(x, c):
    return weibull_mass(x, 2, c) / weibull_mass(0.5, 2, c)


def exact_wrapcauchy(x, c):
    return mp.log((1 - c * c) / (1 + c * c - 2 * c * mp.cos(x)))


@pytest.mark.parametrize(
    ("method", "exact", "args"),
    [
        (stats.argus.logpdf, exact_argus, (0.3, 1e-7)),
        (stats.argus.logpdf, exact_argus, (0.3, 0.7)),
        (stats.argus.sf, exact_argus_tail, (0.3, 1e-7)),
        (stats.argus.cdf, lambda *args: 1 - exact_argus_tail(*args), (0.3, 1e-4)),
        (stats.bradford.pdf, exact_bradford_density, (0.3, 2e-7)),
        (stats.bradford.logsf, exact_bradford, (0.5, 1e-12)),
        (stats.genhalflogistic.cdf, exact_genhalflogistic, (0.3, 1e-6)),
        (stats.genhalflogistic.cdf, exact_genhalflogistic, (1e-6, 4.0)),
        (truncated_weibull("logpdf"), exact_truncweibull, (1.3, 1e-4)),
        (truncated_weibull("logcdf"), exact_truncweibull_below, (1.3, 1e-4)),
        (truncated_weibull("sf"), exact_truncweibull_above, (1.3, 1e-4)),
        (stats.wrapcauchy.logpdf, exact_wrapcauchy, (1e-8, 1 - 2.0**-23)),
        (stats.pearson3.logpdf, exact_pearson3, (0.3, 0.01)),
        (stats.pearson3.logpdf, exact_pearson3, (2.0, -0.3)),
        (stats.pearson3.logpdf, exact_pearson3, (0.3, 0.5)),
    ],
)
def test_a_shape_near_0_has_both_derivatives_where_those_of_scipys_code_cancel(method, exact, args):
    units = np.eye(len(args), dtype=int)
    slopes = dr.grad(method, argnums=(0, 1))(*args)
    np.testing.assert_allclose(exact_slopes(exact, *args), slopes, rtol=1e-9)
    for unit, second in zip(units, dr.hessian(lambda a: method(a[0], a[1]))(np.array(args))):
        with mp.workdps(120):
            at = [mp.mpf(float(x)) for x in args]
            by_both = [
                float(mp.diff(exact, at, tuple(map(int, unit + other)), relative=True))
                for other in units
            ]
        np.testing.assert_allclose(by_both, second, rtol=1e-8)


def exact_poisson(mu):
    return 10**6 * mp.log(mu) - mu - mp.loggamma(10**6 + 1)


def log_geometric(count, rate):
    return mp.log(-mp.expm1(-rate * count))


def exact_boltzmann(rate):
    return log_geometric(1, rate) - log_geometric(10, rate) - 3 * rate


def exact_boltzmann_tail(rate):
    return log_geometric(6, rate) - log_geometric(10, rate) - 4 * rate


def exact_boltzmann_mean(rate):
    return 1 / mp.expm1(rate) - 10 / mp.expm1(10 * rate)


def exact_betabinom(b, ks=(4,)):
    weights = [mp.binomial(7, k) * mp.beta(k + b, 7 - k + 1e10) for k in ks]
    return mp.log(mp.fsum(weights) / mp.beta(b, 1e10))


@pytest.mark.parametrize(
    ("f", "exact", "at"),
    [
        (lambda rate: stats.boltzmann.logpmf(3, rate, 10), exact_boltzmann, 1e-9),
        (lambda rate: stats.boltzmann.logsf(3, rate, 10), exact_boltzmann_tail, 1e-9),
        (lambda rate: stats.boltzmann.mean(rate, 10), exact_boltzmann_mean, 1e-5),
        (
            lambda k: stats.vonmises_fisher.logpdf([0.6, 0.0, 0.8], [0.0, 0.0, 1.0], k),
            lambda k: mp.log(k / mp.sinh(k)) + k * mp.mpf(0.8),
            1e-8,
        ),
        (lambda a: stats.dlaplace.logpmf(3, a), lambda a: mp.log(mp.tanh(a / 2)) - 3 * a, 40.0),
        (
            lambda a: stats.dlaplace.logsf(11, a),
            lambda a: -12 * a - mp.log1p(mp.exp(-a)),
            3.0,
        ),
        (lambda mu: stats.poisson.pmf(10**6, mu), lambda mu: mp.exp(exact_poisson(mu)), 1e6),
        (lambda b: stats.betabinom.logpmf(4, 7, b, 1e10), exact_betabinom, 1e10),
        (
            lambda b: stats.betabinom.logsf(5, 7, b, 1e10),
            lambda b: exact_betabinom(b, (6, 7)),
            1e10,
        ),
        (
            lambda a: stats.zipf.logsf(11, a),
            lambda a: mp.log(mp.zeta(a, 12) / mp.zeta(a)),
            30.0,
        ),
        (
            lambda mu: stats.skellam.logsf(0, mu, 1e-7),
            lambda mu: mp.log(mu) - mu / 2 - mp.mpf(1e-7),
            1e-5,
        ),
    ],
)
def test_a_mass_and_its_tails_have_both_derivatives_where_those_of_scipys_code_cancel(f, exact, at):
    with mp.workdps(60):
        first, second = (float(mp.diff(exact, mp.mpf(at), n, relative=True)) for n in (1, 2))
    assert dr.grad(f)(at) == pytest.approx(first, rel=1e-8, abs=1e-24)
    assert dr.grad(dr.grad(f))(at) == pytest.approx(second, rel=1e-6, abs=0)


def exact_kappa4(x, h, k):
    below = (1 - k * x) ** (1 / k)
    return below ** (1 - k) * (1 - h * below) ** (1 / h - 1)


@pytest.mark.parametrize(("h", "k"), [(1e-9, 0.5), (0.5, 1e-9), (-1e-5, 1e-5), (0.0, 0.0)])
def test_both_shapes_of_kappa4_have_slopes_next_to_0(h, k):
    x = 0.3
    beside = mp.mpf(10) ** -30  # 0 itself is none of the formula's
    with mp.workdps(120):
        at = mp.mpf(x), mp.mpf(h) + beside, mp.mpf(k) + beside
        for i in (0, 1, 2):
            first = [int(i == j) for j in range(3)]
            for j in (0, 1, 2):
                orders = tuple(n + (j == place) for place, n in enumerate(first))
                step = mp.mpf(10) ** -40
                log_density = lambda *args: mp.log(exact_kappa4(*args))  # noqa: E731
                expected = float(mp.diff(log_density, at, orders, h=step))
                slope = dr.grad(dr.grad(stats.kappa4.logpdf, argnums=i), argnums=j)
                assert slope(x, h, k) == pytest.approx(expected, rel=1e-8)
            expected = float(mp.diff(log_density, at, tuple(first), h=step))
            assert dr.grad(stats.kappa4.logpdf, argnums=i)(x, h, k) == pytest.approx(expected)


def test_the_skewness_0_has_the_slopes_of_its_neighbours():
    """Of pearson3 F falls by (x**2 - 1) f / 6 with the skewness, and log f rises by (x**3 - 3 x) / 6."""
    x = np.array([-1.2, 0.3, 2.0])
    density = scipy.stats.norm.pdf(x)
    fall = (x * x - 1) * density / 6
    for skew in (0.0, 1e-9, -1e-6, 1e-4):
        by_skew = lambda f, at: dr.derivative(lambda skew: f(at, skew))(skew)  # noqa: E731
        expected = pytest.approx((x**3 - 3 * x) / 6, abs=1e-3)
        assert by_skew(stats.pearson3.logpdf, x) == expected
        assert by_skew(stats.pearson3.cdf, x) == pytest.approx(-fall, abs=1e-4)
        q = scipy.stats.norm.cdf(x)
        assert by_skew(stats.pearson3.ppf, q) == pytest.approx(fall / density, abs=1e-3)
    # By the expansion of Cornish and Fisher, 0.01 squared away.
    at = dr.grad(stats.pearson3.ppf, argnums=1)(scipy.stats.pearson3.cdf(2.0, 0.01), 0.01)
    assert at == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize("q", [1e-30, 1e-5, 0.3, 1 - 1e-9, 1 - 2.0**-53])
def test_a_quantile_next_to_an_end_has_the_slopes_of_its_formula(q):
    """Of anglit it is asin(sqrt(q)) - pi / 4; of genextreme (1 - y**c) / c, y = -log(q)."""
    with mp.workdps(60):
        p = mp.mpf(q)
        by_q = float(1 / (2 * mp.sqrt(p * (1 - p))))
        curve = float((2 * p - 1) / (4 * (p * (1 - p)) ** 1.5))
    for f, sign in ((stats.anglit.ppf, 1), (stats.anglit.isf, -1)):
        assert dr.grad(f)(q) == pytest.approx(sign * by_q, rel=1e-12)
        assert dr.grad(dr.grad(f))(q) == pytest.approx(sign * curve, rel=1e-12)
    for c in (-10.0, -5.0, 0.5, 2.0, 1e-6):
        with mp.workdps(400):
            shape = mp.mpf(c)
            for f, y in ((stats.genextreme.ppf, -mp.log(p)), (stats.genextreme.isf, -mp.log1p(-p))):
                by_c = lambda c, y=y: (1 - y**c) / c  # noqa: E731
                expected = [float(mp.diff(by_c, shape, n, relative=True)) for n in (1, 2)]
                slope = -(y ** (shape - 1)) * (-1 / p if f == stats.genextreme.ppf else 1 / (1 - p))
                first = dr.grad(f, argnums=1)
                found = first(q, c), dr.grad(first, argnums=1)(q, c)
                np.testing.assert_allclose(expected, found, rtol=1e-9)
                np.testing.assert_allclose(float(slope), dr.grad(f)(q, c), rtol=1e-9)
