"""checkpoint_chain: many equal steps, reversed from few stored states.

Owns what a state is, and what is computed of the steps.  Must not know which states are stored.
"""

import operator
from collections.abc import Callable
from copy import copy
from typing import Any, TypeVar

import numpy as np

from dualrev import errors, trees
from dualrev.calls import call_user, check_callable, current
from dualrev.closures import template
from dualrev.core.assignment import Writes
from dualrev.core.operands import as_operand
from dualrev.core.traced import Fillable, Traced, is_differentiated
from dualrev.core.tracer import Tracer
from dualrev.errors import name_of
from dualrev.insides.lines import user_line
from dualrev.progress import checked_progress, shown
from dualrev.recomputing import (
    Computation,
    is_taped,
    pull_through,
    push_through,
    rebound,
    recomputed,
    values_below,
    written,
)
from dualrev.snapshots import places, reversal
from dualrev.witness import Witness

__all__ = ["checkpoint_chain"]

_State = TypeVar("_State")
_ndarray = np.ndarray


def checkpoint_chain(
    step: Callable[[_State], _State],
    state: _State,
    n: int,
    *,
    snapshots: int,
    progress: bool | Callable = False,
) -> _State:
    """The state after n steps, whose derivative stores few states and runs the fewest steps again.

    Griewank and Walther's binomial schedule (2000, "Algorithm 799: revolve", ACM TOMS 26).  Equals
    ``for _ in range(n): state = step(state)``, also in its derivatives.

    Parameters
    ----------
    step : callable
        ``step(state)``: the next state.  It may write into its state, and capture what is traced, as
        parameters, and arrays that stay as they are.
    state : array or structure of arrays
        The first state; it is not written.  Arrays, and numbers that are not whole, keep their shapes
        and dtypes from step to step.  Other parts may change, as the number of the step in
        ``{"k": 0, ...}``: they carry no derivative.
    n : int
        The number of steps.
    snapshots : int
        How many states are stored at a time, the first one among them; one more is at work.
    progress : bool or callable
        A bar over the steps of a pull, of the package tqdm; or what wraps an iterable as tqdm does.

    Returns
    -------
    array or structure of arrays
        As the state.

    Raises
    ------
    StructureError, ShapeError
        Where a step changes the structure of the state, or the shape or dtype of an array.
    MutationError, EscapedTracerError, InPlaceError
        As :class:`checkpoint` of a step: where it is not the same when it runs again, computes with a
        traced value that is not found, or writes into what it captures.

    See Also
    --------
    checkpoint

    Notes
    -----
    A gradient runs n steps forward, n on a tape, of which it keeps one at a time, and others between::

        (r - 1) n + r - C(c + r, r - 1)    with the least r for which C(c + r, r) > n

    n = 10 000 and c = snapshots = 10, 30, 100 make 4.8, 2.4, 1.5 of them a step.  That is the least with
    so much memory (equations 2 to 4).  A second pull through the same
    steps runs n more.  Forward mode runs the steps once and stores nothing; forward over reverse, as
    :func:`hvp`, stores as few states with their tangents, and costs what it costs of one step.  Other
    derivatives are right too, but reverse over them keeps a state for each step that runs.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> def growth(factor):
    ...     return dr.checkpoint_chain(lambda x: factor * x, 1.0, 10, snapshots=3)
    >>> dr.value_and_grad(growth)(2.0)  # factor**10
    (np.float64(1024.0), np.float64(5120.0))
    """
    check_callable(step, "dr.checkpoint_chain(step, state, n, snapshots=10)")
    n = _whole(n, 0, "n", "the number of steps")
    snapshots = _whole(snapshots, 1, "snapshots", "how many states may be stored")
    progress = checked_progress(progress)
    layout = Layout(state, name_of(step))
    arrays, others = layout.taken_apart(state)
    arrays = list(map(_unwritten, arrays))
    held, captured = template(step)
    leaves = [*arrays, *captured]
    if any(map(is_taped, leaves)):
        chain = _Chain(held, layout, others, captured, n, snapshots, progress)
        arrays = recomputed(chain, leaves)
        return layout.put_together(arrays, chain.last[0])
    for _ in range(n):
        arrays, others = layout.taken_apart(step(layout.put_together(arrays, others)))
    return layout.put_together(arrays, others)


def _whole(number, least, name, meaning):
    try:
        whole = operator.index(number)
    except TypeError:
        whole = None
    if whole is None or whole < least:
        raise errors.ArgumentError(
            f"{name} is {number!r}, {meaning}.", fix=f"give a whole number of at least {least}"
        )
    return whole


class Layout:
    """What all states of a chain have in common: their structure, and the shapes and dtypes of arrays.

    The other leaves of a state, as whole numbers and texts, may be others in each.
    """

    def __init__(self, state, name):
        self.name = name
        leaves, self.tree = trees.flatten(state)
        leaves = list(map(_leaf, leaves))
        self.is_array = list(map(_is_array, leaves))
        self.is_float = [x.dtype.kind in "fc" for x in filter(_is_array, leaves)]
        self.kinds = list(map(_kind, leaves))

    def taken_apart(self, state):
        """The arrays of a state, and its other leaves."""
        leaves, tree = trees.flatten(state)
        leaves = list(map(_leaf, leaves))
        if tree != self.tree:
            raise errors.StructureError(
                f"`{self.name}` answered a state of another structure: {trees.shown(tree)} instead of "
                f"{trees.shown(self.tree)}.",
                where="",
                fix="return the state in the same containers that it came in",
            )
        kinds = list(map(_kind, leaves))
        if kinds != self.kinds:
            self._refuse(kinds)
        arrays = [x for x, is_array in zip(leaves, self.is_array) if is_array]
        return arrays, [x for x, is_array in zip(leaves, self.is_array) if not is_array]

    def _refuse(self, kinds):
        path, now, before = next(
            (path, now, before)
            for path, now, before in zip(trees.paths(self.tree), kinds, self.kinds, strict=True)
            if now != before
        )
        raise errors.ShapeError(
            f"`{self.name}` answered a state of which `state{path}` is {_in_words(now)}; it came in as "
            f"{_in_words(before)}.",
            where="",
            fix="start from a state in the shapes and dtypes that the steps answer",
        )

    def put_together(self, arrays, others):
        """The state of these arrays and other leaves."""
        arrays, others = iter(arrays), iter(others)
        leaves = [next(arrays if is_array else others) for is_array in self.is_array]
        return trees.unflatten(self.tree, leaves)


def _leaf(x):
    if isinstance(x, _ndarray | Fillable):
        return as_operand(x)
    return np.asarray(x)[()] if isinstance(x, float | complex) else x


def _is_array(x):
    return isinstance(x, Traced) or (isinstance(x, _ndarray | np.generic) and x.dtype.kind in "fc")


def _kind(x):
    """The shape and dtype of an array; None of another leaf."""
    return (x.shape, x.dtype) if _is_array(x) else None


def _in_words(kind):
    return (
        "no array of floats" if kind is None else "an array of shape {} and dtype {}".format(*kind)
    )


def _unwritten(x):
    """An array that may be written, where others hold the one that it is a copy of."""
    if type(x) is _ndarray:
        return x.copy("K")
    return x.copy(None) if isinstance(x, Tracer) else x


class _Step(Computation):
    """A step: of the arrays of a state, and what is captured."""

    def __init__(self, chain, others):
        self.chain, self.others = chain, others
        self.name, self.line, self.active = chain.name, chain.line, chain.active

    def run(self, leaves):
        chain = self.chain
        arrays, captured = chain.split(leaves)
        for x, active in zip(captured, self.active[chain.width :]):
            if active and isinstance(x, Tracer):
                x.writes = Writes(refusal=written)
        made = chain.held.with_leaves(captured)
        state = chain.layout.put_together(arrays, self.others)
        answers, self.after = chain.layout.taken_apart(call_user(made.root[0], (state,), {}))
        if made.changed():
            raise rebound(self.name)
        return tuple(current(y) if isinstance(y, Tracer) else y for y in answers)

    def agree(self, mark):
        self.mark = mark  # the chain's tells


class _Chain(Computation):
    """The steps, one after the other.

    Attributes
    ----------
    last : list
        The leaves of the last state that are no arrays: one, and the same for all below.
    """

    def __init__(self, held, layout, others, captured, n, snapshots, progress):
        self.held, self.layout, self.others = held, layout, others
        self.n, self.snapshots, self.progress = n, snapshots, progress
        self.name, self.line = layout.name, user_line()
        self.width = sum(layout.is_array)
        self.active = [*layout.is_float, *map(is_differentiated, captured)]
        self.last = [others]
        self._depth = 0
        self._stored: Any = None

    def split(self, leaves):
        """The arrays of the state, and what is captured."""
        return leaves[: self.width], leaves[self.width :]

    def below(self):
        chain = copy(self)
        chain.mark = chain._stored = None
        chain._depth += 1
        return chain

    def _step(self, others):
        """A step from a state with these leaves that are no arrays; and as it is at this depth."""
        step = seen = _Step(self, others)
        for _ in range(self._depth):
            seen = seen.below()
        return step, seen

    def values(self, leaves):
        return self._values(leaves, ())

    def first_values(self, leaves):
        return self._values(leaves, set(places(self.n + 1, self.snapshots)))

    def _values(self, leaves, wanted):
        """The last state; those before the wanted steps are stored."""
        arrays, captured = self.split(leaves)
        others = self.others
        total = 0
        stored = []
        for k in range(self.n):
            if k in wanted:
                stored.append((k, (arrays, others)))
            step, seen = self._step(others)
            _, outputs = seen.recorded([*arrays, *captured], Witness())
            arrays, others = [y for _, y in outputs], step.after
            total += seen.mark
        self.agree(hash(total))
        self.last[0] = others
        if stored:
            self._stored = _levels(leaves), stored
        return tuple(arrays)

    def _take_stored(self, leaves):
        """The states that the run has stored, once; later, and at other levels, the first alone."""
        stored, self._stored = self._stored, None
        if stored is not None and stored[0] == _levels(leaves):
            return list(stored[1])  # another thread may have taken it too
        return [(0, (self.split(leaves)[0], self.others))]

    def _advance(self, state, captured, count):
        """The state so many steps later."""
        arrays, others = state
        arrays = list(map(_unwritten, arrays))
        for _ in range(count):
            step, seen = self._step(others)
            leaves = [*arrays, *captured]
            if any(map(is_differentiated, leaves)):
                arrays = values_below(*leaves, computation=seen)
            else:
                arrays = step.run(leaves)
            others = step.after
        return arrays, others

    def pull(self, leaves, cts, wanted):
        captured = self.split(leaves)[1]
        steps = reversal(
            self.n,
            self.snapshots,
            self._take_stored(leaves),
            lambda k, state, m: self._advance(state, captured, m - k),
        )
        total = 0
        of_captured: list = [None] * len(captured)

        def reverse(_):
            nonlocal cts, total
            k, (arrays, others) = next(steps)
            _, seen = self._step(others)
            of_state = wanted[: self.width] if k == 0 else self.active[: self.width]
            asked = [*of_state, *wanted[self.width :]]
            pulled = pull_through(seen, [*arrays, *captured], cts, asked)
            cts, parts = self.split(pulled)
            for i, c in enumerate(parts):
                if c is not None:
                    of_captured[i] = c if of_captured[i] is None else of_captured[i] + c
            total += seen.mark

        if self.progress is False:
            for k in range(self.n):
                reverse(k)
        else:
            for _ in shown(self.progress, "step", f"pull of {self.name}")(reverse, range(self.n)):
                pass
        self.agree(hash(total))
        return [c if w else None for c, w in zip([*cts, *of_captured], wanted)]

    def push(self, leaves, tangents):
        arrays, captured = self.split(leaves)
        ts, of_captured = self.split(tangents)
        state = arrays, self.others
        total = 0
        for _ in range(self.n):
            _, seen = self._step(state[1])
            ts = push_through(seen, [*state[0], *captured], [*ts, *of_captured])
            state = self._advance(state, captured, 1)
            total += seen.mark
        self.agree(hash(total))
        return list(ts)


def _levels(leaves):
    return [x.level if isinstance(x, Tracer) else 0 for x in leaves]
