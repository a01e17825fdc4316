"""Traces: a user's function run once, on dual numbers or on a tape, and the sweeps between its ends.

Must not know how arguments and results of transforms are taken apart, nor which transform it is.
"""

import itertools

import numpy as np

from dualrev.calls import (
    call_user,
    detached,
    flatten_arguments,
    flatten_result,
    split_aux,
    unflatten,
)
from dualrev.core.arrays import PLAIN, has_memory, has_nan
from dualrev.core.assignment import own_copy
from dualrev.core.cotangents import cast, zeros_of
from dualrev.core.hidden import hidden_products
from dualrev.core.watching import OBSERVER
from dualrev.readers.forward import Dual, Scope
from dualrev.readers.kinds import ONE
from dualrev.readers.tape import Tape
from dualrev.readers.var import Var
from dualrev.shared import call_with_shared, is_single

__all__ = [
    "Trace",
    "hides_products",
    "looked_at",
    "push_forward",
    "run",
    "trace_with",
    "undetermined",
]

_ndarray = np.ndarray


def push_forward(f, call, primals, tangents, kind=ONE, has_aux=False):
    """Run f on dual numbers: the leaves of its result, their tangents, its treedef, and aux.

    Tangents are nan where a 0 hid an infinite partial of what moves.
    """
    (ans, pushed, tree, aux), hides = hides_products(
        lambda: _push_duals(f, call, primals, tangents, kind, has_aux)
    )
    if hides:
        looks = looked_at(f, call, primals, tangents, kind, has_aux)
        pushed = [kind.each(undetermined, *ts) for ts in zip(pushed, looks)]
    return ans, pushed, tree, aux


def looked_at(f, call, primals, tangents, kind=ONE, has_aux=False):
    """The tangents of f by another run, on a tape, which tells what is still from a 0 of arithmetic.

    Nothing but nan is to be taken of them: f may draw other numbers.  The first run has warned already.
    """
    with np.errstate(all="ignore"):
        return Trace(f, call, primals, has_aux).push(tangents, kind)


def hides_products(run):
    """What ``run()`` answers, and whether a 0 has hidden an infinite or nan partial in it.

    Where it has, the note stays: what runs around this is to look closer too.
    """
    notes = hidden_products()
    noted = bool(notes)
    notes.clear()
    answer = run()
    hides = bool(notes)
    if noted or hides:
        notes[:] = [True]
    return answer, hides


def undetermined(t, other):
    """A tangent, but nan where another one is, and so are its derivatives; None is none.

    Of the other run of a function that may have drawn other numbers nothing else is taken.
    """
    if other is None or (type(other) in PLAIN and not has_nan(other)):
        return t
    t = zeros_of(other) if t is None else t
    with np.errstate(invalid="ignore"):
        return t + cast(np.where(np.isinf(other), 0, other - other), t.dtype)


def _push_duals(f, call, primals, tangents, kind, has_aux):
    scope = Scope(kind)
    try:
        result = call([scope.dual(x, t) for x, t in zip(primals, tangents)])
        aux = None
        if has_aux:
            result, aux = split_aux(result, f)
            aux = detached(aux, lambda x: _is_of(x, scope))
        outputs, tree = flatten_result(result, f)
        _observe(f, scope.level, outputs)
        ans = [y.primal if _is_of(y, scope) else y for y in outputs]
        pushed = [y.tangent if _is_of(y, scope) else kind.zeros(y) for y in outputs]
    finally:
        scope.close()
    return ans, pushed, tree, aux


def run(f, given, args):
    """f of what stands for the given arguments; several may share memory."""
    if len(args) == 1 and is_single(args[0]):
        return call_user(f, args, {})
    return call_with_shared(f, (tuple(given), {}), args, {})


def _observe(f, level, outputs):
    """Tell debug's observer, if there is one, what a function returned."""
    observer = OBSERVER.get()
    if observer is not None:
        observer.returned(f, level, outputs)


def _is_of(y, scope):
    return type(y) is Dual and y.scope is scope


class Trace:
    """A function that has run once on a tape: its result, and the sweeps between its ends.

    With ``own`` nobody else can write the primals; ``order`` is the highest of the derivatives that are
    asked of it.

    Attributes
    ----------
    ans : list of array
        The leaves of the result.
    tree : treedef
        Structure of the result, None for a single array.
    """

    __slots__ = ("ans", "aux", "inputs", "outputs", "primals", "tape", "tree")

    def __init__(self, f, call, primals, has_aux=False, own=False, order=1):
        tape = Tape(order)
        try:
            variables = [tape.input(x, own) for x in primals]
            result = call(variables)
            self.aux = None
            if has_aux:
                result, aux = split_aux(result, f)
                self.aux = detached(aux, lambda x: type(x) is Var and x.tape is tape)
            if type(result) is Var and result.tape is tape and result.alias is None:
                outputs, self.tree = [result], None  # most: 0.7 us less
            else:
                outputs, self.tree = flatten_result(result, f)
        finally:
            tape.close()
        self.tape = tape
        self.primals = primals
        self.inputs = range(len(primals))
        self.outputs = []
        self.ans = []
        for y in outputs:
            recorded = type(y) is Var and y.tape is tape
            self.outputs.append(y.entry if recorded else None)
            self.ans.append(y.primal if recorded else y)
        _observe(f, tape.level, outputs)

    def largest(self):
        """The number of elements of the largest array on the tape."""
        sizes = (getattr(entry[1], "size", 0) for entry in self.tape.entries)
        return max(itertools.chain(sizes, (y.size for y in self.ans)))

    def path(self):
        """A number for the calls on the tape and what each was given: a branch gives another one.

        Of arrays that are constant, indices too, only the shapes count, and those of the answers: a mask
        chooses more elements, or less.
        """
        # By functions: a rule may be made for one call.
        calls = [
            (
                id(getattr(rule, "function", rule)),
                getattr(ans, "shape", None),
                tuple(parents),
                _mark(kwargs) if kwargs else None,
            )
            for rule, ans, _, parents, kwargs, *_ in self.tape.entries
        ]
        return hash((tuple(calls), tuple(self.outputs)))

    def pull(self, cts, once=False, check=True):
        """Cotangents of the inputs from those of the outputs.

        Without ``check`` for another pull of the same call, in which user code has not run since.
        """
        if check:
            self.tape.captured.check()
        given = {}
        for i, ct, y in zip(self.outputs, cts, self.ans):
            if i is not None and ct is not None:
                if type(y) not in PLAIN and not has_memory(y):
                    ct = ct + zeros_of(y)  # else what is made of it is an ndarray, however large
                given[i] = given[i] + ct if i in given else ct
        pulled = self.tape.pull(given, self.inputs, once)
        return [zeros_of(x) if ct is None else ct for ct, x in zip(pulled, self.primals)]

    def push(self, tangents, kind=ONE, check=True):
        """Tangents of the outputs from those of the inputs, which are None where they are 0.

        Without ``check`` for another push of the same call, in which user code has not run since.
        """
        if check:
            self.tape.captured.check()
        given = {i: t for i, t in zip(self.inputs, tangents) if t is not None}
        wanted = [i for i in self.outputs if i is not None]
        pushed = iter(self.tape.push(given, wanted, kind))
        ts = [None if i is None else next(pushed) for i in self.outputs]
        return [kind.zeros(y) if t is None else t for t, y in zip(ts, self.ans)]


def _mark(x):
    """What tells options of two calls apart, without a look at numbers."""
    if isinstance(x, list | tuple):
        return tuple(map(_mark, x))
    if isinstance(x, dict):
        return tuple((name, _mark(option)) for name, option in x.items())
    if isinstance(x, slice):
        return _mark((x.start, x.stop, x.step))
    if isinstance(x, int | np.integer | str | None):
        return repr(x)  # as numbers -1 and -2 have one hash
    return type(x), getattr(x, "shape", None)


def trace_with(f, primals, has_aux=False):
    """Trace ``f(*primals)``; also the treedef of the arguments."""
    leaves, treedef = flatten_arguments(tuple(primals), "the arguments")

    def call(variables):
        return run(f, primals, unflatten(treedef, variables))

    # It is pulled later, when the caller may have written them.
    leaves = [own_copy(x, x.strides) if type(x) is _ndarray else x for x in leaves]
    return Trace(f, call, leaves, has_aux, own=True), treedef
