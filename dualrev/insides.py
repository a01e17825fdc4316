"""Insides: what is read of CPython, NumPy and SciPy beyond what they promise.

Each function answers one question, and says why nothing public does, and what asking costs; when a new
version of one of the three changes its insides, this file changes and no other.  Must not know dualrev.
"""

import builtins
import contextlib
import dis
import functools
import inspect
import itertools
import linecache
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy import polynomial

_ndarray = np.ndarray
_frame = sys._getframe
_PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")
#: Codes, and whether each is the user's.
_of_users: dict[int, tuple] = {}
# Frames of these packages, and of Python's own library, are never the user's own line.
_FOREIGN = ("numpy", "scipy", "optree")
_STANDARD = os.path.join(os.path.dirname(os.__file__), "")

# ------------------------------------------------------------------------------ the user's line
#
# An error names the line that has to be edited, which only the frames know.  A walk over frames takes
# 0.1 us a frame; nobody walks but an error, a warning, a watch over a large array and a recording.


def user_frame():
    """Innermost frame that is neither dualrev's nor NumPy's, or None."""
    frame = _frame(1)
    while frame is not None and not _is_users(frame):
        frame = frame.f_back
    return frame


def user_line() -> str:
    """The user's line that is being executed, in words; empty when there is none."""
    return _in_words((frame, frame.f_lineno) for frame in _running(_frame(1)))


def user_place() -> tuple[str, int]:
    """File and number of the user's line that is being executed, as warnings take them."""
    frame = user_frame()
    return ("unknown", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def line_of(error: BaseException) -> str:
    """The innermost of the user's lines that an error passed, in words."""
    return _in_words(reversed([*_passed(error)]))


def _passed(error):
    """The frames that an error passed, outermost first, each with its line."""
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next


def _is_users(frame):
    # A recording asks for every step: 0.6 us less a frame.  Not by the code, whose hash reads all of it.
    code = frame.f_code
    known = _of_users.get(id(code))
    if known is None:
        if len(_of_users) > 10_000:
            _of_users.clear()
        known = _of_users[id(code)] = code, _is_users_code(frame)
    return known[1]


def _is_users_code(frame):
    # A body of SciPy's, that runs here, has SciPy's code with global names of ours.
    if _module_of(frame).partition(".")[0] in (*_FOREIGN, "dualrev") or _is_ours(frame):
        return False
    file = frame.f_code.co_filename
    if file.endswith((".pyx", "<stringsource>")):  # Cython's, of which a traceback has lines only
        return False
    return not file.startswith(_STANDARD) or _is_installed(file)


def _is_installed(file):
    """Whether a file is of a package that was installed, which its user does not edit."""
    return "-packages" in file  # site-packages, Debian's dist-packages


def is_standard(module: str | None) -> bool:
    """Whether a module is Python's own, NumPy's, SciPy's or ours; code that exec ran has none."""
    root = (module or "").partition(".")[0]
    return root in _FOREIGN or root == "dualrev" or root in sys.stdlib_module_names


def is_of_library(module: str | None) -> bool:
    """Whether nobody edits a module who uses it: it is standard, or was installed."""
    file = getattr(sys.modules.get(module or ""), "__file__", None)
    return is_standard(module) or _is_installed(file or "")


def is_of_ours(function: Any) -> bool:
    """Whether a function is dualrev's."""
    module = getattr(function, "__module__", None) or ""
    return module.partition(".")[0] == "dualrev"


def _is_ours(frame):
    return frame.f_code.co_filename.startswith(_PACKAGE)


def _module_of(frame):
    return frame.f_globals.get("__name__") or ""


def _in_words(lines):
    """``in your function `loss` (model.py:41)``, with the line of a package that it calls there."""
    passed = (line for line in lines if _is_users(line[0]))
    innermost = next(passed, None)
    if innermost is None:
        return ""
    outer = [innermost, *passed] if _is_installed(innermost[0].f_code.co_filename) else [innermost]
    own = next((line for line in outer if not _is_installed(line[0].f_code.co_filename)), innermost)
    name = own[0].f_code.co_name
    function = "code" if name == "<module>" else f"function `{name}`"
    by = "" if own is innermost else f", by `{innermost[0].f_code.co_name}` {_place(*innermost)}"
    return f"in your {function} {_place(*own)}{by}"


def _place(frame, number):
    return f"({os.path.basename(frame.f_code.co_filename)}:{number})"


class Expression(NamedTuple):
    """What a frame evaluates."""

    #: Name of the file, with its path, and number of the line.
    file: str
    number: int
    #: Name of the function that the line belongs to, ``Layer.__call__``.
    within: str
    #: The expression, or its line where Python does not know it.
    source: str
    line: str


def expression_of(frame: Any) -> Expression:
    """The expression that a frame evaluates, where a recording meets it for the first time."""
    return _expression(frame, frame.f_lasti)


def _expression(frame, instruction):
    code = frame.f_code
    file = code.co_filename
    first, last, begin, end = _position_of(code, instruction)
    first = first or frame.f_lineno or 0
    numbers = range(first, (last or first) + 1)
    lines = [linecache.getline(file, k, frame.f_globals) for k in numbers]
    source = line = lines[0].strip()
    if begin is not None and end is not None:
        encoded = [text.encode() for text in lines]  # columns count bytes
        encoded[-1] = encoded[-1][:end]
        encoded[0] = encoded[0][begin:]
        # Of a file that was changed the columns may be wrong.
        source = " ".join(b"".join(encoded).decode(errors="replace").split())
    return Expression(file, first, code.co_qualname, source, line)


def _position_of(code, instruction):
    """First and last line, and columns, of an instruction: CPython keeps them for tracebacks.

    The columns are None under ``python -X no_debug_ranges``.  5 us, or 50 at the end of a long function.
    """
    return next(itertools.islice(code.co_positions(), instruction // 2, None))


class Operation(NamedTuple):
    """What the user's line was at when something could not be done."""

    #: "call", "write", an operator such as "%" or "+=", or "" for anything else.
    kind: str
    #: The expression, ``math.sin(x[0])``, or the line of a write; ``math.sin(...)`` without the source.
    source: str
    #: What is called, or written, as far as names lead, and as it is written: ``rng.normal``, ``y``.
    subject: Any
    name: str
    #: Whether the line is of an installed package, which its user does not edit.
    installed: bool
    #: The names of the modules that its file has imported.
    modules: frozenset[str]
    #: The value of a name there.
    variable: Callable[[str], Any]


def operation(error: BaseException | None = None, own: bool = False) -> Operation:
    """What the user's line is at, or was when an error passed it; ``own``: where he called a package.

    Its bytecode tells, with or without the source.  100 us and more, for an error's message.
    """
    frame: Any = user_frame() if error is None else None
    at = -1 if frame is None else frame.f_lasti
    traceback = None if error is None else error.__traceback__
    while traceback is not None:
        passed = traceback.tb_frame
        is_own = not own or frame is None or not _is_installed(passed.f_code.co_filename)
        if is_own and _is_users(passed):
            frame, at = passed, traceback.tb_lasti
        traceback = traceback.tb_next
    if frame is None:
        return Operation("", "", None, "", False, frozenset(), lambda name: None)
    steps = [step for step in dis.get_instructions(frame.f_code) if step.offset <= at]
    kind = _kind_of(steps[-1])
    subject, name = _subject(frame, steps)
    expression = _expression(frame, at)
    source = expression.line if kind == "write" else expression.source
    if not source and name and kind:
        source = _SOURCES.get(kind, "{} {} ...").format(name, kind)
    modules = frozenset(x.__name__ for x in frame.f_globals.values() if inspect.ismodule(x))
    installed = _is_installed(expression.file)
    variable = functools.partial(_variable, frame)
    return Operation(kind, source, subject, name, installed, modules, variable)


_SOURCES = {"call": "{}(...)", "write": "{}[...] = ..."}
_WRITES = ("STORE_SUBSCR", "STORE_SLICE")
_LOADS = ("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF")


def _kind_of(step):
    if step.opname.startswith(("CALL", "PRECALL")):  # Python 3.11 calls in the latter what it knows
        return "call"
    if step.opname in _WRITES:
        return "write"
    return step.argrepr if step.opname == "BINARY_OP" else ""


def _subject(frame, steps):
    """What the last step begins with, a function or an array, and its name.

    What loads it begins in the same column; arguments stand further right.
    """
    *before, last = steps
    subject: Any = None
    name = ""
    if last.positions is None or last.positions.col_offset is None:
        return subject, name
    for step in before:
        if step.positions[::2] != last.positions[::2]:
            continue
        if step.opname.startswith(_LOADS):
            # Python 3.13 loads two at once.
            name = step.argval[0] if isinstance(step.argval, tuple) else step.argval
            subject = _variable(frame, name)
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            name = f"{name}.{step.argval}"
            subject = getattr(subject, step.argval, None)
        elif step.opname.startswith("CALL"):
            subject, name = None, f"{name}(...)"
        elif step.opname.startswith("BINARY_"):
            subject, name = None, f"{name}[...]"
    return subject, name


def _variable(frame, name):
    for space in (frame.f_locals, frame.f_globals, vars(builtins)):
        if name in space:
            return space[name]
    return None


# ------------------------------------------------------------------------------ who is at work


def imports_by_name() -> bool:
    """Whether what dualrev is asked for is asked by ``from dualrev import name``.

    Python replaces an AttributeError there by a text of its own, and tells nobody who asks.  2 us.
    """
    frame: Any = _frame(1)
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_code[frame.f_lasti] == dis.opmap["IMPORT_FROM"]


def is_called_by(function: Callable) -> bool:
    """Whether a function written in Python is what called dualrev: NumPy's classes do.

    0.1 us a frame of dualrev's.
    """
    frame: Any = _frame(1)
    while _is_ours(frame):
        frame = frame.f_back
    return frame.f_code is function.__code__


def is_asked_by_library() -> bool:
    """Whether it is NumPy, SciPy, pandas or dualrev that calls what ``dualrev.numpy`` stands in for.

    They are tested with NumPy's own functions, and mean arrays of plain numbers; pandas makes ndarrays
    of what it is given, and does not stop before it has one.  But dualrev calls the user's function,
    which may be one of these itself.  0.3 us.
    """
    frame: Any = _frame(3)  # past what stands in, and what it asks
    while _module_of(frame) == "dualrev.numpy.creating":
        frame = frame.f_back
    if _is_ours(frame):
        return frame.f_code.co_name != "call_user"
    return _module_of(frame).partition(".")[0] in ("numpy", "scipy", "pandas")


def is_asked_in_python(method: str) -> bool:
    """Whether Python code calls our caller, a method; else compiled code does, which has no frame.

    CasADi asks ``item()`` of what ``item()`` gave, until it is a number of Python's or the stack is
    full.  0.2 us.
    """
    code = _frame(2).f_code
    return method in code.co_names or method in code.co_consts


def is_written_in_python() -> bool:
    """Whether Python code writes into an array, our caller; else compiled code does, which has no frame.

    ``rng.shuffle`` swaps the rows of what is no ndarray, and takes them for copies.  1 us.
    """
    frame = _frame(2)
    code = frame.f_code
    if dis.opname[code.co_code[frame.f_lasti]] in _WRITES or _is_ours(frame):
        return True
    return not {"setitem", "__setitem__"}.isdisjoint((*code.co_names, *code.co_consts))


def raised_by_rule(error: BaseException) -> bool:
    """Whether the body of a rule raised it; no refusal of a whole function."""
    *_, (frame, _) = _passed(error)
    module = _module_of(frame)
    return module.startswith("dualrev.rules.") and module != "dualrev.rules.refused"


def called_by_user(functions: Iterable[Callable], error: BaseException) -> Callable | None:
    """Which of some functions the user's line called, not dualrev, and failed by an error.

    The first frame that an error passed is that of who asks.
    """
    by_code = {f.__code__: f for f in functions if hasattr(f, "__code__")}
    found, ours = None, False
    for frame, _ in itertools.islice(_passed(error), 1, None):
        if _is_users(frame):
            found, ours = None, False
        elif not ours:
            ours = _is_ours(frame)
            found = found or by_code.get(frame.f_code)
    return found


def scipy_call() -> str | None:
    """Path of the function of SciPy that is at work, such as ``scipy.linalg.expm``; or None.

    Only where the user's code called it, and none of his functions is called by it.  SciPy has no
    protocol that would tell.  1 us and more, where a traced array may be lost.
    """
    return _scipy_path(_running(_frame(1)))


class Call(NamedTuple):
    """A function of a library that the user's line called, and that failed in Python code."""

    #: ``scipy.linalg.expm``; "" of other libraries than NumPy and SciPy.
    path: str
    #: What it was given, as far as its parameters still hold it; of SciPy all variables.
    held: list


def library_call_that_failed(error: BaseException) -> Call | None:
    """The function of a library, NumPy mostly, that the user's line called, and that failed; or None.

    The first frame that an error passed is that of who asks.
    """
    frames: list = []
    for frame, _ in itertools.islice(_passed(error), 1, None):
        if _is_users(frame):
            frames = []
        elif not _is_ours(frame):
            frames = [frame, *frames]
    # Of a sparse matrix, or a ufunc, to which an array of objects is given: said by its text.
    if not frames or frames[-1].f_code.co_name in ("__matmul__", "__rmatmul__", "__mul__"):
        return None
    if _module_of(frames[-1]) == _WRAPPED_UFUNCS:
        return None
    path = _scipy_path(frames)
    if path is not None:
        # Fortran's solvers swallow what their functions' answers raise; SciPy's own errors stay theirs.
        depth = 3 if type(error).__name__ == "error" else 0
        return Call(path, [x for frame in frames for x in _kept(frame.f_locals.values(), depth)])
    public = ((_public_path(_module_of(frame), frame), frame) for frame in reversed(frames))
    path, frame = next((found for found in public if found[0]), ("", frames[-1]))
    code = frame.f_code
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return Call(path if path.startswith("numpy") else "", [frame.f_locals.get(n) for n in names])


def _kept(values, depth):
    """Values, and what the functions among them keep of what is around them."""
    for value in values:
        yield value
        if not depth:
            continue
        for cell in getattr(value, "__closure__", None) or ():
            with contextlib.suppress(ValueError):  # empty
                yield from _kept([cell.cell_contents], depth - 1)
        if inspect.isfunction(value):
            yield from (value.__globals__.get(name) for name in value.__code__.co_names)


def _running(frame):
    while frame is not None:
        yield frame
        frame = frame.f_back


def _scipy_path(frames):
    """Path of the outermost function of SciPy among frames that are no user's, innermost first."""
    path = private = None
    for frame in frames:
        module = _module_of(frame)
        package = module.partition(".")[0]
        if module == _WRAPPED_UFUNCS:
            continue
        if package == "scipy":
            path = _public_path(module, frame) or path
            private = f"{module.partition('._')[0]} ({frame.f_code.co_name})"
        elif package != "numpy" and not _is_ours(frame):
            break
    return path or private


def _public_path(module, frame):
    """Where users find what runs in a frame; None for what is private."""
    name, qualified = frame.f_code.co_name, frame.f_code.co_qualname
    local = frame.f_locals
    if "._lib" in module or name.endswith("wrapper"):  # its function is among what it encloses
        for value in local.values():
            # Of a function that was made by exec it is None.
            if inspect.isfunction(value) and (value.__module__ or "").startswith("scipy"):
                module, name, qualified = value.__module__, value.__name__, value.__qualname__
                break
    owner = local.get("self")
    # A distribution such as scipy.stats.norm is an object, as it is or frozen.
    label = getattr(getattr(owner, "dist", owner), "name", None)
    if name.startswith("__"):
        name = type(owner).__name__
    while module:
        if "._" in module and (renamed := module.replace("._", ".")) in sys.modules:
            if name in vars(sys.modules[renamed]):  # of scipy.optimize.elementwise
                return f"{renamed}.{name}"
        if "._" not in module and module in sys.modules:
            public = vars(sys.modules[module])
            if name in public and not name.startswith("_"):
                return f"{module}.{name}"
            for found in public:
                if found == label or (owner is not None and public[found] is owner):
                    return f"{module}.{found}.{name}"
            owner_name, _, method = qualified.rpartition(".")
            if isinstance(public.get(owner_name), type):
                return f"{module}.{owner_name}.{method}"
        module = module.rpartition(".")[0]
    return None


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

    It takes any function, and what comes out is a plain number, or the last of its steps.  0.2 us of
    each comparison.
    """
    name = _frame(2).f_code.co_name
    if name in _COMPARING or name in _ARGMIN:
        path = scipy_call()
        is_grid = path == "scipy.optimize.brute"
        if path is not None and path.startswith("scipy.optimize") and is_grid == (name in _ARGMIN):
            return path
    return None


# ------------------------------------------------------------------ what NumPy and SciPy ask of an array

# Where SciPy hides its ufuncs in functions of Python's, with SCIPY_ARRAY_API=1 in the environment.
_WRAPPED_UFUNCS = "scipy.special._support_alternative_backends"
#: To these an array of objects is real: its imaginary part is 0, its conjugate itself.
_OF_PARTS = ("correlate", "imag", "iscomplex", "iscomplexobj", "norm", "real")
# What scipy.sparse calls its operators internally; they give way to what is no array.
_SPARSE_OPERATORS = ("_matmul_dispatch", "_comparison")


def who_asks_for_an_array() -> str:
    """Who calls ``__array__``, as our caller: each needs another answer.  0.6 us.

    - "strides": np.lib.stride_tricks.as_strided, to move through the memory of numbers.
    - "whole": scipy.sparse, which leaves ``S @ x`` to the ``__rmatmul__`` of what is no array, and
      np.polynomial.Polynomial, which computes with any object; both take an object for a scalar.
    - "numbers": another function of scipy.sparse, which computes with plain numbers only.
    - "parts": a function of NumPy's that sees by its type whether an array is complex, where it is.
    - "elements": anybody else.
    """
    frame = _frame(2)
    module, name = _module_of(frame), frame.f_code.co_name
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

    That search goes on when this fails, and ends in another error, or in none.  0.1 us of a np.isnan.
    """
    frame = _frame(2)
    return frame.f_code.co_name == "f_raise" and _module_of(frame) == "scipy.optimize._zeros_py"


#: Functions of SciPy's that take an array of objects for several numerators of a transfer function.
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
    no protocol for either.  1 us.
    """
    asker: Any = _frame(2)
    if not _module_of(asker).endswith("array_api_compat.common._helpers"):
        return ours
    answers = asker.f_locals.get("namespaces", set())
    numpys = asker.f_globals["array_namespace"](np.float64(0))
    if _module_of(asker.f_back.f_back) == _WRAPPED_UFUNCS:
        return numpys
    answers.discard(numpys)
    return ours


def is_operand_of_sparse() -> bool:
    """Whether scipy.sparse's product asks what is an ndarray, by our caller, what to do with it.

    It has no other way to be told to leave the product to ``__rmatmul__``.  0.1 us.
    """
    frame = _frame(2)
    return frame.f_code.co_name in _SPARSE_OPERATORS and _module_of(frame).startswith(
        "scipy.sparse"
    )


def asks_what_is_writeable() -> bool:
    """Whether our caller is asked by SciPy which arrays can be written: those that have a namespace.

    Of NumPy's it knows by their type that arrays can, and numbers cannot.  0.1 us.
    """
    return _frame(2).f_code.co_name == "is_writeable_array"


#: trimseq, trimcoef, polyline, chebmulx, hermint and their kin; trim_zeros of an array of objects.
_SHORTENING = ("trimseq", "trimcoef", "trim_zeros", "line", "mulx", "int")


def shortens_a_polynomial() -> bool:
    """Whether it is NumPy whose comparison, in our caller, asks if a coefficient is 0 and may go.

    It has a derivative: it stays, and the length is that of the shapes.  Asked of what is 0 only.
    """
    frame = _frame(2)
    asks = frame.f_code.co_name.endswith(_SHORTENING)
    return asks and _module_of(frame).startswith(("numpy.polynomial", "numpy.lib"))


#: The globals of numpy.polynomial's modules.
_SERIES = frozenset(
    id(vars(module)) for module in vars(polynomial).values() if inspect.ismodule(module)
)


def coefficients_with_axes(operand: np.ndarray) -> np.ndarray:
    """The first operand of a ufunc, our caller, as it were if NumPy took a traced x for an array.

    polyval(x, c) and its kin in numpy.polynomial give c an axis for each of x's where
    isinstance(x, np.ndarray): columns of c are polynomials, each to be evaluated at all of x.  A
    traced x is no ndarray, so that the first operand is a row of c without these axes.  The functions
    do not dispatch, and ask x nothing else.  0.2 us of a call with a part of an array, or with one
    that has more or fewer axes than the traced operand; no other can be such a row.
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
    subtracted by now: the product is over other axes than it means.  0.3 us of a np.prod.
    """
    frame: Any = _frame(1)
    while _is_ours(frame):
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
    objects, whose sum is computed by its elements' own operator.  0.1 us of a number's dtype.
    """
    primal = tracer.primal
    if type(primal) is not _ndarray and _frame(1).f_globals is _MEANS:
        raise AttributeError("dtype")
    return primal.dtype


# How NumPy's and SciPy's compiled functions refuse object arrays.
_OBJECTS_REFUSED = (
    "dtype('O')",
    "loop of ufunc does not support argument",
    "not supported for the input types",
    "but got Python object",
)


def refuses_objects(error: BaseException) -> bool:
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


def wanted_of(error: BaseException) -> str:
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


def raised_by_compiled_code(error: BaseException) -> bool:
    """Whether it is an exception by which compiled code of SciPy's says that it was given no numbers."""
    if isinstance(error, KeyError):
        return repr(error.args) == "('O',)"  # the character of a dtype, in SciPy's tables
    texts = ("parse arguments", "can't be converted to", "type not supported", "dtype('O')")
    return type(error).__name__ == "error" or any(text in str(error) for text in texts)


def name_for_pickle(made: Any) -> str | None:
    """The name under which pickle finds it: as a decorator it took that of the function; or None."""
    place = getattr(made, "__qualname__", "")
    found = sys.modules.get(made.__module__)
    for name in place.split("."):
        found = getattr(found, name, None)
    return place if found is made else None


def ufunc_behind(function: Callable) -> Callable:
    """The ufunc that a function of scipy.special hides with SCIPY_ARRAY_API=1, or the function itself.

    It looks for the library of its arguments, and says nowhere what is behind.  Asked once a rule.
    """
    inner = getattr(function, "__wrapped__", None)
    return inner if isinstance(inner, np.ufunc) else function


def dispatches(function: Callable) -> bool:
    """Whether NumPy or Python hands a call of it to traced arguments.  Asked once a rule."""
    return (
        isinstance(function, np.ufunc)
        or hasattr(function, "_implementation")  # NumPy's mark on its array functions
        or isinstance(getattr(function, "__self__", None), np.ufunc)  # np.add.reduce
        or getattr(function, "__module__", None) == "_operator"
        or getattr(function, "__objclass__", None) is _ndarray  # np.ndarray.astype
    )


# ------------------------------------------------------------------------------- bodies of rules
#
# A rule is declared by a function alone: how many arrays it takes, which options, and what it reads
# stands in its code, and is said nowhere else.  inspect.signature takes 10 us a body, its code 0.3 us;
# all is asked once a rule.


def count_arrays(body: Any, skip: int) -> int:
    """Number of array arguments of a body: its parameters without default, less the first few.

    -1 where it takes any number.
    """
    code = body.__code__
    if code.co_flags & inspect.CO_VARARGS:
        return -1
    return code.co_argcount - skip - len(body.__defaults__ or ())


def parameters_of(body: Any, skip: int) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Names of a body's parameters, less the first few; those by keyword only; whether it takes any."""
    code = body.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    takes_any = bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return names[skip : code.co_argcount], names[code.co_argcount :], takes_any


def mentioned(body: Any, skip: int) -> int:
    """A mask of the parameters that a body mentions, without the first few; -1 for all, if in doubt.

    40 us and more a body, when a tape meets the first large array of its rule.
    """
    if not callable(body):  # a number
        return 0
    code = getattr(body, "__code__", None)
    if code is None or code.co_flags & inspect.CO_VARARGS or code.co_cellvars:
        return -1
    names: set = set()
    for instruction in dis.get_instructions(code):
        value = instruction.argval
        names.update(value if isinstance(value, tuple) else (value,))
    parameters = code.co_varnames[skip : code.co_argcount]
    return sum(1 << i for i, name in enumerate(parameters) if name in names)
