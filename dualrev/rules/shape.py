"""Array manipulation: the same elements in another shape or order."""

import numpy as np

from dualrev.core.primitive import composition, linear, rule


def _reshape_transpose(ct, a, shape=None, order="C"):
    return ct.reshape(a.shape, order=order)


linear(np.reshape, _reshape_transpose, view=True)


def _concatenate_vjp(ct, wanted, ans, *arrays, axis=0):
    stops = np.cumsum([a.shape[axis] for a in arrays])
    cts = []
    for a, stop in zip(arrays, stops):
        index = [slice(None)] * ct.ndim
        index[axis] = slice(int(stop) - a.shape[axis], int(stop))
        cts.append(ct[tuple(index)])
    return cts


def _concatenate_jvp(tangents, ans, *arrays, axis=0):
    zeros = (np.zeros(a.shape, ans.dtype) if t is None else t for t, a in zip(tangents, arrays))
    return joined(*zeros, axis=axis)


joined = rule(
    lambda *arrays, axis=0: np.concatenate(arrays, axis=axis),
    jvp=_concatenate_jvp,
    vjp=_concatenate_vjp,
)
composition(np.concatenate, lambda arrays, axis=0: joined(*arrays, axis=axis))
linear(np.conjugate, lambda ct, x: np.conjugate(ct))
linear(np.real, lambda ct, x: ct + 0j)
