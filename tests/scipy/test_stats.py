"""dualrev.scipy.stats beside SciPy: values, signatures, edges, tails, refusals."""

import pickle

import mpmath
import numpy as np
import pytest
import scipy.stats

import dualrev as dr
from dualrev.scipy import stats

SHAPES = {
    "norm": (),
    "halfnorm": (),
    "expon": (),
    "uniform": (),
    "laplace": (),
    "logistic": (),
    "cauchy": (),
    "rayleigh": (),
    "gumbel_r": (),
    "gumbel_l": (),
    "lognorm": (0.7,),
    "weibull_min": (1.0,),
    "weibull_max": (1.5,),
    "pareto": (2.0,),
    "truncnorm": (-1.0, 2.0),
    "skewnorm": (1.0,),
    "gamma": (1.0,),
    "invgamma": (2.0,),
    "chi2": (2.0,),
    "t": (3.0,),
    "beta": (1.0, 2.0),
    "f": (2.0, 3.0),
    "vonmises": (1.2,),
}
COUNTS = {
    "poisson": (1.3,),
    "binom": (5, 0.4),
    "nbinom": (2.5, 0.4),
    "geom": (0.4,),
    "bernoulli": (0.4,),
}
# Both ends of every support are among them, and points outside.
POINTS = np.array([-np.inf, -1e3, -2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 1e3, np.inf, np.nan])
PROBABILITIES = np.array([-0.1, 0.0, 0.3, 1.0, 1.1, np.nan])
CONTINUOUS_METHODS = ("logpdf", "pdf", "logcdf", "cdf", "logsf", "sf", "ppf", "isf")
DISCRETE_METHODS = ("logpmf", "pmf", *CONTINUOUS_METHODS[2:])
ALL = [
    *((name, shapes, method) for name, shapes in SHAPES.items() for method in CONTINUOUS_METHODS),
    *((name, shapes, method) for name, shapes in COUNTS.items() for method in DISCRETE_METHODS),
]
#: SciPy's own at such points.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def points_of(method):
    return PROBABILITIES if method in ("ppf", "isf") else POINTS


@pytest.mark.parametrize(("name", "shapes", "method"), ALL)
def test_values_are_scipys_to_the_bit(name, shapes, method):
    """Inside and outside the support, at its ends, and for parameters that are wrong."""
    ours, scipys = (getattr(getattr(m, name), method) for m in (stats, scipy.stats))
    frozen = getattr(getattr(stats, name)(*shapes, loc=0.5), method)
    x = points_of(method)
    options = [{}, {"loc": 1}, {"loc": np.array([[0.5], [-1.0]])}]
    if name in SHAPES:
        options += [{"scale": 2.0}, {"scale": -1.0}, {"loc": 1, "scale": [[0.0], [3.0]]}]
    for kwds in options:
        np.testing.assert_array_equal(scipys(x, *shapes, **kwds), ours(x, *shapes, **kwds))
    np.testing.assert_array_equal(scipys(x, *shapes, loc=0.5), frozen(x))
    np.testing.assert_array_equal(scipys([0, 1], *shapes), ours([0, 1], *shapes))
    assert type(scipys(1, *shapes)) is type(ours(1, *shapes))
    if shapes:
        wrong = (-1.0,) * len(shapes)
        np.testing.assert_array_equal(scipys(x, *wrong), ours(x, *wrong))


@pytest.mark.parametrize(
    ("name", "shapes", "method"), [row for row in ALL if row[0] in SHAPES and row[0] != "vonmises"]
)
def test_both_modes_agree_at_the_edges(name, shapes, method):
    f = getattr(getattr(stats, name), method)
    x = points_of(method)
    parameters = (*map(np.float64, shapes), np.float64(0), np.float64(1))
    pushed = dr.jvp(lambda x: f(x, *parameters), (x,), (np.ones_like(x),))[1]
    pulled = dr.vjp(lambda x: f(x, *parameters), x)[1](np.ones_like(x))
    np.testing.assert_array_equal(pushed, *([pulled] if not isinstance(pulled, tuple) else pulled))
    for i, p in enumerate(parameters):

        def by(p, i=i):
            return f(x, *parameters[:i], p, *parameters[i + 1 :])

        pushed = dr.jvp(by, (p,), (np.float64(1),))[1]
        np.testing.assert_array_equal(pushed, dr.jacobian(by)(p))


OUTSIDE = {
    "expon": (),
    "uniform": (),
    "lognorm": (0.7,),
    "weibull_min": (1.7,),
    "pareto": (2.0,),
    "truncnorm": (-0.5, 2.0),
    "gamma": (2.3,),
    "invgamma": (2.0,),
    "chi2": (3.0,),
    "beta": (1.5, 2.5),
    "f": (2.5, 3.0),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_the_support_nothing_moves(name):
    """And the points there do not spoil what is summed with them, in any order."""
    shapes = OUTSIDE[name]
    dist = getattr(stats, name)
    inside, outside = np.array([1.5 if name == "pareto" else 0.6]), np.array([-3.0])
    parameters = np.array([*shapes, 0.1, 1.2])
    for method in CONTINUOUS_METHODS[:6]:

        def total(p, x, method=method):
            return np.sum(getattr(dist, method)(x, *p))

        assert not np.any(dr.grad(total)(parameters, outside))
        both = np.concatenate([outside, inside])
        expected = dr.grad(total)(parameters, inside)
        np.testing.assert_allclose(expected, dr.grad(total)(parameters, both), rtol=1e-14)
        expected = dr.hessian(total)(parameters, inside)
        np.testing.assert_allclose(
            expected, dr.hessian(total)(parameters, both), rtol=1e-12, atol=1e-14
        )


@pytest.mark.parametrize("name", SHAPES)
def test_wrong_parameters_have_no_derivative(name):
    slopes = dr.grad(getattr(stats, name).logpdf, argnums=(0, -1))(0.5, *SHAPES[name], 0.1, -1.0)
    assert np.isnan(slopes).all()


def test_the_end_of_a_support_belongs_to_it():
    """The slopes there are those from within: of an exponential density, a power, a uniform."""
    assert dr.grad(stats.expon.pdf)(0.0) == -1
    assert dr.grad(stats.expon.cdf)(0.0) == 1
    assert dr.grad(stats.gamma.logpdf)(0.0, 1.0) == -1
    assert dr.grad(stats.weibull_min.logpdf)(0.0, 1.0) == -1
    assert dr.grad(stats.beta.pdf)(1.0, 2.0, 1.0) == 2
    assert dr.grad(stats.uniform.cdf)(1.0) == 1
    # but a density that is 0 there has slope 0, as outside
    assert dr.grad(stats.gamma.pdf)(0.0, 2.0) == 0
    assert dr.grad(stats.beta.pdf)(0.0, 2.0, 2.0) == 0


def test_the_laplace_density_is_flat_on_its_peak():
    assert dr.grad(stats.laplace.pdf)(0.0) == 0
    assert dr.grad(stats.laplace.logpdf)(0.0) == 0


def reference(f, *args):
    """The derivative of f by its first argument, in many digits."""
    with mpmath.workdps(60):
        return float(mpmath.diff(lambda x: f(x, *map(mpmath.mpf, args)), mpmath.mpf(args[0])))


def normal_tail(z):
    return mpmath.log(mpmath.erfc(-z / mpmath.sqrt(2)) / 2)


@pytest.mark.parametrize("z", [-1e4, -300.0, -30.0, -2.0, 0.0, 5.0])
def test_the_tail_of_the_normal_distribution_has_all_its_digits(z):
    with mpmath.workdps(40):
        hazard = float(
            mpmath.npdf(mpmath.mpf(z)) / (mpmath.erfc(-mpmath.mpf(z) / mpmath.sqrt(2)) / 2)
        )
    for x, f, sign in ((z, stats.norm.logcdf, 1), (-z, stats.norm.logsf, -1)):
        np.testing.assert_allclose(sign * hazard, dr.grad(f)(x), rtol=1e-13)
        expected = [sign * hazard, -sign * hazard, -sign * x * hazard]
        slopes = dr.grad(f, argnums=(0, 1, 2))(x, 0.0, 1.0)
        np.testing.assert_allclose(expected, slopes, rtol=1e-13)
        # d2 log F = -h (z + h), which is near -1: rtol of the cancellation, z^2 times rounding
        second = -hazard * (z + hazard)
        if z > -100:
            np.testing.assert_allclose(second, dr.hessian(f)(x), rtol=1e-9)


TAILS = [
    (
        stats.lognorm.logcdf,
        (1e-30, 0.9),
        lambda x, s: mpmath.log(mpmath.ncdf(mpmath.log(x) / s)),
    ),
    (
        stats.lognorm.logsf,
        (1e30, 0.9),
        lambda x, s: mpmath.log(mpmath.ncdf(-mpmath.log(x) / s)),
    ),
    (stats.halfnorm.logsf, (25.0,), lambda x: mpmath.log(mpmath.erfc(x / mpmath.sqrt(2)))),
    (stats.weibull_min.logsf, (70.0, 3.0), lambda x, c: -(x**c)),
    (stats.rayleigh.logsf, (1e4,), lambda x: -x * x / 2),
    (stats.gumbel_r.logcdf, (-12.0,), lambda x: -mpmath.exp(-x)),
    (stats.laplace.logcdf, (-500.0,), lambda x: x - mpmath.log(2)),
    (stats.logistic.logcdf, (-700.0,), lambda x: -mpmath.log1p(mpmath.exp(-x))),
    (stats.pareto.logsf, (1e9, 2.5), lambda x, b: -b * mpmath.log(x)),
    (
        stats.gamma.logsf,
        (300.0, 2.5),
        lambda x, a: mpmath.log(mpmath.gammainc(a, x, regularized=True)),
    ),
    (
        stats.gamma.logcdf,
        (1e-20, 2.5),
        lambda x, a: mpmath.log(mpmath.gammainc(a, 0, x, regularized=True)),
    ),
    (
        stats.beta.logcdf,
        (1e-20, 2.5, 1.5),
        lambda x, a, b: mpmath.log(mpmath.betainc(a, b, 0, x, regularized=True)),
    ),
    (
        stats.t.logcdf,
        (-1e6, 4.0),
        lambda x, df: mpmath.log(mpmath.betainc(df / 2, 0.5, 0, df / (df + x * x), True) / 2),
    ),
    (
        stats.f.logsf,
        (1e5, 3.0, 4.0),
        lambda x, m, n: mpmath.log(mpmath.betainc(n / 2, m / 2, 0, n / (n + m * x), True)),
    ),
    (
        stats.skewnorm.logpdf,
        (-20.0, 3.0),
        lambda x, a: mpmath.log(2 * mpmath.npdf(x) * mpmath.ncdf(a * x)),
    ),
]


@pytest.mark.parametrize(
    ("f", "args", "exact"), TAILS, ids=lambda v: getattr(v, "__qualname__", "")
)
def test_derivatives_hold_far_in_the_tails(f, args, exact):
    with mpmath.workdps(60):
        expected = [
            float(
                mpmath.diff(
                    lambda p, i=i: exact(
                        *map(mpmath.mpf, args[:i]), p, *map(mpmath.mpf, args[i + 1 :])
                    ),
                    mpmath.mpf(args[i]),
                )
            )
            for i in range(len(args))
        ]
    slopes = dr.grad(f, argnums=tuple(range(len(args))))(*args)
    # of the ratio dfn x / (dfn x + dfd) that fdtr hands on: so near to 1 it holds 11 digits
    np.testing.assert_allclose(expected, slopes, rtol=1e-10 if f == stats.f.logsf else 1e-11)


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "vonmises"])
def test_the_probability_below_a_quantile_does_not_move(name):
    """d/dp cdf(ppf(q, p), p) is 0, by the shapes, loc and scale."""
    dist = getattr(stats, name)
    parameters = np.array([*(1.3 * s for s in SHAPES[name]), 0.2, 1.4])
    for there, back in ((dist.ppf, dist.cdf), (dist.isf, dist.sf)):
        for q in (0.03, 0.6):
            slopes = dr.grad(lambda p, there=there, back=back, q=q: back(there(q, *p), *p))(
                parameters
            )
            np.testing.assert_allclose(0, slopes, atol=1e-9)
            by_q = dr.grad(
                lambda q, there=there, back=back: back(there(q, *parameters), *parameters)
            )
            np.testing.assert_allclose(1, by_q(q), rtol=1e-9)


def test_a_mass_of_probability_0_may_have_a_slope():
    """Where the parameter is at its bound: 1 of mu = 0, p^k at p = 0, and their kin."""
    d = dr.derivative
    assert d(lambda mu: stats.poisson.pmf(1, mu))(0.0) == 1
    assert d(lambda mu: stats.poisson.logpmf(0, mu))(0.0) == -1
    assert d(lambda p: stats.bernoulli.pmf(1, p))(0.0) == 1
    assert d(lambda p: stats.binom.pmf(4, 5, p))(1.0) == -5
    assert d(lambda p: stats.binom.pmf(0, 0, p))(0.5) == 0
    assert d(lambda p: stats.geom.pmf(2, p))(1.0) == -1
    assert d(lambda p: stats.nbinom.pmf(1, 3, p))(1.0) == -3


@pytest.mark.parametrize("name", COUNTS)
def test_between_whole_numbers_there_is_no_mass_to_move(name):
    dist, shapes = getattr(stats, name), COUNTS[name]
    k = np.array([-1.0, 0.5, 1.5])
    for method in ("pmf", "logpmf"):
        slope = dr.grad(lambda p, m=method: np.sum(getattr(dist, m)(k, *shapes[:-1], p)))(
            shapes[-1]
        )
        assert slope == 0
    by_p = dr.grad(lambda p: dist.cdf(1.7, *shapes[:-1], p))(shapes[-1])
    assert by_p == dr.grad(lambda p: dist.cdf(1, *shapes[:-1], p))(shapes[-1])


@pytest.mark.parametrize(
    ("f", "argument", "position", "args"),
    [
        (stats.kstwo.logpdf, "x", 0, (0.3, 10)),
        (stats.studentized_range.cdf, "df", 2, (1.2, 3, 8.0)),
        (stats.levy_stable.logpdf, "alpha", 1, (0.3, 1.5, 0.5)),
        (stats.levy_stable.cdf, "scale", 4, (0.3, 1.0, 0.5, 0.0, 2.0)),
        (stats.nchypergeom_wallenius.pmf, "odds", 4, (25, 140, 80, 60, 0.5)),
        (stats.binom.logpmf, "n", 1, (2, 5.0, 0.4)),
        (stats.binom.cdf, "n", 1, (2, 5.0, 0.4)),
        (stats.poisson.logpmf, "k", 0, (2.0, 1.3)),
        (stats.poisson.pmf, "loc", 2, (2, 1.3, 0.0)),
    ],
)
def test_what_has_no_derivative_is_refused_by_name(f, argument, position, args):
    with pytest.raises(dr.MissingRuleError, match=f"`{argument}` traced") as error:
        dr.grad(f, argnums=position)(*args)
    assert f"scipy.stats.{f.__self__.name}.{f.__name__}" in str(error.value)


def test_steps_and_quantiles_of_counts_are_constant_but_for_loc():
    assert dr.grad(stats.poisson.cdf)(2.0, 1.3) == 0
    assert dr.grad(stats.poisson.ppf, argnums=(0, 1, 2))(0.4, 1.3, 0.0) == (0, 0, 1)
    law = stats.nchypergeom_wallenius
    assert dr.grad(law.ppf, argnums=(4, 5))(0.4, 140, 80, 60, 0.5, 0.0) == (0, 1)


def test_signatures_are_scipys():
    for call in (
        lambda norm, gamma: gamma.pdf(1.0),
        lambda norm, gamma: norm.pdf(1.0, 0.0, 1.0, 2.0),
        lambda norm, gamma: gamma.pdf(1.0, a=2.0, b=1.0),
        lambda norm, gamma: gamma(),
        lambda norm, gamma: norm.pdf(),
    ):
        for module in (scipy.stats, stats):
            with pytest.raises(TypeError):
                call(module.norm, module.gamma)
    x = 0.7
    expected = scipy.stats.gamma.pdf(x, 2.0, scale=3.0)
    assert (
        expected == stats.gamma.pdf(x, a=2.0, loc=0, scale=3.0) == stats.gamma(2.0, 0, 3.0).pdf(x)
    )
    slope = dr.grad(lambda scale: stats.gamma(a=2.0, scale=scale).pdf(x))(3.0)
    assert slope == dr.grad(stats.gamma.pdf, argnums=3)(x, 2.0, 0.0, 3.0)


def test_lists_of_traced_numbers_are_arguments():
    value = dr.grad(lambda p: np.sum(stats.norm.logpdf([p[0], 1.0], [p[1], 2 * p[1]])))
    np.testing.assert_allclose([-0.5, 0.5], value(np.array([1.0, 0.5])), rtol=1e-14)


def test_everything_else_is_scipys_for_plain_numbers_only():
    assert scipy.stats.norm.mean(2.0) == stats.norm.mean(2.0) == stats.norm(2.0).mean()
    assert scipy.stats.gamma.fit([1.0, 2.0, 4.0], floc=0) == stats.gamma.fit(
        [1.0, 2.0, 4.0], floc=0
    )
    assert stats.poisson(3.0).rvs(size=4, random_state=0).shape == (4,)
    assert stats.zscore([1.0, 3.0]).tolist() == [-1, 1]
    for call in (
        lambda m: stats.gamma.rvs(m, size=2),
        lambda m: stats.multivariate_normal(m * np.ones(2)).rvs(size=2),
        lambda m: stats.shapiro(m * np.arange(5.0)).statistic,
    ):
        with pytest.raises(dr.DualrevError):
            dr.grad(lambda m, call=call: np.sum(call(m)))(1.0)


def test_distributions_pickle_by_name():
    assert pickle.loads(pickle.dumps(stats.norm)) is stats.norm
    assert pickle.loads(pickle.dumps(stats.multivariate_normal)) is stats.multivariate_normal
    frozen = pickle.loads(pickle.dumps(stats.gamma(2.0, scale=3.0)))
    assert scipy.stats.gamma(2.0, scale=3.0).pdf(1.0) == frozen.pdf(1.0)


# ------------------------------------------------------------------------------- multivariate


@pytest.mark.parametrize(
    ("x", "mean", "cov"),
    [
        (0.3, None, 1),
        (np.array([0.3, 1.0]), None, 2.0),
        (np.array([0.3, 1.0]), [0.0, 1.0], 2.0),
        (np.array([0.3, 1.0]), [0.0, 1.0], [2.0, 0.5]),
        (np.array([[0.3], [1.0]]), [0.0, 1.0], [[2.0, 0.5], [0.5, 1.0]]),
        (np.ones((2, 3, 2)), None, [[2.0, 0.5], [0.5, 1.0]]),
        (0.5, [0.0, 1.0], 1.0),
    ],
)
@pytest.mark.parametrize("method", ["logpdf", "pdf"])
def test_the_multivariate_normal_takes_what_scipys_takes(method, x, mean, cov):
    ours, scipys = (getattr(m.multivariate_normal, method) for m in (stats, scipy.stats))
    expected = scipys(x, mean, cov)
    np.testing.assert_array_equal(expected, ours(x, mean, cov), strict=True)
    frozen = stats.multivariate_normal(mean, cov)
    np.testing.assert_array_equal(expected, getattr(frozen, method)(x), strict=True)
    x = np.asarray(x, float)[()]
    value, _ = dr.vjp(lambda x: ours(x, mean, cov), x)
    np.testing.assert_array_equal(expected, value, strict=True)
    if mean is None:
        assert (
            np.shape(expected)
            == dr.jvp(lambda c: ours(x, cov=c * np.array(cov)), (1.0,), (1.0,))[1].shape
        )


def test_the_multivariate_normal_of_one_dimension_is_the_normal():
    f = dr.grad(lambda x, m, v: stats.multivariate_normal.logpdf(x, m, v), argnums=(0, 1, 2))
    g = dr.grad(lambda x, m, v: stats.norm.logpdf(x, m, np.sqrt(v)), argnums=(0, 1, 2))
    np.testing.assert_allclose(g(0.3, 0.1, 2.0), f(0.3, 0.1, 2.0), rtol=1e-13)


def test_a_singular_covariance_is_differentiated_by_x_and_mean_only():
    cov = np.array([[1.0, 1.0], [1.0, 1.0]])
    x = np.array([0.5, 0.5])

    def f(x, cov):
        return stats.multivariate_normal.logpdf(x, cov=cov, allow_singular=True)

    # On the line x1 = x2 it is the normal distribution of (x1 + x2) / sqrt(2), of variance 2.
    np.testing.assert_allclose([-0.25, -0.25], dr.grad(f)(x, cov), rtol=1e-12)
    with pytest.raises(dr.MissingRuleError, match="singular `cov`"):
        dr.grad(f, argnums=1)(x, cov)
    with pytest.raises(np.linalg.LinAlgError):
        dr.grad(lambda x: stats.multivariate_normal.logpdf(x, cov=cov))(x)


def test_a_covariance_object_is_refused_where_a_derivative_is_taken():
    cov = scipy.stats.Covariance.from_diagonal([1.0, 2.0])
    x = np.array([0.5, 0.5])
    expected = scipy.stats.multivariate_normal.logpdf(x, cov=cov)
    assert expected == stats.multivariate_normal.logpdf(x, cov=cov)
    with pytest.raises(dr.ArgumentError, match="Covariance"):
        dr.grad(lambda x: stats.multivariate_normal.logpdf(x, cov=cov))(x)


@pytest.mark.parametrize("method", ["logpdf", "pdf"])
def test_dirichlet_takes_what_scipys_takes(method):
    ours, scipys = (getattr(m.dirichlet, method) for m in (stats, scipy.stats))
    alpha = np.array([0.5, 1.0, 3.0])
    for x in ([0.2, 0.3, 0.5], [0.2, 0.3], np.array([[0.2], [0.3]]), [[0.2, 0.1], [0.3, 0.6]]):
        expected = scipys(x, alpha)
        np.testing.assert_array_equal(expected, ours(x, alpha), strict=True)
        np.testing.assert_array_equal(expected, getattr(stats.dirichlet(alpha), method)(x))
        value, tangent = dr.jvp(lambda a, x=x: ours(x, a), (alpha,), (alpha,))
        np.testing.assert_array_equal(expected, value, strict=True)
        assert np.shape(tangent) == np.shape(expected)
    with pytest.raises(ValueError, match="simplex"):
        dr.grad(lambda x: ours(x, alpha))(np.array([0.2, 0.3, 0.6]))


def test_dirichlet_of_two_is_beta():
    f = dr.grad(lambda x, a, b: stats.dirichlet.logpdf([x], [a, b]), argnums=(0, 1, 2))
    g = dr.grad(stats.beta.logpdf, argnums=(0, 1, 2))
    np.testing.assert_allclose(g(0.3, 0.7, 2.0), f(0.3, 0.7, 2.0), rtol=1e-13)


def test_a_mean_of_shapes_that_broadcast_has_slopes():
    """Of betaprime it is a / (b - 1)."""
    a, b = np.array([[2.0], [3.0]]), np.array([1.5, 2.5, 4.0])
    by_a, by_b = dr.grad(lambda *shapes: np.sum(stats.betaprime.mean(*shapes)), argnums=(0, 1))(
        a, b
    )
    np.testing.assert_allclose(np.broadcast_to(np.sum(1 / (b - 1)), a.shape), by_a)
    np.testing.assert_allclose(-np.sum(a) / (b - 1) ** 2, by_b)
