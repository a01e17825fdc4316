"""Where the matrix of a linear function has entries, found by calls of it on random numbers.

Owns how a matrix is told from products with it.  Must not know any function by name.

Let column j of a matrix be the only one of a group with an entry in row i.  A product with random
numbers w, and one with j w_j, have the ratio j in row i; a second pair of products tells whether it was
the only one.  One group finds what copies elements, and of the transpose what sums each of them up in
one place; some dozens find what sums up neighbours.  An entry so small that it is lost beside another is
seen once the other column is small.
"""

import numpy as np
import scipy.sparse

__all__ = ["entries_of"]

#: Of a matrix of so many numbers all columns are computed.
_SMALL = 40_000
#: In how many groups of columns entries are looked for.
_GROUPS = (7, 31)
#: So many times columns are made small, one in three, by so much.
_LOOKS, _SMALLER = 8, 2.0**-300


def entries_of(product, transposed, count, size):
    """The entries of a matrix (size, count) in csr, from its products; None where it has too many.

    Parameters
    ----------
    product, transposed : callable
        ``product(x)`` with x of shape (count,), ``transposed(y)`` with y of shape (size,); the second
        may be None.
    """
    found = _in_groups(product, count, size, 1)
    if found is None and transposed is not None:
        found = _in_groups(transposed, size, count, 1)
        found = None if found is None else found.T.tocsr()
    if found is None and size * count <= _SMALL:
        return _by_columns(product, count, size)
    for groups in _GROUPS:
        if found is None and groups < count:
            found = _in_groups(product, count, size, groups)
    return found


def _by_columns(product, count, size):
    columns = np.zeros((size, count), bool)
    for j in range(count):
        unit = np.zeros(count)
        unit[j] = 1
        columns[:, j] = product(unit) != 0
    return scipy.sparse.csr_array(columns)


def _in_groups(product, count, size, groups):
    weights = np.random.default_rng(0).uniform(1, 2, (2, count))
    rows, columns, values = [], [], []
    for first in range(groups):
        found = _place_of_each(product, weights, slice(first, None, groups))
        if found is None:
            return None
        place, sums = found
        some = np.flatnonzero(place)
        rows.append(some)
        columns.append(place[some] - 1)
        values.append(sums[some] / weights[-1][place[some] - 1])
    at = np.concatenate(rows), np.concatenate(columns)
    matrix = scipy.sparse.coo_array((np.concatenate(values), at), (size, count)).tocsr()
    if _lacks_small_ones(matrix, product):
        return None
    entries = np.ones(matrix.nnz, bool), matrix.indices, matrix.indptr
    return scipy.sparse.csr_array(entries, matrix.shape)


def _lacks_small_ones(matrix, product):
    """Whether an entry was lost beside others, which are made smaller here."""
    rng = np.random.default_rng(2)
    for _ in range(_LOOKS):
        x = np.where(rng.random(matrix.shape[1]) < 1 / 3, _SMALLER, 1) * rng.uniform(1, 2)
        if (abs(product(x) - matrix @ x) > 1e-9 * (abs(matrix) @ x)).any():
            return True
    return False


def _place_of_each(product, weights, group):
    """For each row the number of the only column of a group with an entry there, 0 for none; the sums.

    None where a row has several.
    """
    numbers = np.arange(1.0, weights.shape[1] + 1)

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
    return found, plain
