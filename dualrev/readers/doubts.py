"""Doubts: what was computed with a derivative chosen at a kink, and so has none itself.

Owns how a doubt travels and where it ends.  Must not know the tape, nor which functions have kinks.

A doubt travels as a tangent does, nan from the kink to all that was computed with it, but where
np.where puts it out.  Its level lies above the tape that may be pulled, and below the transforms
whose rules it passes through.
"""

import functools

import numpy as np

from dualrev.core.words import rule
from dualrev.readers.forward import Dual, Scope
from dualrev.readers.kinds import ONE
from dualrev.ways import aligned

__all__ = ["doubted", "settle_doubt"]


class _Doubts(Scope):
    """The extent of all doubts above one level: it has no end, and nobody watches it."""

    __slots__ = ()

    def __init__(self, level):
        self.level = level + 0.5
        self._take(ONE)


_doubts_above = functools.lru_cache(maxsize=4096)(_Doubts)


def doubted(tracer, where):
    """The tracer, in doubt at these elements."""
    doubt = np.where(where, np.nan, 0.0).astype(tracer.dtype)[()]
    return _doubts_above(tracer.level).dual(tracer, doubt)


def settle_doubt(x):
    """A result of a differentiated function: where it is in doubt, a pull finds nan."""
    while type(x) is Dual and type(x.scope) is _Doubts:
        x = _in_doubt(x.primal, np.isnan(x.tangent))
    return x


def _in_doubt_vjp(ct, wanted, ans, x, doubt):
    return np.where(doubt & np.not_equal(ct, 0), np.nan, ct), None


# Pushed tangents need no doubt: they met the strict rule, and know what does not move.
_in_doubt = rule(
    lambda x, doubt: x,
    jvp=lambda tangents, ans, x, doubt: tangents[0],
    vjp=_in_doubt_vjp,
    batch=aligned,
    name="in_doubt",
)
