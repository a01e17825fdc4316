"""A plane truss by finite elements: bars are added to the stiffness matrix by np.ix_."""

import numpy as np

NODES = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [0.5, 0.8], [1.5, 0.9]])
BARS = [(0, 1), (1, 2), (0, 3), (1, 3), (1, 4), (2, 4), (3, 4)]
FIXED = [0, 1, 5]


def bar_stiffness(start, end, area, modulus=200.0):
    length = np.linalg.norm(end - start)
    c, s = (end - start) / length
    k = np.array([[c * c, c * s], [c * s, s * s]])
    ke = np.zeros((4, 4))
    ke[:2, :2] = k
    ke[2:, 2:] = k
    ke[:2, 2:] = -k
    ke[2:, :2] = -k
    return ke * (modulus * area / length)


def assemble(nodes, areas):
    ndof = 2 * len(nodes)
    K = np.zeros((ndof, ndof))
    for area, (i, j) in zip(areas, BARS):
        dofs = [2 * i, 2 * i + 1, 2 * j, 2 * j + 1]
        K[np.ix_(dofs, dofs)] += bar_stiffness(nodes[i], nodes[j], area)
    return K


def solve(nodes, areas):
    K = assemble(nodes, areas)
    load = np.zeros(len(K))
    load[3] = -1.0
    # its own weight, half to each end of a bar
    for area, (i, j) in zip(areas, BARS):
        weight = 0.1 * area * np.linalg.norm(nodes[j] - nodes[i])
        load[[2 * i + 1, 2 * j + 1]] -= weight / 2
    free = np.setdiff1d(np.arange(len(K)), FIXED)
    u = np.zeros(len(K))
    u[free] = np.linalg.solve(K[np.ix_(free, free)], load[free])
    return u, K @ u


def stresses(x):
    """Stress in each bar and the reactions: x holds the areas, then the heights of the top nodes."""
    nodes = np.copy(NODES)
    nodes[3:, 1] = x[len(BARS) :]
    u, forces = solve(nodes, x[: len(BARS)])
    sigma = np.empty(len(BARS) + len(FIXED))
    for e, (i, j) in enumerate(BARS):
        d = nodes[j] - nodes[i]
        length = np.sqrt(d @ d)
        ue = np.hstack((u[2 * i : 2 * i + 2], u[2 * j : 2 * j + 2]))
        sigma[e] = 200.0 / length * (np.r_[-d, d] / length) @ ue
    sigma[len(BARS) :] = forces[FIXED]
    return sigma


def example():
    return stresses, np.array([0.3, 0.4, 0.5, 0.35, 0.25, 0.45, 0.6, 0.8, 0.9])
