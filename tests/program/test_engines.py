"""Engines are chosen by name, and one that is not installed says what installs it."""

import pytest

import dualrev as dr
from dualrev.program import engines, numpy_engine


def test_without_llvmlite_the_default_is_numpy_and_llvm_says_what_to_install(monkeypatch):
    monkeypatch.setattr(engines, "_has_llvm", lambda: False)
    assert engines.workspace_of(None) is numpy_engine.Workspace
    with pytest.raises(dr.MissingPackageError, match=r"pip install 'dualrev\[compile\]'"):
        engines.workspace_of("llvm")


def test_an_unknown_engine_is_refused_with_those_that_are_known():
    with pytest.raises(dr.ArgumentError, match='"numpy", "llvm"'):
        engines.workspace_of("fortran")
