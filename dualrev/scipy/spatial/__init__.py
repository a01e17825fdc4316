"""Distances of ``scipy.spatial`` with derivatives; what else it has serves plain arrays only.

Owns the matrix of Minkowski distances.  Must not know metrics by name.
"""

import importlib
from typing import Any

import scipy.spatial

from dualrev.core.binding import as_operand
from dualrev.scipy.twin import twin
from dualrev.scipy.untraced import rest_of

__all__ = ["distance", "distance_matrix"]

_rest = rest_of(scipy.spatial)


def __getattr__(name):
    if name == "distance":
        return importlib.import_module(f"{__name__}.{name}")
    return _rest(name)


def _distances(x, y, p=2.0):
    from dualrev.scipy.spatial.metrics import minkowski

    return minkowski(x[:, None, :], y[None, :, :], None, -1, p)


_distance_matrix = twin(
    lambda x, y, p=2.0, threshold=1_000_000: scipy.spatial.distance_matrix(x, y, p, threshold),
    lambda x, y, p=2.0, threshold=1_000_000: _distances(x, y, p),
)


def distance_matrix(x: Any, y: Any, p: float = 2.0, threshold: int = 1_000_000) -> Any:
    """Minkowski distances of the rows of x from those of y, an (m, n) array.

    Equals :func:`scipy.spatial.distance_matrix`; 0 is the derivative where two rows coincide.
    :func:`dualrev.scipy.spatial.distance.cdist` needs less memory.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial import distance_matrix
    >>> y = np.zeros((1, 2))
    >>> dr.grad(lambda x: distance_matrix(x, y).sum())(np.array([[3.0, 4.0]]))
    array([[0.6, 0.8]])
    """
    return _distance_matrix(as_operand(x), as_operand(y), p=p, threshold=threshold)
