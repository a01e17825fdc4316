"""Options of rules/fourier.py."""

import numpy as np

from tests.cases import complex_
from tests.options import A, B, Row, Z, forms, like

ALONG_ONE = (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft)
OF_REAL = (np.fft.rfft, np.fft.ihfft)
ALONG_MANY = (np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn)
IN_A_PLANE = (np.fft.fft2, np.fft.ifft2, np.fft.rfft2, np.fft.irfft2)

ROWS = [
    *(
        row
        for f in ALONG_ONE
        for x in ((A,) if f in OF_REAL else (A, Z))
        for row in forms(
            f,
            ((x,), {}),
            ((x, 3), {}),
            ((x, 7, 0), {}),
            ((x, None, 0, "ortho"), {}),
            ((x,), {"n": 5, "axis": -2, "norm": "forward"}),
            ((x,), {"norm": "backward"}),
        )
    ),
    Row(np.fft.fft, Z, None, -1, None, out=like(Z, 3, 4)),
    *(
        row
        for f in (*ALONG_MANY, *IN_A_PLANE)
        for x in (
            (B,) if "rfft" in f.__name__ and "i" not in f.__name__ else (B, complex_(2, 3, 4))
        )
        for row in forms(
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
