"""Random programs: no entry is lacking in their patterns, and compressed matrices are the dense ones."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from dualrev.sparse.ordering import ORDERS
from tests.sparse.detected import places_of
from tests.sparse.programs import CHOOSING, STRUCTURAL, Program, arguments, programs

EVERY = [*STRUCTURAL, *CHOOSING]
# A part of what the profile says: 40 and 12 in the suite, thousands in a thorough run.
few, fewer = (
    settings(max_examples=int(settings.default.max_examples / part), deadline=None)
    for part in (2.5, 8)
)
pytestmark = pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
orders = st.sampled_from(["best", *ORDERS])


def derivative_at(dense, x):
    """The dense derivative, where the program has one that can be compared."""
    with np.errstate(all="ignore"):
        matrix = np.asarray(dense(x))
    assume(np.isfinite(matrix).all() and np.max(np.abs(matrix), initial=0) < 1e8)
    return matrix


def nearby(x):
    return (x * (1 + 1e-6 * np.linspace(-1, 1, x.size))).astype(x.dtype)


def assert_close(expected, matrix):
    """To rounding: sums of up to a hundred products, of entries that differ by their largest.

    Rows have the dtype of the arguments, columns that of the result: the coarser of the two counts.
    """
    eps = max(np.finfo(x.dtype).eps for x in (expected, matrix))
    bound = 1000 * eps * np.max(np.abs(expected), initial=0)
    assert_allclose(matrix.toarray(), expected, rtol=0, atol=bound)


@few
@given(programs(STRUCTURAL), arguments())
def test_pattern_is_that_of_the_jacobian_where_no_number_chooses(f, x):
    derivative_at(dr.jacobian(f, matrix=True), x)
    assert_array_equal(places_of(f, [x]), dr.sparsity(f, x).toarray())


@few
@given(programs(EVERY), arguments("fd"))
def test_no_entry_is_lacking(f, x):
    derivative_at(dr.jacobian(f, matrix=True), x)
    places, pattern = places_of(f, [x]), dr.sparsity(f, x).toarray()
    here = dr.sparsity(f, x, local=True).toarray()
    assert not (places & ~here).any()
    assert not (here & ~pattern).any()


@few
@given(programs(EVERY), arguments("fd"), st.sampled_from(["auto", "forward", "reverse"]), orders)
def test_compressed_jacobian_is_the_dense_one(f, x, mode, order):
    dense = dr.jacobian(f, matrix=True)
    prepared = dr.prepare_jacobian(f, x, mode=mode, ordering=order)
    for y in (x, nearby(x)):
        expected = derivative_at(dense, y)
        assert_close(expected, prepared(y))
        assert_close(expected, dr.jacobian(f, sparse=True)(y))


@fewer
@given(programs(EVERY, longest=4), arguments("fd"), st.booleans(), orders)
def test_compressed_hessian_is_the_dense_one_and_symmetric(f, x, substitution, order):
    dense = dr.hessian(f.scalar)
    prepared = dr.prepare_hessian(f.scalar, x, substitution=substitution, ordering=order)
    for y in (x, nearby(x)):
        expected = derivative_at(dense, y)
        matrix = prepared(y)
        assert_close(expected, matrix)
        assert_array_equal(matrix.toarray(), matrix.toarray().T)
        assert_close(expected, dr.hessian(f.scalar, sparse=True)(y))


@fewer
@given(programs(EVERY, longest=4), arguments("fd"))
def test_compiled_matrices_are_those_computed_eagerly(f, x):
    derivative_at(dr.jacobian(f, matrix=True), x)
    for prepare, g in ((dr.prepare_jacobian, f), (dr.prepare_hessian, f.scalar)):
        eager, compiled = (prepare(g, x, compile=way) for way in (False, True))
        for y in (x, nearby(x)):
            assert_close(eager(y).toarray(), compiled(y))


@fewer
@given(programs(STRUCTURAL, longest=4), st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_several_arguments_and_results_stand_side_by_side(f, m, n, swap):
    x = {"a": np.linspace(0.4, 1.2, m), "b": [np.linspace(0.5, 1.0, n)]}
    argnums = (1, 0) if swap else (0, 1)

    def g(x, y):
        return {"z": f(np.concatenate([x["a"], y, x["b"][0]])), "y": (y[::-1],)}

    y = np.array([0.7, 0.9])
    dense = dr.jacobian(g, argnums, matrix=True)
    expected = derivative_at(lambda x: dense(x, y), x)
    assert_close(expected, dr.prepare_jacobian(g, x, y, argnums=argnums)(x, y))
    assert_close(expected, dr.jacobian(g, argnums, sparse=True)(x, y))


@fewer
@given(programs(STRUCTURAL, longest=4), arguments())
def test_complex_numbers_as_holomorphic_functions_have_them(f, x):
    def g(z):
        return f(z)[::-1] * (1 + 0.5j)

    z = x + 0.1j * x[::-1]
    assume(not any(i.__name__.endswith("complex") for i, _ in f.instructions))
    expected = derivative_at(dr.jacobian(g, holomorphic=True, matrix=True), z)
    assert_close(expected, dr.prepare_jacobian(g, z, holomorphic=True)(z))
    assert_close(expected, dr.jacobian(g, holomorphic=True, sparse=True)(z))


@fewer
@given(programs(STRUCTURAL, longest=4), arguments())
def test_complex_results_of_real_arguments(f, x):
    def g(x):
        return f(x) * (1 + 0.5j) + 1j * np.sum(x[:1])

    expected = derivative_at(dr.jacobian(g, matrix=True), x)
    assert_close(expected, dr.prepare_jacobian(g, x)(x))
    assert_close(expected, dr.jacobian(g, sparse=True)(x))


@pytest.mark.one_in(3)
@pytest.mark.parametrize("instruction", EVERY, ids=lambda i: i.__name__)
def test_each_instruction_is_drawn_at_its_own(instruction):
    for seed in range(3):
        for n in (0, 1, 2, 7):
            f, x = Program([(instruction, seed)], 1), np.linspace(0.4, 1.2, n)
            expected = dr.jacobian(f, matrix=True)(x)
            assert_close(expected, dr.jacobian(f, sparse=True)(x))
