"""Iterative closest points in the plane: match, fit a rotation by svd, move, again."""

import autograd.numpy as np


def rotation(angle):
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])


def nearest_neighbors(source, target):
    indices = np.zeros(len(source), dtype=int)
    distances = [0.0] * len(source)
    for i in range(len(source)):
        d = np.sqrt(np.sum((target - source[i]) ** 2, axis=1))
        indices[i] = np.argmin(d)
        distances[i] = d[indices[i]]
    return indices, np.array(distances)


def best_fit_transform(a, b):
    """Homogeneous matrix that takes the points a to the points b."""
    m = a.shape[1]
    centroid_a, centroid_b = np.mean(a, axis=0), np.mean(b, axis=0)
    h = np.dot((a - centroid_a).T, b - centroid_b)
    u, _, vt = np.linalg.svd(h, full_matrices=False)
    r = np.dot(vt.T, u.T)
    if np.linalg.det(r) < 0:
        r = np.dot(np.vstack([vt[: m - 1], -vt[m - 1 :]]).T, u.T)
    shift = (centroid_b - np.dot(r, centroid_a))[:, None]
    return np.vstack([np.hstack([r, shift]), np.identity(m + 1)[m:]])


def icp(a, b, iterations=2):
    m = a.shape[1]
    src = np.vstack([a.T, np.ones((1, len(a)))])
    dst = np.vstack([b.T, np.ones((1, len(b)))])
    for _ in range(iterations):
        indices, distances = nearest_neighbors(src[:m, :].T, dst[:m, :].T)
        transform = best_fit_transform(src[:m, :].T, dst[:m, indices].T)
        src = np.dot(transform, src)
    return best_fit_transform(a, src[:m, :].T), np.mean(distances)


def registration(x):
    """The recovered pose and the error of fit, of a cloud turned, bent and moved by x."""
    grid = np.arange(12)
    cloud = np.stack([np.cos(0.5 * grid) * (2 + 0.1 * grid), np.sin(0.5 * grid) * 1.3], axis=1)
    moved = cloud @ rotation(x[0]).T + x[1:3]
    moved = np.stack([moved[:, 0], moved[:, 1] + x[3] * moved[:, 0] ** 2], axis=1)
    transform, error = icp(moved, cloud)
    return np.append(transform[:2].ravel(), error)


def example():
    return registration, np.array([0.12, 0.05, -0.08, 0.03])
