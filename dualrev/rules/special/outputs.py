"""The word for a special function of several outputs, each a function of the matching elements.

Must not know any function of scipy.special.
"""

import functools
import operator

import numpy as np

from dualrev.core.guarded import guarded_product
from dualrev.core.words import rule


def several_outputs(function, *partials):
    """Declare a ufunc of several outputs.

    ``partials`` has one function an argument: ``partial(ans, *args)``, the derivatives of all
    outputs by it, as a tuple.
    """

    def jvp(tangents, ans, *args):
        # A partial may be infinite, and meet a zero tangent; the sweep of vjp is quiet as a whole.
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = [
                [guarded_product(t, p) for p in partial(ans, *args)]
                for t, partial in zip(tangents, partials)
                if t is not None
            ]
        return tuple(functools.reduce(operator.add, of_output) for of_output in zip(*terms))

    def vjp(cts, wanted, ans, *args):
        return [
            functools.reduce(operator.add, map(guarded_product, cts, partial(ans, *args)))
            if want
            else None
            for want, partial in zip(wanted, partials)
        ]

    return rule(function, jvp=jvp, vjp=vjp, arity=len(partials))
