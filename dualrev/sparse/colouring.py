"""Colourings: which columns, and which rows, of a sparse matrix share one product.

Owns the colourings of a pattern, one column (or row) after the other, and their lower bounds.  Must
not know what the matrix is, nor how its entries are read from the products.

Theory and words: Gebremedhin, Manne and Pothen (2005), "What color is your Jacobian? Graph coloring
for computing derivatives", SIAM Review 47.  Of the libraries that colour graphs, rustworkx takes as
long only to be given the graph (its colouring, of columns alone, is as good, and twice as fast), and
networkx ten times as long; neither has star or acyclic colourings.
"""

from dataclasses import dataclass

import numpy as np

from dualrev.sparse.lattices import lattice_colours
from dualrev.sparse.ordering import ORDERS, ordered
from dualrev.sparse.patterns import (
    booleans,
    is_small,
    kept,
    rows_of,
    transposed,
    without_diagonal,
)

__all__ = [
    "Colouring",
    "alone",
    "colour_both",
    "colour_columns",
    "colour_rows",
    "coloured",
    "seeds",
]

#: What is larger, by the squares of the lengths of its rows, is not coloured in all orders.
_LARGE = 200_000

#: Orders look at so many conflicts; those of the longest rows beyond do not count in degrees.
_MOST_CONFLICTS = 20_000_000


@dataclass(frozen=True, repr=False)
class Colouring:
    """The columns (rows) of one colour share one product.

    Attributes
    ----------
    kind : str
        "columns", "rows" or "both"; of symmetric matrices "star" or "acyclic".
    columns, rows : array of integers (n,) and (m,), or None
        The colour of each, from 0; -1 of one that takes no part: it is empty, or its entries are read
        from products of the other side.
    order : str
        The order in which they were coloured, or "lattice".
    lower_bound : int
        No colouring of this kind has fewer colours.
    """

    kind: str
    columns: np.ndarray | None
    rows: np.ndarray | None
    order: str
    lower_bound: int

    def __repr__(self):
        return f"<{self}>"

    def __str__(self):
        kind = self.kind
        if kind == "both":
            kind += f": {self.forward} of columns, {self.backward} of rows"
        count = self.forward + self.backward
        return f"{count} colours ({kind}), lower bound {self.lower_bound}"

    @property
    def forward(self) -> int:
        """The number of products J s, one for each colour of columns."""
        return _count(self.columns)

    @property
    def backward(self) -> int:
        """The number of products J^T s, one for each colour of rows."""
        return _count(self.rows)


def _count(colours):
    return 0 if colours is None else int(colours.max(initial=-1)) + 1


def seeds(colours, dtype=np.float64):
    """One vector a colour, 1 where it is and 0 elsewhere: (count, n) from colours of shape (n,)."""
    (places,) = np.nonzero(colours >= 0)
    made = np.zeros((_count(colours), len(colours)), dtype)
    made[colours[places], places] = 1
    return made


def alone(pattern, colours):
    """Which entries are the only one of their row with the colour of their column: (nnz,), bool.

    Those can be read from the products with the seeds.
    """
    count = _count(colours)
    theirs = colours[pattern.indices]
    theirs[theirs < 0] = count
    keys = rows_of(pattern) * (count + 1) + theirs
    if not is_small(pattern.shape[0] * (count + 1), keys):
        _, keys = np.unique(keys, return_inverse=True)
    return (np.bincount(keys) == 1)[keys] & (theirs < count)


def coloured(kind, pattern, bound, order, colour):
    """The colouring that an order gives, or of order "best" the one with the fewest colours.

    ``colour(order)`` gives the colours, that of "lattice" or None.  Best of all orders, as far as the
    lower bound is not met before; of large patterns a lattice, or "natural", and "largest_first" where
    that has two colours or more above the bound: a rule without a clock, so that a pattern has the
    same colours everywhere.  What is small is coloured before a lattice is looked for.
    """
    names = [order]
    large = _is_large(pattern)
    if order == "best":
        natural, *others = ORDERS
        names = ["lattice", natural, others[0]] if large else [natural, "lattice", *others]
    best = None
    for name in names:
        colours = colour(name)
        if colours is not None and (best is None or _count(colours) < best.forward):
            best = Colouring(kind, colours, None, name, bound)
        if best is not None:
            above = best.forward - bound
            if not above or (large and (best.order == "lattice" or above == 1)):
                break
    if best is None:
        raise ValueError("the pattern is not one of a lattice")
    return best


def _is_large(pattern):
    return (np.diff(pattern.indptr).astype(np.int64) ** 2).sum() > _LARGE


def colour_columns(pattern, order="best"):
    """Columns of one colour have no row in common: J s holds all of their entries.

    The lower bound is the length of the longest row.  Cost: entries times colours / 30, in Python's
    integers as sets of colours; the square graph of the columns is only made for orders by degree.

    Parameters
    ----------
    pattern : csr_array (m, n)
        Indices sorted and without duplicates; what is stored counts, whatever its value.
    order : str
        "natural", "largest_first", "smallest_last", "incidence_degree", or "best": of these and of
        "lattice", which is an error where there is none, the one with the fewest colours.  It tries no
        further one once the lower bound is met, and not all of them of large patterns.
    """
    return _colour_columns(pattern, transposed(pattern), order)


def colour_rows(pattern, order="best"):
    """Rows of one colour have no column in common: J^T s holds all of their entries.

    As colour_columns of the transpose.
    """
    found = _colour_columns(transposed(pattern), pattern, order)
    return Colouring("rows", None, found.columns, found.order, found.lower_bound)


def _colour_columns(pattern, by_columns, order):
    lengths = np.diff(pattern.indptr)
    # the entries of one row are in different columns of different colours
    bound = int(lengths.max(initial=0))
    taking_part = np.diff(by_columns.indptr) > 0
    if bound == taking_part.sum():  # whatever the order
        colours = np.where(taking_part, np.cumsum(taking_part) - 1, -1)
        return Colouring("columns", colours, None, "natural" if order == "best" else order, bound)

    def colour(order):
        if order == "lattice":
            (longest,) = np.nonzero(lengths == bound)
            rows = longest[:: -(-len(longest) // 16)]
            met = np.unique(pattern[rows].indices)
            return lattice_colours(pattern, taking_part, rows, met, bound, _shared)
        if order == "natural":
            places = np.arange(pattern.shape[1])
        else:
            places = ordered(_conflicts(pattern, by_columns), order)
        return _greedy(by_columns, places[taking_part[places]])

    return coloured("columns", pattern, bound, order, colour)


def _shared(pattern, colours):
    """The columns that have a row in common with another of their colour."""
    return np.unique(pattern.indices[~alone(pattern, colours)])


def _greedy(by_columns, order):
    """Each column takes the first colour that no row of its own has met."""
    starts, rows = by_columns.indptr.tolist(), by_columns.indices.tolist()
    met = [0] * by_columns.shape[1]  # the colours of a row as bits
    colours = [-1] * by_columns.shape[0]
    for column in order.tolist():
        mine = rows[starts[column] : starts[column + 1]]
        taken = 0
        for row in mine:
            taken |= met[row]
        free = ~taken & (taken + 1)
        for row in mine:
            met[row] |= free
        colours[column] = free.bit_length() - 1
    return np.array(colours, dtype=np.intp)


def _conflicts(pattern, by_columns):
    """The graph (n, n) of the columns that have a row in common, but for the longest rows."""
    lengths = np.diff(pattern.indptr).astype(np.int64)
    rows = np.argsort(lengths, kind="stable")
    rows = np.sort(rows[np.cumsum(lengths[rows] ** 2) <= _MOST_CONFLICTS])
    if len(rows) < len(lengths):
        pattern = pattern[rows]
        by_columns = transposed(pattern)
    return without_diagonal((by_columns @ booleans(pattern)).tocsr())


#: So many places are tried at which long rows (columns) part from short ones.
_TRIES = 8


def colour_both(pattern, order="best"):
    """Long rows are read from J^T s and the rest from J s; or, of columns, the reverse.

    For arrowheads, whose columns alone, or rows alone, all need a product of their own.  Where no
    mixture has fewer colours, columns alone, or rows alone: then all colours of the other side are -1.
    Coleman and Verma (1998), "The efficient computation of sparse Jacobian matrices using automatic
    differentiation".

    Parameters
    ----------
    pattern, order
        As of :func:`colour_columns`.
    """
    m, n = pattern.shape
    by_columns = transposed(pattern)
    # each product with J tells m numbers at most, each with J^T n
    (rows_met,), (columns_met,) = (np.nonzero(np.diff(p.indptr)) for p in (pattern, by_columns))
    larger = max(len(rows_met), len(columns_met), 1)
    bound = -(-pattern.nnz // larger)
    tries = [
        (least, side, -longest)
        for side, lines in enumerate([pattern, by_columns])
        for least, longest in _partings(lines)
    ]
    # in large patterns a quarter fewer must be in sight
    worth = 0.75 if _is_large(pattern) else 1
    best = None
    for least, side, parting in sorted(tries)[:_TRIES]:
        if best is not None and least >= worth * (best.forward + best.backward):
            break
        short, long, used = _parted((pattern, by_columns)[side], -parting, order)
        found = (short, long) if side == 0 else (long, short)
        made = Colouring("both", *found, used, bound)
        if best is None or made.forward + made.backward < best.forward + best.backward:
            best = made
    return best


def _partings(lines):
    """At each length that a line may have to be short: (fewest colours there can be, that length)."""
    lengths = np.diff(lines.indptr)
    crossing = np.zeros(lines.shape[1], int)
    most = 0
    for longest in np.unique(np.append(lengths, 0))[::-1].tolist():
        yield longest + most, longest
        joining = lines.indices[np.repeat(lengths == longest, lengths)]
        np.add.at(crossing, joining, 1)
        most = max(most, crossing[joining].max(initial=0))


def _parted(lines, longest, order):
    """Colours across the lines up to a length, those of longer lines, and the order of the first."""
    lengths = np.diff(lines.indptr)
    is_long = np.repeat(lengths > longest, lengths)
    short = colour_columns(kept(lines, ~is_long), order)
    long = colour_rows(kept(lines, is_long), order)
    return short.columns, long.rows, short.order
