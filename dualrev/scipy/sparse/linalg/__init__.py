"""Equations, least squares, eigenvalues and functions of sparse matrices, differentiable.

Owns the names of ``scipy.sparse.linalg``; what is not here serves plain arrays only.  Must not know
any solver.

A matrix may be sparse (a constant one of SciPy's, or one of traced numbers made by
:mod:`dualrev.scipy.sparse`), a dense array, traced or not, or a LinearOperator, by which alone
no derivative is taken.
"""

from dualrev.scipy.sparse.linalg import (
    direct,
    exponentials,
    functions,
    iterative,
    least_squares,
    operators,
    spectral,
)
from dualrev.scipy.sparse.linalg.direct import *
from dualrev.scipy.sparse.linalg.exponentials import *
from dualrev.scipy.sparse.linalg.functions import *
from dualrev.scipy.sparse.linalg.iterative import *
from dualrev.scipy.sparse.linalg.least_squares import *
from dualrev.scipy.sparse.linalg.operators import *
from dualrev.scipy.sparse.linalg.rest import REST
from dualrev.scipy.sparse.linalg.spectral import *

__all__ = [
    *direct.__all__,
    *exponentials.__all__,
    *functions.__all__,
    *iterative.__all__,
    *least_squares.__all__,
    *operators.__all__,
    *spectral.__all__,
    *REST.names,
]

__getattr__ = REST
