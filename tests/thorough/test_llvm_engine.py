"""The engine "llvm" answers what the engine "numpy" does, over the whole table of cases."""

import pytest

pytest.importorskip("llvmlite")

from tests.program.test_laws import CASES
from tests.program.test_llvm_engine import check_case


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::dualrev.PerformanceWarning")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_engines_agree(case, rng):
    check_case(case, rng)
