"""What the laws cannot hold of dualrev/scipy/linalg: SciPy's own answers, identities, refusals."""

import inspect
import warnings

import mpmath
import numpy as np
import pytest
import scipy.linalg as sla

import dualrev as dr
import dualrev.scipy.linalg as la
from dualrev.errors import MissingRuleError
from tests.cases import complex_, real
from tests.cases.scipy_linalg import STACKS, band, regular, regular_complex
from tests.numeric import numeric_jacobian

A, B, C = regular(4, 4), real(4, 2), regular_complex(4, 4)
SPD = A @ A.T
WIDE, TALL = real(2, 4), real(4, 2)
COLUMN, ROW = np.array([4.0, 1.0, 0.5, 0.2]), np.array([4.0, -1.0, 0.3, 0.1])

# Calls of one name, here and in SciPy: (name, arguments, options).
CALLS = [
    *(("solve", (A, b), {"assume_a": kind}) for b in (B, B[:, 0]) for kind in (None, "gen")),
    *(("solve", (SPD, B), {"assume_a": kind, "lower": True}) for kind in ("sym", "her", "pos")),
    ("solve", (A, B), {"transposed": True}),
    ("solve", (A.tolist(), [1, 2, 3, 4]), {}),
    *(
        ("solve_triangular", (x, B), {"trans": t, "lower": True, "unit_diagonal": u})
        for x in (A, C)
        for t in (0, "T", 2)
        for u in (False, True)
    ),
    *(
        ("lu_solve", (sla.lu_factor(x), b, t), {})
        for x in (A, C)
        for b in (B, B[:, 0])
        for t in (0, 2)
    ),
    *(("cho_solve", (sla.cho_factor(SPD, low), B), {}) for low in (False, True)),
    ("inv", (A,), {}),
    ("det", (A,), {}),
    ("det", ([[1, 2], [3, 4]],), {}),
    *(("norm", (A,), {"ord": ord}) for ord in (None, "fro", 1, np.inf, -1, 2, "nuc")),
    ("norm", (COLUMN,), {}),
    ("norm", (A,), {"axis": 0, "keepdims": True}),
    *(("pinv", (x,), {"return_rank": rank}) for x in (TALL, WIDE) for rank in (False, True)),
    *(("pinvh", (SPD,), {"return_rank": rank}) for rank in (False, True)),
    *(("lstsq", (x, b), {}) for x in (TALL, WIDE) for b in (np.ones(len(x)), np.ones((len(x), 3)))),
    *(("lstsq", (TALL, B), {"lapack_driver": d, "cond": 0.1}) for d in ("gelss", "gelsy")),
    *(("solve_banded", (bands, band(bands, 4), B[:, 0]), {}) for bands in ((1, 1), (2, 1))),
    *(("solveh_banded", (band((0, m), 4), B[:, 0]), {}) for m in (1, 2)),
    ("toeplitz", (COLUMN,), {}),
    ("toeplitz", (COLUMN * 1j, ROW[:3]), {}),
    ("hankel", (COLUMN,), {}),
    ("hankel", (COLUMN, ROW[:3]), {}),
    ("circulant", (COLUMN,), {}),
    ("block_diag", (A, COLUMN, 2.0), {}),
    ("companion", (COLUMN,), {}),
    ("khatri_rao", (A, TALL @ WIDE), {}),
    ("leslie", (COLUMN, ROW[1:]), {}),
    *(("convolution_matrix", (COLUMN, 3), {"mode": m}) for m in ("full", "same", "valid")),
    *((f, (COLUMN, b), {}) for f in ("solve_toeplitz", "matmul_toeplitz") for b in (ROW, B)),
    *((f, ((COLUMN, ROW), B), {}) for f in ("solve_toeplitz", "matmul_toeplitz")),
    ("solve_circulant", (COLUMN, B), {"outaxis": -1}),
    *((f, (SPD,), {"lower": low}) for f in ("cholesky", "cho_factor") for low in (False, True)),
    *(("lu", (x,), {"p_indices": p}) for x in (A, TALL, WIDE) for p in (False, True)),
    ("lu", (A,), {"permute_l": True}),
    *(("lu_factor", (x,), {}) for x in (A, TALL, WIDE)),
    *(
        ("qr", (x,), {"mode": mode, "pivoting": p})
        for x in (A, WIDE, TALL)
        for mode in ("economic", "r", "full")
        for p in (False, True)
        if mode != "full" or x is not TALL
    ),
    *(("svd", (x,), {"full_matrices": full}) for x in (A, TALL) for full in (False, True)),
    ("svd", (A,), {"compute_uv": False, "lapack_driver": "gesvd"}),
    ("svdvals", (C,), {}),
    *(("polar", (x, side), {}) for x, side in ((A, "right"), (TALL, "right"), (WIDE, "left"))),
    *((f, (SPD,), {"lower": False}) for f in ("eigh", "eigvalsh")),
    *((f, (SPD, SPD + A + A.T), {"type": t}) for f in ("eigh", "eigvalsh") for t in (1, 2, 3)),
    *(("eigh", (SPD,), {"driver": d, "eigvals_only": e}) for d in ("ev", "evd") for e in (0, 1)),
    *((f, (SPD,), {"subset_by_index": [1, 2]}) for f in ("eigh", "eigvalsh")),
    *((f, (x,), {}) for f in ("eig", "eigvals") for x in (A, C)),
    ("eigvals", (A, SPD), {}),
    ("eig", (A,), {"right": False}),
    *(
        (f, (x,), {})
        for f in ("expm", "cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm", "logm", "sqrtm")
        for x in (A, C)
    ),
    *(("fractional_matrix_power", (A, t), {}) for t in (0.3, 2, -1)),
    *(("expm_frechet", (A, SPD), {"compute_expm": both}) for both in (False, True)),
    ("solve_sylvester", (A, SPD, A), {}),
    ("solve_continuous_lyapunov", (A, SPD), {}),
    *(("solve_discrete_lyapunov", (A / 9, SPD), {"method": m}) for m in (None, "bilinear")),
    *((f, (A, B, SPD, np.eye(2)), {}) for f in ("solve_continuous_are", "solve_discrete_are")),
    *(
        (f, (A, B, SPD, np.eye(2), np.eye(4) + A / 30, B / 9), {})
        for f in ("solve_continuous_are", "solve_discrete_are")
    ),
]


def assert_same(expected, got):
    """To the bit, with types, dtypes and shapes."""
    if isinstance(expected, tuple | list):
        assert len(expected) == len(got)
        for x, y in zip(expected, got):
            assert_same(x, y)
        return
    if isinstance(expected, np.ndarray):
        assert (expected.dtype, expected.shape) == (got.dtype, got.shape)
    np.testing.assert_array_equal(expected, got)


def in_single(x):
    if isinstance(x, tuple):
        return tuple(map(in_single, x))
    if isinstance(x, np.ndarray):
        return x.astype({"d": "f", "D": "F"}.get(x.dtype.char, x.dtype))
    return x


@pytest.mark.parametrize(("name", "args", "options"), CALLS)
def test_plain_arrays_have_scipys_answer(name, args, options):
    assert_same(getattr(sla, name)(*args, **options), getattr(la, name)(*args, **options))


@pytest.mark.filterwarnings("ignore:logm result may be inaccurate")  # says SciPy of its own
@pytest.mark.parametrize(("name", "args", "options"), CALLS)
def test_single_precision_has_scipys_answer(name, args, options):
    args = in_single(args)
    assert_same(getattr(sla, name)(*args, **options), getattr(la, name)(*args, **options))


@pytest.mark.parametrize(
    ("name", "args", "options"),
    [call for call in CALLS if any(isinstance(a, np.ndarray) for a in call[1])],
)
def test_traced_arrays_have_scipys_answer(name, args, options):
    """Also flags, pivots and ranks, which carry no derivative."""
    places = [i for i, a in enumerate(args) if isinstance(a, np.ndarray)]
    seen = []

    def call(*arrays):
        full = list(args)
        for i, array in zip(places, arrays):
            full[i] = array
        answer = getattr(la, name)(*full, **options)
        seen.append(dr.stop_gradient(answer))
        return 0.0

    arrays = tuple(args[i] for i in places)
    dr.jvp(call, arrays, arrays)
    assert_same(getattr(sla, name)(*args, **options), seen[0])


@pytest.mark.parametrize(
    ("name", "args"),
    [
        *((name, (x,)) for x in (A, C) for name in ("lu", "qr", "hessenberg", "matrix_balance")),
        *((name, (COLUMN,)) for name in ("companion", "toeplitz", "circulant")),
        ("convolution_matrix", (COLUMN, 3)),
        ("leslie", (COLUMN, COLUMN[1:])),
    ],
)
def test_traced_arrays_of_single_precision_have_answers_of_scipys_precision(name, args):
    x, *others = in_single(args)
    expected = getattr(sla, name)(x, *others)
    seen = []
    dr.jvp(lambda x: seen.append(getattr(la, name)(x, *others)) or 0.0, (x,), (x,))
    pairs = zip(expected, seen[0]) if isinstance(expected, tuple) else [(expected, seen[0])]
    for theirs, ours in pairs:
        assert theirs.dtype == ours.dtype


@pytest.mark.skipif(not STACKS, reason="SciPy before 1.17 knows few stacks")
@pytest.mark.parametrize(
    ("name", "args"),
    [
        *(
            (f, (real(2, 3, 3),))
            for f in ("inv", "lu_factor", "lu", "eig", "eigvals", "expm", "cosm")
        ),
        *((f, (regular(2, 1, 3, 3), real(4, 3, 2))) for f in ("solve", "solve_triangular")),
        ("solve_sylvester", (regular(2, 3, 3), regular(2, 2), real(3, 2))),
        ("solve_banded", ((1, 1), np.stack([band((1, 1), 3)] * 2), real(3))),
        ("lstsq", (real(2, 4, 2), real(4, 3))),
        ("pinv", (real(2, 4, 2),)),
        ("toeplitz", (real(2, 3), real(2, 4))),
        ("polar", (real(2, 3, 3),)),
        ("block_diag", (real(2, 3, 3), real(2))),
    ],
)
def test_stacks_have_scipys_answer(name, args):
    assert_same(getattr(sla, name)(*args), getattr(la, name)(*args))


@pytest.mark.skipif(not STACKS, reason="SciPy before 1.17 knows few stacks")
@pytest.mark.parametrize(
    "shapes", [((2, 4, 2), (2, 4, 3)), ((2, 1, 2, 4), (3, 2, 1)), ((4, 2), (2, 4, 1))]
)
def test_least_squares_of_stacks_are_those_of_each(shapes):
    a, b = (real(*shape) for shape in shapes)
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    rows = [np.broadcast_to(x, stack + x.shape[-2:]).reshape(-1, *x.shape[-2:]) for x in (a, b)]
    for i in (0, 1, 3):
        _, pushed = dr.jvp(lambda a, b, i=i: la.lstsq(a, b)[i], (a, b), (a * a, b * b))
        expected = [
            dr.jvp(lambda a, b, i=i: la.lstsq(a, b)[i], (a, b), (a * a, b * b))[1]
            for a, b in zip(*rows)
        ]
        assert pushed.shape == sla.lstsq(a, b)[i].shape
        np.testing.assert_allclose(np.stack(expected).reshape(pushed.shape), pushed, atol=1e-14)


@pytest.mark.skipif(not STACKS, reason="SciPy before 1.17 knows few stacks")
@pytest.mark.parametrize("separate", [False, True])
def test_balanced_stacks_are_those_of_each(separate):
    a = np.exp(3 * real(2, 3, 3))
    (ans, by), pushed = dr.jvp(lambda a: la.matrix_balance(a, separate=separate), (a,), (a * a,))
    assert_same(sla.matrix_balance(a, separate=separate), (ans, by))
    expected = [dr.jvp(lambda a: la.matrix_balance(a)[0], (a,), (a * a,))[1] for a in a]
    np.testing.assert_array_equal(np.stack(expected), pushed[0])


@pytest.mark.skipif(not STACKS, reason="SciPy's signatures have changed since")
@pytest.mark.parametrize("name", [name for name in la.__all__ if callable(getattr(la, name))])
def test_the_signature_is_scipys(name):
    parameters = inspect.signature(getattr(la, name)).parameters
    for parameter in inspect.signature(getattr(sla, name)).parameters.values():
        if parameter.name not in parameters:
            # null_space's other options go through; disp and blocksize are gone since SciPy 1.18.
            assert name == "null_space" or parameter.name in ("disp", "blocksize")
        elif parameter.name != "lwork":  # deprecated
            mine = parameters[parameter.name]
            assert (parameter.kind, parameter.default) == (mine.kind, mine.default)


@pytest.mark.skipif(not STACKS, reason="SciPy before 1.17 knows few stacks")
@pytest.mark.parametrize(
    "call",
    [
        lambda a: la.eigh(a, subset_by_value=(0.0, 9.0)),
        lambda a: la.eigh(a, np.diag([1.0, 1.1, 1.2]), subset_by_value=(0.0, 9.0)),
        lambda a: la.eig_banded(a[..., :2, :] @ np.eye(3), True, select="V", select_range=(0, 9)),
        lambda a: la.eigh_tridiagonal(a[..., 0, :], a[..., 2, :2], select="v", select_range=(0, 9)),
    ],
    ids=["eigh", "eigh-b", "eig_banded", "eigh_tridiagonal"],
)
def test_eigenvalues_of_stacks_in_a_range_are_those_of_each(call):
    """Of one matrix one is below the range, of the other one is above it."""
    one, other = (np.diag(d) + 0.1 * np.ones((3, 3)) for d in ([-4.0, 1.0, 4.0], [1.0, 4.0, 60.0]))
    one[0], other[0] = [-4.0, 1.0, 4.0], [1.0, 4.0, 60.0]
    a = np.stack([one, other])
    t = np.cos(a)
    answers, tangents = dr.jvp(call, (a,), (t,))
    assert answers[0].shape == (2, 2)
    for k in range(2):
        for x, y in zip(dr.jvp(call, (a[k],), (t[k],))[1], tangents):
            np.testing.assert_allclose(x, y[k], atol=1e-14)


# ------------------------------------------------------------------------------------ arguments


@pytest.mark.parametrize(
    ("name", "shapes", "options", "fault"),
    [
        ("khatri_rao", ((3, 1), (2, 4)), {}, "columns"),
        ("khatri_rao", ((3, 1), (1,)), {}, "dimension"),
        ("leslie", ((4,), (1,)), {}, "lengths"),
        ("convolution_matrix", ((0,),), {"n": 3}, "at least 1"),
        ("convolution_matrix", ((3,),), {"n": 3, "mode": "all"}, "mode"),
        ("matmul_toeplitz", ((4,), (3,)), {}, "ncompatible dimensions"),
        ("solve_toeplitz", ((4,), (3,)), {}, "ncompatible dimensions"),
        ("norm", ((2, 3, 4),), {"ord": 1}, "norm"),
        ("norm", ((3,),), {"ord": "fro"}, "norm"),
    ],
)
def test_what_scipy_refuses_raises_where_it_is_traced(name, shapes, options, fault):
    arrays = tuple(real(*shape) for shape in shapes)
    with pytest.raises(ValueError, match=fault):
        getattr(sla, name)(*arrays, **options)
    with pytest.raises(ValueError, match=fault):
        dr.jvp(lambda *x: getattr(la, name)(*x, **options), arrays, arrays)


def test_the_only_element_of_a_band_is_found_however_all_are_asked_for():
    gradient = dr.grad(lambda a: la.eig_banded(a, select="All")[0][0])(np.array([[2.0], [3.0]]))
    np.testing.assert_array_equal([[1.0], [0.0]], gradient)


def test_lists_of_traced_numbers_are_matrices():
    """The solution of diag(x) y = 1 is 1/x."""

    def solution(x):
        return la.solve([[x[0], 0], [0, x[1]]], [1, 1])

    np.testing.assert_allclose(np.diag([-1 / 4, -1 / 9]), dr.jacobian(solution)([2.0, 3.0]))


def test_nothing_is_overwritten():
    a, b = SPD.copy(order="F"), B.copy(order="F")
    for f in (lambda a, b: la.solve(a, b, overwrite_a=True, overwrite_b=True), la.solve):
        f(a, b)
        dr.vjp(f, a, b)
    la.eigh(a, overwrite_a=True)
    np.testing.assert_array_equal(SPD, a)
    np.testing.assert_array_equal(B, b)


@pytest.mark.parametrize(
    "f",
    [
        lambda a: la.solve(a, B),
        lambda a: la.solve_triangular(a, B),
        *(la.inv, la.cholesky, la.eigvalsh, la.expm, la.logm, la.sqrtm),
    ],
)
def test_a_cotangent_may_be_nan_and_an_argument_not(f):
    value, pullback = dr.vjp(f, SPD)
    assert np.isnan(pullback(np.full_like(value, np.nan))[0]).any()
    with pytest.raises(ValueError, match="must not contain infs or NaNs"):
        dr.vjp(lambda a: la.solve(a, B), A * np.nan)


def test_singular_matrices_raise_scipys_error():
    for f in (la.inv, lambda a: la.solve(a, np.ones(2)), la.cholesky):
        with pytest.raises(sla.LinAlgError):
            dr.jvp(f, (np.ones((2, 2)),), (np.ones((2, 2)),))


# ----------------------------------------------------------------------------------- identities


def test_all_derivatives_of_a_solution_share_one_factorization(monkeypatch):
    count = []
    plain = sla.lu_factor
    monkeypatch.setattr(
        sla, "lu_factor", lambda *args, **options: count.append(1) or plain(*args, **options)
    )
    dr.hvp(lambda a: np.sum(la.solve(a, B) ** 3))(A, SPD)
    assert len(count) == 1
    dr.jacobian(lambda b: la.solve(A, b))(B)
    assert len(count) == 2


@pytest.mark.parametrize(
    "kind", ["diagonal", "tridiagonal", "upper triangular", "lower triangular"]
)
def test_structure_that_is_found_has_the_derivative_of_the_structure_that_is_not_used(kind):
    """SciPy finds it out by itself; the perturbation is any."""
    read = {
        "diagonal": np.diag(np.diag(A)),
        "tridiagonal": np.triu(np.tril(A, 1), -1),
        "upper triangular": np.triu(A),
        "lower triangular": np.tril(A),
    }[kind]
    x = np.linalg.solve(read, B)
    expected = -np.linalg.solve(read.T, np.ones_like(B)) @ x.T
    np.testing.assert_allclose(expected, dr.grad(lambda a: la.solve(a, B).sum())(read))


@pytest.mark.parametrize("kind", ["pos", "her", "sym"])
@pytest.mark.parametrize("lower", [False, True])
def test_gradients_by_half_a_matrix_lie_in_that_half(kind, lower):
    half = np.tril(SPD) if lower else np.triu(SPD)
    gradient = dr.grad(lambda a: la.solve(a, B, lower=lower, assume_a=kind).sum())(half)
    outer = np.linalg.solve(SPD, np.ones_like(B)) @ np.linalg.solve(SPD, B).T
    both = (outer + outer.T) * (1 - np.eye(len(SPD)) / 2)
    np.testing.assert_allclose(-np.tril(both) if lower else -np.triu(both), gradient)


def test_half_a_band_and_the_whole_matrix_have_the_same_gradient():
    ab = band((0, 2), 5)

    def dense(ab):
        a = np.diag(ab[2]) + np.diag(ab[1, 1:], 1) + np.diag(ab[0, 2:], 2)
        return np.sum(np.linalg.solve(a + np.triu(a, 1).T, np.arange(5.0)) ** 2)

    def by_half(ab):
        return np.sum(la.solveh_banded(ab, np.arange(5.0)) ** 2)

    np.testing.assert_allclose(dr.grad(dense)(ab), dr.grad(by_half)(ab), atol=1e-14)


def test_toeplitz_systems_have_the_gradient_of_the_dense_matrix():
    x = np.arange(1.0, 5.0)
    for fast, dense in (
        (la.solve_toeplitz, lambda cr, x: np.linalg.solve(la.toeplitz(*cr), x)),
        (la.matmul_toeplitz, lambda cr, x: la.toeplitz(*cr) @ x),
    ):
        expected = dr.grad(lambda cr: np.sum(dense(cr, x) ** 3))((COLUMN, ROW))
        got = dr.grad(lambda cr: np.sum(fast(cr, x) ** 3))((COLUMN, ROW))
        np.testing.assert_allclose(expected, got, atol=1e-12)


@pytest.mark.parametrize("a", [A, C])
def test_functions_and_their_inverses_have_inverse_derivatives(a):
    """L_exp(log A, L_log(A, E)) = E, and likewise for roots."""
    t = SPD.astype(a.dtype)

    def through(f, g):
        return dr.jvp(lambda a: g(f(a)), (a,), (t,))[1]

    np.testing.assert_allclose(t, through(la.logm, la.expm), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(t, through(la.sqrtm, lambda x: x @ x), atol=1e-12)
    cube_root = through(lambda a: la.fractional_matrix_power(a, 1 / 3), lambda x: x @ x @ x)
    np.testing.assert_allclose(t, cube_root, atol=1e-12)
    np.testing.assert_allclose(
        np.zeros_like(t),
        through(lambda a: a, lambda a: la.tanm(a / 9) @ la.cosm(a / 9) - la.sinm(a / 9)),
        atol=1e-13,
    )


def test_the_exponential_of_a_large_matrix_has_mpmaths_derivative():
    """By the difference of two exponentials with 60 digits: no rounding is left in 16 of them."""
    a = np.array([[-7.0, 30.0], [0.5, 9.0]])
    t = np.array([[1.0, 2.0], [-1.0, 0.5]])
    with mpmath.workdps(60):
        step = mpmath.mpf(10) ** -25
        ahead = mpmath.expm(mpmath.matrix(a.tolist()) + step * mpmath.matrix(t.tolist()))
        back = mpmath.expm(mpmath.matrix(a.tolist()) - step * mpmath.matrix(t.tolist()))
        expected = np.array(((ahead - back) / (2 * step)).tolist(), dtype=float)
    # SciPy's own exponential of it is as exact as that
    np.testing.assert_allclose(expected, dr.jvp(la.expm, (a,), (t,))[1], rtol=1e-11)


@pytest.mark.parametrize("gap", [1e-1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8])
def test_any_function_of_a_nearly_defective_matrix_has_right_derivatives_or_none(gap):
    """To four digits, of both orders, whichever are left: expm has them all."""
    a, t = np.array([[1.0, 1.0], [0.0, 1.0 + gap]]), real(2, 2)

    def first(function):
        return lambda a: dr.jvp(function, (a,), (t,))[1]

    def second(function):
        return lambda a: dr.jvp(first(function), (a,), (t,))[1]

    for order in (first, second):
        expected = order(la.expm)(a)
        found = order(lambda a: la.funm(a, np.exp))(a)
        assert np.isnan(found).all() if gap < 1e-3 else np.isfinite(found).any() or order is second
        if not np.isnan(found).any():
            np.testing.assert_allclose(expected, found, rtol=1e-3)


def test_a_power_is_differentiable_in_its_exponent():
    """d A^t / dt = log(A) A^t."""
    expected = sla.logm(A) @ sla.fractional_matrix_power(A, 0.7)
    got = dr.jvp(lambda t: la.fractional_matrix_power(A, t), (0.7,), (1.0,))[1]
    np.testing.assert_allclose(expected, got, rtol=1e-11)


def test_mixed_real_and_complex_matrices_solve_their_equations():
    """SciPy's answer does not."""
    a, q = real(3, 3), complex_(3, 3)
    x = la.solve_sylvester(a, a, q)
    np.testing.assert_allclose(q, a @ x + x @ a, atol=1e-12)
    x = la.solve_continuous_lyapunov(a, q)
    np.testing.assert_allclose(q, a @ x + x @ a.T, atol=1e-12)


def test_a_riccati_solution_of_one_number_has_the_derivative_of_its_formula():
    """x^2 = q r, so dx/dq = r/(2x) and dx/dr = q/(2x), for a = 0, b = 1."""
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    gradient = dr.grad(lambda p: la.solve_continuous_are(zero, one, p[0], p[1])[0, 0])
    of_q, of_r = gradient((9 * one, 4 * one))
    np.testing.assert_allclose([4 / 12, 9 / 12], [of_q[0, 0], of_r[0, 0]])


# ------------------------------------------------------------------- equal values, free choices


def test_the_polar_factor_of_a_rotation_has_a_derivative():
    """Its singular values are all 1; dU is the skew part of U^T dA turned by U, dP the other."""
    q = np.linalg.qr(A)[0]
    t = SPD + np.triu(SPD)
    inner = q.T @ t
    _, (t_u, t_p) = dr.jvp(la.polar, (q,), (t,))
    np.testing.assert_allclose(q @ (inner - inner.T) / 2, t_u, atol=1e-13)
    np.testing.assert_allclose((inner + inner.T) / 2, t_p, atol=1e-13)


@pytest.mark.parametrize("f", [la.eigvalsh, lambda a, b: la.eigh(a, b)[0]])
def test_symmetric_functions_of_equal_generalized_eigenvalues_are_right(f):
    """The trace of B^-1 A has derivatives B^-1 and -B^-1 A B^-1."""
    b = SPD
    of_a, of_b = ((g + g.T) / 2 for g in dr.grad(lambda ab: f(*ab).sum())((2 * b, b)))
    np.testing.assert_allclose(np.linalg.inv(b), of_a, atol=1e-12)
    np.testing.assert_allclose(-2 * np.linalg.inv(b), of_b, atol=1e-12)


def test_what_equal_generalized_eigenvalues_hide_is_nan_and_not_wrong():
    def off_diagonal(a):
        w, v = la.eigh(a, SPD)
        return ((v * np.exp(w)) @ v.T)[0, 1]

    assert np.isnan(dr.grad(off_diagonal)(2 * SPD)).any()


def test_eigenvectors_keep_their_normalization():
    """V^T B V = 1, and for type 3 V^T B^-1 V = 1, for all a and b."""
    a, b = A + A.T, SPD

    def product(a, b, type):
        v = la.eigh(a, b, type=type)[1]
        return v.T @ (np.linalg.inv(b) if type == 3 else b) @ v

    for kind in (1, 2, 3):
        value, t = dr.jvp(lambda a, b: product(a, b, kind), (a, b), (b, a))
        np.testing.assert_allclose(np.eye(4), value, atol=1e-12)
        np.testing.assert_allclose(np.zeros((4, 4)), t, atol=1e-11)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("a", [A - np.outer(A[:, 0], [1, 0, 0, 0]), np.zeros((3, 3))])
def test_polar_factors_of_a_singular_matrix_have_no_derivative(a, mode):
    for which in (0, 1):
        jacobian = dr.jacobian(lambda a, which=which: la.polar(a)[which], mode=mode)(a)
        assert np.isnan(jacobian).any((0, 1)).all()


@pytest.mark.parametrize(
    ("call", "a", "fix"),
    [
        (la.rq, WIDE, "economic"),
        (la.qr, TALL, "economic"),
        (lambda a: la.qr(a, mode="raw"), A, "economic"),
        (lambda a: la.eig(a, left=True), A, "vr"),
        (lambda a: la.eig(a, SPD), A, "solve"),
        (lambda a: la.eigvals(a, homogeneous_eigvals=True), A, "w"),
        (la.polar, WIDE, "left"),
        (lambda a: la.polar(a, "left"), TALL, "right"),
        (lambda a: la.solve_circulant(a, a, singular="lstsq"), COLUMN, "pinv"),
        (la.hankel, A, "ravel"),
    ],
)
def test_what_has_no_derivative_is_refused_with_a_way_out(call, a, fix):
    with pytest.raises(MissingRuleError, match=fix):
        dr.jvp(call, (a,), (a,))


def test_bases_of_plain_arrays_are_scipys():
    assert_same(sla.null_space(WIDE), la.null_space(WIDE))
    assert_same(sla.null_space(WIDE, 0.5), la.null_space(WIDE, rcond=0.5))
    assert_same(sla.orth(TALL), la.orth(TALL))


def test_empty_matrices_have_empty_gradients():
    for f, shapes in (
        (la.solve, ((2, 2), (2, 0))),
        (la.solve_triangular, ((2, 2), (2, 0))),
        (lambda a: la.det(a) * np.ones(1), ((0, 0),)),
    ):
        args = [np.eye(*shape) for shape in shapes]
        value, pullback = dr.vjp(f, *args)
        for x, ct in zip(args, pullback(np.ones_like(value))):
            np.testing.assert_array_equal(np.zeros(x.shape), ct)


@pytest.mark.skipif(not STACKS, reason="SciPy before 1.17 knows few stacks")
def test_stacks_of_no_matrices_have_empty_gradients():
    a, b = np.zeros((0, 3, 3)), np.ones((3, 2))
    value, pullback = dr.vjp(la.solve, a, b)
    of_a, of_b = pullback(np.ones_like(value))
    assert of_a.shape == a.shape
    np.testing.assert_array_equal(np.zeros((3, 2)), of_b)


def test_warnings_of_scipy_come_once():
    nearly = np.array([[1.0, 1.0], [1.0, 1.0 + 1e-16 * 4]])
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        dr.grad(lambda a: la.solve(a, np.ones(2), assume_a="gen").sum())(nearly)
    assert len([w for w in seen if issubclass(w.category, sla.LinAlgWarning)]) == 1


@pytest.mark.parametrize("shape", [(150, 150), (160, 140), (140, 160)])
def test_factors_larger_than_a_block_pull_what_they_push(shape):
    """<ct, J t> equals <J^T ct, t>."""
    rng = np.random.default_rng(0)
    a, t, ct = (rng.standard_normal(shape) for _ in range(3))
    _, pushed = dr.jvp(lambda a: la.lu_factor(a)[0], (a,), (t,))
    pulled = dr.vjp(lambda a: la.lu_factor(a)[0], a)[1](ct)[0]
    # the factors of a random matrix lose a few digits
    np.testing.assert_allclose(np.sum(ct * pushed), np.sum(pulled * t), rtol=1e-8)


# What solves these is infinite, or no number near it: LAPACK perturbs, SciPy answers anyway.
NO_SOLUTION = {
    "sylvester": (
        lambda q: la.solve_sylvester(np.diag([1.0, 2.0]), np.diag([-1.0, 3.0]), q),
        np.ones((2, 2)),
    ),
    "continuous lyapunov": (
        lambda q: la.solve_continuous_lyapunov(np.array([[0.0, 1.0], [-1.0, 0.0]]), q),
        np.eye(2),
    ),
    "discrete lyapunov": (
        lambda q: la.solve_discrete_lyapunov(np.diag([1.0, 0.5]), q, "bilinear"),
        np.eye(2),
    ),
    "riccati": (
        lambda q: la.solve_continuous_are(
            np.array([[-0.00583369, 0.00890726], [0.00497755, 0.0071304]]),
            np.array([[-2.23204444], [10.9884948]]),
            q,
            np.array([[0.01026774]]),
        ),
        np.array([[0.92788884, -0.93741036], [-0.93741036, -0.63108371]]),
    ),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", NO_SOLUTION)
def test_an_answer_of_scipys_that_is_no_solution_has_the_derivative_nan(name):
    f, q = NO_SOLUTION[name]
    t = np.eye(2)
    assert np.isnan(dr.jvp(f, (q,), (t,))[1]).all()
    assert np.isnan(dr.grad(lambda q: f(q).sum())(q)).all()
    for second in (
        dr.hvp(lambda q: np.sum(f(q) ** 2))(q, t),
        dr.vjp(dr.grad(lambda q: np.sum(f(q) ** 2)), q)[1](t)[0],
        dr.grad(lambda q: dr.jvp(lambda q: np.sum(f(q) ** 2), (q,), (t,))[1])(q),
    ):
        assert np.isnan(second).any()


# --------------------------------------------------------------------------- pivots that are zero


def both_factors(a):
    _, lower, upper = la.lu(a)
    return np.concatenate([np.ravel(lower), np.ravel(upper)])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    "a",
    [
        [[4.0, 2.0, 1.0], [2.0, 1.5, 0.5], [1.0, 0.5, 0.25]],
        [[2.0, 1.0, 3.0, 4.0], [1.0, 0.5, 1.0, 2.0]],
    ],
    ids=["square", "wide"],
)
def test_factors_are_smooth_where_the_last_pivot_is_zero(a, mode):
    """Nothing is divided by it: to the second order the differences say the same."""
    a = np.array(a)
    assert np.diagonal(la.lu(a)[2])[-1] == 0
    np.testing.assert_allclose(
        numeric_jacobian(both_factors, a), dr.jacobian(both_factors, mode=mode)(a), atol=1e-9
    )
    gradient = dr.grad(lambda a: np.sum(np.sin(both_factors(a))))
    expected = numeric_jacobian(gradient, a)
    np.testing.assert_allclose(expected, dr.jacobian(gradient, mode=mode)(a), atol=1e-8)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 3)])
def test_factors_below_a_zero_pivot_have_no_derivative(shape, mode):
    """Beside a first column of zeros the lower factor may be anything."""
    a = np.random.default_rng(0).standard_normal(shape)
    a[:, 0] = 0
    jacobian = dr.jacobian(lambda a: la.lu(a)[1], mode=mode)(a)
    assert np.isnan(jacobian[1:, 0, :, 0]).all()


# -------------------------------------------------------- functions of matrices at branch points

ROOTS = {
    "sqrtm": la.sqrtm,
    "logm": la.logm,
    "power": lambda a: la.fractional_matrix_power(a, 0.5),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", ROOTS)
@pytest.mark.parametrize("a", [np.ones((2, 2)), np.zeros((2, 2)), np.array([[0.0, 1], [0, 2]])])
def test_roots_and_logarithms_of_a_singular_matrix_have_no_derivative(name, a, mode):
    """Their slope is infinite at the eigenvalue 0, though SciPy has a value there."""
    jacobian = dr.jacobian(lambda a: np.real(ROOTS[name](a)), mode=mode)(a)
    assert not np.isfinite(jacobian).any()
    unused = dr.jacobian(lambda a: np.where(a > 9, np.real(ROOTS[name](a)), 0), mode=mode)(a)
    assert (unused == 0).all()


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_whole_powers_of_a_singular_matrix_have_their_derivative(mode):
    """That of a @ a."""
    a = np.array([[0.0, 1.0], [0.0, 2.0]])
    expected = dr.jacobian(lambda a: a @ a)(a)
    ans = dr.jacobian(lambda a: la.fractional_matrix_power(a, 2), mode=mode)(a)
    np.testing.assert_allclose(expected, ans, atol=1e-12)


@pytest.mark.parametrize(
    "name",
    [
        *("expm", "cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm", "logm", "sqrtm", "signm"),
        "fractional_matrix_power",
    ],
)
def test_rows_of_derivatives_of_a_function_of_a_matrix_have_derivatives(name):
    """An inner Jacobian has the directions as rows, of one matrix."""
    function = getattr(la, name)
    power = (0.4,) * (name == "fractional_matrix_power")

    def f(p):
        a = np.eye(2) + p[0] * A[:2, :2] / 9 + p[1] ** 2 * A[2:, 2:] / 9
        return function(a, *power).real[0]

    p = np.array([0.3, 0.5])
    expected = numeric_jacobian(dr.jacobian(f), p)
    for inner in ("forward", "reverse"):
        for outer in ("forward", "reverse"):
            actual = dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(p)
            np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("rows", [2, 3])
@pytest.mark.parametrize(
    "solve",
    [
        lambda a, b: la.cho_solve(la.cho_factor(a), b),
        lambda a, b: la.lu_solve(la.lu_factor(a), b),
        lambda a, b: la.solve(a, b, assume_a="pos"),
        *(la.solve, la.solve_triangular),
    ],
    ids=["cho_solve", "lu_solve", "positive", "solve", "solve_triangular"],
)
def test_one_right_side_of_a_batch_of_matrices_has_the_derivative_of_a_loop(solve, rows):
    """As many rows as unknowns: the first solutions could be taken for columns of one right side."""
    a = SPD[:3, :3] + np.arange(1.0, 1 + rows)[:, None, None] * np.eye(3)
    b, weights = real(3), real(rows, 3)

    def batched(a, b):
        return np.sum(weights * dr.vmap(solve, in_axes=(0, None))(a, b))

    def looped(a, b):
        return sum(w @ solve(x, b) for w, x in zip(weights, a))

    with warnings.catch_warnings(category=dr.PerformanceWarning, action="ignore"):
        actual = dr.grad(batched, argnums=(0, 1))(a, b)
    for e, x in zip(dr.grad(looped, argnums=(0, 1))(a, b), actual):
        np.testing.assert_allclose(e, x, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("differentiated", [0, 1])
@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: np.stack(la.expm_frechet(a / 4, b)),
        lambda a, b: la.eigh(a + a.T, b @ b.T)[0],
        lambda a, b: la.eigh(a + a.T, b @ b.T)[1] ** 2,
        lambda a, b: la.lstsq(a, b)[0],
        lambda a, b: la.ordqz(a, b)[0] ** 2,
    ],
    ids=["expm_frechet", "eigenvalues", "eigenvectors", "lstsq", "ordqz"],
)
def test_what_meets_a_batch_of_constants_keeps_its_derivative(f, differentiated):
    x, rows = SPD[:3, :3], np.stack([SPD[1:, 1:], SPD[1:, 1:] + np.eye(3) / 9])

    def answer(x, row):
        ans = f(x, row) if differentiated == 0 else f(row, x)
        return np.sum(np.cos(np.arange(ans.size)).reshape(ans.shape) * ans)

    def batched(x):
        return np.sum(dr.vmap(answer, in_axes=(None, 0))(x, rows))

    def looped(x):
        return sum(answer(x, row) for row in rows)

    with warnings.catch_warnings(category=dr.PerformanceWarning, action="ignore"):
        slopes, tangent = dr.grad(batched)(x), dr.jvp(batched, (x,), (B[:3] @ B[:3].T,))[1]
    expected = dr.grad(looped)(x)
    assert np.max(np.abs(expected)) > 1e-6
    np.testing.assert_allclose(expected, slopes, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(np.sum(expected * (B[:3] @ B[:3].T)), tangent, rtol=1e-9)


@pytest.mark.filterwarnings("ignore:lu_solve runs row by row:dualrev.PerformanceWarning")
@pytest.mark.parametrize("b", [B[:3, 0], B[:3]], ids=["vector", "matrix"])
def test_factors_of_a_batch_solve_for_one_right_side_in_each_mode(b):
    """The orders of rows are batched whole numbers, and b is plain."""
    f = lambda a: np.sum(np.cos(la.lu_solve(la.lu_factor(a), b)))  # noqa: E731
    rows, t = np.stack([A[:3, :3], A[1:, 1:], C.real[:3, :3]]), A[:3, 1:]
    for derivative in (
        dr.grad(f),
        lambda a: dr.jvp(f, (a,), (t,))[1],
        lambda a: dr.hvp(f)(a, t),
        lambda a: dr.taylor(f, a, t, 2),
    ):
        expected = np.stack([derivative(a) for a in rows])
        np.testing.assert_allclose(expected, dr.vmap(derivative)(rows), rtol=1e-9)


def test_rsf2csf_of_what_is_no_triangle_of_blocks_has_the_slopes_of_scipys_answer():
    """SciPy turns what stands right of a block, and above it, and leaves what is further below."""
    a, t = np.array([[4.0, 1, 2], [-3, 1, 5], [0.7, 2, 3]]), np.ones((3, 3))
    for turned, expected in (
        (lambda a: la.rsf2csf(a, np.eye(3))[0], lambda a: sla.rsf2csf(a, np.eye(3))[0]),
        (lambda a: la.rsf2csf(a, np.eye(3))[1], lambda a: sla.rsf2csf(a, np.eye(3))[1]),
    ):
        slope = (expected(a + 1e-5 * t) - expected(a - 1e-5 * t)) / 2e-5
        np.testing.assert_allclose(slope, dr.jvp(turned, (a,), (t,))[1], atol=1e-8)
