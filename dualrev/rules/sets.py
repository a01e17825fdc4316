"""Set routines: values that are chosen, whose places are held constant.

Must not know how equal values are found: NumPy's own functions say where they stand.
"""

import numpy as np

from dualrev.core.words import composition, constant


@constant
def _places_of_common(ar1, ar2, assume_unique):
    return np.intersect1d(ar1, ar2, assume_unique, return_indices=True)[1:]


def _intersect1d(ar1, ar2, assume_unique=False, return_indices=False):
    """Each value is taken from the first array."""
    first, second = _places_of_common(ar1, ar2, assume_unique)
    values = np.ravel(ar1)[first]
    return (values, first, second) if return_indices else values


def _setdiff1d(ar1, ar2, assume_unique=False):
    ar1 = np.ravel(ar1) if assume_unique else np.unique(ar1)
    return ar1[np.isin(ar1, ar2, assume_unique=True, invert=True)]


def _setxor1d(ar1, ar2, assume_unique=False):
    if not assume_unique:
        ar1, ar2 = np.unique(ar1), np.unique(ar2)
    both = np.sort(np.concatenate((ar1, ar2), axis=None))
    differs = np.concatenate([[True], both[1:] != both[:-1], [True]])
    return both[differs[1:] & differs[:-1]]


composition(np.intersect1d, _intersect1d, arity=2)
composition(np.setdiff1d, _setdiff1d, arity=2)
composition(np.setxor1d, _setxor1d, arity=2)
composition(np.union1d, lambda ar1, ar2: np.unique(np.concatenate((ar1, ar2), axis=None)), arity=2)


def _first_places(x, values):
    """Where each of the values stands first in the flat array."""
    order = np.argsort(x, axis=None, stable=True)
    return order[np.searchsorted(x.ravel()[order], values)]


@constant
def _found(function, x, options):
    return function(x, **options)


def _with_values(function):
    """The composition whose values are those of x, and whose counts and indices are NumPy's own."""

    def call(x, **options):
        found = _found(function, x, options)
        values = getattr(found, "values", found)
        traced = np.ravel(x)[_first_places(x, values)]
        return found._replace(values=traced) if found is not values else traced

    return composition(function, call, arity=1)


for _unique in (np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values):
    _with_values(_unique)


def _sort_complex(a):
    single = a.dtype.kind == "c"
    return np.sort(a) if single else np.sort(a).astype(np.result_type(a.dtype, np.complex128))


composition(np.sort_complex, _sort_complex, arity=1)
