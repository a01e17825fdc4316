"""Distributions of vectors and matrices: each method against differences, frozen or not."""

import pickle

import numpy as np
import pytest
import scipy.stats
from scipy.integrate import quad

import dualrev as dr
from dualrev.scipy import stats
from tests.scipy.test_stats_functions import slope


def definite(n, seed):
    a = np.random.default_rng(seed).normal(size=(n, n))
    return a @ a.T / n + np.eye(n)


M, N, K = definite(3, 0), definite(2, 1), definite(3, 7)
RNG = np.random.default_rng(2)
X, POINTS, RECTANGLE = RNG.normal(size=3), RNG.normal(size=(5, 3)), RNG.normal(size=(3, 2))
ALPHA, P, COUNTS = np.array([1.5, 2.0, 0.7]), np.array([0.2, 0.5, 0.3]), np.array([2, 1, 3])
MU, DIRECTIONS = np.array([0.0, 0.6, 0.8]), np.eye(3)[:2]
GAMMA = (0.3, 1.2, 0.1, 1.5, 3.0, 1.1)
#: Distribution, its methods of x, x, its methods without, parameters, positions of those that move.
LAWS = [
    ("multivariate_normal", "logpdf pdf", POINTS, "entropy", (X, M), (0, 1)),
    ("multivariate_normal", "cdf", X[:2], "", (X[:2] / 3, N), (0, 1)),
    ("multivariate_t", "logpdf pdf", POINTS, "entropy", (X, M, 4.5), (0, 1, 2)),
    ("multivariate_t", "logpdf", X, "", (X / 2, np.eye(3), 4.5), (1,)),
    ("matrix_normal", "logpdf pdf", RECTANGLE, "", (RECTANGLE / 3, M, N), (0, 1, 2)),
    ("matrix_t", "logpdf pdf", RECTANGLE, "", (RECTANGLE / 3, M, N, 4.0), (0, 1, 2, 3)),
    ("wishart", "logpdf pdf", K, "mean var mode entropy", (5.5, M), (0, 1)),
    ("invwishart", "logpdf pdf", K, "mean var mode entropy", (6.5, M), (0, 1)),
    ("invwishart", "logpdf", 1.2, "mean", (6.5, 0.7), (0, 1)),
    ("dirichlet", "", None, "mean var cov entropy", (ALPHA,), (0,)),
    ("dirichlet_multinomial", "logpmf pmf", COUNTS, "mean var cov", (ALPHA, 6), (0,)),
    ("normal_inverse_gamma", "", None, "mean var", GAMMA[2:], (0, 1, 2, 3)),
    ("vonmises_fisher", "logpdf pdf", DIRECTIONS, "entropy", (MU, 2.5), (1,)),
]


def moved(args, place):
    """The arguments with another at a place, and the one that is there."""
    x = np.asarray(args[place], float)[()]
    return (lambda x: (*args[:place], x, *args[place + 1 :])), x


def joined(ans):
    return np.stack(ans) if isinstance(ans, tuple) else ans


def assert_slopes(ours, scipys, x):
    ours, scipys = (lambda x, f=f: joined(f(x)) for f in (ours, scipys))
    t = np.cos(3 * x + np.arange(np.size(x)).reshape(np.shape(x))) / 4
    expected = slope(scipys, np.asarray(x), t)
    value, tangent = dr.jvp(ours, (x,), (t,))
    np.testing.assert_allclose(scipys(x), value, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(expected, tangent, rtol=1e-6, atol=1e-8)
    ct = np.cos(np.arange(np.size(value))).reshape(np.shape(value))
    (pulled,) = dr.vjp(ours, x)[1](ct)
    np.testing.assert_allclose(np.sum(ct * tangent), np.sum(pulled * t), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize(("name", "of_x", "x", "without", "parameters", "moving"), LAWS)
@pytest.mark.filterwarnings("ignore::FutureWarning")  # of probabilities that differences move
def test_the_derivatives_are_those_of_differences(name, of_x, x, without, parameters, moving):
    if not hasattr(scipy.stats, name):
        pytest.skip(f"{name} is not in this SciPy")
    ours, scipys = getattr(stats, name), getattr(scipy.stats, name)
    for place in moving:
        at, parameter = moved(parameters, place)
        for method in [*of_x.split(), *without.split()]:
            given = (x,) if method in of_x.split() else ()
            assert_slopes(
                lambda p, m=method, g=given, at=at: getattr(ours, m)(*g, *at(p)),
                lambda p, m=method, g=given, at=at: getattr(scipys, m)(*g, *at(p)),
                parameter,
            )
            assert_slopes(
                lambda p, m=method, g=given, at=at: getattr(ours(*at(p)), m)(*g),
                lambda p, m=method, g=given, at=at: getattr(scipys(*at(p)), m)(*g),
                parameter,
            )
    for method in (
        of_x.split() if np.asarray(x).dtype == float and name != "vonmises_fisher" else ()
    ):
        assert_slopes(
            lambda x, m=method: getattr(ours(*parameters), m)(x),
            lambda x, m=method: getattr(scipys, m)(x, *parameters),
            x,
        )


@pytest.mark.parametrize("method", ["logpmf", "pmf", "mean", "cov"])
def test_probabilities_of_a_multinomial_add_to_one(method):
    """From SciPy 1.18 on it answers nan elsewhere."""
    x = (COUNTS,) if method.endswith("pmf") else ()
    assert_slopes(
        lambda w: getattr(stats.multinomial, method)(*x, 6, w / np.sum(w)),
        lambda w: getattr(scipy.stats.multinomial, method)(*x, 6, w / np.sum(w)),
        2 * P,
    )
    assert_slopes(
        lambda w: getattr(stats.multinomial(6, w / np.sum(w)), method)(*x),
        lambda w: getattr(scipy.stats.multinomial(6, w / np.sum(w)), method)(*x),
        2 * P,
    )


def test_the_density_of_the_normal_inverse_gamma_is_differentiated_by_all_its_arguments():
    for place in range(6):
        at, x = moved(GAMMA, place)
        assert_slopes(
            lambda p, at=at: stats.normal_inverse_gamma.logpdf(*at(p)),
            lambda p, at=at: scipy.stats.normal_inverse_gamma.logpdf(*at(p)),
            x,
        )


def test_the_entropy_of_the_matrix_normal_is_of_both_covariances():
    ours, scipys = stats.matrix_normal.entropy, scipy.stats.matrix_normal.entropy
    assert_slopes(lambda c: ours(c, N), lambda c: scipys(c, N), M)
    assert_slopes(lambda c: ours(M, c), lambda c: scipys(M, c), N)


@pytest.mark.parametrize("low", [None, np.array([-1.0, -np.inf]), np.array([0.5, -2.0])])
def test_the_probability_of_a_rectangle_moves_with_its_limits_and_the_matrix(low):
    """Where a limit is below the other, too: SciPy counts it negative."""
    mean = X[:2] / 3
    ours, scipys = stats.multivariate_normal.cdf, scipy.stats.multivariate_normal.cdf
    x = np.array([[0.3, -0.2], [1.0, 0.4]])
    assert_slopes(
        lambda x: ours(x, mean, N, lower_limit=low),
        lambda x: scipys(x, mean, N, lower_limit=low),
        x,
    )
    assert_slopes(
        lambda c: ours(x, mean, c, lower_limit=low),
        lambda c: scipys(x, mean, c, lower_limit=low),
        N,
    )
    at = dr.grad(lambda c: ours(x[0], mean, c, lower_limit=low))
    np.testing.assert_allclose(
        slope(at, N, N, 1e-4),
        dr.hvp(lambda c: ours(x[0], mean, c, lower_limit=low))(N, N),
        atol=1e-9,
    )


def test_in_three_dimensions_the_slopes_are_exact():
    """As of the integral over one coordinate of the probability in the other two."""
    b = np.array([0.3, -0.2, 0.5])

    def probability(b, c):
        s, k = c[2, 2], c[:2, 2] / c[2, 2]
        given = c[:2, :2] - np.outer(k, k) * s

        def density(x):
            inner = scipy.stats.multivariate_normal.cdf(b[:2] - k * x, None, given)
            return np.exp(-x * x / (2 * s)) / np.sqrt(2 * np.pi * s) * inner

        return quad(density, -12, b[2], epsabs=1e-13, epsrel=1e-12)[0]

    ours = stats.multivariate_normal.cdf
    np.testing.assert_allclose(probability(b, M), ours(b, None, M), atol=2e-5)  # SciPy's own error
    by_b, by_c = dr.grad(lambda b, c: ours(b, None, c), argnums=(0, 1))(b, M)
    np.testing.assert_allclose(slope(lambda b: probability(b, M), b, X, 1e-3), by_b @ X, rtol=1e-9)
    t = K + K.T
    expected = slope(lambda c: probability(b, c), M, t, 1e-3)
    np.testing.assert_allclose(expected, np.sum(by_c * t), rtol=1e-8)


@pytest.mark.parametrize(
    "call",
    [
        lambda c: stats.multivariate_normal.cdf(np.zeros(4), None, np.kron(np.eye(2), c[:2, :2])),
        lambda c: stats.multivariate_t.cdf(X, None, c, 3),
        lambda c: stats.wishart.rvs(5, c),
        lambda c: stats.wishart(5, c).rvs(),
        lambda c: stats.multivariate_normal(X, c).rvs(size=2),
        lambda c: stats.multivariate_t(X, np.outer(c[0], c[0]), 3.0, True).logpdf(X),
    ],
)
def test_what_is_estimated_at_random_or_has_no_density_is_refused(call):
    with pytest.raises(dr.MissingRuleError):
        dr.grad(lambda c: np.sum(call(c)))(M)


def test_frozen_distributions_have_scipys_attributes_and_pickle():
    assert pickle.loads(pickle.dumps(stats.wishart)) is stats.wishart
    frozen = pickle.loads(pickle.dumps(stats.wishart(5, M)))
    assert scipy.stats.wishart.logpdf(K, 5, M) == frozen.logpdf(K)
    np.testing.assert_array_equal(X, stats.multivariate_normal(X, M).mean)
    tangent = dr.jvp(lambda c: stats.matrix_normal(RECTANGLE, c, N).rowcov, (M,), (K,))[1]
    np.testing.assert_array_equal(K, tangent)
    with pytest.raises(ValueError, match="Degrees of freedom"):
        stats.wishart(1, M)
    drawn = stats.wishart.rvs(5, M, random_state=3)
    np.testing.assert_array_equal(drawn, scipy.stats.wishart(5, M).rvs(random_state=3))


def test_a_batch_of_matrices_is_computed_row_by_row():
    matrices = np.stack([M, K])
    with pytest.warns(dr.PerformanceWarning, match="row by row"):
        of_rows = dr.vmap(dr.grad(lambda c: stats.wishart(5, c).logpdf(K)))(matrices)
    expected = [dr.grad(lambda c: stats.wishart.logpdf(K, 5, c))(c) for c in matrices]
    np.testing.assert_allclose(expected, of_rows, rtol=1e-12)


def test_a_covariance_may_be_given_by_what_it_is_known_by():
    factor, variances = np.linalg.cholesky(M), np.array([1.0, 2.0, 0.5])
    for how, x in (
        ("from_diagonal", variances),
        ("from_cholesky", factor),
        ("from_precision", M),
    ):
        for method in ("logpdf", "pdf"):
            assert_slopes(
                *(
                    lambda x, of=of, m=method, how=how: getattr(of.multivariate_normal, m)(
                        POINTS, X, getattr(of.Covariance, how)(x)
                    )
                    for of in (stats, scipy.stats)
                ),
                x,
            )
    cov = stats.Covariance.from_cholesky(factor)
    assert_slopes(
        lambda x: stats.multivariate_normal(X, cov).logpdf(x),
        lambda x: scipy.stats.multivariate_normal(X, factor @ factor.T).logpdf(x),
        X / 3,
    )
