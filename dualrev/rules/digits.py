"""Whether numbers have all their digits: what was multiplied may have left the range of its dtype.

Must not know what is computed with them.
"""

import numpy as np

# Below it a number has fewer digits, or so may its quotient.
_LEAST = {c: float(np.finfo(c).tiny / np.finfo(c).eps) for c in "efdFD"}
_LEAST["g"] = _LEAST["G"] = _LEAST["d"]


def as_precise_as(x, constant):
    """Of a constant as a float and as a long double the one that has the digits of x."""
    return constant[x.dtype.char in "gG"]


def have_all_digits(x):
    """Whether no number of a plain array has come near 0, or to infinity, so that digits are lost."""
    least = _LEAST[x.dtype.char]
    if type(x) is np.float64:
        return least < abs(x) < np.inf
    if not x.size:
        return True
    size = np.abs(x)
    # A third of the time of min() and max() where elements are few; a nan is found by both.
    return least < size.item(size.argmin()) and size.item(size.argmax()) < np.inf
