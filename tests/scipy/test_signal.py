"""What the laws cannot hold of dualrev.scipy.signal: equality with SciPy, long arrays, refusals."""

import numpy as np
import pytest
import scipy.signal

import dualrev as dr
from dualrev.scipy import signal
from dualrev.scipy.signal import convolution
from tests.numeric import numeric_jacobian

RNG = np.random.default_rng(7)
X, H = RNG.standard_normal(40), RNG.standard_normal(5)
M = RNG.standard_normal((2, 40))
B, A = scipy.signal.butter(2, 0.3)
SOS = scipy.signal.butter(3, 0.3, output="sos")
CALLS = [
    ("convolve", (X, H), {"mode": "same"}),
    ("convolve", (X, H), {"method": "fft"}),
    ("correlate", (X, H), {"mode": "valid"}),
    ("fftconvolve", (M, M[:, :7]), {"axes": 1}),
    ("oaconvolve", (M, M[:, :7]), {"axes": 1}),
    ("convolve2d", (M, M[:, :3]), {"boundary": "wrap"}),
    ("correlate2d", (M, M[:, :3]), {"mode": "same", "fillvalue": 2.0}),
    ("upfirdn", (H, M), {"up": 2, "down": 3}),
    ("upfirdn", (H, X), {"mode": "symmetric"}),
    ("lfilter", (B, A, M), {}),
    ("lfilter", ([1.0, 2], [2, 1], [1, 2, 3]), {}),
    ("lfilter", (B, A, X), {"zi": np.ones(2)}),
    ("lfilter_zi", (B, A), {}),
    ("sosfilt", (SOS, M), {}),
    ("sosfilt", (SOS, X), {"zi": np.ones((2, 2))}),
    ("sosfilt_zi", (SOS,), {}),
    ("filtfilt", (B, A, M), {"padtype": "even"}),
    ("filtfilt", (B, A, X), {"method": "gust"}),
    ("sosfiltfilt", (SOS, M), {"padlen": 5}),
    ("resample", (M, 30), {"axis": 1, "window": "hann"}),
    ("resample", (X, 30), {"t": np.arange(40.0)}),
    ("resample", (np.fft.fft(X), 30), {"domain": "freq"}),
    ("resample_poly", (X, 3, 2), {"padtype": "mean"}),
    ("resample_poly", (X, 3, 2), {"padtype": "line"}),
    ("decimate", (X, 2), {}),
    ("decimate", (X, 2), {"ftype": scipy.signal.dlti(B, A)}),
    ("savgol_filter", (M, 7, 3), {"deriv": 1}),
    ("detrend", (M,), {"bp": [10]}),
    ("hilbert", (M,), {"N": 50}),
    ("freqz", (B, A), {"worN": 20}),
    ("freqz", (np.ones((3, 1, 1)),), {"worN": np.ones((1, 1))}),
    ("freqz_sos", (SOS,), {}),
    ("welch", (M,), {"nperseg": 16}),
    ("csd", (X, M), {"nperseg": 16}),
    ("periodogram", (X,), {"window": "hann"}),
]


def assert_same(expected, got):
    if isinstance(expected, tuple):
        for e, g in zip(expected, got, strict=True):
            assert_same(e, g)
    else:
        np.testing.assert_array_equal(expected, got)
        assert expected.dtype == got.dtype


@pytest.mark.parametrize(
    ("name", "args", "options"), CALLS, ids=lambda p: p if type(p) is str else ""
)
def test_plain_arrays_have_scipys_answer_to_the_bit(name, args, options):
    expected = getattr(scipy.signal, name)(*args, **options)
    assert_same(expected, getattr(signal, name)(*args, **options))


def test_lists_of_traced_numbers_are_arrays():
    gradient = dr.grad(lambda x: signal.lfilter([x[0], 1.0], [1.0, x[1]], X)[1])(np.zeros(2))
    # y[1] = b_0 x[1] + b_1 x[0] - a_1 y[0], and y[0] = b_0 x[0] = 0
    np.testing.assert_allclose([X[1], 0.0], gradient)


# ------------------------------------------------------------------------------- convolution


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("convolve", {"method": "direct"}),
        ("convolve", {"method": "fft"}),
        ("correlate", {"method": "auto"}),
        ("fftconvolve", {}),
        ("oaconvolve", {}),
    ],
)
def test_long_valid_parts_are_what_short_ones_are(name, options, mode, dtype, monkeypatch):
    """By transforms or by SciPy's convolution, as by inner products."""
    x, h = X.astype(dtype), H.astype(dtype)
    if dtype is complex:
        x, h = x + 1j * X[::-1], h - 1j * H[::-1]
    for args in ((x, h), (h, x), (np.outer(x, h), np.outer(h, h[:3]))):
        convolve = lambda *a: getattr(signal, name)(*a, mode=mode, **options)  # noqa: E731
        if mode == "valid" and args[0].ndim > 1:
            args = args[::-1]
        ct = RNG.standard_normal(convolve(*args).shape)
        expected = dr.vjp(convolve, *args)[1](ct.astype(dtype))
        monkeypatch.setattr(convolution, "_FEW", 0)
        got = dr.vjp(convolve, *args)[1](ct.astype(dtype))
        monkeypatch.undo()
        for e, g in zip(expected, got):
            np.testing.assert_allclose(e, g, atol=1e-12)


@pytest.mark.parametrize("boundary", ["fill", "wrap", "symm"])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("name", ["convolve2d", "correlate2d"])
def test_jacobian_of_a_planar_convolution_is_what_scipy_makes_of_unit_matrices(
    name, mode, boundary
):
    # A kernel larger than the matrix: the boundary is met more than once.
    kernel = RNG.standard_normal((7, 3))
    units = np.eye(12).reshape(12, 3, 4)
    if mode == "valid":
        kernel = kernel[:2]
    columns = [getattr(scipy.signal, name)(unit, kernel, mode, boundary) for unit in units]
    jacobian = dr.jacobian(
        lambda x: getattr(signal, name)(x, kernel, mode, boundary), mode="reverse"
    )(np.zeros((3, 4)))
    expected = np.stack(columns, -1)
    np.testing.assert_allclose(expected, jacobian.reshape(expected.shape), atol=1e-12)


# ------------------------------------------------------------------------------------ filters


def test_derivative_of_a_geometric_series_by_its_ratio():
    """The response to an impulse is p^n, whose derivative is n p^(n - 1)."""
    impulse = np.eye(1, 6)[0]
    n = np.arange(6)
    jacobian = dr.jacobian(lambda p: signal.lfilter([1.0], np.stack([1.0, -p]), impulse))(0.7)
    np.testing.assert_allclose(n * 0.7 ** (n - 1.0), jacobian, rtol=1e-13)


def test_the_leading_coefficient_divides():
    gradient = dr.grad(lambda a: signal.lfilter([3.0], [a], [1.0, 2.0])[1])(2.0)
    np.testing.assert_allclose(-6.0 / 4, gradient)
    gradient = dr.grad(lambda a: signal.lfilter([3.0, 1.0], [a], [1.0, 2.0], zi=[0.5])[0][0])(2.0)
    np.testing.assert_allclose(-3.0 / 4, gradient)


def test_the_column_of_ones_of_a_section_has_derivative_zero():
    gradient = dr.grad(lambda sos: np.sum(signal.sosfilt(sos, X) ** 2))(SOS)
    np.testing.assert_array_equal(np.zeros(len(SOS)), gradient[:, 3])
    assert np.all(gradient[:, [0, 4]] != 0)


def test_coefficients_overwritten_after_the_call_do_not_change_the_derivative():
    def smoothed(x, overwrite):
        b, a, sos = B.copy(), A.copy(), SOS.copy()
        y = signal.filtfilt(b, a, x) + signal.sosfiltfilt(sos, x) + signal.sosfilt(sos, x)
        if overwrite:
            b[:], a[:], sos[:] = 7, 7, 7
        return np.sum(y**2)

    expected = dr.grad(lambda x: smoothed(x, False))(X)
    np.testing.assert_array_equal(expected, dr.grad(lambda x: smoothed(x, True))(X))


@pytest.mark.parametrize(
    ("name", "mode"),
    [("fftconvolve", "full"), ("oaconvolve", "full"), ("convolve", "valid"), ("correlate", "valid")]
    + [
        (name, mode) for name in ("convolve2d", "correlate2d") for mode in ("full", "same", "valid")
    ],
)
def test_a_convolution_with_nothing_has_derivatives_zero(name, mode):
    image, nothing = M[:, :5], np.zeros((0, 2))
    f = lambda x, y: getattr(signal, name)(x, y, mode=mode)  # noqa: E731
    expected = f(image, nothing)
    ans, t = dr.jvp(f, (image, nothing), (image, nothing))
    for zero in (ans, t):
        np.testing.assert_array_equal(expected, zero, strict=True)
    cts = dr.vjp(f, image, nothing)[1](expected)
    for x, ct in zip((image, nothing), cts):
        np.testing.assert_array_equal(np.zeros(x.shape), ct, strict=True)


@pytest.mark.parametrize("name", ["convolve", "correlate", "fftconvolve", "oaconvolve"])
@pytest.mark.parametrize("mode", ["full", "same"])
def test_a_convolution_of_numbers_is_their_product(name, mode):
    f = getattr(signal, name)
    assert dr.grad(lambda x: f(x, 3.0, mode=mode))(2.0) == 3.0
    assert dr.grad(lambda x: f(3.0, x, mode=mode))(2.0) == 3.0


@pytest.mark.filterwarnings("ignore::scipy.signal._peak_finding_utils.PeakPropertyWarning")
def test_what_is_no_peak_has_no_width_also_at_an_end():
    x = np.array([0.1, 0.4, 0.9])
    widths, t = dr.jvp(lambda x: signal.peak_widths(x, [1, 2])[0], (x,), (np.ones(3),))
    assert widths.tolist() == t.tolist() == [0.0, 0.0]


def test_an_image_too_short_for_its_border_is_refused():
    """SciPy reads and writes beyond its memory there, and now and then the process ends."""
    for image, hrow, hcol in (
        (M[:, :3], np.ones(7), np.ones(1)),
        (M, np.ones(1), np.ones(5)),
    ):
        with pytest.raises(dr.ArgumentError, match="border"):
            dr.jvp(lambda x, r=hrow, c=hcol: signal.sepfir2d(x, r, c), (image,), (image,))
    with pytest.raises(ValueError, match="too deep"):
        dr.grad(lambda x: signal.medfilt2d(x).sum())(np.ones((2, 3, 3)))


def test_too_short_a_signal_is_scipys_own_error():
    for f in (scipy.signal.filtfilt, signal.filtfilt):
        with pytest.raises(ValueError, match="must be greater than padlen, which is 9"):
            dr.jvp(
                lambda x: f(B, A, x) if f is signal.filtfilt else f(B, A, X[:4]), (X[:4],), (X[:4],)
            )


# ------------------------------------------------------------------------------------ spectra


@pytest.mark.parametrize(
    "options", [{}, {"nperseg": 10, "noverlap": 7}, {"nperseg": 12, "nfft": 15}]
)
def test_power_is_quadratic(options):
    """So that <gradient, x> is twice the power."""

    def power(x):
        return np.sum(signal.welch(x, window="hann", **options)[1])

    options = {"nperseg": 40, **options}
    np.testing.assert_allclose(2 * power(X), dr.grad(power)(X) @ X, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "options"), [("periodogram", {"nfft": 41}), ("welch", {"nperseg": 20, "nfft": 25})]
)
def test_frequencies_are_scipys_and_plain(name, options):
    expected, _ = getattr(scipy.signal, name)(X, fs=3.0, **options)
    seen = []

    def power(x):
        w, p = getattr(signal, name)(x, fs=3.0, **options)
        seen.append(w)
        return np.sum(p)

    dr.grad(power)(X)
    assert_same(expected, seen[0])


# ------------------------------------------------------------------------------------ refusals

REFUSED = {
    "remez": lambda x: signal.remez(5, [0.0, x[0], 0.4, 0.5], [1, 0]),
    "upfirdn with mode='wrap'": lambda x: signal.upfirdn(H, x, mode="wrap"),
    "filtfilt with method='gust'": lambda x: signal.filtfilt(B, A, x, method="gust"),
    "resample with domain='freq'": lambda x: signal.resample(x, 3, domain="freq"),
    "resample_poly with padtype='line'": lambda x: signal.resample_poly(x, 3, 2, padtype="line"),
    "decimate": lambda x: signal.decimate(x, 2, ftype=scipy.signal.dlti(B, A)),
    "an array of filters": lambda x: signal.freqz(x.reshape(-1, 2))[1],
    "find_peaks": lambda x: signal.find_peaks([x[0], x[1], x[2]], height=x[0]),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_has_no_derivative_is_refused_by_name(what):
    with pytest.raises(dr.MissingRuleError, match=what):
        dr.grad(lambda x: np.sum(REFUSED[what](x)))(X)


def test_what_takes_no_derivative_is_scipys():
    assert_same(scipy.signal.windows.hann(5), signal.windows.hann(5))
    assert_same(scipy.signal.butter(2, 0.3), signal.butter(2, 0.3))
    assert_same(scipy.signal.medfilt(X, 3), signal.medfilt(X, 3))


# ------------------------------------------------------------------- how coefficients lie in memory


LAYOUTS = {
    "Fortran": lambda sos: sos.T.copy().T,
    "reversed": lambda sos: sos[::-1, ::-1].copy()[::-1, ::-1],
    "strided": lambda sos: np.repeat(sos, 2, axis=1)[:, ::2],
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("filtered", [signal.sosfilt, signal.sosfiltfilt])
def test_sections_may_lie_in_memory_in_any_way(filtered, layout):
    sos = scipy.signal.butter(4, 0.3, output="sos")
    x = np.sin(np.arange(30.0))
    expected = dr.jacobian(lambda s: filtered(s, x)[::7])(sos)
    for mode in ("forward", "reverse"):
        got = dr.jacobian(lambda s: filtered(layout(s), x)[::7], mode=mode)(sos)
        np.testing.assert_allclose(expected, got, rtol=1e-9, atol=1e-12)
        outside = dr.jacobian(lambda s: filtered(s, x)[::7], mode=mode)(layout(sos))
        np.testing.assert_allclose(expected, outside, rtol=1e-9, atol=1e-12)


def test_sections_may_be_read_only():
    sos = scipy.signal.butter(4, 0.3, output="sos")
    sos.flags.writeable = False
    x = np.sin(np.arange(30.0))
    expected = [scipy.signal.sosfiltfilt(sos.copy(), t) for t in np.eye(30)]
    jacobian = dr.jacobian(lambda x: signal.sosfiltfilt(sos, x))(x)
    np.testing.assert_allclose(np.transpose(expected), jacobian, atol=1e-12)


def test_initial_states_of_sections_depend_on_the_leading_coefficient():
    """SciPy divides by it, though it asks for 1."""
    sos = np.array([[0.2, 0.3, 0.1, 1.0, -0.2, 0.1], [0.2, 0.3, 0.1, 1.0, -0.3, 0.2]])
    step = np.zeros_like(sos)
    step[:, 3] = 1e-6
    difference = scipy.signal.sosfilt_zi(sos + step) - scipy.signal.sosfilt_zi(sos - step)
    _, tangent = dr.jvp(signal.sosfilt_zi, (sos,), (step * 1e6,))
    np.testing.assert_allclose(difference / 2e-6, tangent, rtol=1e-6)


@pytest.mark.parametrize(
    "measure",
    [
        lambda m, x: m.peak_prominences(x, [1, 3])[0],
        lambda m, x: m.peak_widths(x, [1, 3], 0.4)[0],
        lambda m, x: m.find_peaks(x, prominence=0.1, width=0.1)[1]["widths"],
    ],
    ids=["prominences", "widths", "find_peaks"],
)
def test_peaks_of_single_precision_are_measured_in_double(measure):
    """As SciPy does."""
    x = np.array([0.0, 2.0, 1.0, 3.0, 0.25], np.float32)
    value, pull = dr.vjp(lambda x: measure(signal, x), x)
    np.testing.assert_array_equal(measure(scipy.signal, x), value)
    assert value.dtype == np.float64
    expected = dr.vjp(lambda x: measure(signal, x), x.astype(float))[1](np.ones(2))
    np.testing.assert_allclose(expected, pull(np.ones(2)), rtol=1e-6)


@pytest.mark.parametrize("inner", ["forward", "reverse"])
@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_responses_have_second_derivatives_in_each_mode(inner, outer):
    """An inner Jacobian by two coefficients is a batch of as many rows as there are coefficients."""

    def f(p):
        b = np.array([[1.0, 0.2], [0.5, -0.7]]) @ p**2
        return np.abs(signal.freqz(b, np.array([1.0, 0.3]), [0.1, 0.7])[1])

    p = np.array([0.5, 0.8])
    hessians = dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(p)
    np.testing.assert_allclose(numeric_jacobian(dr.jacobian(f), p), hessians, rtol=1e-5)
