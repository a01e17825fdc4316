"""``python -m dualrev``: reference problems of NIST, fitted with exact derivatives.

Owns the command line and the printed table; must not know how a problem is fitted.
"""

import argparse
import sys
from collections.abc import Sequence

import dualrev
from dualrev import nist

COLUMNS = "{:>4} {:>18} {:>18} {:>7} {:>18} {:>18} {:>7}"
COUNTS = "  {:<20} {:>18} {:>11} {:>18} {:>18}"


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
    print(
        f"NIST StRD nonlinear regression from starting point {options.start}, by "
        f'scipy.optimize.least_squares(method="{options.method}")'
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
    print(COUNTS.format("", "model evaluations", "Jacobians", "parameter digits", "error digits"))
    for label, found in zip(("exact derivatives", "finite differences"), fits.values()):
        parameters, errors = agreement(problem, found)
        print(
            COUNTS.format(
                label,
                found.evaluations,
                found.jacobians or "-",
                f"{parameters:.1f}",
                f"{errors:.1f}" + ("" if found.converged else " (not converged)"),
            )
        )


if __name__ == "__main__":
    sys.exit(main())
