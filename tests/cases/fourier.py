"""Cases of rules/fourier.py."""

import numpy as np

from tests.cases import case, complex_, real

fft = np.fft
NORMS = ("backward", "ortho", "forward")

CASES = [
    *(case(f, real(2, 5), norm=norm, dtypes="fFD") for f in (fft.fft, fft.ifft) for norm in NORMS),
    *(case(f, complex_(4), dtypes="") for f in (fft.fft, fft.ifft, fft.irfft, fft.hfft)),
    *(
        case(f, real(5, 2), n=n, axis=0, dtypes="fD")
        for f in (fft.fft, fft.ifft, fft.irfft, fft.hfft)
        for n in (3, 4, 5, 7, 8, 10)
    ),
    *(case(f, real(5, 2), n=n, axis=0) for f in (fft.rfft, fft.ihfft) for n in (1, 3, 4, 5, 7, 8)),
    *(
        case(f, real(2, n), norm=norm)
        for f in (fft.rfft, fft.ihfft, fft.irfft, fft.hfft)
        for norm in NORMS
        for n in (4, 5)
    ),
    *(
        case(f, real(2, 3, 4), s=s, axes=axes, norm=norm)
        for f in (
            fft.fft2,
            fft.ifft2,
            fft.rfft2,
            fft.irfft2,
            fft.fftn,
            fft.ifftn,
            fft.rfftn,
            fft.irfftn,
        )
        for s, axes, norm in (
            ((3, 3), (1, 2), "ortho"),
            ((2, 6), (0, -1), None),
            ((-1, 5), (2, 1), "forward"),
        )
    ),
    *(case(f, real(2, 3, 4), dtypes="fFD") for f in (fft.fft2, fft.ifft2, fft.fftn, fft.ifftn)),
    *(case(f, real(2, 3, 4)) for f in (fft.rfft2, fft.rfftn)),
    *(case(f, complex_(2, 3, 4), dtypes="") for f in (fft.irfft2, fft.irfftn)),
    case(fft.fftn, real(2, 3), axes=(0, 1, 0)),
    case(fft.irfftn, real(2, 3, 4), axes=(1, 0)),
    *(case(f, real(2, 5), dtypes="fD") for f in (fft.fftshift, fft.ifftshift)),
    *(
        case(f, real(2, 5), axes=axes)
        for f in (fft.fftshift, fft.ifftshift)
        for axes in (1, (0, 1))
    ),
]
