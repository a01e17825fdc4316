"""``scipy.spatial``: distances and rotations that keep derivatives; the rest serves plain arrays only.

Owns the names of its modules.  Must not know any distance.
"""

import importlib

from dualrev.scipy.spatial.rest import REST

_SUBMODULES = ("distance", "transform")
__all__ = [*_SUBMODULES, *REST.names]


def __getattr__(name):
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    return REST(name)
