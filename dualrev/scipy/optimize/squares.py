"""least_squares and curve_fit, with exact Jacobians.

Owns that a Jacobian is handed over; everything else is SciPy's.  Must not know how it is computed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize

from dualrev.scipy.callables import arguments_at, compiled, jacobian_matrix, model_jacobian
from dualrev.scipy.layout import layout_of

__all__ = ["curve_fit", "least_squares"]


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
        at = arguments_at(x0, args)
        jac = jacobian_matrix(fun, at, kwargs or {}, compile, sparse, taken=taken)
    if compile:
        fun = compiled(fun)
    if callback is not None:  # not in SciPy's first supported versions
        options["callback"] = callback
    result = optimize.least_squares(
        fun, x0, jac, bounds, method, args=args, kwargs=kwargs or {}, **options
    )
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
