"""Conventions where a function has no single derivative, and guarded singular points.

Equal maxima share equally, abs'(0) = norm'(0) = 0, and a branch that is not taken has no say.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr


def gradients(f, x):
    """By every product of modes: reverse, forward column by column."""
    x = np.asarray(x, float)
    yield dr.grad(f)(x)
    columns = [dr.jvp(f, (x,), (t.reshape(x.shape)[()],))[1] for t in np.eye(x.size)]
    yield np.reshape(columns, x.shape)
    yield dr.jacobian(f, mode="reverse")(x)
    yield dr.jacobian(f, mode="forward")(x)


def hessians(f, x):
    """By all four products of modes."""
    x = np.asarray(x, float)
    for inner in ("forward", "reverse"):
        for outer in ("forward", "reverse"):
            yield dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(x)
    yield dr.hessian(f)(x)


# ------------------------------------------------------------------------------------- kinks

HALF = 0.5
KINKS = {
    "abs": (lambda x: np.sum(np.abs(x)), [0.0, 1.0, -2.0], [0, 1, -1]),
    "operator abs": (lambda x: abs(x), 0.0, 0),
    "fabs": (lambda x: np.sum(np.fabs(x)), [0.0, 1.0], [0, 1]),
    "max": (np.max, [1.0, 3.0, 3.0, 2.0], [0, HALF, HALF, 0]),
    "min": (np.min, [1.0, 1.0, 3.0, 1.0], [1 / 3, 1 / 3, 0, 1 / 3]),
    "method max": (lambda x: x.max(), [2.0, 2.0], [HALF, HALF]),
    "max over an axis": (
        lambda x: np.sum(np.max(x, axis=0)),
        [[1.0, 2.0], [1.0, 0.0]],
        [[HALF, 1], [HALF, 0]],
    ),
    "maximum": (lambda x: np.maximum(x[0], x[1]), [2.0, 2.0], [HALF, HALF]),
    "minimum": (lambda x: np.minimum(x[0], x[1]), [2.0, 2.0], [HALF, HALF]),
    "fmax": (lambda x: np.fmax(x[0], x[1]), [2.0, 2.0], [HALF, HALF]),
    "relu": (lambda x: np.sum(np.maximum(x, 0.0)), [0.0, -1.0, 2.0], [HALF, 0, 1]),
    "ptp": (np.ptp, [1.0, 1.0, 3.0], [-HALF, -HALF, 1]),
    "norm": (np.linalg.norm, [0.0, 0.0], [0, 0]),
    "norm over an axis": (
        lambda x: np.sum(np.linalg.norm(x, axis=1)),
        [[0.0, 0.0], [3.0, 4.0]],
        [[0, 0], [0.6, 0.8]],
    ),
    "norm of a matrix": (np.linalg.norm, [[0.0, 0.0], [0.0, 0.0]], [[0, 0], [0, 0]]),
    "1-norm": (lambda x: np.linalg.norm(x, 1), [0.0, -2.0], [0, -1]),
    "max-norm": (lambda x: np.linalg.norm(x, np.inf), [2.0, -2.0], [HALF, -HALF]),
    "hypot": (lambda x: np.hypot(x[0], x[1]), [0.0, 0.0], [0, 0]),
    "std of equal numbers": (np.std, [1.0, 1.0, 1.0], [0, 0, 0]),
    "var of equal numbers": (np.var, [1.0, 1.0, 1.0], [0, 0, 0]),
    "sign": (lambda x: np.sum(np.sign(x)), [0.0, 1.0], [0, 0]),
    "floor": (lambda x: np.sum(np.floor(x)), [1.0, 1.5], [0, 0]),
    "heaviside": (lambda x: np.sum(np.heaviside(x, 0.5)), [0.0, 1.0], [0, 0]),
    "sort sum": (lambda x: np.sum(np.sort(x)), [2.0, 1.0, 2.0], [1, 1, 1]),
    "median of equal numbers": (np.median, [1.0, 1.0], [HALF, HALF]),
    "clip inside": (lambda x: np.sum(np.clip(x, -1.0, 1.0)), [0.5, 2.0, -2.0], [1, 0, 0]),
    "x**0": (lambda x: np.sum(x**0), [0.0, 2.0, -1.0], [0, 0, 0]),
    "x**0.0": (lambda x: np.sum(x**0.0), [0.0, 2.0, -1.0], [0, 0, 0]),
    "x**1 at 0": (lambda x: np.sum(x**1), [0.0, 2.0], [1, 1]),
    "x**2 at 0": (lambda x: np.sum(x**2), [0.0, -2.0], [0, -4]),
    "x**2.0 at 0": (lambda x: np.sum(x**2.0), [0.0, -2.0], [0, -4]),
    "x**3 below 0": (lambda x: np.sum(x**3), [0.0, -2.0], [0, 12]),
    "x**1.5 at 0": (lambda x: np.sum(x**1.5), [0.0, 4.0], [0, 3]),
    "x**n of arrays": (lambda x: np.sum(x ** np.array([0, 1, 2])), [0.0, 0.0, 0.0], [0, 1, 0]),
    "power": (lambda x: np.sum(np.power(x, [0, 1, 2])), [0.0, 0.0, 0.0], [0, 1, 0]),
    "float_power": (lambda x: np.sum(np.float_power(x, [0, 1, 2])), [0.0] * 3, [0, 1, 0]),
    "0**p": (lambda p: np.sum(0.0**p), [1.0, 2.0, 0.5], [0, 0, 0]),
    "1**p": (lambda p: np.sum(1.0**p), [0.0, 2.0], [0, 0]),
    "x**y at (0, 2)": (lambda x: x[0] ** x[1], [0.0, 2.0], [0, 0]),
    "x * x at 0": (lambda x: np.sqrt(x[0] * x[0] + 1), [0.0], [0]),
    "sinc at 0": (np.sinc, 0.0, 0),
    "prod with one zero": (np.prod, [0.0, 2.0, 3.0], [6, 0, 0]),
    "prod with two zeros": (np.prod, [0.0, 0.0, 3.0], [0, 0, 0]),
    "cumprod with a zero": (lambda x: np.sum(np.cumprod(x)), [2.0, 0.0, 3.0], [1, 8, 0]),
    "logaddexp at equal": (lambda x: np.logaddexp(x[0], x[1]), [1.0, 1.0], [HALF, HALF]),
    "logaddexp at -inf": (lambda x: np.logaddexp(x[0], -np.inf), [1.0], [1]),
    "arctan2 at (0, 1)": (lambda x: np.arctan2(x[0], x[1]), [0.0, 1.0], [1, 0]),
    "modulo below the jump": (lambda x: np.sum(x % 2.0), [0.5, 3.5], [1, 1]),
}


@pytest.mark.parametrize("name", KINKS)
def test_gradient_at_a_kink_is_the_convention(name):
    f, x, expected = KINKS[name]
    for gradient in gradients(f, x):
        assert_allclose(expected, gradient, atol=1e-15)


SMOOTH_AT_SECOND_ORDER = {
    "x**2 at 0": (lambda x: np.sum(x**2), [0.0, 1.0], np.diag([2.0, 2.0])),
    "x**2.0 at 0": (lambda x: np.sum(x**2.0), [0.0, 1.0], np.diag([2.0, 2.0])),
    "x**1 at 0": (lambda x: np.sum(x**1), [0.0, 1.0], np.zeros((2, 2))),
    "x**0 at 0": (lambda x: np.sum(x**0), [0.0, 1.0], np.zeros((2, 2))),
    "x**3 at 0": (lambda x: np.sum(x**3), [0.0, 1.0], np.diag([0.0, 6.0])),
    "x**n of arrays": (
        lambda x: np.sum(x ** np.array([0, 1, 2, 3])),
        [0.0] * 4,
        np.diag([0.0, 0, 2, 0]),
    ),
    "abs away": (lambda x: np.sum(np.abs(x)), [-2.0, 1.0], np.zeros((2, 2))),
    "x * abs(x) away": (lambda x: np.sum(x * np.abs(x)), [1.0, -1.0], np.diag([2.0, -2.0])),
    "prod with one zero": (np.prod, [0.0, 2.0, 3.0], [[0, 3, 2], [3, 0, 0], [2, 0, 0]]),
    "prod with two zeros": (np.prod, [0.0, 0.0, 3.0], [[0, 3, 0], [3, 0, 0], [0, 0, 0]]),
    "norm squared at 0": (lambda x: np.linalg.norm(x) ** 2 / 2, [3.0, 4.0], np.eye(2)),
    "dot at 0": (lambda x: x @ x / 2, [0.0, 0.0], np.eye(2)),
    "sinc at 0": (lambda x: np.sum(np.sinc(x / np.pi)), [0.0], [[-1 / 3]]),
    "var of equal numbers": (
        np.var,
        [1.0, 1.0],
        np.array([[0.5, -0.5], [-0.5, 0.5]]),
    ),
    "max without tie": (lambda x: np.max(x) ** 2, [1.0, 3.0], np.diag([0.0, 2.0])),
    "1 / (1 + x**2) at 0": (lambda x: np.sum(1 / (1 + x**2)), [0.0], [[-2.0]]),
}


@pytest.mark.parametrize("name", SMOOTH_AT_SECOND_ORDER)
def test_hessian_is_right_where_it_exists(name):
    f, x, expected = SMOOTH_AT_SECOND_ORDER[name]
    for hessian in hessians(f, x):
        assert_allclose(expected, hessian, atol=1e-12)


# --------------------------------------------------------------------- infinite where it is so


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (np.sqrt, 0.0, np.inf),
        (np.log, 0.0, np.inf),
        (np.cbrt, 0.0, np.inf),
        (np.arcsin, 1.0, np.inf),
        (np.arctanh, 1.0, np.inf),
        (np.reciprocal, np.inf, 0.0),
        (np.exp, -np.inf, 0.0),
        (np.tanh, np.inf, 0.0),
    ],
)
def test_derivative_is_infinite_where_it_is_infinite(f, x, expected):
    with np.errstate(all="ignore"):
        assert dr.grad(f)(x) == expected
        assert dr.derivative(f)(x) == expected


# ------------------------------------------------------------------------------ guarded points

X = np.array([-1.0, 0.0, 4.0])
GUARDED = {
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x), lambda x: -0.25 * x**-1.5),
    "log": (np.log, lambda x: 1 / x, lambda x: -1 / x**2),
    "log1p of x - 1": (lambda x: np.log1p(x - 1), lambda x: 1 / x, lambda x: -1 / x**2),
    "log2": (np.log2, lambda x: 1 / x / np.log(2), lambda x: -1 / x**2 / np.log(2)),
    "log10": (np.log10, lambda x: 1 / x / np.log(10), lambda x: -1 / x**2 / np.log(10)),
    "1 / x": (lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3),
    "reciprocal": (np.reciprocal, lambda x: -1 / x**2, lambda x: 2 / x**3),
    "x**-2": (lambda x: x**-2.0, lambda x: -2 * x**-3, lambda x: 6 * x**-4),
    "x**0.5": (lambda x: x**0.5, lambda x: 0.5 / np.sqrt(x), lambda x: -0.25 * x**-1.5),
    "x**0.3": (lambda x: x**0.3, lambda x: 0.3 * x**-0.7, lambda x: -0.21 * x**-1.7),
    "x**1.5": (lambda x: x**1.5, lambda x: 1.5 * np.sqrt(x), lambda x: 0.75 / np.sqrt(x)),
    "x sqrt(x)": (
        lambda x: x * np.sqrt(x),
        lambda x: 1.5 * np.sqrt(x),
        lambda x: 0.75 / np.sqrt(x),
    ),
    "x log(x)": (lambda x: x * np.log(x), lambda x: np.log(x) + 1, lambda x: 1 / x),
    "sqrt of sqrt": (
        lambda x: np.sqrt(np.sqrt(x)),
        lambda x: 0.25 * x**-0.75,
        lambda x: -0.1875 * x**-1.75,
    ),
    "x**x": (
        lambda x: x**x,
        lambda x: x**x * (np.log(x) + 1),
        lambda x: x**x * ((np.log(x) + 1) ** 2 + 1 / x),
    ),
    "cbrt": (np.cbrt, lambda x: x ** (-2 / 3) / 3, lambda x: -2 / 9 * x ** (-5 / 3)),
    "arccosh of 1 + x": (
        lambda x: np.arccosh(1 + x),
        lambda x: 1 / np.sqrt(x * (x + 2)),
        lambda x: -(x + 1) / (x * (x + 2)) ** 1.5,
    ),
    "exp(-1 / x)": (
        lambda x: np.exp(-1 / x),
        lambda x: np.exp(-1 / x) / x**2,
        lambda x: np.exp(-1 / x) * (1 / x**4 - 2 / x**3),
    ),
    "arcsin of 1 / (1 + x)": (
        lambda x: np.arcsin(1 / (1 + x)),
        lambda x: -1 / ((1 + x) * np.sqrt(x * (x + 2))),
        lambda x: (2 * (1 + x) ** 2 - 1) / ((1 + x) ** 2 * (x * (x + 2)) ** 1.5),
    ),
    "x / x": (lambda x: x / x, lambda x: 0 * x, lambda x: 0 * x),
    "norm": (
        lambda x: np.linalg.norm(np.stack([x, 2 * x]), axis=0),
        lambda x: np.sqrt(5) + 0 * x,
        lambda x: 0 * x,
    ),
}


def guarded(name):
    function = GUARDED[name][0]

    def f(x):
        with np.errstate(all="ignore"):
            return np.sum(np.where(x > 0, function(x), 0.0))

    return f


# A negative number makes nan, zero an infinity: each has to be guarded without the other.
POINTS = [np.array([-1.0, 0.0, 4.0]), np.array([0.0, 4.0]), np.array([-1.0, 4.0]), np.array([0.0])]


def on_open(function, x):
    """The closed form where x > 0, and 0 elsewhere."""
    full = np.zeros(x.shape)
    full[x > 0] = function(x[x > 0])
    return full


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("x", POINTS, ids=str)
@pytest.mark.parametrize("name", GUARDED)
def test_branch_that_is_not_taken_has_no_derivative(name, x):
    """np.where(x > 0, f(x), 0), in both modes, and no warning of the sweep."""
    expected = on_open(GUARDED[name][1], x)
    f = guarded(name)
    assert_allclose(expected, dr.grad(f)(x), rtol=1e-12)
    assert_allclose(expected, dr.jacobian(f, mode="forward")(x), rtol=1e-12)
    columns = [dr.jvp(f, (x,), (t,))[1] for t in np.eye(len(x))]
    assert_allclose(expected, columns, rtol=1e-12)


@pytest.mark.parametrize("outer", ["forward", "reverse"])
@pytest.mark.parametrize("inner", ["forward", "reverse"])
@pytest.mark.parametrize("x", POINTS, ids=str)
@pytest.mark.parametrize("name", GUARDED)
def test_branch_that_is_not_taken_has_no_second_derivative(name, x, inner, outer):
    expected = np.diag(on_open(GUARDED[name][2], x))
    f = guarded(name)
    with np.errstate(all="ignore"):
        ans = dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(x)
    assert_allclose(expected, ans, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("x", POINTS, ids=str)
@pytest.mark.parametrize("name", GUARDED)
def test_branch_that_is_not_taken_has_no_hessian_product(name, x):
    expected = on_open(GUARDED[name][2], x)
    with np.errstate(all="ignore"):
        ans = dr.hvp(guarded(name))(x, np.ones(len(x)))
    assert_allclose(expected, ans, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", GUARDED)
def test_branch_that_is_taken_has_the_say_at_the_singular_point(name):
    """np.where(x > 0, f(x), x**2) at 0 has the derivatives of x**2."""
    function = GUARDED[name][0]

    def f(x):
        with np.errstate(all="ignore"):
            y = function(x * np.ones(1))
            return np.sum(np.where(x > 0, y, x**2))

    with np.errstate(all="ignore"):
        assert dr.grad(f)(0.0) == 0.0
        assert dr.derivative(f)(0.0) == 0.0
        assert dr.hessian(f)(0.0) == 2.0


def test_masked_assignment_instead_of_where():
    def f(x):
        y = np.zeros_like(x)
        y[x > 0] = np.sqrt(x[x > 0])
        return np.sum(y)

    assert_allclose([0, 0, 0.25], dr.grad(f)(X))
    assert_allclose(np.diag([0, 0, -0.25 / 8]), dr.hessian(f)(X))


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
