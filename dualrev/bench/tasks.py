"""What is measured of each program: derivatives by each library, beside a base, and what is asked.

Must not know how time is taken or how tables look.
"""

import importlib.util
from collections.abc import Callable
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
    at_most : float or None
        Asked: dualrev's time is at most so many times the base's.
    faster : float or None
        Asked: dualrev is so many times as fast as autograd.
    operations : int
        Number of operations in one call, where the time of one is of interest.
    microseconds : float or None
        Asked: at most so much time an operation.
    """

    name: str
    contenders: Callable
    base: str = "NumPy"
    at_most: float | None = None
    faster: float | None = None
    operations: int = 0
    microseconds: float | None = None


def peers():
    """Names of the peer libraries that are installed."""
    return [name for name in ("autograd", "advect", "mygrad") if importlib.util.find_spec(name)]


def _gradient(program, by_hand=None, others=False):
    def contenders():
        f, x = program.build(np)
        calls = {"NumPy": lambda: f(x)}
        if by_hand is not None:
            calls["by hand"] = lambda: (f(x), by_hand(x))
        gradient = dr.grad(f)
        calls["dualrev"] = lambda: gradient(x)
        if "autograd" in peers():
            import autograd

            autograd_gradient = autograd.grad(_for_autograd(program))
            calls["autograd"] = lambda: autograd_gradient(x)
        if others and "advect" in peers():
            import advect

            advect_gradient = advect.grad(_for_advect(program))
            calls["advect"] = lambda: advect_gradient(x)
        if others and "mygrad" in peers():
            calls["MyGrad"] = _mygrad_gradient(f, x)
        return calls

    return contenders


def _for_autograd(program):
    import autograd.numpy

    f, _ = program.build(autograd.numpy)
    return f


def _for_advect(program):
    import advect.numpy

    f, _ = program.build(advect.numpy)
    return f


def _mygrad_gradient(f, x):
    import mygrad

    def call():
        tensor = mygrad.tensor(x)
        f(tensor).backward()
        return tensor.grad

    return call


def _push(program):
    def contenders():
        f, x = program.build(np)
        t = np.ones_like(x)[()]
        calls = {"NumPy": lambda: f(x), "dualrev": lambda: dr.jvp(f, (x,), (t,))}
        if "autograd" in peers():
            from autograd.differential_operators import make_jvp

            push = make_jvp(_for_autograd(program))
            calls["autograd"] = lambda: push(x)(t)
        return calls

    return contenders


def _product(program):
    def contenders():
        f, x = program.build(np)
        v = np.linspace(-1.0, 1.0, x.size)
        gradient, product = dr.grad(f), dr.hvp(f)
        calls = {"gradient": lambda: gradient(x), "dualrev": lambda: product(x, v)}
        if "autograd" in peers():
            import autograd

            autograd_product = autograd.hessian_vector_product(_for_autograd(program))
            calls["autograd"] = lambda: autograd_product(x, v)
        return calls

    return contenders


def _hessian(program):
    def contenders():
        f, x = program.build(np)
        gradient, hessian = dr.grad(f), dr.hessian(f)
        calls = {"gradient": lambda: gradient(x), "dualrev": lambda: hessian(x)}
        if "autograd" in peers():
            import autograd

            autograd_hessian = autograd.hessian(_for_autograd(program))
            calls["autograd"] = lambda: autograd_hessian(x)
        return calls

    return contenders


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
    yield Task(small.name, _gradient(small, rosenbrock_gradient, others=True), at_most=8, faster=4)
    yield Task(middle.name, _gradient(middle, rosenbrock_gradient, others=True), at_most=6)
    yield Task(large.name, _gradient(large, rosenbrock_gradient, others=True), at_most=3)
    yield Task(chain.name, _gradient(chain), faster=5, operations=300, microseconds=3)
    for program in (small, middle, large):
        yield Task(f"push: {program.name}", _push(program))
    yield Task(f"push: {chain.name}", _push(chain), operations=300, microseconds=3)
    for name, at_most, faster in (
        ("Gaussian mixture", None, 2),
        ("Gaussian mixture, vectorised", None, None),
        ("LSTM", None, 2),
        ("network, batch 128", 4, 2),
        ("network, batch 128, wide", None, None),
        ("Gaussian process, n = 200", 4, 2),
        ("heat, 128 x 128, 100 steps", None, 2),
    ):
        yield Task(name, _gradient(PROGRAMS[name]), at_most=at_most, faster=faster)
    for n in (50, 5000):
        program = PROGRAMS[f"loop over x[i], n = {n}"]
        yield Task(program.name, _gradient(program), operations=n)
    product, hessian = PROGRAMS["Rosenbrock, n = 1000"], PROGRAMS["Rosenbrock, n = 100"]
    yield Task("Hessian-vector product, n = 1000", _product(product), "gradient", at_most=3)
    yield Task("Hessian, n = 100", _hessian(hessian), "gradient")


TASKS = {task.name: task for task in _tasks()}
