"""What is the same with NumPy patched as without: np's names then lead to what stands in for them."""

import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_array_equal

import dualrev as dr
import dualrev.numpy

X = np.array([0.4, -0.6, 1.2, 0.8])
S = scipy.sparse.csr_matrix(np.diag(np.arange(1.0, 5.0), -1))


def written_after_copy(np, x):
    y = np.zeros(2)
    y[0] = x[0]
    z = np.array(y)
    z[0] = 5.0
    return y * x[1]


def written_through_the_same(np, x):
    y = x.copy()
    z = np.array(y, copy=None)
    z *= x
    return y


def copied_before_it_is_filled(np, x):
    y = np.ones(2)
    z = np.array(y)
    z[0] = x[0]
    return y + z * x[1]


def copied_with_another_axis(np, x):
    y = np.ones(2)
    z = np.array(y, ndmin=2)
    z[0] = x[0]
    return y + z * x[1]


def columns(np, x):
    return np.c_[x[:2], x[2:]] * x[0]


def rows(np, x):
    return np.r_[x[:2], 1.0, x[2]] * x[0]


def by_keyword(np, x):
    return np.array(object=[x[0], 1.0]) + np.asarray(a=x[1:3])


def from_an_iterable(np, x):
    return np.fromiter((t * t for t in x), float, 3)


def times_sparse_matrices(np, x):
    padded = np.concatenate([x, np.zeros(1)])
    return S @ padded + S.T.dot(padded) * (padded @ S)


@pytest.mark.parametrize(
    "program",
    [
        written_after_copy, written_through_the_same, copied_before_it_is_filled,
        copied_with_another_axis, columns, rows,
        by_keyword, from_an_iterable, times_sparse_matrices,
    ],
)  # fmt: skip
@pytest.mark.parametrize("patched", [False, True], ids=["namespace", "patched"])
def test_program_is_as_numpys(program, patched):
    expected = program(np, X)
    slopes = (program(np, X + 1e-6) - program(np, X - 1e-6)) / 2e-6
    if patched:
        with dr.patch_numpy():
            ans, tangent = dr.jvp(lambda x: program(np, x), (X,), (np.ones(4),))
    else:
        ans, tangent = dr.jvp(lambda x: program(dualrev.numpy, x), (X,), (np.ones(4),))
    assert_array_equal(expected, ans)
    np.testing.assert_allclose(slopes, tangent, rtol=1e-6, atol=1e-9)
