"""The pattern of a function contains that of its Jacobian, and equals it where no number chooses."""

import numpy as np
import pytest

from tests.sparse.detected import compare


@pytest.mark.parametrize("n", [7, 300])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.convolve(x, x),
        lambda x: np.correlate(x, x, "full"),
        lambda x: np.kron(x[:6], x[:6]),
        lambda x: np.cross(x[:3] * 1, x[:3] * 1 + x[3]),
    ],
    ids=["convolve", "correlate", "kron", "cross"],
)
def test_array_that_meets_itself_is_not_taken_for_linear(f, n, rng):
    compare(f, (rng.normal(size=n),))


@pytest.mark.parametrize("n", [7, 300])
@pytest.mark.parametrize("kernel", [[1, 1e-15], [1e-15, 1], [1e-250, 1, 1e-30]], ids=str)
def test_entry_that_is_lost_beside_others_is_found(kernel, n, rng):
    """The others are taken away afterwards, and what is left is scaled to 1."""

    def f(x):
        y = np.convolve(x, kernel, "same")
        return (y - x * (np.array(kernel) == 1)[0]) / min(kernel)

    compare(f, (rng.normal(size=n),))
