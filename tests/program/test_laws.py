"""A compiled derivative is the derivative: over the table of cases, recorded and replayed."""

import numpy as np
import pytest

import dualrev as dr
from dualrev import compile
from tests.cases import all_cases
from tests.test_laws import outputs_of, random_like

CASES = [case for case in all_cases() if not case.of_options]


def derivatives(f):
    def both(args, ts, ct):
        ans, t = dr.jvp(f, args, ts)
        return ans, t, dr.vjp(f, *args)[1](ct)

    return both


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_replay_is_the_derivative(case, rng):
    f = outputs_of(case)
    args = tuple(map(np.asarray, case.args))
    ts = tuple(np.asarray(random_like(rng, x)) for x in args)
    ct = random_like(rng, dr.jvp(f, args, ts)[0])
    expected = derivatives(f)(args, ts, ct)
    fast = compile(derivatives(f))
    for _ in range(3):
        found = fast(args, ts, ct)
        assert_close(expected, found)


def assert_close(expected, found):
    if isinstance(expected, tuple):
        for e, x in zip(expected, found, strict=True):
            assert_close(e, x)
    else:
        assert type(expected) is type(found)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
