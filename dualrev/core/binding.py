"""Binding: a call as the user wrote it, brought into the form of its rule and to the right tracer.

Owns which level acts.  Must not know what a tracer looks like to NumPy.
"""

import copy
import inspect

import numpy as np

from dualrev import errors, losses
from dualrev.core.arrays import foundation, has_memory, rounds
from dualrev.core.operands import as_operand, is_index, sample_of
from dualrev.core.primitive import RULES, Primitive
from dualrev.core.traced import Fillable, Traced, is_differentiated, is_traced, tracer_in
from dualrev.errors import name_of
from dualrev.insides.lines import user_line

NO_KWARGS: dict = {}


def bind(rule, args, kwargs=NO_KWARGS):
    """Apply a primitive: the highest level among the arguments acts, lower ones are its constants."""
    top = _highest(args, kwargs)
    return rule.call(*args, **kwargs) if top is None else top._apply(rule, args, kwargs)


def _highest(args, kwargs):
    """The tracer of the highest level among arguments and options; None where nothing is traced."""
    top = None
    level = 0
    for a in args:
        if isinstance(a, Traced) and a.level > level:
            top = a
            level = a.level
    return tracer_in(kwargs, top) if kwargs else top  # an index, say


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
            _judge_once(rule.function, args, {**kwargs, "out": out})
            if isinstance(out, Traced) and any(map(out.overlaps, _joined(args))):
                raise errors.overlap(name_of(rule.function))
            traced = is_traced(args, kwargs)
            ans = apply(rule, args, kwargs) if traced else rule.function(*args, **kwargs)
            return _stored(ans, out, rule)
    arity = rule.arity
    if rule.word == "composition":
        if rule.judged:
            _judge_once(rule.function, args, kwargs)
        if kwargs and arity > len(args):
            names, _ = rule.find_parameters()
            kwargs = {k: as_operand(v) if k in names[:arity] else v for k, v in kwargs.items()}
        return rule.call(*map(as_operand, args[:arity]), *args[arity:], **kwargs)
    if arity < 0:
        _check_options(rule, args, kwargs)
    elif kwargs or len(args) != arity:
        args, kwargs = _arguments_by_name(rule, args, kwargs)
        if kwargs.get("dtype") is not None and rounds(kwargs["dtype"]):
            return constant_of(rule.call, args, kwargs)  # whole numbers: piecewise constant
    args = [as_operand(a) for a in args]
    top = _highest(args, kwargs)
    if top is None:
        raise missing_rule(rule.function, args, " of a structure")
    return top._apply(rule, args, kwargs)


def apply_as_numpy(rule, args, kwargs):
    """``apply``, which raises for a call that NumPy refuses what NumPy raises."""
    try:
        return apply(rule, args, kwargs)
    except errors.DualrevError:
        raise
    except Exception:
        _judge(rule.function, args, kwargs)
        raise


def _judge(function, args, kwargs):
    """Let NumPy refuse a call: with the numbers under all derivatives, of a batch with one row.

    Nothing of the user's is written, and no function of theirs called again.
    """
    given = [*args, *kwargs.values()]
    if not any(map(_is_foreign, given)):
        numbers = copy.deepcopy(sample_of(given))
        if not is_traced(numbers):  # as a program is, which knows none
            function(*numbers[: len(args)], **dict(zip(kwargs, numbers[len(args) :])))


def _is_foreign(x):
    """Whether it is a function of the user's, an array of objects, or one of another library."""
    if isinstance(x, list | tuple):
        return any(map(_is_foreign, x))
    if isinstance(x, np.ndarray) and x.dtype.hasobject:
        return True
    if callable(x):
        return not isinstance(x, type)
    return hasattr(type(x), "__array_function__") and not has_memory(x)


#: What NumPy takes: functions with the shapes and dtypes of their arrays, and with their options.
_ACCEPTED: set = set()


def _judge_once(function, args, kwargs):
    """``_judge``, for arrays of these shapes and dtypes the first time only."""
    try:
        key = function, _looks(args), tuple(kwargs), _looks(tuple(kwargs.values()))
        if key in _ACCEPTED:
            return
    except TypeError:  # an option that is not hashable, or nobody knows
        key = None
    with np.errstate(all="ignore"):
        _judge(function, args, kwargs)
    if key is not None and len(_ACCEPTED) < 10_000:
        _ACCEPTED.add(key)


def _looks(x):
    if isinstance(x, tuple | list):
        return type(x), *map(_looks, x)
    x = foundation(x)
    if isinstance(x, np.ndarray | Traced):
        return x.shape, x.dtype
    return type(x) if type(x) is float else (type(x), x)


def _joined(args):
    """Arrays that NumPy copies one after the other: those of a list."""
    return args[0] if args and type(args[0]) in (list, tuple) else ()


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
        traced = tracer is not None and is_differentiated(tracer) and not is_index(tracer)
        unknown = options is not None and name not in options
        if traced or unknown:
            what = f" with the argument `{name}`" + " traced" * traced
            if unknown and _must_be_given(rule.function, name):
                fix = f"declare a derivative by `{name}` too"
            elif traced:
                fix = f"hold `{name}` constant: dualrev.stop_gradient({name})"
            else:
                fix = f"leave out `{name}`"
            raise missing_rule(rule.function, args, what, fix)


def _must_be_given(function, name):
    """Whether a function of the user's cannot do without an argument."""
    if not isinstance(function, Primitive):
        return False
    parameter = inspect.signature(function).parameters.get(name)
    return parameter is not None and parameter.default is parameter.empty


def ufunc_with_options(rule, inputs, kwargs):
    """A ufunc call with out=, where=, dtype=, casting=, or the axis= of np.vecdot."""
    out = kwargs.get("out", (None,))
    if len(out) == 1 and out[0] is not None:
        _check_out(out[0], rule)
    _judge_once(rule.function, inputs, kwargs)
    kwargs.pop("out", None)
    where = kwargs.pop("where", True)
    dtype = kwargs.pop("dtype", None)
    casting = kwargs.pop("casting", "same_kind")
    if "axis" in kwargs and rule.function.signature == "(n),(n)->()":
        axis = kwargs.pop("axis")
        inputs = [np.moveaxis(as_operand(x), axis, -1) for x in inputs]
    if kwargs or len(out) > 1:
        names = ", ".join(kwargs) or "several outputs"
        fix = f"leave out {', '.join(kwargs) or 'out='}"
        raise missing_rule(rule.function, inputs, f" with {names}", fix)
    (out,) = out
    if dtype is not None:
        if np.dtype(dtype).kind not in "fc":
            raise missing_rule(rule.function, inputs, f" with dtype={dtype}", "leave out dtype=")
        inputs = _in_loop_of(rule.function, inputs, np.dtype(dtype), casting)
    ans = rule.function(*inputs)
    if where is not True:
        if out is None:
            raise errors.ArgumentError(
                f"{name_of(rule.function)} with where= but without out= leaves elements undefined.",
                fix="write np.where(condition, result, 0.0), with what is to stand elsewhere",
            )
        ans = np.where(where, ans, out)
    return ans if out is None else _stored(ans, out, rule)


_BOOL = np.dtype(bool)


def _in_loop_of(ufunc, inputs, dtype, casting):
    """The inputs in the dtypes of the loop that answers dtype: complex ones of np.absolute."""
    inputs = [as_operand(x) for x in inputs]
    given = [getattr(x, "dtype", _BOOL if type(x) is bool else type(x)) for x in inputs]
    wanted = (*[None] * ufunc.nin, *[dtype] * ufunc.nout)
    loop = ufunc.resolve_dtypes((*given, *[None] * ufunc.nout), signature=wanted, casting=casting)
    return [x.astype(of) if hasattr(x, "astype") else x for x, of in zip(inputs, loop)]


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
    if (
        isinstance(out, np.ndarray)
        and not isinstance(out, Traced | Fillable)
        and out.dtype != object
    ):
        raise losses.plain_array(f"{name_of(rule.function)} (out= or an in-place operator)")


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


def constant_of(compute, args, kwargs=NO_KWARGS):
    """The answer of a function that carries no derivative: the highest level says what it is there."""
    top = tracer_in((*args, kwargs) if kwargs else args)
    return compute(*args, **kwargs) if top is None else top._constant(compute, args, kwargs)


def elements_of(x, index):
    """``x[index]``, where x may be plain though the index is a batch."""
    return bind(RULES[np.ndarray.__getitem__], (x,), {"index": index})


# ---------------------------------------------------------------------------------- operators


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
    raise losses.with_sparse(name_of(rule.function))
