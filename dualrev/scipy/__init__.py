"""The functions of SciPy that take derivatives, or that do not dispatch to traced arrays.

Owns the names of its modules only; each is imported when it is first used, as SciPy's own are, so
that ``import dualrev`` does not pay for them.
"""

import importlib
import inspect
import sys
import types

import numpy as np

from dualrev import errors
from dualrev.core.primitive import RULES

__all__ = [
    "cluster",
    "constants",
    "differentiate",
    "fft",
    "integrate",
    "interpolate",
    "linalg",
    "ndimage",
    "optimize",
    "signal",
    "sparse",
    "spatial",
    "special",
    "stats",
]


def __getattr__(name):
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__


def twin_of(path: str) -> str | None:
    """Path of our function that equals one of SciPy's and keeps its derivative; None without one."""
    module, *names = _place_of(path)
    if not names or names[0] not in module.__all__:
        return None
    return path.replace("scipy", __name__, 1)


def refusal_of(path: str) -> tuple[str, str] | None:
    """Why a function of SciPy's is refused, and what to type instead; None of others."""
    module, *names = _place_of(path)
    return module.REST.refusal(names[0]) if names and hasattr(module, "REST") else None


def word_of(path: str) -> str | None:
    """What becomes of a traced array in a public name of SciPy's; None where nobody has decided.

    "dispatches", "twin", "body", "constant" or "refused".
    """
    owner, _, name = path.rpartition(".")
    found = getattr(importlib.import_module(owner), name, None)
    if (inspect.isroutine(found) or isinstance(found, np.ufunc)) and found in RULES:
        return "constant" if RULES[found].word == "constant" else "dispatches"
    module, *names = _place_of(path)
    if len(names) != 1:
        module = None
    if hasattr(module, "REST") and name in module.REST.words:
        return module.REST.words[name]
    if module is not None and name in module.__all__:
        return "twin"
    is_error = isinstance(found, type) and issubclass(found, BaseException)
    return "constant" if is_error or isinstance(found, str | int | float | dict) else None


def _place_of(path):
    """The module here that stands for SciPy's in which a path ends, or None, and the names after it."""
    _, *names = path.split(".")
    module = sys.modules[__name__]
    while names and names[0] in module.__all__:
        inner = getattr(module, names[0])
        if not isinstance(inner, types.ModuleType):
            return module, *names
        module, names = inner, names[1:]
    return (module, *names) if module.__name__ != __name__ and names else (None,)


errors.twin_of = twin_of
errors.refusal_of = refusal_of
