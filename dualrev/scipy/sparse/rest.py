"""What :mod:`scipy.sparse` has beside what has a rule here, each name with its word."""

import scipy.sparse as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

REST = Rest(
    _scipy,
    constant=(
        "eye eye_array get_index_dtype identity "
        "issparse isspmatrix isspmatrix_bsr isspmatrix_coo isspmatrix_csc "
        "isspmatrix_csr isspmatrix_dia isspmatrix_dok isspmatrix_lil load_npz rand random "
        "random_array safely_cast_index_arrays sparray spmatrix"
    ),
    refused={
        "dok_array dok_matrix lil_array lil_matrix": (
            "it is written number by number, and holds plain ones",
            (
                "collect rows, columns and numbers in lists for dualrev.scipy.sparse.csr_array: "
                "csr_array((np.stack(numbers), (rows, cols)), shape=shape)"
            ),
        ),
        "expand_dims matrix_transpose permute_dims swapaxes": (
            "of sparse arrays with traced numbers two axes are known",
            "use A.T, or functions of A.toarray()",
        ),
        "save_npz": ("a file holds plain numbers", "give it A.plain()"),
    },
)
