"""Programs of tests/programs as they stand, compiled: loops, branches, filled arrays, math."""

import numpy as np
import pytest

import dualrev as dr
from tests.numpy.test_programs import PROGRAMS

#: One of each file; all of them in tests/thorough.
SAMPLE = list({program.module: program for program in PROGRAMS}.values())


def check(program, engine=None):
    """Right on inputs nearby, recorded once where no branch changes."""
    rng = np.random.default_rng(0)
    gradient = dr.grad(program.loss)
    fast = dr.compile(gradient, engine=engine)
    with dr.patch_numpy():
        for k in range(3):
            x = program.x * (1 + 1e-3 * (k > 0) * rng.normal(size=program.x.shape))
            expected = gradient(x)
            scale = np.max(np.abs(expected))
            np.testing.assert_allclose(fast(x), expected, rtol=1e-12, atol=1e-12 * scale)


@pytest.mark.one_in(4)
@pytest.mark.parametrize("program", SAMPLE, ids=str)
def test_program_is_compiled_unedited(program):
    check(program)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("program", SAMPLE, ids=str)
def test_its_values_are_compiled_too(program):
    """Arrays that it makes are filled with recorded numbers as with traced ones."""
    fast = dr.compile(program.f)
    with dr.patch_numpy():
        for factor in (1.0, 1.001, 0.999):
            x = program.x * factor
            np.testing.assert_allclose(fast(x), program.f(x), rtol=1e-11, atol=1e-12)
