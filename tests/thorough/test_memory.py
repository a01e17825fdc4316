"""Thousands of calls: as many blocks of memory as after the first of them, and as many bytes.

Of derivatives ten thousand, of bodies of SciPy's, made anew for each, three thousand: ten minutes.
"""

import gc
import os
import pathlib
import sys

import pytest

import dualrev as dr
from tests.scipy.test_bodies_memory import MADE_ANEW
from tests.test_memory import WORK, X, compiled_anew, decayed

STATUS = pathlib.Path("/proc/self/statm")
DERIVATIVES = WORK | {
    "initial value problem": dr.grad(decayed),
    "compile, by the default engine": lambda x: compiled_anew(x, None),
}


def held_after_calls(work, x, hundreds):
    """Blocks of Python's memory, and bytes of the process."""
    for _ in range(hundreds):
        for _ in range(100):
            work(x)
        gc.collect()  # SciPy's own objects hold themselves
    pages = int(STATUS.read_text().split()[1]) if STATUS.exists() else 0
    return sys.getallocatedblocks(), pages * os.sysconf("SC_PAGE_SIZE") if pages else 0


def check(work, x, hundreds):
    """Less than a block for ten calls, and less than a hundredth of the bytes and a mebibyte."""
    first = hundreds // 2  # CPython keeps what it specializes in the first thousand
    blocks, size = held_after_calls(work, x, first)
    more_blocks, more_size = held_after_calls(work, x, hundreds - first)
    assert more_blocks - blocks < 10 * (hundreds - first)
    assert more_size < 1.01 * size + 2**20


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", DERIVATIVES)
def test_ten_thousand_derivatives_leave_no_memory(name):
    check(DERIVATIVES[name], X, 100)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MADE_ANEW)
def test_three_thousand_calls_of_a_body_leave_no_memory(name):
    check(dr.grad(MADE_ANEW[name]), 1.3, 30)
