"""least_squares and curve_fit, with exact Jacobians, and their own derivatives.

Owns what is minimized, and what follows from residuals; the search is SciPy's.  Must not know how
derivatives are computed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize

from dualrev.calls import as_tuple, check_callable
from dualrev.closures import without_derivatives
from dualrev.core.arrays import anywhere
from dualrev.core.operands import as_operand, numbers_of
from dualrev.core.traced import Traced
from dualrev.gradients import elementwise_grad, grad
from dualrev.jacobians import jacobian
from dualrev.scipy.callables import arguments_at, compiled, jacobian_matrix, model_jacobian
from dualrev.scipy.constraints import bounds_of, states_of, with_states
from dualrev.scipy.layout import layout_of
from dualrev.scipy.linalg import solve_triangular
from dualrev.scipy.optimize.fields import result_of
from dualrev.scipy.optimize.optimality import Problem, minimum_of
from dualrev.scipy.searches import searched
from dualrev.scipy.twin import like

__all__ = ["curve_fit", "least_squares", "leastsq"]


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
        structured.  Inside a differentiated function x, cost, fun, grad and a dense jac have
        derivatives, see Notes.

    Raises
    ------
    MissingRuleError
        Where fun calls what has no derivative rule: there is no silent way back to differences.
    NotConvergedError, SingularError
        Where a derivative is taken of what is no minimum, or has none: as of :func:`minimize`.

    See Also
    --------
    curve_fit, minimize

    Notes
    -----
    A Jacobian costs min(m, n) sweeps: :doc:`/explanation/cost`.

    Derivatives of the minimum, by all that fun, args, kwargs, bounds, ``loss`` and ``f_scale`` compute
    with: those of a minimum of the cost, by its whole Hessian, as :func:`minimize` has them; so the part
    that residuals have where they are not small is in them.  Active bounds stay active.

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

    How a ridge regression depends on its penalty:

    >>> import dualrev as dr
    >>> A, b = np.array([[1.0, 2.0], [0.0, 1.0], [1.0, 1.0]]), np.array([1.0, 2.0, 3.0])
    >>> def coefficients(penalty):
    ...     residuals = lambda x: np.concatenate([A @ x - b, np.sqrt(penalty) * x])
    ...     return least_squares(residuals, np.zeros(2)).x
    >>> dr.jacobian(coefficients)(1.0).round(4)
    array([-0.1528, -0.0417])
    """
    check_callable(fun, "dr.scipy.optimize.least_squares(fun, x0)")
    x0 = without_derivatives(x0)
    layout = layout_of(x0)
    kwargs = kwargs or {}
    if layout is not None:
        x0 = layout.flat
        fun, jac = layout.residuals(fun), layout.derivative(jac)
        callback = None if callback is None else layout.callback(callback)
    # Not in SciPy's first supported versions.
    watched = {} if callback is None else {"callback": callback}

    def search(x0, fun, jac, states, args, kwargs, options):
        if jac is None:
            few = True if sparse is None and options.get("jac_sparsity") is not None else sparse
            taken = method != "lm" and options.get("tr_solver") != "exact"
            at = arguments_at(x0, args)
            jac = jacobian_matrix(fun, at, kwargs, compile, few, taken=taken)
        limits = with_states(bounds, states)
        f = compiled(fun) if compile else fun
        return optimize.least_squares(
            f, x0, jac, limits, method, args=args, kwargs=kwargs, **options, **watched
        )

    given = x0, fun, jac, states_of(bounds), args, kwargs, options
    result, differentiated = searched("least_squares", search, *given)
    if differentiated:
        squares = _Squares(lambda x: fun(x, *arguments_at(x, args)[1:], **kwargs), options)
        mask = result.active_mask
        x = minimum_of("least_squares", squares.under(bounds), result.x, x0)
        result = result_of(
            *(result, x),
            cost=lambda: squares.cost(x),
            fun=lambda: squares.residuals(x),
            grad=lambda: grad(squares.cost)(x),
            jac=lambda: squares.slopes(x),
            active_mask=lambda: mask,
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
        And more with ``full_output=True``.  Inside a differentiated function popt, pcov and
        ``infodict["fvec"]`` have derivatives, see Notes.

    Raises
    ------
    MissingRuleError
        Where f calls what has no derivative rule: there is no silent way back to differences.
    NotConvergedError, SingularError
        Where a derivative is taken of what is no minimum, or has none: as of :func:`minimize`.

    Notes
    -----
    A Jacobian costs n sweeps (n the number of parameters): :doc:`/explanation/cost`.

    Derivatives of popt, by data (xdata, too), sigma, bounds and all that f computes with, are those of
    the minimum of the squares, as :func:`least_squares` has them; those of pcov follow from
    ``(J^T J)^-1 s^2``, with J and the variance s^2 of the residuals at popt.  Where SciPy has no
    covariance, and answers inf, the derivative is nan.

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

    How much the rate, and its standard error, change with the last datum:

    >>> import dualrev as dr
    >>> data = decay(t, 2.5, 1.3) + 0.05 * np.cos(9 * t)
    >>> def rate(y):
    ...     popt, pcov = curve_fit(decay, t, y)
    ...     return np.stack([popt[1], np.sqrt(pcov[1, 1])])
    >>> dr.jacobian(rate)(data)[:, -1].round(4)
    array([-0.0233, -0.0064])
    """
    check_callable(f, "dr.scipy.optimize.curve_fit(f, xdata, ydata)")
    p0 = without_derivatives(p0)
    layout = None if p0 is None else layout_of(p0, "p0")
    if layout is not None:
        p0 = layout.flat
        f = layout.model(f)
    if sigma is not None:
        # SciPy's wrapper of jac knows one sigma for all as an array of one, not as a number.
        sigma = np.atleast_1d(as_operand(sigma))

    def search(f, xdata, ydata, sigma, states, jac, options):
        if jac is None:
            rows = np.size(ydata) if nan_policy is None else None
            jac = compiled(f, model_jacobian, rows) if compile else model_jacobian(f, rows)
        popt, pcov, *rest = optimize.curve_fit(
            compiled(f) if compile else f,
            xdata,
            ydata,
            p0,
            sigma,
            absolute_sigma,
            check_finite,
            with_states(bounds, states),
            method,
            jac,
            full_output=full_output,
            nan_policy=nan_policy,
            **options,
        )
        infodict, mesg, ier = rest or ({}, "", 0)
        return optimize.OptimizeResult(x=popt, pcov=pcov, **infodict, mesg=mesg, ier=ier)

    given = f, xdata, ydata, sigma, states_of(bounds), jac, kwargs
    found, differentiated = searched("curve_fit", search, *given)
    told = [name for name in found if name not in ("x", "pcov", "mesg", "ier")]
    if differentiated:
        squares = _Squares(_weighted_residuals(f, xdata, ydata, sigma, nan_policy), kwargs)
        x = minimum_of("curve_fit", squares.under(bounds), found.x, found.x if p0 is None else p0)
        makers: dict = {"fvec": lambda: squares.residuals(x)}
        if not anywhere(np.logical_not(np.isfinite(found.pcov))):
            makers["pcov"] = lambda: squares.covariance(x, absolute_sigma)
        found = result_of(found, x, **makers)
    popt = found.x if layout is None else layout.unpack(found.x)
    if not full_output:
        return popt, found.pcov
    infodict = {name: found[name] for name in told}
    return popt, found.pcov, infodict, found.get("mesg", ""), found.ier


@like(optimize.leastsq)
def leastsq(func, x0, args=(), *, full_output=False, **options):
    """Least sum of squares, by MINPACK's lmdif and lmder.

    Equals :func:`scipy.optimize.leastsq`, whose finite differences are not replaced.  x, ``cov_x`` and
    ``infodict["fvec"]`` have derivatives, as those of :func:`curve_fit` have.

    Parameters
    ----------
    func : callable
        ``func(x, *args)``: plain NumPy, the residuals.
    x0 : array, shape (n,)
        Where to start.
    args, full_output, **options
        As SciPy has them.

    Returns
    -------
    x : array, shape (n,)
    flag : int
        And more with ``full_output=True``, as SciPy has it.

    Raises
    ------
    NotConvergedError, SingularError
        Where a derivative is taken of what is no minimum, or has none: as of :func:`minimize`.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import leastsq
    >>> t = np.arange(4.0)
    >>> slope = lambda y: leastsq(lambda p: p[0] * t + p[1] - y, [1.0, 0.0])[0][0]
    >>> dr.grad(slope)(t**2).round(6)
    array([-0.3, -0.1,  0.1,  0.3])
    """

    def search(func, args):
        x, cov, infodict, mesg, ier = optimize.leastsq(func, x0, args, full_output=True, **options)
        success = ier in (1, 2, 3, 4)
        return optimize.OptimizeResult(
            x=x, cov=cov, **infodict, mesg=mesg, ier=ier, success=success
        )

    x0 = without_derivatives(x0)
    found, differentiated = searched("leastsq", search, func, args)
    told = [name for name in found if name not in ("x", "cov", "mesg", "ier", "success")]
    if differentiated:
        values = as_tuple(args)
        squares = _Squares(lambda x: func(x, *values), {})
        x = minimum_of("leastsq", squares.under((-np.inf, np.inf)), found.x, np.ravel(x0))
        makers: dict = {"fvec": lambda: squares.residuals(x)}
        if found.cov is not None:
            makers["cov"] = lambda: squares.covariance(x, True)
        found = result_of(found, x, **makers)
    if not full_output:
        return found.x, found.ier
    return (
        found.x,
        found.cov,
        {name: found[name] for name in told},
        found.get("mesg", ""),
        found.ier,
    )


#: The losses of SciPy, as functions of squared residuals.
_LOSSES = {
    "linear": lambda z: z,
    "soft_l1": lambda z: 2 * (np.sqrt(1 + z) - 1),
    "huber": lambda z: np.where(z > 1, 2 * np.sqrt(np.where(z > 1, z, 1.0)) - 1, z),
    "cauchy": np.log1p,
    "arctan": np.arctan,
}


class _Squares:
    """A sum of squared residuals, or of a loss of these.

    Parameters
    ----------
    fun : callable
        The residuals of x: an array, list or number.
    options : dict
        Of least_squares: ``loss`` and ``f_scale``.
    """

    def __init__(self, fun, options):
        self._fun = fun
        self._loss = options.get("loss", "linear")
        self._scale = options.get("f_scale", 1.0)

    def under(self, bounds):
        """The problem to minimize it."""
        limits = bounds_of(bounds) if isinstance(bounds, optimize.Bounds) else bounds
        return Problem(self.cost, *limits)

    def residuals(self, x):
        """Shape (m,)"""
        return np.reshape(as_operand(self._fun(x)), -1)

    def cost(self, x):
        """Half the sum."""
        return np.sum(self._losses(self.residuals(x)))

    def _losses(self, r):
        """Half the loss of each residual."""
        z = (r / self._scale) ** 2
        rho = self._loss(z)[0] if callable(self._loss) else _LOSSES[self._loss](z)
        return 0.5 * self._scale**2 * rho

    def slopes(self, x):
        """The Jacobian, each row times the root of the curvature of its loss, shape (m, n).

        The Hessian of the sum is nearly its product with itself (Triggs et al. 2000, section 4.3).
        """
        matrix = jacobian(self.residuals)(x)
        if self._loss == "linear":
            return matrix
        curved = elementwise_grad(elementwise_grad(self._losses))(self.residuals(x))
        least = np.finfo(float).eps
        return matrix * np.sqrt(np.where(curved < least, least, curved))[:, None]

    def covariance(self, x, absolute):
        """That of the parameters, (J^T J)^-1, times the variance of the residuals if not absolute."""
        slopes = self.slopes(x)
        m, n = slopes.shape
        inverse = np.linalg.inv(np.linalg.qr(slopes)[1])
        covariance = inverse @ inverse.T
        return covariance if absolute else covariance * (2 * self.cost(x) / (m - n))


def _weighted_residuals(f, xdata, ydata, sigma, nan_policy):
    """What curve_fit squares, as a function of the vector of parameters."""
    ydata = _floats(ydata)
    if isinstance(xdata, list | tuple | np.ndarray):
        xdata = _floats(xdata)
    if nan_policy == "omit":
        kept = ~np.isnan(numbers_of(ydata))
        kept &= ~np.isnan(numbers_of(xdata)).reshape(-1, kept.size).any(axis=0)
        xdata, ydata = xdata[..., kept], ydata[kept]
        if sigma is not None and sigma.size > 1:
            sigma = sigma[kept] if sigma.ndim == 1 else sigma[kept][:, kept]
    factor = np.linalg.cholesky(sigma) if np.ndim(sigma) == 2 else None

    def residuals(x):
        r = f(xdata, *x) - ydata
        if factor is not None:
            return solve_triangular(factor, r, lower=True)
        return r if sigma is None else r / sigma

    return residuals


def _floats(x):
    """What SciPy takes data for."""
    x = as_operand(x)
    return x if isinstance(x, Traced) else np.asarray(x, float)
