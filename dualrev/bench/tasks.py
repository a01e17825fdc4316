"""What is measured of each program: derivatives by each library, beside a base.

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
    for program in (small, middle, large):
        yield Task(program.name, _gradient(program, rosenbrock_gradient, others=True))
    yield Task(chain.name, _gradient(chain), operations=300)
    for program in (small, middle, large):
        yield Task(f"push: {program.name}", _push(program))
    yield Task(f"push: {chain.name}", _push(chain), operations=300)
    for name in (
        "Gaussian mixture",
        "Gaussian mixture, vectorised",
        "LSTM",
        "network, batch 128",
        "network, batch 128, wide",
        "Gaussian process, n = 200",
        "heat, 128 x 128, 100 steps",
    ):
        yield Task(name, _gradient(PROGRAMS[name]))
    for n in (50, 5000):
        program = PROGRAMS[f"loop over x[i], n = {n}"]
        yield Task(program.name, _gradient(program), operations=n)
    product, hessian = PROGRAMS["Rosenbrock, n = 1000"], PROGRAMS["Rosenbrock, n = 100"]
    yield Task("Hessian-vector product, n = 1000", _product(product), "gradient")
    yield Task("Hessian, n = 100", _hessian(hessian), "gradient")


TASKS = {task.name: task for task in _tasks()}
