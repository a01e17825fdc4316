"""Sums over all pairs of points of their differences, with weights, by matrix products.

Owns how the digits of near pairs are kept.  Must not know metrics.

``sum_j W_ij (a_i - b_j) = (sum_j W_ij) a_i - (W b)_i`` needs no differences, which are the most of a
distance's time, but loses digits where a and b are nearer to each other than to the center; and the
weights of a distance d, ``ct / d``, make such pairs count.  Near pairs are few, or are left to the
caller.
"""

import numpy as np

__all__ = ["Pairs"]

# Three digits are lost at most: nearer pairs, relative to the farthest, are taken one by one.
_NEAR = 1e-3
_FEW = 0.01  # of all pairs


class Pairs:
    """All pairs of the rows of two plain arrays, at distances d; all far where d is None.

    Attributes
    ----------
    too_many_near : bool
        Whether the sums would not pay.
    """

    def __init__(self, XA, XB, d):
        center = XB.mean(axis=0)
        self.a, self.b = XA - center, XB - center
        self.near = np.zeros((2, 0), int)
        self.too_many_near = False
        if d is not None:
            is_near = (d < _NEAR * d.max(initial=0)) & (d > 0)
            count = np.count_nonzero(is_near)
            self.too_many_near = count > _FEW * d.size
            if count and not self.too_many_near:
                self.near = np.nonzero(is_near)

    def _parted(self, W):
        """Weights of the far pairs, and of the near ones with their differences."""
        i, j = self.near
        weights = W[i, j]
        W[i, j] = 0
        return W, weights[:, None], self.a[i] - self.b[j]

    def first_moments(self, W):
        """sum_j W_ij (a_i - b_j); overwrites W."""
        W, weights, differences = self._parted(W)
        total = W.sum(axis=1)[:, None] * self.a - W @ self.b
        np.add.at(total, self.near[0], weights * differences)
        return total

    def second_moments(self, W):
        """sum_ij W_ij (a_i - b_j) (a_i - b_j)^T; overwrites W."""
        W, weights, differences = self._parted(W)
        mixed = self.a.T @ (W @ self.b)
        total = (self.a.T * W.sum(axis=1)) @ self.a + (self.b.T * W.sum(axis=0)) @ self.b
        return total - mixed - mixed.T + (weights * differences).T @ differences

    def products(self, t_a, t_b):
        """(a_i - b_j) . (t_a_i - t_b_j)"""
        of_a, of_b = (self.a * t_a).sum(axis=1), (self.b * t_b).sum(axis=1)
        ans = self.a @ -t_b.T - t_a @ self.b.T
        ans += of_a[:, None]
        ans += of_b
        i, j = self.near
        ans[i, j] = ((self.a[i] - self.b[j]) * (t_a[i] - t_b[j])).sum(axis=1)
        return ans
