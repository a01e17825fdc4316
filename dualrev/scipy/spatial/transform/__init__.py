"""Rotations and rigid transforms, with derivatives: :mod:`scipy.spatial.transform`.

Owns the names only.
"""

from dualrev.scipy.spatial.transform.curves import RotationSpline, Slerp
from dualrev.scipy.spatial.transform.rigid import RigidTransform
from dualrev.scipy.spatial.transform.rotation import Rotation

__all__ = ["RigidTransform", "Rotation", "RotationSpline", "Slerp"]
