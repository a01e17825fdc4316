"""What prepared matrices, and those of sparse=True, do where something is not as it was prepared."""

import copy
import pickle
import threading
import warnings

import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_array_equal

import dualrev as dr
import dualrev.sparse.prepared as prepared_module

X = np.linspace(-1, 1, 6)


def branched(x):
    """Another pattern, and another size, for each sign of x[0]."""
    return x[1:] * x[:-1] if x[0] < 0 else x[::-1] ** 2


def squares(x):
    return x**2


def chained(x):
    return np.sum((x[1:] - x[:-1] ** 2) ** 2)


def same(expected, matrix):
    assert isinstance(matrix, scipy.sparse.csr_array)
    assert_array_equal(expected, matrix.toarray())
    assert matrix.has_sorted_indices
    assert matrix.has_canonical_format


# ------------------------------------------------------------------------------ other branches


def test_changed_branch_is_found_by_sparse_true():
    sparse = dr.jacobian(branched, sparse=True)
    for x in (X, -X, X, -X):
        same(dr.jacobian(branched)(x), sparse(x))


def test_results_of_another_size_are_found_by_sparse_true():
    def positive(x):
        return x[x > 0] ** 2

    sparse = dr.jacobian(positive, sparse=True)
    for x in (X, np.abs(X), -X, -np.abs(X), X):
        same(dr.jacobian(positive)(x), sparse(x))


@pytest.mark.parametrize("size", [1.0, 1e-9, 1e-30])
def test_entry_of_another_branch_is_found_however_small(size):
    def f(x):
        y = x[:-1] * 2
        return y + size * x[1:] if x[0] > 0 else y

    sparse = dr.jacobian(f, sparse=True)
    for x in (X, -X, X):
        same(dr.jacobian(f)(x), sparse(x))


def test_closure_that_changes_is_found_by_sparse_true():
    places = np.arange(6)
    sparse = dr.jacobian(lambda x: x[places] ** 2, sparse=True)
    for _ in range(3):
        same(dr.jacobian(lambda x: x[places] ** 2)(X), sparse(X))
        places = np.roll(places[::-1], 1)


@pytest.mark.parametrize("f", [lambda w, x: w @ x, lambda w, x: np.sum(w * np.sin(x), axis=1)])
def test_weights_that_were_zeros_are_found(f):
    """By sparse=True, which finds their pattern, and under debug, which says so."""
    weights = np.zeros((6, 6))
    sparse = dr.jacobian(lambda x: f(weights, x), sparse=True)
    prepared = dr.prepare_jacobian(lambda x: f(weights, x), X)
    same(np.zeros((6, 6)), sparse(X))
    weights[...] = np.eye(6, k=1)
    same(dr.jacobian(f, argnums=1)(weights, X), sparse(X))
    with dr.debug(), pytest.raises(dr.ArgumentError, match=r"no entry \(0, 1\)"):
        prepared(X)


def test_changed_branch_is_found_in_hessians():
    def f(x):
        return np.sum(x**3) if x[0] < 0 else np.sum(x[1:] ** 2 * x[:-1])

    sparse = dr.hessian(f, sparse=True)
    for x in (X, -X, X):
        same(dr.hessian(f)(x), sparse(x))


@pytest.mark.parametrize("compile", [False, True])
def test_prepared_matrix_says_under_debug_which_entry_is_lacking(compile):
    def f(x):
        return x**2 + x[::-1] if x[0] > 0 else x**2

    prepared = dr.prepare_jacobian(f, X, compile=compile)
    with dr.debug(), pytest.raises(dr.ArgumentError, match=r"no entry \(0, 5\)") as caught:
        prepared(-X)
    assert "dr.prepare_jacobian(f, x, pattern=J.pattern + dr.sparsity(f, x))" in caught.value.fix
    prepared = dr.prepare_jacobian(f, -X, pattern=prepared.pattern + dr.sparsity(f, -X))
    with dr.debug():
        same(dr.jacobian(f)(-X), prepared(-X))
        same(dr.jacobian(f)(X), prepared(X))


def test_prepared_hessian_says_under_debug_which_entry_is_lacking():
    def f(x):
        return np.sum(x**3) if x[0] < 0 else np.sum(x) ** 2

    prepared = dr.prepare_hessian(f, X)
    with dr.debug(), pytest.raises(dr.ArgumentError, match=r"no entry \(0, 1\)") as caught:
        prepared(-X)
    assert "dr.sparsity(dr.grad(f), x)" in caught.value.fix
    pattern = prepared.pattern + dr.sparsity(dr.grad(f), -X)
    with dr.debug():
        same(dr.hessian(f)(-X), dr.prepare_hessian(f, -X, pattern=pattern)(-X))


@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x**2 if x[0] > 0 else x * x[::-1],
        lambda x: x[1:] * x[:-1] if x[0] > 0 else x[1:] * x[1:],
        lambda x: np.where(x > 1, x, 2 * x) if x[0] > 0 else np.cumsum(x),
        lambda x: x * np.roll(x, -1) if x[0] > 0 else x * np.roll(x, -2),
        lambda x: x[1:-2] * x[0] if x[0] > 0 else x[:-3] * x[0],
        lambda x: x * x[np.int64(1 if x[0] > 0 else 2)],
    ],
)
def test_a_branch_that_has_more_entries_is_an_error(f, compile):
    prepared = dr.prepare_jacobian(f, X, compile=compile)
    for _ in range(2):
        same(dr.jacobian(f)(X), prepared(X))
        if dr.jacobian(f)(-X)[~prepared.pattern.toarray()].any():
            with pytest.raises(dr.ArgumentError, match="has no entry"):
                prepared(-X)
        else:
            same(dr.jacobian(f)(-X), prepared(-X))


def test_a_branch_with_the_same_entries_is_looked_at_once(monkeypatch):
    prepared = dr.prepare_jacobian(lambda x: x**2 if x[0] > 0 else np.sin(x), X)
    sought = []
    original = prepared_module.pattern_of
    monkeypatch.setattr(
        prepared_module, "pattern_of", lambda *args: sought.append(args) or original(*args)
    )
    for x in (X, -X, X, -X, 2 * X):
        prepared(x)
    assert len(sought) == 1
    again = pickle.loads(pickle.dumps(dr.prepare_jacobian(np.sin, X)))
    again(X)
    again(-X)
    assert len(sought) == 2  # of another process, once


def test_a_branch_that_could_have_more_entries_is_right_where_it_has_none():
    def f(x):
        y = x.copy()
        y[y > 2] *= 3  # which could be any, as far as the pattern knows
        return y**2

    prepared = dr.prepare_jacobian(f, X)
    assert prepared.pattern.nnz == 6
    for x in (X, X + 2, 3 * X):
        same(dr.jacobian(f)(x), prepared(x))


def test_entries_on_one_side_of_the_diagonal_alone_lack_nowhere():
    H = dr.prepare_hessian(lambda x: x[0] * dr.stop_gradient(x[1]) + x[2] ** 2, X)
    with dr.debug():
        same(np.diag([0.0, 0, 2, 0, 0, 0]), H(X))


def test_prepared_matrix_is_refused_where_the_result_has_another_size():
    prepared = dr.prepare_jacobian(branched, X)
    for within in (dr.debug, warnings.catch_warnings):
        with within(), pytest.raises(dr.ShapeError, match="answered 6 numbers"):
            prepared(-X)


def test_function_that_draws_random_numbers_is_refused():
    rng = np.random.default_rng(0)
    sparse = dr.jacobian(lambda x: x[rng.integers(0, 6, 3)] ** 2, sparse=True)
    for _ in range(3):
        with pytest.raises(dr.ArgumentError, match="another derivative each time"):
            sparse(X)


def test_random_numbers_that_leave_the_pattern_alone_are_drawn():
    rng = np.random.default_rng(0)
    sparse = dr.jacobian(lambda x: x * rng.normal(size=6), sparse=True)
    assert [sparse(X).nnz for _ in range(3)] == [6, 6, 6]
    assert not np.array_equal(sparse(X).data, sparse(X).data)


@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize("prepare", [dr.prepare_jacobian, dr.prepare_hessian])
def test_what_a_function_reads_besides_is_read_at_each_call(prepare, compile):
    scale, weights = 1.0, np.ones(6)

    def f(x):
        y = scale * weights * x**2
        return y if prepare is dr.prepare_jacobian else np.sum(y)

    prepared = prepare(f, X, compile=compile)
    dense = dr.jacobian(f) if prepare is dr.prepare_jacobian else dr.hessian(f)
    same(dense(X), prepared(X))
    weights[2:] = 3.0
    same(dense(X), prepared(X))
    weights = np.full(6, 5.0)
    same(dense(X), prepared(X))
    scale = 2.0
    same(dense(X), prepared(X))


# ------------------------------------------------------------------------------ given patterns


def test_given_pattern_of_another_shape_is_refused():
    for pattern in (np.eye(5), np.eye(6, 5)):
        with pytest.raises(dr.ShapeError, match=r"the jacobian \(6, 6\)"):
            dr.prepare_jacobian(squares, X, pattern=pattern)
    for pattern in (np.ones(6), "dense", 3, [[1], [1, 2]]):
        with pytest.raises(dr.ArgumentError, match="which is no matrix"):
            dr.prepare_jacobian(squares, X, pattern=pattern)


@pytest.mark.parametrize("missing", [(0, 1), (2, 5), (5, 0)])
def test_entry_that_a_given_pattern_lacks_is_named(missing):
    weights = np.eye(6)
    weights[missing] = 0.5
    with pytest.raises(dr.ArgumentError, match=rf"no entry \({missing[0]}, {missing[1]}\)"):
        dr.prepare_jacobian(lambda x: weights @ x, X, pattern=np.eye(6))


@pytest.mark.parametrize("factor", [1j, 2.0, 1 + 1j])
@pytest.mark.parametrize("kind", [float, complex, np.float32])
def test_entry_that_a_given_pattern_lacks_is_named_of_complex_numbers(factor, kind):
    x = X.astype(kind)
    options = {"holomorphic": True} if kind is complex else {}
    with pytest.raises(dr.ArgumentError, match=r"no entry \(0, 5\)"):
        dr.prepare_jacobian(
            lambda x: [x[:0], factor * (x + x[::-1])], x, pattern=np.eye(6), **options
        )


def test_entry_that_a_given_pattern_of_a_hessian_lacks_is_named():
    with pytest.raises(dr.ArgumentError, match=r"The pattern of the hessian .* no entry \(0, 1\)"):
        dr.prepare_hessian(chained, X, pattern=np.eye(6))


DIAGONAL = np.arange(6)


@pytest.mark.parametrize(
    "pattern",
    [
        np.eye(6, dtype=bool),
        np.eye(6).tolist(),
        np.diag(np.full(6, np.nan)),
        scipy.sparse.eye_array(6, format="csc"),
        scipy.sparse.eye_array(6, format="lil"),
        scipy.sparse.eye_array(6, format="dia"),
        scipy.sparse.csr_matrix(np.eye(6)),
        # explicit zeros count, and so do two that add up to 0
        scipy.sparse.csc_array((np.zeros(6), (DIAGONAL, DIAGONAL))),
        scipy.sparse.coo_array(
            (np.array([1.0, -1, 1, 1, 1, 1, 1]), (np.r_[0, DIAGONAL], np.r_[0, DIAGONAL]))
        ),
    ],
    ids=["bool", "list", "nan", "csc", "lil", "dia", "matrix", "explicit zeros", "duplicates"],
)
def test_given_pattern_in_any_format(pattern):
    before = copy.deepcopy(pattern)
    prepared = dr.prepare_jacobian(squares, X, pattern=pattern)
    assert prepared.products == 1
    same(np.diag(2 * X), prepared(X))
    if isinstance(pattern, scipy.sparse.sparray):
        assert_array_equal(before.toarray(), pattern.toarray())
        assert before.nnz == pattern.nnz


def test_given_pattern_may_be_larger():
    prepared = dr.prepare_jacobian(squares, X, pattern=np.tri(6))
    assert prepared(X).nnz == 21
    same(np.diag(2 * X), prepared(X))


def test_one_triangle_is_the_pattern_of_a_hessian():
    prepared = dr.prepare_hessian(chained, X, pattern=np.triu(np.tri(6, 6, 1)))
    assert_array_equal(dr.prepare_hessian(chained, X).pattern.toarray(), prepared.pattern.toarray())


# ------------------------------------------------------------------------------ arguments


@pytest.mark.parametrize("x", [np.ones(3), np.ones((6, 1)), np.ones(6, "f"), [X]], ids=str)
def test_arguments_of_another_kind_are_refused(x):
    with pytest.raises(dr.ShapeError, match="is prepared for float64 of shape"):
        dr.prepare_jacobian(squares, X)(x)


def test_sparse_true_is_prepared_for_each_kind_of_argument():
    sparse = dr.jacobian(lambda x: x**2 + x[0], sparse=True)
    for x in (X, X[:3], X.astype("f"), X[:1], X[:3]):
        matrix = sparse(x)
        assert matrix.dtype == x.dtype
        same(dr.jacobian(lambda x: x**2 + x[0])(x), matrix)


def test_options_and_other_arguments_are_handed_on():
    def f(x, y, scale=1.0, flip=False):
        return scale * (x[::-1] if flip else x) * y

    for sparse in (dr.jacobian(f, sparse=True), dr.prepare_jacobian(f, X, 2 * X)):
        same(np.diag(2 * X), sparse(X, 2 * X))
        same(np.diag(6 * X), sparse(X, 2 * X, scale=3.0))
    sparse = dr.jacobian(f, argnames="y", sparse=True)
    same(np.diag(X), sparse(X, y=2 * X))
    same(np.diag(X[::-1]), sparse(X, y=2 * X, flip=True))


def test_what_is_returned_beside_the_result_is_handed_on():
    sparse = dr.jacobian(lambda x: (x**2, {"first": x[0]}), has_aux=True, sparse=True)
    for x in (X, 3 * X):
        matrix, aux = sparse(x)
        same(np.diag(2 * x), matrix)
        assert aux == {"first": x[0]}


@pytest.mark.parametrize("compile", [False, True])
def test_structures_are_laid_out_as_ravel_does(compile):
    def f(tree):
        return {"b": tree["y"] ** 2, "a": [tree["x"][:2], (tree["x"][0] * tree["y"],)]}

    tree = {"x": X[:3], "y": X[3:5].reshape(2, 1)}
    flat, unravel = dr.ravel(tree)
    expected = dr.jacobian(lambda x: dr.ravel(f(unravel(x)))[0])(flat)
    same(expected, dr.prepare_jacobian(f, tree, compile=compile)(tree))
    same(expected, dr.jacobian(f, sparse=True)(tree))


def test_argument_is_not_written_by_a_function_that_writes():
    def f(x):
        x[0] = 2 * x[1]
        return x**2

    x = X.copy()
    expected = np.diag(2 * x)
    expected[0, :2] = 0, 8 * x[1]
    for sparse in (dr.jacobian(f, sparse=True), dr.prepare_jacobian(f, x)):
        same(expected, sparse(x))
        assert_array_equal(X, x)


def test_caught_error_is_a_branch_as_any_other():
    def f(x):
        try:
            return x[1:] * np.linalg.inv(np.diag(x[:2]))[0, 0]
        except np.linalg.LinAlgError:
            return x[:-1] ** 2

    sparse = dr.jacobian(f, sparse=True)
    for x in (X, np.where(X < 0, 0.0, X), X):
        np.testing.assert_allclose(sparse(x).toarray(), dr.jacobian(f)(x), rtol=1e-14)


def test_matrices_share_nothing():
    sparse = dr.prepare_jacobian(squares, X)
    first = sparse(X)
    first.indices[:] = 0
    first.data[:] = 0
    same(np.diag(2 * X), sparse(X))


# ------------------------------------------------------------------------------ inf and nan


def root(x):
    """inf by x[1] = 0, nan by x[1] < 0: in row 0 alone."""
    return np.sqrt(x[1:]) + x[:-1]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_what_is_not_finite_stays_in_its_row_and_column(value, mode):
    x = np.array([1.0, value, 2.0, 3.0])
    expected = dr.jacobian(root)(x)
    for sparse in (
        dr.prepare_jacobian(root, np.ones(4), mode=mode),
        dr.jacobian(root, mode=mode, sparse=True),
    ):
        for _ in range(2):
            dense = sparse(x).toarray()
            wrong = ~np.isclose(dense, expected, rtol=1e-14, equal_nan=True)
            assert np.isnan(dense[wrong]).all()
            rows, columns = np.nonzero(wrong)
            apart = ~np.isfinite(expected)
            assert (apart.any(axis=1)[rows] | apart.any(axis=0)[columns]).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_numbers_that_are_not_finite_hide_no_other_branch():
    def f(x):
        return root(x) + x[0] * x[::-1][:3] if np.isnan(x).any() or x[1] == 0 else root(x)

    sparse = dr.jacobian(f, sparse=True)
    sparse(np.ones(4))
    for value in (0.0, np.nan):
        x = np.array([1.0, value, 2.0, 3.0])
        expected, dense = dr.jacobian(f)(x), sparse(x).toarray()
        finite = np.isfinite(dense)
        np.testing.assert_allclose(dense[finite], expected[finite], rtol=1e-14)
        assert not np.isfinite(expected[~finite]).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_hessian_that_is_not_finite():
    def f(x):
        return np.sum(x[1:] ** 1.5 * x[:-1])

    x = np.array([1.0, 0.0, 2.0, 3.0, 1.0])
    expected = dr.hessian(f)(x)
    for sparse in (dr.prepare_hessian(f, np.ones(5)), dr.hessian(f, sparse=True)):
        dense = sparse(x).toarray()
        finite = np.isfinite(dense)
        assert not finite[1, 1]
        np.testing.assert_allclose(dense[finite], expected[finite], rtol=1e-14)


def test_pattern_is_sought_once_for_a_branch(monkeypatch):
    count = []
    found = dr.sparse.preparing.pattern_of

    def counted(*args, **kwargs):
        count.append(args)
        return found(*args, **kwargs)

    monkeypatch.setattr(dr.sparse.preparing, "pattern_of", counted)
    sparse = dr.jacobian(lambda x: x**2 if x[0] < 0 else x**2 + x[::-1], sparse=True)
    for x in (X, -X, 2 * X, -2 * X, X):
        sparse(x)
    assert len(count) == 2


# ------------------------------------------------------------------------------ around and inside


def test_sparse_matrix_inside_of_a_derivative_is_refused():
    prepared, sparse = dr.prepare_jacobian(squares, X), dr.jacobian(squares, sparse=True)
    for matrix in (prepared, sparse):
        for outer in (dr.grad, dr.hessian, dr.vmap):
            with pytest.raises(dr.ArgumentError, match="inside of another derivative") as caught:
                outer(lambda x: matrix(x).sum())(X if outer is not dr.vmap else X[None])
            assert caught.value.fix == "take it densely there: dr.jacobian(f)(x)"


def test_derivative_around_that_reaches_into_the_function_is_refused():
    class Model:
        scale = 1.0

    def f(x):
        return Model.scale * x**2

    def outer(a, matrix):
        Model.scale = a
        try:
            return matrix(X).sum()
        finally:
            Model.scale = 1.0

    matrices = dr.prepare_jacobian(f, X), dr.jacobian(f, sparse=True)
    for matrix in matrices:
        matrix(X)
        with pytest.raises(dr.ArgumentError, match="inside of another derivative"):
            dr.grad(outer)(2.0, matrix)
        with pytest.raises(dr.ArgumentError, match="inside of another derivative"):
            dr.jvp(lambda a: outer(a, matrix), (2.0,), (1.0,))
    with pytest.raises(dr.ArgumentError, match="reaches into it"):
        dr.grad(outer)(2.0, dr.jacobian(f, sparse=True))


def test_compiled_function_calls_a_sparse_matrix_as_it_is():
    sparse = dr.jacobian(squares, sparse=True)
    compiled = dr.compile(lambda x: sparse(x).toarray())
    with pytest.warns(dr.PerformanceWarning, match="runs as it is"):
        assert_array_equal(np.diag(2 * X), compiled(X))


def test_compiled_function_is_differentiated():
    f = dr.compile(lambda x: x[1:] * np.sin(x[:-1]))
    expected = dr.jacobian(lambda x: x[1:] * np.sin(x[:-1]))(X)
    same(expected, dr.jacobian(f, sparse=True)(X))
    same(expected, dr.prepare_jacobian(f, X)(X))


def test_derivatives_and_batches_inside_are_read():
    for inside in (dr.grad(chained), lambda x: dr.vmap(dr.grad(lambda v: v**3))(x)):
        np.testing.assert_allclose(
            dr.jacobian(inside, sparse=True)(X).toarray(), dr.jacobian(inside)(X), atol=1e-14
        )
    assert dr.sparsity(dr.vmap(dr.grad(lambda v: v**3)), X).nnz == 6


@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize("prepare", [dr.prepare_jacobian, dr.prepare_hessian])
def test_prepared_matrix_pickles(prepare, compile):
    f = squares if prepare is dr.prepare_jacobian else chained
    prepared = prepare(f, X, compile=compile)
    expected = prepared(X)
    again = pickle.loads(pickle.dumps(prepared))
    for other in (again, copy.deepcopy(prepared), copy.copy(prepared)):
        same(expected.toarray(), other(X))
        assert_array_equal(prepared.pattern.toarray(), other.pattern.toarray())
        assert (other.products, repr(other)) == (prepared.products, repr(prepared))


def test_sparse_true_pickles_after_calls():
    for sparse, f in ((dr.jacobian(branched, sparse=True), branched),):
        sparse(X)
        again = pickle.loads(pickle.dumps(sparse))
        for x in (X, -X):
            same(dr.jacobian(f)(x), again(x))


@pytest.mark.parametrize("compile", [False, True])
def test_threads_share_a_prepared_matrix(compile):
    prepared = dr.prepare_jacobian(lambda x: x[1:] * np.sin(x[:-1]), X, compile=compile)
    sparse = dr.jacobian(branched, sparse=True)
    expected = {k: prepared(k * X).toarray() for k in range(1, 9)}
    wrong = []

    def work(k):
        for _ in range(5):
            if not np.array_equal(expected[k], prepared(k * X).toarray()):
                wrong.append(k)
            x = k * X * (-1) ** k
            if not np.array_equal(dr.jacobian(branched)(x), sparse(x).toarray()):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# ------------------------------------------------------------------------------ dense, empty, complex


def test_dense_function_is_named_once():
    sparse = dr.jacobian(lambda x: x * np.sum(x), sparse=True)
    x = np.linspace(0, 1, 30)
    with pytest.warns(dr.PerformanceWarning, match="hardly fewer than a full one: 100% of") as met:
        sparse(x)
    assert len(met) == 1
    assert met[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same(dr.jacobian(lambda x: x * np.sum(x))(2 * x), sparse(2 * x))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_small_ones(n):
    x = X[:n]
    for f in (squares, lambda x: np.zeros(3), lambda x: x[:0], lambda x: np.sum(x)):
        expected = dr.jacobian(f, matrix=True)(x)
        same(expected, dr.jacobian(f, sparse=True)(x))
        for mode in ("auto", "forward", "reverse"):
            same(expected, dr.prepare_jacobian(f, x, mode=mode)(x))
    for f in (chained, lambda x: np.sum(x), lambda x: 3.0):
        expected = np.reshape(dr.hessian(f)(x), (n, n))
        same(expected, dr.hessian(f, sparse=True)(x))
        for substitution in (False, True):
            same(expected, dr.prepare_hessian(f, x, substitution=substitution)(x))


def test_numbers_are_matrices_of_one_row_or_column():
    same([[4.0]], dr.jacobian(lambda x: x**2, sparse=True)(2.0))
    same([[4.0], [1.0]], dr.jacobian(lambda x: [x**2, x], sparse=True)(2))
    same([[2.0]], dr.hessian(lambda x: x**2, sparse=True)(2.0))


def test_half_precision_is_answered_in_single():
    x = X.astype(np.float16)
    matrix = dr.jacobian(squares, sparse=True)(x)
    assert matrix.dtype == np.float32
    same(dr.jacobian(squares)(x), matrix)


def test_complex_numbers_need_holomorphic():
    z = X + 1j
    same(np.diag(2 * z), dr.jacobian(squares, holomorphic=True, sparse=True)(z))
    for f in (squares, np.abs):
        with pytest.raises(dr.ComplexError, match="asked for at complex numbers"):
            dr.jacobian(f, sparse=True)(z)
    with pytest.raises(dr.ComplexError):
        dr.hessian(lambda z: np.sum(np.abs(z) ** 2), sparse=True)(z)


def test_result_that_becomes_complex_keeps_its_imaginary_part():
    factor = 1.0
    sparse = dr.jacobian(lambda x: factor * x[:2].sum() * x, sparse=True, mode="reverse")
    for factor in (1.0, 1j, 2.0):
        same(dr.jacobian(lambda x: factor * x[:2].sum() * x)(X), sparse(X))


def test_result_that_becomes_complex_is_refused_where_it_would_lose_its_imaginary_part():
    factor = 1.0

    def f(x):
        return factor * x[:2].sum() * x

    forward, reverse = (dr.prepare_jacobian(f, X, mode=mode) for mode in ("forward", "reverse"))
    factor = 1j
    same(dr.jacobian(f)(X), forward(X))
    for within in (dr.debug, warnings.catch_warnings):
        with within(), pytest.raises(dr.ShapeError, match="answered complex numbers"):
            reverse(X)
    same(dr.jacobian(f)(X), dr.prepare_jacobian(f, X, mode="reverse")(X))


def test_a_mask_that_chooses_nothing_where_it_is_prepared_chooses_elsewhere():
    """The calls are the same, but their answers are longer: the pattern is another one."""

    def f(x):
        return np.sin(np.sum(x[x > 0.1]))

    x = np.array([0.3, 0.05, 0.7])
    J = dr.prepare_jacobian(f, -x)
    with pytest.raises(dr.ArgumentError, match=r"has no entry \(0, 0\)"):
        J(x)
    sparse = dr.jacobian(f, sparse=True)
    np.testing.assert_array_equal(sparse(-x).toarray(), dr.jacobian(f)(-x)[None])
    np.testing.assert_array_equal(sparse(x).toarray(), dr.jacobian(f)(x)[None])
