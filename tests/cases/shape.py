"""Cases of rules/shape.py."""

import numpy as np

from tests.cases import A, B, C, F, V, Z, case, complex_, each, forms, real, row


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

# ---------------------------------------------------------------------------- with every option

CASES += [
    *forms(
        np.reshape,
        ((A, (2, 6)), {}),
        ((A, -1), {}),
        ((A, [4, -1], "F"), {}),
        ((V[::-1], (1, 5)), {"order": "A"}),
        ((A, np.array([2, 6])), {}),
    ),
    *(
        c
        for f in (
            np.ravel,
            lambda a, order: a.ravel(order),
            lambda a, order: a.flatten(order),
            lambda a, order: a.reshape(-1, order=order),
        )
        for a in (
            A,
            A.copy("F"),
            A.T,
            B.transpose(1, 0, 2),
            A[::-1],
            A[:, ::-2],
            B.transpose(2, 0, 1)[::-1],
        )
        for order in "CF"
        for c in forms(f, ((a, order), {}))
    ),
    *(row(np.ravel, a, order) for a in (V[::-2], F(2.0)) for order in "CFAK"),
    *forms(np.copy, ((A,), {}), ((A, "F"), {}), ((A,), {"order": "K", "subok": True})),
    *forms(lambda a, *o: a.copy(*o), ((A,), {}), ((A, "F"), {})),
    *forms(
        lambda a, *o, **k: a.astype(*o, **k),
        ((A, "g"), {}),
        ((A, complex, "F", "safe", False, False), {}),
        ((A,), {"dtype": float, "copy": False}),
        ((A, ">f8"), {}),
    ),
    *forms(
        np.squeeze,
        ((A[None, :, None],), {}),
        ((A[None, :, None], 0), {}),
        ((A[None, :, None], (0, -2)), {}),
    ),
    *forms(np.expand_dims, ((A, 0), {}), ((A, (0, -1)), {}), ((A,), {"axis": [1, 2]})),
    *forms(
        np.transpose,
        ((B,), {}),
        ((B, (2, 0, 1)), {}),
        ((B, [-1, 0, 1]), {}),
        ((B,), {"axes": (1, 0, -1)}),
        ((B, None), {}),
    ),
    *forms(
        lambda a, *o: a.transpose(*o),
        ((B,), {}),
        ((B, 2, 0, 1), {}),
        ((B, (2, 0, 1)), {}),
        ((B, None), {}),
    ),
    *forms(
        np.moveaxis,
        ((B, 0, -1), {}),
        ((B, (0, 2), (-1, 0)), {}),
        ((B, [0, 1], [2, 0]), {}),
        ((B,), {"source": 2, "destination": 0}),
    ),
    *forms(np.swapaxes, ((B, 0, -1), {}), ((B,), {"axis1": 0, "axis2": 1})),
    *forms(
        np.rollaxis,
        ((B, 2), {}),
        ((B, -1, 1), {}),
        ((B, 0, 3), {}),
        ((B, 1, -1), {}),
        ((B,), {"axis": 2, "start": 1}),
    ),
    *forms(
        np.rot90,
        ((A,), {}),
        ((A, 3), {}),
        ((A, -2), {}),
        ((B, 1, (1, 2)), {}),
        ((B,), {"k": 5, "axes": (2, 0)}),
    ),
    *forms(np.flip, ((B,), {}), ((B, 0), {}), ((B, (0, -1)), {}), ((B,), {"axis": ()})),
    *forms(
        np.roll,
        ((A, 2), {}),
        ((A, -1, 0), {}),
        ((A, (1, -2), (0, 1)), {}),
        ((A, (1, 2), (0, 0)), {}),
        ((A, 2, (0, 1)), {}),
        ((A,), {"shift": [3], "axis": [1]}),
        ((A, (1, 3), 0), {}),
        ((A, (1, 3)), {}),
        ((A, np.array([1, 2]), (-1, -2)), {}),
    ),
    *forms(
        np.broadcast_to,
        ((C, (3, 4)), {}),
        ((C,), {"shape": (2, 1, 4), "subok": True}),
        ((F(2.0), 3), {}),
        ((C, [3, 4]), {}),
    ),
    *forms(
        np.broadcast_arrays,
        ((A, C), {}),
        ((A, F(1.0)), {"subok": True}),
        ((A, [1.0, 2.0, 3.0, 4.0]), {}),
    ),
    *forms(
        np.meshgrid,
        ((V, C), {}),
        ((V, C), {"indexing": "ij"}),
        ((V, C, real(2)), {"sparse": True, "copy": False}),
        ((V,), {}),
        ((V, [1.0, 2.0]), {}),
        ((V, F(3.0)), {}),
    ),
    *each((np.tril, np.triu), B, -1),
    *each((np.tril, np.triu), B, k=2),
    *each((np.tril, np.triu), C),
    *each((np.atleast_1d, np.atleast_2d, np.atleast_3d), F(0.5), C, A),
    *each((np.atleast_1d, np.atleast_2d, np.atleast_3d), C),
    *forms(
        np.full_like,
        ((A, F(2.0)), {}),
        ((A, C), {"shape": (2, 4)}),
        ((A, F(2.0), complex, "F", True, (2, 2)), {}),
        ((A, F(2.0)), {"device": "cpu"}),
    ),
    *each((np.real, np.imag, np.conj, np.angle, np.real_if_close), Z),
    *forms(np.angle, ((Z, True), {}), ((Z,), {"deg": True}), ((A,), {})),
]
