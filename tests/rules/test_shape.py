"""What the laws cannot say of rules/shape.py; with rules/joining.py where both promise the same."""

import numpy as np
import pytest

import dualrev as dr


def kept(f, *args):
    """The values that f sees and returns inside a gradient."""
    seen = []
    dr.vjp(lambda *xs: seen.append(f(*xs)) or xs[0], *args)
    return seen[0]


@pytest.mark.parametrize("dtype", [int, bool, "int32"])
def test_astype_of_a_discrete_dtype_is_a_plain_array(dtype):
    x = np.array([0.0, 1.7, -2.2])
    ans = kept(lambda x: x.astype(dtype), x)
    assert type(ans) is np.ndarray
    np.testing.assert_array_equal(x.astype(dtype), ans)


def test_astype_of_a_complex_array_to_real_takes_the_real_part():
    z = np.array([1 + 2j, 3 - 1j])
    with pytest.warns(np.exceptions.ComplexWarning):
        gradient = dr.grad(lambda z: np.sum(z.astype(float) ** 2))(z)
    np.testing.assert_array_equal([2, 6], gradient)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.astype(object)[0],
        lambda x: np.sum(x, dtype=object),
        lambda x: np.add.accumulate(x, dtype=object)[1],
        lambda x: np.einsum("i,i", x, x, dtype=object),
        lambda x: np.full_like(x, x[0], dtype=object)[1],
    ],
)
def test_an_array_of_objects_is_refused(f):
    with pytest.raises(dr.CoercionError, match="object"):
        dr.grad(f)(np.ones(2))
    with pytest.warns(dr.PerformanceWarning, match="object"):
        assert dr.compile(f)(np.ones(2)) == f(np.ones(2))


def test_astype_refuses_what_numpy_refuses():
    with pytest.raises(TypeError):
        dr.grad(lambda x: np.sum(x.astype("f4", casting="safe")))(np.ones(2))


def test_astype_changes_the_precision_and_its_cotangent_changes_back():
    gradient = dr.grad(lambda x: np.sum(x.astype("f4") ** 2))(np.array([1.0, 3.0]))
    assert gradient.dtype == np.float64
    np.testing.assert_array_equal([2, 6], gradient)


@pytest.mark.parametrize("make", [np.zeros_like, np.empty_like, np.ones_like])
def test_an_array_like_a_traced_one_holds_traced_values(make):
    def f(x):
        y = make(x, shape=(2, 2))
        y[:] = 1.0
        y[0] = x[:2] ** 2
        y[1, 1] = x[2]
        return np.sum(y * y[1, 1])

    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose([2 * 3, 4 * 3, 1 + 4 + 1 + 2 * 3], dr.grad(f)(x))
    np.testing.assert_allclose(dr.jacobian(f, mode="forward")(x), dr.grad(f)(x))


def test_an_array_like_a_traced_one_of_integers_is_plain():
    ans = kept(lambda x: np.full_like(x, 3, dtype=int), np.ones(2))
    assert type(ans) is np.ndarray
    assert ans.dtype == int


def test_ones_like_and_full_like_have_numpy_s_values_shapes_and_dtypes():
    x = np.ones((2, 3), "f4")
    for f in (
        np.ones_like,
        np.zeros_like,
        lambda x: np.ones_like(x, dtype=complex),
        lambda x: np.full_like(x, [1, 2, 3]),
        lambda x: np.full_like(x, 2.5, shape=4, order="F"),
    ):
        ans = kept(f, x)
        assert ans.dtype == f(x).dtype
        np.testing.assert_array_equal(f(x), ans.primal)


@pytest.mark.parametrize(
    "view",
    [
        lambda y: y.reshape(2, 3),
        lambda y: y.reshape(2, 3).T,
        lambda y: np.flip(y),
        lambda y: np.split(y, 2)[1],
        lambda y: np.atleast_2d(y),
        lambda y: np.moveaxis(y.reshape(2, 3), 0, 1),
        lambda y: y.reshape(1, 6).squeeze(),
    ],
)
def test_a_write_into_a_view_reaches_its_array(view):
    def f(x):
        y = x.copy()
        view(y)[...] *= 2.0
        return np.sum(y)

    written = np.ones(6)
    view(written)[...] *= 2.0
    np.testing.assert_array_equal(written, dr.grad(f)(np.ones(6)))


@pytest.mark.parametrize(
    "view", [lambda y: np.diagonal(y.reshape(2, 3)), lambda y: np.broadcast_to(y, (2, 6))]
)
def test_a_read_only_view_is_numpys_error(view):
    def f(x):
        view(x.copy())[...] = 1.0

    with pytest.raises(ValueError, match="read-only"):
        dr.grad(f)(np.ones(6))


@pytest.mark.parametrize(
    "make",
    [
        lambda y: y.flatten(),
        lambda y: np.copy(y),
        lambda y: y.astype(float),
        lambda y: np.tile(y, 1),
        lambda y: np.concatenate((y,)),
        lambda y: y[[0, 1, 2]],
        lambda y: np.roll(y, 0),
        lambda y: np.pad(y, 0),
        lambda y: np.tril(y[None]),
    ],
)
def test_a_copy_can_be_written_and_leaves_its_source_alone(make):
    def f(x):
        y = x * 1
        made = make(y)
        made[...] = 7.0
        return np.sum(y * y)

    np.testing.assert_allclose([2, 4, 6], dr.grad(f)(np.array([1.0, 2.0, 3.0])))


@pytest.mark.parametrize("order", ["A", "K"])
def test_an_order_that_depends_on_the_memory_layout_is_refused(order):
    with pytest.raises(NotImplementedError, match="order"):
        dr.grad(lambda x: np.sum(x.ravel(order)))(np.ones((2, 2)))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.reshape(x, (0, 2)),
        lambda x: np.concatenate((x, x)),
        lambda x: np.stack((x, x)),
        lambda x: np.tile(x, 3),
        lambda x: np.repeat(x, 2),
        lambda x: np.pad(x, 1),
        lambda x: np.flip(x),
        lambda x: np.split(x, 2)[0],
        lambda x: np.resize(x, 3),
        lambda x: np.broadcast_to(x, (2, 0)),
    ],
)
def test_empty_arrays_have_empty_derivatives(f):
    x = np.empty(0)
    ans, pullback = dr.vjp(f, x)
    (ct,) = pullback(np.ones(ans.shape))
    assert ct.shape == (0,)
    assert dr.jvp(f, (x,), (x,))[1].shape == ans.shape


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.split(x, 4),
        lambda x: np.array_split(x, 0),
        lambda x: np.vsplit(x, 2),
        lambda x: np.concatenate((x, x), dtype=int),
        lambda x: np.stack((x, x), axis=3),
        lambda x: np.pad(x, 1, mode="edge", constant_values=2),
        lambda x: np.pad(x, 1, end_values=2),
    ],
)
def test_what_numpy_refuses_is_refused_with_the_same_class(f):
    x = np.ones(6)[1:]
    with pytest.raises(Exception) as expected:  # noqa: PT011
        f(x)
    with pytest.raises(type(expected.value)):
        dr.vjp(f, x)


def test_axes_of_a_transpose_may_be_whole_numbers_of_numpys():
    gradient = dr.grad(lambda x: np.sum(x.transpose(*np.arange(1)) ** 2))
    np.testing.assert_array_equal([2.0, 4.0], gradient(np.array([1.0, 2.0])))


def test_an_array_may_be_locked():
    def locks(x):
        y = x * 1.0
        y.setflags(write=False)
        return y @ y

    np.testing.assert_array_equal([2.0, 4.0], dr.grad(locks)(np.array([1.0, 2.0])))


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.1.0", reason="reshape without copy")
def test_a_reshape_that_may_not_copy_and_would_is_refused():
    x = np.arange(6.0).reshape(2, 3)
    views = lambda x: np.reshape(x, 6, copy=False)  # noqa: E731
    np.testing.assert_array_equal(np.arange(6.0), dr.vjp(views, x)[0])
    for transform in (dr.vjp, lambda f, x: dr.jvp(f, (x,), (x,))):
        with pytest.raises(ValueError, match="copy"):
            transform(lambda x: np.reshape(x.T, 6, copy=False), x)


@pytest.mark.filterwarnings("ignore:Passing a value for k:DeprecationWarning")
@pytest.mark.parametrize("k", [1.5, -0.5, 3.0, 6, -1])
def test_a_rotation_is_turned_back_as_numpy_turned_it(k):
    x = np.arange(6.0).reshape(2, 3)
    ans, pull = dr.vjp(lambda x: np.rot90(x, k), x)
    np.testing.assert_array_equal(x, pull(ans)[0])
