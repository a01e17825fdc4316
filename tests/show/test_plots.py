"""difference_errors and plot_error: the V of finite differences, and the exact derivative below it."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from dualrev.show import difference_errors, plot_error

X = np.array([0.3, -0.7, 1.2])
EXTENDED = np.finfo(np.longdouble).eps < np.finfo(np.float64).eps


@pytest.fixture
def pyplot():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def smooth(x):
    return np.sum(np.sin(x) * np.exp(x[::-1]))


# ------------------------------------------------------------------------------------ the numbers


def test_errors_are_those_of_the_difference_quotients():
    """Of exp: (e^h - 1) / h and sinh(h) / h, whatever x."""
    h = np.array([0.5, 0.1, 0.01])
    errors = difference_errors(np.exp, 1.3, steps=h)
    assert_allclose(np.expm1(h) / h - 1, errors.forward, rtol=1e-8)
    assert_allclose(np.sinh(h) / h - 1, errors.central, rtol=1e-8)
    assert_array_equal(h, errors.steps)
    assert errors.relative


def test_truncation_is_what_theory_predicts():
    errors = difference_errors(smooth, X, steps=[1e-3])
    assert_allclose(errors.forward_truncation, errors.forward, rtol=1e-2)
    assert_allclose(errors.central_truncation, errors.central, rtol=1e-2)


def test_rounding_is_below_what_theory_predicts_and_near_it():
    errors = difference_errors(smooth, X, steps=np.logspace(-9, -12, 40))
    assert np.all(errors.forward < 3 * errors.rounding)
    assert np.median(errors.forward) > errors.rounding.min() / 30


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_v_lies_where_the_precision_puts_it(dtype):
    """Best steps near eps**(1/2) and eps**(1/3), best errors near eps**(1/2) and eps**(2/3)."""
    eps = float(np.finfo(dtype).eps)
    errors = difference_errors(smooth, X.astype(dtype))
    assert errors.eps == eps
    forward, central = np.argmin(errors.forward), np.argmin(errors.central)
    assert_allclose(np.log10(eps) / 2, np.log10(errors.steps[forward]), atol=1.3)
    assert_allclose(np.log10(eps) / 3, np.log10(errors.steps[central]), atol=1.3)
    assert_allclose(np.log10(eps) / 2, np.log10(errors.forward[forward]), atol=1.5)
    assert_allclose(np.log10(eps) * 2 / 3, np.log10(errors.central[central]), atol=1.5)
    assert errors.exact < 4 * eps
    assert_allclose(0.1, errors.steps[0])
    assert eps / 10 < errors.steps[-1] < eps


def test_steps_grow_with_x():
    steps = difference_errors(np.sin, 3e6).steps
    assert_allclose([1e5, 1e-10], steps[[0, -1]])


def test_exact_derivative_is_measured_in_higher_precision():
    x, t = X.astype(np.float32), np.array([1, 1.5, 2], np.float32)
    errors = difference_errors(smooth, x, t, steps=[1e-2])
    (_, single), (_, double) = (
        dr.jvp(smooth, (x,), (t,)) for x, t in ((x, t), (x.astype(float), t.astype(float)))
    )
    assert errors.reference == "float64"
    assert_allclose(abs(single - double) / double, errors.exact, rtol=1e-3)
    errors = difference_errors(smooth, X, steps=[1e-2])
    assert errors.reference == ("longdouble" if EXTENDED else "reverse mode")


@pytest.mark.skipif(not EXTENDED, reason="longdouble is float64 here")
def test_exact_derivative_has_its_rounding_error_too():
    """1e14 + cos(x) - 1e14 keeps two digits of the cosine."""
    errors = difference_errors(lambda x: (1e14 * x + np.sin(x)) - 1e14 * x, 0.3, steps=[1e-3])
    expected = abs((1e14 + np.cos(0.3)) - 1e14 - np.cos(0.3)) / ((1e14 + np.cos(0.3)) - 1e14)
    assert expected > 1e-4
    assert_allclose(expected, errors.exact, rtol=1e-2)


def only_float64(x):
    """Like the functions of numpy.linalg and most of scipy.special."""
    if x.dtype != np.float64:
        raise TypeError(f"{x.dtype} is unsupported")
    return np.sin(x)


def test_function_of_one_precision_is_measured_against_reverse_mode():
    errors = difference_errors(lambda x: np.linalg.solve(np.diag(x), x**2), np.array([1.0, 3.0]))
    assert errors.reference == "reverse mode"
    assert errors.exact < 1e-14


def test_modes_that_disagree_are_seen():
    f = dr.rule(
        lambda x: only_float64(x),
        jvp=lambda ts, ans, x: (1 + 1e-6) * np.cos(x) * ts[0],
        vjp=lambda ct, wanted, ans, x: (np.cos(x) * ct,),
    )
    errors = difference_errors(f, 0.3, steps=[1e-4])
    assert errors.reference == "reverse mode"
    assert_allclose(1e-6, errors.exact, rtol=1e-3)


def test_rule_of_one_mode_leaves_the_exact_error_unmeasured():
    """The jvp cannot be transposed: float does not take a traced tangent."""
    f = dr.rule(lambda x: only_float64(x), jvp=lambda ts, ans, x: np.cos(x) * float(ts[0]))
    errors = difference_errors(f, 0.3, steps=[1e-4])
    assert errors.reference == ""
    assert np.isnan(errors.exact)


def test_rule_of_one_order_leaves_the_truncation_without_prediction():
    f = dr.rule(lambda x: only_float64(x), jvp=lambda ts, ans, x: float(np.cos(x)) * ts[0])
    errors = difference_errors(f, 0.3, steps=[1e-4])
    assert errors.reference == "reverse mode"
    assert np.all(np.isnan(errors.forward_truncation))
    assert np.all(np.isnan(errors.central_truncation))
    assert_allclose(np.tan(0.3) / 2 * 1e-4, errors.forward, rtol=1e-3)


@pytest.mark.parametrize("f", [lambda x: 3.0, lambda x: 0 * x + 3.0, lambda x: x > 0])
def test_where_the_derivative_is_zero_errors_are_absolute(f):
    errors = difference_errors(f, 1.0, steps=[1e-1, 1e-8])
    assert not errors.relative
    assert_array_equal([0, 0], errors.forward)
    assert_array_equal([0, 0], errors.central)
    assert errors.exact == 0


def test_even_function_at_its_minimum_has_absolute_errors():
    errors = difference_errors(lambda x: x**2, 0.0, steps=[1e-1, 1e-2])
    assert not errors.relative
    assert_allclose([1e-1, 1e-2], errors.forward)
    assert_array_equal([0, 0], errors.central)


def test_kink_at_x_is_an_error_of_its_own_at_every_step():
    """abs'(0) is 0; the forward quotient is 1.  Of a second derivative there is none to predict by."""
    errors = difference_errors(np.abs, 0.0)
    assert_array_equal(np.ones(len(errors.steps)), errors.forward)
    assert_array_equal(np.zeros(len(errors.steps)), errors.central)
    assert_array_equal(np.full(len(errors.steps), np.nan), errors.forward_truncation)


def test_kink_beside_x_shows_where_the_steps_cross_it():
    errors = difference_errors(lambda x: np.abs(x - 1e-3), 0.0, steps=[1e-1, 1e-2, 1e-4, 1e-5])
    assert np.all(errors.forward[:2] > 0.5)
    assert np.all(errors.forward[2:] < 1e-10)


def test_steps_that_leave_the_domain_have_no_error():
    """No warning either: the suite turns them into failures."""
    errors = difference_errors(np.log, 0.05, steps=[0.1, 0.05, 0.01])
    assert_array_equal([True, True, False], np.isnan(errors.central))
    assert np.all(np.isfinite(errors.forward))


def test_integers_are_taken_as_float64():
    by_integer, by_float = (difference_errors(lambda x: x**3, x) for x in (2, 2.0))
    assert_array_equal(by_float.forward, by_integer.forward)
    assert_array_equal(by_float.steps, by_integer.steps)


def test_direction_is_of_the_structure_of_x():
    """Along one coordinate it is the function of that coordinate."""
    tree = {"a": X, "b": 2.0}
    along = {"a": np.array([0.0, 1.0, 0.0]), "b": 0.0}
    errors = difference_errors(lambda p: np.exp(p["a"]) * p["b"], tree, along, steps=[1e-2])
    expected = difference_errors(np.exp, X[1], steps=[1e-2])
    assert_allclose(expected.forward, errors.forward, rtol=1e-9)


def test_results_of_any_structure_are_measured_together():
    """The Euclidean norm: of exp in each of its results the error is the same."""
    h = 0.1
    errors = difference_errors(lambda x: {"a": np.exp(x), "b": (2 * np.exp(x[0]), 7)}, X, steps=[h])
    assert_allclose(
        difference_errors(lambda x: np.hstack([np.exp(x), 2 * np.exp(x[0])]), X, steps=[h]).forward,
        errors.forward,
        rtol=1e-9,
    )


def test_complex_results_are_measured():
    errors = difference_errors(lambda x: np.exp(1j * x), 0.3, steps=[0.1])
    assert_allclose(abs(np.expm1(0.1j) / 0.1j - 1), errors.forward, rtol=1e-9)


def test_default_direction_is_of_unit_length_and_rises():
    t = np.array([1, 1.5, 2])
    expected = difference_errors(smooth, X, t / np.linalg.norm(t), steps=[0.1])
    assert_allclose(expected.forward, difference_errors(smooth, X, steps=[0.1]).forward)


def test_default_direction_sees_functions_that_are_constant_along_ones():
    assert difference_errors(lambda x: x - x.mean(), X, steps=[0.1]).relative


def test_x_is_not_modified_and_results_are_not_mixed_up():
    buffer = np.empty(3)

    def f(x):
        """Writes its argument, and answers with the same array each time."""
        x *= 2
        if type(x) is not np.ndarray:
            return np.exp(x)
        np.exp(x, out=buffer)
        return buffer

    x = X.copy()
    errors = difference_errors(f, x, steps=[0.01])
    assert_array_equal(X, x)
    expected = difference_errors(lambda x: np.exp(2 * x), X, steps=[0.01])
    assert_allclose(expected.forward, errors.forward)


@pytest.mark.parametrize(
    ("f", "x", "what"),
    [
        (np.log, 0.0, "f(x) is not finite"),
        (np.log, -1.0, "f(x) is not finite"),
        (np.cbrt, 0.0, "the derivative of f at x is not finite"),
        (np.arctan, np.inf, "x is not finite"),
    ],
)
def test_where_nothing_can_be_measured_the_error_says_so(f, x, what):
    with pytest.raises(dr.ArgumentError) as caught:
        difference_errors(f, x)
    assert what in str(caught.value)


def test_complex_x_is_refused_with_the_repair():
    z = np.array([0.3 + 1j, 2.0])
    with pytest.raises(dr.ComplexError, match="real and imaginary parts"):
        difference_errors(np.abs, z)
    repaired = difference_errors(lambda p: np.abs(p[0] + 1j * p[1]), np.array([z.real, z.imag]))
    assert repaired.exact < 1e-15


@pytest.mark.parametrize("steps", [[], [0.1, 0.0], [-0.1], [np.nan], [np.inf], 0.1, ["a"], [1j]])
def test_steps_are_positive_numbers(steps):
    with pytest.raises(dr.ArgumentError):
        difference_errors(np.sin, 1.0, steps=steps)


def test_a_value_in_place_of_the_function_is_refused():
    with pytest.raises(dr.ArgumentError, match=r"difference_errors\(f, x\)"):
        difference_errors(np.sin(1.0), 1.0)


def test_direction_is_neither_zero_nor_of_another_shape():
    with pytest.raises(dr.ArgumentError, match="direction is zero"):
        difference_errors(np.sin, X, np.zeros(3))
    with pytest.raises(dr.ShapeError, match="direction has shape"):
        difference_errors(np.sin, X, np.ones(2))


# ------------------------------------------------------------------------------------ the picture


def heights(ax, label):
    (line,) = (line for line in ax.get_lines() if line.get_label().startswith(label))
    return line.get_xdata(), line.get_ydata()


def test_picture_shows_the_numbers(pyplot):
    measured = difference_errors(smooth, X)
    ax = plot_error(smooth, X)
    for label, expected in (("forward", measured.forward), ("central", measured.central)):
        steps, drawn = heights(ax, label)
        assert_array_equal(measured.steps, steps)
        assert_array_equal(np.fmax(expected, measured.eps / 2), np.fmax(drawn, measured.eps / 2))
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_ylabel() == "relative error of the derivative"
    assert ax.get_xlabel() == "step size h, in units of x"
    assert [text.get_text() for text in ax.texts] == ["∝ h", "∝ h²", "∝ ε / h"]
    _, floor = heights(ax, "exact derivative (jvp): ")
    assert_array_equal([measured.exact] * 2, floor)
    assert len(ax.get_legend().get_texts()) == 3
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: 3.0, 1.0),
        (np.abs, 0.0),
        (np.log, 0.05),
        (lambda x: x**2, 1.5),
        (smooth, X.astype(np.float32)),
        (lambda x: 2 * x, np.float16(0.5)),
    ],
)
def test_everything_that_was_measured_is_inside_of_the_picture(pyplot, f, x):
    """Zeros too, which a logarithmic axis has not."""
    measured = difference_errors(f, x)
    ax = plot_error(f, x)
    low, high = ax.get_ylim()
    for label, expected in (("forward", measured.forward), ("central", measured.central)):
        steps, drawn = heights(ax, label)
        assert len(steps) == np.sum(~np.isnan(expected))
        assert np.all((low < drawn) & (drawn < high))
    ax.figure.canvas.draw()


def test_picture_of_a_kink_has_no_guides_by_what_does_not_exist(pyplot):
    """The errors are drawn, and how rounding bounds them; of a second derivative there is none."""
    ax = plot_error(np.abs, 0.0)
    assert_allclose(1.0, ax.lines[1].get_ydata())
    assert not {"∝ h", "∝ h²"} & {text.get_text() for text in ax.texts}


def test_picture_says_what_was_not_measured(pyplot):
    f = dr.rule(lambda x: only_float64(x), jvp=lambda ts, ans, x: np.cos(x) * float(ts[0]))
    ax = plot_error(f, 0.3)
    heights(ax, "exact derivative (jvp): error not measured")
    ax.figure.canvas.draw()


@pytest.mark.parametrize("steps", [[0.1], [1e-4, 1e-2], [1e10, 1e-3]])
def test_any_steps_are_drawn(pyplot, steps):
    plot_error(np.sin, 1.0, steps=steps).figure.canvas.draw()


def test_picture_of_differences_outside_of_the_domain(pyplot):
    ax = plot_error(lambda x: np.sqrt(1 - x) + np.sqrt(x), 0.5, steps=[1.0, 2.0])
    assert len(heights(ax, "forward")[0]) == 0
    ax.figure.canvas.draw()


def test_picture_is_drawn_where_it_is_told(pyplot):
    _, axes = pyplot.subplots(1, 2)
    assert plot_error(np.sin, 1.0, ax=axes[1]) is axes[1]
    assert not axes[0].get_lines()


def test_missing_matplotlib_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(dr.MissingPackageError, match=r"pip install 'dualrev\[show\]'"):
        plot_error(np.sin, 1.0)
    with pytest.raises(ImportError, match="matplotlib"):
        plot_error(np.sin, 1.0)
    difference_errors(np.sin, 1.0, steps=[0.1])
