import numpy as np
from dualrev.core.primitive import linear
def sum_transpose(ct, a, axis=None, keepdims=False):
    if axis is not None and not keepdims:
        ct = np.expand_dims(ct, axis)
    return ct + np.zeros(a.shape, ct.dtype)
linear(np.sum, sum_transpose, call=lambda a, axis=None, keepdims=False: a.sum(axis=axis, keepdims=keepdims))
