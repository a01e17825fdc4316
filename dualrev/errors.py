"""The exception classes, and the one builder of their messages: what happened, where, how to fix it.

Must not know any tracer or rule.  Each class also is the builtin exception that an ``except`` clause
written for NumPy would expect; its docstring opens its section of docs/reference/errors.md.
"""

import importlib
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev.insides.lines import user_line

__all__ = [
    "ArgumentError",
    "CoercionError",
    "ComparisonWarning",
    "ComplexError",
    "ConditionWarning",
    "DualrevError",
    "EscapedTracerError",
    "InPlaceError",
    "MissingNameError",
    "MissingPackageError",
    "MissingRuleError",
    "MutationError",
    "NonFiniteError",
    "NonScalarError",
    "NotConvergedError",
    "PerformanceWarning",
    "ProgramError",
    "RuleError",
    "ShapeError",
    "SingularError",
    "SizeError",
    "StructureError",
]


# "a traced array": the first word for what users have never made themselves.
_TRACED = re.compile(r"\btraced\b( sparse)?( (?!by\b|has\b|and\b)[\w*]+)?")
_MEANING = "(as x is inside dr.grad)"


def explained(text: str) -> str:
    """The text of a message, in which the word "traced" is explained where it first appears."""
    return text if _MEANING in text else _TRACED.sub(rf"\g<0> {_MEANING}", text, count=1)


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
        what = explained(what)
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

    Raised where your code calls the function; a rule that lacks the derivative by one argument raises
    when that derivative is asked for.
    """


class CoercionError(DualrevError, TypeError):
    """A traced value was about to become a plain number, which would lose its derivative.

    Raised by ``float(x)``, ``math.sin(x)``, ``"%f" % x``, by an assignment into a plain array, by
    functions of SciPy that convert their arguments, and by other code that cannot take a traced array:
    a cache, ``np.nditer``, another library.  ``int(x)``, comparisons and ``f"{x}"`` see the primal.
    """


class EscapedTracerError(DualrevError, RuntimeError):
    """A tracer was used after its transform had ended, or a tape after it was used up.

    Raised where your code computes with a traced value that it had stored outside the differentiated
    function, and where one is pickled.
    """


class MutationError(DualrevError, RuntimeError):
    """An array that a derivative still needs was overwritten.

    Raised before the sweep of reverse mode, or where the array is used again, for arrays of more than
    256 KiB that your code had multiplied with, or otherwise used, and then changed; and where a function
    under :func:`dualrev.checkpoint` does not compute the same when it runs again.
    """


class InPlaceError(DualrevError, TypeError):
    """An assignment into an array cannot be honored exactly as NumPy would.

    Raised by ``y += x``, ``out=y`` and the like where y is a plain array, which cannot hold a
    derivative, and where NumPy itself would change the values while it reads them.
    """


class ShapeError(DualrevError, ValueError):
    """Two arrays do not have the shape in common that they must have.

    Raised where a tangent or cotangent does not have the shape of its primal: by :func:`dualrev.jvp`,
    by the pullback of :func:`dualrev.vjp`, by ``push`` and ``pull`` of a :class:`dualrev.LinearMap`; and
    by :func:`dualrev.elementwise_grad` and ``divergence`` of a function whose result has another shape
    than its argument.
    """


class SizeError(DualrevError, MemoryError):
    """What was asked for takes more memory than it is worth.

    Raised where a sparse matrix is asked for that is nearly full, of more entries than fit in a
    gigabyte; and for a tensor of derivatives of more.
    """


class StructureError(DualrevError, TypeError):
    """A container that is not known, or two structures that should agree and do not.

    Raised for an argument or result of a class that is neither an array nor a container that was
    registered by :func:`dualrev.register_container`.
    """


class ArgumentError(DualrevError, TypeError, ValueError):
    """An argument is not what the transform can work with: a string, a number out of range.

    Raised by the operators for a wrong option, for an argument that is no number, for a function that
    returns nothing.
    """


class NonScalarError(DualrevError, TypeError):
    """The gradient was asked of a function that returns an array.

    Raised by :func:`dualrev.grad`, ``value_and_grad``, ``hessian``, ``hvp``, ``laplacian`` and kin;
    and by ``derivative`` where the argument is an array.
    """


class ComplexError(DualrevError, TypeError):
    """A real derivative was asked where the function or its argument is complex.

    Raised where the answer would not say which of the two it is: the derivative of a holomorphic
    function, or the gradient of a real function of complex arguments.
    """


class ProgramError(DualrevError, ValueError):
    """A program cannot be saved or read, or does not hold for these arguments.

    Raised by ``save`` of a program and by :func:`dualrev.load_program`, and by a program that is called
    with other arguments than it was recorded for, or where Python's ``if`` would now go another way.
    """


class RuleError(DualrevError, ValueError):
    """A declared rule answered with something that is not a tangent or cotangent.

    Raised for rules of your own, when a sweep reaches them: a ``jvp`` must return the shape of the
    answer, a ``vjp`` one array of the shape of each argument.
    """


class NotConvergedError(DualrevError, np.linalg.LinAlgError):
    """A derivative needs the solution of equations that a solver did not reach.

    ``cg(A, b, maxiter=1)[0]`` is not a solution, and has no derivative by A; nor has the ``x`` of a
    result of SciPy's with ``success=False``, nor what is given to :func:`dualrev.implicit.root` and does
    not solve the equations.
    """


class SingularError(DualrevError, np.linalg.LinAlgError):
    """A derivative of a solution was asked for where the equations do not determine it.

    Raised where the Jacobian of the equations is singular at the solution: at a double root, at a
    minimum with a flat direction, at a vertex where more constraints meet than there are variables.
    """


class NonFiniteError(DualrevError, FloatingPointError):
    """Inside ``dualrev.debug()``: the first nan or inf in a primal, tangent or cotangent.

    Raised by the operation where it appears first, with your line, the argument and the index.
    """


class ComparisonWarning(UserWarning):
    """A result depends on its arguments by comparisons, of which a derivative knows nothing.

    Given inside ``dualrev.debug()`` where a traced value was compared while the function ran, and what
    it returned is a plain number: the derivative is 0, and may be meant to be another one.  And where
    the right-hand side of differential equations jumps: how the moment of the jump moves is missing.
    """


class ConditionWarning(UserWarning):
    """Derivatives of a solution have lost half of their digits or more.

    Given where the Jacobian of the equations has a condition number beyond 1e10 at the solution.
    """


class MissingNameError(DualrevError, AttributeError):
    """A name was asked for that dualrev does not have.

    Raised by ``dualrev.jit`` and the like: words of other libraries, and misspellings.  What
    ``from dualrev import jit`` raises says the same, and is an ImportError.
    """


class MissingPackageError(DualrevError, ImportError):
    """A picture, a progress bar, an engine or a bridge was asked for, and its package is not installed.

    What dualrev computes needs NumPy, SciPy, optree and xxhash only.  ``pip install 'dualrev[show]'``
    brings matplotlib, graphviz and tqdm, for ``dualrev.show`` and ``progress=True``;
    ``dualrev[compile]`` brings llvmlite, for ``engine="llvm"``; ``dualrev[torch]`` and the like what
    ``dualrev.bridges`` lead to.
    """


class PerformanceWarning(UserWarning):
    """The result is right, but came by a slow path that one edit avoids.

    Given where more than 1000 traced elements become an array one by one; where a compiled function
    cannot be replayed, and runs as it is; where one is recorded again and again; and where a sparse
    matrix takes hardly fewer products than a full one.
    """


#: ``twin_of(path)``: the path of our function that equals SciPy's and keeps derivatives, or None.
twin_of: Callable[[str], str | None] | None = None
#: ``refusal_of(path)``: why one of SciPy's has no derivative, and what to type instead, or None.
refusal_of: Callable[[str], tuple[str, str] | None] | None = None


def package(path: str, user: str, extra: str) -> Any:
    """A module of a package that need not be installed; ``extra`` of dualrev brings it to its user."""
    name = path.partition(".")[0]
    try:
        importlib.import_module(name)
        return importlib.import_module(path)
    except ImportError as error:
        if (error.name or "").partition(".")[0] != name:  # it is there, what it needs is not
            raise
        raise MissingPackageError(
            f"{user} the package {name}, which is not installed.",
            fix=f"pip install 'dualrev[{extra}]'",
        ) from None


def name_of(function) -> str:
    """Name under which a user knows the function: ``numpy.linalg.solve``, ``numpy.add.at``, ``loss``."""
    name = getattr(function, "__name__", None) or type(function).__name__
    owner = getattr(function, "__self__", None)
    if type(owner).__name__ == "ufunc":
        return f"{name_of(owner)}.{name}"
    if type(function).__name__ == "ufunc":
        modules = ("numpy", "scipy.special")
        module = next((m for m in modules if hasattr(sys.modules.get(m), name)), "")
    else:
        module = (getattr(function, "__module__", None) or "").split("._")[0]  # scipy.fft._basic
    return f"{module}.{name}" if module.startswith(("numpy", "scipy")) else name


def no_rule(what, fix=None, why="", where=None) -> MissingRuleError:
    """The error for a call, an option or an answer that has no derivative."""
    return MissingRuleError(f"{what} has no derivative rule{why and ': '}{why}.", where, fix)


def not_constant(function: str, argument: str) -> MissingRuleError:
    """The error for a traced argument in which no derivative is known."""
    what = f"{function} with the argument `{argument}` traced"
    return no_rule(what, f"hold `{argument}` constant: dualrev.stop_gradient({argument})")


def overlap(name: str) -> InPlaceError:
    """The error for values that NumPy changes while it reads them."""
    return InPlaceError(
        f"{name} was given values that share memory with the array, which NumPy changes while it "
        "reads them.",
        fix="give a copy of the values: v.copy()",
    )


def escaped(transform: str) -> EscapedTracerError:
    """The error for a tracer that is used after its transform has ended."""
    return EscapedTracerError(
        f"A traced value is used after its transform ({transform}) has ended.",
        fix="do not store it: return (result, it) from the differentiated function, with has_aux=True, "
        "which gives it back as a plain array",
    )
