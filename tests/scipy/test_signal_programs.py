"""What dualrev.scipy.signal runs of SciPy's own code, and what it puts in its place."""

import numpy as np
import pytest
import scipy.optimize
import scipy.signal

import dualrev as dr
from dualrev.scipy import signal
from tests.scipy.signal_programs import PROGRAMS

RNG = np.random.default_rng(3)


def vector_of(answer):
    """All numbers of an answer, real and imaginary parts apart."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, tuple | list):
        return np.concatenate([np.zeros(0), *map(vector_of, answer)])
    if answer is None or isinstance(answer, str):
        return np.zeros(0)
    x = np.reshape(answer, -1) * 1.0
    return np.concatenate([x.real, x.imag]) if x.dtype.kind == "c" else x


def difference(f, x, t, step):
    """Of fourth order."""
    near, far = f(x + step * t) - f(x - step * t), f(x + 2 * step * t) - f(x - 2 * step * t)
    return (8 * near - far) / (12 * step)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.filterwarnings("ignore")
def test_value_and_derivatives_are_those_of_scipys_function(name):
    program, x = PROGRAMS[name]
    plain = lambda x: vector_of(program(scipy.signal, x.copy()))  # noqa: E731
    ours = lambda x: vector_of(program(signal, x))  # noqa: E731
    t = RNG.uniform(0.5, 1.0, x.shape) * RNG.choice([-1.0, 1.0], x.shape) * 0.1
    expected = difference(plain, x, t, 1e-3 * min(1.0, np.min(np.abs(x[x != 0]), initial=1.0)))
    value, tangent = dr.jvp(ours, (x,), (t,))
    # SciPy's splines of images are computed in single precision.
    scale = max(1e-2, np.max(np.abs(expected)))
    np.testing.assert_allclose(plain(x), value, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(expected / scale, tangent / scale, atol=1e-6)
    value, pull = dr.vjp(ours, x)
    ct = RNG.standard_normal(value.shape)
    np.testing.assert_allclose(ct @ tangent, pull(ct)[0] @ t, rtol=1e-8, atol=1e-10 * scale)


@pytest.mark.parametrize(
    "name",
    ["butter low sos", "ellip", "tf2zpk", "step", "kaiser window", "lsim True", "find_peaks"],
)
@pytest.mark.filterwarnings("ignore")
def test_second_derivatives_are_those_of_the_gradient(name):
    program, x = PROGRAMS[name]
    gradient = dr.grad(lambda x: np.sum(np.sin(vector_of(program(signal, x)))))
    t = 0.1 * RNG.standard_normal(x.shape)
    expected = difference(gradient, x, t, 1e-3)
    _, tangent = dr.jvp(gradient, (x,), (t,))
    np.testing.assert_allclose(expected, tangent, rtol=1e-6, atol=1e-6 * np.max(np.abs(expected)))


# ------------------------------------------------------------------------- coefficients that are 0


@pytest.mark.filterwarnings("ignore::scipy.signal.BadCoefficients")
def test_a_coefficient_of_zero_that_is_left_out_has_no_derivative():
    b, a = np.array([0.0, 2.0]), np.array([1.0, 3.0])
    for mode in ("forward", "reverse"):
        jacobian = dr.jacobian(lambda b: signal.normalize(b, a)[0], mode=mode)(b)
        np.testing.assert_array_equal([[np.nan, 1.0]], jacobian)
    # What comes after depends on the others as ever.
    by_leading = dr.grad(lambda x: signal.normalize(b, np.stack([x, 3.0]))[0][0])(1.0)
    np.testing.assert_array_equal(-2.0, by_leading)


def test_a_coefficient_of_zero_that_is_kept_has_its_derivative():
    b, a = np.array([0.0, 1.0, 0.0]), np.array([1.0, 2.0, 0.0])
    for f in (
        lambda s, b: np.concatenate(s.bilinear(b, a)),
        lambda s, b: s.freqz(b, a, [0.5])[1].real,
        lambda s, b: s.lp2bp(b + np.eye(3)[0], a, 1.0, 1.0)[0],
    ):
        t = np.array([1.0, 0.5, -1.0])
        expected = difference(lambda b, f=f: f(scipy.signal, b), b, t, 1e-3)
        _, tangent = dr.jvp(lambda b, f=f: f(signal, b), (b,), (t,))
        np.testing.assert_allclose(expected, tangent, atol=1e-8)


def test_poles_that_coincide_move_infinitely_fast():
    jacobian = dr.jacobian(lambda a: signal.tf2zpk([1.0], a)[1].real)(np.array([1.0, 2.0, 1.0]))
    assert np.all(np.isnan(jacobian))


@pytest.mark.filterwarnings("ignore:The group delay is singular")
def test_where_a_group_delay_is_infinite_its_derivative_is_nan_and_elsewhere_a_number():
    b = np.array([1.0, 1.0])
    delays, pull = dr.vjp(lambda b: signal.group_delay((b, [1.0]), [0.5, 0.0])[1], b * [1.0, -1.0])
    np.testing.assert_array_equal(0.0, delays[1])
    assert np.isfinite(pull(np.array([1.0, 0.0]))[0]).all()
    assert np.isnan(pull(np.array([0.0, 1.0]))[0]).all()


# ----------------------------------------------------------------------------------------- systems


def test_a_system_of_scipys_is_taken_beside_traced_arrays():
    system = scipy.signal.lti([1.0], [1.0, 0.5])
    t = np.linspace(0, 1, 5)
    _, tangent = dr.jvp(lambda u: signal.lsim(system, u, t)[1], (np.zeros(5),), (np.ones(5),))
    np.testing.assert_allclose(scipy.signal.lsim(system, np.ones(5), t)[1], tangent, atol=1e-15)


def test_classes_answer_plain_arrays_as_scipys_do():
    ours, scipys = (s.lti([1.0], [1.0, 0.2, 1.0]) for s in (signal, scipy.signal))
    np.testing.assert_array_equal(scipys.to_ss().A, ours.to_ss().A)
    for expected, got in zip(scipys.step(N=5), ours.step(N=5)):
        np.testing.assert_allclose(expected, got, rtol=1e-12, atol=1e-15)
    window = np.hamming(8)
    x = np.sin(np.arange(20.0))
    np.testing.assert_array_equal(
        scipy.signal.ShortTimeFFT(window, 2, 1.0).stft(x),
        signal.ShortTimeFFT(window, 2, 1.0).stft(x),
    )


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_a_batch_of_filters_is_their_rows():
    def gradient(cutoff):
        return dr.grad(lambda w: np.sum(signal.butter(2, w)[0] ** 2))(cutoff)

    cutoffs = np.array([0.2, 0.4])
    np.testing.assert_allclose(
        [gradient(w) for w in cutoffs], dr.vmap(gradient)(cutoffs), rtol=1e-12
    )


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_a_batch_of_systems_is_their_rows():
    def response(p):
        return signal.lti([1.0], [1.0, p, 2.0]).step(T=[0.0, 0.5, 1.0])[1]

    frictions = np.array([0.2, 0.4])
    np.testing.assert_allclose([response(p) for p in frictions], dr.vmap(response)(frictions))


# --------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("f", "x", "match"),
    [
        (lambda x: signal.remez(9, x, [1.0, 0.0]), [0.0, 0.1, 0.2, 0.5], "firls"),
        (
            lambda x: signal.place_poles(x.reshape(2, 2), np.eye(2), [-1, -2]),
            np.ones(4),
            "iterates",
        ),
        (lambda x: signal.buttord(x, [0.2, 0.5], 1, 30)[1], [0.1, 0.6], "band-stop"),
        (lambda x: signal.iircomb(x[0], 5.0), [0.25], "w0"),
        (lambda x: signal.windows.tukey(9, x[0]), [1.0], "kink"),
        (lambda x: signal.chirp([0.5], x[0], 1.0, x[1], "hyperbolic"), [2.0, 2.0], "formula apart"),
    ],
)
def test_what_has_no_derivative_says_so(f, x, match):
    with pytest.raises(dr.MissingRuleError, match=match):
        dr.vjp(f, np.array(x, dtype=float))


def test_what_is_told_of_poles_that_are_placed_gives_the_gain_its_derivatives():
    b, poles = np.array([[0.0], [1.0]]), np.array([-1.0, -2.0])

    def gain(x):
        a = np.reshape(x, (2, 2))
        k = scipy.signal.place_poles(np.asarray(dr.stop_gradient(a)), b, poles).gain_matrix
        return dr.implicit.root(lambda K: (np.poly(a - b @ K) - np.poly(poles))[1:], k)

    # The last row of a companion matrix moves one to one.
    expected = [[[0, 0, 1, 0], [0, 0, 0, 1]]]
    jacobian = dr.jacobian(gain)(np.array([0.0, 1.0, 2.0, 3.0]))
    np.testing.assert_allclose(expected, jacobian[..., :4] * [0, 0, 1, 1], atol=1e-9)


def test_a_table_of_functions_is_read_with_their_meanings():
    """SciPy looks the prototype of a filter up by its name, and compares it with one."""
    gradient = dr.grad(lambda w: signal.iirfilter(2, w, btype="low", ftype="butterworth")[0][0])(
        0.3
    )
    expected = difference(lambda w: scipy.signal.butter(2, w)[0][0], 0.3, 1.0, 1e-3)
    np.testing.assert_allclose(expected, gradient, rtol=1e-9)


# -------------------------------------------------------------------------------- programs of users


def test_the_cutoff_and_the_ripple_of_a_filter_are_fitted_to_its_output():
    x = RNG.standard_normal(60)

    def output(p):
        return signal.sosfilt(signal.cheby1(3, p[1], p[0], output="sos"), x)

    y = output(np.array([0.3, 1.2]))
    p = np.array([0.29, 1.1])
    for _ in range(6):  # Gauss and Newton
        p = p - np.linalg.lstsq(dr.jacobian(output)(p), output(p) - y, rcond=None)[0]
    np.testing.assert_allclose([0.3, 1.2], p, rtol=1e-9)


def test_the_spring_and_the_friction_of_a_system_are_fitted_to_its_step_response():
    t = np.linspace(0, 8, 60)

    def response(p):
        return signal.step(signal.lti([1.0], [1.0, p[1], p[0]]), T=t)[1]

    y = response(np.array([2.0, 0.3]))
    p = np.array([1.8, 0.5])
    for _ in range(10):
        p = p - np.linalg.lstsq(dr.jacobian(response)(p), response(p) - y, rcond=None)[0]
    np.testing.assert_allclose([2.0, 0.3], p, rtol=1e-9)


def test_an_allpass_makes_the_delay_of_a_filter_more_equal():
    b, a = scipy.signal.ellip(3, 0.5, 40, 0.4)
    w = np.linspace(0.01, 0.35 * np.pi, 40)

    def spread(p):
        allpass = np.array([1.0, 0.0, 0.0]) + p[0] * np.eye(3)[1] + p[1] * np.eye(3)[2]
        delay = (
            signal.group_delay((b, a), w)[1] + signal.group_delay((allpass[::-1], allpass), w)[1]
        )
        return np.var(delay)

    p = np.array([-0.5, 0.2])
    result = scipy.optimize.minimize(spread, p, jac=dr.grad(spread), method="BFGS")
    assert result.success
    assert spread(result.x) < 0.4 * np.var(scipy.signal.group_delay((b, a), w)[1])
    np.testing.assert_allclose(0, dr.grad(spread)(result.x), atol=1e-4)


def test_a_window_is_chosen_by_its_sidelobes():
    def leak(beta):
        w = signal.get_window(("kaiser", beta), 33)
        spectrum = np.abs(np.fft.rfft(w, 256)) ** 2
        return np.sum(spectrum[32:]) / np.sum(spectrum)

    expected = difference(leak, 4.0, 1.0, 1e-3)
    np.testing.assert_allclose(expected, dr.grad(leak)(4.0), rtol=1e-8)
    assert dr.grad(leak)(4.0) < 0
