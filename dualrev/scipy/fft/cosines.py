"""Discrete cosine and sine transforms of types 1 to 4, over one axis and several.

Must not know how a transform is computed: the transpose of each is one of them, with the first or
last element weighted where the transform is not orthogonal.

The matrices, without the norm's factor, are ``M1 = C D``, ``M2``, ``M3 = M2^T E^-1`` and ``M4``,
with C and M4 symmetric, D = diag(1, 2, ..., 2, 1), E = diag(2, 1, ..., 1); for sines M1 is
symmetric and E = diag(1, ..., 1, 2) (Martucci 1994, IEEE Trans. Signal Processing 42, section II).
"""

import numpy as np
import scipy.fft

from dualrev.axes import along
from dualrev.core.words import linear
from dualrev.scipy.fft.fourier import transformed_axes
from dualrev.scipy.lags import resized
from dualrev.scipy.twin import twin
from dualrev.ways import shifted_axes

__all__ = ["dct", "dctn", "dst", "dstn", "idct", "idctn", "idst", "idstn"]

_TRANSPOSED_TYPE = {1: 1, 2: 3, 3: 2, 4: 4}


def _weighted(x, axes, place, ends, inner=1.0):
    """x times a vector along each axis: ``ends`` at the places, ``inner`` elsewhere."""
    for axis in axes:
        weights = np.full(x.shape[axis], inner, np.finfo(x.dtype).dtype)
        weights[place] = ends
        x = x * along(weights, axis, x.ndim)
    return x


def _transpose(transform, ct, x, axes, type, norm, orthogonalize, options, sine, inverse):
    """The transpose of a transform of x."""
    if orthogonalize is None or x.dtype.kind == "c":  # of complex ones SciPy does not read it
        orthogonalize = norm == "ortho"
    matrix = _TRANSPOSED_TYPE[type] if inverse else type  # that of idct 2 is that of dct 3
    place = -1 if sine else 0
    weighs = not orthogonalize
    if weighs and matrix == 1 and not sine:
        ct = _weighted(ct, axes, [0, -1], 1.0, 0.5)
    if weighs and matrix == 2:
        ct = _weighted(ct, axes, place, 2.0)
    ct = transform(
        ct, type=_TRANSPOSED_TYPE[type], norm=norm, orthogonalize=orthogonalize, **options
    )
    if weighs and matrix == 1 and not sine:
        ct = _weighted(ct, axes, [0, -1], 1.0, 2.0)
    if weighs and matrix == 3:
        ct = _weighted(ct, axes, place, 0.5)
    return resized(ct, x.shape)


def _of_one_axis(function, sine, inverse):
    def transpose(ct, x, type=2, n=None, axis=-1, norm=None, orthogonalize=None, **options):
        options["axis"] = axis
        return _transpose(made, ct, x, (axis,), type, norm, orthogonalize, options, sine, inverse)

    made = linear(function, transpose)
    return made


def _of_several_axes(function, sine, inverse):
    def transpose(ct, x, type=2, s=None, axes=None, norm=None, orthogonalize=None, **options):
        axes = options["axes"] = transformed_axes(x, s, axes)
        return _transpose(made, ct, x, axes, type, norm, orthogonalize, options, sine, inverse)

    # Of an array without axes SciPy answers the array itself.
    made = linear(function, transpose, view=True, may_copy=True, batch=shifted_axes)
    return made


@twin(scipy.fft.dct, _of_one_axis, sine=False, inverse=False)
def dct(x):
    """Discrete cosine transform along one axis, of length n there.

    Equals :func:`scipy.fft.dct`.  Linear in x; the transpose of type 2 is type 3 with
    its first element doubled, and type 3's type 2 with it halved; 1 and 4 are symmetric but for weights.
    A derivative costs one transform.  x is never overwritten.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.fft import dct, idct
    >>> energy = dr.grad(lambda x: np.sum(dct(x, norm="ortho") ** 2))
    >>> energy(np.array([1.0, 2.0, 4.0])).round(12)
    array([2., 4., 8.])
    """


@twin(scipy.fft.dctn, _of_several_axes, sine=False, inverse=False)
def dctn(x):
    """Discrete cosine transform along several axes, of lengths s there.

    Equals :func:`scipy.fft.dctn`.  Linear in x; the transposes are those of :func:`dct`.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.idct, _of_one_axis, sine=False, inverse=True)
def idct(x):
    """Inverse of the discrete cosine transform along one axis, of length n there.

    Equals :func:`scipy.fft.idct`.  Linear in x; the transposes are those of :func:`dct`.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.idctn, _of_several_axes, sine=False, inverse=True)
def idctn(x):
    """Inverse of the discrete cosine transform along several axes, of lengths s.

    Equals :func:`scipy.fft.idctn`.  Linear in x; the transposes are those of :func:`dct`.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.dst, _of_one_axis, sine=True, inverse=False)
def dst(x):
    """Discrete sine transform along one axis, of length n there.

    Equals :func:`scipy.fft.dst`.  Linear in x; the transpose of type 2 is type 3 with
    its last element doubled, and type 3's type 2 with it halved; types 1 and 4 are symmetric.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.dstn, _of_several_axes, sine=True, inverse=False)
def dstn(x):
    """Discrete sine transform along several axes, of lengths s there.

    Equals :func:`scipy.fft.dstn`.  Linear in x; the transposes are those of :func:`dst`.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.idst, _of_one_axis, sine=True, inverse=True)
def idst(x):
    """Inverse of the discrete sine transform along one axis, of length n there.

    Equals :func:`scipy.fft.idst`.  Linear in x; the transposes are those of :func:`dst`.
    A derivative costs one transform.  x is never overwritten.
    """


@twin(scipy.fft.idstn, _of_several_axes, sine=True, inverse=True)
def idstn(x):
    """Inverse of the discrete sine transform along several axes, of lengths s.

    Equals :func:`scipy.fft.idstn`.  Linear in x; the transposes are those of :func:`dst`.
    A derivative costs one transform.  x is never overwritten.
    """
