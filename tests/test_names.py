"""What is said for a name that dualrev does not have, and that nothing else notices."""

import ast
import copy
import inspect
import pickle
import re
import types
from pathlib import Path

import numpy as np
import optree
import pytest

import dualrev as dr
from dualrev.names import INSTEAD

DOCS = Path(__file__).parent.parent / "docs"


def f(x, y=2.0):
    return np.sum(x**3) * y


def with_aux(x):
    return f(x), x


def g(x):
    return np.sin(x)


TYPED = {"np": np, "dr": dr, "optree": optree, "f": f, "g": g, "x": np.ones(3), "v": np.ones(3)}
TYPED |= {"xs": np.ones((2, 3)), "tree": [1.0, 2.0]}
X = np.ones(3)
ARGUMENTS = {"argn": (X, 2.0), "holo": (X * 1j,), "hvp": (X, X), "derivative": (1.0,), "": (X,)}


@pytest.mark.parametrize("word", INSTEAD)
def test_word_of_another_library_says_what_to_type(word):
    with pytest.raises(dr.MissingNameError) as caught:
        getattr(dr, word)
    assert caught.value.what == f"dualrev has no {word}."
    assert "test_names.py" in caught.value.where
    assert caught.value.fix == INSTEAD[word]


@pytest.mark.parametrize("fix", sorted(set(INSTEAD.values())))
def test_what_to_type_runs(fix):
    try:
        made = eval(fix, TYPED | ({"f": with_aux} if fix == "dr.grad(f, has_aux=True)" else {}))
    except SyntaxError:  # a sentence: what it names is there
        assert re.match(r"leave it out: |declare a rule: |import |\w+\.tree_map|a rule that", fix)
    else:
        if isinstance(made, dr.selection.Derivative):
            made(*next(args for part, args in ARGUMENTS.items() if part in fix))
    for path in re.findall(r"\bdr((?:\.\w+)+)", fix):
        found = dr
        for name in path[1:].split("."):
            found = getattr(found, name)
    for page, section in re.findall(r"docs/([\w/]+\.md), (.*)$", fix):
        assert f"## {section}\n" in (DOCS / page).read_text("utf-8")


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("jacobain", "dr.jacobian"),
        ("Hessian", "dr.hessian"),
        ("value_grad", "dr.value_and_grad"),
        ("stopgradient", "dr.stop_gradient"),
        ("jacfwdd", 'dr.jacobian(f, mode="forward")'),
    ],
)
def test_misspelt_name_is_recognized(misspelt, meant):
    with pytest.raises(dr.MissingNameError) as caught:
        getattr(dr, misspelt)
    assert meant in caught.value.fix


@pytest.mark.parametrize("name", ["row_stack", "solve_ivp", "data", "plot", "cli"])
def test_names_that_resemble_nothing_are_not_compared(name):
    with pytest.raises(dr.MissingNameError) as caught:
        getattr(dr, name)
    assert caught.value.fix == "dir(dualrev) lists what there is"


def test_import_by_name_says_the_same():
    with pytest.raises(ImportError) as caught:
        from dualrev import jacfwd  # noqa: F401
    assert "dualrev has no jacfwd." in str(caught.value)
    assert 'dr.jacobian(f, mode="forward")' in str(caught.value)
    with pytest.raises(ImportError, match="dualrev has no pmap"):
        exec("from dualrev import grad as gradient, pmap as batch", {})
    with pytest.raises(ModuleNotFoundError, match="No module named 'dualrev.jit'"):
        import dualrev.jit  # noqa: F401


def test_questions_for_a_name_are_answered_as_of_any_module():
    assert not hasattr(dr, "jit")
    assert getattr(dr, "pmap", None) is None
    assert inspect.getattr_static(dr, "jit", 0) == 0
    with pytest.raises(AttributeError, match="module 'dualrev' has no attribute '__wrapped__'"):
        _ = dr.__wrapped__
    assert {name for name, _ in inspect.getmembers(dr)} >= set(dr.__all__)
    assert inspect.unwrap(dr.grad) is dr.grad
    namespace: dict = {}
    exec("from dualrev import *", namespace)
    assert set(dr.__all__) <= set(namespace)
    exec("from dualrev import nist", namespace)
    assert isinstance(namespace["nist"], types.ModuleType)
    copied = types.ModuleType("copied")
    vars(copied).update(vars(dr))
    assert copied.grad is dr.grad
    assert copy.deepcopy(dr.jvp) is pickle.loads(pickle.dumps(dr.jvp)) is dr.jvp


def test_names_that_are_loaded_later_are_there():
    assert set(dr._LATER) <= set(dr.__all__) <= set(dir(dr))
    assert [name for name in dr._LATER if getattr(dr, name).__name__.split(".")[-1] != name] == []
    assert len(dir(dr)) == len(set(dir(dr)))


def test_no_word_of_another_library_is_a_name_of_ours():
    assert not set(INSTEAD) & set(dir(dr))
    assert all(ast.parse(f"dr.{word}", mode="eval") for word in INSTEAD)
