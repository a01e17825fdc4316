"""ravel: structures as one vector, and back."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.optimize
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr


@dataclass
class Layer:
    weights: np.ndarray
    bias: float


TREES = {
    "an array": np.arange(6.0).reshape(2, 3),
    "an array in Fortran order": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "a number": 2.5,
    "an array of shape ()": np.array(2.5),
    "a list": [np.ones(2), 3.0, np.zeros((0, 2))],
    "a dict": {"b": 1.0, "a": np.array([2.0, 3.0])},
    "float32 beside float64": {"a": np.ones(2, np.float32), "b": np.ones(2)},
    "float32 alone": (np.ones(2, np.float32), np.float32(2)),
    "complex beside float": [np.array([1 + 2j]), np.array([3.0])],
    "dataclasses": [Layer(np.ones((2, 2)), 0.5), Layer(np.zeros(2), 1.0)],
}


def leaves_of(tree):
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in leaves_of(tree[key])]
    if isinstance(tree, list | tuple):
        return [leaf for part in tree for leaf in leaves_of(part)]
    return leaves_of([tree.weights, tree.bias]) if isinstance(tree, Layer) else [tree]


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_ravel_and_back_is_the_structure(tree):
    flat, unravel = dr.ravel(tree)
    expected = np.concatenate([np.ravel(leaf) for leaf in leaves_of(tree)])
    assert type(flat) is np.ndarray
    assert flat.dtype == expected.dtype
    assert_array_equal(expected, flat)
    for again in (unravel(flat), pickle.loads(pickle.dumps(unravel))(flat)):
        assert type(again) is type(tree) or np.ndim(tree) == 0
        for old, new in zip(leaves_of(tree), leaves_of(again), strict=True):
            assert np.shape(new) == np.shape(old)
            assert new.dtype == np.result_type(old)
            assert_array_equal(old, new)


def test_integers_become_float64():
    flat, unravel = dr.ravel({"n": 3, "m": np.array([True, False])})
    assert flat.dtype == np.float64
    assert_array_equal([1.0, 0.0, 3.0], flat)
    assert unravel(np.array([1, 2, 3]))["n"].dtype == np.float64


def test_complex_vector_stays_complex_in_a_structure_of_real_numbers():
    """The complex step of scipy's differences; beside complex leaves the real ones stay real."""
    flat, unravel = dr.ravel([1.0, np.array([2.0])])
    assert_array_equal([1 + 1j], unravel(flat + 1j)[0])
    flat, unravel = dr.ravel([1.0, np.array([2j])])
    assert_array_equal(1.0, unravel(flat + 1j)[0])
    assert_array_equal([3j], unravel(flat + 1j)[1])


def test_vector_and_leaves_are_arrays_of_their_own():
    a = np.ones(3)
    flat, unravel = dr.ravel(a)
    flat[0] = 5.0
    assert_array_equal(np.ones(3), a)
    unravel(flat)[1] = 7.0
    assert_array_equal([5.0, 1.0, 1.0], flat)


def energy(p):
    return np.sum(p["a"] ** 3) * p["b"]


P = {"a": np.array([[1.0, 2.0], [3.0, 4.0]]), "b": 0.5}


def test_traced_vector_makes_traced_leaves():
    flat, unravel = dr.ravel(P)
    expected = dr.ravel(dr.grad(energy)(P))[0]
    assert_allclose(dr.grad(lambda flat: energy(unravel(flat)))(flat), expected)
    expected = dr.ravel(dr.hvp(energy)(P, unravel(np.ones(5))))[0]
    assert_allclose(dr.hvp(lambda flat: energy(unravel(flat)))(flat, np.ones(5)), expected)


def test_traced_leaves_make_a_traced_vector():
    def norm(p):
        flat, unravel = dr.ravel(p)
        return np.sum(dr.ravel(unravel(flat**2))[0] * np.arange(1.0, 6.0))

    gradient = dr.grad(norm)(P)
    assert_allclose(2 * P["a"] * [[1.0, 2.0], [3.0, 4.0]], gradient["a"])
    assert gradient["b"] == 5.0
    product = dr.hvp(norm)(P, P)
    assert_allclose(gradient["a"], product["a"])
    assert product["b"] == 5.0


def test_optimizer_of_vectors_takes_it():
    flat, unravel = dr.ravel({"a": np.zeros((2, 2)), "b": 0.0})

    def loss(flat):
        p = unravel(flat)
        return np.sum((p["a"] - P["a"]) ** 2) + (p["b"] - P["b"]) ** 2

    found = unravel(scipy.optimize.minimize(dr.value_and_grad(loss), flat, jac=True).x)
    assert_allclose(P["a"], found["a"], atol=1e-6)
    assert_allclose(P["b"], found["b"], atol=1e-6)


@pytest.mark.parametrize("shape", [(4,), (5, 1), ()])
def test_vector_of_another_size(shape):
    with pytest.raises(dr.ShapeError, match=r"give a vector of shape \(5,\)") as caught:
        dr.ravel(P)[1](np.ones(shape))
    assert f"5 numbers was to be made of an array of shape {shape}" in caught.value.what


@pytest.mark.parametrize("tree", [{}, "text", {"name": "x"}, None])
def test_what_holds_no_numbers(tree):
    with pytest.raises(dr.ArgumentError, match="the structure"):
        dr.ravel(tree)


def test_real_linear_map_of_a_complex_vector():
    operator = dr.linearize(np.cumsum, np.zeros(3))[1].operator
    for apply in (operator.matvec, operator.rmatvec):
        with pytest.raises(dr.ComplexError, match="real linear map"):
            apply(1j * np.ones(3))
