"""What each operator costs, in evaluations of f, by the size of the arrays that f works on.

Must not know how the figures are shown.
"""

import functools

import numpy as np

import dualrev as dr
from dualrev.bench.measure import interleaved
from dualrev.bench.programs import PROGRAMS

__all__ = ["COSTS", "OPERATORS", "evaluations"]

#: What f works on: the elements of an array, and the program that does so.
COSTS = {
    "numbers: `x[i]` in a loop": (1, "loop over x[i], n = 50"),
    "numbers: one formula": (1, "chain of 300 scalar operations"),
    "arrays of 10": (10, "Rosenbrock, n = 10"),
    "arrays of 100": (100, "Rosenbrock, n = 100"),
    "arrays of 1000": (1000, "Rosenbrock, n = 1000"),
    "arrays of 10⁴": (10**4, "Rosenbrock, n = 10^4"),
    "arrays of 10⁶": (10**6, "Rosenbrock, n = 10^6"),
}

#: The operators by name: a call from f, x and a direction of x.
OPERATORS = {
    "jvp": lambda f, x, t: functools.partial(dr.jvp, f, (x,), (t,)),
    "grad": lambda f, x, t: functools.partial(dr.grad(f), x),
    "hvp": lambda f, x, t: functools.partial(dr.hvp(f), x, t),
    "jacobian, a column": lambda f, x, t: functools.partial(dr.jacobian(f, mode="forward"), x),
    "hessian, a column": lambda f, x, t: functools.partial(dr.hessian(f), x),
}


def evaluations(works_on, rounds=40):
    """The time of each operator over that of f: least times of many, of the two in turn.

    Of a matrix the time of one column; none of more than a hundred columns.
    """
    _, program = COSTS[works_on]
    f, x = PROGRAMS[program].build(np)
    t, n = np.ones_like(x)[()], np.size(x)
    ratios = {}
    for name, call in OPERATORS.items():
        columns = n if "column" in name else 1
        if "column" in name and not 1 < n <= 100:
            continue
        calls = {"f": functools.partial(f, x), name: call(f, x, t)}
        times = interleaved(calls, rounds, slice_seconds=0.001)
        ratios[name] = min(times[name]) / min(times["f"]) / columns
    return ratios
