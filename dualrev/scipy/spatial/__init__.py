"""``scipy.spatial``: distances and rotations that keep derivatives; the rest serves plain arrays only.

Owns the names of its modules.  Must not know any distance.
"""

import importlib

import scipy.spatial as _spatial

from dualrev.scipy.untraced import rest_of

__all__ = ["distance", "transform"]

_rest = rest_of(_spatial)


def __getattr__(name):
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    return _rest(name)
