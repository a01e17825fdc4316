"""``python -m dualrev``: a gradient, and reference problems of NIST fitted with exact derivatives.

Owns the command line and what it prints; must not know how a problem is fitted.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

import dualrev
from dualrev import nist

COLUMNS = "{:>4} {:>18} {:>18} {:>7} {:>18} {:>18} {:>7}"
COUNTS = "  {:<18} {:>12} {:>14} {:>10} {:>18} {:>18}"


def parser() -> argparse.ArgumentParser:
    """The options of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m dualrev",
        description="Fit nonlinear regression problems of NIST's Statistical Reference Datasets "
        "through scipy.optimize.least_squares, with exact derivatives and with finite "
        "differences, and print both beside the certified values.",
        epilog="Digits are those that agree with NIST's certified values, of 11; the last rows of "
        "a problem give the fewest. "
        "`python -m dualrev.bench` measures the speed of derivatives beside a peer.",
    )
    made.add_argument(
        "problems",
        nargs="*",
        metavar="problem",
        help=f"which to fit: {', '.join(nist.MODELS)} (default: all)",
    )
    made.add_argument(
        "--start", type=int, choices=(1, 2), default=1, help="NIST's starting point (default: 1)"
    )
    made.add_argument(
        "--method",
        choices=("trf", "dogbox", "lm"),
        default="trf",
        help="solver of scipy.optimize.least_squares (default: trf)",
    )
    made.add_argument("--version", action="version", version=f"dualrev {dualrev.__version__}")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Fit, print, and answer the exit status: 1 where an exact fit has less than 6 digits."""
    options = parser().parse_args(argv)
    names = options.problems or list(nist.MODELS)
    for name in names:
        if name not in nist.MODELS:
            parser().error(f"unknown problem {name!r}; there are {', '.join(nist.MODELS)}")
    print_gradient()
    print(
        f"""
Curves of NIST's Statistical Reference Datasets, fitted from starting point {options.start}, by
scipy.optimize.least_squares(method="{options.method}"), with exact derivatives and with differences:
  certified  NIST's answer, published in 11 digits for tests of software
  digits     how many of these 11 the fit with exact derivatives has right
  work       evaluations of the model; a Jacobian counts as many as it takes in time: many, where
             the model is done in a few microseconds"""
    )
    worst = dict.fromkeys((None, "2-point"), (nist.CERTIFIED_DIGITS, nist.CERTIFIED_DIGITS))
    for name in names:
        problem, model = nist.load(name), nist.MODELS[name]
        fits = {jac: nist.fit(problem, model, options.start, jac, options.method) for jac in worst}
        print_fit(problem, model, fits)
        for jac, found in fits.items():
            worst[jac] = tuple(map(min, worst[jac], agreement(problem, found)))
    (parameters, errors), (rough_parameters, rough_errors) = worst.values()
    print(
        f"\nExact derivatives: at least {parameters:.1f} certified digits in every parameter, "
        f"{errors:.1f} in every standard error;\nfinite differences: {rough_parameters:.1f} and "
        f"{rough_errors:.1f}."
    )
    return 0 if parameters >= 6 else 1


def print_gradient():
    """A gradient, and what it is good for."""
    problem, model = nist.load("Misra1a"), nist.MODELS["Misra1a"]

    def misfit(b):
        return np.sum((model(problem.x, *b) - problem.y) ** 2)

    by_b1, by_b2 = dualrev.grad(misfit)(problem.starts[1])
    print(
        f"""\
dualrev.grad(f) computes the gradient of f: how fast its result changes with each of its arguments,
exact to rounding.  Of a curve's misfit to data, by two parameters: {by_b1:.10g}, {by_b2:.10g}.
A fit follows it to where it is 0, and the same derivatives tell how sure the parameters are."""
    )


def agreement(problem: nist.Problem, found: nist.Fit) -> tuple[float, float]:
    """Certified digits of the worst parameter, and of the worst standard error."""
    return (
        float(nist.digits(found.parameters, problem.certified).min()),
        float(nist.digits(found.errors, problem.deviations).min()),
    )


def print_fit(problem, model, fits):
    """The rows of one problem: a parameter each, then the work of both ways."""
    exact = fits[None]
    print(f"\n{problem.name}: {model.__doc__}, {len(problem.y)} observations")
    print(
        COLUMNS.format(
            "", "parameter", "certified", "digits", "standard error", "certified", "digits"
        )
    )
    rows = zip(
        exact.parameters,
        problem.certified,
        nist.digits(exact.parameters, problem.certified),
        exact.errors,
        problem.deviations,
        nist.digits(exact.errors, problem.deviations),
        strict=True,
    )
    for i, (b, certified, agreed, error, deviation, agreed_error) in enumerate(rows, start=1):
        print(
            COLUMNS.format(
                f"b{i}",
                f"{b:.10e}",
                f"{certified:.10e}",
                f"{agreed:.1f}",
                f"{error:.10e}",
                f"{deviation:.10e}",
                f"{agreed_error:.1f}",
            )
        )
    heads = ("evaluations", "Jacobians", "work", "parameter digits", "error digits")
    print(COUNTS.format("", *heads))
    each = cost_of_a_jacobian(problem, model)
    for label, found in zip(("exact derivatives", "finite differences"), fits.values()):
        parameters, errors = agreement(problem, found)
        print(
            COUNTS.format(
                label,
                found.evaluations,
                f"{found.jacobians}, each {each:.0f}" if found.jacobians else "-",
                f"{found.evaluations + found.jacobians * each:.0f}",
                f"{parameters:.1f}",
                f"{errors:.1f}" + ("" if found.converged else " (not converged)"),
            )
        )


def cost_of_a_jacobian(problem: nist.Problem, model: Callable) -> float:
    """Time of one, over that of an evaluation of the model."""

    def curve(b):
        return model(problem.x, *b)

    jacobian = dualrev.jacobian(curve)
    taken: tuple[list[int], list[int]] = [], []
    for _ in range(30):  # in turns: what disturbs the machine meets both
        for f, times in zip((curve, jacobian), taken):
            begun = time.perf_counter_ns()
            f(problem.certified)
            times.append(time.perf_counter_ns() - begun)
    once, each = map(min, taken)
    return each / once


if __name__ == "__main__":
    sys.exit(main())
