"""The functions of SciPy that take derivatives, or that do not dispatch to traced arrays.

Owns the names of its modules only; each is imported when it is first used, as SciPy's own are, so
that ``import dualrev`` does not pay for them.
"""

import importlib

from dualrev.core import errors

__all__ = [
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
    _, *parts = path.split(".")
    if not parts or parts[0] not in __all__:
        return None
    module = importlib.import_module(f"{__name__}.{parts[0]}")
    for name in parts[1:]:
        if name not in module.__all__:
            return None
        module = getattr(module, name)
        if not hasattr(module, "__all__"):
            return ".".join((__name__, *parts))
    return None


errors.twin_of = twin_of
