"""Discrete Fourier, cosine, sine and Hankel transforms: :mod:`scipy.fft` with derivatives.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

from dualrev.scipy.fft import (
    cosines,
    fourier,
    hankel,
)
from dualrev.scipy.fft.cosines import *
from dualrev.scipy.fft.fourier import *
from dualrev.scipy.fft.hankel import *
from dualrev.scipy.fft.rest import REST

__all__ = [*cosines.__all__, *fourier.__all__, *hankel.__all__, *REST.names]

__getattr__ = REST
