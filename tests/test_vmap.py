"""vmap: one call for many values equals the calls one by one."""

import copy
import multiprocessing
import pickle
import threading
import warnings

import numpy as np
import pytest
import scipy.sparse
import scipy.special
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
import dualrev.numpy as dnp

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 3))
M = RNG.normal(size=(4, 3, 3))
Z = X + 1j * RNG.normal(size=(4, 3))
K = np.array([0, 2, 1, 0])
KK = np.array([[0, 2], [1, 1], [2, 0], [0, 1]])
SPARSE = scipy.sparse.random_array((5, 3), density=0.5, random_state=1).tocsr()

quietly = pytest.mark.filterwarnings("ignore::dualrev.errors.PerformanceWarning")


def stacked(f, *xs):
    """What vmap is to equal."""
    return np.stack([np.asarray(f(*row)) for row in zip(*xs)])


def check(f, *xs, rtol=1e-13):
    """In value, shape and dtype."""
    expected = stacked(f, *xs)
    answer = dr.vmap(f)(*xs)
    assert type(answer) is np.ndarray
    assert (expected.shape, expected.dtype) == (answer.shape, answer.dtype)
    assert_allclose(expected, answer, rtol=rtol, atol=1e-14)


# ------------------------------------------------------------------------------- programs

PROGRAMS = {}


def program(*xs):
    """A row of the table: a function, and the values along which it is called."""

    def declare(f):
        PROGRAMS[f.__name__] = f, xs
        return f

    return declare


@program(X)
def writes_of_elements(x):
    y = x * 1.0
    y[1] = x[0] ** 2
    y[1:] += y[:-1]
    y[-1] *= y[0]
    return y


@program(X)
def views_of_views(x):
    y = x * 1.0
    v = y[1:]
    w = v[::-1]
    w[0] = x[0]
    v *= 2
    y[0] = w[1] * v[0]
    return y + w.sum()


@program(X)
def a_view_with_a_new_axis(x):
    y = x * 2
    v = y[:, None]
    v[..., 0] = x**2
    v[1, 0] += 1
    return y


@program(M)
def views_by_methods(x):
    y = x * 1.0
    y.T[0] = x[1]
    y.reshape(-1)[::4] = x[2]
    y[::-1][0] *= 2
    y.flat[2] = x[0, 0]
    np.fill_diagonal(y[:2], x[1, 1])
    return y


@program(X)
def an_array_is_read_before_and_after_a_write(x):
    y = x * x
    before = y[0] * y[1]
    y[0] = 1.0
    return before * y[0] + y[1]


@program(X, K)
def an_element_chosen_by_a_batch(x, k):
    return x[k] ** 2 * x


@program(M, K)
def a_row_and_a_column_chosen_by_a_batch(x, k):
    return x[k] * x[:, k] * x[k, 0] * x[0, k] * x[k, k]


@program(M, KK)
def elements_chosen_by_arrays_of_a_batch(x, k):
    return x[k] @ x[:, k] * x[k, k[::-1]] * x[k[:, None], k] * x[None, k, :2].sum()


@program(X, K)
def an_element_written_where_a_batch_says(x, k):
    y = x * 1.0
    y[k] = 5 * x[0]
    y[k] *= y[0]
    return y


@program(M, K)
def rows_and_columns_written_where_a_batch_says(x, k):
    y = x * x
    y[k] = x[0]
    y[:, k] += 1
    y[k, k] *= 2
    v = y[1:]
    v[0, k] = x[k, 0]
    return y


@program(M, K)
def views_chosen_by_a_batch(x, k):
    y = x * x
    row = y[k]
    column = y[:, k]
    row[0] = x[0, 0]
    row[1:] *= column[1:]
    part = y[1:][:, k][::-1]
    part += row[0]
    column[k] = 3.0
    return y * row.sum() + column * part[0]


@program(M, K)
def copies_of_views_chosen_by_a_batch(x, k):
    y = x * x
    row, column = y[k].ravel(), y[:, k].ravel()
    y[k, k] = 5.0
    return y * row.sum() + column


@program(M, KK)
def repeated_places_written_where_a_batch_says(x, k):
    y = x * x
    y[k] = x[:2]
    np.add.at(y, k, x[1:])
    np.subtract.at(y, (0, k), x[0, :2])
    np.put(y, k, x[2, :2])
    return y


@program(X)
def a_mask_that_is_the_same_for_all(x):
    y = x * 1.0
    mask = np.array([True, False, True])
    y[mask] = x[1] * x[mask]
    return y[mask] * y[~mask]


@program(M)
def masks_of_a_batch(x):
    y = x * 2
    y[y > 0] = 0.5
    y[x > 1] = x[0, 0]
    y[x[0] < 0] = x[1]
    return y


@program(X)
def new_arrays_filled(x):
    y = dnp.zeros(3)
    y[0] = x[0]
    y[1:] = x[:-1] ** 2
    z = dnp.ones((2, 3))
    v = z[1]
    v[:] = y
    z[0, 0] = x.sum()
    return z * 2


@program(X, K)
def a_new_array_written_where_a_batch_says(x, k):
    y = dnp.zeros(3)
    y[k] = 2.0
    return y * x


@program(X, K)
def elements_of_a_plain_array_where_a_batch_says(x, k):
    table = np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0], [3.0, 0.0, 1.0]])
    return dnp.take(table, k, axis=0) * x + dnp.take(table, k) + dnp.take(table, [k, 0], 1) @ x[:2]


@program(X)
def a_copy_where_numpy_makes_one(x):
    diagonal = np.outer(x, x)[::2, ::2].T
    flat = diagonal.ravel()
    flat[0] = 3.0
    return diagonal * flat.sum() + np.outer(x, x).T.reshape(-1)[:4].reshape(2, 2)


@program(X)
def an_array_of_objects(x):
    return np.array([x[0], x[1] * 2, 1.0]) * x[:1]


@program(X)
def nested_lists(x):
    return np.array([[x[0], 0.0], [1, x[1] * 2]]) @ np.array([x[1], x[2]])


@program(X)
def elements_in_python(x):
    total = 0.0
    for element in x:
        total = total + element**2
    first, *rest = x.tolist()
    return total * len(x) + first * sum(rest)


@program(X)
def mathematics_of_numbers(x):
    return dnp.sin(x[0]) + np.hypot(x[1], x[2]) * x[0].item()


@program(X)
def products_with_a_sparse_matrix(x):
    return SPARSE.T @ (SPARSE @ x) + x @ SPARSE.T @ SPARSE.toarray() + SPARSE.T.dot(SPARSE.dot(x))


@program(M)
def stacks_of_matrices(x):
    a = x @ x.T + 3 * np.eye(3)
    return np.linalg.solve(a, x[0]) @ np.linalg.inv(a) * np.linalg.det(a) + np.trace(a)


@program(X)
def reductions(x):
    return np.sum(x) * np.max(x) + np.prod(x) - x.mean() * np.std(x) + np.linalg.norm(x)


@program(X)
def order(x):
    return np.sort(x)[::-1] * np.median(x) + x[np.argmax(x)] * x[np.argsort(x)]


@program(X)
def a_guarded_point(x):
    return np.where(x > 0, np.sqrt(np.maximum(x, 0)), 0) * np.clip(x, -0.5, x[0] + 1)


@program(X)
def special_functions(x):
    return scipy.special.gammaln(x**2 + 1) * scipy.special.erf(x)


@program(X)
def derivatives_inside(x):
    value, pullback = dr.vjp(np.sin, x)
    _, linear = dr.linearize(np.exp, x)
    hessian = dr.hessian(lambda y: np.sum(y**3 * y[0]))(x)
    return pullback(value)[0] + linear.push(x) + hessian @ x + dr.jacobian(np.cos)(x) @ x


@program(X)
def one_vector_of_a_structure(x):
    flat, back = dr.ravel({"a": x, "b": x[0]})
    return back(flat * 2)["a"] * back(flat)["b"]


@program(X)
def what_carries_no_derivative(x):
    return dr.stop_gradient(x) * x + np.floor(x) + (x > 0)


def number_of(f):
    return lambda *xs: np.sum(f(*xs))


def other_order(f, xs):
    """Of the derivative by the first argument, by each of its elements in forward mode."""
    n = xs[0][0].size
    directions = np.eye(n).reshape(n, *xs[0].shape[1:])

    def along(t):
        ts = np.broadcast_to(t, xs[0].shape)
        return dr.jvp(lambda x: dr.vmap(number_of(f))(x, *xs[1:]), (xs[0],), (ts,))[1]

    return np.stack([along(t) for t in directions], 1).reshape(xs[0].shape)


DERIVATIVES = {
    "batch of reverse": lambda f, xs: dr.vmap(dr.grad(number_of(f)))(*xs),
    "batch of forward": lambda f, xs: dr.vmap(dr.jacobian(number_of(f), mode="forward"))(*xs),
    "reverse of batch": lambda f, xs: dr.grad(lambda *xs: np.sum(dr.vmap(number_of(f))(*xs)))(*xs),
    "forward of batch": other_order,
}


@quietly
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_batch_is_the_stack_of_the_calls(name):
    f, xs = PROGRAMS[name]
    check(f, *xs)


@pytest.mark.one_in(2)
@quietly
@pytest.mark.parametrize("how", DERIVATIVES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_derivatives_of_a_batch_are_the_stack_of_the_derivatives(name, how):
    f, xs = PROGRAMS[name]
    expected = stacked(dr.grad(number_of(f)), *xs)
    assert_allclose(expected, DERIVATIVES[how](f, xs), rtol=1e-12, atol=1e-12)


@quietly
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_batch_of_batches_is_the_stack_of_the_stacks(name):
    f, xs = PROGRAMS[name]
    pairs = [np.stack([x, x[::-1]]) for x in xs]
    expected = np.stack([stacked(f, *row) for row in zip(*pairs)])
    assert_allclose(expected, dr.vmap(dr.vmap(f))(*pairs), rtol=1e-12, atol=1e-12)
    # The first argument's rows meet the others' in the other order.
    swapped = [np.swapaxes(x, 0, 1) for x in pairs]
    assert_allclose(expected, dr.vmap(dr.vmap(f), in_axes=1)(*swapped), rtol=1e-12, atol=1e-12)


@quietly
def test_a_view_that_an_outer_batch_chooses_of_an_inner_one_is_written():
    def f(x, k):
        y = np.outer(x, x)
        row = y[k]
        row[0] = x[1] ** 2
        y[..., k] *= 2.0
        y[1] += row
        return y

    expected = np.stack([stacked(lambda x: f(x, k), X) for k in K])
    assert_allclose(expected, dr.vmap(lambda k: dr.vmap(lambda x: f(x, k))(X))(K), rtol=1e-13)
    hessian = dr.jacobian(dr.grad(number_of(f)), mode="reverse")
    assert_allclose(stacked(hessian, X, K), dr.vmap(hessian)(X, K), rtol=1e-12, atol=1e-12)


@quietly
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_batch_of_one_is_the_call(name):
    f, xs = PROGRAMS[name]
    check(f, *(x[:1] for x in xs))


# ------------------------------------------------------------------------- axes, structures


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3, np.int64(1)])
def test_values_lie_along_any_axis_of_an_argument(axis):
    a = RNG.normal(size=(2, 3, 4))
    rows = np.moveaxis(a, axis, 0)
    assert_array_equal(stacked(lambda x: x[0] * x, rows), dr.vmap(lambda x: x[0] * x, axis)(a))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_values_lie_along_any_axis_of_a_result(axis):
    ans = dr.vmap(lambda x: np.multiply.outer(x, [1.0, 2.0]), out_axes=axis)(X)
    expected = np.stack([np.multiply.outer(x, [1.0, 2.0]) for x in X], axis)
    assert_array_equal(expected, ans)


def test_what_has_no_axis_is_the_same_for_all():
    w = RNG.normal(size=3)
    ans = dr.vmap(lambda w, x, power: w @ x**power, in_axes=(None, 0, None))(w, X, 3)
    assert_allclose([w @ x**3 for x in X], ans, rtol=1e-14)
    ans = dr.vmap(lambda f, x, text, none: f(x), (None, 0, None, None))(np.sin, X, "a", None)
    assert_array_equal(np.sin(X), ans)


def test_axes_are_a_prefix_of_the_argument():
    p = {"w": X, "layers": [M, (K, 2.0)]}

    def f(p, x):
        m, (k, c) = p["layers"]
        return {"y": p["w"] @ x * c, "rest": (m[k], x)}

    axes = {"w": 0, "layers": [0, (0, None)]}
    ans = dr.vmap(f, in_axes=(axes, None), out_axes={"y": 0, "rest": -1})(p, np.ones(3))
    assert_allclose(X.sum(1) * 2, ans["y"], rtol=1e-14)
    assert_array_equal(M[range(4), K].T, ans["rest"][0])
    assert_array_equal(np.ones((3, 4)), ans["rest"][1])


def test_arguments_by_keyword_have_their_values_along_the_first_axis():
    ans = dr.vmap(lambda x, *, scale, shift: x * scale["s"] + shift)(
        X, scale={"s": X[:, 0]}, shift=K
    )
    assert_array_equal(X * X[:, :1] + K[:, None], ans)


def test_axes_in_a_list_are_those_of_the_arguments():
    assert_array_equal(X @ np.ones(3), dr.vmap(np.matmul, in_axes=[0, None])(X, np.ones(3)))


def test_lists_are_structures_of_arrays():
    assert_array_equal(X + X, dr.vmap(lambda p: p[0] + p[1])([X, X]))


def test_a_result_that_does_not_depend_on_the_values_is_repeated():
    same, text = dr.vmap(lambda x: (np.arange(2), 3.0))(X)
    assert_array_equal(np.tile(np.arange(2), (4, 1)), same)
    assert_array_equal(np.full(4, 3.0), text)
    same[0] = 7  # rows of their own
    assert_array_equal([0, 1], same[1])


def test_an_argument_that_is_the_same_may_carry_the_batch_of_another():
    inner = dr.vmap(lambda x, y: x * y, in_axes=(None, 0))
    outer = dr.vmap(lambda x, y: inner(x, y), in_axes=(0, None))
    assert_array_equal(np.multiply.outer(K, K), outer(K, K))


# --------------------------------------------------------------------------------- dtypes


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("dtype", ["bool", "int8", "int64", "uint8", "float32", "complex64", "D"])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * 2,
        lambda x: x + x[0],
        lambda x: x.sum(),
        lambda x: np.where(x == x[0], x, x[1]),
        lambda x: np.stack([x, x[::-1]]),
        lambda x: x.astype("f"),
        lambda x: -x if x.dtype != bool else ~x,
        lambda x: np.add(x, 1j),
        lambda x: np.asarray((np.stack([x, x]) * 0.5).T).ravel("K"),
    ],
)
def test_the_dtype_is_that_of_each_call(f, dtype):
    xs = np.array([[0, 1, 2], [3, 1, 0]]).astype(dtype)
    check(f, xs)


def test_a_value_of_another_length_is_no_row_a_value():
    """Of four rows four numbers are not one each."""
    for f in (
        lambda x: x.__setitem__(0, np.arange(4.0)),
        lambda x: x.__setitem__(x[:0].size, np.arange(4.0)),
        lambda x: x.__setitem__(slice(0, 1), np.arange(4.0)),
    ):
        with pytest.raises(ValueError, match="reshape|broadcast|sequence"):
            dr.vmap(lambda x: f(x) or x)(X.copy())


@pytest.mark.parametrize("reduction", [np.sum, np.prod, np.max, np.multiply.reduce, np.nansum])
def test_a_mask_that_differs_takes_other_elements_of_a_plain_array(reduction):
    a, options = np.array([2.0, 3.0, 5.0]), {"initial": 1.0} if reduction is np.max else {}
    check(
        lambda x: x[0] * reduction(a, where=x > 0, **options), np.array([[1.0, -1, 2], [3, 1, -1]])
    )


def test_logic_of_masks():
    check(lambda x: (x > 0) & (x < 1) | ~(x > -1) ^ (x == x), X)
    check(lambda k: (k << 1) + (k >> 1) + (k // 2) + k % 2, K)
    check(lambda x: np.any(x > 1) | np.all(x > 0), X)


def test_complex_numbers_and_their_parts():
    def f(z):
        w = z * z[0]
        w.real = z.imag
        w.imag[1:] = abs(z[1:])
        return w * np.conj(z)

    check(f, Z)
    real = number_of(lambda z: abs(f(z)) ** 2)
    assert_allclose(stacked(dr.grad(real), Z), dr.vmap(dr.grad(real))(Z), rtol=1e-12)
    holomorphic = dr.grad(lambda z: np.sum(z**3), holomorphic=True)
    assert_allclose(stacked(holomorphic, Z), dr.vmap(holomorphic)(Z), rtol=1e-12)


# --------------------------------------------------------------------------------- memory


def test_the_arguments_are_never_written():
    x, w, p = X.copy(), np.ones(3), {"a": X.copy()}

    def f(x, p, w):
        x += 1
        x[0] = 7.0
        p["a"] *= w
        return x * p["a"]

    dr.vmap(f, in_axes=(0, 0, None))(x, p, w)
    assert_array_equal(X, x)
    assert_array_equal(X, p["a"])


def test_results_share_memory_with_nothing():
    x = X.copy()
    whole, row, again = dr.vmap(lambda x: (x, x[0], x))(x)
    for a, b in [(whole, x), (row, x), (whole, again), (whole, row)]:
        assert not np.may_share_memory(a, b)
    constant = np.ones(2)
    ans = dr.vmap(lambda x: constant)(x)
    ans[:] = 2
    assert_array_equal(np.ones(2), constant)
    assert ans.flags.writeable
    assert ans.flags.c_contiguous


def test_arguments_that_share_memory_are_not_written_in_silence():
    with pytest.raises(dr.InPlaceError):
        dr.vmap(lambda x, y: x.__iadd__(y))(X, X)


def test_a_row_of_an_outer_array_that_an_inner_batch_chooses_is_not_written():
    def f(x):
        dr.vmap(lambda k: x[k].__setitem__(0, 1.0) or k)(K)
        return x

    with pytest.raises(dr.InPlaceError, match="inner transform"):
        dr.vmap(f)(M)


# ------------------------------------------------------------------------- a small object


def double(x):
    """Twice x."""
    return 2 * x


@dr.vmap
def decorated(x):
    return x[0] + x


class Model:
    def __init__(self, w):
        self.w = w

    @dr.vmap
    def predict(self, x):
        return self.w @ x


def test_it_has_the_name_and_the_docstring_of_the_function():
    mapped = dr.vmap(double)
    assert (mapped.__name__, mapped.__doc__, mapped.__wrapped__) == ("double", "Twice x.", double)
    assert repr(mapped) == "<vmap of double>"


def test_it_is_a_method_where_it_decorates_one():
    assert_allclose(X @ np.ones(3), Model(np.ones(3)).predict(X), rtol=1e-14)


def test_it_pickles_where_the_function_does():
    for f in (dr.vmap(double, in_axes=1, out_axes=-1), decorated, copy.deepcopy(dr.vmap(double))):
        assert_array_equal(f(X), pickle.loads(pickle.dumps(f))(X))


def test_it_works_in_processes_and_threads():
    expected = 2 * X
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert_array_equal(expected, pool.map(dr.vmap(double), [X])[0])
    answers = {}

    def run(i):
        for _ in range(20):
            answers[i] = dr.vmap(dr.grad(number_of(lambda x: x * x)))(X)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i in range(4):
        assert_array_equal(expected, answers[i])


def test_a_thread_started_inside_computes_with_the_batch():
    def f(x):
        answers = []
        thread = threading.Thread(target=lambda: answers.append(np.sin(x)))
        thread.start()
        thread.join()
        return answers[0]

    check(f, X)


def test_a_batch_is_shown_without_its_numbers():
    shown = []
    dr.vmap(lambda x: shown.extend([repr(x), f"{x[0]:.3f}", str(x)]) or x)(X)
    assert shown == [
        "Batch(4 rows, shape=(3,), dtype=float64)",
        "Batch(4 rows, shape=(), dtype=float64)",
        "Batch(4 rows, shape=(3,), dtype=float64)",
    ]


def test_a_batch_that_was_stored_has_escaped():
    kept = []
    dr.vmap(lambda x: kept.append(x) or x)(X)
    (x,) = kept
    for use in (lambda: x + 1, lambda: np.sin(x), lambda: x[0], lambda: x > 0, lambda: x.sum(),
                lambda: x.__setitem__(0, 1.0), lambda: dr.vmap(lambda y: x * y)(X),
                lambda: dr.vmap(lambda y: x)(X), lambda: np.stack([x, x])):  # fmt: skip
        with pytest.raises(dr.EscapedTracerError):
            use()


def test_levels_are_right_after_an_exception_inside():
    def failing(x):
        raise KeyError(x)

    def f(x):
        with pytest.raises(KeyError):
            dr.vmap(failing)(x)
        return x * 2

    check(f, X)


def test_random_numbers_drawn_inside_are_the_same_for_all():
    draws = dr.vmap(lambda x: np.random.default_rng(3).normal() + 0 * x)(X)
    assert_array_equal(np.full(X.shape, np.random.default_rng(3).normal()), draws)


# ------------------------------------------------------------------------ beside the others


def test_rules_of_users():
    softplus = dr.elementwise(lambda x: np.log1p(np.exp(x)), lambda ans, x: 1 / (1 + np.exp(-x)))
    flipped = dr.linear(lambda x: x[::-1], lambda ct, x: ct[::-1])
    cube = dr.rule(lambda x: x**3, vjp=lambda ct, wanted, ans, x: (3 * x**2 * ct,))
    rounded = dr.constant(lambda x: np.round(x))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check(softplus, X)
        assert caught == []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            check(lambda x: flipped(x), X)
        assert [w.category for w in caught] == [dr.PerformanceWarning]
        assert "runs row by row over a batch: 4 calls" in str(caught[0].message)
        check(cube, X)
        check(rounded, X)
        for f in (softplus, flipped, cube):
            for how in DERIVATIVES.values():
                expected = stacked(dr.grad(number_of(f)), X)
                assert_allclose(expected, how(f, (X,)), rtol=1e-12)


def test_a_write_that_differs_in_length_is_told_to_go_row_by_row():
    def f(x):
        y = x * 1.0
        y[x == x.max()] = np.ones(1)
        return y

    with pytest.warns(dr.PerformanceWarning, match="as many values as a mask chooses"):
        check(f, X)


def test_debug_finds_the_nan_in_a_batch():
    with dr.debug(), np.errstate(all="ignore"), pytest.raises(dr.NonFiniteError):
        dr.grad(lambda x: np.sum(dr.vmap(np.sqrt)(x)))(np.array([0.0, 1.0]))


@quietly
def test_compiled_and_batched_in_either_order():
    def loss(w, x):
        return np.sum(np.tanh(w * x) ** 2)

    w = np.array([0.5, -1.0, 2.0])
    expected = stacked(lambda x: dr.grad(loss)(w, x), X)
    outside = dr.compile(dr.vmap(dr.grad(loss), in_axes=(None, 0)))
    for _ in range(3):
        assert_allclose(expected, outside(w, X), rtol=1e-12)
    assert_allclose(expected * 0 + stacked(lambda x: dr.grad(loss)(w, x), 2 * X), outside(w, 2 * X))
    inside = dr.vmap(dr.compile(dr.grad(loss)), in_axes=(None, 0))
    assert_allclose(expected, inside(w, X), rtol=1e-12)


def test_linear_maps_of_a_batch():
    _, linear = dr.linearize(dr.vmap(lambda x: x * x[0]), X)
    t = RNG.normal(size=X.shape)
    assert_allclose(t * X[:, :1] + X * t[:, :1], linear.push(t), rtol=1e-13)
    (ct,) = linear.pull(t)
    assert_allclose(np.vdot(t, linear.push(ct)), np.vdot(ct, ct), rtol=1e-12)


def test_residuals_of_a_batch_are_fitted():
    times = np.linspace(0, 1, 8)
    data = 2.0 * np.exp(-1.5 * times)

    def residual(p, t, y):
        return p[0] * np.exp(p[1] * t) - y

    residuals = dr.vmap(residual, in_axes=(None, 0, 0))
    fit = dr.scipy.optimize.least_squares(lambda p: residuals(p, times, data), np.ones(2))
    assert_allclose([2.0, -1.5], fit.x, rtol=1e-6)


def test_the_empty_index_of_a_view_is_written_through():
    """A kink that a pull of rows looks at again, behind a write of all of a view."""

    def f(x):
        a = x * 1.0
        a[0] = x[1]
        moved = x - x
        return np.sum(np.abs(moved) * moved * np.tanh(a.reshape(3, 1).T[0]))

    slopes = dr.jacobian(dr.grad(f), mode="reverse")(np.array([0.3, 0.4, 0.5]))
    assert not np.any(slopes[~np.isnan(slopes)])
