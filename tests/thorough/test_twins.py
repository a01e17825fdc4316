"""Twins of SciPy's functions with random options at random and special arguments.

Covers linalg, sparse, fft, signal, ndimage, interpolate, integrate, spatial, cluster, special and
stats: values to the bit, of SciPy's type; derivatives against Ridders' differences of SciPy itself,
where these converge; pulls against pushes; second derivatives in the four nestings, and against
differences; arrays that change before a pull.  Arguments hold exact zeros, equal elements,
structured and singular matrices, points at knots, complex numbers, strides.

A derivative may be nan, or refused by an error: never another number.  Kinks, where a convention
is chosen, are counted only.  About two minutes.
"""

import collections
import functools
import traceback
import warnings
import zlib

import numpy as np
import pytest
import scipy
import scipy.cluster.hierarchy
import scipy.cluster.vq
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.signal
import scipy.sparse.csgraph
import scipy.sparse.linalg
import scipy.spatial.distance
import scipy.spatial.transform
import scipy.special
import scipy.stats

import dualrev as dr
import dualrev.scipy as twins
import dualrev.scipy.spatial.distance
from dualrev.errors import DualrevError
from tests.captured_uses import spoil

DRAWS = 60

# ------------------------------------------------------------------------------------ arguments


def array(rng, *shape, complex_=False):
    """Numbers of one of the kinds that programs meet, in some memory layout."""
    kind = rng.choice(["any"] * 4 + ["zeros", "ties", "equal", "nothing", "small"])
    x = rng.standard_normal(shape)
    if complex_ and rng.random() < 0.3:
        x = x + 1j * rng.standard_normal(shape)
    if kind == "zeros":
        x = np.where(rng.random(shape) < 0.4, 0.0, x)
    elif kind == "ties":
        x = np.round(x * 1.5) / 2
    elif kind == "equal":
        x = np.full(shape, np.round(rng.standard_normal(), 1))
    elif kind == "nothing":
        x = x * 0.0 + 0.0
    elif kind == "small":
        x = x * 1e-3
    return laid_out(rng, x)


def laid_out(rng, x):
    layout = rng.choice(["C", "C", "F", "strided"])
    if layout == "F":
        return np.asfortranarray(x)
    if layout == "strided" and x.ndim:
        base = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
        base[..., ::2] = x
        return base[..., ::2]
    return x


def matrix(rng, n, complex_=False):
    """A square matrix: any, or one with structure."""
    kind = word(
        rng, "any any unit diagonal lower upper singular symmetric repeated nothing definite"
    )
    a = rng.standard_normal((n, n))
    if complex_ and rng.random() < 0.25:
        a = a + 1j * rng.standard_normal((n, n))
    made = {
        "unit": lambda: np.eye(n),
        "diagonal": lambda: np.diag(np.diag(a)),
        "lower": lambda: np.tril(a),
        "upper": lambda: np.triu(a),
        "singular": lambda: a[:, :1] @ a[:1],
        "symmetric": lambda: a + a.T.conj(),
        "repeated": lambda: np.diag([1.0, 1.0, *range(2, n)][:n]),
        "nothing": lambda: np.zeros((n, n)),
        "definite": lambda: a @ a.T.conj() + np.eye(n),
    }
    return laid_out(rng, made.get(kind, lambda: a)())


def regular(rng, n):
    """A matrix of full rank, mostly."""
    a = matrix(rng, n)
    return a + rng.choice([0.0, 3.0, 3.0]) * np.eye(n)


def definite(rng, n):
    a = matrix(rng, n)
    return a @ a.T + np.eye(n)


def points(rng, *knots, size=4):
    """Places between and at the knots."""
    x = np.concatenate(knots)
    inside = rng.uniform(x.min(), x.max(), size)
    at = rng.choice(x, size)
    return np.where(rng.random(size) < 0.35, at, inside)


def abscissae(rng, n):
    return np.cumsum(rng.choice([0.5, 1.0, 1.3], n)) - 1.0


def word(rng, words):
    """One of the words."""
    return str(rng.choice(words.split()))


def some(rng, **choices):
    """Options, each given or not."""
    return {
        name: values[rng.integers(len(values))]
        for name, values in choices.items()
        if rng.random() < 0.5
    }


# ------------------------------------------------------------------------------------- families
#
# Each answers a label, a program of SciPy's namespace (or ours) and arrays, and the arrays.

FAMILIES = {}


def family(draw):
    FAMILIES[draw.__name__.strip("_")] = draw
    return draw


def call(module, name, *arrays, after=None, **options):
    """``module.name(*arrays, **options)``."""

    def program(m, *xs):
        for part in module.split("."):
            m = getattr(m, part)
        ans = getattr(m, name)(*xs, **options)
        return ans if after is None else after(ans)

    shown = ", ".join(f"{k}={v!r}" for k, v in options.items())
    return f"{module}.{name}({shown})", program, arrays


@family
def functions_of_matrices(rng):
    n = rng.integers(1, 4)
    name = word(
        rng,
        "expm logm sqrtm sinm cosm tanm sinhm coshm tanhm det inv pinv norm "
        "svdvals polar fractional_matrix_power expm_frechet",
    )
    a = matrix(rng, n, complex_=True)
    if name in ("logm", "sqrtm", "fractional_matrix_power"):
        # Of what is singular to rounding the derivative is rounding over rounding.
        a = definite(rng, n) if rng.random() < 0.6 else matrix(rng, n) + 3 * np.eye(n)
    if name == "norm":
        return call(
            "linalg", name, a, **some(rng, ord=[None, "fro", 1, -1, 2, -2, np.inf, -np.inf, "nuc"])
        )
    if name == "polar":
        return call("linalg", name, a, **some(rng, side=["left", "right"]))
    if name == "fractional_matrix_power":
        t = rng.choice([0.5, -0.5, 1.5, 2.0, 0.0, -1.0])
        return (
            "linalg.fractional_matrix_power",
            (lambda m, a: m.linalg.fractional_matrix_power(a, t)),
            (a,),
        )
    if name == "expm_frechet":
        return call("linalg", name, a.real, matrix(rng, n))
    return call("linalg", name, a)


@family
def systems(rng):
    n = rng.integers(1, 4)
    b = array(rng, n)
    name = word(
        rng,
        "solve solve_triangular solve_banded solveh_banded solve_toeplitz solve_circulant lstsq "
        "lu_solve cho_solve matmul_toeplitz",
    )
    a = regular(rng, n)
    if name == "solve":
        kind = rng.choice(["gen", "sym", "pos", "diagonal", "tridiagonal", "upper triangular"])
        a = definite(rng, n) if kind == "pos" else a
        a = a + a.T if kind == "sym" else a
        a = np.diag(np.diag(a)) if kind == "diagonal" else a
        a = np.triu(np.tril(a, 1), -1) if kind == "tridiagonal" else a
        return call(
            "linalg", name, a, b, assume_a=str(kind), **some(rng, lower=[True], transposed=[True])
        )
    if name == "solve_triangular":
        return call(
            "linalg",
            name,
            a,
            b,
            **some(rng, lower=[True], trans=[0, 1, "T"], unit_diagonal=[True]),
        )
    if name == "solve_banded":
        return (
            "linalg.solve_banded",
            (lambda m, a, b: m.linalg.solve_banded((1, 1), a, b)),
            (
                array(rng, 3, 3) + np.array([[0.0], [4.0], [0.0]]),
                array(rng, 3),
            ),
        )
    if name == "solveh_banded":
        low = bool(rng.integers(2))
        add = [[4.0], [0.0]] if low else [[0.0], [4.0]]
        return call("linalg", name, array(rng, 2, 3) * 0.8 + add, array(rng, 3), lower=low)
    if name in ("solve_toeplitz", "solve_circulant", "matmul_toeplitz"):
        c = array(rng, 3) + np.array([4.0, 0.0, 0.0])
        return call("linalg", name, c, array(rng, 3))
    if name == "lstsq":
        m, k = rng.integers(1, 5, 2)
        a = array(rng, m, k)
        return call("linalg", name, a, array(rng, m), after=lambda ans: ans[0])
    if name == "lu_solve":
        return (
            "linalg.lu_solve",
            (lambda m, a, b: m.linalg.lu_solve(m.linalg.lu_factor(a), b)),
            (
                a,
                b,
            ),
        )
    if name == "cho_solve":
        return (
            "linalg.cho_solve",
            (lambda m, a, b: m.linalg.cho_solve(m.linalg.cho_factor(a), b)),
            (definite(rng, n), b),
        )
    return None


@family
def equations(rng):
    n = 2
    name = word(
        rng,
        "solve_sylvester solve_continuous_lyapunov solve_discrete_lyapunov "
        "solve_continuous_are solve_discrete_are",
    )
    a = matrix(rng, n)

    def of_symmetric(m, *arrays):
        # SciPy takes no others.
        arrays = [x if i < 2 else (x + x.T) / 2 for i, x in enumerate(arrays)]
        return getattr(m.linalg, name)(*arrays)

    if name == "solve_sylvester":
        return call("linalg", name, a + 3 * np.eye(n), regular(rng, n), matrix(rng, n))
    if name == "solve_discrete_lyapunov":
        return call("linalg", name, a / 3, matrix(rng, n))
    if name == "solve_continuous_lyapunov":
        return call("linalg", name, a - 2 * np.eye(n), matrix(rng, n))
    arrays = a / 3, matrix(rng, n), definite(rng, n), definite(rng, n)
    return f"linalg.{name}", of_symmetric, arrays


@family
def constructors(rng):
    name = word(
        rng, "toeplitz hankel circulant companion convolution_matrix leslie khatri_rao block_diag"
    )
    if name == "convolution_matrix":
        return call("linalg", name, array(rng, 3), n=3, mode=str(rng.choice(["full", "same"])))
    if name == "leslie":
        return call("linalg", name, array(rng, 3), array(rng, 2))
    if name in ("khatri_rao", "block_diag"):
        return call("linalg", name, array(rng, 2, 3), array(rng, rng.integers(1, 3), 3))
    if name == "companion":
        return call("linalg", name, array(rng, 4) + np.array([2.0, 0, 0, 0]))
    arrays = [array(rng, 3, complex_=True) for _ in range(1 if name == "circulant" else 2)]
    return call("linalg", name, *arrays)


@family
def transforms(rng):
    name = word(
        rng,
        "dct dst idct idst fft ifft rfft irfft hfft ihfft fft2 fftn rfftn irfftn dctn idctn "
        "fftshift hfftn",
    )
    options = {}
    if name != "fftshift":
        options = some(rng, norm=["ortho", "forward", "backward"])
        if name[-1] == "n":
            options |= some(rng, s=[(3, 2), (5, 4)], axes=[(0, 1), (1, 0), (-1, 0)])
        elif name[-1] == "t":
            options |= some(rng, n=[2, 5, 6], axis=[0, 1, -1])
        if name in ("dct", "dst", "idct", "idst", "dctn", "idctn"):
            options |= some(rng, type=[1, 2, 3, 4])
            if name in ("dct", "dst", "idct", "idst"):
                options |= some(rng, orthogonalize=[True, False])
    real = name in ("rfft", "rfftn", "ihfft", "dct", "dst")
    return call("fft", name, array(rng, 4, 4, complex_=not real), **options)


@family
def filters(rng):
    name = word(
        rng,
        "lfilter filtfilt sosfilt sosfiltfilt savgol_filter freqz freqz_sos lfilter_zi "
        "sosfilt_zi detrend hilbert",
    )
    b, a = array(rng, rng.integers(1, 4)), array(rng, rng.integers(1, 4)) * 0.3
    a[0] = rng.choice([1.0, 1.0, 2.0, 0.5])
    x = array(rng, 14)
    if name == "lfilter":
        if rng.random() < 0.4:
            zi = array(rng, max(a.size, b.size) - 1)
            return (
                "signal.lfilter(zi)",
                (lambda m, b, a, x, zi: m.signal.lfilter(b, a, x, zi=zi)),
                (b, a, x, zi),
            )
        return call("signal", name, b, a, x)
    if name == "filtfilt":
        return call(
            "signal",
            name,
            b,
            a,
            x,
            **some(rng, padtype=["odd", "even", "constant", None], padlen=[0, 3]),
        )
    if name == "freqz":
        return call("signal", name, b, a, worN=4, after=lambda ans: ans[1])
    if name == "lfilter_zi":
        return call("signal", name, b, a)
    if "sos" in name:
        one = np.ones((2, 1))  # SciPy takes no other

        def program(m, b, a, x):
            sos = np.concatenate([b, one, a], axis=1)
            if name == "freqz_sos":
                return m.signal.freqz_sos(sos, worN=4)[1]
            return (
                m.signal.sosfilt_zi(sos)
                if name == "sosfilt_zi"
                else (getattr(m.signal, name)(sos, x))
            )

        return f"signal.{name}", program, (array(rng, 2, 3), 0.2 * array(rng, 2, 2), x)
    if name == "savgol_filter":
        return call(
            "signal",
            name,
            x,
            window_length=5,
            polyorder=int(rng.integers(0, 4)),
            **some(rng, deriv=[1, 2], mode=["mirror", "constant", "nearest", "wrap"], delta=[0.5]),
        )
    if name == "detrend":
        return call("signal", name, x, **some(rng, type=["constant", "linear"], bp=[[4], [3, 8]]))
    return call("signal", name, x, **some(rng, N=[10, 20]))


@family
def convolutions(rng):
    name = word(
        rng,
        "convolve correlate fftconvolve oaconvolve convolve2d correlate2d upfirdn resample "
        "resample_poly decimate periodogram welch csd",
    )
    x, y = array(rng, 7), array(rng, rng.integers(1, 4))
    if name in ("convolve", "correlate"):
        return call(
            "signal", name, x, y, **some(rng, mode=["same", "valid"], method=["direct", "fft"])
        )
    if name in ("fftconvolve", "oaconvolve"):
        return call("signal", name, x, y, **some(rng, mode=["same", "valid", "full"]))
    if name.endswith("2d"):
        return call(
            "signal",
            name,
            array(rng, 3, 4),
            array(rng, 2, 2),
            **some(rng, mode=["same", "valid"], boundary=["wrap", "symm", "fill"]),
        )
    if name == "upfirdn":
        return call("signal", name, y, x, **some(rng, up=[2, 3], down=[2, 3]))
    if name == "resample":
        return call("signal", name, x, num=int(rng.integers(3, 12)))
    if name == "resample_poly":
        return call("signal", name, x, up=2, down=int(rng.choice([1, 3])))
    if name == "decimate":
        return call(
            "signal", name, array(rng, 40), q=2, **some(rng, ftype=["fir"], zero_phase=[False])
        )
    arrays = [array(rng, 16) for _ in range(2 if name == "csd" else 1)]
    return call(
        "signal",
        name,
        *arrays,
        after=lambda ans: ans[1],
        **some(
            rng,
            scaling=["spectrum"],
            detrend=["linear", False],
            window=["hann", "boxcar"],
            return_onesided=[False],
        ),
        **({} if name == "periodogram" else some(rng, nperseg=[8], average=["median"])),
    )


@family
def images(rng):
    name = word(
        rng,
        "convolve convolve1d correlate correlate1d gaussian_filter gaussian_filter1d laplace "
        "gaussian_gradient_magnitude gaussian_laplace maximum_filter maximum_filter1d "
        "minimum_filter prewitt sobel spline_filter uniform_filter shift zoom rotate "
        "map_coordinates affine_transform",
    )
    image = array(rng, 4, 3)
    mode = some(rng, mode=["reflect", "nearest", "mirror", "wrap", "constant"])
    cval = some(rng, cval=[0.5])
    if name in ("convolve", "correlate"):
        return call(
            "ndimage", name, image, array(rng, 2, 3), **mode, **cval, **some(rng, origin=[0, -1])
        )
    if name in ("convolve1d", "correlate1d"):
        return call("ndimage", name, image, array(rng, 3), **mode, **some(rng, axis=[0]))
    if name.startswith("gaussian"):
        return call("ndimage", name, image, sigma=float(rng.choice([0.3, 0.7, 1.0])), **mode)
    if name in ("maximum_filter", "minimum_filter", "uniform_filter"):
        return call("ndimage", name, image, size=int(rng.choice([2, 3])), **mode)
    if name == "maximum_filter1d":
        return call("ndimage", name, image, size=2, **mode, **some(rng, axis=[0]))
    if name in ("laplace", "prewitt", "sobel"):
        return call("ndimage", name, image, **mode)
    if name == "spline_filter":
        return call("ndimage", name, image, **some(rng, order=[2, 3, 4, 5]))
    order = some(rng, order=[0, 1, 2, 3, 4], prefilter=[False])
    if name == "map_coordinates":
        where = rng.uniform(-0.5, 3, (2, 4))
        if rng.random() < 0.4:
            where = np.round(where)
        return call("ndimage", name, image, where, **order, **mode, **cval)
    if name == "shift":
        by = array(rng, 2)
        return call("ndimage", name, image, by, **order, **mode)
    if name == "zoom":
        return call(
            "ndimage", name, image, zoom=float(rng.choice([0.6, 1.0, 1.7])), **order, **mode
        )
    if name == "rotate":
        return call(
            "ndimage", name, image, angle=float(rng.choice([0.0, 30.0, 90.0])), **order, **mode
        )
    return call("ndimage", name, image, np.eye(2) + 0.1 * array(rng, 2, 2), **order, **mode)


@family
def windows(rng):
    """Ranks, grey morphology, functions of windows, filters of Fourier transforms."""
    name = word(
        rng,
        "rank_filter median_filter percentile_filter grey_erosion grey_dilation grey_opening "
        "grey_closing white_tophat black_tophat morphological_gradient morphological_laplace "
        "generic_filter fourier_gaussian fourier_uniform fourier_ellipsoid fourier_shift",
    )
    image = array(rng, 4, 3)
    if name.startswith("fourier"):
        size = np.abs(array(rng, 2)) + 0.1 * (name == "fourier_uniform")
        return call("ndimage", name, image, size, **some(rng, n=[5], axis=[0]))
    shape = tuple(rng.integers(1, 4, 2))
    options = some(
        rng, mode=["reflect", "nearest", "mirror", "wrap", "constant"], cval=[0.5], origin=[0]
    )
    kind = rng.random()
    if kind < 0.3:
        footprint = rng.random(shape) < 0.6
        footprint[0, 0] = True
        options["footprint"] = footprint
    else:
        options["size"] = shape
    if name == "generic_filter":
        return call("ndimage", name, image, function=np.ptp, **options)
    if name == "rank_filter":
        return call("ndimage", name, image, rank=int(rng.choice([0, -1])), **options)
    if name == "percentile_filter":
        return call("ndimage", name, image, percentile=float(rng.choice([0, 30, 75])), **options)
    if name != "median_filter" and kind > 0.7:
        del options["size"]
        structure = array(rng, *shape)
        label, _, _ = call("ndimage", name, image, **options)

        def program(m, x, s):
            return getattr(m.ndimage, name)(x, structure=s, **options)

        return label + " of a structure", program, (image, structure)
    return call("ndimage", name, image, **options)


@family
def measurements(rng):
    name = word(rng, "sum mean variance standard_deviation minimum maximum median center_of_mass")
    image = array(rng, 4, 3)
    labels = rng.integers(0, 3, (4, 3))
    labels[0] = 0, 1, 2
    index = [None, 1, [1, 2], [2, 0]][rng.integers(4)]
    after = None
    if name == "center_of_mass":
        image = np.abs(image) + 1

        def after(ans):
            return joined([joined(list(c)) if isinstance(c, tuple) else c for c in list(ans)])

    return call("ndimage", name, image, after=after, labels=labels, index=index)


@family
def rotations(rng):
    name = word(rng, "quat rotvec mrp matrix euler align slerp power mean")

    def made(m, *xs):
        R = m.spatial.transform.Rotation
        if name == "align":
            return R.align_vectors(*xs)[0]
        if name == "slerp":
            return m.spatial.transform.Slerp([0.0, 1.0, 2.5], R.from_rotvec(xs[0]))(xs[1])
        if name == "euler":
            return R.from_euler(seq, xs[0])
        if name == "power":
            return R.from_rotvec(xs[0]) ** 1.5
        if name == "mean":
            return R.from_rotvec(0.5 * xs[0]).mean()
        return getattr(R, f"from_{name}")(xs[0])

    seq = word(rng, "xyz ZXZ yx z")
    arrays = {
        "quat": lambda: (array(rng, 2, 4) + np.array([0, 0, 0, 1e-3]),),
        "matrix": lambda: (np.eye(3) + 0.1 * array(rng, 3, 3),),
        "euler": lambda: (array(rng, len(seq)),),
        "align": lambda: (array(rng, 4, 3) + np.eye(4, 3), rng.standard_normal((4, 3))),
        "slerp": lambda: (array(rng, 3, 3), rng.uniform(0.1, 2.4, 2)),
    }.get(name, lambda: (array(rng, 2, 3),))()
    form = word(rng, "quat matrix rotvec mrp vectors")
    if name == "mean" and form == "quat":  # its sign is LAPACK's, of an eigenvector
        form = "matrix"

    def program(m, *xs):
        r = made(m, *xs)
        return r.apply([1.0, 2.0, 3.0]) if form == "vectors" else getattr(r, f"as_{form}")()

    program.rounds = True  # formulas of ours, as SciPy's are compiled in some versions
    return f"Rotation.from_{name}({seq}).as_{form}()", program, arrays


@family
def geometry(rng):
    """What Qhull, trees and merges choose."""
    name = word(
        rng, "ConvexHull.volume ConvexHull.area Voronoi.vertices KDTree linkage cophenet vq"
    )
    x = rng.standard_normal((6, 2))
    if "." in name:
        found, _, attribute = name.partition(".")
        return name, lambda m, x: getattr(getattr(m.spatial, found)(x), attribute), (x,)
    if name == "KDTree":
        options = {"k": int(rng.integers(1, 4)), "p": float(rng.choice([1.0, 2.0, 3.0, np.inf]))}
        tree = array(rng, 6, 2)
        return (
            f"KDTree.query({options})",
            lambda m, x, data: m.spatial.KDTree(data).query(x, **options)[0],
            (x, tree),
        )
    if name == "vq":
        return name, lambda m, x, codes: m.cluster.vq.vq(x, codes)[1], (x, array(rng, 3, 2))
    method = word(rng, "single complete average weighted centroid median ward")

    def program(m, y):
        linked = m.cluster.hierarchy.linkage(y, method)
        return m.cluster.hierarchy.cophenet(linked) if name == "cophenet" else linked[:, 2]

    return (
        f"{name}({method})",
        program,
        (x if rng.random() < 0.5 else np.abs(array(rng, 15)) + 0.5,),
    )


@family
def through_data(rng):
    name = word(
        rng,
        "CubicSpline PchipInterpolator Akima1DInterpolator make_interp_spline interp1d "
        "BarycentricInterpolator KroghInterpolator CubicHermiteSpline pchip_interpolate "
        "splrep",
    )
    n = int(rng.integers(4, 7))
    x = abscissae(rng, n)
    at = points(rng, x)
    y = array(rng, n)
    options = {}
    if name == "CubicSpline":
        options = some(rng, bc_type=["natural", "clamped", "not-a-knot"])
    elif name == "Akima1DInterpolator":
        options = some(rng, method=["akima", "makima"])
    elif name == "make_interp_spline":
        options = some(rng, k=[1, 2, 3])
    elif name == "interp1d":
        options = some(
            rng, kind=["linear", "cubic", "nearest", "previous", "quadratic", "slinear", "zero"]
        )
    made = f"interpolate.{name}({options})"
    if name == "pchip_interpolate":
        return made, (lambda m, x, y, at: m.interpolate.pchip_interpolate(x, y, at)), (x, y, at)
    if name == "splrep":
        return (
            made,
            (lambda m, x, y, at: m.interpolate.splev(at, m.interpolate.splrep(x, y))),
            (x, y, at),
        )
    if name == "CubicHermiteSpline":
        return (
            made,
            (lambda m, x, y, d, at: m.interpolate.CubicHermiteSpline(x, y, d)(at)),
            (x, y, array(rng, n), at),
        )
    order = int(rng.choice([0, 0, 1, 2])) if name[0] in "CPA" else 0

    def program(m, x, y, at):
        made = getattr(m.interpolate, name)(x, y, **options)
        return made(at, order) if order else made(at)

    return f"{made}(x, {order})", program, (x, y, at)


@family
def pieces_and_grids(rng):
    name = word(rng, "BSpline PPoly RegularGridInterpolator interpn RBF make_lsq splint")
    if name == "BSpline":
        k = int(rng.integers(0, 4))
        t = np.concatenate([np.zeros(k), np.arange(5.0), np.full(k, 4.0)])
        if rng.random() < 0.3 and k > 1:
            t[k + 1] = t[k + 2]
        order = int(rng.choice([0, 0, 1]))
        return (
            f"BSpline(k={k}, nu={order})",
            (lambda m, c, x: m.interpolate.BSpline(t, c, k)(x, order)),
            (array(rng, t.size - k - 1), points(rng, t)),
        )
    if name == "PPoly":
        x = abscissae(rng, 4)
        order = int(rng.choice([0, 0, 1, 2]))
        return (
            f"PPoly(nu={order})",
            (lambda m, c, x, at: m.interpolate.PPoly(c, x)(at, order)),
            (array(rng, 3, 3), x, points(rng, x)),
        )
    if name in ("RegularGridInterpolator", "interpn"):
        x, y = abscissae(rng, 5), abscissae(rng, 4)
        at = np.stack([points(rng, x), points(rng, y)], -1)
        # SciPy solves for the splines of other methods by iteration, to a few digits.
        method = str(rng.choice(["linear", "nearest", "pchip"]))
        if method == "pchip":
            y = abscissae(rng, 5)
            at[:, 1] = points(rng, y)
        if name == "interpn":
            return (
                f"interpn({method})",
                (lambda m, v, at: m.interpolate.interpn((x, y), v, at, method=method)),
                (array(rng, x.size, y.size), at),
            )
        return (
            f"RegularGridInterpolator({method})",
            (lambda m, v, at: m.interpolate.RegularGridInterpolator((x, y), v, method=method)(at)),
            (array(rng, x.size, y.size), at),
        )
    if name == "RBF":
        kernel = word(
            rng,
            "linear thin_plate_spline cubic quintic multiquadric inverse_multiquadric "
            "inverse_quadratic gaussian",
        )
        n = int(rng.integers(1, 3))
        y = rng.standard_normal((7, n))
        x = np.where(rng.random((3, 1)) < 0.4, y[:3], rng.standard_normal((3, n)))
        options = some(rng, smoothing=[0.0, 0.1])
        if kernel in ("multiquadric", "inverse_multiquadric", "inverse_quadratic", "gaussian"):
            options["epsilon"] = 1.3

        return (
            f"RBF({kernel}, {options})",
            (lambda m, y, d, x: m.interpolate.RBFInterpolator(y, d, kernel=kernel, **options)(x)),
            (y, array(rng, 7), x),
        )
    t = np.concatenate([np.zeros(3), np.arange(3.0), np.full(3, 2.0)])
    if name == "splint":
        return (
            "splint",
            (lambda m, c, a, b: m.interpolate.splint(a, b, (t, c, 3))),
            (
                np.concatenate([array(rng, 5), np.zeros(4)]),
                *(np.float64(v) for v in points(rng, t, size=2)),
            ),
        )
    x = np.linspace(0, 2, 8)
    return (
        "make_lsq_spline",
        (lambda m, y, at: m.interpolate.make_lsq_spline(x, y, t)(at)),
        (array(rng, 8), points(rng, t)),
    )


@family
def fits(rng):
    """Splines by knots and sites, and near data; not smoothing ones, which FITPACK finds to 0.1 %."""
    name = word(rng, "knots sites univariate parametric least rest")
    k = int(rng.integers(1, 5))
    x = np.cumsum(rng.uniform(0.3, 1.0, 9))
    at = points(rng, x)
    if name == "knots":
        t = np.cumsum(rng.uniform(0.3, 1.0, 6 + k))
        order, outside = int(rng.integers(0, 3)), rng.choice([True, False])
        return (
            f"BSpline(knots, k={k}, nu={order}, {outside})",
            (lambda m, t, c, at: m.interpolate.BSpline(t, c, k, bool(outside))(at, order)),
            (t, array(rng, 5, 2), points(rng, t)),
        )
    if name == "sites":
        return (
            f"make_interp_spline(sites, k={k})",
            (lambda m, x, y, at: m.interpolate.make_interp_spline(x, y, k)(at)),
            (x, array(rng, 9, 2), at),
        )
    if name == "parametric":
        return (
            f"splprep(k={k})",
            (
                lambda m, x, y: np.stack(
                    m.interpolate.splev([0.0, 0.3, 1.0], m.interpolate.splprep([x, y], s=0, k=k)[0])
                )
            ),
            (x, array(rng, 9)),
        )
    if name == "least":
        inner, w = np.array([x[4] + 0.1]), rng.uniform(0.5, 2.0, 9)
        k = min(k, 3)
        return (
            f"make_lsq_spline(sites, knots, weights, k={k})",
            (
                lambda m, x, y, t, w: m.interpolate.make_lsq_spline(
                    x, y, np.concatenate([np.full(k + 1, 0.1), t, np.full(k + 1, 9.5)]), k, w
                )(at)
            ),
            (x, array(rng, 9), inner, w),
        )
    ext, order = word(rng, "extrapolate zeros const"), int(rng.integers(0, 2))
    if name == "rest":
        return (
            "make_smoothing_spline",
            (lambda m, x, y, w, lam: m.interpolate.make_smoothing_spline(x, y, w, lam)(at)),
            (x, array(rng, 9), rng.uniform(0.5, 2.0, 9), np.float64(rng.choice([0.01, 0.3, 3.0]))),
        )
    kind = word(rng, "InterpolatedUnivariateSpline LSQUnivariateSpline")
    given = [[x[4] + 0.1]] if kind.startswith("LSQ") else []
    return (
        f"{kind}(k={k}, ext={ext}, nu={order})",
        (lambda m, x, y, at: getattr(m.interpolate, kind)(x, y, *given, k=k, ext=ext)(at, order)),
        (x, array(rng, 9), at),
    )


@family
def surfaces(rng):
    name = word(rng, "grid scattered nearest linear cubic neighbors bernstein several tensor")
    x, y = (np.cumsum(rng.uniform(0.4, 1.0, n)) for n in (6, 5))
    at, to = points(rng, x), points(rng, y)
    if name == "grid":
        kx, ky = (int(k) for k in rng.integers(1, 5, 2))
        dx, dy = int(rng.integers(0, kx)), int(rng.integers(0, ky))
        return (
            f"RectBivariateSpline({kx}, {ky}).ev({dx}, {dy})",
            (
                lambda m, x, y, z, at, to: m.interpolate.RectBivariateSpline(
                    x, y, z, kx=kx, ky=ky
                ).ev(at, to, dx, dy)
            ),
            (x, y, array(rng, 6, 5), at, to),
        )
    if name == "scattered":
        place = rng.uniform(0, 3, (25, 2))
        return (
            "LSQBivariateSpline",
            (
                lambda m, x, y, z, t: m.interpolate.LSQBivariateSpline(
                    x, y, z, t, [1.4], kx=2, ky=1
                ).ev([0.5, 1.5, 4.0], 1.0)
            ),
            (*place.T, array(rng, 25), np.array([1.6])),
        )
    if name in ("nearest", "linear", "cubic"):
        sites = rng.standard_normal((9, 2))
        inside = np.stack([sites[:3].mean(0), sites[2:7].mean(0), sites[4]])
        options = {"fill_value": 0.5} if name != "nearest" else {}
        if name == "cubic":  # the slopes, which SciPy finds iteratively, to rounding
            return (
                "CloughTocher2DInterpolator",
                (
                    lambda m, p, v, at: m.interpolate.CloughTocher2DInterpolator(
                        p, v, tol=1e-14, maxiter=10**4, **options
                    )(at)
                ),
                (sites, array(rng, 9), inside),
            )
        return (
            f"griddata({name})",
            (lambda m, p, v, at: m.interpolate.griddata(p, v, at, name, **options)),
            (sites, array(rng, 9), inside),
        )
    if name == "neighbors":
        sites, count = rng.standard_normal((9, 2)), int(rng.integers(4, 9))
        return (
            f"RBFInterpolator(neighbors={count})",
            (lambda m, p, v, at: m.interpolate.RBFInterpolator(p, v, neighbors=count)(at)),
            (sites, array(rng, 9), sites[:3] + 0.2),
        )
    if name == "bernstein":
        order = int(rng.integers(0, 3))
        return (
            f"BPoly(nu={order})",
            (lambda m, c, x, at: m.interpolate.BPoly(c, x)(at, order)),
            (array(rng, 4, 5), x, at),
        )
    if name == "several":
        nu = tuple(int(k) for k in rng.integers(0, 3, 2))
        return (
            f"NdPPoly(nu={nu})",
            (lambda m, c, x, y, at: m.interpolate.NdPPoly(c, (x, y))(at, nu)),
            (array(rng, 3, 2, 5, 4), x, y, np.stack([at, to], -1)),
        )
    nu = tuple(int(k) for k in rng.integers(0, 2, 2))
    return (
        f"NdBSpline(nu={nu})",
        (lambda m, s, t, c, at: m.interpolate.NdBSpline((s, t), c, (1, 2))(at, nu=nu)),
        (x, y, array(rng, 4, 2), np.stack([at, to], -1)),
    )


@family
def samples(rng):
    name = word(rng, "trapezoid simpson cumulative_trapezoid cumulative_simpson romb")
    n = 5 if name == "romb" else int(rng.integers(3, 7))
    y = array(rng, 2, n, complex_=name == "trapezoid")
    if name == "romb":
        return call("integrate", name, y, dx=0.5)
    if rng.random() < 0.6:
        x = abscissae(rng, n)
        return f"integrate.{name}(x=)", (lambda m, y, x: getattr(m.integrate, name)(y, x=x)), (y, x)
    return call("integrate", name, y, **some(rng, dx=[0.5], axis=[-1]))


@family
def integrals(rng):
    a, b, c = (np.float64(v) for v in np.round(rng.standard_normal(3), 1))
    kind = rng.choice(["finite", "infinite", "points", "weight", "fixed", "vec", "dbl"])
    c = rng.choice([c, np.float64(0.0)])
    if kind == "finite":
        return (
            "quad",
            (lambda m, a, b, c: m.integrate.quad(lambda x: np.exp(c * x) * x, a, b)[0]),
            (
                a,
                b,
                c,
            ),
        )
    if kind == "infinite":
        return (
            "quad to infinity",
            (
                lambda m, a, c: m.integrate.quad(
                    lambda x: np.exp(-(x**2)) * (1 + c * x), a, np.inf
                )[0]
            ),
            (a, c),
        )
    if kind == "points":
        return (
            "quad, points",
            (
                lambda m, p, c: m.integrate.quad(
                    lambda x: c * abs(x - 0.3) + p * x, -1, 1, points=[0.3]
                )[0]
            ),
            (a, c),
        )
    if kind == "weight":
        weight = str(rng.choice(["cos", "sin", "alg"]))
        wvar = (0.5, -0.3) if weight == "alg" else 2.0
        return (
            f"quad, weight={weight}",
            (
                lambda m, c: m.integrate.quad(
                    lambda x: np.exp(c * x), 0, 1, weight=weight, wvar=wvar
                )[0]
            ),
            (c,),
        )
    if kind == "fixed":
        return (
            "fixed_quad",
            (lambda m, a, b, c: m.integrate.fixed_quad(lambda x: np.exp(c * x) * x, a, b, n=4)[0]),
            (a, b, c),
        )
    if kind == "vec":
        return (
            "quad_vec",
            (
                lambda m, a, b, c: m.integrate.quad_vec(
                    lambda x: np.array([1.0, 2.0]) * np.exp(c * x), a, b
                )[0]
            ),
            (a, b, c),
        )
    return (
        "dblquad",
        (
            lambda m, a, c: m.integrate.dblquad(
                lambda y, x: np.exp(c * x) * y, 0, a, lambda x: c * x, lambda x: 1 + x
            )[0]
        ),
        (a, c),
    )


VECTOR_METRICS = (
    "euclidean sqeuclidean cityblock chebyshev minkowski cosine correlation canberra braycurtis "
    "jensenshannon seuclidean mahalanobis"
)


@family
def distances(rng):
    metric = word(rng, VECTOR_METRICS)
    options = {}
    shared = array(rng, 3, 2)
    XA, XB = shared, array(rng, 2, 2)
    if rng.random() < 0.3:
        XB = XA[:2].copy()
    if metric == "jensenshannon":
        XA, XB = abs(XA) + rng.choice([0.0, 0.3]), abs(XB) + 0.3
    if metric == "minkowski":
        options["p"] = float(rng.choice([0.5, 1.0, 1.5, 2.0, 3.0, np.inf]))
    arrays = []
    names = []
    if metric in ("euclidean", "sqeuclidean", "cityblock", "chebyshev", "minkowski") and (
        rng.random() < 0.4
    ):
        arrays, names = [abs(array(rng, 2))], ["w"]
    if metric == "seuclidean":
        arrays, names = [abs(array(rng, 2)) + 0.3], ["V"]
    if metric == "mahalanobis":
        arrays, names = [definite(rng, 2)], ["VI"]
    kind = rng.choice(["cdist", "pdist", "one"])
    more = dict.fromkeys(names)
    label = f"{kind}({metric}, {options}, {list(more)})"
    if kind == "cdist":
        return (
            label,
            (
                lambda m, XA, XB, *p: m.spatial.distance.cdist(
                    XA, XB, metric, **options, **dict(zip(names, p))
                )
            ),
            (XA, XB, *arrays),
        )
    if kind == "pdist":
        return (
            label,
            (
                lambda m, X, *p: m.spatial.distance.pdist(
                    X, metric, **options, **dict(zip(names, p))
                )
            ),
            (XA, *arrays),
        )
    return (
        label,
        (
            lambda m, u, v, *p: (
                getattr(m.spatial.distance, metric)(u, v, *p, **options)
                if metric != "minkowski"
                else m.spatial.distance.minkowski(u, v, options["p"], *p)
            )
        ),
        (XA[0].copy(), XB[0].copy(), *arrays),
    )


@family
def special_functions(rng):
    name = word(
        rng,
        "logsumexp softmax log_softmax sinc zeta polygamma multigammaln comb factorial "
        "spherical_jn spherical_yn spherical_in spherical_kn jvp sph_harm_y lambertw",
    )
    x = array(rng, 3)
    if name == "logsumexp" and rng.random() < 0.5:
        return "logsumexp(b=)", (lambda m, x, b: m.special.logsumexp(x, b=b)), (x, array(rng, 3))
    if name == "logsumexp" and rng.random() < 0.5:
        return (
            "logsumexp(sign)",
            (lambda m, x, b: m.special.logsumexp(x, b=b, return_sign=True)[0]),
            (x, array(rng, 3)),
        )
    if name == "zeta":
        return call("special", name, abs(x) + 1.5, abs(array(rng, 3)) + 0.2)
    if name == "polygamma":
        return "polygamma", (lambda m, x: m.special.polygamma(1, x)), (abs(x) + 0.3,)
    if name == "multigammaln":
        return "multigammaln", (lambda m, x: m.special.multigammaln(x, 2)), (abs(x) + 0.7,)
    if name == "comb":
        return call("special", name, abs(x) + 4, abs(array(rng, 3)))
    if name.startswith("spherical") or name == "jvp":
        n = int(rng.integers(0, 4))
        derivative = bool(rng.integers(2))
        if name == "jvp":
            return (
                "jvp",
                (lambda m, v, x: m.special.jvp(v, x, n)),
                (abs(array(rng, 3)), abs(x) + 0.1),
            )
        return (
            f"{name}({n}, {derivative})",
            (lambda m, x: getattr(m.special, name)(n, x, derivative)),
            (abs(x) + rng.choice([0.0, 0.2]),),
        )
    if name == "sph_harm_y":
        n = int(rng.integers(0, 4))
        k = int(rng.integers(-n, n + 1))
        return (
            f"sph_harm_y({n}, {k})",
            (lambda m, theta, phi: m.special.sph_harm_y(n, k, theta, phi)),
            (abs(x), array(rng, 3)),
        )
    if name == "factorial":
        return call("special", name, abs(x) + 0.2)
    return call("special", name, x)


#: Distributions by the number of their shapes.
SHAPES = {
    0: "cauchy expon gumbel_l gumbel_r halfnorm laplace logistic norm rayleigh uniform",
    1: "chi2 gamma invgamma lognorm pareto skewnorm t vonmises weibull_max weibull_min",
    2: "beta f truncnorm",
}


@family
def distributions(rng):
    law = word(rng, " ".join(SHAPES.values()))
    count = next(count for count, laws in SHAPES.items() if law in laws.split())
    method = word(rng, "pdf logpdf cdf logcdf sf logsf ppf isf")
    shapes = [np.abs(rng.standard_normal()) + 0.5 for _ in range(count)]
    if rng.random() < 0.4:
        shapes = [np.float64(rng.choice([1.0, 2.0, 3.0])) for _ in shapes]
    if law == "truncnorm":
        shapes = [-shapes[0], shapes[1]]
    loc, scale = np.float64(rng.choice([0.0, 0.3])), np.float64(rng.choice([1.0, 2.0]))
    if method in ("ppf", "isf"):
        x = rng.choice([0.0, 0.1, 0.5, 0.9, 1.0, 0.3], 3)
    else:
        x = loc + scale * rng.choice([-1.5, -1.0, -0.2, 0.0, 0.3, 0.7, 1.0, 2.0, 30.0], 3)
    return (
        f"stats.{law}.{method}",
        (lambda m, x, *parameters: getattr(getattr(m.stats, law), method)(x, *parameters)),
        (x, *map(np.float64, shapes), loc, scale),
    )


@family
def counted(rng):
    law = word(rng, "bernoulli binom geom nbinom poisson")
    method = word(rng, "pmf logpmf cdf logcdf sf logsf")
    k = rng.integers(-1, 6, 3)
    p = np.float64(rng.choice([0.0, 0.2, 0.5, 1.0]))
    if law == "poisson":
        p = np.float64(rng.choice([0.0, 0.5, 3.0]))
    if law in ("binom", "nbinom"):
        n = int(rng.integers(1, 5))
        return (
            f"stats.{law}.{method}({k}, {n})",
            (lambda m, p: getattr(getattr(m.stats, law), method)(k, n, p)),
            (p,),
        )
    return (
        f"stats.{law}.{method}({k})",
        (lambda m, p: getattr(getattr(m.stats, law), method)(k, p)),
        (p,),
    )


@family
def several_variables(rng):
    if rng.random() < 0.3:
        x = np.abs(rng.standard_normal(3)) + 0.1
        return (
            "stats.dirichlet.logpdf",
            (lambda m, x, alpha: m.stats.dirichlet.logpdf(x / np.sum(x), alpha)),
            (x, np.abs(rng.standard_normal(3)) + rng.choice([0.5, 1.0])),
        )
    method = str(rng.choice(["pdf", "logpdf"]))
    return (
        f"stats.multivariate_normal.{method}",
        (lambda m, x, mean, cov: getattr(m.stats.multivariate_normal, method)(x, mean, cov)),
        (array(rng, 2), array(rng, 2), definite(rng, 2)),
    )


@family
def sparse_matrices(rng):
    n = 3
    a = regular(rng, n)
    x = array(rng, n)
    kind = word(rng, "csr csc coo")
    name = word(rng, "product spsolve splu expm_multiply diags kron stack cg power elementwise tri")
    row, col = np.nonzero(rng.random((n, n)) < 0.8)

    def made(m, data):
        return getattr(m.sparse, f"{kind}_array")((data, (row, col)), shape=(n, n))

    data = array(rng, row.size)
    if name == "product":
        return f"{kind} @ x", (lambda m, data, x: made(m, data) @ x), (data, x)
    dense = np.ascontiguousarray(a)
    if name in ("spsolve", "splu", "expm_multiply", "cg"):

        def program(m, a, x):
            S = m.sparse.csc_array((np.ravel(a.T), (COL, ROW)), shape=(n, n))
            if name == "splu":
                return m.sparse.linalg.splu(S).solve(x)
            if name == "cg":
                return m.sparse.linalg.cg(S, x, rtol=1e-13)[0]
            return getattr(m.sparse.linalg, name)(S, x)

        ROW, COL = np.divmod(np.arange(n * n), n)
        return f"sparse.linalg.{name}", program, (definite(rng, n) if name == "cg" else dense, x)
    if name == "diags":
        return (
            "diags",
            (lambda m, x: m.sparse.diags_array([x, x[1:] ** 2], offsets=[0, 1]).toarray()),
            (x,),
        )
    if name == "kron":
        return (
            "kron",
            (lambda m, data, x: m.sparse.kron(made(m, data), made(m, data)).toarray()),
            (data, x),
        )
    if name == "stack":
        return (
            "vstack",
            (lambda m, data: m.sparse.vstack([made(m, data), made(m, data).T]).toarray()),
            (data,),
        )
    if name == "tri":
        return "tril", (lambda m, data: m.sparse.tril(made(m, data)).toarray()), (data,)
    if name == "power":
        return "S @ S", (lambda m, data: (made(m, data) @ made(m, data)).toarray()), (data,)
    return (
        "S * S + S",
        (lambda m, data: (made(m, data) * made(m, data) + made(m, data)).toarray()),
        (data,),
    )


@family
def factors(rng):
    n = int(rng.integers(1, 4))
    name = word(rng, "lu lu_factor qr cholesky cho_factor svd eigh eigvalsh eigvals svdvals pinvh "
                      "orth null_space pinv")  # fmt: skip
    a = matrix(rng, n)
    if name in ("cholesky", "cho_factor"):
        return call("linalg", name, definite(rng, n), **some(rng, lower=[True, False]),
                    after=lambda ans: ans[0] if isinstance(ans, tuple) else ans)  # fmt: skip
    if name in ("orth", "null_space"):

        def projector(ans):
            return ans @ ans.T

        return call("linalg", name, array(rng, n, 3), after=projector)
    if name == "svd":
        return call("linalg", name, a, full_matrices=False,
                    after=lambda ans: (ans[0] * ans[1]) @ ans[2])  # fmt: skip
    if name == "eigh":
        return call("linalg", name, a + a.T,
                    after=lambda ans: (ans[1] * np.exp(ans[0])) @ ans[1].T)  # fmt: skip
    if name == "eigvals":
        return call("linalg", name, a, after=lambda ans: np.sum(ans**3))
    if name == "lu_factor":
        return call("linalg", name, a, after=lambda ans: ans[0])
    if name == "qr":
        return call("linalg", name, a, **some(rng, mode=["economic"]))
    if name in ("eigvalsh", "pinvh"):
        return call("linalg", name, a + a.T)
    return call("linalg", name, a)


@family
def forms(rng):
    """What is found up to signs and phases shows in products that do not depend on them."""
    n = int(rng.integers(1, 5))
    name = word(rng, "schur schur hessenberg qz ldl ldl rq qr_multiply matrix_balance signm funm")
    a = matrix(rng, n, complex_=True)
    weights = np.arange(1.0, n + 1)

    def without_phases(ans):
        x, q = ans[:2]
        return np.diagonal(x), np.abs(x) ** 2, (q * weights) @ q.conj().T

    if name == "schur":
        sorts = some(rng, sort=["lhp", "rhp", "iuc"])
        return call("linalg", name, a, output=word(rng, "real complex"), **sorts,
                    after=without_phases)  # fmt: skip
    if name == "hessenberg":
        return call("linalg", name, a, calc_q=True, after=without_phases)
    if name == "qz":
        return call("linalg", name, a, regular(rng, n), output="complex",
                    after=lambda ans: (np.abs(ans[0]) ** 2, np.diagonal(ans[1])))  # fmt: skip
    if name == "ldl":
        hermitian = bool(rng.random() < 0.5)
        a = a + (a.conj().T if hermitian else a.T)
        return call("linalg", name, a, hermitian=hermitian, **some(rng, lower=[True, False]),
                    after=lambda ans: ans[:2])  # fmt: skip
    if name == "rq":
        a = array(rng, n, int(rng.integers(1, 5)), complex_=True)
        return call("linalg", name, a, mode="economic",
                    after=lambda ans: ans[:2])  # fmt: skip
    if name == "qr_multiply":
        c = array(rng, 2, n)
        return call("linalg", name, a, c.astype(a.dtype), **some(rng, conjugate=[True, False]),
                    after=lambda ans: np.abs(ans[0]) ** 2)  # fmt: skip
    if name == "funm":
        return (
            "linalg.funm",
            lambda m, a: m.linalg.funm(a, lambda w: np.exp(w) / (w * w + 9.0)),
            (a,),
        )
    if name == "matrix_balance":
        return call("linalg", name, a, **some(rng, permute=[False], scale=[False]),
                    after=lambda ans: ans[0])  # fmt: skip
    return call("linalg", name, a)


@family
def bands(rng):
    n, u = int(rng.integers(1, 5)), int(rng.integers(0, 3))
    name = word(
        rng,
        "eig_banded eigvals_banded eigh_tridiagonal eigvalsh_tridiagonal cholesky_banded "
        "cho_solve_banded subspace_angles orthogonal_procrustes",
    )
    ab = array(rng, u + 1, n, complex_=True)
    low = {"lower": bool(rng.random() < 0.5)}
    selected = some(rng, select=["i"])
    if selected:
        first = int(rng.integers(0, n))
        selected["select_range"] = first, int(rng.integers(first, n))

    def of_vectors(ans):
        w, v = ans
        return (v * np.exp(w)) @ v.conj().T

    if name == "eig_banded":
        return call("linalg", name, ab, **low, **selected, after=of_vectors)
    if name == "eigvals_banded":
        return call("linalg", name, ab, **low, **selected, after=lambda w: np.sum(w**3))
    if name.endswith("tridiagonal"):
        after = of_vectors if name.startswith("eigh_") else None
        return call("linalg", name, array(rng, n), array(rng, n - 1), **selected, after=after)
    if name in ("cholesky_banded", "cho_solve_banded"):
        ab[0 if low["lower"] else -1] = 6 + ab[0].real
        if name == "cholesky_banded":
            return call("linalg", name, ab, **low)
        return (
            "linalg.cho_solve_banded",
            lambda m, ab, b: m.linalg.cho_solve_banded(
                (m.linalg.cholesky_banded(ab, **low), low["lower"]), b
            ),
            (ab, array(rng, n)),
        )
    m = n + 2
    return call("linalg", name, array(rng, m, n), array(rng, m, n))


@family
def large(rng):
    """Eigenpairs and least squares of sparse matrices."""
    n = 5
    name = word(rng, "eigsh eigsh eigs svds lsqr lsmr expm_multiply spsolve_triangular norm")
    start = np.linspace(1.0, 2.0, n)
    a = matrix(rng, n, complex_=True)

    def sparse(m, a):
        return m.sparse.csc_array(a)

    if name == "eigsh":
        a = a + a.conj().T + np.diag(np.arange(5.0))  # of nothing ARPACK finds anything
        given = some(rng, sigma=[0.37], which=["SA", "LM"])
        return "eigsh", lambda m, a: squared(
            m.sparse.linalg.eigsh(sparse(m, (a + a.conj().T) / 2), 2, v0=start, **given)
        ), (a,)  # fmt: skip
    if name == "eigs":
        return "eigs", lambda m, a: squared(
            m.sparse.linalg.eigs(sparse(m, a), 2, v0=start)
        ), (a,)  # fmt: skip
    if name == "svds":
        k = int(rng.integers(3, 6))
        a = a + np.diag(np.arange(1.0, 6.0))
        return "svds", lambda m, a: np.abs(
            m.sparse.linalg.svds(sparse(m, a[:k]), 2, v0=start[:k])[0]
        ) ** 2, (a,)  # fmt: skip
    tight = {"atol": 1e-15, "btol": 1e-15, "conlim": 0}
    damp = float(rng.choice([0.0, 0.5]))
    if name in ("lsqr", "lsmr"):
        limit = {"lsqr": {"iter_lim": 200}, "lsmr": {"maxiter": 200}}[name]
        a = array(rng, 5, int(rng.integers(2, 7)), complex_=True)
        return name, lambda m, a, b: getattr(m.sparse.linalg, name)(
            sparse(m, a), b, damp, **tight, **limit
        )[0], (a, array(rng, 5))  # fmt: skip
    if name == "expm_multiply":
        return name, lambda m, a, b: m.sparse.linalg.expm_multiply(
            sparse(m, a), b, start=0.1, stop=1.0, num=3, endpoint=True
        ), (a, array(rng, n))  # fmt: skip
    if name == "spsolve_triangular":
        low = bool(rng.random() < 0.5)
        cut = np.tril if low else np.triu
        return name, lambda m, a, b: m.sparse.linalg.spsolve_triangular(
            m.sparse.tril(sparse(m, a), format="csc")
            if low
            else m.sparse.triu(sparse(m, a), format="csc"),
            b.astype(a.dtype),
            low,
        ), (cut(a) + 3 * np.eye(n), array(rng, n))  # fmt: skip
    ord = [1, np.inf, -1][rng.integers(3)]
    return name, lambda m, a: m.sparse.linalg.norm(sparse(m, a), ord), (a,)


def squared(pairs):
    w, v = pairs
    return w, np.abs(v) ** 2


@family
def graphs(rng):
    n = 5
    name = word(rng, "shortest_path shortest_path dijkstra floyd_warshall johnson "
                     "minimum_spanning_tree laplacian")  # fmt: skip
    weights = np.where(rng.random((n, n)) < 0.6, rng.uniform(0.5, 3.0, (n, n)), 0.0)
    if rng.random() < 0.3:
        weights = np.round(weights)
    # Of so few digits that sums are exact, in whatever order.
    weights = np.round(weights * 64) / 64
    rows, cols = np.nonzero(weights)

    def made(m, w):
        return m.sparse.csr_array((w, (rows.astype("i"), cols.astype("i"))), shape=(n, n))

    def of_tree(ans):
        return ans.toarray() if hasattr(ans, "toarray") else ans

    options = {"directed": bool(rng.random() < 0.5)}
    if name == "minimum_spanning_tree":
        options = {}
    if name == "laplacian":
        options = some(rng, normed=[True], symmetrized=[True], use_out_degree=[True])
    return name, lambda m, w: of_tree(
        getattr(m.sparse.csgraph, name)(made(m, w), **options)
    ), (weights[rows, cols],)  # fmt: skip


# --------------------------------------------------------------------------------------- checks


def joined(ans):
    """All numbers of an answer, as one array."""
    if isinstance(ans, tuple | list):
        parts = [np.reshape(a, -1) for a in ans]
        return np.concatenate(parts) if parts else np.zeros(0)
    return ans


def leaves(ans):
    return list(ans) if isinstance(ans, tuple | list) else [ans]


def like(rng, x):
    x = np.asarray(x)
    t = rng.standard_normal(x.shape)
    if x.dtype.kind == "c":
        t = t + 1j * rng.standard_normal(x.shape)
    return t.astype(x.dtype)[()]


def inner(a, b):
    if isinstance(a, tuple):
        return float(sum(map(inner, a, b)))
    return float(np.real(np.vdot(a, b)))


def ridders(f, order=1, step=0.05):
    """A derivative of f at 0, and an estimate of its error: Ridders (1982)."""
    shrink, best, error = 1.6, np.nan, np.inf
    row = []
    center = f(0.0)
    for i in range(14):
        h = step / shrink**i
        up, down = f(h), f(-h)
        new = [(up - down) / (2 * h) if order == 1 else (up - 2 * center + down) / h**2]
        factor = shrink**2
        for j, old in enumerate(row):
            new.append((new[j] * factor - old) / (factor - 1))
            factor *= shrink**2
            guess = max(abs(new[j + 1] - new[j]), abs(new[j + 1] - old))
            if guess <= error:
                best, error = new[j + 1], guess
        row = new
    return best, error


def kinked(f, order=1):
    """Whether derivatives from both sides differ in the limit of small steps."""
    center, gaps = f(0.0), []
    for h in (2e-4, 1e-4) if order == 1 else (2e-3, 1e-3):
        sides = []
        for step in (h, -h):
            rise = f(step) - center
            sides.append(rise / step if order == 1 else (f(2 * step) - center - 2 * rise) / h**2)
        gaps.append(sides[0] - sides[1])
    scale = 1 + abs(sides[0]) + abs(sides[1])
    return not abs(2 * gaps[1] - gaps[0]) < 1e-5 * scale


def converged(f, order=1):
    """The derivative at 0 where differences of two ranges of steps agree on it, and the error."""
    coarse, error = ridders(f, order, 0.1)
    fine, again = ridders(f, order, 0.01)
    gap = abs(coarse - fine)
    best = (coarse, error) if error < again else (fine, again)
    return (
        *best,
        bool(gap < 1e-6 * (1 + abs(fine))) if order == 1 else gap < 1e-4 * (1 + abs(fine)),
    )


class Run:
    """One program at one point: faults in words, and counts of what was checked."""

    def __init__(self, program, arrays, rng, counts):
        self.rng, self.counts = rng, counts
        self.faults, self.notes = [], []
        self.arrays, self.rounds = arrays, getattr(program, "rounds", False)
        self.theirs = lambda *xs: program(scipy, *xs)
        self.ours = lambda *xs: program(twins, *xs)
        self.active = [i for i in range(len(arrays)) if rng.random() < 0.7] or [0]

    def full(self, xs, constants):
        full = list(constants)
        for i, x in zip(self.active, xs):
            full[i] = x
        return full

    def check(self):
        try:
            expected = self.theirs(*self.arrays)
        except Exception:
            self.counts["SciPy raises"] += 1
            return
        value = self.ours(*self.arrays)
        # SciPy permutes nodes at random in places.
        same = np.array_equal if self.is_determined(expected) else np.allclose
        if self.rounds:
            same = functools.partial(np.allclose, rtol=1e-10, atol=1e-10)
        self.same = same
        for a, b in zip(leaves(expected), leaves(value), strict=True):
            if type(a) is not type(b) or np.asarray(a).dtype != np.asarray(b).dtype:
                self.faults.append(f"type of the value {type(b)}, SciPy's {type(a)}")
            if not same(a, b, equal_nan=True):
                self.faults.append(f"value {b}, SciPy's {a}")
        if not np.all(np.isfinite(joined(expected))):
            self.counts["value not finite"] += 1
            return
        self.derivatives(joined(expected))

    def is_determined(self, expected):
        again = self.theirs(*self.arrays)
        return np.array_equal(joined(again), joined(expected), equal_nan=True)

    def derivatives(self, expected):
        rng, counts = self.rng, self.counts
        xs = tuple(self.arrays[i] for i in self.active)
        constants = [np.array(x) for x in self.arrays]
        ts = tuple(like(rng, x) for x in xs)
        w = like(rng, expected)

        def f(*xs):
            return joined(self.ours(*self.full(xs, constants)))

        def line(ts):
            def s(h):
                moved = [x + h * t for x, t in zip(xs, ts)]
                try:
                    return inner(w, joined(self.theirs(*self.full(moved, self.arrays))))
                except Exception:
                    return np.nan

            return s

        s = line(ts)
        try:
            ans, tangent = dr.jvp(f, xs, ts)
            _, pull = dr.vjp(f, *xs)
            cts = pull(w)
        except DualrevError as error:
            counts[f"refused: {type(error).__name__}"] += 1
            return
        if not self.same(ans, expected):
            self.faults.append("traced value differs")
        pushed, pulled = inner(w, tangent), inner(cts, ts)
        if not (np.isfinite(pushed) or np.isfinite(pulled)):
            counts["first: nan or infinite"] += 1
        else:
            scale = np.linalg.norm(np.ravel(w)) * np.linalg.norm(np.ravel(tangent)) + 1e-3
            if not abs(pushed - pulled) <= 1e-8 * scale:
                if not (np.isfinite(pushed) and np.isfinite(pulled)):
                    counts["first: nan in one mode"] += 1
                    self.notes.append(f"one mode: {pushed} {pulled}")
                else:
                    self.faults.append(f"pushed {pushed}, pulled {pulled}")
        slope, error, sure = converged(s)
        kink = kinked(s)
        if not kink and sure:
            # Where all data are equal, say, slopes exist in every direction, and no derivative.
            us = tuple(like(rng, x) for x in xs)
            other, _, sure_too = converged(line(us))
            both, _, sure_both = converged(line(tuple(t + u for t, u in zip(ts, us))))
            kink = sure_too and sure_both and abs(slope + other - both) > 1e-4 * (1 + abs(both))
        if kink:
            counts["kinks"] += 1
        elif np.isfinite(pushed):
            if sure:
                counts["first: compared"] += 1
                if abs(slope - pushed) > 1e-5 * (1 + abs(slope)) + 20 * error:
                    self.faults.append(f"slope {pushed}, differences {slope} +- {error:.1e}")
            else:
                counts["first: differences diverge"] += 1
        self.second(f, xs, ts, w, s, kink)
        self.late(xs, w, cts)

    def second(self, f, xs, ts, w, s, kink):
        counts = self.counts

        def gradient(*xs):
            return dr.vjp(f, *xs)[1](w)

        def along(*xs):
            return np.real(np.sum(np.conj(w) * dr.jvp(f, xs, ts)[1]))

        def attempt(nesting):
            try:
                return nesting()
            except DualrevError as error:
                counts[f"second refused: {type(error).__name__}"] += 1
                return np.nan

        found = {
            "ff": attempt(lambda: float(dr.jvp(along, xs, ts)[1])),
            "fr": attempt(lambda: inner(dr.jvp(gradient, xs, ts)[1], ts)),
            "rr": attempt(lambda: inner(dr.vjp(gradient, *xs)[1](ts), ts)),
            "rf": attempt(lambda: inner(dr.vjp(along, *xs)[1](np.float64(1)), ts)),
        }
        finite = {k: v for k, v in found.items() if np.isfinite(v)}
        if not finite:
            counts["second: nan"] += 1
            return
        if len(finite) < 4:
            counts["second: nan in some nestings"] += 1
            self.notes.append(f"nan in some nestings: {found}")
        counts["second: compared with each other"] += 1
        values = np.array(list(finite.values()))
        scale = 1 + np.abs(values).max()
        if np.ptp(values) > 1e-6 * scale:
            self.faults.append(f"nestings {found}, kink {kink}")
        elif kink:
            counts["kinks with second derivatives"] += 1
            self.notes.append(f"kink with second derivatives {found}")
        elif not kinked(s, 2):
            curve, error, sure = converged(s, 2)
            if sure:
                counts["second: compared with differences"] += 1
                if abs(curve - values[0]) > 1e-4 * (1 + abs(curve)) + 20 * error:
                    self.faults.append(f"curvature {found}, differences {curve} +- {error:.1e}")

    def late(self, xs, w, cts):
        """What is spoiled after the call changes no pull, or raises."""
        given = [np.array(x) for x in self.arrays]
        mine = tuple(given[i] for i in self.active)
        try:
            _, pull = dr.vjp(lambda *xs: joined(self.ours(*self.full(xs, given))), *mine)
            for x in given:
                if x.ndim:
                    spoil(x)
            again = pull(w)
        except DualrevError:
            self.counts["spoiled: refused"] += 1
            return
        self.counts["spoiled: compared"] += 1
        for a, b in zip(cts, again):
            if not np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True):
                self.faults.append(f"spoiled constants change a pull: {a} {b}")


def run(draw, seed, counts, notes):
    """The faults of one draw, with what shows them again."""
    rng = np.random.default_rng(seed)
    label, program, arrays = draw(rng)
    one = Run(program, arrays, rng, counts)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            one.check()
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            one.faults.append(f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})")
    given = [np.array2string(np.asarray(x)) for x in arrays]
    notes.extend((seed, label, note) for note in one.notes)
    return [(seed, label, one.active, given, fault) for fault in one.faults]


@pytest.mark.parametrize("name", FAMILIES)
def test_twins_are_right_or_say_nan(name):
    counts, notes, faults = collections.Counter(), [], []
    for draw in range(DRAWS):
        faults += run(FAMILIES[name], [zlib.crc32(name.encode()), draw], counts, notes)
    assert faults == []
    # Else the draws would say nothing.
    assert counts["first: compared"] > DRAWS / 3
    assert counts["second: compared with each other"] > DRAWS / 3
    assert counts["spoiled: compared"] > DRAWS / 3
