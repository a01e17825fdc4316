"""Every row of docs/reference/limits.md happens as it says, and what it says to write instead works.

A row is a program of x, a word for what happens, and a program to write instead.
"""

import ast
import collections.abc
import ctypes
import decimal
import functools
import io
import json
import math
import numbers
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
import scipy
import scipy.integrate
import scipy.linalg
import scipy.optimize
import scipy.sparse.linalg
from numpy.testing import assert_allclose

import dualrev as dr
from tests.numeric import numeric_jacobian

PAGE = (Path(__file__).parent.parent / "docs" / "reference" / "limits.md").read_text("utf-8")
X = np.array([1.4, 0.6, 2.2])
A = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 4.0]])
ERRORS = {
    "raises": dr.DualrevError,
    "AttributeError": AttributeError,
    "ValueError": ValueError,
}


def rows(where="in f"):
    """Program, word and repairs of each row, its program as the name of the test."""
    for table in re.findall(rf"^\| {where} \|.*\n\|---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE):
        for row in table.splitlines():
            program, word, instead = row.strip("|").split(" | ")
            (program, *_), (word, *_) = re.findall(r"`(.*?)`", program), re.findall(r"\w+", word)
            yield pytest.param(program, word, list(repairs(program, instead)), id=program)


def repairs(program, instead):
    """What a third column says to write, each a program and how it is run."""
    if instead.strip().startswith("the same"):
        yield program, imported
        yield program, patched
    for repair in re.findall(r"`(.*?)`", instead)[:1]:
        yield repair, imported if "with `dualrev.numpy`" in instead else as_it_is


def as_it_is(program, x, np=np):
    """What a program gives: y where it makes one, else its last expression."""
    modules = (collections, ctypes, decimal, io, json, math, numbers, pickle, scipy)
    names = {module.__name__: module for module in modules}
    names |= {"np": np, "dr": dr, "splinalg": scipy.sparse.linalg, "x": x, "A": A}
    names |= {"S": scipy.sparse.csr_array(A), "rng": np.random.default_rng(0)}
    *body, last = ast.parse(program).body
    exec(compile(ast.Module(body, []), program, "exec"), names)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), program, "eval"), names)
    else:
        exec(compile(ast.Module([last], []), program, "exec"), names)
        value = None
    return names.get("y", value)


def imported(program, x):
    """The same with ``import dualrev.numpy as np``."""
    return as_it_is(program, x, dr.numpy)


def patched(program, x):
    with dr.patch_numpy():
        return as_it_is(program, x)


def traced(run, program):
    """The value that a program has while it is differentiated."""
    seen = []

    def f(x):
        seen.append(dr.stop_gradient(run(program, x)))
        return x

    dr.vjp(f, X)
    return seen[0]


def slopes(run, program):
    """Its derivatives, alike in both modes."""
    f = functools.partial(run, program)
    forward, reverse = (dr.jacobian(f, mode=mode)(X) for mode in ("forward", "reverse"))
    assert_allclose(forward, reverse, rtol=1e-12)
    return forward


@pytest.mark.parametrize(("program", "word", "repaired"), list(rows()))
@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_row_of_the_page_is_true(program, word, repaired):
    """It happens as the second column says; the third has the same value, and its derivative."""
    value = as_it_is(program, X)
    if word == "differs":
        assert traced(as_it_is, program) != value
        assert [traced(run, repair) for repair, run in repaired] == [value]
        return
    expected = numeric_jacobian(functools.partial(as_it_is, program), X)
    if word in ERRORS:
        with pytest.raises(ERRORS[word]):
            traced(as_it_is, program)
    else:
        is_right = np.allclose(expected, slopes(as_it_is, program), atol=1e-8)
        assert is_right == {"silent": False, "constant": True}[word]
    for repair, run in repaired:
        assert_allclose(value, traced(run, repair), rtol=1e-12)
        assert_allclose(expected, slopes(run, repair), rtol=1e-7, atol=1e-8)


@pytest.mark.filterwarnings("ignore::dualrev.errors.PerformanceWarning")
@pytest.mark.parametrize(("program", "word", "repairs"), list(rows("in f of a batch")))
def test_row_of_batches_is_true(program, word, repairs):
    xs = np.stack([X, 0.5 * X[::-1], 2.0 * X])
    assert word == "raises"
    with pytest.raises(dr.DualrevError):
        dr.vmap(lambda x: as_it_is(program, x))(xs)
    for repair, run in repairs:
        expected = np.stack([as_it_is(program, x) for x in xs])
        assert_allclose(expected, dr.vmap(lambda x, run=run, repair=repair: run(repair, x))(xs))
