"""Functions whose answers carry no derivative: shapes, dtypes, indices, counts, comparisons, text.

The ufuncs of this kind are declared among the ufuncs (elementwise).
"""

import numpy as np

from dualrev.core.primitive import constant

# Shapes, dtypes, memory.
constant(
    np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.common_type, np.min_scalar_type
)
constant(np.iscomplexobj, np.isrealobj, np.may_share_memory, np.shares_memory)
constant(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, np.einsum_path)
# Where elements are, and how many.
constant(np.nonzero, np.flatnonzero, np.argwhere, np.count_nonzero)
constant(np.argmax, np.argmin, np.nanargmax, np.nanargmin)
constant(np.argsort, np.argpartition, np.lexsort, np.searchsorted, np.digitize)
# Comparisons and tests.
constant(np.all, np.any, np.isin, np.isclose, np.allclose, np.array_equal, np.array_equiv)
constant(np.iscomplex, np.isreal, np.isneginf, np.isposinf)
constant(np.linalg.matrix_rank)
# Text and files.
constant(np.array_repr, np.array_str, np.array2string)
constant(np.save, np.savez, np.savez_compressed, np.savetxt)
