"""The table of cases: what every law is checked on.  One file for each chapter of rules.

A case is a function of arrays with sample arguments at which it is differentiable.
"""

import dataclasses
import importlib
import itertools
import pkgutil
import zlib
from collections.abc import Callable

import numpy as np

_numbers = itertools.count()


@dataclasses.dataclass(frozen=True)
class Case:
    """One row of the table.

    Attributes
    ----------
    function : callable
        The function with a rule; names the case.
    call : callable
        A function of the sample arrays only, that calls it with its options.
    args : tuple of array
        Samples, inside the function's domain and away from kinks.
    order : int
        How often it can be differentiated there by our rules; less than 2 needs a ``reason``.
    dtypes : str
        Which dtypes the laws also run with: "f" float32, "F" complex64, "D" complex128.
    """

    function: Callable
    call: Callable
    args: tuple
    label: str
    order: int = 2
    dtypes: str = "f"
    reason: str = ""

    def __str__(self):
        return self.label


def case(function, *args, order=2, dtypes="f", reason="", call=None, label="", **options):
    """A row: ``function(*args, **options)``, or ``call(*args)`` where arrays are not the arguments.

    Arguments that are not floating-point arrays (axes, index arrays, strings) are held constant.
    """
    assert order == 2 or reason, "a case that is not twice differentiable needs a reason"
    name = getattr(function, "__name__", repr(function))
    if call is None:
        given = args  # args is bound anew below
        places = [
            i
            for i, a in enumerate(args)
            if isinstance(a, np.ndarray | np.inexact) and a.dtype.kind in "fc"
        ]

        def call(*arrays):
            full = list(given)
            for i, array in zip(places, arrays, strict=True):
                full[i] = array
            return function(*full, **options)

        shown = [str(a.shape) if isinstance(a, np.ndarray) else repr(a) for a in args]
        label = label or f"{name}({', '.join(shown + [f'{k}={v!r}' for k, v in options.items()])})"
        args = tuple(args[i] for i in places)
    label = label or f"{name}({', '.join(str(a.shape) for a in args)})"
    return Case(function, call, args, f"{next(_numbers)}-{label}", order, dtypes, reason)


def real(*shape, low=-2.0, high=2.0, seed=0):
    """Distinct real numbers between low and high, in random order, none nearer than 1e-3 to 0."""
    size = int(np.prod(shape))
    rng = np.random.default_rng(zlib.crc32(repr((shape, low, high, seed)).encode()))
    x = np.linspace(low, high, size + 2)[1:-1] + rng.uniform(-0.2, 0.2, size) * (high - low) / (
        size + 1
    )
    x = np.where(np.abs(x) < 1e-3, x + 0.1, x)
    return rng.permutation(x).reshape(shape)


def positive(*shape, low=0.3, high=3.0, seed=0):
    """Distinct positive numbers."""
    return real(*shape, low=low, high=high, seed=seed)


def complex_(*shape, seed=0):
    """Complex numbers with parts between -2 and 2."""
    return real(*shape, seed=seed) + 1j * real(*shape, seed=seed + 1)


def all_cases():
    """The rows of every chapter."""
    rows = []
    for module in pkgutil.iter_modules(__path__):
        rows.extend(importlib.import_module(f"{__name__}.{module.name}").CASES)
    return rows
