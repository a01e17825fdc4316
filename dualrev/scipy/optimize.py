"""scipy.optimize with exact derivatives: minimize, least_squares, root, curve_fit.

Owns which derivative each method wants, and hands it over; everything else is SciPy's.  Must not
know how a derivative is computed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize

from dualrev.scipy.callables import (
    CompiledObjective,
    Objective,
    compiled,
    hessian_matrix,
    jacobian_matrix,
    model_jacobian,
)
from dualrev.scipy.constraints import any_sparse, with_derivatives
from dualrev.scipy.layout import layout_of

__all__ = ["curve_fit", "least_squares", "minimize", "root"]

_DERIVATIVE_FREE = {"nelder-mead", "powell", "cobyla", "cobyqa"}
_TAKES_HESSP = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr", "custom"}
_TAKES_HESS = {"dogleg", "trust-exact"}
_TAKES_SPARSE_HESS = {"newton-cg", "trust-constr", "custom"}
_TAKES_CONSTRAINT_HESS = {"trust-constr", "custom"}
_ROOT_TAKES_JAC = {"hybr", "lm"}


def __getattr__(name: str) -> Any:
    # SciPy's own, of which some are plain Python that traced values pass: rosen, newton.
    if name.startswith("_"):
        raise AttributeError(name)
    return getattr(optimize, name)


def minimize(
    fun: Callable,
    x0: Any,
    args: tuple = (),
    method: str | Callable | None = None,
    jac: Callable | str | bool | None = None,
    hess: Any = None,
    hessp: Callable | None = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable | None = None,
    options: dict | None = None,
    *,
    compile: bool = False,
    sparse: bool | None = None,
):
    """Minimum of a scalar function, found with exact derivatives.

    Equals :func:`scipy.optimize.minimize` with ``jac=dr.grad(fun)`` and, for the methods that take
    second derivatives, ``hessp=dr.hvp(fun)`` or ``hess=dr.hessian(fun)``; but value and gradient
    come from one sweep, and all Hessian-vector products at one x from one linearization of the
    gradient.  Parameters and result are SciPy's, with these differences.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``: plain NumPy, one real number.
    x0 : array or structure of arrays
        A vector, as in SciPy; or a dict, dataclass, tuple of arrays, or array of more dimensions.
        ``fun``, ``callback``, the constraints' functions and derivatives that you give yourself are
        called with that structure, and ``result.x`` has it; all else is flat.
    jac, hess, hessp : optional
        What is given is used as SciPy would, finite differences by name included; what is left out
        (or ``jac=False``) and is wanted by the method is filled in.
    constraints : optional
        Where a dict has no ``"jac"`` it is filled in; so are the derivatives of a
        ``NonlinearConstraint`` whose ``jac`` is '2-point' and whose ``hess`` is BFGS, SciPy's
        defaults.  Yours are not changed.
    compile : bool
        Whether fun and its derivatives are recorded at the first call and replayed from then on, as by
        :func:`dualrev.compile`.
    sparse : bool, optional
        Whether Jacobians of constraints, and Hessians for the methods that take whole ones, are made
        sparsely: True, False, or None, the default, for where that pays, see Notes.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``jac``, ``hess_inv`` and the like are flat arrays also where x is structured, in optree's
        order of the leaves (dicts by sorted keys).

    Raises
    ------
    MissingRuleError
        Where fun calls what has no derivative rule: there is no silent way back to differences.

    See Also
    --------
    least_squares

    Notes
    -----
    Methods without derivatives (Nelder-Mead, Powell, COBYLA, COBYQA) are SciPy's own, unchanged.
    What derivatives cost in evaluations of fun: :doc:`/explanation/cost`.

    Sparse derivatives: with 300 variables or more the pattern is sought at x0, and where it saves
    three quarters of the products the matrix is made of so few.  trust-constr is given sparse Jacobians
    of a ``NonlinearConstraint`` where at most 2 % of the entries can be other than 0, which its
    factorization needs, and its option ``sparse_jacobian`` with them; the other methods take dense
    matrices.  Where a method takes products with a Hessian it is given these: one costs as much as with
    a sparse matrix.  With ``sparse=True`` Newton-CG and trust-constr are given sparse Hessians, too.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.scipy.optimize import minimize
    >>> def energy(spring):
    ...     return (spring["length"] - 2) ** 2 + np.sum((spring["ends"] - 1) ** 4)
    >>> result = minimize(energy, {"length": 1.0, "ends": np.array([1.0, 1.0])})
    >>> result.x
    {'length': np.float64(2.0), 'ends': array([1., 1.])}
    """
    name = _method_name(method, constraints, bounds)
    layout = layout_of(x0)
    if layout is None and name in _DERIVATIVE_FREE and not compile:
        return optimize.minimize(
            fun, x0, args, method, jac, hess, hessp, bounds, constraints, tol, callback, options
        )
    if layout is not None:
        x0 = layout.flat
        fun = layout.pair(fun) if jac is True else layout.function(fun)
        jac, hessp = layout.derivative(jac), layout.product(hessp)
        hess = layout.function(hess) if callable(hess) else hess
        callback = None if callback is None else layout.callback(callback)
    at = _start(x0, args)
    made = CompiledObjective if compile else Objective
    objective = made((lambda x, *args: fun(x, *args)[0]) if jac is True else fun)
    if name not in _DERIVATIVE_FREE and (jac is None or jac is False):
        fun, jac = objective.value, objective.gradient
    elif compile:
        fun = compiled(fun)
    if hess is None and hessp is None:
        if sparse and name in _TAKES_SPARSE_HESS:
            hess = hessian_matrix(objective.fun, at, compile, sparse)
        elif name in _TAKES_HESSP:
            hessp = objective.hessian_product
        elif name in _TAKES_HESS:
            few = hessian_matrix(objective.fun, at, compile, sparse, taken=False)
            hess = few or objective.hessian
    exact, curved = name not in _DERIVATIVE_FREE, name in _TAKES_CONSTRAINT_HESS
    # What a method of the user's own does with a sparse matrix is not known.
    taken = name == "trust-constr" or (name == "custom" and bool(sparse))
    constraints = with_derivatives(
        constraints, layout, exact, curved, at[0], compile, sparse, taken
    )
    if any_sparse(constraints):
        # SciPy wants those of all constraints alike.
        options = {"sparse_jacobian": True, **(options or {})}
    result = optimize.minimize(
        fun, x0, args, method, jac, hess, hessp, bounds, constraints, tol, callback, options
    )
    return result if layout is None else layout.result(result)


def least_squares(
    fun: Callable,
    x0: Any,
    jac: Callable | str | None = None,
    bounds: Any = (-np.inf, np.inf),
    method: str = "trf",
    *,
    args: tuple = (),
    kwargs: dict | None = None,
    callback: Callable | None = None,
    compile: bool = False,
    sparse: bool | None = None,
    **options,
):
    """Minimum of a sum of squares, found with the exact Jacobian.

    Equals :func:`scipy.optimize.least_squares` with ``jac=dr.jacobian(fun)``.  Parameters and
    result are SciPy's, with these differences.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args, **kwargs)``: plain NumPy; the residuals, shape (m,), or a list of them.
        With a structured x0 also arrays of more dimensions, or a structure of them.
    x0 : array or structure of arrays
        Shape (n,), as in SciPy; or a dict, dataclass, tuple of arrays, or array of more dimensions.
        ``fun`` and ``callback`` are called with that structure, and ``result.x`` has it; all else
        is flat.
    jac : optional
        None, the default, for the exact Jacobian.  What is given is used as SciPy would.
    compile : bool
        Whether fun and its Jacobian are recorded at the first call and replayed from then on, as by
        :func:`dualrev.compile`.
    sparse : bool, optional
        Whether the Jacobian is made sparsely: True, False, or None, the default, for where that pays,
        see Notes.
    **options
        SciPy's further parameters, by name: ``ftol``, ``x_scale``, ``loss``, ``max_nfev``, ...

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``jac``, of shape (m, n), a csr_array where it is sparse, and ``grad`` are flat also where x is
        structured.

    Raises
    ------
    MissingRuleError
        Where fun calls what has no derivative rule: there is no silent way back to differences.

    See Also
    --------
    curve_fit, minimize

    Notes
    -----
    A Jacobian costs min(m, n) sweeps: :doc:`/explanation/cost`.

    Sparse Jacobians: with 300 variables or more the pattern is sought at x0, and where it saves three
    quarters of the sweeps the Jacobian is made of so few; each looks by one more whether the pattern
    still holds.  Where at most a tenth of the entries can be other than 0 SciPy is given a sparse
    matrix, and solves with ``tr_solver="lsmr"``, which for a thousand variables takes a hundredth of the
    time; where the problem is ill-conditioned its steps are less exact, and are more.  ``method="lm"``
    and ``tr_solver="exact"`` get dense matrices, made of few sweeps all the same.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.scipy.optimize import least_squares
    >>> least_squares(lambda x: [10 * (x[1] - x[0] ** 2), 1 - x[0]], [-1.2, 1.0]).x.round(6)
    array([1., 1.])
    """
    layout = layout_of(x0)
    if layout is not None:
        x0 = layout.flat
        fun, jac = layout.residuals(fun), layout.derivative(jac)
        callback = None if callback is None else layout.callback(callback)
    if jac is None:
        if sparse is None and options.get("jac_sparsity") is not None:
            sparse = True
        taken = method != "lm" and options.get("tr_solver") != "exact"
        at = _start(x0, args)
        jac = jacobian_matrix(fun, at, kwargs or {}, compile, sparse, taken=taken)
    if compile:
        fun = compiled(fun)
    if callback is not None:  # not in SciPy's first supported versions
        options["callback"] = callback
    result = optimize.least_squares(
        fun, x0, jac, bounds, method, args=args, kwargs=kwargs or {}, **options
    )
    return result if layout is None else layout.result(result)


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
    exact = method.lower() in _ROOT_TAKES_JAC and (jac is None or jac is False)
    # Methods without Jacobian take arrays of any shape, and keep it, by themselves.
    plain = not exact and isinstance(x0, np.ndarray)
    layout = None if plain else layout_of(x0)
    if layout is not None:
        x0 = layout.flat
        fun = layout.pair(fun) if jac is True else layout.residuals(fun)
        jac = layout.derivative(jac)
        callback = None if callback is None else layout.callback(callback)
    if exact:
        jac = jacobian_matrix(fun, _start(x0, args), {}, compile, sparse, taken=False)
        # Says that the user's own jac answers columns; ours answers rows.
        options = {k: v for k, v in (options or {}).items() if k != "col_deriv"}
    if compile:
        fun = compiled(fun)
    result = optimize.root(fun, x0, args, method, jac, tol, callback, options)
    return result if layout is None else layout.result(result)


def curve_fit(
    f: Callable,
    xdata: Any,
    ydata: Any,
    p0: Any = None,
    sigma: Any = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Any = (-np.inf, np.inf),
    method: str | None = None,
    jac: Callable | str | None = None,
    *,
    full_output: bool = False,
    nan_policy: str | None = None,
    compile: bool = False,
    **kwargs,
):
    """Parameters of a model that fit data best, found with the model's exact Jacobian.

    Equals :func:`scipy.optimize.curve_fit` with ``jac`` the derivative of the model by its
    parameters; the covariance comes from the exact Jacobian too.  Parameters and result are
    SciPy's, with these differences.

    Parameters
    ----------
    f : callable
        ``f(xdata, *parameters)``: plain NumPy.
    p0 : optional
        As in SciPy: numbers, or None for ones, as many as f has parameters.  Or a tuple or list
        with arrays among the parameters, or a dict of parameters by name: f is then called as
        ``f(xdata, **p0)``, and ``popt`` has the structure of p0; ``pcov`` and bounds are flat.
    jac : optional
        None, the default, for the exact Jacobian.  What is given is used as SciPy would, with flat
        parameters.
    compile : bool
        Whether f and its Jacobian are recorded at the first call and replayed from then on, as by
        :func:`dualrev.compile`.

    Returns
    -------
    popt, pcov
        And more with ``full_output=True``.

    Raises
    ------
    MissingRuleError
        Where f calls what has no derivative rule: there is no silent way back to differences.

    Notes
    -----
    A Jacobian costs n sweeps (n the number of parameters): :doc:`/explanation/cost`.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.scipy.optimize import curve_fit
    >>> def decay(t, amount, rate):
    ...     return amount * np.exp(-rate * t)
    >>> t = np.linspace(0, 4, 20)
    >>> popt, pcov = curve_fit(decay, t, decay(t, 2.5, 1.3))
    >>> popt
    array([2.5, 1.3])
    """
    layout = None if p0 is None else layout_of(p0, "p0")
    if layout is not None:
        p0 = layout.flat
        f = layout.model(f)
    if jac is None:
        rows = np.size(ydata) if nan_policy is None else None
        jac = compiled(f, model_jacobian, rows) if compile else model_jacobian(f, rows)
    if compile:
        f = compiled(f)
    if sigma is not None:
        # SciPy's wrapper of jac knows one sigma for all as an array of one, not as a number.
        sigma = np.atleast_1d(sigma)
    answer = optimize.curve_fit(
        f,
        xdata,
        ydata,
        p0,
        sigma,
        absolute_sigma,
        check_finite,
        bounds,
        method,
        jac,
        full_output=full_output,
        nan_policy=nan_policy,
        **kwargs,
    )
    return answer if layout is None else (layout.unpack(answer[0]), *answer[1:])


def _method_name(method, constraints, bounds):
    """The method's name in lower case; the one that SciPy chooses where none is given."""
    if callable(method):
        return "custom"
    if method is not None:
        return method.lower()
    if constraints:
        return "slsqp"
    return "bfgs" if bounds is None else "l-bfgs-b"


def _start(x0, args):
    """The arguments of fun at the start."""
    return np.atleast_1d(x0), *(args if isinstance(args, tuple) else (args,))
