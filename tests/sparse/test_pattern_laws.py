"""Patterns contain those of the Jacobians, and are equal where no number chooses.

Here the first row of each function that is structural, and a sample of the others; tests/thorough has
all rows.
"""

import pytest

from tests.cases import all_cases, once
from tests.rows import by_lot
from tests.sparse.pattern_laws import (
    STRUCTURAL,
    check,
    check_second_order,
    first_order_rows,
    second_order_rows,
)

CASES = once(all_cases())
MOVING = [case for case in CASES if str(case).split("-")[0] in STRUCTURAL]
OTHERS = [case for case in CASES if case not in MOVING]

# Where an iteration has no solution, it overflows before it says so.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize(
    ("case", "dtype"),
    [row for case in MOVING + OTHERS[::8] for row in by_lot(case, first_order_rows([case]), 1)],
)
def test_no_entry_is_lacking_and_none_too_many_where_no_number_chooses(case, dtype):
    check(case, dtype)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("case", second_order_rows(CASES[::12]), ids=str)
def test_no_entry_of_second_order_is_lacking(case):
    check_second_order(case)
