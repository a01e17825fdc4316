"""The table of cases: what every law is checked on.  One file for each chapter of rules.

A case is a call with sample arguments at which it is differentiable.
"""

import dataclasses
import functools
import importlib
import itertools
import pkgutil
import zlib
from collections.abc import Callable

import numpy as np

_numbers = itertools.count()


@dataclasses.dataclass(frozen=True, eq=False)
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
    of_options : bool
        Whether the row is there for its options: what is asked of kinds of arrays passes it over.
    given : tuple, optional
        The positional arguments and the options of a call that is the function's own.
    """

    function: Callable
    call: Callable
    args: tuple
    label: str
    order: int = 2
    dtypes: str = "f"
    reason: str = ""
    of_options: bool = False
    given: tuple | None = None

    def __str__(self):
        return self.label


def case(function, *args, order=2, dtypes="f", reason="", call=None, label="", **options):
    """A row: ``function(*args, **options)``, or ``call(*args)`` where arrays are not the arguments.

    Floating-point arrays and NumPy's scalars, wherever they stand among arguments and options, are
    what is differentiated; lists and Python's numbers are held constant.
    """
    assert order == 2 or reason, "a case that is not twice differentiable needs a reason"
    name = getattr(function, "__name__", repr(function))
    given = None
    if call is None:
        given = args, options
        label = label or f"{name}({_shown_call(args, options)})"
        call, args = of_leaves(function, args, options)
    label = label or f"{name}({_shown_call(args, {})})"
    label = f"{next(_numbers)}-{label}"
    return Case(function, call, args, label, order, dtypes, reason, given=given)


def row(function, *args, **options):
    """A row of a call as a user writes it: all options are those of the function."""
    name = getattr(function, "__name__", function)
    call, leaves = of_leaves(function, args, options)
    label = f"{next(_numbers)}-{name}({_shown_call(args, options)})"
    given = args, options
    return Case(function, call, leaves, label, dtypes="", of_options=True, given=given)


def each(functions, *args, **options):
    """The same call of several functions."""
    return [row(function, *args, **options) for function in functions]


def forms(function, *ways):
    """Rows of one function: ``(args, options)`` each."""
    return [row(function, *args, **options) for args, options in ways]


def of_leaves(function, args, options):
    """The call as a function of the arrays in it, and these."""

    def call(*leaves):
        full, named = _filled((args, options), iter(leaves))
        return function(*full, **named)

    return call, tuple(_leaves((args, options)))


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


def _shown_call(args, options):
    return ", ".join([*map(_shown, args), *(f"{k}={_shown(v)}" for k, v in options.items())])


def _shown(a):
    if isinstance(a, list | tuple):
        inner = ",".join(map(_shown, a))
        return f"[{inner}]" if isinstance(a, list) else f"({inner})"
    if isinstance(a, np.ndarray):
        return a.dtype.char + str(a.shape).replace(" ", "")
    return getattr(a, "__name__", None) or repr(a)


# ------------------------------------------------------------------------------------ samples


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


def like(x, *shape, dtype=None):
    """A traced array to write into."""
    return np.zeros_like(x, shape=shape, dtype=dtype)


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


def once(cases):
    """Of each function, by each way of calling it, the first row."""
    by = {(case.function, getattr(case.call, "__code__", case.call)): case for case in cases[::-1]}
    return list(by.values())[::-1]


@functools.cache
def all_cases():
    """The rows of every chapter, which their labels begin with: ``pytest -k special_gamma``."""
    rows = []
    for module in pkgutil.iter_modules(__path__):
        for row in importlib.import_module(f"{__name__}.{module.name}").CASES:
            rows.append(dataclasses.replace(row, label=f"{module.name}-{row.label}"))
    return tuple(rows)
