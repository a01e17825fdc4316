"""A compiled derivative is the derivative: over the table of cases, on other inputs than the recorded.

Here a sample of functions; tests/thorough/test_compiled_laws.py takes every row.
"""

import numpy as np
import pytest

import dualrev as dr
from tests.cases import all_cases, once
from tests.test_laws import outputs_of, random_like

CASES = [case for case in all_cases() if not case.of_options]
FIRST = once(CASES)[::8]
TWICE = once([case for case in CASES if case.order >= 2])[::40]

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    # Of a search, which sees other numbers each time.
    pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning"),
]


def derivatives(f):
    """Value, tangent and cotangents."""

    def derivatives(args, ts, ct):
        ans, t = dr.jvp(f, args, ts)
        return ans, t, dr.vjp(f, *args)[1](ct)

    return derivatives


def second_order(f):
    """The cotangents, pushed forward and pulled back."""

    def pulled(args, ct):
        return dr.vjp(f, *args)[1](ct)

    def derivatives(args, ts, ct):
        _, forward = dr.jvp(lambda *args: pulled(args, ct), args, ts)
        back = dr.vjp(lambda *args: pulled(args, ct), *args)[1](tuple(map(np.asarray, ts)))
        return forward, back

    return derivatives


def nearby(args, k):
    """Other arguments, so near that they lie in the domain too."""
    return tuple(
        x * (1 + 1e-4 * k * np.cos(1.0 + np.arange(x.size).reshape(x.shape))) for x in args
    )


def check(case, rng, of, times=2):
    f = outputs_of(case)
    args = tuple(map(np.asarray, case.args))
    ts = tuple(np.asarray(random_like(rng, x)) for x in args)
    ct = random_like(rng, dr.jvp(f, nearby(args, 0), ts)[0])  # of numbers, where SciPy wants such
    fast = dr.compile(of(f))
    for k in range(times):
        given = nearby(args, k)
        assert_close(of(f)(given, ts, ct), fast(given, ts, ct))


@pytest.mark.one_in(3)
@pytest.mark.parametrize("case", FIRST, ids=str)
def test_a_replay_is_the_derivative(case, rng):
    check(case, rng, derivatives)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("case", TWICE, ids=str)
def test_a_replay_is_the_second_derivative(case, rng):
    check(case, rng, second_order)


def assert_close(expected, found):
    if isinstance(expected, tuple):
        for e, x in zip(expected, found, strict=True):
            assert_close(e, x)
    else:
        assert type(expected) is type(found)
        assert np.asarray(expected).dtype == np.asarray(found).dtype
        scale = np.max(np.abs(expected), initial=1, where=np.isfinite(expected))
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * scale)
