"""Refusals: what users are told where code that knows no traced arrays has failed on one.

Owns which exception is such a refusal; all others stay what NumPy, SciPy or the user raised.  Must not
know what to type instead: repairs.py does.
"""

import re

from dualrev import errors, insides, repairs
from dualrev.core.primitive import RULES
from dualrev.core.traced import Traced, is_traced
from dualrev.core.tracer import Tracer

__all__ = ["behind", "refusal_of"]

#: What is raised for an argument that something cannot take; Python's numbers do not divide by 0, and
#: what turns an argument into what it knows may never end.
_REFUSING = (
    *(TypeError, ValueError, AttributeError, NotImplementedError, SystemError),
    *(ZeroDivisionError, RecursionError),
)

#: What NumPy and SciPy meet on their way, where they compute with traced values that they do not know.
_ON_THE_WAY = (errors.MissingRuleError, errors.CoercionError)

#: What is wanted of arrays only, by texts that do not say what was given.
_OF_ARRAYS = ("iterator", "flat")


def refusal_of(error):
    """The error that says why a user's function failed; None where ``error`` itself does."""
    text, named = _in_plain_words(error)
    coercion = next((e for e in behind(error) if isinstance(e, errors.CoercionError)), None)
    refuses = isinstance(error, _REFUSING) or insides.raised_by_compiled_code(error)
    if not (refuses or named or coercion):
        return None
    refusing = (f for f, rule in RULES.items() if rule.word == "refused")
    refused = insides.called_by_user(refusing, error)
    if refused is not None:
        return RULES[refused].error(insides.line_of(error))
    is_ours = isinstance(error, errors.DualrevError)
    if is_ours and (error.__cause__ or not isinstance(error, _ON_THE_WAY)):
        return None
    if is_ours and insides.raised_by_rule(error):
        return None  # of what its function lacks, which a twin lacks too
    call = insides.library_call_that_failed(error)
    path = "" if call is None else call.path
    # Values that do not fit are errors of the user's, of arrays of objects too.
    if (
        coercion
        or not isinstance(error, ValueError)
        or re.search(r"object|'O'|does not have an identity", str(error))
    ):
        if path.startswith("numpy") and any(map(_gathers, call.held)):
            return repairs.array_of_objects(error)
    if coercion is not None and (refuses or call is not None):
        return coercion if coercion is not error else None
    if refuses and path.startswith("scipy") and is_traced(*call.held):
        return repairs.lost_in_scipy(path, error)
    if is_ours:
        return None
    # np.exp, S @ y, scipy.special of an object array, which they do not know
    if insides.refuses_objects(error):
        return repairs.array_of_objects(error)
    wanted = insides.wanted_of(error)
    # NumPy's loops go on with an exception set, of which Python then makes another one.
    if isinstance(error, AttributeError) and "could not be computed" in text:
        return repairs.unusable(error, "call", text)
    named = named or wanted in _OF_ARRAYS or isinstance(error, RecursionError)
    if named or (call is not None and not path and is_traced(*call.held)):
        return repairs.unusable(error, wanted, text)
    return None


def behind(error):
    """The error, and those that led to it: compiled code may raise a second and a third one."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _in_plain_words(error):
    """The first line of an error's text, without the names of our classes; whether its text has them."""
    names = "|".join(kind.__name__ for kind in Tracer.__subclasses__())
    line = str(error).partition("\n")[0].rstrip(".")
    named = re.search(rf"\b({names})\b", str(error))
    return re.sub(rf"""['"]?\b({names})\b['"]?""", "a traced value", line), named


def _gathers(argument):
    """Whether an argument is a list, or an array of objects, that holds traced values."""
    return not isinstance(argument, Traced) and is_traced(argument)
