"""Cases of rules/einsum.py."""

import numpy as np

from tests.cases import A, B, C, F, M, Z, case, forms, like, real

EINSUMS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ba", (2, 3)),
    ("ij->", (2, 3)),
    ("ij->j", (2, 3)),
    ("ij,kl->il", (2, 3), (2, 4)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("iij->j", (3, 3, 2)),
    ("iii->i", (3, 3, 3)),
    ("iji,j->i", (3, 2, 3), (2,)),
    ("...ij,...jk->...ik", (2, 1, 3, 2), (4, 2, 3)),
    ("...ij,jk", (3, 1, 2, 3), (3, 2)),
    ("i...,i", (3, 2), (3,)),
    ("ij,ij->i", (2, 3), (2, 1)),
    ("ij,jk,kl->il", (2, 3), (3, 2), (2, 4)),
    (" i , i -> ", (3,), (3,)),
    ("i,j->ij", (2,), (3,)),
]

CASES = [
    *(
        case(
            np.einsum,
            subscripts,
            *(real(*shape, seed=i) for i, shape in enumerate(shapes)),
            dtypes="fD",
        )
        for subscripts, *shapes in EINSUMS
    ),
    case(np.einsum, "ij,jk,kl->il", real(2, 3), real(3, 2), real(2, 4), optimize=True),
    case(np.einsum, "ij,jk,kl->il", real(2, 3), real(3, 2), real(2, 4), optimize="optimal"),
    case(
        np.einsum,
        *("ij,jk,kl->il", real(2, 3), real(3, 2), real(2, 4)),
        optimize=["einsum_path", (1, 2), (0, 1)],
    ),
    case(np.einsum, real(2, 3), [0, 1], real(3, 4), [1, 2], [2, 0], dtypes="fD"),
    case(np.einsum, real(2, 3), [0, 1], real(3, 4), [1, 30]),
    case(np.einsum, real(2, 3, 3), [Ellipsis, 1, 1], [Ellipsis, 1]),
]

# ---------------------------------------------------------------------------- with every option

CASES += [
    *forms(
        np.einsum,
        (("ij->i", A), {}),
        (("ij", A), {}),
        (("ba", A), {}),
        (("ij,j", A, C), {}),
        (("ij,kj->ik", A, A), {}),
        (("...j,j->...", B, C), {}),
        (("i...,i...", A, A), {}),
        (("...ij,...jk", B, real(2, 4, 2)), {}),
        (("...ij,jk->...ik", B, real(4, 2)), {}),
        (("ii", M), {}),
        (("ii->i", M), {}),
        (("iij->j", real(3, 3, 2)), {}),
        (("ij,ji->", A, A.T), {}),
        (("ijk,jil->kl", real(3, 4, 2), real(4, 3, 2)), {}),
        ((" i j , j -> i ", A, C), {}),
        (("ij,j,ij->i", A, C, A), {"optimize": True}),
        (("ij,j,ij->i", A, C, A), {"optimize": "greedy"}),
        (("ij,j,ij->i", A, C, A), {"optimize": "optimal"}),
        (("ij,j,ij->i", A, C, A), {"optimize": ["einsum_path", (0, 1), (0, 1)]}),
        (("ij,j,ij->i", A, C, A), {"optimize": ("greedy", 100)}),
        (("ij->j", A), {"out": like(A, 4)}),
        (("ij->j", A), {"dtype": "g"}),
        (("ij->j", A), {"dtype": complex, "casting": "safe"}),
        (("ij->ji", A), {"order": "F"}),
        ((A, [0, 1], C, [1]), {}),
        ((A, [0, 1], C, [1], [0]), {}),
        ((B, [Ellipsis, 1], C, [1], [Ellipsis]), {}),
        ((A, (0, 1), [1]), {"optimize": True}),
        ((A, [0, 26], [26]), {}),
        (("ij,ij->ij", A, F(1.0).reshape(1, 1)), {}),
        (("i,i->i", C, real(1)), {}),
        (("i,->i", C, F(2.0)), {}),
        (("ij,k->", A, C), {}),
        (("ij,jk", A, [[1.0, 2.0]] * 4), {}),
        (("ij,ik->jk", Z, A), {}),
        (("a...,a...->...a", A, A), {}),
    ),
]
