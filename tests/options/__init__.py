"""Calls of NumPy's functions with all their options, one file for each chapter of rules.

A row is a call as a user writes it.  Its floating-point arrays and NumPy scalars, wherever they
stand among the arguments and options, are what is differentiated; lists and Python's numbers stay
constant.
"""

import importlib
import pkgutil

import numpy as np

from tests.cases import complex_, positive, real

F = np.float64
A, B, C = real(3, 4), real(2, 3, 4), real(4)
V, W = real(5), positive(5)
M = real(3, 3) + 3 * np.eye(3)
S = M @ M.T
Z = complex_(3, 4)
ZM = complex_(3, 3) + 3 * np.eye(3)
ZS = ZM @ ZM.conj().T
MASK = np.arange(12).reshape(3, 4) % 5 != 0
HOLED = np.where(MASK, A, np.nan)
GRID = np.array([0.0, 0.3, 1.1, 1.5, 2.4])


def like(x, *shape, dtype=None):
    """A traced array to write into."""
    return np.zeros_like(x, shape=shape, dtype=dtype)


class Row:
    """One call."""

    def __init__(self, function, *args, **options):
        self.function = function
        self.args = args
        self.options = options

    def __str__(self):
        def show(a):
            if isinstance(a, list | tuple):
                inner = ",".join(map(show, a))
                return f"[{inner}]" if isinstance(a, list) else f"({inner})"
            if isinstance(a, np.ndarray):
                return a.dtype.char + str(a.shape).replace(" ", "")
            return getattr(a, "__name__", None) or repr(a)

        shown = [*map(show, self.args), *(f"{k}={show(v)}" for k, v in self.options.items())]
        return f"{getattr(self.function, '__name__', self.function)}({', '.join(shown)})"

    def leaves(self):
        return tuple(_leaves((self.args, self.options)))

    def call(self, leaves):
        args, options = _filled((self.args, self.options), iter(leaves))
        ans = self.function(*args, **options)
        parts = ans if isinstance(ans, tuple | list) else [ans]
        return [a for a in parts if getattr(a, "dtype", np.dtype(int)).kind in "fc"]


def _is_leaf(a):
    return isinstance(a, np.ndarray | np.inexact) and a.dtype.kind in "fc"


def _leaves(tree):
    if _is_leaf(tree):
        yield tree
    elif isinstance(tree, list | tuple | dict):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from _leaves(part)


def _filled(tree, leaves):
    if _is_leaf(tree):
        return next(leaves)
    if isinstance(tree, dict):
        return {k: _filled(v, leaves) for k, v in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(_filled(v, leaves) for v in tree)
    return tree


def each(functions, *args, **options):
    return [Row(function, *args, **options) for function in functions]


def forms(function, *ways):
    """Rows of one function: ``(args, options)`` each."""
    return [Row(function, *args, **options) for args, options in ways]


def all_rows():
    """The rows of every chapter."""
    rows = []
    for module in pkgutil.iter_modules(__path__):
        rows.extend(importlib.import_module(f"{__name__}.{module.name}").ROWS)
    return rows
