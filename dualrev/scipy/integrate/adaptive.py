"""Adaptive integration of functions of one variable: quad, quad_vec; and fixed_quad.

Owns what SciPy reports of the subintervals it has chosen.  Must not know what is done with them.

The value is SciPy's own, of the plain integrand.
"""

import warnings

import numpy as np
import scipy.integrate
import scipy.special

from dualrev.calls import as_tuple
from dualrev.core.arrays import somewhere
from dualrev.core.operands import as_operand, base_of, numbers_of
from dualrev.core.traced import is_traced
from dualrev.errors import no_rule
from dualrev.scipy.each_row import each_row
from dualrev.scipy.integrate.integrand import Watched, integral_on_subintervals, pinned
from dualrev.scipy.twin import like, twin

__all__ = ["fixed_quad", "quad", "quad_vec"]


@like(scipy.integrate.quad)
@each_row
def quad(
    func, a, b, args=(), full_output=0, *, limit=50, weight=None, complex_func=False, **options
):
    """The integral of a function from a to b, and SciPy's estimate of its error.

    Equals :func:`scipy.integrate.quad`, but from a limit to a smaller one with ``complex_func``, where
    SciPy's answer has the wrong sign.  Differentiable in the limits, in ``args``, and in whatever traced
    values ``func`` uses from outside.

    Parameters
    ----------
    func : callable
        ``func(x, *args)``, of a number, to a number.
    a, b : number
        Limits, which may be infinite.
    args : tuple
        Further arguments of func.
    full_output, epsabs, epsrel, limit, points, weight, wvar, wopts, maxp1, limlst, complex_func
        As SciPy has them; ``weight`` for plain integrals only.

    Returns
    -------
    y : number
        The integral.
    abserr : float
        SciPy's estimate of the error of the value.  The derivative has an error of its own, which is
        not estimated: of the order of rounding where the integrand is smooth between its ends, about
        1e-7 where the derivative of the integrand jumps in between (give such places in ``points``).
    infodict, message
        As SciPy has them.

    Raises
    ------
    MissingRuleError
        With ``weight`` and traced values; where the value has converged and a derivative has not, on
        subintervals that were halved 60 times, or ``limit`` if that is more: so are second derivatives,
        and those below :func:`dualrev.vmap`, where func is infinite at a limit that moves with it.

    Notes
    -----
    ``d/dp integral_a^b f dx = integral_a^b df/dp dx + f(b) db/dp - f(a) da/dp`` (Leibniz's rule).
    Where f is infinite at a limit that moves, the integral is differentiated on the unit interval.
    Costs one integration by SciPy, two where an end is singular, and one traced evaluation of func
    for each of its nodes (21 for a smooth function).  Each derivative is integrated on SciPy's
    subintervals, and on finer ones where Gauss's and Kronrod's rules for it differ: a term that is
    multiplied by 0 may have kinks that the value does not show.  A jump of func that moves with p is
    not seen: split the integral there, with limits that move.  Under :func:`dualrev.vmap` SciPy is
    called value by value.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import quad
    >>> dr.derivative(lambda p: quad(lambda x: np.exp(-p * x), 0, np.inf)[0])(2.0).round(12)
    np.float64(-0.25)
    >>> dr.derivative(lambda b: quad(np.cos, 0, b)[0])(0.0)
    np.float64(1.0)
    """
    options |= {"limit": limit, "weight": weight}
    if not callable(func):  # scipy.LowLevelCallable
        options["complex_func"] = complex_func
        return scipy.integrate.quad(func, a, b, args, full_output, **options)
    args = as_tuple(args)
    if complex_func:
        return _complex_quad(func, a, b, args, full_output, options)
    a, b = as_operand(a), as_operand(b)
    watched = Watched(func)

    plain = tuple(numbers_of(list(args)))
    found = scipy.integrate.quad(watched, numbers_of(a), numbers_of(b), plain, 1, **options)
    y, abserr, info, *messages = found
    ans = y
    if watched.traced or is_traced(a, b, *args):
        if weight is not None:
            raise no_rule(
                f"quad with weight={weight!r} and traced values",
                "put the weight into the integrand",
            )
        names = ("alist", "blist", "rlist", "elist")
        left, right, values, errors = (info[name][: info["last"]] for name in names)
        sum_ = integral_on_subintervals(
            watched, args, a, b, left, right, np.abs(values), errors, True, limit, not messages
        )
        ans = pinned(y, sum_)
    if full_output:
        return (ans, *found[1:])
    if messages:
        warnings.warn(messages[0], scipy.integrate.IntegrationWarning, stacklevel=4)
    return ans, abserr


def _complex_quad(func, a, b, args, full_output, options):
    """The integrals of the real and the imaginary part."""

    def integral(part):
        return quad(lambda x, *args: part(func(x, *args)), a, b, args, full_output, **options)

    real, imag = integral(np.real), integral(np.imag)
    ans = real[0] + 1j * imag[0], real[1] + 1j * imag[1]
    return (*ans, {"real": real[2:], "imag": imag[2:]}) if full_output else ans


# ---------------------------------------------------------------------------------- quad_vec


@like(scipy.integrate.quad_vec)
@each_row
def quad_vec(f, a, b, *, limit=10000, quadrature=None, full_output=False, args=(), **options):
    """The integral of an array-valued function from a to b, and SciPy's estimate of its error.

    Equals :func:`scipy.integrate.quad_vec`; differentiable as :func:`quad` is.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``, of a number, to an array.
    a, b : number
        Limits, which may be infinite.
    epsabs, epsrel, norm, cache_size, limit, workers, points, quadrature, full_output
        As SciPy has them.
    args : tuple
        Further arguments of f.

    Returns
    -------
    res : array of the shape of the values of f
    err : float
        Of the value; see :func:`quad` for the derivative.
    info
        As SciPy has it, where ``full_output`` is set.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import quad_vec
    >>> dr.jacobian(lambda p: quad_vec(lambda x: np.exp(-p * x), 0, np.inf)[0])(
    ...     np.array([1.0, 2.0])
    ... ).round(12) + 0.0
    array([[-1.  ,  0.  ],
           [ 0.  , -0.25]])
    """
    args = as_tuple(args)
    a, b = as_operand(a), as_operand(b)
    watched = Watched(f)

    if args:
        options["args"] = tuple(numbers_of(list(args)))
    options |= {"limit": limit, "full_output": True}

    def integrated(quadrature):
        return scipy.integrate.quad_vec(
            watched, numbers_of(a), numbers_of(b), quadrature=quadrature, **options
        )

    res, err, info = found = integrated(quadrature)
    ans = res
    if watched.traced or is_traced(a, b, *args):
        if quadrature in ("trapezoid", "trapz"):  # its subintervals are thousands
            found = integrated(None)
        parts = found[2]
        left, right = np.sort(parts.intervals, axis=1).T
        values = np.linalg.norm(parts.integrals.reshape(len(left), -1), axis=1)
        sum_ = integral_on_subintervals(
            watched, args, a, b, left, right, values, parts.errors, False, limit, parts.success
        )
        ans = pinned(res, sum_)
    return (ans, err, info) if full_output else (ans, err)


# ------------------------------------------------------------------------------- fixed order


@twin(scipy.integrate.fixed_quad)
def fixed_quad(func, args, /, a, b, *, n):
    """The integral of a function from a to b by Gauss and Legendre's n points, and None.

    Equals :func:`scipy.integrate.fixed_quad`.  Differentiable in the limits, in ``args`` and in what
    ``func`` uses from outside: the derivative of the sum itself, not an approximation of the
    integral's.

    Parameters
    ----------
    func : callable
        ``func(x, *args)`` of an array x, to an array with the same last axis.
    a, b : number
        Finite limits.
    args : tuple
        Further arguments of func.
    n : int
        Number of points.

    Returns
    -------
    val : number or array
    None

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import fixed_quad
    >>> dr.derivative(lambda b: fixed_quad(np.square, 0.0, b)[0])(3.0).round(12)
    np.float64(9.0)
    """
    if any(somewhere(np.isinf(base_of(end))) for end in (a, b)):
        raise ValueError("Gaussian quadrature is only available for finite limits.")
    x, w = scipy.special.roots_legendre(n)
    y = (b - a) * (x + 1) / 2.0 + a
    return (b - a) / 2.0 * np.sum(w * func(y, *args), axis=-1), None
