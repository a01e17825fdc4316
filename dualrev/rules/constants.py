"""Functions whose answers carry no derivative: shapes, dtypes, indices, counts, comparisons, text.

The ufuncs of this kind are declared among the ufuncs (elementwise).
"""

import operator

import numpy as np

from dualrev.core.words import composition, constant
from dualrev.rules.refused import without_answer, without_arrays
from dualrev.ways import aligned, by_shapes, in_all_rows, same_beside, shift, shifted

# Shapes, dtypes, memory.
constant(np.shape, np.ndim, np.size, np.iscomplexobj, np.isrealobj, batch=by_shapes)
constant(np.result_type, np.can_cast, np.common_type, batch=by_shapes)
constant(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, batch=by_shapes)
constant(np.einsum_path, batch=by_shapes)
constant(np.min_scalar_type, np.shares_memory)


def _lexsort_batch(call, batched, keys, axis=-1):
    return call(np.moveaxis(keys, 1, 0), axis=shift(axis, keys.ndim - 2))


def _searchsorted_batch(call, batched, a, v, side="left", sorter=None):
    """Of other arrays in each row: where v stands when both are sorted together."""
    if not batched[0]:
        return call(a, v, side=side, sorter=sorter)
    a = a if sorter is None else np.take_along_axis(a, np.expand_dims(sorter, 0), 1)
    a, v = in_all_rows(batched, (a, v))
    flat, n = v.reshape(len(v), -1), a.shape[1]
    # Equal numbers stay in their order.
    order = np.argsort(
        np.concatenate([a, flat] if side == "right" else [flat, a], 1), kind="stable"
    )
    is_of_a = order < n if side == "right" else order >= flat.shape[1]
    places = np.argsort(order)
    places = places[:, n:] if side == "right" else places[:, : flat.shape[1]]
    return np.take_along_axis(np.cumsum(is_of_a, axis=1), places, 1).reshape(v.shape)


def _allclose_batch(call, batched, a, b, **options):
    return _all_of_each_row(aligned(np.isclose, batched, a, b, **options))


def _array_equal_batch(call, batched, a, b, equal_nan=False):
    shape_a, shape_b = (np.shape(x)[with_rows:] for x, with_rows in zip((a, b), batched))
    if shape_a != shape_b or equal_nan:
        return NotImplemented
    return _all_of_each_row(np.equal(a, b))


def _all_of_each_row(condition):
    return condition.all(axis=tuple(range(1, condition.ndim)))


def _isin_batch(call, batched, element, test_elements, invert=False, **options):
    if not batched[1]:
        return call(element, test_elements, invert=invert, **options)
    element, test = in_all_rows(batched, (element, test_elements))
    test = test.reshape(len(test), *(1,) * (element.ndim - 1), -1)
    return np.equal(element[..., np.newaxis], test).any(axis=-1) ^ invert


def _ravel_multi_index_batch(call, batched, multi_index, dims, **options):
    return call(tuple(np.moveaxis(multi_index, 1, 0)), dims=dims, **options)


# Where elements are, and how many.
constant(np.nonzero, np.flatnonzero, np.argwhere, np.count_nonzero)
constant(np.argmax, np.argmin, np.nanargmax, np.nanargmin, batch=shifted(None, flat=True))
constant(np.argsort, np.argpartition)
constant(np.lexsort, batch=_lexsort_batch)
constant(np.searchsorted, arity=2, batch=_searchsorted_batch)
constant(np.digitize, arity=2, batch=same_beside)
# Comparisons and tests.
constant(np.all, np.any)
constant(np.isclose, arity=2, batch=aligned)
constant(np.allclose, arity=2, batch=_allclose_batch)
constant(np.array_equal, np.array_equiv, arity=2, batch=_array_equal_batch)
constant(np.isin, arity=2, batch=_isin_batch)
constant(*(getattr(np, name) for name in ("in1d",) if hasattr(np, name)))  # before NumPy 2.4
constant(np.iscomplex, np.isreal, np.isneginf, np.isposinf, batch=aligned)
constant(operator.lt, operator.le, operator.gt, operator.ge, arity=2, batch=aligned)
constant(operator.eq, operator.ne, operator.floordiv, arity=2, batch=aligned)
constant(np.linalg.matrix_rank)
# Text and files.
constant(np.array_repr, np.array_str, np.array2string)
without_answer(np.save, np.savez, np.savez_compressed, np.savetxt)
# Codes of numbers, and of days.
constant(np.ravel_multi_index, batch=_ravel_multi_index_batch)
constant(np.unravel_index, batch=same_beside)
constant(np.packbits, np.unpackbits, batch=shifted(None, flat=True))
constant(np.busday_count, np.busday_offset, np.is_busday, np.datetime_as_string)


# np.asarray(x), which rng.permutation copies before it writes, shows the elements of a traced x.
@constant
def _numbers_may_share_memory(a, b, max_work):
    return np.may_share_memory(a, b, max_work)


def _may_share_memory(a, b, max_work=None):
    objects = any(isinstance(x, np.ndarray) and x.dtype.hasobject for x in (a, b))
    return objects or _numbers_may_share_memory(a, b, max_work)


composition(np.may_share_memory, _may_share_memory)

# Without an array at all: dtypes, shapes, Python's objects, NumPy's own state.
without_arrays(np.broadcast_shapes, np.promote_types, np.mintypecode, np.typename)
without_arrays(np.isdtype, np.issubdtype, np.isscalar, np.iterable, np.datetime_data)
without_arrays(np.base_repr, np.binary_repr, np.nested_iters, np.info, np.isfortran)
without_arrays(np.get_printoptions, np.set_printoptions, np.printoptions)
without_arrays(np.geterr, np.seterr, np.geterrcall, np.seterrcall, np.getbufsize, np.setbufsize)
without_arrays(np.get_include, np.show_config, np.show_runtime)
without_arrays(np.test, np.linalg.test, np.fft.test, np.polynomial.test)
