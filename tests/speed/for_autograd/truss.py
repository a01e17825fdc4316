"""A plane truss by finite elements: bars are added to the stiffness matrix by np.ix_."""

import autograd.numpy as np

NODES = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [0.5, 0.8], [1.5, 0.9]])
BARS = [(0, 1), (1, 2), (0, 3), (1, 3), (1, 4), (2, 4), (3, 4)]
FIXED = [0, 1, 5]


def bar_stiffness(start, end, area, modulus=200.0):
    length = np.linalg.norm(end - start)
    c, s = (end - start) / length
    k = np.array([[c * c, c * s], [c * s, s * s]])
    ke = np.vstack([np.hstack([k, -k]), np.hstack([-k, k])])
    return ke * (modulus * area / length)


def assemble(nodes, areas):
    ndof = 2 * len(nodes)
    K = np.zeros((ndof, ndof))
    for area, (i, j) in zip(areas, BARS):
        dofs = [2 * i, 2 * i + 1, 2 * j, 2 * j + 1]
        place = np.eye(ndof)[dofs]
        K = K + place.T @ bar_stiffness(nodes[i], nodes[j], area) @ place
    return K


def solve(nodes, areas):
    K = assemble(nodes, areas)
    load = np.zeros(len(K))
    load = load - np.eye(len(K))[3]
    # its own weight, half to each end of a bar
    for area, (i, j) in zip(areas, BARS):
        weight = 0.1 * area * np.linalg.norm(nodes[j] - nodes[i])
        load = load - weight / 2 * np.eye(len(K))[[2 * i + 1, 2 * j + 1]].sum(axis=0)
    free = np.setdiff1d(np.arange(len(K)), FIXED)
    u = np.eye(len(K))[:, free] @ np.linalg.solve(K[np.ix_(free, free)], load[free])
    return u, K @ u


def stresses(x):
    """Stress in each bar and the reactions: x holds the areas, then the heights of the top nodes."""
    heights = np.concatenate([NODES[:3, 1], x[len(BARS) :]])
    nodes = np.stack([NODES[:, 0], heights], axis=1)
    u, forces = solve(nodes, x[: len(BARS)])
    sigma = [0.0] * len(BARS)
    for e, (i, j) in enumerate(BARS):
        d = nodes[j] - nodes[i]
        length = np.sqrt(d @ d)
        ue = np.hstack((u[2 * i : 2 * i + 2], u[2 * j : 2 * j + 2]))
        sigma[e] = 200.0 / length * (np.concatenate([-d, d]) / length) @ ue
    return np.concatenate([np.array(sigma), forces[np.array(FIXED)]])


def example():
    return stresses, np.array([0.3, 0.4, 0.5, 0.35, 0.25, 0.45, 0.6, 0.8, 0.9])
