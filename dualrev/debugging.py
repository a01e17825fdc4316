"""debug: watch every primal, tangent and cotangent, and name the line where one stops being finite.

Must cost nothing while it is off: tapes and scopes ask once, when they are made, whether to be watched.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from dualrev import errors
from dualrev.core.assignment import WRITE
from dualrev.core.operands import base_of
from dualrev.core.traced import Traced
from dualrev.core.watching import OBSERVER, WATCHERS
from dualrev.errors import name_of
from dualrev.insides.lines import user_line
from dualrev.readers.tape import INPUT
from dualrev.readers.var import OUTPUT

__all__ = ["debug"]


@contextmanager
def debug() -> Iterator[None]:
    """Within this context the first nan or inf of a derivative raises, naming the user's line.

    Primals, tangents and cotangents are watched; an error of a pull sweep names the line of the
    operation that it belongs to.  The pattern of a prepared sparse matrix is found at each call.
    Several times slower.  Threads started inside have their own context.

    Raises
    ------
    NonFiniteError
        With the operation, the line, and the argument.
    ArgumentError
        Where a pattern lacks an entry at the arguments of a call.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> with dr.debug():  # doctest: +IGNORE_EXCEPTION_DETAIL
    ...     dr.grad(np.sqrt)(0.0)
    Traceback (most recent call last):
    NonFiniteError: The cotangent of argument 0 of numpy.sqrt is not finite
    """
    observer, outer = Observer(), OBSERVER.get()
    try:  # from the first step on: Ctrl-C may come between two of them
        OBSERVER.set(observer)
        WATCHERS.append(observer)
        yield
    finally:
        OBSERVER.set(outer)
        if observer in WATCHERS:
            WATCHERS.remove(observer)


class Observer:
    """What tapes and scopes call in debug."""

    def __init__(self):
        # By level of the tracers: how many comparisons, and the line of the last.
        self.comparisons = {}

    def compared(self, values):
        """Count a comparison of traced values."""
        line = user_line()
        for x in values:
            while isinstance(x, Traced):
                count, _ = self.comparisons.get(x.level, (0, ""))
                self.comparisons[x.level] = count + 1, line
                x = x.primal

    def returned(self, f, level, outputs):
        """Warn where a function of this level returned what it only compared its way to."""
        count, line = self.comparisons.pop(level, (0, ""))
        if count and not any(isinstance(y, Traced) and y.level == level for y in outputs):
            warnings.warn(
                f"`{name_of(f)}` depends on its arguments through {count} comparisons only, the last "
                f"{line}: its derivative is 0. Return a value that was computed from them, such as "
                "the result of a step of Newton's from where a search has ended.",
                errors.ComparisonWarning,
                stacklevel=2,
            )

    def recording(self, entries):
        """The append of a watched tape."""

        def append(entry):
            rule, ans, *rest = entry
            line = user_line()
            if rule is INPUT:
                check_finite(ans, "An argument of the differentiated function", line)
            elif rule is not OUTPUT:  # its result has been seen, and so will its cotangent be
                check_finite(ans, f"The result of {_name(rule)}", line)
                rule = WatchedRule(rule, line)
            entries.append((rule, ans, *rest))

        return append

    def watching(self, kind):
        """A watched kind of tangent."""
        return WatchedKind(kind)


class WatchedKind:
    """A kind of tangent whose primals and tangents are checked."""

    __slots__ = ("kind",)

    def __init__(self, kind):
        self.kind = kind

    def __getattr__(self, name):
        return getattr(self.kind, name)

    def push(self, rule, tangents, ans, args, kwargs):
        return self._checked(rule, ans, self.kind.push(rule, tangents, ans, args, kwargs))

    def write(self, tangents, ans, args, kwargs):
        return self._checked(WRITE, ans, self.kind.write(tangents, ans, args, kwargs))

    def _checked(self, rule, ans, t):
        line = user_line()
        check_finite(ans, f"The result of {_name(rule)}", line)
        for part in t if isinstance(ans, tuple) else (t,):
            if part is not None:
                what = f"The tangent of the result of {_name(rule)}"
                check_finite(self.kind.parts(part), what, line)
        return t


class WatchedRule:
    """A rule at one place of a tape, whose tangents and cotangents are checked."""

    __slots__ = ("line", "rule")
    chosen = None  # its vjp is called

    def __init__(self, rule, line):
        self.rule = rule
        self.line = line

    def __getattr__(self, name):
        return getattr(self.rule, name)

    def __repr__(self):
        return repr(self.rule)

    def jvp(self, tangents, ans, args, kwargs):
        t = self._run(self.rule.jvp, tangents, ans, args, kwargs)
        check_finite(t, f"The tangent of the result of {_name(self.rule)}", self.line)
        return t

    def vjp(self, ct, ans, args, kwargs, wanted):
        cts = self._run(self.rule.vjp, ct, ans, args, kwargs, wanted)
        for i, c in enumerate(cts):
            c = getattr(c, "ct", c)  # of a PartialCotangent
            check_finite(c, f"The cotangent of argument {i} of {_name(self.rule)}", self.line)
        return cts

    def _run(self, half, *args):
        try:
            return half(*args)
        except errors.DualrevError as error:
            raise type(error)(error.what, where=self.line, fix=error.fix) from error
        except Exception as error:
            error.add_note(f"while differentiating {_name(self.rule)} {self.line}")
            raise


def _name(rule):
    return name_of(getattr(rule, "function", rule))


def check_finite(x, what, line):
    """Raise NonFiniteError where an array, or one of several, holds a nan or an inf."""
    for array in x if isinstance(x, tuple) else (x,):
        array = base_of(array)
        while isinstance(array, Traced):  # a batch: all of its rows
            array = array.below
        if array is None or np.isfinite(array).all():
            continue
        places = np.argwhere(~np.isfinite(np.atleast_1d(array)))
        first = np.atleast_1d(array)[tuple(places[0])]
        raise errors.NonFiniteError(
            f"{what} is not finite: {first}"
            + (f" at index {tuple(map(int, places[0]))}" if np.ndim(array) else "")
            + (f", and {len(places) - 1} more" if len(places) > 1 else "")
            + ".",
            where=line,
            fix="keep the argument inside the domain, e.g. np.where(x > 0, np.sqrt(x), 0)",
        )
