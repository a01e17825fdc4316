"""plot_pattern: the picture of a sparse pattern, its entries coloured as they are computed.

Must not know matrices of derivatives.
"""

import io
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.calls import noun_of
from dualrev.sparse.colouring import Colouring, alone
from dualrev.sparse.patterns import blocks, given, rows_of

__all__ = ["check_axes", "plot_pattern", "png"]

#: More rows or columns than these are drawn as blocks: their entries would be smaller than a pixel.
_SIDE = 300
# After the palette of Okabe and Ito, which colour-blind readers tell apart.
_FEW = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#000000"]


def check_axes(ax) -> None:
    """Raise where something else was given for axes of matplotlib."""
    if ax is not None and not hasattr(ax, "loglog"):
        raise errors.ArgumentError(
            f"ax is {noun_of(ax)}, which is no axes of matplotlib.",
            fix="give ax=pyplot.figure().subplots(), or leave out ax=",
        )


def plot_pattern(pattern: Any, colouring: Colouring | None = None, *, ax: Any = None) -> Any:
    """Picture of a sparse pattern: a spy plot, coloured by the products of which entries are read.

    Parameters
    ----------
    pattern : sparse matrix or array, shape (m, n)
        Stored entries count, whatever their values: what :func:`~dualrev.sparsity` answers,
        ``J.pattern`` of a prepared matrix, or any matrix.
    colouring : Colouring, optional
        ``J.colouring`` of a prepared matrix: an entry has the colour of its column, or of its row where
        it is read from a product with rows.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Each entry is a square of it; beyond 300 rows or columns the picture shows which share of each
        block is entries, and no colours.

    Raises
    ------
    MissingPackageError
        Without matplotlib.

    See Also
    --------
    braille, dualrev.prepare_jacobian

    Notes
    -----
    A notebook shows a prepared matrix so by itself.

    Examples
    --------
    >>> import numpy as np, dualrev as dr, matplotlib
    >>> from dualrev.show import plot_pattern
    >>> matplotlib.use("Agg")
    >>> J = dr.prepare_jacobian(lambda x: x[1:] * x[:-1], np.ones(9))
    >>> ax = plot_pattern(J.pattern, J.colouring)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('column', 'row')
    """
    pyplot = errors.package("matplotlib.pyplot", "plot_pattern draws with", "show")
    pattern = given(pattern)
    if not (colouring is None or isinstance(colouring, Colouring)):
        raise errors.ArgumentError(
            f"colouring is {noun_of(colouring)}, which is none.",
            fix="give that of a prepared matrix, J.colouring, or leave it out",
        )
    check_axes(ax)
    if ax is None:
        _, ax = pyplot.subplots(figsize=(5, 5), layout="constrained")
    _draw(ax, pattern, colouring)
    return ax


def png(pattern, colouring, title) -> bytes | None:
    """The picture as a file, made beside the user's figures; None without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return None
    figure = Figure(figsize=(6, 5.5), layout="constrained")
    ax = figure.add_subplot()
    _draw(ax, pattern, colouring)
    ax.set_title(title, fontsize="medium")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=100)
    return file.getvalue()


def _draw(ax, pattern, colouring):
    from matplotlib.colors import LogNorm

    m, n = pattern.shape
    place: dict = {"extent": (-0.5, n - 0.5, m - 0.5, -0.5), "interpolation": "nearest"}
    place["aspect"] = "equal" if max(m, n) <= 4 * min(m, n) else "auto"
    if pattern.nnz == 0:
        ax.set(xlim=(-0.5, max(n, 1) - 0.5), ylim=(max(m, 1) - 0.5, -0.5))
    elif max(m, n) <= _SIDE:
        image = np.zeros((m, n, 4))
        image[rows_of(pattern), pattern.indices] = _colours(pattern, colouring)
        ax.imshow(image, **place)
    else:
        counts, places = blocks(pattern, _SIDE, _SIDE)
        share = np.ma.masked_equal(counts / places, 0)
        # logarithmic: a block of a band holds many more entries than one that it touches
        shown = ax.imshow(share, cmap="viridis_r", norm=LogNorm(share.min() / 10, 1), **place)
        ax.figure.colorbar(shown, ax=ax, shrink=0.6, label="share of entries in a block")
    ax.set_xlabel("column")
    ax.set_ylabel("row")


def _colours(pattern, colouring):
    """Red, green, blue and opacity of each entry, (nnz, 4)."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgba_array

    if colouring is None:
        return to_rgba_array(_FEW[0])
    forward, count = colouring.forward, colouring.forward + colouring.backward
    numbers = np.zeros(pattern.nnz, int)
    if colouring.rows is not None:
        numbers = forward + colouring.rows[rows_of(pattern)]
    if colouring.columns is not None:
        by_column = alone(pattern, colouring.columns) | (colouring.rows is None)
        numbers = np.where(by_column, colouring.columns[pattern.indices], numbers)
    if count <= len(_FEW):
        return to_rgba_array(_FEW)[numbers]
    return colormaps["turbo"](numbers / count)
