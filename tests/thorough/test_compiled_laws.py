"""A compiled derivative is the derivative: every row of the table of cases, and its options."""

import pytest

from tests.cases import all_cases
from tests.program.test_laws import check, derivatives, pytestmark, second_order

__all__ = ["pytestmark"]

CASES = all_cases()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_replay_is_the_derivative(case, rng):
    check(case, rng, derivatives, times=4)


@pytest.mark.parametrize("case", [case for case in CASES if case.order >= 2], ids=str)
def test_a_replay_is_the_second_derivative(case, rng):
    check(case, rng, second_order, times=3)
