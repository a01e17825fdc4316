"""Vector quantization: distances of observations from the codes nearest to them.

Must not know how codes are found.
"""

import scipy.cluster.vq as _scipy

from dualrev.core.words import constant
from dualrev.rules.indexing import picked
from dualrev.scipy.by_program import by_program
from dualrev.scipy.rest import Rest
from dualrev.scipy.spatial.metrics import FORMULAS
from dualrev.scipy.twin import least_dimensions, twin

_CENTERS = "compute the centers from its labels: obs[labels == k].mean(axis=0)"

REST = Rest(
    _scipy,
    bodies="whiten",
    refused={
        "kmeans kmeans2": ("its centers are where an iteration stops, by a tolerance", _CENTERS),
        "py_vq": ("it is deprecated", "call vq, which answers the same"),
    },
)

__all__ = ["vq", *REST.names]
__getattr__ = REST

_codes = constant(
    lambda obs, code_book, *, check_finite: _scipy.vq(obs, code_book, check_finite)[0],
    arity=2,
    name="vq",
)


def _distances_program(obs, code_book, check_finite=True):
    nearest = picked(code_book, _codes(obs, code_book, check_finite=check_finite))
    if obs.ndim < 2:
        obs, nearest = obs[:, None], nearest[:, None]
    return FORMULAS["euclidean"](obs, nearest, None, -1)


_distances = by_program(
    lambda obs, code_book, check_finite=True: _scipy.vq(obs, code_book, check_finite)[1],
    _distances_program,
    name="vq",
)


@twin(_scipy.vq, check=least_dimensions(1))
def vq(obs, code_book, *, check_finite):
    """The code nearest to each observation, and the distance between them.

    Equals :func:`scipy.cluster.vq.vq`.  Which code is nearest is constant; the distance is
    differentiated by both, and has derivative 0 where they coincide.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.cluster.vq import vq
    >>> codes = np.array([[0.0, 0.0], [5.0, 5.0]])
    >>> dr.grad(lambda x: np.sum(vq(x, codes)[1]))(np.array([[3.0, 0.0], [5.0, 1.0]]))
    array([[ 1.,  0.],
           [ 0., -1.]])
    """
    codes = _codes(obs, code_book, check_finite=check_finite)
    return codes, _distances(obs, code_book, check_finite=check_finite)
