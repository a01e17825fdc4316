"""patch_numpy: programs that are not edited, and everything else as it was."""

import math
import pickle
import random
import sys
import threading
import types

import numpy as np
import pytest
import scipy.linalg

import dualrev as dr
from dualrev.numpy.creating import CREATING, INDEXED
from dualrev.numpy.filling import FillableArray
from dualrev.numpy.mathematics import MATHEMATICS

X = np.array([0.7, -1.3, 2.1])
ORIGINALS = {
    (module, name): getattr(module, name)
    for module, names in ((np, {**CREATING, **INDEXED}), *MATHEMATICS.items())
    for name in names
}
PROGRAM = """
import math
from math import sin as sine
import numpy
import numpy as np
from numpy import zeros, array as matrix_of

class Backend:
    zeros = staticmethod(np.zeros)
    root = math.sqrt

    def norm(self, x):
        y = self.zeros(3)
        y[:] = x
        return self.root(y @ y)

def f(x):
    y = zeros(3)
    y[0] = sine(x[0]) * math.cos(x[1])
    z = numpy.ones(2)
    z[1] = x[2]
    return y @ y + np.linalg.det(matrix_of([[x[0], 1.0], [x[1], z[1]]])) + np.r_[x[0], 1.0].sum()
"""


@pytest.fixture
def program(monkeypatch):
    """A module that imported names before."""
    module = types.ModuleType("a_program_of_somebody")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(PROGRAM, vars(module))
    return module


def gradient_of_program(x):
    s, c = np.sin(x[0]) * np.cos(x[1]), np.array([np.cos(x[0]) * np.cos(x[1])])
    return np.array(
        [2 * s * c[0] + x[2] + 1, -2 * s * np.sin(x[0]) * np.sin(x[1]) - 1, x[0]],
    )


def is_original():
    return all(getattr(module, name) is f for (module, name), f in ORIGINALS.items())


def test_it_serves_names_that_were_imported_before(program):
    with pytest.raises(dr.DualrevError):
        dr.grad(program.f)(X)
    with dr.patch_numpy():
        np.testing.assert_allclose(dr.grad(program.f)(X), gradient_of_program(X))
        np.testing.assert_allclose(dr.jvp(program.f, (X,), (X,))[1], gradient_of_program(X) @ X)
        assert program.f(X) == dr.jvp(program.f, (X,), (X,))[0]


def test_it_serves_what_classes_hold(program):
    with dr.patch_numpy():
        np.testing.assert_allclose(dr.grad(program.Backend().norm)(X), X / np.linalg.norm(X))
        assert program.Backend().root(4.0) == program.Backend.root(4.0) == 2.0
    assert vars(program.Backend)["root"] is math.sqrt
    assert program.Backend.zeros is np.zeros


def test_it_comes_back_as_it_was(program):
    before = dict(vars(program))
    assert is_original()
    with dr.patch_numpy() as patch:
        assert not is_original()
        assert program.zeros is np.zeros is CREATING["zeros"]
        assert "in force" in repr(patch)
    assert is_original()
    assert all(vars(program)[name] is value for name, value in before.items())
    assert "undone" in repr(patch)


def test_it_comes_back_when_the_last_is_undone():
    first, second = dr.patch_numpy(), dr.patch_numpy()
    first.undo()
    first.undo()
    assert np.zeros is CREATING["zeros"]
    second.undo()
    assert is_original()


def test_it_comes_back_after_an_error():
    with pytest.raises(ZeroDivisionError), dr.patch_numpy():
        1 / 0  # noqa: B018
    assert is_original()


def test_what_somebody_else_replaced_stays(monkeypatch):
    def mine(*args):
        return None

    monkeypatch.setattr(np, "zeros", np.zeros)
    with dr.patch_numpy():
        np.zeros = mine
    assert np.zeros is mine


def test_outside_transforms_nothing_changes():
    with dr.patch_numpy():
        assert type(np.zeros(3)) is type(np.array([1.0])) is type(np.r_[1.0, 2.0]) is np.ndarray
        assert type(math.sin(1.0)) is float
        with pytest.raises(TypeError):
            math.sin("a")
        with pytest.raises(TypeError, match="argument"):
            math.sin()
        assert pickle.loads(pickle.dumps((np.zeros, np.r_))) == (np.zeros, np.r_)
        np.testing.assert_array_equal(np.array(X), X)


def test_threads_that_run_no_transform_see_numpys_own():
    kinds = []

    def f(x):
        def work():
            kinds.append(type(np.zeros(3)))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        kinds.append(type(np.zeros(3)))
        return x.sum()

    with dr.patch_numpy():
        dr.grad(f)(X)
    assert kinds == [np.ndarray, FillableArray]


def test_threads_each_run_a_transform():
    found = {}

    def work(k):
        def f(x):
            y = np.zeros(3)
            for i in range(3):
                y[i] = math.exp(k * x[i])
            return y.sum()

        for _ in range(20):
            found[k] = dr.hessian(f)(X)

    with dr.patch_numpy():
        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for k in range(4):
        np.testing.assert_allclose(found[k], np.diag(k * k * np.exp(k * X)))


def test_libraries_call_numpys_own(monkeypatch):
    """Code of SciPy's sees plain arrays, and its refusals stay; the standard library keeps math."""
    seen = []
    hilbert = scipy.linalg.hilbert(3)
    before = random.gauss(0, 1)

    def f(x):
        seen.append(type(scipy.linalg.hilbert(3)))
        seen.append(type(np.polynomial.polynomial.polyfromroots([1.0, 2.0])))
        random.gauss(0, 1)
        return x.sum()

    with dr.patch_numpy():
        dr.grad(f)(X)
        with pytest.raises(dr.CoercionError, match="dualrev.scipy.linalg.expm"):
            dr.grad(lambda x: scipy.linalg.expm(np.outer(x, x)).sum())(X)
    assert seen == [np.ndarray, np.ndarray]
    assert type(hilbert) is np.ndarray
    assert isinstance(before, float)


def test_pandas_makes_ndarrays():
    """It turns what is none into one, and again what came out."""
    column = types.ModuleType("pandas.core.construction")
    exec("def of(x):\n    return np.array(x)", vars(column) | {"np": np}, found := {})
    made = []
    with dr.patch_numpy():
        dr.grad(lambda x: (made.append(found["of"](x)), x.sum())[1])(X)
    assert [type(x) for x in made] == [np.ndarray]


def test_import_alone_replaces_nothing():
    import dualrev.numpy

    assert dualrev.numpy.zeros is CREATING["zeros"]
    assert is_original()
