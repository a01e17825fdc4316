"""Rules of the user's own: every word, as a call and as a decorator, in both modes."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.testing import check_derivatives

X = np.array([0.3, -0.7, 1.1])


@dr.elementwise(partials=(lambda ans, x: np.cos(x),))
def sine(x):
    return np.sin(x)


@dr.linear(transposes=(lambda ct, x: np.cumsum(ct[::-1])[::-1],))
def running_sum(x):
    return np.cumsum(x)


@dr.constant
def whole_part(x):
    return np.floor(x)


def weighted_jvp(tangents, ans, x, w, scale=1.0):
    dx, dw = tangents
    terms = [scale * dx * w] if dx is not None else []
    return sum(terms + ([scale * x * dw] if dw is not None else []))


def weighted_vjp(ct, wanted, ans, x, w, scale=1.0):
    return scale * ct * w, scale * ct * x


def weighted(x, w, scale=1.0):
    return scale * x * w


PAIRS = {
    "both": dr.rule(weighted, jvp=weighted_jvp, vjp=weighted_vjp),
    "only a jvp": dr.rule(lambda x, w, scale=1.0: scale * x * w, jvp=weighted_jvp),
    "only a vjp": dr.rule(lambda x, w, scale=1.0: scale * x * w, vjp=weighted_vjp),
}


@pytest.mark.parametrize("function", [sine, running_sum], ids=lambda f: f.__name__)
def test_declared_function_has_both_modes_and_second_derivatives(function):
    assert check_derivatives(lambda x: function(x) * x, X) < 1e-6


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_pair_has_both_modes_whichever_half_was_given(pair):
    f = lambda p: pair(p["x"], np.sin(p["w"]), scale=2.0)  # noqa: E731
    assert check_derivatives(f, {"x": X, "w": X[::-1].copy()}) < 1e-6


def polar_jvp(tangents, ans, x, y):
    r, _ = ans
    tx, ty = (0 * x if t is None else t for t in tangents)
    return (x * tx + y * ty) / r, (x * ty - y * tx) / r**2


def polar_vjp(ct, wanted, ans, x, y):
    (r, _), (ct_r, ct_angle) = ans, ct
    return ct_r * x / r - ct_angle * y / r**2, ct_r * y / r + ct_angle * x / r**2


@pytest.mark.parametrize(
    "given", [{"jvp": polar_jvp}, {"vjp": polar_vjp}], ids=lambda pair: next(iter(pair))
)
def test_half_a_pair_of_a_function_with_two_answers_is_enough(given):
    polar = dr.rule(lambda x, y: (np.hypot(x, y), np.arctan2(y, x)), **given)

    def f(p):
        r, angle = polar(p[0], p[1])
        return r * angle + polar(p[1], 2.0)[1]

    assert check_derivatives(f, np.array([0.5, 1.2])) < 1e-6


def test_an_integer_answer_beside_others_has_no_tangent():
    ordered = dr.rule(
        lambda x: (np.sort(x), np.argsort(x)),
        vjp=lambda ct, wanted, ans, x: (ct[0][np.argsort(ans[1])],),
    )
    x, t = np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal([2, 3, 1], dr.jvp(lambda x: ordered(x)[0], (x,), (t,))[1])
    np.testing.assert_array_equal([0, 1, 0], dr.grad(lambda x: ordered(x)[0][0])(x))


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_pair_of_a_constant_and_a_traced_argument(pair):
    np.testing.assert_allclose(2.0 * X, dr.grad(lambda x: pair(x, X, scale=2.0).sum())(X))
    np.testing.assert_allclose(np.diag(X), dr.jacobian(lambda w: pair(X, w), mode="forward")(X))


def test_declared_function_is_still_a_function_of_plain_arrays():
    np.testing.assert_array_equal(np.sin(X), sine(X))
    assert sine.__name__ == "sine"


def test_constant_function_carries_no_derivative():
    assert dr.derivative(lambda x: x * whole_part(x))(2.5) == 2.0


def test_broadcasting_is_not_the_users_concern():
    product = dr.elementwise(
        lambda x, y: np.multiply(x, y), lambda ans, x, y: y, lambda ans, x, y: x
    )
    gradient = dr.grad(lambda x: product(x, np.ones((4, 3))).sum())(X)
    np.testing.assert_array_equal(np.full(3, 4.0), gradient)


def test_black_box_takes_object_arrays_of_traced_elements():
    gradient = dr.grad(lambda x: sine(np.array([x[0], 2 * x[1]])).sum())(X)
    np.testing.assert_allclose([np.cos(X[0]), 2 * np.cos(2 * X[1]), 0], gradient)


@pytest.mark.usefixtures("unwrap_without_rule")
def test_missing_rule_of_numpy_can_be_declared():
    with pytest.raises(dr.MissingRuleError, match=r"dualrev.rule\(numpy.unwrap"):
        dr.grad(lambda x: np.unwrap(x).sum())(X)


@pytest.mark.parametrize(
    ("declare", "text"),
    [
        (lambda: dr.rule(np.sinc), "neither a jvp nor a vjp"),
        (lambda: dr.elementwise(partial=1), "no function and no partials"),
        (lambda: dr.linear(), "no function and no transposes"),
        (lambda: dr.elementwise(lambda x: x), "no partial of"),
        (lambda: dr.rule(3, vjp=weighted_vjp), "declares a function"),
    ],
)
def test_wrong_declaration_says_what_is_missing(declare, text):
    with pytest.raises(dr.ArgumentError, match=text):
        declare()


def test_vjp_of_the_wrong_shape_is_named():
    wrong = dr.rule(lambda x: 2 * x, vjp=lambda ct, wanted, ans, x: (ct.sum(),))
    with pytest.raises(dr.RuleError, match=r"vjp in argument 0 of .* has shape \(\).*\(3,\)"):
        dr.grad(lambda x: wrong(x).sum())(X)


def test_jvp_of_the_wrong_shape_is_named():
    wrong = dr.rule(lambda x: 2 * x, jvp=lambda ts, ans, x: ts[0][:2])
    with pytest.raises(dr.RuleError, match=r"jvp of .* has shape \(2,\).*\(3,\)"):
        dr.jvp(wrong, (X,), (X,))


def test_vjp_with_the_wrong_number_of_cotangents_is_named():
    wrong = dr.rule(lambda x, y: x * y, vjp=lambda ct, wanted, ans, x, y: (ct * y,))
    with pytest.raises(dr.RuleError, match="must return a tuple of 2 cotangents"):
        dr.grad(lambda x: wrong(x, x).sum())(X)


def test_transpose_of_the_wrong_shape_is_named():
    wrong = dr.linear(lambda x: x[:2], lambda ct, x: ct)
    with pytest.raises(dr.RuleError, match="transpose in argument 0"):
        dr.grad(lambda x: wrong(x).sum())(X)


@pytest.mark.parametrize(
    ("f", "given", "differentiate"),
    [
        (lambda x: x * x, {"jvp": lambda ts, ans, x: np.float64(3.0)}, "grad"),
        (lambda x: x * x, {"vjp": lambda ct, wanted, ans, x: (np.float64(3.0),)}, "jacobian"),
        (lambda x: (x, 2 * x), {"jvp": lambda ts, ans, x: (ts[0],)}, "grad"),
        (lambda x: (x, 2 * x), {"jvp": lambda ts, ans, x: (ts[0], np.ones(5))}, "jacobian"),
    ],
)
def test_the_half_that_was_given_is_checked_where_the_other_is_derived_from_it(
    f, given, differentiate
):
    declared = dr.rule(f, **given)

    def first(x):
        ans = declared(x)
        return np.sum(ans[0] if isinstance(ans, tuple) else ans)

    derivative = dr.grad(first) if differentiate == "grad" else dr.jacobian(first, mode="forward")
    with pytest.raises(dr.RuleError, match="shape|must return a tuple of 2"):
        derivative(X)
