"""Mathematical functions, element by element: NumPy's ufuncs and the array functions like them.

Must not know shapes: every element of an answer depends on the matching elements of the arguments.

Conventions where a derivative does not exist.  At a tie, maximum, minimum, fmax, fmin and clip share
equally: half to each side.  The derivative of abs at 0 is 0, that of hypot at (0, 0) too.  Steps
(sign, floor, round, heaviside) have derivative 0 everywhere.  Constants are Python's floats, which
leave float32 as it is; a ``np.float64`` would not.
"""

import math
import operator

import numpy as np
from scipy import special

from dualrev.core.cotangents import has_nan, zeros_of
from dualrev.core.primitive import composition, constant, elementwise, guarded_product, linear, rule

#: Python's numbers: constants, as a traced number has a NumPy type.
_NUMBERS = frozenset({int, float})
_LN2 = math.log(2)
_LN10 = math.log(10)

# --------------------------------------------------------------------------------- arithmetic


def _divide_product(ct, ans, x, y):
    """``ct / y``: one call, where all is finite."""
    quotient = ct / y
    return guarded_product(ct, 1 / y) if has_nan(quotient) else quotient


elementwise(np.add, 1, 1, call=operator.add)
elementwise(np.subtract, 1, -1, call=operator.sub)
# Guarded for what is infinite in a branch not taken: np.where(x > 0, x * np.log(x), 0) at x = 0.
elementwise(np.multiply, lambda ans, x, y: y, lambda ans, x, y: x, call=operator.mul, guarded=True)
elementwise(
    np.divide,
    lambda ans, x, y: 1 / y,
    lambda ans, x, y: -ans / y,
    call=operator.truediv,
    guarded=True,
    product=_divide_product,
)
elementwise(np.negative, -1, call=operator.neg)
elementwise(np.positive, 1, call=operator.pos)
elementwise(np.reciprocal, lambda ans, x: -1 / (x * x), guarded=True)
elementwise(np.remainder, 1, lambda ans, x, y: -np.floor_divide(x, y), call=operator.mod)
elementwise(np.fmod, 1, lambda ans, x, y: -np.trunc(x / y))


def _divmod_jvp(tangents, ans, x, y):
    """d(x mod y) = dx - (x // y) dy; the quotient is a step."""
    t_x, t_y = tangents
    if t_y is None:
        return None, t_x
    return None, -ans[0] * t_y if t_x is None else t_x - ans[0] * t_y


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
        return y * power(x, np.where(np.equal(x, 0) & np.equal(y, 0), 1, y - 1))

    def by_exponent(ans, x, y):
        if type(x) in _NUMBERS and x > 0:
            return ans * math.log(x)
        # 0**y is 0 for every y > 0, so its derivative is too, where 0 * log(0) would be nan.
        return ans * np.log(np.where(np.equal(x, 0) & np.greater_equal(y, 0), 1, x))

    return by_base, by_exponent


def _power_product(ct, ans, x, y):
    """``ct * y * x**(y - 1)``.

    Python's ``**`` has a fast square which np.power has not.  A whole positive exponent has finite
    derivatives of every order: nothing to guard.
    """
    if type(y) in _NUMBERS:
        if y == 2:
            return ct * (x + x)  # a number times an array costs 0.35 us more than the sum
        if y > 0 and y % 1 == 0:
            return ct * (y * x ** (y - 1))
    return guarded_product(ct, _by_base(ans, x, y))


_by_base, _by_exponent = _powers(operator.pow)
# The operator and np.power are two primitives, since they may differ in the last bit.
elementwise(
    operator.pow, _by_base, _by_exponent, call=operator.pow, guarded=True, product=_power_product
)
elementwise(np.power, _by_base, _by_exponent, guarded=True, product=_power_product)
elementwise(np.float_power, *_powers(np.float_power), guarded=True)
elementwise(np.square, lambda ans, x: 2 * x)
elementwise(np.sqrt, lambda ans, x: 0.5 / ans, guarded=True)
elementwise(np.cbrt, lambda ans, x: 1 / (3 * ans * ans), guarded=True)

# ----------------------------------------------------------------- exponentials and logarithms

# Guarded, since they overflow: np.where(x > 0, x, np.exp(x) - 1) at x = 1000.
elementwise(np.exp, lambda ans, x: ans, guarded=True)
elementwise(np.exp2, lambda ans, x: ans * _LN2, guarded=True)
elementwise(np.expm1, lambda ans, x: ans + 1, guarded=True)
elementwise(np.log, lambda ans, x: 1 / x, guarded=True)
elementwise(np.log2, lambda ans, x: 1 / (_LN2 * x), guarded=True)
elementwise(np.log10, lambda ans, x: 1 / (_LN10 * x), guarded=True)
elementwise(np.log1p, lambda ans, x: 1 / (1 + x), guarded=True)


def _below(x, ans):
    """``x - ans``, but -inf where both are: two zero probabilities carry no derivative, not nan."""
    return x - np.where(np.equal(ans, -math.inf), 0, ans)


elementwise(
    np.logaddexp,
    lambda ans, x1, x2: np.exp(_below(x1, ans)),
    lambda ans, x1, x2: np.exp(_below(x2, ans)),
    guarded=True,
)
elementwise(
    np.logaddexp2,
    lambda ans, x1, x2: np.exp2(_below(x1, ans)),
    lambda ans, x1, x2: np.exp2(_below(x2, ans)),
    guarded=True,
)

# ------------------------------------------------------------------- trigonometric, hyperbolic

elementwise(np.sin, lambda ans, x: np.cos(x))
elementwise(np.cos, lambda ans, x: -np.sin(x))
elementwise(np.tan, lambda ans, x: 1 + ans * ans)
elementwise(np.arcsin, lambda ans, x: 1 / np.sqrt((1 - x) * (1 + x)), guarded=True)
elementwise(np.arccos, lambda ans, x: -1 / np.sqrt((1 - x) * (1 + x)), guarded=True)
elementwise(np.arctan, lambda ans, x: 1 / (1 + x * x))
elementwise(
    np.arctan2,
    lambda ans, x1, x2: x2 / (x1 * x1 + x2 * x2),
    lambda ans, x1, x2: -x1 / (x1 * x1 + x2 * x2),
    guarded=True,
)
elementwise(
    np.hypot,
    lambda ans, x1, x2: x1 / np.where(np.equal(ans, 0), 1, ans),
    lambda ans, x1, x2: x2 / np.where(np.equal(ans, 0), 1, ans),
)
elementwise(np.sinh, lambda ans, x: np.cosh(x), guarded=True)
elementwise(np.cosh, lambda ans, x: np.sinh(x), guarded=True)
elementwise(np.tanh, lambda ans, x: 1 - ans * ans)
elementwise(np.arcsinh, lambda ans, x: 1 / np.sqrt(x * x + 1))
# Two roots, not one of the product: that has another branch left of 0 in the complex plane.
elementwise(np.arccosh, lambda ans, x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)), guarded=True)
elementwise(np.arctanh, lambda ans, x: 1 / ((1 - x) * (1 + x)), guarded=True)
for _to_degrees in (np.degrees, np.rad2deg):
    elementwise(_to_degrees, 180 / math.pi)
for _to_radians in (np.radians, np.deg2rad):
    elementwise(_to_radians, math.pi / 180)

# --------------------------------------------------------- signs, ties and steps


def _abs_partial(ans, x):
    """``conj(x) / |x|``, whose real product with dx is d|x|; 0 at 0."""
    return np.sign(x) if x.dtype.kind != "c" else np.conjugate(np.sign(x))


elementwise(np.absolute, _abs_partial, call=operator.abs)
elementwise(np.fabs, lambda ans, x: np.sign(x))
elementwise(np.copysign, lambda ans, x1, x2: np.sign(x1) * np.copysign(1.0, x2), None)


def _sign_jvp(tangents, ans, x):
    """ds = (dx - s Re(conj(s) dx)) / |x| for a complex s = x / |x|; a real sign is a step."""
    (t,) = tangents
    if x.dtype.kind != "c":
        return zeros_of(ans)
    return (t - ans * np.real(np.conjugate(ans) * t)) / np.absolute(x)


def _sign_vjp(ct, wanted, ans, x):
    """x_ct = (ct - conj(s) Re(s ct)) / |x|."""
    if x.dtype.kind != "c":
        return (None,)
    return ((ct - np.conjugate(ans) * np.real(ans * ct)) / np.absolute(x),)


rule(np.sign, jvp=_sign_jvp, vjp=_sign_vjp)


def _share(ans, x, y):
    """1 where x was chosen, 1/2 where x and y are equal."""
    tie = np.equal(x, y)
    # Booleans, where there is no tie: half the time, and float32 stays float32.
    return np.where(tie, 0.5, np.equal(x, ans)) if tie.any() else np.equal(x, ans)


for _choice in (np.maximum, np.minimum, np.fmax, np.fmin):
    elementwise(_choice, _share, lambda ans, x1, x2: _share(ans, x2, x1))


def _clip(a, a_min=None, a_max=None, *, min=None, max=None):
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    bounded = a if low is None else np.maximum(a, low)
    return bounded if high is None else np.minimum(bounded, high)


composition(np.clip, _clip, arity=1)
elementwise(np.heaviside, None, lambda ans, x1, x2: np.equal(x1, 0))
# The next number is a rounding error away: as a function of x1, the identity.
elementwise(np.nextafter, 1, None)

# ------------------------------------------------------------------------------------ complex

linear(np.conjugate, lambda ct, x: np.conjugate(ct))
# The cotangent of a real part is embedded in the complex plane by its dtype.
linear(np.real, lambda ct, val: ct, view=True)
# Not -1j * ct: Python's complex times a np.float64 is Python's complex, without a shape.
linear(np.imag, lambda ct, val: ct * -1j, view=True)


def _angle(z, deg=False):
    radians = np.arctan2(np.imag(z), np.real(z))
    return radians * (180 / math.pi) if deg else radians


_is_nearly_real = constant(lambda a, tol: np.isrealobj(np.real_if_close(a, tol)))
composition(np.angle, _angle, arity=1)
composition(
    np.real_if_close, lambda a, tol=100: np.real(a) if _is_nearly_real(a, tol) else a, arity=1
)

# -------------------------------------------------------------------------- array functions


def _finite_part(t, x):
    """t where x is finite; real and imaginary parts are replaced on their own."""
    if x.dtype.kind != "c":
        return np.where(np.isfinite(x), t, 0)
    return _finite_part(np.real(t), np.real(x)) + _finite_part(np.imag(t), np.imag(x)) * 1j


# copy= is left out: copy=False would write into x.
def _nan_to_num_jvp(tangents, ans, x, nan=0.0, posinf=None, neginf=None):
    return _finite_part(tangents[0], x)


def _nan_to_num_vjp(ct, wanted, ans, x, nan=0.0, posinf=None, neginf=None):
    return (_finite_part(ct, x),)


rule(np.nan_to_num, jvp=_nan_to_num_jvp, vjp=_nan_to_num_vjp)


def _spherical_partial(ans, n, z):
    """(2n + 1) j_n' = n j_(n-1) - (n + 1) j_(n+1): DLMF 10.51.2, without a division by z."""
    below = n * spherical_jn(n - 1, z) if n else 0
    return (below - (n + 1) * spherical_jn(n + 1, z)) / (2 * n + 1)


spherical_jn = elementwise(lambda n, z: special.spherical_jn(n, z), None, _spherical_partial)
# sinc(x) = j_0(pi x): exact near 0 in every order, where (cos(pi x) - sinc(x)) / x is not.
elementwise(np.sinc, lambda ans, x: -math.pi * spherical_jn(1, math.pi * x))
elementwise(np.i0, lambda ans, x: special.i1(x))

# ---------------------------------------------------------------------------------- constants

constant(
    *(np.floor, np.ceil, np.rint, np.trunc, np.round, np.around, np.floor_divide),
    *(np.spacing, np.signbit, np.isfinite, np.isinf, np.isnan, np.isnat),
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
    *(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.bitwise_count),
    *(np.left_shift, np.right_shift, np.gcd, np.lcm),
)
if hasattr(np, "fix"):  # deprecated since NumPy 2.5
    constant(np.fix)
