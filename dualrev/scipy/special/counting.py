"""Factorials, binomials, and the kin of the gamma function that are no ufuncs.

Must not know the other functions of scipy.special.

Whole numbers asked for with ``exact=True`` have no derivative: a traced argument raises there.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.arrays import nowhere
from dualrev.core.elementwise import elementwise
from dualrev.errors import MissingRuleError
from dualrev.rules.special.refusal import refuse
from dualrev.rules.special.rises import digamma_rise
from dualrev.scipy.twin import twin

__all__ = ["comb", "factorial", "factorial2", "factorialk", "multigammaln", "perm", "polygamma"]


def _check_inexact(name, exact):
    if exact:
        raise MissingRuleError(
            f"scipy.special.{name} with exact=True answers whole numbers, which have no derivative.",
            fix=f"leave out exact=True: {name} is then continued between them by the gamma function",
        )


def _counted(n, k, slope):
    """The slope where k things can be taken of n; else the answer is 0."""
    possible = (k <= n) & (n >= 0) & (k >= 0)
    if nowhere(~possible):
        return slope(n, k)
    return np.where(possible, slope(np.where(possible, n, 1), np.where(possible, k, 0)), 0.0)


def _by_all(n, k):
    """The slope of log(gamma(n + 1) / gamma(n - k + 1)) by n."""
    return digamma_rise(n - k + 1, k)


def _by_taken(n, k):
    """The slope of -log(gamma(k + 1) gamma(n - k + 1)) by k."""
    return digamma_rise(k + 1, n - 2 * k)


_comb = elementwise(
    lambda N, k: special.comb(N, k),
    lambda ans, N, k: ans * _counted(N, k, _by_all),
    lambda ans, N, k: ans * _counted(N, k, _by_taken),
    guarded=True,
    name="comb",
)
_comb_with_repetition = elementwise(  # comb(N + k - 1, k)
    lambda N, k: special.comb(N, k, repetition=True),
    lambda ans, N, k: ans * _counted(N + k - 1, k, _by_all),
    lambda ans, N, k: ans * _counted(N + k - 1, k, lambda n, k: digamma_rise(k + 1, n - k)),
    guarded=True,
    name="comb",
)
# gamma(N + 1) / gamma(N - k + 1)
_perm = elementwise(
    lambda N, k: special.perm(N, k),
    lambda ans, N, k: ans * _counted(N, k, _by_all),
    lambda ans, N, k: ans * _counted(N, k, lambda n, k: special.digamma(n - k + 1)),
    guarded=True,
    name="perm",
)


def _factorial_slope(ans, n):
    below = np.less(n, 0)
    return np.where(below, 0.0, ans * special.digamma(np.where(below, 0, n) + 1))


_factorial = elementwise(
    lambda n: special.factorial(n), _factorial_slope, guarded=True, name="factorial"
)
_extended_factorial = elementwise(
    lambda n: special.factorial(n, extend="complex"),
    lambda ans, n: ans * special.digamma(n + 1),
    guarded=True,
    name="factorial",
)


def _multigamma_slope(ans, a, d):
    return sum(special.digamma(a - j / 2) for j in range(int(d)))


_multigammaln = elementwise(special.multigammaln, _multigamma_slope, None, guarded=True)


@twin(special.comb)
def comb(N, k, *, exact, repetition):
    """Number of ways to take k of N things.

    Equals :func:`scipy.special.comb`.  Between whole numbers it is continued by the gamma function:
    there the derivatives are those of :data:`scipy.special.binom`; 0 where k cannot be taken of N.

    Parameters
    ----------
    N, k : array_like
        Numbers of things.
    exact : bool
        Whether to compute in whole numbers of any length.
    repetition : bool
        Whether one thing can be taken more than once.

    Raises
    ------
    MissingRuleError
        With ``exact=True`` and traced numbers.

    Examples
    --------
    >>> import dualrev as dr
    >>> from dualrev.scipy.special import comb
    >>> dr.grad(comb)(4.0, 1.0)
    np.float64(1.0)
    """
    _check_inexact("comb", exact)
    return _comb_with_repetition(N, k) if repetition else _comb(N, k)


@twin(special.perm)
def perm(N, k, *, exact):
    """Number of ways to take k of N things in an order.

    Equals :func:`scipy.special.perm`, ``gamma(N + 1) / gamma(N - k + 1)``, and has its derivatives; 0
    where k cannot be taken of N.

    Parameters
    ----------
    N, k : array_like
        Numbers of things.
    exact : bool
        Whether to compute in whole numbers of any length.

    Raises
    ------
    MissingRuleError
        With ``exact=True`` and traced numbers.

    Examples
    --------
    >>> import dualrev as dr
    >>> from dualrev.scipy.special import perm
    >>> dr.grad(perm)(4.0, 1.0).round(12)
    np.float64(1.0)
    """
    _check_inexact("perm", exact)
    return _perm(N, k)


@twin(special.factorial)
def factorial(n, *, exact, extend):
    """Product of the whole numbers from 1 to n, continued by the gamma function.

    Equals :func:`scipy.special.factorial`; the derivative is ``gamma(n + 1) digamma(n + 1)``.

    Parameters
    ----------
    n : array_like
        Numbers.
    exact : bool
        Whether to compute in whole numbers of any length.
    extend : {"zero", "complex"}
        Whether negative numbers answer 0, or ``gamma(n + 1)`` as complex ones do.

    Raises
    ------
    MissingRuleError
        With ``exact=True`` and a traced n.

    Examples
    --------
    >>> import dualrev as dr
    >>> from dualrev.scipy.special import factorial
    >>> dr.grad(factorial)(0.0)  # minus Euler's constant
    np.float64(-0.5772156649015329)
    """
    _check_inexact("factorial", exact)
    if extend not in ("zero", "complex"):
        return special.factorial(n, extend=extend)  # SciPy's own error
    return _factorial(n) if extend == "zero" else _extended_factorial(n)


def _multifactorial(name, value):
    """The primitive of ``value(n, k)``, k^((n - 1) / k) gamma(n / k + 1) / gamma(1 / k + 1)."""
    return elementwise(
        value,
        lambda ans, n, k: ans * (math.log(k) + special.digamma(n / k + 1)) / k,
        None,
        guarded=True,
        name=name,
    )


_factorial2 = _multifactorial("factorial2", lambda n, k: special.factorial2(n, extend="complex"))
_factorialk = _multifactorial("factorialk", lambda n, k: special.factorialk(n, k, extend="complex"))


def _check_continued(name, exact, extend, k=2):
    _check_inexact(name, exact)
    if extend != "complex" or not k > 0:
        raise MissingRuleError(
            f"scipy.special.{name} without extend='complex' and k > 0 is one of whole numbers.",
            fix=f"write {name}(..., extend='complex'), which is continued between whole numbers",
        )


@twin(special.factorial2)
def factorial2(n, *, exact, extend):
    """Product of every second whole number up to n, continued by the gamma function.

    Equals :func:`scipy.special.factorial2`, with derivatives where ``extend="complex"``: those of
    ``2^((n - 1) / 2) gamma(n / 2 + 1) / gamma(3 / 2)``.

    Parameters
    ----------
    n : array_like
        Numbers.
    exact : bool
        Whether to compute in whole numbers of any length.
    extend : {"zero", "complex"}
        Whether n must be whole, or may be any number.

    Raises
    ------
    MissingRuleError
        With a traced n and ``exact=True`` or ``extend="zero"``.

    Examples
    --------
    >>> import dualrev as dr
    >>> from dualrev.scipy.special import factorial2
    >>> dr.grad(lambda n: factorial2(n, extend="complex"))(1.0).round(6)
    np.float64(0.364819)
    """
    _check_continued("factorial2", exact, extend)
    return _factorial2(n, 2)


@twin(special.factorialk)
def factorialk(n, *, k, exact, extend):
    """Product of every k-th whole number up to n, continued by the gamma function.

    Equals :func:`scipy.special.factorialk`, with derivatives by n where ``extend="complex"`` and k > 0:
    those of ``k^((n - 1) / k) gamma(n / k + 1) / gamma(1 / k + 1)``.  Parameters and errors as of
    :func:`factorial2`.
    """
    _check_continued("factorialk", exact, extend, k)
    return _factorialk(n, k)


@twin(special.multigammaln)
def multigammaln(a, *, d):
    """Logarithm of the gamma function of d dimensions at a, elementwise.

    Equals :func:`scipy.special.multigammaln`; the derivative by a is the sum of
    ``digamma(a - j / 2)`` over j < d (https://dlmf.nist.gov/35.3.4).

    Parameters
    ----------
    a : array_like
        Above (d - 1) / 2.
    d : int
        Number of dimensions.

    Raises
    ------
    MissingRuleError
        With a traced d.

    Examples
    --------
    >>> import dualrev as dr
    >>> from dualrev.scipy.special import multigammaln
    >>> dr.grad(multigammaln)(1.0, 1)
    np.float64(-0.5772156649015329)
    """
    return _multigammaln(a, d)


def _polygamma_slope(ans, n, x):
    return polygamma(n + 1, x)


@twin(
    special.polygamma,
    elementwise,
    refuse(special.polygamma, "n"),
    _polygamma_slope,
    guarded=True,
)
def polygamma(n, x):
    """The n-th derivative of digamma at x, elementwise.

    Equals :func:`scipy.special.polygamma`; the derivative by x is ``polygamma(n + 1, x)``.

    Parameters
    ----------
    n : array_like of int
        Orders.
    x : array_like
        Real numbers.

    Raises
    ------
    MissingRuleError
        With a traced n.

    Examples
    --------
    >>> import dualrev as dr
    >>> from dualrev.scipy.special import polygamma
    >>> dr.derivative(lambda x: polygamma(0, x))(1.0)  # pi^2 / 6
    np.float64(1.6449340668482266)
    """
