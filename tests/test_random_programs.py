"""Random programs, shapes, axes and dtypes: the laws of tests/test_laws.py on what nobody chose.

A program is a list of instructions over a growing pool of arrays; the same program runs on plain
arrays, on duals and on a tape.
"""

import dataclasses

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from tests.numeric import numeric_jacobian, slope
from tests.rows import examples
from tests.test_taylor import assert_same, nested

quick = settings(max_examples=examples(60), deadline=None, derandomize=True, database=None)

# ------------------------------------------------------------------------------ instructions


def fitted(x, y):
    """y, or its mean where its shape does not broadcast with that of x."""
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        return np.sum(y) / max(y.size, 1)
    return y


def assigned(x, y, k):
    z = x.copy()
    if z.ndim:
        z[k % max(len(z), 1) :] = np.sum(y) / max(y.size, 1)
        z *= 1.5
        if len(z):
            z[0] = np.sin(z[-1])
    return z


def filled(x, y, k):
    z = np.zeros_like(x, shape=(3,))
    z[0] = np.sum(x) * 0.3
    z[k % 3] += np.sin(np.sum(y))
    z[[2, 1]] = z[[0, 2]] * z[0]
    return z


def looped(x, y, k):
    total = np.sum(y) * 0.1
    for row in x.reshape(-1)[:4]:
        total = np.sin(total + row) * row if total > row else total - row * 0.5
    return total


def gathered(x, y, k):
    flat = x.reshape(-1)
    if not x.size:
        return flat
    return np.array([flat[0], np.sum(y) * 0.2, flat[k % x.size] * 2]) * flat[:1]


def picked(x, y, k):
    flat = x.reshape(-1)
    return flat[np.array([k, k + 1, k, -1]) % x.size] * flat[:1] if x.size else flat


def widened(x, y, k):
    return np.expand_dims(x, k % (x.ndim + 1)) if x.ndim < 3 else x


def narrowed(x, y, k):
    return x.reshape(-1)[: max(6, 1)]


def joined(x, y, k):
    return np.concatenate([x.reshape(-1), np.sin(y.reshape(-1))])[:8]


def product(x, y, k):
    a, b = x.reshape(-1)[:4], y.reshape(-1)[:3]
    return np.outer(a, b) @ b


def differentiated(x, y, k):
    """A gradient taken inside the program."""
    c = np.sum(y) / max(y.size, 1)
    return dr.grad(lambda z: np.sum(np.sin(z * c) * z))(x)


INSTRUCTIONS = {
    "sin": lambda x, y, k: np.sin(x),
    "tanh": lambda x, y, k: np.tanh(x),
    "exp": lambda x, y, k: np.exp(np.tanh(x)),
    "log": lambda x, y, k: np.log(1 + x * x),
    "sqrt": lambda x, y, k: np.sqrt(1 + x**2),
    "arctan": lambda x, y, k: np.arctan(x),
    "power": lambda x, y, k: np.tanh(x) ** (k % 4 + 1),
    "add": lambda x, y, k: x + fitted(x, y),
    "subtract": lambda x, y, k: fitted(x, y) - 2 * x,
    "multiply": lambda x, y, k: np.tanh(x) * fitted(x, y),
    "divide": lambda x, y, k: x / (1.5 + np.sin(fitted(x, y))),
    "arctan2": lambda x, y, k: np.arctan2(x, 2 + np.sin(fitted(x, y))),
    "hypot": lambda x, y, k: np.hypot(x, 1 + np.abs(fitted(x, y))),
    "maximum": lambda x, y, k: np.maximum(x, fitted(x, y) * 0.7 + 0.013),
    "where": lambda x, y, k: np.where(x > 0.1 * k - 0.31, x * 2, fitted(x, y)),
    "negative": lambda x, y, k: -x,
    "constant": lambda x, y, k: x * (k + 0.5) - np.cos(k),
    "sum": lambda x, y, k: np.sum(x, axis=k % x.ndim) if x.ndim else x * 2,
    "sum keepdims": lambda x, y, k: x - np.sum(x, axis=-1, keepdims=True) if x.ndim else x,
    "mean": lambda x, y, k: np.mean(x, axis=k % x.ndim) if x.size and x.ndim else x,
    "prod": lambda x, y, k: np.prod(np.tanh(x), axis=k % x.ndim) if x.ndim else x,
    "max": lambda x, y, k: np.max(x, axis=k % x.ndim) if x.size and x.ndim else x,
    "cumsum": lambda x, y, k: np.cumsum(x, axis=k % x.ndim) * 0.4 if x.ndim else x,
    "sort": lambda x, y, k: np.sort(x, axis=-1) * np.arange(x.shape[-1]) if x.ndim else x,
    "transpose": lambda x, y, k: x.T * 1.1,
    "flip": lambda x, y, k: np.flip(x),
    "roll": lambda x, y, k: np.roll(x, k),
    "slice": lambda x, y, k: x[:: k % 2 + 1] if x.ndim else x,
    "element": lambda x, y, k: x[k % len(x)] if x.ndim and len(x) else x,
    "new axis": lambda x, y, k: x[..., None] * np.arange(1.0, 3.0) if x.ndim < 3 else x,
    "broadcast": lambda x, y, k: np.broadcast_to(x, (2, *x.shape)) if x.ndim < 3 else x,
    "stack": lambda x, y, k: np.stack([x, x * x * 0.1]) if x.ndim < 3 else x,
    "expand": widened,
    "ravel": narrowed,
    "concatenate": joined,
    "matmul": product,
    "take": picked,
    "assign": assigned,
    "fill": filled,
    "loop": looped,
    "object array": gathered,
    "inner grad": differentiated,
}


@dataclasses.dataclass(frozen=True)
class Program:
    """Instructions ``(name, place of x, place of y, k)``, applied to a pool that grows."""

    steps: tuple

    def __call__(self, x):
        pool = [x]
        for name, i, j, k in self.steps:
            pool.append(INSTRUCTIONS[name](pool[i % len(pool)], pool[j % len(pool)], k))
        # All results that were never used have an influence too.
        return sum(np.sum(np.sin(y)) for y in pool[:-1]) + np.tanh(pool[-1])


small = st.integers(0, 7)
# Instructions lean on the last results, so that programs are deep, not wide.
step = st.tuples(
    st.sampled_from(sorted(INSTRUCTIONS)), st.integers(-3, -1), st.integers(-4, -1), small
)
programs = st.builds(Program, st.lists(step, min_size=1, max_size=7).map(tuple))
shapes = st.sampled_from([(), (1,), (3,), (2, 2), (4,), (2, 1, 2), (0,), (2, 3)])


def sample(shape, seed):
    """Numbers without ties, away from zero."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.uniform(0.2, 1.7, shape) * rng.choice([-1.0, 1.0], shape))


def smooth_here(differences, *args):
    """Whether finite differences of two step sizes agree: no kink within reach."""
    a, b = differences(*args, 1e-3), differences(*args, 2.7e-4)
    return np.allclose(a, b, rtol=1e-6, atol=1e-7)


@quick
@given(programs, shapes, st.integers(0, 99))
def test_program_is_differentiated_right_in_both_modes(program, shape, seed):
    """The value to the bit, the Jacobian of both modes against finite differences."""
    x = sample(shape, seed)
    before = x.copy()
    expected = program(x)
    ans, _ = dr.jvp(program, (x,), (np.ones(shape),))
    assert_array_equal(expected, ans)
    ans, pull = dr.vjp(program, x)
    assert_array_equal(expected, ans)
    assert_array_equal(before, x)
    forward = dr.jacobian(program, mode="forward")(x)
    reverse = dr.jacobian(program, mode="reverse")(x)
    assert forward.shape == reverse.shape == np.shape(expected) + shape
    assert_allclose(forward, reverse, rtol=1e-9, atol=1e-11)
    (pulled,) = pull(np.ones_like(expected))
    assert_allclose(
        reverse.reshape(np.size(expected), *shape).sum(axis=0), pulled, rtol=1e-9, atol=1e-11
    )
    assume(smooth_here(numeric_jacobian, program, x))
    assert_allclose(numeric_jacobian(program, x), forward, rtol=1e-5, atol=1e-6)


OF_A_BATCH = {
    "forward": lambda f: dr.jacobian(f, mode="forward"),
    "reverse": lambda f: dr.jacobian(f, mode="reverse"),
    "hessian": lambda f: dr.hessian(lambda x: np.sum(f(x))),
}


@quick
@given(programs, shapes, st.integers(0, 99))
@pytest.mark.filterwarnings("ignore::dualrev.errors.PerformanceWarning")
def test_program_of_a_batch_is_the_stack_of_the_programs(program, shape, seed):
    """Its value, its derivatives of first and second order in each row, and through the batch."""
    assume(all(name != "loop" for name, *_ in program.steps))  # it branches
    xs = np.stack([sample(shape, 1000 * seed + i) for i in range(3)])
    rows = [x if x.ndim else x[()] for x in xs]
    assert_allclose([program(x) for x in rows], dr.vmap(program)(xs), rtol=1e-10)
    for derivative in OF_A_BATCH.values():
        expected = [derivative(program)(x) for x in rows]
        found = dr.vmap(derivative(program))(xs)
        assert_allclose(expected, found, rtol=1e-8, atol=1e-10)
    expected = [dr.grad(lambda x: np.sum(program(x)))(x) for x in rows]
    through = dr.grad(lambda xs: np.sum(dr.vmap(program)(xs)))(xs)
    assert_allclose(expected, through, rtol=1e-8, atol=1e-10)


@quick
@given(programs, shapes, st.integers(0, 99))
def test_program_is_differentiated_twice_right_in_all_modes(program, shape, seed):
    """All products of the modes agree, and are symmetric, and are the slope of the gradient."""
    x = sample(shape, seed)

    def f(x):
        return np.sum(program(x) ** 2)

    v = np.cos(np.arange(x.size)).reshape(shape)
    product = dr.hvp(f)(x, v)
    assert_allclose(product, dr.grad(lambda x: np.sum(dr.grad(f)(x) * v))(x), rtol=1e-8, atol=1e-9)
    assert_allclose(product, dr.grad(lambda x: dr.jvp(f, (x,), (v,))[1])(x), rtol=1e-8, atol=1e-9)
    twice = dr.jvp(lambda x: dr.jvp(f, (x,), (v,))[1], (x,), (v,))[1]
    assert_allclose(np.sum(product * v), twice, rtol=1e-8, atol=1e-9)
    hessian = dr.hessian(f)(x).reshape(x.size, x.size)
    assert_allclose(hessian, hessian.T, rtol=1e-8, atol=1e-9)
    assert_allclose(hessian @ v.ravel(), np.ravel(product), rtol=1e-8, atol=1e-9)
    for inner in ("forward", "reverse"):
        for outer in ("forward", "reverse"):
            other = dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(x)
            assert_allclose(hessian, other.reshape(hessian.shape), rtol=1e-8, atol=1e-9)
    gradient = dr.grad(f)
    assume(smooth_here(slope, gradient, x, v))
    assert_allclose(slope(gradient, x, v), product, rtol=1e-5, atol=1e-5)


@settings(quick, max_examples=examples(25))
@given(programs, shapes, st.integers(0, 99))
def test_program_is_differentiated_three_times_alike_in_all_modes(program, shape, seed):
    x = sample(shape, seed)
    v = np.cos(np.arange(x.size)).reshape(shape)

    def along(f):
        return lambda x: dr.jvp(f, (x,), (v,))[1]

    def against(f):
        return lambda x: np.sum(dr.grad(f)(x) * v)

    f = lambda x: np.sum(np.sin(program(x)))  # noqa: E731
    expected = along(along(along(f)))(x)
    for a in (along, against):
        for b in (along, against):
            for c in (along, against):
                ans = c(b(a(f)))(x)
                assert_allclose(expected, ans, rtol=1e-7, atol=1e-7 * (1 + abs(expected)))


@settings(quick, max_examples=examples(40))
@given(programs, shapes, st.integers(0, 99))
def test_program_has_the_series_of_nested_duals(program, shape, seed):
    """And the slope of a coefficient is the next one."""
    x, v = sample(shape, seed)[()], sample(shape, seed + 1)[()]
    found = dr.taylor(program, x, v, 4)
    assert_same(nested(lambda t: program(x + t * v), 4), found, 1e-9)
    slopes = dr.jvp(lambda x: dr.taylor(program, x, v, 3), (x,), (v,))[1]
    factors = np.arange(1.0, 5.0).reshape(-1, *[1] * (found.ndim - 1))
    assert_same(factors * found[1:], slopes, 1e-8)


@settings(quick, max_examples=examples(40))
@given(
    programs, shapes, st.integers(0, 99), st.sampled_from(["float32", "complex64", "complex128"])
)
def test_program_keeps_the_dtype(program, shape, seed, dtype):
    """Tangent and cotangent have the dtype of their primal, and are adjoint."""
    real_only = {"arctan2", "hypot", "maximum", "where", "max", "sort", "loop", "inner grad"}
    if dtype.startswith("complex"):
        assume(not any(name in real_only for name, *_ in program.steps))
    x = sample(shape, seed).astype(dtype)
    t = sample(shape, seed + 1).astype(dtype)
    ans, tangent = dr.jvp(program, (x,), (t,))
    _, pull = dr.vjp(program, x)
    ct = np.ones(ans.shape, ans.dtype)[()]
    (pulled,) = pull(ct)
    assert pulled.dtype == x.dtype
    assert tangent.dtype == ans.dtype
    expected = program(x)
    assert ans.dtype == expected.dtype
    assert_array_equal(expected, ans)
    rtol = 1e-9 if dtype == "complex128" else 2e-3
    left, right = np.real(np.vdot(ct, tangent)), np.real(np.vdot(pulled, t))
    scale = np.sum(np.abs(pulled * t)) + 1
    assert_allclose(left, right, rtol=rtol, atol=rtol * scale)


# ------------------------------------------------------------------- shapes, axes, indices, dtypes


def adjoint(f, *args, rtol=1e-10):
    """<ct, J t> equals <J^T ct, t>, in the shapes of the arguments; and the value is NumPy's."""
    rng = np.random.default_rng(0)

    def like(x):
        draw = rng.standard_normal(np.shape(x))
        if np.iscomplexobj(x):
            draw = draw + 1j * rng.standard_normal(np.shape(x))
        return np.asarray(draw).astype(np.asarray(x).dtype)[()]

    ts = tuple(like(x) for x in args)
    ans, tangent = dr.jvp(f, args, ts)
    expected = f(*args)
    assert_array_equal(expected, ans)
    _, pull = dr.vjp(f, *args)
    ct = like(ans)
    pulled = pull(ct)
    for p, x in zip(pulled, args):
        assert np.shape(p) == np.shape(x)
        assert p.dtype == x.dtype
    left = np.real(np.vdot(ct, tangent))
    right = sum(np.real(np.vdot(p, t)) for p, t in zip(pulled, ts))
    assert_allclose(left, right, rtol=rtol, atol=rtol * (1 + np.size(ct)) * 10)


two_shapes = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3)
BINARY = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": lambda x, y: x / (y + 3),
    "power": lambda x, y: (x + 3) ** y,
    "matmul free": lambda x, y: x * y + np.sin(x * y),
    "where": lambda x, y: np.where(np.real(x) > 0, x, y),
}


@quick
@given(
    two_shapes,
    st.sampled_from(sorted(BINARY)),
    st.sampled_from(["dd", "df", "ff", "dD", "FD", "fD"]),
)
def test_broadcast_partners_get_cotangents_of_their_own_shape_and_dtype(both, name, dtypes):
    """A float32 partner of a float64 has a float32 cotangent, a real one of a complex a real."""
    x, y = (
        np.asarray(sample(shape, i)).astype(dtype)
        for i, (shape, dtype) in enumerate(zip(both.input_shapes, dtypes))
    )
    adjoint(BINARY[name], x, y, rtol=1e-10 if set(dtypes) <= set("dD") else 2e-3)


REDUCTIONS = {
    "sum": np.sum,
    "mean": np.mean,
    "prod": np.prod,
    "var": np.var,
    "std": np.std,
    "max": np.max,
    "min": np.min,
    "method sum": lambda x, **options: x.sum(**options),
}


@quick
@given(st.data(), hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=3),
       st.sampled_from(sorted(REDUCTIONS)), st.booleans())  # fmt: skip
def test_reductions_over_any_axes(data, shape, name, keepdims):
    axis = data.draw(
        st.none() | st.integers(-len(shape), len(shape) - 1) | hnp.valid_tuple_axes(len(shape))
    )
    x = sample(shape, 1)
    f = lambda x: REDUCTIONS[name](x, axis=axis, keepdims=keepdims)  # noqa: E731
    if name == "std":
        # at one element it is 0 and has a kink, where the convention is 0
        assume(np.all(f(x) > 1e-3))
    adjoint(f, x)
    assert_allclose(numeric_jacobian(f, x), dr.jacobian(f)(x), rtol=1e-6, atol=1e-7)


@quick
@given(st.data(), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
def test_basic_indices_of_every_form(data, shape):
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True))
    x = sample(shape, 2)
    adjoint(lambda x: x[index], x)
    adjoint(lambda x: x[index] * x[index], x)

    def assign(x, y):
        z = x * 1.0
        z[index] = y
        return z * x

    value = np.asarray(x[index])
    if np.ndim(x):  # NumPy's scalars are immutable
        adjoint(assign, x, sample(value.shape, 3))
        adjoint(assign, x, sample((), 4))


@quick
@given(st.data(), hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
def test_index_arrays_and_masks_of_every_form(data, shape):
    index = data.draw(
        hnp.integer_array_indices(shape)
        | hnp.arrays(bool, shape)
        | hnp.arrays(bool, shape[:1]).map(lambda m: (m,))
        | st.lists(st.integers(-shape[0], shape[0] - 1), max_size=4)
    )
    x = sample(shape, 5)
    adjoint(lambda x: x[index], x)
    twice = dr.hessian(lambda x: np.sum(x[index] ** 3))(x).reshape(x.size, x.size)
    counts = np.zeros(shape)
    np.add.at(counts, index, 1.0)
    assert_allclose(np.diag((6 * x * counts).ravel()), twice)


@quick
@given(st.data(), hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
def test_assignments_with_index_arrays_are_numpy_s(data, shape):
    """Repeated indices: the last one wins, in the value and in the derivative."""
    index = data.draw(hnp.integer_array_indices(shape) | hnp.arrays(bool, shape))
    x = sample(shape, 6)
    y = sample(x[index].shape, 7)

    def assign(x, y):
        z = x + 0 * np.sum(y)
        z[index] = y * y
        z[index] += x[index]
        return z * x

    adjoint(assign, x, y)
    assert_allclose(
        numeric_jacobian(lambda x: assign(x, y), x), dr.jacobian(assign)(x, y), atol=1e-8
    )
    assert_allclose(
        numeric_jacobian(lambda y: assign(x, y), y), dr.jacobian(assign, argnums=1)(x, y), atol=1e-8
    )


@quick
@given(st.data(), hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=3))
def test_shapes_are_changed_and_cotangents_change_back(data, shape):
    x = sample(shape, 8)
    axes = data.draw(st.permutations(range(len(shape))))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    count = data.draw(st.integers(0, 3))
    for f in (
        lambda x: np.transpose(x, axes),
        lambda x: x.transpose(*axes),
        lambda x: x.reshape(-1),
        lambda x: np.reshape(x, shape[::-1]),
        lambda x: np.moveaxis(x, 0, axis),
        lambda x: np.swapaxes(x, 0, axis),
        lambda x: np.roll(x, count, axis=axis),
        lambda x: np.flip(x, axis),
        lambda x: np.repeat(x, count, axis=axis),
        lambda x: np.tile(x, count),
        lambda x: np.concatenate([x, x * x], axis=axis),
        lambda x: np.stack([x, x * x], axis=axis),
        lambda x: np.cumsum(x, axis=axis),
        lambda x: np.diff(x, axis=axis),
        lambda x: np.take(x, [0, 0, -1], axis=axis),
        lambda x: np.pad(x, count),
        lambda x: np.squeeze(x),
        lambda x: np.expand_dims(x, axis),
        lambda x: np.broadcast_to(x, (2, *shape)),
        lambda x: np.split(x, [1], axis=axis)[0],
    ):
        adjoint(f, x)


@st.composite
def matmul_pairs(draw):
    shapes = draw(hnp.mutually_broadcastable_shapes(signature="(m?,n),(n,p?)->(m?,p?)", max_dims=2,
                                                    min_side=1, max_side=3))  # fmt: skip
    return shapes.input_shapes


@quick
@given(matmul_pairs(), st.sampled_from(["dd", "fd", "dD", "DD"]))
def test_matmul_of_every_pair_of_shapes(shapes, dtypes):
    a, b = (sample(s, i).astype(d) for i, (s, d) in enumerate(zip(shapes, dtypes)))
    if b.dtype.kind == "c":
        b = b + 1j * sample(b.shape, 9)
    rtol = 1e-10 if "f" not in dtypes else 2e-3
    adjoint(np.matmul, a, b, rtol=rtol)
    adjoint(lambda a, b: a @ b, a, b, rtol=rtol)
    if a.ndim <= 2 and b.ndim <= 2:
        adjoint(np.dot, a, b, rtol=rtol)
