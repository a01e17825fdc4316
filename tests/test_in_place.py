"""Assignments behave exactly as in NumPy, or raise; they never silently differ.

Every program here is run by NumPy too: that is the expected value, and finite differences of it
the expected derivative.
"""

import copy
import gc
import re
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from tests.numeric import numeric_jacobian

X = np.array([1.5, -0.5, 2.0, 0.75])
MASK = np.array([True, False, True, False])


def matches_numpy(f, x):
    """Value and Jacobian in both modes are NumPy's."""
    expected = f(x.copy())
    slopes = numeric_jacobian(lambda x: f(x.copy()), x)
    ans, _ = dr.jvp(f, (x,), (np.ones_like(x),))
    assert_array_equal(expected, ans)
    ans, _ = dr.vjp(f, x)
    assert_array_equal(expected, ans)
    columns = [dr.jvp(f, (x,), (t.reshape(x.shape),))[1] for t in np.eye(x.size)]
    assert_allclose(slopes.reshape((*np.shape(expected), -1)), np.stack(columns, -1), atol=1e-7)
    assert_allclose(slopes, dr.jacobian(f, mode="reverse")(x), atol=1e-7)
    assert_allclose(slopes, dr.jacobian(f, mode="forward")(x), atol=1e-7)


# --------------------------------------------------------------------------- what has to work

WORKS = {}


def works(program):
    WORKS[program.__name__] = program
    return program


@works
def element(x):
    y = x.copy()
    y[0] = x[1] * x[2]
    y[-1] = y[0] * y[1]
    return y


@works
def element_by_a_constant(x):
    y = x.copy()
    y[1] = 3.0
    y[2] = 4
    return y * x


@works
def element_added_to(x):
    y = x.copy()
    y[0] += x[3]
    y[1] *= y[0]
    y[2] -= y[1] * y[1]
    y[3] /= x[0]
    y[3] **= 2
    return y


@works
def slices(x):
    y = x.copy()
    y[1:3] = x[:2] ** 2
    y[::2] = y[1::2]
    return y * x


@works
def slice_by_a_scalar(x):
    y = x.copy()
    y[1:] = x[0]
    return y * x


@works
def slice_by_a_plain_array(x):
    y = x.copy()
    y[:2] = np.array([1.0, 2.0])
    return y * x


@works
def mask(x):
    y = x.copy()
    y[MASK] = x[~MASK]
    return y * x


@works
def mask_of_a_comparison(x):
    y = x**2
    y[x < 0] = -x[x < 0]
    return y


@works
def mask_doubled(x):
    y = x.copy()
    y[MASK] *= 2
    y[x > 0] += x[0]
    return y


@works
def index_array(x):
    y = x.copy()
    y[[0, 2]] = x[[3, 1]] * 2
    y[np.array([1, 3])] *= y[[0, 0]]
    return y


@works
def index_array_that_repeats(x):
    y = x.copy()
    y[[0, 0, 1]] = x[1:]  # the last of the two wins
    y[[2, 2]] += 1.0  # once, not twice
    return y


@works
def ellipsis_and_all(x):
    y = x.copy()
    y[...] = x[::-1] * 2
    z = x.copy()
    z[:] = y * x
    return y + z


@works
def reversal_that_overlaps(x):
    y = x.copy()
    y[:] = y[::-1]
    y[1:] = y[:-1]
    return y * x


@works
def lines_that_share_memory(x):
    y = np.outer(x, x + 1)
    y[:, 1] = y[1]
    y.T[0] = y[2]
    y[3, 1:] = y[1:, 3]
    z = y.reshape(-1)
    z[:8] = z[::2]
    z[::2][1:] = z[:7]
    z[::-2] = z[:8]
    return y


@works
def swap(x):
    y = x.copy()
    y[0], y[1] = y[1], y[0]
    y[[2, 3]] = y[[3, 2]]
    return y * np.arange(1.0, 5.0)


@works
def matrix_elements(x):
    y = np.zeros_like(x, shape=(2, 3))
    y[0, 1] = x[0]
    y[1] = x[1:] * 2
    y[:, 2] = x[:2]
    y[0, 0] += x[2]
    y[1, [0, 1]] = x[3] ** 2
    return y


@works
def broadcast_value(x):
    y = np.ones_like(x, shape=(3, 4))
    y[:] = x
    y[1:] = x[0]
    return y * y


@works
def filled_from_zeros_like(x):
    y = np.zeros_like(x)
    for i in range(1, len(x)):
        y[i] = y[i - 1] * 0.5 + x[i] * x[i - 1]
    return y


@works
def filled_from_empty_like(x):
    y = np.empty_like(x, shape=2)
    y[0] = x[0]
    y[1] = x[0] * x[1]
    return y


@works
def filled_from_full_like(x):
    y = np.full_like(x, 2.0)
    y[0] = x[0]
    return y * x


@works
def whole_array_operators(x):
    y = x.copy()
    y += x
    y -= x[0]
    y *= x
    y /= 2 + x[::-1] ** 2
    y **= 2
    return y


@works
def whole_array_by_constants(x):
    y = x.copy()
    y += 1
    y *= np.arange(4.0)
    y -= 0.5
    y /= np.array([2.0])
    return y


@works
def matmul_in_place(x):
    y = x.reshape(2, 2) * 1.0
    y @= np.array([[1.0, 2.0], [3.0, 4.0]])
    return y * y


@works
def remainder_in_place(x):
    y = x * 3.1
    y %= 2.0
    return y * x


@works
def out_of_a_ufunc(x):
    y = np.zeros_like(x)
    np.add(x, x[0], out=y)
    np.multiply(y, x, out=y)
    np.sin(y, out=y)
    return y


@works
def out_of_constants(x):
    y = x.copy()
    np.add(1.0, 2.0, out=y)
    return y * x


@works
def out_with_where(x):
    y = x.copy()
    np.multiply(x, 3.0, out=y, where=MASK)
    return y * x


@works
def alias_by_name(x):
    y = x.copy()
    z = y
    y[0] = x[1] ** 2
    y += x
    z *= 2
    z[1] = 0.0
    return y * z


@works
def copy_is_no_alias(x):
    y = x.copy()
    z, w = y.copy(), np.copy(y)
    y[0] = 100.0
    y *= 2
    return z * w * x


@works
def slice_read_before_the_write_by_value(x):
    y = x.copy()
    v = y[1:] * 1.0
    y[:] = 0.0
    return v * x[0]


@works
def scalars_are_immutable(x):
    a = x[0]
    b = a
    a += x[1]
    a *= 2
    total = x.sum()
    before = total
    total -= 1.0
    total **= 2
    return np.array([a, b, total, before])


@works
def augmented_element_of_a_list(x):
    rows = [x * 1.0, x * 2.0]
    rows[0] += x[0]
    rows[1][0] = x[3]
    return rows[0] * rows[1]


@works
def argument_itself(x):
    x[0] = x[1] * x[2]
    x += 1
    x[x > 2] = 0.5
    return x * x[::-1]


@works
def written_by_a_called_function(x):
    def fill(target, value):
        target[:2] = value
        target *= 2

    y = x.copy()
    fill(y, x[3])
    return y


@works
def written_after_use(x):
    y = x.copy()
    z = y * y
    y[:] = 0.0
    return z + y


@works
def fill_diagonal(x):
    y = x.reshape(2, 2) * x[0]
    np.fill_diagonal(y, 0.0)
    return y


@works
def new_axis_in_the_key(x):
    y = np.zeros_like(x, shape=(2, 4))
    y[:, None, 1] = x[:2].reshape(2, 1)
    y[0] = y[1] + x
    return y


@works
def boolean_scalar_key(x):
    y = x.copy()
    y[x[0] > 0] = x[1]
    return y * x


@works
def two_index_arrays(x):
    y = np.zeros_like(x, shape=(3, 3))
    y[np.arange(3), [2, 1, 0]] = x[:3]
    y[np.ix_([0, 1], [0, 1])] += x[3]
    return y * y


@works
def two_dimensional_mask(x):
    y = x.reshape(2, 2) * 2.0
    y[y > 1] = x[:2].sum()
    return y


@works
def zero_size_keys(x):
    y = x.copy()
    y[[]] = 5.0
    y[2:2] = x[:0]
    y[np.zeros(4, bool)] *= 3.0
    return y * x


@pytest.mark.parametrize("name", WORKS)
def test_program_that_writes_matches_numpy(name):
    matches_numpy(WORKS[name], X)


@pytest.mark.parametrize("name", [n for n in WORKS if n not in ("remainder_in_place",)])
def test_program_that_writes_matches_numpy_at_second_order(name):
    """hvp of the sum of squares in two ways, and against differences of the gradient."""
    program = WORKS[name]

    def f(x):
        return np.sum(program(x.copy()) ** 2) / 2

    v = np.array([0.5, -1.0, 2.0, 1.0])
    product = dr.hvp(f)(X, v)
    expected = numeric_jacobian(dr.grad(f), X) @ v
    assert_allclose(expected, product, rtol=1e-6, atol=1e-6)
    twice = dr.grad(lambda x: dr.grad(f)(x) @ v)(X)
    assert_allclose(product, twice, rtol=1e-9, atol=1e-9)
    over_forward = dr.grad(lambda x: dr.jvp(f, (x,), (v,))[1])(X)
    assert_allclose(product, over_forward, rtol=1e-9, atol=1e-9)


# --------------------------------------------------------------------- as NumPy does, or an error

VIEWS = {
    "slice": lambda y: y[1:],
    "reversed": lambda y: y[::-1],
    "all": lambda y: y[:],
    "ellipsis": lambda y: y[...],
    "newaxis": lambda y: y[None],
    "view of a view": lambda y: y[1:][1:],
    "row": lambda y: y.reshape(2, 2)[0],
    "T": lambda y: y.T,
    "mT": lambda y: y.reshape(2, 2).mT,
    "reshape": lambda y: y.reshape(2, 2),
    "np.reshape": lambda y: np.reshape(y, (2, 2)),
    "ravel": lambda y: y.ravel(),
    "np.ravel": lambda y: np.ravel(y),
    "transpose": lambda y: y.transpose(),
    "np.transpose": lambda y: np.transpose(y),
    "swapaxes": lambda y: y.reshape(2, 2).swapaxes(0, 1),
    "moveaxis": lambda y: np.moveaxis(y.reshape(2, 2), 0, 1),
    "rollaxis": lambda y: np.rollaxis(y.reshape(2, 2), 1),
    "permute_dims": lambda y: np.permute_dims(y.reshape(2, 2)),
    "matrix_transpose": lambda y: np.matrix_transpose(y.reshape(2, 2)),
    "linalg.matrix_transpose": lambda y: np.linalg.matrix_transpose(y.reshape(2, 2)),
    "squeeze": lambda y: y.reshape(1, 4).squeeze(),
    "expand_dims": lambda y: np.expand_dims(y, 0),
    "atleast_1d": lambda y: np.atleast_1d(y),
    "atleast_2d": lambda y: np.atleast_2d(y),
    "atleast_3d": lambda y: np.atleast_3d(y),
    "flip": lambda y: np.flip(y),
    "flipud": lambda y: np.flipud(y),
    "fliplr": lambda y: np.fliplr(y.reshape(2, 2)),
    "rot90": lambda y: np.rot90(y.reshape(2, 2)),
    "diagonal": lambda y: y.reshape(2, 2).diagonal(),
    "np.diagonal": lambda y: np.diagonal(y.reshape(2, 2)),
    "np.diag": lambda y: np.diag(y.reshape(2, 2)),
    "linalg.diagonal": lambda y: np.linalg.diagonal(y.reshape(2, 2)),
    "real": lambda y: y.real,
    "np.real": lambda y: np.real(y),
    "split": lambda y: np.split(y, 2)[1],
    "array_split": lambda y: np.array_split(y, 3)[0],
    "hsplit": lambda y: np.hsplit(y, 2)[0],
    "vsplit": lambda y: np.vsplit(y.reshape(2, 2), 2)[0],
    "unstack": lambda y: np.unstack(y.reshape(2, 2))[0],
    "iteration": lambda y: next(iter(y.reshape(2, 2))),
    "unpacking": lambda y: (lambda a, b: a)(*y.reshape(2, 2)),
    "broadcast_to": lambda y: np.broadcast_to(y, (4,)),
    "broadcast_arrays": lambda y: np.broadcast_arrays(y, np.ones(4))[0],
    "astype without copy": lambda y: y.astype(float, copy=False),
    "np.astype without copy": lambda y: np.astype(y, float, copy=False),
    "view": lambda y: y.view(),
    "nan_to_num in place": lambda y: np.nan_to_num(y, copy=False),
    "np.asarray": lambda y: np.asarray(y),
    "np.asanyarray": lambda y: np.asanyarray(y),
    "np.ascontiguousarray": lambda y: np.ascontiguousarray(y),
    "np.array without copy": lambda y: np.array(y, copy=None),
    "np.require": lambda y: np.require(y),
    "flat": lambda y: y.flat,
    "diag_indices": lambda y: y.reshape(2, 2)[:, 1],
    "positive": lambda y: +y,
    "conj": lambda y: y.conj(),
    "sliding_window_view": lambda y: np.lib.stride_tricks.sliding_window_view(y, 4)[0],
}
# What NumPy says when the view is read-only, or what Python says of a missing attribute.
LOUD = (dr.DualrevError, AttributeError, IndexError, ValueError, TypeError)


def numpys_answer(f, x):
    try:
        return f(x.copy())
    except Exception as error:
        return error


def is_as_numpy_or_raises(f, x):
    expected = numpys_answer(f, x)
    slopes = None if isinstance(expected, Exception) else numeric_jacobian(lambda x: f(x.copy()), x)
    for mode in ("reverse", "forward"):
        try:
            ans, _ = dr.vjp(f, x) if mode == "reverse" else dr.jvp(f, (x,), (np.ones_like(x),))
            answer = dr.jacobian(f, mode=mode)(x)
        except LOUD:
            continue
        if isinstance(expected, Exception):
            continue  # more is allowed here than in NumPy: nothing is silently different
        assert_array_equal(expected, ans)
        assert_allclose(slopes, answer, atol=1e-7)


@pytest.mark.parametrize("view", VIEWS)
def test_write_into_a_view_reaches_its_array_or_raises(view):
    take = VIEWS[view]

    def f(x):
        y = x.copy()
        v = take(y)
        v[0] = 3.0
        return y * x

    is_as_numpy_or_raises(f, X)


@pytest.mark.parametrize("view", VIEWS)
def test_operator_in_place_on_a_view_reaches_its_array_or_raises(view):
    take = VIEWS[view]

    def f(x):
        y = x.copy()
        v = take(y)
        v *= 2
        return y * x

    is_as_numpy_or_raises(f, X)


@pytest.mark.parametrize("view", VIEWS)
def test_view_shows_what_was_written_to_its_array_or_raises(view):
    take = VIEWS[view]

    def f(x):
        y = x.copy()
        v = take(y)
        y[:] = x[::-1] * 2
        return np.asarray(v)[...] * x[0] if view == "flat" else v * x[0]

    is_as_numpy_or_raises(f, X)


@pytest.mark.parametrize("view", VIEWS)
def test_view_that_is_returned_shows_what_was_written_to_its_array_or_raises(view):
    take = VIEWS[view]

    def f(x):
        y = x.copy()
        v = take(y)
        y[:] = x[::-1] * 2
        return v

    if view == "flat":
        return
    is_as_numpy_or_raises(f, X)


@pytest.mark.parametrize("view", ["slice", "T", "reshape", "ravel", "squeeze", "atleast_2d"])
def test_copy_of_a_view_shows_its_array_at_the_time_or_raises(view):
    take = VIEWS[view]

    def before(x):
        y = x.copy()
        v = take(y).copy()
        y[:] = 0.0
        return v * x[0]

    def after(x):
        y = x.copy()
        v = take(y)
        y[:] = x[::-1]
        return v.copy() * x[0]

    matches_numpy(before, X)
    is_as_numpy_or_raises(after, X)


COPIES = {
    "copy": lambda y: y.copy(),
    "np.copy": lambda y: np.copy(y),
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "flatten": lambda y: y.flatten(),
    "np.array": lambda y: np.array(y),
    "astype": lambda y: y.astype(float),
    "np.astype": lambda y: np.astype(y, float),
    "plus": lambda y: +y,
    "positive": lambda y: np.positive(y),
    "times one": lambda y: y * 1,
    "power one": lambda y: y**1,
    "conjugate": lambda y: np.conjugate(y),
    "advanced index": lambda y: y[[0, 1, 2, 3]],
    "mask": lambda y: y[np.ones(4, bool)],
    "take": lambda y: y.take([0, 1, 2, 3]),
    "concatenate of one": lambda y: np.concatenate([y]),
    "hstack of one": lambda y: np.hstack([y]),
    "stack of one": lambda y: np.stack([y]),
    "vstack of one": lambda y: np.vstack([y]),
    "append of nothing": lambda y: np.append(y, []),
    "delete of nothing": lambda y: np.delete(y, []),
    "insert": lambda y: np.insert(y, 0, 1.0),
    "repeat once": lambda y: np.repeat(y, 1),
    "tile once": lambda y: np.tile(y, 1),
    "roll by none": lambda y: np.roll(y, 0),
    "pad by none": lambda y: np.pad(y, 0),
    "sort": lambda y: np.sort(y),
    "where": lambda y: np.where(True, y, 0.0),
    "clip": lambda y: np.clip(y, -9.0, 9.0),
    "maximum": lambda y: np.maximum(y, -9.0),
    "nan_to_num": lambda y: np.nan_to_num(y),
    "cumsum": lambda y: np.cumsum(y),
    "diff": lambda y: np.diff(y),
    "sum over nothing": lambda y: np.sum(y, axis=()),
    "sum over an axis of one": lambda y: np.sum(y[None], axis=0),
    "max over an axis of one": lambda y: np.max(y[None], axis=0),
    "tril": lambda y: np.tril(y[:, None]),
    "resize": lambda y: np.resize(y, 4),
    "einsum": lambda y: np.einsum("i->i", y * 1),
    "block": lambda y: np.block([y]),
    "compress": lambda y: np.compress([True] * 4, y),
    "choose": lambda y: np.choose([0, 0, 0, 0], [y, y]),
    "select": lambda y: np.select([y > -9], [y]),
    "zeros_like": lambda y: np.zeros_like(y),
    "full_like": lambda y: np.full_like(y, 2.0),
}


@pytest.mark.parametrize("name", COPIES)
def test_write_into_a_copy_leaves_its_source(name):
    """And a write into the source leaves the copy."""
    take = COPIES[name]

    def into_the_copy(x):
        y = x.copy()
        v = take(y)
        v[0] = 3.0
        v *= 2
        return y * x

    def into_the_source(x):
        y = x.copy()
        v = take(y)
        y[0] = 3.0
        y *= 2
        return v * v

    matches_numpy(into_the_copy, X)
    matches_numpy(into_the_source, X)


PROGRAMS = {}


def program(f):
    PROGRAMS[f.__name__] = f
    return f


@program
def chained_index(x):
    y = x.reshape(2, 2) * 1.0
    y[0][1] = 5.0
    return y * y


@program
def row_added_to(x):
    y = x.reshape(2, 2) * 1.0
    y[0] += x[0]
    y[:, 1] *= 3.0
    return y * y


@program
def slice_added_to(x):
    y = x.copy()
    y[1:] += y[:-1]
    return y * y


@program
def sort_in_place(x):
    y = x.copy()
    y.sort()
    return y * x


@program
def partition_in_place(x):
    y = x.copy()
    y.partition(1)
    return y[:2] * x[:2]


@program
def resize_in_place(x):
    y = x.copy()
    y.resize(2, refcheck=False)
    return y


@program
def fill_method(x):
    y = x.copy()
    y.fill(2.0)
    return y * x


@program
def put_method(x):
    y = x.copy()
    y.put([0, 1], [5.0, 6.0])
    return y * x


@program
def np_put(x):
    y = x.copy()
    np.put(y, [0, 1], x[2:])
    return y * x


@program
def np_place(x):
    y = x.copy()
    np.place(y, MASK, [5.0])
    return y * x


@program
def np_putmask(x):
    y = x.copy()
    np.putmask(y, MASK, x * 2)
    return y * x


@program
def np_copyto(x):
    y = x.copy()
    np.copyto(y, x[::-1])
    return y * x


@program
def np_copyto_where(x):
    y = x.copy()
    np.copyto(y, 7.0, where=MASK)
    return y * x


@program
def np_put_along_axis(x):
    y = x.copy()
    np.put_along_axis(y, np.array([0, 1]), 5.0, axis=0)
    return y * x


@program
def add_at(x):
    y = x.copy()
    np.add.at(y, [0, 0], x[1])
    return y * x


@program
def shuffle(x):
    y = x.copy()
    np.random.default_rng(0).shuffle(y)
    return y * x


@program
def floor_divide_in_place_seen_by_an_alias(x):
    y = x * 3.1
    z = y
    y //= 1
    return z * x


@program
def floor_out(x):
    y = x * 3.1
    np.floor(y, out=y)
    return y * x


@program
def round_out(x):
    y = x * 3.1
    np.round(y, 0, out=y)
    return y * x


@program
def round_out_by_position(x):
    y = x * 3.1
    np.round(y[1:], 0, y[:3])
    return y * x


@program
def any_out(x):
    y = x * 3.1
    np.any(y, axis=0, out=y[0, ...])
    return y * x


@program
def argmax_out_of_integers(x):
    places = np.zeros(2, int)
    np.argmax(x.reshape(2, 2), axis=0, out=places)
    return x[places] * x[:2]


@program
def shape_set(x):
    y = x.copy()
    y.shape = (2, 2)
    return y


@program
def real_part_set(x):
    y = x.copy()
    y.real = 2.0
    return y * x


@program
def flat_set(x):
    y = x.copy()
    y.flat[1] = 5.0
    return y * x


@program
def flat_assigned(x):
    y = x.reshape(2, 2) * 1.0
    y.flat = x[0]
    return y * 2


@program
def compress_method(x):
    return x.compress([True, False, True, True]) * 2


@program
def clip_out(x):
    y = x.copy()
    np.clip(x, 0.0, 1.0, out=y)
    return y * x


@program
def sum_out_of_another_shape(x):
    y = x.reshape(2, 2) * 1.0
    np.sum(x.reshape(2, 2), axis=0, out=y)
    return y


@program
def cumsum_out(x):
    y = np.zeros_like(x)
    np.cumsum(x, out=y)
    return y * x


@program
def matmul_out(x):
    y = np.zeros_like(x, shape=(2, 2))
    a = x.reshape(2, 2)
    np.matmul(a, a, out=y)
    return y


@program
def concatenate_out(x):
    y = np.zeros_like(x, shape=8)
    np.concatenate([x, x * 2], out=y)
    return y * y


@program
def modf_out(x):
    y, z = x.copy(), x.copy()
    np.modf(x, out=(y, z))
    return y * z


@program
def result_wider_than_the_array(x):
    y = x[:1] * 1.0
    y += x
    return y


@program
def value_that_does_not_fit(x):
    y = x.copy()
    y[:2] = x[:3]
    return y


@program
def key_out_of_range(x):
    y = x.copy()
    y[7] = 1.0
    return y


@program
def write_to_a_scalar(x):
    a = x[0]
    a[...] = 5.0
    return a * x


@program
def out_is_a_scalar(x):
    a = x[0]
    np.add(x[1], 1.0, out=a)
    return a * x


@program
def write_into_an_immutable_scalar_sum(x):
    s = b = x.sum()
    s += 1
    return b * x


@program
def zero_dimensional_array(x):
    y = np.array(x[0])
    z = y
    y += 1.0
    y *= x[1]
    return z * x


@program
def zero_dimensional_view_of_an_element(x):
    y = x.copy()
    v = y[0, ...]
    v += 1.0
    return y * x


@program
def object_array_written(x):
    y = np.array([x[0], x[1] * 2, 1.0])
    y[2] = x[2]
    y[0] += x[3]
    y *= 2
    return y


@program
def object_array_as_head_written(x):
    y = np.asarray(x)
    y[0] = 5.0
    return x * 2


@program
def object_array_copied_and_written(x):
    y = np.array(x)
    y[0] = 5.0
    return x * y


@program
def deleted(x):
    return np.delete(x, 1) * 2


@program
def int_array_takes_floats(x):
    y = np.zeros_like(x, dtype=int)
    y[0] = x[0]
    return y * x


@program
def complex_into_real(x):
    y = x.copy()
    y[0] = x[1] * 1j
    return y


@program
def complex_added_to_real(x):
    y = x.copy()
    y += 1j * x
    return y


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning", "ignore:you are shuffling")
@pytest.mark.parametrize("name", PROGRAMS)
def test_program_is_as_numpy_or_raises(name):
    is_as_numpy_or_raises(PROGRAMS[name], X)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, -0.0])
def test_out_of_constants_does_not_depend_on_the_old_content(value):
    """floor and a constant sum written over infinities: the derivative is zero, not nan."""

    def f(x):
        y = x + np.array([0.0, value, 0.0, 0.0])
        np.add(1.0, np.array([-1.0, 2.0, -0.0, -1.0]), out=y)
        return y

    def g(x):
        y = x.copy()
        y[0] = value
        np.floor(y, out=y)
        return y

    for h in (f, g):
        ans, tangent = dr.jvp(h, (X,), (np.ones(4),))
        assert_array_equal(h(X.copy()), ans)
        assert_array_equal(np.zeros(4), tangent)
        assert_array_equal(np.zeros((4, 4)), dr.jacobian(h, mode="reverse")(X))


def test_float32_array_stays_float32():
    def f(x):
        y = x.copy()
        y += np.ones(4)
        y[0] = np.float64(2.0) * x[1]
        assert y.dtype == np.float32
        return y

    x = X.astype(np.float32)
    jacobian = dr.jacobian(f)(x)
    assert jacobian.dtype == np.float32
    assert_allclose([[0, 2, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], jacobian)


# --------------------------------------------------------------------------- levels and messages


def test_outer_value_is_written_into_an_inner_array():
    def f(a):
        def inner(x):
            y = x.copy()
            y[0] = a[1] * x[1]
            y *= a
            return np.sum(y**2) / 2

        return np.sum(dr.grad(inner)(np.ones(4)))

    expected = numeric_jacobian(f, X)
    assert_allclose(expected, dr.grad(f)(X), rtol=1e-7)
    assert_allclose(expected, dr.jacobian(f, mode="forward")(X), rtol=1e-7)


def test_inner_value_is_not_written_into_an_outer_array():
    def f(a):
        b = a * 1.0

        def inner(x):
            b[0] = x[0]
            return np.sum(b * x)

        return np.sum(dr.grad(inner)(np.ones(4)))

    for transform in (dr.grad, lambda f: lambda x: dr.jvp(f, (x,), (x,))):
        with pytest.raises(dr.InPlaceError, match=r"np\.zeros_like"):
            transform(f)(X)


def test_constant_is_written_into_an_outer_array_by_an_inner_function():
    def f(a):
        b = a * 1.0

        def inner(x):
            b[0] = 2.0
            return np.sum(b * x**2) / 2

        return np.sum(dr.grad(inner)(np.ones(4)))

    assert_allclose([0.0, 1.0, 1.0, 1.0], dr.grad(f)(X))


def writes_a_view(x):
    y = x.copy()
    v = y[1:]
    v[0] = 3.0
    return np.sum(y)


def reads_a_stale_view(x):
    y = x.copy()
    v = y[1:]
    y[1] = 3.0
    return np.sum(v)


def adds_to_a_plain_array(x):
    y = np.zeros(4)
    y += x
    return np.sum(y)


def out_is_plain(x):
    y = np.zeros(4)
    np.multiply(x, 2.0, out=y)
    return np.sum(y)


def sum_out_is_plain(x):
    y = np.zeros(())
    np.sum(x, out=y)
    return y


def assigns_to_a_plain_array(x):
    y = np.zeros(4)
    np.copyto(y, x)
    return np.sum(y)


@pytest.mark.parametrize(
    ("f", "what", "fix"),
    [
        (writes_a_view, "view", "copy"),
        (reads_a_stale_view, "view", "copy"),
        (adds_to_a_plain_array, "plain array", "write y = y + x"),
        (out_is_plain, "plain array", "import dualrev.numpy as np"),
        (sum_out_is_plain, "plain array", "import dualrev.numpy as np"),
    ],
)
def test_error_of_a_write_says_what_where_and_fix(f, what, fix):
    try:
        dr.grad(f)(X)
    except dr.InPlaceError as error:
        message = str(error)
    else:
        # Views may come to work one day; then the answer has to be NumPy's.
        assert f in (writes_a_view, reads_a_stale_view)
        matches_numpy(f, X)
        return
    lines = message.splitlines()
    assert what in lines[0]
    assert re.fullmatch(
        rf"  where: in your function `{f.__name__}` \(test_in_place.py:\d+\)", lines[1]
    )
    assert lines[2].startswith("  fix:   ")
    assert fix in lines[2]


def column_at_a_number_set(x):
    y, k = np.outer(x, x + 1), np.argmax(x)
    y.T[k] = y[k - 1]
    return y


def spread(x):
    y = np.concatenate([x, x + 1])
    y[::2] = y[:4]
    return y


def masked_part_set(x):
    y = np.concatenate([x, x + 1, x])
    y[np.tile([True, False], 6)] = y[:6]
    return y


def column_copied(x):
    y = np.outer(x, x + 1)
    np.copyto(y.T[2], y[1], where=[True, True, True, False])
    return y


def joined_into_a_part(x):
    y = 1.0 * x
    np.concatenate([y[1:], y[:1]], out=y)
    return y


@pytest.mark.parametrize(
    "f",
    [column_at_a_number_set, spread, masked_part_set, column_copied, joined_into_a_part],
)
@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_a_write_that_reads_what_it_has_written_raises_and_is_not_compiled(f):
    for transform in (dr.jacobian, lambda f: lambda x: dr.jvp(f, (x,), (x,))):
        with pytest.raises(dr.InPlaceError, match="changes while it reads"):
            transform(f)(X)
    fast = dr.compile(f)
    for x in (X, X[::-1].copy(), X):
        assert_array_equal(f(x), fast(x))


def test_copyto_a_plain_array_is_an_error():
    with pytest.raises(dr.DualrevError):
        dr.grad(assigns_to_a_plain_array)(X)


# ------------------------------------------------------------- longer programs, and what they hold


def overlapping_steps(x):
    y = x * 1
    np.add(y[1:], y[:-1], out=y[1:])
    y[1:] *= y[:-1]
    y[0], y[1] = y[1], y[0]
    y[[2, 3]] = y[[3, 2]]
    y[:] = y[::-1]
    return y * x


def views_of_views(x):
    y = x.reshape(2, 2) * 1
    deep = y.T[::-1][:, None, :].squeeze(1).swapaxes(0, 1)
    rows = list(y)
    deep[0] = x[:2] ** 2
    rows[1] += rows[0]
    before = y.T.reshape(-1)  # a copy
    y.T[...] = y.T**2
    y[::-1].sort(axis=0)
    return np.concatenate([y.ravel(), deep.ravel(), rows[0], before * x])


def failed_writes(x):
    y = x * 1
    v = y[1:]
    for write in (
        lambda: y.__setitem__(slice(0, 2), np.ones(3)),
        lambda: v.__setitem__(9, 1.0),
        lambda: v.__iadd__(x),
        lambda: np.add(v, x, out=y),
    ):
        with pytest.raises((ValueError, IndexError)):
            write()
    v[0] = x[0] ** 2
    return y * y


def constants_overwritten(x):
    c = np.ones(4)
    y = x * c
    c[0] = 100.0
    y[0] = y[1] * c[0]
    c *= 2
    y *= c
    c[1] = 7.0
    return y * x


def tangents_passed_through(x):
    z = x + 1
    x[0] = 3.0
    z[1] = x[1] * x[1]
    w = z - 2
    z[0] *= 2
    x[2] = z[2] * w[3]
    return np.concatenate([x, z, w])


def copies_between_writes(x):
    y = x * 1
    both = copy.deepcopy([y, y[1:]])
    y[1] = x[0] ** 2
    both[1][0] = 5.0
    z = y.astype(float)
    y[2] = 0.0
    z[3] *= x[1]
    return np.concatenate([y, z, *both]) ** 2


@pytest.mark.parametrize(
    "program",
    [
        overlapping_steps,
        views_of_views,
        failed_writes,
        constants_overwritten,
        tangents_passed_through,
        copies_between_writes,
    ],
)
def test_longer_program_that_writes_matches_numpy(program):
    matches_numpy(program, X)

    def f(x):
        return np.sum(np.tanh(program(x)))

    v = np.array([0.5, -1.0, 2.0, 1.0])
    product = dr.hvp(f)(X, v)
    expected = numeric_jacobian(dr.grad(f), X) @ v
    assert_allclose(expected, product, rtol=1e-6, atol=1e-6)
    _, slope = dr.linearize(program, X)
    once, twice = slope.push(v), slope.push(v)
    assert_array_equal(once, twice)
    ct = np.cos(np.arange(once.size))
    (pulled,), (again,) = slope.pull(ct), slope.pull(ct)
    assert_array_equal(pulled, again)
    assert_allclose(once @ ct, v @ pulled, rtol=1e-12)


def test_outer_view_is_written_inside_between_and_after_inner_transforms():
    def inner(y, v):
        def f(a):
            y[0] = 5.0
            s = np.sum(v * a)
            v[0] = 7.0
            return s + np.sum(y) * a[0] ** 2

        return f

    at = np.array([1.0, 2.0, 3.0])

    def outer(x):
        y = x * 1
        v = y[1:]
        slope = dr.grad(inner(y, v))(at)
        y[3] = x[0] ** 2
        return np.concatenate([y, v, slope])

    def by_hand(x):
        slope = x[1:].copy()
        slope[0] += 2 * (5.0 + 7.0 + x[2] + x[3])
        v = np.array([7.0, x[2], x[0] ** 2])
        return np.concatenate([[5.0], v, v, slope])

    slopes = numeric_jacobian(by_hand, X)
    for mode in ("forward", "reverse"):
        assert_allclose(slopes, dr.jacobian(outer, mode=mode)(X), atol=1e-7)


def test_pull_of_a_view_knows_the_view_as_it_was():
    def f(x):
        y = x * 1
        v = y[::2]
        ans, pull = dr.vjp(lambda a: a * v, v)
        y[0] = 50.0
        ans[1] = 9.0
        first = pull(np.ones(2))
        y[2] = 60.0
        return np.concatenate([np.ravel(first), np.ravel(pull(np.ones(2))), v])

    expected = np.array([X[0], X[2], X[0], X[2], 50.0, 60.0])
    ans, _ = dr.jvp(f, (X,), (np.ones(4),))
    assert_array_equal(expected, ans)
    assert_array_equal(np.eye(6, 4)[[0, 2, 0, 2, 5, 5]], dr.jacobian(f)(X))


@pytest.mark.parametrize("transform", [dr.grad, dr.hessian, dr.value_and_grad, dr.linearize])
@pytest.mark.parametrize("n", [4, 30_000])
def test_array_of_the_caller_is_never_written(transform, n):
    if transform is dr.hessian and n > 4:
        return

    def f(x):
        x *= 2
        v = x[::-1]
        v += 1
        x[0] = 1.0
        np.add(x, 1, out=x)
        return np.sum(x * x)

    x = np.arange(float(n))
    x.flags.writeable = False
    transform(f, x) if transform is dr.linearize else transform(f)(x)
    assert_array_equal(np.arange(float(n)), x)


def test_views_and_writes_leave_no_reference_cycles():
    def f(x):
        y = x * 1
        v = y[1:]
        w = v[::2]
        y[0] = x[1]
        w += 1
        y.flat[2] = 3.0
        y.reshape(2, -1)[0] = x[:2]
        return np.sum(y * w.sum() * v.mean())

    def garbage():
        gc.collect()
        dr.grad(f)(X)
        dr.jvp(f, (X,), (X,))
        dr.hvp(f)(X, X)
        return gc.collect()

    gc.disable()
    try:
        # A thread of what runs the tests may leave some between.
        assert any(garbage() == 0 for _ in range(4))
    finally:
        gc.enable()


def test_many_writes_to_a_large_array_hold_no_copies_of_it():
    n = 20_000

    def f(x):
        y = x * 1
        v = y[1:]
        for i in range(2_000):
            y[i] = x[i + 1]
            v[i] = 2.0
        return np.sum(y * y)

    x = np.ones(n)
    dr.grad(f)(x[:3000])
    tracemalloc.start()
    try:
        dr.grad(f)(x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # 4000 entries of about 1 kB, and a few arrays; copies would be 640 MB
    assert peak < 20e6


def imaginary_part_written(x):
    z = x * (1 + 2j)
    v = z.imag
    v += x * x
    z.imag[0] = x[1] ** 2
    w = z * z
    return np.concatenate([w.real, w.imag])


def flat_is_live(x):
    y = x.reshape(2, 2).T * 1
    elements = y.flat
    first = next(elements)
    y[...] = y * 3
    return np.stack([first, *elements])


def diagonal_and_transpose_of_einsum(x):
    y = x.reshape(2, 2) * 1
    np.einsum("ii->i", y)[...] = x[:2] ** 2
    np.einsum("ij->ji", y)[0] *= x[3]
    return y * y


def reshape_with_copy(x):
    y = x * 1
    z = y.reshape(2, 2, copy=True)
    z[0] = 3.0
    return np.concatenate([y, z.ravel()])


same = dr.rule(lambda x: x, jvp=lambda t, ans, x: t[0], vjp=lambda ct, wanted, ans, x: (ct,))


def answer_of_a_rule_that_is_its_argument(x):
    y = x * 1
    y[1] = x[0]
    z = same(y)
    y[0] = x[1] ** 2
    z[2] = x[0] * x[3]
    return np.concatenate([y * y, z * z])


@pytest.mark.parametrize(
    "program",
    [
        imaginary_part_written,
        flat_is_live,
        diagonal_and_transpose_of_einsum,
        reshape_with_copy,
        answer_of_a_rule_that_is_its_argument,
    ],
)
def test_memory_that_is_shared_is_as_in_numpy(program):
    if program is reshape_with_copy and np.lib.NumpyVersion(np.__version__) < "2.1.0":
        return
    matches_numpy(program, X)


def test_element_of_asarray_is_not_silently_newer_than_numpys():
    def f(x):
        y = x * 1
        element = np.asarray(y)[0]
        y[0] = 5.0
        return element * x

    is_as_numpy_or_raises(f, X)


@pytest.mark.parametrize("layout", ["F", "reversed"])
def test_whether_reshape_copies_depends_on_the_layout_of_the_input(layout):
    x = np.arange(1.0, 7.0).reshape(2, 3)
    x = np.asfortranarray(x) if layout == "F" else x[::-1]

    def f(x):
        flat = x.ravel()  # a copy
        flat[0] = 5.0
        return np.sum(x**3)

    assert_array_equal(x**3 @ np.ones(3) @ np.ones(2), dr.jvp(f, (x,), (x,))[0])
    assert_allclose(3 * x**2, dr.grad(f)(x))
    assert_allclose(6 * x, dr.hvp(f)(x, np.ones(x.shape)))
    assert_allclose(3 * x**2, dr.vjp(f, x)[1](1.0)[0])


def test_copies_of_the_copy_module_keep_the_order():
    def f(x):
        y = np.asfortranarray(np.ones((2, 2))) * x.reshape(2, 2).T
        z = copy.copy(y)
        flat = z.ravel()
        flat[0] = 5.0
        return z * z

    matches_numpy(f, X)


def test_reshape_that_copies_keeps_its_many_tangents():
    from dualrev.columns import push_columns

    def f(x):
        y = x * 1
        y[0, 0] = 3.0
        z = y.reshape(-1)  # a copy: x is in Fortran's order
        y[1, 1] = 7.0
        return z * 1

    x = np.asfortranarray(np.arange(1.0, 7.0).reshape(2, 3))
    _, ts = push_columns(f, [x], [np.eye(6).reshape(6, 2, 3)])
    assert_array_equal(np.diag([0.0, 1, 1, 1, 1, 1]), ts)


def test_input_whose_elements_overlap_is_written_element_by_element():
    x = np.lib.stride_tricks.sliding_window_view(np.arange(1.0, 5.0), 2)

    def f(x):
        x[0, 1] = x[1, 1] ** 2
        return x * x

    ans, t = dr.jvp(f, (x,), (np.ones((3, 2)),))
    assert_array_equal([[1.0, 81.0], [4.0, 9.0], [9.0, 16.0]], ans)
    assert_array_equal([[2.0, 108.0], [4.0, 6.0], [6.0, 8.0]], t)
