"""Arguments that share memory: a write into one raises, as NumPy would change the other too."""

import collections
import dataclasses

import numpy as np
import pytest

import dualrev as dr

X = np.array([1.0, 2.0, 4.0])


def written(x, y):
    x[0] = 3.0 * x[1]
    return np.sum(x * y)


def updated(x, y):
    x *= 2.0
    return np.sum(x * y)


def written_by_view(x, y):
    x[1:][0] = 5.0
    return np.sum(x * y)


def written_in_the_other(x, y):
    y[0] = 3.0
    return np.sum(x * y)


def computed(x, y):
    return np.sum(x**2 * y)


WAYS = {
    "grad": lambda f, x, y: dr.grad(f)(x, y),
    "grad by the second": lambda f, x, y: dr.grad(f, argnums=1)(x, y),
    "grad by both": lambda f, x, y: dr.grad(f, argnums=(0, 1))(x, y),
    "grad by name": lambda f, x, y: dr.grad(f, argnames="y")(x, y=y),
    "value_and_grad": lambda f, x, y: dr.value_and_grad(f)(x, y),
    "jacobian": lambda f, x, y: dr.jacobian(f, argnums=(0, 1))(x, y),
    "jacobian forward": lambda f, x, y: dr.jacobian(f, mode="forward")(x, y),
    "hessian": lambda f, x, y: dr.hessian(f)(x, y),
    "hvp": lambda f, x, y: dr.hvp(f)(x, np.ones(3), y),
    "jvp": lambda f, x, y: dr.jvp(f, (x, y), (x, y)),
    "vjp": lambda f, x, y: dr.vjp(f, x, y),
    "linearize": lambda f, x, y: dr.linearize(f, x, y),
    "a dict": lambda f, x, y: dr.grad(lambda p: f(p["x"], p["y"]))({"x": x, "y": y}),
    "a list of a tuple": lambda f, x, y: dr.grad(lambda x, more: f(x, more[0][0]))(x, [(y,)]),
    "nested, inside": lambda f, x, y: dr.grad(lambda x: dr.grad(f)(x, x).sum())(x),
    "nested, outside": lambda f, x, y: dr.grad(lambda x, y: dr.grad(f)(x, y).sum())(x, y),
}


@pytest.mark.parametrize("f", [written, updated, written_by_view, written_in_the_other])
@pytest.mark.parametrize("way", WAYS)
def test_a_write_into_one_of_two_arguments_that_are_one_array_raises(f, way):
    if way == "a list of a tuple" and f is written_in_the_other:
        pytest.skip("a plain array inside a list stays the caller's own")
    x = X.copy()
    with pytest.raises((dr.InPlaceError, ValueError), match="shares memory|read-only"):
        WAYS[way](f, x, x)
    np.testing.assert_array_equal(X, x)


@pytest.mark.parametrize("way", WAYS)
def test_arguments_that_share_memory_are_only_read_like_any_others(way):
    x = X.copy()
    shared, apart = (WAYS[way](computed, x, y) for y in (x, x.copy()))
    if way in ("vjp", "linearize"):
        shared, apart = shared[0], apart[0]
    assert repr(shared) == repr(apart)


@pytest.mark.parametrize("way", ["grad", "grad by both", "jvp", "vjp", "hessian"])
def test_views_share_memory_where_they_overlap(way):
    x = np.arange(6.0)
    with pytest.raises(dr.InPlaceError, match="shares memory"):
        WAYS[way](written, x[:3], x[2:5])
    WAYS[way](written, x[:3], x[3:])
    WAYS[way](written, x[::2], x[1::2])


def test_fields_of_a_dataclass_may_be_one_array():
    @dataclasses.dataclass
    class Pair:
        x: object
        y: object

    x = X.copy()
    with pytest.raises(dr.InPlaceError, match="shares memory"):
        dr.grad(lambda p: written(p.x, p.y))(Pair(x, x))


class Registered:
    def __init__(self, x, y):
        self.x, self.y = x, y


dr.register_container(Registered, lambda p: ((p.x, p.y), None), lambda _, xy: Registered(*xy))


def test_parts_of_other_containers_may_be_one_array():
    x = X.copy()
    with pytest.raises(dr.InPlaceError, match="shares memory"):
        dr.grad(lambda p: written(p.x, p.y))(Registered(x, x))
    with pytest.raises(dr.InPlaceError, match="shares memory"):
        dr.grad(lambda p: written(*p))(collections.deque([x, x]))


def test_a_copy_inside_may_be_written():
    def f(x, y):
        z = x.copy()
        z[0] = 3.0 * x[1]
        return np.sum(z * y)

    x = X.copy()
    np.testing.assert_array_equal([0, 5, 4], dr.grad(f)(x, x))


def test_a_list_that_is_passed_on_is_the_callers_own():
    seen = []
    x = X.copy()
    dr.grad(lambda x, y, seen: [seen.append(1), np.sum(x * y)][1])(x, x, seen)
    assert seen == [1]
