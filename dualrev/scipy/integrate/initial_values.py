"""solve_ivp with the exact Jacobian of the right-hand side.

Owns which method takes which Jacobian, and hands it over; everything else is SciPy's.  Must not know
how a derivative is computed.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy
import scipy.integrate
import scipy.sparse

from dualrev.core import errors
from dualrev.core.binding import missing_rule
from dualrev.core.errors import name_of
from dualrev.core.traced import is_traced
from dualrev.jacobians import jacobian
from dualrev.scipy.callables import compiled, vector_valued
from dualrev.selection import named
from dualrev.sparse.sparse_or_dense import sparse_matrix

__all__ = ["solve_ivp"]

_IMPLICIT = {
    "Radau": scipy.integrate.Radau,
    "BDF": scipy.integrate.BDF,
    "LSODA": scipy.integrate.LSODA,
}
#: A band, with the room that its factorization takes, is worth it up to this part of a full matrix.
_BAND = 1 / 4
#: Before, LSODA wanted as many rows more as there are diagonals below: the room of its factorization.
_WANTS_ROOM = np.lib.NumpyVersion(scipy.__version__) < "1.17.0"


def solve_ivp(
    fun: Callable,
    t_span: Any,
    y0: Any,
    method: str | type = "RK45",
    t_eval: Any = None,
    dense_output: bool = False,
    events: Any = None,
    vectorized: bool = False,
    args: tuple | None = None,
    *,
    compile: bool = False,
    sparse: bool | None = None,
    **options,
):
    """Solution of an initial value problem ``y' = fun(t, y)``, found with the exact Jacobian.

    Equals :func:`scipy.integrate.solve_ivp`; with the methods that take a Jacobian, Radau, BDF and
    LSODA, that of fun by y is filled in.  Parameters and result are SciPy's, with these differences.

    Parameters
    ----------
    fun : callable
        ``fun(t, y, *args)``: plain NumPy; shape (n,), or a list of n numbers.
    compile : bool
        Whether fun and its Jacobian are recorded at the first call and replayed from then on, as by
        :func:`dualrev.compile`.
    sparse : bool, optional
        Whether the Jacobian is made sparsely: True, False, or None, the default, for where that pays,
        see Notes.  ``jac_sparsity`` says True.
    **options
        SciPy's further parameters, by name: ``rtol``, ``atol``, ``max_step``, ...  With ``jac`` of your
        own nothing is filled in.  With ``lband`` and ``uband`` LSODA is given the band.

    Returns
    -------
    Bunch object of SciPy's
        ``nfev`` does not count the runs of fun for its Jacobian; ``njev`` counts Jacobians.

    Raises
    ------
    MissingRuleError
        Where fun calls what has no derivative rule: there is no silent way back to differences.  And
        inside of a derivative by what fun, y0 or the times depend on: a solution has none.
    ArgumentError
        Where an entry of the Jacobian stands outside of the band that LSODA holds.

    Notes
    -----
    Sparse Jacobians: with 300 equations or more the pattern is sought at the start, and where it saves
    three quarters of the products the Jacobian is made of so few; each looks by one more whether the
    pattern still holds, at other times too.  Where at most 2 % of the entries can be other than 0, and
    the factors are sparse too (at most a fifth; not looked at from 5000 equations on), Radau and BDF
    are given a sparse matrix, which they factorize as one; LSODA takes dense matrices, and bands: it is
    given the band where that takes at most a quarter of the matrix.

    Complex y: fun must be holomorphic, as SciPy says.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.scipy.integrate import solve_ivp
    >>> def heat(t, u):
    ...     around = np.pad(u, 1)
    ...     return u.size**2 * (around[2:] - 2 * u + around[:-2]) + np.exp(u)
    >>> result = solve_ivp(heat, (0, 1), np.zeros(500), method="BDF")
    >>> result.success, result.njev
    (True, 1)
    """
    if is_traced(t_span, y0, args, options):
        raise missing_rule(scipy.integrate.solve_ivp, (t_span, y0, args, options))
    kind: Any = _IMPLICIT.get(method) if isinstance(method, str) else method
    implicit = inspect.isclass(kind) and issubclass(kind, tuple(_IMPLICIT.values()))
    if implicit and options.get("jac") is None:
        start = np.asarray(y0)
        start = start.astype(complex if start.dtype.kind == "c" else float)
        t_span = tuple(t_span)
        at = t_span[0], start, *(args if np.iterable(args) else ())
        if sparse is None and options.get("jac_sparsity") is not None:
            sparse = True
        jac = _jacobian(fun, vectorized, at, compile, sparse)
        if issubclass(kind, scipy.integrate.LSODA):
            options.update(_for_lsoda(jac, at, fun, options))
        else:
            options["jac"] = jac
    if compile:
        fun = compiled(fun)
    return scipy.integrate.solve_ivp(
        fun, t_span, y0, method, t_eval, dense_output, events, vectorized, args, **options
    )


def _jacobian(fun, vectorized, at, compile, sparse):
    """``jac(t, y, *args)``, sparse where that pays."""
    is_complex = at[1].dtype.kind == "c"
    derivative = named("jacobian", _right_side(fun, vectorized), 1, holomorphic=is_complex)
    made = sparse_matrix(derivative, at, {}, sparse, factorized=True, compiled=compile)
    if made is not None:
        return made
    how = vectorized, is_complex
    return compiled(fun, _dense_jacobian, *how) if compile else _dense_jacobian(fun, *how)


def _dense_jacobian(fun, vectorized, is_complex):
    return jacobian(_right_side(fun, vectorized), 1, holomorphic=is_complex, matrix=True)


def _right_side(fun, vectorized):
    """fun of one state: SciPy calls a vectorized one with several as columns."""
    value = vector_valued(fun)
    if not vectorized:
        return value
    return lambda t, y, *args: value(t, y[:, None], *args).reshape(-1)


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
