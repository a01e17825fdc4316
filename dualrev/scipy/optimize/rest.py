"""What :mod:`scipy.optimize` has beside what has a rule here, each name with its word."""

import scipy.optimize as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

_STOPS = "where a search stops is no function of what it searches"

REST = Rest(
    _scipy,
    dispatches="rosen rosen_der rosen_hess rosen_hess_prod Bounds LinearConstraint NonlinearConstraint",
    constant="BFGS BroydenFirst HessianUpdateStrategy InverseJacobian KrylovJacobian OptimizeResult "
    "RootResults SR1 LbfgsInvHessProduct linprog_verbose_callback show_options",
    refused={
        "approx_fprime": ("finite differences", "call dualrev.grad(f)(x)"),
        "check_grad": (
            "finite differences",
            "call dualrev.testing.check_derivatives(f, x)",
        ),
        "bracket": (_STOPS, "give it plain numbers: dualrev.stop_gradient(args)"),
        "line_search": (_STOPS, "give it plain numbers: dualrev.stop_gradient(xk)"),
        "milp": (
            "its integers move in jumps",
            "hold them, and call linprog for the other numbers",
        ),
        "quadratic_assignment": (
            "its answer is a permutation",
            "search with dualrev.stop_gradient(A), and compute np.sum(A * B[np.ix_(p, p)]) of col_ind p",
        ),
    },
)
