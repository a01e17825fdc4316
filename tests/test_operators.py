"""laplacian, hessian_diagonal, bilaplacian, divergence, curl, gauss_newton_product."""

import dataclasses
import functools
import math
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize

import dualrev as dr
from tests.cases import once
from tests.nestings import second_derivatives
from tests.test_bad_input import raised
from tests.test_laws import TWICE, first_of

X = np.array([0.5, -1.0, 2.0])
SCALARS = [dr.laplacian, dr.hessian_diagonal, dr.bilaplacian]
FIELDS = [dr.divergence, dr.curl]


def mixed(x):
    """A function whose second and fourth derivatives by two coordinates are none of them 0."""
    return np.exp(x[0] * x[1]) * np.cos(x[2] + x[0]) + np.sum(x**2) ** 3


def field(x):
    return np.stack([x[0] * x[1] * x[2], np.sin(x[0]) * x[1], np.exp(x[1] - x[2] * x[0])])


def residuals(x):
    return np.stack([x[0] * x[1], np.sin(x[2]), x[1] ** 2, x[0] - x[2]])


def cosh_loss(r):
    return np.sum(np.log(np.cosh(r))) + 0.1 * r[0] * r[1]


# ------------------------------------------------------------------------------ equations that hold


def heat_kernel(x, t):
    """(4 pi t)^(-n/2) exp(-|x|^2 / 4t): what a point of heat has become at time t."""
    return (4 * np.pi * t) ** (-len(x) / 2) * np.exp(-(x @ x) / (4 * t))


@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_heat_kernel_solves_the_heat_equation(n):
    """Its derivative in time is its Laplacian; its second, its bilaplacian."""
    x = np.linspace(-0.5, 1.0, n)
    by_time = dr.derivative(heat_kernel, argnums=1)
    assert_allclose(by_time(x, 0.7), dr.laplacian(heat_kernel)(x, 0.7), rtol=1e-12)
    twice = dr.derivative(by_time, argnums=1)(x, 0.7)
    assert_allclose(twice, dr.bilaplacian(heat_kernel)(x, 0.7), rtol=1e-11)


def test_wave_packet_solves_the_equation_of_schroedinger():
    """i dpsi/dt = -1/2 laplacian psi: a function of complex values."""

    def psi(x, t):
        spread = 1 + 1j * t
        return spread ** (-len(x) / 2) * np.exp(-(x @ x) / (2 * spread))

    x = np.array([0.3, -0.4])
    by_time = dr.derivative(psi, argnums=1)(x, 0.5)
    assert_allclose(1j * by_time, -0.5 * dr.laplacian(psi)(x, 0.5), rtol=1e-13)
    assert np.iscomplexobj(dr.hessian_diagonal(psi)(x, 0.5))
    assert_allclose(dr.laplacian(psi)(x, 0.5), dr.hessian_diagonal(psi)(x, 0.5).sum())


@pytest.mark.parametrize(
    "harmonic",
    [
        lambda x: 1 / np.linalg.norm(x),
        lambda x: np.exp(3 * x[0] + 4 * x[1]) * np.sin(5 * x[2]),
        lambda x: np.log(np.hypot(x[0], x[1])),
        lambda x: x[0] * x[1] * x[2],
        lambda x: np.arctan2(x[1], x[0]),
    ],
)
def test_harmonic_functions_have_laplacian_zero(harmonic):
    """To rounding, of the terms that cancel."""
    terms = np.abs(dr.hessian_diagonal(harmonic)(X)).sum()
    assert abs(dr.laplacian(harmonic)(X)) <= 1e-14 * terms
    radial = lambda x: (x @ x) * harmonic(x)  # noqa: E731
    assert_allclose(0, dr.bilaplacian(radial)(X), atol=1e-11 * max(1.0, terms))


coefficients = st.integers(-9, 9).map(float)
points = st.lists(st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=3, max_size=3).map(np.array)


def polynomial(c):
    """All powers to the second of three variables, mixed, with the coefficients c of shape (3, 3, 3)."""

    def value(x):
        powers = [np.stack([np.ones_like(x[i]), x[i], x[i] ** 2]) for i in range(3)]
        return np.einsum("ijk,i,j,k->", c, *powers)

    return value


cubes = st.lists(coefficients, min_size=27, max_size=27).map(lambda c: np.reshape(c, (3, 3, 3)))
few = settings(max_examples=8, deadline=None)


@few
@given(st.lists(st.tuples(coefficients, st.integers(1, 6), points), min_size=1, max_size=3))
def test_random_harmonic_polynomials_have_laplacian_zero(terms):
    """Re (a x + b y + c z)^k with complex a, b, c whose squares add up to 0 is harmonic in space."""
    for weight, degree, at in terms:
        slant = math.atan2(weight, 2.0)
        wave = np.array([np.cos(slant), np.sin(slant), 1j])

        def harmonic(x, wave=wave, degree=degree, weight=weight):
            return weight * np.real((x @ wave) ** degree)

        size = np.abs(dr.hessian_diagonal(harmonic)(at)).sum()
        assert abs(dr.laplacian(harmonic)(at)) <= 1e-12 * (1 + size)


@few
@given(cubes, points)
def test_laplacian_is_the_divergence_of_the_gradient_and_the_trace_of_the_hessian(c, x):
    f = polynomial(c)
    expected = np.trace(dr.hessian(f)(x))
    assert_allclose(expected, dr.laplacian(f)(x), atol=1e-10)
    assert_allclose(expected, dr.divergence(dr.grad(f))(x), atol=1e-10)
    assert_allclose(np.diag(dr.hessian(f)(x)), dr.hessian_diagonal(f)(x), atol=1e-10)


@few
@given(cubes, points)
def test_bilaplacian_is_the_laplacian_of_the_laplacian(c, x):
    f = polynomial(c)
    assert_allclose(dr.laplacian(dr.laplacian(f))(x), dr.bilaplacian(f)(x), atol=1e-9)


@few
@given(cubes, points)
def test_curl_of_a_gradient_is_zero(c, x):
    assert_allclose(np.zeros(3), dr.curl(dr.grad(polynomial(c)))(x), atol=1e-10)


@few
@given(st.tuples(cubes, cubes, cubes), points)
def test_divergence_of_a_curl_is_zero(c, x):
    f, g, h = map(polynomial, c)
    assert_allclose(
        0, dr.divergence(dr.curl(lambda x: np.stack([f(x), g(x), h(x)])))(x), atol=1e-10
    )


@few
@given(st.tuples(cubes, cubes, cubes, cubes), points)
def test_product_rules_and_the_curl_of_a_curl(c, x):
    f, *components = map(polynomial, c)

    def vector(x):
        return np.stack([component(x) for component in components])

    def scaled(x):
        return f(x) * vector(x)

    slope = dr.grad(f)(x)
    curl, divergence = dr.curl(vector)(x), dr.divergence(vector)(x)
    size = 1e-13 * (1 + np.abs(dr.jacobian(scaled)(x)).sum())
    assert_allclose(
        f(x) * divergence + slope @ vector(x), dr.divergence(scaled)(x), rtol=1e-12, atol=size
    )
    assert_allclose(
        f(x) * curl + np.cross(slope, vector(x)), dr.curl(scaled)(x), rtol=1e-12, atol=size
    )
    of_components = np.stack([dr.laplacian(component)(x) for component in components])
    assert_allclose(
        dr.grad(dr.divergence(vector))(x) - of_components, dr.curl(dr.curl(vector))(x), atol=1e-9
    )


def test_laplacian_of_a_product():
    f, g = mixed, lambda x: np.sin(x[0] + 2 * x[1]) * x[2] ** 2
    product = dr.laplacian(lambda x: f(x) * g(x))(X)
    cross = 2 * dr.grad(f)(X) @ dr.grad(g)(X)
    assert_allclose(
        f(X) * dr.laplacian(g)(X) + g(X) * dr.laplacian(f)(X) + cross, product, rtol=1e-12
    )


def test_bilaplacian_sums_the_fourth_derivatives():
    fourth = dr.jacobian(dr.jacobian(dr.hessian(mixed)))(X)
    assert_allclose(np.einsum("iijj", fourth), dr.bilaplacian(mixed)(X), rtol=1e-11)


def test_curl_in_the_plane_is_the_third_component_of_that_in_space():
    plane = lambda x: np.stack([x[0] * x[1] ** 2, np.sin(x[0]) + x[1]])  # noqa: E731
    space = lambda x: np.stack([*plane(x), 0 * x[2]])  # noqa: E731
    assert_allclose(dr.curl(space)(X), [0, 0, dr.curl(plane)(X[:2])], rtol=1e-14)
    assert np.shape(dr.curl(plane)(X[:2])) == ()


def test_curl_has_its_signs():
    assert_array_equal([2, 3, 5], dr.curl(lambda x: np.stack([3 * x[2], 5 * x[0], 2 * x[1]]))(X))
    assert_array_equal([-2, -3, -5], dr.curl(lambda x: np.stack([5 * x[1], 2 * x[2], 3 * x[0]]))(X))


# ------------------------------------------------------------------------- every function, all nestings


def is_real(case):
    return all(np.asarray(x).dtype.kind != "c" for x in case.args)


def check_second_derivatives(case):
    """The diagonal and the trace of the Hessian of <ct, f>, or its error."""
    f, args, _, _, ct, _ = first_of(case)
    flat, unravel = dr.ravel(args)

    def weighed(flat):
        return np.real(np.sum(np.conj(ct) * f(*unravel(flat))))

    try:
        expected = np.diagonal(dr.hessian(weighed)(flat))
    except dr.DualrevError as error:
        with pytest.raises(type(error)):
            dr.laplacian(weighed)(flat)
        return
    scale = 1e-8 * (1 + np.max(np.abs(expected), initial=0))
    assert_allclose(expected, dr.hessian_diagonal(weighed)(flat), rtol=1e-7, atol=scale)
    assert_allclose(
        expected.sum(), dr.laplacian(weighed)(flat), rtol=1e-7, atol=scale * len(expected)
    )


# The others: tests/thorough/test_laplacians.py
@pytest.mark.one_in(2)
@pytest.mark.parametrize("case", [*filter(is_real, once(TWICE)[5::20])], ids=str)
def test_second_derivatives_are_the_diagonal_of_the_hessian(case):
    check_second_derivatives(case)


POINTS = np.array([[0.5, -1.0, 2.0], [1.1, 0.3, -0.2]])


@pytest.mark.parametrize("operator", [*SCALARS, *FIELDS])
def test_of_many_points_by_vmap(operator):
    """Equal to one point after the other; and differentiated by parameters, as networks are trained."""
    f = field if operator in FIELDS else mixed
    one = lambda scale, x: operator(lambda x: f(scale * x))(x)  # noqa: E731
    expected = np.stack([one(1.5, x) for x in POINTS])
    assert_allclose(expected, dr.vmap(one, in_axes=(None, 0))(1.5, POINTS), rtol=1e-12)
    slopes = np.stack([dr.derivative(one)(1.5, x) for x in POINTS])
    many = dr.derivative(lambda scale: dr.vmap(lambda x: one(scale, x))(POINTS))
    assert_allclose(slopes, many(1.5), rtol=1e-11)
    weighed = dr.grad(lambda scale: np.sum(dr.vmap(lambda x: one(scale, x))(POINTS) ** 2))
    assert_allclose(np.sum(2 * expected * slopes), weighed(1.5), rtol=1e-11)


def test_products_with_many_vectors_by_vmap():
    """Of the Hessian, its Gauss-Newton part, and a linear map; to the bit what one vector gives."""
    vs = np.array([[1.0, -2.0, 0.5], [0.0, 1.0, 3.0], [2.0, 0.1, -1.0]])
    for product in (dr.hvp(mixed), dr.gauss_newton_product(residuals, cosh_loss)):
        expected = np.stack([product(X, v) for v in vs])
        assert_allclose(expected, dr.vmap(product, in_axes=(None, 0))(X, vs), rtol=1e-13)
    _, linear = dr.linearize(dr.grad(mixed), X)
    expected = np.stack([dr.hvp(mixed)(X, v) for v in vs])
    assert_allclose(expected, dr.vmap(linear.push)(vs), rtol=1e-12)


@pytest.mark.parametrize("operator", [dr.laplacian, dr.hessian_diagonal, dr.divergence])
def test_chunks_are_the_whole(operator):
    f = field if operator is dr.divergence else mixed
    for chunk_size in (1, 2, 3, 100):
        assert_allclose(operator(f)(X), operator(f, chunk_size=chunk_size)(X), rtol=1e-13)
    tree = {"a": X[:2], "b": X[2]}
    g = lambda p: f(np.stack([*p["a"], p["b"]]))  # noqa: E731
    if operator is dr.laplacian:
        assert_allclose(operator(f)(X), operator(g, chunk_size=2)(tree))
    error = raised(dr.ArgumentError, operator, f, chunk_size=0)
    assert error.what == "chunk_size is 0."


def test_chunks_bound_the_memory():
    """Each intermediate result is held as often as there are directions in a chunk."""
    n, large = 50, np.linspace(0, 1, 20_000)
    f = lambda x: np.sum(np.sin(x[0] * large) * np.tanh(np.sum(x) * large))  # noqa: E731
    x = np.linspace(0.1, 0.5, n)
    peaks = []
    for chunk_size in (2, n):
        tracemalloc.start()
        dr.laplacian(f, chunk_size=chunk_size)(x)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < 0.25 * peaks[1]


def test_compiled_it_is_replayed():
    for operator in (dr.laplacian, dr.hessian_diagonal):
        compiled = dr.compile(operator(mixed))
        for x in POINTS:
            assert_allclose(operator(mixed)(x), compiled(x), rtol=1e-13)


# ------------------------------------------------------------------------- the product of Gauss, Newton


def test_gauss_newton_product_is_that_of_the_matrices():
    j, v = dr.jacobian(residuals)(X), np.array([1.0, -2.0, 0.5])
    assert_allclose(j.T @ j @ v, dr.gauss_newton_product(residuals)(X, v), rtol=1e-13)
    h = dr.hessian(cosh_loss)(residuals(X))
    product = dr.gauss_newton_product(residuals, cosh_loss)(X, v)
    assert_allclose(j.T @ h @ j @ v, product, rtol=1e-13)


def test_gauss_newton_product_is_the_hessian_product_where_residuals_are_linear():
    a = np.arange(12.0).reshape(4, 3)
    v = np.array([1.0, -2.0, 0.5])
    exact = dr.hvp(lambda x: cosh_loss(a @ x))(X, v)
    assert_allclose(exact, dr.gauss_newton_product(lambda x: a @ x, cosh_loss)(X, v), rtol=1e-12)


def test_gauss_newton_product_of_structures_and_complex_residuals():
    """Half of the sum of squares is a loss of the parts of a structure, and of complex numbers."""
    p, v = {"a": X, "b": 2.0}, {"a": np.array([1.0, -2.0, 0.5]), "b": -1.0}

    def parts(p):
        return {"re": p["b"] * p["a"] ** 2, "im": [np.sin(p["a"][:2])]}

    def whole(p):
        return p["b"] * p["a"][:2] ** 2 + 1j * np.sin(p["a"][:2])

    product = dr.gauss_newton_product(parts)(p, v)
    flat, unravel = dr.ravel(p)
    j = dr.jacobian(parts, matrix=True)(p)
    assert_allclose(j.T @ j @ dr.ravel(v)[0], dr.ravel(product)[0], rtol=1e-13)
    of_loss = dr.gauss_newton_product(
        parts, lambda r: 0.5 * (np.sum(r["re"] ** 2) + np.sum(r["im"][0] ** 2))
    )(p, v)
    assert_allclose(dr.ravel(of_loss)[0], dr.ravel(product)[0], rtol=1e-13)
    j = dr.jacobian(lambda flat: whole(unravel(flat)))(flat)
    expected = (j.conj().T @ j).real @ dr.ravel(v)[0]
    for loss in (None, lambda r: 0.5 * np.sum(np.abs(r) ** 2)):
        product = dr.gauss_newton_product(whole, loss)(p, v)
        assert_allclose(expected, dr.ravel(product)[0], rtol=1e-13)


def test_gauss_newton_product_serves_minimize():
    t = np.linspace(0, 4, 20)
    data = 2.0 * np.exp(-0.7 * t)

    def decay(p, scale):
        return scale * (p[0] * np.exp(-p[1] * t) - data)

    def loss(p, scale):
        return 0.5 * np.sum(decay(p, scale) ** 2)

    found = minimize(
        loss,
        np.array([1.0, 1.0]),
        args=(3.0,),
        method="trust-ncg",
        jac=dr.grad(loss),
        hessp=dr.gauss_newton_product(decay),
    )
    assert_allclose([2.0, 0.7], found.x, rtol=1e-5)


def test_gauss_newton_product_with_auxiliary_results():
    f = lambda x: (residuals(x), "aux")  # noqa: E731
    product, aux = dr.gauss_newton_product(f, has_aux=True)(X, X)
    assert aux == "aux"
    assert_array_equal(dr.gauss_newton_product(residuals)(X, X), product)


# -------------------------------------------------------------------------------- which arguments


def parted(x, y, scale=1.0):
    return scale * mixed(np.stack([x[0], x[1], y]))


def test_arguments_are_chosen_as_in_grad():
    expected = dr.hessian_diagonal(mixed)(X)
    x, y = X[:2], X[2]
    assert_allclose(expected[:2], dr.hessian_diagonal(parted)(x, y))
    assert_allclose(expected[2], dr.hessian_diagonal(parted, argnums=1)(x, y))
    assert_allclose(expected[2], dr.hessian_diagonal(parted, argnames="y")(x, y=y))
    both = dr.hessian_diagonal(parted, argnums=(0, 1))(x, y, scale=3.0)
    assert_allclose(3 * expected[:2], both[0])
    assert_allclose(3 * expected[2], both[1])
    assert_allclose(expected.sum(), dr.laplacian(parted, argnums=(0, 1))(x, y))
    assert_allclose(expected[2], dr.laplacian(parted, argnames=("y",))(x, y))
    assert_allclose(dr.bilaplacian(mixed)(X), dr.bilaplacian(parted, argnums=(0, 1))(x, y))


def test_structures_are_one_point():
    tree = {"b": [X[2]], "a": X[:2]}
    f = lambda p: mixed(np.stack([*p["a"], *p["b"]]))  # noqa: E731
    assert_allclose(dr.laplacian(mixed)(X), dr.laplacian(f)(tree))
    assert_allclose(dr.bilaplacian(mixed)(X), dr.bilaplacian(f)(tree))
    diagonal = dr.hessian_diagonal(f)(tree)
    assert_allclose(dr.hessian_diagonal(mixed)(X), [*diagonal["a"], *diagonal["b"]])
    turned = lambda p: {"a": p["a"] * p["b"][0], "b": [np.sum(p["a"]) * p["b"][0] ** 2]}  # noqa: E731
    assert_allclose(2 * X[2] + 2 * np.sum(X[:2]) * X[2], dr.divergence(turned)(tree))
    x, y, z = X
    swirl = lambda x, y, z: (y * z**2, x * y, np.sin(x))  # noqa: E731
    curl = dr.curl(swirl, argnums=(0, 1, 2))(x, y, z)
    assert_allclose((0, 2 * y * z - np.cos(x), y - z**2), curl)
    assert type(curl) is tuple


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 2), (0,), (2, 0)])
def test_shapes(shape):
    """The diagonal has the shape of x, the sums are numbers; of no element they are 0."""
    x = np.linspace(0.5, 1.5, math.prod(shape)).reshape(shape)
    f = lambda x: np.sum(x**4)  # noqa: E731
    diagonal = dr.hessian_diagonal(f)(x)
    assert_allclose(12 * x**2, diagonal)
    assert np.shape(diagonal) == shape
    for expected, answer in [
        (np.sum(12 * x**2), dr.laplacian(f)(x)),
        (24.0 * x.size, dr.bilaplacian(f)(x)),
        (np.sum(2 * x), dr.divergence(lambda x: x**2)(x)),
    ]:
        assert_allclose(expected, answer)
        assert np.shape(answer) == ()


@pytest.mark.parametrize("operator", [*SCALARS, dr.divergence])
def test_float32_stays_and_integers_become_float64(operator):
    f = (lambda x: x**3) if operator is dr.divergence else (lambda x: np.sum(x**3))
    assert operator(f)(X.astype(np.float32)).dtype == np.float32
    assert operator(f)(np.arange(3)).dtype == np.float64
    assert dr.hessian_diagonal(lambda x: x**2)(3) == 2.0


def test_answers_are_the_caller_s():
    for answer in (dr.hessian_diagonal(mixed)(X), dr.curl(field)(X)):
        assert answer.flags.carray
        assert answer.flags.owndata
    assert isinstance(dr.laplacian(mixed)(X), np.float64)
    assert isinstance(dr.divergence(field)(X), np.float64)


@pytest.mark.parametrize("operator", [*SCALARS, *FIELDS])
def test_auxiliary_results(operator):
    f = field if operator in FIELDS else mixed

    def with_aux(x):
        return f(x), {"twice": 2 * x, "text": "aux"}

    answer, aux = operator(with_aux, has_aux=True)(X)
    assert_array_equal(operator(f)(X), answer)
    assert_array_equal(2 * X, aux["twice"])
    assert type(aux["twice"]) is np.ndarray
    assert aux["text"] == "aux"


@pytest.mark.parametrize("operator", [*SCALARS, *FIELDS, dr.gauss_newton_product])
def test_pickles_and_shows_what_it_is_of(operator):
    f = mixed if operator in SCALARS else field
    made = operator(f)
    args = (X, X) if operator is dr.gauss_newton_product else (X,)
    assert_array_equal(made(*args), pickle.loads(pickle.dumps(made))(*args))
    assert repr(made) == f"<{operator.__name__} of {f.__name__}>"
    assert made.__doc__ == f.__doc__


@dataclasses.dataclass
class Medium:
    k: float

    @dr.laplacian
    def by_itself(self):
        return self.k**3

    @functools.partial(dr.laplacian, argnums=1)
    def potential(self, x):
        return self.k * np.sum(x**2)


def test_decorates_a_method():
    assert Medium(2.0).potential(X) == 12.0
    assert Medium(2.0).by_itself() == 12.0


# -------------------------------------------------------------------------------------- nesting


def loss_of_laplacian(p, x=X):
    return (
        dr.laplacian(lambda x: p[0] * np.sin(p[1] * x[0]) * x[1] ** 2 + np.tanh(p[0] * x[2]))(x)
        ** 2
    )


P = np.array([0.7, 1.3])


def by_hand(p, x=X):
    a, b = p
    tanh = np.tanh(a * x[2])
    return (
        -a * b**2 * np.sin(b * x[0]) * x[1] ** 2
        + 2 * a * np.sin(b * x[0])
        - 2 * a**2 * tanh * (1 - tanh**2)
    ) ** 2


def test_laplacian_is_differentiated_by_parameters_and_by_the_point():
    """As a network that solves an equation is trained."""
    assert_allclose(by_hand(P), loss_of_laplacian(P))
    for operator in (dr.grad, dr.jacobian, dr.hessian):
        assert_allclose(operator(by_hand)(P), operator(loss_of_laplacian)(P), rtol=1e-11)
        by_x = operator(by_hand, argnums=1)(P, X)
        assert_allclose(by_x, operator(loss_of_laplacian, argnums=1)(P, X), rtol=1e-11)
    pushed = dr.jvp(loss_of_laplacian, (P,), (P,))
    assert_allclose(dr.jvp(by_hand, (P,), (P,)), pushed, rtol=1e-12)


@pytest.mark.parametrize("x", [np.zeros(2), np.array([0.0, 0.7])])
def test_laplacian_is_differentiated_where_slopes_are_zero(x):
    """The square of a slope that is 0 has a second derivative."""
    f = lambda x: np.exp(np.sum(x**2))  # noqa: E731
    by_hessian = lambda x: np.trace(dr.hessian(f)(x))  # noqa: E731
    expected = dr.hessian(by_hessian)(x)
    for name, found in second_derivatives(dr.laplacian(f), x):
        assert_allclose(expected, found, rtol=1e-12, atol=1e-13, err_msg=name)
    for name, found in second_derivatives(dr.hessian_diagonal(f), x):
        assert_allclose(expected, found.sum(0), rtol=1e-12, atol=1e-13, err_msg=name)
    assert_allclose(dr.bilaplacian(f)(x), dr.laplacian(dr.laplacian(f))(x))


def test_other_operators_are_differentiated():
    jacobian = dr.jacobian(field)
    assert_allclose(
        dr.grad(lambda x: np.trace(jacobian(x)))(X), dr.grad(dr.divergence(field))(X), rtol=1e-12
    )
    turning = lambda x: jacobian(x) - jacobian(x).T  # noqa: E731
    of_curl = dr.jacobian(turning)(X)[[2, 0, 1], [1, 2, 0]]
    for mode in ("forward", "reverse"):
        assert_allclose(of_curl, dr.jacobian(dr.curl(field), mode=mode)(X), rtol=1e-12, atol=1e-14)
    v = np.array([1.0, -2.0, 0.5])

    def product(x):
        j = dr.jacobian(residuals)(x)
        return j.T @ dr.hessian(cosh_loss)(residuals(x)) @ j @ v

    for mode in ("forward", "reverse"):
        got = dr.jacobian(dr.gauss_newton_product(residuals, cosh_loss), mode=mode)(X, v)
        assert_allclose(dr.jacobian(product)(X), got, rtol=1e-11, atol=1e-13)
    by_v = dr.jacobian(dr.gauss_newton_product(residuals), argnums=1)(X, v)
    j = dr.jacobian(residuals)(X)
    assert_allclose(j.T @ j, by_v, rtol=1e-12, atol=1e-14)


# ---------------------------------------------------------------------------------- kinks and infinities


@pytest.mark.parametrize("kinked", [np.abs, np.linalg.norm])
def test_kinks_are_nan(kinked):
    f = lambda x: np.sum(kinked(x))  # noqa: E731
    assert np.isnan(dr.laplacian(f)(np.zeros(1)))
    assert np.isnan(dr.bilaplacian(f)(np.zeros(1)))


def test_where_a_second_derivative_does_not_exist_none_of_higher_order_does():
    smallest = lambda a: np.linalg.svd(a)[1][-1]  # noqa: E731
    a = np.diag([1.0, 0.0])
    assert np.isnan(dr.laplacian(smallest)(a))
    assert np.isnan(dr.bilaplacian(smallest)(a))
    assert np.isnan(dr.taylor(smallest, a, np.ones((2, 2)), 4)[2:]).all()


def test_a_kink_in_one_coordinate_leaves_the_others():
    diagonal = dr.hessian_diagonal(lambda x: np.abs(x[0]) + x[1] ** 2)(np.array([0.0, 1.0]))
    assert np.isnan(diagonal[0])
    assert diagonal[1] == 2.0


def test_infinite_slopes_off_the_diagonal_stay_off_it():
    divergence = dr.divergence(lambda x: np.stack([2 * x[0], np.sqrt(x[0]) + 3 * x[1]]))
    assert divergence(np.array([0.0, 1.0])) == 5.0


def test_logarithm_of_a_tiny_number_keeps_its_curvature():
    """Its slope overflows, and the change of its slope; their products with tangents do not."""
    f = lambda x: np.log(np.exp(-0.5 * np.sum(x**2) - 705.0) * 1e-5)  # noqa: E731
    assert_allclose(-2.0, dr.laplacian(f)(np.array([0.5, 1.0])), rtol=1e-3)


def test_writes_and_branches():
    def written(x):
        y = x**2
        y[1:] *= x[:-1]
        y[0] = x[0] ** 3 if x[0] > 0 else 0.0 * x[0]
        return np.sum(y)

    assert_allclose(6 * X[0] + 2 * X[0] + 2 * X[1], dr.laplacian(written)(X))


# --------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("operator", SCALARS)
def test_of_an_array_it_says_how_to_choose_one(operator):
    error = raised(dr.NonScalarError, operator(field), X)
    word = operator.__name__
    assert (
        error.what == f"{word} needs a function with a scalar result; `field` returned an array of "
        "shape (3,)."
    )
    assert error.fix == f"dr.{word}(lambda x: f(x)[i])(x) is that of element i"
    error = raised(dr.NonScalarError, operator(lambda x: (x, x)), X)
    assert error.what.startswith(f"{word} needs a function with one result; ")


@pytest.mark.parametrize("operator", [*SCALARS, *FIELDS])
def test_complex_points_are_refused(operator):
    word = operator.__name__
    error = raised(dr.ComplexError, operator(mixed if operator in SCALARS else field), X + 0j)
    assert error.what.startswith(f"The {word} of `")
    assert "complex" in error.what


def test_advice_for_complex_points_works():
    f = lambda z: np.abs(np.sum(z**2)) ** 2  # noqa: E731
    z = np.array([1 + 2j, 0.5 - 1j])
    assert "argnums=(0, 1))(z.real, z.imag)" in raised(dr.ComplexError, dr.laplacian(f), z).fix
    got = dr.laplacian(lambda x, y: f(x + 1j * y), argnums=(0, 1))(z.real, z.imag)
    flat = lambda v: f(v[:2] + 1j * v[2:])  # noqa: E731
    assert_allclose(np.trace(dr.hessian(flat)(np.r_[z.real, z.imag])), got, rtol=1e-12)


@pytest.mark.parametrize("operator", FIELDS)
def test_a_field_that_is_not_square(operator):
    word = operator.__name__
    error = raised(dr.ShapeError, operator(lambda x: x[:2]), X)
    assert error.what == (
        f"{word} needs a result of the shape (3,) of its argument; `<lambda>` returned an array of "
        "shape (2,)."
    )
    error = raised(dr.StructureError, operator(lambda x: [x[0], x[1], x[2]]), X)
    assert "an array; `<lambda>` returned [*, *, *]." in error.what
    assert error.fix == "return np.stack([...]) of the components"
    error = raised(dr.StructureError, operator(lambda p: p["a"]), {"a": X})
    assert error.fix == "return the components as {'a': *}"


@pytest.mark.parametrize("n", [1, 4])
def test_curl_of_other_dimensions(n):
    error = raised(dr.ShapeError, dr.curl(lambda x: x**2), np.ones(n))
    assert f"has {n}." in error.what


def test_gauss_newton_product_says_what_is_missing():
    made = dr.gauss_newton_product(residuals)
    assert "without v" in raised(dr.ArgumentError, made, X).what
    assert "without x" in raised(dr.ArgumentError, made).what
    assert "(2,)" in raised(dr.ShapeError, made, X, np.ones(2)).what
    error = raised(dr.ArgumentError, dr.gauss_newton_product, residuals, 2.0)
    assert error.what == "The loss of gauss_newton_product is a function; it was given as a float."
    error = raised(dr.NonScalarError, dr.gauss_newton_product(residuals, np.square), X, X)
    assert error.what.startswith("gauss_newton_product needs a function with a scalar result; ")
    assert error.fix == "return one real number, as 0.5 * np.sum(r**2) of residuals r is"


@pytest.mark.parametrize("operator", [*SCALARS, *FIELDS, dr.gauss_newton_product])
def test_is_given_a_function_and_an_argument(operator):
    word = operator.__name__
    called = f"write dr.{word}(f)({'x, v' if operator is dr.gauss_newton_product else 'x'})"
    assert raised(dr.ArgumentError, operator, 3.0).fix == f"{called}, with f itself, not f(x)"
    assert raised(dr.ArgumentError, operator(field)).fix == called
    assert raised(dr.ArgumentError, operator).fix == called
