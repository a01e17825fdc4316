"""Compiled derivatives beside eager ones, autograd's and those that JAX compiles, in multiples of f.

``python -m tests.speed.compiled [words]`` prints the table of docs/reference/benchmarks.md; each case
is measured in a process of its own, with one thread, in turns, and the ratios are medians of rounds.
Peers take part where they are installed.  Must not know engines: it asks for those that there are.
"""

import argparse
import functools
import gc
import importlib.util
import json
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from math import log10
from statistics import median
from typing import NamedTuple

import numpy

import dualrev as dr
from dualrev.bench.__main__ import THREADS, machine
from dualrev.bench.measure import interleaved, median_ratio, peak, short
from dualrev.bench.programs import chain, heat, loop, lstm, mixture, network, process, rosenbrock

#: Seconds after which a case is measured anew without JAX: its compiler has not come to an end.
PATIENCE = 60


class Case(NamedTuple):
    """A derivative of a program.

    Attributes
    ----------
    name : str
    build : callable
        ``build(np) -> (f, x)``, as in dualrev.bench.programs.
    derivative : str
        "grad", "hvp" or "hessian".
    peers : bool
        Whether autograd and JAX can run it: not where it writes in place.
    """

    name: str
    build: Callable
    derivative: str
    peers: bool = True


def logsumexp(n):
    def build(np):
        def f(x):
            top = np.max(x)
            return np.log(np.sum(np.exp(x - top))) + top

        return f, numpy.linspace(-1.0, 1.0, n)

    return build


def runge_kutta(n=100, steps=100):
    """Distance from the origin of n coupled pendulums, after so many steps of order four."""

    def build(np):
        def f(x):
            def slope(y):
                return np.sin(y) * x - 0.1 * y

            y, h = x, 0.01
            for _ in range(steps):
                k1 = slope(y)
                k2 = slope(y + 0.5 * h * k1)
                k3 = slope(y + 0.5 * h * k2)
                k4 = slope(y + h * k3)
                y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            return np.sum(y**2)

        return f, numpy.linspace(0.1, 1.0, n)

    return build


def clusters(n=1000, d=16, k=10):
    """Cost of k-means: the squared distance of each point from the nearest centre."""

    def build(np):
        rng = numpy.random.default_rng(6)
        points, centres = rng.random((n, d)), rng.random((k, d))
        squares = numpy.sum(points**2, axis=1)[:, None]

        def f(centres):
            distances = squares + np.sum(centres**2, axis=1) - 2 * (points @ centres.T)
            return np.sum(np.min(distances, axis=1))

        return f, centres

    return build


def heat_in_place(n=128, steps=100):
    """The program of heat, written over its own array."""

    def build(np):
        rng = numpy.random.default_rng(5)
        start, target = rng.random((n, n)), rng.random((n, n))

        def f(u):
            u = u.copy()
            for _ in range(steps):
                inner = u[1:-1, 1:-1]
                change = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * inner
                u[1:-1, 1:-1] += 0.2 * change
            return np.sum((u - target) ** 2)

        return f, start

    return build


CASES = [
    Case("Rosenbrock, n = 10", rosenbrock(10), "grad"),
    Case("Rosenbrock, n = 1000", rosenbrock(1000), "grad"),
    Case("Rosenbrock, n = 10^6", rosenbrock(10**6), "grad"),
    Case("Rosenbrock HVP, n = 1000", rosenbrock(1000), "hvp"),
    Case("network, tiny", network(8, (4, 8, 8, 3)), "grad"),
    Case("network, batch 128", network(), "grad"),
    Case("Gaussian mixture, small", mixture(d=2, k=5, vectorised=True), "grad"),
    Case("Gaussian mixture, medium", mixture(vectorised=True), "grad"),
    Case("LSTM", lstm(), "grad"),
    Case("Runge-Kutta, 100 steps of 100", runge_kutta(), "grad"),
    Case("chain of 300 scalar operations", chain(300), "grad"),
    Case("loop over x[i], n = 50", loop(50), "grad"),
    Case("Hessian of log-sum-exp, n = 100", logsumexp(100), "hessian"),
    Case("heat, 100 steps", heat(), "grad"),
    Case("heat, 100 steps in place", heat_in_place(), "grad", peers=False),
    Case("k-means", clusters(), "grad"),
    Case("k-means HVP", clusters(), "hvp"),
    Case("log-sum-exp, n = 10^5", logsumexp(10**5), "grad"),
    Case("Gaussian process, n = 200", process(), "grad"),
]


def engines():
    """The engines that can run here."""
    found = ["numpy"]
    if importlib.util.find_spec("llvmlite") and importlib.util.find_spec(
        "dualrev.program.llvm.engine"
    ):
        found.append("llvm")
    return found


def contenders(case):
    """The calls to time, by name; the derivative that they compile, and its arguments."""
    f, x = case.build(numpy)
    args = (x, _direction(x)) if case.derivative == "hvp" else (x,)
    eager = getattr(dr, case.derivative)(f)
    calls = {"f": lambda: f(x), "eager": lambda: eager(*args)}
    for engine in engines():
        calls[engine] = functools.partial(dr.compile(eager, engine=engine), *args)
    return calls, eager, args


def measured(case, peers):
    """Times of all contenders by name, times to the first answer, and peaks of memory."""
    calls, eager, args = contenders(case)
    first, memory = {}, {"eager": peak(calls["eager"])}
    for engine in engines():
        first[engine] = _processor_seconds(lambda fast=calls[engine]: (fast(), fast()))
        memory[engine] = _replay_peak(lambda: dr.compile(eager, engine=engine), args)
    for name, peer in peers.items():
        if case.peers and importlib.util.find_spec(name.lower()):
            calls[name] = peer(case, args)
            first[name] = _processor_seconds(calls[name])
    return {"times": interleaved(calls), "first": first, "memory": memory}


def _processor_seconds(call):
    start = time.process_time()
    call()
    return time.process_time() - start


def _replay_peak(compiled, args):
    """Bytes at the worst moment of a replay: with the program, and the memory in which it runs."""
    tracemalloc.start()
    fast = compiled()
    fast(*args), fast(*args)
    gc.collect()
    tracemalloc.reset_peak()
    fast(*args)
    _, top = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return top


def _direction(x):
    return numpy.linspace(-1.0, 1.0, x.size).reshape(x.shape)


def _autograd(case, args):
    import autograd

    operators = {"hvp": autograd.hessian_vector_product, "hessian": autograd.hessian}
    f, _ = case.build(autograd.numpy)
    derivative = operators.get(case.derivative, autograd.grad)(f)
    return lambda: derivative(*args)


def _jax(case, args):
    import jax

    jax.config.update("jax_enable_x64", True)
    f, _ = case.build(jax.numpy)

    def hvp(x, v):
        return jax.jvp(jax.grad(f), (x,), (v,))[1]

    operators = {"hvp": lambda f: hvp, "hessian": jax.hessian, "grad": jax.grad}
    derivative = jax.jit(operators[case.derivative](f))
    return lambda: jax.block_until_ready(derivative(*args))


PEERS = {"autograd": _autograd, "JAX": _jax}


def line(case, found):
    """One line of the table."""
    times, first, memory = found["times"], found["first"], found["memory"]

    def ratio(name):
        return short(median_ratio(times[name], times["f"])) if name in times else ""

    cells = [case.name, short(median(times["f"]) * 1e6), ratio("autograd"), ratio("JAX")]
    cells.append(ratio("eager"))
    for engine in engines():
        cells += [ratio(engine), short(first[engine] * 1e3)]
        cells.append(short(memory[engine] / memory["eager"]))
    cells.append(short(first["JAX"] * 1e3) if "JAX" in first else "")
    return f"| {' | '.join(cells)} |"


#: Of a contender the colour of its dots, and what the picture calls it.
DOTS = {
    "autograd": ("#b8860b", "autograd"),
    "JAX": ("#9467bd", "JAX, compiled"),
    "eager": ("#8a8a8a", "dualrev"),
    "numpy": ("#1f77b4", "compiled, numpy"),
    "llvm": ("#d9480f", "compiled, llvm"),
}


def chart(ratios):
    """A picture: a row for each case, a dot for each contender, by the time in multiples of f."""
    left, width, row, top = 230, 520, 22, 40
    decades = range(-2, 5)
    height = top + row * len(ratios) + 30

    def x(ratio):
        return left + width * (log10(ratio) - decades[0]) / (decades[-1] - decades[0])

    box = f'viewBox="0 0 {left + width + 30} {height}"'
    font = 'font-family="sans-serif" font-size="12" fill="#777"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {box} {font}>']
    for i, (colour, name) in enumerate(DOTS.values()):
        at = left - 110 + 135 * i
        parts.append(f'<circle cx="{at}" cy="14" r="5" fill="{colour}"/>')
        parts.append(f'<text x="{at + 9}" y="18">{name}</text>')
    for decade in decades:
        at, dashes = x(10.0**decade), "" if decade == 0 else ' stroke-dasharray="2 4"'
        parts.append(
            f'<line x1="{at}" x2="{at}" y1="{top - 10}" y2="{height - 25}" stroke="#999"{dashes}/>'
        )
        parts.append(
            f'<text x="{at}" y="{height - 8}" text-anchor="middle">{10.0**decade:g}</text>'
        )
    for i, (case, found) in enumerate(ratios.items()):
        y = top + row * i + 6
        parts.append(f'<text x="{left - 14}" y="{y + 4}" text-anchor="end">{case}</text>')
        for name, ratio in found.items():
            parts.append(f'<circle cx="{x(ratio):.1f}" cy="{y}" r="5" fill="{DOTS[name][0]}"/>')
    return "\n".join([*parts, "</svg>", ""])


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only cases whose name contains one of these")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--peers", nargs="*", default=list(PEERS), help="beside: autograd, JAX")
    parser.add_argument("--chart", help="a file for the ratios as a picture, SVG")
    arguments = parser.parse_args(argv)
    if arguments.measure:
        case = next(case for case in CASES if case.name == arguments.measure)
        print(json.dumps(measured(case, {name: PEERS[name] for name in arguments.peers})))
        return
    print(machine())
    ratios = {}
    heads = ["derivative of", "f, µs", "autograd", "JAX", "eager"]
    for engine in engines():
        heads += [f'"{engine}"', "first call, ms", "peak / eager peak"]
    heads.append("JAX's first call, ms")
    print(f"\n| {' | '.join(heads)} |\n|---|{'---:|' * (len(heads) - 1)}")
    for case in CASES:
        if not arguments.words or any(word in case.name for word in arguments.words):
            found = _in_child(case.name, arguments.peers)
            print(line(case, found), flush=True)
            times = found["times"]
            ratios[case.name] = {k: median_ratio(times[k], times["f"]) for k in times if k != "f"}
    if arguments.chart:
        with open(arguments.chart, "w") as file:
            file.write(chart(ratios))


def _in_child(name, peers):
    command = [sys.executable, "-m", "tests.speed.compiled", "--measure", name, "--peers", *peers]
    environment = os.environ | dict.fromkeys(THREADS, "1")
    environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return _in_child(name, [peer for peer in peers if peer != "JAX"])
    if done.returncode:
        sys.exit(f"{name} failed: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
