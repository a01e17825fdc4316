"""Gradients through solvers, beside SciPy's solve, differences, and JAX's diffrax and optimistix.

``python -m tests.speed.solvers [words]`` prints the table of docs/reference/benchmarks.md; each line is
measured in a process of its own, with one thread, in turns, as medians of the processor's time of five.
diffrax and optimistix take part where they are installed, with solvers of their own at the same
tolerance; what they compile counts apart.  Differences of n parameters are n + 1 solves.
"""

import argparse
import functools
import json
import os
import resource
import subprocess
import sys
import time
from importlib.util import find_spec
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import scipy.integrate
import scipy.optimize
import scipy.sparse

import dualrev as dr
from dualrev import scipy as exact
from dualrev.bench.__main__ import THREADS, machine
from dualrev.bench.measure import short
from tests import solver_problems as problems


class Case(NamedTuple):
    """A value that a solver leads to, as a function of one array.

    ``value(theta, module, **options)`` calls SciPy's solvers or their twins; ``in_jax()`` is the same
    function of a JAX array, ``near`` how well values and gradients agree.
    """

    value: Any
    theta: np.ndarray
    in_jax: Any
    compiles: bool = True
    near: float = 1e-3


# --------------------------------------------------------------------------- differential equations


def fit(method, tolerance):
    """The sum of squares of Lotka and Volterra's model, in its four rates."""
    theta, y0 = problems.PELTS_FIT[:4], problems.PELTS_FIT[4:]

    def value(theta, module, **options):
        found = module.integrate.solve_ivp(
            problems.lotka_volterra,
            (0.0, 20.0),
            y0,
            method,
            args=(theta,),
            t_eval=problems.YEARS[1:],
            rtol=tolerance,
            atol=tolerance,
            **options,
        )
        return problems.pelts_missed(found.y)

    def in_jax(diffrax):
        solver = {"RK45": diffrax.Dopri5, "DOP853": diffrax.Dopri8}[method]()
        solve = _by_diffrax(diffrax, problems.lotka_volterra, solver, problems.YEARS, tolerance)
        return lambda theta: problems.pelts_missed(solve(y0, theta).T)

    return Case(value, theta, in_jax)


def robertson(method):
    """The state at t = 40, in the three rates."""
    weights = np.array([1.0, 1e4, 1.0])
    problem = problems.PROBLEMS[0]
    atol = np.array([1e-8, 1e-12, 1e-8])

    def value(k, module, **options):
        found = module.integrate.solve_ivp(
            problem.f, problem.times, problem.y0, method, args=(k,), rtol=1e-6, atol=atol, **options
        )
        return weights @ found.y[:, -1]

    def in_jax(diffrax):
        solve = _by_diffrax(diffrax, problem.f, diffrax.Kvaerno5(), problem.times, 1e-6, atol)
        return lambda k: weights @ solve(problem.y0, k)[-1]

    return Case(value, problem.p, in_jax)


def heat(method):
    """A mean of 1000 temperatures, in those at the start; the pattern is given to SciPy's own solver."""
    n = 1000
    at = np.arange(1, n + 1) / (n + 1)
    u0, weights = np.sin(np.pi * at) + np.sin(3 * np.pi * at), np.cos(3 * at)
    band = scipy.sparse.diags_array([1.0, 1.0, 1.0], offsets=[-1, 0, 1], shape=(n, n))

    def value(u, module, **options):
        if module is scipy:
            options["jac_sparsity"] = band
        found = module.integrate.solve_ivp(
            problems.heat, (0.0, 0.1), u, method, rtol=1e-6, atol=1e-8, **options
        )
        return weights @ found.y[:, -1]

    def in_jax(diffrax):
        from jax import numpy as jnp

        def f(t, u, p):
            around = jnp.pad(u, 1)
            return (n + 1) ** 2 * (around[2:] - 2 * u + around[:-2])

        solve = _by_diffrax(diffrax, f, diffrax.Kvaerno5(), (0.0, 0.1), 1e-6, 1e-8)
        return lambda u: weights @ solve(u, None)[-1]

    return Case(value, u0, in_jax)


def _by_diffrax(diffrax, f, solver, times, rtol, atol=None):
    from jax import numpy as jnp

    def field(t, y, p):
        rates = f(t, y, p)
        return jnp.stack(rates) if isinstance(rates, list) else rates

    def solve(y0, p):
        return diffrax.diffeqsolve(
            diffrax.ODETerm(field),
            solver,
            times[0],
            times[-1],
            None,
            jnp.asarray(y0),
            p,
            saveat=diffrax.SaveAt(ts=jnp.asarray(times[1:])),
            stepsize_controller=diffrax.PIDController(rtol, rtol if atol is None else atol),
        ).ys

    return solve


# ------------------------------------------------------------------------------------------- roots


def transfer():
    """Chandrasekhar's H-equation at 200 angles, in the albedo and the weights of the angles.

    Kelley (1995), "Iterative methods for linear and nonlinear equations", section 5.6.
    """
    n = 200
    at = (np.arange(n) + 0.5) / n
    kernel = at[:, None] / (at[:, None] + at) / (2 * n)
    theta = np.concatenate([[0.9], np.ones(n)])

    def residual(h, theta):
        return h - 1 / (1 - theta[0] * (kernel @ (theta[1:] * h)))

    def value(theta, module, **options):
        return module.optimize.root(residual, np.ones(n), args=(theta,), **options).x.sum()

    def in_jax(optimistix):
        newton = optimistix.Newton(rtol=1e-8, atol=1e-8)
        return lambda theta: optimistix.root_find(residual, newton, np.ones(n), theta).value.sum()

    return Case(value, theta, in_jax, compiles=False)


def nonlocal_equation():
    """Of 10**4 unknowns, each of which depends on all by a convolution; in its right-hand side."""
    n = 10**4
    at = np.arange(n) / n
    kernel = np.exp(-100 * np.minimum(at, 1 - at))
    source = 1 + np.sin(2 * np.pi * at)
    spectrum = np.fft.rfft(kernel / kernel.sum())

    def value(source, module, **options):
        def residual(u):
            spread = np.fft.irfft(spectrum * np.fft.rfft(u * u), n)
            return u + 0.3 * spread - source

        return (module.optimize.root(residual, source * 0 + 1, method="krylov").x ** 2).sum()

    def in_jax(optimistix):
        import lineax
        from jax import numpy as jnp

        def residual(u, source):
            return u + 0.3 * jnp.fft.irfft(spectrum * jnp.fft.rfft(u * u), n) - source

        gmres = lineax.GMRES(rtol=1e-10, atol=1e-10)
        newton = optimistix.Newton(rtol=1e-8, atol=1e-8, linear_solver=gmres)
        adjoint = optimistix.ImplicitAdjoint(linear_solver=gmres)

        def solve(source):
            found = optimistix.root_find(residual, newton, np.ones(n), source, adjoint=adjoint)
            return (found.value**2).sum()

        return solve

    return Case(value, source, in_jax, compiles=False)


CASES = {
    "Lotka and Volterra, 4 rates, RK45, 1e-6": functools.partial(fit, "RK45", 1e-6),
    "Lotka and Volterra, 4 rates, DOP853, 1e-10": functools.partial(fit, "DOP853", 1e-10),
    "Robertson, 3 rates, Radau, 1e-6": functools.partial(robertson, "Radau"),
    "Robertson, 3 rates, BDF, 1e-6": functools.partial(robertson, "BDF"),
    "heat, 1000 temperatures, Radau, 1e-6": functools.partial(heat, "Radau"),
    "heat, 1000 temperatures, BDF, 1e-6": functools.partial(heat, "BDF"),
    "H-equation, 200 unknowns, root": transfer,
    "nonlocal, 10^4 unknowns, krylov": nonlocal_equation,
}
COLUMNS = (
    "solve, ms",
    "gradient",
    "compiled",
    "differences",
    "diffrax",
    "its compile, s",
    "MB more",
)


def contenders(name, case):
    """What is measured, by column; each answers value and gradient, the first a value."""
    calls = {
        "solve, ms": lambda: (case.value(case.theta, scipy), None),
        "gradient": lambda: dr.value_and_grad(case.value)(case.theta, exact),
    }
    if case.compiles:
        calls["compiled"] = lambda: dr.value_and_grad(case.value)(case.theta, exact, compile=True)
    library = "optimistix" if "unknowns" in name else "diffrax"
    if find_spec(library):
        import jax

        jax.config.update("jax_enable_x64", True)
        function = jax.jit(jax.value_and_grad(case.in_jax(__import__(library))))
        calls["diffrax"] = lambda: jax.block_until_ready(function(jax.numpy.asarray(case.theta)))
    return calls


def measured(name):
    """Medians of seconds by column; all come to the same."""
    case = CASES[name]()
    calls = contenders(name, case)
    seconds: dict = {label: [] for label in calls}
    case.value(case.theta, scipy)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    expected = calls["gradient"]()
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    for turn in range(6):  # the first imports, records and compiles
        for label, call in calls.items():
            start = time.process_time()
            value, gradient = call()
            took = time.process_time() - start
            if turn:
                seconds[label].append(took)
            elif label == "diffrax":
                seconds["its compile, s"] = [took]
            np.testing.assert_allclose(value, expected[0], rtol=case.near)
            if gradient is not None:
                scale = np.max(np.abs(expected[1]))
                np.testing.assert_allclose(
                    expected[1], gradient, rtol=case.near, atol=case.near * scale
                )
    return {label: median(times) for label, times in seconds.items()} | {"MB more": more}


def row(name, seconds):
    """Ratios to SciPy's solve, but for what is in milliseconds, seconds and MB."""
    solve = seconds["solve, ms"]
    cells = {label: short(took / solve) for label, took in seconds.items()}
    cells["solve, ms"] = short(1e3 * solve, 3)
    cells["differences"] = str(CASES[name]().theta.size + 1)
    cells["MB more"] = f"{seconds['MB more']:.0f}"
    if "its compile, s" in seconds:
        cells["its compile, s"] = short(seconds["its compile, s"])
    return f"| {name} | {' | '.join(cells.get(c, '') for c in COLUMNS)} |"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only cases whose name contains one of these")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.measure:
        print(json.dumps(measured(arguments.measure)))
        return
    print(machine())
    print(
        f"\n| gradient over SciPy's solve | {' | '.join(COLUMNS)} |\n|---|{'---:|' * len(COLUMNS)}"
    )
    for name in CASES:
        if not arguments.words or any(word in name for word in arguments.words):
            command = [sys.executable, "-m", "tests.speed.solvers", "--measure", name]
            environment = os.environ | dict.fromkeys(THREADS, "1")
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            if done.returncode:
                print(f"{name} failed: {done.stderr.strip().splitlines()[-1]}", flush=True)
                continue
            print(row(name, json.loads(done.stdout.splitlines()[-1])), flush=True)


if __name__ == "__main__":
    main()
