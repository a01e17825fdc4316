"""solve_bvp, with the derivatives of its solution.

Owns the equations of collocation on the final mesh.  Must not know how they are solved.

The solution is the cubic spline whose derivative is fun at the nodes and in the middle between them
(Kierzenka and Shampine 2001, section 2): as many equations as there are numbers at the nodes and
parameters, with the boundary conditions.  Nodes lie where they do between those of the first mesh.
"""

import numpy as np
import scipy.integrate

from dualrev.closures import traced_in
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_differentiated
from dualrev.implicit.solutions import solved
from dualrev.known import valued
from dualrev.scipy.each_row import each_row, numbers_under
from dualrev.scipy.interpolate import PPoly
from dualrev.scipy.interpolate.cubic import hermite_coefficients
from dualrev.scipy.optimize.fields import without_derivative
from dualrev.scipy.reals import check_real
from dualrev.scipy.searches import not_found
from dualrev.scipy.twin import like

__all__ = ["solve_bvp"]

#: How far from the exact solution SciPy may stop, as a part of it, and besides.
_NEAR = 1e-2


@like(scipy.integrate.solve_bvp)
def solve_bvp(fun, bc, x, y, p=None, S=None, fun_jac=None, bc_jac=None, **options):
    """Solution of a boundary value problem ``y' = fun(x, y, p)``, ``bc(y(a), y(b), p) = 0``.

    Equals :func:`scipy.integrate.solve_bvp`; differentiable in all that fun and bc compute with, and in
    x, the first mesh with its ends.

    Parameters
    ----------
    fun : callable
        ``fun(x, y)`` or ``fun(x, y, p)`` of x of shape (m,), y of shape (n, m), p of shape (k,), to an
        array of shape (n, m).
    bc : callable
        ``bc(ya, yb)`` or ``bc(ya, yb, p)``, of shape (n + k,).
    x, y, p
        First mesh and guesses; on guesses the solution does not depend: their derivative is 0.
    S, fun_jac, bc_jac, tol, max_nodes, verbose, bc_tol
        As in SciPy.

    Returns
    -------
    Bunch object of SciPy's
        ``sol``, ``p``, ``x``, ``y`` and ``yp`` have derivatives: those of the exact solution of the
        collocation equations on the final mesh, next to which SciPy stops.  ``sol`` is a
        :class:`dualrev.scipy.interpolate.PPoly`, and differentiable in the points, too.

    Raises
    ------
    NotConvergedError
        When a derivative is asked of what did not converge.
    SingularError
        When one is asked where the equations do not determine the solution, as at a turning point.

    Notes
    -----
    Derivatives have the error of the mesh, as values have: give a smaller ``tol`` for more digits.  They
    cost one Jacobian of the collocation equations, of n m + k unknowns, and its factors; sparse ones
    from 300 unknowns on.  In a batch all rows have to end on as many nodes.

    Examples
    --------
    The deflection of a string under a load, ``y'' = load``, in the middle:

    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.integrate import solve_bvp
    >>> x = np.linspace(0, 1, 5)
    >>> def deflection(load):
    ...     fun = lambda x, y: np.stack([y[1], load + 0 * x])
    ...     bc = lambda ya, yb: np.stack([ya[0], yb[0]])
    ...     return solve_bvp(fun, bc, x, np.zeros((2, 5))).sol(0.5)[0]
    >>> dr.derivative(deflection)(1.0).round(12)
    np.float64(-0.125)
    """
    given = fun, bc, x, y, p, S, fun_jac, bc_jac
    found = _solved(*given, options) if traced_in(given) else _found(given, options)
    c = found.pop("coefficients")
    found.sol = PPoly.construct_fast(c, found.x, extrapolate=True, axis=1)
    return found


@each_row
def _solved(fun, bc, x, y, p, S, fun_jac, bc_jac, options):
    """The same with derivatives."""
    given = fun, bc, x, y, p, S, fun_jac, bc_jac
    plain = numbers_under(given)
    found = _found(plain, options)
    if any(map(is_differentiated, traced_in(given))):
        if not found.success:
            raise not_found("solve_bvp", found)
        x = as_operand(x)
        check_real("scipy.integrate.solve_bvp, of its mesh,", x)
        mesh = _final_mesh(x, plain[2], found.x)
        _Collocation(fun, bc, mesh, found, S).differentiate()
    return found


def _found(given, options):
    """SciPy's result, with the coefficients of sol, which is an object, in its place."""
    found = scipy.integrate.solve_bvp(*given, **options)
    found["coefficients"] = found.pop("sol").c
    return found


def _final_mesh(x, plain, nodes):
    """The nodes as they lie between those of the first mesh."""
    i = np.clip(np.searchsorted(plain, nodes, side="right") - 1, 0, len(plain) - 2)
    part = (nodes - plain[i]) / (np.asarray(plain)[i + 1] - plain[i])
    return valued(x[i] * (1 - part) + x[i + 1] * part, nodes)


class _Collocation:
    """The equations of collocation and of the boundary, for y at the nodes, one after the other, and p.

    Parameters
    ----------
    fun, bc : callable
    x : array, shape (m,)
        The final mesh.
    found : BVPResult
        Of plain numbers.
    S : array, shape (n, n), optional
    """

    def __init__(self, fun, bc, x, found, S):
        self.fun, self.bc, self.x, self.found = fun, bc, x, found
        self.S = None if S is None else as_operand(S)
        self.n, self.m = found.y.shape

    def differentiate(self):
        """Give the result its derivatives."""
        found = self.found
        p = np.zeros(0) if found.p is None else found.p
        z = np.concatenate([found.y.T.reshape(-1), p])
        z = solved(self.residual, z, name="solve_bvp", near=(_NEAR, _NEAR))
        y, p = self._parts(z)
        yp = self._right_side(self.x, y, p)
        c = hermite_coefficients(self.x, y.T, yp.T)
        fields = {"x": self.x, "y": y, "yp": yp, "coefficients": c, "p": p}
        for name, field in fields.items():
            if found[name] is not None:
                found[name] = valued(field, found[name])
        found.rms_residuals = without_derivative(found.rms_residuals, z, "rms_residuals")

    def residual(self, z):
        """What the equations are off."""
        y, p = self._parts(z)
        h = np.diff(self.x)
        f = self._right_side(self.x, y, p)
        between = (y[:, 1:] + y[:, :-1]) / 2 - h / 8 * np.diff(f)
        middle = self._right_side(self.x[:-1] + h / 2, between, p)
        off = np.diff(y) - h / 6 * (f[:, :-1] + f[:, 1:] + 4 * middle)
        return np.concatenate([off.T.reshape(-1), _called(self.bc, y[:, 0], y[:, -1], p)])

    def _parts(self, z):
        size = self.n * self.m
        return z[:size].reshape(self.m, self.n).T, z[size:]

    def _right_side(self, x, y, p):
        f = _called(self.fun, x, y, p)
        if self.S is None:
            return f
        if x.size < self.m:  # in the middle of intervals
            return f + self.S @ y / (x - self.x[0])
        first = np.linalg.pinv(np.eye(self.n) - self.S) @ f[:, :1]
        rest = f[:, 1:] + self.S @ y[:, 1:] / (x[1:] - self.x[0])
        return np.concatenate([first, rest], axis=1)


def _called(function, *args):
    """The array that a function of the user's answers, which has no p where there are none."""
    *others, p = args
    return as_operand(function(*args) if p.size else function(*others))
