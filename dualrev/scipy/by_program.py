"""by_program: SciPy's own value, with the derivatives of an equal program that dispatches.

Must not know any function by name.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dualrev.core.words import rule
from dualrev.insides.bodies import count_arrays
from dualrev.through import pulled_through, pushed_through

__all__ = ["by_program"]


def by_program(value: Callable, program: Callable, **options: Any) -> Callable:
    """A primitive: ``value`` computes the answer, ``program`` is what is differentiated.

    Parameters
    ----------
    value : callable
        SciPy's function.
    program : callable
        Equal up to rounding, in functions that have rules; parameters without default are the array
        arguments, the others the options that both know.
    **options
        ``batch`` and ``name`` of Rule; by default the name of the value or, of a lambda, that of the
        program, which is called ``_<name>_program``.

    Returns
    -------
    callable
        Dispatches to the tracers among its array arguments.

    Notes
    -----
    A program of small operations costs several times SciPy's compiled value; a rule of its own pays
    where that is too much.
    """

    def program_jvp(tangents, ans, *args, **options):
        args = _as_exact_as(ans, args, [t is not None for t in tangents])
        tangents = _as_exact_as(ans, tangents, [t is not None for t in tangents])
        return pushed_through(partial(program, **options), args, tangents)

    def program_vjp(ct, wanted, ans, *args, **options):
        args = _as_exact_as(ans, args, wanted)
        return pulled_through(partial(program, **options), args, ct, wanted)

    arity = count_arrays(program, 0)
    name = value.__name__.replace("<lambda>", program.__name__.removesuffix("_program"))
    options = {"name": name.strip("_"), "body": (program, 0), **options}
    return rule(value, program_jvp, program_vjp, arity=arity, program=program, **options)


def _as_exact_as(ans, arrays, wanted):
    """The wanted ones in double precision where the answer is: SciPy has computed in it throughout."""
    if all(x.dtype.char in "fF" for x in (ans if isinstance(ans, tuple) else (ans,))):
        return arrays
    return [
        x.astype(np.result_type(x.dtype, np.float64)) if w and x.dtype.char not in "dD" else x
        for x, w in zip(arrays, wanted)
    ]
