"""Arrays of Dask: derivatives of ndarrays, chunk by chunk, not computed before they are asked for."""

import tracemalloc

import numpy as np
import pytest

import dualrev as dr

dask = pytest.importorskip("dask")
array = pytest.importorskip("dask.array")

RNG = np.random.default_rng(3)
DATA, LABELS = RNG.normal(size=(60, 5)), np.arange(60) % 3 % 2 * 1.0
W, T = RNG.normal(size=5), RNG.normal(size=5)
U, V = RNG.normal(size=(20, 30)), RNG.normal(size=(20, 30))
ROWS, SQUARES = (30, 5), (12, 16)


def logistic(w, X, y):
    z = X @ w
    return np.mean(np.logaddexp(0, z) - y * z) + 0.01 * np.sum(w**2)


def linear(w, X, y):
    residual = X @ w - y
    return residual @ residual / len(y)


def ridge(w, X, y):
    """The penalty's share w[0] to the coefficients that it leaves."""
    penalty = np.exp(w[0]) * np.eye(X.shape[1])
    return np.sum(np.linalg.solve(X.T @ X + penalty, X.T @ y) * w)


def surface(u):
    along, across = u[1:] - u[:-1], u[:, 1:] - u[:, :-1]
    double_well = np.sum((u**2 - 1) ** 2)
    return 0.5 * np.sum(along**2) + 0.5 * np.sum(across**2) + 0.25 * double_well - np.sum(0.1 * u)


def five_points(u):
    neighbours = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
    return np.sum(np.tanh(neighbours - 4 * u[1:-1, 1:-1]) ** 2)


def two_colours(u):
    return np.sum(u[::2, 1::2] ** 2 * u[-2::-2, ::2]) + u[3, -1] ** 2


def periodic(u):
    return np.sum((np.roll(u, 1, axis=0) - u) ** 2) + np.sum(np.diff(u, axis=1) ** 4)


def normalized(u):
    return np.sum(np.abs(u - u.mean(axis=0)) / u.std(axis=0)) + np.sum(u.sum(axis=0) ** 2)


REGRESSIONS = logistic, linear, ridge
STENCILS = surface, five_points, two_colours, periodic, normalized
SCHEDULERS = "synchronous", "threads", "distributed"


@pytest.fixture(params=SCHEDULERS)
def scheduler(request):
    if request.param == "distributed":
        distributed = pytest.importorskip("distributed")
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
            ) as cluster,
            distributed.Client(cluster),
        ):
            yield
    else:
        with dask.config.set(scheduler=request.param):
            yield


def in_chunks(x, chunks):
    return array.from_array(x, chunks[: x.ndim])


def uncomputed(x):
    """An array of Dask's that raises when a number of it is computed."""

    def block(x):
        raise AssertionError("a number was asked for")

    return x.map_blocks(block, dtype=float, meta=np.empty((0,) * x.ndim))


def derivatives(f, x, t, *others):
    """Value, gradient, product with the Hessian, value and slope along t, gradient by the pullback."""
    value, gradient = dr.value_and_grad(f)(x, *others)
    along, slope = dr.jvp(lambda x: f(x, *others), (x,), (t,))
    pulled = dr.vjp(lambda x: f(x, *others), x)[1](1.0)[0]
    return value, gradient, dr.hvp(f)(x, t, *others), along, slope, pulled


def check(f, plain, chunked):
    found = derivatives(f, *chunked)
    assert all(type(x) is array.Array for x in found)
    for expected, x in zip(derivatives(f, *plain), dask.compute(*found), strict=True):
        np.testing.assert_allclose(x, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("w_in_chunks", [False, True], ids=["array", "dask"])
@pytest.mark.parametrize("f", REGRESSIONS)
def test_regression_on_chunks_of_rows_has_the_derivatives_of_numpys(f, w_in_chunks):
    data = in_chunks(DATA, ROWS), in_chunks(LABELS, ROWS)
    w = [array.from_array(x, 5) if w_in_chunks else x for x in (W, T)]
    with dask.config.set(scheduler="synchronous"):
        check(f, (W, T, DATA, LABELS), (*w, *data))


@pytest.mark.one_in(2)
@pytest.mark.parametrize("f", STENCILS)
def test_stencil_on_chunks_of_a_grid_has_the_derivatives_of_numpys(f):
    with dask.config.set(scheduler="synchronous"):
        check(f, (U, V), (in_chunks(U, SQUARES), in_chunks(V, SQUARES)))


def test_every_scheduler_computes_the_same(scheduler):
    data = in_chunks(DATA, ROWS), in_chunks(LABELS, ROWS)
    of_parameters = dr.grad(logistic)(W, *data)
    of_grid = dr.grad(five_points)(in_chunks(U, SQUARES))
    of_parameters, of_grid = dask.compute(of_parameters, of_grid)
    np.testing.assert_allclose(of_parameters, dr.grad(logistic)(W, DATA, LABELS), rtol=1e-10)
    np.testing.assert_allclose(of_grid, dr.grad(five_points)(U), atol=1e-12)


@pytest.mark.parametrize("f", REGRESSIONS)
def test_derivatives_of_a_regression_compute_nothing(f):
    data = uncomputed(in_chunks(DATA, ROWS)), uncomputed(in_chunks(LABELS, ROWS))
    derivatives(f, W, T, *data)
    derivatives(lambda X: f(W, X, data[1]), data[0], DATA)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("f", STENCILS)
def test_derivatives_on_a_grid_compute_nothing(f):
    u = uncomputed(in_chunks(U, SQUARES))
    derivatives(f, u, u)


@pytest.mark.filterwarnings("error")
def test_a_compiled_function_that_captures_dasks_arrays_says_so_and_computes_nothing():
    X = uncomputed(in_chunks(DATA, ROWS))
    slope = dr.compile(dr.grad(lambda w: logistic(w, X, LABELS)))
    with pytest.warns(dr.PerformanceWarning, match="Array"):
        assert type(slope(W)) is array.Array


@pytest.mark.one_in(2)
@pytest.mark.parametrize("f", [f for f in STENCILS if f is not periodic])
def test_cotangents_have_the_chunks_of_their_primals(f):
    u = in_chunks(U, SQUARES)
    assert u.chunks == dr.grad(f)(u).chunks == dr.hvp(f)(u, u).chunks


def tasks(x):
    (x,) = dask.optimize(x)
    return len(x.__dask_graph__())


@pytest.mark.one_in(2)
@pytest.mark.parametrize("f", STENCILS)
def test_tasks_grow_with_the_chunks_and_a_gradient_has_at_most_eight_times_those_of_its_function(f):
    few, many = (array.ones((n * 20, 60), chunks=(20, 20)) for n in (4, 8))
    assert tasks(dr.grad(f)(few)) <= 8 * tasks(f(few))
    assert tasks(dr.grad(f)(many)) < 2.5 * tasks(dr.grad(f)(few))


def test_tasks_of_a_regression_grow_with_the_chunks():
    few, many = (array.ones((n * 20, 5), chunks=ROWS) for n in (10, 20))
    count = lambda X: tasks(dr.grad(logistic)(W, X, X[:, 0]))  # noqa: E731
    assert count(many) < 2.2 * count(few)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("f", [np.sum, np.mean, lambda u: u[0, 0], lambda u: u[1] @ u[2]])
def test_a_gradient_by_more_than_memory_is_made_without_its_memory(f):
    u = array.zeros((16_000, 16_000), chunks=4_000)  # 2 GB
    tracemalloc.start()
    made = dr.grad(f)(u), dr.grad(lambda v: f(u))(array.zeros_like(u))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(type(x), x.chunks) for x in made] == [(array.Array, u.chunks)] * 2
    assert peak < 1e8


def test_gradient_of_each_chunk_in_map_blocks_and_with_halos():
    u = in_chunks(U, SQUARES)
    of_one = lambda u: np.sum(np.sin(u) ** 3)  # noqa: E731
    blocks = u.map_blocks(dr.grad(of_one), dtype=float)
    np.testing.assert_allclose(blocks.compute(), dr.grad(of_one)(U))
    halos = u.map_overlap(dr.grad(five_points), depth=2, boundary="none", dtype=float)
    np.testing.assert_allclose(halos.compute(), dr.grad(five_points)(U), atol=1e-12)


def test_gradients_of_parts_are_delayed():
    parts = [slice(i, i + 20) for i in (0, 20, 40)]
    gradient = dask.delayed(dr.grad(lambda w, X, y: np.sum((X @ w - y) ** 2)))
    total = dask.delayed(sum)([gradient(W, DATA[part], LABELS[part]) for part in parts])
    np.testing.assert_allclose(total.compute() / 60, dr.grad(linear)(W, DATA, LABELS))
