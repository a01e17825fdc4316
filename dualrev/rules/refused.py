"""What no rule can serve: functions that are refused by name, pass by themselves, take no arrays.

Owns the three words for them, which make RULES a list of all of NumPy, and the refusals.  Must not
know how a derivative is computed.
"""

from collections.abc import Hashable

import numpy as np

from dualrev import repairs
from dualrev.core.primitive import RULES, Rule
from dualrev.errors import name_of, no_rule


class Refusal(Rule):
    """The rule of a function that is refused: a call with a traced array raises.

    Attributes
    ----------
    why, fix : str
        Why there is no derivative, and what to type instead.
    """

    __slots__ = ("fix", "why")

    def __init__(self, function, why, fix):
        # All positional arguments are arrays, so that one of them is found to be traced.
        super().__init__(function, "refused", -1, None, None, self.refuse, computes=False)
        self.why, self.fix = why, fix

    def error(self, where=None):
        """The exception, for the line of the user's that called."""
        method = getattr(self.function, "__objclass__", None) is np.ndarray
        name = f"numpy.ndarray.{self.function.__name__}" if method else name_of(self.function)
        return no_rule(name, self.fix, self.why, where)

    def refuse(self, *args, **kwargs):
        """Raise it."""
        raise self.error()


def refused(why, fix, *functions):
    """Declare functions that raise on a traced array, by a rule or by themselves."""
    for function in functions:
        RULES[function] = Refusal(function, why, fix)


def _fix_of(function):
    rule = RULES.get(function) if isinstance(function, Hashable) else None
    return rule.fix if isinstance(rule, Refusal) else None


repairs.fix_of = _fix_of


def passes(*functions):
    """Declare functions that do not dispatch and compute with traced arrays by primitives alone."""
    for function in functions:
        RULES[function] = Rule(function, "composition", 0, None, None, computes=False)


def without_arrays(*functions):
    """Declare functions that are given no array whose values could be differentiated."""
    for function in functions:
        RULES[function] = Rule(function, "constant", 0, None, None, computes=False)


def without_answer(*functions):
    """Declare functions that write arrays down, and answer none."""
    without_arrays(*functions)


refused(
    "the number of its elements would depend on a traced number",
    "write start + step * np.arange(n) for the whole number n of elements",
    np.arange,
)
refused(
    "it fills an array of plain numbers",
    "write np.stack([...]) of the elements",
    np.fromiter,
)
_MATRIX = "it makes a matrix, whose operators are not those of arrays"
refused(_MATRIX, "use an array of two dimensions, and @ for its product", np.asmatrix)
refused(_MATRIX, "write np.block, and @ for its product", np.bmat)
refused(
    "it formats a plain number",
    'write f"{x:.3g}"',
    np.format_float_positional,
    np.format_float_scientific,
)

# Names that NumPy has given up, where it still has them: they call others.
passes(*(getattr(np, name) for name in ("trapz", "row_stack") if hasattr(np, name)))
