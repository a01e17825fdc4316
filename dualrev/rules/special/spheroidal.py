"""Spheroidal wave functions: chapter 30 of DLMF.

Must not know NumPy's own functions' rules.

The second output of SciPy's functions is the derivative of the first; its own derivative is that of
the spheroidal equation 30.2.1, with c^2 of the opposite sign and x turned to i x for the oblate ones.
"""

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.core.words import constant
from dualrev.rules.special.outputs import several_outputs
from dualrev.rules.special.refusal import refuse
from dualrev.ways import aligned


def _equation(cv, m, c2, x, ans):
    """(w', w'') where ((1 - x^2) w')' + (cv - c2 x^2 - m^2 / (1 - x^2)) w = 0."""
    w, slope = ans
    room = (1 - x) * (1 + x)
    return slope, (2 * x * slope - (cv - c2 * x * x - m * m / room) * w) / room


def _oblate_radial_equation(cv, m, c2, x, ans):
    """(w', w'') where ((1 + x^2) w')' - (cv - c2 x^2 - m^2 / (1 + x^2)) w = 0."""
    w, slope = ans
    room = 1 + x * x
    return slope, ((cv - c2 * x * x - m * m / room) * w - 2 * x * slope) / room


def _of_second_kind(equation, kind):
    """The equation of a function of the second kind; nan where SciPy's digits of it are lost.

    For small c they are, of oblate ones.  The Wronskian with the first kind tells: DLMF 30.11.7.
    """

    def checked(cv, m, c2, x, ans, n, c):
        first, first_slope = getattr(special, f"{kind}_rad1_cv")(m, n, c, cv, x)
        w, slope = ans
        room = (x - 1) * (x + 1) if kind == "pro" else 1 + x * x
        is_right = np.abs((first * slope - first_slope * w) * c * room - 1) < 1e-6
        return [np.where(is_right, part, np.nan) for part in equation(cv, m, c2, x, ans)]

    return checked


def _of_first_kind(equation):
    return lambda cv, m, c2, x, ans, n, c: equation(cv, m, c2, x, ans)


def _declare(kind, name, equation, sign):
    """Declare a function in both its forms: cv is computed in one, an argument of the other."""
    is_second = name == "rad2"
    equation = _of_second_kind(equation, kind) if is_second else _of_first_kind(equation)
    characteristic = getattr(special, f"{kind}_cv")
    function = getattr(special, f"{kind}_{name}")
    several_outputs(
        function,
        *(refuse(function, argument) for argument in "mnc"),
        lambda ans, m, n, c, x: equation(characteristic(m, n, c), m, sign * c * c, x, ans, n, c),
    )
    given = getattr(special, f"{kind}_{name}_cv")
    several_outputs(
        given,
        *(refuse(given, argument) for argument in ("m", "n", "c", "cv")),
        lambda ans, m, n, c, cv, x: equation(cv, m, sign * c * c, x, ans, n, c),
    )


for _name in ("ang1", "rad1", "rad2"):
    _declare("pro", _name, _equation, 1)
_declare("obl", "ang1", _equation, -1)
for _name in ("rad1", "rad2"):
    _declare("obl", _name, _oblate_radial_equation, 1)


def _degree(n, c):
    return int(np.max(n, initial=0) + 2 * np.max(np.abs(c), initial=0)) + 24


_degree = constant(_degree, batch=aligned)


def _characteristic_slope(angular, sign):
    """dcv/dc = +-2 c times the mean of x^2 over w^2: the derivative of an eigenvalue.

    By Gauss-Legendre quadrature; w^2 is nearly a polynomial of degree 2 (n + c).
    """

    def partial(ans, m, n, c):
        x, weights = np.polynomial.legendre.leggauss(int(_degree(n, c)))
        m, n, c_ = (np.expand_dims(a, -1) for a in (m, n, c))
        w, _ = angular(m, n, c_, x)
        density = weights * w * w
        mean = np.sum(density * x * x, axis=-1) / np.sum(density, axis=-1)
        return 2 * sign * c * mean

    return partial


elementwise(
    special.pro_cv,
    refuse(special.pro_cv, "m"),
    refuse(special.pro_cv, "n"),
    _characteristic_slope(special.pro_ang1, 1),
)
elementwise(
    special.obl_cv,
    refuse(special.obl_cv, "m"),
    refuse(special.obl_cv, "n"),
    _characteristic_slope(special.obl_ang1, -1),
)
