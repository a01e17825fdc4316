"""A batch is its rows, in every twin; tests/test_batches.py asks the same of NumPy's functions.

All rows of the table, with every selection of the arguments: tests/thorough/test_batches.py.
"""

import warnings

import numpy as np
import pytest

import dualrev as dr
from dualrev import errors
from dualrev.scipy import integrate, interpolate, linalg, ndimage, signal, special
from dualrev.scipy.sparse import csr_array, eye_array
from dualrev.scipy.sparse.linalg import cg
from tests.cases import once
from tests.rows import each_row
from tests.test_batches import CASES, check, selections
from tests.test_laws import outputs_of, random_like

#: Of each twin a row.
ONCE = list({case.function: case for case in CASES if case.label.startswith("scipy")}.values())
#: What searches with numbers says so where a derivative is taken of each row.
SEARCH = ("-quad", "-splu", "(LinearOperator)")
#: What makes a sparse matrix of chosen entries, which differ from row to row, says so, too.
SEARCH += ("_path(d(9,", "_tree(d(9,", "csgraph_from_dense")
ONCE = [case for case in ONCE if not any(name in case.label for name in SEARCH)]


@pytest.fixture(autouse=True)
def quiet_about_rows():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dr.PerformanceWarning)
        yield


@each_row(ONCE)
def test_batched_equals_stacked(case):
    check(case, (True,) * len(case.args))


@pytest.mark.parametrize(
    "case", [c for c in ONCE if "correlate(" in c.label or "convolve(" in c.label], ids=str
)
def test_one_array_of_a_convolution_is_the_same_for_all_rows(case):
    for which in selections(len(case.args)):
        check(case, which)


MATRICES = (
    *("norms", "determinants", "equations", "least_squares"),
    *("decompositions", "eigenvalues", "scipy"),
)


@each_row([c for c in once(CASES)[::3] if c.label.startswith(MATRICES)])
def test_directions_at_one_point_are_a_batch(case):
    """As the columns and the rows of a Jacobian are, of which each is pushed or pulled alone."""
    rng = np.random.default_rng(20080612)
    f, args = outputs_of(case), case.args
    ts = [tuple(random_like(rng, x) for x in args) for _ in range(3)]
    ans, pull = dr.vjp(f, *args)
    cts = [random_like(rng, ans) for _ in range(3)]
    pushed = dr.vmap(lambda ts: dr.jvp(f, args, ts)[1])(tuple(map(np.stack, zip(*ts))))
    pulled = dr.vmap(lambda ct: dr.vjp(f, *args)[1](ct))(np.stack(cts))
    expected = np.stack([dr.jvp(f, args, t)[1] for t in ts])
    atol = 1e-10 * (1 + np.max(np.abs(expected), initial=0))
    np.testing.assert_allclose(pushed, expected, rtol=1e-10, atol=atol)
    for found, column in zip(pulled, zip(*map(pull, cts))):
        atol = 1e-10 * (1 + np.max(np.abs(column), initial=0))
        np.testing.assert_allclose(found, np.stack(column), rtol=1e-10, atol=atol)


# ------------------------------------------------------------------------- rows that differ


def assert_rows(f, *stacks, rtol=1e-9):
    """vmap(f), its gradients and products of its Hessian are those of each row."""
    ys = [f(*row) for row in zip(*stacks)]
    np.testing.assert_allclose(dr.vmap(f)(*stacks), np.stack(ys), rtol=rtol)
    weights = np.cos(np.arange(np.size(ys[0]))).reshape(np.shape(ys[0]))

    def loss(*args):
        return np.sum(weights * f(*args) ** 2)

    def gradients(*args):
        return dr.grad(loss, argnums=tuple(range(len(args))))(*args)

    def products(*args):
        return dr.jvp(gradients, args, args)[1]

    for derivative in (gradients, products):
        expected = [np.stack(c) for c in zip(*(derivative(*row) for row in zip(*stacks)))]
        found = dr.vmap(derivative)(*stacks)
        through = (
            dr.grad(lambda *args: np.sum(dr.vmap(loss)(*args)), argnums=tuple(range(len(stacks))))(
                *stacks
            )
            if derivative is gradients
            else found
        )
        for x, y, z in zip(expected, found, through):
            atol = rtol * np.max(np.abs(x), initial=0, where=np.isfinite(x))
            np.testing.assert_allclose(y, x, rtol=rtol, atol=atol)
            np.testing.assert_allclose(z, x, rtol=rtol, atol=atol)


def matrices(count, rows=3, columns=3, seed=0):
    return np.random.default_rng(seed).standard_normal((count, rows, columns))


@pytest.mark.parametrize(
    "f",
    [
        lambda a: linalg.lu(a)[1] @ linalg.lu(a)[2],
        lambda a: linalg.lu(a, permute_l=True)[0],
        lambda a: linalg.lu_solve(linalg.lu_factor(a), a[0]),
        lambda a: linalg.qr(a, pivoting=True)[1],
    ],
    ids=["lu", "lu, permuted", "lu_solve", "qr"],
)
def test_each_row_has_its_own_pivots(f):
    a = matrices(6)
    assert len({tuple(linalg.lu_factor(x)[1]) for x in a}) > 1
    assert_rows(f, a)


SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])


@pytest.mark.parametrize(
    "f",
    [
        np.linalg.det,
        linalg.det,
        np.linalg.pinv,
        linalg.pinv,
        lambda a: np.linalg.norm(a, "nuc"),
        lambda a: np.linalg.svd(a, compute_uv=False) ** 2,
        lambda a: np.linalg.norm(a, 2),
    ],
    ids=["numpy's det", "det", "numpy's pinv", "pinv", "nuclear norm", "singular values", "norm"],
)
def test_one_row_is_singular(f):
    assert_rows(f, np.stack([*matrices(2), SINGULAR, np.diag([1.0, 2.0, 4.0])]), rtol=1e-7)


def test_one_row_has_equal_eigenvalues():
    """A symmetric function of them has derivatives there too."""
    a = np.stack([x + x.T for x in matrices(2)] + [np.eye(3), np.diag([1.0, 1.0, 2.0])])
    assert_rows(lambda a: np.sum(np.linalg.eigvalsh(a) ** 3), a)
    assert_rows(lambda a: np.sum(linalg.eigh(a, eigvals_only=True) ** 3), a)


def test_only_the_row_without_a_basis_of_eigenvectors_has_no_derivative():
    nearly, exactly = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[0.0, 1e300], [0.0, 0.0]])
    a = np.stack([np.diag([1.0, 2.0]), nearly, exactly])
    good, *bad = dr.vmap(dr.grad(lambda a: np.linalg.eigvals(a).real[0]))(a)
    np.testing.assert_allclose(good, np.diag([1.0, 0.0]), atol=1e-15)
    assert np.isnan(bad).all()


def test_one_direction_that_is_not_finite_leaves_the_others():
    a = matrices(3)
    t = np.ones_like(a)
    t[1, 0, 0] = np.inf
    tangents = dr.vmap(lambda a, t: dr.jvp(linalg.expm, (a,), (t,))[1])(a, t)
    for k in (0, 2):
        np.testing.assert_allclose(tangents[k], dr.jvp(linalg.expm, (a[k],), (t[k],))[1])
    assert np.isnan(tangents[1]).all()


@pytest.mark.parametrize("kind", ["linear", "nearest"])
def test_each_row_of_an_interpolation_has_its_own_order_of_sites(kind):
    x = np.array([[0.0, 1.0, 2.5], [2.5, 0.0, 1.0], [1.0, 2.0, -1.0]])
    y = matrices(1)[0]
    at = np.array([[0.3, 1.7], [0.3, 2.1], [-0.4, 1.8]])
    assert_rows(lambda y, at: interpolate.interp1d(x[0], y, kind)(at), y[:2], at[:2])
    assert_rows(lambda x, y, at: interpolate.interp1d(x, y, kind)(at), x, y, at)


def test_rows_of_splines_are_in_intervals_of_their_own():
    x = np.array([[0.0, 1.0, 2.0, 3.0], [3.0, 4.0, 6.0, 7.0]])
    y, at = np.cos(x) + x, np.array([[0.5, 2.5], [6.5, 3.1]])
    assert_rows(lambda x, y, at: interpolate.CubicSpline(x, y)(at), x, y, at)
    assert_rows(lambda x, y, at: interpolate.PchipInterpolator(x, y)(at), x, y, at)


def test_least_squares_of_full_rank():
    a, b = matrices(3, 4, 2), matrices(3, 4, 1)[..., 0]
    assert_rows(lambda a, b: np.linalg.lstsq(a, b)[0], a, b)
    assert_rows(lambda b: np.linalg.lstsq(a[0], b)[0], b)
    assert_rows(lambda b: np.linalg.lstsq(a[0], b)[1], b)
    assert_rows(lambda a, b: linalg.lstsq(a, b)[0], a, b)


@pytest.mark.parametrize("axis", [None, 0, (0, 1)])
def test_softmax_along_axes_of_a_row(axis):
    x = matrices(3, 2, 4)
    assert_rows(lambda x: special.softmax(x, axis), x)
    assert_rows(lambda x: special.logsumexp(x, axis), x)


def test_a_failure_to_converge_is_that_of_its_row():
    a = np.stack([np.eye(3), np.diag([1.0, 2.0, 3.0])])
    b = np.ones((2, 3))
    info = dr.vmap(lambda a, b: cg(a, b, maxiter=2)[1])(a, b)
    assert [int(cg(*row, maxiter=2)[1]) for row in zip(a, b)] == info.tolist()
    assert len(set(info.tolist())) == 2


def test_a_sparse_matrix_of_a_batch_of_numbers():
    places = ([0, 1, 2, 0], [0, 1, 2, 1])
    data = matrices(2, 1, 4)[:, 0] + 3

    def f(data):
        matrix = csr_array((data, places), (3, 3))
        return cg(matrix @ matrix.T, matrix @ np.ones(3), rtol=1e-14)[0]

    np.testing.assert_allclose(dr.vmap(f)(data), [f(row) for row in data], rtol=1e-9)


def test_an_adaptive_integral_is_computed_row_by_row():
    p = np.array([0.5, 1.0, 40.0])

    def f(p):
        return integrate.quad(lambda x, p: np.exp(-p * x), 0, 1, args=(p,))[0]

    np.testing.assert_allclose(dr.vmap(f)(p), (1 - np.exp(-p)) / p)
    slope = dr.grad(lambda p: np.sum(dr.vmap(f)(p)))(p)
    np.testing.assert_allclose(slope, [dr.grad(f)(x) for x in p])


@pytest.mark.parametrize(
    ("f", "xs"),
    [
        (lambda b: integrate.quad_vec(np.exp, 0, b, full_output=True)[2], np.ones(2)),
        (lambda s: ndimage.gaussian_filter1d(np.ones(5), s), np.array([0.5, 3.0])),
        (
            lambda a: linalg.eigh(a, subset_by_value=[0.5, 9.0])[0],
            np.stack([np.diag([1.0, 2.0]), np.diag([0.0, 1.0])]),
        ),
        (lambda a: np.linalg.lstsq(a, np.ones(3))[1], np.stack([np.eye(3, 2), np.ones((3, 2))])),
        (lambda x: linalg.norm(x), np.array([[1.0, 2.0], [np.inf, 1.0]])),
    ],
    ids=["objects", "radius", "subset", "residuals", "not finite"],
)
def test_rows_that_do_not_agree_are_refused(f, xs):
    with pytest.raises((errors.DualrevError, ValueError)):
        dr.vmap(f)(xs)


def test_what_runs_row_by_row_is_told_by_its_name():
    with pytest.warns(
        dr.PerformanceWarning, match=r"lfilter runs row by row over a batch: 2 calls"
    ):
        dr.vmap(lambda b: signal.lfilter(b, [1.0], np.ones(3)))(np.ones((2, 2)))


def test_rows_side_by_side_are_no_calls_of_their_own():
    """What SciPy does along an axis, or with columns, is one call."""
    x, a = np.ones((2, 3, 4)), np.eye(3) + 1

    def f(x):
        y = signal.lfilter([1.0, 2.0], [1.0, 0.5], eye_array(3) @ x, axis=0)
        y = ndimage.uniform_filter1d(linalg.solve(a, y), 2, axis=1)
        y = signal.fftconvolve(y, np.ones((2, 2)))
        return integrate.simpson(interpolate.CubicSpline(np.arange(4), y)(0.5))

    with warnings.catch_warnings():
        warnings.simplefilter("error", dr.PerformanceWarning)
        dr.vmap(dr.grad(f))(x)
        dr.vmap(lambda b: np.linalg.lstsq(a[:, :2], b)[0])(x)


def by_variables_of_a_loop(p):
    total = 0.0
    for k in (1, 2, 3):
        total += integrate.quad(lambda x: np.exp(-p * x**k) * k, 0, 1)[0]
    return total


def by_an_array_that_changes(p):
    total, c = 0.0, np.ones(1)
    for k in (1.0, 2.0):
        c[0] = k
        power = lambda x: x**k  # noqa: E731
        total += k * integrate.quad_vec(lambda x: np.exp(-p * power(x)) * c[0], 0, 1)[0]
    return total


def by_a_right_side_of_a_loop(p):
    total = 0.0
    for k in (1.0, 2.0):
        found = integrate.solve_ivp(
            lambda t, y: -k * p * y, (0, 1), [1.0], rtol=1e-9, atol=1e-10, t_eval=[1.0]
        )
        total += found.y[0, -1] * k
    return total


def of_complex_values(p):
    value = integrate.quad(lambda x: np.exp(1j * p * x), 0, 2, complex_func=True)[0]
    return np.real(value) + 2 * np.imag(value)


def by_a_counter(p):
    count = 0

    def integrand(x):
        nonlocal count
        count += 1
        return np.exp(-p * x)

    value = integrate.quad(integrand, 0, 1)[0]
    assert count
    return value


@pytest.mark.parametrize(
    "f",
    [
        *(by_variables_of_a_loop, by_an_array_that_changes, by_a_right_side_of_a_loop),
        *(of_complex_values, by_a_counter),
    ],
)
def test_a_function_runs_again_for_its_derivative_as_it_was_when_it_was_given(f):
    """By then a variable of a loop has its last value: all terms had the slope of the last one."""
    rows = np.array([0.7, 0.9])
    for derivative in (dr.grad(f), dr.hessian(f)):
        expected = np.stack([derivative(p) for p in rows])
        np.testing.assert_allclose(expected, dr.vmap(derivative)(rows), rtol=1e-10)
