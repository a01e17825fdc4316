"""Corners of rules/special/statistical.py that the laws do not reach: edges, tails, refusals."""

import mpmath
import numpy as np
import pytest
from scipy import special

import dualrev as dr

d = dr.derivative


# SciPy warns that it rounds n = 5.0
@pytest.mark.filterwarnings("ignore:non-integer arg n:DeprecationWarning")
@pytest.mark.parametrize(
    ("f", "position", "argument", "args"),
    [
        (special.bdtr, 1, "n", (1.0, 5.0, 0.5)),
        (special.nbdtrc, 1, "n", (1.0, 5.0, 0.5)),
        (special.smirnov, 0, "n", (5.0, 0.3)),
        (special.smirnovi, 0, "n", (5.0, 0.3)),
    ],
)
def test_a_parameter_without_known_derivative_is_refused_by_name(f, position, argument, args):
    with pytest.raises(dr.MissingRuleError, match=f"`{argument}` traced") as error:
        dr.grad(f, argnums=position)(*args)
    assert f"scipy.special.{f.__name__}" in str(error.value)


@pytest.mark.parametrize(
    ("f", "position", "args", "expected"),
    [
        # mpmath: sums over Poisson's weights of gammainc and betainc; quad over the chi density.
        (special.chndtr, 1, (3.0, 2.0, 1.5), -0.14449607262601902),
        (special.ncfdtr, 0, (3.0, 5.0, 1.5, 2.0), 0.030012379359313623),
        (special.ncfdtr, 1, (3.0, 5.0, 1.5, 2.0), 0.016111778120126593),
        (special.nctdtr, 0, (3.0, 0.5, 1.2), 0.015059975819813541),
        (special.nctdtr, 0, (3.0, 10.0, 1.0), -2.028269552870329e-16),
        (special.nctdtr, 0, (3.0, -6.0, 2.0), 3.68310500333244e-12),
        (special.nctdtr, 0, (200.0, 1.0, 3.0), 7.164886308157436e-06),
        (special.nctdtr, 2, (1.5, 30.0, 2.0), 1.013946719650912839e-52),
    ],
)
def test_noncentral_distributions_have_derivatives_by_their_degrees_of_freedom(
    f, position, args, expected
):
    np.testing.assert_allclose(expected, dr.grad(f, argnums=position)(*args), rtol=1e-11)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (special.bdtr, (2.5, 7, 0.4)),
        (special.bdtrc, (2.5, 7, 0.4)),
        (special.nbdtr, (2.0, 3, 0.4)),
        (special.pdtr, (2.5, 1.3)),
        (special.pdtrc, (2.5, 1.3)),
    ],
)
def test_a_count_that_is_rounded_down_has_derivative_zero(f, args):
    assert dr.grad(f)(*args) == 0


@pytest.mark.parametrize(
    ("inverse", "function", "known", "rtol"),
    [
        (special.bdtri, special.bdtr, (2, 7), 1e-12),
        (special.btdtria, lambda b, x, a: special.betainc(a, b, x), (1.5, 0.3), 1e-6),
        (special.kolmogi, special.kolmogorov, (), 1e-12),
        (special.stdtrit, special.stdtr, (3.5,), 1e-9),
        (special.smirnovi, special.smirnov, (4,), 1e-12),
        (special.ndtri_exp, special.log_ndtr, (), 1e-12),
        # SciPy's own inverses hold 1e-5 here
        (special.ncfdtrinc, lambda m, n, f, nc: special.ncfdtr(m, n, nc, f), (3.0, 4.0, 1.2), 1e-3),
        (special.ncfdtri, special.ncfdtr, (3.0, 4.0, 1.2), 1e-6),
        (special.chndtrix, lambda df, nc, x: special.chndtr(x, df, nc), (3.0, 1.2), 1e-6),
    ],
)
def test_an_inverse_has_the_reciprocal_slope(inverse, function, known, rtol):
    p = -0.7 if inverse is special.ndtri_exp else 0.4
    front = {"btdtria": 0, "chndtrix": 0, "ncfdtrinc": 2}.get(
        getattr(inverse, "__name__", ""), len(known)
    )
    given = (*known[:front], p, *known[front:])
    x = inverse(*given)
    slope = dr.grad(inverse, argnums=front)(*given)
    expected = 1 / dr.grad(function, argnums=len(known))(*known, x)
    np.testing.assert_allclose(expected, slope, rtol=rtol)


@pytest.mark.parametrize("y", [0.05, 0.2, 0.6, 0.799, 0.801, 1.5, 3.0, 12.0])
def test_kolmogorov_has_the_derivative_of_its_series(y):
    """20.2.4: the alternating series, with as many digits as it takes near 0."""
    with mpmath.workdps(400):
        exact = mpmath.mpf(y)
        terms = range(1, 800)
        expected = sum(
            8 * (-1) ** k * k**2 * exact * mpmath.exp(-2 * (k * exact) ** 2) for k in terms
        )
    np.testing.assert_allclose(float(expected), d(special.kolmogorov)(y), rtol=1e-12, atol=1e-300)


def test_kolmogorov_is_flat_left_of_its_support():
    for y in (-1.0, 0.0, 1e-3):
        assert d(special.kolmogorov)(y) == d(d(special.kolmogorov))(y) == 0


@pytest.mark.parametrize("df", [0.7, 4.0, 60.0])
@pytest.mark.parametrize(("nc", "t"), [(-1.5, -2.0), (0.0, 0.5), (2.0, 0.0), (2.0, 30.0)])
def test_noncentral_student_has_the_derivatives_of_its_integral(df, nc, t):
    """P(Z + nc <= t s) with s a chi variable over sqrt(df): one integral over s each."""

    def density_of_s(s):
        log = (df - 1) * mpmath.log(s) - df * s * s / 2
        return 2 * mpmath.mpf(df / 2) ** (df / 2) / mpmath.gamma(df / 2) * mpmath.exp(log)

    def integral(g):
        return float(mpmath.quad(g, [0, 0.02, 0.2, 0.5, 0.8, 1, 1.2, 2, 4, 10]))

    by_t = integral(lambda s: s * mpmath.npdf(t * s - nc) * density_of_s(s))
    by_nc = integral(lambda s: -mpmath.npdf(t * s - nc) * density_of_s(s))
    # atol: of the integral
    np.testing.assert_allclose(
        [by_nc, by_t], dr.grad(special.nctdtr, argnums=(1, 2))(df, nc, t), rtol=1e-8, atol=1e-10
    )


@pytest.mark.parametrize("x", [0.1, 3.0, 400.0, 1e5])
@pytest.mark.parametrize("nc", [0.0, 1e-8, 2.0, 350.0, 1e5])
def test_noncentral_chi_square_has_the_derivative_of_its_mixture(x, nc):
    df = 3.5
    with mpmath.workdps(30):
        half, a = mpmath.mpf(nc) / 2, mpmath.mpf(df) / 2
        y = mpmath.mpf(x) / 2
        central = y ** (a - 1) * mpmath.exp(-y - half) / mpmath.gamma(a) / 2
        expected = float(central * mpmath.hyp0f1(a, half * y))
    # rtol: two large exponents are subtracted
    np.testing.assert_allclose(expected, dr.grad(special.chndtr)(x, df, nc), rtol=1e-9, atol=1e-290)


def test_noncentral_f_has_the_central_limit_and_the_derivative_of_its_mixture():
    m, n, f = 3.0, 5.0, 1.3
    expected = dr.grad(special.fdtr, argnums=2)(m, n, f)
    np.testing.assert_allclose(
        expected, dr.grad(special.ncfdtr, argnums=3)(m, n, 0.0, f), rtol=1e-13
    )
    w = m * f / (m * f + n)
    for nc in (0.5, 40.0):
        terms = [
            mpmath.exp(-nc / 2) * mpmath.mpf(nc / 2) ** j / mpmath.factorial(j)
            * (mpmath.betainc(m / 2 + j + 1, n / 2, 0, w, True)
               - mpmath.betainc(m / 2 + j, n / 2, 0, w, True)) / 2
            for j in range(150)
        ]  # fmt: skip
        np.testing.assert_allclose(
            float(sum(terms)), dr.grad(special.ncfdtr, argnums=2)(m, n, nc, f), rtol=1e-11
        )


def test_the_exponent_of_a_power_transform_may_be_zero():
    """boxcox is log(x) + lmbda log(x)^2 / 2 + lmbda^2 log(x)^3 / 6 + ..."""
    log = np.log(3.0)
    for f, x in ((special.boxcox, 3.0), (special.boxcox1p, 2.0)):
        np.testing.assert_allclose(log**2 / 2, d(lambda s: f(x, s))(0.0), rtol=1e-14)
        np.testing.assert_allclose(log**3 / 3, d(d(lambda s: f(x, s)))(0.0), rtol=1e-14)
        np.testing.assert_allclose(1 / 3, d(lambda x: f(x, 0.0))(x), rtol=1e-14)
    inverse = d(lambda s: special.inv_boxcox(log, s))(0.0)
    np.testing.assert_allclose(-3 * log**2 / 2, inverse, rtol=1e-14)


def test_a_power_transform_of_zero_depends_on_its_exponent():
    """boxcox(0, lmbda) is -1 / lmbda."""
    assert d(lambda s: special.boxcox(0.0, s))(0.5) == 4
    assert d(lambda s: special.boxcox1p(-1.0, s))(0.5) == 4


def test_tukey_lambda_is_logistic_at_zero_and_flat_beyond_its_support():
    for x in (-30.0, -0.5, 2.0, 30.0):
        expected = np.exp(-abs(x)) / (1 + np.exp(-abs(x))) ** 2
        np.testing.assert_allclose(
            expected, dr.grad(special.tklmbda)(x, 0.0), rtol=1e-12, atol=1e-16
        )
    np.testing.assert_allclose(0.5, dr.grad(special.tklmbda)(0.3, 1.0), rtol=1e-14)  # uniform
    for x in (-2.5, 2.5):
        assert dr.grad(special.tklmbda, argnums=(0, 1))(x, 0.5) == (0, 0)


def test_voigt_has_its_limits():
    """Without sigma the Lorentzian g / (pi (x^2 + g^2)), without gamma the normal density."""
    x, g = 0.7, 0.4
    r = np.pi * (x * x + g * g) ** 2
    expected = (-2 * x * g / r, 0, (x * x - g * g) / r)
    slopes = dr.grad(special.voigt_profile, argnums=(0, 1, 2))
    np.testing.assert_allclose(expected, slopes(x, 0.0, g), rtol=1e-14)
    density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(
        (-x * density, (x * x - 1) * density), slopes(x, 1.0, 0.0)[:2], rtol=1e-13
    )


def test_the_inverse_of_the_log_of_the_normal_distribution_keeps_its_tail():
    """log_ndtr(x) is about -x^2 / 2 far to the left: the inverse has slope 1 / -x there."""
    y = -5e7
    x = special.ndtri_exp(y)
    np.testing.assert_allclose(-1 / x, d(special.ndtri_exp)(y), rtol=1e-7)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "f",
    [
        lambda x: special.boxcox(x, -0.5),
        lambda x: special.chdtri(2.0, x),
        lambda x: special.gdtr(1.0, 0.5, x),
        lambda x: special.fdtr(1.0, 2.0, x),
        lambda x: special.ndtri_exp(-1 / x),
        lambda x: special.bdtri(2, 5, x),
    ],
)
def test_a_masked_singularity_contributes_zero(f):
    x = np.array([0.0, 0.25])
    slope = d(f)(0.25)
    value = dr.grad(lambda x: np.sum(np.where(x > 0, f(x), 0)))(x)
    np.testing.assert_allclose([0, slope], value)


@pytest.mark.parametrize("t", [0.0, 1e-9, -1e-4, 0.3, -7.0])
@pytest.mark.parametrize("df", [0.7, 2.0, 40.0])
def test_students_density_by_df_is_the_mixed_derivative_at_its_middle_too(df, t):
    """d2 stdtr / ddf dt is the derivative of the density by df, in every nesting; so is the next one."""

    def density(df, t):
        shape = mpmath.gamma((df + 1) / 2) / mpmath.gamma(df / 2)
        return shape / mpmath.sqrt(df * mpmath.pi) * (1 + t * t / df) ** (-(df + 1) / 2)

    with mpmath.workdps(40):
        second = float(mpmath.diff(lambda df: density(df, mpmath.mpf(t)), df))
        third = float(mpmath.diff(lambda df: density(df, mpmath.mpf(t)), df, 2))
    for by_df in (dr.grad, dr.derivative):
        for by_t in (dr.grad, dr.derivative):
            found = by_t(lambda t: by_df(lambda df: special.stdtr(df, t))(df))(t)
            np.testing.assert_allclose(second, found, rtol=1e-8)
            found = by_df(lambda df: by_t(lambda t: special.stdtr(df, t))(t))(df)
            np.testing.assert_allclose(second, found, rtol=1e-8)
            found = by_t(lambda t: by_df(by_df(lambda df: special.stdtr(df, t)))(df))(t)
            np.testing.assert_allclose(third, found, rtol=1e-8)


@pytest.mark.parametrize(
    ("inverse", "args"),
    [
        (special.bdtrik, (0.1, 5.0, 0.3)),
        (special.nbdtrik, (0.1, 2.0, 0.5)),
        (special.pdtrik, (0.1, 0.5)),
        (special.fdtridfd, (0.9, 0.91, 0.91)),
        (special.stdtridf, (0.12, 0.12)),
        (special.ncfdtrinc, (0.6, 0.6, 0.6, 0.6)),
        # not an end, but ncfdtr of it is 0.80
        (special.ncfdtri, (0.58, 0.08353036, 0.87, 0.87)),
    ],
)
def test_an_answer_at_an_end_of_its_search_has_no_slope(inverse, args):
    """There SciPy found no solution, and answers the end, or what it had."""
    assert np.isnan(dr.grad(inverse, argnums=len(args) - 1)(*args))


@pytest.mark.parametrize(
    ("function", "whole", "given"),
    [
        (special.bdtr, (1.0, 4.0), (1.0, 4.6)),
        (special.nbdtr, (1.0, 4.0), (1.0, 4.6)),
        (special.bdtri, (1.0, 4.0), (1.0, 4.6)),
        (special.expn, (0.0,), (0.7,)),
        (special.expn, (2.0,), (2.7,)),
        (special.kn, (2.0,), (2.7,)),
        (special.yn, (2.0,), (2.7,)),
    ],
)
@pytest.mark.filterwarnings("ignore:(?s)floating point number truncated:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:(?s).*non-integer arg n is deprecated:DeprecationWarning")
def test_a_count_whose_fraction_scipy_cuts_off_has_the_slopes_of_the_whole_one(
    function, whole, given
):
    slope = dr.derivative(lambda x: function(*whole, x))(0.4)
    assert slope == dr.derivative(lambda x: function(*given, x))(0.4)


def test_voigt_of_a_negative_width_has_the_slopes_of_what_scipy_computes():
    for position in range(3):
        x, step = np.array([0.3, -0.5, 0.2]), 1e-6 * np.eye(3)[position]
        difference = special.voigt_profile(*(x + step)) - special.voigt_profile(*(x - step))
        slope = dr.grad(special.voigt_profile, argnums=position)(*x)
        np.testing.assert_allclose(difference / 2e-6, slope, rtol=1e-6)


@pytest.mark.parametrize("a", [1e-12, 1e-8, 1e-4])
@pytest.mark.parametrize("b", [0.37, 3.0])
@pytest.mark.parametrize("x", [5e-11, 1e-7, 1e-3])
def test_a_tiny_parameter_moves_the_incomplete_beta_function_next_to_the_end(a, b, x):
    """The series 8.17.7, differentiated to 60 digits."""

    def betainc(a, b):
        terms = (
            mpmath.rf(1 - b, n) / mpmath.factorial(n) * mpmath.mpf(x) ** n / (a + n)
            for n in range(30)
        )
        return mpmath.mpf(x) ** a / mpmath.beta(a, b) * mpmath.fsum(terms)

    with mpmath.workdps(80):
        at = mpmath.mpf(a), mpmath.mpf(b)
        options = {"h": at[0] * mpmath.mpf(10) ** -20}
        first, second = (float(mpmath.diff(betainc, at, (n, 0), **options)) for n in (1, 2))
    by_a = dr.grad(special.betainc)
    np.testing.assert_allclose(first, by_a(a, b, x), rtol=1e-10)
    np.testing.assert_allclose(second, dr.grad(by_a)(a, b, x), rtol=1e-8)
    by_b = dr.grad(lambda y: special.betainc(b, y, 1 - x))
    if x > 1e-4:  # of 1 - x there are as many digits as that has
        np.testing.assert_allclose(-first, by_b(a), rtol=1e-10)


@pytest.mark.parametrize(
    ("n", "k"), [(2.4e-10, 6.0), (3e-7, 3.0), (5.5, -2 + 1e-9), (2 - 1e-8, 4.0)]
)
def test_binom_next_to_its_zeros_has_second_derivatives(n, k):
    with mpmath.workdps(60):
        at = mpmath.mpf(n), mpmath.mpf(k)
        step = {"h": mpmath.mpf(10) ** -20}
        for i, orders in enumerate(((2, 0), (1, 1))):
            expected = float(mpmath.diff(mpmath.binomial, at, orders, **step))
            slope = dr.grad(dr.grad(special.binom), argnums=i)
            np.testing.assert_allclose(expected, slope(n, k), rtol=1e-6)
