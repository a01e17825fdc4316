"""numpy.polynomial: six kinds of series, written in operators that are traced already.

Hardly any of its functions dispatches: with a traced array they compute by themselves.  What they
cannot compute is refused, and said so here.  Must not know the older polynomials of numpy.
"""

import inspect

import numpy as np
from numpy import polynomial as series

from dualrev.axes import beside
from dualrev.core.words import composition
from dualrev.insides.marks import dispatches
from dualrev.rules.refused import passes, refused, without_arrays

_PREFIXES = {
    series.polynomial: "poly",
    series.chebyshev: "cheb",
    series.legendre: "leg",
    series.laguerre: "lag",
    series.hermite: "herm",
    series.hermite_e: "herme",
}
_GATHERS = "it fills an array of plain numbers, and calls a solver that takes no other"
_FITS = "use np.linalg.lstsq(np.stack([{0}val(x, e) for e in np.eye(deg + 1)], 1), y)[0]"
_ROOTS = "convert the series to powers, c = np.stack([*{0}2poly(c)]), and use np.roots(c[::-1])"


def _public_functions(module):
    return {
        name: function
        for name, function in vars(module).items()
        if inspect.isroutine(function) and name in module.__all__
    }


def _classify(module, prefix):
    functions = _public_functions(module)
    for name in ("gauss", "pts1", "pts2"):  # of a number of points
        if prefix + name in functions:
            without_arrays(functions.pop(prefix + name))
    powers = prefix == "poly"
    fit = "use np.polyfit(x, y, deg)[::-1]" if powers else _FITS.format(prefix)
    roots = "use np.roots(c[::-1])" if powers else _ROOTS.format(prefix)
    refused(_GATHERS, fit, functions.pop(f"{prefix}fit"))
    refused(_GATHERS, roots, functions.pop(f"{prefix}roots"))
    passes(*functions.values())


for _module, _prefix in _PREFIXES.items():
    _classify(_module, _prefix)

_utilities = _public_functions(series.polyutils)
without_arrays(_utilities.pop("format_float"), series.set_default_printstyle)
passes(*_utilities.values())

# ------------------------------------------------------------------------------------- classes

_base = vars(inspect.getmro(series.Polynomial)[1])
_methods = {
    name: getattr(method, "__func__", method)
    for name, method in _base.items()
    if not name.startswith("_") and callable(getattr(method, "__func__", method))
}
refused(
    _GATHERS,
    "use np.linalg.lstsq of the series of degree 0, 1, ... at x",
    _methods.pop("fit"),
)
refused(_GATHERS, "use np.roots of its coefficients in powers", _methods.pop("roots"))
passes(_base["__call__"], *_methods.values())
passes(np.poly1d.__call__, np.poly1d.deriv, np.poly1d.integ)

# ------------------------------------------------------- powers in several variables, which dispatch


def _polyval(x, c, tensor=True):
    """Horner's scheme, which NumPy's own polyval would take as tensor=False here."""
    c = np.atleast_1d(c)
    if tensor:
        c = beside(c, c.ndim + np.ndim(x))
    y = c[-1] + x * 0
    for k in range(2, len(c) + 1):
        y = c[-k] + y * x
    return y


def _polyvalnd(pts, c):
    if len(set(map(np.shape, pts))) > 1:
        raise ValueError("ordinates are incompatible")
    c = _polyval(pts[0], c)
    for x in pts[1:]:
        c = _polyval(x, c, tensor=False)
    return c


def _polygridnd(pts, c):
    for x in pts:
        c = _polyval(x, c)
    return c


if dispatches(series.polynomial.polyval2d):  # from numpy 2.4
    composition(series.polynomial.polyval2d, lambda x, y, c: _polyvalnd((x, y), c), arity=3)
    composition(series.polynomial.polygrid2d, lambda x, y, c: _polygridnd((x, y), c), arity=3)
if hasattr(series.polynomial, "polyvalnd"):  # from numpy 2.5
    composition(series.polynomial.polyvalnd, lambda pts, c: _polyvalnd(pts, np.asarray(c)))
