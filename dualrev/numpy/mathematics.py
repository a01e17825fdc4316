"""The functions of ``math`` and ``cmath`` on traced numbers, in terms of NumPy's and SciPy's.

Owns which function each one is.  Its value stays that of ``math``, to the bit where it is one
function of NumPy's, and so do its errors.
"""

import cmath
import functools
import math
import operator
from dataclasses import replace

import numpy as np
from scipy import special

from dualrev.core.arrays import foundation
from dualrev.core.binding import bind, constant_of
from dualrev.core.operands import as_operand, base_of
from dualrev.core.primitive import RULES
from dualrev.core.traced import Traced, is_traced, tracer_in
from dualrev.known import with_answer
from dualrev.numpy.creating import outside
from dualrev.ways import aligned

__all__ = ["MATHEMATICS"]


def _same_as(original, function, dtype=np.float64):
    """What a function of math does inside, whose derivative is that of NumPy's or SciPy's."""

    def call(*args):
        if not is_traced(*args):
            return dtype(original(*args))
        return _or_error(bind(rule, args), original, args)

    def batch(call, batched, *args):
        return aligned(function, batched, *args)

    rule = replace(RULES[function], call=call, batch=batch)

    def inside(original, *args):
        if not is_traced(*args):
            return original(*args)
        return bind(rule, [_number(x, dtype) for x in args])

    return inside


def _or_error(ans, original, args, **kwargs):
    """An answer that is computed later for other numbers, where no error is to be raised for these."""
    if isinstance(ans, tuple) or not _has_no_numbers(ans) or foundation(ans).below is not None:
        return ans
    if not np.isfinite(ans):
        original(*base_of(args), **kwargs)
    return ans


def _has_no_numbers(x):
    """Whether what is below all derivatives is recorded, or a batch: to look at it costs a guard."""
    return isinstance(foundation(x), Traced)


def _number(x, dtype):
    x = as_operand(x)
    if not isinstance(x, Traced):
        return x
    if x.ndim:
        if x.size != 1:
            float(base_of(x))  # raises
        x = x.item()
    return x.astype(dtype) if dtype is np.complex128 and x.dtype != dtype else x


def _computed_by(function):
    """What a function of math does inside, which is computed from others."""

    def inside(original, *args, **kwargs):
        if _has_no_numbers(tracer_in(args)):
            return _or_error(function(*args, **kwargs), original, args, **kwargs)
        # Its errors; and its answer where nothing is traced.
        ans = original(*base_of(args), **kwargs)
        return function(*args, **kwargs) if is_traced(*args) else ans

    return inside


def _constant(original, *args, **kwargs):
    return constant_of(original, args, kwargs)


# ------------------------------------------------------------------------ what several are computed by


def _hypot(*coordinates):
    if len(coordinates) == 2:
        return np.hypot(*coordinates)
    return np.linalg.norm(as_operand(list(coordinates)))


def _dist(p, q):
    return _hypot(*(a - b for a, b in zip(p, q)))


def _remainder(x, y):
    times = constant_of(lambda x, y: np.rint((x - math.remainder(x, y)) / y), (x, y))
    return x - times * y


def _fsum(original, numbers):
    numbers = list(numbers)
    if not is_traced(numbers):
        return original(numbers)
    ans = constant_of(lambda numbers: np.float64(original(numbers)), (numbers,))
    return with_answer(ans, np.sum, as_operand(numbers))


def _prod(original, numbers, *, start=1):
    numbers = list(numbers)
    if is_traced(numbers, start):
        return functools.reduce(operator.mul, numbers, start)
    return original(numbers, start=start)


def _log_by(natural):
    """The logarithm to any base, as math computes it: of two natural ones."""
    return lambda x, *base: natural(x) / natural(*base) if base else natural(x)


def _rect(r, phi):
    return r * np.exp(1j * phi)


# ------------------------------------------------------------------------------- which function is which

# NumPy has them under the same names.
_SAME = (
    "acos acosh asin asinh atan atan2 atanh cbrt cos cosh degrees exp exp2 expm1 fmod log10 log1p log2 "
    "pow radians sin sinh sqrt tan tanh"
)
_EQUAL = {
    math: {
        **{name: getattr(np, name) for name in _SAME.split()},
        "erf": special.erf,
        "erfc": special.erfc,
        "gamma": special.gamma,
        "lgamma": special.gammaln,
    }
}
_EQUAL[cmath] = {
    name: function
    for name, function in _EQUAL[math].items()
    if hasattr(cmath, name) and name not in ("atan2", "pow")
}
_COMPUTED = {
    math: {
        # Of a rule with a kink the levels below compute with another: as NumPy's only.
        "copysign": np.copysign,
        "dist": _dist,
        "fabs": np.fabs,
        "frexp": np.frexp,
        "hypot": _hypot,
        "ldexp": np.ldexp,
        "modf": np.modf,
        "nextafter": np.nextafter,
        "remainder": _remainder,
        "sumprod": np.dot,
    },
    cmath: {"phase": np.angle, "polar": lambda z: (np.abs(z), np.angle(z)), "rect": _rect},
}
_OF_ITERABLES = {"fsum": _fsum, "prod": _prod}
_WITH_OPTIONS = "isclose", "nextafter", "prod"
_CONSTANT = "isclose", "isfinite", "isinf", "isnan", "ulp"


def _standing_in(module):
    """By name: what stands in for each function of a module."""
    dtype = np.complex128 if module is cmath else np.float64
    inside = {
        name: _same_as(getattr(module, name), function, dtype)
        for name, function in _EQUAL[module].items()
    }
    inside |= {name: _computed_by(function) for name, function in _COMPUTED[module].items()}
    inside |= dict.fromkeys(_CONSTANT, _constant)
    natural = functools.partial(_same_as(module.log, np.log, dtype), module.log)
    inside["log"] = _computed_by(_log_by(natural))
    if module is math:
        inside |= _OF_ITERABLES
    # sumprod and others came with later versions of Python.
    return {
        name: outside(getattr(module, name), what, options=name in _WITH_OPTIONS)
        for name, what in inside.items()
        if hasattr(module, name)
    }


#: By module and name: what stands in for the functions of math and cmath.
MATHEMATICS = {module: _standing_in(module) for module in (math, cmath)}
