"""How far derivatives of solutions of published initial value problems agree with references.

``python -m tests.solver_agreement`` prints the table of docs/reference/coverage.
"""

import numpy as np

import dualrev as dr
from tests.scipy.test_initial_values_derivatives import METHODS, end_of
from tests.solver_problems import PROBLEMS

_RTOL = 1e-8


def digits(value, expected):
    """Decimal digits that agree, of each column as a part of its largest entry; the fewest."""
    size = np.max(np.abs(expected), axis=0)
    return -np.log10(max(np.max(np.abs(value - expected) / size), 1e-16))


def agreement(problem, method):
    """Of the state at the end, and of its derivatives by initial state and parameters."""
    end, both = end_of(problem, method, _RTOL)
    y, derivatives = end(both), dr.jacobian(end, mode="reverse")(both)
    expected = np.hstack([problem.by_y0, problem.by_p])
    return digits(y[:, None], problem.y[:, None]), digits(derivatives, expected)


def table():
    lines = [f"| | {' | '.join(METHODS)} |", "|---" * (len(METHODS) + 1) + "|"]
    for problem in PROBLEMS:
        cells = [
            ""
            if problem.stiff and method in METHODS[:3]
            else "{:.0f}, {:.0f}".format(*agreement(problem, method))
            for method in METHODS
        ]
        lines.append(f"| {problem} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
