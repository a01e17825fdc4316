"""A nan that was seen not to be there stops a replay, whatever would have become of it."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.program.nan_guards import unproven
from dualrev.program.numpy_engine import Workspace
from dualrev.program.planning import simplified
from dualrev.program.recording import Recording
from dualrev.program.steps import Diverged, Guard

ONES, ZEROS, INFINITE = np.ones(3), np.zeros(3), np.full(3, np.inf)


def _write_over(p):
    q = p + 0.0
    q[:2] = 1.0
    q[2:] = 2.0
    return q


def _write_through(p):
    q = np.copy(ONES) * p.sum() * 0 + 1.0
    q[...] = np.fmin(p, 5.0)
    return q


def _mask_over(p):
    q = p + 0.0
    q[np.array([True, True, True])] = 1.0
    return q


@dr.linear(transposes=(lambda ct, x: ct,))
def forgetful(x):
    return np.nan_to_num(np.asarray(x))


DROPPING = {
    "fmax": lambda p: np.fmax(p, 0.0),
    "comparison": lambda p: np.where(p > 0, 1.0, 2.0),
    "condition": lambda p: np.where(p, 1.0, 2.0),
    "condition that is a value too": lambda p: np.where(p, 1.0, p),
    "power 0": lambda p: np.power(p, np.zeros(3)),
    "power of 1": lambda p: np.power(np.ones(3), p),
    "hypot with infinity": lambda p: np.hypot(p, np.inf),
    "complex absolute": lambda p: np.absolute(p + 1j * np.inf),
    "complex real": lambda p: np.real(1 + 1j * p),
    "integers": lambda p: p.astype(int),
    "integers and back": lambda p: p.astype(int) * 1.0,
    "argsort": lambda p: np.argsort(p) * 1.0,
    "argmax": lambda p: np.argmax(p) * 1.0,
    "nan_to_num": lambda p: np.nan_to_num(p),
    "nansum": lambda p: np.nansum(p),
    "isnan": lambda p: np.isnan(p) * 1.0,
    "copysign": lambda p: np.copysign(1.0, p),
    "signbit": lambda p: np.signbit(p) * 1.0,
    "written over": _write_over,
    "written over by a mask": _mask_over,
    "clipped by fmin before it is written": _write_through,
    "far from where it is dropped": lambda p: np.fmax(np.sum(np.exp(-p) * 2.0), 0.0),
    "what a user calls linear": forgetful,
}
PASSING = {
    "arithmetic": lambda p: -(p + 1.0) / 2.0 - p * p,
    "sum": lambda p: np.sum(p),
    "maximum": lambda p: np.maximum(p, 0.0),
    "product of matrices with 0": lambda p: np.zeros((2, 3)) @ p,
    "square matrices with 0": lambda p: np.zeros((3, 3)) @ np.outer(p, p),
    "functions": lambda p: np.tanh(np.exp(-p)),
    "joined": lambda p: np.concatenate((p, np.ones(2))),
    "written beside others": lambda p: np.stack((p, p + 1.0, np.ones(3))),
    "an element": lambda p: p[1] * 2.0,
    "added in place": lambda p: np.add(np.ones(3), p) * 0.0,
}


def recorded(f):
    """A program of ``f(x * y)`` whose product was seen to hold no nan."""
    recording = Recording()
    x, y = (recording.input(a.copy()) for a in (ONES, 2 * ONES))
    p = x * y
    assert not p.has_nan()
    return recording.program([f(p)], "f")


def guards_of(program):
    return {step.number for step in program.steps if type(step) is Guard and step.seen is None}


@pytest.mark.parametrize("f", DROPPING.values(), ids=DROPPING)
def test_a_nan_that_would_be_dropped_stops_the_replay(f):
    program = simplified(recorded(f))
    assert guards_of(program)
    assert guards_of(program) <= unproven(program)
    workspace = Workspace(program)
    workspace.run([ONES, ONES])
    with pytest.raises(Diverged):
        workspace.run([ZEROS, INFINITE])


@pytest.mark.parametrize("f", [np.absolute, lambda p: np.abs(p) * 2.0])
def test_a_nan_in_a_part_of_a_complex_number_stops_the_replay(f):
    """The absolute value of inf + nan j is infinite."""
    recording = Recording()
    x = recording.input(np.ones(3, complex))
    p = x * (1 + 2j)
    assert not p.has_nan()
    program = simplified(recording.program([f(p)], "f"))
    assert guards_of(program) <= unproven(program)
    with pytest.raises(Diverged):
        Workspace(program).run([np.full(3, complex(np.inf, np.nan))])


@pytest.mark.parametrize("f", PASSING.values(), ids=PASSING)
def test_a_nan_that_an_output_shows_is_left_to_it(f):
    program = simplified(recorded(f))
    assert not unproven(program)
    workspace = Workspace(program)
    workspace.run([ONES, ONES])
    with pytest.raises(Diverged):
        workspace.run([ZEROS, INFINITE])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_gradient_is_right_where_zero_meets_infinity():
    gradient = dr.grad(lambda x: np.fmax(np.sum(np.where(x > 0, np.sqrt(x), 0.0)), -1.0))
    fast = dr.compile(gradient)
    for x in (np.ones(3), np.array([0.0, 1.0, 4.0]), np.array([-1.0, 0.25, 0.0])):
        np.testing.assert_array_equal(gradient(x), fast(x))
