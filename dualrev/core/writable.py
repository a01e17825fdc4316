"""Writable: an array that can be written, and shows in all its views what was written.

Owns aliases, and when an array is written in place.  Must not know what a Dual or a Var holds:
subclasses say how content is taken over, made exclusive and overwritten.
"""

import operator
import threading

import numpy as np

from dualrev import errors
from dualrev.core.arrays import foundation, has_memory
from dualrev.core.assignment import Writes, in_order, own_copy, shares_memory, steps_of
from dualrev.core.flat_iterator import FlatIterator
from dualrev.core.operands import as_operand, is_array, own_index
from dualrev.core.overlaps import reads_what_it_writes
from dualrev.core.primitive import RULES
from dualrev.core.traced import Fillable, Traced, tracer_in
from dualrev.insides.askers import asks_what_is_writeable, is_written_in_python

_ndarray = np.ndarray
#: Parts of an index that is basic.
_PLAIN = frozenset({int, np.intp, slice, type(None), type(Ellipsis)})
# 0.2 us of the 9 that a write and its pull take.  Writing calls on lower levels, which write too.
_TURN = threading.RLock()


class Writable(Traced):
    """What a tracer is as memory: its own, or a view of another's.

    Attributes
    ----------
    alias : tuple or None
        Of a view ``(owner, chain of views, number of the owner's writes when it was up to date)``.
    writes : Writes or None
        Of an array that was written: it may be written in place again.
    """

    __slots__ = ()

    def __setitem__(self, index, value):
        index, basic = own_index(index)
        if not basic and tracer_in(index, self) is not self:
            raise inner_write()
        value = as_operand(value)
        if isinstance(value, Traced) and value._is_view_at(self, index):
            if self.flags.writeable:
                return  # y[index] += v: the view is written already
        if isinstance(value, Traced) and value.alias is not None and self._shows(value.alias[0]):
            if not is_written_in_python():
                raise shuffled()
            self.check_order(index, value, "The assignment")
        self._write(index, value)

    @property
    def __array_namespace__(self):
        """Traced's; of a number it is hidden from who asks whether it can be written."""
        if self._is_scalar() and asks_what_is_writeable():
            raise AttributeError("__array_namespace__")
        return super().__array_namespace__

    # -- memory that views share

    def settle(self):
        """Bring a view up to date with the array that it shows."""
        if self.alias is None:
            return
        owner, steps, count = self.alias
        writes = owner.writes
        if writes is not None and writes.count != count:
            if self._is_scalar():  # of np.asarray(y): NumPy's would be as old as its a[i]
                raise errors.InPlaceError(
                    "An element of np.asarray(y) is used after y was written.",
                    fix="leave out np.asarray(y), which is an array already",
                )
            view = owner
            for rule, kwargs in steps_of(steps):
                view = view._unary(rule, kwargs)
            self._take_over(view)
            self.alias = owner, steps, writes.count

    def alias_of(self, rule, ans, kwargs):
        """The alias of an answer of a rule whose answers are views; None where this one is none."""
        if type(ans) is not _ndarray and not is_array(ans):
            return None
        if type(self.primal) is not _ndarray and self._is_scalar() and ans.flags.writeable:
            return None  # of a number NumPy makes an array that shares nothing
        if rule.may_copy and not shares_memory(ans, self.primal):
            return None
        return self._alias_by(rule, kwargs)

    def _alias_by(self, rule, kwargs):
        if self.alias is None:
            return self, (None, rule, kwargs), 0 if self.writes is None else self.writes.count
        owner, steps, count = self.alias
        return owner, (steps, rule, kwargs), count

    def _is_view_at(self, array, index):
        if self.alias is None:
            return False
        owner, steps = (array, None) if array.alias is None else array.alias[:2]
        before, rule, kwargs = self.alias[1]
        if self.alias[0] is not owner or before is not steps:
            return False
        return rule is RULES[operator.getitem] and _is_same(kwargs["index"], index)

    def _shows(self, owner):
        return owner is (self if self.alias is None else self.alias[0])

    def is_exclusive(self):
        """Whether writes will change this memory itself, so that who keeps it needs a copy."""
        writes = self.writes if self.alias is None else self.alias[0].writes
        return writes is not None and writes.exclusive

    def is_shared(self):
        """Whether another argument of the user's function shows the same memory."""
        writes = self.writes if self.alias is None else self.alias[0].writes
        return writes is not None and writes.refusal is not None

    def overlaps(self, other):
        """Whether a write into this array may change another one: a copy that is none yet is apart."""
        other = other.content() if isinstance(other, Fillable) else other
        if not isinstance(other, Traced):
            return False
        owners = (x if x.alias is None else x.alias[0] for x in (self, other))
        return next(owners) is next(owners)

    def check_order(self, index, value, name):
        """Raise where NumPy, writing a value that shows this memory too, reads what it has written."""
        if reads_what_it_writes(self, index, value):
            raise errors.overlap(name)

    def lasting(self, order=None):
        """The primal as it is now, whatever is written later; in the order of a copy if given."""
        primal = self.primal
        if self.is_exclusive():
            if self.alias is None:
                self.writes.exclusive = False  # the next write copies
            else:
                primal = own_copy(primal)
        return primal if order is None else in_order(primal, order)

    def _write(self, index, value):
        """Write a value at an index of this array: into the memory that it shares with its views."""
        self.check_open()
        if isinstance(value, Traced):
            if value.level > self.level:
                raise inner_write()
            value.settle()
        # NumPy raises for a complex number, but only warns for an array of them.
        if self.dtype.kind != "c" and getattr(value, "dtype", self.dtype).kind == "c":
            raise errors.ComplexError(
                "Complex values were to be written into a real array.",
                fix="make the array complex first: y = y.astype(complex)",
            )
        owner, steps = (self, None) if self.alias is None else self.alias[:2]
        # Each write builds on the one before: threads that fill one array must take turns.
        with _TURN:
            writes = owner.writes
            if writes is None:
                if owner._is_scalar():
                    raise TypeError(f"{self.dtype.name} scalars do not support item assignment")
                if not has_memory(owner):
                    kind = type(foundation(owner)).__name__
                    raise errors.InPlaceError(
                        f"An array of type {kind}, which is not NumPy's, is written.",
                        fix="make a new one: y = np.where(mask, value, y)",
                    )
                writes = owner.writes = Writes()
            elif writes.refusal is not None:
                raise writes.refusal()
            if not writes.exclusive:
                owner._make_exclusive()
                writes.exclusive = True
            owner._overwrite(value, index, steps)
            writes.count += 1

    def _take_over(self, other):
        """Stand for what another tracer of the same transform stands for."""
        raise NotImplementedError

    def _make_exclusive(self):
        """Stand for a copy of the same layout that nobody else holds."""
        raise NotImplementedError

    def _overwrite(self, value, index, steps):
        """Write into the memory of this array, which is exclusive, through a chain of views."""
        raise NotImplementedError

    def _write_result(self, new, operation):
        """Store the answer of ``operation`` in this array, under NumPy's conditions."""
        if not hasattr(new, "shape"):
            new = np.asarray(new)
        if new.shape != self.shape:
            try:
                new = np.broadcast_to(new, self.shape)
            except ValueError:
                raise ValueError(
                    f"{operation} cannot store an array of shape {new.shape} in one of shape "
                    f"{self.shape}"
                ) from None
        if new.dtype != self.dtype:
            if not np.can_cast(new.dtype, self.dtype, casting="same_kind"):
                raise errors.InPlaceError(
                    f"{operation} cannot store {new.dtype} in an array of {self.dtype}.",
                    fix=f"make the array {new.dtype} first: y = y.astype('{new.dtype}')",
                )
            new = new.astype(self.dtype)
        if not self._may_become(new):
            self._write(Ellipsis, new)
            return
        # An array that is computed anew needs no copying into the old one's memory.
        if self.writes is None:
            self.writes = Writes()
        self._take_over(new)
        self.writes.exclusive = False
        self.writes.count += 1

    def _may_become(self, new):
        """Whether a result of the same transform can replace the whole of this array."""
        return (
            isinstance(new, Traced)
            and new.level == self.level
            and self.alias is new.alias is None
            and new.writes is None
            and not self.is_shared()
            and new.strides == self.strides
            and not new._is_scalar()
        )

    def _is_scalar(self):
        """Whether NumPy would hold a scalar here: immutable, so += makes a new one."""
        return not is_array(self)

    # -- methods that write, unlike the functions of the same names

    def sort(self, axis=-1, **options):
        """Sort in place; equals ``numpy.ndarray.sort``."""
        self[...] = np.sort(self, axis=axis, **options)

    def partition(self, kth, axis=-1, **options):
        """Partition in place; equals ``numpy.ndarray.partition``."""
        self[...] = np.partition(self, kth, axis=axis, **options)

    def fill(self, value):
        """Set every element; equals ``numpy.ndarray.fill``."""
        self[...] = value

    def put(self, indices, values, mode="raise"):
        """Set elements by their number; equals ``numpy.ndarray.put``."""
        np.put(self, indices, values, mode=mode)

    @property
    def flat(self):
        return FlatIterator(self)

    @flat.setter
    def flat(self, value):
        self.flat[:] = value


def _is_same(index, other):
    """Whether two indices name the same: a number that is recorded is the same object."""
    if type(index) is type(other) is tuple:
        return len(index) == len(other) and all(map(_is_same, index, other))
    return index is other or (
        type(index) is type(other) and type(index) in _PLAIN and index == other
    )


def shuffled():
    """The error for rows that are swapped by code which takes them for copies."""
    return errors.InPlaceError(
        "A traced array was shuffled in place, by code that takes its rows for copies: they are views.",
        fix="write x = rng.permutation(x) for rng.shuffle(x)",
    )


def inner_write():
    """The error for a value of an inner transform written into an array of an outer one."""
    return errors.InPlaceError(
        "A value that is traced by an inner transform was written into an array of an outer one, "
        "which cannot hold its derivative.",
        fix="make the array from the inner variable: y = np.zeros_like(w, shape=...)",
    )
