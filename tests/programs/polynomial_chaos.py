"""Uncertainty of a beam's deflection by polynomial chaos: Legendre products, fitted and summed."""

import numpy as np


def legendre(order, t):
    """Normalized polynomials of degree 0 to order at the points t, one a column."""
    P = np.ones((len(t), order + 1))
    if order > 0:
        P[:, 1] = t
    for k in range(1, order):
        P[:, k + 1] = ((2 * k + 1) * t * P[:, k] - k * P[:, k - 1]) / (k + 1)
    for k in range(order + 1):
        P[:, k] *= np.sqrt(2 * k + 1)
    return P


def multi_indices(dimension, order):
    grid = np.indices((order + 1,) * dimension).reshape(dimension, -1).T
    return grid[grid.sum(axis=1) <= order]


def design_matrix(points, indices):
    order = indices.max()
    tables = [legendre(order, points[:, d]) for d in range(points.shape[1])]
    psi = np.ones((len(points), len(indices)))
    for column, index in enumerate(indices):
        for d, degree in enumerate(index):
            psi[:, column] *= tables[d][:, degree]
    return psi


def deflection(load, stiffness, length):
    return load * length**3 / (3 * stiffness) * (1 + 0.1 * np.sin(length))


def sobol_indices(coefficients, indices):
    dimension = indices.shape[1]
    variance = np.sum(coefficients[1:] ** 2)
    first = np.zeros(dimension)
    for d in range(dimension):
        others = np.delete(indices, d, axis=1)
        alone = (indices[:, d] > 0) & (others.sum(axis=1) == 0)
        first[d] = np.sum(coefficients[alone] ** 2) / variance
    return first, variance


def uncertainty(x):
    """Mean, variance and Sobol's indices: x holds means and half widths of load, stiffness, length."""
    rng = np.random.default_rng(11)
    points = rng.uniform(-1, 1, (20, 3))
    indices = multi_indices(3, 2)
    samples = np.empty(len(points))
    for i, p in enumerate(points):
        samples[i] = deflection(*(x[:3] + x[3:] * p))
    psi = design_matrix(points, indices)
    coefficients, *_ = np.linalg.lstsq(psi, samples, rcond=None)
    first, variance = sobol_indices(coefficients, indices)
    summary = np.zeros(2 + len(first))
    summary[0] = coefficients[0]
    summary[1] = variance
    summary[2:] = first
    # and at points scaled by the first half width, so that the polynomials move too
    moved = design_matrix(points[:4] * x[3], indices) @ coefficients
    return np.append(summary, moved)


def example():
    return uncertainty, np.array([1.0, 2.0, 1.5, 0.2, 0.3, 0.1])
