"""A zero beside an infinite partial: of a branch not taken, or of what does not move, it stays 0.

Of arithmetic it is nan.
"""

import functools
import itertools

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from dualrev.core.guarded import guarded_product
from dualrev.core.words import rule
from dualrev.errors import NonFiniteError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

N = 20_000  # so large that a gradient frees its arrays on the way


def reverse(f, x):
    """The gradient by each way to pull."""
    total = lambda x: np.sum(f(x))  # noqa: E731
    yield dr.grad(total)(x)
    yield dr.vjp(total, x)[1](1.0)[0]
    yield dr.jacobian(total, mode="reverse")(x)


def forward(f, x):
    """The gradient by each way to push over a tape."""
    total = lambda x: np.sum(f(x))  # noqa: E731
    yield dr.jacobian(total, mode="forward")(x)
    push = dr.linearize(total, x)[1].push
    yield np.stack([push(t) for t in np.eye(len(x))])


# ---------------------------------------------------------------------------- no influence

MASK = np.array([0.0, 1.0])
ROOT = [[0.0, 4.0], [0.0, 0.25]]  # np.sqrt, of which the first element has no say
NO_INFLUENCE = {
    "where": (lambda r: np.where([False, True], r, 0.0), [0, 0.25]),
    "a mask that is multiplied in": (lambda r: MASK * r, [0, 0.25]),
    "a mask that was divided by": (lambda r: r / np.array([np.inf, 1.0]), [0, 0.25]),
    "a mask as exponent": (lambda r: r ** np.array([1.0, 1.0]) * MASK, [0, 0.25]),
    "a number 0": (lambda r: 0.0 * r + r[1], [0, 0.5]),
    "an index": (lambda r: r[1:] ** 2, [0, 1]),
    "a mask as index": (lambda r: r[MASK > 0] * 2, [0, 0.5]),
    "a write": (lambda r: written(r) * 3, [0, 0.75]),
    "triu": (lambda r: np.triu(np.stack([r[::-1], r]), 0)[0, :1], [0, 0.25]),
    "max": (np.max, [0, 0.25]),
    "maximum": (lambda r: np.maximum(r, 0.5), [0, 0.25]),
    "clip": (lambda r: np.clip(r, 1.0, 5.0), [0, 0.25]),
    "sort": (lambda r: np.sort(r)[1], [0, 0.25]),
    "a matrix": (lambda r: np.array([[0.0, 2.0]]) @ r, [0, 0.5]),
    "dot": (lambda r: MASK @ r, [0, 0.25]),
    "traced matrices": (lambda r: (np.diag(r) @ np.diag(r + 1))[1, 1], [0, 1.25]),
    "einsum": (lambda r: np.einsum("i,i->", MASK, r), [0, 0.25]),
    "sum(where=)": (lambda r: np.sum(r, where=MASK > 0), [0, 0.25]),
    "the exponent 0": (lambda r: r**0 + r[1], [0, 0.5]),
}


def written(r):
    r = r.copy()
    r[0] = 7.0
    return r


@pytest.mark.parametrize("name", NO_INFLUENCE)
def test_what_has_no_influence_has_derivative_zero(name):
    f, expected = NO_INFLUENCE[name]
    for gradient in reverse(lambda x: f(np.sqrt(x)), np.array(ROOT[0])):
        assert_allclose(expected, gradient, rtol=1e-14)


@pytest.mark.filterwarnings("ignore::dualrev.errors.PerformanceWarning")
@pytest.mark.parametrize("name", NO_INFLUENCE)
def test_what_has_no_influence_has_derivative_zero_in_each_row_of_a_batch(name):
    f, expected = NO_INFLUENCE[name]
    beside = np.array([0.3, 1.5])
    total = lambda x: np.sum(f(np.sqrt(x)))  # noqa: E731
    rows = np.array([ROOT[0], beside])
    expected = np.array([expected, dr.grad(total)(beside)])
    assert_allclose(expected, dr.vmap(dr.grad(total))(rows), rtol=1e-14)
    assert_allclose(expected, dr.grad(lambda x: np.sum(dr.vmap(total)(x)))(rows), rtol=1e-14)


# ------------------------------------------------------------------- products of many terms

M = np.array([[1.0, np.inf], [2.0, 3.0]])
STACK = np.array([M, [[np.nan, 1.0], [1.0, -np.inf]]])
# Which elements of the answer are taken, of products of M or STACK and v.
PRODUCTS = {
    "matmul": (lambda v: M @ v, [False, True]),
    "of a row": (lambda v: v @ M, [True, False]),
    "of a stack": (lambda v: STACK @ v, [[False, True], [False, False]]),
    "of two": (lambda v: M @ np.stack([v, v * v]), [[False, False], [True, True]]),
    "dot": (lambda v: np.dot(STACK, v), [[False, True], [False, False]]),
    "inner": (lambda v: np.inner(v, M), [False, True]),
    "outer": (lambda v: np.outer(M, v), np.ravel(np.isfinite(M))[:, None]),
    "kron": (lambda v: np.kron(M, v), np.kron(np.isfinite(M), [1, 1]) > 0),
    "vdot": (lambda v: np.vdot(M[0], v), False),
    "vecdot": (lambda v: np.vecdot(M, v), [False, True]),
    "tensordot": (lambda v: np.tensordot(STACK, v, 1), [[False, True], [False, False]]),
    "einsum": (lambda v: np.einsum("ij,j,j->i", M, v, v), [False, True]),
    "cross": (lambda v: np.cross([np.inf, 1.0, 2.0], v[[0, 1, 0]]), [True, False, False]),
    "trace": (lambda v: np.trace(M * v) * np.ones(2), [True, True]),
    "complex": (lambda v: ((1j * M) @ v).imag, [False, True]),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_an_infinite_factor_of_what_is_not_taken_has_no_say(name):
    product, taken = PRODUCTS[name]
    v = np.array([2.0, 3.0])
    f = lambda v: np.sum(np.where(taken, product(v), 0.0))  # noqa: E731
    expected = [(f(v + h) - f(v - h)) / 2e-3 for h in 1e-3 * np.eye(2)]
    for gradient in (*reverse(f, v), *forward(f, v)):
        assert_allclose(expected, gradient, rtol=1e-9)
    assert_allclose(expected, [dr.jvp(f, (v,), (e,))[1] for e in np.eye(2)], rtol=1e-9)
    assert_allclose([expected] * 2, dr.vmap(dr.grad(f))(np.stack([v, v])), rtol=1e-9)
    assert np.isfinite(dr.hessian(f)(v)).all()


def test_an_infinite_factor_of_what_is_taken_stays():
    v = np.array([2.0, 3.0])
    for gradient in (*reverse(lambda v: (M @ v)[0], v), *forward(lambda v: (M @ v)[0], v)):
        assert_array_equal([1.0, np.inf], gradient)


def test_a_cotangent_of_a_product_that_arithmetic_made_0_does_not_hide_an_infinity():
    for gradient in reverse(lambda v: (M @ v) * (v - v), np.array([2.0, 3.0])):
        assert np.isnan(gradient[1])


# ------------------------------------------------------------------------- what does not move

UNMOVED = {
    "another element": (np.sqrt, [0.0, 4.0], [0, 1], 0.25),
    "another element, written": (lambda x: np.sqrt(written(x)), [1.0, 4.0], [1, 1], 0.25),
    "zeros beside": (lambda x: np.sqrt(np.concatenate([x, [0.0]])), [4.0], [1], 0.25),
    "a diagonal": (lambda x: np.sqrt(np.diag(x)), [4.0, 1.0], [1, 1], 0.75),
    "triu": (lambda x: np.sqrt(np.triu(np.outer(x, x))), [1.0, 1.0], [1, 1], 3),
    "zeros that were written": (lambda x: np.sqrt(padded(x)), [4.0], [1], 0.25),
    "maximum": (lambda x: np.cbrt(np.maximum(x, 0.0)), [-1.0, 8.0], [1, 1], 1 / 12),
    "clip": (lambda x: np.sqrt(np.clip(x, 0.0, 5.0)), [-1.0, 4.0], [1, 1], 0.25),
    "sort": (lambda x: np.sqrt(np.sort(x)), [4.0, 0.0], [1, 0], 0.25),
    "a difference of one": (
        lambda x: np.sqrt((x[:, None] - x) ** 3 + np.eye(2)),
        [0.0, 0.0],
        [1, 1],
        0,
    ),
    "a product beside": (lambda x: np.sqrt(x * x), [0.0, 4.0], [0, 1], 1),
    "a matrix": (lambda x: np.sqrt(np.array([[1.0, 0], [0, 0]]) @ x), [4.0, 3.0], [1, 1], 0.25),
    "a difference of joined": (
        lambda x: np.sqrt(np.concatenate([x, x]) - np.concatenate([x, x])),
        [1.0, 2.0],
        [1, 1],
        0,
    ),
    "a difference of stacked": (lambda x: np.sqrt(np.stack([x, x]) - x), [1.0, 2.0], [1, 1], 0),
    "a difference of chosen": (
        lambda x: np.sqrt(np.where(x > 1, x, 0.0) - np.where(x > 1, x, 0.0)),
        [1.0, 2.0],
        [1, 1],
        0,
    ),
}


def padded(x):
    y = np.zeros_like(x, shape=3)
    y[:1] = x
    return y


@pytest.mark.parametrize("name", UNMOVED)
def test_what_does_not_move_has_tangent_zero(name):
    f, x, t, expected = UNMOVED[name]
    total = lambda x: np.sum(f(x))  # noqa: E731
    t = np.array(t, float)
    assert_allclose(expected, dr.linearize(total, np.array(x))[1].push(t), rtol=1e-14)
    assert_allclose(expected, dr.jvp(total, (np.array(x),), (t,))[1], rtol=1e-14)
    assert_allclose(expected, dr.taylor(total, np.array(x), t, 3)[1], rtol=1e-14)


def test_rows_that_do_not_move_have_tangent_zero():
    """Directions, and masks, that differ from row to row."""
    x = np.array([0.0, 4.0])
    total = lambda x, mask: np.sum(mask * np.sqrt(x))  # noqa: E731
    assert_allclose(-1 / 32, dr.partial(total, (0, 2))(x, 1.0))
    masks = np.array([[0.0, 1.0], [0.0, 2.0]])
    slopes = dr.vmap(dr.grad(total), in_axes=(None, 0))(x, masks)
    assert_allclose(masks / 4, slopes)


CANCELLED = {
    "cbrt(x**3)": lambda x: np.cbrt(x**3),
    "sqrt(x**3)": lambda x: np.sqrt(x**3),
    "sqrt(x * x)": lambda x: np.sqrt(x * x),
    "(1 - cos(x))**0.5": lambda x: (1 - np.cos(x)) ** 0.5,
    "sqrt(x @ x)": lambda x: np.sqrt(np.sum(x * x)),
    "sqrt of a norm squared": lambda x: np.sqrt(np.linalg.norm(x) ** 2),
}


@pytest.mark.parametrize("name", CANCELLED)
def test_a_tangent_that_arithmetic_made_0_does_not_hide_an_infinity(name):
    f = CANCELLED[name]
    x = np.zeros(1)
    for gradient in (*reverse(f, x), *forward(f, x)):
        assert np.isnan(gradient).all()
    total = lambda x: np.sum(f(x))  # noqa: E731
    assert np.isnan(dr.jvp(total, (x,), (x + 1,))[1])
    assert np.isnan(dr.vmap(lambda x: dr.jvp(total, (x,), (x + 1,))[1])(np.zeros((2, 1)))).all()
    assert np.isnan(dr.taylor(total, x, x + 1, 3)[1:]).all()
    assert np.isnan(dr.derivative_tensor(total, 2)(x)).all()
    for operator in (dr.laplacian, dr.hessian_diagonal, dr.bilaplacian, dr.hvp):
        along = (x + 1,) if operator is dr.hvp else ()
        assert np.isnan(operator(total)(x, *along)).all()
        assert np.isnan(dr.jacobian(operator(total))(x, *along)).all()
    for mode in ("forward", "reverse"):
        inner = dr.jacobian(lambda x: np.sum(f(x)), mode="forward")
        assert not np.isfinite(dr.jacobian(inner, mode=mode)(x)).any()


TWICE = {
    "x**1.5, **(4 / 3)": lambda x: (x**1.5) ** (4 / 3),
    "(x * x)**1.5": lambda x: (x * x) ** 1.5,
}


@pytest.mark.parametrize("name", TWICE)
def test_nor_does_one_of_a_higher_order(name):
    """The first derivative is right, and so is the second where it is finite; of the third none is."""
    f = TWICE[name]
    assert dr.derivative(f)(0.0) == 0.0
    second = 2.0 if "4 / 3" in name else 0.0
    total = lambda x: np.sum(f(x))  # noqa: E731
    x = np.zeros(1)
    for found in (
        dr.derivative(dr.derivative(f))(0.0),
        dr.hvp(f)(0.0, 1.0),
        dr.laplacian(total)(x),
        2 * dr.taylor(f, 0.0, 1.0, 3)[2],
        dr.derivative_tensor(f, 2)(0.0),
    ):
        assert found == second or not np.isfinite(found)
    assert np.isnan(dr.taylor(f, 0.0, 1.0, 3)[3])


@pytest.mark.parametrize("curve", [1.0, np.array([0.0, 1.0])], ids=["line", "curve"])
def test_nor_does_one_of_any_order(curve):
    """abs(x)**5 and abs(x)**7, beside what does not move and what is chosen."""
    for f, order in ((lambda x: (x * x) ** 2.5, 5), (lambda x: (x**3) ** (7 / 3), 7)):
        order *= np.size(curve)
        coefficients = dr.taylor(lambda x: [f(x), np.where(x > 0, f(x), x)], 0.0, curve, order)
        assert np.isnan(coefficients[0][-1])
        assert_array_equal(np.arange(order + 1) == np.size(curve), coefficients[1])


def test_nor_does_a_slope_of_a_differential_equation():
    """y' = y + 1, and y' = t + y."""
    assert_array_equal([0, 1, np.nan, np.nan], dr.taylor_ode(lambda y: np.cbrt(y**3) + 1.0, 0.0, 3))
    coefficients = dr.taylor_ode(lambda t, y: np.cbrt(t**3) + y, 0.0, 3, t0=0.0)
    assert_array_equal([0, 0, np.nan, np.nan], coefficients)
    branch = lambda t, y: np.where(t > 0, np.sqrt(t), 0.0) ** 2 + y  # noqa: E731
    assert_allclose([1, 1, 1 / 2, 1 / 6], dr.taylor_ode(branch, 1.0, 3, t0=0.0))


def test_a_branch_not_taken_has_no_derivative_of_any_order():
    total = lambda x: np.sum(np.where(x > 0, np.sqrt(x) ** 3, 0.0))  # noqa: E731
    x = np.array([0.0, 4.0])
    for t in (np.ones(2), np.array([0.0, 1.0]), np.array([1.0, 0.0])):
        assert dr.jvp(total, (x,), (t,))[1] == 3 * t[1]
        expected = [8.0, 3 * t[1], 3 / 16 * t[1], -1 / 128 * t[1]]
        assert_allclose(expected, dr.taylor(total, x, t, 3))
        assert_allclose([0, 3 / 8 * t[1]], dr.hvp(total)(x, t))
    assert_allclose(3 / 8, dr.laplacian(total)(x))
    assert_allclose([0, 3 / 8], dr.hessian_diagonal(total)(x))


def test_a_zero_of_no_influence_takes_no_other_run():
    """Of the gradient a pull has told so, also of its slopes; but not of a zero that it was given."""
    calls = []

    def f(x):
        calls.append(x)
        return np.where(x > 0, np.sqrt(x) ** 3, 0.0)

    x, t = np.array([0.0, 4.0]), np.ones(2)
    assert_allclose([0, 3 / 8], dr.hvp(lambda x: np.sum(f(x)))(x, t))
    assert len(calls) == 1
    pulled = lambda c: dr.vjp(np.sqrt, 0.0)[1](c**2)[0]  # noqa: E731
    assert np.isnan(dr.jvp(pulled, (0.0,), (1.0,))[1])


def test_value_and_slope_are_of_one_run():
    """Where a 0 hides an infinite partial the function runs again, and may draw another number."""
    draws = iter([2.0, 3.0])

    def f(x):
        return np.sum(np.where(x > 0, np.sqrt(x), 0.0)) * next(draws)

    ans, slope = dr.jvp(f, (np.array([0.0, 4.0]),), (np.array([0.0, 1.0]),))
    assert (ans, slope) == (4.0, 0.5)
    assert next(draws, "no more") == "no more"


def test_a_unit_cotangent_asks_for_one_row_only():
    jacobian = dr.jacobian(np.sqrt, mode="reverse")(np.array([0.0, 4.0]))
    assert_array_equal([[np.inf, 0], [0, 0.25]], jacobian)


def test_large_arrays_tell_a_branch_from_arithmetic_too():
    x = np.tile([0.0, 4.0], N // 2)
    mask = np.tile([0.0, 1.0], N // 2)
    branch = lambda x: np.where(x > 0, np.sqrt(x), x**2) * 1.0  # noqa: E731
    for f in (branch, lambda x: mask * np.sqrt(x) * 1.0):
        for gradient in reverse(f, x):
            assert_allclose(np.tile([0, 0.25], N // 2), gradient)
    for gradient in reverse(lambda x: np.sqrt(x) ** 2 * 3, x):
        assert_array_equal(np.tile([np.nan, 3.0], N // 2), gradient)


root_and_rank = rule(
    lambda x: (np.sqrt(x), np.int32(1)),
    lambda tangents, ans, x: (guarded_product(tangents[0], 0.5 / ans[0]), None),
    lambda ct, wanted, ans, x: (guarded_product(ct[0], 0.5 / ans[0]),),
    name="root_and_rank",
)


def test_an_output_without_a_derivative_hides_nothing():
    for gradient in reverse(lambda x: root_and_rank(x)[0] * (x - x), np.zeros(2)):
        assert np.isnan(gradient).all()


def test_both_in_one_function_are_told_apart():
    """One element has no influence, the other only a cotangent that is 0."""

    def f(x):
        r = np.sqrt(x)
        return np.where([False, True, True], r, 0.0) ** 2

    for gradient in reverse(f, np.array([0.0, 0.0, 4.0])):
        assert_array_equal([0.0, np.nan, 1.0], gradient)


def test_an_inner_transform_tells_them_apart_too():
    def inner(x):
        return dr.grad(lambda y: np.sum(np.where(y > 0, np.sqrt(y), 0.0)))(x) * x

    assert_allclose([0.0, 0.125], dr.grad(lambda x: np.sum(inner(x)))(np.array([0.0, 4.0])))


@pytest.mark.parametrize("inner", ["forward", "reverse"])
@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_what_has_no_first_derivative_has_no_second(inner, outer):
    """arctan(log(x)) at 0: the slope 1 / (x (1 + log(x)**2)) grows without bound."""
    f = lambda x: np.arctan(np.log(x))  # noqa: E731
    assert np.isnan(dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(0.0))


def test_debug_names_the_operation_that_hides_an_infinity():
    with dr.debug(), pytest.raises(NonFiniteError, match="argument 0 of numpy.sqrt"):
        dr.grad(lambda x: np.sqrt(x) ** 2)(0.0)


# -------------------------------------------------------------------- a finite answer is right

# Each with mpmath's own, where it is singular, and its inverse: compositions meet at the points.
FUNCTIONS = {
    "sqrt": (np.sqrt, mpmath.sqrt),
    "square": (np.square, lambda x: x * x),
    "**3": (lambda x: x**3, lambda x: x**3),
    "**1.5": (lambda x: x**1.5, lambda x: mpmath.power(x, 1.5)),
    "log": (np.log, mpmath.log),
    "exp": (np.exp, mpmath.exp),
    "log1p": (np.log1p, lambda x: mpmath.log(1 + x)),
    "reciprocal": (lambda x: 1 / x, lambda x: 1 / x),
    "arctan": (np.arctan, mpmath.atan),
    "cosh": (np.cosh, mpmath.cosh),
    "arccosh": (np.arccosh, mpmath.acosh),
    "1 -": (lambda x: 1 - x, lambda x: 1 - x),
    "negative": (np.negative, lambda x: -x),
}
POINTS = np.array([0.0, 1.0, 1000.0, -1000.0])


def composed(functions):
    return lambda x: functools.reduce(lambda y, f: f(y), functions, x)


def limit(f, x):
    """The derivative from the right, or from the left, as far as mpmath sees it."""
    for h in (mpmath.mpf(10) ** -400, -(mpmath.mpf(10) ** -400)):
        try:
            value = f(x + h)
            slope = (f(x + 2 * h) - value) / h
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        if isinstance(slope, mpmath.mpf):
            yield float(slope)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("names", list(itertools.permutations(FUNCTIONS, 2)), ids="-".join)
def test_a_finite_derivative_through_singular_functions_is_right(names):
    """nan and infinities are no answers: any other number is the limit of the slopes."""
    f = composed([FUNCTIONS[name][0] for name in names])
    exact = composed([FUNCTIONS[name][1] for name in names])
    with mpmath.workdps(1500):
        for x in POINTS:
            if not np.isfinite(f(x)):
                continue
            answers = [
                dr.grad(f)(x),
                dr.jacobian(f, mode="forward")(x),
                dr.derivative(f)(x),
                dr.taylor(f, x, 1.0, 2)[1],
            ]
            slopes = list(limit(exact, mpmath.mpf(x))) if np.isfinite(answers).any() else []
            for found in answers if slopes else []:
                assert not np.isfinite(found) or any(
                    np.isclose(found, slope, rtol=1e-9, atol=1e-100) for slope in slopes
                ), (x, found, slopes)
