"""Compiled functions travel between processes and copies as the functions that they are made from."""

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import dualrev as dr

X = np.array([1.0, 2.0])


def cubes(x):
    return np.sum(x**3)


@dr.compile
def squares(x):
    """Sum of squares."""
    return np.sum(x**2)


@dr.compile
@dr.grad
def slopes(x):
    return np.sum(x**4)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_compiled_derivative_is_the_same_after_pickling(protocol):
    fast = dr.compile(dr.grad(cubes), engine="numpy")
    fast(X)
    again = pickle.loads(pickle.dumps(fast, protocol))
    assert_array_equal([3.0, 12.0], again(X))
    assert (type(again), again.engine, again.__name__) == (dr.compile, "numpy", "cubes")


def test_the_pickle_of_a_compiled_function_holds_no_program():
    fast = dr.compile(dr.grad(cubes))
    before = pickle.dumps(fast)
    fast(np.ones(1000))
    assert pickle.dumps(fast) == before


@pytest.mark.parametrize("decorated", [squares, slopes], ids=["compile", "compile and grad"])
def test_a_decorated_function_is_found_by_its_name(decorated):
    assert pickle.loads(pickle.dumps(decorated)) is decorated


def test_a_derivative_of_a_compiled_function_is_pickled():
    assert_array_equal([2.0, 4.0], pickle.loads(pickle.dumps(dr.grad(squares)))(X))


def test_a_copy_computes_the_same():
    fast = dr.compile(dr.grad(cubes))
    fast(X)
    for made in (copy.copy(fast), copy.deepcopy(fast)):
        assert made is not fast
        assert_array_equal([3.0, 12.0], made(X))


def test_a_module_as_engine_is_imported_again():
    again = pickle.loads(pickle.dumps(dr.compile(cubes, engine=np)))
    assert again.engine is np
    assert again(X) == 9.0


def test_other_processes_record_their_own_programs():
    fast = dr.compile(dr.grad(cubes))
    fast(X)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        first, second = pool.map(fast, [X, 2 * X])
    assert_array_equal([3.0, 12.0], first)
    assert_array_equal([12.0, 48.0], second)
