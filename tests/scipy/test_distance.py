"""Distances: coinciding points, ties, names and options, and the digits of near pairs."""

import inspect
import tracemalloc

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial import distance as scipys

import dualrev as dr
from dualrev.scipy.spatial import distance
from dualrev.testing import check_derivatives
from tests.cases import positive
from tests.nestings import second_derivatives
from tests.numeric import numeric_jacobian

RNG = np.random.default_rng(11)
# No two coordinates are so near that finite differences would meet a kink.
XA, XB = np.split(positive(9, 3), [5])
METRICS = [
    "braycurtis", "canberra", "chebyshev", "cityblock", "correlation", "cosine", "euclidean",
    "jensenshannon", "mahalanobis", "minkowski", "seuclidean", "sqeuclidean",
]  # fmt: skip
ALIASES = {
    "chebychev": "chebyshev", "ch": "chebyshev", "cblock": "cityblock", "c": "cityblock",
    "co": "correlation", "cos": "cosine", "eu": "euclidean", "E": "euclidean", "js": "jensenshannon",
    "mahal": "mahalanobis", "m": "minkowski", "pnorm": "minkowski", "s": "seuclidean",
    "sqe": "sqeuclidean", "test_euclidean": "euclidean",
}  # fmt: skip


@pytest.mark.parametrize("name", [*METRICS, "cdist", "pdist", "squareform"])
def test_signature_is_scipys(name):
    expected = inspect.signature(getattr(scipys, name)).parameters
    got = inspect.signature(getattr(distance, name)).parameters
    assert list(expected) == list(got)
    for parameter in expected:
        assert expected[parameter].default == got[parameter].default
        assert expected[parameter].kind == got[parameter].kind


@pytest.mark.parametrize("metric", METRICS)
def test_plain_points_give_scipys_answer(metric):
    assert_array_equal(scipys.cdist(XA, XB, metric), distance.cdist(XA, XB, metric))
    assert_array_equal(scipys.pdist(XA, metric), distance.pdist(XA, metric))


@pytest.mark.parametrize("alias", ALIASES)
def test_every_name_of_a_metric_is_known(alias):
    of_alias = dr.jacobian(lambda x: distance.cdist(x, XB, alias))(XA)
    of_name = dr.jacobian(lambda x: distance.cdist(x, XB, ALIASES[alias]))(XA)
    assert_array_equal(of_name, of_alias)
    value, _ = dr.vjp(lambda x: distance.cdist(x, XB, alias), XA)
    assert_allclose(scipys.cdist(XA, XB, alias), value, rtol=1e-15)


WITHOUT_WEIGHTS = "seuclidean", "mahalanobis", "jensenshannon"


@pytest.mark.parametrize(
    ("metric", "weighted"),
    [(metric, w) for metric in METRICS for w in (0, 1) if not (w and metric in WITHOUT_WEIGHTS)],
)
def test_slopes_are_the_derivatives_of_the_distances(metric, weighted):
    """With a weight of 0 too."""
    options = {"w": np.array([0.0, 2.0, 0.5])} if weighted else {}
    ct = RNG.standard_normal((5, 4))

    def f(x):
        return np.sum(ct * distance.cdist(x, XB, metric, **options))

    assert_allclose(numeric_jacobian(f, XA), dr.grad(f)(XA), atol=1e-8)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    "metric",
    ["canberra", "chebyshev", "cityblock", "euclidean", "seuclidean", "minkowski", "sqeuclidean"],
)
def test_coinciding_points_have_derivative_zero(metric, mode):
    options = {"p": 3} if metric == "minkowski" else {"V": np.ones(3)} if metric[:2] == "se" else {}
    jacobian = dr.jacobian(lambda x: distance.cdist(x, XA, metric, **options), mode=mode)(XA)
    for i in range(5):
        assert_array_equal(np.zeros((5, 3)), jacobian[i, i])
    zeros = np.zeros((2, 3))
    assert not dr.jacobian(lambda x: distance.pdist(x, metric, **options), mode=mode)(zeros).any()


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_vectors_that_coincide_have_derivative_zero(mode):
    u = XA[0]
    for metric in ("euclidean", "cityblock", "chebyshev", "canberra", "sqeuclidean", "braycurtis"):
        f = dr.jacobian(lambda x, metric=metric: getattr(distance, metric)(x, u), mode=mode)
        assert_array_equal(np.zeros(3), f(u))
    assert_array_equal(
        np.zeros(3), dr.jacobian(lambda x: distance.minkowski(x, u, 1.5), mode=mode)(u)
    )
    identity = np.eye(3)
    f = dr.jacobian(lambda x: distance.mahalanobis(x, u, identity), mode=mode)
    assert_array_equal(np.zeros(3), f(u))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_equal_largest_differences_share_equally(mode):
    u, v = np.array([1.0, -1.0, 0.5]), np.zeros(3)
    expected = [0.5, -0.5, 0.0]
    f = dr.jacobian(lambda x: distance.chebyshev(x, v), mode=mode)
    assert_array_equal(expected, f(u))
    f = dr.jacobian(lambda x: distance.cdist(x, v[None], "chebyshev")[0, 0], mode=mode)
    assert_array_equal([expected], f(u[None]))


def test_canberra_has_no_share_of_coordinates_that_are_both_zero():
    u, v = np.array([0.0, 1.0]), np.array([0.0, 2.0])
    assert_allclose([0, -4 / 9], dr.grad(lambda x: distance.canberra(x, v))(u))
    assert_allclose(
        [[0, -4 / 9]], dr.grad(lambda x: distance.cdist(x, v[None], "canberra").sum())(u[None])
    )


def test_near_pairs_keep_their_digits():
    """Sums over pairs by matrix products would leave 7 digits of a pair that is 1e-9 apart."""
    X = np.random.default_rng(0).standard_normal((30, 3)) + 100
    X[1] = X[0] + 1e-9 * np.array([1.0, -2.0, 0.5])
    ct = np.random.default_rng(1).standard_normal((30, 30))
    with mpmath.workdps(40):
        exact = [[mpmath.mpf(float(c)) for c in row] for row in X]
        expected = np.zeros_like(X)
        for i, a in enumerate(exact):
            for j, b in enumerate(exact):
                difference = [p - q for p, q in zip(a, b)]
                size = mpmath.sqrt(sum(c * c for c in difference))
                if size:
                    expected[i] += [float(ct[i, j] * c / size) for c in difference]
    _, pullback = dr.vjp(lambda x: distance.cdist(x, X), X)
    assert_allclose(expected, pullback(ct)[0], rtol=1e-12, atol=1e-12)
    t = np.random.default_rng(2).standard_normal(X.shape)
    _, tangent = dr.jvp(lambda x: distance.cdist(x, X), (X,), (t,))
    assert_allclose(np.sum(expected * t), np.sum(ct * tangent), rtol=1e-12)


def test_clusters_of_near_pairs_have_exact_derivatives():
    """Where most pairs are near, compared with the farthest, blocks of differences are taken."""
    X = np.concatenate([RNG.standard_normal((20, 2)) * 1e-8, [[1e3, 1e3]]])
    _, pullback = dr.vjp(lambda x: distance.cdist(x, X), X)
    cluster = dr.vjp(lambda x: distance.cdist(x, X[:-1] * 1e8), X[:-1] * 1e8)[1](np.ones((20, 20)))[
        0
    ]
    ct = np.ones((21, 21))
    ct[:, -1] = 0
    assert_allclose(cluster, pullback(ct)[0][:-1], rtol=1e-9)


def test_memory_of_a_derivative_is_that_of_the_distances():
    """1000 x 1000 pairs in 3 dimensions: no array of all their differences is made."""
    X = RNG.standard_normal((1000, 3))
    output = 8 * 1000 * 1000
    tracemalloc.start()
    dr.grad(lambda x: distance.cdist(x, X).sum())(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * output


def test_metric_of_the_users_own():
    def metric(u, v, scale):
        return scale * np.sum((u - v) ** 4)

    f = lambda a, b, s: distance.cdist(a, b, metric, scale=s)  # noqa: E731
    assert check_derivatives(lambda args: f(*args), (XA, XB, 2.0)) < 1e-5
    assert check_derivatives(lambda x: distance.pdist(x, metric, scale=2.0), XA) < 1e-5
    assert distance.pdist(XA[:1], metric, scale=2.0).shape == (0,)


def test_scipys_functions_are_metrics_too():
    expected = dr.jacobian(lambda x: distance.cdist(x, XB, "cosine"))(XA)
    assert_allclose(
        expected, dr.jacobian(lambda x: distance.cdist(x, XB, scipys.cosine))(XA), rtol=1e-9
    )


@pytest.mark.parametrize("metric", ["hamming", "jaccard"])
def test_counting_metrics_carry_no_derivative(metric):
    jacobian = dr.jacobian(lambda x: distance.cdist(x, XB, metric) + 0 * x.sum())(XA)
    assert_array_equal(np.zeros((5, 4, 5, 3)), jacobian)


def test_variances_and_covariance_by_default_depend_on_the_points():
    for metric in ("seuclidean", "mahalanobis"):
        assert check_derivatives(lambda x, metric=metric: distance.cdist(x, XB, metric), XA) < 1e-5
    with pytest.raises(ValueError, match="observations"):
        dr.grad(lambda x: distance.pdist(x, "mahalanobis").sum())(XA[:3])


def test_integers_and_float32_give_float64():
    assert (
        dr.vjp(lambda x: distance.cdist(x, np.arange(6).reshape(2, 3)), XA)[0].dtype == np.float64
    )
    value, pullback = dr.vjp(lambda x: distance.cdist(x, XB), XA.astype(np.float32))
    assert value.dtype == np.float64
    assert pullback(np.ones((5, 4)))[0].dtype == np.float32


def test_lists_of_traced_numbers_are_points():
    f = lambda u: distance.euclidean([u[0], 2 * u[1]], [0.0, 0.0])  # noqa: E731
    assert_allclose([0.6, 1.6], dr.grad(f)(np.array([3.0, 2.0])))


BAD = {
    "unknown metric": lambda x: distance.cdist(x, XB, "nonsense"),
    "metric of a number": lambda x: distance.cdist(x, XB, 3),
    "columns": lambda x: distance.cdist(x, XB[:, :2]),
    "dimensions": lambda x: distance.cdist(x[0], XB),
    "dimensions of pdist": lambda x: distance.pdist(x[0]),
    "dimensions of a function's": lambda x: distance.cdist(x[0], XB, lambda u, v: np.sum(u * v)),
    "columns of a function's": lambda x: distance.cdist(x[:, :1], XB, lambda u, v: np.sum(u * v)),
    "complex": lambda x: distance.cdist(x + 1j, XB),
    "complex pdist": lambda x: distance.pdist(x + 1j),
    "negative weight": lambda x: distance.cdist(x, XB, w=-np.ones(3)),
    "option": lambda x: distance.cdist(x, XB, q=3),
    "square": lambda x: distance.squareform(x),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_raise_what_scipy_raises(name):
    with pytest.raises((ValueError, TypeError)) as expected:
        BAD[name](XA)
    with pytest.raises(expected.type):
        dr.jacobian(BAD[name])(XA)


REFUSED = {
    "order": lambda x: distance.cdist(XA, XB, "minkowski", p=x[0, 0]),
    "order of two vectors": lambda x: distance.minkowski(x[0], x[1], p=x[0, 0]),
    "weights of counts": lambda x: distance.cdist(XA, XB, "hamming", w=x[0]),
    "out": lambda x: distance.cdist(x, XB, out=np.zeros((5, 4))),
    "another function": lambda x: distance.yule(x[0], x[1]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_known_raises_with_a_repair(name):
    with pytest.raises(dr.DualrevError, match="fix:"):
        dr.jacobian(REFUSED[name])(XA)


@pytest.mark.parametrize("count", [0, 1])
def test_empty_sets_of_points(count):
    X = XA[:count]
    assert_array_equal(np.zeros((count, 3)), dr.grad(lambda x: distance.pdist(x).sum())(X))
    assert dr.vjp(lambda x: distance.cdist(x, XB[:0]), X)[0].shape == (count, 0)
    assert dr.jvp(distance.pdist, (X,), (X,))[1].shape == (0,)


def test_squareform_is_linear_both_ways():
    v = RNG.standard_normal(6)
    D = scipys.squareform(v)
    assert_array_equal(v, dr.vjp(distance.squareform, D)[0])
    assert_array_equal(D, dr.vjp(distance.squareform, v)[0])
    with pytest.raises(ValueError, match="symmetric"):
        dr.grad(lambda x: distance.squareform(x).sum())(RNG.standard_normal((3, 3)))


@pytest.mark.one_in(8)
@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("of", ["to sites", "from sites", "pairs"])
@pytest.mark.parametrize(
    ("metric", "options"),
    [
        ("euclidean", {}),
        ("euclidean", {"w": np.array([1.0, 2.0])}),
        ("seuclidean", {"V": np.array([1.0, 2.0])}),
        ("mahalanobis", {"VI": np.array([[2.0, 0.5], [0.5, 1.0]])}),
        ("minkowski", {"p": 3}),
        ("minkowski", {"p": 1.5}),
        ("cityblock", {}),
        ("chebyshev", {}),
    ],
)
def test_a_distance_of_coinciding_points_has_no_second_derivative(metric, options, of, power):
    """Its diagonal: a mixed one, of another kink, may be 0."""
    site = np.array([[1.0, 2.0], [4.0, -3.0]])
    f = {
        "to sites": lambda x: np.sum(distance.cdist(x[None], site, metric, **options) ** power),
        "from sites": lambda x: np.sum(distance.cdist(site, x[None], metric, **options) ** power),
        "pairs": lambda x: np.sum(distance.pdist(np.stack([x, *site]), metric, **options) ** power),
    }[of]
    for _, hessian in second_derivatives(f, site[0]):
        np.testing.assert_array_equal(np.nan, np.diag(hessian))


def test_the_squared_distance_of_coinciding_points_is_smooth():
    site = np.array([[1.0, 2.0]])
    for f in (
        lambda x: np.sum(distance.cdist(x[None], site, "sqeuclidean")),
        lambda x: distance.sqeuclidean(x, site[0]),
    ):
        for _, hessian in second_derivatives(f, site[0]):
            np.testing.assert_array_equal(2 * np.eye(2), hessian)


def test_distances_of_one_set_have_the_second_derivatives_of_its_pairs():
    """The diagonal of zeros, where nothing moves, has no say."""
    x = np.array([[0.0, 0.5], [3.0, 4.0], [1.0, -1.0]])
    by_pairs = dr.hessian(lambda x: 2 * np.sum((distance.pdist(x) - 1) ** 2))(x)
    by_rows = dr.hessian(lambda x: np.sum((distance.cdist(x, x) - 1 + np.eye(3)) ** 2))(x)
    np.testing.assert_allclose(by_pairs, by_rows, atol=1e-12)


@pytest.mark.parametrize("metric", [distance.euclidean, distance.minkowski])
def test_a_distance_of_complex_vectors_grows_with_the_absolute_value(metric):
    v = np.array([0.3 + 0.8j, 0.7 - 0.2j])
    gradient = dr.grad(lambda u: metric(u, v))(np.array([0.4, 0.1]))
    np.testing.assert_allclose(np.array([0.1, -0.6]) / np.sqrt(0.65 + 0.4), gradient)


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("metric", [distance.braycurtis, distance.canberra])
def test_a_distance_that_leaves_out_imaginary_parts_is_refused(metric):
    with pytest.raises(dr.ComplexError, match="imaginary"):
        dr.grad(lambda u: metric(u, np.array([1j, 2.0])))(np.ones(2))


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize(
    "of_weights",
    [
        lambda w: distance.euclidean(np.ones(2), np.zeros(2), w),
        lambda w: distance.cdist(np.ones((1, 2)), np.zeros((1, 2)), "cosine", w=w),
        lambda w: distance.pdist(np.eye(2), "seuclidean", V=w),
    ],
)
def test_weights_of_which_scipy_takes_the_real_parts_are_refused(of_weights):
    with pytest.raises(dr.ComplexError, match="imaginary"):
        dr.grad(lambda t: np.sum(of_weights(np.array([1.0, 2.0]) * (1 + 1j * t)).real))(0.3)


def test_a_kernel_of_points_with_themselves_has_a_second_derivative_if_they_are_one_array():
    """As docs/reference/limits.md says: of two arrays nobody knows that they move together."""
    points = np.array([[0.3, -1.2], [0.7, 0.4], [-0.5, 0.9]])

    def kernel(between):
        return lambda scale: np.sum(np.exp(-between(scale)))

    def of_one(scale):
        z = points / scale
        return distance.cdist(z, z) ** 2

    apart = kernel(lambda scale: distance.cdist(points / scale, points / scale) ** 2)
    squares = kernel(lambda s: distance.cdist(points / s, points / s, "sqeuclidean"))
    expected = dr.derivative(dr.derivative(squares))(1.3)
    assert_allclose(expected, dr.hvp(kernel(of_one))(1.3, 1.0), rtol=1e-13)
    assert_allclose(dr.grad(squares)(1.3), dr.grad(apart)(1.3), rtol=1e-13)
    assert np.isnan(dr.hvp(apart)(1.3, 1.0))
