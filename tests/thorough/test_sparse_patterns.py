"""Patterns contain those of the Jacobians and Hessians: every row of the table of cases."""

import pytest

from tests.sparse.pattern_laws import (
    check,
    check_second_order,
    first_order_rows,
    second_order_rows,
)

# Where an iteration has no solution, it overflows before it says so.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize(("case", "dtype"), first_order_rows())
def test_no_entry_is_lacking_and_none_too_many_where_no_number_chooses(case, dtype):
    check(case, dtype)


@pytest.mark.parametrize("case", second_order_rows(), ids=str)
def test_no_entry_of_second_order_is_lacking(case):
    check_second_order(case)
