"""Recording: one run of a function on recorders, and the program that it makes.

Owns how a call is noted, and how memory is told apart.  Must not know what becomes of a program.
"""

import itertools
import operator
import warnings
import weakref

import numpy as np

from dualrev import errors
from dualrev.core.assignment import own_copy
from dualrev.core.operands import SCALARS, like
from dualrev.core.primitive import RULES
from dualrev.core.traced import Traced
from dualrev.core.tracer import next_level
from dualrev.insides.lines import user_place
from dualrev.program.looking import Unrecordable
from dualrev.program.recorder import Recorder, recorders_in, settled
from dualrev.program.steps import Guard, Program, Ref, Step, address_of, mapped, refs_in
from dualrev.program.weak import PYTHONS, WEAK, computed_alike, dtypes_taken
from dualrev.readers.captured import Captured, digest_of, owner_of

__all__ = ["Recording"]

_ndarray = np.ndarray
_generic = np.generic
_GETTING = (operator.getitem, np.ndarray.__getitem__)
#: What np.errstate is asked for by who wants to hear of numbers.
_HEARD = frozenset({"raise", "call", "log"})


class Recording:
    """One run of a function on recorders.

    With ``follows`` an array of many numbers that Python takes as data is not a guard, though it could
    be compared: what it is for must be seen.

    Attributes
    ----------
    level : int
        Of its recorders.
    steps : list of Step and Guard
    raised : bool
        Whether a call that was noted raised, which a replay would not see.
    """

    def __init__(self, follows=False):
        self.level = next_level()
        self.follows = follows
        self.steps = []
        self.buffers = []
        self.inputs = []
        self.raised = False
        self.closed = False
        self._captured = Captured()
        self._constants = {}
        self._filters, self._shown_by = warnings.filters, _shows_warnings()
        # The buffer of each memory, by the id of the array that owns it, which is kept alive.
        self._memory = {}
        # Recorders whose numbers somebody holds as a plain array, and that, weakly.
        self._shown = []

    def input(self, x):
        """A recorder for an argument: an array of the recording's own, or a number."""
        recorder = self.recorder(x, self.ref_of(x))
        self.inputs.append(recorder.ref)
        return recorder

    def program(self, leaves, name):
        """The program whose outputs are these recorders, and plain arrays and numbers."""
        self._captured.check()
        outputs, scalars = [], []
        for leaf in leaves:
            if type(leaf) is Recorder:
                leaf.settle()
                scalars.append(not isinstance(leaf.array, _ndarray))
                leaf = leaf.ref
            else:
                scalars.append(False)
                leaf = self._captured.own(leaf)
            outputs.append(leaf)
        program = Program(self.inputs, self.buffers, self.steps, outputs, scalars, name)
        program.check()
        return program

    def close(self):
        """Note no more: a recorder that is used from now on has escaped."""
        self.closed = True

    # -- what is noted

    def call(self, function, call, args, kwargs, view=False):
        """The answer of ``call(*args, **kwargs)`` on the arrays, noted as a call of function.

        With ``view`` it may show the memory of its first argument, which is written later.
        """
        if self.closed:
            next(recorders_in((args, kwargs))).check_open()
        if any(type(x) is Recorder and type(x.array) in WEAK for x in args):
            args = self._with_dtypes(function, args)
        arrays, noted, written = self._taken(args)
        options = kwargs
        if kwargs:
            options, kwargs = mapped(self.array_of, kwargs), mapped(self._noted, kwargs)
        before = len(self.steps)
        self._check_unheard()
        try:
            ans = call(*arrays, **options)
        except Exception:
            self.raised = True
            raise
        if len(self.steps) != before:
            raise Unrecordable(f"{errors.name_of(function)} computes with what it was not given")
        if ans is None:  # which other numbers may not be answered with
            raise Unrecordable(f"{errors.name_of(function)} answers nothing")
        outputs = []
        # What numbers choose that are recorded lies elsewhere in another replay.
        chosen = any(ref.dtype.kind in "iub" for ref in refs_in((noted[1:], kwargs)))
        answer = self._answered(ans, outputs, chosen or (written and not view), view)
        if outputs:
            static = isinstance(function, np.ufunc) or _has_static_shape(function, (noted, kwargs))
            self._note(function, tuple(noted), kwargs, tuple(outputs), sized=not static)
        return answer

    def _check_unheard(self):
        """Raise where somebody listens to what NumPy says of numbers: a replay says nothing."""
        if not _HEARD.isdisjoint(np.geterr().values()):
            raise Unrecordable("it asks NumPy to raise errors of numbers")
        if warnings.filters is not self._filters and (
            _shows_warnings() is not self._shown_by or _are_errors(warnings.filters)
        ):
            raise Unrecordable("it catches warnings")

    def _with_dtypes(self, function, args):
        """The arguments of a call with Python's numbers in the dtype in which it computes with them."""
        dtypes = dtypes_taken(function, [mapped(self.array_of, x) for x in args])
        taken = []
        for i, x in enumerate(args):
            if type(x) is Recorder and type(x.array) in WEAK:
                if dtypes is None or x.dtype.kind == "i":
                    x = x.look()
                else:
                    own = self.recorder(np.asarray(x.array)[()], x.ref)
                    x = (
                        own
                        if x.dtype == dtypes[i]
                        else self.call(dtypes[i].type, dtypes[i].type, (own,), {})
                    )
            taken.append(x)
        return taken

    def of_python(self, function, args):
        """What an operator answers for numbers of Python's: one of them again."""
        numbers = [x.array if type(x) is Recorder else x for x in args]
        ufunc = computed_alike(function, numbers)
        compute = PYTHONS[function]
        if ufunc is None:
            return compute(*(x.look() if type(x) is Recorder else x for x in args))
        if ufunc is np.divide and type(args[1]) is Recorder:
            bool(args[1] != 0)  # else Python raises
        ans = compute(*numbers)
        ref = self.ref_of(ans)
        self._note(ufunc, tuple(map(self._noted, args[: ufunc.nin])), {}, (ref,))
        return self.recorder(ans, ref)

    def _taken(self, args):
        """The arrays of arguments, what is noted of them, and whether one may be written in place."""
        arrays, noted = [], []
        written = False
        for x in args:
            kind = type(x)
            if kind is Recorder and x.recording is self:
                if x.alias is not None:
                    x.settle()
                if x.writes is not None or x.alias is not None:
                    written |= x.is_exclusive()
                arrays.append(x.array)
                noted.append(x.ref)
            elif kind in SCALARS:
                arrays.append(x)
                noted.append(x)
            else:
                written |= any(part.is_exclusive() for part in recorders_in(settled(x)))
                arrays.append(mapped(self.array_of, x))
                noted.append(mapped(self._noted, x))
        return arrays, noted, written

    def write(self, target, value, index=None):
        """Note that a value is written into the memory of a recorder, at an index of it or all."""
        noted = mapped(self._noted, value)
        ref = self.ref_of(target)
        if index is None:
            self._note(np.copyto, (ref, noted), {"casting": "unsafe"}, (ref,), writes=True)
        else:
            index = mapped(self._noted, index)
            self._note(operator.setitem, (ref, index, noted), {}, (ref,), writes=True)

    def guard(self, recorder, seen):
        """Note what was seen of an array."""
        self.steps.append(Guard(recorder.ref, seen, len(self.steps), user_place()))

    def _note(self, function, args, kwargs, outputs, writes=False, sized=False):
        number, line = len(self.steps), user_place()
        self.steps.append(Step(function, args, kwargs, outputs, writes, sized, number, line))

    # -- arrays

    def array_of(self, x):
        """What a recorder stands for; the rest itself."""
        if type(x) is Recorder and x.recording is self:
            return x.array
        if isinstance(x, _ndarray) and x.dtype.hasobject:
            raise Unrecordable("an array of objects meets the arguments")
        if isinstance(x, Traced):
            raise Unrecordable("a derivative that is taken outside of it reaches into it")
        return x

    def _noted(self, x):
        """A recorder's Ref; of an array that is constant a copy, one for all that are equal."""
        if type(x) is Recorder:
            return x.ref
        if not isinstance(x, _ndarray):
            return self._captured.own(x) if hasattr(x, "tocsr") else x
        own = self._captured.own(x)
        key = own.shape, own.strides, own.dtype.str, digest_of(own)
        return self._constants.setdefault(key, own)

    def _answered(self, ans, outputs, copies, strides=False):
        """The answer with recorders for its arrays; outputs gets those in memory of their own.

        Those that are copies have ``strides`` of what they show, by which chains of views go on.
        """
        if isinstance(ans, _ndarray | _generic) or type(ans) in WEAK:
            if isinstance(ans, _ndarray) and ans.dtype.hasobject:
                raise Unrecordable("a function answers an array of objects")
            if type(ans) in WEAK:
                ans = np.asarray(ans)[()]
            known = self._known(ans)
            if known is not None and copies:
                ans, known = own_copy(ans, ans.strides if strides else None), None
            ref = known or self.ref_of(ans)
            if known is None:
                outputs.append(ref)
            return self.recorder(ans, ref)
        if isinstance(ans, list | tuple):
            return like(ans, [self._answered(part, outputs, copies, strides) for part in ans])
        if ans is None:
            return None
        raise Unrecordable(f"a function answers an object of type {type(ans).__name__}")

    def _known(self, x):
        """The Ref of an array in memory that the program has already, or None."""
        if not isinstance(x, _ndarray):
            return None
        held = self._memory.get(id(owner_of(x)))
        if held is None:
            return None
        _, buffer, start = held
        return Ref(buffer, address_of(x) - start, x.shape, x.strides, x.dtype)

    def ref_of(self, x):
        """The Ref of an array, in a new buffer where its memory is not known."""
        known = self._known(x)
        if known is not None:
            return known
        if not isinstance(x, _ndarray):  # a number: nothing shows its memory
            dtype = np.asarray(x).dtype if type(x) in WEAK else x.dtype
            self.buffers.append(dtype.itemsize)
            return Ref(len(self.buffers) - 1, 0, (), (), dtype)
        low, high = np.lib.array_utils.byte_bounds(x) if x.size else (address_of(x), address_of(x))
        self.buffers.append(high - low)
        owner = owner_of(x)
        self._memory[id(owner)] = owner, len(self.buffers) - 1, low
        return Ref(len(self.buffers) - 1, address_of(x) - low, x.shape, x.strides, x.dtype)

    def shown(self, recorder, numbers):
        """Keep in mind that an array of plain numbers stands for the memory of a recorder."""
        self._shown = [held for held in self._shown if held[1]() is not None]
        self._shown.append((recorder, weakref.ref(numbers)))

    def check_unseen(self, recorder):
        """Raise where somebody holds an array of plain numbers that is to change with a recorder."""
        if any(owner is recorder and numbers() is not None for owner, numbers in self._shown):
            raise Unrecordable("it writes into an array after np.asarray of it")

    def recorder(self, array, ref):
        recorder = Recorder()
        recorder.array, recorder.ref, recorder.recording = array, ref, self
        recorder.level = self.level
        recorder.alias = recorder.writes = None
        return recorder


def _shows_warnings():
    """What a warning is given to, a list where warnings are caught to be looked at."""
    return getattr(warnings, "_showwarnmsg_impl", None)


def _are_errors(filters):
    """Whether a warning of numbers may be an error; the first filter that fits counts."""
    for action, message, category, module, _ in filters:
        if issubclass(RuntimeWarning, category):
            if action == "error":
                return True
            if message is module is None:
                return False
    return False


def _has_static_shape(function, noted):
    """Whether the shapes of the answer follow from those of the arguments."""
    if function is np.copy or isinstance(getattr(function, "__self__", None), np.ufunc):
        return True
    rule = RULES.get(function)
    if rule is None or rule.word not in ("elementwise", "linear", "rule"):
        return False
    if function in _GETTING:
        (_, index), _ = noted
        parts = index if type(index) is tuple else (index,)
        noted = [part for part in parts if not _is_number(part)]
    choosing = itertools.chain.from_iterable(map(refs_in, noted))
    return all(ref.dtype.kind not in "iub" for ref in choosing)


def _is_number(x):
    """Whether it is a whole number of the program."""
    return type(x) is Ref and not x.shape and x.dtype.kind in "iu"
