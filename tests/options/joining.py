"""Options of rules/joining.py."""

import numpy as np

from tests.cases import real
from tests.options import A, B, C, F, Row, Z, each, forms, like


def framed(vector, width, iaxis, kwargs):
    """A callable mode of np.pad: it writes into a vector, as NumPy wants it."""
    vector[: width[0]] = vector[width[0]] * kwargs["width_of"]
    if width[1]:
        vector[-width[1] :] = vector[-width[1] - 1] ** 2 + iaxis


ROWS = [
    *forms(
        np.concatenate,
        (((A, A),), {}),
        (((A, C[None]), 0), {}),
        (([A, A, A], -1), {}),
        (((A, C), None), {}),
        (((A, A), 1), {"dtype": complex}),
        (((A, A),), {"dtype": "g"}),
        (((A, A), 0), {"out": like(A, 6, 4)}),
        ((B,), {}),
        ((B, 1), {}),
        (((A, [[1, 2, 3, 4]]),), {}),
        (((A[:0], A),), {}),
    ),
    *forms(
        np.stack,
        (((A, A),), {}),
        (([A, A], -1), {}),
        (((A, A), 1), {"dtype": complex}),
        (((C, [1, 2, 3, 4]), 1), {"out": like(A, 4, 2)}),
        ((B, 1), {}),
    ),
    *(
        row
        for f in (np.vstack, np.hstack)
        for row in forms(
            f,
            (((C, C),), {}),
            (([A, A],), {"dtype": "g"}),
            (((A, A),), {"dtype": complex, "casting": "safe"}),
            ((B,), {}),
        )
    ),
    *each((np.hstack,), (F(1.0), C, 2.0)),
    *each((np.dstack, np.column_stack), (A, A)),
    *each((np.dstack, np.column_stack), (C, C, [1, 2, 3, 4])),
    *each((np.dstack, np.column_stack), B),
    *forms(
        np.block,
        (([A, A],), {}),
        (([[A, A], [A, A]],), {}),
        (([[[B]], [[B]]],), {}),
        (([[A, C[:3, None]], [C[None], F(2.0)]],), {}),
        ((A,), {}),
        ((F(2.0),), {}),
        (([C, F(2.0), 1],), {}),
    ),
    *forms(
        np.append,
        ((A, C), {}),
        ((A, [[1, 2, 3, 4]], 0), {}),
        ((A, A), {"axis": -1}),
        ((C, 3.0), {}),
        ((C, F(3.0)), {}),
    ),
    *forms(
        np.insert,
        ((A, 1, F(2.0)), {}),
        ((A, 1, C, 0), {}),
        ((A, -1, real(3), 1), {}),
        ((A, [1, 3], C[:2]), {}),
        ((A, [0, 2], real(2, 4), 0), {}),
        ((A, [0, 2], real(3, 1), 1), {}),
        ((A, slice(0, 3), F(1.0)), {"axis": 1}),
        ((A, np.array([True, False, True, False]), F(1.0), 1), {}),
        ((A, 2, [1, 2, 3]), {"axis": 1}),
        ((A, np.int64(1), C), {"axis": 0}),
        ((A, [1], real(3, 2), 1), {}),
        ((A, 12, F(1.0)), {}),
    ),
    *forms(
        np.delete,
        ((A, 1), {}),
        ((A, 1, 0), {}),
        ((A, -1), {"axis": 1}),
        ((A, [0, 2], 1), {}),
        ((A, slice(None, None, 2)), {"axis": -1}),
        ((A, np.array([True, False, True]), 0), {}),
        ((A, [], 0), {}),
    ),
    *forms(
        lambda a, *args, **options: np.trim_zeros(np.pad(a, 2), *args, **options),
        ((C,), {}),
        ((C, "f"), {}),
        ((C,), {"trim": "B"}),
    ),
    *forms(
        np.resize, ((A, (5, 3)), {}), ((A, 7), {}), ((A,), {"new_shape": (2, 2)}), ((A, (4, 3)), {})
    ),
    *forms(
        np.repeat,
        ((A, 2), {}),
        ((A, 2, 0), {}),
        ((A, [2], 1), {}),
        ((A, [1, 0, 2], 0), {}),
        ((A, np.array([1, 0, 2, 1])), {"axis": -1}),
        ((F(2.0), 3), {}),
        ((A, 0, 1), {}),
        ((A, np.arange(12)), {}),
    ),
    *forms(
        np.tile,
        ((A, 2), {}),
        ((A, (2, 1)), {}),
        ((A, [2, 1, 3]), {}),
        ((C, ()), {}),
        ((F(2.0), (2, 2)), {}),
        ((A,), {"reps": np.array([1, 2])}),
        ((B, 2), {}),
    ),
    *(
        row
        for f in (np.split, np.array_split)
        for row in forms(
            f,
            ((A, 3), {}),
            ((A, 2, 1), {}),
            ((A, [1, 3]), {"axis": -1}),
            ((A, np.array([2, 1, 9]), 1), {}),
            ((A, [-1]), {}),
            ((A, (1,)), {}),
        )
    ),
    *forms(np.array_split, ((A, 5), {}), ((A,), {"indices_or_sections": 3, "axis": 1})),
    *each((np.hsplit, np.vsplit, np.dsplit), real(2, 4, 4), 2),
    *each((np.hsplit, np.vsplit, np.dsplit), B, [1]),
    *(
        row
        for mode, ways in {
            "constant": (
                {},
                {"constant_values": 2.0},
                {"constant_values": F(2.0)},
                {"constant_values": real(2)},
                {"constant_values": [(1, 2), (3, 4)]},
                {"constant_values": real(2, 2)},
            ),
            "edge": ({},),
            "linear_ramp": (
                {},
                {"end_values": F(2.0)},
                {"end_values": ((1, 2), (3, 4))},
                {"end_values": real(2, 2)},
            ),
            "maximum": ({}, {"stat_length": 2}, {"stat_length": ((1, 2), (3, 4))}),
            "minimum": ({}, {"stat_length": (1, 2)}),
            "mean": ({}, {"stat_length": 2}),
            "median": ({}, {"stat_length": 3}),
            "reflect": ({}, {"reflect_type": "odd"}, {"reflect_type": "even"}),
            "symmetric": ({}, {"reflect_type": "odd"}),
            "wrap": ({},),
            "empty": (),
        }.items()
        for options in ways
        for row in forms(
            np.pad,
            ((A, 2, mode), options),
            ((A, ((1, 6), (0, 9))), {"mode": mode, **options}),
            ((A, (2, 1), mode), options),
            ((A, [[1], [0]], mode), options),
        )
    ),
    *forms(
        np.pad,
        ((C, 3), {"mode": "reflect", "reflect_type": "odd"}),
        ((C[:2], 5), {"mode": "reflect", "reflect_type": "odd"}),
        ((C[:1], 5), {"mode": "symmetric", "reflect_type": "odd"}),
        ((Z, 2), {"mode": "reflect", "reflect_type": "odd"}),
    ),
    *each((np.pad,), A, ((1, 2), (2, 0)), mode=framed, width_of=3.0),
]
# Before, it could not be asked for its signature.
if np.lib.NumpyVersion(np.__version__) >= "2.3.0":
    ROWS.append(Row(np.concatenate, (A, A), 0, like(A, 6, 4)))
