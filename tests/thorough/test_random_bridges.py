"""Random chains of functions, some of which are another library's: the derivatives are the same."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import dualrev as dr


def functions(xp):
    return [
        lambda x, y: xp.sin(x) * y,
        lambda x, y: x * x - y,
        lambda x, y: xp.exp(-x * x) + xp.cos(y),
        lambda x, y: x + y[0] * x[1],
        lambda x, y: xp.sum(x * y) * x,
        lambda x, y: xp.where(x > y, x * y, y * y * x),
        lambda x, y: x / (1 + y * y),
        lambda x, y: y,
    ]


@st.composite
def programs(draw):
    """Steps: which function, whether it crosses, of which of the last three values."""
    step = st.tuples(st.integers(0, 7), st.booleans(), st.integers(0, 2), st.integers(0, 2))
    return draw(st.lists(step, min_size=1, max_size=4))


def chain(steps, own, crossed):
    def f(x, y):
        values = [x, y, x]
        for which, crosses, i, j in steps:
            function = (crossed if crosses else own)[which]
            values = [function(values[i], values[j]), *values[:2]]
        return (values[0] * values[1] + values[2]).sum()

    return f


def torch_bridge():
    torch = pytest.importorskip("torch")
    from dualrev.bridges.torch import from_torch, to_torch

    return torch, torch.tensor, torch.func.jacrev, torch.func.jacfwd, from_torch, to_torch


def jax_bridge():
    jax = pytest.importorskip("jax")
    from dualrev.bridges.jax import from_jax, to_jax

    jax.config.update("jax_enable_x64", True)
    return jax.numpy, jax.numpy.asarray, jax.jacrev, jax.jacfwd, from_jax, to_jax


@pytest.mark.parametrize(("bridge", "examples"), [(torch_bridge, 300), (jax_bridge, 60)])
def test_a_chain_that_crosses_has_the_derivatives_of_one_that_does_not(bridge, examples):
    xp, array, jacrev, jacfwd, inward, outward = bridge()
    ours, theirs = functions(np), functions(xp)
    theirs_of_ours, ours_of_theirs = list(map(outward, ours)), list(map(inward, theirs))

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        programs(),
        st.lists(st.sampled_from(["reverse", "forward"]), min_size=1, max_size=2),
        st.integers(0, 1),
        st.integers(0, 1000),
    )
    def check(steps, modes, by, seed):
        x, y = np.random.default_rng(seed).normal(size=(2, 3))
        plain = chain(steps, ours, ours)
        crossing, other = chain(steps, ours, ours_of_theirs), chain(steps, theirs, theirs_of_ours)
        for mode in modes:
            plain, crossing = (dr.jacobian(f, argnums=by, mode=mode) for f in (plain, crossing))
            other = (jacrev if mode == "reverse" else jacfwd)(other, argnums=by)
        expected = plain(x, y)
        scale = 1 + np.max(np.abs(expected))
        for found in (crossing(x, y), np.asarray(other(array(x), array(y)) + 0.0)):
            assert_allclose(expected / scale, found / scale, atol=1e-9)  # of sums in another order

    check()
