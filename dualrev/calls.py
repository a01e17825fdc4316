"""How a user's function is called: arguments become primals, results leaves, and back.

Owns what may be differentiated by and what may come out, with their errors.  Must not know how
derivatives are computed.
"""

import contextlib
import sys
import types
from collections.abc import Iterable, Mapping
from threading import get_ident

import numpy as np

from dualrev import errors, trees
from dualrev.core.arrays import foundation, nowhere
from dualrev.core.operands import UNLIKE_ARRAYS, as_operand
from dualrev.core.traced import Fillable, is_traced, tracer_in
from dualrev.core.tracer import Tracer
from dualrev.errors import name_of
from dualrev.readers.doubts import settle_doubt
from dualrev.refusals import behind, refusal_of

_ndarray = np.ndarray
_NUMBERS = (int, float, complex, np.generic)
#: By thread: the innermost call of a function that is being differentiated there, ``(args, kwargs,
#: depth, call outside of it)``.
RUNNING: dict[int, tuple] = {}
#: Threads on which an array turned traced while RUNNING: its old memory was filled with nan.
FILLED: set[int] = set()


def check_callable(f, written) -> None:
    """Raise where something else was given for a function, to a call that is written so."""
    if not callable(f):
        raise errors.ArgumentError(
            f"{caller_of(written)} takes a function, it was given {noun_of(f)}.",
            fix=f"write {written}, with f itself, not f(x)",
        )


def check_tolerance(name, value) -> None:
    """Raise where an accuracy is no number from 0 on."""
    if not isinstance(value, int | float | np.integer | np.floating) or not value >= 0:
        raise errors.ArgumentError(
            f"{name} is {value!r}.", fix=f"give {name} as a number, 0 or more"
        )


def caller_of(written) -> str:
    """What is called, of a call as it is written."""
    return written.partition("(")[0].removeprefix("dr.")


def as_tuple(args) -> tuple:
    """Further arguments of a function, as SciPy takes them: one alone needs no tuple."""
    return args if isinstance(args, tuple) else (args,)


def as_primal(x, place="the argument"):
    """An argument to differentiate by: floating-point or complex array, scalar or tracer."""
    if type(x) is _ndarray:
        if x.dtype.kind in "fc":
            return x
        if x.dtype.kind in "iub":
            return x.astype(np.float64)
        if x.dtype == object:
            return as_primal(as_operand(x), place) if is_traced(x) else _refuse(x, place)
        return _refuse(x, place)
    if isinstance(x, Fillable):
        return as_primal(x.content(), place)
    if isinstance(x, Tracer):
        if not x.differentiates and x.dtype.kind in "iub":
            return x.astype(np.float64)
        return x.copy(None)  # the caller's own may be written while the transform runs
    if type(x) is float:
        return np.float64(x)
    if isinstance(x, _NUMBERS) and not isinstance(x, str | bytes):
        if isinstance(x, np.inexact):
            return x
        if isinstance(x, np.datetime64 | np.timedelta64 | np.void):
            return _refuse(x, place)
        return np.complex128(x) if isinstance(x, complex) else _as_float(x, place)
    if isinstance(x, _ndarray) and type(x).__name__ not in UNLIKE_ARRAYS:
        return as_primal(np.asarray(x), place)
    if hasattr(x, "dtype") and hasattr(x, "shape") and not isinstance(x, _ndarray):
        operand = as_operand(x)
        if operand is not x:
            return as_primal(operand, place)
        if hasattr(x, "__array_ufunc__"):  # a foreign array: CuPy, Dask
            return x.astype(np.float64) if x.dtype.kind in "iub" else x
    return _refuse(x, place)


def _as_float(x, place):
    """A number of Python's or NumPy's, whole or not, as a float."""
    try:
        return np.float64(x)
    except OverflowError:
        words, _ = _in_words(place)
        raise errors.ArgumentError(
            f"Derivatives are taken by floats of 64 bits; {words} is a whole number beyond them.",
            fix="pass a number of at most 1.79e308",
        ) from None


def _in_words(place):
    """Where an argument or a leaf of it stands, and the path of the leaf."""
    if isinstance(place, str):
        return place, ""
    whole, treedef, leaf = place
    path = trees.paths(treedef)[leaf]
    return f"{path} of {whole}" if path else whole, path


#: What an array holds that holds no numbers.
_ELEMENTS = {"O": "objects", "U": "texts", "S": "bytes", "V": "records"}


def noun_of(x):
    """What an object is called in an error, with its article: "an array of texts", "a ufunc"."""
    if x is None:
        return "None"
    cls = type(x)
    if cls.__name__ not in UNLIKE_ARRAYS and isinstance(x, _ndarray):
        return f"an array of {_ELEMENTS.get(x.dtype.kind, x.dtype)}"
    noun = cls.__name__.rstrip("_")
    # As it is spoken: an nditer, an NAType, a ufunc.
    return (
        f"{'an' if noun[0] in 'aeioAEIO' or noun.lower().startswith(('nd', 'na')) else 'a'} {noun}"
    )


def _refuse(x, place):
    """Raise for what is no array of numbers; place says in words where it stands, or of which leaf."""
    noun = noun_of(x)
    place, path = _in_words(place)
    is_result = place.startswith("the result")
    give = "return" if is_result else "pass"
    if isinstance(x, str | bytes) or noun.startswith("an array of "):
        raise errors.ArgumentError(
            f"Derivatives are taken by arrays of numbers; {place} is {noun}.",
            fix=_without_text(x, place, path, give),
        )
    if is_result and isinstance(
        x, types.CoroutineType | types.GeneratorType | types.AsyncGeneratorType
    ):
        if isinstance(x, types.CoroutineType):
            x.close()  # nobody will await it
        raise errors.StructureError(
            f"A function that is differentiated runs to its end when it is called; {place} is {noun}.",
            fix="differentiate an ordinary function; await or yield in the code that calls it",
        )
    raise errors.StructureError(
        f"{noun[0].upper()}{noun[1:]} is neither an array of numbers nor a known container ({place}).",
        fix=_instead_of(x, give),
    )


def _without_text(x, place, path, give):
    """What to do with a text, or an array of no numbers, among numbers."""
    kind = x.dtype.kind if isinstance(x, _ndarray) else "U"
    if kind == "V":
        return f"{give} its fields as arrays: {{name: a[name] for name in a.dtype.names}}"
    if kind != "O":
        if give == "return":
            return "return numbers or arrays alone, or, where has_aux=True is given, (result, rest)"
        if place == "the argument":
            return "differentiate by another argument: argnums counts them from 0"
        if path and path[path.rfind(".") + 1 :].isidentifier():
            return 'declare the field of the dataclass as field(metadata={"static": True})'
        if path:
            return (
                "differentiate a function of the numbers alone, which adds it: lambda x: f(x, text)"
            )
    return f"{give} an array of numbers"


def _instead_of(x, give):
    """What to pass or return instead of an object of an unknown class."""
    cls = type(x)
    if hasattr(x, "tocsr"):
        return f"{give} its numbers, S.data, and make the matrix where it is used"
    if cls.__name__ in UNLIKE_ARRAYS:
        return f"{give} {UNLIKE_ARRAYS[cls.__name__]}"
    for known in (dict, list, tuple):
        if isinstance(x, known) or (known is dict and isinstance(x, Mapping)):
            return f"{give} {known.__name__}(x)"
    if hasattr(cls, "to_numpy"):  # a table of pandas
        return f"{give} its numbers, x.to_numpy()"
    if cls.__module__.partition(".")[0] in (*sys.stdlib_module_names, "numpy"):
        if hasattr(x, "coef"):
            return f"{give} its coefficients, p.coef"
        if isinstance(x, Iterable):
            return f"{give} np.array(list(x))"
        # Times have __float__, and answer a date.
        is_float = hasattr(cls, "__float__") and not isinstance(x, np.generic)
        as_float = ", as float(x) is," if is_float else ""
        return f"{give} a number{as_float} or an array of numbers"
    return (
        f"dualrev.register_container({cls.__name__}, flatten, unflatten) says how it is taken apart"
    )


def place_of(args, kwargs):
    """What an error calls the argument that is differentiated by, of those of a call."""
    return "the argument" if kwargs or len(args) > 1 else "the only argument"


def flatten_arguments(tree, place):
    """Leaves as primals, and the treedef (None for a single array)."""
    if type(tree) is _ndarray or type(tree) is float or isinstance(tree, Tracer):
        return [as_primal(tree, place)], None
    leaves, treedef = trees.flatten(tree)
    if not leaves:
        raise errors.ArgumentError(
            f"There is nothing to differentiate by in {place}, {tree!r}.",
            fix="give an array, a number, or a structure that holds some",
        )
    return [as_primal(leaf, (place, treedef, i)) for i, leaf in enumerate(leaves)], treedef


def flatten_result(tree, f):
    """Leaves of what the user's function returned, stacked where it returned object arrays."""
    if isinstance(tree, Tracer):
        return [current(tree)], None
    leaves, treedef = trees.flatten(tree)
    if not leaves:
        raise errors.ArgumentError(
            f"`{name_of(f)}` returned {tree!r}: there is nothing to differentiate.",
            where="",
            fix="return an array or a number: a `return` may be missing",
        )
    arrays = []
    for leaf in leaves:
        if type(leaf) is _ndarray or isinstance(leaf, Fillable):
            leaf = as_operand(leaf)
        elif hasattr(leaf, "__array__") and not isinstance(leaf, Tracer | _ndarray | np.generic):
            leaf = _content(leaf)
        if isinstance(leaf, Tracer):
            leaf = current(leaf)
        elif isinstance(leaf, _NUMBERS):
            leaf = leaf if isinstance(leaf, np.generic) else np.asarray(leaf)[()]
        if not is_array_of_numbers(leaf):
            _refuse(leaf, f"the result of `{name_of(f)}`")
        arrays.append(leaf)
    return arrays, treedef


def is_array_of_numbers(leaf):
    """Whether it is traced, or an array or a number that may be."""
    kind = getattr(getattr(leaf, "dtype", None), "kind", None)
    if not isinstance(kind, str) or kind not in "fciub" or hasattr(leaf, "tocsr"):
        return False
    return isinstance(leaf, Tracer) or type(leaf).__name__ not in UNLIKE_ARRAYS


def _content(foreign):
    """What another library's array holds, where it has labels or holds traced values; else itself."""
    shown = as_operand(foreign)
    if shown is foreign:
        with contextlib.suppress(TypeError):  # CuPy's are not to be seen as ndarrays
            if is_traced(content := np.asarray(foreign)):
                return as_operand(content)
    return shown


def current(tracer):
    """A tracer that is returned: of a transform that still runs, and no stale view."""
    tracer.check_open()
    tracer.settle()
    return settle_doubt(tracer)


def unflatten(treedef, leaves):
    """The structure with these leaves; a single array where there was none."""
    return leaves[0] if treedef is None else trees.unflatten(treedef, leaves)


def flatten_tangents(tree, treedef, primals, what):
    """Leaves of tangents or cotangents, checked against their primals; copies, not the caller's."""
    leaves = [tree] if treedef is None else trees.flatten_like(treedef, tree, what)
    checked = []
    for leaf, primal in zip(leaves, primals):
        if type(leaf) is _ndarray and leaf.dtype == primal.dtype and leaf.shape == primal.shape:
            checked.append(np.array(leaf))  # most: without the questions below
            continue
        try:
            leaf = as_operand(leaf)
        except errors.DualrevError:
            raise
        except ValueError:
            raise errors.ShapeError(
                f"The {what} is a list of which the rows differ in length, its primal has shape "
                f"{primal.shape}.",
                fix=f"give a {what} of shape {primal.shape}",
            ) from None
        if isinstance(leaf, Tracer):
            leaf = leaf.copy()
        else:
            leaf = np.array(leaf) if isinstance(primal.shape and leaf, list | _ndarray) else leaf
            if not hasattr(leaf, "dtype"):
                leaf = np.asarray(leaf)[()]
        if not is_array_of_numbers(leaf):
            _refuse(leaf, f"the {what}")
        if leaf.shape != primal.shape:
            raise errors.ShapeError(
                f"The {what} has shape {leaf.shape}, its primal has shape {primal.shape}.",
                fix=f"give a {what} of shape {primal.shape}",
            )
        if leaf.dtype.kind == "c" and primal.dtype.kind != "c":
            raise errors.ComplexError(
                f"The {what} is complex, its primal is real ({primal.dtype}).",
                fix=f"give the real part: np.real({what})",
            )
        checked.append(leaf if leaf.dtype == primal.dtype else leaf.astype(primal.dtype))
    return checked


def conjugated(ct):
    """The other side of the complex convention: transpose inside, adjoint for users."""
    return ct.conj() if ct.dtype.kind == "c" else ct


def own_results(results, arguments=()):
    """Numbers, and plain, writeable, C-contiguous arrays that alias nothing, of what a sweep left."""
    if not arguments and len(results) == 1 and type(results[0]) is _ndarray:
        (result,) = results
        if result.base is None and result.ndim and result.flags.carray:  # most
            return results
    seen = set(map(id, arguments))
    owned = []
    for result in results:
        if type(result) is _ndarray:
            if not result.ndim:
                result = result[()]
            elif result.base is not None or not result.flags.carray:
                result = np.array(result, order="C")
            elif id(result) in seen:
                result = result.copy()
            seen.add(id(result))
        elif isinstance(result, Tracer):
            result = result.copy() if result.ndim else result[()]
        owned.append(result)
    return owned


def detached(tree, is_own):
    """An auxiliary result without the tracers of the transform that ends."""
    leaves, treedef = trees.flatten(tree)
    arrays = _ndarray, Fillable
    leaves = [settle_doubt(as_operand(x) if isinstance(x, arrays) else x) for x in leaves]
    return trees.unflatten(treedef, [x.copy().primal if is_own(x) else x for x in leaves])


def call_user(f, args, kwargs):
    """Call the user's function.

    ``y = np.zeros(3); y[0] = x[0]`` makes NumPy raise a ValueError "from" our CoercionError; users
    see the latter, which says what to type.
    """
    # With its removal 0.15 us.
    thread = get_ident()
    outer = RUNNING.get(thread)
    RUNNING[thread] = args, kwargs, 1 if outer is None else outer[2] + 1, outer
    try:
        result = f(*args, **kwargs)
        return result if thread not in FILLED else _with_nan_by_all(result, (args, kwargs))
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from (None if refusal in behind(error) else error)
    finally:
        if outer is None:
            del RUNNING[thread]
            FILLED.discard(thread)
        else:
            RUNNING[thread] = outer


def _with_nan_by_all(result, arguments):
    """The result, whose nan has the derivative nan by all that is traced.

    Who reads the memory that an array had before it turned traced reads nan, as a plain number:
    without this its derivative would be 0.
    """
    leaves, treedef = trees.flatten(result)
    whole = None
    for i, leaf in enumerate(leaves):
        nan = np.isnan(foundation(as_operand(leaf))) if _is_inexact(leaf) else np.False_
        if not nowhere(nan):
            if whole is None:
                traced = filter(is_traced, trees.flatten(arguments)[0])
                whole = sum(np.sum(x) for x in traced) * np.nan
            leaves[i] = np.where(nan, whole, as_operand(leaf))[()]
    return result if whole is None else trees.unflatten(treedef, leaves)


def _is_inexact(leaf):
    return isinstance(leaf, float | complex) or getattr(leaf, "dtype", np.dtype(int)).kind in "fc"


def running_depth():
    """How many functions that are being differentiated have called each other on this thread."""
    call = RUNNING.get(get_ident())
    return 0 if call is None else call[2]


def running_tracer(depth):
    """A tracer of the transform at this depth that runs on this thread; None where none is found."""
    call = RUNNING.get(get_ident())
    while call is not None and call[2] > depth:
        call = call[3]
    return None if call is None else tracer_in(call[:2])


def split_aux(result, f):
    """``(ans, aux)`` of a function with has_aux=True."""
    if not isinstance(result, tuple) or len(result) != 2:
        given = "an array" if isinstance(result, Tracer | _ndarray) else noun_of(result)
        raise errors.StructureError(
            f"`{name_of(f)}` must return a pair (result, aux) with has_aux=True, "
            f"it returned {given}.",
            where="",
            fix="return result, aux",
        )
    return result
