"""Reference problems of nonlinear regression from NIST, and their fit with exact derivatives.

Owns the reader of NIST's files, the models of the problems that ship, and the recipe of the fit.
Must not know how anything is printed.
"""

import dataclasses
import os
import re
from collections.abc import Callable
from importlib import resources

import numpy as np

from dualrev.scipy.optimize import least_squares

__all__ = ["MODELS", "Fit", "Problem", "digits", "fit", "load", "read", "standard_errors"]

# NIST certifies eleven digits; more agreement than that means nothing.
CERTIFIED_DIGITS = 11


@dataclasses.dataclass(frozen=True)
class Problem:
    """One data set of the Statistical Reference Datasets (StRD) with its certified fit.

    Attributes
    ----------
    name : str
    x : array of shape (m,), or (k, m) for k predictors
    y : array of shape (m,)
        The response that is fitted: its logarithm where the problem says so.
    starts : array of shape (2, n)
        NIST's two starting points, far and near.
    certified, deviations : array of shape (n,)
        Certified parameters and their standard deviations.
    rss : float
        Certified residual sum of squares.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    starts: np.ndarray
    certified: np.ndarray
    deviations: np.ndarray
    rss: float


def read(path: os.PathLike | str) -> Problem:
    """The problem in a file of NIST's StRD for nonlinear regression.

    Parameters
    ----------
    path : path
        Of a ``.dat`` file, as downloaded from https://www.itl.nist.gov/div898/strd/.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError
        Where the file has no parameters or no data in NIST's layout.
    """
    with open(path, encoding="ascii") as file:
        text = file.read()
    name = re.search(r"Dataset Name:\s+(\w+)", text)
    rss = re.search(r"Residual Sum of Squares:\s+(\S+)", text)
    parameters = re.findall(r"^\s*b\d+ =((?:\s+\S+){4})\s*$", text, re.MULTILINE)
    # "Data:" heads a description and then, last, the columns.
    _, _, columns = text.rpartition("\nData:")
    rows = [line.split() for line in columns.splitlines()[1:] if line.strip()]
    if not (name and rss and parameters and rows):
        raise ValueError(
            f"{os.fspath(path)!r} is not a file of NIST's nonlinear regression problems"
        )
    table = np.array([line.split() for line in parameters], dtype=float)
    data = np.array(rows, dtype=float).T
    y, x = data[0], data[1:]
    return Problem(
        name=name[1],
        x=x[0] if len(x) == 1 else x,
        y=np.log(y) if "log[y]" in text else y,
        starts=table[:, :2].T,
        certified=table[:, 2],
        deviations=table[:, 3],
        rss=float(rss[1]),
    )


def load(name: str) -> Problem:
    """One of the problems that ship with the package: a key of ``MODELS``.

    Examples
    --------
    >>> from dualrev import nist
    >>> nist.load("Misra1a").certified
    array([2.38942129e+02, 5.50156432e-04])
    """
    with resources.as_file(resources.files(__name__) / "data" / f"{name}.dat") as path:
        return read(path)


def _exponential_rise(x, b1, b2):
    """y = b1 (1 - exp(-b2 x))"""
    return b1 * (1 - np.exp(-b2 * x))


def _cubic_over_cubic(x, b1, b2, b3, b4, b5, b6, b7):
    """y = (b1 + b2 x + b3 x^2 + b4 x^3) / (1 + b5 x + b6 x^2 + b7 x^3)"""
    return (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def _linear_over_quadratic(x, b1, b2, b3, b4):
    """y = b1 (x^2 + b2 x) / (x^2 + b3 x + b4)"""
    return b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4)


#: Models of the problems that ship: ``y = model(x, b1, b2, ...)``; their docstrings say which.
MODELS: dict[str, Callable] = {
    "Misra1a": _exponential_rise,
    "Thurber": _cubic_over_cubic,
    "MGH09": _linear_over_quadratic,
    "Hahn1": _cubic_over_cubic,
}


@dataclasses.dataclass(frozen=True)
class Fit:
    """The fit of a model to a problem.

    Attributes
    ----------
    parameters, errors : array of shape (n,)
        Least-squares estimates and their standard errors.
    rss : float
        Residual sum of squares.
    converged : bool
        Whether the solver says so.
    evaluations : int
        Calls of the model on plain numbers.
    jacobians : int
        Exact Jacobians; none with finite differences.
    """

    parameters: np.ndarray
    errors: np.ndarray
    rss: float
    converged: bool
    evaluations: int
    jacobians: int


def fit(
    problem: Problem,
    model: Callable,
    start: int = 1,
    jac: str | None = None,
    method: str = "trf",
) -> Fit:
    """Fit a model by :func:`dualrev.scipy.optimize.least_squares`, one recipe for all problems.

    Variables are scaled by the columns of the Jacobian, and the solver runs until neither the sum
    of squares nor the parameters change in double precision.

    Parameters
    ----------
    problem : Problem
    model : callable
        ``model(x, b1, b2, ...)``: plain NumPy.
    start : {1, 2}
        Which of NIST's starting points.
    jac : str, optional
        SciPy's finite differences, "2-point" or "3-point", instead of the exact Jacobian.
    method : {"trf", "dogbox", "lm"}
        SciPy's solver.  With "trf" all of NIST's 27 problems converge from both starts.

    Returns
    -------
    Fit

    Examples
    --------
    >>> from dualrev import nist
    >>> found = nist.fit(nist.load("Misra1a"), nist.MODELS["Misra1a"])
    >>> found.parameters.round(4)
    array([2.389421e+02, 6.000000e-04])
    """
    calls = 0

    def residuals(b):
        nonlocal calls
        calls += 1
        return model(problem.x, *b) - problem.y

    eps = float(np.finfo(float).eps)
    with np.errstate(all="ignore"):  # wild trial steps overflow, and are rejected
        result = least_squares(
            residuals,
            problem.starts[start - 1],
            jac,
            method=method,
            x_scale="jac",
            ftol=eps,
            xtol=eps,
            gtol=eps,
            max_nfev=10_000,
        )
    jacobians = 0 if jac else result.njev
    return Fit(
        parameters=result.x,
        errors=standard_errors(result.jac, 2 * result.cost),
        rss=2 * result.cost,
        converged=result.success,
        evaluations=calls - jacobians,  # the model runs once, on traced numbers, for each Jacobian
        jacobians=jacobians,
    )


def standard_errors(jac: np.ndarray, rss: float) -> np.ndarray:
    """Standard errors of least-squares parameters: ``sqrt(diag(s^2 (J^T J)^-1))``.

    From the singular values of J with columns of unit length: ``J^T J`` would square the condition
    number (Bjorck 1996, Numerical Methods for Least Squares Problems, section 2.8).

    Parameters
    ----------
    jac : array of shape (m, n)
    rss : float
        Residual sum of squares; ``s^2 = rss / (m - n)``.

    Returns
    -------
    array of shape (n,)
        Infinite where the Jacobian does not determine a parameter.
    """
    m, n = jac.shape
    lengths = np.linalg.norm(jac, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        _, s, vt = np.linalg.svd(jac / np.where(lengths > 0, lengths, 1), full_matrices=False)
        return np.sqrt(rss / (m - n)) * np.linalg.norm(vt.T / s, axis=1) / lengths


def digits(computed: np.ndarray, certified: np.ndarray) -> np.ndarray:
    """Number of certified digits that agree: the log relative error, between 0 and 11.

    Of a certified 0 it is the log absolute error.

    Source: McCullough (1998), "Assessing the reliability of statistical software: part I".

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev import nist
    >>> nist.digits(np.array([1.001, 2.0]), np.array([1.0, 2.0]))
    array([ 3., 11.])
    """
    size = np.where(certified == 0, 1, np.abs(certified))
    with np.errstate(divide="ignore"):
        agreed = -np.log10(np.abs(computed - certified) / size)
    return np.clip(np.where(np.isnan(agreed), 0, agreed), 0, CERTIFIED_DIGITS)
