"""Sorting: the same values in another order, which is held constant.

Must not know statistics, which take single elements of an order.
"""

from functools import partial

import numpy as np

from dualrev.axes import along
from dualrev.core.words import composition, constant, rule
from dualrev.rules.indexing import picked
from dualrev.ways import in_line


@partial(constant, arity=2, batch=in_line(-1))
def _matched(source, target, axis):
    """The order that takes one array to another, from orders that sort each of them."""
    order = np.empty_like(source)
    if order.ndim == 1:  # an assignment is ten times faster than np.put_along_axis
        order[target] = source
    else:
        np.put_along_axis(order, target, source, axis)
    return order


def _taken(a, order, axis):
    return picked(a, order) if order.ndim == 1 else np.take_along_axis(a, order, axis)


def _sorting_order(ans, a, axis, descending):
    return np.argsort(a, axis=axis, **({"descending": True} if descending else {}))


def _partition_order(ans, a, axis, descending):
    # Not argpartition, which may leave the elements between the kth in another order.
    return _matched(np.argsort(a, axis=axis), np.argsort(ans, axis=axis), axis)


def _reordering(function, order_of):
    """Declare a function whose answer holds the elements of the first argument in some order.

    ``order=`` names fields, which no array of numbers has: NumPy refuses it.
    """

    def jvp(
        tangents, ans, a, kth=None, axis=-1, kind=None, order=None, stable=None, descending=None
    ):
        (da,) = tangents
        if axis is None:
            a, da, axis = a.reshape(-1), da.reshape(-1), 0
        return _taken(da, order_of(ans, a, axis, descending), axis)

    def vjp(
        ct, wanted, ans, a, kth=None, axis=-1, kind=None, order=None, stable=None, descending=None
    ):
        shape = a.shape
        if axis is None:
            a, axis = a.reshape(-1), 0
        places = order_of(ans, a, axis, descending)
        ranks = along(np.arange(places.shape[axis]), axis, places.ndim)
        inverse = _matched(np.broadcast_to(ranks, places.shape), places, axis)
        return (_taken(ct, inverse, axis).reshape(shape),)

    return rule(function, jvp, vjp, arity=1)


_reordering(np.sort, _sorting_order)
_reordering(np.partition, _partition_order)


@constant
def _first_places(ar, **options):
    options.update(return_index=True, return_inverse=True, return_counts=True)
    return np.unique(ar, **options)[1:]


def _unique(
    ar, return_index=False, return_inverse=False, return_counts=False, axis=None, **options
):
    """Each value is taken from the first place where it stands."""
    index, inverse, counts = _first_places(ar, axis=axis, **options)
    values = ar.reshape(-1)[index] if axis is None else np.take(ar, index, axis=axis)
    chosen = ((return_index, index), (return_inverse, inverse), (return_counts, counts))
    extras = [extra for wanted, extra in chosen if wanted]
    return (values, *extras) if extras else values


composition(np.unique, _unique, arity=1)
