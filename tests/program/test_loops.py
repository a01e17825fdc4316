"""Loops that are taken out of ufuncs compute what the ufuncs do, of NumPy and of scipy.special."""

import ctypes
import warnings

import numpy as np
import pytest
import scipy.special

from dualrev.program.llvm.loops import loop_of

CALL = ctypes.PYFUNCTYPE(None, *[ctypes.c_void_p] * 4)


def call(loop, arrays, n):
    args = np.array([x.ctypes.data for x in arrays])
    dims = np.array([n])
    steps = np.array([x.strides[0] for x in arrays])
    address = (x.ctypes.data for x in (args, dims, steps))
    CALL(loop.function)(*address, loop.data)


@pytest.mark.parametrize("module", [np, scipy.special], ids=["numpy", "scipy.special"])
def test_a_loop_computes_what_its_ufunc_does_to_the_bit(module, rng):
    ufuncs = {x for x in vars(module).values() if isinstance(x, np.ufunc) and not x.signature}
    tried = 0
    for ufunc in ufuncs:
        for types in ufunc.types:
            codes = types.replace("->", "")
            if set(codes) & set("OMm"):
                continue
            dtypes = tuple(map(np.dtype, codes))
            args = [rng.uniform(0.1, 3, 37).astype(dtype) for dtype in dtypes[: ufunc.nin]]
            answers = [np.zeros(37, dtype) for dtype in dtypes[ufunc.nin :]]
            with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
                expected = ufunc(*args, signature=dtypes)
                call(loop_of(ufunc, dtypes), [*args, *answers], 37)
            expected = expected if ufunc.nout > 1 else (expected,)
            for e, x in zip(expected, answers, strict=True):
                np.testing.assert_array_equal(e, x, err_msg=f"{ufunc.__name__} {types}")
            tried += 1
    assert tried > 500


def test_there_is_no_loop_of_objects_nor_for_other_byte_orders():
    object_, double = np.dtype(object), np.dtype(float)
    assert loop_of(np.add, (double,) * 3) is not None
    assert loop_of(np.add, (object_,) * 3) is None
    assert loop_of(np.add, (np.dtype(">f8"),) * 3) is None
    assert loop_of(np.add, (double, double, np.dtype(int))) is None
    assert loop_of(np.frompyfunc(abs, 1, 1), (double, double)) is None
