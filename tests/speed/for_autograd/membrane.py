"""Linear triangles on a warped grid: the matrix is summed by np.add.at, borders are set by K.flat."""

from autograd.numpy import (
    arange,
    array,
    column_stack,
    eye,
    linspace,
    meshgrid,
    sin,
    stack,
    vstack,
    where,
    zeros,
)
from autograd.numpy.linalg import det, inv, solve


def grid(nx, ny):
    xs, ys = meshgrid(linspace(0.0, 1.0, nx), linspace(0.0, 1.0, ny))
    points = column_stack((xs.ravel(), ys.ravel()))
    triangles = []
    for row in range(ny - 1):
        for col in range(nx - 1):
            p = row * nx + col
            triangles += [(p, p + 1, p + nx), (p + 1, p + nx + 1, p + nx)]
    return points, array(triangles)


def element(corners, conductivity):
    edges = array([corners[1] - corners[0], corners[2] - corners[0]])
    area = 0.5 * abs(det(edges))
    slopes = inv(edges) @ array([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]])
    return conductivity * area * slopes.T @ slopes, area


def deflection(x, nx=4, ny=3):
    """Deflection at all nodes: x bends the grid, and grades the conductivity."""
    points, triangles = grid(nx, ny)
    across = points[:, 0] + x[0] * sin(3 * points[:, 1]) * points[:, 0]
    along = points[:, 1] + x[1] * points[:, 0] ** 2 * points[:, 1]
    warped = stack([across, along], axis=1)
    n = len(points)
    K, load = zeros((n, n)), zeros(n)
    for triangle in triangles:
        center = warped[triangle].mean(axis=0)
        ke, area = element(warped[triangle], x[2] + x[3] * center[0])
        place = eye(n)[triangle]
        K = K + place.T @ ke @ place
        load = load + area / 3 * x[4] * place.sum(axis=0)
    # the border is held: ones on the diagonal, zeros in the row
    on_border = (points == 0).any(axis=1) | (points == 1).any(axis=1)
    border = on_border.nonzero()[0]
    held = eye(n)[border].sum(axis=0)
    K = K * (1 - held)[:, None] + held * eye(n)
    load = where(held, 0.1 * warped[:, 0], load)
    u = solve(K, load)
    energy = 0.5 * u @ K @ u
    return vstack((u.reshape(ny, nx), energy * (1 + arange(nx))))


def example():
    return deflection, array([0.1, -0.15, 1.0, 0.5, 2.0])
