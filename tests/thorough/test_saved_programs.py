"""Every row of the table through a file, and under a module, is what it was or is refused by name."""

import pytest

from tests.program import test_module_engine, test_saving
from tests.program.test_laws import CASES, pytestmark
from tests.program.test_module_engine import foreign

__all__ = ["foreign", "pytestmark"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_programs_of_the_table_are_kept_or_refused_by_name(case, rng):
    test_saving.check_case(case, rng)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_cases_of_the_table_are_right_under_a_module_or_refused_by_name(case, foreign, rng):
    test_module_engine.check_case(case, foreign, rng)
