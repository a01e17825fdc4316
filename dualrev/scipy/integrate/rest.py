"""What :mod:`scipy.integrate` has beside what has a rule here, each name with its word."""

import scipy.integrate as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

_STEPS = "its steps are taken one by one, on plain numbers"
_WHOLE = "call solve_ivp, which has its method"

REST = Rest(
    _scipy,
    constant="lebedev_rule",
    refused={
        "BDF DOP853 LSODA RK23 RK45 Radau OdeSolver ode complex_ode": (_STEPS, _WHOLE),
        "DenseOutput OdeSolution": (_STEPS, "call solve_ivp with dense_output=True"),
    },
)
