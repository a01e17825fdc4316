"""Pictures and tables of derivatives: the evaluation trace, the graph, the error of differences."""

from dualrev.show.differences import DifferenceErrors, difference_errors
from dualrev.show.drawings import Drawing
from dualrev.show.graphs import draw
from dualrev.show.plots import plot_error
from dualrev.show.recording import Record
from dualrev.show.tables import TraceTable, trace_table

__all__ = [
    "DifferenceErrors",
    "Drawing",
    "Record",
    "TraceTable",
    "difference_errors",
    "draw",
    "plot_error",
    "trace_table",
]
