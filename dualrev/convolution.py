"""Products of power series, coefficient by coefficient.

A coefficient that is None is 0 by structure, as those of ``x + t v`` are from the second on: it is
neither computed nor multiplied.  Must not know where coefficients come from.
"""

import functools
import itertools
import operator

__all__ = ["convolved", "indices_of_sum"]


def convolved(x, y, k, first=0, stop=None, times=operator.mul):
    """The sum of ``x_j y_(k-j)``, j from first on and below stop; None where there is no term."""
    pairs = zip(x[first:stop], y[k - first :: -1])
    terms = [times(a, b) for a, b in pairs if a is not None and b is not None]
    return functools.reduce(operator.add, terms) if terms else None


def indices_of_sum(k, count):
    """All tuples of so many indices that add up to k."""
    for bars in itertools.combinations(range(k + count - 1), count - 1):
        edges = (-1, *bars, k + count - 1)
        yield tuple(b - a - 1 for a, b in itertools.pairwise(edges))
