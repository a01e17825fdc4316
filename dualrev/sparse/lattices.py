"""Colourings of lattices: stencils on grids, whose columns take colours from their coordinates.

Owns which coordinates and colours are tried.  Must not know what makes a colouring valid.
"""

import itertools

import numpy as np

from dualrev.sparse.patterns import transposed

__all__ = ["lattice_colours"]

#: So many colourings are tried on a sample, one more for so many entries, and so many on all columns.
_TRIES, _ENTRIES_A_TRY, _FULL_TRIES = 100, 500, 4

#: So many numbers of colours are tried, from the fewest on, and the number of points of the stencil.
_NUMBERS = 5

#: Stencils have no more points.
_LONGEST = 128

#: One column in so many may be coloured anew, as those at the seam of a periodic grid.
_ONE_IN = 20


def lattice_colours(pattern, taking_part, rows, columns, fewest, wrong):
    """Colours of the columns of a pattern, valid ones, or None.

    With widths 1 < w < v of a grid the colour of column j is (j + a (j // w) + b (j // v)) mod p: as
    x + 2 y mod 5 of a cross of five points, whose copies tile the plane.  Golomb and Welch (1970),
    "Perfect codes in the Lee metric and the packing of polyominoes".  Few columns that are wrong then
    take the first colour that no column has with which they have a row in common: that is valid in all
    kinds of colourings, and taken where there is one colour more than the fewest at most.

    Parameters
    ----------
    pattern : csr_array (m, n)
        With all of its diagonal where it is symmetric.
    taking_part : array of bool (n,)
        Which columns are coloured; -1 of the others.
    rows, columns : array of integers
        A sample; the widths are seen in its longest row.
    fewest : int
        No colouring has fewer colours.
    wrong : callable
        ``wrong(pattern, colours)``: columns without which the colouring of the others is valid.
    """
    if not fewest or np.diff(pattern.indptr).max() > _LONGEST:
        return None
    sample = pattern[rows][:, columns]
    longest = int(np.argmax(np.diff(sample.indptr)))
    line = np.sort(columns[sample.indices[sample.indptr[longest] : sample.indptr[longest + 1]]])
    tries = itertools.islice(_tries(line, fewest), _TRIES + pattern.nnz // _ENTRIES_A_TRY)
    good = (lattice for lattice in tries if not len(wrong(sample, _colours(columns, *lattice))))
    for lattice in itertools.islice(good, _FULL_TRIES):
        colours = _colours(np.arange(pattern.shape[1]), *lattice)
        anew = wrong(pattern, colours)
        if len(anew) * _ONE_IN > len(colours):
            continue
        if len(anew):
            _recolour(pattern, colours, anew)
            if colours.max() > fewest:
                continue
        return _numbered(np.where(taking_part, colours, -1))
    return None


def _tries(line, fewest):
    """(Number of colours, widths, factors), those of few colours first."""
    symmetric = np.ptp(line + line[::-1]) == 0
    seen = dict.fromkeys(_widths(line, part) for part in ((0.5,) if symmetric else (0.5, 0, 1)))
    for count in sorted({*range(fewest, fewest + _NUMBERS), max(fewest, len(line))}):
        for widths in seen:
            for factors in itertools.product(range(count), repeat=len(widths)):
                yield count, widths, factors


def _colours(columns, count, widths, factors):
    return (columns + sum(f * (columns // width) for f, width in zip(factors, widths))) % count


def _widths(line, part):
    """The widths of a grid, seen in the columns of one row: these form runs, and the runs do again."""
    widths = []
    width = 1
    while True:
        ends = np.flatnonzero(np.append(np.diff(line) > 3 * width, True))
        starts = np.append(0, ends[:-1] + 1)
        line = line[(starts + part * (ends - starts)).astype(int)]
        if len(line) < 2 or len(widths) == 2:
            return tuple(widths)
        width = int(np.diff(line).min())
        widths.append(width)


def _recolour(pattern, colours, anew):
    across = transposed(pattern)[anew]
    for column, start, stop in zip(anew.tolist(), across.indptr, across.indptr[1:]):
        rows = across.indices[start:stop]
        near = [pattern.indices[pattern.indptr[row] : pattern.indptr[row + 1]] for row in rows]
        taken = set(colours[np.concatenate(near)].tolist())
        colours[column] = next(colour for colour in itertools.count() if colour not in taken)


def _numbered(colours):
    """The same colours, numbered without gaps."""
    met = np.bincount(colours[colours >= 0]) > 0
    return np.append(np.cumsum(met) - 1, -1)[colours]
