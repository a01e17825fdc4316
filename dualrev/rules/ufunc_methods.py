"""The methods of ufuncs, as they follow from its rule: reduce, accumulate, reduceat, outer.

A fold ``y[k] = f(y[k - 1], x[k])`` is differentiated through the two partials of f, over whole
arrays.  Must not know any ufunc by name, but those whose folds have a rule of their own.
"""

import numpy as np

from dualrev.axes import part_of, sliced
from dualrev.core.cotangents import PartialCotangent
from dualrev.core.guarded import guarded_product
from dualrev.core.primitive import METHODS, RULES, rule_of
from dualrev.core.words import composition, computed_below_by, constant, linear, rule
from dualrev.rules.indexing import added
from dualrev.rules.norms import norm_below
from dualrev.rules.recurrences import recurrence, shifted
from dualrev.rules.reductions import (
    count,
    in_dtype,
    keep_dims,
    kept_shape,
    last_axis,
    may_divide,
    unmerged,
)
from dualrev.rules.refused import refused
from dualrev.rules.shape import as_number
from dualrev.rules.signs import abs_below
from dualrev.ways import shifted as shifted_along

# ----------------------------------------------------------------------- reduce and accumulate

#: No initial element was given, where None would say that there is none: np.hypot.reduce([-3.0]) is
#: 3, as it starts with hypot's identity, 0.
_ITS_OWN = object()


def _partials_of(ufunc):
    """A step may be constant, as of np.floor_divide: the first element is not, which takes none."""
    return RULES[ufunc].partials or (0, 0)


def _partials(partials, ans, y, x, where=True):
    """Both partials of the steps ``ans = f(y, x)``, as arrays; a masked step leaves y as it is."""
    one = np.ones(ans.shape, ans.dtype)
    by_y, by_x = (one * (p(ans, y, x) if callable(p) else p or 0) for p in partials)
    return (by_y, by_x) if where is True else (np.where(where, by_y, 1), np.where(where, by_x, 0))


def _masked_accumulate(ufunc, x, where):
    ys = [x[..., 0]]
    for k in range(1, x.shape[-1]):
        ys.append(np.where(where[..., k], ufunc(ys[-1], x[..., k]), ys[-1]))
    return np.stack(ys, axis=-1)


def _join(*parts):
    return np.concatenate(parts, axis=-1)


def _running(ufunc, array, axis, initial, where):
    """The elements to fold as the last axis, the initial one first, their running fold, and the
    mask of its steps.
    """
    x = last_axis(array, axis)
    one = np.ones_like(x[..., :1])
    if where is not True:
        where = last_axis(np.broadcast_to(where, array.shape), axis)
        initial = ufunc.identity if initial is None else initial
    if initial is not None:
        x = _join(np.full_like(one, initial), x)
        where = where if where is True else _join(one != 0, where)
    if where is True:
        return x, rule_of(ufunc.accumulate).call(x, axis=-1), True
    return x, _masked_accumulate(ufunc, x, where), where[..., 1:]


def _weights(ufunc, array, axis, initial, where):
    """d y[n] / d x[k] = f_x[k] f_y[k + 1] ... f_y[n], with the folded axes as the last one."""
    if initial is _ITS_OWN:
        begins = count(array, axis) == 1 or _begins_at_identity(ufunc)
        initial = ufunc.identity if begins else None
    partials = _partials_of(ufunc)
    if partials == (1, -1) and where is True:  # a hundredth of the time
        signs = np.full(count(array, axis), -1.0)
        signs[:1] = 1 if initial is None else -1
        return np.broadcast_to(signs, last_axis(array, axis).shape)
    x, y, steps = _running(ufunc, array, axis, initial, where)
    by_y, by_x = _partials(partials, y[..., 1:], y[..., :-1], x[..., 1:], steps)
    one = np.ones_like(x[..., :1])
    later = np.cumprod(_join(by_y, one)[..., ::-1], axis=-1)[..., ::-1]
    weights = _join(one, by_x) * later
    return weights[..., weights.shape[-1] - last_axis(array, axis).shape[-1] :]


def _begins_at_identity(ufunc):
    """Whether its identity changes other numbers: most ufuncs of SciPy's say 0, and begin there."""
    return ufunc.identity is not None and getattr(np, ufunc.__name__, None) is not ufunc


def _may_misfold(ufunc):
    """Whether the compiled loop of a ufunc may not see that its output also is an input.

    With AVX512, NumPy 2.0 to 2.5 at least make 2**2 of np.power.reduce([2, 3, 2.0]).  Their running
    folds are right.  Those of a function of Python's, of np.frompyfunc, answer objects.
    """
    return ufunc in (np.power, np.arctan2) or "OO->O" in ufunc.types[:1]


def _last_of_running(ufunc):
    def call(array, axis=0, dtype=None, keepdims=False, initial=_ITS_OWN, where=True):
        initial = None if initial is _ITS_OWN else initial  # as in NumPy: these have no identity
        if not count(array, axis):
            return ufunc.reduce(array, axis, dtype, None, keepdims, initial, where)
        array = array if dtype is None else array.astype(dtype)
        _, y, _ = _running(ufunc, array, axis, initial, where)
        ans = y[..., -1]
        return ans.reshape(kept_shape(array, axis)) if keepdims else as_number(ans)

    return call


def _declare_reduce(ufunc, weigh=None):
    """``weigh(ans, array, axis, initial, where)`` in the place of the weights that steps have."""

    def weights_of(ans, *given):
        return _weights(ufunc, *given) if weigh is None else weigh(ans, *given)

    def jvp(tangents, ans, array, axis=0, dtype=None, keepdims=False, initial=_ITS_OWN, where=True):
        weights = weights_of(ans, in_dtype(array, dtype), axis, initial, where)
        t = guarded_product(last_axis(tangents[0], axis), weights).sum(axis=-1)
        return t.reshape(ans.shape)

    def vjp(
        ct, wanted, ans, array, axis=0, dtype=None, keepdims=False, initial=_ITS_OWN, where=True
    ):
        weights = weights_of(ans, in_dtype(array, dtype), axis, initial, where)
        ct = keep_dims(ct, array, axis, keepdims)
        return (guarded_product(ct, unmerged(weights, array, axis)),)

    call = _last_of_running(ufunc) if _may_misfold(ufunc) else None
    rule(ufunc.reduce, jvp, vjp, call=call, batch=shifted_along(0, flat=False))


def _declare_accumulate(ufunc):
    def parts(ans, array, axis):
        x, y = np.moveaxis(array, axis, -1), np.moveaxis(ans, axis, -1)
        by_y, by_x = _partials(_partials_of(ufunc), y[..., 1:], y[..., :-1], x[..., 1:])
        one = np.ones_like(x[..., :1])
        return one, by_y, _join(one, by_x)

    def jvp(tangents, ans, array, axis=0, dtype=None):
        """dy[k] = f_x[k] dx[k] + f_y[k] dy[k - 1]"""
        one, by_y, by_x = parts(ans, in_dtype(array, dtype), axis)
        terms = guarded_product(np.moveaxis(tangents[0], axis, -1), by_x)
        return np.moveaxis(recurrence(_join(one, by_y), terms), -1, axis)

    def vjp(ct, wanted, ans, array, axis=0, dtype=None):
        """x[k]' = f_x[k] u[k], u[k] = ct[k] + f_y[k + 1] u[k + 1]"""
        one, by_y, by_x = parts(ans, in_dtype(array, dtype), axis)
        backwards = np.moveaxis(ct, axis, -1)[..., ::-1]
        u = recurrence(_join(by_y, one)[..., ::-1], backwards)[..., ::-1]
        return (np.moveaxis(guarded_product(u, by_x), -1, axis),)

    def of_python_s(array, axis=0, dtype=None):
        """np.frompyfunc answers objects."""
        return ufunc.accumulate(array, axis).astype(array.dtype if dtype is None else dtype)

    call = of_python_s if ufunc.types == ["OO->O"] else None
    rule(ufunc.accumulate, jvp, vjp, call=call, batch=shifted_along(0, flat=True))


# ------------------------------------------------------------------------------------ reduceat


def _segments(indices, array, axis):
    """The index of the elements that are folded, segment after segment, and the segments' lengths.

    A segment ends before the next index; it is one element where that is not behind (NumPy's manual).
    """
    steps = np.diff(np.append(indices, array.shape[axis]))
    if (steps > 0).all():
        start = int(indices[0]) if steps.size else 0
        return part_of(axis, slice(start, None), array.ndim), steps
    lengths = np.maximum(steps, 1)
    starts = np.cumsum(lengths) - lengths
    places = np.arange(lengths.sum()) + np.repeat(indices - starts, lengths)
    return part_of(axis, places, array.ndim), lengths


def _add_reduceat_transpose(ct, array, indices, axis=0, dtype=None):
    key, lengths = _segments(indices, array, axis)
    return PartialCotangent(key, np.repeat(ct, lengths, axis), array, added)


linear(np.add.reduceat, _add_reduceat_transpose, None, batch=shifted_along(0, flat=True))


def _declare_weighted_reduceat(function, weigh):
    """A fold whose derivative by each element is ``weigh(taken, ans, total, starts, axis)``.

    There ``ans`` is repeated at the elements, ``total`` sums over each segment, repeated, and the
    segments begin at ``starts``.
    """

    def parts(ans, array, indices, axis):
        key, lengths = _segments(indices, array, axis)
        starts = np.cumsum(lengths) - lengths

        def spread(folded):
            return np.repeat(folded, lengths, axis)

        def total(x):
            return np.add.reduceat(x, starts, axis)

        weights = weigh(array[key], spread(ans), lambda x: spread(total(x)), starts, axis)
        return weights, key, spread, total

    def jvp(tangents, ans, array, indices, axis=0, dtype=None):
        weights, key, _, total = parts(ans, in_dtype(array, dtype), indices, axis)
        return total(guarded_product(tangents[0][key], weights))

    def vjp(ct, wanted, ans, array, indices, axis=0, dtype=None):
        weights, key, spread, _ = parts(ans, in_dtype(array, dtype), indices, axis)
        return PartialCotangent(key, guarded_product(spread(ct), weights), array, added), None

    rule(function, jvp, vjp, batch=shifted_along(0, flat=True))


def _shares(taken, ans, total, starts, axis):
    """Equal extrema share equally."""
    places = np.equal(taken, ans)
    return places / total(places.astype(np.intp))


for _extremum in (np.maximum, np.minimum, np.fmax, np.fmin):
    _declare_weighted_reduceat(_extremum.reduceat, _shares)


def _others(taken, ans, total, starts, axis):
    """The product of the other elements of the segment."""
    if may_divide(ans, taken):
        return ans / taken
    taken = np.moveaxis(taken, axis, -1)
    ends = np.append(starts[1:], taken.shape[-1])
    after = _before(taken[..., ::-1], taken.shape[-1] - ends)[..., ::-1]
    return np.moveaxis(_before(taken, starts) * after, -1, axis)


def _before(x, starts):
    """The product of the elements before each one of the same segment, along the last axis."""
    first = np.isin(np.arange(x.shape[-1]), starts)
    factors = np.where(first, 0, shifted(x, 1))
    return recurrence(factors, first + np.zeros_like(x), guarded=False)


_declare_weighted_reduceat(np.multiply.reduceat, _others)


def _one_by_one(ufunc):
    def last_of_running(x, axis):
        return ufunc.accumulate(x, axis=axis)[part_of(axis, -1, x.ndim)]

    fold = last_of_running if _begins_at_identity(ufunc) else ufunc.reduce

    def call(array, indices, axis=0, dtype=None):
        if dtype is not None:
            array = array.astype(dtype)
        if np.min(indices, initial=0) < 0:
            raise IndexError(f"a negative index is out of bounds for {ufunc.__name__}.reduceat")
        stops = np.append(indices[1:], array.shape[axis])
        parts = [
            fold(sliced(array, axis, i, j), axis=axis)
            if j > i + 1
            else array[part_of(axis, i, array.ndim)]
            for i, j in zip(indices.tolist(), stops.tolist())
        ]
        return np.stack(parts, axis) if parts else np.take(array, [], axis)

    return call


# --------------------------------------------------------------------------------------- outer


def _outer(ufunc):
    def call(A, B, **options):
        return ufunc(np.reshape(A, np.shape(A) + (1,) * np.ndim(B)), B, **options)

    return call


# --------------------------------------------------------------------------- every ufunc's own

_FOLDS = {
    "reduce": _declare_reduce,
    "accumulate": _declare_accumulate,
    "reduceat": lambda ufunc: composition(ufunc.reduceat, _one_by_one(ufunc), arity=2, judged=True),
}


def _method(name):
    def declare(ufunc):
        rule = RULES[ufunc]
        if ufunc.nin != 2 or ufunc.signature is not None:
            return
        steps = rule.word == "constant"
        if name == "outer":
            composition(ufunc.outer, _outer(ufunc), arity=2)
        elif steps and "dd->d" not in ufunc.types:
            constant(getattr(ufunc, name), batch=shifted_along(0, flat=name != "reduce"))
        elif ufunc.nout == 1 and (steps or rule.partials is not None):
            _FOLDS[name](ufunc)

    return declare


METHODS.update({name: _method(name) for name in (*_FOLDS, "outer")})

refused(
    "its exponent is a whole number, which its answer is not",
    "use np.multiply of powers of two",
    *(getattr(np.ldexp, name) for name in _FOLDS),
)

# ------------------------------------------------------------------------------- folds with a kink


def _strict_hypot_reduce(array, axis=0, **options):
    ans = np.hypot.reduce(array, axis=axis, **options)
    taken = np.where(options.get("where", True), array, 0)
    doubt = 0.0 * norm_below(last_axis(taken, axis), axis=-1)
    return ans + np.where(np.equal(ans, 0), doubt.reshape(ans.shape), 0)


def _strict_hypot_accumulate(array, axis=0, **options):
    ans = np.hypot.accumulate(array, axis=axis, **options)
    doubt = 0.0 * np.add.accumulate(abs_below(array), axis=axis)
    first = np.zeros(array.shape, bool)  # the element itself
    first[part_of(axis, slice(1), array.ndim)] = True
    # Behind a 0, too: by its elements a step has no slope, and the fold has a second derivative.
    zero = np.logical_or.accumulate(np.equal(ans, 0) & ~first, axis=axis)
    return ans + np.where(zero, doubt, 0)


def _over_norm(ans, array, axis, initial, where):
    """x / ans: steps that begin with 0 would lose the second derivative by what they begin with."""
    x = last_axis(array, axis)
    if where is not True:
        x = np.where(last_axis(np.broadcast_to(where, array.shape), axis), x, 0)
    norm = np.reshape(ans, (*x.shape[:-1], 1))
    return x / (norm + np.equal(norm, 0))


_declare_reduce(np.hypot, _over_norm)
_declare_accumulate(np.hypot)
computed_below_by(_strict_hypot_reduce, np.hypot.reduce)
computed_below_by(_strict_hypot_accumulate, np.hypot.accumulate)
