"""Every case inside a checkpoint: its second run is the first one again, in first and second order."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from tests.test_laws import CASES, outputs_of


def derivatives(f, case):
    """The pullback of ones, and its derivatives in both modes."""

    def pulled(*args):
        ans, pull = dr.vjp(f, *args)
        several = ans if isinstance(ans, tuple) else (ans,)
        ones = tuple(np.ones_like(y) for y in several)
        return pull(ones if isinstance(ans, tuple) else ones[0])

    yield pulled(*case.args)
    if case.order >= 2:
        yield dr.jvp(pulled, case.args, tuple(map(np.ones_like, case.args)))[1]
        total = lambda *args: sum(np.sum(ct) for ct in pulled(*args)).real  # noqa: E731
        yield dr.grad(total, argnums=tuple(range(len(case.args))))(*case.args)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_checkpoint_has_the_derivatives_of_every_function(case):
    f = outputs_of(case)
    given = [x.copy() for x in case.args]
    f(*given)
    if any(map(np.any, map(np.not_equal, case.args, given))):
        pytest.skip("writes into what it is given, by out=")
    try:
        expected = list(derivatives(f, case))
    except dr.DualrevError:
        pytest.skip("has no second derivative in every mode")
    for e, r in zip(expected, derivatives(dr.checkpoint(f), case), strict=True):
        for a, b in zip(e, r, strict=True):
            assert_allclose(a, b, rtol=1e-9, atol=1e-10)
