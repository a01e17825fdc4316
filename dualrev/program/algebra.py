"""Algebra: the same values, to the bit, by fewer and cheaper steps.

Owns which calls equal which others.  Must not know what memory costs, nor engines.

A sign is put off: ``negative(x)`` becomes a step where somebody needs it, and not before, since
products carry signs on and sums take them in.  Nothing is reordered that would round otherwise, nan,
infinities and signs of zeros included.
"""

import dataclasses
import math

import numpy as np

from dualrev.program.steps import Guard, Program, Ref, broadcast_strides, refs_in, with_refs

__all__ = ["reduced"]

_NUMBERS = (int, float, np.float64, np.float32)
_COMMUTE = {np.add, np.multiply, np.maximum, np.minimum, np.equal, np.not_equal}


def reduced(program: Program) -> Program:
    """The same program without repeated steps, and with each step in its cheapest form."""
    return _Pass(program).program()


class _Pass:
    """One walk along the steps."""

    def __init__(self, program):
        self._program = program
        self._buffers = list(program.buffers)
        self._kept = []
        self._names: dict = {}  # by buffer: the Ref that holds what it held
        self._opposites: dict = {}  # by buffer: the Ref of which it is the negative, the step put off
        self._makers: dict = {}  # by buffer: the place of its step among those kept
        self._made: dict = {}  # by call: its step
        self._uniform: dict = {}  # by id of a constant array: its one number
        self._written: dict = {}  # by buffer: the last step that writes into it
        self._uses: dict = {}  # by buffer
        self._guarded: set = set()  # buffers that must hold no nan
        for i, step in enumerate(program.steps):
            if type(step) is Guard:
                if step.seen is None:
                    self._guarded.add(step.ref.buffer)
                else:
                    self._count(step.ref)
                continue
            for ref in step.read():
                self._count(ref)
            if step.writes:
                self._written[step.outputs[0].buffer] = i
        for ref in refs_in(program.outputs):
            self._count(ref)

    def _count(self, ref):
        self._uses[ref.buffer] = self._uses.get(ref.buffer, 0) + 1

    def program(self):
        for i, step in enumerate(self._program.steps):
            self._place = i
            if type(step) is Guard:
                self._guard(step)
            elif self._is_settled(step):
                form = _FORMS.get(step.function) if _is_real(step) else None
                if form is None or not form(self, step):
                    self._keep(self._with_numbers(self._given_to(step)))
            else:
                self._kept.append(self._given_to(self._with_sign(step)))
        outputs = [self._given(x) for x in self._program.outputs]
        return dataclasses.replace(
            self._program, buffers=self._buffers, steps=self._kept, outputs=outputs
        )

    # -- what a step reads

    def _is_settled(self, step):
        """Whether nothing that it reads is written later, nor what it makes."""
        if step.writes:
            return False
        written = self._written
        if not written:
            return True
        read = any(written.get(ref.buffer, -1) >= self._place for ref in step.reads)
        return not read and all(ref.buffer not in written for ref in step.outputs)

    def _named(self, x):
        """The Ref that holds what x held."""
        whole = self._names.get(x.buffer) if type(x) is Ref else None
        return x if whole is None else x.moved(whole)

    def _signed(self, x):
        """Whether x is the negative of an array for which there is no step yet; and the array."""
        x = self._named(x)
        if type(x) is Ref and x.buffer in self._opposites:
            return True, x.moved(self._opposites[x.buffer][0])
        return False, x

    def _given(self, x):
        """The same with a step for each sign that was put off."""
        x = self._named(x)
        if type(x) is Ref and x.buffer in self._opposites:
            self._keep(self._opposites.pop(x.buffer)[1])
            x = self._named(x)
        return x

    def _given_to(self, step):
        names, opposites = self._names, self._opposites
        for ref in step.reads:
            if ref.buffer in names or ref.buffer in opposites:
                break
        else:
            return step
        return with_refs(step, self._given)

    def _with_sign(self, step):
        """A sum into memory, with the sign of what is added."""
        if step.writes and step.function is np.add:
            x, y = step.args
            negative, y = self._signed(y)
            if negative:
                return step.but(function=np.subtract, args=(x, y))
        return step

    def _number(self, x):
        """The number that a constant is, or holds in all elements; else None."""
        if type(x) in _NUMBERS:
            return x
        if type(x) is not np.ndarray or x.dtype.kind != "f" or not x.size:
            return None
        if id(x) not in self._uniform:
            first = x[(0,) * x.ndim]
            same = (x == first).all() and (np.signbit(x) == np.signbit(first)).all()
            self._uniform[id(x)] = first if same else None
        return self._uniform[id(x)]

    def _with_numbers(self, step):
        """A ufunc's constant arrays as numbers, where another argument gives the shape."""
        function = step.function
        if np.ndarray not in map(type, step.args) or not isinstance(function, np.ufunc):
            return step
        if function.signature or len(step.args) < 2:
            return step
        (shape, *_) = (ref.shape for ref in step.outputs)
        if any(type(x) is Ref and x.shape == shape for x in step.args):
            numbers = map(self._number, step.args)
            args = tuple(x if n is None else n for x, n in zip(step.args, numbers))
            step = step.but(args=args)
        return step

    # -- what becomes of it

    def _keep(self, step):
        """Keep a step, if none has made the same; its answers stand under their names from now on."""
        key = _call_key(step)
        earlier = self._made.get(key)
        if earlier is not None and step.outputs and _same_layout(earlier.outputs, step.outputs):
            for old, new in zip(step.outputs, earlier.outputs):
                self._name(old, new)
            return
        self._made[key] = step
        self._kept.append(step)
        for ref in step.outputs:
            self._makers[ref.buffer] = len(self._kept) - 1

    def _is(self, out, x):
        """Say that an answer is what stands there already, if it lies as the answer would."""
        if type(x) is not Ref or not _same_layout((x,), (out,)):
            return False
        self._name(out, x)
        return True

    def _name(self, old, new):
        self._names[old.buffer] = new
        self._uses[new.buffer] = self._uses.get(new.buffer, 0) + self._uses.get(old.buffer, 0)

    def _put_off(self, step, x):
        """Say that the answer of a step is the negative of x."""
        (out,) = step.outputs
        self._opposites[out.buffer] = x, step.but(function=np.negative, args=(x,))
        return True

    def _call(self, step, function, *args):
        if function is not step.function or any(a is not b for a, b in zip(args, step.args)):
            step = step.but(function=function, args=args)
        self._keep(self._with_numbers(step))
        return True

    def _guard(self, step):
        if step.seen is None:
            _, ref = self._signed(step.ref)  # the negative of a nan is one
        else:
            ref = self._given(step.ref)
        key = ref, step.seen is None
        settled = self._written.get(ref.buffer, -1) < self._place
        if not settled or key not in self._made:
            self._kept.append(Guard(ref, step.seen, step.number, step.line))
        if settled:
            self._made[key] = step

    def _factors(self, x):
        """The number and the array of which an array is the product; else None twice."""
        place = self._makers.get(x.buffer)
        if place is not None and self._kept[place].outputs[0] == x:
            step = self._kept[place]
            if step.function is np.add and _same(*step.args):
                return 2, step.args[0]
            if step.function is np.multiply:
                for factor, y in (step.args, step.args[::-1]):
                    if type(factor) in _NUMBERS and type(y) is Ref:
                        return factor, y
        return None, None

    # -- forms: whether a step is done with

    def _negative(self, step):
        (x,), (out,) = step.args, step.outputs
        negative, x = self._signed(x)
        if negative:
            return self._is(out, x)
        factor, y = self._factors(x)
        if factor is not None and self._uses[x.buffer] == 1 and _same_layout((x,), (out,)):
            place = self._makers[x.buffer]
            maker = self._kept[place]
            del self._made[_call_key(maker)]
            maker = maker.but(function=np.multiply, args=(_minus(factor), y))
            self._kept[place] = self._made[_call_key(maker)] = maker
            return self._is(out, x)
        if self._uses.get(out.buffer) != 1 or not _same_layout((x,), (out,)):
            return False
        return self._put_off(step, x)

    def _product(self, step):
        (out,) = step.outputs
        (minus_x, x), (minus_y, y) = map(self._signed, step.args)
        negative = minus_x is not minus_y
        if type(x) is not Ref and step.function is np.multiply:
            x, y = y, x
        factor = self._number(y)
        if factor is not None and _same_layout((x,), (out,)):
            return self._multiple(step, x, _minus(factor) if negative else factor)
        if not negative:
            return self._call(step, step.function, x, y)
        answer = dataclasses.replace(out, buffer=len(self._buffers))
        self._buffers.append(self._buffers[out.buffer])
        self._call(step.but(outputs=(answer,)), step.function, x, y)
        return self._put_off(step, self._named(answer))

    def _multiple(self, step, x, factor):
        """An array times or divided by a number."""
        (out,) = step.outputs
        if step.function is np.divide:
            if not _is_power_of_two(factor, x.dtype):
                return self._call(step, np.divide, x, factor)
            factor = 1 / factor
        inner, y = self._factors(x)
        # The inner product is exact unless it overflows, and then the joined one does too.
        if (
            inner is not None
            and x.buffer not in self._guarded
            and _is_power_of_two(inner, x.dtype)
            and min(abs(inner), abs(factor)) >= 1
            and abs(factor) < np.finfo(x.dtype).max / (4 * abs(inner))
            and _same_layout((y,), (out,))
        ):
            factor, x = factor * inner, y
        if factor == 1 and self._is(out, x):
            return True
        return self._call(step, np.multiply, factor, x)

    def _sum(self, step):
        (out,) = step.outputs
        (minus_x, x), (minus_y, y) = map(self._signed, step.args)
        if step.function is np.subtract:
            minus_y = not minus_y
        if minus_x:
            # The negative of a sum is none of negatives: 0 + 0 is 0, and so is 0 - 0.
            return not minus_y and self._call(step, np.subtract, y, x)
        number = self._number(y)
        if number == 0 and np.signbit(number) != minus_y and self._is(out, x):
            return True  # 0 - 0 and -0 - 0 are what they were; -0 + 0 is not
        return self._call(step, np.subtract if minus_y else np.add, x, y)

    def _even(self, step):
        _, x = self._signed(step.args[0])
        return self._call(step, step.function, x)

    def _reshaped(self, step):
        (out,), x = step.outputs, self._given(step.args[0])
        if len(step.args) > 2 or "order" in step.kwargs or type(x) is not Ref:
            return False
        if not (_is_contiguous(x) and _is_contiguous(out)):
            return False
        return self._is(out, x.shown(out.shape, out.strides))

    def _broadcast(self, step):
        (out,), x = step.outputs, self._given(step.args[0])
        return self._is(out, x.shown(out.shape, broadcast_strides(x.shape, x.strides, out.shape)))


#: By function, whether a step is done with in another form.
_FORMS = {
    np.negative: _Pass._negative,
    np.multiply: _Pass._product,
    np.divide: _Pass._product,
    np.add: _Pass._sum,
    np.subtract: _Pass._sum,
    np.square: _Pass._even,
    np.absolute: _Pass._even,
    np.reshape: _Pass._reshaped,
    np.broadcast_to: _Pass._broadcast,
}


def _is_real(step):
    """Whether a step computes with real numbers, whose signs are symmetric, without options."""
    if isinstance(step.function, np.ufunc) and step.kwargs:
        return False
    return all(ref.dtype.kind == "f" for ref in (*step.read(), *step.outputs))


def _same(x, y):
    return type(x) is type(y) is Ref and x == y


def _is_power_of_two(number, dtype):
    """Whether products with a number, and with one over it, are exact but for over- and underflow."""
    limits = np.finfo(dtype)
    within = limits.smallest_normal * 4 < abs(number) < limits.max / 4
    return within and abs(math.frexp(number)[0]) == 0.5


def _minus(number):
    return -float(number) if type(number) is int else -number


def _is_contiguous(ref):
    """Whether the elements lie one after the other, in the order of C."""
    expected = ref.dtype.itemsize
    for n, stride in zip(reversed(ref.shape), reversed(ref.strides)):
        if n != 1 and stride != expected:
            return False
        expected *= n
    return True


def _same_layout(ones, others):
    """Whether arrays lie like others, which begin where their buffers do."""
    return all(
        type(a) is Ref
        and a.shape == b.shape
        and a.strides == b.strides
        and a.dtype == b.dtype
        and not b.offset
        for a, b in zip(ones, others, strict=True)
    )


def _call_key(step):
    """What equal calls have in common."""
    args = _key(step.args)
    if step.function in _COMMUTE and len(step.args) == 2 and not step.kwargs:
        args = frozenset(args[1])
    return step.function, args, _key(step.kwargs)


def _key(x):
    kind = type(x)
    if kind is tuple or kind is list:
        return kind, tuple(map(_key, x))
    if kind is dict:
        return tuple((name, _key(part)) for name, part in x.items())
    if kind is slice:
        return slice, _key((x.start, x.stop, x.step))
    if kind in (int, float, complex, bool) or isinstance(x, np.generic):
        return kind, repr(x)  # 0.0 is not -0.0, and nan is nan
    try:
        hash(x)
    except TypeError:
        return id(x)
    return x
