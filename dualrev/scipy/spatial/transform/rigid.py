"""RigidTransform: turns and shifts in three dimensions, with derivatives by all that they are made of.

Owns SciPy's names, arguments and shapes.  Must not know the formulas of rotations.
"""

from typing import Any

import numpy as np

from dualrev.axes import axes_of
from dualrev.core.arrays import anywhere
from dualrev.rules.matrices import times_vectors
from dualrev.scipy.spatial.transform import quaternions as forms
from dualrev.scipy.spatial.transform.exponential import (
    exponential_matrix,
    logarithm_matrix,
)
from dualrev.scipy.spatial.transform.rotation import Rotation, quaternions_of
from dualrev.scipy.spatial.transform.sequences import Transforms, real, shape_of

__all__ = ["RigidTransform"]


def _matrix(rotation, translation):
    """Homogeneous matrices (..., 4, 4)."""
    shape = np.broadcast_shapes(rotation.shape[:-2], translation.shape[:-1])
    rotation = np.broadcast_to(rotation, (*shape, 3, 3))
    translation = np.broadcast_to(translation, (*shape, 3))[..., None]
    upper = np.concatenate([rotation, translation], axis=-1)
    lower = np.broadcast_to([[0.0, 0.0, 0.0, 1.0]], (*shape, 1, 4))
    return np.concatenate([upper, lower], axis=-2)


def _array_of(x):
    """The matrices of one of our transforms, or of SciPy's; None of anything else."""
    if isinstance(x, RigidTransform):
        return x._matrix
    return real(x.as_matrix()) if type(x).__name__ == "RigidTransform" else None


class RigidTransform(Transforms):
    """Rigid transforms in three dimensions, one or an array of them.

    Equals :class:`scipy.spatial.transform.RigidTransform`, in what it is made of, gives and computes.
    An instance may hold traced matrices; operands may be of this class or of SciPy's.

    Parameters
    ----------
    matrix : array, shape (..., 4, 4)
        Homogeneous matrices, differentiated.
    normalize : bool
        Whether their rotations are replaced by the closest ones.
    copy : bool
        Nothing here: no array is written to.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial.transform import RigidTransform
    >>> f = lambda xi: RigidTransform.from_exp_coords(xi).apply([1.0, 0.0, 0.0])
    >>> dr.jacobian(f)(np.zeros(6))
    array([[ 0.,  0.,  0.,  1.,  0.,  0.],
           [ 0.,  0.,  1.,  0.,  1.,  0.],
           [ 0., -1.,  0.,  0.,  0.,  1.]])
    """

    _noun = "transform"
    _array_name, _axes_of_one = "_matrix", 2
    _array_of, _product = staticmethod(_array_of), staticmethod(np.matmul)

    def __init__(self, matrix: Any, normalize: bool = True, copy: bool = True):
        matrix = real(matrix, 4, "matrix")
        if matrix.shape[-2:] != (4, 4):
            raise ValueError(f"Expected `matrix` to have shape (..., 4, 4), got {matrix.shape}.")
        if anywhere(matrix[..., 3, :] != [0, 0, 0, 1]):
            raise ValueError(
                "Expected last row of transformation matrix to be exactly [0, 0, 0, 1]."
            )
        if normalize:
            rotation = forms.to_matrix(forms.from_matrix(matrix[..., :3, :3]))
            matrix = _matrix(rotation, matrix[..., :3, 3])
        self._matrix = matrix

    # ------------------------------------------------------------------------------- made of

    @classmethod
    def from_matrix(cls, matrix: Any) -> "RigidTransform":
        """Of homogeneous matrices (..., 4, 4), with the closest rotations."""
        return cls(matrix)

    @classmethod
    def from_rotation(cls, rotation: Any) -> "RigidTransform":
        """Of rotations alone."""
        return cls._of(_matrix(forms.to_matrix(quaternions_of(rotation)), np.zeros(3)))

    @classmethod
    def from_translation(cls, translation: Any) -> "RigidTransform":
        """Of shifts (..., 3) alone."""
        return cls._of(_matrix(np.eye(3), real(translation, 3, "translation")))

    @classmethod
    def from_components(cls, translation: Any, rotation: Any) -> "RigidTransform":
        """Of rotations, and shifts (..., 3) after them."""
        rotation = forms.to_matrix(quaternions_of(rotation))
        return cls._of(_matrix(rotation, real(translation, 3, "translation")))

    @classmethod
    def from_exp_coords(cls, exp_coords: Any) -> "RigidTransform":
        """Of exponential coordinates (..., 6): rotation vectors, and velocities."""
        coordinates = real(exp_coords, 6, "exp_coords")
        vectors = coordinates[..., :3]
        translation = times_vectors(exponential_matrix(vectors), coordinates[..., 3:])
        return cls._of(_matrix(forms.to_matrix(forms.from_rotvec(vectors)), translation))

    @classmethod
    def from_dual_quat(cls, dual_quat: Any, *, scalar_first: bool = False) -> "RigidTransform":
        """Of dual quaternions (..., 8), which are made unit ones."""
        parts = real(dual_quat, 8, "dual_quat")
        turn, dual = parts[..., :4], parts[..., 4:]
        if scalar_first:
            turn, dual = (np.roll(x, -1, axis=-1) for x in (turn, dual))
        norm = np.linalg.norm(turn, axis=-1, keepdims=True)
        turn = np.where(norm == 0, [0.0, 0.0, 0.0, 1.0], turn)
        norm = np.where(norm == 0, 1.0, norm)
        turn, dual = turn / norm, dual / norm
        dual = dual - forms.inner(turn, dual) * turn
        translation = 2 * forms.composed(dual, forms.conjugate(turn))[..., :3]
        return cls._of(_matrix(forms.to_matrix(turn), translation))

    @classmethod
    def identity(cls, num: int | None = None, *, shape: Any = None) -> "RigidTransform":
        """Those that move nothing."""
        return cls._of(np.broadcast_to(np.eye(4), (*shape_of(num, shape), 4, 4)).copy())

    @classmethod
    def concatenate(cls, transforms: Any) -> "RigidTransform":
        """All of some, along one axis."""
        return cls._joined(transforms)

    # ---------------------------------------------------------------------------------- given as

    @property
    def rotation(self) -> Rotation:
        """The rotations."""
        return Rotation.from_matrix(self._matrix[..., :3, :3])

    @property
    def translation(self) -> Any:
        """The shifts, of shape (..., 3)."""
        return np.copy(self._matrix[..., :3, 3])

    def _quaternions(self):
        return forms.from_matrix(self._matrix[..., :3, :3], assume_valid=True)

    def as_matrix(self) -> Any:
        """Homogeneous matrices, of shape (..., 4, 4)."""
        return np.copy(self._matrix)

    def as_components(self) -> tuple:
        """Shifts and rotations."""
        return self.translation, self.rotation

    def as_exp_coords(self) -> Any:
        """Exponential coordinates, of shape (..., 6)."""
        vectors = forms.to_rotvec(self._quaternions())
        velocities = times_vectors(logarithm_matrix(vectors), self._matrix[..., :3, 3])
        return np.concatenate([vectors, velocities], axis=-1)

    def as_dual_quat(self, *, scalar_first: bool = False) -> Any:
        """Dual quaternions, of shape (..., 8)."""
        turn, shift = self._quaternions(), self._matrix[..., :3, 3]
        dual = forms.composed(np.concatenate([shift, 0 * shift[..., :1]], axis=-1), turn) / 2
        parts = [np.roll(x, 1, axis=-1) if scalar_first else x for x in (turn, dual)]
        return np.concatenate(parts, axis=-1)

    # ---------------------------------------------------------------------------- computed with

    def apply(self, vector: Any, inverse: bool = False) -> Any:
        """Vectors (..., 3), turned and shifted."""
        vector = real(vector, 3, "vector")
        matrix = self.inv()._matrix if inverse else self._matrix
        return times_vectors(matrix[..., :3, :3], vector) + matrix[..., :3, 3]

    def inv(self) -> "RigidTransform":
        """The inverse transforms."""
        back = np.swapaxes(self._matrix[..., :3, :3], -1, -2)
        return self._of(_matrix(back, -times_vectors(back, self._matrix[..., :3, 3])))

    def _power(self, n):
        return self.from_exp_coords(self.as_exp_coords() * n)

    def mean(self, weights: Any = None, axis: Any = None) -> "RigidTransform":
        """The mean of rotations and of shifts, over some axes or all."""
        matrix = self._matrix if self._matrix.ndim > 2 else self._matrix[None]
        axes = axes_of(axis, matrix.ndim - 2)
        quaternions = forms.from_matrix(matrix[..., :3, :3], assume_valid=True)
        rotation = Rotation(quaternions, normalize=False).mean(weights, axes)
        shifts = matrix[..., :3, 3]
        if weights is None:
            shift = np.mean(shifts, axis=axes)
        else:
            weights = real(weights)[..., None]
            shift = np.sum(shifts * weights, axis=axes) / np.sum(weights, axis=axes)
        return self._of(_matrix(rotation.as_matrix(), shift))
