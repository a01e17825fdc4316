"""Calls: which function of a library is at work, or failed, and whether a rule or the user called it."""

import contextlib
import inspect
import itertools
import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple

from dualrev.insides.lines import is_ours, is_users, module_of, passed, running

__all__ = [
    "WRAPPED_UFUNCS",
    "Call",
    "called_by_user",
    "library_call_that_failed",
    "raised_by_rule",
    "scipy_call",
]

_frame = sys._getframe
# Where SciPy hides its ufuncs in functions of Python's, with SCIPY_ARRAY_API=1 in the environment.
WRAPPED_UFUNCS = "scipy.special._support_alternative_backends"


def raised_by_rule(error: BaseException) -> bool:
    """Whether the body of a rule raised it; no refusal of a whole function."""
    *_, (frame, _) = passed(error)
    module = module_of(frame)
    return module.startswith("dualrev.rules.") and module != "dualrev.rules.refused"


def called_by_user(functions: Iterable[Callable], error: BaseException) -> Callable | None:
    """Which of some functions the user's line called, not dualrev, and failed by an error.

    The first frame that an error passed is that of who asks.
    """
    by_code = {f.__code__: f for f in functions if hasattr(f, "__code__")}
    found, ours = None, False
    for frame, _ in itertools.islice(passed(error), 1, None):
        if is_users(frame):
            found, ours = None, False
        elif not ours:
            ours = is_ours(frame)
            found = found or by_code.get(frame.f_code)
    return found


def scipy_call() -> str | None:
    """Path of the function of SciPy that is at work, such as ``scipy.linalg.expm``; or None.

    Only where the user's code called it, and none of his functions is called by it.  SciPy has no
    protocol that would tell.  1 us and more, where a traced array may be lost.
    """
    return _scipy_path(running(_frame(1)))


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
    for frame, _ in itertools.islice(passed(error), 1, None):
        if is_users(frame):
            frames = []
        elif not is_ours(frame):
            frames = [frame, *frames]
    # Of a sparse matrix, or a ufunc, to which an array of objects is given: said by its text.
    if not frames or frames[-1].f_code.co_name in ("__matmul__", "__rmatmul__", "__mul__"):
        return None
    if module_of(frames[-1]) == WRAPPED_UFUNCS:
        return None
    path = _scipy_path(frames)
    if path is not None:
        # Fortran's solvers swallow what their functions' answers raise; SciPy's own errors stay theirs.
        depth = 3 if type(error).__name__ == "error" else 0
        return Call(path, [x for frame in frames for x in _kept(frame.f_locals.values(), depth)])
    public = ((_public_path(module_of(frame), frame), frame) for frame in reversed(frames))
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


def _scipy_path(frames):
    """Path of the outermost function of SciPy among frames that are no user's, innermost first."""
    path = private = None
    for frame in frames:
        module = module_of(frame)
        package = module.partition(".")[0]
        if module == WRAPPED_UFUNCS:
            continue
        if package == "scipy":
            path = _public_path(module, frame) or path
            private = f"{module.partition('._')[0]} ({frame.f_code.co_name})"
        elif package != "numpy" and not is_ours(frame):
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
