"""Taylor coefficients to order 4 are those of nested dual numbers, in all rows of the table of cases.

The suite asks one row of each function to order 2, and some to order 3.  A few minutes.
"""

import pytest

from tests.test_laws import TWICE
from tests.test_taylor import check_case

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize("case", TWICE, ids=str)
def test_series_are_those_of_nested_duals(case, rng):
    check_case(case, 4, rng)
