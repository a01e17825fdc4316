"""Sparse matrices, SciPy's and those of traced numbers, where the laws do not look."""

import operator

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import approx_fprime

import dualrev as dr
from dualrev.scipy import sparse
from dualrev.scipy.sparse import linalg
from dualrev.testing import check_derivatives
from tests.numeric import numeric_jacobian

PLACES = np.array([0, 3, 1, 2, 2, 1, 0, 0]), np.array([0, 3, 1, 0, 2, 2, 3, 0])
D = np.array([1.5, -0.5, 2.0, 0.25, -1.0, 3.0, 0.75, 0.5])
X = np.array([1.0, -2.0, 0.5, 3.0])
KINDS = [f"{format}_{kind}" for format in ("csr", "csc", "coo") for kind in ("array", "matrix")]
FORMATS = ["csr", "csc", "coo", "bsr", "dia", "dok", "lil"]
SQUARE = scipy.sparse.random_array((4, 4), density=0.6, rng=np.random.default_rng(1))


def made(d, kind="csr_array", of=sparse):
    return getattr(of, kind)((d, PLACES), shape=(4, 4))


def traced(f):
    """What f makes of traced numbers, looked at while they live."""
    seen = []
    dr.grad(lambda d: (seen.append(f(d)), d.sum())[1])(D)
    return seen[0]


# --------------------------------------------------------------------- constant matrices of SciPy's


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("format", FORMATS)
def test_star_of_a_matrix_is_the_matrix_product(format, mode):
    """Square, so that a mistake for the transpose would have the right shape."""
    S = getattr(scipy.sparse, f"{format}_matrix")(SQUARE)
    assert_allclose(S.toarray(), dr.jacobian(lambda x: S * x, mode=mode)(X))
    assert_allclose(S.toarray().T, dr.jacobian(lambda x: x * S, mode=mode)(X))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("operate", [operator.mul, operator.truediv, operator.pow])
@pytest.mark.parametrize("format", FORMATS)
def test_elementwise_operators_of_an_array_raise(format, operate, mode):
    """Their answer is sparse, and cannot hold traced numbers."""
    S = getattr(scipy.sparse, f"{format}_array")(SQUARE)
    with pytest.raises((TypeError, NotImplementedError)):
        dr.jacobian(lambda x: operate(S, x), mode=mode)(X)
    with pytest.raises((TypeError, NotImplementedError)):
        dr.jacobian(lambda x: operate(x, S), mode=mode)(X)


@pytest.mark.parametrize("method", ["multiply", "maximum", "power"])
def test_methods_that_would_lose_the_derivative_raise(method):
    with pytest.raises((TypeError, ValueError, NotImplementedError)):
        dr.grad(lambda x: getattr(scipy.sparse.csr_array(SQUARE), method)(x).sum())(X)


@pytest.mark.parametrize("format", FORMATS)
def test_sum_with_a_dense_array_is_dense(format):
    S = getattr(scipy.sparse, f"{format}_array")(SQUARE)
    M = np.outer(X, X)
    f = dr.jacobian(lambda M: (S - M) * M + M)
    assert_allclose(numeric_jacobian(lambda M: (S - M) * M + M, M), f(M), atol=1e-9)


def test_sum_of_a_matrix_with_a_dense_array_raises():
    """In SciPy an np.matrix comes out, whose * is another product."""
    with pytest.raises(TypeError, match="toarray"):
        dr.grad(lambda M: (scipy.sparse.csr_matrix(SQUARE) + M).sum())(np.outer(X, X))


def test_refilling_a_matrix_does_not_change_the_derivative():
    """Time stepping with one matrix whose numbers change: each product has its own."""

    def stepped(x, S):
        for _ in range(3):
            S.data[:] = S.data * 0.5
            x = S @ x
        return x

    expected = numeric_jacobian(lambda x: stepped(x, scipy.sparse.csr_array(SQUARE)), X)
    jacobian = dr.jacobian(lambda x: stepped(x, scipy.sparse.csr_array(SQUARE)), mode="reverse")
    assert_allclose(expected, jacobian(X), rtol=1e-9)


@pytest.mark.parametrize(
    "construct",
    [
        lambda d: scipy.sparse.csr_array((d, PLACES), shape=(4, 4)),
        lambda d: scipy.sparse.coo_matrix((d, PLACES)),
        lambda d: scipy.sparse.csc_array(d.reshape(2, 4)),
        lambda d: scipy.sparse.diags(d),
        lambda d: scipy.sparse.dia_array((d[None], [0]), shape=(8, 8)),
        lambda d: scipy.sparse.linalg.spsolve(scipy.sparse.eye_array(8, format="csc"), d),
        lambda d: scipy.sparse.linalg.cg(scipy.sparse.eye_array(8), d)[0],
        lambda d: scipy.sparse.linalg.splu(scipy.sparse.eye_array(8, format="csc")).solve(d),
    ],
)
def test_scipys_own_functions_refuse_traced_numbers(construct):
    with pytest.raises((TypeError, ValueError)):
        dr.jacobian(construct)(D)


# ------------------------------------------------------------------------- without traced numbers


@pytest.mark.parametrize("kind", [*KINDS, "dia_array", "dia_matrix"])
def test_plain_numbers_give_scipys_own_matrix(kind):
    args = ((D.reshape(2, 4), [0, 1]),) if kind.startswith("dia") else ((D, PLACES),)
    expected = getattr(scipy.sparse, kind)(*args, shape=(4, 4))
    got = getattr(sparse, kind)(*args, shape=(4, 4))
    assert type(expected) is type(got)
    assert_array_equal(expected.toarray(), got.toarray())


@pytest.mark.parametrize("name", ["hstack", "vstack", "block_diag"])
def test_plain_blocks_give_scipys_own_matrix(name):
    expected = getattr(scipy.sparse, name)([SQUARE, SQUARE])
    got = getattr(sparse, name)([SQUARE, SQUARE])
    assert type(expected) is type(got)
    assert_array_equal(expected.toarray(), got.toarray())


def test_the_rest_of_the_module_is_scipys():
    assert (sparse.eye_array(3) != scipy.sparse.eye_array(3)).nnz == 0
    assert sparse.dok_array is scipy.sparse.dok_array
    assert sparse.issparse(SQUARE)


# ---------------------------------------------------------------------- matrices of traced numbers

OPERATIONS = {
    "A": lambda A, S: A,
    "A.T": lambda A, S: A.T,
    "-A": lambda A, S: -A,
    "2 * A / 3": lambda A, S: 2 * A / 3,
    "A + S": lambda A, S: A + S,
    "S - A": lambda A, S: S - A,
    "A @ S": lambda A, S: A @ S,
    "S @ A": lambda A, S: S @ A,
    "A @ A": lambda A, S: A @ A,
    "A.dot(S)": lambda A, S: A.dot(S),
    "A.multiply(S)": lambda A, S: A.multiply(S),
    "A * S": lambda A, S: A * S,
    "A.power(2)": lambda A, S: A.power(2),
    "sum": lambda A, S: sum([A, A, S]),
    "tocsr": lambda A, S: A.tocsr(),
    "tocsc": lambda A, S: A.tocsc(),
    "tocoo": lambda A, S: A.tocoo(),
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_numbers_format_and_kind_are_those_of_scipy(kind, name):
    """A *_array stays one, and so a *_matrix, since * means another product for each."""
    S = scipy.sparse.csr_array(SQUARE) if "array" in kind else scipy.sparse.csr_matrix(SQUARE)
    f = OPERATIONS[name]
    expected = f(made(D, kind, scipy.sparse), S)
    looks = traced(lambda d: (lambda A: (A.format, A.shape, repr(A)))(f(made(d, kind), S)))
    assert (expected.format, expected.shape) == looks[:2]
    value, _ = dr.vjp(lambda d: f(made(d, kind), S).toarray(), D)
    assert_allclose(expected.toarray(), value, rtol=1e-15, atol=1e-15)
    is_matrix = traced(lambda d: _is_matrix(f(made(d, kind), S)))
    assert isinstance(expected, scipy.sparse.spmatrix) == is_matrix


def _is_matrix(A):
    """Whether * is the matrix product."""
    try:
        return (A * np.ones((4, 2))).shape == (4, 2)
    except ValueError:  # shapes do not broadcast
        return False


@pytest.mark.parametrize("format", ["bsr", "dia", "lil", "csr"])
def test_zeros_that_fill_a_block_up_are_no_numbers_of_the_matrix(format):
    """SciPy finds blocks of (2, 2) here, one of which has a place without a number."""
    places = [0, 0, 1, 1, 2, 2, 3], [0, 1, 0, 1, 2, 3, 2]
    data = np.arange(1.0, 8.0)

    def dense(module, data):
        matrix = module.csr_array((data, places), shape=(4, 4))
        return module.hstack([matrix, module.tril(matrix)], format=format).toarray()

    value, pushed = dr.jvp(lambda d: dense(sparse, d), (data,), (data,))
    assert_array_equal(dense(scipy.sparse, data), value)
    assert_array_equal(value, pushed)


def test_numbers_at_the_same_place_are_added():
    """As finite elements are assembled: both take part, with the same derivative."""
    assert_array_equal([1, 0, 0, 0, 0, 0, 0, 1], dr.grad(lambda d: made(d)[0, 0])(D))
    assert traced(lambda d: made(d).nnz) == made(D, of=scipy.sparse).nnz == 7


def test_data_are_the_numbers_in_scipys_order():
    for kind in KINDS:
        expected = made(D, kind, scipy.sparse)
        value, _ = dr.vjp(lambda d, kind=kind: made(d, kind).data, D)
        assert_allclose(expected.data, value, rtol=1e-15)


@pytest.mark.parametrize(
    "key",
    [(0, 0), (0, 1), (-1, 3), (slice(1, None), slice(None, None, 2)), ([2, 0], slice(None)),
     ([0, 1, 0], [0, 1, 3])],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("kind", ["csr_array", "csc_array"])
def test_index_is_scipys(kind, key):
    def picked(d, of=sparse):
        part = made(d, kind, of)[key]
        return (part.toarray() if hasattr(part, "toarray") else part) * d[0]

    expected = picked(D, scipy.sparse)
    assert_array_equal(expected, dr.vjp(picked, D)[0])
    assert_allclose(numeric_jacobian(lambda d: picked(d, scipy.sparse), D), dr.jacobian(picked)(D),
                    atol=1e-9)  # fmt: skip


def test_rows_and_columns_may_be_overwritten_after_the_matrix_is_made():
    def f(d):
        rows, cols = PLACES[0].copy(), PLACES[1].copy()
        A = sparse.coo_array((d, (rows, cols)), shape=(4, 4))
        rows[:] = cols[:] = 0
        return A @ X

    assert_allclose(dr.jacobian(lambda d: made(d) @ X)(D), dr.jacobian(f)(D))


def test_zeros_of_a_dense_matrix_keep_their_derivatives():
    gradient = dr.grad(lambda M: (sparse.csr_array(M) @ X).sum())(np.zeros((4, 4)))
    assert_array_equal(np.broadcast_to(X, (4, 4)), gradient)


def test_lists_of_traced_numbers_are_data():
    f = lambda d: sparse.csr_array(([d[0], 2.0, d[1] * 3], ([0, 0, 1], [0, 1, 1]))) @ np.ones(2)  # noqa: E731
    assert_array_equal([[1, 0], [0, 3]], dr.jacobian(f)(np.ones(2)))


def test_both_sides_of_a_product_may_be_traced_by_different_transforms():
    """The Hessian of x^T A(d) x by d and x: a mixed derivative, outer by d, inner by x."""

    def inner(d):
        return dr.grad(lambda x: x @ (made(d) @ x))(X)

    A = np.zeros((8, 4, 4))
    A[np.arange(8), *PLACES] = 1
    expected = np.einsum("kij,j->ik", A + A.swapaxes(1, 2), X)
    assert_allclose(expected, dr.jacobian(inner)(D))
    assert_allclose(expected, dr.jacobian(inner, mode="forward")(D))


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1), (1, 0)])
@pytest.mark.parametrize("name", ["sum", "mean"])
def test_sums_and_means_over_axes_are_those_of_the_dense_matrix(name, axis):
    expected = getattr(made(D, "csr_array", scipy.sparse).toarray(), name)(axis=axis)
    value, pushed = dr.jvp(lambda d: getattr(made(d, "csr_array"), name)(axis=axis), (D,), (D,))
    assert_allclose(expected, value)
    assert_allclose(expected, pushed)


@pytest.mark.parametrize("order", [1, 2])
def test_third_factor_and_second_order(order):
    assert check_derivatives(lambda d: (made(d) @ made(d * d)).toarray() @ X, D, order) < 1e-5


REFUSED = {
    "max": lambda A: A.max(axis=0),
    "setdiag": lambda A: A.setdiag(1.0),
    "row of an array": lambda A: A[0],
    "1 / A": lambda A: 1 / A,
    "A / A": lambda A: A / A,
    "A + 1": lambda A: A + 1,
    "broadcast": lambda A: A * np.ones((2, 4, 4)),
    "power 0": lambda A: A.power(0),
    "sum over no axis": lambda A: A.sum(axis=2),
    "mean over no axis": lambda A: A.mean(axis=-3),
    "out": lambda A: A.toarray(out=np.zeros((4, 4))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_known_raises_with_a_repair(name):
    with pytest.raises((dr.MissingRuleError, ValueError)):
        dr.grad(lambda d: REFUSED[name](made(d)))(D)


def test_a_product_with_a_sparse_row_says_what_to_write():
    row = scipy.sparse.csr_array(np.ones((1, 4)))
    with pytest.raises(dr.MissingRuleError, match="toarray"):
        dr.grad(lambda d: made(d).multiply(row).sum())(D)
    with pytest.raises(ValueError, match="inconsistent shapes"):
        dr.grad(lambda d: made(d).multiply(scipy.sparse.csr_array(np.ones((3, 4)))).sum())(D)


@pytest.mark.parametrize("function", [linalg.onenormest, linalg.lobpcg])
def test_a_function_without_a_derivative_refuses_a_traced_matrix_by_name(function):
    with pytest.raises(dr.MissingRuleError, match=function.__name__):
        dr.jacobian(lambda d: function(made(d)))(D)


def test_questions_about_a_traced_matrix_have_scipys_answers():
    seen = []

    def f(d):
        A = made(d)
        seen.extend((sparse.issparse(A), sparse.isspmatrix(A), linalg.spbandwidth(A)))
        seen.extend((A.count_nonzero(), A.argmax(), A.argmin()))
        seen.extend(((A > 1).nnz, (A != A.T).nnz, (SQUARE > A).nnz))
        with pytest.raises(ValueError, match="truth value"):
            bool(A)
        return np.sum(d)

    dr.grad(f)(D)
    plain = made(D)
    width = scipy.sparse.linalg.spbandwidth(plain)
    expected = [True, False, width, plain.count_nonzero(), plain.argmax(), plain.argmin()]
    assert [*expected, (plain > 1).nnz, (plain != plain.T).nnz, (plain < SQUARE).nnz] == seen


@pytest.mark.parametrize("kinds", [("array", "matrix"), ("matrix", "array")])
def test_of_two_sparse_matrices_the_left_one_says_what_a_star_is(kinds):
    left, right = (f"csr_{kind}" for kind in kinds)
    S = getattr(scipy.sparse, left)(SQUARE)
    expected = S * getattr(scipy.sparse, right)((D, PLACES), shape=(4, 4))
    got = traced(lambda d: S * getattr(sparse, right)((d, PLACES), shape=(4, 4)))
    assert sparse.isspmatrix(expected) is not got.pattern.is_array
    assert_allclose(expected.toarray(), got.plain().toarray())


@pytest.mark.filterwarnings("ignore:.*is switching:DeprecationWarning")
@pytest.mark.parametrize("name", ["block_diag", "hstack", "bmat", "kron", "tril"])
def test_dense_blocks_alone_make_a_matrix_whose_star_is_a_product(name):
    def made(module, d):
        d = d.reshape(2, 4)
        if name in ("kron", "tril"):
            return getattr(module, name)(*[d] * (1 + (name == "kron")))
        blocks = [d, module.csr_matrix(SQUARE[:2])]
        return getattr(module, name)([blocks] if name == "bmat" else blocks)

    is_array = traced(lambda d: made(sparse, d)).pattern.is_array
    assert sparse.isspmatrix(made(scipy.sparse, D)) is not is_array


@pytest.mark.parametrize("cls", [sparse.lil_array, sparse.dok_array])
def test_what_is_written_number_by_number_says_what_to_collect(cls):
    with pytest.raises(dr.DualrevError, match="collect rows, columns and numbers"):
        dr.grad(lambda d: cls((2, 2)).__setitem__((0, 0), d[0]))(D)


MATRIX_REFUSED = {
    "sum": lambda A: A.sum(axis=0),
    "todense": lambda A: A.todense(),
    "plus dense": lambda A: A + np.ones((4, 4)),
    "**": lambda A: A**2,
}


@pytest.mark.parametrize("name", MATRIX_REFUSED)
def test_where_scipy_gives_an_np_matrix_a_traced_matrix_raises(name):
    with pytest.raises(dr.MissingRuleError, match="use"):
        dr.grad(lambda d: MATRIX_REFUSED[name](made(d, "csr_matrix")))(D)


def test_a_traced_matrix_is_no_result():
    with pytest.raises(dr.StructureError, match=r"A\.data"):
        dr.jacobian(made)(D)


def test_item_assignment_and_iteration_fail():
    with pytest.raises(TypeError):
        dr.grad(lambda d: operator.setitem(made(d), (0, 0), 1.0))(D)


@pytest.mark.parametrize("x", [np.ones(3), np.ones((3, 4)), np.ones((2, 4, 4)), 2.0])
def test_products_with_wrong_shapes_raise(x):
    with pytest.raises(ValueError, match="matmul"):
        dr.grad(lambda d: (made(d) @ x).sum())(D)


def test_empty_matrices():
    none = np.zeros(0, int)
    value, pullback = dr.vjp(lambda d: sparse.csr_array((d, (none, none)), shape=(2, 3)) @ np.ones(3),
                             np.zeros(0))  # fmt: skip
    assert_array_equal([0, 0], value)
    assert pullback(np.ones(2))[0].shape == (0,)


# ---------------------------------------------------------------------------------- an application


def poisson(conductivity, n):
    """Temperature of a square plate, heated evenly, with its border held at 0.

    Linear finite elements on n x n squares, each of two right triangles with legs of length 1/n: the
    stiffness of one is its conductivity times ``[[2, -1, -1], [-1, 1, 0], [-1, 0, 1]] / 2``, its load
    a third of its area at each corner.  The right angle comes first.
    """
    local = np.array([[2.0, -1, -1], [-1, 1, 0], [-1, 0, 1]]) / 2
    nodes = np.arange((n + 1) ** 2).reshape(n + 1, n + 1)
    a, b, c, d = (nodes[i : i + n, j : j + n].ravel() for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)))
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([d, c, b], 1)])
    rows = np.repeat(triangles, 3, axis=1).ravel()
    cols = np.tile(triangles, 3).ravel()
    data = (conductivity[:, None] * local.ravel()).reshape(-1)
    A = sparse.csr_array((data, (rows, cols)), shape=(nodes.size, nodes.size))
    load = np.bincount(triangles.ravel(), minlength=nodes.size) / (6 * n * n)
    free = nodes[1:-1, 1:-1].ravel()
    return A[free][:, free].tocsc(), load[free]


@pytest.mark.parametrize(
    "solve",
    [
        lambda A, b: linalg.spsolve(A, b),
        lambda A, b: linalg.splu(A).solve(b),
        lambda A, b: linalg.cg(A, b, rtol=1e-12)[0],
        lambda A, b: linalg.gmres(A, b, rtol=1e-12)[0],
    ],
    ids=["spsolve", "splu", "cg", "gmres"],
)
def test_gradient_of_a_finite_element_model(solve):
    """Of the mean temperature by the conductivity of each element."""
    n = 4
    conductivity = np.random.default_rng(0).uniform(0.5, 2.0, 2 * n * n)

    def mean_temperature(conductivity):
        return solve(*poisson(conductivity, n)).mean()

    gradient = dr.grad(mean_temperature)(conductivity)
    # Forward differences with steps of 1.5e-8 leave errors of about 1e-8.
    assert_allclose(approx_fprime(conductivity, mean_temperature), gradient, atol=2e-8)
    assert check_derivatives(mean_temperature, conductivity) < 1e-5


def test_a_finite_element_model_is_inverted():
    """The conductivity that was hidden is found from the temperatures by its gradient."""
    n = 3
    hidden = 1 + np.arange(2 * n * n) / 20

    def solution(logarithm):
        return linalg.spsolve(*poisson(np.exp(logarithm), n))

    jacobian = dr.jacobian(solution)(np.log(hidden))
    assert jacobian.shape == (4, 18)
    # Temperatures scale with the inverse of a conductivity that is multiplied as a whole.
    assert_allclose(-solution(np.log(hidden)), jacobian.sum(axis=1), rtol=1e-10)


# ------------------------------------------------------------------------ with SciPy's in any format

PRODUCTS = {
    "A @ S": operator.matmul,
    "S @ A": lambda A, S: S @ A,
    "A.T @ S": lambda A, S: A.T @ S,
    "A @ S.T": lambda A, S: A @ S.T,
    "A.dot(S)": lambda A, S: A.dot(S),
    "A * S": operator.mul,
    "A.multiply(S)": lambda A, S: A.multiply(S),
    "A + S": operator.add,
    "S - A": lambda A, S: S - A,
}


@pytest.mark.one_in(4)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("product", PRODUCTS.values(), ids=PRODUCTS)
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", ["csr_array", "csc_array", "coo_array", "csr_matrix"])
def test_a_constant_matrix_beside_a_traced_one_has_any_format(kind, format, product, mode):
    """Each answer is linear in the numbers, so that its derivative is what it makes of units."""
    form = f"{format}_{kind.partition('_')[2]}"
    S = getattr(scipy.sparse, form)(SQUARE)
    nothing = product(made(0 * D, kind, scipy.sparse), S).toarray()
    units = [product(made(t, kind, scipy.sparse), S).toarray() - nothing for t in np.eye(D.size)]
    jacobian = dr.jacobian(lambda d: product(made(d, kind), S).toarray(), mode=mode)(D)
    assert_allclose(np.stack(units, axis=-1), jacobian, atol=1e-14)
