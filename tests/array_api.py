"""Which functions of SciPy take traced arrays with SCIPY_ARRAY_API=1: found by calling them all.

``SCIPY_ARRAY_API=1 python -m tests.array_api`` prints the table of docs/reference/array-api.
"""

import dataclasses
import importlib
import inspect
import warnings

import numpy as np
import scipy

import dualrev as dr
from dualrev.insides.marks import ufunc_behind

MODULES = ("fft", "integrate", "ndimage", "signal", "special", "stats")
_RNG = np.random.default_rng(20080612)
X, Y, Z = _RNG.uniform(0.2, 0.9, (3, 9))
A, B = _RNG.uniform(0.2, 0.9, (2, 3, 3))
S = A @ A.T + 3 * np.eye(3)
#: Arguments: of each function the first that it takes.
SAMPLES = (
    *((X,), (A,), (S,)),
    *((X, Y), (X, 1.3), (X, 3), (X, 0.3), (1.3, X), (3, X), (A, B), (A, Y[:3]), (A, 3)),
    *((X, Y, Z), (X, Y, 2.0), (X, 3, 2), (X, 2.0, 0.5), (A, 3, 1), (X[:3], Y[:3], Z)),
    *((X, Y, Z, X + Y), (X, 1.0, X + 5, 2.0), (X, X + 5, 9, Y, Y + 3, 9)),
)
PASSED_OVER = {
    "test",
    "distance_transform_cdt",  # crashes on any array of floats
    "bws_test",  # draws random numbers, though it has no argument for them
    *("trim1", "trimboth"),  # NumPy does not say in which order np.partition leaves what is kept
}
RANDOM = {"rng", "qrng", "random_state"}


def functions_of(module):
    """Public functions by name, without ufuncs and what draws random numbers."""
    for name in getattr(module, "__all__", dir(module)):
        function = getattr(module, name)
        if name.startswith("_") or name in PASSED_OVER or isinstance(function, type):
            continue
        if isinstance(ufunc_behind(function), np.ufunc) or not hasattr(function, "__name__"):
            continue  # a ufunc; a distribution
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):  # of a number, of what is compiled
            continue
        if not any(p.name in RANDOM and p.default is None for p in parameters):
            yield name, function, parameters


def takes(parameters, count):
    """Whether a function may be called with so many positional arguments."""
    positional = [p for p in parameters if p.kind < p.VAR_POSITIONAL]
    required = sum(p.default is p.empty for p in positional)
    any_number = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return required <= count and (any_number or count <= len(positional))


def results_of(ans):
    """The floating-point numbers among what a function answers."""
    if dataclasses.is_dataclass(ans):
        ans = list(vars(ans).values())
    if isinstance(ans, tuple | list):
        return [part for each in ans for part in results_of(each)]
    kind = getattr(getattr(ans, "dtype", None), "kind", None)
    return [ans] if kind in ("f", "c", "O") or isinstance(ans, float) else []


def slopes_of(f, x, t, h=1e-6):
    """The derivatives of the results along t, by differences; None where nothing moves."""
    slopes = [(up - down) / (2 * h) for up, down in zip(f(x + h * t), f(x - h * t))]
    return slopes if any(np.any(np.abs(slope) > 1e-6) for slope in slopes) else None


def goes_through(function, parameters):
    """Whether a function takes a traced array beside plain ones; None where no sample tells.

    If it does, its value is that of plain arrays, its derivative in a direction that of differences,
    its gradient the adjoint: an AssertionError says where they are not.
    """
    name = function.__name__
    for args in SAMPLES:
        if not takes(parameters, len(args)):
            continue
        place = next(i for i, a in enumerate(args) if isinstance(a, np.ndarray))
        x = args[place]
        t = np.cos(3 * x)

        def call(x, args=args, place=place):
            return results_of(function(*args[:place], x, *args[place + 1 :]))

        try:
            expected, slopes = call(x), slopes_of(call, x, t)
        except Exception:  # whatever says that the function takes other arguments
            continue
        if slopes is None:
            continue
        try:
            found, tangents = dr.jvp(call, (x,), (t,))
            _, pull = dr.vjp(call, x)
        except Exception:
            return False
        assert len(found) == len(expected), name
        for a, b in zip(found, expected):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14, err_msg=name)
        for a, b in zip(tangents, slopes):
            known = np.isfinite(b)
            a, b = np.where(known, a, 0), np.where(known, b, 0)
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6, err_msg=name)
        cts = [np.nan_to_num(tangent) for tangent in tangents]
        squares = sum(np.vdot(ct, ct).real for ct in cts)
        np.testing.assert_allclose(np.vdot(pull(cts)[0], t), squares, err_msg=name)
        return True
    return None


def taken():
    """Of each module the names of the functions that take traced arrays."""
    names = {}
    for name in MODULES:
        module = importlib.import_module(f"scipy.{name}")
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            names[name] = [n for n, *of in functions_of(module) if goes_through(*of)]
    return names


def table():
    """The table of docs/reference/array-api, in markdown."""
    lines = [f"| SciPy {scipy.__version__} | functions that take traced arrays |", "|---|---|"]
    for module, names in taken().items():
        lines.append(f"| `scipy.{module}` | {', '.join(f'`{name}`' for name in names)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
