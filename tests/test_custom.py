"""Rules of the user's own: every word, as a call and as a decorator, in both modes."""

import math

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
    with pytest.raises(dr.RuleError, match="of 2; it returned a tuple of 1"):
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


# ------------------------------------------------------- called by keyword, with lists and structures

triple = dr.constant(lambda x, weights=None: 3 * np.asarray(x["a"] if isinstance(x, dict) else x))
scaled_square = dr.elementwise(
    lambda x=1.0, y=2.0: np.square(x) * y, lambda ans, x, y: 2 * x * y, lambda ans, x, y: x**2
)


@pytest.mark.parametrize(
    "call",
    [
        lambda a: triple(x=a),
        lambda a: triple([a[0], a[1], a[2]]),
        lambda a: triple(x=(a[0], a[1], a[2])),
        lambda a: triple([[a[0], a[1], a[2]]])[0],
        lambda a: triple(np.array([a[0], a[1], a[2]])),
        lambda a: triple({"a": a}),
        lambda a: triple(X, weights=[a]) + 3 * (dr.stop_gradient(a) - X),
    ],
)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_constant_function_carries_no_derivative_however_it_is_called(call, mode):
    np.testing.assert_allclose(
        np.diag(3 * X), dr.jacobian(lambda a: call(a) * a, mode=mode)(X), rtol=1e-15
    )
    hessian = dr.jacobian(dr.jacobian(lambda a: np.sum(call(a) * a**2), mode=mode))
    np.testing.assert_allclose(np.diag(6 * X), hessian(X), rtol=1e-15)


@pytest.mark.parametrize(
    ("call", "slopes"),
    [
        (lambda a: scaled_square(y=a, x=3.0), 9 + 0 * X),
        (lambda a: scaled_square(y=a), 1 + 0 * X),
        (lambda a: scaled_square(a), 4 * X),
        (lambda a: scaled_square(x=a, y=a), 3 * X**2),
        (lambda a: scaled_square(3.0, y=[a[0], 2.0, a[2]]), np.array([9.0, 0, 9])),
        (lambda a: PAIRS["both"](w=a, scale=2.0, x=3.0), 6 + 0 * X),
        (lambda a: PAIRS["only a vjp"](w=[a[0], a[1], 1.0], x=3.0), np.array([3.0, 3, 0])),
        (lambda a: running_sum(x=a) - running_sum(x=a * 0.5), None),
    ],
)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_declared_function_may_be_called_by_keyword_and_with_lists(call, slopes, mode):
    expected = np.tril(np.full((3, 3), 0.5)) if slopes is None else np.diag(slopes)
    np.testing.assert_allclose(expected, dr.jacobian(call, mode=mode)(X), rtol=1e-14)


def test_a_rule_is_used_where_the_argument_is_named():
    """A rule that says another thing than its function shows which of the two was used."""
    other = dr.elementwise(lambda x: x**2, lambda ans, x: 5.0)
    assert dr.derivative(lambda x: other(x=x))(2.0) == 5.0
    assert dr.derivative(lambda x: np.sum(other([x, 1.0])))(2.0) == 5.0


def test_an_array_argument_that_the_call_lacks_raises_as_the_function_does():
    product = dr.elementwise(lambda x, y: x * y, lambda ans, x, y: y, lambda ans, x, y: x)
    with pytest.raises(TypeError, match="missing .*required .*'x'"):
        dr.grad(lambda a: product(y=a))(2.0)


def sum_of_products(*factors, scale=1.0):
    return scale * factors[0] * factors[1]


@pytest.mark.parametrize(
    "vjp",
    [
        lambda ct, wanted, ans, x, y, scale=1.0: (scale * ct * y, scale * ct * x),
        lambda ct, wanted, ans, *xs, scale=1.0: (scale * ct * xs[1], scale * ct * xs[0]),
    ],
)
def test_a_function_of_any_number_of_arguments_takes_options_too(vjp):
    declared = dr.rule(sum_of_products, vjp=vjp)
    np.testing.assert_allclose(6 + 0 * X, dr.grad(lambda a: declared(a, 3.0, scale=2.0).sum())(X))
    for option in (lambda a: a[0], lambda a: [a[0]], lambda a: {"by": a}):
        with pytest.raises(dr.MissingRuleError, match="the argument `scale` traced"):
            dr.grad(lambda a, option=option: declared(X, 3.0, scale=option(a)).sum())(X)


def test_a_structure_where_a_rule_has_an_array_is_named():
    with pytest.raises(dr.MissingRuleError, match="of a structure"):
        dr.grad(lambda a: sine({"x": a}))(X)


def test_a_function_may_answer_pythons_numbers():
    sine_of_python = dr.elementwise(lambda x: math.sin(x), lambda ans, x: np.cos(x))
    pair = dr.rule(
        lambda x: (math.sin(x), math.cos(x)),
        jvp=lambda ts, ans, x: (ts[0] * ans[1], -ts[0] * ans[0]),
    )
    for mode in ("forward", "reverse"):
        gradient = dr.jacobian(lambda x: sine_of_python(x[0]) * pair(x[0])[1], mode=mode)(X)
        np.testing.assert_allclose([np.cos(2 * X[0]), 0, 0], gradient, rtol=1e-14)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    ("function", "partial"),
    [
        (lambda x: x**2, lambda ans, x: np.ones((3, 1))),
        (lambda x: x**2, lambda ans, x: np.diag(2 * x)),
        (lambda x: x**2, lambda ans, x: (2 * x)[:2]),
    ],
)
def test_partial_of_the_wrong_shape_is_named(function, partial, mode):
    wrong = dr.elementwise(function, partial)
    with pytest.raises(dr.RuleError, match=r"partial in argument 0 of .*<lambda> has shape"):
        dr.jacobian(wrong, mode=mode)(X)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("partial", [1.0, lambda ans, x: 1.0, lambda ans, x: 2 * x])
def test_a_function_that_is_not_elementwise_is_named(partial, mode):
    wrong = dr.elementwise(lambda x: np.sum(x), partial)
    with pytest.raises(dr.RuleError, match=r"elementwise; it answered shape \(\) to arguments"):
        dr.jacobian(lambda x: wrong(x) * np.ones(2), mode=mode)(X)


@pytest.mark.parametrize("returned", [None, (None,), "text", {"ct": 1.0}, np.ma.array(X)])
def test_a_vjp_that_returns_no_numbers_is_named(returned):
    """A return that is missing would be a derivative of 0."""
    wrong = dr.rule(lambda x: x * 2, vjp=lambda ct, wanted, ans, x: returned)
    with pytest.raises(dr.RuleError, match="vjp"):
        dr.grad(lambda x: np.sum(wrong(x)))(X)


@pytest.mark.parametrize("answered", [None, "text", {"a": X}])
def test_a_declared_function_that_answers_no_numbers_is_named(answered):
    wrong = dr.rule(lambda x: answered, vjp=lambda ct, wanted, ans, x: (ct,))
    with pytest.raises(dr.RuleError, match="answered"):
        dr.grad(lambda x: wrong(x))(X)


def test_a_declaration_with_too_many_partials_is_named():
    for wrong in (
        dr.elementwise(lambda x: x, 1.0, 1.0),
        dr.linear(lambda x: x, lambda ct, x: ct, lambda ct, x: ct),
    ):
        with pytest.raises(dr.RuleError, match="with 2 array arguments, and called with 1"):
            dr.grad(lambda x: np.sum(wrong(x)))(X)


@pytest.mark.parametrize("part", [3.0, "text", None, X])
def test_a_part_of_a_declaration_that_is_no_function_is_named(part):
    with pytest.raises(dr.ArgumentError):
        dr.linear(lambda x: x, part)
    with pytest.raises(dr.ArgumentError):
        dr.rule(lambda x: x, vjp=part)
    if not isinstance(part, float):
        with pytest.raises(dr.ArgumentError):
            dr.elementwise(lambda x: x, part)


def folded(f, x):
    """The running fold of x by f."""
    ys = [x[0]]
    for e in x[1:]:
        ys.append(f(ys[-1], e))
    return np.stack(ys)


METHODS = {
    "call": (lambda f, x: f(x, x[::-1]), lambda f, x: f(x, x[::-1])),
    "outer": (lambda f, x: f.outer(x, x[:2]), lambda f, x: f(x[:, None], x[:2])),
    "reduce": (lambda f, x: f.reduce(x), lambda f, x: folded(f, x)[-1]),
    "accumulate": (lambda f, x: f.accumulate(x), folded),
    "reduceat": (lambda f, x: f.reduceat(x, [0, 2]), lambda f, x: np.stack([f(x[0], x[1]), x[2]])),
}


@pytest.mark.parametrize("name", METHODS)
def test_the_methods_of_a_declared_ufunc_have_the_derivatives_of_its_calls(name):
    ufunc = dr.elementwise(
        np.frompyfunc(lambda x, y: x**2 * y + y**3, 2, 1),
        lambda ans, x, y: 2 * x * y,
        lambda ans, x, y: x**2 + 3 * y**2,
    )
    method, by_calls = METHODS[name]
    assert check_derivatives(lambda x: method(ufunc, x), X) < 1e-6
    expected = dr.jacobian(lambda x: by_calls(ufunc, x))(X)
    np.testing.assert_allclose(expected, dr.jacobian(lambda x: method(ufunc, x))(X), rtol=1e-12)


def test_a_declared_ufunc_writes_at_places():
    ufunc = dr.elementwise(
        np.frompyfunc(lambda x, y: x * y, 2, 1), lambda ans, x, y: y, lambda ans, x, y: x
    )

    def f(x):
        y = x.copy()
        ufunc.at(y, [0, 0, 2], x)
        return y

    assert check_derivatives(f, X) < 1e-6
