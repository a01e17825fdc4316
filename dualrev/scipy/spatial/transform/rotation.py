"""Rotation: turns in three dimensions, with derivatives by all that they are made of.

Owns SciPy's names, arguments and shapes.  Must not know the formulas.
"""

from typing import Any

import numpy as np
from scipy.spatial import transform

from dualrev.axes import axes_of
from dualrev.core.arrays import anywhere
from dualrev.core.words import constant
from dualrev.rules.indexing import picked
from dualrev.rules.matrices import times_vectors
from dualrev.scipy.spatial.transform import quaternions as forms
from dualrev.scipy.spatial.transform.alignment import aligned
from dualrev.scipy.spatial.transform.sequences import Transforms, real, shape_of

__all__ = ["Rotation", "quaternions_of"]


def quaternions_of(rotations: Any) -> Any:
    """Those of one of our rotations, or of SciPy's."""
    return rotations._quat if isinstance(rotations, Rotation) else real(rotations.as_quat())


def _array_of(x):
    return quaternions_of(x) if isinstance(x, Rotation | transform.Rotation) else None


def _in_radians(angles, degrees):
    angles = real(angles)
    return np.deg2rad(angles) if degrees else angles


def _axes_as_well(x, width):
    """Angles with an axis for the turns that follow each other, also where there is one turn."""
    x = np.atleast_1d(x)
    return x if x.shape[-1] == width else x[..., None]


class Rotation(Transforms):
    """Rotations in three dimensions, one or an array of them.

    Equals :class:`scipy.spatial.transform.Rotation`, in what it is made of, gives and computes.  An
    instance may hold traced quaternions; operands may be of this class or of SciPy's.

    Parameters
    ----------
    quat : array, shape (..., 4)
        Quaternions (x, y, z, w), differentiated.
    normalize : bool
        Whether they are divided by their lengths.
    copy : bool
        Nothing here: no array is written to.
    scalar_first : bool
        Whether w comes first.

    Notes
    -----
    All forms are smooth where the rotation is: also rotation vectors at the identity, and
    :meth:`from_matrix`, whose derivative is that of the closest rotation, at rotations.
    :meth:`magnitude` is a norm there, with derivative 0 and no second one; angles of
    :meth:`as_euler` have none by all three in a gimbal lock, but that of SciPy's choice.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.spatial.transform import Rotation
    >>> dr.jacobian(lambda v: Rotation.from_rotvec(v).apply([1.0, 0.0, 0.0]))(np.zeros(3))
    array([[ 0.,  0.,  0.],
           [ 0.,  0.,  1.],
           [ 0., -1.,  0.]])
    """

    _noun = "rotation"
    _array_name, _axes_of_one = "_quat", 1
    _array_of, _product = staticmethod(_array_of), staticmethod(forms.composed)

    def __init__(
        self, quat: Any, normalize: bool = True, copy: bool = True, scalar_first: bool = False
    ):
        quat = real(quat, 4, "quat")
        if scalar_first:
            quat = np.concatenate([quat[..., 1:], quat[..., :1]], axis=-1)
        self._quat = forms.normalized(quat) if normalize else quat

    # ------------------------------------------------------------------------------- made of

    @classmethod
    def from_quat(cls, quat: Any, *, scalar_first: bool = False) -> "Rotation":
        """Of quaternions (..., 4), which are divided by their lengths."""
        return cls(quat, scalar_first=scalar_first)

    @classmethod
    def from_matrix(cls, matrix: Any, *, assume_valid: bool = False) -> "Rotation":
        """The closest ones to matrices (..., 3, 3) of positive determinant."""
        matrix = real(matrix, 3, "matrix")
        if matrix.shape[-2:] != (3, 3):
            raise ValueError(f"Expected `matrix` to have shape (..., 3, 3), got {matrix.shape}.")
        return cls._of(forms.from_matrix(matrix, assume_valid))

    @classmethod
    def from_rotvec(cls, rotvec: Any, degrees: bool = False) -> "Rotation":
        """Around vectors (..., 3), by angles that are their lengths."""
        return cls._of(forms.from_rotvec(_in_radians(real(rotvec, 3, "rot_vec"), degrees)))

    @classmethod
    def from_euler(cls, seq: str, angles: Any, degrees: bool = False) -> "Rotation":
        """Around axes of the frame, one letter each, by angles (..., len(seq))."""
        angles = _in_radians(angles, degrees)
        # SciPy's versions read arrays of one angle each differently.
        shape = transform.Rotation.from_euler(seq, np.zeros(angles.shape)).as_quat().shape
        q = forms.from_angles(seq, _axes_as_well(angles, len(seq)))
        return cls._of(q.reshape(shape))

    @classmethod
    def from_davenport(
        cls, axes: Any, order: str, angles: Any, degrees: bool = False
    ) -> "Rotation":
        """Around vectors (..., n, 3) that are orthogonal to the next, by angles (..., n)."""
        axes, angles = real(axes, 3, "axes"), _in_radians(angles, degrees)
        orthogonal = np.broadcast_to(
            np.eye(3)[: axes.shape[-2]] if axes.ndim > 1 else 1, axes.shape
        )
        made = transform.Rotation.from_davenport(orthogonal, order, np.zeros(angles.shape))
        axes = _unit_axes(np.atleast_2d(axes), lambda product: np.abs(product) > 1e-7)
        angles = _axes_as_well(angles, axes.shape[-2])
        q = forms.from_axes(axes, angles, order in ("i", "intrinsic"))
        return cls._of(q.reshape(made.as_quat().shape))

    @classmethod
    def from_mrp(cls, mrp: Any) -> "Rotation":
        """Of modified Rodrigues parameters (..., 3)."""
        return cls._of(forms.from_mrp(real(mrp, 3, "mrp")))

    @classmethod
    def identity(cls, num: int | None = None, *, shape: Any = None) -> "Rotation":
        """Those that turn nothing."""
        return cls._of(np.broadcast_to([0.0, 0.0, 0.0, 1.0], (*shape_of(num, shape), 4)).copy())

    @classmethod
    def random(cls, num: int | None = None, *args: Any, **options: Any) -> "Rotation":
        """Random ones, constants."""
        return cls._of(transform.Rotation.random(num, *args, **options).as_quat())

    @classmethod
    def create_group(cls, group: str, axis: str = "Z") -> "Rotation":
        """Those of a symmetry, constants."""
        return cls._of(transform.Rotation.create_group(group, axis).as_quat())

    @classmethod
    def concatenate(cls, rotations: Any) -> "Rotation":
        """All of some, along one axis."""
        return cls._joined(rotations)

    @classmethod
    def align_vectors(
        cls, a: Any, b: Any, weights: Any = None, return_sensitivity: bool = False
    ) -> tuple:
        """The rotation that carries vectors b (n, 3) closest to a, and the root of what is left.

        The derivative, by vectors and weights, is that of the exact optimum, where it is unique.
        """
        a, b = real(a, 3, "a"), real(b, 3, "b")
        if a.ndim > 2 or a.shape != b.shape:
            raise ValueError(
                "Expected inputs `a` and `b` to have the same shape, (3,) or (N, 3), got "
                f"{a.shape} and {b.shape} respectively."
            )
        weights = np.ones(a.size // 3) if weights is None else real(weights)
        if weights.shape != (a.size // 3,):
            raise ValueError(
                f"Expected `weights` to have number of values equal to number of input vectors, got "
                f"{weights.shape} and {a.size // 3} vectors."
            )
        if anywhere(weights < 0):
            raise ValueError("`weights` may not contain negative values")
        found = aligned(a.reshape(-1, 3), b.reshape(-1, 3), weights, return_sensitivity)
        return cls._of(found[0]), *found[1:]

    # ---------------------------------------------------------------------------------- given as

    def as_quat(self, canonical: bool = False, *, scalar_first: bool = False) -> Any:
        """Quaternions, of shape (..., 4)."""
        q = forms.to_canonical(self._quat) if canonical else np.copy(self._quat)
        return np.concatenate([q[..., 3:], q[..., :3]], axis=-1) if scalar_first else q

    def as_matrix(self) -> Any:
        """Matrices, of shape (..., 3, 3)."""
        return forms.to_matrix(self._quat)

    def as_rotvec(self, degrees: bool = False) -> Any:
        """Vectors whose lengths are the angles, of shape (..., 3)."""
        v = forms.to_rotvec(self._quat)
        return np.rad2deg(v) if degrees else v

    def as_euler(self, seq: str, degrees: bool = False, *, suppress_warnings: bool = False) -> Any:
        """Angles around three axes of the frame, of shape (..., 3)."""
        angles = forms.to_angles(self._quat, seq, suppress_warnings)
        return np.rad2deg(angles) if degrees else angles

    def as_davenport(
        self, axes: Any, order: str, degrees: bool = False, *, suppress_warnings: bool = False
    ) -> Any:
        """Angles around three vectors, (..., 3, 3), of shape (..., 3)."""
        if order not in ("e", "extrinsic", "i", "intrinsic"):
            raise ValueError(
                "order should be 'e'/'extrinsic' for extrinsic sequences or 'i'/'intrinsic' for "
                f"intrinsic sequences, got {order}"
            )
        axes = real(axes, 3, "axes")
        if axes.shape[-2] != 3:
            raise ValueError(f"Expected 3 axes, got {axes.shape}.")
        axes = _unit_axes(axes, lambda product: product >= 1e-7)
        extrinsic = order in ("e", "extrinsic")
        angles = forms.to_davenport_angles(self._quat, axes, extrinsic, suppress_warnings)
        return np.rad2deg(angles) if degrees else angles

    def as_mrp(self) -> Any:
        """Modified Rodrigues parameters, of shape (..., 3)."""
        return forms.to_mrp(self._quat)

    def magnitude(self) -> Any:
        """Angles, from 0 to pi."""
        return forms.magnitude(self._quat)

    # ---------------------------------------------------------------------------- computed with

    def apply(self, vectors: Any, inverse: bool = False) -> Any:
        """Vectors (..., 3), turned."""
        vectors = real(vectors, 3, "vectors")
        matrix = self.as_matrix()
        if inverse:
            matrix = np.swapaxes(matrix, -1, -2)
        return times_vectors(matrix, vectors)

    def __pow__(self, n: Any, modulus: None = None) -> "Rotation":
        if modulus is not None:
            raise NotImplementedError("modulus not supported")
        return super().__pow__(n)

    def _power(self, n):
        return self.from_rotvec(n * self.as_rotvec())

    def inv(self) -> "Rotation":
        """The inverse rotations."""
        return self._of(forms.conjugate(self._quat))

    def approx_equal(self, other: Any, atol: float | None = None, degrees: bool = False) -> Any:
        """Whether rotations differ by an angle below atol, 1e-8 if not given."""
        atol = 1e-8 if atol is None else np.deg2rad(atol) if degrees else atol
        return (self.inv().__rmul__(other)).magnitude() < atol

    def mean(self, weights: Any = None, axis: Any = None) -> "Rotation":
        """The rotation of the least sum of squared chordal distances, over some axes or all."""
        q = np.atleast_2d(self._quat)
        if 0 in q.shape:
            raise ValueError("Mean of an empty rotation set is undefined.")
        squares = q[..., :, None] * q[..., None, :]
        if weights is not None:
            weights = real(weights)
            if anywhere(weights < 0):
                raise ValueError("`weights` must be non-negative.")
            if self._quat.ndim == 2 and weights.shape != q.shape[:1]:
                raise ValueError(
                    "Expected `weights` to have number of values equal to number of rotations, got "
                    f"{weights.shape} values and {len(q)} rotations."
                )
            squares = weights[..., None, None] * squares
        axes = axes_of(axis, q.ndim - 1)
        return self._of(forms.largest_eigenvector(np.mean(squares, axis=axes)))

    def reduce(self, left: Any = None, right: Any = None, return_indices: bool = False) -> Any:
        """The one of least angle of all that groups from the left and the right make of each."""
        if left is None and right is None:
            return (self, None, None) if return_indices else self
        unit = np.array([[0.0, 0.0, 0.0, 1.0]])
        ls, rs = (unit if g is None else np.atleast_2d(quaternions_of(g)) for g in (left, right))
        q = np.atleast_2d(self._quat)
        of_left, of_right = np.moveaxis(_best(q, ls, rs), -1, 0)
        first, last = picked(rs, of_right), picked(ls, of_left)
        reduced = forms.composed(last, forms.composed(q, first))
        reduced = self._of(reduced.reshape(self._quat.shape))
        if not return_indices:
            return reduced
        return reduced, None if left is None else of_left, None if right is None else of_right


def _best_pairs(q, left, right):
    """Which elements of two groups reduce each rotation; many are as good, of which SciPy takes one."""
    q, left, right = (transform.Rotation(x, normalize=False) for x in (q, left, right))
    return np.stack(q.reduce(left, right, return_indices=True)[1:], axis=-1)


_best = constant(_best_pairs, arity=3)


def _unit_axes(axes, oblique):
    """Axes (..., n, 3) of length 1, consecutive ones orthogonal; oblique tells of a product when not."""
    axes = axes / np.linalg.norm(axes, axis=-1, keepdims=True)
    if anywhere(oblique(forms.inner(axes[..., :-1, :], axes[..., 1:, :]))):
        raise ValueError("Consecutive axes must be orthogonal.")
    return axes
