"""Options of rules/eigenvalues.py."""

import numpy as np

from tests.options import ZS, M, Row, S, each
from tests.options.decompositions import symmetric


def spectral(function, vectors):
    """Eigenvalues, and magnitudes of the vectors, which do not depend on their phase."""

    def call(a, *args, **options):
        ans = symmetric(function)(a, *args, **options)
        return ans[0], np.abs(ans[vectors])

    call.__name__ = function.__name__
    return call


ROWS = [
    *(
        row
        for a in (S, ZS)
        for upper in ("L", "U", "l")
        for row in (
            Row(spectral(np.linalg.eigh, 1), a, UPLO=upper),
            Row(spectral(np.linalg.eigh, 1), a, upper),
            Row(symmetric(np.linalg.eigvalsh), a, upper),
            Row(symmetric(np.linalg.eigvalsh), a, UPLO=upper),
        )
    ),
    *each((np.linalg.eig, np.linalg.eigvals), M),
    *each((np.linalg.eigvals,), np.stack([M, S])),
]
