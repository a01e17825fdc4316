"""Every public name of SciPy has a word, which says what becomes of a traced array in it."""

import importlib
import re
import runpy
from pathlib import Path

import pytest

from dualrev.scipy import refusal_of, stats, word_of
from dualrev.scipy.spatial import distance
from tests.scipy.checks import LEFT_OUT, MODULES, calls_in, checks, public_names

CONF = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "conf.py"))


def test_the_modules_are_those_that_scipy_calls_public():
    public = pytest.importorskip("scipy._lib._public_api", reason="not in SciPy 1.15")
    known = [*MODULES, *" ".join(LEFT_OUT.values()).split()]
    assert sorted(public.PUBLIC_MODULES) == sorted(f"scipy.{module}" for module in known)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_has_a_word(module):
    """A name that a new SciPy brings is given one in dualrev/scipy/<module>/rest.py, or a twin."""
    words = {name: word_of(f"scipy.{module}.{name}") for name in public_names(module)}
    assert words
    assert [name for name, word in words.items() if word not in CONF["SCIPY_WORDS"]] == []


def test_a_name_is_checked_where_that_of_its_own_module_is_called():
    called = calls_in(
        """
from dualrev.scipy import stats
from dualrev.scipy.spatial import distance
PROGRAMS = {"cosine": lambda m: m.norm}
LAWS = [getattr(stats, name) for name in {"beta": "cosine"}]

def test_value():
    distance.cosine("cdist", stats.expon.pdf)
    for metric in ("euclidean", "cityblock"):
        getattr(distance, metric)

def test_error():
    with pytest.raises(ValueError):
        stats.gamma.pdf()
"""
    )
    expected = distance.cosine, distance.euclidean, stats.norm, stats.expon, stats.beta
    others = distance.cdist, stats.cosine, stats.gamma
    assert [f for f in expected if id(f) not in called] == []
    assert [f for f in others if id(f) in called] == []


@pytest.mark.parametrize("module", MODULES)
def test_what_is_claimed_to_work_is_called_by_a_test(module):
    """A row of tests/cases, or a program of tests/scipy: tests/scipy/checks.py says what is seen."""
    paths = [f"scipy.{module}.{name}" for name in public_names(module)]
    claimed = [path for path in paths if word_of(path) in ("dispatches", "twin", "body")]
    assert [path for path in claimed if not checks(path)] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_refusal_says_why_and_what_to_type(module):
    paths = [f"scipy.{module}.{name}" for name in public_names(module)]
    refused = [path for path in paths if word_of(path) == "refused"]
    assert [path for path in refused if not all(refusal_of(path))] == []
    fixes = " ".join(refusal_of(path)[1] for path in refused)
    named = {name.rstrip(".") for name in re.findall(r"(?:dualrev|scipy|np)\.[\w.]+", fixes)}
    assert [name for name in sorted(named) if not _exists(name)] == []


def _exists(path):
    first, *names = path.replace("np.", "numpy.", 1).split(".")
    found = importlib.import_module(first)
    for name in names:
        try:
            found = getattr(found, name)
        except AttributeError:
            try:
                found = importlib.import_module(f"{found.__name__}.{name}")
            except ImportError:
                return False
    return True


@pytest.mark.parametrize("module", MODULES)
def test_classes_have_the_methods_of_scipys(module):
    """But those that are refused by name: "CubicSpline.roots" in rest.py."""
    lacking = []
    for name, theirs in public_names(module).items():
        if not isinstance(theirs, type) or word_of(f"scipy.{module}.{name}") != "twin":
            continue
        ours = getattr(importlib.import_module(f"dualrev.scipy.{module}"), name)
        methods = [m for m in dir(theirs) if m[0] != "_" and callable(getattr(theirs, m))]
        methods = [m for m in methods if getattr(theirs, m).__doc__]
        # One with __getattr__ answers a method, or refuses it, by its name.
        if isinstance(ours, type) and not hasattr(ours, "__getattr__"):
            lacking += [f"{name}.{m}" for m in methods if not hasattr(ours, m)]
    assert [m for m in lacking if refusal_of(f"scipy.{module}.{m}") is None] == []
