"""What the laws cannot hold of dualrev/scipy/integrate: references, singular ends, SciPy's outputs."""

import math

import mpmath
import numpy as np
import pytest
import scipy.integrate
from scipy import LowLevelCallable, special

import dualrev as dr
from dualrev.errors import MissingRuleError
from dualrev.scipy import integrate
from dualrev.scipy.integrate.integrand import Watched
from dualrev.scipy.integrate.places import at_each
from tests.cases import positive, real

quad = integrate.quad


def derivatives(f, p):
    """By both modes, and the second ones by both orders of nesting."""
    p = np.float64(p)
    first = [dr.grad(f)(p), dr.derivative(f)(p)]
    second = [dr.derivative(dr.grad(f))(p), dr.grad(dr.derivative(f))(p)]
    return first, second


def reference(f, p, order):
    with mpmath.workdps(30):
        return float(mpmath.diff(f, mpmath.mpf(p), order))


def filled(parts):
    """What quad returned, less the rests of its arrays, which SciPy leaves as they were."""
    if isinstance(parts, tuple | list):
        return [filled(part) for part in parts]
    if isinstance(parts, dict):
        last = parts.get("last")
        return {
            k: v[:last] if isinstance(v, np.ndarray) else filled(v)
            for k, v in parts.items()
            if k != "iord"
        }
    return parts


SMOOTH = {
    "exp": (lambda p: quad(lambda x: np.exp(-p * x), 0, 1)[0], lambda p: (1 - mpmath.exp(-p)) / p),
    "half line": (lambda p: quad(lambda x: np.exp(-p * x), 0, np.inf)[0], lambda p: 1 / p),
    "left half line": (
        lambda p: quad(lambda x: np.exp(x), -np.inf, p)[0],
        lambda p: mpmath.exp(p),
    ),
    "line": (
        lambda p: quad(lambda x: np.exp(-p * x * x), -np.inf, np.inf)[0],
        lambda p: mpmath.sqrt(mpmath.pi / p),
    ),
    "slow decay": (
        lambda p: quad(lambda x: (1 + x) ** (-1.5 - p), 0, np.inf)[0],
        lambda p: 1 / (p + 0.5),
    ),
    "power at 0": (lambda p: quad(lambda x: x ** (-p / 2), 0, 1)[0], lambda p: 1 / (1 - p / 2)),
    "log at 0": (
        lambda p: quad(lambda x: x**p * np.log(x), 0, 1)[0],
        lambda p: -1 / (1 + p) ** 2,
    ),
    "beta": (
        lambda p: quad(lambda x: x ** (p - 1) * (1 - x) ** (p - 1), 0, 1)[0],
        lambda p: mpmath.beta(p, p),
    ),
    "backwards": (
        lambda p: quad(lambda x: np.cos(p * x), 2, p)[0],
        lambda p: (mpmath.sin(p * p) - mpmath.sin(2 * p)) / p,
    ),
    "narrow": (
        lambda p: quad(lambda x: 1 / (p * 1e-4 + (x - 0.4) ** 2), 0, 1, points=[0.4])[0],
        lambda p: (
            sum(mpmath.atan(d / mpmath.sqrt(p / 10000)) for d in (0.4, 1 - 0.4))
            / mpmath.sqrt(p / 10000)
        ),
    ),
    "oscillating": (
        lambda p: quad(lambda x: np.cos(30 * p * x), 0, 10)[0],
        lambda p: mpmath.sin(300 * p) / (30 * p),
    ),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_derivatives_are_those_of_the_integral(name):
    """To 1e-9 where the integrand is smooth inside, whatever its ends."""
    f, exact = SMOOTH[name]
    first, second = derivatives(f, 0.7)
    np.testing.assert_allclose(reference(exact, 0.7, 1), first, rtol=1e-9)
    np.testing.assert_allclose(reference(exact, 0.7, 2), second, rtol=1e-8)


def test_a_moving_singular_end_has_its_derivative():
    """The period of a pendulum: infinite at the limit, and Leibniz's rule is inf - inf there.

    Near the singularity the difference of two cosines has lost half of its digits.
    """

    def period(angle):
        with np.errstate(divide="ignore"):
            return quad(lambda x: 1 / np.sqrt(np.cos(x) - np.cos(angle)), 0, angle)[0]

    def exact(angle):
        return mpmath.sqrt(2) * mpmath.ellipk(mpmath.sin(angle / 2) ** 2)

    first, second = derivatives(period, 1.0)
    np.testing.assert_allclose(reference(exact, 1, 1), first, rtol=1e-5)
    np.testing.assert_allclose(reference(exact, 1, 2), second, rtol=1e-4)


def test_a_kink_inside_is_found():
    """The derivative of the integrand jumps at p, which no tolerance of the value would show."""
    first, _ = derivatives(lambda p: quad(lambda x: np.abs(x - p), 0, 1)[0], 0.3)
    np.testing.assert_allclose(-0.4, first, rtol=1e-6)


def test_leibniz_rule_holds_over_a_jump():
    """By a limit the derivative is the integrand there, whatever it does in between."""
    first, _ = derivatives(lambda b: quad(lambda x: np.where(x < 0.3, 1.0, 5.0), 0, b)[0], 0.7)
    assert first == [5.0, 5.0]


# (integral with limits that move, its first and its second derivative by p)
WITH_STEEP_ENDS = {
    "sqrt(p - t), 0 to p: 2/3 p^(3/2)": (
        lambda p: quad(lambda t: np.sqrt(p - t), 0, p)[0],
        lambda p: p**0.5,
        lambda p: 0.5 * p**-0.5,
    ),
    "half a disk: pi/2 p^2": (
        lambda p: quad(lambda t: np.sqrt((p - t) * (p + t)), -p, p)[0],
        lambda p: np.pi * p,
        lambda p: np.pi,
    ),
    "arccos(t / p), 0 to p: p": (
        lambda p: quad(lambda t: np.arccos(t / p), 0, p)[0],
        lambda p: 1.0,
        lambda p: 0.0,
    ),
    "cbrt(t), -1 to p: 3/4 (p^(4/3) - 1)": (
        lambda p: quad(np.cbrt, -1.0, p)[0],
        lambda p: np.cbrt(p),
        lambda p: p ** (-2 / 3) / 3,
    ),
}


@pytest.mark.parametrize("name", WITH_STEEP_ENDS)
def test_an_infinite_slope_at_a_moving_end_is_integrated(name):
    f, first, second = WITH_STEEP_ENDS[name]
    for gradient in (dr.grad(f)(1.3), dr.derivative(f)(1.3)):
        np.testing.assert_allclose(gradient, first(1.3), rtol=1e-12)
    for curvature in (dr.hessian(f)(1.3), dr.derivative(dr.derivative(f))(1.3)):
        np.testing.assert_allclose(curvature, second(1.3), rtol=1e-10, atol=1e-12)


def test_a_limit_may_be_an_array_of_no_dimensions():
    end = np.array(0.5)
    by_end = dr.grad(lambda end: integrate.quad(np.exp, 0.0, end)[0])(end)
    np.testing.assert_allclose(np.exp(0.5), by_end, rtol=1e-12)


@pytest.mark.parametrize(
    "integral",
    [
        lambda f: quad(f, 0, np.inf)[0],
        lambda f: integrate.quad_vec(f, 0, np.inf)[0],
        lambda f: integrate.tanhsinh(f, 0, np.inf).integral,
    ],
    ids=["quad", "quad_vec", "tanhsinh"],
)
def test_what_overflows_on_its_way_to_zero_adds_nothing(integral):
    """Planck's law, of which ``x**3 / inf`` is 0 far out, and its derivative nan."""
    with np.errstate(over="ignore", invalid="ignore"):
        first, second = derivatives(lambda p: integral(lambda x: x**3 / np.expm1(p * x)), 1.3)
    total = np.pi**4 / 15
    np.testing.assert_allclose(-4 * total / 1.3**5, first, rtol=1e-9)
    np.testing.assert_allclose(20 * total / 1.3**6, second, rtol=1e-9)


def test_an_infinite_derivative_where_nothing_is_added_stays_infinite():
    f = lambda x, p: np.exp(-x * x) + np.sqrt(p) * (x > 30) * np.exp(-x / 10)  # noqa: E731
    with np.errstate(divide="ignore"):
        slope = dr.grad(lambda p: integrate.tanhsinh(f, 0, np.inf, args=(p,)).integral)(0.0)
    assert slope == np.inf


def test_an_empty_interval_has_the_derivative_of_its_limits():
    f = lambda a, b: quad(np.cos, a, b)[0]  # noqa: E731
    assert f(1.0, 1.0) == 0
    by_a, by_b = dr.grad(f, argnums=(0, 1))(1.0, 1.0)
    np.testing.assert_allclose([-math.cos(1), math.cos(1)], [by_a, by_b], rtol=1e-15)


def test_derivatives_by_a_limit_are_exact_to_order_five():
    f = lambda b: quad(np.exp, 0.0, b)[0]  # noqa: E731
    for _ in range(5):
        f = dr.derivative(f)
    np.testing.assert_allclose(math.exp(0.5), f(0.5), rtol=1e-12)


def test_an_integrand_of_numbers_only_is_called_with_numbers():
    """math.sin and branches take no arrays; the parameter is traced all the same."""

    def integrand(x, p):
        assert type(x) is float or isinstance(x, np.ndarray)
        return p * math.sin(x) if x < 1 else p * p

    f = lambda p: quad(integrand, 0, 2, args=(p,), points=[1.0])[0]  # noqa: E731
    first, second = derivatives(f, 0.7)
    np.testing.assert_allclose(1 - math.cos(1) + 1.4, first, rtol=1e-12)
    np.testing.assert_allclose(2.0, second, rtol=1e-12)


def test_an_integrand_that_sums_over_arrays_is_not_called_with_one():
    """Its value for an array of places is not the array of its values: one by one, then."""
    c = np.arange(21.0)

    def f(p):
        return quad(lambda x: np.sum(p * x * c), 0, 1)[0]

    np.testing.assert_allclose(105.0, dr.grad(f)(0.7), rtol=1e-12)


#: Integrands that would mix the places, or see them, if they were called with an array of them; and
#: their integrals over [0, 1].
MIXING = {
    "dot": (lambda t: np.dot(t, t), 1 / 3),
    "vdot": (lambda t: np.vdot(t, t), 1 / 3),
    "matmul": (lambda t: np.atleast_1d(t) @ np.atleast_1d(t), 1 / 3),
    "sum": (np.sum, 1 / 2),
    "mean": (np.mean, 1 / 2),
    "max": (np.max, 1 / 2),
    "cumsum": (lambda t: np.cumsum(t)[0], 1 / 2),
    "sort": (lambda t: np.sort(np.atleast_1d(t))[0], 1 / 2),
    "flip": (lambda t: np.flip(np.atleast_1d(t))[0], 1 / 2),
    "index": (lambda t: np.atleast_1d(t)[0], 1 / 2),
    "weights": (lambda t: np.sum(t * np.arange(21.0)), 105),
    "size": (lambda t: t * np.size(t), 1 / 2),
    "argmax": (lambda t: t + np.argmax(t), 1 / 2),
    "allclose": (lambda t: t + np.allclose(t, t), 3 / 2),
    "isinstance": (lambda t: t if isinstance(t, float) else 5 * t, 1 / 2),
    "caught": (lambda t: _or_zero(lambda: t * float(t)), 1 / 3),
}


def _or_zero(f):
    try:
        return f()
    except Exception:
        return 0.0


@pytest.mark.one_in(4)
@pytest.mark.parametrize("form", ["closure", "argument"])
@pytest.mark.parametrize("name", MIXING)
def test_an_integrand_is_that_of_a_number_also_where_it_is_multiplied_by_zero(name, form):
    """The values of an integrand called with an array agree there, but no derivative of them."""
    g, exact = MIXING[name]

    def f(a):
        if form == "closure":
            return quad(lambda t: np.cos(t) + a * g(t) + a * a * g(t), 0, 1)[0]
        return quad(lambda t, a: np.cos(t) + a * g(t) + a * a * g(t), 0, 1, args=(a,))[0]

    first, second = derivatives(f, 0.0)
    np.testing.assert_allclose(exact, first, rtol=1e-12)
    np.testing.assert_allclose(2 * exact, second, rtol=1e-12)
    double = lambda a: integrate.dblquad(lambda y, x: np.cos(x) + a * g(y), 0, 1, 0, 1)[0]  # noqa: E731
    np.testing.assert_allclose(exact, dr.grad(double)(0.0), rtol=1e-12)


#: Terms with kinks, jumps or oscillations, and their integrals over [0, 1].
HIDDEN = {
    "jump in the middle": (lambda t: np.where(t > 0.5, t, 2 * t), 0.625),
    "jump": (lambda t: np.where(t > 0.3, t, 2 * t), 0.455 + 0.09),
    "branch": (lambda t: t if t > 0.3 else 2 * t, 0.455 + 0.09),
    "kink": (lambda t: np.abs(t - 0.3), 0.29),
    "root inside": (lambda t: np.sqrt(np.abs(t - 0.3)), 2 / 3 * (0.3**1.5 + 0.7**1.5)),
    "singular end": (lambda t: t**-0.5, 2.0),
    "peak": (lambda t: 1 / (1e-4 + (t - 0.4) ** 2), 100 * (math.atan(40) + math.atan(60))),
    "oscillation": (lambda t: np.sin(200 * t), (1 - math.cos(200)) / 200),
}


@pytest.mark.one_in(4)
@pytest.mark.parametrize("form", ["closure", "argument", "vector", "limits"])
@pytest.mark.parametrize("name", HIDDEN)
def test_subintervals_serve_what_is_multiplied_by_zero(name, form):
    """SciPy has chosen them by the values of a cosine."""
    g, exact = HIDDEN[name]

    def f(a):
        def integrand(t, a=a):
            return np.cos(t) + a * g(t)

        if form == "argument":
            return quad(integrand, 0, 1, args=(a,))[0]
        if form == "vector":
            scale = np.array([1.0, 2.0])
            return np.sum(integrate.quad_vec(lambda t: integrand(t) * scale, 0, 1)[0]) / 3
        if form == "limits":
            return quad(integrand, 0, 1 + 0 * a)[0]
        return quad(integrand, 0, 1)[0]

    np.testing.assert_allclose(exact, [dr.grad(f)(0.0), dr.derivative(f)(0.0)], rtol=1e-6)


@pytest.mark.parametrize("name", ["jump", "kink", "oscillation"])
def test_subintervals_serve_the_second_derivative(name):
    """That alone is not smooth: of a term that is multiplied by a square of 0."""
    g, exact = HIDDEN[name]

    def f(a):
        return quad(lambda t: np.cos(t) + a * np.cos(t) + a * a * g(t) / 2, 0, 1)[0]

    first, second = derivatives(f, 0.0)
    second += [dr.hessian(f)(0.0), dr.grad(dr.grad(f))(0.0)]
    np.testing.assert_allclose(math.sin(1), first, rtol=1e-12)
    np.testing.assert_allclose(exact, second, rtol=1e-6)


def test_each_parameter_is_served_whatever_the_others_are():
    """The second one's derivative is a millionth of the first one's, in one array and in two."""

    def f(p):
        return quad(lambda t: 1e6 * p[0] * np.cos(t) + p[1] * np.abs(t - 0.3), 0, 1)[0]

    p = np.array([1.0, 0.0])
    np.testing.assert_allclose([1e6 * math.sin(1), 0.29], dr.grad(f)(p), rtol=1e-6)
    np.testing.assert_allclose([1e6 * math.sin(1), 0.29], dr.jacobian(f, mode="forward")(p), 1e-6)


def test_a_nested_integral_serves_what_is_multiplied_by_zero():
    f = lambda a: integrate.dblquad(lambda y, x: np.cos(x) + a * np.abs(y - 0.3), 0, 1, 0, 1)[0]  # noqa: E731
    np.testing.assert_allclose(0.29, dr.grad(f)(0.0), rtol=1e-6)


def test_an_integrand_that_keeps_its_answers_is_served():
    """What it kept was recorded before the integrand was known to be traced."""

    def f(a):
        kept = {}

        def integrand(t):
            if t not in kept:
                kept[t] = np.cos(t) + a * np.abs(t - 0.3)
            return kept[t]

        return quad(integrand, 0, 1)[0]

    for a in (0.0, 0.5):
        np.testing.assert_allclose(0.29, [dr.grad(f)(a), dr.derivative(f)(a)], rtol=1e-6)


def test_on_half_lines_and_lines_subintervals_serve_what_is_multiplied_by_zero():
    """The integral of exp(-|t|) |t - 1| is 2/e over t > 0, and 2 over t < 0."""
    for low, exact in ((0, 2 / math.e), (-np.inf, 2 / math.e + 2)):

        def f(a):
            return quad(
                lambda t: np.exp(-t * t) + a * np.exp(-np.abs(t)) * np.abs(t - 1), low, np.inf
            )[0]

        np.testing.assert_allclose(exact, [dr.grad(f)(0.0), dr.derivative(f)(0.0)], rtol=1e-6)


@pytest.mark.parametrize("mode", [dr.grad, dr.derivative])
def test_a_derivative_that_does_not_converge_is_refused(mode):
    """The oscillation is too fast for sixty subintervals, and not for more; a pole has no integral."""

    def f(a, **options):
        return quad(lambda t: np.cos(t) + a * np.sin(2000 * t), 0, 1, **options)[0]

    with pytest.raises(MissingRuleError, match="does not converge"):
        mode(f)(0.0)
    exact = (1 - math.cos(2000)) / 2000
    np.testing.assert_allclose(exact, mode(lambda a: f(a, limit=500))(0.0), rtol=1e-6)
    with pytest.raises(MissingRuleError, match="does not converge"):
        mode(lambda a: quad(lambda t: np.cos(t) + a / np.abs(t - 0.3), 0, 1)[0])(0.0)


def test_a_kink_beside_a_singular_end_that_moves_is_refused_or_given():
    def f(a, **options):
        b = a + 1.0
        return quad(lambda t: (b - t) ** -0.5 + a * np.abs(t - 0.3), 0, b, **options)[0]

    with pytest.raises(MissingRuleError, match="points"):
        dr.grad(f)(0.0)
    # 2 sqrt(b), and the integral of the kink.
    np.testing.assert_allclose(1 + 0.29, dr.grad(lambda a: f(a, points=[0.3]))(0.0), rtol=1e-6)


def test_a_derivative_that_cancels_is_zero_to_rounding():
    """By the shift, which only keeps exp from overflowing."""

    def f(p, shift):
        return quad(lambda t: np.exp(p * t - shift), 0, 1)[0] * np.exp(shift)

    def inside(p, shift):
        return quad(lambda t: np.exp(p * t - shift) * np.exp(shift), 0, 1)[0]

    for g in (f, inside):
        by_p, by_shift = dr.grad(g, argnums=(0, 1))(1.0, 3.0)
        np.testing.assert_allclose(1.0, by_p, rtol=1e-12)
        np.testing.assert_allclose(0.0, by_shift, atol=1e-12)


EACH_ALONE = {
    "where": lambda t: np.where(t > 0.5, t, 2 * t),
    "select": lambda t: np.select([t > 0.5], [t], 2 * t),
    "clip": lambda t: np.clip(t, 0.2, 0.5),
    "polyval": lambda t: np.polyval([1.0, 0.0, 0.5], t),
    "special": special.erf,
    "operators": lambda t: abs(-t) ** 2 % 1 + t // 2 + (2**t) / (1 - t / 2) * (t < 0.3),
    "parts": lambda t: np.real(np.exp(1j * t)) + (1j * t).imag,
}


@pytest.mark.parametrize("name", EACH_ALONE)
def test_what_acts_on_each_number_alone_is_called_once_for_all(name):
    places, f = np.linspace(0.1, 0.9, 21), EACH_ALONE[name]
    expected = [f(x) for x in places.tolist()]
    np.testing.assert_allclose(expected, at_each(f, places), rtol=1e-14)


def test_rounding_and_overflow_do_not_hide_that_each_number_is_taken_alone():
    """Terms that cancel near 0 have the roundings of NumPy's loops; beyond 700 exp is infinite."""
    places = [1e-9, 1e-5, 0.3, 1.0, 2.0, 4000.0]

    def f(p):
        watched = Watched(lambda x: np.exp(-x * x) * (np.exp(p * x) - 1))
        values = watched.traced_at(places, ())
        assert watched.takes_all
        return values[:-1].sum()

    with np.errstate(all="ignore"):
        expected = sum(x * np.exp(0.7 * x - x * x) for x in places[:-1])
        np.testing.assert_allclose(expected, dr.grad(f)(0.7), rtol=1e-14)


@pytest.mark.parametrize("nested", [dr.grad, dr.derivative])
def test_integrals_nest(nested):
    """An integral whose integrand is an integral, whose limits are traced."""

    def f(p):
        return quad(lambda x: quad(lambda y: np.exp(-p * x * y), 0, x)[0], 0, p)[0]

    def exact(p):
        inner = lambda x: (1 - mpmath.exp(-p * x * x)) / (p * x)  # noqa: E731
        return mpmath.quad(inner, [0, p])

    np.testing.assert_allclose(reference(exact, 0.7, 1), nested(f)(0.7), rtol=1e-10)


def test_limits_that_are_one_object_enclose_nothing():
    """From p to p, of an integrand that depends on p, too."""

    def f(p):
        return quad(lambda x, p: np.cos(p * x), p, p, args=(p,))[0]

    np.testing.assert_array_equal(
        0.0, np.absolute([f(0.7), dr.grad(f)(0.7), dr.derivative(f)(0.7)])
    )


BATCHES = {
    "closure": lambda p: quad(lambda x: np.exp(-p[0] * x), 0, 1)[0],
    "limits and closure": lambda p: quad(lambda x: np.exp(-p[0] * x) * p[1], p[0], p[1])[0],
    "quad_vec": lambda p: integrate.quad_vec(lambda x: np.exp(-p * x), 0, p[1])[0].sum(),
}


@pytest.mark.parametrize("name", BATCHES)
@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_a_batch_has_the_derivatives_of_its_rows_wherever_it_stands(name):
    """vmap of a derivative, and a derivative of vmap: of first and second order, in both modes."""
    f = BATCHES[name]
    points = np.array([[0.7, 1.2], [0.9, 1.7]])
    values, gradients, hessians = (
        np.stack([g(p) for p in points]) for g in (f, dr.grad(f), dr.hessian(f))
    )

    def total(points):
        return np.sum(dr.vmap(f)(points))

    np.testing.assert_array_equal(values, dr.vmap(f)(points))
    np.testing.assert_allclose(gradients, dr.vmap(dr.grad(f))(points), rtol=1e-14)
    np.testing.assert_allclose(
        gradients, dr.vmap(dr.jacobian(f, mode="forward"))(points), rtol=1e-12
    )
    np.testing.assert_allclose(gradients, dr.grad(total)(points), rtol=1e-14)
    # Sums in another order.
    np.testing.assert_allclose(hessians, dr.vmap(dr.hessian(f))(points), rtol=1e-12, atol=1e-15)
    doubled = dr.vmap(dr.grad(total))(points[None])
    np.testing.assert_allclose(gradients, doubled[0], rtol=1e-14)


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_a_batch_passes_nested_integrals():
    points = np.array([[0.7, 1.2], [0.9, 1.7]])

    def f(p):
        return integrate.dblquad(lambda y, x: p[0] * x * y, 0, p[1], 0, lambda x: x)[0]

    a, b = points.T
    expected = np.stack([b**4 / 8, a * b**3 / 2], axis=1)
    np.testing.assert_allclose(expected, dr.vmap(dr.grad(f))(points), rtol=1e-12)


def test_the_derivative_inside_an_integrand():
    """A derivative taken in the integrand, and one of the whole: the levels do not mix."""

    def f(p):
        return quad(lambda x: dr.derivative(lambda z: np.sin(p * z))(x), 0, 1)[0]

    np.testing.assert_allclose(math.cos(0.7), dr.grad(f)(0.7), rtol=1e-12)


@pytest.mark.parametrize("form", ["closure", "argument"])
def test_in_several_variables(form):
    """By nquad, with limits that depend on outer variables and on p."""

    def integrand(x, y, *c):
        return np.exp(-(c[0] if c else held[0]) * x * y)

    held = []

    def f(p):
        held[:] = [p]
        args = (p,) if form == "argument" else ()
        ranges = [lambda y, *args: (0, p * y), (0, p)]
        return integrate.nquad(integrand, ranges, args)[0]

    def exact(p):
        return mpmath.quad(lambda y: (1 - mpmath.exp(-p * p * y * y)) / (p * y), [0, p])

    found = [dr.grad(f)(0.7), dr.derivative(f)(0.7)]
    np.testing.assert_allclose(reference(exact, 0.7, 1), found, rtol=1e-9)


def double(p):
    return integrate.dblquad(lambda y, x: x * y * p, 0, 1, lambda x: p * x, 2.0)[0]


def triple(p):
    ends = 0, 1, 0, lambda x: x, 0, lambda x, y: p * y
    return integrate.tplquad(lambda z, y, x: x * z * p, *ends)[0]


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("integral", "derivative"),
    [(triple, dr.grad), (double, dr.grad), (double, dr.derivative), (triple, dr.derivative)],
)
def test_in_two_and_three_variables(integral, derivative):
    """By dblquad and tplquad, with limits that depend on outer variables and on p."""
    # p/2 * integral of x (4 - p^2 x^2) = p - p^3/8; p^3/2 * integral of x y^2 over y < x = p^3/30
    expected = {double: 1 - 3 * 0.49 / 8, triple: 0.49 / 10}[integral]
    np.testing.assert_allclose(expected, derivative(integral)(0.7), rtol=1e-12)


@pytest.mark.parametrize(
    "arguments",
    [
        (np.exp, 0, 1),
        (np.exp, 1, 0),
        (np.exp, -np.inf, 0),
        (lambda x: np.exp(-x * x), -np.inf, np.inf),
        (lambda x, a, b: a * x + b, 0, 1, (2.0, 3.0)),
        (lambda x, a: a * x, 0, 1, 2.0),
        (np.sqrt, 0, 1, (), 1),
        (lambda x: x**-0.5, 0, 1),
        (np.exp, 1, 1, (), 1),
    ],
)
def test_plain_integrals_are_those_of_scipy(arguments):
    expected = scipy.integrate.quad(*arguments)
    got = quad(*arguments)
    np.testing.assert_equal(filled(got), filled(expected))
    assert [type(part) for part in got] == [type(part) for part in expected]


def test_a_complex_integral_backwards_has_the_opposite_sign():
    """SciPy forgets it."""
    f = lambda x: np.exp(1j * x)  # noqa: E731
    forth, back = (integrate.quad(f, *ends, complex_func=True)[0] for ends in ((0, 1), (1, 0)))
    np.testing.assert_allclose((np.exp(1j) - 1) / 1j, forth, rtol=1e-14)
    assert back == -forth


@pytest.mark.parametrize(
    "options",
    [
        {"full_output": 1},
        {"epsabs": 1e-3, "epsrel": 1e-3},
        {"points": [0.3, 0.6]},
        {"limit": 7},
        {"complex_func": True},
        {"complex_func": True, "full_output": 1},
    ],
)
def test_values_under_a_derivative_are_those_of_scipy(options):
    """The other outputs too."""
    for function, p in ((np.exp, 0.7), (lambda x: np.exp(1j * x), 0.7)):
        if np.iscomplexobj(function(0.0)) != options.get("complex_func", False):
            continue
        expected = scipy.integrate.quad(lambda x: function(p * x), 0, 1, **options)
        got = []
        dr.grad(
            lambda p: np.real(
                got.append(quad(lambda x: function(p * x), 0, 1, **options)) or got[0][0]
            )
        )(p)
        value = got[0][0]
        while hasattr(value, "primal"):
            value = value.primal
        assert value == expected[0]
        np.testing.assert_equal(filled(got[0][1:]), filled(expected[1:]))


def test_other_integrators_are_those_of_scipy():
    f = lambda x: np.exp(-x * np.arange(1.0, 4.0))  # noqa: E731
    for a, b in ((0, 1), (1, 0), (0, np.inf), (-np.inf, np.inf)):
        g = f if b == 1 or a == 1 else lambda x: f(x * x)
        for ours, theirs in zip(integrate.quad_vec(g, a, b), scipy.integrate.quad_vec(g, a, b)):
            np.testing.assert_array_equal(theirs, ours)
    expected = scipy.integrate.dblquad(lambda y, x: x * y, 0, 1, 0, lambda x: x)
    assert integrate.dblquad(lambda y, x: x * y, 0, 1, 0, lambda x: x) == expected
    ranges, options = [(0, 1), lambda y: (y, 2)][::-1], {"epsabs": 1e-3}
    expected = scipy.integrate.nquad(lambda x, y: x * y, ranges, opts=options, full_output=True)
    assert integrate.nquad(lambda x, y: x * y, ranges, None, options, True) == expected
    assert integrate.fixed_quad(np.exp, 0, 1, n=3) == scipy.integrate.fixed_quad(np.exp, 0, 1, n=3)
    np.testing.assert_equal(integrate.newton_cotes(4), scipy.integrate.newton_cotes(4))


@pytest.mark.one_in(3)
@pytest.mark.parametrize("quadrature", [None, "gk15", "gk21", "trapezoid"])
@pytest.mark.parametrize(
    ("limits", "shape"), [((0, 1), (2,)), ((0, 1), ()), ((0, np.inf), ()), ((-np.inf, np.inf), ())]
)
def test_quad_vec_has_the_derivative_of_the_integral_by_every_rule(quadrature, limits, shape):
    scale = np.linspace(0.5, 1.5, math.prod(shape)).reshape(shape)[()]

    def f(p):
        options = {"quadrature": quadrature, "points": [0.3], "epsabs": 1e-4, "epsrel": 1e-4}
        return np.sum(
            integrate.quad_vec(lambda x: np.exp(-p * scale * x * x), *limits, **options)[0]
        )

    def exact(p):
        roots = [mpmath.sqrt(p * s) for s in np.ravel(scale)]
        a, b = limits
        return sum(
            mpmath.sqrt(mpmath.pi) / 2 / r * (mpmath.erf(r * b) - mpmath.erf(r * a)) for r in roots
        )

    first, second = derivatives(f, 0.7)
    np.testing.assert_allclose(reference(exact, 0.7, 1), first, rtol=1e-8)
    np.testing.assert_allclose(reference(exact, 0.7, 2), second, rtol=1e-7)


def test_a_compiled_integrand_goes_to_scipy():
    import ctypes

    sine = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(math.sin)
    assert quad(LowLevelCallable(sine), 0, 1)[0] == scipy.integrate.quad(math.sin, 0, 1)[0]


def test_warnings_are_those_of_scipy():
    hard = lambda x: np.sin(1 / x) / x if x else 0.0  # noqa: E731
    with pytest.warns(scipy.integrate.IntegrationWarning, match="probably divergent"):
        quad(hard, 0, 1, limit=10)
    with pytest.warns(scipy.integrate.IntegrationWarning, match="probably divergent"):
        dr.grad(lambda p: quad(lambda x: p * hard(x), 0, 1, limit=10)[0])(1.0)


def test_what_has_no_integral_has_no_derivative():
    with np.errstate(all="ignore"):
        gradient = dr.grad(lambda p: quad(lambda x: p * np.nan, 0, 1, limit=2, full_output=1)[0])
        assert np.isnan(gradient(1.0))


def test_a_weight_is_refused_under_a_derivative():
    expected = scipy.integrate.quad(np.exp, 0, 1, weight="cos", wvar=2.0)
    assert quad(np.exp, 0, 1, weight="cos", wvar=2.0) == expected
    with pytest.raises(MissingRuleError, match="weight='cos'"):
        dr.grad(lambda p: quad(lambda x: p * x, 0, 1, weight="cos", wvar=2.0)[0])(1.0)


def test_errors_are_those_of_scipy():
    with pytest.raises(ValueError, match="break points"):
        quad(np.exp, 0, np.inf, points=[1.0])
    with pytest.raises(ValueError, match="finite limits"):
        dr.grad(lambda b: integrate.fixed_quad(np.exp, -np.inf, b)[0])(1.0)
    with pytest.raises(ZeroDivisionError):
        quad(lambda x: 1 / 0, 0, 1)


def test_an_error_of_the_integrand_passes():
    with pytest.raises(KeyError, match="mine"):
        dr.grad(lambda p: quad(lambda x: p * {}["mine"], 0, 1)[0])(1.0)


def test_an_unused_parameter_has_derivative_zero():
    assert dr.grad(lambda p: quad(np.exp, 0, 1, args=())[0] + 0 * p)(1.0) == 0
    assert dr.grad(lambda p: 0 * p + quad(lambda x, p: x, 0, 1, args=(p,))[0])(1.0) == 0


@pytest.mark.parametrize(
    "name", ["trapezoid", "simpson", "cumulative_trapezoid", "cumulative_simpson"]
)
@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_integrals_of_samples_are_those_of_scipy(name, n):
    ours, theirs = getattr(integrate, name), getattr(scipy.integrate, name)
    y, x = real(3, n, 2), np.cumsum(positive(n))
    for options in ({}, {"dx": 0.3}, {"x": x}, {"x": list(x)}):
        np.testing.assert_array_equal(theirs(y, axis=1, **options), ours(y, axis=1, **options))
    np.testing.assert_array_equal(theirs(list(x)), ours(list(x)))


@pytest.mark.parametrize("name", ["trapezoid", "simpson", "romb"])
@pytest.mark.parametrize("n", [3, 5, 9, 17])
def test_weights_of_equal_steps_are_those_of_the_rule_itself(name, n):
    """By y the derivative of a linear rule is its value for each unit vector."""
    expected = getattr(scipy.integrate, name)(np.eye(n), dx=0.3)
    got = dr.grad(lambda y: getattr(integrate, name)(y, dx=0.3))(real(n))
    np.testing.assert_allclose(expected, got, rtol=1e-13, atol=1e-15)


def test_no_samples_have_an_integral_of_zero():
    assert dr.value_and_grad(lambda y: integrate.trapezoid(y))(np.zeros(0))[0] == 0.0


def test_simpson_of_an_even_number_of_samples_has_the_weights_of_the_rule():
    for n in (2, 4, 6):
        expected = scipy.integrate.simpson(np.eye(n), dx=0.3)
        np.testing.assert_allclose(expected, dr.grad(integrate.simpson)(real(n)) * 0.3, rtol=1e-13)


def test_romb_prints_its_table(capsys):
    integrate.romb([0.0, 1.0, 4.0], show=True)
    assert "Richardson" in capsys.readouterr().out
