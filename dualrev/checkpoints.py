"""checkpoint: what runs again for its derivative, and is not kept.

Owns how a user's function becomes a computation of arrays.  Must not know how it is run again.
"""

import functools
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np

from dualrev import errors, trees
from dualrev.calls import call_user, check_callable, current
from dualrev.closures import template, traced_in
from dualrev.core.assignment import Writes
from dualrev.core.operands import as_operand
from dualrev.core.traced import Fillable, is_differentiated
from dualrev.core.tracer import Tracer
from dualrev.errors import name_of
from dualrev.insides.lines import user_line
from dualrev.insides.marks import name_for_pickle
from dualrev.recomputing import Computation, is_taped, rebound, recomputed, written

__all__ = ["checkpoint"]

P = ParamSpec("P")
Y = TypeVar("Y")
_ndarray = np.ndarray


class checkpoint(Generic[P, Y]):
    """The same function, which runs again where a derivative needs what it computed on the way.

    A tape keeps what goes in and what comes out; the rest is computed anew when it is pulled through.

    Parameters
    ----------
    f : callable
        Any function.  What is traced may reach it through arguments and closures, through the object
        of a method, and inside containers and attributes of these.

    Returns
    -------
    callable
        With the arguments and the results of f.

    Raises
    ------
    MutationError
        Where the second run is not the first one again: f has read what changed since, or has drawn
        random numbers.  Arrays among the arguments of at most 256 KiB may change.
    InPlaceError
        Where f writes into what it was given.
    EscapedTracerError
        Where f computes with a traced value that is reached in none of these ways, as a global variable.

    See Also
    --------
    checkpoint_chain

    Notes
    -----
    Costs one more run of f for each pull, and 0.2 ms a call.  Saves the memory that the tape of one
    call takes: of a program of n equal calls sqrt(n) are checkpointed best, and a checkpointed function
    may call others (Griewank and Walther 2008, chapter 12).  The derivative is that of f, of all orders;
    each level keeps as little.  What f does besides, as printing, it does again.  Where no tape runs, as
    in forward mode, this is f.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> def waves(x):
    ...     for _ in range(10):
    ...         x = np.sin(x)
    ...     return x
    >>> def total(x, waves):
    ...     for _ in range(10):
    ...         x = waves(x)
    ...     return np.sum(x)
    >>> x = np.linspace(0.1, 1.0, 1000)
    >>> np.array_equal(dr.grad(total)(x, waves), dr.grad(total)(x, dr.checkpoint(waves)))
    True
    """

    def __init__(self, f: Callable[P, Y]):
        check_callable(f, "dr.checkpoint(f)(x)")
        functools.update_wrapper(self, f, updated=())
        self.f = f

    def __repr__(self):
        return f"<checkpoint of {name_of(self.f)}>"

    def __get__(self, instance, owner=None):
        return self if instance is None else functools.partial(self, instance)

    def __reduce__(self):
        return name_for_pickle(self) or super().__reduce__()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Y:
        if not any(map(is_taped, traced_in((self.f, args, kwargs)))):
            return self.f(*args, **kwargs)
        held, leaves = template(self.f, args, kwargs)
        run = _Call(held, leaves, name_of(self.f))
        answers = recomputed(run, leaves)
        return run.result.filled(answers, leaves)


class _Call(Computation):
    """A call of the user's function."""

    def __init__(self, held, leaves, name):
        self.held = held
        self.name, self.line = name, user_line()
        self.active = list(map(is_differentiated, leaves))
        self.result: Any = None

    def run(self, leaves):
        for x, active in zip(leaves, self.active):
            if active and isinstance(x, Tracer):
                x.writes = Writes(refusal=written)
        made = self.held.with_leaves(leaves)
        f, args, kwargs = made.root
        result = _Result(call_user(f, args, kwargs), leaves)
        if made.changed():
            raise rebound(self.name)
        answers = tuple(map(current, result.answers))
        del result.answers
        if self.result is None:
            self.result = result
        return answers


class _Result:
    """What the user's function returned, without what is traced."""

    def __init__(self, returned, leaves):
        outputs, self.tree = trees.flatten(returned)
        places = {id(x): place for place, x in enumerate(leaves) if isinstance(x, Tracer)}
        self.answers: list = []
        owners: list = []
        numbers: dict = {}
        #: Of each output what it is, or the place of the leaf, or the number of the answer.
        self.outputs: list = []
        for y in outputs:
            y = as_operand(y) if isinstance(y, _ndarray | Fillable) else y
            if not isinstance(y, Tracer):
                self.outputs.append(("other", y))
            elif id(y) in places:
                self.outputs.append(("leaf", places[id(y)]))
            else:
                if id(y) not in numbers:
                    numbers[id(y)] = len(self.answers)
                    self.answers.append(y)
                    owners.append(id(y if y.alias is None else y.alias[0]))
                self.outputs.append(("answer", numbers[id(y)]))
        #: Where the answers show the memory of a leaf: its place.
        self.shown = [places.get(owner) for owner in owners]
        self.shared = [p is not None or owners.count(o) > 1 for o, p in zip(owners, self.shown)]

    def filled(self, answers, leaves):
        """The same with the answers and leaves of the caller."""
        for y, shared, place in zip(answers, self.shared, self.shown):
            written = [y] if shared else []
            if place is not None:
                x = leaves[place]
                written.append(x if x.alias is None else x.alias[0])
            for x in written:
                if isinstance(x, Tracer):
                    x.writes = Writes() if x.writes is None else x.writes
                    x.writes.refusal = _shown
        sources = {"other": None, "leaf": leaves, "answer": answers}
        filled = [k if (source := sources[kind]) is None else source[k] for kind, k in self.outputs]
        return trees.unflatten(self.tree, filled)


def _shown():
    return errors.InPlaceError(
        "An array is written that a checkpointed function has returned a view of, or beside one.",
        fix="return a copy from that function: x[1:].copy()",
    )
