"""Recomputing: a computation that a tape holds as one entry, and that runs again where it is swept.

Owns what such an entry keeps, how a second run is known to be the first one again, and how it nests.
Must not know what is computed, nor for whom.

Each level meets one entry.  Below it the computation is another one: that of the values of a run, of a
pull, of a push, of the rows of a batch; and so on, until no tape is left that could keep anything.
"""

import itertools

from dualrev import errors
from dualrev.core.binding import bind
from dualrev.core.primitive import RULES
from dualrev.core.traced import is_differentiated, tracer_in
from dualrev.core.tracer import Tracer
from dualrev.core.words import rule
from dualrev.readers.batch import Rows
from dualrev.readers.doubts import settle_doubt
from dualrev.readers.forward import Dual
from dualrev.readers.var import Var
from dualrev.witness import Marked, Witness

__all__ = [
    "Computation",
    "is_taped",
    "pull_through",
    "push_through",
    "rebound",
    "recomputed",
    "values_below",
    "written",
]


def is_taped(x) -> bool:
    """Whether a tape would keep what is computed with x."""
    while isinstance(x, Tracer):
        if type(x) is Var:
            return True
        if type(x) is Dual and any(map(is_taped, x.scope.kind.parts(x.tangent))):
            return True
        x = x.primal if x.differentiates else x.below
    return False


def recomputed(computation, leaves) -> tuple:
    """The answers of a computation, of which tapes keep the leaves alone."""
    if any(map(is_taped, leaves)):
        return bind(RULES[_entry], leaves, {"computation": computation})
    return computation.run(leaves)


class Computation(Marked):
    """A function of arrays that answers a tuple of arrays, the same whenever it runs.

    Attributes
    ----------
    active : sequence of bool
        By which of its leaves derivatives may be taken.
    name, line : str
        Of the user's function that it runs, and where that was called.
    """

    active: list
    name: str
    line: str

    def __repr__(self):
        return f"<{self.name}>"

    def run(self, leaves) -> tuple:
        """The answers for these leaves, which may be traced."""
        raise NotImplementedError

    def values(self, leaves) -> tuple:
        """The same, where a tape holds the run as one entry: of its own tape only the mark is kept."""
        _, outputs = self.recorded(leaves, Witness())
        return tuple(y for _, y in outputs)

    def first_values(self, leaves) -> tuple:
        """The same, where the pull that follows is given these leaves: it may keep more."""
        return self.values(leaves)

    def below(self) -> "Computation":
        """The computation of the values, as what is below a tape sees them."""
        return _Values(self)

    def pull(self, leaves, cts, wanted) -> list:
        """The cotangents of the wanted leaves from those of the answers; None where there is none."""
        tape = Witness()
        inputs, outputs = self.recorded(leaves, tape)
        given: dict = {}
        for (i, _), ct in zip(outputs, cts):
            if i is not None and ct is not None:
                given[i] = given[i] + ct if i in given else ct
        places = [i for i, w in zip(inputs, wanted) if w]
        pulled = iter(tape.pull(given, places, once=True))
        return [next(pulled) if w else None for w in wanted]

    def push(self, leaves, tangents) -> list:
        """The tangents of the answers from those of the leaves; None where there is none."""
        tape = Witness()
        inputs, outputs = self.recorded(leaves, tape)
        given = {i: t for i, t in zip(inputs, tangents) if t is not None}
        pushed = iter(tape.push(given, [i for i, _ in outputs if i is not None]))
        return [None if i is None else next(pushed) for i, _ in outputs]

    def recorded(self, leaves, tape):
        """The entries of the leaves, and those of the answers with their primals; None of constants."""
        try:
            variables = [tape.input(x, own=True) if a else x for x, a in zip(leaves, self.active)]
            answers = list(map(settle_doubt, self.run(variables)))
        finally:
            tape.close()
        outputs = []
        for y in answers:
            own = type(y) is Var and y.tape is tape
            if not own and is_differentiated(tracer_in(y)):
                raise captured(self.name)
            outputs.append((y.entry, y.primal) if own else (None, y))
        if tape.reads_others:
            raise captured(self.name)
        self.agree(tape.mark)
        numbers = itertools.count()
        return [next(numbers) if a else None for a in self.active], outputs

    def agree(self, mark):
        """Raise where a run was another one than the first."""
        if self.mark is None:
            self.mark = mark
        elif self.mark != mark:
            raise changed(self.name, self.line)


class _Values(Computation):
    """The values of a run, as what is below a tape sees them."""

    def __init__(self, of):
        self.of = of
        self.name, self.line, self.active = of.name, of.line, of.active

    def run(self, leaves):
        return self.of.values(leaves)


class _Pull(Computation):
    """A pull through a run: leaves, then the cotangents that are given."""

    def __init__(self, of, given, wanted):
        self.of, self.given, self.wanted = of, given, wanted
        self.name, self.line = of.name, of.line
        self.active = [*of.active, *[True] * sum(given)]

    def run(self, leaves):
        count = len(self.wanted)
        pulled = self.of.pull(leaves[:count], _spread(leaves[count:], self.given), self.wanted)
        self.found = [c is not None for c in pulled]
        return tuple(c for c in pulled if c is not None)


class _Push(Computation):
    """A push through a run: leaves, then the tangents of those that move."""

    def __init__(self, of, moving):
        self.of, self.moving = of, moving
        self.name, self.line = of.name, of.line
        self.active = [*of.active, *[True] * sum(moving)]

    def run(self, leaves):
        count = len(self.moving)
        pushed = self.of.push(leaves[:count], _spread(leaves[count:], self.moving))
        self.found = [t is not None for t in pushed]
        return tuple(t for t in pushed if t is not None)


class _Rows(Computation):
    """A run for each row of a batch."""

    def __init__(self, of, batched, count):
        self.of, self.batched, self.count = of, batched, count
        self.name, self.line, self.active = of.name, of.line, of.active

    @property
    def mark(self):
        return self.of.mark

    def run(self, leaves):
        return self._of_rows(self.of.run, (leaves, self.batched))

    def values(self, leaves):
        return self._of_rows(self.of.values, (leaves, self.batched))

    def pull(self, leaves, cts, wanted):
        of_rows = itertools.repeat(True, len(cts))
        pulled = self._of_rows(
            lambda *rows: self.of.pull(*rows, wanted), (leaves, self.batched), (cts, of_rows)
        )
        return [c if c is None or b else c.sum(axis=0) for c, b in zip(pulled, self.batched)]

    def push(self, leaves, tangents):
        return self._of_rows(self.of.push, (leaves, self.batched), (tangents, self.batched))

    def _of_rows(self, do, *groups):
        """What is done with rows of arrays, which have them or are the same for all, with all rows."""
        rows = Rows(self.count)
        try:
            batches = (
                [rows.batch(x) if b and x is not None else x for x, b in zip(*group)]
                for group in groups
            )
            return tuple(None if y is None else rows.spread(y) for y in do(*batches))
        finally:
            rows.close()


def _spread(given, where):
    """The given ones where there is one, and None elsewhere."""
    given = iter(given)
    return [next(given) if there else None for there in where]


def pull_through(computation, leaves, cts, wanted) -> list:
    """The cotangents of the wanted leaves from those of the answers; None where there is none."""
    pull = _Pull(computation, [c is not None for c in cts], wanted)
    return _spread(recomputed(pull, (*leaves, *(c for c in cts if c is not None))), pull.found)


def push_through(computation, leaves, tangents) -> list:
    """The tangents of the answers from those of the leaves; None where there is none."""
    push = _Push(computation, [t is not None for t in tangents])
    return _spread(recomputed(push, (*leaves, *(t for t in tangents if t is not None))), push.found)


def _jvp(tangents, ans, *leaves, computation):
    return push_through(computation, leaves, tangents)


def _vjp(ct, wanted, ans, *leaves, computation):
    return pull_through(computation, leaves, ct, wanted)


def _batch(call, batched, *leaves, computation):
    count = next(len(x) for x, b in zip(leaves, batched) if b)
    return call(*leaves, computation=_Rows(computation, batched, count))


def values_below(*leaves, computation):
    """The values of a computation below a tape that holds it."""
    if any(map(is_taped, leaves)):
        return recomputed(computation.below(), leaves)
    return computation.first_values(leaves)


_entry = rule(
    lambda *leaves, computation: computation.run(leaves),
    jvp=_jvp,
    vjp=_vjp,
    call=values_below,
    batch=_batch,
    arity=-1,
    fills=False,
    name="checkpoint",
)


# ----------------------------------------------------------------------------------------- errors


def captured(name):
    """The error for a traced value that is no leaf."""
    return errors.EscapedTracerError(
        f"`{name}`, which is to run again later, computes with a traced value that is none of its "
        "arguments, and not in its closure.",
        fix=f"pass it to `{name}` as an argument",
    )


def changed(name, line):
    """The error for a run that is another one than the first."""
    return errors.MutationError(
        f"`{name}` did not compute the same when it ran again for its derivative: what it reads "
        "besides its arguments has changed since, or it draws random numbers.",
        where=line,
        fix=f"pass what changes, and random numbers, to `{name}` as arguments",
    )


def written():
    """The error for a write into what comes from outside."""
    return errors.InPlaceError(
        "A function that is to run again for its derivative writes what it was given.",
        fix="let it write a copy: x = x.copy()",
    )


def rebound(name):
    """The error for a variable or container that is given another content."""
    return errors.InPlaceError(
        f"`{name}`, which is to run again for its derivative, puts something else into a variable, "
        "list, dict or object that holds traced values.",
        fix=f"return it from `{name}`, and put it there outside",
    )
