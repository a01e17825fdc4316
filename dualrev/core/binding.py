"""Binding: a call as the user wrote it, brought into the form of its rule and to the right tracer.

Owns what an operand is (lists, object arrays, indices) and which level acts.  Must not know what a
tracer looks like to NumPy.
"""

import inspect
import warnings
from dataclasses import replace

import numpy as np

from dualrev import errors, repairs
from dualrev.core.arrays import foundation
from dualrev.core.elementwise import elementwise
from dualrev.core.indices import is_mask
from dualrev.core.primitive import RULES, Primitive
from dualrev.core.traced import Fillable, Holder, Traced, is_differentiated, is_traced, tracer_in
from dualrev.core.words import linear
from dualrev.errors import name_of
from dualrev.insides import user_line, user_place

NO_KWARGS: dict = {}

_ndarray = np.ndarray
_generic = np.generic
_FLOAT = np.dtype(float)
#: Immutable scalars that need no coercion as an operand.
SCALARS = frozenset({float, int, bool, np.float64, np.float32, np.int64, np.complex128})
#: Subclasses of ndarray whose masks or operators would be lost by taking them for arrays.
#: And the ordinary array to take instead.
UNLIKE_ARRAYS = {"MaskedArray": "m.filled(0.0)", "matrix": "np.asarray(m)"}
STACK_WARNING, STACK_LIMIT = 1_000, 100_000


def bind(rule, args, kwargs=NO_KWARGS):
    """Apply a primitive: the highest level among the arguments acts, lower ones are its constants."""
    top = None
    level = 0
    for a in args:
        if isinstance(a, Traced) and a.level > level:
            top = a
            level = a.level
    if kwargs:
        top = tracer_in(kwargs, top)  # an index, say
    return rule.call(*args, **kwargs) if top is None else top._apply(rule, args, kwargs)


def with_answer(ans, primitive, *args, **kwargs):
    """Apply a primitive whose answer on the plain arrays is known already: it is not computed again.

    The pair meets it as ``ans``, at every level, and nobody else keeps it.
    """
    top = tracer_in(args)
    if not is_differentiated(top):
        return ans
    if not top.differentiates:
        return top.with_answer(with_answer, ans, primitive, args, kwargs)
    rule = RULES[primitive]
    known = [ans]

    def call(*primals, **options):
        below = rule.call if rule.call in RULES else primitive
        return with_answer(known.pop(), below, *primals, **options)

    return bind(replace(rule, call=call), args, kwargs)


def valued(x, value):
    """The derivatives of x with another rounding, or order, of its values: SciPy's own."""
    return with_answer(value, _same, x)


_same = elementwise(lambda x: x, 1, name="same")


def apply(rule, args, kwargs):
    """Bring a call as the user wrote it into the form of the rule, and bind it."""
    if len(args) > max(rule.arity, 1):
        args, kwargs = _out_by_name(rule, args, kwargs)
    if rule.word == "constant" and not isinstance(kwargs.get("out"), Traced | Fillable):
        return constant_of(rule.call, args, kwargs)
    if "out" in kwargs:
        kwargs = dict(kwargs)
        out = kwargs.pop("out")
        if out is not None:
            _check_out(out, rule)
            traced = is_traced(args, kwargs)
            ans = apply(rule, args, kwargs) if traced else rule.function(*args, **kwargs)
            return _stored(ans, out, rule)
    arity = rule.arity
    if rule.word == "composition":
        if kwargs and arity > len(args):
            names, _ = rule.find_parameters()
            kwargs = {k: as_operand(v) if k in names[:arity] else v for k, v in kwargs.items()}
        return rule.call(*map(as_operand, args[:arity]), *args[arity:], **kwargs)
    if arity < 0:
        _check_options(rule, args, kwargs)
    elif kwargs or len(args) != arity:
        args, kwargs = _arguments_by_name(rule, args, kwargs)
        if kwargs.get("dtype") is not None and np.dtype(kwargs["dtype"]).kind not in "fc":
            return constant_of(rule.call, args, kwargs)  # whole numbers: piecewise constant
    args = [as_operand(a) for a in args]
    if not any(isinstance(a, Traced) for a in args) and not is_traced(kwargs):
        raise missing_rule(rule.function, args, " of a structure")
    return bind(rule, args, kwargs)


def _out_by_name(rule, args, kwargs):
    """The call with out=, and what follows it, by name, where they were given by position."""
    names, _ = rule.find_parameters()
    if "out" not in names[: len(args)]:
        return args, kwargs
    place = names.index("out")
    return args[:place], {**dict(zip(names[place:], args[place:])), **kwargs}


def _arguments_by_name(rule, args, kwargs):
    """Split a call into the arrays, by position, and everything else, by name."""
    names, _ = rule.find_parameters()
    arrays = rule.arity
    variadic = args[len(names) :]  # f(*args)
    named = {**dict(zip(names, args)), **kwargs}
    # A default is left out, so that the rule's own default and NumPy's are one thing.
    given = {k: v for k, v in named.items() if k in names[:arrays] or v is not np._NoValue}
    if isinstance(rule.function, Primitive) and not all(name in given for name in names[:arrays]):
        bound = inspect.signature(rule.function).bind(*args, **kwargs)
        bound.apply_defaults()
        given = {**{name: bound.arguments[name] for name in names[:arrays]}, **given}
    args = [given.pop(name) for name in names[:arrays] if name in given]
    args.extend(variadic)
    _check_options(rule, args, given)
    return args, given


def _check_options(rule, args, given):
    """Raise where an option is one that the rule does not know, or traced."""
    options = None if rule.parameters is None else rule.parameters[1]
    for name, option in given.items():
        tracer = tracer_in(option)
        traced = is_differentiated(tracer) and not _is_index(tracer)
        if traced or (options is not None and name not in options):
            what = f" with the argument `{name}`" + " traced" * traced
            constant = f"hold `{name}` constant: dualrev.stop_gradient({name})"
            fix = constant if traced else f"leave out `{name}`"
            raise missing_rule(rule.function, args, what, fix)


def ufunc_with_options(rule, inputs, kwargs):
    """A ufunc call with out=, where=, dtype=, casting=, or the axis= of np.vecdot."""
    out = kwargs.pop("out", (None,))
    where = kwargs.pop("where", True)
    dtype = kwargs.pop("dtype", None)
    kwargs.pop("casting", None)
    if "axis" in kwargs and rule.function.signature == "(n),(n)->()":
        axis = kwargs.pop("axis")
        inputs = [np.moveaxis(as_operand(x), axis, -1) for x in inputs]
    if kwargs or len(out) > 1:
        names = ", ".join(kwargs) or "several outputs"
        fix = f"leave out {', '.join(kwargs) or 'out='}"
        raise missing_rule(rule.function, inputs, f" with {names}", fix)
    (out,) = out
    if out is not None:
        _check_out(out, rule)
    if dtype is not None:
        if np.dtype(dtype).kind not in "fc":
            raise missing_rule(rule.function, inputs, f" with dtype={dtype}", "leave out dtype=")
        inputs = [as_operand(x).astype(dtype) if hasattr(x, "astype") else x for x in inputs]
    ans = rule.function(*inputs)
    if where is not True:
        if out is None:
            raise errors.ArgumentError(
                f"{name_of(rule.function)} with where= but without out= leaves elements undefined.",
                fix="write np.where(condition, result, 0.0), with what is to stand elsewhere",
            )
        ans = np.where(where, ans, out)
    return ans if out is None else _stored(ans, out, rule)


def _stored(ans, out, rule):
    """The array given as out=, which holds the answer from now on."""
    name = name_of(rule.function)
    if isinstance(out, Fillable) and is_traced(ans):
        out.filled(ans, name)._write_result(ans, name)
    elif isinstance(out, Traced):
        out._write_result(ans, name)
    else:  # an array of objects can hold the traced elements
        out[...] = np.asarray(ans)
    return out


def _check_out(out, rule):
    if not isinstance(out, Traced | Fillable) and out.dtype != object:
        raise repairs.plain_array(f"{name_of(rule.function)} (out= or an in-place operator)")


def missing_rule(function, args, how="", fix=None):
    """The error for a call that has no rule, of a function or of what is called so."""
    name = function if isinstance(function, str) else name_of(function)
    place = next(
        (
            f"{a.mode} mode, argument {i}: {a.dtype} array of shape {a.shape}"
            for i, a in enumerate(args)
            if isinstance(a, Traced)
        ),
        "a traced argument",
    )
    return errors.no_rule(
        name + how,
        fix or f"declare one: dualrev.rule({name}, jvp=..., vjp=...)",
        where=", ".join(filter(None, (user_line(), place))),
    )


# ----------------------------------------------------------------------------------- operands


def bind_operator(rule, x, other, reflected):
    """An operator between a tracer and what is neither a number nor of the same transform."""
    other = as_operand(other, x)
    # None leaves an operator to the other side: NumPy's own protocol.
    if not hasattr(other, "shape") or getattr(other, "__array_ufunc__", True) is None:
        return NotImplemented
    # Of a tracer the question takes 3 us.
    if not isinstance(other, Traced) and hasattr(other, "tocsr"):
        rule, other = _with_sparse(rule, x, other)
    return bind(rule, (other, x) if reflected else (x, other))


def _with_sparse(rule, x, sparse):
    """What an operator means where the other side is a matrix of scipy.sparse."""
    is_matrix = type(sparse).__name__.endswith("_matrix")  # whose * is the matrix product
    if rule.function is np.multiply and is_matrix and x.ndim:
        rule = RULES[np.matmul]
    if rule.function is np.matmul:
        return rule, sparse if sparse.ndim > 1 else sparse.toarray()
    if rule.function in (np.add, np.subtract) and not is_matrix:
        return rule, sparse.toarray()  # the answer is dense, in SciPy too
    raise repairs.with_sparse(name_of(rule.function))


def base_of(x, level=0):
    """The array under all derivatives, plain or what stands for one; also inside lists and the like.

    With a level, what is under the tracers from that level on.
    """
    while isinstance(x, Traced) and x.level >= level:
        if not x.differentiates:
            return x if x.below is None else x.over(base_of(x.below, level))
        if x.alias is not None:
            x.settle()
        x = x.primal
    if isinstance(x, list | tuple):
        parts = [base_of(part, level) for part in x]
        return type(x)(*parts) if hasattr(x, "_fields") else type(x)(parts)
    if type(x) is dict:
        return {key: base_of(part, level) for key, part in x.items()}
    if isinstance(x, Fillable) or (type(x) is _ndarray and x.dtype == object):
        return base_of(as_operand(x), level)
    if isinstance(x, Holder):
        return x.over(base_of(x.data, level))
    return x


def elements_of(x, index):
    """``x[index]``, where x may be plain though the index is a batch."""
    return bind(RULES[np.ndarray.__getitem__], (x,), {"index": index})


def sample_of(x):
    """What is under all derivatives; of a batch one row: for what asks shapes, types and options."""
    if isinstance(x, list | tuple):
        return type(x)(map(sample_of, x))
    x = base_of(x)
    return x.sample() if isinstance(x, Traced) and hasattr(type(x), "sample") else x


def numbers_of(x):
    """The plain numbers under all derivatives, for what searches with them, which no program does."""
    if isinstance(x, list | tuple):
        return type(x)(map(numbers_of, x))
    x = base_of(x)
    return x.numbers() if isinstance(x, Traced) else x


def constant_of(compute, args, kwargs=NO_KWARGS):
    """The answer of a function that carries no derivative: the highest level says what it is there."""
    top = tracer_in((*args, kwargs) if kwargs else args)
    return compute(*args, **kwargs) if top is None else top._constant(compute, args, kwargs)


def is_array(x):
    """Whether NumPy would hold an array here, not a scalar, which nothing can write."""
    x = foundation(x)
    return x.stands_for_array() if isinstance(x, Traced) else not isinstance(x, _generic)


def as_operand(x, beside=None):
    """An argument as rules expect it: lists become arrays, object arrays of tracers traced ones.

    A complex number of Python's takes the precision of the array that it stands beside.
    """
    if type(x) is _ndarray:
        return stacked(x) if x.dtype.kind == "O" else x
    if isinstance(x, Traced) or type(x) in SCALARS:
        return x
    if type(x) is complex:
        # Python's own meets np.float64 in Python's way: no array comes out.
        dtype = np.complex128 if beside is None else np.result_type(beside.dtype, x).type
        return dtype(x)
    if isinstance(x, Fillable):
        return x.content()
    if isinstance(x, list | tuple):
        return gathered(x) if is_traced(x) else as_operand(np.array(x))
    if isinstance(x, _ndarray) and type(x).__name__ in UNLIKE_ARRAYS:
        raise errors.ArgumentError(
            f"A {type(x).__name__} met a traced array, which knows neither masks nor matrices.",
            fix=f"write {UNLIKE_ARRAYS[type(x).__name__]} for it"
            + ", and @ for its product" * (type(x).__name__ == "matrix"),
        )
    if isinstance(x, _ndarray) and (hasattr(x, "unit") or hasattr(x, "units")):
        raise errors.ArgumentError(
            f"A {type(x).__name__} met a traced array, which knows no units.",
            fix="write np.asarray(q) for it, its numbers",
        )
    is_tensor = hasattr(x, "__array__") and not isinstance(getattr(x, "dtype", _FLOAT), np.dtype)
    if is_tensor or hasattr(x, "to_numpy"):
        # So are columns of pandas and polars, and arrays of xarray: what they hold, without labels.
        return as_operand(np.asarray(x))
    return x


def gathered(nested):
    """The traced array that np.array would make of nested lists with traced elements."""
    leaves: list = []
    shape = _shape_of_numbers(nested, leaves)
    if shape is None:
        return np.stack([as_operand(part) for part in nested])
    one = bind(RULES[gather_scalars], leaves)
    return one if len(shape) == 1 else one.reshape(shape)


def _shape_of_numbers(nested, leaves):
    """The shape of nested lists whose leaves, which are added, are numbers; None where one is not."""
    if type(nested) in SCALARS:
        leaves.append(nested)
        return ()
    if isinstance(nested, list | tuple):
        shapes = {_shape_of_numbers(part, leaves) for part in nested}
        return (len(nested), *shapes.pop()) if len(shapes) == 1 and None not in shapes else None
    leaf = as_operand(nested)
    if getattr(leaf, "ndim", 0):
        return None
    leaves.append(_as_number(leaf))
    return ()


def stacked(elements):
    """One traced array from an object array whose elements are tracers (or plain numbers)."""
    flat = [e.content() if isinstance(e, Fillable) else e for e in elements.flat]
    if not any(isinstance(e, Traced) for e in flat):
        if all(isinstance(e, int | float | complex | _generic) for e in flat):
            return np.array(elements.tolist())
        return elements
    if elements.flags.writeable:  # else np.asarray made it, and has warned
        check_gathered(len(flat))
    one = gather_scalars(*map(_as_number, flat))
    return one if elements.ndim == 1 else one.reshape(elements.shape)


def _as_number(element):
    """An element of an array of objects, or of nested lists, that holds traced numbers."""
    if type(element) is _ndarray and not element.ndim:
        return element[()]
    if not isinstance(element, int | float | complex | _generic | Traced):
        raise errors.ArgumentError(
            f"An array mixes traced numbers with an object of type {type(element).__name__}.",
            fix="put numbers only into this array",
        )
    return element


def check_gathered(count, repair="write np.stack([...])"):
    """Warn where many traced elements become an array one by one, and refuse too many."""
    if count <= STACK_WARNING:
        return
    what = f"{count} traced elements were gathered one by one into an array"
    if count > STACK_LIMIT:
        raise errors.ArgumentError(f"{what}: too many.", fix=repair)
    text = f"{what}, which is slow; {repair}."
    warnings.warn_explicit(text, errors.PerformanceWarning, *user_place())


def _gather_batch(call, batched, *elements):
    rows = len(next(x for x, b in zip(elements, batched) if b))
    if all(type(x) is _ndarray or not b for x, b in zip(elements, batched)):
        gathered = np.empty((rows, len(elements)), np.result_type(*elements))
        for i, x in enumerate(elements):
            gathered[:, i] = x
        return gathered
    return np.stack([x if b else np.broadcast_to(x, rows) for x, b in zip(elements, batched)], 1)


gather_scalars = linear(
    lambda *elements: np.array(elements),
    together=lambda ct, wanted, ans, *elements: list(ct),
    batch=_gather_batch,
    name="array",
)


def _is_index(x):
    """Whether it is traced and chooses elements: by a level that does not differentiate."""
    return isinstance(x, Traced) and x.dtype.kind in "iub"


def chooses_view(index):
    """Whether the elements at an index, which is traced, are shown and not copied: as at numbers.

    A recorded number chooses again in each replay: what it shows has no place of its own.
    """
    parts = index if type(index) is tuple else (index,)
    if any(isinstance(part, Traced) and part.below is None for part in parts):
        return False
    return not any(np.ndim(part) or type(part) is bool or is_mask(part) for part in parts)


def own_index(index):
    """An index that later writes cannot change, and whether it is basic (its result is a view)."""
    parts = index if type(index) is tuple else (index,)
    basic = True
    own = []
    for part in parts:
        if type(part) is bool or type(part) is np.bool:
            basic = False
        if isinstance(part, list | _ndarray | Traced):
            part = part.copy() if _is_index(part) else np.array(base_of(part))
            if not part.size and part.dtype.kind == "f":  # x[[]]
                part = part.astype(np.intp)
            if part.dtype.kind not in "iub":
                raise IndexError(
                    f"arrays used as indices must be of integer or boolean type, not {part.dtype}"
                )
            basic = False
        elif getattr(part, "ndim", 0):  # an array of another library
            basic = False
        own.append(part)
    return (tuple(own) if type(index) is tuple else own[0]), basic
