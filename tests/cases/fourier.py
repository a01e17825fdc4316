"""Cases of rules/fourier.py."""

import numpy as np

from tests.cases import A, B, Z, case, complex_, forms, like, real, row

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
            ((-1, 5), (1, 1), None),
        )
    ),
    *(case(f, real(2, 3, 4), dtypes="fFD") for f in (fft.fft2, fft.ifft2, fft.fftn, fft.ifftn)),
    *(case(f, real(2, 3, 4)) for f in (fft.rfft2, fft.rfftn)),
    *(case(f, complex_(2, 3, 4), dtypes="") for f in (fft.irfft2, fft.irfftn)),
    case(fft.fftn, real(2, 3), axes=(0, 1, 0)),
    case(fft.irfftn, real(2, 3, 4), axes=(1, 0)),
    case(fft.irfftn, real(2, 3, 4), s=(5, -1), axes=(1, 0)),
    case(fft.rfftn, real(2, 4), axes=(1, 1)),
    *(case(f, real(2, 5), dtypes="fD") for f in (fft.fftshift, fft.ifftshift)),
    *(
        case(f, real(2, 5), axes=axes)
        for f in (fft.fftshift, fft.ifftshift)
        for axes in (1, (0, 1))
    ),
]

# ---------------------------------------------------------------------------- with every option

ALONG_ONE = (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft)
OF_REAL = (np.fft.rfft, np.fft.ihfft)
ALONG_MANY = (np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn)
IN_A_PLANE = (np.fft.fft2, np.fft.ifft2, np.fft.rfft2, np.fft.irfft2)

CASES += [
    *(
        c
        for f in ALONG_ONE
        for x in ((A,) if f in OF_REAL else (A, Z))
        for c in forms(
            f,
            ((x,), {}),
            ((x, 3), {}),
            ((x, 7, 0), {}),
            ((x, None, 0, "ortho"), {}),
            ((x,), {"n": 5, "axis": -2, "norm": "forward"}),
            ((x,), {"norm": "backward"}),
        )
    ),
    row(np.fft.fft, Z, None, -1, None, out=like(Z, 3, 4)),
    *(
        c
        for f in (*ALONG_MANY, *IN_A_PLANE)
        for x in (
            (B,) if "rfft" in f.__name__ and "i" not in f.__name__ else (B, complex_(2, 3, 4))
        )
        for c in forms(
            f,
            ((x,), {}),
            ((x, (2, 5), (0, 2)), {}),
            ((x,), {"axes": (2, 1), "norm": "ortho"}),
            ((x,), {"s": [3, 3], "axes": [-1, 0], "norm": "forward"}),
        )
    ),
    *forms(np.fft.fftshift, ((B,), {}), ((B, 1), {}), ((B,), {"axes": (0, -1)})),
    *forms(np.fft.ifftshift, ((B,), {}), ((B, 1), {}), ((B,), {"axes": (0, -1)})),
]
