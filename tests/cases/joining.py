"""Cases of rules/joining.py."""

import numpy as np

from tests.cases import case, real


def _of_list(function, **options):
    """The function of a sequence of arrays, as one of several arrays."""
    return lambda *arrays: function(arrays, **options)


def _joining(function, *arrays, **options):
    label = f"{function.__name__}({', '.join(str(a.shape) for a in arrays)}, {options})"
    return case(function, *arrays, call=_of_list(function, **options), label=label, dtypes="fFD")


def _block(a, b, c):
    return np.block([[a, b], [c, np.ones((1, 1))]])


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
