"""Through: the pair of a function that is computed inside a rule, by the rules of what it calls.

Owns which arguments are constant there, and that cotangents are plain transposes, as in every rule.
Must not know what the function is for.

The arguments may be tracers of lower levels: derivatives exist in every order.
"""

from collections.abc import Callable, Sequence

from dualrev.traces import Trace
from dualrev.transforms import jvp

__all__ = ["pulled_through", "pushed_through"]


def pushed_through(f: Callable, args: Sequence, tangents: Sequence):
    """The tangent of ``f(*args)``; None stands for that of a constant argument."""
    of_wanted, xs = _of_wanted(f, args, [t is not None for t in tangents])
    return jvp(of_wanted, xs, tuple(t for t in tangents if t is not None))[1]


def pulled_through(f: Callable, args: Sequence, ct, wanted: Sequence) -> list:
    """The cotangents of the wanted arguments from that of ``f(*args)``, a tuple of several's."""
    of_wanted, xs = _of_wanted(f, args, wanted)
    trace = Trace(f, lambda some: of_wanted(*some), xs, own=True)
    cts = iter(trace.pull(ct if isinstance(ct, tuple) else (ct,), once=True))
    return [next(cts) if w else None for w in wanted]


def _of_wanted(f, args, wanted):
    """f as a function of the wanted arguments alone, and these."""

    def of_wanted(*some):
        given = iter(some)
        return f(*(next(given) if w else x for x, w in zip(args, wanted)))

    return of_wanted, tuple(x for x, w in zip(args, wanted) if w)
