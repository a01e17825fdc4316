"""What the compiled kernels of gaussian_kde mean: sums of normal densities.

Must not know how the density is asked for.
"""

import numpy as np
from scipy.stats import _kde

from dualrev.core.traced import is_traced
from dualrev.scipy import linalg
from dualrev.scipy.bodies import means

__all__ = ["BODIES", "Kernels"]

BODIES = "gaussian_kde"


class Kernels:
    """Serves as SciPy's compiled function, of which there is one for each type of numbers.

    Parameters
    ----------
    original : object
        SciPy's, which computes what is not traced.
    of_terms : callable
        ``of_terms(terms, weights)``: the answer by the logarithms of the densities, (m, n).
    """

    def __init__(self, original, of_terms):
        self._original, self._of_terms = original, of_terms

    def __getitem__(self, spec):
        def call(points, values, xi, cho_cov, *options):
            if not is_traced(points, values, xi, cho_cov):
                return self._original[spec](points, values, xi, cho_cov, *options)
            at, of = (linalg.solve_triangular(cho_cov, x.T, lower=True) for x in (xi, points))
            squares = np.sum((at[:, :, None] - of[:, None, :]) ** 2, axis=0)
            norm = np.sum(np.log(np.diagonal(cho_cov))) + len(cho_cov) * np.log(2 * np.pi) / 2
            return self._of_terms(-squares / 2 - norm, values)

        return call


def _sum(terms, weights):
    return np.exp(terms) @ weights


def _log_of_sum(terms, weights):
    top = np.max(terms, axis=1, keepdims=True)
    return top + np.log(np.exp(terms - top) @ weights)


for _name, _of_terms in (
    ("gaussian_kernel_estimate", _sum),
    ("gaussian_kernel_estimate_log", _log_of_sum),
):
    means(getattr(_kde, _name), Kernels(getattr(_kde, _name), _of_terms))
