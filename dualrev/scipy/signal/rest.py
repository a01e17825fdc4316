"""What :mod:`scipy.signal` has beside what has a rule here, each name with its word."""

import scipy.signal as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

_BODIES = """
    abcd_normalize band_stop_obj bessel bilinear_zpk butter buttord
    cheb1ap cheb1ord cheb2ap cheb2ord cheby1 cheby2 ellip ellipap ellipord
    iirdesign iirfilter iirnotch iirpeak gammatone
    lp2bp lp2bp_zpk lp2bs lp2bs_zpk lp2hp_zpk lp2lp lp2lp_zpk
    sos2tf sos2zpk ss2tf ss2zpk tf2sos tf2ss tf2zpk zpk2sos zpk2ss zpk2tf
    firls firwin firwin2 firwin_2d kaiser_atten kaiser_beta kaiserord minimum_phase savgol_coeffs
    freqs freqs_zpk freqz_zpk sosfreqz
    residue residuez invres invresz
    CZT ZoomFFT czt czt_points zoom_fft
    ShortTimeFFT closest_STFT_dual_window coherence istft lombscargle spectrogram stft
    chirp gausspulse gauss_spline sawtooth sweep_poly vectorstrength get_window
    deconvolve envelope hilbert2 medfilt order_filter wiener whittaker_henderson
    cspline1d cspline1d_eval cspline2d qspline1d qspline1d_eval qspline2d spline_filter
    cont2discrete lsim impulse step bode freqresp dlsim dstep dimpulse dbode dfreqresp
    lti dlti StateSpace TransferFunction ZerosPolesGain
"""
_CONSTANT = """
    argrelextrema argrelmax argrelmin besselap buttap check_COLA check_NOLA choose_conv_method
    find_peaks_cwt findfreqs max_len_seq square unit_impulse
"""

_REFUSED = {
    "correlation_lags": (
        "lengths are whole numbers",
        "give it len(x), of which the derivative is 0",
    ),
    "place_poles": (
        "it iterates from a choice of its own",
        (
            "for one input give K, found in plain numbers, its derivatives: "
            "dualrev.implicit.root(lambda K: (np.poly(A - B @ K) - np.poly(poles))[1:], K)"
        ),
    ),
    "remez": (
        "its iteration exchanges frequencies",
        "use firls(numtaps, bands, desired), which has a derivative",
    ),
}

REST = Rest(_scipy, bodies=_BODIES, constant=_CONSTANT, refused=_REFUSED)
