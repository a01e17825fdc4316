"""Whole matrices, batches and higher orders beside the same one by one, autograd and JAX.

``python -m tests.speed.orders [words]`` prints the table of docs/reference/benchmarks.md; each case is
measured in a process of its own, with one thread, in turns, and the ratios are medians of rounds.
Peers take part where they are installed; of JAX, which compiles, the later calls count.
"""

import argparse
import functools
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import numpy as np

import dualrev as dr
from dualrev.bench.__main__ import THREADS, machine
from dualrev.bench.measure import interleaved, median_ratio, short
from dualrev.bench.programs import rosenbrock
from tests.speed.compiled import logsumexp

COLUMNS = ("one by one", "dualrev", "autograd", "JAX")


class Case(NamedTuple):
    """A derivative.

    Attributes
    ----------
    name : str
    contenders : callable
        ``contenders(peers)``: the calls to time, by name; "f" and "dualrev" among them.
    """

    name: str
    contenders: Callable


def _jax():
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax


def _compiled(jax, f, *args):
    call = jax.jit(f)
    return lambda: jax.block_until_ready(call(*args))


def square(peers):
    """The Jacobian of a map of 100 numbers to 100."""
    rng = np.random.default_rng(0)
    a, x = rng.normal(size=(100, 100)) / 10, rng.normal(size=100)

    def build(np):
        return lambda x: np.tanh(a @ x) * np.sin(x)

    f = build(np)
    calls = {
        "f": lambda: f(x),
        "one by one": lambda: [dr.jvp(f, (x,), (t,)) for t in np.eye(100)],
        "dualrev": lambda: dr.jacobian(f)(x),
    }
    if "autograd" in peers:
        import autograd

        calls["autograd"] = functools.partial(autograd.jacobian(build(autograd.numpy)), x)
    if "jax" in peers:
        jax = _jax()
        calls["JAX"] = _compiled(jax, jax.jacfwd(build(jax.numpy)), x)
    return calls


def _hessian(build):
    def contenders(peers):
        f, x = build(np)
        product = dr.hvp(f)
        calls = {
            "f": lambda: f(x),
            "one by one": lambda: [product(x, v) for v in np.eye(x.size)],
            "dualrev": lambda: dr.hessian(f)(x),
        }
        if "autograd" in peers:
            import autograd

            calls["autograd"] = functools.partial(autograd.hessian(build(autograd.numpy)[0]), x)
        if "jax" in peers:
            jax = _jax()
            calls["JAX"] = _compiled(jax, jax.hessian(build(jax.numpy)[0]), x)
        return calls

    return contenders


def _laplacian(build):
    def contenders(peers):
        f, x = build(np)
        calls = {
            "f": lambda: f(x),
            "one by one": lambda: np.trace(dr.hessian(f)(x)),
            "dualrev": lambda: dr.laplacian(f)(x),
        }
        if "jax" in peers:
            jax = _jax()
            hessian = jax.hessian(build(jax.numpy)[0])
            calls["JAX"] = _compiled(jax, lambda x: jax.numpy.trace(hessian(x)), x)
        return calls

    return contenders


def _reprojection(np):
    """Error of one observation: the camera's 11 parameters, a point, a weight.

    ADBench (Srajer, Kukelova and Fitzgibbon 2018, section 4.2).
    """

    def rotated(rotation, x):
        angle = np.sqrt(np.sum(rotation**2))
        axis, cosine = rotation / angle, np.cos(angle)
        return x * cosine + np.cross(axis, x) * np.sin(angle) + axis * (axis @ x) * (1 - cosine)

    def residual(camera, x, weight, seen):
        x = rotated(camera[:3], x - camera[3:6])
        p = x[:2] / x[2]
        squared = np.sum(p * p)
        distortion = 1 + camera[9] * squared + camera[10] * squared**2
        return weight * (p * distortion * camera[6] + camera[7:9] - seen)

    return residual


def bundle(peers):
    """The blocks of a bundle adjustment with 500 observations: 2 residuals by 15 parameters each."""
    rng = np.random.default_rng(1)
    data = (
        rng.normal(size=(500, 11)),
        rng.normal([0, 0, 5], size=(500, 3)),
        rng.normal(size=500),
        rng.normal(size=(500, 2)),
    )
    residual = _reprojection(np)
    blocks = dr.jacobian(residual, argnums=(0, 1, 2))
    calls = {
        "f": lambda: dr.vmap(residual)(*data),
        "one by one": lambda: [blocks(*one) for one in zip(*data)],
        "dualrev": lambda: dr.vmap(blocks)(*data),
    }
    if "jax" in peers:
        jax = _jax()
        blocks_of_jax = jax.jacrev(_reprojection(jax.numpy), argnums=(0, 1, 2))
        calls["JAX"] = _compiled(jax, jax.vmap(blocks_of_jax), *data)
    return calls


def samples(peers):
    """The gradient of a network of three layers for each of 128 samples; f is one for all."""
    rng = np.random.default_rng(2)
    widths = (20, 50, 50, 5)
    weights = [(rng.normal(size=(m, n)) / 7, np.zeros(n)) for m, n in zip(widths, widths[1:])]
    data = rng.normal(size=(128, 20)), rng.normal(size=(128, 5))

    def build(np):
        def loss(weights, x, y):
            for w, b in weights[:-1]:
                x = np.tanh(x @ w + b)
            w, b = weights[-1]
            return np.sum((x @ w + b - y) ** 2)

        return loss

    gradient = dr.grad(build(np))
    calls = {
        "f": lambda: gradient(weights, *data),
        "one by one": lambda: [gradient(weights, *one) for one in zip(*data)],
        "dualrev": lambda: dr.vmap(gradient, in_axes=(None, 0, 0))(weights, *data),
    }
    if "autograd" in peers:
        import autograd

        of_autograd = autograd.grad(build(autograd.numpy))
        calls["autograd"] = lambda: [of_autograd(weights, *one) for one in zip(*data)]
    if "jax" in peers:
        jax = _jax()
        of_jax = jax.vmap(jax.grad(build(jax.numpy)), in_axes=(None, 0, 0))
        calls["JAX"] = _compiled(jax, of_jax, weights, *data)
    return calls


def formula(np):
    """A formula of six functions."""
    return lambda x: np.exp(np.sin(x)) * np.log(1 + x**2) / np.sqrt(1 + np.cos(x) ** 2) + np.tanh(x)


def _derivatives(order):
    def contenders(peers):
        f = formula(np)
        calls = {"f": lambda: f(0.7), "dualrev": lambda: dr.derivatives(f, order)(0.7)}
        if order <= 10:
            nested = functools.reduce(lambda g, _: dr.derivative(g), range(order), f)
            calls["one by one"] = lambda: nested(0.7)
        if "autograd" in peers and order <= 5:
            import autograd
            import autograd.numpy

            nested_autograd = functools.reduce(
                lambda g, _: autograd.grad(g), range(order), formula(autograd.numpy)
            )
            calls["autograd"] = lambda: nested_autograd(0.7)
        if "jax" in peers:
            jax = _jax()
            from jax.experimental.jet import jet

            series = [1.0, *[0.0] * (order - 1)]
            calls["JAX"] = _compiled(
                jax,
                lambda x: jet(formula(jax.numpy), (x,), ([*map(jax.numpy.float64, series)],)),
                0.7,
            )
        return calls

    return contenders


CASES = [
    Case("Jacobian, 100 by 100", square),
    Case("Hessian of Rosenbrock, n = 100", _hessian(rosenbrock(100))),
    Case("Hessian of log-sum-exp, n = 100", _hessian(logsumexp(100))),
    Case("Laplacian of log-sum-exp, n = 100", _laplacian(logsumexp(100))),
    Case("blocks of a bundle adjustment, 500 of 2 by 15", bundle),
    Case("gradients of 128 samples, beside that of all", samples),
    Case("5 derivatives of a formula", _derivatives(5)),
    Case("10 derivatives of a formula", _derivatives(10)),
    Case("30 derivatives of a formula", _derivatives(30)),
]


def line(case, times):
    """One line of the table."""

    def ratio(name):
        return short(median_ratio(times[name], times["f"])) if name in times else ""

    cells = [case.name, short(median(times["f"]) * 1e6), *map(ratio, COLUMNS)]
    cells.append(short(median(times["dualrev"]) * 1e3))
    return f"| {' | '.join(cells)} |"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only cases whose name contains one of these")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.measure:
        case = next(case for case in CASES if case.name == arguments.measure)
        peers = [name for name in ("autograd", "jax") if importlib.util.find_spec(name)]
        print(json.dumps(interleaved(case.contenders(peers))))
        return
    print(machine())
    heads = ["derivative", "f, µs", *COLUMNS, "dualrev, ms"]
    print(f"\n| {' | '.join(heads)} |\n|---|{'---:|' * (len(heads) - 1)}")
    for case in CASES:
        if not arguments.words or any(word in case.name for word in arguments.words):
            command = [sys.executable, "-m", "tests.speed.orders", "--measure", case.name]
            environment = os.environ | dict.fromkeys(THREADS, "1")
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            if done.returncode:
                print(f"{case.name} failed: {done.stderr.strip().splitlines()[-1]}", flush=True)
                continue
            print(line(case, json.loads(done.stdout.splitlines()[-1])), flush=True)


if __name__ == "__main__":
    main()
