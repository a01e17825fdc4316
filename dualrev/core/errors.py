"""The exception classes, and the one builder of their messages: what happened, where, how to fix it.

Must not know any tracer or rule.  Each class also is the builtin exception that an ``except`` clause
written for NumPy would expect; its docstring is its page in the documentation.
"""

import inspect
import os
import sys
from collections.abc import Callable

__all__ = [
    "ArgumentError",
    "CoercionError",
    "ComplexError",
    "DualrevError",
    "EscapedTracerError",
    "InPlaceError",
    "MissingRuleError",
    "MutationError",
    "NonFiniteError",
    "NonScalarError",
    "PerformanceWarning",
    "RuleError",
    "ShapeError",
    "StructureError",
]

_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
# Frames of these packages are never the user's own line.
_FOREIGN = ("numpy", "scipy", "optree", "functools", "contextlib", "threading")


class DualrevError(Exception):
    """Base of every error that dualrev raises itself.

    Parameters
    ----------
    what, where, fix : str
        What happened, in which line of the user's code, and what to type instead.
        ``where`` defaults to the innermost line that is the user's own.
    """

    def __init__(self, what: str, where: str | None = None, fix: str | None = None):
        if where is None:
            where = user_line()
        lines = [what]
        if where:
            lines.append(f"  where: {where}")
        if fix:
            lines.append(f"  fix:   {fix}")
        self.what, self.where, self.fix = what, where, fix
        super().__init__("\n".join(lines))

    def __reduce__(self):
        return type(self), (self.what, self.where or "", self.fix)


class MissingRuleError(DualrevError, NotImplementedError):
    """A function without a derivative rule met a traced array.

    ``np.unwrap(x)`` fails inside a differentiated function.  Rewrite it with functions that have a
    rule, or declare one with :func:`dualrev.rule`.
    """


class CoercionError(DualrevError, TypeError):
    """A traced value was about to become a plain number, which would lose its derivative.

    ``float(x)``, ``math.sin(x)`` and ``y = np.zeros(3); y[0] = x[0]`` fail inside a differentiated
    function.  Write ``x``, ``np.sin(x)`` and ``y = np.zeros_like(x, shape=3)`` instead.
    """


class EscapedTracerError(DualrevError, RuntimeError):
    """A tracer was used after its transform had ended, or a tape after it was used up.

    ``kept = []; dr.grad(lambda x: kept.append(x) or x @ x)(x0); kept[0] + 1`` fails.  Return the
    value from the function (``has_aux=True``) instead of storing it.
    """


class MutationError(DualrevError, RuntimeError):
    """An array that a derivative still needs was overwritten.

    ``def f(x): y = x * big; big[:] = 0; return y.sum()`` fails for a large array ``big``: its old
    content is gone when the derivative needs it.  Write to a copy, or after the derivative is taken.
    """


class InPlaceError(DualrevError, TypeError):
    """An assignment into an array cannot be honoured exactly as NumPy would.

    ``y = np.zeros(3); y += x`` fails: a plain array cannot hold a derivative.  Write
    ``y = np.zeros_like(x, shape=3)``, which makes one that can.
    """


class ShapeError(DualrevError, ValueError):
    """A tangent or cotangent does not have the shape of its primal.

    ``dr.jvp(f, (np.ones(3),), (np.ones(2),))`` fails.
    """


class StructureError(DualrevError, TypeError):
    """A container that is not known, or two structures that should agree and do not.

    Register a container class with :func:`dualrev.register_container`.
    """


class ArgumentError(DualrevError, TypeError, ValueError):
    """An argument is not what the transform can work with: a string, a number out of range.

    ``dr.grad(f, argnums=2)(x)`` fails where ``f`` is called with one argument.
    """


class NonScalarError(DualrevError, TypeError):
    """The gradient was asked of a function that returns an array.

    ``dr.grad(np.sin)(np.ones(3))`` fails; perhaps you meant ``dr.jacobian``.
    """


class ComplexError(DualrevError, TypeError):
    """A real derivative was asked where the function or its argument is complex.

    ``dr.grad(lambda z: z**2)(1 + 2j)`` fails; pass ``holomorphic=True`` where that is true.
    """


class RuleError(DualrevError, ValueError):
    """A declared rule answered with something that is not a tangent or cotangent.

    A ``jvp`` must return the shape of the answer, a ``vjp`` one array of the shape of each argument.
    """


class NonFiniteError(DualrevError, FloatingPointError):
    """Inside ``dualrev.debug()``: the first nan or inf in a primal, tangent or cotangent."""


class PerformanceWarning(UserWarning):
    """The function is differentiated correctly, but by a slow path that one edit avoids."""


def user_frame():
    """Innermost frame that is neither dualrev's nor NumPy's, or None."""
    frame = sys._getframe(1)
    while frame is not None and not is_users(frame):
        frame = frame.f_back
    return frame


def is_users(frame):
    """Whether a frame is neither dualrev's nor NumPy's."""
    module = frame.f_globals.get("__name__", "").partition(".")[0]
    return module not in _FOREIGN and not frame.f_code.co_filename.startswith(_PACKAGE)


def describe_line(code, line) -> str:
    """``in your function `loss` (model.py:41)`` for a code object and a line number."""
    place = f"({os.path.basename(code.co_filename)}:{line})"
    if code.co_name == "<module>":
        return f"in your code {place}"
    return f"in your function `{code.co_name}` {place}"


def line_in(traceback) -> str:
    """The innermost of the user's lines in a traceback, in words."""
    line = ""
    while traceback is not None:
        if is_users(traceback.tb_frame):
            line = describe_line(traceback.tb_frame.f_code, traceback.tb_lineno)
        traceback = traceback.tb_next
    return line


def user_line() -> str:
    """The user's line that is being executed, in words; empty when there is none."""
    frame = user_frame()
    return "" if frame is None else describe_line(frame.f_code, frame.f_lineno)


def scipy_call(frames=None):
    """Path of the function of SciPy that is at work, such as ``scipy.linalg.expm``; or None.

    Only where the user's code called it, and none of his functions is called by it.  The frames,
    innermost first, are by default those that run.
    """
    path = private = None
    for frame in _running(sys._getframe(1)) if frames is None else frames:
        module = frame.f_globals.get("__name__", "")
        package = module.partition(".")[0]
        if package == "scipy":
            path = _public_path(module, frame) or path
            private = f"{module.partition('._')[0]} ({frame.f_code.co_name})"
        elif package != "numpy" and not frame.f_code.co_filename.startswith(_PACKAGE):
            break
    return path or private


def _running(frame):
    while frame is not None:
        yield frame
        frame = frame.f_back


def _public_path(module, frame):
    """Where users find what runs in a frame; None for what is private."""
    name = frame.f_code.co_name
    local = frame.f_locals
    if "._lib" in module or name == "wrapper":  # its function is among what it encloses
        for value in local.values():
            if inspect.isfunction(value) and value.__module__.startswith("scipy"):
                module, name = value.__module__, value.__name__
                break
    owner = local.get("self")
    # A distribution such as scipy.stats.norm is an object, as it is or frozen.
    label = getattr(getattr(owner, "dist", owner), "name", None)
    if name.startswith("__"):
        name = type(owner).__name__
    while "." in module:
        if "._" not in module and module in sys.modules:
            public = vars(sys.modules[module])
            if name in public and not name.startswith("_"):
                return f"{module}.{name}"
            for found in public:
                if found == label or (owner is not None and public[found] is owner):
                    return f"{module}.{found}.{name}"
        module = module.rpartition(".")[0]
    return None


#: ``twin_of(path)``: the path of our function that equals SciPy's and keeps derivatives, or None.
twin_of: Callable[[str], str | None] | None = None


def lost_in_scipy(path: str) -> CoercionError:
    """The error for a traced array given to a function of SciPy, which knows plain ones only."""
    twin = twin_of(path) if twin_of else None
    return CoercionError(
        f"{path} was given a traced array, whose derivative it would lose.",
        fix=f"call {twin}, which equals it"
        if twin
        else f"{path} has no derivative here: write it in functions of NumPy, or declare one: "
        "dualrev.rule(f, jvp=..., vjp=...)",
    )


def name_of(function) -> str:
    """Name under which a user knows the function: ``numpy.linalg.solve``, ``loss``."""
    name = getattr(function, "__name__", None) or type(function).__name__
    if type(function).__name__ == "ufunc":
        module = "numpy" if hasattr(sys.modules["numpy"], name) else "scipy.special"
    else:
        module = (getattr(function, "__module__", None) or "").replace("numpy._core", "numpy")
    return f"{module}.{name}" if module.startswith(("numpy", "scipy")) else name


def plain_array(name: str) -> InPlaceError:
    """The error for a traced result that was to be written into a plain array."""
    return InPlaceError(
        f"{name} was to write a traced result into a plain array, which cannot hold a derivative.",
        fix="make the array traced: y = np.zeros_like(x, shape=y.shape), or write y = y + ...",
    )


def overlap(name: str) -> InPlaceError:
    """The error for values that NumPy changes while it reads them."""
    return InPlaceError(
        f"{name} was given values that share memory with the array, which NumPy changes while it "
        "reads them.",
        fix="give a copy of the values: v.copy()",
    )
