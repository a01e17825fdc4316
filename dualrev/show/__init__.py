"""Pictures and tables of derivatives: traces, graphs, errors of differences, patterns."""

from dualrev.show.differences import DifferenceErrors, difference_errors
from dualrev.show.drawings import Drawing
from dualrev.show.graphs import draw
from dualrev.show.plots import plot_error
from dualrev.show.recording import Record
from dualrev.show.tables import TraceTable, trace_table
from dualrev.sparse.braille import braille
from dualrev.sparse.plots import plot_pattern

__all__ = [
    "DifferenceErrors",
    "Drawing",
    "Record",
    "TraceTable",
    "braille",
    "difference_errors",
    "draw",
    "plot_error",
    "plot_pattern",
    "trace_table",
]
