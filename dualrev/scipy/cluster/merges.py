"""How far merged clusters are from others: Lance and Williams's recurrence, and its transpose.

Lance and Williams (1967), "A general theory of classificatory sorting strategies", table 1.  Given which
clusters are merged, the distance of a merge, or its square, is linear in those of the observations, or
in theirs.  Must not know what merges.
"""

from typing import Any

import numpy as np

from dualrev.core.words import linear

__all__ = ["SQUARED", "heights_of", "shares_of"]

#: Methods whose recurrence is of squared distances.
SQUARED = ("centroid", "median", "ward")

#: The shares in the distance of a merged cluster from another, of the distances of both parts from it
#: and of that between them: of the sizes of the parts and of the other, and of the former distances.
_SHARES = {
    "single": lambda a, b, c, d, e: (d <= e, d > e, 0.0),
    "complete": lambda a, b, c, d, e: (d >= e, d < e, 0.0),
    "average": lambda a, b, c, d, e: (a / (a + b), b / (a + b), 0.0),
    "weighted": lambda a, b, c, d, e: (0.5, 0.5, 0.0),
    "centroid": lambda a, b, c, d, e: (a / (a + b), b / (a + b), -a * b / (a + b) ** 2),
    "median": lambda a, b, c, d, e: (0.5, 0.5, -0.25),
    "ward": lambda a, b, c, d, e: ((a + c) / (a + b + c), (b + c) / (a + b + c), -c / (a + b + c)),
}


def shares_of(d, merges, method):
    """Each merge as the rows of both parts and of the others, and the shares of these.

    Parameters
    ----------
    d : array
        Plain distances of pairs of observations, or their squares; the method chooses by them.
    merges : array, shape (n - 1, 2)
        Numbers of clusters.
    """
    n = len(merges) + 1
    D = _matrix(d, n)
    rows, sizes, alive = list(range(n)), np.ones(n), np.ones(n, bool)
    steps = []
    for first, second in merges:
        x, y = rows[int(first)], rows[int(second)]
        alive[y] = False
        alive[x] = False
        others = np.flatnonzero(alive)
        a, b, c = sizes[x], sizes[y], sizes[others]
        shares = _SHARES[method](a, b, c, D[x, others], D[y, others])
        steps.append((x, y, others, *shares))
        _merge(D, *steps[-1])
        alive[x] = True
        sizes[x] += sizes[y]
        rows.append(x)
    return steps


def _matrix(d, n):
    D = np.zeros((n, n))
    D[np.triu_indices(n, 1)] = d
    return D + D.T


def _merge(D, x, y, others, a, b, c):
    D[x, others] = a * D[x, others] + b * D[y, others] + c * D[x, y]
    D[others, x] = D[x, others]


def _heights(d, steps=()):
    D = _matrix(d, len(steps) + 1)
    heights = np.empty(len(steps))
    for k, (x, y, others, *shares) in enumerate(steps):
        heights[k] = D[x, y]
        _merge(D, x, y, others, *shares)
    return heights


def _pulled(ct, steps=()):
    n = len(steps) + 1
    # Of a pair the cotangent stands in either of its two places.
    G = np.zeros((n, n))
    for of_height, (x, y, others, a, b, c) in zip(ct[::-1], steps[::-1]):
        of_row = G[x, others] + G[others, x]
        G[others, x] = 0
        G[x, others] = a * of_row
        G[y, others] += b * of_row
        G[x, y] += np.sum(c * of_row) + of_height
    return (G + G.T)[np.triu_indices(n, 1)]


#: The distances of the merges, of those of the pairs of observations; and its transpose.
heights_of: Any = linear(
    _heights, lambda ct, d, steps=(): _pairs_of(ct, steps=steps), name="linkage"
)
_pairs_of: Any = linear(
    _pulled, lambda ct, heights, steps=(): heights_of(ct, steps=steps), name="linkage"
)
