"""All programs of tests/programs, compiled, by each engine."""

import pytest

from tests.numpy.test_programs import PROGRAMS
from tests.program.test_user_programs import check


@pytest.mark.parametrize("engine", ["numpy", "llvm"])
@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_program_is_compiled_unedited(program, engine):
    if engine == "llvm":
        pytest.importorskip("llvmlite")
    check(program, engine)
