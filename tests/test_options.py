"""Every option of every function with a rule: NumPy's answer, and the derivatives of it."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.testing import check_derivatives
from tests.options import all_rows


@pytest.mark.parametrize("row", all_rows(), ids=str)
def test_an_option_gives_numpys_answer_and_its_derivatives(row):
    leaves = row.leaves()
    expected = row.call(tuple(leaf.copy() for leaf in leaves))
    if not any("out" in o for o in (row.options,)):
        for ans in (dr.jvp(row.call, (leaves,), (leaves,))[0], dr.vjp(row.call, leaves)[0]):
            assert len(ans) == len(expected)
            for a, b in zip(expected, ans):
                # To rounding: BLAS sums arrays that lie otherwise in memory in another order.
                np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)
                assert a.dtype == b.dtype
    check_derivatives(row.call, leaves, directions=1)
