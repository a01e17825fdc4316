"""Where the matrix of a linear function has entries, found by calls of it on random numbers.

Owns how a matrix is told from products with it.  Must not know any function by name.

Let column j of a matrix be the only one of a group with an entry in row i.  A product with random
numbers w, and one with j w_j, have the ratio j in row i; a second pair of products tells whether it was
the only one.  One group finds what copies elements, some dozens what sums up neighbours.
"""

import numpy as np
import scipy.sparse

__all__ = ["entries_of"]

#: Of a matrix of so many numbers all columns are computed.
_SMALL = 40_000
#: In how many groups of columns entries are looked for.
_GROUPS = (1, 7, 31)


def entries_of(product, count):
    """The entries of a matrix in csr, from its products with vectors; None where it has too many.

    Parameters
    ----------
    product : callable
        ``product(x)`` with x of shape (count,) answers a vector.
    count : int
        Of its columns.
    """
    rng = np.random.default_rng(0)
    weights = rng.uniform(1, 2, (2, count))
    numbers = np.arange(1.0, count + 1)
    for groups in _GROUPS:
        if groups >= count > 1:
            break
        found = _in_groups(product, weights, numbers, groups)
        if found is not None:
            return found
        if groups == 1:
            size = len(product(weights[0]))
            if size * count <= _SMALL:
                return _by_columns(product, count, size)
    return None


def _by_columns(product, count, size):
    columns = np.zeros((size, count), bool)
    for j in range(count):
        unit = np.zeros(count)
        unit[j] = 1
        columns[:, j] = product(unit) != 0
    return scipy.sparse.csr_array(columns)


def _in_groups(product, weights, numbers, groups):
    rows, columns = [], []
    for first in range(groups):
        place = _place_of_each(product, weights, numbers, slice(first, None, groups))
        if place is None:
            return None
        some = np.flatnonzero(place)
        rows.append(some)
        columns.append(place[some] - 1)
        size = len(place)
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    shape = size, len(numbers)
    entries = scipy.sparse.coo_array((np.ones(len(rows), bool), (rows, columns)), shape)
    return entries.tocsr()


def _place_of_each(product, weights, numbers, group):
    """For each row the number of the only column of a group with an entry there; 0 for none.

    None where a row has several.
    """

    def taken(x):
        only = np.zeros_like(x)
        only[group] = x[group]
        return product(only)

    found = None
    for w in weights:
        plain, numbered = taken(w), taken(w * numbers)
        has = plain != 0
        with np.errstate(all="ignore"):
            ratio = np.where(has, numbered / plain, 0)
        if not np.isfinite(ratio).all() or (numbered[~has] != 0).any():
            return None
        place = np.rint(ratio.real).astype(np.intp)
        if found is None:
            found = place
        # The ratio of a single entry is rounded twice.
        apart = abs(ratio - place) > 1e-13 * place
        if apart.any() or (place != found).any() or (place > len(numbers)).any():
            return None
    return found
