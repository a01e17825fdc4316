"""Rotations as arrays of unit quaternions (x, y, z, w), made of their other forms and turned into these.

Owns the formulas, smooth also at the identity.  Must not know the classes of rotations.

Diebel (2006), "Representing attitude", for the forms; Bernardes and Viollet (2022), "Quaternion to Euler
angles conversion", for angles.
"""

import re
import warnings
from math import factorial

import numpy as np

from dualrev.core.arrays import anywhere, nowhere
from dualrev.core.guarded import guarded_product
from dualrev.core.words import constant, rule
from dualrev.rules.matrices import times_vectors
from dualrev.ways import stacked

__all__ = [
    "apart",
    "closest",
    "composed",
    "conjugate",
    "even",
    "from_angles",
    "from_axes",
    "from_matrix",
    "from_mrp",
    "from_rotvec",
    "inner",
    "largest_eigenvector",
    "magnitude",
    "normalized",
    "replaced",
    "to_angles",
    "to_canonical",
    "to_davenport_angles",
    "to_matrix",
    "to_mrp",
    "to_rotvec",
]


def inner(a, b):
    """Sums of products along the last axis, which stays."""
    return np.sum(a * b, axis=-1, keepdims=True)


def apart(q):
    """The vector part of quaternions, and the scalar part, which keeps its axis."""
    return q[..., :3], q[..., 3:]


def joined(v, w):
    """Quaternions of both parts."""
    shape = np.broadcast_shapes(v.shape[:-1], w.shape[:-1])
    parts = (np.broadcast_to(v, (*shape, 3)), np.broadcast_to(w, (*shape, 1)))
    return np.concatenate(parts, axis=-1)


def even(s, coefficients, of_size, below=1.0):
    """A function of a size that is smooth in its square s: near 0 by its series in s."""
    near = np.less(s, below)
    if nowhere(near):
        return of_size(np.sqrt(s))
    series = _series(np.where(near, s, 0.0), coefficients)
    return np.where(near, series, of_size(np.sqrt(np.where(near, 1.0, s))))


def _series(x, coefficients):
    total = coefficients[-1]
    for c in coefficients[-2::-1]:
        total = c + x * total
    return total


def replaced(x, indexer, value, shape):
    """x with a value in the places of an array of this shape that an index tells."""
    places = np.zeros(shape, bool)
    places[indexer, ...] = True  # of a tuple SciPy makes a list of places
    values = np.zeros_like(value, shape=x.shape)
    values[indexer, ...] = value
    return np.where(places.reshape(*shape, *(1,) * (x.ndim - len(shape))), values, x)


# ------------------------------------------------------------------------------ rotation vectors

# sin(t/2)/t and cos(t/2), in powers of t^2; atan(t)/t.
_HALF_SINE = [(-1) ** k / (2 ** (2 * k + 1) * factorial(2 * k + 1)) for k in range(10)]
_COSINE = [(-1) ** k / (4**k * factorial(2 * k)) for k in range(10)]
_ARCTAN = [(-1) ** k / (2 * k + 1) for k in range(12)]
_NEAR = 0.01  # where twelve terms of the last are enough


def from_rotvec(v):
    """(v sin(t/2)/t, cos(t/2)), t the length of v"""
    s = inner(v, v)
    half_sine = even(s, _HALF_SINE, lambda t: np.sin(t / 2) / t)
    return joined(v * half_sine, even(s, _COSINE, lambda t: np.cos(t / 2)))


def to_rotvec(q):
    """v t/sin(t/2) with tan(t/2) = |v|/w"""
    v, w = apart(to_canonical(q))
    s, ww = inner(v, v), w * w
    near = s < _NEAR * ww
    tt = np.where(near, s, 0.0) / np.where(near, ww, 1.0)
    n = np.sqrt(np.where(near, 1.0, s))
    # The roots are 1 / cos(t/2), and 1 but for quaternions that were not normalized.
    of_small = _series(tt, _ARCTAN) * np.sqrt(1 + tt)
    of_others = np.arctan2(n, w) / n * np.sqrt(np.where(near, 1.0, s + ww))
    return 2 * np.where(near, of_small, of_others) * v


def magnitude(q):
    """2 atan2(|v|, |w|)"""
    v, w = apart(q)
    return 2 * np.arctan2(np.linalg.norm(v, axis=-1), np.abs(w[..., 0]))


# ------------------------------------------------------------------------------------ the algebra


def normalized(q):
    """Quaternions of length 1."""
    norm = np.linalg.norm(q, axis=-1, keepdims=True)
    if anywhere(np.equal(norm, 0)):
        raise ValueError("Found zero norm quaternions in `quat`.")
    return q / norm


def composed(p, q):
    """The rotation q and then p."""
    (u, a), (v, b) = apart(p), apart(q)
    return joined(a * v + b * u + np.cross(u, v), a * b - inner(u, v))


def conjugate(q):
    """The inverse rotations."""
    v, w = apart(q)
    return joined(-v, w)


def to_canonical(q):
    """Of q and -q the one whose first component that is not 0, in the order w x y z, is positive."""
    x, y, z, w = (q[..., k : k + 1] for k in range(4))
    first = np.where(w != 0, w, np.where(x != 0, x, np.where(y != 0, y, z)))
    return np.where(first < 0, -q, q)


# --------------------------------------------------------------------------------------- matrices


def to_matrix(q):
    """(w^2 - |v|^2) I + 2 v v^T + 2 w [v]_x, whose elements are squares of lengths"""
    x, y, z, w = (q[..., k] for k in range(4))
    xx, yy, zz, ww = x * x, y * y, z * z, w * w
    rows = (
        *(xx - yy - zz + ww, 2 * (x * y - z * w), 2 * (x * z + y * w)),
        *(2 * (x * y + z * w), -xx + yy - zz + ww, 2 * (y * z - x * w)),
        *(2 * (x * z - y * w), 2 * (y * z + x * w), -xx - yy + zz + ww),
    )
    return np.stack(rows, axis=-1).reshape(*q.shape[:-1], 3, 3)


def _form(m):
    """The symmetric matrix K with q^T K q = tr(R(q)^T m), Davenport's."""
    trace = (m[..., 0, 0] + m[..., 1, 1] + m[..., 2, 2])[..., None, None]
    turn = np.stack(
        [
            m[..., 2, 1] - m[..., 1, 2],
            m[..., 0, 2] - m[..., 2, 0],
            m[..., 1, 0] - m[..., 0, 1],
        ],
        axis=-1,
    )[..., None]
    upper = np.concatenate([m + np.swapaxes(m, -1, -2) - trace * np.eye(3), turn], axis=-1)
    lower = np.concatenate([np.swapaxes(turn, -1, -2), trace], axis=-1)
    return np.concatenate([upper, lower], axis=-2)


def _is_repeated(k):
    """Where the largest eigenvalue is not simple, to rounding."""
    w = np.linalg.eigvalsh(k)
    least = 10 * w.shape[-1] * np.finfo(w.dtype).eps * np.max(np.abs(w), axis=-1)
    return (w[..., -1] - w[..., -2] <= least)[..., None, None]


_is_repeated = constant(_is_repeated, batch=stacked(2))


def _response(k, q, x):
    """(lambda - k)^+ x, of an eigenvector q of k; nan where others have the same eigenvalue."""
    column, repeated = q[..., None], _is_repeated(k)
    row, one = np.swapaxes(column, -1, -2), np.eye(q.shape[-1])
    x = x[..., None]
    x = x - column * (row @ x)
    # q q^T times the eigenvalue makes it regular, at its own scale.
    system = np.where(repeated, one, row @ k @ column * (one + column * row) - k)
    lost = guarded_product(np.sum(np.abs(x), axis=-2, keepdims=True), np.where(repeated, np.nan, 0))
    return (np.linalg.solve(system, x) + lost)[..., 0]


def _eigenvector_jvp(tangents, ans, k):
    """dq = (lambda - k)^+ dk q: what the other eigenvalues are, and whether they repeat, has no say."""
    (t,) = tangents
    return _response(k, ans, times_vectors(t, ans))


def _eigenvector_vjp(ct, wanted, ans, k):
    return [_response(k, ans, ct)[..., :, None] * ans[..., None, :]]


#: The eigenvector of the largest eigenvalue of symmetric matrices, which is simple.
largest_eigenvector = rule(
    lambda k: np.linalg.eigh(k)[1][..., -1],
    jvp=_eigenvector_jvp,
    vjp=_eigenvector_vjp,
    batch=stacked(2),
    name="largest_eigenvector",
)


def closest(m):
    """The rotations closest to matrices, of any determinant; the largest part is positive.

    A smooth function where they are unique; the singular vectors of a rotation are not.
    """
    q = largest_eigenvector(_form(m))
    place = np.argmax(q * q, axis=-1, keepdims=True)
    return np.where(np.take_along_axis(q, place, -1) < 0, -q, q)


def from_matrix(m, assume_valid=False):
    """Those of rotation matrices, or closest to matrices of a positive determinant."""
    if assume_valid:
        # Elements of K + I are 4 q_i q_j then.
        trace = np.trace(m, axis1=-2, axis2=-1)
        diagonal = np.diagonal(m, axis1=-2, axis2=-1)
        decision = np.concatenate([diagonal, np.asarray(trace)[..., None]], axis=-1)
        place = np.argmax(decision, axis=-1)[..., None, None]
        return normalized(np.take_along_axis(_form(m) + np.eye(4), place, -2)[..., 0, :])
    if anywhere(np.linalg.det(m) <= 0):
        raise ValueError(
            "Non-positive determinant (left-handed or null coordinate frame) in rotation matrix."
        )
    return closest(m)


def from_mrp(p):
    """(2 p, 1 - |p|^2) / (1 + |p|^2)"""
    s = inner(p, p)
    return joined(2 * p, 1 - s) / (1 + s)


def to_mrp(q):
    """v / (1 + w), w positive"""
    q = np.where(q[..., 3:] < 0, -q, q)
    v, w = apart(q)
    return v / (1 + w)


# ----------------------------------------------------------------------------------------- angles


def axes_of(seq):
    """Numbers of the axes of a sequence of letters, and whether they turn with the body."""
    intrinsic = re.match(r"^[XYZ]{1,3}$", seq) is not None
    extrinsic = re.match(r"^[xyz]{1,3}$", seq) is not None
    if not (intrinsic or extrinsic):
        raise ValueError(
            f"Expected axes from `seq` to be from ['x', 'y', 'z'] or ['X', 'Y', 'Z'], got {seq}"
        )
    if any(a == b for a, b in zip(seq, seq[1:])):
        raise ValueError(f"Expected consecutive axes to be different, got {seq}")
    return ["xyz".index(letter) for letter in seq.lower()], intrinsic


def from_axes(axes, angles, intrinsic):
    """Turns by angles (..., n) around unit vectors (..., n, 3), one after the other."""
    half = angles[..., None] / 2
    # 0.0 and not -0.0 where an axis has none, which angles of half a turn would show.
    turns = joined(axes * np.sin(half) + 0.0, np.cos(half))
    q = turns[..., 0, :]
    for k in range(1, turns.shape[-2]):
        turn = turns[..., k, :]
        q = composed(q, turn) if intrinsic else composed(turn, q)
    return q


def from_angles(seq, angles):
    """Turns by angles (..., n) around axes of the frame."""
    axes, intrinsic = axes_of(seq)
    return from_axes(np.eye(3)[axes], angles, intrinsic)


def to_angles(q, seq, suppress_warnings=False):
    """Three angles around axes of the frame."""
    if len(seq) != 3:
        raise ValueError(f"Expected 3 axes, got {seq}.")
    axes, intrinsic = axes_of(seq)
    i, j, k = axes[::-1] if intrinsic else axes
    symmetric = i == k
    if symmetric:
        k = 3 - i - j
    sign = (i - j) * (j - k) * (k - i) // 2
    w, x, y, z = q[..., 3], q[..., i], q[..., j], q[..., k] * sign
    parts = (w, x, y, z) if symmetric else (w - y, x + z, y + w, z - x)
    first, second, third = _angles(*parts, intrinsic, suppress_warnings)
    if not symmetric:
        second = second - np.pi / 2
        if intrinsic:
            first = first * sign
        else:
            third = third * sign
    return _wrapped(first, second, third)


def to_davenport_angles(q, axes, extrinsic, suppress_warnings=False):
    """Three angles around unit vectors (..., 3, 3), consecutive ones orthogonal."""
    n1, n2, n3 = (axes[..., k, :] for k in ((0, 1, 2) if extrinsic else (2, 1, 0)))
    across = np.cross(n1, n2)
    between = np.arctan2(inner(n3, across), inner(n3, n1))
    turned = between < 0
    n2, across = np.where(turned, -n2, n2), np.where(turned, -across, across)
    between = np.where(turned, -between, between)
    q = composed(joined(np.sin(between / 2) * n2, np.cos(between / 2)), q)
    v, w = apart(q)
    parts = (part[..., 0] for part in (w, inner(v, n1), inner(v, n2), inner(v, across)))
    first, second, third = _angles(*parts, not extrinsic, suppress_warnings)
    second = second - between[..., 0]
    return _wrapped(first, np.where(turned[..., 0], -second, second), third)


_LOCK = 1e-7


def _angles(a, b, c, d, intrinsic, suppress_warnings):
    """Three angles of the parts of a quaternion, where two turn the same way the last one is 0."""
    half_sum, half_difference = np.arctan2(b, a), np.arctan2(d, c)
    second = 2 * np.arctan2(np.hypot(c, d), np.hypot(a, b))
    near_zero, near_pi = np.abs(second) <= _LOCK, np.abs(second - np.pi) <= _LOCK
    locked = near_zero | near_pi
    if not suppress_warnings and anywhere(locked):
        warnings.warn(
            "Gimbal lock detected. Setting third angle to zero since it is not possible to uniquely "
            "determine all angles.",
            stacklevel=2,
        )
    of_lock = np.where(near_zero, 2 * half_sum, 2 * half_difference * (1 if intrinsic else -1))
    less, more = half_sum - half_difference, half_sum + half_difference
    if intrinsic:
        return np.where(locked, of_lock, more), second, np.where(locked, 0.0, less)
    return np.where(locked, of_lock, less), second, np.where(locked, 0.0, more)


def _wrapped(*angles):
    """Angles from -pi to pi."""
    angles = np.stack(angles, axis=-1)
    return angles - 2 * np.pi * ((angles > np.pi) * 1.0 - (angles < -np.pi))
