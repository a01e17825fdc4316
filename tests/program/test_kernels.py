"""Kernels compute what NumPy computes, to the bit, however their operands lie."""

import ctypes
import itertools
import os
import pathlib

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from dualrev.program.llvm.forms import Apply, Form, Load, Reduce, Store
from dualrev.program.llvm.instructions import INSTRUCTIONS
from dualrev.program.llvm.kernels import is_fusible, kernels
from dualrev.program.llvm.machine_code import compiled

FLOATS = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    0.5,
    2.5,
    np.inf,
    -np.inf,
    np.nan,
    5e-324,
    -1e-310,
    1e308,
    3.7,
    1e-45,
]
WHOLE = [0, 1, 2, 3, 5, 7, 100, 127]
KINDS = ("f8", "f4", "i8", "u2", "b1")
LENGTHS = (1, 7, 8, 21)


def samples(kind):
    """Numbers at the edges of a kind."""
    if kind[0] == "f":
        with np.errstate(over="ignore"):
            return np.array(FLOATS, kind)
    if kind == "b1":
        return np.array([True, False])
    info = np.iinfo(kind)
    numbers = {n for n in (*WHOLE, info.max, info.max // 2, info.min) if n <= info.max}
    return np.array(sorted(numbers), kind)


def pairs(count, kind, other=None):
    """All pairs of samples."""
    both = itertools.product(*[samples(kind), samples(other or kind)][:count])
    return [np.array(x) for x in zip(*both)]


def run(form, operands, shape):
    """Call the kernel of a form on arrays of a shape."""
    (loop,) = kernels([form])
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)(loop.function)
    addresses = np.array([x.__array_interface__["data"][0] for x in operands])
    steps = np.array([x.strides for x in operands]).ravel()
    dims = np.array(shape)
    function(*(x.ctypes.data for x in (addresses, dims, steps)), loop.data)


def applied(function, arrays, answer, layouts):
    """What a kernel makes of arrays of one dimension."""
    kinds = tuple(x.dtype.str[1:] for x in (*arrays, answer))
    count = len(arrays)
    parts = (
        *map(Load, range(count)),
        Apply(function, kinds, tuple(range(count))),
        Store(count, count),
    )
    run(Form(answer.ndim, tuple(zip(kinds, layouts)), parts), (*arrays, answer), answer.shape)
    return answer


def expected(function, arrays):
    """What NumPy makes of them."""
    with np.errstate(all="ignore"):
        return function(*arrays)


def assert_same(expected, actual, function=None):
    """Equal to the bit, but for which nan, and which zero of two is larger."""
    np.testing.assert_array_equal(expected, actual, strict=True)
    if expected.dtype.kind == "f" and function not in (np.maximum, np.minimum):
        known = ~np.isnan(expected)
        np.testing.assert_array_equal(np.signbit(expected[known]), np.signbit(actual[known]))


def functions():
    """Functions that are instructions, with kinds of their arguments."""
    for function in INSTRUCTIONS:
        if isinstance(function, np.ufunc):
            for kind in KINDS:
                given = (np.dtype(kind),) * function.nin
                try:
                    found = function.resolve_dtypes((*given, None))
                except TypeError:
                    continue
                kinds = tuple(dtype.str[1:] for dtype in found)
                if kinds[:-1] == (kind,) * function.nin and is_fusible(function, kinds):
                    yield pytest.param(function, kinds, id=f"{function.__name__}-{kind}")


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("function", "kinds"), list(functions()))
def test_an_instruction_is_numpys_function(function, kinds):
    """Vectors, what is left of them, numbers apart from each other, and single numbers."""
    arrays = pairs(function.nin, kinds[0])
    ans = expected(function, arrays)
    dense = ["dense"] * len(kinds)
    assert_same(ans, applied(function, arrays, np.empty_like(ans), dense), function)
    for n in LENGTHS:
        parts = [x[:n] for x in arrays]
        assert_same(ans[:n], applied(function, parts, np.empty_like(ans[:n]), dense), function)
    apart = [np.repeat(x, 3)[1::3] for x in arrays]
    place = np.empty(2 * len(ans), ans.dtype)[::2]
    assert_same(ans, applied(function, apart, place, ["strided"] * len(kinds)), function)
    for i in range(0, len(ans), 5):
        numbers = [np.array(x[i]) for x in arrays]
        place = applied(function, numbers, np.empty((), ans.dtype), ["still"] * len(kinds))
        assert_same(ans[i : i + 1], place.reshape(1), function)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("condition", ["f8", "i8", "b1"])
def test_where_chooses_by_any_kind_of_condition(condition, kind):
    """Also by a nan, which is true."""
    chosen, x = pairs(2, condition, kind)
    y = x[::-1].copy()
    actual = applied(np.where, [chosen, x, y], np.empty_like(x), ["dense"] * 4)
    assert_same(np.where(chosen, x, y), actual)


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
def test_conversions_are_numpys(source, target):
    """But from floats to integers, of which C leaves some open: no kernel has them."""
    if source[0] == "f" and target[0] in "iu":
        assert not is_fusible(np.copyto, (source, target))
        return
    x = samples(source)
    with np.errstate(all="ignore"):
        ans = x.astype(target)
    assert_same(ans, applied(np.copyto, [x], np.empty_like(ans), ["dense"] * 2))


@pytest.mark.parametrize("n", [2, 130, 513, 10**4])
@pytest.mark.parametrize("kind", ["f8", "f4", "i8"])
@pytest.mark.parametrize("ufunc", [np.add, np.maximum, np.minimum], ids=lambda f: f.__name__)
def test_a_reduction_is_numpys_to_the_bit(ufunc, kind, n):
    """Halved where NumPy halves, of what was computed just before.

    Not of 10^5 elements: there NumPy 2.0 sums in another order.
    """
    x = (1000 * np.random.default_rng(n).standard_normal(n)).astype(kind)
    form = Form(
        1,
        ((kind, "dense"), (kind, "still")),
        (Load(0), Apply(np.square, (kind, kind), (0,)), Reduce(ufunc, kind, 1, 1, True)),
    )
    ans = np.empty((), kind)
    (loop,) = kernels([form])
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)(loop.function)
    addresses = np.array([x.ctypes.data, ans.ctypes.data])
    dims, steps = np.array([n]), np.array([x.itemsize, 0])
    function(*(words.ctypes.data for words in (addresses, dims, steps)), loop.data)
    assert ufunc.reduce(np.square(x)) == ans


@pytest.mark.parametrize("ufunc", [np.add, np.maximum, np.minimum], ids=lambda f: f.__name__)
def test_a_nan_reaches_a_reduction(ufunc):
    """Wherever it is."""
    kind = "f8"
    form = Form(1, ((kind, "dense"), (kind, "still")), (Load(0), Reduce(ufunc, kind, 0, 1, True)))
    (loop,) = kernels([form])
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)(loop.function)
    for place in (0, 3, 699, 1499):
        x, ans = np.ones(1500), np.empty(())
        x[place] = np.nan
        addresses = np.array([x.ctypes.data, ans.ctypes.data])
        dims, steps = np.array([1500]), np.array([8, 0])
        function(*(words.ctypes.data for words in (addresses, dims, steps)), loop.data)
        assert np.isnan(ans)


def test_equal_forms_are_compiled_once():
    """They are one loop."""
    one, two = (
        Form(1, (("f8", "dense"),) * 2, (Load(0), Apply(np.sin, ("f8", "f8"), (0,)), Store(1, 1)))
        for _ in range(2)
    )
    assert kernels([one, two])[0] is kernels([two])[0]


STATUS = pathlib.Path("/proc/self/statm")


@pytest.mark.skipif(not STATUS.exists(), reason="this system does not tell the memory of a process")
def test_each_of_many_texts_takes_little_memory():
    """Of a compiler of its own each took 750 kB for good."""

    def size():
        return int(STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    answers = []
    for n in range(80):
        if n == 40:
            before = size()
        # The same name each time: the functions are apart all the same.
        (address,) = compiled(f"define i64 @answer() {{\n  ret i64 {n}\n}}", ["answer"], speed=1)
        answers.append(address)
    assert size() - before < 40 * 100_000
    assert [ctypes.CFUNCTYPE(ctypes.c_int64)(address)() for address in answers] == list(range(80))
