"""Every public function of NumPy is a rule, a composition, a constant, or refused with a reason."""

import importlib
import inspect
import pkgutil
import re
import runpy
from pathlib import Path

import numpy as np

import dualrev.scipy
from dualrev import implicit
from dualrev.core.primitive import RULES
from dualrev.scipy import optimize
from dualrev.scipy.optimize import elementwise

ROOT = Path(__file__).parent.parent
CONF = runpy.run_path(str(ROOT / "docs" / "conf.py"))
FUNCTIONS = {
    f"{chapter}.{name}": function
    for chapter, module in CONF["CHAPTERS"].items()
    for name, function in CONF["public_functions"](module).items()
}
METHODS = {
    f"{ufunc}.{name}": rule
    for ufunc, methods in CONF["ufunc_methods"]().items()
    for name, rule in methods.items()
}


def test_every_function_is_classified():
    """A function that a new NumPy brings is given one of the words of docs/conf.py."""
    words = {name: getattr(RULES.get(f), "word", None) for name, f in FUNCTIONS.items()}
    missing = [name for name, word in words.items() if word not in CONF["WORDS"]]
    assert missing == [], "in none of the classes: give them a word in dualrev/rules"


def test_every_method_of_a_ufunc_is_classified():
    assert METHODS
    assert [name for name, rule in METHODS.items() if rule is None] == []


def test_every_method_and_attribute_of_arrays_is_classified():
    methods = CONF["array_methods"]()
    assert methods
    assert [name for name, word in methods.items() if word is None] == []


def test_every_method_of_a_class_is_classified():
    methods = {title: CONF["methods_of"](cls) for title, cls in CONF["CLASSES"].items()}
    assert all(methods.values())
    assert [
        f"{title}.{name}"
        for title, of_class in methods.items()
        for name, method in of_class.items()
        if method not in RULES
    ] == []


def test_every_refusal_says_why_and_what_to_type():
    refusals = [rule for rule in RULES.values() if rule.word == "refused"]
    assert refusals
    assert all(rule.why and rule.fix for rule in refusals)


def test_the_list_is_numpy_s_own():
    """Nothing that users call is left out by its kind, and no chapter by its name."""
    listed = {name.removeprefix("numpy.") for name in FUNCTIONS}
    called = {n for n in np.__all__ if n[0] != "_" and inspect.isroutine(getattr(np, n))}
    ufuncs = {n for n in np.__all__ if isinstance(getattr(np, n), np.ufunc)}
    assert called | ufuncs <= listed
    assert {"linalg.solve", "fft.rfft", "lib.scimath.sqrt", "polynomial.legendre.legval"} <= listed


def test_every_solver_stands_on_the_page_with_what_it_is_compared_with():
    page = (ROOT / "docs" / "reference" / "coverage.md").read_text("utf-8")
    rows = re.findall(r"^\| (.*) \|$", page.partition("## Through solvers")[2], re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`([\w.]+)`", row.split(" | ")[0])}
    paths = {name: f"scipy.optimize.{name}" for name in optimize.__all__}
    paths |= {
        f"elementwise.{name}": f"scipy.optimize.elementwise.{name}" for name in elementwise.__all__
    }
    solvers = {name for name, path in paths.items() if dualrev.scipy.word_of(path) == "twin"}
    solvers |= {"solve_ivp", "odeint", "solve_bvp"}
    assert solvers | {f"implicit.{name}" for name in implicit.__all__} == listed - {"quad"}
    files = re.findall(r"`([\w/]+\.py)`", page)
    assert len(files) > 10
    assert [file for file in files if not (ROOT / "tests" / file).exists()] == []


def test_every_primitive_has_a_name():
    """Also those of the twins: a lambda is declared with name=."""
    for module in pkgutil.walk_packages(dualrev.scipy.__path__, "dualrev.scipy."):
        importlib.import_module(module.name)
    ours = [f for f in RULES if (getattr(f, "__module__", None) or "").startswith("dualrev.")]
    assert len(ours) > 200
    assert [f.function for f in ours if "<" in f.__name__] == []
