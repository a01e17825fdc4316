"""Cases of dualrev/scipy/interpolate."""

import numpy as np
from scipy.sparse.linalg import spsolve

from dualrev.scipy import interpolate
from tests.cases import case, positive, real

X = np.cumsum(positive(7))
Y = real(7)
# Outside on both sides, and inside, away from the sites.
AT = np.array([X[0] - 0.3, X[0] + 0.1, X[2] + 0.13, X[3] + 0.07, X[5] + 0.06, X[-1] + 0.4])
INSIDE = AT[1:-1]
GRID = (np.cumsum(positive(6)), np.cumsum(positive(7, seed=1)))
LOW, HIGH = (np.array([x[i] for x in GRID]) for i in (0, -1))
PLACES = LOW + (HIGH - LOW) * positive(5, 2, low=0.02, high=0.98)
KNOTS = np.concatenate([[X[0]] * 4, [X[3] + 0.1], [X[-1]] * 4])
# Knots of which no two are one, nor of any row near to these, and one that was chosen.
APART = np.array(
    [X[0] - 0.5, X[0] - 0.3, X[0] - 0.1, *X[[2, 4]] + 0.1, *X[[-1] * 3] + [0.1, 0.8, 1.6]]
)
CHOSEN = np.array([X[3] + 0.1])
SCATTERED = real(8, 2)
# Inside and outside of their hull, away from edges.
WITHIN = np.append(SCATTERED[:1] * 0.2 + SCATTERED[3:4] * 0.33 + SCATTERED[5:6] * 0.46, [[5, 5]], 0)
# The slopes that SciPy finds iteratively, to rounding; outside not nan, which no law compares.
EXACT = {"tol": 1e-14, "maxiter": 10**4, "fill_value": 0.5}


def through(curve, *args, label="", **options):
    """Cases of a class of curves through points: in sites, values and points, and in each alone."""

    def call(x, y, at):
        return curve(x, y, **options)(at)

    x, y, at = args
    return [
        case(curve, x, y, at, call=call, label=f"{label}{options}"),
        case(curve, at, call=lambda at: call(x, y, at), label=f"{label}{options} at"),
        case(curve, y, call=lambda y: call(x, y, at), label=f"{label}{options} y"),
    ]


def closed(y):
    return np.append(y, y[0])


def of_data(function, call, *arrays, **options):
    return case(function, *arrays, call=call, **options)


def scattered(name, values, at, **options):
    """A case of a class of scattered data."""
    made = getattr(interpolate, name)

    def call(sites, values, at):
        return made(sites, values, **options)(at)

    label = f"{name}({options})"
    return case(made, SCATTERED, values, at, call=call, label=label, dtypes="")


def rgi(method, points=GRID, **options):
    solver = {"solver": spsolve} if method in ("slinear", "cubic", "quintic") else {}
    return lambda v, at: interpolate.RegularGridInterpolator(
        points, v, method, bounds_error=False, fill_value=None, **solver
    )(at, **options)


SPLINE = interpolate.CubicSpline
SPLREP = interpolate.splrep

CASES = [
    *through(SPLINE, X, Y, AT),
    *through(SPLINE, X, real(2, 7, 2), AT.reshape(2, 3), axis=1),
    *(
        row
        for bc in ("clamped", "natural", ("natural", (1, 0.3)), ((2, -0.4), "not-a-knot"))
        for row in through(SPLINE, X, Y, AT, bc_type=bc)[:1]
    ),
    *(
        case(
            SPLINE,
            X[:n],
            Y[: n - 1],
            AT,
            call=lambda x, y, at: SPLINE(x, closed(y), bc_type="periodic")(at),
            label=f"CubicSpline(periodic, {n})",
        )
        for n in (3, 4, 6)
    ),
    *(through(SPLINE, X[:n], Y[:n], AT)[0] for n in (2, 3, 4)),
    case(
        SPLINE,
        X,
        real(7, 2),
        real(2, seed=3),
        real(2, seed=4),
        call=lambda x, y, a, b: SPLINE(x, y, bc_type=((1, a), (2, b)))(INSIDE),
        label="CubicSpline(ends)",
    ),
    case(
        SPLINE,
        X,
        Y + 1j * real(7, seed=2),
        INSIDE,
        call=lambda x, y, at: SPLINE(x, y)(at),
        label="CubicSpline(complex)",
        dtypes="",
    ),
    *(
        case(
            SPLINE,
            X,
            Y,
            AT,
            call=lambda x, y, at, method=method: method(SPLINE(x, y), at),
            label=f"CubicSpline.{name}",
        )
        for name, method in {
            "__call__(nu=2)": lambda p, at: p(at, 2),
            "derivative": lambda p, at: p.derivative()(at),
            "derivative(5)": lambda p, at: p.derivative(5)(at),
            "antiderivative(2)": lambda p, at: p.antiderivative(2)(at),
            "integrate": lambda p, at: p.integrate(at[0], at[4]),
            "integrate(periodic)": lambda p, at: p.integrate(at[4], at[0], "periodic"),
            "periodic": lambda p, at: p(at, extrapolate="periodic"),
        }.items()
    ),
    case(
        interpolate.CubicHermiteSpline,
        X,
        Y,
        real(7, seed=5),
        call=lambda x, y, s: interpolate.CubicHermiteSpline(x, y, s)(AT),
    ),
    *through(interpolate.PchipInterpolator, X, real(7, 2), AT),
    *through(interpolate.PchipInterpolator, X[:2], Y[:2], AT),
    *through(interpolate.Akima1DInterpolator, X, real(7, 2), AT, extrapolate=True),
    *through(interpolate.Akima1DInterpolator, X, Y, AT, extrapolate=True, method="makima"),
    case(
        interpolate.PPoly,
        real(3, 6),
        X,
        AT,
        call=lambda c, x, at: interpolate.PPoly(c, x)(at),
    ),
    case(
        interpolate.PPoly,
        real(2, 3, 6),
        X[::-1],
        AT,
        call=lambda c, x, at: interpolate.PPoly(c, x, axis=1)(at, 1),
        label="PPoly(decreasing, axis=1)",
    ),
    *(
        case(
            interpolate.make_interp_spline,
            real(7, 2),
            INSIDE,
            call=lambda y, at, k=k, nu=nu: interpolate.make_interp_spline(X, y, k)(at, nu),
            label=f"make_interp_spline(k={k}, nu={nu})",
        )
        for k, nu in ((0, 0), (1, 0), (2, 1), (3, 0), (3, 2), (4, 0), (5, 1))
    ),
    *(
        case(
            interpolate.make_interp_spline,
            real(2, 7),
            AT,
            call=lambda y, at, bc=bc, k=k: interpolate.make_interp_spline(
                X, y, k, bc_type=bc, axis=1
            )(at),
            label=f"make_interp_spline({bc!r})",
        )
        for k, bc in ((3, "clamped"), (3, "natural"), (3, "not-a-knot"))
    ),
    *(
        case(
            interpolate.make_interp_spline,
            Y[:-1],
            AT,
            call=lambda y, at, k=k: interpolate.make_interp_spline(
                X, closed(y), k, bc_type="periodic"
            )(at),
            label=f"make_interp_spline(periodic, k={k})",
        )
        for k in (3, 4)
    ),
    case(
        interpolate.make_interp_spline,
        Y,
        real(4),
        call=lambda y, d: interpolate.make_interp_spline(
            X, y, 5, bc_type=([(1, d[0]), (2, d[1])], [(1, d[2]), (3, d[3])])
        )(AT),
        label="make_interp_spline(ends)",
    ),
    *(
        case(
            interpolate.make_interp_spline,
            X,
            real(7, 2),
            INSIDE,
            call=lambda x, y, at, bc=bc, k=k: interpolate.make_interp_spline(x, y, k, bc_type=bc)(
                at
            ),
            label=f"make_interp_spline(sites, k={k}, {bc})",
        )
        for k, bc in ((2, None), (3, "natural"))
    ),
    case(
        interpolate.make_lsq_spline,
        X,
        Y,
        APART,
        positive(7, seed=3),
        call=lambda x, y, t, w: interpolate.make_lsq_spline(x, y, t, 2, w)(INSIDE),
        label="make_lsq_spline(sites, knots)",
        # In float32 knots that were apart are not.
        dtypes="",
    ),
    *(
        case(
            interpolate.BSpline,
            APART,
            real(5),
            INSIDE,
            call=lambda t, c, at, method=method: method(interpolate.BSpline(t, c, 2), at),
            label=f"BSpline(knots).{name}",
        )
        for name, method in {
            "__call__": lambda s, at: s(at, 1),
            "periodic": lambda s, at: s(at, 0, "periodic"),
            "integrate": lambda s, at: s.antiderivative().derivative().integrate(at[0], at[3]),
        }.items()
    ),
    *(
        case(
            interpolate.LSQUnivariateSpline,
            X,
            Y,
            CHOSEN,
            positive(7, seed=3),
            call=lambda x, y, t, w, method=method: method(
                interpolate.LSQUnivariateSpline(x, y, t, w)
            ),
            label=f"LSQUnivariateSpline.{name}",
            dtypes="",
        )
        for name, method in {
            "__call__": lambda s: s(AT, ext=3),
            "derivative": lambda s: s.derivative()(INSIDE, 1),
            "integral": lambda s: s.antiderivative().integral(INSIDE[0], INSIDE[2]),
            "roots": lambda s: s.roots(),
            "get_residual": lambda s: s.get_residual(),
        }.items()
    ),
    case(
        interpolate.InterpolatedUnivariateSpline,
        X,
        Y,
        INSIDE,
        call=lambda x, y, at: interpolate.InterpolatedUnivariateSpline(x, y, k=2)(at),
        dtypes="",
    ),
    case(
        interpolate.splprep,
        X,
        Y,
        INSIDE,
        call=lambda x, y, at: np.stack(
            interpolate.splev(at / X[-1], interpolate.splprep([x, y], s=0)[0])
        ),
        dtypes="",
    ),
    case(
        interpolate.make_splprep,
        X,
        Y,
        call=lambda x, y: interpolate.make_splprep([x, y])[0](INSIDE / X[-1]),
        dtypes="",
    ),
    case(
        interpolate.CubicSpline.roots,
        X,
        Y,
        call=lambda x, y: interpolate.CubicSpline(x, y).solve(0.1),
    ),
    case(
        interpolate.make_lsq_spline,
        real(7, 2),
        AT,
        call=lambda y, at: interpolate.make_lsq_spline(X, y, KNOTS, w=X)(at),
    ),
    *(
        case(
            interpolate.BSpline,
            real(5, 2),
            AT,
            call=lambda c, at, method=method: method(interpolate.BSpline(KNOTS, c, 3), at),
            label=f"BSpline.{name}",
        )
        for name, method in {
            "__call__": lambda s, at: s(at),
            "periodic": lambda s, at: s(at, 1, "periodic"),
            "derivative(2)": lambda s, at: s.derivative(2)(at),
            "antiderivative(2)": lambda s, at: s.antiderivative(2)(at),
            "integrate": lambda s, at: s.integrate(at[0], at[3]),
            "integrate(bounded)": lambda s, at: s.integrate(at[3], at[0], False),
            "integrate(periodic)": lambda s, at: s.integrate(at[0], at[3], "periodic"),
        }.items()
    ),
    case(
        interpolate.RectBivariateSpline,
        *GRID,
        real(6, 7),
        *PLACES.T,
        call=lambda x, y, z, at, to: interpolate.RectBivariateSpline(x, y, z, kx=2).ev(at, to),
        dtypes="",
    ),
    *(
        case(
            interpolate.RectBivariateSpline,
            real(6, 7),
            np.sort(PLACES[:, 0]),
            np.sort(PLACES[:, 1]),
            call=lambda z, at, to, method=method: method(
                interpolate.RectBivariateSpline(*GRID, z), at, to
            ),
            label=f"RectBivariateSpline.{name}",
            dtypes="",
        )
        for name, method in {
            "__call__": lambda s, at, to: s(at, to, 1, 1),
            "integral": lambda s, at, to: s.integral(at[0], at[3], to[0], to[2]),
            "partial_derivative": lambda s, at, to: s.partial_derivative(1, 2).ev(at, to),
        }.items()
    ),
    case(
        interpolate.LSQBivariateSpline,
        *real(20, 2, low=0.0, high=3.0).T,
        real(20),
        np.array([1.4]),
        positive(20),
        call=lambda x, y, z, t, w: interpolate.LSQBivariateSpline(
            x, y, z, t, [1.5], w, kx=1, ky=1
        ).ev(*PLACES.T),
        dtypes="",
    ),
    case(
        interpolate.bisplev,
        *real(12, 2, low=0.0, high=3.0).T,
        real(12),
        call=lambda x, y, z: interpolate.bisplev(
            [0.5, 1.2], 1.5, interpolate.bisplrep(x, y, z, kx=1, ky=1, s=1e3)
        ),
        dtypes="",
    ),
    *(
        case(
            interpolate.splev,
            Y,
            AT,
            call=lambda y, at, der=der, ext=ext: interpolate.splev(at, SPLREP(X, y), der, ext),
            label=f"splev(der={der}, ext={ext})",
        )
        for der, ext in ((0, 0), (1, 1), (0, 3))
    ),
    case(
        interpolate.splint,
        Y,
        AT,
        call=lambda y, at: interpolate.splint(at[1], at[4], SPLREP(X, y)),
    ),
    *(
        case(
            interpolate.RegularGridInterpolator,
            real(6, 7, 2),
            np.concatenate([PLACES, [LOW - 0.3, HIGH + 0.2]]),
            call=rgi(method),
            label=f"RegularGridInterpolator({method})",
        )
        for method in ("linear", "nearest", "slinear", "cubic", "quintic", "pchip", "cubic_legacy")
    ),
    case(
        interpolate.RegularGridInterpolator,
        real(6, 7),
        PLACES,
        call=rgi("cubic", (GRID[0], GRID[1][::-1]), nu=(1, 0)),
        label="RegularGridInterpolator(descending, nu)",
    ),
    *(
        case(
            interpolate.RegularGridInterpolator,
            *GRID,
            real(6, 7),
            PLACES,
            call=lambda a, b, v, at, method=method: interpolate.RegularGridInterpolator(
                (a, b), v, method
            )(at),
            label=f"RegularGridInterpolator({method}, grid)",
        )
        for method in ("linear", "nearest", "pchip")
    ),
    case(
        interpolate.RegularGridInterpolator,
        *GRID,
        real(6, 7),
        PLACES,
        call=lambda a, b, v, at: rgi("cubic", (a, b[::-1]), nu=(0, 1))(v, at),
        label="RegularGridInterpolator(cubic, grid)",
        dtypes="",
    ),
    case(
        interpolate.RegularGridInterpolator,
        PLACES,
        call=interpolate.RegularGridInterpolator(GRID, real(6, 7)),
        label="RegularGridInterpolator(at)",
    ),
    case(
        interpolate.interpn,
        real(6, 7),
        PLACES[:, 0],
        PLACES[:, 1],
        call=lambda v, a, b: interpolate.interpn(GRID, v, (a, b)),
    ),
    *(
        row
        for kind in ("linear", "nearest", "zero", "slinear", "previous", "next")
        for row in through(
            interpolate.interp1d, X[::-1], real(2, 7), INSIDE.reshape(2, 2), kind=kind
        )
    ),
    *(
        case(
            interpolate.interp1d,
            real(7, 2),
            AT,
            call=lambda y, at, fill=fill, kind=kind: interpolate.interp1d(
                X, y, kind, axis=0, bounds_error=False, fill_value=fill
            )(at),
            label=f"interp1d({kind}, {fill})",
        )
        for kind, fill in (("quadratic", "extrapolate"), ("cubic", (1.0, 2.0)), (5, 0.5))
    ),
    *through(interpolate.KroghInterpolator, X[[3, 1, 4, 0]], real(2, 4, 2), INSIDE, axis=1),
    *through(interpolate.BarycentricInterpolator, X[[3, 1, 4, 0]], Y[:4], INSIDE, rng=0),
    case(
        interpolate.KroghInterpolator,
        X[:4],
        Y[:4],
        INSIDE,
        call=lambda x, y, at: interpolate.KroghInterpolator(x, y).derivatives(at, [0, 2]),
        label="KroghInterpolator.derivatives",
    ),
    case(
        interpolate.KroghInterpolator,
        real(6, 2),
        INSIDE,
        call=lambda y, at: interpolate.KroghInterpolator([0, 0, 1, 1, 1, 2], y)(at),
        label="KroghInterpolator(repeated)",
    ),
    *(
        case(
            interpolate.RBFInterpolator,
            SCATTERED,
            real(8),
            np.array([0.1]),
            np.array([1.3]),
            real(3, 2, seed=9),
            call=lambda y, d, s, e, at, kernel=kernel: interpolate.RBFInterpolator(
                y, d, smoothing=s[0], kernel=kernel, epsilon=e[0]
            )(at),
            label=f"RBFInterpolator({kernel})",
            # In float32 SciPy's own coefficients, of a nearly singular matrix, are all noise.
            dtypes="",
        )
        for kernel in (
            "linear",
            "thin_plate_spline",
            "cubic",
            "quintic",
            "multiquadric",
            "inverse_multiquadric",
            "inverse_quadratic",
            "gaussian",
        )
    ),
    scattered("RBFInterpolator", real(8, 2), real(3, 2, seed=9), neighbors=5, smoothing=0.1),
    scattered("LinearNDInterpolator", real(8), WITHIN, fill_value=0.5),
    scattered("NearestNDInterpolator", real(8, 2), WITHIN),
    scattered("CloughTocher2DInterpolator", real(8, 2), WITHIN, **EXACT),
]
