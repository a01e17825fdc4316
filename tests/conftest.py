import collections
import gc

import numpy as np
import pytest
from hypothesis import settings

from dualrev.core.primitive import RULES


@pytest.fixture
def rng():
    return np.random.default_rng(20080612)


@pytest.fixture
def unwrap_without_rule(monkeypatch):
    """A function of NumPy that dispatches and has no rule: there is none left to test with."""
    monkeypatch.delitem(RULES, np.unwrap)


#: Of a test with many sets of parameters, one in so many is no repetition.
ONE_IN = 20


def pytest_collection_modifyitems(items):
    """Mark what repeats as slow, which ``-m "not slow"`` leaves out.

    Of a law all rows of a function but the first, of another test all sets of parameters but one in
    twenty, and the programs that Hypothesis draws.
    """
    met = collections.Counter()
    for item in items:
        repeats = getattr(getattr(item, "function", None), "is_hypothesis_test", False)
        if hasattr(item, "callspec"):
            if item.path.stem == "test_laws":
                case, dtype = (item.callspec.params.get(name) for name in ("case", "dtype"))
                key, one_in = (item.function, case.function, dtype), float("inf")
            else:
                key, one_in = item.function, ONE_IN
            repeats = repeats or met[key] % one_in != 0
            met[key] += 1
        if repeats:
            item.add_marker("slow")


def pytest_collection_finish():
    """What was collected stays: the garbage collector need not look through it after each test."""
    gc.collect()
    gc.freeze()


# The suite draws the same programs each time; what is new is looked for by
# pytest --hypothesis-profile=thorough
settings.register_profile("suite", derandomize=True)
settings.register_profile("thorough", max_examples=10_000)
settings.load_profile("suite")
