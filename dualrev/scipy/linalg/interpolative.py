"""scipy.linalg.interpolative: what is made of an interpolative decomposition, differentiable.

Must not know how a decomposition is found: by plain numbers, and by random ones.
"""

import numpy as np
import scipy.linalg.interpolative as _scipy

from dualrev.scipy.by_program import by_program
from dualrev.scipy.rest import Rest
from dualrev.scipy.twin import twin

REST = Rest(
    _scipy,
    dispatches="reconstruct_skel_matrix",
    constant="estimate_rank rand seed",
    refused={
        "estimate_spectral_norm estimate_spectral_norm_diff": (
            "they estimate by random vectors",
            "use dualrev.scipy.linalg.svdvals(a)[0]",
        ),
        "id_to_svd": (
            "it takes the factors apart in compiled code",
            (
                "use dualrev.scipy.linalg.svd(reconstruct_matrix_from_id(B, idx, proj), "
                "full_matrices=False)"
            ),
        ),
        "interp_decomp": (
            "it chooses columns, and by random numbers",
            "choose them of dualrev.stop_gradient(a), and solve: np.linalg.lstsq(a[:, idx[:k]], a)",
        ),
        "svd": ("it computes with random vectors", "use dualrev.scipy.linalg.svd"),
    },
)

__all__ = ["reconstruct_interp_matrix", "reconstruct_matrix_from_id", *REST.names]
__getattr__ = REST


def _columns(b, proj, idx):
    """The columns of b and those of ``b @ proj``, in their order."""
    return np.concatenate((b, b @ proj), -1)[..., np.argsort(idx)]


@twin(_scipy.reconstruct_interp_matrix)
def reconstruct_interp_matrix(proj, *, idx):
    """The matrix P of a decomposition ``A = B @ P``: the identity and proj, columns in their order.

    Equals :func:`scipy.linalg.interpolative.reconstruct_interp_matrix`; linear in proj.
    """
    return _columns(np.eye(proj.shape[-2]), proj, idx)


@twin(
    _scipy.reconstruct_matrix_from_id, by_program, lambda B, proj, idx=None: _columns(B, proj, idx)
)
def reconstruct_matrix_from_id(B, proj):
    """The matrix ``B @ P`` of an interpolative decomposition.

    Equals :func:`scipy.linalg.interpolative.reconstruct_matrix_from_id`; linear in B and in proj.
    """
