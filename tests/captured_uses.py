"""Ways in which a function uses an array, a list or a matrix that is not differentiated by.

Each is called ``f(x, c)`` with what ``make()`` answers for c; :func:`spoil` changes it afterwards.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from dualrev.scipy import fft, integrate, interpolate, linalg, ndimage, signal, special, stats
from dualrev.scipy.sparse import linalg as sparse_linalg
from dualrev.scipy.spatial import distance


class Use(NamedTuple):
    """One way to use a constant: ``f(x, c)`` with a new constant by ``make()``."""

    f: Callable
    make: Callable


X = np.array([0.7, 1.3, 2.1])
GRID = np.arange(9.0).reshape(3, 3) / 4 + np.eye(3)
CUBE = np.arange(27.0).reshape(3, 3, 3) / 9


def numbers(*shape):
    """Positive numbers, the same at each call."""
    return np.random.default_rng(7).random(shape) + 0.1


def regular():
    return numbers(3, 3) + 3 * np.eye(3)


def definite():
    a = numbers(3, 3)
    return a @ a.T + 3 * np.eye(3)


def spoil(c):
    """Change what a constant holds, as a buffer that is used again would."""
    if isinstance(c, list | tuple):
        if isinstance(c, list) and not isinstance(c[0], list | np.ndarray):
            c.reverse()
        for part in c:
            spoil(part)
    elif isinstance(c, np.ndarray):
        if c.dtype == bool:
            c[...] = ~c
        elif c.dtype.kind == "i":
            c[...] = c[::-1].copy()
        else:
            c[...] = 1.7 * c + 0.3
    elif sp.issparse(c):
        c.data[...] = 1.7 * c.data + 0.3
        for name in ("indices", "offsets", "row", "col"):
            if hasattr(c, name):
                spoil(getattr(c, name))


def written(write):
    """The function of x that writes into ``y = x * 1.0`` and multiplies it by x."""

    def f(x, c):
        y = x * 1.0
        write(y, x, c)
        return y * x

    return f


def axes(function):
    """A function of a matrix and a list of axes or lengths, weighed so that they matter."""
    return lambda x, c: function(np.outer(x, x**2), c) ** 2 * GRID


MASK = lambda: np.array([True, False, False])  # noqa: E731
PLACES = lambda: np.array([0, 1, 1])  # noqa: E731
TIMES = lambda: np.array([0.0, 1.0, 3.0])  # noqa: E731
KNOTS = lambda: np.array([0.0, 0, 0, 0, 5, 5, 5, 5])  # noqa: E731
FILTER = lambda: (numbers(2), np.array([1.0, 0.3]))  # noqa: E731
WEIGHTS = np.arange(1.0, 4.0)

NUMPY = {
    "x * c": Use(lambda x, c: x * c, lambda: numbers(3)),
    "x * a row of c": Use(lambda x, c: x * c[0], lambda: numbers(2, 3)),
    "x * every second of c": Use(lambda x, c: x * c[::2], lambda: numbers(6)),
    "x * c broadcast": Use(
        lambda x, c: np.outer(x, x) * np.broadcast_to(c, (3, 3)), lambda: numbers(3)
    ),
    "x * mask": Use(lambda x, c: x**2 * c, MASK),
    "x * integers": Use(lambda x, c: x**2 * c, lambda: np.array([1, 2, 3])),
    "x * 0-d": Use(lambda x, c: x * c, lambda: np.array(2.5)),
    "x ** c": Use(lambda x, c: x**c, lambda: numbers(3)),
    "x ** integers": Use(lambda x, c: x**c, lambda: np.array([1, 2, 3])),
    "maximum": Use(lambda x, c: np.maximum(x, c) * c, lambda: np.array([0.1, 2.0, 0.1])),
    "clip": Use(lambda x, c: np.clip(x**2, c, 3.0), lambda: np.array([0.1, 2.0, 0.1])),
    "einsum": Use(lambda x, c: np.einsum("i,ij,jk", x, c[0], c[1]), lambda: (regular(), GRID + 1)),
    "tensordot axes": Use(lambda x, c: np.tensordot(x, GRID, axes=c), lambda: ([0], [1])),
    "kron": Use(np.kron, lambda: numbers(2)),
    "cross": Use(np.cross, lambda: numbers(3)),
    "convolve": Use(np.convolve, lambda: numbers(2)),
    "multi_dot": Use(lambda x, c: np.linalg.multi_dot([x, *c]), lambda: [regular(), GRID + 1]),
    "linalg.solve": Use(lambda x, c: np.linalg.solve(c, x), regular),
    "linalg.lstsq": Use(lambda x, c: np.linalg.lstsq(c, x)[0], lambda: numbers(3, 2)),
    "linalg.tensorsolve": Use(lambda x, c: np.linalg.tensorsolve(c, x), regular),
    "fft": Use(lambda x, c: np.abs(np.fft.fft(x) * c) ** 2, lambda: numbers(3)),
    "fftn axes": Use(axes(lambda a, c: np.abs(np.fft.fftn(a, axes=c))), lambda: [0]),
    "interp": Use(lambda x, c: np.interp(x, *c) ** 2, lambda: (np.arange(4.0), numbers(4))),
    "interp of lists": Use(
        lambda x, c: np.interp(x, *c) ** 2, lambda: ([0.0, 1.0, 2.0, 3.0], [3.0, 1.0, 4.0, 1.5])
    ),
    "where": Use(lambda x, c: np.where(c, x, x**2), MASK),
    "where of a list": Use(lambda x, c: np.where(c, x, x**2), lambda: [True, False, False]),
    "select": Use(
        lambda x, c: np.select(c, [x, x**2], x**3), lambda: [MASK(), ~MASK() & [True, True, False]]
    ),
    "choose": Use(lambda x, c: np.choose(c, [x, x**2]), PLACES),
    "piecewise": Use(
        lambda x, c: np.piecewise(x, c, [lambda v: v**2, lambda v: v**3]),
        lambda: [MASK(), ~MASK()],
    ),
    "take": Use(lambda x, c: np.take(x, c) ** 2 * WEIGHTS, PLACES),
    "take of a list": Use(lambda x, c: np.take(x, c) ** 2 * WEIGHTS, lambda: [0, 1, 1]),
    "x[list]": Use(lambda x, c: x[c] ** 2 * WEIGHTS, lambda: [0, 1, 1]),
    "x[mask]": Use(lambda x, c: np.sum(x[c] ** 2), MASK),
    "x[ix_]": Use(lambda x, c: np.outer(x, x**2)[np.ix_(c, c)] ** 2, lambda: np.array([0, 1])),
    "take_along_axis": Use(lambda x, c: np.take_along_axis(x**2, c, 0) * WEIGHTS, PLACES),
    "compress": Use(lambda x, c: np.compress(c, x**2), lambda: [True, False, False]),
    "repeat": Use(lambda x, c: np.repeat(x, c) ** 2 * np.arange(1.0, 5), lambda: [2, 1, 1]),
    "y[list] = x": Use(written(lambda y, x, c: y.__setitem__(c, x[:2] ** 2)), lambda: [0, 1]),
    "y[...] = c": Use(written(lambda y, x, c: y.__setitem__(slice(2), c)), lambda: numbers(2)),
    "add.at": Use(written(lambda y, x, c: np.add.at(y, c, x)), PLACES),
    "put": Use(written(lambda y, x, c: np.put(y, *c)), lambda: ([0, 1], [5.0, 6.0])),
    "place": Use(
        written(lambda y, x, c: np.place(y, *c)),
        lambda: (np.array([True, False, True]), [5.0, 6.0]),
    ),
    "putmask": Use(written(lambda y, x, c: np.putmask(y, c, x**2)), MASK),
    "copyto": Use(written(lambda y, x, c: np.copyto(y, x**2, where=c)), MASK),
    "out= where=": Use(lambda x, c: np.multiply(x, 2.0, out=x * 1.0, where=c) ** 2, MASK),
    "np.transpose": Use(axes(np.transpose), lambda: [1, 0]),
    "np.transpose by an array": Use(axes(np.transpose), lambda: np.array([1, 0])),
    "x.transpose": Use(axes(lambda a, c: a.transpose(c)), lambda: [1, 0]),
    "np.reshape": Use(lambda x, c: np.reshape(np.outer(x, x[:2]), c) ** 2, lambda: [2, 3]),
    "x.reshape": Use(lambda x, c: np.outer(x, x[:2]).reshape(c) ** 2, lambda: [2, 3]),
    "moveaxis": Use(
        lambda x, c: np.moveaxis(x[:, None, None] * CUBE, *c) ** 2 * CUBE, lambda: ([0, 1], [2, 0])
    ),
    "roll": Use(axes(lambda a, c: np.roll(a, c[0], axis=c[1])), lambda: ([1, 2], [0, 1])),
    "pad": Use(lambda x, c: np.pad(x, c, mode="edge") ** 2 * np.arange(1.0, 7), lambda: [1, 2]),
    "tile": Use(lambda x, c: np.tile(np.outer(x, x), c) ** 2, lambda: [1, 2]),
    "split": Use(lambda x, c: np.split(x, c)[0] ** 2, lambda: [1, 2]),
    "insert": Use(lambda x, c: np.insert(x, c, 5.0) ** 2 * np.arange(1.0, 6), lambda: [0, 1]),
    "concatenate": Use(
        lambda x, c: np.concatenate([x, c]) * np.concatenate([c, x]), lambda: numbers(3)
    ),
    "average": Use(lambda x, c: np.average(x, weights=c), lambda: [1.0, 2.0, 4.0]),
    "quantile": Use(lambda x, c: np.quantile(x, c) ** 2, lambda: np.array([0.2, 0.7])),
    "percentile": Use(lambda x, c: np.percentile(x, c) ** 2, lambda: [20.0, 70.0]),
    "cov": Use(lambda x, c: np.cov(x, aweights=c), lambda: WEIGHTS.copy()),
    "histogram bins": Use(
        lambda x, c: np.histogram([0.1, 0.5, 0.9], bins=c, weights=x)[0] ** 2,
        lambda: np.array([0.0, 0.4, 0.6, 1.0]),
    ),
    "histogram data": Use(
        lambda x, c: np.histogram(c, bins=[0, 0.4, 0.6, 3.0], weights=x)[0] ** 2,
        lambda: np.array([0.1, 0.5, 0.9]),
    ),
    "histogramdd": Use(
        lambda x, c: np.histogramdd(c, bins=[[0, 0.5, 3.0]] * 2, weights=x)[0] ** 2,
        lambda: np.array([[0.1, 0.2], [0.4, 0.9], [0.9, 0.3]]),
    ),
    "bincount": Use(lambda x, c: np.bincount(c, weights=x) ** 2, lambda: [0, 1, 1]),
    "trapezoid": Use(np.trapezoid, lambda: [0.0, 1.0, 3.0]),
    "gradient": Use(lambda x, c: np.gradient(x, c) ** 2, TIMES),
    "diff": Use(lambda x, c: np.diff(x, prepend=c) ** 2, lambda: numbers(2)),
    "polyval": Use(lambda x, c: np.polyval(c, x), lambda: [1.0, 2.0, 3.0]),
    "polyfit": Use(lambda x, c: np.polyfit(c, x, 1), TIMES),
    "Polynomial": Use(lambda x, c: np.polynomial.Polynomial(c)(x), lambda: numbers(3)),
    "chebval": Use(np.polynomial.chebyshev.chebval, lambda: [1.0, 0.5, 0.25]),
    "sum where=": Use(lambda x, c: np.sum(x**2, where=c), MASK),
    "add.reduceat": Use(lambda x, c: np.add.reduceat(x**2, c), lambda: np.array([0, 1])),
    "apply_along_axis": Use(
        lambda x, c: np.apply_along_axis(lambda row: row * c, 0, x), lambda: numbers(3)
    ),
}


def _sparse(kind):
    return lambda: sp.random_array((3, 3), density=0.7, rng=np.random.default_rng(3)).asformat(kind)


SPARSE = {
    f"{text} of {kind}": Use(f, _sparse(kind))
    for kind in ("csr", "csc", "coo", "bsr", "dia")
    for text, f in {
        "S @ x": lambda x, c: (c @ x**2) * x,
        "x @ S": lambda x, c: (x**2 @ c) * x,
    }.items()
}

_OF_STRUCTURE = {
    "sym": definite,
    "her": definite,
    "pos": definite,
    "diagonal": lambda: np.diag([1.0, 2.0, 3.0]),
    "lower triangular": lambda: np.tril(regular()),
    "upper triangular": lambda: np.triu(regular()),
    "tridiagonal": lambda: np.triu(np.tril(regular(), 1), -1),
    "banded": lambda: np.triu(np.tril(regular(), 1), -1),
    "gen": regular,
    None: regular,
}
LINALG = {
    f"solve, assume_a={structure}": Use(
        lambda x, c, structure=structure: linalg.solve(c, x, assume_a=structure), make
    )
    for structure, make in _OF_STRUCTURE.items()
} | {
    "solve_triangular": Use(lambda x, c: linalg.solve_triangular(c, x), regular),
    "lu_solve": Use(lambda x, c: linalg.lu_solve(c, x), lambda: (regular(), np.arange(3))),
    "cho_solve": Use(lambda x, c: linalg.cho_solve((c, True), x), lambda: np.tril(regular())),
    "solve_banded": Use(lambda x, c: linalg.solve_banded((1, 1), c, x), regular),
    "solveh_banded": Use(
        lambda x, c: linalg.solveh_banded(c, x), lambda: np.array([[0.1, 0.2, 0.3], [3.0, 4, 5]])
    ),
    "solve_toeplitz": Use(
        lambda x, c: linalg.solve_toeplitz(c, x), lambda: np.array([5.0, 1.0, 2.0])
    ),
    "lstsq": Use(lambda x, c: linalg.lstsq(c, x)[0], lambda: numbers(3, 2)),
    "solve_sylvester": Use(
        lambda x, c: linalg.solve_sylvester(*c, np.outer(x, x**2)), lambda: (regular(), GRID + 1)
    ),
    "solve_discrete_lyapunov": Use(
        lambda x, c: linalg.solve_discrete_lyapunov(c, np.outer(x, x**2)), lambda: regular() / 10
    ),
    "solve_continuous_are": Use(
        lambda x, c: linalg.solve_continuous_are(*c[:2], np.diag(x), c[2]),
        lambda: (regular(), GRID + 1, definite()),
    ),
    "expm_frechet": Use(lambda x, c: linalg.expm_frechet(c, np.outer(x, x**2))[1], regular),
    "eigh of a pair": Use(
        lambda x, c: linalg.eigh(np.diag(x) + 0.1, c, eigvals_only=True), definite
    ),
    "spsolve": Use(lambda x, c: sparse_linalg.spsolve(c, x), lambda: sp.csc_array(regular())),
    "splu": Use(lambda x, c: sparse_linalg.splu(c).solve(x), lambda: sp.csc_array(regular())),
    "factorized": Use(lambda x, c: sparse_linalg.factorized(c)(x), lambda: sp.csc_array(regular())),
    "cg": Use(lambda x, c: sparse_linalg.cg(c, x, rtol=1e-12)[0], definite),
    "cg of an operator": Use(
        lambda x, c: sparse_linalg.cg(sp.linalg.aslinearoperator(c) * 2, x, rtol=1e-12)[0], definite
    ),
    "cg, M": Use(lambda x, c: sparse_linalg.cg(definite(), x, rtol=1e-12, M=c)[0], definite),
    "expm_multiply": Use(
        lambda x, c: sparse_linalg.expm_multiply(c, x), lambda: sp.csr_array(regular() / 5)
    ),
}
SCIPY = {
    "lfilter": Use(lambda x, c: signal.lfilter(*c, x), FILTER),
    "sosfilt": Use(
        lambda x, c: signal.sosfilt(c, x), lambda: np.array([[0.3, 0.2, 0.1, 1.0, 0.2, 0.1]])
    ),
    "filtfilt": Use(lambda x, c: signal.filtfilt(*c, np.tile(x, 10)), FILTER),
    "fftconvolve": Use(signal.fftconvolve, lambda: numbers(2)),
    "convolve2d": Use(lambda x, c: signal.convolve2d(np.outer(x, x), c), lambda: numbers(2, 2)),
    "resample_poly": Use(lambda x, c: signal.resample_poly(x, 2, 1, window=c), lambda: numbers(5)),
    "freqz": Use(lambda x, c: np.abs(signal.freqz(x, c)[1]) ** 2, lambda: np.array([1.0, 0.3])),
    "ndimage.convolve": Use(
        lambda x, c: ndimage.convolve(np.outer(x, x), c), lambda: numbers(2, 2)
    ),
    "gaussian_filter": Use(axes(ndimage.gaussian_filter), lambda: [1.0, 2.0]),
    "map_coordinates": Use(
        lambda x, c: ndimage.map_coordinates(np.outer(x, x**2), c),
        lambda: np.array([[0.5, 1.2], [0.7, 1.1]]),
    ),
    "affine_transform": Use(
        axes(ndimage.affine_transform), lambda: np.array([[0.9, 0.1], [0.05, 1.0]])
    ),
    "shift": Use(axes(ndimage.shift), lambda: [0.3, 0.6]),
    "scipy.fft.fftn": Use(axes(lambda a, c: np.abs(fft.fftn(a, axes=c))), lambda: [0]),
    "simpson": Use(lambda x, c: integrate.simpson(x, x=c), TIMES),
    "cumulative_trapezoid": Use(integrate.cumulative_trapezoid, TIMES),
    "cdist": Use(lambda x, c: distance.cdist(x[:, None], c), lambda: numbers(3, 1)),
    "cdist, w": Use(lambda x, c: distance.cdist(np.outer(x, x**2), GRID, w=c), lambda: numbers(3)),
    "cdist, VI": Use(
        lambda x, c: distance.cdist(np.outer(x, x**2), GRID, "mahalanobis", VI=c), definite
    ),
    "mahalanobis": Use(lambda x, c: distance.mahalanobis(x, np.zeros(3), c), definite),
    "multivariate_normal": Use(
        lambda x, c: stats.multivariate_normal.logpdf(x, *c), lambda: (numbers(3), definite())
    ),
    "norm": Use(lambda x, c: stats.norm.logpdf(c, x, 1.0), lambda: numbers(3)),
    "logsumexp": Use(lambda x, c: special.logsumexp(x, b=c), lambda: numbers(3)),
}


def _data():
    return np.array([0.0, 1.0, 2.0, 3.5, 5.0]), numbers(5)


_THROUGH_DATA = (
    interpolate.CubicSpline,
    interpolate.PchipInterpolator,
    interpolate.Akima1DInterpolator,
    interpolate.make_interp_spline,
    interpolate.BarycentricInterpolator,
    interpolate.KroghInterpolator,
    interpolate.interp1d,
)
INTERPOLATE = (
    {
        f"{made.__name__} of data": Use(lambda x, c, made=made: made(*c)(x), _data)
        for made in _THROUGH_DATA
    }
    | {
        f"{made.__name__} at points": Use(
            lambda x, c, made=made: made(_data()[0], np.concatenate([x, x[:2] ** 2]))(c),
            lambda: np.array([0.3, 1.2, 2.2]),
        )
        for made in _THROUGH_DATA
    }
    | {
        "splev": Use(lambda x, c: interpolate.splev(x, (*c, 3)), lambda: (KNOTS(), numbers(8))),
        "BSpline": Use(lambda x, c: interpolate.BSpline(*c, 3)(x), lambda: (KNOTS(), numbers(4))),
        "PPoly": Use(
            lambda x, c: interpolate.PPoly(*c)(x),
            lambda: (numbers(3, 2), np.array([0.0, 1.5, 3.0])),
        ),
        "RegularGridInterpolator": Use(
            lambda x, c: interpolate.RegularGridInterpolator(c[:2], c[2])(np.stack([x, x / 2], -1)),
            lambda: (np.arange(4.0), np.arange(3.0), numbers(4, 3)),
        ),
        "RBFInterpolator": Use(
            lambda x, c: interpolate.RBFInterpolator(*c)(x[:, None]),
            lambda: (np.array([[0.0], [1.0], [3.0]]), numbers(3)),
        ),
    }
)

USES = NUMPY | SPARSE | LINALG | SCIPY | INTERPOLATE
