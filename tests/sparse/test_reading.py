"""What a call depends on follows from what is declared of its function."""

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse

import dualrev as dr
import dualrev.scipy.ndimage
import dualrev.scipy.signal
import dualrev.scipy.spatial.distance
import dualrev.scipy.special
from dualrev.scipy.by_program import by_program

rng = np.random.default_rng(0)
ZEROS = rng.normal(size=(6, 6)) * (rng.random((6, 6)) > 0.6)


def blocks(count, rows, columns):
    """Entries in blocks along the diagonal."""
    return np.kron(np.eye(count), np.ones((rows, columns))).astype(bool)


def pattern(f, *args, **options):
    return dr.sparsity(f, *args, **options).toarray()


STACKS = rng.normal(size=(4, 3, 3))


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: np.sort(x.reshape(4, 3), axis=1), blocks(4, 3, 3)),
        (lambda x: np.linalg.norm(x.reshape(4, 3), axis=1), blocks(4, 1, 3)),
        (lambda x: np.max(x.reshape(4, 3), axis=1), blocks(4, 1, 3)),
        (lambda x: np.fft.rfft(x.reshape(4, 3), axis=1).real, blocks(4, 2, 3)),
        (lambda x: np.linalg.solve(STACKS, x.reshape(4, 3, 1)), blocks(4, 3, 3)),
        (lambda x: np.linalg.inv(x.reshape(3, 2, 2)), blocks(3, 4, 4)),
        (lambda x: x.reshape(4, 3)[[0, 1, 2, 3], np.argmax(x.reshape(4, 3), axis=1)], None),
        (
            lambda x: np.take_along_axis(
                x.reshape(4, 3), np.argsort(x.reshape(4, 3), axis=1), axis=1
            ),
            blocks(4, 3, 3),
        ),
        (lambda x: dr.scipy.special.logsumexp(x.reshape(4, 3), axis=1), blocks(4, 1, 3)),
        (lambda x: dr.scipy.special.softmax(x.reshape(4, 3), axis=-1), blocks(4, 3, 3)),
        (lambda x: np.vander(x, 2), np.kron(np.eye(12), np.ones((2, 1))).astype(bool)),
        (
            lambda x: dr.scipy.spatial.distance.cdist(x.reshape(4, 3), np.ones((2, 3))),
            blocks(4, 2, 3),
        ),
    ],
)
def test_along_an_axis_all_else_is_apart(f, expected):
    found = pattern(f, rng.normal(size=12))
    assert found.all() if expected is None else np.array_equal(expected, found)


@pytest.mark.parametrize(
    ("f", "matrix"),
    [
        (lambda x: ZEROS @ x, ZEROS),
        (lambda x: np.dot(x, ZEROS), ZEROS.T),
        (lambda x: np.einsum("ij,j->i", ZEROS, x), ZEROS),
        (lambda x: scipy.sparse.csr_array(ZEROS) @ x, ZEROS),
        (lambda x: x @ scipy.sparse.csc_array(ZEROS), ZEROS.T),
        (lambda x: np.tensordot(ZEROS, x, 1), ZEROS),
        (lambda x: ZEROS @ x.reshape(6, 1), ZEROS),
        (lambda x: np.inner(x, ZEROS), ZEROS),
        (lambda x: np.sum(ZEROS * np.sin(x), axis=1), ZEROS),
        (lambda x: np.sum(np.exp(x[:, None]) * ZEROS, axis=0), ZEROS.T),
        (lambda x: (ZEROS @ np.stack([x, x[::-1]], axis=1))[:, 0], ZEROS),
    ],
)
def test_zeros_of_a_constant_factor_are_none_of_the_pattern(f, matrix):
    assert np.array_equal(matrix != 0, pattern(f, np.ones(6)))


def test_a_product_of_what_both_moves_unites_rows_and_columns():
    def f(x):
        return x[:4].reshape(2, 2) @ x[4:].reshape(2, 2)

    expected = dr.jacobian(f)(rng.normal(size=8)).reshape(4, 8) != 0
    assert np.array_equal(expected, pattern(f, np.ones(8)))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: dr.scipy.ndimage.correlate1d(x, [1.0, 2.0, 4.0]),
        lambda x: dr.scipy.ndimage.laplace(x.reshape(5, 6)),
        lambda x: dr.scipy.signal.convolve2d(x.reshape(5, 6), np.ones((2, 2)), mode="same"),
        lambda x: np.convolve(x, [1.0, 3.0], "valid"),
        lambda x: np.bincount([0, 2, 2, 5] * 5, weights=x[:20]),
        lambda x: np.add.reduceat(x, [0, 4, 9]),
        lambda x: np.cumsum(x),
        lambda x: np.gradient(x.reshape(5, 6), axis=0),
    ],
)
def test_a_linear_function_has_the_entries_of_its_matrix(f):
    x = rng.normal(size=30)
    assert np.array_equal(dr.jacobian(f, matrix=True)(x) != 0, pattern(f, x))


def test_long_sums_of_neighbours_are_found_too():
    # More columns than are probed one by one.
    x = np.ones(3000)
    found = dr.sparsity(lambda x: dr.scipy.ndimage.correlate1d(x, [1.0, 2.0, 4.0]), x)
    assert found.nnz == 3 * 3000 - 2


@pytest.mark.parametrize(
    "f",
    [
        np.max,
        np.sort,
        lambda x: np.where(x > 0, x, x[::-1]),
        lambda x: np.maximum(x, x[::-1]),
        lambda x: x * np.roll(x, 1),
        lambda x: np.clip(x, -1.5, 1.5),
        lambda x: x[np.argsort(x)],
        lambda x: np.prod(x[:3]) * x,
        lambda x: np.median(x),
    ],
)
def test_a_local_pattern_is_that_of_the_numbers_there(f):
    x = np.array([-1.0, 2.0, -3.0, 4.0, 0.0])
    expected = dr.jacobian(f, matrix=True)(x) != 0
    local = pattern(f, x, local=True)
    assert np.array_equal(expected, local)
    assert not (local & ~pattern(f, x)).any()


def test_a_twin_has_the_pattern_of_its_program_where_that_takes_no_branch():
    def value(x):
        return 2 * x if x[0] < 0 else 2 * x[::-1]

    twin = by_program(value, value, name="turned")
    x = np.array([-1.0, 1.0, 1.0, 1.0])
    assert pattern(twin, x).diagonal().all()
    straight = by_program(lambda x: x[1:] * x[:-1], lambda x: x[1:] * x[:-1], name="products")
    assert np.array_equal(np.eye(3, 4) + np.eye(3, 4, 1), pattern(straight, x))


def test_a_hessian_has_no_entries_on_one_side_of_the_diagonal_alone():
    def f(x):
        return x[0] * dr.stop_gradient(x[1]) + x[2] ** 2

    assert pattern(dr.grad(f), np.ones(3))[0, 1]
    assert np.array_equal(np.diag([0, 0, 1]), dr.prepare_hessian(f, np.ones(3)).pattern.toarray())


def test_a_dense_pattern_names_the_call():
    def f(x):
        y = x**2
        return y / np.sum(y)  # here

    with pytest.warns(
        dr.PerformanceWarning, match=r"from numpy.add.reduce \(test_reading.py:\d+\)"
    ):
        dr.jacobian(f, sparse=True)(np.ones(40))


@pytest.mark.filterwarnings("ignore:.*gathered one by one")
@pytest.mark.parametrize("taken", [np.asarray, np.atleast_1d, np.asarray_chkfinite])
def test_what_python_takes_as_data_is_followed(taken):
    """A program may compare an array of many numbers; a pattern must know what becomes of them."""
    x = np.linspace(1, 2, 1500)
    assert dr.sparsity(lambda x: taken(x)[1:] * x[0], x).nnz == 2 * 1499


def test_what_scipy_computes_of_objects_is_followed():
    x = np.linspace(1, 2, 8)
    assert pattern(lambda x: scipy.optimize.rosen(x) * x[:2], x).all()


def test_the_pattern_of_what_has_no_derivative_is_an_error():
    with pytest.raises(dr.CoercionError):
        dr.sparsity(lambda x: np.array([float(x[0])]), np.ones(3))


def of_a_circle_transpose(ct, x):
    return ct + np.roll(ct, -1)


@dr.linear(transposes=(of_a_circle_transpose,))
def of_a_circle(x):
    return x + np.roll(x, 1) if x.dtype.kind == "f" else x.copy()


def test_what_moves_bytes_but_adds_numbers_is_no_copy():
    expected = np.eye(5, dtype=bool) | np.roll(np.eye(5, dtype=bool), 1, axis=0)
    assert np.array_equal(expected, pattern(of_a_circle, np.ones(5)))
