"""Sparse Jacobians and Hessians beside asdex with JAX, CasADi, and dense ones.

``python -m tests.speed.sparse [words]`` prints the tables of docs/reference/benchmarks.md; each case is
measured in a process of its own, with one thread, and times are of the processor.  What is built once
is the median of three, after a first; evaluations take turns, and ratios are medians of rounds.
Peers take part where they are installed; of JAX, which compiles, the later calls count.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import numpy as np

import dualrev as dr
from dualrev.bench.__main__ import THREADS, machine
from dualrev.bench.measure import interleaved, median_ratio, short
from dualrev.bench.programs import rosenbrock
from tests.speed import sparse_problems as problems

#: What JAX needs to keep to one thread.
ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
BUILT = ("pattern", "dualrev", "compiled", "asdex", "MX", "SX")
EVALUATED = ("eager", "compiled", "asdex", "MX", "SX")
DENSE = ("dualrev, dense", "autograd, dense", "JAX, dense")


class Case(NamedTuple):
    """A sparse derivative.

    Attributes
    ----------
    name : str
    build : callable
        ``build(np) -> (f, x)``.
    casadi : callable, optional
        ``casadi(module) -> (symbols of x, expression of f)``.
    hessian : bool
        Whether the derivative is the Hessian, not the Jacobian.
    peers : bool
        Whether asdex can: it needs as many products as columns where no colouring of them helps.
    dense : bool
        Whether the dense derivative is small enough to be measured too.
    """

    name: str
    build: Callable
    casadi: Callable | None = None
    hessian: bool = False
    peers: bool = True
    dense: bool = False


CASES = [
    Case("Burgers' equation, a step, n = 10^5", problems.burgers(), problems.burgers_casadi),
    Case(
        "chained Rosenbrock, n = 10^5", rosenbrock(10**5), problems.rosenbrock_casadi, hessian=True
    ),
    Case("Laplacian with a cubic term, 200 x 200", problems.cubic(), problems.cubic_casadi),
    Case("bundle adjustment", problems.bundle(), problems.bundle_casadi, dense=True),
    Case("arrowhead, n = 10^5", problems.arrowhead(), peers=False),
]


def contenders(case):
    """What is built once, and what is done at each x, by name; the derivative, and its matrix."""
    f, x = case.build(np)
    prepare = dr.prepare_hessian if case.hessian else dr.prepare_jacobian
    derivative = prepare(f, x)
    building = {
        "pattern": lambda: dr.sparsity(dr.grad(f) if case.hessian else f, x),
        "dualrev": lambda: prepare(f, x),
        "compiled": lambda: prepare(f, x, compile=True)(x),
    }
    compiled = prepare(f, x, compile=True)
    evaluating = {
        "f": lambda: f(x),
        "eager": lambda: derivative(x),
        "compiled": lambda: compiled(x),
    }
    return building, evaluating, derivative, derivative(x)


def measured(case, peers):
    """Seconds of building by name, seconds of evaluating by name, numbers of products by name."""
    building, evaluating, derivative, matrix = contenders(case)
    products = {"dualrev": derivative.products}
    if "jax" in peers and "asdex" in peers and case.peers:
        add_asdex(case, matrix, building, evaluating, products)
    if "casadi" in peers and case.casadi:
        add_casadi(case, matrix, building, evaluating)
    if case.dense:
        add_dense(case, peers, evaluating)
    return {name: built(call) for name, call in building.items()}, interleaved(evaluating), products


def add_asdex(case, matrix, building, evaluating, products):
    import asdex
    import jax

    jax.config.update("jax_enable_x64", True)
    f, x = case.build(jax.numpy)
    x = jax.numpy.asarray(x)

    def build():
        # a new function each time: jit does not compile the same one again
        sparse = asdex.hessian if case.hessian else asdex.jacobian
        call = jax.jit(sparse(lambda x: f(x), x))
        return call, jax.block_until_ready(call(x))

    call, entries = build()
    assert abs(matrix - _csr(entries)).max() <= 1e-9 * abs(matrix).max()
    building["asdex"] = build
    evaluating["asdex"] = lambda: jax.block_until_ready(call(x))
    coloured = asdex.hessian_coloring if case.hessian else asdex.jacobian_coloring
    products["asdex"] = int(coloured(f, x).num_colors)


def _csr(entries):
    import scipy.sparse

    rows, columns = np.asarray(entries.indices).T
    return scipy.sparse.csr_array((np.asarray(entries.data), (rows, columns)), shape=entries.shape)


def add_casadi(case, matrix, building, evaluating):
    """CasADi by vectors (MX) and by scalars (SX)."""
    import casadi

    def build(scalars):
        x, y = case.casadi(casadi)
        if scalars:
            f = casadi.Function("f", [x], [y])
            x = casadi.SX.sym("x", x.numel())
            y = f(x)
        matrix = casadi.hessian(y, x)[0] if case.hessian else casadi.jacobian(y, x)
        return casadi.Function("derivative", [x], [matrix])

    x = casadi.DM(case.build(np)[1])
    for name, scalars in (("MX", False), ("SX", True)):
        call = build(scalars)
        assert abs(matrix - call(x).sparse()).max() <= 1e-9 * abs(matrix).max()
        building[name] = lambda scalars=scalars: build(scalars)
        evaluating[name] = lambda call=call: call(x)


def add_dense(case, peers, evaluating):
    f, x = case.build(np)
    evaluating["dualrev, dense"] = lambda: dr.jacobian(f)(x)
    if "autograd" in peers:
        import autograd

        of_autograd = autograd.jacobian(case.build(autograd.numpy)[0])
        evaluating["autograd, dense"] = lambda: of_autograd(x)
    if "jax" in peers:
        import jax

        jax.config.update("jax_enable_x64", True)
        of_jax = jax.jit(jax.jacfwd(case.build(jax.numpy)[0]))
        evaluating["JAX, dense"] = lambda: jax.block_until_ready(of_jax(x))


def built(call, rounds=3):
    """Median of the processor's seconds; the first call, which imports and warms, does not count."""
    call()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return median(times)


def lines(case, building, times, products):
    """The line of each table: of building, of evaluating."""

    def ratio(name):
        return short(median_ratio(times[name], times["f"])) if name in times else ""

    cells = [short(building[name] * 1e3) if name in building else "" for name in BUILT]
    cells += [str(products.get(name, "")) for name in ("dualrev", "asdex")]
    yield f"| {' | '.join([case.name, *cells])} |"
    cells = [short(median(times["f"]) * 1e3), *map(ratio, EVALUATED + DENSE)]
    yield f"| {' | '.join([case.name, *cells])} |"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only cases whose name contains one of these")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.measure:
        case = next(case for case in CASES if case.name == arguments.measure)
        names = ("asdex", "autograd", "casadi", "jax")
        print(
            json.dumps(measured(case, [name for name in names if importlib.util.find_spec(name)]))
        )
        return
    print(machine())
    tables = [], []
    for case in CASES:
        if not arguments.words or any(word in case.name for word in arguments.words):
            command = [sys.executable, "-m", "tests.speed.sparse", "--measure", case.name]
            environment = os.environ | dict.fromkeys(THREADS, "1") | {"XLA_FLAGS": ONE_THREAD}
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            if done.returncode:
                print(f"{case.name} failed: {done.stderr.strip().splitlines()[-1]}", flush=True)
                continue
            for table, line in zip(tables, lines(case, *json.loads(done.stdout.splitlines()[-1]))):
                table.append(line)
    heads = [*(f"{name}, ms" for name in BUILT), "products", "asdex's"]
    print(*head("built once", heads), *tables[0], sep="\n")
    print(*head("derivative", ["f, ms", *EVALUATED, *DENSE]), *tables[1], sep="\n")


def head(name, names):
    yield f"\n| {' | '.join([name, *names])} |"
    yield f"|---|{'---:|' * len(names)}"


if __name__ == "__main__":
    main()
