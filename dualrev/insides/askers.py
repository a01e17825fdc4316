"""Askers: who calls, where NumPy, SciPy and Python have no protocol by which they would say it.

Each function says why nothing public tells, what goes wrong without it (the suite, with the question
taken out), and what asking costs.
"""

import dis
import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import polynomial

from dualrev.insides.calls import WRAPPED_UFUNCS, scipy_call
from dualrev.insides.lines import is_ours, module_of
from dualrev.insides.operations import WRITES

_ndarray = np.ndarray
_frame = sys._getframe


def imports_by_name() -> bool:
    """Whether what dualrev is asked for is asked by ``from dualrev import name``.

    Python replaces an AttributeError there by a text of its own, and tells nobody who asks.  Without it
    ``from dualrev import jit`` does not say what to write.  2 us, of an error.
    """
    frame: Any = _frame(1)
    while frame is not None and is_ours(frame):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_code[frame.f_lasti] == dis.opmap["IMPORT_FROM"]


def is_called_by(function: Callable) -> bool:
    """Whether a function written in Python is what called dualrev: NumPy's classes do.

    Without it np.poly1d drops coefficients that are 0, and with them their derivatives.  0.1 us a frame
    of dualrev's, in np.trim_zeros.
    """
    frame: Any = _frame(1)
    while is_ours(frame):
        frame = frame.f_back
    return frame.f_code is function.__code__


def _caller_of_stand_in(frame: Any) -> Any:
    """The frame itself, or the one that called what ``dualrev.numpy`` has in NumPy's place."""
    while module_of(frame) == "dualrev.numpy.creating":
        frame = frame.f_back
    return frame


def is_asked_by_library() -> bool:
    """Whether it is NumPy, SciPy, pandas or dualrev that calls what ``dualrev.numpy`` stands in for.

    They are tested with NumPy's own functions, and mean arrays of plain numbers; pandas makes ndarrays
    of what it is given, and does not stop before it has one.  But dualrev calls the user's function,
    which may be one of these itself.  Without it pandas ends in a RecursionError, and second
    derivatives of programs under ``patch_numpy`` in errors.  0.3 us, of arrays that are made.
    """
    frame = _caller_of_stand_in(_frame(3))  # past what stands in, and what it asks
    if is_ours(frame):
        return frame.f_code.co_name != "call_user"
    return module_of(frame).partition(".")[0] in ("numpy", "scipy", "pandas")


def is_asked_in_python(method: str) -> bool:
    """Whether Python code calls our caller, a method; else compiled code does, which has no frame.

    CasADi asks ``item()`` of what ``item()`` gave, until it is a number of Python's or the stack is
    full.  Without it, it is.  0.2 us, of a call of ``item``.
    """
    code = _frame(2).f_code
    return method in code.co_names or method in code.co_consts


def is_written_in_python() -> bool:
    """Whether Python code writes into an array, our caller; else compiled code does, which has no frame.

    ``rng.shuffle`` swaps the rows of what is no ndarray, and takes them for copies.  Without it some
    rows come out twice and others not at all, in silence.  1 us, where views of one array are written
    into it.
    """
    frame = _frame(2)
    code = frame.f_code
    if dis.opname[code.co_code[frame.f_lasti]] in WRITES or is_ours(frame):
        return True
    return not {"setitem", "__setitem__"}.isdisjoint((*code.co_names, *code.co_consts))


#: Where searches of scipy.optimize compare: golden sections, a bracket, a step that is the last.
_COMPARING = frozenset(
    (
        *("_minimize_scalar_golden", "_minimize_scalar_bounded", "bracket", "get_bracket_info"),
        *("newton", "_fixed_point_helper"),
        # Whose last step may be a bisection: with SCIPY_ARRAY_API=1 they take a traced bracket.
        "check_termination",
    )
)


#: np.argmin of the values on a grid, in scipy.optimize.brute, which tries again after a TypeError.
_ARGMIN = ("_wrapfunc", "_wrapit")


def search_that_compares() -> str | None:
    """Path of the search of SciPy's that our caller compares for, to end where it says; or None.

    It takes any function, and what comes out is a plain number, or the last of its steps: without it
    the derivative would be 0, or wrong, in silence.  0.2 us of each comparison.
    """
    name = _frame(2).f_code.co_name
    if name in _COMPARING or name in _ARGMIN:
        path = scipy_call()
        is_grid = path == "scipy.optimize.brute"
        if path is not None and path.startswith("scipy.optimize") and is_grid == (name in _ARGMIN):
            return path
    return None


#: To these an array of objects is real: its imaginary part is 0, its conjugate itself.
_OF_PARTS = ("correlate", "imag", "iscomplex", "iscomplexobj", "norm", "real")


# What scipy.sparse calls its operators internally; they give way to what is no array.
_SPARSE_OPERATORS = ("_matmul_dispatch", "_comparison")


def who_asks_for_an_array() -> str:
    """Who calls ``__array__``, as our caller: each needs another answer.

    Without it ``S @ x`` raises, imaginary parts are lost, and memory is read that is not the array's.
    0.6 us, of what is made an array.

    - "strides": np.lib.stride_tricks.as_strided, to move through the memory of numbers.
    - "whole": scipy.sparse, which leaves ``S @ x`` to the ``__rmatmul__`` of what is no array, and
      np.polynomial.Polynomial, which computes with any object; both take an object for a scalar.
    - "numbers": another function of scipy.sparse, which computes with plain numbers only.
    - "parts": a function of NumPy's that sees by its type whether an array is complex, where it is.
    - "elements": anybody else.
    """
    frame = _caller_of_stand_in(_frame(2))
    module, name = module_of(frame), frame.f_code.co_name
    if name in _OF_PARTS and module.startswith("numpy"):
        given = (_frame(1).f_locals["self"], *frame.f_locals.values())
        if any(getattr(getattr(x, "dtype", None), "kind", "") == "c" for x in given):
            return "parts"
    if module == "numpy.lib._stride_tricks_impl":
        return "strides"
    if name == "mapdomain" or (module.startswith("scipy.sparse") and name in _SPARSE_OPERATORS):
        return "whole"
    return "numbers" if module.startswith("scipy.sparse") else "elements"


def is_wanted_as_a_number() -> bool:
    """Whether SciPy asks, by our caller, if a value is nan, whose compiled search wants a number.

    That search goes on when this fails, and ends in another error, or in none: without it a root that
    toms748 finds at an end of the bracket has the derivative 0.  0.1 us of a np.isnan.
    """
    frame = _frame(2)
    return frame.f_code.co_name == "f_raise" and module_of(frame) == "scipy.optimize._zeros_py"


#: Functions of SciPy's that take an array of objects for several numerators of a transfer function:
#: their answers would be wrong, or of another shape.
MISREAD_OBJECTS = frozenset(
    f"scipy.signal.{name}"
    for name in ("lp2bp", "lp2bs", "lp2hp", "lp2lp", "normalize", "tf2sos", "tf2ss", "zpk2ss")
)


def namespace_shown(ours: Any) -> Any:
    """What a traced array, our caller, answers to ``__array_namespace__``: ours, or NumPy's.

    With SCIPY_ARRAY_API=1 in the environment SciPy asks all arguments of a call, and goes on where
    they agree.  NumPy's arrays have NumPy's namespace; beside a traced array they are constants, and
    ours serves them too: of the answers that were collected theirs is taken out.  SciPy's special
    functions are ufuncs, which dispatch, and of all namespaces only NumPy's leads to them.  There is
    no protocol for either.  Without it these calls raise, of a traced array beside a plain one.  1 us.
    """
    asker: Any = _frame(2)
    if not module_of(asker).endswith("array_api_compat.common._helpers"):
        return ours
    answers = asker.f_locals.get("namespaces", set())
    numpys = asker.f_globals["array_namespace"](np.float64(0))
    if module_of(asker.f_back.f_back) == WRAPPED_UFUNCS:
        return numpys
    answers.discard(numpys)
    return ours


def is_operand_of_sparse() -> bool:
    """Whether scipy.sparse's product asks what is an ndarray, by our caller, what to do with it.

    It has no other way to be told to leave the product to ``__rmatmul__``.  Without it ``S @ y``
    raises for y of ``dualrev.numpy``.  0.1 us.
    """
    frame = _frame(2)
    return frame.f_code.co_name in _SPARSE_OPERATORS and module_of(frame).startswith("scipy.sparse")


def asks_what_is_writeable() -> bool:
    """Whether our caller is asked by SciPy which arrays can be written: those that have a namespace.

    Of NumPy's it knows by their type that arrays can, and numbers cannot.  Without it SciPy writes into
    traced numbers, with SCIPY_ARRAY_API=1.  0.1 us.
    """
    return _frame(2).f_code.co_name == "is_writeable_array"


#: trimseq, trimcoef, polyline, chebmulx, hermint and their kin; trim_zeros of an array of objects.
_SHORTENING = ("trimseq", "trimcoef", "trim_zeros", "line", "mulx", "int")


def shortens_a_polynomial() -> bool:
    """Whether it is NumPy whose comparison, in our caller, asks if a coefficient is 0 and may go.

    It has a derivative: it stays, and the length is that of the shapes.  Without it the derivative by
    a coefficient that is 0 is missing.  0.1 us, of what is 0 only.
    """
    frame = _frame(2)
    asks = frame.f_code.co_name.endswith(_SHORTENING)
    return asks and module_of(frame).startswith(("numpy.polynomial", "numpy.lib"))


#: The globals of numpy.polynomial's modules.
_SERIES = frozenset(
    id(vars(module)) for module in vars(polynomial).values() if inspect.ismodule(module)
)


def coefficients_with_axes(operand: np.ndarray) -> np.ndarray:
    """The first operand of a ufunc, our caller, as it were if NumPy took a traced x for an array.

    polyval(x, c) and its kin in numpy.polynomial give c an axis for each of x's where
    isinstance(x, np.ndarray): columns of c are polynomials, each to be evaluated at all of x.  A
    traced x is no ndarray, so that the first operand is a row of c without these axes.  The functions
    do not dispatch, and ask x nothing else.  Without it as many polynomials as there are places are
    evaluated at one place each, in silence.  0.2 us of a call with a part of an array, or with one that
    has more or fewer axes than the traced operand; no other can be such a row.
    """
    frame = _frame(2)
    if id(frame.f_globals) not in _SERIES or "ndarray" not in frame.f_code.co_names:
        return operand
    given = frame.f_locals
    lacks_axes = given.get("tensor") and not isinstance(given["x"], _ndarray)
    if not lacks_axes or operand.ndim >= given["c"].ndim:
        return operand
    return operand.reshape(operand.shape + (1,) * given["x"].ndim)


def is_product_over_roots() -> bool:
    """Whether polyvalfromroots(x, r) multiplies, by our caller's rule, without axes of r for those of x.

    It gives r an axis for each of x's where isinstance(x, np.ndarray), as polyval does, but has
    subtracted by now: without it the product is over other axes than it means, in silence.  0.3 us of
    a np.prod.
    """
    frame: Any = _frame(1)
    while is_ours(frame):
        frame = frame.f_back
    if frame.f_code is not polynomial.polynomial.polyvalfromroots.__code__:
        return False
    x = frame.f_locals["x"]
    return frame.f_locals["tensor"] and x.ndim > 0 and not isinstance(x, _ndarray)


_MEANS = vars(sys.modules["numpy._core._methods"])


def dtype_shown(tracer: Any) -> np.dtype:
    """The dtype of a traced array, and of a traced number for all but those who average.

    np.mean, var and std of an array of objects make a plain number of a sum that has a dtype; of what
    has none they keep the quotient.  There is no other place to tell them: they see an array of
    objects, whose sum is computed by its elements' own operator.  Without it ``np.mean([x[0], x[1]])``
    raises.  0.1 us of a number's dtype.
    """
    primal = tracer.primal
    if type(primal) is not _ndarray and _frame(1).f_globals is _MEANS:
        raise AttributeError("dtype")
    return primal.dtype
