"""Solvers end to end with exact sparse Jacobians, beside finite differences.

``python -m tests.speed.sparse_solvers [words]`` prints the table of docs/reference/benchmarks.md; each
line is measured in a process of its own, with one thread, in turns, as medians of the processor's
time of three; finding the pattern and preparing counts.  The differences are SciPy's, of a pattern
that is given to them.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from statistics import median

import numpy as np
import scipy.integrate
import scipy.sparse
from scipy.optimize import least_squares
from scipy.optimize._numdiff import approx_derivative, group_columns
from scipy.sparse.linalg import spsolve

import dualrev as dr
from dualrev import scipy as exact
from dualrev.bench.__main__ import THREADS, machine


def diffusion(side, ratio=5.0):
    """Residual of an implicit Euler step of u_t = div((1 + u**2) grad u) on a square, u = 0 around.

    ratio is the time step over the square of the mesh's width.
    """
    at = np.arange(1, side + 1) / (side + 1)
    old = 2 * np.outer(np.sin(np.pi * at), np.sin(2 * np.pi * at)).ravel()

    def f(u):
        v = np.pad(u.reshape(side, side), 1)
        k = 1 + v**2
        east = (k[1:, 1:-1] + k[:-1, 1:-1]) * (v[1:, 1:-1] - v[:-1, 1:-1]) / 2
        north = (k[1:-1, 1:] + k[1:-1, :-1]) * (v[1:-1, 1:] - v[1:-1, :-1]) / 2
        flow = east[1:] - east[:-1] + north[:, 1:] - north[:, :-1]
        return u - old - ratio * flow.ravel()

    return f, old


def brusselator(side):
    """Two species that react and diffuse on a torus (Hairer and Wanner 1996, section IV.10)."""
    at = np.arange(side) / side
    y0 = np.concatenate(
        [
            np.tile(22 * at * (1 - at) ** 1.5, side),
            np.repeat(27 * at * (1 - at) ** 1.5, side),
        ]
    )

    def laplacian(u):
        around = np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1)
        return 0.1 * side**2 * (around - 4 * u)

    def f(t, y):
        u, v = y.reshape(2, side, side)
        product = u * u * v
        return np.stack(
            [
                1 + product - 4.4 * u + laplacian(u),
                3.4 * u - product + laplacian(v),
            ]
        ).ravel()

    return f, y0


def five_point(side, around=False):
    """The pattern of a Laplacian on a square."""
    line = scipy.sparse.diags_array([1.0, 1.0, 1.0], offsets=[-1, 0, 1], shape=(side, side)).tolil()
    line[0, -1] = line[-1, 0] = around
    one = scipy.sparse.eye_array(side)
    return (scipy.sparse.kron(line, one) + scipy.sparse.kron(one, line)).tocsr() != 0


def newton(f, jacobian, u):
    """The solution; stops where the residual is rounding."""
    for _ in range(20):
        residual = f(u)
        if np.max(np.abs(residual)) < 1e-9:
            return u
        u = u - spsolve(jacobian(u).tocsc(), residual)
    raise RuntimeError("Newton's iteration did not converge")


def newtons():
    f, u = diffusion(300)

    def differences():
        pattern = five_point(300)
        groups = group_columns(pattern)

        def jacobian(u):
            return approx_derivative(f, u, method="2-point", sparsity=(pattern, groups))

        return newton(f, jacobian, u)

    return {"exact": lambda: newton(f, dr.prepare_jacobian(f, u), u), "pattern given": differences}


def squares():
    f, u = diffusion(300)
    return {
        "exact": lambda: exact.optimize.least_squares(f, u).x,
        "pattern given": lambda: least_squares(f, u, jac_sparsity=five_point(300)).x,
    }


def _stiff(side, dense):
    def contenders():
        f, y = brusselator(side)

        def solve(solve_ivp=scipy.integrate.solve_ivp, **options):
            return solve_ivp(f, (0, 4), y, method="BDF", rtol=1e-6, atol=1e-6, **options).y[:, -1]

        def pattern():
            one = scipy.sparse.eye_array(side**2)
            space = five_point(side, around=True)
            return scipy.sparse.block_array([[space, one], [one, space]])

        calls = {
            "exact": lambda: solve(exact.integrate.solve_ivp),
            "pattern given": lambda: solve(jac_sparsity=pattern()),
        }
        if dense:
            calls["differences"] = solve
        return calls

    return contenders


CASES = {
    "diffusion, 300 x 300, by Newton": newtons,
    "diffusion, 300 x 300, by least_squares": squares,
    "Brusselator, 2 x 32 x 32, by BDF": _stiff(32, dense=True),
    "Brusselator, 2 x 64 x 64, by BDF": _stiff(64, dense=False),
}
COLUMNS = ("exact", "pattern given", "differences")


def measured(contenders):
    """Seconds of the processor by contender; all come to the same."""
    seconds, answers = {}, []
    for turn in range(4):  # the first imports and warms
        for name, call in contenders().items():
            start = time.process_time()
            answers.append(call())
            if turn:
                seconds.setdefault(name, []).append(time.process_time() - start)
            # BDF's rtol is 1e-6 a step, and steps differ; least_squares stops at 1e-8
            np.testing.assert_allclose(answers[0], answers[-1], rtol=1e-4, atol=1e-5)
    return {name: median(times) for name, times in seconds.items()}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only cases whose name contains one of these")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.measure:
        print(json.dumps(measured(CASES[arguments.measure])))
        return
    print(machine())
    print(f"\n| seconds | {' | '.join(COLUMNS)} |\n|---|{'---:|' * len(COLUMNS)}")
    for name in CASES:
        if not arguments.words or any(word in name for word in arguments.words):
            command = [sys.executable, "-m", "tests.speed.sparse_solvers", "--measure", name]
            environment = os.environ | dict.fromkeys(THREADS, "1")
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            if done.returncode:
                print(f"{name} failed: {done.stderr.strip().splitlines()[-1]}", flush=True)
                continue
            seconds = json.loads(done.stdout.splitlines()[-1])
            cells = [f"{seconds[c]:.2g}" if c in seconds else "" for c in COLUMNS]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
