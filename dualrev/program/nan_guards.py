"""Guards of nan: which of them the outputs prove, so that nobody looks at them where they stand.

Owns which calls hand a nan on.  Must not know engines.

A product of a cotangent and a partial that held no nan while it was recorded was taken as it is;
with a nan in it, 0 times infinity, it would have been computed otherwise.  That makes a difference at
the places of the nan alone.  If all that is computed from these places shows a nan, and no output
holds one, then there was none.
"""

import numpy as np

from dualrev.core.primitive import RULES
from dualrev.program.steps import Guard, Program, refs_in

__all__ = ["unproven"]

#: Functions of several arguments, or none that RULES calls linear, of which a nan in any argument
#: makes the answer nan.  np.hypot(inf, nan) is inf, np.power(nan, 0) is 1, np.fmax drops a nan.
_PASSING = {
    *(np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.arctan2),
    *(np.add.reduce, np.multiply.reduce, np.maximum.reduce, np.minimum.reduce),
    *(np.copy, np.copyto),
}
#: Where linear functions are known to sum up all that they read; of a user's nobody knows.
_KNOWN = ("numpy", "scipy", "dualrev", "_operator")


def unproven(program: Program) -> set[int]:
    """Numbers of the guards of nan that must be looked at where they stand, not left to the outputs."""
    lost = _Lost()
    unseen = set()
    for step in reversed(program.steps):
        if type(step) is Guard:
            if step.seen is not None:
                lost.drop(step.ref)
            elif lost.may_hold(step.ref):
                unseen.add(step.number)
            continue
        handed_on = () if any(map(lost.may_hold, step.outputs)) else _handed_on(step)
        if step.writes:
            (ref,) = step.outputs
            if step.function is np.copyto or ref not in handed_on:
                lost.overwrite(ref)
                handed_on = [x for x in handed_on if x != ref]
        for ref in step.read():
            if ref not in handed_on and not (step.writes and ref == step.outputs[0]):
                lost.drop(ref)
    return unseen


class _Lost:
    """Where a nan would be lost: memory that is read by what drops one, or written over."""

    def __init__(self):
        self._dropped: set = set()  # buffers
        self._overwritten: dict = {}  # by buffer: first byte and end of parts

    def drop(self, ref):
        self._dropped.add(ref.buffer)

    def overwrite(self, ref):
        low, high = ref.extent()
        apart = []
        for start, end in self._overwritten.get(ref.buffer, ()):
            if start > high or end < low:
                apart.append((start, end))
            else:
                low, high = min(low, start), max(high, end)
        self._overwritten[ref.buffer] = [*apart, (low, high)]

    def may_hold(self, ref):
        if ref.buffer in self._dropped:
            return True
        low, high = ref.extent()
        return any(a < high and low < b for a, b in self._overwritten.get(ref.buffer, ()))


def _handed_on(step):
    """The arrays of which every nan, at the places that are read, is in the answer."""
    function = step.function
    # A complex number is nan in a part: its absolute value may be infinite, its real part finite.
    if any(ref.dtype.kind != "f" for ref in step.outputs):
        return []
    if function is np.where:
        passing = step.args[1:]
    elif function in _PASSING or _is_linear(function) or _is_unary(function):
        passing = step.args
    else:
        return []
    chosen_by = list(refs_in(step.args[:1])) if function is np.where else []
    return [ref for ref in refs_in(passing) if ref.dtype.kind == "f" and ref not in chosen_by]


def _is_linear(function):
    rule = RULES.get(function)
    home = getattr(function, "__module__", None) or "numpy"  # ufuncs had none
    known = home.partition(".")[0] in _KNOWN
    return rule is not None and rule.word == "linear" and known


def _is_unary(function):
    return (
        isinstance(function, np.ufunc)
        and function.nin == 1
        and getattr(np, function.__name__, None) is function
    )
