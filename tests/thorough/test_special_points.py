"""The derivatives of every case of NumPy's chapters at points that the laws do not sample.

At a 0, at two equal elements, at equal rows, and where all are equal, 1 or 0: forward is reverse, and
the second derivative is the same number in all four nestings, hvp and hessian, or no number.  Where
differences from both sides converge to one value, it is that value.  Takes about ten minutes.
"""

import importlib
import pkgutil

import numpy as np
import pytest

from tests import cases
from tests.thorough.agreement import disagreements, finite_share

pytestmark = pytest.mark.filterwarnings("ignore")


#: Sets of equal elements have fewer: the answers of points beside have other shapes.
CHAPTERS = [
    module.name
    for module in pkgutil.iter_modules(cases.__path__)
    if not module.name.startswith(("scipy", "special", "sets"))
]
#: Rounding decides, of what is infinite.
SINGULAR = "-cond("
#: Hessians of larger arguments take minutes and show nothing new.
CASES = [
    case
    for chapter in CHAPTERS
    for case in importlib.import_module(f"tests.cases.{chapter}").CASES
    if case.args and not case.of_options and sum(map(np.size, case.args)) <= 40
]


def one_is_zero(x, rng):
    x.flat[rng.integers(x.size)] = 0


def two_are_equal(x, rng):
    i, j = rng.choice(x.size, 2, replace=x.size < 2)
    x.flat[i] = x.flat[j]


def all_are_equal(x, rng):
    x[...] = x.flat[0]


def all_are_zero(x, rng):
    x[...] = 0


def all_are_one(x, rng):
    x[...] = 1


def columns_are_equal(x, rng):
    if x.shape[-1] > 1:
        x[..., 0] = x[..., -1]


def is_the_identity(x, rng):
    if x.ndim > 1:
        x[...] = np.eye(*x.shape[-2:])


def first_is_zero(x, rng):
    x[..., :1] = 0


SPECIAL = [
    one_is_zero,
    two_are_equal,
    all_are_equal,
    all_are_zero,
    all_are_one,
    columns_are_equal,
    is_the_identity,
    first_is_zero,
]


def specialised(args, make, rng):
    """Copies of the arguments, of which one or all were made special."""
    args = [np.array(a) for a in args]
    chosen = range(len(args)) if rng.random() < 0.3 else [rng.integers(len(args))]
    for i in chosen:
        if args[i].size:
            make(args[i] if args[i].ndim else args[i].reshape(1), rng)
    return tuple(a[()] for a in args)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_derivatives_at_special_points_agree(case):
    rng = np.random.default_rng(0)
    found = []
    for make in SPECIAL:
        args = specialised(case.args, make, rng)
        disagreed = disagreements(case.call, args, rng)
        if SINGULAR not in case.label or np.all(
            np.linalg.matrix_rank(args[0]) == args[0].shape[-1]
        ):
            found += [(make.__name__, *d) for d in disagreed]
    assert found == []


def test_most_second_derivatives_were_numbers():
    """After the above."""
    assert finite_share("forward over reverse") > 0.5
