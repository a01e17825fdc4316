"""Programs of scipy.signal: a function of the package and of a vector, by what they are about.

A program is called with SciPy's package, for its value and its differences, and with ours.
"""

import numpy as np
import scipy.signal

RNG = np.random.default_rng(0)
X = RNG.standard_normal(40)
IMAGE = RNG.standard_normal((22, 21))
BA = np.array([0.5, 1.2, -0.3, 1.6, -0.7, 0.4, 0.1])
#: Two zeros by parts, two poles by parts, a real pole, the gain.
ZPK = np.array([-0.5, 0.3, -0.2, 0.6, -0.4, 1.7])
SECTIONS = np.array([0.5, 0.2, -0.1, -0.4, 0.3, 0.7, -0.3, 0.2, 0.5, -0.1])
SPACE = np.array([0.1, 1.0, -2.0, -3.0, 0.3, 1.0, 1.0, 0.5, 0.2])
WINDOW = np.hamming(8)
PEAKS = scipy.signal.find_peaks(X)[0]
TIMES = np.linspace(0, 2, 9)


def also(x, *more):
    return np.append(x, more)


def ba(x):
    return x[:3], x[3:7]


def zpk(x):
    zero, pole = x[0] + 1j * x[1], x[2] + 1j * x[3]
    return [zero, zero.conjugate()], [pole, pole.conjugate(), x[4]], x[5]


def sos(x):
    return np.insert(x.reshape(-1, 5), 3, 1.0, axis=1)


def space(x):
    return x[:4].reshape(2, 2), x[4:6].reshape(2, 1), x[6:8].reshape(1, 2), x[8:9].reshape(1, 1)


def spring(x):
    """A mass on a spring, with friction: no feedthrough, and none at once."""
    entries = np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [-1.0, 0.0]])
    friction = np.array([[0.0, 0.0], [0.0, -1.0]])
    a = entries[0] + x[0] * entries[1] + x[1] * friction
    return a, np.array([[0.0], [1.0]]), np.array([[1.0, 0.0]]), np.array([[0.0]])


def of(name, *args, **options):
    """The program that calls a function with arguments, each of them a function of the vector."""

    def program(signal, x):
        given = [a(x) if callable(a) else a for a in args]
        named = {key: a(x) if callable(a) else a for key, a in options.items()}
        return getattr(signal, name)(*given, **named)

    return program


def first(n):
    return lambda x: x[:n]


def at(i):
    return lambda x: x[i]


B, A = (lambda x: x[:3]), (lambda x: x[3:7])
Z, P, K = (lambda x, i=i: zpk(x)[i] for i in range(3))

#: By name: a program, and the vector.  A name begins with that of the function.
CONVERSIONS = {
    "normalize": (of("normalize", B, A), BA),
    "bilinear": (of("bilinear", B, A, at(7)), also(BA, 2.3)),
    "lp2lp": (of("lp2lp", B, A, at(7)), also(BA, 1.3)),
    "lp2hp": (of("lp2hp", B, A, at(7)), also(BA, 1.0)),
    "lp2bp": (of("lp2bp", B, A, at(7), at(8)), also(BA, 1.3, 0.4)),
    "lp2bs": (of("lp2bs", B, A, at(7), at(8)), also(BA, 1.3, 0.4)),
    "bilinear_zpk": (of("bilinear_zpk", Z, P, K, at(6)), also(ZPK, 1.3)),
    "lp2lp_zpk": (of("lp2lp_zpk", Z, P, K, at(6)), also(ZPK, 1.3)),
    "lp2hp_zpk": (of("lp2hp_zpk", Z, P, K, at(6)), also(ZPK, 1.3)),
    "lp2bp_zpk": (of("lp2bp_zpk", Z, P, K, at(6), at(7)), also(ZPK, 1.3, 0.7)),
    "lp2bs_zpk": (of("lp2bs_zpk", Z, P, K, at(6), at(7)), also(ZPK, 1.3, 0.7)),
    "zpk2tf": (of("zpk2tf", Z, P, K), ZPK),
    "zpk2ss": (of("zpk2ss", Z, P, K), ZPK),
    "zpk2sos": (of("zpk2sos", Z, P, K), ZPK),
    "zpk2sos keep_odd": (of("zpk2sos", Z, P, K, pairing="keep_odd"), ZPK),
    "zpk2sos analog": (of("zpk2sos", Z, P, K, analog=True), ZPK),
    "tf2zpk": (of("tf2zpk", B, A), BA),
    "tf2ss": (of("tf2ss", B, A), BA),
    "tf2sos": (of("tf2sos", B, A), BA),
    "ss2tf": (lambda signal, x: signal.ss2tf(*space(x)), SPACE),
    "ss2zpk": (lambda signal, x: signal.ss2zpk(*space(x)), SPACE),
    "sos2tf": (of("sos2tf", sos), SECTIONS),
    "sos2zpk": (of("sos2zpk", sos), SECTIONS),
    "abcd_normalize": (lambda signal, x: signal.abcd_normalize(*space(x)), SPACE),
    "residue": (of("residue", first(4), lambda x: x[4:]), [1.0, 2.0, 0.3, 0.7, 1.0, 3.0, 0.5]),
    "residuez": (of("residuez", first(4), lambda x: x[4:]), [1.0, 2.0, 0.3, 0.7, 1.0, 3.0, 0.5]),
    "invres": (
        of("invres", first(2), lambda x: x[2:4], lambda x: x[4:]),
        [0.3, 0.7, -1.0, 0.5, 2.0],
    ),
    "invres double": (of("invres", first(3), [-1.0, -1.0, -2.0], []), [0.3, 0.7, 2.0]),
    "invresz": (
        of("invresz", first(2), lambda x: x[2:4], lambda x: x[4:]),
        [0.3, 0.7, -1.0, 0.5, 2.0],
    ),
    "unique_roots": (lambda signal, x: signal.unique_roots(x, rtype="avg")[0], [1.0, 1.0002, 3.0]),
}
DISCRETE = {
    **{
        f"cont2discrete {method}": (
            lambda signal, x, method=method: signal.cont2discrete(ba(x), x[7], method, alpha=0.3),
            also(BA, 0.2),
        )
        for method in ("zoh", "foh", "bilinear", "euler", "backward_diff", "gbt")
    },
    "cont2discrete zpk": (lambda signal, x: signal.cont2discrete(zpk(x), 0.2), ZPK),
    "cont2discrete impulse": (
        lambda signal, x: signal.cont2discrete(spring(x), x[2], "impulse"),
        [2.0, 0.3, 0.2],
    ),
}


def designed(name, parameters, *, order=3, **options):
    """A design by its frequencies, which stand last, and the parameters before them."""
    two = options.get("btype", "low").startswith("band")

    def program(signal, x):
        n = len(x) - (2 if two else 1)
        return getattr(signal, name)(order, *x[:n], x[n:] if two else x[n], **options)

    return program, np.array([*parameters, *((0.3, 0.55) if two else (0.3,))])


DESIGNS = {
    **{
        f"{name} {btype} {output}": designed(name, parameters, btype=btype, output=output)
        for name, parameters in (
            ("butter", ()),
            ("cheby1", (1.3,)),
            ("cheby2", (21.0,)),
            ("bessel", ()),
        )
        for btype, output in (
            ("low", "sos"),
            ("high", "ba"),
            ("bandpass", "ba"),
            ("bandstop", "zpk"),
        )
    },
    "ellip": designed("ellip", (0.8, 31.3), order=4),
    "ellip bandstop": designed("ellip", (0.8, 31.3), btype="bandstop"),
    "butter analog": designed("butter", (), analog=True),
    "cheby1 even": designed("cheby1", (1.3,), order=4, analog=True),
    "bessel mag": designed("bessel", (), norm="mag"),
    "butter fs": (of("butter", 3, at(0), fs=at(1)), [0.7, 8.0]),
    "iirfilter": (of("iirfilter", 3, first(2), at(2), at(3), ftype="ellip"), [0.2, 0.5, 0.7, 30.0]),
    "iirdesign": (of("iirdesign", at(0), at(1), at(2), at(3)), [0.2, 0.3, 0.7, 30.0]),
    "iirdesign cheby2": (
        of("iirdesign", first(2), lambda x: x[2:4], at(4), at(5), ftype="cheby2"),
        [0.2, 0.5, 0.1, 0.6, 0.7, 30.0],
    ),
    **{
        f"{name} {x}": (
            lambda signal, x, name=name: getattr(signal, name)(x[0], x[1], x[2], x[3])[1],
            x,
        )
        for name in ("buttord", "cheb1ord", "cheb2ord", "ellipord")
        for x in ([0.2, 0.3, 1.1, 33.0], [0.5, 0.3, 1.1, 33.0])
    },
    "cheb2ord bandpass": (
        lambda signal, x: signal.cheb2ord(x[:2], x[2:4], x[4], x[5], fs=2.2)[1],
        [0.2, 0.5, 0.1, 0.6, 1.1, 33.0],
    ),
    "cheb1ap": (of("cheb1ap", 4, at(0)), [2.0]),
    "cheb2ap": (of("cheb2ap", 3, at(0)), [20.0]),
    "ellipap": (of("ellipap", 5, at(0), at(1)), [0.3, 80.0]),
    "iirnotch": (of("iirnotch", at(0), at(1), at(2)), [0.3, 5.0, 2.2]),
    "iirpeak": (of("iirpeak", at(0), at(1)), [0.3, 5.0]),
    "iircomb": (of("iircomb", 0.25, at(0)), [5.0]),
    "iircomb peak": (of("iircomb", 0.25, at(0), "peak", pass_zero=True), [5.0]),
    "gammatone fir": (of("gammatone", at(0), "fir", fs=at(1), numtaps=9), [440.0, 16000.0]),
    "gammatone iir": (of("gammatone", at(0), "iir", fs=at(1)), [440.0, 16000.0]),
    "band_stop_obj": (
        of("band_stop_obj", at(0), 0, lambda x: x[1:3], lambda x: x[3:5], at(5), at(6), "ellip"),
        [0.12, 0.1, 0.6, 0.2, 0.5, 1.0, 30.0],
    ),
    "firwin": (of("firwin", 9, first(2), pass_zero=False), [0.2, 0.5]),
    "firwin kaiser": (
        lambda signal, x: signal.firwin(9, x[0], window=("kaiser", x[1])),
        [0.2, 5.0],
    ),
    "firwin width": (of("firwin", 9, at(0), width=at(1), fs=at(2)), [0.2, 0.55, 2.2]),
    "firwin2": (
        lambda signal, x: signal.firwin2(9, np.concatenate([[0.0], x[:2], [1.0]]), x[2:]),
        [0.21, 0.52, 1.0, 0.9, 0.1, 0.05],
    ),
    "firls": (
        lambda signal, x: signal.firls(9, [0.0, x[0], x[1], 1.0], x[2:6], weight=x[6:]),
        [0.21, 0.52, 1.0, 0.9, 0.1, 0.05, 1.5, 0.7],
    ),
    "kaiser_beta": (of("kaiser_beta", at(0)), [33.0]),
    "kaiser_atten": (of("kaiser_atten", 9, at(0)), [0.3]),
    "kaiserord": (lambda signal, x: signal.kaiserord(x[0], x[1])[1], [33.3, 0.21]),
    "minimum_phase": (of("minimum_phase", first(9), n_fft=64), scipy.signal.firwin(9, 0.3) + 0.1),
    "minimum_phase whole": (
        of("minimum_phase", first(9), n_fft=65, half=False),
        scipy.signal.firwin(9, 0.3) + 0.1,
    ),
    "savgol_coeffs": (of("savgol_coeffs", 5, 2, deriv=1, delta=at(0)), [0.7]),
}
RESPONSES = {
    "freqs": (of("freqs", B, A, lambda x: x[7:]), also(BA, 0.3, 0.7)),
    "freqs n": (of("freqs", B, A, 6), BA),
    "freqz": (of("freqz", B, A, lambda x: x[7:], fs=3.0), also(BA, 0.3, 0.7)),
    "freqz_sos": (of("freqz_sos", lambda x: sos(x[:10]), lambda x: x[10:]), also(SECTIONS, 0.3)),
    "freqs_zpk": (of("freqs_zpk", Z, P, K, [0.3, 0.7]), ZPK),
    "freqz_zpk": (of("freqz_zpk", Z, P, K, 5, whole=True, fs=at(6)), also(ZPK, 3.0)),
    "sosfreqz": (of("sosfreqz", sos, 5), SECTIONS),
    "group_delay": (lambda signal, x: signal.group_delay(ba(x), x[7:]), also(BA, 0.3, 0.7)),
    "group_delay fs": (lambda signal, x: signal.group_delay(ba(x), 5, fs=3.0), BA),
    "lfiltic": (
        of("lfiltic", B, A, lambda x: x[7:9], lambda x: x[9:]),
        also(BA, 0.3, 0.2, 0.1, 0.5),
    ),
    **{
        f"lsim {interp}": (
            lambda signal, x, interp=interp: signal.lsim(
                space(x), x[9:18], TIMES, x[18:20], interp=interp
            ),
            also(SPACE, *X[:11]),
        )
        for interp in (True, False)
    },
    "lsim U=0": (lambda signal, x: signal.lsim(([1.0], [1.0, 0.5]), x, TIMES), np.zeros(9)),
    "lsim free": (
        lambda signal, x: signal.lsim(signal.lti(*space(x)), None, TIMES + 0.3, x[9:]),
        also(SPACE, 0.1, 0.2),
    ),
    "lsim method": (lambda signal, x: signal.lti(*zpk(x)).output(np.sin(TIMES), TIMES), ZPK),
    "impulse": (lambda signal, x: signal.impulse(space(x), N=7), SPACE),
    "impulse method": (lambda signal, x: signal.lti(*ba(x)).impulse(T=TIMES), BA),
    "step": (lambda signal, x: signal.step(spring(x), N=7), [2.0, 0.3]),
    "step method": (lambda signal, x: signal.TransferFunction(*ba(x)).step(T=TIMES), BA),
    "bode": (lambda signal, x: signal.bode(spring(x), w=[0.1, 1.0, 2.0])[1:], [2.0, 0.3]),
    "bode method": (lambda signal, x: signal.lti(*ba(x)).bode(w=x[7:])[1:], also(BA, 0.3, 1.0)),
    "freqresp": (lambda signal, x: signal.freqresp(space(x), n=4), SPACE),
    "freqresp method": (lambda signal, x: signal.lti(*zpk(x)).freqresp(n=5), ZPK),
    "dlsim": (
        lambda signal, x: signal.dlsim((*space(x), 0.1), x[9:15, None], x0=x[15:]),
        also(SPACE * 0.3, *X[:8]),
    ),
    "dlsim method": (
        lambda signal, x: signal.dlti(*ba(x), dt=0.1).output(
            np.sin(np.arange(6)), np.arange(6) * 0.15
        ),
        BA,
    ),
    "dimpulse": (lambda signal, x: signal.dimpulse((*space(x), 0.1), n=5), SPACE * 0.3),
    "dstep": (lambda signal, x: signal.dstep((*space(x), 0.1), n=5), SPACE * 0.3),
    "dstep method": (lambda signal, x: signal.dlti(*ba(x), dt=0.1).step(n=5), BA),
    "dbode": (lambda signal, x: signal.dbode((*space(x), 0.1), n=4)[1:], SPACE * 0.3),
    "dfreqresp": (lambda signal, x: signal.dfreqresp((*zpk(x), 0.1), n=5), ZPK),
    "dfreqresp method": (lambda signal, x: signal.dlti(*zpk(x), dt=0.1).freqresp(n=5), ZPK),
    "StateSpace": (
        lambda signal, x: vars(
            signal.StateSpace(*space(x)) * signal.StateSpace(*space(1.1 * x)) + 0.5
        ),
        SPACE,
    ),
    "TransferFunction": (
        lambda signal, x: vars(signal.TransferFunction(*ba(x)).to_ss().to_discrete(0.1).to_zpk()),
        BA,
    ),
    "ZerosPolesGain": (lambda signal, x: vars(signal.ZerosPolesGain(*zpk(x)).to_tf()), ZPK),
}


def stft(signal, window=WINDOW, **options):
    return signal.ShortTimeFFT(window, 3, 2.0, **options)


def complex_of(x, shape):
    half = len(x) // 2
    return (x[:half] + 1j * x[half:]).reshape(shape)


TRANSFORMS = {
    "czt": (
        of("czt", first(7), 5, lambda x: np.exp(-1j * x[7]) * x[8], lambda x: x[9] + 0.1j),
        also(X[:7], 0.3, 0.95, 1.1),
    ),
    "czt axis": (lambda signal, x: signal.czt(x.reshape(2, 5), axis=0), X[:10]),
    "czt_points": (of("czt_points", 4, lambda x: x[0] + 0.2j, at(1)), [0.8, 1.1]),
    "zoom_fft": (
        of("zoom_fft", first(7), lambda x: x[7:9], 5, fs=at(9)),
        also(X[:7], 0.3, 0.7, 2.1),
    ),
    "zoom_fft endpoint": (of("zoom_fft", first(7), at(7), endpoint=True), also(X[:7], 0.3)),
    "CZT": (lambda signal, x: signal.CZT(7, 5, x[7] + 0.2j)(x[:7]), also(X[:7], 0.8)),
    "ZoomFFT": (lambda signal, x: signal.ZoomFFT(7, x[7:])(x[:7]), also(X[:7], 0.3, 0.7)),
    **{
        f"spectrogram {options}": (of("spectrogram", first(20), nperseg=8, **options), X[:20])
        for options in ({}, {"mode": "complex"}, {"mode": "magnitude"}, {"mode": "phase"})
    },
    "spectrogram window": (
        lambda signal, x: signal.spectrogram(x[:20], fs=x[21], window=("kaiser", x[20]), nperseg=8),
        also(X[:20], 4.0, 2.0),
    ),
    **{
        f"stft {options}": (of("stft", first(20), nperseg=8, **options), X[:20])
        for options in ({}, {"boundary": "odd"}, {"scaling": "psd", "detrend": "constant"})
    },
    "istft": (lambda signal, x: signal.istft(complex_of(x, (5, 4))), X),
    "istft psd": (
        lambda signal, x: signal.istft(
            complex_of(x[:40], (5, 4)), window=x[40:], scaling="psd", boundary=False
        ),
        also(X, *WINDOW),
    ),
    "coherence": (of("coherence", first(20), lambda x: x[20:], nperseg=8), X),
    **{
        f"lombscargle {mode} {floating}": (
            lambda signal, x, mode=mode, floating=floating: signal.lombscargle(
                x[:10], x[10:20], x[20:22], normalize=mode, floating_mean=floating, weights=x[22:]
            ),
            also(np.sort(X[:10]) * 3, *X[10:20], 0.4, 0.9, *np.linspace(1, 2, 10)),
        )
        for mode, floating in ((False, False), (True, True), ("amplitude", True))
    },
    "ShortTimeFFT": (lambda signal, x: stft(signal, x[20:]).stft(x[:20]), also(X[:20], *WINDOW)),
    **{
        f"ShortTimeFFT {options}": (
            lambda signal, x, options=options: stft(signal, **options).istft(
                stft(signal, **options).stft(x) * 2, k1=20
            ),
            X[:20],
        )
        for options in (
            {"fft_mode": "centered", "mfft": 11},
            {"scale_to": "magnitude", "phase_shift": None},
        )
    },
    "ShortTimeFFT spectrogram": (
        lambda signal, x: stft(signal).spectrogram(x, detr="linear", padding="even"),
        X[:20],
    ),
    "ShortTimeFFT from_window": (
        lambda signal, x: signal.ShortTimeFFT.from_window(("kaiser", x[0]), 2.0, 8, 4).dual_win,
        [4.0],
    ),
    "ShortTimeFFT from_dual": (
        lambda signal, x: signal.ShortTimeFFT.from_dual(x, 4, 1.0).win,
        WINDOW,
    ),
    "ShortTimeFFT scale_to": (lambda signal, x: stft(signal, x, scale_to="psd").win, WINDOW),
    "closest_STFT_dual_window": (
        lambda signal, x: signal.closest_STFT_dual_window(x[:8], 4, x[8:])[0],
        also(WINDOW, *WINDOW**2),
    ),
    "envelope": (of("envelope", first(20)), X[:20]),
    "envelope options": (of("envelope", first(20), (2, 6), n_out=13, residual="all"), X[:20]),
    "envelope squared": (of("envelope", first(20), (-3, 4), squared=True, residual=None), X[:20]),
    "envelope complex": (lambda signal, x: signal.envelope(x[:20] + 1j * x[20:], (1, 6)), X),
    "resample": (lambda signal, x: signal.resample(x[:20] + 1j * x[20:], 14, domain="freq"), X),
    "hilbert2": (lambda signal, x: signal.hilbert2(x.reshape(5, 8), (6, 7)), X),
    "deconvolve": (
        of("deconvolve", first(6), lambda x: x[6:]),
        [1, 2, 0.3, 0.7, 0.6, 0.2, 1, 3, 0.5],
    ),
    "vectorstrength": (
        of("vectorstrength", first(5), lambda x: x[5:]),
        [0.1, 0.2, 0.5, 0.9, 1.2, 1.1, 0.7],
    ),
}
SHAPES = {
    **{
        f"chirp {method}": (
            of("chirp", first(3), at(3), at(4), at(5), method, at(6)),
            [0.1, 0.2, 0.5, 0.6, 2.0, 1.7, 20.0],
        )
        for method in ("linear", "quadratic", "logarithmic", "hyperbolic")
    },
    "chirp complex": (
        lambda signal, x: signal.chirp(
            [0.1, 0.5], x[0], x[1], x[2], "quadratic", vertex_zero=False
        ),
        [0.6, 2.0, 1.7],
    ),
    "gausspulse": (
        of("gausspulse", first(2), at(2), at(3), at(4), retquad=True, retenv=True),
        [0.1, -0.3, 5.0, 0.4, -5.0],
    ),
    "gausspulse cutoff": (
        of("gausspulse", "cutoff", at(0), at(1), at(2), at(3)),
        [5.0, 0.4, -5.0, -50.0],
    ),
    "gauss_spline": (of("gauss_spline", first(2), 3), [0.1, 0.7]),
    "sawtooth": (of("sawtooth", first(4), at(4)), [0.1, 2.0, 4.0, 9.0, 0.4]),
    "sweep_poly": (
        of("sweep_poly", first(3), lambda x: x[3:6], at(6)),
        [0.1, 0.2, 0.4, 1.0, 2.0, 0.3, 20.0],
    ),
    "get_window": (lambda signal, x: signal.get_window(x[0], 9), [3.0]),
    "get_window tukey": (lambda signal, x: signal.get_window(("tukey", x[0]), 9, False), [0.6]),
    "get_window of windows": (lambda signal, x: signal.windows.get_window(x[0], 9), [3.0]),
    "get_window chebwin": (lambda signal, x: signal.get_window(("chebwin", x[0]), 8), [60.0]),
    **{
        f"{name} window": (
            lambda signal, x, name=name, n=n, options=options: getattr(signal.windows, name)(
                n, *x, **options
            ),
            x,
        )
        for name, n, x, options in (
            ("general_hamming", 9, [0.6], {"sym": False}),
            ("kaiser", 9, [3.0], {}),
            ("kaiser_bessel_derived", 8, [3.0], {}),
            ("gaussian", 9, [3.0], {}),
            ("general_gaussian", 9, [1.5, 3.0], {}),
            ("chebwin", 9, [50.0], {}),
            ("tukey", 9, [0.6], {}),
            ("exponential", 9, [3.3, 2.0], {"sym": False}),
            ("dpss", 9, [2.0], {}),
            ("dpss", 8, [2.0], {"Kmax": 3, "norm": "subsample", "return_ratios": True}),
        )
    },
    "general_cosine window": (
        lambda signal, x: signal.windows.general_cosine(9, x),
        [0.5, 0.3, 0.2],
    ),
    "taylor window": (lambda signal, x: signal.windows.taylor(9, 4, x[0]), [30.0]),
}
FILTERED = {
    "medfilt": (of("medfilt", first(20), 5), X[:20]),
    "medfilt2d": (lambda signal, x: signal.medfilt2d(x.reshape(5, 8), (3, 5)), X),
    "order_filter": (lambda signal, x: signal.order_filter(x.reshape(5, 8), np.eye(3), 1), X),
    "wiener": (of("wiener", first(20), 5), X[:20]),
    "wiener noise": (
        lambda signal, x: signal.wiener(x[:20].reshape(4, 5), 3, x[20]),
        also(X[:20], 0.3),
    ),
    "whittaker_henderson": (
        lambda signal, x: signal.whittaker_henderson(
            x[:20], lamb=x[20], order=3, weights=x[21:41] ** 2
        ),
        also(X[:20], 1.7, *X[20:40]),
    ),
    "whittaker_henderson polynomial": (
        lambda signal, x: signal.whittaker_henderson(x, lamb=1e18).x,
        X[:20],
    ),
    "cspline1d": (of("cspline1d", first(20), at(20)), also(X[:20], 2.0)),
    "qspline1d": (of("qspline1d", first(20)), X[:20]),
    **{
        name: (
            of(name, first(10), lambda x: x[10:14], at(14), at(15)),
            also(X[:10], 0.33, 2.7, -1.2, 10.3, 0.9, 0.1),
        )
        for name in ("cspline1d_eval", "qspline1d_eval")
    },
    "symiirorder1": (lambda signal, x: signal.symiirorder1(x.reshape(2, 20), 0.3, 0.1), X),
    "symiirorder2": (of("symiirorder2", first(40), 0.3, 0.4), X),
    "cspline2d": (lambda signal, x: signal.cspline2d(x.reshape(22, 21)), IMAGE.ravel()),
    "qspline2d": (lambda signal, x: signal.qspline2d(x.reshape(22, 21)), IMAGE.ravel()),
    "spline_filter": (
        lambda signal, x: signal.spline_filter(x.reshape(22, 21), 0.0),
        IMAGE.ravel(),
    ),
    "sepfir2d": (
        lambda signal, x: signal.sepfir2d(x[6:46].reshape(5, 8), x[:3], x[3:6]),
        np.append([1.0, 2.0, 0.5, 0.3, 1.0, 0.7], X),
    ),
    "find_peaks": (
        of("find_peaks", first(40), height=-9, threshold=0.0, prominence=0.1, width=0.1),
        X,
    ),
    "find_peaks wlen": (
        of("find_peaks", first(40), prominence=0.1, width=0, wlen=7, rel_height=0.3),
        X,
    ),
    "peak_prominences": (
        lambda signal, x: signal.peak_prominences(x, PEAKS, wlen=9),
        X,
    ),
    "peak_widths": (
        lambda signal, x: signal.peak_widths(x[:40], PEAKS, x[40]),
        also(X, 0.4),
    ),
    "peak_widths data": (
        lambda signal, x: signal.peak_widths(
            x[:40], PEAKS, 0.4, (x[40:], *scipy.signal.peak_prominences(X, PEAKS)[1:])
        ),
        also(X, *(0.9 * scipy.signal.peak_prominences(X, PEAKS)[0])),
    ),
}
PROGRAMS = {
    name: (program, np.array(x, dtype=float))
    for table in (CONVERSIONS, DISCRETE, DESIGNS, RESPONSES, TRANSFORMS, SHAPES, FILTERED)
    for name, (program, x) in table.items()
    if hasattr(scipy.signal, name.split()[0]) or name.split()[-1] == "window"
}
