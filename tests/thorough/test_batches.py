"""A batch is its rows, in all rows of the table of cases and with every selection of the arguments.

The suite asks one row of each function of NumPy.  About three minutes.
"""

import pytest

from dualrev.core import errors
from tests.test_batches import CASES, check, selections

#: SciPy's own functions and classes, where a twin takes no batches: each is called with numbers only.
REFUSE = ("scipy_integrate", "scipy_interpolate", "scipy_sparse")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_batched_equals_stacked(case):
    for which in selections(len(case.args), every=len(case.args) <= 3):
        try:
            check(case, which)
        except errors.CoercionError:
            if not case.label.startswith(REFUSE):
                raise
