"""A batch is its rows, in all rows of the table of cases and with every selection of the arguments.

The suite asks one row of each function of NumPy.  About five minutes.
"""

import pytest

from dualrev import errors
from tests.scipy.test_batches import SEARCH
from tests.test_batches import CASES, check, selections


@pytest.mark.parametrize("case", CASES, ids=str)
def test_batched_equals_stacked(case):
    for which in selections(len(case.args), every=len(case.args) <= 3):
        try:
            # Equations and convolutions of SciPy's take the rows of a batch in another order.
            check(case, which, rounding=32 if case.label.startswith("scipy") else 4)
        except errors.CoercionError:
            if not any(name in case.label for name in SEARCH):
                raise
