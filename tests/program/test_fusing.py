"""Fused programs answer what NumPy's calls do, one after the other, to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dualrev as dr
from tests.program.test_llvm_engine import assert_same

pytest.importorskip("llvmlite")

from dualrev.program import numpy_engine
from dualrev.program.llvm import engine as llvm_engine
from dualrev.program.llvm import kernels
from dualrev.program.llvm.fusing import Fused
from dualrev.program.steps import Program, Ref, Step
from tests.rows import examples

UNARY = {
    "sin": np.sin,
    "exp": lambda x: np.exp(-abs(x)),
    "sqrt": lambda x: np.sqrt(abs(x)),
    "negative": lambda x: -x,
    "square": np.square,
    "sign": np.sign,
    "float32": lambda x: (x.astype(np.float32) * x).astype(float),
}
BINARY = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": lambda x, y: x / (1 + y * y),
    "maximum": np.maximum,
    "where": lambda x, y: np.where(x > y, x, 2.0),
    "logaddexp": np.logaddexp,
}
SHIFTS = [(slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))]


def written(x, y, target, source):
    x = x.copy()
    x[target] = y[source] - x[target]
    return x


def added(x, y, target, source):
    x = x.copy()
    x[target] += y[source]
    x[source] *= 0.5
    return x


@st.composite
def programs(draw):
    """A function of one array, and its steps in words."""
    shape = draw(st.sampled_from([(9,), (700,), (6, 5), (3, 4, 6)]))
    steps = []
    for count in range(1, draw(st.integers(2, 25))):
        some = st.integers(0, count - 1)
        kinds = ["unary", "binary", "scaled", "written", "added", "whole", "part", "turned"]
        kind = draw(st.sampled_from(kinds))
        if kind == "unary":
            steps.append((kind, draw(st.sampled_from(sorted(UNARY))), draw(some)))
        elif kind == "binary":
            steps.append((kind, draw(st.sampled_from(sorted(BINARY))), draw(some), draw(some)))
        elif kind == "scaled":
            steps.append((kind, draw(st.sampled_from([0.5, -3, 2.0])), draw(some)))
        elif kind in ("written", "added"):
            shift = draw(st.sampled_from(SHIFTS))
            steps.append(
                (kind, shift if draw(st.booleans()) else shift[::-1], draw(some), draw(some))
            )
        else:
            steps.append((kind, draw(st.integers(-1, len(shape) - 1)), draw(some)))
    return shape, steps


def run(steps, x):
    """All arrays that the steps make."""
    made = [x]
    for kind, what, *places in steps:
        given = [made[k] for k in places]
        if kind == "unary":
            made.append(UNARY[what](*given))
        elif kind == "binary":
            made.append(BINARY[what](*given))
        elif kind == "scaled":
            made.append(given[0] * what)
        elif kind in ("written", "added"):
            made.append({"written": written, "added": added}[kind](*given, *what))
        elif kind == "whole":
            made.append(given[0] - np.sum(given[0]) / x.size)
        elif kind == "part":
            made.append(given[0] + np.max(given[0], axis=what, keepdims=True))
        else:
            made.append(np.flip(given[0], what) * 1.5)
    return made


@settings(max_examples=examples(25), deadline=None)
@given(programs(), st.integers(0, 10))
def test_any_program_is_the_same_fused(program, seed):
    """Shifted views, writes, broadcasts, sums, several shapes: each array is NumPy's, to the bit."""
    shape, steps = program
    rng = np.random.default_rng(seed)
    x, y = 2 * rng.standard_normal((2, *shape))

    def f(x):
        return tuple(run(steps, x))

    assert_same(f, (x,), (y,))


@settings(max_examples=examples(8), deadline=None)
@given(programs(), st.integers(0, 10))
def test_any_gradient_is_the_same_fused(program, seed):
    shape, steps = program
    rng = np.random.default_rng(seed)
    x, y = 2 * rng.standard_normal((2, *shape))

    def f(x):
        return sum(np.sum(np.tanh(part)) for part in run(steps, x)[-3:])

    assert_same(dr.value_and_grad(f), (x,), (y,))


@settings(max_examples=examples(8), deadline=None)
@given(st.data())
def test_any_run_of_numbers_is_the_same(data):
    """Elements that are read and written one at a time, in the order of the program."""
    count = data.draw(st.integers(1, 120))
    places = st.integers(0, 4)
    steps = [
        (data.draw(st.sampled_from(sorted(BINARY))), *(data.draw(places) for _ in range(3)))
        for _ in range(count)
    ]

    def f(x):
        x = x.copy()
        for name, i, j, k in steps:
            x[k] = BINARY[name](x[i], x[j]) * 0.5
        return x

    x, y = np.random.default_rng(count).standard_normal((2, 5))
    assert_same(f, (x,), (y,))


def fused_steps(f, *args):
    """The steps of a program that are kernels, and the others."""
    program = dr.compile(f, engine="llvm").program(*args)
    steps = llvm_engine.Workspace(program.steps).program.steps
    parts = [step for step in steps if isinstance(step.function, Fused)]
    return parts, [step for step in steps if step not in parts]


def test_a_chain_is_one_kernel_and_its_values_need_no_memory():
    """Also with the sum that ends it."""
    parts, others = fused_steps(lambda x: np.sum(np.sqrt(x) * 2 + np.sin(x)), np.ones(50))
    assert len(parts) == 1
    assert not others
    assert [ref.shape for ref in parts[0].outputs] == [()]


def test_equal_bodies_of_a_loop_are_compiled_once():
    """However often it runs."""

    def f(count):
        def loop(x):
            for _ in range(count):
                x = x + 0.01 * np.sin(x)
                x = np.sqrt(1 + x * x)
            return np.sum(x)

        return dr.grad(loop)

    x = np.linspace(1.0, 2.0, 7)
    dr.compile(f(100), engine="llvm")(x)
    known = len(kernels._KERNELS)
    parts, _ = fused_steps(f(300), x)
    assert len(parts) > 40
    assert len(kernels._KERNELS) - known < 6


def test_a_step_that_writes_what_another_reads_shifted_is_not_in_its_kernel():
    """Else elements would be met that are not written yet."""

    def f(x):
        y = np.sqrt(x) * 2
        y[1:] = np.sqrt(y[:-1]) + x[1:]
        return np.sqrt(y) * 3

    parts, _ = fused_steps(f, np.ones(20))
    assert len(parts) == 2
    for step in parts:
        for ref in step.outputs:
            assert {x for x in step.read() if x.buffer == ref.buffer} <= {ref}
    assert_same(f, (np.arange(20.0),), (np.ones(20),))


def run_by_hand(arrays, steps, outputs):
    """What both engines answer to a program that is written down: function, arguments, answer."""
    buffers = [x.nbytes for x in arrays]
    inputs = [Ref(k, 0, x.shape, x.strides, x.dtype) for k, x in enumerate(arrays)]
    noted = [
        Step(function, args, {}, (answer,), function is np.copyto, False, k, ("", 0))
        for k, (function, args, answer) in enumerate(steps(*inputs))
    ]
    for step in noted:
        for ref in step.outputs:
            if ref.buffer >= len(buffers):
                buffers.append(ref.strides[0] * ref.shape[0])
    program = Program(inputs, buffers, noted, outputs(*inputs), [False] * len(outputs(*inputs)))
    engines = numpy_engine, llvm_engine
    return [engine.Workspace(program).run([x.copy() for x in arrays]) for engine in engines]


def test_a_step_that_overlaps_itself_reads_before_it_writes():
    """As NumPy does, by a copy."""

    def steps(x):
        def part(offset):
            return Ref(0, offset, (9, 9), x.strides, x.dtype)

        yield np.copyto, (part(88), part(0)), part(88)

    x = np.arange(100.0).reshape(10, 10)
    expected, found = run_by_hand([x], steps, lambda x: [x])
    np.testing.assert_array_equal(expected[0], found[0])
    np.testing.assert_array_equal(x[0, 0], found[0][1, 1])


def test_what_is_overwritten_is_read_before_in_every_stage_of_a_block():
    """Also where the old value waits for a call, and the new one does not."""

    def steps(x, y):
        sine, product, more = (Ref(k, 0, x.shape, x.strides, x.dtype) for k in (2, 3, 4))
        yield np.sin, (x,), sine
        yield np.multiply, (sine, y), product
        yield np.add, (x, np.array(1.0)), more
        yield np.copyto, (y, more), y
        yield np.copyto, (x, product), x

    x, y = np.random.default_rng(0).standard_normal((2, 700))
    expected, found = run_by_hand([x, y], steps, lambda x, y: [x, y])
    np.testing.assert_array_equal(np.sin(x) * y, expected[0])
    for e, a in zip(expected, found, strict=True):
        np.testing.assert_array_equal(e, a)


def test_numbers_are_straight_code_in_pieces():
    def f(x):
        total = x[0]
        for i in range(200):
            total = total * x[i % 5] + x[(i + 1) % 5]
        return total

    parts, others = fused_steps(f, np.linspace(0.5, 1.0, 5))
    assert len(parts) < 20
    assert not others


SHAPES = [(5, 3), (6, 21), (3, 128), (3, 129), (4, 700), (3, 4, 5), (1, 5), (5, 1)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_reductions_of_some_dimensions_are_numpys_to_the_bit(shape):
    """Of rows that are short, long, or have a call in them, of columns, and of several at once."""

    def f(x):
        y, z = x * x + 1, np.exp(x) * 2
        made = [np.sum(y.T, axis=0), np.max(y - x, axis=0), np.sum(z.T * 3, axis=-1)]
        for axis in range(x.ndim):
            made += [np.sum(y, axis=axis), np.min(y - x, axis=axis), np.sum(z, axis=axis)]
        return tuple(made)

    x = 2 * np.random.default_rng(0).standard_normal(shape)
    y = x.copy()
    y[..., 0] = -0.0
    assert_same(f, (x,), (y,), (np.where(x > 1, 1e308, x),))
