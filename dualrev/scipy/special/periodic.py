"""The kernel of Dirichlet.

Must not know the other functions of scipy.special.
"""

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.rules.special.refusal import refuse
from dualrev.scipy.twin import twin

__all__ = ["diric"]


def _diric_slope(ans, x, n):
    """Of U_(n - 1)(cos(x / 2)) / n, which is smooth where sin(x / 2) is 0: 18.9.21 and 18.9.19."""
    known = np.isfinite(ans)
    count = np.where(known, n, 2).astype(int)
    slope = -np.sin(x / 2) * special.eval_gegenbauer(count - 2, 2.0, np.cos(x / 2)) / count
    return np.where(known, slope, np.nan)


@twin(special.diric, elementwise, _diric_slope, refuse(special.diric, "n"), guarded=True)
def diric(x, n):
    """Dirichlet's kernel ``sin(n x / 2) / (n sin(x / 2))``, elementwise.

    Equals :func:`scipy.special.diric`; derivatives by x of any order, also where sin(x / 2) is 0, are
    those of ``U_(n - 1)(cos(x / 2)) / n`` (https://dlmf.nist.gov/18.9.19, 18.9.21).

    Parameters
    ----------
    x : array_like
        Angles.
    n : array_like of int
        Numbers of points; traced ones raise MissingRuleError.

    Examples
    --------
    >>> import dualrev as dr
    >>> from dualrev.scipy.special import diric
    >>> dr.derivative(dr.derivative(lambda x: diric(x, 3)))(0.0).round(12)  # (1 - n^2) / 12
    np.float64(-0.666666666667)
    """
