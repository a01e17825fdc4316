"""What the laws cannot hold of rules/products.py: scalars, lists, empty arrays, refusals."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.errors import MissingRuleError


@pytest.mark.parametrize("product", [np.dot, np.inner, np.outer, np.kron, np.vdot])
def test_product_with_a_python_number_is_a_scaling(product):
    x = np.array([1.0, 2.0])
    if product is np.vdot:
        x = x[:1]
    np.testing.assert_array_equal(
        np.full(x.shape, 3.0), dr.grad(lambda x: np.sum(product(x, 3.0)))(x)
    )
    np.testing.assert_array_equal(
        np.full(x.shape, 3.0), dr.grad(lambda x: np.sum(product(3.0, x)))(x)
    )


@pytest.mark.parametrize(
    "shapes", [((0, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 0, 3), (3, 2)), ((0,), (0,))]
)
def test_products_of_empty_arrays_have_gradients_of_their_shape(shapes):
    a, b = map(np.ones, shapes)
    ct_a, ct_b = dr.grad(lambda a, b: np.sum(a @ b), argnums=(0, 1))(a, b)
    np.testing.assert_array_equal(np.zeros(a.shape), ct_a)
    np.testing.assert_array_equal(np.zeros(b.shape), ct_b)


def test_cross_of_plane_vectors_is_refused():
    with pytest.raises(MissingRuleError, match="two elements"):
        dr.grad(lambda a: np.sum(np.cross(a, a)))(np.ones(2))


def test_gradient_of_an_inner_product_of_complex_vectors_is_the_other_vector():
    """Re <b, z> grows fastest along b."""
    b, z = np.array([1 + 2j, 3 - 1j]), np.array([0.5 - 1j, 2 + 2j])
    for product in (np.vdot, np.vecdot):
        np.testing.assert_array_equal(b, dr.grad(lambda z: np.real(product(b, z)))(z))
        np.testing.assert_array_equal(b, dr.grad(lambda z: np.real(product(z, b)))(z))


def test_multi_dot_multiplies_in_the_cheapest_order(monkeypatch):
    """A row times many square matrices needs no product of two of them."""
    x, *matrices = np.ones((1, 40)), *np.ones((3, 40, 40))
    dot, shapes = np.dot, []

    def recorded(a, b):
        ans = dot(a, b)
        shapes.append(ans.shape)
        return ans

    monkeypatch.setattr(np, "dot", recorded)
    gradient = dr.grad(lambda x: np.sum(np.linalg.multi_dot([x, *matrices])))(x)
    np.testing.assert_array_equal(np.full((1, 40), 40.0**3), gradient)
    assert shapes == [(1, 40)] * 3
