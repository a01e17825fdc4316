"""Engines: what runs a program, by the name that users give it.

Owns which engines there are, and the one that is taken where none is named.  Must not know how any
of them works: an engine is a class, made of a program, whose ``run(arrays)`` answers the outputs and
raises Diverged where a guard meets another outcome.
"""

import functools
import importlib.util
import types

from dualrev import errors

__all__ = ["ENGINES", "workspace_of"]


def _numpy():
    from dualrev.program import numpy_engine

    return numpy_engine.Workspace


def _llvm():
    if not _has_llvm():
        raise errors.MissingPackageError(
            "The engine 'llvm' needs the package llvmlite, which is not installed.",
            where="",
            fix="pip install 'dualrev[compile]'",
        )
    from dualrev.program.llvm import engine

    return engine.Workspace


@functools.cache
def _has_llvm():
    return importlib.util.find_spec("llvmlite") is not None


def _jax():
    try:
        import jax.numpy as module
    except ImportError:
        raise errors.MissingPackageError(
            "The engine 'jax' needs the package jax, which is not installed.",
            where="",
            fix="pip install jax",
        ) from None
    return _of_module(module)


def _of_module(module):
    from dualrev.program import module_engine

    return functools.partial(module_engine.Workspace, module)


#: What makes the workspaces of an engine, by its name.
ENGINES = {"numpy": _numpy, "llvm": _llvm, "jax": _jax}


def workspace_of(engine):
    """What makes workspaces of programs: ``workspace_of(engine)(program)``; None is the default."""
    if engine is None:
        engine = "llvm" if _has_llvm() else "numpy"
    if isinstance(engine, str) and engine in ENGINES:
        return ENGINES[engine]()
    if isinstance(engine, types.ModuleType) and hasattr(engine, "asarray"):
        return _of_module(engine)
    names = ", ".join(f'"{name}"' for name in ENGINES)
    raise errors.ArgumentError(
        f"engine is {engine!r}, which runs no programs.",
        fix=f"engine is one of {names}, or a module that has NumPy's functions",
    )
