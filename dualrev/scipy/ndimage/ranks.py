"""Elements of a window by their rank: medians, percentiles, and what a footprint shows of extrema.

Owns the choice.  Must not know borders: SciPy's filter meets them.

SciPy's filter only compares.  So of an image of ranks it answers the ranks of the elements that it
would choose, and these are gathered: the derivative is a gather too, whatever the window.
"""

import numpy as np
import scipy.ndimage

from dualrev import errors
from dualrev.axes import axes_of
from dualrev.core.words import constant
from dualrev.scipy.ndimage.borders import image_twin
from dualrev.ways import shift

__all__ = ["median_filter", "percentile_filter", "rank_filter"]


def refuse_complex(x):
    """Complex elements have no order."""
    if np.iscomplexobj(x):
        raise errors.ComplexError(
            "A filter compares elements, and complex ones have no order.",
            fix="filter x.real or x.imag",
        )


def everything(input, cval):
    """All that a filter can choose, in one vector, and nan behind it."""
    return np.concatenate([np.reshape(input, -1), np.reshape(cval, 1), [np.nan]])


def _places(input, cval, *, choose, output, **options):
    """Where in everything the elements stand that a filter of SciPy's chooses."""
    elements = everything(input, cval)
    order = np.argsort(elements[:-1], kind="stable")
    # float64 and not integers, of which the filters of one axis take no ranks of cval.
    ranks = np.empty(len(order))
    ranks[order] = np.arange(len(order))
    chosen = choose(ranks[:-1].reshape(input.shape), ranks[-1], **options)
    places = order[chosen.astype(np.intp)]
    if np.isnan(elements[:-1]).any() or input.dtype.kind not in "f":
        # What compares nan answers anything, and of integers SciPy rounds cval: where the chosen
        # element is not SciPy's answer there is none.
        answer = choose(input, cval, output=output, **options)
        places[elements[places].astype(answer.dtype) != answer] = len(elements) - 1
    return places


def _places_batch(call, batched, input, cval, *, axes, **options):
    """Of the arrays of all rows in one, along whose first axis no window reaches."""
    if batched[1]:
        return NotImplemented
    ndim = input.ndim - 1
    axes = axes_of(axes, ndim)
    if len(axes) == ndim:  # whose order SciPy does not read then
        axes = range(ndim)
    places = call(input, cval, axes=shift(axes, ndim), **options)
    size = int(np.prod(input.shape[1:]))
    return np.where(places < input.size, places % size, places - input.size + size)


_places = constant(_places, arity=2, batch=_places_batch)


def by_rank(choose):
    """The body of a filter of SciPy's, ``choose(input, cval, **options)``, that only compares."""

    def body(input, cval, *, output, **options):
        refuse_complex(input)
        places = _places(input, cval, choose=choose, output=output, **options)
        chosen = np.take(everything(input, cval), places)
        return chosen.astype(input.dtype if output is None else output)

    return body


@image_twin(scipy.ndimage.rank_filter, by_rank)
def rank_filter(input, cval):
    """Element of a rank among those of a window that moves through the array; of its shape.

    Equals :func:`scipy.ndimage.rank_filter`.  Its derivative is that of the element which stands in
    the answer; of equal ones it is one's.  It costs SciPy's filter and a sort of the array, and memory
    of a few arrays of its size, whatever the window; a gradient is one pass over the array.

    Parameters
    ----------
    input : array
        Real.  Where a window holds a nan, SciPy's order is undefined: the answer may be nan.
    cval : number
        It is differentiated too.
    rank, size, footprint, mode, origin, axes
        As SciPy's.
    output : dtype, optional
        An array is written only where nothing is traced.

    Raises
    ------
    InPlaceError
        Where output is an array and the input is traced.
    ArgumentError
        Where the input is traced and the result would be rounded to integers.
    ComplexError
        Where the input is complex.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import rank_filter
    >>> dr.grad(lambda x: np.sum(rank_filter(x, -2, size=3)))(np.array([1.0, 5.0, 2.0, 3.0]))
    array([1., 0., 1., 2.])
    """


@image_twin(scipy.ndimage.median_filter, by_rank)
def median_filter(input, cval):
    """Median of a window that moves through the array, the upper one of two; of the array's shape.

    Equals :func:`scipy.ndimage.median_filter`; a :func:`rank_filter`, whose notes hold here too.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.ndimage import median_filter
    >>> dr.grad(lambda x: np.sum(median_filter(x, 3)))(np.array([1.0, 5.0, 2.0, 3.0]))
    array([1., 0., 1., 2.])
    """


@image_twin(scipy.ndimage.percentile_filter, by_rank)
def percentile_filter(input, cval):
    """Percentile of a window that moves through the array, one of its elements; of the array's shape.

    Equals :func:`scipy.ndimage.percentile_filter`; a :func:`rank_filter`, whose notes hold here too.
    """
