"""Functions in two pieces, one of them mostly the power series where the other is 0 / 0.

Must not know any function of scipy.special.
"""

import numpy as np

from dualrev.core.arrays import nowhere


def power_series(x, coefficients):
    """The sum of ``coefficients[k] * x**k``."""
    total = coefficients[-1]
    for c in coefficients[-2::-1]:
        total = total * x + c
    return total


def pieces(inside, x, within, without, safe):
    """``within(x)`` inside, ``without(x)`` elsewhere.

    Both are smooth at the points ``safe``, of which the first lies inside and the second does not:
    they stand in for what the other piece cannot be computed or differentiated at.
    """
    if nowhere(inside):
        return without(x)
    safe_within, safe_without = safe
    others = without(np.where(inside, safe_without, x))
    if type(x) is np.ndarray and x.ndim:  # a shortcut: mostly few elements are inside
        others[inside] = within(x[inside])
        return others
    return np.where(inside, within(np.where(inside, x, safe_within)), others)


def near(x, point, series, formula, radius):
    """``formula(x)``, but ``series(x - point)`` where x is nearer to the point than radius.

    Both are differentiated with it: the series needs terms for the higher orders too.
    """
    return pieces(
        np.absolute(x - point) < radius,
        x,
        lambda x: series(x - point),
        formula,
        (point, point + 2 * radius),
    )
