"""JAX: derivatives are equal in both directions, and what cannot be is said."""

import gc
import pickle
import weakref

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from tests.bridges.programs import X, Y, number_of, of_numpy, several, smooth

jax = pytest.importorskip("jax")
jnp = jax.numpy

from dualrev.bridges.jax import from_jax, to_jax  # noqa: E402

THEIRS = of_numpy(several, jnp)
OURS = of_numpy(several)


@pytest.fixture(autouse=True)
def double_precision():
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


def number(f):
    return lambda x, y: number_of(f(x, y))


# -------------------------------------------------------------------------------------- to_jax


@pytest.mark.parametrize("transform", [jax.grad, jax.hessian], ids=["grad", "hessian"])
def test_derivatives_are_equal_eager_compiled_and_in_batches(transform):
    expected, found = transform(number(THEIRS)), transform(number(to_jax(OURS)))
    assert_allclose(expected(X, Y), found(X, Y), rtol=1e-11)
    assert_allclose(expected(X, Y), jax.jit(found)(X, Y), rtol=1e-11)
    rows = np.stack([X, X - 1])
    every = jax.jit(jax.vmap(found, in_axes=(0, None)))(rows, Y)
    assert_allclose([expected(x, Y) for x in rows], every, rtol=1e-10)


@pytest.mark.parametrize(
    ("inner", "outer"),
    [(jax.jacrev, jax.jacrev), (jax.jacfwd, jax.jacrev), (jax.jacfwd, jax.jacfwd)],
)
def test_their_modes_nest(inner, outer):
    expected = outer(inner(of_numpy(smooth, jnp), argnums=1))(X, Y)
    found = outer(inner(to_jax(of_numpy(smooth)), argnums=1))(X, Y)
    assert_allclose(expected, found, rtol=1e-11)


def test_a_loop_that_is_scanned():
    def loop(f):
        return lambda x: jnp.sum(jax.lax.scan(lambda x, _: (f(x), None), x, None, length=3)[0])

    expected = jax.grad(loop(lambda x: jnp.sin(x) * x))(X)
    found = jax.jit(jax.grad(loop(to_jax(lambda x: np.sin(x) * x))))(X)
    assert_allclose(expected, found, rtol=1e-12)


def test_derivatives_of_a_batch():
    def of_rows(f):
        return lambda x: jnp.sum(jax.vmap(f, in_axes=(1, None))(jnp.outer(x, x), Y) ** 2)

    found = jax.hessian(of_rows(to_jax(of_numpy(smooth))))(X)
    assert_allclose(jax.hessian(of_rows(of_numpy(smooth, jnp)))(X), found, rtol=1e-11, atol=1e-13)


def test_forward_mode_beside_an_integer_result():
    def f(xp):
        return lambda x: (xp.sin(x), xp.argmax(x), x**2)

    expected = jax.jvp(f(jnp), (X,), (Y,))[1]
    for call in (to_jax(f(np)), jax.jit(to_jax(f(np)))):
        found = jax.jvp(call, (X,), (Y,))[1]
        for k in (0, 2):
            assert_allclose(expected[k], found[k], rtol=1e-12)


def test_f_runs_once_for_value_and_gradient():
    calls = []

    def counted(x):
        calls.append(1)
        return np.sum(x**2)

    value_and_grad = jax.value_and_grad(to_jax(counted, like=0.0))
    value_and_grad(X)
    assert len(calls) == 1
    compiled = jax.jit(value_and_grad)
    compiled(X)[1].block_until_ready()
    calls.clear()
    for _ in range(20):
        value, gradient = jax.block_until_ready(compiled(X + 1))
    assert len(calls) == 20
    assert_allclose(2 * (X + 1), gradient)


def test_what_a_gradient_needs_is_kept_of_the_last_calls_alone():
    held = []

    def large(x):
        ones = np.ones(100_000)
        held.append(weakref.ref(ones))
        return np.mean(x[0] ** 2 * ones)

    pulls = [jax.vjp(to_jax(large), X + k)[1] for k in range(20)]
    gc.collect()
    assert sum(ref() is not None for ref in held) == 16
    for k, pull in enumerate(pulls):
        assert_allclose([2 * (X[0] + k), 0, 0], pull(1.0)[0])


def test_a_linear_map_has_a_transpose_and_a_function_none_of_its_own():
    f = to_jax(np.cumsum)
    _, push = jax.linearize(f, X)
    assert_allclose(np.cumsum(Y[::-1])[::-1], jax.linear_transpose(push, X)(Y)[0])
    every = jax.vmap(push)
    rows = np.stack([X, Y])
    expected = np.cumsum(rows[:, ::-1], 1)[:, ::-1]
    assert_allclose(expected, jax.linear_transpose(every, rows)(rows)[0])
    with pytest.raises(dr.ArgumentError, match=r"jax.vjp\(f, x\)\[1\]"):
        jax.linear_transpose(f, X)(Y)
    assert_allclose(np.cumsum(Y[::-1])[::-1], jax.vjp(f, X)[1](Y)[0])


def test_integers_complex_numbers_and_empty_arrays():
    def f(x, n, z, none):
        return x[n], np.argmax(x), abs(np.sum(z * z)) + np.sum(none), np.exp(1j * x)

    def total(f, xp):
        def of(x, z, none):
            picked, where, size, turning = f(x, np.array([2, 0]), z, none)
            return xp.sum(picked) * size + where + xp.sum(xp.real(turning * turning * z))

        return of

    def theirs(x, n, z, none):
        return x[n], jnp.argmax(x), abs(jnp.sum(z * z)) + jnp.sum(none), jnp.exp(1j * x)

    given = X, X + 1j * Y, np.zeros((0, 2))
    for expected, found in zip(
        jax.grad(total(theirs, jnp), argnums=(0, 1, 2))(*given),
        jax.jit(jax.grad(total(to_jax(f), jnp), argnums=(0, 1, 2)))(*given),
    ):
        assert_allclose(expected, found, rtol=1e-12)
    slopes = jax.jit(jax.jacrev(to_jax(lambda z: z * z), holomorphic=True))(X + 1j * Y)
    assert_allclose(np.diag(2 * (X + 1j * Y)), slopes)


def test_in_single_precision_results_are_single():
    jax.config.update("jax_enable_x64", False)
    f = to_jax(lambda x: np.sum(x * np.array([1.0, 2.0, 3.0])))  # float64 to NumPy
    x = jnp.asarray(X)
    for call in (f, jax.jit(f), jax.grad(f), jax.jit(jax.grad(f)), jax.jit(jax.vmap(f))):
        answer = call(x[None] if call is not f and "vmap" in repr(call) else x[None][0])
        assert answer.dtype == np.float32
    assert_allclose([1, 2, 3], jax.jit(jax.grad(f))(x))


def test_shapes_that_cannot_be_learned_are_told():
    def solve(a):
        return np.linalg.inv(a)[0]

    a = np.array([[2.0, 1.0], [0.5, 3.0]])
    with pytest.raises(np.linalg.LinAlgError) as caught:
        jax.jit(to_jax(solve))(a)
    assert "like=" in caught.value.__notes__[0]
    told = jax.jit(to_jax(solve, like=jax.ShapeDtypeStruct((2,), float)))
    assert_allclose(solve(a), told(a))
    assert_allclose(jax.jacobian(lambda a: jnp.linalg.inv(a)[0])(a), jax.jacobian(told)(a))


def test_results_of_another_shape_than_told_are_refused():
    with pytest.raises(Exception, match="shape"):
        jax.jit(to_jax(lambda x: x, like=np.zeros(2)))(X).block_until_ready()


def test_complex_results_are_not_made_real():
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])  # whose eigenvalues are, unlike those of ones
    with pytest.raises(Exception, match="like= an example"):
        jax.jit(to_jax(np.linalg.eigvals))(turn).block_until_ready()
    told = to_jax(lambda a: np.linalg.eigvals(a) + 0j, like=np.zeros(2, complex))
    assert_allclose([1j, -1j], jax.jit(told)(turn))


def test_a_result_without_elements_has_a_jacobian_without_rows():
    assert jax.jacrev(to_jax(lambda x: x[:0]))(X).shape == (0, 3)


def test_the_users_own_error_arrives():
    def fails(x):
        if x[0] < 1:
            raise KeyError("mine")
        return np.sum(x)

    f = to_jax(fails)
    for call in (f, jax.grad(f), jax.hessian(f)):
        with pytest.raises(KeyError, match="mine"):
            call(X)
    with pytest.raises(Exception, match=r"(?s)test_jax.py.*KeyError: 'mine'"):
        jax.jit(f)(X).block_until_ready()


def test_a_bridge_pickles_when_the_function_does():
    sine = pickle.loads(pickle.dumps(to_jax(np.sin)))
    assert_allclose(np.sin(X), sine(X))
    assert sine.__name__ == "sin"


# ------------------------------------------------------------------------------------ from_jax


@pytest.mark.parametrize("outer", ["reverse", "forward"])
@pytest.mark.parametrize("inner", ["reverse", "forward"])
def test_our_modes_nest(outer, inner):
    def second(f):
        return dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)

    theirs = from_jax(of_numpy(smooth, jnp))
    assert_allclose(second(of_numpy(smooth))(X, Y), second(theirs)(X, Y), rtol=1e-11, atol=1e-12)


def test_batches_go_through_their_vmap():
    theirs = from_jax(of_numpy(smooth, jnp))
    rows = np.stack([X, X - 1])
    for transform in (dr.grad, dr.hessian):
        expected = [transform(of_numpy(smooth))(x, Y) for x in rows]
        found = dr.vmap(transform(theirs), in_axes=(0, None))(rows, Y)
        assert_allclose(expected, found, rtol=1e-11)
    total = [
        lambda x: np.sum(dr.vmap(f, (1, None))(np.outer(x, x), Y) ** 2)
        for f in (of_numpy(smooth), theirs)
    ]
    assert_allclose(dr.grad(total[0])(X), dr.grad(total[1])(X), rtol=1e-11)


def test_a_branch_on_values_is_taken_where_they_are_the_same_for_all():
    branch = from_jax(lambda x: x**2 if x.sum() > 0 else -x)
    assert_allclose(np.diag(2 * X), dr.jacobian(branch)(X))
    with pytest.raises(jax.errors.TracerBoolConversionError):
        dr.vmap(branch)(np.stack([X, -X]))


def test_g_runs_once_for_a_gradient():
    calls = []

    def counted(x, y):
        calls.append(1)
        return THEIRS(x, y)

    found = dr.grad(number(from_jax(counted)), argnums=1)(X, Y)
    assert len(calls) == 1
    assert_allclose(dr.grad(number(OURS), argnums=1)(X, Y), found, rtol=1e-12)


def test_gradients_of_complex_arguments_are_ours():
    z = X + 1j * Y
    expected = dr.grad(lambda z: abs(np.sum(np.exp(z * z))))(z)
    found = dr.grad(from_jax(lambda z: abs(jnp.sum(jnp.exp(z * z)))))(z)
    assert_allclose(expected, found, rtol=1e-12)


def test_integer_results_and_arguments_have_no_derivative():
    def f(xp):
        return lambda x, n: (xp.argmax(x), x[n] ** 2)

    found = dr.jacobian(lambda x: from_jax(f(jnp))(x, np.array([2, 0]))[1])(X)
    assert_allclose(dr.jacobian(lambda x: f(np)(x, np.array([2, 0]))[1])(X), found)
    assert not np.any(dr.jacobian(lambda x: from_jax(f(jnp))(x, 0)[0])(X))


def test_an_array_that_jax_would_round_is_refused():
    jax.config.update("jax_enable_x64", False)
    single = from_jax(jnp.cos)(X.astype(np.float32))
    assert single.dtype == np.float32
    with pytest.raises(dr.ArgumentError) as caught:
        from_jax(jnp.cos)(X)
    exec(caught.value.fix)
    assert_allclose(np.cos(X), from_jax(jnp.cos)(X), rtol=1e-15)


def test_a_bridge_there_and_back_is_the_function():
    back = from_jax(to_jax(of_numpy(smooth)))
    assert_allclose(dr.hessian(of_numpy(smooth))(X, Y), dr.hessian(back)(X, Y), rtol=1e-11)
