"""``scipy.cluster`` with derivatives: what clusters are apart, given which they are.

Owns the names of its modules only.
"""

import importlib

__all__ = ["hierarchy", "vq"]


def __getattr__(name):
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(name)
