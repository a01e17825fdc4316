"""What is measured of each program: derivatives by each library, beside a base.

Must not know how time is taken or how tables look.
"""

import importlib
import importlib.util
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

import dualrev as dr
from dualrev.bench.programs import PROGRAMS, rosenbrock_gradient

__all__ = ["TASKS", "Task", "peers"]


class Task(NamedTuple):
    """One line of the table.

    Attributes
    ----------
    name : str
        Its name.
    contenders : callable
        ``contenders()``: the calls to time, by label; "dualrev" among them.
    base : str
        Label of the call that dualrev's is compared with.
    operations : int
        Number of operations in one call, where the time of one is of interest.
    """

    name: str
    contenders: Callable
    base: str = "NumPy"
    operations: int = 0


def peers():
    """Names of the peer libraries that are installed."""
    return [name for name in ("autograd", "advect", "mygrad") if importlib.util.find_spec(name)]


def _written_for(peer, program):
    f, _ = program.build(importlib.import_module(f"{peer}.numpy"))
    return f


_BASES = {"NumPy": lambda f: f, "gradient": dr.grad}


def _compared(program, ours, autograds, base="NumPy", direction=None):
    """The calls of a program at x, and at a direction: of the base, and of what is made of f."""
    f, x = program.build(np)
    args = (x,) if direction is None else (x, direction(x))
    calls = {base: partial(_BASES[base](f), x), "dualrev": partial(ours(f), *args)}
    if "autograd" in peers():
        theirs = autograds(importlib.import_module("autograd"), _written_for("autograd", program))
        calls["autograd"] = partial(theirs, *args)
    return calls


def _push_of(f):
    return lambda x, t: dr.jvp(f, (x,), (t,))


def _autograds_push(autograd, f):
    push = autograd.make_jvp(f)
    return lambda x, t: push(x)(t)


def _ones(x):
    return np.ones_like(x)[()]


def _rising(x):
    return np.linspace(-1.0, 1.0, x.size)


_gradient = partial(_compared, ours=dr.grad, autograds=lambda autograd, f: autograd.grad(f))
_push = partial(_compared, ours=_push_of, autograds=_autograds_push, direction=_ones)
_hessian = partial(
    _compared,
    ours=dr.hessian,
    autograds=lambda autograd, f: autograd.hessian(f),
    base="gradient",
)
_product = partial(
    _compared,
    ours=dr.hvp,
    autograds=lambda autograd, f: autograd.hessian_vector_product(f),
    base="gradient",
    direction=_rising,
)


def _gradient_beside_others(program):
    """That of Rosenbrock's function: also by hand, and by smaller tapes."""
    f, x = program.build(np)
    calls = _gradient(program)
    calls["by hand"] = lambda: (f(x), rosenbrock_gradient(x))
    if "advect" in peers():
        import advect

        calls["advect"] = partial(advect.grad(_written_for("advect", program)), x)
    if "mygrad" in peers():
        calls["MyGrad"] = _mygrad_gradient(f, x)
    return calls


def _mygrad_gradient(f, x):
    import mygrad

    def call():
        tensor = mygrad.tensor(x)
        f(tensor).backward()
        return tensor.grad

    return call


def _tasks():
    small, middle, large, chain = (
        PROGRAMS[name]
        for name in (
            "Rosenbrock, n = 10",
            "Rosenbrock, n = 10^4",
            "Rosenbrock, n = 10^6",
            "chain of 300 scalar operations",
        )
    )
    for program in (small, middle, large):
        yield Task(program.name, partial(_gradient_beside_others, program))
    yield Task(chain.name, partial(_gradient, chain), operations=300)
    for program in (small, middle, large):
        yield Task(f"push: {program.name}", partial(_push, program))
    yield Task(f"push: {chain.name}", partial(_push, chain), operations=300)
    for name in (
        "Gaussian mixture",
        "Gaussian mixture, vectorised",
        "LSTM",
        "network, batch 128",
        "network, batch 128, wide",
        "Gaussian process, n = 200",
        "heat, 128 x 128, 100 steps",
    ):
        yield Task(name, partial(_gradient, PROGRAMS[name]))
    for n in (50, 5000):
        program = PROGRAMS[f"loop over x[i], n = {n}"]
        yield Task(program.name, partial(_gradient, program), operations=n)
    product, hessian = PROGRAMS["Rosenbrock, n = 1000"], PROGRAMS["Rosenbrock, n = 100"]
    yield Task("Hessian-vector product, n = 1000", partial(_product, product), "gradient")
    yield Task("Hessian, n = 100", partial(_hessian, hessian), "gradient")


TASKS = {task.name: task for task in _tasks()}
