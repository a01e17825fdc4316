"""What a gradient of the programs of tests/programs costs, beside the program and beside autograd.

``python -m tests.speed.programs`` measures for a minute or two.  autograd has no item assignment, and
does not follow Python's math: what it runs are the same programs as its users write them, with lists
and joins, in ``tests/speed/for_autograd``.
"""

import importlib
import math
import time

import numpy as np

import dualrev as dr
from tests.numpy.test_programs import PROGRAMS


def for_autograd(program):
    """The program's function as it is written for autograd; None where nobody has written it."""
    name, _, part = program.name.partition(".")
    try:
        module = importlib.import_module(f"tests.speed.for_autograd.{name}")
    except ImportError:
        return None
    if not part:
        return module.example()[0]
    return next(f for other, f, _ in module.examples() if other == part)


def autograds(program):
    """The gradient by autograd, once it has been compared; None where there is none."""
    f = for_autograd(program)
    if f is None:
        return None
    import autograd

    np.testing.assert_allclose(program.value, f(program.x), rtol=1e-9, atol=1e-12)
    gradient = autograd.grad(lambda x: autograd.numpy.sum(program.weights * f(x)))
    with dr.patch_numpy():
        expected = dr.grad(program.loss)(program.x)
    np.testing.assert_allclose(expected, gradient(program.x), rtol=1e-6, atol=1e-9)
    return lambda: gradient(program.x)


def least_seconds(calls, budget=1.0):
    """Least process time of each of several calls, measured in turn."""
    least = dict.fromkeys(calls, math.inf)
    for call in calls.values():
        call()
    start, rounds = time.process_time(), 0
    while rounds < 5 or time.process_time() - start < budget:
        rounds += 1
        for name, call in calls.items():
            begin = time.process_time()
            call()
            least[name] = min(least[name], time.process_time() - begin)
    return least


def contenders(program):
    """The calls to time, by name, with NumPy patched: the program, its gradient by dualrev."""
    x, gradient = program.x, dr.grad(program.loss)
    return {"program": lambda: program.loss(x), "dualrev": lambda: gradient(x)}


def measured(program):
    """Seconds of the program, of its gradient by dualrev, and by autograd."""
    calls = contenders(program)
    theirs = autograds(program)
    if theirs is not None:
        calls["autograd"] = theirs
    with dr.patch_numpy():
        return least_seconds(calls)


def main():
    """Print the table: the program in milliseconds, each gradient in multiples of it."""
    print("| program | itself, ms | dualrev | autograd | autograd / dualrev |")
    print("|---|---|---|---|---|")
    for program in PROGRAMS:
        times = measured(program)
        base = times.pop("program")
        ours, theirs = times["dualrev"] / base, times.get("autograd", math.nan) / base
        print(f"| {program} | {base * 1e3:.2f} | {ours:.0f} | {theirs:.0f} | {theirs / ours:.1f} |")


if __name__ == "__main__":
    main()
