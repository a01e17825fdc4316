"""Refusals: what users are told where code that knows no traced arrays has failed on one.

Owns which exception is such a refusal; all others stay what NumPy, SciPy or the user raised.  Must not
know what to type instead: repairs do.
"""

import re

import numpy as np

from dualrev import errors, losses
from dualrev.core.attributes import NONE_SUCH, no_attribute
from dualrev.core.primitive import RULES
from dualrev.core.traced import Traced, is_traced
from dualrev.core.tracer import Tracer
from dualrev.insides.calls import called_by_user, library_call_that_failed, raised_by_rule
from dualrev.insides.lines import line_of
from dualrev.insides.operations import operation

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
    refuses = isinstance(error, _REFUSING) or _raised_by_compiled_code(error)
    if not (refuses or named or coercion):
        return None
    refusing = (f for f, rule in RULES.items() if rule.word == "refused")
    refused = called_by_user(refusing, error)
    if refused is not None:
        return RULES[refused].error(line_of(error))
    is_ours = isinstance(error, errors.DualrevError)
    if is_ours and (error.__cause__ or not isinstance(error, _ON_THE_WAY)):
        return None
    if is_ours and raised_by_rule(error):
        return None  # of what its function lacks, which a twin lacks too
    call = library_call_that_failed(error)
    path = "" if call is None else call.path
    # Values that do not fit are errors of the user's, of arrays of objects too.
    if (
        coercion
        or not isinstance(error, ValueError)
        or re.search(r"object|'O'|does not have an identity", str(error))
    ):
        if path.startswith("numpy") and any(map(_gathers, call.held)):
            return losses.array_of_objects(error)
    if coercion is not None and (refuses or call is not None):
        return coercion if coercion is not error else None
    if refuses and path.startswith("scipy") and is_traced(*call.held):
        return losses.lost_in_scipy(path, error)
    if is_ours:
        return None
    # np.exp, S @ y, scipy.special of an object array, which they do not know
    if _refuses_objects(error):
        return losses.array_of_objects(error)
    wanted = _wanted_of(error)
    if isinstance(error, AttributeError) and isinstance(error.obj, Tracer):
        if not hasattr(type(error.obj), error.name or ""):
            return no_attribute(error.name)
        if str(error).startswith(NONE_SUCH):
            return None
        # NumPy's loops go on with an exception set, with which CPython finds no attribute of a base.
        return losses.unusable(error, "call", text)
    named = named or wanted in _OF_ARRAYS or isinstance(error, RecursionError)
    if named or (call is not None and not path and is_traced(*call.held)):
        refusal = losses.unusable(error, wanted, text)
        return _of_python(error, text) if refusal is None else refusal
    return None


def behind(error):
    """The error, and those that led to it: compiled code may raise a second and a third one."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _in_plain_words(error):
    """The first line of an error's text, without the names of our classes; whether its text has them."""
    names = _names()
    line = str(error).partition("\n")[0].rstrip(".")
    named = re.search(rf"\b({names})\b", str(error))
    # Quoted, and with what it shows of itself: 'Var(2.0, level=3)'.
    return re.sub(rf"""['"]?\b({names})\b(\(.*\))?['"]?""", "a traced value", line), named


def _names():
    """Our classes, which users have never made."""
    return "|".join(kind.__name__ for kind in Tracer.__subclasses__())


def _of_python(error, text):
    """A TypeError by which Python names the class of what it cannot use, in plain words; or None."""
    names = _names()
    found = re.search(rf"""['"]({names})['"]|\bnot ({names})$""", str(error))
    if found is None or type(error) is not TypeError:
        return None
    if operation(error).variable(found[1] or found[2]) is not None:
        return None  # a class of the user's
    return TypeError(errors.explained(text))


def _gathers(argument):
    """Whether an argument is a list, or an array of objects, that holds traced values."""
    return not isinstance(argument, Traced) and is_traced(argument)


# ------------------------------------------------------------------------- the texts of errors
#
# Compiled code has no frame: the text of its error is all that there is.


# How NumPy's and SciPy's compiled functions refuse object arrays.
_OBJECTS_REFUSED = (
    "dtype('O')",
    "loop of ufunc does not support argument",
    "not supported for the input types",
    "but got Python object",
)


def _refuses_objects(error: BaseException) -> bool:
    """Whether NumPy or SciPy raised it for an array of objects: by its text, all that there is.

    A ufunc computes with objects by their methods of its name, which Python's numbers lack.
    """
    if isinstance(error, AttributeError):
        is_number = isinstance(error.obj, int | float | complex | np.generic)
        return is_number and isinstance(getattr(np, error.name or "", None), np.ufunc)
    text = str(error)
    kinds = TypeError | ValueError  # Cython's memory views raise the second
    return isinstance(error, kinds) and any(part in text for part in _OBJECTS_REFUSED)


#: What compiled code says of an argument that it cannot use, and what it wanted.
_WANTED = {
    "unhashable type": "key",
    "NPY_ITER_REFS_OK": "iterator",
    "Error setting single item of array": "flat",
    "argument 1 must be numpy.ndarray": "SuperLU",
}


def _wanted_of(error: BaseException) -> str:
    """What was wanted of an argument, by an error of compiled code or of Python itself.

    "key", "iterator", "SuperLU" for the solve of scipy.sparse.linalg.splu, "flat" for ``y.flat[0] = x``,
    "call" for anything else that was called; "" where nothing was.  Such code has no frame: its text is
    all that there is.
    """
    text = str(error)
    for part, wanted in _WANTED.items():
        if part in text:
            return wanted
    at = operation(error)
    if at.installed:
        return "call"  # of the package, which raises what it likes
    is_of_arguments = isinstance(error, TypeError | NotImplementedError)
    return at.kind if is_of_arguments and "not callable" not in text else ""


def _raised_by_compiled_code(error: BaseException) -> bool:
    """Whether it is an exception by which compiled code of SciPy's says that it was given no numbers."""
    if isinstance(error, KeyError):
        return repr(error.args) == "('O',)"  # the character of a dtype, in SciPy's tables
    texts = ("parse arguments", "can't be converted to", "type not supported", "dtype('O')")
    return type(error).__name__ == "error" or any(text in str(error) for text in texts)
