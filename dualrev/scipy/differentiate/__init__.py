"""Finite differences; the names of :mod:`scipy.differentiate`, which refuse traced arrays.

Owns the names only: what dualrev has in their place is exact.
"""

import scipy.differentiate as _scipy

from dualrev.scipy.rest import Rest

_WHY = "finite differences of a function whose derivative is exact here"

REST = Rest(
    _scipy,
    refused={
        "derivative": (_WHY, "call dualrev.derivative(f)(x)"),
        "jacobian": (_WHY, "call dualrev.jacobian(f)(x)"),
        "hessian": (_WHY, "call dualrev.hessian(f)(x)"),
    },
)
__all__ = REST.names
__getattr__ = REST
