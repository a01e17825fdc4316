"""The exact Jacobian of a right-hand side, as SciPy's implicit methods take it.

Owns which method takes which matrix.  Must not know how a derivative is computed.
"""

import inspect
from typing import Any

import numpy as np
import scipy
import scipy.integrate
import scipy.sparse

from dualrev import errors
from dualrev.errors import name_of
from dualrev.jacobians import jacobian
from dualrev.scipy.callables import compiled, vector_valued
from dualrev.selection import named
from dualrev.sparse.sparse_or_dense import sparse_matrix

__all__ = ["jacobian_of", "with_jacobian"]

_IMPLICIT = scipy.integrate.Radau, scipy.integrate.BDF, scipy.integrate.LSODA
#: A band, with the room that its factorization takes, is worth it up to this part of a full matrix.
_BAND = 1 / 4
#: Before, LSODA wanted as many rows more as there are diagonals below: the room of its factorization.
_WANTS_ROOM = np.lib.NumpyVersion(scipy.__version__) < "1.17.0"


def with_jacobian(method: Any, fun, t0, y0, args, vectorized, options, compile, sparse) -> dict:
    """The options of a method, a class of SciPy's, with the Jacobian of fun where it takes one."""
    implicit = inspect.isclass(method) and issubclass(method, _IMPLICIT)
    if not implicit or options.get("jac") is not None:
        return options
    start = np.asarray(y0)
    start = start.astype(complex if start.dtype.kind == "c" else float)
    at = t0, start, *(args if np.iterable(args) else ())
    if sparse is None and options.get("jac_sparsity") is not None:
        sparse = True
    jac = jacobian_of(fun, vectorized, at, compile, sparse, factorized=True)
    if issubclass(method, scipy.integrate.LSODA):
        return {**options, **_for_lsoda(jac, at, fun, options)}
    return {**options, "jac": jac}


def jacobian_of(fun, vectorized, at, compile=False, sparse=None, **rule):
    """``jac(t, y, *args)``, sparse where that pays."""
    is_complex = at[1].dtype.kind == "c"
    derivative = named("jacobian", _right_side(fun, vectorized), 1, holomorphic=is_complex)
    made = sparse_matrix(derivative, at, {}, sparse, compiled=compile, **rule)
    if made is not None:
        return made
    how = vectorized, is_complex
    return compiled(fun, _dense_jacobian, *how) if compile else _dense_jacobian(fun, *how)


def _dense_jacobian(fun, vectorized, is_complex):
    return jacobian(_right_side(fun, vectorized), 1, holomorphic=is_complex, matrix=True)


def _right_side(fun, vectorized):
    """fun of one state: SciPy calls a vectorized one with several as columns."""
    value = vector_valued(fun)
    if vectorized:
        return lambda t, y, *args: value(t, y[:, None], *args).reshape(-1)
    # Of one equation SciPy takes a number, too.
    return lambda t, y, *args: np.atleast_1d(value(t, y, *args))


def _for_lsoda(jac, at, fun, options):
    """The options of LSODA: a dense Jacobian, or its band where that is given, or narrow."""
    below, above = options.get("lband"), options.get("uband")
    if below is None and above is None:
        if not getattr(jac, "is_sparse", False):
            return {"jac": jac}
        below, above = _width(jac(*at))
        if 2 * below + above + 1 > _BAND * at[1].size:
            return {"jac": lambda *at: jac(*at).toarray()}
    below, above = below or 0, above or 0
    return {"jac": _banded(jac, fun, below, above), "lband": below, "uband": above}


def _width(matrix):
    """How many diagonals with entries there are below and above the main one."""
    i, j = matrix.tocoo().coords
    return int(np.max(i - j, initial=0)), int(np.max(j - i, initial=0))


def _banded(jac, fun, below, above):
    """The Jacobian as LSODA wants a band: ``[above + i - j, j]`` is its entry (i, j)."""

    def band(t, y, *args):
        entries = scipy.sparse.coo_array(jac(t, y, *args))
        i, j = entries.coords
        inside = (i - j <= below) & (j - i <= above)
        wrong = np.flatnonzero(~inside & (entries.data != 0))
        if wrong.size:
            wide = [max(w, d) for w, d in zip((below, above), _width(entries))]
            raise errors.ArgumentError(
                f"The Jacobian of `{name_of(fun)}` has an entry ({i[wrong[0]]}, {j[wrong[0]]}) "
                f"at t = {t:.3g}, outside of the band of {below} diagonals below and {above} above "
                "the main one.",
                where="",
                fix=f"give lband={wide[0]}, uband={wide[1]}",
            )
        packed = np.zeros((below + above + 1 + _WANTS_ROOM * below, y.size))
        packed[above + i[inside] - j[inside], j[inside]] = entries.data[inside]
        return packed

    return band
