"""Watching: who is told of what is computed with traced values.

Must not know who watches, nor what for: debug, recordings and bodies of SciPy's functions do.
"""

from contextvars import ContextVar

__all__ = ["EQUALITY_WATCHERS", "OBSERVER", "WATCHERS", "tell_of_equality", "watched"]

#: Who watches the primals, tangents and cotangents of new transforms: None, or debug's observer.
OBSERVER: ContextVar = ContextVar("dualrev_observer", default=None)
#: Who counts comparisons: the observers of debug, each while it watches.
WATCHERS: list = []
#: Who is told of tests for equality, and where they hold: what equals a number is often treated apart.
EQUALITY_WATCHERS: list = []


def watched(*compared):
    """Tell of a comparison."""
    for watcher in WATCHERS:
        watcher.compared(compared)


def tell_of_equality(same, x, y, ans):
    """Tell of a test for equality, or its contrary."""
    for tell in EQUALITY_WATCHERS:
        tell(x, y, ans if same else ~ans)
