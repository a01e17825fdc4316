"""One axis of a spline: which coefficients it is the sum of at a point, and with which weights.

Owns how coordinates beyond the borders are read.  Must not know how many axes there are.
"""

import numpy as np

from dualrev.scipy.ndimage.borders import sources

__all__ = ["taps"]


# Modes in which a point beyond the border stays there.
_CONTINUED = ("nearest", "grid-constant")


def _inside(x, n, order, mode):
    """Coordinates on the grid, the slope by which they follow x, and where the constant stands."""
    slope, constant = 1.0, None
    if mode == "constant":
        constant = (x < 0) | (x > n - 1)
        x = np.where(constant, 0.0, x)
    elif mode in _CONTINUED:
        # All taps of a point so far beyond an end are the element there, or the constant.
        x = np.clip(x, -order - 1, n + order)
    elif n == 1:
        slope = x = np.zeros_like(x)
    elif mode == "mirror":
        # Just beyond the end SciPy leaves x and mirrors its neighbors: a tie falls to the same side.
        before, x = x < 0, np.mod(x, 2 * n - 2)
        turned = np.where(before, x > n - 1, x >= n)
        slope = np.where(turned, -1.0, 1.0)
        x = np.where(turned, 2 * n - 2 - x, x)
    elif mode in ("reflect", "grid-mirror"):
        x = np.mod(x + 0.5, 2 * n) - 0.5
        slope = np.where(x > n - 0.5, -1.0, 1.0)
        x = np.where(x > n - 0.5, 2 * n - 1 - x, x)
    elif mode == "wrap":  # the first element is the last: which of them it is shows at the seam
        period = n - 1
        before = x + period * (np.trunc(-x / period) + 1)
        x = np.where(x < 0, before, np.where(x > period, x - period * np.trunc(x / period), x))
    elif mode == "grid-wrap":
        x = np.mod(x, n)
    return x, slope, constant


def _pieces(u, order, derivative):
    """The ``order + 1`` B-splines that live at u in [0, 1) of a knot interval, differentiated.

    Cox and de Boor's recurrence, and ``B_n'(x) = B_{n-1}(x + 1/2) - B_{n-1}(x - 1/2)`` (de Boor
    2001, chapters IX and X).
    """
    pieces = [np.ones_like(u)]
    for degree in range(1, order - derivative + 1):
        scaled = [p / degree for p in pieces]
        pieces = [(1 - u) * scaled[0]]
        for k in range(1, degree):
            pieces.append((u + degree - k) * scaled[k - 1] + (k + 1 - u) * scaled[k])
        pieces.append(u * scaled[-1])
    for _ in range(derivative):
        padded = [0.0, *pieces, 0.0]
        pieces = [a - b for a, b in zip(padded, padded[1:])]
    return pieces


# How coefficients continue beyond the ends, where it is not as the mode says.
_MODE_OF_SPLINE = {"constant": "mirror", "wrap": "mirror"}


def taps(x, n, order, mode, derivatives):
    """What a spline of n coefficients is the sum of at x.

    The indices of ``order + 1`` coefficients, and a dict of the wanted derivatives to their weights.
    """
    x, slope, constant = _inside(x, n, order, mode)
    start = np.floor(x) if order % 2 else np.floor(x + 0.5)
    u = x - start if order % 2 else x + 0.5 - start
    reach = 2 * order + 3
    table = sources(n, reach, reach, _MODE_OF_SPLINE.get(mode, mode))
    first = start.astype(np.intp) + (reach - order // 2)
    indices = [table[first + k] for k in range(order + 1)]
    weights = {}
    for derivative in derivatives:
        if derivative > order:
            weights[derivative] = [np.zeros_like(u)] * (order + 1)
            continue
        pieces = _pieces(u, order, derivative)
        if derivative and np.ndim(slope):
            pieces = [piece * slope**derivative for piece in pieces]
        if constant is not None:
            pieces = [np.where(constant, 0.0, piece) for piece in pieces]
        elif mode == "grid-constant":
            pieces = [np.where(index < 0, 0.0, piece) for index, piece in zip(indices, pieces)]
        weights[derivative] = pieces
    if mode == "grid-constant":
        indices = [np.maximum(index, 0) for index in indices]
    return indices, weights
