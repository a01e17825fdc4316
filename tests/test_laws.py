"""The laws that every rule must satisfy, over the table of cases."""

import contextlib
import dataclasses
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.differentiate import derivative as finite_difference

import dualrev as dr
from dualrev.readers import saving, tape
from tests import numeric
from tests.cases import all_cases, once
from tests.rows import each_row

CASES = all_cases()
TWICE = [case for case in CASES if case.order >= 2]
# Four values of f reach about 1e-9 on well-scaled functions of float64, and scipy.differentiate's
# eighth-order differences 1e-10; 1e-6 leaves room for the curvature of the samples near the edges of
# their domains.
RTOL, ATOL = 1e-6, 1e-7
WITH_DTYPES = [
    dataclasses.replace(case, dtypes=dtype, label=f"{case}-{dtype}")
    for case in CASES
    for dtype in case.dtypes
]


def outputs_of(case):
    """The case as a function with one array as result: several outputs are joined."""

    def call(*args):
        ans = case.call(*args)
        if isinstance(ans, tuple | list):
            parts = [a for a in ans if getattr(a, "dtype", np.dtype(int)).kind in "fc"]
            return np.concatenate([np.reshape(a, -1) for a in parts])
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


class First(NamedTuple):
    """A function, and its first derivatives by both modes in random directions."""

    f: Callable
    args: tuple
    ts: tuple
    pushed: tuple[Any, Any]  # the answer, its tangent
    ct: Any
    pulled: tuple[Any, tuple]  # the answer, the cotangents of args


def first_derivatives(f, args, rng):
    ts = tuple(random_like(rng, x) for x in args)
    pushed = dr.jvp(f, args, ts)
    ct = random_like(rng, pushed[0])
    ans, pull = dr.vjp(f, *args)
    return First(f, args, ts, pushed, ct, (ans, pull(ct)))


@functools.lru_cache(maxsize=1000)
def first_of(case):
    """Those of a case, once: four laws ask for them."""
    rng = np.random.default_rng(20080612)
    before = [x.copy() for x in case.args]
    # One array that a case has twice becomes two: BLAS multiplies it by itself in another order.
    args = tuple(x.copy("K") for x in case.args)
    first = first_derivatives(outputs_of(case), args, rng)
    for x, old in zip(args, before):
        np.testing.assert_array_equal(x, old, "an argument was modified")
    return first


def check_slope(found, f, args, ts, rtol=RTOL, atol=ATOL):
    """The real function f has the derivative found along ts, by finite differences."""

    def at(h):
        return f(*(x + h * t for x, t in zip(args, ts)))

    # Four values mostly say so; where they do not, many at steps that are chosen to fit.
    if not abs(numeric.slope(at, 0.0, 1.0) - found) <= atol + rtol * abs(found):
        steps = {"initial_step": 1e-2, "order": 8, "maxiter": 12}
        expected = finite_difference(np.vectorize(at, otypes=[float]), 0.0, **steps).df
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


@each_row(CASES)
def test_primal_is_unchanged_to_the_bit(case):
    """The value under jvp and vjp is that of plain NumPy; the inputs are not modified."""
    first = first_of(case)
    # Of copies, for out= names some; in their order, since BLAS sums by how an array lies.
    expected = first.f(*(x.copy("K") for x in case.args))
    for ans, _ in (first.pushed, first.pulled):
        np.testing.assert_array_equal(ans, expected)


@each_row(CASES)
def test_pushforward_is_the_finite_difference(case):
    """<ct, J t> equals the slope of <ct, f(x + h t)> in h."""
    f, args, ts, (_, tangent), ct, _ = first_of(case)
    check_slope(inner(ct, tangent), lambda *args: inner(ct, f(*args)), args, ts)


def check_adjoint(first, rtol):
    """<ct, J t> equals <J^T ct, t>, with the shapes and dtypes of the primals."""
    _, args, ts, (ans, tangent), ct, (_, cts) = first
    for c, x in zip(cts, args):
        assert c.shape == x.shape
        assert c.dtype == x.dtype
    assert np.shape(tangent) == np.shape(ans)
    assert tangent.dtype == ans.dtype
    scale = np.linalg.norm(np.ravel(ct)) * max(np.linalg.norm(np.ravel(tangent)), 1)
    np.testing.assert_allclose(inner(ct, tangent), inner(cts, ts), rtol=rtol, atol=rtol * scale)


@each_row(CASES)
def test_pullback_is_the_adjoint_of_pushforward(case):
    check_adjoint(first_of(case), rtol=1e-10)


@each_row(WITH_DTYPES)
def test_pullback_is_the_adjoint_in_every_dtype(case):
    """The same for float32 and complex arguments, whose dtype tangents and cotangents keep."""
    rng, dtype = np.random.default_rng(20080612), case.dtypes
    args = [x.astype(dtype) for x in case.args]
    if dtype in "FD":
        args = [x + 0.3j * random_like(rng, x).real for x in args]
    args = tuple(x.astype(dtype) for x in args)
    check_adjoint(first_derivatives(outputs_of(case), args, rng), 1e-10 if dtype == "D" else 2e-3)


@contextlib.contextmanager
def everything_large():
    """Arrays of every size are dropped from the tape where the rule does not read them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saving, "LARGE", 0)
        patch.setattr(tape, "LARGE", 0)
        patch.setattr(tape, "SMALL", 0)
        # Such a stand-in for a dropped array is kept by shape: none of another threshold.
        patch.setattr(saving, "_hollows", {})
        yield


@each_row(CASES, turn=1, of=3)
@everything_large()
def test_what_a_tape_drops_is_never_read(case):
    """Pulled and pushed derivatives are forward mode's, where nothing is dropped.

    A rule that reads what was dropped meets nan.
    """
    f, args, ts, (_, tangent), ct, _ = first_of(case)
    _, linear = dr.linearize(f, *args)
    np.testing.assert_allclose(tangent, linear.push(*ts), rtol=1e-9, atol=1e-9)
    expected, pulled = inner(ct, tangent), inner(linear.pull(ct), ts)
    np.testing.assert_allclose(expected, pulled, rtol=1e-9, atol=1e-9 * (1 + abs(expected)))


@each_row(TWICE, turn=2, of=3)
@everything_large()
def test_second_derivatives_agree_in_every_order_of_the_modes(case):
    """The Hessian of <ct, f>, also from tapes that have dropped what no rule reads."""
    f, args, ts, _, ct, _ = first_of(case)

    def gradient(*args):
        return dr.vjp(f, *args)[1](ct)

    def along(*args):
        return dr.jvp(f, args, ts)[1]

    def slope(*args):
        return np.real(np.sum(np.conj(ct) * along(*args)))

    forward_over_reverse = dr.jvp(gradient, args, ts)[1]
    reverse_over_reverse = dr.vjp(gradient, *args)[1](ts)
    reverse_over_forward = dr.vjp(slope, *args)[1](np.float64(1.0))
    for expected, a, b in zip(forward_over_reverse, reverse_over_reverse, reverse_over_forward):
        scale = 1e-8 * (1 + np.max(np.abs(expected), initial=0))
        np.testing.assert_allclose(a, expected, rtol=1e-7, atol=scale)
        np.testing.assert_allclose(b, expected, rtol=1e-7, atol=scale)
    expected = inner(ct, dr.jvp(along, args, ts)[1])
    np.testing.assert_allclose(
        inner(forward_over_reverse, ts), expected, rtol=1e-7, atol=1e-7 * (1 + abs(expected))
    )


def check_second_slope(case):
    """Forward over reverse equals the slope of the exact gradient."""
    f, args, ts, _, ct, _ = first_of(case)
    directions = tuple(random_like(np.random.default_rng(1), x) for x in args)

    def gradient(*args):
        return dr.vjp(f, *args)[1](ct)

    second = inner(directions, dr.jvp(gradient, args, ts)[1])
    along = lambda *args: inner(directions, gradient(*args))  # noqa: E731
    check_slope(second, along, args, ts, 10 * RTOL, 10 * ATOL)


# The other rows: tests/thorough/test_second_slopes.py
ONCE = once(TWICE)


@each_row(ONCE)
def test_jvp_of_vjp_is_the_finite_difference(case):
    """Of one row of each function, by each way of calling it."""
    check_second_slope(case)
