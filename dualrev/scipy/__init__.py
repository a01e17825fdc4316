"""The functions of SciPy that take derivatives, or that do not dispatch to traced arrays.

Owns the names of its modules only; each is imported when it is first used, as SciPy's own are, so
that ``import dualrev`` does not pay for them.
"""

import importlib

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
