"""Automatic differentiation of the NumPy and SciPy code that people already have."""

from dualrev import rules
from dualrev.core.errors import *
from dualrev.core.errors import __all__ as _errors
from dualrev.core.trees import register_container
from dualrev.derivatives import derivative, grad, hessian, hvp, jacobian, value_and_grad
from dualrev.transforms import LinearMap, jvp, linearize, stop_gradient, vjp
