"""Ten thousand calls of bodies of SciPy's, of what is made anew for each: their memory is flat.

About three minutes.
"""

import resource

import pytest

import dualrev as dr
from tests.scipy.test_bodies_memory import MADE_ANEW


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MADE_ANEW)
def test_the_peak_of_memory_does_not_rise(name):
    """From the hundredth call of a thousand on by less than a hundredth."""
    work = dr.grad(MADE_ANEW[name])
    for _ in range(100):
        work(1.3)
    before = peak()
    for _ in range(900):
        work(1.3)
    assert peak() < 1.01 * before
