"""Laplacians and diagonals of Hessians, in all rows of the table of cases.

The suite asks one row of one function in twenty.  About two minutes.
"""

import pytest

from tests.test_laws import TWICE
from tests.test_operators import check_second_derivatives, is_real


@pytest.mark.parametrize("case", [*filter(is_real, TWICE)], ids=str)
def test_second_derivatives_are_the_diagonal_of_the_hessian(case):
    check_second_derivatives(case)
