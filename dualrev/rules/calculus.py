"""Differences, integrals, interpolation and convolution.

Must not know how arrays are indexed and joined: it calls the functions that are.
"""

import numpy as np

from dualrev.axes import along, axes_of, sliced, with_length
from dualrev.core.arrays import anywhere
from dualrev.core.traced import is_traced
from dualrev.core.words import composition, linear
from dualrev.rules.indexing import picked
from dualrev.rules.shape import as_number
from dualrev.ways import flattened, in_all_rows

# --------------------------------------------------------------------------------- differences


def _difference_transpose(ct, a, n=1, axis=-1):
    """The transpose of one difference: minus the difference of ct between two zeros."""
    n = min(n, a.shape[axis])
    if not n:
        return ct
    zeros = np.zeros(with_length(ct.shape, axis, n), ct.dtype)
    ct = np.concatenate([zeros, ct, zeros], axis=axis)
    return difference(ct if n % 2 == 0 else -ct, n=n, axis=axis)


difference = linear(
    lambda a, n=1, axis=-1: np.diff(a, n=n, axis=axis), _difference_transpose, name="diff"
)


def _diff(a, n=1, axis=-1, prepend=None, append=None):
    if n == 0:
        return a
    if prepend is None and append is None:
        return difference(a, n=n, axis=axis)
    edge = with_length(a.shape, axis, 1)
    parts = [
        np.broadcast_to(part, edge) if np.ndim(part) == 0 else part
        for part in (prepend, a, append)
        if part is not None
    ]
    return difference(np.concatenate(parts, axis=axis), n=n, axis=axis)


composition(np.diff, _diff, arity=1)


def _ediff1d(ary, to_end=None, to_begin=None):
    parts = [difference(ary.reshape(-1))]
    if to_begin is not None:
        parts.insert(0, _in_dtype_of(ary, to_begin, "to_begin"))
    if to_end is not None:
        parts.append(_in_dtype_of(ary, to_end, "to_end"))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _in_dtype_of(ary, part, name):
    part = np.reshape(part, -1)
    if not np.can_cast(part.dtype, ary.dtype, casting="same_kind"):
        raise TypeError(
            f"dtype of `{name}` must be compatible with input `ary` under the `same_kind` rule."
        )
    return part if part.dtype == ary.dtype else part.astype(ary.dtype)


composition(np.ediff1d, _ediff1d, arity=1)


def _gradient(f, *varargs, axis=None, edge_order=1):
    """Second-order differences inside, of edge_order at the edges; formulas of NumPy's manual."""
    if edge_order > 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    axes = axes_of(axis, np.ndim(f))  # of any object, as NumPy asks
    spacings = varargs or (1.0,)
    if len(spacings) == 1 and np.ndim(spacings[0]) == 0:
        spacings = spacings * len(axes)
    if len(spacings) != len(axes):
        raise TypeError("invalid number of arguments")
    gradients = []
    for i, spacing in zip(axes, spacings):
        if f.shape[i] <= edge_order:
            raise ValueError(
                "Shape of array too small to calculate a numerical gradient, "
                "at least (edge_order + 1) elements are required."
            )
        gradients.append(_gradient_along(f, i, spacing, edge_order))
    return gradients[0] if len(gradients) == 1 else tuple(gradients)


def _gradient_along(f, axis, spacing, edge_order):
    def part(start, stop):
        return sliced(f, axis, start, stop)

    def edge(i):
        return sliced(f, axis, i, i + 1 or None)

    steps = _steps(spacing, f.shape[axis])
    if np.ndim(steps) == 0:
        inside = (part(2, None) - part(None, -2)) / (2.0 * steps)
        first = last = steps
    else:
        left, right = (along(s, axis, f.ndim) for s in (steps[:-1], steps[1:]))
        both = left + right
        inside = (
            -right / (left * both) * part(None, -2)
            + (right - left) / (left * right) * part(1, -1)
            + left / (right * both) * part(2, None)
        )
        first, last = steps[0], steps[-1]
    if edge_order == 1:
        begin = (edge(1) - edge(0)) / first
        end = (edge(-1) - edge(-2)) / last
    else:
        if np.ndim(steps) == 0:
            at_begin = at_end = -1.5 / steps, 2.0 / steps, -0.5 / steps
        else:
            at_begin, at_end = _edge_weights(*steps[:2]), _edge_weights(*steps[:-3:-1])
        begin = at_begin[0] * edge(0) + at_begin[1] * edge(1) + at_begin[2] * edge(2)
        end = -at_end[2] * edge(-3) - at_end[1] * edge(-2) - at_end[0] * edge(-1)
    ans = np.concatenate([begin, inside, end], axis=axis)
    # Finer coordinates do not make a finer answer, as NumPy has it.
    return ans.astype(f.dtype) if f.dtype.kind in "fc" and ans.dtype != f.dtype else ans


def _steps(spacing, n):
    """The distance between neighbours: one number where it is the same everywhere."""
    if np.ndim(spacing) == 0:
        return spacing
    spacing = np.array(spacing) if isinstance(spacing, list | tuple) else spacing
    if spacing.ndim != 1:
        raise ValueError("distances must be either scalars or 1d")
    if len(spacing) != n:
        raise ValueError("when 1d, distances must match the length of the corresponding dimension")
    steps = difference(spacing * 1.0)
    # Traced coordinates stay apart: each has its own derivative.
    uniform = type(steps) is np.ndarray and (steps == steps[0]).all()
    return steps[0] if uniform else steps


def _edge_weights(outer, inner):
    """Those of the outermost element and the next two, at the first of them."""
    return (
        -(2.0 * outer + inner) / (outer * (outer + inner)),
        (outer + inner) / (outer * inner),
        -outer / (inner * (outer + inner)),
    )


composition(np.gradient, _gradient, arity=1, judged=True)

# ---------------------------------------------------------------------------------- integrals


def _trapezoid(y, x=None, dx=1.0, axis=-1):
    if x is not None:
        dx = np.diff(x, axis=-1 if np.ndim(x) == 1 else axis)
        if np.ndim(x) == 1:
            dx = along(dx, axis, y.ndim)
    return (dx * (sliced(y, axis, 1) + sliced(y, axis, None, -1)) / 2.0).sum(axis=axis)


composition(np.trapezoid, _trapezoid, arity=2)

# ------------------------------------------------------------------------------ interpolation


def _in_double(a, dtype=float):
    """a in the only precision in which NumPy interpolates."""
    if not hasattr(a, "dtype"):
        return np.asarray(a, dtype)
    return a if a.dtype == dtype else a.astype(dtype)


def _interp(x, xp, fp, left=None, right=None, period=None):
    x, xp = _in_double(x), _in_double(xp)
    fp = _in_double(fp, complex if np.iscomplexobj(fp) else float)
    if len(xp) != len(fp):
        raise ValueError("fp and xp are not of the same length.")
    if not np.size(x):
        return np.zeros(np.shape(x), fp.dtype)
    if period is not None:
        if anywhere(np.equal(period, 0)):
            raise ValueError("period must be a non-zero value")
        period, left, right = np.absolute(period), None, None
        x, xp = np.remainder(x, period), np.remainder(xp, period)
        order = np.argsort(xp)
        xp, fp = picked(xp, order), picked(fp, order)
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    last = len(xp) - 1
    # The node at or before x, and the interval that follows it; the last node ends one, before all
    # that are equal to it.
    node = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, last)
    interval = np.minimum(node, np.maximum(np.searchsorted(xp, xp[-1]) - 1, 0))
    if last:
        rise = picked(fp, interval + 1) - picked(fp, interval)
        slope = rise / (picked(xp, interval + 1) - picked(xp, interval))
        ans = slope * (x - picked(xp, node)) + picked(fp, node)
    else:
        ans = picked(fp, node)
    ans = np.where(np.less(x, xp[0]), fp[0] if left is None else left, ans)
    return as_number(np.where(np.greater(x, xp[-1]), fp[-1] if right is None else right, ans))


composition(np.interp, _interp, arity=3, judged=True)

# -------------------------------------------------------------------------------- convolution


def _convolution_transpose(ct, n, other, mode, late=False):
    """The cotangent of a signal of length n that was convolved with another one.

    Of the full convolution "same" is the middle part: the earlier one, or the ``late``.
    """
    m = len(other)
    if mode == "same":
        extra = min(n, m) - 1
        start = extra - extra // 2 if late else extra // 2
        before = np.zeros(start, ct.dtype)
        after = np.zeros(extra - start, ct.dtype)
        ct, mode = np.concatenate([before, ct, after]), "full"
    return np.convolve(ct, other[::-1], "full" if mode == "valid" and n >= m else "valid")


def _convolve_transpose_in_a(ct, a, v, mode="full"):
    return _convolution_transpose(ct, np.size(a), np.reshape(v, -1), mode)


def _convolve_transpose_in_v(ct, a, v, mode="full"):
    return _convolution_transpose(ct, np.size(v), np.reshape(a, -1), mode)


def _in_rows(slid):
    """The way of a function of two signals: of plain ones a call a row, NumPy's is the fastest loop."""

    def batch(call, batched, a, v, **options):
        a, v = flattened(batched, a, v)
        if is_traced(a, v):
            return slid(batched, a, v, **options)
        return np.stack([call(*row, **options) for row in zip(*in_all_rows(batched, (a, v)))])

    return batch


def _slid(batched, a, v, mode):
    """The sums of a[k + m] v[m] over m for each k, in rows; v is not longer than a."""
    m = v.shape[-1]
    beyond = {"full": (m - 1, m - 1), "same": (m // 2, m - m // 2 - 1), "valid": (0, 0)}
    a = np.pad(a, [(0, 0)] * batched[0] + [beyond[mode]])
    windows = np.lib.stride_tricks.sliding_window_view(a, m, axis=-1)
    return (windows @ v[..., np.newaxis])[..., 0] if batched[1] else windows @ v


def _convolved(batched, a, v, mode="full"):
    if a.shape[-1] < v.shape[-1]:
        a, v, batched = v, a, batched[::-1]
    return _slid(batched, a, v[..., ::-1], mode)


def _correlated(batched, a, v, mode="valid"):
    if a.shape[-1] < v.shape[-1]:
        return _slid(batched[::-1], v, a, mode)[..., ::-1]
    return _slid(batched, a, v, mode)


linear(
    np.convolve,
    _convolve_transpose_in_a,
    _convolve_transpose_in_v,
    batch=_in_rows(_convolved),
)


def _correlation_transpose_in_a(ct, a, v, mode="valid"):
    return _convolution_transpose(ct, len(a), v[::-1], mode, late=len(a) < len(v))


def _correlation_transpose_in_v(ct, a, v, mode="valid"):
    return _convolution_transpose(ct, len(v), a, mode, late=len(a) < len(v))[::-1]


# Without the conjugate that np.correlate takes, so that it is linear in v.
_correlation = linear(
    lambda a, v, mode="valid": np.correlate(a, np.conjugate(v), mode),
    _correlation_transpose_in_a,
    _correlation_transpose_in_v,
    batch=_in_rows(_correlated),
    name="correlate",
)


def _correlate(a, v, mode="valid"):
    return _correlation(a, np.conjugate(v), mode=mode)


composition(np.correlate, _correlate, arity=2)
