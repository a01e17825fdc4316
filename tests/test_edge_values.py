"""The derivative at every kink, tie and singular point is that of the table, in every mode."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special

import dualrev as dr
from tests.edge_values import CHAPTERS, PAGE, page
from tests.nestings import second_derivatives

ROWS = [edge for edges in CHAPTERS.values() for edge in edges]
DEFINED = [edge for edge in ROWS if not isinstance(edge.gradient, type)]
REFUSED = [edge for edge in ROWS if isinstance(edge.gradient, type)]

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::dualrev.errors.PerformanceWarning"),
]


def gradients(f, x):
    """The gradient in four ways: pulled, pushed element by element, and by Jacobians of both modes."""
    x = np.asarray(x, float)
    yield dr.vjp(f, x)[1](np.float64(1))[0]
    units = (t.reshape(x.shape)[()] for t in np.eye(x.size))
    yield np.reshape([dr.jvp(f, (x[()],), (t,))[1] for t in units], x.shape)
    for mode in ("reverse", "forward"):
        yield dr.jacobian(f, mode=mode)(x)


@pytest.mark.parametrize("edge", DEFINED, ids=str)
def test_the_gradient_is_the_value_of_the_table(edge):
    for gradient in gradients(edge.f, edge.x):
        assert_allclose(edge.gradient, gradient, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("decompose", [np.linalg.eigh, np.linalg.svd])
def test_a_vector_of_a_repeated_value_has_the_derivative_nan(decompose):
    off_diagonal = lambda a: decompose(a)[1 if decompose is np.linalg.eigh else 0][0, 1]  # noqa: E731
    for gradient in gradients(off_diagonal, np.eye(2)):
        assert np.isnan(gradient[1, 0])


@pytest.mark.parametrize("edge", REFUSED, ids=str)
def test_what_has_no_derivative_raises_in_both_modes(edge):
    x = np.array(edge.x)
    with pytest.raises(edge.gradient):
        dr.vjp(edge.f, x)[1](np.float64(1))
    with pytest.raises(edge.gradient):
        dr.jvp(edge.f, (x,), (x,))


@pytest.mark.parametrize("edge", [edge for edge in DEFINED if not edge.jump], ids=str)
def test_the_value_lies_between_the_one_sided_slopes(edge, rng):
    """Along every direction: <gradient, t> is between the slopes to the two sides.

    That is the subdifferential, where the function is convex or concave.
    """
    x, gradient = np.asarray(edge.x, float), np.asarray(edge.gradient, float)
    with np.errstate(all="ignore"):
        for t in (*np.eye(x.size), *rng.standard_normal((5, x.size))):
            t = t.reshape(x.shape)
            # One-sided slopes of first order: an error of h times the curvature.
            h = 1e-7
            slopes = [(edge.f(x + s * t) - edge.f(x)) / s for s in (h, -h)]
            slopes = [s for s in slopes if np.isfinite(s)]
            along = np.sum(np.where(t == 0, 0, gradient * t))
            if np.isinf(along):  # 1e-7 * log(1e-7) is the slowest to grow
                assert max(np.sign(along) * s for s in slopes) > 2
            else:
                assert min(slopes) - 1e-3 <= along <= max(slopes) + 1e-3


def hessians(f, x):
    """The second derivative by all four nestings, and by hessian and hvp, each of shape (n, n)."""
    x = np.asarray(x, float)
    yield from second_derivatives(f, x)
    yield "hessian", dr.hessian(f)(x)
    units = np.eye(x.size).reshape(-1, *x.shape)
    yield "hvp", np.stack([dr.hvp(f)(x, t[()]) for t in units])


@pytest.mark.parametrize("edge", DEFINED, ids=str)
def test_second_derivatives_agree_in_every_nesting(edge):
    """Each is the value of the table where it has one; else all are the same, or none is finite."""
    found = list(hessians(edge.f, edge.x))
    if edge.hessian is not None:
        found.insert(0, ("the table", np.array(edge.hessian, float)))
    n = np.size(edge.x)
    # An infinity and a nan say the same: no number.
    found = [(name, np.where(np.isfinite(h), h, np.nan).reshape(n, n)) for name, h in found]
    (first, expected), *others = found
    for name, hessian in others:
        if name in edge.blind:
            hessian = np.where(np.isnan(hessian), expected, hessian)
        assert_allclose(hessian, expected, rtol=1e-9, atol=1e-9, err_msg=f"{name}, beside {first}")


IN_A_BATCH = {
    "reverse": lambda f: lambda x: dr.vjp(f, x)[1](np.float64(1))[0],
    "forward": lambda f: dr.jacobian(f, mode="forward"),
    "forward over reverse": dr.hessian,
    "reverse over reverse": lambda f: dr.jacobian(dr.jacobian(f, mode="reverse"), mode="reverse"),
}


@pytest.mark.one_in(4)
@pytest.mark.parametrize("how", IN_A_BATCH)
@pytest.mark.parametrize("edge", DEFINED, ids=str)
def test_a_batch_has_at_the_edge_and_beside_it_what_each_row_has(edge, how):
    """A row at a kink does not take from the others what they have."""
    derivative = IN_A_BATCH[how](edge.f)
    x = np.asarray(edge.x, float)
    xs = np.stack([x, x + 0.37])
    expected = np.stack([np.asarray(derivative(row if row.ndim else row[()])) for row in xs])
    ans = dr.vmap(derivative)(xs)
    expected, ans = (np.where(np.isfinite(a), a, np.nan) for a in (expected, ans))
    assert_allclose(expected, ans, rtol=1e-9, atol=1e-9)


# ------------------------------------------------------------------------------ the safe where

# Singular or undefined at 0, and some of them left of it.
SAFE = {
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": lambda x: np.log1p(x - 1),
    "x**0.5": lambda x: x**0.5,
    "x**1.5": lambda x: x**1.5,
    "x**-1.5": lambda x: x**-1.5,
    "x**-1": lambda x: x**-1.0,
    "x**-2": lambda x: x**-2.0,
    "x sqrt(x)": lambda x: x * np.sqrt(x),
    "sqrt of sqrt": lambda x: np.sqrt(np.sqrt(x)),
    "arcsin of 1 / (1 + x)": lambda x: np.arcsin(1 / (1 + x)),
    "x**x": lambda x: x**x,
    "power": lambda x: np.power(x, 0.3),
    "float_power": lambda x: np.float_power(x, 0.7),
    "0.5**(1 / x)": lambda x: 0.5 ** (1 / x),
    "1 / x": lambda x: 1 / x,
    "x / x": lambda x: x / x,
    "sin(x) / x**2": lambda x: np.sin(x) / x**2,
    "reciprocal": np.reciprocal,
    "arccos": lambda x: np.arccos(1 - x / 4),
    "arcsin": lambda x: np.arcsin(1 - x / 4),
    "arctanh": lambda x: np.arctanh(1 - x / 4),
    "arccosh": lambda x: np.arccosh(1 + x),
    "arctan2": lambda x: np.arctan2(x, x**2),
    "arctan(1 / x)": lambda x: np.arctan(1 / x),
    "norm": lambda x: np.linalg.norm(np.stack([x, x**2]), axis=0),
    "3-norm": lambda x: np.linalg.norm(np.stack([x, x**2]), 3, axis=0),
    "hypot": lambda x: np.hypot(x, x**2),
    "logaddexp": lambda x: np.logaddexp(np.log(x), 2 * np.log(x)),
    "logaddexp2": lambda x: np.logaddexp2(np.log2(x), 2 * np.log2(x)),
    "logaddexp of infinities": lambda x: np.logaddexp(-1 / x, -2 / x),
    "log of sum": lambda x: np.log(np.sum(np.stack([x, x**2]), axis=0)),
    "std": lambda x: np.std(np.stack([x, -x, x**2]), axis=0),
    "abs(x)**2": lambda x: np.abs(x) ** 2,
    "abs(i x)**2": lambda x: np.abs(1j * x) ** 2,
    "norm**2": lambda x: np.linalg.norm(np.stack([x, x**2]), axis=0) ** 2,
    "cos of 3-norm": lambda x: np.cos(np.linalg.norm(np.stack([x, x**2]), 3, axis=0)),
    "hypot**2": lambda x: np.hypot(x, x**2) ** 2,
    "std**2": lambda x: np.std(np.stack([x, -x, x**2]), axis=0) ** 2,
    "x log x": lambda x: x * np.log(x),
    "exp(-1 / x)": lambda x: np.exp(-1 / x),
    "(1 / x)**6": lambda x: (1 / x) ** 6,
    "square(1 / x)": lambda x: np.square(1 / x),
    "x sin(1 / x)": lambda x: x * np.sin(1 / x),
    "cos(1 / x)": lambda x: np.cos(1 / x),
    "tan(1 / x)": lambda x: np.tan(1 / x),
    "sinc(1 / x)": lambda x: np.sinc(1 / x),
    "arcsinh(1 / x)": lambda x: np.arcsinh(1 / x),
    "abs(log(x))": lambda x: np.abs(np.log(x)),
    "norm of (1 / x, x)": lambda x: np.linalg.norm(np.stack([1 / x, x]), axis=0),
    "var of (1 / x, x)": lambda x: np.var(np.stack([1 / x, x]), axis=0),
    "prod of (1 / x, x, x)": lambda x: np.prod(np.stack([1 / x, x, x]), axis=0),
    "cumprod of (1 / x, x, x)": lambda x: np.cumprod(np.stack([1 / x, x, x]), axis=0)[2],
    "tanh(1 / x)": lambda x: np.tanh(1 / x),
    "gammaln": special.gammaln,
    "xlogy": lambda x: special.xlogy(x, x),
    "entr": special.entr,
    "erfinv": lambda x: special.erfinv(1 - x / 4),
}
# A negative number makes nan, zero an infinity: each has to be guarded without the other.
POINTS = [np.array(x) for x in ([0.0, 2.0], [-1.0, 2.0], [0.0])]
#: What where says instead, and its second derivative; its branches in one order or the other.
OTHERS = {
    "where(x > 0, f(x), 0)": (
        lambda x, y: np.where(x > 0, y, 0.0),
        lambda x: 0 * x,
        0.0,
    ),
    "where(x <= 0, x**2, f(x))": (
        lambda x, y: np.where(x <= 0, x**2, y),
        lambda x: 2 * x,
        2.0,
    ),
}


def open_side(derivative, x):
    """The derivative where x > 0, and 0 elsewhere."""
    full = np.zeros(x.shape)
    full[x > 0] = derivative
    return full


@pytest.mark.one_in(4)
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("instead", OTHERS)
@pytest.mark.parametrize("name", SAFE)
def test_a_branch_that_is_not_taken_has_no_say_in_any_mode_or_order(name, instead):
    """And to pull or push through it warns of nothing."""
    function = SAFE[name]
    chosen, slope, curvature = OTHERS[instead]

    def f(x):
        with np.errstate(all="ignore"):
            return np.sum(chosen(x, function(x)))

    total = lambda x: np.sum(function(x))  # noqa: E731
    for x in POINTS:
        inside = x[x > 0]
        first = open_side(dr.grad(total)(inside), x) + np.where(x > 0, 0, slope(x))
        for gradient in gradients(f, x):
            assert_allclose(first, gradient, rtol=1e-12, atol=1e-14)
        ones = np.ones(x.shape)
        with np.errstate(all="ignore"):
            second = open_side(dr.hvp(total)(inside, ones[x > 0]), x)
            second = second + np.where(x > 0, 0, curvature)
            assert_allclose(second, dr.hvp(f)(x, ones), rtol=1e-9, atol=1e-12)
            for nesting, hessian in second_derivatives(f, x):
                expected, where = np.diag(second), f"{nesting} at {x}"
                assert_allclose(expected, hessian, rtol=1e-9, atol=1e-12, err_msg=where)


def test_masked_assignment_instead_of_where():
    def f(x):
        y = np.zeros_like(x)
        y[x > 0] = np.sqrt(x[x > 0])
        return np.sum(y)

    x = np.array([-1.0, 0.0, 4.0])
    assert_allclose([0, 0, 0.25], dr.grad(f)(x))
    assert_allclose(np.diag([0, 0, -0.25 / 8]), dr.hessian(f)(x))


def test_sqrt_of_a_square_sum_at_zero_with_a_zero_cotangent():
    """A distance matrix has zeros on its diagonal; energies that skip them are finite."""

    def energy(p):
        d = p[:, None, :] - p[None, :, :]
        r = np.sqrt(np.sum(d**2, axis=-1))
        return np.sum(np.triu(r, 1) ** 2) / 2

    p = np.array([[0.0, 0.0], [3.0, 4.0], [1.0, -1.0]])
    expected = 3 * p - p.sum(axis=0)
    for gradient in gradients(energy, p):
        assert_allclose(expected, gradient, atol=1e-14)
    hessian = dr.hessian(energy)(p).reshape(6, 6)
    assert_allclose(np.kron(3 * np.eye(3) - 1, np.eye(2)), hessian, atol=1e-12)


@pytest.mark.parametrize("norm", [np.linalg.norm, lambda d, axis: np.std(d, axis=axis)])
def test_a_distance_of_a_point_from_itself_is_no_kink_of_a_stress(norm):
    """Nothing moves there: its Hessian is right without a mask, though the norm is 0."""
    p = np.array([[0.0, 0.5], [3.0, 4.0], [1.0, -1.0]])

    def stress(p):
        return np.sum((norm(p[:, None] - p, axis=-1) - 1 + np.eye(3)) ** 2)

    def of_pairs(p):
        i, j = np.triu_indices(3, 1)
        return 2 * np.sum((norm(p[i] - p[j], axis=-1) - 1) ** 2)

    assert_allclose(dr.hessian(of_pairs)(p), dr.hessian(stress)(p), atol=1e-12)
    t = np.arange(6.0).reshape(3, 2)
    assert_allclose(dr.hvp(of_pairs)(p, t), dr.hvp(stress)(p, t), atol=1e-12)


@pytest.mark.parametrize("f", [np.linalg.norm, lambda x: np.linalg.norm(x) ** 2, np.std])
def test_the_first_derivative_at_a_kink_stays_zero_inside_a_second_transform(f):
    zero = np.zeros(2)
    (value, gradient), _ = dr.jvp(dr.value_and_grad(f), (zero,), (zero + 1,))
    assert_array_equal([0, 0, 0], [value, *gradient])
    (value, gradient), _ = dr.vjp(dr.value_and_grad(f), zero)
    assert_array_equal([0, 0, 0], [value, *gradient])


def test_what_was_computed_with_a_kink_is_plain_again_outside():
    """Also where it left the inner transform as an auxiliary result, or was compared."""

    def f(x):
        gradient, norm = dr.grad(lambda x: (np.linalg.norm(x), np.linalg.norm(x)), has_aux=True)(x)
        return norm + (np.sum(gradient) if norm < 1 else 0.0)

    x = np.zeros(2)
    assert dr.vjp(f, x)[0] == 0
    assert type(dr.vjp(f, x, has_aux=False)[0]) is np.float64
    assert dr.jvp(lambda x: dr.stop_gradient(f(x)), (x,), (x,))[0] == 0


def test_infinite_primal_with_zero_tangent_stays_without_nan():
    """A constant infinity beside a variable, as bounds have it."""
    bounds = np.array([np.inf, 1.0])
    f = lambda x: np.sum(np.minimum(x, bounds))  # noqa: E731
    for gradient in gradients(f, [0.5, 2.0]):
        assert_array_equal([1.0, 0.0], gradient)


def test_cotangent_that_is_not_zero_keeps_the_infinity():
    """Guarding hides nothing: sqrt at 0 with weight 1 is infinite."""
    with np.errstate(all="ignore"):
        assert_array_equal(
            [np.inf, 0.25], dr.grad(lambda x: np.sum(np.sqrt(x)))(np.array([0.0, 4.0]))
        )


REPEATED = [np.eye(3), np.diag([1.0, 1.0, 2.0])]


@pytest.mark.parametrize("a", REPEATED)
def test_smooth_function_of_repeated_eigenvalues(a):
    """trace exp(a) from the eigenvalues has the gradient exp(a), also at the identity."""

    def f(a):
        return np.sum(np.exp(np.linalg.eigh((a + a.T) / 2)[0]))

    expected = np.diag(np.exp(np.diag(a)))
    for gradient in gradients(f, a):
        assert_allclose(expected, gradient, atol=1e-12)


@pytest.mark.parametrize("a", REPEATED)
def test_trace_of_a_matrix_function_with_repeated_eigenvalues(a):
    """With the eigenvectors reverse mode is right; forward mode says nan where it cannot know.

    One basis of an eigenspace does not tell how another one would move.
    """

    def f(a):
        w, v = np.linalg.eigh((a + a.T) / 2)
        return np.trace((v * np.exp(w)) @ v.T)

    expected = np.diag(np.exp(np.diag(a)))
    assert_allclose(expected, dr.grad(f)(a), atol=1e-12)
    with np.errstate(invalid="ignore"):
        forward = dr.jacobian(f, mode="forward")(a)
    determined = ~np.isnan(forward)
    assert_allclose(expected[determined], forward[determined], atol=1e-12)
    assert determined[2, 2]


# ------------------------------------------------------------------------------------ the page


def test_the_page_is_the_table():
    """Where this fails: python -m tests.edge_values"""
    assert page() == PAGE.read_text(encoding="utf-8")
