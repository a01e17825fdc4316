"""How SciPy's functions of matrices become primitives: SciPy's values, NumPy's derivatives.

Must not know any function by name.
"""

from collections.abc import Callable

import numpy as np

from dualrev.core.primitive import RULES, rule

__all__ = [
    "like_numpy",
    "same_dtype",
]


def like_numpy(function: Callable, twin: Callable, options: Callable = lambda **given: {}):
    """A primitive with the pair of NumPy's function of the same mathematics.

    ``options`` makes NumPy's options of those that were given.
    """
    pair = RULES[twin]

    def jvp(tangents, ans, *args, **given):
        return pair.jvp(tangents, ans, args, options(**given))

    def vjp(ct, wanted, ans, *args, **given):
        return pair.vjp(ct, ans, args, options(**given), [w or None for w in wanted])

    below = pair.call if pair.call is not twin and pair.call in RULES else None
    call = None if below is None else like_numpy(function, below, options)
    given = {"arity": pair.arity, "fills": pair.fills, "name": twin.__name__}
    return rule(function, jvp, vjp, call=call, **given)


def same_dtype(*args):
    """The arguments, complex if one is: SciPy's solvers of matrix equations err on mixed ones."""
    if all(x.dtype.kind == "c" for x in args) or all(x.dtype.kind != "c" for x in args):
        return args
    dtype = np.result_type(*(x.dtype for x in args))
    return tuple(x if x.dtype == dtype else x.astype(dtype) for x in args)
