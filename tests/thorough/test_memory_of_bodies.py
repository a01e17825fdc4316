"""Ten thousand calls of bodies of SciPy's, of what is made anew for each: their memory is flat.

About two minutes.
"""

import gc
import resource

import pytest

import dualrev as dr
from tests.scipy.test_bodies_memory import MADE_ANEW


def peak_after_calls(work, hundreds):
    for _ in range(hundreds):
        for _ in range(100):
            work(1.3)
        gc.collect()  # SciPy's own objects hold themselves
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MADE_ANEW)
def test_the_peak_of_memory_does_not_rise(name):
    """By less than a hundredth, from the second hundred of a thousand calls on."""
    work = dr.grad(MADE_ANEW[name])
    assert peak_after_calls(work, 2) * 1.01 > peak_after_calls(work, 8)
