"""Forward over reverse equals the slope of the gradient, in all rows of the table of cases.

The suite asks one row of each function.  About half a minute.
"""

import pytest

from tests.test_laws import TWICE, check_second_slope


@pytest.mark.parametrize("case", TWICE, ids=str)
def test_jvp_of_vjp_is_the_finite_difference(case):
    check_second_slope(case)
