"""Cases of dualrev.scipy.fft."""

from dualrev.scipy import fft
from tests.cases import case, complex_, real

NORMS = ("backward", "ortho", "forward")
COMPLEX_IN = (fft.fft, fft.ifft, fft.irfft, fft.hfft)
REAL_IN = (fft.rfft, fft.ihfft)
IN_ALL = (fft.fftn, fft.ifftn, fft.rfftn, fft.irfftn, fft.hfftn, fft.ihfftn)
IN_TWO = (fft.fft2, fft.ifft2, fft.rfft2, fft.irfft2, fft.hfft2, fft.ihfft2)
ONE_AXIS = (fft.dct, fft.idct, fft.dst, fft.idst)
ALL_AXES = (fft.dctn, fft.idctn, fft.dstn, fft.idstn)

CASES = [
    *(case(f, complex_(4), dtypes="FD") for f in COMPLEX_IN),
    *(case(f, real(5, 2), n=n, axis=0) for f in COMPLEX_IN for n in (3, 5, 7, 10)),
    *(case(f, real(5, 2), n=n, axis=0) for f in REAL_IN for n in (1, 4, 7)),
    *(case(f, real(2, n), norm=norm) for f in REAL_IN for norm in NORMS for n in (4, 5)),
    *(
        case(f, complex_(2, n), norm=norm, dtypes="")
        for f in COMPLEX_IN
        for norm in NORMS
        for n in (4, 5)
    ),
    *(
        case(f, real(2, 3, 4), s=s, axes=axes, norm=norm)
        for f in IN_ALL
        for s, axes, norm in (
            ((3, 3), (1, 2), "ortho"),
            ((2, 6), (0, -1), None),
            ((5, 2), None, "forward"),
            ((3, -1), (0, 2), None),
            (None, None, None),
        )
    ),
    *(case(f, complex_(3, 4), dtypes="F") for f in (fft.fftn, fft.irfftn, fft.hfftn)),
    *(case(f, real(2, 3, 4), s=(4, 3), axes=(0, 2)) for f in IN_TWO),
    *(case(f, real(3, 4)) for f in IN_TWO),
    *(case(f, real(2, 5), axes=axes) for f in (fft.fftshift, fft.ifftshift) for axes in (None, 1)),
    *(
        case(f, real(5, 2), type=type, axis=0, norm=norm, orthogonalize=orthogonalize, dtypes="")
        for f in ONE_AXIS
        for type in (1, 2, 3, 4)
        for norm, orthogonalize in (
            ("backward", None),
            ("ortho", None),
            ("forward", True),
            ("ortho", False),
        )
    ),
    *(
        case(f, real(2, 5), type=type, n=n)
        for f in ONE_AXIS
        for type in (1, 2, 3, 4)
        for n in (3, 7)
    ),
    *(case(f, complex_(2, 5), dtypes="F") for f in ONE_AXIS),
    *(
        case(f, complex_(2, 5), type=type, norm=norm, orthogonalize=norm != "ortho", dtypes="")
        for f in ONE_AXIS + ALL_AXES
        for type in (1, 2, 3)
        for norm in ("ortho", "forward")
    ),
    *(
        case(f, real(2, 3, 4), type=type, s=s, axes=axes)
        for f in ALL_AXES
        for type in (1, 2, 3)
        for s, axes in ((None, None), ((5, 2), None), ((4, 3), (2, 0)), (None, 1))
    ),
    *(
        case(f, real(2, 5), 0.3, 0.7, offset=0.2, bias=b)
        for f in (fft.fht, fft.ifht)
        for b in (0, 0.4)
    ),
    case(fft.fht, real(4), 0.3, 0.7),
]
