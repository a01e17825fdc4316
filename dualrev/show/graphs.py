"""draw: the computational graph of a function, its operations grouped where there are many.

Must not know how a function is recorded, nor how boxes are drawn.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.calls import check_callable
from dualrev.show.drawings import Drawing, Node
from dualrev.show.recording import Recording, Step
from dualrev.show.wording import brief, cut

__all__ = ["draw"]

# More operations than this are grouped.
_LIMIT = 40
_WIDTH = 44


def draw(
    f: Callable,
    *args: Any,
    mode: str | None = None,
    tangents: Any = None,
    ct: Any = None,
    group: str | None = None,
) -> Drawing:
    """Computational graph of a function: operations, their values, local derivatives on the edges.

    By the chain rule a tangent is multiplied by the labels along its way down, a cotangent by the
    labels along its way up; where several edges meet, the products are added (Bauer 1974; Griewank
    and Walther 2008, section 2.2).

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays.
    *args
        Its arguments, by position; others are given by ``functools.partial`` or a lambda.
    mode : {None, "forward", "reverse"}
        Which pass is shown: none, tangents in the boxes and arrows downward, or cotangents in the
        boxes and arrows upward.
    tangents : tuple, optional
        The direction that is pushed; as in :func:`trace_table`.
    ct : array or structure of arrays, optional
        The cotangent of the result that is pulled; as in :func:`trace_table`.
    group : {None, "operation", "line", "function"}
        What a box is.  By default the finest that gives no more than 40 boxes, lines of code or else
        functions where that is not possible; with the functions of the user as frames.

    Returns
    -------
    Drawing
        SVG in a notebook; ``.save(path)``, and the texts ``.svg``, ``.dot`` and ``.mermaid``.

    Raises
    ------
    ArgumentError, ShapeError, StructureError
        Where an option is unknown, or tangents or ct do not fit.

    Notes
    -----
    The layout is made by Graphviz's program ``dot``, or by ``graphviz-pure``, which pip installs.
    Where neither is found a notebook gets mermaid text, which JupyterLab and GitHub draw.  Local
    derivatives of arrays with more than four elements, and of complex numbers, are shown by the shapes
    of their ends.  Costs what :func:`trace_table` costs.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.show import draw
    >>> drawing = draw(lambda x, y: np.sin(x) * y, 0.5, 2.0, mode="reverse")
    >>> drawing.edges
    {(0, 2): '0.8776', (2, 3): '2', (1, 3): '0.4794'}
    """
    check_callable(f, "draw(f, x)")
    if mode is not None and (not isinstance(mode, str) or mode not in ("forward", "reverse")):
        raise errors.ArgumentError(f"mode is {mode!r}.", fix='mode is None, "forward" or "reverse"')
    if group is not None and (not isinstance(group, str) or group not in _GROUPS):
        raise errors.ArgumentError(
            f"group is {group!r}.", fix='group is None, "operation", "line" or "function"'
        )
    recording = Recording(f, args, tangents, ct)
    steps = recording.steps
    if group is None:
        counts = {how: len(set(_grouped(steps, how))) for how in _GROUPS}
        group = next((how for how, count in counts.items() if count <= _LIMIT), "function")
    numbers = _grouped(steps, group)
    boxes: dict[int, list[int]] = {}
    for i, number in enumerate(numbers):
        boxes.setdefault(number, []).append(i)
    results = set(recording.results)
    nodes = {
        number: _node(steps, members, results, mode, group) for number, members in boxes.items()
    }
    edges: dict[tuple[int, int], list[str]] = {}
    for i, step in enumerate(steps):
        # Between groups there is no one derivative.
        partials = recording.partials(i) if group == "operation" else [None] * len(step.parents)
        for parent, partial in zip(step.parents, partials):
            if numbers[parent] != numbers[i]:
                edges.setdefault((numbers[parent], numbers[i]), []).append(_label(partial))
    labels = {ends: ", ".join(filter(None, many)) for ends, many in edges.items()}
    return Drawing(recording.name, nodes, labels, mode)


def _argument(record):
    return re.split(r"[\[.]", record.name, maxsplit=1)[0]


def _of_line(step):
    return (*_of_function(step), step.place.where, step.place.line)


def _of_function(step):
    return (step.place.file, step.place.within)


#: What the operations of one box have in common; arguments are by their names.
_GROUPS: dict[str, Callable] = {
    "operation": lambda step: step.record.name,
    "line": _of_line,
    "function": _of_function,
}


def _grouped(steps: list[Step], group: str) -> list[int]:
    """For each step the number of its box: that of the first step in it."""
    first: dict[Any, int] = {}
    shared = _GROUPS[group]
    keys = (
        shared(s) if s.record.operation or group == "operation" else _argument(s.record)
        for s in steps
    )
    return [first.setdefault(key, i) for i, key in enumerate(keys)]


def _node(steps, members, results, mode, group):
    """The box of some steps."""
    record, place = steps[members[-1]][:2]
    if any(i in results for i in members):
        kind = "result"
    elif not record.operation:
        kind = "argument"
    else:
        kind = "idle" if all(steps[i].record.cotangent is None for i in members) else ""
    tooltip = f"{place.where}: {place.line}" if place.where else ""
    derivative = within = ""
    if group == "operation" or (not record.operation and len(members) == 1):
        title = f"{record.name} = {record.operation}" if record.operation else record.name
        value = brief(record.primal, 4)
        if mode is not None:
            d = _derivative(record, mode)
            derivative = f"{'t' if mode == 'forward' else 'ct'} {'0' if d is None else brief(d, 4)}"
    else:
        unit = "operation" if record.operation else "array"
        value = f"{len(members)} {unit}{'s' if len(members) > 1 else ''}"
        if not record.operation:
            title = _argument(record)
        elif group == "line" and place.where:
            title, within = place.line or place.where, place.within
        else:
            title = place.within or "operations of NumPy and dualrev"
    active = any(_is_active(steps[i].record, mode) for i in members)
    return Node(cut(title, _WIDTH), value, derivative, active, kind, tooltip, within)


def _derivative(record, mode):
    return record.tangent if mode == "forward" else record.cotangent


def _is_active(record, mode):
    if mode is None:
        return True
    d = _derivative(record, mode)
    return d is not None and any(np.any(part) for part in (d if isinstance(d, tuple) else (d,)))


def _label(partial):
    return "" if partial is None else partial if isinstance(partial, str) else brief(partial, 4)
