"""A million operations in a Python loop: derivatives of two orders, and compiled; their time and memory.

Each in a process of its own, so that its peak of memory is seen.  A few minutes.
"""

import subprocess
import sys

import pytest

OPERATIONS = 10**6
FACTOR = 1.0000001
#: What takes a derivative of f, its value over that of f at 1, and the bytes of an operation at most.
WAYS = {
    "grad": ("dr.grad(f)(1.0)", 2, 500),
    "jvp": ("dr.jvp(f, (1.0,), (1.0,))[1]", 2, 50),
    "hvp": ("dr.hvp(f)(1.0, 1.0)", 2, 700),
    "grad of grad": ("dr.grad(dr.grad(f))(1.0)", 2, 1200),
    "compiled": ("dr.compile(f, engine='numpy')(np.float64(1.0))", 1, 2000),
    "compiled grad": ("dr.compile(dr.grad(f), engine='numpy')(np.float64(1.0))", 2, 3000),
}
PROGRAM = """
import resource, sys
import numpy as np, dualrev as dr

def f(x):
    y = x
    for _ in range({operations} // 2):
        y = y * {factor} + 0.0
    return y * y

def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

before = peak()
answer = {way}
print(float(answer), peak() - before)
"""


@pytest.mark.parametrize("name", WAYS)
def test_a_million_operations_have_their_derivative_in_bounded_memory(name):
    pytest.importorskip("resource")
    way, factor, size = WAYS[name]
    program = PROGRAM.format(operations=OPERATIONS, factor=FACTOR, way=way)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=1200
    )
    answer, peak = map(float, done.stdout.split())
    assert answer == pytest.approx(factor * FACTOR**OPERATIONS, rel=1e-9)
    assert peak < size * OPERATIONS
