"""A batch is its rows, in all rows of the table of cases and with every selection of the arguments.

The suite asks one row of each function of NumPy.  About five minutes.
"""

import pytest

from dualrev import errors
from tests.scipy.test_batches import SEARCH
from tests.test_batches import CASES, check, selections

#: Their equations are nearly singular: how sums are rounded is much of a small answer.
NEARLY_SINGULAR = "-RBFInterpolator(", "-make_lsq_spline("


def rounding_of(case):
    """How many ulps an answer may differ from that of one row."""
    if any(name in case.label for name in NEARLY_SINGULAR):
        return 512
    # Equations and convolutions of SciPy's take the rows of a batch in another order.
    return 32 if case.label.startswith("scipy") else 4


@pytest.mark.parametrize("case", CASES, ids=str)
def test_batched_equals_stacked(case):
    for which in selections(len(case.args), every=len(case.args) <= 3):
        try:
            check(case, which, rounding_of(case))
        except errors.CoercionError:
            if not any(name in case.label for name in SEARCH):
                raise
