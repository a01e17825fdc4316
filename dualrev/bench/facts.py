"""What is not a ratio of two calls: long loops, import time, memory.

Must not know how tables look.
"""

import os
import subprocess
import sys
import tempfile
from statistics import median

import numpy as np

import dualrev as dr
from dualrev.bench.measure import interleaved, median_ratio, peak, seconds, tracked
from dualrev.bench.programs import PROGRAMS

__all__ = ["FACTS"]


def long_loop(operations=10**6):
    """10^6 operations in a Python loop: recorded, pulled, deleted; then the second derivative."""

    def f(x):
        y = x
        for _ in range(operations // 2):
            y = y * 0.999999 + 1e-7
        return y * y

    held = {}

    def record():
        held["value"], held["pullback"] = dr.vjp(f, 0.9)

    recorded = seconds(record)
    pulled = seconds(lambda: held["pullback"](1.0))
    deleted = seconds(held.clear)
    second = seconds(lambda: dr.hvp(f)(0.9, 1.0))
    return {
        "10^6 operations in a loop: record": f"{recorded:.2f} s",
        "10^6 operations in a loop: pull": f"{pulled:.2f} s",
        "10^6 operations in a loop: del": f"{deleted:.2f} s",
        "10^6 operations in a loop: second derivative": f"{second:.2f} s",
    }


def loop_scaling():
    """Time an element of a Python loop over x[i], for few and for many elements."""

    def gradient_of(n):
        f, x = PROGRAMS[f"loop over x[i], n = {n}"].build(np)
        gradient = dr.grad(f)
        return lambda: gradient(x)

    few, many = 50, 5000
    times = interleaved({few: gradient_of(few), many: gradient_of(many)})
    ratio = median_ratio(times[many], times[few]) * few / many
    return {"loop over x[i]: time an element, n = 5000 over n = 50": f"{ratio:.2f}"}


def import_time(repeats=11):
    """Processor time to import dualrev where numpy and scipy.special are imported already."""
    code = (
        "import time, numpy, scipy.special; start = time.process_time(); import dualrev; "
        "print(time.process_time() - start)"
    )
    with tempfile.TemporaryDirectory() as folder:
        # As installed: with bytecode, wherever the environment says not to write it.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = folder

        def once():
            command = [sys.executable, "-c", code]
            done = subprocess.run(command, capture_output=True, check=True, env=environment)
            return float(done.stdout)

        once()
        taken = median(once() for _ in range(repeats))
    return {"import, over numpy and scipy.special": f"{taken * 1e3:.0f} ms"}


def leftovers():
    """Objects that gradient calls leave behind."""
    f, x = PROGRAMS["Rosenbrock, n = 10"].build(np)
    gradient = dr.grad(f)
    left = tracked(lambda: gradient(x))
    return {"objects left by 200 gradients": f"{left}"}


def peak_memory(operations=100, n=10**6):
    """Peak of a gradient of a chain, beside the sum of the chain's intermediates."""

    def f(x):
        y = x
        for _ in range(operations // 2):
            y = np.sin(y * x)
        return np.sum(y)

    x = np.linspace(0.5, 1.5, n)
    gradient = dr.grad(f)
    top = peak(lambda: gradient(x))
    total = operations * x.nbytes
    return {
        "peak of a gradient, 100 operations on 10^6 elements": f"{top / 2**20:.0f} MiB",
        "sum of its intermediates": f"{total / 2**20:.0f} MiB (ratio {top / total:.2f})",
    }


FACTS = {
    fact.__name__: fact for fact in (loop_scaling, long_loop, import_time, leftovers, peak_memory)
}
