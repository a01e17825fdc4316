"""Spherical harmonics: chapter 14.30 of DLMF, https://dlmf.nist.gov.

Must not know the other functions of scipy.special.
"""

from typing import Any

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.errors import no_rule
from dualrev.rules.special.refusal import refuse

__all__ = ["sph_harm_y"]


def _by_theta(ans, n, m, theta, phi):
    """Half the difference of the neighbors in m: without a division by sin(theta), 0 at a pole.

    SciPy takes |sin(theta)|: a harmonic of angles beyond the poles goes back as it came.
    """
    # Where m is out of range, as the neighbor of one at its end, all is 0.
    up, down = (np.sqrt(np.maximum((n - s) * (n + s + 1.0), 0)) for s in (m, -m))
    turn = np.exp(1j * phi)
    above = up / turn * _harmonic(n, m + 1, theta, phi)
    below = down * turn * _harmonic(n, m - 1, theta, phi)
    return np.where(np.sin(theta) < 0, below - above, above - below) / 2


_harmonic: Any = elementwise(
    lambda n, m, theta, phi: special.sph_harm_y(n, m, theta, phi),
    refuse(special.sph_harm_y, "n"),
    refuse(special.sph_harm_y, "m"),
    _by_theta,
    lambda ans, n, m, theta, phi: 1j * m * ans,
    guarded=True,
    name="sph_harm_y",
)


def sph_harm_y(n: Any, m: Any, theta: Any, phi: Any, *, diff_n: int = 0) -> Any:
    """Spherical harmonic of degree n and order m at the polar angle theta and the azimuth phi.

    Equals :data:`scipy.special.sph_harm_y`.  By phi the derivative is ``i m Y(n, m)``; by theta it is
    half of ``sqrt((n - m) (n + m + 1)) exp(-i phi) Y(n, m + 1)`` less
    ``sqrt((n + m) (n - m + 1)) exp(i phi) Y(n, m - 1)``: Varshalovich, Moskalev and Khersonskii (1988),
    Quantum Theory of Angular Momentum, section 5.8.2.

    Parameters
    ----------
    n, m : array_like of int
        Degrees and orders; traced ones raise MissingRuleError.
    theta, phi : array_like
        Angles.
    diff_n : int
        Up to which order SciPy is to answer derivatives too: for plain angles only.

    Returns
    -------
    complex array

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.special import sph_harm_y
    >>> dr.derivative(lambda theta: sph_harm_y(1, 0, theta, 0.0).real)(np.pi / 2).round(6)
    np.float64(-0.488603)
    """
    theta, phi = as_operand(theta), as_operand(phi)
    if not diff_n:
        return _harmonic(as_operand(n), as_operand(m), theta, phi)
    if is_traced(theta, phi):
        raise no_rule(
            "scipy.special.sph_harm_y with diff_n and traced angles",
            "leave out diff_n, and take all derivatives by dualrev",
        )
    return special.sph_harm_y(n, m, theta, phi, diff_n=diff_n)
