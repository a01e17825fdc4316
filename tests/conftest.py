import numpy as np
import pytest
from hypothesis import settings


@pytest.fixture
def rng():
    return np.random.default_rng(20080612)


# More random programs than a suite has time for: pytest --hypothesis-profile=thorough
settings.register_profile("thorough", max_examples=10_000)
