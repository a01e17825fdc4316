"""Distances of elements from the background, which take images for what is 0 in them and what is not.

Must not know how they are found.
"""

import scipy.ndimage

from dualrev.core.binding import constant_of
from dualrev.scipy.twin import twin

__all__ = ["distance_transform_bf", "distance_transform_edt"]


@twin(scipy.ndimage.distance_transform_bf)
def distance_transform_bf(input, **options):
    """Distances of all elements from the background, by trying all of it; constants.

    Equals :func:`scipy.ndimage.distance_transform_bf`.

    Raises
    ------
    MissingRuleError
        Where sampling is traced, by which they would have a derivative.
    """
    return constant_of(scipy.ndimage.distance_transform_bf, (input,), options)


@twin(scipy.ndimage.distance_transform_edt)
def distance_transform_edt(input, **options):
    """Euclidean distances of all elements from the background; constants.

    Equals :func:`scipy.ndimage.distance_transform_edt`; raises as :func:`distance_transform_bf`.
    """
    return constant_of(scipy.ndimage.distance_transform_edt, (input,), options)
