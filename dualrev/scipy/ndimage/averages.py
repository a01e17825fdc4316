"""Moving averages, over one axis and several.

Owns their rules: SciPy computes them in a time that does not depend on the size of the window, and so
are their transposes.  Must not know any other filter.
"""

import scipy.ndimage

from dualrev.core.words import rule
from dualrev.scipy.ndimage.borders import axis_by_axis, extended, folded, image_twin, reach

__all__ = ["uniform_filter", "uniform_filter1d"]


def _uniform_filter1d_jvp(tangents, ans, input, cval=0.0, **options):
    """The average of the tangent, whose constant beyond the borders is 0."""
    return uniform_filter1d(*tangents, **options)


def _uniform_filter1d_vjp(
    ct, wanted, ans, input, *, size, axis=-1, output=None, mode="reflect", cval=0.0, origin=0
):
    before, after = reach(size, origin)
    spread = extended(ct, before=before, after=after, axis=axis, mode="constant")
    spread = uniform_filter1d(spread, size, axis, mode="constant", origin=after - size // 2)
    return [folded(spread, before=before, after=after, axis=axis, mode=mode)]


@image_twin(
    scipy.ndimage.uniform_filter1d, rule, jvp=_uniform_filter1d_jvp, vjp=_uniform_filter1d_vjp
)
def uniform_filter1d(input):
    """Moving average of every line along an axis; of the input's shape.

    Equals :func:`scipy.ndimage.uniform_filter1d`.  The transpose is the moving average of the
    cotangent among zeros, folded at the borders: one filter, whatever the size.

    Raises
    ------
    InPlaceError
        Where output is an array and the input is traced.
    ArgumentError
        Where the input is traced and the result would be rounded to integers.
    """


@image_twin(scipy.ndimage.uniform_filter)
def uniform_filter(input, *, size, output, mode, cval, origin, axes):
    """Average over a window that moves through the array; of the input's shape.

    Equals :func:`scipy.ndimage.uniform_filter`: :func:`uniform_filter1d` along each axis, whose
    notes on derivatives, cost and errors hold here too.
    """

    def along_one(x, axis, n, m, o):
        return uniform_filter1d(x, int(n), axis, output, m, cval, o) if n > 1 else x

    return axis_by_axis(along_one, input, output, axes, size, mode, origin)
