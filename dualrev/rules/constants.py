"""Functions whose answers carry no derivative: shapes, dtypes, indices, counts, comparisons, text.

The ufuncs of this kind are declared among the ufuncs (elementwise).
"""

import numpy as np

from dualrev.core.primitive import composition, constant
from dualrev.rules.refused import without_answer, without_arrays

# Shapes, dtypes, memory.
constant(
    np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.common_type, np.min_scalar_type
)
constant(np.iscomplexobj, np.isrealobj, np.shares_memory)
constant(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, np.einsum_path)
# Where elements are, and how many.
constant(np.nonzero, np.flatnonzero, np.argwhere, np.count_nonzero)
constant(np.argmax, np.argmin, np.nanargmax, np.nanargmin)
constant(np.argsort, np.argpartition, np.lexsort, np.searchsorted, np.digitize)
# Comparisons and tests.
constant(np.all, np.any, np.isin, np.isclose, np.allclose, np.array_equal, np.array_equiv)
constant(*(getattr(np, name) for name in ("in1d",) if hasattr(np, name)))  # before NumPy 2.4
constant(np.iscomplex, np.isreal, np.isneginf, np.isposinf)
constant(np.linalg.matrix_rank)
# Text and files.
constant(np.array_repr, np.array_str, np.array2string)
without_answer(np.save, np.savez, np.savez_compressed, np.savetxt)
# Codes of numbers, and of days.
constant(np.ravel_multi_index, np.unravel_index, np.packbits, np.unpackbits)
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
