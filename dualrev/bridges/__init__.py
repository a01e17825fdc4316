"""Bridges: functions of NumPy inside other libraries, and theirs inside dualrev, with derivatives.

One file a library, which imports it, and is imported when it is asked for.  What all of them share is
``outward`` and ``inward``.
"""

import importlib
from typing import Any

#: The libraries that bridges lead to; each has a module here, and an extra in pyproject.toml.
LIBRARIES = ("casadi", "jax", "tensorflow", "torch")


def __getattr__(name: str) -> Any:
    if name in LIBRARIES:
        return importlib.import_module(f"dualrev.bridges.{name}")
    raise AttributeError(f"module 'dualrev.bridges' has no attribute {name!r}")
