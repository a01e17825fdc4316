"""Transforms inside transforms: every product of the modes, and perturbation confusion."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr


def by_vjp(f):
    return lambda x: dr.vjp(f, x)[1](1.0)[0]


def by_jvp(f):
    return lambda x: dr.jvp(f, (x,), (1.0,))[1]


def by_push(f):
    return lambda x: dr.linearize(f, x)[1].push(1.0)


FORWARD, REVERSE = dr.derivative, dr.grad
ONE_STEP = {
    "forward": FORWARD,
    "reverse": REVERSE,
    "vjp": by_vjp,
    "jvp": by_jvp,
    "push": by_push,
    "columns": lambda f: dr.jacobian(f, mode="forward"),
    "rows": lambda f: dr.jacobian(f, mode="reverse"),
}
PRODUCTS = [p for n in (1, 2, 3) for p in itertools.product((FORWARD, REVERSE), repeat=n)]
PAIRS = list(itertools.product(("forward", "reverse"), repeat=2))
TRIPLES = list(itertools.product(("forward", "reverse"), repeat=3))
V = np.array([1.0, -2.0, 0.5])


def name_of_product(product):
    return "-".join("forward" if mode is FORWARD else "reverse" for mode in product)


def apply_all(operators, f):
    for operator in operators:
        f = operator(f)
    return f


def sum_of_squared_sines(x):
    return np.sum(np.sin(x * V) ** 2)


def through_an_object_array(x):
    return np.array([x, x**2]) @ np.array([x**2, 1.0])


def through_assignments(x):
    y = np.zeros_like(x, shape=3)
    y[0] = x
    y[1] = x * y[0]
    y[2] = y[0] * y[1]
    y *= x
    return y.sum()


def through_a_loop(x):
    y = x
    while y < 10.0:
        y = y * x
    return y


def through_linalg(x):
    a = np.array([[2.0, 1.0], [1.0, 3.0]])
    return np.linalg.inv(x * a)[0, 0] * 5 / 3


def through_indexing(x):
    y = x * np.arange(4.0)
    return y[1] * y[2] + np.sum(y[[3, 3]] * y[1:3])


# (f, f', f'', f''') in closed form
TOWERS = {
    "sin": (np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)),
    "exp(2x)": (
        lambda x: np.exp(2 * x),
        lambda x: 2 * np.exp(2 * x),
        lambda x: 4 * np.exp(2 * x),
        lambda x: 8 * np.exp(2 * x),
    ),
    "x**4": (lambda x: x**4, lambda x: 4 * x**3, lambda x: 12 * x**2, lambda x: 24 * x),
    "1/x": (lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3, lambda x: -6 / x**4),
    "sqrt": (
        np.sqrt,
        lambda x: 0.5 * x**-0.5,
        lambda x: -0.25 * x**-1.5,
        lambda x: 0.375 * x**-2.5,
    ),
    "log": (np.log, lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3),
    "tanh": (
        np.tanh,
        lambda x: 1 - np.tanh(x) ** 2,
        lambda x: -2 * np.tanh(x) * (1 - np.tanh(x) ** 2),
        lambda x: -2 * (1 - np.tanh(x) ** 2) * (1 - 3 * np.tanh(x) ** 2),
    ),
    "arctan": (
        np.arctan,
        lambda x: 1 / (1 + x**2),
        lambda x: -2 * x / (1 + x**2) ** 2,
        lambda x: (6 * x**2 - 2) / (1 + x**2) ** 3,
    ),
    "x**x": (
        lambda x: x**x,
        lambda x: x**x * (np.log(x) + 1),
        lambda x: x**x * ((np.log(x) + 1) ** 2 + 1 / x),
        lambda x: x**x * ((np.log(x) + 1) ** 3 + 3 * (np.log(x) + 1) / x - 1 / x**2),
    ),
    "broadcast": (
        sum_of_squared_sines,
        lambda x: np.sum(V * np.sin(2 * V * x)),
        lambda x: np.sum(2 * V**2 * np.cos(2 * V * x)),
        lambda x: np.sum(-4 * V**3 * np.sin(2 * V * x)),
    ),
    "object array": (
        through_an_object_array,
        lambda x: 3 * x**2 + 2 * x,
        lambda x: 6 * x + 2,
        lambda x: 6.0,
    ),
    "in place": (
        through_assignments,
        lambda x: 2 * x + 3 * x**2 + 4 * x**3,
        lambda x: 2 + 6 * x + 12 * x**2,
        lambda x: 6 + 24 * x,
    ),
    "loop": (through_a_loop, lambda x: 7 * x**6, lambda x: 42 * x**5, lambda x: 210 * x**4),
    "inv": (through_linalg, lambda x: -1 / x**2, lambda x: 2 / x**3, lambda x: -6 / x**4),
    "indexing": (through_indexing, lambda x: 22 * x, lambda x: 22.0, lambda x: 0.0),
}


@pytest.mark.one_in(2)
@pytest.mark.parametrize("product", PRODUCTS, ids=name_of_product)
@pytest.mark.parametrize("tower", TOWERS)
def test_every_product_of_the_modes_is_the_closed_form(tower, product):
    """The n-th derivative does not depend on the modes by which it is taken."""
    x = 1.4
    f = TOWERS[tower][0]
    expected = TOWERS[tower][len(product)](x)
    assert_allclose(expected, apply_all(product, f)(x), rtol=1e-9, atol=1e-9)


# Each is elementwise, so that what a batch makes of a number can be differentiated again.
OF_EACH = {
    "forward": lambda f: lambda x: dr.jvp(f, (x,), (np.ones_like(x),))[1],
    "reverse": lambda f: lambda x: dr.grad(lambda x: np.sum(f(x)))(x),
    "series": lambda f: lambda x: dr.taylor(f, x, np.ones_like(x), 1)[1],
    "batch": dr.vmap,
}
BATCHED = [
    product
    for n in (1, 2, 3)
    for product in itertools.product(OF_EACH, repeat=n)
    if "batch" in product
]


@pytest.mark.one_in(4)
@pytest.mark.filterwarnings("ignore::dualrev.errors.PerformanceWarning")
@pytest.mark.parametrize("product", BATCHED, ids="-".join)
@pytest.mark.parametrize("tower", [name for name in TOWERS if name != "loop"])
def test_every_product_with_a_batch_is_the_closed_form_of_each_number(tower, product):
    """Rows of a batch are differentiated as numbers are, wherever the batch stands."""
    axes = product.count("batch")
    x = np.linspace(1.2, 1.6, 2**axes).reshape((2,) * axes)
    expected = np.vectorize(TOWERS[tower][len(product) - axes], otypes=[float])(x)
    ans = apply_all([OF_EACH[mode] for mode in product], TOWERS[tower][0])(x)
    assert_allclose(expected, ans, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("second", ONE_STEP)
@pytest.mark.parametrize("first", ONE_STEP)
def test_every_pair_of_transforms_gives_the_second_derivative(first, second):
    expected = -4 * np.sin(2 * 0.7)
    ans = apply_all((ONE_STEP[first], ONE_STEP[second]), lambda x: np.sin(2 * x))(0.7)
    assert_allclose(expected, ans, rtol=1e-12)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_hessian(x):
    n = len(x)
    h = np.zeros((n, n))
    for i in range(n - 1):
        h[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        h[i + 1, i + 1] += 200
        h[i, i + 1] -= 400 * x[i]
        h[i + 1, i] -= 400 * x[i]
    return h


@pytest.mark.parametrize("modes", PAIRS, ids="-".join)
def test_every_product_of_jacobians_is_the_hessian(modes):
    x = np.array([0.3, -1.2, 2.0, 0.5])
    inner, outer = modes
    ans = dr.jacobian(dr.jacobian(rosenbrock, mode=inner), mode=outer)(x)
    assert_allclose(rosenbrock_hessian(x), ans, rtol=1e-12, atol=1e-9)


def test_hessian_and_hvp_are_the_closed_form():
    x = np.array([0.3, -1.2, 2.0, 0.5])
    v = np.array([1.0, -1.0, 0.25, 3.0])
    expected = rosenbrock_hessian(x)
    assert_allclose(expected, dr.hessian(rosenbrock)(x), rtol=1e-12, atol=1e-9)
    assert_allclose(expected @ v, dr.hvp(rosenbrock)(x, v), rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("modes", TRIPLES, ids="-".join)
def test_every_triple_of_jacobians_is_the_third_derivative_tensor(modes):
    """f = x0 x1 x2 + sum x**4 / 24 has 1 where all indices differ and x_i where all are i."""
    x = np.array([0.5, -1.5, 2.0])
    expected = np.zeros((3, 3, 3))
    for i, j, k in itertools.permutations(range(3)):
        expected[i, j, k] = 1
    for i in range(3):
        expected[i, i, i] = x[i]
    f = apply_all(
        [lambda f, m=m: dr.jacobian(f, mode=m) for m in modes],
        lambda x: x[0] * x[1] * x[2] + np.sum(x**4) / 24,
    )
    assert_allclose(expected, f(x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("modes", PAIRS, ids="-".join)
def test_every_product_of_jacobians_of_an_object_array(modes):
    """[x0 x1**2, x2 x0, x1] has the second derivatives 2 x1, 2 x0 and 1."""

    def f(x):
        return np.array([x[0] * x[1] ** 2, x[2] * x[0], x[1]])

    x = np.array([0.5, -1.5, 2.0])
    expected = np.zeros((3, 3, 3))
    expected[0, 0, 1] = expected[0, 1, 0] = 2 * x[1]
    expected[0, 1, 1] = 2 * x[0]
    expected[1, 0, 2] = expected[1, 2, 0] = 1
    inner, outer = modes
    assert_allclose(expected, dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(x))


def test_derivative_of_a_hessian_product_is_right():
    """d/ds of (H(x + s u) v) at 0 is the third derivative along u and v."""
    x, u, v = np.array([0.5, 2.0]), np.array([1.0, -1.0]), np.array([2.0, 3.0])
    product = dr.hvp(lambda x: x[0] ** 3 * x[1])
    ans = dr.derivative(lambda s: product(x + s * u, v))(0.0)
    # T_000 = 6 x1, T_001 = 6 x0, others 0
    expected = [
        6 * x[1] * u[0] * v[0] + 6 * x[0] * (u[0] * v[1] + u[1] * v[0]),
        6 * x[0] * u[0] * v[0],
    ]
    assert_allclose(expected, ans, rtol=1e-12)


# ----------------------------------------------------------------------- perturbation confusion

BOTH = list(itertools.product((FORWARD, REVERSE), repeat=2))


@pytest.mark.parametrize("modes", BOTH, ids=name_of_product)
def test_siskind_and_pearlmutter_2005_sum(modes):
    """d/dx (x * d/dy (x + y) at y=1) at x=1 is 1; with confused perturbations it is 2."""
    inner, outer = modes
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0


@pytest.mark.parametrize("modes", BOTH, ids=name_of_product)
def test_siskind_and_pearlmutter_2005_constant_one(modes):
    """constant_one(x) = d/dy (x + y) is 1, so d/dx (x * constant_one(x)) is 1 at every x."""
    inner, outer = modes

    def constant_one(x):
        return inner(lambda y: x + y)(1.0)

    for x in (-1.0, 0.0, 1.0, 3.5):
        assert outer(lambda x: x * constant_one(x))(x) == 1.0
    assert outer(constant_one)(1.0) == 0.0


@pytest.mark.parametrize("modes", BOTH, ids=name_of_product)
def test_nested_product_of_both_variables(modes):
    """d/dx (x * d/dy (x * y) at y=2) = d/dx x**2 = 2 x."""
    inner, outer = modes
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(1.0) == 2.0


@pytest.mark.parametrize("modes", BOTH, ids=name_of_product)
def test_inner_point_that_depends_on_the_outer_variable(modes):
    """d/dx (d/dy (x y**2) at y=x) = d/dx 2 x**2 = 4 x."""
    inner, outer = modes
    assert outer(lambda x: inner(lambda y: x * y**2)(x))(3.0) == 12.0


@pytest.mark.parametrize("modes", [p for p in PRODUCTS if len(p) == 3], ids=name_of_product)
def test_three_levels_that_all_meet_in_one_product(modes):
    """d/dx d/dy d/dz (x y z)**2 = 8 x y z, each level seeing the other variables as constants."""
    a, b, c = modes

    def over_z(x, y):
        return a(lambda z: (x * y * z) ** 2)(2.0)

    def over_y(x):
        return b(lambda y: over_z(x, y))(3.0)

    assert c(over_y)(5.0) == pytest.approx(8 * 5 * 3 * 2)


@pytest.mark.parametrize("modes", BOTH, ids=name_of_product)
def test_manzyuk_et_al_2019_shift_operator(modes):
    """The derivative operator made by shifting, applied twice, is the second derivative.

    With s(u)(f)(x) = f(x + u) and D f = the derivative of u -> s(u)(f) at 0, D(D(f)) is f''; the
    published bug, one tag for both uses of D, answers 0.
    """

    def shifted(u):
        return lambda f: lambda x: f(x + u)

    def operator(mode):
        return lambda f: lambda x: mode(lambda u: shifted(u)(f)(x))(0.0)

    once, again = map(operator, modes)
    assert_allclose(np.exp(1.0), again(once(np.exp))(1.0), rtol=1e-15)
    assert_allclose(-np.sin(0.5), again(once(np.sin))(0.5), rtol=1e-15)
    assert_allclose(6 * 2.0, again(once(lambda x: x**3))(2.0), rtol=1e-15)


@pytest.mark.parametrize("mode", [FORWARD, REVERSE])
def test_manzyuk_et_al_2019_function_as_result_is_an_error(mode):
    """The derivative of a function that returns a function is refused, never confused."""
    with pytest.raises(dr.StructureError, match="function"):
        mode(lambda u: lambda f: lambda x: f(x + u))(0.0)


@pytest.mark.parametrize("mode", [FORWARD, REVERSE])
def test_manzyuk_et_al_2019_perturbation_that_escapes_in_a_closure_is_an_error(mode):
    """A closure over the perturbed variable, called later, is refused, never a wrong number."""
    kept = []

    def keep(u):
        kept.append(lambda f: lambda x: f(x + u))
        return u

    mode(keep)(0.0)
    with pytest.raises(dr.EscapedTracerError):
        kept[0](np.exp)(1.0)


@pytest.mark.parametrize("modes", BOTH, ids=name_of_product)
def test_perturbation_that_escapes_into_the_outer_transform_is_an_error(modes):
    """An inner variable kept and returned by the outer function is no constant of it."""
    inner, outer = modes

    def f(x):
        kept = []
        inner(lambda y: (kept.append(y * x), y * x)[1])(1.0)
        return kept[0]

    with pytest.raises(dr.EscapedTracerError):
        outer(f)(2.0)


# ------------------------------------------------------------------------------ programs in loops


def test_newton_iteration_inside_f_is_differentiated():
    """The root of y**2 - a by Newton's method with our derivative: d sqrt(a) / da."""

    def root(a):
        y = a
        for _ in range(8):
            y = y - (y**2 - a) / dr.derivative(lambda z: z**2 - a)(y)
        return y

    for mode in (FORWARD, REVERSE):
        assert_allclose(0.5 / np.sqrt(3.0), mode(root)(3.0), rtol=1e-12)


@pytest.mark.parametrize("modes", BOTH, ids=name_of_product)
def test_unrolled_gradient_descent_has_the_hypergradient(modes):
    """y_k - a = (1 - 2 r)**k (y_0 - a) for (y - a)**2, so dy_k/da = 1 - (1 - 2 r)**k."""
    inner, outer = modes
    rate, steps = 0.1, 5

    def descend(a):
        y = 0.0
        for _ in range(steps):
            y = y - rate * inner(lambda y: (y - a) ** 2)(y)
        return y

    assert_allclose(1 - (1 - 2 * rate) ** steps, outer(descend)(4.0), rtol=1e-12)


def test_gradient_taken_inside_gets_the_outer_derivative_of_every_argument():
    """grad(argnums=(0, 1)) inside grad: d/da of a.b + c at (a, b) = (x, x) is 2 sum(x)."""

    def f(x):
        by_a, by_b = dr.grad(lambda a, b: a @ b * 0.5 * np.sum(a), argnums=(0, 1))(x, x)
        return by_a @ x + by_b @ x

    # by_a = 0.5 (b sum(a) + a.b), by_b = 0.5 a sum(a): f = 1.5 |x|**2 sum(x)
    x = np.array([1.0, 2.0, -0.5])
    expected = 3 * x * np.sum(x) + 1.5 * (x @ x)
    assert_allclose(expected, dr.grad(f)(x), rtol=1e-12)


@pytest.mark.parametrize("modes", BOTH, ids=name_of_product)
def test_aux_of_an_inner_transform_keeps_the_outer_derivative(modes):
    """aux = a * y at y = a is a**2 to the outer transform: 2 a."""
    inner, outer = modes

    def f(a):
        _, aux = inner(lambda y: (y**2 * a, a * y), has_aux=True)(a)
        return aux

    assert_allclose(6.0, outer(f)(3.0))


@pytest.mark.parametrize("modes", BOTH, ids=name_of_product)
def test_value_of_an_inner_transform_keeps_the_outer_derivative(modes):
    inner, outer = modes

    def by_values(a):
        value, _ = dr.value_and_grad(lambda y: y**2 * a)(a)
        ans, _ = dr.jvp(lambda y: y**2 * a, (a,), (1.0,))
        pulled, _ = dr.vjp(lambda y: y**2 * a, a)
        return value + ans + pulled + inner(lambda y: y * a)(a)

    assert_allclose(9 * 4.0 + 1, outer(by_values)(2.0))


# --------------------------------------------------------------------------- exceptions inside f


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("modes", BOTH, ids=name_of_product)
def test_levels_are_right_after_an_exception_inside_f(modes):
    inner, outer = modes

    def failing(y):
        raise Interrupted(y * 2)

    def f(x):
        for _ in range(3):
            with pytest.raises(Interrupted):
                inner(failing)(x)
            with pytest.raises(Interrupted):
                inner(inner(failing))(x)
        return x * inner(lambda y: x + y)(1.0)

    assert outer(f)(1.0) == 1.0
    with pytest.raises(Interrupted):
        outer(failing)(1.0)
    assert outer(inner(lambda x: x**3))(2.0) == 12.0


@pytest.mark.parametrize("mode", [FORWARD, REVERSE])
def test_exception_of_the_user_arrives_as_it_was_raised(mode):
    error = Interrupted("by the user")

    def f(x):
        raise error

    with pytest.raises(Interrupted) as caught:
        mode(f)(1.0)
    assert caught.value is error


def test_transforms_in_interleaved_generators_do_not_disturb_each_other():
    """x * x + 4 x + 4 x, taken piece by piece in two generators."""

    def f(x):
        def steps():
            yield dr.grad(lambda y: y * x)(2.0)
            yield dr.grad(lambda y: y**2 * x)(2.0)

        first, second = steps(), steps()
        total = next(first) * next(second) + next(first)
        return total + next(second)

    assert_allclose(2 * 3.0 + 8, dr.grad(f)(3.0))
