"""Every row of docs/reference/limits.md happens as it says, and what it says to write instead works.

A row is a program of x, a word for what happens, and a program to write instead.
"""

import ast
import collections.abc
import ctypes
import decimal
import functools
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
    "TypeError": TypeError,
    "ValueError": ValueError,
    "AttributeError": AttributeError,
}


def rows():
    """Program, word, repair (or None) of each row, its program as the name of the test."""
    for table in re.findall(r"^\| in f .*\n\|---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE):
        for row in table.splitlines():
            program, word, repair = row.strip("|").split(" | ")
            (program, *_), (word, *_) = re.findall(r"`(.*?)`", program), re.findall(r"\w+", word)
            repair = next(iter(re.findall(r"`(.*?)`", repair)), None)
            yield pytest.param(program, word, repair, id=program)


def answer(program, x):
    """What a program gives: y where it makes one, else its last expression."""
    modules = (collections, ctypes, decimal, json, math, numbers, pickle, scipy)
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


def traced(program):
    """The value that a program has while it is differentiated."""
    seen = []

    def f(x):
        seen.append(dr.stop_gradient(answer(program, x)))
        return x

    dr.vjp(f, X)
    return seen[0]


def slopes(program):
    """Its derivatives: by dualrev, in both modes, and by differences."""
    f = functools.partial(answer, program)
    modes = [dr.jacobian(f, mode=mode)(X) for mode in ("forward", "reverse")]
    assert_allclose(*modes, rtol=1e-12)
    return modes[0], numeric_jacobian(f, X)


@pytest.mark.parametrize(("program", "word", "repair"), list(rows()))
@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_row_of_the_page_is_true(program, word, repair):
    """It happens as the second column says; the third has the same value and its derivative."""
    answer(program, X)
    if word in ERRORS:
        with pytest.raises(ERRORS[word]):
            traced(program)
    elif word == "differs":
        assert traced(program) != answer(program, X)
    else:
        ours, differences = slopes(program)
        assert (
            np.allclose(ours, differences, atol=1e-8) == {"silent": False, "constant": True}[word]
        )
    if repair is None:
        return
    assert_allclose(answer(program, X), traced(repair), rtol=1e-12)
    if word != "differs":
        assert_allclose(*slopes(repair), atol=1e-8)
