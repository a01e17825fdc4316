"""by_push: a rule from its pushforward alone, of which the pullback is the transpose.

Must not know any function by name.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev.core.words import rule
from dualrev.insides.bodies import count_arrays
from dualrev.through import pulled_through

__all__ = ["by_push"]


def by_push(function: Callable, push: Callable, **options: Any) -> Callable:
    """A primitive whose tangent a program of functions with rules computes.

    Parameters
    ----------
    function : callable
        Its value: an array or a tuple of arrays.
    push : callable
        ``push(tangents, ans, *args, **options)``, linear in the tangents; one that is None is
        constant.
    **options
        ``batch`` and ``name`` of Rule.

    Returns
    -------
    callable
        Dispatches to the tracers among its array arguments.

    Notes
    -----
    A pullback runs the push on a tape, of zeros.  Where it is used often, or costs much, a vjp of
    its own pays.
    """

    def vjp(ct, wanted, ans, *args, **given):
        def of_tangents(*tangents):
            return push(tangents, ans, *args, **given)

        still = [np.zeros(x.shape, x.dtype) if w else None for w, x in zip(wanted, args)]
        return pulled_through(of_tangents, still, ct, wanted)

    options = {"arity": count_arrays(push, 2), "body": (push, 2), **options}
    return rule(function, push, vjp, **options)
