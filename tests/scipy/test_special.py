"""dualrev.scipy.special beside SciPy: values over options, limits, refusals."""

import numpy as np
import pytest
import scipy.special

import dualrev as dr
from dualrev.scipy import special
from tests.numeric import slope

A = np.array([[0.5, -1.0, 2.0], [3.0, 0.1, -np.inf]])
B = np.array([1.0, -2.0, 0.0])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1), (1,), ()])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("b", [None, B, 2, [[1], [-1]]])
@pytest.mark.parametrize("return_sign", [False, True])
@pytest.mark.parametrize("factor", [1, 1 + 0.5j])
def test_logsumexp_is_scipys_to_the_bit(axis, keepdims, b, return_sign, factor):
    a = np.where(np.isinf(A), A, A * factor)
    options = {"axis": axis, "b": b, "keepdims": keepdims, "return_sign": return_sign}
    expected = scipy.special.logsumexp(a, **options)
    np.testing.assert_array_equal(expected, special.logsumexp(a, **options), strict=True)
    value, tangent = dr.jvp(lambda a: special.logsumexp(a, **options), (a,), (np.ones_like(a),))
    np.testing.assert_array_equal(expected, value, strict=True)
    assert np.shape(expected) == np.shape(tangent)


@pytest.mark.parametrize("x", [2.0, 3, [1, 2], np.array([1.0, 2.0], np.float32), 1 + 1j])
def test_logsumexp_takes_what_scipys_takes(x):
    expected = scipy.special.logsumexp(x)
    answer = special.logsumexp(x)
    assert expected == answer
    assert type(expected) is type(answer)


def test_a_term_that_is_zero_has_no_share():
    a = np.array([0.0, -np.inf, np.log(3.0)])
    np.testing.assert_allclose([0.25, 0, 0.75], dr.grad(special.logsumexp)(a), rtol=1e-15)
    hessian = dr.hessian(special.logsumexp)(a)
    np.testing.assert_allclose([[3, 0, -3], [0, 0, 0], [-3, 0, 3]], 16 * hessian, rtol=1e-14)
    np.testing.assert_array_equal([0, 0], dr.grad(special.logsumexp)(np.full(2, -np.inf)))
    # by b a zero term counts: it is exp(a) over the sum
    by_b = dr.grad(lambda b: special.logsumexp(np.array([0.0, 1.0]), b=b))(np.array([1.0, 0.0]))
    np.testing.assert_allclose([1, np.e], by_b, rtol=1e-15)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_logarithm_of_a_sum_that_cancels_has_no_finite_slope():
    slopes = dr.grad(lambda a: special.logsumexp(a, b=np.array([1.0, -1.0])))(np.ones(2))
    assert not np.any(np.isfinite(slopes))


def test_logsumexp_does_not_overflow():
    a = np.array([1e4, 1e4 + 1])
    p = 1 / (1 + np.e)
    np.testing.assert_allclose([p, 1 - p], dr.grad(special.logsumexp)(a), rtol=1e-11)


def test_the_phase_of_a_sum_turns():
    """log|s| and s / |s| of s = exp(i x) + 2 exp(i x): the phase turns by i times itself."""

    def f(x):
        return special.logsumexp(1j * x * np.ones(2), b=np.array([1.0, 2.0]), return_sign=True)

    (modulus, phase), (t_modulus, t_phase) = dr.jvp(f, (0.7,), (1.0,))
    np.testing.assert_allclose([np.log(3), 0], [modulus, t_modulus], atol=1e-15)
    np.testing.assert_allclose([np.exp(0.7j), 1j * np.exp(0.7j)], [phase, t_phase], rtol=1e-14)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_is_scipys_to_the_bit(name):
    ours, scipys = getattr(special, name), getattr(scipy.special, name)
    for axis in (None, 0, -1, (0, 1)):
        expected = scipys(A, axis=axis)
        np.testing.assert_array_equal(expected, ours(A, axis))
        value, _ = dr.vjp(lambda x, axis=axis: ours(x, axis), A)
        np.testing.assert_array_equal(expected, value)
    assert scipys(2.0) == ours(2.0)
    np.testing.assert_array_equal(scipys([1, 2]), ours([1, 2]))


def test_softmax_does_not_overflow():
    x = np.array([1000.0, 0.0])
    np.testing.assert_array_equal(np.zeros((2, 2)), dr.jacobian(special.softmax)(x))
    np.testing.assert_array_equal([[0, 0], [-1, 1]], dr.jacobian(special.log_softmax)(x))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("repetition", [False, True])
def test_comb_is_scipys_to_the_bit(repetition):
    n, k = np.meshgrid([-1.0, 0.0, 0.5, 4.0, 7.5], [-1.0, 0.0, 1.0, 4.0, 6.2])
    expected = scipy.special.comb(n, k, repetition=repetition)
    np.testing.assert_array_equal(expected, special.comb(n, k, repetition=repetition))
    np.testing.assert_array_equal(
        expected, dr.vjp(lambda n: special.comb(n, k, repetition=repetition), n)[0]
    )
    assert special.comb(30, 15, exact=True) == 155117520


def test_what_cannot_be_taken_has_derivative_zero():
    assert dr.grad(special.comb, argnums=(0, 1))(2.0, 3.0) == (0, 0)
    assert dr.grad(special.perm, argnums=(0, 1))(2.0, 3.0) == (0, 0)
    assert dr.grad(special.factorial)(-0.5) == 0


def test_counting_is_polynomial_for_a_constant_number_taken():
    """C(N, 2) = N (N - 1) / 2; with repetition N (N + 1) / 2; in an order N (N - 1)."""
    for n in (2.0, 3.5, 40.0):
        np.testing.assert_allclose(n - 0.5, dr.grad(special.comb)(n, 2), rtol=1e-12)
        with_repetition = dr.grad(lambda n: special.comb(n, 2, repetition=True))(n)
        np.testing.assert_allclose(n + 0.5, with_repetition, rtol=1e-12)
        np.testing.assert_allclose(2 * n - 1, dr.grad(special.perm)(n, 2), rtol=1e-12)
        np.testing.assert_allclose(2, dr.hessian(special.perm)(n, 2), rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda x: special.comb(x, 2, exact=True), "exact=True"),
        (lambda x: special.perm(x, 2, exact=True), "exact=True"),
        (lambda x: special.factorial(x, exact=True), "exact=True"),
        (lambda x: special.multigammaln(9.0, x), "`d` traced"),
        (lambda x: special.polygamma(x, 2.0), "`n` traced"),
        (lambda x: special.spherical_jn(x, 2.0), "`n` traced"),
        (lambda x: special.sph_harm_y(2, 1, x, 0.3, diff_n=1)[0].real, "diff_n"),
        (lambda x: special.diric(0.3, x), "`n` traced"),
        (lambda x: special.factorial2(x), "extend='complex'"),
        (lambda x: special.factorialk(x, 3, exact=True), "exact=True"),
        (lambda x: special.legendre_p(2, x, diff_n=1)[0], "diff_n"),
        (lambda x: special.pbdv_seq(0.5, x)[0][0], "below 1"),
        (lambda x: special.jacobi(2, x, 1.0)(0.3), "plain numbers"),
        (lambda x: special.stirling2(x, 2.0), "scipy.special"),
    ],
)
def test_what_has_no_derivative_is_refused(call, match):
    with pytest.raises(dr.MissingRuleError, match=match):
        dr.grad(call)(3.0)


def test_errors_are_scipys():
    for module in (scipy.special, special):
        with pytest.raises(ValueError, match="not met"):
            module.multigammaln(0.5, 3)
        with pytest.raises(ValueError, match="positive integer"):
            module.multigammaln(5.0, 1.5)
        with pytest.raises(ValueError, match="extend"):
            module.factorial(3.0, extend="other")
        with pytest.raises(TypeError):
            module.comb(3, 2, True)


@pytest.mark.parametrize("name", ["spherical_jn", "spherical_yn", "spherical_in", "spherical_kn"])
def test_spherical_bessel_functions_satisfy_their_equation(name):
    """10.47.1 and 10.47.2: z^2 f'' + 2 z f' + (+-z^2 - n (n + 1)) f = 0."""
    sign = 1 if name[-2] in "jy" else -1
    function = getattr(special, name)
    for n in (0, 1, 5):
        for z in (0.4, 3.0, 1.0 + 0.5j):

            def f(z, n=n):
                return function(n, z)

            first = dr.derivative(f, holomorphic=True)
            second = dr.derivative(first, holomorphic=True)
            z = complex(z)
            np.testing.assert_allclose(function(n, z, derivative=True), first(z), rtol=1e-12)
            residual = z**2 * second(z) + 2 * z * first(z) + (sign * z**2 - n * (n + 1)) * f(z)
            assert abs(residual) < 1e-12 * max(1, abs(z**2 * second(z)), abs(n**2 * f(z)))


def test_spherical_bessel_functions_have_derivatives_at_zero():
    """j0 = 1 - z^2 / 6, j1 = z / 3, j2 = z^2 / 15; those of i are the same but for the sign."""
    for function, sign in ((special.spherical_jn, -1), (special.spherical_in, 1)):
        for n, expected in ((0, (0, sign / 3)), (1, (1 / 3, 0)), (2, (0, 2 / 15))):
            first = dr.derivative(lambda z, n=n, f=function: f(n, z))
            second = dr.derivative(first)
            np.testing.assert_allclose(expected, (first(0.0), second(0.0)), rtol=1e-14)


def test_spherical_harmonics_have_the_derivatives_that_scipy_has():
    """By theta first, then by phi; the pole is no exception, nor what lies beyond."""
    for n, m in ((0, 0), (3, 2), (3, -3), (2, 1)):
        for theta in (0.0, 0.8, np.pi, -0.8, 4.0, 7.0):
            value, by = scipy.special.sph_harm_y(n, m, theta, 0.3, diff_n=1)
            assert value == special.sph_harm_y(n, m, theta, 0.3)
            f = dr.jvp(
                lambda t, p, n=n, m=m: special.sph_harm_y(n, m, t, p), (theta, 0.3), (1.0, 0.0)
            )
            g = dr.jvp(lambda p, n=n, m=m, t=theta: special.sph_harm_y(n, m, t, p), (0.3,), (1.0,))
            np.testing.assert_allclose(by, [f[1], g[1]], rtol=1e-13, atol=1e-15)


def test_scipys_ufuncs_are_found_here_too():
    assert scipy.special.gamma is special.gamma
    assert scipy.special.ndtr is special.ndtr
    np.testing.assert_allclose(1 / np.sqrt(np.pi / 2) / 2, dr.grad(special.ndtr)(0.0), rtol=1e-15)
    with pytest.raises(AttributeError):
        special.no_such_function  # noqa: B018


@pytest.mark.parametrize("name", ["jvp", "yvp", "ivp", "kvp", "h1vp", "h2vp"])
def test_derivatives_of_bessel_functions_take_lists_and_refuse_their_number_by_name(name):
    scipys, ours = getattr(scipy.special, name), getattr(special, name)
    expected = scipys(1, 2.0, 2) + 2 * scipys(1, 4.0, 2)
    value = dr.grad(lambda x: np.sum(np.real(ours(1, [x, 2 * x]))))(2.0)
    np.testing.assert_allclose(np.real(expected), value, rtol=1e-12)
    assert scipys(1, [2.0, 4.0]).tolist() == ours(1, [2.0, 4.0]).tolist()
    with pytest.raises(dr.MissingRuleError, match="argument `n`"):
        dr.grad(lambda n: np.real(ours(1, 2.0, n)))(1.0)
    with pytest.raises(dr.CoercionError, match=f"dualrev.scipy.special.{name}"):
        dr.grad(lambda x: np.sum(np.real(scipys(1, [x, 2 * x]))))(2.0)


@pytest.mark.parametrize("name", ["zeta", "lambertw", "sinc", "softplus"])
def test_what_only_calls_ufuncs_takes_lists_of_traced_numbers(name):
    f = getattr(special, name)
    together = dr.grad(lambda x: np.real(np.sum(f([x, 2 * x]))))(1.7)
    one_by_one = dr.grad(lambda x: np.real(f(x) + f(2 * x)))(1.7)
    np.testing.assert_allclose(one_by_one, together, rtol=1e-14)


#: Calls of one number, at which point, and whether a second derivative is known.
SMOOTH = [
    *((lambda z, i=i: special.lqn(3, z)[i], 0.3, True) for i in (0, 1)),
    (lambda z: special.lqn(2, z * np.array([0.5, 2.0]))[0], 1.3, True),
    (lambda z: special.lqmn(2, 3, z)[1], 0.3, True),
    (lambda z: special.lqmn(0.4, 2, z)[0], 0.3, True),
    (lambda x: special.riccati_jn(3, x)[1], 1.3, True),
    (lambda x: special.riccati_yn(3, x)[0], 1.3, True),
    (lambda x: special.pbdv_seq(2.3, x)[1], 1.3, True),
    (lambda x: special.pbvv_seq(2.3, x)[0], 1.3, True),
    *((lambda z, n=n: special.pbdn_seq(n, z)[1].real, 1.3, True) for n in (3, -3)),
    (lambda c: special.pro_cv_seq(1, 4, c), 1.3, False),
    (lambda c: special.obl_cv_seq(0, 3, c), 1.3, False),
    (lambda z: special.legendre_p(np.arange(4), z), 0.3, True),
    (lambda z: special.assoc_legendre_p(3, -2, z, norm=True), 0.3, True),
    (lambda z: special.assoc_legendre_p(3, 1, z, branch_cut=3), 1.3, True),
    (lambda theta: special.sph_legendre_p(3, 2, theta), 0.3, True),
    (lambda z: special.legendre_p_all(3, z * np.ones(2)), 0.3, True),
    (lambda z: special.assoc_legendre_p_all(3, 2, z, norm=True), 0.3, True),
    (lambda theta: special.sph_legendre_p_all(3, 2, theta * np.ones(2)), 0.3, True),
    (lambda theta: special.sph_harm_y_all(3, 2, theta, 0.4).imag, 0.3, True),
    (lambda phi: special.sph_harm_y_all(3, 2, np.ones(2), phi).imag, 0.3, True),
    *((lambda a, i=i: special.roots_jacobi(5, a, 0.3, mu=True)[i], 0.7, True) for i in (0, 1, 2)),
    (lambda b: special.j_roots(5, 0.3, b)[1], -0.2, True),
    (lambda a: special.roots_gegenbauer(4, a)[1], 0.7, True),
    *((lambda a, i=i: special.roots_genlaguerre(7, a, mu=True)[i], 0.7, True) for i in (0, 1, 2)),
    (lambda p: special.roots_sh_jacobi(4, p, 0.8, mu=True)[2], 1.7, True),
    (lambda q: special.roots_sh_jacobi(4, 2.1, q)[1], 1.7, True),
    (lambda x: special.assoc_laguerre(x, 3, 1.5), 1.7, True),
    (lambda k: special.assoc_laguerre(0.4, 3, k), 1.7, True),
    (lambda x: special.legendre(3)(x), 0.7, True),
    (lambda x: special.jacobi(3, 0.2, 0.3)(x), 0.7, True),
    *((lambda x, n=n: special.diric(x, n), 0.3, True) for n in (1, 2, 8)),
    (lambda n: special.factorial2(n, extend="complex"), 2.3, True),
    (lambda n: special.factorialk(n * np.ones(2), 3, extend="complex"), 1.0, True),
    (lambda v: special.jvp(v, 1.3, 2), 0.7, True),
    (lambda v: special.kvp([v, v + 1.0], 1.3), 0.7, True),
]


@pytest.mark.parametrize(("f", "x", "twice"), SMOOTH)
def test_functions_of_python_have_the_derivatives_of_their_values(f, x, twice):
    """Of five-point differences, whose error is 1e-12 times the fifth derivative."""
    value, first = dr.jvp(f, (x,), (1.0,))
    np.testing.assert_array_equal(f(x), value, strict=True)
    np.testing.assert_allclose(slope(f, x, 1.0), first, rtol=1e-7, atol=1e-8)
    weights = np.cos(np.arange(np.size(value)).reshape(np.shape(value)))

    def total(x):
        return np.sum(weights * f(x))

    np.testing.assert_allclose(np.sum(weights * first), dr.grad(total)(x), rtol=1e-12)
    if twice:
        second = slope(dr.grad(total), x, 1.0)
        np.testing.assert_allclose(second, dr.grad(dr.grad(total))(x), rtol=1e-6, atol=1e-7)


def test_the_kernel_of_dirichlet_is_smooth_where_it_is_one():
    """A mean of cosines: of second derivative (1 - n^2) / 12 at 0, at 2 pi times (-1)^(n - 1)."""
    for n in (2, 3, 8):
        f = dr.derivative(lambda x, n=n: special.diric(x, n))
        for x, sign in ((0.0, 1), (2 * np.pi, (-1) ** (n - 1))):
            np.testing.assert_allclose(0, f(x), atol=1e-13)
            np.testing.assert_allclose(sign * (1 - n * n) / 12, dr.derivative(f)(x), rtol=1e-12)


def test_weights_that_are_tiny_keep_the_digits_of_their_derivatives():
    """Of Laguerre's last node of 40 the weight is 1e-61; the sum of all weights is gamma(alpha + 1)."""
    logs = dr.derivative(lambda a: np.log(special.roots_genlaguerre(40, a)[1]))(0.5)
    nearby = [np.log(scipy.special.roots_genlaguerre(40, 0.5 + h)[1]) for h in (1e-5, -1e-5)]
    np.testing.assert_allclose((nearby[0] - nearby[1]) / 2e-5, logs, rtol=1e-6)


@pytest.mark.parametrize("f", [special.i0e, lambda x: special.ive(0, x)])
def test_a_scaled_bessel_function_has_the_kink_of_abs_at_0(f):
    """Its slope there is a choice, which has none; i1e and ive(2, x) are smooth enough."""
    assert dr.grad(f)(0.0) == 0
    assert np.isnan(dr.grad(dr.grad(f))(0.0))
    assert dr.grad(special.i1e)(0.0) == 0.5
    assert dr.grad(dr.grad(lambda x: special.ive(2, x)))(0.0) == 0.25
