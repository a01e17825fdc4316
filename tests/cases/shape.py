"""Cases of rules/shape.py."""

import numpy as np

from tests.cases import case, complex_, real


def _filled_like(x):
    y = np.zeros_like(x, shape=4)
    y[1] = x[0] * x[1]
    y[2:] = x[:2] ** 2
    return y


CASES = [
    case(np.reshape, real(2, 3), (3, 2), dtypes="fFD"),
    case(np.reshape, real(2, 3), call=lambda x: x.reshape(-1, order="F"), label="reshape(F)"),
    case(np.ravel, real(2, 3), dtypes="fFD"),
    case(np.ravel, real(2, 3), call=lambda x: x.ravel("F"), label="ravel(F)"),
    case(np.ndarray.flatten, real(2, 3), call=lambda x: x.flatten("F"), label="flatten"),
    case(np.squeeze, real(2, 1, 3, 1)),
    case(np.squeeze, real(2, 1, 3, 1), axis=1),
    case(np.expand_dims, real(2, 3), (0, 2)),
    case(np.atleast_1d, real(1)[0]),
    case(np.atleast_1d, real(1)[0], real(2, 2)),
    case(np.atleast_2d, real(3)),
    case(np.atleast_3d, real(3)),
    case(np.atleast_3d, real(1)[0]),
    case(np.atleast_3d, real(2, 3)),
    case(np.transpose, real(2, 3), dtypes="fFD"),
    case(np.transpose, real(2, 3, 4), axes=(2, 0, 1)),
    case(np.transpose, real(2, 3, 4), axes=(-1, 0, -2)),
    case(np.matrix_transpose, real(2, 3, 4)),
    case(np.linalg.matrix_transpose, real(2, 3, 4)),
    case(np.moveaxis, real(2, 3, 4), 0, -1),
    case(np.moveaxis, real(2, 3, 4), (0, 1), (2, 0)),
    case(np.rollaxis, real(2, 3, 4), 2),
    case(np.rollaxis, real(2, 3, 4), 0, 3),
    case(np.rollaxis, real(2, 3, 4), -1, -2),
    case(np.swapaxes, real(2, 3, 4), 0, -1),
    case(np.flip, real(2, 3), dtypes="fFD"),
    case(np.flip, real(2, 3), axis=1),
    case(np.fliplr, real(2, 3)),
    case(np.flipud, real(2, 3)),
    case(np.rot90, real(2, 3)),
    case(np.rot90, real(2, 3, 4), k=3, axes=(1, 2)),
    case(np.roll, real(2, 3), 2),
    case(np.roll, real(2, 3), (1, -2), axis=(0, 1)),
    case(np.broadcast_to, real(3, 1), (2, 3, 4), dtypes="fFD"),
    case(np.broadcast_to, real(1)[0], (2, 3)),
    case(np.broadcast_arrays, real(3, 1), real(4)),
    case(np.meshgrid, real(3), real(4)),
    case(np.meshgrid, real(3), real(4), real(2), indexing="ij", sparse=True),
    case(np.ix_, real(3), real(4)),
    case(np.tril, real(3, 4), dtypes="fFD"),
    case(np.tril, real(3), k=-1),
    case(np.triu, real(2, 3, 3), k=1),
    case(np.copy, real(2, 3)),
    case(
        np.ndarray.astype, real(3), call=lambda x: x.astype(complex) * 1j, label="astype(complex)"
    ),
    case(np.ndarray.astype, real(3), call=lambda x: x.astype(float, copy=False), label="astype"),
    case(np.full_like, real(2, 3), real(3)),
    case(np.full_like, real(2), real(1)[0], shape=(2, 2), dtype=complex),
    case(np.zeros_like, real(3), call=_filled_like, label="zeros_like, then written"),
    case(np.transpose, complex_(2, 3), dtypes=""),
]
