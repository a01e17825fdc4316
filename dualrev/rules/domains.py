"""numpy.lib.scimath: functions that answer complex numbers outside of their real domain.

Must not know their derivatives: the functions of the same names have them.
"""

import numpy as np
from numpy.lib import scimath

from dualrev.core.arrays import anywhere
from dualrev.core.elementwise import elementwise
from dualrev.core.words import composition


def _complex(x):
    return x.astype(np.complex64 if x.dtype == np.float32 else np.complex128)


def _where_negative(x):
    return _complex(x) if anywhere(np.isreal(x) & np.less(np.real(x), 0)) else x


def _beyond_one(x):
    return _complex(x) if anywhere(np.isreal(x) & np.greater(np.absolute(x), 1)) else x


def _of(function, widen):
    return lambda x: function(widen(x))


for _function in (np.sqrt, np.log, np.log2, np.log10):
    composition(getattr(scimath, _function.__name__), _of(_function, _where_negative), arity=1)


def _root(z):
    """sqrt(1 - z^2) on the side of the cuts that the sign of a zero imaginary part tells."""
    return np.sqrt(-(z - 1)) * np.sqrt(z + 1)  # 1 - z would lose that sign


# Beyond one, real arguments lie on the cuts of the complex functions.
_arccos = elementwise(lambda z: np.arccos(z), lambda ans, z: -1 / _root(z), name="arccos")
_arcsin = elementwise(lambda z: np.arcsin(z), lambda ans, z: 1 / _root(z), name="arcsin")


def _or_on_cut(function, on_cut):
    def call(x):
        widened = _beyond_one(x)
        return function(x) if widened is x else on_cut(widened)

    return call


composition(scimath.arccos, _or_on_cut(np.arccos, _arccos), arity=1)
composition(scimath.arcsin, _or_on_cut(np.arcsin, _arcsin), arity=1)
composition(scimath.arctanh, _or_on_cut(np.arctanh, np.arctanh), arity=1)


def _array(x):
    return x if hasattr(x, "dtype") else np.asarray(x)


def _logn(n, x):
    return np.log(_where_negative(_array(x))) / np.log(_where_negative(_array(n)))


def _power(x, p):
    p = _array(p)
    if p.dtype.kind in "iu" and anywhere(np.less(p, 0)):
        p = p * 1.0
    return np.power(_where_negative(_array(x)), p)


composition(scimath.logn, _logn, arity=2)
composition(scimath.power, _power, arity=2)
