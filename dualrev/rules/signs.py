"""Signs, choices and steps: abs, sign, maximum, clip, heaviside, and what is constant between its steps.

Must not know shapes: every element of an answer depends on the matching elements of the arguments.

Conventions where a derivative does not exist.  At a tie, maximum, minimum, fmax, fmin and clip share
equally: half to each side.  The derivative of abs at 0 is 0.  Steps (sign, floor, round, heaviside) have
derivative 0 everywhere.
"""

import operator

import numpy as np

from dualrev.core.arrays import PLAIN, nowhere
from dualrev.core.cotangents import zeros_of
from dualrev.core.elementwise import elementwise
from dualrev.core.guarded import guarded_product
from dualrev.core.traced import is_differentiated
from dualrev.core.words import composition, constant, kinked, rule
from dualrev.ways import aligned

# --------------------------------------------------------------------------------------- signs


def _abs_partial(ans, x):
    """``conj(x) / |x|``, whose real product with dx is d|x|; 0 at 0."""
    # Without ans, which a tape need not keep then.
    if type(x) in PLAIN or not is_differentiated(x):
        return np.sign(x) if x.dtype.kind != "c" else np.conjugate(np.sign(x))
    size = abs_below(x)
    return _strict_abs_partial(size + np.equal(size, 0), x)


def _strict_abs_partial(ans, x):
    return (x if x.dtype.kind != "c" else np.conjugate(x)) / ans


elementwise(np.absolute, _abs_partial, call=operator.abs, guarded=True)
elementwise(np.fabs, _abs_partial, guards_pull=True)
elementwise(np.copysign, lambda ans, x1, x2: _abs_partial(None, x1) * np.copysign(1.0, x2), None)
_strict_abs = elementwise(
    lambda x: np.absolute(x), _strict_abs_partial, guarded=True, name="absolute"
)
_strict_copysign = elementwise(
    lambda x1, x2: np.copysign(x1, x2),
    lambda ans, x1, x2: ans / x1,
    None,
    guarded=True,
    name="copysign",
)
abs_below = kinked(np.absolute, _strict_abs)
kinked(np.fabs, _strict_abs)
kinked(np.copysign, _strict_copysign)

#: 0, whose derivative is nan where x is 0: for a convention in the body of a rule.
unsettled_zero = elementwise(
    lambda x: np.zeros_like(x.real),
    lambda ans, x: np.where(np.equal(x, 0), np.nan, 0.0),
    guarded=True,
    name="unsettled_zero",
)


def _sign_jvp(tangents, ans, x):
    """ds = (dx - s Re(conj(s) dx)) / |x| for a complex s = x / |x|; a real sign is a step."""
    (t,) = tangents
    if x.dtype.kind != "c":
        return zeros_of(ans)
    return guarded_product(t - ans * np.real(np.conjugate(ans) * t), 1 / np.absolute(x))


def _sign_vjp(ct, wanted, ans, x):
    """x_ct = (ct - conj(s) Re(s ct)) / |x|."""
    if x.dtype.kind != "c":
        return (None,)
    return (guarded_product(ct - np.conjugate(ans) * np.real(ans * ct), 1 / np.absolute(x)),)


rule(np.sign, jvp=_sign_jvp, vjp=_sign_vjp)


def _share(ans, x, y):
    """1 where x was chosen, 1/2 where x and y are equal."""
    tie = np.equal(x, y)
    # Booleans, where there is no tie: half the time, and float32 stays float32.
    return np.equal(x, ans) if nowhere(tie) else np.where(tie, 0.5, np.equal(x, ans))


for _choice in (np.maximum, np.minimum, np.fmax, np.fmin):
    elementwise(_choice, _share, lambda ans, x1, x2: _share(ans, x2, x1), chooses=True)


def _clip(a, a_min=None, a_max=None, *, min=None, max=None, **options):
    if (a_min is not None or a_max is not None) and (min is not None or max is not None):
        raise ValueError("Passing `min` or `max` keyword argument when `a_min` and `a_max` are too")
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    if low is not None and high is not None:
        # Between equal bounds there is no room: a has no share in the tie.
        closed = np.equal(low, high)
        a = a if nowhere(closed) else np.where(closed, high, a)
    bounded = a if low is None else np.maximum(a, low, **options)
    return bounded if high is None else np.minimum(bounded, high, **options)


composition(np.clip, _clip, arity=1)
elementwise(np.heaviside, None, lambda ans, x1, x2: np.equal(x1, 0), chooses=True)
# The next number is a rounding error away: as a function of x1, the identity.
elementwise(np.nextafter, 1, None)

# --------------------------------------------------------------------------------------- steps


constant(
    *(np.floor, np.ceil, np.rint, np.trunc, np.floor_divide),
    *(np.spacing, np.signbit, np.isfinite, np.isinf, np.isnan, np.isnat),
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
    *(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.bitwise_count),
    *(np.left_shift, np.right_shift, np.gcd, np.lcm),
)
constant(np.round, np.around, batch=aligned)
if hasattr(np, "fix"):  # deprecated since NumPy 2.5
    constant(np.fix, batch=aligned)
