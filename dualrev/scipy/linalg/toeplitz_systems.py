"""Products and equations with Toeplitz matrices: matmul_toeplitz, solve_toeplitz, solve_circulant.

Must not know dense matrices: a Toeplitz matrix of n rows and m columns is the line of its n + m - 1
values, from the right end of the first row to the foot of the first column.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import scipy.linalg as sla
from scipy import fft

from dualrev.core.operands import as_operand
from dualrev.core.words import linear
from dualrev.errors import no_rule
from dualrev.scipy.by_program import by_program
from dualrev.scipy.linalg.operands import of_columns, solution_of
from dualrev.scipy.twin import least_dimensions, twin
from dualrev.ways import columns, stacked

__all__ = ["matmul_toeplitz", "solve_circulant", "solve_toeplitz"]

# The transpose of a Toeplitz matrix has the reversed values.  Products, by SciPy's FFT, are bilinear;
# the transpose in the values is a correlation, by FFT too.


def _pair(values, columns):
    """SciPy's first column and first row."""
    return values[..., columns - 1 :], values[..., columns - 1 :: -1]


def _product_value(values, x, workers=None):
    return sla.matmul_toeplitz(_pair(values, x.shape[-2]), x, workers=workers)


def _correlation_value(y, x):
    """The sums of the diagonals of Y X^T."""
    size = y.shape[-2] + x.shape[-2] - 1
    real = y.dtype.kind != "c" and x.dtype.kind != "c"
    push, pull = (fft.rfft, fft.irfft) if real else (fft.fft, fft.ifft)
    padded = fft.next_fast_len(size, real)
    spectrum = push(y, padded, axis=-2) * push(x[..., ::-1, :], padded, axis=-2)
    return pull(spectrum.sum(-1), padded, axis=-1)[..., :size]


_product: Callable = linear(
    _product_value,
    lambda ct, values, x, workers=None: _correlation(ct, x),
    lambda ct, values, x, workers=None: _product(values[..., ::-1], ct),
    batch=columns,
    name="matmul_toeplitz",
)
_correlation: Callable = linear(
    _correlation_value,
    lambda ct, y, x: _product(ct, x),
    lambda ct, y, x: _product(ct[..., ::-1], y),
    batch=stacked(2, 2),
)


_solution: Callable = solution_of(
    lambda values, b, check_finite=False: sla.solve_toeplitz(
        _pair(values, b.shape[-2]), b, check_finite
    ),
    _product,
    _correlation,
    lambda values, ct: _solution(values[..., ::-1], ct),
    batch=columns,
    name="solve_toeplitz",
)


def _on_line(primitive, c_or_cr, x, **options):
    """The primitive of the line of values, and of columns."""
    c, r = c_or_cr if isinstance(c_or_cr, tuple) else (c_or_cr, None)
    c = as_operand(c)
    r = c.conj() if r is None else as_operand(r)
    if min(c.ndim, r.ndim, x.ndim) < 1 or max(c.ndim, r.ndim) > 1 or x.ndim > 2:
        raise no_rule(
            "scipy.linalg.toeplitz systems of stacked arrays", "give one matrix at a time"
        )
    if len(r) != len(x):  # the values alone do not say how many columns there are
        raise ValueError("Incompatible dimensions.")
    values = np.concatenate((r[:0:-1], c))
    return of_columns(partial(primitive, values, **options), x)


@twin(sla.matmul_toeplitz)
def matmul_toeplitz(c_or_cr, /, x, *, check_finite, workers):
    """The product of a Toeplitz matrix and x, by the fast Fourier transform.

    Equals :func:`scipy.linalg.matmul_toeplitz`.  It is linear in the matrix and in x; the derivative by
    the matrix's values is a correlation, by the same transform.

    Parameters
    ----------
    c_or_cr : array, shape (n,), or tuple of two, shapes (n,) and (m,)
        The first column, and the first row: by default its conjugate.
    x : array, shape (m,) or (m, k)
    check_finite, workers
        As in SciPy.

    Returns
    -------
    array, shape (n,) or (n, k)

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import matmul_toeplitz
    >>> dr.grad(lambda c: matmul_toeplitz((c, c), np.ones(3)).sum())(np.arange(3.0)).round(12)
    array([3., 4., 2.])
    """
    return _on_line(_product, c_or_cr, x, workers=workers)


@twin(sla.solve_toeplitz)
def solve_toeplitz(c_or_cr, /, b, *, check_finite):
    """The solution x of ``a @ x = b`` with a Toeplitz matrix a, by Levinson's recursion.

    Equals :func:`scipy.linalg.solve_toeplitz`.  The derivative is ``dx = a^-1 (db - da x)`` (Giles
    2008, section 2.2.3), da being a Toeplitz matrix too.  It costs one more solution.

    Parameters
    ----------
    c_or_cr : array, shape (n,), or tuple of two
        The first column, and the first row: by default its conjugate.
    b : array, shape (n,) or (n, k)
    check_finite
        As in SciPy.

    Returns
    -------
    array, of the shape of b

    Raises
    ------
    LinAlgError
        Where a leading minor of a is singular.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import solve_toeplitz
    >>> dr.grad(lambda c: solve_toeplitz(c, [1.0, 1.0]).sum())(np.array([2.0, 0.0]))
    array([-0.5, -0.5])
    """
    return _on_line(_solution, c_or_cr, b, check_finite=check_finite)


def _circulant_program(c, b, caxis=-1, baxis=0, outaxis=0, **options):
    """The quotient of the Fourier transforms."""
    quotient = np.fft.fft(np.moveaxis(b, baxis, -1)) / np.fft.fft(np.moveaxis(c, caxis, -1))
    x = np.fft.ifft(quotient)
    if c.dtype.kind != "c" and b.dtype.kind != "c":
        x = x.real
    return np.moveaxis(x, -1, outaxis)


_circulant_solution = by_program(
    lambda c, b, **options: sla.solve_circulant(c, b, **options),
    _circulant_program,
    name="solve_circulant",
)


@twin(sla.solve_circulant, check=least_dimensions(1))
def solve_circulant(c, b, *, singular, **options):
    """The solution x of ``a @ x = b`` with the circulant matrix of first column c.

    Equals :func:`scipy.linalg.solve_circulant`.  The derivative is that of the quotient of Fourier
    transforms.

    Parameters
    ----------
    c, b : array
    singular, tol, caxis, baxis, outaxis
        As in SciPy.

    Returns
    -------
    array

    Raises
    ------
    LinAlgError
        Where a is singular.
    MissingRuleError
        Where a derivative is taken with ``singular="lstsq"``.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy.linalg import solve_circulant
    >>> dr.grad(lambda b: solve_circulant([2.0, 0.0], b).sum())(np.ones(2))
    array([0.5, 0.5])
    """
    if singular == "lstsq":
        raise no_rule(
            "scipy.linalg.solve_circulant with singular='lstsq'", "use pinv(circulant(c)) @ b"
        )
    return _circulant_solution(c, b, singular=singular, **options)
