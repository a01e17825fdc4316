"""What docs/howto/sparse.md says of patterns: what makes them dense, and what does instead."""

import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_array_equal

import dualrev as dr

N = 12
X = 1.5 + np.sin(np.arange(N))
FULL = N * np.eye(N) + np.cos(np.add.outer(np.arange(N), np.arange(N) ** 2))
BANDED = np.triu(np.tril(FULL, 1), -1)
ORDER = np.argsort(X)
M = np.eye(N) + 0.1

DENSE = {
    "a sum": lambda x: x / np.sum(x),
    "a mean": lambda x: x - x.mean(),
    "a norm": lambda x: x / np.linalg.norm(x),
    "sort": np.sort,
    "an order of its own": lambda x: x[np.argsort(x)],
    "the largest": lambda x: x / np.max(x),
    "a full matrix": lambda x: FULL @ x,
    "fft": lambda x: np.fft.fft(x).real,
    "solve by a full matrix": lambda x: np.linalg.solve(FULL, x),
    "solve by a banded matrix": lambda x: np.linalg.solve(BANDED, x),
    "solve by a matrix of x": lambda x: np.linalg.solve(np.eye(N) + x * M, np.ones(N)),
    "gradient of a sum squared": dr.grad(lambda x: np.sum(x) ** 2),
    "gradient of log-sum-exp": dr.grad(lambda x: np.log(np.sum(np.exp(x)))),
}
SPARSE = {
    "an order from outside": (lambda x: x[ORDER], N),
    "a banded array": (lambda x: BANDED @ x, 3 * N - 2),
    "a banded sparse matrix": (lambda x: scipy.sparse.csr_array(BANDED) @ x, 3 * N - 2),
    "a stack of small matrices": (
        lambda x: np.linalg.solve(np.eye(2) + x.reshape(3, 2, 2), np.ones((3, 2, 1))),
        6 * 4,
    ),
    "cumsum": (np.cumsum, N * (N + 1) // 2),
    "where": (lambda x: np.where(x > 1, x, x[::-1]), 2 * N),
    "maximum": (lambda x: np.maximum(x, x[::-1]), 2 * N),
    "clip": (lambda x: np.clip(x, 0.5, 1.5), N),
}


@pytest.mark.parametrize("cause", DENSE)
def test_what_mixes_everything_has_a_full_pattern(cause):
    assert dr.sparsity(DENSE[cause], X).nnz == N * N


@pytest.mark.parametrize("case", SPARSE)
def test_what_stands_instead_has_a_sparse_pattern(case):
    f, entries = SPARSE[case]
    assert entries == dr.sparsity(f, X).nnz


def test_solution_as_an_unknown_of_its_own_has_a_sparse_pattern():
    def equations(xy):
        x, y = xy[:N], xy[N:]
        return np.concatenate([BANDED @ y - x, y**2 - x])

    pattern = dr.sparsity(equations, np.append(X, X))
    assert pattern.nnz == 3 * N - 2 + 3 * N


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_infinities_and_nans_stand_where_the_full_jacobian_has_them(mode):
    def f(x):
        return np.append(np.sqrt(x[1:]) * x[0], np.sum(np.log(x)))

    x = np.tile([1.0, 0.0, 2.0, -3.0, np.inf, np.nan], 4)
    with np.errstate(all="ignore"):
        J = dr.prepare_jacobian(f, np.ones(24), mode=mode)
        assert_array_equal(dr.jacobian(f)(x), J(x).toarray())


def test_infinities_stand_where_the_full_hessian_has_them():
    def f(x):
        return np.sum(np.sqrt(x[1:]) * x[:-1] ** 2)

    x = np.tile([1.0, 0.0, 2.0, 3.0], 4)
    with np.errstate(all="ignore"):
        H = dr.prepare_hessian(f, np.ones(16))
        assert_array_equal(dr.hessian(f)(x), H(x).toarray())
