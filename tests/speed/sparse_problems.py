"""Problems whose derivatives are sparse, each written once as plain NumPy.

A builder takes the numpy module, so that JAX's copy of it can run the same text, and answers the
function and its argument.  CasADi's symbols have no NumPy functions: what it runs are the same
problems in its own words.  Must not know how time is taken.
"""

import numpy

#: ADBench's bundle adjustment at a size of its own.
CAMERAS, POINTS, OBSERVATIONS = 20, 100, 500


def burgers(n=10**5):
    """Residual of an implicit Euler step of Burgers' equation on a circle.

    u_t + u u_x = u_xx / 100, by central differences.
    """
    h, step = 1 / n, 0.1 / n
    old = numpy.sin(2 * numpy.pi * numpy.arange(n) * h) + 1.5

    def build(np):
        def f(u):
            left, right = np.roll(u, 1), np.roll(u, -1)
            slope = u * (right - left) / (2 * h) - (left - 2 * u + right) / (100 * h**2)
            return u - old + step * slope

        return f, old + 0.1

    return build


def burgers_casadi(casadi, n=10**5):
    h, step = 1 / n, 0.1 / n
    old = numpy.sin(2 * numpy.pi * numpy.arange(n) * h) + 1.5
    u = casadi.MX.sym("u", n)
    left = casadi.vertcat(u[-1], u[:-1])
    right = casadi.vertcat(u[1:], u[0])
    slope = u * (right - left) / (2 * h) - (left - 2 * u + right) / (100 * h**2)
    return u, u - old + step * slope


def rosenbrock_casadi(casadi, n=10**5):
    x = casadi.MX.sym("x", n)
    return x, casadi.sum1(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def cubic(side=200):
    """Laplacian of u, less u**3, in the interior of a square with u = 0 around it."""

    def build(np):
        def f(u):
            u = u.reshape(side, side)
            around = np.pad(u, 1)
            neighbours = around[2:, 1:-1] + around[:-2, 1:-1] + around[1:-1, 2:] + around[1:-1, :-2]
            return ((neighbours - 4 * u) * (side + 1) ** 2 - u**3).ravel()

        return f, numpy.linspace(0.5, 1.5, side**2)

    return build


def cubic_casadi(casadi, side=200):
    x = casadi.MX.sym("u", side**2)
    u = casadi.reshape(x, side, side)
    edge = casadi.MX(1, side)
    neighbours = casadi.vertcat(u[1:, :], edge) + casadi.vertcat(edge, u[:-1, :])
    neighbours += casadi.horzcat(u[:, 1:], edge.T) + casadi.horzcat(edge.T, u[:, :-1])
    return x, casadi.vec((neighbours - 4 * u) * (side + 1) ** 2 - u**3)


def _scene():
    """Cameras, points and weights in one vector, who sees whom, and where on the picture."""
    rng = numpy.random.default_rng(0)
    cameras = rng.normal(size=(CAMERAS, 11))
    points = rng.normal([0, 0, 5], size=(POINTS, 3))
    x = numpy.concatenate([cameras.ravel(), points.ravel(), rng.normal(size=OBSERVATIONS)])
    seen_by = rng.permutation(OBSERVATIONS) % CAMERAS
    point = rng.permutation(OBSERVATIONS) % POINTS
    return x, seen_by, point, rng.normal(size=(OBSERVATIONS, 2))


def bundle():
    """Weighted reprojection errors of all observations, by the cameras, points and weights.

    ADBench (Srajer, Kukelova and Fitzgibbon 2018, section 4.2): Rodrigues' rotation, radial
    distortion.
    """
    x, seen_by, point, seen = _scene()

    def build(np):
        def f(x):
            cameras = x[: CAMERAS * 11].reshape(CAMERAS, 11)[seen_by]
            points = x[CAMERAS * 11 : -OBSERVATIONS].reshape(POINTS, 3)[point]
            weights = x[-OBSERVATIONS:, None]
            rotation, away = cameras[:, :3], points - cameras[:, 3:6]
            angle = np.sqrt(np.sum(rotation**2, axis=1))[:, None]
            axis, cosine = rotation / angle, np.cos(angle)
            along = np.sum(axis * away, axis=1)[:, None]
            away = (
                away * cosine + np.cross(axis, away) * np.sin(angle) + axis * along * (1 - cosine)
            )
            p = away[:, :2] / away[:, 2:]
            squared = np.sum(p**2, axis=1)[:, None]
            distortion = 1 + cameras[:, 9:10] * squared + cameras[:, 10:] * squared**2
            on_picture = p * distortion * cameras[:, 6:7] + cameras[:, 7:9]
            return (weights * (on_picture - seen)).ravel()

        return f, x

    return build


def bundle_casadi(casadi):
    x, seen_by, point, seen = _scene()
    camera, at = casadi.SX.sym("camera", 11), casadi.SX.sym("at", 3)
    weight, where = casadi.SX.sym("weight"), casadi.SX.sym("where", 2)
    rotation, away = camera[:3], at - camera[3:6]
    angle = casadi.sqrt(casadi.sumsqr(rotation))
    axis, cosine = rotation / angle, casadi.cos(angle)
    away = (
        away * cosine
        + casadi.cross(axis, away) * casadi.sin(angle)
        + axis * casadi.dot(axis, away) * (1 - cosine)
    )
    p = away[:2] / away[2]
    squared = casadi.sumsqr(p)
    distortion = 1 + camera[9] * squared + camera[10] * squared**2
    error = weight * (p * distortion * camera[6] + camera[7:9] - where)
    one = casadi.Function("error", [camera, at, weight, where], [error])
    x = casadi.MX.sym("x", x.size)
    cameras = casadi.reshape(x[: CAMERAS * 11], 11, CAMERAS)[:, seen_by.tolist()]
    points = casadi.reshape(x[CAMERAS * 11 : -OBSERVATIONS], 3, POINTS)[:, point.tolist()]
    weights = x[-OBSERVATIONS:].T
    return x, casadi.vec(one.map(OBSERVATIONS)(cameras, points, weights, seen.T))


def arrowhead(n=10**5):
    """One equation for all unknowns, and one unknown in all equations."""

    def build(np):
        def f(x):
            return np.concatenate([np.sum(x**2)[None], np.sin(x[1:]) * x[0]])

        return f, numpy.linspace(0.5, 1.5, n)

    return build
