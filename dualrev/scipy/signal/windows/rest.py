"""What :mod:`scipy.signal.windows` has, each name with its word."""

import scipy.signal.windows as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

REST = Rest(
    _scipy,
    bodies="""
        chebwin dpss exponential gaussian general_cosine general_gaussian general_hamming get_window
        kaiser kaiser_bessel_derived taylor tukey
    """,
    constant="""
        barthann bartlett blackman blackmanharris bohman boxcar cosine flattop hamming hann lanczos
        nuttall parzen triang
    """,
)
