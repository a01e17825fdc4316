"""The laws that every rule must satisfy, over the table of cases."""

import numpy as np
import pytest
from scipy.differentiate import derivative as finite_difference

import dualrev as dr
from dualrev.core import saving, tape
from tests.cases import all_cases

CASES = all_cases()
# scipy.differentiate's eighth-order differences reach about 1e-10 on well-scaled functions of
# float64; 1e-6 leaves room for the curvature of the samples near the edges of their domains.
RTOL, ATOL = 1e-6, 1e-7
WITH_DTYPES = [(case, dtype) for case in CASES for dtype in case.dtypes]


def outputs_of(case):
    """The case as a function with one array as result: several outputs are joined."""

    def call(*args):
        ans = case.call(*args)
        if isinstance(ans, tuple | list):
            return np.concatenate([np.reshape(a, -1) for a in ans])
        return ans

    return call


def random_like(rng, x):
    x = np.asarray(x)
    draw = rng.standard_normal(x.shape)
    if x.dtype.kind == "c":
        draw = draw + 1j * rng.standard_normal(x.shape)
    return draw.astype(x.dtype)[()]


def inner(a, b):
    """Re <a, b>, over tuples of arrays."""
    if isinstance(a, tuple):
        return sum(map(inner, a, b))
    return np.real(np.vdot(a, b))


def along(f, args, ts):
    """f on the line through args in direction ts, for the arrays of steps of scipy.differentiate."""

    def on_line(h):
        return np.vectorize(lambda s: f(*(x + s * t for x, t in zip(args, ts))), otypes=[float])(h)

    return on_line


def slope(f, args, ts):
    """The derivative of a real function along ts, by scipy's finite differences."""
    result = finite_difference(along(f, args, ts), 0.0, initial_step=1e-2, order=8, maxiter=12)
    return result.df


@pytest.mark.parametrize("case", CASES, ids=str)
def test_primal_is_unchanged_to_the_bit(case, rng):
    """The value under jvp and vjp is that of plain NumPy; the inputs are not modified."""
    f = outputs_of(case)
    before = [x.copy() for x in case.args]
    expected = f(*case.args)
    forward, _ = dr.jvp(f, case.args, tuple(random_like(rng, x) for x in case.args))
    reverse, _ = dr.vjp(f, *case.args)
    np.testing.assert_array_equal(forward, expected)
    np.testing.assert_array_equal(reverse, expected)
    for x, old in zip(case.args, before):
        np.testing.assert_array_equal(x, old)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_pushforward_is_the_finite_difference(case, rng):
    """<w, J t> equals the slope of <w, f(x + h t)> in h."""
    f = outputs_of(case)
    ts = tuple(random_like(rng, x) for x in case.args)
    ans, tangent = dr.jvp(f, case.args, ts)
    w = random_like(rng, ans)
    expected = slope(lambda *args: inner(w, f(*args)), case.args, ts)
    np.testing.assert_allclose(inner(w, tangent), expected, rtol=RTOL, atol=ATOL)


def check_adjoint(f, args, rng, rtol):
    ts = tuple(random_like(rng, x) for x in args)
    ans, tangent = dr.jvp(f, args, ts)
    _, pullback = dr.vjp(f, *args)
    ct = random_like(rng, ans)
    cts = pullback(ct)
    for c, x in zip(cts, args):
        assert c.shape == x.shape
        assert c.dtype == x.dtype
    assert np.shape(tangent) == np.shape(ans)
    assert tangent.dtype == ans.dtype
    scale = np.linalg.norm(np.ravel(ct)) * max(np.linalg.norm(np.ravel(tangent)), 1)
    np.testing.assert_allclose(inner(ct, tangent), inner(cts, ts), rtol=rtol, atol=rtol * scale)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_pullback_is_the_adjoint_of_pushforward(case, rng):
    """<ct, J t> equals <J^T ct, t>, with the shapes and dtypes of the primals."""
    check_adjoint(outputs_of(case), case.args, rng, rtol=1e-10)


@pytest.mark.parametrize(("case", "dtype"), WITH_DTYPES, ids=lambda p: str(p))
def test_pullback_is_the_adjoint_in_every_dtype(case, dtype, rng):
    """The same for float32 and complex arguments, whose dtype tangents and cotangents keep."""
    args = [x.astype(dtype) for x in case.args]
    if dtype in "FD":
        args = [x + 0.3j * random_like(rng, x).real for x in args]
    args = tuple(x.astype(dtype) for x in args)
    check_adjoint(outputs_of(case), args, rng, rtol=1e-10 if dtype == "D" else 2e-3)


@pytest.fixture
def everything_is_large(monkeypatch):
    """Arrays of every size are dropped from the tape where the rule does not read them."""
    monkeypatch.setattr(saving, "LARGE", 0)
    monkeypatch.setattr(tape, "LARGE", 0)
    monkeypatch.setattr(tape, "SMALL", 0)
    # Such a stand-in for a dropped array is kept by shape: none of another threshold.
    monkeypatch.setattr(saving, "_hollows", {})


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_tape_drops_is_never_read(case, everything_is_large, rng):
    """Reverse, pushed and second-order derivatives are forward mode's, where nothing is dropped.

    A rule that reads what was dropped meets nan.
    """
    f = outputs_of(case)
    ts = tuple(random_like(rng, x) for x in case.args)
    ans, tangent = dr.jvp(f, case.args, ts)
    ct = random_like(rng, ans)
    _, linear = dr.linearize(f, *case.args)
    np.testing.assert_allclose(tangent, linear.push(*ts), rtol=1e-9, atol=1e-9)
    pulled = linear.pull(ct)
    assert np.isfinite(inner(pulled, ts))
    scale = 1 + np.abs(inner(ct, tangent))
    np.testing.assert_allclose(inner(ct, tangent), inner(pulled, ts), rtol=1e-9, atol=1e-9 * scale)
    if case.order < 2:
        return

    def gradient(*args):
        return dr.vjp(f, *args)[1](ct)

    def along(*args):
        return dr.jvp(f, args, ts)[1]

    _, second = dr.jvp(along, case.args, ts)
    _, pushed = dr.jvp(gradient, case.args, ts)
    scale = 1 + np.abs(inner(ct, second))
    np.testing.assert_allclose(inner(ct, second), inner(pushed, ts), rtol=1e-7, atol=1e-7 * scale)
    reversed_twice = dr.vjp(gradient, *case.args)[1](ts)
    np.testing.assert_allclose(
        inner(ct, second), inner(reversed_twice, ts), rtol=1e-7, atol=1e-7 * scale
    )


TWICE = [case for case in CASES if case.order >= 2]


@pytest.mark.parametrize("case", TWICE, ids=str)
def test_jvp_of_vjp_is_the_finite_difference(case, rng):
    """Forward over reverse equals the slope of the exact gradient."""
    f = outputs_of(case)
    w = random_like(rng, f(*case.args))
    ts = tuple(random_like(rng, x) for x in case.args)
    directions = tuple(random_like(rng, x) for x in case.args)

    def gradient(*args):
        return dr.vjp(f, *args)[1](w)

    _, second = dr.jvp(gradient, case.args, ts)
    expected = slope(lambda *args: inner(directions, gradient(*args)), case.args, ts)
    np.testing.assert_allclose(inner(directions, second), expected, rtol=10 * RTOL, atol=10 * ATOL)


@pytest.mark.parametrize("case", TWICE, ids=str)
def test_vjp_of_vjp_and_vjp_of_jvp_equal_jvp_of_vjp(case, rng):
    """The Hessian of <w, f> is the same in every order of the two modes."""
    f = outputs_of(case)
    w = random_like(rng, f(*case.args))
    ts = tuple(random_like(rng, x) for x in case.args)

    def gradient(*args):
        return dr.vjp(f, *args)[1](w)

    def directional(*args):
        return np.real(np.sum(np.conj(w) * dr.jvp(f, args, ts)[1]))

    _, forward_over_reverse = dr.jvp(gradient, case.args, ts)
    reverse_over_reverse = dr.vjp(gradient, *case.args)[1](ts)
    reverse_over_forward = dr.vjp(directional, *case.args)[1](np.float64(1.0))
    for expected, a, b in zip(forward_over_reverse, reverse_over_reverse, reverse_over_forward):
        scale = 1e-8 * (1 + np.max(np.abs(expected), initial=0))
        np.testing.assert_allclose(a, expected, rtol=1e-7, atol=scale)
        np.testing.assert_allclose(b, expected, rtol=1e-7, atol=scale)
