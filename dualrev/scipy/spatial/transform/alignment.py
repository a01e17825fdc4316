"""The rotation that aligns vectors best, Wahba's problem; by Davenport's form, and exactly for one pair.

Must not know the classes of rotations.
"""

import numpy as np

from dualrev.core.arrays import anywhere
from dualrev.core.traced import is_traced
from dualrev.scipy.spatial.transform import quaternions as forms

__all__ = ["aligned"]


def aligned(a, b, weights, return_sensitivity):
    """The quaternion that turns b closest to a, the root of the sum of squares left, the sensitivity."""
    count = np.sum(np.isinf(weights))
    if len(a) == 1 or anywhere(count > 0):
        if anywhere(count > 1):
            raise ValueError("Only one infinite weight is allowed")
        if return_sensitivity:
            raise ValueError(
                "Cannot return sensitivity matrix with an infinite weight or one vector pair"
            )
        first = int(np.argmax(np.isinf(weights)))
        q = _exactly_first(a, b, weights, first)
        if len(a) > 1 or anywhere(count > 0):
            weights = np.where(np.arange(len(a)) == first, 0.0, weights)
        return q, _left(q, a, b, weights)
    products = (weights[:, None] * a).T @ b
    q = forms.closest(products)
    ans = q, _left(q, a, b, weights)
    return (*ans, _sensitivity(q, products, weights)) if return_sensitivity else ans


def _turned(q, b):
    return b @ forms.to_matrix(q).T


def _left(q, a, b, weights):
    return np.sqrt(np.sum(weights[:, None] * (a - _turned(q, b)) ** 2))


def _sensitivity(q, products, weights):
    """mean(w) (kappa I + B B^T) / zeta (Markley and Mortari, 2000), of B = R S with a symmetric S.

    kappa and zeta are symmetric in the eigenvalues of S: they need none of them.
    """
    s = forms.to_matrix(q).T @ products
    trace = np.trace(s)
    kappa = (trace**2 - np.sum(s * s.T)) / 2
    zeta = trace * kappa - np.linalg.det(s)
    return np.mean(weights) / zeta * (kappa * np.eye(3) + products @ products.T)


def _exactly_first(a, b, weights, first):
    """The shortest turn of one vector onto its partner, and one around it that aligns the others."""
    to, of = a[first], b[first]
    lengths = np.linalg.norm(to), np.linalg.norm(of)
    if anywhere(np.equal(lengths[0], 0)) or anywhere(np.equal(lengths[1], 0)):
        raise ValueError("Cannot align zero length primary vectors")
    to, of = to / lengths[0], of / lengths[1]
    axis, cosine = np.cross(of, to), forms.inner(of, to)
    # 1 + cosine, with the digits of nearly opposite vectors.
    back = forms.inner(axis, axis) / np.where(cosine < 0, 1 - cosine, 1)
    q = np.concatenate([axis, np.where(cosine < 0, back, 1 + cosine)])
    if anywhere(np.all(np.equal(q, 0))):
        if is_traced(to, of):
            raise ValueError("Opposite vectors are aligned by turns around every axis across them")
        q = np.append(np.cross(np.eye(3)[np.argmin(np.abs(to))], to), 0.0)  # as SciPy chooses
    q = forms.normalized(q)
    others = np.arange(len(a)) != first
    if not others.any():
        return q
    a, c, w = a[others], _turned(q, b[others]), weights[others]
    sine = np.sum(w * (np.cross(c, a) @ to))
    cosine = np.sum(w * (np.sum(c * a, axis=-1) - (c @ to) * (a @ to)))
    half = np.arctan2(sine, cosine) / 2
    return forms.composed(np.append(to * np.sin(half), np.cos(half)), q)
