"""Points at which interpolants are evaluated: how they are given, and the rules of values there.

Must not know what is evaluated.
"""

import numpy as np

from dualrev.axes import beside
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.guarded import guarded_product
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.core.words import rule
from dualrev.errors import ArgumentError
from dualrev.insides.bodies import count_arrays
from dualrev.scipy.reals import check_real
from dualrev.ways import behind

__all__ = [
    "as_points",
    "in_double",
    "moved_to",
    "one_number",
    "real_points",
    "values_and_transpose",
]


def as_points(x):
    """What rules expect: an array, also where a number was given; None stays."""
    x = as_operand(x)
    return x if x is None or hasattr(x, "shape") else np.asarray(x)


def real_points(x):
    """The same of sites and points, of which SciPy's interpolants take the real parts."""
    x = as_points(x)
    if x is None or x.dtype.kind != "c":
        return x
    if is_traced(x):
        check_real("An interpolant, of its sites and points,", x)
    return x.astype(np.float64)  # NumPy warns, as SciPy lets it


def one_number(x):
    """A limit, an end or a bound of a spline, for which SciPy takes the first of several numbers."""
    x = real_points(x)
    if x is not None and x.size > 1:
        raise ArgumentError(
            f"A limit, an end or a bound of a spline is one number; it was given as an array of shape "
            f"{x.shape}, of which SciPy takes the first.",
            fix="give it number by number: np.stack([spline.integral(a, b) for b in limits])",
        )
    return x


def in_double(x):
    """x in double precision, in which SciPy's compiled code computes."""
    return x if x.dtype.char in "dD" else x.astype(np.result_type(x.dtype, np.float64))


def moved_to(ans, at_ndim, axis):
    """Values with the axes of the points where the interpolated axis of the data was."""
    if axis == 0:
        return ans
    order = [
        *range(at_ndim, at_ndim + axis),
        *range(at_ndim),
        *range(at_ndim + axis, ans.ndim),
    ]
    return ans.transpose(order)


def _values_batch(call, batched, c, *places, **options):
    if any(batched[:-1]):
        return behind(call, batched, c, *places, **options)
    return call(c, *places, **options)


def values_and_transpose(function, transpose, offset, offset_transpose):
    """Declare the values of functions that are linear in coefficients, and their transpose in these.

    Both take what is linear first, then the places, of which the points are the last.  The places
    move a local coordinate h, by which the partial is the value of the next derivative.

    Parameters
    ----------
    function, transpose : callable
        ``function(c, *places, nu, **options)``, the nu-th derivatives; ``transpose(ct, *places, n, nu,
        **options)``, n coefficients that meet c in the inner product as ct meets the values.
    offset, offset_transpose : callable
        ``offset(tangents, *places, **options)``, the tangent of h; ``offset_transpose(ct, wanted,
        *places, **options)``, the cotangents of the places.
    """

    def slope_of(c, places, nu, options):
        return values(c, *places, nu=nu + 1, **options)

    def places_vjp(ct, wanted, c, places, nu, options):
        if not any(wanted):
            return (None,) * len(wanted)
        product = guarded_product(ct, slope_of(c, places, nu, options))
        s = product.sum(axis=tuple(range(places[-1].ndim, product.ndim))).real
        return offset_transpose(s, wanted, *places, **options)

    def values_jvp(tangents, ans, c, *places, nu=0, **options):
        """dp = p[dc] + p' dh"""

        def by_offset(t):
            slope = slope_of(c, places, nu, options)
            return guarded_product(beside(t, slope.ndim), slope)

        return sum_of_terms(
            (tangents[0], offset(tangents[1:], *places, **options)),
            lambda t_c: values(t_c, *places, nu=nu, **options),
            by_offset,
        )

    def values_vjp(ct, wanted, ans, c, *places, nu=0, **options):
        """The coefficients get ct times what multiplies them, the places ct p'"""
        ct_c = spread(ct, *places, n=c.shape[0], nu=nu, **options) if wanted[0] else None
        return ct_c, *places_vjp(ct, wanted[1:], c, places, nu, options)

    def spread_jvp(tangents, ans, ct, *places, n=0, nu=0, **options):
        """d(spread) = spread[dct] + spread'[ct dh]"""
        return sum_of_terms(
            (tangents[0], offset(tangents[1:], *places, **options)),
            lambda t_ct: spread(t_ct, *places, n=n, nu=nu, **options),
            lambda t: spread(ct * beside(t, ct.ndim), *places, n=n, nu=nu + 1, **options),
        )

    def spread_vjp(g, wanted, ans, ct, *places, n=0, nu=0, **options):
        """ct gets the values of the function g, the places ct times those of g'"""
        ct_ct = values(g, *places, nu=nu, **options) if wanted[0] else None
        return ct_ct, *places_vjp(ct, wanted[1:], g, places, nu, options)

    arity = count_arrays(function, 0)
    of_values = {"arity": arity, "batch": _values_batch, "name": "spline"}
    values = rule(function, values_jvp, values_vjp, **of_values)
    of_spread = {"arity": arity, "batch": behind, "name": "spline"}
    spread = rule(transpose, spread_jvp, spread_vjp, **of_spread)
    return values, spread
