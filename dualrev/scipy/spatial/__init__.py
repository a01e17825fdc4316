"""``scipy.spatial`` with derivatives: distances, rotations, what Qhull finds, trees of points.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

import importlib

from dualrev.scipy.spatial import hulls
from dualrev.scipy.spatial.hulls import *
from dualrev.scipy.spatial.neighbours import (
    KDTree,
    cKDTree,
    distance_matrix,
    minkowski_distance,
    minkowski_distance_p,
)
from dualrev.scipy.spatial.rest import REST
from dualrev.scipy.spatial.slerp import geometric_slerp

_SUBMODULES = ("distance", "transform")
__all__ = [
    *_SUBMODULES,
    *hulls.__all__,
    "KDTree",
    "cKDTree",
    "distance_matrix",
    "geometric_slerp",
    "minkowski_distance",
    "minkowski_distance_p",
    *REST.names,
]


def __getattr__(name):
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    return REST(name)
