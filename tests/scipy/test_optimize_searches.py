"""The other searches of scipy.optimize: their minima and roots have SciPy's numbers and derivatives."""

import functools

import numpy as np
import pytest
import scipy.optimize
import scipy.optimize.elementwise

import dualrev as dr
from dualrev.errors import MissingRuleError, NotConvergedError
from dualrev.scipy import optimize

A, BATCH = np.array([1.0, 0.7]), np.array([[1.0, 0.7], [1.1, 0.8]])
START, BOX = [0.5, 0.5], [(-3, 3), (-3, 3)]


def f(x, a):
    return (x[0] - a[0]) ** 2 + 0.5 * (x[1] - a[1] * x[0]) ** 2 + 0.1 * x[0] ** 4


def slope(x, a):
    return dr.grad(f)(x, a)


def residuals(x, a):
    return np.stack([x[0] - a[0], 0.5**0.5 * (x[1] - a[1] * x[0]), 0.1**0.5 * x[0] ** 2])


def exactly(a):
    return optimize.minimize(f, START, a, tol=1e-12).x


SEARCHES = {
    "fmin": lambda m, a: m.fmin(f, START, (a,), disp=0),
    "fmin_powell": lambda m, a: m.fmin_powell(f, START, (a,), disp=0),
    "fmin_bfgs": lambda m, a: m.fmin_bfgs(f, START, args=(a,), disp=0),
    "fmin_cg": lambda m, a: m.fmin_cg(f, START, args=(a,), disp=0),
    "fmin_ncg": lambda m, a: m.fmin_ncg(f, START, slope, args=(a,), disp=0),
    "fmin_l_bfgs_b": lambda m, a: m.fmin_l_bfgs_b(f, START, slope, (a,), bounds=BOX)[0],
    "fmin_l_bfgs_b(pair)": lambda m, a: m.fmin_l_bfgs_b(lambda x: (f(x, a), slope(x, a)), START)[0],
    "fmin_tnc": lambda m, a: m.fmin_tnc(f, START, args=(a,), approx_grad=1, disp=0)[0],
    "fmin_slsqp": lambda m, a: m.fmin_slsqp(f, START, args=(a,), iprint=0),
    "fmin_cobyla": lambda m, a: m.fmin_cobyla(
        f, START, lambda x, a: 9 - x[0], args=(a,), rhoend=1e-6
    ),
    "leastsq": lambda m, a: m.leastsq(residuals, START, (a,))[0],
    "differential_evolution": lambda m, a: m.differential_evolution(f, BOX, (a,), rng=0).x,
    "differential_evolution(vectorized)": lambda m, a: (
        m.differential_evolution(
            lambda x, a: f(x, a), BOX, (a,), rng=0, vectorized=True, updating="deferred"
        ).x
    ),
    "dual_annealing": lambda m, a: m.dual_annealing(f, BOX, (a,), rng=0, maxiter=20).x,
    "shgo": lambda m, a: m.shgo(f, BOX, (a,)).x,
    "direct": lambda m, a: m.direct(f, BOX, args=(a,)).x,
    "basinhopping": lambda m, a: m.basinhopping(f, START, 2, minimizer_kwargs={"args": a}, rng=0).x,
    "brute": lambda m, a: m.brute(f, BOX, (a,), Ns=5),
}


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_minima_have_scipys_numbers_and_the_derivatives_of_exact_ones(search):
    """In both modes, through closures and arguments, of each row of a batch."""
    theirs, expected = search(scipy.optimize, A), dr.jacobian(exactly)(A)
    np.testing.assert_array_equal(theirs, search(optimize, A))
    value, tangent = dr.jvp(lambda a: search(optimize, a), (A,), (A,))
    np.testing.assert_array_equal(theirs, value)
    np.testing.assert_allclose(expected @ A, tangent, rtol=1e-9)
    found = dr.jacobian(lambda a: search(optimize, a), mode="reverse")(A)
    np.testing.assert_allclose(expected, found, rtol=1e-9, atol=1e-12)
    with pytest.warns(dr.PerformanceWarning, match="row by row"):
        rows = dr.vmap(dr.jacobian(lambda a: search(optimize, a)))(BATCH)
    np.testing.assert_allclose(expected, rows[0], rtol=1e-9, atol=1e-12)


def test_where_a_search_starts_has_no_part():
    """As of minimize."""
    for search in (
        lambda s: optimize.fmin(f, s, (A,), disp=0),
        lambda s: optimize.fmin_l_bfgs_b(f, s, slope, (A,))[0],
        lambda s: optimize.leastsq(residuals, s, (A,))[0],
        lambda s: optimize.basinhopping(f, s, 2, minimizer_kwargs={"args": (A,)}, rng=0).x,
    ):
        np.testing.assert_array_equal(np.zeros((2, 2)), dr.jacobian(search)(np.array(START)))


def test_minima_have_second_derivatives():
    expected = dr.hessian(lambda a: exactly(a)[1])(A)
    for name in ("fmin", "shgo"):
        found = dr.hessian(lambda a: SEARCHES[name](optimize, a)[1])(A)
        np.testing.assert_allclose(expected, found, rtol=1e-7, atol=1e-10)


FULL = {
    "fmin": lambda m, a: m.fmin(f, START, (a,), disp=0, full_output=1, retall=1),
    "fmin_powell": lambda m, a: m.fmin_powell(f, START, (a,), disp=0, full_output=1),
    "fmin_bfgs": lambda m, a: m.fmin_bfgs(f, START, args=(a,), disp=0, full_output=1),
    "fmin_cg": lambda m, a: m.fmin_cg(f, START, args=(a,), disp=0, full_output=1),
    "fmin_ncg": lambda m, a: m.fmin_ncg(f, START, slope, args=(a,), disp=0, full_output=1),
    "fmin_l_bfgs_b": lambda m, a: m.fmin_l_bfgs_b(f, START, slope, (a,)),
    "fmin_slsqp": lambda m, a: m.fmin_slsqp(f, START, args=(a,), iprint=0, full_output=1),
    "brute": lambda m, a: m.brute(f, BOX, (a,), Ns=5, full_output=1),
}


@pytest.mark.parametrize("search", FULL.values(), ids=FULL)
def test_all_that_a_search_answers_is_answered(search):
    """The value has its derivative, that of f by a alone; what tells of the search has nan."""
    expected = search(scipy.optimize, A)
    for found in (search(optimize, A), dr.jvp(lambda a: search(optimize, a)[1], (A,), (A,))[:1]):
        assert expected[1] == found[1 if len(found) > 1 else 0]
    assert [type(part) for part in expected] == [type(part) for part in search(optimize, A)]
    by_a = dr.grad(f, argnums=1)(exactly(A), A)
    np.testing.assert_allclose(by_a, dr.grad(lambda a: search(optimize, a)[1])(A), atol=1e-6)


def test_leastsq_answers_all():
    expected = scipy.optimize.leastsq(residuals, START, (A,), full_output=True)
    found = optimize.leastsq(residuals, START, (A,), full_output=True)
    for a, b in ((expected[0], found[0]), (expected[1], found[1])):
        np.testing.assert_array_equal(a, b)
    assert expected[2].keys() == found[2].keys()
    assert expected[3:] == found[3:]
    cov = lambda a: optimize.leastsq(residuals, START, (a,), full_output=True)[1]  # noqa: E731
    expected = lambda a: np.linalg.inv(  # noqa: E731
        dr.jacobian(residuals)(exactly(a), a).T @ dr.jacobian(residuals)(exactly(a), a)
    )
    np.testing.assert_allclose(dr.jacobian(expected)(A), dr.jacobian(cov)(A), rtol=1e-7, atol=1e-10)


LINE = {"type": "eq", "fun": lambda x, a: x[0] + x[1] - a[0]}
HALF = {"type": "ineq", "fun": lambda x, a: a[0] - x[0] - x[1]}
TIGHT = [(-3, 3), (-3, 0.2)]
LIMITED = {
    "eqcons": (lambda a: optimize.fmin_slsqp(f, START, [LINE["fun"]], args=(a,), iprint=0), [LINE]),
    "f_ieqcons": (
        lambda a: optimize.fmin_slsqp(f, START, f_ieqcons=HALF["fun"], args=(a,), iprint=0),
        [HALF],
    ),
    "cons": (lambda a: optimize.fmin_cobyla(f, START, [HALF["fun"]], (a,), rhoend=1e-7), [HALF]),
    "constraints": (
        lambda a: optimize.shgo(f, BOX, (a,), {**LINE, "args": (a,)}).x,
        [LINE],
    ),
    "bounds": (lambda a: optimize.fmin_l_bfgs_b(f, START, slope, (a,), bounds=TIGHT)[0], ()),
    "minimizer_kwargs": (
        lambda a: (
            optimize.basinhopping(
                f, START, 2, minimizer_kwargs={"args": (a,), "bounds": TIGHT}, rng=0
            ).x
        ),
        (),
    ),
}


@pytest.mark.parametrize(("search", "constraints"), LIMITED.values(), ids=LIMITED)
def test_what_limits_a_minimum_moves_it(search, constraints):
    """As minimize has it, of constraints and bounds that act."""

    def exactly(a):
        held = [{**constraint, "args": (a,)} for constraint in constraints]
        bounds = None if held else TIGHT
        return optimize.minimize(f, START, a, "SLSQP", bounds=bounds, constraints=held, tol=1e-14).x

    np.testing.assert_allclose(exactly(A), search(A), atol=2e-3)
    np.testing.assert_allclose(
        dr.jacobian(exactly)(A), dr.jacobian(search)(A), rtol=1e-6, atol=1e-9
    )


def test_roots_and_minima_by_elements():
    a = np.array([[0.5, 2.0, 9.0]])
    theirs, ours = scipy.optimize, optimize

    def root(m, a):
        return m.elementwise.find_root(lambda x, a: x**3 + x - a, (0.0, 9.0), args=(a,))

    def low(m, a):
        bracket = -9.0, 0.0, 9.0
        return m.elementwise.find_minimum(lambda x, a: x**4 + (x - a) ** 2, bracket, args=(a,))

    for find in (root, low):
        expected, found = find(theirs, a), find(ours, a)
        assert list(expected) == list(found)
        np.testing.assert_array_equal(expected.x, found.x)
        np.testing.assert_array_equal(expected.x, dr.jvp(lambda a: find(ours, a).x, (a,), (a,))[0])
    x = root(theirs, a).x
    slopes = dr.elementwise_grad(lambda a: root(ours, a).x)(a)
    np.testing.assert_allclose(1 / (3 * x**2 + 1), slopes, rtol=1e-9)
    x = low(theirs, a).x
    slopes = dr.elementwise_grad(lambda a: low(ours, a).x)(a)
    np.testing.assert_allclose(2 / (12 * x**2 + 2), slopes, rtol=1e-6)
    values = dr.elementwise_grad(lambda a: low(ours, a).f_x)(a)
    np.testing.assert_allclose(2 * (a - x), values, rtol=1e-6)
    with pytest.warns(dr.PerformanceWarning, match="row by row"):
        rows = dr.vmap(lambda a: root(ours, a).x)(np.stack([a, a + 1]))
    np.testing.assert_array_equal(root(theirs, a + 1).x, rows[1])
    found = lambda a: optimize.elementwise.find_root(lambda x: x - a, (0.0, 2.0))  # noqa: E731
    assert np.isnan(dr.grad(lambda a: found(a).bracket[0])(1.3))


def test_arguments_by_name_are_those_by_position():
    """SciPy has them from 1.18 on."""
    a = np.array([0.5, 2.0, 9.0])
    searches = optimize.elementwise
    for find, init, f in (
        (searches.find_root, (-1.0, 9.0), lambda x, b, a: x**3 + x - a * b),
        (searches.find_minimum, (-9.0, 0.0, 9.0), lambda x, b, a: x**4 + (x - a * b) ** 2),
    ):
        search = functools.partial(find, f, init)
        by_name = lambda a, search=search: search(args=0.3, kwargs={"a": a}).x  # noqa: E731
        by_position = lambda a, search=search: search(args=(0.3, a)).x  # noqa: E731
        np.testing.assert_array_equal(by_position(a), by_name(a))
        slopes = dr.elementwise_grad(by_name)(a)
        np.testing.assert_array_equal(dr.elementwise_grad(by_position)(a), slopes)


def test_what_has_no_derivative_says_so():
    with pytest.raises(MissingRuleError, match="integrality"):
        dr.grad(
            lambda a: optimize.differential_evolution(f, BOX, (a,), integrality=[1, 0], rng=0).fun
        )(A)
    with pytest.raises(MissingRuleError, match="on a grid"):
        dr.grad(lambda a: optimize.brute(f, BOX, (a,), Ns=5, finish=None)[0])(A)
    with pytest.raises(NotConvergedError, match="fmin did not converge"):
        dr.grad(lambda a: optimize.fmin(f, [3.0, 3.0], (a,), maxiter=2, disp=0)[0])(A)
