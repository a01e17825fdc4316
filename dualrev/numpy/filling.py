"""Arrays that can take traced values: ordinary ones until a traced value is written into one.

Owns what becomes of such an array, and of its views, at that moment.  Must not know which functions
make them.

NumPy gives no hook for ``y = np.zeros(n); y[i] = x[0]``: the array is plain, and its memory holds
numbers.  A FillableArray is an ndarray in all, C code that is given its memory included.  When a
traced value is written, it and its living views become FilledArrays, which hand everything on to a
tracer.  Who still reads the old memory, through plain views or in C, reads nan; who takes a
FilledArray itself for numbers finds objects that raise.
"""

import functools
import threading
import weakref

import numpy as np

from dualrev import errors, losses
from dualrev.calls import FILLED, running_depth, running_tracer
from dualrev.core.assignment import own_copy
from dualrev.core.binding import bind
from dualrev.core.flat_iterator import FlatIterator
from dualrev.core.primitive import RULES
from dualrev.core.traced import NEVER_TRACED, Fillable, Traced, is_traced, tracer_in
from dualrev.insides.askers import is_operand_of_sparse
from dualrev.insides.calls import scipy_call
from dualrev.numpy.showing import is_writeable, view_of
from dualrev.readers.captured import always_copy
from dualrev.readers.var import Var
from dualrev.rules.shape import filled

__all__ = ["FillableArray", "FilledArray", "fillable"]

_ndarray = np.ndarray
# The first traced value changes an array and all its views: threads that write one must take turns.
_TURN = threading.RLock()


class _LikeNdarray(type):
    """The class of these classes: ``type(y) == np.ndarray`` holds, as it does of NumPy's own."""

    def __eq__(cls, other):
        return cls is other or other is _ndarray

    def __hash__(cls):
        return hash(_ndarray)


class FillableArray(_ndarray, Fillable, metaclass=_LikeNdarray):
    """An ndarray that becomes a FilledArray when a traced value is written into it.

    Attributes
    ----------
    depth : int
        Of an array that owns its elements: that of the transform within which it was made.
    views : list of weakref, or None
        Of one that owns its elements: the views of it.
    shares : FillableArray or None
        Of a view that NumPy has made by way of a plain one: the array that owns the elements.
    shown : weakref or None
        Of a view: the plain array that shows the same, while somebody holds it.
    tracer : Tracer
        Of a FilledArray: what it stands for.
    memory : ndarray or None
        Of a FilledArray: the memory that it had, for those who still read it; None: it has it.
    """

    __slots__ = ("depth", "memory", "shares", "shown", "tracer", "views")

    def __array_finalize__(self, parent):
        self.views = self.shown = self.shares = None
        owner = self.base
        if not isinstance(owner, FillableArray):
            # np.broadcast_to makes a plain view first, and says then of what.
            if not isinstance(parent, FillableArray) or not np.may_share_memory(self, parent.owner):
                self.depth = running_depth()
                return
            owner = self.shares = parent.owner
        owner._note(self)

    def _note(self, view):
        views = self.views
        if views is None:
            views = self.views = []
        elif len(views) >= 32 and not len(views) & (len(views) - 1):
            views[:] = [seen for seen in views if seen() is not None]
        views.append(weakref.ref(view))

    def __array_wrap__(self, array, context=None, return_scalar=False):
        if return_scalar:
            return array[()]
        if array.dtype.kind not in "fc" or isinstance(array, FillableArray):  # as out=
            return array
        if not array.flags.writeable:  # of what was broadcast: nobody fills it
            return array
        if array.base is not None and np.may_share_memory(array, self.owner):  # from squeeze
            whole = self.owner.ravel("K")
            offset = _address(array) - _address(whole)
            return _ndarray.__new__(
                FillableArray, array.shape, array.dtype, whole, offset, array.strides
            )
        return fillable(array)

    def __reduce__(self):
        return self.content().__reduce__()

    def __reduce_ex__(self, protocol):
        return self.content().__reduce_ex__(protocol)

    def copy(self, order="C"):
        """The same values in an array of their own; equals ``numpy.ndarray.copy``."""
        return fillable(np.array(self, order=order))

    @property
    def owner(self):
        """The array that owns the elements."""
        if isinstance(self.base, FillableArray):
            return self.base
        return self if self.shares is None else self.shares

    def content(self):
        """A plain array that shows the same memory, and does not keep this one."""
        owner = self.owner
        memory = owner.base
        if memory is None:  # of an array that C made
            return np.array(self)
        if owner is self:
            return memory
        shown = None if self.shown is None else self.shown()
        if shown is None:
            whole = memory.reshape(-1) if memory.flags.c_contiguous else memory.ravel("K")
            offset = _address(self) - _address(memory)
            shown = _ndarray(self.shape, self.dtype, whole, offset, self.strides)
            shown.flags.writeable = is_writeable(self)
            self.shown = weakref.ref(shown)  # a tape knows an array that it meets again by its id
        return shown

    # -- what writes values

    def __setitem__(self, index, value):
        with _TURN:
            target = self._target(value, index)
            if target is self:
                _ndarray.__setitem__(self, index, value)
            else:
                target[index] = value

    def fill(self, value):
        """Set every element; equals ``numpy.ndarray.fill``."""
        self._write("fill", value, value)

    def put(self, indices, values, mode="raise"):
        """Set elements by their number; equals ``numpy.ndarray.put``."""
        self._write("put", values, indices, values, mode)

    def _write(self, method, value, *args):
        with _TURN:
            target = self._target(value)
            getattr(_ndarray if target is self else type(target), method)(target, *args)

    def __imatmul__(self, other):  # type: ignore[misc]
        # The other operators in place are ufuncs with out=.
        with _TURN:
            target = self._target(other)
            if target is self:
                return _ndarray.__imatmul__(self, other)
            target @= other
            return self

    def overlaps(self, other):
        """Whether a write into this array may change another one."""
        content = self.content()
        if isinstance(content, Traced):
            return content.overlaps(other)
        return not isinstance(other, Traced) and np.may_share_memory(content, other)

    @property
    def flat(self):
        """The elements in C order; equals ``numpy.ndarray.flat``."""
        return FlatIterator(self)

    @flat.setter
    def flat(self, value):
        self.flat[:] = value

    @property
    def real(self):
        """The real part, a view; equals ``numpy.ndarray.real``."""
        return _ndarray.real.__get__(self)

    @real.setter
    def real(self, value):
        self.real[...] = value

    @property
    def imag(self):
        """The imaginary part, a view; equals ``numpy.ndarray.imag``."""
        return _ndarray.imag.__get__(self)

    @imag.setter
    def imag(self, value):
        self.imag[...] = value

    def _target(self, value, index=None):
        """What a value is written into: this array, or the tracer that it stands for, from now on."""
        if type(self) is FilledArray:  # made so by another thread
            return self.tracer
        if type(index) not in NEVER_TRACED and self.dtype.kind in "fc":
            tracer = tracer_in(index)
            if tracer is not None and tracer.below is not None:  # each row is written elsewhere
                return self.filled((value, index), "An assignment")
        if type(value) in NEVER_TRACED or self.dtype.kind not in "fc" or not is_traced(value):
            return self
        return self.filled(value, "An assignment")

    def filled(self, value, name):
        """The tracer that it stands for from now on, of the transform of a traced value."""
        if self.dtype.kind not in "fc":
            raise errors.plain_array(name)
        with _TURN:
            owner = self.owner
            if not isinstance(owner, FilledArray):
                tracer = tracer_in(value)
                # An outer variable may be written first, and one of the transform that runs next.
                owner._become(tracer_in(running_tracer(owner.depth), tracer))
        return self.tracer

    def _become(self, value):
        """Make this array, which owns its elements, and its views stand for traced ones."""
        memory = self.view(_ndarray) if self.base is None else self.base
        options = {"shape": memory.shape, "dtype": memory.dtype}
        tracer = bind(RULES[filled], (value, memory.copy()), options)
        if tracer.strides != memory.strides:
            tracer = own_copy(tracer, memory.strides)
        views = [view for seen in self.views or () if (view := seen()) is not None]
        shows = [view_of(tracer, view, _address(view) - _address(memory)) for view in views]
        memory.fill(np.nan)
        FILLED.add(threading.get_ident())
        self._stand_for(
            tracer, self.base
        )  # not a view of itself: plain arrays in a cycle stay for ever
        for view, x in zip(views, shows):
            view._stand_for(x, memory)

    def _stand_for(self, tracer, memory):
        self.__class__ = FilledArray
        self.tracer, self.memory, self.views = tracer, memory, None
        if _ndarray.base.__get__(self) is not None:  # else the memory would go with it
            # From now on np.asarray finds objects: to compute with them raises, in C too.
            state = (1, _ndarray.shape.__get__(self), np.dtype(object), False)
            _ndarray.__setstate__(self, (*state, [_NOT_HERE] * _ndarray.size.__get__(self)))


def _address(array):
    return array.__array_interface__["data"][0]


class _NotHere(Traced):
    """The element of a FilledArray for who takes its elements from memory: all use of it raises."""

    __slots__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def _refuse(self, *args):
        path = scipy_call()
        if path is not None:
            raise losses.lost_in_scipy(path)
        raise errors.CoercionError(
            "An array that holds traced values was taken for one of plain numbers: its derivative "
            "would be lost.",
            fix="give a copy in its place, y.copy(), which is a traced array",
        )

    def __reduce__(self):
        return "_NOT_HERE"


for _name in (
    *("float", "complex", "int", "index", "bool", "abs", "neg", "pos", "round", "floor", "ceil"),
    *("lt", "le", "gt", "ge", "eq", "ne", "array_ufunc", "array_function"),
    *(
        prefix + operator
        for operator in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
        for prefix in ("", "r")
    ),
):
    setattr(_NotHere, f"__{_name}__", _NotHere._refuse)
_NotHere.__hash__ = object.__hash__  # type: ignore[method-assign]
_NOT_HERE = _NotHere()


# --------------------------------------------------------------------------- what stands for a tracer


class FilledArray(FillableArray):
    """What a FillableArray is from the first traced value on: all that is done is done to its tracer."""

    __slots__ = ()

    def __array_finalize__(self, parent):
        _NOT_HERE._refuse()  # NumPy copies or shows its memory by itself

    def content(self):
        """The tracer that it stands for."""
        return self.tracer

    def filled(self, value, name):
        """The same, which takes more values."""
        return self.tracer

    @property
    def base(self):
        """None: its elements are in its tracer."""
        return None

    @property
    def ndim(self):
        """Number of axes; none to scipy.sparse, which leaves ``S @ y`` to what is a number to it."""
        return 0 if is_operand_of_sparse() else self.tracer.ndim

    @property
    def dtype(self):
        """That of the elements; of an object to scipy.sparse, for the same reason."""
        return np.dtype(object) if is_operand_of_sparse() else self.tracer.dtype

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        inputs = _handed_on(inputs)
        if out is None:
            return getattr(ufunc, method)(*inputs, **kwargs)
        targets = tuple(y.tracer if type(y) is FilledArray else y for y in out)
        getattr(ufunc, method)(*inputs, out=targets, **kwargs)
        return out[0] if len(out) == 1 else out

    def __array_function__(self, function, types, args, kwargs):
        return function(*_handed_on(args), **_handed_on(kwargs))

    def __getattr__(self, name):
        return getattr(self.tracer, name)


def _handed_on(x):
    """An argument with tracers in place of what stands for them."""
    if type(x) is FilledArray:
        return x.tracer
    if type(x) in (list, tuple):
        return type(x)(map(_handed_on, x))
    return {key: _handed_on(part) for key, part in x.items()} if type(x) is dict else x


def _method(name):
    def method(self, *args):
        tracer = self.tracer
        ans = getattr(tracer, name)(*args)
        return self if ans is tracer and name.startswith("__i") else ans

    return functools.wraps(getattr(Var, name), ("__name__", "__doc__"), ())(method)


def _attribute(name):
    def get(self):
        return getattr(self.tracer, name)

    def put(self, value):
        setattr(self.tracer, name, value)

    return property(get, put)


# What of an ndarray's own belongs to the object, not to the array that it stands for.
_OF_THE_OBJECT = {
    *("__class__", "__new__", "__init__", "__init_subclass__", "__subclasshook__", "__dir__"),
    *(
        "__getattribute__",
        "__setattr__",
        "__delattr__",
        "__sizeof__",
        "__class_getitem__",
        "__doc__",
    ),
    *("__array_ufunc__", "__array_function__", "__array_finalize__", "__array_wrap__", "__array__"),
    *("__array_priority__", "__hash__", "__setstate__", "__reduce_ex__", "__str__"),
}
for _name in dir(_ndarray):
    if _name in _OF_THE_OBJECT or _name in vars(FilledArray):
        continue
    if not _name.startswith("__"):
        setattr(FilledArray, _name, _attribute(_name))
    elif hasattr(Var, _name):
        setattr(FilledArray, _name, _method(_name))


def fillable(array):
    """An array that nobody else holds, as one that can take traced values."""
    # Its base is to have its layout: NumPy's base of a view is the array that owns the memory.
    memory = array if array.base is None else array.copy("K")
    always_copy(memory)  # a traced value may come when a tape holds it
    return memory.view(FillableArray)
