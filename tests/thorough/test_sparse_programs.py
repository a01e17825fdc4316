"""All programs of tests/programs have sparse derivatives as they stand."""

import pytest

from tests.numpy.test_programs import PROGRAMS
from tests.sparse.test_user_programs import check, pytestmark

__all__ = ["pytestmark"]


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_sparse_derivatives_of_a_program_are_the_dense_ones(program):
    check(program)
