"""What a gradient through many steps costs in time and memory, by the number of stored states.

Must not know how the figures are shown.
"""

import functools
import tracemalloc
from time import process_time

import numpy as np

import dualrev as dr
from dualrev.snapshots import extra_steps

__all__ = ["SNAPSHOTS", "chain"]

STEPS, SIZE = 10_000, 1_000
#: Stored states, by the name of the line; None for a plain loop on a tape.
SNAPSHOTS = {"plain loop": None} | {f"snapshots={c}": c for c in (100, 30, 10)}


def _step(x):
    """A step of a rod that conducts heat and loses some."""
    flux = 0.1 * np.diff(x)
    return np.concatenate([x[:1], x[1:-1] + np.diff(flux) - 1e-4 * np.sin(x[1:-1]) ** 2, x[-1:]])


def _final(x, snapshots):
    if snapshots is None:
        for _ in range(STEPS):
            x = _step(x)
    else:
        x = dr.checkpoint_chain(_step, x, STEPS, snapshots=snapshots)
    return np.sum(x**2)


def chain(name):
    """Memory, how often a step runs by the formula, and time."""
    snapshots = SNAPSHOTS[name]
    f = functools.partial(_final, snapshots=snapshots)
    x = np.linspace(0.1, 1.0, SIZE)
    loop, gradient = functools.partial(_final, snapshots=None), dr.grad(f)
    times = [(_seconds(loop, x), _seconds(gradient, x)) for _ in range(3)]
    of_f, of_gradient = map(min, zip(*times))
    tracemalloc.start()
    dr.grad(f)(x)
    top = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    runs = 1.0 if snapshots is None else extra_steps(STEPS + 1, snapshots) / STEPS + 1
    return {
        "states in memory": top / x.nbytes,
        "MB": top / 1e6,
        "runs of a step": runs,
        "seconds": of_gradient,
        "evaluations of f": of_gradient / of_f,
    }


def _seconds(call, x):
    start = process_time()
    call(x)
    return process_time() - start
