"""Discrete Fourier, cosine, sine and Hankel transforms: :mod:`scipy.fft` with derivatives.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

import scipy.fft as _scipy

from dualrev.scipy.fft.cosines import dct, dctn, dst, dstn, idct, idctn, idst, idstn
from dualrev.scipy.fft.fourier import (
    fft,
    fft2,
    fftn,
    fftshift,
    hfft,
    hfft2,
    hfftn,
    ifft,
    ifft2,
    ifftn,
    ifftshift,
    ihfft,
    ihfft2,
    ihfftn,
    irfft,
    irfft2,
    irfftn,
    rfft,
    rfft2,
    rfftn,
)
from dualrev.scipy.fft.hankel import fht, ifht
from dualrev.scipy.untraced import rest_of

__all__ = [
    "dct",
    "dctn",
    "dst",
    "dstn",
    "fft",
    "fft2",
    "fftn",
    "fftshift",
    "fht",
    "hfft",
    "hfft2",
    "hfftn",
    "idct",
    "idctn",
    "idst",
    "idstn",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ifht",
    "ihfft",
    "ihfft2",
    "ihfftn",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftn",
]
__getattr__ = rest_of(_scipy)
