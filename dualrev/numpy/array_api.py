"""The array API's functions for traced arrays: NumPy's, where what makes arrays takes traced values.

A traced array answers this module to ``__array_namespace__``.  With SCIPY_ARRAY_API=1 in the
environment SciPy computes with it what it computes with NumPy otherwise.  Must not know who asks.
"""

import sys

import numpy as np

from dualrev.core import traced
from dualrev.numpy.creating import CREATING

# Called by SciPy, too, and whether or not a transform runs.
globals().update({name: function.inside for name, function in CREATING.items()})


def astype(x, dtype, /, *, copy=True, device=None):
    """x with another dtype; equals ``numpy.astype``, which takes NumPy's arrays only."""
    return x.astype(dtype, copy=copy)


def clip(x, /, min=None, max=None):
    """x between limits, of which either may be left out, by position too."""
    return np.clip(x, min, max)


def __getattr__(name):
    return getattr(np, name)


traced.namespace = sys.modules[__name__]
