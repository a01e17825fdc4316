"""``scipy.spatial``: distances that keep derivatives; what else it has serves plain arrays only.

Owns the name of its module.  Must not know any distance.
"""

import importlib

import scipy.spatial as _spatial

from dualrev.scipy.untraced import rest_of

__all__ = ["distance"]

_rest = rest_of(_spatial)


def __getattr__(name):
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    return _rest(name)
