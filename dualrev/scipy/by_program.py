"""by_program: SciPy's own value, with the derivatives of an equal program that dispatches.

Owns how such a program is pushed and pulled inside a rule.  Must not know any function by name.

Inside a rule the program may run on arrays of any level, so that derivatives exist in every order.
"""

from collections.abc import Callable

import numpy as np

from dualrev.core.binding import with_answer
from dualrev.core.primitive import elementwise, rule
from dualrev.insides import count_arrays
from dualrev.transforms import Trace, jvp

__all__ = ["by_program", "valued"]


def by_program(value: Callable, program: Callable) -> Callable:
    """A primitive: ``value`` computes the answer, ``program`` is what is differentiated.

    Parameters
    ----------
    value : callable
        SciPy's function.
    program : callable
        Equal up to rounding, in functions that have rules; parameters without default are the array
        arguments, the others the options that both know.

    Returns
    -------
    callable
        Dispatches to the tracers among its array arguments.

    Notes
    -----
    A program of small operations costs several times SciPy's compiled value; a rule of its own pays
    where that is too much.
    """

    def on(wanted, args, options, dtype):
        """The program as a function of the wanted arguments only, and these."""
        places = [i for i, w in enumerate(wanted) if w]

        def of_wanted(*some):
            full = list(args)
            for i, x in zip(places, some):
                full[i] = x
            return program(*full, **options)

        return of_wanted, [_as_exact_as(dtype, args[i]) for i in places]

    def program_jvp(tangents, ans, *args, **options):
        f, xs = on([t is not None for t in tangents], args, options, ans.dtype)
        ts = [_as_exact_as(ans.dtype, t) for t in tangents if t is not None]
        return jvp(f, tuple(xs), tuple(ts))[1]

    def program_vjp(ct, wanted, ans, *args, **options):
        f, xs = on(wanted, args, options, ans.dtype)
        pulled = iter(Trace(program, lambda some: f(*some), xs, own=True).pull([ct], once=True))
        return [next(pulled) if w else None for w in wanted]

    arity = count_arrays(program, 0)
    # A lambda is named by the program, which is called _<name>_program.
    name = value.__name__.replace("<lambda>", program.__name__.removesuffix("_program"))
    body = program, 0
    return rule(value, program_jvp, program_vjp, arity=arity, body=body, name=name.strip("_"))


_same = elementwise(lambda x: x, 1, name="same")


def valued(x, value):
    """The derivatives of x with another rounding, or order, of its values: SciPy's own."""
    return with_answer(value, _same, x)


def _as_exact_as(dtype, x):
    """x in double precision where the answer is: SciPy has computed in it throughout."""
    if dtype.char in "fF" or x.dtype.char in "dD":
        return x
    return x.astype(np.result_type(x.dtype, np.float64))
