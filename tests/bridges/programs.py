"""The same functions in NumPy and in each library, for all bridges.

A program is ``f(xp, x, y)`` of two vectors of three; xp has NumPy's names, as far as it uses them.
"""

import types

import numpy as np

X = np.array([0.4, -0.7, 1.3])
Y = np.array([1.1, 0.6, -0.9])


def smooth(xp, x, y):
    """A number."""
    return xp.sum(xp.exp(xp.sin(x) * y)) * xp.cos(x[1] - y[0])


def several(xp, x, y):
    """A structure, in which one array depends on one argument alone."""
    return {"number": smooth(xp, x, y), "vectors": (xp.cumsum(x) * y[0], xp.tanh(y))}


def number_of(result):
    """One number of all that ``several`` returns."""
    first, second = result["vectors"]
    return result["number"] * first[1] + first[0] * first[2] + (second * second)[0] * first[0]


def of_numpy(program, xp=np):
    """The program as a function of x and y."""

    def f(x, y):
        return program(xp, x, y)

    f.__name__ = program.__name__
    return f


def names(module, **renamed):
    """A namespace with NumPy's names, from a module that calls some otherwise."""
    return types.SimpleNamespace(
        **{name: getattr(module, name) for name in ("exp", "sin", "cos", "tanh")}, **renamed
    )
