"""Roots that SciPy finds: its values to the bit, and the derivatives of the exact roots."""

import functools
import inspect
import itertools

import mpmath
import numpy as np
import pytest
import scipy.optimize
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from dualrev.scipy import optimize
from tests.nestings import second_derivatives

FIRST = {"forward": dr.derivative, "reverse": dr.grad}
BETWEEN = ["bisect", "brenth", "brentq", "ridder", "toms748"]
#: Derivatives are those at the exact root: to rounding, times the condition of the equation.
ROUNDING = {"rtol": 1e-12, "atol": 1e-13}

quietly = pytest.mark.filterwarnings("ignore:.*runs row by row")


# ------------------------------------------------------------------- Kepler's equation, by all methods


def kepler(anomaly, eccentricity, mean=1.0):
    return anomaly - eccentricity * np.sin(anomaly) - mean


def kepler_slope(anomaly, eccentricity, mean=1.0):
    return 1 - eccentricity * np.cos(anomaly)


def kepler_curvature(anomaly, eccentricity, mean=1.0):
    return eccentricity * np.sin(anomaly)


def by_between(name, module, e, **options):
    return getattr(module, name)(kepler, 0.0, np.pi, args=(e,), **options)


def by_root_scalar(name, module, e):
    return module.root_scalar(kepler, (e,), name, (0.0, np.pi)).root


def by_start(method, module, e, **given):
    return module.root_scalar(kepler, (e,), method, x0=1.0, **given).root


KEPLER = {
    **{name: functools.partial(by_between, name) for name in BETWEEN},
    **{f"root_scalar-{name}": functools.partial(by_root_scalar, name) for name in BETWEEN},
    "secant": lambda module, e: module.newton(kepler, 1.0, args=(e,)),
    "secant-x1": lambda module, e: module.newton(kepler, 1.0, args=(e,), x1=1.3),
    "newton": lambda module, e: module.newton(kepler, 1.0, kepler_slope, (e,)),
    "halley": lambda module, e: module.newton(
        kepler, 1.0, kepler_slope, (e,), fprime2=kepler_curvature
    ),
    "root_scalar-secant": lambda module, e: by_start("secant", module, e, x1=1.3),
    "root_scalar-newton": lambda module, e: by_start("newton", module, e, fprime=kepler_slope),
    "root_scalar-halley": lambda module, e: by_start(
        "halley", module, e, fprime=kepler_slope, fprime2=kepler_curvature
    ),
    "root_scalar-pair": lambda module, e: (
        module.root_scalar(lambda x: (kepler(x, e), kepler_slope(x, e)), x0=1.0, fprime=True).root
    ),
    "root_scalar-triple": lambda module, e: (
        module.root_scalar(
            lambda x: (kepler(x, e), kepler_slope(x, e), kepler_curvature(x, e)),
            method="halley",
            x0=1.0,
            fprime2=True,
        ).root
    ),
    "fixed_point": lambda module, e: module.fixed_point(
        lambda x, e: 1.0 + e * np.sin(x), 1.0, (e,)
    ),
    "iteration": lambda module, e: module.fixed_point(
        lambda x: 1.0 + e * np.sin(x), 1.0, method="iteration"
    ),
}


@functools.cache
def kepler_series(e, orders=4):
    """The anomaly and its derivatives by the eccentricity, from 40 digits."""
    with mpmath.workdps(40):
        anomaly = lambda e: mpmath.findroot(lambda x: x - e * mpmath.sin(x) - 1, 1.2)  # noqa: E731
        return [float(x) for x in mpmath.diffs(anomaly, e, orders - 1)]


@pytest.mark.parametrize("name", KEPLER)
def test_a_root_has_scipys_value_to_the_bit(name):
    for e in (0.1, 0.3, 0.6):
        expected = KEPLER[name](scipy.optimize, e)
        assert type(KEPLER[name](optimize, e)) is type(expected)
        assert KEPLER[name](optimize, e) == expected
        value, _ = dr.jvp(functools.partial(KEPLER[name], optimize), (e,), (1.0,))
        assert value == expected


@pytest.mark.parametrize("name", KEPLER)
def test_a_root_has_the_derivatives_of_the_exact_root(name):
    root = functools.partial(KEPLER[name], optimize)
    _, first, second, third = kepler_series(0.3)
    for derivative in FIRST.values():
        assert_allclose(first, derivative(root)(0.3), **ROUNDING)
    for _, found in second_derivatives(root, 0.3):
        assert_allclose(second, found, **ROUNDING)
    for a, b, c in itertools.product(FIRST.values(), repeat=3):
        assert_allclose(third, a(b(c(root)))(0.3), rtol=1e-11)


@pytest.mark.parametrize("name", ["brentq", "secant", "fixed_point"])
def test_a_root_has_a_taylor_series_of_any_order(name):
    root = functools.partial(KEPLER[name], optimize)
    factorials = np.cumprod([1, *range(1, 7)])
    expected = np.array(kepler_series(0.3, 7)) / factorials
    coefficients = dr.taylor(root, 0.3, 1.0, 6)
    assert_allclose(expected, coefficients, rtol=1e-8)


def test_a_root_has_the_curvature_of_the_exact_root():
    """Laplacians carry second derivatives, and may be nested."""
    root = lambda x: optimize.brentq(lambda t: t**3 + x[0] * t - x[1] * x[2], -5, 5)  # noqa: E731
    several = lambda x: optimize.fsolve(lambda u: u**3 + x[0] * u - x[1] * x[2], [1.0])[0]  # noqa: E731
    x = np.array([1.0, 2.0, 3.0])
    diagonal = np.diagonal(dr.hessian(root)(x))
    for f in (root, several):
        assert_allclose(np.sum(diagonal), dr.laplacian(f)(x), rtol=1e-12)
        assert_allclose(diagonal, dr.hessian_diagonal(f)(x), rtol=1e-12, atol=1e-15)
        twice = dr.laplacian(lambda x, f=f: np.trace(dr.hessian(f)(x)))(x)
        assert_allclose(twice, dr.bilaplacian(f)(x), rtol=1e-10)


def test_what_holds_a_traced_number_may_be_filled_of_objects_or_an_attribute():
    class Gas:
        def __init__(self, a):
            self.a = a

        def excess(self, t):
            return t**3 - self.a

    def filled(a):
        y = dr.numpy.zeros(2)
        y[0] = a
        return optimize.brentq(lambda t: t**3 - y[0], 0, 5)

    def of_objects(a):
        y = np.array([a, 1.0], object)
        return optimize.brentq(lambda t: t**3 - y[0] * y[1], 0, 5)

    for root in (
        filled,
        of_objects,
        lambda a: optimize.brentq(Gas(a).excess, 0, 5),
        lambda a: optimize.brentq(functools.partial(lambda a, t: t**3 - a, a), 0, 5),
        lambda a: optimize.brentq(lambda t, given: t**3 - given["a"][0], 0, 5, ({"a": [a]},)),
        lambda a: optimize.brentq(lambda t, a=a: t**3 - a, 0, 5),
    ):
        for derivative in FIRST.values():
            assert_allclose(1 / 12, derivative(root)(8.0), rtol=1e-12)


@quietly
@pytest.mark.parametrize("name", KEPLER)
def test_a_batch_of_roots_is_found_row_by_row(name):
    root = functools.partial(KEPLER[name], optimize)
    e = np.array([0.1, 0.3, 0.6])
    assert_array_equal([KEPLER[name](scipy.optimize, x) for x in e], dr.vmap(root)(e))
    expected = np.array([kepler_series(x) for x in e])
    for derivative in FIRST.values():
        assert_allclose(expected[:, 1], dr.vmap(derivative(root))(e), **ROUNDING)
    together = lambda e: np.sum(dr.vmap(root)(e))  # noqa: E731
    assert_allclose(expected[:, 1], dr.grad(together)(e), **ROUNDING)
    assert_allclose(expected[:, 1], dr.vmap(lambda e: dr.jvp(root, (e,), (1.0,))[1])(e), **ROUNDING)
    assert_allclose(np.diag(expected[:, 2]), dr.hessian(together)(e), **ROUNDING)
    assert_allclose(expected[:, 2], dr.vmap(dr.hessian(root))(e), **ROUNDING)


def test_all_parameters_are_scipys():
    for name in (*BETWEEN, "fixed_point", "newton", "root_scalar"):
        ours, theirs = (
            [
                (p.name, p.default)
                for p in inspect.signature(getattr(module, name)).parameters.values()
            ]
            for module in (optimize, scipy.optimize)
        )
        assert theirs == ours


# ------------------------------------------------------------------------------ what else is answered


@pytest.mark.parametrize("name", BETWEEN)
def test_a_full_answer_has_the_derivative_in_both_places(name):
    """``(x, r)``: the root, and SciPy's record of the search."""

    def both(e):
        x, r = by_between(name, optimize, e, full_output=True)
        assert isinstance(r, scipy.optimize.RootResults)
        assert (r.converged, r.flag) == (True, "converged")
        return np.stack([x, r.root])

    x, r = by_between(name, optimize, 0.3, full_output=True)
    theirs = by_between(name, scipy.optimize, 0.3, full_output=True)[1]
    assert x == theirs.root
    assert dict(r) == dict(theirs)
    assert_allclose([kepler_series(0.3)[1]] * 2, dr.jacobian(both)(0.3), **ROUNDING)


def test_options_by_position_reach_scipy():
    given = kepler, 0.0, np.pi, (0.3,), 1e-3, 1e-4, 50, True
    (x, r), (expected, theirs) = optimize.bisect(*given), scipy.optimize.bisect(*given)
    assert (x, dict(r)) == (expected, dict(theirs))
    given = kepler, 1.0, None, (0.3,), 1e-3, 50, None, 1.1, 0.0, True
    (x, r), (expected, theirs) = optimize.newton(*given), scipy.optimize.newton(*given)
    assert (x, dict(r)) == (expected, dict(theirs))


def test_a_root_to_a_large_tolerance_has_the_derivative_of_the_exact_one():
    """The value is SciPy's, wrong in the second digit; the derivative is that of the root itself."""
    root = lambda e: optimize.bisect(kepler, 0.0, np.pi, (e,), xtol=0.05)  # noqa: E731
    value, first, second, _ = kepler_series(0.3)
    assert 1e-3 < abs(root(0.3) - value) < 0.05
    for derivative in FIRST.values():
        assert_allclose(first, derivative(root)(0.3), **ROUNDING)
    assert_allclose(second, dr.hessian(root)(0.3), **ROUNDING)


def test_the_ends_and_the_start_may_be_traced_and_do_not_matter():
    def root(x):
        a = optimize.brentq(lambda t: t**3 - x[2], x[0], x[1])
        b = optimize.newton(lambda t: t**3 - x[2], x[1])
        c = optimize.root_scalar(lambda t: t**3 - x[2], bracket=x[:2]).root
        d = optimize.root_scalar(lambda t: t**3 - x[2], x0=x[0], x1=x[1]).root
        e = optimize.fixed_point(lambda t: (t + x[2] / t**2) / 2, x[1])
        return np.stack([a, b, c, d, e])

    expected = np.outer(np.ones(5), [0, 0, 2 ** (-2 / 3) / 3])
    for mode in FIRST:
        assert_allclose(
            expected, dr.jacobian(root, mode=mode)(np.array([0.5, 3.0, 2.0])), **ROUNDING
        )


@quietly
def test_each_row_of_a_batch_may_have_its_own_ends():
    ends = np.array([[0.0, 2.0], [-2.0, 0.0], [1.0, 5.0]])
    a = np.array([1.0, 2.0, 3.0])

    def root(ends, a):
        return optimize.brentq(lambda t: t**2 - a, ends[0], ends[1])

    expected = np.sqrt(a) * [1, -1, 1]
    assert_allclose(expected, dr.vmap(root)(ends, a))
    assert_allclose(0.5 / expected, dr.vmap(dr.grad(root, argnums=1))(ends, a))


def test_the_derivative_for_the_method_is_filled_in():
    calls = []

    def f(x, a):
        calls.append(isinstance(x, float))
        return x**3 - a

    for method in ("newton", "halley", None):
        slope, curvature = (lambda x, a: 3 * x**2), (lambda x, a: 6 * x)
        given = {"fprime2": curvature} if method == "halley" else {}
        expected = scipy.optimize.root_scalar(f, (5.0,), method, x0=2.0, fprime=slope, **given)
        result = optimize.root_scalar(f, (5.0,), method, x0=2.0)
        assert (result.root, result.iterations) == (expected.root, expected.iterations)


# ------------------------------------------------------------------------------------------- arrays


def test_an_array_of_starts_has_a_root_and_a_derivative_each():
    a = np.array([[8.0, 27.0], [2.0, 5.0]])
    cubes, slope = (lambda x, a: x**3 - a), (lambda x, a: 3 * x**2)
    for given in ({}, {"fprime": slope}, {"fprime": slope, "fprime2": lambda x, a: 6 * x}):

        def roots(a, module=optimize, given=given):
            return module.newton(cubes, 1.5 * np.ones((2, 2)), args=(a,), **given)

        assert_array_equal(roots(a, scipy.optimize), roots(a))
        expected = a ** (-2 / 3) / 3
        assert_allclose(expected, dr.elementwise_grad(roots)(a), rtol=1e-12)
        diagonal = np.diag(expected.ravel()).reshape(2, 2, 2, 2)
        for mode in FIRST:
            assert_allclose(diagonal, dr.jacobian(roots, mode=mode)(a), rtol=1e-12, atol=1e-15)
        curved = dr.hvp(lambda a: np.sum(roots(a)))(a, np.ones((2, 2)))
        assert_allclose(-2 / 9 * a ** (-5 / 3), curved, rtol=1e-12)


@quietly
def test_arrays_of_starts_have_batches():
    a = np.array([[8.0, 27.0], [2.0, 5.0], [1.0, 4.0]])
    roots = lambda a: optimize.newton(lambda x: x**3 - a, 1.5 * np.ones(2))  # noqa: E731
    assert_array_equal([roots(row) for row in a], dr.vmap(roots)(a))
    expected = a ** (-2 / 3) / 3
    found = dr.vmap(dr.jacobian(roots))(a)
    assert_allclose([np.diag(row) for row in expected], found, rtol=1e-12, atol=1e-15)
    assert_allclose(expected, dr.grad(lambda a: np.sum(dr.vmap(roots)(a)))(a), rtol=1e-12)


def test_a_hundred_thousand_roots_need_no_matrix():
    a = np.linspace(1.0, 3.0, 100_000)
    slopes = dr.grad(lambda a: np.sum(optimize.newton(lambda x: x**3 - a, np.ones(a.size))))(a)
    assert_allclose(a ** (-2 / 3) / 3, slopes, rtol=1e-12)


def test_the_record_of_an_array_of_starts_is_scipys():
    root = lambda module, a: module.newton(  # noqa: E731
        lambda x: x**3 - a, np.ones(2), full_output=True
    )
    ours, theirs = root(optimize, np.array([2.0, 3.0])), root(scipy.optimize, np.array([2.0, 3.0]))
    assert ours._fields == theirs._fields
    for field, expected in zip(ours, theirs):
        assert_array_equal(expected, field)
    slope = dr.elementwise_grad(lambda a: root(optimize, a).root)(np.array([2.0, 3.0]))
    assert_allclose(np.array([2.0, 3.0]) ** (-2 / 3) / 3, slope)


def test_equations_that_newton_takes_for_independent_ones_are_solved_together():
    """They are coupled by a matrix that is nearly diagonal, so that SciPy still finds the root."""
    matrix = np.array([[3.0, 0.1], [0.2, 4.0]])
    roots = lambda a: optimize.newton(lambda x: matrix @ x - a, np.ones(2), maxiter=100)  # noqa: E731
    for mode in FIRST:
        found = dr.jacobian(roots, mode=mode)(np.array([1.0, 2.0]))
        assert_allclose(np.linalg.inv(matrix), found, rtol=1e-12)


def test_a_fixed_point_of_several_numbers_is_one_of_all_of_them():
    matrix = np.array([[0.1, 0.4], [-0.3, 0.2]])
    point = lambda a: optimize.fixed_point(lambda x: np.tanh(matrix @ x + a), np.zeros(2))  # noqa: E731
    a = np.array([0.3, 1.0])
    assert_array_equal(
        scipy.optimize.fixed_point(lambda x: np.tanh(matrix @ x + a), np.zeros(2)), point(a)
    )
    x = point(a)
    for _ in range(60):
        x = np.tanh(matrix @ x + a)
    inner = np.diag(1 - x**2)
    expected = np.linalg.solve(np.eye(2) - inner @ matrix, inner)
    for mode in FIRST:
        assert_allclose(expected, dr.jacobian(point, mode=mode)(a), rtol=1e-12)


def test_a_complex_root_moves_with_real_parameters():
    """Of z**2 + a = 0: i sqrt(a)."""
    slope, curvature = (lambda z: 2 * z), (lambda z: 2.0)
    for given in ({}, {"fprime": slope}, {"fprime": slope, "fprime2": curvature}):

        def root(a, module=optimize, given=given):
            return module.newton(lambda z: z**2 + a, 0.5 + 1j, **given)

        assert root(1.3) == root(1.3, scipy.optimize)
        value, t = dr.jvp(root, (1.3,), (1.0,))
        assert_allclose([1j * np.sqrt(1.3), 0.5j / np.sqrt(1.3)], [value, t], rtol=1e-10)
        assert_allclose(0.5 / np.sqrt(1.3), dr.grad(lambda a: root(a).imag)(1.3), rtol=1e-10)
        assert_allclose(-(1.3**-1.5) / 4, dr.hessian(lambda a: abs(root(a)))(1.3), rtol=1e-10)


@pytest.mark.parametrize("starts", [0.5 + 1j, np.array([0.5 + 1j, 0.4 + 1j])])
def test_a_complex_equation_that_is_not_holomorphic_raises(starts):
    """z**2 + conj(z) / 10 + a: the derivative along 1 alone says nothing of that along i."""
    root = lambda a: optimize.newton(lambda z: z**2 + 0.1 * np.conj(z) + a, starts, maxiter=200)  # noqa: E731
    assert np.all(abs(root(1.3) ** 2 + 0.1 * np.conj(root(1.3)) + 1.3) < 1e-6)
    with pytest.raises(dr.ComplexError):
        dr.jvp(root, (1.3,), (1.0,))


def test_complex_roots_of_many_starts_are_by_elements():
    starts = np.array([0.5 + 1j, 0.5 - 1j, 1j])
    roots = lambda a: optimize.newton(lambda z: z**2 + a, starts)  # noqa: E731
    a = np.array([1.0, 2.0, 3.0])
    assert_array_equal(scipy.optimize.newton(lambda z: z**2 + a, starts), roots(a))
    slopes = dr.jvp(roots, (a,), (np.ones(3),))[1]
    assert_allclose(np.array([0.5j, -0.5j, 0.5j]) / np.sqrt(a), slopes, rtol=1e-10, atol=1e-12)
    gradient = dr.grad(lambda a: np.sum(abs(roots(a))))(a)
    assert_allclose(0.5 / np.sqrt(a), gradient, rtol=1e-10)


# ------------------------------------------------------------------------------------ known answers


def test_the_volume_of_a_gas_has_the_derivatives_of_van_der_waals_equation():
    """(p + a / V**2) (V - b) = R T: by pressure, temperature, a and b, first and second."""
    R = 0.08314
    at = np.array(
        [10.0, 300.0, 3.64, 0.04267]
    )  # carbon dioxide: bar, K, L**2 bar / mol**2, L / mol

    def volume(x):
        p, T, a, b = x
        return optimize.brentq(lambda V: (p + a / V**2) * (V - b) - R * T, 1.0, 10.0)

    def exact(*x):
        p, T, a, b = x
        return mpmath.findroot(lambda V: (p + a / V**2) * (V - b) - R * T, 2.3)

    ones = np.eye(4, dtype=int)
    with mpmath.workdps(30):
        first = [float(mpmath.diff(exact, at, tuple(n))) for n in ones]
        second = [[float(mpmath.diff(exact, at, tuple(n + m))) for n in ones] for m in ones]
    for mode in FIRST:
        assert_allclose(first, dr.jacobian(volume, mode=mode)(at), rtol=1e-11)
    assert_allclose(second, dr.hessian(volume)(at), rtol=1e-10)
    # Maxwell's: the isothermal compressibility and the expansion have one mixed derivative.
    assert_allclose(dr.hessian(volume)(at)[0, 1], dr.hessian(volume)(at)[1, 0], rtol=1e-12)


def test_implicit_is_unrolled():
    """Newton's own steps in traced arithmetic, enough of them, end at the same derivatives."""

    def unrolled(x):
        t = 1.0
        for _ in range(12):
            t = t - (t**3 + x[0] * t - x[1]) / (3 * t**2 + x[0])
        return t

    def implicit(x):
        return optimize.brentq(lambda t: t**3 + x[0] * t - x[1], 0, 5)

    x = np.array([1.5, 2.0])
    assert_allclose(dr.grad(unrolled)(x), dr.grad(implicit)(x), rtol=1e-13)
    assert_allclose(dr.hessian(unrolled)(x), dr.hessian(implicit)(x), rtol=1e-12)


def test_a_root_inside_of_a_root():
    """The inner one is sqrt(a t); so is t = sqrt(a t): t = a."""

    def inner(t, a):
        return optimize.brentq(lambda s: s**2 - a * t, 0, 10)

    outer = lambda a: optimize.newton(lambda t: t - inner(t, a), 1.5)  # noqa: E731
    for derivative in FIRST.values():
        assert_allclose(1.0, derivative(outer)(2.0), rtol=1e-10)


# ------------------------------------------------------------------------------------------ bad input

FAILING = {
    "a double root": (dr.SingularError, lambda a: optimize.newton(lambda t: (t - a) ** 2, 1.0)),
    "a triple root": (dr.SingularError, lambda a: optimize.bisect(lambda t: (t - a) ** 3, 0, 3.1)),
    "a triple root at 0": (
        dr.SingularError,
        lambda a: optimize.bisect(lambda t: t**3 * a, -1.0, 1.7),
    ),
    "a jump over 0": (
        dr.NotConvergedError,
        lambda a: optimize.brentq(lambda t: np.where(t > a, 1 + t, t - 5), 0, 3.1),
    ),
    "a step where numbers are small": (
        dr.NotConvergedError,
        lambda a: optimize.brentq(
            lambda t: np.where(t > 1e-9 * a, t + 1e-9, t - 5e-9), 0, 1e-8, xtol=1e-16
        ),
    ),
    "a sign": (dr.SingularError, lambda a: optimize.bisect(lambda t: np.sign(t - a), 0, 3.1)),
    "a pole": (dr.SingularError, lambda a: optimize.brentq(lambda t: 1 / (t - a), 0, 3.1)),
    "not found": (
        dr.NotConvergedError,
        lambda a: optimize.brentq(lambda t: t**3 - a, 0, 3, maxiter=2, disp=False),
    ),
    "not found by newton": (
        dr.NotConvergedError,
        lambda a: optimize.newton(lambda t: t**3 - a, 9.0, maxiter=2, disp=False),
    ),
    "not found by root_scalar": (
        dr.NotConvergedError,
        lambda a: optimize.root_scalar(lambda t: t**3 - a, bracket=(0, 3), maxiter=2).root,
    ),
    "one of an array not found": (
        dr.NotConvergedError,
        lambda a: optimize.newton(lambda t: t**2 - a * np.array([1, -1]), np.ones(2), maxiter=20)[
            0
        ],
    ),
    "no change of sign": (ValueError, lambda a: optimize.brentq(lambda t: t**2 + a, 0, 3)),
    "no derivative": (
        dr.MissingRuleError,
        lambda a: optimize.brentq(lambda t: np.unwrap(np.stack([t, t]))[0] - a, 0, 3),
    ),
    "diverging": (RuntimeError, lambda a: optimize.newton(lambda t: t**2 + a, 1.0, maxiter=5)),
    "diverging iteration": (
        RuntimeError,
        lambda a: optimize.fixed_point(lambda t: a * t + 1, 1.0, method="iteration"),
    ),
    "nan": (ValueError, lambda a: optimize.brentq(lambda t: t * np.nan * a, 0, 3)),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FAILING)
@pytest.mark.usefixtures("unwrap_without_rule")
def test_what_has_no_derivative_raises(name):
    kind, root = FAILING[name]
    for derivative in FIRST.values():
        with pytest.raises(kind) as caught:
            derivative(root)(2.0)
        if issubclass(kind, dr.DualrevError):
            assert "(test_optimize_roots.py:" in caught.value.where
        elif kind in (ValueError, RuntimeError):
            assert not isinstance(caught.value, dr.DualrevError)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in FAILING if "double" in name or "jump" in name])
def test_plain_numbers_are_scipys_also_where_there_is_no_derivative(name):
    assert_allclose(2.0, FAILING[name][1](2.0), atol=1e-6)


@quietly
def test_a_batch_without_derivatives_keeps_what_scipy_did_not_find():
    root = lambda a: optimize.brentq(lambda t: t**3 - a, 0, 3, maxiter=3, disp=False)  # noqa: E731
    a = np.array([1.0, 2.0])
    assert_array_equal([root(x) for x in a], dr.vmap(root)(a))
    with pytest.raises(dr.NotConvergedError):
        dr.vmap(dr.grad(root))(a)


@quietly
def test_one_row_without_a_simple_root_raises():
    root = lambda a: optimize.newton(lambda t: (t - 1) ** 2 - a, 3.0)  # noqa: E731
    with pytest.raises(dr.SingularError):
        dr.vmap(dr.grad(root))(np.array([1.0, 0.0]))


def test_a_slope_that_changes_within_rounding_warns():
    """Of (t - 1)**2 - 1.3e-20 the slope is 2e-10, and changes by a part of 1e-6 in t's last digit."""
    root = lambda a: optimize.brentq(lambda t: (t - 1) ** 2 - a, 1, 1.0001, xtol=1e-17)  # noqa: E731
    with pytest.warns(dr.ConditionWarning, match="brentq found a root where the slope"):
        assert_allclose(0.5 / np.sqrt(1.3e-20), dr.grad(root)(1.3e-20), rtol=1e-4)


# ---------------------------------------------------------------------------------- several unknowns


def crossing(u, p):
    """A hyperbola and a parabola."""
    return np.stack([u[0] ** 2 + p[0] * u[1] - 3, u[0] * u[1] - p[1]])


P, U0 = np.array([1.2, 0.7]), np.array([1.5, 0.3])
BY_STEPS = [
    *("anderson", "broyden1", "broyden2", "newton_krylov"),
    *("diagbroyden", "excitingmixing", "linearmixing"),
]
ROOTS = {
    **{
        f"root-{method}": lambda module, u0, p, method=method: (
            module.root(crossing, u0, (p,), method, **with_jacobian(module)).x
        )
        for method in ("hybr", "lm")
    },
    **{
        f"root-{method}": lambda module, u0, p, method=method: (
            module.root(lambda u: crossing(u, p), u0, method=method, tol=1e-9).x
        )
        for method in ("anderson", "broyden1", "broyden2", "krylov", "df-sane")
    },
    **{
        name: lambda module, u0, p, name=name: getattr(module, name)(
            lambda u: crossing(u, p), u0, f_tol=1e-9
        )
        for name in ("anderson", "broyden1", "broyden2", "newton_krylov")
    },
    "root-pair": lambda module, u0, p: (
        module.root(lambda u: (crossing(u, p), slopes(u, p)), u0, jac=True).x
    ),
    "root-jac": lambda module, u0, p: module.root(crossing, u0, (p,), jac=slopes, tol=1e-6).x,
    "fsolve": lambda module, u0, p: module.fsolve(
        crossing, u0, (p,), None if module is optimize else slopes
    ),
    "fsolve-list": lambda module, u0, p: module.fsolve(
        lambda u: list(crossing(u, p)),
        tuple(u0),
        fprime=None if module is optimize else lambda u: slopes(u, p),
    ),
    "fsolve-fprime": lambda module, u0, p: module.fsolve(
        lambda u: list(crossing(u, p)),
        list(u0),
        fprime=lambda u: slopes(u, p).T,
        col_deriv=True,
        xtol=1e-5,
    ),
    "fsolve-full": lambda module, u0, p: module.fsolve(
        crossing, u0, (p,), slopes, True, factor=10, diag=[1.0, 2.0]
    )[0],
}


def slopes(u, p):
    return np.array([[2 * u[0], p[0]], [u[1], u[0]]])


def with_jacobian(module):
    """What our twins fill in."""
    return {} if module is optimize else {"jac": slopes}


@functools.cache
def crossing_derivatives():
    """First and second derivatives of both unknowns by both parameters, from 30 digits."""

    def at(p, q, i):
        f = lambda x, y: (x**2 + p * y - 3, x * y - q)  # noqa: E731
        return mpmath.findroot(f, tuple(U0))[i]

    ones = np.eye(2, dtype=int)
    with mpmath.workdps(30):
        derivative = lambda i, n: float(  # noqa: E731
            mpmath.diff(lambda p, q: at(p, q, i), tuple(P), tuple(map(int, n)))
        )
        first = [[derivative(i, n) for n in ones] for i in (0, 1)]
        second = [[[derivative(i, n + m) for n in ones] for m in ones] for i in (0, 1)]
    return first, second


@pytest.mark.filterwarnings("ignore:.*ll-conditioned matrix")
@pytest.mark.parametrize("name", ROOTS)
def test_a_root_of_several_unknowns_has_scipys_value_to_the_bit(name):
    expected = ROOTS[name](scipy.optimize, U0, P)
    assert_array_equal(expected, ROOTS[name](optimize, U0, P))
    value, _ = dr.jvp(lambda p: ROOTS[name](optimize, U0, p), (P,), (P,))
    assert_array_equal(expected, value)


@pytest.mark.filterwarnings("ignore:.*ll-conditioned matrix")
@pytest.mark.parametrize("name", ROOTS)
def test_a_root_of_several_unknowns_has_the_derivatives_of_the_exact_one(name):
    root = lambda p: ROOTS[name](optimize, U0, p)  # noqa: E731
    first, second = crossing_derivatives()
    # Where the start is far a root is exact to the rounding of its equations, some parts in 1e12.
    tolerance = {"rtol": 1e-10, "atol": 1e-11}
    for mode in FIRST:
        assert_allclose(first, dr.jacobian(root, mode=mode)(P), **tolerance)
    for _, found in second_derivatives(root, P):
        assert_allclose(second, found, **tolerance)
    product = dr.hvp(lambda p: root(p)[0])(P, np.ones(2))
    assert_allclose(np.sum(second[0], axis=0), product, **tolerance)


def test_a_root_of_several_unknowns_has_third_derivatives():
    root = lambda p: ROOTS["root-hybr"](optimize, U0, p)[0]  # noqa: E731

    def along(t):
        f = lambda x, y: (x**2 + (P[0] + t) * y - 3, x * y - P[1] - t)  # noqa: E731
        return mpmath.findroot(f, tuple(U0))[0]

    with mpmath.workdps(30):
        expected = float(mpmath.diff(along, 0, 3))
    third = dr.jacobian(dr.hessian(root))(P)
    assert_allclose(expected, np.sum(third), rtol=1e-11)
    assert_allclose(expected / 6, dr.taylor(root, P, np.ones(2), 3)[3], rtol=1e-11)


@quietly
@pytest.mark.filterwarnings("ignore:.*ll-conditioned matrix")
@pytest.mark.parametrize("name", ROOTS)
def test_a_batch_of_roots_of_several_unknowns_has_starts_and_derivatives_by_rows(name):
    u0, p = np.stack([U0, 1.1 * U0, 0.9 * U0]), np.stack([P, 1.05 * P, 0.9 * P])
    root = functools.partial(ROOTS[name], optimize)
    assert_array_equal(list(map(root, u0, p)), dr.vmap(root)(u0, p))
    tolerance = {"rtol": 1e-9, "atol": 1e-10}
    expected = [dr.jacobian(root, argnums=1)(*row) for row in zip(u0, p)]
    assert_allclose(expected, dr.vmap(dr.jacobian(root, argnums=1))(u0, p), **tolerance)
    gradient = dr.grad(lambda p: np.sum(dr.vmap(root)(u0, p)))(p)
    assert_allclose(np.sum(expected, axis=1), gradient, **tolerance)


@pytest.mark.parametrize("name", ["diagbroyden", "excitingmixing", "linearmixing"])
def test_mixing_and_diagonal_searches_have_the_derivatives_of_the_exact_root(name):
    """They take steps along the residual: for equations in which each has its own unknown."""
    matrix = np.array([[3.0, 0.1], [-0.2, 3.0]])

    def root(p, module=optimize):
        return getattr(module, name)(lambda u: p - matrix @ u, np.zeros((2,)), alpha=0.3)

    assert_array_equal(root(P, scipy.optimize), root(P))
    for mode in FIRST:
        assert_allclose(np.linalg.inv(matrix), dr.jacobian(root, mode=mode)(P), rtol=1e-9)


@pytest.mark.parametrize("name", [*BY_STEPS, "fsolve", "root"])
def test_all_parameters_are_scipys_also_of_several_unknowns(name):
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(getattr(module, name)).parameters.values()]
        for module in (optimize, scipy.optimize)
    )
    assert theirs == ours[: len(theirs)]


def test_a_full_answer_of_fsolve_is_scipys():
    given = crossing, U0, (P,), slopes
    x, details, status, message = optimize.fsolve(*given, full_output=True)
    theirs, expected, its_status, its_message = scipy.optimize.fsolve(*given, full_output=True)
    assert_array_equal(theirs, x)
    assert (its_status, its_message) == (status, message)
    assert list(expected) == list(details)
    for key, value in expected.items():
        assert_array_equal(value, details[key])
    assert "njev" in optimize.fsolve(crossing, U0, (P,), full_output=True)[1]


def test_fsolve_flattens_arrays_and_takes_structures():
    seen = []

    def f(x):
        seen.append(np.shape(x))
        return x**2 - np.arange(1.0, 5.0)

    start = np.ones((2, 2))
    assert_array_equal(scipy.optimize.fsolve(f, start, fprime=lambda x: np.diag(2 * x)).shape, (4,))
    assert optimize.fsolve(f, start).shape == (4,)
    assert set(seen) == {(4,)}
    of_parts = lambda a: optimize.fsolve(  # noqa: E731
        lambda s: {"x": s["x"] ** 2 - a, "y": s["y"] - s["x"]}, {"x": 1.0, "y": np.ones(2)}
    )
    assert_allclose([0.25, 0.25], dr.jacobian(lambda a: of_parts(a)["y"])(4.0))


def test_fsolve_tells_what_scipy_tells():
    for module in (scipy.optimize, optimize):
        with pytest.warns(RuntimeWarning, match="not making good progress"):
            module.fsolve(lambda x: x**2 + 1, 1.0)
        with pytest.raises(TypeError, match="Improper input"):
            module.fsolve(lambda x: x**2 - 1, 1.0, xtol=-1.0)
        with pytest.raises(TypeError, match="mismatch between the input and output shape"):
            module.fsolve(lambda x: x[:1], [1.0, 2.0])


def test_a_root_of_any_shape_and_of_structures_has_derivatives():
    def of_array(a):
        return optimize.root(
            lambda x: x**3 - a * np.ones((2, 2)), np.ones((2, 2)), method="krylov"
        ).x

    def of_structure(a):
        found = optimize.root(
            lambda s: {"x": s["x"] ** 3 - a, "y": s["y"] - s["x"] * np.ones((2, 1))},
            {"x": 1.0, "y": np.ones((2, 1))},
        ).x
        return np.stack([found["x"], *found["y"][:, 0]])

    for mode in FIRST:
        slope = dr.jacobian(of_array, mode=mode)(8.0)
        assert_allclose(np.full((2, 2), 1 / 12), slope, rtol=1e-10)
        assert_allclose([1 / 12] * 3, dr.jacobian(of_structure, mode=mode)(8.0), rtol=1e-10)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_complex_unknowns_move_with_real_parameters():
    root = lambda a: optimize.root(lambda z: z**2 + a, np.array([0.5 + 1j]), method="krylov").x[0]  # noqa: E731
    assert_allclose(0.5j / np.sqrt(1.3), dr.jvp(root, (1.3,), (1.0,))[1], rtol=1e-10, atol=1e-12)


def test_the_start_of_several_unknowns_may_be_traced_and_does_not_matter():
    def root(x):
        a = optimize.root(lambda u: u**3 - x[1], [x[0]]).x
        b = optimize.fsolve(lambda u: u**3 - x[1], x[:1])
        c = optimize.broyden1(lambda u: u**3 - x[1], x[:1], f_tol=1e-9)
        d = optimize.root(lambda s: {"u": s["u"] ** 3 - x[1]}, {"u": x[0]}).x["u"]
        return np.stack([a[0], b[0], c[0], d])

    expected = np.outer(np.ones(4), [0, 2 ** (-2 / 3) / 3])
    for mode in FIRST:
        found = dr.jacobian(root, mode=mode)(np.array([1.5, 2.0]))
        assert_allclose(expected, found, rtol=1e-9, atol=1e-12)


def test_a_callback_sees_plain_numbers():
    seen = []

    def root(a):
        f = lambda u: u**3 - a  # noqa: E731
        keep = lambda u, r: seen.append((u, r))  # noqa: E731
        x = optimize.root(f, [1.5], method="krylov", callback=keep).x
        y = optimize.broyden1(f, [1.5], callback=keep)
        return np.sum(x * y)

    dr.grad(root)(2.0)
    assert len(seen) > 4
    assert {type(x) for pair in seen for x in pair} == {np.ndarray}
    assert {x.dtype for pair in seen for x in pair} == {np.dtype(float)}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("kind", "root"),
    [
        (dr.NotConvergedError, lambda a: optimize.root(lambda x: x**2 + a, [0.3]).x),
        (dr.NotConvergedError, lambda a: optimize.root(lambda x: x**2 + a, [0.3], method="lm").x),
        (dr.NotConvergedError, lambda a: optimize.fsolve(lambda x: x**2 + a, [0.3])),
        (
            dr.NotConvergedError,
            lambda a: (
                optimize.root(lambda x: x**2 - a, [9.0], method="krylov", options={"nit": 1}).x
            ),
        ),
        (dr.SingularError, lambda a: optimize.root(lambda x: a * np.stack([x[0], x[0]]), U0).x),
        (
            scipy.optimize.NoConvergence,
            lambda a: optimize.broyden1(lambda x: x**2 + a, [0.3], maxiter=5),
        ),
        (TypeError, lambda a: optimize.fsolve(lambda x: x[:1] + a, [0.3, 1.0])),
    ],
)
def test_several_unknowns_without_a_root_have_no_derivatives(kind, root):
    for mode in FIRST:
        with pytest.raises(kind) as caught:
            dr.jacobian(root, mode=mode)(2.0)
        if issubclass(kind, dr.DualrevError):
            assert "(test_optimize_roots.py:" in caught.value.where


@pytest.mark.parametrize("method", ["hybr", "lm", "krylov"])
def test_a_double_root_of_equations_has_no_derivative(method):
    """SciPy's x is anywhere within the root of rounding: a number would be one of chance."""
    shrinking = lambda a: optimize.root(lambda x: (x - 1) ** 2 - (a - 1), [0.3], method=method).x  # noqa: E731
    for mode in FIRST:
        with pytest.raises(dr.SingularError):
            dr.jacobian(shrinking, mode=mode)(1.0)


@pytest.mark.filterwarnings("ignore:overflow")
def test_next_to_a_double_root_of_equations_digits_are_lost():
    """A line touches a circle, or nearly: then both roots are within 1e-7 of each other.

    How x @ x is rounded decides where the search ends, and with it which of the two is said.
    """

    def touching(a):
        return optimize.root(
            lambda x: np.stack([x @ x - 2 * a, np.sum(x) - 2]), np.array([0.3, 0.5])
        ).x

    with pytest.warns(dr.ConditionWarning, match="half of the digits"):
        dr.jacobian(touching)(1.0 + 1.3e-15)
    with pytest.raises((dr.SingularError, dr.ConditionWarning)):
        dr.jacobian(touching)(1.0)
