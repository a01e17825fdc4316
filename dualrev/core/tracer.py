"""Tracer: what stands for an array during a transform, and every way in which NumPy reaches it.

Owns levels, the operators, ndarray's attributes and methods, ``__array_ufunc__`` and
``__array_function__``.  Must not know what a Dual or a Var does with a primitive: subclasses say
that in ``_apply``, in its shortcut ``_unary``, and in their operators.
"""

import itertools
import operator
import sys

import numpy as np

from dualrev.core import errors
from dualrev.core.binding import (
    NO_KWARGS,
    Traced,
    apply,
    as_operand,
    base_of,
    bind,
    check_gathered,
    is_array,
    missing_rule,
    own_index,
    ufunc_with_options,
)
from dualrev.core.errors import name_of
from dualrev.core.primitive import RULES

# The one piece of global state.  Never decremented: an exception cannot leave it wrong.
next_level = itertools.count(1).__next__

_ndarray = np.ndarray


def _calling_module():
    """Name of the module that called our caller: some of NumPy and SciPy needs another answer."""
    return sys._getframe(2).f_globals.get("__name__", "")


# np.put(x, ...) and the like write into x: never mistaken for functions that answer a new array.
_WRITING_METHODS = frozenset({"byteswap", "put", "resize", "setfield", "setflags"})


class Tracer(Traced):
    """Stands for an array during a transform.

    Attributes
    ----------
    primal : array, scalar or Tracer of a lower level
        The ordinary value.
    mode : str
        "forward" or "reverse".
    level : int
        Of the transform that made it; the highest level among the arguments acts first.
    alias : tuple or None
        ``(owner, primal of the owner)`` of a view; it is stale when the owner has been written since.
    """

    __slots__ = ("alias", "level", "primal")
    __array_priority__ = 1000.0
    __hash__ = None  # type: ignore[assignment]

    # -- what NumPy asks first

    @property
    def shape(self):
        return self.primal.shape

    @property
    def ndim(self):
        return self.primal.ndim

    @property
    def size(self):
        return self.primal.size

    @property
    def dtype(self):
        primal = self.primal
        # np.mean, var and std of an object array make a plain number of what has a dtype; of what
        # has none, as they must here, they keep the quotient.
        if type(primal) is not _ndarray and _calling_module() == "numpy._core._methods":
            raise AttributeError("dtype")
        return primal.dtype

    @property
    def itemsize(self):
        return self.primal.itemsize

    @property
    def nbytes(self):
        return self.primal.nbytes

    def __len__(self):
        # A TypeError for 0-d is what lets np.array([x[0], x[1]]) take x[0] for an object.
        if not self.primal.ndim:
            raise TypeError("len() of unsized object")
        return self.primal.shape[0]

    def __iter__(self):
        if not self.primal.ndim:
            raise TypeError("iteration over a 0-d array")
        return map(self.__getitem__, range(self.primal.shape[0]))

    def __repr__(self):
        return f"{type(self).__name__}({base_of(self)!r}, level={self.level})"

    def __format__(self, spec):
        return format(base_of(self), spec)

    def __bool__(self):
        return bool(base_of(self))

    def __contains__(self, item):
        return base_of(item) in base_of(self)

    # -- NumPy's two protocols

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if method != "__call__":
            rule = RULES.get(getattr(ufunc, method))
            if rule is None:
                raise missing_rule(f"{name_of(ufunc)}.{method}", inputs, ufunc)
            if "out" in kwargs:
                kwargs["out"] = kwargs["out"][0]
            return apply(rule, inputs, kwargs)
        rule = RULES.get(ufunc)
        if rule is None:
            raise missing_rule(name_of(ufunc), inputs, ufunc)
        if kwargs:
            return ufunc_with_options(rule, inputs, kwargs)
        if rule.word == "constant":
            return rule.call(*map(base_of, map(as_operand, inputs)))
        if len(inputs) == 1:
            return self._unary(rule)
        return bind(rule, [x if isinstance(x, Tracer) else as_operand(x) for x in inputs])

    def __array_function__(self, function, types, args, kwargs):
        rule = RULES.get(function)
        if rule is None:
            raise missing_rule(name_of(function), args, function)
        # np.sum(x) and its like need no sorting of arguments: 0.8 us of 3.5
        if len(args) == 1 and not kwargs and rule.arity == 1 and rule.vjp is not None:
            if args[0] is self:
                return self._unary(rule)
        return apply(rule, args, kwargs)

    def __array__(self, dtype=None, copy=None):
        """What np.asarray makes of a tracer: an object array of its elements, as of a list of them.

        It cannot be written where NumPy would have given the array itself.
        """
        if _calling_module().startswith("scipy.sparse"):
            # An object that is no array: scipy.sparse then leaves S @ x to our __rmatmul__.
            out = np.empty((), object)
            out[()] = self
            return out
        if dtype is not None and np.dtype(dtype) != object:
            raise self._coercion(f"dtype={np.dtype(dtype)}")
        out = np.empty(self.size, object)
        if not self.ndim:
            out[0] = self
            return out.reshape(())
        check_gathered(self.size)
        for i, element in enumerate(self.reshape(-1)):
            if copy is not True:
                element.alias = self.alias or (self, self.primal)
            out[i] = element
        out = out.reshape(self.shape)
        if copy is not True:
            out.flags.writeable = False
        return out

    # -- a tracer never becomes a plain number

    def __float__(self):
        raise self._coercion("float")

    def __complex__(self):
        raise self._coercion("complex")

    def item(self, *args):
        """Refused: the number would carry no derivative."""
        raise self._coercion("item")

    def tolist(self):
        """Refused: the numbers would carry no derivative."""
        raise self._coercion("tolist")

    def _coercion(self, name):
        return errors.CoercionError(
            f"A traced array of shape {self.shape} was to become a plain number ({name}): its "
            "derivative would be lost.",
            fix="leave out float(), .item() and np.asarray(); write np.sin for math.sin; to fill an "
            "array use y = np.zeros_like(x, shape=n), then y[i] = ..., or gather the elements by "
            "np.array([...]) or np.stack([...])",
        )

    # Whole numbers are piecewise constant: like np.floor, they carry no derivative.
    def __int__(self):
        return int(base_of(self))

    def __index__(self):
        return operator.index(base_of(self))

    def __trunc__(self):
        return base_of(self).__trunc__()

    def __floor__(self):
        return int(np.floor(base_of(self)))

    def __ceil__(self):
        return int(np.ceil(base_of(self)))

    def __round__(self, ndigits=None):
        return round(base_of(self), ndigits)

    def __reduce__(self):
        raise errors.EscapedTracerError(
            "A traced array cannot be pickled or sent to another process.",
            fix="send plain arrays, and differentiate inside the process",
        )

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    # -- ndarray's attributes and methods

    def __getattr__(self, name):
        # np.array asks each element for __array_interface__ and others: 15 us to look them up in np.
        if name.startswith("__"):
            raise AttributeError(name)
        # Only what is not defined here arrives: x.mean, x.take; and x.sin, by which NumPy
        # computes np.sin of an object array.  (Or a property failed: its error must not be hidden.)
        if hasattr(type(self), name):
            raise AttributeError(f"{name} of a traced array could not be computed")
        method = getattr(_ndarray, name, None)
        rule = RULES.get(method) if method is not None else None
        if rule is None and name not in _WRITING_METHODS:
            function = getattr(np, name, None)
            if method is not None or isinstance(function, np.ufunc):
                rule = RULES.get(function) if function is not None else None
        if rule is None:
            hint = "" if method is None else "; it has no derivative rule"
            raise AttributeError(f"a traced array has no attribute {name!r}{hint}")

        def bound(*args, **kwargs):
            return apply(rule, (self, *args), kwargs)

        return bound

    @property
    def T(self):
        return self._unary(RULES[np.transpose])

    @property
    def mT(self):
        return apply(RULES[np.swapaxes], (self, -1, -2), NO_KWARGS)

    @property
    def real(self):
        return self if self.dtype.kind != "c" else self._unary(RULES[np.real])

    @property
    def imag(self):
        return apply(RULES[np.imag], (self,), NO_KWARGS)

    def conj(self):
        """Complex conjugate; as in NumPy, of a real array the array itself."""
        return self if self.dtype.kind != "c" else self._unary(RULES[np.conjugate])

    conjugate = conj

    def reshape(self, *shape, order="C", copy=None):
        """Same elements in another shape; equals ``numpy.ndarray.reshape``."""
        if len(shape) == 1 and type(shape[0]) is not int:
            (shape,) = shape
            if isinstance(shape, _ndarray):
                shape = tuple(shape.tolist())
        kwargs = {"shape": shape} if order == "C" else {"shape": shape, "order": order}
        return self._unary(RULES[np.reshape], kwargs)

    def transpose(self, *axes):
        """Permute the axes; equals ``numpy.ndarray.transpose``."""
        if len(axes) == 1 and not isinstance(axes[0], int):
            (axes,) = axes
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

    def has_nan(self):
        """Whether the primal or, in forward mode, the tangent holds a nan."""
        raise NotImplementedError

    def may_meet_nan(self, ct):
        """Whether a derivative of this product of ct and a partial may still find ``0 * inf``."""
        return False

    def check_open(self):
        """Raise EscapedTracerError where the transform of this tracer has ended."""
        raise NotImplementedError

    def flatten(self, order="C"):
        """A copy in one dimension; equals ``numpy.ndarray.flatten``."""
        return self.copy().reshape(-1, order=order).copy()

    # -- methods that write, unlike the functions of the same names

    def sort(self, axis=-1, **options):
        """Sort in place; equals ``numpy.ndarray.sort``."""
        self._write(np.sort(self, axis=axis, **options))

    def partition(self, kth, axis=-1, **options):
        """Partition in place; equals ``numpy.ndarray.partition``."""
        self._write(np.partition(self, kth, axis=axis, **options))

    def fill(self, value):
        """Set every element; equals ``numpy.ndarray.fill``."""
        self[...] = value

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
        return self._unary(RULES[np.ndarray.__getitem__], {"index": index})

    def _view(self, rule, index):
        return self._unary(rule, {"index": index})

    def __setitem__(self, index, value):
        index, _ = own_index(index)
        self._write(bind(RULES[operator.setitem], (self, as_operand(value)), {"index": index}))

    def _write(self, new):
        """Let this tracer stand for the new value, as an array that was written does."""
        if self.alias is not None:
            raise errors.InPlaceError(
                "An assignment into a view would have to change the array that it views.",
                fix="write into the array itself (y[1:3] = ... instead of v = y[1:]; v[:2] = ...), "
                "or take a copy first: v = y[1:].copy()",
            )
        self._rebind(new)

    def _write_result(self, new, operation):
        """Store the answer of ``operation`` in this array, under NumPy's conditions."""
        if not hasattr(new, "shape"):
            new = np.asarray(new)
        if new.shape != self.shape:
            new = np.broadcast_to(new, self.shape)
        if new.dtype != self.dtype:
            if not np.can_cast(new.dtype, self.dtype, casting="same_kind"):
                raise errors.InPlaceError(
                    f"{operation} cannot store {new.dtype} in an array of {self.dtype}.",
                    fix=f"make the array {new.dtype} first: y = y.astype('{new.dtype}')",
                )
            new = new.astype(self.dtype)
        if isinstance(new, Tracer):
            self._write(new)
        else:  # a constant, which stands in this traced array with zero derivative
            self[...] = new

    def _is_scalar(self):
        """Whether NumPy would hold a scalar here: immutable, so += makes a new one."""
        return not is_array(self)


_ARITHMETIC = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "pow": operator.pow,
    "matmul": np.matmul,
    "mod": np.remainder,
}


def give_operators(cls, make):
    """Give a class of tracers its arithmetic: ``make(ufunc, reflected)`` is one operator.

    Each operator is a function of its own, from the user's ``x * y`` to the answer without a
    further call: 60 ns of 800.
    """
    for name, ufunc in _ARITHMETIC.items():
        operate = make(ufunc, False)
        methods = {"": operate, "r": make(ufunc, True), "i": _in_place(ufunc, operate)}
        for prefix, method in methods.items():
            method.__name__ = f"__{prefix}{name}__"
            method.__qualname__ = f"{cls.__name__}.{method.__name__}"
            setattr(cls, method.__name__, method)


def _in_place(ufunc, operate):
    def in_place(self, other):
        if self._is_scalar():
            return NotImplemented
        new = operate(self, other)
        if new is NotImplemented:
            return new
        self._write_result(new, f"The in-place operator of {name_of(ufunc)}")
        return self

    return in_place


def _on_primals(compute):
    """An operator whose answer carries no derivative: comparison, floor division."""
    return lambda self, other: compute(base_of(self), base_of(as_operand(other)))


def _floor_divide_in_place(self, other):
    if self._is_scalar():
        return NotImplemented
    self._write_result(self // other, "The in-place operator //=")
    return self


for _name in ("lt", "le", "gt", "ge", "eq", "ne", "floordiv"):
    setattr(Tracer, f"__{_name}__", _on_primals(getattr(operator, f"__{_name}__")))
Tracer.__ifloordiv__ = _floor_divide_in_place
Tracer.__rfloordiv__ = lambda self, other: base_of(as_operand(other)) // base_of(self)
Tracer.__neg__ = lambda self: self._unary(RULES[np.negative])
Tracer.__pos__ = lambda self: self._unary(RULES[np.positive])
Tracer.__abs__ = lambda self: self._unary(RULES[np.absolute])
Tracer.__divmod__ = lambda self, other: (self // other, self % other)
