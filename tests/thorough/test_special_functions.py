"""Three derivatives of the functions of tests/tails at hundreds of points each, against mpmath.

Covers the axis from 1e-300 to overflow and underflow, on logarithmic and linear grids, both signs.
"""

import pytest

from tests.tails import ROWS, disagreements

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_three_derivatives_hold_on_a_dense_grid(row):
    assert disagreements(row, row.points(sparse=False)) == []
