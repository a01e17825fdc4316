"""Tracer: what stands for an array during a transform, and every way in which NumPy reaches it.

Owns levels, ndarray's methods, ``__array_ufunc__`` and ``__array_function__``.  Must not know what a
Dual or a Var does with a primitive: subclasses say that in ``_apply``, in its shortcut ``_unary``, and
in their operators.
"""

import itertools
import operator
from typing import Any

import numpy as np

from dualrev import errors, losses
from dualrev.core.arrays import PLAIN, has_memory
from dualrev.core.attributes import give_attributes
from dualrev.core.binding import (
    NO_KWARGS,
    apply,
    apply_as_numpy,
    bind,
    constant_of,
    missing_rule,
    ufunc_with_options,
)
from dualrev.core.operands import (
    as_operand,
    base_of,
    check_gathered,
    chooses_view,
    own_index,
)
from dualrev.core.operators import comparison
from dualrev.core.primitive import RULES, rule_of
from dualrev.core.traced import tracer_in
from dualrev.core.watching import EQUALITY_WATCHERS, WATCHERS, tell_of_equality, watched
from dualrev.core.writable import Writable
from dualrev.errors import name_of
from dualrev.insides.askers import (
    MISREAD_OBJECTS,
    coefficients_with_axes,
    dtype_shown,
    is_asked_in_python,
    is_wanted_as_a_number,
    who_asks_for_an_array,
)
from dualrev.insides.calls import scipy_call

# The one piece of global state.  Never decremented: an exception cannot leave it wrong.
next_level = itertools.count(1).__next__

_ndarray = np.ndarray


class Tracer(Writable):
    """Stands for an array during a transform.

    A reader's own says what a primitive does to it (``_apply``, and its operators, which operators.py
    names), what a write does (``copy``, ``_take_over``, ``_make_exclusive``, ``_overwrite``), and
    answers ``has_nan``, ``doubted`` and ``check_open``; the rest is here.

    Attributes
    ----------
    primal : array, scalar or Tracer of a lower level
        The ordinary value.
    mode : str
        "forward", "reverse", "batch" or "recording".
    level : int
        Of the transform that made it; the highest level among the arguments acts first.
    order : int
        Of the derivatives that this takes, the highest; none where it takes none.
    alias, writes
        Those of Writable.
    """

    __slots__ = ("alias", "level", "primal", "writes")
    primal: Any
    mode: str
    level: int
    order: Any
    __array_priority__ = 1000.0
    __pandas_priority__ = 10_000  # above a DataFrame's: its operators leave the answer to ours
    __hash__ = None  # type: ignore[assignment]

    # -- what NumPy asks first

    shape = property(operator.attrgetter("primal.shape"))
    ndim = property(operator.attrgetter("primal.ndim"))
    size = property(operator.attrgetter("primal.size"))
    itemsize = property(operator.attrgetter("primal.itemsize"))
    nbytes = property(operator.attrgetter("primal.nbytes"))
    strides = property(operator.attrgetter("primal.strides"))
    flags = property(operator.attrgetter("primal.flags"))

    dtype = property(dtype_shown)

    def __len__(self):
        # A TypeError for 0-d is what lets np.array([x[0], x[1]]) take x[0] for an object.
        if not self.ndim:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self):
        if not self.ndim:
            raise TypeError("iteration over a 0-d array")
        return map(self.__getitem__, range(self.shape[0]))

    def __repr__(self):
        return f"{type(self).__name__}({base_of(self)!r}, level={self.level})"

    def __format__(self, spec):
        return format(base_of(self), spec)

    def __bool__(self):
        return bool(base_of(self, self.level))

    def __contains__(self, item):
        return constant_of(operator.contains, (self, item))

    # -- NumPy's two protocols

    def _apply(self, rule, args, kwargs=NO_KWARGS):
        """The answer of a primitive, of whose arguments none has a higher level."""
        raise NotImplementedError

    def _unary(self, rule, kwargs=NO_KWARGS):
        """The same of this argument alone: a place for a shortcut."""
        return self._apply(rule, (self,), kwargs)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if method != "__call__":
            rule = rule_of(getattr(ufunc, method))
            if rule is None:
                raise missing_rule(f"{name_of(ufunc)}.{method}", inputs)
            if "out" in kwargs:
                kwargs["out"] = kwargs["out"][0]
            return apply_as_numpy(rule, inputs, kwargs)
        rule = RULES.get(ufunc)
        if rule is None:
            if set("".join(ufunc.types)) <= set("O->"):  # np.frompyfunc: a function of Python's
                ans = ufunc(*(np.asarray(x, object) for x in inputs), **kwargs)
                return tuple(map(as_operand, ans)) if ufunc.nout > 1 else as_operand(ans)
            raise missing_rule(ufunc, inputs)
        if kwargs:
            return ufunc_with_options(rule, inputs, kwargs)
        if rule.word == "constant":
            if WATCHERS:
                watched(*inputs)
            if len(inputs) == 1:
                if ufunc is np.isnan and is_wanted_as_a_number():
                    raise self._coercion()
                return self._constant(rule.call, inputs, NO_KWARGS)
            ans = constant_of(rule.call, [as_operand(x) for x in inputs])
            if EQUALITY_WATCHERS and ufunc in (np.equal, np.not_equal):
                tell_of_equality(ufunc is np.equal, *inputs, ans)
            return ans
        if len(inputs) == 1:
            return self._unary(rule)
        if type(inputs[0]) is _ndarray and len(inputs) == 2:
            x, y = inputs
            if x.base is not None or x.ndim != y.ndim:
                x = coefficients_with_axes(x)
            if x.dtype.hasobject:
                return bind(rule, (as_operand(x), y))
            return self._apply(rule, (x, y), NO_KWARGS)  # as bind would: 0.5 us less
        return bind(rule, [x if isinstance(x, Tracer) else as_operand(x, self) for x in inputs])

    def __array_function__(self, function, types, args, kwargs):
        rule = RULES.get(function)
        if rule is None:
            raise missing_rule(function, args)
        # np.sum(x) and its like need no sorting of arguments: 0.8 us of 3.5
        if len(args) == 1 and not kwargs and rule.arity == 1 and rule.vjp is not None:
            if args[0] is self:
                return self._unary(rule)
        return apply_as_numpy(rule, args, kwargs)

    def __array__(self, dtype=None, copy=None):
        """What np.asarray makes of a tracer: an object array of its elements, as of a list of them.

        It cannot be written where NumPy would have given the array itself.
        """
        asker = who_asks_for_an_array()
        if asker == "strides":
            # Strides of the numbers would lead out of an array of objects.
            return RULES[np.lib.stride_tricks.as_strided].refuse()
        if asker == "whole":
            return self._as_objects(asker, copy)
        # Without a twin it may be plain Python, like scipy.optimize.rosen, and do with objects.
        path = scipy_call()
        if path is not None and errors.twin_of and errors.twin_of(path):
            raise self._coercion()
        if path is not None and (asker == "numbers" or path in MISREAD_OBJECTS):
            raise losses.lost_in_scipy(path)
        if asker == "parts" or (dtype is not None and np.dtype(dtype) != object):
            raise self._coercion()
        return self._as_objects(asker, copy)

    def _as_objects(self, asker, copy):
        """An array of objects: of this one, or of its elements."""
        if asker == "whole" or not self.ndim:
            out = np.empty((), object)
            out[()] = self
            return out
        check_gathered(self.size, "leave out np.asarray(x): x is an array already")
        in_columns = has_memory(self) and self.flags.fnc  # which ravel("K") goes along
        out = np.empty(self.shape, object, "F" if in_columns else "C")
        flat = self.reshape(-1)
        getitem = RULES[operator.getitem]
        for i, place in enumerate(np.ndindex(self.shape)):
            element = flat[i]
            if copy is not True:
                element.alias = self._alias_by(getitem, {"index": place})
            out[place] = element
        if copy is not True:
            out.flags.writeable = False
        return out

    # -- a tracer never becomes a plain number

    def __float__(self):
        raise self._coercion()

    def __complex__(self):
        raise self._coercion()

    def _coercion(self):
        path = scipy_call()
        return losses.plain_number(self.shape) if path is None else losses.lost_in_scipy(path)

    # Whole numbers are piecewise constant: like np.floor, they carry no derivative.
    def __int__(self):
        return int(base_of(self, self.level))

    def __index__(self):
        number = base_of(self, self.level)
        if number.ndim == 0 and number.dtype.kind == "f":
            raise losses.counting_number()
        return operator.index(number)

    def __trunc__(self):
        return base_of(self, self.level).__trunc__()

    def __floor__(self):
        return int(np.floor(base_of(self, self.level)))

    def __ceil__(self):
        return int(np.ceil(base_of(self, self.level)))

    def __round__(self, ndigits=None):
        return round(base_of(self, self.level), ndigits)

    def is_integer(self):
        """Whether a number is a whole one; equals ``numpy.float64.is_integer``."""
        return base_of(self, self.level).is_integer()

    def __reduce__(self):
        raise errors.EscapedTracerError(
            "A traced array cannot be pickled or sent to another process.",
            fix="differentiate inside the other process, and send it plain arrays",
        )

    def __copy__(self):
        return self.copy("K")

    def __deepcopy__(self, memo):
        return self.copy("K")

    # -- ndarray's attributes and methods

    def _constant(self, compute, args, kwargs):
        """The answer of a function that carries no derivative: that of what is below this level."""
        if len(args) == 1 and args[0] is self and self.alias is None and not kwargs:
            below = (self.primal,)
            if type(self.primal) in PLAIN:
                return compute(self.primal)  # of most: 2 us less
        else:
            below = [base_of(x, self.level) for x in args]
            kwargs = base_of(kwargs, self.level)
        return constant_of(compute, below, kwargs)

    @property
    def T(self):
        return self._unary(RULES[np.transpose])

    @property
    def mT(self):
        return apply(RULES[np.swapaxes], (self, -1, -2), NO_KWARGS)

    @property
    def real(self):
        return self if self.dtype.kind != "c" else self._unary(RULES[np.real])

    @real.setter
    def real(self, value):
        self.real[...] = value

    @property
    def imag(self):
        return apply(RULES[np.imag], (self,), NO_KWARGS)

    @imag.setter
    def imag(self, value):
        if self.dtype.kind != "c":
            raise TypeError("array does not have imaginary part to set")
        self.imag[...] = value

    def conj(self):
        """Complex conjugate; as in NumPy, of a real array the array itself."""
        return self if self.dtype.kind != "c" else self._unary(RULES[np.conjugate])

    conjugate = conj

    def reshape(self, *shape, order="C", copy=None):
        """Same elements in another shape; equals ``numpy.ndarray.reshape``."""
        if len(shape) == 1 and type(shape[0]) is not int:
            (shape,) = shape
            if type(shape) is not tuple:  # but the caller's list or array
                shape = tuple(np.ravel(shape).tolist())
        kwargs = {"shape": shape} if order == "C" else {"shape": shape, "order": order}
        if copy is not None:
            kwargs["copy"] = copy
        return self._unary(RULES[np.reshape], kwargs)

    def transpose(self, *axes):
        """Permute the axes; equals ``numpy.ndarray.transpose``."""
        if len(axes) == 1 and not isinstance(axes[0], int | np.integer):
            (axes,) = axes
            axes = axes if axes is None else tuple(axes)  # not the caller's list
        return self._unary(RULES[np.transpose], {"axes": axes} if axes else NO_KWARGS)

    def sum(self, axis=None, dtype=None, out=None, keepdims=False, **options):
        """Sum over axes; equals ``numpy.ndarray.sum``."""
        if dtype is None and out is None and not options:
            return self._unary(RULES[np.sum], {"axis": axis, "keepdims": keepdims})
        options.update(axis=axis, dtype=dtype, out=out, keepdims=keepdims)
        return apply(RULES[np.sum], (self,), options)

    def copy(self, order="C"):
        """The same values, in an array of their own; equals ``numpy.ndarray.copy``."""
        raise NotImplementedError

    def item(self, *args):
        """One element, which stays traced; equals ``numpy.ndarray.item``."""
        if not args and self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        if not is_asked_in_python("item"):
            raise self._coercion()
        place = args[0] if len(args) == 1 else args or 0
        return self[place] if isinstance(place, tuple) else self.reshape(-1)[place]

    def tolist(self):
        """Nested lists of the elements, which stay traced; equals ``numpy.ndarray.tolist``."""
        return [row.tolist() for row in self] if self.ndim else self[()]

    def has_nan(self):
        """Whether the primal or, in forward mode, the tangent holds a nan."""
        raise NotImplementedError

    def tangents(self):
        """The arrays of which its tangent consists, if it has one."""
        return ()

    def zeros_around(self, shape, dtype):
        """Zeros to whose slices this is added, by ``add_slice``; None where there is no such way."""
        return None

    def may_meet_nan(self, ct):
        """Whether a derivative of this product of ct and a partial may still find ``0 * inf``."""
        return False

    def doubted(self, where):
        """The same, where a pull must find nan behind every use of these elements."""
        raise NotImplementedError

    def check_open(self):
        """Raise EscapedTracerError where the transform of this tracer has ended."""
        raise NotImplementedError

    def flatten(self, order="C"):
        """A copy in one dimension; equals ``numpy.ndarray.flatten``."""
        return self.copy().reshape(-1, order=order).copy()

    def compress(self, condition, axis=None):
        """Elements along an axis where the condition holds; equals ``numpy.ndarray.compress``."""
        return np.compress(condition, self, axis=axis)

    # -- indexing and assignment

    def __getitem__(self, index):
        kind = type(index)
        if kind is int or kind is slice:
            return self._view(RULES[operator.getitem], index)
        index, basic = own_index(index)
        if basic:
            return self._view(RULES[operator.getitem], index)
        rule = RULES[operator.getitem if chooses_view(index, self.ndim) else np.ndarray.__getitem__]
        top = tracer_in(index, self)
        if top is not self:
            return top._apply(rule, (self,), {"index": index})
        return self._unary(rule, {"index": index})

    def _view(self, rule, index):
        return self._unary(rule, {"index": index})


def _floor_divide_in_place(self, other):
    if self._is_scalar():
        return NotImplemented
    self._write_result(self // other, "The in-place operator //=")
    return self


give_attributes(Tracer)
for _name in ("lt", "le", "ge"):
    setattr(Tracer, f"__{_name}__", comparison(getattr(operator, f"__{_name}__")))
Tracer.__ne__ = comparison(operator.ne, np.False_)  # type: ignore[method-assign]
Tracer.__eq__ = comparison(operator.eq, np.True_)  # type: ignore[method-assign]
Tracer.__gt__ = comparison(operator.gt, np.False_)
# Piecewise constant too.
Tracer.__floordiv__ = lambda self, other: constant_of(operator.floordiv, (self, as_operand(other)))
Tracer.__ifloordiv__ = _floor_divide_in_place
Tracer.__rfloordiv__ = lambda self, other: constant_of(operator.floordiv, (as_operand(other), self))
Tracer.__neg__ = lambda self: self._unary(RULES[np.negative])
Tracer.__pos__ = lambda self: self._unary(RULES[np.positive])
Tracer.__abs__ = lambda self: self._unary(RULES[np.absolute])
Tracer.__divmod__ = lambda self, other: (self // other, self % other)
Tracer.__rdivmod__ = lambda self, other: (other // self, other % self)
