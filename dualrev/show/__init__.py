"""Pictures and tables of derivatives: the evaluation trace, the graph, the error of differences."""

from dualrev.show.drawings import Drawing, draw
from dualrev.show.tables import TraceTable, trace_table

__all__ = ["Drawing", "TraceTable", "draw", "trace_table"]
