"""trace_table: the evaluation trace of the textbooks, for a terminal, a notebook, or as records.

Must not know how a trace is made.
"""

import html
from collections.abc import Callable
from typing import Any

from dualrev.calls import check_callable
from dualrev.show.recording import Record, Recording
from dualrev.show.wording import brief, cut

__all__ = ["TraceTable", "trace_table"]

_HEADS = ("step", "primal", "tangent", "cotangent", "where", "source")
# Of longer traces the first and the last rows are printed, half of this number each.
_ROWS = 80
# What is longer is cut.
_WIDTH = 48
_HTML_WIDTH = 120

_TABLE = (
    '<div style="overflow-x:auto"><table style="border-collapse:collapse;font-size:0.9em;'
    'font-variant-numeric:tabular-nums;white-space:nowrap">'
)
_CELL = "padding:0.2em 0.6em;text-align:left;border:none;"
# Numbers stay in one line; code breaks where the page is too narrow for it.
_SOURCE = _CELL + "white-space:normal;min-width:12em;"
# Transparent, so that they suit a light page and a dark one; the blue and the orange that readers
# who confuse red and green tell apart.
_PUSHED = "background:rgba(255,127,14,0.14);"
_PULLED = "background:rgba(31,119,180,0.16);"


class TraceTable:
    """An evaluation trace: one row an operation, in the order in which f applied them.

    ``print(table)`` shows it in a terminal, a notebook shows it as HTML.

    Attributes
    ----------
    records : list of Record
        The rows: name, operation, primal, tangent, cotangent, where, within, source, with the arrays
        themselves.  ``pandas.DataFrame(table.records)`` takes them.
    title : str
        The name of f, and how many operations were applied.
    """

    def __init__(self, title: str, records: list[Record]):
        self.title = title
        self.records = records

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        rows, hidden = self._rows(_WIDTH)
        heads = list(_HEADS)
        heads[2:4] = ["tangent, down", "cotangent, up"]
        widths = [max(map(len, column)) for column in zip(heads, *rows)]
        lines = [self.title, _line(heads, widths), "  ".join("-" * width for width in widths)]
        lines += [_line(row, widths) for row in rows]
        if hidden:
            lines.insert(3 + _ROWS // 2, f"... {hidden} more, in .records")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows, hidden = self._rows(_HTML_WIDTH)
        heads = [*_HEADS[:2], "tangent &darr;", "cotangent &uarr;", *_HEADS[4:]]
        styles = [_CELL, _CELL, _CELL + _PUSHED, _CELL + _PULLED, _CELL + "opacity:0.75;", _SOURCE]
        lines = [
            _TABLE,
            f'<caption style="caption-side:top;text-align:left">{html.escape(self.title)}</caption>',
            _tr("th", heads, styles),
        ]
        body = []
        for row in rows:
            *cells, source = map(html.escape, row)
            body.append(_tr("td", [*cells, f"<code>{source}</code>" if source else ""], styles))
        if hidden:
            more = (
                f'<tr><td colspan="6" style="{_CELL}">&vellip; {hidden} more, in .records</td></tr>'
            )
            body.insert(_ROWS // 2, more)
        return "\n".join([*lines, *body, "</table></div>"])

    def _rows(self, width):
        """The cells of the rows that are shown, and how many are not."""
        records = self.records
        hidden = max(0, len(records) - _ROWS)
        if hidden:
            records = records[: _ROWS // 2] + records[-(_ROWS // 2) :]
        return [[cut(cell, width) for cell in _cells(record)] for record in records], hidden


def _cells(record):
    step = f"{record.name} = {record.operation}" if record.operation else record.name
    derivatives = (record.tangent, record.cotangent)
    numbers = [brief(record.primal), *("0" if d is None else brief(d) for d in derivatives)]
    return [step, *numbers, record.where, record.source]


def _line(cells, widths):
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()


def _tr(tag, cells, styles):
    cells = (f'<{tag} style="{style}">{cell}</{tag}>' for cell, style in zip(cells, styles))
    return f"<tr>{''.join(cells)}</tr>"


def trace_table(f: Callable, *args: Any, tangents: Any = None, ct: Any = None) -> TraceTable:
    """Evaluation trace of a function: each operation with its primal, tangent and cotangent.

    The table of the textbooks (Griewank and Walther 2008, tables 1.2 and 1.3): primals and tangents
    are computed downward, row by row; cotangents come back upward, from the result to the
    arguments.  The tangent of the last row is the derivative of the result in the direction that
    was pushed; the cotangents of the first rows are its gradient.

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays.
    *args
        Its arguments, by position; f is differentiated by all of them.  Others are given by
        ``functools.partial`` or a lambda.
    tangents : tuple, optional
        The direction that is pushed: one tangent an argument, of its shape.  By default ones for the
        first argument (that holds arrays) and zeros for the others.
    ct : array or structure of arrays, optional
        The cotangent of the result that is pulled; by default ones.

    Returns
    -------
    TraceTable
        Printed in a terminal, shown as HTML in a notebook; ``.records`` holds the arrays.

    Raises
    ------
    ArgumentError, ShapeError, StructureError
        Where f is no function, or tangents or ct do not fit.

    Notes
    -----
    Costs some ten microseconds an operation, and the memory of all intermediates, their tangents
    and their cotangents.  Functions that NumPy computes from others appear as these.  In a function
    that is itself differentiated the records hold traced arrays, with derivatives of their own.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.show import trace_table
    >>> table = trace_table(lambda x, y: np.sin(x) * y, 0.5, 2.0)
    >>> [f"{r.name} = {r.operation}" for r in table.records[2:]]
    ['v1 = sin(x)', 'v2 = v1 * y']
    >>> [round(float(r.tangent), 4) for r in table.records[2:]]
    [0.8776, 1.7552]
    >>> [round(float(r.cotangent), 4) for r in table.records]
    [1.7552, 0.4794, 2.0, 1.0]
    """
    check_callable(f, "trace_table(f, x)")
    recording = Recording(f, args, tangents, ct)
    records = [step.record for step in recording.steps]
    count = sum(bool(record.operation) for record in records)
    operations = "1 operation" if count == 1 else f"{count} operations"
    return TraceTable(f"{recording.name}: {operations}", records)
