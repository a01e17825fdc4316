"""Masks and weights of the elements of square matrices, made once for small ones, and read-only.

Must not know for what they are used.
"""

import functools

import numpy as np

# To make a mask takes longer than to use it; kept are half a megabyte at most, of the last few sizes.
_SMALL = 256


def _kept_if_small(make):
    @functools.lru_cache(maxsize=16)
    def kept(n):
        mask = make(n)
        mask.flags.writeable = False
        return mask

    return lambda n: kept(n) if n <= _SMALL else make(n)


def _halved(n):
    ones = np.tri(n)
    ones.flat[:: n + 1] = 0.5
    return ones


is_diagonal = _kept_if_small(lambda n: np.eye(n, dtype=bool))
#: On the diagonal or below.
is_lower = _kept_if_small(lambda n: np.tri(n, dtype=bool))
#: Ones, and halves on the diagonal, which is its own mirror image.
halved_diagonal = _kept_if_small(lambda n: 1 - np.eye(n) / 2)
#: Ones below the diagonal, halves on it: with its transpose, ones.
half_of_ones = _kept_if_small(_halved)
