"""The functions that minimize replaces: fmin, fmin_bfgs and their kin, with derivatives of their minima.

Owns what each answers, and which limits it keeps; everything else is SciPy's.  Must not know how
derivatives of minima follow.
"""

import functools
import inspect

import numpy as np
from scipy import optimize

from dualrev.calls import as_tuple
from dualrev.closures import without_derivatives
from dualrev.gradients import grad
from dualrev.scipy.constraints import bounds_of, pieces_of, states_of, with_states
from dualrev.scipy.optimize.fields import result_of
from dualrev.scipy.optimize.minima import minimum_near
from dualrev.scipy.optimize.optimality import Problem
from dualrev.scipy.searches import searched
from dualrev.scipy.twin import bound_arguments

__all__ = [
    "fmin",
    "fmin_bfgs",
    "fmin_cg",
    "fmin_cobyla",
    "fmin_l_bfgs_b",
    "fmin_ncg",
    "fmin_powell",
    "fmin_slsqp",
    "fmin_tnc",
]


class _Answers:
    """Declare the twin of a search that answers a tuple of these fields: a decorator of its definition.

    Parameters
    ----------
    function : callable
        SciPy's; with ``full_output`` it answers all fields, else the first alone.
    fields : str
        Of minimize, where they are the same; "status" says whether it has converged.
    converged : tuple of int
        What it says then.
    constraints : callable, optional
        Those of minimize, of the arguments by name.
    **told_in
        Fields that it answers in a dict, by the names that they have there.
    """

    def __init__(self, function, fields, converged=(0,), constraints=None, **told_in):
        self.function, self.fields, self.told_in = function, fields.split(), told_in
        self.converged, self.constraints = converged, constraints
        self.signature = inspect.signature(function)
        self.is_full = "full_output" in self.signature.parameters

    def __call__(self, definition):
        name = definition.__name__

        @functools.wraps(definition)
        def call(*args, **kwargs):
            given = dict(bound_arguments(self.function, self.signature, args, kwargs).arguments)
            full = given.pop("full_output", 0) or not self.is_full
            limits = given.pop("bounds", None)
            search = functools.partial(self._search, limits)
            found, differentiated = searched(
                name, search, given, states_of(limits), is_checked=True
            )
            # Of a batch there are no texts.
            told = [field for field in self.fields if field in found]
            if differentiated:
                found = self._with_derivatives(name, found, given, limits)
            return self._answer(found, full, told, given.get("retall"))

        call.__signature__ = self.signature
        return call

    def _search(self, limits, given, states):
        held = {} if limits is None else {"bounds": with_states(limits, states)}
        asked = {"full_output": 1} if self.is_full else {}
        found = self.function(**given, **held, **asked)
        parts = found if len(self.fields) > 1 else [found]
        if isinstance(parts[-1], dict):
            parts = (*parts[:-1], *parts[-1].values())
        result = optimize.OptimizeResult(zip(self.fields, parts))
        if given.get("retall"):
            result.allvecs = parts[-1]
        result.success = result.get("status", 0) in self.converged
        return result

    def _with_derivatives(self, name, found, given, limits):
        args = as_tuple(given.get("args", ()))
        fun = given[next(iter(self.signature.parameters))]
        is_pair = "approx_grad" in self.signature.parameters and not (
            given.get("approx_grad") or given.get("fprime") is not None
        )
        objective = lambda x: fun(x, *args)[0] if is_pair else fun(x, *args)  # noqa: E731
        lower, upper = bounds_of(limits if limits is not None and len(limits) else None)
        pieces = pieces_of(self.constraints(given), None) if self.constraints else ()
        start = np.ravel(without_derivatives(given["x0"]))
        x = minimum_near(name, Problem(objective, lower, upper, pieces), found, found.x, start)
        return result_of(found, x, fun=lambda: objective(x), jac=lambda: grad(objective)(x))

    def _answer(self, found, full, told, has_path):
        path = [found.allvecs] if has_path else []
        if not full or len(self.fields) == 1:
            return (found.x, *path) if path else found.x
        parts = {name: found[name] for name in told}
        if not self.told_in:
            return (*parts.values(), *path)
        inner = {self.told_in[name]: parts.pop(name) for name in told if name in self.told_in}
        return (*parts.values(), inner)


@_Answers(optimize.fmin, "x fun nit nfev status")
def fmin():
    """Minimum of a function, by the simplices of Nelder and Mead.

    Equals :func:`scipy.optimize.fmin`; the minimum, and the value there, are differentiable as those of
    :func:`minimize` are.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.optimize import fmin
    >>> lowest = lambda a: fmin(lambda x: (x[0] - a) ** 2 + x[0] ** 4, [0.5], disp=0)[0]
    >>> dr.grad(lowest)(1.0).round(3)  # 2 / (2 + 12 x^2)
    np.float64(0.324)
    """


@_Answers(optimize.fmin_powell, "x fun direc nit nfev status")
def fmin_powell():
    """Minimum of a function, by Powell's method.

    Equals :func:`scipy.optimize.fmin_powell`; differentiable as :func:`fmin` is.
    """


@_Answers(optimize.fmin_bfgs, "x fun jac hess_inv nfev njev status")
def fmin_bfgs():
    """Minimum of a function, by the method of Broyden, Fletcher, Goldfarb and Shanno.

    Equals :func:`scipy.optimize.fmin_bfgs`, whose finite differences are not replaced; differentiable as
    :func:`fmin` is.
    """


@_Answers(optimize.fmin_cg, "x fun nfev njev status")
def fmin_cg():
    """Minimum of a function, by conjugate gradients.

    Equals :func:`scipy.optimize.fmin_cg`; differentiable as :func:`fmin` is.
    """


@_Answers(optimize.fmin_ncg, "x fun nfev njev nhev status")
def fmin_ncg():
    """Minimum of a function, by Newton's method with conjugate gradients.

    Equals :func:`scipy.optimize.fmin_ncg`; differentiable as :func:`fmin` is.
    """


@_Answers(
    optimize.fmin_l_bfgs_b,
    "x fun jac message nfev nit status",
    jac="grad",
    message="task",
    nfev="funcalls",
    nit="nit",
    status="warnflag",
)
def fmin_l_bfgs_b():
    """Minimum of a function between bounds, by L-BFGS-B.

    Equals :func:`scipy.optimize.fmin_l_bfgs_b`; differentiable as :func:`minimize` is.
    """


@_Answers(optimize.fmin_tnc, "x nfev status", converged=(0, 1, 2))
def fmin_tnc():
    """Minimum of a function between bounds, by a truncated Newton method.

    Equals :func:`scipy.optimize.fmin_tnc`; differentiable as :func:`minimize` is.
    """


def _of_slsqp(given):
    args = given.get("args", ())
    alone = [("eq", f) for f in given.get("eqcons", ())]
    alone += [("ineq", f) for f in given.get("ieqcons", ())]
    alone += [("eq", given.get("f_eqcons")), ("ineq", given.get("f_ieqcons"))]
    return [{"type": kind, "fun": f, "args": args} for kind, f in alone if f is not None]


@_Answers(optimize.fmin_slsqp, "x fun nit status message", constraints=_of_slsqp)
def fmin_slsqp():
    """Minimum of a function under bounds and constraints, by sequential least squares.

    Equals :func:`scipy.optimize.fmin_slsqp`; differentiable as :func:`minimize` is.
    """


def _of_cobyla(given):
    cons, args = given["cons"], given.get("consargs")
    args = as_tuple(given.get("args", ()) if args is None else args)
    return [
        {"type": "ineq", "fun": f, "args": args} for f in ([cons] if callable(cons) else list(cons))
    ]


@_Answers(optimize.fmin_cobyla, "x", constraints=_of_cobyla)
def fmin_cobyla():
    """Minimum of a function under constraints, by linear approximation.

    Equals :func:`scipy.optimize.fmin_cobyla`; differentiable as :func:`minimize` is.
    """
