"""Cases of dualrev.scipy.ndimage."""

import numpy as np
import scipy.ndimage

from dualrev.scipy import ndimage
from tests.cases import case, complex_, positive, real, row

MODES = ("reflect", "constant", "nearest", "mirror", "wrap")
ALIASES = ("grid-mirror", "grid-constant", "grid-wrap")
FOOTPRINT = np.array([[True, False, True], [True, True, False]])

CORRELATIONS = [
    *(
        case(f, real(5, 3), real(n), axis=0, mode=mode, cval=0.7, origin=origin)
        for f in (ndimage.correlate1d, ndimage.convolve1d)
        for mode in MODES
        for n, origin in ((3, 0), (4, -2), (4, 1), (13, 3))
    ),
    *(case(ndimage.correlate1d, real(4), real(3), mode=mode) for mode in ALIASES),
    *(
        case(f, complex_(4), complex_(3), mode=mode, dtypes="F")
        for f in (ndimage.correlate1d, ndimage.convolve1d, ndimage.correlate, ndimage.convolve)
        for mode in ("constant", "mirror")
    ),
    *(
        case(f, real(4, 3), real(2, 3), mode=mode, cval=0.7, origin=origin)
        for f in (ndimage.correlate, ndimage.convolve)
        for mode in MODES
        for origin in (0, (-1, 1))
    ),
    *(
        case(f, real(4, 3, 2), real(3, 2), mode="nearest", axes=axes, origin=(1, 0))
        for f in (ndimage.correlate, ndimage.convolve)
        for axes in ((0, 1), (0, 2))
    ),
    *(
        case(ndimage.uniform_filter1d, real(5, 2), n, axis=0, mode=mode, cval=0.7, origin=origin)
        for mode in MODES
        for n, origin in ((1, 0), (4, -2), (3, 1), (12, 0))
    ),
    case(ndimage.uniform_filter1d, complex_(4), 3, dtypes="F"),
    case(ndimage.uniform_filter, real(4, 3)),
    case(ndimage.uniform_filter, real(4, 3), (2, 3), mode=("wrap", "mirror"), origin=(-1, 1)),
    case(ndimage.uniform_filter, real(4, 3), 2, axes=(1,)),
]
# Orders are given by position: by name they would be the case's.
SMOOTHING = [
    *(
        case(ndimage.gaussian_filter1d, real(6), np.float64(0.9), -1, k, mode=mode)
        for mode, k in (("reflect", 0), ("constant", 1), ("wrap", 2), ("mirror", 3))
    ),
    case(ndimage.gaussian_filter1d, real(6, 2), 1.1, axis=0, radius=2, cval=0.4, mode="constant"),
    case(ndimage.gaussian_filter, real(4, 5), np.float64(0.7)),
    case(ndimage.gaussian_filter, real(4, 5), positive(2), (0, 1), mode=("wrap", "nearest")),
    case(ndimage.gaussian_filter, real(4, 5), 0.7, axes=(1,), radius=1),
    *(
        case(f, real(4, 5), axis=axis, mode=mode)
        for f in (ndimage.sobel, ndimage.prewitt)
        for axis, mode in ((-1, "reflect"), (0, ("wrap", "mirror")))
    ),
    case(ndimage.laplace, real(4, 5)),
    case(ndimage.laplace, real(4, 5), mode="constant", cval=0.3, axes=(1,)),
    case(ndimage.gaussian_laplace, real(4, 5), np.float64(0.7)),
    case(ndimage.gaussian_laplace, real(4, 5), 0.7, mode="wrap", axes=(0,), truncate=3.0),
    case(ndimage.gaussian_gradient_magnitude, real(4, 5), np.float64(0.7)),
]
EXTREMA = [
    *(
        case(f, real(7, 2), n, axis=0, mode=mode, cval=0.7, origin=origin)
        for f in (ndimage.maximum_filter1d, ndimage.minimum_filter1d)
        for mode in MODES
        for n, origin in ((3, 0), (4, -2), (6, 2))
    ),
    *(
        case(f, real(5, 4), **options)
        for f in (ndimage.maximum_filter, ndimage.minimum_filter)
        for options in (
            {"size": (3, 2), "mode": ("wrap", "mirror")},
            {"footprint": FOOTPRINT, "origin": (0, 1)},
            {"size": 3, "axes": (1,)},
            {"footprint": FOOTPRINT, "axes": (1, 0), "origin": (-1, 1), "mode": "wrap"},
        )
    ),
]
RANKS = [
    case(
        ndimage.rank_filter,
        real(5, 4),
        np.float64(0.7),
        call=lambda x, c: ndimage.rank_filter(x, -2, (3, 2), mode="constant", cval=c),
    ),
    case(ndimage.median_filter, real(5, 4), 3),
    row(ndimage.median_filter, real(7), 4, mode="wrap", origin=1),
    row(ndimage.median_filter, real(3, 4, 2), 3, axes=(0, 2), mode="mirror"),
    case(ndimage.percentile_filter, real(5, 4), 30.0, footprint=FOOTPRINT, mode="nearest"),
]


def weighed(window, scale=1.0):
    return np.sum(np.sin(window) * scale)


def squared_steps(line, out, scale=1.0):
    out[:] = (line[1:] - line[:-1]) ** 2 * scale


def second_difference(input, axis, output, mode, cval, scale=1.0):
    return ndimage.correlate1d(input, np.array([1.0, -2.0, 1.5]) * scale, axis, output, mode, cval)


def stretched(place, scale=0.9):
    return 0.13 + scale * place[0], scale * place[1] - 0.17


GENERIC = [
    case(ndimage.generic_filter, real(3, 4), weighed, footprint=FOOTPRINT, mode="constant"),
    row(ndimage.generic_filter, real(4), weighed, 3, extra_arguments=(np.float64(1.3),)),
    case(ndimage.generic_filter1d, real(3, 4), squared_steps, 2, axis=0, mode="mirror"),
    case(ndimage.generic_laplace, real(3, 4), second_difference, mode="wrap"),
    case(ndimage.generic_gradient_magnitude, real(3, 4), second_difference),
    row(ndimage.generic_gradient_magnitude, real(3, 4), second_difference, axes=(1,)),
    case(ndimage.geometric_transform, real(4, 5), stretched, mode="mirror"),
    row(
        ndimage.geometric_transform,
        real(4, 5),
        stretched,
        (2, 3),
        extra_arguments=(np.float64(0.83),),
    ),
]
FOURIER = [
    *(
        case(f, complex_(4, 3), positive(2), dtypes="")
        for f in (
            ndimage.fourier_gaussian,
            ndimage.fourier_uniform,
            ndimage.fourier_ellipsoid,
            ndimage.fourier_shift,
        )
    ),
    row(ndimage.fourier_gaussian, complex_(4, 3), np.float64(0.7), n=5),
    row(ndimage.fourier_uniform, real(4, 3), np.float64(1.7), n=6, axis=0),
    row(ndimage.fourier_ellipsoid, real(5), np.float64(1.7)),
    row(ndimage.fourier_ellipsoid, real(2, 3, 4), positive(3)),
    row(ndimage.fourier_shift, real(4, 3), np.float64(-1.7)),
]
LABELS = np.array([[1, 2, 1, 0], [2, 2, 0, 3], [3, 1, 1, 2]])
MEASUREMENTS = [
    *(
        case(getattr(ndimage, name), real(3, 4), LABELS, [1, 2, 3])
        for name in (
            *("sum", "mean", "variance", "standard_deviation", "minimum", "maximum", "median"),
            "sum_labels",
        )
    ),
    *(
        row(getattr(ndimage, name), real(3, 4), LABELS, 1)
        for name in ("mean", "variance", "median")
    ),
    row(ndimage.mean, real(3, 4)),
    case(
        ndimage.center_of_mass,
        positive(3, 4),
        call=lambda x: np.stack([np.stack(c) for c in ndimage.center_of_mass(x, LABELS, [1, 2])]),
        dtypes="",
    ),
    case(
        ndimage.extrema,
        real(3, 4),
        call=lambda x: np.stack(ndimage.extrema(x, LABELS, [1, 3])[:2]),
        dtypes="",
    ),
    case(ndimage.labeled_comprehension, real(3, 4), LABELS, [1, 3], weighed, float, 0.0),
]
STRUCTURE = real(2, 3)
MORPHOLOGY = [
    *(
        case(getattr(ndimage, kind), real(4, 5), size=3)
        for kind in (
            *("grey_erosion", "grey_dilation", "grey_opening", "grey_closing"),
            *("morphological_gradient", "morphological_laplace", "white_tophat", "black_tophat"),
        )
    ),
    row(ndimage.grey_erosion, real(4, 5), structure=STRUCTURE, mode="wrap", origin=(-1, 0)),
    row(ndimage.grey_closing, real(4, 5), footprint=FOOTPRINT, structure=STRUCTURE),
    row(ndimage.white_tophat, real(4, 5), footprint=FOOTPRINT, mode="constant", cval=0.4),
]
# Of SciPy 1.16 and later.
VECTORIZED = (
    [
        case(ndimage.vectorized_filter, real(4, 5), np.mean, size=(2, 3), mode="mirror"),
        row(ndimage.vectorized_filter, real(4, 5), np.median, footprint=FOOTPRINT),
        row(ndimage.vectorized_filter, real(4, 5), np.mean, size=2, mode="valid", axes=(0,)),
    ]
    if hasattr(scipy.ndimage, "vectorized_filter")
    else []
)

ALL_MODES = (*MODES, *ALIASES)


def places(*shape, n, seed=0):
    """Coordinates inside and far outside of an array of the shape, off the knots of all orders."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.integers(-2 * m, 3 * m, n) + rng.uniform(0.1, 0.4, n) for m in shape])


SPLINES = [
    *(
        case(ndimage.spline_filter1d, real(6, 2), order, 0, mode=mode)
        for order, mode in ((1, "mirror"), *((3, mode) for mode in ALL_MODES), (2, "wrap"))
    ),
    case(ndimage.spline_filter1d, real(6, 2), 4, dtypes=""),
    case(ndimage.spline_filter, real(4, 5), 5),
    case(ndimage.spline_filter, complex_(4, 5), output=complex, mode="grid-wrap", dtypes=""),
    *(
        case(ndimage.map_coordinates, real(6), places(6, n=8), None, order, mode=mode, cval=0.7)
        for mode in ALL_MODES
        for order in (1, 2, 3)
    ),
    *(
        case(ndimage.map_coordinates, real(4, 5), places(4, 5, n=6), None, order, mode="mirror")
        for order in (0, 4, 5)
    ),
    *(
        case(
            ndimage.map_coordinates,
            real(4, 5),
            places(4, 5, n=6).reshape(2, 2, 3),
            mode=mode,
            cval=0.7,
            prefilter=False,
        )
        for mode in ALL_MODES
    ),
    case(ndimage.map_coordinates, complex_(4), places(4, n=5), mode="nearest", dtypes=""),
    case(ndimage.map_coordinates, real(3, 4, 2), places(3, 4, 2, n=3), mode="reflect"),
]
GEOMETRY = [
    *(
        case(ndimage.shift, real(5, 4), np.array([0.3, -1.6]), None, order, mode=mode, cval=0.7)
        for order, mode in ((1, "constant"), (3, "nearest"), (2, "grid-wrap"), (3, "constant"))
    ),
    case(ndimage.shift, real(5, 4), np.float64(0.4), mode="wrap", prefilter=False),
    *(
        case(ndimage.zoom, real(5, 4), (1.7, 0.8), None, order, mode=mode, grid_mode=grid, cval=0.7)
        for order, mode, grid in (
            (0, "constant", False),
            (1, "reflect", True),
            (2, "nearest", False),
            (3, "constant", False),
            (3, "grid-constant", True),
        )
    ),
    case(ndimage.zoom, real(5, 4), 2),
    case(ndimage.zoom, complex_(5, 4), 1.4, None, 2, grid_mode=True, dtypes="F"),
    *(
        case(ndimage.affine_transform, real(5, 4), matrix, np.array([0.3, -0.6]), mode=mode)
        for matrix, mode in (
            (np.array([[0.9, -0.2], [0.31, 1.05]]), "constant"),
            (np.array([[0.9, -0.2, 0.3], [0.31, 1.05, -0.4]]), "nearest"),
        )
    ),
    case(
        ndimage.affine_transform,
        real(5, 4),
        np.array([[0.9, -0.2, 0.3], [0.31, 1.05, -0.4], [0.0, 0.0, 1.0]])[:2],
        output_shape=(3, 6),
        cval=0.7,
    ),
    *(
        case(ndimage.rotate, real(5, 4), np.float64(33.0), reshape=reshape, mode=mode)
        for reshape in (True, False)
        for mode in ("constant", "nearest")
    ),
    case(ndimage.rotate, real(2, 5, 4), np.float64(-72.0), axes=(1, 2), prefilter=False),
    case(ndimage.rotate, real(5, 2, 4), np.float64(20.0), (0, 2), False, None, 1),
]

CASES = [
    *CORRELATIONS,
    *SMOOTHING,
    *EXTREMA,
    *RANKS,
    *GENERIC,
    *FOURIER,
    *MEASUREMENTS,
    *MORPHOLOGY,
    *VECTORIZED,
    *SPLINES,
    *GEOMETRY,
]
