"""root, with the exact Jacobian, and its own derivatives.

Owns which method takes a Jacobian; everything else is SciPy's.  Must not know how derivatives are
computed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize

from dualrev.closures import without_derivatives
from dualrev.scipy.callables import arguments_at, compiled, jacobian_matrix
from dualrev.scipy.layout import layout_of
from dualrev.scipy.searches import root_of, searched

__all__ = ["root"]

_TAKES_JAC = {"hybr", "lm"}


def root(
    fun: Callable,
    x0: Any,
    args: tuple = (),
    method: str = "hybr",
    jac: Callable | bool | None = None,
    tol: float | None = None,
    callback: Callable | None = None,
    options: dict | None = None,
    *,
    compile: bool = False,
    sparse: bool | None = None,
):
    """Root of a vector function, found with the exact Jacobian.

    Equals :func:`scipy.optimize.root` with ``jac=dr.jacobian(fun)``.  Parameters and result are
    SciPy's, with these differences.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``: plain NumPy; shape (n,), or a list of n numbers.  With a structured x0
        also arrays of more dimensions, or a structure of them.
    x0 : array or structure of arrays
        Shape (n,), as in SciPy; or a dict, dataclass, tuple of arrays, or array of more dimensions.
        ``fun`` is called with that structure, and ``result.x`` has it; all else is flat.
    jac : optional
        What is given is used as SciPy would; left out it is filled in for "hybr" and "lm".
    compile : bool
        Whether fun and its Jacobian are recorded at the first call and replayed from then on, as by
        :func:`dualrev.compile`.
    sparse : bool, optional
        Whether the Jacobian, which is handed over as a dense matrix, is made of the few products that
        a sparse one takes: True, False, or None, the default, for where that pays, as in
        :func:`least_squares`.

    Returns
    -------
    scipy.optimize.OptimizeResult

    Raises
    ------
    MissingRuleError
        Where fun calls what has no derivative rule: there is no silent way back to differences.

    Notes
    -----
    The other methods (krylov, broyden1, df-sane, ...) take no Jacobian and are SciPy's own,
    unchanged.  hybr and lm run inside MINPACK, whose finite differences cost nothing but calls of
    fun: for two equations of a few scalar operations they are about ten times faster than an exact
    Jacobian, for 40 up to twice.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.scipy.optimize import root
    >>> root(lambda x: [x[0] ** 2 + x[1] ** 2 - 25, x[0] - x[1] + 1], [2.0, 3.0]).x.round(9)
    array([3., 4.])
    """
    x0 = without_derivatives(x0)
    exact = method.lower() in _TAKES_JAC and (jac is None or jac is False)
    # Methods without Jacobian take arrays of any shape, and keep it, by themselves.
    plain = not exact and isinstance(x0, np.ndarray)
    layout = None if plain else layout_of(x0)
    if layout is not None:
        x0 = layout.flat
        fun = layout.pair(fun) if jac is True else layout.residuals(fun)
        jac = layout.derivative(jac)
        callback = None if callback is None else layout.callback(callback)

    def search(fun, args, jac, options):
        if exact:
            jac = jacobian_matrix(fun, arguments_at(x0, args), {}, compile, sparse, taken=False)
            # Says that the user's own jac answers columns; ours answers rows.
            options = {k: v for k, v in (options or {}).items() if k != "col_deriv"}
        f = compiled(fun) if compile else fun
        return optimize.root(f, x0, args, method, jac, tol, callback, options)

    result, differentiated = searched("root", search, fun, args, jac, options)
    if differentiated:
        value = (lambda x, *args: fun(x, *args)[0]) if jac is True else fun
        result.x = root_of("root", value, result.x, args)
    return result if layout is None else layout.result(result)
