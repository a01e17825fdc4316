"""Cases of rules/joining.py."""

import numpy as np

from tests.cases import A, B, C, F, Z, case, each, forms, like, real, row


def _of_list(function, **options):
    """The function of a sequence of arrays, as one of several arrays."""
    return lambda *arrays: function(arrays, **options)


def _joining(function, *arrays, **options):
    label = f"{function.__name__}({', '.join(str(a.shape) for a in arrays)}, {options})"
    return case(function, *arrays, call=_of_list(function, **options), label=label, dtypes="fFD")


def _block(a, b, c):
    return np.block([[a, b], [c, np.ones((1, 1))]])


def trimmed(a, *args, **options):
    return np.trim_zeros(np.pad(a, 2), *args, **options)


CASES = [
    _joining(np.concatenate, real(3), real(2)),
    _joining(np.concatenate, real(2, 3), real(2, 1), axis=-1),
    _joining(np.concatenate, real(2, 3), real(2), axis=None),
    case(
        np.concatenate, real(2), call=lambda x: np.concatenate((x, [1.0], x)), label="concatenate"
    ),
    case(
        np.concatenate, real(2), call=lambda x: np.concatenate((x, x), dtype=complex), label="dtype"
    ),
    _joining(np.stack, real(3), real(3, seed=1)),
    _joining(np.stack, real(2, 3), real(2, 3, seed=1), axis=-1),
    case(np.stack, real(3), call=lambda x: np.stack([x[2], x[0], x[2]]), label="stack of elements"),
    _joining(np.vstack, real(3), real(2, 3)),
    _joining(np.hstack, real(3), real(2)),
    _joining(np.hstack, real(2, 3), real(2, 1)),
    _joining(np.dstack, real(3), real(3, seed=1)),
    _joining(np.column_stack, real(3), real(3, 2)),
    case(np.block, real(2, 3), real(2, 1), real(1, 3), call=_block),
    case(np.block, real(2), call=lambda x: np.block([x, x[0], 1.0]), label="block of a row"),
    case(np.append, real(2, 3), real(2)),
    case(np.append, real(2, 3), real(1, 3), axis=0),
    case(np.split, real(6), 3),
    case(np.split, real(2, 6), [1, 4, 8], axis=1),
    case(np.array_split, real(7, 2), 3),
    case(np.hsplit, real(4), 2),
    case(np.vsplit, real(4, 2), [1]),
    case(np.dsplit, real(1, 2, 4), 2),
    case(np.tile, real(3), 2),
    case(np.tile, real(2, 3), (2, 1, 3)),
    case(np.tile, real(2, 1, 3), 2, dtypes="fFD"),
    case(np.repeat, real(2, 3), 2),
    case(np.repeat, real(2, 3), [1, 0, 2], axis=1),
    case(np.repeat, real(2, 2), [1, 0, 2, 1], dtypes="fFD"),
    case(np.repeat, real(2, 3), 3, axis=-2),
    case(np.resize, real(3), (2, 4)),
    case(np.delete, real(5), [0, -2]),
    case(np.delete, real(3, 4), slice(1, 3), axis=1),
    case(np.insert, real(4), 1, real(3)),
    case(np.insert, real(4), [1, 1, 3], real(3)),
    case(np.insert, real(2, 3), 1, real(3), axis=0),
    case(np.insert, real(2, 3), [1], real(2, 1), axis=1),
    case(np.insert, real(2, 3), slice(0, 2), real(1)[0], axis=-1),
    case(np.insert, real(2, 3), 4, 1.5),
    case(np.trim_zeros, real(3), call=lambda x: np.trim_zeros(np.pad(x, 2)), label="trim_zeros"),
    case(np.pad, real(2, 3), 1, dtypes="fFD"),
    case(
        np.pad, real(2, 3), ((0, 2), (1, 0)), mode="constant", constant_values=((1.0, 2.0), (3, 4))
    ),
    case(
        np.pad, real(4), real(2), call=lambda x, c: np.pad(x, 2, constant_values=c), label="values"
    ),
    case(np.pad, real(2, 3), ((1, 2), (3, 0)), mode="edge"),
    case(np.pad, real(2, 3), ((1, 2), (5, 4)), mode="reflect"),
    case(np.pad, real(2, 3), ((1, 5), (4, 0)), mode="symmetric"),
    case(np.pad, real(2, 3), ((1, 5), (4, 0)), mode="wrap"),
    case(np.pad, real(2, 3), ((1, 2), (4, 0)), mode="linear_ramp"),
    case(np.pad, real(2, 3), ((1, 2), (4, 3)), mode="linear_ramp", end_values=(0.5, -1.0)),
    case(np.pad, real(2, 3), ((1, 2), (4, 0)), mode="mean"),
    case(np.pad, real(2, 4), ((1, 2), (4, 1)), mode="mean", stat_length=((1, 2), (3, 2))),
    case(np.pad, real(2, 3), ((1, 2), (4, 0)), mode="maximum"),
    case(np.pad, real(4), (1, 2), mode="minimum", stat_length=2),
    case(np.pad, real(5), (1, 2), mode="median"),
]
if hasattr(np, "unstack"):
    CASES.append(case(np.unstack, real(2, 3), axis=1))

# ---------------------------------------------------------------------------- with every option


def framed(vector, width, iaxis, kwargs):
    """A callable mode of np.pad: it writes into a vector, as NumPy wants it."""
    vector[: width[0]] = vector[width[0]] * kwargs["width_of"]
    if width[1]:
        vector[-width[1] :] = vector[-width[1] - 1] ** 2 + iaxis


CASES += [
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
        c
        for f in (np.vstack, np.hstack)
        for c in forms(
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
        trimmed,
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
        c
        for f in (np.split, np.array_split)
        for c in forms(
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
        c
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
        for c in forms(
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
if np.lib.NumpyVersion(np.__version__) >= "2.4.0":  # before, a mask was taken for integers
    CASES.append(row(np.insert, A, np.array([True, False, True, False]), F(1.0), 1))
# Before, it could not be asked for its signature.
if np.lib.NumpyVersion(np.__version__) >= "2.3.0":
    CASES.append(row(np.concatenate, (A, A), 0, like(A, 6, 4)))
