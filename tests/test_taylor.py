"""Power series: every coefficient is that of nested dual numbers, of mpmath, or known."""

import itertools
import math
import pickle
import warnings

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special

import dualrev as dr
from tests.cases import all_cases, once
from tests.edge_values import CHAPTERS
from tests.rows import by_lot, each_row
from tests.test_laws import outputs_of, random_like

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

CASES = [case for case in once(all_cases()) if case.order >= 2]
EDGES = [
    edge for edges in CHAPTERS.values() for edge in edges if not isinstance(edge.gradient, type)
]


def nested(f, order):
    """Taylor coefficients of a function of a number, by dual numbers in dual numbers."""
    for _ in range(order):
        f = (lambda f: lambda t: dr.jvp(f, (t,), (1.0,)))(f)
    pairs = f(np.float64(0.0))
    coefficients = []
    for k in range(order + 1):
        derivative = pairs
        for i in range(order):
            derivative = derivative[i >= order - k]  # the first by the innermost
        coefficients.append(np.asarray(derivative) / math.factorial(k))
    return coefficients


def assert_same(expected, found, rtol):
    """nan and what is infinite may change places."""
    for a, b in zip(expected, found, strict=True):
        wild = ~np.isfinite(a) & ~np.isfinite(b)
        scale = np.max(np.abs(a[np.isfinite(a)]), initial=1e-3)
        assert_allclose(np.where(wild, 0, a), np.where(wild, 0, b), rtol=0, atol=rtol * scale)


def check_case(case, order, rng):
    f = outputs_of(case)
    vs = tuple(0.3 * random_like(rng, x) for x in case.args)
    found = dr.taylor(lambda args: f(*args), case.args, vs, order)
    expected = nested(lambda t: f(*(x + t * v for x, v in zip(case.args, vs))), order)
    assert_same(map(np.asarray, expected), found, 1e-9)


@each_row(CASES, turn=1, of=2)
def test_series_are_those_of_nested_duals(case):
    check_case(case, 2, np.random.default_rng(20080612))


# Nested duals of one order more take several times as long.
@pytest.mark.one_in(4)
@each_row(CASES, of=2)
def test_third_coefficients_are_those_of_nested_duals(case):
    check_case(case, 3, np.random.default_rng(20080612))


@pytest.mark.one_in(4)
@pytest.mark.parametrize("edge", EDGES, ids=str)
def test_at_kinks_and_singular_points_too(edge, rng):
    """Along directions and a curve; nan stays where nested duals have forgotten one."""
    x = np.asarray(edge.x, float)[()]
    v, w = rng.standard_normal((2, *x.shape))
    zero = np.zeros_like(x)
    unit = np.eye(x.size)[0].reshape(x.shape)
    for first, second in by_lot(edge, ((v, zero), (zero, zero), (v, w), (unit, zero)), 2):
        found = dr.taylor(edge.f, x, np.stack([first, second]), 3)
        expected = nested(lambda t: edge.f(x + first[()] * t + second[()] * (t * t)), 3)
        defined = next((k for k, c in enumerate(expected) if np.isnan(c).any()), 3) + 1
        # Behind an infinite coefficient none exists: nan is as right there as what nested duals say.
        infinite = next((k for k, c in enumerate(expected) if np.isinf(c).any()), 3)
        for k in range(infinite + 1, defined):
            found[k] = np.where(np.isnan(found[k]), expected[k], found[k])
        assert_same(expected[:defined], found[:defined], 1e-9)


# ------------------------------------------------------------------------------- numbers

NUMBERS = {
    "exp of sin": (lambda x: np.exp(np.sin(x)), lambda x: mpmath.exp(mpmath.sin(x)), 0.7),
    "tan": (np.tan, mpmath.tan, 0.7),
    "log": (np.log, mpmath.log, 0.7),
    "sqrt": (np.sqrt, mpmath.sqrt, 0.7),
    "tanh": (np.tanh, mpmath.tanh, 0.7),
    "arctan": (np.arctan, mpmath.atan, 0.7),
    "arcsin": (np.arcsin, mpmath.asin, 0.3),
    "power": (lambda x: x**2.5, lambda x: x**2.5, 1.7),
    "cube": (lambda x: x**3, lambda x: x**3, -1.7),
    "cube at 0": (lambda x: x**3, lambda x: x**3, 0.0),
    "exponent": (lambda x: x**x, lambda x: x**x, 1.7),
    "reciprocal": (lambda x: 1 / x, lambda x: 1 / x, 1.7),
    "erf": (special.erf, mpmath.erf, 0.7),
    "j0": (special.j0, lambda x: mpmath.besselj(0, x), 1.7),
    "i1": (special.i1, lambda x: mpmath.besseli(1, x), 1.7),
    "expit": (special.expit, lambda x: 1 / (1 + mpmath.exp(-x)), 0.4),
    "lambertw": (lambda x: special.lambertw(x).real, mpmath.lambertw, 0.4),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_coefficients_of_a_number_are_those_of_mpmath(name):
    f, exact, x = NUMBERS[name]
    with mpmath.workdps(50):
        expected = np.array([float(c) for c in mpmath.taylor(exact, mpmath.mpf(x), 30)])
    scale = np.abs(expected) + 1e-300
    for order in 10, 30:
        difference = dr.taylor(f, x, 1.0, order) - expected[: order + 1]
        assert np.max(np.abs(difference) / scale[: order + 1]) < 1e-12


@pytest.mark.parametrize("order", [10, 30, 150])
def test_coefficients_of_the_logarithm_of_gamma(order):
    with mpmath.workdps(40):
        slopes = (mpmath.psi(k, 1.7) / mpmath.factorial(k + 1) for k in range(order))
        expected = [float(c) for c in (mpmath.loggamma(1.7), *slopes)]
    assert_allclose(expected, dr.taylor(special.gammaln, 1.7, 1.0, order), rtol=1e-13)


def test_inverse_and_determinant_of_a_line_of_matrices(rng):
    a, b = rng.standard_normal((2, 4, 4)) + 4 * np.eye(4)
    found = dr.taylor(lambda a: (np.linalg.inv(a), np.linalg.det(a)), a, b, 8)
    inverse = np.linalg.inv(a)
    term = inverse
    for c in found[0]:
        assert_allclose(term, c, rtol=1e-10, atol=1e-14)
        term = -term @ b @ inverse
    assert_allclose(np.poly(-inverse @ b) * np.linalg.det(a), found[1][:5], rtol=1e-11)
    assert_allclose(0, found[1][5:], atol=1e-9)


# ------------------------------------------------------------------------------- programs


def written(x):
    y = np.zeros_like(x)
    y[:2] = x[1:] * x[0]
    y[1] -= 2 * np.sin(x[0])
    y *= x
    z = y[::-1]
    z[0] = y[1] ** 2
    return y


def masked(x):
    y = np.sin(x)
    y[x > 0] *= x[0]
    return y


def kept(x):
    """A tangent that passes through must not be written with what it came from."""
    y = x * x
    y[0] = x[1]
    z = y + 1.0
    y[1] = 0.0
    return np.stack([y, z])


PROGRAMS = {
    "writes": written,
    "writes under a mask": masked,
    "what was before a write": kept,
    "sorted": lambda x: np.sort(x) ** 2 * np.maximum(x, 0.3),
    "masked": lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), x**2),
    "not a number elsewhere": lambda x: np.where(x > 0, np.log(x), x**2),
    "contracted": lambda x: np.einsum("i,ij,j->", x, np.outer(x, np.sin(x)), np.cos(x)),
    "a gradient": lambda x: dr.grad(lambda z: np.sum(np.sin(z) ** 3))(x),
    "a curvature": lambda x: dr.hvp(lambda z: np.prod(np.sin(z)))(x, x * x),
    "a Jacobian": lambda x: dr.jacobian(lambda z: np.sin(z) * z[0])(x),
    "a batch": lambda x: dr.vmap(lambda z: np.sin(z) * x)(np.stack([x, 2 * x])),
    "a fit": lambda x: np.polyfit(np.arange(3.0), np.sin(x), 1),
    "series": lambda x: dr.taylor(lambda z: np.exp(np.sin(z)) * z, x, x**2, 3),
    "complex": lambda x: np.abs(np.fft.fft(np.exp(1j * x) * np.conj(x * (1 + 2j)))),
}
X, V = np.array([0.4, -0.3, 0.9]), np.array([1.0, 0.5, -2.0])


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name):
    f = PROGRAMS[name]
    assert_same(nested(lambda t: f(X + t * V), 4), dr.taylor(f, X, V, 4), 1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_coefficients_are_differentiated_in_both_modes(name):
    """The slope of coefficient k along v is k + 1 times coefficient k + 1."""

    def f(x):
        result = PROGRAMS[name](x)
        return np.sum(result * np.cos(np.arange(result.size).reshape(result.shape)))

    expected = np.arange(1, 5) * dr.taylor(f, X, V, 4)[1:]
    series = lambda x: dr.taylor(f, x, V, 3)  # noqa: E731
    assert_allclose(expected, dr.jvp(series, (X,), (V,))[1], rtol=1e-10, atol=1e-12)
    assert_allclose(expected, dr.jacobian(series, mode="reverse")(X) @ V, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_series_of_a_batch_and_a_batch_of_series(name):
    f = PROGRAMS[name]
    xs = np.stack([X, X + 0.1, X * 1.1])
    expected = [dr.taylor(f, x, V, 3) for x in xs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dr.PerformanceWarning)
        assert_same(expected, dr.vmap(lambda x: dr.taylor(f, x, V, 3))(xs), 1e-11)
        found = dr.taylor(dr.vmap(f), xs, np.broadcast_to(V, xs.shape), 3)
    assert_same(np.stack(expected, axis=1), found, 1e-11)


ALONG = {
    "forward": lambda f: lambda x: dr.jvp(f, (x,), (V,))[1],
    "reverse": lambda f: lambda x: dr.grad(f)(x) @ V,
    "series": lambda f: lambda x: dr.taylor(f, x, V, 2)[1],
    "batch": lambda f: lambda x: dr.vmap(ALONG["forward"](f))(np.stack([2 * x, x]))[1],
}


@pytest.mark.one_in(2)
@pytest.mark.parametrize("modes", [*itertools.product(ALONG, repeat=3)], ids="-".join)
def test_all_products_of_the_modes_agree(modes):
    f = lambda x: np.sum(written(x) * np.sin(x)) ** 2 + np.linalg.norm(x) * np.max(x)  # noqa: E731
    expected = 6 * dr.taylor(f, X, V, 3)[3]
    for mode in modes:
        f = ALONG[mode](f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dr.PerformanceWarning)
        assert_allclose(expected, f(X), rtol=1e-10)


def test_a_series_of_series_is_the_series_in_two_directions():
    f = PROGRAMS["contracted"]
    w = np.array([0.2, 1.0, -0.7])
    found = dr.taylor(lambda x: dr.taylor(f, x, V, 2), X, w, 2)
    mixed = dr.taylor(
        lambda ts: f(X + ts[0] * w + ts[1] * V), np.zeros(2), np.array([1.0, 1e-2]), 2
    )
    by_second = [dr.taylor(lambda t: f(X + s * w + t * V), 0.0, 1.0, 2) for s in (0.0,)]
    assert_allclose(by_second[0], found[0], rtol=1e-12)
    assert_allclose(mixed[2], found[2, 0] + 1e-2 * found[1, 1] + 1e-4 * found[0, 2], rtol=1e-12)


def test_a_curve_is_composed():
    curve = np.array([0.5, -0.2, 0.3])
    expected = nested(lambda t: np.sin(0.4 + 0.5 * t - 0.2 * t**2 + 0.3 * t**3), 5)
    assert_same(expected, dr.taylor(np.sin, 0.4, curve, 5), 1e-12)
    assert_same(expected[:3], dr.taylor(np.sin, 0.4, curve, 2), 1e-12)


def test_arguments_and_results_are_structures():
    f = lambda p: {"a": p["u"] * p["w"], "b": [np.sum(p["w"]), 2.0, np.argmax(p["w"])]}  # noqa: E731
    x = {"u": 2.0, "w": np.array([1.0, 3.0])}
    v = {"u": np.array([1.0, 0.5]), "w": np.ones(2)}
    found = dr.taylor(f, x, v, 2)
    assert_array_equal([[2, 6], [3, 5], [1.5, 2.5]], found["a"])
    assert_array_equal([[4, 2, 1], [2, 0, 0], [0, 0, 0]], np.transpose(found["b"]))


@pytest.mark.parametrize("dtype", "fFdD")
def test_coefficients_keep_the_dtype(dtype):
    f = lambda x: np.exp(np.sin(x)) / (2 + x**2) @ x  # noqa: E731
    x = np.array([0.3, 0.7])
    found = dr.taylor(f, x.astype(dtype), np.ones(2), 4)
    assert found.dtype == dtype
    assert_same(dr.taylor(f, x, np.ones(2), 4), found, 1e-12 if dtype in "dD" else 1e-5)


@pytest.mark.parametrize("shape", [(0,), (1,), (2, 0), ()])
def test_empty_arrays_and_numbers(shape):
    x = np.full(shape, 0.3)[()]
    f = lambda x: np.sum(np.tanh(x) ** 3 / (1 + x), axis=0) if np.ndim(x) else np.tanh(x)  # noqa: E731
    assert_same(nested(lambda t: f(x + t), 3), dr.taylor(f, x, np.ones(shape), 3), 1e-12)


def test_order_0_is_the_value_and_order_1_the_push():
    f = PROGRAMS["writes"]
    assert_array_equal(f(X)[None], dr.taylor(f, X, V, 0))
    assert_array_equal(np.stack(dr.jvp(f, (X,), (V,))), dr.taylor(f, X, V, 1))


def test_a_zero_hides_what_is_infinite_in_every_order():
    x = np.array([0.0, 4.0])
    f = lambda x: np.where(x > 0, np.sqrt(x) * np.log(x), 0.0)  # noqa: E731
    found = dr.taylor(f, x, np.ones(2), 5)
    assert_array_equal(0, found[:, 0])
    assert_same(dr.taylor(f, 4.0, 1.0, 5), found[:, 1], 1e-13)
    assert_array_equal(0, dr.taylor(lambda x: x**1.5, 0.0, 0.0, 5))
    assert_array_equal([0, 0, np.inf], dr.taylor(lambda x: x**1.5, 0.0, 1.0, 2))


def test_a_long_loop_needs_no_recursion():
    def f(x):
        for _ in range(3000):
            x = x + 1e-3 * np.sin(x)
        return x

    found = dr.taylor(f, 1.0, 1.0, 2)
    assert_allclose(dr.jvp(f, (1.0,), (1.0,)), found[:2], rtol=1e-12)
    assert_allclose(dr.taylor_ode(f, 1.0, 2)[2], found[0] * found[1] / 2, rtol=1e-12)


def test_a_series_that_escapes_says_so():
    kept = []

    def jvp(tangents, ans, x):
        kept.append(x)
        return 3 * x**2 * tangents[0]

    f = dr.rule(lambda x: x**3, jvp=jvp, vjp=lambda ct, wanted, ans, x: (3 * x**2 * ct,))
    dr.taylor(f, 2.0, 1.0, 3)
    with pytest.raises(dr.EscapedTracerError):
        dr.taylor(lambda x: kept[-1] * x, 2.0, 1.0, 3)


# ------------------------------------------------------------------------------- operators


def of_three(x):
    return np.sin(x[0] * x[1]) * np.exp(x[2] * x[0]) + np.array([1.0, 2.0]) * x[1] ** 3 * x[2]


def test_derivatives_are_all_orders_of_a_function_of_one_number():
    c, s = np.cos(0.3), np.sin(0.3)
    assert_allclose([s, c, -s, -c, s], dr.derivatives(np.sin, 4)(0.3), rtol=1e-15)
    found = dr.derivatives(lambda y, x: {"a": x**3 * y}, 2, argnums=1)(np.ones(2), x := 2.0)
    assert_array_equal([[8, 8], [12, 12], [12, 12]], found["a"])
    assert_array_equal([x], dr.derivatives(lambda x: x, 0)(x))
    again = pickle.loads(pickle.dumps(dr.derivatives(np.tanh, 3)))
    assert_array_equal(dr.derivatives(np.tanh, 3)(0.2), again(0.2))


@pytest.mark.parametrize("orders", [(0, 0, 0), (1, 1, 1), (2, 1, 0), (0, 0, 4), (2, 2, 1)])
def test_partial_is_the_nested_derivative(orders):
    x = np.array([0.3, 0.7, -0.4])
    f = of_three
    for unit, n in zip(np.eye(3), orders):
        for _ in range(n):
            f = (lambda f, unit: lambda x: dr.jvp(f, (x,), (unit,))[1])(f, unit)
    assert_allclose(f(x), dr.partial(of_three, orders)(x), rtol=1e-12)
    numbers = dr.partial(lambda *xs: of_three(np.array(xs)), orders)(*x)
    assert_allclose(f(x), numbers, rtol=1e-12)


def test_partial_takes_arrays_and_numbers():
    f = lambda y, a: np.sum(a**2 * a.T) * y  # noqa: E731
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert_allclose(2 * 5.0, dr.partial(f, [[0, 2], [1, 0]], argnums=1)(5.0, a))
    assert dr.partial(np.sin, (2,))(0.0) == 0
    assert_array_equal(dr.partial(np.sin, 1)(0.0), 1)


@pytest.mark.parametrize("k", range(5))
def test_derivative_tensor_is_that_of_nested_jacobians(k):
    x = np.array([0.3, 0.7, -0.4])
    f = of_three
    for _ in range(k):
        f = dr.jacobian(f)
    assert_allclose(f(x), dr.derivative_tensor(of_three, k)(x), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("k", range(4))
def test_derivative_tensor_of_no_elements_has_its_shape(k):
    assert dr.derivative_tensor(lambda x: np.sum(x**3), k)(np.ones(0)).shape == (0,) * k
    shape = (2, 0) + (0, 1) * k
    assert (
        dr.derivative_tensor(lambda x: np.zeros((2, 1)) * x[:, 0], k)(np.ones((0, 1))).shape
        == shape
    )


def test_derivative_tensor_of_a_matrix_and_its_gradient():
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    f = lambda a: np.sum(np.sin(a) @ a)  # noqa: E731
    assert_allclose(dr.hessian(f)(a), dr.derivative_tensor(f, 2)(a), atol=1e-14)
    total = lambda a: np.sum(dr.derivative_tensor(f, 2)(a) ** 2)  # noqa: E731
    expected = dr.grad(lambda a: np.sum(dr.hessian(f)(a) ** 2))(a)
    assert_allclose(expected, dr.grad(total)(a), rtol=1e-12)


MANY = {
    "derivatives": (dr.derivatives, lambda x: np.sin(x) * np.exp(2 * x), (3,), 0.3),
    "partial": (dr.partial, of_three, ((2, 1, 1),), np.array([0.3, 0.7, -0.4])),
    "derivative_tensor": (dr.derivative_tensor, of_three, (3,), np.array([0.3, 0.7, -0.4])),
    "bilaplacian": (
        dr.bilaplacian,
        lambda x: np.sum(of_three(x)),
        (),
        np.array([0.3, 0.7, -0.4]),
    ),
}


@pytest.mark.parametrize("name", MANY)
def test_aux_comes_beside_many_derivatives_as_a_plain_array(name):
    operator, f, order, x = MANY[name]
    given = lambda x: (f(x), {"seen": 2 * x})  # noqa: E731
    answer, aux = operator(given, *order, has_aux=True)(x)
    assert_array_equal(operator(f, *order)(x), answer)
    assert_array_equal(2 * x, aux["seen"])
    assert isinstance(aux["seen"], np.ndarray | np.float64)


def test_aux_comes_beside_a_partial_by_several_numbers():
    found = dr.partial(lambda x, y: (x**2 * y**3, "aux"), (1, 2), has_aux=True)(1.0, 2.0)
    assert found == (24.0, "aux")


@pytest.mark.parametrize("name", ["partial", "derivative_tensor", "bilaplacian"])
@pytest.mark.parametrize("chunk_size", [1, 4, 100])
def test_directions_in_chunks_are_the_whole(name, chunk_size):
    operator, f, order, x = MANY[name]
    whole = operator(f, *order)(x)
    assert_allclose(whole, operator(f, *order, chunk_size=chunk_size)(x), rtol=1e-12, atol=1e-13)


def test_solution_of_a_differential_equation():
    """tan, whose slope is 1 + y^2; and of t times y."""
    expected = dr.taylor(np.tan, 0.5, 1.0, 20)
    assert_allclose(expected, dr.taylor_ode(lambda y: 1 + y**2, np.tan(0.5), 20), rtol=1e-12)
    expected = dr.taylor(lambda t: np.exp(t**2 / 2), 0.3, 1.0, 12)
    found = dr.taylor_ode(lambda t, y: t * y, np.exp(0.045), 12, t0=0.3)
    assert_allclose(expected, found, rtol=1e-12)


def test_solution_of_hamiltons_equations_by_gradients():
    energy = lambda q, p: p**2 / 2 - np.cos(q)  # noqa: E731
    slope = dr.grad(energy, argnums=(0, 1))

    def f(y):
        by_q, by_p = slope(y["q"], y["p"])
        return {"q": by_p, "p": -by_q}

    start = {"q": 1.0, "p": 0.3}
    found = dr.taylor_ode(f, start, 15)
    by_hand = dr.taylor_ode(lambda y: {"q": y["p"], "p": -np.sin(y["q"])}, start, 15)
    assert_allclose(by_hand["q"], found["q"], rtol=1e-13)
    at = lambda h, k: np.polyval(found[k][::-1], h)  # noqa: E731
    assert_allclose(energy(1.0, 0.3), energy(at(0.1, "q"), at(0.1, "p")), rtol=1e-13)


def test_a_zero_in_a_solution_hides_what_is_infinite():
    y0 = np.array([0.0, 4.0])
    f = lambda y: np.where(y > 0, y**1.5, 0.0) + np.array([0.0, 1.0]) * np.sqrt(y)  # noqa: E731
    found = dr.taylor_ode(f, y0, 4)
    assert_array_equal(0, found[:, 0])
    assert_allclose(dr.taylor_ode(lambda y: y**1.5 + np.sqrt(y), 4.0, 4), found[:, 1], rtol=1e-13)


def test_solution_of_a_program_of_several_results():
    a = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]])

    def f(y):
        fit, _, rank, _ = np.linalg.lstsq(a, np.sin(np.append(y, y[0])), rcond=None)
        values = np.linalg.eigh(np.outer(y, y) + np.diag([1.0, 2.0])).eigenvalues
        return fit * rank + np.sum(values) + np.modf(3 * y)[0]

    def by_hand(y):
        fit = np.linalg.pinv(a) @ np.sin(np.stack([y[0], y[1], y[0]]))
        return fit * 2 + 3 + np.sum(y**2) + 3 * y - np.array([3.0, 6.0])

    y0 = np.array([1.1, 2.1])
    assert_allclose(dr.taylor_ode(by_hand, y0, 5), dr.taylor_ode(f, y0, 5), rtol=1e-10)


def test_a_rule_of_the_users_may_write():
    def jvp(tangents, ans, x):
        out = np.zeros_like(x)
        for i in range(3):
            out[i] = 2 * x[i] * tangents[0][i]
        view = out[1:]
        view[0] *= 1.0
        return out

    square = dr.rule(lambda x: x**2, jvp=jvp, vjp=lambda ct, wanted, ans, x: (2 * x * ct,))
    expected = dr.taylor(lambda x: np.sin(x) ** 2 * x, X, V, 4)
    assert_allclose(expected, dr.taylor(lambda x: square(np.sin(x)) * x, X, V, 4), rtol=1e-12)


def test_a_rule_of_the_users_may_use_an_array_again():
    def jvp(tangents, ans, x):
        factor = np.empty(3)
        slope = 0.0
        for k in (1, 2, 3):
            factor[:] = k
            slope = slope + factor * x ** (k - 1)
        return slope * tangents[0]

    f = dr.rule(lambda x: x + x**2 + x**3, jvp=jvp, vjp=lambda ct, wanted, ans, x: (None,))
    expected = dr.taylor(lambda x: x + x**2 + x**3, X, V, 3)
    assert_allclose(expected, dr.taylor(f, X, V, 3), rtol=1e-12)


def test_solution_of_a_program_that_writes_and_its_derivative_by_the_start():
    def f(y):
        out = np.zeros_like(y)
        out[0] = y[1]
        out[1] = -y[0]
        out[1] += 0.1 * y[0] * y[1]
        view = out[::-1]
        view[1] *= 2
        return out

    plain = lambda y: np.stack([2 * y[1], -y[0] + 0.1 * y[0] * y[1]])  # noqa: E731
    y0 = np.array([1.0, 2.0])
    assert_array_equal(dr.taylor_ode(plain, y0, 6), dr.taylor_ode(f, y0, 6))
    last = lambda y0: np.sum(dr.taylor_ode(f, y0, 4)[4])  # noqa: E731
    by_series = dr.taylor(lambda y: np.sum(dr.taylor_ode(plain, y, 4)[4]), y0, V[:2], 1)[1]
    assert_allclose(by_series, dr.grad(last)(y0) @ V[:2], rtol=1e-12)
