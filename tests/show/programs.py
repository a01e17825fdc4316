"""Programs that recordings, tables and drawings are tested with."""

import numpy as np


def griewank(x1, x2):
    """The example of Griewank and Walther (2008), table 1.1."""
    u = x1 / x2
    return (np.sin(u) + u - np.exp(x2)) * (u - np.exp(x2))


def assigned(x):
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = x[i] ** 2 * x[0]
    y[1:] *= 3
    return np.sum(np.cos(y))


def outputs(x):
    values, vectors = np.linalg.eigh(np.outer(x, x) + np.diag([1.0, 2.0, 3.0]))
    return values[0] * np.sum(vectors[:, 1] ** 2 * x)


def structured(p):
    return np.tanh(p["w"] @ p["x"] + p["b"])


def layer(w, x):
    return np.tanh(w @ x)


def network(weights, x):
    for w in weights:
        x = layer(w, x)
    return np.sum(x**2)


PROGRAMS = [
    (griewank, (1.5, 0.5)),
    (assigned, (np.array([0.5, 1.0, 2.0]),)),
    (outputs, (np.array([0.5, 1.0, 2.0]),)),
    (structured, ({"w": np.array([[1.0, 2.0], [0.5, -1.0]]), "x": np.ones(2), "b": 0.1},)),
    (network, ([np.eye(2), np.array([[0.1, 0.2], [0.3, 0.4]])], np.array([1.0, -1.0]))),
    (np.exp, (np.array([0.0, 1.0]),)),
]
