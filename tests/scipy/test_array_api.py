"""SCIPY_ARRAY_API=1, which SciPy reads at import: what needs it runs in one process of its own."""

import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np
import pytest
import scipy.special
import scipy.stats
from scipy.optimize import elementwise

import dualrev as dr
import dualrev.numpy as dnp
from dualrev.scipy import special
from tests.array_api import taken

ROOT = Path(__file__).parent.parent.parent
X = np.array([0.3, 0.7, 0.1])


def gradients():
    """Of special functions, in each way in which SciPy then calls its ufuncs otherwise."""
    ways = (
        lambda x: scipy.special.erf(x),
        lambda x: scipy.special.xlogy(np.ones(3), x) + scipy.special.xlogy(x, 2.0),
        lambda x: scipy.special.gammaln(x, out=np.zeros_like(x)),
        lambda x: special.gamma(x),
        lambda x: special.logsumexp(x),
    )
    return [dr.grad(lambda x, way=way: np.sum(way(x)))(X).tolist() for way in ways]


def through_a_root():
    """The answer 1.5 is where a bisection of the bracket ends at once, whatever the equation."""

    def root(a):
        return elementwise.find_root(lambda t, a: t**3 - a, (0 * a, 0 * a + 3), args=(a,)).x

    def repaired(a):
        find_root = dr.scipy.optimize.elementwise.find_root
        return find_root(lambda t, a: t**3 - a, (0 * a, 0 * a + 3), args=(a,)).x

    a = np.array([1.5**3, 2.0])
    np.testing.assert_allclose(dr.elementwise_grad(repaired)(a), a ** (-2 / 3) / 3)
    with pytest.raises(dr.CoercionError, match=r"elementwise\.find_root only compares") as caught:
        dr.elementwise_grad(root)(a)
    assert "dualrev.scipy.optimize.elementwise.find_root" in caught.value.fix


def of_lists_and_filled_arrays():
    """SciPy makes NumPy's arrays of the one, and takes the other for one."""

    def filled(x):
        y = dnp.zeros(3)
        y[0] = x[0]
        y[1:] = 2 * x[1:]
        return y

    for made in (filled, lambda x: [x[0], 2 * x[1], 2 * x[2]]):
        with pytest.raises(dr.CoercionError, match=r"call dualrev\.scipy\.stats\.skew, which"):
            dr.grad(lambda x, made=made: scipy.stats.skew(made(x)))(X)
        expected = dr.grad(lambda x: scipy.stats.skew(x * np.array([1.0, 2.0, 2.0])))(X)
        gradient = dr.grad(lambda x, made=made: dr.scipy.stats.skew(made(x)))(X)
        np.testing.assert_allclose(gradient, expected)


PARTS = (gradients, through_a_root, of_lists_and_filled_arrays, taken)


def print_answers():
    """Of each part what it answers, or how it fails."""
    found = {}
    for part in PARTS:
        try:
            found[part.__name__] = part()
        except (Exception, pytest.fail.Exception):
            found[part.__name__] = traceback.format_exc()
    print(json.dumps(found))


@pytest.fixture(scope="module")
def answers():
    program = f"from {__name__} import print_answers; print_answers()"
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_special_functions_have_the_same_gradients(answers):
    assert gradients() == answers["gradients"]


@pytest.mark.skipif(scipy.__version__ < "1.17", reason="needs SciPy 1.17")
def test_what_scipy_still_does_not_take_raises_and_its_repair_works(answers):
    assert answers["through_a_root"] is None
    assert answers["of_lists_and_filled_arrays"] is None


# Older versions ask for the library in few functions, and the traced array must come first.
@pytest.mark.skipif(scipy.__version__ < "1.17", reason="needs SciPy 1.17")
def test_statistics_take_traced_arrays_beside_plain_ones(answers):
    """The table of docs/reference/array-api, which is checked as it is made, has them."""
    expected = {"skew", "kurtosis", "zscore", "gmean", "pearsonr", "f_oneway", "ttest_ind"}
    assert expected <= {*answers["taken"]["stats"]}


@pytest.mark.skipif(scipy.__version__ < "1.17", reason="older ones fail deeper inside")
@pytest.mark.skipif(bool(os.environ.get("SCIPY_ARRAY_API")), reason="is set")
@pytest.mark.parametrize("name", ["skew", "pearsonr", "ttest_rel"])
def test_without_the_variable_an_error_names_the_function_of_ours(name):
    others = () if name == "skew" else (X**2,)
    with pytest.raises(dr.CoercionError, match=rf"call dualrev\.scipy\.stats\.{name}, which"):
        dr.grad(lambda x: getattr(scipy.stats, name)(x, *others))(X)
    ours = getattr(dr.scipy.stats, name)
    assert np.isfinite(dr.grad(lambda x: np.sum(ours(x, *others)))(X)).all()


# ---------------------------------------------------------------- the namespace of a traced array


def test_a_function_of_the_array_api_has_a_gradient():
    """As others write it: everything is asked of the argument's library, arrays to fill included."""

    def f(x):
        xp = x.__array_namespace__()
        y = xp.zeros(3, dtype=x.dtype)
        y[0] = xp.vecdot(x, xp.asarray([1.0, 2.0, 3.0]))
        y[1:] = xp.astype(x[1:], xp.float64) ** 2
        return xp.sum(y)

    assert f(X) == dr.value_and_grad(f)(X)[0]
    np.testing.assert_allclose(dr.grad(f)(X), [1.0, 2.0 + 1.4, 3.0 + 0.2])
