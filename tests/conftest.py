import gc

import numpy as np
import pytest
from hypothesis import settings

from dualrev.core.primitive import RULES
from tests import rows
from tests.rows import name_of


@pytest.fixture
def rng():
    return np.random.default_rng(20080612)


@pytest.fixture
def unwrap_without_rule(monkeypatch):
    """A function of NumPy that dispatches and has no rule: there is none left to test with."""
    monkeypatch.delitem(RULES, np.unwrap)


def pytest_configure(config):
    rows.thorough = config.getoption("thorough")
    settings.load_profile("suite in full" if rows.thorough else "suite")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    if not rows.thorough:
        left_out = dict.fromkeys(rows.left_out(items))
        config.hook.pytest_deselected(items=[*left_out])
        items[:] = [item for item in items if item not in left_out]
    yield  # -k chooses
    if hasattr(config, "workerinput"):
        items[:] = rows.together(items)
    # The laws of one function come after each other: four of them share its first derivatives.
    places = [i for i, item in enumerate(items) if item.path.stem == "test_laws" and name_of(item)]
    for i, item in zip(places, sorted((items[i] for i in places), key=name_of)):
        items[i] = item


def pytest_collection_finish():
    """What was collected stays: the garbage collector need not look through it after each test."""
    gc.collect()
    gc.freeze()


# The suite draws the same programs each time; what is new is looked for by
# pytest --hypothesis-profile=thorough
settings.register_profile("suite in full", derandomize=True)
settings.register_profile("suite", derandomize=True, max_examples=rows.examples(100))
settings.register_profile("thorough", max_examples=10_000)
settings.load_profile("suite")
