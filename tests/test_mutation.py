"""Arrays that the user's code overwrites while a derivative still needs them: right, or an error.

The expected answers are those of the values at the time when the function ran.
"""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr

X = np.array([1.0, 2.0, 3.0])
ONES = np.ones(3)


# ----------------------------------------------------------------- small captured arrays: right


def overwritten(array):
    """Spoil the content, as a buffer that is used again would."""
    array[...] = 77
    return array


# (function of x and the captured array, its gradient by x while the array held C)
C = np.array([2.0, -1.0, 0.5])
USES = {
    "x * c": (lambda x, c: x * c, C),
    "c * x": (lambda x, c: c * x, C),
    "x / c": (lambda x, c: x / c, 1 / C),
    "c / x": (lambda x, c: c / x, -C / X**2),
    "c ** x": (lambda x, c: (c + 3) ** x, (C + 3) ** X * np.log(C + 3)),
    "x ** c": (lambda x, c: x**c, C * X ** (C - 1)),
    "np.multiply": (lambda x, c: np.multiply(c, x), C),
    "x @ c": (lambda x, c: x @ c, C),
    "np.dot": (lambda x, c: np.dot(c, x), C),
    "np.outer": (lambda x, c: np.outer(c, x), C.sum() * ONES),
    "np.einsum": (lambda x, c: np.einsum("i,i->", x, c), C),
    "view of c": (lambda x, c: x[:2] * c[1:], np.array([-1.0, 0.5, 0.0])),
    "broadcast c": (lambda x, c: x * np.broadcast_to(c[:, None], (3, 3)), C.sum() * ONES),
    "reversed c": (lambda x, c: x * c[::-1], C[::-1]),
    "np.where": (lambda x, c: np.where(c > 0, x, 2 * x), np.array([1.0, 2.0, 1.0])),
    "np.maximum": (lambda x, c: np.maximum(x, c * 2), np.array([0.0, 1.0, 1.0])),
    "assigned": (lambda x, c: np.concatenate([x, c]) * np.concatenate([c, x]), 2 * C),
}


@pytest.mark.parametrize("use", USES)
def test_small_captured_array_may_be_overwritten_after_its_use(use):
    f, gradient = USES[use]
    for transform in (
        dr.grad,
        lambda g: lambda x, c: dr.vjp(lambda x: g(x, c), x)[1](1.0)[0],
        lambda g: dr.jacobian(g, mode="forward"),
        lambda g: lambda x, c: dr.linearize(lambda x: g(x, c), x)[1].pull(1.0)[0],
    ):

        def spoiling(x, c):
            y = np.sum(f(x, c))
            overwritten(c)
            return y

        assert_allclose(gradient, transform(spoiling)(X, C.copy()), rtol=1e-14)


def test_small_captured_array_may_change_between_two_uses():
    """A work buffer filled again in each turn of a loop: sum of (k + 1) x."""

    def f(x):
        buffer = np.empty(3)
        total = 0.0
        for k in range(4):
            buffer[:] = k + 1
            total = total + np.sum(buffer * x)
        return total

    assert_allclose(10 * ONES, dr.grad(f)(X))
    _, linear = dr.linearize(f, X)
    assert_allclose(30.0, linear.push(ONES))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_dtype_and_shape_of_a_captured_array_may_be_set_between_two_uses():
    """The bytes stay the same."""

    def f(x):
        c = np.ones(4)
        total = np.sum(x * c[:3])
        c.dtype = np.int64
        total = total + np.sum(x[:1] * c)
        c.dtype = float
        c.shape = 2, 2
        return total + np.sum(x[1:] * c)

    whole = 4.0 * np.ones(1).view(np.int64)[0]
    assert_allclose([1 + whole, 3, 3], dr.grad(f)(X))


def test_view_of_a_captured_array_may_change_between_two_uses():
    def f(x):
        table = np.ones((2, 3))
        y = x * table[0]
        table[0] = 5.0
        return np.sum(y * table[0])

    assert_allclose(5 * ONES, dr.grad(f)(X))


def test_zero_dimensional_captured_array_may_be_overwritten():
    def f(x):
        rate = np.array(3.0)
        y = x * rate
        rate[...] = 0.0
        return np.sum(y)

    assert_allclose(3 * ONES, dr.grad(f)(X))


def test_captured_memmap_may_be_overwritten(tmp_path):
    """A subclass of ndarray is protected like an array."""

    def f(x):
        held = np.memmap(tmp_path / "data", dtype=float, mode="w+", shape=(3,))
        held[:] = C
        y = x * held
        held[:] = 0.0
        return np.sum(y)

    assert_allclose(C, dr.grad(f)(X))


def by_key(x, index):
    return x[index]


OPTIONS = {
    "x[index]": (by_key, np.array([0, 0, 2]), [2, 0, 1]),
    "x[mask]": (by_key, np.array([True, False, True]), [1, 0, 1]),
    "x[list]": (by_key, [0, 0, 2], [2, 0, 1]),
    "np.take": (np.take, np.array([0, 0, 2]), [2, 0, 1]),
    "np.take of a list": (np.take, [0, 0, 2], [2, 0, 1]),
    "np.repeat": (np.repeat, np.array([2, 0, 1]), [2, 0, 1]),
    "np.repeat of a list": (np.repeat, [2, 0, 1], [2, 0, 1]),
    "np.take_along_axis": (
        lambda x, i: np.take_along_axis(x, i, axis=0),
        np.array([0, 0, 2]),
        [2, 0, 1],
    ),
    "np.average": (lambda x, w: np.average(x, weights=w), C.copy(), C / C.sum()),
    "np.interp": (lambda x, xp: np.interp(x, xp, C), np.array([0.0, 1.5, 4.0]), [-2, 0.6, 0.6]),
    "np.compress": (lambda x, c: np.compress(c, x), np.array([True, False, True]), [1, 0, 1]),
    "np.trapezoid": (lambda x, t: np.trapezoid(x, t), np.array([0.0, 1.0, 3.0]), [0.5, 1.5, 1]),
    "np.sum(where=)": (
        lambda x, w: np.sum(x, where=w),
        np.array([True, False, True]),
        [1, 0, 1],
    ),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_index_arrays_and_options_may_be_overwritten_after_their_use(option):
    """What a rule reads from its options is held as it was; or the option has no rule."""
    call, value, gradient = OPTIONS[option]

    def f(x):
        held = value.copy()
        y = np.sum(call(x, held))
        held[:] = [1, 1, 1]
        return y

    try:
        answer = dr.grad(f)(X)
    except dr.MissingRuleError:
        return
    assert_allclose(gradient, answer, rtol=1e-14)


def test_key_of_an_assignment_may_be_overwritten_after_its_use():
    def f(x):
        index = np.array([0, 2])
        y = x * 1.0
        y[index] = 5 * x[index]
        index[:] = 1
        return np.sum(y)

    assert_allclose([5.0, 1.0, 5.0], dr.grad(f)(X))


def test_value_of_an_assignment_may_be_overwritten_after_its_use():
    def f(x):
        row = np.array([4.0, 5.0])
        y = x * 1.0
        y[:2] = row
        row[:] = 0.0
        return np.sum(y * x)

    assert_allclose([4.0, 5.0, 6.0], dr.grad(f)(X))


# --------------------------------------------------------------- large captured arrays: an error

LARGE = 100_000


def spoil_large(x, big):
    y = x * big  # THIS LINE
    big[:] = 0.0
    return np.sum(y)


def line_of(function, mark):
    import inspect

    lines, start = inspect.getsourcelines(function)
    return start + next(i for i, line in enumerate(lines) if mark in line)


@pytest.mark.parametrize(
    "transform", [dr.grad, dr.jacobian, lambda f: lambda x, big: dr.hvp(f)(x, 1.0, big)]
)
def test_large_captured_array_that_is_overwritten_is_an_error(transform):
    with pytest.raises(dr.MutationError):
        transform(spoil_large)(2.0, np.ones(LARGE))


def test_mutation_error_names_the_line_and_the_repair():
    with pytest.raises(dr.MutationError) as caught:
        dr.grad(spoil_large)(2.0, np.ones(LARGE))
    what, where, fix = str(caught.value).splitlines()
    assert "(100000,)" in what
    assert "overwritten" in what
    assert f"(test_mutation.py:{line_of(spoil_large, 'THIS LINE')})" in where
    assert "`spoil_large`" in where
    assert "copy" in fix


def test_large_array_overwritten_between_two_uses_is_an_error():
    def f(x, big):
        y = np.sum(x * big)
        big[:] = 3.0
        return y + np.sum(x * big)

    with pytest.raises(dr.MutationError):
        dr.grad(f)(2.0, np.ones(LARGE))


def test_large_view_of_an_overwritten_array_is_an_error():
    def f(x, big):
        y = np.sum(x * big[1:])
        big *= 2
        return y

    with pytest.raises(dr.MutationError):
        dr.grad(f)(2.0, np.ones(LARGE))


@pytest.mark.parametrize("shape", [(LARGE,), (400, 250), (2, 50_000), (50_000, 2), (10, 10, 1000)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_array_wholly_overwritten_is_noticed_in_every_layout(shape, order):
    def f(x, big):
        y = np.sum(x * big)
        big += 1
        return y

    with pytest.raises(dr.MutationError):
        dr.grad(f)(2.0, np.ones(shape, order=order))


def test_large_array_that_no_rule_reads_may_be_overwritten():
    """Of x + big the derivative needs nothing of big."""

    def f(x, big):
        y = np.sum(x + big)
        big[:] = 0.0
        return y

    assert_allclose(LARGE, dr.grad(f)(2.0, np.ones(LARGE)))


def test_large_array_that_is_left_alone_is_no_error():
    big = np.arange(float(LARGE))
    assert_allclose(big.sum(), dr.grad(lambda x: np.sum(x * big) + np.sum(big * x) * 0)(2.0))


def test_forward_mode_needs_no_old_content():
    """jvp has used the array when it is overwritten."""
    _, tangent = dr.jvp(lambda x: spoil_large(x, np.ones(LARGE)), (2.0,), (1.0,))
    assert_allclose(LARGE, tangent)


def test_argument_that_f_overwrites_behind_the_tracer_is_right_or_an_error():
    """f writes its caller's array by another name, after x has been used."""
    for size in (3, LARGE):
        x0 = np.full(size, 2.0)

        def f(x, x0=x0):
            y = np.sum(x**2)
            x0[:] = 0.0
            return y

        try:
            answer = dr.grad(f)(x0)
        except dr.MutationError:
            assert size == LARGE
        else:
            assert_allclose(np.full(size, 4.0), answer)


# ------------------------------------------------------------------ vjp and linearize pull later


@pytest.mark.parametrize("size", [3, LARGE])
@pytest.mark.parametrize("f", [np.square, np.exp, lambda x: x * x[::-1]])
def test_inputs_may_be_overwritten_before_the_pull(f, size):
    x = np.linspace(0.5, 1.0, size)
    ct = np.linspace(-1.0, 1.0, size)
    expected = dr.vjp(f, x.copy())[1](ct)[0]

    _, pull = dr.vjp(f, x)
    _, linear = dr.linearize(f, x)
    x[:] = 0.0
    assert_array_equal(expected, pull(ct)[0])
    assert_array_equal(expected, linear.pull(ct)[0])
    assert_array_equal(expected, linear.operator.T @ ct)
    assert_allclose(expected @ ct, ct @ linear.push(ct), rtol=1e-12, atol=1e-9)


def test_structured_inputs_may_be_overwritten_before_the_pull():
    tree = {"w": X.copy(), "b": [X.copy()]}
    _, pull = dr.vjp(lambda t: np.sum(t["w"] * t["b"][0]), tree)
    tree["w"][:] = 0.0
    tree["b"][0][:] = 0.0
    (cts,) = pull(1.0)
    assert_array_equal(X, cts["w"])
    assert_array_equal(X, cts["b"][0])


def test_results_may_be_overwritten_before_the_pull():
    y, pull = dr.vjp(np.exp, X)
    expected = y.copy()
    y[:] = 0.0
    first = pull(ONES)[0]
    assert_array_equal(expected, first)
    first[:] = 0.0
    assert_array_equal(expected, pull(ONES)[0])


def test_cotangents_and_tangents_are_read_when_they_are_given():
    """The identity answers a copy of its cotangent, which the caller may then overwrite."""
    _, linear = dr.linearize(lambda x: x, X)
    ct = ONES.copy()
    pulled, pushed = linear.pull(ct)[0], linear.push(ct)
    _, tangent = dr.jvp(lambda x: x, (X,), (ct,))
    ct[:] = 9.0
    for answer in (pulled, pushed, tangent):
        assert_array_equal(ONES, answer)


def test_answer_of_jvp_is_not_the_argument_itself():
    x = X.copy()
    ans, _ = dr.jvp(lambda x: x, (x,), (ONES,))
    ans[:] = 0.0
    assert_array_equal(X, x)


# ----------------------------------------------------------------- tracers of an outer transform


def in_both_modes(f, x):
    """Gradient of f by grad and by columns of jvp."""
    yield dr.grad(f)(x)
    yield np.array([dr.jvp(f, (x,), (t,))[1] for t in np.eye(len(x))])


def test_outer_array_may_be_overwritten_after_an_inner_function_used_it():
    """inner gradient of sum x b at fixed b is b as it was: d sum(b) / da = 1."""

    def f(a):
        b = a * 1.0

        def inner(x):
            y = np.sum(x * b)
            b[0] = 100.0
            return y

        return np.sum(dr.grad(inner)(ONES) * C)

    for answer in in_both_modes(f, X):
        assert_allclose(C, answer)


def test_outer_array_may_be_overwritten_before_the_pull():
    """pull of x**2 at b is 2 b as it was."""

    def f(a):
        b = a * 1.0
        _, pull = dr.vjp(np.square, b)
        b[0] = 100.0
        return np.sum(pull(ONES)[0] * C)

    for answer in in_both_modes(f, X):
        assert_allclose(2 * C, answer)


def test_outer_result_may_be_overwritten_before_the_pull():
    """pull of exp is exp(a) as it was."""

    def f(a):
        y, pull = dr.vjp(np.exp, a)
        y[0] = 0.0
        return np.sum(pull(ONES)[0] * C)

    for answer in in_both_modes(f, X):
        assert_allclose(C * np.exp(X), answer)


def test_inner_gradients_under_an_outer_transform_alias_nothing():
    """Both gradients of sum(x + y)**2 / 2 are x + y; writing one leaves the other."""

    def f(a):
        by_x, by_y = dr.grad(lambda x, y: 0.5 * np.sum((x + y) ** 2), argnums=(0, 1))(a, a)
        by_x[0] = 0.0
        return np.sum(by_y * C)

    for answer in in_both_modes(f, X):
        assert_allclose(2 * C, answer)


def test_inner_pull_of_the_identity_does_not_alias_the_cotangent():
    def f(a):
        _, pull = dr.vjp(lambda x: x, ONES)
        ct = a * 1.0
        (pulled,) = pull(ct)
        ct[0] = 0.0
        return np.sum(pulled * C)

    for answer in in_both_modes(f, X):
        assert_allclose(C, answer)


# ------------------------------------------------------------------------ the caller's own arrays


def writes_its_argument(x):
    x[0] = 5.0
    x *= 2
    np.add(x, 1.0, out=x)
    return np.sum(x**2)


def test_arrays_of_the_caller_are_never_written():
    x, v = X.copy(), ONES.copy()
    for transform in (
        dr.grad,
        dr.value_and_grad,
        dr.jacobian,
        dr.hessian,
        lambda f: lambda x: dr.hvp(f)(x, v),
        lambda f: lambda x: dr.jvp(f, (x,), (v,)),
        lambda f: lambda x: dr.vjp(f, x)[1](1.0),
        lambda f: lambda x: dr.linearize(f, x)[1].push(v),
    ):
        transform(writes_its_argument)(x)
        assert_array_equal(X, x)
        assert_array_equal(ONES, v)


def test_read_only_arguments_are_differentiated():
    x = X.copy()
    x.flags.writeable = False
    expected = [0.0, 20.0, 28.0]  # d (2 x + 1)**2 = 4 (2 x + 1), 0 where x was overwritten
    assert_allclose(expected, dr.grad(writes_its_argument)(x))


def test_message_of_a_mutation_error_has_three_lines():
    with pytest.raises(dr.MutationError) as caught:
        dr.grad(spoil_large)(2.0, np.ones(LARGE))
    assert re.fullmatch(r".*\n  where: .*\n  fix:   .*", str(caught.value))
