"""Coefficients of rational transfer functions: in lowest terms, moved to discrete time, of filters.

Owns what becomes of a coefficient that is 0 where SciPy leaves it out.  Must not know how a filter is
designed: that is done by SciPy's own bodies.
"""

import functools

import numpy as np
import scipy.signal
import scipy.special
from scipy.signal import _filter_design

from dualrev import errors
from dualrev.core.binding import constant_of
from dualrev.core.elementwise import elementwise
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.core.words import rule
from dualrev.scipy.bodies import means, remade
from dualrev.scipy.by_program import by_program
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.lags import resized
from dualrev.scipy.one_point import CHECKS
from dualrev.scipy.twin import twin

__all__ = ["bilinear", "group_delay", "iircomb", "lfiltic", "lp2hp", "normalize"]

# ---------------------------------------------------------------------- what SciPy leaves out
#
# A coefficient of exactly 0 at an end is left out: of what comes after there is no derivative by it,
# for another number would be kept.  So a change of it makes nan of all that is kept, and its cotangent
# is nan.


def _unknown(x):
    return np.where(np.any(x != 0, -1, keepdims=True), np.nan, 0.0)


def _between_jvp(tangents, ans, x, first, last):
    (t,) = tangents
    return t[..., first:last] + _unknown(np.concatenate([t[..., :first], t[..., last:]], -1))


def _between_vjp(ct, wanted, ans, x, first, last):
    out = np.zeros((*x.shape[:-1], x.shape[-1] - ct.shape[-1]), ct.dtype) + _unknown(ct)
    return (np.concatenate([out[..., :first], ct, out[..., first:]], -1),)


_between = rule(
    lambda x, first, last: x[..., first:last].copy(),
    _between_jvp,
    _between_vjp,
    arity=1,
    name="trim_zeros",
)


def _kept(x, first, last=None):
    last = x.shape[-1] if last is None else last
    return x if (first, last) == (0, x.shape[-1]) else _between(x, first=first, last=last)


def _leading_zeros(x):
    return len(x) - len(constant_of(np.trim_zeros, (x, "f")))


def _trim_zeros(filt, trim="fb", axis=None):
    trim = trim.lower()
    first = _leading_zeros(filt) if "f" in trim else 0
    last = len(filt) - _leading_zeros(filt[::-1]) if "b" in trim else None
    return _kept(filt, first, last)


means(np.trim_zeros, _trim_zeros)


@each_row
def _normalized(b, a):
    num, den = np.atleast_2d(b), np.atleast_1d(a)
    kept = scipy.signal.normalize(*numbers_under((b, a)))
    num, den = (_kept(x, x.shape[-1] - k.shape[-1]) for x, k in zip((num, den), kept))
    return (num[0] if len(num) == 1 else num) / den[0], den / den[0]


@twin(scipy.signal.normalize)
def normalize(b, a):
    """A numerator and a denominator of which the first coefficient is 1, as SciPy's classes hold them.

    Equals :func:`scipy.signal.normalize`.  Differentiated in b (n,) or (m, n), and in a (k,).

    Notes
    -----
    First coefficients that are 0 are left out: there is no derivative by them, and it is nan.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.signal import normalize
    >>> dr.jacobian(lambda a: normalize([1.0], [a, 3.0])[1])(2.0)
    array([ 0.  , -0.75])
    """
    return _normalized(b, a)


#: Later versions leave out first coefficients that are 0, of one polynomial as of both.
_TRIMS = len(scipy.signal.bilinear([0.0, 1.0], [0.0, 1.0])[1]) == 1


def _bilinear_program(b, a, fs):
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    n = max(len(x) - (_leading_zeros(x) if _TRIMS else 0) for x in (b, a)) - 1
    b, a = (_kept(x, max(len(x) - n - 1, 0)) for x in (b, a))
    powers = np.arange(n + 1)
    # Row q: the coefficients of (z - 1)^q (z + 1)^(n - q).
    basis = np.stack([np.poly(np.repeat([1.0, -1.0], [q, n - q])) * np.ones(n + 1) for q in powers])
    scales = (2 * fs) ** powers
    return normalize(*((x[::-1] * scales[: len(x)]) @ basis[: len(x)] for x in (b, a)))


def _with_number(value, program):
    """The primitive of a function to which an array without axes is no sampling frequency."""

    @functools.wraps(value)
    def of_number(b, a, fs):
        return value(b, a, fs[()] if isinstance(fs, np.ndarray) else fs)

    return by_program(of_number, program)


@twin(scipy.signal.bilinear, _with_number, _bilinear_program)
def bilinear(b, a, fs):
    """Coefficients b and a of a filter in discrete time, of those of one in continuous time.

    Equals :func:`scipy.signal.bilinear`: Tustin's ``s = 2 fs (z - 1) / (z + 1)``.  Differentiated in b
    (n,), a (m,) and fs.
    """


@twin(scipy.signal.lp2hp)
def lp2hp(b, a, wo):
    """Coefficients b and a of a highpass filter that passes from wo on, of those of a lowpass to 1.

    Equals :func:`scipy.signal.lp2hp`: ``wo / s`` in the place of s.  Differentiated in all three.
    """
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    n = max(len(b), len(a))
    dtype = np.result_type(b, a, np.float16)
    # Of several numbers SciPy takes the first.
    powers = np.reshape(wo, -1)[0].astype(dtype) ** np.arange(n, dtype=dtype)
    return normalize(*(resized(x[::-1], (n,)) * powers for x in (b, a)))


# ------------------------------------------------------------------------- what SciPy's bodies meet

# Conjugate pairs have real coefficients, and keep them: a change of one changes the other.
CHECKS.update(("poly", "zpk2tf"))
# What they compare are ends of bands, of which 0 and 1 are not traced, and halves, to warn.
CHECKS.update(("firwin", "firwin2", "minimum_phase"))


@functools.wraps(_filter_design._find_nat_freq)
def _find_nat_freq(stopb, passb, gpass, gstop, filter_type, *kind, **options):
    if filter_type == 3:
        raise errors.no_rule(
            "The order of a band-stop filter",
            "give the order, and the critical frequencies: iirfilter(N, Wn, btype='bandstop')",
            "a search finds its edges",
        )
    return remade(_filter_design._find_nat_freq)(
        stopb, passb, gpass, gstop, filter_type, *kind, **options
    )


means(_filter_design._find_nat_freq, _find_nat_freq)


# The inverse of sc(u | 1 - m), for which SciPy descends Landen's transformations until they end: an
# elliptic integral of the first kind (DLMF 19.25.33).
def _arc_jac_sc1(w, m):
    c = w**-2.0
    return scipy.special.elliprf(c, c + 1, c + m)


means(_filter_design._arc_jac_sc1, _arc_jac_sc1)


def _iircomb_program(Q, *, w0, ftype="notch", fs=2.0, pass_zero=False, **options):
    n = round(fs / w0)
    angle = n * np.pi * w0 / (2 * fs) / Q
    c, s = np.cos(angle), np.sin(angle)
    rest = (c - s) / (c + s)
    # The sign of the ends is the same for all Q; for 1 the angle is near a right one.
    _, a = scipy.signal.iircomb(w0, 1.0, ftype, fs, pass_zero=pass_zero)
    right = n * np.pi * w0 / (2 * fs)
    sign = np.sign(a[-1] * (np.cos(right) ** 2 - np.sin(right) ** 2))
    ends = (c, c) if ftype.lower() == "notch" else (s, -s)
    between = np.zeros(n - 1)

    def of_ends(first, last):
        return np.concatenate([np.stack([first]), between, np.stack([sign * last])])

    return of_ends(*ends) / (c + s), of_ends(1 + 0 * rest, rest)


@twin(scipy.signal.iircomb, by_program, _iircomb_program)
def iircomb(Q):
    """Coefficients b and a of a filter with notches, or peaks, at the multiples of w0.

    Equals :func:`scipy.signal.iircomb`.  Differentiated in the quality Q alone: fs is a multiple of w0.
    """


#: Earlier versions of SciPy take the first coefficient of a for 1.
_DIVIDES = scipy.signal.lfiltic([1.0], [2.0, 2.0], [1.0])[0] == -1.0


@twin(scipy.signal.lfiltic)
def lfiltic(b, a, y, x):
    """The state of a filter b / a after outputs y and inputs x, of each the latest first.

    Equals :func:`scipy.signal.lfiltic`.  Differentiated in all of them.
    """
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    m, n = len(b) - 1, len(a) - 1
    y = resized(np.atleast_1d(y), (n,)) if n else np.zeros(0, y.dtype)
    x = np.zeros(m, y.dtype) if x is None else resized(np.atleast_1d(x), (m,))
    states = [
        np.sum(b[k + 1 :] * x[: max(m - k, 0)]) - np.sum(a[k + 1 :] * y[: max(n - k, 0)])
        for k in range(max(m, n))
    ]
    return np.stack(states) / a[0] if _DIVIDES else np.stack(states)


# ------------------------------------------------------------------------------------- group delay

# What SciPy takes for 0 where it is infinite: that has no derivative.
_singular = elementwise(
    lambda x: 0 * x, lambda ans, x: np.full(np.shape(x), np.nan), guarded=True, name="group_delay"
)


@twin(scipy.signal.group_delay)
def group_delay(system, /, w, *, whole, fs):
    """Frequencies w, and by how many samples a filter b / a delays them.

    Equals :func:`scipy.signal.group_delay`, ``-d(phase)/dw`` (Smith 2007, Introduction to Digital
    Filters, "Numerical Computation of Group Delay").  Differentiated in b, a and w.

    Notes
    -----
    Where it is singular SciPy answers 0; the derivative is nan there.
    """
    b, a = (np.atleast_1d(as_operand(x)) for x in system)
    if np.ndim(w) == 0 and not is_traced(w):  # a count, perhaps
        w, _ = constant_of(scipy.signal.group_delay, ((b, a), w, whole, fs))
    w = np.atleast_1d(as_operand(w))
    z = np.exp(-2j * np.pi / fs * w)
    c = np.convolve(b, np.conj(a[::-1]))
    moments = np.polyval((c * np.arange(len(c)))[::-1], z)
    with np.errstate(divide="ignore", invalid="ignore"):
        delays = np.real(moments / np.polyval(c[::-1], z)) - len(a) + 1
    singular = constant_of(lambda x: ~np.isfinite(x), (delays,))
    return w, np.where(singular, _singular(np.real(moments)), delays)
