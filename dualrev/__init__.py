"""Automatic differentiation of the NumPy and SciPy code that people already have.

>>> import numpy as np, dualrev as dr
>>> def energy(x):
...     return np.sum(np.sin(x) ** 2)
>>> dr.grad(energy)(np.array([0.0, np.pi / 4]))
array([0., 1.])
"""

import gc as _gc
import importlib as _importlib
import typing as _typing

# What an import makes stays: to look for garbage in it, again and again, takes 12 ms of 48.
_collects = _gc.isenabled()
_gc.disable()
try:
    from dualrev import rules as _rules  # fills RULES, which the others read

    # isort: split
    from dualrev import bridges, numpy, scipy, testing
    from dualrev import names as _names
    from dualrev.batches import vmap
    from dualrev.chains import checkpoint_chain
    from dualrev.checkpoints import checkpoint
    from dualrev.custom import constant, elementwise, linear, rule
    from dualrev.debugging import debug
    from dualrev.errors import (
        ArgumentError,
        CoercionError,
        ComparisonWarning,
        ComplexError,
        ConditionWarning,
        DualrevError,
        EscapedTracerError,
        InPlaceError,
        MissingNameError,
        MissingPackageError,
        MissingRuleError,
        MutationError,
        NonFiniteError,
        NonScalarError,
        NotConvergedError,
        PerformanceWarning,
        ProgramError,
        RuleError,
        ShapeError,
        SingularError,
        SizeError,
        StructureError,
    )
    from dualrev.flat import ravel
    from dualrev.gauss_newton import gauss_newton_product
    from dualrev.gradients import derivative, elementwise_grad, grad, hvp, value_and_grad
    from dualrev.higher import derivatives, taylor, taylor_ode
    from dualrev.jacobians import hessian, jacobian
    from dualrev.memory import keep_memory
    from dualrev.mixed import bilaplacian, derivative_tensor, partial
    from dualrev.numpy import array_api as _array_api  # traced arrays answer it
    from dualrev.numpy.patching import patch_numpy
    from dualrev.operators import curl, divergence, hessian_diagonal, laplacian
    from dualrev.transforms import LinearMap, jvp, linearize, stop_gradient, vjp
    from dualrev.trees import register_container
    from dualrev.uncertainty import propagate
finally:
    if _collects:
        _gc.enable()

__version__ = "1.0.0"

__all__ = [
    "ArgumentError",
    "CoercionError",
    "ComparisonWarning",
    "ComplexError",
    "ConditionWarning",
    "DualrevError",
    "EscapedTracerError",
    "InPlaceError",
    "LinearMap",
    "MissingNameError",
    "MissingPackageError",
    "MissingRuleError",
    "MutationError",
    "NonFiniteError",
    "NonScalarError",
    "NotConvergedError",
    "PerformanceWarning",
    "ProgramError",
    "RuleError",
    "ShapeError",
    "SingularError",
    "SizeError",
    "StructureError",
    "bilaplacian",
    "bridges",
    "checkpoint",
    "checkpoint_chain",
    "compile",
    "constant",
    "curl",
    "debug",
    "derivative",
    "derivative_tensor",
    "derivatives",
    "divergence",
    "elementwise",
    "elementwise_grad",
    "gauss_newton_product",
    "grad",
    "hessian",
    "hessian_diagonal",
    "hvp",
    "implicit",
    "jacobian",
    "jvp",
    "keep_memory",
    "laplacian",
    "linear",
    "linearize",
    "load_program",
    "numpy",
    "partial",
    "patch_numpy",
    "prepare_hessian",
    "prepare_jacobian",
    "propagate",
    "ravel",
    "register_container",
    "rule",
    "scipy",
    "show",
    "sparsity",
    "stop_gradient",
    "taylor",
    "taylor_ode",
    "testing",
    "value_and_grad",
    "vjp",
    "vmap",
]

if _typing.TYPE_CHECKING:  # a module with __getattr__ has every name to a type checker
    from dualrev import implicit, show
    from dualrev.program.compiling import compile
    from dualrev.program.standalone import load_program
    from dualrev.sparse.detection import sparsity
    from dualrev.sparse.preparing import prepare_hessian, prepare_jacobian
else:
    #: Where names are that are loaded when they are first asked for: with scipy.sparse and scipy.linalg
    #: that takes longer than all the rest.
    _LATER = {
        "compile": "dualrev.program.compiling",
        "implicit": "dualrev.implicit",
        "load_program": "dualrev.program.standalone",
        "prepare_hessian": "dualrev.sparse.preparing",
        "prepare_jacobian": "dualrev.sparse.preparing",
        "show": "dualrev.show",
        "sparsity": "dualrev.sparse.detection",
    }

    def __getattr__(name):
        if name not in _LATER:
            raise _names.missing(name, __all__)
        module = _importlib.import_module(_LATER[name])
        found = module if _LATER[name] == f"dualrev.{name}" else getattr(module, name)
        globals()[name] = found
        return found

    def __dir__():
        return {*globals(), *_LATER}
