"""Engines: what runs a program, by the name that users give it.

Owns which engines there are, and the one that is taken where none is named.  Must not know how any
of them works: an engine is a class, made of a program, whose ``run(arrays)`` answers the outputs and
raises Diverged where a guard meets another outcome.
"""

from dualrev.core import errors
from dualrev.program import numpy_engine

__all__ = ["ENGINES", "workspace_of"]

#: What makes the workspaces of an engine, by its name.
ENGINES = {"numpy": lambda: numpy_engine.Workspace}


def workspace_of(engine):
    """What makes workspaces of programs: ``workspace_of(engine)(program)``; None is the default."""
    if engine is None:
        engine = "numpy"
    if isinstance(engine, str) and engine in ENGINES:
        return ENGINES[engine]()
    raise errors.ArgumentError(
        f"engine={engine!r} is none that runs programs.",
        fix=f"choose one of {', '.join(map(repr, ENGINES))}",
    )
