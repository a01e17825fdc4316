"""Colourings: which columns, and which rows, of a sparse matrix share one product.

Owns the colourings of a pattern, one column (or row) after the other, and their lower bounds.  Must
not know what the matrix is, nor how its entries are read from the products.

Theory and words: Gebremedhin, Manne and Pothen (2005), "What color is your Jacobian? Graph coloring
for computing derivatives", SIAM Review 47.
"""

from dataclasses import dataclass

import numpy as np

from dualrev.sparse.ordering import ORDERS, ordered
from dualrev.sparse.patterns import booleans, kept, rows_of, transposed, without_diagonal

__all__ = ["Colouring", "alone", "colour_both", "colour_columns", "colour_rows", "seeds"]

#: "best" tries the two dear orders where the conflicts are at most so many.
_FEW_CONFLICTS = 500_000

#: Orders look at so many conflicts; those of the longest rows beyond do not count in degrees.
_MOST_CONFLICTS = 20_000_000


@dataclass(frozen=True)
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
        The order in which they were coloured.
    lower_bound : int
        No colouring of this kind has fewer colours.
    """

    kind: str
    columns: np.ndarray | None
    rows: np.ndarray | None
    order: str
    lower_bound: int

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
    (m, _), count = pattern.shape, _count(colours)
    theirs = colours[pattern.indices].astype(np.int64)
    place = rows_of(pattern) * np.int64(count) + theirs
    # the table of all rows and colours, but where few of its places are met
    if m * count > 8 * pattern.nnz + 1000:
        _, place, met = np.unique(place, return_inverse=True, return_counts=True)
    else:
        place[theirs < 0] = 0
        met = np.bincount(place[theirs >= 0], minlength=m * count)
        met = met if met.size else np.zeros(1, int)
    return (met[place] == 1) & (theirs >= 0)


def colour_columns(pattern, order="best"):
    """Columns of one colour have no row in common: J s holds all of their entries.

    Cost: entries times colours / 30, in Python's integers as sets of colours; the square graph of
    the columns is only made for orders by degree.

    Parameters
    ----------
    pattern : csr_array (m, n)
        Indices sorted and without duplicates; what is stored counts, whatever its value.
    order : str
        "natural", "largest_first", "smallest_last", "incidence_degree", or "best": the first of these
        that needs the fewest colours.  It tries no further one once the lower bound is met, and the
        last two only up to 500 000 conflicts between columns.
    """
    return _colour_columns(pattern, transposed(pattern), order)


def colour_rows(pattern, order="best"):
    """Rows of one colour have no column in common: J^T s holds all of their entries.

    As colour_columns of the transpose.
    """
    found = _colour_columns(transposed(pattern), pattern, order)
    return Colouring("rows", None, found.columns, found.order, found.lower_bound)


def _colour_columns(pattern, by_columns, order):
    # the entries of one row are in different columns of different colours
    bound = int(np.diff(pattern.indptr).max(initial=0))
    (taking_part,) = np.nonzero(np.diff(by_columns.indptr))
    if bound == len(taking_part):  # whatever the order
        colours = np.full(pattern.shape[1], -1)
        colours[taking_part] = np.arange(bound)
        return Colouring("columns", colours, None, "natural" if order == "best" else order, bound)
    graph = None
    best = None
    for name in ORDERS if order == "best" else (order,):
        if name == "natural":
            places = taking_part
        else:
            graph = _conflicts(pattern, by_columns) if graph is None else graph
            if order == "best" and name != "largest_first" and graph.nnz > _FEW_CONFLICTS:
                break
            places = ordered(graph, name)
            places = places[np.diff(by_columns.indptr)[places] > 0]
        colours = _greedy(by_columns, places)
        if best is None or _count(colours) < best.forward:
            best = Colouring("columns", colours, None, name, bound)
        if best.forward == bound:
            break
    return best


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
    """Long rows are read from J^T s and all others from J s, or columns so the other way round.

    For arrowheads, whose columns alone, or rows alone, all need a product of their own.  Also the
    columns or the rows alone, where no mixture has fewer colours.  Coleman and Verma (1998), "The
    efficient computation of sparse Jacobian matrices using automatic differentiation".
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
    best = None
    for least, side, parting in sorted(tries)[:_TRIES]:
        if best is not None and least >= best.forward + best.backward:
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
