"""What to type for a name that dualrev does not have: other libraries' words, and misspellings.

Must not know what the names of dualrev do.
"""

import difflib

from dualrev import errors
from dualrev.insides.askers import imports_by_name

__all__ = ["missing"]

_RULE = (
    "declare a rule: @dr.elementwise(partials=...), @dr.linear(transpose=...) or @dr.rule(vjp=...)"
)
_PYTHON = "leave it out: for, while and if are Python's own; np.where chooses element by element"
_ARRAYS = "leave it out: f takes and makes NumPy's arrays and numbers"
_AS_IT_IS = "leave it out: f runs as it is"
_OPTREE = "optree.tree_map(f, tree), of the package optree, which is installed with dualrev"

#: The words of other libraries; what is an expression here runs, for f, g of each element, x, v.
INSTEAD = {
    # JAX
    "jacfwd": 'dr.jacobian(f, mode="forward")',
    "jacrev": 'dr.jacobian(f, mode="reverse")',
    "value_and_jac": "dr.jacobian(lambda x: (y := f(x), y), has_aux=True)",
    "value_and_jacobian": "dr.jacobian(lambda x: (y := f(x), y), has_aux=True)",
    "jit": "dr.compile(f)",
    "vectorize": "dr.vmap(f)(xs)",
    "pmap": "dr.vmap(f)(xs)",
    "shard_map": "dr.vmap(f)(xs)",
    "linear_transpose": "dr.linearize(f, x)[1].pull",
    "jet": "dr.taylor(f, x, v, 3)",
    "ravel_pytree": "dr.ravel(x)",
    "flatten_util": "dr.ravel(x)",
    "tree": _OPTREE,
    "tree_map": _OPTREE,
    "tree_util": _OPTREE,
    "remat": "dr.checkpoint(f)",
    "custom_jvp": "declare a rule: @dr.rule(jvp=...)",
    "custom_vjp": "declare a rule: @dr.rule(vjp=...)",
    "custom_gradient": "declare a rule: @dr.rule(vjp=...)",
    "lax": _PYTHON,
    "jnp": "import numpy as np",
    "config": "leave it out: numbers are float64, as NumPy makes them",
    "random": "np.random.default_rng(0)",
    "block_until_ready": "leave it out: a call returns when it is done",
    "check_grads": "dr.testing.check_derivatives(f, x)",
    # autograd
    "deriv": "dr.derivative(f)",
    "egrad": "dr.elementwise_grad(g)",
    "holomorphic_grad": "dr.grad(f, holomorphic=True)",
    "grad_and_aux": "dr.grad(f, has_aux=True)",
    "grad_named": 'dr.grad(f, argnames="x")',
    "multigrad": "dr.grad(f, argnums=(0, 1))",
    "multigrad_dict": 'dr.grad(f, argnames=("x", "y"))',
    "make_hvp": "dr.hvp(f)",
    "hessian_vector_product": "dr.hvp(f)",
    "hessp": "dr.hvp(f)",
    "make_jvp": "dr.jvp(f, (x,), (v,))",
    "jacobian_vector_product": "dr.jvp(f, (x,), (v,))",
    "make_vjp": "dr.vjp(f, x)",
    "vector_jacobian_product": "dr.vjp(f, x)",
    "tensor_jacobian_product": "dr.vjp(f, x)",
    "flatten": "dr.ravel(x)",
    "primitive": _RULE,
    "extend": _RULE,
    "defvjp": _RULE,
    "defjvp": _RULE,
    "getval": "dr.stop_gradient(x)",
    # PyTorch, TensorFlow
    "tensor": _ARRAYS,
    "Tensor": _ARRAYS,
    "Variable": _ARRAYS,
    "array": "np.array(x)",
    "asarray": "np.asarray(x)",
    "autograd": "dr.grad(f)",
    "backward": "dr.grad(f)",
    "gradient": "dr.grad(f)",
    "GradientTape": "dr.grad(f)",
    "detach": "dr.stop_gradient(x)",
    "no_grad": "dr.stop_gradient(x)",
    "function": _AS_IT_IS,
    # operators
    "UTPM": "dr.taylor(f, x, v, 3)",
    "nth_derivative": "dr.derivatives(f, 3)",
    "forward_laplacian": "dr.laplacian(f)",
    "hessian_trace": "dr.laplacian(f)",
    "hess_diag": "dr.hessian_diagonal(f)",
    "ggn": "dr.gauss_newton_product(g)(x, v)",
    "ufloat": "dr.propagate(f, x, std=0.1 * x)",
    "correlated_values": "dr.propagate(f, x, 0.01 * np.eye(3))",
    # finite differences, symbols
    "approx_fprime": "dr.grad(f)",
    "differentiate": "dr.grad(f)",
    "diff": "dr.derivative(f)",
    "jac": "dr.jacobian(f)",
    "hess": "dr.hessian(f)",
    "jtimes": "dr.jvp(f, (x,), (v,))",
}


def missing(name: str, known) -> Exception:
    """The error for a name that dualrev does not have, where it has the known ones."""
    # Private names are asked for by tools, which need no advice: Python's own, IPython's.
    if name.startswith("_"):
        return AttributeError(f"module 'dualrev' has no attribute {name!r}")
    fixes = INSTEAD | {word: f"perhaps you meant dr.{word}" for word in known}
    by_lower_case = {word.lower(): word for word in fixes}
    similar = difflib.get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.75)
    word = name if name in fixes else by_lower_case[similar[0]] if similar else None
    fix = fixes.get(word, "dir(dualrev) lists what there is")
    error = errors.MissingNameError(f"dualrev has no {name}.", fix=fix)
    # Of an AttributeError `from dualrev import name` would hide the text.
    return ImportError(str(error), name="dualrev") if imports_by_name() else error
