"""Losses: the errors for what would have lost a derivative, told by the user's line that was at it.

Must not know tracers or rules, nor what to type instead: repairs do.
"""

import ast

from dualrev import errors
from dualrev.insides.calls import scipy_call
from dualrev.insides.lines import is_of_ours, line_of
from dualrev.insides.operations import operation
from dualrev.repairs import (
    BY_ROWS,
    PLAIN,
    RULE,
    UNKNOWN,
    WITH_IMPORT,
    holding,
    instead_of_lists,
    of_call,
    of_iterator,
    of_key,
    parsed,
    renewed,
    repair,
)

_ROWS = "{} was given a batched array, each row of which has other numbers."
#: Where it is not known what a call was given.
_ALSO_OF_LISTS = ", as np.array([...]); a list is none"


def plain_number(shape) -> errors.CoercionError:
    """The error for a traced array of this shape that was to become plain numbers."""
    at = operation()
    kind, plain = ("array", "plain numbers") if shape else ("number", "a plain number")
    where = f" in `{at.source}`" if at.source else ""
    return errors.CoercionError(
        f"A traced {kind} was to become {plain}{where}: its derivative would be lost.",
        fix=repair(at, shape),
    )


def counting_number() -> errors.CoercionError:
    """The error for a traced number that was to count, or to be an index, as a whole one does."""
    at = operation()
    where = f" in `{at.source}`" if at.source else ""
    return errors.CoercionError(
        f"A traced number was to count, or to be an index{where}: what is differentiated is a float.",
        fix="write int(n), which carries no derivative",
    )


def lost_in_scipy(
    path: str, error: BaseException | None = None, what: str | None = None
) -> errors.CoercionError:
    """The error for a traced array given to a function of SciPy, which knows plain ones only."""
    at = operation(error)
    # A method of a matrix, or an operator.
    if path.startswith("scipy.sparse (") or at.kind not in ("call", "write", ""):
        return with_sparse(f"`{at.source}`")
    twin = errors.twin_of(path) if errors.twin_of else None
    refusal = errors.refusal_of(path) if errors.refusal_of else None
    if refusal is not None:
        why, fix = refusal
        what = f"{path} was given a traced array, and has no derivative: {why}."
    elif twin and is_of_ours(at.subject):
        fix = "hand to the solver what its function computes with: args=(a,)"
    elif at.installed:
        fix = RULE
    elif twin:
        fix = f"call {twin}, which equals it"
    else:
        fix = RULE
    return errors.CoercionError(
        what or f"{path} was given a traced array, whose derivative it would lose.",
        where=None if error is None else line_of(error),
        fix=fix,
    )


def only_compares(path: str) -> errors.CoercionError:
    """The error for a search of SciPy whose answer may depend on traced values by comparisons only."""
    what = (
        f"{path} only compares traced values, in one step or all: the derivative of its answer "
        "would be 0, or wrong."
    )
    return lost_in_scipy(path, what=what)


def twinned_call() -> str | None:
    """Path of the function of SciPy that is at work, where it has a twin; or None."""
    path = scipy_call()
    has_twin = path is not None and errors.twin_of is not None and errors.twin_of(path)
    return path if has_twin else None


def with_sparse(what: str) -> errors.CoercionError:
    """The error for an operation of a traced array and a sparse matrix of plain numbers."""
    return errors.CoercionError(
        f"{what}, of a traced array and a matrix of scipy.sparse, has no derivative rule.",
        fix=f"write {'S @ x' if '.dot(' in what else 'S.toarray() for the sparse matrix'}",
    )


def array_of_objects(error: Exception) -> errors.CoercionError:
    """The error for an array of objects, made of traced numbers by NumPy, which it cannot use."""
    at = operation(error)
    where = f" in `{at.source}`" if at.source else ""
    ours = isinstance(error.__cause__ or error, errors.DualrevError)
    how = "" if ours else f": {str(error).rstrip('.')}"
    return errors.CoercionError(
        f"NumPy made an array of objects of traced numbers, and cannot compute with it{where}{how}.",
        where=line_of(error),
        fix=instead_of_lists(at) or f"{holding(at)}{_ALSO_OF_LISTS * at.source.endswith('(...)')}",
    )


def unusable(error: Exception, wanted: str, text: str) -> errors.CoercionError | None:
    """The error for what cannot be done with a traced array, by what its text says was wanted."""
    at = operation(error, own=wanted == "call")
    line = line_of(error)
    if wanted == "SuperLU":
        names = (name for name in ("factorized", "spilu") if name in at.source)
        return lost_in_scipy(f"scipy.sparse.linalg.{next(names, 'splu')}", error)
    if wanted not in _UNUSABLE:
        return None
    what, advise = _UNUSABLE[wanted]
    here = f"`{at.source}`" if at.source else "This line"
    fix = RULE if at.installed and wanted != "flat" else advise(at)
    return errors.CoercionError(what.format(here=here, text=text), line, fix)


def batched_number(shape, dtype) -> errors.CoercionError:
    """The error for a batch that was to become plain numbers: each row has its own."""
    path = twinned_call()
    if path is not None:
        return lost_in_scipy(path, what=_ROWS.format(path))
    at = operation()
    # An array of whole numbers holds no traced values, wherever it is made.
    is_held = at.kind != "write" or dtype.kind in "fc"
    fix = repair(at, shape) if is_held else PLAIN
    kind = "array" if shape else "number"
    where = f" in `{at.source}`" if at.source else ""
    return errors.CoercionError(
        f"A batched {kind} was to become plain numbers{where}: each row of the batch has others.",
        fix=BY_ROWS if fix in (PLAIN, RULE, UNKNOWN) else fix,
    )


def batched_branch() -> errors.CoercionError:
    """The error for Python's `if` on a batched value."""
    path = twinned_call()
    if path is not None:
        return lost_in_scipy(path, what=_ROWS.format(path))
    return errors.CoercionError(
        "Python was to branch on a batched value: the rows of the batch may take different ways.",
        fix="choose element by element: np.where(condition, a, b)",
    )


def batched_index(is_mask: bool) -> errors.CoercionError:
    """The error for what takes a whole number, as a plain array its index, and was given a batch."""
    at = operation()
    where = f" in `{at.source}`" if at.source else ""
    element = parsed(at.source, ast.Subscript)
    if at.kind == "write":
        fix = holding(at)
    elif is_mask:
        fix = "choose by np.where, which keeps the shape, or write np.stack([f(x) for x in xs])"
    elif element is not None and (taken := _taken(element.slice)):
        fix = f"write {taken}{WITH_IMPORT * ('dualrev.numpy' not in at.modules)}"
    else:
        fix = BY_ROWS
    return errors.CoercionError(
        f"A batched whole number was to become a plain one{where}: each row of the batch has another.",
        fix=fix,
    )


def _taken(index):
    """What to write for elements of a plain array at batched places; None where nothing is known."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    at = [k for k, part in enumerate(parts) if not isinstance(part, ast.Slice)]
    if any(isinstance(part, ast.Constant) and part.value in (None, ...) for part in parts):
        return None
    if len(at) == 1:
        key = ", ".join(["i" if k in at else ":" for k in range(len(parts))])
        return f"np.take(a, i, axis={at[0]}) for a[{key}]"
    if len(at) == len(parts) == 2:
        return "np.take(a, np.ravel_multi_index((i, j), a.shape)) for a[i, j]"
    return None


def plain_array(name: str) -> errors.InPlaceError:
    """The error for a traced result that was to be written into a plain array."""
    at = operation()
    writer = f"`{at.source}`" if at.source else name
    return errors.InPlaceError(
        f"{writer} was to write a traced result into a plain array, which cannot hold a derivative.",
        fix=renewed(at) or holding(at),
    )


_KEY = (
    "{here} takes a traced value for a key, which is unhashable: two that are equal may have "
    "different derivatives."
)
_UNUSABLE = {
    "key": (_KEY, of_key),
    "iterator": ("{here} goes through the memory of plain arrays only.", of_iterator),
    "flat": ("{here} was to write a traced value into a plain array.", holding),
    "call": ("{here} was given a traced value, which it cannot take: {text}.", of_call),
}
