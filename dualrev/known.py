"""Answers that are known: a primitive is applied whose value another program has computed already.

Must not know which program that is.
"""

from dataclasses import replace

from dualrev.core.binding import bind
from dualrev.core.elementwise import elementwise
from dualrev.core.primitive import RULES
from dualrev.core.traced import is_differentiated, tracer_in

__all__ = ["valued", "with_answer"]


def with_answer(ans, primitive, *args, **kwargs):
    """Apply a primitive whose answer on the plain arrays is known already: it is not computed again.

    The pair meets it as ``ans``, at every level, and nobody else keeps it.
    """
    if not any(map(is_differentiated, args)):
        return ans
    top = tracer_in(args)
    if tracer_in(ans, top) is not top:  # of a batch that other arguments of the call have
        return primitive(*args, **kwargs)
    if not top.differentiates:
        return top.with_answer(with_answer, ans, primitive, args, kwargs)
    rule = RULES[primitive]
    known = [ans]

    def call(*primals, **options):
        below = rule.call if rule.call in RULES else primitive
        return with_answer(known.pop(), below, *primals, **options)

    return bind(replace(rule, call=call), args, kwargs)


def valued(x, value):
    """The derivatives of x with another rounding, or order, of its values: SciPy's own."""
    return with_answer(value, _same, x)


_same = elementwise(lambda x: x, 1, name="same")
