"""Mathematical functions, element by element: NumPy's ufuncs and the array functions like them.

Must not know shapes: every element of an answer depends on the matching elements of the arguments.

The derivative of hypot at (0, 0) is 0.  Constants are Python's floats, which leave float32 as it is; a
``np.float64`` would not.
"""

import functools
import math
import operator

import numpy as np
from scipy import special

from dualrev.convolution import convolved
from dualrev.core.arrays import PLAIN, has_nan, nowhere
from dualrev.core.cotangents import sum_of_terms
from dualrev.core.elementwise import elementwise
from dualrev.core.guarded import guarded_product, may_need_guard
from dualrev.core.words import composition, constant, kinked, linear, rule
from dualrev.rules.digits import as_precise_as, have_all_digits
from dualrev.rules.saturation import tanh_product, tanh_slope
from dualrev.rules.shape import as_array
from dualrev.rules.signs import unsettled_zero
from dualrev.ways import aligned

#: Python's numbers: constants, as a traced number has a NumPy type.
_NUMBERS = frozenset({int, float})
#: Constants of the digits of a float64, and of a long double.
_LN2 = math.log(2), np.log(np.longdouble(2))
_LN10 = math.log(10), np.log(np.longdouble(10))


# --------------------------------------------------------------------------------- arithmetic


def _divide_product(ct, ans, x, y):
    """``ct / y``: one call, where all is finite."""
    quotient = ct / y
    # np.divide, as y may be Python's own 0
    return guarded_product(ct, np.divide(1.0, y)) if has_nan(quotient) else quotient


def _divisor_product(ct, ans, x, y):
    """``-ct / y * ans``: ans / y may overflow where y and its tangent are tiny."""
    product = -(ct / y) * ans
    if may_need_guard(product, ct):
        return guarded_product(ct, np.divide(-ans, y))
    return product


def _sum_of_products(x, y, k, stop=None):
    """The sum of ``x_j y_(k-j)``, in which a coefficient that is 0 hides what is not finite."""
    total = convolved(x, y, k, stop=stop)
    if total is None or not has_nan(total):
        return total
    terms = [
        guarded_product(a, b, both=j < k) if j else guarded_product(b, a)
        for j, (a, b) in enumerate(zip(x[:stop], y[k::-1]))
        if a is not None and b is not None
    ]
    return functools.reduce(operator.add, terms)


def _product_series(ans, x, y):
    return _sum_of_products(x, y, len(ans))


def _quotient_series(ans, x, y):
    """q_k = (x_k - sum of q_j y_(k - j)) / y_0"""
    k = len(ans)
    rest = _sum_of_products(ans, y, k, stop=k)
    rest = x[k] if rest is None else -rest if x[k] is None else x[k] - rest
    return None if rest is None else _divide_product(rest, None, None, y[0])


elementwise(np.add, 1, 1, call=operator.add)
elementwise(np.subtract, 1, -1, call=operator.sub)
# Guarded for what is infinite in a branch not taken: np.where(x > 0, x * np.log(x), 0) at x = 0.
elementwise(
    np.multiply,
    lambda ans, x, y: y,
    lambda ans, x, y: x,
    call=operator.mul,
    guarded=True,
    series=_product_series,
)
elementwise(
    np.divide,
    lambda ans, x, y: 1 / y,
    lambda ans, x, y: -ans / y,
    call=operator.truediv,
    guarded=True,
    product=(_divide_product, _divisor_product),
    series=_quotient_series,
)
elementwise(np.negative, -1, call=operator.neg)
elementwise(np.positive, 1, call=operator.pos)
# Of ans, whose derivative at 0 is infinite too; that of x * x would be an exact 0.
elementwise(np.reciprocal, lambda ans, x: -ans * ans, guarded=True)
elementwise(np.remainder, 1, lambda ans, x, y: -np.floor_divide(x, y), call=operator.mod)
# Not trunc(x / y): the quotient may be rounded to the next whole number, as 1 / 0.1 is.
elementwise(np.fmod, 1, lambda ans, x, y: -np.rint((x - ans) / y))


def _divmod_jvp(tangents, ans, x, y):
    """d(x mod y) = dx - (x // y) dy; the quotient is a step."""
    return None, sum_of_terms(tangents, lambda t_x: t_x, lambda t_y: -ans[0] * t_y)


def _divmod_vjp(cts, wanted, ans, x, y):
    return cts[1], -ans[0] * cts[1]


rule(np.divmod, jvp=_divmod_jvp, vjp=_divmod_vjp)
rule(np.modf, jvp=lambda ts, ans, x: (ts[0], None), vjp=lambda cts, wanted, ans, x: cts[:1])


def _frexp_jvp(tangents, ans, x):
    """dx = 2^exponent dmantissa."""
    return np.ldexp(tangents[0], -ans[1]), None


rule(np.frexp, jvp=_frexp_jvp, vjp=lambda cts, wanted, ans, x: (np.ldexp(cts[0], -ans[1]),))
# The exponent is an integer: nothing can trace it.
linear(np.ldexp, lambda ct, x1, x2: np.ldexp(ct, x2), None)

# ------------------------------------------------------------------------------------- powers


def _powers(power):
    """Both partials of ``power``: np.power or np.float_power."""

    def by_base(ans, x, y):
        if type(y) in _NUMBERS:
            return y * power(x, y - 1) if y else 0.0
        # The derivative of x**0 is 0, also at x = 0 where 0 * x**-1 would be nan.
        zero = np.equal(x, 0)
        partial = y * power(x, np.where(zero & np.equal(y, 0), 1, y - 1))
        if type(y) in PLAIN or nowhere(zero):
            return partial
        # At 0 it jumps where y passes 0 or 1.
        return partial + np.where(zero, unsettled_zero(y * (y - 1)), 0)

    def by_exponent(ans, x, y):
        if type(x) in _NUMBERS and x > 0:
            return ans * (math.log(x) if ans.dtype.char not in "gG" else np.log(np.longdouble(x)))
        # 0**y is 0 for every y > 0, so its derivative is too, where 0 * log(0) would be nan.
        zero = np.equal(x, 0) & np.greater_equal(y, 0)
        partial = ans * np.log(np.where(zero, 1, x))
        if type(x) in PLAIN or nowhere(zero):
            return partial
        # x**y * log(x) is 0 at 0, with an infinite slope up to y = 1.
        return partial + np.where(zero & np.less_equal(y, 1), unsettled_zero(x), 0)

    return by_base, by_exponent


def _power_product(ct, ans, x, y):
    """``ct * y * x**(y - 1)``.

    Python's ``**`` has a fast square which np.power has not.
    """
    if type(y) in _NUMBERS and y == 2:
        # A number times an array costs 0.35 us more than the sum.
        product = (x + x) * ct if type(ct) is np.ndarray else ct * (x + x)
        if type(product) is np.ndarray and product.size:
            # What has_nan does, without its questions: 0.5 us of 2.5.
            least = product.item(product.argmin())
            if least == least:
                return product
    else:
        product = ct * _by_base(ans, x, y)
    # Nothing else held the partial: NumPy has written the product into its memory.
    if may_need_guard(product, ct):
        return guarded_product(ct, _by_base(ans, x, y))
    return product


def _power_series(ans, x, y):
    """k x_0 p_k = sum of ((y + 1) j - k) x_j p_(k - j): Knuth, TAOCP 2, section 4.7, equation 9."""
    k = len(ans)
    if y[k] is not None or (k == 1 and not nowhere(np.equal(x[0], 0))):
        return NotImplemented
    (exponent, *_) = y
    if type(exponent) in _NUMBERS and exponent == 2:
        return convolved(x, x, k)
    weights = ((exponent + 1) * j - k for j in range(1, k + 1))
    terms = [
        w * a * p for w, a, p in zip(weights, x[1:], ans[::-1]) if not (a is None or p is None)
    ]
    if not terms:
        return None
    c = functools.reduce(operator.add, terms) / (k * x[0])
    return NotImplemented if has_nan(c) else c


_by_base, _by_exponent = _powers(operator.pow)
# The operator and np.power are two primitives, since they may differ in the last bit.
elementwise(
    operator.pow,
    _by_base,
    _by_exponent,
    call=operator.pow,
    guarded=True,
    product=_power_product,
    series=_power_series,
)
elementwise(
    np.power, _by_base, _by_exponent, guarded=True, product=_power_product, series=_power_series
)
elementwise(np.float_power, *_powers(np.float_power), guarded=True, series=_power_series)
elementwise(np.square, lambda ans, x: x + x, guards_pull=True)
elementwise(np.sqrt, lambda ans, x: 0.5 / ans, guarded=True)
elementwise(np.cbrt, lambda ans, x: 1 / (3 * ans * ans), guarded=True)

# ----------------------------------------------------------------- exponentials and logarithms

# Guarded, since they overflow: np.where(x > 0, x, np.exp(x) - 1) at x = 1000.
elementwise(np.exp, lambda ans, x: ans, guards_pull=True)
elementwise(np.exp2, lambda ans, x: ans * as_precise_as(ans, _LN2), guarded=True)
# Not ans + 1, which far left has no digits.
elementwise(np.expm1, lambda ans, x: np.exp(x), guards_pull=True)


def declare_logarithm(function, scaled):
    """A logarithm, of which the derivative is 1 over ``scaled(x)``."""
    # One quotient: that of a tiny likelihood is finite where 1 / x, differentiated again, is not.
    elementwise(
        function,
        lambda ans, x: 1 / scaled(x),
        guarded=True,
        product=lambda t, ans, x: _divide_product(t, ans, 1.0, scaled(x)),
    )


declare_logarithm(np.log, lambda x: x)
declare_logarithm(np.log2, lambda x: as_precise_as(x, _LN2) * x)
declare_logarithm(np.log10, lambda x: as_precise_as(x, _LN10) * x)
declare_logarithm(np.log1p, lambda x: 1 + x)


def _lead(x, other, ans):
    """``x - other``, but -inf where both are: two zero probabilities carry no derivative, not nan."""
    return x - np.where(np.equal(ans, -math.inf), 0, other)


# Not exp(x1 - ans), of which the derivative cancels in either tail.
elementwise(
    np.logaddexp,
    lambda ans, x1, x2: special.expit(_lead(x1, x2, ans)),
    lambda ans, x1, x2: special.expit(_lead(x2, x1, ans)),
    guarded=True,
)
elementwise(
    np.logaddexp2,
    lambda ans, x1, x2: special.expit(as_precise_as(ans, _LN2) * _lead(x1, x2, ans)),
    lambda ans, x1, x2: special.expit(as_precise_as(ans, _LN2) * _lead(x2, x1, ans)),
    guarded=True,
)

# ------------------------------------------------------------------- trigonometric, hyperbolic

# Guarded, since 1 / x may be infinite: np.where(x > 0, np.sin(1 / x), 0) at x = 0.
elementwise(np.sin, lambda ans, x: np.cos(x), guards_pull=True)
elementwise(np.cos, lambda ans, x: -np.sin(x), guards_pull=True)


def _tan_partial(ans, x):
    # In the complex plane 1 + ans^2 cancels far from the real axis: as of tanh, which it is turned.
    return 1 + ans * ans if x.dtype.kind != "c" else tanh_slope(ans * 1j, x * 1j)


elementwise(np.tan, _tan_partial, guards_pull=True)
elementwise(np.arcsin, lambda ans, x: 1 / np.sqrt((1 - x) * (1 + x)), guarded=True)
elementwise(np.arccos, lambda ans, x: -1 / np.sqrt((1 - x) * (1 + x)), guarded=True)


def _one_and_square(x):
    """1 + x^2, of which the sum cancels next to i and -i."""
    return 1 + x * x if x.dtype.kind != "c" else (1 + x * 1j) * (1 - x * 1j)


def _arctan_partial(ans, x):
    if type(x) in PLAIN or nowhere(infinite := np.isinf(x)):
        return 1 / _one_and_square(x)
    # Its derivative is 0 there too, where that of the quotient would be 0 * inf.
    x = np.where(infinite, 0, x)
    return np.where(infinite, 0, 1 / _one_and_square(x))


elementwise(np.arctan, _arctan_partial, guards_pull=True)


def _over_square(x, x1, x2):
    """``x / (x1^2 + x2^2)``, in every order nan where the angle is undefined."""
    with np.errstate(over="ignore", under="ignore"):
        square = x1 * x1 + x2 * x2
    if type(square) in PLAIN and have_all_digits(square):
        return x / square
    radius = hypot_below(x1, x2)  # the square would also have the derivative 0 at (0, 0)
    return x / radius / radius


elementwise(
    np.arctan2,
    lambda ans, x1, x2: _over_square(x2, x1, x2),
    lambda ans, x1, x2: _over_square(-x1, x1, x2),
    guarded=True,
)
# At (0, 0) any finite slope of a quotient gives 0; and ans carries on that it is no derivative's.
elementwise(
    np.hypot,
    lambda ans, x1, x2: x1 / (ans + np.equal(ans, 0)),
    lambda ans, x1, x2: x2 / (ans + np.equal(ans, 0)),
    guarded=True,
)
_strict_hypot = elementwise(
    lambda x1, x2: np.hypot(x1, x2),
    lambda ans, x1, x2: x1 / ans,
    lambda ans, x1, x2: x2 / ans,
    guarded=True,
    name="hypot",
)
hypot_below = kinked(np.hypot, _strict_hypot)
elementwise(np.sinh, lambda ans, x: np.cosh(x), guarded=True)
elementwise(np.cosh, lambda ans, x: np.sinh(x), guarded=True)
elementwise(np.tanh, tanh_slope, guards_pull=True, product=tanh_product)
# Not the root of x * x + 1, which overflows beyond 1e154; hypot is not for complex numbers.
elementwise(
    np.arcsinh,
    lambda ans, x: 1 / (np.sqrt(_one_and_square(x)) if x.dtype.kind == "c" else np.hypot(x, 1.0)),
    guards_pull=True,
)
# Two roots, not one of the product: that has another branch left of 0 in the complex plane.
elementwise(np.arccosh, lambda ans, x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)), guarded=True)
elementwise(np.arctanh, lambda ans, x: 1 / ((1 - x) * (1 + x)), guarded=True)
linear(np.degrees, lambda ct, x: np.degrees(ct))
linear(np.rad2deg, lambda ct, x: np.rad2deg(ct))
linear(np.radians, lambda ct, x: np.radians(ct))
linear(np.deg2rad, lambda ct, x: np.deg2rad(ct))

# ------------------------------------------------------------------------------------ complex

linear(np.conjugate, lambda ct, x: np.conjugate(ct))
# The cotangent of a real part is embedded in the complex plane by its dtype.
linear(np.real, lambda ct, val: ct, view=True, batch=aligned)
# Not -1j * ct: Python's complex times a np.float64 is Python's complex, without a shape.
linear(np.imag, lambda ct, val: ct * -1j, view=True, batch=aligned)


def _angle(z, deg=False):
    radians = np.arctan2(np.imag(z), np.real(z))
    return radians * (180 / math.pi) if deg else radians


@constant
def _is_nearly_real(a, tol):
    return np.isrealobj(np.real_if_close(a, tol))


composition(np.angle, _angle, arity=1)
composition(
    np.real_if_close,
    lambda a, tol=100: as_array(np.real(a) if _is_nearly_real(a, tol) else a),
    arity=1,
)

# -------------------------------------------------------------------------- array functions


def _finite_part(t, x):
    """t where x is finite; real and imaginary parts are replaced on their own."""
    if x.dtype.kind != "c":
        return np.where(np.isfinite(x), t, 0)
    return _finite_part(np.real(t), np.real(x)) + _finite_part(np.imag(t), np.imag(x)) * 1j


def _nan_to_num_jvp(tangents, ans, x, nan=0.0, posinf=None, neginf=None):
    return _finite_part(tangents[0], x)


def _nan_to_num_vjp(ct, wanted, ans, x, nan=0.0, posinf=None, neginf=None):
    return (_finite_part(ct, x),)


_numbers_of = rule(
    lambda x, **options: np.nan_to_num(x, **options),
    jvp=_nan_to_num_jvp,
    vjp=_nan_to_num_vjp,
    batch=aligned,
    name="nan_to_num",
)


def _nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    ans = _numbers_of(x, nan=nan, posinf=posinf, neginf=neginf)
    if copy:
        return ans
    x[...] = ans
    return x


composition(np.nan_to_num, _nan_to_num, arity=1)
