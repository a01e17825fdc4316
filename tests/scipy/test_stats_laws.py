"""Distributions whose derivatives come from SciPy's code: each beside finite differences."""

import numpy as np
import pytest
import scipy.stats
from scipy.stats._distr_params import distcont, distdiscrete

import dualrev as dr
from dualrev.scipy import stats
from dualrev.scipy.stats.rest import LAWS
from tests.rows import by_lot

SHAPES = {name: shapes for name, shapes in reversed(distcont + distdiscrete) if name in LAWS}
SHAPES["kappa4"] = (0.2, 0.1)  # SciPy's table has 0 first, for which there is a formula apart
#: The quantities of each that are compared, where they are not all: the densities of these are compiled
#: code without a formula here, and an area of that one takes six seconds.
METHODS = {
    **dict.fromkeys(["ksone", "kstwo"], ("cdf", "logsf", "ppf")),
    "gausshyper": ("logpdf",),
}
#: Compiled code, by shapes; of a vector.
APART = {"levy_stable", "studentized_range", "nchypergeom_wallenius", "poisson_binom"}
COMPARED = sorted(SHAPES.keys() - APART)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def slope(f, h=3e-4):
    """Of fourth order."""
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


def moved(name, shapes):
    """All parameters along one direction, but for those that count."""
    law = getattr(scipy.stats, name)
    rng = np.random.default_rng(0)
    is_fixed = [shape.integrality for shape in law._shape_info()]
    rates = [0.0 if fixed else rng.uniform(0.1, 0.3) for fixed in is_fixed]
    if isinstance(law, scipy.stats.rv_continuous):
        shapes, rates = (*shapes, 0.1, 1.2), [*rates, 0.2, -0.3]
    return lambda t: [s + t * rate if rate else s for s, rate in zip(shapes, rates)]


@pytest.mark.parametrize("name", COMPARED)
def test_derivatives_by_all_parameters_are_those_of_scipys_values(name):
    """To the digits of the differences; and the values are SciPy's to the bit."""
    shapes = SHAPES[name]
    ours, scipys = getattr(stats, name), getattr(scipy.stats, name)
    parameters = moved(name, shapes)
    q = np.array([0.2, 0.7])
    at = scipys.ppf(q, *parameters(0.0))
    is_continuous = isinstance(scipys, scipy.stats.rv_continuous)
    of_all = ("logpdf", "cdf", "logsf", "ppf") if is_continuous else ("logpmf", "cdf")
    for method in by_lot(name, METHODS.get(name, of_all), 2):
        x, step = (q, 0.0) if method == "ppf" else (at, 0.1 * is_continuous)

        def f(t, law=ours, method=method, x=x, step=step):
            return getattr(law, method)(x + t * step if step else x, *parameters(t))

        ans, tangent = dr.jvp(f, (0.0,), (1.0,))
        expected = slope(lambda t, f=f: f(t, scipys))
        np.testing.assert_array_equal(f(0.0, scipys), ans)
        np.testing.assert_allclose(expected, tangent, rtol=1e-6, atol=1e-8, err_msg=method)
        if method.startswith("logp"):
            first = dr.grad(lambda t, f=f: np.sum(f(t)))
            np.testing.assert_allclose(np.sum(tangent), first(0.0), rtol=1e-12)
            np.testing.assert_allclose(slope(first), dr.grad(first)(0.0), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("law", "x", "shapes"),
    [
        (stats.kstwo, 0.3, (10,)),
        (stats.levy_stable, 0.4, (1.8, -0.5)),
        (stats.studentized_range, 2.1, (3.0, 10.0)),
    ],
)
def test_a_quantity_of_compiled_code_has_the_derivatives_that_need_none_of_it(law, x, shapes):
    scipys = getattr(scipy.stats, law.name)
    density = scipys.pdf(x, *shapes)
    assert scipys.cdf(x, *shapes) == law.cdf(x, *shapes)
    np.testing.assert_allclose(density, dr.grad(law.cdf)(x, *shapes), rtol=1e-12)
    np.testing.assert_allclose(
        1 / density, dr.grad(law.ppf)(scipys.cdf(x, *shapes), *shapes), rtol=1e-6
    )


def test_trials_of_which_each_has_a_probability_have_derivatives_by_all():
    p = np.array([0.1, 0.6, 0.7, 0.8])
    for f in (
        lambda p, m=stats: m.poisson_binom.pmf(2, p),
        lambda p, m=stats: m.poisson_binom.logpmf(3, p, loc=1),
        lambda p, m=stats: np.sum(m.poisson_binom.cdf([-1, 1.5, 2, 4], p) * [1, 2, 3, 4]),
        lambda p, m=stats: m.poisson_binom(p).logsf(1),
        lambda p, m=stats: m.poisson_binom(p).entropy() + m.poisson_binom.std(p),
    ):
        np.testing.assert_allclose(f(p, scipy.stats), f(p), rtol=1e-15)
        np.testing.assert_allclose(
            [slope(lambda t, e=e: f(p + t * e, scipy.stats)) for e in np.eye(4)],
            dr.grad(f)(p),
            rtol=1e-9,
        )
        second = slope(lambda t: dr.grad(f)(p + t * p))
        np.testing.assert_allclose(second, dr.hvp(f)(p, p), rtol=1e-8)
    assert stats.poisson_binom.ppf(0.3, p) == scipy.stats.poisson_binom.ppf(0.3, p)


def test_a_number_that_counts_is_refused_by_name():
    with pytest.raises(dr.MissingRuleError, match="argument `n`"):
        dr.grad(lambda n: stats.betabinom.logpmf(2, n, 1.2, 2.3))(5.0)
    assert dr.grad(lambda a: stats.erlang.logpdf(2.0, a))(3.0) == pytest.approx(
        dr.grad(lambda a: stats.gamma.logpdf(2.0, a))(3.0), rel=1e-12
    )


def test_0_is_a_whole_number_as_others():
    """Of dlaplace, whose masses fall on both sides of it: P(k <= 0) is 1 / (1 + exp(-a))."""
    f = lambda a: stats.dlaplace.cdf([-1, 0, 1], a)  # noqa: E731
    share = 1 / (1 + np.exp(-0.8))
    expected = share * (1 - share)
    assert dr.derivative(f)(0.8)[1] == pytest.approx(expected)
    second = dr.derivative(dr.derivative(f))(0.8)[1]
    assert second == pytest.approx(expected * (1 - 2 * share))


@pytest.mark.parametrize(
    ("law", "k", "shapes"),
    [
        (stats.logser, 30, (0.25,)),
        (stats.yulesimon, 3000, (9.0,)),
        (stats.planck, 1000, (1.0,)),
        (stats.zipfian, 90, (15.0, 100)),
    ],
)
def test_a_tail_without_mass_to_speak_of_has_slopes_of_its_own(law, k, shapes):
    """Where SciPy's tail has digits, which 1 - F has not, its slope has them too."""
    scipys = getattr(scipy.stats, law.name)
    a, *rest = shapes
    assert scipys.sf(k, *shapes) < 1e-15
    expected = slope(lambda t: scipys.logsf(k, a + t, *rest))
    assert dr.grad(law.logsf, argnums=1)(k, *shapes) == pytest.approx(expected, rel=1e-7)


def test_a_shape_at_the_end_of_what_it_may_be_has_the_slope_from_within():
    """Where SciPy's scaled Bessel function has a kink: rice with b = 0, vonmises with kappa = 0."""
    assert dr.grad(stats.rice.logpdf, argnums=1)(0.3, 0.0) == 0
    by_kappa = dr.grad(stats.vonmises.cdf, argnums=1)
    assert by_kappa(0.3, 0.0) == pytest.approx(np.sin(0.3) / (2 * np.pi), rel=1e-10)
    second = slope(lambda t: by_kappa(0.3, 0.1 + t))
    assert dr.grad(by_kappa, argnums=1)(0.3, 0.1) == pytest.approx(second, rel=1e-8)
    assert dr.grad(by_kappa, argnums=1)(0.3, 0.0) == pytest.approx(
        (by_kappa(0.3, 2e-6) - by_kappa(0.3, 0.0)) / 2e-6, rel=1e-5
    )


def test_batches_of_parameters_are_computed_together(recwarn):
    """Of values, gradients and second derivatives: no row by itself, and nobody is told of rows."""
    x, c = np.array([0.3, 1.2, 2.0]), np.array([0.8, 1.3, 2.1, 3.0])

    def loss(c):
        return -np.sum(stats.burr12.logpdf(x, c, 1.2, scale=2 * c))

    for f in (loss, dr.grad(loss), dr.derivative(dr.grad(loss))):
        np.testing.assert_allclose([f(one) for one in c], dr.vmap(f)(c), rtol=1e-12)
    assert not recwarn


@pytest.mark.parametrize("name", ["genpareto", "burr12", "argus", "johnsonsu", "zipf", "dlaplace"])
def test_moments_and_entropy_have_the_derivatives_of_scipys_values(name):
    """By formulas, and by integrals where SciPy has none."""
    parameters = moved(name, (0.1,) if name == "genpareto" else SHAPES[name])
    for f in (
        lambda m, t: getattr(m, name).mean(*parameters(t)),
        lambda m, t: getattr(m, name)(*parameters(t)).std(),
        lambda m, t: getattr(m, name).entropy(*parameters(t)),
    ):
        expected = slope(lambda t, f=f: f(scipy.stats, t))
        tangent = dr.jvp(lambda t, f=f: f(stats, t), (0.0,), (1.0,))[1]
        # SciPy's integrals hold to 1e-8.
        np.testing.assert_allclose(expected, tangent, rtol=1e-4, atol=1e-6)


def test_medians_and_intervals_are_quantiles():
    np.testing.assert_allclose(
        dr.grad(lambda a: stats.beta.ppf(0.5, a, 2.0))(1.5),
        dr.grad(lambda a: stats.beta(a, 2.0).median())(1.5),
    )
    low, high = dr.jacobian(lambda a: np.stack(stats.beta.interval(0.8, a, 2.0)))(1.5)
    assert low == dr.grad(lambda a: stats.beta.ppf((1.0 - 0.8) / 2, a, 2.0))(1.5)
    assert high == dr.grad(lambda a: stats.beta.ppf((1.0 + 0.8) / 2, a, 2.0))(1.5)


def test_the_ends_of_a_support_are_quantiles_that_move_with_the_shapes():
    """And with them what lies below: the probability of at most the end does not move."""
    c = -0.4
    np.testing.assert_allclose(1 / c**2, dr.grad(lambda c: stats.genpareto.ppf(1.0, c))(c))
    np.testing.assert_allclose(1 / c**2, dr.grad(lambda c: stats.genpareto.isf(0.0, c))(c))
    assert dr.grad(lambda c: stats.genpareto.cdf(stats.genpareto.ppf(1.0, c), c))(c) == 0
    # A quantile that rounding puts on the end moves with it: that of genextreme is 1 / c.
    assert dr.grad(lambda c: stats.genextreme.isf(1e-10, c))(2.0) == pytest.approx(-0.25)
    # From within: cdf is (1 - exp(-x)) / (1 - exp(-b)).
    first, second = -np.exp(-3.0) / -np.expm1(-3.0), 1 / np.expm1(3.0) + 2 / np.expm1(3.0) ** 2
    assert dr.grad(lambda b: stats.truncexpon.cdf(3.0, b))(3.0) == pytest.approx(first)
    by_b = dr.grad(dr.grad(lambda b: stats.truncexpon.cdf(3.0, b)))(3.0)
    assert by_b == pytest.approx(second)
    a, b = -1.0, 2.0
    for loc in (0.1, 0.7):  # rounding may put the quantile beyond the end
        f = lambda a, b, loc, scale: stats.truncnorm.ppf(0.0, a, b, loc, scale)  # noqa: E731
        assert dr.grad(f, argnums=(0, 1, 2, 3))(a, b, loc, 1.7) == pytest.approx((1.7, 0, 1, a))


def test_what_is_smooth_at_0_though_written_with_an_absolute_value_has_its_slope():
    """dgamma with shape 3 is |x|^2 exp(-|x|) / 4; log of genlogistic falls by (1 - c) / 2 at 0."""
    assert dr.grad(stats.dgamma.pdf)(0.0, 3.0) == 0
    assert dr.grad(dr.grad(stats.dgamma.pdf))(0.0, 3.0) == 0.5
    x = np.array([-1.0, 0.0, 1.0])
    assert dr.derivative(lambda x: stats.genlogistic.logpdf(x, 4.0))(x)[1] == 1.5
    # A power falls to 0: that of gennorm is |x|^1.3, of which the second derivative grows.
    at = (0.5, 1.3, 0.5, 2.0)
    assert dr.grad(stats.gennorm.logpdf, argnums=(0, 2, 3))(*at) == (0, 0, -0.5)
    assert np.isnan(dr.grad(dr.grad(stats.gennorm.logpdf))(*at))
    # A kink has the mean of its sides, as abs has; what grows without bound has none.
    assert dr.grad(stats.gennorm.pdf)(0.0, 1.0) == 0
    assert np.isnan(dr.grad(stats.dgamma.pdf, argnums=1)(0.0, 1.0))


def test_shapes_near_0_for_which_scipy_takes_a_constant_are_refused():
    for f in (
        lambda skew: stats.pearson3.rvs(skew, random_state=0),
        lambda c: stats.genextreme.mean(c),
        lambda c: stats.bradford.mean(c),  # whose value is 1.1 there, and not a half
    ):
        with pytest.raises(dr.MissingRuleError):
            dr.grad(f)(1e-9)
    # log(1 + c) / 2 - log(c / log(1 + c)) is -c**2 / 24 to second order.
    assert dr.grad(stats.bradford.entropy)(1e-6) == pytest.approx(-1e-6 / 12, rel=1e-5)
    mean = scipy.stats.bradford.mean
    expected = (mean(0.5 + 1e-6) - mean(0.5 - 1e-6)) / 2e-6
    assert dr.grad(stats.bradford.mean)(0.5) == pytest.approx(expected, rel=1e-6)


def test_a_formula_of_0_alone_does_not_spoil_the_other_numbers():
    """With both shapes 1 the density of burr is (1 + x)**-2."""
    x = np.array([0.0, 0.3])
    at_zero, slope = dr.derivative(lambda x: stats.burr.pdf(x, 1.0, 1.0))(x)
    assert at_zero == pytest.approx(-2)
    assert slope == dr.grad(stats.burr.pdf)(0.3, 1.0, 1.0)


def test_masses_that_are_traced_make_a_distribution():
    def law(p):
        return stats.rv_discrete(values=([0, 1, 2], [p, p / 2, 1 - 1.5 * p]))

    np.testing.assert_allclose(-2.5, dr.grad(lambda p: law(p).mean())(0.3))
    np.testing.assert_allclose(  # p / 2 + 4 (1 - 1.5 p) less the square of 2 - 2.5 p
        -5.5 + 5 * (2 - 2.5 * 0.3), dr.grad(lambda p: law(p).var())(0.3)
    )
