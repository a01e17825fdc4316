"""Programs of tests/programs as they stand: arrays made first and filled later, nested lists, math.

They know nothing of dualrev.  Each runs with NumPy patched, and those that use nothing but ``np`` also
with ``dualrev.numpy`` under that name.
"""

import contextlib
import functools
import importlib
import math
import pathlib
import threading
import types

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
import dualrev.numpy
from tests import programs
from tests.numeric import numeric_jacobian, slope

MODULES = [
    importlib.import_module(f"tests.programs.{path.stem}")
    for path in sorted(pathlib.Path(programs.__file__).parent.glob("[!_]*.py"))
]


class Program:
    """One function and where it is called, with what plain NumPy says of it."""

    def __init__(self, module, name, f, x):
        self.module, self.name, self.f, self.x = module, name, f, x
        # Steps in multiples of each parameter: Meyer's three are 0.02, 4000 and 250.
        self.scale = np.where(np.abs(x) > 0.05, np.abs(x), 0.1)
        self.value = f(x.copy())
        # What makes one number of the answer: of every element as much as of the others.
        waves = np.cos(1.0 + np.arange(np.size(self.value))).reshape(np.shape(self.value))
        self.weights = waves / (1 + np.abs(self.value))

    def __str__(self):
        return self.name

    def loss(self, x):
        return np.sum(self.weights * self.f(x))

    @functools.cached_property
    def jacobian(self):
        """Differences, in multiples of the steps."""
        return numeric_jacobian(lambda u: self.f(self.x + self.scale * u), np.zeros(len(self.x)))


def all_programs():
    for module in MODULES:
        name = module.__name__.rpartition(".")[2]
        if hasattr(module, "examples"):
            for part, f, x in module.examples():
                yield Program(module, f"{name}.{part}", f, x)
        else:
            yield Program(module, name, *module.example())


PROGRAMS = list(all_programs())


def uses_np_alone(module):
    """Whether everything that the program has of NumPy and math is called np.something."""
    others = [
        value
        for name, value in vars(module).items()
        if name != "np" and getattr(value, "__module__", None) in ("numpy", "math", "cmath")
    ]
    modules = [value for value in vars(module).values() if isinstance(value, types.ModuleType)]
    return not others and modules == [np]


FORMS = [
    pytest.param(form, program, id=f"{form}-{program}")
    for program in PROGRAMS
    for form in ("patched", "namespace")
    if form == "patched" or uses_np_alone(program.module)
]


@contextlib.contextmanager
def in_form(form, module):
    """The program's module, unedited, where dualrev can follow it."""
    with contextlib.ExitStack() as stack:
        if form == "patched":
            stack.enter_context(dr.patch_numpy())
        else:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            patch.setattr(module, "np", dualrev.numpy)
        yield


def close(expected, actual, rtol, scale=None):
    """Within rtol of the largest element, as for a matrix whose small entries are differences."""
    size = np.max(np.abs(expected)) if scale is None else scale
    assert np.shape(expected) == np.shape(actual)
    assert_allclose(expected, actual, rtol=rtol, atol=rtol * size + 1e-12)


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("form", "program"), FORMS)
def test_program_runs_unedited_with_right_derivatives(form, program):
    """Value, and each mode, against differences of the plain program."""
    t = np.cos(np.arange(len(program.x)))
    with in_form(form, program.module):
        value, pull = dr.vjp(program.f, program.x)
        pushed, tangent = dr.jvp(program.f, (program.x,), (program.scale * t,))
        (pulled,) = pull(program.weights)
        gradient = dr.grad(program.loss)(program.x)
    assert_allclose(program.value, value, rtol=1e-13, atol=1e-14)
    assert_allclose(program.value, pushed, rtol=1e-13, atol=1e-14)
    slopes = np.tensordot(program.weights, program.jacobian, np.ndim(value))
    close(program.jacobian @ t, tangent, 1e-5)
    close(slopes, pulled * program.scale, 1e-5)
    close(slopes, gradient * program.scale, 1e-5)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_jacobians_of_program_agree(program):
    """Column by column and row by row, against differences of the plain program."""
    with in_form("patched", program.module):
        forward = dr.jacobian(program.f, mode="forward")(program.x) * program.scale
        reverse = dr.jacobian(program.f, mode="reverse")(program.x) * program.scale
    close(program.jacobian, forward, 1e-5)
    close(reverse, forward, 1e-9)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_program_runs_unedited_with_right_second_derivatives(program):
    """Four ways to a Hessian's product, against differences of the gradient."""
    x, scale = program.x, program.scale
    t = scale * np.cos(np.arange(len(x)))
    with in_form("patched", program.module):
        slopes = slope(lambda h: dr.grad(program.loss)(x + h * t), 0.0, 1.0)
        product = dr.hvp(program.loss)(x, t)
        hessian = dr.hessian(program.loss)(x)
        twice = dr.grad(lambda x: dr.grad(program.loss)(x) @ t)(x)
        over_forward = dr.grad(lambda x: dr.jvp(program.loss, (x,), (t,))[1])(x)
    close(slopes * scale, product * scale, 1e-5)
    hessian = scale[:, None] * hessian * scale
    size = np.max(np.abs(hessian))
    close(hessian, hessian.T, 1e-8)
    close(hessian @ (t / scale), product * scale, 1e-8, size)
    close(hessian @ (t / scale), twice * scale, 1e-8, size)
    close(hessian @ (t / scale), over_forward * scale, 1e-8, size)


#: Programs that choose their way by numbers, how many steps they take, or keep whole numbers.
BRANCHING = {
    "attitude", "factorizations", "garch", "hidden_markov", "icp", "lennard_jones",
    "more_wild.helical_valley", "option_pricing", "rate_matrix", "robot_arm", "splines",
    "time_warping",
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
@pytest.mark.one_in(3)
@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_program_takes_a_batch_or_says_that_it_branches(program):
    """Values and gradients of two starts at once."""
    starts = np.stack([program.x, program.x + 1e-3 * program.scale])
    with in_form("patched", program.module):
        if program.name in BRANCHING:
            with pytest.raises(dr.CoercionError, match="branch on a batched|A batched number was"):
                dr.vmap(program.loss)(starts)
            return
        for f in (program.loss, dr.grad(program.loss)):
            expected = np.stack([f(x) for x in starts])
            assert_allclose(expected, dr.vmap(f)(starts), rtol=1e-12, atol=1e-14)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_patched_numpy_changes_nothing_outside_a_transform(program):
    """The same answer to the bit, of the same type."""
    with dr.patch_numpy():
        value = program.f(program.x.copy())
    assert type(program.value) is type(value)
    assert_array_equal(program.value, value)


def test_programs_in_threads_do_not_see_each_other():
    """One thread takes derivatives while another runs the plain program."""
    garch, robot = (p for p in PROGRAMS if p.name in ("garch", "robot_arm"))
    answers = {}

    def derive():
        answers["derived"] = [dr.grad(garch.loss)(garch.x) for _ in range(5)]

    def run():
        answers["plain"] = [(type(y), y) for y in (robot.f(robot.x) for _ in range(50))]

    with dr.patch_numpy():
        expected = dr.grad(garch.loss)(garch.x)
        threads = [threading.Thread(target=derive), threading.Thread(target=run)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for gradient in answers["derived"]:
        assert_array_equal(expected, gradient)
    for kind, y in answers["plain"]:
        assert kind is np.ndarray
        assert_array_equal(robot.value, y)


def test_patch_is_undone():
    """After the context NumPy's and math's own functions stand where programs found them."""
    robot = next(p.module for p in PROGRAMS if p.name == "robot_arm")
    kalman = next(p.module for p in PROGRAMS if p.name == "kalman")
    before = np.zeros, np.array, math.sin, robot.sin, kalman.zeros
    with dr.patch_numpy():
        pass
    assert (np.zeros, np.array, math.sin, robot.sin, kalman.zeros) == before
