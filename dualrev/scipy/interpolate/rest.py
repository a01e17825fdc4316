"""What :mod:`scipy.interpolate` has beside what has a rule here, each name with its word."""

import scipy.interpolate as _scipy

import dualrev.scipy.interpolate.compiled  # what these bodies call
import dualrev.scipy.interpolate.rational  # noqa: F401
from dualrev.scipy.interpolate.fitpack import INSERTED
from dualrev.scipy.rest import Rest

__all__ = ["REST"]

REST = Rest(
    _scipy,
    bodies="AAA BPoly FloaterHormannInterpolator NdPPoly Rbf approximate_taylor_polynomial "
    "barycentric_interpolate krogh_interpolate lagrange pade",
    refused={
        "generate_knots": (
            "they are chosen among the sites one by one",
            "take them of plain numbers: dualrev.stop_gradient(x)",
        ),
        "insert": INSERTED,
        "interp2d": ("SciPy has removed it", "use RectBivariateSpline"),
    },
)
